//! What the app says of the signed log, in every combination that changes its words.

use portlog_model::WallTime;
use portlog_words::Language;
use portlog_words::log::{EntryKind, LogSentence, Withheld, say};

/// Adds all of them, in the same order in every language.
pub(crate) fn add(language: Language, sentences: &mut Vec<String>) {
    sentences.extend(samples().iter().map(|it| say(it, language, 0)));
}

#[expect(clippy::too_many_lines, reason = "one sample of each sentence")]
fn samples() -> Vec<LogSentence<'static>> {
    let at = WallTime::from_millis(1_777_902_300_000);
    let mut all = vec![
        LogSentence::Written { waiting: 0 },
        LogSentence::Written { waiting: 12 },
        LogSentence::NotWritten {
            since: at,
            why: "no space left on device",
        },
        LogSentence::NotOpened("connection refused"),
        LogSentence::Off,
        LogSentence::None,
        LogSentence::Recorded { everyone: true },
        LogSentence::Recorded { everyone: false },
        LogSentence::NeverWitnessed,
        LogSentence::NeverExported,
        LogSentence::LastExported(at),
        LogSentence::CheckpointIsFor,
        LogSentence::ShowsEverything,
        LogSentence::ShowsLocal,
        LogSentence::ShowsMarks,
        LogSentence::EmptyMark,
        LogSentence::Marked,
        LogSentence::NoAnswer,
        LogSentence::AnswerForAnother,
        LogSentence::AnswerNotSigned,
        LogSentence::NoCheckpoint,
        LogSentence::OwnCheckpoint,
        LogSentence::OthersCheckpoint,
        LogSentence::IsAnswer,
        LogSentence::Nothing,
        LogSentence::PredecessorNamed,
        LogSentence::DoesNotCheck,
        LogSentence::RefusedRolledBack,
        LogSentence::RefusedFork,
        LogSentence::RefusedNotShown,
        LogSentence::MemoryUnreadable,
        LogSentence::RefusedOwn,
        LogSentence::WitnessNeedsName,
        LogSentence::ResetExport,
        LogSentence::ResetExportTodo,
        LogSentence::ResetHeld,
        LogSentence::ResetPasswords,
        LogSentence::ResetPasswordsTodo,
        LogSentence::ResetPasswordsSaid,
    ];
    for count in [1, 2, 100_000] {
        all.extend([
            LogSentence::Size {
                entries: count,
                bytes: "1.2 MB",
            },
            LogSentence::Witnessed {
                name: "anna.test",
                at: Some(at),
                size: count,
                since: count,
            },
            LogSentence::Witnessed {
                name: "anna.test",
                at: None,
                size: count,
                since: 0,
            },
            LogSentence::Answered {
                name: "anna.test",
                size: count,
            },
            LogSentence::Signed { size: count },
            LogSentence::ResetExportDone { at, since: count },
            LogSentence::ResetHeldTodo { witnesses: count },
            LogSentence::ResetHeldDone {
                witnesses: count,
                since: count,
            },
            LogSentence::ResetHeldSaid { since: count },
        ]);
        for matched in [false, true] {
            all.extend([
                LogSentence::ResetExportStale {
                    at,
                    since: count,
                    matched,
                },
                LogSentence::ResetHeldStale {
                    since: count,
                    matched,
                },
            ]);
        }
    }
    let withheld = [
        Withheld::Local,
        Withheld::Remote,
        Withheld::Names,
        Withheld::Owner,
        Withheld::Program,
        Withheld::Words,
        Withheld::Entry,
        Withheld::Field("model"),
    ];
    let kinds = [
        EntryKind::Started,
        EntryKind::Device,
        EntryKind::Stopped,
        EntryKind::Opened,
        EntryKind::Changed,
        EntryKind::Closed,
        EntryKind::Alert,
        EntryKind::Coverage,
        EntryKind::Clock,
        EntryKind::Heartbeat,
        EntryKind::Gap,
        EntryKind::Drop,
        EntryKind::List,
        EntryKind::Packages,
        EntryKind::Mark,
        EntryKind::Practice,
        EntryKind::Config,
        EntryKind::Epoch,
        EntryKind::Witness,
        EntryKind::Predecessor,
        EntryKind::Prune,
    ];
    all.extend(withheld.map(LogSentence::Withheld));
    all.extend(kinds.map(LogSentence::Kind));
    all
}
