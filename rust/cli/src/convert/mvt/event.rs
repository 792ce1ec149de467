//! Entries as lines of an intrusion log.

use std::collections::HashSet;
use std::net::{IpAddr, SocketAddr};

use portlog_journal::Report;
use portlog_journal::bundle::ShownEntry;
use portlog_journal::entry::Kind;
use portlog_model::SocketState;

use super::package_name::package_name;
use crate::convert::json;
use crate::convert::meaning::{Meaning, Owner, instant};
use crate::json::Object;

/// What the log's first line says of the whole.
pub(super) const MADE_BY: &str = concat!(
    "Portlog ",
    env!("CARGO_PKG_VERSION"),
    ", from a signed bundle of its own log. This is not Android's own intrusion log."
);

/// States of a TCP socket that was asked for here and answered.
const ESTABLISHED_OR_LATER: [SocketState; 7] = [
    SocketState::Established,
    SocketState::FinWait1,
    SocketState::FinWait2,
    SocketState::TimeWait,
    SocketState::CloseWait,
    SocketState::LastAck,
    SocketState::Closing,
];

/// Appends the first line.
pub(super) fn write_about(line: &mut Vec<u8>, report: &Report) {
    {
        let mut object = Object::new(line);
        let mut event = object.object("agent_event");
        event.string("made_by", MADE_BY);
        json::write_report(&mut event.object("bundle"), report);
    }
    line.push(b'\n');
}

/// Entries one after the other. A connection becomes one `connect_event`: what MVT counts are events.
#[derive(Debug, Default)]
pub(super) struct Events {
    /// The connections of the session that are told already.
    told: HashSet<u64>,
    session: Option<u64>,
}

/// An established outgoing TCP connection, as far as its entry discloses that it is one.
struct Connect<'a> {
    peer: SocketAddr,
    /// Milliseconds since 1970.
    time: Option<i64>,
    uid: Option<&'a str>,
}

impl Events {
    /// Appends `entry` as a line.
    pub(super) fn write(&mut self, line: &mut Vec<u8>, entry: &ShownEntry, meaning: &Meaning) {
        let connect = Connect::of(entry).filter(|_| self.is_news(entry));
        let asked = asked_alone(entry);
        {
            let mut object = Object::new(line);
            if let Some(connect) = &connect {
                let mut event = object.object("connect_event");
                connect.write(&mut event, entry, meaning);
                json::write_entry(&mut event.object("portlog"), entry, meaning);
            } else if let Some(host) = asked {
                let mut event = object.object("dns_event");
                write_question(&mut event, host, None, entry, meaning);
                json::write_entry(&mut event.object("portlog"), entry, meaning);
            } else {
                let mut event = object.object("agent_event");
                write_time(&mut event, time_of(entry));
                json::write_entry(&mut event.object("portlog"), entry, meaning);
            }
        }
        line.push(b'\n');
        if let Some(connect) = connect {
            for host in own_questions(entry) {
                {
                    let mut object = Object::new(line);
                    let mut event = object.object("dns_event");
                    let address = connect.peer.ip();
                    write_question(&mut event, host, Some(address), entry, meaning);
                    event.number("portlog_index", entry.index());
                }
                line.push(b'\n');
            }
        }
    }

    /// Whether the connection is not told yet. Without its number each entry is taken by itself,
    /// but for the last: it may be the third time.
    fn is_news(&mut self, entry: &ShownEntry) -> bool {
        if self.session != entry.session() {
            self.session = entry.session();
            self.told.clear();
        }
        match entry.value("connection").and_then(|id| id.parse().ok()) {
            Some(connection) => self.told.insert(connection),
            None => entry.kind() != Kind::Closed,
        }
    }
}

impl<'a> Connect<'a> {
    fn of(entry: &'a ShownEntry) -> Option<Self> {
        let says = |field, word| entry.value(field) == Some(word);
        let state = entry.value("state")?;
        let is_established = ESTABLISHED_OR_LATER
            .iter()
            .any(|known| known.as_str() == state);
        let is_own = entry.value("ours").is_some_and(|ours| ours != "no");
        if !says("protocol", "tcp") || !says("direction", "out") || !is_established || is_own {
            return None;
        }
        let peer: SocketAddr = entry.value("remote")?.parse().ok()?;
        (!peer.ip().is_unspecified()).then(|| Self {
            peer,
            time: time_of(entry),
            uid: entry.value("uid"),
        })
    }

    /// The fields that Android's event has, and those that say more where its form has no room.
    fn write(&self, event: &mut Object<'_>, entry: &ShownEntry, meaning: &Meaning) {
        let owner = meaning.owner(entry);
        write_time(event, self.time);
        event.string("ip_address", &format!("/{}", address(self.peer.ip())));
        event.number("port", u64::from(self.peer.port()));
        event.string("package_name", &package_name(owner, self.uid));
        {
            let mut packages = event.array("packages");
            for package in owner.into_iter().flat_map(Owner::packages) {
                packages.string(package);
            }
        }
        event.string_or_null("observed", meaning.observed(entry).as_str());
        event.string("made_by", MADE_BY);
    }
}

/// The name that was asked for, of an alert about that alone.
fn asked_alone(entry: &ShownEntry) -> Option<&str> {
    let is_question = entry.kind() == Kind::Alert && entry.value("hit") == Some("asked");
    let (host, _) = names(entry).next().filter(|_| is_question)?;
    Some(host)
}

/// The names of the peer that the owner itself asked for.
fn own_questions(entry: &ShownEntry) -> impl Iterator<Item = &str> {
    let uid = entry.value("uid");
    let own = names(entry).filter(move |(_, from)| from.strip_prefix("tap ") == uid);
    own.map(|(host, _)| host)
}

/// Names with where they were learnt and who asked (docs/LOG-FORMAT.md).
fn names(entry: &ShownEntry) -> impl Iterator<Item = (&str, &str)> {
    let names = entry.value("names").into_iter();
    names
        .flat_map(|names| names.split(", "))
        .filter_map(|name| name.split_once(' '))
}

/// The fields that Android's event of a question has. Where the question is known by the connection
/// that followed, its own time is not in the log, and the connection's stands for it.
fn write_question(
    event: &mut Object<'_>,
    host: &str,
    address: Option<IpAddr>,
    entry: &ShownEntry,
    meaning: &Meaning,
) {
    write_time(event, time_of(entry));
    event.string("hostname", host);
    {
        let mut addresses = event.array("ip_addresses");
        if let Some(address) = address {
            addresses.string(&format!("/{}", self::address(address)));
        }
    }
    let uid = entry.value("uid");
    event.string("package_name", &package_name(meaning.owner(entry), uid));
    event.string(
        "time_is_of",
        if address.is_some() {
            "the connection, before which the name was asked for"
        } else {
            "the question"
        },
    );
    event.string_or_null("observed", meaning.observed(entry).as_str());
    event.string("made_by", MADE_BY);
}

/// An IPv4 address stays one where the kernel has it as IPv6.
fn address(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

fn time_of(entry: &ShownEntry) -> Option<i64> {
    let time = instant(entry.value("time")?)?;
    Some(time.as_millisecond())
}

fn write_time(event: &mut Object<'_>, millis: Option<i64>) {
    match millis {
        Some(millis) => event.signed("event_time", millis),
        None => event.null("event_time"),
    }
}
