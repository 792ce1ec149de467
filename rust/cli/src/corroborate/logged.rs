//! What a bundle shows of connections, and of the time in which it looked.

use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;

use jiff::Timestamp;
use portlog_journal::bundle::ShownEntry;
use portlog_journal::entry::Kind;
use portlog_model::Endpoint;

use super::flow::Transport;
use crate::convert::{Meaning, instant};

/// Connections beyond these are not kept.
const MAX_CONNECTIONS: usize = 4_000_000;

/// A connection as the log has it. Times are milliseconds since 1970 by the phone's clock.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Logged {
    /// The entry that tells of it first.
    pub(crate) entry: u64,
    /// What it speaks.
    pub(crate) transport: Transport,
    /// The phone's end, where it is disclosed.
    pub(crate) local: Option<Endpoint>,
    /// The other end.
    pub(crate) remote: Endpoint,
    /// The last look before it was there; `None` for what was there at the first look.
    pub(crate) after: Option<i64>,
    /// The look that showed it.
    pub(crate) by: i64,
    /// The first look at which it was gone; `None` where the log does not say.
    pub(crate) gone: Option<i64>,
    /// The owner's name or packages, where they are disclosed.
    pub(crate) owner: Option<String>,
    /// The UID, where it is disclosed.
    pub(crate) uid: Option<u64>,
}

/// Whose connections the log keeps, by its own words.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Scope {
    /// Everyone's.
    Everyone,
    /// Those of programs that come with the phone, and of unknown ones.
    FirmwareAndUnknown,
    /// It is not shown.
    #[default]
    NotShown,
}

impl Scope {
    /// The word in outputs.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Everyone => "everyone",
            Self::FirmwareAndUnknown => "firmware-and-unknown",
            Self::NotShown => "not-shown",
        }
    }
}

/// Connections that are not compared, and why.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct LoggedCounts {
    /// Sockets without another end: listeners and unconnected ones.
    pub(crate) without_peer: u64,
    /// Both ends are on the phone.
    pub(crate) loopback: u64,
    /// Neither TCP nor UDP.
    pub(crate) other_protocols: u64,
    /// The other end, the protocol or the time is withheld.
    pub(crate) withheld: u64,
    /// Portlog's own sockets, with which it checks what the kernel shows.
    pub(crate) own: u64,
    /// Connections beyond those that are kept.
    pub(crate) left_out: u64,
}

/// What a bundle says, as far as a capture can speak of it.
#[derive(Debug, Default)]
pub(crate) struct Testified {
    /// Connections, in the order of their entries.
    pub(crate) connections: Vec<Logged>,
    /// Times in which it looked: from, to.
    pub(crate) looked: Vec<(i64, i64)>,
    /// Time from one look to the next, at its longest, in milliseconds.
    pub(crate) interval: Option<u64>,
    /// Local ports of UDP sockets without another end, and when they were there.
    pub(crate) unconnected: Vec<(u16, i64, Option<i64>)>,
    /// Whose connections it keeps.
    pub(crate) scope: Scope,
    /// What is not compared.
    pub(crate) counts: LoggedCounts,
}

/// Reads a bundle's entries, one after the other.
#[derive(Debug, Default)]
pub(crate) struct Hearing {
    said: Testified,
    open: HashMap<(Option<u64>, u64), Open>,
    session: Option<Session>,
    keeps_all: bool,
    meaning: Meaning,
}

#[derive(Clone, Copy, Debug)]
enum Open {
    Connection(usize),
    Unconnected(usize),
}

#[derive(Clone, Copy, Debug)]
struct Session {
    begin: i64,
    last: i64,
}

impl Testified {
    /// The phone's own addresses, as far as they are disclosed.
    pub(crate) fn hosts(&self) -> BTreeSet<IpAddr> {
        self.connections
            .iter()
            .filter_map(|logged| logged.local)
            .map(|local| local.address())
            .filter(|address| !address.is_unspecified() && !address.is_loopback())
            .collect()
    }

    /// Whether it looked at some time between these.
    pub(crate) fn looked_between(&self, from: i64, to: i64) -> bool {
        self.looked
            .iter()
            .any(|&(begin, end)| from <= end && to >= begin)
    }
}

impl Hearing {
    /// Takes the next shown entry.
    pub(crate) fn see(&mut self, entry: &ShownEntry) {
        self.meaning.read(entry);
        let time = entry.value("time").and_then(millis);
        match entry.kind() {
            Kind::Started => {
                self.end_session();
                self.session = time.map(|begin| Session { begin, last: begin });
                let interval = entry
                    .value("interval_ms")
                    .and_then(|text| text.parse().ok());
                self.said.interval = self.said.interval.max(interval);
                // Nothing is firmware there, so everyone's are kept, whatever was chosen.
                self.keeps_all = entry.value("platform") == Some("linux");
            }
            Kind::Config if entry.value("name") == Some("recorded") => {
                self.said.scope = match entry.value("value") {
                    Some("everyone") => Scope::Everyone,
                    Some(_) => Scope::FirmwareAndUnknown,
                    None => self.said.scope,
                };
            }
            Kind::Gap => self.gap(entry, time),
            Kind::Opened => self.opened(entry),
            Kind::Changed => self.changed(entry),
            Kind::Closed => self.closed(entry),
            _ => {}
        }
        if let (Some(session), Some(time)) = (&mut self.session, time) {
            session.last = session.last.max(time);
        }
        if entry.kind() == Kind::Stopped {
            self.end_session();
        }
    }

    /// The end of the bundle.
    pub(crate) fn finish(mut self) -> Testified {
        self.end_session();
        self.said.looked.sort_unstable();
        if self.keeps_all {
            self.said.scope = Scope::Everyone;
        }
        self.said
    }

    fn end_session(&mut self) {
        if let Some(session) = self.session.take() {
            self.said.looked.push((session.begin, session.last));
        }
    }

    /// Nobody looked from `from` to the time of the entry.
    fn gap(&mut self, entry: &ShownEntry, time: Option<i64>) {
        let from = entry.value("from").and_then(millis);
        if let (Some(session), Some(from), Some(time)) = (&mut self.session, from, time)
            && from >= session.begin
        {
            self.said.looked.push((session.begin, from));
            *session = Session {
                begin: time,
                last: time,
            };
        }
    }

    fn opened(&mut self, entry: &ShownEntry) {
        if entry.value("ours").is_some_and(|ours| ours == "self-check") {
            self.said.counts.own += 1;
            return;
        }
        let by = entry.value("by").and_then(millis);
        let after = entry.value("after").and_then(millis);
        let end = |name| entry.value(name).and_then(endpoint);
        let (Some(protocol), Some(by)) = (entry.value("protocol"), by) else {
            self.said.counts.withheld += 1;
            return;
        };
        let Some(transport) = Transport::from_word(protocol) else {
            self.said.counts.other_protocols += 1;
            return;
        };
        let (local, remote) = (end("local"), end("remote"));
        let Some(remote) = remote else {
            self.said.counts.withheld += 1;
            return;
        };
        let number = entry.value("connection").and_then(|text| text.parse().ok());
        let key = number.map(|number: u64| (entry.session(), number));
        if remote.is_unset() {
            self.said.counts.without_peer += 1;
            if let (Transport::Udp, Some(local)) = (transport, local)
                && self.said.unconnected.len() < MAX_CONNECTIONS
            {
                if let Some(key) = key {
                    self.open
                        .insert(key, Open::Unconnected(self.said.unconnected.len()));
                }
                let from = after.unwrap_or(i64::MIN);
                self.said.unconnected.push((local.port(), from, None));
            }
            return;
        }
        if remote.address().is_loopback()
            || local.is_some_and(|local| local.address() == remote.address())
        {
            self.said.counts.loopback += 1;
            return;
        }
        if self.said.connections.len() >= MAX_CONNECTIONS {
            self.said.counts.left_out += 1;
            return;
        }
        if let Some(key) = key {
            self.open
                .insert(key, Open::Connection(self.said.connections.len()));
        }
        let (uid, owner) = self.who(entry);
        self.said.connections.push(Logged {
            entry: entry.index(),
            transport,
            local,
            remote,
            after,
            by,
            gone: None,
            owner,
            uid,
        });
    }

    /// Whose it is may become known only later.
    fn changed(&mut self, entry: &ShownEntry) {
        let (uid, owner) = self.who(entry);
        if let Some(Open::Connection(at)) = self.open_of(entry)
            && let Some(logged) = self.said.connections.get_mut(at)
        {
            logged.uid = uid.or(logged.uid);
            logged.owner = owner.or_else(|| logged.owner.take());
        }
    }

    fn closed(&mut self, entry: &ShownEntry) {
        let by = entry.value("by").and_then(millis);
        match self.open_of(entry) {
            Some(Open::Connection(at)) => {
                if let Some(logged) = self.said.connections.get_mut(at) {
                    logged.gone = by;
                }
            }
            Some(Open::Unconnected(at)) => {
                if let Some((_, _, until)) = self.said.unconnected.get_mut(at) {
                    *until = by;
                }
            }
            None => {}
        }
    }

    fn open_of(&self, entry: &ShownEntry) -> Option<Open> {
        let number = entry.value("connection")?.parse().ok()?;
        self.open.get(&(entry.session(), number)).copied()
    }

    fn who(&self, entry: &ShownEntry) -> (Option<u64>, Option<String>) {
        let uid = entry.value("uid").and_then(|text| text.parse().ok());
        let owner = self.meaning.owner(entry).and_then(|owner| {
            let packages: Vec<&str> = owner.packages().collect();
            match packages.as_slice() {
                [] => owner.text.name.map(str::to_owned),
                packages => Some(packages.join(", ")),
            }
        });
        (uid, owner)
    }
}

fn millis(moment: &str) -> Option<i64> {
    instant(moment).map(Timestamp::as_millisecond)
}

/// An end as logs write it: `192.0.2.1:80`, `[2001:db8::1]:80`.
fn endpoint(text: &str) -> Option<Endpoint> {
    let end: std::net::SocketAddr = text.parse().ok()?;
    Some(Endpoint::new(end.ip(), end.port()))
}
