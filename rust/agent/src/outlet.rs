//! Where the poll thread hands over what it found.

use portlog_model::{Event, Heartbeat, Moment};
use portlog_sockets::Batch;
use portlog_watch::Watch;

use crate::queue::Queue;
use crate::testimony::Device;

/// Takes what the poll thread found, on its thread: it must not wait for a front end.
pub(crate) trait Outlet: Send + Sync {
    /// Takes what a look or a command brought and leaves `events` empty, with its memory. Called
    /// after every look, be it that nothing happened; such a call allocates nothing.
    fn deliver(&self, delivery: &Delivery<'_>, events: &mut Vec<Event>) -> Wish;

    /// A practice connection was opened, or the system refused, and what it said.
    fn practice_opened(&self, at: Moment, opened: Result<(), String>);

    /// Nothing more will come.
    fn end(&self, at: Moment);

    /// How many events were lost in all.
    fn lost_in_all(&self) -> u64;
}

/// What stands beside the events.
pub(crate) struct Delivery<'a> {
    /// Now.
    pub(crate) at: Moment,
    /// The engine, with its claims as they are after the events.
    pub(crate) watch: &'a Watch,
    /// The look that brought them; `None` for a command, a fault, the beginning and the end.
    pub(crate) look: Option<Look<'a>>,
    /// What the phone says of itself, where a source from elsewhere has just told that.
    pub(crate) device: Option<&'a Device>,
}

/// A look that went well.
pub(crate) struct Look<'a> {
    /// Its rows, and what could be read.
    pub(crate) batch: &'a Batch,
    /// Whether the tables that this system has could be read.
    pub(crate) readable: bool,
    /// Looks so far.
    pub(crate) polls: u64,
    /// Time booked since the latest heartbeat.
    pub(crate) account: Heartbeat,
}

/// What the poll thread is asked to do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Wish {
    /// To go on.
    GoOn,
    /// To close the practice connection.
    EndPractice,
}

impl Outlet for Queue<Event> {
    fn deliver(&self, _: &Delivery<'_>, events: &mut Vec<Event>) -> Wish {
        self.push(events.drain(..));
        Wish::GoOn
    }

    fn practice_opened(&self, _: Moment, _: Result<(), String>) {}

    fn end(&self, at: Moment) {
        Self::end(self, at);
    }

    fn lost_in_all(&self) -> u64 {
        Self::lost_in_all(self)
    }
}
