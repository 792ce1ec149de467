//! What came of checking shared logs.

use std::time::Duration;

use portlog_journal::verify::{Comparison, Seen};
use portlog_journal::{Rejection, Report};
use portlog_model::WallTime;

use super::{Array, Object};
use crate::commands::log::against::Told;
use crate::commands::log::verify::{Against, Checked, Forked, Found, Verified};
use crate::time::rfc3339;

/// Appends the answer of `log verify`, without a line's end.
pub(crate) fn write_checked(out: &mut Vec<u8>, checked: &[Checked]) {
    let mut object = Object::new(out);
    let mut files = object.array("files");
    for file in checked {
        write_file(&mut files, file);
    }
}

/// Appends what came of one file.
pub(super) fn write_file(files: &mut Array<'_>, file: &Checked) {
    let mut object = files.object();
    object.string("file", &file.path.to_string_lossy());
    match &file.found {
        Found::Verified(verified) => {
            object.string("result", "verified");
            object.null("rejection");
            object.null("error");
            write_verified(&mut object, verified);
        }
        Found::Fork(forked) => {
            object.string("result", "fork");
            object.null("rejection");
            object.null("error");
            write_fork(&mut object, forked);
        }
        Found::Rejected(rejection) => {
            object.string("result", "rejected");
            write_rejection(&mut object.object("rejection"), rejection);
            object.null("error");
        }
        Found::Unreadable(why) => {
            object.string("result", "unreadable");
            object.null("rejection");
            object.string("error", why);
        }
    }
}

fn write_fork(object: &mut Object<'_>, forked: &Forked) {
    let report = &forked.report;
    write_first_lines(object, report.first_lines());
    object.bool("enough", forked.is_enough);
    object.bool("known", report.pinned);
    write_witnesses(object, &report.seen);
    object.number("unchecked_signatures", report.unchecked_signatures);
    object.string("origin", report.origin().as_str());
    {
        let mut sides = object.array("sides");
        for note in [&report.smaller, &report.larger] {
            let state = note.checkpoint();
            let mut side = sides.object();
            side.number("size", state.size);
            side.string("root", &state.root.to_base64());
        }
    }
    object.number("same_until", report.same_until);
    object.string("sha256", &report.sha256.to_hex());
}

/// Writes the lines that every output begins with.
pub(crate) fn write_first_lines(object: &mut Object<'_>, lines: Vec<String>) {
    let mut array = object.array("first_lines");
    for line in lines {
        array.string(&line);
    }
}

/// Writes how much of which state is shown.
pub(crate) fn write_extent(object: &mut Object<'_>, report: &Report) {
    object.string("mode", report.mode.as_str());
    object.number("shown", report.shown);
    object.number("size", report.size());
    let root = report.checkpoint.checkpoint().root;
    object.string("root", &root.to_base64());
    object.number("withheld_fields", report.withheld_fields);
}

fn write_witnesses(object: &mut Object<'_>, witnesses: &[Seen]) {
    let mut array = object.array("witnesses");
    for seen in witnesses {
        let mut witness = array.object();
        witness.string("name", &seen.witness);
        witness.number("size", seen.size);
        witness.string("time", &rfc3339(of_seconds(seen.time)));
    }
}

fn write_rejection(object: &mut Object<'_>, rejection: &Rejection) {
    object.string("number", rejection.fault.number());
    object.string("name", rejection.fault.name());
    object.number_or_null("line", rejection.line);
    object.string("detail", &rejection.detail);
}

fn write_verified(object: &mut Object<'_>, verified: &Verified) {
    let report = &verified.report;
    write_first_lines(object, report.first_lines());
    object.string("level", report.level().as_str());
    object.bool("enough", verified.is_enough);
    object.bool("known", report.pinned);
    write_witnesses(object, &report.seen);
    object.number("unchecked_signatures", report.unchecked_signatures);
    object.string("origin", report.origin().as_str());
    object.string("first_vkey", &report.chain.first().to_string());
    object.number("epochs", count(report.chain.epochs()));
    write_extent(object, report);
    let (from, to) = report.period.map_or((None, None), |(from, to)| {
        (Some(rfc3339(from)), Some(rfc3339(to)))
    });
    object.string_or_null("from", from.as_deref());
    object.string_or_null("to", to.as_deref());
    match report.newest_age_ms() {
        Some(age) => object.signed("newest_age_ms", age),
        None => object.null("newest_age_ms"),
    }
    write_watched(&mut object.object("watched"), report);
    write_obtained(object, report);
    object.string("sha256", &report.sha256.to_hex());
    match &verified.against {
        Some(against) => write_against(&mut object.object("against"), against),
        None => object.null("against"),
    }
}

fn write_watched(object: &mut Object<'_>, report: &Report) {
    let watched = &report.watched;
    object.number("watched_ms", millis(watched.watched));
    object.number("asleep_ms", millis(watched.asleep));
    object.number("denied_ms", millis(watched.denied));
    object.number("stopped_ms", millis(watched.stopped));
    object.number("heartbeats", watched.heartbeats);
    object.number("dropped", watched.dropped);
}

fn write_obtained(object: &mut Object<'_>, report: &Report) {
    let obtained = &report.obtained;
    object.bool_or_null("observed_live", obtained.observed().is_live());
    {
        let mut by = object.array("obtained");
        for (word, entries) in &obtained.by {
            let mut way = by.object();
            way.string("provenance", word);
            way.number("entries", *entries);
        }
    }
    object.number("obtained_not_shown", obtained.not_shown);
    object.number("packages_overridden", obtained.packages_overridden);
}

fn write_against(object: &mut Object<'_>, against: &Against) {
    object.string("result", against.told.word());
    let (mut added, mut missing, mut same) = (None, None, None);
    match &against.told {
        Told::States(Comparison::Same) => added = Some(0),
        Told::States(Comparison::Continues { added: count }) => added = Some(*count),
        Told::States(Comparison::RolledBack {
            missing: count,
            same_until_there,
        }) => {
            missing = Some(*count);
            same = Some(*same_until_there);
        }
        Told::States(_) | Told::NotSigned(_) => {}
    }
    object.number_or_null("added", added);
    object.number_or_null("missing", missing);
    object.bool_or_null("same_until_there", same);
    let proof = against
        .fork_proof
        .as_ref()
        .map(|path| path.to_string_lossy());
    object.string_or_null("fork_proof", proof.as_deref());
}

/// A time in seconds since 1970; a later one than any clock shows becomes the latest.
pub(crate) fn of_seconds(seconds: u64) -> WallTime {
    let millis = seconds
        .checked_mul(1000)
        .and_then(|millis| i64::try_from(millis).ok());
    WallTime::from_millis(millis.unwrap_or(i64::MAX))
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

fn count(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
