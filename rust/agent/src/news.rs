//! What a source from elsewhere brings beside rows, and what becomes of it.

use std::sync::Arc;

use portlog_model::{Event, EventKind, GapReason, Moment, Provenance};
use portlog_owners::Directory;
use portlog_reach::News;

use crate::byte_counters::Feeder;
use crate::pipeline::{Opened, Pipeline};
use crate::testimony::Device;

impl Pipeline {
    /// Puts the news of a poll in force, before its rows are judged.
    pub(crate) fn take_news(&mut self, at: Moment, events: &mut Vec<Event>) {
        let Opened::Elsewhere(remote) = &mut self.source else {
            return;
        };
        let mut news = std::mem::take(&mut self.news);
        remote.news(&mut news);
        for piece in news.drain(..) {
            self.take(piece, at, events);
        }
        self.news = news;
    }

    fn take(&mut self, piece: News, at: Moment, events: &mut Vec<Event>) {
        match piece {
            News::Packages(_) if self.packages_overridden => {}
            News::Packages(list) => {
                self.set_directory(Directory::android(list));
                let info = self.directory().info();
                tell(at, EventKind::Packages(info), events);
                self.judge_again(at, events);
            }
            News::Users(users) => {
                let users: Vec<String> = users.iter().map(ToString::to_string).collect();
                configured("users", &users.join(", "), at, events);
            }
            News::Counters(rows) => self.take_counters(Feeder::Elsewhere, rows, at, events),
            News::Candidates(of) => {
                if self.processes.len() > Self::MAX_PROCESSES {
                    self.processes.clear();
                }
                let each = of.into_iter().map(|of| (of.uid, of.processes));
                self.processes.extend(each);
            }
            News::ClockOffset { millis } => {
                configured("clock-offset", &format!("{millis} ms"), at, events);
            }
            News::Rebooted => self.forget_boot(),
            News::Gap { since, reason } => {
                let before = self.silent_since.replace((at, reason));
                let since = since.or(before.map(|(silent, _)| silent));
                let from = since.or(self.rows_at);
                let reason = GapReason::Unreachable(reason);
                tell(at, EventKind::Gap { from, reason }, events);
            }
            News::Back => {
                if let Some((since, reason)) = self.silent_since.take() {
                    let reason = GapReason::Unreachable(reason);
                    let from = Some(since);
                    tell(at, EventKind::Gap { from, reason }, events);
                }
            }
            News::Dialect(words) => configured("adb", &words, at, events),
            News::Device(facts) => {
                configured("phone", &facts.to_string(), at, events);
                self.device = Some(Device {
                    // The rows come over it.
                    adb: (self.source.source().provenance() == Provenance::Adb).then_some(true),
                    ..Device::from(&facts)
                });
            }
        }
    }
}

fn configured(name: &str, value: &str, at: Moment, events: &mut Vec<Event>) {
    let kind = EventKind::Config {
        name: Arc::from(name),
        value: Arc::from(value),
    };
    tell(at, kind, events);
}

fn tell(at: Moment, kind: EventKind, events: &mut Vec<Event>) {
    events.push(Event { at, kind });
}
