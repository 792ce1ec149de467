//! What could be looked at, and what could not: an unread table is never an empty one.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Table;

/// Where rows come from, in the sense of how they were obtained.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Provenance {
    /// From the kernel that runs here, now.
    Live,
    /// From the kernel that runs here, read by a process of the shell's UID and handed over.
    Helper,
    /// From another machine's kernel, read over adb.
    Adb,
    /// From a report that another program made.
    Import,
    /// From a captured tree.
    Replay,
    /// From a tree that a program invented.
    Simulated,
}

impl Provenance {
    /// The word used in outputs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Helper => "helper",
            Self::Adb => "adb",
            Self::Import => "import",
            Self::Replay => "replay",
            Self::Simulated => "simulated",
        }
    }

    /// Whether rows were observed on a running kernel at the time they carry.
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Live | Self::Helper | Self::Adb)
    }
}

impl fmt::Display for Provenance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The interface that a piece of coverage speaks of.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SourceKind {
    /// Text files below `/proc/net`.
    Procfs,
    /// Netlink `sock_diag`.
    Diag,
    /// A process of the shell's UID, which reads `/proc/net` for an app that may not.
    Helper,
    /// A phone's shell, over adb.
    Adb,
    /// A report that another program made.
    Import,
    /// A package or account list.
    Packages,
    /// Answers of the DNS, tapped on this machine or pinned elsewhere.
    Tap,
}

impl SourceKind {
    /// The word used in outputs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Procfs => "procfs",
            Self::Diag => "diag",
            Self::Helper => "helper",
            Self::Adb => "adb",
            Self::Import => "import",
            Self::Packages => "packages",
            Self::Tap => "tap",
        }
    }
}

impl fmt::Display for SourceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What is covered, or not.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CoverageItem {
    /// A socket table.
    Table(Table),
    /// The list of packages (Android) or accounts (plain Linux).
    Packages,
    /// Names for addresses.
    Names,
}

impl CoverageItem {
    /// The word used in outputs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Table(table) => table.as_str(),
            Self::Packages => "packages",
            Self::Names => "names",
        }
    }
}

impl fmt::Display for CoverageItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Whether it could be looked at.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CoverageStatus {
    /// It was read.
    Readable,
    /// The kernel refused.
    Denied,
    /// This kernel or tree does not have it.
    Absent,
    /// It was read, and what must be in it is not.
    Untrusted,
}

impl CoverageStatus {
    /// The word used in outputs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Readable => "readable",
            Self::Denied => "denied",
            Self::Absent => "absent",
            Self::Untrusted => "untrusted",
        }
    }
}

impl fmt::Display for CoverageStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What else there is to say about a piece of coverage. Words for people are in portlog-words.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum CoverageDetail {
    /// The system call's error number.
    Errno(i32),
    /// sock_diag could not give this table (error number, where it gave one); procfs was read.
    FellBackToProcfs(Option<i32>),
    /// The agent's own socket could not be opened here, so the table cannot be checked.
    NotCheckable,
    /// The agent's own socket is not in the table.
    OwnSocketMissing,
    /// Only rows of the agent's own UID are in it while other UIDs' byte counters moved.
    OnlyOwnRows,
    /// The table was cut off at this many bytes.
    Truncated(u64),
    /// Rows that could not be parsed: the first one's line, from 1.
    FirstBadLine(u32),
    /// Rows that are not followed, because more connections are open than are kept.
    NotTracked(u32),
    /// Datagram sockets without a peer: whom they talk to is in no table.
    WithoutPeer(u32),
    /// The kernel's destroy events overflowed this many times; short connections may be missing.
    EventsLost(u64),
    /// Destroy events are not available (error number): connections shorter than the interval
    /// may be missing.
    NoDestroyEvents(Option<i32>),
    /// Entries of the list that could not be parsed.
    BadEntries(u32),
    /// The list is too short to conclude anything from an absence.
    ImplausiblyShort(u32),
    /// No list was given, and none is needed on this platform.
    NotGiven,
    /// The DNS tap is off: which names are asked for is not seen.
    TapOff,
    /// The DNS tap runs, and none of the resolvers behind it answers.
    TapWithoutResolver,
    /// Another VPN is active, so that the DNS tap cannot run.
    OtherVpn,
    /// The tap forwards questions in clear text.
    ClearText,
    /// Private DNS is set to a provider by name: what is asked through it bypasses the tap.
    StrictPrivateDns,
    /// The system does not tell the tap who asks.
    AskersUnknown,
    /// Open sockets towards resolvers that are known to be asked past the tap (DoH, HTTPDNS).
    KnownResolvers(u32),
    /// Open sockets towards ports 53 and 853 of others than the tap.
    ForeignResolvers(u32),
    /// Open sockets towards addresses that another VPN makes up.
    FakeAddresses(u32),
    /// Pinned answers in force.
    Pinned {
        /// Names of addresses, one for each name and address.
        names: u32,
        /// The age of the oldest, in whole days.
        days: u32,
    },
    /// Pinned answers that are too old and not used.
    PinnedExpired(u32),
    /// Names, and questions for names, that found no room.
    NamesLost(u64),
}

/// What one table (or list) gave at the latest look.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Coverage {
    /// What it is about.
    pub item: CoverageItem,
    /// The interface finally used.
    pub source: SourceKind,
    /// Whether it could be looked at.
    pub status: CoverageStatus,
    /// Good rows or entries, doubles dropped.
    pub rows: u64,
    /// Rows or entries that could not be parsed.
    pub bad_rows: u64,
    /// What else there is to say, in order.
    pub details: Vec<CoverageDetail>,
}

impl Coverage {
    /// Coverage of something that was read whole.
    pub const fn readable(item: CoverageItem, source: SourceKind, rows: u64) -> Self {
        Self {
            item,
            source,
            status: CoverageStatus::Readable,
            rows,
            bad_rows: 0,
            details: Vec::new(),
        }
    }
}

/// How many of the socket tables could be looked at, at the latest look.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct CoverageCounts {
    /// Tables that were read.
    pub readable: u32,
    /// Tables that the kernel refused.
    pub denied: u32,
    /// Tables that this kernel does not have.
    pub absent: u32,
    /// Tables that were read, and what must be in them is not.
    pub untrusted: u32,
}

impl CoverageCounts {
    /// Counts the socket tables in `coverage`; lists and names are no tables.
    pub fn of<'a>(coverage: impl IntoIterator<Item = &'a Coverage>) -> Self {
        let mut counts = Self::default();
        for coverage in coverage {
            if !matches!(coverage.item, CoverageItem::Table(_)) {
                continue;
            }
            let count = match coverage.status {
                CoverageStatus::Readable => &mut counts.readable,
                CoverageStatus::Denied => &mut counts.denied,
                CoverageStatus::Absent => &mut counts.absent,
                CoverageStatus::Untrusted => &mut counts.untrusted,
            };
            *count = count.saturating_add(1);
        }
        counts
    }

    /// Tables of this kernel, whether they can be looked at or not.
    pub const fn present(self) -> u32 {
        self.readable
            .saturating_add(self.denied)
            .saturating_add(self.untrusted)
    }

    /// Tables of this kernel of which it cannot be said what is in them.
    pub const fn unseen(self) -> u32 {
        self.denied.saturating_add(self.untrusted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_counted_by_status_and_lists_are_not() {
        let with = |item, status| Coverage {
            status,
            ..Coverage::readable(item, SourceKind::Procfs, 0)
        };
        let coverage = [
            with(CoverageItem::Table(Table::Tcp), CoverageStatus::Readable),
            with(CoverageItem::Table(Table::Tcp6), CoverageStatus::Readable),
            with(CoverageItem::Table(Table::Udp), CoverageStatus::Denied),
            with(CoverageItem::Table(Table::Udp6), CoverageStatus::Untrusted),
            with(CoverageItem::Table(Table::Icmp), CoverageStatus::Absent),
            with(CoverageItem::Packages, CoverageStatus::Denied),
            with(CoverageItem::Names, CoverageStatus::Absent),
        ];
        let counts = CoverageCounts::of(&coverage);
        assert_eq!(
            counts,
            CoverageCounts {
                readable: 2,
                denied: 1,
                absent: 1,
                untrusted: 1,
            }
        );
        assert_eq!((counts.present(), counts.unseen()), (4, 2));
    }
}
