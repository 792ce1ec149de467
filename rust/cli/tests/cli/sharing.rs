//! Two copies of a log, and a witness on another machine.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::journals::{Watch, good};
use crate::support::Place;

/// Exports everything of a journal.
fn whole(place: &Place, journal: &str, name: &str) {
    good(
        place,
        &[
            "log",
            "export",
            journal,
            "-o",
            name,
            "--preset",
            "everything",
            "--yes",
        ],
    );
}

/// A watch with a mark in it, from its beginning to its end.
fn watched(place: &Place, journal: &str, mark: &str) {
    let watch = Watch::at(place, journal, &[]);
    good(place, &["log", "mark", journal, mark]);
    assert_eq!(watch.end(), Some(0));
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

#[test]
fn a_tail_that_was_cut_shows() {
    let place = Place::new();
    watched(&place, "j", "before");
    whole(&place, "j", "early.portlog.txt");
    watched(&place, "j", "after");
    whole(&place, "j", "late.portlog.txt");
    let note = good(&place, &["log", "checkpoint", "j"]).stdout;
    place.write("late.txt", note);

    let ran = place.run(&[
        "log",
        "verify",
        "early.portlog.txt",
        "--against",
        "late.portlog.txt",
    ]);
    assert_eq!(ran.status, Some(1), "{ran:?}");
    assert!(ran.stdout.contains("ROLLED BACK"), "{ran:?}");
    assert!(ran.stdout.contains("what it has is the same"), "{ran:?}");
    assert!(
        ran.stdout
            .starts_with("Unchanged since it was signed. Signer: unknown."),
        "{ran:?}"
    );
    let args = [
        "log",
        "verify",
        "early.portlog.txt",
        "--against",
        "late.txt",
        "--format",
        "json",
    ];
    let ran = place.run(&args);
    assert_eq!(ran.status, Some(1), "{ran:?}");
    let answer: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let against = &answer["files"][0]["against"];
    assert_eq!(against["result"], "rolled-back");
    assert!(against["missing"].as_u64().unwrap() > 0);
    assert_eq!(against["same_until_there"], false);

    let same = [
        "log",
        "verify",
        "late.portlog.txt",
        "--against",
        "late.txt",
        "--require",
        "L1",
    ];
    assert!(good(&place, &same).stdout.contains("the same state"));

    watched(&place, "other", "another log");
    whole(&place, "other", "other.portlog.txt");
    let ran = place.run(&[
        "log",
        "verify",
        "other.portlog.txt",
        "--against",
        "late.portlog.txt",
    ]);
    assert_eq!(ran.status, Some(1), "{ran:?}");
    assert!(ran.stdout.contains("it is another log"), "{ran:?}");
    place
        .run(&["log", "verify", "late.portlog.txt", "--against", "mine.txt"])
        .assert_refused(&["the copy mine.txt does not check", "--against takes"]);
}

#[test]
fn two_histories_are_proven_and_no_proof_is_overwritten() {
    let place = Place::new();
    watched(&place, "j", "common");
    copy(&place.path("j"), &place.path("k"));
    watched(&place, "j", "one story");
    watched(&place, "k", "another story");
    whole(&place, "j", "one.portlog.txt");
    whole(&place, "k", "two.portlog.txt");
    good(
        &place,
        &["log", "verify", "one.portlog.txt", "two.portlog.txt"],
    );

    let args = [
        "log",
        "verify",
        "one.portlog.txt",
        "--against",
        "two.portlog.txt",
    ];
    for (time, name) in ["one.fork.portlog.txt", "one-2.fork.portlog.txt"]
        .into_iter()
        .enumerate()
    {
        let ran = place.run(&args);
        assert_eq!(ran.status, Some(1), "{ran:?}");
        assert!(ran.stdout.contains("FORK"), "{ran:?}");
        assert!(ran.stdout.contains(name), "{time}: {ran:?}");
        let proof = good(&place, &["log", "verify", name]).stdout;
        assert!(
            proof.starts_with("Two signed states of one log cannot both be true"),
            "{proof}"
        );
    }
    assert_eq!(
        fs::read(place.path("one.fork.portlog.txt")).unwrap(),
        fs::read(place.path("one-2.fork.portlog.txt")).unwrap()
    );
    let named = [&args[..], &["--fork-proof", "proof"]].concat();
    assert_eq!(place.run(&named).status, Some(1));
    place
        .run(&named)
        .assert_refused(&["proof is there already"]);
    let first = good(&place, &["log", "verify", "proof"]).stdout;
    let origin = first.lines().find_map(|line| line.strip_prefix("log "));
    let origin = origin.unwrap().trim();
    good(
        &place,
        &["log", "verify", "proof", "--key", origin, "--require", "L1"],
    );
    let ran = place.run(&["log", "verify", "proof", "--require", "L1"]);
    assert_eq!(ran.status, Some(1), "{ran:?}");
    let other = format!("portlog/log/{}", "0".repeat(64));
    assert_eq!(
        place
            .run(&["log", "verify", "proof", "--key", &other])
            .status,
        Some(1)
    );

    // A checkpoint that was kept of one history, against the other.
    let note = good(&place, &["log", "checkpoint", "k"]).stdout;
    place.write("kept.txt", note);
    let ran = place.run(&["log", "verify", "one.portlog.txt", "--against", "kept.txt"]);
    assert_eq!(ran.status, Some(1), "{ran:?}");

    // A folder: all of them in one table, and what is wrong below it.
    fs::create_dir(place.path("bench")).unwrap();
    for name in ["one.portlog.txt", "two.portlog.txt", "one.fork.portlog.txt"] {
        fs::copy(place.path(name), place.path("bench").join(name)).unwrap();
    }
    let table = good(&place, &["log", "verify", "bench"]).stdout;
    assert!(
        table.starts_with("This does not prove that the phone reported the truth"),
        "{table}"
    );
    assert!(table.contains("two histories"), "{table}");
    fs::write(place.path("bench/x.portlog.txt"), "portlog/bundle@v2\n").unwrap();
    let ran = place.run(&["log", "verify", "bench"]);
    assert_eq!(ran.status, Some(1), "{ran:?}");
    assert!(ran.stdout.contains("R04 version"), "{ran:?}");
    let ran = place.run(&["log", "verify", "bench", "not-there"]);
    assert_eq!(ran.status, Some(2), "{ran:?}");
    assert!(ran.stdout.contains("could not be read"), "{ran:?}");
    place
        .run(&["log", "verify", "not-there"])
        .assert_refused(&["cannot read not-there"]);
    fs::create_dir(place.path("empty")).unwrap();
    place
        .run(&["log", "verify", "empty"])
        .assert_refused(&["empty holds no file"]);
}

#[test]
#[expect(clippy::too_many_lines, reason = "the story of one log, in order")]
fn a_witness_signs_what_continues_and_refuses_what_does_not() {
    let place = Place::new();
    let watch = Watch::begin(&place, &[]);
    good(&place, &["log", "checkpoint", "j", "-o", "one.portlog.txt"]);
    let small = fs::read_to_string(place.path("one.portlog.txt")).unwrap();
    assert!(
        small.contains("\nshown 0 of ") && small.len() < 4_096,
        "{small}"
    );

    let answer = good(
        &place,
        &["log", "witness", "one.portlog.txt", "--name", "anna.test"],
    );
    assert!(
        answer
            .stdout
            .starts_with("portlog/answer@v1\nwitness anna.test+"),
        "{answer:?}"
    );
    assert!(answer.stderr.contains("for the first time"), "{answer:?}");
    place.write("one.txt", &answer.stdout);
    let state = place.path(".local/state/portlog/witness");
    for (name, mode) in [
        ("", 0o700),
        ("logs", 0o700),
        ("key", 0o600),
        ("lock", 0o600),
    ] {
        let found = fs::metadata(state.join(name)).unwrap().permissions().mode();
        assert_eq!(found & 0o777, mode, "{name}");
    }

    // The answer goes back through the watch, and every later export carries it.
    let taken = good(&place, &["log", "checkpoint", "j", "--answer", "one.txt"]);
    assert!(
        taken.stdout.contains("anna.test has seen the state of"),
        "{taken:?}"
    );
    let shown = place.json(&["log", "show", "j", "--kind", "witness", "--format", "json"]);
    let fields = &shown["entries"][0]["fields"];
    assert_eq!(fields["name"], "anna.test");
    let nonce = fields["nonce"].as_str().unwrap();
    assert!(answer.stdout.contains(&format!("\nnonce {nonce}\n")) && nonce.len() == 32);
    assert_eq!(shown["witnessed"]["name"], "anna.test");
    whole(&place, "j", "all.portlog.txt");
    let known = [
        "log",
        "verify",
        "all.portlog.txt",
        "--witness",
        "one.txt",
        "--require",
        "L3",
    ];
    let verdict = good(&place, &known);
    assert!(
        verdict
            .stdout
            .starts_with("Unchanged since it was signed. Signer: seen by 1 witness on")
    );
    let ran = place.run(&["log", "verify", "all.portlog.txt", "--require", "L3"]);
    assert_eq!(ran.status, Some(1), "a witness that nobody knows: {ran:?}");
    assert!(ran.stdout.contains("claims nothing"), "{ran:?}");
    let ran = place.run(&["log", "verify", "all.portlog.txt", "--require", "L1"]);
    assert_eq!(ran.status, Some(1), "{ran:?}");
    assert_eq!(watch.end(), Some(0));

    // Without a watch it goes into the store itself.
    copy(&place.path("j"), &place.path("k"));
    good(&place, &["log", "checkpoint", "j", "-o", "two.portlog.txt"]);
    let answer = good(&place, &["log", "witness", "two.portlog.txt"]);
    assert!(
        answer.stderr.contains("it continues the state of"),
        "{answer:?}"
    );
    place.write("two.txt", &answer.stdout);
    good(&place, &["log", "checkpoint", "j", "--answer", "two.txt"]);
    let again = good(&place, &["log", "witness", "two.portlog.txt"]);
    assert!(again.stderr.contains("seen this state before"), "{again:?}");

    // An older state: rolled back.
    let ran = place.run(&["log", "witness", "one.portlog.txt"]);
    assert_eq!(ran.status, Some(1), "{ran:?}");
    assert!(ran.stdout.starts_with("NOT SIGNED: ") && ran.stdout.contains("ROLLED BACK"));
    // Another history: the proof.
    watched(&place, "k", "another story");
    watched(&place, "j", "this story");
    whole(&place, "j", "three.portlog.txt");
    good(&place, &["log", "witness", "three.portlog.txt"]);
    whole(&place, "k", "forked.portlog.txt");
    let ran = place.run(&["log", "witness", "forked.portlog.txt"]);
    assert_eq!(ran.status, Some(1), "{ran:?}");
    assert!(
        ran.stdout.contains("FORK") || ran.stdout.contains("ROLLED BACK"),
        "{ran:?}"
    );
    for mark in ["more", "and more", "and still more", "and more again"] {
        watched(&place, "k", mark);
    }
    whole(&place, "k", "longer.portlog.txt");
    let ran = place.run(&["log", "witness", "longer.portlog.txt"]);
    assert_eq!(ran.status, Some(1), "{ran:?}");
    assert!(ran.stdout.contains("FORK"), "{ran:?}");
    good(&place, &["log", "verify", "longer.fork.portlog.txt"]);

    // What is no log, a witness that is called otherwise, an answer that is none or another log's.
    let ran = place.run(&["log", "witness", "mine.txt"]);
    assert_eq!(ran.status, Some(1), "{ran:?}");
    assert!(
        ran.stdout
            .starts_with("NOT SIGNED: the file is not what was signed"),
        "{ran:?}"
    );
    place
        .run(&["log", "witness", "two.portlog.txt", "--name", "ben.test"])
        .assert_refused(&["this witness is called anna.test"]);
    place
        .run(&[
            "log",
            "witness",
            "two.portlog.txt",
            "--name",
            "b en",
            "--state",
            "w",
        ])
        .assert_refused(&["no space"]);
    place
        .run(&["log", "checkpoint", "j", "--answer", "mine.txt"])
        .assert_refused(&["no answer of a witness"]);
    watched(&place, "other", "x");
    place
        .run(&["log", "checkpoint", "other", "--answer", "two.txt"])
        .assert_refused(&["not of this journal"]);
    let forged = answer.stdout.replace("anna.test", "otto.test");
    place.write("forged.txt", forged);
    assert_eq!(
        place
            .run(&["log", "checkpoint", "j", "--answer", "forged.txt"])
            .status,
        Some(2)
    );
    let key = fs::read_to_string(state.join("key")).unwrap();
    fs::write(state.join("key"), key.replace("@v1", "@v2")).unwrap();
    place
        .run(&["log", "witness", "two.portlog.txt"])
        .assert_refused(&["newer Portlog", "--state"]);
}
