//! What the threads of a session share: the desk, the history's file and the way out to the front
//! end. The poll thread brings what it found here, on its own time.

use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use portlog_model::fault::chain;
use portlog_model::{Event, Moment};

use super::desk::{Desk, Parcel, Phase, Trouble};
use super::history::{HistoryFile, remove_damaged};
use super::kept::{Kept, KeptFile};
use crate::Error;
use crate::clock::Clock;
use crate::outlet::{Delivery, Outlet, Wish};
use crate::queue::Queue;

/// Events kept for a front end that does not fetch.
const QUEUE: usize = 4_096;

/// What the threads of a session share.
pub(crate) struct Shared {
    desk: Mutex<Desk>,
    looked: Condvar,
    /// `None` where no history is kept beyond the run. Locked before the desk, never after it.
    file: Mutex<Option<HistoryFile>>,
    kept_file: KeptFile,
    pub(crate) outbox: Queue<Parcel>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Shared {
    pub(crate) fn new(
        desk: Desk,
        file: Option<HistoryFile>,
        kept_file: KeptFile,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            desk: Mutex::new(desk),
            looked: Condvar::new(),
            file: Mutex::new(file),
            kept_file,
            outbox: Queue::new(QUEUE),
            clock,
        }
    }

    /// The desk. Hold it shortly.
    pub(crate) fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Now.
    pub(crate) fn now(&self) -> Moment {
        self.clock.now().moment
    }

    /// Waits until the run has looked once, or is over; at most `patience`.
    pub(crate) fn wait_for_a_look(&self, patience: Duration) {
        let desk = self.desk();
        let _ = self
            .looked
            .wait_timeout_while(desk, patience, |desk| desk.phase == Phase::Starting)
            .unwrap_or_else(PoisonError::into_inner);
    }

    /// Does something at the desk, tells what came of it and keeps it.
    pub(crate) fn act<T>(&self, act: impl FnOnce(&mut Desk, Moment, &mut Vec<Parcel>) -> T) -> T {
        let now = self.now();
        let mut parcels = Vec::new();
        let done = act(&mut self.desk(), now, &mut parcels);
        self.write(now, false, &mut parcels);
        self.outbox.push(parcels);
        done
    }

    /// Writes what is to be written, `all` of it or what has waited long enough.
    pub(crate) fn write(&self, now: Moment, all: bool, parcels: &mut Vec<Parcel>) {
        self.write_kept(now, parcels);
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(due) = self.desk().history.due(now.boot, all) else {
            return;
        };
        let Some(file) = file.as_mut() else { return };
        let mut written = file.append(&due.records, due.sync);
        if written.is_ok() {
            let mut desk = self.desk();
            let before = desk.troubles.len();
            desk.troubles
                .retain(|trouble| !matches!(trouble, Trouble::HistoryUnwritten(_)));
            if desk.troubles.len() != before {
                desk.connections.touch();
            }
            if file.is_overgrown(desk.history.len()) {
                let records: Vec<_> = desk.history.records().map(Arc::clone).collect();
                drop(desk);
                written = file.rewrite(&records);
            }
        } else {
            self.desk().history.put_back(&due);
        }
        if let Err(error) = written {
            let trouble = Trouble::HistoryUnwritten(Arc::from(chain(&error)));
            self.desk().tell_trouble(trouble, now, parcels);
        }
    }

    /// Forgets the history: in memory, in its file, and what was put aside beside it.
    pub(crate) fn forget(&self, folder: &Path) -> Result<(), Error> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        self.desk().forget();
        if let Some(file) = file.as_mut() {
            file.rewrite(&[])?;
        }
        remove_damaged(folder)
    }

    fn write_kept(&self, now: Moment, parcels: &mut Vec<Parcel>) {
        let kept = {
            let mut desk = self.desk();
            if !std::mem::take(&mut desk.kept_changed) {
                return;
            }
            Kept {
                practice_passed: desk.chain.last_passed(),
                summary_day: desk.summary_day,
            }
        };
        if let Err(error) = self.kept_file.save(kept) {
            let trouble = Trouble::HistoryUnwritten(Arc::from(chain(&error)));
            self.desk().tell_trouble(trouble, now, parcels);
        }
    }
}

/// The way of one run's events to the session. What comes from a run that was left behind counts
/// for nothing.
pub(crate) struct RunOutlet {
    pub(crate) shared: Arc<Shared>,
    pub(crate) run: u32,
}

impl RunOutlet {
    fn deliver_to(
        &self,
        at: Moment,
        take: impl FnOnce(&mut Desk, &mut Vec<Parcel>),
        all: bool,
    ) -> Option<Wish> {
        let shared = &*self.shared;
        let mut parcels = Vec::new();
        let wish = {
            let mut desk = shared.desk();
            if desk.run != self.run {
                return None;
            }
            take(&mut desk, &mut parcels);
            if desk.chain.needs_no_connection() {
                Wish::EndPractice
            } else {
                Wish::GoOn
            }
        };
        shared.looked.notify_all();
        shared.write(at, all, &mut parcels);
        shared.outbox.push(parcels);
        Some(wish)
    }
}

impl Outlet for RunOutlet {
    fn deliver(&self, delivery: &Delivery<'_>, events: &mut Vec<Event>) -> Wish {
        let taken = self.deliver_to(
            delivery.at,
            |desk, parcels| desk.take(delivery, events, parcels),
            false,
        );
        events.clear();
        taken.unwrap_or(Wish::GoOn)
    }

    fn practice_opened(&self, at: Moment, opened: Result<(), String>) {
        self.deliver_to(
            at,
            |desk, parcels| {
                let news = desk.chain.opened(opened);
                desk.tell_news(news, at, parcels);
            },
            false,
        );
    }

    fn end(&self, at: Moment) {
        self.deliver_to(at, |desk, parcels| desk.end_run(at, parcels), true);
    }

    fn lost_in_all(&self) -> u64 {
        self.shared.outbox.lost_in_all()
    }
}
