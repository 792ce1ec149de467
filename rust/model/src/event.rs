//! What the engine tells: the one stream that every front end and the journal read.

use std::sync::Arc;
use std::time::Duration;

use crate::{
    Category, Connection, Coverage, CoverageItem, Level, Match, Moment, Owner, Platform,
    Provenance, SeenName, Sha256, SocketState, SourceKind, WallTime,
};

/// Something that happened, and when.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// When it was noticed.
    pub at: Moment,
    /// What it is.
    pub kind: EventKind,
}

/// A connection with all that is known about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Observed {
    /// The connection.
    pub connection: Connection,
    /// Who has it.
    pub owner: Arc<Owner>,
    /// Names for its peer.
    pub names: Vec<SeenName>,
    /// List entries that speak of its peer.
    pub matches: Vec<Match>,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum EventKind {
    /// The watch begins.
    Started(Started),
    /// A connection was seen for the first time.
    Opened {
        /// The connection.
        observed: Arc<Observed>,
        /// The last good look before; `None` for what was there at the first look.
        after: Option<Moment>,
        /// The look that showed it.
        by: Moment,
    },
    /// A connection's state, owner or inode became another, or known.
    Changed {
        /// The connection as it is now.
        observed: Arc<Observed>,
        /// Its state before.
        was: SocketState,
        /// The last good look before.
        after: Option<Moment>,
        /// The look that showed it.
        by: Moment,
    },
    /// A connection is gone.
    Closed {
        /// The connection as last seen.
        observed: Arc<Observed>,
        /// The last look at which it was there.
        after: Option<Moment>,
        /// The first look at which it was not.
        by: Moment,
    },
    /// A list entry was hit, level match or possible.
    Alert(Arc<Alert>),
    /// Something worth a line in a daily summary.
    Noted(Arc<Alert>, NotedReason),
    /// What can be looked at changed.
    Coverage(Coverage),
    /// A list was loaded.
    List(ListInfo),
    /// The package or account list was loaded.
    Packages(PackagesInfo),
    /// The clock on the wall jumped against the time since boot.
    Clock {
        /// What the clock said at the poll before.
        before: Moment,
        /// By how many milliseconds it jumped; negative where it was set back.
        jump_millis: i64,
    },
    /// The watch is alive, and this is what it did since the last heartbeat.
    Heartbeat(Heartbeat),
    /// Settings in force changed.
    Config {
        /// The setting's name.
        name: Arc<str>,
        /// Its value now.
        value: Arc<str>,
    },
    /// Events that the front end did not fetch in time and that are lost.
    Drop {
        /// How many.
        events: u64,
    },
    /// Nobody looked for a while.
    Gap {
        /// From when.
        from: Option<Moment>,
        /// Why.
        reason: GapReason,
    },
    /// The watch ends.
    Stopped(Stopped),
}

/// The beginning of a watch.
#[derive(Clone, Debug, PartialEq)]
pub struct Started {
    /// The program's version.
    pub version: Arc<str>,
    /// How rows are obtained.
    pub provenance: Provenance,
    /// What a UID means here.
    pub platform: Platform,
    /// The running kernel's boot id, on a live kernel.
    pub boot_id: Option<Arc<str>>,
    /// The source that is asked first.
    pub source: SourceKind,
    /// The shortest time between two polls.
    pub interval: Duration,
    /// Whether every owner is in scope, or only firmware.
    pub scope_all: bool,
    /// A package list given by hand overrides the system's.
    pub packages_overridden: bool,
}

/// A claim about an owner and a peer, with its history.
#[derive(Clone, Debug, PartialEq)]
pub struct Alert {
    /// The connection that raised it last; `None` where a name alone was asked for.
    pub observed: Option<Arc<Observed>>,
    /// The owner that it is about.
    pub owner: Arc<Owner>,
    /// How much is claimed.
    pub level: Level,
    /// The list entry; `None` for a first-seen destination or a new listener.
    pub matched: Option<Match>,
    /// When this owner was first seen with this entry and peer.
    pub first_seen: WallTime,
    /// When it was last seen.
    pub last_seen: WallTime,
    /// How many connections so far.
    pub count: u64,
    /// Whether it is to be heard: a match, not muted, and not beyond the day's limit.
    pub sounds: bool,
    /// How many alerts this one sounds for, itself included, where it bundles those that the day's
    /// limit kept silent; 0 where it stands for itself alone.
    pub bundled: u32,
    /// Where the owner is unknown: owners whose byte counters moved meanwhile, in order of UID.
    pub candidates: Vec<Arc<Owner>>,
    /// What a UID means where this was seen.
    pub platform: Platform,
}

/// Why something is noted.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum NotedReason {
    /// An entry of a category that is only noted, or a claim weakened to it.
    ListEntry,
    /// A firmware owner was never seen with this peer before.
    FirstSeenDestination,
    /// A firmware owner listens where it was not seen to listen before.
    NewListener,
    /// A UID moved this many bytes while no connection of it was seen.
    BytesWithoutConnection(u64),
}

/// A list that was loaded.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ListInfo {
    /// Its name.
    pub name: Arc<str>,
    /// Its category.
    pub category: Category,
    /// Its own date, or else its file's.
    pub date: Option<WallTime>,
    /// Its digest.
    pub sha256: Sha256,
    /// Rules in force.
    pub rules: u64,
    /// Lines that could not be used.
    pub bad_lines: u64,
}

/// The package or account list that was loaded.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PackagesInfo {
    /// Its coverage.
    pub coverage: Coverage,
    /// Packages in it.
    pub packages: u64,
    /// UIDs that have any.
    pub uids: u64,
    /// Its digest, where it came as a file.
    pub sha256: Option<Sha256>,
}

/// What the watch did since its last heartbeat.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Heartbeat {
    /// Time awake.
    pub awake: Duration,
    /// Time asleep: the phone was suspended.
    pub suspended: Duration,
    /// Polls made.
    pub polls: u64,
    /// Time in which tables were looked at as promised: awake, readable, within the interval.
    pub watched: Duration,
    /// Time in which no table could be read.
    pub denied: Duration,
    /// Connections known now.
    pub connections: u64,
}

/// Why nobody looked.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum GapReason {
    /// A fault in the poll thread; it was restarted.
    Fault(Arc<str>),
    /// The machine slept.
    Suspended,
    /// A poll was late by more than the interval allows.
    Late,
    /// A table could not be read for longer than connections are kept.
    Unreadable(CoverageItem),
    /// The watch did not run between the last stop or heartbeat and now.
    NotRunning,
}

/// The end of a watch.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Stopped {
    /// Polls made in all.
    pub polls: u64,
    /// Alerts raised, level match.
    pub matches: u64,
    /// Alerts raised, level possible.
    pub possible: u64,
    /// Events lost in all.
    pub dropped: u64,
}
