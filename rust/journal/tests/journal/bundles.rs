//! Logs to bundles and back: what is exported verifies, and says what it must.

use std::time::Duration;

use portlog_journal::bundle::{Mode, export_sparse};
use portlog_journal::entry::Kind;
use portlog_journal::store::{Snapshot as _, Store as _};
use portlog_journal::verify::{
    Comparison, EvidenceLevel, Held, Observed, Options, compare, entries, epochs as epochs_of,
};
use portlog_journal::{EpochReason, Error, Fault, Log, MAX_EPOCH, Origin, verify};

use crate::support::*;

#[test]
fn a_chosen_part_verifies_and_names_how_much_it_is() {
    let log = short(1);
    let bundle = sparse(&log, &[Kind::Started, Kind::Packages, Kind::Alert]);
    let report = check(&bundle).unwrap();
    assert_eq!(
        (report.mode, report.shown, report.size()),
        (Mode::Sparse, 3, 10)
    );
    assert_eq!(report.level(), EvidenceLevel::SelfConsistent);
    assert_eq!(
        report.first_lines(),
        [
            "Unchanged since it was signed. Signer: unknown.",
            "This does not prove that the phone reported the truth, what was sent, who is \
             responsible, or that nobody provoked it.",
            "3 of 10 entries shown, chosen by the sharer.",
        ]
    );
    assert_eq!(report.origin(), log.origin());
    // Two owners and the alert's local end.
    assert_eq!(report.withheld_fields, 3);
    assert!(bundle.contains(" 10012 app yes - com.example.sync Sync\n"));
    for hidden in ["192.0.2.10", "org.example.browser", "com.example.settings"] {
        assert!(!bundle.contains(hidden), "{hidden}");
    }
}

#[test]
fn the_whole_log_verifies_and_accounts_for_its_hours() {
    let log = epochs(2);
    let report = check(&full(&log)).unwrap();
    assert_eq!(
        (report.mode, report.shown, report.size()),
        (Mode::Full, 16, 16)
    );
    assert_eq!((report.withheld_fields, report.chain.epochs()), (0, 3));
    assert_eq!(report.watched.watched, Duration::from_secs(4 * 590));
    assert_eq!(report.watched.asleep, Duration::from_mins(4 * 5));
    assert_eq!(report.watched.denied, Duration::from_secs(4 * 10));
    assert_eq!(report.watched.heartbeats, 4);
    assert_eq!(report.obtained.not_live(), 0);
    assert_eq!(report.obtained.by["live"], 8);
    let (first, last) = report.period.unwrap();
    assert_eq!(
        (first.as_millis(), last.as_millis()),
        (BEGIN, BEGIN + 90_005_000)
    );
}

#[test]
fn pages_are_shown_only_when_the_file_is_the_one_that_was_verified() {
    let log = short(1);
    let (one, other) = (full(&log), full_redacted(&log));
    let report = check(&one).unwrap();
    let mut seen = 0;
    entries(one.as_bytes(), &report, |_| seen += 1).unwrap();
    assert_eq!(seen, 10);
    let error = entries(other.as_bytes(), &report, |_| ()).unwrap_err();
    assert_eq!(error.fault(), Some(Fault::EndHash));
}

#[test]
fn a_log_that_was_not_observed_live_says_so_in_every_report() {
    for (provenance, live) in [
        ("live", true),
        ("helper", true),
        ("adb", true),
        ("import", false),
        ("replay", false),
        ("simulated", false),
        ("something-new", false),
    ] {
        let mut log = new_log(3);
        log.append(&started(1, provenance)).unwrap();
        log.append(&packages(2)).unwrap();
        log.append(&alert(3, 1, 2)).unwrap();
        log.commit().unwrap();
        let report = check(&full(&log)).unwrap();
        let warned = report
            .first_lines()
            .contains(&format!("NOT OBSERVED LIVE: 1 by {provenance}."));
        assert_eq!(warned, !live, "{provenance}");
    }
}

#[test]
fn a_session_that_did_not_look_at_a_running_kernel_says_so_with_nothing_else_shown() {
    let begun = |provenance| {
        let mut log = new_log(3);
        log.append(&started(1, provenance)).unwrap();
        log.append(&mark(2, "a bus went by")).unwrap();
        log.commit().unwrap();
        let shown = sparse(&log, &[Kind::Started, Kind::Mark]);
        let snapshot = log.store().snapshot().unwrap();
        let mut hidden = Vec::new();
        let but_provenance = |_: Kind, name: &str, _: &str| name != "provenance";
        export_sparse(&snapshot, &[1, 2], &but_provenance, &mut hidden).unwrap();
        (
            check(&shown).unwrap(),
            verify(hidden.as_slice(), &options()).unwrap(),
        )
    };
    let (shown, hidden) = begun("replay");
    assert_eq!(shown.obtained.observed(), Observed::NotLive);
    assert_eq!(shown.obtained.not_live(), 0);
    assert_eq!(
        shown.first_lines()[3],
        "NOT OBSERVED LIVE: 1 session by replay."
    );
    let of_hidden = "NOT OBSERVED LIVE: 1 session of which it is not shown how they looked.";
    assert_eq!(hidden.first_lines()[3], of_hidden);
    let (live, hidden) = begun("live");
    assert_eq!(live.obtained.observed(), Observed::Nothing);
    assert_eq!(live.first_lines().len(), 3);
    assert_eq!(hidden.first_lines()[3], of_hidden);
}

#[test]
fn of_nothing_shown_it_is_not_said_that_it_was_live() {
    let report = check(&sparse(&short(1), &[])).unwrap();
    assert_eq!(report.obtained.observed(), Observed::Nothing);
    let (live, not, nothing) = (Observed::Live, Observed::NotLive, Observed::Nothing);
    assert_eq!([live.and(live), live.and(nothing)], [live, nothing]);
    assert_eq!([not.and(live), nothing.and(not)], [not, not]);
}

#[test]
fn a_log_without_its_end_checks_and_shows_its_age() {
    let log = epochs(2);
    let snapshot = log.store().snapshot().unwrap();
    let age = |indices: &[u64], now| {
        let mut out = Vec::new();
        export_sparse(&snapshot, indices, &everything, &mut out).unwrap();
        let report = verify(out.as_slice(), &Options::at(now)).unwrap();
        (report.newest_age_ms(), report.period)
    };
    let (old, period) = age(&[1, 4], NOW);
    let newest = period.unwrap().1.as_millis().div_euclid(1000);
    assert_eq!(old, Some((i64::try_from(NOW).unwrap() - newest) * 1000));
    // The reader's clock has no fractions: an entry of this very second is not ahead of it.
    assert_eq!(age(&[1, 4], u64::try_from(newest).unwrap()).0, Some(0));
    let (new, _) = age(&[1, 4, 15], NOW);
    assert!(old > new, "{old:?} {new:?}");
    assert!(age(&[1, 4], NOW - 864_000).0 < Some(0));
    assert_eq!(age(&[], NOW).0, None);
}

#[test]
fn what_hides_its_provenance_was_not_observed_live() {
    let log = short(1);
    let without_start = check(&sparse(&log, &[Kind::Alert])).unwrap();
    assert_eq!(without_start.obtained.not_shown, 1);
    assert!(without_start.first_lines()[3].starts_with("NOT OBSERVED LIVE: 1 of which"));

    let snapshot = log.store().snapshot().unwrap();
    let mut out = Vec::new();
    let but_provenance = |_: Kind, name: &str, _: &str| name != "provenance";
    export_sparse(&snapshot, &[1, 4], &but_provenance, &mut out).unwrap();
    let report = verify(out.as_slice(), &options()).unwrap();
    assert_eq!(report.obtained.not_shown, 1);

    // An alert of the second session, and the start of the first.
    let log = epochs(2);
    let snapshot = log.store().snapshot().unwrap();
    let mut out = Vec::new();
    export_sparse(&snapshot, &[1, 9, 15], &everything, &mut out).unwrap();
    let report = verify(out.as_slice(), &options()).unwrap();
    assert_eq!(
        (report.obtained.not_shown, report.obtained.by["live"]),
        (1, 1)
    );
}

#[test]
fn nothing_shown_is_a_bundle_too_and_proves_the_checkpoint() {
    let log = epochs(2);
    let bundle = sparse(&log, &[]);
    let report = check(&bundle).unwrap();
    assert_eq!((report.shown, report.size()), (0, 16));
    assert_eq!(report.checkpoint, latest(&log));
}

#[test]
fn a_reader_who_knows_the_log_reaches_a_higher_level_and_no_other_log_does() {
    let log = short(1);
    let bundle = sparse(&log, &[Kind::Alert]);
    let mut knows = options();
    knows.pinned = Some(log.origin().clone());
    let report = verify(bundle.as_bytes(), &knows).unwrap();
    assert_eq!(report.level(), EvidenceLevel::Pinned);
    assert!(report.first_lines()[0].ends_with("Signer: known to you."));
    knows.pinned = Some(short(9).origin().clone());
    let error = verify(bundle.as_bytes(), &knows).unwrap_err();
    assert_eq!(error.fault(), Some(Fault::Origin));
    assert!(Origin::parse("portlog/log/00").is_none());
}

#[test]
fn witnesses_count_once_each_and_only_for_what_they_saw() {
    let mut log = short(1);
    let (anna, ben) = (
        witness("friend.test/anna", 1),
        witness("friend.test/ben", 2),
    );
    let seen = latest(&log)
        .cosign(&anna, 1_777_903_000)
        .unwrap()
        .cosign(&ben, 1_777_903_600)
        .unwrap();
    log.keep(&seen).unwrap();
    log.append(&mark(950, "later")).unwrap();
    log.commit().unwrap();
    let again = latest(&log).cosign(&anna, 1_777_904_000).unwrap();
    log.keep(&again).unwrap();
    let bundle = sparse(&log, &[Kind::Alert]);

    let stranger = check(&bundle).unwrap();
    assert_eq!(stranger.level(), EvidenceLevel::SelfConsistent);
    assert_eq!(stranger.unchecked_signatures, 3);

    let mut knows = options();
    knows.witnesses = vec![anna.public().clone(), ben.public().clone()];
    knows.quorum = 2;
    let report = verify(bundle.as_bytes(), &knows).unwrap();
    assert_eq!(report.level(), EvidenceLevel::Witnessed);
    assert_eq!(report.unchecked_signatures, 0);
    let sizes: Vec<(&str, u64)> = report
        .seen
        .iter()
        .map(|seen| (seen.witness.as_str(), seen.size))
        .collect();
    assert_eq!(sizes, [("friend.test/anna", 11), ("friend.test/ben", 10)]);
    assert!(report.first_lines()[0].ends_with("seen by 2 witnesses on 2026-05-04."));

    knows.witnesses.truncate(1);
    let one = verify(bundle.as_bytes(), &knows).unwrap();
    assert_eq!(
        one.level(),
        EvidenceLevel::SelfConsistent,
        "one of two asked for"
    );

    knows.now = 1_777_000_000;
    let early = verify(bundle.as_bytes(), &knows).unwrap_err();
    assert_eq!(early.fault(), Some(Fault::Cosignature));
}

#[test]
fn copies_of_one_log_are_told_apart() {
    let mut log = epochs(2);
    let (old_full, old_sparse) = (full(&log), sparse(&log, &[Kind::Alert]));
    let old_note = latest(&log);
    log.keep(&old_note).unwrap();
    for second in 0..9 {
        log.append(&heartbeat(91_000 + second)).unwrap();
    }
    log.commit().unwrap();
    let (new_full, new_sparse) = (full(&log), sparse(&log, &[Kind::Alert]));
    let at = |bundle: &str, size: u64| {
        let mut options = options();
        options.states_at = vec![size];
        verify(bundle.as_bytes(), &options).unwrap()
    };
    let told = |file: &str, copy: &str| {
        let copy_size = check(copy).unwrap().size();
        let file_size = check(file).unwrap().size();
        let held = Held::Bundle(Box::new(at(copy, file_size)));
        compare(&at(file, copy_size), &held).unwrap()
    };
    assert_eq!(told(&new_full, &new_sparse), Comparison::Same);
    assert_eq!(
        told(&new_full, &old_sparse),
        Comparison::Continues { added: 9 }
    );
    // The kept checkpoint is in the sparse bundle, with its proof.
    assert_eq!(
        told(&new_sparse, &old_full),
        Comparison::Continues { added: 9 }
    );
    for (file, copy) in [
        (&old_full, &new_full),
        (&old_sparse, &new_full),
        (&old_sparse, &new_sparse),
    ] {
        let back = Comparison::RolledBack {
            missing: 9,
            same_until_there: true,
        };
        assert_eq!(told(file, copy), back);
    }
    assert_eq!(told(&new_full, &full(&short(1))), Comparison::OtherLog);
    let bare = |file: &str, note| compare(&at(file, 16), &Held::Checkpoint(note)).unwrap();
    assert_eq!(
        bare(&new_full, old_note.clone()),
        Comparison::Continues { added: 9 }
    );
    assert_eq!(
        bare(&old_full, latest(&log)),
        Comparison::RolledBack {
            missing: 9,
            same_until_there: false
        }
    );
}

#[test]
fn a_sparse_file_without_the_copys_state_does_not_tell() {
    let mut log = short(1);
    let old = sparse(&log, &[Kind::Alert]);
    for second in 0..5 {
        log.append(&heartbeat(1000 + second)).unwrap();
    }
    log.commit().unwrap();
    let mut options = options();
    options.states_at = vec![10];
    let new = verify(sparse(&log, &[]).as_bytes(), &options).unwrap();
    let held = Held::Bundle(Box::new(check(&old).unwrap()));
    assert_eq!(compare(&new, &held).unwrap(), Comparison::CannotTell);
}

#[test]
fn two_histories_of_one_log_are_a_fork_with_its_proof() {
    // The phone's folder was copied, and both copies went on: same keys, other entries.
    let grow = |marks: &[&str], more: usize| {
        let mut log = epochs(2);
        for (second, text) in marks.iter().enumerate() {
            log.append(&mark(91_000 + i64::try_from(second).unwrap(), text))
                .unwrap();
        }
        for second in 0..more {
            log.append(&heartbeat(92_000 + i64::try_from(second).unwrap()))
                .unwrap();
        }
        log.commit().unwrap();
        log
    };
    let (one, other) = (grow(&["a", "b"], 0), grow(&["a", "x"], 7));
    let at = |bundle: &str, size: u64| {
        let mut options = options();
        options.states_at = vec![size];
        verify(bundle.as_bytes(), &options).unwrap()
    };
    let (short_file, long_file) = (at(&full(&one), 25), at(&full(&other), 18));
    for told in [
        compare(&long_file, &Held::Bundle(Box::new(short_file.clone()))),
        compare(&short_file, &Held::Bundle(Box::new(long_file.clone()))),
        compare(&long_file, &Held::Checkpoint(latest(&one))),
    ] {
        let Comparison::Fork(fork) = told.unwrap() else {
            panic!("two histories were taken for one");
        };
        assert_eq!(fork.smaller, latest(&one));
        assert_eq!(fork.larger, latest(&other));
        let (root, proof) = fork.prefix.as_ref().unwrap();
        let larger = fork.larger.checkpoint();
        assert_ne!(*root, fork.smaller.checkpoint().root);
        let consistent =
            portlog_journal::tree::check_consistency(18, root, 25, &larger.root, proof);
        assert_eq!(consistent, Ok(()));
        let keys = |log| epochs_of(full(log).as_bytes(), &check(&full(log)).unwrap()).unwrap();
        let text = fork.to_text(&keys(&one), &keys(&other));
        assert!(
            text.starts_with("portlog/fork@v1\n\nside\nportlog/log/"),
            "{text}"
        );
        assert_eq!(text.matches("\nepoch 2\nvkey ").count(), 2);
        assert_eq!(
            text.matches(&format!("\nprefix {root}\nconsistency "))
                .count(),
            1
        );
    }
    // Of the same size.
    let (one, other) = (grow(&["a", "b"], 0), grow(&["a", "x"], 0));
    let held = Held::Bundle(Box::new(check(&full(&one)).unwrap()));
    let told = compare(&check(&full(&other)).unwrap(), &held).unwrap();
    assert!(matches!(told, Comparison::Fork(fork) if fork.prefix.is_none()));
}

#[test]
fn a_checkpoint_that_nobody_of_this_log_signed_says_nothing() {
    let log = short(1);
    let mut other = latest(&short(9)).checkpoint().clone();
    other.origin = log.origin().clone();
    let forged = other.sign(&[&witness_key(log.origin())]);
    let error = compare(&check(&full(&log)).unwrap(), &Held::Checkpoint(forged)).unwrap_err();
    assert_eq!(error.fault, Fault::SignatureForeign);
}

fn witness_key(origin: &Origin) -> portlog_journal::SigningKey {
    portlog_journal::SigningKey::of_log(origin, &portlog_journal::Seed::new([5; 32])).unwrap()
}

#[test]
fn epochs_end_by_themselves_before_they_are_too_long() {
    let mut log = new_log(7);
    log.append(&started(1, "live")).unwrap();
    for second in 0..i64::try_from(2 * MAX_EPOCH).unwrap() {
        log.append(&mark(2 + second, "x")).unwrap();
    }
    log.commit().unwrap();
    assert_eq!(log.epoch(), 2);
    let snapshot = log.store().snapshot().unwrap();
    assert_eq!(
        snapshot.epoch_entries().unwrap(),
        [0, MAX_EPOCH - 1, 2 * MAX_EPOCH - 1]
    );
    let report = check(&sparse(&log, &[Kind::Started])).unwrap();
    assert_eq!(report.chain.epochs(), 3);
}

#[test]
fn keys_of_ended_epochs_are_gone_and_a_log_without_its_key_is_not_continued() {
    let keys = Keys::default();
    let store = portlog_journal::store::RedbStore::in_memory().unwrap();
    let mut log = Log::create(store, keys.clone(), Fixed::new(1), moment(0)).unwrap();
    log.rotate(moment(1), EpochReason::Hand).unwrap();
    assert_eq!(keys.0.borrow().keys().copied().collect::<Vec<_>>(), [1]);
    keys.0.borrow_mut().clear();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.redb");
    let open = || portlog_journal::store::RedbStore::open(&path).unwrap();
    let keys = Keys::default();
    drop(Log::create(open(), keys.clone(), Fixed::new(1), moment(0)).unwrap());
    let opened = Log::open(open(), keys.clone(), Fixed::new(2))
        .unwrap()
        .unwrap();
    assert_eq!((opened.size(), opened.epoch()), (1, 0));
    drop(opened);
    keys.0.borrow_mut().clear();
    let refused = Log::open(open(), keys.clone(), Fixed::new(2)).map(|_| ());
    assert!(matches!(refused, Err(Error::NoKey(0))));
    keys.0.borrow_mut().insert(0, [9; 32]);
    let other = Log::open(open(), keys, Fixed::new(2)).map(|_| ());
    assert!(matches!(other, Err(Error::NoKey(0))), "another key is none");
}

#[test]
fn pruned_entries_are_shown_as_withheld_and_old_proofs_still_hold() {
    let mut log = epochs(2);
    let before = sparse(&log, &[Kind::Alert]);
    log.prune(moment(95_000), 10, "age").unwrap();
    let snapshot = log.store().snapshot().unwrap();
    assert!(snapshot.get(3).unwrap().is_none());
    let kept: Vec<u64> = (0..10)
        .filter(|at| snapshot.get(*at).unwrap().is_some())
        .collect();
    assert_eq!(kept, [0, 1, 2, 4], "epoch, start, packages, epoch");
    let after = full(&log);
    let report = check(&after).unwrap();
    assert_eq!((report.shown, report.size()), (11, 17));
    assert!(after.contains("\nkind prune\n") && after.contains("\nleaf 3 "));
    let mut options = options();
    options.states_at = vec![16];
    let report = verify(after.as_bytes(), &options).unwrap();
    let held = Held::Bundle(Box::new(check(&before).unwrap()));
    assert_eq!(
        compare(&report, &held).unwrap(),
        Comparison::Continues { added: 1 }
    );
    log.prune(moment(95_001), 10, "age").unwrap();
    assert_eq!(log.size(), 17, "there was nothing left to prune");
}

#[test]
fn no_secret_is_in_a_bundle() {
    let log = epochs(2);
    let bundle = full(&log);
    let snapshot = log.store().snapshot().unwrap();
    for index in 0..16 {
        // A row's bytes 11 to 27 are its salt.
        let row = snapshot.get(index).unwrap().unwrap().encode();
        let text = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &row[11..27]);
        assert!(!bundle.contains(&text), "the salt of row {index}");
    }
    let options = Options::at(NOW);
    assert!(verify(bundle.as_bytes(), &options).is_ok());
}

#[test]
fn a_clock_that_is_set_back_changes_no_order() {
    let mut log = new_log(1);
    log.append(&started(1, "live")).unwrap();
    log.append(&mark(500, "before")).unwrap();
    log.append(
        &entry(Kind::Clock, 100, &[("jump_ms", "-400000")])
            .with("before", moment(500))
            .unwrap(),
    )
    .unwrap();
    log.append(&mark(101, "after")).unwrap();
    log.rotate(moment(102), EpochReason::Hand).unwrap();
    log.append(&mark(90, "and further back")).unwrap();
    log.commit().unwrap();
    let bundle = full(&log);
    let report = check(&bundle).unwrap();
    let mut texts = Vec::new();
    entries(bundle.as_bytes(), &report, |entry| {
        texts.extend(entry.value("text").map(str::to_owned));
    })
    .unwrap();
    assert_eq!(texts, ["before", "after", "and further back"]);
    let (first, last) = report.period.unwrap();
    assert!(
        first < last,
        "what is said of the time is what the entries say"
    );
}
