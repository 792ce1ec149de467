//! Android: what an id is, and whose it is by the list.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use portlog_model::{
    AppId, Firmware, Owner, OwnerKind, OwnerReason, PackageName, Roles, Uid, UserId,
};

use super::Unlisted;
use crate::aid::{self, IdClass};
use crate::origin::{self, Evidence, Origin};
use crate::printable::printable;
use crate::{Doubt, PackageEntry, PackageList, role};

/// What is kept of a package list.
#[derive(Debug)]
pub(super) struct Packages {
    by_app: BTreeMap<AppId, BTreeMap<PackageName, Known>>,
    absent: Absent,
}

/// What is kept of a package.
#[derive(Debug)]
struct Known {
    origin: Origin,
    label: Option<Arc<str>>,
    launcher_entry: Option<bool>,
}

/// What an app's UID is that has no package in the list.
#[derive(Debug)]
enum Absent {
    NotGiven,
    Doubt(Doubt),
    /// Of these users (`None`: of all) it is removed.
    Removed(Option<BTreeSet<UserId>>),
}

impl Packages {
    pub(super) fn of(list: PackageList) -> Self {
        let absent = list
            .doubt()
            .map_or_else(|| Absent::Removed(list.users()), Absent::Doubt);
        let evidence = Evidence::of(list.entries());
        let mut by_app: BTreeMap<AppId, BTreeMap<PackageName, Known>> = BTreeMap::new();
        for entry in list.into_entries() {
            let known = Known::of(&entry, &evidence);
            by_app
                .entry(entry.uid.app_id())
                .or_default()
                // A package is the same in every Android user; its first UID speaks.
                .entry(entry.package)
                .or_insert(known);
        }
        Self { by_app, absent }
    }

    pub(super) fn unlisted(reason: Unlisted) -> Self {
        Self {
            by_app: BTreeMap::new(),
            absent: match reason {
                Unlisted::NotGiven => Absent::NotGiven,
                Unlisted::Denied { .. } => Absent::Doubt(Doubt::Unreadable),
            },
        }
    }

    pub(super) fn owner(&self, uid: Uid) -> Owner {
        let class = aid::classify(uid);
        let blank = Owner {
            uid: Some(uid),
            user: Some(uid.user()),
            name: aid::notation(uid).into(),
            ..Owner::unnamed()
        };
        match class {
            IdClass::Platform(name) => Owner {
                kind: OwnerKind::System,
                firmware: Firmware::Yes,
                packages: self.names(uid.app_id()),
                roles: Roles {
                    go_between: role::platform_goes_between(name),
                    user_facing: false,
                },
                why: OwnerReason::PlatformId { name },
                ..blank
            },
            IdClass::Range(range) => Owner {
                kind: OwnerKind::System,
                firmware: Firmware::Yes,
                packages: self.names(uid.app_id()),
                why: OwnerReason::PlatformRange {
                    range: range.as_str(),
                },
                ..blank
            },
            IdClass::Shell => Owner {
                kind: OwnerKind::Shell,
                firmware: Firmware::No,
                packages: self.names(uid.app_id()),
                why: OwnerReason::AdbShell,
                ..blank
            },
            IdClass::App => self.app(uid.app_id(), blank),
            IdClass::SdkSandbox { app } => self.sandbox(uid.user(), app, blank),
            IdClass::Isolated => Owner {
                kind: OwnerKind::Isolated,
                why: OwnerReason::IsolatedProcess,
                ..blank
            },
            IdClass::Overflow => Owner {
                why: OwnerReason::OverflowId,
                ..blank
            },
            IdClass::Unassigned => Owner {
                why: OwnerReason::UnassignedRange,
                ..blank
            },
        }
    }

    fn app(&self, app: AppId, blank: Owner) -> Owner {
        let known = self.by_app.get(&app);
        let origins: Vec<&Origin> = known
            .into_iter()
            .flatten()
            .map(|(_, known)| &known.origin)
            .collect();
        let (Some(known), Some(origin)) = (known, origin::combined(&origins)) else {
            return self.absent(blank);
        };
        Owner {
            kind: if known.len() > 1 {
                OwnerKind::Shared
            } else {
                OwnerKind::App
            },
            packages: known.keys().cloned().collect(),
            name: app_name(known).unwrap_or(blank.name),
            firmware: origin.level,
            roles: app_roles(known),
            why: origin.why,
            ..blank
        }
    }

    /// The sandbox runs what the app's advertisers wrote, in the app's name: its packages and its
    /// level are the app's.
    fn sandbox(&self, user: UserId, app: AppId, blank: Owner) -> Owner {
        let Some(app_uid) = user.uid(app) else {
            return blank;
        };
        let of = self.app(app, blank.clone());
        Owner {
            kind: OwnerKind::Sandbox,
            name: if of.packages.is_empty() {
                blank.name
            } else {
                format!("{}:sdk_sandbox", of.name).into()
            },
            why: OwnerReason::SandboxOf { app: app_uid },
            ..of
        }
    }

    fn absent(&self, blank: Owner) -> Owner {
        let why = match &self.absent {
            Absent::NotGiven => OwnerReason::NoPackageList,
            Absent::Doubt(Doubt::Unreadable) => OwnerReason::PackageListUnreadable,
            Absent::Doubt(Doubt::WithoutUids { packages }) => OwnerReason::PackageListWithoutUids {
                packages: *packages,
            },
            Absent::Doubt(Doubt::Damaged { bad }) => OwnerReason::PackageListDamaged { bad: *bad },
            Absent::Doubt(Doubt::Short { packages }) => OwnerReason::PackageListShort {
                packages: *packages,
            },
            Absent::Removed(users) => match (users, blank.user) {
                (Some(users), Some(user)) if !users.contains(&user) => {
                    OwnerReason::UserNotListed { user }
                }
                _ => OwnerReason::NotInPackageList,
            },
        };
        Owner {
            kind: if why == OwnerReason::NotInPackageList {
                OwnerKind::Removed
            } else {
                OwnerKind::Unknown
            },
            why,
            ..blank
        }
    }

    fn names(&self, app: AppId) -> Vec<PackageName> {
        self.by_app
            .get(&app)
            .map(|known| known.keys().cloned().collect())
            .unwrap_or_default()
    }
}

impl Known {
    fn of(entry: &PackageEntry, evidence: &Evidence) -> Self {
        Self {
            origin: evidence.origin(entry),
            label: entry
                .label
                .as_deref()
                .and_then(|label| printable(label, MAX_LABEL)),
            launcher_entry: entry.launcher_entry,
        }
    }
}

const MAX_LABEL: usize = 64;

/// The label or the package; of several packages the first and how many more: `com.example.a (+1)`.
fn app_name(known: &BTreeMap<PackageName, Known>) -> Option<Arc<str>> {
    let (package, first) = known.first_key_value()?;
    Some(match (known.len(), &first.label) {
        (1, Some(label)) => Arc::clone(label),
        (1, None) => package.as_str().into(),
        (several, _) => format!("{package} (+{})", several.saturating_sub(1)).into(),
    })
}

/// A UID has a role if any of its packages that may come with the phone has: the socket may be
/// that one's.
fn app_roles(known: &BTreeMap<PackageName, Known>) -> Roles {
    let mut roles = Roles::NONE;
    for (package, known) in known {
        let with_phone = matches!(known.origin.level, Firmware::Yes | Firmware::Preloaded);
        if with_phone || known.origin.level == Firmware::Unknown {
            roles.go_between |= role::goes_between(package.as_str());
            roles.user_facing |= match known.launcher_entry {
                Some(entry) => entry && with_phone,
                None => role::faces_user(package.as_str()),
            };
        }
    }
    roles
}
