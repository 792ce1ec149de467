//! What a claim is about, in a form that outlives a run: UIDs are given anew when an app is
//! installed again, connection numbers with every run.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use std::sync::Arc;

use portlog_model::{AppId, Endpoint, ListHit, Owner, OwnerKind, PackageName, Uid, UserId};
use serde::{Deserialize, Serialize};

/// The first app id of installed packages (AOSP `AID_APP_START`); below it ids are fixed.
const FIRST_APP: u32 = 10_000;

/// Who an owner is, across restarts and reinstallations.
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OwnerKey {
    /// Nobody was named.
    Unknown,
    /// A UID without packages, or one that Android fixes.
    Uid(Uid),
    /// The packages of a UID, in order, for one Android user.
    Packages {
        /// The Android user.
        user: UserId,
        /// The packages.
        packages: Arc<[PackageName]>,
    },
    /// Isolated processes of an Android user: each has a new UID, and whose it is is not known.
    Isolated {
        /// The Android user.
        user: UserId,
    },
}

impl OwnerKey {
    /// The key of `owner`.
    pub fn of(owner: &Owner) -> Self {
        let Some(uid) = owner.uid else {
            return Self::Unknown;
        };
        let fixed = owner.user.is_none() || uid.app_id().get() < FIRST_APP;
        match owner.kind {
            OwnerKind::Isolated => Self::Isolated { user: uid.user() },
            OwnerKind::App | OwnerKind::Shared if !fixed && !owner.packages.is_empty() => {
                let mut packages = owner.packages.clone();
                packages.sort_unstable();
                Self::Packages {
                    user: uid.user(),
                    packages: packages.into(),
                }
            }
            OwnerKind::App
            | OwnerKind::Kernel
            | OwnerKind::Removed
            | OwnerKind::Sandbox
            | OwnerKind::Service
            | OwnerKind::Shared
            | OwnerKind::Shell
            | OwnerKind::System
            | OwnerKind::Unknown
            | OwnerKind::User => Self::Uid(uid),
        }
    }
}

/// One word that [`OwnerKey::from_str`] reads back: `?`, `uid:1000`, `isolated:0`,
/// `0:com.example.a,com.example.b`.
impl fmt::Display for OwnerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("?"),
            Self::Uid(uid) => write!(f, "uid:{uid}"),
            Self::Isolated { user } => write!(f, "isolated:{user}"),
            Self::Packages { user, packages } => {
                write!(f, "{user}:")?;
                for (index, package) in packages.iter().enumerate() {
                    let comma = if index == 0 { "" } else { "," };
                    write!(f, "{comma}{package}")?;
                }
                Ok(())
            }
        }
    }
}

/// A text that is no owner's key.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("this is not the key of an owner")]
pub struct InvalidOwnerKey;

impl FromStr for OwnerKey {
    type Err = InvalidOwnerKey;

    fn from_str(text: &str) -> Result<Self, InvalidOwnerKey> {
        if text == "?" {
            return Ok(Self::Unknown);
        }
        let (before, after) = text.split_once(':').ok_or(InvalidOwnerKey)?;
        let number = |text: &str| text.parse::<u32>().map_err(|_| InvalidOwnerKey);
        Ok(match before {
            "uid" => Self::Uid(Uid::new(number(after)?)),
            "isolated" => Self::Isolated {
                user: UserId::new(number(after)?),
            },
            user => Self::Packages {
                user: UserId::new(number(user)?),
                packages: after
                    .split(',')
                    .map(PackageName::new)
                    .collect::<Result<_, _>>()
                    .map_err(|_| InvalidOwnerKey)?,
            },
        })
    }
}

/// What a claim is about beside an owner and an entry.
///
/// Stored as one text; a name that someone asked for may look like an address, and is one then.
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(from = "String", into = "String")]
pub enum Peer {
    /// The remote host's address: of a NAT64 address (`64:ff9b::/96`) the IPv4 address in it.
    Address(IpAddr),
    /// A name that was asked for, where nothing is claimed of a connection.
    Name(Arc<str>),
}

impl Peer {
    /// The address, where it is one.
    pub const fn address(&self) -> Option<IpAddr> {
        match self {
            Self::Address(address) => Some(*address),
            Self::Name(_) => None,
        }
    }
}

impl From<String> for Peer {
    fn from(text: String) -> Self {
        match text.parse() {
            Ok(address) => Self::Address(address),
            Err(_) => Self::Name(text.into()),
        }
    }
}

impl From<Peer> for String {
    fn from(peer: Peer) -> Self {
        peer.to_string()
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::Name(name) => f.write_str(name),
        }
    }
}

/// What a claim is about: an owner, an entry, and a remote address or a name.
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub struct ClaimKey {
    /// The owner.
    pub owner: OwnerKey,
    /// The name of the list.
    pub list: Arc<str>,
    /// The entry, as it stands in the list.
    pub entry: Arc<str>,
    /// Whom the owner reached, or which name it asked for. Files call it `remote`.
    #[serde(rename = "remote")]
    pub peer: Peer,
}

impl ClaimKey {
    /// What a hit about `owner` and its peer `remote` is about.
    pub fn new(owner: &Owner, hit: &ListHit, remote: Endpoint) -> Self {
        Self {
            owner: OwnerKey::of(owner),
            list: Arc::clone(&hit.list),
            entry: Arc::clone(&hit.entry),
            peer: Peer::Address(host(remote)),
        }
    }

    /// What a hit about a `name` that `owner` asked for is about.
    pub fn of_question(owner: &Owner, hit: &ListHit, name: &Arc<str>) -> Self {
        Self {
            owner: OwnerKey::of(owner),
            list: Arc::clone(&hit.list),
            entry: Arc::clone(&hit.entry),
            peer: Peer::Name(Arc::clone(name)),
        }
    }
}

/// The address of the host behind `remote`, the same on networks with and without NAT64.
pub(crate) fn host(remote: Endpoint) -> IpAddr {
    remote.nat64().map_or(remote.address(), IpAddr::V4)
}

const _: () = assert!(FIRST_APP < AppId::PER_USER);

#[cfg(test)]
mod tests {
    use portlog_model::{Firmware, OwnerReason, Roles};

    use super::*;

    fn app(uid: u32, packages: &[&str]) -> Owner {
        Owner {
            uid: Some(Uid::new(uid)),
            user: Some(Uid::new(uid).user()),
            kind: if packages.len() > 1 {
                OwnerKind::Shared
            } else {
                OwnerKind::App
            },
            packages: packages
                .iter()
                .map(|name| PackageName::new(name).unwrap())
                .collect(),
            program: None,
            candidates: Vec::new(),
            name: Arc::from("app"),
            firmware: Firmware::Yes,
            roles: Roles::NONE,
            why: OwnerReason::NoPackageList,
        }
    }

    #[test]
    fn a_key_can_be_written_and_read_back() {
        let keys = [
            OwnerKey::Unknown,
            OwnerKey::of(&app(1_000, &["android"])),
            OwnerKey::of(&app(1_010_050, &["org.example.b", "org.example.a"])),
            OwnerKey::Isolated {
                user: UserId::new(10),
            },
        ];
        for key in keys {
            assert_eq!(key.to_string().parse(), Ok(key));
        }
        for text in ["", "?x", "uid:", "uid:-1", "0:", "0:a b", "0:a,,b", "x:a"] {
            assert_eq!(text.parse::<OwnerKey>(), Err(InvalidOwnerKey), "{text:?}");
        }
    }

    #[test]
    fn a_reinstalled_app_is_the_same_owner_and_another_users_is_not() {
        let first = OwnerKey::of(&app(10_012, &["com.example.sync"]));
        assert_eq!(first, OwnerKey::of(&app(10_345, &["com.example.sync"])));
        assert_ne!(first, OwnerKey::of(&app(1_010_012, &["com.example.sync"])));
        assert_ne!(first, OwnerKey::of(&app(10_012, &["com.example.other"])));
    }

    #[test]
    fn a_shared_uid_is_its_set_in_any_order() {
        assert_eq!(
            OwnerKey::of(&app(10_050, &["org.example.b", "org.example.a"])),
            OwnerKey::of(&app(10_050, &["org.example.a", "org.example.b"]))
        );
    }

    #[test]
    fn a_fixed_uid_stays_itself_when_a_package_joins_it() {
        let system = OwnerKey::of(&app(1_000, &["android", "com.example.settings"]));
        assert_eq!(system, OwnerKey::Uid(Uid::new(1_000)));
    }

    #[test]
    fn isolated_processes_are_one_owner_per_user() {
        let mut one = app(99_007, &[]);
        one.kind = OwnerKind::Isolated;
        let mut two = app(99_008, &[]);
        two.kind = OwnerKind::Isolated;
        assert_eq!(OwnerKey::of(&one), OwnerKey::of(&two));
    }

    #[test]
    fn an_account_of_plain_linux_is_its_uid() {
        let mut service = app(10_033, &[]);
        service.kind = OwnerKind::Service;
        service.user = None;
        assert_eq!(OwnerKey::of(&service), OwnerKey::Uid(Uid::new(10_033)));
        assert_eq!(OwnerKey::of(&Owner::unnamed()), OwnerKey::Unknown);
    }
}
