//! Who UIDs are, as the shown packages entries say.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use portlog_journal::entry::OwnerText;
use portlog_model::{
    Firmware, Owner, OwnerKind, OwnerReason, PackageName, Platform, Role, Roles, Uid,
};

use super::told::{Row, Told};
use super::word;

/// The most UIDs of packages entries that are kept; of others it is said that the file has them.
const MAX_KEPT: usize = 200_000;
/// The most bytes of different owners that are kept.
const MAX_BYTES: usize = 16 << 20;

/// Who had a socket.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Who {
    /// The kernel named no UID.
    Nobody,
    /// The sharer withheld the UID.
    Withheld,
    /// A UID.
    Uid(Box<str>, Known),
}

/// What is known of a UID.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Known {
    /// What a packages entry says.
    As(Arc<Facts>),
    /// It is withheld.
    Withheld,
    /// No shown entry says.
    NotShown,
}

/// An owner as the log has it.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Facts {
    pub(crate) kind: Box<str>,
    pub(crate) firmware: Box<str>,
    pub(crate) roles: Vec<Box<str>>,
    /// Its whole set, as far as the log has it.
    pub(crate) packages: Vec<Box<str>>,
    /// Packages that the log left out.
    pub(crate) more: u64,
    pub(crate) name: Told,
}

impl Facts {
    fn read(owner: &OwnerText<'_>) -> Self {
        let split = |text: Option<&str>| -> Vec<Box<str>> {
            text.into_iter()
                .flat_map(|text| text.split(','))
                .map(Into::into)
                .collect()
        };
        let mut packages = split(owner.packages);
        let more = packages
            .last()
            .and_then(|last| last.strip_prefix('+')?.parse().ok());
        if more.is_some() {
            packages.pop();
        }
        Self {
            kind: owner.kind.into(),
            firmware: owner.firmware.into(),
            roles: split(owner.roles),
            packages,
            more: more.unwrap_or(0),
            name: owner.name.map_or(Told::Nothing, Told::of),
        }
    }

    /// How many packages share the UID.
    pub(crate) fn count(&self) -> u64 {
        u64::try_from(self.packages.len())
            .unwrap_or(u64::MAX)
            .saturating_add(self.more)
    }

    fn has(&self, role: Role) -> bool {
        self.roles.iter().any(|word| &**word == role.as_str())
    }
}

impl Who {
    /// Whether the kernel did not say, or it was not shown, or it may come with the phone.
    pub(crate) fn may_come_with_the_phone(&self) -> bool {
        match self {
            Self::Uid(_, Known::As(facts)) => word::firmware(&facts.firmware) != Some(Firmware::No),
            _ => true,
        }
    }

    /// Whether the model can have all that a sentence says of it: a UID that is withheld is not one that
    /// the kernel did not name, and a set that the log cut is larger than what is left of it.
    pub(crate) fn is_told(&self) -> bool {
        match self {
            Self::Withheld => false,
            Self::Uid(_, Known::As(facts)) => facts.more == 0,
            Self::Nobody | Self::Uid(..) => true,
        }
    }

    /// The owner as the model has it, as far as the log tells. Why it was said to be firmware is in no
    /// log; nothing that is said from here on depends on it.
    pub(crate) fn model(&self, platform: Platform) -> Owner {
        let mut owner = Owner::unnamed();
        let Self::Uid(uid, known) = self else {
            return owner;
        };
        owner.uid = uid.parse().ok().map(Uid::new);
        if platform == Platform::Android {
            owner.user = owner.uid.map(Uid::user);
        }
        let Known::As(facts) = known else {
            return owner;
        };
        owner.kind = word::owner_kind(&facts.kind).unwrap_or(OwnerKind::Unknown);
        owner.firmware = word::firmware(&facts.firmware).unwrap_or(Firmware::Unknown);
        owner.roles = Roles {
            go_between: facts.has(Role::GoBetween),
            user_facing: facts.has(Role::UserFacing),
        };
        owner.packages = facts
            .packages
            .iter()
            .filter_map(|package| PackageName::new(package).ok())
            .collect();
        let name = match (&facts.name, facts.packages.first()) {
            (Told::Value(name, _), _) | (_, Some(name)) => name,
            _ => uid,
        };
        owner.name = Arc::from(&**name);
        owner.why = OwnerReason::NoPackageList;
        owner
    }

    /// The shortest name for it: in a heading, or a question.
    pub(crate) fn short(&self) -> Option<String> {
        let Self::Uid(uid, known) = self else {
            return None;
        };
        let name = match known {
            Known::As(facts) => match (facts.packages.as_slice(), facts.more, &facts.name) {
                ([one], 0, _) => Some(one.to_string()),
                ([], 0, Told::Value(name, _)) => Some(name.to_string()),
                _ => None,
            },
            _ => None,
        };
        Some(match name {
            Some(name) => format!("{name} (UID {uid})"),
            None => format!("UID {uid}"),
        })
    }
}

/// Every UID that shown packages entries name.
#[derive(Debug, Default)]
pub(crate) struct Owners {
    by_entry: BTreeMap<(u64, u64), Arc<Facts>>,
    /// The latest word on each UID.
    latest: BTreeMap<u64, Arc<Facts>>,
    /// Packages entries of which some UIDs are withheld.
    withheld: BTreeSet<u64>,
    /// Each owner once: many entries repeat the same.
    known: BTreeSet<Arc<Facts>>,
    bytes: usize,
}

impl Owners {
    /// Reads a packages entry.
    pub(crate) fn read(&mut self, row: &Row<'_>) {
        for value in row.owners() {
            match value {
                None => {
                    self.withheld.insert(row.index);
                }
                Some(text) => self.keep(row.index, text),
            }
        }
    }

    fn keep(&mut self, index: u64, text: &str) {
        let Some(owner) = OwnerText::parse(text) else {
            return;
        };
        if self.by_entry.len() >= MAX_KEPT || self.bytes >= MAX_BYTES {
            return;
        }
        let facts = Facts::read(&owner);
        let facts = self.known.get(&facts).cloned().unwrap_or_else(|| {
            let facts = Arc::new(facts);
            self.bytes = self.bytes.saturating_add(text.len());
            self.known.insert(Arc::clone(&facts));
            facts
        });
        self.by_entry.insert((index, owner.uid), Arc::clone(&facts));
        self.latest.insert(owner.uid, facts);
    }

    /// Who an entry about a connection names.
    pub(crate) fn who(&self, row: &Row<'_>) -> Who {
        if row.is_withheld("uid") {
            return Who::Withheld;
        }
        let Some(uid) = row.value("uid") else {
            return Who::Nobody;
        };
        let named = row.number("owner").zip(uid.parse().ok());
        let known = match named {
            None if row.is_withheld("owner") => Known::Withheld,
            None => Known::NotShown,
            Some((index, uid)) => match self.by_entry.get(&(index, uid)) {
                Some(facts) => Known::As(Arc::clone(facts)),
                None if self.withheld.contains(&index) => Known::Withheld,
                None => Known::NotShown,
            },
        };
        Who::Uid(uid.into(), known)
    }

    /// Who a UID is by the latest word on it.
    pub(crate) fn now(&self, uid: &str) -> Who {
        let facts = uid.parse().ok().and_then(|uid: u64| self.latest.get(&uid));
        let known = match facts {
            Some(facts) => Known::As(Arc::clone(facts)),
            None if self.withheld.is_empty() => Known::NotShown,
            None => Known::Withheld,
        };
        Who::Uid(uid.into(), known)
    }
}
