//! Tables of kernels from 3.4 to 6.18, row by row against what they are known to mean.
//! tests/captures/README.md says where each comes from.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::fs;
use std::path::{Path, PathBuf};

use portlog_model::{BootTime, Moment, SocketRow, SocketState, Table, Uid, WallTime};
use portlog_sockets::counters::{
    CounterWidth, Totals, Tripwire, UidBytes, parse_qtaguid, parse_uid_stat,
};
use portlog_sockets::text::{Endian, parse_table};
use portlog_sockets::{BadRow, RowError};

fn captures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/captures")
}

fn trees() -> Vec<PathBuf> {
    let mut trees: Vec<PathBuf> = fs::read_dir(captures())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("net").is_dir() || path.join("uid_stat").is_dir())
        .collect();
    trees.sort();
    trees
}

fn endian(tree: &Path) -> Endian {
    if tree.ends_with("linux-4.4-big-endian") {
        Endian::Big
    } else {
        Endian::Little
    }
}

/// A row in the words of the `.expected` files.
fn say(row: &Result<SocketRow, BadRow>) -> String {
    match row {
        Ok(row) => {
            let or_dash = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
            format!(
                "{} {} {} {} {}",
                row.state,
                row.local,
                row.remote,
                or_dash(row.uid.map(|uid| uid.to_string())),
                or_dash(row.inode.map(|inode| inode.to_string()))
            )
        }
        Err(bad) => format!("bad {} {}", bad.line, bad.reason),
    }
}

fn rows(tree: &str, table: Table) -> Vec<SocketRow> {
    let tree = captures().join(tree);
    let text = fs::read(tree.join("net").join(table.as_str())).unwrap();
    let mut rows = Vec::new();
    parse_table(table, endian(&tree), &text, &mut |row| {
        rows.push(row.unwrap());
    });
    rows
}

#[test]
fn every_row_of_every_kernel_is_read_as_it_is_meant() {
    let mut compared = 0;
    for tree in trees() {
        for table in Table::ALL {
            let path = tree.join("net").join(table.as_str());
            let Ok(text) = fs::read(&path) else {
                assert!(!path.with_extension("expected").exists(), "{path:?}");
                continue;
            };
            let expected = fs::read_to_string(path.with_extension("expected")).unwrap();
            let mut found = Vec::new();
            let summary = parse_table(table, endian(&tree), &text, &mut |row| {
                found.push(say(&row));
            });
            let expected: Vec<&str> = expected.lines().collect();
            assert_eq!(found, expected, "{path:?}");
            assert_eq!(summary.headers, 1, "{path:?}");
            assert_eq!(
                usize::try_from(summary.rows + summary.bad_rows).unwrap(),
                expected.len()
            );
            compared += expected.len();
        }
    }
    assert!(
        compared > 150,
        "only {compared} rows: are the captures there?"
    );
}

#[test]
fn every_capture_says_where_it_comes_from() {
    let readme = fs::read_to_string(captures().join("README.md")).unwrap();
    for tree in trees() {
        let name = tree.file_name().unwrap().to_str().unwrap();
        assert!(
            readme.contains(&format!("`{name}`")),
            "{name} is not in the README"
        );
        let written = readme
            .split("## Written")
            .nth(1)
            .unwrap()
            .contains(&format!("`{name}`"));
        let provenance = fs::read_to_string(tree.join("provenance")).ok();
        assert_eq!(
            provenance.as_deref().map(str::trim),
            written.then_some("simulated"),
            "{name}"
        );
    }
}

#[test]
fn the_tables_hold_what_the_readme_promises() {
    let rows_of = |tree, table: &str| {
        let table = Table::ALL
            .into_iter()
            .find(|t| t.as_str() == table)
            .unwrap();
        rows(tree, table)
    };
    // A vendor's listener is a listener.
    let qualcomm = fs::read_to_string(captures().join("android-9-linux-4.9-qualcomm/net/tcp"));
    assert!(qualcomm.unwrap().contains(" 8A "));
    let listeners = rows_of("android-9-linux-4.9-qualcomm", "tcp")
        .iter()
        .filter(|row| row.state == SocketState::Listen)
        .count();
    assert_eq!(listeners, 2);
    // NAT64 keeps both addresses.
    let nat64 = rows_of("linux-6.18", "tcp6")
        .iter()
        .find_map(|row| row.remote.nat64())
        .unwrap();
    assert_eq!(nat64.to_string(), "203.0.113.9");
    // Signed and unsigned overflow ids are the same.
    for tree in ["android-4.4-linux-3.4", "linux-6.18"] {
        let overflow = Some(Uid::new(4_294_967_294));
        assert!(rows_of(tree, "tcp").iter().any(|row| row.uid == overflow));
    }
    // A raw row's local port is the protocol.
    let protocols: Vec<u16> = rows_of("linux-6.18", "raw")
        .iter()
        .map(|row| row.local.port())
        .collect();
    assert_eq!(protocols, [89, 255, 1]);
    // Nobody without an inode is root.
    for tree in ["android-4.4-linux-3.4", "jc", "linux-6.18"] {
        let ownerless: Vec<SocketRow> = rows_of(tree, "tcp")
            .into_iter()
            .filter(|row| row.inode.is_none())
            .collect();
        assert!(!ownerless.is_empty());
        assert!(ownerless.iter().all(|row| row.uid.is_none()));
    }
}

/// UID, bytes received, bytes sent.
type Bytes = (u32, u64, u64);

fn stats(tree: &str) -> (Vec<Bytes>, Result<(), RowError>) {
    let text = fs::read(captures().join(tree).join("net/xt_qtaguid/stats")).unwrap();
    let mut totals = Totals::new(CounterWidth::Bits64);
    let result = parse_qtaguid(&text, &mut totals, &mut |bad| panic!("{tree}: {bad:?}"));
    assert_eq!(totals.is_complete(), result.is_ok());
    let rows = totals
        .rows()
        .iter()
        .map(|row| (row.uid.get(), row.received, row.sent))
        .collect();
    (rows, result)
}

#[test]
fn bytes_by_uid_are_those_of_untagged_rows_on_real_interfaces() {
    // Added up by hand (awk) from columns 4, 6 and 8 of the rows with tag 0x0, without lo.
    assert_eq!(
        stats("aosp-qtaguid-clat"),
        (
            vec![
                (0, 256, 364),
                (1000, 36_438, 3783),
                (10_013, 0, 144),
                (10_018, 6_024_258, 170_433),
                (10_060, 11_276_157, 235_757),
                (10_079, 10_926, 1507),
                (10_102, 34_740, 11_115),
                (10_103, 0, 192),
            ],
            Ok(())
        )
    );
    assert_eq!(
        stats("aosp-qtaguid-packets-first"),
        (
            vec![
                (0, 14_855, 2804),
                (1000, 304_135, 11_888),
                (10_012, 40_524, 134_138),
                (10_034, 15_791, 9905),
                (10_055, 3602, 7739),
            ],
            Ok(())
        )
    );
    let (typical, result) = stats("aosp-qtaguid-typical");
    assert_eq!(result, Ok(()));
    assert!(typical.contains(&(10_011, 1_777_033, 775_496)));
    assert!(typical.iter().any(|&(_, received, _)| received >= 1 << 50));
    assert_eq!(
        stats("aosp-qtaguid-linux-3.0"),
        (vec![], Err(RowError::Header))
    );
}

#[test]
fn an_old_phones_counters_wrap_and_trip() {
    let folder = captures().join("android-4.4-linux-3.4/uid_stat");
    let mut totals = Totals::new(CounterWidth::Bits32);
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let uid = path.file_name().unwrap().to_str().unwrap();
        let [received, sent] =
            ["tcp_rcv", "tcp_snd"].map(|name| fs::read(path.join(name)).unwrap());
        totals.push(parse_uid_stat(uid.as_bytes(), &received, &sent).unwrap());
    }
    totals.order();
    let app = Uid::new(10_012);
    let was = *totals.rows().iter().find(|row| row.uid == app).unwrap();
    assert_eq!(was.received, u64::from(u32::MAX) - 5);

    let at = |second| Moment {
        wall: WallTime::from_millis(second * 1000_i64),
        boot: BootTime::from_nanos(u64::try_from(second).unwrap() * 1_000_000_000),
    };
    let mut wire = Tripwire::new(1024);
    let mut tripped = Vec::new();
    wire.observe(&totals, |_| false, at(0), &mut tripped);
    let mut later = Totals::new(CounterWidth::Bits32);
    for row in totals.rows() {
        later.push(if row.uid == app {
            UidBytes {
                received: 2000,
                ..*row
            }
        } else {
            *row
        });
    }
    later.order();
    wire.observe(&later, |_| false, at(1), &mut tripped);
    assert_eq!(tripped.len(), 1);
    assert_eq!(tripped[0].moved.uid, app);
    assert_eq!(tripped[0].moved.bytes(), 2006);
}
