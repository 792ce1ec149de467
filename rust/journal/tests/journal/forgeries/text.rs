//! Changes to text, to the end, and to leaves of which nothing is shown.

use std::fmt::Write as _;

use portlog_journal::Fault;
use portlog_journal::entry::Kind;

use super::{Forgery, base, flipped, forged, leaf_of, line, put, whole};
use crate::support::{full_redacted, short, sparse};
use crate::vectors::witnessed;

pub(super) fn text() -> Vec<Forgery> {
    let base = base();
    let inside = |what: &str| put(&base, "mine.txt", what);
    vec![
        forged(
            "text-escape-sequence",
            inside("\u{1b}[31mmine"),
            Fault::NotText,
        ),
        forged("text-null", inside("mi\0ne"), Fault::NotText),
        forged("text-bidi", inside("\u{202e}enim"), Fault::NotText),
        forged("text-zero-width", inside("mi\u{200b}ne"), Fault::NotText),
        forged("text-c1", inside("mi\u{9b}31m"), Fault::NotText),
        forged(
            "text-line-separator",
            inside("mi\u{2028}ne"),
            Fault::NotText,
        ),
        forged("text-tag", inside("mine\u{e0041}"), Fault::NotText),
        forged(
            "text-vertical-tab",
            put(&base, "kind alert\nsession", "kind alert\u{b}session"),
            Fault::NotText,
        ),
        forged(
            "text-crlf",
            base.replace('\n', "\r\n").replace("\r\nend ", "\nend "),
            Fault::NotText,
        ),
        forged(
            "text-byte-order-mark",
            format!("\u{feff}{base}"),
            Fault::NotText,
        ),
        forged(
            "text-long-line",
            inside(&"x".repeat(9000)),
            Fault::LineTooLong,
        ),
        forged("text-long-value", inside(&"x".repeat(8193)), Fault::Value),
        forged(
            "text-two-empty-lines",
            put(&base, "\n\nentry 4", "\n\n\nentry 4"),
            Fault::Syntax,
        ),
        forged(
            "text-no-empty-line",
            put(&base, "\n\nentry 4", "\nentry 4"),
            Fault::Syntax,
        ),
        forged(
            "text-space-at-a-lines-end",
            put(&base, "kind alert\n", "kind alert \n"),
            Fault::UnknownKind,
        ),
        forged(
            "text-header-line-changed",
            put(&base, "It does not prove", "It does prove"),
            Fault::Syntax,
        ),
        forged(
            "text-header-line-left-out",
            put(
                &base,
                &format!("{}\n", line(&base, "portlog", "about A")),
                "",
            ),
            Fault::Syntax,
        ),
        forged(
            "version-2",
            put(&base, "bundle@v1", "bundle@v2"),
            Fault::Version,
        ),
        forged(
            "version-none",
            put(&base, "portlog/bundle@v1\n", ""),
            Fault::Version,
        ),
        forged(
            "section-attestation",
            put(&base, "\n\nend ", "\n\nattestation\nAAAA\n\nend "),
            Fault::Syntax,
        ),
        forged(
            "section-timestamps",
            put(&base, "\n\nend ", "\n\ntimestamps\nAAAA\n\nend "),
            Fault::Syntax,
        ),
    ]
}

pub(super) fn ends() -> Vec<Forgery> {
    let base = base();
    let as_is = |name, bundle, fault| Forgery {
        name,
        bundle,
        fault,
        as_is: true,
    };
    let digest = line(&base, "\nend ", "end ");
    vec![
        as_is(
            "end-digest",
            put(
                &base,
                digest,
                &digest
                    .chars()
                    .map(|digit| if digit == '0' { '1' } else { digit })
                    .collect::<String>(),
            ),
            Fault::EndHash,
        ),
        as_is(
            "end-upper-case",
            put(&base, digest, &digest.to_uppercase().replace("END", "end")),
            Fault::Syntax,
        ),
        as_is(
            "end-left-out",
            put(&base, &format!("\n{digest}\n"), ""),
            Fault::Truncated,
        ),
        as_is(
            "end-cut",
            base[..base.len() - 10].to_owned(),
            Fault::Truncated,
        ),
        as_is(
            "end-without-newline",
            base.trim_end().to_owned(),
            Fault::Truncated,
        ),
        as_is("end-and-more", format!("{base}more\n"), Fault::Trailing),
        as_is("end-and-empty-line", format!("{base}\n"), Fault::Trailing),
        as_is("two-in-one", format!("{base}{base}"), Fault::Trailing),
        as_is(
            "end-value-changed",
            put(&base, "bench 7", "bench 8"),
            Fault::ProofRoot,
        ),
        as_is(
            "end-unknown-signature-changed",
            {
                let bundle = sparse(&witnessed(), &[Kind::Alert]);
                let signed = line(&bundle, "\ncheckpoint", "\u{2014} friend.test/carl");
                put(&bundle, signed, &flipped(signed, 60))
            },
            Fault::EndHash,
        ),
        as_is("empty", String::new(), Fault::Truncated),
        as_is("half", base[..base.len() / 2].to_owned(), Fault::Truncated),
    ]
}

pub(super) fn leaves() -> Vec<Forgery> {
    let (log, whole) = (short(1), whole());
    let withheld = full_redacted(&log);
    let leaf = line(&withheld, "\nleaf ", "leaf ");
    // Nodes of the level above as leaves: the same root with half the size.
    let mut halves: String = whole.split_inclusive('\n').take(7).collect();
    halves = put(&halves, "mode full", "mode full") + "shown 0 of 5\n";
    for index in 0..5 {
        let node = portlog_journal::tree::node_hash(
            &leaf_of(&log, 2 * index),
            &leaf_of(&log, 2 * index + 1),
        );
        let _ = writeln!(halves, "\nleaf {index} {node}");
    }
    halves.push_str(&put(
        &whole[whole.find("\n\ncheckpoint\n").unwrap() + 1..],
        "\n10\n",
        "\n5\n",
    ));
    vec![
        forged(
            "leaf-changed",
            put(&withheld, leaf, &flipped(leaf, 12)),
            Fault::LeavesRoot,
        ),
        forged(
            "leaf-twice",
            put(
                &withheld,
                &format!("\n{leaf}\n"),
                &format!("\n{leaf}\n\n{leaf}\n"),
            ),
            Fault::IndexOrder,
        ),
        forged(
            "leaf-left-out",
            put(&withheld, &format!("\n{leaf}\n"), ""),
            Fault::IndexOrder,
        ),
        forged(
            "leaf-in-sparse",
            put(&base(), "\n\nentry 4", &format!("\n\n{leaf}\n\nentry 4")),
            Fault::Syntax,
        ),
        forged(
            "leaves-cut",
            {
                let (before, after) = whole.split_at(whole.find("\n\nentry 9\n").unwrap() + 1);
                put(
                    &format!(
                        "{before}{}",
                        &after[after.find("\ncheckpoint\n").unwrap()..]
                    ),
                    "shown 10 of",
                    "shown 9 of",
                )
            },
            Fault::IndexOrder,
        ),
        forged("nodes-as-leaves", halves, Fault::Signature),
    ]
}
