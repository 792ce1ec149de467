//! How much a hit claims: the table in the crate's documentation.

use std::time::Duration;

use portlog_model::{
    Connection, Direction, Firmware, HitKind, Level, ListHit, Match, NameSource, Owner, OwnerKind,
    Protocol, SeenName, Weakening,
};

use crate::Settings;

/// A name counts for a connection for this much longer than its answer holds.
pub(crate) const NAME_GRACE: Duration = Duration::from_mins(5);

/// What a hit is judged by.
#[derive(Clone, Copy)]
pub(crate) struct Circumstances<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) owner: &'a Owner,
    pub(crate) connection: &'a Connection,
    /// Whether the connection is, or ever was, established.
    pub(crate) established: bool,
    /// Whether the remote address serves many.
    pub(crate) content_network: bool,
}

/// Judges `hit`, which spoke of the remote address itself, or of `name` for it.
pub(crate) fn judge(hit: ListHit, name: Option<&SeenName>, about: Circumstances<'_>) -> Match {
    let mut weakened = Vec::new();
    if !hit.category.may_alert() {
        weakened.push(Weakening::Category(hit.category));
    }
    weaken_by_owner(about, &mut weakened);
    weaken_by_connection(about, &mut weakened);
    match name {
        Some(name) => weaken_by_name(name, about, &mut weakened),
        None => match hit.kind {
            HitKind::Address | HitKind::Network | HitKind::Signer | HitKind::File => {}
            HitKind::Package => weakened.push(Weakening::PackageNameAlone),
            HitKind::Pinned => weakened.push(Weakening::PinnedAnswer),
            HitKind::Domain => weakened.push(Weakening::AskerUnknown),
        },
    }
    weakened.sort_unstable();
    weakened.dedup();
    let level = weakened.iter().map(|weakening| allowed(*weakening)).min();
    Match {
        hit,
        level: level.unwrap_or(Level::Match),
        weakened,
    }
}

/// The highest level that is left when `weakening` applies.
const fn allowed(weakening: Weakening) -> Level {
    match weakening {
        Weakening::Category(_) | Weakening::OutOfScope | Weakening::PackageNameAlone => {
            Level::Noted
        }
        Weakening::AskedByAnother
        | Weakening::AskerUnknown
        | Weakening::ContentNetwork
        | Weakening::Datagram
        | Weakening::DirectionUnknown
        | Weakening::FirmwareUncertain(_)
        | Weakening::Inbound
        | Weakening::NotAskedJustBefore
        | Weakening::NotEstablished
        | Weakening::OwnerUnknown
        | Weakening::PinnedAnswer
        | Weakening::Role(_) => Level::Possible,
    }
}

/// The practice connection is our own, on request: whose it is and who is in scope say nothing.
fn weaken_by_owner(about: Circumstances<'_>, weakened: &mut Vec<Weakening>) {
    let owner = about.owner;
    if about.connection.practice {
        return;
    }
    let unknown = owner.uid.is_none() || owner.kind == OwnerKind::Unknown;
    if unknown {
        weakened.push(Weakening::OwnerUnknown);
    }
    if !about.settings.everyone_in_scope() {
        match owner.firmware {
            Firmware::Yes | Firmware::Preloaded => {}
            Firmware::No => weakened.push(Weakening::OutOfScope),
            Firmware::Mixed | Firmware::Unknown if unknown => {}
            Firmware::Mixed | Firmware::Unknown => {
                weakened.push(Weakening::FirmwareUncertain(owner.firmware));
            }
        }
    }
    weakened.extend(owner.roles.iter().map(Weakening::Role));
}

fn weaken_by_connection(about: Circumstances<'_>, weakened: &mut Vec<Weakening>) {
    match about.connection.protocol() {
        Protocol::Tcp if about.established => {}
        Protocol::Tcp => weakened.push(Weakening::NotEstablished),
        Protocol::Icmp | Protocol::Raw | Protocol::Udp | Protocol::UdpLite => {
            weakened.push(Weakening::Datagram);
        }
    }
    match about.connection.direction {
        Direction::Out => {}
        Direction::In => weakened.push(Weakening::Inbound),
        Direction::Unknown => weakened.push(Weakening::DirectionUnknown),
    }
    if about.content_network {
        weakened.push(Weakening::ContentNetwork);
    }
}

fn weaken_by_name(name: &SeenName, about: Circumstances<'_>, weakened: &mut Vec<Weakening>) {
    if name.source == NameSource::Pinned {
        weakened.push(Weakening::PinnedAnswer);
        return;
    }
    match (name.asker, about.owner.uid) {
        (None, _) => weakened.push(Weakening::AskerUnknown),
        // Whether it was the asker's is as open as whose it was; that is said already.
        (Some(_), None) => {}
        (Some(asker), Some(owner)) if asker == owner => {}
        (Some(_), Some(_)) => weakened.push(Weakening::AskedByAnother),
    }
    let opened = about.connection.first_seen;
    let in_time =
        name.at.boot <= opened.boot && opened.since(name.at) <= name.ttl.saturating_add(NAME_GRACE);
    if !in_time {
        weakened.push(Weakening::NotAskedJustBefore);
    }
}

#[cfg(test)]
mod tests;
