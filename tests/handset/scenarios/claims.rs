//! The claims table on real sockets: who may be said to have done what, and who may not.
//!
//! Everything of `cast` happens under the eyes of one watch: some of it while the watch looks, as
//! it comes, and some between two of its looks, for which it is made to stand still. Then every
//! host hangs up, everyone comes again and is reset, and the alerts must be those of the table: no
//! more, no fewer.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use portlog_model::{Direction, Level};

use super::cast::{ASKER, Act, FIRMWARE, LAST, LISTS, NAME, NAMED, PARTS, Part, RESOLVER};
use super::helped::deny_tables;
use super::sockets;
use super::verdict::{Told, assert_owner, check};
use crate::files::{Folder, Packages};
use crate::helper::{HelperProcess, Way};
use crate::namespace::{Handset, PHONE};
use crate::server::{self, Servers};
use crate::talker::Talker;
use crate::watch::{Ended, Event, Setup, Watch, between_looks};

/// A port that nobody listens on.
const UNUSED: u16 = 9;

/// One way to run the watch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case {
    /// What is asked for rows.
    pub(crate) source: &'static str,
    /// Who asks, and how that comes to the watch, where it is not the watch itself.
    pub(crate) helper: Option<(u32, Way)>,
    /// `--scope all`.
    pub(crate) scope_all: bool,
    /// The package list.
    pub(crate) packages: Packages,
    /// Who runs the watch, if it is not root.
    pub(crate) user: Option<u32>,
    /// How it is ended.
    pub(crate) signal: Signal,
    /// `--fail-on-alert`, and the status that it must end with.
    pub(crate) fail_on_alert: Option<&'static str>,
}

impl Case {
    /// The source as the watch calls it.
    pub(super) const fn told_source(&self) -> &'static str {
        match self.helper {
            Some(_) => "helper",
            None => self.source,
        }
    }

    /// How the rows come to the watch.
    pub(super) const fn provenance(&self) -> &'static str {
        match self.helper {
            Some(_) => "helper",
            None => "live",
        }
    }
}

/// Runs one case; what the alerts said.
pub(crate) fn run(case: Case) -> Told {
    let mut stage = Stage::build(case);
    stage.while_looking();
    stage.between_looks();
    stage.late_answers();
    stage.one_end_in_time();
    stage.hosts_hang_up();
    stage.everyone_comes_again();
    stage.last();
    let (ended, sockets) = stage.end();
    check(case, &ended, &sockets)
}

/// Local and remote.
type Ends = (SocketAddr, SocketAddr);

/// The phone with everyone on it, and the watch.
struct Stage {
    case: Case,
    handset: Handset,
    servers: Servers,
    talkers: BTreeMap<u32, Talker>,
    /// Sockets of the phone that last. A local end alone names none: the kernel gives a port to
    /// several, if their peers differ.
    sockets: BTreeMap<Ends, Part>,
    /// Ends outside of connections that came in.
    callers: Vec<TcpStream>,
    watch: Watch,
    helper: Option<HelperProcess>,
    _folder: Folder,
}

impl Stage {
    fn build(case: Case) -> Self {
        let silent = |act| matches!(act, Act::Unanswered | Act::AnsweredLate);
        let hosts = PARTS
            .iter()
            .filter(|part| !silent(part.act))
            .map(Part::host)
            .chain([NAMED, RESOLVER, LAST].map(|host| host.parse().unwrap()));
        let hosts: BTreeSet<IpAddr> = hosts.collect();
        let handset = Handset::with_hosts(hosts);
        let servers = Servers::start(&handset, RESOLVER.parse().unwrap(), NAMED.parse().unwrap());
        let uids: BTreeSet<u32> = PARTS.iter().map(|part| part.uid).chain([ASKER]).collect();
        let mut talkers: BTreeMap<u32, Talker> = uids
            .into_iter()
            .map(|uid| (uid, Talker::start(&handset.phone, uid)))
            .collect();
        let mut sockets = BTreeMap::new();
        for part in parts_that(|act| act == Act::IsThere) {
            let talker = talkers.get_mut(&part.uid).unwrap();
            let remote = at_host(part, server::KEEPS);
            let local = talker.ask(&format!("tcp {remote}"));
            sockets.insert((canonical(&local), remote), *part);
        }

        let folder = Folder::new();
        let mut arguments = folder.flags(case.packages, &LISTS);
        arguments
            .extend(["--source", case.told_source(), "--interval", "100ms"].map(str::to_owned));
        let socket = case.helper.map(|(uid, _)| {
            let socket = folder.of("app", case.user.unwrap_or(0)).join("provider");
            folder.of("app/helpers", uid);
            arguments.extend(["--helper".to_owned(), socket.display().to_string()]);
            socket
        });
        if case.scope_all {
            arguments.extend(["--scope".to_owned(), "all".to_owned()]);
        }
        if let Some(flag) = case.fail_on_alert {
            arguments.push(flag.to_owned());
        }
        let inside = handset.phone.with_own_mounts();
        let mut watch = Watch::start(&Setup {
            namespace: &inside,
            user: case.user,
            environment: Vec::new(),
            arguments,
        });
        watch.wait_for_first_look();
        let helper = case.helper.zip(socket).map(|((uid, way), socket)| {
            deny_tables(&inside, watch.pid(), &folder.of("denied", 0));
            let helper = HelperProcess::start(&handset.phone, uid, way, &socket);
            watch.wait_until_readable();
            helper
        });
        Self {
            case,
            handset,
            servers,
            talkers,
            sockets,
            callers: Vec::new(),
            watch,
            helper,
            _folder: folder,
        }
    }

    /// What happens while the watch looks, at whatever time it comes.
    fn while_looking(&mut self) {
        let begins = |act| {
            matches!(
                act,
                Act::Lasts | Act::Mapped | Act::Ends | Act::Unanswered | Act::AnsweredLate
            )
        };
        let from = self.watch.now();
        for part in parts_that(begins) {
            let order = match part.act {
                Act::Mapped => format!("tcp [::ffff:{}]:{}", part.host, server::KEEPS),
                Act::Unanswered | Act::AnsweredLate => {
                    format!("begin {}", at_host(part, server::KEEPS))
                }
                _ => format!("tcp {}", at_host(part, server::KEEPS)),
            };
            self.open(part, &order);
        }
        for part in PARTS {
            if let Act::Contacted(port) | Act::KeptWaiting(port) = part.act {
                self.ask(part.uid, &format!("listen {PHONE}:{port}"));
                self.watch.wait(from, "a listener", |event| {
                    event.is("opened")
                        && event.state() == "listen"
                        && event.local() == format!("{PHONE}:{port}")
                });
            }
        }
        self.wait_until_opened(from, begins);
    }

    /// What would look otherwise if the watch happened to look in the middle of it.
    fn between_looks(&mut self) {
        let from = self.watch.now();
        let pause = std::mem::take(&mut self.talkers);
        let mut talkers = pause;
        let (handset, sockets, callers) = (&self.handset, &mut self.sockets, &mut self.callers);
        let looks = match &self.helper {
            Some(helper) => helper.pid(),
            None => self.watch.pid(),
        };
        between_looks(looks, || {
            for part in PARTS {
                let talker = talkers.get_mut(&part.uid).unwrap();
                let order = match part.act {
                    Act::Datagram => format!("udp {}", at_host(part, server::SWALLOWS)),
                    Act::MappedDatagram => {
                        format!("udp [::ffff:{}]:{}", part.host, server::SWALLOWS)
                    }
                    Act::Raw => format!("raw {}", at_host(part, 0)),
                    Act::Contacted(port) | Act::KeptWaiting(port) => {
                        let here = format!("{PHONE}:{port}");
                        callers.push(server::contact(handset, part.host, &here));
                        if matches!(part.act, Act::KeptWaiting(_)) {
                            continue;
                        }
                        format!("accept {here}")
                    }
                    Act::Brief => format!("brief {}", at_host(part, server::KEEPS)),
                    Act::BriefByHost => {
                        format!("brief {} peer-ends", at_host(part, server::CLOSES))
                    }
                    Act::BriefResetByHost => {
                        format!("brief {} peer-ends", at_host(part, server::RESETS))
                    }
                    Act::BriefReset => format!("brief {} reset", at_host(part, server::KEEPS)),
                    Act::Refused | Act::RefusedLater => {
                        let order = match part.act {
                            Act::Refused => "wait-for",
                            _ => "tcp",
                        };
                        let refusal = talker.try_ask(&format!("{order} {}", at_host(part, UNUSED)));
                        assert!(refusal.unwrap_err().starts_with("ConnectionRefused"));
                        continue;
                    }
                    _ => continue,
                };
                let answer = talker.ask(&order);
                if matches!(part.act, Act::Datagram | Act::MappedDatagram) {
                    let remote = at_host(part, server::SWALLOWS);
                    sockets.insert((canonical(&answer), remote), *part);
                }
            }
            let asker = talkers.get_mut(&ASKER).unwrap();
            for how in ["", " connected"] {
                let resolver = format!("{RESOLVER}:{}", server::RESOLVES);
                let told = asker.ask(&format!("resolve {resolver} {NAME}{how}"));
                assert_eq!(told, NAMED);
            }
            wait_until_brief_ones_are_over(handset);
        });
        self.talkers = talkers;
        self.wait_until_opened(from, |act| {
            matches!(act, Act::Datagram | Act::MappedDatagram)
        });
        for part in parts_that(|act| matches!(act, Act::Raw | Act::Contacted(_))) {
            self.watch.wait(from, "what opened between looks", |event| {
                event.is("opened")
                    && event.uid() == Some(part.uid)
                    && event.peer() == Some(part.host())
            });
        }
        for part in parts_that(|act| matches!(act, Act::Brief | Act::KeptWaiting(_))) {
            self.watch.wait(from, "a socket of nobody", |event| {
                event.is("alert") && event.uid().is_none() && event.peer() == Some(part.host())
            });
        }
    }

    /// A host that answers late, and an application that accepts late.
    fn late_answers(&mut self) {
        for part in parts_that(|act| act == Act::AnsweredLate) {
            let alert = |level| {
                move |event: &Event| {
                    event.is("alert")
                        && event.uid() == Some(part.uid)
                        && event.peer() == Some(part.host())
                        && event.level() == level
                }
            };
            self.watch
                .wait(0, "an alert of a handshake", alert(Level::Possible));
            self.handset.add_host(part.host());
            self.watch
                .wait(0, "the same alert, risen", alert(Level::Match));
        }
        for part in PARTS {
            let Act::KeptWaiting(port) = part.act else {
                continue;
            };
            let from = self.watch.now();
            self.ask(part.uid, &format!("accept {PHONE}:{port}"));
            self.watch
                .wait(from, "the owner of what was accepted", |event| {
                    event.is("changed")
                        && event.uid() == Some(part.uid)
                        && event.peer() == Some(part.host())
                });
        }
    }

    /// What the kernel stops telling of an owner is remembered.
    fn one_end_in_time(&mut self) {
        let ends = self.sockets.iter().find(|(_, part)| part.act == Act::Ends);
        let (ends, part) = ends.map(|(ends, part)| (*ends, *part)).unwrap();
        let from = self.watch.now();
        self.ask(part.uid, &format!("close {}", ends.0));
        let (event, _) = self
            .watch
            .wait(from, "TIME_WAIT of a known connection", |event| {
                event.is("changed") && is_between(event, ends) && event.state() == "time_wait"
            });
        assert_eq!(event.uid(), Some(part.uid), "{event:?}");
        assert_owner(&event, part.uid, self.case.packages);
        self.sockets.remove(&ends);
    }

    /// Every host closes what it keeps: nobody on the phone has closed yet.
    fn hosts_hang_up(&mut self) {
        let from = self.watch.now();
        let closed = self.servers.close_all();
        self.callers.clear();
        let kept = |part: &Part| {
            !matches!(
                part.act,
                Act::Unanswered | Act::Datagram | Act::MappedDatagram
            )
        };
        let kept: BTreeMap<Ends, Part> = self
            .sockets
            .iter()
            .filter(|(_, part)| kept(part))
            .map(|(ends, part)| (*ends, *part))
            .collect();
        assert_eq!(closed, kept.len());
        let mut next = from;
        let mut left = kept.clone();
        while !left.is_empty() {
            let what = format!("CLOSE_WAIT of {left:?}");
            let (event, after) = self.watch.wait(next, &what, |event| {
                event.is("changed") && event.state() == "close_wait"
            });
            next = after;
            let Some(part) = left.remove(&ends_of(&event)) else {
                // One that came in.
                assert_eq!(event.direction(), Direction::In, "{event:?}");
                continue;
            };
            assert_eq!(event.uid(), Some(part.uid), "{event:?}");
            assert_eq!(event.direction(), part.direction(), "{event:?}");
            assert_owner(&event, part.uid, self.case.packages);
        }
        let from = self.watch.now();
        for talker in self.talkers.values_mut() {
            talker.ask("close");
        }
        self.wait_until_closed(from, kept.into_keys().collect());
        self.sockets.clear();
    }

    /// The same owners, the same host: all that is known already. Then the host resets.
    fn everyone_comes_again(&mut self) {
        let from = self.watch.now();
        let again = |act| act == Act::Lasts;
        for part in parts_that(again) {
            self.open(part, &format!("tcp {}", at_host(part, server::KEEPS)));
        }
        self.wait_until_opened(from, again);
        let from = self.watch.now();
        assert_eq!(self.servers.reset_all(), self.sockets.len());
        let all = self.sockets.keys().copied().collect();
        self.wait_until_closed(from, all);
    }

    fn last(&mut self) {
        let from = self.watch.now();
        self.ask(FIRMWARE, &format!("tcp {LAST}:{}", server::KEEPS));
        self.watch.wait(from, "the last alert", |event| {
            event.is("alert")
                && event.level() == Level::Match
                && event.peer() == Some(LAST.parse().unwrap())
        });
    }

    fn end(self) -> (Ended, String) {
        let sockets = sockets::foreign(self.watch.pid());
        (self.watch.stop(self.case.signal), sockets)
    }

    fn ask(&mut self, uid: u32, order: &str) -> String {
        self.talkers.get_mut(&uid).unwrap().ask(order)
    }

    fn open(&mut self, part: &Part, order: &str) {
        let local = self.ask(part.uid, order);
        let ends = (canonical(&local), at_host(part, server::KEEPS));
        self.sockets.insert(ends, *part);
    }

    fn wait_until_opened(&mut self, from: usize, which: impl Fn(Act) -> bool) {
        let opened = self.sockets.iter().filter(|(_, part)| which(part.act));
        let opened: Vec<(Ends, Part)> = opened.map(|(ends, part)| (*ends, *part)).collect();
        for (ends, part) in opened {
            let what = format!("{ends:?} of {part:?}");
            let (event, _) = self.watch.wait(from, &what, |event| {
                event.is("opened") && is_between(event, ends)
            });
            assert_eq!(event.uid(), Some(part.uid), "{event:?}");
            assert_eq!(event.direction(), part.direction(), "{event:?}");
            assert!(!event.is_own());
            assert_owner(&event, part.uid, self.case.packages);
        }
    }

    fn wait_until_closed(&mut self, from: usize, mut left: BTreeSet<Ends>) {
        let mut next = from;
        while !left.is_empty() {
            let what = format!("the end of {left:?}");
            let (event, after) = self.watch.wait(next, &what, |event| event.is("closed"));
            next = after;
            left.remove(&ends_of(&event));
        }
    }
}

/// Between the end of a brief connection's process and the end of the connection lie packets.
fn wait_until_brief_ones_are_over(handset: &Handset) {
    let hosts: Vec<String> = PARTS
        .iter()
        .filter(|part| !part.is_seen_with_owner())
        .map(|part| match part.host() {
            IpAddr::V4(host) => format!("{:08X}:", u32::from(host).to_be()),
            IpAddr::V6(host) => panic!("{host} is looked for in the IPv4 table"),
        })
        .collect();
    let give_up = Instant::now() + Duration::from_secs(30);
    let is_over = |line: &str| {
        let columns: Vec<&str> = line.split_whitespace().collect();
        let (remote, state) = (columns[2], columns[3]);
        // TIME_WAIT stays for a minute.
        state == "06" || !hosts.iter().any(|host| remote.starts_with(host.as_str()))
    };
    while !handset.phone_file("tcp").lines().all(is_over) {
        assert!(Instant::now() < give_up, "a brief connection does not end");
        thread::sleep(Duration::from_millis(2));
    }
}

fn parts_that(which: impl Fn(Act) -> bool) -> impl Iterator<Item = &'static Part> {
    PARTS.iter().filter(move |part| which(part.act))
}

fn at_host(of: &Part, port: u16) -> SocketAddr {
    SocketAddr::new(of.host(), port)
}

fn ends_of(event: &Event) -> Ends {
    (
        event.local().parse().unwrap(),
        event.remote().parse().unwrap(),
    )
}

fn is_between(event: &Event, (local, remote): Ends) -> bool {
    event.local() == local.to_string() && event.remote() == remote.to_string()
}

/// An end as the watch shows it: v4-mapped addresses are IPv4.
fn canonical(end: &str) -> SocketAddr {
    let end: SocketAddr = end.parse().unwrap();
    SocketAddr::new(end.ip().to_canonical(), end.port())
}
