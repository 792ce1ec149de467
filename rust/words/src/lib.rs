//! Every sentence shown to people, in each language, for command line, app and report alike.
//!
//! What may be said is the model's: [`Sentence`] has one variant for each kind of claim, and this
//! crate puts it into words, so that no front end can say more than the rows show. The wording
//! follows the state ("tried to connect to" is not "had a connection with"), never names an intent,
//! and calls software on the phone firmware without saying whose doing it is. The tests hold that
//! for every variant.
//!
//! A language is a module with one function; the matches in it are exhaustive, so that a new variant
//! fails to compile until every language has words for it. Values that come from the phone or from a
//! list (names of apps, entries) are cleaned before they stand in a sentence: see [`clean`].

#![forbid(unsafe_code)]

mod advise;
mod data;
mod english;
mod hindi;
mod language;
pub mod log;
pub mod report;
mod simplified_chinese;
mod time;
mod traditional_chinese;

use portlog_model::Sentence;

pub use advise::{advice, advice_on_phone, explanations};
pub use data::clean;
pub use language::Language;

/// Puts `sentence` into words: one line, times in UTC.
pub fn say(sentence: &Sentence<'_>, language: Language) -> String {
    say_at(sentence, language, 0)
}

/// As [`say`], with times in the zone that is `east_of_utc` seconds ahead of UTC (behind it where
/// negative); UTC where no zone is that far off.
pub fn say_at(sentence: &Sentence<'_>, language: Language, east_of_utc: i32) -> String {
    let zone = time::Zone::new(east_of_utc);
    match language {
        Language::English => english::say(sentence, zone),
        Language::SimplifiedChinese => simplified_chinese::say(sentence, zone),
        Language::TraditionalChinese => traditional_chinese::say(sentence, zone),
        Language::Hindi => hindi::say(sentence, zone),
    }
}
