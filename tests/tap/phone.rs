//! The phone: its wire to the outside, its TUN device, and the tap on it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use portlog_tap::{Learnt, Settings, TapRunner, TapState, Upstream};

use crate::namespace::{self, Handset};
use crate::resolver::Resolver;
use crate::{losses, tun};

/// The tap's own addresses, which the phone has as its DNS servers.
pub(crate) const TAP: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
pub(crate) const TAP6: IpAddr = IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0x53, 0, 0, 0, 0, 1));
/// The resolvers outside.
pub(crate) const FIRST: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 53));
pub(crate) const SECOND: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 54));
pub(crate) const SIXTH: IpAddr = IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0x99, 0, 0, 0, 0, 53));

const MTU: u16 = 1_500;

pub(crate) struct Phone {
    pub(crate) handset: Handset,
    pub(crate) tap: TapRunner,
    pub(crate) learnt: Arc<Mutex<Vec<Learnt>>>,
}

impl Phone {
    /// A phone whose tap asks `servers`, none of which runs yet.
    pub(crate) fn new(servers: &[IpAddr]) -> Self {
        Self::with(sockets(servers), false, std::convert::identity)
    }

    /// The same behind a device that loses, doubles and reorders packets, both ways.
    pub(crate) fn with_losses(servers: &[IpAddr]) -> Self {
        Self::with(sockets(servers), false, losses::between)
    }

    pub(crate) fn with(
        upstream: Upstream,
        askers: bool,
        between: impl FnOnce(OwnedFd) -> OwnedFd,
    ) -> Self {
        let handset = Handset::with_hosts([FIRST, SECOND, SIXTH]);
        let device = between(tun::open(&handset.phone));
        handset.phone.ip(&format!(
            "link set tun0 mtu {MTU} txqueuelen 10000\n\
             address add 192.0.2.2/32 dev tun0\n\
             address add 2001:db8:53::2/128 dev tun0 nodad\n\
             link set tun0 up\n\
             route add 192.0.2.0/24 dev tun0 src 192.0.2.2\n\
             route add 2001:db8:53::/64 dev tun0 src 2001:db8:53::2\n\
             route replace default via 2001:db8::1 src 2001:db8::2\n"
        ));
        let learnt = Arc::new(Mutex::new(Vec::new()));
        let settings = Settings {
            servers: vec![TAP, TAP6],
            mtu: MTU,
            askers,
        };
        let tap = handset.phone.enter(|| {
            let learnt = Arc::clone(&learnt);
            TapRunner::start(device, upstream, &settings, move |answer| {
                learnt.lock().unwrap().push(Learnt {
                    name: answer.name.to_owned(),
                    asker: answer.asker,
                    at: answer.at,
                    aliases: answer
                        .aliases
                        .iter()
                        .map(|alias| (alias.name.to_owned(), alias.target.to_owned(), alias.ttl))
                        .collect(),
                    addresses: answer
                        .addresses
                        .iter()
                        .map(|record| (record.name.to_owned(), record.address, record.ttl))
                        .collect(),
                });
            })
            .unwrap()
        });
        Self {
            handset,
            tap,
            learnt,
        }
    }

    /// A resolver outside at this address.
    pub(crate) fn resolver(&self, address: IpAddr) -> Resolver {
        let marker = match address {
            IpAddr::V4(_) => address.to_string(),
            IpAddr::V6(_) => "198.51.100.66".to_owned(),
        };
        Resolver::start(&self.handset.outside, &[&address.to_string()], &marker)
    }

    /// Waits until the state is as wanted.
    pub(crate) fn wait(&self, what: &str, wanted: impl Fn(&TapState) -> bool) -> TapState {
        let end = Instant::now() + Duration::from_secs(20);
        loop {
            let state = self.tap.state();
            if wanted(&state) {
                return state;
            }
            assert!(Instant::now() < end, "never {what}: {state:?}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

fn sockets(servers: &[IpAddr]) -> Upstream {
    Upstream::Sockets {
        servers: servers
            .iter()
            .map(|server| SocketAddr::new(*server, 53))
            .collect(),
    }
}

/// What this machine or user lacks, in words.
pub(crate) fn missing() -> Option<String> {
    namespace::missing().or_else(|| {
        if !Path::new("/dev/net/tun").exists() {
            return Some("this kernel has no TUN device".into());
        }
        [("dnsmasq", "dnsmasq-base"), ("dig", "bind9-dnsutils")]
            .into_iter()
            .find(|(program, _)| Command::new(program).arg("--version").output().is_err())
            .map(|(program, package)| format!("needs {program}, of the package {package}"))
    })
}
