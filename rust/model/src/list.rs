//! What a list says about an address or a name.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::WallTime;

/// What sort of entries a list has. It decides how loud a hit may be.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Category {
    /// The user's own list.
    Own,
    /// Indicators of malware and surveillance.
    Threat,
    /// Trackers and advertising.
    Tracker,
    /// Services of makers and platforms.
    VendorService,
    /// Named in past reports; the host may have changed hands.
    Reported,
}

impl Category {
    /// Every category.
    pub const ALL: [Self; 5] = [
        Self::Own,
        Self::Threat,
        Self::Tracker,
        Self::VendorService,
        Self::Reported,
    ];

    /// The word used in outputs and in `--list CATEGORY=FILE`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Threat => "threat",
            Self::Tracker => "tracker",
            Self::VendorService => "vendor-service",
            Self::Reported => "reported",
        }
    }

    /// Whether a hit may become a match or a possible match; the others are only noted.
    pub const fn may_alert(self) -> bool {
        matches!(self, Self::Own | Self::Threat)
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A word that is no category.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{0:?} is no category: one of own, threat, tracker, vendor-service, reported")]
pub struct UnknownCategory(pub String);

impl FromStr for Category {
    type Err = UnknownCategory;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|category| category.as_str() == text)
            .ok_or_else(|| UnknownCategory(text.to_owned()))
    }
}

/// The SHA-256 of a list file, over its bytes as read.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Sha256([u8; 32]);

impl Sha256 {
    /// The digest with these bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The digest's bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Lower-case hexadecimal.
impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// How an entry hit.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum HitKind {
    /// The entry is the address.
    Address,
    /// The entry is a network that holds the address.
    Network,
    /// The entry is a name that was asked for and answered with the address.
    Domain,
    /// The entry is a name for which the address was seen elsewhere.
    Pinned,
    /// The entry is the name of a package.
    Package,
    /// The entry is a digest of a certificate that signed a package.
    Signer,
    /// The entry is a digest of a package's file.
    File,
    /// The entry is a name that was asked for; of a connection nothing is said.
    Asked,
}

impl HitKind {
    /// The word used in outputs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Network => "network",
            Self::Domain => "domain",
            Self::Pinned => "pinned",
            Self::Package => "package",
            Self::Signer => "signer",
            Self::File => "file",
            Self::Asked => "asked",
        }
    }
}

impl fmt::Display for HitKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// An entry of a list that speaks of an address or a name, and where it stands.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ListHit {
    /// The list's name.
    pub list: Arc<str>,
    /// The list's category.
    pub category: Category,
    /// The entry, as it stands in the list.
    pub entry: Arc<str>,
    /// The line it stands on, from 1.
    pub line: u32,
    /// The list's own date, or else its file's.
    pub list_date: Option<WallTime>,
    /// The list's digest.
    pub list_sha256: Sha256,
    /// How the entry hit.
    pub kind: HitKind,
}
