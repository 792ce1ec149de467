//! What the screens ask for: a short look at the desk, then words.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use portlog_model::{
    Alert, Coverage, CoverageCounts, CoverageItem, CoverageStatus, EventKind, Heartbeat, Level,
    Moment, NotedReason, Notice, Ongoing, Owner, OwnerKind, Remark, Sentence, WallTime, Watched,
    Word,
};
use portlog_watch::{MuteRule, OwnerKey};

use super::board::{self, Seen};
use super::desk::{Content, Desk, Parcel, Phase, Trouble, WatchedCache};
use super::history::{HOUR, Record, What, alerts};
use super::render::{self, Standing, Voice, join};
use super::shared::Shared;
use super::views::{
    AlertView, Board, BoardQuery, ConnectionDetails, CoverageLine, Destination, HistoryPage,
    HistoryQuery, MuteLine, OwnerDetails, PackageLine, Stats, TimelineHour, Told, ToldKind,
};

/// Lines of a board, where no smaller limit is asked for.
const MOST_LINES: usize = 2_000;
/// Records of a page.
const MOST_RECORDS: usize = 500;
/// Alerts of the alerts screen.
const MOST_ALERTS: usize = 500;
/// Destinations of an owner.
const MOST_DESTINATIONS: usize = 200;
/// Connections of an owner.
const MOST_CONNECTIONS: usize = 200;
/// Records of a connection.
const MOST_OF_CONNECTION: usize = 50;
const HOURS: i64 = 24;

impl Shared {
    /// Parcels in words.
    pub(crate) fn tell(&self, parcels: &[Parcel]) -> Vec<Told> {
        let (voice, standings) = {
            let desk = self.desk();
            let standings: Vec<Standing> = parcels
                .iter()
                .map(|parcel| {
                    alert_of(parcel).map_or_else(Standing::default, |(alert, _)| {
                        desk.standing(alert, parcel.run)
                    })
                })
                .collect();
            (desk.voice(), standings)
        };
        parcels
            .iter()
            .zip(standings)
            .map(|(parcel, standing)| told(voice, parcel, standing))
            .collect()
    }

    pub(crate) fn board(&self, query: &BoardQuery) -> Board {
        let needle = query.text.trim().to_lowercase();
        let now = self.now();
        let mut desk = self.desk();
        desk.connections.pass_time(now.boot);
        let mut seen: Vec<Seen> = desk
            .connections
            .all()
            .filter(|seen| board::asks_for(query, &needle, seen))
            .cloned()
            .collect();
        let voice = desk.voice();
        let generation = desk.connections.generation();
        let total = desk.connections.total();
        let phase = desk.phase.clone();
        let watched = desk.watched_so_far();
        let coverage: Vec<Coverage> = desk.connections.coverage().cloned().collect();
        let troubles = desk.troubles.clone();
        let withheld = desk.apps_withheld;
        let is_live = desk
            .provenance
            .is_none_or(portlog_model::Provenance::is_live);
        drop(desk);

        board::sort(&mut seen, query.sort);
        let matching = seen.len() as u64;
        let limit = match usize::try_from(query.limit) {
            Ok(limit) if limit > 0 => limit.min(MOST_LINES),
            _ => MOST_LINES,
        };
        seen.truncate(limit);
        Board {
            generation,
            state: phase.view(),
            state_text: state_text(voice, &phase),
            watched_text: voice.say(&Sentence::Watched(&watched)),
            not_live_text: if is_live {
                String::new()
            } else {
                voice.say(&Sentence::NotObservedLive)
            },
            coverage: coverage_lines(voice, &coverage, withheld, &troubles),
            connections: seen.iter().map(|seen| voice.connection(seen)).collect(),
            matching,
            total,
        }
    }

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

        board::sort(&mut open, super::views::Sort::Newest);
        open.truncate(MOST_CONNECTIONS);
        let (timeline, timeline_text) = timeline(voice, &records, now.wall);
        Some(OwnerDetails {
            owner: voice.owner(&owner),
            sentences: owner_sentences(voice, &owner),
            packages: package_lines(voice, &owner, packages.as_deref().unwrap_or_default()),
            destinations: destinations(&records),
            connections: open.iter().map(|seen| voice.connection(seen)).collect(),
            bytes,
            timeline,
            timeline_text,
            muted,
        })
    }

    pub(crate) fn connection(&self, id: u64) -> Option<ConnectionDetails> {
        let mut desk = self.desk();
        let seen = desk.connections.get(id)?.clone();
        let (voice, run) = (desk.voice(), desk.run);
        let records: Vec<(Arc<Record>, Standing)> = {
            let of_it: Vec<Arc<Record>> = desk
                .history
                .records()
                .rev()
                .filter(|record| record.run == run && connection_of(record) == Some(id))
                .take(MOST_OF_CONNECTION)
                .map(Arc::clone)
                .collect();
            of_it
                .into_iter()
                .map(|record| {
                    let standing = desk.standing_of(&record);
                    (record, standing)
                })
                .collect()
        };
        drop(desk);
        let observed = &seen.observed;
        let wall = |moment: Moment| moment.wall;
        let mut sentences = vec![
            voice.say(&Sentence::Observed(observed)),
            voice.remark(Remark::OpenedBetween {
                after: seen.after.map(wall),
                by: observed.connection.first_seen.wall,
            }),
        ];
        if let Some((after, by)) = seen.ended {
            sentences.push(voice.remark(Remark::EndedBetween {
                after: after.map(wall),
                by: by.wall,
            }));
        }
        sentences.push(voice.say(&Sentence::OwnerReason(&observed.owner.why)));
        Some(ConnectionDetails {
            line: voice.connection(&seen),
            sentences,
            matches: observed
                .matches
                .iter()
                .map(|matched| voice.matched(matched))
                .collect(),
            history: records
                .iter()
                .map(|(record, standing)| told_record(voice, record, *standing))
                .collect(),
        })
    }

    pub(crate) fn alerts(&self, with_noted: bool) -> Vec<AlertView> {
        let mut desk = self.desk();
        let records: Vec<Arc<Record>> = desk
            .history
            .records()
            .rev()
            .filter(|record| match record.what {
                What::Alert(_) => true,
                What::Noted(..) => with_noted,
                _ => false,
            })
            .map(Arc::clone)
            .collect();
        let mut known = BTreeSet::new();
        let mut latest = Vec::new();
        for record in records {
            if latest.len() >= MOST_ALERTS {
                break;
            }
            if let Some((alert, noted)) = alert_in(&record)
                && known.insert(render::claim_text(alert, noted))
            {
                let standing = desk.standing_of(&record);
                latest.push((record, standing));
            }
        }
        let voice = desk.voice();
        drop(desk);
        let mut views: Vec<AlertView> = latest
            .iter()
            .filter_map(|(record, standing)| {
                let (alert, noted) = alert_in(record)?;
                Some(voice.alert(alert, noted, *standing))
            })
            .collect();
        views.sort_by_key(|view| std::cmp::Reverse(view.last_seen));
        views
    }

    pub(crate) fn history(&self, query: &HistoryQuery) -> HistoryPage {
        let needle = query.text.trim().to_lowercase();
        let key: Option<Option<OwnerKey>> = query.owner_key.as_ref().map(|key| key.parse().ok());
        let mut desk = self.desk();
        let voice = desk.voice();
        let kept = desk.history.len() as u64;
        let since = desk.history.records().next().map(|record| record.at);
        let records: Vec<Arc<Record>> = desk
            .history
            .records()
            .rev()
            .filter(|record| {
                let kind = query.kinds.is_empty() || query.kinds.contains(&record.kind());
                let owner = key.as_ref().is_none_or(|key| {
                    record.owner().map(|owner| OwnerKey::of(owner)) == *key && key.is_some()
                });
                kind && owner
            })
            .map(Arc::clone)
            .collect();
        drop(desk);

        let contains = |record: &Record| {
            needle.is_empty() || voice.record(record).text.to_lowercase().contains(&needle)
        };
        let limit = usize::try_from(query.limit)
            .unwrap_or(MOST_RECORDS)
            .min(MOST_RECORDS);
        let (mut matching, mut page) = (0_u64, Vec::new());
        for record in records.iter().filter(|record| contains(record)) {
            matching += 1;
            let is_older = query.before == 0 || record.sequence < query.before;
            if is_older && page.len() < limit {
                page.push(Arc::clone(record));
            }
        }
        let desk = self.desk();
        let page: Vec<(Arc<Record>, Standing)> = page
            .into_iter()
            .map(|record| {
                let standing = desk.standing_of(&record);
                (record, standing)
            })
            .collect();
        drop(desk);
        HistoryPage {
            records: page
                .iter()
                .map(|(record, standing)| told_record(voice, record, *standing))
                .collect(),
            matching,
            kept,
            since: since.map(WallTime::as_millis),
        }
    }

    pub(crate) fn stats(&self) -> Stats {
        let dropped = self.outbox.lost_in_all();
        let mut desk = self.desk();
        let voice = desk.voice();
        let phase = desk.phase.clone();
        let totals = desk.totals();
        let tables = CoverageCounts::of(desk.connections.coverage());
        let owners: BTreeSet<OwnerKey> = desk
            .connections
            .all()
            .map(|seen| OwnerKey::of(&seen.observed.owner))
            .collect();
        let connections = desk.connections.total();
        let generation = desk.connections.generation();
        let mutes: Vec<(MuteRule, Option<Arc<str>>)> = desk
            .mutes
            .clone()
            .into_iter()
            .map(|rule| {
                let name = desk.name_of(&rule);
                (rule, name)
            })
            .collect();
        let (since, last_look, polls) = (desk.since, desk.last_look, desk.polls);
        drop(desk);

        let ongoing = Notice::Ongoing(Ongoing {
            state: phase.watch_state(),
            owners: owners.len() as u64,
            since: since.unwrap_or(WallTime::from_millis(0)),
            tables,
        });
        let millis = |span: Duration| u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        Stats {
            generation,
            state: phase.view(),
            state_text: state_text(voice, &phase),
            since: since.map(WallTime::as_millis),
            last_look: last_look.map(WallTime::as_millis),
            polls,
            watched: millis(totals.hours.watched),
            asleep: millis(totals.hours.suspended),
            denied: millis(totals.hours.denied),
            stopped: millis(totals.stopped),
            connections,
            alerts: totals.matches.saturating_add(totals.possible),
            dropped,
            ongoing_title: voice.say(&Sentence::NoticeTitle(ongoing)),
            ongoing_text: voice.say(&Sentence::NoticeBody(ongoing)),
            mutes: mutes
                .iter()
                .map(|(rule, name)| MuteLine {
                    rule: render::mute_view(rule),
                    text: voice.mute(rule, name.as_deref()),
                })
                .collect(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }
}

/// Sums over what is kept.
struct Totals {
    hours: Heartbeat,
    stopped: Duration,
    matches: u64,
    possible: u64,
}

impl Desk {
    /// What is known about a claim beyond its alert, which was told in `run`.
    fn standing(&self, alert: &Alert, run: u32) -> Standing {
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

    fn standing_of(&self, record: &Record) -> Standing {
        record
            .alert()
            .map_or_else(Standing::default, |alert| self.standing(alert, record.run))
    }

    fn totals(&mut self) -> Totals {
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
                    reason: portlog_model::GapReason::NotRunning | portlog_model::GapReason::Died(_),
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

    fn watched_so_far(&mut self) -> Watched {
        let totals = self.totals();
        let counts = self.seen_so_far();
        Watched {
            state: self.phase.watch_state(),
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
                if super::history::comes_with_the_phone(observed.owner.firmware) {
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
    fn name_of(&mut self, rule: &MuteRule) -> Option<Arc<str>> {
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

fn told(voice: Voice, parcel: &Parcel, standing: Standing) -> Told {
    let of = |kind, text| Told {
        sequence: parcel.sequence,
        at: parcel.at.wall.as_millis(),
        kind,
        text,
        owner_key: None,
        connection: None,
        alert: None,
    };
    match &parcel.what {
        Content::Event(kind) => {
            let mut told = voice.event(parcel.sequence, parcel.at.wall, kind);
            told.alert = alert_of(parcel).map(|(alert, noted)| voice.alert(alert, noted, standing));
            told
        }
        Content::Record(record) => told_record(voice, record, standing),
        Content::Trouble(trouble) => of(ToldKind::Coverage, voice.remark(trouble.remark())),
        Content::Link(link, state) => of(
            ToldKind::Practice,
            voice.say(&Sentence::Practice(*link, *state)),
        ),
    }
}

fn told_record(voice: Voice, record: &Record, standing: Standing) -> Told {
    let mut told = voice.record(record);
    told.alert = alert_in(record).map(|(alert, noted)| voice.alert(alert, noted, standing));
    told
}

fn alert_of(parcel: &Parcel) -> Option<(&Arc<Alert>, Option<NotedReason>)> {
    match &parcel.what {
        Content::Event(EventKind::Alert(alert)) => Some((alert, None)),
        Content::Event(EventKind::Noted(alert, reason)) => Some((alert, Some(*reason))),
        Content::Record(record) => alert_in(record),
        _ => None,
    }
}

fn alert_in(record: &Record) -> Option<(&Arc<Alert>, Option<NotedReason>)> {
    match &record.what {
        What::Alert(alert) => Some((alert, None)),
        What::Noted(alert, reason) => Some((alert, Some(*reason))),
        _ => None,
    }
}

fn connection_of(record: &Record) -> Option<u64> {
    let observed = match &record.what {
        What::Traffic(traffic) => Some(&traffic.opened),
        What::Alert(alert) | What::Noted(alert, _) => alert.observed.as_ref(),
        _ => None,
    };
    observed.map(|observed| observed.connection.id.get())
}

fn state_text(voice: Voice, phase: &Phase) -> String {
    match phase {
        Phase::Failed(why) => voice.remark(Remark::Ended(why)),
        _ => voice.say(&Sentence::State(phase.watch_state())),
    }
}

fn coverage_lines(
    voice: Voice,
    coverage: &[Coverage],
    withheld: bool,
    troubles: &[Trouble],
) -> Vec<CoverageLine> {
    let mut lines: Vec<CoverageLine> = coverage
        .iter()
        .map(|coverage| {
            let sentence = voice.say(&Sentence::CoverageOf(coverage, voice.platform));
            let is_withheld = withheld && coverage.item == CoverageItem::Packages;
            CoverageLine {
                item: coverage.item.as_str().to_owned(),
                status: coverage.status,
                text: if is_withheld {
                    join(format!("{sentence}."), &voice.remark(Remark::AppsWithheld))
                } else {
                    sentence
                },
            }
        })
        .collect();
    lines.extend(troubles.iter().map(|trouble| {
        let (item, status) = match trouble {
            Trouble::HistoryNewer | Trouble::HistoryUnwritten(_) => {
                ("history", CoverageStatus::Denied)
            }
            Trouble::HistorySetAside | Trouble::HistoryBadLines(_) => {
                ("history", CoverageStatus::Untrusted)
            }
            Trouble::StateSetAside => ("state", CoverageStatus::Untrusted),
            Trouble::ShelfSetAside => ("lists", CoverageStatus::Untrusted),
        };
        CoverageLine {
            item: item.to_owned(),
            status,
            text: voice.remark(trouble.remark()),
        }
    }));
    lines
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
fn package_lines(
    voice: Voice,
    owner: &Owner,
    entries: &[portlog_owners::PackageEntry],
) -> Vec<PackageLine> {
    let line = |package: &portlog_model::PackageName| {
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

/// Where an owner was seen to connect, most recent first.
fn destinations(records: &[Arc<Record>]) -> Vec<Destination> {
    let mut found: BTreeMap<(portlog_model::Protocol, String), Destination> = BTreeMap::new();
    for record in records {
        let What::Traffic(traffic) = &record.what else {
            continue;
        };
        let connection = &traffic.opened.connection;
        let remote = if connection.direction == portlog_model::Direction::In {
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
