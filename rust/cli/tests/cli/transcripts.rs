//! Transcripts: a line that begins with `$ ` is run, what follows is what it must print.
//!
//! Lines of standard error begin with `! `, and a status other than 0 stands last as `[status N]`.
//! `PORTLOG_BLESS=1 cargo test -p portlog transcripts` writes them anew.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use crate::support::Place;

#[test]
fn transcripts_hold() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts");
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(!files.is_empty());
    let place = Place::new();
    let mut differing = Vec::new();
    for file in files {
        let written = fs::read_to_string(&file).unwrap();
        let found = played(&place, &written);
        if std::env::var_os("PORTLOG_BLESS").is_some() {
            fs::write(&file, &found).unwrap();
        } else if found != written {
            differing.push(format!(
                "{}:\n{}",
                file.display(),
                first_difference(&written, &found)
            ));
        }
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

/// The transcript as it comes out now.
fn played(place: &Place, written: &str) -> String {
    let mut out = String::new();
    for line in written.lines() {
        if line.starts_with('#') {
            writeln!(out, "{line}").unwrap();
        }
        let Some(command) = line.strip_prefix("$ portlog") else {
            continue;
        };
        if !out.is_empty() {
            out.push('\n');
        }
        let args: Vec<&str> = command.split_whitespace().collect();
        let ran = place.run(&args);
        writeln!(out, "{line}").unwrap();
        out.push_str(&ran.stdout);
        for line in ran.stderr.lines() {
            writeln!(out, "! {line}").unwrap();
        }
        if ran.status != Some(0) {
            writeln!(out, "[status {}]", ran.status.unwrap()).unwrap();
        }
    }
    without_age(&out).replace(env!("CARGO_PKG_VERSION"), "[version]")
}

/// How old the files are is told by this machine's clock.
fn without_age(out: &str) -> String {
    let mut kept = String::new();
    for line in out.split_inclusive('\n') {
        match line
            .strip_prefix("newest shown ")
            .and_then(|age| age.split_once(" before "))
        {
            Some((_, rest)) => write!(kept, "newest shown [age] before {rest}").unwrap(),
            None => kept.push_str(line),
        }
    }
    kept
}

fn first_difference(written: &str, found: &str) -> String {
    let mut written = written.lines();
    let mut found = found.lines();
    loop {
        match (written.next(), found.next()) {
            (None, None) => return "line ends".to_owned(),
            (one, other) if one == other => {}
            (one, other) => return format!("-{one:?}\n+{other:?}"),
        }
    }
}
