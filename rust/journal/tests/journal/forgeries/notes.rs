//! Changes to the checkpoint, its signatures and its keys.

use portlog_journal::bundle::seal;
use portlog_journal::entry::Kind;
use portlog_journal::{Fault, Hash, KeyType, Note, Origin, Seed, SigningKey};

use super::{Forgery, base, flipped, forged, line, part, put};
use crate::support::{mark, short, sparse};

#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn checkpoints() -> Vec<Forgery> {
    let base = base();
    let note = part(&base, "checkpoint");
    let lines: Vec<&str> = note.lines().collect();
    let (origin, root) = (lines[2], lines[4]);
    let body = |to: String| put(&base, note, &to);
    let root_to = |to: &str| body(note.replace(root, to));
    let size_to = |to: &str| body(note.replace("\n10\n", &format!("\n{to}\n")));
    let nothing = sparse(&short(1), &[]);
    let nothing_root = |to: &str| put(&nothing, root, to);
    let homoglyph = origin.replacen('a', "\u{430}", 1);
    let mut older = short(4);
    older.append(&mark(950, "later")).unwrap();
    older.commit().unwrap();
    let newer = sparse(&older, &[Kind::Mark]);
    let short_note = part(&sparse(&short(4), &[]), "checkpoint").to_owned();
    let replayed = put(&newer, part(&newer, "checkpoint"), &short_note);
    vec![
        forged(
            "checkpoint-of-an-older-state",
            replayed.clone(),
            Fault::ShownCount,
        ),
        forged(
            "checkpoint-of-an-older-state-and-its-size",
            put(
                &put(&replayed, "shown 2 of 11", "shown 2 of 10"),
                "entry 10\n",
                "entry 9\n",
            ),
            Fault::ProofRoot,
        ),
        forged(
            "checkpoint-of-another-log",
            put(&base, note, part(&sparse(&short(9), &[]), "checkpoint")),
            Fault::Origin,
        ),
        forged("root-other", root_to(&flipped(root, 5)), Fault::ProofRoot),
        forged(
            "root-other-nothing-shown",
            nothing_root(&flipped(root, 5)),
            Fault::Signature,
        ),
        forged(
            "root-31-bytes",
            root_to(&Hash::new([1; 32]).to_base64()[4..]),
            Fault::Base64,
        ),
        forged("root-33-bytes", root_to(&"A".repeat(44)), Fault::Base64),
        forged(
            "root-without-padding",
            root_to(root.trim_end_matches('=')),
            Fault::Base64,
        ),
        forged(
            "root-of-urls",
            root_to(&format!("-_{}", &root[2..])),
            Fault::Base64,
        ),
        forged(
            "root-trailing-bits",
            root_to(&format!("{}9=", &root[..42])),
            Fault::Base64,
        ),
        forged("checkpoint-size-zeros", size_to("010"), Fault::Number),
        forged("checkpoint-size-plus", size_to("+10"), Fault::Number),
        forged("checkpoint-size-hex", size_to("0xa"), Fault::Number),
        forged("checkpoint-size-0", size_to("0"), Fault::Note),
        forged(
            "checkpoint-size-2-64",
            size_to("18446744073709551616"),
            Fault::Number,
        ),
        forged("checkpoint-size-other", size_to("11"), Fault::ShownCount),
        forged(
            "checkpoint-size-and-header",
            put(&put(&nothing, "of 10\n", "of 11\n"), "\n10\n", "\n11\n"),
            Fault::Signature,
        ),
        forged(
            "checkpoint-extension",
            body(note.replace("\n\n\u{2014}", "\nmore\n\n\u{2014}")),
            Fault::Note,
        ),
        forged(
            "checkpoint-two-lines",
            body(note.replace(&format!("\n{root}"), "")),
            Fault::Base64,
        ),
        forged(
            "checkpoint-origin-case",
            body(note.replace("portlog/log", "Portlog/log")),
            Fault::Note,
        ),
        forged(
            "checkpoint-origin-homoglyph",
            body(note.replace(origin, &homoglyph)),
            Fault::Note,
        ),
        forged(
            "header-origin-other",
            put(&base, "origin portlog/log/", "origin portlog/log/0").replacen(
                &format!("{}\nmode", &origin[75..]),
                "\nmode",
                1,
            ),
            Fault::ProofRoot,
        ),
        forged("checkpoint-left-out", put(&base, note, ""), Fault::Syntax),
        forged(
            "checkpoint-twice",
            put(&base, note, &format!("{note}{note}")),
            Fault::Syntax,
        ),
    ]
}

/// The part of a signature line behind the key's id.
pub(super) fn resigned(note: &str, change: impl Fn(&mut Vec<u8>)) -> String {
    use base64::Engine as _;
    let engine = base64::engine::general_purpose::STANDARD;
    let line = note
        .lines()
        .find(|line| line.starts_with('\u{2014}'))
        .unwrap();
    let (start, data) = line.rsplit_once(' ').unwrap();
    let mut bytes = engine.decode(data).unwrap();
    change(&mut bytes);
    note.replacen(line, &format!("{start} {}", engine.encode(bytes)), 1)
}

#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn signatures() -> Vec<Forgery> {
    let base = base();
    let note = part(&base, "checkpoint");
    let body = |to: String| put(&base, note, &to);
    let with = |change: &dyn Fn(&mut Vec<u8>)| body(resigned(note, change));
    let signed = line(&base, "\ncheckpoint", "\u{2014} ");
    let id_only = &signed[..signed.len() - signed.rsplit(' ').next().unwrap().len()];
    let many: Vec<String> = (0..17)
        .map(|n| format!("\u{2014} w{n} AAAAAAA=\n"))
        .collect();
    vec![
        forged(
            "signatures-stripped",
            body(note.replace(&format!("{signed}\n"), "")),
            Fault::SignatureMissing,
        ),
        forged(
            "signature-bit",
            with(&|bytes| bytes[40] ^= 1),
            Fault::Signature,
        ),
        forged(
            "signature-plus-order",
            with(&|bytes| add_order(&mut bytes[36..])),
            Fault::Signature,
        ),
        forged(
            "signature-r-small",
            with(&|bytes| {
                bytes[4..36].fill(0);
                bytes[4] = 1;
            }),
            Fault::Signature,
        ),
        forged(
            "signature-r-not-canonical",
            with(&|bytes| bytes[4..36].fill(0xFF)),
            Fault::Signature,
        ),
        forged(
            "signature-zero",
            with(&|bytes| bytes[4..].fill(0)),
            Fault::Signature,
        ),
        forged(
            "signature-63-bytes",
            with(&|bytes| {
                bytes.pop();
            }),
            Fault::Signature,
        ),
        forged(
            "signature-65-bytes",
            with(&|bytes| bytes.push(0)),
            Fault::Signature,
        ),
        forged(
            "signature-id-only",
            with(&|bytes| bytes.truncate(4)),
            Fault::Base64,
        ),
        forged(
            "signature-empty",
            body(note.replace(signed, id_only.trim_end())),
            Fault::Syntax,
        ),
        forged(
            "signature-of-another-key-id",
            with(&|bytes| bytes[0] ^= 1),
            Fault::SignatureForeign,
        ),
        forged(
            "signature-twice",
            body(note.replace(signed, &format!("{signed}\n{signed}"))),
            Fault::SignatureTwice,
        ),
        forged(
            "signature-under-another-name",
            body(note.replace(signed, &signed.replace("portlog/log/", "portlog/lag/"))),
            Fault::SignatureMissing,
        ),
        forged(
            "signature-name-with-plus",
            body(note.replace(signed, &signed.replace("portlog/log/", "portlog+log/"))),
            Fault::Note,
        ),
        forged(
            "signature-name-with-space",
            body(note.replace(signed, &signed.replace("portlog/log/", "portlog log/"))),
            Fault::Base64,
        ),
        forged(
            "signature-hyphen",
            body(note.replace('\u{2014}', "-")),
            Fault::Syntax,
        ),
        forged(
            "signatures-17",
            body(format!("{note}{}", many.concat())),
            Fault::TooMany,
        ),
        forged(
            "signature-trailing-bits",
            body(note.replace(
                signed,
                &format!("{}B==", signed.trim_end_matches(['=', 'A', 'B', 'C', 'D'])),
            )),
            Fault::Base64,
        ),
    ]
}

/// Adds L, the order of the group, to S.
fn add_order(s: &mut [u8]) {
    const ORDER: [u8; 32] = [
        0xED, 0xD3, 0xF5, 0x5C, 0x1A, 0x63, 0x12, 0x58, 0xD6, 0x9C, 0xF7, 0xA2, 0xDE, 0xF9, 0xDE,
        0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let mut carry = 0;
    for (byte, add) in s.iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        *byte = u8::try_from(sum & 0xFF).unwrap();
        carry = sum >> 8;
    }
}

pub(super) fn keys() -> Vec<Forgery> {
    let nothing = sparse(&short(1), &[]);
    let vkey = line(&nothing, "\nepoch 0", "vkey ");
    let origin = Origin::parse(
        line(&nothing, "origin", "origin ")
            .strip_prefix("origin ")
            .unwrap(),
    )
    .unwrap();
    let mine = SigningKey::of_log(&origin, &Seed::new([66; 32])).unwrap();
    let state = Note::parse(
        part(&nothing, "checkpoint")
            .strip_prefix("\ncheckpoint\n")
            .unwrap(),
    )
    .unwrap();
    let resign = |key: &SigningKey| state.checkpoint().clone().sign(&[key]).to_string();
    let swapped = put(
        &put(&nothing, vkey, &format!("vkey {}", mine.public())),
        &state.to_string(),
        &resign(&mine),
    );
    // The attacker's signature under the id of the true key.
    let id = &vkey.split('+').nth(1).unwrap();
    let same_id = put(
        &nothing,
        &state.to_string(),
        &resigned(&resign(&mine), |bytes| {
            for (at, byte) in bytes[..4].iter_mut().enumerate() {
                *byte = u8::from_str_radix(&id[2 * at..2 * at + 2], 16).unwrap();
            }
        }),
    );
    let other =
        SigningKey::new(origin.as_str(), KeyType::Cosignature, &Seed::new([66; 32])).unwrap();
    vec![
        forged("key-swapped", swapped, Fault::OriginKey),
        forged("key-swapped-under-its-id", same_id, Fault::Signature),
        forged(
            "key-of-another-log",
            put(
                &nothing,
                vkey,
                line(&sparse(&short(9), &[]), "\nepoch 0", "vkey "),
            ),
            Fault::Origin,
        ),
        forged(
            "key-id-of-another",
            put(
                &nothing,
                vkey,
                &vkey.replace(&format!("+{id}+"), "+00000000+"),
            ),
            Fault::Key,
        ),
        forged(
            "key-id-upper-case",
            put(&nothing, vkey, &vkey.replace(*id, &id.to_uppercase())),
            Fault::Key,
        ),
        forged(
            "key-data-short",
            put(&nothing, vkey, &vkey[..vkey.len() - 4]),
            Fault::Key,
        ),
        forged(
            "key-of-a-witness",
            put(&nothing, vkey, &format!("vkey {}", other.public())),
            Fault::OriginKey,
        ),
        forged(
            "key-type-unknown",
            put(&nothing, vkey, &flipped(vkey, vkey.rfind('+').unwrap() + 2)),
            Fault::Key,
        ),
        forged("key-small-order", fits_anything(1), Fault::Key),
        forged("key-not-canonical", fits_anything(0xEE), Fault::Key),
    ]
}

/// A bundle by a key that fits any message: where a verifier takes it, it takes everything.
fn fits_anything(low: u8) -> String {
    use base64::Engine as _;
    let engine = base64::engine::general_purpose::STANDARD;
    let mut key = [0; 32];
    if low == 0xEE {
        // The same point, y = 1, written as p + 1.
        key = [0xFF; 32];
        key[31] = 0x7F;
    }
    key[0] = low;
    let digest = Hash::of(&[b"portlog/log/v1\n\x01", &key]).to_hex();
    let origin = format!("portlog/log/{digest}");
    let id = Hash::of(&[origin.as_bytes(), b"\n\x01", &key]);
    let id = &id.as_bytes()[..4];
    let mut signature = vec![0; 64];
    signature[0] = 1;
    let root = Hash::of(&[b"whatever"]);
    let head: Vec<String> = base()
        .lines()
        .take(5)
        .map(|line| format!("{line}\n"))
        .collect();
    let id_hex = &Hash::new(std::array::from_fn(|at| id[at % 4])).to_hex()[..8];
    let mut bundle = format!(
        "{}origin {origin}\nmode sparse\nshown 0 of 7\n\ncheckpoint\n{origin}\n7\n{root}\n\n\
         \u{2014} {origin} {}\n\nepoch 0\nvkey {origin}+{id_hex}+{}\n",
        head.concat(),
        engine.encode([id, &signature].concat()),
        engine.encode([&[1][..], &key].concat()),
    );
    seal(&mut bundle);
    bundle
}
