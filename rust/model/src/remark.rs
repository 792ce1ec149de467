//! What an app's screens say besides claims, coverage and events.

use std::net::IpAddr;
use std::time::Duration;

use crate::{PracticeLink, WallTime};

/// One thing to say about lists, mutes, packages, the history or a practice alert.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Remark<'a> {
    /// How old a list is.
    ListAge {
        /// Since its own date, or else since it was imported.
        age: Duration,
        /// Whether the age is that of its own date.
        dated: bool,
        /// Whether it is so old that a newer one should be looked for.
        old: bool,
    },
    /// Nothing is told about this owner.
    MutedOwner(&'a str),
    /// Nothing is told about this entry, in whichever list.
    MutedEntry(&'a str),
    /// Nothing is told about this address.
    MutedRemote(IpAddr),
    /// Where a package lies.
    PackagePlace(PackagePlace<'a>),
    /// The package that installed another; `None` where the system has recorded none.
    InstalledBy(Option<&'a str>),
    /// What a timeline of 24 hours shows, for those who cannot see it.
    Timeline {
        /// Connections that opened.
        opened: u64,
        /// Alerts.
        alerts: u64,
        /// Hours in which a connection opened.
        hours: u32,
        /// Time in which tables were looked at as promised.
        watched: Duration,
    },
    /// Between which looks a connection opened.
    OpenedBetween {
        /// The last look without it; `None` where it was there at the first look.
        after: Option<WallTime>,
        /// The look that showed it.
        by: WallTime,
    },
    /// Between which looks a connection ended.
    EndedBetween {
        /// The last look that showed it, where there was one.
        after: Option<WallTime>,
        /// The look without it, or when the kernel told of its end.
        by: WallTime,
    },
    /// So many connections like this one opened within the hour.
    InThatHour(u64),
    /// The history was written by a newer version: it is left alone, and nothing is kept.
    HistoryNewer,
    /// The history was damaged: it was put aside, and a new one begun.
    HistorySetAside,
    /// The history cannot be written; what the system said.
    HistoryUnwritten(&'a str),
    /// So many lines of the history could not be read.
    HistoryBadLines(u64),
    /// Mutes, counts and cool-downs were damaged: they were put aside, and begin anew.
    StateSetAside,
    /// The index of the lists was damaged: it was put aside; the lists are there, switched off.
    ShelfSetAside,
    /// The system was not allowed to show the whole list of apps.
    AppsWithheld,
    /// The phone was started, and the watch was not started with it.
    StartMissed,
    /// Who or what started the watch, as the app says; empty where it does not.
    StartedBy(&'a str),
    /// The watch ended by itself, and why.
    Ended(&'a str),
    /// A practice connection was looked for so often and so long.
    LookedFor {
        /// How often the tables were looked at meanwhile.
        looks: u64,
        /// For how long.
        within: Duration,
    },
    /// The practice connection could not be opened; what the system said.
    PracticeUnopened(&'a str),
    /// A practice alert went well, from the first link to the last.
    PracticePassed,
    /// A practice alert failed at this link.
    PracticeFailed(PracticeLink),
}

/// Where a package lies, as far as the package list tells.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PackagePlace<'a> {
    /// It came with the phone, and lies where it lay.
    Firmware {
        /// Where.
        path: Option<&'a str>,
    },
    /// It came with the phone, and an update lies elsewhere.
    Updated {
        /// Where the update lies.
        path: Option<&'a str>,
        /// Where it lay when the phone was made.
        factory: Option<&'a str>,
    },
    /// It was installed later.
    Installed {
        /// Where.
        path: Option<&'a str>,
    },
}
