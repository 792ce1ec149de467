//! What a compiled file says of its list: name, category, date, digest, counts.

use std::collections::BTreeMap;
use std::sync::Arc;

use portlog_model::{Category, PackageName, Sha256, WallTime};

use super::CompiledError;
use super::error::damaged;
use crate::package::{PackageRule, PackageRules};
use crate::{DateSource, Digest, Format, PackageKey, Summary, Unsupported};

/// The section *about*.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct About {
    pub(crate) sha256: Sha256,
    /// The seed of the names' hash.
    pub(crate) seed: u64,
    /// For exact names, domains and exceptions: bit n, there is a rule with n labels.
    pub(crate) depths: [u128; 3],
    pub(crate) date: Option<WallTime>,
    pub(crate) category: Category,
    pub(crate) name: Arc<str>,
    pub(crate) summary: Summary,
    /// Rules about packages: few, and read at opening.
    pub(crate) packages: PackageRules,
}

impl About {
    /// Its bytes.
    pub(super) fn write(&self) -> Vec<u8> {
        let mut out = Vec::new();
        out.extend_from_slice(self.sha256.as_bytes());
        out.extend_from_slice(&self.seed.to_le_bytes());
        for depths in self.depths {
            out.extend_from_slice(&depths.to_le_bytes());
        }
        out.extend_from_slice(&self.date.map_or(0, WallTime::as_millis).to_le_bytes());
        let summary = &self.summary;
        for count in [
            summary.bytes,
            summary.lines,
            summary.blank,
            summary.comments,
            summary.rule_lines,
            summary.local_lines,
            summary.bad_lines,
            summary.addresses,
            summary.networks,
            summary.exact_names,
            summary.domains,
            summary.exceptions,
            summary.duplicates,
        ] {
            out.extend_from_slice(&count.to_le_bytes());
        }
        out.push(u8::from(self.date.is_some()));
        out.push(u8::from(summary.category_given));
        word(&mut out, self.category.as_str());
        word(&mut out, summary.format.as_str());
        word(&mut out, summary.date_from.map_or("", DateSource::as_str));
        word(&mut out, &self.name);
        for (reason, lines) in &summary.unsupported {
            word(&mut out, reason.as_str());
            out.extend_from_slice(&lines.to_le_bytes());
        }
        if self.packages.iter().len() > 0 {
            word(&mut out, PACKAGES);
            out.extend_from_slice(&summary.package_rules.to_le_bytes());
        }
        for rule in self.packages.iter() {
            word(&mut out, rule.key.kind().as_str());
            word(&mut out, rule.key.as_str());
            word(&mut out, &rule.entry);
            out.extend_from_slice(&rule.line.to_le_bytes());
        }
        out
    }

    /// Reads them again.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, CompiledError> {
        let mut rest = Rest(bytes);
        rest.about().ok_or(damaged("what it says of its list"))
    }
}

fn count(rules: usize) -> u64 {
    u64::try_from(rules).unwrap_or(u64::MAX)
}

/// A text behind its length.
fn word(out: &mut Vec<u8>, text: &str) {
    let text = text.get(..text.floor_char_boundary(MAX_WORD)).unwrap_or("");
    let length = u16::try_from(text.len()).unwrap_or(0);
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(text.as_bytes());
}

/// Stands where a reason would, in front of the rules about packages.
const PACKAGES: &str = "package-rules";

/// The longest text; names of files have at most 255 bytes.
const MAX_WORD: usize = 4096;

struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn about(&mut self) -> Option<About> {
        let sha256 = Sha256::new(self.take()?);
        let seed = self.number()?;
        let depths = [
            u128::from_le_bytes(self.take()?),
            u128::from_le_bytes(self.take()?),
            u128::from_le_bytes(self.take()?),
        ];
        let millis = i64::from_le_bytes(self.take()?);
        let mut summary = Summary {
            bytes: self.number()?,
            lines: self.number()?,
            blank: self.number()?,
            comments: self.number()?,
            rule_lines: self.number()?,
            local_lines: self.number()?,
            bad_lines: self.number()?,
            addresses: self.number()?,
            networks: self.number()?,
            exact_names: self.number()?,
            domains: self.number()?,
            exceptions: self.number()?,
            duplicates: self.number()?,
            ..Summary::default()
        };
        let date = self.flag()?.then(|| WallTime::from_millis(millis));
        summary.category_given = self.flag()?;
        let category = self.word()?.parse().ok()?;
        let format = self.word()?;
        summary.format = Format::ALL
            .into_iter()
            .find(|known| known.as_str() == format)?;
        summary.date_from = match self.word()? {
            "" => None,
            word => Some(
                DateSource::ALL
                    .into_iter()
                    .find(|known| known.as_str() == word)?,
            ),
        };
        let name = Arc::from(self.word()?);
        let mut unsupported = BTreeMap::new();
        let mut packages = PackageRules::default();
        while !self.0.is_empty() {
            let word = self.word()?;
            if word == PACKAGES {
                summary.package_rules = self.number()?;
                packages = self.packages()?;
                if count(packages.iter().len()) != summary.package_rules {
                    return None;
                }
                break;
            }
            let reason = Unsupported::ALL
                .into_iter()
                .find(|known| known.as_str() == word)?;
            if unsupported.insert(reason, self.number()?).is_some() {
                return None;
            }
        }
        summary.unsupported = unsupported;
        Some(About {
            sha256,
            seed,
            depths,
            date,
            category,
            name,
            summary,
            packages,
        })
    }

    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    fn number(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.take()?))
    }

    fn flag(&mut self) -> Option<bool> {
        match self.take()? {
            [0] => Some(false),
            [1] => Some(true),
            _ => None,
        }
    }
}

impl<'a> Rest<'a> {
    /// The rules about packages, to the end; each key once.
    fn packages(&mut self) -> Option<PackageRules> {
        let mut rules = Vec::new();
        while !self.0.is_empty() {
            let kind = self.word()?;
            let key = self.word()?;
            let key = match kind {
                "package" => PackageKey::Name(PackageName::new(key).ok()?),
                "signer" => PackageKey::Signer(Digest::new(key)?),
                "file" => PackageKey::File(Digest::new(key)?),
                _ => return None,
            };
            let entry = Arc::from(self.word()?);
            let line = u32::from_le_bytes(self.take()?);
            rules.push(PackageRule { key, entry, line });
        }
        let (rules, doubles) = PackageRules::new(rules);
        (doubles == 0).then_some(rules)
    }

    fn word(&mut self) -> Option<&'a str> {
        let length = usize::from(u16::from_le_bytes(self.take()?));
        let (word, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        std::str::from_utf8(word).ok()
    }
}
