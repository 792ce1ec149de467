//! What a session is given: settings, and the package list of the phone's framework.

use std::path::PathBuf;
use std::time::Duration;

pub use portlog_journal::DataKey;
use portlog_owners::PackageEntry;
use portlog_words::Language;

use super::log::views::DeviceFeed;

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
    /// What the signed log needs; `None` keeps none.
    pub log: Option<LogConfig>,
}

/// What the signed log needs from outside.
#[derive(Clone, Debug)]
pub struct LogConfig {
    /// The key that seals the log's secrets, which the front end keeps; where there is none, they
    /// lie in files of the state folder, for their owner alone.
    pub key: Option<DataKey>,
    /// What the phone is.
    pub device: DeviceFeed,
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
