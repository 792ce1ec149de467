//! The shelf of lists: a folder with the files of each list (`copy`) and one index.
//!
//! A list is compiled when it is imported, and mapped from then on: a start costs no parsing and a list
//! no memory, however long it is. One that cannot be used any more stays on the shelf with its problem.
//! Ids are never given twice.

mod copy;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use portlog_blocklist::{List, ListSet};
use portlog_model::fault::chain;
use portlog_model::{Category, Remark, WallTime};
use portlog_words::clean;
use serde::{Deserialize, Serialize};

use self::copy::{Copy, Reading, Staged};
use super::history::set_aside;
use super::render::Voice;
use super::views::{ListChange, ListLine};
use crate::Error;
use crate::files::{read_bounded, write_atomic};
use crate::names::NameBook;

/// The newest version of the index that this build reads and the one that it writes.
const VERSION: u64 = 1;
/// All lists together, as they came, in bytes. Compiled they take up to two and a half times as much.
const MAX_ALL: u64 = 96 << 20;
const MAX_LISTS: usize = 64;
const MAX_INDEX: u64 = 1 << 20;

/// Lists with their copies.
#[derive(Debug)]
pub(crate) struct Shelf {
    folder: PathBuf,
    index: Index,
    /// What was found in each list that was opened.
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
        copy::sweep(&folder);
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
                self.copy(*id).remove();
                Ok(changed)
            }
        }
    }

    /// The lists in force, mapped anew.
    pub(crate) fn set(&mut self) -> ListSet {
        let mut lists = Vec::new();
        for entry in self.index.lists.clone() {
            if entry.enabled
                && let Some(list) = self.open_list(&entry)
            {
                lists.push(list);
            }
        }
        ListSet::new(lists)
    }

    /// Teaches `names` the pinned answers among the lists in force, and none besides.
    pub(crate) fn pin(&self, names: &NameBook) {
        names.unpin_all();
        for entry in self.index.lists.iter().filter(|entry| entry.enabled) {
            self.copy(entry.id).pin(names);
        }
    }

    /// How it stands, in the order of import.
    pub(crate) fn lines(&mut self, voice: Voice, now: WallTime) -> Vec<ListLine> {
        for entry in self.index.lists.clone() {
            if !self.readings.contains_key(&entry.id) {
                self.open_list(&entry);
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
                    old: age > List::OLD,
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
        let mut index = self.index.clone();
        let id = index.next;
        let staged = self.stage(id, &name, category, path)?;
        index.next = id.saturating_add(1);
        index.lists.push(Entry {
            id,
            name,
            category: staged.category,
            enabled: true,
            imported: now,
        });
        let reading = staged.put()?;
        if let Err(error) = self.save(index) {
            self.copy(id).remove();
            return Err(error);
        }
        self.readings.insert(id, reading);
        Ok(true)
    }

    fn replace(&mut self, id: u32, path: &Path, now: WallTime) -> Result<bool, Error> {
        let entry = self.entry(id)?.clone();
        let staged = self.stage(id, &entry.name, Some(entry.category), path)?;
        let reading = staged.put()?;
        self.edit(id, |entry| entry.imported = now)?;
        self.readings.insert(id, reading);
        Ok(entry.enabled)
    }

    /// Takes in a file that shall come onto the shelf as the list `id`, or in its place.
    fn stage(
        &self,
        id: u32,
        name: &str,
        category: Option<Category>,
        path: &Path,
    ) -> Result<Staged, Error> {
        let others: u64 = self
            .index
            .lists
            .iter()
            .filter(|entry| entry.id != id)
            .map(|entry| self.copy(entry.id).length())
            .sum();
        // The date of a file that was handed over is that of the handing over.
        self.copy(id)
            .stage(name, category, path, MAX_ALL.saturating_sub(others))
    }

    /// Maps a list; what is wrong with it is kept.
    fn open_list(&mut self, entry: &Entry) -> Option<List> {
        match self.copy(entry.id).open(&entry.name, Some(entry.category)) {
            Ok((list, reading)) => {
                self.readings.insert(entry.id, reading);
                Some(list)
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

    /// Puts the lists that lie in the folder on the shelf again, switched off.
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
            let numbered = format!("list {id}");
            let copy = self.copy(id);
            let mut info = copy.open(&numbered, None).ok().map(|(list, _)| list.info());
            let taken = |name: &str| index.lists.iter().any(|entry| entry.name == name);
            if info.as_ref().is_some_and(|info| taken(&info.name)) {
                // Compiled again, under the name that it has from now on.
                copy.forget_lines();
                info = copy.open(&numbered, None).ok().map(|(list, _)| list.info());
            }
            let (name, category) = info.map_or((numbered, Category::Tracker), |info| {
                (info.name.to_string(), info.category)
            });
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

    fn copy(&self, id: u32) -> Copy<'_> {
        Copy {
            folder: &self.folder,
            id,
        }
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
