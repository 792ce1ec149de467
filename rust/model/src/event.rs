//! What the engine tells: the one stream that every front end and the journal read.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

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
    /// Whether many names were seen to have the peer's address: it says little which was meant.
    pub shared_address: bool,
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
    /// The name that the owner asked for, where that alone is claimed; then `observed` is `None`.
    pub asked: Option<Arc<str>>,
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
    /// How many connections so far; where a name alone is claimed, how many times it was asked for.
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
    /// The process that watches ended, and the system told why.
    Died(DeathReason),
    /// Rows come from elsewhere, and from there nothing came.
    Unreachable(Unreachable),
}

/// Why nothing came from a phone over adb, or from a helper.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unreachable {
    /// The connection ended: the cable, the network, or debugging was switched off.
    Disconnected,
    /// The phone does not, or no longer, trust this computer.
    Unauthorized,
    /// It is connected and does not answer.
    Silent,
    /// The helper ended.
    HelperEnded,
}

impl Unreachable {
    /// Every reason.
    pub const ALL: [Self; 4] = [
        Self::Disconnected,
        Self::Unauthorized,
        Self::Silent,
        Self::HelperEnded,
    ];

    /// The word used in outputs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Disconnected => "disconnected",
            Self::Unauthorized => "unauthorized",
            Self::Silent => "silent",
            Self::HelperEnded => "helper-ended",
        }
    }

    /// The reason that [`Self::as_str`] calls so.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == word)
    }
}

/// Why the system says that the app's process ended.
///
/// The names are those of Android's `ApplicationExitInfo` (API 30 and later), and [`Self::Reboot`],
/// which a changed boot id tells.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum DeathReason {
    /// `REASON_USER_REQUESTED`: force stop, or removed from the recent apps.
    UserRequested,
    /// `REASON_USER_STOPPED`: the Android user that it ran for was stopped.
    UserStopped,
    /// `REASON_LOW_MEMORY`.
    LowMemory,
    /// `REASON_CRASH`: an uncaught exception.
    Crash,
    /// `REASON_CRASH_NATIVE`: a fault in native code.
    NativeCrash,
    /// `REASON_ANR`: the app did not respond in time.
    Anr,
    /// `REASON_SIGNALED`: a signal, from whom is not told.
    Signaled,
    /// `REASON_EXIT_SELF`: it ended itself.
    ExitSelf,
    /// `REASON_INITIALIZATION_FAILURE`: it did not get to start.
    InitializationFailure,
    /// `REASON_PERMISSION_CHANGE`: a permission was taken away.
    PermissionChange,
    /// `REASON_EXCESSIVE_RESOURCE_USAGE`.
    ExcessiveUse,
    /// `REASON_DEPENDENCY_DIED`: a process that it relied on ended.
    DependencyDied,
    /// `REASON_FREEZER`: the system had frozen it and could not go on so.
    Freezer,
    /// `REASON_PACKAGE_STATE_CHANGE`: the app, or a part of it, was disabled.
    PackageDisabled,
    /// `REASON_PACKAGE_UPDATED`.
    PackageUpdated,
    /// The phone was switched off or restarted.
    Reboot,
    /// `REASON_OTHER`: a reason of the system's own that it does not name.
    Other,
    /// `REASON_UNKNOWN`, or a number that is not known here.
    Unknown,
}

impl DeathReason {
    /// Every reason.
    pub const ALL: [Self; 18] = [
        Self::UserRequested,
        Self::UserStopped,
        Self::LowMemory,
        Self::Crash,
        Self::NativeCrash,
        Self::Anr,
        Self::Signaled,
        Self::ExitSelf,
        Self::InitializationFailure,
        Self::PermissionChange,
        Self::ExcessiveUse,
        Self::DependencyDied,
        Self::Freezer,
        Self::PackageDisabled,
        Self::PackageUpdated,
        Self::Reboot,
        Self::Other,
        Self::Unknown,
    ];

    /// The reason behind `ApplicationExitInfo.getReason()`; a number that this table does not have
    /// is [`Self::Unknown`].
    pub const fn from_exit_info(reason: i32) -> Self {
        match reason {
            1 => Self::ExitSelf,
            2 => Self::Signaled,
            3 => Self::LowMemory,
            4 => Self::Crash,
            5 => Self::NativeCrash,
            6 => Self::Anr,
            7 => Self::InitializationFailure,
            8 => Self::PermissionChange,
            9 => Self::ExcessiveUse,
            10 => Self::UserRequested,
            11 => Self::UserStopped,
            12 => Self::DependencyDied,
            13 => Self::Other,
            14 => Self::Freezer,
            15 => Self::PackageDisabled,
            16 => Self::PackageUpdated,
            _ => Self::Unknown,
        }
    }

    /// The word used in outputs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UserRequested => "user-requested",
            Self::UserStopped => "user-stopped",
            Self::LowMemory => "low-memory",
            Self::Crash => "crash",
            Self::NativeCrash => "native-crash",
            Self::Anr => "anr",
            Self::Signaled => "signaled",
            Self::ExitSelf => "exit-self",
            Self::InitializationFailure => "initialization-failure",
            Self::PermissionChange => "permission-change",
            Self::ExcessiveUse => "excessive-use",
            Self::DependencyDied => "dependency-died",
            Self::Freezer => "freezer",
            Self::PackageDisabled => "package-disabled",
            Self::PackageUpdated => "package-updated",
            Self::Reboot => "reboot",
            Self::Other => "other",
            Self::Unknown => "unknown",
        }
    }

    /// The reason that [`Self::as_str`] calls so.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == word)
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_of_death_have_words_of_their_own_that_lead_back() {
        for reason in DeathReason::ALL {
            assert_eq!(DeathReason::from_word(reason.as_str()), Some(reason));
        }
        assert_eq!(DeathReason::from_word("boredom"), None);
        for reason in Unreachable::ALL {
            assert_eq!(Unreachable::from_word(reason.as_str()), Some(reason));
        }
        assert_eq!(Unreachable::from_word("shy"), None);
    }

    #[test]
    fn numbers_of_the_system_become_reasons_and_new_ones_stay_unknown() {
        assert_eq!(DeathReason::from_exit_info(3), DeathReason::LowMemory);
        assert_eq!(DeathReason::from_exit_info(10), DeathReason::UserRequested);
        assert_eq!(DeathReason::from_exit_info(11), DeathReason::UserStopped);
        assert_eq!(DeathReason::from_exit_info(16), DeathReason::PackageUpdated);
        for reason in [i32::MIN, -1, 0, 17, i32::MAX] {
            assert_eq!(DeathReason::from_exit_info(reason), DeathReason::Unknown);
        }
    }
}
