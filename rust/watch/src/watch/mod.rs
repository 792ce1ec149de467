//! The engine itself.

mod asked;
mod conclude;
mod know;

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use portlog_blocklist::ListSet;
use portlog_model::{
    Change, Connection, ConnectionId, Event, EventKind, Level, ListHit, Moment, NotedReason,
    Observed, Owner, WallTime,
};

use crate::clock::SteadyClock;
use crate::firsts::First;
use crate::key::{ClaimKey, OwnerKey};
use crate::{History, KnownName, MuteRule, Names, Settings};

/// Candidates that an alert without an owner names.
const MAX_CANDIDATES: usize = 32;

/// Turns changes into events and alerts. See the crate's documentation for what it claims when.
#[derive(Clone, Debug)]
pub struct Watch {
    settings: Settings,
    history: History,
    clock: Option<SteadyClock>,
    /// Nothing was ever looked at before this run.
    first_run: bool,
    open: BTreeMap<ConnectionId, Known>,
    candidates: Vec<Arc<Owner>>,
    /// Kept for their memory alone.
    order: Vec<usize>,
    hits: Vec<ListHit>,
    named: Vec<KnownName>,
}

/// A connection that is open, and what was made of it.
#[derive(Clone, Debug)]
struct Known {
    observed: Arc<Observed>,
    /// Whether it is, or ever was, established.
    established: bool,
    /// The claims that count it, each with the strongest that it claimed.
    counted: Vec<(ClaimKey, Level)>,
    /// What it was the first of, or might have been, for the owner that it has.
    first: Option<First>,
    /// The level at which the practice alert was raised.
    practised: Option<Level>,
}

/// What the caller knows at one look.
struct Look<'a> {
    now: Moment,
    /// The engine's time.
    time: WallTime,
    /// When the connection in hand was last there, by the clock on the wall.
    seen: WallTime,
    owner_of: &'a mut dyn FnMut(&Connection) -> Arc<Owner>,
    lists: &'a ListSet,
    names: &'a dyn Names,
    events: &'a mut Vec<Event>,
}

impl Look<'_> {
    fn tell(&mut self, kind: EventKind) {
        self.events.push(Event { at: self.now, kind });
    }
}

impl Watch {
    /// An engine that goes on from `history`.
    pub fn new(settings: Settings, history: History) -> Self {
        let mut watch = Self {
            settings,
            history: History::default(),
            clock: None,
            first_run: true,
            open: BTreeMap::new(),
            candidates: Vec::new(),
            order: Vec::new(),
            hits: Vec::new(),
            named: Vec::new(),
        };
        watch.remember(history);
        watch
    }

    /// Takes in what changed between two looks, and appends what there is to tell to `events`.
    ///
    /// The order within `changes` does not matter, except that changes of one connection follow
    /// from their kinds: opened, changed, closed. `owner_of` is asked once for a connection, and
    /// again when its UID or inode becomes known or another. A [`Change::Changed`] in which nothing
    /// differs from what is known asks to look anew, after lists, names or packages became others:
    /// then the owner is asked for again too, and the event is told only where anything differs.
    pub fn observe(
        &mut self,
        changes: &[Change],
        now: Moment,
        owner_of: &mut dyn FnMut(&Connection) -> Arc<Owner>,
        lists: &ListSet,
        names: &dyn Names,
        events: &mut Vec<Event>,
    ) {
        let time = self.advance(now);
        let mut look = Look {
            now,
            time,
            seen: now.wall,
            owner_of,
            lists,
            names,
            events,
        };
        let mut order = std::mem::take(&mut self.order);
        order.clear();
        order.extend(0..changes.len());
        order.sort_by(|a, b| in_order(changes.get(*a), changes.get(*b)));
        for change in order.iter().filter_map(|index| changes.get(*index)) {
            self.take(change, &mut look);
        }
        self.order = order;
        self.history.bound_claims();
    }

    /// A UID moved `bytes` while no connection of it was seen: noted at most once in 24 hours for
    /// an owner in scope, unless it is muted.
    pub fn bytes_without_connection(
        &mut self,
        owner: &Arc<Owner>,
        bytes: u64,
        now: Moment,
        events: &mut Vec<Event>,
    ) {
        let time = self.advance(now);
        let key = OwnerKey::of(owner);
        if !self.settings.has_in_scope(owner)
            || !self.history.firsts.remember_bytes(&key, time)
            || self.history.mutes_owner(&key)
        {
            return;
        }
        let alert = self.note(owner, None, now);
        let reason = NotedReason::BytesWithoutConnection(bytes);
        events.push(Event {
            at: now,
            kind: EventKind::Noted(alert, reason),
        });
    }

    /// Owners whose byte counters moved lately: an alert about an unknown owner names them.
    pub fn set_candidates(&mut self, mut owners: Vec<Arc<Owner>>) {
        owners.retain(|owner| owner.uid.is_some());
        owners.sort_by(|a, b| (a.uid, &a.name).cmp(&(b.uid, &b.name)));
        owners.dedup_by_key(|owner| owner.uid);
        owners.truncate(MAX_CANDIDATES);
        self.candidates = owners;
    }

    /// Puts other settings in force. Connections known already are judged by them when they change
    /// or are looked at anew.
    pub fn set_settings(&mut self, settings: Settings) {
        self.settings = settings;
    }

    /// The settings in force.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Takes `history` for its own instead of what it remembered.
    pub fn remember(&mut self, mut history: History) {
        history.bound();
        self.first_run = history.time.is_none();
        self.history = history;
        self.clock = None;
    }

    /// What is to be remembered.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// Tells nothing more about what `rule` names; whether that is new (and there was room).
    pub fn mute(&mut self, rule: MuteRule) -> bool {
        self.history.mute(rule)
    }

    /// Takes a mute back; whether there was one.
    pub fn unmute(&mut self, rule: &MuteRule) -> bool {
        self.history.unmute(rule)
    }

    /// What is known of an open connection.
    pub fn observed(&self, id: ConnectionId) -> Option<&Arc<Observed>> {
        self.open.get(&id).map(|known| &known.observed)
    }

    /// Forgets every open connection, as when the caller's table begins anew. Claims, counts and
    /// cool-downs stay: connections that come again are recognised.
    pub fn forget_connections(&mut self) {
        self.open.clear();
    }

    fn advance(&mut self, now: Moment) -> WallTime {
        let before = self.history.time;
        let time = self
            .clock
            .get_or_insert_with(|| SteadyClock::start(before, now))
            .at(now);
        self.history.time = Some(time);
        time
    }

    fn take(&mut self, change: &Change, look: &mut Look<'_>) {
        let connection = change.connection();
        look.seen = match *change {
            Change::Opened { .. } | Change::Changed { .. } => look.now.wall,
            Change::Closed { after, by, .. } => after.unwrap_or(by).wall,
        };
        let before = self.open.remove(&connection.id);
        match *change {
            Change::Opened { after, by, .. } => {
                let known = self.know(connection, None, false, look);
                let observed = Arc::clone(&known.observed);
                look.tell(EventKind::Opened {
                    observed,
                    after,
                    by,
                });
                let was_there_before_all = after.is_none() && self.first_run;
                let known = self.conclude(known, was_there_before_all, look);
                self.open.insert(connection.id, known);
            }
            Change::Changed { was, after, by, .. } => {
                let old = before.as_ref().map(|known| Arc::clone(&known.observed));
                let anew = old
                    .as_ref()
                    .is_some_and(|old| old.connection == *connection);
                let known = self.know(connection, before, anew, look);
                if old.is_none_or(|old| !Arc::ptr_eq(&old, &known.observed)) {
                    let observed = Arc::clone(&known.observed);
                    look.tell(EventKind::Changed {
                        observed,
                        was,
                        after,
                        by,
                    });
                }
                let known = self.conclude(known, false, look);
                self.open.insert(connection.id, known);
            }
            Change::Closed { after, by, .. } => {
                let known = self.know(connection, before, false, look);
                let observed = Arc::clone(&known.observed);
                look.tell(EventKind::Closed {
                    observed,
                    after,
                    by,
                });
                let known = self.conclude(known, false, look);
                for (key, _) in &known.counted {
                    if let Some(claim) = self.history.claims.get_mut(key) {
                        claim.touch(claim.level, look.seen, look.time);
                        claim.release(&known.observed.connection);
                    }
                }
            }
        }
    }
}

/// The order in which changes of one poll are taken: by tuple; of two connections with one tuple
/// the one that was seen first, so that the old one closes before its successor opens; and opened
/// before changed before closed. Numbers of connections come last: they follow the rows' order.
fn in_order(a: Option<&Change>, b: Option<&Change>) -> Ordering {
    let key = |change: &Change| {
        let connection = change.connection();
        let rank = match change {
            Change::Opened { .. } => 0_u8,
            Change::Changed { .. } => 1,
            Change::Closed { .. } => 2,
        };
        (
            connection.tuple(),
            connection.table,
            connection.first_seen.boot,
            rank,
            connection.inode,
            connection.cookie,
            connection.uid,
            connection.id,
        )
    };
    a.map(key).cmp(&b.map(key))
}
