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
