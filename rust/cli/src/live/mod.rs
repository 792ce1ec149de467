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

/// A watch to be shown.
#[derive(Clone, Copy)]
pub(crate) struct Shown<'a> {
    /// The phone's serial, where it is of one.
    pub(crate) device: Option<&'a str>,
    /// The watch.
    pub(crate) agent: &'a Agent,
}

/// Shows the watches until the user quits, all end, or `deadline` has come; `each` gets every event
/// with the position of its watch, and `trouble` says what keeps a watch's journal from being
/// written.
pub(crate) fn run(
    shown: &[Shown<'_>],
    deadline: Option<Instant>,
    paint: Paint,
    mut each: impl FnMut(usize, &Event),
    mut trouble: impl FnMut(usize) -> Option<String>,
) -> Result<(), Error> {
    let mut terminal = terminal::Screen::take()
        .context("cannot use the terminal; '--format text' prints lines instead")?;
    let keys = Keys::start().context("cannot read the terminal's keys")?;
    let mut views: Vec<(State, Screen)> = (1..)
        .zip(shown)
        .map(|(number, watch)| {
            let mut state = State::new(LocalTime::system());
            if let Some(serial) = watch.device {
                state.set_device(match shown.len() {
                    1 => serial.to_owned(),
                    several => format!("{serial} ({number} of {several}, d: next)"),
                });
            }
            (state, Screen::default())
        })
        .collect();
    let mut at = 0;
    let theme = Theme::new(paint.is_on());
    let mut drawn: Option<Instant> = None;
    loop {
        let mut all_ended = true;
        let mut changed = false;
        for (number, (watch, (state, screen))) in shown.iter().zip(&mut views).enumerate() {
            let Some(events) = watch.agent.next_events(Duration::ZERO) else {
                continue;
            };
            all_ended = false;
            let mut is_news = !events.is_empty();
            for event in &events {
                each(number, event);
                state.apply(event);
            }
            is_news |= state.set_journal_trouble(trouble(number).as_deref());
            is_news |= state.pass_time(SystemClock.now().moment);
            if is_news {
                screen.refresh(state);
            }
            changed |= is_news && number == at;
        }
        if all_ended {
            return Ok(());
        }
        let Some((state, screen)) = views.get_mut(at) else {
            return Ok(());
        };
        if changed || drawn.is_none_or(|drawn| drawn.elapsed() >= REDRAW) {
            terminal
                .terminal
                .draw(|frame| draw::draw(frame, state, screen, theme))
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
                    match screen.key(key, state) {
                        Next::Quit => return Ok(()),
                        Next::Device => at = (at + 1) % shown.len().max(1),
                        Next::Stay => {}
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
