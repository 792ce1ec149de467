//! English.

mod alert;
mod connection;
mod coverage;
mod happened;
pub(crate) mod log;
mod notice;
mod owner;
mod practice;
mod reason;
mod remark;
pub(crate) mod report;
mod watched;
mod word;

use std::time::Duration;

use portlog_model::{Advice, Explanation, Sentence};

use crate::time::{Unit, Zone, spelled};

/// Puts `sentence` into English, times in `zone`.
pub(crate) fn say(sentence: &Sentence<'_>, zone: Zone) -> String {
    match *sentence {
        Sentence::Alert(alert) => alert::alert(alert, zone),
        Sentence::Deed(alert) => alert::deed(alert, zone),
        Sentence::Noted(alert, reason) => alert::noted(alert, reason, zone),
        Sentence::Explanation(explanation) => self::explanation(explanation).to_owned(),
        Sentence::Advice(advice) => self::advice(advice).to_owned(),
        Sentence::OwnerReason(reason) => reason::owner_reason(reason),
        Sentence::Weakening(weakening) => reason::weakening(weakening).to_owned(),
        Sentence::Coverage(detail) => coverage::detail(detail),
        Sentence::CoverageOf(coverage, platform) => coverage::of(coverage, platform),
        Sentence::CoverageSummary(counts) => coverage::summary(counts),
        Sentence::Watched(watched) => watched::watched(watched),
        Sentence::State(state) => watched::state(state).to_owned(),
        Sentence::Connection(connection) => connection::did(connection),
        Sentence::Observed(observed) => connection::observed(observed, zone),
        Sentence::Gap(reason) => coverage::gap(reason),
        Sentence::Happened(kind, platform) => happened::happened(kind, platform, zone),
        Sentence::NoticeTitle(notice) => notice::title(notice),
        Sentence::NoticeBody(notice) => notice::body(notice, zone),
        Sentence::Practice(link, state) => practice::link(link, state).to_owned(),
        Sentence::Remark(remark) => remark::remark(remark, zone),
        Sentence::Word(word) => word::word(word),
        Sentence::NotObservedLive => {
            "NOT OBSERVED LIVE: these rows do not come from the kernel that runs here now"
                .to_owned()
        }
        Sentence::NoFirmwareHere => {
            "\"Firmware\" has no meaning on this system: every owner is in scope".to_owned()
        }
    }
}

const fn explanation(explanation: Explanation) -> &'static str {
    match explanation {
        Explanation::AnsweredInBetween => {
            "Something in between (a Wi-Fi sign-in page, the carrier) may have answered in place of \
             the host."
        }
        Explanation::SharedAddress => {
            "One address may serve many hosts, and may have been given to another since it was \
             listed."
        }
        Explanation::ListMayBeWrong => "The list may be wrong or out of date.",
        Explanation::FetchesForOthers => {
            "The owner fetches for other apps: one of them may have asked for this."
        }
        Explanation::GoesWhereItsUserGoes => {
            "The owner goes where its user goes: a page or a link may have led there."
        }
        Explanation::SharedUid => {
            "Several packages share the UID: the system does not tell which of them it was."
        }
        Explanation::DatagramMaySendNothing => {
            "Opening a UDP socket sends nothing by itself: programs also open one to find out which \
             of several addresses to prefer."
        }
        Explanation::PeerBegan => {
            "The other side may have begun: then the owner only accepted the connection."
        }
        Explanation::OwnerNotTold => {
            "The system did not tell whose the socket was: any app, or the system, may have had it."
        }
        Explanation::SystemActsForApps => "Parts of the system also act for apps that ask them to.",
        Explanation::AskedAhead => {
            "Asking for a name is not a connection: programs also look names up ahead of time, or to \
             see whether the network works."
        }
    }
}

const fn advice(advice: Advice) -> &'static str {
    match advice {
        Advice::KeepWatching => {
            "Keep the watch running and see whether it happens again, and when."
        }
        Advice::ReadTheEntry => {
            "Look up what the list says about the entry, and where the list has it from."
        }
        Advice::CapturePackets => {
            "Have the traffic captured with a packet tool: Portlog sees that there was a connection, \
             not what went through it."
        }
        Advice::SwitchServiceOff => {
            "Switch off the service or app in question, and see whether it goes on."
        }
        Advice::AskWithTheLog => {
            "Ask the maker of the software what it is for, and show the log of this watch."
        }
        Advice::DoNotResetYet => {
            "Do not reset or update the phone yet: that erases what could still be looked at. Keep a \
             copy of the log."
        }
        Advice::KeepACopy => {
            "Keep a copy of what was found outside this phone: the log, or screenshots with date and \
             time."
        }
        Advice::AskForHelp => {
            "Ask someone who knows such things and has no stake in it: a digital rights or consumer \
             organisation, your country's computer emergency response team (CERT), a researcher. \
             Show the finding as it stands; by itself it does not show what was sent, or why."
        }
    }
}

/// `3 d 4 h`, `45 s`.
fn span(span: Duration) -> String {
    spelled(span, |_, unit| match unit {
        Unit::Day => " d",
        Unit::Hour => " h",
        Unit::Minute => " min",
        Unit::Second => " s",
        Unit::Millisecond => " ms",
    })
}

/// `1 connection`, `2 connections`.
fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
