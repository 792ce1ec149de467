//! What the presets show, and what they do not.

use portlog_journal::bundle::{Choice, Preset, export_full, export_sparse};
use portlog_journal::entry::{Kind, Value};
use portlog_journal::store::Store as _;
use portlog_journal::{Report, verify};
use portlog_model::WallTime;

use crate::support::*;

/// A watch with connections of a firmware package, of an app, and of nobody known.
fn watch() -> TestLog {
    let mut log = new_log(11);
    for entry in [started(1, "live"), packages(2)] {
        log.append(&entry).unwrap();
    }
    for (number, uid) in [(1, "10012"), (2, "10087"), (3, "1000"), (4, "-")] {
        let entry = opened(Kind::Opened, 10, number, 2);
        let uid = Value::of(uid, portlog_journal::entry::FieldType::Number).unwrap();
        log.append(&entry.with("uid", uid).unwrap()).unwrap();
    }
    for entry in [alert(20, 1, 2), heartbeat(900), mark(1000, "SIM in")] {
        log.append(&entry).unwrap();
    }
    log.commit().unwrap();
    log
}

fn shared(log: &TestLog, choice: &Choice) -> (String, Report) {
    let snapshot = log.store().snapshot().unwrap();
    let chosen = choice.of(&snapshot).unwrap();
    let mut out = Vec::new();
    if choice.preset == Preset::Everything {
        let indices = &chosen.indices;
        let shown = |index: u64, _: &_| indices.binary_search(&index).is_ok();
        export_full(&snapshot, shown, &chosen, &mut out).unwrap();
    } else {
        export_sparse(&snapshot, &chosen.indices, &chosen, &mut out).unwrap();
    }
    let report = verify(out.as_slice(), &options()).unwrap();
    (String::from_utf8(out).unwrap(), report)
}

#[test]
fn alerts_show_no_other_connection_and_no_other_owner() {
    let (text, report) = shared(&watch(), &Choice::new(Preset::Alerts));
    assert!(!text.contains("kind opened") && text.contains("kind alert"));
    assert!(text.contains("com.example.sync") && text.contains("203.0.113.7:80"));
    for hidden in ["org.example.browser", "com.example.settings", "192.0.2.10"] {
        assert!(!text.contains(hidden), "{hidden}");
    }
    assert_eq!(
        (report.obtained.not_live(), report.watched.heartbeats),
        (0, 1)
    );
}

#[test]
fn firmware_shows_what_may_come_with_the_phone_and_no_app() {
    let (text, report) = shared(&watch(), &Choice::new(Preset::Firmware));
    assert_eq!(text.matches("kind opened").count(), 3);
    assert!(text.contains("com.example.sync") && text.contains("com.example.settings"));
    assert!(!text.contains("org.example.browser") && !text.contains(" 10087"));
    assert_eq!(report.shown, 9);
}

#[test]
fn everything_is_every_entry_but_this_sides_addresses_unless_asked_for() {
    let mut choice = Choice::new(Preset::Everything);
    let (text, report) = shared(&watch(), &choice);
    assert_eq!((report.shown, report.size()), (10, 10));
    assert!(text.contains("org.example.browser") && !text.contains("192.0.2.10"));
    choice.with_local = true;
    let (text, report) = shared(&watch(), &choice);
    assert!(text.contains("192.0.2.10:40213"));
    assert_eq!(report.withheld_fields, 0);
}

#[test]
fn fields_are_withheld_by_name_and_entries_by_time() {
    let mut choice = Choice::new(Preset::Firmware);
    choice.redact = ["remote", "owner"].map(str::to_owned).into();
    let (text, _) = shared(&watch(), &choice);
    assert!(!text.contains("203.0.113.7") && !text.contains("com.example.sync"));

    let mut choice = Choice::new(Preset::Alerts);
    choice.since = Some(WallTime::from_millis(BEGIN + 900_000));
    choice.until = Some(WallTime::from_millis(BEGIN + 950_000));
    let (text, report) = shared(&watch(), &choice);
    assert!(!text.contains("kind alert") && !text.contains("kind mark"));
    assert!(text.contains("kind heartbeat") && text.contains("kind started"));
    assert_eq!(report.shown, 4);
}
