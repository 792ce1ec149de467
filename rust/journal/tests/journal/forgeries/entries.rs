//! Changes to entries, their fields and their proofs.

use portlog_journal::Fault;
use portlog_journal::entry::Kind;

use super::{Forgery, base, flipped, forged, line, part, put, put_after, whole};
use crate::support::{short, sparse};

pub(super) fn values() -> Vec<Forgery> {
    let base = base();
    let salt = line(&base, "kind alert", "remote = ");
    let commitment = line(&base, "kind alert", "local # ");
    vec![
        forged(
            "value",
            put(&base, "203.0.113.7:80", "203.0.113.8:80"),
            Fault::ProofRoot,
        ),
        forged(
            "salt",
            put(&base, salt, &flipped(salt, 9)),
            Fault::ProofRoot,
        ),
        forged(
            "commitment",
            put(&base, commitment, &flipped(commitment, 8)),
            Fault::ProofRoot,
        ),
        forged(
            "commitment-of-another-field",
            put(
                &base,
                commitment,
                &line(&base, "kind packages", "owner.1 # ").replace("owner.1", "local"),
            ),
            Fault::ProofRoot,
        ),
        forged(
            "value-of-another-type",
            put(&base, "tcp\n", "TCP\n"),
            Fault::Value,
        ),
        forged(
            "value-not-canonical",
            put(&base, " 10012\n", " 010012\n"),
            Fault::Value,
        ),
        forged(
            "value-of-no-day",
            put(&base, " 2026-05-04T", " 2026-02-30T"),
            Fault::Value,
        ),
        forged("value-empty", put(&base, " tcp\n", " \n"), Fault::Value),
        forged(
            "escape-unknown",
            put(&base, "0.1.0\n", "0.\\n0\n"),
            Fault::Value,
        ),
        forged(
            "salt-not-canonical",
            put(&base, "== 203", "=  203"),
            Fault::Base64,
        ),
        forged(
            "salt-of-urls",
            put(&base, salt, &salt.replacen(&salt[9..11], "_-", 1)),
            Fault::Base64,
        ),
    ]
}

pub(super) fn fields() -> Vec<Forgery> {
    let base = base();
    let protocol = format!("{}\n", line(&base, "kind alert", "protocol = "));
    let state = format!("{}\n", line(&base, "kind alert", "state = "));
    let local = format!("{}\n", line(&base, "kind alert", "local # "));
    let swapped = put(&base, &protocol, "%%");
    let swapped = put(&swapped, &state, &protocol);
    let two_values = put(&base, " tcp\n", " %%\n");
    let two_values = put_after(&two_values, "kind alert", " established\n", " tcp\n");
    let owner = line(&base, "kind packages", "owner.2 = ");
    vec![
        forged(
            "two-values-swapped",
            put(&two_values, " %%\n", " established\n"),
            Fault::ProofRoot,
        ),
        forged(
            "field-renamed",
            put(&base, "\nremote = ", "\nremota = "),
            Fault::Fields,
        ),
        forged(
            "field-unknown",
            put(
                &base,
                &state,
                &format!("{state}mood # {}\n", "A".repeat(44)),
            ),
            Fault::Fields,
        ),
        forged(
            "field-twice",
            put(&base, &state, &format!("{state}{state}")),
            Fault::Fields,
        ),
        forged(
            "field-disclosed-and-withheld",
            put(
                &base,
                &local,
                &format!("{local}{}", protocol.replace("protocol", "local")),
            ),
            Fault::Fields,
        ),
        forged(
            "fields-out-of-order",
            put(&swapped, "%%", &state),
            Fault::Fields,
        ),
        forged("field-missing", put(&base, &state, ""), Fault::Fields),
        forged(
            "owner-missing",
            put(
                &base,
                &format!("{}\n", line(&base, "kind packages", "owner.3")),
                "",
            ),
            Fault::ProofRoot,
        ),
        forged(
            "owners-without-first",
            put(&base, "owner.1 # ", "owner.2 # "),
            Fault::Fields,
        ),
        forged(
            "owner-twice",
            put(
                &base,
                line(&base, "kind packages", "owner.3"),
                &owner.replace("owner.2", "owner.3"),
            ),
            Fault::OwnerTwice,
        ),
        forged(
            "field-without-sign",
            put(&base, "\nremote = ", "\nremote : "),
            Fault::Syntax,
        ),
    ]
}

pub(super) fn entries() -> Vec<Forgery> {
    let (base, whole) = (base(), whole());
    let (start, alert) = (part(&base, "entry 1"), part(&base, "entry 4"));
    let (three, five) = (part(&whole, "entry 3"), part(&whole, "entry 5"));
    let bodies = |first: &str, second: &str| {
        let (a, b) = (
            first.splitn(3, '\n').nth(2).unwrap(),
            second.splitn(3, '\n').nth(2).unwrap(),
        );
        put(&put(&put(&whole, a, "%%"), b, a), "%%", b)
    };
    let index = |to: &str| put(&base, "\nentry 4\n", &format!("\nentry {to}\n"));
    let other = sparse(&short(9), &[Kind::Alert]);
    let fewer = put(&put(&whole, three, ""), "shown 10 of 10", "shown 9 of 10");
    let closed_up = (4..10).fold(put(&fewer, "shown 9 of 10", "shown 9 of 9"), |text, at| {
        put(
            &text,
            &format!("\nentry {at}\n"),
            &format!("\nentry {}\n", at - 1),
        )
    });
    let more = put(&base, "shown 3 of", "shown 4 of");
    vec![
        forged("bodies-swapped", bodies(three, five), Fault::LeavesRoot),
        forged("entry-deleted", fewer.clone(), Fault::IndexOrder),
        forged("entry-deleted-and-closed-up", closed_up, Fault::ShownCount),
        forged(
            "entry-inserted",
            put(
                &whole,
                five,
                &format!("{five}{}", five.replacen("entry 5", "entry 6", 1)),
            ),
            Fault::IndexOrder,
        ),
        forged(
            "entry-doubled",
            put(&more, alert, &format!("{alert}{alert}")),
            Fault::IndexOrder,
        ),
        forged(
            "entries-out-of-order",
            put(&put(&base, start, ""), alert, &format!("{alert}{start}")),
            Fault::IndexOrder,
        ),
        forged("index-of-another", index("5"), Fault::ProofRoot),
        forged("index-size", index("10"), Fault::IndexOrder),
        forged("index-beyond", index("11"), Fault::IndexOrder),
        forged("index-2-63", index("9223372036854775808"), Fault::Number),
        forged("index-2-64-1", index("18446744073709551615"), Fault::Number),
        forged("index-2-64", index("18446744073709551616"), Fault::Number),
        forged("index-negative", index("-1"), Fault::Number),
        forged("index-zeros", index("007"), Fault::Number),
        forged("index-hex", index("0x4"), Fault::Number),
        forged(
            "entry-of-another-log",
            put(&base, alert, part(&other, "entry 4")),
            Fault::ProofRoot,
        ),
        forged(
            "kind-of-another",
            put(&whole, "kind closed", "kind opened"),
            Fault::LeavesRoot,
        ),
        forged(
            "kind-unknown",
            put(&base, "kind alert", "kind alarm"),
            Fault::UnknownKind,
        ),
        forged(
            "session-of-another",
            put_after(&base, "kind alert", "session 1", "session 2"),
            Fault::ProofRoot,
        ),
        forged(
            "session-later",
            put_after(&base, "kind alert", "session 1", "session 4"),
            Fault::Session,
        ),
        forged(
            "session-of-a-start",
            put(&base, "session 1", "session 0"),
            Fault::Session,
        ),
        forged(
            "session-decreasing",
            put_after(&base, "kind alert", "session 1", "session 0"),
            Fault::Session,
        ),
        forged(
            "session-none",
            put_after(&base, "kind alert", "session 1", "session -"),
            Fault::Session,
        ),
    ]
}

pub(super) fn proofs() -> Vec<Forgery> {
    let base = base();
    let alert = part(&base, "entry 4");
    let (fields, proof) = alert.split_once("proof 4\n").unwrap();
    let hashes: Vec<&str> = proof.lines().collect();
    let with = |hashes: &[&str]| {
        let mut part = format!("{fields}proof {}\n", hashes.len());
        for hash in hashes {
            part.push_str(hash);
            part.push('\n');
        }
        put(&base, alert, &part)
    };
    let zero = "A".repeat(43) + "=";
    let mut swapped = hashes.clone();
    swapped.swap(0, 1);
    let mut changed = hashes.clone();
    let other = flipped(hashes[3], 20);
    changed[3] = &other;
    vec![
        forged("proof-short", with(&hashes[..3]), Fault::ProofLength),
        forged(
            "proof-long",
            with(&[&hashes[..], &[&zero]].concat()),
            Fault::ProofLength,
        ),
        forged("proof-none", with(&[]), Fault::ProofLength),
        forged("proof-swapped", with(&swapped), Fault::ProofRoot),
        forged("proof-zero", with(&[zero.as_str(); 4]), Fault::ProofRoot),
        forged("proof-hash", with(&changed), Fault::ProofRoot),
        forged(
            "proof-of-a-million",
            put(&base, "proof 4\n", "proof 1000000\n"),
            Fault::TooMany,
        ),
        forged("proof-64", with(&[zero.as_str(); 64]), Fault::TooMany),
        forged(
            "proof-count",
            put(&base, "proof 4\n", "proof 5\n"),
            Fault::Base64,
        ),
        forged(
            "proof-left-out",
            put(&base, &format!("proof 4\n{proof}"), ""),
            Fault::Syntax,
        ),
    ]
}

pub(super) fn counts() -> Vec<Forgery> {
    let (base, whole) = (base(), whole());
    let shown = |to: &str| put(&base, "shown 3 of 10", to);
    vec![
        forged("size-one-more", shown("shown 3 of 11"), Fault::ShownCount),
        forged(
            "size-much-more",
            shown("shown 3 of 1000000"),
            Fault::ProofLength,
        ),
        forged(
            "size-at-the-edge",
            shown("shown 3 of 9223372036854775807"),
            Fault::ProofLength,
        ),
        forged("size-0", shown("shown 0 of 0"), Fault::ShownCount),
        forged("shown-fewer", shown("shown 2 of 10"), Fault::ShownCount),
        forged("shown-more", shown("shown 11 of 10"), Fault::ShownCount),
        forged("shown-zeros", shown("shown 03 of 10"), Fault::Number),
        forged(
            "mode-other",
            put(&base, "mode sparse", "mode full"),
            Fault::IndexOrder,
        ),
        forged(
            "mode-sparse-for-full",
            put(&whole, "mode full", "mode sparse"),
            Fault::Syntax,
        ),
        forged(
            "mode-unknown",
            put(&base, "mode sparse", "mode dense"),
            Fault::Syntax,
        ),
    ]
}
