//! The history across runs, and what becomes of a file that is not as it was left.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use portlog_agent::session::{HistoryPage, HistoryQuery, Session, ToldKind};
use portlog_model::Level;

use crate::support::Step;
use crate::world::{Scripted, everything, feed, fetch, has, import, live, package, row};

const FIRMWARE: u32 = 10_087;

fn all() -> HistoryQuery {
    HistoryQuery {
        limit: 500,
        ..HistoryQuery::default()
    }
}

fn file(folder: &Path) -> PathBuf {
    folder.join("history.jsonl")
}

/// A run with an alert, several connections and a stop.
fn run(folder: &Path) -> HistoryPage {
    let scripted = Scripted::open(folder, [Step::Rows(Vec::new())]);
    import(&scripted.session, folder, "mine", "192.0.2.77\n");
    scripted
        .session
        .set_packages(feed(vec![package("com.example.sync", FIRMWARE, true)]))
        .unwrap();
    scripted.session.start().unwrap();
    scripted.look(2);
    for port in 40_001..40_006_u16 {
        scripted.script.go_on_with(Step::Rows(vec![
            row(FIRMWARE, port, "192.0.2.77:443", u64::from(port)),
            row(10_001, port, "203.0.113.9:443", u64::from(port) + 100),
        ]));
        scripted.look(3);
    }
    assert!(scripted.session.stop());
    scripted.session.history(&all()).unwrap()
}

#[test]
fn what_happened_is_there_after_reopening_word_for_word() {
    let folder = tempfile::tempdir().unwrap();
    let before = run(folder.path());
    assert_eq!(
        fs::metadata(file(folder.path()))
            .unwrap()
            .permissions()
            .mode()
            & 0o777,
        0o600
    );
    let session = Session::open(live(folder.path())).unwrap();
    let after = session.history(&all()).unwrap();
    assert_eq!(after.kept, before.kept);
    assert_eq!(after.since, before.since);
    for (before, after) in before.records.iter().zip(&after.records) {
        assert_eq!(
            (
                before.sequence,
                before.at,
                before.kind,
                &before.text,
                &before.owner_key
            ),
            (
                after.sequence,
                after.at,
                after.kind,
                &after.text,
                &after.owner_key
            )
        );
    }
    let alerts = session.alerts(false);
    assert_eq!(alerts.len(), 1);
    assert_eq!(
        (alerts[0].level, alerts[0].connection),
        (Level::Match, None)
    );
    assert!(
        alerts[0].text.contains("192.0.2.77:443"),
        "{}",
        alerts[0].text
    );
    assert_eq!(session.stats().alerts, 1);
    assert!(session.stats().watched > 0);
    let owner = session.owner("0:com.example.sync").unwrap();
    assert_eq!(owner.destinations.len(), 1);
    assert_eq!(owner.destinations[0].count, 5, "{:#?}", owner.destinations);
    assert!(owner.destinations[0].last_seen > owner.destinations[0].first_seen);
    assert_eq!(owner.connections, []);
    let text = session.board(&everything()).watched_text;
    assert!(text.contains("1 match"), "{text}");
}

#[test]
fn connections_with_one_peer_are_one_record_an_hour() {
    let folder = tempfile::tempdir().unwrap();
    let page = run(folder.path());
    let opened: Vec<&str> = page
        .records
        .iter()
        .filter(|told| told.kind == ToldKind::Opened)
        .map(|told| told.text.as_str())
        .collect();
    assert_eq!(opened.len(), 2, "{opened:#?}");
    assert!(
        opened
            .iter()
            .all(|text| text.contains("5 connections like this")),
        "{opened:#?}"
    );
    assert!(!has(&page.records, ToldKind::Closed) && !has(&page.records, ToldKind::Changed));
    for kind in [
        ToldKind::Started,
        ToldKind::Alert,
        ToldKind::Heartbeat,
        ToldKind::List,
        ToldKind::Stopped,
    ] {
        assert!(has(&page.records, kind), "{kind:?}");
    }
}

#[test]
fn a_page_is_what_was_asked_for_newest_first() {
    let folder = tempfile::tempdir().unwrap();
    let page = run(folder.path());
    assert!(page.records.is_sorted_by(|a, b| a.sequence > b.sequence));
    let session = Session::open(live(folder.path())).unwrap();
    let ask = |query: HistoryQuery| session.history(&query).unwrap();
    let two = ask(HistoryQuery { limit: 2, ..all() });
    assert_eq!((two.records.len() as u64, two.matching), (2, page.kept));
    let older = ask(HistoryQuery {
        before: two.records[1].sequence,
        limit: 2,
        ..all()
    });
    assert!(older.records[0].sequence < two.records[1].sequence);
    let of_kind = ask(HistoryQuery {
        kinds: vec![ToldKind::Alert],
        ..all()
    });
    assert_eq!((of_kind.matching, of_kind.records.len()), (1, 1));
    assert!(of_kind.records[0].alert.is_some());
    let text = ask(HistoryQuery {
        text: "203.0.113.9".to_owned(),
        ..all()
    });
    assert_eq!(text.matching, 1);
    let owner = ask(HistoryQuery {
        owner_key: Some("0:com.example.sync".to_owned()),
        ..all()
    });
    assert!(owner.matching >= 2, "{owner:#?}");
    for key in ["uid:4711", "nonsense"] {
        let none = ask(HistoryQuery {
            owner_key: Some(key.to_owned()),
            ..all()
        });
        assert_eq!(none.matching, 0, "{key}");
    }
}

#[test]
fn an_alert_is_on_the_disk_before_anything_else_happens() {
    let folder = tempfile::tempdir().unwrap();
    let scripted = Scripted::open(folder.path(), [Step::Rows(Vec::new())]);
    import(&scripted.session, folder.path(), "mine", "192.0.2.77\n");
    scripted
        .session
        .set_packages(feed(vec![package("com.example.sync", FIRMWARE, true)]))
        .unwrap();
    scripted.session.start().unwrap();
    scripted.look(2);
    scripted
        .script
        .go_on_with(Step::Rows(vec![row(FIRMWARE, 40_001, "192.0.2.77:443", 1)]));
    scripted.look(1);
    fetch(&scripted.session, |told| has(told, ToldKind::Alert));
    let text = fs::read_to_string(file(folder.path())).unwrap();
    assert!(text.contains("\"alert\""), "{text}");
    // What need not be written at once waits.
    let before = fs::metadata(file(folder.path())).unwrap().len();
    scripted
        .script
        .go_on_with(Step::Rows(vec![row(10_001, 40_002, "203.0.113.7:443", 2)]));
    scripted.look(3);
    assert_eq!(fs::metadata(file(folder.path())).unwrap().len(), before);
    scripted.clock.advance(Duration::from_secs(31));
    scripted.look(2);
    assert!(fs::metadata(file(folder.path())).unwrap().len() > before);
}

#[test]
fn a_torn_or_bad_line_costs_itself_and_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let before = run(folder.path());
    let path = file(folder.path());
    let text = fs::read_to_string(&path).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    lines.insert(2, "this is no record");
    lines.insert(4, "{\"n\": 0, \"t\": 1, \"w\": \"start-missed\"}");
    let torn = &text.lines().last().unwrap()[..20];
    fs::write(&path, format!("{}\n{torn}", lines.join("\n"))).unwrap();

    let session = Session::open(live(folder.path())).unwrap();
    let told = fetch(&session, |told| has(told, ToldKind::Coverage));
    assert!(
        told[0].text.contains("3 lines could not be read"),
        "{told:#?}"
    );
    assert_eq!(session.history(&all()).unwrap().kept, before.kept);
    // What comes next does not stand on the torn line.
    session.start().unwrap();
    fetch(&session, |told| has(told, ToldKind::Started));
    assert!(session.stop());
    let kept = session.history(&all()).unwrap().kept;
    drop(session);
    let session = Session::open(live(folder.path())).unwrap();
    assert_eq!(session.history(&all()).unwrap().kept, kept);
}

#[test]
fn a_newer_history_is_left_alone_and_the_session_goes_on_without() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path());
    let text = "{\"format\":\"portlog-history\",\"version\":2}\n{\"shape\":\"unknown\"}\n";
    fs::write(&path, text).unwrap();
    let session = Session::open(live(folder.path())).unwrap();
    let told = fetch(&session, |told| has(told, ToldKind::Coverage));
    assert!(told[0].text.contains("newer Portlog"), "{told:#?}");
    session.start().unwrap();
    fetch(&session, |told| has(told, ToldKind::Started));
    assert!(
        session.history(&all()).unwrap().kept > 0,
        "this run is there"
    );
    let board = session.board(&everything());
    assert!(board.coverage.iter().any(|line| line.item == "history"));
    assert!(session.stop());
    drop(session);
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
}

#[test]
fn a_damaged_history_is_put_aside_and_never_deleted() {
    let folder = tempfile::tempdir().unwrap();
    for (round, damage) in [
        "",
        "\0\0\0\0",
        "{\"format\":\"something else\",\"version\":1}\n",
    ]
    .into_iter()
    .enumerate()
    {
        fs::write(file(folder.path()), damage).unwrap();
        let session = Session::open(live(folder.path())).unwrap();
        let told = fetch(&session, |told| has(told, ToldKind::Coverage));
        assert!(told[0].text.contains("put aside"), "{told:#?}");
        let aside: Vec<PathBuf> = fs::read_dir(folder.path())
            .unwrap()
            .map(|file| file.unwrap().path())
            .filter(|path| path.to_string_lossy().contains("history.jsonl.damaged-"))
            .collect();
        assert_eq!(aside.len(), round + 1, "{aside:#?}");
        assert!(
            aside
                .iter()
                .any(|path| fs::read(path).unwrap() == damage.as_bytes())
        );
        session.start().unwrap();
        assert!(session.stop());
        drop(session);
        let session = Session::open(live(folder.path())).unwrap();
        assert!(
            session.history(&all()).unwrap().kept > 0,
            "a new one was begun"
        );
    }
}

#[test]
fn a_damaged_state_is_put_aside_and_the_session_begins_anew() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["state.json", "session.json"] {
        fs::write(folder.path().join(name), "{\"version\": 1,\n oops").unwrap();
        let session = Session::open(live(folder.path())).unwrap();
        let told = fetch(&session, |told| has(told, ToldKind::Coverage));
        assert!(told[0].text.contains("begin anew"), "{told:#?}");
        session.start().unwrap();
        assert!(session.stop());
        drop(session);
        let aside = fs::read_dir(folder.path())
            .unwrap()
            .filter(|file| {
                let name_of = file.as_ref().unwrap().file_name();
                name_of
                    .to_string_lossy()
                    .starts_with(&format!("{name}.damaged-"))
            })
            .count();
        assert_eq!(aside, 1);
        fs::write(folder.path().join(name), "{\"version\": 9}").unwrap();
        let error = Session::open(live(folder.path())).unwrap_err();
        assert!(error.to_string().contains(name), "{error}");
        fs::remove_file(folder.path().join(name)).unwrap();
    }
}

#[test]
fn at_most_ten_thousand_records_are_kept_and_alerts_are_not_pushed_out() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path());
    let path = file(folder.path());
    let text = fs::read_to_string(&path).unwrap();
    let traffic = text
        .lines()
        .find(|line| line.contains("\"traffic\"") && line.contains("203.0.113.9"))
        .unwrap();
    // A week of a chatty phone, as it would have been written.
    let mut file = OpenOptions::new().append(true).open(&path).unwrap();
    let number = traffic
        .split_once("\"n\":")
        .and_then(|(_, rest)| rest.split_once(','))
        .map(|(number, _)| number)
        .unwrap();
    let mut flood = String::new();
    for sequence in 1_000..14_000 {
        flood.push_str(&traffic.replacen(
            &format!("\"n\":{number},"),
            &format!("\"n\":{sequence},"),
            1,
        ));
        flood.push('\n');
    }
    file.write_all(flood.as_bytes()).unwrap();
    drop(file);

    let session = Session::open(live(folder.path())).unwrap();
    let page = session.history(&all()).unwrap();
    assert_eq!(page.kept, 10_000);
    assert_eq!(session.alerts(false).len(), 1);
    for kind in [ToldKind::Started, ToldKind::Alert, ToldKind::Stopped] {
        let query = HistoryQuery {
            kinds: vec![kind],
            ..all()
        };
        assert_eq!(session.history(&query).unwrap().matching, 1, "{kind:?}");
    }
    // The next run writes behind the flood, and the file is written anew where it has grown too far.
    session.start().unwrap();
    fetch(&session, |told| has(told, ToldKind::Started));
    assert!(session.stop());
    drop(session);
    let session = Session::open(live(folder.path())).unwrap();
    assert_eq!(session.history(&all()).unwrap().kept, 10_000);
    let newest = session.history(&all()).unwrap().records[0].sequence;
    assert!(newest > 14_000 - 1, "{newest}");
}
