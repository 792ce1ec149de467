//! The program under test, and what it says.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::{IpAddr, SocketAddr};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use portlog_model::{Direction, Level};
use serde_json::Value;

use crate::namespace::Namespace;
use crate::talker;

/// The program.
pub(crate) const PORTLOG: &str = env!("CARGO_BIN_EXE_portlog");
/// What has not happened after so long is not going to.
const PATIENCE: Duration = Duration::from_secs(40);
/// The tables of the kernel, in order.
pub(crate) const TABLES: [&str; 10] = [
    "tcp", "tcp6", "udp", "udp6", "udplite", "udplite6", "raw", "raw6", "icmp", "icmp6",
];

/// One line of `watch --format ndjson`.
#[derive(Clone, Debug)]
pub(crate) struct Event(Value);

impl Event {
    pub(crate) fn is(&self, kind: &str) -> bool {
        self.0["event"] == kind
    }

    /// A text field, such as `table`; empty where there is none.
    pub(crate) fn text(&self, key: &str) -> &str {
        self.0[key].as_str().unwrap_or_default()
    }

    /// Any field.
    pub(crate) fn field(&self, key: &str) -> &Value {
        &self.0[key]
    }

    /// The socket, where the event is about one.
    pub(crate) fn connection(&self) -> &Value {
        &self.0["connection"]
    }

    pub(crate) fn uid(&self) -> Option<u32> {
        let uid = self.connection()["uid"].as_u64()?;
        Some(u32::try_from(uid).unwrap())
    }

    pub(crate) fn local(&self) -> &str {
        self.connection()["local"].as_str().unwrap_or_default()
    }

    pub(crate) fn remote(&self) -> &str {
        self.connection()["remote"].as_str().unwrap_or_default()
    }

    /// The peer's address; `None` where the event is about no socket with a peer.
    pub(crate) fn peer(&self) -> Option<IpAddr> {
        let remote: SocketAddr = self.remote().parse().ok()?;
        Some(remote.ip()).filter(|address| !address.is_unspecified())
    }

    pub(crate) fn state(&self) -> &str {
        self.connection()["state"].as_str().unwrap_or_default()
    }

    pub(crate) fn direction(&self) -> Direction {
        serde_json::from_value(self.connection()["direction"].clone()).unwrap()
    }

    pub(crate) fn level(&self) -> Level {
        serde_json::from_value(self.0["level"].clone()).unwrap()
    }

    pub(crate) fn is_own(&self) -> bool {
        self.connection()["own"] == true
    }
}

/// How a watch is started.
pub(crate) struct Setup<'a> {
    /// Where.
    pub(crate) namespace: &'a Namespace,
    /// As whom; as root where nobody is named.
    pub(crate) user: Option<u32>,
    /// Variables of its environment.
    pub(crate) environment: Vec<(&'static str, OsString)>,
    /// What follows `portlog watch --format ndjson`.
    pub(crate) arguments: Vec<String>,
}

/// A running watch.
pub(crate) struct Watch {
    child: Child,
    lines: Receiver<String>,
    complaints: Option<JoinHandle<String>>,
    seen: Vec<Event>,
}

/// How a watch ended, and everything that it said.
pub(crate) struct Ended {
    /// Its exit status.
    pub(crate) status: Option<i32>,
    /// Its standard error.
    pub(crate) complaints: String,
    /// All events.
    pub(crate) events: Vec<Event>,
}

impl Watch {
    pub(crate) fn start(setup: &Setup<'_>) -> Self {
        match setup.user {
            None => Self::start_by(Command::new(PORTLOG), setup),
            Some(uid) => {
                let mut command = Command::new(std::env::current_exe().unwrap());
                command.args([talker::BECOME, &uid.to_string(), PORTLOG]);
                Self::start_by(command, setup)
            }
        }
    }

    /// Starts it as a child of the program that `words` call.
    pub(crate) fn start_through(words: &[&str], setup: &Setup<'_>) -> Self {
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).arg(PORTLOG);
        Self::start_by(command, setup)
    }

    fn start_by(mut command: Command, setup: &Setup<'_>) -> Self {
        let mut child = setup.namespace.enter(move || {
            command
                .args(["watch", "--format", "ndjson"])
                .args(&setup.arguments)
                .envs(setup.environment.iter().cloned())
                // Nobody's settings.
                .env("XDG_CONFIG_HOME", "/nonexistent")
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        });
        let (sender, lines) = channel();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        thread::spawn(move || {
            for line in stdout.lines() {
                if sender.send(line.unwrap()).is_err() {
                    return;
                }
            }
        });
        let mut stderr = child.stderr.take().unwrap();
        let complaints = thread::spawn(move || {
            let mut text = String::new();
            stderr.read_to_string(&mut text).unwrap();
            text
        });
        Self {
            child,
            lines,
            complaints: Some(complaints),
            seen: Vec::new(),
        }
    }

    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The number of events so far, from which a later one can be waited for.
    pub(crate) fn now(&mut self) -> usize {
        while let Ok(line) = self.lines.try_recv() {
            self.take(&line);
        }
        self.seen.len()
    }

    /// Everything that it said since `from`.
    pub(crate) fn since(&self, from: usize) -> &[Event] {
        &self.seen[from..]
    }

    /// The first event since `from` that is `wanted`, and the number of those up to it.
    pub(crate) fn wait(
        &mut self,
        from: usize,
        what: &str,
        wanted: impl Fn(&Event) -> bool,
    ) -> (Event, usize) {
        let give_up = Instant::now() + PATIENCE;
        let mut next = from;
        loop {
            if let Some(event) = self.seen.get(next) {
                next += 1;
                if wanted(event) {
                    return (event.clone(), next);
                }
                continue;
            }
            match self
                .lines
                .recv_timeout(give_up.saturating_duration_since(Instant::now()))
            {
                Ok(line) => self.take(&line),
                Err(RecvTimeoutError::Timeout) => self.give_up(what, "not in time"),
                Err(RecvTimeoutError::Disconnected) => self.give_up(what, "the watch ended"),
            }
        }
    }

    /// Waits until every table was looked at for the first time.
    pub(crate) fn wait_for_first_look(&mut self) -> usize {
        let mut last = 0;
        for table in TABLES {
            let what = format!("coverage of {table}");
            let is_it = |event: &Event| event.is("coverage") && event.text("table") == table;
            last = last.max(self.wait(0, &what, is_it).1);
        }
        last
    }

    /// Waits until the tables that every kernel has can be read.
    pub(crate) fn wait_until_readable(&mut self) -> usize {
        let mut last = 0;
        for table in ["tcp", "tcp6", "udp", "udp6"] {
            let is_it = |event: &Event| {
                event.is("coverage")
                    && event.text("table") == table
                    && event.text("status") == "readable"
            };
            last = last.max(self.wait(0, &format!("{table} to be readable"), is_it).1);
        }
        last
    }

    /// Runs `body` while the watch stands still; see [`between_looks`].
    pub(crate) fn between_looks<T>(&self, body: impl FnOnce() -> T) -> T {
        between_looks(self.pid(), body)
    }

    /// Ends it without a word.
    pub(crate) fn end_now(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Ends it by a signal.
    pub(crate) fn stop(self, signal: Signal) -> Ended {
        self.signal(signal);
        self.wait_for_end()
    }

    /// Waits until it ends by itself.
    pub(crate) fn wait_for_end(mut self) -> Ended {
        let give_up = Instant::now() + PATIENCE;
        loop {
            match self
                .lines
                .recv_timeout(give_up.saturating_duration_since(Instant::now()))
            {
                Ok(line) => self.take(&line),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => self.give_up("its end", "not in time"),
            }
        }
        let status = self.child.wait().unwrap();
        let complaints = self.complaints.take().map(|thread| thread.join().unwrap());
        Ended {
            status: status.code(),
            complaints: complaints.unwrap_or_default(),
            events: std::mem::take(&mut self.seen),
        }
    }

    fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.pid()).unwrap());
        kill(pid, signal).unwrap();
    }

    fn take(&mut self, line: &str) {
        match serde_json::from_str(line) {
            Ok(event) => self.seen.push(Event(event)),
            Err(error) => panic!("no JSON: {error}: {line}"),
        }
    }

    fn give_up(&mut self, what: &str, why: &str) -> ! {
        let _ = self.child.kill();
        let complaints = self.complaints.take().map(|thread| thread.join().unwrap());
        let last = self.seen.len().saturating_sub(12);
        let last: Vec<String> = self.seen[last..]
            .iter()
            .map(|event| event.0.to_string())
            .collect();
        panic!(
            "{what}: {why}; standard error: {complaints:?}; the last events:\n{}",
            last.join("\n")
        );
    }
}

/// Runs `body` while the process that looks stands still, as if it got no time: what begins and ends in
/// `body` falls between two looks.
pub(crate) fn between_looks<T>(looks: u32, body: impl FnOnce() -> T) -> T {
    let pid = Pid::from_raw(i32::try_from(looks).unwrap());
    kill(pid, Signal::SIGSTOP).unwrap();
    let give_up = Instant::now() + PATIENCE;
    while !stands_still(looks) {
        assert!(Instant::now() < give_up, "{looks} does not stand still");
        thread::sleep(Duration::from_millis(1));
    }
    let result = body();
    kill(pid, Signal::SIGCONT).unwrap();
    result
}

/// Whether every thread is stopped (`T` in its `stat`).
fn stands_still(pid: u32) -> bool {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).unwrap();
    tasks.into_iter().all(|task| {
        let stat = std::fs::read_to_string(task.unwrap().path().join("stat"));
        stat.is_ok_and(|stat| {
            let after_name = stat.rsplit_once(") ").unwrap().1;
            after_name.starts_with('T')
        })
    })
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a watch said is kept where the test fails because of it.
impl Drop for Ended {
    fn drop(&mut self) {
        if thread::panicking() {
            let lines: Vec<String> = self
                .events
                .iter()
                .map(|event| event.0.to_string())
                .collect();
            let id = std::process::id();
            let name = thread::current().name().unwrap_or_default().to_owned();
            let path = std::env::temp_dir().join(format!("portlog-{name}-{id}.ndjson"));
            let kept = std::fs::write(&path, lines.join("\n"));
            println!("what the watch said is in {} ({kept:?})", path.display());
        }
    }
}

impl Ended {
    /// What every watch must hold to, whatever it saw: it began live or as said, ended in order,
    /// lost nothing, had no fault, and its own sockets raised nothing.
    pub(crate) fn assert_sound(&self, provenance: &str) {
        let first = self.events.first().expect("it said nothing");
        assert!(first.is("started"), "{first:?}");
        assert_eq!(first.text("provenance"), provenance);
        assert_eq!(first.text("platform"), "android");
        let last = self.events.last().unwrap();
        assert!(last.is("stopped"), "{last:?}");
        assert_eq!(last.field("dropped"), 0);
        let count = |level| {
            let alerts = self.alerts().filter(|alert| alert.level() == level);
            u64::try_from(alerts.count()).unwrap()
        };
        assert_eq!(*last.field("matches"), count(Level::Match));
        assert_eq!(*last.field("possible"), count(Level::Possible));
        for event in &self.events {
            assert!(
                !(event.is("gap") && event.text("reason") == "fault"),
                "{event:?}"
            );
            if event.is_own() {
                assert!(!event.is("alert") && !event.is("noted"), "{event:?}");
                assert_eq!(event.connection()["matches"], Value::Array(Vec::new()));
                assert!(event.peer().unwrap().is_loopback(), "{event:?}");
            }
        }
        assert_eq!(self.complaints, "");
    }

    pub(crate) fn alerts(&self) -> impl Iterator<Item = &Event> {
        self.events.iter().filter(|event| event.is("alert"))
    }
}
