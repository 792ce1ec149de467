//! Rules about apps: the package rules of a bundle of indicators, and what they say of a phone's
//! packages.
//!
//! No socket shows an app's name or its certificate, so these rules are compared with the package list
//! instead. A name alone is worth a note and no more: anybody may call a package so, and a bundle names a
//! counterfeit by the name of what it counterfeits. A certificate or a file's digest cannot be had by
//! choosing a name, and makes a match.

use std::fmt;
use std::sync::Arc;

use portlog_model::{HitKind, Level, ListHit, Match, PackageName, Weakening};

use crate::error::Shown;
use crate::{LineError, List, ListSet};

/// What a package rule compares.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum PackageKey {
    /// The package's name (`app:id`).
    Name(PackageName),
    /// A certificate that signed it (`app:cert.sha256` and its kin).
    Signer(Digest),
    /// Its file, the APK (`file:hashes.'SHA-256'` and its kin).
    File(Digest),
}

/// MD5, SHA-1 or SHA-256 in lower-case hexadecimal; the length tells which.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Digest(Arc<str>);

/// What is known of one package.
#[derive(Clone, Copy, Debug)]
pub struct PackageFacts<'a> {
    /// Its name.
    pub package: &'a PackageName,
    /// Digests of the certificates that signed it, as far as the package list has any.
    pub signers: &'a [Digest],
    /// Digests of its file, where they are known.
    pub files: &'a [Digest],
}

impl Digest {
    /// The digest in `text`: hexadecimal in either case, with or without colons. `None` for what is
    /// none.
    pub fn new(text: &str) -> Option<Self> {
        // As long as SHA-256 with colons, whatever comes.
        if text.len() > 96 {
            return None;
        }
        let plain: String = text
            .chars()
            .filter(|c| *c != ':')
            .map(|c| c.to_ascii_lowercase())
            .collect();
        let is_one = matches!(plain.len(), 32 | 40 | 64)
            && plain.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_one.then(|| Self(plain.into()))
    }

    /// In lower case, without colons.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl PackageKey {
    /// As an entry shows it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Name(name) => name.as_str(),
            Self::Signer(digest) | Self::File(digest) => digest.as_str(),
        }
    }

    /// How a hit of such a rule hits.
    pub const fn kind(&self) -> HitKind {
        match self {
            Self::Name(_) => HitKind::Package,
            Self::Signer(_) => HitKind::Signer,
            Self::File(_) => HitKind::File,
        }
    }

    /// The key of the comparison `path = value` in a pattern; `None` where it is about something else.
    pub(crate) fn of_pattern(path: &str, value: &str) -> Option<Result<Self, LineError>> {
        let (object, property) = path.split_once(':')?;
        let property = property.to_ascii_lowercase().replace(['-', '\''], "");
        let digest = |length: usize| {
            Digest::new(value)
                .filter(|digest| digest.as_str().len() == length)
                .ok_or_else(|| LineError::NotADigest(Shown::new(value)))
        };
        let hash = property
            .strip_prefix("cert.")
            .filter(|_| object == "app")
            .or_else(|| {
                property
                    .strip_prefix("hashes.")
                    .filter(|_| object == "file")
            });
        match (object, hash) {
            ("app", None) if property == "id" => Some(
                PackageName::new(value)
                    .map(Self::Name)
                    .map_err(|_| LineError::NotAPackage(Shown::new(value))),
            ),
            (_, Some(hash)) => {
                let length = match hash {
                    "md5" => 32,
                    "sha1" => 40,
                    "sha256" => 64,
                    _ => return None,
                };
                let key = if object == "app" {
                    Self::Signer
                } else {
                    Self::File
                };
                Some(digest(length).map(key))
            }
            _ => None,
        }
    }
}

/// A package rule.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct PackageRule {
    pub(crate) key: PackageKey,
    /// What an answer shows.
    pub(crate) entry: Arc<str>,
    /// Its line, from 1.
    pub(crate) line: u32,
}

/// The package rules of a list, one for each key, in their order.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct PackageRules(Vec<PackageRule>);

impl PackageRules {
    /// The rules, and how many were left out because an earlier one says the same.
    pub(crate) fn new(mut given: Vec<PackageRule>) -> (Self, usize) {
        given.sort_by(|a, b| a.key.cmp(&b.key).then(a.line.cmp(&b.line)));
        let before = given.len();
        given.dedup_by(|later, earlier| later.key == earlier.key);
        let doubles = before.saturating_sub(given.len());
        (Self(given), doubles)
    }

    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &PackageRule> {
        self.0.iter()
    }

    fn get(&self, key: &PackageKey) -> Option<&PackageRule> {
        let at = self.0.binary_search_by(|rule| rule.key.cmp(key)).ok()?;
        self.0.get(at)
    }
}

impl List {
    /// The rule with this key, as a match of the package that it names.
    pub fn package_key(&self, key: &PackageKey) -> Option<Match> {
        let rule = self.packages().get(key)?;
        let hit = ListHit {
            list: Arc::clone(&self.name),
            category: self.category,
            entry: Arc::clone(&rule.entry),
            line: rule.line,
            list_date: self.date,
            list_sha256: self.sha256,
            kind: key.kind(),
        };
        Some(judged(hit))
    }
}

impl ListSet {
    /// Whether a list has a package rule.
    pub fn has_package_rules(&self) -> bool {
        self.lists()
            .iter()
            .any(|list| list.summary().package_rules > 0)
    }

    /// Every entry with this key.
    pub fn package_key(&self, key: &PackageKey) -> Vec<Match> {
        self.lists()
            .iter()
            .filter_map(|list| list.package_key(key))
            .collect()
    }

    /// What the lists say of a package, the strongest claim first; nothing for most.
    pub fn package(&self, facts: PackageFacts<'_>) -> Vec<Match> {
        if !self.has_package_rules() {
            return Vec::new();
        }
        let files = facts.files.iter().cloned().map(PackageKey::File);
        let signers = facts.signers.iter().cloned().map(PackageKey::Signer);
        let mut matches: Vec<Match> = files
            .chain(signers)
            .chain([PackageKey::Name(facts.package.clone())])
            .flat_map(|key| self.package_key(&key))
            .collect();
        matches.sort_by_key(|it| std::cmp::Reverse(it.level));
        matches
    }
}

/// How much a hit claims: of a list that may alert, a certificate or a file is a match and a name is
/// noted; everything of other lists is noted.
fn judged(hit: ListHit) -> Match {
    let category = hit.category;
    let mut weakened = Vec::new();
    if !category.may_alert() {
        weakened.push(Weakening::Category(category));
    }
    if hit.kind == HitKind::Package {
        weakened.push(Weakening::PackageNameAlone);
    }
    Match {
        hit,
        level: if weakened.is_empty() {
            Level::Match
        } else {
            Level::Noted
        },
        weakened,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_one_however_it_is_written() {
        let plain = "00ff".repeat(8);
        let colons: Vec<String> = (0..16)
            .map(|at| if at % 2 == 0 { "00" } else { "FF" }.to_owned())
            .collect();
        assert_eq!(Digest::new(&plain), Digest::new(&colons.join(":")));
        assert_eq!(Digest::new(&plain).unwrap().as_str(), plain);
        for none in ["", "00", &"0".repeat(63), &"g".repeat(64), &"0".repeat(128)] {
            assert_eq!(Digest::new(none), None, "{none}");
        }
    }

    #[test]
    fn object_paths_are_read_as_bundles_write_them() {
        let sha256 = "ab".repeat(32);
        let key = |path: &str, value: &str| PackageKey::of_pattern(path, value);
        let signer = |text: &str| Some(Ok(PackageKey::Signer(Digest::new(text).unwrap())));
        let file = |text: &str| Some(Ok(PackageKey::File(Digest::new(text).unwrap())));
        assert_eq!(key("app:cert.sha256", &sha256), signer(&sha256));
        assert_eq!(key("app:cert.SHA-256", &sha256), signer(&sha256));
        assert_eq!(
            key("app:cert.sha1", &"cd".repeat(20)),
            signer(&"cd".repeat(20))
        );
        assert_eq!(key("file:hashes.'SHA-256'", &sha256), file(&sha256));
        assert_eq!(key("file:hashes.sha256", &sha256), file(&sha256));
        assert_eq!(
            key("file:hashes.MD5", &"cd".repeat(16)),
            file(&"cd".repeat(16))
        );
        assert!(matches!(
            key("app:id", "com.example.a"),
            Some(Ok(PackageKey::Name(_)))
        ));
        for bad in [
            key("app:id", "no name"),
            key("app:cert.sha256", &"ab".repeat(20)),
            key("file:hashes.sha1", "xyz"),
        ] {
            assert!(matches!(bad, Some(Err(_))), "{bad:?}");
        }
        for other in [
            "app:name",
            "file:name",
            "file:path",
            "file:hashes.'SHA-512'",
            "url:value",
        ] {
            assert_eq!(key(other, &sha256), None, "{other}");
        }
    }
}
