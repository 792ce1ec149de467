//! What goes past the DNS tap, by what the socket table shows of it.
//!
//! A resolver is known by its address: that a socket goes there says that names can be asked for
//! there, and not that they were. Which resolvers there are is nobody's standard; the table has the
//! addresses that public resolvers and HTTPDNS services publish for themselves, and one that it
//! lacks shows at its port, 53 or 853, unless it is asked by HTTPS.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use portlog_model::{Endpoint, Uid};

use super::book::{TapCoverage, TapState};

/// Sockets that went past the tap, or to addresses that say nothing.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Bypass {
    /// Towards known resolvers, at ports other than 53 and 853.
    pub(crate) known: u32,
    /// Towards ports 53 and 853.
    pub(crate) foreign: u32,
    /// Towards addresses that a VPN makes up.
    pub(crate) fake: u32,
}

impl Bypass {
    /// Counts a socket towards `remote`, once. What goes past the tap is counted where one runs.
    pub(crate) fn count(&mut self, remote: Endpoint, uid: Option<Uid>, tap: &TapCoverage) {
        if remote.is_unset() {
            return;
        }
        let address = remote.nat64().map_or(remote.address(), IpAddr::V4);
        let taps = matches!(tap.state, TapState::On | TapState::WithoutResolver);
        let count = if is_fake(address) {
            &mut self.fake
        } else if !taps || address.is_loopback() || is_tap(address, uid, tap) {
            return;
        } else if matches!(remote.port(), 53 | 853) {
            &mut self.foreign
        } else if is_known_resolver(address) {
            &mut self.known
        } else {
            return;
        };
        *count = count.saturating_add(1);
    }
}

/// Whether a socket is the tap's way in or out.
fn is_tap(address: IpAddr, uid: Option<Uid>, tap: &TapCoverage) -> bool {
    tap.servers.contains(&address) || (uid.is_some() && uid == tap.forwarder)
}

/// Addresses that VPN apps give to names in place of the real ones ("fake IP"): the range for
/// benchmarks (RFC 2544), the reserved one (RFC 1112 §4), and of IPv6 the half of the unique local
/// range that nobody assigns (RFC 4193 §3.2), as their documentations name them.
fn is_fake(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => match address.octets() {
            [198, 18 | 19, ..] => true,
            [240..=255, ..] => !address.is_broadcast(),
            _ => false,
        },
        IpAddr::V6(address) => address.octets().first() == Some(&0xfc),
    }
}

fn is_known_resolver(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => KNOWN_V4.binary_search(&address).is_ok(),
        IpAddr::V6(address) => KNOWN_V6.binary_search(&address).is_ok(),
    }
}

/// Public resolvers and HTTPDNS services, in order: the addresses that their operators publish.
const KNOWN_V4: [Ipv4Addr; 33] = [
    Ipv4Addr::new(1, 0, 0, 1),
    Ipv4Addr::new(1, 0, 0, 2),
    Ipv4Addr::new(1, 0, 0, 3),
    Ipv4Addr::new(1, 1, 1, 1),
    Ipv4Addr::new(1, 1, 1, 2),
    Ipv4Addr::new(1, 1, 1, 3),
    Ipv4Addr::new(1, 12, 12, 12),
    Ipv4Addr::new(8, 8, 4, 4),
    Ipv4Addr::new(8, 8, 8, 8),
    Ipv4Addr::new(9, 9, 9, 9),
    Ipv4Addr::new(9, 9, 9, 10),
    Ipv4Addr::new(9, 9, 9, 11),
    Ipv4Addr::new(45, 90, 28, 0),
    Ipv4Addr::new(45, 90, 30, 0),
    Ipv4Addr::new(94, 140, 14, 14),
    Ipv4Addr::new(94, 140, 15, 15),
    Ipv4Addr::new(101, 226, 4, 6),
    Ipv4Addr::new(114, 114, 114, 114),
    Ipv4Addr::new(114, 114, 115, 115),
    Ipv4Addr::new(119, 28, 28, 98),
    Ipv4Addr::new(119, 29, 29, 29),
    Ipv4Addr::new(119, 29, 29, 98),
    Ipv4Addr::new(119, 29, 29, 99),
    Ipv4Addr::new(120, 53, 53, 53),
    Ipv4Addr::new(149, 112, 112, 112),
    Ipv4Addr::new(180, 76, 76, 76),
    Ipv4Addr::new(180, 76, 76, 200),
    Ipv4Addr::new(203, 107, 1, 1),
    Ipv4Addr::new(203, 107, 1, 33),
    Ipv4Addr::new(208, 67, 220, 220),
    Ipv4Addr::new(208, 67, 222, 222),
    Ipv4Addr::new(223, 5, 5, 5),
    Ipv4Addr::new(223, 6, 6, 6),
];
const KNOWN_V6: [Ipv6Addr; 10] = [
    Ipv6Addr::new(0x2400, 0x3200, 0, 0, 0, 0, 0, 1),
    Ipv6Addr::new(0x2400, 0x3200, 0xbaba, 0, 0, 0, 0, 1),
    Ipv6Addr::new(0x2402, 0x4e00, 0, 0, 0, 0, 0, 0),
    Ipv6Addr::new(0x2606, 0x4700, 0x4700, 0, 0, 0, 0, 0x1001),
    Ipv6Addr::new(0x2606, 0x4700, 0x4700, 0, 0, 0, 0, 0x1111),
    Ipv6Addr::new(0x2620, 0xfe, 0, 0, 0, 0, 0, 9),
    Ipv6Addr::new(0x2620, 0xfe, 0, 0, 0, 0, 0, 0xfe),
    Ipv6Addr::new(0x2a10, 0x50c0, 0, 0, 0, 0, 0xad1, 0xff),
    Ipv6Addr::new(0x2a10, 0x50c0, 0, 0, 0, 0, 0xad2, 0xff),
    Ipv6Addr::new(0x2a12, 0x2a12, 0, 0, 0, 0, 0, 0),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn to(remote: &str, port: u16, uid: u32) -> (Endpoint, Option<Uid>) {
        let remote = Endpoint::new(remote.parse().unwrap(), port);
        (remote, Some(Uid::new(uid)))
    }

    fn counted(tap: &TapCoverage) -> Bypass {
        let sockets = [
            to("198.51.100.7", 443, 10_012),
            to("9.9.9.9", 443, 10_012),
            to("2620:fe::9", 443, 10_012),
            to("9.9.9.9", 853, 10_012),
            to("198.51.100.53", 53, 10_012),
            to("127.0.0.1", 53, 10_012),
            // The tap's own server, and its way out.
            to("192.0.2.53", 53, 10_012),
            to("198.51.100.53", 53, 10_200),
            // Another VPN's names.
            to("198.18.0.7", 443, 10_012),
            to("198.20.0.7", 443, 10_012),
            to("240.0.0.9", 443, 10_012),
            to("fc00::7", 443, 10_012),
            to("fd00::7", 443, 10_012),
        ];
        let mut bypass = Bypass::default();
        for (remote, uid) in sockets {
            bypass.count(remote, uid, tap);
        }
        bypass
    }

    #[test]
    fn sockets_past_the_tap_are_counted_where_one_runs() {
        let on = TapCoverage {
            state: TapState::On,
            servers: vec!["192.0.2.53".parse().unwrap()],
            forwarder: Some(Uid::new(10_200)),
            ..TapCoverage::default()
        };
        let all = Bypass {
            known: 2,
            foreign: 2,
            fake: 3,
        };
        assert_eq!(counted(&on), all);
        let off = Bypass {
            fake: 3,
            ..Bypass::default()
        };
        assert_eq!(counted(&TapCoverage::default()), off);
    }

    #[test]
    fn the_table_of_resolvers_is_in_order() {
        assert!(KNOWN_V4.is_sorted() && KNOWN_V6.is_sorted());
    }
}
