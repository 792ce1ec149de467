//! The whole of what an app needs: a watch that can be stopped and started, the state of its
//! screens, its history, its lists and its practice alert.
//!
//! [`Session`] is the API of the app's shell: it takes plain values and gives the `views`, already
//! in words. The poll thread brings everything up to date as it hands events over (`shared`,
//! `desk`), so that what a screen asks for is there, however seldom it asks; the words are put
//! together on the thread that asks. Nothing calls back: the shell fetches
//! [`Session::next_events`].
//!
//! In the state folder lie `state.json` (the engine's memory), `history.jsonl` (`history`),
//! `session.json`, `lists/` (`shelf`), and `log/`, `log-state` and `witness/` (`log`); each is versioned, 0600 and written whole or line by
//! line. A newer one is refused by name and left alone; a damaged one is put aside by a rename
//! and said so, and stays until everything is erased.

mod assemble;
mod board;
mod config;
mod desk;
mod feeds;
mod history;
mod kept;
mod log;
mod opening;
mod practice;
mod reach;
mod render;
mod running;
mod screens;
mod shared;
mod shelf;
mod tap;
mod views;

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use portlog_model::{DeathReason, Level, PracticeLink, Uid, WallTime};

pub use portlog_owners::{Installer, PackageEntry, PackageFlags, Signer};
pub use portlog_sockets::counters::UidBytes;
pub use portlog_words::Language;
use portlog_words::clean;

pub use config::{DataKey, ListPermission, LogConfig, PackageFeed, SessionConfig, SessionSettings};
pub use log::views::*;
pub use reach::{HelperEnds, HelperPhase, LoopbackDoor, ReachAnswer, ReachRequest, ReachState};
pub use tap::views::*;
pub use views::*;

use crate::Error;
use crate::agent::Message;
use crate::clock::{Clock, SystemClock};
use crate::names::NameBook;
use crate::pipeline::OpenSource;
use crate::state::StateFile;
use desk::{Desk, Trouble};
use history::{DeathNote, What};
use kept::KeptFile;
use log::{Circumstances, LogBook};
use opening::{open_history, read_mutes};
use practice::Chain;
use reach::Reach;
use running::Run;
use shared::Shared;
use shelf::{Found, Shelf};
use tap::TapDesk;

/// A session: every method may be called from any thread.
pub struct Session {
    config: SessionConfig,
    shared: Arc<Shared>,
    run: Mutex<Run>,
    shelf: Mutex<Shelf>,
    log: Option<LogBook>,
    names: NameBook,
    tap: TapDesk,
    reach: Reach,
    closed: AtomicBool,
}

impl Session {
    /// How long a practice alert waits for the run's first look.
    const FIRST_LOOK: Duration = Duration::from_secs(5);

    /// Opens a session; its state is read, nothing runs yet.
    ///
    /// Fails where the state folder cannot be used, or where a newer version wrote in it (but for
    /// the history, without which a session does).
    pub fn open(config: SessionConfig) -> Result<Self, Error> {
        Self::open_with(config, Arc::new(SystemClock), None)
    }

    /// The same by a given clock, and with a given source of rows in place of the one that the
    /// configuration leads to.
    pub fn open_with(
        config: SessionConfig,
        clock: Arc<dyn Clock>,
        open_source: Option<OpenSource>,
    ) -> Result<Self, Error> {
        let now = clock.now().moment;
        let mut troubles = Vec::new();
        let mutes = read_mutes(&config, now.wall, &mut troubles)?;
        let kept_file = KeptFile::in_folder(&config.state_folder);
        let (kept, was_damaged) = kept_file.load(now.wall)?;
        if was_damaged {
            troubles.push(Trouble::StateSetAside);
        }
        let (shelf, found) = Shelf::open(config.state_folder.join("lists"), now.wall)?;
        if found == Found::Recovered {
            troubles.push(Trouble::ShelfSetAside);
        }

        let own = Uid::new(nix::unistd::geteuid().as_raw());
        let chain = Chain::new(kept.practice_passed, own);
        let mut desk = Desk::new(config.settings.clone(), config.sdk, chain);
        desk.mutes = mutes;
        desk.summary_day = kept.summary_day;
        let file = open_history(&config, now.wall, &mut desk, &mut troubles);
        desk.note_since_summary();

        let log = config.log.clone().map(|log| {
            let offset = config.settings.utc_offset_seconds;
            LogBook::open(log, &config.state_folder, offset, Arc::clone(&clock))
        });
        let keeps_everyone = log.as_ref().is_some_and(LogBook::keeps_everyone);
        desk.history.keep_names_of_others(keeps_everyone);
        let names = NameBook::default();
        let shared = Arc::new(Shared::new(desk, file, kept_file, clock));
        shared.act(|desk, now, parcels| {
            for trouble in troubles {
                desk.tell_trouble(trouble, now, parcels);
            }
        });
        Ok(Self {
            config,
            shared,
            run: Mutex::new(Run {
                watching: None,
                open_source: open_source.map(|open| Arc::new(Mutex::new(open))),
            }),
            shelf: Mutex::new(shelf),
            log,
            tap: TapDesk::new(names.clone()),
            names,
            reach: Reach::new(),
            closed: AtomicBool::new(false),
        })
    }

    /// Ends the watch and the session, for every thread. May be called twice.
    pub fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.end_tap();
        self.stop();
        self.reach.close();
        self.write_all();
        if let Some(log) = &self.log {
            // What could not be written is in the log's own status; nobody can be told any more.
            let _ = log.close();
        }
        self.shared.outbox.end(self.shared.now());
    }

    /// What happened since the last call, in order; waits up to `timeout` for the first and is empty
    /// when nothing did. `None` once the session is closed.
    pub fn next_events(&self, timeout: Duration) -> Option<Vec<Told>> {
        let parcels = self.shared.outbox.take(timeout)?;
        self.log_practice();
        self.refresh_tap();
        if self.closed.load(Ordering::Acquire) {
            return None;
        }
        Some(self.shared.tell(&parcels))
    }

    /// What the watch screen shows.
    pub fn board(&self, query: &BoardQuery) -> Board {
        self.shared.board(query)
    }

    /// Everything about an owner; `None` for one that is not known.
    pub fn owner(&self, key: &str) -> Option<OwnerDetails> {
        self.shared.owner(key)
    }

    /// Everything about a connection; `None` for one that is no longer on the board.
    pub fn connection(&self, id: u64) -> Option<ConnectionDetails> {
        self.shared.connection(id)
    }

    /// One view for each claim, latest first.
    pub fn alerts(&self, with_noted: bool) -> Vec<AlertView> {
        self.shared.alerts(with_noted)
    }

    /// A page of the history.
    pub fn history(&self, query: &HistoryQuery) -> Result<HistoryPage, Error> {
        self.must_be_open()?;
        Ok(self.shared.history(query))
    }

    /// Makes a step of a practice alert. Beginning one waits for the run's first look, at most five
    /// seconds: what was there at the first look says nothing about who began it.
    pub fn practice(&self, step: PracticeStep) -> Result<PracticeReport, Error> {
        self.must_be_open()?;
        match step {
            PracticeStep::Look => self.shared.act(|desk, now, parcels| {
                let news = desk.chain.pass_time(now);
                desk.tell_news(news, now, parcels);
            }),
            PracticeStep::Begin => self.begin_practice()?,
            PracticeStep::Notified(held) => self.answer(PracticeLink::Notification, held),
            PracticeStep::Confirmed(held) => self.answer(PracticeLink::SeenAndHeard, held),
        }
        let (voice, now) = (self.shared.desk().voice(), self.shared.now());
        let desk = self.shared.desk();
        let needs_no_connection = desk.chain.needs_no_connection();
        let report = desk.chain.report(voice, now);
        drop(desk);
        self.log_practice();
        if needs_no_connection && let Some(watching) = &self.run().watching {
            watching.send(Message::EndPractice)?;
        }
        Ok(report)
    }

    /// Keeps a note in the history.
    pub fn note(&self, note: Note) -> Result<(), Error> {
        self.must_be_open()?;
        let Note { at, kind, detail } = note;
        let at = WallTime::from_millis(at);
        let detail: Arc<str> = clean(&detail).into();
        let news = self.shared.act(|desk, now, parcels| match kind {
            NoteKind::Death(reason) => {
                let reason = DeathReason::from_exit_info(reason);
                let is_new = desk.take_death(reason, DeathNote { at, detail }, now, parcels);
                is_new.then_some((now, reason))
            }
            NoteKind::StartMissed => {
                desk.record(What::StartMissed, now, at, parcels);
                None
            }
            NoteKind::StartedBy => {
                desk.record(What::StartedBy(detail), now, at, parcels);
                None
            }
        });
        if let (Some((at, reason)), Some(log)) = (news, &self.log) {
            log.died(at, reason);
        }
        Ok(())
    }

    /// Asks something of the signed log. Writing a mark waits until it is durable; what a whole log is
    /// read for may take seconds.
    ///
    /// Switching the log off or on, and erasing it, ends the watch and starts it again: each log begins
    /// with how its watch began.
    pub fn log(&self, request: &LogRequest) -> Result<LogAnswer, Error> {
        self.must_be_open()?;
        let log = self.log.as_ref().ok_or(Error::NoLog)?;
        match request {
            LogRequest::Keep(on) if *on != log.is_on() => {
                self.while_stopped(|| log.switch(*on))?;
            }
            LogRequest::Erase { key } => self.while_stopped(|| {
                log.erase(key.clone())?;
                self.forget()
            })?,
            _ => {}
        }
        let last_match = self
            .shared
            .alerts(false)
            .iter()
            .filter(|alert| alert.level == Level::Match && !alert.practice)
            .map(|alert| WallTime::from_millis(alert.last_seen))
            .max();
        let about = Circumstances {
            voice: self.shared.desk().voice(),
            now: self.shared.now(),
            last_match,
        };
        let answer = log.answer(request, &about);
        let keeps_everyone = log.keeps_everyone();
        let mut desk = self.shared.desk();
        desk.history.keep_names_of_others(keeps_everyone);
        drop(desk);
        answer
    }

    /// How it is going.
    pub fn stats(&self) -> Stats {
        self.shared.stats()
    }

    /// The names for addresses, for the DNS tap to teach: one book for every run of this session.
    pub fn names(&self) -> NameBook {
        self.names.clone()
    }

    /// Forgets what was seen: the history, and the engine's memory but for what the user muted. Lists and
    /// settings stay.
    fn forget(&self) -> Result<(), Error> {
        let file = StateFile::in_folder(&self.config.state_folder)?;
        let state = file.load()?;
        let mut memory = portlog_watch::History::default();
        for rule in state.history.mutes() {
            memory.mute(rule.clone());
        }
        file.save(&memory, state.boot_id.as_deref(), state.alive)?;
        self.shared.forget(&self.config.state_folder)
    }

    /// Writes into the log what became of practice alerts. On threads that may wait, which the poll
    /// thread is not.
    fn log_practice(&self) {
        let ended = std::mem::take(&mut self.shared.desk().practised);
        if let Some(log) = &self.log {
            for failed in ended {
                log.practised(failed.map(PracticeLink::as_str));
            }
        }
    }

    fn begin_practice(&self) -> Result<(), Error> {
        if self.shared.desk().chain.is_running(self.shared.now()) {
            return Ok(());
        }
        self.shared.wait_for_a_look(Self::FIRST_LOOK);
        let run = self.run();
        let is_on = self.shared.desk().phase.is_on();
        self.shared.act(|desk, now, parcels| {
            desk.chain.begin(now);
            if !is_on {
                let news = desk.chain.stopped();
                desk.tell_news(news, now, parcels);
            }
        });
        match &run.watching {
            Some(watching) if is_on => {
                watching.send(Message::Practice(Box::new(practice::lists())))
            }
            _ => Ok(()),
        }
    }

    fn answer(&self, link: PracticeLink, held: bool) {
        self.shared.act(|desk, now, parcels| {
            let news = desk.chain.answer(link, held, now);
            desk.tell_news(news, now, parcels);
        });
    }

    fn write_all(&self) {
        let mut parcels = Vec::new();
        self.shared.write(self.shared.now(), true, &mut parcels);
        self.shared.outbox.push(parcels);
    }

    fn must_be_open(&self) -> Result<(), Error> {
        if self.closed.load(Ordering::Acquire) {
            Err(Error::Closed)
        } else {
            Ok(())
        }
    }

    fn run(&self) -> MutexGuard<'_, Run> {
        self.run.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.close();
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("config", &self.config)
            .field("closed", &self.closed)
            .finish_non_exhaustive()
    }
}
