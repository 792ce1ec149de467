//! Alerts over time: raised once, raised again, counted, kept over a restart.

mod common;

use std::sync::Arc;
use std::time::Duration;

use common::*;
use portlog_model::{
    Change, Connection, EventKind, Inode, Level, NotedReason, SocketState, Uid, Weakening,
};

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_hours(1);

#[test]
fn a_firmware_connection_with_a_listed_address_is_one_match_that_sounds() {
    let mut world = World::new();
    let connection = world.connection(FIRMWARE, LISTED);
    let events = world.open(connection);
    let [opened, alert, note] = events.as_slice() else {
        panic!("{events:?}")
    };
    let EventKind::Opened { observed, .. } = &opened.kind else {
        panic!("{opened:?}")
    };
    assert_eq!(observed.matches.len(), 1);
    let EventKind::Alert(alert) = &alert.kind else {
        panic!("{alert:?}")
    };
    assert_eq!(
        (alert.level, alert.count, alert.sounds),
        (Level::Match, 1, true)
    );
    assert_eq!(alert.first_seen, world.now.wall);
    let matched = alert.matched.as_ref().unwrap();
    assert_eq!(
        (&*matched.hit.list, &*matched.hit.entry),
        ("threats.txt", "203.0.113.7")
    );
    assert!(Arc::ptr_eq(alert.observed.as_ref().unwrap(), observed));
    assert!(matches!(
        &note.kind,
        EventKind::Noted(_, NotedReason::FirstSeenDestination)
    ));
}

#[test]
fn a_handshake_that_ends_raises_possible_to_match_once() {
    let mut world = World::new();
    let mut connection = world.connection(FIRMWARE, LISTED);
    connection.state = SocketState::SynSent;
    assert_eq!(levels(&world.open(connection)), [Level::Possible]);
    connection.state = SocketState::Established;
    let events = world.change(connection, SocketState::SynSent);
    assert_eq!(levels(&events), [Level::Match]);
    assert_eq!(alerts(&events)[0].count, 1, "one connection");
    connection.state = SocketState::FinWait1;
    assert_eq!(
        levels(&world.change(connection, SocketState::Established)),
        []
    );
    assert_eq!(levels(&world.close(connection)), []);
}

#[test]
fn an_owner_that_is_learnt_later_raises_its_own_alert() {
    let mut world = World::new();
    world.watch.set_candidates(vec![
        owner(Some(SYSTEM)),
        owner(Some(FIRMWARE)),
        owner(None),
    ]);
    let learnt = world.connection(FIRMWARE, LISTED);
    let unknown = Connection {
        uid: None,
        inode: None,
        ..learnt
    };
    let events = world.open(unknown);
    assert_eq!(levels(&events), [Level::Possible]);
    let alert = &alerts(&events)[0];
    assert_eq!(
        alert.matched.as_ref().unwrap().weakened,
        [Weakening::OwnerUnknown]
    );
    let candidates: Vec<_> = alert
        .candidates
        .iter()
        .map(|owner| owner.uid.unwrap())
        .collect();
    assert_eq!(candidates, [Uid::new(SYSTEM), Uid::new(FIRMWARE)]);

    let events = world.change(learnt, SocketState::Established);
    assert_eq!(levels(&events), [Level::Match]);
    assert!(alerts(&events)[0].candidates.is_empty());
    assert_eq!(alerts(&events)[0].owner.uid, Some(Uid::new(FIRMWARE)));
}

#[test]
fn what_recurs_within_the_cool_down_counts_and_is_not_told() {
    let mut world = World::new();
    assert_eq!(levels(&world.visit(FIRMWARE, LISTED)), [Level::Match]);
    for _ in 0..5 {
        world.wait(HOUR);
        assert_eq!(
            levels(&world.visit(FIRMWARE, "203.0.113.7:8443")),
            [],
            "another port"
        );
    }
    world.wait(HOUR);
    let events = world.visit(FIRMWARE, LISTED);
    assert_eq!(levels(&events), [Level::Match]);
    assert_eq!(alerts(&events)[0].count, 7);
    assert_eq!(alerts(&events)[0].first_seen, moment(0).wall);
    assert_eq!(alerts(&events)[0].last_seen, moment(6 * 3_600).wall);
}

#[test]
fn a_connection_that_stays_open_does_not_recur() {
    let mut world = World::new();
    let mut connection = world.connection(FIRMWARE, LISTED);
    world.open(connection);
    world.wait(10 * HOUR);
    connection.state = SocketState::CloseWait;
    assert_eq!(
        levels(&world.change(connection, SocketState::Established)),
        []
    );
    assert_eq!(levels(&world.close(connection)), []);
}

#[test]
fn after_the_cool_down_the_level_may_rise_anew() {
    let mut world = World::new();
    world.visit(FIRMWARE, LISTED);
    world.wait(7 * HOUR);
    let mut connection = world.connection(FIRMWARE, LISTED);
    connection.state = SocketState::SynSent;
    assert_eq!(levels(&world.open(connection)), [Level::Possible]);
    world.wait(SECOND);
    connection.state = SocketState::Established;
    assert_eq!(
        levels(&world.change(connection, SocketState::SynSent)),
        [Level::Match]
    );
}

#[test]
fn owners_entries_and_remotes_have_alerts_of_their_own() {
    let mut world = World::new();
    assert_eq!(levels(&world.visit(FIRMWARE, LISTED)), [Level::Match]);
    assert_eq!(
        levels(&world.visit(PRELOADED, LISTED)),
        [Level::Match],
        "another owner"
    );
    assert_eq!(
        levels(&world.visit(FIRMWARE, "192.0.2.1:80")),
        [Level::Match],
        "another entry"
    );
    assert_eq!(
        levels(&world.visit(FIRMWARE, "192.0.2.2:80")),
        [Level::Match],
        "another remote"
    );
    assert_eq!(
        levels(&world.visit(FIRMWARE, "192.0.2.2:81")),
        [],
        "another port"
    );
    assert_eq!(world.watch.history().claims().count(), 4);
}

#[test]
fn kill_and_restart_raise_nothing_twice() {
    let mut world = World::new();
    let connection = world.connection(FIRMWARE, LISTED);
    world.open(connection);
    // Long after the cool-down, still the same connection, under another number.
    world.wait(9 * HOUR);
    world.restart();
    let found = Connection {
        id: world.connection(FIRMWARE, LISTED).id,
        ..connection
    };
    let events = world.find(found);
    assert_eq!(levels(&events), []);
    assert_eq!(notes(&events), []);
    let (_, claim) = world.watch.history().claims().next().unwrap();
    assert_eq!(claim.count, 1);
    // It closes, and a new one has its ports.
    world.close(found);
    let next = Connection {
        inode: Inode::new(7),
        ..world.connection(FIRMWARE, LISTED)
    };
    let events = world.open(Connection {
        local: connection.local,
        ..next
    });
    assert_eq!(levels(&events), [Level::Match]);
    assert_eq!(alerts(&events)[0].count, 2);
}

#[test]
fn a_restart_within_the_cool_down_is_silent_for_new_connections_too() {
    let mut world = World::new();
    world.visit(FIRMWARE, LISTED);
    world.wait(HOUR);
    world.restart();
    assert_eq!(levels(&world.visit(FIRMWARE, LISTED)), []);
}

#[test]
fn after_a_fault_in_the_table_connections_are_recognised() {
    let mut world = World::new();
    let connection = world.connection(FIRMWARE, LISTED);
    world.open(connection);
    world.watch.forget_connections();
    world.wait(9 * HOUR);
    assert_eq!(levels(&world.find(connection)), []);
}

#[test]
fn a_clock_that_is_set_back_or_forward_changes_no_cool_down() {
    const YEAR: Duration = Duration::from_hours(365 * 24);
    let mut world = World::new();
    world.visit(FIRMWARE, LISTED);
    world.now.wall = world.now.wall.saturating_add(YEAR);
    assert_eq!(levels(&world.visit(FIRMWARE, LISTED)), [], "forward");
    world.now.wall = moment(0).wall;
    assert_eq!(levels(&world.visit(FIRMWARE, LISTED)), [], "and back");
    world.wait(6 * HOUR);
    assert_eq!(
        levels(&world.visit(FIRMWARE, LISTED)),
        [Level::Match],
        "the cool-down is over"
    );
    // Off, and started with a clock that is a year behind: the cool-down still ends in its time.
    world.now.wall = moment(0).wall;
    world.now.boot = moment(0).boot;
    world.restart();
    assert_eq!(levels(&world.visit(FIRMWARE, LISTED)), []);
    world.wait(6 * HOUR);
    let events = world.visit(FIRMWARE, LISTED);
    assert_eq!(levels(&events), [Level::Match]);
    assert!(alerts(&events)[0].last_seen >= alerts(&events)[0].first_seen);
}

#[test]
fn changes_of_connections_never_heard_of_are_told_and_harmless() {
    let mut world = World::new();
    let connection = world.connection(FIRMWARE, LISTED);
    assert_eq!(levels(&world.close(connection)), [Level::Match]);
    let connection = world.connection(FIRMWARE, "192.0.2.1:1");
    assert_eq!(
        levels(&world.change(connection, SocketState::SynSent)),
        [Level::Match]
    );
    assert_eq!(
        world.open(connection).len(),
        1,
        "opened again under the same number"
    );
}

#[test]
fn the_old_connection_of_a_tuple_closes_before_its_successor_opens() {
    let mut world = World::new();
    let old = world.connection(FIRMWARE, OTHER);
    world.open(old);
    world.wait(SECOND);
    let new = Connection {
        local: old.local,
        ..world.connection(FIRMWARE, OTHER)
    };
    let (after, by) = (Some(world.now), world.now);
    let events = world.observe(&[
        Change::Opened {
            connection: new,
            after,
            by,
        },
        Change::Closed {
            connection: old,
            after,
            by,
        },
    ]);
    assert!(matches!(events[0].kind, EventKind::Closed { .. }));
    assert!(matches!(events[1].kind, EventKind::Opened { .. }));
}

#[test]
fn a_connection_that_was_told_to_have_risen_does_not_rise_again_after_a_restart() {
    let mut world = World::new();
    let mut old = world.connection(FIRMWARE, LISTED);
    old.state = SocketState::SynSent;
    assert_eq!(levels(&world.open(old)), [Level::Possible]);
    old.state = SocketState::Established;
    assert_eq!(
        levels(&world.change(old, SocketState::SynSent)),
        [Level::Match]
    );
    world.wait(7 * HOUR);
    let mut new = world.connection(FIRMWARE, LISTED);
    new.state = SocketState::SynSent;
    assert_eq!(levels(&world.open(new)), [Level::Possible]);
    world.restart();
    assert_eq!(levels(&world.find(old)), []);
    assert_eq!(levels(&world.find(new)), []);
}

#[test]
fn a_connection_that_ended_is_not_taken_for_its_successor() {
    let mut world = World::new();
    let old = world.connection(FIRMWARE, LISTED);
    world.open(old);
    world.close(old);
    world.wait(7 * HOUR);
    // The same ports, and the kernel tells no inode.
    let id = world.connection(FIRMWARE, LISTED).id;
    let events = world.open(Connection {
        id,
        inode: None,
        ..old
    });
    assert_eq!(levels(&events), [Level::Match]);
    assert_eq!(alerts(&events)[0].count, 2);
}

#[test]
fn what_closed_was_last_seen_when_it_was_last_there() {
    let mut world = World::new();
    let connection = world.connection(FIRMWARE, LISTED);
    world.open(connection);
    world.wait(HOUR);
    let last_there = world.now;
    world.wait(SECOND);
    world.observe(&[Change::Closed {
        connection,
        after: Some(last_there),
        by: world.now,
    }]);
    let (_, claim) = world.watch.history().claims().next().unwrap();
    assert_eq!(
        (claim.first_seen, claim.last_seen),
        (moment(0).wall, last_there.wall)
    );
}
