//! How the program ends: signals, closed pipes, full disks, and a terminal that is given back.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::process::{Child, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use nix::pty::{OpenptyResult, Winsize, openpty};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::support::Place;

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

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
    let mut terminal = Terminal::with(&["watch", "--proc", "/proc"]);
    terminal.expect("\u{1b}[?1049h");
    terminal.expect("Connections");
    terminal.expect("Looked at:");
    terminal.press("?");
    terminal.expect("PgUp,");
    terminal.press("x");
    terminal.press("/zzz\r");
    terminal.expect("zzz");
    terminal.press("q");
    terminal.expect("\u{1b}[?1049l");
    terminal.expect("stopped");
    assert_eq!(ended(terminal.child), Some(0));
}

#[test]
fn a_signal_gives_the_terminal_back() {
    let mut terminal = Terminal::with(&["watch"]);
    terminal.expect("Looked at:");
    send(&terminal.child, Signal::SIGTERM);
    terminal.expect("\u{1b}[?1049l");
    terminal.expect("stopped");
    assert_eq!(ended(terminal.child), Some(0));
}

#[test]
fn a_terminal_that_goes_away_ends_the_view() {
    let pty = pseudo_terminal();
    let child = on_terminal(&["watch"], pty.slave);
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
    let mut terminal = Terminal::with(&["watch", "--format", "text", "--for", "300ms"]);
    terminal.expect("\u{1b}[1mPortlog\u{1b}[0m");
    terminal.expect("stopped");
    assert!(!terminal.seen.contains("\u{1b}[?1049h"));
    assert_eq!(ended(terminal.child), Some(0));
}

/// A pseudo-terminal with the program on it.
struct Terminal {
    child: Child,
    keys: File,
    output: mpsc::Receiver<String>,
    seen: String,
}

impl Terminal {
    fn with(args: &[&str]) -> Self {
        let pty = pseudo_terminal();
        let child = on_terminal(args, pty.slave);
        let keys = File::from(pty.master);
        let mut screen = keys.try_clone().unwrap();
        let (sender, output) = mpsc::channel();
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            // The read fails when the other side is closed.
            while let Ok(count) = screen.read(&mut bytes) {
                let text = String::from_utf8_lossy(&bytes[..count]).into_owned();
                if sender.send(text).is_err() {
                    break;
                }
            }
        });
        Self {
            child,
            keys,
            output,
            seen: String::new(),
        }
    }

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
    }

    /// Waits until `text` has come since the expectation before.
    fn expect(&mut self, text: &str) {
        let begin = Instant::now();
        loop {
            if let Some(at) = self.seen.find(text) {
                self.seen.drain(..at + text.len());
                return;
            }
            let left = PATIENCE.saturating_sub(begin.elapsed());
            match self.output.recv_timeout(left) {
                Ok(more) => self.seen.push_str(&more),
                Err(why) => panic!("no {text:?} in {:?}: {why}", self.seen),
            }
        }
    }
}

const SIZE: Winsize = Winsize {
    ws_row: 30,
    ws_col: 110,
    ws_xpixel: 0,
    ws_ypixel: 0,
};

/// The program must not inherit the user's side, or it would keep its own terminal alive.
fn pseudo_terminal() -> OpenptyResult {
    let pty = openpty(Some(&SIZE), None).unwrap();
    fcntl(&pty.master, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC)).unwrap();
    pty
}

fn on_terminal(args: &[&str], terminal: OwnedFd) -> Child {
    Place::new()
        .command(args)
        .env("TERM", "xterm-256color")
        .stdin(terminal.try_clone().unwrap())
        .stdout(terminal.try_clone().unwrap())
        .stderr(terminal)
        .spawn()
        .unwrap()
}

fn send(child: &Child, signal: Signal) {
    kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), signal).unwrap();
}

/// The status, within a bound.
fn ended(mut child: Child) -> Option<i32> {
    let begin = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code();
        }
        if begin.elapsed() > PATIENCE {
            child.kill().unwrap();
            panic!("it does not end");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}
