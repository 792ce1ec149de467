//! Answers through the tap beside answers of the resolver.

use std::collections::BTreeSet;
use std::net::IpAddr;

use nix::mount::{MsFlags, mount};

use crate::asking::{self, A, AAAA, TXT, question};
use crate::phone::{FIRST, Phone, SIXTH, TAP, TAP6};

const NAMES: [(&str, u16); 16] = [
    ("plain.test", A),
    ("plain.test", AAAA),
    ("PLain.tEST", A),
    ("both.test", A),
    ("both.test", AAAA),
    ("six.test", AAAA),
    ("alias.test", A),
    ("none.test", A),
    ("text.test", TXT),
    ("t400.test", TXT),
    ("t1200.test", TXT),
    ("t1400.test", TXT),
    ("t3000.test", TXT),
    ("t5000.test", TXT),
    ("many.test", A),
    ("many.test", 255),
];

/// Sizes on both sides of what matters: none, too small a one, the usual ones, the MTU, and beyond.
const SIZES: [Option<u16>; 8] = [
    None,
    Some(0),
    Some(512),
    Some(1_232),
    Some(1_452),
    Some(1_500),
    Some(4_096),
    Some(8_192),
];

/// Every answer, whatever the size and the way.
pub(crate) fn equal() {
    let phone = Phone::new(&[FIRST]);
    let _resolver = phone.resolver(FIRST);
    compare(&phone, FIRST, &[TAP, TAP6]);
    let learnt = phone.learnt.lock().unwrap();
    let alias = learnt
        .iter()
        .find(|learnt| learnt.name == "alias.test")
        .unwrap();
    assert_eq!(
        alias.aliases,
        [
            ("alias.test".to_owned(), "far.test".to_owned(), 60),
            ("far.test".to_owned(), "edge.test".to_owned(), 60)
        ]
    );
    let edge: IpAddr = "198.51.100.23".parse().unwrap();
    assert_eq!(alias.addresses, [("edge.test".to_owned(), edge, 60)]);
    // Asked for and not there is asked for all the same.
    let none = learnt
        .iter()
        .find(|learnt| learnt.name == "none.test")
        .unwrap();
    assert!(none.addresses.is_empty());
    assert!(learnt.iter().all(|learnt| learnt.name != "text.test"));
}

/// The same where there is nothing but IPv6.
pub(crate) fn ipv6_only() {
    let phone = Phone::new(&[SIXTH]);
    phone
        .handset
        .phone
        .ip("address del 198.51.100.2/24 dev eth0\n\
         address del 192.0.2.2/32 dev tun0\n");
    let _resolver = phone.resolver(SIXTH);
    compare(&phone, SIXTH, &[TAP6]);
    let told = getent(&phone, TAP6, &["ahostsv6", "six.test"]);
    assert!(told.contains("2001:db8::22"), "{told}");
}

fn compare(phone: &Phone, resolver: IpAddr, taps: &[IpAddr]) {
    let inside = &phone.handset.phone;
    let (mut sizes, mut count) = (BTreeSet::new(), 0_u16);
    for (name, kind) in NAMES {
        for edns in SIZES {
            count += 1;
            let message = question(count.wrapping_mul(2_749), name, kind, edns);
            let wanted = asking::udp(inside, resolver, &message);
            sizes.insert(wanted.len());
            for tap in taps {
                let told = asking::udp(inside, *tap, &message);
                assert_eq!(told, wanted, "{name} {kind} {edns:?} by {tap}");
            }
        }
        let message = question(count, name, kind, Some(1_232));
        let wanted = asking::tcp(inside, resolver, std::slice::from_ref(&message), 9_999);
        for tap in taps {
            let told = asking::tcp(inside, *tap, std::slice::from_ref(&message), 9_999);
            assert_eq!(told, wanted, "{name} {kind} over TCP by {tap}");
        }
    }
    // The sizes were really met: what fits, what goes in fragments, and what is cut.
    assert!(sizes.iter().any(|size| (1_300..1_472).contains(size)));
    assert!(sizes.iter().any(|size| (3_000..4_096).contains(size)));
    assert!(sizes.iter().any(|size| *size > 4_800), "{sizes:?}");
    // What it says of itself is brought up to date after the answer.
    let state = phone.wait("all answered", |state| {
        state.counts.queries == state.counts.answers && state.pending == 0
    });
    assert_eq!(state.counts.failed, 0);
}

/// What people have on their machines.
pub(crate) fn programs() {
    let phone = Phone::new(&[FIRST]);
    let _resolver = phone.resolver(FIRST);
    let inside = &phone.handset.phone;
    for words in [
        "plain.test A",
        "both.test AAAA",
        "alias.test A",
        "none.test A",
        "t1400.test TXT",
        "t3000.test TXT",
        "t3000.test TXT +bufsize=4096",
        "t3000.test TXT +ignore +noedns",
        "t5000.test TXT +tcp",
        "many.test A +noedns",
    ] {
        let dig = |server: IpAddr| {
            let server = format!("@{server}");
            let mut arguments = vec![server.as_str(), "+nostats", "+qid=4242", "+tries=1"];
            arguments.extend(words.split(' '));
            let text = asking::run(inside, "dig", &arguments);
            // All but the line that repeats the command.
            let lines = text.lines().filter(|line| !line.contains("<<>>"));
            lines.collect::<Vec<_>>().join("\n")
        };
        let wanted = dig(FIRST);
        assert!(wanted.contains("status: N"), "{wanted}");
        assert_eq!(dig(TAP), wanted, "{words}");
        assert_eq!(dig(TAP6), wanted, "{words}");
    }
    for tap in [TAP, TAP6] {
        let told = getent(&phone, tap, &["ahosts", "both.test"]);
        assert!(told.contains("198.51.100.21"), "{told}");
        assert!(told.contains("2001:db8::21"), "{told}");
        let told = getent(&phone, tap, &["ahostsv4", "many.test"]);
        assert!(told.lines().count() >= 90, "{told}");
    }
}

/// `getent` with the tap as the one name server, as the C library asks it.
fn getent(phone: &Phone, tap: IpAddr, arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let (names, switch) = (folder.path().join("names"), folder.path().join("switch"));
    std::fs::write(&names, format!("nameserver {tap}\n")).unwrap();
    std::fs::write(&switch, "hosts: files dns\n").unwrap();
    let inside = phone.handset.phone.with_own_mounts();
    inside.enter(|| {
        for (file, over) in [
            (&names, "/etc/resolv.conf"),
            (&switch, "/etc/nsswitch.conf"),
        ] {
            mount(
                Some(file),
                over,
                None::<&str>,
                MsFlags::MS_BIND,
                None::<&str>,
            )
            .unwrap();
        }
    });
    asking::run(&inside, "getent", arguments)
}
