//! What leaves the phone, beside a watch that goes on.

use std::fs;
use std::sync::Arc;
use std::time::Instant;

use portlog_agent::testimony::{
    Choice, Device, KnownBy, Mark, PredecessorReason, Preset, Reader, Recorder, Testimony, qr,
};
use portlog_agent::{Error, SystemClock};
use portlog_journal::bundle::Mode;
use portlog_journal::entry::Kind;
use portlog_journal::verify::{self, EvidenceLevel, Options};
use portlog_journal::{KeyType, Note, Seed, SigningKey, cosignature};

use crate::support::opened_to;
use crate::world::{PATIENCE, Told, Watched, row, testimony};

const SYSTEM: u32 = 1_000;

pub(crate) fn witness() -> SigningKey {
    let seed = Seed::new([9; 32]);
    SigningKey::new("witness.test", KeyType::Cosignature, &seed).unwrap()
}

#[test]
fn an_export_is_of_one_state_while_the_watch_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let watched = Watched::phone(testimony(folder.path()), "192.0.2.99\n");
    let mut rows = vec![
        row("192.0.2.1:443", 1, SYSTEM),
        row("192.0.2.99:443", 2, 10_010),
    ];
    watched.reach(&rows, "192.0.2.99:443");
    let reader = watched.recorder.reader().unwrap();
    let size = reader.size().unwrap();
    rows.push(row("192.0.2.2:443", 3, SYSTEM));
    watched.reach(&rows, "192.0.2.2:443");
    watched
        .recorder
        .mark(&Mark::Words("meanwhile".to_owned()))
        .unwrap();

    let told = Told::by(&reader);
    assert_eq!(told.report.size(), size);
    assert!(!told.opened().contains(&"192.0.2.2:443"));
    assert_eq!(told.report.mode, Mode::Full);

    let later = watched.recorder.reader().unwrap();
    assert!(later.size().unwrap() > size);
    let mut sparse = Vec::new();
    let choice = Choice::new(Preset::Alerts);
    let preview = later.preview(&choice).unwrap();
    let exported = later.export(&choice, &mut sparse).unwrap();
    assert_eq!((exported.mode, exported.kept), (Mode::Sparse, true));
    assert_eq!(preview.shown, exported.shown);
    let told = Told::verified(&sparse);
    assert_eq!(told.alerts().len(), 1);
    assert_eq!(told.count(Kind::Opened), 0);
    // The state that left before is named by the file that leaves later.
    let text = String::from_utf8(sparse).unwrap();
    assert!(text.contains(&format!("\nearlier\n{}\n{size}\n", told.report.origin())));
    let status = later.status().unwrap();
    assert_eq!(status.exported.unwrap().size, told.report.size());
    assert_eq!(
        watched
            .recorder
            .reader()
            .unwrap()
            .status()
            .unwrap()
            .kept
            .len(),
        2
    );
    drop((reader, later));
    watched.stop(folder.path());
}

#[test]
fn pages_go_back_to_the_beginning_and_owners_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let watched = Watched::phone(testimony(folder.path()), "");
    let rows: Vec<_> = (10..60)
        .map(|at| row("192.0.2.7:443", at, SYSTEM))
        .collect();
    let events = watched.reach(&rows, "192.0.2.7:443");
    assert!(opened_to(&events, "192.0.2.7:443"));
    let reader = watched.recorder.reader().unwrap();
    let size = reader.size().unwrap();
    let mut seen = Vec::new();
    let mut end = Some(u64::MAX);
    while let Some(until) = end {
        let page = reader.rows(0..until, 7).unwrap();
        assert!(page.rows.len() <= 7);
        seen.extend(page.rows.iter().map(|row| row.index));
        end = page.next;
    }
    let expected: Vec<u64> = (0..size).rev().collect();
    assert_eq!(seen, expected);
    let page = reader.rows(0..size, 1_000).unwrap();
    let opened = page
        .rows
        .iter()
        .find(|row| row.kind == Kind::Opened)
        .unwrap();
    let index = opened.value("owner").unwrap().parse().unwrap();
    let owner = reader.owner(index, SYSTEM).unwrap().unwrap();
    assert!(owner.starts_with("1000 system yes"), "{owner}");
    assert_eq!(reader.owner(index, 77).unwrap(), None);
    assert_eq!(reader.owner(0, SYSTEM).unwrap(), None);
    drop(reader);
    watched.stop(folder.path());
}

#[test]
fn a_witness_that_signed_stands_in_the_log_and_in_what_leaves_later() {
    let folder = tempfile::tempdir().unwrap();
    let watched = Watched::phone(testimony(folder.path()), "");
    watched.reach(&[row("192.0.2.1:443", 1, SYSTEM)], "192.0.2.1:443");
    let reader = watched.recorder.reader().unwrap();
    let shown = reader.checkpoint().unwrap();
    drop(reader);
    assert!(qr(&shown.to_string()).unwrap().side >= 21);
    let witness = witness();
    let answer = shown.clone().cosign(&witness, 1_780_003_600).unwrap();
    let index = watched
        .recorder
        .cosigned(&answer, witness.public(), Some("nonce 5"))
        .unwrap();
    // Once more is no harm.
    watched
        .recorder
        .cosigned(&answer, witness.public(), None)
        .unwrap();
    let reader = watched.recorder.reader().unwrap();
    let status = reader.status().unwrap();
    let last = status.witnessed.unwrap();
    assert_eq!(
        (last.name.as_str(), last.size),
        ("witness.test", shown.checkpoint().size)
    );
    let mut bundle = Vec::new();
    reader
        .export(&Choice::new(Preset::Everything), &mut bundle)
        .unwrap();
    let mut options = Options::at(4_000_000_000);
    options.witnesses.push(witness.public().clone());
    let report = verify::verify(bundle.as_slice(), &options).unwrap();
    assert_eq!(report.level(), EvidenceLevel::Witnessed);
    let told = Told::verified(&bundle);
    let (kind, entry) = &told.entries[usize::try_from(index).unwrap()];
    assert_eq!((*kind, entry["nonce"].as_str()), (Kind::Witness, "nonce 5"));
    drop(reader);
    watched.stop(folder.path());
}

#[test]
fn a_status_reads_no_row_behind_the_answer_of_the_witness() {
    let folder = tempfile::tempdir().unwrap();
    let testimony = Testimony::new(folder.path().to_owned(), Device::default());
    let recorder = Recorder::open(testimony, Arc::new(SystemClock)).unwrap();
    let mark = |text: &str| recorder.mark(&Mark::Words(text.to_owned())).unwrap();
    mark("before");
    let shown = recorder.reader().unwrap().checkpoint().unwrap();
    let witness = witness();
    let answer = shown.clone().cosign(&witness, 1_780_003_600).unwrap();
    recorder.cosigned(&answer, witness.public(), None).unwrap();
    mark("behind the answer");
    mark("the newest");
    recorder.close().unwrap();
    drop(recorder);
    // A row that nobody can read tells whether somebody tried.
    let path = folder.path().join("journal.redb");
    let mut bytes = fs::read(&path).unwrap();
    let text = b"behind the answer";
    for at in 0..bytes.len() - text.len() {
        if bytes[at..].starts_with(text) {
            bytes[at] = 0xFF;
        }
    }
    fs::write(&path, bytes).unwrap();
    let reader = Reader::open(folder.path()).unwrap();
    assert!(reader.rows(0..u64::MAX, Reader::MAX_PAGE).is_err());
    let seen = reader.status().unwrap().witnessed.unwrap();
    assert_eq!(
        (seen.name.as_str(), seen.size),
        ("witness.test", shown.checkpoint().size)
    );
    assert!(seen.time.is_some());
}

#[test]
fn a_look_at_what_is_committed_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let watched = Watched::phone(testimony(folder.path()), "");
    let recorder = &watched.recorder;
    let give_up = Instant::now() + PATIENCE;
    let mut inode = 1;
    // What comes together with the beginning of the watch is committed with it.
    let size = loop {
        let remote = format!("192.0.2.{inode}:443");
        watched.reach(&[row(&remote, inode, SYSTEM)], &remote);
        inode += 1;
        let size = recorder.committed().unwrap().size().unwrap();
        if recorder.health().pending > 0 {
            break size;
        }
        assert!(Instant::now() < give_up, "{:?}", recorder.health());
    };
    let pending = recorder.health().pending;
    let store = folder.path().join("journal.redb");
    let bytes = fs::read(&store).unwrap();
    for _ in 0..3 {
        let status = recorder.committed().unwrap().status().unwrap();
        assert_eq!(status.checkpoint.size, size);
    }
    assert_eq!(recorder.health().pending, pending);
    assert!(fs::read(&store).unwrap() == bytes, "it was written");
    // Whoever wants the newest has it, and then it is on the disk.
    assert_eq!(recorder.reader().unwrap().size().unwrap(), size + pending);
    assert_eq!(recorder.health().pending, 0);
    assert_eq!(
        recorder.committed().unwrap().size().unwrap(),
        size + pending
    );
    watched.stop(folder.path());
}

#[test]
fn an_answer_to_something_else_is_refused_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let watched = Watched::phone(testimony(folder.path()), "");
    let recorder = &watched.recorder;
    recorder.mark(&Mark::Words("one".to_owned())).unwrap();
    let shown = recorder.reader().unwrap().checkpoint().unwrap();
    let witness = witness();
    let size = recorder.reader().unwrap().size().unwrap();
    let refused = |note: &Note| recorder.cosigned(note, witness.public(), None).unwrap_err();
    // No line of the witness.
    assert!(matches!(refused(&shown), Error::NotOurCheckpoint));
    // Of another log.
    let elsewhere = tempfile::tempdir().unwrap();
    let other = Recorder::open(testimony(elsewhere.path()), Arc::new(SystemClock)).unwrap();
    let theirs = other.reader().unwrap().checkpoint().unwrap();
    let theirs = theirs.cosign(&witness, 1_780_003_600).unwrap();
    assert!(matches!(refused(&theirs), Error::NotOurCheckpoint));
    // Of a state that this log never had.
    let text = shown.to_string();
    let mut lines: Vec<&str> = text.lines().collect();
    let size_line = (shown.checkpoint().size - 1).to_string();
    lines[1] = &size_line;
    let wrong = Note::parse(&format!("{}\n", lines.join("\n"))).unwrap();
    let wrong = wrong.cosign(&witness, 1_780_003_600).unwrap();
    assert!(matches!(refused(&wrong), Error::NotOurCheckpoint));
    // A line that is not of this state.
    let stolen = cosignature(theirs.checkpoint(), &witness, 1_780_003_600);
    let forged = shown.clone().with(stolen).unwrap();
    assert!(matches!(refused(&forged), Error::Journal { .. }));
    // From a clock far ahead.
    let early = shown.cosign(&witness, 1_990_000_000).unwrap();
    assert!(matches!(refused(&early), Error::Journal { .. }));
    assert_eq!(recorder.reader().unwrap().size().unwrap(), size);
    watched.stop(folder.path());
}

#[test]
fn an_earlier_log_is_named_by_the_one_that_follows_a_reset() {
    let before = tempfile::tempdir().unwrap();
    let old = Recorder::open(testimony(before.path()), Arc::new(SystemClock)).unwrap();
    let last = old.reader().unwrap().checkpoint().unwrap();
    let after = tempfile::tempdir().unwrap();
    let new = Recorder::open(testimony(after.path()), Arc::new(SystemClock)).unwrap();
    new.predecessor(&last, KnownBy::Qr, PredecessorReason::Reset)
        .unwrap();
    new.close().unwrap();
    drop(new);
    let told = Told::of(after.path());
    let entry = told.only(Kind::Predecessor);
    assert_eq!(entry["origin"], last.checkpoint().origin.as_str());
    assert_eq!(
        (entry["known_by"].as_str(), entry["reason"].as_str()),
        ("qr", "reset")
    );
}

#[test]
fn an_export_holds_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let watched = Watched::phone(testimony(folder.path()), "");
    watched.reach(&[row("192.0.2.1:443", 1, SYSTEM)], "192.0.2.1:443");
    watched.stop(folder.path());
    let mut bundle = Vec::new();
    Reader::open(folder.path())
        .unwrap()
        .export(&Choice::new(Preset::Everything), &mut bundle)
        .unwrap();
    let mut seeds = 0;
    for key in fs::read_dir(folder.path().join("keys")).unwrap() {
        let seed = fs::read(key.unwrap().path()).unwrap();
        seeds += 1;
        for part in seed.windows(8) {
            assert!(!bundle.windows(8).any(|window| window == part));
        }
    }
    assert_eq!(seeds, 1);
}
