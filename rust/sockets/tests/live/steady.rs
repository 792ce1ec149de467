//! A poll in which nothing changed allocates nothing.

use std::hint::black_box;
use std::path::PathBuf;

use portlog_model::{CoverageStatus, Table};
use portlog_sockets::{Batch, DiagSource, ProcfsSource, SelfCheck, Source};
use portlog_tests::allocations::{Counting, by_this_thread};

use crate::namespace::{Sockets, in_namespace};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn allocations(mut work: impl FnMut()) -> u64 {
    let before = by_this_thread();
    work();
    by_this_thread() - before
}

#[test]
fn steady_polls_allocate_nothing() {
    in_namespace("steady::steady_polls_allocate_nothing", || {
        let _sockets = Sockets::open();
        let procfs = || ProcfsSource::new(PathBuf::from("/proc"));
        let mut sources: [Box<dyn Source>; 2] = [
            Box::new(procfs()),
            Box::new(DiagSource::open(procfs()).unwrap()),
        ];
        let mut check = SelfCheck::open();
        for source in &mut sources {
            let mut batch = Batch::default();
            let mut look = || {
                source.poll(&mut batch).unwrap();
                check.judge(&mut batch, false);
            };
            let kind = allocations(&mut look);
            assert!(kind > 0, "the counter does not count");
            look();
            let steady = allocations(|| (0..50).for_each(|_| look()));
            assert_eq!(steady, 0, "{:?}", source.kind());
            assert_eq!(batch.report(Table::Tcp).status, CoverageStatus::Readable);
            assert!(batch.rows.len() > 20);
        }
    });
}

#[test]
fn a_list_of_ten_is_seen_by_the_counter() {
    assert_eq!(
        allocations(|| drop(black_box(Vec::<u64>::with_capacity(10)))),
        1
    );
}
