//! Everything about one owner.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use portlog_model::{
    Direction, Level, Owner, OwnerKind, PackageName, Protocol, Remark, Sentence, WallTime, Word,
};
use portlog_owners::PackageEntry;
use portlog_watch::{MuteRule, OwnerKey};

use crate::session::board::{self, Seen};
use crate::session::history::{HOUR, Record, What};
use crate::session::render::Voice;
use crate::session::shared::Shared;
use crate::session::views::{Destination, OwnerDetails, PackageLine, Sort, TimelineHour};

/// Destinations of an owner.
const MOST_DESTINATIONS: usize = 200;
/// Connections of an owner.
const MOST_CONNECTIONS: usize = 200;
const HOURS: i64 = 24;

impl Shared {
    pub(crate) fn owner(&self, key: &str) -> Option<OwnerDetails> {
        let key: OwnerKey = key.parse().ok()?;
        let now = self.now();
        let mut desk = self.desk();
        let is_owners = |owner: &Owner| OwnerKey::of(owner) == key;
        let mut open: Vec<Seen> = desk
            .connections
            .all()
            .filter(|seen| is_owners(&seen.observed.owner))
            .cloned()
            .collect();
        let records: Vec<Arc<Record>> = desk
            .history
            .records()
            .filter(|record| {
                matches!(record.what, What::Hour(_))
                    || record.owner().is_some_and(|owner| is_owners(owner))
            })
            .map(Arc::clone)
            .collect();
        let owner = open
            .last()
            .map(|seen| Arc::clone(&seen.observed.owner))
            .or_else(|| {
                records
                    .iter()
                    .rev()
                    .find_map(|record| record.owner().map(Arc::clone))
            })?;
        let voice = desk.voice();
        let packages = desk.packages.clone();
        let bytes = owner
            .uid
            .and_then(|uid| desk.bytes.get(&uid.get()).copied());
        let muted = desk.mutes.contains(&MuteRule::Owner(key));
        drop(desk);

        board::sort(&mut open, Sort::Newest);
        open.truncate(MOST_CONNECTIONS);
        let (first_seen, last_seen) = seen(&records).unzip();
        let (timeline, timeline_text) = timeline(voice, &records, now.wall);
        Some(OwnerDetails {
            owner: voice.owner(&owner),
            sentences: owner_sentences(voice, &owner),
            packages: package_lines(voice, &owner, packages.as_deref().unwrap_or_default()),
            destinations: destinations(&records),
            connections: open.iter().map(|seen| voice.connection(seen)).collect(),
            first_seen,
            last_seen,
            bytes,
            timeline,
            timeline_text,
            muted,
        })
    }
}

fn owner_sentences(voice: Voice, owner: &Owner) -> Vec<String> {
    let mut sentences = vec![voice.say(&Sentence::OwnerReason(&owner.why))];
    if owner.user.is_some() && owner.kind != OwnerKind::Unknown {
        sentences.push(voice.say(&Sentence::Word(Word::Firmware(owner.firmware))));
    }
    sentences.extend(
        owner
            .roles
            .iter()
            .map(|role| voice.say(&Sentence::Word(Word::Role(role)))),
    );
    sentences
}

/// The owner's packages; of one that the list does not tell of, the name.
fn package_lines(voice: Voice, owner: &Owner, entries: &[PackageEntry]) -> Vec<PackageLine> {
    let line = |package: &PackageName| {
        let of_user = entries
            .iter()
            .filter(|entry| entry.package == *package)
            .max_by_key(|entry| Some(entry.uid) == owner.uid);
        of_user.map_or_else(
            || PackageLine {
                name: package.to_string(),
                label: String::new(),
                version: String::new(),
                place: String::new(),
                signer: String::new(),
                installer: String::new(),
                first_install: None,
            },
            |entry| voice.package(entry),
        )
    };
    owner.packages.iter().map(line).collect()
}

/// When the first and the latest connection of an owner were seen to open.
fn seen(records: &[Arc<Record>]) -> Option<(i64, i64)> {
    records
        .iter()
        .filter_map(|record| match &record.what {
            What::Traffic(traffic) => Some((traffic.by.wall, traffic.last)),
            _ => None,
        })
        .map(|(first, last)| (first.as_millis(), last.as_millis()))
        .reduce(|(first, last), (other_first, other_last)| {
            (first.min(other_first), last.max(other_last))
        })
}

/// Where an owner was seen to connect, most recent first.
fn destinations(records: &[Arc<Record>]) -> Vec<Destination> {
    let mut found: BTreeMap<(Protocol, String), Destination> = BTreeMap::new();
    for record in records {
        let What::Traffic(traffic) = &record.what else {
            continue;
        };
        let connection = &traffic.opened.connection;
        let remote = if connection.direction == Direction::In {
            // The port of one that contacted us is another each time.
            connection.remote.address().to_string()
        } else {
            connection.remote.to_string()
        };
        let first = traffic.by.wall.as_millis();
        let last = traffic.last.as_millis();
        let destination = found
            .entry((connection.protocol(), remote.clone()))
            .or_insert_with(|| Destination {
                remote,
                protocol: connection.protocol(),
                first_seen: first,
                last_seen: last,
                count: 0,
                level: None,
            });
        destination.first_seen = destination.first_seen.min(first);
        destination.last_seen = destination.last_seen.max(last);
        destination.count = destination.count.saturating_add(traffic.count);
        destination.level = destination.level.max(traffic.level);
    }
    let mut destinations: Vec<Destination> = found.into_values().collect();
    destinations.sort_by_key(|destination| std::cmp::Reverse(destination.last_seen));
    destinations.truncate(MOST_DESTINATIONS);
    destinations
}

/// The last 24 hours by hour, oldest first, and the same in words.
fn timeline(voice: Voice, records: &[Arc<Record>], now: WallTime) -> (Vec<TimelineHour>, String) {
    let this = now.as_millis().div_euclid(HOUR);
    let first = this - (HOURS - 1);
    let mut hours: Vec<TimelineHour> = (first..=this)
        .map(|hour| TimelineHour {
            start: hour.saturating_mul(HOUR),
            opened: 0,
            alerts: 0,
            watched_percent: 0,
        })
        .collect();
    let mut watched = Duration::ZERO;
    let (mut opened, mut alerted) = (0_u64, 0_u64);
    for record in records {
        let hour = record.at.as_millis().div_euclid(HOUR);
        let Some(slot) = usize::try_from(hour - first)
            .ok()
            .and_then(|index| hours.get_mut(index))
        else {
            continue;
        };
        match &record.what {
            What::Traffic(traffic) => {
                let count = u32::try_from(traffic.count).unwrap_or(u32::MAX);
                slot.opened = slot.opened.saturating_add(count);
                opened = opened.saturating_add(traffic.count);
            }
            What::Alert(alert) if alert.level > Level::Noted => {
                slot.alerts = slot.alerts.saturating_add(1);
                alerted += 1;
            }
            What::Hour(heartbeat) => {
                watched = watched.saturating_add(heartbeat.watched);
                let length = if hour == this {
                    now.as_millis().rem_euclid(HOUR).max(1)
                } else {
                    HOUR
                };
                let looked = i64::try_from(heartbeat.watched.as_millis()).unwrap_or(i64::MAX);
                let percent = looked.saturating_mul(100) / length;
                let sum = i64::from(slot.watched_percent).saturating_add(percent);
                slot.watched_percent = u8::try_from(sum.clamp(0, 100)).unwrap_or(100);
            }
            _ => {}
        }
    }
    let busy = hours.iter().filter(|hour| hour.opened > 0).count();
    let text = voice.remark(Remark::Timeline {
        opened,
        alerts: alerted,
        hours: u32::try_from(busy).unwrap_or(u32::MAX),
        watched,
    });
    (hours, text)
}
