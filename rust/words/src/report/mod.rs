//! What the report says: a page made from a verified file, for people who were not there.
//!
//! Claims about connections, owners and lists are [`portlog_model::Sentence`]s as everywhere. What is
//! here is what only such a page has: headings, labels, the verdict in the reader's language, limits,
//! how to check, what to ask. The fixed parts are [`Phrase`]s, so that a test can walk through all of
//! them; what carries values is a [`Line`].

mod phrase;

use std::time::Duration;

pub use phrase::Phrase;

use crate::{Language, english, hindi, simplified_chinese, traditional_chinese};

/// A sentence of the report with values in it.
///
/// Texts in it stand in the sentence as they are: whoever shows them escapes them.
#[derive(Clone, Copy, Debug)]
pub enum Line<'a> {
    /// The verdict's first line.
    Unchanged {
        /// The reader knew the log before.
        known: bool,
        /// How many witnesses saw it, and the day when the last one did.
        seen: Option<(u64, &'a str)>,
    },
    /// How much is shown, and who chose it.
    Shown {
        /// Entries in the file.
        shown: u64,
        /// Entries of the log.
        of: u64,
    },
    /// So many shown observations were not made on a running kernel, as far as is known.
    NotLive(u64),
    /// What a known witness saw.
    WitnessSaw {
        /// The name of its key.
        name: &'a str,
        /// How many entries the log had.
        size: u64,
        /// How many it has now.
        of: u64,
        /// The day.
        on: &'a str,
    },
    /// Lines of witnesses whom the reader does not know.
    UncheckedSignatures(u64),
    /// Rows that are not on this page.
    RowsLeftOut(u64),
    /// Characters of a value that are not on this page.
    CharactersLeftOut(u64),
    /// Packages of a UID that are not on this page.
    PackagesLeftOut(u64),
    /// Observations of Portlog's own sockets.
    OwnLeftOut(u64),
    /// A heading over an alert.
    AlertNumber(u64),
    /// Packages that share a UID.
    SharedPackages(u64),
    /// From one time to another.
    Period {
        /// The first one.
        from: &'a str,
        /// The last one.
        to: &'a str,
    },
    /// The clock on the wall jumped so many milliseconds.
    ClockJump(i64),
    /// Events that were lost.
    Dropped(u64),
    /// Rows below this index were deleted on the phone.
    Pruned(u64),
    /// The log continues another one.
    Predecessor(&'a str),
    /// A witness answered for the log at this size.
    WitnessAnswered {
        /// Its name.
        name: &'a str,
        /// The size.
        size: u64,
    },
    /// A length of time.
    Span(Duration),
    /// What is shorter than the time between two looks may be missing.
    ShortConnections(Duration),
    /// So many fields are withheld.
    FieldsWithheld(u64),
    /// Whom the questions are about: an owner and its peer.
    AskAbout {
        /// The owner.
        owner: &'a str,
        /// The peer.
        peer: &'a str,
    },
    /// In how many shown entries of coverage a table could not be read.
    TimesDenied(u64),
}

/// A fixed part of the report.
pub const fn phrase(phrase: Phrase, language: Language) -> &'static str {
    match language {
        Language::English => english::report::phrase(phrase),
        Language::SimplifiedChinese => simplified_chinese::report::phrase(phrase),
        Language::TraditionalChinese => traditional_chinese::report::phrase(phrase),
        Language::Hindi => hindi::report::phrase(phrase),
    }
}

/// Puts a sentence of the report into words.
pub fn line(line: &Line<'_>, language: Language) -> String {
    match language {
        Language::English => english::report::line(line),
        Language::SimplifiedChinese => simplified_chinese::report::line(line),
        Language::TraditionalChinese => traditional_chinese::report::line(line),
        Language::Hindi => hindi::report::line(line),
    }
}
