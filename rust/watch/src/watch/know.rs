//! What is known of a connection: who has it, and what names and lists say about its peer.

use std::sync::Arc;

use portlog_blocklist::ListSet;
use portlog_model::{Connection, HitKind, Match, NameSource, Observed, Owner};

use super::{Known, Look, Watch};
use crate::Names;
use crate::judge::{Circumstances, judge};

/// Names of one address that are looked at: as many as a table of names keeps, 16 that were asked
/// for and 16 that were pinned.
const MAX_NAMES: usize = 32;
/// Hits of one connection that are kept, the strongest.
const MAX_MATCHES: usize = 64;

impl Watch {
    /// What is known of a connection that is looked at once: names and list entries that speak of
    /// its peer, judged as [`Watch::observe`] would at its first sight. Nothing is counted, raised
    /// or remembered.
    pub fn assess(
        &mut self,
        connection: Connection,
        owner: Arc<Owner>,
        lists: &ListSet,
        names: &dyn Names,
    ) -> Observed {
        let mut observed = Observed {
            connection,
            owner,
            names: Vec::new(),
            shared_address: false,
            matches: Vec::new(),
        };
        let established = connection.state.was_established();
        self.look_up(&mut observed, established, lists, names);
        observed
    }

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
            shared_address: false,
            matches: Vec::new(),
        };
        self.look_up(&mut observed, established, look.lists, look.names);
        match before {
            Some(before) => Known {
                first: before
                    .first
                    .filter(|_| before.observed.owner == observed.owner),
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
                first: None,
                practised: None,
            },
        }
    }

    /// Adds what names and lists say about the peer now. What a name is worth depends on when the
    /// connection was first seen, and not on when it is looked at.
    fn look_up(
        &mut self,
        observed: &mut Observed,
        established: bool,
        lists: &ListSet,
        names: &dyn Names,
    ) {
        let connection = &observed.connection;
        if connection.own || connection.remote.is_unset() {
            return;
        }
        self.named.clear();
        observed.shared_address = names.look_up(
            connection.remote.address(),
            observed.owner.uid,
            connection.first_seen,
            &mut self.named,
        );
        self.named.truncate(MAX_NAMES);
        let seen = self.named.iter().map(|name| name.seen.clone());
        observed.names = seen.collect();
        observed.matches = self.matches_of(observed, established, lists);
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
            content_network: lists
                .content_networks()
                .contains_peer(&observed.connection.remote),
        };
        let hits = &mut self.hits;
        let mut matches: Vec<Match> = Vec::new();
        lists.endpoint(&observed.connection.remote, hits);
        matches.extend(hits.drain(..).map(|hit| judge(hit, None, about)));
        for name in &self.named {
            lists.name(&name.seen.name, hits);
            matches.extend(hits.drain(..).map(|mut hit| {
                hit.kind = match name.seen.source {
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
