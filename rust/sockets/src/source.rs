//! Where rows come from: one trait for a live kernel, a captured tree and a series of them.

use portlog_model::{Moment, Provenance, SourceKind};

use crate::{Batch, Error};

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
}

/// When the rows of a poll were true.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Polled {
    /// Now: the caller's clock holds.
    Now,
    /// At the time that the capture says.
    At(Moment),
    /// There is nothing (more) to read; the batch is empty.
    Finished,
}
