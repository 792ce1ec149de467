//! `log compare`: two logs of an invented phone, before and after.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use portlog_journal::bundle::{export_full, export_sparse, find};
use portlog_journal::entry::{Entry, FieldType, Kind, Value};
use portlog_journal::store::{RedbStore, Store as _};
use portlog_journal::{Hash, Log, UtcOffset};
use portlog_model::{BootTime, Moment, WallTime};
use serde_json::Value as Json;

use crate::reproducible::{Fixed, Keys, TestLog};
use crate::support::{Place, Ran};

/// 2026-05-04T13:45:00Z.
const BEGIN: i64 = 1_777_902_300_000;
/// Half an hour.
const HALF: i64 = 1800;

/// A log that is written as time goes by.
struct Watch {
    log: TestLog,
    now: i64,
    packages: u64,
    connections: u64,
}

impl Watch {
    /// A watch that begins so many seconds after [`BEGIN`], of a phone with this build.
    fn begin(seed: u64, at: i64, build: &str) -> Self {
        let store = RedbStore::in_memory().unwrap();
        let log = Log::create(
            store,
            Keys::default(),
            Fixed::new("portlog compare", seed),
            moment(at),
        )
        .unwrap();
        let mut watch = Self {
            log,
            now: at,
            packages: 0,
            connections: 0,
        };
        watch.add(
            Kind::Started,
            &[
                ("version", "0.1.0"),
                ("provenance", "simulated"),
                ("platform", "android"),
                ("procfs", "no"),
                ("source", "procfs"),
                ("interval_ms", "1000"),
                ("scope", "firmware"),
                ("packages_overridden", "no"),
            ],
        );
        watch.add(
            Kind::Device,
            &[
                ("model", "Phone X"),
                ("fingerprint", build),
                ("adb", "yes"),
                ("selinux", "enforcing"),
            ],
        );
        let list = entry(
            Kind::List,
            at,
            &[("name", "mine.txt"), ("category", "own"), ("rules", "1")],
        );
        let digest = Value::hex(Hash::of(&[b"203.0.113.7\n"]));
        watch
            .log
            .append(&list.with("sha256", digest).unwrap())
            .unwrap();
        watch
    }

    fn owners(&mut self, owners: &[&str]) -> &mut Self {
        let entry = entry(Kind::Packages, self.now, &[("status", "readable")]);
        let entry = owners.iter().fold(entry, |entry, owner| {
            let owner = Value::of(owner, FieldType::Owner).unwrap();
            entry.with_owner(owner).unwrap()
        });
        self.packages = self.log.append(&entry).unwrap();
        self
    }

    fn add(&mut self, kind: Kind, values: &[(&str, &str)]) -> u64 {
        self.log.append(&entry(kind, self.now, values)).unwrap()
    }

    fn opens(&mut self, uid: &str, protocol: &str, remote: &str) -> &mut Self {
        self.connections += 1;
        let values = [
            ("connection", self.connections.to_string()),
            ("protocol", protocol.to_owned()),
            ("local", "192.0.2.10:40213".to_owned()),
            ("remote", remote.to_owned()),
            ("state", "established".to_owned()),
            ("direction", "out".to_owned()),
            ("uid", uid.to_owned()),
            ("owner", self.packages.to_string()),
            ("ours", "no".to_owned()),
        ];
        let values: Vec<(&str, &str)> = values.iter().map(|(n, v)| (*n, v.as_str())).collect();
        let opened = entry(Kind::Opened, self.now, &values);
        let opened = opened.with("after", moment(self.now - 1)).unwrap();
        self.log.append(&opened).unwrap();
        self
    }

    /// So many half hours, in each of which `each` opens.
    fn halves(&mut self, count: usize, each: &[(&str, &str, &str)]) -> &mut Self {
        for _ in 0..count {
            for (uid, protocol, remote) in each {
                self.opens(uid, protocol, remote);
            }
            self.now += HALF;
            self.add(
                Kind::Heartbeat,
                &[
                    ("watched_ms", "1800000"),
                    ("suspended_ms", "0"),
                    ("polls", "1800"),
                ],
            );
        }
        self
    }

    fn bundle(&mut self) -> String {
        self.log.commit().unwrap();
        let mut out = Vec::new();
        let snapshot = self.log.store().snapshot().unwrap();
        export_full(
            &snapshot,
            |_, _| true,
            &|_: Kind, _: &str, _: &str| true,
            &mut out,
        )
        .unwrap();
        String::from_utf8(out).unwrap()
    }

    /// Only its alerts, and what every preset shows.
    fn without_openings(&mut self) -> String {
        self.log.commit().unwrap();
        let snapshot = self.log.store().snapshot().unwrap();
        let chosen = find(&snapshot, |_, row| row.kind != Kind::Opened).unwrap();
        let mut out = Vec::new();
        export_sparse(
            &snapshot,
            &chosen,
            &|_: Kind, _: &str, _: &str| true,
            &mut out,
        )
        .unwrap();
        String::from_utf8(out).unwrap()
    }
}

fn moment(seconds: i64) -> Value {
    let moment = Moment {
        wall: WallTime::from_millis(BEGIN + seconds * 1000),
        boot: BootTime::from_nanos(u64::try_from(3_600 + seconds).unwrap() * 1_000_000_000),
    };
    Value::moment(moment, UtcOffset::from_minutes(0).unwrap())
}

fn entry(kind: Kind, seconds: i64, values: &[(&str, &str)]) -> Entry {
    let entry = Entry::new(kind).with("time", moment(seconds)).unwrap();
    values.iter().fold(entry, |entry, (name, text)| {
        let of = kind.field_type(kind.position(name).unwrap()).unwrap();
        let value = match of {
            FieldType::Text => Value::text(text),
            _ => Value::of(text, of).unwrap(),
        };
        entry.with(name, value).unwrap()
    })
}

const SYNC: &str = "10012 app yes - com.example.sync Sync";
const RADIO: &str = "1001 system yes go-between - radio";

/// The two small logs of the transcript and of docs/EVENTS.md.
fn small() -> [(&'static str, String); 2] {
    let mut before = Watch::begin(1, 0, "build 1");
    before.owners(&[SYNC]);
    before.halves(
        3,
        &[
            ("10012", "tcp", "203.0.113.7:80"),
            ("10012", "tcp", "203.0.113.7:80"),
            ("10012", "tcp", "198.51.100.1:443"),
        ],
    );
    before.add(Kind::Mark, &[("preset", "service-off")]);
    let mut after = Watch::begin(2, 86_400, "build 2");
    after.owners(&["10044 app yes - com.example.sync Sync"]);
    after.halves(3, &[("10044", "tcp", "198.51.100.9:443")]);
    [
        ("earlier.portlog.txt", before.bundle()),
        ("later.portlog.txt", after.bundle()),
    ]
}

#[test]
fn the_files_of_the_transcript_are_what_the_library_writes() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/files");
    for (name, bundle) in small() {
        let path = folder.join(name);
        if std::env::var_os("PORTLOG_BLESS").is_some() {
            fs::write(&path, &bundle).unwrap();
        }
        assert!(fs::read_to_string(&path).unwrap() == bundle, "{name}");
    }
}

/// A log with one of each, and the one a day after.
fn rich(place: &Place) {
    let mut before = Watch::begin(3, 0, "build 1");
    before.owners(&[SYNC, RADIO, "10087 app no - org.example.game Game"]);
    before.opens("1001", "udp", "192.0.2.53:53");
    before.halves(
        10,
        &[
            ("10012", "tcp", "203.0.113.7:80"),
            ("10012", "tcp", "203.0.113.20:443"),
            ("10012", "tcp", "203.0.113.30:5222"),
            ("10012", "tcp", "198.51.100.1:443"),
            ("10087", "tcp", "198.51.100.77:443"),
        ],
    );
    let mut after = Watch::begin(4, 86_400, "build 1");
    after.owners(&[RADIO, "10012 app yes - com.example.other Other"]);
    after.owners(&["10044 app yes - com.example.sync Sync"]);
    after.halves(
        8,
        &[
            ("10044", "tcp", "203.0.113.20:443"),
            ("10044", "tcp", "203.0.113.30:443"),
            ("10044", "tcp", "198.51.100.9:443"),
            ("10044", "tcp", "[2001:db8::7]:443"),
        ],
    );
    place.write("a.portlog.txt", before.bundle());
    place.write("b.portlog.txt", after.bundle());
    place.write("alerts.portlog.txt", after.without_openings());
}

fn verdicts(answer: &Json) -> BTreeMap<String, String> {
    let owners = answer["comparison"]["owners"].as_array().unwrap();
    owners
        .iter()
        .flat_map(|owner| owner["destinations"].as_array().unwrap())
        .map(|row| {
            let place = format!(
                "{} {} {}",
                row["protocol"].as_str().unwrap(),
                row["address"].as_str().unwrap(),
                row["port"]
            );
            let reason = row["reason"].as_str().map(|reason| format!(" {reason}"));
            let verdict = row["verdict"].as_str().unwrap();
            (place, format!("{verdict}{}", reason.unwrap_or_default()))
        })
        .collect()
}

#[test]
fn each_destination_has_its_verdict_and_text_and_json_agree() {
    let place = Place::new();
    rich(&place);
    let args = ["log", "compare", "a.portlog.txt", "b.portlog.txt"];
    let answer = place.json(&[&args[..], &["--format", "json"]].concat());
    let expected = [
        ("tcp 198.51.100.1 443", "moved"),
        ("tcp 198.51.100.77 443", "not-comparable not-recorded"),
        ("tcp 2001:db8::7 443", "new"),
        ("tcp 203.0.113.20 443", "still-there"),
        ("tcp 203.0.113.30 5222", "changed"),
        // A new port of a known host in the same network is no place where another one went.
        ("tcp 203.0.113.7 80", "not-seen-again"),
        ("udp 192.0.2.53 53", "too-short few-expected"),
    ];
    let expected: BTreeMap<String, String> = expected
        .iter()
        .map(|(place, verdict)| ((*place).to_owned(), (*verdict).to_owned()))
        .collect();
    assert_eq!(verdicts(&answer), expected);
    assert_eq!(answer["observed_live"], false);
    assert_eq!(answer["comparison"]["relation"], "stated");
    assert_eq!(answer["comparison"]["counts"]["not-seen-again"], 1);

    let text = place.run(&args);
    assert_eq!(text.status, Some(0), "{text:?}");
    let out = &text.stdout;
    assert!(
        out.starts_with("NOT OBSERVED LIVE in the earlier file: "),
        "{out}"
    );
    assert_eq!(out.matches("Unchanged since it was signed").count(), 2);
    for line in [
        "Same phone: stated by the operator.",
        "not seen again       tcp 203.0.113.7:80",
        "10 sightings in 5 h 0 min watched earlier, 2.0 an hour\n",
        "8.0 expected in 4 h 0 min watched later, none seen\n",
        "0.8 expected in 4 h 0 min watched later, none seen: too few",
        "now at tcp 203.0.113.30:443 (same host; 8 openings later)",
        "now at tcp 198.51.100.9:443 (same network 198.51.100.0/24; 8 openings later)",
        "com.example.sync (UID 10012, later 10044), firmware yes",
        "That does not prove that",
        "It does not say why, or who",
        "whether anything was sent is not known",
    ] {
        assert!(out.contains(line), "{line}\n{out}");
    }
    // What else differs stands before any verdict on a destination.
    assert!(out.find("What else differs") < out.find("By owner and destination"));
    assert!(!out.contains('\u{1b}'));
}

#[test]
fn a_file_that_shows_alerts_only_says_nothing_of_what_is_gone() {
    let place = Place::new();
    rich(&place);
    let args = ["log", "compare", "a.portlog.txt", "alerts.portlog.txt"];
    let answer = place.json(&[&args[..], &["--format", "json"]].concat());
    let verdicts = verdicts(&answer);
    assert!(
        verdicts
            .values()
            .all(|verdict| verdict == "too-short nothing-after"
                || verdict == "not-comparable not-recorded"),
        "{verdicts:?}"
    );
    assert_eq!(
        answer["comparison"]["after"]["hours"]["withheld_ms"],
        14_400_000
    );
    assert_eq!(answer["comparison"]["after"]["hidden"], 32);
    let text = place.run(&args).stdout;
    assert!(
        text.contains("a file without them cannot show that something is gone"),
        "{text}"
    );
}

#[test]
fn one_file_is_parted_at_a_mark() {
    let place = Place::new();
    let mut watch = Watch::begin(5, 0, "build 1");
    watch.owners(&[SYNC]);
    watch.halves(6, &[("10012", "tcp", "203.0.113.7:80")]);
    let mark = watch
        .add(Kind::Mark, &[("text", "sync off\u{1b}[31m")])
        .to_string();
    watch.halves(12, &[]);
    place.write("whole.portlog.txt", watch.bundle());
    let at = |at: &str| -> Ran { place.run(&["log", "compare", "whole.portlog.txt", "--at", at]) };
    let ran = at(&mark);
    assert_eq!(ran.status, Some(0), "{ran:?}");
    for line in [
        "Same phone: the same log, parted at a mark.",
        "(the two sides part here)",
        "not seen again       tcp 203.0.113.7:80",
    ] {
        assert!(ran.stdout.contains(line), "{line}\n{}", ran.stdout);
    }
    assert!(!ran.stdout.contains('\u{1b}'));
    at("3").assert_refused(&[
        "entry 3",
        "is no mark",
        &format!("--at one of its marks: {mark}"),
    ]);
    place
        .run(&["log", "compare", "whole.portlog.txt"])
        .assert_refused(&["nothing says where to part it", &mark]);
    place
        .run(&[
            "log",
            "compare",
            "whole.portlog.txt",
            "whole.portlog.txt",
            "--at",
            &mark,
        ])
        .assert_refused(&["--at parts one file"]);
}

#[test]
fn files_of_one_log_are_counted_once_and_in_their_order() {
    let place = Place::new();
    let mut watch = Watch::begin(6, 0, "build 1");
    watch.owners(&[SYNC]);
    watch.halves(6, &[("10012", "tcp", "203.0.113.7:80")]);
    place.write("a.portlog.txt", watch.bundle());
    watch.halves(12, &[]);
    place.write("b.portlog.txt", watch.bundle());
    // The later file has all of the earlier one in it.
    let args = ["log", "compare", "a.portlog.txt", "b.portlog.txt"];
    let answer = place.json(&[&args[..], &["--format", "json"]].concat());
    let comparison = &answer["comparison"];
    assert_eq!(comparison["relation"], "same-log");
    assert_eq!(verdicts(&answer)["tcp 203.0.113.7 80"], "not-seen-again");
    assert_eq!(comparison["before"]["hours"]["counted_ms"], 10_800_000);
    assert_eq!(comparison["after"]["hours"]["counted_ms"], 21_600_000);
    place
        .run(&["log", "compare", "b.portlog.txt", "a.portlog.txt"])
        .assert_refused(&[
            "b.portlog.txt is the later state",
            "name the earlier file first",
        ]);
}

#[test]
fn two_histories_of_one_log_are_not_compared() {
    let place = Place::new();
    for (name, remote) in [("a", "203.0.113.7:80"), ("b", "203.0.113.8:80")] {
        let mut watch = Watch::begin(7, 0, "build 1");
        watch.owners(&[SYNC]);
        watch.halves(2, &[("10012", "tcp", remote)]);
        place.write(&format!("{name}.portlog.txt"), watch.bundle());
    }
    let args = ["log", "compare", "a.portlog.txt", "b.portlog.txt"];
    let ran = place.run(&args);
    assert_eq!(ran.status, Some(1), "{ran:?}");
    assert!(ran.stdout.contains("FORK"), "{}", ran.stdout);
    let ran = place.run(&[&args[..], &["--format", "json"]].concat());
    let answer: Json = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(
        (&answer["refused"], &answer["comparison"]),
        (&"fork".into(), &Json::Null)
    );
}

#[test]
fn what_does_not_check_is_refused_and_both_verdicts_are_shown() {
    let place = Place::new();
    rich(&place);
    let bundle = fs::read_to_string(place.path("b.portlog.txt")).unwrap();
    place.write(
        "c.portlog.txt",
        bundle.replacen("203.0.113.20", "203.0.113.21", 1),
    );
    for files in [["a", "c"], ["c", "a"]] {
        let files = files.map(|name| format!("{name}.portlog.txt"));
        let args = ["log", "compare", &files[0], &files[1]];
        let ran = place.run(&args);
        assert_eq!(ran.status, Some(1), "{ran:?}");
        assert!(ran.stdout.contains("REJECTED: R"), "{}", ran.stdout);
        assert!(ran.stdout.contains("Unchanged since it was signed"));
        assert!(!ran.stdout.contains("By owner and destination"));
        let ran = place.run(&[&args[..], &["--format", "json"]].concat());
        assert_eq!(ran.status, Some(1));
        let answer: Json = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!(answer["refused"], "rejected");
        assert_eq!(answer["files"].as_array().unwrap().len(), 2);
        assert_eq!(answer["comparison"], Json::Null);
    }
    place
        .run(&["log", "compare", "a.portlog.txt", "missing.portlog.txt"])
        .assert_refused(&["missing.portlog.txt"]);
}
