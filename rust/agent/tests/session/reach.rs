//! The helper of a session: let in, its rows shown, told to end; and who is not let in. The helper is
//! the real one, on a thread of this process, over a real connection.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use portlog_agent::Error;
use portlog_agent::helper::{self, HelperEnd, HelperOrders, HelperWay};
use portlog_agent::session::{
    BoardQuery, HelperPhase, ReachAnswer, ReachRequest, ReachState, Session, SessionConfig,
    ToldKind,
};

use crate::world::{PATIENCE, live};

/// A phone on which no app may read the tables.
fn blind(folder: &Path) -> Session {
    let nowhere = folder.join("nowhere");
    std::fs::create_dir_all(nowhere.join("net")).unwrap();
    let config = SessionConfig {
        proc_root: nowhere,
        sdk: 34,
        ..live(folder)
    };
    Session::open(config).unwrap()
}

fn state(session: &Session) -> ReachState {
    match session.reach(&ReachRequest::State).unwrap() {
        ReachAnswer::State(state) => state,
        other => panic!("{other:?}"),
    }
}

/// A helper that comes by the loopback, and reads this machine's tables.
fn helper(session: &Session, folder: &Path) -> JoinHandle<Result<HelperEnd, Error>> {
    let door = match session.reach(&ReachRequest::Listen { uid: 2_000 }).unwrap() {
        ReachAnswer::Door(door) => door,
        other => panic!("{other:?}"),
    };
    let orders = HelperOrders {
        way: HelperWay::Loopback {
            port: door.port,
            secret: door.secret,
        },
        app: String::new(),
        apk: String::new(),
        proc_root: "/proc".to_owned(),
        programs: String::new(),
        lock: folder.join("helper.lock").to_string_lossy().into_owned(),
    };
    thread::spawn(move || helper::run(&orders))
}

fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let give_up = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < give_up, "never: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_blind_app_sees_by_its_helper_until_that_is_told_to_end() {
    let folder = tempfile::tempdir().unwrap();
    let session = blind(folder.path());
    session.start().unwrap();
    assert_eq!(state(&session).phase, HelperPhase::Never);

    let running = helper(&session, folder.path());
    eventually("it is there", || {
        state(&session).phase == HelperPhase::Connected
    });
    let own = i32::try_from(nix::unistd::geteuid().as_raw()).unwrap();
    assert_eq!(state(&session).uid, Some(own));
    assert!(state(&session).since.is_some());

    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let remote = listener.local_addr().unwrap();
    let _connection = TcpStream::connect(remote).unwrap();
    let mut started = Vec::new();
    eventually("the connection", || {
        let told = session.next_events(Duration::from_millis(20)).unwrap();
        started.extend(told.into_iter().filter(|one| one.kind == ToldKind::Started));
        let board = session.board(&BoardQuery::default());
        let mut lines = board.connections.iter();
        lines.any(|line| line.remote == remote.to_string())
    });
    assert!(
        started.iter().any(|one| one.text.contains("source helper")),
        "{started:?}"
    );

    let answer = session.reach(&ReachRequest::Stop).unwrap();
    assert!(
        matches!(&answer, ReachAnswer::State(state) if state.phase == HelperPhase::Stopped),
        "{answer:?}"
    );
    assert_eq!(running.join().unwrap().unwrap(), HelperEnd::Stopped);
    // What it can read itself is nothing, and that is what it says.
    eventually("a look of its own", || {
        let told = session.next_events(Duration::from_millis(20)).unwrap();
        told.iter()
            .any(|one| one.kind == ToldKind::Started && !one.text.contains("source helper"))
    });
}

#[test]
fn up_to_android_9_the_app_looks_by_itself_when_its_helper_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let session = Session::open(live(folder.path())).unwrap();
    session.start().unwrap();
    // It opens the door, and nobody comes in: whoever asked has gone.
    let ends = session.reach(&ReachRequest::Open { uid: 0 }).unwrap();
    assert!(matches!(ends, ReachAnswer::Ends(_)));
    let mut started = Vec::new();
    eventually("a look by itself", || {
        // The greeting is waited for, five seconds at most.
        state(&session);
        let told = session.next_events(Duration::from_millis(20)).unwrap();
        started.extend(told.into_iter().filter(|one| one.kind == ToldKind::Started));
        started.len() == 3
    });
    let by_helper = |at: usize| started[at].text.contains("source helper");
    assert_eq!(
        [by_helper(0), by_helper(1), by_helper(2)],
        [false, true, false]
    );
    assert_eq!(state(&session).phase, HelperPhase::Never);
}

#[test]
fn a_session_that_is_closed_lets_its_helper_go() {
    let folder = tempfile::tempdir().unwrap();
    let session = blind(folder.path());
    let running = helper(&session, folder.path());
    eventually("it is there", || {
        state(&session).phase == HelperPhase::Connected
    });
    session.close();
    assert_eq!(running.join().unwrap().unwrap(), HelperEnd::Stopped);
    assert!(session.reach(&ReachRequest::State).is_err());
}

#[test]
fn nobody_but_the_shell_and_root_is_let_in_and_the_others_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let session = blind(folder.path());
    for uid in [-1, 1_000, 2_001, 10_123, 1_002_000] {
        for request in [ReachRequest::Open { uid }, ReachRequest::Listen { uid }] {
            let refused = session.reach(&request).unwrap_err();
            assert!(matches!(refused, Error::NotTheHelper(who) if who == uid));
        }
    }
    for times in [1, 4, u32::MAX] {
        let request = ReachRequest::Refused { uid: 10_123, times };
        session.reach(&request).unwrap();
    }
    assert_eq!(state(&session).refused, 5 + u64::from(u32::MAX));
    assert_eq!(state(&session).phase, HelperPhase::Never);
}

#[test]
fn both_ends_of_a_pair_are_open_sockets() {
    let folder = tempfile::tempdir().unwrap();
    let session = blind(folder.path());
    let ends = match session.reach(&ReachRequest::Open { uid: 0 }).unwrap() {
        ReachAnswer::Ends(ends) => ends,
        other => panic!("{other:?}"),
    };
    assert_ne!(ends.up, ends.down);
    for end in [ends.up, ends.down] {
        let link = std::fs::read_link(format!("/proc/self/fd/{end}")).unwrap();
        assert!(link.to_string_lossy().starts_with("socket:"), "{link:?}");
    }
}
