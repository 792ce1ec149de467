//! Owners that two phones, or two logs of one, have in common.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::MAX_TEXT;
use crate::bundle::ShownEntry;
use crate::entry::{Kind, OwnerText};
use crate::error::Error;

/// UIDs of Android users are apart by this.
const PER_USER: u64 = 100_000;
/// The most UIDs of one owner that are told.
const MAX_UIDS: usize = 8;
/// The most owners of one side.
const MAX_OWNERS: usize = 200_000;

/// Who an owner is, as two files can have it in common. UIDs of apps are given anew at each
/// installation, so that they are none of it where a name is known.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum OwnerKey {
    /// An app, by its whole set of packages: sorted, separated by commas, `+n` at the end where the log
    /// left out n more.
    Packages {
        /// The Android user.
        user: u64,
        /// Whether it is the sandbox in which what the app's advertisers wrote runs.
        sandbox: bool,
        /// The set.
        packages: Box<str>,
    },
    /// One of the platform's own, by its kind and name: its packages differ from version to version.
    Named {
        /// The Android user; `None` on plain Linux.
        user: Option<u64>,
        /// The kind's word.
        kind: Box<str>,
        /// The name.
        name: Box<str>,
    },
    /// A UID that the file does not name.
    Unnamed(u64),
    /// The kernel named none.
    NoUid,
    /// The file withholds it.
    Withheld,
}

impl OwnerKey {
    fn of(owner: &OwnerText<'_>) -> Self {
        let user = match owner.kind {
            "kernel" | "system" | "shell" => Some(owner.uid / PER_USER),
            "user" | "service" => None,
            _ => return Self::app(owner),
        };
        match owner.name {
            Some(name) if name != owner.uid.to_string() => Self::Named {
                user,
                kind: owner.kind.into(),
                name: name.into(),
            },
            _ => Self::app(owner),
        }
    }

    fn app(owner: &OwnerText<'_>) -> Self {
        let Some(packages) = owner.packages else {
            return Self::Unnamed(owner.uid);
        };
        let mut names: Vec<&str> = packages.split(',').collect();
        let more = names.pop_if(|name| name.starts_with('+'));
        names.sort_unstable();
        names.extend(more);
        Self::Packages {
            user: owner.uid / PER_USER,
            sandbox: owner.kind == "sandbox",
            packages: names.join(",").into(),
        }
    }

    /// The Android user, where it is known.
    pub(super) const fn user(&self) -> Option<u64> {
        match self {
            Self::Packages { user, .. } => Some(*user),
            Self::Named { user, .. } => *user,
            Self::Unnamed(_) | Self::NoUid | Self::Withheld => None,
        }
    }

    /// Whether it can be known again in the other file. `same_log`: in a log a UID stays whose it is.
    pub(super) const fn is_known_again(&self, same_log: bool) -> bool {
        match self {
            Self::Packages { .. } | Self::Named { .. } => true,
            Self::Unnamed(_) => same_log,
            Self::NoUid | Self::Withheld => false,
        }
    }
}

/// What a file says of an owner, beside who it is.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct OwnerFacts {
    /// Its UIDs, the first few.
    pub uids: BTreeSet<u64>,
    /// Whether it comes with the phone: the words of the log.
    pub firmware: BTreeSet<Box<str>>,
    /// The latest label or account name.
    pub name: Option<Box<str>>,
    /// Entries about it that withhold the other end.
    pub remote_withheld: u64,
}

/// The owners of one file, as it is read from the top.
#[derive(Debug, Default)]
pub(super) struct Owners {
    /// What the latest packages entry that has this UID says of it: its index, and who it is.
    current: BTreeMap<u64, (u64, Arc<OwnerKey>, Box<str>)>,
    facts: BTreeMap<Arc<OwnerKey>, OwnerFacts>,
    text: usize,
}

impl Owners {
    /// Takes note of a packages entry.
    pub(super) fn packages(&mut self, entry: &ShownEntry) -> Result<(), Error> {
        for (_, value) in entry.fields().skip(Kind::Packages.fields().len()) {
            let Some((owner, value)) = value.and_then(|text| Some((OwnerText::parse(text)?, text)))
            else {
                continue;
            };
            let current = self.current.get_mut(&owner.uid);
            if let Some((index, _, text)) = current
                && **text == *value
            {
                *index = entry.index();
                continue;
            }
            self.text = self.text.saturating_add(value.len().saturating_mul(2));
            if self.text > MAX_TEXT || self.current.len() >= MAX_OWNERS {
                return Err(Error::TooMuchToCompare("names of owners"));
            }
            let key = Arc::new(OwnerKey::of(&owner));
            self.current
                .insert(owner.uid, (entry.index(), key, value.into()));
        }
        Ok(())
    }

    /// Who the owner is of an entry that names `uid`, by the packages entry at `index`.
    pub(super) fn of(&mut self, uid: u64, index: Option<u64>) -> Result<Arc<OwnerKey>, Error> {
        let current = self.current.get(&uid);
        let Some((_, key, text)) = current.filter(|(at, ..)| Some(*at) == index) else {
            let key = Arc::new(OwnerKey::Unnamed(uid));
            self.facts(&key)?.note_uid(uid);
            return Ok(key);
        };
        let (key, text) = (Arc::clone(key), text.clone());
        let facts = self.facts(&key)?;
        facts.note_uid(uid);
        if let Some(owner) = OwnerText::parse(&text) {
            if !facts.firmware.contains(owner.firmware) && facts.firmware.len() < MAX_UIDS {
                facts.firmware.insert(owner.firmware.into());
            }
            facts.name = owner.name.map(Into::into);
        }
        Ok(key)
    }

    /// The facts of an owner.
    pub(super) fn facts(&mut self, key: &Arc<OwnerKey>) -> Result<&mut OwnerFacts, Error> {
        if !self.facts.contains_key(key) && self.facts.len() >= MAX_OWNERS {
            return Err(Error::TooMuchToCompare("owners"));
        }
        Ok(self.facts.entry(Arc::clone(key)).or_default())
    }

    /// What is known of each owner at the end.
    pub(super) fn finish(self) -> BTreeMap<Arc<OwnerKey>, OwnerFacts> {
        self.facts
    }
}

impl OwnerFacts {
    /// Adds what another name of the same owner has.
    pub(super) fn add(&mut self, other: &Self) {
        self.uids.extend(&other.uids);
        self.firmware.extend(other.firmware.iter().cloned());
        self.name = self.name.take().or_else(|| other.name.clone());
        self.remote_withheld = self.remote_withheld.saturating_add(other.remote_withheld);
    }

    fn note_uid(&mut self, uid: u64) {
        if self.uids.len() < MAX_UIDS {
            self.uids.insert(uid);
        }
    }
}

/// Owners of the later side under the names that the earlier side has for them.
///
/// An update may add a package to a shared UID or take one away. Where a set is in one side only and
/// another set that shares packages with it is in the other side only, they are taken as one owner,
/// the most common packages first. In one log a UID that is named anywhere is that owner everywhere.
pub(super) fn aliases(
    before: &BTreeMap<Arc<OwnerKey>, OwnerFacts>,
    after: &BTreeMap<Arc<OwnerKey>, OwnerFacts>,
) -> BTreeMap<Arc<OwnerKey>, Arc<OwnerKey>> {
    let mut by_package: BTreeMap<Package<'_>, Vec<&Arc<OwnerKey>>> = BTreeMap::new();
    for owner in after.keys().filter(|owner| !before.contains_key(*owner)) {
        for package in packages_of(owner) {
            let owners = by_package.entry(package).or_default();
            if owners.len() < MAX_UIDS {
                owners.push(owner);
            }
        }
    }
    let mut aliases = BTreeMap::new();
    for owner in before.keys().filter(|owner| !after.contains_key(*owner)) {
        let mut common: BTreeMap<&Arc<OwnerKey>, usize> = BTreeMap::new();
        for other in packages_of(owner).filter_map(|package| by_package.get(&package)) {
            for other in other.iter().filter(|other| !aliases.contains_key(**other)) {
                *common.entry(other).or_default() += 1;
            }
        }
        let best = common
            .into_iter()
            .max_by(|(a, of_a), (b, of_b)| of_a.cmp(of_b).then(b.cmp(a)));
        if let Some((other, _)) = best {
            aliases.insert(Arc::clone(other), Arc::clone(owner));
        }
    }
    aliases
}

/// A package as one user has it.
type Package<'a> = (u64, bool, &'a str);

fn packages_of(owner: &OwnerKey) -> impl Iterator<Item = Package<'_>> {
    let set = match owner {
        OwnerKey::Packages {
            user,
            sandbox,
            packages,
        } => Some((*user, *sandbox, packages)),
        _ => None,
    };
    set.into_iter().flat_map(|(user, sandbox, packages)| {
        let names = packages.split(',').filter(|name| !name.starts_with('+'));
        names.map(move |name| (user, sandbox, name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> OwnerKey {
        OwnerKey::of(&OwnerText::parse(text).unwrap())
    }

    #[test]
    fn a_set_of_packages_is_the_same_at_another_uid_and_in_another_order() {
        let one = key("10012 shared yes - com.example.b,com.example.a Sync");
        assert_eq!(
            one,
            key("10099 shared no - com.example.a,com.example.b Other")
        );
        for other in [
            "10012 app yes - com.example.a Sync",
            "10012 shared yes - com.example.a,com.example.b,+2 Sync",
            "1010012 shared yes - com.example.a,com.example.b Sync",
        ] {
            assert_ne!(one, key(other), "{other}");
        }
    }

    #[test]
    fn platform_owners_are_known_by_kind_and_name_and_others_by_nothing() {
        assert_eq!(
            key("1001 system yes go-between - radio"),
            key("1001 system unknown - com.example.phone radio")
        );
        assert_ne!(
            key("10012 app yes - com.example.sync Sync"),
            key("20012 sandbox yes - com.example.sync Sync:sdk_sandbox")
        );
        assert_ne!(
            key("1001 system yes - - radio"),
            key("1101001 system yes - - radio")
        );
        for (text, uid) in [
            ("10200 removed unknown - - u0_a200", 10_200),
            ("99007 isolated unknown - - u0_i7", 99_007),
            ("1005 unknown unknown - - -", 1005),
            ("1234 user unknown - - 1234", 1234),
        ] {
            assert_eq!(key(text), OwnerKey::Unnamed(uid));
        }
        assert!(!OwnerKey::Unnamed(10_200).is_known_again(false));
        assert!(OwnerKey::Unnamed(10_200).is_known_again(true));
    }

    #[test]
    fn an_owner_whose_packages_changed_is_found_by_those_that_stayed() {
        let side = |texts: &[&str]| -> BTreeMap<Arc<OwnerKey>, OwnerFacts> {
            texts
                .iter()
                .map(|text| (Arc::new(key(text)), OwnerFacts::default()))
                .collect()
        };
        let before = side(&[
            "10012 shared yes - com.example.a,com.example.b Sync",
            "10013 app yes - com.example.c C",
            "10014 app yes - com.example.d D",
        ]);
        let after = side(&[
            "10044 shared yes - com.example.a,com.example.b,com.example.new Sync",
            "10045 shared yes - com.example.b2,com.example.a2 Other",
            "10013 app yes - com.example.c C",
            "1010014 app yes - com.example.d D",
        ]);
        let aliases = aliases(&before, &after);
        assert_eq!(aliases.len(), 1);
        let (later, earlier) = aliases.first_key_value().unwrap();
        assert!(
            matches!(&**later, OwnerKey::Packages { packages, .. } if packages.contains("new"))
        );
        assert!(before.contains_key(earlier));
    }
}
