//! The shelf of lists: a folder with a copy of each list and one index.
//!
//! A list that was imported is kept as it came, so that what it says can be shown line by line and
//! judged again by a later build. One that cannot be used any more stays on the shelf with its
//! problem. Ids are never given twice.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use portlog_blocklist::{List, ListSet, ParsedList};
use portlog_model::{Category, Remark, WallTime};
use portlog_words::clean;
use serde::{Deserialize, Serialize};

use super::history::set_aside;
use super::render::Voice;
use super::views::{BadLineView, ListChange, ListLine};
use crate::Error;
use crate::files::{read_bounded, write_atomic};
use crate::poll_thread::chain;

/// The newest version of the index that this build reads and the one that it writes.
const VERSION: u64 = 1;
/// The largest list, in bytes: a million lines and more.
const MAX_LIST: u64 = 48 << 20;
/// All of them together.
const MAX_ALL: u64 = 96 << 20;
const MAX_LISTS: usize = 64;
const MAX_INDEX: u64 = 1 << 20;
/// Bad lines that are shown of each list.
const MAX_BAD: usize = 100;
/// A list older than this should be looked for anew.
const OLD: Duration = Duration::from_hours(180 * 24);

/// Lists with their copies.
#[derive(Debug)]
pub(crate) struct Shelf {
    folder: PathBuf,
    index: Index,
    /// What was found in each copy that was read.
    readings: BTreeMap<u32, Reading>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
struct Index {
    version: u64,
    /// The id of the next list.
    next: u32,
    lists: Vec<Entry>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
struct Entry {
    id: u32,
    name: String,
    category: Category,
    enabled: bool,
    imported: WallTime,
}

#[derive(Deserialize)]
struct VersionOnly {
    version: u64,
}

/// What was found in a copy.
#[derive(Clone, Debug, Default)]
struct Reading {
    rules: u64,
    bad_lines: u64,
    bad: Vec<BadLineView>,
    date: Option<WallTime>,
    sha256: String,
    problem: String,
}

/// How the shelf was found.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Found {
    /// As it was left.
    Whole,
    /// Its index was damaged and put aside; the lists that lay there are on it again, switched off.
    Recovered,
}

impl Shelf {
    /// The shelf in `folder`, which is made (0700) where it is missing.
    pub(crate) fn open(folder: PathBuf, now: WallTime) -> Result<(Self, Found), Error> {
        use std::os::unix::fs::DirBuilderExt;
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)
            .map_err(|source| Error::Write {
                path: folder.clone(),
                source,
            })?;
        let mut shelf = Self {
            folder,
            index: Index {
                version: VERSION,
                next: 1,
                lists: Vec::new(),
            },
            readings: BTreeMap::new(),
        };
        let path = shelf.index_path();
        if !path.exists() {
            return Ok((shelf, Found::Whole));
        }
        let bytes = match read_bounded(&path, MAX_INDEX) {
            Ok(bytes) => bytes,
            Err(Error::TooLarge { .. }) => Vec::new(),
            Err(error) => return Err(error),
        };
        if let Ok(VersionOnly { version }) = serde_json::from_slice(&bytes)
            && version > VERSION
        {
            return Err(Error::Newer {
                path,
                found: version,
                known: VERSION,
            });
        }
        match serde_json::from_slice::<Index>(&bytes) {
            Ok(index) if index.is_sound() => {
                shelf.index = index;
                Ok((shelf, Found::Whole))
            }
            _ => {
                set_aside(&path, now)?;
                shelf.recover(now)?;
                Ok((shelf, Found::Recovered))
            }
        }
    }

    /// Makes a change; nothing is changed where it fails. Whether what is in force became another.
    pub(crate) fn change(&mut self, change: &ListChange, now: WallTime) -> Result<bool, Error> {
        match change {
            ListChange::Look => Ok(false),
            ListChange::Import {
                name,
                category,
                path,
            } => self.import(name, *category, Path::new(path), now),
            ListChange::Replace { id, path } => self.replace(*id, Path::new(path), now),
            ListChange::Enable { id, enabled } => {
                let changed = self.entry(*id)?.enabled != *enabled;
                self.edit(*id, |entry| entry.enabled = *enabled)?;
                Ok(changed)
            }
            ListChange::Categorise { id, category } => {
                let entry = self.entry(*id)?;
                let changed = entry.enabled && entry.category != *category;
                self.edit(*id, |entry| entry.category = *category)?;
                self.readings.remove(id);
                Ok(changed)
            }
            ListChange::Remove { id } => {
                let changed = self.entry(*id)?.enabled;
                let mut index = self.index.clone();
                index.lists.retain(|entry| entry.id != *id);
                self.save(index)?;
                self.readings.remove(id);
                // The index is what counts; a copy that stays costs room and nothing else.
                let _ = fs::remove_file(self.copy_path(*id));
                Ok(changed)
            }
        }
    }

    /// The lists in force, read anew.
    pub(crate) fn set(&mut self) -> ListSet {
        let mut lists = Vec::new();
        for entry in self.index.lists.clone() {
            if entry.enabled
                && let Some(list) = self.read(&entry)
            {
                lists.push(list);
            }
        }
        ListSet::new(lists)
    }

    /// How it stands, in the order of import.
    pub(crate) fn lines(&mut self, voice: Voice, now: WallTime) -> Vec<ListLine> {
        for entry in self.index.lists.clone() {
            if !self.readings.contains_key(&entry.id) {
                self.read(&entry);
            }
        }
        let line = |entry: &Entry| {
            let reading = self.readings.get(&entry.id).cloned().unwrap_or_default();
            let since = reading.date.unwrap_or(entry.imported);
            let age = now.since(since);
            ListLine {
                id: entry.id,
                name: entry.name.clone(),
                category: entry.category,
                enabled: entry.enabled,
                rules: reading.rules,
                bad_lines: reading.bad_lines,
                bad: reading.bad,
                date: reading.date.map(WallTime::as_millis),
                imported: entry.imported.as_millis(),
                sha256: reading.sha256,
                age_text: voice.remark(Remark::ListAge {
                    age,
                    dated: reading.date.is_some(),
                    old: age > OLD,
                }),
                problem: reading.problem,
            }
        };
        self.index.lists.iter().map(line).collect()
    }

    fn import(
        &mut self,
        name: &str,
        category: Option<Category>,
        path: &Path,
        now: WallTime,
    ) -> Result<bool, Error> {
        if self.index.lists.len() >= MAX_LISTS {
            return Err(Error::TooManyLists { most: MAX_LISTS });
        }
        let name = self.free_name(name);
        let (bytes, parsed) = self.take(&name, category, path, None)?;
        let mut index = self.index.clone();
        let id = index.next;
        index.next = id.saturating_add(1);
        index.lists.push(Entry {
            id,
            name,
            category: parsed.list.info().category,
            enabled: true,
            imported: now,
        });
        write_atomic(&self.copy_path(id), &bytes)?;
        self.save(index)?;
        self.readings.insert(id, Reading::of(&parsed));
        Ok(true)
    }

    fn replace(&mut self, id: u32, path: &Path, now: WallTime) -> Result<bool, Error> {
        let entry = self.entry(id)?.clone();
        let (bytes, parsed) = self.take(&entry.name, Some(entry.category), path, Some(id))?;
        write_atomic(&self.copy_path(id), &bytes)?;
        self.edit(id, |entry| entry.imported = now)?;
        self.readings.insert(id, Reading::of(&parsed));
        Ok(entry.enabled)
    }

    /// Reads a file that shall come onto the shelf, in the place of `instead`.
    fn take(
        &self,
        name: &str,
        category: Option<Category>,
        path: &Path,
        instead: Option<u32>,
    ) -> Result<(Vec<u8>, ParsedList), Error> {
        let bytes = read_bounded(path, MAX_LIST)?;
        let others: u64 = self
            .index
            .lists
            .iter()
            .filter(|entry| Some(entry.id) != instead)
            .filter_map(|entry| fs::metadata(self.copy_path(entry.id)).ok())
            .map(|metadata| metadata.len())
            .sum();
        if others.saturating_add(bytes.len() as u64) > MAX_ALL {
            return Err(Error::ShelfFull { most: MAX_ALL });
        }
        // The date of a file that was handed over is that of the handing over.
        let parsed = parse(name, category, path, &bytes)?;
        if parsed.list.summary().rules() == 0 {
            return Err(Error::EmptyList {
                name: name.to_owned(),
                bad_lines: parsed.list.summary().bad_lines,
            });
        }
        Ok((bytes, parsed))
    }

    /// Reads a copy; what is wrong with it is kept.
    fn read(&mut self, entry: &Entry) -> Option<List> {
        let path = self.copy_path(entry.id);
        let read = read_bounded(&path, MAX_LIST)
            .and_then(|bytes| parse(&entry.name, Some(entry.category), &path, &bytes));
        match read {
            Ok(parsed) => {
                self.readings.insert(entry.id, Reading::of(&parsed));
                Some(parsed.list)
            }
            Err(error) => {
                let reading = Reading {
                    problem: clean(&chain(&error)),
                    ..Reading::default()
                };
                self.readings.insert(entry.id, reading);
                None
            }
        }
    }

    /// Puts the copies that lie in the folder on the shelf again, switched off.
    fn recover(&mut self, now: WallTime) -> Result<(), Error> {
        let Ok(files) = fs::read_dir(&self.folder) else {
            return Ok(());
        };
        let mut ids: Vec<u32> = files
            .filter_map(|file| file.ok()?.file_name().into_string().ok())
            .filter_map(|name| name.strip_suffix(".list")?.parse().ok())
            .collect();
        ids.sort_unstable();
        ids.truncate(MAX_LISTS);
        let mut index = self.index.clone();
        for id in ids {
            let path = self.copy_path(id);
            let name = format!("list {id}");
            let category = read_bounded(&path, MAX_LIST)
                .and_then(|bytes| parse(&name, None, &path, &bytes))
                .map_or(Category::Tracker, |parsed| parsed.list.info().category);
            index.next = index.next.max(id.saturating_add(1));
            index.lists.push(Entry {
                id,
                name,
                category,
                enabled: false,
                imported: now,
            });
        }
        self.save(index)
    }

    fn entry(&self, id: u32) -> Result<&Entry, Error> {
        self.index
            .lists
            .iter()
            .find(|entry| entry.id == id)
            .ok_or(Error::NoSuchList { id })
    }

    fn edit(&mut self, id: u32, edit: impl FnOnce(&mut Entry)) -> Result<(), Error> {
        let mut index = self.index.clone();
        let entry = index.lists.iter_mut().find(|entry| entry.id == id);
        edit(entry.ok_or(Error::NoSuchList { id })?);
        self.save(index)
    }

    /// A name that no list has: claims tell lists apart by it.
    fn free_name(&self, wanted: &str) -> String {
        let cleaned = clean(wanted.trim());
        let wanted = if cleaned.is_empty() { "list" } else { &cleaned };
        let is_free = |name: &str| self.index.lists.iter().all(|entry| entry.name != name);
        if is_free(wanted) {
            return wanted.to_owned();
        }
        (2..=MAX_LISTS.saturating_add(2))
            .map(|number| format!("{wanted} ({number})"))
            .find(|name| is_free(name))
            .unwrap_or_default()
    }

    fn save(&mut self, index: Index) -> Result<(), Error> {
        let path = self.index_path();
        let bytes = serde_json::to_vec_pretty(&index).map_err(|error| Error::Write {
            path: path.clone(),
            source: error.into(),
        })?;
        write_atomic(&path, &bytes)?;
        self.index = index;
        Ok(())
    }

    fn index_path(&self) -> PathBuf {
        self.folder.join("index.json")
    }

    fn copy_path(&self, id: u32) -> PathBuf {
        self.folder.join(format!("{id}.list"))
    }
}

impl Index {
    fn is_sound(&self) -> bool {
        let mut ids: Vec<u32> = self.lists.iter().map(|entry| entry.id).collect();
        ids.sort_unstable();
        self.version == VERSION
            && self.lists.len() <= MAX_LISTS
            && ids.is_sorted_by(|a, b| a < b)
            && ids.last().is_none_or(|last| *last < self.next)
    }
}

impl Reading {
    fn of(parsed: &ParsedList) -> Self {
        let summary = parsed.list.summary();
        let info = parsed.list.info();
        let unusable = parsed
            .bad_lines
            .iter()
            .map(|bad| (bad.line, bad.reason.to_string()));
        let unsupported = parsed
            .unsupported
            .iter()
            .map(|line| (line.line, line.reason.to_string()));
        let mut bad: Vec<BadLineView> = unusable
            .chain(unsupported)
            .map(|(line, reason)| BadLineView {
                line: u64::from(line),
                reason,
            })
            .collect();
        bad.sort_by_key(|bad| bad.line);
        bad.truncate(MAX_BAD);
        Self {
            rules: summary.rules(),
            bad_lines: summary
                .bad_lines
                .saturating_add(summary.unsupported_lines()),
            bad,
            date: info.date,
            sha256: info.sha256.to_string(),
            problem: String::new(),
        }
    }
}

fn parse(
    name: &str,
    category: Option<Category>,
    path: &Path,
    bytes: &[u8],
) -> Result<ParsedList, Error> {
    List::parse(name, category, None, bytes).map_err(|source| Error::List {
        path: path.to_owned(),
        source,
    })
}
