//! Connections as the history keeps them: one record for each owner, peer and hour, and a count.

use std::net::IpAddr;
use std::sync::Arc;

use portlog_model::{Direction, Firmware, Moment, NameSource, Observed, Protocol, SeenName};
use portlog_watch::OwnerKey;

use super::record::{Traffic, What, level_of};
use super::{HOUR, History};

/// One owner's connections with one peer.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Stream {
    owner: OwnerKey,
    protocol: Protocol,
    remote: IpAddr,
    /// The peer's port; our own, where the peer began.
    port: u16,
    inbound: bool,
}

impl History {
    /// Takes in a connection that was opened; the number of its record where that is new.
    pub(super) fn opened(
        &mut self,
        observed: &Arc<Observed>,
        after: Option<Moment>,
        by: Moment,
        run: u32,
    ) -> u64 {
        let connection = &observed.connection;
        let remote = connection.remote;
        let is_loopback = remote.address().is_loopback() && observed.matches.is_empty();
        if connection.own || connection.practice || remote.is_unset() || is_loopback {
            return 0;
        }
        let hour = by.wall.as_millis().div_euclid(HOUR);
        if hour != self.running_hour {
            self.running_hour = hour;
            self.running.clear();
        }
        let stream = Stream::of(observed);
        if let Some(&sequence) = self.running.get(&stream)
            && let Some(record) = self.records.get_mut(&sequence)
            && let What::Traffic(traffic) = &mut Arc::make_mut(record).what
        {
            // What was there at a run's first look may be what was counted before it.
            traffic.count = traffic.count.saturating_add(u64::from(after.is_some()));
            traffic.last = traffic.last.max(by.wall);
            traffic.level = traffic.level.max(level_of(observed));
            self.grew(sequence);
            return 0;
        }
        let traffic = Traffic {
            opened: self.as_kept(observed),
            after,
            by,
            last: by.wall,
            count: 1,
            level: level_of(observed),
        };
        let sequence = self.add(What::Traffic(traffic), by.wall, run);
        self.running.insert(stream, sequence);
        sequence
    }

    /// What of a connection is kept.
    fn as_kept(&self, observed: &Arc<Observed>) -> Arc<Observed> {
        let is_tapped = |name: &SeenName| name.source == NameSource::Tap;
        if self.keeps_names_of_others
            || observed.owner.firmware != Firmware::No
            || !observed.names.iter().any(is_tapped)
        {
            return Arc::clone(observed);
        }
        let mut kept = Observed::clone(observed);
        kept.names.retain(|name| !is_tapped(name));
        Arc::new(kept)
    }

    /// A connection that is known says more than when it opened.
    pub(super) fn rise(&mut self, observed: &Observed) {
        if observed.matches.is_empty() {
            return;
        }
        if let Some(&sequence) = self.running.get(&Stream::of(observed))
            && let Some(record) = self.records.get_mut(&sequence)
            && let What::Traffic(traffic) = &record.what
            && level_of(observed) > traffic.level
            && let What::Traffic(traffic) = &mut Arc::make_mut(record).what
        {
            traffic.level = level_of(observed);
            self.grew(sequence);
        }
    }
}

impl Stream {
    fn of(observed: &Observed) -> Self {
        let connection = &observed.connection;
        let inbound = connection.direction == Direction::In;
        let end = if inbound {
            connection.local
        } else {
            connection.remote
        };
        Self {
            owner: OwnerKey::of(&observed.owner),
            protocol: connection.protocol(),
            remote: connection.remote.address(),
            port: end.port(),
            inbound,
        }
    }
}
