//! What every section is made of: words, values, tables, lists of facts.

use std::time::Duration;

use portlog_model::{Sentence, Word};
use portlog_words::report::{self, Line, Phrase};
use portlog_words::{Language, say_at};

use crate::report::html::Html;
use crate::report::stamp::Stamp;
use crate::report::timeline::Timeline;
use crate::report::told::Told;
use crate::report::word;

/// The language, and the zone of the log's clock.
#[derive(Clone, Copy, Debug)]
pub(super) struct Voice {
    pub(super) language: Language,
    east_of_utc: i32,
}

impl Voice {
    pub(super) fn new(language: Language, timeline: Option<&Timeline>) -> Self {
        let east = timeline.and_then(|timeline| timeline.from.east);
        Self {
            language,
            east_of_utc: i32::from(east.unwrap_or(0)) * 60,
        }
    }

    pub(super) fn phrase(self, phrase: Phrase) -> &'static str {
        report::phrase(phrase, self.language)
    }

    pub(super) fn line(self, line: &Line<'_>) -> String {
        report::line(line, self.language)
    }

    pub(super) fn say(self, sentence: &Sentence<'_>) -> String {
        say_at(sentence, self.language, self.east_of_utc)
    }

    pub(super) fn word(self, word: Word) -> String {
        self.say(&Sentence::Word(word))
    }

    pub(super) fn span(self, span: Duration) -> String {
        self.line(&Line::Span(span))
    }
}

/// A value that others chose: set apart from the direction of the text around it.
pub(super) fn value(html: &mut Html, text: &str) {
    html.leaf("bdi", &[("class", "value")], text);
}

/// What is told of a field.
pub(super) fn told(html: &mut Html, told: &Told, voice: Voice) {
    match told {
        Told::Value(text, left) => {
            value(html, text);
            if *left > 0 {
                html.text(" … ");
                let line = voice.line(&Line::CharactersLeftOut(*left));
                html.leaf("span", &[("class", "left-out")], line);
            }
        }
        Told::Nothing => not_said(html, voice),
        Told::Withheld => withheld(html, voice),
    }
}

/// That a field says nothing.
pub(super) fn not_said(html: &mut Html, voice: Voice) {
    html.leaf("span", &[("class", "none")], voice.phrase(Phrase::NotSaid));
}

/// That a field is withheld.
pub(super) fn withheld(html: &mut Html, voice: Voice) {
    html.leaf(
        "span",
        &[("class", "withheld")],
        voice.phrase(Phrase::Withheld),
    );
}

/// What was done, in words that name a peer which others chose.
pub(super) fn deed(html: &mut Html, sentence: &str) {
    html.leaf("bdi", &[], sentence);
}

/// A time, as the log's clock had it.
pub(super) fn time(html: &mut Html, told: &Told, voice: Voice) {
    match told.whole().and_then(Stamp::read) {
        Some(stamp) => self::stamp(html, Some(stamp), voice),
        None => self::told(html, told, voice),
    }
}

/// A time, or that none is known.
pub(super) fn stamp(html: &mut Html, stamp: Option<Stamp>, voice: Voice) {
    match stamp {
        // Clock and zone stay in one line.
        Some(stamp) => {
            let full = stamp.full();
            let (at, zone) = full.rsplit_once(' ').unwrap_or((&full, ""));
            html.leaf("span", &[("class", "time")], format!("{at}\u{a0}{zone}"));
        }
        None => not_said(html, voice),
    }
}

/// What is told of a field whose values are words with a meaning; words of a later version stay.
pub(super) fn meaning(
    html: &mut Html,
    told: &Told,
    voice: Voice,
    meaning: impl Fn(&str) -> Option<String>,
) {
    match told.whole().and_then(meaning) {
        Some(text) => html.text(&text),
        None => self::told(html, told, voice),
    }
}

/// A category, a flag, a protocol and so on, in words.
pub(super) fn category(html: &mut Html, told: &Told, voice: Voice) {
    meaning(html, told, voice, |it| {
        Some(voice.word(Word::Category(word::category(it)?)))
    });
}

pub(super) fn protocol(html: &mut Html, told: &Told, voice: Voice) {
    meaning(html, told, voice, |it| {
        Some(voice.word(Word::Protocol(word::protocol(it)?)))
    });
}

pub(super) fn direction(html: &mut Html, told: &Told, voice: Voice) {
    meaning(html, told, voice, |it| {
        Some(voice.word(Word::Direction(word::direction(it)?)))
    });
}

pub(super) fn state(html: &mut Html, state: &Told, protocol: &Told, voice: Voice) {
    meaning(html, state, voice, |it| {
        let protocol = word::protocol(protocol.whole()?)?;
        Some(voice.word(Word::SocketState(protocol, word::state(it)?)))
    });
}

/// Facts, each with its label.
pub(super) fn facts(html: &mut Html, content: impl FnOnce(&mut Html)) {
    html.element("dl", &[("class", "facts")], content);
}

/// A label and what stands behind it.
pub(super) fn fact(html: &mut Html, label: &str, content: impl FnOnce(&mut Html)) {
    html.element("div", &[], |html| {
        html.leaf("dt", &[], label);
        html.element("dd", &[], content);
    });
}

/// What a table is called.
#[derive(Clone, Copy, Debug)]
pub(super) enum Caption<'a> {
    /// Above it.
    Shown(&'a str),
    /// For those who do not see that the heading above says it.
    Heard(&'a str),
}

/// A table. Its roles are spelled out, as narrow screens show it as cards, which would lose them.
pub(super) fn table<R>(
    html: &mut Html,
    caption: Caption<'_>,
    heads: &[&str],
    rows: impl IntoIterator<Item = R>,
    cell: impl Fn(&mut Html, usize, &R),
) {
    html.element("table", &[("role", "table")], |html| {
        match caption {
            Caption::Shown(text) => html.leaf("caption", &[], text),
            Caption::Heard(text) => html.leaf("caption", &[("class", "heard")], text),
        }
        html.element("thead", &[("role", "rowgroup")], |html| {
            html.element("tr", &[("role", "row")], |html| {
                for head in heads {
                    let attributes = [("role", "columnheader"), ("scope", "col")];
                    html.leaf("th", &attributes, head);
                }
            });
        });
        html.element("tbody", &[("role", "rowgroup")], |html| {
            for row in rows {
                html.element("tr", &[("role", "row")], |html| {
                    for (at, head) in heads.iter().enumerate() {
                        if at == 0 {
                            let attributes = [("role", "rowheader"), ("scope", "row")];
                            html.element("th", &attributes, |html| cell(html, at, &row));
                        } else {
                            let attributes = [("role", "cell"), ("data-label", *head)];
                            html.element("td", &attributes, |html| {
                                html.element("div", &[], |html| cell(html, at, &row));
                            });
                        }
                    }
                });
            }
        });
    });
}

/// How many rows are not there, if any.
pub(super) fn left_out(html: &mut Html, count: u64, voice: Voice) {
    if count > 0 {
        let line = voice.line(&Line::RowsLeftOut(count));
        html.leaf("p", &[("class", "left-out")], line);
    }
}

/// A number of elements.
pub(super) fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
