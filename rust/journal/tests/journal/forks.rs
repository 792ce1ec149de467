//! Proofs that a log has two histories: what a stranger can verify, and everything that is none.

use portlog_journal::store::{RedbStore, Store as _};
use portlog_journal::tree;
use portlog_journal::verify::{
    Comparison, Fork, Held, compare, epochs as epochs_of, fork, is_fork,
};
use portlog_journal::{EpochReason, Fault, Note, SigningKey, verify};

use crate::forgeries::{Forgery, flipped, forged, line, put, put_after};
use crate::support::*;
use crate::vectors::reader;

/// Two logs with the same keys and another history: the folder of a phone was copied, and both
/// copies went on.
fn histories(seed: u64, more: i64) -> (TestLog, TestLog) {
    let grow = |text: &str, more: i64| {
        let mut log = epochs(seed);
        log.append(&mark(91_000, text)).unwrap();
        for second in 0..more {
            log.append(&heartbeat(92_000 + second)).unwrap();
        }
        log.commit().unwrap();
        log
    };
    (grow("a", 0), grow("b", more))
}

fn keys_of(log: &TestLog) -> String {
    let bundle = full(log);
    epochs_of(bundle.as_bytes(), &check(&bundle).unwrap()).unwrap()
}

/// What the comparison of two whole logs finds, as a file.
fn found(one: &TestLog, other: &TestLog) -> String {
    let (size_one, size_other) = (one.size(), other.size());
    let at = |log: &TestLog, size| {
        let mut options = options();
        options.states_at = vec![size];
        verify(full(log).as_bytes(), &options).unwrap()
    };
    let held = Held::Bundle(Box::new(at(other, size_one)));
    match compare(&at(one, size_other), &held).unwrap() {
        Comparison::Fork(fork) => fork.to_text(&keys_of(one), &keys_of(other)),
        other => panic!("{other:?}"),
    }
}

/// States of 17 and of 24 entries, after two epochs that both have.
pub(crate) fn of_different_sizes() -> String {
    let (one, other) = histories(2, 7);
    found(&one, &other)
}

/// Two states of 17 entries.
pub(crate) fn of_one_size() -> String {
    let (one, other) = histories(2, 0);
    found(&one, &other)
}

/// Two states of 2 entries, of one epoch.
pub(crate) fn small() -> String {
    let grow = |text: &str| {
        let mut log = new_log(1);
        log.append(&mark(1, text)).unwrap();
        log.commit().unwrap();
        log
    };
    found(&grow("a"), &grow("b"))
}

/// As [`of_different_sizes`], where Anna signed the first state and somebody unknown the other.
pub(crate) fn seen_by_a_witness() -> String {
    let bundle = of_different_sizes();
    let parsed = |note: &str| Note::parse(note).unwrap();
    let smaller = note_of(&bundle, 0);
    let larger = note_of(&bundle, 1);
    let anna = parsed(&smaller)
        .cosign(&witness("friend.test/anna", 1), 1_777_903_000)
        .unwrap();
    let carl = parsed(&larger)
        .cosign(&witness("friend.test/carl", 3), 1_777_903_000)
        .unwrap();
    resealed(&put(
        &put(&bundle, &smaller, &anna.to_string()),
        &larger,
        &carl.to_string(),
    ))
}

/// The note of a side.
fn note_of(file: &str, side: usize) -> String {
    let begin = file.match_indices("\nside\n").nth(side).unwrap().0 + "\nside\n".len();
    let end = file[begin..].find("\n\nepoch 0\n").unwrap() + begin + 1;
    file[begin..end].to_owned()
}

#[test]
fn a_stranger_learns_from_the_file_that_there_are_two_histories() {
    let file = of_different_sizes();
    assert!(is_fork(file.as_bytes()));
    let report = fork(file.as_bytes(), &options()).unwrap();
    assert_eq!(report.smaller.checkpoint().size, 17);
    assert_eq!(report.larger.checkpoint().size, 24);
    assert_eq!(report.same_until, 11, "the boundary that both have");
    assert!(!report.pinned);
    assert_eq!(report.chains[0].epochs(), 3);
    assert_eq!(
        report.first_lines()[0],
        "Two signed states of one log cannot both be true: that of 17 entries and that of 24 \
         entries. Signer: unknown."
    );
    let mut knows = options();
    knows.pinned = Some(report.origin().clone());
    let pinned = fork(file.as_bytes(), &knows).unwrap();
    assert!(pinned.pinned && pinned.first_lines()[0].ends_with("Signer: known to you."));
    knows.pinned = Some(short(9).origin().clone());
    let other = fork(file.as_bytes(), &knows).unwrap_err();
    assert_eq!(other.fault(), Some(Fault::Origin));

    let same = fork(of_one_size().as_bytes(), &options()).unwrap();
    assert_eq!(
        same.smaller.checkpoint().size,
        same.larger.checkpoint().size
    );
    assert_eq!(fork(small().as_bytes(), &options()).unwrap().same_until, 0);
}

#[test]
fn witnesses_on_either_side_are_checked_and_named() {
    let file = seen_by_a_witness();
    let report = fork(file.as_bytes(), &reader()).unwrap();
    let seen: Vec<&str> = report
        .seen
        .iter()
        .map(|seen| seen.witness.as_str())
        .collect();
    assert_eq!(
        (seen, report.unchecked_signatures),
        (vec!["friend.test/anna"], 1)
    );
}

#[test]
fn a_bare_checkpoint_has_the_epochs_of_the_other_side() {
    let (one, other) = histories(2, 7);
    let mut options = options();
    options.states_at = vec![one.size()];
    let file = verify(full(&other).as_bytes(), &options).unwrap();
    let told = compare(&file, &Held::Checkpoint(latest(&one))).unwrap();
    let Comparison::Fork(proof) = told else {
        panic!("{told:?}");
    };
    let text = proof.to_text(&keys_of(&other), &keys_of(&other));
    let report = fork(text.as_bytes(), &options).unwrap();
    assert_eq!(report.smaller, latest(&one));
}

#[test]
fn sides_whose_epochs_ended_elsewhere_are_a_fork_all_the_same() {
    // One copy of the folder rotated, the other did not.
    let (mut one, other) = histories(2, 7);
    one.rotate(moment(93_000), EpochReason::Hand).unwrap();
    let file = found(&one, &other);
    let report = fork(file.as_bytes(), &options()).unwrap();
    assert_eq!(report.same_until, 11);
    assert_eq!(
        [3, 4].map(|n| report.chains.iter().any(|c| c.epochs() == n)),
        [true; 2]
    );
}

#[test]
fn a_bundle_is_no_fork_and_a_fork_no_bundle() {
    let bundle = full(&short(1));
    assert!(!is_fork(bundle.as_bytes()));
    assert!(!is_fork(b"portlog/fork@v10\n"));
    let as_fork = fork(bundle.as_bytes(), &options()).unwrap_err();
    assert_eq!(as_fork.fault(), Some(Fault::Version));
    let as_bundle = check(&of_one_size()).unwrap_err();
    assert_eq!(as_bundle.fault(), Some(Fault::Version));
}

/// A file that says of one log's two true states that they are two histories.
fn of_one_history() -> String {
    let mut log = epochs(2);
    let (before, keys_before) = (latest(&log), keys_of(&log));
    for second in 0..7 {
        log.append(&heartbeat(92_000 + second)).unwrap();
    }
    log.commit().unwrap();
    let snapshot = log.store().snapshot().unwrap();
    let nodes = portlog_journal::store::SnapshotNodes(&snapshot);
    let (old, new) = (before.checkpoint().size, log.size());
    let fork = Fork {
        prefix: Some((
            tree::root_at(&nodes, old).unwrap().unwrap(),
            tree::consistency(&nodes, old, new).unwrap(),
        )),
        smaller: before,
        larger: latest(&log),
    };
    fork.to_text(&keys_before, &keys_of(&log))
}

/// A state signed by `key` in the name of the log.
fn signed_by(note: &str, key: &SigningKey) -> String {
    let state = Note::parse(note).unwrap().checkpoint().clone();
    state.sign(&[key]).to_string()
}

#[expect(clippy::too_many_lines, reason = "a table")]
pub(crate) fn forks() -> Vec<Forgery> {
    let (file, same) = (of_different_sizes(), of_one_size());
    let (smaller, larger) = (note_of(&file, 0), note_of(&file, 1));
    let prefix = line(&file, "\nprefix ", "prefix ").to_owned();
    let proof = file[file.find("\nprefix ").unwrap()..].to_owned();
    let proof_count = line(&proof, "consistency ", "consistency ").to_owned();
    let first_hash = proof.lines().nth(3).unwrap().to_owned();
    let keys = Keys::default();
    let log = epochs_with(2, keys.clone());
    let secret = |epoch: u32| {
        let seed = portlog_journal::Seed::new(keys.1.borrow()[&epoch]);
        SigningKey::of_log(log.origin(), &seed).unwrap()
    };
    let stranger = SigningKey::of_log(log.origin(), &portlog_journal::Seed::new([9; 32])).unwrap();
    let side_two =
        file[file.rfind("\nside\n").unwrap()..file.find("\nprefix ").unwrap()].to_owned();
    let side_one = file[file.find("\nside\n").unwrap()..file.rfind("\nside\n").unwrap()].to_owned();
    let swapped = put(
        &put(&file, &side_two, ""),
        &side_one,
        &format!("{side_two}{side_one}"),
    );
    let without_prefix = put(&file, proof.split_once("\nend ").unwrap().0, "");
    let other = {
        let (one, other) = histories(7, 7);
        note_of(&found(&one, &other), 1)
    };
    let key_0 = line(&file, "\nepoch 0\n", "vkey ").to_owned();
    let key_1 = line(&file, "\nepoch 1\n", "vkey ").to_owned();
    let epoch_2 = side_one[side_one.find("\nepoch 2\n").unwrap()..].to_owned();
    let boundary_hash = side_one[side_one.find("\nboundary\n").unwrap()..]
        .lines()
        .skip_while(|line| !line.starts_with("consistency "))
        .nth(1)
        .unwrap()
        .to_owned();
    let signature = smaller.lines().last().unwrap().to_owned();
    let as_is = |name, bundle: String, fault| Forgery {
        as_is: true,
        ..forged(name, bundle, fault)
    };
    let bit = format!("{}\n", flipped(&signature, signature.chars().count() - 9));
    vec![
        forged(
            "fork-version-2",
            put(&file, "fork@v1", "fork@v2"),
            Fault::Version,
        ),
        forged("fork-of-one-history", of_one_history(), Fault::NoFork),
        forged(
            "fork-of-one-state",
            put(&same, &note_of(&same, 1), &note_of(&same, 0)),
            Fault::NoFork,
        ),
        forged("fork-larger-first", swapped, Fault::EarlierOrder),
        forged(
            "fork-one-side",
            put(&without_prefix, &side_two, ""),
            Fault::Syntax,
        ),
        forged(
            "fork-three-sides",
            put(&file, &side_two, &format!("{side_two}{side_two}")),
            Fault::Syntax,
        ),
        forged("fork-prefix-left-out", without_prefix, Fault::Syntax),
        forged(
            "fork-prefix-where-sizes-are-the-same",
            put(
                &same,
                "\nend ",
                &format!("\n{prefix}\nconsistency 0\n\nend "),
            ),
            Fault::Syntax,
        ),
        forged(
            "fork-prefix-other",
            put(&file, &prefix, &flipped(&prefix, 12)),
            Fault::Consistency,
        ),
        forged(
            "fork-proof-changed",
            put_after(&file, "\nprefix ", &first_hash, &flipped(&first_hash, 3)),
            Fault::Consistency,
        ),
        forged(
            "fork-proof-short",
            put_after(
                &file,
                "\nprefix ",
                &format!("{proof_count}\n{first_hash}\n"),
                &{
                    let count: usize = proof_count["consistency ".len()..].parse().unwrap();
                    format!("consistency {}\n", count - 1)
                },
            ),
            Fault::ProofLength,
        ),
        forged(
            "fork-of-two-logs",
            put(&file, &larger, &other),
            Fault::Origin,
        ),
        forged(
            "fork-signature-bit",
            put(&file, &format!("{signature}\n"), &bit),
            Fault::Signature,
        ),
        forged(
            "fork-signatures-stripped",
            put(&file, &format!("{signature}\n"), ""),
            Fault::SignatureMissing,
        ),
        forged(
            "fork-signed-by-a-stranger",
            put(&file, &smaller, &signed_by(&smaller, &stranger)),
            Fault::SignatureForeign,
        ),
        forged(
            "fork-size-changed",
            put(&file, &smaller, &put(&smaller, "\n17\n", "\n16\n")),
            Fault::Signature,
        ),
        forged(
            "fork-epoch-left-out",
            put(&file, &epoch_2, ""),
            Fault::ProofLength,
        ),
        forged(
            "fork-epoch-renumbered",
            put(&file, &epoch_2, &put(&epoch_2, "epoch 2\n", "epoch 3\n")),
            Fault::EpochOrder,
        ),
        forged(
            "fork-epoch-value-changed",
            put(
                &file,
                &epoch_2,
                &put(&epoch_2, line(&epoch_2, "\nreason ", "reason "), &{
                    line(&epoch_2, "\nreason ", "reason ").replace(" boot", " hand")
                }),
            ),
            Fault::EpochProof,
        ),
        forged(
            "fork-epoch-consistency-changed",
            put_after(
                &file,
                "\nboundary\n",
                &boundary_hash,
                &flipped(&boundary_hash, 5),
            ),
            Fault::Consistency,
        ),
        forged(
            "fork-epoch-consistency-behind-the-last",
            put(
                &file,
                &epoch_2,
                &put(
                    &epoch_2,
                    "consistency 0\n",
                    &format!("consistency 1\n{first_hash}\n"),
                ),
            ),
            Fault::ProofLength,
        ),
        forged(
            "fork-key-of-another-log",
            put(&file, &key_0, &{
                let (_, key) = SigningKey::first(&portlog_journal::Seed::new([8; 32])).unwrap();
                format!("vkey {}", key.public())
            }),
            Fault::Origin,
        ),
        forged(
            "fork-first-key-of-an-epoch",
            put(&file, &key_0, &key_1),
            Fault::OriginKey,
        ),
        forged(
            "fork-extension-line",
            put(&file, &smaller, &put(&smaller, "\n\n", "\nmore\n\n")),
            Fault::Note,
        ),
        forged(
            "fork-witness-bit",
            {
                let seen = seen_by_a_witness();
                let anna = line(&seen, "\nside\n", "\u{2014} friend.test/anna ");
                put(&seen, anna, &flipped(anna, anna.chars().count() - 9))
            },
            Fault::Cosignature,
        ),
        as_is(
            "fork-end-changed",
            put(&file, "\nend ", "\nend 0"),
            Fault::Syntax,
        ),
        as_is(
            "fork-not-sealed-again",
            put(&file, &prefix, &put(&prefix, "prefix ", "prefix A")),
            Fault::Base64,
        ),
        as_is(
            "fork-cut",
            file[..=file.rfind("\nend ").unwrap()].to_owned(),
            Fault::Truncated,
        ),
        as_is(
            "fork-and-a-bundle",
            format!("{file}{}", full(&short(1))),
            Fault::Trailing,
        ),
        {
            // A key of an epoch that was over signs a later state: whoever has it can do that, and that
            // is what a fork file shows. But it is no signature of a boundary.
            let both = Note::parse(&smaller).unwrap().checkpoint().clone();
            let both = both.sign(&[&secret(0), &secret(2)]).to_string();
            forged(
                "fork-two-keys-that-never-met",
                put(&file, &smaller, &both),
                Fault::SignatureForeign,
            )
        },
    ]
}

#[test]
fn a_key_that_an_intruder_kept_makes_a_fork_that_is_seen_as_one() {
    // Whoever has the first epoch's key can sign another past; the file says that two states are signed,
    // and not which is true.
    let keys = Keys::default();
    let log = epochs_with(2, keys.clone());
    let seed = portlog_journal::Seed::new(keys.1.borrow()[&0]);
    let mut forger = new_log_with(RedbStore::in_memory().unwrap(), 2, Keys::default());
    forger.append(&started(1, "live")).unwrap();
    forger.append(&mark(2, "another past")).unwrap();
    forger.commit().unwrap();
    assert_eq!(forger.origin(), log.origin());
    let key = SigningKey::of_log(log.origin(), &seed).unwrap();
    assert_eq!(latest(&forger).check(&[key.public()]), Ok(()));
    let file = found(&forger, &log);
    let report = fork(file.as_bytes(), &options()).unwrap();
    assert_eq!(report.same_until, 0);
    assert_eq!(report.smaller, latest(&forger));
}
