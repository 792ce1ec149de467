//! Addresses and networks as they stand in lists.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::{LineError, Shown};

/// An address and how many of its leading bits count; the others are zero. Never v4-mapped.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

impl Network {
    /// The network of `prefix` bits that holds `address`, or `None` where it has not as many bits.
    pub fn new(address: IpAddr, prefix: u8) -> Option<Self> {
        let address = match address {
            IpAddr::V4(address) if prefix <= 32 => {
                let mask = u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
                IpAddr::V4(Ipv4Addr::from_bits(address.to_bits() & mask))
            }
            IpAddr::V6(address) if prefix <= 128 => {
                if prefix >= 96
                    && let Some(embedded) = address.to_ipv4_mapped()
                {
                    return Self::new(IpAddr::V4(embedded), prefix - 96);
                }
                let mask = u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0);
                IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & mask))
            }
            _ => return None,
        };
        Some(Self { address, prefix })
    }

    /// The network of this one address.
    pub const fn single(address: IpAddr) -> Self {
        let address = address.to_canonical();
        Self {
            address,
            prefix: width(address),
        }
    }

    /// Its first address.
    pub const fn address(&self) -> IpAddr {
        self.address
    }

    /// How many leading bits count.
    pub const fn prefix(&self) -> u8 {
        self.prefix
    }
}

/// `192.0.2.0/24`.
impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

/// An address or network entry: `192.0.2.1`, `[2001:db8::1]`, `192.0.2.0/24`. `None` where `text`
/// is neither and does not look like it either.
pub(crate) fn parse_entry(text: &str) -> Option<Result<Network, LineError>> {
    // The dot at the end of a name goes, so it must not make a name of this either.
    if let Some((first, last)) = text.strip_suffix('.').unwrap_or(text).split_once('-')
        && first.parse::<IpAddr>().is_ok()
        && (last.parse::<IpAddr>().is_ok() || last.parse::<u8>().is_ok())
    {
        return Some(Err(LineError::Range));
    }
    let (address, prefix) = match text.split_once('/') {
        Some((address, prefix)) => (address, Some(prefix)),
        None => (text, None),
    };
    let address = match parse_address(address)? {
        Ok(address) => address,
        Err(error) => return Some(Err(error)),
    };
    let network = match prefix {
        None => Ok(Network::single(address)),
        Some(prefix) => parse_prefix(address, prefix),
    };
    Some(network.and_then(|network| {
        if network.prefix == width(network.address) && network.address.is_unspecified() {
            Err(LineError::Unspecified(Shown::new(text)))
        } else {
            Ok(network)
        }
    }))
}

/// An address, v4-mapped or not as it stands there, with or without brackets. `None` where `text`
/// does not even look like one.
pub(crate) fn parse_address(text: &str) -> Option<Result<IpAddr, LineError>> {
    if let Some(rest) = text.strip_prefix('[') {
        let Some((inner, behind)) = rest.split_once(']') else {
            return Some(Err(LineError::NotIpv6(Shown::new(text))));
        };
        return Some(match (inner.parse::<Ipv6Addr>(), behind) {
            (Ok(address), "") => Ok(IpAddr::V6(address)),
            (Ok(address), port) if is_port(port.strip_prefix(':')) => {
                Err(LineError::Port(Shown::new(&address.to_string())))
            }
            _ => match parse_address(inner) {
                Some(Err(error)) if behind.is_empty() => Err(error),
                _ => Err(LineError::NotIpv6(Shown::new(text))),
            },
        });
    }
    if let Ok(address) = text.parse() {
        return Some(Ok(address));
    }
    if let Some((address, _)) = text.split_once('%')
        && address.parse::<Ipv6Addr>().is_ok()
    {
        return Some(Err(LineError::Zone(Shown::new(text))));
    }
    if text.contains(':') {
        return Some(Err(match text.split_once(':') {
            Some((host, port)) if !host.is_empty() && is_port(Some(port)) => {
                LineError::Port(Shown::new(host))
            }
            _ => LineError::NotIpv6(Shown::new(text)),
        }));
    }
    let looks_like_ipv4 = text.contains('.')
        && text.contains(|c: char| c.is_ascii_digit())
        && text.bytes().all(|b| b == b'.' || b.is_ascii_digit());
    looks_like_ipv4.then(|| {
        let mut octets = text.split('.');
        Err(
            if octets.clone().count() == 4
                && octets.clone().all(|octet| !octet.is_empty())
                && octets.any(|octet| octet.len() > 1 && octet.starts_with('0'))
            {
                LineError::LeadingZero(Shown::new(text))
            } else {
                LineError::NotIpv4(Shown::new(text))
            },
        )
    })
}

const fn width(address: IpAddr) -> u8 {
    match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

fn is_port(text: Option<&str>) -> bool {
    text.is_some_and(|text| {
        !text.is_empty() && text.len() <= 5 && text.bytes().all(|b| b.is_ascii_digit())
    })
}

fn parse_prefix(address: IpAddr, text: &str) -> Result<Network, LineError> {
    if let (IpAddr::V4(_), Ok(mask)) = (address, text.parse::<Ipv4Addr>()) {
        let ones = mask.to_bits().leading_ones();
        if mask.to_bits().count_ones() == ones
            && let Some(network) = u8::try_from(ones)
                .ok()
                .and_then(|ones| Network::new(address, ones))
        {
            return Err(LineError::Netmask(network));
        }
    }
    let digits =
        text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    let network = text
        .parse()
        .ok()
        .filter(|_| digits)
        .and_then(|prefix| Network::new(address, prefix))
        .ok_or_else(|| LineError::BadPrefix {
            given: Shown::new(text),
            most: width(address),
        })?;
    // A v4-mapped address may have become IPv4 on the way.
    let given = if network.address.is_ipv4() {
        address.to_canonical()
    } else {
        address
    };
    if network.address == given {
        Ok(network)
    } else {
        Err(LineError::HostBits(network))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(text: &str) -> Result<String, String> {
        parse_entry(text)
            .expect(text)
            .map(|network| network.to_string())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn addresses_and_networks_of_both_families() {
        for (text, network) in [
            ("192.0.2.1", "192.0.2.1/32"),
            ("192.0.2.1/32", "192.0.2.1/32"),
            ("192.0.2.0/24", "192.0.2.0/24"),
            ("0.0.0.0/0", "0.0.0.0/0"),
            ("2001:DB8::1", "2001:db8::1/128"),
            ("[2001:db8::1]", "2001:db8::1/128"),
            ("[2001:db8::]/32", "2001:db8::/32"),
            ("2001:db8::/32", "2001:db8::/32"),
            ("::/0", "::/0"),
            ("::ffff:192.0.2.1", "192.0.2.1/32"),
            ("::ffff:c000:201", "192.0.2.1/32"),
            ("::ffff:192.0.2.0/120", "192.0.2.0/24"),
            ("::ffff:0.0.0.0/96", "0.0.0.0/0"),
        ] {
            assert_eq!(entry(text), Ok(network.to_owned()), "{text}");
        }
    }

    #[test]
    fn what_is_no_network_says_why_and_what_to_write() {
        for (text, reason) in [
            (
                "192.0.2.1/24",
                "bits are set behind the network's length; the network is 192.0.2.0/24",
            ),
            (
                "2001:db8::1/32",
                "bits are set behind the network's length; the network is 2001:db8::/32",
            ),
            (
                "::ffff:192.0.2.1/120",
                "bits are set behind the network's length; the network is 192.0.2.0/24",
            ),
            (
                "::ffff:192.0.2.1/95",
                "bits are set behind the network's length; the network is ::fffe:0:0/95",
            ),
            (
                "192.0.2.0/255.255.255.0",
                "a netmask instead of a length; write 192.0.2.0/24",
            ),
            (
                "192.0.2.0/255.0.255.0",
                "/255.0.255.0 is no length of a network; 0 to 32 is",
            ),
            ("192.0.2.0/33", "/33 is no length of a network; 0 to 32 is"),
            ("192.0.2.0/", "/ is no length of a network; 0 to 32 is"),
            ("192.0.2.0/+8", "/+8 is no length of a network; 0 to 32 is"),
            (
                "192.0.2.0/024",
                "/024 is no length of a network; 0 to 32 is",
            ),
            ("192.0.2.0/-1", "/-1 is no length of a network; 0 to 32 is"),
            (
                "2001:db8::/129",
                "/129 is no length of a network; 0 to 128 is",
            ),
            (
                "192.0.2.01",
                "192.0.2.01 has an octet with a leading zero, which some programs read as octal",
            ),
            ("192.0.2.256", "192.0.2.256 is no IPv4 address"),
            ("192.0.2", "192.0.2 is no IPv4 address"),
            ("192.0.2.1.", "192.0.2.1. is no IPv4 address"),
            ("2001:db8:::1", "2001:db8:::1 is no IPv6 address"),
            ("[2001:db8::1", "[2001:db8::1 is no IPv6 address"),
            ("[192.0.2.1]", "[192.0.2.1] is no IPv6 address"),
            ("[]", "[] is no IPv6 address"),
            (
                "fe80::1%wlan0",
                "fe80::1%wlan0 has a zone, which means nothing outside one machine; leave %… out",
            ),
            (
                "192.0.2.1:80",
                "a port is given; entries are for all ports, write 192.0.2.1",
            ),
            (
                "[2001:db8::1]:80",
                "a port is given; entries are for all ports, write 2001:db8::1",
            ),
            (
                "a.test:443",
                "a port is given; entries are for all ports, write a.test",
            ),
            (
                "192.0.2.1-192.0.2.9",
                "a range of addresses; write it as networks (ADDRESS/LENGTH)",
            ),
            (
                "192.0.2.1-9.",
                "a range of addresses; write it as networks (ADDRESS/LENGTH)",
            ),
            ("0.0.0.0", "0.0.0.0 is the address of no host"),
            ("::", ":: is the address of no host"),
            ("::/128", "::/128 is the address of no host"),
            ("0.0.0.0/32", "0.0.0.0/32 is the address of no host"),
        ] {
            assert_eq!(entry(text), Err(reason.to_owned()), "{text}");
        }
    }

    #[test]
    fn a_name_is_no_address() {
        for text in [
            "a.test",
            "a-b.test",
            "192.0.2.1-a.test",
            "1.2.0.192.in-addr.arpa",
            "a.test/x",
            "12",
        ] {
            assert_eq!(parse_entry(text), None, "{text}");
        }
    }
}
