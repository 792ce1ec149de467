//! The connections that are open now, and those that ended a moment ago.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use portlog_model::{
    BootTime, ConnectionId, Coverage, CoverageItem, Event, EventKind, Firmware, Moment, Observed,
    Table,
};
use portlog_sockets::Batch;
use portlog_watch::OwnerKey;
use portlog_words::clean;

use super::history::{is_alerting, level_of};
use super::views::{BoardQuery, ListenerChoice, OwnerChoice, Sort};

/// What is shown of the present, as the poll thread told it.
#[derive(Debug, Default)]
pub(crate) struct Connections {
    open: BTreeMap<ConnectionId, Seen>,
    /// How many of them ended, and leave soon.
    closed: usize,
    /// Connections that are open and not kept, because there are too many.
    unkept: u64,
    coverage: BTreeMap<CoverageItem, Coverage>,
    generation: u64,
}

/// A connection on the board.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// The connection.
    pub(crate) observed: Arc<Observed>,
    /// The last look without it.
    pub(crate) after: Option<Moment>,
    /// The last look that showed it and the first that did not, for one that ended.
    pub(crate) ended: Option<(Option<Moment>, Moment)>,
    /// When it was found gone.
    pub(crate) closed: Option<Moment>,
}

impl Seen {
    /// One that is open.
    pub(crate) fn open(observed: &Arc<Observed>) -> Self {
        Self {
            observed: Arc::clone(observed),
            after: None,
            ended: None,
            closed: None,
        }
    }
}

impl Connections {
    /// Connections kept. More than a phone has; further ones are counted.
    const MOST: usize = 16_384;
    /// How long one that ended stays in view.
    const LINGER: Duration = Duration::from_secs(5);

    /// Numbers what is shown: the same number means that nothing changed.
    pub(crate) const fn generation(&self) -> u64 {
        self.generation
    }

    /// Something else that is shown changed.
    pub(crate) const fn touch(&mut self) {
        self.generation += 1;
    }

    /// Takes an event in.
    pub(crate) fn take(&mut self, event: &Event) {
        match &event.kind {
            EventKind::Opened {
                observed, after, ..
            } => self.keep(observed, *after),
            EventKind::Changed {
                observed, after, ..
            } => match self.open.get_mut(&observed.connection.id) {
                Some(seen) => {
                    seen.observed = Arc::clone(observed);
                    self.touch();
                }
                None => self.keep(observed, *after),
            },
            EventKind::Closed {
                observed,
                after,
                by,
            } => match self.open.get_mut(&observed.connection.id) {
                Some(seen) => {
                    seen.observed = Arc::clone(observed);
                    seen.ended = Some((*after, *by));
                    seen.closed = Some(event.at);
                    self.closed += 1;
                    self.touch();
                }
                None => self.unkept = self.unkept.saturating_sub(1),
            },
            EventKind::Coverage(coverage) => self.cover(coverage.clone()),
            EventKind::Packages(packages) => self.cover(packages.coverage.clone()),
            EventKind::Alert(_) | EventKind::Started(_) => self.touch(),
            _ => {}
        }
    }

    /// Brings counts up to date after a look; allocates nothing.
    pub(crate) fn count(&mut self, batch: &Batch) {
        let mut changed = false;
        for table in Table::ALL {
            let report = batch.report(table);
            if let Some(coverage) = self.coverage.get_mut(&CoverageItem::Table(table)) {
                let now = (u64::from(report.rows), u64::from(report.bad_rows));
                changed |= (coverage.rows, coverage.bad_rows) != now;
                (coverage.rows, coverage.bad_rows) = now;
            }
        }
        if changed {
            self.touch();
        }
    }

    /// Lets time pass: those that ended leave the board.
    pub(crate) fn pass_time(&mut self, now: BootTime) {
        if self.closed == 0 {
            return;
        }
        let before = self.open.len();
        self.open.retain(|_, seen| {
            seen.closed
                .is_none_or(|closed| now.since(closed.boot) < Self::LINGER)
        });
        let left = before - self.open.len();
        if left > 0 {
            self.closed = self.closed.saturating_sub(left);
            self.touch();
        }
    }

    /// Nobody looks any more: what was open is not known to be.
    pub(crate) fn clear(&mut self) {
        self.open.clear();
        self.closed = 0;
        self.unkept = 0;
        self.touch();
    }

    /// Those in view, in order of opening, without those of the self-check.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Seen> {
        self.open
            .values()
            .filter(|seen| !seen.observed.connection.own)
    }

    /// The connection with this number.
    pub(crate) fn get(&self, id: u64) -> Option<&Seen> {
        self.open
            .get(&ConnectionId::new(id))
            .filter(|seen| !seen.observed.connection.own)
    }

    /// How many are open, those included that are not kept.
    pub(crate) fn total(&self) -> u64 {
        let kept = self.all().filter(|seen| seen.closed.is_none()).count();
        u64::try_from(kept)
            .unwrap_or(u64::MAX)
            .saturating_add(self.unkept)
    }

    /// What could be looked at, in order.
    pub(crate) fn coverage(&self) -> impl Iterator<Item = &Coverage> {
        self.coverage.values()
    }

    /// What could be read of one table.
    pub(crate) fn coverage_of(&self, item: CoverageItem) -> Option<&Coverage> {
        self.coverage.get(&item)
    }

    /// What could be read of something became another.
    pub(crate) fn cover(&mut self, coverage: Coverage) {
        if self.coverage.get(&coverage.item) != Some(&coverage) {
            self.coverage.insert(coverage.item, coverage);
            self.touch();
        }
    }

    fn keep(&mut self, observed: &Arc<Observed>, after: Option<Moment>) {
        if self.open.len() >= Self::MOST {
            self.unkept += 1;
        } else {
            let seen = Seen {
                after,
                ..Seen::open(observed)
            };
            self.open.insert(observed.connection.id, seen);
        }
        self.touch();
    }
}

/// Whether `query` asks for a connection.
pub(crate) fn asks_for(query: &BoardQuery, needle: &str, seen: &Seen) -> bool {
    let observed = &seen.observed;
    let connection = &observed.connection;
    let listener = connection.is_listener();
    let choice = match query.owners {
        OwnerChoice::All => true,
        OwnerChoice::Firmware => observed.owner.firmware != Firmware::No,
        OwnerChoice::Apps => observed.owner.firmware == Firmware::No,
    };
    let listeners = match query.listeners {
        ListenerChoice::Shown => true,
        ListenerChoice::Hidden => !listener,
        ListenerChoice::Only => listener,
    };
    choice
        && listeners
        && (!query.alerts_only || is_alerting(observed))
        && query
            .protocol
            .is_none_or(|protocol| protocol == connection.protocol())
        && query
            .owner_key
            .as_ref()
            .is_none_or(|key| OwnerKey::of(&observed.owner).to_string() == *key)
        && (needle.is_empty() || holds(observed, needle))
}

/// Puts connections into the order that is asked for.
pub(crate) fn sort(seen: &mut [Seen], sort: Sort) {
    let newest = |seen: &Seen| {
        let connection = &seen.observed.connection;
        std::cmp::Reverse((connection.first_seen.boot, connection.id))
    };
    match sort {
        Sort::FirmwareFirst => seen.sort_by_key(|seen| (rank(&seen.observed), newest(seen))),
        Sort::Newest => seen.sort_by_key(newest),
        Sort::Owner => seen.sort_by_cached_key(|seen| {
            let owner = &seen.observed.owner;
            (clean(&owner.name).to_lowercase(), owner.uid, newest(seen))
        }),
        Sort::Remote => seen.sort_by_key(|seen| (seen.observed.connection.remote, newest(seen))),
    }
}

/// What a list speaks of, then firmware, then unknown, then apps.
fn rank(observed: &Observed) -> u8 {
    use portlog_model::Level;
    match (level_of(observed), observed.owner.firmware) {
        (Some(Level::Match), _) => 0,
        (Some(Level::Possible), _) => 1,
        (Some(Level::Noted), _) => 2,
        (None, Firmware::Yes | Firmware::Preloaded | Firmware::Mixed) => 3,
        (None, Firmware::Unknown) => 4,
        (None, Firmware::No) => 5,
    }
}

/// Whether anything that is shown of a connection contains `needle`, which is in lower case.
fn holds(observed: &Observed, needle: &str) -> bool {
    let connection = &observed.connection;
    let owner = &observed.owner;
    let has = |text: &str| text.to_lowercase().contains(needle);
    has(&owner.name)
        || owner.packages.iter().any(|package| has(package.as_str()))
        || owner
            .program
            .as_ref()
            .is_some_and(|program| has(&program.name))
        || owner.uid.is_some_and(|uid| has(&uid.to_string()))
        || has(&connection.remote.to_string())
        || has(&connection.local.to_string())
        || has(connection.protocol().as_str())
        || has(connection.state.as_str())
        || observed.names.iter().any(|name| has(&name.name))
        || observed
            .matches
            .iter()
            .any(|matched| has(&matched.hit.entry) || has(&matched.hit.list))
}
