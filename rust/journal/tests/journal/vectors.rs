//! The bundles of `tests/vectors/log`: made here, compared with what is committed, and verified.
//!
//! `PORTLOG_WRITE_VECTORS=1 cargo test -p portlog-journal --test journal vectors` writes them anew. A
//! golden bundle that changes means that files which people hold no longer verify.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use portlog_journal::bundle::{export_full, export_sparse};
use portlog_journal::entry::{Entry, Kind, Value};
use portlog_journal::store::Store as _;
use portlog_journal::verify::Options;
use portlog_journal::{EpochReason, Hash, UtcOffset};
use portlog_model::WallTime;

use crate::forgeries::forgeries;
use crate::forks;
use crate::support::*;

/// A bundle, and what must become of it.
pub(crate) struct Vector {
    pub(crate) name: String,
    pub(crate) bundle: Vec<u8>,
    /// `ok LEVEL SHOWN of SIZE`, or the number and name of the rejection.
    pub(crate) expected: String,
}

impl Vector {
    fn good(name: &str, bundle: String, expected: &str) -> Self {
        Self {
            name: format!("{name}.portlog.txt"),
            bundle: bundle.into_bytes(),
            expected: format!("ok {expected}"),
        }
    }
}

/// A reader who knows two witnesses and the time.
pub(crate) fn reader() -> Options {
    let mut options = options();
    options.witnesses = vec![
        witness("friend.test/anna", 1).public().clone(),
        witness("friend.test/ben", 2).public().clone(),
    ];
    options
}

/// The log with a checkpoint that two witnesses signed, one that Anna signed again, and one signature
/// of somebody unknown.
pub(crate) fn witnessed() -> TestLog {
    let mut log = short(4);
    let (anna, ben) = (
        witness("friend.test/anna", 1),
        witness("friend.test/ben", 2),
    );
    let seen = latest(&log).cosign(&anna, 1_777_903_000).unwrap();
    log.keep(&seen.cosign(&ben, 1_777_903_600).unwrap())
        .unwrap();
    log.append(&mark(950, "a bus went by")).unwrap();
    log.commit().unwrap();
    let stranger = witness("friend.test/carl", 3);
    let again = latest(&log).cosign(&anna, 1_777_904_000).unwrap();
    log.keep(&again.cosign(&stranger, 1_777_904_001).unwrap())
        .unwrap();
    log
}

/// A log with an entry of every kind.
pub(crate) fn every_kind() -> TestLog {
    let mut log = new_log(5);
    for entry in one_of_each(log.origin().as_str()) {
        log.append(&entry).unwrap();
    }
    log.rotate(moment(2000), EpochReason::Hand).unwrap();
    log
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn one_of_each(origin: &str) -> Vec<Entry> {
    let digest = Hash::of(&[b"list"]).to_hex();
    let root = Hash::of(&[b"root"]).to_base64();
    let vkey = witness("friend.test/anna", 1).public().to_string();
    let state = latest(&short(4));
    let line = portlog_journal::cosignature(
        state.checkpoint(),
        &witness("friend.test/anna", 1),
        1_777_903_000,
    )
    .to_string();
    let cosignature = line.rsplit(' ').next().unwrap().to_owned();
    vec![
        started(1, "helper"),
        entry(
            Kind::Device,
            1,
            &[
                ("model", "Example 1S"),
                (
                    "fingerprint",
                    "example/one/one:4.4.4/KTU84P/1:user/release-keys",
                ),
                ("tags", "release-keys"),
                ("kernel", "3.4.0-example"),
                ("selinux", "permissive"),
                ("adb", "yes"),
                ("version", "0.1.0"),
                ("apk_signer", &digest),
            ],
        ),
        packages(2),
        opened(Kind::Opened, 3, 1, 3),
        opened(Kind::Changed, 4, 1, 3),
        opened(Kind::Closed, 5, 1, 3),
        alert(6, 1, 3)
            .with("weakened", Value::words(["datagram", "direction-unknown"]))
            .unwrap()
            .with("candidates", Value::numbers([1000, 10012]))
            .unwrap(),
        entry(
            Kind::Coverage,
            7,
            &[
                ("table", "tcp6"),
                ("source", "procfs"),
                ("status", "denied"),
                ("rows", "0"),
                ("bad_rows", "0"),
                ("detail", "errno 13"),
            ],
        ),
        entry(Kind::Clock, 8, &[("jump_ms", "-86400000")])
            .with("before", moment(7))
            .unwrap(),
        heartbeat(900),
        entry(
            Kind::Gap,
            1000,
            &[
                ("reason", "not-running"),
                ("cause", "low-memory"),
                ("detail", ""),
            ],
        )
        .with("from", moment(901))
        .unwrap(),
        entry(Kind::Drop, 1001, &[("events", "12")]),
        entry(
            Kind::List,
            1002,
            &[
                ("name", "mine.txt"),
                ("category", "own"),
                ("sha256", &digest),
                ("rules", "2"),
                ("bad_lines", "1"),
            ],
        )
        .with("date", time(-86_400))
        .unwrap(),
        entry(
            Kind::Mark,
            1003,
            &[("preset", "sim-in"), ("text", "SIM \u{1F4F6} 日本 – \"-\"")],
        ),
        entry(
            Kind::Practice,
            1004,
            &[
                ("outcome", "seen"),
                ("connection", "2"),
                ("remote", "[2001:db8::7]:9"),
                ("detail", "-"),
            ],
        ),
        entry(Kind::Config, 1005, &[("name", "interval"), ("value", "2s")]),
        entry(
            Kind::Witness,
            1006,
            &[
                ("name", "Anna"),
                ("vkey", &vkey),
                ("size", "10"),
                ("root", &root),
                ("cosignature", &cosignature),
                ("nonce", "c0ffee"),
            ],
        ),
        entry(
            Kind::Predecessor,
            1007,
            &[
                ("origin", origin),
                ("size", "10"),
                ("root", &root),
                ("known_by", "qr"),
                ("reason", "reset"),
            ],
        ),
        entry(
            Kind::Prune,
            1008,
            &[("below", "0"), ("rows", "0"), ("reason", "age")],
        ),
        entry(Kind::Stopped, 1009, &[("polls", "1009")]),
    ]
}

/// 300 entries, of which three are shown.
fn wide() -> String {
    let mut log = new_log(6);
    log.append(&started(1, "adb")).unwrap();
    for second in 2..299 {
        log.append(&heartbeat(second)).unwrap();
    }
    log.append(&mark(299, "the last")).unwrap();
    log.commit().unwrap();
    let mut out = Vec::new();
    let snapshot = log.store().snapshot().unwrap();
    export_sparse(&snapshot, &[1, 150, 299], &everything, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// An export right after a rotation: the last entry is the one that ends the epoch.
pub(crate) fn boundary() -> String {
    let mut log = epochs(2);
    log.rotate(moment(99_000), EpochReason::Hand).unwrap();
    sparse(&log, &[Kind::Alert])
}

/// A log that is by replay, with entries of these kinds shown.
fn replayed(shown: &[Kind]) -> String {
    let mut log = new_log(8);
    log.append(&started(1, "replay")).unwrap();
    log.append(&packages(2)).unwrap();
    log.append(&alert(3, 1, 2)).unwrap();
    log.commit().unwrap();
    sparse(&log, shown)
}

/// Times at the edges of the calendar, and a day on which there was no February 29th.
fn odd_times() -> String {
    let mut log = new_log(9);
    for (millis, minutes) in [
        (0, -1439),
        (86_400_000, -1439),
        (951_868_799_999, 1439),
        (253_402_300_799_999, 0),
    ] {
        let value = Value::moment_without_boot(
            WallTime::from_millis(millis),
            UtcOffset::from_minutes(minutes).unwrap(),
        );
        let entry = Entry::new(Kind::Mark).with("time", value).unwrap();
        log.append(&entry).unwrap();
    }
    log.commit().unwrap();
    full(&log)
}

fn pruned() -> String {
    let mut log = epochs(2);
    log.prune(moment(95_000), 10, "age").unwrap();
    full(&log)
}

/// The bundles that verify.
pub(crate) fn golden() -> Vec<Vector> {
    let (short, epochs, witnessed) = (short(1), epochs(2), witnessed());
    let shown = [Kind::Started, Kind::Packages, Kind::Alert];
    let mut redacted = Vec::new();
    let but_names = |_: Kind, name: &str, _: &str| !matches!(name, "time" | "remote" | "local");
    export_full(
        &every_kind().store().snapshot().unwrap(),
        |_, _| true,
        &but_names,
        &mut redacted,
    )
    .unwrap();
    vec![
        Vector::good("first-entry", full(&new_log(1)), "L0 1 of 1"),
        Vector::good("short-sparse", sparse(&short, &shown), "L0 3 of 10"),
        Vector::good("short-full", full(&short), "L0 10 of 10"),
        Vector::good("short-redacted", full_redacted(&short), "L0 8 of 10"),
        Vector::good("short-nothing", sparse(&short, &[]), "L0 0 of 10"),
        Vector::good(
            "short-no-start",
            sparse(&short, &[Kind::Alert]),
            "L0 1 of 10 not-live",
        ),
        Vector::good(
            "replayed",
            replayed(&[Kind::Started, Kind::Alert]),
            "L0 2 of 4 not-live",
        ),
        Vector::good(
            "replayed-nothing",
            replayed(&[Kind::Started]),
            "L0 1 of 4 not-live",
        ),
        Vector::good("epochs-sparse", sparse(&epochs, &shown), "L0 6 of 16"),
        Vector::good("epochs-full", full(&epochs), "L0 16 of 16"),
        Vector::good(
            "epochs-shown",
            sparse(&epochs, &[Kind::Epoch, Kind::Started]),
            "L0 5 of 16",
        ),
        Vector::good("boundary", boundary(), "L0 2 of 17 not-live"),
        Vector::good("pruned", pruned(), "L0 11 of 17"),
        Vector::good("witnessed-sparse", sparse(&witnessed, &shown), "L3 3 of 11"),
        Vector::good("witnessed-full", full(&witnessed), "L3 11 of 11"),
        Vector::good("every-kind", full(&every_kind()), "L0 22 of 22"),
        Vector::good(
            "every-kind-redacted",
            String::from_utf8(redacted).unwrap(),
            "L0 22 of 22",
        ),
        Vector::good("wide-sparse", wide(), "L0 3 of 300"),
        Vector::good("odd-times", odd_times(), "L0 5 of 5"),
        Vector::good("fork", forks::of_different_sizes(), "fork 17 and 24"),
        Vector::good("fork-one-size", forks::of_one_size(), "fork 17 and 17"),
        Vector::good("fork-small", forks::small(), "fork 2 and 2"),
        Vector::good(
            "fork-witnessed",
            forks::seen_by_a_witness(),
            "fork 17 and 24",
        ),
    ]
}

pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/log")
}

/// What must be in the folder: every file with its bytes.
fn files() -> BTreeMap<String, Vec<u8>> {
    let mut table = String::new();
    let mut files = BTreeMap::new();
    for vector in golden().into_iter().chain(forgeries()) {
        let _ = writeln!(table, "{} {}", vector.name, vector.expected);
        let before = files.insert(vector.name.clone(), vector.bundle);
        assert!(before.is_none(), "{} is there twice", vector.name);
    }
    let witnesses: Vec<String> = reader()
        .witnesses
        .iter()
        .map(|key| format!("{key}\n"))
        .collect();
    files.insert("witnesses.txt".to_owned(), witnesses.concat().into_bytes());
    files.insert("now.txt".to_owned(), format!("{NOW}\n").into_bytes());
    files.insert("expected.txt".to_owned(), table.into_bytes());
    files
}

#[test]
fn the_committed_vectors_are_those_that_are_made_here() {
    let (folder, files) = (folder(), files());
    if std::env::var_os("PORTLOG_WRITE_VECTORS").is_some() {
        for old in fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
        {
            if old.extension().is_some_and(|end| end == "txt") {
                fs::remove_file(old).unwrap();
            }
        }
        for (name, bytes) in &files {
            fs::write(folder.join(name), bytes).unwrap();
        }
    }
    let mut there: Vec<String> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "README.md")
        .collect();
    there.sort();
    assert_eq!(there, files.keys().cloned().collect::<Vec<_>>());
    for (name, bytes) in files {
        let committed = fs::read(folder.join(&name)).unwrap();
        assert!(committed == bytes, "{name} is not what is made today");
    }
}

#[test]
fn every_vector_comes_to_what_is_expected_of_it() {
    let mut wrong = Vec::new();
    for vector in golden().into_iter().chain(forgeries()) {
        let found = verdict(&vector.bundle, &reader());
        if found != vector.expected {
            wrong.push(format!("{}: {found}, not {}", vector.name, vector.expected));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_kind_of_entry_is_in_a_golden_bundle() {
    let bundle = full(&every_kind());
    for kind in Kind::ALL {
        assert!(bundle.contains(&format!("\nkind {kind}\n")), "{kind}");
    }
}
