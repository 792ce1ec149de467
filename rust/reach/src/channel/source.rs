//! The app's source of rows: what the helper hands over, as if the app had read it.

use std::sync::Arc;
use std::time::Duration;

use portlog_model::{CoverageStatus, Moment, Provenance, SourceKind, Table, Unreachable};
use portlog_owners::{PackageFlags, PackageList};
use portlog_sockets::{Batch, Error, Handed, OwnSocket, Polled, Source, TableReport};

use super::HelperLink;
use super::assemble::{Brought, Look};
use super::frame::Listing;
use crate::{News, Remote, clock};

/// Rows of the helper behind a link.
///
/// While none is there, or it is silent, every table is denied: what this process may read itself is
/// not asked, since from Android 10 on it may read none.
pub struct HelperSource {
    link: Arc<HelperLink>,
    /// Time awake (`CLOCK_MONOTONIC`): a helper is not silent because the phone slept.
    awake: Box<dyn Fn() -> Duration + Send>,
    own: Vec<OwnSocket>,
    news: Vec<News>,
    latest: Option<Moment>,
    /// When a look, or another connection, came last; and which connection that was.
    heard: Duration,
    connection: u64,
    boot_id: Option<Arc<str>>,
    system: Option<Vec<u8>>,
    gone: bool,
}

impl HelperSource {
    /// A helper from which nothing came for two intervals and this long is silent.
    const SILENCE: Duration = Duration::from_secs(5);

    /// The source of what comes over `link`.
    pub fn new(link: Arc<HelperLink>) -> Self {
        Self::with_clock(link, clock::awake)
    }

    /// The same by a clock of time awake.
    pub fn with_clock(
        link: Arc<HelperLink>,
        awake: impl Fn() -> Duration + Send + 'static,
    ) -> Self {
        Self {
            heard: awake(),
            connection: link.connection(),
            link,
            awake: Box::new(awake),
            own: Vec::new(),
            news: Vec::new(),
            latest: None,
            boot_id: None,
            system: None,
            gone: false,
        }
    }

    /// Fills the batch with a look.
    fn hand(&mut self, look: &Look, more: bool, batch: &mut Batch) -> Polled {
        let head = &look.head;
        batch.rows.extend_from_slice(&look.rows);
        batch.destroyed.extend_from_slice(&look.destroyed);
        for (table, report) in Table::ALL.into_iter().zip(&head.reports) {
            *batch.report_mut(table) = TableReport {
                source: SourceKind::Helper,
                ..*report
            };
        }
        self.own.clear();
        self.own.extend_from_slice(&head.own);
        self.own.extend(self.link.own());
        self.latest = Some(head.at);
        if std::mem::take(&mut self.gone) {
            self.news.push(News::Back);
        }
        Polled::Handed(Handed {
            at: head.at,
            awake: head.awake,
            more,
        })
    }

    /// Says of every table that it is denied, and the first time why.
    fn deny(&mut self, reason: Unreachable, batch: &mut Batch) -> Polled {
        self.own.clear();
        for table in Table::ALL {
            *batch.report_mut(table) = TableReport {
                source: SourceKind::Helper,
                status: CoverageStatus::Denied,
                ..TableReport::default()
            };
        }
        if let Some(since) = self.latest
            && !std::mem::replace(&mut self.gone, true)
        {
            self.news.push(News::Gap {
                since: Some(since),
                reason,
            });
        }
        Polled::Now
    }

    fn learn(&mut self, brought: Brought) {
        match brought {
            Brought::Hello(hello) => {
                let is_another = |id: &Arc<str>| *id != hello.boot_id && !id.is_empty();
                if self.boot_id.as_ref().is_some_and(is_another) {
                    self.news.push(News::Rebooted);
                }
                self.boot_id = Some(hello.boot_id);
            }
            Brought::Listing(Listing::System, text) => self.system = Some(text),
            Brought::Listing(Listing::Packages, text) => {
                let list = packages(&text, self.system.take().as_deref());
                self.news.push(News::Packages(list));
            }
            Brought::Users(users) => self.news.push(News::Users(users)),
            Brought::Counters(rows) => self.news.push(News::Counters(rows)),
            Brought::Candidates(of) => self.news.push(News::Candidates(of)),
            // The link has said it, or keeps it.
            Brought::Trouble(_) | Brought::Bye(_) | Brought::Look(_) => {}
        }
    }
}

impl Source for HelperSource {
    fn provenance(&self) -> Provenance {
        Provenance::Helper
    }

    fn kind(&self) -> SourceKind {
        SourceKind::Helper
    }

    fn poll(&mut self, batch: &mut Batch) -> Result<Polled, Error> {
        batch.clear();
        // Before what waits is taken: what comes after that is for the next poll.
        let is_away = self.link.is_away();
        let now = (self.awake)();
        while let Some((brought, more)) = self.link.take() {
            if let Brought::Look(look) = brought {
                self.heard = now;
                return Ok(self.hand(&look, more, batch));
            }
            self.learn(brought);
        }
        if is_away {
            return Ok(self.deny(Unreachable::HelperEnded, batch));
        }
        let connection = self.link.connection();
        if connection != self.connection {
            self.connection = connection;
            self.heard = now;
        }
        let patience = self.link.pace() * 2 + Self::SILENCE;
        Ok(if now.saturating_sub(self.heard) > patience {
            self.deny(Unreachable::Silent, batch)
        } else {
            Polled::Nothing
        })
    }

    fn own(&self) -> &[OwnSocket] {
        &self.own
    }

    fn set_pace(&mut self, interval: Duration) {
        self.link.set_pace(interval);
    }
}

impl Remote for HelperSource {
    fn news(&mut self, news: &mut Vec<News>) {
        news.append(&mut self.news);
    }
}

/// The package list of two listings: that of every package with path and UIDs, and the names of the
/// system's. The second adds what a path alone does not tell: that what lies in /data is an update.
fn packages(listing: &[u8], system: Option<&[u8]>) -> PackageList {
    let list = PackageList::parse(listing);
    let Some(system) = system else { return list };
    let names: std::collections::BTreeSet<&[u8]> = system
        .split(|&byte| byte == b'\n')
        .filter_map(|line| line.trim_ascii().strip_prefix(b"package:"))
        .collect();
    // Of a list in which nothing is the system's, and of a damaged one, nothing is concluded.
    if names.is_empty() || !list.bad_lines().is_empty() || list.entries().is_empty() {
        return list;
    }
    let entries = list.entries().iter().map(|entry| {
        let mut entry = entry.clone();
        let system = names.contains(entry.package.as_str().as_bytes());
        let in_data = |path: &Arc<str>| path.starts_with("/data/");
        entry.flags = Some(PackageFlags {
            system,
            updated_system: system && entry.source_path.as_ref().is_some_and(in_data),
        });
        entry
    });
    PackageList::from_entries(entries.collect())
}
