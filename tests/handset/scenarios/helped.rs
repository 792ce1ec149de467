//! A watch that may read no table itself, and a helper of the shell's UID that may: two processes, the
//! real frames between them, and what must hold whatever becomes of either.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use nix::mount::{MsFlags, mount};
use nix::sys::signal::Signal;
use portlog_model::Level;

use crate::files::{Folder, Packages, open_to_all};
use crate::helper::{HelperProcess, SHELL, Way};
use crate::namespace::{Handset, Namespace};
use crate::server::{KEEPS, Servers};
use crate::talker::{BECOME, Talker};
use crate::watch::{Ended, Event, Setup, TABLES, Watch, between_looks};

/// The channel's own ends would hit, if they counted.
const LISTS: [(&str, &str, &str); 1] = [("own", "own.txt", "203.0.113.0/24\n127.0.0.0/8\n")];
/// `com.example.firmware`, who talks here.
const TALKER: u32 = 10_012;
/// An app of nobody's, who watches.
pub(super) const APP: u32 = 10_150;
/// A helper of which nothing is heard for so long is silent.
const SILENCE: Duration = Duration::from_secs(7);

/// A helper that is killed is a gap and leaves every table denied; another one takes over, and what
/// was told is not told again.
pub(crate) fn killed_and_started_again() {
    let mut stage = Stage::start(Way::Pair);
    stage.open_and_expect("203.0.113.10");
    let from = stage.watch.now();
    stage.helper.take().unwrap().kill();
    let (gap, _) = stage.wait_for_gap(from);
    assert!(gap.text("detail").contains("helper"), "{gap:?}");
    stage.wait_for_status(from, "denied");
    // Nobody looks: what happens now is seen when somebody does.
    stage.talk("203.0.113.11");
    stage.talk("203.0.113.10");
    let from = stage.watch.now();
    stage.help(Way::Pair);
    stage.wait_for_status(from, "readable");
    stage.wait_for_gap(from);
    stage.wait_for_alert("203.0.113.11");
    stage.open_and_expect("203.0.113.12");
    let ended = stage.end();
    assert_eq!(
        told(&ended),
        ["203.0.113.10", "203.0.113.11", "203.0.113.12"]
    );
}

/// A helper that stands still is silent, a gap, and goes on where it stood.
pub(crate) fn paused() {
    let mut stage = Stage::start(Way::Loopback);
    stage.open_and_expect("203.0.113.10");
    let from = stage.watch.now();
    let helper = stage.helper.as_ref().unwrap().pid();
    between_looks(helper, || {
        thread::sleep(SILENCE);
        stage.talk("203.0.113.11");
    });
    let (gap, _) = stage.wait_for_gap(from);
    assert!(!gap.text("detail").is_empty(), "{gap:?}");
    stage.wait_for_alert("203.0.113.11");
    stage.wait_for_status(from, "readable");
    let ended = stage.end();
    assert_eq!(told(&ended), ["203.0.113.10", "203.0.113.11"]);
}

/// A watch that stands still loses no look that the helper can keep, and the helper does not wait.
pub(crate) fn the_watch_is_paused() {
    let mut stage = Stage::start(Way::Pair);
    stage.open_and_expect("203.0.113.10");
    let pid = stage.watch.pid();
    between_looks(pid, || {
        stage.talk("203.0.113.11");
        thread::sleep(Duration::from_secs(2));
        stage.talk("203.0.113.12");
    });
    stage.wait_for_alert("203.0.113.11");
    stage.wait_for_alert("203.0.113.12");
    let ended = stage.end();
    assert_eq!(
        told(&ended),
        ["203.0.113.10", "203.0.113.11", "203.0.113.12"]
    );
}

/// A watch that ends is looked for again by its helper, and its successor sees at once.
pub(crate) fn the_watch_starts_again() {
    let mut stage = Stage::start(Way::Loopback);
    stage.open_and_expect("203.0.113.10");
    stage.watch.end_now();
    stage.watch = stage.start_watch();
    stage.deny();
    stage.watch.wait_until_readable();
    stage.open_and_expect("203.0.113.11");
    let ended = stage.end();
    // It keeps no state: what it finds open is new to it.
    assert_eq!(told(&ended), ["203.0.113.10", "203.0.113.11"]);
}

/// Nobody but the shell and root is let in, and there is one helper at a time.
pub(crate) fn one_and_nobody_else() {
    let mut stage = Stage::start(Way::Pair);
    stage.open_and_expect("203.0.113.10");
    let second = HelperProcess::start(&stage.handset.phone, SHELL, Way::Pair, &stage.socket);
    let said = second.last_word();
    assert!(
        said.starts_with("refused: another helper runs already"),
        "{said}"
    );

    // As itself, an app has no lock to take: it asks all the same.
    let from = stage.watch.now();
    for way in ["pair", "loopback"] {
        let output = stage.handset.phone.enter(|| {
            Command::new(std::env::current_exe().unwrap())
                .args([crate::helper::ASK, "10087", way])
                .arg(&stage.socket)
                .output()
                .unwrap()
        });
        let said = String::from_utf8(output.stdout).unwrap();
        assert_eq!(said.trim(), "refused", "{way}");
    }
    stage.open_and_expect("203.0.113.11");
    let gaps = stage
        .watch
        .since(from)
        .iter()
        .filter(|event| event.is("gap"));
    assert_eq!(gaps.count(), 0);
    let ended = stage.end();
    assert_eq!(told(&ended), ["203.0.113.10", "203.0.113.11"]);
}

/// What the process `pid` sees in the place of its tables: files that no app may read.
pub(super) fn deny_tables(inside: &Namespace, pid: u32, folder: &Path) {
    for table in TABLES {
        let file = folder.join(table);
        std::fs::write(&file, "").unwrap();
        open_to_all(&file, 0);
    }
    let tables = PathBuf::from(format!("/proc/{pid}/net"));
    let seen = inside.enter(|| {
        let bind = MsFlags::MS_BIND;
        mount(Some(folder), &tables, None::<&str>, bind, None::<&str>).unwrap();
        Command::new(std::env::current_exe().unwrap())
            .args([BECOME, &APP.to_string(), "/bin/cat"])
            .arg(tables.join("tcp"))
            .env("LC_ALL", "C")
            .output()
            .unwrap()
    });
    let refusal = String::from_utf8_lossy(&seen.stderr).into_owned();
    assert!(refusal.contains("Permission denied"), "{refusal}");
    assert_eq!(seen.stdout, b"");
}

struct Stage {
    handset: Handset,
    inside: Namespace,
    talker: Talker,
    watch: Watch,
    helper: Option<HelperProcess>,
    arguments: Vec<String>,
    socket: PathBuf,
    folder: Folder,
    denied: u32,
    _servers: Servers,
}

impl Stage {
    fn start(way: Way) -> Self {
        let hosts = (10..20).map(|n| IpAddr::from([203, 0, 113, n]));
        let handset = Handset::with_hosts(hosts);
        let nobody = "203.0.113.19".parse().unwrap();
        let servers = Servers::start(&handset, nobody, nobody);
        let talker = Talker::start(&handset.phone, TALKER);
        let folder = Folder::new();
        let socket = folder.of("app", APP).join("provider");
        folder.of("app/helpers", SHELL);
        let mut arguments = folder.flags(Packages::Dumpsys, &LISTS);
        let flags = ["--source", "helper", "--interval", "50ms", "--helper"];
        arguments.extend(flags.map(str::to_owned));
        arguments.push(socket.display().to_string());
        let inside = handset.phone.with_own_mounts();
        let watch = Watch::start(&Setup {
            namespace: &inside,
            user: Some(APP),
            environment: Vec::new(),
            arguments: arguments.clone(),
        });
        let mut stage = Self {
            handset,
            inside,
            talker,
            watch,
            helper: None,
            arguments,
            socket,
            folder,
            denied: 0,
            _servers: servers,
        };
        stage.deny();
        stage.help(way);
        stage.watch.wait_until_readable();
        stage
    }

    fn start_watch(&self) -> Watch {
        Watch::start(&Setup {
            namespace: &self.inside,
            user: Some(APP),
            environment: Vec::new(),
            arguments: self.arguments.clone(),
        })
    }

    fn deny(&mut self) {
        // Without a helper it says so of every table.
        self.watch.wait_for_first_look();
        self.wait_for_status(0, "denied");
        self.denied += 1;
        let folder = self.folder.of(&format!("denied-{}", self.denied), 0);
        deny_tables(&self.inside, self.watch.pid(), &folder);
    }

    fn help(&mut self, way: Way) {
        let helper = HelperProcess::start(&self.handset.phone, SHELL, way, &self.socket);
        self.helper = Some(helper);
    }

    fn talk(&mut self, host: &str) {
        self.talker.ask(&format!("tcp {host}:{KEEPS}"));
    }

    fn open_and_expect(&mut self, host: &str) {
        self.talk(host);
        self.wait_for_alert(host);
    }

    fn wait_for_alert(&mut self, host: &str) {
        let peer: IpAddr = host.parse().unwrap();
        self.watch.wait(0, "an alert", |event| {
            event.is("alert") && event.peer() == Some(peer)
        });
    }

    fn wait_for_gap(&mut self, from: usize) -> (Event, usize) {
        self.watch.wait(from, "a gap", |event| {
            event.is("gap") && event.text("reason") == "unreachable"
        })
    }

    fn wait_for_status(&mut self, from: usize, status: &str) {
        let what = format!("a tcp table that is {status}");
        self.watch.wait(from, &what, |event| {
            event.is("coverage") && event.text("table") == "tcp" && event.text("status") == status
        });
    }

    fn end(self) -> Ended {
        let ended = self.watch.stop(Signal::SIGTERM);
        ended.assert_sound("helper");
        assert_eq!(ended.status, Some(0));
        ended
    }
}

/// The peers of the alerts, each once, in order.
fn told(ended: &Ended) -> Vec<String> {
    let mut told: Vec<String> = Vec::new();
    for alert in ended.alerts() {
        assert_eq!(alert.uid(), Some(TALKER), "{alert:?}");
        assert!(matches!(alert.level(), Level::Match | Level::Possible));
        let peer = alert.peer().unwrap().to_string();
        if !told.contains(&peer) {
            told.push(peer);
        }
    }
    told
}
