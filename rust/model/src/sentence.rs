//! Everything that is ever said to people. portlog-words puts it into words, in each language.

use std::sync::Arc;
use std::time::Duration;

use crate::{
    Alert, Category, Connection, Coverage, CoverageCounts, CoverageDetail, Direction, EventKind,
    Firmware, GapReason, HitKind, Level, NotedReason, Observed, Owner, OwnerKind, OwnerReason,
    Platform, Protocol, Remark, Role, SocketState, WallTime, Weakening,
};

/// Something to say. Front ends never compose a claim of their own: they ask for one of these.
#[derive(Clone, Copy, Debug)]
pub enum Sentence<'a> {
    /// What an alert claims, in one sentence.
    Alert(&'a Alert),
    /// Who did what by an alert, without the entry, the level and the count.
    Deed(&'a Alert),
    /// What a noted event says.
    Noted(&'a Alert, NotedReason),
    /// What else could explain an alert.
    Explanation(Explanation),
    /// What can be done now.
    Advice(Advice),
    /// Why an owner is said to be what it is.
    OwnerReason(&'a OwnerReason),
    /// What makes a claim weaker.
    Weakening(Weakening),
    /// A piece of coverage.
    Coverage(CoverageDetail),
    /// Whether one table or list can be looked at, in plain words, with its details.
    CoverageOf(&'a Coverage, Platform),
    /// How many of the socket tables can be looked at.
    CoverageSummary(CoverageCounts),
    /// What was looked at, and that finding nothing shows nothing.
    Watched(&'a Watched),
    /// Whether the watch runs, and what to do where it does not.
    State(WatchState),
    /// What a connection did, for its state and direction.
    Connection(&'a Connection),
    /// A connection with its owner and peer, in one line.
    Observed(&'a Observed),
    /// Why nobody looked.
    Gap(&'a GapReason),
    /// One event in one line, as a history shows it.
    Happened(&'a EventKind, Platform),
    /// The title of a notification.
    NoticeTitle(Notice<'a>),
    /// The text of a notification.
    NoticeBody(Notice<'a>),
    /// How one link of the practice alert did, and what to do where it failed.
    Practice(PracticeLink, LinkState),
    /// What a screen says besides: about lists, mutes, packages, the history.
    Remark(Remark<'a>),
    /// The word or words that stand for a value on a screen.
    Word(Word),
    /// That rows were not observed on a running kernel.
    NotObservedLive,
    /// That on this platform "firmware" has no meaning and every owner is in scope.
    NoFirmwareHere,
}

/// What else could explain an alert: one of the ordinary causes.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Explanation {
    /// Something between the phone and the host (captive portal, carrier) may have answered.
    AnsweredInBetween,
    /// The address may serve many hosts.
    SharedAddress,
    /// The list may be out of date, or wrong.
    ListMayBeWrong,
    /// The owner fetches for other apps.
    FetchesForOthers,
    /// The owner goes where its user goes.
    GoesWhereItsUserGoes,
    /// Several packages share the UID.
    SharedUid,
    /// A connected datagram socket need not have sent anything: the C library sorts addresses so.
    DatagramMaySendNothing,
    /// The peer began; the owner may only have been listening.
    PeerBegan,
    /// The kernel did not say who it was.
    OwnerNotTold,
    /// A component may act for an app that asked the system to.
    SystemActsForApps,
    /// A name may be asked for without a connection to follow.
    AskedAhead,
}

/// What can be done now.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Advice {
    /// Keep the watch running and see whether it recurs.
    KeepWatching,
    /// Look up the entry: `portlog list explain`.
    ReadTheEntry,
    /// Capture the traffic with a packet tool to see what is sent.
    CapturePackets,
    /// Switch off the service in question, and see whether it goes on.
    SwitchServiceOff,
    /// Ask the maker, with the signed log.
    AskWithTheLog,
    /// Leave the phone as it is for now: a reset erases what could be looked at.
    DoNotResetYet,
    /// Keep a copy outside the phone.
    KeepACopy,
    /// Whom to ask for help.
    AskForHelp,
}

/// Whether the watch runs.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum WatchState {
    /// It was asked to begin, and has not looked yet.
    Starting,
    /// It looks.
    Running,
    /// It runs, and no socket table of other programs can be read, for a reason that is not known.
    Denied,
    /// It runs, and no socket table of other programs can be read, as this Android lets no app do
    /// so. The helper can.
    Blind,
    /// It does not run.
    Stopped,
}

/// What a watch looked at so far.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Watched {
    /// Whether it still looks.
    pub state: WatchState,
    /// Time in which tables were looked at as promised, in all.
    pub watched: Duration,
    /// System programs (owners at firmware level) of which a socket was seen.
    pub owners: u64,
    /// Different peer addresses that were seen.
    pub destinations: u64,
    /// Lists in force.
    pub lists: u64,
    /// Alerts of level match.
    pub matches: u64,
    /// Alerts of level possible.
    pub possible: u64,
}

/// A notification.
#[derive(Clone, Copy, Debug)]
pub enum Notice<'a> {
    /// An alert: who did what, which list and entry, how sure, how often, what else could explain
    /// it. A practice alert says that it is practice.
    Alert(&'a Alert),
    /// The heading over the alerts about one owner.
    Group {
        /// The owner.
        owner: &'a Owner,
        /// Alerts of level match about it.
        matches: u64,
        /// Alerts of level possible about it.
        possible: u64,
    },
    /// The quiet one that stays while the watch runs.
    Ongoing(Ongoing),
    /// What the lock screen shows in place of an alert: neither owner nor peer.
    LockScreen {
        /// Whether the alert is practice.
        practice: bool,
    },
    /// What was noted in a day.
    Daily(Daily<'a>),
}

/// What the notification of a running watch says.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Ongoing {
    /// Whether the watch looks.
    pub state: WatchState,
    /// Owners of which a socket was seen.
    pub owners: u64,
    /// Since when the watch runs.
    pub since: WallTime,
    /// The socket tables that can be looked at, and those that cannot.
    pub tables: CoverageCounts,
}

/// What was noted in a day, by the reason why it was noted.
#[derive(Clone, Copy, Debug)]
pub struct Daily<'a> {
    /// Entries of lists that are only noted, and weak claims.
    pub entries: u64,
    /// Destinations that were seen for the first time.
    pub destinations: u64,
    /// Listeners that were seen for the first time.
    pub listeners: u64,
    /// Times that bytes moved without a connection being seen.
    pub bytes_alone: u64,
    /// The owners in question, in the order in which they are to be named.
    pub owners: &'a [Arc<Owner>],
}

impl Daily<'_> {
    /// How many were noted in all.
    pub const fn total(&self) -> u64 {
        self.entries
            .saturating_add(self.destinations)
            .saturating_add(self.listeners)
            .saturating_add(self.bytes_alone)
    }
}

/// One link of the chain that the practice alert runs through, in order.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum PracticeLink {
    /// The connection's row was seen in a socket table.
    Row,
    /// Its owner was named, and is this app.
    Owner,
    /// The practice list's entry hit.
    List,
    /// The alert was raised.
    Alert,
    /// The notification was handed to the system and is shown.
    Notification,
    /// The user saw and heard it.
    SeenAndHeard,
}

impl PracticeLink {
    /// Every link, in order.
    pub const ALL: [Self; 6] = [
        Self::Row,
        Self::Owner,
        Self::List,
        Self::Alert,
        Self::Notification,
        Self::SeenAndHeard,
    ];

    /// The word used in outputs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Row => "row",
            Self::Owner => "owner",
            Self::List => "list",
            Self::Alert => "alert",
            Self::Notification => "notification",
            Self::SeenAndHeard => "seen-and-heard",
        }
    }
}

/// How a link of the practice alert did.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum LinkState {
    /// Not reached, or not known yet.
    Pending,
    /// It held.
    Passed,
    /// It did not.
    Failed,
}

/// A value that a screen shows in a word or a few.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Word {
    /// How much is claimed.
    Level(Level),
    /// What sort of list.
    Category(Category),
    /// Who began.
    Direction(Direction),
    /// What sort of owner.
    OwnerKind(OwnerKind),
    /// Whether it comes with the phone.
    Firmware(Firmware),
    /// What weakens a claim about an owner.
    Role(Role),
    /// How an entry hit.
    HitKind(HitKind),
    /// What a socket speaks.
    Protocol(Protocol),
    /// A socket's state, which means another thing for each protocol.
    SocketState(Protocol, SocketState),
}
