//! The report.

use super::{counted, span};
use crate::report::{Line, Phrase};

#[expect(
    clippy::too_many_lines,
    reason = "one list, which says nothing more when cut into pieces"
)]
pub(crate) const fn phrase(phrase: Phrase) -> &'static str {
    match phrase {
        Phrase::Title => "Connection log report",
        Phrase::Contents => "Contents",
        Phrase::Verdict => "What the check found",
        Phrase::InEnglish => "The verdict in its fixed English wording:",
        Phrase::DoesNotProve => {
            "This does not prove that the phone reported the truth, what was sent, who is \
             responsible, or that nobody provoked it."
        }
        Phrase::EvidenceLevel => "Evidence level",
        Phrase::LevelSelf => "L0: consistent in itself; who signed is not known",
        Phrase::LevelPinned => "L1: signed by a log that the reader knew before",
        Phrase::LevelWitnessed => "L3: seen by witnesses whom the reader knows",
        Phrase::PeriodShown => "Period shown",
        Phrase::ByThePhonesClock => {
            "Times are those of the phone's clock, with its offset from UTC, as the file has \
             them."
        }
        Phrase::File => "File",
        Phrase::FileDigest => "SHA-256 of the file",
        Phrase::Origin => "The log's identity (origin)",
        Phrase::Mode => "What is in the file",
        Phrase::ModeSparse => "chosen entries, each with a proof that it belongs to the log",
        Phrase::ModeFull => "every entry, or the fingerprint of an entry that is withheld",
        Phrase::Case => "Case, as the operator states it",
        Phrase::Operator => "Operator, as stated",
        Phrase::Device => "The phone, as it says of itself",
        Phrase::DeviceNote => {
            "These values are what the phone says of itself. Software with enough rights on it \
             could make it say something else."
        }
        Phrase::DeviceNotShown => "No entry about the phone is shown.",
        Phrase::DeviceFacts => "What the phone says of itself",
        Phrase::DeviceChanges => "What became different later",
        Phrase::Model => "Model",
        Phrase::Fingerprint => "Build fingerprint",
        Phrase::Tags => "Build tags",
        Phrase::SecurityPatch => "Security patch",
        Phrase::Kernel => "Kernel",
        Phrase::Baseband => "Baseband",
        Phrase::VerifiedBoot => "Verified boot",
        Phrase::Bootloader => "Bootloader",
        Phrase::Selinux => "SELinux",
        Phrase::Adb => "adb debugging",
        Phrase::PortlogVersion => "Portlog's version",
        Phrase::ApkSigner => "Signer of the Portlog app (SHA-256)",
        Phrase::Before => "Before",
        Phrase::After => "Since then",
        Phrase::Yes => "yes",
        Phrase::No => "no",
        Phrase::Watches => "When the watch was started, and how it looked",
        Phrase::Obtained => "Rows obtained",
        Phrase::ObtainedLive => "live: from the kernel that ran there",
        Phrase::ObtainedHelper => "live: by a process started over adb",
        Phrase::ObtainedAdb => "live: over adb from another machine",
        Phrase::ObtainedImport => "not observed live: imported",
        Phrase::ObtainedReplay => "not observed live: read from a copy of tables",
        Phrase::ObtainedSimulated => "not observed live: simulated",
        Phrase::ObtainedUnknown => "not shown how: counts as not observed live",
        Phrase::Interval => "Time between looks",
        Phrase::Scope => "Whose connections raise alerts",
        Phrase::ScopeFirmware => "what comes with the phone",
        Phrase::ScopeAll => "every owner",
        Phrase::Seen => "What was seen, and by whom",
        Phrase::Alerts => "Alerts",
        Phrase::NoAlerts => {
            "No alert is shown in this file. That does not show that there was none."
        }
        Phrase::Noted => "Noted: what claims least",
        Phrase::Practice => "Practice alerts",
        Phrase::PracticeNote => {
            "Portlog made these itself when the user asked for a practice alert. They say \
             nothing about the phone."
        }
        Phrase::Level => "How sure",
        Phrase::Owner => "Owner of the socket",
        Phrase::Packages => "Packages",
        Phrase::Uid => "UID",
        Phrase::Firmware => "Comes with the phone?",
        Phrase::Role => "What it does for others",
        Phrase::Program => "Program",
        Phrase::WhatWasSeen => "What was seen",
        Phrase::Peer => "Peer",
        Phrase::PeerNames => "Names seen for the address",
        Phrase::Reason => "Why it is noted",
        Phrase::ReasonFirstSeen => "not seen with this destination before",
        Phrase::ReasonListener => "not seen to listen there before",
        Phrase::ReasonBytes => "bytes moved while no connection was seen",
        Phrase::ReasonEntry => "an entry of a list speaks of it",
        Phrase::Bytes => "Bytes",
        Phrase::ListEntry => "Entry of the list",
        Phrase::ListName => "List",
        Phrase::ListLine => "Line",
        Phrase::Category => "Category",
        Phrase::ListDated => "List dated",
        Phrase::Undated => "undated",
        Phrase::ListDigest => "SHA-256 of the list",
        Phrase::HowHit => "How the entry fits",
        Phrase::WhyNoMore => "Why it is no more than that",
        Phrase::OpenedAfter => "Last look before",
        Phrase::OpenedBy => "Look that showed it",
        Phrase::AtFirstLook => "none: it was there at the first look",
        Phrase::BetweenNotShown => "the entry that tells is not in this file",
        Phrase::FirstSeen => "First seen",
        Phrase::LastSeen => "Last seen",
        Phrase::Connections => "Connections",
        Phrase::LastSeenAtAlert => "Last seen when the alert was recorded",
        Phrase::ConnectionsAtAlert => "Connections when the alert was recorded",
        Phrase::Candidates => "Bytes moved meanwhile for",
        Phrase::EntriesInFile => "Entries of the log",
        Phrase::Withheld => "withheld",
        Phrase::NotSaid => "not recorded",
        Phrase::NotKnown => "not known: too short to see who",
        Phrase::OwnerNotShown => "who that is does not stand in this file",
        Phrase::Explains => "What else could explain it",
        Phrase::ExplainsMore => "Fields are withheld: there may be further explanations.",
        Phrase::Destinations => "Destinations by owner",
        Phrase::DestinationsNote => {
            "An address says who answered there, not which host was meant. A state is what the \
             socket table showed at a look."
        }
        Phrase::NoConnections => {
            "No connections are shown: the sharer chose alerts only, or there were none."
        }
        Phrase::NoPeer => "no peer",
        Phrase::Protocol => "Protocol",
        Phrase::State => "State at most",
        Phrase::Direction => "Who began",
        Phrase::Timeline => "Timeline",
        Phrase::TimelineNote => {
            "Each strip is the whole period from left to right; the more of its height is \
             filled, the larger the part of that time."
        }
        Phrase::NoPeriod => "No times are shown, so there is no timeline.",
        Phrase::Watched => "Watched",
        Phrase::Asleep => "Asleep",
        Phrase::Denied => "Denied",
        Phrase::Stopped => "Stopped",
        Phrase::NotAccounted => "Not accounted for",
        Phrase::WatchedMeans => "awake, tables readable, looked at in time",
        Phrase::AsleepMeans => "the phone slept; nothing ran",
        Phrase::DeniedMeans => "the system refused every table",
        Phrase::StoppedMeans => "the watch did not run; what happened is not known",
        Phrase::NotAccountedMeans => "no shown entry tells; count it as not looked",
        Phrase::Marks => "Marks",
        Phrase::TimelineTable => "The same in numbers",
        Phrase::From => "From",
        Phrase::Happenings => "Marks, gaps and what happened to the log",
        Phrase::Time => "Time",
        Phrase::What => "What",
        Phrase::Until => "Since",
        Phrase::MarkSimIn => "mark: SIM card put in",
        Phrase::MarkContactSaved => "mark: contact saved",
        Phrase::MarkMessageSent => "mark: message sent",
        Phrase::MarkServiceOff => "mark: service switched off",
        Phrase::MarkUpdate => "mark: update installed",
        Phrase::MarkSignIn => "mark: signed in",
        Phrase::MarkWords => "mark, in the operator's words",
        Phrase::Coverage => "What could be looked at",
        Phrase::CoverageNote => "What could not be read is not empty: what was in it is not known.",
        Phrase::CoverageNotShown => "No entry shows which tables could be read.",
        Phrase::HoursTable => "Time in which somebody looked, at least",
        Phrase::Means => "What it means",
        Phrase::Duration => "How long",
        Phrase::TablesTable => "Tables and lists, as last shown",
        Phrase::Status => "Status",
        Phrase::ListsTable => "Lists that were in force",
        Phrase::NoLists => "No list is shown. Without one, nothing can match.",
        Phrase::Rules => "Entries",
        Phrase::BadLines => "Lines not usable",
        Phrase::OtherExplanations => "Other explanations",
        Phrase::OtherExplanationsNote => {
            "Each of these is an ordinary cause. An alert to which one applies is no proof of \
             anything else."
        }
        Phrase::Explanation => "Explanation",
        Phrase::AppliesTo => "Applies to",
        Phrase::Limits => "What this does not show",
        Phrase::LimitTruth => {
            "That the phone told the truth. Whoever controls the phone can make it write what \
             did not happen, or leave out what did."
        }
        Phrase::LimitContent => {
            "What was sent. Portlog sees that there was a connection, not what went through it."
        }
        Phrase::LimitWho => {
            "Who is responsible. \"Firmware\" is the software that is on this phone; whose doing \
             it is does not follow."
        }
        Phrase::LimitProvoked => {
            "That nobody provoked it. Somebody may have used the phone so that this would be \
             seen."
        }
        Phrase::LimitHost => {
            "That an address is the host of a list. One address may serve many hosts, and may \
             have changed hands since."
        }
        Phrase::LimitChosen => {
            "What is not in the file. The sharer chose what to show; what was left out may \
             speak for another explanation."
        }
        Phrase::LimitTail => {
            "That the log ended there. Its end can be cut off, and only a copy that left the \
             phone shows it."
        }
        Phrase::LimitTime => "When it was, beyond the phone's own clock.",
        Phrase::LimitSilence => {
            "That nothing happened where nothing is shown. Hours in which nobody looked are not \
             quiet hours."
        }
        Phrase::LimitOverridden => {
            "Who owned a socket, as the phone had it: the list of packages was given by hand in \
             some of these watches."
        }
        Phrase::Check => "How to check this yourself",
        Phrase::CheckNote => {
            "The evidence is the file, not this page: anyone can write a page. Ask for the file \
             and check it."
        }
        Phrase::CheckDigest => {
            "The file is the one that this page was made from if this prints the digest above:"
        }
        Phrase::CheckVerify => "With Portlog on any computer, offline:",
        Phrase::CheckKey => {
            "If you were given the log's identity another way, hold the file to it:"
        }
        Phrase::CheckByHand => {
            "Without trusting Portlog: docs/LOG-FORMAT.md describes the file completely. One \
             signature, by openssl, with the three lines of the checkpoint in \"body\", the \
             signature in \"sig\" and the key in \"key.der\":"
        }
        Phrase::Questions => "Questions for the maker of the software",
        Phrase::QuestionsNote => {
            "These are questions, and no claim. The answers may be harmless; ask for them in \
             writing and keep them with the file."
        }
        Phrase::QuestionsNone => {
            "No match and no possible match of something that may come with the phone is shown, \
             so this file gives no question."
        }
        Phrase::AskWhich => {
            "Which service or function opened this connection, and under which name can a user \
             find it?"
        }
        Phrase::AskData => "Which data go over it, in which form, and who receives them?",
        Phrase::AskWhy => "What is it for, and where was the user told of it?",
        Phrase::AskOff => "How can it be switched off, and what no longer works then?",
        Phrase::AskSince => {
            "Since which version of the software has it been there, and is it in later ones?"
        }
        Phrase::MadeBy => {
            "Made by Portlog from a file that checks. The page loads nothing and runs nothing."
        }
    }
}

pub(crate) fn line(line: &Line<'_>) -> String {
    match *line {
        Line::Unchanged { known, seen } => {
            format!(
                "Unchanged since it was signed. Signer: {}.",
                signer(known, seen)
            )
        }
        Line::Shown { shown, of } => {
            format!("{shown} of {of} entries shown, chosen by the sharer.")
        }
        Line::NotLive(0) => {
            "NOT OBSERVED LIVE: a session shown here did not look at a running kernel, \
                             as far as is shown."
                .to_owned()
        }
        Line::NotLive(count) => format!(
            "NOT OBSERVED LIVE: {} on a running kernel at the time given, as far as is shown.",
            counted(
                count,
                "observation was not made",
                "observations were not made"
            )
        ),
        Line::WitnessSaw { name, size, of, on } => {
            format!("{name} saw the first {size} of {of} entries on {on}, and nothing of the rest.")
        }
        Line::UncheckedSignatures(count) => format!(
            "{} by witnesses whom the reader does not know; they claim nothing here.",
            counted(count, "signature is", "signatures are")
        ),
        Line::RowsLeftOut(count) => format!(
            "{} not on this page; the file has them.",
            counted(count, "more row is", "more rows are")
        ),
        Line::CharactersLeftOut(count) => format!(
            "({}; the file has them)",
            counted(count, "more character", "more characters")
        ),
        Line::PackagesLeftOut(count) => {
            format!("and {}", counted(count, "more package", "more packages"))
        }
        Line::OwnLeftOut(count) => format!(
            "{} by which Portlog checks itself or practises, left out here.",
            counted(count, "connection", "connections")
        ),
        Line::AlertNumber(number) => format!("Alert {number}"),
        Line::SharedPackages(count) => {
            format!("one of {count} packages that share the UID; the system does not tell which")
        }
        Line::Period { from, to } => format!("from {from} to {to}"),
        Line::ClockJump(millis) => format!("the clock jumped by {millis} ms"),
        Line::Dropped(count) => format!(
            "{} lost before they were logged",
            counted(count, "event was", "events were")
        ),
        Line::Pruned(below) => {
            format!("rows below entry {below} were deleted on the phone; their fingerprints stay")
        }
        Line::Predecessor(origin) => format!("this log continues {origin}"),
        Line::WitnessAnswered { name, size } => {
            format!("{name} answered for the first {size} entries")
        }
        Line::Span(length) => span(length),
        Line::ShortConnections(interval) => format!(
            "That nothing else happened. What was shorter than the time between two looks ({}) may \
             be missing.",
            span(interval)
        ),
        Line::FieldsWithheld(count) => format!(
            "What is in the {} withheld.",
            counted(count, "field that is", "fields that are")
        ),
        Line::AskAbout { owner, peer } => format!("About {owner} and {peer}:"),
        Line::TimesDenied(count) => format!(
            "{} where it could not be read",
            counted(count, "shown entry", "shown entries")
        ),
    }
}

fn signer(known: bool, seen: Option<(u64, &str)>) -> String {
    let mut words = Vec::new();
    if known {
        words.push("known to you".to_owned());
    }
    if let Some((count, on)) = seen {
        words.push(format!(
            "seen by {} on {on}",
            counted(count, "witness", "witnesses")
        ));
    }
    if words.is_empty() {
        words.push("unknown".to_owned());
    }
    words.join(", ")
}
