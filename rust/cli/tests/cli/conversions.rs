//! Shared logs in other forms.

use std::fs;
use std::path::Path;

use portlog_journal::entry::{Entry, FieldType, Kind, Value as Text};
use portlog_journal::store::RedbStore;
use portlog_journal::{FolderVault, Log, SystemRandom, UtcOffset};
use portlog_model::{BootTime, Moment, WallTime};
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

/// A journal as a watch leaves it: of a replay with some connections.
fn write_journal(folder: &Path) {
    fs::create_dir_all(folder.join("keys")).unwrap();
    let time = |seconds: i64| {
        let moment = Moment {
            wall: WallTime::from_millis(1_777_902_300_000 + seconds * 1000),
            boot: BootTime::from_nanos(0),
        };
        Text::moment(moment, UtcOffset::UNKNOWN)
    };
    let entry = |kind: Kind, seconds: i64, values: &[(&str, &str)]| {
        let entry = Entry::new(kind).with("time", time(seconds)).unwrap();
        values.iter().fold(entry, |entry, (name, text)| {
            let of: FieldType = kind.field_type(kind.position(name).unwrap()).unwrap();
            entry.with(name, Text::of(text, of).unwrap()).unwrap()
        })
    };
    let store = RedbStore::open(&folder.join("journal.redb")).unwrap();
    let vault = FolderVault::new(folder.join("keys"));
    let mut log = Log::create(store, vault, SystemRandom, time(0)).unwrap();
    let started = [("version", "0.1.0"), ("provenance", "replay")];
    log.append(&entry(Kind::Started, 1, &started)).unwrap();
    for number in 1..=5 {
        let (number, remote) = (number.to_string(), format!("203.0.113.{number}:80"));
        let values = [
            ("connection", number.as_str()),
            ("protocol", "tcp"),
            ("remote", &remote),
            ("state", "established"),
            ("direction", "out"),
            ("ours", "no"),
        ];
        log.append(&entry(Kind::Opened, 2, &values)).unwrap();
    }
    log.commit().unwrap();
}

#[test]
fn an_export_in_another_form_is_what_its_bundle_discloses() {
    let place = Place::new();
    write_journal(&place.path("journal"));
    let export = |rest: &[&str]| {
        let mut args = vec![
            "log",
            "export",
            "journal",
            "--preset",
            "everything",
            "--yes",
        ];
        args.extend(rest);
        place.run(&args)
    };
    let read = |name: &str| fs::read_to_string(place.path(name)).unwrap();

    for (name, rest) in [
        ("open", ["--redact", "version"].as_slice()),
        ("closed", ["--redact", "remote"].as_slice()),
    ] {
        let (json, bundle) = (format!("{name}.json"), format!("{name}.portlog.txt"));
        let converted = [rest, &["--as", "json", "-o", &json]].concat();
        let ran = export(&converted);
        assert_eq!((ran.status, ran.stdout.as_str()), (Some(0), ""), "{ran:?}");
        assert!(ran.stderr.contains("NOT OBSERVED LIVE"), "{ran:?}");
        assert!(ran.stderr.contains("not signed"), "{ran:?}");
        let ran = export(&[rest, &["-o", &bundle]].concat());
        assert_eq!(ran.status, Some(0), "{ran:?}");
        let again = format!("{name}-again.json");
        let ran = place.run(&["log", "convert", &bundle, "--as", "json", "-o", &again]);
        assert_eq!(ran.status, Some(0), "{ran:?}");
        let parsed = |name: &str| -> Value { serde_json::from_str(&read(name)).unwrap() };
        let entries = parsed(&json)["entries"].clone();
        assert!(entries.as_array().unwrap().len() > 5, "{entries}");
        assert_eq!(entries, parsed(&again)["entries"]);
    }
    assert!(read("open.json").contains("203.0.113."));
    assert!(!read("closed.json").contains("203.0.113."));

    let ran = export(&["--as", "mvt", "-o", "folder"]);
    assert_eq!(ran.status, Some(0), "{ran:?}");
    assert!(read("folder/intrusion_logs/portlog.txt").contains("\"connect_event\""));
    let ran = export(&["--as", "csv", "-o", "table.csv"]);
    assert_eq!(ran.status, Some(0), "{ran:?}");
    assert!(read("table.csv").starts_with("index,kind,time_utc,"));

    // No bundle, whole or not, is left beside them.
    let left: Vec<String> = fs::read_dir(place.path("."))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_str().unwrap().to_owned())
        .filter(|name| name.starts_with('.') || name.contains("part"))
        .collect();
    assert!(left.is_empty(), "{left:?}");

    for (rest, why) in [
        (["--as", "json", "-o", "open.json"], "is not overwritten"),
        (["--as", "mvt", "-o", "folder"], "is not overwritten"),
        (
            ["--as", "csv", "-o", "-"],
            "only a bundle goes to standard output",
        ),
    ] {
        let ran = export(&rest);
        assert_eq!((ran.status, ran.stdout.as_str()), (Some(2), ""), "{ran:?}");
        assert!(ran.stderr.contains(why), "{ran:?}");
    }
}
