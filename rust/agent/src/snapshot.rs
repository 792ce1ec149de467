//! One look, without a watch.

use std::time::Duration;

use portlog_model::{Coverage, Moment, Observed, Platform, Provenance};
use portlog_owners::{Directory, PackageList};
use portlog_reach::News;
use portlog_sockets::{Batch, Polled, SelfCheck, Source, first_look};

use crate::Error;
use crate::clock::{Clock, SystemClock};
use crate::config::Subject;
use crate::holders::Holders;
use crate::names::{self, Bypass};
use crate::pipeline::{Opened, Parts};

/// One look: what could be read, and the sockets, which are not put together before someone asks.
pub struct Look {
    /// When the rows were true.
    pub at: Moment,
    /// What a UID means there.
    pub platform: Platform,
    /// How rows were obtained.
    pub provenance: Provenance,
    /// What could be read: every table, the package or account list, and names.
    pub coverage: Vec<Coverage>,
    parts: Parts,
    batch: Batch,
    self_check: Option<SelfCheck>,
}

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
pub fn snapshot(subject: Subject) -> Result<Snapshot, Error> {
    Ok(Look::at(subject)?.into_snapshot())
}

impl Look {
    /// Looks once. Of a capture series, the last tree is shown.
    ///
    /// Rows go the same way as in a watch, through the same rules, but none of what only a next
    /// poll needs is built: no index of connections, no event, no history.
    pub fn at(subject: Subject) -> Result<Self, Error> {
        let mut parts = subject.assemble_for_one_look();
        let mut source = (parts.open_source)()?;
        let mut self_check = parts.self_check.then(SelfCheck::open);
        let (mut batch, at) = latest(source.source_mut(), SystemClock.now().moment)?;
        if let Some(check) = &mut self_check {
            // Whether others' byte counters moved takes two looks.
            check.judge(&mut batch, false);
        }
        if let Some(list) = packages_from_elsewhere(&mut source)
            && !parts.packages_overridden
        {
            parts.directory = Directory::android(list);
        }
        let mut coverage = batch.coverage();
        coverage.push(parts.directory.coverage());
        let tap = parts.names.tap();
        let mut bypass = Bypass::default();
        for row in &batch.rows {
            bypass.count(row.remote, row.uid, &tap);
        }
        coverage.push(names::of_book(&parts.names, bypass, at));
        Ok(Self {
            at,
            platform: parts.directory.platform(),
            provenance: source.source().provenance(),
            coverage,
            parts,
            batch,
            self_check,
        })
    }

    /// Gives every socket to `each`, in order of table and tuple. One is put together at a time:
    /// thousands of them need no more memory than their rows.
    pub fn each_socket(self, mut each: impl FnMut(Observed)) {
        let Self {
            at,
            parts,
            batch,
            self_check,
            ..
        } = self;
        let Parts {
            table,
            mut directory,
            mut programs,
            lists,
            names,
            mut watch,
            ..
        } = parts;
        let inodes = batch.rows.iter().filter_map(|row| row.inode);
        let mut holders = Holders::find(programs.as_mut(), inodes);
        let own = self_check.as_ref().map_or(&[][..], SelfCheck::own);
        first_look(table, &batch, own, at, |connection| {
            let owner = holders.owner(&mut directory, &connection);
            each(watch.assess(connection, owner, &lists, &names));
        });
    }

    /// The look with all its sockets.
    pub fn into_snapshot(mut self) -> Snapshot {
        let mut sockets = Vec::with_capacity(self.batch.rows.len());
        let (at, platform, provenance) = (self.at, self.platform, self.provenance);
        let coverage = std::mem::take(&mut self.coverage);
        self.each_socket(|observed| sockets.push(observed));
        Snapshot {
            at,
            platform,
            provenance,
            coverage,
            sockets,
        }
    }
}

/// The packages that came with the rows.
fn packages_from_elsewhere(source: &mut Opened) -> Option<PackageList> {
    let Opened::Elsewhere(remote) = source else {
        return None;
    };
    let mut news = Vec::new();
    remote.news(&mut news);
    news.into_iter().rev().find_map(|news| match news {
        News::Packages(list) => Some(list),
        _ => None,
    })
}

/// The rows that the source has now, or those of its last tree, and when they were true.
fn latest(source: &mut dyn Source, now: Moment) -> Result<(Batch, Moment), Error> {
    let (mut batch, mut next, mut at) = (Batch::default(), Batch::default(), now);
    loop {
        match source.poll(&mut next)? {
            Polled::Now => return Ok((next, now)),
            Polled::Handed(handed) => return Ok((next, handed.at)),
            // Whoever reads the rows for us is about to.
            Polled::Nothing => std::thread::sleep(Duration::from_millis(20)),
            Polled::At(moment) => {
                at = moment;
                std::mem::swap(&mut batch, &mut next);
            }
            Polled::Finished => return Ok((batch, at)),
        }
    }
}
