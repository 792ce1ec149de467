//! The watch as a whole: puts sources, owners, lists and the engine together, and runs them.
//!
//! [`Pipeline`] is one poll on one thread with the time passed in; [`Agent`] adds the poll thread,
//! the ticker, the bounded queue and the state file; [`Look`] looks once. Front ends choose a
//! [`Config`], pull events and decide nothing.

#![forbid(unsafe_code)]

mod agent;
mod alarm;
mod byte_counters;
mod clock;
mod config;
mod coverage;
mod elsewhere;
mod error;
mod files;
pub mod helper;
mod holders;
mod hours;
mod inputs;
mod names;
mod news;
mod outlet;
mod pace;
mod pipeline;
mod poll_thread;
mod queue;
pub mod session;
mod settings;
mod snapshot;
mod state;
mod system;
pub mod testimony;

pub use agent::{Agent, Running};
pub use clock::{Clock, Reading, SystemClock};
pub use config::{Config, SourceChoice, Subject, directory};
pub use elsewhere::{Elsewhere, OpenRemote};
pub use error::Error;
pub use inputs::{ListFile, read_list, read_list_file, read_packages};
pub use names::{NameBook, Pinned, PinnedCounts, PinnedError, PinnedSource, TapCoverage, TapState};
pub use pace::{MAX_INTERVAL, MIN_INTERVAL};
pub use pipeline::{Came, OpenSource, Opened, Parts, Pipeline, Poll};
pub use portlog_blocklist::ListSet;
pub use portlog_owners::{Directory, PackageList};
pub use portlog_reach::adb;
pub use portlog_reach::import::Import;
pub use portlog_watch::Scope;
pub use settings::{
    InvalidInterval, InvalidSpan, ListSetting, ParseError, ScopeSetting, Settings, parse_interval,
    parse_span,
};
pub use snapshot::{Look, Snapshot, snapshot};
