//! The real program, watching, and what it tells.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use tempfile::NamedTempFile;

use crate::wire::{HOST, PHONE, PORT};

/// How long a watch may take to begin.
const PATIENCE: Duration = Duration::from_secs(30);

/// One event about a connection of the talker.
#[derive(Clone, Debug)]
pub(crate) struct Sight {
    /// The phone's port.
    pub(crate) port: u16,
    /// Whether it is the first event about a connection.
    pub(crate) opened: bool,
    /// Whose it is said to be.
    pub(crate) uid: Option<u64>,
}

/// A running `portlog watch`.
pub(crate) struct Watcher {
    child: Child,
    started: Receiver<()>,
    sights: JoinHandle<Vec<Sight>>,
    _settings: NamedTempFile,
}

impl Watcher {
    /// Starts a watch that looks every `interval` milliseconds.
    pub(crate) fn start(source: &str, interval: u64) -> Self {
        let settings = NamedTempFile::new().unwrap();
        // It never looks more seldom.
        std::fs::write(
            settings.path(),
            format!("idle_interval = \"{interval}ms\"\n"),
        )
        .unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_portlog"))
            .args(["watch", "--format", "ndjson", "--source", source])
            .args(["--interval", &format!("{interval}ms"), "--config"])
            .arg(settings.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (told, started) = channel();
        let sights = thread::spawn(move || {
            let mut sights = Vec::new();
            for line in lines {
                let event: Value = serde_json::from_str(&line.unwrap()).unwrap();
                match event["event"].as_str().unwrap() {
                    // The first look has been made when its coverage is told.
                    "coverage" => {
                        let _ = told.send(());
                    }
                    "drop" => panic!("the watch lost events: {event}"),
                    _ => sights.extend(sight(&event)),
                }
            }
            sights
        });
        Self {
            child,
            started,
            sights,
            _settings: settings,
        }
    }

    pub(crate) fn wait_for_first_look(&self) {
        self.started
            .recv_timeout(PATIENCE)
            .expect("the watch did not begin");
    }

    /// Ends the watch; everything that it told of the talker's connections, in order.
    pub(crate) fn end(mut self) -> Vec<Sight> {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).unwrap());
        kill(pid, Signal::SIGTERM).unwrap();
        let status = self.child.wait().unwrap();
        assert!(status.success(), "the watch ended with {status}");
        self.sights.join().unwrap()
    }
}

/// What the event says of a connection between phone and host.
fn sight(event: &Value) -> Option<Sight> {
    let connection = event.get("connection").filter(|value| value.is_object())?;
    let remote = connection["remote"].as_str().unwrap();
    let (address, port) = connection["local"].as_str().unwrap().rsplit_once(':')?;
    let of_talker = remote == format!("{HOST}:{PORT}") && address == PHONE.to_string();
    of_talker.then(|| Sight {
        port: port.parse().unwrap(),
        opened: event["event"] == "opened",
        uid: connection["uid"].as_u64(),
    })
}
