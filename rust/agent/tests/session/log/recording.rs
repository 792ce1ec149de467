//! What is recorded of a watch, and how it is read back.

use super::*;

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
