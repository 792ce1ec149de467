//! Alerts and noted events, above everything else.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use portlog_model::{Level, Sentence};

use super::claims::Claim;
use super::draw::pane_block;
use super::panes::{emphasised, mark, window};
use super::screen::{Pane, Screen};
use super::state::State;
use super::theme::Theme;
use crate::speech::spoken;
use crate::text::clean::clean;
use crate::text::paint::Tone;
use crate::text::words;

/// Alerts and noted events, the newest on top.
pub(crate) fn alerts(
    frame: &mut Frame<'_>,
    area: Rect,
    state: &State,
    screen: &Screen,
    theme: Theme,
) {
    let (matches, possible) = state.claims().raised();
    let title = Line::from(vec![
        Span::raw(" Alerts "),
        Span::styled(
            format!("{matches} match"),
            theme.tone(if matches > 0 {
                Tone::Alarm
            } else {
                Tone::Faint
            }),
        ),
        Span::raw(" "),
        Span::styled(
            format!("{possible} possible "),
            theme.tone(if possible > 0 {
                Tone::Caution
            } else {
                Tone::Faint
            }),
        ),
    ]);
    let block = pane_block(title, Pane::Alerts, screen, theme);
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let claims = state.claims().list().len();
    let (from, cursor) = window(screen.cursor(Pane::Alerts), claims, inner.height);
    let lines: Vec<Line<'_>> = state
        .claims()
        .list()
        .iter()
        .skip(from)
        .take(usize::from(inner.height))
        .enumerate()
        .map(|(number, claim)| {
            let line = alert_line(claim, state, theme);
            emphasised(line, number == cursor && screen.pane == Pane::Alerts)
        })
        .collect();
    if lines.is_empty() {
        frame.render_widget(
            Line::styled(no_alert(state), theme.tone(Tone::Faint)),
            inner,
        );
    } else {
        frame.render_widget(Paragraph::new(lines), inner);
    }
}

/// The latest alert in one line, or that there is none.
pub(crate) fn alerts_line(frame: &mut Frame<'_>, area: Rect, state: &State, theme: Theme) {
    let line = state.claims().list().first().map_or_else(
        || Line::styled(no_alert(state), theme.tone(Tone::Faint)),
        |claim| alert_line(claim, state, theme),
    );
    frame.render_widget(line, area);
}

fn no_alert(state: &State) -> String {
    match state.lists() {
        [] => " No list is given (--list FILE), so no alert can be raised.".to_owned(),
        [one] => format!(
            " No alert so far. List {}, {} rules.",
            clean(&one.name),
            one.rules
        ),
        lists => format!(
            " No alert so far. {} lists, {} rules.",
            lists.len(),
            lists.iter().map(|list| list.rules).sum::<u64>()
        ),
    }
}

fn alert_line(claim: &Claim, state: &State, theme: Theme) -> Line<'static> {
    let alert = &claim.alert;
    let sentence = match claim.noted {
        Some(reason) => Sentence::Noted(alert, reason),
        None => Sentence::Alert(alert),
    };
    let text = spoken(&sentence, state.local(), claim.at.wall);
    let level = claim.level();
    let style = match level {
        Level::Noted => theme.tone(Tone::Faint),
        level => theme.tone(words::level_tone(level)),
    };
    Line::from(vec![
        mark(Some(level), theme),
        Span::styled(
            format!("{} ", state.local().clock(claim.at.wall)),
            theme.tone(Tone::Faint),
        ),
        Span::styled(clean(&text).into_owned(), style),
    ])
}
