//! Our own sockets in the tables of the kernel that runs here, and missing from others.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use portlog_model::{CoverageStatus, Provenance, SocketState, Table};
use portlog_sockets::{Batch, DiagSource, ProcfsSource, SelfCheck, SelfCheckVerdict, Source};

use crate::namespace::{as_user, can_be_other_users, in_namespace, shell};

const CARRIERS: [Table; 4] = [Table::Tcp, Table::Tcp6, Table::Udp, Table::Udp6];

fn sources() -> [Box<dyn Source>; 2] {
    let procfs = || ProcfsSource::new(PathBuf::from("/proc"));
    [
        Box::new(procfs()),
        Box::new(DiagSource::open_without_events(procfs()).unwrap()),
    ]
}

fn judged(source: &mut dyn Source, check: &mut SelfCheck, others_moved: bool) -> Batch {
    let mut batch = Batch::default();
    source.poll(&mut batch).unwrap();
    check.judge(&mut batch, others_moved);
    batch
}

#[test]
fn every_table_that_can_hold_a_socket_of_ours_passes() {
    in_namespace(
        "self_check::every_table_that_can_hold_a_socket_of_ours_passes",
        || {
            let mut check = SelfCheck::open();
            for mut source in sources() {
                let batch = judged(source.as_mut(), &mut check, false);
                for table in Table::ALL {
                    let report = batch.report(table);
                    if let Some(errno) = check.refusal(table) {
                        println!("skipped {table}: no socket of ours ({errno})");
                        continue;
                    }
                    assert_eq!(report.status, CoverageStatus::Readable, "{table}");
                    assert_eq!(report.self_check, SelfCheckVerdict::Passed, "{table}");
                }
                for table in CARRIERS {
                    assert_eq!(check.refusal(table), None);
                }
                // Nothing else of ours is in the tables, no listener above all.
                assert_eq!(batch.rows.len(), check.own().len());
                for row in &batch.rows {
                    assert_eq!(row.state, SocketState::Established, "{row:?}");
                    assert_eq!(check.own().iter().filter(|own| own.is(row)).count(), 1);
                }
            }
            // Closed, they leave nothing behind either.
            drop(check);
            let batch = judged(sources()[0].as_mut(), &mut SelfCheck::none(), false);
            assert_eq!(batch.rows, []);
            assert_eq!(
                batch.report(Table::Tcp).self_check,
                SelfCheckVerdict::NotCheckable
            );
            assert_eq!(batch.report(Table::Tcp).status, CoverageStatus::Readable);
        },
    );
}

#[test]
fn a_captured_tree_does_not_hold_our_sockets() {
    let captures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/captures/linux-6.18");
    let mut source = ProcfsSource::new(captures);
    assert_eq!(source.provenance(), Provenance::Replay);
    let mut check = SelfCheck::open();
    let batch = judged(&mut source, &mut check, false);
    for table in Table::ALL {
        let report = batch.report(table);
        let (verdict, status) = if check.own().iter().any(|own| own.table == table) {
            (
                SelfCheckVerdict::OwnSocketMissing,
                CoverageStatus::Untrusted,
            )
        } else {
            (SelfCheckVerdict::NotCheckable, CoverageStatus::Readable)
        };
        assert_eq!((report.self_check, report.status), (verdict, status));
    }
    // A table that was not read is not judged.
    let empty = tempfile::tempdir().unwrap();
    let mut source = ProcfsSource::new(empty.path().to_owned());
    let batch = judged(&mut source, &mut check, false);
    for table in Table::ALL {
        let report = batch.report(table);
        assert_eq!(report.self_check, SelfCheckVerdict::NotAsked);
        assert_eq!(report.status, CoverageStatus::Absent);
    }
}

#[test]
fn only_our_own_rows_while_others_talk_are_not_the_whole_table() {
    in_namespace(
        "self_check::only_our_own_rows_while_others_talk_are_not_the_whole_table",
        || {
            let mut check = SelfCheck::open();
            let ours = TcpListener::bind("192.0.2.1:8080").unwrap();
            for mut source in sources() {
                let batch = judged(source.as_mut(), &mut check, true);
                for table in CARRIERS {
                    let report = batch.report(table);
                    assert_eq!(report.self_check, SelfCheckVerdict::OnlyOwnRows);
                    assert_eq!(report.status, CoverageStatus::Untrusted);
                }
                // Tables that carry next to nothing may well be all ours.
                let raw = batch.report(Table::UdpLite).self_check;
                assert_ne!(raw, SelfCheckVerdict::OnlyOwnRows);
                let batch = judged(source.as_mut(), &mut check, false);
                assert_eq!(
                    batch.report(Table::Tcp).self_check,
                    SelfCheckVerdict::Passed
                );
            }
            if !can_be_other_users() {
                return println!("skipped: sockets of other users need root");
            }
            let _theirs = as_user(10_087, || TcpListener::bind("192.0.2.1:8081").unwrap());
            for mut source in sources() {
                let batch = judged(source.as_mut(), &mut check, true);
                for table in CARRIERS {
                    let report = batch.report(table);
                    assert_eq!(report.self_check, SelfCheckVerdict::Passed, "{table}");
                }
            }
            drop(ours);
        },
    );
}

#[test]
fn a_socket_that_was_closed_under_us_is_opened_again() {
    in_namespace(
        "self_check::a_socket_that_was_closed_under_us_is_opened_again",
        || {
            let mut check = SelfCheck::open();
            let [mut source, _] = sources();
            let before = check.own()[0];
            assert_eq!(before.table, Table::Tcp);
            let batch = judged(source.as_mut(), &mut check, false);
            assert_eq!(
                batch.report(Table::Tcp).self_check,
                SelfCheckVerdict::Passed
            );
            let kill = format!("ss -K src {}", before.local);
            shell(&kill);
            let batch = judged(source.as_mut(), &mut check, false);
            if batch.report(Table::Tcp).self_check == SelfCheckVerdict::Passed {
                return println!("skipped: this kernel closes no sockets for others");
            }
            // It is gone, and that is not the table's fault.
            assert_eq!(
                batch.report(Table::Tcp).self_check,
                SelfCheckVerdict::NotCheckable
            );
            assert_eq!(batch.report(Table::Tcp).status, CoverageStatus::Readable);
            assert_ne!(check.own()[0].inode, before.inode);
            let batch = judged(source.as_mut(), &mut check, false);
            assert_eq!(
                batch.report(Table::Tcp).self_check,
                SelfCheckVerdict::Passed
            );
        },
    );
}

#[test]
fn in_another_namespace_the_tables_are_not_ours_until_new_sockets_are() {
    in_namespace(
        "self_check::in_another_namespace_the_tables_are_not_ours_until_new_sockets_are",
        || {
            let mut check = SelfCheck::open();
            let [_, mut here] = sources();
            let batch = judged(here.as_mut(), &mut check, false);
            assert_eq!(
                batch.report(Table::Udp).self_check,
                SelfCheckVerdict::Passed
            );

            // This thread goes elsewhere; sock_diag goes with it.
            nix::sched::unshare(nix::sched::CloneFlags::CLONE_NEWNET).unwrap();
            let up = Command::new("ip")
                .args(["link", "set", "lo", "up"])
                .status();
            assert!(up.unwrap().success());
            let [_, mut there] = sources();
            // Missing once could be the kernel's slip; twice is not.
            let expected = [
                (SelfCheckVerdict::NotAsked, CoverageStatus::Readable),
                (
                    SelfCheckVerdict::OwnSocketMissing,
                    CoverageStatus::Untrusted,
                ),
                (SelfCheckVerdict::Passed, CoverageStatus::Readable),
            ];
            for (verdict, status) in expected {
                let batch = judged(there.as_mut(), &mut check, false);
                for table in CARRIERS {
                    let report = batch.report(table);
                    assert_eq!((report.self_check, report.status), (verdict, status));
                }
            }
        },
    );
}

#[test]
fn without_a_loopback_interface_nothing_is_checkable_until_it_comes() {
    in_namespace(
        "self_check::without_a_loopback_interface_nothing_is_checkable_until_it_comes",
        || {
            shell("ip address flush dev lo; ip link set lo down");
            let mut check = SelfCheck::open();
            assert_eq!(check.own(), []);
            let [mut source, _] = sources();
            let batch = judged(source.as_mut(), &mut check, true);
            for table in Table::ALL {
                let report = batch.report(table);
                assert_eq!(report.self_check, SelfCheckVerdict::NotCheckable);
                assert_eq!(report.status, CoverageStatus::Readable);
                assert!(check.refusal(table).is_some());
            }
            shell("ip link set lo up");
            let passed = (0..8).any(|_| {
                let batch = judged(source.as_mut(), &mut check, false);
                CARRIERS
                    .into_iter()
                    .all(|table| batch.report(table).self_check == SelfCheckVerdict::Passed)
            });
            assert!(passed);
        },
    );
}
