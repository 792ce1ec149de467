//! How a journal is opened: continued where it can be, begun anew where not, and never repaired.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use portlog_journal::entry::{Entry, Kind, Value};
use portlog_journal::store::{ReadOnlyStore, RedbSnapshot, RedbStore, Snapshot as _};
use portlog_journal::{
    Error as JournalError, Log, Note, Origin, PublicKey, SigningKey, SystemRandom, Vault as _,
    predecessor_entry,
};
use portlog_model::{Moment, WallTime};

use super::store::{Files, Keyring, Slot, named};
use super::zone::Zone;
use super::{KnownBy, PredecessorReason};
use crate::Error;

/// The log of a recorder.
pub(super) type OpenLog = Log<Slot, Keyring, SystemRandom>;

/// A log that can be continued.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) log: OpenLog,
    pub(super) slot: Slot,
}

/// Opens the journal, or begins one. A damaged store, and one whose keys are gone, is set aside whole, and
/// the new log names it.
pub(super) fn open(
    files: &Files,
    keyring: &Keyring,
    now: Moment,
    zone: &Zone,
) -> Result<Opened, Error> {
    files.make()?;
    let path = files.store();
    let fault = |error| named(&files.folder, error);
    let store = match RedbStore::open(&path) {
        Err(error) if is_damage(&error) => {
            RedbStore::set_aside(&path).map_err(fault)?;
            RedbStore::open(&path).map_err(fault)?
        }
        other => other.map_err(fault)?,
    };
    let slot = Slot::new(store);
    let log = match Log::open(slot.clone(), keyring.clone(), SystemRandom) {
        Err(error) if is_damage(&error) || matches!(error, JournalError::NoKey(_)) => {
            slot.close();
            RedbStore::set_aside(&path).map_err(fault)?;
            slot.reopen(&path).map_err(fault)?;
            None
        }
        other => other.map_err(fault)?,
    };
    let mut last_words = None;
    let mut log = if let Some(log) = log {
        log
    } else {
        last_words = last_words_of_newest(files, keyring)?;
        let mut keyring = keyring.clone();
        for epoch in files.seeds()? {
            keyring.erase(epoch).map_err(fault)?;
        }
        Log::create(slot.clone(), keyring, SystemRandom, zone.moment(now)).map_err(fault)?
    };
    // Also where an earlier run came no further than the first entry.
    if log.size() == 1 {
        let words = match last_words {
            Some(words) => Some(words),
            None => last_words_of_newest(files, keyring)?,
        };
        if let Some(words) = words {
            name_predecessor(&mut log, &words, zone.moment(now), zone).map_err(fault)?;
        }
    }
    Ok(Opened { log, slot })
}

/// Whether the file is not what was written.
fn is_damage(error: &JournalError) -> bool {
    matches!(
        error,
        JournalError::Damaged(_) | JournalError::Rejected(_) | JournalError::OutOfStep
    )
}

/// What is known of a log that was set aside.
struct LastWords {
    path: PathBuf,
    note: Option<Note>,
    reason: PredecessorReason,
    /// When its file was last written.
    written: Option<WallTime>,
}

fn last_words_of_newest(files: &Files, keyring: &Keyring) -> Result<Option<LastWords>, Error> {
    let Some(path) = files.set_aside()?.into_iter().next() else {
        return Ok(None);
    };
    let written = std::fs::metadata(&path)
        .and_then(|about| about.modified())
        .ok()
        .and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok())
        .and_then(|time| i64::try_from(time.as_millis()).ok())
        .map(WallTime::from_millis);
    let whole = ReadOnlyStore::open(&path)
        .and_then(|store| store.snapshot()?.latest_checkpoint())
        .ok()
        .flatten();
    let reason = if whole.is_some() {
        PredecessorReason::KeysLost
    } else {
        PredecessorReason::Damaged
    };
    let note = match whole {
        Some(note) => Some(note),
        None => note_in(&path, files, keyring)?,
    };
    Ok(Some(LastWords {
        path,
        note,
        reason,
        written,
    }))
}

fn name_predecessor(
    log: &mut OpenLog,
    words: &LastWords,
    time: Value,
    zone: &Zone,
) -> Result<(), JournalError> {
    if let Some(note) = &words.note {
        let (known_by, reason) = (KnownBy::File.as_str(), words.reason.as_str());
        log.append(&predecessor_entry(time.clone(), note, known_by, reason)?)?;
    }
    let from = words.written.map_or_else(Value::none, |time| {
        Value::moment_without_boot(time, zone.offset(time))
    });
    let name = words.path.file_name().unwrap_or_default().to_string_lossy();
    let what = match words.reason {
        PredecessorReason::KeysLost => "the keys of the journal were gone",
        _ => "the journal was damaged",
    };
    let gap = Entry::new(Kind::Gap)
        .with("time", time)?
        .with("from", from)?
        .with("reason", Value::word("fault"))?
        .with("cause", Value::word(words.reason.as_str()))?
        .with("detail", Value::text(&format!("{what}; it lies in {name}")))?;
    log.append(&gap)?;
    log.commit()
}

/// The last checkpoint that can still be made out in a damaged file: of those with a right signature by
/// a key that is here, the longest; where no key is left, the longest of all.
///
/// A store keeps checkpoints as text, so they are found without understanding the file.
fn note_in(path: &Path, files: &Files, keyring: &Keyring) -> Result<Option<Note>, Error> {
    let mut seeds = Vec::new();
    for epoch in files.seeds()? {
        seeds.extend(keyring.load(epoch).ok().flatten());
    }
    let is_signed = |note: &Note| {
        let origin = &note.checkpoint().origin;
        seeds
            .iter()
            .filter_map(|seed| SigningKey::of_log(origin, seed).ok())
            .any(|key| note.check(&[key.public()]).is_ok())
    };
    let mut longest: Option<(bool, Note)> = None;
    each_note(path, |note| {
        let rank = |signed: bool, note: &Note| (signed, note.checkpoint().size);
        let signed = is_signed(&note);
        let better = longest
            .as_ref()
            .is_none_or(|(before, best)| rank(*before, best) < rank(signed, &note));
        if better {
            longest = Some((signed, note));
        }
    })
    .map_err(|source| Error::Read {
        path: path.to_owned(),
        source,
    })?;
    Ok(longest
        .filter(|(signed, _)| *signed || seeds.is_empty())
        .map(|(_, note)| note))
}

/// Hands over every text in a file that is a checkpoint.
fn each_note(path: &Path, mut see: impl FnMut(Note)) -> io::Result<()> {
    const START: &[u8] = b"portlog/log/";
    /// No checkpoint with its signatures is longer.
    const MOST: usize = 8 << 10;
    const CHUNK: usize = 256 << 10;
    let mut file = File::open(path)?;
    let mut window: Vec<u8> = Vec::with_capacity(CHUNK + MOST);
    loop {
        let read = file.by_ref().take(CHUNK as u64).read_to_end(&mut window)?;
        let ended = read == 0;
        // A text that begins in the last bytes is looked at with the next chunk.
        let until = if ended {
            window.len()
        } else {
            window.len().saturating_sub(MOST)
        };
        let mut from = 0;
        while let Some(found) = window
            .get(from..)
            .and_then(|rest| rest.windows(START.len()).position(|bytes| bytes == START))
            .map(|at| from + at)
            .filter(|at| *at < until)
        {
            let rest = window.get(found..).unwrap_or_default();
            if let Some(note) = note_at(rest.get(..MOST).unwrap_or(rest)) {
                see(note);
            }
            from = found + START.len();
        }
        if ended {
            return Ok(());
        }
        window.drain(..until);
    }
}

/// The note that begins here: three lines, an empty one, and as many lines of signatures as there are.
fn note_at(bytes: &[u8]) -> Option<Note> {
    const DASH: &[u8] = "\u{2014} ".as_bytes();
    let mut end = 0;
    for at in 0.. {
        let line = bytes.get(end..)?;
        let length = line.iter().position(|byte| *byte == b'\n');
        match length {
            Some(length) if at < 4 || line.starts_with(DASH) => end += length + 1,
            _ if at > 4 => break,
            _ => return None,
        }
    }
    Note::parse(std::str::from_utf8(bytes.get(..end)?).ok()?).ok()
}

/// The keys that sign the state of this size, the older first: what each epoch's entry says.
pub(super) fn signers(
    snapshot: &RedbSnapshot,
    origin: &Origin,
    size: u64,
) -> Result<Vec<PublicKey>, JournalError> {
    let entries = snapshot.epoch_entries()?;
    let Some(last) = size.checked_sub(1) else {
        return Ok(Vec::new());
    };
    // Epoch e owns what is after its own entry, up to the entry of the next one.
    let owner = entries
        .iter()
        .skip(1)
        .take_while(|entry| **entry < last)
        .count();
    let boundary = entries
        .get(owner.saturating_add(1))
        .is_some_and(|entry| *entry == last);
    let mut keys = Vec::new();
    for epoch in owner..=owner.saturating_add(usize::from(boundary)) {
        let Some(entry) = entries.get(epoch) else {
            continue;
        };
        let row = snapshot.get(*entry)?;
        let key = row
            .as_ref()
            .and_then(|row| PublicKey::parse(row.value("vkey")?).ok())
            .filter(|key| key.name() == origin.as_str())
            .ok_or_else(|| JournalError::Damaged(format!("the key of epoch {epoch}")))?;
        keys.push(key);
    }
    Ok(keys)
}
