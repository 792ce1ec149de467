//! The view on a terminal that only remembers: what stands where, at every size.

use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use portlog_model::{Event, EventKind, Observed, Provenance, SocketState};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::style::{Color, Modifier};

use super::draw::draw;
use super::screen::Screen;
use super::state::State;
use super::theme::Theme;
use crate::fixtures::{self, moment};
use crate::time::LocalTime;

/// A phone with a listed host, a denied table and a listener.
fn told() -> State {
    let mut state = State::new(LocalTime::utc());
    for event in fixtures::events() {
        let is_end = matches!(
            event.kind,
            EventKind::Closed { .. }
                | EventKind::Clock { .. }
                | EventKind::Drop { .. }
                | EventKind::Gap { .. }
                | EventKind::Config { .. }
                | EventKind::Stopped(_)
                | EventKind::Heartbeat(_)
        );
        if !is_end {
            state.apply(&event);
        }
    }
    state.apply(&Event {
        at: moment(0),
        kind: EventKind::Coverage(fixtures::readable()),
    });
    let mut listener = fixtures::connection();
    listener.id = portlog_model::ConnectionId::new(8);
    listener.local = fixtures::end("0.0.0.0:8022");
    listener.remote = fixtures::end("0.0.0.0:0");
    listener.state = SocketState::Listen;
    state.apply(&Event {
        at: moment(3),
        kind: EventKind::Opened {
            observed: Arc::new(Observed {
                connection: listener,
                owner: Arc::new(fixtures::account()),
                names: Vec::new(),
                shared_address: false,
                matches: Vec::new(),
            }),
            after: None,
            by: moment(3),
        },
    });
    state
}

fn drawn(state: &State, screen: &Screen, width: u16, height: u16, colour: bool) -> TestBackend {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal
        .draw(|frame| draw(frame, state, screen, Theme::new(colour)))
        .unwrap();
    terminal.backend().clone()
}

fn text(backend: &TestBackend) -> Vec<String> {
    let buffer = backend.buffer();
    let width = usize::from(buffer.area.width);
    buffer
        .content
        .chunks(width)
        .map(|row| row.iter().map(ratatui::buffer::Cell::symbol).collect())
        .collect()
}

fn line_of<'a>(lines: &'a [String], needle: &str) -> (usize, &'a str) {
    lines
        .iter()
        .enumerate()
        .find(|(_, line)| line.contains(needle))
        .map_or_else(
            || panic!("no {needle:?} in\n{}", lines.join("\n")),
            |(number, line)| (number, line.as_str()),
        )
}

fn shown(state: &State) -> Screen {
    let mut screen = Screen::default();
    screen.refresh(state);
    screen
}

fn press(screen: &mut Screen, state: &State, code: KeyCode) {
    screen.key(KeyEvent::new(code, KeyModifiers::NONE), state);
}

#[test]
fn alerts_stand_above_connections_and_listeners_below() {
    let state = told();
    let lines = text(&drawn(&state, &shown(&state), 120, 30, true));
    let (alert, _) = line_of(&lines, "Match:");
    let (owner, line) = line_of(&lines, "com.example.sync (10012)  1 connection");
    assert!(line.contains("firmware: yes"), "{line}");
    let (connection, line) = line_of(&lines, "203.0.113.7:80  ");
    assert!(
        line.contains("192.0.2.10:40213 -> 203.0.113.7:80"),
        "{line}"
    );
    assert!(line.contains("match mine.txt: 203.0.113.7"), "{line}");
    let (listener, line) = line_of(&lines, "0.0.0.0:8022");
    assert!(
        line.contains("listening") && line.contains("fetcher[4242]"),
        "{line}"
    );
    assert!(alert < owner && owner < connection && connection < listener);
}

#[test]
fn a_denied_table_is_said_so() {
    let state = told();
    let lines = text(&drawn(&state, &shown(&state), 80, 24, true));
    line_of(&lines, "tcp6: DENIED, not looked at");
    line_of(&lines, "Looked at: tcp ");
}

#[test]
fn what_is_not_live_is_marked() {
    let mut state = State::new(LocalTime::utc());
    let mut started = fixtures::started();
    started.provenance = Provenance::Replay;
    state.apply(&Event {
        at: moment(0),
        kind: EventKind::Started(started),
    });
    for (width, height) in [(120, 30), (30, 6)] {
        let lines = text(&drawn(&state, &shown(&state), width, height, true));
        line_of(&lines, "NOT OBSERVED LIVE");
    }
    let live = told();
    let lines = text(&drawn(&live, &shown(&live), 120, 30, true));
    assert!(lines.iter().all(|line| !line.contains("NOT OBSERVED")));
}

#[test]
fn every_size_can_be_drawn() {
    let state = told();
    let mut screens = vec![shown(&state)];
    for codes in [
        vec![KeyCode::Char('?')],
        vec![KeyCode::Enter],
        vec![KeyCode::Tab],
        vec![KeyCode::BackTab, KeyCode::Enter, KeyCode::Down],
        vec![KeyCode::Char('/'), KeyCode::Char('x')],
        vec![KeyCode::Char('s'), KeyCode::Char('p')],
    ] {
        let mut screen = shown(&state);
        for code in codes {
            press(&mut screen, &state, code);
        }
        screens.push(screen);
    }
    let empty = State::new(LocalTime::utc());
    for screen in &screens {
        for width in [0, 1, 2, 5, 29, 30, 31, 40, 80, 169, 170, 300] {
            for height in [0, 1, 2, 5, 6, 7, 10, 13, 17, 18, 24, 100] {
                drawn(&state, screen, width, height, true);
                drawn(&empty, screen, width, height, false);
            }
        }
    }
}

#[test]
fn a_small_terminal_shows_one_pane_and_the_latest_alert() {
    let state = told();
    let mut screen = shown(&state);
    let lines = text(&drawn(&state, &screen, 80, 10, true));
    line_of(&lines, "Match:");
    line_of(&lines, "203.0.113.7:80");
    assert!(lines.iter().all(|line| !line.contains("8022")));
    press(&mut screen, &state, KeyCode::Tab);
    let lines = text(&drawn(&state, &screen, 80, 10, true));
    line_of(&lines, "0.0.0.0:8022");
}

#[test]
fn without_colour_nothing_is_coloured_and_the_level_is_still_there() {
    let state = told();
    let colours = |colour| {
        drawn(&state, &shown(&state), 120, 30, colour)
            .buffer()
            .content
            .iter()
            .filter(|cell| cell.fg != Color::Reset || cell.bg != Color::Reset)
            .count()
    };
    assert!(colours(true) > 0);
    assert_eq!(colours(false), 0);
    let lines = text(&drawn(&state, &shown(&state), 120, 30, false));
    let (_, line) = line_of(&lines, "203.0.113.7:80  ");
    assert!(line.contains("\u{2502}!"), "{line}");
}

#[test]
fn the_cursor_is_reversed_where_the_focus_is() {
    let state = told();
    let backend = drawn(&state, &shown(&state), 120, 30, true);
    let (row, _) = line_of(&text(&backend), "com.example.sync (10012)  1 conn");
    let row = u16::try_from(row).unwrap();
    let cell = &backend.buffer()[(5, row)];
    assert!(cell.modifier.contains(Modifier::REVERSED));
}

#[test]
fn enter_says_why() {
    let state = told();
    let mut screen = shown(&state);
    press(&mut screen, &state, KeyCode::Enter);
    let lines = text(&drawn(&state, &screen, 120, 40, true));
    line_of(&lines, "Owner com.example.sync (10012) (app)");
    line_of(&lines, "- com.example.sync");
    line_of(&lines, "- sync.example.test: asked for by UID 10012");
    screen = shown(&state);
    press(&mut screen, &state, KeyCode::BackTab);
    press(&mut screen, &state, KeyCode::Enter);
    let lines = text(&drawn(&state, &screen, 120, 40, true));
    line_of(&lines, "\"203.0.113.7\" (the address itself");
    line_of(&lines, "What else could explain it:");
    line_of(&lines, "What to do now:");
}

#[test]
fn a_search_is_shown_while_and_after_it_is_typed() {
    let state = told();
    let mut screen = shown(&state);
    for code in "/zzz".chars().map(KeyCode::Char) {
        press(&mut screen, &state, code);
    }
    let lines = text(&drawn(&state, &screen, 120, 30, true));
    line_of(&lines, "search: zzz");
    press(&mut screen, &state, KeyCode::Enter);
    let lines = text(&drawn(&state, &screen, 120, 30, true));
    line_of(
        &lines,
        "Connections 0 \u{b7} by owner \u{b7} search \"zzz\", 2 hidden",
    );
}

#[test]
fn without_a_list_it_says_that_nothing_can_alert() {
    let state = State::new(LocalTime::utc());
    let lines = text(&drawn(&state, &shown(&state), 80, 24, true));
    line_of(&lines, "No list is given");
}
