//! Logs that are the same in every run: invented phones, documentation addresses, fixed keys.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use portlog_journal::bundle::{export_full, export_sparse, find};
use portlog_journal::entry::{Entry, FieldType, Kind, Value};
use portlog_journal::store::{RedbStore, Snapshot as _, Store};
use portlog_journal::verify::{Observed, Options};
use portlog_journal::{
    EpochReason, Error, Hash, KeyType, Log, Note, Random, Report, Seed, SigningKey, UtcOffset,
    Vault,
};
use portlog_model::{BootTime, Moment, WallTime};

/// 2026-05-04T13:45:00Z.
pub(crate) const BEGIN: i64 = 1_777_902_300_000;

/// The reader's clock in tests: a day after.
pub(crate) const NOW: u64 = 1_777_988_700;

/// Bytes that look random and are the same in every run.
pub(crate) struct Fixed(u64);

impl Fixed {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }
}

impl Random for Fixed {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        for chunk in bytes.chunks_mut(32) {
            self.0 += 1;
            let block = Hash::of(&[b"portlog test", &self.0.to_be_bytes()]);
            chunk.copy_from_slice(&block.as_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

/// Keys in memory, shared between the opens of a store.
#[derive(Clone, Default)]
pub(crate) struct Keys(
    pub(crate) Rc<RefCell<BTreeMap<u32, [u8; 32]>>>,
    /// Every key there ever was: what an intruder would like to have.
    pub(crate) Rc<RefCell<BTreeMap<u32, [u8; 32]>>>,
);

impl Vault for Keys {
    fn save(&mut self, epoch: u32, seed: &Seed) -> Result<(), Error> {
        self.0.borrow_mut().insert(epoch, *seed.as_bytes());
        self.1.borrow_mut().insert(epoch, *seed.as_bytes());
        Ok(())
    }

    fn load(&self, epoch: u32) -> Result<Option<Seed>, Error> {
        Ok(self.0.borrow().get(&epoch).copied().map(Seed::new))
    }

    fn erase(&mut self, epoch: u32) -> Result<(), Error> {
        self.0.borrow_mut().remove(&epoch);
        Ok(())
    }
}

pub(crate) type TestLog<S = RedbStore> = Log<S, Keys, Fixed>;

/// A moment `seconds` after the beginning, in a zone of two hours.
pub(crate) fn moment(seconds: i64) -> Value {
    let moment = Moment {
        wall: WallTime::from_millis(BEGIN + seconds * 1000),
        boot: BootTime::from_nanos(u64::try_from(3_600 + seconds).unwrap() * 1_000_000_000),
    };
    Value::moment(moment, UtcOffset::from_minutes(120).unwrap())
}

/// A time on the wall, of a zone that is not known.
pub(crate) fn time(seconds: i64) -> Value {
    Value::time(
        WallTime::from_millis(BEGIN + seconds * 1000),
        UtcOffset::UNKNOWN,
    )
}

/// An entry of this kind from texts of its fields' types.
pub(crate) fn entry(kind: Kind, seconds: i64, values: &[(&str, &str)]) -> Entry {
    let mut entry = Entry::new(kind).with("time", moment(seconds)).unwrap();
    for (name, text) in values {
        let of = kind.field_type(kind.position(name).unwrap()).unwrap();
        let value = match of {
            FieldType::Text => Value::text(text),
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
            ("case", "bench 7"),
        ],
    )
}

pub(crate) fn packages(seconds: i64) -> Entry {
    let entry = entry(
        Kind::Packages,
        seconds,
        &[
            ("status", "readable"),
            ("source", "packages"),
            ("packages", "5"),
            ("uids", "3"),
        ],
    );
    [
        "1000 shared yes go-between android,com.example.settings system",
        "10012 app yes - com.example.sync Sync",
        "10087 app no user-facing org.example.browser A browser",
    ]
    .into_iter()
    .fold(entry, |entry, owner| {
        entry
            .with_owner(Value::of(owner, FieldType::Owner).unwrap())
            .unwrap()
    })
}

pub(crate) fn opened(kind: Kind, seconds: i64, connection: u64, owner: u64) -> Entry {
    let was: &[(&str, &str)] = match kind {
        Kind::Changed => &[("was", "syn_sent")],
        _ => &[],
    };
    let connection = connection.to_string();
    let owner = owner.to_string();
    let entry = entry(
        kind,
        seconds,
        &[
            ("connection", &connection),
            ("protocol", "tcp"),
            ("local", "192.0.2.10:40213"),
            ("remote", "203.0.113.7:80"),
            ("state", "established"),
            ("direction", "out"),
            ("uid", "10012"),
            ("owner", &owner),
            ("inode", "123456"),
            ("ours", "no"),
        ],
    );
    let entry = entry
        .with("after", moment(seconds - 1))
        .unwrap()
        .with("by", moment(seconds))
        .unwrap();
    was.iter().fold(entry, |entry, (name, word)| {
        entry.with(name, Value::word(word)).unwrap()
    })
}

pub(crate) fn alert(seconds: i64, connection: u64, owner: u64) -> Entry {
    let connection = connection.to_string();
    let owner = owner.to_string();
    entry(
        Kind::Alert,
        seconds,
        &[
            ("level", "match"),
            ("reason", "list-entry"),
            ("connection", &connection),
            ("protocol", "tcp"),
            ("local", "192.0.2.10:40213"),
            ("remote", "203.0.113.7:80"),
            ("state", "established"),
            ("direction", "out"),
            ("uid", "10012"),
            ("owner", &owner),
            ("ours", "no"),
            ("list", "mine.txt"),
            ("category", "own"),
            ("entry", "203.0.113.7"),
            ("line", "3"),
            ("hit", "address"),
            ("count", "1"),
        ],
    )
    .with("first_seen", time(seconds))
    .unwrap()
    .with("last_seen", time(seconds))
    .unwrap()
    .with("list_sha256", Value::hex(Hash::of(&[b"203.0.113.7\n"])))
    .unwrap()
}

pub(crate) fn heartbeat(seconds: i64) -> Entry {
    entry(
        Kind::Heartbeat,
        seconds,
        &[
            ("awake_ms", "600000"),
            ("suspended_ms", "300000"),
            ("polls", "598"),
            ("watched_ms", "590000"),
            ("denied_ms", "10000"),
            ("connections", "41"),
        ],
    )
}

pub(crate) fn mark(seconds: i64, text: &str) -> Entry {
    entry(Kind::Mark, seconds, &[("text", text)])
}

/// An empty log with fixed keys.
pub(crate) fn new_log(seed: u64) -> TestLog {
    new_log_in(RedbStore::in_memory().unwrap(), seed)
}

pub(crate) fn new_log_in<S: Store>(store: S, seed: u64) -> TestLog<S> {
    new_log_with(store, seed, Keys::default())
}

pub(crate) fn new_log_with<S: Store>(store: S, seed: u64, keys: Keys) -> TestLog<S> {
    Log::create(store, keys, Fixed::new(seed << 32), moment(0)).unwrap()
}

/// A short watch in one epoch: 10 entries.
pub(crate) fn short(seed: u64) -> TestLog {
    let mut log = new_log(seed);
    for entry in [
        started(1, "live"),
        packages(2),
        opened(Kind::Opened, 3, 1, 2),
        alert(4, 1, 2),
        opened(Kind::Changed, 5, 1, 2),
        mark(6, "SIM in \u{1b}[31m \\ \u{202e}"),
        heartbeat(900),
        opened(Kind::Closed, 901, 1, 2),
        entry(Kind::Stopped, 902, &[("polls", "902"), ("matches", "1")]),
    ] {
        log.append(&entry).unwrap();
    }
    log.commit().unwrap();
    log
}

/// A watch over three epochs and two sessions: 16 entries, boundaries of 5 and 11.
pub(crate) fn epochs(seed: u64) -> TestLog {
    epochs_with(seed, Keys::default())
}

pub(crate) fn epochs_with(seed: u64, keys: Keys) -> TestLog {
    let mut log = new_log_with(RedbStore::in_memory().unwrap(), seed, keys);
    log.append(&started(1, "live")).unwrap();
    log.append(&packages(2)).unwrap();
    log.append(&opened(Kind::Opened, 3, 1, 2)).unwrap();
    log.rotate(moment(86_400), EpochReason::Day).unwrap();
    for second in 0..4 {
        log.append(&heartbeat(86_401 + second)).unwrap();
    }
    log.append(&alert(86_410, 1, 2)).unwrap();
    log.rotate(moment(90_000), EpochReason::Boot).unwrap();
    log.append(&entry(
        Kind::Gap,
        90_001,
        &[("reason", "not-running"), ("detail", "switched off")],
    ))
    .unwrap();
    log.append(&started(90_002, "live")).unwrap();
    log.append(&packages(90_003)).unwrap();
    log.append(&opened(Kind::Opened, 90_004, 1, 13)).unwrap();
    log.append(&alert(90_005, 1, 13)).unwrap();
    log.commit().unwrap();
    log
}

pub(crate) fn witness(name: &str, seed: u8) -> SigningKey {
    SigningKey::new(name, KeyType::Cosignature, &Seed::new([seed; 32])).unwrap()
}

/// The log's latest checkpoint.
pub(crate) fn latest<S: Store>(log: &TestLog<S>) -> Note {
    log.store()
        .snapshot()
        .unwrap()
        .latest_checkpoint()
        .unwrap()
        .unwrap()
}

/// What a sharer discloses by default: all but this side's addresses, and of owners one UID.
pub(crate) fn usual(kind: Kind, name: &str, value: &str) -> bool {
    match (kind, name) {
        (_, "local") => false,
        (Kind::Packages, name) if name.starts_with("owner.") => value.starts_with("10012 "),
        _ => true,
    }
}

pub(crate) fn everything(_: Kind, _: &str, _: &str) -> bool {
    true
}

pub(crate) fn sparse<S: Store>(log: &TestLog<S>, kinds: &[Kind]) -> String {
    let snapshot = log.store().snapshot().unwrap();
    let indices = find(&snapshot, |_, row| kinds.contains(&row.kind)).unwrap();
    let mut out = Vec::new();
    export_sparse(&snapshot, &indices, &usual, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

pub(crate) fn full<S: Store>(log: &TestLog<S>) -> String {
    let mut out = Vec::new();
    let snapshot = log.store().snapshot().unwrap();
    export_full(&snapshot, |_, _| true, &everything, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// As [`full`], with this side's addresses, marks and heartbeats withheld.
pub(crate) fn full_redacted<S: Store>(log: &TestLog<S>) -> String {
    let mut out = Vec::new();
    let snapshot = log.store().snapshot().unwrap();
    export_full(
        &snapshot,
        |_, row| !matches!(row.kind, Kind::Mark | Kind::Heartbeat),
        &usual,
        &mut out,
    )
    .unwrap();
    String::from_utf8(out).unwrap()
}

pub(crate) fn options() -> Options {
    Options::at(NOW)
}

pub(crate) fn check(bundle: &str) -> Result<Report, Error> {
    portlog_journal::verify(bundle.as_bytes(), &options())
}

/// What becomes of a bundle, in the words of `expected.txt`.
pub(crate) fn verdict(bundle: &[u8], options: &Options) -> String {
    if portlog_journal::verify::is_fork(bundle) {
        return match portlog_journal::verify::fork(bundle, options) {
            Ok(report) => {
                let (one, other) = (report.smaller.checkpoint(), report.larger.checkpoint());
                format!("ok fork {} and {}", one.size, other.size)
            }
            Err(error) => match error.fault() {
                Some(fault) => fault.to_string(),
                None => panic!("{error}"),
            },
        };
    }
    match portlog_journal::verify(bundle, options) {
        Ok(report) => format!(
            "ok {} {} of {}{}",
            report.level(),
            report.shown,
            report.size(),
            if report.obtained.observed() == Observed::NotLive {
                " not-live"
            } else {
                ""
            }
        ),
        Err(error) => match error.fault() {
            Some(fault) => fault.to_string(),
            None => panic!("{error}"),
        },
    }
}

/// The bundle with its `end` line made anew over what is there now.
pub(crate) fn resealed(bundle: &str) -> String {
    let (body, _) = bundle.rsplit_once("\nend ").unwrap();
    let mut out = body.to_owned();
    portlog_journal::bundle::seal(&mut out);
    out
}
