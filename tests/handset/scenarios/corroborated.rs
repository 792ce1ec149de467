//! A router's capture beside the log of the same hours: what tcpdump saw at the other end of the wire
//! confirms what the log says, shows what it missed, and shows a clock that is wrong.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use crate::files::Folder;
use crate::namespace::{self, Handset};
use crate::server::{CLOSES, KEEPS, SWALLOWS, Servers};
use crate::talker::Talker;
use crate::watch::{Event, PORTLOG, Setup, Watch};

const HOST: &str = "203.0.113.10";
const HOST6: &str = "2001:db8:1::10";
const RESOLVER: &str = "203.0.113.53";
/// Users with a connection of each kind.
const USERS: [u32; 3] = [1000, 10_012, 10_087];

pub(crate) fn missing() -> Option<String> {
    let has_tcpdump = || Command::new("tcpdump").arg("--version").output().is_ok();
    namespace::missing()
        .or_else(|| (!has_tcpdump()).then(|| "needs tcpdump, of the package tcpdump".to_owned()))
}

pub(crate) fn by_a_router() {
    let handset = Handset::with_hosts([HOST, HOST6, RESOLVER].map(|host| host.parse().unwrap()));
    let answer = HOST.parse().unwrap();
    let _servers = Servers::start(&handset, RESOLVER.parse().unwrap(), answer);
    let folder = Folder::new();
    let file = |name: &str| folder.path().join(name).display().to_string();
    let capture = Capture::start(&handset, &file("router.pcap"));
    let journal = file("j");
    let arguments = [
        "--journal",
        &journal,
        "--source",
        "procfs",
        "--interval",
        "100ms",
    ];
    let mut watch = Watch::start(&Setup {
        namespace: &handset.phone,
        user: None,
        environment: Vec::new(),
        arguments: arguments.map(str::to_owned).to_vec(),
    });
    let from = watch.wait_for_first_look();
    let mut talkers: Vec<Talker> = USERS
        .iter()
        .map(|&uid| Talker::start(&handset.phone, uid))
        .collect();
    for talker in &mut talkers {
        for order in [
            format!("tcp {HOST}:{KEEPS}"),
            format!("tcp [{HOST6}]:{KEEPS}"),
            format!("udp {HOST}:{SWALLOWS}"),
        ] {
            let local = talker.ask(&order);
            let is_it = |event: &Event| event.is("opened") && event.local() == local;
            watch.wait(from, &order, is_it);
        }
    }
    // Between two looks, a connection comes and goes.
    let brief = format!("brief {HOST}:{CLOSES} peer-ends");
    watch.between_looks(|| talkers[0].ask(&brief));
    let before = watch.now();
    for talker in &mut talkers {
        talker.ask("close");
    }
    watch.wait(before, "a connection closed", |event| event.is("closed"));
    watch.stop(Signal::SIGINT);
    capture.stop();

    let bundle = file("x.portlog.txt");
    let everything = ["--preset", "everything", "--yes", "--with-local"];
    let export = ["log", "export", &file("j"), "-o", &bundle];
    portlog(&[&export[..], &everything].concat());
    let beside = corroborated(&bundle, &["--pcap", &file("router.pcap")]);
    let expected = 3 * USERS.len();
    assert_eq!(counts(&beside), [expected, 0, 0, 1], "{beside:#}");
    assert_eq!(
        beside["only_in_capture"][0]["remote"],
        format!("{HOST}:{CLOSES}")
    );
    assert_eq!(beside["missed"]["connections"], 1);
    assert_eq!(beside["log"]["recorded"], "everyone");
    assert_eq!(beside["log"]["whole"], true);
    for pair in beside["confirmed"].as_array().unwrap() {
        assert_eq!(pair["log"]["local"], pair["capture"]["local"]);
        let uid = pair["log"]["uid"].as_u64().unwrap();
        assert!(USERS.iter().any(|&user| u64::from(user) == uid), "{pair}");
    }

    // A capture whose clock is a quarter of an hour ahead: seen, and put right.
    let skewed = ["--pcap", &file("router.pcap"), "--shift", "900"];
    let beside = corroborated(&bundle, &skewed);
    assert_eq!(counts(&beside), [0, expected, 0, 0], "{beside:#}");

    // The phone's ends are withheld: its address has to be named, and then is enough.
    let withheld = file("y.portlog.txt");
    let export = ["log", "export", &file("j"), "-o", &withheld];
    portlog(&[&export[..], &everything[..3]].concat());
    let pcap = ["--pcap", &file("router.pcap")];
    let refused = run(&[&["log", "corroborate", &withheld][..], &pcap].concat());
    assert_eq!(refused.0, Some(2));
    assert!(
        refused.2.contains("--host") && refused.2.contains(HOST),
        "{}",
        refused.2
    );
    let hosts = ["--host", namespace::PHONE, "--host", "2001:db8::2"];
    let beside = corroborated(&withheld, &[&pcap[..], &hosts].concat());
    assert_eq!(counts(&beside), [expected, 0, 0, 1], "{beside:#}");
}

fn counts(beside: &Value) -> [usize; 4] {
    ["confirmed", "wrong_time", "only_in_log", "only_in_capture"].map(|key| {
        let count = beside["counts"][key].as_u64().unwrap();
        usize::try_from(count).unwrap()
    })
}

fn corroborated(bundle: &str, more: &[&str]) -> Value {
    let begin = ["log", "corroborate", bundle, "--format", "json"];
    let said = portlog(&[&begin[..], more].concat());
    let mut said: Value = serde_json::from_str(&said).unwrap();
    said["corroboration"].take()
}

fn portlog(words: &[&str]) -> String {
    let (status, said, complaints) = run(words);
    assert_eq!(status, Some(0), "{words:?}: {complaints}");
    said
}

fn run(words: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(PORTLOG)
        .args(words)
        .env("XDG_CONFIG_HOME", "/nonexistent")
        .env("XDG_STATE_HOME", "/nonexistent")
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

/// tcpdump at the router.
struct Capture(Child);

impl Capture {
    fn start(handset: &Handset, file: &str) -> Self {
        let mut child = handset.outside.enter(|| {
            Command::new("tcpdump")
                .args([
                    "-i",
                    "eth0",
                    "-n",
                    "-U",
                    "--immediate-mode",
                    "-Z",
                    "root",
                    "-w",
                    file,
                ])
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        });
        let mut line = String::new();
        let mut said = BufReader::new(child.stderr.take().unwrap());
        while !line.contains("listening on") {
            line.clear();
            assert!(said.read_line(&mut line).unwrap() > 0, "tcpdump ended");
        }
        assert!(Path::new(file).exists());
        Self(child)
    }

    fn stop(mut self) {
        let pid = Pid::from_raw(i32::try_from(self.0.id()).unwrap());
        kill(pid, Signal::SIGINT).unwrap();
        assert!(self.0.wait().unwrap().success());
    }
}
