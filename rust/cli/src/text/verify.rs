//! What came of checking shared logs, for people: one file in full, several in a table.

use std::fmt::{Display, Write as _};
use std::time::Duration;

use portlog_journal::verify::{EvidenceLevel, Observed, Seen};
use portlog_journal::{Rejection, Report};

use super::clean::clean;
use super::paint::{Paint, Tone};
use super::table::{Cell, Table};
use crate::commands::log::verify::{Against, Checked, Forked, Found, Verified};
use crate::json::verify::of_seconds;
use crate::time::{LocalTime, hours};

/// Hexadecimal digits by which logs are told apart in a table.
const SHORT: usize = 12;
/// The beginning of every origin.
const ORIGIN: &str = "portlog/log/";

/// Appends what came of one file.
pub(crate) fn write_one(out: &mut String, file: &Checked, local: &LocalTime, paint: Paint) {
    // Writing to a string cannot fail.
    match &file.found {
        Found::Verified(verified) => write_verified(out, verified, local, paint),
        Found::Fork(forked) => write_fork(out, forked, local, paint),
        Found::Rejected(rejection) => write_rejected(out, file, rejection, paint),
        Found::Unreadable(why) => {
            let _ = writeln!(out, "{}", clean(why));
        }
    }
}

/// Appends a row for each file.
pub(crate) fn write_table(out: &mut String, files: &[Checked], local: &LocalTime, paint: Paint) {
    let good = files.iter().find_map(|file| match &file.found {
        Found::Verified(verified) => Some(verified),
        _ => None,
    });
    // The second of the lines that stand before every log: it is the same for all of them.
    if let Some(line) = good.and_then(|verified| verified.report.first_lines().into_iter().nth(1)) {
        let _ = writeln!(out, "{}\n", clean(&line));
    }
    let mut table = Table::new([
        "FILE", "RESULT", "SIGNER", "SHOWN", "FROM", "TO", "WATCHED", "ASLEEP", "DENIED",
        "STOPPED", "OBSERVED", "AGAINST", "LOG",
    ]);
    for file in files {
        let name = Cell::new(&file.path.display().to_string());
        table.push(match &file.found {
            Found::Verified(verified) => verified_row(name, verified, local),
            Found::Fork(forked) => fork_row(name, forked),
            Found::Rejected(rejection) => bad_row(name, &rejection.fault.to_string()),
            Found::Unreadable(_) => bad_row(name, "could not be read"),
        });
    }
    table.write(out, paint);
    let details = files.iter().filter_map(|file| match &file.found {
        Found::Rejected(rejection) => Some((file, rejection.to_string())),
        Found::Verified(verified) => {
            let against = verified.against.as_ref()?;
            (!against.told.is_consistent()).then(|| (file, against_text(against)))
        }
        Found::Fork(forked) => forked
            .report
            .first_lines()
            .into_iter()
            .next()
            .map(|line| (file, line)),
        Found::Unreadable(_) => None,
    });
    for (file, detail) in details {
        let path = file.path.display().to_string();
        let _ = write!(out, "\n{}: {}\n", clean(&path), clean(&detail));
    }
}

fn write_verified(out: &mut String, verified: &Verified, local: &LocalTime, paint: Paint) {
    let report = &verified.report;
    for (at, line) in report.first_lines().iter().enumerate() {
        let tone = match at {
            0 => Tone::Strong,
            1 | 2 => Tone::Plain,
            _ => Tone::Caution,
        };
        let _ = writeln!(out, "{}", paint.paint(tone, clean(line)));
    }
    out.push('\n');
    let mut facts = Facts::new(out, paint);
    let level = level_text(report.level());
    if verified.is_enough {
        facts.say("level", level);
    } else {
        facts.say_in(
            Tone::Alarm,
            "level",
            format!("{level}; less than was required"),
        );
    }
    if let Some(against) = &verified.against {
        let tone = if against.told.is_consistent() {
            Tone::Plain
        } else {
            Tone::Alarm
        };
        facts.say_in(tone, "against", against_text(against));
    }
    write_witnesses(&mut facts, &report.seen, Some(report.size()), local);
    write_unchecked(&mut facts, report.unchecked_signatures);
    facts.say("log", report.origin());
    facts.say("first vkey", report.chain.first());
    facts.say(
        "state",
        format!(
            "{}, {}, root {}",
            counted(report.size(), "entry", "entries"),
            counted(number(report.chain.epochs()), "epoch", "epochs"),
            report.checkpoint.checkpoint().root
        ),
    );
    facts.say("shown", shown_text(report, local));
    if let Some(age) = report.newest_age_ms() {
        facts.say("newest shown", age_text(age));
    }
    write_hours(&mut facts, report);
    if report.obtained.packages_overridden > 0 {
        facts.say_in(
            Tone::Caution,
            "packages",
            format!(
                "in {} shown entries the owners are by a list of packages that was given by hand",
                report.obtained.packages_overridden
            ),
        );
    }
    facts.say("sha256", report.sha256.to_hex());
}

fn write_fork(out: &mut String, forked: &Forked, local: &LocalTime, paint: Paint) {
    let report = &forked.report;
    for (at, line) in report.first_lines().iter().enumerate() {
        let tone = if at == 0 { Tone::Alarm } else { Tone::Plain };
        let _ = writeln!(out, "{}", paint.paint(tone, clean(line)));
    }
    out.push('\n');
    let mut facts = Facts::new(out, paint);
    if !forked.is_enough {
        facts.say_in(Tone::Alarm, "level", "less than was required");
    }
    write_witnesses(&mut facts, &report.seen, None, local);
    write_unchecked(&mut facts, report.unchecked_signatures);
    facts.say("log", report.origin());
    for note in [&report.smaller, &report.larger] {
        let state = note.checkpoint();
        facts.say(
            "side",
            format!("{} entries, root {}", state.size, state.root),
        );
    }
    facts.say(
        "the same",
        match report.same_until {
            0 => "not known how far".to_owned(),
            size => format!("up to {size} entries at least"),
        },
    );
    facts.say("sha256", report.sha256.to_hex());
}

/// `size` is that of the log's state, where there is one.
fn write_witnesses(
    facts: &mut Facts<'_>,
    witnesses: &[Seen],
    size: Option<u64>,
    local: &LocalTime,
) {
    for seen in witnesses {
        let later = size.map_or(0, |size| size.saturating_sub(seen.size));
        facts.say(
            "witness",
            format!(
                "{} signed the state of {} entries, {}{}",
                seen.witness,
                seen.size,
                local.full(of_seconds(seen.time)),
                match later {
                    0 => String::new(),
                    later => format!("; it says nothing of the {later} that came later"),
                }
            ),
        );
    }
}

fn write_unchecked(facts: &mut Facts<'_>, signatures: u64) {
    if signatures > 0 {
        facts.say(
            "not checked",
            format!(
                "{} in names that you gave no key of; that claims nothing",
                counted(signatures, "signature", "signatures")
            ),
        );
    }
}

fn write_hours(facts: &mut Facts<'_>, report: &Report) {
    let watched = &report.watched;
    if watched.heartbeats == 0 {
        facts.say(
            "hours",
            "not known: no heartbeats are shown, so nothing says when somebody looked",
        );
    } else {
        facts.say(
            "hours",
            format!(
                "watched {}, asleep {}, denied {}, stopped {}; at least, by {} shown",
                hours(watched.watched),
                hours(watched.asleep),
                hours(watched.denied),
                hours(watched.stopped),
                counted(watched.heartbeats, "heartbeat", "heartbeats")
            ),
        );
    }
    if watched.dropped > 0 {
        facts.say_in(
            Tone::Caution,
            "lost",
            format!("{} events, as the log says itself", watched.dropped),
        );
    }
}

fn write_rejected(out: &mut String, file: &Checked, rejection: &Rejection, paint: Paint) {
    let path = file.path.display().to_string();
    let verdict = format!("REJECTED: {rejection}");
    let _ = writeln!(
        out,
        "{}: {}\nNothing in it may be taken as part of a log. docs/LOG-FORMAT.md says what {} is.",
        clean(&path),
        paint.paint(Tone::Alarm, clean(&verdict)),
        rejection.fault.number()
    );
}

fn verified_row(name: Cell, verified: &Verified, local: &LocalTime) -> [Cell; 13] {
    let report = &verified.report;
    let watched = &report.watched;
    let (from, to) = report.period.map_or_else(Default::default, |(from, to)| {
        (local.minute(from), local.minute(to))
    });
    let time = |span| {
        let known = watched.heartbeats > 0;
        Cell::new(&if known { hours(span) } else { "?".to_owned() })
    };
    let result = match (verified.is_enough, report.level()) {
        (true, level) => Cell::new(level.as_str()),
        (false, level) => Cell::toned(&format!("{level}, too low"), Tone::Alarm),
    };
    let observed = report.obtained.observed();
    let tone = match observed {
        Observed::NotLive => Tone::Caution,
        Observed::Live | Observed::Nothing => Tone::Plain,
    };
    [
        name,
        result,
        Cell::new(&signer(report)),
        Cell::new(&format!("{} of {}", report.shown, report.size())),
        Cell::new(&from),
        Cell::new(&to),
        time(watched.watched),
        time(watched.asleep),
        time(watched.denied),
        time(watched.stopped),
        Cell::toned(observed.as_str().unwrap_or("-"), tone),
        verified.against.as_ref().map_or_else(
            || Cell::new(""),
            |against| {
                let tone = if against.told.is_consistent() {
                    Tone::Plain
                } else {
                    Tone::Alarm
                };
                Cell::toned(against.told.word(), tone)
            },
        ),
        Cell::new(&short(report.origin().as_str())),
    ]
}

fn fork_row(name: Cell, forked: &Forked) -> [Cell; 13] {
    let report = &forked.report;
    let mut row = bad_row(name, "two histories");
    let [smaller, larger] = [&report.smaller, &report.larger].map(|note| note.checkpoint().size);
    if let Some(cell) = row.get_mut(3) {
        *cell = Cell::new(&format!("{smaller} and {larger}"));
    }
    if let Some(cell) = row.last_mut() {
        *cell = Cell::new(&short(report.origin().as_str()));
    }
    row
}

fn bad_row(name: Cell, why: &str) -> [Cell; 13] {
    let empty = || Cell::new("");
    [
        name,
        Cell::toned(why, Tone::Alarm),
        empty(),
        empty(),
        empty(),
        empty(),
        empty(),
        empty(),
        empty(),
        empty(),
        empty(),
        empty(),
        empty(),
    ]
}

fn signer(report: &Report) -> String {
    match (report.pinned, report.seen.len()) {
        (false, 0) => "unknown".to_owned(),
        (true, 0) => "known to you".to_owned(),
        (known, count) => format!(
            "{}{count} {}",
            if known { "known to you, " } else { "" },
            if count == 1 { "witness" } else { "witnesses" }
        ),
    }
}

fn level_text(level: EvidenceLevel) -> &'static str {
    match level {
        EvidenceLevel::SelfConsistent => {
            "L0: it is consistent in itself; who signed is not known (--key or --against says more)"
        }
        EvidenceLevel::Pinned => "L1: you knew this log before",
        EvidenceLevel::Witnessed => "L3: a witness that you know saw this state or an earlier one",
    }
}

fn against_text(against: &Against) -> String {
    match &against.fork_proof {
        Some(path) => format!("{}; the proof is in {}", against.told, path.display()),
        None => against.told.to_string(),
    }
}

fn shown_text(report: &Report, local: &LocalTime) -> String {
    let mode = report.mode.as_str();
    let withheld = counted(report.withheld_fields, "field", "fields");
    match report.period {
        Some((from, to)) => format!(
            "{mode}; {} to {}, by the phone's clock; {withheld} withheld",
            local.full(from),
            local.full(to)
        ),
        None => format!("{mode}; no entry that shows a time; {withheld} withheld"),
    }
}

/// A file whose end was cut checks as well as one that is whole: its age is what a reader can see.
fn age_text(millis: i64) -> String {
    let length = Duration::from_millis(millis.unsigned_abs());
    let length = match length.as_secs() / 86_400 {
        0 => hours(length),
        days => counted(days, "day", "days"),
    };
    if millis < 0 {
        format!("{length} after this machine's clock: one of the two clocks is wrong")
    } else {
        format!("{length} before this machine's clock; nothing here says what came later")
    }
}

/// A count as what [`counted`] takes.
pub(super) fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// `1 entry`, `2 entries`.
pub(super) fn counted(count: u64, one: &str, more: &str) -> String {
    let word = if count == 1 { one } else { more };
    format!("{count} {word}")
}

fn short(origin: &str) -> String {
    let digits = origin.strip_prefix(ORIGIN).unwrap_or(origin);
    digits.chars().take(SHORT).collect()
}

/// Names in one column, what is said of them in the other.
pub(super) struct Facts<'a> {
    out: &'a mut String,
    paint: Paint,
}

impl<'a> Facts<'a> {
    pub(super) const fn new(out: &'a mut String, paint: Paint) -> Self {
        Self { out, paint }
    }

    pub(super) fn say(&mut self, name: &str, text: impl Display) {
        self.say_in(Tone::Plain, name, text);
    }

    pub(super) fn say_in(&mut self, tone: Tone, name: &str, text: impl Display) {
        let text = text.to_string();
        let _ = writeln!(
            self.out,
            "{:<12} {}",
            name,
            self.paint.paint(tone, clean(&text))
        );
    }
}
