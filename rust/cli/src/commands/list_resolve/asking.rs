//! The resolver that is asked, and what its answers mean.

use std::fmt::Write as _;
use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use anyhow::{Context as _, Error, anyhow};
use hickory_resolver::config::{
    ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ServerOrderingStrategy,
};
use hickory_resolver::lookup::Lookup;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{Name, RData, RecordType};
use hickory_resolver::{Resolver, TokioResolver};
use portlog_names::MAX_CHAIN;
use portlog_names::pinned::{MAX_ADDRESSES, Outcome};

use crate::exit::with_way_out;

/// Where a Linux says whom it asks.
const SYSTEMS: &str = "/etc/resolv.conf";
/// Servers of the system's that are asked, one after the other.
const MAX_SERVERS: usize = 2;
/// The most seconds that an answer may say it holds (RFC 2181 §8).
const MAX_TTL: u32 = i32::MAX.unsigned_abs();

/// Asks one resolver.
pub(super) struct Asker {
    resolver: TokioResolver,
    text: String,
}

/// What became of a name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Asked(pub(super) Outcome);

impl Asked {
    /// Whether nothing came back at all.
    pub(super) const fn is_silence(&self) -> bool {
        matches!(self.0, Outcome::Timeout)
    }
}

impl Asker {
    /// Asks `server`, or those of the system; an attempt waits `patience`, and there are two.
    pub(super) fn new(server: Option<SocketAddr>, patience: Duration) -> Result<Self, Error> {
        let (servers, whose) = match server {
            Some(server) => (vec![server], ""),
            None => (systems_servers()?, ", this system's"),
        };
        let mut text = String::new();
        for server in &servers {
            let comma = if text.is_empty() { "" } else { ", " };
            // Writing to a string cannot fail.
            let _ = write!(text, "{comma}{server}");
        }
        text.push_str(" by UDP, by TCP where an answer is cut, in clear text");
        text.push_str(whose);
        Ok(Self {
            resolver: resolver(&servers, patience)?,
            text,
        })
    }

    /// Whom it asks, and how.
    pub(super) fn text(&self) -> String {
        self.text.clone()
    }

    /// Asks for the IPv4 and IPv6 addresses of `name`.
    pub(super) async fn ask(&self, name: &str) -> Asked {
        let Ok(mut name) = Name::from_ascii(name) else {
            return Asked(Outcome::NoData);
        };
        // Without it the system's own domains would be tried behind the name.
        name.set_fqdn(true);
        let v4 = self.resolver.lookup(name.clone(), RecordType::A).await;
        let v6 = self.resolver.lookup(name.clone(), RecordType::AAAA).await;
        Asked(both(told(&name, v4), told(&name, v6)))
    }
}

fn resolver(servers: &[SocketAddr], patience: Duration) -> Result<TokioResolver, Error> {
    let servers = servers.iter().map(|server| {
        let connections =
            [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
                connection.port = server.port();
                connection
            });
        NameServerConfig::new(server.ip(), true, connections.to_vec())
    });
    let config = ResolverConfig::from_name_servers(servers.collect());
    let mut builder = Resolver::builder_with_config(config, TokioRuntimeProvider::default());
    let options = builder.options_mut();
    options.timeout = patience;
    options.attempts = 2;
    options.ndots = 0;
    // Each name is asked for once, and the answer is what the resolver says, not what a file does.
    options.cache_size = 0;
    options.use_hosts_file = ResolveHosts::Never;
    options.num_concurrent_reqs = 1;
    options.max_active_requests = 1_024;
    options.server_ordering_strategy = ServerOrderingStrategy::UserProvidedOrder;
    builder.build().context("cannot prepare to ask")
}

/// The servers that this system asks.
fn systems_servers() -> Result<Vec<SocketAddr>, Error> {
    let text = fs::read_to_string(SYSTEMS).context("cannot tell whom this system asks");
    let text = text.map_err(|error| with_way_out(error, "--resolver ADDRESS names a resolver"))?;
    let servers: Vec<SocketAddr> = servers_in(&text).take(MAX_SERVERS).collect();
    if servers.is_empty() {
        let error = anyhow!("{SYSTEMS} names no resolver");
        return Err(with_way_out(error, "--resolver ADDRESS names one"));
    }
    Ok(servers)
}

/// The servers in a text like /etc/resolv.conf (resolv.conf(5)); one with a zone is left out.
fn servers_in(text: &str) -> impl Iterator<Item = SocketAddr> {
    text.lines().filter_map(|line| {
        let mut words = line.split_ascii_whitespace();
        let address: IpAddr = match (words.next()?, words.next()?) {
            ("nameserver", address) => address.parse().ok()?,
            _ => return None,
        };
        Some(SocketAddr::new(address, 53))
    })
}

/// What one question brought.
#[derive(Debug)]
enum Told {
    Addresses { ttl: u32, addresses: Vec<IpAddr> },
    NoData,
    NxDomain,
    Refused,
    ServFail,
    Timeout,
}

fn told(name: &Name, looked_up: Result<Lookup, NetError>) -> Told {
    match looked_up {
        Ok(lookup) => addresses(name, &lookup),
        Err(NetError::Dns(DnsError::NoRecordsFound(none))) => without(none.response_code),
        Err(NetError::Dns(DnsError::ResponseCode(code))) => without(code),
        Err(NetError::Dns(_) | NetError::Proto(_)) => Told::ServFail,
        // Silence, a socket that was refused, a network that is not there.
        Err(_) => Told::Timeout,
    }
}

const fn without(code: ResponseCode) -> Told {
    match code {
        ResponseCode::NoError => Told::NoData,
        ResponseCode::NXDomain => Told::NxDomain,
        ResponseCode::Refused => Told::Refused,
        _ => Told::ServFail,
    }
}

/// The addresses that `name` leads to, and how long the shortest of the records on the way holds.
fn addresses(name: &Name, lookup: &Lookup) -> Told {
    let (mut name, mut ttl) = (name.clone(), MAX_TTL);
    for _ in 0..MAX_CHAIN {
        let mut addresses = Vec::new();
        let mut alias = None;
        for record in lookup.answers().iter().filter(|record| record.name == name) {
            let address = match &record.data {
                RData::A(address) => IpAddr::V4(address.0),
                RData::AAAA(address) => IpAddr::V6(address.0),
                RData::CNAME(target) => {
                    alias = Some((target.0.clone(), record.ttl));
                    continue;
                }
                _ => continue,
            };
            addresses.push(address);
            ttl = ttl.min(record.ttl);
        }
        if !addresses.is_empty() {
            return Told::Addresses { ttl, addresses };
        }
        let Some((target, holds)) = alias else { break };
        ttl = ttl.min(holds);
        name = target;
    }
    Told::NoData
}

/// What both questions for a name say together. Where one of them was answered with addresses, the
/// name has these, whatever became of the other.
fn both(v4: Told, v6: Told) -> Outcome {
    let (mut ttl, mut all) = (MAX_TTL, Vec::new());
    let mut worst = Outcome::NoData;
    let mut is_nowhere = false;
    for told in [v4, v6] {
        let outcome = match told {
            Told::Addresses {
                ttl: holds,
                addresses,
            } => {
                ttl = ttl.min(holds);
                all.extend(addresses);
                continue;
            }
            Told::NoData => continue,
            Told::NxDomain => {
                is_nowhere = true;
                continue;
            }
            Told::Refused => Outcome::Refused,
            Told::ServFail => Outcome::ServFail,
            Told::Timeout => Outcome::Timeout,
        };
        worst = outcome;
    }
    if !all.is_empty() {
        all.sort_unstable();
        all.dedup();
        all.truncate(MAX_ADDRESSES);
        return Outcome::Addresses {
            ttl,
            addresses: all,
        };
    }
    // "There is no such name" is about the name, whichever question it answers.
    if is_nowhere { Outcome::NxDomain } else { worst }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_read_as_the_c_library_reads_them() {
        let text = "# nameserver 192.0.2.1\nsearch lan.test\nnameserver 192.0.2.53\n\
                    nameserver\t2001:db8::53 # comment\nnameserver fe80::1%eth0\nnameserver x\n";
        let servers: Vec<String> = servers_in(text).map(|server| server.to_string()).collect();
        assert_eq!(servers, ["192.0.2.53:53", "[2001:db8::53]:53"]);
    }

    #[test]
    fn two_questions_make_one_outcome() {
        let some = |ttl, address: &str| Told::Addresses {
            ttl,
            addresses: vec![address.parse().unwrap()],
        };
        let ok = both(some(300, "203.0.113.9"), some(60, "2001:db8::7"));
        assert_eq!(
            ok,
            Outcome::Addresses {
                ttl: 60,
                addresses: vec![
                    "203.0.113.9".parse().unwrap(),
                    "2001:db8::7".parse().unwrap()
                ]
            }
        );
        for other in [Told::NoData, Told::Timeout, Told::ServFail] {
            let outcome = both(some(300, "203.0.113.9"), other);
            assert!(matches!(outcome, Outcome::Addresses { ttl: 300, .. }));
        }
        assert_eq!(both(Told::NoData, Told::NoData), Outcome::NoData);
        assert_eq!(both(Told::NoData, Told::Timeout), Outcome::Timeout);
        assert_eq!(both(Told::NxDomain, Told::Timeout), Outcome::NxDomain);
        assert_eq!(both(Told::Refused, Told::NoData), Outcome::Refused);
    }
}
