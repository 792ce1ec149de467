//! Lists that a user names: text, packed, compiled, or one that comes with Portlog.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Error, anyhow, bail};
use portlog_agent::{NameBook, PackageList, PinnedCounts, PinnedSource};
use portlog_blocklist::{
    BadLine, Bundled, CompiledList, ContentNetworks, Digest, List, ListSet, PackageFacts,
    ParsedList, unpack,
};
use portlog_model::{Category, Match, PackageName, Sha256, Uid, WallTime};
use portlog_names::pinned::BadLine as BadPin;

use crate::args::ListFile;
use crate::exit::with_way_out;
use crate::output::notice;
use crate::time::LocalTime;

/// Line numbers named of a list that has bad lines.
const BAD_LINES_NAMED: usize = 5;
/// What stands in front of the id of a list that comes with Portlog.
const BUNDLED: &str = "bundled:";

/// A list that was read, with what was found in its file.
pub(crate) struct Read {
    /// Its file, or FILE:MEMBER where it was packed with others.
    pub(crate) place: String,
    /// The list.
    pub(crate) parsed: ParsedList,
    /// Where the file has pinned answers: what is in it.
    pub(crate) pinned: Option<Pins>,
}

/// A file of pinned answers (`list resolve`).
pub(crate) struct Pins {
    /// Its bytes.
    pub(crate) bytes: Vec<u8>,
    /// The lists that its names are of, by digest.
    pub(crate) of: Vec<Sha256>,
    /// What is in it.
    pub(crate) counts: PinnedCounts,
    /// The first lines that cannot be used.
    pub(crate) bad: Vec<BadPin>,
}

impl Read {
    /// A list of lines, or a compiled one.
    const fn plain(place: String, parsed: ParsedList) -> Self {
        Self {
            place,
            parsed,
            pinned: None,
        }
    }
}

/// A package that lists speak of.
pub(crate) struct ListedPackage {
    pub(crate) package: PackageName,
    pub(crate) uid: Uid,
    /// The strongest claim first.
    pub(crate) matches: Vec<Match>,
}

/// Reads every list in a file: one, unless it is a zip that holds several.
pub(crate) fn read(path: &Path, category: Option<Category>) -> Result<Vec<Read>, Error> {
    let place = path.display().to_string();
    if let Some(id) = path.to_str().and_then(|path| path.strip_prefix(BUNDLED)) {
        let parsed = bundled(id, category)?;
        return Ok(vec![Read::plain(place, parsed)]);
    }
    if let Some(compiled) = compiled(path)? {
        let parsed = ParsedList {
            list: List::from_compiled(compiled, category),
            bad_lines: Vec::new(),
            unsupported: Vec::new(),
        };
        return Ok(vec![Read::plain(place, parsed)]);
    }
    let file = portlog_agent::read_list_file(path)?;
    if PinnedSource::is_one(&file.bytes) {
        return Ok(vec![pinned(place, &file.name, category, file.bytes)?]);
    }
    let Some(members) =
        unpack(&file.bytes).with_context(|| format!("cannot use the list {place}"))?
    else {
        let parsed = List::parse(&file.name, category, file.modified, &file.bytes)
            .with_context(|| format!("cannot use the list {place}"))?;
        return Ok(vec![Read::plain(place, parsed)]);
    };
    members
        .into_iter()
        .map(|member| {
            let (place, name) = match &member.name {
                Some(member) => (
                    format!("{place}:{member}"),
                    format!("{}:{member}", file.name),
                ),
                None => (place.clone(), file.name.clone()),
            };
            let modified = member.modified.or(file.modified);
            let parsed = List::parse(&name, category, modified, &member.bytes)
                .with_context(|| format!("cannot use the list {place}"))?;
            Ok(Read::plain(place, parsed))
        })
        .collect()
}

/// The one list in a file.
pub(crate) fn one(path: &Path, category: Option<Category>) -> Result<List, Error> {
    let mut lists = told(path, category)?;
    match (lists.pop(), lists.len()) {
        (Some(read), 0) => Ok(read.parsed.list),
        (_, others) => bail!(
            "{} holds {} lists, and one is wanted here: unpack it, and name one of them",
            path.display(),
            others.saturating_add(1)
        ),
    }
}

/// Reads lists, and says which of them have lines that cannot be used.
pub(crate) fn set(files: &[ListFile]) -> Result<ListSet, Error> {
    with_names(files).map(|(lists, _)| lists)
}

/// The same, with the names that pinned answers give to addresses.
///
/// A file of pinned answers is a list of its names. Where the list that it was resolved from is there
/// too, that one speaks of them, and no second time the file.
pub(crate) fn with_names(files: &[ListFile]) -> Result<(ListSet, NameBook), Error> {
    let mut read = Vec::new();
    for file in files {
        if file.path.is_dir() {
            for path in compiled_in(&file.path)? {
                read.extend(told(&path, file.category)?);
            }
        } else {
            read.extend(told(&file.path, file.category)?);
        }
    }
    let names = NameBook::default();
    for pins in read.iter().filter_map(|read| read.pinned.as_ref()) {
        let no_room = names.pin_bytes(&pins.bytes).map_or(0, |told| told.no_room);
        if no_room > 0 {
            notice(format!(
                "{no_room} pinned answers found no room; a shorter list has them all"
            ));
        }
    }
    let there: Vec<Sha256> = read
        .iter()
        .filter(|read| read.pinned.is_none())
        .map(|read| read.parsed.list.info().sha256)
        .collect();
    let is_left = |read: &Read| {
        let pins = read.pinned.as_ref();
        pins.is_none_or(|pins| pins.of.is_empty() || !pins.of.iter().all(|of| there.contains(of)))
    };
    let lists = read.into_iter().filter(is_left).map(list_of);
    Ok((ListSet::new(lists.collect()), names))
}

/// Reads a file of pinned answers.
fn pinned(
    place: String,
    name: &str,
    category: Option<Category>,
    bytes: Vec<u8>,
) -> Result<Read, Error> {
    let read = PinnedSource::read(name, category, &bytes)
        .with_context(|| format!("cannot use the pinned answers in {place}"))?;
    Ok(Read {
        place,
        parsed: ParsedList {
            list: read.list,
            bad_lines: Vec::new(),
            unsupported: Vec::new(),
        },
        pinned: Some(Pins {
            bytes,
            of: read.of,
            counts: read.counts,
            bad: read.bad,
        }),
    })
}

/// The compiled lists of a folder, as `list build` fills it, by name.
fn compiled_in(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut paths = Vec::new();
    for entry in
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?
    {
        let path = entry
            .with_context(|| format!("cannot read {}", folder.display()))?
            .path();
        if path.extension() == Some(OsStr::new("plist")) {
            paths.push(path);
        }
    }
    if paths.is_empty() {
        bail!(
            "{} is a folder without compiled lists; --list takes a list, or a folder that \
             'portlog list build' filled",
            folder.display()
        );
    }
    paths.sort();
    Ok(paths)
}

/// The same for a watch or a look: beside the ranges of content networks, and with a word about lists
/// that are old.
pub(crate) fn in_force(
    files: &[ListFile],
    ranges: &[PathBuf],
) -> Result<(ListSet, NameBook), Error> {
    let (lists, names) = with_names(files)?;
    let (now, local) = (now(), LocalTime::system());
    for list in lists.lists() {
        if let Some(date) = list.info().date.filter(|_| list.is_old(now)) {
            notice(format!(
                "{}: dated {}, more than {} days ago; hosts change hands: look for a newer list",
                list.info().name,
                local.date(date),
                List::OLD.as_secs() / 86_400
            ));
        }
    }
    Ok((lists.beside(content_networks(ranges)?), names))
}

/// Reads files of the ranges of content networks and clouds.
pub(crate) fn content_networks(files: &[PathBuf]) -> Result<ContentNetworks, Error> {
    let mut networks = ContentNetworks::default();
    for path in files {
        let file = portlog_agent::read_list_file(path)?;
        networks
            .add(&file.name, file.modified, &file.bytes)
            .with_context(|| format!("cannot use the ranges in {}", path.display()))
            .map_err(|error| {
                with_way_out(
                    error,
                    "--cdn takes a file in which a content network or cloud publishes its ranges",
                )
            })?;
    }
    Ok(networks)
}

/// What the lists say of the packages on a phone.
pub(crate) fn listed_packages(packages: &PackageList, lists: &ListSet) -> Vec<ListedPackage> {
    if !lists.has_package_rules() {
        return Vec::new();
    }
    let listed = packages.entries().iter().filter_map(|entry| {
        let signers: Vec<Digest> = entry
            .signers
            .iter()
            .filter_map(|signer| Digest::new(&signer.to_string()))
            .collect();
        let matches = lists.package(PackageFacts {
            package: &entry.package,
            signers: &signers,
            files: &[],
        });
        (!matches.is_empty()).then(|| ListedPackage {
            package: entry.package.clone(),
            uid: entry.uid,
            matches,
        })
    });
    listed.collect()
}

/// The time of this machine's clock.
pub(crate) fn now() -> WallTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let millis = since.map_or(0, |since| since.as_millis());
    WallTime::from_millis(i64::try_from(millis).unwrap_or(i64::MAX))
}

/// Reads a file's lists, and says where they have lines that cannot be used.
fn told(path: &Path, category: Option<Category>) -> Result<Vec<Read>, Error> {
    let lists = read(path, category)
        .map_err(|error| with_way_out(error, "--list takes [CATEGORY=]FILE, a text file"))?;
    for Read {
        place,
        parsed,
        pinned,
    } in &lists
    {
        if let Some(pins) = pinned.as_ref().filter(|pins| pins.counts.bad_lines > 0) {
            let count = pins.counts.bad_lines;
            notice(format!(
                "{place}: {count} lines are not used; see 'portlog list check {place}'"
            ));
        }
        let bad = parsed.list.summary().bad_lines;
        if parsed.list.compiled().is_none()
            && let Some(summary) = bad_lines_summary(place, path, &parsed.bad_lines, bad)
        {
            notice(summary);
        }
    }
    Ok(lists)
}

fn list_of(read: Read) -> List {
    read.parsed.list
}

fn bundled(id: &str, category: Option<Category>) -> Result<ParsedList, Error> {
    let Some(list) = Bundled::with_id(id) else {
        let ids: Vec<&str> = Bundled::ALL.iter().map(|list| list.id()).collect();
        return Err(anyhow!(
            "no list that comes with Portlog is called {id:?}; there are {}",
            ids.join(" and ")
        ));
    };
    List::parse(list.title(), category, None, list.text().as_bytes())
        .with_context(|| format!("cannot use {BUNDLED}{id}"))
}

/// Opens a list where it is a compiled one, which its first bytes tell.
fn compiled(path: &Path) -> Result<Option<CompiledList>, Error> {
    let mut first = [0; 8];
    let Some(file) = File::open(path)
        .ok()
        .filter(|mut file| file.read_exact(&mut first).is_ok())
        .filter(|_| CompiledList::is_one(&first))
    else {
        // Whoever reads it as text says what is wrong with it.
        return Ok(None);
    };
    CompiledList::open(&file)
        .with_context(|| format!("cannot use {}", path.display()))
        .map(Some)
}

/// How many lines cannot be used, and which of the reported ones come first.
fn bad_lines_summary(place: &str, path: &Path, reported: &[BadLine], count: u64) -> Option<String> {
    if count == 0 {
        return None;
    }
    let numbers: Vec<String> = reported
        .iter()
        .take(BAD_LINES_NAMED)
        .map(|bad| bad.line.to_string())
        .collect();
    let path = path.display();
    let (are, lines) = match count {
        1 => ("line is", "line"),
        _ => ("lines are", "lines"),
    };
    let more = match usize::try_from(count) {
        Ok(count) if count <= BAD_LINES_NAMED => "",
        _ => ", ...",
    };
    Some(format!(
        "{place}: {count} {are} not used ({lines} {}{more}); see 'portlog list check {path}'",
        numbers.join(", ")
    ))
}
