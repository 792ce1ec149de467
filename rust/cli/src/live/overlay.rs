//! What lies over the panes: the keys, and more about what the cursor is on.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Padding, Paragraph, Wrap};

use portlog_model::Sentence;

use super::screen::{Screen, Subject};
use super::state::State;
use super::theme::Theme;
use crate::speech::spoken;
use crate::text::clean::clean;
use crate::text::detail;
use crate::text::paint::Tone;

const KEYS: [(&str, &str); 14] = [
    ("q, Ctrl-C", "quit"),
    ("?", "these keys"),
    ("/", "search owners, addresses, states, lists"),
    ("Esc", "clear the search"),
    ("s", "sort by owner, newest, peer"),
    ("space, p", "let the rows stand still; the watch goes on"),
    ("Tab", "the next pane"),
    ("d", "the next phone, where several are watched"),
    ("arrows, j, k", "up and down"),
    ("PgUp, PgDn", "a page up and down"),
    ("Home, End", "to the top, to the end"),
    (
        "Enter",
        "more about the line, and why its owner is said to be it",
    ),
    ("!  ?  .", "a match, a possible match, noted"),
    ("->  <-  --", "went out, came in, not known"),
];

/// The keys and signs.
pub(crate) fn help(frame: &mut Frame<'_>, area: Rect, screen: &Screen, theme: Theme) {
    let lines = KEYS
        .iter()
        .map(|(key, what)| {
            Line::from(vec![
                Span::styled(format!("{key:<14}"), theme.tone(Tone::Strong)),
                Span::raw(*what),
            ])
        })
        .collect();
    popup(frame, area, " Keys ", lines, screen, theme);
}

/// More about what the cursor is on.
pub(crate) fn detail(
    frame: &mut Frame<'_>,
    area: Rect,
    state: &State,
    screen: &Screen,
    theme: Theme,
) {
    let (title, texts) = match screen.subject() {
        Some(Subject::Claim(number)) => {
            let Some(claim) = state.claims().list().get(number) else {
                return;
            };
            let sentence = match claim.noted {
                Some(reason) => Sentence::Noted(&claim.alert, reason),
                None => Sentence::Alert(&claim.alert),
            };
            let mut texts = vec![spoken(&sentence, state.local(), claim.at.wall)];
            texts.push(String::new());
            texts.extend(detail::of_alert(&claim.alert));
            (" Alert ", texts)
        }
        Some(Subject::Connection(id)) => match state.entry(id) {
            Some(entry) => (
                " Connection ",
                detail::of_connection(&entry.observed, state.platform(), state.local()),
            ),
            None => (" Connection ", vec!["It is closed.".to_owned()]),
        },
        None => return,
    };
    let lines = texts
        .iter()
        .map(|text| Line::raw(clean(text).into_owned()))
        .collect();
    popup(frame, area, title, lines, screen, theme);
}

fn popup(
    frame: &mut Frame<'_>,
    area: Rect,
    title: &'static str,
    lines: Vec<Line<'static>>,
    screen: &Screen,
    theme: Theme,
) {
    let width = area.width.saturating_sub(4).min(100);
    // Border and padding take two columns on each side.
    let inside = usize::from(width.saturating_sub(4)).max(1);
    let wrapped: usize = lines.iter().map(|line| wrapped_height(line, inside)).sum();
    let wrapped = u16::try_from(wrapped).unwrap_or(u16::MAX);
    let height = wrapped.saturating_add(2).min(area.height.saturating_sub(2));
    let place = Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 2,
        width,
        height,
    };
    let last = wrapped.saturating_sub(height.saturating_sub(2));
    let block = Block::bordered()
        .border_style(theme.border(true))
        .padding(Padding::horizontal(1))
        .title(title)
        .title_bottom(Line::styled(" any key closes ", theme.tone(Tone::Faint)).right_aligned());
    frame.render_widget(Clear, place);
    frame.render_widget(
        Paragraph::new(lines)
            .wrap(Wrap { trim: false })
            .scroll((screen.overlay_scroll.min(last), 0))
            .block(block),
        place,
    );
}

/// Rows that a line takes when words are kept whole; a word longer than a row is broken.
fn wrapped_height(line: &Line<'_>, width: usize) -> usize {
    use unicode_width::UnicodeWidthStr as _;

    let text: String = line
        .spans
        .iter()
        .map(|span| span.content.as_ref())
        .collect();
    let mut rows = 1;
    let mut column = 0;
    for word in text.split(' ') {
        let length = word.width();
        let gap = usize::from(column > 0);
        if column + gap + length <= width {
            column += gap + length;
        } else {
            let full = length.saturating_sub(1) / width;
            rows += full + usize::from(column > 0);
            column = length - full * width;
        }
    }
    rows
}
