//! How the log fares, as the recorder's thread tells and others read.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use portlog_model::Moment;

/// How the log fares.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Health {
    /// Whether it is written.
    pub writing: Writing,
    /// Entries and events that are not durable yet.
    pub pending: u64,
    /// Events that were lost, in all.
    pub lost: u64,
}

/// Whether the log is written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Writing {
    /// It is.
    Yes,
    /// It is not, since then; what waits is kept in memory within bounds, and tried again.
    NotSince {
        /// When writing first failed.
        since: Moment,
        /// What the system said.
        why: String,
    },
    /// It was closed.
    Closed,
}

/// What the recorder's thread tells.
#[derive(Debug)]
pub(super) struct Shared {
    health: Mutex<Health>,
    /// How often it became another, as far as people are told.
    news: AtomicU64,
}

impl Shared {
    pub(super) fn new() -> Self {
        Self {
            health: Mutex::new(Health {
                writing: Writing::Yes,
                pending: 0,
                lost: 0,
            }),
            news: AtomicU64::new(0),
        }
    }

    pub(super) fn health(&self) -> Health {
        self.lock().clone()
    }

    /// A number that grows when writing fails, and when it goes on.
    pub(super) fn news(&self) -> u64 {
        self.news.load(Ordering::Acquire)
    }

    /// What the system said, where writing fails.
    pub(super) fn why(&self) -> Option<String> {
        match &self.lock().writing {
            Writing::NotSince { why, .. } => Some(why.clone()),
            Writing::Yes | Writing::Closed => None,
        }
    }

    pub(super) fn lost(&self) -> u64 {
        self.lock().lost
    }

    pub(super) fn lose(&self, events: u64) {
        let mut health = self.lock();
        health.lost = health.lost.saturating_add(events);
    }

    pub(super) fn waits(&self, pending: u64) {
        self.lock().pending = pending;
    }

    pub(super) fn writes(&self) {
        let mut health = self.lock();
        if health.writing != Writing::Yes {
            health.writing = Writing::Yes;
            self.news.fetch_add(1, Ordering::AcqRel);
        }
    }

    pub(super) fn fails(&self, at: Moment, why: &str) {
        let mut health = self.lock();
        let since = match &health.writing {
            Writing::NotSince { since, .. } => *since,
            Writing::Yes | Writing::Closed => {
                self.news.fetch_add(1, Ordering::AcqRel);
                at
            }
        };
        health.writing = Writing::NotSince {
            since,
            why: why.to_owned(),
        };
    }

    /// Says why for as long as it failed, also when it is closed.
    pub(super) fn closes(&self) {
        let mut health = self.lock();
        if health.writing == Writing::Yes {
            health.writing = Writing::Closed;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Health> {
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
