//! The watch with its tap, in a process of its own on the phone, and what it says.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::IpAddr;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use portlog_agent::{
    Agent, Config, ListSet, NameBook, Scope, SourceChoice, Subject, TapCoverage, TapState,
    read_list, read_packages,
};
use portlog_model::{Alert, Category, EventKind, Sentence, Uid};
use portlog_tap::{Flow, Settings, TapRunner, Upstream};
use portlog_words::{Language, say};

use crate::namespace::Namespace;
use crate::{NAME, RESOLVER, tun};

/// The argument that makes this program a watcher.
pub(crate) const ROLE: &str = "be-the-watch";

/// What has not been told after so long is not going to be.
const PATIENCE: Duration = Duration::from_secs(40);
const INTERVAL: Duration = Duration::from_millis(200);

/// What an alert said.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) level: String,
    pub(crate) uid: u32,
    /// Level, UID, package, list, entry, kind, peer, and who asked.
    pub(crate) facts: String,
    /// The sentence for people.
    pub(crate) words: String,
}

/// A running watcher, seen from the test.
pub(crate) struct Watcher {
    child: Child,
    /// It ends when this is closed.
    _stdin: ChildStdin,
    lines: Receiver<String>,
    told: Vec<Told>,
}

impl Watcher {
    pub(crate) fn start(phone: &Namespace) -> Self {
        let mut child = phone.enter(|| {
            Command::new(std::env::current_exe().unwrap())
                .arg(ROLE)
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap()
        });
        let stdin = child.stdin.take().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in stdout.lines() {
                if sender.send(line.unwrap()).is_err() {
                    return;
                }
            }
        });
        assert_eq!(lines.recv_timeout(PATIENCE).unwrap(), "ready");
        Self {
            child,
            _stdin: stdin,
            lines,
            told: Vec::new(),
        }
    }

    /// Waits for an alert of this level about this UID.
    pub(crate) fn wait(&mut self, uid: u32, level: &str) -> Told {
        let end = Instant::now() + PATIENCE;
        loop {
            let found = self
                .told
                .iter()
                .find(|told| told.uid == uid && told.level == level);
            if let Some(found) = found {
                return found.clone();
            }
            let left = end.saturating_duration_since(Instant::now());
            let Ok(line) = self.lines.recv_timeout(left) else {
                panic!("no {level} about {uid}: {:#?}", self.told);
            };
            self.take(&line);
        }
    }

    /// Waits for as many looks as anything takes to be told.
    pub(crate) fn settle(&mut self) {
        let end = Instant::now() + INTERVAL * 10;
        while let Ok(line) = self
            .lines
            .recv_timeout(end.saturating_duration_since(Instant::now()))
        {
            self.take(&line);
        }
    }

    /// Ends it; everything that it said.
    pub(crate) fn end(mut self) -> Vec<Told> {
        while let Ok(line) = self.lines.try_recv() {
            self.take(&line);
        }
        std::mem::take(&mut self.told)
    }

    fn take(&mut self, line: &str) {
        let [level, uid, facts, words] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("{line}");
        };
        self.told.push(Told {
            level: level.to_owned(),
            uid: uid.parse().unwrap(),
            facts: facts.to_owned(),
            words: words.to_owned(),
        });
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The watcher itself: watches until nobody listens.
pub(crate) fn watch() {
    let names = NameBook::default();
    let tap = start_tap(&names);
    let agent = start_agent(&names);
    let (tap, done) = (Arc::new(tap), Arc::new(AtomicBool::new(false)));
    let askers = {
        let (tap, done) = (Arc::clone(&tap), Arc::clone(&done));
        thread::spawn(move || {
            while !done.load(Ordering::Relaxed) {
                for query in tap.next_queries(INTERVAL).unwrap_or_default() {
                    tap.asker(query.id, owner(&query.flow));
                }
            }
        })
    };
    {
        let done = Arc::clone(&done);
        thread::spawn(move || {
            let _ = std::io::stdin().read(&mut [0]);
            done.store(true, Ordering::Relaxed);
        });
    }
    println!("ready");
    while !done.load(Ordering::Relaxed) {
        for event in agent.next_events(INTERVAL).unwrap_or_default() {
            if let EventKind::Alert(alert) = &event.kind {
                println!("{}", line(alert));
            }
        }
    }
    askers.join().unwrap();
    agent.stop();
}

fn start_tap(names: &NameBook) -> TapRunner {
    let device = tun::open_here();
    let lines = "link set tun0 mtu 1500\n\
                 address add 192.0.2.2/32 dev tun0\n\
                 link set tun0 up\n\
                 route add 192.0.2.0/24 dev tun0 src 192.0.2.2\n";
    let mut ip = Command::new("ip")
        .args(["-batch", "-"])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut ip.stdin.take().unwrap(), lines.as_bytes()).unwrap();
    assert!(ip.wait().unwrap().success());
    let own: IpAddr = "192.0.2.1".parse().unwrap();
    names.set_tap(TapCoverage {
        state: TapState::On,
        clear_text: true,
        tells_askers: true,
        servers: vec![own],
        ..TapCoverage::default()
    });
    let upstream = Upstream::Sockets {
        servers: vec![format!("{RESOLVER}:53").parse().unwrap()],
    };
    let settings = Settings {
        servers: vec![own],
        mtu: 1_500,
        askers: true,
    };
    let names = names.clone();
    TapRunner::start(device, upstream, &settings, move |answer| {
        names.learn(answer);
    })
    .unwrap()
}

fn start_agent(names: &NameBook) -> Agent {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("names.txt");
    std::fs::write(&list, format!("{NAME}\n")).unwrap();
    let list = read_list(&list, Some(Category::Own)).unwrap().list;
    let packages =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("captures/packages/handset-14.dumpsys.txt");
    let mut config = Config::new(Subject {
        source: SourceChoice::Procfs,
        proc_root: "/proc".into(),
        packages: Some(read_packages(&packages).unwrap()),
        programs: false,
        lists: ListSet::new(vec![list]),
        names: names.clone(),
        scope: Scope::Firmware,
        elsewhere: None,
    });
    config.interval = INTERVAL;
    config.idle_interval = INTERVAL;
    Agent::start(config).unwrap()
}

/// The UID of the UDP socket at the asker's end, as the kernel's table has it.
fn owner(flow: &Flow) -> Option<Uid> {
    let IpAddr::V4(address) = flow.local.address() else {
        return None;
    };
    // A socket that is bound to no address has the port alone.
    let wanted = [u32::from_ne_bytes(address.octets()), 0]
        .map(|address| format!("{address:08X}:{:04X}", flow.local.port()));
    let table = std::fs::read_to_string(format!("/proc/net/{}", flow.protocol.as_str())).unwrap();
    let line = table.lines().find(|line| {
        let local = line.split_whitespace().nth(1).unwrap_or_default();
        wanted.iter().any(|wanted| wanted == local)
    })?;
    Some(Uid::new(line.split_whitespace().nth(7)?.parse().unwrap()))
}

fn line(alert: &Alert) -> String {
    let uid = alert.owner.uid.map_or(0, Uid::get);
    let level = alert.level.as_str();
    let packages: Vec<String> = alert
        .owner
        .packages
        .iter()
        .map(ToString::to_string)
        .collect();
    let (hit, weakened) = alert
        .matched
        .as_ref()
        .map_or_else(Default::default, |matched| {
            let hit = &matched.hit;
            (
                format!("{} {} {}", hit.list, hit.entry, hit.kind.as_str()),
                format!("{:?}", matched.weakened),
            )
        });
    let (peer, asked) = match (&alert.observed, &alert.asked) {
        (Some(observed), _) => {
            let askers: Vec<String> = observed
                .names
                .iter()
                .map(|name| name.asker.map_or(0, Uid::get).to_string())
                .collect();
            (
                observed.connection.remote.to_string(),
                format!("asked by {}", askers.join(",")),
            )
        }
        (None, asked) => (
            "-".to_owned(),
            format!("asked for {}", asked.as_deref().unwrap_or_default()),
        ),
    };
    let facts = format!(
        "{level} {uid} {} {hit} {peer} {asked} {weakened}",
        packages.join(",")
    );
    let words = say(&Sentence::Alert(alert), Language::English);
    format!("{level}\t{uid}\t{facts}\t{words}")
}
