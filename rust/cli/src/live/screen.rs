//! What the user does with the view: panes, cursor, search, order, pause.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use portlog_model::ConnectionId;

use super::state::State;
use super::view::{Row, Sort, View};

/// A part of the screen that can be scrolled.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Pane {
    /// Alerts and noted events.
    Alerts,
    /// Connections.
    #[default]
    Connections,
    /// Sockets that wait for peers.
    Listeners,
}

impl Pane {
    const fn next(self) -> Self {
        match self {
            Self::Alerts => Self::Connections,
            Self::Connections => Self::Listeners,
            Self::Listeners => Self::Alerts,
        }
    }

    const fn previous(self) -> Self {
        self.next().next()
    }
}

/// What lies over the panes.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Overlay {
    /// Nothing.
    #[default]
    None,
    /// The keys.
    Help,
    /// More about what the cursor is on.
    Detail,
}

/// Whether the view goes on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Next {
    /// It does.
    Stay,
    /// It is to end.
    Quit,
    /// The next phone is to be shown, where there are several.
    Device,
}

/// What the cursor is on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Subject {
    /// The claim in this place.
    Claim(usize),
    /// A connection, or an owner by one of its connections.
    Connection(ConnectionId),
}

/// The user's side of the view.
#[derive(Debug, Default)]
pub(crate) struct Screen {
    /// The rows in view; they stand still while paused.
    pub(crate) view: View,
    /// The order.
    pub(crate) sort: Sort,
    /// What is searched for.
    pub(crate) search: String,
    /// Whether a search is being typed.
    pub(crate) is_typing: bool,
    /// Whether the rows stand still.
    pub(crate) is_paused: bool,
    /// The pane that keys move in.
    pub(crate) pane: Pane,
    /// What lies over the panes.
    pub(crate) overlay: Overlay,
    /// How far an overlay is scrolled.
    pub(crate) overlay_scroll: u16,
    alerts_at: usize,
    connections_at: usize,
    listeners_at: usize,
    /// The number of the claim that the cursor is on.
    claim: Option<u64>,
    claims: usize,
}

/// The most that a search may have, in characters.
const MAX_SEARCH: usize = 100;
/// How far a page key goes.
const PAGE: usize = 10;

impl Screen {
    /// Takes up what changed in `state`. While paused only alerts go on.
    pub(crate) fn refresh(&mut self, state: &State) {
        self.follow_claim(state);
        if self.is_paused {
            return;
        }
        let row = self.view.rows.get(self.connections_at).cloned();
        self.view = View::of(state, self.sort, &self.search);
        // The cursor stays on its row, and at the top stays at the top.
        if self.connections_at > 0
            && let Some(row) = row
            && let Some(at) = self.view.rows.iter().position(|other| is_same(other, &row))
        {
            self.connections_at = at;
        }
        self.keep_in_range();
    }

    /// Does what a key asks for.
    pub(crate) fn key(&mut self, key: KeyEvent, state: &State) -> Next {
        let next = self.press(key, state);
        self.claim = state
            .claims()
            .list()
            .get(self.alerts_at)
            .map(|claim| claim.number);
        next
    }

    fn press(&mut self, key: KeyEvent, state: &State) -> Next {
        if key.kind == KeyEventKind::Release {
            return Next::Stay;
        }
        if key.modifiers.contains(KeyModifiers::CONTROL) {
            return match key.code {
                KeyCode::Char('c') => Next::Quit,
                _ => Next::Stay,
            };
        }
        if self.is_typing {
            self.type_search(key.code, state);
            return Next::Stay;
        }
        if self.overlay != Overlay::None {
            return self.overlay_key(key.code);
        }
        match key.code {
            KeyCode::Char('q') => return Next::Quit,
            KeyCode::Char('d') => return Next::Device,
            KeyCode::Char('?' | 'h') => self.open(Overlay::Help),
            KeyCode::Enter if self.subject().is_some() => self.open(Overlay::Detail),
            KeyCode::Char('/') => {
                self.is_typing = true;
                self.search.clear();
                self.search_again(state);
            }
            KeyCode::Esc => {
                self.search.clear();
                self.search_again(state);
            }
            KeyCode::Char('s') => {
                self.sort = self.sort.next();
                self.connections_at = 0;
                self.search_again(state);
            }
            KeyCode::Char(' ' | 'p') => {
                self.is_paused = !self.is_paused;
                self.refresh(state);
            }
            KeyCode::Tab => self.pane = self.pane.next(),
            KeyCode::BackTab => self.pane = self.pane.previous(),
            KeyCode::Up | KeyCode::Char('k') => self.up(1),
            KeyCode::Down | KeyCode::Char('j') => self.down(1),
            KeyCode::PageUp => self.up(PAGE),
            KeyCode::PageDown => self.down(PAGE),
            KeyCode::Home | KeyCode::Char('g') => *self.cursor_mut() = 0,
            KeyCode::End | KeyCode::Char('G') => self.down(usize::MAX),
            _ => {}
        }
        Next::Stay
    }

    /// Where the cursor of `pane` is.
    pub(crate) const fn cursor(&self, pane: Pane) -> usize {
        match pane {
            Pane::Alerts => self.alerts_at,
            Pane::Connections => self.connections_at,
            Pane::Listeners => self.listeners_at,
        }
    }

    /// What the cursor is on.
    pub(crate) fn subject(&self) -> Option<Subject> {
        match self.pane {
            Pane::Alerts => {
                (self.alerts_at < self.claims).then_some(Subject::Claim(self.alerts_at))
            }
            Pane::Connections => self
                .view
                .rows
                .get(self.connections_at)
                .map(|row| match row {
                    Row::Owner { example, .. } => Subject::Connection(*example),
                    Row::Connection(id) => Subject::Connection(*id),
                }),
            Pane::Listeners => self
                .view
                .listeners
                .get(self.listeners_at)
                .map(|id| Subject::Connection(*id)),
        }
    }

    fn follow_claim(&mut self, state: &State) {
        self.claims = state.claims().list().len();
        if self.alerts_at > 0
            && let Some(number) = self.claim
            && let Some(at) = state
                .claims()
                .list()
                .iter()
                .position(|claim| claim.number == number)
        {
            self.alerts_at = at;
        }
        self.keep_in_range();
    }

    fn overlay_key(&mut self, code: KeyCode) -> Next {
        match code {
            KeyCode::Up | KeyCode::Char('k') => {
                self.overlay_scroll = self.overlay_scroll.saturating_sub(1);
            }
            KeyCode::Down | KeyCode::Char('j') => {
                // The drawing knows how long it is, and shows no further than its end.
                self.overlay_scroll = self.overlay_scroll.saturating_add(1).min(1_000);
            }
            _ => self.overlay = Overlay::None,
        }
        Next::Stay
    }

    fn open(&mut self, overlay: Overlay) {
        self.overlay = overlay;
        self.overlay_scroll = 0;
    }

    fn type_search(&mut self, code: KeyCode, state: &State) {
        match code {
            KeyCode::Enter => self.is_typing = false,
            KeyCode::Esc => {
                self.is_typing = false;
                self.search.clear();
            }
            KeyCode::Backspace => {
                self.search.pop();
            }
            KeyCode::Char(c) if !c.is_control() && self.search.chars().count() < MAX_SEARCH => {
                self.search.push(c);
            }
            _ => return,
        }
        self.search_again(state);
    }

    /// Shows what is searched for, and in the new order, even while paused: the state goes on, and
    /// the rows stand still again from there.
    fn search_again(&mut self, state: &State) {
        let paused = std::mem::take(&mut self.is_paused);
        self.refresh(state);
        self.is_paused = paused;
    }

    fn up(&mut self, by: usize) {
        let cursor = self.cursor_mut();
        *cursor = cursor.saturating_sub(by);
    }

    fn down(&mut self, by: usize) {
        let cursor = self.cursor_mut();
        *cursor = cursor.saturating_add(by);
        self.keep_in_range();
    }

    const fn cursor_mut(&mut self) -> &mut usize {
        match self.pane {
            Pane::Alerts => &mut self.alerts_at,
            Pane::Connections => &mut self.connections_at,
            Pane::Listeners => &mut self.listeners_at,
        }
    }

    fn keep_in_range(&mut self) {
        let last = |count: usize| count.saturating_sub(1);
        self.alerts_at = self.alerts_at.min(last(self.claims));
        self.connections_at = self.connections_at.min(last(self.view.rows.len()));
        self.listeners_at = self.listeners_at.min(last(self.view.listeners.len()));
    }
}

/// Whether two rows are of the same owner or the same connection.
fn is_same(row: &Row, other: &Row) -> bool {
    match (row, other) {
        (Row::Owner { label, .. }, Row::Owner { label: other, .. }) => label == other,
        _ => row == other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;
    use crate::time::LocalTime;

    fn told() -> State {
        let mut state = State::new(LocalTime::utc());
        for event in fixtures::events() {
            if !matches!(event.kind, portlog_model::EventKind::Closed { .. }) {
                state.apply(&event);
            }
        }
        state
    }

    fn press(screen: &mut Screen, state: &State, keys: &str) -> Next {
        let mut next = Next::Stay;
        for c in keys.chars() {
            let code = match c {
                '\n' => KeyCode::Enter,
                '\u{1b}' => KeyCode::Esc,
                '\t' => KeyCode::Tab,
                '\u{8}' => KeyCode::Backspace,
                c => KeyCode::Char(c),
            };
            next = screen.key(KeyEvent::new(code, KeyModifiers::NONE), state);
        }
        next
    }

    fn shown(state: &State) -> Screen {
        let mut screen = Screen::default();
        screen.refresh(state);
        screen
    }

    #[test]
    fn q_and_ctrl_c_quit() {
        let state = told();
        assert_eq!(press(&mut shown(&state), &state, "q"), Next::Quit);
        let ctrl_c = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
        let mut screen = shown(&state);
        press(&mut screen, &state, "/typing");
        assert_eq!(screen.key(ctrl_c, &state), Next::Quit);
    }

    #[test]
    fn a_search_is_typed_kept_and_cleared() {
        let state = told();
        let mut screen = shown(&state);
        assert_eq!(screen.view.connections, 1);
        // 'q' and 's' are letters while a search is typed.
        assert_eq!(press(&mut screen, &state, "/qs"), Next::Stay);
        assert_eq!(screen.view.connections, 0);
        press(&mut screen, &state, "\u{8}\u{8}sync\n");
        assert_eq!((screen.search.as_str(), screen.is_typing), ("sync", false));
        assert_eq!(screen.view.connections, 1);
        press(&mut screen, &state, "/nothing\n");
        assert_eq!(screen.view.connections, 0);
        press(&mut screen, &state, "\u{1b}");
        assert_eq!(screen.search, "");
        assert_eq!(screen.view.connections, 1);
    }

    #[test]
    fn while_paused_rows_stand_still() {
        let mut state = told();
        let mut screen = shown(&state);
        press(&mut screen, &state, " ");
        assert!(screen.is_paused);
        state.apply(&fixtures::events()[3]);
        state.pass_time(fixtures::moment(10_000));
        screen.refresh(&state);
        assert_eq!(screen.view.connections, 1);
        press(&mut screen, &state, "p");
        assert_eq!(screen.view.connections, 0);
    }

    #[test]
    fn the_cursor_moves_within_its_pane() {
        let state = told();
        let mut screen = shown(&state);
        assert_eq!(screen.view.rows.len(), 2);
        press(&mut screen, &state, "jjjj");
        assert_eq!(screen.cursor(Pane::Connections), 1);
        press(&mut screen, &state, "k");
        assert_eq!(screen.cursor(Pane::Connections), 0);
        press(&mut screen, &state, "\tG");
        assert_eq!(
            (screen.pane, screen.cursor(Pane::Listeners)),
            (Pane::Listeners, 0)
        );
        assert_eq!(screen.subject(), None);
        press(&mut screen, &state, "\tG");
        assert_eq!(
            (screen.pane, screen.cursor(Pane::Alerts)),
            (Pane::Alerts, 1)
        );
        assert_eq!(screen.subject(), Some(Subject::Claim(1)));
    }

    #[test]
    fn a_new_alert_does_not_move_the_cursor_to_another() {
        let mut state = told();
        let mut screen = shown(&state);
        press(&mut screen, &state, "\t\tG");
        state.apply(&fixtures::events()[4]);
        screen.refresh(&state);
        assert_eq!(screen.subject(), Some(Subject::Claim(2)));
    }

    #[test]
    fn overlays_open_and_close() {
        let state = told();
        let mut screen = shown(&state);
        press(&mut screen, &state, "?");
        assert_eq!(screen.overlay, Overlay::Help);
        assert_eq!(press(&mut screen, &state, "q"), Next::Stay);
        assert_eq!(screen.overlay, Overlay::None);
        press(&mut screen, &state, "\n");
        assert_eq!(screen.overlay, Overlay::Detail);
        press(&mut screen, &state, "j");
        assert_eq!(screen.overlay_scroll, 1);
    }
}
