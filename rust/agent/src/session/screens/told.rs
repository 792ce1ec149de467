//! What happened: events, alerts, the history, one connection's part of it.

use std::collections::BTreeSet;
use std::sync::Arc;

use portlog_model::{Alert, EventKind, Moment, NotedReason, Remark, Sentence, WallTime};
use portlog_watch::OwnerKey;

use crate::session::desk::{Content, Parcel};
use crate::session::history::{Record, What};
use crate::session::render::{self, Standing, Voice};
use crate::session::shared::Shared;
use crate::session::views::{
    AlertView, ConnectionDetails, HistoryPage, HistoryQuery, Told, ToldKind,
};

/// Records of a page.
const MOST_RECORDS: usize = 500;
/// Alerts of the alerts screen.
const MOST_ALERTS: usize = 500;
/// Records of a connection.
const MOST_OF_CONNECTION: usize = 50;

impl Shared {
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
}

/// A parcel in words.
pub(super) fn told(voice: Voice, parcel: &Parcel, standing: Standing) -> Told {
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

/// The alert in a parcel, and why it is only noted.
pub(super) fn alert_of(parcel: &Parcel) -> Option<(&Arc<Alert>, Option<NotedReason>)> {
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
