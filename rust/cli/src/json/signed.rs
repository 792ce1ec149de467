//! Examples of what is printed of signed logs, for docs/EVENTS.md.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use portlog_agent::testimony::{LastExport, LastWitnessed, LoggedRow, Status};
use portlog_journal::entry::{Entry, Kind, Value};
use portlog_journal::verify::{Comparison, Options};
use portlog_journal::{PublicKey, verify};
use portlog_model::WallTime;

use super::journal::write_shown;
use super::verify::write_checked;
use crate::commands::log::against::Told;
use crate::commands::log::show::{Shown, ShownRow};
use crate::commands::log::verify::{Against, Checked, Forked, Found, Verified};

/// Of each heading, what is printed.
pub(super) fn examples() -> BTreeMap<String, String> {
    let mut examples = BTreeMap::new();
    let mut out = Vec::new();
    write_checked(&mut out, &checked());
    examples.insert(
        "`log verify --format json`".to_owned(),
        String::from_utf8(out).unwrap(),
    );
    let mut out = Vec::new();
    write_shown(&mut out, &shown());
    examples.insert(
        "`log show --format json`".to_owned(),
        String::from_utf8(out).unwrap(),
    );
    examples
}

fn vector(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/log");
    fs::read(folder.join(name)).unwrap()
}

fn options() -> Options {
    let line = |name| String::from_utf8(vector(name)).unwrap();
    let witnesses = line("witnesses.txt");
    let witnesses = witnesses.lines().map(|key| PublicKey::parse(key).unwrap());
    Options {
        witnesses: witnesses.collect(),
        ..Options::at(line("now.txt").trim().parse().unwrap())
    }
}

/// A file that checks, one that proves two histories, one that was changed, and one that is not there.
fn checked() -> Vec<Checked> {
    let options = options();
    let report = verify(&*vector("witnessed-sparse.portlog.txt"), &options).unwrap();
    let fork = verify::fork(&*vector("fork.portlog.txt"), &options).unwrap();
    let forged = vector("forged-commitment.portlog.txt");
    let portlog_journal::Error::Rejected(rejection) = verify(&*forged, &options).unwrap_err()
    else {
        panic!("it is what was signed");
    };
    let file = |name: &str, found| Checked {
        path: name.into(),
        found,
    };
    vec![
        file(
            "shared.portlog.txt",
            Found::Verified(Box::new(Verified {
                report,
                against: Some(Against {
                    told: Told::States(Comparison::Continues { added: 4 }),
                    fork_proof: None,
                }),
                is_enough: true,
            })),
        ),
        file(
            "shared.fork.portlog.txt",
            Found::Fork(Box::new(Forked {
                report: fork,
                is_enough: true,
            })),
        ),
        file("changed.portlog.txt", Found::Rejected(rejection)),
        file(
            "lost.portlog.txt",
            Found::Unreadable("cannot read lost.portlog.txt: No such file or directory".to_owned()),
        ),
    ]
}

/// A journal with a mark and a connection.
fn shown() -> Shown {
    let report = verify(&*vector("epochs-full.portlog.txt"), &options()).unwrap();
    let time = |millis: i64| WallTime::from_millis(1_777_902_300_000 + millis);
    Shown {
        status: Status {
            origin: report.origin().clone(),
            first: report.chain.first().clone(),
            checkpoint: report.checkpoint.checkpoint().clone(),
            epoch: 1,
            epochs: report.chain.epochs(),
            bytes: 1_056_768,
            begun: Some(time(0)),
            latest: Some(time(90_000)),
            pruned_below: 0,
            kept: vec![11],
            witnessed: Some(LastWitnessed {
                name: "friend.test/anna".to_owned(),
                size: 11,
                time: Some(time(60_000)),
            }),
            exported: Some(LastExport {
                size: 11,
                time: time(50_000),
            }),
        },
        watched: true,
        entries: vec![
            row(15, Kind::Mark, None),
            row(14, Kind::Closed, Some("Update service")),
        ],
        more: true,
        sessions: BTreeMap::from([(1, Some("live".to_owned()))]),
    }
}

fn row(index: u64, kind: Kind, owner: Option<&str>) -> ShownRow {
    let mut entry = Entry::new(kind);
    let values: &[(&str, &str)] = match kind {
        Kind::Mark => &[
            ("time", "2026-05-04T15:45:06.789+02:00 3723004"),
            ("preset", "sim-in"),
        ],
        _ => &[
            ("time", "2026-05-04T15:45:04.002+02:00 3720217"),
            ("after", "2026-05-04T15:45:03.001+02:00 3719216"),
            ("by", "2026-05-04T15:45:04.001+02:00 3720216"),
            ("connection", "3"),
            ("protocol", "tcp"),
            ("local", "192.0.2.17:41223"),
            ("remote", "203.0.113.7:80"),
            ("state", "established"),
            ("direction", "out"),
            ("uid", "1000"),
            ("owner", "2"),
            ("inode", "123456"),
            ("ours", "no"),
        ],
    };
    for (name, text) in values {
        let of = kind.field_type(kind.position(name).unwrap()).unwrap();
        entry = entry.with(name, Value::of(text, of).unwrap()).unwrap();
    }
    let fields = entry.values().iter().enumerate().map(|(at, value)| {
        let name = kind.field_name(at).unwrap();
        (Cow::Owned(name.into_owned()), value.as_str().to_owned())
    });
    ShownRow {
        row: LoggedRow {
            index,
            kind,
            session: Some(1),
            fields: fields.collect(),
        },
        owner: owner.map(str::to_owned),
    }
}
