//! Logs of an invented phone, the same in every run.

use portlog_journal::bundle::{Choice, Preset, export_full, export_sparse};
use portlog_journal::entry::{Entry, FieldType, Kind, Value};
use portlog_journal::store::{RedbStore, Store as _};
use portlog_journal::{Log, UtcOffset};
use portlog_model::{BootTime, Moment, WallTime};

pub(super) use super::reproducible::TestLog;
use super::reproducible::{Fixed, Keys};

/// 2026-05-04T13:45:00Z.
pub(super) const BEGIN: i64 = 1_777_902_300_000;

/// A log with these entries behind its first one, which has its key.
pub(super) fn log(entries: impl IntoIterator<Item = Entry>) -> TestLog {
    let store = RedbStore::in_memory().unwrap();
    let mut log = Log::create(
        store,
        Keys::default(),
        Fixed::new("portlog convert test", 7),
        moment(0),
    )
    .unwrap();
    for entry in entries {
        log.append(&entry).unwrap();
    }
    log.commit().unwrap();
    log
}

pub(super) fn moment(seconds: i64) -> Value {
    let moment = Moment {
        wall: WallTime::from_millis(BEGIN + seconds * 1000),
        boot: BootTime::from_nanos(u64::try_from(3_600 + seconds).unwrap() * 1_000_000_000),
    };
    Value::moment(moment, UtcOffset::from_minutes(120).unwrap())
}

/// An entry of this kind from texts of its fields' types.
pub(super) fn entry(kind: Kind, seconds: i64, values: &[(&str, &str)]) -> Entry {
    with(
        Entry::new(kind).with("time", moment(seconds)).unwrap(),
        values,
    )
}

pub(super) fn with(entry: Entry, values: &[(&str, &str)]) -> Entry {
    values.iter().fold(entry, |entry, (name, text)| {
        let kind = entry.kind();
        let value = match kind.field_type(kind.position(name).unwrap()).unwrap() {
            FieldType::Text => Value::text(text),
            of => Value::of(text, of).unwrap_or_else(|| panic!("{name} {text:?}")),
        };
        entry.with(name, value).unwrap()
    })
}

pub(super) fn started(seconds: i64, provenance: &str) -> Entry {
    entry(
        Kind::Started,
        seconds,
        &[
            ("version", "0.1.0"),
            ("provenance", provenance),
            ("platform", "android"),
            ("source", "procfs"),
            ("packages_overridden", "no"),
        ],
    )
}

pub(super) fn device(seconds: i64, security_patch: &str) -> Entry {
    entry(
        Kind::Device,
        seconds,
        &[
            ("model", "Example [One]"),
            (
                "fingerprint",
                "example/one/one:4.4.4/KTU84P/7:user/release-keys",
            ),
            ("tags", "release-keys"),
            ("security_patch", security_patch),
        ],
    )
}

pub(super) fn packages(seconds: i64, owners: &[&str]) -> Entry {
    let entry = entry(Kind::Packages, seconds, &[("status", "readable")]);
    owners.iter().fold(entry, |entry, owner| {
        let owner = Value::of(owner, FieldType::Owner).unwrap();
        entry.with_owner(owner).unwrap()
    })
}

/// The owners of most logs here; their packages entry is entry 2.
pub(super) const OWNERS: [&str; 5] = [
    "0 kernel yes - - root",
    "1000 shared yes go-between android,com.example.settings system",
    "10012 app yes - com.example.sync Sync",
    "10030 shared no - com.example.one,org.example.two,+3 -",
    "10087 app no user-facing org.example.browser A browser",
];

/// A connection of UID 10012 with 203.0.113.7:80, established, outgoing, TCP; and what is otherwise.
pub(super) fn connection(kind: Kind, seconds: i64, number: u64, other: &[(&str, &str)]) -> Entry {
    let entry = entry(
        kind,
        seconds,
        &[
            ("connection", &number.to_string()),
            ("protocol", "tcp"),
            ("local", "192.0.2.10:40213"),
            ("remote", "203.0.113.7:80"),
            ("state", "established"),
            ("direction", "out"),
            ("uid", "10012"),
            ("owner", "2"),
            ("ours", "no"),
        ],
    );
    with(entry, other)
}

/// A watch with everything that the forms tell apart, over a live and a replayed session.
pub(super) fn watch() -> TestLog {
    log([
        started(1, "live"),
        packages(2, &OWNERS),
        device(3, "2014-08-01"),
        connection(Kind::Opened, 4, 1, &[("state", "syn_sent")]),
        with(
            connection(Kind::Changed, 5, 1, &[]),
            &[("was", "syn_sent"), ("names", "a.example.test tap 10012")],
        ),
        entry(Kind::Clock, 6, &[("jump_ms", "-3600000")]),
        entry(Kind::Mark, 7, &[("text", "=cmd|' /C calc'!A0; \u{1b}[31m")]),
        connection(Kind::Closed, 8, 1, &[("state", "time_wait")]),
        started(9, "replay"),
        connection(Kind::Opened, 10, 1, &[("uid", "1000")]),
    ])
}

/// The bundle that a choice makes of a log.
pub(super) fn shared(log: &TestLog, choice: &Choice) -> String {
    let snapshot = log.store().snapshot().unwrap();
    let chosen = choice.of(&snapshot).unwrap();
    let mut out = Vec::new();
    if choice.preset == Preset::Everything {
        let indices = &chosen.indices;
        let shown = |index: u64, _: &_| indices.binary_search(&index).is_ok();
        export_full(&snapshot, shown, &chosen, &mut out).unwrap();
    } else {
        export_sparse(&snapshot, &chosen.indices, &chosen, &mut out).unwrap();
    }
    String::from_utf8(out).unwrap()
}

/// All of a log, this side's addresses too.
pub(super) fn whole(log: &TestLog) -> String {
    let mut choice = Choice::new(Preset::Everything);
    choice.with_local = true;
    shared(log, &choice)
}
