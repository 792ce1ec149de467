//! What the screens ask for: a short look at the desk, then words.

mod owner;
mod told;
mod totals;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use portlog_model::{
    Coverage, CoverageCounts, CoverageItem, CoverageStatus, Notice, Ongoing, Remark, Sentence,
    WallTime, WatchState,
};
use portlog_watch::{MuteRule, OwnerKey};

use super::board::{self, Seen};
use super::desk::{Parcel, Phase, Trouble};
use super::render::{self, Standing, Voice, join};
use super::shared::Shared;
use super::views::{Board, BoardQuery, CoverageLine, MuteLine, Stats, Told};
use told::{alert_of, told};

/// Lines of a board, where no smaller limit is asked for.
const MOST_LINES: usize = 2_000;

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
        let watch_state = desk.watch_state();
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
            state_text: state_text(voice, &phase, watch_state),
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

    pub(crate) fn stats(&self) -> Stats {
        let dropped = self.outbox.lost_in_all();
        let mut desk = self.desk();
        let voice = desk.voice();
        let phase = desk.phase.clone();
        let watch_state = desk.watch_state();
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
            state: watch_state,
            owners: owners.len() as u64,
            since: since.unwrap_or(WallTime::from_millis(0)),
            tables,
        });
        let millis = |span: Duration| u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        Stats {
            generation,
            state: phase.view(),
            state_text: state_text(voice, &phase, watch_state),
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

fn state_text(voice: Voice, phase: &Phase, state: WatchState) -> String {
    match phase {
        Phase::Failed(why) => voice.remark(Remark::Ended(why)),
        _ => voice.say(&Sentence::State(state)),
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
