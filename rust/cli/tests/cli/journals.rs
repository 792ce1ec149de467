//! The commands on a journal: while a watch of real sockets holds it, and when none does.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use nix::mount::{MsFlags, mount, umount};
use nix::sys::signal::Signal;
use nix::unistd::Uid;
use serde_json::Value;

use crate::support::{PATIENCE, Place, Ran, ended, send};

/// A watch that keeps the journal `j`.
pub(crate) struct Watch {
    child: Option<Child>,
    errors: Arc<Mutex<String>>,
}

impl Watch {
    /// Starts it, and waits until it answers.
    pub(crate) fn begin(place: &Place, more: &[&str]) -> Self {
        Self::at(place, "j", more)
    }

    pub(crate) fn at(place: &Place, journal: &str, more: &[&str]) -> Self {
        let mut args = vec!["watch", "--journal", journal, "--format", "ndjson"];
        args.extend(["--interval", "100ms"]);
        args.extend(more);
        let mut child = place
            .command(&args)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let errors = Arc::new(Mutex::new(String::new()));
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let told = lines.next().and_then(Result::ok).unwrap_or_default();
        assert!(told.contains("first vkey portlog/log/"), "{told}");
        errors.lock().unwrap().push_str(&told);
        {
            let errors = Arc::clone(&errors);
            std::thread::spawn(move || {
                for line in lines.map_while(Result::ok) {
                    let mut errors = errors.lock().unwrap();
                    errors.push('\n');
                    errors.push_str(&line);
                }
            });
        }
        let watch = Self {
            child: Some(child),
            errors,
        };
        wait_for(|| {
            let shown = place.run(&[
                "log", "show", journal, "--kind", "opened", "--format", "json",
            ]);
            shown.stdout.contains("\"watched\":true")
        });
        watch
    }

    /// What it said on standard error so far.
    pub(crate) fn errors(&self) -> String {
        self.errors.lock().unwrap().clone()
    }

    /// Ends it as Ctrl-C does.
    pub(crate) fn end(mut self) -> Option<i32> {
        let child = self.child.take().unwrap();
        send(&child, Signal::SIGINT);
        ended(child)
    }

    /// Ends it as a crash does.
    pub(crate) fn kill(mut self) {
        let mut child = self.child.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // The test has failed already.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Waits until it is so.
pub(crate) fn wait_for(mut is_so: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !is_so() {
        assert!(begin.elapsed() < PATIENCE, "it never came");
        std::thread::sleep(std::time::Duration::from_millis(30));
    }
}

/// A connection to a listener of our own on this loopback address, and its port.
pub(crate) fn connection(address: &str) -> (TcpListener, TcpStream, TcpStream, u16) {
    let listener = TcpListener::bind((address, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let client = TcpStream::connect((address, port)).unwrap();
    let (server, _) = listener.accept().unwrap();
    (listener, client, server, port)
}

#[test]
fn a_journal_of_a_copy_of_tables_says_nothing_of_this_machine() {
    let place = Place::new();
    let watch = [
        "watch",
        "--proc",
        "series",
        "--journal",
        "j",
        "--format",
        "ndjson",
    ];
    good(&place, &watch);
    let shown = place.json(&["log", "show", "j", "--kind", "device", "--format", "json"]);
    let fields = shown["entries"][0]["fields"].as_object().unwrap();
    assert!(fields.contains_key("kernel") && fields.contains_key("fingerprint"));
    for (name, value) in fields {
        let is_portlogs = matches!(name.as_str(), "time" | "version");
        assert_eq!(value == "-", !is_portlogs, "{name} {value}");
    }
    assert_eq!(shown["observed_live"], false);
}

/// Runs it to its end, which must be good.
pub(crate) fn good(place: &Place, args: &[&str]) -> Ran {
    let ran = place.run(args);
    assert_eq!(ran.status, Some(0), "{args:?}: {ran:?}");
    ran
}

fn shown(place: &Place, more: &[&str]) -> Value {
    place.json(
        &[
            &["log", "show", "j", "--format", "json", "--limit", "9999"],
            more,
        ]
        .concat(),
    )
}

fn kinds(shown: &Value) -> Vec<&str> {
    let entries = shown["entries"].as_array().unwrap();
    entries
        .iter()
        .map(|entry| entry["kind"].as_str().unwrap())
        .collect()
}

#[test]
#[expect(clippy::too_many_lines, reason = "the story of one log, in order")]
fn every_command_goes_through_the_watch_that_runs_and_without_one_to_the_store() {
    let place = Place::new();
    let watch = Watch::begin(&place, &["--operator", "anna", "--case", "C 7"]);
    let (_listener, mut client, _server, port) = connection("127.0.0.2");
    client.write_all(b"hello").unwrap();
    let remote = format!("127.0.0.2:{port}");
    wait_for(|| {
        place
            .run(&["log", "show", "j", "--kind", "opened", "--limit", "9999"])
            .stdout
            .contains(&format!("remote {remote}"))
    });

    let before = shown(&place, &[]);
    assert_eq!(before["watched"], true);
    let indices: Vec<u64> = before["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["index"].as_u64().unwrap())
        .collect();
    assert!(indices.is_sorted_by(|a, b| a > b), "newest first");
    assert_eq!(indices.last(), Some(&0));
    let started = shown(&place, &["--kind", "started"]);
    let fields = &started["entries"][0]["fields"];
    assert_eq!(
        (&fields["operator"], &fields["case"]),
        (&"anna".into(), &"C 7".into())
    );
    assert_eq!(fields["provenance"], "live");
    let opened = shown(&place, &["--kind", "opened"]);
    let ours = opened["entries"]
        .as_array()
        .unwrap()
        .iter()
        .find(|entry| entry["fields"]["remote"] == *remote)
        .unwrap();
    assert!(ours["owner"].is_string(), "{ours}");

    let marked = good(&place, &["log", "mark", "j", "put the \u{1b}[2J card in"]);
    let index = before["size"].as_u64().unwrap();
    let said: u64 = marked
        .stdout
        .trim()
        .rsplit(' ')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    assert!(said >= index, "{marked:?}");
    good(&place, &["log", "mark", "j", "--preset", "message-sent"]);
    let marks = shown(&place, &["--kind", "mark"]);
    assert_eq!(marks["entries"][0]["fields"]["preset"], "message-sent");
    assert_eq!(
        marks["entries"][1]["fields"]["text"],
        "put the \\u{1b}[2J card in"
    );
    let text = good(&place, &["log", "show", "j", "--kind", "mark"]);
    assert!(!text.stdout.contains('\u{1b}'), "{text:?}");

    let origin = before["origin"].as_str().unwrap().to_owned();
    let check = |place: &Place, name: &str| {
        let note = good(place, &["log", "checkpoint", "j"]);
        assert!(note.stdout.starts_with(&origin), "{note:?}");
        assert!(note.stderr.contains("first vkey"), "{note:?}");
        place.write("kept.txt", &note.stdout);
        good(
            place,
            &[
                "log",
                "export",
                "j",
                "-o",
                name,
                "--preset",
                "everything",
                "--yes",
            ],
        );
        let against = [
            "log",
            "verify",
            name,
            "--against",
            "kept.txt",
            "--require",
            "L1",
        ];
        let verdict = good(place, &against);
        assert!(verdict.stdout.contains("consistent"), "{verdict:?}");
        assert!(verdict.stdout.contains("known to you"), "{verdict:?}");
    };
    check(&place, "running.portlog.txt");
    assert!(watch.errors().contains(&origin), "{}", watch.errors());
    assert_eq!(watch.end(), Some(0));

    let after = shown(&place, &[]);
    assert_eq!(after["watched"], false);
    assert_eq!(after["origin"], *origin);
    assert_eq!(kinds(&after)[0], "stopped");
    assert!(after["exported"]["size"].is_u64());
    check(&place, "ended.portlog.txt");
    place
        .run(&["log", "mark", "j", "too late"])
        .assert_refused(&["no watch holds the journal in j", "portlog watch --journal"]);

    // The second watch continues the log of the first.
    let watch = Watch::begin(&place, &[]);
    assert!(watch.errors().contains(&origin), "{}", watch.errors());
    assert_eq!(watch.end(), Some(0));
    let both = shown(&place, &["--kind", "started"]);
    assert_eq!(both["entries"].as_array().unwrap().len(), 2);
    let later = [
        "log",
        "verify",
        "ended.portlog.txt",
        "--against",
        "running.portlog.txt",
    ];
    assert!(
        good(&place, &later)
            .stdout
            .contains("it continues the copy")
    );
}

#[test]
fn what_is_shown_can_be_narrowed() {
    let place = Place::new();
    let watch = Watch::begin(&place, &[]);
    for text in ["one", "two", "three"] {
        good(&place, &["log", "mark", "j", text]);
    }
    let some = place.json(&[
        "log", "show", "j", "--kind", "mark", "--limit", "2", "--format", "json",
    ]);
    let texts: Vec<&Value> = some["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| &entry["fields"]["text"])
        .collect();
    assert_eq!(texts, ["three", "two"]);
    assert_eq!(some["more"], true);
    let none = good(&place, &["log", "show", "j", "--limit", "0"]);
    assert!(none.stdout.contains("first vkey") && !none.stdout.contains("started"));
    let old = shown(&place, &["--until", "2020-01-01"]);
    assert_eq!(old["entries"].as_array().unwrap().len(), 0);
    let new = shown(&place, &["--since", "1h", "--kind", "mark"]);
    assert_eq!(new["entries"].as_array().unwrap().len(), 3);
    place
        .run(&["log", "show", "j", "--since", "2h", "--until", "3h"])
        .assert_refused(&["--until is before --since"]);
    place
        .run(&["log", "show", "j", "--kind", "lunch"])
        .assert_refused(&["started, device", "portlog log show --help"]);
    assert_eq!(watch.end(), Some(0));
}

#[test]
fn a_second_watch_on_a_journal_is_refused_and_the_first_goes_on() {
    let place = Place::new();
    let watch = Watch::begin(&place, &[]);
    place
        .run(&["watch", "--journal", "j", "--for", "1s"])
        .assert_refused(&["the journal in j is in use"]);
    good(&place, &["log", "mark", "j", "still here"]);
    assert_eq!(watch.end(), Some(0));
    assert!(!place.path("j/control").exists());
}

#[test]
fn what_a_killed_watch_left_behind_is_replaced() {
    let place = Place::new();
    let watch = Watch::begin(&place, &[]);
    let socket = fs::symlink_metadata(place.path("j/control")).unwrap();
    assert!(socket.file_type().is_socket());
    assert_eq!(socket.permissions().mode() & 0o7777, 0o600);
    let folder = fs::metadata(place.path("j")).unwrap();
    assert_eq!(folder.permissions().mode() & 0o7777, 0o700);
    good(&place, &["log", "mark", "j", "kept"]);
    // Since when nobody looked, the next watch knows by what this one noted last.
    let state = place.path("j/state/state.json");
    wait_for(|| {
        fs::read_to_string(&state).is_ok_and(|state| {
            let state: Value = serde_json::from_str(&state).unwrap();
            !state["alive"].is_null()
        })
    });
    watch.kill();
    assert!(place.path("j/control").exists());
    let alone = shown(&place, &["--kind", "mark"]);
    assert_eq!(alone["watched"], false);
    assert_eq!(alone["entries"][0]["fields"]["text"], "kept");
    let watch = Watch::begin(&place, &[]);
    good(&place, &["log", "mark", "j", "again"]);
    wait_for(|| {
        let gaps = shown(&place, &["--kind", "gap"]);
        gaps["entries"].as_array().unwrap().len() == 1
    });
    assert_eq!(watch.end(), Some(0));
}

#[test]
fn a_journal_is_closed_well_however_its_watch_ends() {
    let place = Place::new();
    let last = || {
        let shown = shown(&place, &[]);
        let entry = &shown["entries"][0];
        (
            entry["kind"].as_str().unwrap().to_owned(),
            entry["index"].as_u64().unwrap(),
        )
    };
    let mut before = 0;
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        let mut watch = Watch::begin(&place, &[]);
        let child = watch.child.take().unwrap();
        send(&child, signal);
        assert_eq!(ended(child), Some(0), "{signal}");
        let (kind, index) = last();
        assert!(
            kind == "stopped" && index > before,
            "{signal}: {kind} {index}"
        );
        before = index;
    }
    // A reader that has left.
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut args = vec!["watch", "--journal", "j", "--format", "ndjson"];
    args.extend(["--for", "20s"]);
    let child = place
        .command(&args)
        .stdout(writer)
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    assert_eq!(ended(child), Some(0));
    let (kind, index) = last();
    assert!(kind == "stopped" && index > before, "{kind} {index}");
    assert_eq!(
        fs::symlink_metadata(place.path("j/control"))
            .ok()
            .map(|_| ()),
        None
    );
}

/// A journal of a phone's captured tables, in which an app and the firmware reach something.
fn of_a_phone(place: &Place, journal: &str, more: &[&str]) -> String {
    place.write(
        "apps.txt",
        "package:/system/priv-app/Sync.apk=com.example.sync uid:10012\n\
         package:/data/app/org.example.browser-1/base.apk=org.example.browser uid:10052\n",
    );
    let phone = [
        "watch",
        "--proc",
        "series",
        "--packages",
        "apps.txt",
        "--format",
        "ndjson",
        "--journal",
        journal,
    ];
    good(place, &[&phone, more].concat());
    let args = ["log", "show", journal, "--limit", "9999"];
    good(place, &args).stdout
}

#[test]
fn other_apps_are_recorded_only_where_that_was_said_and_the_log_says_so() {
    const APP: &str = "remote 198.51.100.4:443,";
    const FIRMWARE: &str = "remote 203.0.113.7:80,";
    let place = Place::new();
    for more in [&[][..], &["--record", "firmware"]] {
        let journal = format!("j{}", more.len());
        let text = of_a_phone(&place, &journal, more);
        assert!(text.contains(FIRMWARE) && !text.contains(APP), "{text}");
        assert!(text.contains("value firmware-and-unknown"), "{text}");
    }
    let text = of_a_phone(&place, "all", &["--record", "everyone"]);
    assert!(text.contains(FIRMWARE) && text.contains(APP), "{text}");
    assert!(text.contains("value everyone"), "{text}");
    place
        .run(&["watch", "--record", "everyone", "--for", "1s"])
        .assert_refused(&["--journal"]);
}

#[test]
fn how_long_rows_are_kept_is_a_setting_and_stands_in_the_log() {
    let place = Place::new();
    place.write("keep.toml", "version = 1\nretention_days = 30\n");
    let text = of_a_phone(&place, "j", &["--config", "keep.toml"]);
    assert!(text.contains("name retention_days, value 30"), "{text}");
    assert!(!text.contains("retention_mib"), "{text}");
    place.write("no-room.toml", "version = 1\n\nretention_mib = 0\n");
    place
        .run(&["watch", "--config", "no-room.toml", "--for", "1s"])
        .assert_refused(&["no-room.toml", "line 3", "from 1 to 1048576"]);
}

#[test]
fn what_cannot_be_a_journal_is_refused_at_the_start() {
    let place = Place::new();
    place.write("file", "text");
    place
        .run(&["watch", "--journal", "file", "--for", "1s"])
        .assert_refused(&["file"]);
    place
        .run(&["watch", "--journal", "/proc/1/j", "--for", "1s"])
        .assert_refused(&["/proc/1/j"]);
    place
        .run(&["watch", "--operator", "anna", "--for", "1s"])
        .assert_refused(&["--journal"]);
    place.write("k/control", "mine");
    place
        .run(&["watch", "--journal", "k", "--for", "1s"])
        .assert_refused(&["control", "no socket"]);
    assert_eq!(fs::read(place.path("k/control")).unwrap(), b"mine");
    for args in [
        &["log", "show", "nowhere"][..],
        &["log", "checkpoint", "nowhere"],
    ] {
        place
            .run(args)
            .assert_refused(&["there is no journal in nowhere", "watch --journal"]);
    }
    place
        .run(&["log", "mark", "nowhere", " "])
        .assert_refused(&["words"]);
    place
        .run(&["log", "mark", "nowhere"])
        .assert_refused(&["TEXT"]);
}

#[test]
fn a_long_path_has_a_socket_too() {
    let place = Place::new();
    let long = ["long-name"; 14].join("-");
    let watch = Watch::at(&place, &long, &[]);
    assert_eq!(watch.end(), Some(0));
}

/// A file system of its own that can be filled; taken away at the end.
struct Disk<'a>(&'a Path);

impl Drop for Disk<'_> {
    fn drop(&mut self) {
        umount(self.0).unwrap();
    }
}

#[test]
fn a_journal_that_cannot_be_written_any_more_is_said_and_goes_on_later() {
    if !Uid::effective().is_root() {
        eprintln!("not run: a full disk needs root to mount one");
        return;
    }
    let place = Place::new();
    let path = place.path("disk");
    fs::create_dir(&path).unwrap();
    mount(
        Some("none"),
        &path,
        Some("tmpfs"),
        MsFlags::empty(),
        Some("size=4m"),
    )
    .unwrap();
    let disk = Disk(&path);
    let watch = Watch::at(&place, "disk/j", &[]);
    let filling = path.join("filling");
    let mut file = fs::File::create(&filling).unwrap();
    while file.write_all(&[7; 4096]).is_ok() {}
    drop(file);
    // What the store has room for in its file still goes through.
    let long = "x".repeat(6_000);
    wait_for(|| place.run(&["log", "mark", "disk/j", &long]).status == Some(2));
    wait_for(|| watch.errors().contains("THE JOURNAL IS NOT WRITTEN"));
    fs::remove_file(&filling).unwrap();
    wait_for(|| watch.errors().contains("the journal is written again"));
    good(&place, &["log", "mark", "disk/j", "after"]);
    assert_eq!(watch.end(), Some(0));
    let args = ["log", "export", "disk/j", "-o", "all.portlog.txt"];
    good(
        &place,
        &[&args[..], &["--preset", "everything", "--yes"]].concat(),
    );
    good(&place, &["log", "verify", "all.portlog.txt"]);
    drop(disk);
}
