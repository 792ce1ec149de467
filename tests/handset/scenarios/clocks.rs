//! Clocks that are set, and clocks that stand elsewhere.

use std::net::IpAddr;
use std::path::PathBuf;
use std::process::Command;

use nix::sys::signal::Signal;
use portlog_model::Level;

use crate::files::{Folder, Packages};
use crate::namespace::{self, Handset};
use crate::server::{KEEPS, Servers};
use crate::talker::Talker;
use crate::watch::{Event, Setup, Watch};

const LISTS: [(&str, &str, &str); 1] = [("own", "own.txt", "203.0.113.0/24\n")];
/// `com.example.firmware`.
const TALKER: u32 = 10_012;
const DAY: i64 = 86_400;

/// The clock on the wall is set forward, back, and back beyond where it was, while a watch runs:
/// it says so, and the alerts are those that they would have been.
pub(crate) fn wall_clock_is_set(source: &str) {
    let folder = Folder::new();
    let shim = settable_clock(&folder).unwrap();
    let setting = folder.write("clock", b"0");
    let environment = vec![
        ("LD_PRELOAD", shim.into_os_string()),
        ("PORTLOG_TEST_CLOCK", setting.clone().into_os_string()),
    ];
    let hosts = [
        "203.0.113.10",
        "203.0.113.11",
        "203.0.113.12",
        "203.0.113.13",
    ];
    let handset = handset(&hosts);
    let nobody = "203.0.113.10".parse().unwrap();
    let _servers = Servers::start(&handset, nobody, nobody);
    let mut talker = Talker::start(&handset.phone, TALKER);
    let mut arguments = folder.flags(Packages::Dumpsys, &LISTS);
    arguments.extend(["--source", source, "--interval", "100ms"].map(str::to_owned));
    let mut watch = Watch::start(&Setup {
        namespace: &handset.phone,
        user: None,
        environment,
        arguments,
    });
    watch.wait_for_first_look();
    reach(&mut watch, &mut talker, hosts[0]);

    let mut off = 0;
    // A day forward is beyond every cool-down, and two days back before everything there was.
    for (host, set_to) in hosts[1..].iter().zip([DAY, -DAY, 0]) {
        let from = watch.now();
        let file = folder.write("clock.new", set_to.to_string().as_bytes());
        std::fs::rename(file, &setting).unwrap();
        let (clock, _) = watch.wait(from, "the clock that was set", |event| event.is("clock"));
        let jump = clock.field("jump_ms").as_i64().unwrap();
        assert!((jump - (set_to - off) * 1_000).abs() < 2_000, "{clock:?}");
        off = set_to;
        // A host that was told of is not told of again; another is.
        let local = talker.ask(&format!("tcp {}:{KEEPS}", hosts[0]));
        watch.wait(from, "a connection after the jump", |event| {
            event.is("opened") && event.local() == local
        });
        reach(&mut watch, &mut talker, host);
    }

    let ended = watch.stop(Signal::SIGTERM);
    ended.assert_sound("live");
    let mut told: Vec<IpAddr> = ended
        .alerts()
        .filter(|alert| alert.level() == Level::Match)
        .map(|alert| alert.peer().unwrap())
        .collect();
    told.sort_unstable();
    assert_eq!(told, hosts.map(|host| host.parse::<IpAddr>().unwrap()));
    assert_eq!(
        ended
            .events
            .iter()
            .filter(|event| event.is("clock"))
            .count(),
        3
    );
    let gaps = |event: &&Event| event.is("gap") && event.text("reason") == "suspended";
    assert_eq!(ended.events.iter().filter(gaps).count(), 0);
}

/// A machine that was booted long ago, by a time namespace.
pub(crate) fn long_since_boot() {
    let host = "203.0.113.10";
    let handset = handset(&[host]);
    let nobody = host.parse().unwrap();
    let _servers = Servers::start(&handset, nobody, nobody);
    let mut talker = Talker::start(&handset.phone, TALKER);
    let folder = Folder::new();
    let mut watch = Watch::start_through(
        // It sends SIGTERM on when it ends.
        &[
            "unshare",
            "--time",
            "--boottime",
            "86400000",
            "--monotonic",
            "43200000",
            "--fork",
            "--kill-child=TERM",
        ],
        &Setup {
            namespace: &handset.phone,
            user: None,
            environment: Vec::new(),
            arguments: folder.flags(Packages::Dumpsys, &LISTS),
        },
    );
    watch.wait_for_first_look();
    reach(&mut watch, &mut talker, host);
    let ended = watch.stop(Signal::SIGKILL);
    ended.assert_sound("live");
    let told: Vec<IpAddr> = ended.alerts().filter_map(Event::peer).collect();
    assert!(
        told.iter()
            .all(|peer| *peer == host.parse::<IpAddr>().unwrap())
    );
    // It did not take the time before it for sleep.
    let slept = |event: &Event| event.is("gap") && event.text("reason") == "suspended";
    assert!(
        !ended
            .events
            .iter()
            .any(|event| slept(event) || event.is("clock"))
    );
}

/// What is missing for [`wall_clock_is_set`].
pub(crate) fn missing_for_setting() -> Option<String> {
    namespace::missing().or_else(|| settable_clock(&Folder::new()).err())
}

/// What is missing for [`long_since_boot`].
pub(crate) fn missing_for_time_namespace() -> Option<String> {
    namespace::missing().or_else(|| {
        let possible = Command::new("unshare")
            .args(["--time", "--boottime", "1", "--fork", "true"])
            .output()
            .is_ok_and(|output| output.status.success());
        (!possible)
            .then(|| "needs time namespaces (Linux 5.6) and an unshare that knows them".into())
    })
}

fn handset(hosts: &[&str]) -> Handset {
    Handset::with_hosts(hosts.iter().map(|host| host.parse().unwrap()))
}

fn reach(watch: &mut Watch, talker: &mut Talker, host: &str) {
    let peer: IpAddr = host.parse().unwrap();
    talker.ask(&format!("tcp {host}:{KEEPS}"));
    watch.wait(0, "an alert", |event| {
        event.is("alert") && event.peer() == Some(peer) && event.level() == Level::Match
    });
}

/// Builds the clock that can be set; what is wrong where that is not possible.
fn settable_clock(folder: &Folder) -> Result<PathBuf, String> {
    let source = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/handset/clock_shim.rs"
    );
    let library = folder.path().join("libclock.so");
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc)
        .args([
            "--edition",
            "2024",
            "--crate-type",
            "cdylib",
            "-C",
            "panic=abort",
            "-o",
        ])
        .args([library.as_os_str(), source.as_ref()])
        .output()
        .map_err(|error| format!("needs rustc to build a clock that can be set: {error}"))?;
    if !output.status.success() {
        let why = String::from_utf8_lossy(&output.stderr);
        return Err(format!(
            "a clock that can be set does not build here: {why}"
        ));
    }
    Ok(library)
}
