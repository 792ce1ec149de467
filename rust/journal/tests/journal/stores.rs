//! A store that is closed, killed, filled up, damaged, or loses its power: nothing that was confirmed
//! is lost, and nothing that is not what was signed is opened.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use portlog_journal::entry::Kind;
use portlog_journal::store::{RedbStore, Snapshot as _, Store as _};
use portlog_journal::{EpochReason, Error, FolderVault, Hash, Log, SystemRandom};

use crate::disk::{Disk, Survives, after_power_loss};
use crate::support::*;

/// The size and root of the state in a store.
fn state(store: &RedbStore) -> Option<(u64, Hash)> {
    let note = store.snapshot().unwrap().latest_checkpoint().unwrap()?;
    Some((note.checkpoint().size, note.checkpoint().root))
}

#[test]
fn a_log_that_is_closed_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.redb");
    let keys = Keys::default();
    let mut log = new_log_with(RedbStore::open(&path).unwrap(), 1, keys.clone());
    log.append(&started(1, "live")).unwrap();
    log.append(&packages(2)).unwrap();
    log.rotate(moment(3), EpochReason::Boot).unwrap();
    log.append(&opened(Kind::Opened, 4, 1, 2)).unwrap();
    log.commit().unwrap();
    log.append(&mark(5, "never committed")).unwrap();
    drop(log);
    let store = RedbStore::open(&path).unwrap();
    let mut log = Log::open(store, keys, Fixed::new(77)).unwrap().unwrap();
    assert_eq!((log.size(), log.epoch()), (5, 1));
    log.append(&alert(6, 1, 2)).unwrap();
    log.commit().unwrap();
    let report = check(&full(&log)).unwrap();
    assert_eq!((report.shown, report.obtained.by["live"]), (6, 2));
}

#[test]
fn two_watches_on_one_journal_are_one_too_many() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.redb");
    let first = RedbStore::open(&path).unwrap();
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "others may not read it");
    assert!(matches!(RedbStore::open(&path), Err(Error::InUse)));
    drop(first);
    assert!(RedbStore::open(&path).is_ok());
}

#[test]
fn what_is_no_store_is_refused_and_set_aside_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.redb");
    for (number, bytes) in [b"not a store".to_vec(), vec![0; 8192]]
        .into_iter()
        .enumerate()
    {
        fs::write(&path, &bytes).unwrap();
        assert!(RedbStore::open(&path).is_err());
        assert_eq!(fs::read(&path).unwrap(), bytes, "it was left as it is");
        let aside = RedbStore::set_aside(&path).unwrap();
        assert!(aside.ends_with(format!("log.redb.damaged-{}", number + 1)));
        assert_eq!(fs::read(&aside).unwrap(), bytes);
        assert!(!path.exists());
    }
}

#[test]
fn a_folder_that_may_not_be_written_is_an_error() {
    let missing = Path::new("/nonexistent/folder/log.redb");
    assert!(matches!(RedbStore::open(missing), Err(Error::Store(_))));
}

/// The bytes of a store's file with `from` replaced wherever it stands.
fn edited(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let mut found = 0;
    for at in 0..bytes.len() - from.len() {
        if bytes[at..].starts_with(from) {
            bytes[at..at + to.len()].copy_from_slice(to);
            found += 1;
        }
    }
    assert!(found > 0, "it is not there");
    bytes
}

/// The bytes of the store of a short log, closed.
fn closed_store() -> (Vec<u8>, Keys) {
    let disk = Disk::default();
    let keys = Keys::default();
    let mut log = new_log_with(disk.open().unwrap(), 1, keys.clone());
    for entry in [
        started(1, "live"),
        packages(2),
        opened(Kind::Opened, 3, 1, 2),
        mark(4, "here"),
    ] {
        log.append(&entry).unwrap();
        log.commit().unwrap();
    }
    drop(log);
    (disk.bytes(), keys)
}

fn export_all(store: &RedbStore) -> Result<(), Error> {
    let snapshot = store.snapshot()?;
    portlog_journal::bundle::export_full(&snapshot, |_, _| true, &everything, std::io::sink())
}

#[test]
fn a_row_that_was_edited_is_not_exported() {
    let (bytes, _) = closed_store();
    let changed = edited(&bytes, b"203.0.113.7:80", b"203.0.113.9:80");
    let store = Disk::with(changed).open().unwrap();
    assert!(matches!(export_all(&store), Err(Error::Damaged(_))));
}

#[test]
fn rows_of_a_range_are_those_that_one_after_the_other_gives() {
    let mut log = new_log(1);
    for entry in [started(1, "live"), packages(2)] {
        log.append(&entry).unwrap();
    }
    for number in 0..40 {
        let seconds = 3 + i64::try_from(number).unwrap();
        log.append(&opened(Kind::Opened, seconds, number, 2))
            .unwrap();
        log.append(&mark(seconds, "here")).unwrap();
    }
    log.prune(moment(60), 30, "age").unwrap();
    let snapshot = log.store().snapshot().unwrap();
    let size = log.size();
    for range in [
        0..size,
        0..0,
        3..30,
        29..31,
        40..41,
        70..u64::MAX,
        size..u64::MAX,
    ] {
        for kinds in [
            &[][..],
            &[Kind::Mark],
            &[Kind::Opened, Kind::Packages],
            &[Kind::Epoch],
        ] {
            let rows = snapshot.rows(range.clone(), |kind| kinds.contains(&kind));
            let rows: Vec<_> = rows.map(Result::unwrap).collect();
            let single = (range.start..range.end.min(size)).filter_map(|index| {
                let row = snapshot.get(index).unwrap()?;
                kinds.contains(&row.kind).then_some((index, row))
            });
            assert_eq!(rows, single.collect::<Vec<_>>(), "{range:?} {kinds:?}");
        }
    }
    assert!(
        snapshot.rows(0..30, |_| true).count() < 30,
        "some were pruned"
    );
    let empty = RedbStore::in_memory().unwrap();
    let nothing = empty.snapshot().unwrap();
    assert_eq!(nothing.rows(0..u64::MAX, |_| true).count(), 0);
}

#[test]
fn a_damaged_row_is_an_error_to_whoever_wants_it_and_the_end_of_the_rows() {
    let (bytes, _) = closed_store();
    let changed = edited(&bytes, b"203.0.113.7:80", b"203.0.113.\xFF:80");
    let store = Disk::with(changed).open().unwrap();
    let snapshot = store.snapshot().unwrap();
    let others: Vec<u64> = snapshot
        .rows(0..5, |kind| kind != Kind::Opened)
        .map(|row| row.unwrap().0)
        .collect();
    assert_eq!(others, [0, 1, 2, 4]);
    let mut all = snapshot.rows(0..5, |_| true);
    for index in 0..3 {
        assert_eq!(all.next().unwrap().unwrap().0, index);
    }
    let error = all.next().unwrap().unwrap_err();
    assert!(
        matches!(&error, Error::Damaged(what) if what == "row 3"),
        "{error}"
    );
    assert!(all.next().is_none());
}

#[test]
fn damage_anywhere_is_an_error_or_changes_nothing_and_never_a_panic() {
    let (bytes, _) = closed_store();
    let used = bytes.iter().rposition(|byte| *byte != 0).unwrap();
    let whole = state(&Disk::with(bytes.clone()).open().unwrap());
    let mut random = 0x9E37_79B9_7F4A_7C15_u64;
    let mut below = |end: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        usize::try_from(random % u64::try_from(end).unwrap()).unwrap()
    };
    let (mut refused, mut opened) = (0, 0);
    for _ in 0..600 {
        let mut changed = bytes.clone();
        for _ in 0..=below(3) {
            // The header often: it is what a database believes.
            let at = if below(3) == 0 {
                below(320)
            } else {
                below(used)
            };
            changed[at] ^= 1 << below(8);
        }
        let Ok(store) = Disk::with(changed).open() else {
            refused += 1;
            continue;
        };
        opened += 1;
        if export_all(&store).is_ok() {
            assert_eq!(state(&store), whole);
        }
    }
    println!("{refused} refused, {opened} opened");
    assert!(refused > 50 && opened > 50);
}

#[test]
fn nodes_that_were_edited_do_not_open() {
    let (bytes, _) = closed_store();
    let store = Disk::with(bytes.clone()).open().unwrap();
    let node = portlog_journal::tree::Node { level: 2, index: 0 };
    let hash = store.snapshot().unwrap().node(node).unwrap();
    drop(store);
    let changed = edited(&bytes, hash.as_bytes(), Hash::of(&[b"another"]).as_bytes());
    assert!(matches!(Disk::with(changed).open(), Err(Error::Damaged(_))));
}

#[test]
fn a_checkpoint_that_was_swapped_for_an_older_one_does_not_open() {
    let (bytes, _) = closed_store();
    let store = Disk::with(bytes.clone()).open().unwrap();
    let latest = store
        .snapshot()
        .unwrap()
        .latest_checkpoint()
        .unwrap()
        .unwrap();
    drop(store);
    let root = latest.checkpoint().root.to_base64();
    let other = Hash::of(&[b"older"]).to_base64();
    let changed = edited(&bytes, root.as_bytes(), other.as_bytes());
    assert!(matches!(Disk::with(changed).open(), Err(Error::Damaged(_))));
    // A note that says another size than the place where it is.
    let changed = edited(&bytes, b"\n5\n", b"\n4\n");
    assert!(matches!(Disk::with(changed).open(), Err(Error::Damaged(_))));
}

#[test]
fn a_full_disk_loses_nothing_that_was_confirmed_and_nothing_that_waits() {
    for room in 0..24 {
        let disk = Disk::default();
        let keys = Keys::default();
        let mut log = new_log_with(disk.open().unwrap(), 1, keys.clone());
        log.append(&started(1, "live")).unwrap();
        log.commit().unwrap();
        disk.fills_up_after(Some(room));
        let mut waiting = 0;
        let mut failed = false;
        for second in 2..12 {
            log.append(&mark(second, "x")).unwrap();
            waiting += 1;
            match log.commit() {
                Ok(()) => waiting = 0,
                Err(Error::Store(_)) => {
                    failed = true;
                    break;
                }
                Err(other) => panic!("{other}"),
            }
        }
        assert!(failed, "{room} writes were enough");
        assert_eq!(log.pending(), waiting);
        let size = log.size();
        // There is room again: the store is opened anew from what is on the disk.
        disk.fills_up_after(None);
        let again = Disk::with(disk.bytes());
        log.resume(again.open().unwrap()).unwrap();
        log.commit().unwrap();
        assert_eq!((log.size(), log.pending()), (size, 0));
        assert_eq!(check(&full(&log)).unwrap().shown, size);
    }
}

#[test]
fn a_rotation_that_fails_is_done_once_there_is_room() {
    for room in 0..12 {
        let disk = Disk::default();
        let keys = Keys::default();
        let mut log = new_log_with(disk.open().unwrap(), 1, keys.clone());
        disk.fills_up_after(Some(room));
        let rotated = log.rotate(moment(5), EpochReason::Day);
        disk.fills_up_after(None);
        if rotated.is_err() {
            assert_eq!(log.epoch(), 0);
            log.resume(Disk::with(disk.bytes()).open().unwrap())
                .unwrap();
            log.append(&mark(6, "after")).unwrap();
        }
        log.append(&mark(7, "and on")).unwrap();
        log.commit().unwrap();
        assert_eq!(log.epoch(), 1);
        assert_eq!(keys.0.borrow().keys().copied().collect::<Vec<_>>(), [1]);
        assert_eq!(check(&full(&log)).unwrap().chain.epochs(), 2);
    }
}

/// What a run of a log asked of its disk, and which states it was told are safe: after so many
/// operations, so many entries with this root.
struct Run {
    disk: Disk,
    confirmed: Vec<(usize, u64, Hash)>,
}

fn run() -> Run {
    let disk = Disk::default();
    let mut log = new_log_with(disk.open().unwrap(), 3, Keys::default());
    let mut run = Run {
        disk: disk.clone(),
        confirmed: Vec::new(),
    };
    let mut confirm = |log: &TestLog| {
        let (size, root) = state(log.store()).unwrap();
        run.confirmed.push((disk.operations(), size, root));
    };
    confirm(&log);
    log.append(&started(1, "live")).unwrap();
    log.append(&packages(2)).unwrap();
    for (batch, second) in [1, 7, 40, 2, 90].into_iter().zip((10..).step_by(100)) {
        for more in 0..batch {
            log.append(&opened(Kind::Opened, second + more, 1, 2))
                .unwrap();
        }
        log.commit().unwrap();
        confirm(&log);
        if batch == 40 {
            log.rotate(moment(second + 50), EpochReason::Day).unwrap();
            confirm(&log);
        }
    }
    log.prune(moment(1000), 20, "age").unwrap();
    confirm(&log);
    drop(log);
    run
}

/// How many crashes lost a confirmed state, and how many could not be opened.
fn crashes(run: &Run, honest: bool) -> (usize, usize, usize) {
    let trace = run.disk.trace();
    let (mut images, mut lost, mut unopened) = (0, 0, 0);
    for after in run.confirmed[0].0..=trace.len() {
        let confirmed = run
            .confirmed
            .iter()
            .rfind(|(operations, ..)| *operations <= after);
        let (_, size, _) = *confirmed.unwrap();
        for survives in [
            Survives::Nothing,
            Survives::Everything,
            Survives::Header,
            Survives::AllButHeader,
            Survives::Some(u64::try_from(after).unwrap()),
            Survives::Some(!u64::try_from(after).unwrap()),
        ] {
            images += 1;
            let image = after_power_loss(&trace[..after], survives, honest);
            // A panic within the store counts as a store that does not open.
            let opened = std::panic::catch_unwind(|| Disk::with(image).open());
            let Ok(Ok(store)) = opened else {
                unopened += 1;
                continue;
            };
            let found = state(&store);
            let whole = found.is_some_and(|(found, root)| {
                found >= size
                    && run
                        .confirmed
                        .iter()
                        .any(|(_, size, known)| *size == found && *known == root)
                    && export_all(&store).is_ok()
            });
            lost += usize::from(!whole);
        }
    }
    (images, lost, unopened)
}

#[test]
fn losing_power_loses_nothing_that_was_confirmed() {
    let run = run();
    let (images, lost, unopened) = crashes(&run, true);
    println!("{images} images of a disk that lost its power");
    assert!(images > 300, "{images}");
    assert_eq!((lost, unopened), (0, 0));
}

#[test]
fn an_fsync_that_lies_loses_what_was_confirmed_so_the_simulation_bites() {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let run = run();
    let (images, lost, unopened) = crashes(&run, false);
    std::panic::set_hook(hook);
    println!("{images} images: {lost} lost something, {unopened} did not open");
    assert!(lost + unopened > images / 20);
}

/// What [`killing_the_watch_again_and_again_loses_nothing_that_was_confirmed`] starts and kills: it
/// appends without end, and says each size that it was told is safe.
#[test]
#[ignore = "a program for another test"]
fn a_watch_that_will_be_killed() {
    let Some(folder) = std::env::var_os("PORTLOG_KILLED_IN").map(PathBuf::from) else {
        return;
    };
    let store = RedbStore::open(&folder.join("log.redb")).unwrap();
    let vault = FolderVault::new(folder.clone());
    let opened = Log::open(store, vault.clone(), SystemRandom).unwrap();
    let mut log = if let Some(log) = opened {
        log
    } else {
        let store = RedbStore::open(&folder.join("log.redb")).unwrap();
        Log::create(store, vault, SystemRandom, moment(0)).unwrap()
    };
    println!("\nsafe {}", log.size());
    log.append(&started(1, "live")).unwrap();
    for round in 0.. {
        for second in 0..=round % 5 {
            log.append(&mark(second, "x")).unwrap();
        }
        if round % 7 == 3 {
            log.rotate(moment(round), EpochReason::Hand).unwrap();
        }
        log.commit().unwrap();
        println!("safe {}", log.size());
    }
}

#[test]
fn killing_the_watch_again_and_again_loses_nothing_that_was_confirmed() {
    let folder = tempfile::tempdir().unwrap();
    let mut safe = 0_u64;
    for round in 0..10_u64 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "stores::a_watch_that_will_be_killed"])
            .args(["--ignored", "--nocapture", "--test-threads=1"])
            .env("PORTLOG_KILLED_IN", folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let reader = std::thread::spawn(move || {
            lines
                .map_while(Result::ok)
                .filter_map(|line| line.strip_prefix("safe ")?.parse::<u64>().ok())
                .max()
        });
        std::thread::sleep(Duration::from_millis(120 + 37 * round));
        child.kill().unwrap();
        child.wait().unwrap();
        safe = safe.max(reader.join().unwrap().unwrap_or(0));
        let store = RedbStore::open(&folder.path().join("log.redb")).unwrap();
        let Some((size, _)) = state(&store) else {
            assert_eq!(safe, 0);
            continue;
        };
        assert!(size >= safe, "round {round}: {size} of {safe}");
        let mut out = Vec::new();
        let snapshot = store.snapshot().unwrap();
        portlog_journal::bundle::export_full(&snapshot, |_, _| true, &everything, &mut out)
            .unwrap();
        drop((snapshot, store));
        let report = portlog_journal::verify(out.as_slice(), &options()).unwrap();
        assert_eq!(report.size(), size);
    }
    assert!(safe > 50, "it was killed before it did anything: {safe}");
    // No secret of an ended epoch is left behind but that of the last.
    let store = RedbStore::open(&folder.path().join("log.redb")).unwrap();
    drop(
        Log::open(
            store,
            FolderVault::new(folder.path().to_owned()),
            SystemRandom,
        )
        .unwrap(),
    );
    let seeds = fs::read_dir(folder.path())
        .unwrap()
        .filter(|file| {
            let name = file.as_ref().unwrap().file_name();
            name.to_string_lossy().ends_with(".seed")
        })
        .count();
    assert_eq!(seeds, 1);
}

/// Journals of earlier versions, as they were closed.
fn kept() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/journal")
}

#[test]
fn journals_of_every_earlier_version_open_and_go_on() {
    let mut versions = 0;
    for folder in fs::read_dir(kept())
        .unwrap()
        .map(|entry| entry.unwrap().path())
    {
        if !folder.is_dir() {
            continue;
        }
        versions += 1;
        let place = tempfile::tempdir().unwrap();
        for name in ["log.redb", "epoch-1.seed"] {
            fs::copy(folder.join(name), place.path().join(name)).unwrap();
        }
        let vault = FolderVault::new(place.path().to_owned());
        let store = RedbStore::open(&place.path().join("log.redb")).unwrap();
        let mut log = Log::open(store, vault, Fixed::new(1)).unwrap().unwrap();
        assert_eq!((log.size(), log.epoch()), (12, 1), "{}", folder.display());
        log.append(&mark(2000, "by this build")).unwrap();
        log.commit().unwrap();
        let mut out = Vec::new();
        let snapshot = log.store().snapshot().unwrap();
        portlog_journal::bundle::export_full(&snapshot, |_, _| true, &everything, &mut out)
            .unwrap();
        let report = portlog_journal::verify(out.as_slice(), &options()).unwrap();
        assert_eq!((report.shown, report.chain.epochs()), (13, 2));
    }
    assert!(versions >= 1);
}

/// Writes the journal that [`journals_of_every_earlier_version_open_and_go_on`] keeps for this
/// version, where there is none.
#[test]
#[ignore = "writes a file that is kept for ever"]
fn write_the_journal_of_this_version() {
    let folder = kept().join("1");
    if folder.exists() {
        return;
    }
    fs::create_dir_all(&folder).unwrap();
    let vault = FolderVault::new(folder.clone());
    let store = RedbStore::open(&folder.join("log.redb")).unwrap();
    let mut log = Log::create(store, vault, Fixed::new(42), moment(0)).unwrap();
    for entry in [
        started(1, "live"),
        packages(2),
        opened(Kind::Opened, 3, 1, 2),
        alert(4, 1, 2),
        heartbeat(900),
    ] {
        log.append(&entry).unwrap();
    }
    log.rotate(moment(1000), EpochReason::Day).unwrap();
    for second in 0..5 {
        log.append(&heartbeat(1900 + second)).unwrap();
    }
    log.commit().unwrap();
}
