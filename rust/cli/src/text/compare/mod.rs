//! Two logs side by side, for people: what else differs comes first, what became of each destination
//! last, and behind it what that does not say.

mod phrases;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use portlog_journal::compare::{ENOUGH_SIGHTINGS, Fact, ListFact, MarkFact, Row, Told, Verdict};
use portlog_journal::verify::NOT_LIVE;

use self::phrases::{because, counted, key, not_live, relation, shown, tells_tier, value, values};

use super::clean::clean;
use super::page::Page;
use super::paint::{Paint, Tone};
use super::verify::write_one;
use crate::commands::log::compare::{Laid, Refused, Sides};
use crate::commands::log::verify::{Checked, Found as Checking};
use crate::time::{LocalTime, hours};

/// The widest verdict and two spaces.
const VERDICT: usize = 20;
/// Names of a destination that are shown.
const NAMES: usize = 3;
/// Marks of a side that are shown.
const MARKS: usize = 50;
/// Columns of a paragraph.
const WIDTH: usize = 100;

/// Appends what came of laying files side by side.
pub(crate) fn write_laid(out: &mut String, laid: &Laid, local: &LocalTime, paint: Paint) {
    let mut text = Page {
        out,
        local,
        paint,
        names: 28,
    };
    text.not_live(laid);
    let sides: &[&str] = match laid.files.len() {
        1 => &["File"],
        _ => &["Earlier", "Later"],
    };
    for (file, side) in laid.files.iter().zip(sides) {
        text.file(file, side);
    }
    match &laid.result {
        Ok(sides) => text.sides(sides),
        Err(Refused::Rejected) => text.line(
            Tone::Alarm,
            "Nothing is compared: what does not check may not be taken as part of a log.",
        ),
        Err(Refused::Fork) => text.line(
            Tone::Alarm,
            "Nothing is compared: FORK: these are two signed histories of one log, that cannot both \
             be true. 'log verify LATER --against EARLIER' writes the proof.",
        ),
    }
}

impl Page<'_> {
    fn not_live(&mut self, laid: &Laid) {
        let mut any = false;
        for (file, side) in laid
            .files
            .iter()
            .zip(["the earlier file", "the later file"])
        {
            let Checking::Verified(verified) = &file.found else {
                continue;
            };
            let side = if laid.files.len() == 1 {
                "the file"
            } else {
                side
            };
            if let Some(line) = not_live(&verified.report) {
                self.line(Tone::Caution, format!("{NOT_LIVE} in {side}: {line}"));
                any = true;
            }
        }
        if any {
            self.out.push('\n');
        }
    }

    fn file(&mut self, file: &Checked, side: &str) {
        let path = file.path.display();
        self.line(Tone::Strong, format!("{side}: {path}"));
        match &file.found {
            Checking::Verified(verified) => {
                let report = &verified.report;
                for line in report.first_lines() {
                    self.line(Tone::Plain, format!("  {line}"));
                }
                let level = report.level();
                self.line(
                    Tone::Plain,
                    format!("  Evidence level {level}; 'log verify' says what that means."),
                );
                self.line(Tone::Faint, format!("  {}", report.origin()));
            }
            _ => write_one(self.out, file, self.local, self.paint),
        }
        self.out.push('\n');
    }

    fn sides(&mut self, sides: &Sides) {
        let phone = relation(sides);
        self.line(Tone::Plain, format!("Same phone: {phone}."));
        self.facts(sides);
        self.looked(sides);
        self.marks(sides);
        self.owners(sides);
        self.limits(sides);
    }

    fn facts(&mut self, sides: &Sides) {
        self.heading("What else differs");
        let (same, differing): (Vec<&Fact>, Vec<&Fact>) = sides
            .facts
            .iter()
            .partition(|fact| fact.is_same() && !fact.is_uncertain());
        for fact in differing {
            let told = format!("{}  ->  {}", values(&fact.before), values(&fact.after));
            let tail = match (fact.is_uncertain(), fact.is_same()) {
                (false, _) => "",
                (true, _) => "  (cannot be compared)",
            };
            self.fact(fact.name, format!("{told}{tail}"));
        }
        let (before, after) = (sides.before.lists(), sides.after.lists());
        self.lists("lists, only earlier", before.difference(after));
        self.lists("lists, only later", after.difference(before));
        let (unknown, same): (Vec<&Fact>, Vec<&Fact>) = same
            .into_iter()
            .partition(|fact| fact.before == [Told::Nothing]);
        let names = |facts: &[&Fact]| -> Vec<String> {
            facts.iter().map(|fact| fact.name.to_owned()).collect()
        };
        let mut the_same = names(&same);
        if before == after && !before.is_empty() {
            the_same.push(counted(before.len() as u64, "list", "lists"));
        }
        for (what, names) in [("The same", the_same), ("Not known", names(&unknown))] {
            if !names.is_empty() {
                self.paragraph(&format!("{what} in both: {}.", names.join(", ")));
            }
        }
        if sides.facts.iter().any(tells_tier) {
            self.paragraph(
                "The two were not watched in the same way: what is seen less often later may be so \
                 for that alone.",
            );
        }
    }

    fn lists<'l>(&mut self, name: &str, lists: impl Iterator<Item = &'l ListFact>) {
        for list in lists {
            let ListFact {
                name: list,
                category,
                sha256,
            } = list;
            self.fact(
                name,
                format!(
                    "{} ({}), SHA-256 {}",
                    value(list),
                    value(category),
                    value(sha256)
                ),
            );
        }
    }

    fn looked(&mut self, sides: &Sides) {
        self.heading("When somebody looked");
        for (name, half) in [("earlier", &sides.before), ("later", &sides.after)] {
            let period = half.period.map_or_else(
                || "no times are shown".to_owned(),
                |(from, to)| {
                    let (from, to) = (self.local.minute(from), self.local.minute(to));
                    format!("{from} to {to}")
                },
            );
            let of = &half.hours;
            self.fact(name, period);
            self.fact(
                "",
                format!(
                    "watched {}, asleep {}, denied {}, stopped {}; by {}",
                    hours(of.watched),
                    hours(of.asleep),
                    hours(of.denied),
                    hours(of.stopped),
                    counted(of.heartbeats, "heartbeat", "heartbeats")
                ),
            );
            let mut counts = format!("of what was watched {} count", hours(of.whole));
            for (time, why) in [
                (of.withheld, "of which entries are withheld"),
                (of.lossy, "in which events were lost"),
            ] {
                if !time.is_zero() {
                    let _ = write!(counts, "; not {} {why}", hours(time));
                }
            }
            for (table, time) in &of.untrusted {
                let _ = write!(
                    counts,
                    "; for table {table} {} less, in which it could not be relied on",
                    hours(*time)
                );
            }
            self.fact("", counts);
            self.fact("", shown(half));
        }
        if let (Some((_, end)), Some((begin, _))) = (sides.before.period, sides.after.period)
            && begin < end
        {
            self.line(
                Tone::Caution,
                "  By the phone's clock the later side begins before the earlier one ends.",
            );
        }
    }

    fn marks(&mut self, sides: &Sides) {
        self.heading("Marks");
        let mut none = true;
        for (name, half) in [("earlier", &sides.before), ("later", &sides.after)] {
            for mark in half.marks.iter().take(MARKS) {
                none = false;
                let parts = sides.mark == Some(mark.index);
                let parts = if parts {
                    "  (the two sides part here)"
                } else {
                    ""
                };
                let text = format!("{}{parts}", self.mark(mark));
                self.fact(name, text);
            }
            let left = half.marks.len().saturating_sub(MARKS) as u64;
            let left = left.saturating_add(half.more_marks);
            if left > 0 {
                self.fact(name, format!("and {left} more"));
            }
        }
        if none {
            self.fact("none", "");
        }
    }

    fn mark(&self, mark: &MarkFact) -> String {
        let time = mark
            .time
            .map_or_else(|| "time withheld".to_owned(), |time| self.local.full(time));
        let words: Vec<&str> = [&mark.preset, &mark.text]
            .into_iter()
            .filter(|told| **told != Told::Nothing)
            .map(value)
            .collect();
        format!("entry {}, {time}: {}", mark.index, words.join(", "))
    }

    fn owners(&mut self, sides: &Sides) {
        self.heading("By owner and destination");
        if sides.owners.is_empty() {
            self.line(
                Tone::Plain,
                "  Neither file shows a connection with another end.",
            );
        }
        for owner in &sides.owners {
            self.line(Tone::Strong, phrases::owner(owner));
            for (name, facts) in [("earlier", &owner.before), ("later", &owner.after)] {
                let withheld = facts.as_ref().map_or(0, |facts| facts.remote_withheld);
                if withheld > 0 {
                    self.line(
                        Tone::Caution,
                        format!(
                            "  in the {name} file {} the other end and cannot be compared",
                            counted(withheld, "entry withholds", "entries withhold")
                        ),
                    );
                }
            }
            for row in &owner.rows {
                self.row(row, sides);
            }
        }
    }

    fn row(&mut self, row: &Row, sides: &Sides) {
        let (verdict, tone) = phrases::verdict(&row.verdict);
        let mut place = row.destination.to_string();
        let seen = row.before.iter().chain(&row.after);
        let names: BTreeSet<&str> = seen
            .flat_map(|seen| &seen.names)
            .map(AsRef::as_ref)
            .collect();
        if !names.is_empty() {
            let names: Vec<&str> = names.into_iter().take(NAMES).collect();
            let _ = write!(place, " (seen for {})", names.join(", "));
        }
        // Writing to a string cannot fail.
        let _ = writeln!(
            self.out,
            "  {} {}",
            self.paint.paint(tone, format_args!("{verdict:<VERDICT$}")),
            clean(&place)
        );
        for line in because(row, sides) {
            self.line(Tone::Plain, format!("  {:<VERDICT$} {line}", ""));
        }
        if !row.also_by.is_empty() && !matches!(row.verdict, Verdict::NotComparable(_)) {
            let others: Vec<String> = row.also_by.iter().map(|owner| key(owner)).collect();
            let file = if row.before.is_some() {
                "later"
            } else {
                "earlier"
            };
            self.line(
                Tone::Plain,
                format!(
                    "  {:<VERDICT$} the {file} file shows it by {}",
                    "",
                    others.join(", ")
                ),
            );
        }
    }

    fn limits(&mut self, sides: &Sides) {
        self.heading("What this does not say");
        self.paragraph(&format!(
            "\"Not seen again\": the earlier rate let at least {ENOUGH_SIGHTINGS} sightings be \
             expected in the later time that counts, and there was none. That does not prove that \
             nothing goes there any more: it may connect more rarely, while nobody looks, through \
             another owner, or to an address that nothing here ties to it. It does not say why, or \
             who did it."
        ));
        self.paragraph(
            "\"New\": the earlier file does not show it. That does not prove that it was not there.",
        );
        let rows = || sides.owners.iter().flat_map(|owner| &owner.rows);
        if rows().any(|row| matches!(row.verdict, Verdict::Moved { .. })) {
            self.paragraph(
                "\"Moved\": to an address that was seen for the same name, or is in the same /24 or \
                 /48. Addresses beside each other are often one operator's; nothing here proves that \
                 these are.",
            );
        }
        if rows().any(|row| *row.destination.protocol == *"udp") {
            self.paragraph(
                "UDP: a socket was opened towards the address; whether anything was sent is not \
                 known.",
            );
        }
    }

    /// Text in lines that a terminal has room for.
    fn paragraph(&mut self, text: &str) {
        let mut line = String::from(" ");
        for word in text.split(' ') {
            if line.len() + word.len() >= WIDTH {
                self.line(Tone::Plain, &line);
                line = String::from("   ");
            }
            line.push(' ');
            line.push_str(word);
        }
        self.line(Tone::Plain, &line);
    }
}
