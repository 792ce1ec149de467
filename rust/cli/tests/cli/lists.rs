//! Lists that others wrote.

use serde_json::Value;

use crate::support::Place;

#[test]
fn every_line_of_a_hostile_list_is_accounted_for() {
    let place = Place::new();
    let ran = place.run(&[
        "list",
        "check",
        "captures/lists/hostile.txt",
        "--format",
        "json",
    ]);
    assert_eq!(ran.status, Some(1), "{ran:?}");
    let answer: Value = serde_json::from_str(&ran.stdout).unwrap();
    let list = &answer["lists"][0];
    let bad = list["bad"].as_array().unwrap();
    assert_eq!(list["bad_lines"], bad.len());
    assert!(bad.len() > 5, "{list}");
    assert!(
        bad.iter()
            .all(|line| line["line"].is_u64() && line["reason"].is_string())
    );
    let text = place.run(&["list", "check", "captures/lists/hostile.txt"]);
    assert_eq!(text.status, Some(1));
    for line in bad {
        let expected = format!("captures/lists/hostile.txt:{}: ", line["line"]);
        assert!(
            text.stdout.contains(&expected),
            "{expected} in {}",
            text.stdout
        );
    }
    assert!(!text.stdout.contains('\u{1b}'));
}

#[test]
fn good_lists_are_status_0() {
    let place = Place::new();
    for name in [
        "hosts.txt",
        "domains.txt",
        "networks.txt",
        "adblock.txt",
        "mixed-crlf-bom.txt",
        "indicators.stix2",
    ] {
        let file = format!("captures/lists/{name}");
        let answer = place.run(&["list", "check", &file, "--format", "json"]);
        let list: Value = serde_json::from_str(&answer.stdout).unwrap();
        let has_bad = list["lists"][0]["bad_lines"] != 0;
        assert_eq!(answer.status, Some(i32::from(has_bad)), "{name}: {list}");
        assert_ne!(list["lists"][0]["rules"], 0, "{name}");
    }
}

#[test]
fn a_list_that_is_not_text_is_refused() {
    let place = Place::new();
    place.write("list.gz", [0x1f, 0x8b, 8, 0, 0, 0, 0, 0]);
    place
        .run(&["watch", "--proc", "series", "--list", "list.gz"])
        .assert_refused(&["list.gz", "compressed"]);
    place
        .run(&["list", "check", "."])
        .assert_refused(&["cannot read ."]);
}

#[test]
fn a_compiled_list_answers_as_the_file_it_was_built_from() {
    let place = Place::new();
    let mut text = std::fs::read_to_string("../../tests/captures/lists/adblock.txt").unwrap();
    text.push_str("\n||tracker.example.test^\n||203.0.113.7^\n198.51.100.0/24\n");
    place.write("list.txt", &text);
    let built = place.run(&["list", "build", "threat=list.txt", "-o", "list.plist"]);
    assert_eq!(built.status, Some(0), "{built:?}");
    assert!(built.stdout.starts_with("list.plist: "), "{built:?}");
    for asked in [
        "tracker.example.test",
        "www.tracker.example.test",
        "203.0.113.7",
        "64:ff9b::198.51.100.9",
        "nothing.invalid",
        "192.0.2.200",
    ] {
        let explain = |list: &str, format: &str| {
            place.run(&["list", "explain", asked, "--list", list, "--format", format])
        };
        for format in ["json", "text"] {
            let parsed = explain("threat=list.txt", format);
            let compiled = explain("list.plist", format);
            assert_eq!(parsed.status, Some(0), "{parsed:?}");
            assert_eq!(compiled.stdout, parsed.stdout, "{asked}");
        }
    }
    // Another category than it was built with, as for any list.
    let own = place.run(&["list", "explain", "203.0.113.7", "--list", "own=list.plist"]);
    assert!(own.stdout.contains("list.txt (own"), "{own:?}");
    // Beside the list nothing is left, and building again replaces it.
    let again = place.run(&["list", "build", "list.txt", "-o", "list.plist"]);
    assert_eq!(again.status, Some(0), "{again:?}");
    let left = std::fs::read_dir(place.path(".")).unwrap();
    assert!(
        left.flatten()
            .all(|file| !file.file_name().to_string_lossy().contains(".part"))
    );

    let checked = |file: &str| {
        let ran = place.run(&["list", "check", file, "--format", "json"]);
        let answer: Value = serde_json::from_str(&ran.stdout).unwrap();
        answer["lists"][0].clone()
    };
    let (parsed, compiled) = (checked("list.txt"), checked("list.plist"));
    assert!(
        compiled["compiled_bytes"].as_u64().unwrap() > 1000,
        "{compiled}"
    );
    assert!(parsed["compiled_bytes"].is_null());
    for same in [
        "name",
        "sha256",
        "rules",
        "category",
        "date",
        "lines",
        "exceptions",
        "format",
    ] {
        assert_eq!(parsed[same], compiled[same], "{same}");
    }
    let text = place.run(&["list", "check", "list.plist"]);
    assert!(
        text.stdout.contains("compiled from list.txt, whole ("),
        "{text:?}"
    );
}

#[test]
fn a_snapshot_takes_a_compiled_list() {
    let place = Place::new();
    place.write(
        "list.txt",
        "203.0.113.0/24\n198.51.100.0/24\n192.0.2.0/24\n2001:db8::/32\n",
    );
    let built = place.run(&["list", "build", "list.txt", "-o", "list.plist"]);
    assert_eq!(built.status, Some(0), "{built:?}");
    let snapshot = |list: &str| {
        let ran = place.run(&[
            "snapshot",
            "--proc",
            "captures/android-12-linux-5.10",
            "--list",
            list,
            "--format",
            "json",
        ]);
        assert_eq!(ran.status, Some(0), "{ran:?}");
        let answer: Value = serde_json::from_str(&ran.stdout).unwrap();
        answer["sockets"].clone()
    };
    let sockets = snapshot("list.plist");
    assert_eq!(sockets, snapshot("list.txt"));
    assert!(
        sockets.to_string().contains("\"list\":\"list.txt\""),
        "{sockets}"
    );
}

#[test]
fn a_compiled_list_that_is_damaged_or_newer_is_refused() {
    let place = Place::new();
    place.write("list.txt", "tracker.example.test\n203.0.113.7\n");
    let built = place.run(&["list", "build", "list.txt", "-o", "list.plist"]);
    assert_eq!(built.status, Some(0), "{built:?}");
    let good = std::fs::read(place.path("list.plist")).unwrap();
    let damaged = |name: &str, change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = good.clone();
        change(&mut bytes);
        place.write(name, bytes);
    };
    damaged("newer", &|bytes| bytes[8] = 9);
    damaged("short", &|bytes| bytes.truncate(100));
    damaged("index", &|bytes| bytes[600] ^= 1);
    for (name, words) in [
        ("newer", ["newer", "version 9"]),
        ("short", ["short", "has 100 bytes"]),
        ("index", ["index", "damaged"]),
    ] {
        place.run(&["list", "check", name]).assert_refused(&words);
        place
            .run(&["list", "explain", "203.0.113.7", "--list", name])
            .assert_refused(&words);
    }
    // Only a whole reading finds what is damaged in the texts.
    damaged("texts", &|bytes| *bytes.last_mut().unwrap() ^= 1);
    place
        .run(&["list", "check", "texts"])
        .assert_refused(&["texts have another checksum"]);
}

#[test]
fn several_lists_are_built_into_a_folder() {
    let place = Place::new();
    place.write("a.txt", "a.test.example\n");
    place.write("b.txt", "b.test.example\n");
    place
        .run(&["list", "build", "a.txt", "b.txt", "-o", "nowhere"])
        .assert_refused(&["nowhere is no folder"]);
    std::fs::create_dir(place.path("out")).unwrap();
    let built = place.run(&["list", "build", "a.txt", "own=b.txt", "-o", "out"]);
    assert_eq!(built.status, Some(0), "{built:?}");
    let found = place.run(&[
        "list",
        "explain",
        "x.b.test.example",
        "--list",
        "out/a.txt.plist",
        "--list",
        "out/b.txt.plist",
    ]);
    assert!(found.stdout.contains("b.txt (own"), "{found:?}");
    place
        .run(&["list", "build", "a.txt", "./a.txt", "-o", "out"])
        .assert_refused(&["two lists would become"]);
    place
        .run(&["list", "build", "out/a.txt.plist", "-o", "again"])
        .assert_refused(&["compiled already"]);
}
