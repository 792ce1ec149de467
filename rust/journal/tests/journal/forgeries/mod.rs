//! Everything that is done to a bundle to make it say something else, each under its name.
//!
//! Every change is made twice: as it is, where the digest in the last line betrays it, and sealed again
//! (the digest computed anew), so that signatures and proofs have to do it.

mod entries;
mod epochs;
mod notes;
mod text;
mod witnesses;

use portlog_journal::entry::Kind;
use portlog_journal::{Fault, Hash};

use crate::support::{TestLog, epochs as epochs_of, full, resealed, short, sparse, verdict};
use crate::vectors::{Vector, reader};

/// A change: its name, the bundle after it (not sealed), and the rejection.
pub(crate) struct Forgery {
    pub(crate) name: &'static str,
    pub(crate) bundle: String,
    pub(crate) fault: Fault,
    /// Whether it is about the end itself, or about bytes: then it is not sealed again.
    pub(crate) as_is: bool,
}

/// The changed bundles, sealed again, as vectors.
pub(crate) fn forgeries() -> Vec<Vector> {
    all()
        .into_iter()
        .map(|forgery| Vector {
            name: format!("forged-{}.portlog.txt", forgery.name),
            bundle: if forgery.as_is {
                forgery.bundle.into_bytes()
            } else {
                resealed(&forgery.bundle).into_bytes()
            },
            expected: forgery.fault.to_string(),
        })
        .collect()
}

#[test]
fn every_change_is_found_without_sealing_again_too() {
    for forgery in all() {
        let found = verdict(forgery.bundle.as_bytes(), &reader());
        assert!(!found.starts_with("ok"), "{} was accepted", forgery.name);
    }
}

#[test]
fn every_fault_that_a_file_can_have_is_among_the_changes() {
    let faults: Vec<Fault> = all().iter().map(|forgery| forgery.fault).collect();
    // Too large needs a large file, a clash of key ids needs luck, and what is not canonical is found
    // by the grammar first: other tests.
    let elsewhere = [Fault::TooLarge, Fault::KeyIdClash, Fault::NotCanonical];
    for fault in Fault::ALL {
        assert!(
            faults.contains(&fault) != elsewhere.contains(&fault),
            "{fault}"
        );
    }
}

fn all() -> Vec<Forgery> {
    let mut all = Vec::new();
    for part in [
        entries::values,
        entries::fields,
        entries::entries,
        entries::proofs,
        entries::counts,
        notes::checkpoints,
        notes::signatures,
        notes::keys,
        epochs::epoch_steps,
        witnesses::earlier_ones,
        witnesses::witnesses,
        text::text,
        text::ends,
        text::leaves,
        crate::forks::forks,
    ] {
        all.extend(part());
    }
    all
}

pub(crate) fn forged(name: &'static str, bundle: String, fault: Fault) -> Forgery {
    Forgery {
        name,
        bundle,
        fault,
        as_is: false,
    }
}

fn base() -> String {
    sparse(&short(1), &[Kind::Started, Kind::Packages, Kind::Alert])
}

fn whole() -> String {
    full(&short(1))
}

fn long() -> String {
    sparse(&epochs_of(2), &[Kind::Started, Kind::Alert])
}

/// `text` with the first `from` replaced, which must be there.
#[track_caller]
pub(crate) fn put(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from:?} is not in it");
    text.replacen(from, to, 1)
}

/// As [`put`], behind the first `anchor`.
#[track_caller]
pub(crate) fn put_after(text: &str, anchor: &str, from: &str, to: &str) -> String {
    let at = text.find(anchor).unwrap();
    let (before, after) = text.split_at(at);
    format!("{before}{}", put(after, from, to))
}

/// The first line behind `anchor` that begins with `start`, without its end.
#[track_caller]
pub(crate) fn line<'a>(text: &'a str, anchor: &str, start: &str) -> &'a str {
    let at = text.find(anchor).unwrap();
    let mut lines = text[at..].lines();
    let Some(line) = lines.find(|line| line.starts_with(start)) else {
        panic!("no line {start:?} behind {anchor:?}");
    };
    line
}

/// The part that begins with `start`, from its empty line to the next.
#[track_caller]
fn part<'a>(text: &'a str, start: &str) -> &'a str {
    let at = text.find(&format!("\n\n{start}\n")).unwrap() + 1;
    // A checkpoint has an empty line of its own.
    let next = if start == "checkpoint" {
        "\n\nepoch 0\n"
    } else {
        "\n\n"
    };
    let end = text[at + 1..].find(next).unwrap() + at + 2;
    &text[at..end]
}

/// `text` with its `number`th character another one.
pub(crate) fn flipped(text: &str, number: usize) -> String {
    text.char_indices()
        .map(|(at, character)| match character {
            other if at != number => other,
            'A' => 'B',
            _ => 'A',
        })
        .collect()
}

fn leaf_of(log: &TestLog, index: u64) -> Hash {
    use portlog_journal::store::{Snapshot as _, Store as _};
    let snapshot = log.store().snapshot().unwrap();
    snapshot
        .node(portlog_journal::tree::Node::leaf(index))
        .unwrap()
}
