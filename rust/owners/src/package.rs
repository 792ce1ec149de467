//! What a list says about one package.

use std::fmt;
use std::sync::Arc;

use portlog_model::{PackageName, Uid, WallTime};

/// One package under one UID, with as much as its list tells. `None` always means "not told".
///
/// A package that several Android users have is one entry for each of its UIDs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PackageEntry {
    /// Its name.
    pub package: PackageName,
    /// Its UID.
    pub uid: Uid,
    /// What the package manager says about its place.
    pub flags: Option<PackageFlags>,
    /// The APK or the folder it is run from (`ApplicationInfo.sourceDir`).
    pub source_path: Option<Arc<str>>,
    /// Where the copy lies that came with the phone, for an updated one.
    pub factory_path: Option<Arc<str>>,
    /// Its version, as shown to people.
    pub version: Option<Arc<str>>,
    /// Its label, as shown to people. Chosen by the app.
    pub label: Option<Arc<str>>,
    /// The certificates that signed it.
    pub signers: Vec<Signer>,
    /// What installed it.
    pub installer: Option<Installer>,
    /// Whether it has an entry in the launcher.
    pub launcher_entry: Option<bool>,
    /// When it was installed first. Lists without a time zone give the phone's local time as if it
    /// were UTC: it is only compared with times of the same list.
    pub first_install_time: Option<WallTime>,
}

impl PackageEntry {
    /// An entry of which nothing but name and UID is told.
    pub const fn new(package: PackageName, uid: Uid) -> Self {
        Self {
            package,
            uid,
            flags: None,
            source_path: None,
            factory_path: None,
            version: None,
            label: None,
            signers: Vec::new(),
            installer: None,
            launcher_entry: None,
            first_install_time: None,
        }
    }
}

/// Flags of `ApplicationInfo` that tell where a package comes from.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct PackageFlags {
    /// `FLAG_SYSTEM`: it is, or was before an update, on a firmware partition.
    pub system: bool,
    /// `FLAG_UPDATED_SYSTEM_APP`: an update of it is in /data.
    pub updated_system: bool,
}

/// What installed a package.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Installer {
    /// The list says that none is recorded.
    None,
    /// This package.
    Package(PackageName),
}

/// A signing certificate, by any digest that is equal for equal certificates within one list:
/// SHA-256 in a structured list, Java's 32-bit hash in `dumpsys package`.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Signer(Arc<str>);

impl Signer {
    /// The certificate with this digest; hexadecimal in either case, with or without colons.
    /// `None` for what is no digest.
    pub fn new(digest: &str) -> Option<Self> {
        let plain: String = digest
            .chars()
            .filter(|&c| c != ':')
            .map(|c| c.to_ascii_lowercase())
            .take(Self::MAX_DIGITS.saturating_add(1))
            .collect();
        let good = !plain.is_empty()
            && plain.len() <= Self::MAX_DIGITS
            && plain.bytes().all(|b| b.is_ascii_hexdigit());
        good.then(|| Self(plain.into()))
    }

    /// Digits of SHA-512.
    const MAX_DIGITS: usize = 128;
}

impl fmt::Display for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_certificate_is_one_signer_however_it_is_written() {
        assert_eq!(Signer::new("AB:cd:01"), Signer::new("abcd01"));
        assert_ne!(Signer::new("ab"), Signer::new("ac"));
    }

    #[test]
    fn what_is_no_digest_signs_nothing() {
        for text in ["", ":", "xyz", "ab cd", &"a".repeat(129)] {
            assert_eq!(Signer::new(text), None, "{text:?}");
        }
    }
}
