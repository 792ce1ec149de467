//! Logs that are switched off, erased, lost, or cannot be opened.

use super::*;

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
fn without_a_configuration_there_is_no_log() {
    let folder = tempfile::tempdir().unwrap();
    let session = Session::open(live(folder.path())).unwrap();
    let error = session.log(&LogRequest::Status).unwrap_err();
    assert_eq!(error.to_string(), "no signed log is kept here");
    assert!(!folder.path().join("log").exists());
}
