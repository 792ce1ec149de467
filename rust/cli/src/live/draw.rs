//! Draws the view. It reads the state and changes nothing.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Paragraph};

use portlog_model::{CoverageItem, CoverageStatus, Platform};

use super::alerts;
use super::overlay;
use super::panes;
use super::screen::{Overlay, Pane, Screen};
use super::state::State;
use super::theme::Theme;
use crate::text::clean::clean;
use crate::text::coverage::{not_live, write_item};
use crate::text::paint::{Paint, Tone};
use crate::text::words;

/// Below this nothing can be read.
const MIN_WIDTH: u16 = 30;
const MIN_HEIGHT: u16 = 6;
/// Below this height one pane is shown at a time.
const STACKED_HEIGHT: u16 = 18;
/// From this width on listeners stand beside the connections.
const BESIDE_WIDTH: u16 = 170;
/// From this width on the date stands beside the time.
const FULL_TIME_WIDTH: u16 = 100;

/// Draws everything.
pub(crate) fn draw(frame: &mut Frame<'_>, state: &State, screen: &Screen, theme: Theme) {
    let area = frame.area();
    if area.width < MIN_WIDTH || area.height < MIN_HEIGHT {
        frame.render_widget(Paragraph::new("too small"), area);
        return;
    }
    let banner = banner(state, theme);
    let coverage = coverage(state, theme);
    let [top, banner_area, body, below, keys] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(lines(&banner)),
        Constraint::Fill(1),
        Constraint::Length(lines(&coverage).min((area.height / 4).max(1))),
        Constraint::Length(1),
    ])
    .areas(area);

    draw_top(frame, top, state, theme);
    frame.render_widget(Paragraph::new(banner), banner_area);
    draw_body(frame, body, state, screen, theme);
    frame.render_widget(Paragraph::new(coverage), below);
    frame.render_widget(key_line(screen, theme), keys);
    match screen.overlay {
        Overlay::None => {}
        Overlay::Help => overlay::help(frame, area, screen, theme),
        Overlay::Detail => overlay::detail(frame, area, state, screen, theme),
    }
}

fn draw_top(frame: &mut Frame<'_>, area: Rect, state: &State, theme: Theme) {
    let mut left = vec![Span::styled(" Portlog ", theme.tone(Tone::Strong))];
    if let Some(device) = state.device() {
        let text = format!(" {} \u{b7}", clean(device));
        left.push(Span::styled(text, theme.tone(Tone::Strong)));
    }
    if let Some(started) = state.started() {
        let text = format!(
            " {} \u{b7} {} \u{b7} {} \u{b7} alerts for {}",
            started.platform,
            started.provenance,
            words::source(started.source),
            if started.scope_all || started.platform == Platform::Linux {
                "every owner"
            } else {
                "firmware"
            }
        );
        left.push(Span::raw(text));
    }
    let right = state.now().map_or_else(String::new, |now| {
        let time = if area.width < FULL_TIME_WIDTH {
            state.local().clock(now.wall)
        } else {
            state.local().full(now.wall)
        };
        format!("{time} ")
    });
    let width = u16::try_from(right.len()).unwrap_or(u16::MAX);
    let [left_area, right_area] =
        Layout::horizontal([Constraint::Fill(1), Constraint::Length(width)]).areas(area);
    frame.render_widget(Line::from(left), left_area);
    frame.render_widget(
        Line::styled(right, theme.tone(Tone::Faint)).right_aligned(),
        right_area,
    );
}

/// What must not be overlooked.
fn banner(state: &State, theme: Theme) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    if let Some(warning) = state.provenance().and_then(not_live) {
        let style = theme.tone(Tone::Caution).patch(Theme::cursor());
        lines.push(Line::styled(format!(" {} ", clean(&warning)), style));
    }
    if let Some(why) = state.journal_trouble() {
        let text = format!(" THE JOURNAL IS NOT WRITTEN: {} ", clean(why));
        lines.push(Line::styled(text, theme.tone(Tone::Alarm)));
    }
    if let Some(notice) = state.notice() {
        lines.push(Line::from(vec![
            Span::styled(
                format!(" {} ", state.local().clock(notice.at.wall)),
                theme.tone(Tone::Faint),
            ),
            Span::styled(clean(&notice.text).into_owned(), theme.tone(Tone::Caution)),
        ]));
    }
    lines
}

/// What could not be looked at, a line each, and what was in one.
fn coverage(state: &State, theme: Theme) -> Vec<Line<'static>> {
    let mut read = Vec::new();
    let mut absent = Vec::new();
    let mut lines = Vec::new();
    for item in state.coverage() {
        match item.status {
            CoverageStatus::Readable if matches!(item.item, CoverageItem::Table(_)) => {
                read.push(item.item.as_str());
            }
            CoverageStatus::Readable => {}
            CoverageStatus::Absent => absent.push(item.item.as_str()),
            CoverageStatus::Denied | CoverageStatus::Untrusted => {
                let mut text = String::new();
                write_item(&mut text, item, Paint::OFF);
                let text = format!(" {text}");
                lines.push(Line::styled(text, theme.tone(Tone::Alarm)));
            }
        }
    }
    let mut text = match read.as_slice() {
        [] => " Looked at: nothing yet".to_owned(),
        read => format!(" Looked at: {}", read.join(" ")),
    };
    if !absent.is_empty() {
        text.push_str("; absent: ");
        text.push_str(&absent.join(" "));
    }
    lines.push(Line::styled(text, theme.tone(Tone::Faint)));
    lines
}

fn draw_body(frame: &mut Frame<'_>, area: Rect, state: &State, screen: &Screen, theme: Theme) {
    if area.height < STACKED_HEIGHT - 4 {
        match screen.pane {
            Pane::Alerts => alerts::alerts(frame, area, state, screen, theme),
            Pane::Connections => {
                let [line, rest] =
                    Layout::vertical([Constraint::Length(1), Constraint::Fill(1)]).areas(area);
                alerts::alerts_line(frame, line, state, theme);
                panes::connections(frame, rest, state, screen, theme);
            }
            Pane::Listeners => panes::listeners(frame, area, state, screen, theme),
        }
        return;
    }
    let claims = u16::try_from(state.claims().list().len()).unwrap_or(u16::MAX);
    let alerts_height = if claims == 0 && screen.pane != Pane::Alerts {
        1
    } else {
        claims.saturating_add(2).clamp(3, (area.height / 3).max(3))
    };
    let [top, rest] =
        Layout::vertical([Constraint::Length(alerts_height), Constraint::Fill(1)]).areas(area);
    if alerts_height == 1 {
        alerts::alerts_line(frame, top, state, theme);
    } else {
        alerts::alerts(frame, top, state, screen, theme);
    }
    let (main, side) = if area.width >= BESIDE_WIDTH {
        let [main, side] =
            Layout::horizontal([Constraint::Fill(2), Constraint::Fill(1)]).areas(rest);
        (main, side)
    } else {
        let listeners = u16::try_from(screen.view.listeners.len()).unwrap_or(u16::MAX);
        let height = listeners
            .saturating_add(2)
            .clamp(3, (rest.height / 3).max(3));
        let [main, side] =
            Layout::vertical([Constraint::Fill(1), Constraint::Length(height)]).areas(rest);
        (main, side)
    };
    panes::connections(frame, main, state, screen, theme);
    panes::listeners(frame, side, state, screen, theme);
}

fn key_line(screen: &Screen, theme: Theme) -> Line<'static> {
    if screen.is_typing {
        return Line::from(vec![
            Span::styled(" search: ", theme.tone(Tone::Strong)),
            Span::raw(clean(&screen.search).into_owned()),
            Span::styled(" ", Theme::cursor()),
            Span::styled("  enter keeps it, esc clears it", theme.tone(Tone::Faint)),
        ]);
    }
    let keys: &[(&str, &str)] = &[
        ("?", "keys"),
        ("/", "search"),
        ("s", "sort"),
        ("space", if screen.is_paused { "go on" } else { "pause" }),
        ("tab", "pane"),
        ("enter", "more"),
        ("q", "quit"),
    ];
    let mut spans = Vec::new();
    for (key, what) in keys {
        spans.push(Span::styled(format!(" {key}"), theme.tone(Tone::Strong)));
        spans.push(Span::styled(format!(" {what} "), theme.tone(Tone::Faint)));
    }
    Line::from(spans)
}

/// A pane's frame.
pub(crate) fn pane_block(
    title: Line<'static>,
    pane: Pane,
    screen: &Screen,
    theme: Theme,
) -> Block<'static> {
    Block::bordered()
        .border_style(theme.border(screen.pane == pane))
        .title(title)
}

fn lines(lines: &[Line<'_>]) -> u16 {
    u16::try_from(lines.len()).unwrap_or(u16::MAX)
}
