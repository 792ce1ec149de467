//! Alerts over time: raised once, raised again, counted, muted, bundled.

mod common;

use std::sync::Arc;
use std::time::Duration;

use common::*;
use portlog_blocklist::ListSet;
use portlog_model::{
    Category, Change, Connection, Direction, EventKind, HitKind, Inode, Level, NameSource,
    NotedReason, Platform, SocketState, Table, Uid, Weakening,
};
use portlog_watch::{History, MuteRule, OwnerKey, Scope, Settings};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);
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
    assert_eq!(
        world
            .visit(FIRMWARE, LISTED)
            .iter()
            .filter(is_alert)
            .count(),
        1
    );
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
fn each_list_that_has_the_address_speaks_for_itself() {
    let mut world = World::new();
    let mine = list("mine.txt", Category::Own, "203.0.113.7\n");
    world.lists = ListSet::new(vec![threats(), mine]);
    assert_eq!(alerts(&world.visit(FIRMWARE, LISTED)).len(), 2);
}

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
fn practice_runs_the_whole_way_and_leaves_no_trace() {
    let mut world = World::new();
    for _ in 0..8 {
        let mut practice = world.connection(USER_APP, LISTED);
        practice.practice = true;
        practice.state = SocketState::SynSent;
        assert_eq!(levels(&world.open(practice)), [Level::Possible]);
        practice.state = SocketState::Established;
        let events = world.change(practice, SocketState::SynSent);
        assert_eq!(levels(&events), [Level::Match]);
        assert!(alerts(&events)[0].sounds);
        assert!(
            alerts(&events)[0]
                .observed
                .as_ref()
                .unwrap()
                .connection
                .practice
        );
        assert_eq!(levels(&world.close(practice)), []);
    }
    assert_eq!(world.watch.history().claims().count(), 0);
    let events = world.visit(FIRMWARE, LISTED);
    assert_eq!(
        (alerts(&events)[0].count, alerts(&events)[0].sounds),
        (1, true)
    );
}

#[test]
fn mutes_by_owner_entry_and_remote_count_on_in_silence() {
    let system = OwnerKey::of(&owner(Some(FIRMWARE)));
    for rule in [
        MuteRule::Owner(system),
        MuteRule::Entry(Arc::from("203.0.113.7")),
        MuteRule::Remote("203.0.113.7".parse().unwrap()),
    ] {
        let mut world = World::new();
        assert!(world.watch.mute(rule.clone()));
        assert!(!world.watch.mute(rule.clone()), "already");
        for _ in 0..3 {
            assert_eq!(levels(&world.visit(FIRMWARE, LISTED)), [], "{rule:?}");
        }
        world.restart();
        assert_eq!(levels(&world.visit(FIRMWARE, LISTED)), [], "kept: {rule:?}");
        assert!(world.watch.unmute(&rule));
        assert!(!world.watch.unmute(&rule));
        let events = world.visit(FIRMWARE, LISTED);
        assert_eq!(alerts(&events)[0].count, 5, "{rule:?}");
        assert!(alerts(&events)[0].sounds, "muted ones use up no sound");
    }
}

#[test]
fn a_mute_is_for_what_it_names_alone() {
    let mut world = World::new();
    world
        .watch
        .mute(MuteRule::Remote("203.0.113.7".parse().unwrap()));
    assert_eq!(
        levels(&world.visit(FIRMWARE, "192.0.2.1:80")),
        [Level::Match]
    );
}

#[test]
fn six_matches_a_day_sound_and_the_next_sound_together() {
    let mut world = World::new();
    let mut heard = Vec::new();
    for host in 1..=9 {
        world.wait(MINUTE);
        heard.extend(alerts(
            &world.visit(FIRMWARE, &format!("192.0.2.{host}:80")),
        ));
    }
    assert_eq!(heard.len(), 9, "all are told");
    assert_eq!(heard.iter().filter(|alert| alert.sounds).count(), 6);
    assert!(heard.iter().all(|alert| alert.bundled == 0));
    world.wait(6 * HOUR);
    world.restart();
    let events = world.visit(FIRMWARE, "192.0.2.10:80");
    assert_eq!(
        (alerts(&events)[0].sounds, alerts(&events)[0].bundled),
        (true, 4)
    );
}

#[test]
fn possible_alerts_are_silent_and_use_up_no_sound() {
    let mut world = World::new();
    for host in 1..=9 {
        let events = world.visit(GO_BETWEEN, &format!("192.0.2.{host}:80"));
        assert_eq!(levels(&events), [Level::Possible]);
        assert!(!alerts(&events)[0].sounds);
    }
    assert!(alerts(&world.visit(FIRMWARE, LISTED))[0].sounds);
}

#[test]
fn a_user_may_choose_what_sounds() {
    let mut settings = Settings::new(Platform::Android, Scope::Firmware);
    settings.sounds_from = Level::Possible;
    let mut world = World::with(settings, History::default());
    let events = world.visit(GO_BETWEEN, LISTED);
    assert_eq!(
        (alerts(&events)[0].level, alerts(&events)[0].sounds),
        (Level::Possible, true)
    );
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
fn names_raise_by_asker_and_age() {
    let cases: [(Option<u32>, u64, u64, Level, &[Weakening]); 6] = [
        (Some(FIRMWARE), 0, 60, Level::Match, &[]),
        (Some(FIRMWARE), 360, 60, Level::Match, &[]),
        (
            Some(FIRMWARE),
            361,
            60,
            Level::Possible,
            &[Weakening::NotAskedJustBefore],
        ),
        (
            Some(BROWSER),
            0,
            60,
            Level::Possible,
            &[Weakening::AskedByAnother],
        ),
        (None, 0, 60, Level::Possible, &[Weakening::AskerUnknown]),
        (
            None,
            1_000,
            60,
            Level::Possible,
            &[Weakening::AskerUnknown, Weakening::NotAskedJustBefore],
        ),
    ];
    for (asker, age, ttl, level, weakened) in cases {
        let mut world = World::new();
        let asked = world.now;
        let name = tap("sub.bad.test", "198.51.100.9", asker, asked, ttl);
        world.names.0.insert(name.address, vec![name]);
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
    let name = tap("bad.test", "198.51.100.9", Some(FIRMWARE), world.now, 60);
    world.names.0.insert(name.address, vec![name]);
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
    let name = tap("bad.test", "198.51.100.9", Some(FIRMWARE), world.now, 60);
    world.names.0.insert(name.address, vec![name]);
    let events = world.open(connection);
    assert_eq!(levels(&events), [Level::Possible]);
}

#[test]
fn the_silent_one_of_two_who_share_an_address_is_not_accused() {
    let mut world = World::new();
    let name = tap("bad.test", "198.51.100.9", Some(FIRMWARE), world.now, 60);
    world.names.0.insert(name.address, vec![name]);
    assert_eq!(levels(&world.visit(FIRMWARE, OTHER)), [Level::Match]);
    assert_eq!(levels(&world.visit(SYSTEM, OTHER)), [Level::Possible]);
}

#[test]
fn a_pinned_answer_is_possible_for_fourteen_days() {
    let mut world = World::new();
    let mut name = tap("bad.test", "198.51.100.9", None, world.now, 60);
    name.source = NameSource::Pinned;
    world.names.0.insert(name.address, vec![name]);
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
    let by = |asker| tap("bad.test", "198.51.100.9", asker, moment(0), 60);
    world.names.0.insert(
        by(None).address,
        vec![by(None), by(Some(FIRMWARE)), by(Some(BROWSER))],
    );
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
fn a_mute_of_a_nat64_address_is_one_of_the_host() {
    let mut world = World::new();
    world
        .watch
        .mute(MuteRule::Remote("64:ff9b::203.0.113.7".parse().unwrap()));
    assert_eq!(levels(&world.visit(FIRMWARE, LISTED)), []);
    assert_eq!(
        levels(&world.visit(FIRMWARE, "[64:ff9b::203.0.113.7]:443")),
        []
    );
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
fn noted_lists_are_noted_once_a_day() {
    let mut world = World::new();
    world.lists = ListSet::new(vec![list("ads.txt", Category::Tracker, "203.0.113.7\n")]);
    let listed = |events: &[_]| {
        notes(events)
            .iter()
            .filter(|reason| **reason == NotedReason::ListEntry)
            .count()
    };
    let events = world.visit(FIRMWARE, LISTED);
    assert_eq!((listed(&events), alerts(&events).len()), (1, 0));
    for _ in 0..23 {
        world.wait(HOUR);
        assert_eq!(listed(&world.visit(FIRMWARE, LISTED)), 0);
    }
    world.restart();
    world.wait(HOUR);
    assert_eq!(listed(&world.visit(FIRMWARE, LISTED)), 1);
    assert_eq!(listed(&world.visit(USER_APP, LISTED)), 0, "out of scope");
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

#[test]
fn the_owner_is_asked_for_once() {
    let mut world = World::new();
    let mut connection = world.connection(FIRMWARE, LISTED);
    let asked = std::cell::Cell::new(0);
    let look = |world: &mut World, change: Change| {
        let now = world.now;
        let mut owner_of = |connection: &Connection| {
            asked.set(asked.get() + 1);
            owner(connection.uid.map(Uid::get))
        };
        let mut events = Vec::new();
        world.watch.observe(
            &[change],
            now,
            &mut owner_of,
            &world.lists,
            &world.names,
            &mut events,
        );
    };
    let (after, by) = (Some(world.now), world.now);
    connection.state = SocketState::SynSent;
    look(
        &mut world,
        Change::Opened {
            connection,
            after,
            by,
        },
    );
    connection.state = SocketState::Established;
    look(
        &mut world,
        Change::Changed {
            connection,
            was: SocketState::SynSent,
            after,
            by,
        },
    );
    look(
        &mut world,
        Change::Closed {
            connection,
            after,
            by,
        },
    );
    assert_eq!(asked.get(), 1);
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

fn is_alert(event: &&portlog_model::Event) -> bool {
    matches!(event.kind, EventKind::Alert(_))
}
