//! Names: what is claimed of a question alone, and whose question counts for a connection.

mod common;

use std::sync::Arc;
use std::time::Duration;

use common::*;
use portlog_blocklist::ListSet;
use portlog_model::{
    Category, Event, EventKind, HitKind, Level, NotedReason, SocketState, Uid, Weakening,
};
use portlog_names::{AddressRecord, Answer};
use portlog_watch::{History, MuteRule, OwnerKey, Peer};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);

fn ask(world: &mut World, uid: u32, name: &str) -> Vec<Event> {
    let mut events = Vec::new();
    let (owner, name) = (Arc::new(owner(Some(uid))), Arc::from(name));
    world
        .watch
        .asked(&owner, &name, world.now, &world.lists, &mut events);
    events
}

#[test]
fn a_firmware_owner_that_asks_for_a_listed_name_is_told_and_no_connection_is() {
    let mut world = World::new();
    let events = ask(&mut world, FIRMWARE, "sub.bad.test");
    assert_eq!(levels(&events), [Level::Possible]);
    let alert = &alerts(&events)[0];
    assert!(alert.observed.is_none());
    assert_eq!(alert.asked.as_deref(), Some("sub.bad.test"));
    assert_eq!(alert.owner.uid, Some(Uid::new(FIRMWARE)));
    assert_eq!((alert.count, alert.sounds), (1, false));
    let matched = alert.matched.as_ref().unwrap();
    assert_eq!(
        (&*matched.hit.entry, matched.hit.kind),
        ("bad.test", HitKind::Asked)
    );
    assert_eq!(matched.weakened, [Weakening::NameAlone]);
    let (key, claim) = world.watch.history().claims().next().unwrap();
    assert_eq!(key.peer, Peer::Name(Arc::from("sub.bad.test")));
    assert_eq!((claim.count, claim.level), (1, Level::Possible));
}

#[test]
fn whoever_is_out_of_scope_or_unlisted_is_not_told() {
    let mut world = World::new();
    for (uid, name) in [
        (USER_APP, "bad.test"),
        (FIRMWARE, "good.test"),
        (FIRMWARE, "notbad.test"),
        (FIRMWARE, "203.0.113.7"),
        (FIRMWARE, ""),
    ] {
        assert_eq!(ask(&mut world, uid, name), [], "{uid} {name}");
    }
    let nobody = Arc::new(owner(None));
    let (name, mut events) = (Arc::from("bad.test"), Vec::new());
    world
        .watch
        .asked(&nobody, &name, world.now, &world.lists, &mut events);
    assert_eq!(events, [], "nobody known asked");
    assert_eq!(world.watch.history().claims().count(), 0);
}

#[test]
fn what_weakens_an_owner_weakens_its_question() {
    for (uid, weakening) in [
        (GO_BETWEEN, Weakening::Role(portlog_model::Role::GoBetween)),
        (BROWSER, Weakening::Role(portlog_model::Role::UserFacing)),
        (
            MIXED,
            Weakening::FirmwareUncertain(portlog_model::Firmware::Mixed),
        ),
    ] {
        let mut world = World::new();
        let events = ask(&mut world, uid, "bad.test");
        let matched = alerts(&events)[0].matched.clone().unwrap();
        assert_eq!(matched.level, Level::Possible);
        assert!(matched.weakened.contains(&weakening), "{matched:?}");
        assert!(matched.weakened.contains(&Weakening::NameAlone));
    }
}

#[test]
fn a_question_for_an_entry_that_is_only_noted_is_noted_once_a_day() {
    let mut world = World::new();
    world.lists = ListSet::new(vec![list("t.txt", Category::Tracker, "bad.test\n")]);
    let events = ask(&mut world, FIRMWARE, "bad.test");
    let [
        Event {
            kind: EventKind::Noted(alert, NotedReason::ListEntry),
            ..
        },
    ] = events.as_slice()
    else {
        panic!("{events:?}")
    };
    assert_eq!((alert.level, alert.sounds), (Level::Noted, false));
    world.wait(23 * HOUR);
    assert_eq!(ask(&mut world, FIRMWARE, "bad.test"), []);
    world.wait(HOUR);
    assert_eq!(ask(&mut world, FIRMWARE, "bad.test").len(), 1);
}

#[test]
fn a_question_cools_down_is_counted_muted_and_remembered_as_other_claims_are() {
    let mut world = World::new();
    assert_eq!(ask(&mut world, FIRMWARE, "bad.test").len(), 1);
    for _ in 0..5 {
        world.wait(HOUR);
        assert_eq!(ask(&mut world, FIRMWARE, "bad.test"), []);
    }
    assert_eq!(
        ask(&mut world, FIRMWARE, "www.bad.test").len(),
        1,
        "another name"
    );
    assert_eq!(
        ask(&mut world, SYSTEM, "bad.test").len(),
        1,
        "another owner"
    );

    // A restart in between.
    let text = serde_json::to_string(world.watch.history()).unwrap();
    assert!(text.contains("\"remote\":\"bad.test\""), "{text}");
    let history: History = serde_json::from_str(&text).unwrap();
    assert_eq!(history, *world.watch.history());
    world.watch.remember(history);
    world.wait(MINUTE);
    assert_eq!(ask(&mut world, FIRMWARE, "bad.test"), []);

    world.wait(HOUR);
    let events = ask(&mut world, FIRMWARE, "bad.test");
    assert_eq!(alerts(&events)[0].count, 8);

    for rule in [
        MuteRule::Owner(OwnerKey::of(&owner(Some(FIRMWARE)))),
        MuteRule::Entry("bad.test".into()),
    ] {
        assert!(world.watch.mute(rule.clone()));
        world.wait(7 * HOUR);
        assert_eq!(ask(&mut world, FIRMWARE, "bad.test"), [], "{rule:?}");
        assert!(world.watch.unmute(&rule));
    }
    assert_eq!(alerts(&ask(&mut world, FIRMWARE, "bad.test"))[0].count, 11);
}

#[test]
fn a_connection_that_follows_a_question_is_a_claim_of_its_own() {
    let mut world = World::new();
    world.learn("bad.test", Some(FIRMWARE));
    assert_eq!(
        levels(&ask(&mut world, FIRMWARE, "bad.test")),
        [Level::Possible]
    );
    world.wait(SECOND);
    let events = world.visit(FIRMWARE, OTHER);
    assert_eq!(levels(&events), [Level::Match]);
    assert!(alerts(&events)[0].asked.is_none());
}

/// Asks for several names that have one address, as behind a content network.
fn share(world: &mut World, uid: u32, count: u32) {
    for number in 0..count {
        world.learn(&format!("host.site-{number}.test"), Some(uid));
    }
}

#[test]
fn of_two_uids_behind_one_shared_address_the_silent_one_is_no_match() {
    let mut world = World::new();
    world.learn("bad.test", Some(FIRMWARE));
    share(&mut world, SYSTEM, 4);
    world.wait(SECOND);
    // The one that asked, and the one that asked for others at the same address.
    let events = world.visit(FIRMWARE, OTHER);
    assert_eq!(levels(&events), [Level::Match]);
    assert!(alerts(&events)[0].observed.as_ref().unwrap().shared_address);
    let events = world.visit(SYSTEM, OTHER);
    assert_eq!(levels(&events), [Level::Possible]);
    let matched = alerts(&events)[0].matched.clone().unwrap();
    assert_eq!(matched.weakened, [Weakening::AskedByAnother]);
    // Without the others, the address is one host's.
    let mut world = World::new();
    world.learn("bad.test", Some(FIRMWARE));
    let events = world.visit(FIRMWARE, OTHER);
    assert!(!alerts(&events)[0].observed.as_ref().unwrap().shared_address);
}

#[test]
fn a_question_that_comes_after_the_connection_does_not_turn_it() {
    let mut world = World::new();
    let mut connection = world.connection(FIRMWARE, OTHER);
    assert_eq!(levels(&world.open(connection)), []);
    world.wait(MINUTE);
    world.learn("bad.test", Some(FIRMWARE));
    connection.state = SocketState::CloseWait;
    let events = world.change(connection, SocketState::Established);
    assert_eq!(levels(&events), [Level::Possible]);
    let matched = alerts(&events)[0].matched.clone().unwrap();
    assert_eq!(matched.weakened, [Weakening::NotAskedJustBefore]);
}

#[test]
fn a_question_that_is_repeated_keeps_the_connection_that_it_was_made_for() {
    let mut world = World::new();
    world.learn("bad.test", Some(FIRMWARE));
    world.wait(SECOND);
    let mut connection = world.connection(FIRMWARE, OTHER);
    assert_eq!(levels(&world.open(connection)), [Level::Match]);
    // Every five minutes again: the latest time alone would say "afterwards".
    for _ in 0..3 {
        world.wait(5 * MINUTE);
        world.learn("bad.test", Some(FIRMWARE));
    }
    connection.state = SocketState::CloseWait;
    let events = world.change(connection, SocketState::Established);
    let EventKind::Changed { observed, .. } = &events[0].kind else {
        panic!("{events:?}")
    };
    assert_eq!(observed.matches[0].level, Level::Match);
}

#[test]
fn as_many_names_are_looked_at_as_a_table_keeps() {
    let mut world = World::new();
    // The listed one is the first of sixteen that were asked for.
    world.learn("bad.test", Some(FIRMWARE));
    share(&mut world, FIRMWARE, 15);
    for number in 0..16 {
        let name = format!("pinned-{number}.test");
        pin(&mut world.names, &name, "198.51.100.9", world.now.wall);
    }
    let events = world.visit(FIRMWARE, OTHER);
    assert_eq!(levels(&events), [Level::Match]);
    let observed = alerts(&events)[0].observed.clone().unwrap();
    assert_eq!(observed.names.len(), 32);
}

#[test]
fn aliases_on_the_way_are_names_of_the_address() {
    let mut world = World::new();
    world.names.learn(&Answer {
        name: "www.good.test",
        asker: Some(Uid::new(FIRMWARE)),
        at: world.now,
        aliases: &[portlog_names::Alias {
            name: "www.good.test",
            target: "edge.bad.test",
            ttl: 60,
        }],
        addresses: &[AddressRecord {
            name: "edge.bad.test",
            address: "198.51.100.9".parse().unwrap(),
            ttl: 60,
        }],
    });
    assert_eq!(ask(&mut world, FIRMWARE, "www.good.test"), []);
    assert_eq!(levels(&world.visit(FIRMWARE, OTHER)), [Level::Match]);
}
