//! What was looked at and what was not, said below every table and at the start of every watch.

use std::fmt::Write as _;

use portlog_model::{Coverage, CoverageItem, CoverageStatus, Provenance, Sentence, SourceKind};

use super::clean::clean;
use super::paint::{Paint, Tone};
use super::words;
use crate::speech::{english, joined};

/// Appends what was looked at in one line, and a line for each thing that could not be.
pub(crate) fn write_coverage(out: &mut String, coverage: &[Coverage], paint: Paint) {
    let mut line = String::new();
    for item in coverage {
        if item.status == CoverageStatus::Readable && matches!(item.item, CoverageItem::Table(_)) {
            let separator = if line.is_empty() { "" } else { ", " };
            // Writing to a string cannot fail.
            let _ = write!(line, "{separator}{} {}", item.item, item.rows);
        }
    }
    if line.is_empty() {
        line.push_str("no table");
    }
    let _ = writeln!(
        out,
        "{} {line}{}",
        paint.paint(Tone::Strong, "Looked at (rows):"),
        by(coverage)
    );
    for line in remarks(coverage, paint) {
        let _ = writeln!(out, "  {line}");
    }
}

/// A line for each thing of which there is more to say than how many rows it has; one line where
/// the same is to be said of several.
pub(crate) fn remarks(coverage: &[Coverage], paint: Paint) -> Vec<String> {
    let remarkable: Vec<&Coverage> = coverage.iter().filter(|item| is_remarkable(item)).collect();
    remarkable
        .chunk_by(|one, other| says_the_same(one, other))
        .filter_map(|same| {
            let first = same.first()?;
            let names: Vec<&str> = same.iter().map(|item| item.item.as_str()).collect();
            let mut line = String::new();
            write_named(&mut line, &names.join(", "), first, paint);
            Some(line)
        })
        .collect()
}

/// Whether there is more to say of it than how many rows it has.
fn is_remarkable(item: &Coverage) -> bool {
    item.status != CoverageStatus::Readable || !item.details.is_empty() || item.bad_rows > 0
}

/// Whether one line says what is to be said of both.
fn says_the_same(one: &Coverage, other: &Coverage) -> bool {
    one.status == other.status
        && one.source == other.source
        && one.details == other.details
        && one.bad_rows == 0
        && other.bad_rows == 0
}

/// Appends one piece of coverage, without a line's end.
pub(crate) fn write_item(out: &mut String, item: &Coverage, paint: Paint) {
    write_named(out, item.item.as_str(), item, paint);
}

fn write_named(out: &mut String, name: &str, item: &Coverage, paint: Paint) {
    let status = match item.status {
        CoverageStatus::Readable => paint.paint(Tone::Plain, "readable"),
        CoverageStatus::Denied => paint.paint(Tone::Alarm, "DENIED, not looked at"),
        CoverageStatus::Absent => paint.paint(Tone::Faint, "absent, not looked at"),
        CoverageStatus::Untrusted => paint.paint(Tone::Alarm, "NOT TRUSTED"),
    };
    // Writing to a string cannot fail.
    let _ = write!(out, "{name}: {status}");
    if item.status == CoverageStatus::Readable && item.source != SourceKind::Packages {
        let _ = write!(out, " by {}", words::source(item.source));
    }
    if item.bad_rows > 0 {
        let _ = write!(
            out,
            ", {}",
            paint.paint(
                Tone::Caution,
                format_args!("{} could not be parsed", item.bad_rows)
            )
        );
    }
    let details = joined(
        item.details
            .iter()
            .map(|detail| english(&Sentence::Coverage(*detail))),
    );
    if let Some(details) = details {
        let _ = write!(out, "; {}", clean(&details));
    }
}

/// That rows are not from a running kernel, where so.
pub(crate) fn not_live(provenance: Provenance) -> Option<String> {
    (!provenance.is_live())
        .then(|| format!("{} ({provenance})", english(&Sentence::NotObservedLive)))
}

/// The interface, where all tables came through the same.
fn by(coverage: &[Coverage]) -> String {
    let mut sources = coverage
        .iter()
        .filter(|item| {
            item.status == CoverageStatus::Readable && matches!(item.item, CoverageItem::Table(_))
        })
        .map(|item| item.source);
    match sources.next() {
        Some(first) if sources.all(|source| source == first) => {
            format!(", by {}", words::source(first))
        }
        _ => String::new(),
    }
}
