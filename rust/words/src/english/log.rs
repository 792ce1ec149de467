//! The signed log, in the app.

use super::counted;
use crate::log::{EntryKind, LogSentence, Withheld};
use crate::time::Zone;

#[expect(
    clippy::too_many_lines,
    reason = "one list, which says nothing more when cut into pieces"
)]
pub(crate) fn say(sentence: &LogSentence<'_>, zone: Zone) -> String {
    let fixed = match *sentence {
        LogSentence::Kind(kind) => entry_kind(kind),
        LogSentence::NotWritten { since, why } => {
            return format!(
                "The signed log has not been written since {}: {why}",
                zone.time(since)
            );
        }
        LogSentence::Written {
            waiting: waiting @ 1..,
        } => {
            return format!(
                "The signed log is written while the watch runs. {} to be signed and written.",
                counted(waiting, "entry waits", "entries wait")
            );
        }
        LogSentence::NotOpened(why) => {
            return format!("The signed log could not be opened: {why}");
        }
        LogSentence::Size { entries, bytes } => {
            return format!("{}, {bytes} on this phone.", of_entries(entries));
        }
        LogSentence::Witnessed {
            name,
            at,
            size,
            since,
        } => {
            let when = at.map_or(String::new(), |at| format!(" on {}", zone.time(at)));
            return format!(
                "Last witnessed by {name}{when}: the first {}. {} since, which this does not cover.",
                of_entries(size),
                counted(since, "entry came", "entries came")
            );
        }
        LogSentence::LastExported(at) => return format!("Last exported on {}.", zone.time(at)),
        LogSentence::Withheld(what) => return withheld(what),
        LogSentence::Answered { name, size } => {
            return format!(
                "{name} has witnessed the first {}. The log now says so.",
                of_entries(size)
            );
        }
        LogSentence::Signed { size } => {
            return format!(
                "This phone has signed that it saw this log, and keeps in mind the first {}. That does \
                 not say that what the log tells is true.",
                of_entries(size)
            );
        }
        LogSentence::ResetExportDone { at, since } => {
            return format!(
                "Saved off the phone, as you say, on {}; {} since.",
                zone.time(at),
                counted(since, "entry came", "entries came")
            );
        }
        LogSentence::ResetExportStale { at, since, matched } => {
            return format!(
                "Saved off the phone, as you say, on {}; {} since{}. Export it again and save that.",
                zone.time(at),
                counted(since, "entry came", "entries came"),
                among_them(matched)
            );
        }
        LogSentence::ResetHeldTodo { witnesses } => {
            return format!(
                "{} in the log. Show the checkpoint to two people or machines: one copy alone can be \
                 lost or doubted.",
                of_witnesses(witnesses)
            );
        }
        LogSentence::ResetHeldDone { witnesses, since } => {
            return format!(
                "{} in the log; {} since.",
                of_witnesses(witnesses),
                counted(since, "entry came", "entries came")
            );
        }
        LogSentence::ResetHeldSaid { since } => {
            return format!(
                "Two others keep the text or a picture of it, as you say; {} since.",
                counted(since, "entry came", "entries came")
            );
        }
        LogSentence::ResetHeldStale { since, matched } => {
            return format!(
                "{} since two others had it{}. Show them the checkpoint again.",
                counted(since, "entry came", "entries came"),
                among_them(matched)
            );
        }
        LogSentence::Written { waiting: 0 } => "The signed log is written while the watch runs.",
        LogSentence::Off => "No signed log is written. What there is stays.",
        LogSentence::None => "There is no signed log yet. It begins with the watch.",
        LogSentence::Recorded { everyone: true } => {
            "Kept: everyone's connections, those of other apps and other users among them."
        }
        LogSentence::Recorded { everyone: false } => {
            "Kept: connections of what comes with the phone and of unknown owners, and every alert."
        }
        LogSentence::NeverWitnessed => "Nobody outside this phone has seen this log yet.",
        LogSentence::NeverExported => "This log was not exported yet.",
        LogSentence::CheckpointIsFor => {
            "Whoever keeps this can show later that the log was cut or rewritten. It tells how long the \
             log is, and nothing of what is in it."
        }
        LogSentence::ShowsEverything => {
            "This shows every address and host name in the log, and when the phone was in use, asleep \
             or switched off."
        }
        LogSentence::ShowsLocal => "The phone's own addresses can tell which network it was in.",
        LogSentence::ShowsMarks => "The words of your marks are shown.",
        LogSentence::EmptyMark => "A mark needs words.",
        LogSentence::Marked => "The mark is in the signed log.",
        LogSentence::NoAnswer => "This is no answer of a witness. Ask for it once more.",
        LogSentence::AnswerForAnother => "This answer is for another log.",
        LogSentence::AnswerNotSigned => {
            "This answer is not signed by the witness that it names. Ask for it once more."
        }
        LogSentence::NoCheckpoint => "This is no checkpoint of a signed log.",
        LogSentence::OwnCheckpoint => "This is the checkpoint of this phone's own log.",
        LogSentence::OthersCheckpoint => "This is the checkpoint of another log.",
        LogSentence::IsAnswer => "This is the answer of a witness.",
        LogSentence::Nothing => "This is no signed log, no checkpoint and no answer of a witness.",
        LogSentence::PredecessorNamed => "The log now names the one before it.",
        LogSentence::DoesNotCheck => {
            "The file is not what was signed, or only a part of it arrived. Do not rely on anything in \
             it."
        }
        LogSentence::RefusedRolledBack => {
            "Not signed: this phone has seen a later state of this log. Its end is cut, or the file is \
             older."
        }
        LogSentence::RefusedFork => {
            "Not signed: this phone has seen another history of this log. Both are signed, and they \
             cannot both be true."
        }
        LogSentence::RefusedNotShown => {
            "Not signed: the file does not show that it continues what this phone saw before. Ask for \
             a new export."
        }
        LogSentence::MemoryUnreadable => {
            "This phone signed this log before, and what it remembers of that cannot be read. It cannot \
             tell whether the log was rewritten since, and does not sign it."
        }
        LogSentence::RefusedOwn => {
            "Not signed: this is this phone's own log. A witness has to be somebody else."
        }
        LogSentence::WitnessNeedsName => "Not signed: a witness needs a name.",
        LogSentence::ResetExport => "The log is saved off the phone",
        LogSentence::ResetExportTodo => {
            "Export the log, save the file on a computer or with somebody you trust, and say here that \
             it is there."
        }
        LogSentence::ResetHeld => "Two others hold the checkpoint",
        LogSentence::ResetPasswords => "You know your passwords",
        LogSentence::ResetPasswordsTodo => {
            "After a reset a phone may ask for the account and the screen lock that were set before. Try \
             them on another machine first. No app can check this."
        }
        LogSentence::ResetPasswordsSaid => "You have tried them, as you say.",
    };
    fixed.to_owned()
}

const fn entry_kind(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Started => "Watch began",
        EntryKind::Device => "The phone, as it says of itself",
        EntryKind::Stopped => "Watch ended",
        EntryKind::Opened => "Connection appeared",
        EntryKind::Changed => "Connection changed",
        EntryKind::Closed => "Connection gone",
        EntryKind::Alert => "Alert",
        EntryKind::Coverage => "What could be read",
        EntryKind::Clock => "Clock jumped",
        EntryKind::Heartbeat => "Sign of life",
        EntryKind::Gap => "Nobody looked",
        EntryKind::Drop => "Events lost",
        EntryKind::List => "List in force",
        EntryKind::Packages => "Packages of the phone",
        EntryKind::Mark => "Mark",
        EntryKind::Practice => "Practice alert",
        EntryKind::Config => "Setting",
        EntryKind::Epoch => "Next key",
        EntryKind::Witness => "Witness",
        EntryKind::Predecessor => "Earlier log",
        EntryKind::Prune => "Old entries deleted",
    }
}

fn withheld(what: Withheld<'_>) -> String {
    let fixed = match what {
        Withheld::Local => "The phone's own addresses are withheld.",
        Withheld::Remote => "Remote addresses are withheld.",
        Withheld::Names => "Host names are withheld.",
        Withheld::Owner => "Whose connections they were is withheld, in part or throughout.",
        Withheld::Program => "Programs are withheld.",
        Withheld::Words => "The words of marks are withheld.",
        Withheld::Entry => "Entries of lists are withheld.",
        Withheld::Field(name) => return format!("The field \"{name}\" is withheld."),
    };
    fixed.to_owned()
}

fn of_entries(count: u64) -> String {
    counted(count, "entry", "entries")
}

fn of_witnesses(count: u64) -> String {
    counted(
        count,
        "answer of a witness is",
        "answers of different witnesses are",
    )
}

const fn among_them(matched: bool) -> &'static str {
    if matched { ", a match among them" } else { "" }
}
