//! Whom a connection went to, or came from.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Which side began, as far as it is known.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Way {
    /// This side, or it is not known.
    To,
    /// The other side. Its port is one of many and says nothing.
    From,
}

/// The other end, as two files can have it in common.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Destination {
    /// The protocol's word.
    pub protocol: Box<str>,
    /// Its address.
    pub address: IpAddr,
    /// Which side began.
    pub way: Way,
    /// Its port; 0 where the other side began.
    pub port: u16,
}

impl Destination {
    /// The other end from the values of an entry. `None` for a socket without one.
    ///
    /// # Errors
    ///
    /// The text is no address and port. The format lets a signer write such.
    pub(super) fn parse(
        protocol: &str,
        remote: &str,
        direction: Option<&str>,
    ) -> Result<Option<Self>, NoEndpoint> {
        let endpoint: SocketAddr = remote.parse().map_err(|_| NoEndpoint)?;
        let address = endpoint.ip().to_canonical();
        if address.is_unspecified() {
            return Ok(None);
        }
        let (way, port) = match direction {
            Some("in") => (Way::From, 0),
            _ => (Way::To, endpoint.port()),
        };
        Ok(Some(Self {
            protocol: protocol.into(),
            address,
            way,
            port,
        }))
    }

    /// The network that its address is in, where addresses beside it mean anything.
    pub fn network(&self) -> Option<Network> {
        Network::of(self.address)
    }
}

/// A text that is no address and port.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct NoEndpoint;

/// `tcp 203.0.113.7:80`, or `tcp from 203.0.113.7`.
impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.way {
            Way::To => {
                let endpoint = SocketAddr::new(self.address, self.port);
                write!(f, "{} {endpoint}", self.protocol)
            }
            Way::From => write!(f, "{} from {}", self.protocol, self.address),
        }
    }
}

/// The 256 addresses around an IPv4 address (/24), or the site of an IPv6 address (/48): what one
/// operator usually has together. Not proof that one operator has them.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Network(IpAddr);

impl Network {
    fn of(address: IpAddr) -> Option<Self> {
        match address {
            IpAddr::V4(address) => {
                let [a, b, c, _] = address.octets();
                let told_apart = address.is_loopback() || address.is_link_local();
                (!told_apart).then(|| Self(Ipv4Addr::new(a, b, c, 0).into()))
            }
            IpAddr::V6(address) => {
                let [a, b, c, ..] = address.segments();
                let told_apart = address.is_loopback() || address.is_unicast_link_local();
                (!told_apart).then(|| Self(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0).into()))
            }
        }
    }
}

/// `203.0.113.0/24`.
impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let length = if self.0.is_ipv4() { 24 } else { 48 };
        write!(f, "{}/{length}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn destination(remote: &str, direction: &str) -> Destination {
        Destination::parse("tcp", remote, Some(direction))
            .unwrap()
            .unwrap()
    }

    #[test]
    fn an_endpoint_is_read_and_written() {
        for (remote, direction, text) in [
            ("203.0.113.7:80", "out", "tcp 203.0.113.7:80"),
            ("[2001:db8::1]:443", "unknown", "tcp [2001:db8::1]:443"),
            ("203.0.113.7:52811", "in", "tcp from 203.0.113.7"),
            ("[::ffff:203.0.113.7]:80", "out", "tcp 203.0.113.7:80"),
        ] {
            assert_eq!(destination(remote, direction).to_string(), text);
        }
    }

    #[test]
    fn a_socket_without_a_peer_has_no_destination_and_nonsense_is_said() {
        for unset in ["0.0.0.0:0", "[::]:0", "[::]:5353"] {
            assert_eq!(Destination::parse("udp", unset, None), Ok(None));
        }
        for bad in ["203.0.113.7", "....:1", "[::1", "203.0.113.7:70000", ":80"] {
            assert_eq!(Destination::parse("udp", bad, None), Err(NoEndpoint));
        }
    }

    #[test]
    fn networks_are_24_and_48_bits_long() {
        let network = |remote| destination(remote, "out").network().map(|n| n.to_string());
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(network("203.0.113.7:80"), text("203.0.113.0/24"));
        assert_eq!(network("[2001:db8:1:2::7]:80"), text("2001:db8:1::/48"));
        for local in ["127.0.0.1:80", "[::1]:80", "[fe80::1]:80", "169.254.1.1:80"] {
            assert_eq!(network(local), None, "{local}");
        }
    }
}
