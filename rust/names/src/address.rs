//! Addresses in the one form in which they are compared.

use std::net::IpAddr;

use portlog_model::Endpoint;

/// The address that stands for the same host as `address`: of a v4-mapped address and of one below
/// NAT64's well-known prefix the IPv4 address in it, as sockets and alerts have it.
pub(crate) fn canonical(address: IpAddr) -> IpAddr {
    let end = Endpoint::new(address, 0);
    end.nat64().map_or(end.address(), IpAddr::V4)
}

/// Whether a canonical address can be that of another host. `0.0.0.0` and `127.0.0.1` are what
/// filtering resolvers say instead of an answer; they would give every filtered name one address.
pub(crate) const fn is_host(address: IpAddr) -> bool {
    !(address.is_unspecified() || address.is_loopback() || address.is_multicast())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_host_has_one_address() {
        let plain: IpAddr = "192.0.2.7".parse().unwrap();
        for same in ["192.0.2.7", "::ffff:192.0.2.7", "64:ff9b::192.0.2.7"] {
            assert_eq!(canonical(same.parse().unwrap()), plain, "{same}");
        }
        for other in ["64:ff9b:1::192.0.2.7", "2001:db8::c000:207"] {
            let other: IpAddr = other.parse().unwrap();
            assert_eq!(canonical(other), other);
        }
    }

    #[test]
    fn a_sink_is_no_host() {
        for sink in [
            "0.0.0.0",
            "::",
            "127.0.0.1",
            "::1",
            "224.0.0.251",
            "64:ff9b::",
        ] {
            assert!(!is_host(canonical(sink.parse().unwrap())), "{sink}");
        }
        assert!(is_host("192.0.2.7".parse().unwrap()));
        assert!(is_host("2001:db8::7".parse().unwrap()));
    }
}
