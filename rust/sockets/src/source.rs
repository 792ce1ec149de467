//! Where rows come from: one trait for a live kernel, a captured tree and a series of them.

use std::time::Duration;

use portlog_model::{Moment, Provenance, SourceKind};

use crate::{Batch, Error, OwnSocket};

/// Something that can be polled for rows.
pub trait Source: Send {
    /// How the rows are obtained; it marks every output made from them.
    fn provenance(&self) -> Provenance;

    /// The interface that is asked first.
    fn kind(&self) -> SourceKind;

    /// Fills `batch` (cleared first) with what the tables hold now.
    ///
    /// A table that cannot be read is said so in its report and costs only itself; an error means
    /// that nothing can be read any more.
    fn poll(&mut self, batch: &mut Batch) -> Result<Polled, Error>;

    /// Takes what the kernel has queued since the last poll and keeps it for the next one, so that
    /// the queue stays short where polls are far apart. Sources without events do nothing.
    fn drain_events(&mut self) {}

    /// The sockets by which whoever read the latest rows checks them, where that was not this
    /// process: they stand among the rows, and its verdicts in the reports.
    fn own(&self) -> &[OwnSocket] {
        &[]
    }

    /// Says how often it is polled from now on. Sources that read by themselves keep to it.
    fn set_pace(&mut self, _interval: Duration) {}
}

/// When the rows of a poll were true.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Polled {
    /// Now: the caller's clock holds.
    Now,
    /// At the time that the capture says.
    At(Moment),
    /// When another process on this machine read them, on the clocks of both.
    Handed(Handed),
    /// Nothing new has come since the poll before; the batch is empty and means nothing.
    Nothing,
    /// There is nothing (more) to read; the batch is empty.
    Finished,
}

/// Rows that another process on this machine read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Handed {
    /// When it read them.
    pub at: Moment,
    /// Time awake since boot (`CLOCK_MONOTONIC`) at that moment.
    pub awake: Duration,
    /// Later rows wait already: the next poll need not.
    pub more: bool,
}
