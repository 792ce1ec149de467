//! What a connection did: worded by its state and direction, and by nothing else.

use portlog_model::{
    Connection, Direction, NameSource, Observed, Platform, Protocol, SeenName, SocketState,
};

use super::owner::{self, Mention};
use crate::data::quoted;
use crate::time::Zone;

/// Names of one peer that a line shows.
const MAX_NAMES: usize = 3;

/// `had a connection with 203.0.113.7:443`.
pub(super) fn did(connection: &Connection) -> String {
    let (local, remote) = (connection.local, connection.remote);
    if connection.is_listener() {
        return match connection.protocol() {
            Protocol::Tcp => format!("listens on {local}"),
            Protocol::Udp | Protocol::UdpLite => {
                format!("has a UDP socket on {local} without a peer; whom it talks to is not shown")
            }
            Protocol::Raw => format!(
                "has a raw socket on {} (IP protocol {})",
                local.address(),
                local.port()
            ),
            Protocol::Icmp => format!("has a ping socket on {}", local.address()),
        };
    }
    match connection.protocol() {
        Protocol::Tcp if remote.is_unset() => format!("has a TCP socket on {local} without a peer"),
        Protocol::Tcp => tcp(connection),
        Protocol::Udp | Protocol::UdpLite => {
            format!("opened a UDP socket towards {remote}; whether anything was sent is not known")
        }
        Protocol::Raw => format!(
            "opened a raw socket (IP protocol {}) towards {}; whether anything was sent is not known",
            local.port(),
            remote.address()
        ),
        Protocol::Icmp => format!(
            "opened a ping socket towards {}; whether anything was sent is not known",
            remote.address()
        ),
    }
}

fn tcp(connection: &Connection) -> String {
    let remote = connection.remote;
    match connection.state {
        SocketState::SynSent => format!("tried to connect to {remote}"),
        SocketState::SynRecv | SocketState::NewSynRecv => format!("was contacted by {remote}"),
        SocketState::Close | SocketState::BoundInactive | SocketState::Listen => {
            match connection.direction {
                Direction::In => format!("was contacted by {remote}"),
                Direction::Out | Direction::Unknown => format!(
                    "opened a TCP socket towards {remote}; whether a connection came about is not \
                     known"
                ),
            }
        }
        SocketState::CloseWait
        | SocketState::Closing
        | SocketState::Established
        | SocketState::FinWait1
        | SocketState::FinWait2
        | SocketState::LastAck
        | SocketState::TimeWait => match connection.direction {
            Direction::Out => format!("had a connection with {remote}"),
            Direction::In => format!("was contacted by {remote}"),
            Direction::Unknown => {
                format!("had a connection with {remote}; which side began is not known")
            }
        },
    }
}

/// A connection with its owner, peer and names, in one line.
pub(super) fn observed(observed: &Observed, zone: Zone) -> String {
    let mention = Mention {
        owner: &observed.owner,
        platform: platform_of(observed),
    };
    format!(
        "{}{}",
        owner::did(mention, &did(&observed.connection)),
        names(observed, zone)
    )
}

/// ` (told this address for "host.test")`, or nothing where no name is known.
///
/// A name is never said to be the peer: only who asked for it, or where the address was seen for it.
pub(super) fn names(observed: &Observed, zone: Zone) -> String {
    if observed.names.is_empty() {
        return String::new();
    }
    let mut shown: Vec<String> = observed
        .names
        .iter()
        .take(MAX_NAMES)
        .map(|name| told(name, observed, zone))
        .collect();
    let more = observed.names.len().saturating_sub(MAX_NAMES);
    if more > 0 {
        shown.push(format!("and {more} more"));
    }
    if observed.shared_address {
        shown.push("many names have this address".to_owned());
    }
    format!(" ({})", shown.join(", "))
}

fn told(name: &SeenName, observed: &Observed, zone: Zone) -> String {
    let host = quoted(&name.name);
    match (name.source, name.asker) {
        (NameSource::Pinned, _) => {
            format!(
                "an address that was seen for {host} on {}",
                zone.date(name.at.wall)
            )
        }
        (NameSource::Tap, Some(asker)) if Some(asker) == observed.owner.uid => {
            format!("asked for {host} and was told this address")
        }
        (NameSource::Tap, Some(asker)) => {
            format!("UID {asker} asked for {host} and was told this address")
        }
        (NameSource::Tap, None) => {
            format!("someone here asked for {host} and was told this address")
        }
    }
}

/// The platform, where the owner tells it: Android users exist on Android alone.
fn platform_of(observed: &Observed) -> Option<Platform> {
    observed.owner.user.map(|_| Platform::Android)
}
