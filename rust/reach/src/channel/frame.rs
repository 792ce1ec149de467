//! What each side may say. docs/HELPER-CHANNEL.md is this file and `frame_bytes` in words.

use std::sync::Arc;
use std::time::Duration;

use portlog_model::{Moment, Program, SocketRow, Table, Uid, UserId};
use portlog_sockets::counters::UidBytes;
use portlog_sockets::{Destroyed, OwnSocket, TableReport};

/// What the helper says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum FromHelper {
    /// Who it is; first, and only once.
    Hello(Hello),
    /// A look begins: what could be read of each table. Its rows follow.
    LookBegins(Box<LookHead>),
    /// Rows of the look, at most [`FromHelper::ROWS`].
    Rows(Vec<SocketRow>),
    /// Sockets that the kernel destroyed since the look before, at most [`FromHelper::DESTROYED`].
    Destroyed(Vec<Destroyed>),
    /// The look is whole.
    LookEnds {
        /// Its rows in all.
        rows: u32,
        /// Its destroyed sockets in all.
        destroyed: u32,
    },
    /// A part of what the package manager printed.
    Listing(Chunk),
    /// The phone's users, all of them; at most [`FromHelper::USERS`].
    Users(Vec<UserId>),
    /// Byte counters by UID since boot, at most [`FromHelper::COUNTERS`] at a time.
    Counters {
        /// The UIDs of this part.
        rows: Vec<UidBytes>,
        /// Whether it is the last part of the reading.
        last: bool,
    },
    /// Processes that have a UID, of which one has its sockets; at most [`FromHelper::CANDIDATES`].
    Candidates(Vec<UidProcesses>),
    /// Something beside the tables could not be had.
    Trouble(Trouble),
    /// It ends; nothing follows.
    Bye(Bye),
}

/// What the app says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ToHelper {
    /// Its version, as shown to people; first, and only once.
    Hello {
        /// The version.
        version: Arc<str>,
    },
    /// The time from one look to the next, from now on. The helper keeps it within its own bounds.
    Pace(Duration),
    /// End.
    Stop,
}

/// Who the helper is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Hello {
    /// The kernel's id of this boot, as the helper read it.
    pub boot_id: Arc<str>,
    /// The UID that it runs as: 2000 is the shell's, 0 is root.
    pub uid: Uid,
    /// Its process.
    pub pid: u32,
    /// What it was built for, such as `aarch64`.
    pub abi: Arc<str>,
    /// Its version, as shown to people.
    pub version: Arc<str>,
    /// Whether it asks sock_diag.
    pub diag: bool,
    /// When it started.
    pub started: Moment,
}

/// The head of a look.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LookHead {
    /// Its number, from 1, on this channel. Numbers of looks that were dropped are left out.
    pub number: u64,
    /// When the tables were read.
    pub at: Moment,
    /// Time awake since boot (`CLOCK_MONOTONIC`) at that moment.
    pub awake: Duration,
    /// Looks that were dropped on this channel so far, because this side did not read in time.
    pub dropped: u64,
    /// Rows are those of the look before on this channel; none follow.
    pub unchanged: bool,
    /// The sockets of the helper's own: of its self-check, and its end of this channel where that is in
    /// a table. At most [`LookHead::OWN`].
    pub own: Vec<OwnSocket>,
    /// What could be read of each table, in the order of [`Table::ALL`].
    pub reports: [TableReport; Table::ALL.len()],
}

impl LookHead {
    /// The most own sockets: one for each table, and a channel's end.
    pub const OWN: usize = Table::ALL.len() + 1;
}

/// A part of a listing.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Chunk {
    /// Which listing.
    pub of: Listing,
    /// Whether it is the last part of it.
    pub last: bool,
    /// The next bytes of it, at most [`Chunk::MAX`].
    pub bytes: Vec<u8>,
}

impl Chunk {
    /// The most bytes of one part.
    pub const MAX: usize = 32 << 10;
    /// The most bytes of a whole listing; more are refused.
    pub const MAX_LISTING: usize = 4 << 20;
}

/// What the package manager was asked.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Listing {
    /// Every package with its path and UIDs (`list packages -U -f`).
    Packages,
    /// The names of the system's packages, updated ones too (`list packages -s`).
    System,
}

/// Processes of one UID.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UidProcesses {
    /// The UID.
    pub uid: Uid,
    /// Its processes, at most [`UidProcesses::MAX`]: one of them has the UID's sockets.
    pub processes: Vec<Program>,
}

impl UidProcesses {
    /// The most processes that are named.
    pub const MAX: usize = 16;
    /// The most bytes of a process's name.
    pub const NAME: usize = 128;
}

/// Something beside the tables that could not be had.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Trouble {
    /// What.
    pub with: TroubleWith,
    /// Why, in the system's words.
    pub why: Arc<str>,
}

impl Trouble {
    /// The most bytes of the reason.
    pub const WHY: usize = 256;
}

/// What could not be had.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum TroubleWith {
    /// The package list.
    Packages,
    /// The users.
    Users,
    /// The byte counters.
    Counters,
    /// sock_diag, as root.
    Diag,
}

/// Why the helper ends.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Bye {
    /// It was told to.
    Stopped,
    /// The app was updated; it begins anew from the new one.
    Updated,
    /// The app was removed.
    Removed,
    /// It cannot go on.
    Failed,
}

impl FromHelper {
    /// The most rows of a frame.
    pub const ROWS: usize = 1_024;
    /// The most destroyed sockets of a frame.
    pub const DESTROYED: usize = 1_024;
    /// The most users.
    pub const USERS: usize = 256;
    /// The most UIDs of a part of a reading.
    pub const COUNTERS: usize = 2_048;
    /// The most UIDs whose processes are told at once.
    pub const CANDIDATES: usize = 16;
}

impl Hello {
    /// The most bytes of a boot id.
    pub const BOOT_ID: usize = 64;
    /// The most bytes of the name of what it was built for.
    pub const ABI: usize = 32;
    /// The most bytes of a version.
    pub const VERSION: usize = 32;
}
