//! UID -> [`Owner`]: the table of ids and the list of packages or accounts put together.

mod packages;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use portlog_model::{
    Coverage, CoverageDetail, CoverageItem, CoverageStatus, Owner, OwnerKind, OwnerReason,
    PackagesInfo, Platform, Program, SourceKind, Uid,
};

use self::packages::Packages;
use crate::{Accounts, PackageList};

/// Who each UID is, on one system at one time.
///
/// What a UID is depends on nothing but the list that this was made of, so an answer never changes
/// and is kept; a new list makes a new directory.
#[derive(Debug)]
pub struct Directory {
    names: Names,
    coverage: Coverage,
    info: PackagesInfo,
    unnamed: Arc<Owner>,
    owners: BTreeMap<Uid, Arc<Owner>>,
    of_programs: BTreeMap<(Option<Uid>, Program), Arc<Owner>>,
}

/// Why there is no package list on a phone.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Unlisted {
    /// Nobody gave one.
    NotGiven,
    /// It was refused.
    Denied {
        /// The system call's error number, where there was one.
        errno: Option<i32>,
    },
}

impl Directory {
    /// A phone with this list of packages.
    pub fn android(list: PackageList) -> Self {
        let coverage = list.coverage();
        let info = info(&list, coverage.clone());
        Self::new(Names::Android(Packages::of(list)), coverage, info)
    }

    /// A phone without a list of packages: ids of the platform are known all the same.
    pub fn android_unlisted(reason: Unlisted) -> Self {
        let (status, detail) = match reason {
            Unlisted::NotGiven => (CoverageStatus::Absent, None),
            Unlisted::Denied { errno } => (CoverageStatus::Denied, errno),
        };
        let coverage = Coverage {
            status,
            details: detail.map(CoverageDetail::Errno).into_iter().collect(),
            ..Coverage::readable(CoverageItem::Packages, SourceKind::Packages, 0)
        };
        let info = PackagesInfo {
            coverage: coverage.clone(),
            packages: 0,
            uids: 0,
            sha256: None,
        };
        Self::new(Names::Android(Packages::unlisted(reason)), coverage, info)
    }

    /// Another Linux with these accounts.
    pub fn linux(accounts: Accounts) -> Self {
        let coverage = accounts.coverage();
        let info = PackagesInfo {
            coverage: coverage.clone(),
            packages: 0,
            uids: accounts.count(),
            sha256: accounts.sha256(),
        };
        Self::new(Names::Linux(accounts), coverage, info)
    }

    /// The system.
    pub const fn platform(&self) -> Platform {
        match self.names {
            Names::Android(_) => Platform::Android,
            Names::Linux(_) => Platform::Linux,
        }
    }

    /// What the list covers.
    pub fn coverage(&self) -> Coverage {
        self.coverage.clone()
    }

    /// The list in numbers.
    pub fn info(&self) -> PackagesInfo {
        self.info.clone()
    }

    /// Who `uid` is; `None` is a row for which the kernel named no owner.
    pub fn owner(&mut self, uid: Option<Uid>) -> Arc<Owner> {
        let Some(uid) = uid else {
            return Arc::clone(&self.unnamed);
        };
        if let Some(owner) = self.owners.get(&uid) {
            return Arc::clone(owner);
        }
        let owner = Arc::new(self.names.owner(uid));
        keep(&mut self.owners, uid, &owner);
        owner
    }

    /// The same with the program that was found to hold the socket.
    pub fn owner_of_program(&mut self, uid: Option<Uid>, program: Program) -> Arc<Owner> {
        let key = (uid, program);
        if let Some(owner) = self.of_programs.get(&key) {
            return Arc::clone(owner);
        }
        let mut owner = Owner::clone(&self.owner(uid));
        owner.program = Some(key.1.clone());
        let owner = Arc::new(owner);
        keep(&mut self.of_programs, key, &owner);
        owner
    }

    /// The same with the processes of which one must hold the socket. Not kept: they change.
    pub fn owner_with_candidates(
        &mut self,
        uid: Option<Uid>,
        candidates: Vec<Program>,
    ) -> Arc<Owner> {
        let owner = self.owner(uid);
        if candidates.is_empty() {
            return owner;
        }
        Arc::new(Owner {
            candidates,
            ..Owner::clone(&owner)
        })
    }

    fn new(names: Names, coverage: Coverage, info: PackagesInfo) -> Self {
        Self {
            names,
            coverage,
            info,
            unnamed: Arc::new(Owner::unnamed()),
            owners: BTreeMap::new(),
            of_programs: BTreeMap::new(),
        }
    }
}

/// More owners are not kept at a time: someone who walks through UIDs costs time, not memory.
const MAX_KEPT: usize = 4096;

fn keep<K: Ord>(map: &mut BTreeMap<K, Arc<Owner>>, key: K, owner: &Arc<Owner>) {
    if map.len() >= MAX_KEPT {
        map.clear();
    }
    map.insert(key, Arc::clone(owner));
}

#[derive(Debug)]
enum Names {
    Android(Packages),
    Linux(Accounts),
}

impl Names {
    fn owner(&self, uid: Uid) -> Owner {
        match self {
            Self::Android(packages) => packages.owner(uid),
            Self::Linux(accounts) => account_owner(accounts, uid),
        }
    }
}

/// An account of a plain Linux. UIDs below `UID_MIN` (1000 in every distribution's login.defs), and
/// those that systemd hands to services (61184 to 65519), belong to services, and so does `nobody`.
fn account_owner(accounts: &Accounts, uid: Uid) -> Owner {
    let blank = Owner {
        uid: Some(uid),
        user: None,
        name: uid.to_string().into(),
        ..Owner::unnamed()
    };
    match accounts.name(uid) {
        Some(name) => Owner {
            kind: match uid.get() {
                0..1000 | 61_184..=65_519 | 65_534 => OwnerKind::Service,
                _ => OwnerKind::User,
            },
            name: Arc::clone(name),
            why: OwnerReason::Account {
                name: Arc::clone(name),
            },
            ..blank
        },
        None => Owner {
            why: accounts.why_unnamed(),
            ..blank
        },
    }
}

fn info(list: &PackageList, coverage: Coverage) -> PackagesInfo {
    let uids: BTreeSet<Uid> = list.entries().iter().map(|entry| entry.uid).collect();
    PackagesInfo {
        packages: coverage.rows,
        uids: u64::try_from(uids.len()).unwrap_or(u64::MAX),
        coverage,
        sha256: list.sha256(),
    }
}

#[cfg(test)]
mod tests;
