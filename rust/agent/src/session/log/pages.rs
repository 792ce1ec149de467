//! How the log stands, and its entries page by page.

use std::fmt::Write as _;
use std::time::Duration;

use portlog_journal::entry::Kind;
use portlog_model::WallTime;
use portlog_model::fault::chain;
use portlog_words::log::LogSentence;
use portlog_words::report;

use super::views::{
    Keeping, LogPage, LogQuery, LogRow, LogStatus, MarkView, Outcome, WitnessedLine,
};
use super::{Circumstances, LogBook, entry};
use crate::Error;
use crate::testimony::{Mark, MarkPreset, Reader, Status, Writing};

/// Rows of a page.
const MOST_ROWS: usize = 500;
/// Rows that are looked at for a page.
const MOST_LOOKED_AT: usize = 5_000;
/// Rows among which a predecessor is looked for: it is named when a log begins.
const FIRST_ROWS: u64 = 16;
/// How old an answer of a witness may be.
const WITNESS_EVERY: Duration = Duration::from_hours(24);

impl LogBook {
    pub(super) fn status(&self, about: &Circumstances) -> Result<LogStatus, Error> {
        let voice = about.voice;
        // It is asked for as often as something changes: nothing is to be written for that.
        let reader = self.committed();
        let status = match &reader {
            Ok(Some(reader)) => Some(reader.status()?),
            _ => None,
        };
        let (keeping, keeping_text, failing_since) = self.keeping(reader.as_ref().err(), about);
        let kept = self.kept(status.as_ref().map_or("", |status| status.origin.as_str()));
        let recorded = LogSentence::Recorded {
            everyone: kept.everyone,
        };
        let mut view = LogStatus {
            keeping,
            keeping_text,
            failing_since,
            origin: String::new(),
            key: String::new(),
            size: 0,
            epochs: 0,
            bytes: 0,
            first: None,
            last: None,
            size_text: voice.of_log(&LogSentence::None),
            pruned_below: None,
            pruned_text: String::new(),
            everyone: kept.everyone,
            recorded_text: voice.of_log(&recorded),
            witnessed: None,
            witnessed_text: String::new(),
            witness_due: false,
            exported: None,
            exported_text: String::new(),
            predecessor_text: String::new(),
        };
        if let (Ok(Some(reader)), Some(status)) = (&reader, status) {
            fill(&mut view, &status, about);
            let named = (!kept.predecessor.is_empty()).then_some(kept.predecessor);
            if let Some(origin) = named.or_else(|| predecessor_in(reader)) {
                view.predecessor_text =
                    report::line(&report::Line::Predecessor(&origin), voice.language);
            }
        }
        Ok(view)
    }

    fn keeping(
        &self,
        unreadable: Option<&Error>,
        about: &Circumstances,
    ) -> (Keeping, String, Option<i64>) {
        let voice = about.voice;
        let inner = self.inner();
        if !inner.kept.on {
            return (Keeping::Off, voice.of_log(&LogSentence::Off), None);
        }
        let mut waiting = 0;
        let failing = match (&inner.recorder, &inner.failed) {
            (Some(recorder), _) => {
                let health = recorder.health();
                waiting = health.pending;
                match health.writing {
                    Writing::NotSince { since, why } => Some((since.wall, why)),
                    Writing::Yes | Writing::Closed => None,
                }
            }
            (None, Some((since, why))) => Some((*since, why.clone())),
            (None, None) => unreadable.map(|error| (about.now.wall, chain(error))),
        };
        drop(inner);
        if let Some((since, why)) = failing {
            let text = voice.of_log(&LogSentence::NotWritten { since, why: &why });
            return (Keeping::Failing, text, Some(since.as_millis()));
        }
        let text = voice.of_log(&LogSentence::Written { waiting });
        (Keeping::Writing, text, None)
    }

    pub(super) fn page(&self, query: &LogQuery, about: &Circumstances) -> Result<LogPage, Error> {
        let Some(reader) = self.reader()? else {
            return Ok(LogPage {
                rows: Vec::new(),
                next: None,
                size: 0,
            });
        };
        let size = reader.size()?;
        let needle = query.text.trim().to_lowercase();
        let limit = usize::try_from(query.limit)
            .unwrap_or(MOST_ROWS)
            .clamp(1, MOST_ROWS);
        let wanted = |row: &LogRow| {
            needle.is_empty()
                || row.text.to_lowercase().contains(&needle)
                || row.kind_text.to_lowercase().contains(&needle)
        };
        let mut rows = Vec::new();
        let mut next = Some(query.before.unwrap_or(size).min(size));
        let mut looked_at = 0_usize;
        while let Some(end) = next
            && rows.len() < limit
            && looked_at < MOST_LOOKED_AT
        {
            let page = reader.rows(0..end, limit)?;
            next = page.next;
            for row in &page.rows {
                if rows.len() >= limit {
                    next = Some(row.index.saturating_add(1));
                    break;
                }
                looked_at = looked_at.saturating_add(1);
                if query.kinds.is_empty() || query.kinds.contains(&row.kind) {
                    let line = entry::of_row(row, &reader, about.voice);
                    rows.extend(wanted(&line).then_some(line));
                }
            }
        }
        Ok(LogPage { rows, next, size })
    }

    pub(super) fn mark(&self, mark: &MarkView, about: &Circumstances) -> Result<Outcome, Error> {
        let not_done = |sentence| Outcome {
            done: false,
            text: about.voice.of_log(&sentence),
            index: None,
        };
        let mark = match mark {
            MarkView::Words(words) if words.trim().is_empty() => {
                return Ok(not_done(LogSentence::EmptyMark));
            }
            MarkView::Words(words) => Mark::Words(words.trim().to_owned()),
            MarkView::SimIn => Mark::Preset(MarkPreset::SimIn),
            MarkView::ContactSaved => Mark::Preset(MarkPreset::ContactSaved),
            MarkView::MessageSent => Mark::Preset(MarkPreset::MessageSent),
            MarkView::ServiceOff => Mark::Preset(MarkPreset::ServiceOff),
            MarkView::Update => Mark::Preset(MarkPreset::Update),
            MarkView::SignIn => Mark::Preset(MarkPreset::SignIn),
        };
        let Some(recorder) = self.recorder() else {
            return Ok(not_done(self.why_not_written()));
        };
        let index = recorder.mark(&mark)?;
        Ok(Outcome {
            done: true,
            text: about.voice.of_log(&LogSentence::Marked),
            index: Some(index),
        })
    }
}

fn fill(view: &mut LogStatus, status: &Status, about: &Circumstances) {
    let voice = about.voice;
    let size = status.checkpoint.size;
    status.origin.as_str().clone_into(&mut view.origin);
    view.key = status.first.to_string();
    view.size = size;
    view.epochs = u32::try_from(status.epochs).unwrap_or(u32::MAX);
    view.bytes = status.bytes;
    view.first = status.begun.map(WallTime::as_millis);
    view.last = status.latest.map(WallTime::as_millis);
    view.size_text = voice.of_log(&LogSentence::Size {
        entries: size,
        bytes: &amount(status.bytes),
    });
    if status.pruned_below > 0 {
        view.pruned_below = Some(status.pruned_below);
        view.pruned_text = report::line(&report::Line::Pruned(status.pruned_below), voice.language);
    }
    view.witnessed_text = match &status.witnessed {
        None => voice.of_log(&LogSentence::NeverWitnessed),
        Some(seen) => {
            let since = size.saturating_sub(seen.size);
            view.witnessed = Some(WitnessedLine {
                name: seen.name.clone(),
                at: seen.time.map_or(0, WallTime::as_millis),
                size: seen.size,
                since,
            });
            voice.of_log(&LogSentence::Witnessed {
                name: &seen.name,
                at: seen.time,
                size: seen.size,
                since,
            })
        }
    };
    let last = status.witnessed.as_ref().and_then(|seen| seen.time);
    view.witness_due = last.is_none_or(|last| {
        about.now.wall.since(last) >= WITNESS_EVERY
            || about.last_match.is_some_and(|matched| matched > last)
    });
    view.exported = status.exported.map(|export| export.time.as_millis());
    view.exported_text = voice.of_log(&match status.exported {
        None => LogSentence::NeverExported,
        Some(export) => LogSentence::LastExported(export.time),
    });
}

/// The log that this one named when it began.
fn predecessor_in(reader: &Reader) -> Option<String> {
    let page = reader.rows(0..FIRST_ROWS, Reader::MAX_PAGE).ok()?;
    page.rows
        .iter()
        .find(|row| row.kind == Kind::Predecessor)
        .and_then(|row| row.value("origin").map(str::to_owned))
}

/// An amount of bytes as people read it, such as `1.2 MB`.
pub(super) fn amount(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if bytes < 1_000 {
        return format!("{bytes} B");
    }
    let (mut tenths, mut unit) = (bytes / 100, 0_usize);
    while tenths >= 10_000 && unit < UNITS.len() - 1 {
        tenths /= 1_000;
        unit += 1;
    }
    let mut text = (tenths / 10).to_string();
    if tenths < 1_000 {
        let _ = write!(text, ".{}", tenths % 10);
    }
    format!("{text} {}", UNITS.get(unit).unwrap_or(&""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_a_decimal_where_it_says_something() {
        for (bytes, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1.0 kB"),
            (15_449, "15.4 kB"),
            (123_456, "123 kB"),
            (999_999, "999 kB"),
            (1_250_000, "1.2 MB"),
            (209_715_200, "209 MB"),
            (4_294_967_296, "4.2 GB"),
        ] {
            assert_eq!(amount(bytes), text);
        }
    }
}
