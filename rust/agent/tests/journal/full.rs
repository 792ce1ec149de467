//! A disk that is full, and later is not.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use portlog_agent::Error;
use portlog_agent::testimony::{Choice, Mark, Preset, Writing};
use portlog_journal::entry::Kind;
use portlog_model::{Event, EventKind};

use crate::opening::Mount;
use crate::support::Step;
use crate::world::{PATIENCE, Told, Watched, row, testimony};

/// Takes what room is left.
fn fill(folder: &Path) {
    let mut file = fs::File::create(folder.join("filler")).unwrap();
    for size in [65_536, 4_096, 512, 1] {
        while file.write_all(&vec![7; size]).is_ok() {}
    }
}

fn journal_news(events: &[Event]) -> Vec<&str> {
    events
        .iter()
        .filter_map(|event| match &event.kind {
            EventKind::Config { name, value } if &**name == "journal" => Some(&**value),
            _ => None,
        })
        .collect()
}

#[test]
fn on_a_full_disk_nothing_acknowledged_is_lost_and_the_rest_waits() {
    let Some(mount) = Mount::new("size=4m") else {
        return;
    };
    let journal = mount.path().join("journal");
    let watched = Watched::phone(testimony(&journal), "192.0.2.99\n");
    watched
        .recorder
        .mark(&Mark::Words("kept".to_owned()))
        .unwrap();
    fill(mount.path());

    // Alerts that want to be durable at once, and more rows than free pages.
    let mut rows: Vec<_> = (10..1_500)
        .map(|at| row("192.0.2.7:443", at, 1_000))
        .collect();
    rows.push(row("192.0.2.99:443", 9, 10_010));
    watched.script.go_on_with(Step::Rows(rows));
    let events = watched
        .clock
        .drive(&watched.agent, |events| !journal_news(events).is_empty());
    assert!(
        journal_news(&events)[0].starts_with("not written: "),
        "{events:?}"
    );
    let health = watched.recorder.health();
    let Writing::NotSince { why, .. } = &health.writing else {
        panic!("{health:?}");
    };
    assert!(why.contains("No space left"), "{why}");
    assert!(health.pending > 0);
    // What cannot be kept is not promised.
    let refused = watched.recorder.mark(&Mark::Words("refused".to_owned()));
    let error = refused.unwrap_err();
    assert!(matches!(error, Error::JournalNotWritten { .. }), "{error}");
    assert!(error.to_string().contains("No space left"), "{error}");
    // What was kept can be read and shared.
    let reader = watched.recorder.reader().unwrap();
    let mut bundle = Vec::new();
    let choice = Choice::new(Preset::Everything);
    reader.export(&choice, &mut bundle).unwrap();
    drop(reader);
    assert_eq!(Told::verified(&bundle).only(Kind::Mark)["text"], "kept");

    fs::remove_file(mount.path().join("filler")).unwrap();
    let give_up = Instant::now() + PATIENCE;
    while watched.recorder.health().writing != Writing::Yes {
        assert!(Instant::now() < give_up, "{:?}", watched.recorder.health());
        std::thread::sleep(Duration::from_millis(50));
    }
    let events = watched
        .clock
        .drive(&watched.agent, |events| !journal_news(events).is_empty());
    assert_eq!(journal_news(&events), ["written"]);
    watched
        .recorder
        .mark(&Mark::Words("again".to_owned()))
        .unwrap();
    let told = watched.stop(&journal);
    let marks: Vec<&str> = told
        .all(Kind::Mark)
        .map(|mark| mark["text"].as_str())
        .collect();
    assert_eq!(marks, ["kept", "again"]);
    assert_eq!(told.opened().len(), 1_491);
    assert_eq!(told.alerts().len(), 1);
    assert_eq!(told.count(Kind::Drop), 0);
}

#[test]
fn what_finds_no_room_while_the_disk_is_full_is_counted_in_the_log() {
    let Some(mount) = Mount::new("size=48m") else {
        return;
    };
    let journal = mount.path().join("journal");
    let watched = Watched::phone(testimony(&journal), "192.0.2.99\n");
    watched.reach(&[row("192.0.2.1:443", 1, 1_000)], "192.0.2.1:443");
    fill(mount.path());
    // Rows by the thousand, over and over, until more came than is kept.
    let give_up = Instant::now() + 3 * PATIENCE;
    let mut round = 0_u64;
    while watched.recorder.health().lost == 0 {
        assert!(Instant::now() < give_up, "{:?}", watched.recorder.health());
        round += 1;
        let first = round * 100_000;
        let mut rows: Vec<_> = (first..first + 4_000)
            .map(|at| row("192.0.2.7:443", at, 1_000))
            .collect();
        let last = format!("192.0.2.8:{round}");
        rows.push(row(&last, first + 5_000, 1_000));
        watched.reach(&rows, &last);
    }
    fs::remove_file(mount.path().join("filler")).unwrap();
    let give_up = Instant::now() + PATIENCE;
    while watched
        .recorder
        .mark(&Mark::Words("again".to_owned()))
        .is_err()
    {
        assert!(Instant::now() < give_up, "{:?}", watched.recorder.health());
        std::thread::sleep(Duration::from_millis(100));
    }
    let lost = watched.recorder.health().lost;
    let told = watched.stop(&journal);
    let counted: u64 = told
        .all(Kind::Drop)
        .map(|fields| fields["events"].parse::<u64>().unwrap())
        .sum();
    assert!(counted > 0 && counted == lost, "{counted} {lost}");
    assert_eq!(told.report.watched.dropped, counted);
    assert_eq!(told.only(Kind::Stopped)["dropped"], counted.to_string());
}
