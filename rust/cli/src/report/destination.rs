//! Whom owners had connections with, as the shown entries about connections say.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use portlog_journal::entry::Kind;

use super::finding::Between;
use super::owner::{Owners, Who};
use super::stamp::Stamp;
use super::told::{Row, Told};
use super::word;

/// The most owners and destinations that are kept.
const MAX_OWNERS: usize = 2_000;
const MAX_KEPT: usize = 20_000;
/// The most connections that are followed at a time.
const MAX_OPEN: usize = 65_536;

/// A peer of an owner.
#[derive(Debug)]
pub(crate) struct Destination {
    /// Address and port; of a peer that began, whose port is one of many, the address.
    pub(crate) remote: Told,
    pub(crate) protocol: Told,
    /// The state that says most, and the direction that was then known.
    pub(crate) state: Told,
    pub(crate) direction: Told,
    pub(crate) connections: u64,
    pub(crate) first: Option<Stamp>,
    pub(crate) last: Option<Stamp>,
}

/// An owner with its peers, by protocol and end.
pub(crate) type Peers = BTreeMap<(Told, Told), Destination>;

/// Every owner's peers, bounded, and the connections that are open.
#[derive(Debug, Default)]
pub(crate) struct Destinations {
    pub(crate) owners: BTreeMap<Who, Peers>,
    /// Connections that found no room.
    pub(crate) left_out: u64,
    /// Portlog's own.
    pub(crate) own: u64,
    kept: usize,
    session: Option<u64>,
    open: BTreeMap<u64, Between>,
}

impl Destinations {
    /// Reads an entry about a connection.
    pub(crate) fn read(&mut self, row: &Row<'_>, owners: &Owners) {
        let between = Between {
            after: row.value("after").and_then(Stamp::read),
            by: row.value("by").and_then(Stamp::read),
            withheld: row.is_withheld("after") || row.is_withheld("by"),
        };
        let is_new = self.follow(row, between);
        if row.value("ours").is_some_and(|ours| ours != "no") {
            self.own = self.own.saturating_add(u64::from(is_new));
            return;
        }
        let who = owners.who(row);
        let key = (row.told("protocol"), peer(row));
        let known = self
            .owners
            .get(&who)
            .is_some_and(|peers| peers.contains_key(&key));
        let room = self.kept < MAX_KEPT
            && (self.owners.len() < MAX_OWNERS || self.owners.contains_key(&who));
        if !known && !room {
            self.left_out = self.left_out.saturating_add(u64::from(is_new));
            return;
        }
        self.kept += usize::from(!known);
        let destination = self
            .owners
            .entry(who)
            .or_default()
            .entry(key)
            .or_insert_with_key(|(protocol, remote)| Destination {
                remote: remote.clone(),
                protocol: protocol.clone(),
                state: Told::Nothing,
                direction: Told::Nothing,
                connections: 0,
                first: None,
                last: None,
            });
        destination.add(row, between, is_new);
    }

    /// When the connection of an alert opened, where that is shown.
    pub(crate) fn opened(&self, row: &Row<'_>) -> Option<Between> {
        let number = row.number("connection")?;
        (row.session == self.session)
            .then(|| self.open.get(&number).copied())
            .flatten()
    }

    /// Whether it is the first entry about its connection.
    fn follow(&mut self, row: &Row<'_>, between: Between) -> bool {
        if row.session != self.session {
            self.session = row.session;
            self.open.clear();
        }
        let Some(number) = row.number("connection") else {
            return row.kind == Kind::Opened;
        };
        if row.kind == Kind::Closed {
            return self.open.remove(&number).is_none();
        }
        if self.open.contains_key(&number) {
            return false;
        }
        if self.open.len() < MAX_OPEN {
            let opened = (row.kind == Kind::Opened).then_some(between);
            self.open.insert(number, opened.unwrap_or_default());
        }
        true
    }
}

/// What peers are told apart by, as `log compare` does it: a peer that began has a port that says nothing.
fn peer(row: &Row<'_>) -> Told {
    let remote = row.told("remote");
    let end: Option<SocketAddr> = remote.whole().and_then(|text| text.parse().ok());
    match end {
        Some(end) if row.value("direction") == Some("in") => Told::of(&end.ip().to_string()),
        _ => remote,
    }
}

impl Destination {
    fn add(&mut self, row: &Row<'_>, between: Between, is_new: bool) {
        self.connections = self.connections.saturating_add(u64::from(is_new));
        let seen = between
            .by
            .or_else(|| row.value("time").and_then(Stamp::read));
        self.first = self.first.into_iter().chain(seen).min();
        self.last = self.last.into_iter().chain(seen).max();
        let says = |told: &Told| match told {
            Told::Nothing => 0,
            Told::Withheld => 1,
            Told::Value(text, _) => {
                2 + u8::from(
                    word::state(text).is_some_and(portlog_model::SocketState::was_established),
                )
            }
        };
        let state = row.told("state");
        if says(&state) > says(&self.state) {
            self.state = state;
            self.direction = row.told("direction");
        }
    }
}
