//! Changes to epochs, and to who signs when.

use std::fmt::Write as _;

use portlog_journal::bundle::seal;
use portlog_journal::{Checkpoint, Fault, Hash, Note, Origin, Seed, SigningKey};

use super::{Forgery, base, flipped, forged, leaf_of, line, long, part, put, put_after};
use crate::support::{Keys, TestLog, epochs, epochs_with, full, latest, sparse};
use crate::vectors::boundary;

#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn epoch_steps() -> Vec<Forgery> {
    let long = long();
    let hoard = Keys::default();
    drop(epochs_with(2, hoard.clone()));
    let seeds = hoard.1.borrow();
    let origin = line(&long, "origin", "origin ")
        .strip_prefix("origin ")
        .unwrap();
    let origin = Origin::parse(origin).unwrap();
    let key = |epoch: u32| SigningKey::of_log(&origin, &Seed::new(seeds[&epoch])).unwrap();
    let step = |number: u32| {
        let at = long.find(&format!("\n\nepoch {number}\n")).unwrap() + 1;
        let end = long[at + 1..].find(&format!("\n\nepoch {}\n", number + 1));
        let end = end.or(long[at + 1..].find("\n\nend ")).unwrap() + at + 2;
        long[at..end].to_owned()
    };
    let (one, two) = (step(1), step(2));
    let state = |text: &str, start: &str| {
        Note::parse(
            part(text, start)
                .split_once(&format!("{start}\n"))
                .unwrap()
                .1,
        )
        .unwrap()
    };
    let now = state(&long, "checkpoint");
    let signed = |note: &Note, epochs: &[u32]| {
        let keys: Vec<SigningKey> = epochs.iter().map(|epoch| key(*epoch)).collect();
        let note = note.checkpoint().clone();
        note.sign(&keys.iter().collect::<Vec<_>>()).to_string()
    };
    let now_by = |epochs: &[u32]| put(&long, &now.to_string(), &signed(&now, epochs));
    let first = one
        .split_once("boundary\n")
        .unwrap()
        .1
        .split_once("consistency")
        .unwrap()
        .0;
    let first_note = Note::parse(first).unwrap();
    let boundary_by = |epochs: &[u32]| put(&long, first, &signed(&first_note, epochs));
    let at_boundary = boundary();
    let last_line = at_boundary
        .lines()
        .filter(|line| line.starts_with('\u{2014}'))
        .nth(1)
        .unwrap()
        .to_owned();
    let hash = one.lines().last().unwrap();
    let proof = line(&one, "proof", "proof ").to_owned();
    let proof_hash = one
        .lines()
        .skip_while(|line| *line != proof)
        .nth(1)
        .unwrap();
    let number = line(&one, "kind", "epoch = ");
    let vkey = line(&one, "kind", "vkey = ");
    let old = sparse(&epochs(2), &[]);
    let cut = put(&long, &two, "");
    let earlier_state = {
        // The state of size 10, signed by the key that owned it, with all that came later listed.
        let size = 10;
        let snapshot_root = prefix_root(&epochs(2), size);
        let note = Checkpoint {
            origin: origin.clone(),
            size,
            root: snapshot_root,
        }
        .sign(&[&key(1)]);
        put(
            &put(&old, &now.to_string(), &note.to_string()),
            "shown 0 of 16",
            "shown 0 of 10",
        )
    };
    vec![
        forged("epoch-hole", put(&long, &one, ""), Fault::EpochOrder),
        forged(
            "epoch-repeated",
            put(&long, &one, &format!("{one}{one}")),
            Fault::EpochOrder,
        ),
        forged(
            "epochs-swapped",
            put(&put(&long, &one, ""), &two, &format!("{two}{one}")),
            Fault::EpochOrder,
        ),
        forged(
            "epoch-first-is-1",
            put(&long, "\nepoch 0\n", "\nepoch 1\n"),
            Fault::EpochOrder,
        ),
        forged(
            "epoch-renumbered",
            put(&put(&long, &one, ""), "\nepoch 2\n", "\nepoch 1\n"),
            Fault::EpochEntry,
        ),
        forged(
            "epochs-left-out",
            put(&cut, &one, ""),
            Fault::SignatureForeign,
        ),
        forged("epoch-last-left-out", cut, Fault::Consistency),
        forged(
            "epoch-entry-of-another-kind",
            put_after(&long, "\nepoch 1\n", "kind epoch", "kind mark"),
            Fault::Fields,
        ),
        forged(
            "epoch-number-changed",
            put(&long, number, &number.replace(" 1", " 2")),
            Fault::EpochEntry,
        ),
        forged(
            "epoch-key-changed",
            put(
                &long,
                vkey,
                &format!("{} {}", vkey.rsplit_once(' ').unwrap().0, key(2).public()),
            ),
            Fault::EpochEntry,
        ),
        forged(
            "epoch-key-withheld",
            put(&long, vkey, &format!("vkey # {hash}")),
            Fault::EpochEntry,
        ),
        forged(
            "epoch-entry-elsewhere",
            put_after(&long, "\nepoch 1\n", "entry 4\n", "entry 3\n"),
            Fault::EpochEntry,
        ),
        forged(
            "epoch-session-changed",
            put_after(&long, "\nepoch 1\n", "session 1", "session 0"),
            Fault::EpochProof,
        ),
        forged(
            "epoch-proof-changed",
            put_after(&long, "\nepoch 1\n", proof_hash, &flipped(proof_hash, 3)),
            Fault::EpochProof,
        ),
        forged(
            "epoch-consistency-changed",
            put(&long, hash, &flipped(hash, 3)),
            Fault::Consistency,
        ),
        forged(
            "epoch-boundary-by-old-alone",
            boundary_by(&[0]),
            Fault::SignatureMissing,
        ),
        forged(
            "epoch-boundary-by-new-alone",
            boundary_by(&[1]),
            Fault::SignatureMissing,
        ),
        forged(
            "epoch-boundary-new-first",
            boundary_by(&[1, 0]),
            Fault::SignatureTwice,
        ),
        forged(
            "epoch-boundary-by-a-later-key",
            boundary_by(&[0, 1, 2]),
            Fault::SignatureForeign,
        ),
        forged(
            "checkpoint-by-an-older-key",
            now_by(&[1]),
            Fault::SignatureForeign,
        ),
        forged(
            "checkpoint-by-the-first-key",
            now_by(&[0]),
            Fault::SignatureForeign,
        ),
        forged(
            "checkpoint-by-two-keys",
            now_by(&[1, 2]),
            Fault::SignatureForeign,
        ),
        forged(
            "checkpoint-older-by-a-newer-key",
            {
                let note = Checkpoint {
                    origin: origin.clone(),
                    size: 10,
                    root: prefix_root(&epochs(2), 10),
                }
                .sign(&[&key(2)]);
                let text = put(
                    &put(&old, &now.to_string(), &note.to_string()),
                    "shown 0 of 16",
                    "shown 0 of 10",
                );
                let (before, after) = text.split_at(text.find("\n\nepoch 2\n").unwrap() + 1);
                let text = format!("{before}{}", &after[after.find("\nend ").unwrap()..]);
                // Boundary 1 leads to size 10 now.
                let last = text.rfind("consistency ").unwrap();
                format!("{}{}", &text[..last], consistency_text(&epochs(2), 5, 10))
                    + &text[text.find("\nend ").unwrap()..]
            },
            Fault::SignatureForeign,
        ),
        forged(
            "epoch-after-the-checkpoint",
            earlier_state,
            Fault::EpochAfter,
        ),
        forged(
            "boundary-without-new-signature",
            put(&at_boundary, &format!("{last_line}\n"), ""),
            Fault::SignatureMissing,
        ),
        forged(
            "epoch-of-another-log",
            put(&long, &one, &{
                let other = sparse(&epochs(9), &[]);
                let at = other.find("\n\nepoch 1\n").unwrap() + 1;
                other[at..=other.find("\n\nepoch 2\n").unwrap()].to_owned()
            }),
            Fault::EpochProof,
        ),
        forged(
            "epoch-shown-unlisted",
            unlisted_epoch(),
            Fault::EpochUnlisted,
        ),
        forged(
            "boundary-unlisted",
            {
                let text = &at_boundary;
                let (before, after) = text.split_at(text.find("\n\nepoch 3\n").unwrap() + 1);
                let cut = format!("{before}{}", &after[after.find("\nend ").unwrap()..]);
                cut
            },
            Fault::SignatureForeign,
        ),
        forged(
            "history-rewritten-with-the-last-key",
            rewritten(&key(2)),
            Fault::Consistency,
        ),
    ]
}

/// The root that a log had at an earlier size.
fn prefix_root(log: &TestLog, size: u64) -> Hash {
    use portlog_journal::store::{SnapshotNodes, Store as _};
    let snapshot = log.store().snapshot().unwrap();
    portlog_journal::tree::root_at(&SnapshotNodes(&snapshot), size)
        .unwrap()
        .unwrap()
}

fn consistency_text(log: &TestLog, old: u64, new: u64) -> String {
    use portlog_journal::store::{SnapshotNodes, Store as _};
    let snapshot = log.store().snapshot().unwrap();
    let proof = portlog_journal::tree::consistency(&SnapshotNodes(&snapshot), old, new).unwrap();
    let mut text = format!("consistency {}\n", proof.len());
    for hash in proof {
        text.push_str(&hash.to_base64());
        text.push('\n');
    }
    text
}

/// Somebody with the phone's last key writes another history of what came before, and signs it.
fn rewritten(key: &SigningKey) -> String {
    let text = full(&epochs(2));
    let alert = part(&text, "entry 9");
    let mut frontier = portlog_journal::tree::Frontier::new();
    let log = epochs(2);
    for index in 0..16 {
        let leaf = match index {
            9 => Hash::of(&[b"another entry"]),
            _ => leaf_of(&log, index),
        };
        frontier.push(leaf, |_, _| ());
    }
    let root = frontier.root().unwrap();
    let note = Checkpoint {
        origin: log.origin().clone(),
        size: 16,
        root,
    };
    let withheld = format!("\nleaf 9 {}\n", Hash::of(&[b"another entry"]));
    let text = put(&text, alert, &withheld);
    let text = put(&text, "shown 16 of", "shown 15 of");
    put(
        &text,
        &latest(&log).to_string(),
        &note.sign(&[key]).to_string(),
    )
}

/// A signer who names a key in an entry, and goes on with the old one: two possible epochs from there.
fn unlisted_epoch() -> String {
    let seed = Seed::new([44; 32]);
    let (origin, key) = SigningKey::first(&seed).unwrap();
    let vkey = SigningKey::of_log(&origin, &Seed::new([45; 32]))
        .unwrap()
        .public()
        .to_string();
    let zero = "AAAAAAAAAAAAAAAAAAAAAA==";
    let fields = [
        ("time", "-"),
        ("epoch", "1"),
        ("vkey", vkey.as_str()),
        ("reason", "-"),
    ];
    let mut leaf = format!("{origin}/entry/v1\nindex 1\nkind epoch\nsession -\n");
    let mut shown = String::from("\nentry 1\nkind epoch\nsession -\n");
    for (name, value) in fields {
        let commitment = Hash::of(&[format!("{name}\n{zero}\n{value}").as_bytes()]);
        let _ = writeln!(leaf, "{name} {commitment}");
        let _ = writeln!(shown, "{name} = {zero} {value}");
    }
    let leaves = [
        Hash::of(&[b"0"]),
        portlog_journal::tree::leaf_hash(leaf.as_bytes()),
        Hash::of(&[b"2"]),
    ];
    let mut frontier = portlog_journal::tree::Frontier::new();
    for leaf in &leaves {
        frontier.push(*leaf, |_, _| ());
    }
    let note = Checkpoint {
        origin: origin.clone(),
        size: 3,
        root: frontier.root().unwrap(),
    };
    let head: Vec<String> = base()
        .lines()
        .take(5)
        .map(|line| format!("{line}\n"))
        .collect();
    let mut bundle = format!(
        "{}origin {origin}\nmode full\nshown 1 of 3\n\nleaf 0 {}\n{shown}\nleaf 2 {}\n\ncheckpoint\n{}\nepoch 0\nvkey {}\n",
        head.concat(),
        leaves[0],
        leaves[2],
        note.sign(&[&key]),
        key.public()
    );
    seal(&mut bundle);
    bundle
}
