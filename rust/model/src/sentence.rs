//! Everything that is ever said to people. portlog-words puts it into words, in each language.

use crate::{
    Alert, Connection, CoverageDetail, GapReason, NotedReason, Observed, OwnerReason, Weakening,
};

/// Something to say. Front ends never compose a claim of their own: they ask for one of these.
#[derive(Clone, Copy, Debug)]
pub enum Sentence<'a> {
    /// What an alert claims, in one sentence.
    Alert(&'a Alert),
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
    /// What a connection did, for its state and direction.
    Connection(&'a Connection),
    /// A connection with its owner and peer, in one line.
    Observed(&'a Observed),
    /// Why nobody looked.
    Gap(&'a GapReason),
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
}
