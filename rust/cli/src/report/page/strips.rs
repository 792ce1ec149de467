//! The timeline: strips that are drawn, the same in numbers, and what happened besides.
//!
//! Each lane is its own drawing, stretched to the page's width, and its words are text beside it: so
//! they keep their size on a narrow screen, and nobody needs to see the drawing to know what is in it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use portlog_model::Sentence;
use portlog_words::report::{Line, Phrase};

use super::Page;
use super::parts::{Caption, Voice, left_out, table, time, told};
use super::seen::shown_alerts;
use crate::report::facts::{Happening, What};
use crate::report::html::Html;
use crate::report::timeline::{Spent, Strip, Timeline};
use crate::report::told::Told;

/// The least distance of two numbers on a lane, in thousandths of its width.
const APART: i64 = 60;
/// The most numbers in one place.
const MAX_TOGETHER: usize = 3;

/// The whole section.
pub(super) fn timeline(html: &mut Html, page: &Page<'_>, voice: Voice) {
    match &page.facts.timeline {
        None => html.leaf("p", &[], voice.phrase(Phrase::NoPeriod)),
        Some(timeline) => {
            html.leaf(
                "p",
                &[("class", "note")],
                voice.phrase(Phrase::TimelineNote),
            );
            html.element("figure", &[("class", "strips")], |html| {
                lanes(html, page, timeline, voice);
            });
            rows(html, timeline, voice);
        }
    }
    happenings(html, page, voice);
}

fn lanes(html: &mut Html, page: &Page<'_>, timeline: &Timeline, voice: Voice) {
    for what in Spent::ALL {
        let (phrase, class) = names(what);
        let lengths = timeline.fine.slices.iter().map(|slice| slice.spent(what));
        let filled: Vec<i64> = lengths.collect();
        lane(
            html,
            voice.phrase(phrase),
            class,
            total(&filled),
            &timeline.fine,
            &filled,
            voice,
        );
    }
    let rest: Vec<i64> = timeline
        .fine
        .slices
        .iter()
        .map(super::super::timeline::Slice::not_accounted)
        .collect();
    let label = voice.phrase(Phrase::NotAccounted);
    lane(
        html,
        label,
        "unsaid",
        total(&rest),
        &timeline.fine,
        &rest,
        voice,
    );
    alert_lane(html, page, timeline, voice);
    mark_lane(html, timeline, voice);
    html.element("div", &[("class", "axis")], |html| {
        let middle = timeline.from.millis / 2 + timeline.to.millis / 2;
        for at in [timeline.from.millis, middle, timeline.to.millis] {
            html.leaf("span", &[], timeline.from.with_millis(at).to_the_minute());
        }
    });
}

/// A lane: its name, how long in all, and the strip.
fn lane(
    html: &mut Html,
    name: &str,
    class: &'static str,
    total: Duration,
    strip: &Strip,
    filled: &[i64],
    voice: Voice,
) {
    let total = voice.span(total);
    html.element("div", &[("class", "lane")], |html| {
        lane_name(html, name, &total);
        let label = format!("{name}: {total}");
        drawing(html, class, &label, |html| {
            for (from, to, height) in runs(strip, filled) {
                bar(html, from, to, height);
            }
        });
    });
}

/// Slices of the same height together: where they begin and end in 100,000ths, and how high they are in
/// thousandths.
fn runs(strip: &Strip, filled: &[i64]) -> Vec<(usize, usize, i64)> {
    let count = strip.slices.len().max(1);
    let mut runs: Vec<(usize, usize, i64)> = Vec::new();
    for (at, (slice, filled)) in strip.slices.iter().zip(filled).enumerate() {
        let height = filled.saturating_mul(100).checked_div(slice.length);
        let height = height.unwrap_or(0).clamp(0, 100) * 10;
        // Never so little that it cannot be seen.
        let height = if *filled > 0 { height.max(60) } else { 0 };
        let (from, to) = (at * 100_000 / count, (at + 1) * 100_000 / count);
        match runs.last_mut() {
            Some((_, end, same)) if *same == height => *end = to,
            _ => runs.push((from, to, height)),
        }
    }
    runs.retain(|(_, _, height)| *height > 0);
    runs
}

fn lane_name(html: &mut Html, name: &str, total: &str) {
    html.element("div", &[("class", "lane-name")], |html| {
        html.leaf("span", &[], name);
        html.text(" ");
        html.leaf("span", &[("class", "total")], total);
    });
}

fn drawing(html: &mut Html, class: &'static str, label: &str, content: impl FnOnce(&mut Html)) {
    let attributes = [
        ("class", class),
        ("role", "img"),
        ("aria-label", label),
        ("viewBox", "0 0 100000 1000"),
        ("preserveAspectRatio", "none"),
        ("shape-rendering", "crispEdges"),
    ];
    html.element("svg", &attributes, content);
}

/// A bar that stands on the strip's lower edge; `height` in thousandths.
fn bar(html: &mut Html, from: usize, to: usize, height: i64) {
    let attributes = [
        ("x", from.to_string()),
        ("y", (1_000 - height).to_string()),
        ("width", to.saturating_sub(from).to_string()),
        ("height", height.to_string()),
    ];
    let attributes = attributes
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    html.element("rect", &attributes, |_| {});
}

/// When alerts were raised, each with its number where there is room.
fn alert_lane(html: &mut Html, page: &Page<'_>, timeline: &Timeline, voice: Voice) {
    let mut ticks: BTreeMap<i64, u64> = BTreeMap::new();
    for (number, finding) in shown_alerts(page) {
        for at in finding.entries.iter().filter_map(|(_, at)| *at) {
            ticks
                .entry(timeline.thousandths(at.millis))
                .or_insert(number);
        }
    }
    let count: u64 = timeline.rows.slices.iter().map(|slice| slice.alerts).sum();
    let name = voice.phrase(Phrase::Alerts);
    html.element("div", &[("class", "lane")], |html| {
        lane_name(html, name, &count.to_string());
        html.element("div", &[("class", "numbered")], |html| {
            drawing(html, "alerts", &format!("{name}: {count}"), |html| {
                let slices = timeline.fine.slices.iter().enumerate();
                let length = timeline.fine.slices.len().max(1);
                let unnumbered = slices
                    .filter(|(_, slice)| slice.alerts > 0)
                    .filter_map(|(at, _)| i64::try_from(at * 1_000 / length).ok());
                // Beyond those that the page shows in full, there may be others in the file.
                let beyond = page.facts.findings.alerts_left_out > 0
                    || page.facts.findings.alerts.len() > shown_alerts(page).count();
                for at in unnumbered.filter(|_| beyond) {
                    tick(html, at);
                }
                for at in ticks.keys() {
                    tick(html, *at);
                }
            });
            for (at, numbers) in groups(&ticks) {
                let style = format!("left:{}.{}%", at / 10, at % 10);
                html.element("span", &[("class", "numbers"), ("style", &style)], |html| {
                    for (position, number) in numbers.iter().enumerate() {
                        if position > 0 {
                            html.text(" ");
                        }
                        let anchor = format!("#alert-{number}");
                        html.leaf("a", &[("href", &anchor)], number.to_string());
                    }
                });
            }
        });
    });
}

/// Numbers that stand so near to each other that they share a place, in order.
fn groups(ticks: &BTreeMap<i64, u64>) -> Vec<(i64, BTreeSet<u64>)> {
    let mut groups: Vec<(i64, BTreeSet<u64>)> = Vec::new();
    for (at, number) in ticks {
        match groups.last_mut() {
            Some((begin, numbers)) if at - *begin < APART => {
                if numbers.len() < MAX_TOGETHER {
                    numbers.insert(*number);
                }
            }
            _ => groups.push((*at, BTreeSet::from([*number]))),
        }
    }
    groups
}

fn mark_lane(html: &mut Html, timeline: &Timeline, voice: Voice) {
    let count: u64 = timeline.rows.slices.iter().map(|slice| slice.marks).sum();
    let name = voice.phrase(Phrase::Marks);
    html.element("div", &[("class", "lane")], |html| {
        lane_name(html, name, &count.to_string());
        drawing(html, "marks", &format!("{name}: {count}"), |html| {
            for mark in &timeline.marks {
                tick(html, timeline.thousandths(mark.at));
            }
        });
    });
}

fn tick(html: &mut Html, thousandths: i64) {
    let at = (thousandths * 100).to_string();
    let attributes = [
        ("x1", at.as_str()),
        ("x2", &at),
        ("y1", "0"),
        ("y2", "1000"),
        ("vector-effect", "non-scaling-stroke"),
    ];
    html.element("line", &attributes, |_| {});
}

/// The table for those who cannot see the drawing, or want the numbers.
fn rows(html: &mut Html, timeline: &Timeline, voice: Voice) {
    let heads = [
        Phrase::From,
        Phrase::Watched,
        Phrase::Asleep,
        Phrase::Denied,
        Phrase::Stopped,
        Phrase::NotAccounted,
        Phrase::Alerts,
        Phrase::Marks,
    ];
    let heads = heads.map(|head| voice.phrase(head));
    let strip = &timeline.rows;
    let rows = (0_i64..)
        .zip(&strip.slices)
        .filter(|(_, slice)| slice.length > 0);
    table(
        html,
        Caption::Shown(voice.phrase(Phrase::TimelineTable)),
        &heads,
        rows,
        |html, column, (at, slice)| {
            let spent = |what| length(slice.spent(what), voice);
            let text = match column {
                0 => {
                    let begin = strip.begin.saturating_add(at.saturating_mul(strip.step));
                    timeline.from.with_millis(begin).to_the_minute()
                }
                1 => spent(Spent::Watched),
                2 => spent(Spent::Asleep),
                3 => spent(Spent::Denied),
                4 => spent(Spent::Stopped),
                5 => length(slice.not_accounted(), voice),
                6 => slice.alerts.to_string(),
                _ => slice.marks.to_string(),
            };
            html.text(&text);
        },
    );
}

/// Marks, gaps, and what happened to the log, by its entries.
fn happenings(html: &mut Html, page: &Page<'_>, voice: Voice) {
    let (marks, others) = (&page.facts.marks, &page.facts.happenings);
    let mut rows: Vec<&Happening> = marks.rows.iter().chain(&others.rows).collect();
    if rows.is_empty() {
        return;
    }
    rows.sort_by_key(|it| it.index);
    let heads = [Phrase::Time, Phrase::What, Phrase::Until].map(|head| voice.phrase(head));
    table(
        html,
        Caption::Shown(voice.phrase(Phrase::Happenings)),
        &heads,
        rows,
        |html, column, it| match column {
            0 => time(html, &it.time, voice),
            1 => what(html, &it.what, voice),
            _ => {
                if let Some(since) = &it.since {
                    time(html, since, voice);
                }
            }
        },
    );
    left_out(html, marks.left_out.saturating_add(others.left_out), voice);
}

fn what(html: &mut Html, what: &What, voice: Voice) {
    match what {
        What::Preset(preset) => match preset.whole().and_then(preset_phrase) {
            Some(phrase) => html.text(voice.phrase(phrase)),
            None => told(html, preset, voice),
        },
        What::Words(words) => {
            html.text(voice.phrase(Phrase::MarkWords));
            html.text(": ");
            told(html, words, voice);
        }
        What::Gap(Ok(reason)) => html.text(&voice.say(&Sentence::Gap(reason))),
        What::Gap(Err(word)) => told(html, word, voice),
        What::ClockJump(millis) => html.text(&voice.line(&Line::ClockJump(*millis))),
        What::Dropped(events) => html.text(&voice.line(&Line::Dropped(*events))),
        What::Pruned(below) => html.text(&voice.line(&Line::Pruned(*below))),
        What::Predecessor(Told::Value(origin, _)) => {
            html.text(&voice.line(&Line::Predecessor(origin)));
        }
        What::Witness(Told::Value(name, _), size) => {
            let line = Line::WitnessAnswered { name, size: *size };
            html.text(&voice.line(&line));
        }
        What::Predecessor(other) | What::Witness(other, _) => told(html, other, voice),
    }
}

fn preset_phrase(word: &str) -> Option<Phrase> {
    Some(match word {
        "sim-in" => Phrase::MarkSimIn,
        "contact-saved" => Phrase::MarkContactSaved,
        "message-sent" => Phrase::MarkMessageSent,
        "service-off" => Phrase::MarkServiceOff,
        "update" => Phrase::MarkUpdate,
        "sign-in" => Phrase::MarkSignIn,
        _ => return None,
    })
}

/// The words and the class of a lane.
pub(super) const fn names(what: Spent) -> (Phrase, &'static str) {
    match what {
        Spent::Watched => (Phrase::Watched, "watched"),
        Spent::Asleep => (Phrase::Asleep, "asleep"),
        Spent::Denied => (Phrase::Denied, "denied"),
        Spent::Stopped => (Phrase::Stopped, "stopped"),
    }
}

fn total(lengths: &[i64]) -> Duration {
    duration(lengths.iter().copied().fold(0, i64::saturating_add))
}

fn length(millis: i64, voice: Voice) -> String {
    // What rounding leaves of a slice is no time.
    if millis < 1_000 {
        return "0".to_owned();
    }
    voice.span(duration(millis))
}

fn duration(millis: i64) -> Duration {
    Duration::from_secs(u64::try_from(millis.saturating_add(500) / 1_000).unwrap_or(0))
}
