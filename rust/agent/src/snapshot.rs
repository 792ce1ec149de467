//! One look, without a watch.

use std::collections::BTreeMap;

use portlog_model::{
    Coverage, CoverageItem, CoverageStatus, Moment, Observed, Platform, Provenance, SourceKind,
};
use portlog_sockets::{Batch, Polled, SelfCheck, Source, first_look};
use portlog_watch::NoNames;

use crate::Error;
use crate::clock::{Clock, SystemClock};
use crate::config::Subject;

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
    pub sockets: Vec<Observed>,
}

/// Looks once. Of a capture series, the last tree is shown.
///
/// Rows go the same way as in a watch, through the same rules, but none of what only a next poll
/// needs is built: no index of connections, no event, no history.
pub fn snapshot(subject: Subject) -> Result<Snapshot, Error> {
    let mut parts = subject.assemble_for_one_look();
    let mut source = (parts.open_source)()?;
    let mut self_check = parts.self_check.then(SelfCheck::open);
    let (mut batch, at) = latest(source.as_mut(), SystemClock.now().moment)?;
    let own = match &mut self_check {
        Some(check) => {
            // Whether others' byte counters moved takes two looks.
            check.judge(&mut batch, false);
            check.own()
        }
        None => &[],
    };

    let programs = match &mut parts.programs {
        Some(programs) => programs.find(&batch.rows.iter().filter_map(|row| row.inode).collect()),
        None => BTreeMap::new(),
    };
    let mut sockets = Vec::with_capacity(batch.rows.len());
    first_look(parts.table, &batch, own, at, |connection| {
        let owner = match connection.inode.and_then(|inode| programs.get(&inode)) {
            Some(program) => parts
                .directory
                .owner_of_program(connection.uid, program.clone()),
            None => parts.directory.owner(connection.uid),
        };
        sockets.push(
            parts
                .watch
                .assess(connection, owner, at, &parts.lists, &NoNames),
        );
    });
    // They come in the order of their tuples.
    sockets.sort_by_key(|observed| observed.connection.table);

    let mut coverage = batch.coverage();
    coverage.push(parts.directory.coverage());
    coverage.push(no_names());
    Ok(Snapshot {
        at,
        platform: parts.directory.platform(),
        provenance: source.provenance(),
        coverage,
        sockets,
    })
}

/// The rows that the source has now, or those of its last tree, and when they were true.
fn latest(source: &mut dyn Source, now: Moment) -> Result<(Batch, Moment), Error> {
    let (mut batch, mut next, mut at) = (Batch::default(), Batch::default(), now);
    loop {
        match source.poll(&mut next)? {
            Polled::Now => return Ok((next, now)),
            Polled::At(moment) => {
                at = moment;
                std::mem::swap(&mut batch, &mut next);
            }
            Polled::Finished => return Ok((batch, at)),
        }
    }
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
