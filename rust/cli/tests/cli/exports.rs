//! What an export shows and what it withholds, looked for in its bytes.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::atomic::{AtomicU8, Ordering};

use serde_json::Value;

use crate::journals::{Watch, connection, good, wait_for};
use crate::support::{Place, ended};
use crate::terminal::Terminal;

/// A journal with an alert, a mark, and a connection to what is returned, by a watch that has ended.
///
/// Watches see the whole machine: each has an address of its own, so that the alert is about that.
fn recorded(place: &Place) -> String {
    static WATCHES: AtomicU8 = AtomicU8::new(1);
    let address = format!("127.0.9.{}", WATCHES.fetch_add(1, Ordering::Relaxed));
    place.write("own.txt", format!("{address}\n"));
    let more = [
        "--list",
        "own=own.txt",
        "--operator",
        "anna",
        "--case",
        "C-77",
    ];
    let watch = Watch::begin(place, &more);
    let (_listener, _client, _server, port) = connection(&address);
    good(place, &["log", "mark", "j", "opt-out"]);
    let remote = format!("{address}:{port}");
    for kind in ["alert", "opened"] {
        wait_for(|| {
            let args = ["log", "show", "j", "--limit", "9999", "--kind", kind];
            place
                .run(&args)
                .stdout
                .contains(&format!("remote {remote},"))
        });
    }
    assert_eq!(watch.end(), Some(0));
    remote
}

/// The bundle that these arguments make.
fn exported(place: &Place, more: &[&str]) -> String {
    let args = [&["log", "export", "j", "-o", "out.portlog.txt"], more].concat();
    let ran = good(place, &args);
    let text = fs::read_to_string(place.path("out.portlog.txt")).unwrap();
    let shown = text
        .lines()
        .find_map(|line| line.strip_prefix("shown "))
        .unwrap();
    let said = format!("{shown} entries shown, chosen by the sharer");
    assert!(ran.stderr.contains(&said), "{said} in {}", ran.stderr);
    assert!(ran.stderr.contains("portlog log verify out.portlog.txt"));
    good(place, &["log", "verify", "out.portlog.txt"]);
    text
}

/// What exports the log in `folder` with a preset to x.portlog.txt.
fn export<'a>(folder: &'a str, preset: &'a str) -> [&'a str; 7] {
    [
        "log",
        "export",
        folder,
        "-o",
        "x.portlog.txt",
        "--preset",
        preset,
    ]
}

fn entries(bundle: &str, kind: &str) -> usize {
    let wanted = format!("kind {kind}");
    // Epochs repeat their entry behind the checkpoint.
    let chosen = bundle.split("\ncheckpoint\n").next().unwrap();
    chosen.lines().filter(|line| *line == wanted).count()
}

#[test]
fn each_preset_shows_its_part_and_redaction_holds_in_the_bytes() {
    let place = Place::new();
    let remote = recorded(&place);

    let alerts = exported(&place, &[]);
    assert!(alerts.contains("\nmode sparse\n"));
    assert!(entries(&alerts, "alert") > 0 && entries(&alerts, "mark") == 1);
    assert_eq!(entries(&alerts, "opened"), 0);
    assert!(
        alerts.contains(&format!(" {remote}\n")),
        "the alert names its peer"
    );

    let firmware = exported(&place, &["--preset", "firmware", "--yes"]);
    assert!(firmware.contains("\nmode sparse\n") && entries(&firmware, "opened") > 0);
    assert!(
        !firmware.lines().any(|line| line.starts_with("local = ")),
        "withheld"
    );
    assert!(firmware.lines().any(|line| line.starts_with("local # ")));

    let everything = exported(&place, &["--preset", "everything", "--yes"]);
    assert!(everything.contains("\nmode full\n"));
    assert!(everything.contains(&format!(" {remote}\n")));
    let shown = everything.lines().find(|line| line.starts_with("shown "));
    let counts: Vec<&str> = shown.unwrap().split(' ').collect();
    assert_eq!(counts[1], counts[3], "{counts:?}");

    let with_local = exported(&place, &["--preset", "firmware", "--yes", "--with-local"]);
    assert!(with_local.lines().any(|line| line.starts_with("local = ")));

    for preset in ["alerts", "firmware", "everything"] {
        let fields = ["remote", "operator", "case", "text", "names"];
        let mut more = vec!["--preset", preset, "--yes"];
        more.extend(fields.iter().flat_map(|field| ["--redact", field]));
        let redacted = exported(&place, &more);
        for hidden in [remote.as_str(), "127.0.9.", "anna", "C-77", "opt-out"] {
            assert!(!redacted.contains(hidden), "{hidden} in {preset}");
        }
        for field in fields {
            let disclosed = format!("{field} = ");
            assert!(
                !redacted.lines().any(|line| line.starts_with(&disclosed)),
                "{field}"
            );
        }
        let secrets = fs::read_dir(place.path("j/keys")).unwrap();
        for secret in secrets.map(|entry| fs::read(entry.unwrap().path()).unwrap()) {
            let secret = String::from_utf8_lossy(&secret).trim().to_owned();
            assert!(!secret.is_empty() && !redacted.contains(&secret));
        }
    }

    // A time in which nothing was: what a log is not understood without is shown all the same.
    let none = exported(
        &place,
        &["--preset", "firmware", "--yes", "--until", "2020-01-01"],
    );
    assert_eq!((entries(&none, "opened"), entries(&none, "mark")), (0, 0));
    assert!(entries(&none, "started") == 1 && entries(&none, "packages") > 0);
    let all = exported(&place, &["--preset", "firmware", "--yes", "--since", "1h"]);
    assert_eq!(entries(&all, "opened"), entries(&firmware, "opened"));
}

#[test]
fn an_export_is_there_whole_or_not_at_all() {
    let place = Place::new();
    recorded(&place);
    exported(&place, &[]);
    let file = fs::metadata(place.path("out.portlog.txt")).unwrap();
    assert_eq!(file.permissions().mode() & 0o777, 0o600);
    let left = || {
        let names = fs::read_dir(place.path(".")).unwrap();
        names
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.contains(".part"))
            .count()
    };
    assert_eq!(left(), 0);
    place
        .run(&["log", "export", "j", "-o", "no/such/folder/x"])
        .assert_refused(&["cannot write no/such/folder/x", "folder"]);
    place
        .run(&["log", "export", "j", "-o", "j"])
        .assert_refused(&["j is a folder"]);
    place
        .run(&["log", "export", "j", "-o", "x", "--redact", "remot"])
        .assert_refused(&["called remot", "remote", "operator"]);
    assert!(!place.path("x").exists());
    assert_eq!(left(), 0);

    let piped = good(&place, &["log", "export", "j", "-o", "-"]);
    place.write("piped.portlog.txt", &piped.stdout);
    good(&place, &["log", "verify", "piped.portlog.txt"]);
    assert!(!piped.stdout.contains("chosen by the sharer (sparse)"));
}

#[test]
fn everything_is_asked_for_on_a_terminal_and_needs_yes_elsewhere() {
    let place = Place::new();
    recorded(&place);
    let args = export("j", "everything");
    let ran = place.run(&args);
    assert_eq!(ran.status, Some(2), "{ran:?}");
    assert!(ran.stderr.contains("every package and user id"), "{ran:?}");
    assert!(ran.stderr.contains("nothing was written") && ran.stderr.contains("--yes"));
    assert!(!place.path("x.portlog.txt").exists());

    let mut terminal = Terminal::with(place.command(&args));
    terminal.expect("every address");
    terminal.expect("Type yes:");
    terminal.press("no\r");
    terminal.expect("the answer was not yes");
    assert_eq!(ended(terminal.child), Some(2));
    assert!(!place.path("x.portlog.txt").exists());

    let mut terminal = Terminal::with(place.command(&args));
    terminal.expect("Type yes:");
    terminal.press("yes\r");
    terminal.expect("entries shown, chosen by the sharer");
    assert_eq!(ended(terminal.child), Some(0));
    good(&place, &["log", "verify", "x.portlog.txt"]);
}

#[test]
fn on_linux_firmware_is_every_owner_and_is_asked_for_likewise() {
    let place = Place::new();
    recorded(&place);
    let args = export("j", "firmware");
    let ran = place.run(&args);
    assert_eq!(ran.status, Some(2), "{ran:?}");
    assert!(ran.stderr.contains("holds no owner back"), "{ran:?}");
    assert!(
        ran.stderr.contains("--preset firmware needs --yes"),
        "{ran:?}"
    );
    assert!(!place.path("x.portlog.txt").exists());

    let mut terminal = Terminal::with(place.command(&args));
    terminal.expect("Type yes:");
    terminal.press("no\r");
    terminal.expect("--preset alerts shows less");
    assert_eq!(ended(terminal.child), Some(2));
    assert!(!place.path("x.portlog.txt").exists());

    // Of a phone nothing is asked.
    let watch = [
        "watch",
        "--proc",
        "series",
        "--packages",
        "captures/packages/handset-9.pm.txt",
    ];
    good(
        &place,
        &[&watch[..], &["--journal", "phone", "--format", "ndjson"]].concat(),
    );
    good(&place, &export("phone", "firmware"));
}

#[test]
fn a_checkpoint_on_a_terminal_is_a_code_as_well() {
    let place = Place::new();
    recorded(&place);
    let mut terminal = Terminal::with(place.command(&["log", "checkpoint", "j"]));
    terminal.expect("portlog/log/");
    terminal.expect("\u{2588}\u{2588}\u{2588}\u{2588}");
    assert_eq!(ended(terminal.child), Some(0));
    let mut terminal = Terminal::with(place.command(&["log", "checkpoint", "j", "--no-qr"]));
    terminal.expect("\u{2014} portlog/log/");
    assert_eq!(ended(terminal.child), Some(0));
    assert!(!terminal.seen.contains('\u{2588}'));
    good(
        &place,
        &["log", "checkpoint", "j", "-o", "state.portlog.txt"],
    );
    let args = ["log", "witness", "state.portlog.txt", "--qr"];
    let mut terminal = Terminal::with(place.command(&args));
    terminal.expect("portlog/answer@v1");
    terminal.expect("\u{2588}\u{2588}\u{2588}\u{2588}");
    assert_eq!(ended(terminal.child), Some(0));
}

#[test]
fn what_a_machine_reads_of_a_verification_agrees_with_the_file() {
    let place = Place::new();
    recorded(&place);
    let bundle = exported(&place, &["--preset", "everything", "--yes"]);
    let answer = place.json(&["log", "verify", "out.portlog.txt", "--format", "json"]);
    let file = &answer["files"][0];
    assert_eq!(file["result"], "verified");
    assert_eq!(file["mode"], "full");
    assert_eq!(file["observed_live"], true);
    let shown = place.json(&["log", "show", "j", "--limit", "9999", "--format", "json"]);
    assert_eq!(shown["observed_live"], true);
    let text = good(&place, &["log", "show", "j"]).stdout;
    assert!(text.starts_with("log "), "{text}");
    assert_eq!(file["level"], "L0");
    let size = file["size"].as_u64().unwrap();
    assert!(bundle.contains(&format!("shown {size} of {size}\n")));
    assert_eq!(file["against"], Value::Null);
    let text = good(&place, &["log", "verify", "out.portlog.txt"]).stdout;
    let lines: Vec<&str> = text.lines().take(3).collect();
    let first_lines = file["first_lines"].as_array().unwrap();
    assert_eq!(
        lines,
        first_lines
            .iter()
            .map(|line| line.as_str().unwrap())
            .collect::<Vec<_>>()
    );
}
