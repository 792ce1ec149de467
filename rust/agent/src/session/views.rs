//! What a front end is shown: flat values, already in words where people read them.
//!
//! A screen or a notification renders these and decides nothing: order, choice, counts and
//! sentences are settled here. Times are milliseconds since 1970 (UTC). Every struct is one record
//! of the bridge, with the fields in the same order.

use portlog_model::{
    Category, CoverageStatus, Direction, Firmware, Level, OwnerKind, Protocol, SocketState,
};

/// Where a session stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SessionState {
    /// It was opened or stopped; nobody looks.
    Stopped,
    /// It was started and has not looked yet.
    Starting,
    /// It looks, and may read the tables that this system has.
    Watching,
    /// It looks, and may not read the tables.
    Denied,
    /// The watch ended by itself; the text says why.
    Failed,
}

/// What the watch screen shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Board {
    /// Numbers the state of everything shown; the same number means that nothing changed.
    pub generation: u64,
    /// Where the session stands.
    pub state: SessionState,
    /// The same in a sentence, with what to do where something is wrong.
    pub state_text: String,
    /// What was looked at, in a sentence that claims no more.
    pub watched_text: String,
    /// That rows were not observed on a running kernel; empty where they were.
    pub not_live_text: String,
    /// What could be looked at, each in a sentence.
    pub coverage: Vec<CoverageLine>,
    /// The connections asked for, in the order asked for.
    pub connections: Vec<ConnectionLine>,
    /// How many there are of the asked-for kind; more than the lines where a limit was given.
    pub matching: u64,
    /// How many there are in all.
    pub total: u64,
}

/// One piece of coverage.
#[derive(Clone, Debug, PartialEq)]
pub struct CoverageLine {
    /// `tcp`, `udp6`, `packages`, `names` and so on.
    pub item: String,
    /// What could be read of it.
    pub status: CoverageStatus,
    /// In a sentence.
    pub text: String,
}

/// One connection or listener in a list.
#[derive(Clone, Debug, PartialEq)]
pub struct ConnectionLine {
    /// Its number, for as long as the watch runs.
    pub id: u64,
    /// Its protocol.
    pub protocol: Protocol,
    /// Its local end, `ADDRESS:PORT`.
    pub local: String,
    /// Its remote end, `ADDRESS:PORT`.
    pub remote: String,
    /// Its latest state.
    pub state: SocketState,
    /// Who began it.
    pub direction: Direction,
    /// Whether it waits for others.
    pub listener: bool,
    /// Whether it belongs to a practice alert.
    pub practice: bool,
    /// Whose it is.
    pub owner: OwnerLine,
    /// The strongest that a list says of it; `None` where none speaks of it.
    pub level: Option<Level>,
    /// Host names known for the remote address.
    pub names: Vec<String>,
    /// When it was first seen.
    pub first_seen: i64,
    /// When it was found gone, for a connection that has just ended.
    pub closed_at: Option<i64>,
    /// What it did, in one sentence.
    pub text: String,
}

/// An owner in a list.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnerLine {
    /// Names it across runs; opaque.
    pub key: String,
    /// Its UID; `None` where the kernel named none.
    pub uid: Option<u32>,
    /// Its Android user; `None` on other systems and where the UID is not known.
    pub user: Option<u32>,
    /// What it is called.
    pub name: String,
    /// What sort it is.
    pub kind: OwnerKind,
    /// Whether it comes with the phone.
    pub firmware: Firmware,
    /// The same two in words.
    pub kind_text: String,
    /// Its packages, all of them.
    pub packages: Vec<String>,
}

/// Which connections a board shall show.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BoardQuery {
    /// Only what contains this text (name, package, address, port, program); empty for all.
    pub text: String,
    /// Whose.
    pub owners: OwnerChoice,
    /// Only what a list of category own or threat speaks of.
    pub alerts_only: bool,
    /// Only this protocol.
    pub protocol: Option<Protocol>,
    /// Whether listeners are shown.
    pub listeners: ListenerChoice,
    /// Only this owner's.
    pub owner_key: Option<String>,
    /// In which order.
    pub sort: Sort,
    /// At most so many lines; 0 for no limit beyond the session's own.
    pub limit: u32,
}

/// Whose connections are shown.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum OwnerChoice {
    /// Everyone's.
    #[default]
    All,
    /// Those of owners that come with the phone, are preloaded, mixed or unknown.
    Firmware,
    /// Those of apps that the user installed.
    Apps,
}

/// Whether listeners are shown.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum ListenerChoice {
    /// With the connections.
    #[default]
    Shown,
    /// Not.
    Hidden,
    /// Nothing else.
    Only,
}

/// The order of a board.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Sort {
    /// What a list speaks of, then firmware, then unknown, then apps; newest first in each.
    #[default]
    FirmwareFirst,
    /// Newest first.
    Newest,
    /// By owner's name.
    Owner,
    /// By remote address.
    Remote,
}

/// One claim that was raised or noted: what a notification and the alerts screen show.
#[derive(Clone, Debug, PartialEq)]
pub struct AlertView {
    /// Names the claim (owner, list, entry, remote) across runs; opaque. A raised-again alert has
    /// the same.
    pub key: String,
    /// How sure.
    pub level: Level,
    /// Whether it is to sound.
    pub sounds: bool,
    /// Whether it is a practice alert.
    pub practice: bool,
    /// Whether it is muted now.
    pub muted: bool,
    /// A title of a few words: who.
    pub title: String,
    /// What is claimed, in one sentence.
    pub text: String,
    /// The body of a notification: the claim, the list and entry, how sure, how often.
    pub body: String,
    /// What a lock screen may show.
    pub public_text: String,
    /// Whose.
    pub owner: OwnerLine,
    /// `ADDRESS:PORT`; empty where none belongs to it.
    pub remote: String,
    /// The list's name; empty where no list speaks.
    pub list: String,
    /// The entry as it stands in the list.
    pub entry: String,
    /// The list's category.
    pub category: Option<Category>,
    /// What makes it weaker, each in a sentence.
    pub weakened: Vec<String>,
    /// What else could explain it.
    pub explanations: Vec<String>,
    /// What can be done now.
    pub advice: Vec<String>,
    /// Who else could it be, where the owner is unknown.
    pub candidates: Vec<String>,
    /// When it was first seen.
    pub first_seen: i64,
    /// When it was last seen.
    pub last_seen: i64,
    /// How many connections.
    pub count: u64,
    /// How many other alerts this one stands for.
    pub bundled: u32,
    /// The connection's number, where it is still on the board.
    pub connection: Option<u64>,
}

/// Something that happened, as the service and the log screen are told.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// Numbers what is kept in the history, from 1; 0 for what is not kept.
    pub sequence: u64,
    /// When.
    pub at: i64,
    /// What sort.
    pub kind: ToldKind,
    /// In one sentence.
    pub text: String,
    /// Whose, where it is somebody's.
    pub owner_key: Option<String>,
    /// The connection that opened, changed or closed.
    pub connection: Option<ConnectionLine>,
    /// What was raised or noted.
    pub alert: Option<AlertView>,
}

/// What sort of thing happened.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum ToldKind {
    /// The watch began.
    Started,
    /// A connection or listener appeared.
    Opened,
    /// A connection came into another state.
    Changed,
    /// A connection is gone.
    Closed,
    /// A match or possible match was raised.
    Alert,
    /// Something was noted.
    Noted,
    /// The day's noted things in one line; at most once a day.
    NotedSummary,
    /// What could be looked at changed.
    Coverage,
    /// A list came into force.
    List,
    /// A package list came into force.
    Packages,
    /// The clock jumped.
    Clock,
    /// A heartbeat.
    Heartbeat,
    /// A setting changed, or was not saved.
    Config,
    /// Events were lost.
    Drop,
    /// Nobody looked for a while; the text says why.
    Gap,
    /// A link of a practice alert passed or failed.
    Practice,
    /// Something the system told about this app (a death, a start that did not happen).
    System,
    /// The watch ended.
    Stopped,
}

/// Which part of the history is asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HistoryQuery {
    /// Only these kinds; empty for all.
    pub kinds: Vec<ToldKind>,
    /// Only what contains this text.
    pub text: String,
    /// Only this owner's.
    pub owner_key: Option<String>,
    /// Only what is older than this sequence number; 0 for the newest.
    pub before: u64,
    /// At most so many; at most 500 are given.
    pub limit: u32,
}

/// A page of the history, newest first.
#[derive(Clone, Debug, PartialEq)]
pub struct HistoryPage {
    /// The records.
    pub records: Vec<Told>,
    /// How many records match in all.
    pub matching: u64,
    /// How many are kept in all.
    pub kept: u64,
    /// When the oldest kept one was; `None` where none is kept.
    pub since: Option<i64>,
}

/// Everything about one owner.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnerDetails {
    /// Who.
    pub owner: OwnerLine,
    /// Why it is said to be that, its roles, and whether it comes with the phone, in sentences.
    pub sentences: Vec<String>,
    /// Its packages, with what the package list tells.
    pub packages: Vec<PackageLine>,
    /// Where it was seen to connect, most recent first, bounded.
    pub destinations: Vec<Destination>,
    /// What is open now.
    pub connections: Vec<ConnectionLine>,
    /// When the first of its connections that are kept was seen to open, in milliseconds since
    /// 1970; `None` where none is kept.
    pub first_seen: Option<i64>,
    /// The same of the latest.
    pub last_seen: Option<i64>,
    /// Bytes received and sent since they are counted; `None` where nobody counts.
    pub bytes: Option<(u64, u64)>,
    /// The last 24 hours by hour, oldest first.
    pub timeline: Vec<TimelineHour>,
    /// The same in words.
    pub timeline_text: String,
    /// Whether this owner is muted.
    pub muted: bool,
}

/// A package of an owner.
#[derive(Clone, Debug, PartialEq)]
pub struct PackageLine {
    /// Its name.
    pub name: String,
    /// Its label; chosen by the app; empty where not told.
    pub label: String,
    /// Its version; empty where not told.
    pub version: String,
    /// Where it lies (and lay when the phone was made), in words.
    pub place: String,
    /// The SHA-256 of its signing certificate; empty where not told.
    pub signer: String,
    /// What installed it, in words.
    pub installer: String,
    /// When it was installed first.
    pub first_install: Option<i64>,
}

/// Where an owner was seen to connect.
#[derive(Clone, Debug, PartialEq)]
pub struct Destination {
    /// `ADDRESS:PORT`.
    pub remote: String,
    /// The protocol.
    pub protocol: Protocol,
    /// When it was first seen.
    pub first_seen: i64,
    /// When it was last seen.
    pub last_seen: i64,
    /// How many connections.
    pub count: u64,
    /// The strongest that a list said of it.
    pub level: Option<Level>,
}

/// One hour of a timeline.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TimelineHour {
    /// When it began.
    pub start: i64,
    /// Connections that opened in it.
    pub opened: u32,
    /// Alerts in it.
    pub alerts: u32,
    /// How much of it was watched, in percent.
    pub watched_percent: u8,
}

/// Everything about one connection.
#[derive(Clone, Debug, PartialEq)]
pub struct ConnectionDetails {
    /// The connection.
    pub line: ConnectionLine,
    /// What it did, between which looks it opened and closed, and why its owner is said to be that.
    pub sentences: Vec<String>,
    /// What lists say of it.
    pub matches: Vec<MatchLine>,
    /// What is kept of it, newest first.
    pub history: Vec<Told>,
}

/// What one entry of a list says of a connection.
#[derive(Clone, Debug, PartialEq)]
pub struct MatchLine {
    /// How sure.
    pub level: Level,
    /// The list's name.
    pub list: String,
    /// Its category.
    pub category: Category,
    /// The entry as it stands in the list.
    pub entry: String,
    /// The entry's line.
    pub line: u64,
    /// The list's date; `None` where not known.
    pub list_date: Option<i64>,
    /// The list's SHA-256, in hexadecimal.
    pub list_sha256: String,
    /// What makes it weaker, each in a sentence.
    pub weakened: Vec<String>,
}

/// A list on the shelf.
#[derive(Clone, Debug, PartialEq)]
pub struct ListLine {
    /// Names it; never given twice.
    pub id: u32,
    /// Its name.
    pub name: String,
    /// Its category.
    pub category: Category,
    /// Whether it is in force.
    pub enabled: bool,
    /// Its rules.
    pub rules: u64,
    /// How many lines could not be used.
    pub bad_lines: u64,
    /// The first of those, each with its number and reason, at most 100.
    pub bad: Vec<BadLineView>,
    /// Its date; `None` where not known.
    pub date: Option<i64>,
    /// When it was imported.
    pub imported: i64,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
    /// Its age in words, with a warning after 180 days.
    pub age_text: String,
    /// Why it cannot be used at all; empty where it can.
    pub problem: String,
}

/// A line that could not be used.
#[derive(Clone, Debug, PartialEq)]
pub struct BadLineView {
    /// Its number, from 1.
    pub line: u64,
    /// What is wrong, and what to write instead.
    pub reason: String,
}

/// A change of the shelf of lists.
#[derive(Clone, Debug, PartialEq)]
pub enum ListChange {
    /// None: only look.
    Look,
    /// Copies a file onto the shelf and enables it.
    Import {
        /// What to call it.
        name: String,
        /// Its category; the usual one of its format where it is not given.
        category: Option<Category>,
        /// The file; it is copied.
        path: String,
    },
    /// Puts another file in the place of a list; name, category and switch stay.
    Replace {
        /// Which.
        id: u32,
        /// The file; it is copied.
        path: String,
    },
    /// Puts a list in force, or out of it.
    Enable {
        /// Which.
        id: u32,
        /// Whether it shall be in force.
        enabled: bool,
    },
    /// Gives a list another category.
    Categorise {
        /// Which.
        id: u32,
        /// The category.
        category: Category,
    },
    /// Removes a list and its copy.
    Remove {
        /// Which.
        id: u32,
    },
}

/// How a session is going.
#[derive(Clone, Debug, PartialEq)]
pub struct Stats {
    /// As in [`Board`].
    pub generation: u64,
    /// Where the session stands.
    pub state: SessionState,
    /// The same in a sentence.
    pub state_text: String,
    /// When the watch began; `None` while it is stopped.
    pub since: Option<i64>,
    /// The latest look that could read the tables.
    pub last_look: Option<i64>,
    /// Looks since the start.
    pub polls: u64,
    /// Watched, asleep, denied, not running: milliseconds since the history begins.
    pub watched: u64,
    /// See `watched`.
    pub asleep: u64,
    /// See `watched`.
    pub denied: u64,
    /// See `watched`.
    pub stopped: u64,
    /// Connections on the board.
    pub connections: u64,
    /// Matches and possible matches in the history, without practice.
    pub alerts: u64,
    /// Events that were lost.
    pub dropped: u64,
    /// The title of the ongoing notification.
    pub ongoing_title: String,
    /// Its text: what is watched, since when, what cannot be seen.
    pub ongoing_text: String,
    /// What is muted.
    pub mutes: Vec<MuteLine>,
    /// This build's version.
    pub version: String,
}

/// Something that is muted.
#[derive(Clone, Debug, PartialEq)]
pub struct MuteLine {
    /// What to give to take it back.
    pub rule: MuteView,
    /// In words.
    pub text: String,
}

/// What shall be muted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum MuteView {
    /// An owner, by its key.
    Owner(String),
    /// An entry, by its text, in whichever list.
    Entry(String),
    /// A remote address (without port).
    Remote(String),
}

/// One link of the chain that a practice alert tests.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum LinkState {
    /// It was not reached yet.
    Waiting,
    /// It holds.
    Passed,
    /// It failed; the links behind it were not reached.
    Failed,
}

/// How a practice alert is going.
#[derive(Clone, Debug, PartialEq)]
pub struct PracticeReport {
    /// Whether one is under way.
    pub running: bool,
    /// The links, in order: row, owner, list, alert, notification, seen and heard.
    pub links: Vec<PracticeLinkLine>,
    /// When one last passed as a whole.
    pub last_passed: Option<i64>,
}

/// One link, in words.
#[derive(Clone, Debug, PartialEq)]
pub struct PracticeLinkLine {
    /// How it stands.
    pub state: LinkState,
    /// What it is, and where it failed why, and what to do.
    pub text: String,
}

/// A step of a practice alert.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PracticeStep {
    /// None: only look.
    Look,
    /// Begin: opens a connection of our own on the loopback interface.
    Begin,
    /// The notification was shown, or could not be.
    Notified(bool),
    /// The user saw and heard it, or did not.
    Confirmed(bool),
}

/// Something that only the front end can know, for the history.
#[derive(Clone, Debug, PartialEq)]
pub struct Note {
    /// When it happened.
    pub at: i64,
    /// What.
    pub kind: NoteKind,
    /// What the system said about it; empty where nothing.
    pub detail: String,
}

/// What sort of note.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NoteKind {
    /// The system tells why this process died: `ApplicationExitInfo.REASON_*`.
    Death(i32),
    /// The phone booted and the watch was not started then.
    StartMissed,
    /// The watch was started by the system (boot, update) or the user; the detail says which.
    StartedBy,
}
