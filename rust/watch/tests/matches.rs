//! What an entry or a name says about a connection.

mod common;

use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use common::*;
use portlog_blocklist::{ContentNetworks, ListSet};
use portlog_model::{
    Category, Change, Connection, Direction, EventKind, HitKind, Level, Owner, Platform, Program,
    SocketState, Table, Uid, Weakening,
};
use portlog_watch::{History, Scope, Settings};

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_hours(1);

#[test]
fn a_users_app_raises_nothing_and_its_socket_shows_the_entry() {
    let mut world = World::new();
    let connection = world.connection(USER_APP, LISTED);
    let events = world.open(connection);
    let [EventKind::Opened { observed, .. }] =
        events.iter().map(|event| &event.kind).collect::<Vec<_>>()[..]
    else {
        panic!("{events:?}")
    };
    assert_eq!(observed.matches[0].level, Level::Noted);
    assert_eq!(observed.matches[0].weakened, [Weakening::OutOfScope]);
    assert_eq!(world.watch.history().claims().count(), 0);

    let mut all = World::with(
        Settings::new(Platform::Android, Scope::All),
        History::default(),
    );
    assert_eq!(levels(&all.visit(USER_APP, LISTED)), [Level::Match]);
    let mut linux = World::with(
        Settings::new(Platform::Linux, Scope::Firmware),
        History::default(),
    );
    assert_eq!(levels(&linux.visit(USER_APP, LISTED)), [Level::Match]);
}

#[test]
fn own_sockets_raise_nothing_and_are_told() {
    let mut world = World::new();
    let mut own = world.connection(FIRMWARE, LISTED);
    own.own = true;
    let events = world.open(own);
    assert_eq!(events.len(), 1);
    let EventKind::Opened { observed, .. } = &events[0].kind else {
        panic!("{events:?}")
    };
    assert!(observed.matches.is_empty());
    assert_eq!(world.watch.history().destinations(), 0);
}

#[test]
fn names_raise_by_asker_and_age() {
    type Row = (Option<u32>, u64, Level, &'static [Weakening]);
    let rows: [Row; 6] = [
        (Some(FIRMWARE), 0, Level::Match, &[]),
        (Some(FIRMWARE), 360, Level::Match, &[]),
        (
            Some(FIRMWARE),
            361,
            Level::Possible,
            &[Weakening::NotAskedJustBefore],
        ),
        (
            Some(BROWSER),
            0,
            Level::Possible,
            &[Weakening::AskedByAnother],
        ),
        (None, 0, Level::Possible, &[Weakening::AskerUnknown]),
        (
            None,
            1_000,
            Level::Possible,
            &[Weakening::AskerUnknown, Weakening::NotAskedJustBefore],
        ),
    ];
    for (asker, age, level, weakened) in rows {
        let mut world = World::new();
        world.learn("sub.bad.test", asker);
        world.wait(Duration::from_secs(age));
        let connection = world.connection(FIRMWARE, OTHER);
        let events = world.open(connection);
        assert_eq!(levels(&events), [level], "{asker:?} {age}");
        let alert = &alerts(&events)[0];
        let matched = alert.matched.as_ref().unwrap();
        assert_eq!(matched.weakened, weakened);
        assert_eq!(
            (&*matched.hit.entry, matched.hit.kind),
            ("bad.test", HitKind::Domain)
        );
        assert_eq!(alert.observed.as_ref().unwrap().names.len(), 1);
    }
}

#[test]
fn a_long_connection_does_not_outlive_the_name_it_was_made_for() {
    let mut world = World::new();
    world.learn("bad.test", Some(FIRMWARE));
    let mut connection = world.connection(FIRMWARE, OTHER);
    world.open(connection);
    world.wait(10 * HOUR);
    connection.state = SocketState::CloseWait;
    let events = world.change(connection, SocketState::Established);
    let EventKind::Changed { observed, .. } = &events[0].kind else {
        panic!("{events:?}")
    };
    assert_eq!(observed.matches[0].level, Level::Match);
}

#[test]
fn a_name_asked_for_after_the_connection_is_at_most_possible() {
    let mut world = World::new();
    let connection = world.connection(FIRMWARE, OTHER);
    world.wait(SECOND);
    world.learn("bad.test", Some(FIRMWARE));
    let events = world.open(connection);
    assert_eq!(levels(&events), [Level::Possible]);
}

#[test]
fn the_silent_one_of_two_who_share_an_address_is_not_accused() {
    let mut world = World::new();
    world.learn("bad.test", Some(FIRMWARE));
    assert_eq!(levels(&world.visit(FIRMWARE, OTHER)), [Level::Match]);
    assert_eq!(levels(&world.visit(SYSTEM, OTHER)), [Level::Possible]);
}

#[test]
fn a_pinned_answer_is_possible_for_fourteen_days() {
    let mut world = World::new();
    pin(&mut world.names, "bad.test", "198.51.100.9", world.now.wall);
    world.wait(14 * 24 * HOUR);
    let events = world.visit(FIRMWARE, OTHER);
    assert_eq!(levels(&events), [Level::Possible]);
    let matched = alerts(&events)[0].matched.clone().unwrap();
    assert_eq!(
        (matched.hit.kind, matched.weakened),
        (HitKind::Pinned, vec![Weakening::PinnedAnswer])
    );
    world.wait(SECOND);
    let connection = world.connection(FIRMWARE, OTHER);
    let events = world.open(connection);
    let EventKind::Opened { observed, .. } = &events[0].kind else {
        panic!("{events:?}")
    };
    assert!(observed.names.is_empty() && observed.matches.is_empty());
}

#[test]
fn an_entry_hit_by_address_and_by_name_is_one_match_at_the_stronger_level() {
    let mut world = World::new();
    world.lists = ListSet::new(vec![list("mine.txt", Category::Own, "bad.test\n")]);
    for asker in [None, Some(FIRMWARE), Some(BROWSER)] {
        world.learn("bad.test", asker);
    }
    let events = world.visit(FIRMWARE, OTHER);
    assert_eq!(levels(&events), [Level::Match]);
}

#[test]
fn ipv6_and_nat64_peers_are_judged_by_their_addresses() {
    let mut world = World::new();
    assert_eq!(
        levels(&world.visit(FIRMWARE, "[2001:db8::7]:443")),
        [Level::Match]
    );
    let events = world.visit(FIRMWARE, "[64:ff9b::203.0.113.7]:443");
    assert_eq!(levels(&events), [Level::Match]);
    assert_eq!(
        &*alerts(&events)[0].matched.as_ref().unwrap().hit.entry,
        "203.0.113.7"
    );
    for same_host in ["[::ffff:203.0.113.7]:443", LISTED] {
        assert_eq!(levels(&world.visit(FIRMWARE, same_host)), [], "{same_host}");
    }
}

#[test]
fn datagrams_and_contacts_from_outside_are_at_most_possible() {
    let mut world = World::new();
    let mut udp = world.connection(FIRMWARE, LISTED);
    udp.table = Table::Udp;
    assert_eq!(levels(&world.open(udp)), [Level::Possible]);
    let mut inbound = world.connection(FIRMWARE, "192.0.2.9:5000");
    inbound.direction = Direction::In;
    assert_eq!(levels(&world.open(inbound)), [Level::Possible]);
}

#[test]
fn each_list_that_has_the_address_speaks_for_itself() {
    let mut world = World::new();
    let mine = list("mine.txt", Category::Own, "203.0.113.7\n");
    world.lists = ListSet::new(vec![threats(), mine]);
    assert_eq!(alerts(&world.visit(FIRMWARE, LISTED)).len(), 2);
}

#[test]
fn looking_anew_judges_open_connections_by_a_new_list() {
    let mut world = World::new();
    let listed = ListSet::new(vec![threats()]);
    world.lists = ListSet::new(Vec::new());
    let connection = world.connection(FIRMWARE, LISTED);
    assert_eq!(levels(&world.open(connection)), []);
    assert_eq!(
        world.change(connection, connection.state).len(),
        0,
        "nothing differs"
    );
    world.lists = listed;
    let events = world.change(connection, connection.state);
    assert_eq!(levels(&events), [Level::Match]);
    assert!(matches!(events[0].kind, EventKind::Changed { .. }));
    assert_eq!(
        world.change(connection, connection.state).len(),
        0,
        "told once"
    );
}

/// Owners with a program that is found once, and asked for as often as `asked` says.
fn look(world: &mut World, change: Change, asked: &Cell<u32>, program: Option<&str>) -> Arc<Owner> {
    let mut owner_of = |connection: &Connection| {
        asked.set(asked.get() + 1);
        let mut owner = Owner::clone(&owner(connection.uid.map(Uid::get)));
        owner.program = program.map(|name| Program {
            name: Arc::from(name),
            pid: 42,
        });
        Arc::new(owner)
    };
    let (now, mut events) = (world.now, Vec::new());
    world.watch.observe(
        &[change],
        now,
        &mut owner_of,
        &world.lists,
        &world.names,
        &mut events,
    );
    let id = change.connection().id;
    world
        .watch
        .observed(id)
        .map_or_else(|| owner(None), |observed| Arc::clone(&observed.owner))
}

#[test]
fn the_owner_is_asked_for_once() {
    let mut world = World::new();
    let mut connection = world.connection(FIRMWARE, LISTED);
    let asked = Cell::new(0);
    let (after, by) = (Some(world.now), world.now);
    connection.state = SocketState::SynSent;
    look(
        &mut world,
        Change::Opened {
            connection,
            after,
            by,
        },
        &asked,
        None,
    );
    connection.state = SocketState::Established;
    let was = SocketState::SynSent;
    look(
        &mut world,
        Change::Changed {
            connection,
            was,
            after,
            by,
        },
        &asked,
        None,
    );
    look(
        &mut world,
        Change::Closed {
            connection,
            after,
            by,
        },
        &asked,
        None,
    );
    assert_eq!(asked.get(), 1);
}

#[test]
fn the_owner_is_asked_for_again_when_the_inode_is_learnt() {
    let mut world = World::new();
    let mut connection = world.connection(FIRMWARE, LISTED);
    let asked = Cell::new(0);
    let inode = connection.inode.take();
    let (was, after, by) = (connection.state, Some(world.now), world.now);
    look(
        &mut world,
        Change::Opened {
            connection,
            after,
            by,
        },
        &asked,
        None,
    );
    connection.inode = inode;
    let changed = Change::Changed {
        connection,
        was,
        after,
        by,
    };
    let owner = look(&mut world, changed, &asked, Some("fetcher"));
    assert_eq!(asked.get(), 2);
    assert!(owner.program.is_some());
}

#[test]
fn a_program_that_ended_stays_the_one_that_was_found() {
    let mut world = World::new();
    let connection = world.connection(FIRMWARE, LISTED);
    let asked = Cell::new(0);
    let (was, after, by) = (connection.state, Some(world.now), world.now);
    look(
        &mut world,
        Change::Opened {
            connection,
            after,
            by,
        },
        &asked,
        Some("fetcher"),
    );
    let anew = Change::Changed {
        connection,
        was,
        after,
        by,
    };
    assert!(look(&mut world, anew, &asked, None).program.is_some());
    assert_eq!(asked.get(), 2, "looked anew");
}

#[test]
fn what_the_kernel_stops_telling_is_remembered() {
    let mut world = World::new();
    let connection = world.connection(FIRMWARE, LISTED);
    world.open(connection);
    let waiting = Connection {
        uid: None,
        inode: None,
        state: SocketState::TimeWait,
        ..connection
    };
    let events = world.change(waiting, SocketState::Established);
    let [EventKind::Changed { observed, .. }] =
        events.iter().map(|event| &event.kind).collect::<Vec<_>>()[..]
    else {
        panic!("{events:?}")
    };
    assert_eq!(observed.owner.uid, Some(Uid::new(FIRMWARE)));
}

#[test]
fn a_connection_that_ends_in_an_unestablished_state_was_still_established() {
    let mut world = World::new();
    let mut connection = world.connection(FIRMWARE, LISTED);
    world.open(connection);
    connection.state = SocketState::Close;
    let events = world.change(connection, SocketState::Established);
    let EventKind::Changed { observed, .. } = &events[0].kind else {
        panic!("{events:?}")
    };
    assert_eq!(observed.matches[0].level, Level::Match);
}

#[test]
fn an_address_that_serves_many_is_at_most_possible() {
    let mut world = World::new();
    let mut ranges = ContentNetworks::default();
    let remote: std::net::SocketAddr = LISTED.parse().unwrap();
    ranges
        .add("ranges.txt", None, format!("{}\n", remote.ip()).as_bytes())
        .unwrap();
    let lists = std::mem::replace(&mut world.lists, ListSet::new(Vec::new()));
    world.lists = lists.beside(ranges);
    let events = world.visit(FIRMWARE, LISTED);
    assert_eq!(levels(&events), [Level::Possible]);
    let weakened = events.iter().find_map(|event| match &event.kind {
        EventKind::Alert(alert) => alert.matched.as_ref().map(|it| it.weakened.clone()),
        _ => None,
    });
    assert_eq!(weakened, Some(vec![Weakening::ContentNetwork]));
}
