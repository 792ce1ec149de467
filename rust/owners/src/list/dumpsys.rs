//! `dumpsys package`, the one form that every Android version since 4.0 prints to the shell with
//! places and flags.
//!
//! AOSP `Settings.java`, `dumpPackagesLPr` and `dumpPackageLPr`. A package is a block that begins
//! with two spaces and `Package [NAME] (HASH):`; its facts are lines of four spaces and `key=value`.
//! An updated package of the system stands there as it runs, and under `Hidden system packages:` as
//! it came with the phone. Of a fact that stands twice the first counts: the UID and the folder come
//! before the version's name, which is the package's own text and may hold line breaks.

use std::collections::BTreeMap;
use std::sync::Arc;

use portlog_model::{PackageName, Uid, WallTime};

use super::Collected;
use crate::input;
use crate::printable::printable;
use crate::{Installer, LineError, PackageEntry, PackageFlags, Signer};

pub(super) fn parse(bytes: &[u8], out: &mut Collected) {
    let mut reader = Reader::default();
    for (line, text) in input::lines(bytes, super::MAX_LINE) {
        match text {
            Ok(text) => reader.line(line, text, out),
            // Long or binary lines stand in parts that are not read (resolver tables, labels).
            Err(_) => out.last_line = line,
        }
    }
    reader.finish(out);
}

pub(super) fn is_heading(line: &str) -> bool {
    line == PACKAGES || line.starts_with(BLOCK)
}

const PACKAGES: &str = "Packages:";
const HIDDEN: &str = "Hidden system packages:";
const BLOCK: &str = "  Package [";
const FACT: &str = "    ";
const MAX_VERSION: usize = 128;

#[derive(Default)]
struct Reader {
    hidden: bool,
    block: Option<Block>,
    packages: Vec<(u32, PackageEntry)>,
    factory: BTreeMap<PackageName, Arc<str>>,
}

/// A package's block, as far as read.
struct Block {
    line: u32,
    name: Result<PackageName, LineError>,
    uid: Option<Result<Option<Uid>, LineError>>,
    path: Option<Arc<str>>,
    flags: Option<PackageFlags>,
    version: Option<Arc<str>>,
    signers: Vec<Signer>,
    installer: Option<PackageName>,
    first_install_time: Option<WallTime>,
}

impl Reader {
    fn line(&mut self, line: u32, text: &str, out: &mut Collected) {
        if let Some(rest) = text.strip_prefix(BLOCK) {
            self.end_block(out);
            self.block = Some(Block::new(line, rest));
        } else if !text.is_empty() && !text.starts_with(' ') {
            self.end_block(out);
            if text.ends_with(':') {
                self.hidden = text == HIDDEN;
            }
        } else if let Some(block) = &mut self.block {
            block.fact(text);
        }
    }

    fn end_block(&mut self, out: &mut Collected) {
        let Some(block) = self.block.take() else {
            return;
        };
        let line = block.line;
        match block.finish() {
            Ok(None) => {}
            Ok(Some(entry)) if self.hidden => {
                if let Some(path) = entry.source_path
                    && self.factory.len() < super::PackageList::MAX_ENTRIES
                {
                    self.factory.entry(entry.package).or_insert(path);
                }
            }
            Ok(Some(_)) if self.packages.len() >= super::PackageList::MAX_ENTRIES => {
                out.bad(line, LineError::TooMany(super::PackageList::MAX_ENTRIES));
            }
            Ok(Some(entry)) => self.packages.push((line, entry)),
            Err(reason) => out.bad(line, reason),
        }
    }

    fn finish(mut self, out: &mut Collected) {
        self.end_block(out);
        for (line, mut entry) in self.packages {
            entry.factory_path = self.factory.get(&entry.package).cloned();
            out.add(line, entry);
        }
    }
}

impl Block {
    /// `rest` is what follows [`BLOCK`]: `NAME] (HASH):`.
    fn new(line: u32, rest: &str) -> Self {
        let name = match rest.split_once(']') {
            Some((name, _)) => PackageName::new(name).map_err(LineError::from),
            None => Err(LineError::Missing("name")),
        };
        Self {
            line,
            name,
            uid: None,
            path: None,
            flags: None,
            version: None,
            signers: Vec::new(),
            installer: None,
            first_install_time: None,
        }
    }

    fn fact(&mut self, text: &str) {
        let Some(fact) = text.strip_prefix(FACT) else {
            return;
        };
        // Since Android 12 each user has one of its own, deeper in the block.
        if let Some(time) = fact.trim_start().strip_prefix("firstInstallTime=") {
            let time = local_time(time);
            self.first_install_time = match (self.first_install_time, time) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            };
            return;
        }
        let Some((key, value)) = fact.split_once('=') else {
            return;
        };
        match key {
            // Android 13 renamed it; 4.x has the GIDs on the same line.
            "userId" | "appId" if self.uid.is_none() => self.uid = Some(uid(value)),
            "codePath" if self.path.is_none() => self.path = Some(value.trim().into()),
            "flags" | "pkgFlags" => {
                let found = flags(value);
                let so_far = self.flags.unwrap_or_default();
                self.flags = Some(PackageFlags {
                    system: so_far.system || found.system,
                    updated_system: so_far.updated_system || found.updated_system,
                });
            }
            "versionName" if self.version.is_none() => self.version = printable(value, MAX_VERSION),
            "signatures" if self.signers.is_empty() => self.signers = signers(value),
            "installerPackageName" if self.installer.is_none() => {
                self.installer = PackageName::new(value.trim()).ok();
            }
            _ => {}
        }
    }

    /// The entry; `None` for an APEX, which has no UID.
    fn finish(self) -> Result<Option<PackageEntry>, LineError> {
        let package = self.name?;
        let Some(uid) = self.uid.ok_or(LineError::Missing("UID"))?? else {
            return Ok(None);
        };
        Ok(Some(PackageEntry {
            flags: self.flags,
            source_path: self.path,
            version: self.version,
            signers: self.signers,
            // The line is left out where none is recorded.
            installer: Some(self.installer.map_or(Installer::None, Installer::Package)),
            first_install_time: self.first_install_time,
            ..PackageEntry::new(package, uid)
        }))
    }
}

fn uid(value: &str) -> Result<Option<Uid>, LineError> {
    match value.split_ascii_whitespace().next() {
        Some("-1") => Ok(None),
        Some(number) => match number.parse() {
            Ok(uid) => Ok(Some(Uid::new(uid))),
            Err(_) => Err(LineError::BadNumber("UID")),
        },
        None => Err(LineError::Missing("UID")),
    }
}

/// `[ SYSTEM HAS_CODE UPDATED_SYSTEM_APP ]`
fn flags(value: &str) -> PackageFlags {
    let has = |flag| value.split_ascii_whitespace().any(|word| word == flag);
    PackageFlags {
        system: has("SYSTEM"),
        updated_system: has("UPDATED_SYSTEM_APP"),
    }
}

/// `PackageSignatures{6c98c74 version:2, signatures:[b378e95c], past signatures:[]}` since Android
/// 9: Java's hash of each certificate. Before, the list holds hashes of objects in memory, which
/// say nothing about certificates, and is not read.
fn signers(value: &str) -> Vec<Signer> {
    let Some((_, rest)) = value.split_once(" signatures:[") else {
        return Vec::new();
    };
    let list = rest.split_once(']').map_or("", |(list, _)| list);
    list.split(',')
        .take(MAX_SIGNERS)
        .filter_map(|hash| Signer::new(hash.trim()))
        .collect()
}

const MAX_SIGNERS: usize = 16;

/// `2014-08-01 12:00:00`, the phone's local time, taken as if it were UTC.
fn local_time(text: &str) -> Option<WallTime> {
    let (date, time) = text.trim().split_once(' ')?;
    let [year, month, day] = numbers(date, '-')?;
    let [hour, minute, second] = numbers(time, ':')?;
    let good = (1970..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second < 61;
    good.then(|| {
        let days = days_from_civil(year, month, day);
        WallTime::from_millis((((days * 24 + hour) * 60 + minute) * 60 + second) * 1000)
    })
}

fn numbers(text: &str, between: char) -> Option<[i64; 3]> {
    let mut parts = text.split(between).map(|part| {
        let plain = part.len() <= 4 && part.bytes().all(|b| b.is_ascii_digit());
        plain.then(|| part.parse().ok()).flatten()
    });
    let three = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(three)
}

/// Days since 1970-01-01 of a date of the Gregorian calendar, for years from 1970.
///
/// Years are counted from March, so that the leap day ends them: the months before a month then
/// have `(153 * month + 2) / 5` days.
const fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let leap_days = year / 4 - year / 100 + year / 400;
    let of_year = (153 * month + 2) / 5 + day - 1;
    year * 365 + leap_days + of_year - EPOCH
}

/// 1970-01-01 in days since 0000-03-01.
const EPOCH: i64 = 719_468;

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Collected {
        let mut out = Collected::default();
        parse(text.as_bytes(), &mut out);
        out
    }

    #[test]
    fn a_date_is_the_day_it_names() {
        for (text, seconds) in [
            ("1970-01-01 00:00:00", 0),
            ("1970-03-01 00:00:00", 59 * 86_400),
            ("2000-02-29 12:00:00", 951_825_600),
            ("2008-12-31 16:00:00", 1_230_739_200),
            ("2024-03-01 00:00:01", 1_709_251_201),
        ] {
            assert_eq!(
                local_time(text),
                Some(WallTime::from_millis(seconds * 1000)),
                "{text}"
            );
        }
        for text in [
            "",
            "2014-08-01",
            "2014-13-01 00:00:00",
            "14:00:00 2014-08-01",
            "2014-08-01 1:2:3:4",
        ] {
            assert_eq!(local_time(text), None, "{text}");
        }
    }

    #[test]
    fn certificates_are_told_apart_since_android_9() {
        let new =
            "PackageSignatures{6c98c74 version:2, signatures:[b378e95c, 01], past signatures:[ff]}";
        assert_eq!(
            signers(new),
            [Signer::new("b378e95c").unwrap(), Signer::new("01").unwrap()]
        );
        assert_eq!(signers("PackageSignatures{41e5 [41e7]}"), []);
        assert_eq!(
            signers("PackageSignatures{41e5 version:0, signatures:[], past signatures:[]}"),
            []
        );
    }

    #[test]
    fn a_package_cannot_rename_itself_by_a_line_break_in_its_version() {
        let out = parsed(
            "Packages:\n  Package [com.example.app] (1):\n    userId=10087\n    \
             codePath=/data/app/com.example.app-1.apk\n    versionName=1\n    userId=1000\n    \
             codePath=/system/app/Example.apk\n",
        );
        let entry = &out.entries[0];
        assert_eq!(entry.uid, Uid::new(10_087));
        assert_eq!(
            entry.source_path.as_deref(),
            Some("/data/app/com.example.app-1.apk")
        );
    }

    #[test]
    fn a_block_without_a_uid_costs_only_itself() {
        let out = parsed(
            "Packages:\n  Package [com.example.a] (1):\n    codePath=/system/app/A.apk\n  \
             Package [com.example.b] (2):\n    userId=x\n  Package [a/b] (3):\n    userId=1\n  \
             Package [com.example.apex] (4):\n    appId=-1\n  Package [com.example.c] (5):\n    \
             userId=10003\n",
        );
        assert_eq!(out.entries.len(), 1);
        assert_eq!(out.entries[0].package.as_str(), "com.example.c");
        let bad: Vec<u32> = out.bad.first.iter().map(|bad| bad.line).collect();
        assert_eq!(bad, [2, 4, 6]);
    }

    #[test]
    fn other_parts_of_the_dump_are_passed_over() {
        let out = parsed(
            "Permissions:\n  Permission [com.example.P] (1):\n    userId=10001\n\nPackages:\n  \
             Package [com.example.app] (1):\n    userId=10087\n    User 0: installed=true\n      \
             userId=5\n\nShared users:\n  SharedUser [com.example.uid] (2):\n    userId=10030\n",
        );
        assert_eq!(out.entries.len(), 1);
        assert_eq!(out.entries[0].uid, Uid::new(10_087));
        assert_eq!(out.bad.count, 0);
    }
}
