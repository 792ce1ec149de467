//! What is heard: mutes, the day's limit, practice, levels that are silent.

mod common;

use std::sync::Arc;
use std::time::Duration;

use common::*;
use portlog_blocklist::ListSet;
use portlog_model::{Category, Level, NotedReason, Platform, SocketState};
use portlog_watch::{History, MuteRule, OwnerKey, Scope, Settings};

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);

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
