//! The whole of what an app needs: a watch that can be stopped and started, the state of its
//! screens, its history, its lists and its practice alert.

mod views;

use std::path::PathBuf;
use std::time::Duration;

pub use portlog_owners::{Installer, PackageEntry, PackageFlags, Signer};
pub use portlog_sockets::counters::UidBytes;
pub use portlog_words::Language;

pub use views::*;

use crate::Error;

/// What a session is opened with, once.
#[derive(Clone, Debug)]
pub struct SessionConfig {
    /// Where state, history and lists are kept; made (0700) where it is missing.
    pub state_folder: PathBuf,
    /// The proc tree, `/proc` for this machine.
    pub proc_root: PathBuf,
    /// Android's API level; 0 on a plain Linux.
    pub sdk: u32,
    /// What can be set while it is open.
    pub settings: SessionSettings,
}

/// What can be set while a session is open.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SessionSettings {
    /// The language of every text.
    pub language: Language,
    /// The zone in which times are shown: seconds ahead of UTC.
    pub utc_offset_seconds: i32,
    /// Whether every owner is in scope.
    pub scope_all: bool,
    /// The time from one poll to the next while something changes.
    pub interval: Duration,
    /// The same after a quiet while.
    pub idle_interval: Duration,
}

/// Whether the app may see the list of packages.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ListPermission {
    /// This phone asks for none.
    NotNeeded,
    /// It was granted.
    Granted,
    /// It was not: the list may be short.
    Denied,
}

/// The package list as the phone's framework tells it.
#[derive(Clone, Debug)]
pub struct PackageFeed {
    /// Whether it may be seen whole.
    pub permission: ListPermission,
    /// One entry for each UID of each package.
    pub packages: Vec<PackageEntry>,
}

/// A session: every method may be called from any thread.
#[derive(Debug)]
pub struct Session {
    _config: SessionConfig,
}

#[expect(
    clippy::unused_self,
    clippy::needless_pass_by_value,
    reason = "bodies follow"
)]
impl Session {
    /// Opens a session; its state is read, nothing runs yet.
    pub fn open(config: SessionConfig) -> Result<Self, Error> {
        Ok(Self { _config: config })
    }

    /// Starts the watch; does nothing when it runs.
    pub fn start(&self) -> Result<(), Error> {
        Err(Error::Ended)
    }

    /// Ends the watch, within a second; `false` when it did not end in time.
    pub fn stop(&self) -> bool {
        true
    }

    /// Ends the session for every thread.
    pub fn close(&self) {}

    /// What happened since the last call, in order; waits up to `timeout` for the first.
    /// `None` once the session is closed.
    pub fn next_events(&self, timeout: Duration) -> Option<Vec<Told>> {
        std::thread::sleep(timeout);
        None
    }

    /// What the watch screen shows.
    pub fn board(&self, query: &BoardQuery) -> Board {
        let _ = query;
        Board {
            generation: 0,
            state: SessionState::Stopped,
            state_text: String::new(),
            watched_text: String::new(),
            not_live_text: String::new(),
            coverage: Vec::new(),
            connections: Vec::new(),
            matching: 0,
            total: 0,
        }
    }

    /// Everything about an owner; `None` for one that is not known.
    pub fn owner(&self, key: &str) -> Option<OwnerDetails> {
        let _ = key;
        None
    }

    /// Everything about a connection; `None` for one that is no longer on the board.
    pub fn connection(&self, id: u64) -> Option<ConnectionDetails> {
        let _ = id;
        None
    }

    /// One view for each claim, latest first.
    pub fn alerts(&self, with_noted: bool) -> Vec<AlertView> {
        let _ = with_noted;
        Vec::new()
    }

    /// A page of the history.
    pub fn history(&self, query: &HistoryQuery) -> Result<HistoryPage, Error> {
        let _ = query;
        Err(Error::Ended)
    }

    /// Puts a package list in force.
    pub fn set_packages(&self, feed: PackageFeed) -> Result<(), Error> {
        let _ = feed;
        Err(Error::Ended)
    }

    /// Takes a reading of byte counters.
    pub fn set_counters(&self, rows: Vec<UidBytes>) -> Result<(), Error> {
        let _ = rows;
        Err(Error::Ended)
    }

    /// Changes the shelf of lists; how it stands afterwards.
    pub fn set_lists(&self, change: &ListChange) -> Result<Vec<ListLine>, Error> {
        let _ = change;
        Err(Error::Ended)
    }

    /// Takes other settings.
    pub fn set_settings(&self, settings: SessionSettings) -> Result<(), Error> {
        let _ = settings;
        Err(Error::Ended)
    }

    /// Mutes, or takes that back.
    pub fn mute(&self, rule: &MuteView, muted: bool) -> Result<(), Error> {
        let _ = (rule, muted);
        Err(Error::Ended)
    }

    /// Makes a step of a practice alert.
    pub fn practice(&self, step: PracticeStep) -> Result<PracticeReport, Error> {
        let _ = step;
        Err(Error::Ended)
    }

    /// Keeps a note in the history.
    pub fn note(&self, note: Note) -> Result<(), Error> {
        let _ = note;
        Err(Error::Ended)
    }

    /// How it is going.
    pub fn stats(&self) -> Stats {
        Stats {
            generation: 0,
            state: SessionState::Stopped,
            state_text: String::new(),
            since: None,
            last_look: None,
            polls: 0,
            watched: 0,
            asleep: 0,
            denied: 0,
            stopped: 0,
            connections: 0,
            alerts: 0,
            dropped: 0,
            ongoing_title: String::new(),
            ongoing_text: String::new(),
            mutes: Vec::new(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }
}
