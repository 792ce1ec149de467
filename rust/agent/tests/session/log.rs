//! The signed log of a session: recorded from scripted rows, exported, checked, witnessed, lost.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use portlog_agent::session::{
    BeforeReset, CheckpointView, DataKey, DeviceFeed, Exported, FoundFile, HistoryQuery, Keeping,
    ListChange, LogAnswer, LogKind, LogPage, LogQuery, LogRequest, LogStatus, MarkView, MuteView,
    Note, NoteKind, Outcome, PracticeStep, Session, ShareChoice, SharePreset, SharePreview,
    ToldKind, Verdict, Witnessing,
};

use crate::support::{ManualClock, Step};
use crate::world::{PATIENCE, Scripted, feed, import, live, package, phone, row};

const FIRMWARE: u32 = 10_087;
const APP: u32 = 10_200;

macro_rules! asking {
    ($($name:ident -> $answer:ident($type:ty)),+ $(,)?) => {$(
        fn $name(session: &Session, request: LogRequest) -> $type {
            match session.log(&request).unwrap() {
                LogAnswer::$answer(answer) => answer,
                other => panic!("{other:?}"),
            }
        }
    )+};
}

asking! {
    status_after -> Status(LogStatus),
    page_of -> Page(LogPage),
    outcome -> Outcome(Outcome),
    preview_of -> Preview(SharePreview),
    exported -> Exported(Exported),
    checkpoint -> Checkpoint(CheckpointView),
    witnessing -> Witnessing(Witnessing),
    verdict -> Verdict(Verdict),
    checks -> BeforeReset(BeforeReset),
}

fn status(session: &Session) -> LogStatus {
    status_after(session, LogRequest::Status)
}

fn page(session: &Session, query: LogQuery) -> LogPage {
    page_of(session, LogRequest::Page(query))
}

fn all(session: &Session) -> Vec<(LogKind, String)> {
    let query = LogQuery {
        limit: 500,
        ..LogQuery::default()
    };
    let rows = page(session, query).rows;
    rows.into_iter().map(|row| (row.kind, row.text)).collect()
}

fn export(session: &Session, choice: ShareChoice, path: &Path) -> Exported {
    let path = path.to_str().unwrap().to_owned();
    exported(session, LogRequest::Export { choice, path })
}

fn check(session: &Session, path: &Path) -> Verdict {
    verdict(
        session,
        LogRequest::Verify(path.to_str().unwrap().to_owned()),
    )
}

fn witness(session: &Session, path: &Path, name: &str) -> Witnessing {
    let (path, name) = (path.to_str().unwrap().to_owned(), name.to_owned());
    witnessing(session, LogRequest::Witness { path, name })
}

fn open(folder: &Path) -> Scripted {
    open_with(folder, Some(1))
}

fn open_with(folder: &Path, key: Option<u8>) -> Scripted {
    let clock = Arc::new(ManualClock::new());
    Scripted::open_logged(folder, clock, [Step::Rows(Vec::new())], key)
}

/// A watch that has seen a firmware owner's and an app's connection, and raised a match.
fn watched(folder: &Path) -> Scripted {
    watched_with(folder, Some(1))
}

fn watched_with(folder: &Path, key: Option<u8>) -> Scripted {
    let scripted = open_with(folder, key);
    import(&scripted.session, folder, "mine", "192.0.2.77\n");
    let packages = feed(vec![
        package("com.example.sync", FIRMWARE, true),
        package("com.example.game", APP, false),
    ]);
    scripted.session.set_packages(packages).unwrap();
    scripted.session.start().unwrap();
    scripted.look(2);
    scripted.script.go_on_with(Step::Rows(vec![
        row(FIRMWARE, 40_001, "192.0.2.77:443", 1),
        row(APP, 40_002, "203.0.113.9:443", 2),
    ]));
    scripted.look(3);
    scripted
}

#[test]
fn a_status_writes_nothing_and_says_what_waits() {
    const WRITTEN: &str = "The signed log is written while the watch runs.";
    let folder = tempfile::tempdir().unwrap();
    let scripted = watched(folder.path());
    let give_up = Instant::now() + PATIENCE;
    let mut inode = 3;
    // What happens is committed after half a minute by the clock, which a slow machine may reach.
    let waiting = loop {
        assert!(Instant::now() < give_up, "nothing ever waits");
        let rows = vec![row(FIRMWARE, 40_003, "203.0.113.10:443", inode)];
        scripted.script.go_on_with(Step::Rows(rows));
        scripted.look(2);
        inode += 1;
        let seen = status(&scripted.session);
        assert_eq!(seen.keeping, Keeping::Writing);
        if seen.keeping_text != WRITTEN {
            break seen;
        }
    };
    assert!(
        waiting.keeping_text.starts_with(WRITTEN) && waiting.keeping_text.contains("to be signed"),
        "{}",
        waiting.keeping_text
    );
    let again = status(&scripted.session);
    assert_eq!(
        (again.size, again.keeping_text),
        (waiting.size, waiting.keeping_text)
    );
    // Entries are those of now.
    assert!(page(&scripted.session, LogQuery::default()).size > waiting.size);
    let after = status(&scripted.session);
    assert!(after.size > waiting.size && after.keeping_text == WRITTEN);
}

#[test]
fn the_log_begins_with_the_watch_and_survives_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let scripted = open(folder.path());
    let none = status(&scripted.session);
    assert_eq!((none.keeping, none.size), (Keeping::Writing, 0));
    assert_eq!(
        none.size_text,
        "There is no signed log yet. It begins with the watch."
    );
    assert!(!folder.path().join("log").exists());
    assert!(!outcome(&scripted.session, LogRequest::Mark(MarkView::SimIn)).done);
    drop(scripted);

    let scripted = watched(folder.path());
    let first = status(&scripted.session);
    assert!(first.size > 5, "{first:?}");
    assert!(first.origin.starts_with("portlog/log/") && first.key.starts_with(&first.origin));
    assert!(first.witness_due && first.witnessed.is_none());
    assert!(scripted.session.stop());
    scripted.session.start().unwrap();
    scripted.look(2);
    assert!(scripted.session.stop());
    let rows = all(&scripted.session);
    let count = |kind| rows.iter().filter(|(found, _)| *found == kind).count();
    assert_eq!(count(LogKind::Started), 2, "{rows:#?}");
    assert_eq!(count(LogKind::Stopped), 2);
    let matches = rows
        .iter()
        .filter(|(kind, text)| *kind == LogKind::Alert && text.starts_with("match"));
    assert_eq!(matches.count(), 1, "{rows:#?}");
    let device = rows
        .iter()
        .find(|(kind, _)| *kind == LogKind::Device)
        .unwrap();
    assert!(device.1.starts_with("Example One"), "{}", device.1);
    drop(scripted);

    let again = open(folder.path());
    let later = status(&again.session);
    assert_eq!(later.origin, first.origin);
    assert!(later.size > first.size);
    assert!(
        again
            .session
            .log(&LogRequest::Mark(MarkView::Update))
            .is_ok()
    );
}

#[test]
fn what_the_phone_became_meanwhile_is_an_entry_and_in_every_later_one() {
    let folder = tempfile::tempdir().unwrap();
    let scripted = watched(folder.path());
    let session = &scripted.session;
    let devices = || {
        let rows = all(session);
        let mut devices: Vec<String> = rows
            .into_iter()
            .filter_map(|(kind, text)| (kind == LogKind::Device).then_some(text))
            .collect();
        devices.reverse();
        devices
    };
    let with_adb = |adb| {
        let feed = DeviceFeed {
            adb: Some(adb),
            ..phone()
        };
        status_after(session, LogRequest::Device(feed))
    };
    with_adb(true);
    assert_eq!(devices().len(), 1, "nothing changed");
    with_adb(false);
    with_adb(false);
    with_adb(true);
    let seen = devices();
    assert_eq!(seen.len(), 3, "{seen:#?}");
    assert_eq!(seen[0], seen[2]);
    assert!(
        seen[0].ends_with("adb yes") && seen[1].ends_with("adb no"),
        "{seen:#?}"
    );

    // A change while no watch is on, and while no log is written, is in what comes next.
    status_after(session, LogRequest::Keep(false));
    with_adb(false);
    assert_eq!(devices(), seen);
    status_after(session, LogRequest::Keep(true));
    scripted.look(2);
    let later = devices();
    assert_eq!(later.len(), 4, "{later:#?}");
    assert_eq!(later[3], seen[1]);
}

#[test]
fn other_apps_are_recorded_only_when_that_was_switched_on() {
    let folder = tempfile::tempdir().unwrap();
    let scripted = watched(folder.path());
    let of_the_app = |scripted: &Scripted| {
        let rows = all(&scripted.session);
        rows.iter()
            .filter(|(_, text)| text.contains("203.0.113.9"))
            .count()
    };
    assert_eq!(of_the_app(&scripted), 0);
    assert!(all(&scripted.session).iter().any(|(kind, text)| {
        *kind == LogKind::Opened && text.contains("com.example.sync") && text.contains("192.0.2.77")
    }));
    let everyone = LogRequest::Record { everyone: true };
    assert!(status_after(&scripted.session, everyone).everyone);
    scripted
        .script
        .go_on_with(Step::Rows(vec![row(APP, 40_003, "203.0.113.9:443", 3)]));
    scripted.look(3);
    assert!(of_the_app(&scripted) > 0);
    drop(scripted);
    let again = open(folder.path());
    assert!(status(&again.session).everyone);
}

#[test]
fn a_mark_is_durable_at_once_and_found_by_its_words() {
    let folder = tempfile::tempdir().unwrap();
    let scripted = watched(folder.path());
    let words = MarkView::Words("  the \"second\" phone rang ".to_owned());
    let done = outcome(&scripted.session, LogRequest::Mark(words));
    assert!(done.done);
    let empty = MarkView::Words(" ".to_owned());
    let not = outcome(&scripted.session, LogRequest::Mark(empty));
    assert_eq!(
        (not.done, not.text.as_str()),
        (false, "A mark needs words.")
    );
    assert!(outcome(&scripted.session, LogRequest::Mark(MarkView::ContactSaved)).done);
    let found = page(
        &scripted.session,
        LogQuery {
            text: "PHONE RANG".to_owned(),
            limit: 10,
            ..LogQuery::default()
        },
    );
    assert_eq!(found.rows.len(), 1);
    assert_eq!(Some(found.rows[0].index), done.index);
    let marks = page(
        &scripted.session,
        LogQuery {
            kinds: vec![LogKind::Mark],
            limit: 1,
            ..LogQuery::default()
        },
    );
    assert_eq!(marks.rows[0].text, "contact-saved");
    let older = page(
        &scripted.session,
        LogQuery {
            kinds: vec![LogKind::Mark],
            before: marks.next,
            limit: 1,
            ..LogQuery::default()
        },
    );
    assert_eq!(Some(older.rows[0].index), done.index);
}

#[test]
fn pages_lead_through_the_whole_log_once() {
    let folder = tempfile::tempdir().unwrap();
    let scripted = watched(folder.path());
    assert!(scripted.session.stop());
    let size = status(&scripted.session).size;
    let (mut seen, mut before) = (Vec::new(), None);
    loop {
        let query = LogQuery {
            before,
            limit: 3,
            ..LogQuery::default()
        };
        let page = page(&scripted.session, query);
        assert!(page.rows.len() <= 3);
        seen.extend(page.rows.iter().map(|row| row.index));
        before = page.next;
        if before.is_none() {
            break;
        }
    }
    let wanted: Vec<u64> = (0..size).rev().collect();
    assert_eq!(seen, wanted);
}

#[test]
fn what_is_exported_is_what_was_previewed_and_checks() {
    let folder = tempfile::tempdir().unwrap();
    let scripted = watched(folder.path());
    let session = &scripted.session;
    let choice = ShareChoice {
        preset: SharePreset::Firmware,
        ..ShareChoice::default()
    };
    let preview = preview_of(session, LogRequest::Preview(choice.clone()));
    assert_eq!(preview.problem, "");
    assert_eq!(
        preview.first_lines[0],
        "Unchanged since it was signed. Signer: unknown."
    );
    assert_eq!(preview.first_lines_text[0], preview.first_lines[0]);
    assert!(
        preview
            .owners
            .iter()
            .any(|owner| owner.contains("com.example.sync"))
    );
    assert!(
        preview.hosts.contains(&"192.0.2.77:443".to_owned()),
        "{:?}",
        preview.hosts
    );
    let local = "The phone's own addresses are withheld.".to_owned();
    assert!(preview.withheld.contains(&local), "{:?}", preview.withheld);
    assert!(status(session).exported.is_none(), "a preview is no export");

    let path = folder.path().join("out.portlog.txt");
    let done = export(session, choice, &path);
    assert!(done.done, "{}", done.text);
    assert_eq!(done.shown, preview.shown);
    let bytes = fs::read(&path).unwrap();
    assert_eq!(done.bytes, u64::try_from(bytes.len()).unwrap());
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert_eq!(done.sha256.len(), 64);
    assert!(status(session).exported.is_some());
    assert!(!folder.path().join("out.portlog.txt.part").exists());

    let stranger = tempfile::tempdir().unwrap();
    let other = open(stranger.path());
    let found = check(&other.session, &path);
    assert!(found.unchanged, "{found:?}");
    assert_eq!(
        (found.found, found.level.as_str()),
        (FoundFile::Bundle, "L0")
    );
    assert_eq!(found.shown, done.shown);
    assert!(
        found
            .rows
            .iter()
            .any(|row| { row.kind == LogKind::Alert && row.text.contains("com.example.sync") })
    );
    assert_eq!(check(session, &path).level, "L1");

    let mut changed = bytes.clone();
    let at = changed.len() / 2;
    changed[at] ^= 1;
    fs::write(&path, &changed).unwrap();
    let found = check(&other.session, &path);
    assert!(!found.unchanged && found.first_lines.is_empty());
    assert!(
        found.lines[0].starts_with("The file is not what was signed"),
        "{:?}",
        found.lines
    );
}

#[test]
fn what_is_redacted_is_told_by_no_preview_and_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let scripted = watched(folder.path());
    let choice = ShareChoice {
        preset: SharePreset::Everything,
        redact: vec!["remote".to_owned(), "owner".to_owned()],
        ..ShareChoice::default()
    };
    let preview = preview_of(&scripted.session, LogRequest::Preview(choice.clone()));
    assert!(preview.hosts.is_empty(), "{:?}", preview.hosts);
    assert!(
        preview
            .withheld
            .contains(&"Remote addresses are withheld.".to_owned())
    );
    assert!(!preview.warnings.is_empty());
    let path = folder.path().join("out.portlog.txt");
    assert!(export(&scripted.session, choice, &path).done);
    let text = fs::read_to_string(&path).unwrap();
    assert!(!text.contains("192.0.2.77") && !text.contains("com.example.sync"));
}

#[test]
fn an_export_that_cannot_be_written_says_why_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let scripted = watched(folder.path());
    let path = folder.path().join("missing/out.portlog.txt");
    let not = export(&scripted.session, ShareChoice::default(), &path);
    assert!(
        !not.done && not.text.contains("No such file"),
        "{}",
        not.text
    );
}

#[test]
fn two_phones_witness_each_other_and_a_cut_log_is_refused() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let phone = watched(here.path());
    let friend = watched(there.path());
    let path = here.path().join("out.portlog.txt");
    let old = here.path().join("old.portlog.txt");
    assert!(export(&phone.session, ShareChoice::default(), &old).done);
    let before = checks(&phone.session, LogRequest::BeforeReset);
    assert!(!before.ready && before.checks.iter().all(|check| !check.done));

    outcome(&phone.session, LogRequest::Mark(MarkView::SimIn));
    assert!(export(&phone.session, ShareChoice::default(), &path).done);
    let own = witness(&phone.session, &path, "me");
    assert!(!own.signed && own.answer.is_empty());
    let unnamed = witness(&friend.session, &path, "  ");
    assert!(!unnamed.signed, "{unnamed:?}");

    let signed = witness(&friend.session, &path, "Anna");
    assert!(signed.signed, "{:?}", signed.lines);
    assert!(signed.code.is_some());
    // A messenger may change the ends of lines and put spaces around.
    let brought = format!("  {}\r\n", signed.answer.replace('\n', "\r\n"));
    let taken = outcome(&phone.session, LogRequest::Answer(brought));
    assert!(taken.done, "{}", taken.text);
    let now = status(&phone.session);
    let seen = now.witnessed.unwrap();
    assert_eq!(seen.name, "Anna");
    assert!(seen.since > 0 && now.witnessed_text.contains("Anna"));
    assert!(!now.witness_due);

    // The friend now knows the log, and remembers how far it was.
    assert_eq!(check(&friend.session, &path).level, "L1");
    let cut = witness(&friend.session, &old, "Anna");
    assert!(
        !cut.signed && cut.lines[0].contains("later state"),
        "{:?}",
        cut.lines
    );
    let wrong = outcome(&friend.session, LogRequest::Answer(signed.answer.clone()));
    assert_eq!(wrong.text, "This answer is for another log.");
    let forged = signed.answer.replace("witness Anna", "witness Bert");
    assert!(!outcome(&phone.session, LogRequest::Answer(forged)).done);
    let nothing = outcome(&phone.session, LogRequest::Answer("hello".to_owned()));
    assert!(nothing.text.contains("no answer"), "{}", nothing.text);

    // What the log says next shows the witness; the newer file continues what the friend saw.
    assert!(export(&phone.session, ShareChoice::default(), &path).done);
    assert!(witness(&friend.session, &path, "Anna").signed);
    checks(&phone.session, LogRequest::Saved);
    checks(&phone.session, LogRequest::PasswordsKnown(true));
    let one_left = checks(&phone.session, LogRequest::BeforeReset);
    assert_eq!(
        one_left
            .checks
            .iter()
            .map(|check| check.done)
            .collect::<Vec<_>>(),
        [true, false, true]
    );
    assert!(checks(&phone.session, LogRequest::HeldByTwo(true)).ready);
    drop(phone);
    let phone = open(here.path());
    assert!(checks(&phone.session, LogRequest::BeforeReset).ready);
}

#[test]
fn a_witness_whose_memory_is_damaged_signs_nothing_and_says_so() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (phone, friend) = (watched(here.path()), watched(there.path()));
    let path = here.path().join("out.portlog.txt");
    let old = here.path().join("old.portlog.txt");
    assert!(export(&phone.session, ShareChoice::default(), &old).done);
    outcome(&phone.session, LogRequest::Mark(MarkView::SimIn));
    assert!(export(&phone.session, ShareChoice::default(), &path).done);
    assert!(witness(&friend.session, &path, "Anna").signed);

    let notes: Vec<_> = fs::read_dir(there.path().join("witness"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "note")
        })
        .collect();
    let [note] = &notes[..] else {
        panic!("{notes:?}");
    };
    let good = fs::read_to_string(note).unwrap();
    let root = good.lines().nth(2).unwrap();
    let other_first = if root.starts_with('A') { "B" } else { "A" };
    let other_root = format!("{other_first}{}", &root[1..]);
    for damaged in [
        String::new(),
        "\u{fffd}".to_owned(),
        good.lines().take(2).collect(),
        good.replacen("portlog/log/", "portlog/log/ff", 1),
        good.replacen(root, &other_root, 1),
    ] {
        fs::write(note, &damaged).unwrap();
        for file in [&old, &path] {
            let told = witness(&friend.session, file, "Anna");
            assert!(
                !told.signed && told.answer.is_empty(),
                "{damaged:?}: {told:?}"
            );
            assert!(told.lines[0].contains("cannot be read"), "{:?}", told.lines);
            assert!(told.verdict.unchanged);
        }
        assert_eq!(
            fs::read_to_string(note).unwrap(),
            damaged,
            "nothing is made good in silence"
        );
    }
    fs::remove_file(note).unwrap();
    fs::create_dir(note).unwrap();
    assert!(
        !witness(&friend.session, &old, "Anna").signed,
        "what cannot be read at all"
    );
    let verdict = check(&friend.session, &old);
    assert_eq!(verdict.level, "L0");
    assert!(
        verdict
            .details
            .iter()
            .any(|line| line.contains("cannot be read")),
        "{:?}",
        verdict.details
    );
    fs::remove_dir(note).unwrap();
    fs::write(note, good).unwrap();
    let cut = witness(&friend.session, &old, "Anna");
    assert!(cut.lines[0].contains("later state"), "{:?}", cut.lines);
}

#[test]
fn what_is_off_the_phone_is_asked_for_again_after_a_match() {
    let folder = tempfile::tempdir().unwrap();
    let phone = watched(folder.path());
    let session = &phone.session;
    import(session, folder.path(), "more", "192.0.2.78\n192.0.2.79\n");
    phone.look(2);
    let path = folder.path().join("out.portlog.txt");
    let sees = |remote: &str, port: u16, inode: u64| {
        let rows = vec![row(FIRMWARE, port, remote, inode)];
        phone.script.go_on_with(Step::Rows(rows));
        phone.look(3);
    };
    let done = |checks: &BeforeReset| -> Vec<bool> {
        checks.checks.iter().map(|check| check.done).collect()
    };
    assert!(export(session, ShareChoice::default(), &path).done);
    checks(session, LogRequest::Saved);
    checks(session, LogRequest::PasswordsKnown(true));
    assert!(checks(session, LogRequest::HeldByTwo(true)).ready);

    // What is on no list is no reason to do it again, and is counted.
    sees("203.0.113.10:443", 40_010, 10);
    let quiet = checks(session, LogRequest::BeforeReset);
    assert!(quiet.ready, "{quiet:#?}");
    for check in &quiet.checks[..2] {
        assert!(check.text.contains("came since."), "{}", check.text);
        assert!(!check.text.contains("; 0 entries"), "{}", check.text);
    }

    sees("192.0.2.78:443", 40_011, 11);
    let stale = checks(session, LogRequest::BeforeReset);
    assert_eq!(done(&stale), [false, false, true], "{stale:#?}");
    assert!(!stale.ready);
    for check in &stale.checks[..2] {
        assert!(check.text.contains("a match among them"), "{}", check.text);
    }

    // Two witnesses who sign the state from before the match do not make it good; one who signs the
    // newest one is not two.
    let friends: Vec<_> = ["Anna", "Bert"]
        .into_iter()
        .map(|name| {
            let folder = tempfile::tempdir().unwrap();
            let friend = open(folder.path());
            (name, folder, friend)
        })
        .collect();
    let answer = |file: &Path, at: usize| {
        let (name, _, friend) = &friends[at];
        let signed = witness(&friend.session, file, name);
        assert!(signed.signed, "{:?}", signed.lines);
        assert!(outcome(session, LogRequest::Answer(signed.answer)).done);
        checks(session, LogRequest::BeforeReset)
    };
    assert!(!answer(&path, 0).checks[1].done);
    assert!(!answer(&path, 1).checks[1].done);
    assert!(export(session, ShareChoice::default(), &path).done);
    assert!(checks(session, LogRequest::Saved).checks[0].done);
    assert!(!answer(&path, 0).checks[1].done);
    let both = answer(&path, 1);
    assert!(both.ready, "{both:#?}");
    assert!(
        both.checks[1].text.contains("came since."),
        "{}",
        both.checks[1].text
    );
    sees("192.0.2.79:443", 40_012, 12);
    assert_eq!(
        done(&checks(session, LogRequest::BeforeReset)),
        [false, false, true]
    );
}

#[test]
fn files_that_are_no_bundle_are_told_apart() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (phone, friend) = (watched(here.path()), watched(there.path()));
    let path = here.path().join("given.txt");
    let own = checkpoint(&phone.session, LogRequest::Checkpoint);
    assert!(own.code.is_some());
    let kinds = |text: &str| {
        fs::write(&path, text).unwrap();
        (
            check(&phone.session, &path).found,
            check(&friend.session, &path).found,
        )
    };
    assert_eq!(
        kinds(&own.text),
        (FoundFile::OwnCheckpoint, FoundFile::Checkpoint)
    );
    assert_eq!(kinds("hello"), (FoundFile::Nothing, FoundFile::Nothing));
    assert_eq!(kinds(""), (FoundFile::Nothing, FoundFile::Nothing));
    let bundle = "portlog/bundle@v1\nnot one\n";
    assert_eq!(kinds(bundle), (FoundFile::Bundle, FoundFile::Bundle));
    let missing = LogRequest::Verify(here.path().join("none").to_str().unwrap().to_owned());
    assert!(phone.session.log(&missing).is_err());

    // After a reset: another log, which names the one before.
    let named = outcome(&friend.session, LogRequest::Predecessor(own.text.clone()));
    assert!(named.done, "{}", named.text);
    let text = status(&friend.session).predecessor_text;
    assert!(text.contains(own.text.lines().next().unwrap()), "{text}");
    let own_again = outcome(&phone.session, LogRequest::Predecessor(own.text));
    assert!(!own_again.done);
}

#[test]
fn a_log_whose_key_is_lost_is_set_aside_and_named_by_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let scripted = watched_with(folder.path(), Some(1));
    let before = status(&scripted.session);
    drop(scripted);
    let seeds = fs::read_dir(folder.path().join("log/keys")).unwrap();
    assert!(seeds.into_iter().all(|seed| {
        let name = seed.unwrap().file_name();
        name.to_str().unwrap().ends_with(".sealed")
    }));
    let scripted = watched_with(folder.path(), Some(2));
    let after = status(&scripted.session);
    assert_ne!(after.origin, before.origin);
    assert!(
        after.predecessor_text.contains(&before.origin),
        "{}",
        after.predecessor_text
    );
    assert_eq!(after.keeping, Keeping::Writing);
    drop(scripted);
    // And the same key goes on with the same log.
    let scripted = open_with(folder.path(), Some(2));
    assert_eq!(status(&scripted.session).origin, after.origin);
}

#[test]
fn erasing_everything_leaves_no_entry_and_no_key_and_begins_anew() {
    let folder = tempfile::tempdir().unwrap();
    let scripted = watched(folder.path());
    let session = &scripted.session;
    let path = folder.path().join("out.portlog.txt");
    assert!(export(session, ShareChoice::default(), &path).done);
    let before = status(session);
    status_after(session, LogRequest::Record { everyone: true });
    let key = Some(DataKey::new([2; 32]));
    let after = status_after(session, LogRequest::Erase { key });
    assert_ne!(after.origin, before.origin);
    assert!(after.everyone, "the switch is the user's, not the log's");
    assert!(after.exported.is_none() && after.predecessor_text.is_empty());
    // The watch that ran goes on, and the new log begins as every log does.
    scripted.look(2);
    let rows = all(session);
    assert!(
        rows.iter().any(|(kind, _)| *kind == LogKind::Started),
        "{rows:#?}"
    );
    assert!(!rows.iter().any(|(kind, _)| *kind == LogKind::Mark));
    drop(scripted);

    // The new key seals the new log; what the old one sealed is gone.
    let again = open_with(folder.path(), Some(2));
    assert_eq!(status(&again.session).origin, after.origin);
}

#[test]
fn erasing_everything_forgets_the_history_and_keeps_lists_and_what_is_muted() {
    let folder = tempfile::tempdir().unwrap();
    let damaged = folder.path().join("history.jsonl.damaged-1");
    let scripted = watched(folder.path());
    let session = &scripted.session;
    fs::write(&damaged, "what could not be read\n").unwrap();
    let entry = MuteView::Entry("198.51.100.77".to_owned());
    session.mute(&entry, true).unwrap();
    assert_eq!(session.alerts(false).len(), 1);
    let records = |session: &Session| {
        let query = HistoryQuery {
            limit: 200,
            ..HistoryQuery::default()
        };
        session.history(&query).unwrap().records
    };
    let before = records(session);
    assert!(before.iter().any(|told| told.kind == ToldKind::Alert));
    let newest = before.iter().map(|told| told.sequence).max().unwrap();
    let on_disk = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    assert!(on_disk("history.jsonl").contains("192.0.2.77"));
    assert!(on_disk("state.json").contains("192.0.2.77"));

    scripted.script.go_on_with(Step::Rows(Vec::new()));
    scripted.look(3);
    status_after(session, LogRequest::Erase { key: None });
    assert!(session.alerts(true).is_empty());
    scripted.look(2);
    let after = records(session);
    assert!(
        after
            .iter()
            .all(|told| told.sequence > newest && told.kind != ToldKind::Alert),
        "{after:#?}"
    );
    assert!(session.stop());
    for name in ["history.jsonl", "state.json"] {
        assert!(!on_disk(name).contains("192.0.2.77"), "{name}");
    }
    assert!(!damaged.exists());
    assert!(
        on_disk("state.json").contains("198.51.100.77"),
        "what is muted stays"
    );
    let lists = session.set_lists(&ListChange::Look).unwrap();
    assert_eq!(lists.len(), 1, "lists stay");
    drop(scripted);

    // A match is raised again: for the new history it is the first.
    let again = open_with(folder.path(), None);
    assert!(
        records(&again.session)
            .iter()
            .all(|told| told.sequence > newest)
    );
    again.session.start().unwrap();
    again.look(2);
    again
        .script
        .go_on_with(Step::Rows(vec![row(FIRMWARE, 40_009, "192.0.2.77:443", 9)]));
    again.look(3);
    assert_eq!(again.session.alerts(false).len(), 1);
}

#[test]
fn a_log_that_is_switched_off_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let scripted = watched(folder.path());
    let session = &scripted.session;
    let off = status_after(session, LogRequest::Keep(false));
    assert_eq!(off.keeping, Keeping::Off);
    let size = off.size;
    assert!(size > 0);
    scripted.look(3);
    assert!(session.stats().polls > 0, "the watch goes on");
    assert_eq!(status(session).size, size);
    let not = outcome(session, LogRequest::Mark(MarkView::SignIn));
    assert!(!not.done);
    let path = folder.path().join("out.portlog.txt");
    assert!(export(session, ShareChoice::default(), &path).done);
    let on = status_after(session, LogRequest::Keep(true));
    assert_eq!((on.keeping, on.origin), (Keeping::Writing, off.origin));
    scripted.look(2);
    assert!(status(session).size > size);
}

#[test]
fn a_log_that_cannot_be_opened_is_said_so_and_the_watch_runs() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("log"), "a file where a folder is due").unwrap();
    let scripted = watched(folder.path());
    assert!(scripted.session.stats().polls > 0);
    let status = status(&scripted.session);
    assert_eq!(status.keeping, Keeping::Failing);
    assert!(status.failing_since.is_some());
    assert!(
        status.keeping_text.contains("has not been written"),
        "{}",
        status.keeping_text
    );
}

#[test]
fn practice_and_deaths_are_in_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let scripted = watched(folder.path());
    let session = &scripted.session;
    let death = Note {
        at: 5,
        kind: NoteKind::Death(3),
        detail: "low memory".to_owned(),
    };
    session.note(death.clone()).unwrap();
    session.note(death).unwrap();
    scripted.session.stop();
    session.practice(PracticeStep::Begin).unwrap();
    let rows = all(session);
    let gaps: Vec<&String> = rows
        .iter()
        .filter(|(kind, text)| *kind == LogKind::Gap && text.starts_with("died"))
        .map(|(_, text)| text)
        .collect();
    assert_eq!(gaps.len(), 1, "{rows:#?}");
    let practice = rows.iter().find(|(kind, _)| *kind == LogKind::Practice);
    assert!(practice.unwrap().1.starts_with("failed"), "{rows:#?}");
}

#[test]
fn without_a_configuration_there_is_no_log() {
    let folder = tempfile::tempdir().unwrap();
    let session = Session::open(live(folder.path())).unwrap();
    let error = session.log(&LogRequest::Status).unwrap_err();
    assert_eq!(error.to_string(), "no signed log is kept here");
    assert!(!folder.path().join("log").exists());
}
