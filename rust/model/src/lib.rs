//! The vocabulary of Portlog: what a socket row, an owner, a connection, a claim and an event are.
//!
//! Values only: nothing here reads a file, a clock or the network, so that every room (and every
//! front end) can share these types without sharing anything else. Identifiers are newtypes, and
//! what cannot be (an inode 0, an owner of a row for which the kernel named none) cannot be built.

#![forbid(unsafe_code)]

mod claim;
mod connection;
mod coverage;
mod event;
pub mod fault;
mod list;
mod owner;
mod remark;
mod sentence;
mod socket;
mod time;
mod uid;

pub use claim::{Level, Match, NameSource, SeenName, Weakening};
pub use connection::{Change, Connection, ConnectionId, Direction, Tuple};
pub use coverage::{
    Coverage, CoverageCounts, CoverageDetail, CoverageItem, CoverageStatus, Provenance, SourceKind,
};
pub use event::{
    Alert, DeathReason, Event, EventKind, GapReason, Heartbeat, ListInfo, NotedReason, Observed,
    PackagesInfo, Started, Stopped, Unreachable,
};
pub use list::{Category, HitKind, ListHit, Sha256, UnknownCategory};
pub use owner::{
    Firmware, InvalidPackageName, Owner, OwnerKind, OwnerReason, PackageName, Platform, Program,
    Role, Roles,
};
pub use remark::{PackagePlace, Remark};
pub use sentence::{
    Advice, Daily, Explanation, LinkState, Notice, Ongoing, PracticeLink, Sentence, WatchState,
    Watched, Word,
};
pub use socket::{Cookie, Endpoint, Inode, Protocol, SocketRow, SocketState, Table, UnknownState};
pub use time::{BootTime, Moment, WallTime};
pub use uid::{AppId, Uid, UserId};
