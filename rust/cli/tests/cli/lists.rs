//! Lists that others wrote.

use std::io::Write as _;

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
        .assert_refused(&["list.gz", "damaged or cut off"]);
    place.write("list.xz", b"\xFD7zXZ\0 and so on");
    place
        .run(&["watch", "--proc", "series", "--list", "list.xz"])
        .assert_refused(&["list.xz", "compressed"]);
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
fn several_lists_are_built_into_a_folder_and_each_keeps_what_it_is() {
    let place = Place::new();
    place.write("a.txt", "# a comment\na.test.example\n");
    place.write("b.txt", "other.test.example\n\nb.test.example\n");
    place
        .run(&["list", "build", "a.txt", "b.txt", "-o", "a.txt"])
        .assert_refused(&["a.txt is a file"]);
    let built = place.run(&["list", "build", "threat=a.txt", "own=b.txt", "-o", "out/of"]);
    assert_eq!(built.status, Some(0), "{built:?}");
    let explained = |lists: &[&str], format| {
        let mut words = vec!["list", "explain", "x.b.test.example", "--format", format];
        words.extend(lists.iter().flat_map(|list| ["--list", list]));
        let found = place.run(&words);
        assert_eq!(found.status, Some(0), "{found:?}");
        found.stdout
    };
    let one_by_one = ["out/of/a.txt.plist", "out/of/b.txt.plist"];
    let lines = ["threat=a.txt", "own=b.txt"];
    for format in ["text", "json"] {
        let found = explained(&["out/of"], format);
        assert_eq!(found, explained(&one_by_one, format), "{format}");
        assert_eq!(found, explained(&lines, format), "{format}");
    }
    let found = explained(&["out/of"], "text");
    assert!(
        found.contains("b.txt (own") && found.contains('3'),
        "{found}"
    );
    std::fs::create_dir(place.path("empty")).unwrap();
    place
        .run(&["list", "explain", "a.test", "--list", "empty"])
        .assert_refused(&["without compiled lists"]);
    place
        .run(&["list", "build", "a.txt", "./a.txt", "-o", "out"])
        .assert_refused(&["two lists would become"]);
    place
        .run(&["list", "build", "out/of/a.txt.plist", "-o", "again"])
        .assert_refused(&["compiled already"]);
}

#[test]
fn packed_lists_are_unpacked_and_each_of_a_zip_is_a_list_of_its_own() {
    let place = Place::new();
    let text = std::fs::read("../../tests/captures/lists/networks.txt").unwrap();
    place.write("networks.txt.gz", gzip(&text));
    let checked = |file: &str| {
        let ran = place.run(&["list", "check", file, "--format", "json"]);
        let answer: Value = serde_json::from_str(&ran.stdout).unwrap();
        answer["lists"].clone()
    };
    let (plain, packed) = (
        checked("captures/lists/networks.txt"),
        checked("networks.txt.gz"),
    );
    // The digest is the list's, however it was packed.
    for same in ["sha256", "rules", "lines", "format", "category"] {
        assert_eq!(packed[0][same], plain[0][same], "{same}");
    }
    assert_eq!(packed[0]["file"], "networks.txt.gz");

    place.write(
        "both.zip",
        zip(&[
            ("a/mine.txt", b"203.0.113.7\n"),
            ("b.txt", b"b.example.test\n"),
        ]),
    );
    let both = checked("both.zip");
    let files: Vec<&str> = both
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|list| list["file"].as_str())
        .collect();
    assert_eq!(files, ["both.zip:a/mine.txt", "both.zip:b.txt"]);
    let explained = place.json(&[
        "list",
        "explain",
        "x.b.example.test",
        "--list",
        "threat=both.zip",
        "--format",
        "json",
    ]);
    assert_eq!(explained["matches"][0]["list"], "both.zip:b.txt");
    assert_eq!(explained["matches"][0]["level"], "match");
    place
        .run(&["list", "build", "both.zip", "-o", "out.plist"])
        .assert_refused(&["both.zip holds 2 lists"]);
    let built = place.run(&["list", "build", "networks.txt.gz", "-o", "out.plist"]);
    assert_eq!(built.status, Some(0), "{built:?}");

    place.write("bomb.gz", gzip(&vec![b'\n'; 8 << 20]));
    place
        .run(&["list", "check", "bomb.gz"])
        .assert_refused(&["bomb.gz", "grows to more than 200 times its size"]);
}

#[test]
fn packages_are_compared_with_indicators_of_apps() {
    let place = Place::new();
    let digest = "ab".repeat(32);
    let bundle = format!(
        r#"{{"type":"bundle","objects":[
            {{"type":"indicator","id":"indicator--1","pattern":"[app:id='com.example.sync']"}},
            {{"type":"indicator","id":"indicator--2","pattern":"[app:cert.sha256='{digest}']"}}]}}"#
    );
    place.write("indicators.stix2", bundle);
    let explain = |asked: &str| {
        place.json(&[
            "list",
            "explain",
            asked,
            "--list",
            "indicators.stix2",
            "--format",
            "json",
        ])
    };
    let by_name = explain("com.example.sync");
    assert_eq!(by_name["matches"][0]["kind"], "package");
    assert_eq!(by_name["matches"][0]["level"], "noted");
    let by_signer = explain(&digest.to_uppercase());
    assert_eq!(by_signer["matches"][0]["kind"], "signer");
    assert_eq!(by_signer["matches"][0]["level"], "match");
    assert_eq!(
        explain("com.example.other")["matches"],
        serde_json::json!([])
    );

    place.write(
        "packages.txt",
        "package:/system/app/Sync/Sync.apk=com.example.sync uid:10087\n\
         package:/data/app/Other/base.apk=org.example.other uid:10088\n",
    );
    let args = [
        "owners",
        "10087",
        "--packages",
        "packages.txt",
        "--list",
        "indicators.stix2",
    ];
    let owners = place.json(&[&args[..], &["--format", "json"]].concat());
    let listed = owners["listed_packages"].as_array().unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0]["package"], "com.example.sync");
    assert_eq!(listed[0]["matches"][0]["level"], "noted");
    let text = place.run(&args);
    assert!(
        text.stdout
            .contains("package com.example.sync (uid 10087) is on a list:"),
        "{text:?}"
    );
    let snapshot = place.json(&[
        "snapshot",
        "--proc",
        "captures/linux-6.18",
        "--packages",
        "packages.txt",
        "--list",
        "indicators.stix2",
        "--format",
        "json",
    ]);
    assert_eq!(snapshot["listed_packages"], owners["listed_packages"]);
    let watch = place.run(&[
        "watch",
        "--proc",
        "captures/android-9-linux-4.9-qualcomm",
        "--packages",
        "packages.txt",
        "--list",
        "indicators.stix2",
        "--for",
        "1s",
    ]);
    let said = "package com.example.sync (uid 10087) is on a list:";
    assert!(watch.stderr.contains(said), "{}", watch.stderr);
    place
        .run(&["owners", "0", "--list", "indicators.stix2"])
        .assert_refused(&["--packages"]);
}

#[test]
fn lists_that_come_with_portlog_are_off_shown_and_only_noted() {
    let place = Place::new();
    let lists = place.json(&["list", "bundled", "--format", "json"])["lists"].clone();
    for list in lists.as_array().unwrap() {
        let named = format!("bundled:{}", list["id"].as_str().unwrap());
        for entry in list["entries"].as_array().unwrap() {
            let host = entry["host"].as_str().unwrap();
            let args = [
                "list", "explain", host, "--list", &named, "--format", "json",
            ];
            let answer = place.json(&args);
            assert_eq!(answer["matches"][0]["level"], "noted", "{host}");
            assert_eq!(answer["matches"][0]["line"], entry["line"], "{host}");
            assert_eq!(answer["matches"][0]["category"], list["category"], "{host}");
        }
        let checked = place.run(&["list", "check", &named]);
        assert_eq!(checked.status, Some(0), "{checked:?}");
    }
    let text = place.run(&["list", "bundled"]).stdout;
    assert!(text.contains("Named in past reports (reported"), "{text}");
    place
        .run(&["watch", "--list", "bundled:none"])
        .assert_refused(&["no list that comes with Portlog is called \"none\""]);
}

#[test]
fn a_million_lines_are_accounted_for_and_compared() {
    use std::fmt::Write as _;
    let place = Place::new();
    let mut text = String::from("# Date: 2024-05-21\n");
    for n in 0..1_000_000_u32 {
        match n % 100 {
            7 => text.push_str("0.0.0.0 no_such..name\n"),
            8 => text.push_str("||ads.example.test^$third-party\n"),
            9 => text.push_str("127.0.0.1 localhost\n"),
            10 => text.push('\n'),
            _ => writeln!(text, "0.0.0.0 h{n}.example.test").unwrap(),
        }
    }
    place.write("old.txt", &text);
    let checked = place.run(&["list", "check", "old.txt", "--format", "json"]);
    assert_eq!(checked.status, Some(1));
    let answer: Value = serde_json::from_str(&checked.stdout).unwrap();
    let list = &answer["lists"][0];
    assert_eq!(list["lines"], 1_000_001);
    assert_eq!(list["rules"], 960_000);
    assert_eq!(list["bad_lines"], 10_000);
    assert_eq!(list["unsupported_lines"], 10_000);
    assert_eq!(list["old"], true);
    // The first of each are named; the rest are counted.
    assert_eq!(list["bad"].as_array().unwrap().len(), 1_000);

    let head: Vec<&str> = text.lines().take(100_001).collect();
    let text = head.join("\n") + "\n";
    place.write("old.txt", &text);
    let newer = text
        .replace("0.0.0.0 h11.example.test\n", "||h11.example.test^\n")
        .replace("0.0.0.0 h12.example.test\n", "")
        + "0.0.0.0 new.example.test\n";
    place.write("new.txt", newer);
    let diff = place.run(&["list", "diff", "old.txt", "new.txt"]);
    let lines: Vec<&str> = diff.stdout.lines().collect();
    assert_eq!(
        lines[..3],
        [
            "~ h11.example.test: domain (line 13), was exact (line 13)",
            "- h12.example.test: exact (line 14)",
            "+ new.example.test: exact (line 100001)",
        ]
    );
    assert_eq!(
        lines.last(),
        Some(&"added 1, removed 1, changed 1, the same 95998")
    );
}

#[test]
fn ranges_of_content_networks_weaken_what_a_watch_says() {
    let place = Place::new();
    place.write(
        "ranges.json",
        r#"{"addresses": ["203.0.113.0/24"], "ipv6_addresses": []}"#,
    );
    place.write("bad.txt", "203.0.113.0/24\nnot a network\n");
    let cdn = place.json(&["list", "cdn", "ranges.json", "--format", "json"]);
    assert_eq!(cdn["files"][0]["networks"], 1);
    assert_eq!(place.run(&["list", "cdn", "bad.txt"]).status, Some(1));
    place.write("none.txt", "nothing\n");
    place
        .run(&["list", "cdn", "none.txt"])
        .assert_refused(&["none.txt", "no network"]);
    let levels = |more: &[&str]| -> Vec<String> {
        let args = [
            "watch",
            "--proc",
            "series",
            "--packages",
            "captures/packages/handset-9.pm.txt",
            "--list",
            "mine.txt",
            "--format",
            "ndjson",
        ];
        let events = place.events(&[&args[..], more].concat());
        let alerts = events.iter().filter(|event| event["event"] == "alert");
        alerts
            .map(|event| event["level"].as_str().unwrap().to_owned())
            .collect()
    };
    let without = levels(&[]);
    assert!(without.contains(&"match".to_owned()), "{without:?}");
    let with = levels(&["--cdn", "ranges.json"]);
    assert!(
        !with.is_empty() && with.iter().all(|level| level == "possible"),
        "{with:?}"
    );
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in members {
        let options = zip::write::SimpleFileOptions::default();
        writer.start_file(*name, options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}
