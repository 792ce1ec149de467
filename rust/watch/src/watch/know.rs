//! What is known of a connection: who has it, and what names and lists say about its peer.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use portlog_blocklist::ListSet;
use portlog_model::{Connection, HitKind, Match, NameSource, Observed, Owner, SeenName};

use super::{Known, Look, Watch};
use crate::judge::{Circumstances, judge};

/// A pinned answer older than this is not used.
const PINNED_FOR: Duration = Duration::from_hours(14 * 24);
/// Names of one address that are looked at.
const MAX_NAMES: usize = 16;
/// Hits of one connection that are kept, the strongest.
const MAX_MATCHES: usize = 64;

impl Watch {
    /// Who has `connection`, and what the names and lists say about its peer now. `anew` asks for
    /// the owner again.
    pub(super) fn know(
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
