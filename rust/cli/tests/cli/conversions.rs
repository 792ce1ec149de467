//! Shared logs in other forms.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::Place;

fn place() -> Place {
    let place = Place::new();
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/log");
    for name in ["short-sparse", "replayed", "forged-commitment"] {
        let name = format!("{name}.portlog.txt");
        place.write(&name, fs::read(vectors.join(&name)).unwrap());
    }
    place
}

#[test]
fn a_log_that_checks_is_written_in_each_form_and_its_verdict_is_told() {
    let place = place();
    for (form, file) in [
        ("json", "out.json"),
        ("csv", "out.csv"),
        ("mvt", "out/intrusion_logs/portlog.txt"),
    ] {
        let out = file.split('/').next().unwrap();
        let log = "replayed.portlog.txt";
        let ran = place.run(&["log", "convert", log, "--as", form, "-o", out]);
        assert_eq!((ran.status, ran.stdout.as_str()), (Some(0), ""), "{ran:?}");
        assert!(ran.stderr.contains("Signer: unknown."), "{ran:?}");
        assert!(ran.stderr.contains("NOT OBSERVED LIVE"), "{ran:?}");
        let written = fs::read_to_string(place.path(file)).unwrap();
        assert!(written.contains("NOT OBSERVED LIVE"), "{written}");
        // A second time there is something in the way.
        let ran = place.run(&["log", "convert", log, "--as", form, "-o", out]);
        assert_eq!(ran.status, Some(2), "{ran:?}");
        assert!(ran.stderr.contains("is not overwritten"), "{ran:?}");
        assert_eq!(fs::read_to_string(place.path(file)).unwrap(), written);
    }
}

#[test]
fn what_the_reader_knows_is_in_the_verdict() {
    let place = place();
    let log = "short-sparse.portlog.txt";
    let ran = place.run(&["log", "convert", log, "--as", "json", "-o", "one.json"]);
    assert_eq!(ran.status, Some(0), "{ran:?}");
    let read = |name: &str| -> Value {
        serde_json::from_slice(&fs::read(place.path(name)).unwrap()).unwrap()
    };
    let bundle = &read("one.json")["bundle"];
    assert_eq!(bundle["level"], "L0");
    let origin = bundle["origin"].as_str().unwrap();
    let ran = place.run(&[
        "log", "convert", log, "--as", "json", "-o", "two.json", "--key", origin,
    ]);
    assert_eq!(ran.status, Some(0), "{ran:?}");
    let bundle = &read("two.json")["bundle"];
    assert_eq!(bundle["level"], "L1");
    assert!(
        bundle["first_lines"][0]
            .as_str()
            .unwrap()
            .contains("known to you")
    );
    let other = format!("portlog/log/{}", "0".repeat(64));
    let ran = place.run(&[
        "log",
        "convert",
        log,
        "--as",
        "json",
        "-o",
        "three.json",
        "--key",
        &other,
    ]);
    assert_eq!(ran.status, Some(1), "{ran:?}");
    assert!(!place.path("three.json").exists());
}

#[test]
fn a_log_that_does_not_check_is_written_in_no_form() {
    let place = place();
    for form in ["json", "csv", "mvt"] {
        let log = "forged-commitment.portlog.txt";
        let ran = place.run(&["log", "convert", log, "--as", form, "-o", "out"]);
        assert_eq!((ran.status, ran.stdout.as_str()), (Some(1), ""), "{ran:?}");
        assert!(ran.stderr.contains("does not check: R19"), "{ran:?}");
        assert!(ran.stderr.contains("nothing was written"), "{ran:?}");
        assert!(!place.path("out").exists());
    }
    let ran = place.run(&["log", "convert", "no-such", "--as", "json", "-o", "out"]);
    assert_eq!(ran.status, Some(2), "{ran:?}");
    assert!(ran.stderr.contains("cannot read no-such"), "{ran:?}");
    assert!(!place.path("out").exists());
}
