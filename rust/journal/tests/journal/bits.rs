//! Every single bit of small bundles, turned around: as it is, and sealed again.

use std::thread;

use portlog_journal::entry::Kind;
use portlog_journal::verify::fork;
use portlog_journal::{Report, verify};

use crate::forks::small;
use crate::support::*;
use crate::vectors::{golden, reader, witnessed};

/// Turns every bit around, and gives the places of bytes of which a change is `accepted`.
fn free(
    file: &str,
    seal_again: bool,
    accepted: impl Fn(usize, &[u8]) -> bool + Sync,
) -> Vec<usize> {
    let bytes = file.as_bytes();
    // The last line is what sealing makes anew.
    let end = if seal_again {
        file.rfind("\nend ").unwrap()
    } else {
        bytes.len()
    };
    let accepted = &accepted;
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let mut found: Vec<usize> = thread::scope(|scope| {
        let parts: Vec<_> = (0..workers)
            .map(|worker| {
                scope.spawn(move || {
                    (worker..end)
                        .step_by(workers)
                        .filter(|at| {
                            (0..8).any(|bit| {
                                let mut changed = bytes.to_vec();
                                changed[*at] ^= 1 << bit;
                                if seal_again {
                                    match String::from_utf8(changed) {
                                        Ok(text) => changed = resealed(&text).into_bytes(),
                                        Err(error) => changed = error.into_bytes(),
                                    }
                                }
                                accepted(*at, &changed)
                            })
                        })
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        parts
            .into_iter()
            .flat_map(|part| part.join().unwrap())
            .collect()
    });
    found.sort_unstable();
    found
}

/// As above, of bundles: accepted, and not one that `may_be`.
fn accepted(
    bundle: &str,
    seal_again: bool,
    may_be: impl Fn(usize, &Report) -> bool + Sync,
) -> Vec<usize> {
    let reader = reader();
    free(bundle, seal_again, |at, changed| {
        verify(changed, &reader).is_ok_and(|report| !may_be(at, &report))
    })
}

#[test]
fn no_bit_of_a_fork_file_is_free() {
    let (file, reader) = (small(), reader());
    for seal_again in [false, true] {
        let free = free(&file, seal_again, |_, changed| {
            fork(changed, &reader).is_ok()
        });
        assert_eq!(free, [], "sealed again: {seal_again}\n{file}");
    }
}

/// Every file of `tests/vectors/log` that verifies, whole: some two million verifications.
#[test]
#[ignore = "minutes in a release build; `cargo xtask test --only bits` runs it"]
fn no_bit_of_any_golden_file_is_free() {
    let reader = reader();
    for vector in golden() {
        let file = String::from_utf8(vector.bundle).unwrap();
        let good = |changed: &[u8]| verdict(changed, &reader).starts_with("ok");
        assert!(good(file.as_bytes()), "{}", vector.name);
        let as_it_is = free(&file, false, |_, changed| good(changed));
        assert_eq!(as_it_is, [], "{}", vector.name);
        // A line in a name that is not the log's claims nothing unless a known key made it: what is done
        // to one is seen (the test below), and everything else is rejected.
        let foreign: Vec<bool> = file
            .split_inclusive('\n')
            .flat_map(|line| {
                std::iter::repeat_n(line.starts_with("\u{2014} friend.test/"), line.len())
            })
            .collect();
        let sealed = free(&file, true, |at, changed| !foreign[at] && good(changed));
        assert_eq!(sealed, [], "{}", vector.name);
    }
}

fn no_bit_is_free(bundle: &str) {
    for seal_again in [false, true] {
        let free = accepted(bundle, seal_again, |_, _| false);
        assert_eq!(free, [], "sealed again: {seal_again}\n{bundle}");
    }
}

#[test]
fn no_bit_of_a_full_bundle_is_free() {
    let mut log = new_log(1);
    log.append(&mark(1, "SIM in")).unwrap();
    log.commit().unwrap();
    no_bit_is_free(&full(&log));
}

#[test]
fn no_bit_of_a_sparse_bundle_is_free() {
    let mut log = new_log(1);
    log.append(&started(1, "live")).unwrap();
    log.append(&packages(2)).unwrap();
    log.append(&mark(3, "SIM in")).unwrap();
    log.commit().unwrap();
    no_bit_is_free(&sparse(&log, &[Kind::Packages, Kind::Mark]));
}

#[test]
fn no_bit_of_epochs_and_withheld_leaves_is_free() {
    no_bit_is_free(&sparse(&epochs(2), &[]));
    let mut log = new_log(1);
    log.append(&heartbeat(1)).unwrap();
    log.commit().unwrap();
    no_bit_is_free(&full_redacted(&log));
}

#[test]
fn what_is_done_to_a_witnesss_line_makes_it_nobodys_and_is_seen() {
    let bundle = sparse(&witnessed(), &[]);
    assert_eq!(accepted(&bundle, false, |_, _| false), []);
    let before = verify(bundle.as_bytes(), &reader()).unwrap();
    assert_eq!((before.seen.len(), before.unchecked_signatures), (2, 1));
    let line_at = |at: usize| {
        let begin = bundle[..at].rfind('\n').map_or(0, |end| end + 1);
        bundle[begin..].lines().next().unwrap()
    };
    // A bit within the dash is none of a character's beginning.
    let places: Vec<bool> = (0..bundle.len())
        .map(|at| bundle.is_char_boundary(at) && line_at(at).starts_with("\u{2014} friend.test/"))
        .collect();
    let strangers: Vec<bool> = (0..bundle.len())
        .map(|at| bundle.is_char_boundary(at) && line_at(at).contains("/carl "))
        .collect();
    let free = accepted(&bundle, true, |at, report| {
        let lost = report.seen != before.seen && report.unchecked_signatures == 2;
        let same = report.seen == before.seen && report.unchecked_signatures == 1;
        // Anna signed twice: her first line may go, and her second still counts.
        let doubled = report.seen == before.seen && report.unchecked_signatures == 2;
        (strangers[at] && same) || (places[at] && !strangers[at] && (lost || doubled))
    });
    assert_eq!(free, []);
}
