//! Connections by owner, and listeners.

use std::fmt::Write as _;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use portlog_model::{ConnectionId, Firmware, Level, Platform, SocketState};

use super::draw::pane_block;
use super::screen::{Pane, Screen};
use super::state::{Entry, State};
use super::theme::Theme;
use super::view::{Row, Sort};
use crate::text::clean::clean;
use crate::text::paint::Tone;
use crate::text::words;

/// Below this width a connection's own end is left out.
const LOCAL_WIDTH: u16 = 96;

/// Connections, in groups where they are sorted by owner.
pub(crate) fn connections(
    frame: &mut Frame<'_>,
    area: Rect,
    state: &State,
    screen: &Screen,
    theme: Theme,
) {
    let view = &screen.view;
    let block = pane_block(
        connections_title(state, screen, theme),
        Pane::Connections,
        screen,
        theme,
    );
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let (from, cursor) = window(
        screen.cursor(Pane::Connections),
        view.rows.len(),
        inner.height,
    );
    let lines: Vec<Line<'_>> = view
        .rows
        .iter()
        .skip(from)
        .take(usize::from(inner.height))
        .enumerate()
        .map(|(number, row)| {
            let line = match row {
                Row::Owner {
                    label,
                    firmware,
                    level,
                    example,
                    count,
                } => {
                    let firmware_word = state.entry(*example).map_or_else(String::new, |entry| {
                        words::firmware_label(&entry.observed.owner, state.platform())
                    });
                    owner_line(label, *firmware, &firmware_word, *level, *count, theme)
                }
                Row::Connection(id) => connection_line(*id, state, screen, inner.width, theme),
            };
            emphasised(line, number == cursor && screen.pane == Pane::Connections)
        })
        .collect();
    frame.render_widget(Paragraph::new(lines), inner);
}

fn connections_title(state: &State, screen: &Screen, theme: Theme) -> Line<'static> {
    let view = &screen.view;
    let mut title = vec![Span::raw(format!(
        " Connections {} \u{b7} by {} ",
        view.connections,
        screen.sort.as_str()
    ))];
    if !screen.search.is_empty() {
        title.push(Span::styled(
            format!(
                "\u{b7} search {:?}, {} hidden ",
                clean(&screen.search),
                view.hidden
            ),
            theme.tone(Tone::Caution),
        ));
    }
    if state.unkept() > 0 {
        title.push(Span::styled(
            format!("\u{b7} {} more not listed ", state.unkept()),
            theme.tone(Tone::Alarm),
        ));
    }
    if screen.is_paused {
        title.push(Span::styled(
            " PAUSED ",
            theme.tone(Tone::Caution).patch(Theme::cursor()),
        ));
    }
    Line::from(title)
}

fn owner_line(
    label: &str,
    firmware: Firmware,
    firmware_word: &str,
    level: Option<Level>,
    count: usize,
    theme: Theme,
) -> Line<'static> {
    let tone = match firmware {
        Firmware::Yes | Firmware::Preloaded | Firmware::Mixed => Tone::Firmware,
        Firmware::No | Firmware::Unknown => Tone::Plain,
    };
    let mut spans = vec![
        mark(level, theme),
        Span::styled(
            label.to_owned(),
            theme.tone(tone).patch(theme.tone(Tone::Strong)),
        ),
        Span::styled(
            format!("  {count} connection{}", if count == 1 { "" } else { "s" }),
            theme.tone(Tone::Faint),
        ),
    ];
    if !firmware_word.is_empty() {
        spans.push(Span::styled(
            format!("  firmware: {firmware_word}"),
            theme.tone(tone),
        ));
    }
    Line::from(spans)
}

fn connection_line(
    id: ConnectionId,
    state: &State,
    screen: &Screen,
    width: u16,
    theme: Theme,
) -> Line<'static> {
    let Some(entry) = state.entry(id) else {
        // Paused, and gone meanwhile.
        return Line::styled("     (closed)", theme.tone(Tone::Faint));
    };
    let connection = &entry.observed.connection;
    let matched = words::strongest(&entry.observed.matches);
    let (local_width, peer_width) = screen.view.widths;
    let style = entry_style(entry, state, theme);
    let mut text = format!("  {:<7} ", connection.protocol().as_str());
    // Writing to a string cannot fail.
    if width >= LOCAL_WIDTH {
        let _ = write!(text, "{:<local_width$} ", connection.local.to_string());
    }
    let _ = write!(
        text,
        "{} {:<peer_width$}  {:<12} {:>8}",
        words::arrow(connection.direction),
        words::peer(connection),
        if entry.closed.is_some() {
            "closed"
        } else {
            words::state(connection)
        },
        state.age(entry)
    );
    let mut spans = vec![
        mark(matched.map(|matched| matched.level), theme),
        Span::styled(text, style),
    ];
    if screen.sort != Sort::Owner {
        spans.push(Span::styled(
            format!("  {}", words::owner_label(&entry.observed.owner)),
            owner_style(entry, state.platform(), theme).patch(style),
        ));
    }
    if let Some(matched) = matched {
        let text = format!(
            "  {} {}: {}",
            matched.level, matched.hit.list, matched.hit.entry
        );
        spans.push(Span::styled(
            clean(&text).into_owned(),
            theme.tone(words::level_tone(matched.level)),
        ));
    }
    Line::from(spans)
}

/// Sockets that wait for peers.
pub(crate) fn listeners(
    frame: &mut Frame<'_>,
    area: Rect,
    state: &State,
    screen: &Screen,
    theme: Theme,
) {
    let listeners = &screen.view.listeners;
    let title = Line::from(format!(" Waiting for peers {} ", listeners.len()));
    let block = pane_block(title, Pane::Listeners, screen, theme);
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let (from, cursor) = window(
        screen.cursor(Pane::Listeners),
        listeners.len(),
        inner.height,
    );
    let local_width = listeners
        .iter()
        .filter_map(|id| state.entry(*id))
        .map(|entry| entry.observed.connection.local.to_string().len())
        .max()
        .unwrap_or(0);
    let lines: Vec<Line<'_>> = listeners
        .iter()
        .skip(from)
        .take(usize::from(inner.height))
        .enumerate()
        .map(|(number, id)| {
            let line = state.entry(*id).map_or_else(
                || Line::styled("     (closed)", theme.tone(Tone::Faint)),
                |entry| listener_line(entry, state, local_width, theme),
            );
            emphasised(line, number == cursor && screen.pane == Pane::Listeners)
        })
        .collect();
    frame.render_widget(Paragraph::new(lines), inner);
}

fn listener_line(entry: &Entry, state: &State, local_width: usize, theme: Theme) -> Line<'static> {
    let connection = &entry.observed.connection;
    let style = entry_style(entry, state, theme);
    let waits = match connection.state {
        SocketState::Listen => "listening",
        _ => "open",
    };
    Line::from(vec![
        mark(None, theme),
        Span::styled(
            format!(
                "  {:<7} {:<local_width$}  {waits:<11}",
                connection.protocol().as_str(),
                connection.local.to_string()
            ),
            style,
        ),
        Span::styled(
            words::owner_label(&entry.observed.owner),
            owner_style(entry, state.platform(), theme).patch(style),
        ),
    ])
}

/// A mark that says the level without colour.
pub(crate) fn mark(level: Option<Level>, theme: Theme) -> Span<'static> {
    match level {
        Some(Level::Match) => Span::styled("! ", theme.tone(Tone::Alarm)),
        Some(Level::Possible) => Span::styled("? ", theme.tone(Tone::Caution)),
        Some(Level::Noted) => Span::raw(". "),
        None => Span::raw("  "),
    }
}

fn entry_style(entry: &Entry, state: &State, theme: Theme) -> Style {
    if entry.closed.is_some() {
        theme.tone(Tone::Faint)
    } else if state.is_fresh(entry) {
        theme.tone(Tone::Fresh)
    } else {
        Style::new()
    }
}

fn owner_style(entry: &Entry, platform: Platform, theme: Theme) -> Style {
    match entry.observed.owner.firmware {
        Firmware::Yes | Firmware::Preloaded | Firmware::Mixed if platform == Platform::Android => {
            theme.tone(Tone::Firmware)
        }
        _ => Style::new(),
    }
}

/// The line, with the cursor on it or not.
pub(crate) fn emphasised(line: Line<'static>, is_cursor: bool) -> Line<'static> {
    if is_cursor {
        line.patch_style(Theme::cursor())
    } else {
        line
    }
}

/// The first row shown, and the cursor's place below it: the cursor is always in view, and the
/// last page is full.
pub(crate) fn window(cursor: usize, rows: usize, height: u16) -> (usize, usize) {
    let height = usize::from(height).max(1);
    let from = if cursor < height {
        0
    } else {
        // A page's middle, so that what comes next is in view on both sides.
        (cursor - height / 2).min(rows.saturating_sub(height))
    };
    (from, cursor.saturating_sub(from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cursor_is_always_in_view() {
        for rows in 0..40 {
            for cursor in 0..rows {
                for height in 1..12_u16 {
                    let (from, at) = window(cursor, rows, height);
                    assert_eq!(from + at, cursor);
                    assert!(at < usize::from(height), "{rows} {cursor} {height}");
                    assert!(from == 0 || from + usize::from(height) <= rows);
                }
            }
        }
    }
}
