//! What is worth a line in a summary: first destinations, new listeners, bytes of nobody's.

mod common;

use std::time::Duration;

use common::*;
use portlog_model::{
    Connection, Direction, EventKind, Level, NotedReason, Platform, SocketState, Table,
};
use portlog_watch::{History, MuteRule, OwnerKey, Scope, Settings};

const FIRST: &[NotedReason] = &[NotedReason::FirstSeenDestination];
const LISTENS: &[NotedReason] = &[NotedReason::NewListener];

#[test]
fn a_first_destination_is_noted_once_ever() {
    let mut world = World::new();
    let events = world.visit(FIRMWARE, OTHER);
    assert_eq!(notes(&events), FIRST);
    let note = events
        .iter()
        .find_map(|event| match &event.kind {
            EventKind::Noted(alert, _) => Some(alert.clone()),
            _ => None,
        })
        .unwrap();
    assert_eq!(
        (note.level, note.sounds, note.count),
        (Level::Noted, false, 1)
    );
    assert!(note.matched.is_none() && note.observed.is_some());
    assert_eq!(
        notes(&world.visit(FIRMWARE, "198.51.100.9:8443")),
        [],
        "another port"
    );
    world.wait(Duration::from_hours(24 * 400));
    world.restart();
    assert_eq!(notes(&world.visit(FIRMWARE, OTHER)), []);
    assert_eq!(notes(&world.visit(SYSTEM, OTHER)), FIRST, "another owner");
    assert_eq!(
        notes(&world.visit(FIRMWARE, "198.51.100.10:443")),
        FIRST,
        "another address"
    );
    assert_eq!(
        notes(&world.visit(FIRMWARE, "[64:ff9b::198.51.100.10]:443")),
        [],
        "the same host"
    );
}

#[test]
fn what_the_very_first_look_finds_is_remembered_without_a_note() {
    let mut world = World::new();
    for host in 1..50 {
        let connection = world.connection(FIRMWARE, &format!("198.51.100.{host}:443"));
        assert_eq!(notes(&world.find(connection)), []);
    }
    let listener = world.listener(FIRMWARE, Table::Tcp, "0.0.0.0:5555");
    assert_eq!(notes(&world.find(listener)), []);
    assert_eq!(world.watch.history().destinations(), 49);
    assert_eq!(notes(&world.visit(FIRMWARE, "198.51.100.7:443")), []);
    assert_eq!(notes(&world.visit(FIRMWARE, "198.51.100.77:443")), FIRST);
}

#[test]
fn what_came_up_between_two_runs_is_noted() {
    let mut world = World::new();
    world.visit(FIRMWARE, OTHER);
    world.restart();
    let old = world.connection(FIRMWARE, OTHER);
    assert_eq!(notes(&world.find(old)), []);
    let new = world.connection(FIRMWARE, "198.51.100.10:443");
    assert_eq!(notes(&world.find(new)), FIRST);
}

#[test]
fn only_what_comes_with_the_phone_and_acts_for_itself_is_noted() {
    let mut world = World::new();
    for uid in [USER_APP, GO_BETWEEN, BROWSER, 2_000] {
        assert_eq!(notes(&world.visit(uid, OTHER)), [], "{uid}");
    }
    for uid in [FIRMWARE, PRELOADED, MIXED, SYSTEM] {
        assert_eq!(notes(&world.visit(uid, OTHER)), FIRST, "{uid}");
    }
    let mut unknown = world.connection(FIRMWARE, "198.51.100.10:443");
    (unknown.uid, unknown.inode) = (None, None);
    assert_eq!(notes(&world.open(unknown)), []);
}

#[test]
fn plain_linux_notes_nothing_of_it() {
    let settings = Settings::new(Platform::Linux, Scope::All);
    let mut world = World::with(settings, History::default());
    assert_eq!(notes(&world.visit(FIRMWARE, OTHER)), []);
    let listener = world.listener(FIRMWARE, Table::Tcp, "0.0.0.0:5555");
    assert_eq!(notes(&world.open(listener)), []);
}

#[test]
fn a_peer_that_contacted_us_and_this_machine_itself_are_no_destinations() {
    let mut world = World::new();
    let mut inbound = world.connection(FIRMWARE, OTHER);
    inbound.direction = Direction::In;
    assert_eq!(notes(&world.open(inbound)), []);
    for loopback in ["127.0.0.1:53", "[::1]:53"] {
        assert_eq!(notes(&world.visit(FIRMWARE, loopback)), []);
    }
    let mut practice = world.connection(FIRMWARE, OTHER);
    practice.practice = true;
    assert_eq!(notes(&world.open(practice)), []);
    assert_eq!(
        notes(&world.visit(FIRMWARE, OTHER)),
        FIRST,
        "nothing of this was remembered"
    );
}

#[test]
fn a_new_listener_is_noted_once_ever() {
    let mut world = World::new();
    let cases: [(Table, &str, &[NotedReason]); 14] = [
        (Table::Tcp, "0.0.0.0:5555", LISTENS),
        (Table::Tcp, "0.0.0.0:5555", &[]),
        (Table::Tcp6, "[::]:5555", &[]),
        (Table::Tcp, "127.0.0.1:5555", LISTENS),
        (Table::Tcp, "0.0.0.0:5556", LISTENS),
        // Any port that the kernel hands out is one listener.
        (Table::Tcp, "0.0.0.0:40000", LISTENS),
        (Table::Tcp, "0.0.0.0:40001", &[]),
        // A datagram socket on such a port is a client's.
        (Table::Udp, "0.0.0.0:40000", &[]),
        (Table::Udp, "0.0.0.0:0", &[]),
        (Table::Udp, "0.0.0.0:5353", LISTENS),
        (Table::Udp, "0.0.0.0:5353", &[]),
        (Table::Raw, "0.0.0.0:1", LISTENS),
        (Table::Raw, "0.0.0.0:1", &[]),
        (Table::Icmp, "0.0.0.0:7", &[]),
    ];
    for (table, local, expected) in cases {
        let listener = world.listener(FIRMWARE, table, local);
        assert_eq!(notes(&world.open(listener)), expected, "{table} {local}");
        world.close(listener);
    }
    world.restart();
    let listener = world.listener(FIRMWARE, Table::Tcp, "0.0.0.0:5555");
    assert_eq!(notes(&world.open(listener)), []);
}

#[test]
fn an_owner_that_is_learnt_later_is_noted_then() {
    let mut world = World::new();
    let learnt = world.connection(FIRMWARE, OTHER);
    let unknown = Connection {
        uid: None,
        inode: None,
        ..learnt
    };
    assert_eq!(notes(&world.open(unknown)), []);
    assert_eq!(
        notes(&world.change(learnt, SocketState::Established)),
        FIRST
    );
}

#[test]
fn what_is_muted_is_remembered_without_a_note() {
    let mut world = World::new();
    let rule = MuteRule::Owner(OwnerKey::of(&owner(Some(FIRMWARE))));
    world.watch.mute(rule.clone());
    world
        .watch
        .mute(MuteRule::Remote("198.51.100.10".parse().unwrap()));
    assert_eq!(notes(&world.visit(FIRMWARE, OTHER)), []);
    assert_eq!(notes(&world.visit(SYSTEM, "198.51.100.10:443")), []);
    world.watch.unmute(&rule);
    assert_eq!(notes(&world.visit(FIRMWARE, OTHER)), []);
    assert_eq!(notes(&world.visit(FIRMWARE, "198.51.100.11:443")), FIRST);
}

#[test]
fn bytes_without_a_connection_are_noted_once_a_day_for_owners_in_scope() {
    let mut world = World::new();
    let noted = |world: &mut World, uid| {
        let mut events = Vec::new();
        let now = world.now;
        world
            .watch
            .bytes_without_connection(&owner(Some(uid)), 2_048, now, &mut events);
        notes(&events)
    };
    assert_eq!(
        noted(&mut world, FIRMWARE),
        [NotedReason::BytesWithoutConnection(2_048)]
    );
    assert_eq!(noted(&mut world, FIRMWARE), []);
    assert_eq!(noted(&mut world, USER_APP), []);
    world.restart();
    world.wait(Duration::from_hours(24));
    assert_eq!(
        noted(&mut world, FIRMWARE),
        [NotedReason::BytesWithoutConnection(2_048)]
    );
    world.wait(Duration::from_hours(24));
    world
        .watch
        .mute(MuteRule::Owner(OwnerKey::of(&owner(Some(FIRMWARE)))));
    assert_eq!(noted(&mut world, FIRMWARE), []);
}

#[test]
#[cfg_attr(miri, ignore = "thousands of connections")]
fn a_flood_of_destinations_is_bounded_and_forgets_the_longest_unseen() {
    let mut world = World::new();
    world.visit(FIRMWARE, OTHER);
    for host in 0..3_000_u32 {
        world.wait(Duration::from_secs(1));
        let [_, _, high, low] = host.to_be_bytes();
        world.visit(FIRMWARE, &format!("10.1.{high}.{low}:443"));
        world.visit(SYSTEM, "198.51.100.10:443");
    }
    let kept = world.watch.history().destinations();
    assert!((1_700..=2_050).contains(&kept), "{kept}");
    assert_eq!(
        notes(&world.visit(FIRMWARE, "10.1.11.183:443")),
        [],
        "the latest is known"
    );
    assert_eq!(
        notes(&world.visit(SYSTEM, "198.51.100.10:443")),
        [],
        "of a quiet owner too"
    );
    assert_eq!(
        notes(&world.visit(FIRMWARE, OTHER)),
        FIRST,
        "the first is forgotten"
    );
}

#[test]
#[cfg_attr(miri, ignore = "thousands of connections")]
fn a_flood_of_weak_claims_is_bounded_and_costs_no_strong_one() {
    let mut world = World::new();
    let ads = list("ads.txt", portlog_model::Category::Tracker, "10.0.0.0/8\n");
    world.lists = portlog_blocklist::ListSet::new(vec![ads, threats()]);
    assert_eq!(levels(&world.visit(FIRMWARE, LISTED)), [Level::Match]);
    let mut long = world.connection(FIRMWARE, "10.2.0.1:443");
    assert!(notes(&world.open(long)).contains(&NotedReason::ListEntry));
    for host in 0..6_000_u32 {
        world.wait(Duration::from_secs(1));
        let [_, _, high, low] = host.to_be_bytes();
        world.visit(FIRMWARE, &format!("10.1.{high}.{low}:443"));
    }
    let claims = world.watch.history().claims().count();
    assert!((3_500..=4_096).contains(&claims), "{claims}");
    assert_eq!(
        levels(&world.visit(FIRMWARE, LISTED)),
        [],
        "still known, in its cool-down"
    );
    long.state = SocketState::CloseWait;
    assert_eq!(
        notes(&world.change(long, SocketState::Established)),
        [],
        "forgotten, not told again"
    );
}
