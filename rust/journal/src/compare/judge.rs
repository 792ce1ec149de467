//! The judgement: by owner and destination, what became of it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::destination::Destination;
use super::facts::{Fact, RECORDED, Told};
use super::forecast::Forecast;
use super::half::{Half, Seen};
use super::kin::{Kin, MAX_FOUND, Places};
use super::owners::{OwnerFacts, OwnerKey, aliases};
use super::relation::{Relation, relate};
use super::verdict::{TooShort, Uncertain, Verdict};

/// A destination of an owner, and what became of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Row {
    /// Where.
    pub destination: Destination,
    /// What became of it.
    pub verdict: Verdict,
    /// What the earlier file shows.
    pub before: Option<Seen>,
    /// What the later file shows.
    pub after: Option<Seen>,
    /// What the rate of the file that shows it predicts for the other; `None` where both do.
    pub forecast: Option<Forecast>,
    /// Other owners that the other file shows with this destination.
    pub also_by: Vec<Arc<OwnerKey>>,
}

/// An owner and its destinations.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OwnerRows {
    /// Who.
    pub owner: Arc<OwnerKey>,
    /// Who it is in the later file, where its set of packages is another there.
    pub later: Option<Arc<OwnerKey>>,
    /// What the earlier file says of it.
    pub before: Option<OwnerFacts>,
    /// What the later file says of it.
    pub after: Option<OwnerFacts>,
    /// Its destinations, in order.
    pub rows: Vec<Row>,
}

/// Lays two sides beside each other: what else differs, and what became of each destination.
pub fn compare(before: &Half, after: &Half) -> (Vec<Fact>, Vec<OwnerRows>) {
    let judge = Judge::new(before, after);
    (before.facts.beside(&after.facts), judge.owners())
}

/// What an owner is called in both files, where that is not what the file at hand calls it.
type Aliases = BTreeMap<Arc<OwnerKey>, Arc<OwnerKey>>;

/// One side with its owners as both sides know them.
struct Side<'a> {
    half: &'a Half,
    /// The places of each owner.
    by_owner: BTreeMap<Arc<OwnerKey>, Places<'a>>,
    facts: BTreeMap<Arc<OwnerKey>, OwnerFacts>,
    /// The owners of each place.
    by_place: BTreeMap<&'a Destination, Vec<Arc<OwnerKey>>>,
    /// Entries without another end, whose owner is not known: they may be anybody's.
    withheld_of_unknown: u64,
}

impl<'a> Side<'a> {
    fn new(half: &'a Half, aliases: &Aliases, same_log: bool) -> Self {
        let key = |key: &Arc<OwnerKey>| Arc::clone(aliases.get(key).unwrap_or(key));
        let mut by_owner: BTreeMap<Arc<OwnerKey>, Places<'a>> = BTreeMap::new();
        let mut by_place: BTreeMap<&Destination, Vec<Arc<OwnerKey>>> = BTreeMap::new();
        for ((owner, destination), seen) in &half.pairs {
            let owner = key(owner);
            let places = by_owner.entry(Arc::clone(&owner)).or_default();
            if let Some(other) = places.get_mut(destination) {
                other.to_mut().add(seen);
                continue;
            }
            places.insert(destination, Cow::Borrowed(seen));
            by_place.entry(destination).or_default().push(owner);
        }
        let mut facts: BTreeMap<Arc<OwnerKey>, OwnerFacts> = BTreeMap::new();
        let mut withheld_of_unknown: u64 = 0;
        for (owner, of_owner) in &half.owners {
            let owner = key(owner);
            if !owner.is_known_again(same_log) {
                withheld_of_unknown = withheld_of_unknown.saturating_add(of_owner.remote_withheld);
            }
            facts.entry(owner).or_default().add(of_owner);
        }
        Self {
            half,
            by_owner,
            facts,
            by_place,
            withheld_of_unknown,
        }
    }

    fn places(&self, owner: &Arc<OwnerKey>) -> Option<&Places<'a>> {
        self.by_owner.get(owner)
    }

    /// Entries without another end that may be this owner's.
    fn withheld(&self, owner: &Arc<OwnerKey>, same_log: bool) -> u64 {
        let own = self.facts.get(owner);
        let own = own.filter(|_| owner.is_known_again(same_log));
        own.map_or(0, |facts| facts.remote_withheld)
            .saturating_add(self.withheld_of_unknown)
    }
}

struct Judge<'a> {
    before: Side<'a>,
    after: Side<'a>,
    same_log: bool,
    /// Names of the later side, by those of the earlier one.
    renamed: Aliases,
}

impl<'a> Judge<'a> {
    fn new(before: &'a Half, after: &'a Half) -> Self {
        let same_log = relate(before, after) == Relation::SameLog;
        let of_uids = if same_log {
            named(&[before, after])
        } else {
            Aliases::new()
        };
        let mut of_after = aliases(&before.owners, &after.owners);
        let renamed = of_after
            .iter()
            .map(|(later, earlier)| (Arc::clone(earlier), Arc::clone(later)))
            .collect();
        for (unnamed, owner) in &of_uids {
            let owner = of_after.get(owner).unwrap_or(owner).clone();
            of_after.insert(Arc::clone(unnamed), owner);
        }
        Self {
            before: Side::new(before, &of_uids, same_log),
            after: Side::new(after, &of_after, same_log),
            same_log,
            renamed,
        }
    }

    fn owners(&self) -> Vec<OwnerRows> {
        let owners: BTreeSet<&Arc<OwnerKey>> = [&self.before, &self.after]
            .into_iter()
            .flat_map(|side| {
                let withholds = side.facts.iter().filter(|(_, f)| f.remote_withheld > 0);
                side.by_owner
                    .keys()
                    .chain(withholds.map(|(owner, _)| owner))
            })
            .collect();
        owners.into_iter().map(|owner| self.owner(owner)).collect()
    }

    fn owner(&self, owner: &Arc<OwnerKey>) -> OwnerRows {
        let none = Places::new();
        let before = self.before.places(owner).unwrap_or(&none);
        let after = self.after.places(owner).unwrap_or(&none);
        let kin = Kin::new(before, after);
        let mut rows = Vec::new();
        let mut taken = BTreeSet::new();
        for (destination, seen) in before {
            let verdict = self.gone(owner, destination, seen, after, &kin);
            if let Verdict::Moved { to } | Verdict::Changed { to } = &verdict {
                taken.extend(to.iter().map(|found| found.destination.clone()));
            }
            rows.push(self.row(
                owner,
                destination,
                verdict,
                Some(seen),
                after.get(destination).map(AsRef::as_ref),
            ));
        }
        for (destination, seen) in after {
            if !before.contains_key(destination) && !taken.contains(*destination) {
                let verdict = self.came(owner, destination, seen, &kin);
                rows.push(self.row(owner, destination, verdict, None, Some(seen)));
            }
        }
        rows.sort_by(|a, b| a.destination.cmp(&b.destination));
        let facts = |side: &Side<'_>| side.facts.get(owner).cloned();
        OwnerRows {
            owner: Arc::clone(owner),
            later: self.renamed.get(owner).cloned(),
            before: facts(&self.before),
            after: facts(&self.after),
            rows,
        }
    }

    fn row(
        &self,
        owner: &Arc<OwnerKey>,
        destination: &Destination,
        verdict: Verdict,
        before: Option<&Seen>,
        after: Option<&Seen>,
    ) -> Row {
        let (forecast, other) = match (before, after) {
            (Some(seen), None) => (
                Some(Self::forecast(destination, seen, &self.before, &self.after)),
                Some(&self.after),
            ),
            (None, Some(seen)) => (
                Some(Self::forecast(destination, seen, &self.after, &self.before)),
                Some(&self.before),
            ),
            _ => (None, None),
        };
        let also_by = other
            .and_then(|side| side.by_place.get(destination))
            .map(|owners| {
                let others = owners.iter().filter(|other| *other != owner);
                others.take(MAX_FOUND).cloned().collect()
            })
            .unwrap_or_default();
        Row {
            destination: destination.clone(),
            verdict,
            before: before.cloned(),
            after: after.cloned(),
            forecast,
            also_by,
        }
    }

    fn forecast(
        destination: &Destination,
        seen: &Seen,
        known: &Side<'_>,
        asked: &Side<'_>,
    ) -> Forecast {
        let (hours, other) = (&known.half.hours, &asked.half.hours);
        let fastest = known.half.facts.intervals().map(|(least, _)| least);
        let slowest = asked.half.facts.intervals().map(|(_, most)| most);
        let looked = hours.between_looks().zip(other.between_looks());
        Forecast {
            sightings: seen.sightings,
            known: hours.comparable(&destination.protocol),
            asked: other.comparable(&destination.protocol),
            intervals: looked.or_else(|| fastest.zip(slowest)),
        }
    }

    /// What became of a destination that the earlier file shows.
    fn gone(
        &self,
        owner: &Arc<OwnerKey>,
        destination: &Destination,
        seen: &Seen,
        after: &Places<'_>,
        kin: &Kin<'_>,
    ) -> Verdict {
        if let Some(uncertain) = self.unknown_owner(owner) {
            return uncertain;
        }
        if after.contains_key(destination) {
            return Verdict::StillThere { at: Vec::new() };
        }
        if let Some(verdict) = kin.of(destination, seen) {
            return verdict;
        }
        if let Some(uncertain) = self.hidden_in(&self.after, owner, destination) {
            return uncertain;
        }
        if !self.is_recorded(owner) {
            return Verdict::NotComparable(Uncertain::NotRecorded);
        }
        let forecast = Self::forecast(destination, seen, &self.before, &self.after);
        if forecast.is_enough() {
            return Verdict::NotSeenAgain;
        }
        Verdict::TooShort(if forecast.known.is_zero() {
            TooShort::NothingBefore
        } else if forecast.asked.is_zero() {
            TooShort::NothingAfter
        } else if forecast.sightings == 0 {
            TooShort::NoRate
        } else if forecast.intervals.is_none() {
            TooShort::IntervalWithheld
        } else {
            TooShort::FewExpected
        })
    }

    /// What a destination is that only the later file shows.
    fn came(
        &self,
        owner: &Arc<OwnerKey>,
        destination: &Destination,
        seen: &Seen,
        kin: &Kin<'_>,
    ) -> Verdict {
        self.unknown_owner(owner)
            .or_else(|| self.hidden_in(&self.before, owner, destination))
            .unwrap_or_else(|| Verdict::New {
                like: kin.like(destination, seen),
            })
    }

    fn unknown_owner(&self, owner: &Arc<OwnerKey>) -> Option<Verdict> {
        let known = owner.is_known_again(self.same_log);
        (!known).then_some(Verdict::NotComparable(Uncertain::OwnerNotKnown))
    }

    /// Whether `side` may have the destination without showing that it does.
    fn hidden_in(
        &self,
        side: &Side<'_>,
        owner: &Arc<OwnerKey>,
        destination: &Destination,
    ) -> Option<Verdict> {
        let by = side.by_place.get(destination);
        if by.is_some_and(|by| by.iter().any(|by| !by.is_known_again(self.same_log))) {
            return Some(Verdict::NotComparable(Uncertain::SeenByUnknown));
        }
        let withheld = side.withheld(owner, self.same_log);
        (withheld > 0).then_some(Verdict::NotComparable(Uncertain::RemoteWithheld(withheld)))
    }

    /// Whether the later log keeps what this owner opens: firmware and unknown owners of the phone's
    /// first user always, others where it says so, or where it shows some of it.
    fn is_recorded(&self, owner: &Arc<OwnerKey>) -> bool {
        let facts = self.before.facts.get(owner);
        let no = facts.is_some_and(|facts| facts.firmware.iter().eq(["no"].map(Box::from).iter()));
        let is_other = no || owner.user().is_some_and(|user| user > 0);
        if !is_other || self.after.facts.contains_key(owner) {
            return true;
        }
        let told = self.after.half.facts.noted(RECORDED);
        !told.is_empty()
            && told
                .iter()
                .all(|told| matches!(told, Told::Value(value) if **value == *"everyone"))
    }
}

/// UIDs that one of the files of a log names, and who they are: the earlier file's word first.
fn named(halves: &[&Half]) -> Aliases {
    let mut names = Aliases::new();
    for half in halves {
        for (owner, facts) in &half.owners {
            if matches!(**owner, OwnerKey::Packages { .. } | OwnerKey::Named { .. }) {
                for uid in &facts.uids {
                    let unnamed = Arc::new(OwnerKey::Unnamed(*uid));
                    names.entry(unnamed).or_insert_with(|| Arc::clone(owner));
                }
            }
        }
    }
    names
}
