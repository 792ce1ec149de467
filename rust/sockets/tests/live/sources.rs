//! The sources on real sockets of the kernel that runs here.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::namespace::{Sockets, as_user, comparable, connected, end, in_namespace, inode};
use nix::errno::Errno;
use portlog_model::{Coverage, CoverageDetail, CoverageItem, CoverageStatus};
use portlog_model::{Provenance, SocketState, SourceKind, Table};
use portlog_sockets::{
    Batch, DestroyEvents, Destroyed, DiagSource, Error, Fallback, Polled, ProcfsSource, Source,
};

fn procfs() -> ProcfsSource {
    ProcfsSource::new(PathBuf::from("/proc"))
}

fn polled(source: &mut dyn Source) -> Batch {
    let mut batch = Batch::default();
    assert_eq!(source.poll(&mut batch).unwrap(), Polled::Now);
    batch
}

#[test]
fn procfs_and_diag_show_the_same_real_sockets() {
    in_namespace(
        "sources::procfs_and_diag_show_the_same_real_sockets",
        || {
            let sockets = Sockets::open();
            let (mut text, mut diag) = (procfs(), DiagSource::open(procfs()).unwrap());
            assert_eq!(text.provenance(), Provenance::Live);
            assert_eq!(diag.provenance(), Provenance::Live);

            let (text, diag) = (polled(&mut text), polled(&mut diag));
            assert_eq!(
                comparable(&text.rows, |_| true),
                comparable(&diag.rows, |_| true)
            );
            for batch in [&text, &diag] {
                for expected in &sockets.expected {
                    let found: Vec<_> = batch
                        .rows
                        .iter()
                        .filter(|row| row.inode == expected.inode)
                        .map(|row| (row.table, row.local, row.remote, row.state, row.uid))
                        .collect();
                    let wanted = (
                        expected.table,
                        expected.local,
                        expected.remote,
                        expected.state,
                        expected.uid,
                    );
                    assert_eq!(found, [wanted]);
                }
                for &(table, local, remote, state) in &sockets.ownerless {
                    let found = batch
                        .rows
                        .iter()
                        .find(|row| (row.table, row.local, row.remote) == (table, local, remote))
                        .unwrap_or_else(|| panic!("{table} {local} {remote} is missing"));
                    assert_eq!((found.state, found.uid, found.inode), (state, None, None));
                }
                assert_eq!(
                    batch.rows.len(),
                    sockets.expected.len() + sockets.ownerless.len()
                );
                assert_eq!(batch.report(Table::Udp).without_peer, 2);
                assert_eq!(batch.report(Table::Udp6).without_peer, 1);
                assert_eq!(batch.report(Table::Tcp).without_peer, 0);
                for table in Table::ALL {
                    let report = batch.report(table);
                    assert_eq!((report.bad_rows, report.doubles), (0, 0), "{table}");
                    let rows = batch.rows.iter().filter(|row| row.table == table).count();
                    assert_eq!(report.rows as usize, rows, "{table}");
                }
            }
            // Every socket that sock_diag gave has a cookie of its own.
            let mut cookies: Vec<_> = diag
                .rows
                .iter()
                .filter(|row| diag.report(row.table).source == SourceKind::Diag)
                .map(|row| row.cookie.unwrap().get())
                .collect();
            let count = cookies.len();
            cookies.sort_unstable();
            cookies.dedup();
            assert!(count >= 14);
            assert_eq!(cookies.len(), count);
            assert!(text.rows.iter().all(|row| row.cookie.is_none()));
        },
    );
}

#[test]
fn tables_that_diag_does_not_have_come_from_procfs_and_say_so() {
    in_namespace(
        "sources::tables_that_diag_does_not_have_come_from_procfs_and_say_so",
        || {
            let sockets = Sockets::open();
            let mut diag = DiagSource::open(procfs()).unwrap();
            // The second poll does not ask again, and must say the same.
            for _ in 0..2 {
                let batch = polled(&mut diag);
                for table in [Table::Tcp, Table::Tcp6, Table::Udp, Table::Udp6] {
                    let report = batch.report(table);
                    assert_eq!(
                        (report.source, report.status, report.fallback),
                        (SourceKind::Diag, CoverageStatus::Readable, None)
                    );
                }
                // No kernel has a handler for ping sockets; for raw sockets some do.
                for table in [Table::Raw, Table::Raw6, Table::Icmp, Table::Icmp6] {
                    let report = batch.report(table);
                    assert_eq!(report.status, CoverageStatus::Readable, "{table}");
                    let icmp = matches!(table, Table::Icmp | Table::Icmp6);
                    if icmp || report.source == SourceKind::Procfs {
                        let errno = Some(Errno::ENOENT as i32);
                        assert_eq!(report.fallback, Some(Fallback { errno }));
                        let coverage: Coverage = report.coverage(table);
                        assert_eq!(coverage.item, CoverageItem::Table(table));
                        assert!(
                            coverage
                                .details
                                .contains(&CoverageDetail::FellBackToProcfs(errno))
                        );
                    }
                    let expected = sockets.expected.iter().filter(|row| row.table == table);
                    assert!(expected.clone().count() == 1, "{table}");
                    for expected in expected {
                        assert!(batch.rows.iter().any(|row| row.inode == expected.inode));
                    }
                }
            }
        },
    );
}

#[test]
fn a_destroy_event_brings_the_cookie_of_an_earlier_dump() {
    in_namespace(
        "sources::a_destroy_event_brings_the_cookie_of_an_earlier_dump",
        || {
            let mut diag = DiagSource::open(procfs()).unwrap();
            let batch = polled(&mut diag);
            let events = batch.report(Table::Tcp).destroy_events;
            if let DestroyEvents::Refused { errno } = events {
                println!("skipped: no destroy events here ({errno:?})");
                return;
            }
            for table in [Table::Tcp, Table::Tcp6, Table::Udp, Table::Udp6] {
                assert_eq!(
                    batch.report(table).destroy_events,
                    DestroyEvents::Received { overflows: 0 }
                );
            }
            assert_eq!(
                batch.report(Table::Raw).destroy_events,
                DestroyEvents::NotAsked
            );

            let web = TcpListener::bind("192.0.2.1:8080").unwrap();
            let client = connected("198.51.100.7:40250", "192.0.2.1:8080");
            let server = web.accept().unwrap().0;
            let server_inode = inode(&server);
            let batch = polled(&mut diag);
            let row = *batch
                .rows
                .iter()
                .find(|row| row.inode == Some(server_inode))
                .unwrap();
            assert!(batch.destroyed.is_empty());

            drop(client);
            drop(server);
            // And one that no dump ever showed.
            let brief = connected("198.51.100.7:40251", "192.0.2.1:8080");
            let brief_server = web.accept().unwrap().0;
            drop(brief_server);
            drop(brief);

            let mut destroyed: Vec<Destroyed> = Vec::new();
            let known = |destroyed: &[Destroyed]| {
                destroyed
                    .iter()
                    .filter(|event| event.cookie == row.cookie)
                    .copied()
                    .next()
            };
            let brief = |destroyed: &[Destroyed]| {
                destroyed
                    .iter()
                    .any(|event| event.tuple.local == end("198.51.100.7:40251"))
            };
            let patience = Instant::now() + Duration::from_secs(5);
            while known(&destroyed).is_none() || !brief(&destroyed) {
                assert!(Instant::now() < patience, "{destroyed:?}");
                diag.drain_events();
                diag.drain_events();
                destroyed.extend(polled(&mut diag).destroyed);
            }
            let event = known(&destroyed).unwrap();
            assert_eq!(event.table, Table::Tcp);
            assert_eq!(event.tuple.local, row.local);
            assert_eq!(event.tuple.remote, row.remote);
            assert!(event.at.as_nanos() > 0);
        },
    );
}

#[test]
fn diag_cannot_go_with_the_tables_of_another_machine() {
    let tree = tempfile::tempdir().unwrap();
    let other = ProcfsSource::new(tree.path().to_owned());
    let error = DiagSource::open(other).unwrap_err();
    assert!(matches!(error, Error::NotThisKernel { path } if path == tree.path()));
}

const HEADER: &str = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
const ROW: &str = "   0: 010200C0:9D15 077100CB:0050 01 00000000:00000000 00:00000000 00000000 10087        0 123456 1 00000000\n";

fn tree_with(tables: &[(&str, &str)]) -> tempfile::TempDir {
    let tree = tempfile::tempdir().unwrap();
    fs::create_dir(tree.path().join("net")).unwrap();
    // Also for a user who is not the owner.
    for folder in [tree.path(), &tree.path().join("net")] {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
    }
    for (name, text) in tables {
        fs::write(tree.path().join("net").join(name), text).unwrap();
    }
    tree
}

fn poll_tree(tree: &Path) -> Batch {
    polled(&mut ProcfsSource::new(tree.to_owned()))
}

#[test]
fn a_denied_table_is_denied_and_not_empty() {
    let text = format!("{HEADER}{ROW}");
    let tree = tree_with(&[("tcp", &text), ("udp", &text)]);
    let tcp = tree.path().join("net/tcp");
    fs::set_permissions(&tcp, fs::Permissions::from_mode(0o000)).unwrap();

    let batch = as_user(65_534, || poll_tree(tree.path()));
    let report = batch.report(Table::Tcp);
    assert_eq!(report.status, CoverageStatus::Denied);
    assert_eq!(report.errno, Some(Errno::EACCES as i32));
    assert!(!report.is_read());
    assert_eq!(batch.report(Table::Udp).status, CoverageStatus::Readable);
    assert_eq!(batch.report(Table::Udp).rows, 1);
    assert_eq!(batch.report(Table::Tcp6).status, CoverageStatus::Absent);
    assert_eq!(batch.report(Table::Tcp6).errno, None);

    let net = tree.path().join("net");
    fs::set_permissions(&net, fs::Permissions::from_mode(0o000)).unwrap();
    let batch = as_user(65_534, || poll_tree(tree.path()));
    fs::set_permissions(&net, fs::Permissions::from_mode(0o755)).unwrap();
    for table in Table::ALL {
        assert_eq!(batch.report(table).status, CoverageStatus::Denied);
        assert_eq!(batch.report(table).errno, Some(Errno::EACCES as i32));
    }
}

#[test]
fn a_table_without_a_header_is_not_an_empty_one() {
    let tree = tree_with(&[
        ("tcp", ""),
        ("tcp6", "\n\n"),
        ("udp", HEADER),
        ("udp6", "\0\0\0\0"),
        ("raw", ROW),
    ]);
    fs::create_dir(tree.path().join("net/icmp")).unwrap();
    nix::unistd::mkfifo(
        &tree.path().join("net/icmp6"),
        nix::sys::stat::Mode::S_IRWXU,
    )
    .unwrap();
    let batch = poll_tree(tree.path());
    let status = |table| batch.report(table).status;
    assert_eq!(status(Table::Tcp), CoverageStatus::Untrusted);
    assert_eq!(status(Table::Tcp6), CoverageStatus::Untrusted);
    assert_eq!(status(Table::Udp), CoverageStatus::Readable);
    assert_eq!(status(Table::Udp6), CoverageStatus::Untrusted);
    // The beginning is missing; the row is real all the same.
    assert_eq!(status(Table::Raw), CoverageStatus::Untrusted);
    assert_eq!(batch.report(Table::Raw).rows, 1);
    assert_eq!(status(Table::Icmp), CoverageStatus::Denied);
    assert_eq!(batch.report(Table::Icmp).errno, Some(Errno::EISDIR as i32));
    // A pipe without a writer must not stop the poll.
    assert_eq!(status(Table::Icmp6), CoverageStatus::Untrusted);
    for table in Table::ALL {
        let proves = table == Table::Udp;
        assert_eq!(batch.report(table).proves_absence(), proves, "{table}");
    }
}

#[test]
fn a_table_without_end_is_cut_off_and_says_so() {
    let tree = tree_with(&[("udp", &format!("{HEADER}{ROW}"))]);
    let long = tree.path().join("net/tcp");
    fs::write(&long, format!("{HEADER}{ROW}")).unwrap();
    // The rest is a hole of zeros.
    fs::File::options()
        .write(true)
        .open(&long)
        .unwrap()
        .set_len(100 << 20)
        .unwrap();
    let batch = poll_tree(tree.path());
    let report = batch.report(Table::Tcp);
    assert_eq!(report.status, CoverageStatus::Readable);
    assert_eq!(report.truncated_at, Some(ProcfsSource::MAX_TABLE as u64));
    assert_eq!((report.rows, report.bad_rows), (1, 1));
    assert!(!report.proves_absence());
    assert_eq!(batch.report(Table::Udp).rows, 1);
    assert_eq!(batch.report(Table::Udp).truncated_at, None);
}

#[test]
fn bad_rows_are_counted_and_the_first_ones_kept() {
    let mut text = format!("{HEADER}{ROW}");
    for _ in 0..100 {
        text.push_str("  1: nonsense\n");
    }
    text.push_str(&ROW.replace("9D15", "9D16").replace("123456", "123457"));
    text.push_str(ROW);
    let tree = tree_with(&[("tcp", &text)]);
    let batch = poll_tree(tree.path());
    let report = batch.report(Table::Tcp);
    assert_eq!((report.rows, report.bad_rows, report.doubles), (2, 100, 1));
    assert_eq!(report.first_bad_line, Some(3));
    assert_eq!(batch.bad_rows.len(), Batch::MAX_BAD_ROWS);
    assert!(batch.bad_rows.iter().all(|bad| bad.table == Table::Tcp));
}

#[test]
fn a_tree_in_the_byte_order_of_another_machine() {
    let row = ROW
        .replace("010200C0", "C0000201")
        .replace("077100CB", "CB007107");
    let tree = tree_with(&[("tcp", &format!("{HEADER}{row}"))]);
    let source = ProcfsSource::new(tree.path().to_owned());
    let mut source = source.with_endian(portlog_sockets::text::Endian::Big);
    let batch = polled(&mut source);
    assert_eq!(batch.rows[0].local, end("192.0.2.1:40213"));
    assert_eq!(batch.rows[0].remote, end("203.0.113.7:80"));
    assert_eq!(batch.rows[0].state, SocketState::Established);
}
