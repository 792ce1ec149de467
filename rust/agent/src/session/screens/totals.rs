//! Sums over what is kept, and what is known of a claim.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use portlog_model::{Alert, GapReason, Heartbeat, Watched};
use portlog_watch::{MuteRule, OwnerKey};

use crate::session::desk::{Desk, WatchedCache};
use crate::session::history::{Record, What, alerts, comes_with_the_phone};
use crate::session::render::{self, Standing};

/// Sums over what is kept.
pub(super) struct Totals {
    pub(super) hours: Heartbeat,
    pub(super) stopped: Duration,
    pub(super) matches: u64,
    pub(super) possible: u64,
}

impl Desk {
    /// What is known about a claim beyond its alert, which was told in `run`.
    pub(super) fn standing(&self, alert: &Alert, run: u32) -> Standing {
        let key = render::claim_key(alert);
        let connection = alert
            .observed
            .as_ref()
            .map(|observed| observed.connection.id.get())
            .filter(|id| run == self.run && self.connections.get(*id).is_some());
        let practice = alert
            .observed
            .as_ref()
            .is_some_and(|observed| observed.connection.practice);
        Standing {
            latest: key
                .filter(|_| !practice)
                .and_then(|key| self.claims.get(&key).copied()),
            muted: !practice && render::is_muted(&self.mutes, alert),
            connection,
        }
    }

    pub(super) fn standing_of(&self, record: &Record) -> Standing {
        record
            .alert()
            .map_or_else(Standing::default, |alert| self.standing(alert, record.run))
    }

    pub(super) fn totals(&mut self) -> Totals {
        let mut hours = Heartbeat::default();
        let mut stopped = Duration::ZERO;
        for record in self.history.records() {
            match &record.what {
                What::Hour(hour) => {
                    hours.watched = hours.watched.saturating_add(hour.watched);
                    hours.suspended = hours.suspended.saturating_add(hour.suspended);
                    hours.denied = hours.denied.saturating_add(hour.denied);
                }
                What::Gap {
                    from: Some(from),
                    reason: GapReason::NotRunning | GapReason::Died(_),
                    ..
                } => stopped = stopped.saturating_add(record.at.since(from.wall)),
                _ => {}
            }
        }
        let (matches, possible) = alerts(self.history.records());
        Totals {
            hours,
            stopped,
            matches,
            possible,
        }
    }

    pub(super) fn watched_so_far(&mut self) -> Watched {
        let totals = self.totals();
        let counts = self.seen_so_far();
        Watched {
            state: self.watch_state(),
            watched: totals.hours.watched,
            owners: counts.owners,
            destinations: counts.destinations,
            lists: self.lists,
            matches: totals.matches,
            possible: totals.possible,
        }
    }

    /// System programs and addresses that were seen; counted anew only where there are others.
    fn seen_so_far(&mut self) -> WatchedCache {
        let version = self.history.traffic_version();
        let owners_in_run = self.firmware.len();
        if let Some(cache) = self.watched
            && (cache.version, cache.owners_in_run) == (version, owners_in_run)
        {
            return cache;
        }
        let mut owners = self.firmware.clone();
        let mut destinations: BTreeSet<IpAddr> = BTreeSet::new();
        for record in self.history.records() {
            if let What::Traffic(traffic) = &record.what {
                let observed = &traffic.opened;
                destinations.insert(observed.connection.remote.address());
                if comes_with_the_phone(observed.owner.firmware) {
                    owners.insert(OwnerKey::of(&observed.owner));
                }
            }
        }
        let cache = WatchedCache {
            version,
            owners_in_run,
            owners: owners.len() as u64,
            destinations: destinations.len() as u64,
        };
        self.watched = Some(cache);
        cache
    }

    /// What the owner of a mute is called, where that is known.
    pub(super) fn name_of(&mut self, rule: &MuteRule) -> Option<Arc<str>> {
        let MuteRule::Owner(key) = rule else {
            return None;
        };
        let open = self
            .connections
            .all()
            .find(|seen| OwnerKey::of(&seen.observed.owner) == *key)
            .map(|seen| Arc::clone(&seen.observed.owner.name));
        open.or_else(|| {
            self.history
                .records()
                .rev()
                .filter_map(|record| record.owner())
                .find(|owner| OwnerKey::of(owner) == *key)
                .map(|owner| Arc::clone(&owner.name))
        })
    }
}
