//! Alerts, mutes and the day's summary.

use std::net::Ipv4Addr;
use std::time::Duration;

use portlog_agent::Clock as _;
use portlog_agent::Error;
use portlog_agent::session::{
    AlertView, BoardQuery, Language, ListChange, MuteView, Session, SessionSettings, Told, ToldKind,
};
use portlog_model::{Category, Level, Moment, Uid};
use portlog_names::{AddressRecord, Answer};

use crate::support::{ManualClock, Step};
use crate::world::{
    Scripted, connect_to, feed, fetch, has, import, live, package, row, settings, wait_for_polls,
};

const FIRMWARE: u32 = 10_087;

fn alerts(told: &[Told]) -> Vec<&AlertView> {
    told.iter()
        .filter(|told| told.kind == ToldKind::Alert)
        .map(|told| told.alert.as_ref().unwrap())
        .collect()
}

/// A firmware app, a list with one address, and looks that follow the script.
fn world(folder: &std::path::Path) -> Scripted {
    let scripted = Scripted::open(folder, [Step::Rows(Vec::new())]);
    import(
        &scripted.session,
        folder,
        "mine",
        "192.0.2.77\n192.0.2.78\n",
    );
    scripted
        .session
        .set_packages(feed(vec![package("com.example.sync", FIRMWARE, true)]))
        .unwrap();
    scripted.session.start().unwrap();
    scripted.look(2);
    scripted
}

#[test]
fn a_listed_host_that_is_really_reached_raises_an_alert_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let session = Session::open(live(folder.path())).unwrap();
    import(&session, folder.path(), "mine", "127.66.2.1\n");
    // Whoever runs the tests: on a phone of this UID it would be the platform's.
    session.set_packages(feed(Vec::new())).unwrap();
    session.start().unwrap();
    wait_for_polls(&session, 2);
    let (_server, _client, remote) = connect_to(Ipv4Addr::new(127, 66, 2, 1));
    let told = fetch(&session, |told| {
        alerts(told).iter().any(|alert| alert.level == Level::Match)
    });
    let alerts = alerts(&told);
    let alert = alerts
        .iter()
        .find(|alert| alert.level == Level::Match)
        .unwrap();
    assert_eq!(alert.remote, remote);
    assert_eq!(
        (alert.list.as_str(), alert.entry.as_str()),
        ("mine", "127.66.2.1")
    );
    assert_eq!(alert.category, Some(Category::Own));
    assert!(alert.sounds && !alert.practice && !alert.muted);
    assert!(alert.title.starts_with("Match: "), "{}", alert.title);
    assert!(
        alert.body.contains("What else could explain it"),
        "{}",
        alert.body
    );
    assert_eq!(alert.public_text, "New finding");
    assert!(!alert.explanations.is_empty() && !alert.advice.is_empty());
    let id = alert.connection.unwrap();
    assert_eq!(session.connection(id).unwrap().line.remote, remote);
    let kept = session.alerts(false);
    assert_eq!(
        kept.len(),
        alerts
            .iter()
            .map(|alert| &alert.key)
            .collect::<std::collections::BTreeSet<_>>()
            .len()
    );
    assert!(kept.iter().any(|kept| kept.key == alert.key));
    assert_eq!(session.stats().alerts, alerts.len() as u64);
}

#[test]
fn an_alert_counts_on_without_being_told_again() {
    let folder = tempfile::tempdir().unwrap();
    let scripted = world(folder.path());
    for port in 40_001..40_004 {
        scripted.script.go_on_with(Step::Rows(vec![row(
            FIRMWARE,
            port,
            "192.0.2.77:443",
            u64::from(port),
        )]));
        scripted.look(3);
    }
    let told = fetch(&scripted.session, |told| has(told, ToldKind::Alert));
    assert_eq!(alerts(&told).len(), 1, "{told:#?}");
    let kept = scripted.session.alerts(false);
    assert_eq!((kept.len(), kept[0].count), (1, 3));
    assert!(kept[0].last_seen > kept[0].first_seen);
    assert!(kept[0].text.contains("3 connections"), "{}", kept[0].text);
    assert_eq!(
        scripted.session.alerts(true).len(),
        2,
        "the first destination was noted"
    );
}

#[test]
fn a_mute_holds_while_it_runs_when_stopped_and_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let scripted = world(folder.path());
    let reach = |port: u16, remote: &str| {
        scripted.script.go_on_with(Step::Rows(vec![row(
            FIRMWARE,
            port,
            remote,
            u64::from(port),
        )]));
        scripted.look(3);
    };
    reach(40_001, "192.0.2.77:443");
    let owner = scripted.session.alerts(false)[0].owner.key.clone();
    let rule = MuteView::Owner(owner);
    scripted.session.mute(&rule, true).unwrap();
    reach(40_002, "192.0.2.78:443");
    let told = scripted.session.next_events(Duration::ZERO).unwrap();
    assert_eq!(alerts(&told).len(), 1);
    let stats = scripted.session.stats();
    assert_eq!(stats.mutes.len(), 1);
    assert_eq!(stats.mutes[0].rule, rule);
    assert!(
        stats.mutes[0].text.contains("com.example.sync"),
        "{:?}",
        stats.mutes
    );
    let kept = scripted.session.alerts(false);
    assert!(kept[0].muted && !kept[0].sounds);

    assert!(scripted.session.stop());
    let entry = MuteView::Entry("192.0.2.78".to_owned());
    let remote = MuteView::Remote("192.0.2.77".to_owned());
    scripted.session.mute(&entry, true).unwrap();
    scripted.session.mute(&remote, true).unwrap();
    scripted.session.mute(&rule, false).unwrap();
    drop(scripted);

    let scripted = Scripted::open(
        folder.path(),
        [Step::Rows(vec![row(FIRMWARE, 40_009, "192.0.2.78:443", 9)])],
    );
    let rules: Vec<MuteView> = scripted
        .session
        .stats()
        .mutes
        .into_iter()
        .map(|mute| mute.rule)
        .collect();
    assert_eq!(rules, [entry.clone(), remote]);
    scripted
        .session
        .set_packages(feed(vec![package("com.example.sync", FIRMWARE, true)]))
        .unwrap();
    scripted.session.start().unwrap();
    scripted.look(2);
    let told = scripted.session.next_events(Duration::ZERO).unwrap();
    assert_eq!(alerts(&told).len(), 0, "{told:#?}");
    scripted.session.mute(&entry, false).unwrap();
    scripted.script.go_on_with(Step::Rows(vec![row(
        FIRMWARE,
        40_010,
        "192.0.2.78:443",
        10,
    )]));
    scripted.look(3);
    let told = scripted.session.next_events(Duration::ZERO).unwrap();
    assert_eq!(alerts(&told).len(), 1, "{told:#?}");
}

#[test]
fn what_cannot_be_muted_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let session = Session::open(live(folder.path())).unwrap();
    for view in [
        MuteView::Owner("nobody's key".to_owned()),
        MuteView::Remote("not an address".to_owned()),
    ] {
        assert!(matches!(session.mute(&view, true), Err(Error::NoSuchMute)));
    }
    assert!(session.stats().mutes.is_empty());
}

#[test]
fn what_was_noted_is_told_once_in_the_evening() {
    let folder = tempfile::tempdir().unwrap();
    // The clock says some time in the afternoon; the zone makes it a quarter to eight.
    let clock = ManualClock::new();
    let wall = portlog_agent::Clock::now(&clock).moment.wall.as_millis();
    let day = 24 * 3_600_000;
    let quarter_to_eight = (19 * 60 + 45) * 60_000;
    let offset = (quarter_to_eight - wall.rem_euclid(day)) / 1_000;
    let settings = SessionSettings {
        utc_offset_seconds: i32::try_from(offset).unwrap(),
        ..settings()
    };
    let scripted = Scripted::open_with(
        folder.path(),
        std::sync::Arc::new(clock),
        [Step::Rows(Vec::new())],
        &settings,
    );
    scripted
        .session
        .set_packages(feed(vec![package("com.example.sync", FIRMWARE, true)]))
        .unwrap();
    scripted.session.start().unwrap();
    scripted.look(2);
    scripted.script.go_on_with(Step::Rows(vec![
        row(FIRMWARE, 40_001, "192.0.2.1:443", 1),
        row(FIRMWARE, 40_002, "192.0.2.2:443", 2),
    ]));
    scripted.look(2);
    let told = scripted.session.next_events(Duration::ZERO).unwrap();
    assert!(has(&told, ToldKind::Noted) && !has(&told, ToldKind::NotedSummary));
    scripted.clock.advance(Duration::from_mins(20));
    let told = scripted.drive(|told| has(told, ToldKind::NotedSummary));
    let summary = told
        .iter()
        .find(|told| told.kind == ToldKind::NotedSummary)
        .unwrap();
    assert!(
        summary.text.contains("2 new destinations"),
        "{}",
        summary.text
    );
    assert!(
        summary.text.contains("com.example.sync"),
        "{}",
        summary.text
    );
    assert!(summary.sequence > 0);

    // Not again that day, not after a restart; and the next day only if there is something.
    assert!(scripted.session.stop());
    scripted.session.start().unwrap();
    scripted.look(3);
    scripted.clock.advance(Duration::from_hours(24));
    scripted.look(3);
    let told = scripted.session.next_events(Duration::ZERO).unwrap();
    assert!(!has(&told, ToldKind::NotedSummary), "{told:#?}");
}

#[test]
fn another_language_and_scope_hold_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let scripted = world(folder.path());
    scripted
        .session
        .set_packages(feed(vec![
            package("com.example.game", 10_200, false),
            package("com.example.other", 10_201, false),
        ]))
        .unwrap();
    scripted
        .script
        .go_on_with(Step::Rows(vec![row(10_200, 40_001, "192.0.2.77:443", 1)]));
    scripted.look(3);
    assert_eq!(scripted.session.alerts(true).len(), 0, "out of scope");
    let mut changed = SessionSettings {
        interval: Duration::from_secs(1),
        idle_interval: Duration::from_secs(1),
        scope_all: true,
        ..settings()
    };
    scripted.session.set_settings(changed.clone()).unwrap();
    scripted.look(3);
    let english = scripted.session.alerts(false);
    assert_eq!(english.len(), 1);
    changed.language = Language::SimplifiedChinese;
    scripted.session.set_settings(changed).unwrap();
    let chinese = scripted.session.alerts(false);
    assert_eq!(chinese[0].key, english[0].key);
    assert_ne!(chinese[0].text, english[0].text);
    assert!(!chinese[0].public_text.is_ascii());
}

#[test]
fn a_firmware_app_that_asks_for_a_listed_name_is_told_without_a_connection() {
    let folder = tempfile::tempdir().unwrap();
    let scripted = world(folder.path());
    import(&scripted.session, folder.path(), "names", "bad.test\n");
    let teach = |at: Moment| {
        scripted.session.names().learn(&Answer {
            name: "bad.test",
            asker: Some(Uid::new(FIRMWARE)),
            at,
            aliases: &[],
            addresses: &[AddressRecord {
                name: "bad.test",
                address: "192.0.2.90".parse().unwrap(),
                ttl: 60,
            }],
        });
    };
    teach(scripted.clock.now().moment);
    let told = scripted.drive(|told| has(told, ToldKind::Alert));
    let [alert] = &alerts(&told)[..] else {
        panic!("{told:#?}")
    };
    assert_eq!(
        (alert.remote.as_str(), alert.level),
        ("bad.test", Level::Possible)
    );
    assert_eq!((alert.connection, alert.sounds), (None, false));
    assert!(
        alert.text.contains("asked for the name \"bad.test\"")
            && !alert.text.contains("connection with"),
        "{}",
        alert.text
    );
    // It is kept, and muted by its entry; a restart of the run goes on with it.
    let kept = scripted.session.alerts(false);
    assert_eq!((kept.len(), kept[0].key == alert.key), (1, true));
    scripted
        .session
        .mute(&MuteView::Entry("bad.test".to_owned()), true)
        .unwrap();
    assert!(scripted.session.alerts(false)[0].muted);
    scripted
        .session
        .mute(&MuteView::Entry("bad.test".to_owned()), false)
        .unwrap();

    // What follows is a claim of its own, with the name in the connection's line and details.
    scripted
        .script
        .go_on_with(Step::Rows(vec![row(FIRMWARE, 40_001, "192.0.2.90:443", 7)]));
    let told = scripted.drive(|told| has(told, ToldKind::Alert));
    let alert = alerts(&told)[0];
    assert_eq!(
        (alert.level, alert.remote.as_str()),
        (Level::Match, "192.0.2.90:443")
    );
    let details = scripted
        .session
        .connection(alert.connection.unwrap())
        .unwrap();
    assert_eq!(details.line.names, ["bad.test"]);
    assert!(
        details.sentences[0].contains("asked for \"bad.test\" and was told this address"),
        "{:?}",
        details.sentences
    );
}

#[test]
fn pinned_answers_on_the_shelf_are_names_and_a_list_and_go_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let scripted = world(folder.path());
    let path = folder.path().join("hosts.pinned");
    // The clock of the script stands on 2026-05-28.
    let text = "portlog-pinned/1\nlist 0011223344556677889900112233445566778899001122334455667788990011 \
                threat hosts.txt\nresolver 192.0.2.53:53 udp\nvantage a bench\n\
                answer 2026-05-27T00:00:00Z ok 60 bad.test 192.0.2.90\nnonsense\n";
    std::fs::write(&path, text).unwrap();
    let change = ListChange::Import {
        name: "hosts.pinned".to_owned(),
        category: None,
        path: path.to_str().unwrap().to_owned(),
    };
    let lists = scripted.session.set_lists(&change).unwrap();
    let list = lists.last().unwrap();
    assert_eq!(
        (list.category, list.rules, list.bad_lines),
        (Category::Threat, 1, 1)
    );
    scripted
        .script
        .go_on_with(Step::Rows(vec![row(FIRMWARE, 40_001, "192.0.2.90:443", 7)]));
    let told = scripted.drive(|told| has(told, ToldKind::Alert));
    let alert = alerts(&told)[0];
    assert_eq!(alert.level, Level::Possible);
    assert!(
        alert.text.contains("seen for \"bad.test\""),
        "{}",
        alert.text
    );

    let id = list.id;
    scripted
        .session
        .set_lists(&ListChange::Remove { id })
        .unwrap();
    scripted
        .script
        .go_on_with(Step::Rows(vec![row(FIRMWARE, 40_002, "192.0.2.90:443", 8)]));
    scripted.look(3);
    let query = BoardQuery::default();
    let board = scripted.session.board(&query);
    let line = board
        .connections
        .iter()
        .find(|line| line.closed_at.is_none())
        .unwrap();
    assert!(line.names.is_empty(), "{line:?}");
}
