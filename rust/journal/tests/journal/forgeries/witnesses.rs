//! Changes to earlier checkpoints and to the lines of witnesses.

use std::ops::Add as _;

use portlog_journal::entry::Kind;
use portlog_journal::{Fault, cosignature};

use super::notes::resigned;
use super::{Forgery, flipped, forged, line, put};
use crate::support::{NOW, latest, mark, short, sparse, witness};
use crate::vectors::witnessed;

pub(super) fn earlier_ones() -> Vec<Forgery> {
    let mut log = witnessed();
    log.append(&mark(960, "and on")).unwrap();
    log.commit().unwrap();
    let bundle = sparse(&log, &[Kind::Alert]);
    let at = bundle.find("\n\nearlier\n").unwrap() + 1;
    let second = bundle[at + 1..].find("\n\nearlier\n").unwrap() + at + 2;
    let end = bundle.find("\n\nend ").unwrap() + 1;
    let (first, next) = (&bundle[at..second], &bundle[second..end]);
    let hash = first.lines().last().unwrap();
    let own = line(first, "\n10\n", "\u{2014} portlog");
    let now = latest(&log);
    vec![
        forged(
            "earlier-swapped",
            format!("{}{next}{first}{}", &bundle[..at], &bundle[end..]),
            Fault::EarlierOrder,
        ),
        forged(
            "earlier-twice",
            format!("{}{first}{}", &bundle[..second], &bundle[second..]),
            Fault::EarlierOrder,
        ),
        forged(
            "earlier-not-earlier",
            put(&bundle, next, &format!("\nearlier\n{now}consistency 0\n")),
            Fault::EarlierOrder,
        ),
        forged(
            "earlier-proof-changed",
            put(&bundle, hash, &flipped(hash, 3)),
            Fault::Consistency,
        ),
        forged(
            "earlier-proof-short",
            put(
                &bundle,
                first,
                &first
                    .replace(hash, "")
                    .replace("\n\n\n", "\n\n")
                    .replace("consistency 3\n", "consistency 2\n")
                    .trim_end_matches('\n')
                    .to_owned()
                    .add("\n"),
            ),
            Fault::ProofLength,
        ),
        forged(
            "earlier-unsigned",
            put(&bundle, &format!("{own}\n"), ""),
            Fault::SignatureMissing,
        ),
        forged(
            "earlier-of-another-log",
            put(&bundle, first, &{
                let note = latest(&short(9));
                format!(
                    "\nearlier\n{note}{}",
                    &first[first.find("consistency").unwrap()..]
                )
            }),
            Fault::Origin,
        ),
        forged(
            "earlier-before-epochs",
            format!(
                "{}{first}{}",
                &bundle[..=bundle.find("\n\nepoch 0\n").unwrap()],
                &bundle[bundle.find("\n\nepoch 0\n").unwrap() + 1..]
            ),
            Fault::Syntax,
        ),
    ]
}

pub(super) fn witnesses() -> Vec<Forgery> {
    let log = witnessed();
    let bundle = sparse(&log, &[Kind::Alert]);
    let note = latest(&log);
    let state = note.checkpoint().clone();
    let anna = witness("friend.test/anna", 1);
    let own = note
        .to_string()
        .lines()
        .find(|line| line.starts_with('\u{2014}'))
        .unwrap()
        .to_owned();
    let with = |witness_line: String| {
        put(
            &bundle,
            &note.to_string(),
            &format!("{state}\n{own}\n{witness_line}\n"),
        )
    };
    let changed = |change: &dyn Fn(&mut Vec<u8>)| {
        let line = cosignature(&state, &anna, 1_777_904_000).to_string();
        with(resigned(&line, change))
    };
    let mut elsewhere = state.clone();
    elsewhere.origin = short(9).origin().clone();
    let plain = anna.sign(state.to_string().as_bytes());
    let twice = cosignature(&state, &anna, 1_777_904_000);
    vec![
        forged(
            "witness-time-changed",
            changed(&|bytes| bytes[11] ^= 1),
            Fault::Cosignature,
        ),
        forged(
            "witness-time-0",
            with(cosignature(&state, &anna, 0).to_string()),
            Fault::Cosignature,
        ),
        forged(
            "witness-time-in-the-future",
            with(cosignature(&state, &anna, NOW + 86_401).to_string()),
            Fault::Cosignature,
        ),
        forged(
            "witness-time-2-63",
            with(cosignature(&state, &anna, 1 << 63).to_string()),
            Fault::Cosignature,
        ),
        forged(
            "witness-signature-changed",
            changed(&|bytes| bytes[30] ^= 1),
            Fault::Cosignature,
        ),
        forged(
            "witness-short",
            changed(&|bytes| {
                bytes.pop();
            }),
            Fault::Cosignature,
        ),
        forged(
            "witness-of-another-log",
            with(cosignature(&elsewhere, &anna, 1_777_904_000).to_string()),
            Fault::Cosignature,
        ),
        forged(
            "witness-plain-signature",
            changed(&|bytes| bytes[12..].copy_from_slice(&plain)),
            Fault::Cosignature,
        ),
        forged(
            "witness-twice",
            with(format!("{twice}\n{twice}")),
            Fault::SignatureTwice,
        ),
        forged(
            "witness-before-the-log",
            put(
                &bundle,
                &note.to_string(),
                &format!("{state}\n{twice}\n{own}\n"),
            ),
            Fault::SignatureTwice,
        ),
        forged(
            "witness-alone",
            put(&bundle, &note.to_string(), &format!("{state}\n{twice}\n")),
            Fault::SignatureMissing,
        ),
        forged(
            "witness-in-the-logs-name",
            with(
                twice
                    .to_string()
                    .replace("friend.test/anna", state.origin.as_str()),
            ),
            Fault::SignatureForeign,
        ),
    ]
}
