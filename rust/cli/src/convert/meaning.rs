//! What an entry means by what entries before it say: who a UID is, and whether it was seen live.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use portlog_journal::bundle::ShownEntry;
use portlog_journal::entry::{Kind, OwnerText};
use portlog_journal::verify::Observed;

/// What the entries said that were read so far. Give it every shown entry, in order, before asking.
#[derive(Debug, Default)]
pub(crate) struct Meaning {
    owners: Owners,
    session: Option<Session>,
}

/// Who a UID is, as a packages entry says it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Owner<'a> {
    /// The index of that entry.
    pub(crate) entry: u64,
    /// What it says.
    pub(crate) text: OwnerText<'a>,
}

/// The latest `started` entry that is shown.
#[derive(Debug)]
struct Session {
    index: u64,
    provenance: Option<String>,
}

impl Meaning {
    /// Learns what `entry` says of those after it.
    pub(crate) fn read(&mut self, entry: &ShownEntry) {
        match entry.kind() {
            Kind::Packages => self.owners.read(entry),
            Kind::Started => {
                self.session = Some(Session {
                    index: entry.index(),
                    provenance: entry.value("provenance").map(str::to_owned),
                });
            }
            _ => {}
        }
    }

    /// Who the UID of `entry` is, where it names one and that owner is disclosed.
    pub(crate) fn owner(&self, entry: &ShownEntry) -> Option<Owner<'_>> {
        let uid = entry.value("uid")?.parse().ok()?;
        let index = entry.value("owner")?.parse().ok()?;
        let text = self.owners.get(uid, index)?;
        Some(Owner {
            entry: index,
            text: OwnerText::parse(text)?,
        })
    }

    /// How what `entry` says was obtained.
    pub(crate) fn observed(&self, entry: &ShownEntry) -> Observed {
        let provenance = self
            .session
            .as_ref()
            .filter(|session| Some(session.index) == entry.session())
            .and_then(|session| session.provenance.as_deref());
        Observed::of(entry.kind(), provenance)
    }
}

impl<'a> Owner<'a> {
    /// The packages that are named.
    pub(crate) fn packages(self) -> impl Iterator<Item = &'a str> {
        self.listed().filter(|name| !name.starts_with('+'))
    }

    /// How many packages were left out where the set was too long for an entry.
    pub(crate) fn packages_left_out(self) -> u64 {
        self.listed()
            .find_map(|name| name.strip_prefix('+'))
            .and_then(|count| count.parse().ok())
            .unwrap_or(0)
    }

    /// What weakens a claim about it.
    pub(crate) fn roles(self) -> impl Iterator<Item = &'a str> {
        self.text.roles.into_iter().flat_map(|text| text.split(','))
    }

    fn listed(self) -> impl Iterator<Item = &'a str> {
        self.text
            .packages
            .into_iter()
            .flat_map(|text| text.split(','))
    }
}

/// The instant of a `moment` or `time` value.
pub(crate) fn instant(value: &str) -> Option<Timestamp> {
    value.split(' ').next()?.parse().ok()
}

/// Disclosed owners of every packages entry. What repeats in each of them is kept once.
#[derive(Debug, Default)]
struct Owners(BTreeMap<u64, Vec<(u64, Arc<str>)>>);

impl Owners {
    fn read(&mut self, entry: &ShownEntry) {
        let fixed = Kind::Packages.fields().len();
        for (_, value) in entry.fields().skip(fixed) {
            let Some((text, owner)) =
                value.and_then(|text| OwnerText::parse(text).map(|owner| (text, owner)))
            else {
                continue;
            };
            let said = self.0.entry(owner.uid).or_default();
            let same = said.last().filter(|(_, before)| **before == *text);
            let text = same.map_or_else(|| Arc::from(text), |(_, before)| Arc::clone(before));
            said.push((entry.index(), text));
        }
    }

    fn get(&self, uid: u64, index: u64) -> Option<&str> {
        let said = self.0.get(&uid)?;
        let at = said.binary_search_by_key(&index, |(at, _)| *at).ok()?;
        said.get(at).map(|(_, text)| &**text)
    }
}
