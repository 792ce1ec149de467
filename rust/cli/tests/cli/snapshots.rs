//! Snapshots of captured trees and of this machine.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;

use serde_json::Value;

use crate::support::{Place, Ran};

const FIELDS: [&str; 13] = [
    "protocol",
    "local",
    "remote",
    "state",
    "direction",
    "uid",
    "user",
    "inode",
    "own",
    "owner",
    "names",
    "matches",
    "device",
];

#[test]
fn captured_trees_show_every_row_that_can_be_used() {
    let place = Place::new();
    let mut trees = 0;
    for entry in fs::read_dir(place.path("captures")).unwrap() {
        let tree = entry.unwrap().path();
        if !tree.join("net/tcp").exists() {
            continue;
        }
        trees += 1;
        let tree = tree.to_str().unwrap();
        let snapshot = place.json(&["snapshot", "--proc", tree, "--format", "json"]);
        assert_ne!(snapshot["provenance"], "live", "{tree}");
        let mut rows: BTreeMap<&str, u64> = BTreeMap::new();
        for socket in snapshot["sockets"].as_array().unwrap() {
            for field in FIELDS {
                assert!(socket.get(field).is_some(), "{field} in {socket}");
            }
            *rows
                .entry(socket["protocol"].as_str().unwrap())
                .or_default() += 1;
            if socket["inode"] == 0 && socket["uid"] == Value::Null {
                assert_eq!(socket["owner"]["kind"], "unknown");
            }
        }
        for protocol in ["udp", "raw", "icmp"] {
            let covered: u64 = snapshot["coverage"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|item| {
                    let table = item["table"].as_str().unwrap();
                    table.trim_end_matches('6') == protocol
                })
                .map(|item| item["rows"].as_u64().unwrap())
                .sum();
            let shown = rows.get(protocol).copied().unwrap_or(0);
            assert_eq!(shown, covered, "{protocol} of {tree}");
        }
    }
    assert!(trees >= 8, "{trees}");
}

#[test]
fn every_format_marks_what_is_not_live() {
    let place = Place::new();
    let tree = "captures/android-9-linux-4.9-qualcomm";
    let table = place.run(&["snapshot", "--proc", tree]);
    assert!(
        table.stdout.starts_with("NOT OBSERVED LIVE"),
        "{}",
        table.stdout
    );
    let json = place.json(&["snapshot", "--proc", tree, "--format", "json"]);
    assert_eq!(json["provenance"], "simulated");
    let csv = place.run(&["snapshot", "--proc", tree, "--format", "csv"]);
    assert!(csv.stderr.contains("NOT OBSERVED LIVE"), "{}", csv.stderr);
    let mut lines = csv.stdout.lines();
    assert!(lines.next().unwrap().starts_with("time,provenance,"));
    assert!(lines.clone().count() > 3);
    assert!(lines.all(|line| line.contains(",simulated,")));
    // A captured tree whose provenance nobody wrote down is a replay.
    let json = place.json(&[
        "snapshot",
        "--proc",
        "captures/linux-6.18",
        "--format",
        "json",
    ]);
    assert_eq!(json["provenance"], "replay");
}

#[test]
fn a_denied_table_is_never_an_empty_one() {
    let place = Place::new();
    let header = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   \
                  uid  timeout inode\n";
    for table in ["tcp", "udp"] {
        place.write(&format!("tree/net/{table}"), header);
    }
    fs::set_permissions(
        place.path("tree/net/tcp"),
        fs::Permissions::from_mode(0o000),
    )
    .unwrap();
    let json = unprivileged(&place, &["snapshot", "--proc", "tree", "--format", "json"]);
    assert_eq!(json.status, Some(0), "{json:?}");
    let snapshot: Value = serde_json::from_str(&json.stdout).unwrap();
    let status = |table: &str| {
        let coverage = snapshot["coverage"].as_array().unwrap();
        let item = coverage.iter().find(|item| item["table"] == table).unwrap();
        item["status"].clone()
    };
    assert_eq!(status("tcp"), "denied");
    assert_eq!(status("tcp6"), "absent");
    assert_eq!(status("udp"), "readable");

    let table = unprivileged(&place, &["snapshot", "--proc", "tree"]);
    assert!(
        table.stdout.contains("tcp: DENIED, not looked at"),
        "{table:?}"
    );
    let csv = unprivileged(&place, &["snapshot", "--proc", "tree", "--format", "csv"]);
    assert!(csv.stderr.contains("tcp: DENIED, not looked at"), "{csv:?}");
    let watch = unprivileged(&place, &["watch", "--proc", "tree", "--for", "200ms"]);
    assert!(
        watch.stdout.contains("tcp: DENIED, not looked at"),
        "{watch:?}"
    );
}

#[test]
fn where_nothing_can_be_read_it_could_not_be_done() {
    let place = Place::new();
    let header = "  sl  local_address rem_address   st\n";
    place.write("tree/net/tcp", header);
    fs::set_permissions(
        place.path("tree/net/tcp"),
        fs::Permissions::from_mode(0o000),
    )
    .unwrap();
    let ran = unprivileged(&place, &["snapshot", "--proc", "tree", "--format", "json"]);
    ran.assert_refused(&["no socket table could be read", "--proc"]);
    let snapshot: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(snapshot["coverage"][0]["status"], "denied");

    fs::create_dir(place.path("empty")).unwrap();
    let ran = place.run(&["snapshot", "--proc", "empty"]);
    ran.assert_refused(&["empty"]);
}

#[test]
fn a_bad_row_costs_itself_and_is_counted() {
    let place = Place::new();
    let tree = "captures/prometheus-procfs-broken";
    let json = place.json(&["snapshot", "--proc", tree, "--format", "json"]);
    let bad: u64 = json["coverage"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["bad_rows"].as_u64().unwrap())
        .sum();
    assert!(bad > 0, "{json}");
    let table = place.run(&["snapshot", "--proc", tree]);
    assert!(
        table.stdout.contains("could not be parsed"),
        "{}",
        table.stdout
    );
}

#[test]
fn a_name_from_elsewhere_cannot_drive_the_terminal() {
    let place = Place::new();
    place.write("list\u{1b}[2J.txt", "203.0.113.7\n");
    let ran = place.run(&[
        "snapshot",
        "--proc",
        "last",
        "--packages",
        "captures/packages/handset-9.pm.txt",
        "--list",
        "list\u{1b}[2J.txt",
    ]);
    assert_eq!(ran.status, Some(0), "{ran:?}");
    assert!(ran.stdout.contains("203.0.113.7"));
    assert!(!ran.stdout.contains('\u{1b}'), "{ran:?}");
    assert!(!ran.stderr.contains('\u{1b}'), "{ran:?}");
}

#[test]
fn this_machines_sockets_have_owners_and_programs() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let local = listener.local_addr().unwrap().to_string();
    let place = Place::new();
    let uid = nix::unistd::getuid().as_raw();
    for source in ["diag", "procfs"] {
        let with = |more: &[&str]| {
            let args = [&["snapshot", "--source", source, "--format", "json"], more].concat();
            let snapshot = place.json(&args);
            assert_eq!(snapshot["provenance"], "live");
            assert_eq!(snapshot["platform"], "linux");
            let sockets = snapshot["sockets"].as_array().unwrap().clone();
            sockets
                .into_iter()
                .find(|socket| socket["local"] == *local)
                .unwrap_or_else(|| panic!("{local} is not in the snapshot by {source}"))
        };
        let socket = with(&[]);
        assert_eq!(socket["uid"], uid);
        assert_eq!(socket["user"], Value::Null);
        assert_eq!(socket["owner"]["program"], Value::Null);
        assert_eq!(socket["owner"]["firmware"], "unknown");
        // What another test starts at this moment holds the socket, too, until it runs its program,
        // and is then rightly named as a holder.
        let socket = (0..20)
            .map(|_| with(&["--programs"]))
            .find(|socket| socket["owner"]["pid"] == std::process::id())
            .expect("this process holds the socket and is never named");
        assert!(socket["owner"]["program"].is_string(), "{socket}");
    }
}

/// Runs the program as someone whom a mode of 000 stops: root gives its privilege up.
fn unprivileged(place: &Place, args: &[&str]) -> Ran {
    let mut command = place.command(args);
    if nix::unistd::geteuid().is_root() {
        // The build's folder may be closed to others: the program runs from a copy.
        let program = place.path("portlog");
        if !program.exists() {
            // By another process: a copy that this one has open for writing could be inherited by
            // what other tests start meanwhile, and could then not be run ("text file busy").
            let copied = std::process::Command::new("cp")
                .arg(env!("CARGO_BIN_EXE_portlog"))
                .arg(&program)
                .status();
            assert!(copied.unwrap().success());
            fs::set_permissions(place.path(""), fs::Permissions::from_mode(0o755)).unwrap();
        }
        let mut copy = std::process::Command::new(program);
        copy.args(args)
            .current_dir(place.path(""))
            .env_clear()
            .env("TZ", "UTC")
            .uid(65_534)
            .gid(65_534);
        command = copy;
    }
    Ran::from(command.output().unwrap())
}
