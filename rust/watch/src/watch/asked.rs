//! What follows from a question for a name, whether or not a connection comes of it.

use std::sync::Arc;

use portlog_blocklist::ListSet;
use portlog_model::{
    Alert, Event, EventKind, HitKind, Level, Match, Moment, NotedReason, Owner, WallTime, Weakening,
};

use super::Watch;
use super::conclude::NOTED_AGAIN;
use crate::history::{Claim, Raised};
use crate::judge::judge_question;
use crate::key::ClaimKey;

impl Watch {
    /// `owner`, who is known, asked for `name` (lower case, A-labels, without a dot at its end):
    /// claims of the lists that speak of it are counted, and told where they are due. Questions that
    /// follow each other within one look may be given as one.
    pub fn asked(
        &mut self,
        owner: &Arc<Owner>,
        name: &Arc<str>,
        now: Moment,
        lists: &ListSet,
        events: &mut Vec<Event>,
    ) {
        if owner.uid.is_none() || lists.is_empty() || !self.settings.has_in_scope(owner) {
            return;
        }
        let mut hits = std::mem::take(&mut self.hits);
        lists.name(name, &mut hits);
        if !hits.is_empty() {
            let time = self.advance(now);
            for mut hit in hits.drain(..) {
                hit.kind = HitKind::Asked;
                let matched = judge_question(hit, owner, &self.settings);
                if !matched.weakened.contains(&Weakening::OutOfScope) {
                    self.claim_question(owner, name, matched, now, time, events);
                }
            }
            self.history.bound_claims();
        }
        self.hits = hits;
    }

    fn claim_question(
        &mut self,
        owner: &Arc<Owner>,
        name: &Arc<str>,
        matched: Match,
        now: Moment,
        time: WallTime,
        events: &mut Vec<Event>,
    ) {
        let key = ClaimKey::of_question(owner, &matched.hit, name);
        let is_muted = self.history.mutes_claim(&key);
        let level = matched.level;
        let new = || Claim::new(level, now.wall, time);
        let claim = self.history.claims.entry(key).or_insert_with(new);
        claim.touch(level, now.wall, time);
        let sight = claim.count_question();
        let cool_down = match level {
            Level::Noted => NOTED_AGAIN,
            Level::Possible | Level::Match => self.settings.cool_down,
        };
        if is_muted || !claim.is_due(level, sight, time, cool_down) {
            return;
        }
        claim.raised = Some(Raised { level, at: time });
        let (sounds, bundled) = self.history.sounded.hear_level(level, &self.settings, time);
        let alert = Arc::new(Alert {
            observed: None,
            asked: Some(Arc::clone(name)),
            owner: Arc::clone(owner),
            level,
            matched: Some(matched),
            first_seen: claim.first_seen,
            last_seen: claim.last_seen,
            count: claim.count,
            sounds,
            bundled,
            candidates: Vec::new(),
            platform: self.settings.platform,
        });
        events.push(Event {
            at: now,
            kind: match level {
                Level::Noted => EventKind::Noted(alert, NotedReason::ListEntry),
                Level::Possible | Level::Match => EventKind::Alert(alert),
            },
        });
    }
}
