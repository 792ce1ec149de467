//! The book of names, shared by whoever learns and whoever asks.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use portlog_model::{Moment, Uid, WallTime};
use portlog_names::pinned::{BadLine, Outcome, PinnedFile};
use portlog_names::{Answer, Bounds, NameTable, PINNED_FOR};
use portlog_watch::{KnownName, Names};

/// Milliseconds.
const HOUR: i64 = 3_600_000;
/// Seconds.
const DAY: u64 = 86_400;
/// Questions between two polls that are kept; one for each asker and name.
const MAX_QUESTIONS: usize = 4_096;
/// The most bytes of a name (RFC 1035 §2.3.4, without the dot at its end).
const MAX_NAME: usize = 253;

/// Names for addresses, shared: a clone is the same book.
///
/// The DNS tap teaches it what was asked for and answered; the poll thread asks it for the names of
/// a peer, which allocates nothing but what it returns, and takes the questions that were asked
/// since. Each call locks it shortly.
#[derive(Clone, Debug, Default)]
pub struct NameBook(Arc<Mutex<Book>>);

#[derive(Debug, Default)]
struct Book {
    table: NameTable,
    tap: Arc<TapCoverage>,
    /// Names that were asked for since the latest poll, by those who asked.
    questions: BTreeMap<Uid, BTreeSet<Arc<str>>>,
    pending: usize,
    /// Questions that found no room.
    lost: u64,
    /// Pinned names by the hour (since 1970) in which they were answered.
    pins: BTreeMap<i64, u32>,
}

/// Whether the DNS tap runs.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum TapState {
    /// It does not, or there is none.
    #[default]
    Off,
    /// It runs, and questions are answered.
    On,
    /// It runs, and no resolver behind it answers.
    WithoutResolver,
    /// It cannot run, since another VPN is active.
    OtherVpn,
}

/// What the tap sees, and what goes past it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct TapCoverage {
    /// Whether it runs.
    pub state: TapState,
    /// Whether it forwards questions in clear text.
    pub clear_text: bool,
    /// Whether Private DNS is set to a provider by name, so that questions bypass it.
    pub strict_private_dns: bool,
    /// Whether the system tells who asks.
    pub tells_askers: bool,
    /// The tap's own servers: what is asked there does not bypass it.
    pub servers: Vec<IpAddr>,
    /// Whose sockets forward questions: they do not bypass it either.
    pub forwarder: Option<Uid>,
}

/// How the book stands, for coverage.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Standing {
    pub(crate) tap: Arc<TapCoverage>,
    pub(crate) addresses: u64,
    pub(crate) pinned: u32,
    pub(crate) pinned_expired: u32,
    /// The age of the oldest pinned name that is in force, in whole days.
    pub(crate) oldest_days: u32,
    pub(crate) lost: u64,
}

/// What became of a file of pinned answers.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Pinned {
    /// Answers that gave a name to an address.
    pub answers: u64,
    /// Answers without an address: the name is not there, or the resolver did not say.
    pub without_address: u64,
    /// Answers that found no room.
    pub no_room: u64,
    /// Lines that cannot be used.
    pub bad: Vec<BadLine>,
}

impl NameBook {
    /// An empty book.
    pub fn new(bounds: Bounds) -> Self {
        Self(Arc::new(Mutex::new(Book {
            table: NameTable::new(bounds),
            ..Book::default()
        })))
    }

    /// Learns an answer of the DNS. Where the asker is known, the next poll looks whether a list
    /// speaks of the name; an answer without addresses is a question as well.
    pub fn learn(&self, answer: &Answer<'_>) {
        let mut book = self.lock();
        book.table.learn(answer);
        if let Some(asker) = answer.asker {
            book.ask(asker, answer.name);
        }
    }

    /// Learns the pinned answers of a file. Of two for one name and address the later one counts.
    pub fn pin(&self, file: &PinnedFile<'_>) -> Pinned {
        let mut told = Pinned::default();
        let mut book = self.lock();
        for read in file.answers() {
            let pinned = match read {
                Ok(pinned) => pinned,
                Err(bad) => {
                    told.bad.push(bad);
                    continue;
                }
            };
            if !matches!(pinned.answer.outcome(), Outcome::Addresses { .. }) {
                told.without_address += 1;
            } else if book.table.pin(&pinned.answer, &pinned.origin) {
                told.answers += 1;
                let hour = pinned.answer.seen().as_millis().div_euclid(HOUR);
                let names = book.pins.entry(hour).or_default();
                *names = names.saturating_add(1);
            } else {
                told.no_room += 1;
            }
        }
        told
    }

    /// Forgets every pinned answer, before others are read.
    pub fn unpin_all(&self) {
        let mut book = self.lock();
        book.table.unpin_all();
        book.pins.clear();
    }

    /// Says how the tap stands.
    pub fn set_tap(&self, tap: TapCoverage) {
        self.lock().tap = Arc::new(tap);
    }

    /// Takes what was asked for since the last call, in order of asker and name.
    pub(crate) fn take_questions(&self, questions: &mut Vec<(Uid, Arc<str>)>) {
        let mut book = self.lock();
        if book.pending == 0 {
            return;
        }
        book.pending = 0;
        for (uid, names) in std::mem::take(&mut book.questions) {
            questions.extend(names.into_iter().map(|name| (uid, name)));
        }
    }

    /// What was said of the tap last.
    pub(crate) fn tap(&self) -> Arc<TapCoverage> {
        Arc::clone(&self.lock().tap)
    }

    /// How it stands at `now`. Allocates nothing.
    pub(crate) fn standing(&self, now: WallTime) -> Standing {
        let book = self.lock();
        let counts = book.table.counts();
        let mut standing = Standing {
            tap: Arc::clone(&book.tap),
            addresses: u64::try_from(book.table.len()).unwrap_or(u64::MAX),
            lost: book
                .lost
                .saturating_add(counts.evicted_names)
                .saturating_add(counts.evicted_addresses)
                .saturating_add(counts.pins_refused),
            pinned: 0,
            pinned_expired: 0,
            oldest_days: 0,
        };
        for (hour, names) in &book.pins {
            let age = now.since(WallTime::from_millis(hour.saturating_mul(HOUR)));
            if age > PINNED_FOR {
                standing.pinned_expired = standing.pinned_expired.saturating_add(*names);
                continue;
            }
            standing.pinned = standing.pinned.saturating_add(*names);
            let days = u32::try_from(age.as_secs() / DAY).unwrap_or(u32::MAX);
            standing.oldest_days = standing.oldest_days.max(days);
        }
        standing
    }

    /// The book, whatever became of who had it last: no entry is ever left half written.
    fn lock(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Book {
    fn ask(&mut self, asker: Uid, name: &str) {
        let name = name.strip_suffix('.').unwrap_or(name).as_bytes();
        let mut lower = [0; MAX_NAME];
        let Some(lower) = lower.get_mut(..name.len()) else {
            return;
        };
        lower.copy_from_slice(name);
        lower.make_ascii_lowercase();
        let is_name = !lower.is_empty() && lower.iter().all(u8::is_ascii_graphic);
        let Ok(name) = str::from_utf8(lower) else {
            return;
        };
        let known = self.questions.get(&asker);
        if !is_name || known.is_some_and(|names| names.contains(name)) {
            return;
        }
        if self.pending >= MAX_QUESTIONS {
            self.lost = self.lost.saturating_add(1);
            return;
        }
        self.pending += 1;
        let names = self.questions.entry(asker).or_default();
        names.insert(Arc::from(name));
    }
}

impl Names for NameBook {
    fn look_up(
        &self,
        address: IpAddr,
        uid: Option<Uid>,
        at: Moment,
        names: &mut Vec<KnownName>,
    ) -> bool {
        self.lock().table.look_up(address, uid, at, names)
    }
}
