//! What the live view knows: the watch as its events told it, bounded whatever they tell.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use portlog_model::{
    ConnectionId, Coverage, CoverageItem, Event, EventKind, ListInfo, Moment, Observed, Platform,
    Provenance, Sentence, Started,
};

use super::claims::Claims;
use crate::speech::english;
use crate::time::{self, LocalTime};

/// The watch as told so far.
#[derive(Debug)]
pub(crate) struct State {
    /// Which phone it is of, where it is of one.
    device: Option<String>,
    started: Option<Started>,
    connections: BTreeMap<ConnectionId, Entry>,
    /// Connections that were not kept because there were too many.
    unkept: u64,
    claims: Claims,
    coverage: BTreeMap<CoverageItem, Coverage>,
    lists: Vec<ListInfo>,
    notice: Option<Notice>,
    /// What keeps the journal from being written.
    journal_trouble: Option<String>,
    now: Option<Moment>,
    local: LocalTime,
}

/// A connection that is open, or was a moment ago.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// The connection.
    pub(crate) observed: Arc<Observed>,
    /// Whether it was seen to open, and not found at the first look.
    pub(crate) opened: bool,
    /// When it was found gone.
    pub(crate) closed: Option<Moment>,
}

/// Something about the watch itself that a person must know.
#[derive(Clone, Debug)]
pub(crate) struct Notice {
    /// When.
    pub(crate) at: Moment,
    /// What.
    pub(crate) text: String,
}

impl State {
    /// Connections kept. More than a phone or a desktop has; a server may have more, and then
    /// those that opened last are counted and not listed.
    const MAX_CONNECTIONS: usize = 1 << 16;
    /// How long a closed connection stays in view.
    pub(crate) const LINGER: Duration = Duration::from_secs(3);

    /// Nothing was told yet.
    pub(crate) const fn new(local: LocalTime) -> Self {
        Self {
            device: None,
            started: None,
            connections: BTreeMap::new(),
            unkept: 0,
            claims: Claims::new(),
            coverage: BTreeMap::new(),
            lists: Vec::new(),
            notice: None,
            journal_trouble: None,
            now: None,
            local,
        }
    }

    /// Says which phone it is of.
    pub(crate) fn set_device(&mut self, device: String) {
        self.device = Some(device);
    }

    /// Which phone it is of, where it is of one.
    pub(crate) fn device(&self) -> Option<&str> {
        self.device.as_deref()
    }

    /// Takes one event in.
    pub(crate) fn apply(&mut self, event: &Event) {
        self.now = self.now.max_by_boot(event.at);
        match &event.kind {
            EventKind::Started(started) => self.started = Some(started.clone()),
            EventKind::Opened {
                observed, after, ..
            } => self.keep(observed, after.is_some()),
            EventKind::Changed { observed, .. } => {
                let id = observed.connection.id;
                match self.connections.get_mut(&id) {
                    Some(entry) => entry.observed = Arc::clone(observed),
                    None => self.keep(observed, true),
                }
            }
            EventKind::Closed { observed, by, .. } => {
                match self.connections.get_mut(&observed.connection.id) {
                    Some(entry) => {
                        entry.observed = Arc::clone(observed);
                        entry.closed = Some(*by);
                    }
                    None => self.unkept = self.unkept.saturating_sub(1),
                }
            }
            EventKind::Alert(alert) => self.claims.add(event.at, alert, None),
            EventKind::Noted(alert, reason) => self.claims.add(event.at, alert, Some(*reason)),
            EventKind::Coverage(coverage) => {
                self.coverage.insert(coverage.item, coverage.clone());
            }
            EventKind::Packages(packages) => {
                self.coverage
                    .insert(packages.coverage.item, packages.coverage.clone());
            }
            EventKind::List(list) => {
                self.lists.retain(|known| known.name != list.name);
                self.lists.push(list.clone());
            }
            EventKind::Clock { jump_millis, .. } => {
                let text = format!(
                    "the clock jumped by {} ms{}",
                    jump_millis.unsigned_abs(),
                    if *jump_millis < 0 { " backwards" } else { "" }
                );
                self.tell(event.at, text);
            }
            EventKind::Drop { events } => {
                let text = format!("{events} events came too fast and are lost");
                self.tell(event.at, text);
            }
            EventKind::Gap { reason, .. } => {
                let text = english(&Sentence::Gap(reason));
                self.tell(event.at, text);
            }
            EventKind::Config { name, value } => {
                self.tell(event.at, format!("{name}: {value}"));
            }
            EventKind::Stopped(_) => self.tell(event.at, "the watch has ended".to_owned()),
            EventKind::Heartbeat(_) => {}
        }
    }

    /// Lets time pass: closed connections leave the view.
    ///
    /// Returns whether any did.
    pub(crate) fn pass_time(&mut self, now: Moment) -> bool {
        if self.is_live() {
            self.now = self.now.max_by_boot(now);
        }
        let Some(now) = self.now else { return false };
        let before = self.connections.len();
        self.connections.retain(|_, entry| {
            entry
                .closed
                .is_none_or(|closed| now.since(closed) < Self::LINGER)
        });
        self.connections.len() != before
    }

    /// The beginning, once it was told.
    pub(crate) const fn started(&self) -> Option<&Started> {
        self.started.as_ref()
    }

    /// What a UID means here.
    pub(crate) fn platform(&self) -> Platform {
        self.started
            .as_ref()
            .map_or(Platform::Linux, |started| started.platform)
    }

    /// How rows are obtained, once it is known.
    pub(crate) fn provenance(&self) -> Option<Provenance> {
        self.started.as_ref().map(|started| started.provenance)
    }

    /// Whether time goes by outside as it does in the rows.
    fn is_live(&self) -> bool {
        self.provenance().is_none_or(Provenance::is_live)
    }

    /// Connections in view, without those of the self-check, in order of opening.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.connections
            .values()
            .filter(|entry| !entry.observed.connection.own)
    }

    /// The connection with this number.
    pub(crate) fn entry(&self, id: ConnectionId) -> Option<&Entry> {
        self.connections.get(&id)
    }

    /// Connections that are open and not listed, because there are too many.
    pub(crate) const fn unkept(&self) -> u64 {
        self.unkept
    }

    /// Alerts and noted events.
    pub(crate) const fn claims(&self) -> &Claims {
        &self.claims
    }

    /// What could be looked at, in order.
    pub(crate) fn coverage(&self) -> impl Iterator<Item = &Coverage> {
        self.coverage.values()
    }

    /// The lists in force.
    pub(crate) fn lists(&self) -> &[ListInfo] {
        &self.lists
    }

    /// The latest thing to know about the watch itself.
    pub(crate) const fn notice(&self) -> Option<&Notice> {
        self.notice.as_ref()
    }

    /// What keeps the journal from being written, where something does.
    pub(crate) fn journal_trouble(&self) -> Option<&str> {
        self.journal_trouble.as_deref()
    }

    /// Takes in how the journal fares; whether that is another than before.
    pub(crate) fn set_journal_trouble(&mut self, trouble: Option<&str>) -> bool {
        let changed = self.journal_trouble() != trouble;
        if changed {
            self.journal_trouble = trouble.map(str::to_owned);
        }
        changed
    }

    /// The time of the latest rows; on a running kernel, now.
    pub(crate) const fn now(&self) -> Option<Moment> {
        self.now
    }

    /// The user's time zone.
    pub(crate) const fn local(&self) -> &LocalTime {
        &self.local
    }

    /// How long a connection has been seen, in words.
    pub(crate) fn age(&self, entry: &Entry) -> String {
        let now = entry.closed.or(self.now);
        now.map_or_else(String::new, |now| {
            let age = time::span(now.since(entry.observed.connection.first_seen));
            if entry.opened {
                age
            } else {
                // It was there before the first look.
                format!("> {age}")
            }
        })
    }

    /// Whether it opened a moment ago.
    pub(crate) fn is_fresh(&self, entry: &Entry) -> bool {
        entry.opened
            && self
                .now
                .is_some_and(|now| now.since(entry.observed.connection.first_seen) < Self::LINGER)
    }

    fn keep(&mut self, observed: &Arc<Observed>, opened: bool) {
        if self.connections.len() >= Self::MAX_CONNECTIONS {
            self.unkept += 1;
            return;
        }
        self.connections.insert(
            observed.connection.id,
            Entry {
                observed: Arc::clone(observed),
                opened,
                closed: None,
            },
        );
    }

    fn tell(&mut self, at: Moment, text: String) {
        self.notice = Some(Notice { at, text });
    }
}

/// Time goes forward only.
trait MaxByBoot {
    fn max_by_boot(self, other: Moment) -> Self;
}

impl MaxByBoot for Option<Moment> {
    fn max_by_boot(self, other: Moment) -> Self {
        match self {
            Some(now) if now.boot > other.boot => Some(now),
            _ => Some(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{self, moment};
    use portlog_model::Connection;

    fn opened(id: u64, seconds: u64) -> Event {
        let at = moment(seconds);
        Event {
            at,
            kind: EventKind::Opened {
                observed: Arc::new(Observed {
                    connection: Connection {
                        id: ConnectionId::new(id),
                        first_seen: at,
                        ..fixtures::connection()
                    },
                    ..fixtures::observed()
                }),
                after: Some(at),
                by: at,
            },
        }
    }

    #[test]
    fn a_closed_connection_lingers_and_leaves() {
        let mut state = State::new(LocalTime::utc());
        for event in fixtures::events().iter().take(4) {
            state.apply(event);
        }
        let entry = state.entries().next().unwrap();
        assert!(entry.closed.is_some());
        assert!(!state.pass_time(moment(11)));
        assert!(state.pass_time(moment(12)));
        assert_eq!(state.entries().count(), 0);
    }

    #[test]
    fn memory_is_bounded() {
        let mut state = State::new(LocalTime::utc());
        let most = State::MAX_CONNECTIONS as u64;
        for id in 0..most + 10 {
            state.apply(&opened(id, 1));
        }
        assert_eq!(state.entries().count() as u64, most);
        assert_eq!(state.unkept(), 10);
    }

    #[test]
    fn a_replay_keeps_its_own_time() {
        let mut state = State::new(LocalTime::utc());
        let mut started = fixtures::started();
        started.provenance = Provenance::Replay;
        state.apply(&Event {
            at: moment(0),
            kind: EventKind::Started(started),
        });
        state.pass_time(moment(1_000));
        assert_eq!(state.now(), Some(moment(0)));
    }

    #[test]
    fn what_was_there_before_is_older_than_it_was_seen() {
        let mut state = State::new(LocalTime::utc());
        state.apply(&opened(1, 0));
        state.pass_time(moment(65));
        let entry = state.entries().next().unwrap().clone();
        assert_eq!(state.age(&entry), "1 min");
        let found = Entry {
            opened: false,
            ..entry
        };
        assert_eq!(state.age(&found), "> 1 min");
    }
}
