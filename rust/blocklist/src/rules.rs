//! The rules of a list as they were parsed, in memory.

use std::net::IpAddr;

use portlog_model::HitKind;

use crate::addresses::{AddressRule, AddressTable};
use crate::entry::{Entry, Text};
use crate::names::NameTable;
use crate::package::PackageRules;

/// The parsed rules of one file.
#[derive(Debug, Default)]
pub(crate) struct ParsedRules {
    pub(crate) text: Text,
    pub(crate) addresses: AddressTable,
    pub(crate) address_exceptions: AddressTable,
    pub(crate) exact: NameTable,
    pub(crate) domains: NameTable,
    pub(crate) name_exceptions: NameTable,
    pub(crate) packages: PackageRules,
}

/// An entry that speaks of what was asked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Said<'a> {
    /// The entry as written.
    pub(crate) text: std::borrow::Cow<'a, str>,
    /// Its line, from 1.
    pub(crate) line: u32,
    /// What it holds.
    pub(crate) kind: HitKind,
    /// How many bits of an address it leaves open; 0 for names.
    pub(crate) open_bits: u8,
}

/// The rules, or the exceptions that take rules back.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Side {
    /// What hits.
    Rules,
    /// What takes hits back.
    Exceptions,
}

impl ParsedRules {
    /// The entry that speaks of `name` (canonical), where no exception takes it back.
    pub(crate) fn name(&self, name: &str) -> Option<Said<'_>> {
        let entry = self.name_entries(name).next()?;
        let mut exceptions = self.name_exceptions.covering(&self.text, name);
        exceptions.next().is_none().then(|| self.said_name(entry))
    }

    /// Every entry of this side that covers `name` (canonical), the narrowest first.
    pub(crate) fn names<'a>(&'a self, name: &str, side: Side) -> Vec<Said<'a>> {
        let said = |entry| self.said_name(entry);
        match side {
            Side::Rules => self.name_entries(name).map(said).collect(),
            Side::Exceptions => {
                let exceptions = self.name_exceptions.covering(&self.text, name);
                exceptions.map(said).collect()
            }
        }
    }

    /// Every name that a rule speaks of and no exception takes back, exact names first, each kind in
    /// the order of the file.
    pub(crate) fn each_name(&self) -> impl Iterator<Item = &str> {
        let name = |(_, start, length)| self.text.slice(start, usize::from(length));
        let is_left = |name: &&str| {
            let mut exceptions = self.name_exceptions.covering(&self.text, name);
            exceptions.next().is_none()
        };
        let names = self.exact.rules().chain(self.domains.rules());
        names.map(name).filter(is_left)
    }

    /// The narrowest entry that holds `address`, where no exception takes it back.
    pub(crate) fn address(&self, address: IpAddr) -> Option<Said<'_>> {
        let rule = self.addresses.covering(address).next()?;
        let mut exceptions = self.address_exceptions.covering(address);
        exceptions.next().is_none().then(|| self.said_address(rule))
    }

    /// Every entry of this side that holds `address`, the narrowest first.
    pub(crate) fn addresses(&self, address: IpAddr, side: Side) -> Vec<Said<'_>> {
        let table = match side {
            Side::Rules => &self.addresses,
            Side::Exceptions => &self.address_exceptions,
        };
        let rules = table.covering(address);
        rules.map(|rule| self.said_address(rule)).collect()
    }

    fn name_entries(&self, name: &str) -> impl Iterator<Item = Entry> {
        self.exact
            .exact(&self.text, name)
            .into_iter()
            .chain(self.domains.covering(&self.text, name))
    }

    fn said_name(&self, entry: Entry) -> Said<'_> {
        self.said(entry, HitKind::Domain, 0)
    }

    fn said_address(&self, rule: &AddressRule) -> Said<'_> {
        let kind = if rule.is_address {
            HitKind::Address
        } else {
            HitKind::Network
        };
        self.said(rule.entry, kind, rule.open_bits)
    }

    fn said(&self, entry: Entry, kind: HitKind, open_bits: u8) -> Said<'_> {
        Said {
            text: self.text.get(entry).into(),
            line: entry.line,
            kind,
            open_bits,
        }
    }
}
