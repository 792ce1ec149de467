//! The whole of it: an app asks for a name by way of the DNS tap, connects to what it was told, and the
//! watch says which host that was, which list speaks of it, who it was and how sure that is.
//!
//! The phone is the handset's (tests/handset): network namespaces, processes that become the UIDs of
//! a phone's apps, hosts outside. On it run, in one process as in the app, a tap on a TUN
//! device, the book of names and the agent; who asked is found as the app finds it on a phone that says so,
//! by the socket at the asker's end.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::cast_possible_truncation,
    reason = "a test that cannot go on must stop and say why"
)]

#[path = "../handset/dns.rs"]
mod dns;
#[path = "../handset/namespace.rs"]
#[expect(dead_code, reason = "the handset's scenarios use the rest")]
mod namespace;
#[path = "../handset/runner.rs"]
mod runner;
#[path = "../handset/server.rs"]
#[expect(dead_code, reason = "the handset's scenarios use the rest")]
mod server;
#[path = "../handset/talker.rs"]
#[expect(dead_code, reason = "the handset's scenarios use the rest")]
mod talker;
#[path = "../tap/tun.rs"]
#[expect(dead_code, reason = "the tap's scenarios use the rest")]
mod tun;
mod watcher;

use std::path::Path;
use std::process::ExitCode;

use namespace::Handset;
use runner::Scenario;
use server::Servers;
use talker::Talker;
use watcher::Watcher;

/// A name that the list has, and the address that it is told to have.
const NAME: &str = "listed.example.test";
const NAMED: &str = "203.0.113.31";
/// Where those that ask go: the tap's own address.
const TAP: &str = "192.0.2.1:53";
/// The network's resolver, which knows any name.
const RESOLVER: &str = "203.0.113.53";

/// Apps of the invented phone, as its package list has them.
const FIRMWARE: u32 = 10_012;
const UPDATED_FIRMWARE: u32 = 10_075;
const OTHER_FIRMWARE: u32 = 10_030;
const USER_APP: u32 = 10_087;

const ALL: &[Scenario] = &[Scenario {
    name: "who_asked_and_connected_is_named_and_who_did_not_ask_is_not_matched",
    missing,
    run: asked_and_connected,
}];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        [talker::ROLE, uid] => {
            talker::talk(uid.parse().unwrap());
            ExitCode::SUCCESS
        }
        [watcher::ROLE] => {
            watcher::watch();
            ExitCode::SUCCESS
        }
        _ => runner::run(&arguments, ALL),
    }
}

fn asked_and_connected() {
    let hosts = [NAMED, RESOLVER].map(|host| host.parse().unwrap());
    let handset = Handset::with_hosts(hosts);
    let _servers = Servers::start(&handset, RESOLVER.parse().unwrap(), NAMED.parse().unwrap());
    let mut watcher = Watcher::start(&handset.phone);
    let mut talkers = [FIRMWARE, UPDATED_FIRMWARE, OTHER_FIRMWARE, USER_APP]
        .map(|uid| Talker::start(&handset.phone, uid));
    let [asks, silent, only_asks, user] = &mut talkers;
    let host = format!("{NAMED}:{}", server::KEEPS);

    // A firmware app asks and connects: a match, by the name.
    assert_eq!(asks.ask(&format!("resolve {TAP} {NAME}")), NAMED);
    asks.ask(&format!("tcp {host}"));
    let told = watcher.wait(FIRMWARE, "match");
    assert_eq!(
        told.facts,
        format!(
            "match 10012 com.example.firmware names.txt {NAME} domain {host} asked by 10012 []"
        )
    );
    for part in ["com.example.firmware", NAME, "names.txt"] {
        assert!(told.words.contains(part), "{}", told.words);
    }

    // One that never asked, to the same address: nobody says that it meant the name.
    silent.ask(&format!("tcp {host}"));
    let told = watcher.wait(UPDATED_FIRMWARE, "possible");
    assert_eq!(
        told.facts,
        format!(
            "possible 10075 com.example.updated names.txt {NAME} domain {host} asked by 10012 \
             [AskedByAnother]"
        )
    );

    // One that asks and does not connect.
    assert_eq!(only_asks.ask(&format!("resolve {TAP} {NAME}")), NAMED);
    let told = watcher.wait(OTHER_FIRMWARE, "possible");
    assert!(
        told.facts.starts_with("possible 10030 ")
            && told
                .facts
                .contains(&format!("names.txt {NAME} asked - asked for {NAME}")),
        "{}",
        told.facts
    );
    assert!(told.words.contains(NAME), "{}", told.words);

    // An app of the user's does as it likes.
    assert_eq!(user.ask(&format!("resolve {TAP} {NAME}")), NAMED);
    user.ask(&format!("tcp {host}"));
    // What comes after it is told, and so it would have been.
    asks.ask("close");
    asks.ask(&format!("resolve {TAP} elsewhere.test"));
    watcher.settle();
    let told = watcher.end();
    let of = |uid: u32| {
        told.iter()
            .filter(|told| told.uid == uid)
            .map(|told| told.level.as_str())
            .collect::<Vec<_>>()
    };
    // It asked for the name too, and that was told before it connected or not at all.
    let firmware = of(FIRMWARE);
    assert!(
        firmware == ["match"] || firmware == ["possible", "match"],
        "{told:?}"
    );
    assert_eq!(of(UPDATED_FIRMWARE), ["possible"], "{told:?}");
    assert_eq!(of(OTHER_FIRMWARE), ["possible"], "{told:?}");
    assert_eq!(of(USER_APP), [""; 0], "{told:?}");
}

fn missing() -> Option<String> {
    namespace::missing().or_else(|| {
        (!Path::new("/dev/net/tun").exists()).then(|| "this kernel has no TUN device".into())
    })
}
