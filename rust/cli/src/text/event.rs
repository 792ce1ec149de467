//! A watch as plain lines, one for each event and a few more for an alert.

use std::fmt::Write as _;

use portlog_model::{
    Alert, Coverage, Event, EventKind, Heartbeat, Level, ListInfo, Moment, Observed, PackagesInfo,
    Platform, Sentence, Started, WallTime,
};

use super::clean::clean;
use super::coverage::{not_live, write_coverage, write_item};
use super::paint::{Paint, Tone};
use super::{detail, words};
use crate::speech::{english, spoken};
use crate::time::{self, LocalTime};

/// Renders events as lines.
#[derive(Debug)]
pub(crate) struct Lines {
    paint: Paint,
    local: LocalTime,
    platform: Platform,
    date: String,
    /// Coverage of the first look, gathered so that it is said in one block.
    first_look: Option<Vec<Coverage>>,
}

impl Lines {
    /// Lines in this colour and time zone.
    pub(crate) const fn new(paint: Paint, local: LocalTime) -> Self {
        Self {
            paint,
            local,
            platform: Platform::Linux,
            date: String::new(),
            first_look: None,
        }
    }

    /// Appends the lines of one event.
    pub(crate) fn write(&mut self, out: &mut String, event: &Event) {
        if !matches!(
            &event.kind,
            EventKind::Coverage(_)
                | EventKind::Started(_)
                | EventKind::List(_)
                | EventKind::Packages(_)
        ) {
            self.end_of_first_look(out);
        }
        match &event.kind {
            EventKind::Started(started) => self.started(out, started, event.at),
            EventKind::Opened {
                observed, after, ..
            } => {
                let (verb, tone) = match after {
                    Some(_) => ("opened", Tone::Fresh),
                    None => ("present", Tone::Plain),
                };
                self.change(out, event.at, verb, tone, observed);
            }
            EventKind::Changed { observed, .. } => {
                self.change(out, event.at, "changed", Tone::Plain, observed);
            }
            EventKind::Closed { observed, .. } => {
                self.change(out, event.at, "closed", Tone::Faint, observed);
            }
            EventKind::Alert(alert) => self.alert(out, event.at, alert),
            EventKind::Noted(alert, reason) => {
                let text = spoken(&Sentence::Noted(alert, *reason), &self.local, event.at.wall);
                self.line(out, event.at, "noted", Tone::Plain, &text);
            }
            EventKind::Coverage(coverage) => self.coverage(out, event.at, coverage),
            EventKind::List(list) => self.list(out, event.at, list),
            EventKind::Packages(packages) => self.packages(out, event.at, packages),
            EventKind::Clock {
                before,
                jump_millis,
            } => self.clock(out, event.at, *before, *jump_millis),
            EventKind::Heartbeat(beat) => self.heartbeat(out, event.at, *beat),
            EventKind::Config { name, value } => {
                self.line(
                    out,
                    event.at,
                    "config",
                    Tone::Plain,
                    &format!("{name}: {value}"),
                );
            }
            EventKind::Drop { events } => {
                let text = format!("{events} events came faster than they were shown and are lost");
                self.line(out, event.at, "dropped", Tone::Alarm, &text);
            }
            EventKind::Gap { from, reason } => {
                let from = from.map_or_else(String::new, |from| {
                    format!("since {}: ", self.local.full(from.wall))
                });
                let text = format!("{from}{}", english(&Sentence::Gap(reason)));
                self.line(out, event.at, "gap", Tone::Caution, &text);
            }
            EventKind::Stopped(stopped) => {
                let text = format!(
                    "polls {}, alerts {} (match) and {} (possible), events lost {}",
                    stopped.polls, stopped.matches, stopped.possible, stopped.dropped
                );
                self.line(out, event.at, "stopped", Tone::Strong, &text);
            }
        }
    }

    /// Appends what is still held back at the end of a batch of events.
    pub(crate) fn end_of_batch(&mut self, out: &mut String) {
        self.end_of_first_look(out);
    }

    fn started(&mut self, out: &mut String, started: &Started, at: Moment) {
        self.platform = started.platform;
        self.first_look = Some(Vec::new());
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "{} {} watches {}: {} first, every {} ms, alerts for {}; {}",
            self.paint.paint(Tone::Strong, "Portlog"),
            started.version,
            started.platform,
            words::source(started.source),
            started.interval.as_millis(),
            if started.scope_all || started.platform == Platform::Linux {
                "every owner"
            } else {
                "firmware"
            },
            self.local.full(at.wall)
        );
        self.date = self.local.date(at.wall);
        if let Some(warning) = not_live(started.provenance) {
            let _ = writeln!(out, "{}", self.paint.paint(Tone::Caution, clean(&warning)));
        }
        if started.platform == Platform::Linux {
            let _ = writeln!(out, "{}", clean(&english(&Sentence::NoFirmwareHere)));
        }
        if started.packages_overridden {
            out.push_str("The package list was given by hand.\n");
        }
    }

    fn change(
        &mut self,
        out: &mut String,
        at: Moment,
        verb: &str,
        tone: Tone,
        observed: &Observed,
    ) {
        let connection = &observed.connection;
        if connection.own {
            return;
        }
        self.stamp(out, at, verb, tone);
        // Writing to a string cannot fail.
        let _ = write!(
            out,
            "{:<7} {:<21} {} {:<21} {:<12} {}",
            connection.protocol(),
            connection.local.to_string(),
            if connection.is_listener() {
                "  "
            } else {
                words::arrow(connection.direction)
            },
            words::peer(connection),
            words::state(connection),
            words::owner_label(&observed.owner)
        );
        let firmware = words::firmware_label(&observed.owner, self.platform);
        if !firmware.is_empty() {
            let _ = write!(out, ", firmware: {firmware}");
        }
        if let Some(matched) = words::strongest(&observed.matches) {
            let text = format!(
                "  [{}: {} {}]",
                matched.level, matched.hit.list, matched.hit.entry
            );
            let tone = words::level_tone(matched.level);
            let _ = write!(out, "{}", self.paint.paint(tone, clean(&text)));
        }
        out.push('\n');
    }

    fn alert(&mut self, out: &mut String, at: Moment, alert: &Alert) {
        let verb = match alert.level {
            Level::Match => "ALERT",
            Level::Possible => "alert",
            Level::Noted => "noted",
        };
        let tone = words::level_tone(alert.level);
        let text = spoken(&Sentence::Alert(alert), &self.local, at.wall);
        self.line(out, at, verb, tone, &text);
        for text in detail::of_alert(alert) {
            // Writing to a string cannot fail.
            let _ = writeln!(out, "{:19}{}", "", clean(&text));
        }
    }

    fn list(&mut self, out: &mut String, at: Moment, list: &ListInfo) {
        let text = format!(
            "{}, category {}, {} rules, {} bad lines, {}, sha256 {}",
            list.name,
            list.category,
            list.rules,
            list.bad_lines,
            list.date.map_or_else(
                || "undated".to_owned(),
                |date| format!("dated {}", self.local.date(date))
            ),
            list.sha256
        );
        self.line(out, at, "list", Tone::Plain, &text);
    }

    fn packages(&mut self, out: &mut String, at: Moment, packages: &PackagesInfo) {
        let (what, count) = match self.platform {
            Platform::Android => ("packages", packages.packages),
            Platform::Linux => ("accounts", packages.coverage.rows),
        };
        self.stamp(out, at, what, Tone::Plain);
        // Writing to a string cannot fail.
        let _ = write!(out, "{count} for {} UIDs; ", packages.uids);
        write_item(out, &packages.coverage, self.paint);
        out.push('\n');
    }

    fn clock(&mut self, out: &mut String, at: Moment, before: Moment, jump_millis: i64) {
        let jump = jump_millis.unsigned_abs();
        let text = format!(
            "the clock jumped by {}.{:03} s{}, it said {} before",
            jump / 1_000,
            jump % 1_000,
            if jump_millis < 0 { " backwards" } else { "" },
            self.local.full(before.wall)
        );
        self.line(out, at, "clock", Tone::Caution, &text);
    }

    fn heartbeat(&mut self, out: &mut String, at: Moment, beat: Heartbeat) {
        let text = format!(
            "{} polls, awake {}, asleep {}, {} connections",
            beat.polls,
            time::span(beat.awake),
            time::span(beat.suspended),
            beat.connections
        );
        self.line(out, at, "alive", Tone::Faint, &text);
    }

    fn coverage(&mut self, out: &mut String, at: Moment, coverage: &Coverage) {
        if let Some(gathered) = &mut self.first_look {
            gathered.push(coverage.clone());
            return;
        }
        self.stamp(out, at, "coverage", Tone::Caution);
        write_item(out, coverage, self.paint);
        out.push('\n');
    }

    fn end_of_first_look(&mut self, out: &mut String) {
        if self.first_look.as_ref().is_none_or(Vec::is_empty) {
            return;
        }
        if let Some(coverage) = self.first_look.take() {
            write_coverage(out, &coverage, self.paint);
        }
    }

    fn line(&mut self, out: &mut String, at: Moment, verb: &str, tone: Tone, text: &str) {
        self.stamp(out, at, verb, tone);
        out.push_str(&clean(text));
        out.push('\n');
    }

    /// Appends the time and the verb; before it the date, where it is another than last time.
    fn stamp(&mut self, out: &mut String, at: Moment, verb: &str, tone: Tone) {
        self.new_date(out, at.wall);
        let gap = 10_usize.saturating_sub(verb.len());
        // Writing to a string cannot fail.
        let _ = write!(
            out,
            "{} {}{:gap$}",
            self.paint.paint(Tone::Faint, self.local.clock(at.wall)),
            self.paint.paint(tone, verb),
            ""
        );
    }

    fn new_date(&mut self, out: &mut String, time: WallTime) {
        let date = self.local.date(time);
        if date != self.date {
            // Writing to a string cannot fail.
            let _ = writeln!(out, "{}", self.paint.paint(Tone::Strong, &date));
            self.date = date;
        }
    }
}
