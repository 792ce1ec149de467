//! A log beside a capture, for people: what both have first, then what one of them lacks, then what
//! could not be compared.

use portlog_model::WallTime;

use super::page::Page;
use super::paint::{Paint, Tone};
use super::table::{Cell, Table};
use super::verify::write_one;
use crate::commands::log::corroborate::{Beside, Sides};
use crate::corroborate::{Flow, Logged, Scope};
use crate::time::LocalTime;

/// Rows of a table that are shown.
const ROWS: usize = 40;

/// Appends what the two say of each other.
pub(crate) fn write_beside(out: &mut String, beside: &Beside, local: &LocalTime, paint: Paint) {
    write_one(out, &beside.file, local, paint);
    let mut text = Page {
        out,
        local,
        paint,
        names: 24,
    };
    match &beside.sides {
        None => text.line(
            Tone::Alarm,
            "Nothing is compared: what does not check may not be taken as part of a log.",
        ),
        Some(sides) => {
            text.summary(beside, sides);
            text.differences(sides);
            text.not_compared(sides);
        }
    }
}

impl Page<'_> {
    fn summary(&mut self, beside: &Beside, sides: &Sides) {
        let Sides {
            log,
            capture,
            settings,
            result,
            ..
        } = sides;
        self.heading(&format!("Beside the capture {}", beside.capture.display()));
        let hosts: Vec<String> = sides.hosts.iter().map(ToString::to_string).collect();
        self.fact("the phone's addresses", hosts.join(", "));
        if let Some((from, to)) = capture.period {
            let (from, to) = (self.time(from), self.time(to));
            self.fact("captured", format!("{from} to {to}"));
        }
        for &(from, to) in log.looked.iter().take(ROWS) {
            let (from, to) = (self.time(from), self.time(to));
            self.fact("the log looked", format!("{from} to {to}"));
        }
        if let Some(why) = &capture.cut {
            self.line(
                Tone::Caution,
                format!("  The capture is not whole: {why}. What comes before counts."),
            );
        }
        if !settings.with_local {
            self.line(
                Tone::Caution,
                "  The phone's own ends are not compared: the address that was named is none of the log's \
                 (a router that rewrites addresses).",
            );
        }
        if let Some(ahead) = result.clock_ahead {
            let clocks = format!("capture minus log, by the median: {}", seconds(ahead));
            self.fact("clocks", clocks);
            if ahead.abs() > settings.tolerance {
                let shift = seconds(settings.shift.saturating_sub(ahead));
                self.line(
                    Tone::Caution,
                    format!(
                        "  The clocks seem to differ; --shift={shift} would put them together."
                    ),
                );
            }
        }
        self.out.push('\n');
        self.fact("confirmed", result.confirmed.len());
        self.fact("at another time", result.wrong_time.len());
        self.fact("only in the log", result.only_log.len());
        self.fact("only in the capture", result.only_capture.len());
        self.out.push('\n');
        let (wrong, of) = result.mistimed();
        self.fact("wrong-time rate", rate(wrong, of));
        let (missed, of) = result.missed();
        if log.scope == Scope::Everyone && sides.is_whole {
            self.fact("miss rate", rate(missed, of));
        } else {
            self.fact("miss rate", format!("at most {}", rate(missed, of)));
            self.line(Tone::Caution, format!("  {}", why_at_most(sides)));
        }
        if let (Some(interval), true) = (log.interval, missed > 0) {
            let short = result
                .only_capture
                .iter()
                .filter_map(|&at| capture.flows.get(at))
                .filter(|flow| flow.last.abs_diff(flow.first) < interval)
                .count();
            self.line(
                Tone::Plain,
                format!(
                    "  {short} of those only in the capture were shorter than the time from one look to the \
                     next ({} s).",
                    seconds(i64::try_from(interval).unwrap_or(i64::MAX))
                ),
            );
        }
    }

    fn differences(&mut self, sides: &Sides) {
        let Sides {
            log,
            capture,
            result,
            ..
        } = sides;
        let wrong: Vec<_> = result
            .wrong_time
            .iter()
            .filter_map(|pair| {
                let logged = log.connections.get(pair.logged)?;
                let flow = capture.flows.get(pair.flow)?;
                Some((
                    logged,
                    format!("{} ({} s)", self.time(flow.first), seconds(pair.off)),
                ))
            })
            .collect();
        self.logged("At another time", "CAPTURED", wrong);
        let only: Vec<_> = result
            .only_log
            .iter()
            .filter_map(|&at| Some((log.connections.get(at)?, String::new())))
            .collect();
        if !only.is_empty() {
            self.logged("Only in the log", "", only);
            self.line(
                Tone::Faint,
                "A UDP socket need not have sent anything. A connection over another network than the captured \
                 one (mobile data, a VPN) is not in the capture.",
            );
        }
        if result.only_capture.is_empty() {
            return;
        }
        self.heading("Only in the capture");
        let mut table = Table::new(["FIRST", "LAST", "PROTOCOL", "LOCAL", "REMOTE"]);
        let flows = result.only_capture.iter();
        for flow in flows.take(ROWS).filter_map(|&at| capture.flows.get(at)) {
            table.push(self.flow(flow));
        }
        table.write(self.out, self.paint);
        self.more(result.only_capture.len());
    }

    fn logged(&mut self, heading: &str, last: &'static str, rows: Vec<(&Logged, String)>) {
        if rows.is_empty() {
            return;
        }
        self.heading(heading);
        let mut table = Table::new([
            "ENTRY", "AFTER", "BY", "PROTOCOL", "LOCAL", "REMOTE", "UID", "OWNER", last,
        ]);
        let count = rows.len();
        for (logged, said) in rows.into_iter().take(ROWS) {
            let local = logged
                .local
                .map_or_else(|| "-".to_owned(), |end| end.to_string());
            let after = logged
                .after
                .map_or_else(|| "-".to_owned(), |at| self.time(at));
            table.push([
                Cell::new(&logged.entry.to_string()),
                Cell::new(&after),
                Cell::new(&self.time(logged.by)),
                Cell::new(logged.transport.as_str()),
                Cell::new(&local),
                Cell::new(&logged.remote.to_string()),
                Cell::new(
                    &logged
                        .uid
                        .map_or_else(|| "-".to_owned(), |uid| uid.to_string()),
                ),
                Cell::new(logged.owner.as_deref().unwrap_or("-")),
                Cell::new(&said),
            ]);
        }
        table.write(self.out, self.paint);
        self.more(count);
    }

    fn flow(&self, flow: &Flow) -> [Cell; 5] {
        [
            Cell::new(&self.time(flow.first)),
            Cell::new(&self.time(flow.last)),
            Cell::new(flow.transport.as_str()),
            Cell::new(&flow.local.to_string()),
            Cell::new(&flow.remote.to_string()),
        ]
    }

    fn more(&mut self, count: usize) {
        if let Some(more) = count.checked_sub(ROWS).filter(|&more| more > 0) {
            self.line(
                Tone::Faint,
                format!("... and {more} more; --format json has all"),
            );
        }
    }

    fn not_compared(&mut self, sides: &Sides) {
        let (log, seen, result) = (&sides.log.counts, &sides.capture.counts, &sides.result);
        let all = [
            (log.without_peer, "sockets of the log without another end"),
            (log.loopback, "connections of the log within the phone"),
            (
                log.other_protocols,
                "sockets of the log that are neither TCP nor UDP",
            ),
            (
                log.withheld,
                "connections of the log of which protocol, time or remote is withheld",
            ),
            (
                log.own,
                "sockets with which Portlog checks what the kernel shows",
            ),
            (log.left_out, "connections of the log beyond what is kept"),
            (
                result.logged_outside,
                "connections of the log outside the time of the capture",
            ),
            (
                result.other_family,
                "connections of the log of an address family for which no address of the phone is known",
            ),
            (
                result.captured_outside,
                "flows at times in which the log did not look",
            ),
            (
                result.unconnected,
                "UDP flows of ports on which the log has a socket without another end",
            ),
            (seen.of_others, "packets of others"),
            (seen.other_protocols, "packets that are neither TCP nor UDP"),
            (seen.fragments, "later fragments, which name no ports"),
            (seen.unreadable, "packets that could not be read"),
            (seen.flows_left_out, "flows beyond what is kept"),
        ];
        if all.iter().all(|(count, _)| *count == 0) {
            return;
        }
        self.heading("Not compared");
        for (count, what) in all.into_iter().filter(|(count, _)| *count > 0) {
            self.line(Tone::Plain, format!("  {count:>8} {what}"));
        }
    }

    fn time(&self, millis: i64) -> String {
        self.local.full(WallTime::from_millis(millis))
    }
}

/// Why what only the capture has need not have been missed.
fn why_at_most(sides: &Sides) -> &'static str {
    match (sides.log.scope, sides.is_whole) {
        (Scope::FirmwareAndUnknown, _) => {
            "The log keeps connections of programs that come with the phone and of unknown ones; what only \
             the capture has may be of other apps."
        }
        (Scope::NotShown, _) => {
            "Whose connections the log keeps is not shown; what only the capture has may be of others."
        }
        (Scope::Everyone, false) => {
            "The file does not show all of the log; what only the capture has may be withheld."
        }
        (Scope::Everyone, true) => "The file shows all of the log.",
    }
}

fn rate(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "nothing to tell it by".to_owned();
    }
    let tenths = u128::from(part) * 1_000 / u128::from(whole);
    format!("{}.{} % ({part} of {whole})", tenths / 10, tenths % 10)
}

/// Seconds with their sign and as many digits as milliseconds have.
fn seconds(millis: i64) -> String {
    let sign = if millis < 0 { "-" } else { "" };
    let size = millis.unsigned_abs();
    format!("{sign}{}.{:03}", size / 1_000, size % 1_000)
}
