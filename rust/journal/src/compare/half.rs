//! One side of a comparison, read from the top.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use portlog_model::WallTime;

use super::destination::Destination;
use super::facts::{Facts, Field, ListFact, Told, field};
use super::hours::{Clockwork, Closed, Hours, Part};
use super::owners::{OwnerFacts, OwnerKey, Owners};
use super::relation::Names;
use super::{MAX_MARKS, MAX_PAIRS, MAX_TEXT};
use crate::bundle::ShownEntry;
use crate::entry::{Kind, read_moment};
use crate::error::Error;
use crate::note::Checkpoint;
use crate::number;

/// The most names of one destination that are kept.
const MAX_NAMES: usize = 16;
/// The most logs named as predecessors that are kept.
const MAX_PREDECESSORS: usize = 64;

/// What a file shows of the time that counts.
#[derive(Debug)]
pub struct Half {
    /// The state of the log.
    pub state: Checkpoint,
    /// The entries that count.
    pub range: Range<u64>,
    /// How many of them are shown.
    pub shown: u64,
    /// How many are not.
    pub hidden: u64,
    /// The index of the last shown one that says what was seen, or how long one looked.
    pub last_observation: Option<u64>,
    /// The earliest and the latest time of shown entries, by the phone's clock.
    pub period: Option<(WallTime, WallTime)>,
    /// The time in which something could have been seen.
    pub hours: Hours,
    /// The operator's marks, in order.
    pub marks: Vec<MarkFact>,
    /// How many more there are.
    pub more_marks: u64,
    /// Logs that this one names as its predecessors.
    pub predecessors: Vec<Names>,
    /// Openings of all owners, those without another end among them.
    pub openings: u64,
    /// Openings of sockets without another end: listeners and unconnected ones.
    pub without_peer: u64,
    pub(super) facts: Facts,
    pub(super) owners: BTreeMap<Arc<OwnerKey>, OwnerFacts>,
    pub(super) pairs: BTreeMap<(Arc<OwnerKey>, Destination), Seen>,
}

impl Half {
    /// The lists that were watched with.
    pub const fn lists(&self) -> &BTreeSet<ListFact> {
        self.facts.lists()
    }

    /// Entries that withhold the other end, or have none that can be read.
    pub fn remote_withheld(&self) -> u64 {
        self.owners
            .values()
            .map(|owner| owner.remote_withheld)
            .fold(0, u64::saturating_add)
    }
}

/// A mark.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MarkFact {
    /// The entry.
    pub index: u64,
    /// When, by the phone's clock; `None` where it is withheld.
    pub time: Option<WallTime>,
    /// The preset's word.
    pub preset: Told,
    /// The operator's words.
    pub text: Told,
}

/// What was seen of an owner and a destination.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Seen {
    /// Openings, wherever they stand.
    pub openings: u64,
    /// Openings in the time that counts for this protocol: what a rate is made of.
    pub sightings: u64,
    /// The time of the first entry.
    pub first: Option<WallTime>,
    /// The time of the last entry.
    pub last: Option<WallTime>,
    /// Names that the address was seen for, the first few.
    pub names: BTreeSet<Box<str>>,
}

impl Seen {
    /// Adds what was seen of the same under another name of its owner.
    pub(super) fn add(&mut self, other: &Self) {
        self.openings = self.openings.saturating_add(other.openings);
        self.sightings = self.sightings.saturating_add(other.sightings);
        self.first = self.first.into_iter().chain(other.first).min();
        self.last = self.last.max(other.last);
        self.names.extend(other.names.iter().cloned());
    }
}

/// A side on its way.
#[derive(Debug)]
pub(super) struct Reading {
    half: Half,
    owners: Owners,
    clockwork: Clockwork,
    places: BTreeMap<(Arc<OwnerKey>, Destination), usize>,
    seen: Vec<Seen>,
    protocols: Vec<Box<str>>,
    /// Openings since the latest heartbeat, by place.
    unsettled: BTreeMap<usize, u64>,
    next_index: u64,
    begun: bool,
    ended: bool,
    /// Nothing more of the file matters.
    done: bool,
    text: usize,
}

impl Reading {
    pub(super) fn new(state: Checkpoint, range: Range<u64>) -> Self {
        let half = Half {
            range: range.start..range.end.min(state.size),
            state,
            shown: 0,
            hidden: 0,
            last_observation: None,
            period: None,
            hours: Hours::default(),
            marks: Vec::new(),
            more_marks: 0,
            predecessors: Vec::new(),
            openings: 0,
            without_peer: 0,
            facts: Facts::default(),
            owners: BTreeMap::new(),
            pairs: BTreeMap::new(),
        };
        Self {
            half,
            owners: Owners::default(),
            clockwork: Clockwork::default(),
            places: BTreeMap::new(),
            seen: Vec::new(),
            protocols: Vec::new(),
            unsettled: BTreeMap::new(),
            next_index: 0,
            begun: false,
            ended: false,
            done: false,
            text: 0,
        }
    }

    pub(super) fn entry(&mut self, entry: &ShownEntry) -> Result<(), Error> {
        if self.done {
            return Ok(());
        }
        let index = entry.index();
        if index != self.next_index {
            self.clockwork.hole();
        }
        self.next_index = index.saturating_add(1);
        if !self.begun && index >= self.half.range.start {
            self.begin();
        }
        if !self.ended && index >= self.half.range.end {
            self.ended = true;
            self.clockwork.split();
        }
        let counts = self.half.range.contains(&index);
        if !self.ended {
            self.half.facts.entry(entry);
            if entry.kind() == Kind::Packages {
                self.owners.packages(entry)?;
            }
        }
        let part = if self.ended { Part::First } else { Part::Last };
        if let Some(closed) = self.clockwork.entry(entry, counts, part) {
            self.settle(&closed);
            self.done = self.ended;
        }
        if counts {
            self.counted(entry)?;
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> Half {
        if !self.begun {
            self.begin();
        }
        let half = &mut self.half;
        half.hidden = half
            .range
            .end
            .saturating_sub(half.range.start)
            .saturating_sub(half.shown);
        half.hours = self.clockwork.hours;
        half.owners = self.owners.finish();
        let mut seen = self.seen;
        half.pairs = self
            .places
            .into_iter()
            .map(|(pair, at)| {
                (
                    pair,
                    seen.get_mut(at).map(std::mem::take).unwrap_or_default(),
                )
            })
            .collect();
        self.half
    }

    fn begin(&mut self) {
        self.begun = true;
        self.half.facts.begin();
        if self.half.range.start > 0 {
            self.clockwork.split();
        }
    }

    /// A window is closed: what was seen in it has a time to be held against, or has none.
    fn settle(&mut self, closed: &Closed) {
        for (at, count) in std::mem::take(&mut self.unsettled) {
            if let (Some(seen), Some(protocol)) = (self.seen.get_mut(at), self.protocols.get(at))
                && closed.counts(protocol)
            {
                seen.sightings = seen.sightings.saturating_add(count);
            }
        }
    }

    fn counted(&mut self, entry: &ShownEntry) -> Result<(), Error> {
        let half = &mut self.half;
        half.shown = half.shown.saturating_add(1);
        let time = entry.value("time").and_then(read_moment);
        let time = time.map(|(time, _)| time);
        match entry.kind() {
            Kind::Opened | Kind::Changed | Kind::Closed | Kind::Alert => {
                half.last_observation = Some(entry.index());
                half.time(time);
                self.observed(entry, time)
            }
            Kind::Heartbeat => {
                half.last_observation = Some(entry.index());
                half.time(time);
                Ok(())
            }
            Kind::Mark => {
                half.mark(entry, time);
                Ok(())
            }
            Kind::Predecessor => {
                if half.predecessors.len() < MAX_PREDECESSORS {
                    half.predecessors.extend(Names::of(entry));
                }
                Ok(())
            }
            _ => {
                half.time(time);
                Ok(())
            }
        }
    }

    /// An entry about a connection.
    fn observed(&mut self, entry: &ShownEntry, time: Option<WallTime>) -> Result<(), Error> {
        if matches!(entry.value("ours"), Some("self-check" | "practice")) {
            return Ok(());
        }
        let opened = entry.kind() == Kind::Opened;
        if opened {
            self.half.openings = self.half.openings.saturating_add(1);
        }
        let remote = field(entry, "remote");
        if remote == Field::Nothing {
            return Ok(());
        }
        let owner = self.owner(entry)?;
        let destination = match (field(entry, "protocol"), remote) {
            (Field::Value(protocol), Field::Value(remote)) => {
                Destination::parse(protocol, remote, entry.value("direction")).ok()
            }
            _ => None,
        };
        match destination {
            None => {
                let facts = self.owners.facts(&owner)?;
                facts.remote_withheld = facts.remote_withheld.saturating_add(1);
            }
            Some(None) if opened => {
                self.half.without_peer = self.half.without_peer.saturating_add(1);
            }
            Some(None) => {}
            Some(Some(destination)) => {
                let at = self.place(owner, destination)?;
                self.see(at, entry, time)?;
            }
        }
        Ok(())
    }

    fn owner(&mut self, entry: &ShownEntry) -> Result<Arc<OwnerKey>, Error> {
        let index = entry.value("owner").and_then(number::parse);
        let key = match field(entry, "uid") {
            Field::Value(uid) => match number::parse(uid) {
                Some(uid) => return self.owners.of(uid, index),
                None => OwnerKey::Withheld,
            },
            Field::Nothing => OwnerKey::NoUid,
            Field::Withheld => OwnerKey::Withheld,
        };
        let key = Arc::new(key);
        self.owners.facts(&key)?;
        Ok(key)
    }

    fn place(&mut self, owner: Arc<OwnerKey>, destination: Destination) -> Result<usize, Error> {
        let pair = (owner, destination);
        if let Some(at) = self.places.get(&pair) {
            return Ok(*at);
        }
        let at = self.seen.len();
        if at >= MAX_PAIRS {
            return Err(Error::TooMuchToCompare("owners and destinations"));
        }
        self.seen.push(Seen::default());
        self.protocols.push(pair.1.protocol.clone());
        self.places.insert(pair, at);
        Ok(at)
    }

    fn see(&mut self, at: usize, entry: &ShownEntry, time: Option<WallTime>) -> Result<(), Error> {
        let Some(seen) = self.seen.get_mut(at) else {
            return Ok(());
        };
        if entry.kind() == Kind::Opened {
            seen.openings = seen.openings.saturating_add(1);
            // What was there at the first look did not open while somebody watched.
            if entry.value("after").is_some() {
                let unsettled = self.unsettled.entry(at).or_default();
                *unsettled = unsettled.saturating_add(1);
            }
        }
        if let Some(time) = time {
            seen.first = Some(seen.first.map_or(time, |first| first.min(time)));
            seen.last = Some(seen.last.map_or(time, |last| last.max(time)));
        }
        for name in names(entry.value("names")) {
            if seen.names.len() < MAX_NAMES && !seen.names.contains(name) {
                self.text = self.text.saturating_add(name.len());
                if self.text > MAX_TEXT {
                    return Err(Error::TooMuchToCompare("names"));
                }
                seen.names.insert(name.into());
            }
        }
        Ok(())
    }
}

impl Half {
    fn time(&mut self, time: Option<WallTime>) {
        if let Some(time) = time {
            let (first, last) = self.period.unwrap_or((time, time));
            self.period = Some((first.min(time), last.max(time)));
        }
    }

    fn mark(&mut self, entry: &ShownEntry, time: Option<WallTime>) {
        self.time(time);
        if self.marks.len() >= MAX_MARKS {
            self.more_marks = self.more_marks.saturating_add(1);
            return;
        }
        self.marks.push(MarkFact {
            index: entry.index(),
            time,
            preset: Told::of(entry, "preset"),
            text: Told::of(entry, "text"),
        });
    }
}

/// The names in a value: each with where it was learnt and who asked, separated by commas.
fn names(value: Option<&str>) -> impl Iterator<Item = &str> {
    value
        .into_iter()
        .flat_map(|value| value.split(", "))
        .filter_map(|name| name.split(' ').next())
        .filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::Hash;
    use crate::origin::Origin;

    /// An opening of which owner, protocol and other end are shown.
    fn opening(index: u64, remote: &str) -> ShownEntry {
        let mut entry = ShownEntry::new(index, Kind::Opened, None);
        for (name, _) in Kind::Opened.fields() {
            entry.disclose(
                [0; 16],
                match *name {
                    "protocol" => "udp",
                    "remote" => remote,
                    "uid" => "1001",
                    _ => "-",
                },
            );
        }
        entry
    }

    fn reading() -> Reading {
        let state = Checkpoint {
            origin: Origin::of_key(&[7; 32]),
            size: 1 << 20,
            root: Hash::of(&[b"root"]),
        };
        Reading::new(state, 0..u64::MAX)
    }

    #[test]
    fn as_many_pairs_as_fit_are_read_and_one_more_is_an_error() {
        let mut reading = reading();
        let most = u64::try_from(MAX_PAIRS).unwrap();
        for index in 0..most {
            let [_, _, _, _, _, a, b, c] = index.to_be_bytes();
            let opening = opening(index, &format!("[2001:db8::{a:x}:{b:x}:{c:x}]:53"));
            reading.entry(&opening).unwrap();
        }
        let known = opening(most, "[2001:db8::1:2:3]:53");
        reading.entry(&known).unwrap();
        let more = opening(most + 1, "203.0.113.7:53");
        let error = reading.entry(&more).unwrap_err();
        assert!(matches!(error, Error::TooMuchToCompare(_)));
        assert!(
            error.to_string().contains("compare a shorter time"),
            "{error}"
        );
        assert_eq!(reading.finish().pairs.len(), MAX_PAIRS);
    }

    #[test]
    fn names_are_read_without_where_they_were_learnt() {
        let value = "a.example.test tap 10012, b.example.test pinned -";
        assert!(names(Some(value)).eq(["a.example.test", "b.example.test"]));
        assert_eq!(names(None).count(), 0);
    }
}
