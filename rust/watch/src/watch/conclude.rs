//! What follows from a connection: claims that are counted and told, and firsts that are noted.

use std::sync::Arc;
use std::time::Duration;

use portlog_model::{
    Alert, EventKind, Level, Match, Moment, NotedReason, Observed, Owner, Weakening,
};

use super::{Known, Look, Watch};
use crate::firsts::First;
use crate::history::{Claim, Raised, Sight};
use crate::key::{ClaimKey, OwnerKey};

/// A claim of level noted is told at most this often.
pub(super) const NOTED_AGAIN: Duration = Duration::from_hours(24);

impl Watch {
    /// Counts, raises and notes what follows from a connection. `silent` remembers firsts without
    /// a note.
    pub(super) fn conclude(
        &mut self,
        mut known: Known,
        silent: bool,
        look: &mut Look<'_>,
    ) -> Known {
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
        self.remember_first(&mut known, silent, look);
        known
    }

    /// Counts `matched` and tells it where it is due.
    fn claim(&mut self, matched: &Match, known: &mut Known, look: &mut Look<'_>) {
        let observed = &known.observed;
        let connection = &observed.connection;
        let (wall, time) = (look.seen, look.time);
        let mut key = ClaimKey::new(&observed.owner, &matched.hit, connection.remote);
        if key.owner == OwnerKey::Unknown {
            key = self.history.holder(&key, connection).unwrap_or(key);
        }
        let counted = known.counted.iter().any(|(counted, _)| *counted == key);
        if counted && !self.history.claims.contains_key(&key) {
            // Forgotten for want of room: it begins anew with the next connection.
            return;
        }
        let is_muted = self.history.mutes_claim(&key);
        let new = || Claim::new(matched.level, wall, time);
        let claim = self.history.claims.entry(key.clone()).or_insert_with(new);
        claim.touch(matched.level, wall, time);
        let sight = match known
            .counted
            .iter_mut()
            .find(|(counted, _)| *counted == key)
        {
            Some((_, level)) if matched.level > *level => {
                *level = matched.level;
                claim.raise(connection, matched.level);
                Sight::Risen
            }
            Some(_) => Sight::Same,
            None => {
                known.counted.push((key, matched.level));
                claim.count(connection, matched.level)
            }
        };
        let cool_down = match matched.level {
            Level::Noted => NOTED_AGAIN,
            Level::Possible | Level::Match => self.settings.cool_down,
        };
        let is_due = !is_muted && claim.is_due(matched.level, sight, time, cool_down);
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
                asked: None,
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
            asked: None,
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

    fn remember_first(&mut self, known: &mut Known, silent: bool, look: &mut Look<'_>) {
        let observed = &known.observed;
        let owner = &observed.owner;
        let Some(first) = First::of(&self.settings, owner, &observed.connection) else {
            return;
        };
        let key = OwnerKey::of(owner);
        if known.first == Some(first) {
            self.history.firsts.touch(&key, first, look.time);
            return;
        }
        known.first = Some(first);
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
    pub(super) fn note(
        &self,
        owner: &Arc<Owner>,
        observed: Option<Arc<Observed>>,
        now: Moment,
    ) -> Arc<Alert> {
        Arc::new(Alert {
            observed,
            asked: None,
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
