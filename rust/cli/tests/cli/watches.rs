//! The watch over captured trees with times of their own, and over this machine.

use serde_json::Value;

use crate::support::{Place, named};

const PHONE: [&str; 5] = [
    "watch",
    "--proc",
    "series",
    "--packages",
    "captures/packages/handset-9.pm.txt",
];

fn replayed(more: &[&str]) -> Vec<Value> {
    Place::new().events(&[&PHONE, more, &["--format", "ndjson"]].concat())
}

#[test]
fn a_watch_begins_with_started_and_ends_with_stopped() {
    let events = replayed(&[]);
    let first = &events[0];
    assert_eq!(first["event"], "started");
    assert_eq!(first["provenance"], "simulated");
    assert_eq!(first["platform"], "android");
    assert_eq!(first["scope"], "firmware");
    assert_eq!(first["packages_overridden"], true);
    assert_eq!(first["boot_id"], Value::Null);
    let last = events.last().unwrap();
    assert_eq!(last["event"], "stopped");
    assert!(events.iter().all(|event| event["device"] == Value::Null));
}

#[test]
fn a_connection_opens_changes_and_closes_between_two_looks() {
    let events = replayed(&[]);
    let sync = |name| -> Vec<&Value> {
        named(&events, name)
            .into_iter()
            .filter(|event| event["connection"]["local"] == "192.0.2.17:41223")
            .collect()
    };
    let opened = sync("opened");
    assert_eq!(opened.len(), 1);
    assert_eq!(opened[0]["after"], "2026-05-04T13:45:00.000Z");
    assert_eq!(opened[0]["by"], "2026-05-04T13:45:01.000Z");
    assert_eq!(opened[0]["connection"]["state"], "syn_sent");
    assert_eq!(opened[0]["connection"]["direction"], "out");
    assert_eq!(opened[0]["connection"]["uid"], 10012);
    assert_eq!(opened[0]["connection"]["owner"]["firmware"], "yes");
    let changed = sync("changed");
    assert_eq!(changed.len(), 1);
    assert_eq!(changed[0]["was"], "syn_sent");
    assert_eq!(changed[0]["connection"]["state"], "established");
    let closed = sync("closed");
    assert_eq!(closed.len(), 1);
    assert_eq!(closed[0]["after"], "2026-05-04T13:45:02.000Z");
    assert_eq!(closed[0]["by"], "2026-05-04T13:45:03.000Z");
}

#[test]
fn a_listed_host_raises_what_the_claim_allows() {
    let events = replayed(&["--list", "mine.txt"]);
    let list = named(&events, "list");
    assert_eq!(list.len(), 1);
    assert_eq!(list[0]["category"], "own");
    assert_eq!(list[0]["date"], "2099-04-01T00:00:00.000Z");
    let levels: Vec<(&str, &str)> = named(&events, "alert")
        .iter()
        .map(|alert| {
            (
                alert["level"].as_str().unwrap(),
                alert["owner"]["name"].as_str().unwrap(),
            )
        })
        .collect();
    // First SYN_SENT, then established: the level rises. A browser's UDP socket is no more than
    // possible, and a user's app is out of scope.
    assert_eq!(
        levels,
        [
            ("possible", "com.example.firmware"),
            ("match", "com.example.firmware"),
            ("possible", "com.android.browser"),
        ]
    );
    let stopped = events.last().unwrap();
    assert_eq!(
        (&stopped["matches"], &stopped["possible"]),
        (&1.into(), &2.into())
    );
    let alert = named(&events, "alert")[1];
    assert_eq!(alert["match"]["entry"], "203.0.113.7");
    assert_eq!(alert["match"]["line"], 3);
    assert_eq!(alert["connection"]["remote"], "203.0.113.7:80");
    assert!(alert["text"].as_str().unwrap().contains("203.0.113.7"));
    assert!(!alert["explanations"].as_array().unwrap().is_empty());
    assert!(!alert["advice"].as_array().unwrap().is_empty());
}

#[test]
fn the_same_replay_gives_the_same_events() {
    let once = replayed(&["--list", "mine.txt"]);
    let again = replayed(&["--list", "mine.txt"]);
    // What was told before the first tree carries the time of the replay.
    let of_trees = |events: &[Value]| -> Vec<Value> {
        events
            .iter()
            .filter(|event| event["time"].as_str().unwrap().starts_with("2026-05-04T"))
            .cloned()
            .collect()
    };
    assert!(of_trees(&once).len() > 10);
    assert_eq!(of_trees(&once), of_trees(&again));
}

#[test]
fn fail_on_alert_is_status_1_from_the_level_on() {
    let place = Place::new();
    for (more, status) in [
        (vec![], 0),
        (vec!["--fail-on-alert"], 0),
        (vec!["--list", "mine.txt"], 0),
        (vec!["--list", "mine.txt", "--fail-on-alert"], 1),
        (vec!["--list", "mine.txt", "--fail-on-alert=match"], 1),
        (vec!["--list", "mine.txt", "--fail-on-alert=possible"], 1),
        // A tracker is only noted.
        (
            vec!["--list", "tracker=mine.txt", "--fail-on-alert=possible"],
            0,
        ),
    ] {
        let ran = place.run(&[&PHONE, more.as_slice()].concat());
        assert_eq!(ran.status, Some(status), "{more:?}: {}", ran.stderr);
    }
    // The user's app alone is a match where every owner is in scope.
    place.write("app.txt", "198.51.100.0/24\n");
    let browser = [&PHONE[..], &["--list", "own=app.txt"]].concat();
    let ran = place.run(&[&browser[..], &["--fail-on-alert"]].concat());
    assert_eq!(ran.status, Some(0));
    let ran = place.run(&[&browser[..], &["--fail-on-alert=possible"]].concat());
    assert_eq!(ran.status, Some(1));
}

#[test]
fn flags_win_over_settings_and_settings_over_what_is_usual() {
    let place = Place::new();
    let scope_and_category = |more: &[&str]| {
        let events = place.events(&[&PHONE, more, &["--format", "ndjson"]].concat());
        let list = named(&events, "list")
            .first()
            .map(|list| list["category"].clone());
        (events[0]["scope"].clone(), list)
    };
    assert_eq!(scope_and_category(&[]), ("firmware".into(), None));
    assert_eq!(
        scope_and_category(&["--config", "config.toml"]),
        ("all".into(), Some("threat".into()))
    );
    assert_eq!(
        scope_and_category(&["--config", "config.toml", "--scope", "firmware"]),
        ("firmware".into(), Some("threat".into()))
    );
    assert_eq!(
        scope_and_category(&["--config", "config.toml", "--list", "reported=mine.txt"]),
        ("all".into(), Some("reported".into()))
    );
    // HOME is the place itself.
    place.write(".config/portlog/config.toml", "scope = 'all'\n");
    assert_eq!(scope_and_category(&[]), ("all".into(), None));
}

#[test]
fn lines_for_people_say_the_same() {
    let place = Place::new();
    let ran = place.run(&[&PHONE[..], &["--list", "mine.txt"]].concat());
    assert_eq!((ran.status, ran.stderr.as_str()), (Some(0), ""));
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert!(lines[0].contains("watches android"), "{}", lines[0]);
    assert!(lines[1].starts_with("NOT OBSERVED LIVE"), "{}", lines[1]);
    let has = |parts: &[&str]| {
        assert!(
            lines
                .iter()
                .any(|line| parts.iter().all(|part| line.contains(part))),
            "no {parts:?} in\n{}",
            ran.stdout
        );
    };
    has(&["Looked at (rows): tcp 1, udp 0, by procfs"]);
    has(&["tcp6", "absent, not looked at"]);
    has(&[
        "13:45:00",
        "present",
        "0.0.0.0:5555",
        "listening",
        "shell (2000)",
    ]);
    has(&[
        "13:45:01",
        "opened",
        "192.0.2.17:41223",
        "-> 203.0.113.7:80",
        "syn sent",
        "com.example.firmware (10012), firmware: yes",
    ]);
    has(&[
        "13:45:02",
        "changed",
        "established",
        "[match: mine.txt 203.0.113.7]",
    ]);
    has(&["13:45:02", "ALERT", "Match: com.example.firmware"]);
    has(&["What else could explain it:"]);
    has(&["What to do now:"]);
    // What is gone is noticed at the second look without it.
    has(&["13:45:04", "closed", "192.0.2.17:41223"]);
    has(&["stopped", "alerts 1 (match) and 2 (possible)"]);
    assert!(!ran.stdout.contains('\u{1b}'));
}

#[test]
fn bad_lines_of_a_list_are_summed_up_with_the_way_out() {
    let ran = Place::new().run(&[&PHONE[..], &["--list", "damaged.txt"]].concat());
    assert_eq!(ran.status, Some(0));
    assert_eq!(
        ran.stderr,
        "portlog: damaged.txt: 3 lines are not used (lines 3, 4, 7); see 'portlog list check \
         damaged.txt'\n\
         portlog: damaged.txt: dated 2023-04-01, more than 180 days ago; hosts change hands: look \
         for a newer list\n"
    );
}

#[test]
fn this_machine_is_watched_live_for_as_long_as_asked() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let local = listener.local_addr().unwrap().to_string();
    let place = Place::new();
    for source in ["auto", "diag", "procfs"] {
        let begin = std::time::Instant::now();
        let events = place.events(&[
            "watch",
            "--source",
            source,
            "--for",
            "1s",
            "--interval",
            "100ms",
            "--format",
            "ndjson",
        ]);
        assert!(begin.elapsed() >= std::time::Duration::from_secs(1));
        assert_eq!(events[0]["event"], "started");
        assert_eq!(events[0]["provenance"], "live");
        assert_eq!(events[0]["interval_ms"], 100);
        assert!(events[0]["boot_id"].is_string());
        let ours = named(&events, "opened")
            .into_iter()
            .find(|event| event["connection"]["local"] == *local)
            .unwrap_or_else(|| panic!("{local} is not seen by {source}"));
        assert_eq!(ours["after"], Value::Null);
        assert_eq!(ours["connection"]["state"], "listen");
        assert_eq!(ours["connection"]["own"], false);
        let covered = named(&events, "coverage");
        let tcp = covered
            .iter()
            .find(|event| event["table"] == "tcp")
            .unwrap();
        assert_eq!(tcp["status"], "readable");
        assert_eq!(
            tcp["source"],
            if source == "procfs" { "procfs" } else { "diag" }
        );
        assert_eq!(events.last().unwrap()["event"], "stopped");
    }
    let ran = place.run(&["watch", "--for", "300ms"]);
    assert_eq!(ran.status, Some(0), "{}", ran.stderr);
    let said = ran.stdout.matches("every owner is in scope").count();
    assert_eq!(said, 1, "{}", ran.stdout);
}

#[test]
fn colour_is_used_where_it_is_asked_for_only() {
    let place = Place::new();
    let coloured = |vars: &[(&str, &str)]| {
        let output = place
            .command(&[&PHONE[..], &["--list", "mine.txt"]].concat())
            .envs(vars.iter().copied())
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap().contains('\u{1b}')
    };
    assert!(!coloured(&[]));
    assert!(coloured(&[("CLICOLOR_FORCE", "1")]));
    assert!(!coloured(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
}
