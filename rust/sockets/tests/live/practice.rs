//! The practice connection in the tables of the kernel that runs here.

use std::path::PathBuf;

use portlog_model::{BootTime, Change, Direction, Moment, WallTime};
use portlog_sockets::{
    Batch, DiagSource, PracticeSockets, ProcfsSource, SocketTable, Source, TableSettings,
};

use crate::namespace::in_namespace;

fn at(second: u64) -> Moment {
    Moment {
        wall: WallTime::from_millis(1_780_000_000_000),
        boot: BootTime::from_nanos(second * 1_000_000_000),
    }
}

#[test]
fn its_row_is_practice_and_the_other_end_and_the_listener_are_ours() {
    in_namespace(
        "practice::its_row_is_practice_and_the_other_end_and_the_listener_are_ours",
        || {
            let procfs = || ProcfsSource::new(PathBuf::from("/proc"));
            let sources: [Box<dyn Source>; 2] = [
                Box::new(procfs()),
                Box::new(DiagSource::open_without_events(procfs()).unwrap()),
            ];
            for mut source in sources {
                let mut table = SocketTable::new(TableSettings::default());
                let (mut batch, mut changes) = (Batch::default(), Vec::new());
                source.poll(&mut batch).unwrap();
                table.poll(&batch, &[], at(1), &mut changes);
                assert!(changes.is_empty(), "{changes:#?}");

                let sockets = PracticeSockets::open().unwrap();
                table.set_practice(Some(sockets.practice()));
                source.poll(&mut batch).unwrap();
                table.poll(&batch, sockets.own(), at(2), &mut changes);
                let opened: Vec<_> = changes.iter().map(Change::connection).collect();
                assert_eq!(opened.len(), 3, "{opened:#?}");
                let practice: Vec<_> = opened.iter().filter(|one| one.practice).collect();
                let [practice] = practice.as_slice() else {
                    panic!("{opened:#?}");
                };
                assert!(!practice.own && practice.direction == Direction::Out);
                assert_eq!(opened.iter().filter(|one| one.own).count(), 2);

                // Closed, it leaves nothing behind and stays what it was to its end.
                table.set_practice(None);
                drop(sockets);
                changes.clear();
                for second in 3..6 {
                    source.poll(&mut batch).unwrap();
                    table.poll(&batch, &[], at(second), &mut changes);
                }
                assert!(table.is_empty());
                assert!(changes.iter().any(|change| matches!(
                    change,
                    Change::Closed { connection, .. } if connection.practice
                )));
            }
        },
    );
}
