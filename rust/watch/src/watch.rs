//! The engine itself.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use portlog_blocklist::ListSet;
use portlog_model::{
    Alert, Change, Connection, ConnectionId, Event, EventKind, HitKind, Level, ListHit, Match,
    Moment, NameSource, NotedReason, Observed, Owner, SeenName, WallTime, Weakening,
};

use crate::clock::SteadyClock;
use crate::firsts::First;
use crate::history::{Claim, Raised};
use crate::judge::{Circumstances, judge};
use crate::key::{ClaimKey, OwnerKey};
use crate::{History, MuteRule, Names, Settings};

/// A claim of level noted is told at most this often.
const NOTED_AGAIN: Duration = Duration::from_hours(24);
/// A pinned answer older than this is not used.
const PINNED_FOR: Duration = Duration::from_hours(14 * 24);
/// Names of one address that are looked at.
const MAX_NAMES: usize = 16;
/// Hits of one connection that are kept, the strongest.
const MAX_MATCHES: usize = 64;
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
}

/// A connection that is open, and what was made of it.
#[derive(Clone, Debug)]
struct Known {
    observed: Arc<Observed>,
    /// Whether it is, or ever was, established.
    established: bool,
    /// The claims that count it.
    counted: Vec<ClaimKey>,
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
                for key in &known.counted {
                    if let Some(claim) = self.history.claims.get_mut(key) {
                        claim.touch(claim.level, look.seen, look.time);
                        claim.release(&known.observed.connection);
                    }
                }
            }
        }
    }

    /// Who has `connection`, and what the names and lists say about its peer now. `anew` asks for
    /// the owner again.
    fn know(
        &mut self,
        connection: &Connection,
        before: Option<Known>,
        anew: bool,
        look: &mut Look<'_>,
    ) -> Known {
        let owner = match &before {
            Some(before) => owner_now(&before.observed, connection, anew, look.owner_of),
            None => (look.owner_of)(connection),
        };
        let established = connection.state.was_established()
            || before.as_ref().is_some_and(|before| before.established);
        let mut observed = Observed {
            connection: *connection,
            owner,
            names: Vec::new(),
            matches: Vec::new(),
        };
        if !connection.own && !connection.remote.is_unset() {
            observed.names = usable_names(connection.remote.address(), look);
            observed.matches = self.matches_of(&observed, established, look.lists);
        }
        match before {
            Some(before) => Known {
                observed: if *before.observed == observed {
                    before.observed
                } else {
                    Arc::new(observed)
                },
                established,
                ..before
            },
            None => Known {
                observed: Arc::new(observed),
                established,
                counted: Vec::new(),
                practised: None,
            },
        }
    }

    /// Every entry that speaks of the peer, the strongest claim first; one for each entry.
    fn matches_of(
        &mut self,
        observed: &Observed,
        established: bool,
        lists: &ListSet,
    ) -> Vec<Match> {
        if lists.is_empty() {
            return Vec::new();
        }
        let about = Circumstances {
            settings: &self.settings,
            owner: &observed.owner,
            connection: &observed.connection,
            established,
        };
        let hits = &mut self.hits;
        let mut matches: Vec<Match> = Vec::new();
        lists.endpoint(&observed.connection.remote, hits);
        matches.extend(hits.drain(..).map(|hit| judge(hit, None, about)));
        for name in &observed.names {
            lists.name(&name.name, hits);
            matches.extend(hits.drain(..).map(|mut hit| {
                hit.kind = match name.source {
                    NameSource::Pinned => HitKind::Pinned,
                    NameSource::Tap => HitKind::Domain,
                };
                judge(hit, Some(name), about)
            }));
        }
        matches.sort_by(|a, b| {
            b.level
                .cmp(&a.level)
                .then_with(|| a.weakened.len().cmp(&b.weakened.len()))
                .then_with(|| a.hit.cmp(&b.hit))
                .then_with(|| a.weakened.cmp(&b.weakened))
        });
        keep_first_of_each_entry(&mut matches);
        matches.truncate(MAX_MATCHES);
        matches
    }

    /// Counts, raises and notes what follows from a connection. `silent` remembers firsts without
    /// a note.
    fn conclude(&mut self, mut known: Known, silent: bool, look: &mut Look<'_>) -> Known {
        let observed = Arc::clone(&known.observed);
        if observed.connection.own {
            return known;
        }
        if observed.connection.practice {
            self.practise(&mut known, look);
            return known;
        }
        for matched in &observed.matches {
            if !matched.weakened.contains(&Weakening::OutOfScope) {
                self.claim(matched, &mut known, look);
            }
        }
        self.remember_first(&observed, silent, look);
        known
    }

    /// Counts `matched` and tells it where it is due.
    fn claim(&mut self, matched: &Match, known: &mut Known, look: &mut Look<'_>) {
        let observed = &known.observed;
        let connection = &observed.connection;
        let (wall, time) = (look.seen, look.time);
        let key = ClaimKey::new(&observed.owner, &matched.hit, connection.remote);
        let is_muted = self.history.mutes_claim(&key);
        let new = || Claim::new(matched.level, wall, time);
        let claim = self.history.claims.entry(key.clone()).or_insert_with(new);
        claim.touch(matched.level, wall, time);
        let recurs = !known.counted.contains(&key) && claim.count(connection);
        let cool_down = match matched.level {
            Level::Noted => NOTED_AGAIN,
            Level::Possible | Level::Match => self.settings.cool_down,
        };
        let is_due = !is_muted && claim.is_due(matched.level, recurs, time, cool_down);
        if is_due {
            claim.raised = Some(Raised {
                level: matched.level,
                at: time,
            });
            let (sounds, bundled) =
                self.history
                    .sounded
                    .hear_level(matched.level, &self.settings, time);
            let alert = Arc::new(Alert {
                observed: Some(Arc::clone(observed)),
                owner: Arc::clone(&observed.owner),
                level: matched.level,
                matched: Some(matched.clone()),
                first_seen: claim.first_seen,
                last_seen: claim.last_seen,
                count: claim.count,
                sounds,
                bundled,
                candidates: self.candidates_for(&observed.owner),
                platform: self.settings.platform,
            });
            look.tell(match matched.level {
                Level::Noted => EventKind::Noted(alert, NotedReason::ListEntry),
                Level::Possible | Level::Match => EventKind::Alert(alert),
            });
        }
        if !known.counted.contains(&key) {
            known.counted.push(key);
        }
    }

    /// The practice connection runs the whole way and leaves no trace: not counted, not cooled
    /// down, not muted, heard beyond the day's limit.
    fn practise(&mut self, known: &mut Known, look: &mut Look<'_>) {
        let observed = &known.observed;
        let Some(matched) = observed.matches.first() else {
            return;
        };
        if matched.level == Level::Noted || known.practised >= Some(matched.level) {
            return;
        }
        known.practised = Some(matched.level);
        look.tell(EventKind::Alert(Arc::new(Alert {
            observed: Some(Arc::clone(observed)),
            owner: Arc::clone(&observed.owner),
            level: matched.level,
            matched: Some(matched.clone()),
            first_seen: look.now.wall,
            last_seen: look.now.wall,
            count: 1,
            sounds: matched.level >= self.settings.sounds_from,
            bundled: 0,
            candidates: Vec::new(),
            platform: self.settings.platform,
        })));
    }

    fn remember_first(&mut self, observed: &Arc<Observed>, silent: bool, look: &mut Look<'_>) {
        let owner = &observed.owner;
        let Some(first) = First::of(&self.settings, owner, &observed.connection) else {
            return;
        };
        let key = OwnerKey::of(owner);
        let is_new = self.history.firsts.remember(&key, first, look.time);
        let is_muted = self.history.mutes_owner(&key)
            || first
                .remote()
                .is_some_and(|remote| self.history.mutes_remote(remote));
        if is_new && !silent && !is_muted {
            let alert = self.note(owner, Some(Arc::clone(observed)), look.now);
            look.tell(EventKind::Noted(alert, first.reason()));
        }
    }

    /// A note without a list.
    fn note(&self, owner: &Arc<Owner>, observed: Option<Arc<Observed>>, now: Moment) -> Arc<Alert> {
        Arc::new(Alert {
            observed,
            owner: Arc::clone(owner),
            level: Level::Noted,
            matched: None,
            first_seen: now.wall,
            last_seen: now.wall,
            count: 1,
            sounds: false,
            bundled: 0,
            candidates: Vec::new(),
            platform: self.settings.platform,
        })
    }

    fn candidates_for(&self, owner: &Owner) -> Vec<Arc<Owner>> {
        if owner.uid.is_none() {
            self.candidates.clone()
        } else {
            Vec::new()
        }
    }
}

/// Names for `address` that may still be used.
fn usable_names(address: IpAddr, look: &Look<'_>) -> Vec<SeenName> {
    let is_usable = |name: &&SeenName| match name.source {
        NameSource::Pinned => look.now.wall.since(name.at.wall) <= PINNED_FOR,
        NameSource::Tap => true,
    };
    let names = look.names.names_of(address);
    names
        .iter()
        .filter(is_usable)
        .take(MAX_NAMES)
        .cloned()
        .collect()
}

/// Who has `connection`, which was known as `before`.
///
/// What the kernel stopped telling is not asked for again, and a program that ended since it was
/// found stays the one that was found.
fn owner_now(
    before: &Observed,
    connection: &Connection,
    anew: bool,
    owner_of: &mut dyn FnMut(&Connection) -> Arc<Owner>,
) -> Arc<Owner> {
    let learnt_uid = connection.uid.is_some() && connection.uid != before.connection.uid;
    let learnt_inode = connection.inode.is_some() && connection.inode != before.connection.inode;
    if !(anew || learnt_uid || learnt_inode) {
        return Arc::clone(&before.owner);
    }
    let now = owner_of(connection);
    let lost_program =
        now.uid == before.owner.uid && now.program.is_none() && before.owner.program.is_some();
    if lost_program {
        Arc::clone(&before.owner)
    } else {
        now
    }
}

/// Keeps the first match of each list and entry: an entry may be hit by address and by names.
fn keep_first_of_each_entry(matches: &mut Vec<Match>) {
    let mut kept: Vec<Match> = Vec::with_capacity(matches.len());
    for matched in matches.drain(..) {
        let same = |other: &Match| {
            (&other.hit.list, &other.hit.entry) == (&matched.hit.list, &matched.hit.entry)
        };
        if !kept.iter().any(same) {
            kept.push(matched);
        }
    }
    *matches = kept;
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
