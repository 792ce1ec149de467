//! How the program ends: signals, closed pipes, full disks, and a terminal that is given back.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::Stdio;

use nix::sys::signal::Signal;

use crate::support::{Place, ended, send};
use crate::terminal::{Terminal, on_terminal, pseudo_terminal};

#[test]
fn a_signal_ends_a_watch_and_its_last_event_is_printed() {
    let place = Place::new();
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        for format in ["text", "ndjson"] {
            let mut child = place
                .command(&["watch", "--format", format])
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
            let first = lines.next().unwrap().unwrap();
            assert!(
                first.contains("started") || first.contains("watches"),
                "{first}"
            );
            send(&child, signal);
            let last = lines.last().unwrap().unwrap();
            assert!(last.contains("stopped"), "{signal}: {last}");
            assert_eq!(ended(child), Some(0), "{signal} {format}");
        }
    }
}

#[test]
fn a_reader_that_leaves_is_no_failure() {
    let place = Place::new();
    for args in [
        &[
            "snapshot",
            "--proc",
            "captures/linux-6.18",
            "--format",
            "json",
        ][..],
        &[
            "watch",
            "--format",
            "ndjson",
            "--interval",
            "20ms",
            "--for",
            "20s",
        ],
        &["watch", "--format", "text", "--proc", "series"],
        &["list", "check", "mine.txt"],
        &["log", "verify", "mine.txt"],
        &["log", "verify", "--help"],
        &["completions", "bash"],
        &["man"],
        &["--help"],
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut child = place
            .command(args)
            .stdout(writer)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stderr = String::new();
        child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut stderr)
            .unwrap();
        assert_eq!((ended(child), stderr.as_str()), (Some(0), ""), "{args:?}");
    }
}

#[test]
fn a_full_disk_is_a_failure() {
    let full = File::options().write(true).open("/dev/full").unwrap();
    let output = Place::new()
        .command(&["snapshot", "--proc", "last"])
        .stdout(full)
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(stderr.contains("standard output"), "{stderr}");
}

#[test]
fn on_a_terminal_the_view_is_live_and_the_terminal_is_given_back() {
    let mut terminal = Terminal::with(Place::new().command(&["watch", "--proc", "/proc"]));
    terminal.expect("\u{1b}[?1049h");
    terminal.expect_on_screen("Connections");
    terminal.expect_on_screen("Looked at:");
    terminal.press("?");
    terminal.expect_on_screen("PgUp,");
    terminal.press("x");
    terminal.press("/zzz\r");
    terminal.expect_on_screen("zzz");
    terminal.press("q");
    terminal.expect("\u{1b}[?1049l");
    terminal.expect("stopped");
    assert_eq!(ended(terminal.child), Some(0));
}

#[test]
fn a_signal_gives_the_terminal_back() {
    let mut terminal = Terminal::with(Place::new().command(&["watch"]));
    terminal.expect_on_screen("Looked at:");
    send(&terminal.child, Signal::SIGTERM);
    terminal.expect("\u{1b}[?1049l");
    terminal.expect("stopped");
    assert_eq!(ended(terminal.child), Some(0));
}

#[test]
fn a_terminal_that_goes_away_ends_the_view() {
    let pty = pseudo_terminal();
    let child = on_terminal(Place::new().command(&["watch"]), pty.slave);
    let mut screen = File::from(pty.master);
    let mut seen = String::new();
    let mut bytes = [0; 4096];
    while !seen.contains("Looked at:") {
        let count = screen.read(&mut bytes).unwrap();
        seen.push_str(&String::from_utf8_lossy(&bytes[..count]));
    }
    drop(screen);
    assert!(ended(child).is_some());
}

#[test]
fn on_a_terminal_lines_can_be_asked_for_and_are_coloured() {
    let mut terminal =
        Terminal::with(Place::new().command(&["watch", "--format", "text", "--for", "300ms"]));
    terminal.expect("\u{1b}[1mPortlog\u{1b}[0m");
    terminal.expect("stopped");
    assert!(!terminal.seen.contains("\u{1b}[?1049h"));
    assert_eq!(ended(terminal.child), Some(0));
}
