//! Verifiers that share no code with this one, over every vector: they must say the same.

use std::collections::{BTreeMap, BTreeSet};
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

/// The first shell script of the format's page, as it is printed.
fn recipe() -> String {
    let page = fs::read_to_string(verify_folder().join("../../docs/LOG-FORMAT.md")).unwrap();
    let (_, script) = page.split_once("\n```sh\n").unwrap();
    let (script, _) = script.split_once("\n```\n").unwrap();
    script.to_owned()
}

/// The vectors in mode sparse that bundles are: name, verdict, and the indices of what they show.
fn sparse() -> Vec<(String, String, Vec<String>)> {
    let mut found = Vec::new();
    for (name, verdict) in expected() {
        let bytes = fs::read(folder().join(&name)).unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if !text.starts_with("portlog/bundle@v1\n") || !text.contains("\nmode sparse\n") {
            continue;
        }
        let shown = text.split("\ncheckpoint\n").next().unwrap();
        let indices = shown.split("\n\nentry ").skip(1);
        let indices = indices.map(|it| it.lines().next().unwrap().to_owned());
        found.push((name, verdict, indices.collect()));
    }
    found
}

/// Of the rejections that programs find which check signatures, keys and the proofs of entries: those.
fn is_found_without_grammar(verdict: &str) -> bool {
    ["R19", "R26", "R28", "R33"]
        .iter()
        .any(|number| verdict.starts_with(number))
}

#[test]
fn the_short_program_accepts_what_is_good_and_refuses_what_is_forged() {
    if !is_there("python3", "--version") || !is_there("openssl", "version") {
        return;
    }
    let program = verify_folder().join("short.py");
    let (mut accepted, mut refused) = (0, 0);
    for (name, verdict, indices) in sparse() {
        let good = verdict.starts_with("ok");
        if !good && !is_found_without_grammar(&verdict) {
            continue;
        }
        let mut command = Command::new("python3");
        command.arg(&program).arg(&name).current_dir(folder());
        let done = command.output().unwrap();
        assert_eq!(done.status.success(), good, "{name}: {verdict}: {done:?}");
        let said = String::from_utf8(done.stdout).unwrap();
        if good {
            assert!(
                said.starts_with(&format!("ok {} of ", indices.len())),
                "{said}"
            );
            accepted += 1;
        } else {
            assert_eq!(said, "", "{name}");
            refused += 1;
        }
    }
    assert!(accepted > 8 && refused > 20, "{accepted} {refused}");
}

#[test]
fn the_recipe_for_a_shell_does_by_hand_what_it_says() {
    if !is_there("openssl", "version") {
        return;
    }
    let script = recipe();
    let run = |name: &str, index: &str| {
        let place = tempfile::tempdir().unwrap();
        let mut shell = Command::new("sh");
        shell.args(["-e", "-c", &script]).current_dir(place.path());
        shell.env("FILE", folder().join(name)).env("INDEX", index);
        shell.output().unwrap()
    };
    let mut accepted = 0;
    for (name, verdict, indices) in sparse() {
        if !verdict.starts_with("ok") {
            continue;
        }
        // A shell is slow: the ends of what is shown.
        let ends: BTreeSet<_> = indices.first().into_iter().chain(indices.last()).collect();
        for index in ends {
            let done = run(&name, index);
            assert!(done.status.success(), "{name} {index}: {done:?}");
            let said = String::from_utf8(done.stdout).unwrap();
            assert!(
                said.contains(&format!("\nentry {index} of portlog/log/")),
                "{said}"
            );
            accepted += 1;
        }
    }
    assert!(accepted > 14, "{accepted}");
    // Each of its steps finds what is about it.
    for (name, index) in [
        ("forged-end-digest", "4"),
        ("forged-key-swapped", "4"),
        ("forged-signature-plus-order", "4"),
        ("forged-signature-r-small", "4"),
        ("forged-value", "4"),
        ("forged-salt", "4"),
        ("forged-commitment", "4"),
        ("forged-field-renamed", "4"),
        ("forged-proof-short", "4"),
        ("forged-proof-long", "4"),
        ("forged-proof-swapped", "4"),
        ("forged-proof-zero", "4"),
    ] {
        let done = run(&format!("{name}.portlog.txt"), index);
        assert!(!done.status.success(), "{name}: {done:?}");
        let said = String::from_utf8_lossy(&done.stdout);
        assert!(!said.contains("entry 4 of"), "{name}: {said}");
    }
}

/// Where Debian's package golang-golang-x-mod-dev has what the program in Go needs.
const DEBIANS_GO: &str = "/usr/share/gocode";

#[test]
fn gos_own_packages_agree_on_every_signature_and_proof() {
    // Set where both were installed for this: then nothing is passed over.
    let is_needed = std::env::var_os("PORTLOG_NEEDS_GO").is_some();
    if !is_there("go", "version") {
        assert!(!is_needed, "PORTLOG_NEEDS_GO is set, and there is no Go");
        return;
    }
    let place = tempfile::tempdir().unwrap();
    let program = place.path().join("check");
    let mut compiler = Command::new("go");
    compiler.args(["build", "-o"]).arg(&program).arg(".");
    compiler.current_dir(verify_folder().join("go"));
    if Path::new(DEBIANS_GO)
        .join("src/golang.org/x/mod/sumdb/tlog")
        .exists()
    {
        compiler.env("GO111MODULE", "off").env("GOFLAGS", "");
        compiler.env("GOPATH", DEBIANS_GO);
    }
    let built = compiler.output().unwrap();
    if !built.status.success() {
        let why = String::from_utf8_lossy(&built.stderr);
        assert!(
            ["dial tcp", "lookup ", "connection refused", "i/o timeout"]
                .iter()
                .any(|offline| why.contains(offline)),
            "{why}"
        );
        assert!(!is_needed, "PORTLOG_NEEDS_GO is set: {why}");
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
