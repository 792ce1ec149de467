//! What only the front end can know: deaths, starts.

use std::time::Duration;

use portlog_agent::Clock;
use portlog_agent::session::{HistoryQuery, Note, NoteKind, Session, Told, ToldKind};

use crate::support::{ManualClock, Step};
use crate::world::{Scripted, fetch, has, live, row, settings};

const LOW_MEMORY: i32 = 3;
const CRASH: i32 = 4;

fn death(at: i64, reason: i32) -> Note {
    Note {
        at,
        kind: NoteKind::Death(reason),
        detail: "importance 400".to_owned(),
    }
}

fn gaps(session: &Session) -> Vec<Told> {
    let query = HistoryQuery {
        kinds: vec![ToldKind::Gap],
        limit: 100,
        ..HistoryQuery::default()
    };
    session.history(&query).unwrap().records
}

/// A session that was killed at the moment that is given back, and is opened again an hour later.
fn killed(folder: &std::path::Path) -> (Scripted, i64) {
    let clock = std::sync::Arc::new(ManualClock::new());
    let rows = || [Step::Rows(vec![row(0, 40_001, "203.0.113.1:443", 1)])];
    let first = Scripted::open_with(folder, std::sync::Arc::clone(&clock), rows(), &settings());
    first.session.start().unwrap();
    first.look(3);
    // As after a kill: what the end would write is taken back.
    let state = std::fs::read(folder.join("state.json")).unwrap();
    let at = clock.now().moment.wall.as_millis();
    first.session.close();
    std::fs::write(folder.join("state.json"), state).unwrap();
    clock.advance(Duration::from_hours(1));
    let again = Scripted::open_with(folder, clock, rows(), &settings());
    (again, at)
}

#[test]
fn a_death_explains_the_gap_whether_it_is_told_before_or_after_the_start() {
    for before in [true, false] {
        let folder = tempfile::tempdir().unwrap();
        let (scripted, at) = killed(folder.path());
        let session = &scripted.session;
        if before {
            session.note(death(at + 500, LOW_MEMORY)).unwrap();
        }
        session.start().unwrap();
        scripted.look(2);
        if !before {
            let told = fetch(session, |told| has(told, ToldKind::Gap));
            let gap = told.iter().find(|told| told.kind == ToldKind::Gap).unwrap();
            assert!(gap.text.contains("did not run"), "{gap:#?}");
            session.note(death(at + 500, LOW_MEMORY)).unwrap();
        }
        let told = fetch(session, |told| has(told, ToldKind::Gap));
        let gap = told.iter().find(|told| told.kind == ToldKind::Gap).unwrap();
        assert!(gap.text.contains("to free memory"), "{gap:#?}");
        assert!(gap.text.contains("(importance 400)"), "{gap:#?}");
        // The system tells of it at every start; it is kept once.
        session.note(death(at + 500, LOW_MEMORY)).unwrap();
        let kept = gaps(session);
        assert_eq!(kept.len(), 1, "{kept:#?}");
        assert_eq!(kept[0].sequence, gap.sequence);
        let stopped = session.stats().stopped;
        assert!((3_500_000..3_700_000).contains(&stopped), "{stopped}");
    }
}

#[test]
fn a_death_that_no_gap_holds_is_kept_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let (scripted, at) = killed(folder.path());
    scripted
        .session
        .note(death(at - 86_400_000, CRASH))
        .unwrap();
    scripted.session.start().unwrap();
    scripted.look(2);
    let kept = gaps(&scripted.session);
    let texts: Vec<&str> = kept.iter().map(|told| told.text.as_str()).collect();
    assert_eq!(kept.len(), 2, "{texts:#?}");
    assert!(
        texts.iter().any(|text| text.contains("crash")),
        "{texts:#?}"
    );
    assert!(
        texts.iter().any(|text| text.contains("did not run")),
        "{texts:#?}"
    );
    scripted
        .session
        .note(death(at - 86_400_000, CRASH))
        .unwrap();
    assert_eq!(gaps(&scripted.session).len(), 2);
}

#[test]
fn another_boot_explains_a_gap_only_where_it_began_soon_after_the_last_sign_of_life() {
    for (earlier, words) in [
        (0, "switched off or restarted"),
        (86_400_000, "did not run"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let (scripted, _) = killed(folder.path());
        let path = folder.path().join("state.json");
        let text = std::fs::read_to_string(&path).unwrap();
        let mut state: serde_json::Value = serde_json::from_str(&text).unwrap();
        state["boot_id"] = "another boot".into();
        let wall = state["alive"]["wall"].as_i64().unwrap();
        state["alive"]["wall"] = (wall - earlier).into();
        std::fs::write(&path, state.to_string()).unwrap();
        scripted.session.start().unwrap();
        scripted.look(1);
        let kept = gaps(&scripted.session);
        assert!(kept[0].text.contains(words), "{kept:#?}");
    }
}

#[test]
fn starts_and_missed_starts_are_kept_as_what_the_system_told() {
    let folder = tempfile::tempdir().unwrap();
    let session = Session::open(live(folder.path())).unwrap();
    session
        .note(Note {
            at: 1_780_000_000_000,
            kind: NoteKind::StartMissed,
            detail: String::new(),
        })
        .unwrap();
    session
        .note(Note {
            at: 1_780_000_001_000,
            kind: NoteKind::StartedBy,
            detail: "by hand\n".to_owned(),
        })
        .unwrap();
    let told = fetch(&session, |told| told.len() >= 2);
    assert!(
        told.iter()
            .all(|told| told.kind == ToldKind::System && told.sequence > 0)
    );
    assert!(told[0].text.contains("autostart"), "{told:#?}");
    assert!(told[1].text.contains("by hand\u{fffd}"), "{told:#?}");
    drop(session);
    let session = Session::open(live(folder.path())).unwrap();
    let kept = session.history(&HistoryQuery {
        limit: 10,
        ..HistoryQuery::default()
    });
    assert_eq!(kept.unwrap().records.len(), 2);
}
