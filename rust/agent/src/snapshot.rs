//! One look, without a watch.

use std::sync::Arc;

use portlog_model::{
    Coverage, CoverageItem, CoverageStatus, EventKind, Moment, Observed, Platform, Provenance,
    SourceKind,
};

use crate::Error;
use crate::clock::{Clock, SystemClock};
use crate::config::Subject;
use crate::pipeline::Pipeline;

/// The sockets of one moment.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// When the rows were true.
    pub at: Moment,
    /// What a UID means there.
    pub platform: Platform,
    /// How rows were obtained.
    pub provenance: Provenance,
    /// What could be read: every table, the package or account list, and names.
    pub coverage: Vec<Coverage>,
    /// The sockets, in order of table and tuple.
    pub sockets: Vec<Arc<Observed>>,
}

/// Looks once. Of a capture series, the last tree is shown.
pub fn snapshot(subject: Subject) -> Result<Snapshot, Error> {
    let mut pipeline = Pipeline::open(subject)?;
    let mut events = Vec::new();
    let at = pipeline.poll_last(SystemClock.now().moment, &mut events)?;
    let mut sockets: Vec<Arc<Observed>> = events
        .into_iter()
        .filter_map(|event| match event.kind {
            EventKind::Opened { observed, .. } => Some(observed),
            _ => None,
        })
        .collect();
    sockets.sort_by_key(|observed| {
        let connection = &observed.connection;
        (
            connection.table,
            connection.local,
            connection.remote,
            connection.id,
        )
    });
    let mut coverage = pipeline.batch().coverage();
    coverage.push(pipeline.directory().coverage());
    coverage.push(no_names());
    Ok(Snapshot {
        at,
        platform: pipeline.platform(),
        provenance: pipeline.provenance(),
        coverage,
        sockets,
    })
}

/// Sockets have addresses; no source of names is part of this build.
fn no_names() -> Coverage {
    Coverage {
        item: CoverageItem::Names,
        source: SourceKind::Packages,
        status: CoverageStatus::Absent,
        rows: 0,
        bad_rows: 0,
        details: Vec::new(),
    }
}
