//! The network below the tap: whom to ask there.

use std::net::{IpAddr, SocketAddr, SocketAddrV6};

use portlog_tap::Upstream;

use super::views::{PrivateDns, TapNetwork};

/// The port of the DNS.
const PORT: u16 = 53;
/// Servers of one network that are used.
const MOST: usize = 8;

/// What is known of the network below.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Below {
    servers: Vec<SocketAddr>,
    /// The interface: two networks may well have servers at the same addresses.
    scope: u32,
    pub(super) private_dns: PrivateDns,
}

impl Default for Below {
    fn default() -> Self {
        Self {
            servers: Vec::new(),
            scope: 0,
            private_dns: PrivateDns::Unknown,
        }
    }
}

impl Below {
    /// What a front end said of it.
    pub(super) fn of(network: &TapNetwork) -> Self {
        let at = |ip| match ip {
            // A link-local address means something only on its link.
            IpAddr::V6(ip) if ip.is_unicast_link_local() => {
                SocketAddr::V6(SocketAddrV6::new(ip, PORT, 0, network.scope))
            }
            ip => SocketAddr::new(ip, PORT),
        };
        let addresses = network.servers.iter().filter_map(|bytes| address(bytes));
        Self {
            servers: addresses.map(at).take(MOST).collect(),
            scope: network.scope,
            private_dns: network.private_dns,
        }
    }

    /// Who asks there; `None` where there is nobody to ask.
    pub(super) fn upstream(&self, pulled: bool) -> Option<Upstream> {
        if pulled {
            let clear_text = self.clear_text(true);
            return Some(Upstream::Pulled { clear_text });
        }
        let servers = self.servers.clone();
        (!servers.is_empty()).then_some(Upstream::Sockets { servers })
    }

    /// Whether questions travel in clear text there; `None` where Android does not tell.
    pub(super) const fn clear_text(&self, pulled: bool) -> Option<bool> {
        match self.private_dns {
            _ if !pulled => Some(true),
            PrivateDns::Unknown => None,
            PrivateDns::Off => Some(true),
            PrivateDns::Automatic | PrivateDns::Strict => Some(false),
        }
    }
}

/// The address of 4 or 16 bytes.
pub(super) fn address(bytes: &[u8]) -> Option<IpAddr> {
    if let Ok(four) = <[u8; 4]>::try_from(bytes) {
        return Some(IpAddr::from(four));
    }
    <[u8; 16]>::try_from(bytes).ok().map(IpAddr::from)
}

/// The bytes of an address.
pub(super) fn bytes(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(servers: &[&str], private_dns: PrivateDns) -> TapNetwork {
        let servers = servers.iter().map(|text| bytes(text.parse().unwrap()));
        TapNetwork {
            servers: servers.collect(),
            scope: 7,
            private_dns,
        }
    }

    #[test]
    fn servers_are_asked_at_the_dns_port_and_on_their_link() {
        let below = Below::of(&network(
            &["192.0.2.53", "2001:db8::53", "fe80::1"],
            PrivateDns::Unknown,
        ));
        let Some(Upstream::Sockets { servers }) = below.upstream(false) else {
            panic!("it asks by itself");
        };
        let texts: Vec<String> = servers.iter().map(ToString::to_string).collect();
        assert_eq!(
            texts,
            ["192.0.2.53:53", "[2001:db8::53]:53", "[fe80::1%7]:53"]
        );
    }

    #[test]
    fn what_is_no_address_is_nobody_to_ask() {
        let mut odd = network(&[], PrivateDns::Off);
        odd.servers = vec![vec![1, 2, 3], Vec::new()];
        assert_eq!(Below::of(&odd).upstream(false), None);
        assert!(Below::of(&odd).upstream(true).is_some());
    }

    #[test]
    fn clear_text_is_said_where_it_is_known() {
        for (private_dns, pulled, by_itself) in [
            (PrivateDns::Unknown, None, Some(true)),
            (PrivateDns::Off, Some(true), Some(true)),
            (PrivateDns::Automatic, Some(false), Some(true)),
            (PrivateDns::Strict, Some(false), Some(true)),
        ] {
            let below = Below::of(&network(&["192.0.2.53"], private_dns));
            assert_eq!(below.clear_text(true), pulled);
            assert_eq!(below.clear_text(false), by_itself);
        }
    }
}
