//! Who a UID is, as far as it can be said, and why.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{Uid, UserId};

/// The system that the sockets belong to. It decides what a UID can mean.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Platform {
    /// A phone: UIDs are Android users, apps and daemons.
    Android,
    /// Another Linux: UIDs are people and services; "firmware" has no meaning there.
    Linux,
}

impl Platform {
    /// The word used in outputs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Android => "android",
            Self::Linux => "linux",
        }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What sort of owner a UID is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum OwnerKind {
    /// The kernel itself.
    Kernel,
    /// A daemon or platform component of Android (app id below 10000, except shell).
    System,
    /// Android's adb shell, UID 2000: the user's own commands.
    Shell,
    /// One package.
    App,
    /// Several packages that share one UID.
    Shared,
    /// An isolated process of some app; which, the UID does not say.
    Isolated,
    /// The SDK sandbox of an app (Android 13 and later).
    Sandbox,
    /// An app's UID that a complete package list does not have (any more).
    Removed,
    /// A person's account (plain Linux).
    User,
    /// A service's account (plain Linux).
    Service,
    /// Not known; the reason says why.
    Unknown,
}

impl OwnerKind {
    /// The word used in outputs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Kernel => "kernel",
            Self::System => "system",
            Self::Shell => "shell",
            Self::App => "app",
            Self::Shared => "shared",
            Self::Isolated => "isolated",
            Self::Sandbox => "sandbox",
            Self::Removed => "removed",
            Self::User => "user",
            Self::Service => "service",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for OwnerKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Whether an owner comes with the phone.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Firmware {
    /// It does: a platform UID, or every package lies on a firmware partition.
    Yes,
    /// It does not.
    No,
    /// Some packages of the UID do, others do not (or are preloaded, or not known).
    Mixed,
    /// It lies in /data, but is signed as a firmware package is, or was there at first boot.
    Preloaded,
    /// It cannot be said.
    Unknown,
}

impl Firmware {
    /// The word used in outputs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Mixed => "mixed",
            Self::Preloaded => "preloaded",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Firmware {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What weakens a claim about a firmware owner.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// It fetches for others: download and media providers, DNS, VPN, Play services, `WebView`.
    GoBetween,
    /// Preinstalled with a launcher entry: it goes where its user goes.
    UserFacing,
}

impl Role {
    /// The word used in outputs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::GoBetween => "go-between",
            Self::UserFacing => "user-facing",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The roles of an owner.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct Roles {
    /// It fetches for others.
    pub go_between: bool,
    /// It goes where its user goes.
    pub user_facing: bool,
}

impl Roles {
    /// No role.
    pub const NONE: Self = Self {
        go_between: false,
        user_facing: false,
    };

    /// The roles held, in a fixed order.
    pub fn iter(self) -> impl Iterator<Item = Role> {
        [
            (self.go_between, Role::GoBetween),
            (self.user_facing, Role::UserFacing),
        ]
        .into_iter()
        .filter_map(|(held, role)| held.then_some(role))
    }

    /// Whether any role is held.
    pub const fn is_empty(self) -> bool {
        !self.go_between && !self.user_facing
    }
}

/// An Android package name, such as `com.example.app`.
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct PackageName(Arc<str>);

/// A text that cannot be a package name.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{0:?} is not a package name: letters, digits, '_', '-' and '.', at most 255 bytes")]
pub struct InvalidPackageName(String);

impl PackageName {
    /// The longest name accepted, in bytes (a file name's limit; packages are folders).
    pub const MAX_LEN: usize = 255;

    /// The name, if `text` has the form of one (`-` and single-segment names such as `android`
    /// are accepted, as real lists have them).
    pub fn new(text: &str) -> Result<Self, InvalidPackageName> {
        let good = !text.is_empty()
            && text.len() <= Self::MAX_LEN
            && !text.starts_with('.')
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
        if good {
            Ok(Self(text.into()))
        } else {
            Err(InvalidPackageName(text.chars().take(64).collect()))
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for PackageName {
    type Error = InvalidPackageName;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::new(&text)
    }
}

impl From<PackageName> for String {
    fn from(name: PackageName) -> Self {
        name.0.as_ref().to_owned()
    }
}

impl fmt::Display for PackageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A process that holds a socket, or may: its name and, where it was looked up, its id.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Program {
    /// The program's file name, or the kernel's short name of the process.
    pub name: Arc<str>,
    /// The process id at the time of the look.
    pub pid: u32,
}

/// Why an [`Owner`] is said to be what it is. Words for people are in portlog-words.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum OwnerReason {
    /// The kernel named no owner for the row: closing or not yet accepted, or too short-lived.
    NoOwnerInRow,
    /// An id of Android's own table (AID), called `name` there.
    PlatformId {
        /// The AID's name in lower case, such as `system`.
        name: &'static str,
    },
    /// An id in a range that Android reserves, not in its table.
    PlatformRange {
        /// What the range is for: `vendor`, `odm`, `product`, `system_ext`, `system`, `reserved`.
        range: &'static str,
    },
    /// UID 2000: adb's shell.
    AdbShell,
    /// Every package lies on a firmware partition (or is an update of such a one).
    OnFirmwarePartition {
        /// The first package.
        package: PackageName,
        /// The folder it lies in (before any update), where known.
        path: Option<Arc<str>>,
    },
    /// An update in /data of a package that came with the phone.
    UpdatedFirmware {
        /// The package.
        package: PackageName,
    },
    /// Installed in /data.
    InstalledInData {
        /// The package.
        package: PackageName,
    },
    /// In /data, judged by the path alone: an update of a preinstalled app looks the same.
    InDataByPathAlone {
        /// The package.
        package: PackageName,
    },
    /// In /data, signed with the certificate of a firmware package.
    SignedAsFirmware {
        /// The package.
        package: PackageName,
    },
    /// In /data since the phone's first boot, and no installer is named.
    PresentSinceFirstBoot {
        /// The package.
        package: PackageName,
    },
    /// The packages of the UID differ: some come with the phone, others do not or are not known.
    MixedPackages {
        /// How many come with the phone.
        firmware: u32,
        /// How many the UID has.
        of: u32,
    },
    /// The package manager marks it as part of the system; the folder is not known, or is none of
    /// the known firmware partitions.
    MarkedAsSystem {
        /// The package.
        package: PackageName,
    },
    /// Installed outside /data on storage that is added later: a card, adopted storage.
    InstalledElsewhere {
        /// The package.
        package: PackageName,
        /// The folder it lies in.
        path: Arc<str>,
    },
    /// It lies in a folder that is neither /data nor a known firmware partition, and no list says
    /// whether it is part of the system.
    UnknownPlace {
        /// The package.
        package: PackageName,
        /// The folder it lies in.
        path: Arc<str>,
    },
    /// The list names the package, but nothing about where it lies.
    NoPathKnown {
        /// The package.
        package: PackageName,
    },
    /// Isolated processes have a UID of their own that no list names.
    IsolatedProcess,
    /// The SDK sandbox that belongs to the app with this UID.
    SandboxOf {
        /// The app's UID.
        app: Uid,
    },
    /// An app's UID that the complete package list does not have.
    NotInPackageList,
    /// An app's UID, and no package list could be read.
    PackageListUnreadable,
    /// An app's UID, and the package list is too short to conclude anything from an absence.
    PackageListShort {
        /// How many packages it has.
        packages: u32,
    },
    /// An app's UID, and lines of the package list could not be read: it may stand in one of them.
    PackageListDamaged {
        /// How many lines could not be read.
        bad: u32,
    },
    /// An app's UID, and the package list names packages without their UIDs.
    PackageListWithoutUids {
        /// How many packages it names.
        packages: u32,
    },
    /// An app's UID of an Android user of whom the package list says nothing.
    UserNotListed {
        /// The user.
        user: UserId,
    },
    /// An app's UID, and no package list was given.
    NoPackageList,
    /// An id in a range that Android does not give to processes.
    UnassignedRange,
    /// The kernel's stand-in for an id that has no place in the reader's user namespace
    /// (`/proc/sys/kernel/overflowuid`, 65534): whose it is cannot be said.
    OverflowId,
    /// Named in the system's account list (plain Linux).
    Account {
        /// The account's name.
        name: Arc<str>,
    },
    /// No account list was given: that of the machine at hand says nothing about another's ids
    /// (plain Linux).
    AccountsNotGiven,
    /// Not in the system's account list (plain Linux).
    NoAccount,
    /// The system's account list could not be read (plain Linux).
    AccountsUnreadable,
}

/// Who a UID is. A shared UID is its whole set of packages, never one of them.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Owner {
    /// The kernel's id; `None` where the kernel named no owner.
    pub uid: Option<Uid>,
    /// The Android user; `None` on plain Linux and where there is no UID.
    pub user: Option<UserId>,
    /// What sort of owner it is.
    pub kind: OwnerKind,
    /// All packages of the UID, in order of name.
    pub packages: Vec<PackageName>,
    /// The program that holds the socket, where it was looked up.
    pub program: Option<Program>,
    /// Processes of the same UID: the socket belongs to one of them, which is not known.
    pub candidates: Vec<Program>,
    /// What to call it: label, package, AID, account or program; never empty.
    pub name: Arc<str>,
    /// Whether it comes with the phone.
    pub firmware: Firmware,
    /// What weakens a claim about it.
    pub roles: Roles,
    /// Why it is said to be all this.
    pub why: OwnerReason,
}

impl Owner {
    /// The owner of a row for which the kernel named none.
    pub fn unnamed() -> Self {
        Self {
            uid: None,
            user: None,
            kind: OwnerKind::Unknown,
            packages: Vec::new(),
            program: None,
            candidates: Vec::new(),
            name: Arc::from("unknown"),
            firmware: Firmware::Unknown,
            roles: Roles::NONE,
            why: OwnerReason::NoOwnerInRow,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn real_package_names_are_accepted() {
        for name in ["android", "com.example.app", "com.example.my_app-beta2"] {
            assert_eq!(PackageName::new(name).unwrap().as_str(), name);
        }
    }

    #[test]
    fn what_could_break_a_line_or_a_path_is_no_package_name() {
        for name in ["", "a b", "a\nb", "../x", "a/b", "ä", ".hidden"] {
            assert!(PackageName::new(name).is_err(), "{name:?}");
        }
        assert!(PackageName::new(&"a".repeat(256)).is_err());
    }
}
