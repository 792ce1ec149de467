//! Lists of packages, in every form in which a phone gives them.
//!
//! The form is recognised by content, not by name: a file saved from adb can be called anything.
//! What a form does not tell stays `None` in its entries, so that the judgement of an owner can say
//! "not told" instead of "no".

mod dumpsys;
mod packages_list;
mod pm;

use std::collections::BTreeSet;
use std::path::Path;

use portlog_model::{
    Coverage, CoverageDetail, CoverageItem, CoverageStatus, PackageName, Sha256, SourceKind, UserId,
};
use sha2::Digest as _;

use crate::input::{self, BadLines};
use crate::place::Place;
use crate::{BadLine, Error, LineError, PackageEntry};

/// The packages of a phone, as far as a list tells them.
#[derive(Clone, Debug)]
pub struct PackageList {
    format: Option<Format>,
    refused: bool,
    withheld: bool,
    entries: Vec<PackageEntry>,
    bad: BadLines,
    without_uid: BTreeSet<PackageName>,
    truncated_at: Option<u64>,
    sha256: Option<Sha256>,
}

/// The form of a list.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Format {
    /// `/data/system/packages.list` (AOSP `Settings.java`, `writePackageListLPr`).
    PackagesList,
    /// `pm list packages` or `cmd package list packages` (AOSP `PackageManagerShellCommand.java`,
    /// before Android 7 `Pm.java`).
    PmList,
    /// `dumpsys package` (AOSP `Settings.java`, `dumpPackagesLPr`).
    Dumpsys,
    /// Entries passed by a program on the phone.
    Structured,
}

/// Why an absence from the list proves nothing. The entries that it has are never doubted.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Doubt {
    /// It is no package list, or the phone refused to give one.
    Unreadable,
    /// Entries carry no UID (`pm list packages` without `-U`).
    WithoutUids {
        /// How many packages are named.
        packages: u32,
    },
    /// Lines could not be read; a package may stand in one of them.
    Damaged {
        /// How many.
        bad: u32,
    },
    /// Too few packages for a phone, only such as every app may see (see
    /// [`PackageList::PLAUSIBLE`]), or [`PackageList::withheld`].
    Short {
        /// How many packages it has.
        packages: u32,
    },
}

impl PackageList {
    /// More bytes than this are not read. `dumpsys package` of a full phone has some 20 MB.
    pub const MAX_BYTES: usize = 64 << 20;

    /// More entries than this are not kept.
    pub const MAX_ENTRIES: usize = 65_536;

    /// A list with fewer packages is too short to be a phone's.
    ///
    /// The smallest AOSP builds since 4.2 have more than sixty packages, and an app that may not
    /// see others is told of itself and a handful that it interacts with (Android 11's package
    /// visibility), so the line is drawn between. Two more signs make a list short: the package
    /// `android`, which every phone has and every form but `packages.list` names (before Android 5
    /// that file left out platform UIDs), is missing; or places are told and fewer than
    /// two packages are the user's, which is what MIUI's guard of the app list (or `-s`) leaves: the
    /// system's packages and the asking app. The latter also holds for a phone fresh out of its box,
    /// where it costs nothing: no app's UID is absent there.
    pub const PLAUSIBLE: usize = 30;

    /// The packages in `bytes`. Never fails as a whole: what cannot be used is counted, and a file
    /// that is no package list at all has no [`PackageList::format`].
    pub fn parse(bytes: &[u8]) -> Self {
        Self::parse_within(bytes, Self::MAX_BYTES)
    }

    fn parse_within(bytes: &[u8], limit: usize) -> Self {
        let sha256 = Sha256::new(sha2::Sha256::digest(bytes).into());
        let kept = bytes.get(..limit).unwrap_or(bytes);
        let truncated_at = (bytes.len() > limit).then(|| u64::try_from(limit).unwrap_or(u64::MAX));
        let text = input::as_utf8(kept);
        let found = recognise(&text);
        let mut collected = Collected::default();
        match found.format {
            Some(Format::PackagesList) => packages_list::parse(&text, &mut collected),
            Some(Format::PmList) => pm::parse(&text, &mut collected),
            Some(Format::Dumpsys) => dumpsys::parse(&text, &mut collected),
            Some(Format::Structured) | None => {
                for (line, text) in input::lines(&text, MAX_LINE) {
                    match text {
                        Ok(text) if text.trim().is_empty() => {}
                        Ok(_) => collected.bad.add(line, LineError::NotAnEntry),
                        Err(reason) => collected.bad.add(line, reason),
                    }
                }
            }
        }
        if truncated_at.is_some() {
            let line = collected.last_line;
            collected.bad.add(line, LineError::CutOff(limit));
        }
        Self {
            format: found.format,
            refused: found.refused && collected.entries.is_empty(),
            truncated_at,
            sha256: Some(sha256),
            ..Self::of(collected)
        }
    }

    /// Reads and parses a file.
    pub fn read(path: &Path) -> Result<Self, Error> {
        Ok(Self::parse(&input::read_bounded(path, Self::MAX_BYTES)?))
    }

    /// The list that a program on the phone passed, one entry for each UID of each package.
    pub fn from_entries(entries: Vec<PackageEntry>) -> Self {
        let mut collected = Collected::default();
        for (entry, line) in entries.into_iter().zip(1..) {
            collected.add(line, entry);
        }
        Self {
            format: Some(Format::Structured),
            ..Self::of(collected)
        }
    }

    /// The same list, from an asker that may not see every package: it counts as short, however
    /// long it is.
    #[must_use]
    pub fn withheld(self) -> Self {
        Self {
            withheld: true,
            ..self
        }
    }

    /// The form in which it came; `None` for what is no package list.
    pub const fn format(&self) -> Option<Format> {
        self.format
    }

    /// Its entries in order of package and UID, each pair once.
    pub fn entries(&self) -> &[PackageEntry] {
        &self.entries
    }

    /// The first lines that could not be used.
    pub fn bad_lines(&self) -> &[BadLine] {
        &self.bad.first
    }

    /// Why nothing can be concluded from an absence, if so.
    pub fn doubt(&self) -> Option<Doubt> {
        let packages = self.packages();
        if self.format.is_none() || self.refused {
            Some(Doubt::Unreadable)
        } else if !self.without_uid.is_empty() {
            Some(Doubt::WithoutUids {
                packages: clamp(self.without_uid.len()),
            })
        } else if self.bad.count > 0 {
            Some(Doubt::Damaged {
                bad: self.bad.count,
            })
        } else if self.withheld
            || packages < Self::PLAUSIBLE
            || self.lacks_android()
            || self.lacks_user_apps()
        {
            Some(Doubt::Short {
                packages: clamp(packages),
            })
        } else {
            None
        }
    }

    /// What the list covers.
    pub fn coverage(&self) -> Coverage {
        let bad = self.bad.count.saturating_add(clamp(self.without_uid.len()));
        let doubt = self.doubt();
        let details = [
            match doubt {
                Some(Doubt::Short { packages }) if !self.withheld => {
                    Some(CoverageDetail::ImplausiblyShort(packages))
                }
                _ => None,
            },
            self.truncated_at.map(CoverageDetail::Truncated),
            self.bad.first_line().map(CoverageDetail::FirstBadLine),
            (bad > 0).then_some(CoverageDetail::BadEntries(bad)),
        ];
        Coverage {
            item: CoverageItem::Packages,
            source: SourceKind::Packages,
            status: match doubt {
                Some(Doubt::Unreadable) if self.refused => CoverageStatus::Denied,
                Some(Doubt::Unreadable | Doubt::Short { .. } | Doubt::WithoutUids { .. }) => {
                    CoverageStatus::Untrusted
                }
                Some(Doubt::Damaged { .. }) | None => CoverageStatus::Readable,
            },
            rows: u64::try_from(packages_of(&self.entries).count()).unwrap_or(u64::MAX),
            bad_rows: u64::from(bad),
            details: details.into_iter().flatten().collect(),
        }
    }

    pub(crate) fn into_entries(self) -> Vec<PackageEntry> {
        self.entries
    }

    pub(crate) const fn sha256(&self) -> Option<Sha256> {
        self.sha256
    }

    /// The Android users of whom the list says everything; `None` for all of them.
    ///
    /// `packages.list` and `dumpsys package` hold each package once, whichever users have it; the
    /// other forms are asked for users, and name those that they speak of in their UIDs. What a
    /// program passed may hold single packages of further users, such as those with a launcher entry in
    /// a work profile: of these users it does not have `android`, which each of them has.
    pub(crate) fn users(&self) -> Option<BTreeSet<UserId>> {
        let of = |entries: &mut dyn Iterator<Item = &PackageEntry>| {
            entries.map(|entry| entry.uid.user()).collect()
        };
        match self.format {
            Some(Format::PackagesList | Format::Dumpsys) => None,
            Some(Format::Structured) if !self.lacks_android() => Some(of(&mut self
                .entries
                .iter()
                .filter(|entry| is_android(entry)))),
            Some(Format::PmList | Format::Structured) | None => Some(of(&mut self.entries.iter())),
        }
    }

    fn of(collected: Collected) -> Self {
        let mut entries = collected.entries;
        entries.sort_by(|a, b| (&a.package, a.uid).cmp(&(&b.package, b.uid)));
        entries.dedup_by(|later, earlier| {
            let same = later.package == earlier.package && later.uid == earlier.uid;
            if same {
                fill_gaps(earlier, later);
            }
            same
        });
        Self {
            format: None,
            refused: false,
            withheld: false,
            entries,
            bad: collected.bad,
            without_uid: collected.without_uid,
            truncated_at: None,
            sha256: None,
        }
    }

    /// The entries of the users of whom the list says everything: by them it is judged.
    fn of_whole_users(&self) -> Vec<&PackageEntry> {
        let users = self.users();
        let is_whole = |entry: &&PackageEntry| {
            users
                .as_ref()
                .is_none_or(|users| users.contains(&entry.uid.user()))
        };
        self.entries.iter().filter(is_whole).collect()
    }

    fn packages(&self) -> usize {
        let packages = self
            .of_whole_users()
            .into_iter()
            .map(|entry| &entry.package);
        packages.collect::<BTreeSet<_>>().len()
    }

    fn lacks_android(&self) -> bool {
        self.format != Some(Format::PackagesList) && !self.entries.iter().any(is_android)
    }

    fn lacks_user_apps(&self) -> bool {
        let told = |entry: &&PackageEntry| entry.flags.is_some() || entry.source_path.is_some();
        let entries = self.of_whole_users();
        entries.iter().all(told) && entries.iter().filter(|entry| is_users(entry)).count() < 2
    }
}

/// What the parsers gather.
#[derive(Debug, Default)]
pub(crate) struct Collected {
    entries: Vec<PackageEntry>,
    bad: BadLines,
    without_uid: BTreeSet<PackageName>,
    last_line: u32,
}

impl Collected {
    fn add(&mut self, line: u32, entry: PackageEntry) {
        self.last_line = line;
        if self.entries.len() < PackageList::MAX_ENTRIES {
            self.entries.push(entry);
        } else {
            self.bad(line, LineError::TooMany(PackageList::MAX_ENTRIES));
        }
    }

    fn add_without_uid(&mut self, line: u32, package: PackageName) {
        self.last_line = line;
        if self.without_uid.len() < PackageList::MAX_ENTRIES {
            self.without_uid.insert(package);
        } else {
            self.bad(line, LineError::TooMany(PackageList::MAX_ENTRIES));
        }
    }

    fn bad(&mut self, line: u32, reason: LineError) {
        self.last_line = line;
        self.bad.add(line, reason);
    }
}

/// No line that is used is longer: a path has at most 4096 bytes, a name 255.
const MAX_LINE: usize = 16 << 10;

struct Recognised {
    format: Option<Format>,
    refused: bool,
}

/// The form of the first line that has one.
fn recognise(bytes: &[u8]) -> Recognised {
    let mut refused = false;
    for (_, text) in input::lines(bytes, MAX_LINE) {
        let Ok(text) = text else { continue };
        let format = if pm::is_entry(text) {
            Format::PmList
        } else if dumpsys::is_heading(text) {
            Format::Dumpsys
        } else if packages_list::is_entry(text) {
            Format::PackagesList
        } else {
            refused |= text.starts_with("Permission Denial")
                || text.contains("java.lang.SecurityException");
            continue;
        };
        return Recognised {
            format: Some(format),
            refused,
        };
    }
    Recognised {
        format: None,
        refused,
    }
}

/// The distinct packages of sorted entries.
fn packages_of(entries: &[PackageEntry]) -> impl Iterator<Item = &PackageName> {
    entries
        .chunk_by(|a, b| a.package == b.package)
        .filter_map(|chunk| chunk.first())
        .map(|entry| &entry.package)
}

/// Whether it is the package of the system itself, which every user of every phone has.
fn is_android(entry: &PackageEntry) -> bool {
    entry.package.as_str() == "android"
}

/// Whether the list says that a package is none of the system's.
fn is_users(entry: &PackageEntry) -> bool {
    match (entry.flags, entry.source_path.as_deref()) {
        (Some(flags), _) => !flags.system && !flags.updated_system,
        (None, Some(path)) => Place::of(path) != Place::Firmware,
        (None, None) => false,
    }
}

/// Takes from `later` what `earlier`, the same package under the same UID, does not tell.
fn fill_gaps(earlier: &mut PackageEntry, later: &mut PackageEntry) {
    fn fill<T>(gap: &mut Option<T>, from: &mut Option<T>) {
        if gap.is_none() {
            *gap = from.take();
        }
    }
    fill(&mut earlier.flags, &mut later.flags);
    fill(&mut earlier.source_path, &mut later.source_path);
    fill(&mut earlier.factory_path, &mut later.factory_path);
    fill(&mut earlier.version, &mut later.version);
    fill(&mut earlier.label, &mut later.label);
    fill(&mut earlier.installer, &mut later.installer);
    fill(&mut earlier.launcher_entry, &mut later.launcher_entry);
    fill(
        &mut earlier.first_install_time,
        &mut later.first_install_time,
    );
    if earlier.signers.is_empty() {
        earlier.signers.append(&mut later.signers);
    }
}

fn clamp(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
