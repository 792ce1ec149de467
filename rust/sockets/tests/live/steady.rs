//! A poll in which nothing changed allocates nothing.

#![expect(unsafe_code, reason = "an allocator is an unsafe trait")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::hint::black_box;
use std::path::PathBuf;

use portlog_model::{CoverageStatus, Table};
use portlog_sockets::{Batch, DiagSource, ProcfsSource, SelfCheck, Source};

use crate::namespace::{Sockets, in_namespace};

/// The system's allocator, counting how often each thread asks it for memory.
struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

fn count() {
    // Not counted while a thread ends: its counter is gone then.
    let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
}

// SAFETY: every call goes to the system's allocator as it came; the counter allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the memory came from `System` by this allocator, with this layout.
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // SAFETY: as for `dealloc`, and the caller keeps the contract of `realloc`.
        unsafe { System.realloc(memory, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn allocations(mut work: impl FnMut()) -> u64 {
    let before = ALLOCATIONS.get();
    work();
    ALLOCATIONS.get() - before
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
