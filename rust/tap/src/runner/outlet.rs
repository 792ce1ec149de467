//! What the tap's thread has for callers: questions, and how it stands.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::Query;
use crate::{Counts, QueryId, TapState, UpstreamState};

/// The most questions that wait to be fetched.
const MOST: usize = 1_024;

#[derive(Debug)]
pub(super) struct Outlet {
    shared: Mutex<Shared>,
    news: Condvar,
}

#[derive(Debug)]
struct Shared {
    queries: VecDeque<Query>,
    state: TapState,
}

impl Outlet {
    pub(super) fn new() -> Self {
        Self {
            shared: Mutex::new(Shared {
                queries: VecDeque::new(),
                state: TapState {
                    ended: None,
                    upstream: UpstreamState::Pulled { waiting: 0 },
                    clear_text: None,
                    counts: Counts::default(),
                    pending: 0,
                    streams: 0,
                },
            }),
            news: Condvar::new(),
        }
    }

    /// Offers a question; gives it back where too many wait.
    pub(super) fn offer(&self, query: Query) -> Result<(), Query> {
        let mut shared = self.lock();
        if shared.queries.len() >= MOST {
            return Err(query);
        }
        shared.queries.push_back(query);
        self.news.notify_one();
        Ok(())
    }

    /// Takes back a question that nobody fetched.
    pub(super) fn withdraw(&self, id: QueryId) {
        self.lock().queries.retain(|query| query.id != id);
    }

    pub(super) fn take(&self, timeout: Duration) -> Option<Vec<Query>> {
        let end = Instant::now() + timeout;
        let mut shared = self.lock();
        loop {
            if !shared.queries.is_empty() {
                return Some(shared.queries.drain(..).collect());
            }
            if shared.state.ended.is_some() {
                return None;
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Some(Vec::new());
            }
            (shared, _) = self
                .news
                .wait_timeout(shared, left)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    pub(super) fn state(&self) -> TapState {
        let shared = self.lock();
        let mut state = shared.state.clone();
        if let UpstreamState::Pulled { waiting } = &mut state.upstream {
            *waiting = shared.queries.len();
        }
        state
    }

    pub(super) fn set_state(&self, state: TapState) {
        let mut shared = self.lock();
        if state.ended.is_some() {
            shared.queries.clear();
            self.news.notify_all();
        }
        shared.state = state;
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
