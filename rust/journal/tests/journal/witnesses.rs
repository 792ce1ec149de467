//! A phone and its witness, and how long rows stay.

use std::time::Duration;

use portlog_journal::entry::Kind;
use portlog_journal::store::{RedbStore, Snapshot as _, Store as _};
use portlog_journal::verify::Comparison;
use portlog_journal::{
    Due, EpochReason, Fault, Note, Report, Retention, Witnessed, answered, predecessor_entry,
    verify, witness as sign, witness_entry,
};
use portlog_model::WallTime;

use crate::support::*;

/// What the phone shows, verified by a witness who remembers `note`.
fn shown(log: &TestLog, note: Option<&Note>) -> Report {
    let mut options = options();
    options.states_at = note.iter().map(|note| note.checkpoint().size).collect();
    verify(sparse(log, &[]).as_bytes(), &options).unwrap()
}

#[test]
fn a_witness_signs_what_continues_and_the_phone_keeps_its_answer() {
    let anna = witness("friend.test/anna", 1);
    let mut log = short(1);
    let mut remembered: Option<Note> = None;
    for round in 0..3_u64 {
        log.keep(&latest(&log)).unwrap();
        let report = shown(&log, remembered.as_ref());
        let time = NOW - 100 + round;
        let answer = sign(&report, remembered.as_ref(), &anna, time).unwrap();
        let Witnessed::Signed(line) = answer else {
            panic!("{answer:?}");
        };
        remembered = Some(report.checkpoint.clone());
        let note = answered(&latest(&log), line.clone(), anna.public(), NOW).unwrap();
        log.keep(&note).unwrap();
        let nonce = Some("correct horse");
        let state = note.checkpoint();
        let entry = witness_entry(moment(5000), state, anna.public(), &line, nonce).unwrap();
        assert_eq!(entry.value("nonce").unwrap().as_str(), "correct horse");
        assert_ne!(entry.value("cosignature").unwrap().as_str(), "-");
        log.append(&entry).unwrap();
        log.rotate(moment(5001), EpochReason::Hand).unwrap();
    }
    let mut options = options();
    options.witnesses = vec![anna.public().clone()];
    let report = verify(full(&log).as_bytes(), &options).unwrap();
    assert_eq!(report.seen[0].size, remembered.unwrap().checkpoint().size);
    assert_eq!(report.seen[0].time, NOW - 98);
}

#[test]
fn a_witness_does_not_sign_what_was_cut_or_rewritten_or_does_not_show_it() {
    let anna = witness("friend.test/anna", 1);
    let grow = |text: &str| {
        let mut log = short(1);
        log.append(&mark(950, text)).unwrap();
        log.commit().unwrap();
        log
    };
    let (one, other, cut) = (grow("one"), grow("other"), short(1));
    let remembered = latest(&one);
    let refused = |log: &TestLog| match sign(
        &shown(log, Some(&remembered)),
        Some(&remembered),
        &anna,
        NOW,
    ) {
        Ok(Witnessed::Refused(why)) => why,
        answer => panic!("{answer:?}"),
    };
    assert!(matches!(refused(&other), Comparison::Fork(_)));
    assert!(matches!(
        refused(&cut),
        Comparison::RolledBack { missing: 1, .. }
    ));
    assert_eq!(refused(&short(9)), Comparison::OtherLog);
    // It goes on, but the remembered state is not in what is shown.
    let mut longer = grow("one");
    longer.append(&mark(951, "and on")).unwrap();
    longer.commit().unwrap();
    assert_eq!(refused(&longer), Comparison::CannotTell);
}

#[test]
fn an_answer_that_is_not_the_witnesss_is_not_kept() {
    let (anna, ben) = (
        witness("friend.test/anna", 1),
        witness("friend.test/ben", 2),
    );
    let (log, other) = (short(1), short(9));
    let fault = |state: &Note, by, time| {
        let line = portlog_journal::cosignature(state.checkpoint(), by, time);
        answered(&latest(&log), line, anna.public(), NOW)
            .unwrap_err()
            .fault
    };
    assert_eq!(fault(&latest(&log), &ben, NOW), Fault::Cosignature);
    assert_eq!(fault(&latest(&other), &anna, NOW), Fault::Cosignature);
    assert_eq!(fault(&latest(&log), &anna, NOW + 1), Fault::Cosignature);
}

#[test]
fn a_new_log_names_the_one_before() {
    let old = latest(&epochs(2));
    let mut log = new_log(3);
    let entry = predecessor_entry(moment(1), &old, "qr", "reset").unwrap();
    log.append(&entry).unwrap();
    log.commit().unwrap();
    let bundle = full(&log);
    assert!(bundle.contains(old.checkpoint().origin.as_str()));
    assert!(bundle.contains(&old.signatures()[0].to_string()));
    assert_eq!(check(&bundle).unwrap().shown, 2);
}

#[test]
fn rows_go_when_they_are_old_and_nothing_goes_twice() {
    let mut log = epochs(2);
    let day = Duration::from_hours(24);
    let retention = Retention {
        age: day,
        bytes: u64::MAX,
    };
    let at = |seconds: i64| WallTime::from_millis(BEGIN + seconds * 1000);
    let due = |log: &TestLog, seconds| {
        let snapshot = log.store().snapshot().unwrap();
        retention.due(&snapshot, at(seconds), 0).unwrap()
    };
    assert_eq!(due(&log, 3600), None);
    // The first day's rows: what stays is before, between and behind.
    let found = due(&log, 86_400 + 100).unwrap();
    assert_eq!(
        found,
        Due {
            below: 5,
            reason: "age"
        }
    );
    log.prune(moment(90_100), found.below, found.reason)
        .unwrap();
    assert!(log.store().snapshot().unwrap().get(3).unwrap().is_none());
    assert_eq!(due(&log, 86_400 + 100), None);
    // A clock that was set back deletes nothing.
    assert_eq!(due(&log, -1_000_000), None);
    assert_eq!(check(&full(&log)).unwrap().shown, 16);
}

#[test]
fn the_older_half_goes_when_there_is_too_much() {
    let mut log = epochs(2);
    let retention = Retention {
        bytes: 1000,
        ..Retention::default()
    };
    let now = WallTime::from_millis(BEGIN);
    let due = |log: &TestLog, bytes| {
        let snapshot = log.store().snapshot().unwrap();
        retention.due(&snapshot, now, bytes).unwrap()
    };
    assert_eq!(due(&log, 1000), None);
    let found = due(&log, 1001).unwrap();
    assert_eq!(found.reason, "size");
    log.prune(moment(95_000), found.below, found.reason)
        .unwrap();
    assert!(check(&full(&log)).unwrap().shown < 16);
    let empty = RedbStore::in_memory().unwrap().snapshot().unwrap();
    assert_eq!(retention.due(&empty, now, u64::MAX).unwrap(), None);
}

#[test]
fn the_alert_that_was_seen_is_still_proven_after_its_row_is_gone() {
    let mut log = epochs(2);
    let before = sparse(&log, &[Kind::Alert]);
    log.prune(moment(95_000), 16, "age").unwrap();
    assert!(!full(&log).contains("\nkind alert\n"));
    assert_eq!(check(&before).unwrap().shown, 2);
}
