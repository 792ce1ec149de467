//! How much a hit claims: the table in the crate's documentation.

use portlog_model::{
    Connection, Direction, Firmware, HitKind, Level, ListHit, Match, Owner, OwnerKind, Protocol,
    Weakening,
};

use crate::{KnownName, Settings};

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
pub(crate) fn judge(hit: ListHit, name: Option<&KnownName>, about: Circumstances<'_>) -> Match {
    let mut weakened = Vec::new();
    weaken_by_owner(about, &mut weakened);
    weaken_by_connection(about, &mut weakened);
    match name {
        Some(name) => weakened.extend(name.weakened.into_iter().flatten()),
        None => match hit.kind {
            HitKind::Address | HitKind::File | HitKind::Network | HitKind::Signer => {}
            HitKind::Pinned => weakened.push(Weakening::PinnedAnswer),
            HitKind::Domain => weakened.push(Weakening::AskerUnknown),
            HitKind::Asked => weakened.push(Weakening::NameAlone),
            HitKind::Package => weakened.push(Weakening::PackageNameAlone),
        },
    }
    conclude(hit, weakened)
}

/// Judges `hit`, which spoke of a name that `owner` asked for, and no connection is known.
pub(crate) fn judge_question(hit: ListHit, owner: &Owner, settings: &Settings) -> Match {
    let mut weakened = vec![Weakening::NameAlone];
    weaken_by_whose(owner, settings, &mut weakened);
    conclude(hit, weakened)
}

fn conclude(hit: ListHit, mut weakened: Vec<Weakening>) -> Match {
    if !hit.category.may_alert() {
        weakened.push(Weakening::Category(hit.category));
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
        | Weakening::NameAlone
        | Weakening::NotAskedJustBefore
        | Weakening::NotEstablished
        | Weakening::OwnerUnknown
        | Weakening::PinnedAnswer
        | Weakening::Role(_) => Level::Possible,
    }
}

/// The practice connection is our own, on request: whose it is and who is in scope say nothing.
fn weaken_by_owner(about: Circumstances<'_>, weakened: &mut Vec<Weakening>) {
    if !about.connection.practice {
        weaken_by_whose(about.owner, about.settings, weakened);
    }
}

fn weaken_by_whose(owner: &Owner, settings: &Settings, weakened: &mut Vec<Weakening>) {
    let unknown = owner.uid.is_none() || owner.kind == OwnerKind::Unknown;
    if unknown {
        weakened.push(Weakening::OwnerUnknown);
    }
    if !settings.everyone_in_scope() {
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

#[cfg(test)]
mod tests;
