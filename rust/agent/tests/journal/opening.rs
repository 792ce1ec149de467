//! How a journal is opened that is not as it was left.

use std::fs;
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use portlog_agent::testimony::{DataKey, Keys, Mark, Reader, Recorder, Testimony, erase};
use portlog_agent::{Error, SystemClock};
use portlog_journal::entry::Kind;

use crate::world::{Told, Watched, row, testimony};

fn open(folder: &Path) -> Result<Recorder, Error> {
    Recorder::open(testimony(folder), Arc::new(SystemClock))
}

/// A journal with a mark; its size.
fn begin(folder: &Path, text: &str) -> u64 {
    let recorder = open(folder).unwrap();
    recorder.mark(&Mark::Words(text.to_owned())).unwrap();
    let size = recorder.reader().unwrap().size().unwrap();
    recorder.close().unwrap();
    size
}

/// Writes nonsense over a part of the journal's file, where its pages are.
fn damage(folder: &Path) {
    let path = folder.join("journal.redb");
    let length = fs::metadata(&path).unwrap().len();
    let mut bytes = fs::read(&path).unwrap();
    // The rows' own texts: what was signed is not what is read.
    let at = find(&bytes, b"before the damage");
    bytes[at..at + 4].copy_from_slice(b"XXXX");
    let mut file = fs::File::options().write(true).open(&path).unwrap();
    file.seek(SeekFrom::Start(0)).unwrap();
    // And its head, so that it is noticed when it is opened.
    bytes[..64].fill(0xA5);
    file.write_all(&bytes).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().len(), length);
}

fn find(bytes: &[u8], text: &[u8]) -> usize {
    bytes
        .windows(text.len())
        .position(|window| window == text)
        .unwrap()
}

#[test]
fn a_journal_is_its_owners_alone() {
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("deep/journal");
    begin(&journal, "one");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&journal), 0o700);
    assert_eq!(mode(&journal.join("keys")), 0o700);
    assert_eq!(mode(&journal.join("journal.redb")), 0o600);
    for key in fs::read_dir(journal.join("keys")).unwrap() {
        assert_eq!(mode(&key.unwrap().path()), 0o600);
    }
}

#[test]
fn a_damaged_journal_is_set_aside_whole_and_the_new_one_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let size = begin(folder.path(), "before the damage");
    let origin = Told::of(folder.path()).report.origin().clone();
    damage(folder.path());
    let as_damaged = fs::read(folder.path().join("journal.redb")).unwrap();

    begin(folder.path(), "after it");
    let told = Told::of(folder.path());
    assert_ne!(*told.report.origin(), origin);
    let before = told.only(Kind::Predecessor);
    assert_eq!(before["origin"], origin.as_str());
    assert_eq!(before["size"], size.to_string());
    assert_eq!(before["known_by"], "file");
    assert_eq!(before["reason"], "damaged");
    let gap = told.only(Kind::Gap);
    assert!(gap["detail"].contains("journal.redb.damaged-1"), "{gap:?}");
    let aside = fs::read(folder.path().join("journal.redb.damaged-1")).unwrap();
    assert!(aside == as_damaged, "what was set aside was touched");
    // The old log cannot be signed for any more.
    assert_eq!(fs::read_dir(folder.path().join("keys")).unwrap().count(), 1);
    // And it is named once.
    begin(folder.path(), "again");
    assert_eq!(Told::of(folder.path()).count(Kind::Predecessor), 1);
}

#[test]
fn a_checkpoint_that_its_key_did_not_sign_is_no_predecessor() {
    let folder = tempfile::tempdir().unwrap();
    begin(folder.path(), "before the damage");
    // Every checkpoint that the file has claims another size.
    let path = folder.path().join("journal.redb");
    let mut bytes = fs::read(&path).unwrap();
    let name = b"portlog/log/";
    let length = name.len() + 64 + 1;
    for at in 0..bytes.len().saturating_sub(length + 1) {
        if bytes[at..].starts_with(name) && bytes[at + length - 1] == b'\n' {
            bytes[at + length] = b'9';
        }
    }
    bytes[..64].fill(0xA5);
    fs::write(&path, bytes).unwrap();
    begin(folder.path(), "after it");
    let told = Told::of(folder.path());
    assert_eq!(told.count(Kind::Predecessor), 0);
    assert_eq!(told.count(Kind::Gap), 1);
}

#[test]
fn a_journal_whose_keys_are_gone_is_not_continued() {
    let folder = tempfile::tempdir().unwrap();
    let size = begin(folder.path(), "one");
    let origin = Told::of(folder.path()).report.origin().clone();
    fs::remove_dir_all(folder.path().join("keys")).unwrap();
    begin(folder.path(), "two");
    let told = Told::of(folder.path());
    let before = told.only(Kind::Predecessor);
    assert_eq!(before["origin"], origin.as_str());
    assert_eq!(before["size"], size.to_string());
    assert_eq!(before["reason"], "keys-lost");
    assert_eq!(told.only(Kind::Gap)["cause"], "keys-lost");
}

#[test]
fn sealed_keys_need_the_key_that_sealed_them() {
    let folder = tempfile::tempdir().unwrap();
    let with = |byte: u8| Testimony {
        keys: Keys::Sealed(DataKey::new([byte; 32])),
        ..testimony(folder.path())
    };
    let mark = |byte: u8| {
        let recorder = Recorder::open(with(byte), Arc::new(SystemClock)).unwrap();
        recorder.mark(&Mark::Words("sealed".to_owned())).unwrap();
        recorder.close().unwrap();
    };
    mark(1);
    mark(1);
    let told = Told::of(folder.path());
    assert_eq!(told.count(Kind::Mark), 2);
    mark(2);
    let told = Told::of(folder.path());
    assert_eq!(told.only(Kind::Predecessor)["reason"], "keys-lost");
    assert_eq!(told.count(Kind::Mark), 1);
}

#[test]
fn two_watches_on_one_journal_are_one_too_many() {
    let folder = tempfile::tempdir().unwrap();
    let watched = Watched::phone(testimony(folder.path()), "");
    let place = folder.path().display().to_string();
    for error in [
        open(folder.path()).unwrap_err(),
        Reader::open(folder.path()).unwrap_err(),
        erase(folder.path()).unwrap_err(),
    ] {
        assert!(matches!(error, Error::JournalInUse { .. }), "{error}");
        let text = error.to_string();
        assert!(
            text.contains(&place) && text.contains("stop the watch"),
            "{text}"
        );
    }
    watched.reach(&[row("192.0.2.1:443", 1, 1_000)], "192.0.2.1:443");
    let told = watched.stop(folder.path());
    assert_eq!(told.opened(), ["192.0.2.1:443"]);
    open(folder.path()).unwrap();
}

#[test]
fn what_is_no_folder_and_what_is_no_journal_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "text").unwrap();
    let error = open(&file).unwrap_err();
    assert!(error.to_string().contains("file"), "{error}");
    let missing = folder.path().join("missing");
    for error in [
        Reader::open(&missing).unwrap_err(),
        erase(&missing).unwrap_err(),
    ] {
        assert!(matches!(error, Error::NoJournal { .. }), "{error}");
    }
    assert!(!missing.exists());
}

#[test]
fn a_journal_on_a_disk_that_may_only_be_read_is_read_and_not_written() {
    let Some(mount) = Mount::new("size=16m") else {
        return;
    };
    begin(mount.path(), "one");
    mount.read_only();
    let error = open(mount.path()).unwrap_err();
    let text = format!("{error}: {}", std::error::Error::source(&error).unwrap());
    assert!(text.contains("Read-only file system"), "{text}");
    assert!(text.contains("journal.redb"), "{text}");
    let reader = Reader::open(mount.path()).unwrap();
    let told = Told::by(&reader);
    assert_eq!(told.only(Kind::Mark)["text"], "one");
    assert!(reader.status().unwrap().kept.is_empty());
}

#[test]
fn erasing_leaves_nothing_of_the_journal_and_nothing_else_goes() {
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("journal");
    begin(&journal, "before the damage");
    damage(&journal);
    begin(&journal, "one");
    Told::of(&journal);
    fs::write(journal.join("notes.txt"), "mine").unwrap();
    erase(&journal).unwrap();
    let left: Vec<_> = fs::read_dir(&journal)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left, ["notes.txt"]);
    fs::remove_file(journal.join("notes.txt")).unwrap();
    begin(&journal, "anew");
    assert_eq!(Told::of(&journal).count(Kind::Predecessor), 0);
    erase(&journal).unwrap();
    assert!(!journal.exists());
}

/// A file system of its own in memory; gone when it is dropped.
pub(crate) struct Mount(tempfile::TempDir);

impl Mount {
    /// `None`, and a loud word, where this system lets nobody mount.
    pub(crate) fn new(options: &str) -> Option<Self> {
        use nix::mount::{MsFlags, mount};

        let folder = tempfile::tempdir().unwrap();
        let mounted = mount(
            Some("tmpfs"),
            folder.path(),
            Some("tmpfs"),
            MsFlags::empty(),
            Some(options),
        );
        match mounted {
            Ok(()) => Some(Self(folder)),
            Err(errno) => {
                eprintln!("SKIPPED: a file system could not be mounted here: {errno}");
                None
            }
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    fn read_only(&self) {
        use nix::mount::{MsFlags, mount};

        let flags = MsFlags::MS_REMOUNT | MsFlags::MS_RDONLY;
        mount(None::<&str>, self.path(), None::<&str>, flags, None::<&str>).unwrap();
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = nix::mount::umount2(self.0.path(), nix::mount::MntFlags::MNT_DETACH);
    }
}
