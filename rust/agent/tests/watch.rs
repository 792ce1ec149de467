//! What must hold of a running watch, whatever its source: scripted sources bring faults, sleep
//! and floods; the last tests watch real sockets of this machine.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::mem_forget,
    reason = "a test that cannot go on must stop; forgetting an agent is what a kill does"
)]

mod support;

use std::net::{TcpListener, TcpStream, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, Instant};

use portlog_agent::{Agent, Config, Subject};
use portlog_model::{CoverageDetail, EventKind, GapReason, Level, NotedReason, Provenance, Uid};
use portlog_owners::Programs;
use portlog_sockets::counters::UidBytes;
use portlog_watch::MuteRule;

use support::{ManualClock, Script, Step, alerts, collect, opened_to, parts, running};

const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn a_panic_in_a_poll_is_a_gap_and_the_watch_goes_on() {
    let clock = Arc::new(ManualClock::new());
    let script = Script::new([
        Step::Rows(vec![support::established("192.0.2.7:443", 10)]),
        Step::Panic("row 3 exploded"),
        Step::Rows(vec![support::established("192.0.2.8:443", 11)]),
    ]);
    let agent = Agent::start_with(parts(script), running(), Arc::clone(&clock) as _).unwrap();
    let events = clock.drive(&agent, |events| opened_to(events, "192.0.2.8:443"));
    let fault = events.iter().find_map(|event| match &event.kind {
        EventKind::Gap {
            reason: GapReason::Fault(message),
            ..
        } => Some(message.to_string()),
        _ => None,
    });
    assert!(fault.unwrap().contains("row 3 exploded"));
    assert!(opened_to(&events, "192.0.2.7:443"));
}

#[test]
fn a_source_that_fails_is_asked_again() {
    let clock = Arc::new(ManualClock::new());
    let script = Script::new([
        Step::Fail,
        Step::Fail,
        Step::Rows(vec![support::established("192.0.2.7:443", 10)]),
    ]);
    let agent = Agent::start_with(parts(script), running(), Arc::clone(&clock) as _).unwrap();
    let events = clock.drive(&agent, |events| opened_to(events, "192.0.2.7:443"));
    let faults = events
        .iter()
        .filter(|event| {
            matches!(
                &event.kind,
                EventKind::Gap {
                    reason: GapReason::Fault(_),
                    ..
                }
            )
        })
        .count();
    assert_eq!(faults, 2);
}

#[test]
fn a_phone_that_slept_polls_at_once_and_tells_of_the_gap() {
    let clock = Arc::new(ManualClock::new());
    let row = support::established("192.0.2.7:443", 10);
    let script = Script::new([
        Step::Rows(vec![row]),
        Step::Rows(vec![row]),
        Step::Rows(vec![row, support::established("192.0.2.8:443", 11)]),
    ]);
    let agent = Agent::start_with(parts(script), running(), Arc::clone(&clock) as _).unwrap();
    clock.drive(&agent, |events| opened_to(events, "192.0.2.7:443"));
    clock.suspend(Duration::from_hours(1));
    let events = clock.drive(&agent, |events| opened_to(events, "192.0.2.8:443"));
    let slept = events.iter().any(|event| {
        matches!(
            event.kind,
            EventKind::Gap {
                reason: GapReason::Suspended,
                ..
            }
        )
    });
    let late = events.iter().any(|event| {
        matches!(
            event.kind,
            EventKind::Gap {
                reason: GapReason::Late,
                ..
            }
        )
    });
    assert!(slept && !late, "{events:#?}");
}

#[test]
fn a_wall_clock_that_is_set_is_told_and_measures_no_cool_down() {
    const YEAR: i64 = 365 * 24 * 3_600 * 1_000;
    let clock = Arc::new(ManualClock::new());
    let script = Script::new([Step::Rows(Vec::new())]);
    let parts = support::parts_with_list(script.clone(), "192.0.2.0/24\n");
    let agent = Agent::start_with(parts, running(), Arc::clone(&clock) as _).unwrap();
    let mut inode = 10;
    let mut reach = |remote: &str| {
        inode += 1;
        script.go_on_with(Step::Rows(vec![support::established(remote, inode)]));
        clock.drive(&agent, |events| opened_to(events, remote))
    };
    let events = reach("192.0.2.7:443");
    assert_eq!(alerts(&events).len(), 1, "{events:#?}");

    let mut ahead = 0;
    // Ahead of every cool-down, back before the first alert, and right again.
    for (set, new) in [
        (YEAR, "192.0.2.8:443"),
        (-YEAR, "192.0.2.9:443"),
        (0, "192.0.2.10:443"),
    ] {
        clock.set_wall_ahead(set);
        let mut events = reach(new);
        assert_eq!(alerts(&events), [Level::Possible], "{events:#?}");
        events.extend(reach("192.0.2.7:443"));
        assert_eq!(alerts(&events), [Level::Possible], "{events:#?}");
        let jumps: Vec<i64> = events
            .iter()
            .filter_map(|event| match event.kind {
                EventKind::Clock { jump_millis, .. } => Some(jump_millis),
                _ => None,
            })
            .collect();
        assert_eq!(jumps, [set - ahead]);
        ahead = set;
        for event in &events {
            if let EventKind::Alert(alert) = &event.kind {
                assert!(alert.first_seen <= alert.last_seen, "{alert:#?}");
            }
        }
    }

    // Six hours later it is told again, set or not.
    clock.set_wall_ahead(-YEAR);
    clock.advance(Duration::from_hours(6));
    let events = reach("192.0.2.7:443");
    assert_eq!(alerts(&events).len(), 1, "{events:#?}");
}

#[test]
fn a_kill_and_a_restart_raise_nothing_twice() {
    let folder = tempfile::tempdir().unwrap();
    let run = || {
        let clock = Arc::new(ManualClock::new());
        let row = support::established("192.0.2.7:443", 10);
        let script = Script::new([Step::Rows(vec![row]), Step::Rows(vec![row])]);
        let mut running = running();
        running.state_folder = Some(folder.path().to_owned());
        let agent = Agent::start_with(
            support::parts_with_list(script, "192.0.2.7\n"),
            running,
            Arc::clone(&clock) as _,
        )
        .unwrap();
        let events = clock.drive(&agent, |events| opened_to(events, "192.0.2.7:443"));
        // As a kill does: nobody says stop, nobody fetches the rest.
        std::mem::forget(agent);
        events
    };
    assert_eq!(alerts(&run()).len(), 1);
    let again = run();
    assert_eq!(alerts(&again), Vec::<Level>::new(), "{again:#?}");
    let not_running = again.iter().any(|event| {
        matches!(
            event.kind,
            EventKind::Gap {
                reason: GapReason::NotRunning,
                ..
            }
        )
    });
    assert!(not_running);
}

#[test]
fn a_mute_holds_across_a_restart_and_can_be_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let row = support::established("192.0.2.7:443", 10);
    let start = |list: &str| {
        let clock = Arc::new(ManualClock::new());
        let mut running = running();
        running.state_folder = Some(folder.path().to_owned());
        let script = Script::new([Step::Rows(vec![row])]);
        let parts = support::parts_with_list(script, list);
        let agent = Agent::start_with(parts, running, Arc::clone(&clock) as _).unwrap();
        (clock, agent)
    };
    let rule = MuteRule::Remote("192.0.2.7".parse().unwrap());

    let (clock, agent) = start("");
    agent.mute(rule.clone()).unwrap();
    clock.drive(&agent, |events| opened_to(events, "192.0.2.7:443"));
    agent.stop();

    let (clock, agent) = start("192.0.2.7\n");
    let events = clock.drive(&agent, |events| opened_to(events, "192.0.2.7:443"));
    assert_eq!(alerts(&events), []);
    agent.unmute(rule).unwrap();
    agent.stop();

    let (clock, agent) = start("192.0.2.0/24\n");
    let events = clock.drive(&agent, |events| opened_to(events, "192.0.2.7:443"));
    assert_eq!(alerts(&events).len(), 1, "{events:#?}");
}

#[test]
fn a_list_put_in_force_speaks_of_connections_that_are_open() {
    let clock = Arc::new(ManualClock::new());
    let row = support::established("192.0.2.7:443", 10);
    let script = Script::new([Step::Rows(vec![row])]);
    let agent = Agent::start_with(parts(script), running(), Arc::clone(&clock) as _).unwrap();
    clock.drive(&agent, |events| opened_to(events, "192.0.2.7:443"));
    agent.set_lists(support::own_list("192.0.2.7\n")).unwrap();
    let events = clock.drive(&agent, |events| !alerts(events).is_empty());
    let loaded = events
        .iter()
        .any(|event| matches!(event.kind, EventKind::List(_)));
    assert!(loaded, "{events:#?}");
}

#[test]
fn bytes_that_nobody_was_seen_to_move_are_noted() {
    let clock = Arc::new(ManualClock::new());
    let row = support::established("192.0.2.7:443", 10);
    let script = Script::new([Step::Rows(vec![row])]);
    let agent = Agent::start_with(parts(script), running(), Arc::clone(&clock) as _).unwrap();
    clock.drive(&agent, |events| opened_to(events, "192.0.2.7:443"));
    let reading = |bytes| {
        vec![
            UidBytes {
                uid: Uid::new(1_000),
                received: bytes,
                sent: 0,
            },
            UidBytes {
                uid: Uid::new(1_001),
                received: bytes,
                sent: 0,
            },
        ]
    };
    agent.set_counters(reading(1_000)).unwrap();
    clock.advance(Duration::from_secs(5));
    agent.set_counters(reading(900_000)).unwrap();
    let noted = |events: &[portlog_model::Event]| -> Vec<(Option<Uid>, u64)> {
        let bytes_noted = events.iter().filter_map(|event| match &event.kind {
            EventKind::Noted(alert, NotedReason::BytesWithoutConnection(bytes)) => {
                Some((alert.owner.uid, *bytes))
            }
            _ => None,
        });
        bytes_noted.collect()
    };
    let events = clock.drive(&agent, |events| !noted(events).is_empty());
    // UID 1000 has a connection open; UID 1001 moved its bytes unseen.
    assert_eq!(noted(&events), [(Some(Uid::new(1_001)), 899_000)]);
}

#[test]
fn a_series_is_replayed_by_its_own_times_and_ends() {
    let folder = tempfile::tempdir().unwrap();
    let header = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   \
                  uid  timeout inode\n";
    let row = "   0: 026433C6:9C40 076433C6:01BB 01 00000000:00000000 00:00000000 00000000 \
               10087        0 77 1 0000000000000000 20 4 30 10 -1\n";
    let trees = [
        ("T120000Z", row),
        ("T120010Z", ""),
        ("T120020Z", ""),
        ("T120030Z", ""),
    ];
    for (time, rows) in trees {
        let net = folder.path().join(format!("20260314{time}/net"));
        std::fs::create_dir_all(&net).unwrap();
        std::fs::write(net.join("tcp"), format!("{header}{rows}")).unwrap();
    }
    let subject = Subject {
        proc_root: folder.path().to_owned(),
        ..Subject::this_machine()
    };
    let agent = Agent::start(Config::new(subject)).unwrap();
    let events = collect(&agent);
    let times: Vec<(i64, i64)> = events
        .iter()
        .filter_map(|event| match event.kind {
            EventKind::Closed { after, by, .. } => {
                Some((after?.wall.as_millis(), by.wall.as_millis()))
            }
            _ => None,
        })
        .collect();
    let noon = 1_773_489_600_000;
    assert_eq!(times, [(noon, noon + 10_000)]);
    let Some(EventKind::Started(started)) = events.first().map(|event| &event.kind) else {
        panic!("{events:#?}");
    };
    assert_eq!(started.provenance, Provenance::Replay);
    let end = events.last().unwrap();
    assert_eq!(end.at.wall.as_millis(), noon + 30_000);
    assert!(
        matches!(&end.kind, EventKind::Stopped(stopped) if stopped.polls == 4),
        "{end:?}"
    );
}

#[test]
fn a_front_end_that_does_not_fetch_costs_a_bounded_queue_and_is_told() {
    let clock = Arc::new(ManualClock::new());
    let rows = (0..5_000u16)
        .map(|n| support::established(&format!("192.0.2.7:{}", n + 1), 9 + u64::from(n)));
    let script = Script::new([Step::Rows(rows.collect())]);
    let mut running = running();
    running.queue_capacity = 100;
    let agent = Agent::start_with(parts(script), running, Arc::clone(&clock) as _).unwrap();
    clock.advance(Duration::from_secs(3));
    assert!(agent.stop());
    let events = collect(&agent);
    let dropped: u64 = events
        .iter()
        .map(|event| {
            if let EventKind::Drop { events } = event.kind {
                events
            } else {
                0
            }
        })
        .sum();
    let Some(EventKind::Stopped(stopped)) = events.last().map(|event| &event.kind) else {
        panic!("no end: {:?}", events.last());
    };
    assert!(dropped > 4_000, "{dropped}");
    assert_eq!(stopped.dropped, dropped);
}

#[test]
fn rows_beyond_what_is_kept_are_told_of_in_coverage() {
    let clock = Arc::new(ManualClock::new());
    let rows = (1..=9).map(|port| support::established(&format!("192.0.2.7:{port}"), port));
    let mut parts = parts(Script::new([Step::Rows(rows.collect())]));
    parts.table.max_connections = 5;
    let agent = Agent::start_with(parts, running(), Arc::clone(&clock) as _).unwrap();
    let events = clock.drive(&agent, |events| opened_to(events, "192.0.2.7:1"));
    let told = events.iter().any(|event| {
        matches!(&event.kind, EventKind::Coverage(coverage)
            if coverage.details.contains(&CoverageDetail::NotTracked(4)))
    });
    assert!(told, "{events:#?}");
}

#[test]
fn a_poll_that_hangs_does_not_hold_up_the_stop() {
    let clock = Arc::new(ManualClock::new());
    let script = Script::new([Step::Hang(Duration::from_secs(8))]);
    let agent = Agent::start_with(parts(script), running(), Arc::clone(&clock) as _).unwrap();
    std::thread::sleep(Duration::from_millis(50));
    let began = Instant::now();
    assert!(!agent.stop());
    assert!(began.elapsed() < Duration::from_secs(4));
}

#[test]
fn real_sockets_of_this_machine_are_seen_with_their_program() {
    let agent = Agent::start(Config {
        interval: Duration::from_millis(50),
        idle_interval: Duration::from_millis(50),
        ..Config::new(Subject::this_machine())
    })
    .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let deadline = Instant::now() + PATIENCE;
    let mut opened = None;
    let mut client = None;
    while opened.is_none() {
        assert!(Instant::now() < deadline, "the connection was not seen");
        for event in agent.next_events(Duration::from_millis(200)).unwrap() {
            let EventKind::Opened {
                observed, after, ..
            } = &event.kind
            else {
                continue;
            };
            if observed.connection.is_listener() && observed.connection.local.port() == port {
                client = client.or_else(|| Some(TcpStream::connect(("127.0.0.1", port)).unwrap()));
            }
            if observed.connection.remote.port() == port {
                opened = Some((Arc::clone(observed), *after));
            }
        }
    }
    let (observed, after) = opened.unwrap();
    assert_eq!(
        observed.connection.uid.map(Uid::get),
        Some(nix::unistd::geteuid().as_raw())
    );
    assert_eq!(observed.connection.direction.as_str(), "out");
    assert!(after.is_some());
    let program = observed.owner.program.as_ref().unwrap();
    assert_eq!(program.pid, std::process::id());

    drop((client, listener));
    let mut closed = false;
    while !closed {
        assert!(
            Instant::now() < deadline,
            "the end of the listener was not seen"
        );
        closed = agent
            .next_events(Duration::from_millis(200))
            .unwrap()
            .iter()
            .any(|event| {
                matches!(&event.kind, EventKind::Closed { observed, .. }
                if observed.connection.is_listener() && observed.connection.local.port() == port)
            });
    }
    assert!(agent.stop());
    let end = collect(&agent);
    assert!(matches!(end.last().unwrap().kind, EventKind::Stopped(_)));
}

#[test]
fn a_socket_whose_holder_is_hidden_has_the_processes_of_its_uid_as_candidates() {
    let clock = Arc::new(ManualClock::new());
    // No process holds this inode; the UID is that of this process.
    let mut row = support::established("192.0.2.7:443", u64::MAX >> 1);
    row.uid = Some(Uid::new(nix::unistd::getuid().as_raw()));
    let mut parts = parts(Script::new([Step::Rows(vec![row])]));
    parts.programs = Some(Programs::new("/proc".into()));
    let agent = Agent::start_with(parts, running(), Arc::clone(&clock) as _).unwrap();
    let events = clock.drive(&agent, |events| opened_to(events, "192.0.2.7:443"));
    let owner = events.iter().find_map(|event| match &event.kind {
        EventKind::Opened { observed, .. } => Some(&observed.owner),
        _ => None,
    });
    let owner = owner.unwrap();
    assert_eq!(owner.program, None);
    assert!(!owner.candidates.is_empty(), "{owner:?}");
}

#[test]
fn the_agents_own_sockets_are_marked_and_nothing_else_of_this_process_is() {
    let mine = UdpSocket::bind("127.0.0.1:0").unwrap();
    let snapshot = portlog_agent::snapshot(Subject::this_machine()).unwrap();
    let port = mine.local_addr().unwrap().port();
    let own = snapshot
        .sockets
        .iter()
        .filter(|socket| socket.connection.own)
        .count();
    assert!(own >= 2, "{own}");
    let bound = snapshot
        .sockets
        .iter()
        .find(|socket| socket.connection.local.port() == port)
        .unwrap();
    assert!(!bound.connection.own);
}
