//! The files of tests/vectors/log through the program: its verdict and its status.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;

use crate::support::{Place, ended};
use crate::terminal::Terminal;

fn vectors() -> PathBuf {
    fs::canonicalize(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/log")).unwrap()
}

/// The one verdict that depends on the clock of who reads: a witness's time that lies ahead of the
/// clock that the vectors are for has come meanwhile.
const OF_ANOTHER_TIME: &str = "forged-witness-time-in-the-future.portlog.txt";

/// The verdict in the words of expected.txt.
fn said(file: &Value) -> String {
    match file["result"].as_str().unwrap() {
        "verified" => format!(
            "ok {} {} of {}{}",
            file["level"].as_str().unwrap(),
            file["shown"],
            file["size"],
            if file["observed_live"] == false {
                " not-live"
            } else {
                ""
            }
        ),
        "fork" => format!(
            "ok fork {} and {}",
            file["sides"][0]["size"], file["sides"][1]["size"]
        ),
        "rejected" => format!(
            "{} {}",
            file["rejection"]["number"].as_str().unwrap(),
            file["rejection"]["name"].as_str().unwrap()
        ),
        other => panic!("{other}"),
    }
}

#[test]
fn every_vector_has_its_verdict_in_one_table() {
    let place = Place::new();
    let folder = vectors();
    let witnesses = folder.join("witnesses.txt");
    let ran = place.run(&[
        "log",
        "verify",
        folder.to_str().unwrap(),
        "--witness",
        witnesses.to_str().unwrap(),
        "--format",
        "json",
    ]);
    assert_eq!(ran.status, Some(1), "{}", ran.stderr);
    let answer: Value = serde_json::from_str(&ran.stdout).unwrap();
    let files = answer["files"].as_array().unwrap();
    let expected = fs::read_to_string(folder.join("expected.txt")).unwrap();
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs();
    let made: u64 = fs::read_to_string(folder.join("now.txt"))
        .unwrap()
        .trim()
        .parse()
        .unwrap();
    assert!(
        now > made,
        "this machine's clock is before that of the vectors"
    );
    let mut looked_at = 0;
    for line in expected.lines() {
        let (name, verdict) = line.split_once(' ').unwrap();
        let path = folder.join(name);
        let file = files
            .iter()
            .find(|file| file["file"] == *path.to_str().unwrap())
            .unwrap_or_else(|| panic!("{name} is not in the table"));
        if name != OF_ANOTHER_TIME {
            assert_eq!(said(file), verdict, "{name}");
        }
        looked_at += 1;
    }
    assert_eq!(looked_at, files.len());
    assert!(looked_at > 200, "{looked_at}");
}

#[test]
fn every_vector_by_itself_has_its_status() {
    let place = Place::new();
    let folder = vectors();
    let expected = fs::read_to_string(folder.join("expected.txt")).unwrap();
    for line in expected.lines() {
        let (name, verdict) = line.split_once(' ').unwrap();
        if name.contains("witness") {
            // Without the witness's key its line is only counted.
            continue;
        }
        let path = folder.join(name);
        let ran = place.run(&["log", "verify", path.to_str().unwrap()]);
        let good = verdict.starts_with("ok ");
        assert_eq!(ran.status, Some(i32::from(!good)), "{name}: {ran:?}");
        assert_eq!(ran.stderr, "", "{name}");
        let begins = match (good, verdict.contains("fork")) {
            (true, true) => "Two signed states of one log",
            (true, false) => "Unchanged since it was signed. Signer: unknown.",
            (false, _) => path.to_str().unwrap(),
        };
        assert!(ran.stdout.starts_with(begins), "{name}: {ran:?}");
        assert_eq!(ran.stdout.contains("REJECTED"), !good, "{name}");
        let fourth = ran.stdout.lines().nth(3);
        let marked = fourth.is_some_and(|line| line.starts_with("NOT OBSERVED LIVE"));
        assert_eq!(marked, verdict.ends_with(" not-live"), "{name}: {fourth:?}");
        assert!(
            ran.stdout.chars().all(|c| c == '\n' || !c.is_control()),
            "{name}: what drives a terminal"
        );
    }
}

#[test]
fn a_level_that_is_required_decides_the_status() {
    let place = Place::new();
    let folder = vectors();
    let file = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let (plain, seen) = (
        file("epochs-full.portlog.txt"),
        file("witnessed-full.portlog.txt"),
    );
    let witnesses = file("witnesses.txt");
    let text = fs::read_to_string(&plain).unwrap();
    let origin = text
        .lines()
        .find_map(|line| line.strip_prefix("origin "))
        .unwrap();
    let vkey = text
        .lines()
        .find(|line| line.starts_with("vkey portlog/"))
        .and_then(|line| line.strip_prefix("vkey "))
        .unwrap();
    let later = text
        .lines()
        .filter(|line| line.starts_with("vkey portlog/"))
        .nth(1)
        .and_then(|line| line.strip_prefix("vkey "))
        .unwrap();
    place.write("key.txt", format!("{vkey}\n"));
    let status = |more: &[&str]| place.run(&[&["log", "verify"], more].concat()).status;

    assert_eq!(status(&[&plain]), Some(0));
    assert_eq!(status(&[&plain, "--require", "L1"]), Some(1));
    for key in [origin, vkey, "key.txt"] {
        assert_eq!(
            status(&[&plain, "--require", "L1", "--key", key]),
            Some(0),
            "{key}"
        );
        assert_eq!(
            status(&[&plain, "--require", "L3", "--key", key]),
            Some(1),
            "{key}"
        );
        assert_eq!(status(&[&seen, "--key", key]), Some(1), "another log");
    }
    assert_eq!(status(&[&seen, "--require", "L3"]), Some(1));
    assert_eq!(
        status(&[&seen, "--require", "L3", "--witness", &witnesses]),
        Some(0)
    );
    assert_eq!(
        status(&[&plain, "--require", "L3", "--witness", &witnesses]),
        Some(1)
    );
    let one = fs::read_to_string(&witnesses).unwrap();
    let one = one.lines().next().unwrap();
    assert_eq!(
        status(&[&seen, "--require", "L3", "--witness", one]),
        Some(0)
    );

    for (args, says) in [
        (&["--key", later][..], "not the first key"),
        (
            &["--key", "no-such-file"],
            "no origin, no vkey, and no file",
        ),
        (&["--key", "mine.txt"], "neither the origin"),
        (&["--key", &witnesses], "not the first key"),
        (&["--witness", vkey], "not the key of a witness"),
        (&["--witness", "no-such-file"], "no vkey, and no file"),
        (&["--witness", "mine.txt"], "no vkey of a witness"),
        (&["--require", "L2"], "L1, L3"),
        (&["--fork-proof", "x"], "--against"),
    ] {
        place
            .run(&[&["log", "verify", &plain], args].concat())
            .assert_refused(&[says]);
    }
}

#[test]
fn a_long_file_says_on_a_terminal_how_far_it_is() {
    let place = Place::new();
    let head = fs::read_to_string(vectors().join("epochs-full.portlog.txt")).unwrap();
    let head: Vec<&str> = head
        .lines()
        .take_while(|line| !line.starts_with("shown "))
        .collect();
    let mut long = format!("{}\nshown 0 of 400000\n", head.join("\n"));
    let hash = "A".repeat(43) + "=";
    for index in 0..350_000 {
        writeln!(long, "\nleaf {index} {hash}").unwrap();
    }
    place.write("long.portlog.txt", &long);
    let mut terminal = Terminal::with(place.command(&["log", "verify", "long.portlog.txt"]));
    terminal.expect("checking: ");
    terminal.expect(" %");
    terminal.expect("REJECTED: R08 truncated");
    assert_eq!(ended(terminal.child), Some(1));
    // Where nobody looks, nothing is told.
    let ran = place.run(&["log", "verify", "long.portlog.txt"]);
    assert_eq!((ran.status, ran.stderr.as_str()), (Some(1), ""));
}
