//! Tables that vanish while a watch runs, and come again.
//!
//! The process that watches sees another folder in the place of its `/proc/PID/net`, by a mount
//! that only it sees: files are missing in it, refused, emptied, or are the kernel's own again. To
//! the watch this is the live kernel, and the rows of the tables that stay are.

use std::fs;
use std::net::IpAddr;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sys::signal::Signal;
use portlog_model::{Direction, Level};

use crate::files::{Folder, Packages, open_to_all};
use crate::namespace::{Handset, Namespace};
use crate::server::{KEEPS, SWALLOWS, Servers};
use crate::talker::Talker;
use crate::watch::{Ended, Event, Setup, TABLES, Watch};

const LISTS: [(&str, &str, &str); 1] = [("own", "own.txt", "203.0.113.0/24\n")];
/// `com.example.firmware`, who talks here.
const TALKER: u32 = 10_012;
/// An app of nobody's, who watches: files can be refused to it, other than to root.
const WATCHER: u32 = 10_150;
/// Looks in which nothing may happen to what was open.
const LOOKS: usize = 4;

/// What stands in the place of a table.
#[derive(Clone, Copy, Debug)]
enum Instead {
    /// Nothing.
    Nothing,
    /// A file that the watcher may not read.
    Refused,
    /// The line of column names alone.
    Empty,
    /// No table at all.
    Noise,
}

/// The `tcp` table of a procfs watch by an app, in every way in which it can vanish.
pub(crate) fn tcp_by_procfs() {
    let mut stage = Stage::start("procfs", Some(WATCHER));
    let hosts = [
        "203.0.113.10",
        "203.0.113.11",
        "203.0.113.12",
        "203.0.113.13",
    ];
    stage.open_and_expect(hosts[0], Level::Match);

    // Missing: what opened meanwhile was still seen to open, after the last good look.
    stage.hide(Instead::Nothing, "absent");
    stage.talk("tcp", hosts[1], KEEPS);
    stage.nothing_happens_for_a_while();
    stage.restore();
    let alert = stage.wait_for_alert(hosts[1]);
    assert_eq!(alert.level(), Level::Match);

    // Refused: a listener may be hidden, so who began an IPv4 connection of an IPv6 socket, which
    // stands in another table, cannot be said.
    let detail = stage.hide(Instead::Refused, "denied");
    assert!(detail.contains("permission denied"), "{detail}");
    stage.talk_mapped(hosts[2]);
    let alert = stage.wait_for_alert(hosts[2]);
    assert_eq!(alert.level(), Level::Possible);
    assert_eq!(alert.direction(), Direction::Unknown);
    stage.nothing_happens_for_a_while();
    stage.restore();

    // Emptied, or something else: what must be in it is not, so nothing is concluded from it.
    let detail = stage.hide(Instead::Empty, "untrusted");
    assert!(detail.contains("our own socket is missing"), "{detail}");
    stage.nothing_happens_for_a_while();
    stage.restore();
    stage.hide(Instead::Noise, "untrusted");
    stage.nothing_happens_for_a_while();
    stage.restore();
    stage.open_and_expect(hosts[3], Level::Match);

    let ended = stage.end();
    assert_eq!(
        told(&ended),
        [
            (hosts[0], Level::Match),
            (hosts[1], Level::Match),
            (hosts[2], Level::Possible),
            (hosts[3], Level::Match),
        ]
        .map(|(host, level)| (host.parse().unwrap(), level))
    );
}

/// The text tables behind a diag watch: those that sock_diag gives do not depend on them.
pub(crate) fn fallback_of_diag() {
    let mut stage = Stage::start("diag", Some(WATCHER));
    stage.open_and_expect("203.0.113.10", Level::Match);
    let from = stage.watch.now();
    stage.hide_everything();
    let (coverage, _) = stage.watch.wait(from, "a table without its text", |event| {
        event.is("coverage") && event.text("table") == "icmp6"
    });
    assert_eq!(coverage.text("status"), "absent");
    stage.nothing_happens_for_a_while();
    stage.open_and_expect("203.0.113.11", Level::Match);
    stage.unmount();
    stage.watch.wait(from, "the table's text", |event| {
        event.is("coverage") && event.text("table") == "icmp6" && event.text("status") == "readable"
    });
    let ended = stage.end();
    let about_tcp = ended
        .events
        .iter()
        .filter(|event| event.is("coverage") && event.text("table").starts_with("tcp"));
    // Once each, at the first look.
    assert_eq!(about_tcp.count(), 2);
    assert_eq!(told(&ended).len(), 2);
}

/// A tree of links to the kernel's tables is a replay, whatever stands behind the links; a table
/// vanishes from it as a file does.
pub(crate) fn tree_of_links() {
    let tree = Folder::new();
    let net = tree.path().join("net");
    fs::create_dir(&net).unwrap();
    for table in TABLES {
        symlink(format!("/proc/self/net/{table}"), net.join(table)).unwrap();
    }
    let mut stage = Stage::start_in("procfs", None, Some(tree.path()));
    stage.open_and_expect("203.0.113.10", Level::Match);
    let from = stage.watch.now();
    fs::remove_file(net.join("tcp")).unwrap();
    stage.wait_for_coverage(from, "absent");
    stage.nothing_happens_for_a_while();
    let from = stage.watch.now();
    symlink("/proc/self/net/tcp", net.join("tcp")).unwrap();
    stage.wait_for_coverage(from, "readable");
    stage.open_and_expect("203.0.113.11", Level::Match);

    let ended = stage.watch.stop(Signal::SIGTERM);
    ended.assert_sound("replay");
    assert_eq!(ended.status, Some(0));
    assert_eq!(told(&ended).len(), 2);
    // No socket of the watch's own is looked for in a replay.
    assert!(!ended.events.iter().any(Event::is_own));
}

struct Stage {
    inside: Namespace,
    talker: Talker,
    watch: Watch,
    /// Stands in the place of the watch's folder of tables.
    instead: PathBuf,
    is_hidden: bool,
    _handset: Handset,
    _servers: Servers,
    _folder: Folder,
}

impl Stage {
    fn start(source: &str, user: Option<u32>) -> Self {
        Self::start_in(source, user, None)
    }

    fn start_in(source: &str, user: Option<u32>, tree: Option<&Path>) -> Self {
        let hosts = (10..20).map(|n| IpAddr::from([203, 0, 113, n]));
        let handset = Handset::with_hosts(hosts);
        let nobody = "203.0.113.19".parse().unwrap();
        let servers = Servers::start(&handset, nobody, nobody);
        let talker = Talker::start(&handset.phone, TALKER);
        let folder = Folder::new();
        let instead = folder.path().join("net");
        fs::create_dir(&instead).unwrap();
        open_to_all(&instead, 0o755);
        let mut arguments = folder.flags(Packages::Dumpsys, &LISTS);
        arguments.extend(["--source", source, "--interval", "50ms"].map(str::to_owned));
        if let Some(tree) = tree {
            arguments.extend(["--proc".to_owned(), tree.display().to_string()]);
        }
        let inside = handset.phone.with_own_mounts();
        let mut watch = Watch::start(&Setup {
            namespace: &inside,
            user,
            environment: Vec::new(),
            arguments,
        });
        watch.wait_for_first_look();
        Self {
            inside,
            talker,
            watch,
            instead,
            is_hidden: false,
            _handset: handset,
            _servers: servers,
            _folder: folder,
        }
    }

    fn talk(&mut self, how: &str, host: &str, port: u16) -> String {
        self.talker.ask(&format!("{how} {host}:{port}"))
    }

    fn talk_mapped(&mut self, host: &str) {
        self.talker.ask(&format!("tcp [::ffff:{host}]:{KEEPS}"));
    }

    fn open_and_expect(&mut self, host: &str, level: Level) {
        self.talk("tcp", host, KEEPS);
        let peer: IpAddr = host.parse().unwrap();
        self.watch.wait(0, "an alert", |event| {
            event.is("alert") && event.peer() == Some(peer) && event.level() == level
        });
    }

    fn wait_for_alert(&mut self, host: &str) -> Event {
        let peer: IpAddr = host.parse().unwrap();
        let is_it = |event: &Event| event.is("alert") && event.peer() == Some(peer);
        self.watch.wait(0, "an alert", is_it).0
    }

    /// Puts something in the place of the `tcp` table; the detail of its coverage.
    fn hide(&mut self, what: Instead, status: &str) -> String {
        let from = self.watch.now();
        self.fill(Some(what));
        self.mount();
        self.wait_for_coverage(from, status)
            .text("detail")
            .to_owned()
    }

    fn hide_everything(&mut self) {
        self.mount();
    }

    fn restore(&mut self) {
        let from = self.watch.now();
        self.unmount();
        self.wait_for_coverage(from, "readable");
        for table in TABLES {
            let _ = fs::remove_file(self.instead.join(table));
        }
    }

    fn wait_for_coverage(&mut self, from: usize, status: &str) -> Event {
        let what = format!("a tcp table that is {status}");
        let is_it = |event: &Event| {
            event.is("coverage") && event.text("table") == "tcp" && event.text("status") == status
        };
        self.watch.wait(from, &what, is_it).0
    }

    /// Links to the kernel's own tables, by another way to them, and `what` for `tcp`.
    fn fill(&self, what: Option<Instead>) {
        let kernel = format!("/proc/{0}/task/{0}/net", self.watch.pid());
        for table in TABLES {
            if table != "tcp" || what.is_none() {
                symlink(format!("{kernel}/{table}"), self.instead.join(table)).unwrap();
            }
        }
        let tcp = self.instead.join("tcp");
        match what {
            None | Some(Instead::Nothing) => {}
            Some(Instead::Refused) => {
                fs::write(&tcp, "").unwrap();
                open_to_all(&tcp, 0);
            }
            Some(Instead::Empty) => {
                let table = fs::read_to_string("/proc/net/tcp").unwrap();
                fs::write(&tcp, format!("{}\n", table.lines().next().unwrap())).unwrap();
                open_to_all(&tcp, 0o644);
            }
            Some(Instead::Noise) => {
                let noise: Vec<u8> = (0..=u8::MAX).cycle().take(10_000).collect();
                fs::write(&tcp, noise).unwrap();
                open_to_all(&tcp, 0o644);
            }
        }
    }

    fn mount(&mut self) {
        let (from, to) = (self.instead.clone(), self.folder_of_tables());
        self.inside.enter(|| {
            let bind = MsFlags::MS_BIND;
            mount(Some(&from), &to, None::<&str>, bind, None::<&str>).unwrap();
        });
        self.is_hidden = true;
    }

    fn unmount(&mut self) {
        let to = self.folder_of_tables();
        self.inside
            .enter(|| umount2(&to, MntFlags::MNT_DETACH).unwrap());
        self.is_hidden = false;
    }

    fn folder_of_tables(&self) -> PathBuf {
        format!("/proc/{}/net", self.watch.pid()).into()
    }

    /// Looks go on, and nothing that was open is said to have closed or opened, nor told again.
    fn nothing_happens_for_a_while(&mut self) {
        let from = self.watch.now();
        for _ in 0..LOOKS {
            // A datagram socket stands in a table that is not hidden: its row shows that a look was
            // made.
            let local = self.talk("udp", "203.0.113.18", SWALLOWS);
            self.watch.wait(from, "the next look", |event| {
                event.is("opened") && event.local() == local
            });
        }
        for event in self.watch.since(from) {
            let is_witness = event.connection()["protocol"] == "udp";
            let is_change = ["opened", "changed", "closed"]
                .iter()
                .any(|it| event.is(it));
            assert!(is_witness || !is_change, "{event:?}");
        }
    }

    fn end(self) -> Ended {
        let ended = self.watch.stop(Signal::SIGTERM);
        ended.assert_sound("live");
        assert_eq!(ended.status, Some(0));
        ended
    }
}

/// Peers and levels of the alerts in order, but for the datagram sockets that show looks.
fn told(ended: &Ended) -> Vec<(IpAddr, Level)> {
    let mut told: Vec<(IpAddr, Level)> = Vec::new();
    for alert in ended.alerts() {
        assert_eq!(alert.uid(), Some(TALKER), "{alert:?}");
        let (peer, level) = (alert.peer().unwrap(), alert.level());
        if alert.connection()["protocol"] == "udp" {
            assert_eq!(level, Level::Possible);
            continue;
        }
        // A handshake that a look fell into.
        told.retain(|&(earlier, was)| earlier != peer || was >= level);
        told.push((peer, level));
    }
    told
}
