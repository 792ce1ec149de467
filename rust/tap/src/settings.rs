//! What a tap is told at its start.

use std::net::IpAddr;

/// How a tap is set up.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Settings {
    /// The tap's own addresses, those that the VPN names as its DNS servers. Nothing else is routed
    /// to it, and nothing else is answered.
    pub servers: Vec<IpAddr>,
    /// The most bytes of a packet that the TUN device takes.
    pub mtu: u16,
    /// Whether someone looks up askers ([`Tap::asker`](crate::Tap::asker)). Only then does learning
    /// wait for them; an answer never does.
    pub askers: bool,
}

/// Why a tap could not be started.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The caller gave no address of the tap's own.
    #[error("a tap needs at least one address of its own")]
    NoAddress,
    /// The caller gave an MTU below what IPv4 (576) or, with an IPv6 address, IPv6 (1,280) asks for.
    #[error("an MTU of {0} is too small")]
    Mtu(u16),
    /// The caller gave nobody to ask but the tap itself.
    #[error("a tap that forwards by itself needs at least one server beside itself")]
    NoServer,
    /// The system refused a descriptor, the source of chance or a thread.
    #[error("cannot {what}")]
    System {
        /// What was tried.
        what: &'static str,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}
