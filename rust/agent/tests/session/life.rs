//! Opening, starting, stopping, closing; several threads; faults.

use std::net::Ipv4Addr;
use std::process::Command;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use portlog_agent::Error;
use portlog_agent::session::{Session, SessionState, ToldKind};

use crate::support::Step;
use crate::world::{
    PATIENCE, Scripted, connect_to, everything, feed, fetch, has, live, row, settings,
    wait_for_polls,
};

#[test]
fn a_session_can_be_stopped_and_started_again_and_events_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let session = Session::open(live(folder.path())).unwrap();
    assert_eq!(session.board(&everything()).state, SessionState::Stopped);
    session.set_packages(feed(Vec::new())).unwrap();
    session.start().unwrap();
    session.start().unwrap();
    let (_server, _client, remote) = connect_to(Ipv4Addr::new(127, 66, 1, 1));
    let seen = |told: &[portlog_agent::session::Told]| {
        told.iter().any(|told| {
            told.connection
                .as_ref()
                .is_some_and(|connection| connection.remote == remote)
        })
    };
    let told = fetch(&session, seen);
    assert_eq!(told[0].kind, ToldKind::Started, "{told:#?}");
    let board = session.board(&everything());
    assert_eq!(board.state, SessionState::Watching);
    assert_eq!(board.not_live_text, "");
    assert!(board.total > 0 && board.matching >= board.connections.len() as u64);
    assert!(board.coverage.iter().any(|line| line.item == "tcp"));
    assert!(session.stop());
    assert!(session.stop());
    let told = fetch(&session, |told| has(told, ToldKind::Stopped));
    assert!(!has(&told, ToldKind::Started));
    let board = session.board(&everything());
    assert_eq!((board.state, board.total), (SessionState::Stopped, 0));
    assert!(board.state_text.contains("stopped"), "{}", board.state_text);

    session.start().unwrap();
    let told = fetch(&session, |told| seen(told) && has(told, ToldKind::Gap));
    assert_eq!(told[0].kind, ToldKind::Started);
    assert!(session.stats().since.is_some());
}

#[test]
fn our_own_sockets_are_never_shown() {
    const INSIDE: &str = "PORTLOG_TEST_IN_NAMESPACE";
    const TEST: &str = "life::our_own_sockets_are_never_shown";
    if std::env::var_os(INSIDE).is_none() {
        let enter = "ip link set lo up && exec \"$@\"";
        let output = Command::new("unshare")
            .args(["--net", "--map-root-user", "sh", "-c", enter, "sh"])
            .arg(std::env::current_exe().unwrap())
            .args([TEST, "--exact", "--nocapture"])
            .env(INSIDE, "1")
            .output();
        match output {
            Ok(output) if String::from_utf8_lossy(&output.stdout).contains("running 1 test") => {
                assert!(output.status.success(), "{output:#?}");
            }
            _ => println!("skipped: needs network namespaces, with unshare and ip"),
        }
        return;
    }
    // Nobody else is here.
    let folder = tempfile::tempdir().unwrap();
    let session = Session::open(live(folder.path())).unwrap();
    session.start().unwrap();
    wait_for_polls(&session, 3);
    let board = session.board(&everything());
    assert_eq!(board.connections, []);
    assert_eq!(board.total, 0);
    let tcp = board
        .coverage
        .iter()
        .find(|line| line.item == "tcp")
        .unwrap();
    assert!(tcp.text.contains("readable, 1 row"), "{}", tcp.text);
    let told = session.next_events(Duration::ZERO).unwrap();
    assert!(!has(&told, ToldKind::Opened), "{told:#?}");
    // With a practice connection, it alone is.
    session
        .practice(portlog_agent::session::PracticeStep::Begin)
        .unwrap();
    let told = fetch(&session, |told| has(told, ToldKind::Alert));
    let opened = told.iter().filter(|told| told.kind == ToldKind::Opened);
    assert_eq!(opened.count(), 1, "{told:#?}");
    assert!(!has(&told, ToldKind::Noted), "{told:#?}");
    assert_eq!(session.board(&everything()).total, 1);
}

#[test]
fn closing_wakes_whoever_waits_and_refuses_what_comes_after() {
    let folder = tempfile::tempdir().unwrap();
    let session = Arc::new(Session::open(live(folder.path())).unwrap());
    session.start().unwrap();
    let waiting = Arc::clone(&session);
    let waiter = thread::spawn(move || {
        let mut calls = 0;
        while waiting.next_events(Duration::from_mins(5)).is_some() {
            calls += 1;
        }
        (calls, Instant::now())
    });
    wait_for_polls(&session, 2);
    let asked = Instant::now();
    session.close();
    session.close();
    let (_, woken) = waiter.join().unwrap();
    assert!(woken.duration_since(asked) < Duration::from_secs(2));
    assert!(session.next_events(Duration::from_mins(5)).is_none());
    assert!(matches!(session.start(), Err(Error::Closed)));
    assert!(matches!(
        session.set_packages(feed(Vec::new())),
        Err(Error::Closed)
    ));
    assert_eq!(session.board(&everything()).state, SessionState::Stopped);
}

#[test]
fn every_method_may_be_called_while_others_are() {
    let folder = tempfile::tempdir().unwrap();
    let session = Arc::new(Session::open(live(folder.path())).unwrap());
    let until = Instant::now() + Duration::from_millis(1_500);
    let run = |work: fn(&Session, u32)| {
        let session = Arc::clone(&session);
        thread::spawn(move || {
            let mut round = 0;
            while Instant::now() < until {
                work(&session, round);
                round += 1;
            }
            round
        })
    };
    let threads = [
        run(|session, _| {
            session.next_events(Duration::from_millis(5)).unwrap();
        }),
        run(|session, _| {
            let board = session.board(&everything());
            for line in board.connections.iter().take(3) {
                session.owner(&line.owner.key);
                session.connection(line.id);
            }
            session.stats();
        }),
        run(|session, round| {
            session.start().unwrap();
            session.set_packages(feed(Vec::new())).unwrap();
            session.set_counters(Vec::new()).unwrap();
            let mut settings = settings();
            settings.scope_all = round % 2 == 0;
            session.set_settings(settings).unwrap();
            if round % 5 == 4 {
                assert!(session.stop());
            }
            thread::sleep(Duration::from_millis(20));
        }),
    ];
    for thread in threads {
        assert!(thread.join().unwrap() > 3);
    }
}

#[test]
fn a_panic_in_a_poll_is_a_gap_and_the_watch_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let scripted = Scripted::open(
        folder.path(),
        [
            Step::Rows(vec![row(0, 40_001, "203.0.113.1:443", 1)]),
            Step::Panic("row 3 exploded"),
            Step::Rows(vec![row(0, 40_002, "203.0.113.2:443", 2)]),
        ],
    );
    scripted.session.start().unwrap();
    let told = scripted.drive(|told| {
        told.iter().any(|told| {
            told.connection
                .as_ref()
                .is_some_and(|line| line.remote == "203.0.113.2:443")
        })
    });
    let gap = told.iter().find(|told| told.kind == ToldKind::Gap).unwrap();
    assert!(gap.text.contains("row 3 exploded"), "{gap:#?}");
    assert!(gap.sequence > 0);
    assert!(
        !scripted
            .session
            .board(&everything())
            .not_live_text
            .is_empty()
    );
}

#[test]
fn a_run_that_hangs_is_left_behind_and_counts_for_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let scripted = Scripted::open(
        folder.path(),
        [Step::Rows(vec![row(0, 40_001, "203.0.113.1:443", 1)])],
    );
    scripted.session.start().unwrap();
    scripted.look(1);
    scripted
        .script
        .go_on_with(Step::Hang(Duration::from_secs(4)));
    scripted.clock.advance(Duration::from_secs(2));
    thread::sleep(Duration::from_millis(100));
    let asked = Instant::now();
    assert!(!scripted.session.stop());
    assert!(asked.elapsed() < Duration::from_secs(3));
    assert_eq!(
        scripted.session.board(&everything()).state,
        SessionState::Stopped
    );
    scripted
        .script
        .go_on_with(Step::Rows(vec![row(0, 40_002, "203.0.113.2:443", 2)]));
    scripted.session.start().unwrap();
    scripted.look(1);
    let run = scripted.session.board(&everything());
    assert_eq!(run.connections.len(), 1, "{run:#?}");
    // The old run wakes, and changes nothing.
    thread::sleep(Duration::from_secs(4));
    let board = scripted.session.board(&everything());
    assert_eq!(board.state, SessionState::Watching);
    assert_eq!(board.connections[0].remote, "203.0.113.2:443");
}

#[test]
fn another_pace_holds_at_once_however_long_the_one_before_was() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = live(folder.path());
    config.settings.interval = Duration::from_mins(10);
    config.settings.idle_interval = Duration::from_mins(10);
    let session = Session::open(config).unwrap();
    session.start().unwrap();
    wait_for_polls(&session, 1);
    session.set_settings(settings()).unwrap();
    let asked = Instant::now();
    wait_for_polls(&session, 5);
    assert!(asked.elapsed() < PATIENCE);
}
