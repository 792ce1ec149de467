//! Sentences for people, all of them from portlog-words.

use portlog_model::{Sentence, WallTime};
use portlog_words::{Language, say, say_at};

use crate::time::LocalTime;

/// `sentence` for people: times in their zone, as it was at `time`.
pub(crate) fn spoken(sentence: &Sentence<'_>, local: &LocalTime, time: WallTime) -> String {
    say_at(sentence, Language::English, local.east_of_utc(time))
}

/// `sentence` in English, times in UTC: what stands in outputs for programs.
pub(crate) fn english(sentence: &Sentence<'_>) -> String {
    say(sentence, Language::English)
}

/// Several sentences in one value, or nothing for none.
pub(crate) fn joined(sentences: impl Iterator<Item = String>) -> Option<String> {
    sentences.reduce(|mut all, sentence| {
        all.push_str("; ");
        all.push_str(&sentence);
        all
    })
}
