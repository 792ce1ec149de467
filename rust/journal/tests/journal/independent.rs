//! Verifiers that share no code with this one, over every vector: they must say the same.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::*;
use crate::vectors::{folder, golden, reader};

/// Rejections that signatures, proofs and digests give: what the program in Go looks at.
const COMPUTED: [&str; 8] = ["R19", "R20", "R26", "R27", "R28", "R29", "R33", "R34"];

fn verify_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/verify")
}

fn expected() -> BTreeMap<String, String> {
    let table = fs::read_to_string(folder().join("expected.txt")).unwrap();
    table
        .lines()
        .map(|line| line.split_once(' ').unwrap())
        .map(|(name, verdict)| (name.to_owned(), verdict.to_owned()))
        .collect()
}

#[expect(clippy::print_stderr, reason = "what was not checked is said aloud")]
fn say(what: &str) {
    eprintln!("SKIPPED: {what}");
}

/// Whether the program is there; if not, says so where a reader of the test's output sees it.
fn is_there(program: &str, argument: &str) -> bool {
    let there = Command::new(program).arg(argument).output().is_ok();
    if !there {
        say(&format!(
            "{program} is not installed; the vectors were NOT checked with it"
        ));
    }
    there
}

/// Python's verdicts on files, by name.
fn python<A: AsRef<OsStr>>(files: &[A]) -> BTreeMap<String, String> {
    let mut command = Command::new("python3");
    command.arg(verify_folder().join("verify.py"));
    command.args(["--now", &NOW.to_string()]);
    for witness in reader().witnesses {
        command.arg("--witness").arg(witness.to_string());
    }
    let done = command.args(files).current_dir(folder()).output().unwrap();
    let errors = String::from_utf8_lossy(&done.stderr);
    assert!(!errors.contains("Traceback"), "{errors}");
    let lines = String::from_utf8(done.stdout).unwrap();
    lines
        .lines()
        .map(|line| line.split_once(' ').unwrap())
        .map(|(name, verdict)| (name.to_owned(), verdict.to_owned()))
        .collect()
}

#[test]
fn the_verifier_in_python_agrees_on_every_vector() {
    if !is_there("python3", "--version") || !is_there("openssl", "version") {
        return;
    }
    let expected = expected();
    let found = python(&expected.keys().collect::<Vec<_>>());
    assert_eq!(found, expected);
}

#[test]
fn the_verifier_in_python_agrees_on_damage_that_nobody_thought_of() {
    if !is_there("python3", "--version") || !is_there("openssl", "version") {
        return;
    }
    let place = tempfile::tempdir().unwrap();
    let mut random = 0x2545_F491_4F6C_DD1D_u64;
    let mut below = |end: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        usize::try_from(random % u64::try_from(end).unwrap()).unwrap()
    };
    let mut expected = BTreeMap::new();
    let golden = golden();
    for number in 0..300 {
        let vector = &golden[below(golden.len())];
        let mut bytes = vector.bundle.clone();
        let at = below(bytes.len());
        match below(4) {
            0 => bytes[at] ^= 1 << below(8),
            1 => drop(bytes.remove(at)),
            2 => bytes.insert(at, b"\n 0=A\xC2"[below(6)]),
            _ => {
                let to = (at + 1 + below(80)).min(bytes.len());
                drop(bytes.drain(at..to));
            }
        }
        // Sealed again where it is still text with an end.
        if let Ok(text) = std::str::from_utf8(&bytes)
            && text.contains("\nend ")
        {
            bytes = resealed(text).into_bytes();
        }
        let path = place.path().join(format!("{number}.portlog.txt"));
        fs::write(&path, &bytes).unwrap();
        let name = path.to_str().unwrap().to_owned();
        expected.insert(name, verdict(&bytes, &reader()));
    }
    let found = python(&expected.keys().collect::<Vec<_>>());
    assert_eq!(found.len(), expected.len());
    for (name, ours) in expected {
        let theirs = &found[&name];
        // Where a file has several faults, each verifier names the one that it meets first.
        let (we_accept, they_accept) = (ours.starts_with("ok"), theirs.starts_with("ok"));
        assert_eq!(we_accept, they_accept, "{name}: {ours}, and {theirs}");
        if we_accept {
            assert_eq!(&ours, theirs);
        }
    }
}

#[test]
fn gos_own_packages_agree_on_every_signature_and_proof() {
    if !is_there("go", "version") {
        return;
    }
    let place = tempfile::tempdir().unwrap();
    let program = place.path().join("check");
    let built = Command::new("go")
        .args(["build", "-o"])
        .arg(&program)
        .arg(".")
        .current_dir(verify_folder().join("go"))
        .output()
        .unwrap();
    if !built.status.success() {
        let why = String::from_utf8_lossy(&built.stderr);
        assert!(
            ["dial tcp", "lookup ", "connection refused", "i/o timeout"]
                .iter()
                .any(|offline| why.contains(offline)),
            "{why}"
        );
        say("golang.org/x/mod could not be fetched; Go did NOT check the vectors");
        return;
    }
    for (name, verdict) in expected() {
        let good = verdict.starts_with("ok");
        // The program in Go reads bundles.
        if name.contains("fork") {
            continue;
        }
        if !good && !COMPUTED.iter().any(|number| verdict.starts_with(number)) {
            continue;
        }
        let done = Command::new(&program)
            .arg(&name)
            .current_dir(folder())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&done.stdout);
        assert_eq!(done.status.success(), good, "{verdict}, and Go: {said}");
    }
}
