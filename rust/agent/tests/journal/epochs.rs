//! When keys change, clocks go astray and rows grow old.

use std::sync::Arc;
use std::time::Duration;

use portlog_agent::Running;
use portlog_agent::testimony::{Reader, Retention, Testimony};
use portlog_journal::entry::Kind;

use portlog_model::WallTime;

use crate::sharing::witness;
use crate::support::{ManualClock, opened_to};
use crate::world::{Told, Watched, phone, row, running, testimony};

const DAY: Duration = Duration::from_hours(24);
const DAY_MILLIS: i64 = 86_400_000;

fn start(testimony: Testimony, clock: &Arc<ManualClock>, boot_id: &str) -> Watched {
    let running = Running {
        boot_id: Some(Arc::from(boot_id)),
        ..running()
    };
    Watched::start(testimony, Arc::clone(clock), running, |script| {
        phone(script, "")
    })
}

fn reasons(told: &Told) -> Vec<&str> {
    told.all(Kind::Epoch)
        .map(|fields| fields["reason"].as_str())
        .collect()
}

#[test]
fn a_day_a_boot_and_a_full_epoch_change_the_key() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::new());
    let watched = start(testimony(folder.path()), &clock, "boot-1");
    watched.reach(&[row("192.0.2.1:443", 1, 1_000)], "192.0.2.1:443");
    clock.advance(DAY);
    watched.reach(&[row("192.0.2.2:443", 2, 1_000)], "192.0.2.2:443");
    watched.stop(folder.path());
    // The same boot, and the same day: the same key.
    start(testimony(folder.path()), &clock, "boot-1").stop(folder.path());
    let told = start(testimony(folder.path()), &clock, "boot-2").stop(folder.path());
    assert_eq!(reasons(&told), ["first", "day", "boot"]);
    // Each `started` after the boot stands under the new key.
    let boot = told.kinds().iter().rposition(|kind| *kind == Kind::Epoch);
    assert_eq!(told.kinds()[boot.unwrap() + 1], Kind::Started);
    // Seeds of the past are gone.
    assert_eq!(
        std::fs::read_dir(folder.path().join("keys"))
            .unwrap()
            .count(),
        1
    );

    let watched = start(testimony(folder.path()), &clock, "boot-2");
    let rows: Vec<_> = (10..4_600)
        .map(|at| row("192.0.2.7:443", at, 1_000))
        .collect();
    let opened = |events: &[portlog_model::Event]| opened_to(events, "192.0.2.7:443");
    watched.script.go_on_with(crate::support::Step::Rows(rows));
    clock.drive(&watched.agent, opened);
    let told = watched.stop(folder.path());
    assert_eq!(reasons(&told), ["first", "day", "boot", "size"]);
    assert_eq!(told.opened().len(), 2 + 4_590);
}

#[test]
fn a_clock_that_is_set_back_is_an_entry_and_epochs_stay_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::new());
    let watched = start(testimony(folder.path()), &clock, "boot-1");
    watched.reach(&[row("192.0.2.1:443", 1, 1_000)], "192.0.2.1:443");
    clock.set_wall_ahead(-400 * DAY_MILLIS);
    watched.reach(&[row("192.0.2.2:443", 2, 1_000)], "192.0.2.2:443");
    let told = watched.stop(folder.path());
    assert_eq!(reasons(&told), ["first"]);
    let jump: i64 = told.only(Kind::Clock)["jump_ms"].parse().unwrap();
    assert_eq!(jump, -400 * DAY_MILLIS);

    // The next watch, long before the last one by the clock on the wall.
    let watched = start(testimony(folder.path()), &clock, "boot-1");
    watched.reach(&[row("192.0.2.3:443", 3, 1_000)], "192.0.2.3:443");
    // A key is not kept for longer than a day all the same.
    clock.advance(DAY);
    watched.reach(&[row("192.0.2.4:443", 4, 1_000)], "192.0.2.4:443");
    let told = watched.stop(folder.path());
    assert_eq!(reasons(&told), ["first", "day"]);
    assert_eq!(told.opened().len(), 4);
}

#[test]
fn a_clock_beyond_what_can_be_written_does_not_end_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::new());
    let watched = start(testimony(folder.path()), &clock, "boot-1");
    for (at, ahead) in [(1, i64::MAX / 4), (2, -3_000 * 365 * DAY_MILLIS), (3, 0)] {
        clock.set_wall_ahead(ahead);
        let remote = format!("192.0.2.{at}:443");
        watched.reach(&[row(&remote, at, 1_000)], &remote);
    }
    let told = watched.stop(folder.path());
    assert_eq!(told.opened().len(), 3);
}

#[test]
fn rows_that_are_too_old_go_and_the_log_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::new());
    let retention = Retention {
        age: 90 * DAY,
        ..Retention::default()
    };
    let with = |retention| Testimony {
        retention,
        ..testimony(folder.path())
    };
    let watched = start(with(retention), &clock, "boot-1");
    watched.reach(&[row("192.0.2.1:443", 1, 1_000)], "192.0.2.1:443");
    watched.stop(folder.path());
    clock.advance(89 * DAY);
    let watched = start(with(retention), &clock, "boot-1");
    watched.reach(&[row("192.0.2.2:443", 2, 1_000)], "192.0.2.2:443");
    // Nothing is due before the hour is over; then it is.
    clock.advance(2 * DAY);
    watched.reach(&[row("192.0.2.3:443", 3, 1_000)], "192.0.2.3:443");
    let told = watched.stop(folder.path());
    assert_eq!(told.opened(), ["192.0.2.2:443", "192.0.2.3:443"]);
    let pruned = told.only(Kind::Prune);
    assert_eq!(pruned["reason"], "age");
    // What a log is not understood without is still there.
    assert_eq!(told.count(Kind::Started), 2);
    let status = Reader::open(folder.path()).unwrap().status().unwrap();
    let below: u64 = pruned["below"].parse().unwrap();
    assert!(status.pruned_below > 0 && status.pruned_below <= below);
    assert_eq!(status.epochs, told.report.chain.epochs());
}

#[test]
fn who_witnessed_is_known_also_when_the_entry_that_says_so_has_gone() {
    /// By the witness's own clock, in seconds since 1970.
    const SIGNED: i64 = 1_780_000_777;
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::new());
    let watched = start(testimony(folder.path()), &clock, "boot-1");
    watched.reach(&[row("192.0.2.1:443", 1, 1_000)], "192.0.2.1:443");
    let shown = watched.recorder.reader().unwrap().checkpoint().unwrap();
    let witness = witness();
    let time = u64::try_from(SIGNED).unwrap();
    let answer = shown.clone().cosign(&witness, time).unwrap();
    watched
        .recorder
        .cosigned(&answer, witness.public(), None)
        .unwrap();
    let signed = Some(WallTime::from_millis(SIGNED * 1_000));
    let status = watched.recorder.reader().unwrap().status().unwrap();
    let fresh = status.witnessed.unwrap();
    assert!(fresh.time.is_some() && fresh.time != signed, "{fresh:?}");
    watched.stop(folder.path());
    clock.advance(91 * DAY);
    let watched = start(testimony(folder.path()), &clock, "boot-1");
    watched.reach(&[row("192.0.2.2:443", 2, 1_000)], "192.0.2.2:443");
    let told = watched.stop(folder.path());
    assert_eq!((told.count(Kind::Prune), told.count(Kind::Witness)), (1, 0));
    let status = Reader::open(folder.path()).unwrap().status().unwrap();
    let old = status.witnessed.unwrap();
    assert_eq!((old.name, old.size), (fresh.name, fresh.size));
    assert_eq!(old.time, signed);
}

#[test]
fn how_long_rows_are_kept_stands_in_the_log_where_it_is_not_what_is_usual() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::new());
    start(testimony(folder.path()), &clock, "boot-1").stop(folder.path());
    let retention = Retention {
        age: 7 * DAY,
        bytes: 50 << 20,
    };
    let testimony = Testimony {
        retention,
        ..testimony(folder.path())
    };
    let told = start(testimony, &clock, "boot-1").stop(folder.path());
    let said: Vec<(&str, &str)> = told
        .all(Kind::Config)
        .map(|fields| (fields["name"].as_str(), fields["value"].as_str()))
        .collect();
    let recorded = ("recorded", "firmware-and-unknown");
    assert_eq!(
        said,
        [
            recorded,
            recorded,
            ("retention_days", "7"),
            ("retention_mib", "50")
        ]
    );
}

#[test]
fn a_journal_that_is_too_large_loses_its_older_half_once() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::new());
    let with = |bytes| Testimony {
        retention: Retention {
            bytes,
            ..Retention::default()
        },
        ..testimony(folder.path())
    };
    let watched = start(with(u64::MAX), &clock, "boot-1");
    let rows: Vec<_> = (10..1_010)
        .map(|at| row("192.0.2.7:443", at, 1_000))
        .collect();
    watched.reach(&rows, "192.0.2.7:443");
    watched.stop(folder.path());
    let status = Reader::open(folder.path()).unwrap().status().unwrap();
    let bytes = status.bytes.min(1_000 * 600) * 9 / 10;
    for _ in 0..3 {
        start(with(bytes), &clock, "boot-1").stop(folder.path());
    }
    let told = Told::of(folder.path());
    assert_eq!(told.only(Kind::Prune)["reason"], "size");
    assert!(
        (400..600).contains(&told.opened().len()),
        "{}",
        told.opened().len()
    );
}
