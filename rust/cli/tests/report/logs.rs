//! Logs made for the report: invented phones, documentation addresses, fixed keys, real signatures.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use portlog_journal::bundle::{export_full, export_sparse, find};
use portlog_journal::entry::{Entry, FieldType, Kind, Value};
use portlog_journal::store::{RedbStore, Store as _};
use portlog_journal::{EpochReason, Hash, Log, UtcOffset};
use portlog_model::{BootTime, Moment, WallTime};
use tempfile::TempDir;

pub(crate) use crate::reproducible::TestLog;
use crate::reproducible::{Fixed, Keys};

/// 2026-05-04T05:45:00Z, 07:45 by the phone's clock.
pub(crate) const BEGIN: i64 = 1_777_873_500_000;

/// A moment `seconds` after the beginning, in a zone of two hours.
pub(crate) fn moment(seconds: i64) -> Value {
    let moment = Moment {
        wall: WallTime::from_millis(BEGIN + seconds * 1000),
        boot: BootTime::from_nanos(u64::try_from(3_600 + seconds).unwrap() * 1_000_000_000),
    };
    Value::moment(moment, UtcOffset::from_minutes(120).unwrap())
}

/// An entry of this kind from texts of its fields' types; a time is `@seconds`.
pub(crate) fn entry(kind: Kind, seconds: i64, values: &[(&str, &str)]) -> Entry {
    let mut entry = Entry::new(kind).with("time", moment(seconds)).unwrap();
    for (name, text) in values {
        let of = kind.field_type(kind.position(name).unwrap()).unwrap();
        let value = match (of, text.strip_prefix('@')) {
            (FieldType::Moment, Some(at)) => moment(at.parse().unwrap()),
            (FieldType::Time, Some(at)) => {
                let at = BEGIN + at.parse::<i64>().unwrap() * 1000;
                let zone = UtcOffset::from_minutes(120).unwrap();
                Value::time(WallTime::from_millis(at), zone)
            }
            (FieldType::Text, _) => Value::text(text),
            _ => Value::of(text, of).unwrap_or_else(|| panic!("{name} {text:?}")),
        };
        entry = entry.with(name, value).unwrap();
    }
    entry
}

pub(crate) fn started(seconds: i64, provenance: &str) -> Entry {
    entry(
        Kind::Started,
        seconds,
        &[
            ("version", "0.1.0"),
            ("provenance", provenance),
            ("platform", "android"),
            ("boot_id", "3f0c9a52-1d2e-4b7c-9a55-0f6a3c1d7e21"),
            ("procfs", "yes"),
            ("source", "procfs"),
            ("interval_ms", "1000"),
            ("scope", "firmware"),
            ("packages_overridden", "no"),
            ("case", "bench 7, phone 2"),
            ("operator", "R. Example"),
        ],
    )
}

pub(crate) fn device(seconds: i64, security_patch: &str) -> Entry {
    entry(
        Kind::Device,
        seconds,
        &[
            ("model", "Example One"),
            (
                "fingerprint",
                "example/one/one:4.4.4/KTU84P/7.1:user/release-keys",
            ),
            ("tags", "release-keys"),
            ("security_patch", security_patch),
            ("kernel", "3.4.0-example"),
            ("selinux", "permissive"),
            ("adb", "no"),
            ("version", "0.1.0"),
        ],
    )
}

/// Owners as `packages` entries have them.
pub(crate) const OWNERS: [&str; 5] = [
    "1000 shared yes go-between android,com.example.cloud,com.example.contacts.sync,com.example.settings,com.example.telephony system",
    "10012 app yes - com.example.sync Sync",
    "10031 app preloaded user-facing com.example.browser Browser",
    "10087 app no - org.example.game A game",
    "10050 app yes go-between com.example.downloads Downloads",
];

pub(crate) fn packages(seconds: i64, owners: &[&str]) -> Entry {
    let entry = entry(
        Kind::Packages,
        seconds,
        &[
            ("status", "readable"),
            ("source", "packages"),
            ("packages", "213"),
            ("uids", "187"),
        ],
    );
    owners.iter().fold(entry, |entry, owner| {
        let owner = Value::of(owner, FieldType::Owner).unwrap();
        entry.with_owner(owner).unwrap()
    })
}

/// An entry about a connection: `(number, protocol, remote, state, direction, uid, packages entry)`.
pub(crate) fn about(
    kind: Kind,
    seconds: i64,
    (number, protocol, remote, state, direction, uid, owner): (
        u64,
        &str,
        &str,
        &str,
        &str,
        &str,
        u64,
    ),
) -> Entry {
    let (number, owner) = (number.to_string(), owner.to_string());
    let (after, by) = (format!("@{}", seconds - 1), format!("@{seconds}"));
    let mut values = vec![
        ("connection", number.as_str()),
        ("protocol", protocol),
        ("local", "192.0.2.10:40213"),
        ("remote", remote),
        ("state", state),
        ("direction", direction),
        ("uid", uid),
        ("owner", owner.as_str()),
        ("ours", "no"),
    ];
    if kind != Kind::Alert {
        values.extend([
            ("after", after.as_str()),
            ("by", by.as_str()),
            ("inode", "123456"),
        ]);
    }
    if kind == Kind::Changed {
        values.push(("was", "syn_sent"));
    }
    entry(kind, seconds, &values)
}

/// An alert about an entry of a list.
pub(crate) fn alert(
    seconds: i64,
    connection: (u64, &str, &str, &str, &str, &str, u64),
    level: &str,
    more: &[(&str, &str)],
) -> Entry {
    let base = about(Kind::Alert, seconds, connection);
    let seen = format!("@{seconds}");
    let digest = Hash::of(&[b"203.0.113.0/24\n"]).to_hex();
    let mut values = vec![
        ("level", level),
        ("reason", "list-entry"),
        ("list", "reported-2014.txt"),
        ("category", "threat"),
        ("entry", "203.0.113.0/24"),
        ("line", "12"),
        ("list_date", "@-2592000"),
        ("list_sha256", digest.as_str()),
        ("hit", "network"),
        ("first_seen", seen.as_str()),
        ("last_seen", seen.as_str()),
        ("count", "1"),
    ];
    for (name, value) in more {
        values.retain(|(known, _)| known != name);
        values.push((name, value));
    }
    let made = entry(Kind::Alert, seconds, &values);
    Kind::Alert.fields().iter().fold(base, |base, (name, _)| {
        let value = made.value(name).unwrap().clone();
        if value.as_str() == "-" || *name == "time" {
            base
        } else {
            base.with(name, value).unwrap()
        }
    })
}

pub(crate) fn heartbeat(seconds: i64, watched: i64, asleep: i64, denied: i64) -> Entry {
    let millis = |seconds: i64| (seconds * 1000).to_string();
    entry(
        Kind::Heartbeat,
        seconds,
        &[
            ("awake_ms", &millis(watched + denied)),
            ("suspended_ms", &millis(asleep)),
            ("polls", "812"),
            ("watched_ms", &millis(watched)),
            ("denied_ms", &millis(denied)),
            ("connections", "41"),
        ],
    )
}

pub(crate) fn empty(seed: u64) -> TestLog {
    let store = RedbStore::in_memory().unwrap();
    Log::create(
        store,
        Keys::default(),
        Fixed::new("portlog report", seed),
        moment(0),
    )
    .unwrap()
}

const HOUR: i64 = 3_600;

/// Two days of a test phone: a quiet morning, the steps of a test, a night, an update.
#[expect(clippy::too_many_lines, reason = "a story is read from top to bottom")]
pub(crate) fn two_days() -> TestLog {
    let mut log = empty(1);
    let mut add = |entry: Entry| log.append(&entry).unwrap();
    add(started(1, "live")); // 1
    add(device(1, "2014-05-01"));
    for (table, status, detail) in [
        ("tcp", "readable", "-"),
        ("tcp6", "readable", "-"),
        ("udp", "readable", "without-peer 3"),
        ("udp6", "denied", "errno 13"),
    ] {
        let rows = if status == "readable" { "31" } else { "0" };
        let mut values = vec![
            ("table", table),
            ("source", "procfs"),
            ("status", status),
            ("rows", rows),
            ("bad_rows", "0"),
        ];
        if detail != "-" {
            values.push(("detail", detail));
        }
        add(entry(Kind::Coverage, 2, &values));
    }
    let digest = Hash::of(&[b"203.0.113.0/24\n"]).to_hex();
    add(entry(
        Kind::List,
        2,
        &[
            ("name", "reported-2014.txt"),
            ("category", "threat"),
            ("date", "@-2592000"),
            ("sha256", &digest),
            ("rules", "118"),
            ("bad_lines", "0"),
        ],
    ));
    let owners = add(packages(3, &OWNERS)); // 8
    let quarter = 900;
    for number in 1..=12 {
        add(heartbeat(number * quarter, 880, 20, 0));
    }
    add(entry(Kind::Mark, 3 * HOUR + 60, &[("preset", "sim-in")]));
    let cloud = (
        1,
        "tcp",
        "203.0.113.7:80",
        "established",
        "out",
        "1000",
        owners,
    );
    add(about(
        Kind::Opened,
        3 * HOUR + 95,
        (
            1,
            "tcp",
            "203.0.113.7:80",
            "syn_sent",
            "out",
            "1000",
            owners,
        ),
    ));
    add(about(Kind::Changed, 3 * HOUR + 96, cloud));
    add(alert(
        3 * HOUR + 96,
        cloud,
        "possible",
        &[
            ("weakened", "role-go-between"),
            ("names", "cloud.example.test tap 1000"),
        ],
    ));
    add(entry(
        Kind::Mark,
        3 * HOUR + 300,
        &[("preset", "contact-saved")],
    ));
    let sync = (
        2,
        "tcp",
        "203.0.113.80:443",
        "established",
        "out",
        "10012",
        owners,
    );
    add(about(Kind::Opened, 3 * HOUR + 312, sync));
    add(alert(
        3 * HOUR + 312,
        sync,
        "match",
        &[
            ("count", "4"),
            ("last_seen", "@15000"),
            ("candidates", "10012,10031"),
        ],
    ));
    add(entry(
        Kind::Mark,
        3 * HOUR + 600,
        &[("preset", "message-sent")],
    ));
    let udp = (
        3,
        "udp",
        "203.0.113.9:123",
        "established",
        "out",
        "10050",
        owners,
    );
    add(about(Kind::Opened, 3 * HOUR + 640, udp));
    add(alert(
        3 * HOUR + 640,
        udp,
        "possible",
        &[("weakened", "datagram,role-go-between")],
    ));
    for number in 13..=20 {
        add(heartbeat(number * quarter, 640, 260, 0));
    }
    for (number, remote, uid) in [
        (4, "198.51.100.20:443", "10031"),
        (5, "198.51.100.20:443", "10031"),
        (6, "198.51.100.61:443", "10087"),
        (7, "[2001:db8::7]:443", "10012"),
        (8, "198.51.100.99:5228", "1000"),
    ] {
        let at = 5 * HOUR + i64::try_from(number).unwrap() * 40;
        let connection = (number, "tcp", remote, "established", "out", uid, owners);
        add(about(Kind::Opened, at, connection));
        add(about(Kind::Closed, at + 30, connection));
    }
    let noted = (
        8,
        "tcp",
        "198.51.100.99:5228",
        "established",
        "out",
        "1000",
        owners,
    );
    let mut first = alert(
        5 * HOUR + 330,
        noted,
        "noted",
        &[("reason", "first-seen-destination")],
    );
    for name in [
        "list",
        "category",
        "entry",
        "line",
        "list_date",
        "list_sha256",
        "hit",
    ] {
        first = first.with(name, Value::none()).unwrap();
    }
    add(first);
    for number in 21..=52 {
        add(heartbeat(number * quarter, 60, 840, 0));
    }
    add(entry(
        Kind::Clock,
        13 * HOUR + 20,
        &[("before", "@46810"), ("jump_ms", "-3600000")],
    ));
    add(heartbeat(14 * HOUR, 300, 1_800, 1_200));
    add(entry(
        Kind::Gap,
        20 * HOUR,
        &[
            ("from", "@50400"),
            ("reason", "died"),
            ("cause", "low-memory"),
        ],
    ));
    log.rotate(moment(20 * HOUR), EpochReason::Day).unwrap();
    let mut add = |entry: Entry| log.append(&entry).unwrap();
    add(started(20 * HOUR + 1, "live"));
    add(device(20 * HOUR + 1, "2014-08-01"));
    let owners = add(packages(20 * HOUR + 2, &OWNERS));
    add(entry(Kind::Mark, 20 * HOUR + 60, &[("preset", "update")]));
    add(entry(
        Kind::Mark,
        21 * HOUR,
        &[("text", "opt-in to the cloud switched off in the settings")],
    ));
    for number in 81..=112 {
        add(heartbeat(number * quarter, 870, 30, 0));
    }
    let again = (
        1,
        "tcp",
        "203.0.113.80:443",
        "established",
        "out",
        "10012",
        owners,
    );
    add(about(Kind::Opened, 26 * HOUR, again));
    add(alert(
        26 * HOUR,
        again,
        "match",
        &[
            ("count", "9"),
            ("first_seen", "@11112"),
            ("last_seen", "@93600"),
        ],
    ));
    let practice = (2, "tcp", "192.0.2.99:9", "syn_sent", "out", "10099", owners);
    add(alert(
        27 * HOUR,
        practice,
        "match",
        &[("ours", "practice"), ("list", "practice")],
    ));
    add(entry(
        Kind::Stopped,
        28 * HOUR,
        &[("polls", "90000"), ("matches", "2"), ("possible", "2")],
    ));
    log.commit().unwrap();
    log
}

/// What a sharer discloses by default: all but this side's ends, and of owners those concerned.
pub(crate) fn usual(_: Kind, name: &str, value: &str) -> bool {
    name != "local" && !(name.starts_with("owner.") && value.starts_with("10087 "))
}

/// Every entry, but the fields that `discloses` says no to.
pub(crate) fn full(log: &TestLog, discloses: &dyn Fn(Kind, &str, &str) -> bool) -> String {
    let mut out = Vec::new();
    let snapshot = log.store().snapshot().unwrap();
    let discloses = |kind: Kind, name: &str, value: &str| discloses(kind, name, value);
    export_full(&snapshot, |_, _| true, &discloses, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// Entries of these kinds.
pub(crate) fn sparse(
    log: &TestLog,
    kinds: &[Kind],
    discloses: &dyn Fn(Kind, &str, &str) -> bool,
) -> String {
    let snapshot = log.store().snapshot().unwrap();
    let indices = find(&snapshot, |_, row| kinds.contains(&row.kind)).unwrap();
    let discloses = |kind: Kind, name: &str, value: &str| discloses(kind, name, value);
    let mut out = Vec::new();
    export_sparse(&snapshot, &indices, &discloses, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// A folder in which the program makes reports.
pub(crate) struct Desk {
    pub(crate) folder: TempDir,
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file.
    pub(crate) fn put(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.path(name), bytes).unwrap();
    }

    /// Runs `portlog log report NAME -o report.html` with more arguments.
    pub(crate) fn run(&self, name: &str, more: &[&str]) -> Output {
        let page = self.path("report.html");
        self.run_to(name, &page, more)
    }

    pub(crate) fn run_to(&self, name: &str, page: &Path, more: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_portlog"))
            .args(["log", "report", name, "-o"])
            .arg(page)
            .args(more)
            .current_dir(self.folder.path())
            .env_clear()
            .env("TZ", "UTC")
            .output()
            .unwrap()
    }

    /// The page about a bundle, which must check.
    pub(crate) fn page(&self, bundle: &str, more: &[&str]) -> String {
        self.put("shared.portlog.txt", bundle.as_bytes());
        let output = self.run("shared.portlog.txt", more);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{stderr}");
        assert!(output.stdout.is_empty(), "{output:?}");
        // The verdict, as in every other output.
        let begin = "portlog: Unchanged since it was signed. Signer: ";
        assert!(stderr.starts_with(begin), "{stderr}");
        assert!((3..=4).contains(&stderr.lines().count()), "{stderr}");
        std::fs::read_to_string(self.path("report.html")).unwrap()
    }
}
