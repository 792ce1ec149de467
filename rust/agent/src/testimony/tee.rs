//! What the front end is told goes to the log too.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use portlog_model::{Event, EventKind, Moment};

use super::{Recorder, Writing};
use crate::outlet::{Delivery, Outlet, Wish};

/// An outlet that copies what it is given to a recorder: clones of events, which are counted
/// references inside. Where nothing happened, nothing is copied.
pub(crate) struct Tee {
    recorder: Recorder,
    outlet: Arc<dyn Outlet>,
    /// The latest news of the log that the front end has.
    told: AtomicU64,
}

impl Tee {
    pub(crate) fn new(recorder: Recorder, outlet: Arc<dyn Outlet>) -> Self {
        Self {
            recorder,
            outlet,
            told: AtomicU64::new(0),
        }
    }

    /// That the log is not written, or is again, for the front end.
    fn news(&self, at: Moment) -> Option<Event> {
        let news = self.recorder.news();
        if self.told.swap(news, Ordering::AcqRel) == news {
            return None;
        }
        let value = match self.recorder.health().writing {
            Writing::Yes => "written".to_owned(),
            Writing::NotSince { why, .. } => format!("not written: {why}"),
            Writing::Closed => "closed".to_owned(),
        };
        let kind = EventKind::Config {
            name: Arc::from("journal"),
            value: Arc::from(value),
        };
        Some(Event { at, kind })
    }
}

impl Outlet for Tee {
    fn deliver(&self, delivery: &Delivery<'_>, events: &mut Vec<Event>) -> Wish {
        if !events.is_empty() {
            self.recorder.record(events);
        }
        if let Some(device) = delivery.device {
            self.recorder.tell_device(device.clone());
        }
        events.extend(self.news(delivery.at));
        self.outlet.deliver(delivery, events)
    }

    fn practice_opened(&self, at: Moment, opened: Result<(), String>) {
        self.outlet.practice_opened(at, opened);
    }

    fn end(&self, at: Moment) {
        self.outlet.end(at);
    }

    fn lost_in_all(&self) -> u64 {
        self.outlet.lost_in_all()
    }
}
