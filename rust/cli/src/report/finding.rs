//! Alerts that are about the same, together.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;

use portlog_journal::entry::Kind;
use portlog_model::{
    Alert, BootTime, Connection, ConnectionId, Direction, Endpoint, Explanation, HitKind, Level,
    ListHit, Match, Moment, Observed, Platform, Protocol, Sha256, Table, WallTime, Weakening,
};

use super::owner::{Owners, Who};
use super::stamp::Stamp;
use super::told::{Row, Told};
use super::word;

/// The most findings that are kept: those that claim something, and those that are noted.
const MAX_KEPT: usize = 1_000;
/// The most entries of a finding whose index and time are kept.
const MAX_ENTRIES: usize = 12;
/// The most candidates of a finding.
const MAX_CANDIDATES: usize = 16;

/// Alerts about the same owner, peer and entry of a list.
#[derive(Debug)]
pub(crate) struct Finding {
    pub(crate) level: Level,
    pub(crate) practice: bool,
    pub(crate) who: Who,
    pub(crate) platform: Platform,
    /// The fields of the alert that claims most, of equal ones the latest.
    told: BTreeMap<&'static str, Told>,
    /// The last good look before the connection opened, and the look that showed it, where shown.
    pub(crate) opened: Option<Between>,
    pub(crate) first_seen: Option<Stamp>,
    pub(crate) last_seen: Option<Stamp>,
    /// Connections, as the log counts them.
    pub(crate) count: Option<u64>,
    /// The first entries, and when it was noticed.
    pub(crate) entries: Vec<(u64, Option<Stamp>)>,
    /// How many entries there are in all.
    pub(crate) alerts: u64,
    pub(crate) candidates: BTreeSet<Box<str>>,
}

/// Between which looks something happened.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Between {
    pub(crate) after: Option<Stamp>,
    pub(crate) by: Option<Stamp>,
    pub(crate) withheld: bool,
}

impl Finding {
    /// What its alert tells of a field.
    pub(crate) fn told(&self, name: &str) -> &Told {
        self.told.get(name).unwrap_or(&Told::Nothing)
    }

    /// Whether anything of it is withheld.
    pub(crate) fn has_withheld(&self) -> bool {
        // This side's end explains nothing.
        let mut others = self.told.iter().filter(|(name, _)| **name != "local");
        others.any(|(_, told)| *told == Told::Withheld)
    }

    /// What makes it no more than it is; words that are not known are left out.
    pub(crate) fn weakened(&self) -> Vec<Weakening> {
        self.told("weakened")
            .whole()
            .into_iter()
            .flat_map(|words| words.split(','))
            .filter_map(word::weakening)
            .collect()
    }

    /// The connection, where the file tells enough of it.
    pub(crate) fn connection(&self) -> Option<Connection> {
        let whole = |name| self.told(name).whole();
        connection(
            whole("protocol")?,
            whole("local"),
            whole("remote")?,
            whole("state")?,
            whole("direction")?,
        )
    }

    /// The ordinary causes that could explain it, as everywhere in Portlog.
    pub(crate) fn explanations(&self) -> Vec<Explanation> {
        portlog_words::explanations(&self.alert())
    }

    /// Who had which connection, where the file tells enough of the connection.
    pub(crate) fn observed(&self) -> Option<Observed> {
        Some(Observed {
            connection: self.connection()?,
            owner: Arc::new(self.who.model(self.platform)),
            names: Vec::new(),
            shared_address: false,
            matches: Vec::new(),
        })
    }

    /// The name that was asked for, where that alone is claimed and shown.
    pub(crate) fn asked(&self) -> Option<&str> {
        if self.told("hit").whole()? != HitKind::Asked.as_str() {
            return None;
        }
        self.told("names").whole()?.split(' ').next()
    }

    /// The alert as the model has it, as far as the file tells.
    pub(crate) fn alert(&self) -> Alert {
        let owner = Arc::new(self.who.model(self.platform));
        let matched = self.matched();
        let observed = self.observed().map(Arc::new);
        let wall = |stamp: Option<Stamp>| WallTime::from_millis(stamp.map_or(0, |it| it.millis));
        Alert {
            observed,
            asked: self.asked().map(Arc::from),
            owner,
            level: self.level,
            matched,
            first_seen: wall(self.first_seen),
            last_seen: wall(self.last_seen),
            count: self.count.unwrap_or(0),
            sounds: false,
            bundled: 0,
            candidates: Vec::new(),
            platform: self.platform,
        }
    }

    fn matched(&self) -> Option<Match> {
        let text = |name| match self.told(name) {
            Told::Value(text, _) => Some(Arc::<str>::from(&**text)),
            Told::Nothing | Told::Withheld => None,
        };
        Some(Match {
            hit: ListHit {
                list: text("list").unwrap_or_default(),
                category: word::category(self.told("category").whole()?)?,
                entry: text("entry").unwrap_or_default(),
                line: 0,
                list_date: None,
                list_sha256: Sha256::new([0; 32]),
                kind: word::hit_kind(self.told("hit").whole()?)?,
            },
            level: self.level,
            weakened: self.weakened(),
        })
    }

    fn add(&mut self, level: Level, row: &Row<'_>, opened: Option<Between>) {
        if level >= self.level {
            self.level = level;
            self.told = fields(row);
        }
        let time = |name| row.value(name).and_then(Stamp::read);
        let (first, last) = (time("first_seen"), time("last_seen"));
        self.first_seen = self.first_seen.into_iter().chain(first).min();
        self.last_seen = self.last_seen.into_iter().chain(last).max();
        self.count = self.count.into_iter().chain(row.number("count")).max();
        self.opened = self.opened.or(opened);
        self.alerts = self.alerts.saturating_add(1);
        if self.entries.len() < MAX_ENTRIES {
            self.entries.push((row.index, time("time")));
        }
        for uid in row
            .value("candidates")
            .into_iter()
            .flat_map(|it| it.split(','))
        {
            if self.candidates.len() < MAX_CANDIDATES {
                self.candidates.insert(uid.into());
            }
        }
    }
}

/// All findings, bounded.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    /// By whether they claim something, then by what they are about.
    kept: [BTreeMap<String, Finding>; 2],
    /// Alerts that found no room, of either sort.
    left_out: [u64; 2],
}

/// Findings in the order in which they are shown.
#[derive(Debug, Default)]
pub(crate) struct Sorted {
    /// Matches, then possible ones, each by time.
    pub(crate) alerts: Vec<Finding>,
    pub(crate) noted: Vec<Finding>,
    pub(crate) practice: Vec<Finding>,
    /// Alerts beyond what is kept.
    pub(crate) alerts_left_out: u64,
    pub(crate) noted_left_out: u64,
}

impl Findings {
    /// Reads an alert entry. `opened` is what its connection's entry says.
    pub(crate) fn read(
        &mut self,
        row: &Row<'_>,
        owners: &Owners,
        platform: Platform,
        opened: Option<Between>,
    ) {
        // A level that is withheld may be any: it stands with those that claim something.
        let level = match row.value("level") {
            Some(word) => word::level(word).unwrap_or(Level::Noted),
            None => Level::Possible,
        };
        let noted = usize::from(level == Level::Noted);
        let (Some(kept), Some(left_out)) = (self.kept.get_mut(noted), self.left_out.get_mut(noted))
        else {
            return;
        };
        let who = owners.who(row);
        let key = key(row, &who);
        if let Some(finding) = kept.get_mut(&key) {
            finding.add(level, row, opened);
        } else if kept.len() < MAX_KEPT {
            let mut finding = Finding {
                level,
                practice: row.value("ours") == Some("practice"),
                who,
                platform,
                told: fields(row),
                opened: None,
                first_seen: None,
                last_seen: None,
                count: None,
                entries: Vec::new(),
                alerts: 0,
                candidates: BTreeSet::new(),
            };
            finding.add(level, row, opened);
            kept.insert(key, finding);
        } else {
            *left_out = left_out.saturating_add(1);
        }
    }

    /// In the order in which they are shown.
    pub(crate) fn sorted(self) -> Sorted {
        let mut sorted = Sorted::default();
        let [claims, noted] = self.kept;
        [sorted.alerts_left_out, sorted.noted_left_out] = self.left_out;
        for finding in claims.into_values().chain(noted.into_values()) {
            if finding.practice {
                sorted.practice.push(finding);
            } else if finding.level == Level::Noted {
                sorted.noted.push(finding);
            } else {
                sorted.alerts.push(finding);
            }
        }
        for findings in [&mut sorted.alerts, &mut sorted.noted, &mut sorted.practice] {
            findings.sort_by_key(|finding| {
                let first = finding.entries.first().map(|(index, _)| *index);
                (
                    std::cmp::Reverse(finding.level),
                    finding.first_seen.map(|it| it.millis),
                    first,
                )
            });
        }
        sorted
    }
}

/// A connection as the model has it, from the words of an entry. This side's end is not needed to say
/// what was done but for those that wait; of these nothing is said where it is not shown.
pub(crate) fn connection(
    protocol: &str,
    local: Option<&str>,
    remote: &str,
    state: &str,
    direction: &str,
) -> Option<Connection> {
    let end = |text: &str| {
        let end: SocketAddr = text.parse().ok()?;
        Some(Endpoint::new(end.ip(), end.port()))
    };
    let remote = end(remote)?;
    let is_v6 = remote.address().is_ipv6();
    let table = match (word::protocol(protocol)?, is_v6) {
        (Protocol::Tcp, false) => Table::Tcp,
        (Protocol::Tcp, true) => Table::Tcp6,
        (Protocol::Udp, false) => Table::Udp,
        (Protocol::Udp, true) => Table::Udp6,
        (Protocol::UdpLite, false) => Table::UdpLite,
        (Protocol::UdpLite, true) => Table::UdpLite6,
        (Protocol::Raw, false) => Table::Raw,
        (Protocol::Raw, true) => Table::Raw6,
        (Protocol::Icmp, false) => Table::Icmp,
        (Protocol::Icmp, true) => Table::Icmp6,
    };
    let local = local.and_then(end);
    let needs_local = remote.is_unset() || table.protocol() == Protocol::Raw;
    if needs_local && local.is_none() {
        return None;
    }
    Some(Connection {
        id: ConnectionId::new(0),
        table,
        state: word::state(state)?,
        direction: word::direction(direction).unwrap_or(Direction::Unknown),
        own: false,
        practice: false,
        local: local.unwrap_or(remote),
        remote,
        uid: None,
        inode: None,
        cookie: None,
        first_seen: Moment {
            wall: WallTime::from_millis(0),
            boot: BootTime::from_nanos(0),
        },
    })
}

fn fields(row: &Row<'_>) -> BTreeMap<&'static str, Told> {
    Kind::Alert
        .fields()
        .iter()
        .map(|(name, _)| (*name, row.told(name)))
        .collect()
}

/// What makes two alerts be about the same.
fn key(row: &Row<'_>, who: &Who) -> String {
    let mut key = format!("{who:?}");
    for name in [
        "reason",
        "protocol",
        "remote",
        "list",
        "category",
        "entry",
        "list_sha256",
        "hit",
        "ours",
    ] {
        key.push('\n');
        key.push_str(row.value(name).unwrap_or("-"));
    }
    // Without a connection the name is what it is about.
    if row.value("hit") == Some(HitKind::Asked.as_str()) {
        key.push('\n');
        key.push_str(row.value("names").unwrap_or("-"));
    }
    key
}
