//! A desktop: a home of its own, a server of adb of its own, and the programs that use it.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use tempfile::TempDir;

use crate::adbd::Adbd;

/// How long anything may take here.
const PATIENCE: Duration = Duration::from_mins(1);

/// A desktop.
pub(crate) struct Desk {
    home: TempDir,
    port: u16,
}

impl Desk {
    /// One whose adb has started and sees nothing.
    pub(crate) fn new() -> Self {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let desk = Self {
            home: tempfile::tempdir().unwrap(),
            port,
        };
        desk.adb(&["start-server"]);
        desk
    }

    /// Connects adb's server to a phone, and waits until it can be used.
    pub(crate) fn connect(&self, adbd: &Adbd) {
        self.adb(&["connect", &adbd.serial()]);
        self.wait_for_state(&adbd.serial(), "device");
    }

    /// Waits until adb says that a phone is in this state.
    pub(crate) fn wait_for_state(&self, serial: &str, state: &str) {
        let until = Instant::now() + PATIENCE;
        loop {
            let listed = self.adb(&["devices"]);
            let is_so = |line: &str| {
                let mut words = line.split_whitespace();
                words.next() == Some(serial) && words.next() == Some(state)
            };
            if listed.lines().any(is_so) {
                return;
            }
            assert!(Instant::now() < until, "{serial} is not {state}: {listed}");
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Runs adb; what it writes.
    pub(crate) fn adb(&self, args: &[&str]) -> String {
        // The server that the first one starts would hold on to our pipes.
        let file = self.path("adb.out");
        let out = std::fs::File::create(&file).unwrap();
        self.command("adb")
            .args(args)
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(Stdio::null())
            .status()
            .unwrap();
        std::fs::read_to_string(file).unwrap()
    }

    /// Runs portlog, which must succeed; what it writes.
    pub(crate) fn run(&self, args: &[&str]) -> String {
        let output = self.portlog(args);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{args:?}: {said}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// The same, for one JSON value.
    pub(crate) fn json(&self, args: &[&str]) -> Value {
        serde_json::from_str(&self.run(args)).unwrap()
    }

    /// Runs portlog, which must refuse; the one line that it says.
    pub(crate) fn refused(&self, args: &[&str]) -> String {
        let output = self.portlog(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(said.lines().count(), 1, "{said}");
        said
    }

    /// Starts a watch over adb that prints events for programs.
    pub(crate) fn watch(&self, args: &[&str]) -> Watch {
        let mut child = self
            .command(env!("CARGO_BIN_EXE_portlog"))
            .args(["watch", "--source", "adb", "--format", "ndjson"])
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, lines) = channel();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                if sender.send(serde_json::from_str(&line).unwrap()).is_err() {
                    return;
                }
            }
        });
        Watch {
            child,
            lines,
            events: Vec::new(),
        }
    }

    /// A path in the desk's home.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// A file in the desk's home.
    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    fn portlog(&self, args: &[&str]) -> Output {
        self.command(env!("CARGO_BIN_EXE_portlog"))
            .args(args)
            .output()
            .unwrap()
    }

    fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        command
            .env("HOME", self.home.path())
            .env("ANDROID_ADB_SERVER_PORT", self.port.to_string())
            .env("ADB_LOCAL_TRANSPORT_MAX_PORT", "5553")
            .env("TMPDIR", self.home.path())
            .env_remove("XDG_CONFIG_HOME");
        command
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.adb(&["kill-server"]);
    }
}

/// A watch that runs.
pub(crate) struct Watch {
    child: Child,
    lines: Receiver<Value>,
    events: Vec<Value>,
}

impl Watch {
    /// The next event called `name` that is `wanted`.
    pub(crate) fn wait_for(&mut self, name: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let until = Instant::now() + PATIENCE;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let Ok(event) = self.lines.recv_timeout(left) else {
                let last = self.events.iter().rev().take(5).collect::<Vec<_>>();
                panic!("no {name} came; the last events: {last:?}");
            };
            self.events.push(event.clone());
            if event["event"] == name && wanted(&event) {
                return event;
            }
        }
    }

    /// Ends it as Ctrl-C does; all its events.
    pub(crate) fn end(mut self) -> Vec<Value> {
        kill(self.pid(), Signal::SIGINT).unwrap();
        while let Ok(event) = self.lines.recv_timeout(PATIENCE) {
            self.events.push(event);
        }
        assert!(self.child.wait().unwrap().success());
        std::mem::take(&mut self.events)
    }

    /// Kills it.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(self.child.id().try_into().unwrap())
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        // Ended already, where the test went well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
