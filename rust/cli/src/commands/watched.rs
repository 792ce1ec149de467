//! The watches of one command: of this machine, or one for each phone.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Error};
use portlog_agent::{Agent, Config};
use portlog_model::Event;

use super::watch_journal::Journal;
use crate::live::Shown;
use crate::output::notice;

/// How long events are waited for before the deadline is looked at again.
const FETCH: Duration = Duration::from_secs(1);
/// The same where several watches are looked at in turn.
const FETCH_IN_TURN: Duration = Duration::from_millis(50);

/// A watch, and its journal where it keeps one.
#[derive(Debug)]
pub(super) struct Watched {
    /// The phone's serial, where it is of one.
    pub(super) device: Option<Arc<str>>,
    agent: Arc<Agent>,
    journal: Option<Journal>,
}

impl Watched {
    /// Starts a watch, with its journal in `folder`.
    pub(super) fn start(
        device: Option<Arc<str>>,
        config: Config,
        folder: Option<&Path>,
    ) -> Result<Self, Error> {
        let agent = Arc::new(Agent::start(config).context("cannot start the watch")?);
        let journal = folder
            .map(|folder| Journal::begin(folder, &agent))
            .transpose()?;
        Ok(Self {
            device,
            agent,
            journal,
        })
    }

    /// Says on standard error how the journal fares, where that is another than before.
    pub(super) fn tell_of_journal(&mut self) {
        if let Some(news) = self.journal.as_mut().and_then(Journal::news) {
            notice(news);
        }
    }

    /// What keeps the journal from being written, without a word on standard error.
    pub(super) fn journal_trouble(&mut self) -> Option<String> {
        let journal = self.journal.as_mut()?;
        journal.news();
        journal.trouble().map(str::to_owned)
    }
}

/// All watches of one command.
#[derive(Debug)]
pub(super) struct Watches {
    all: Vec<Watched>,
}

impl Watches {
    /// These.
    pub(super) const fn new(all: Vec<Watched>) -> Self {
        Self { all }
    }

    /// Whether there are several phones.
    pub(super) const fn are_several(&self) -> bool {
        self.all.len() > 1
    }

    /// The watch at this position.
    pub(super) fn get_mut(&mut self, at: usize) -> Option<&mut Watched> {
        self.all.get_mut(at)
    }

    /// The phone of each, in order.
    pub(super) fn devices(&self) -> Vec<Option<Arc<str>>> {
        self.all.iter().map(|watch| watch.device.clone()).collect()
    }

    /// The agent of each, in order.
    pub(super) fn agents(&self) -> Vec<Arc<Agent>> {
        self.all
            .iter()
            .map(|watch| Arc::clone(&watch.agent))
            .collect()
    }

    /// Ends all.
    pub(super) fn stop(&self) {
        for watch in &self.all {
            watch.agent.stop();
        }
    }

    /// Says what did not reach the journals.
    pub(super) fn tell_what_is_left(&self) {
        for watch in &self.all {
            if let Some(left) = watch.journal.as_ref().and_then(Journal::left_behind) {
                notice(left);
            }
        }
    }

    /// SIGINT, SIGTERM and SIGHUP end the watches; their last events are still printed.
    pub(super) fn end_on_signals(&self) -> Result<(), Error> {
        let agents = self.agents();
        ctrlc::set_handler(move || {
            for agent in &agents {
                agent.stop();
            }
        })
        .context("cannot take signals")
    }

    /// Hands every batch of events to `each`, to the end of all watches.
    pub(super) fn drain(
        &mut self,
        deadline: Option<Instant>,
        mut each: impl FnMut(usize, &mut Watched, &[Event]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut deadline = deadline;
        let usual = if self.are_several() {
            FETCH_IN_TURN
        } else {
            FETCH
        };
        let mut ended = vec![false; self.all.len()];
        while ended.contains(&false) {
            for (at, (watch, ended)) in self.all.iter_mut().zip(&mut ended).enumerate() {
                if *ended {
                    continue;
                }
                let wait = deadline.map_or(usual, |deadline| {
                    let left = deadline.saturating_duration_since(Instant::now());
                    left.min(usual)
                });
                match watch.agent.next_events(wait) {
                    Some(events) => each(at, watch, &events)?,
                    None => *ended = true,
                }
            }
            if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                self.stop();
                deadline = None;
            }
        }
        Ok(())
    }
}

/// What the live view shows of `agents` and `devices`, which stand in the same order.
pub(super) fn shown<'a>(
    agents: &'a [Arc<Agent>],
    devices: &'a [Option<Arc<str>>],
) -> Vec<Shown<'a>> {
    agents
        .iter()
        .zip(devices)
        .map(|(agent, device)| Shown {
            device: device.as_deref(),
            agent,
        })
        .collect()
}

/// Where the journal of a phone lies: of one among several, in a folder of its own.
pub(super) fn journal_folder(folder: &Path, serial: Option<&str>, are_several: bool) -> PathBuf {
    match serial {
        Some(serial) if are_several => folder.join(folder_name(serial)),
        _ => folder.to_owned(),
    }
}

/// A serial as the name of a folder: what is no name for one everywhere is `_`.
fn folder_name(serial: &str) -> String {
    let name: String = serial
        .chars()
        .map(|c| match c {
            c if c.is_ascii_alphanumeric() || matches!(c, '.' | '-') => c,
            _ => '_',
        })
        .collect();
    if name.starts_with('.') {
        format!("_{name}")
    } else {
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_of_several_phones_has_a_journal_of_its_own() {
        let folder = Path::new("journal");
        let of = |serial, are_several| {
            journal_folder(folder, serial, are_several)
                .display()
                .to_string()
        };
        assert_eq!(of(None, false), "journal");
        assert_eq!(of(Some("0123abcd"), false), "journal");
        assert_eq!(of(Some("0123abcd"), true), "journal/0123abcd");
        assert_eq!(of(Some("192.0.2.7:5555"), true), "journal/192.0.2.7_5555");
        assert_eq!(of(Some("../x"), true), "journal/_.._x");
    }
}
