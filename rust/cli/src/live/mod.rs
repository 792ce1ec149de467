//! A watch on a terminal.
//!
//! `state` is what the events told, `screen` what the user did with it, `view` the rows that follow
//! from both, and `draw` puts them on the terminal: only this module and `terminal` know that there
//! is one, so all the rest is tested without.

mod alerts;
mod claims;
mod draw;
mod keys;
mod overlay;
mod panes;
mod screen;
mod state;
mod terminal;
mod theme;
mod view;

#[cfg(test)]
mod tests;

use std::time::{Duration, Instant};

use anyhow::{Context as _, Error};
use crossterm::event::Event as Input;
use portlog_agent::{Agent, Clock as _, SystemClock};
use portlog_model::Event;

use crate::text::paint::Paint;
use crate::time::LocalTime;
use keys::Keys;
use screen::{Next, Screen};
use state::State;
use theme::Theme;

/// How long a key is waited for before events are fetched again.
const TICK: Duration = Duration::from_millis(100);
/// How often the view is drawn although nothing changed: ages go on.
const REDRAW: Duration = Duration::from_secs(1);

/// Shows the watch until the user quits, it ends, or `deadline` has come; `each` gets every event, and
/// `trouble` says what keeps the journal from being written.
pub(crate) fn run(
    agent: &Agent,
    deadline: Option<Instant>,
    paint: Paint,
    mut each: impl FnMut(&Event),
    mut trouble: impl FnMut() -> Option<String>,
) -> Result<(), Error> {
    let mut terminal = terminal::Screen::take()
        .context("cannot use the terminal; '--format text' prints lines instead")?;
    let keys = Keys::start().context("cannot read the terminal's keys")?;
    let mut state = State::new(LocalTime::system());
    let mut screen = Screen::default();
    let theme = Theme::new(paint.is_on());
    let mut drawn: Option<Instant> = None;
    loop {
        let Some(events) = agent.next_events(Duration::ZERO) else {
            return Ok(());
        };
        let mut changed = !events.is_empty();
        for event in &events {
            each(event);
            state.apply(event);
        }
        changed |= state.set_journal_trouble(trouble().as_deref());
        changed |= state.pass_time(SystemClock.now().moment);
        if changed {
            screen.refresh(&state);
        }
        if changed || drawn.is_none_or(|drawn| drawn.elapsed() >= REDRAW) {
            terminal
                .terminal
                .draw(|frame| draw::draw(frame, &state, &screen, theme))
                .context("cannot draw on the terminal")?;
            drawn = Some(Instant::now());
        }
        if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            return Ok(());
        }
        let mut wait = TICK;
        while let Some(input) = keys.next(wait) {
            match input.context("cannot read the terminal's keys")? {
                Input::Key(key) => {
                    if screen.key(key, &state) == Next::Quit {
                        return Ok(());
                    }
                    drawn = None;
                }
                Input::Resize(..) => drawn = None,
                _ => {}
            }
            wait = Duration::ZERO;
        }
    }
}
