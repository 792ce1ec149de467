//! Another program's report of a phone, looked at once.

use std::fs;

use serde_json::Value;

use crate::support::Place;

/// A bug report of the invented phone, as `dumpstate` frames it.
fn bug_report(place: &Place) -> String {
    let packages =
        fs::read_to_string(place.path("captures/packages/handset-14.dumpsys.txt")).unwrap();
    let (double, single) = ("=".repeat(56), "-".repeat(79));
    format!(
        "{double}\n== dumpstate: 2026-05-04 15:45:00\n{double}\n\
         Kernel: Linux version 5.10.198\nUptime: up 0 weeks, 1 day, 2 hours, 3 minutes\n\n\
         ------ SYSTEM PROPERTIES (getprop) ------\n\
         [persist.sys.timezone]: [Europe/Berlin]\n[ro.product.model]: [One]\n\
         ------ 0.041s was the duration of 'SYSTEM PROPERTIES' ------\n\
         ------ DETAILED SOCKET STATE (ss -eionptu) ------\n\
         tcp ESTAB 0 0 192.0.2.23:40000 203.0.113.5:443 uid:10012 ino:501 sk:1 <->\n\
         udp ESTAB 0 0 192.0.2.23:40002 203.0.113.53:53 uid:10087 ino:503 sk:3 <->\n\
         ------ 0.041s was the duration of 'DETAILED SOCKET STATE' ------\n\
         ------ DUMPSYS (/system/bin/dumpsys) ------\n\
         {single}\nDUMP OF SERVICE package:\n{packages}\
         --------- 0.5s was the duration of dumpsys package, ending at: 2026-05-04 15:45:09\n"
    )
}

#[test]
fn a_bug_report_is_one_look_that_was_not_observed_live() {
    let place = Place::new();
    place.write("dumpstate.txt", bug_report(&place));
    place.write("own.txt", "203.0.113.5\n");
    let import = ["--import", "dumpstate.txt", "--list", "own=own.txt"];
    let snapshot = place.json(&[&["snapshot", "--format", "json"][..], &import].concat());
    assert_eq!(snapshot["provenance"], "import");
    assert_eq!(snapshot["platform"], "android");
    assert_eq!(snapshot["time"], "2026-05-04T13:45:00.000Z");
    let sockets = snapshot["sockets"].as_array().unwrap();
    assert_eq!(sockets.len(), 2);
    assert_eq!(sockets[0]["owner"]["packages"][0], "com.example.firmware");
    assert_eq!(sockets[0]["matches"][0]["level"], "possible");
    for row in snapshot["coverage"].as_array().unwrap() {
        if row["source"] == "import" && row["status"] == "readable" {
            assert!(
                ["tcp", "tcp6", "udp", "udp6"]
                    .iter()
                    .any(|table| row["table"] == *table)
            );
        }
    }

    let watch = [
        &["watch", "--format", "ndjson", "--journal", "j"][..],
        &import,
    ]
    .concat();
    let ran = place.run(&watch);
    assert_eq!(ran.status, Some(0), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("listeners are not in the report"),
        "{}",
        ran.stderr
    );
    let events: Vec<Value> = ran
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(events[0]["provenance"], "import");
    assert!(
        events
            .iter()
            .any(|event| event["event"] == "alert" && event["level"] == "possible")
    );
    assert!(events.iter().all(|event| event["event"] != "closed"));
    let export = [
        "log",
        "export",
        "j",
        "-o",
        "x.portlog.txt",
        "--preset",
        "everything",
        "--yes",
    ];
    assert_eq!(place.run(&export).status, Some(0));
    let verified = place.run(&["log", "verify", "x.portlog.txt"]);
    assert!(
        verified.stdout.contains("NOT OBSERVED LIVE"),
        "{}",
        verified.stdout
    );
    // The journal itself, and a part of it with no observation.
    for limit in ["99", "0"] {
        let shown = place.run(&["log", "show", "j", "--limit", limit]);
        let begins = "NOT OBSERVED LIVE: 1 session by import.\n";
        assert!(shown.stdout.starts_with(begins), "{}", shown.stdout);
    }
    let shown = place.json(&["log", "show", "j", "--limit", "99", "--format", "json"]);
    assert_eq!(shown["observed_live"], false);
    let opened = shown["entries"].as_array().unwrap().iter();
    let opened: Vec<_> = opened.filter(|entry| entry["kind"] == "opened").collect();
    assert!(!opened.is_empty());
    assert!(
        opened
            .iter()
            .all(|entry| entry["observed"] == "NOT OBSERVED LIVE")
    );
    let export = [
        "log",
        "export",
        "j",
        "-o",
        "y.portlog.txt",
        "--since",
        "9000-01-01",
    ];
    assert_eq!(place.run(&export).status, Some(0));
    let text = place.run(&["log", "verify", "y.portlog.txt"]).stdout;
    assert!(
        text.contains("\nNOT OBSERVED LIVE: 1 session by import.\n"),
        "{text}"
    );
    let answer = place.json(&["log", "verify", "y.portlog.txt", "--format", "json"]);
    assert_eq!(answer["files"][0]["observed_live"], false);
}

#[test]
fn what_is_no_report_is_refused_with_a_way_out() {
    let place = Place::new();
    place.write("hello.txt", "hello\n");
    for (args, said) in [
        (&["snapshot", "--import", "hello.txt"][..], "no bug report"),
        (&["snapshot", "--source", "import"], "--import FILE"),
        (
            &["watch", "--source", "diag", "--import", "hello.txt"],
            "--source import",
        ),
        (
            &["watch", "--proc", "captures", "--import", "hello.txt"],
            "--proc",
        ),
    ] {
        let ran = place.run(args);
        assert_eq!(ran.status, Some(2), "{args:?}");
        assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
        assert!(ran.stderr.contains(said), "{}", ran.stderr);
    }
}
