//! Servers that come and go, and those whom the front end asks.

use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use portlog_model::Uid;
use portlog_tap::{Failure, Flow, Upstream, UpstreamState};

use crate::asking::{self, A, TXT, question};
use crate::phone::{FIRST, Phone, SECOND, TAP};

/// `who.test` has the address of the server that says it.
fn who(phone: &Phone) -> Option<IpAddr> {
    let message = question(3, "who.test", A, None);
    let answer = asking::udp(&phone.handset.phone, TAP, &message);
    // No error, and one record, which ends in an address.
    let good = answer[3].trailing_zeros() >= 4 && answer[7] == 1;
    let octets: [u8; 4] = answer[answer.len() - 4..].try_into().unwrap();
    good.then(|| IpAddr::from(octets))
}

fn uses(phone: &Phone, server: IpAddr) {
    phone.wait("used", |state| match state.upstream {
        UpstreamState::Sockets { in_use, .. } => in_use.ip() == server,
        UpstreamState::Pulled { .. } => panic!("it asks by itself"),
    });
}

fn failed(phone: &Phone, server: usize, wanted: Failure) {
    phone.wait("failed so", |state| match &state.upstream {
        UpstreamState::Sockets { servers, .. } => {
            servers[server].failed.map(|(_, how)| how) == Some(wanted)
        }
        UpstreamState::Pulled { .. } => panic!("it asks by itself"),
    });
}

pub(crate) fn failover() {
    let phone = Phone::new(&[FIRST, SECOND]);
    // Nothing listens at either: said at once, and not by silence.
    let start = Instant::now();
    assert_eq!(who(&phone), None);
    assert!(start.elapsed() < Duration::from_secs(2));
    failed(&phone, 0, Failure::Unreachable);
    failed(&phone, 1, Failure::Unreachable);
    // The second alone.
    let second = phone.resolver(SECOND);
    assert_eq!(who(&phone), Some(SECOND));
    uses(&phone, SECOND);
    // The first comes back. It is passed over for a while, but not where the second is gone.
    let first = phone.resolver(FIRST);
    assert_eq!(who(&phone), Some(SECOND));
    drop(second);
    assert_eq!(who(&phone), Some(FIRST));
    uses(&phone, FIRST);
    // The first goes silent, as a network that swallows.
    let _second = phone.resolver(SECOND);
    phone
        .handset
        .outside
        .ip(&format!("address del {FIRST}/32 dev lo\n"));
    let start = Instant::now();
    assert_eq!(who(&phone), Some(SECOND));
    assert!(start.elapsed() > Duration::from_secs(1));
    failed(&phone, 0, Failure::Silent);
    assert_eq!(who(&phone), Some(SECOND));
    let start = Instant::now();
    assert_eq!(who(&phone), Some(SECOND));
    assert!(
        start.elapsed() < Duration::from_secs(1),
        "it is passed over"
    );
    uses(&phone, SECOND);
    drop(first);
}

pub(crate) fn retries() {
    // Silent: nobody has that address.
    let nobody = "198.51.100.99".parse().unwrap();
    let phone = Phone::new(&[nobody]);
    let message = question(77, "plain.test", A, None);
    phone.handset.phone.enter(|| {
        let socket = asking::socket_to(SocketAddr::new(TAP, 53));
        for _ in 0..5 {
            socket.send(&message).unwrap();
        }
        // The same id for another question is another question.
        socket.send(&question(77, "both.test", A, None)).unwrap();
        let state = phone.wait("six questions", |state| {
            state.counts.queries + state.counts.retries == 6
        });
        assert_eq!((state.counts.queries, state.counts.retries), (2, 4));
        assert_eq!(state.pending, 2);
    });
}

pub(crate) fn swapped() {
    let nobody: IpAddr = "198.51.100.99".parse().unwrap();
    let phone = Phone::new(&[nobody]);
    let _second = phone.resolver(SECOND);
    thread::scope(|scope| {
        let asked = scope.spawn(|| who(&phone));
        phone.wait("a question", |state| state.pending == 1);
        let servers = vec![SocketAddr::new(SECOND, 53)];
        phone
            .tap
            .swap_upstream(Upstream::Sockets { servers })
            .unwrap();
        assert_eq!(asked.join().unwrap(), Some(SECOND));
    });
    uses(&phone, SECOND);
    // Nobody to ask, or nobody but the tap itself.
    for servers in [vec![], vec![SocketAddr::new(TAP, 53)]] {
        let swapped = phone.tap.swap_upstream(Upstream::Sockets { servers });
        assert!(swapped.is_err());
    }
    assert_eq!(who(&phone), Some(SECOND));
}

/// The device is taken away, as by another VPN: it ends, says so, and whoever waits hears of it.
pub(crate) fn device_gone() {
    let phone = Phone::with(
        Upstream::Pulled { clear_text: None },
        false,
        std::convert::identity,
    );
    thread::scope(|scope| {
        let waits = scope.spawn(|| phone.tap.next_queries(Duration::from_secs(20)));
        phone.handset.phone.ip("link del tun0\n");
        assert_eq!(waits.join().unwrap(), None);
    });
    let ended = phone.tap.state().ended.unwrap();
    assert!(ended.starts_with("the device is gone"), "{ended}");
}

/// The front end fetches questions, finds who asked in the kernel's table, and asks by itself.
pub(crate) fn pulled() {
    let clear_text = Some(false);
    let phone = Phone::with(
        Upstream::Pulled { clear_text },
        true,
        std::convert::identity,
    );
    let _resolver = phone.resolver(FIRST);
    assert_eq!(phone.tap.state().clear_text, clear_text);
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                for query in phone.tap.next_queries(Duration::from_millis(50)).unwrap() {
                    let message = query.message.unwrap();
                    phone.tap.asker(query.id, owner(&phone, &query.flow));
                    if message.windows(5).any(|bytes| bytes == b"\x04none") {
                        phone.tap.fail(query.id);
                    } else {
                        // Over TCP, as an encrypted transport brings whole answers too.
                        let answers = asking::tcp(&phone.handset.phone, FIRST, &[message], 9_999);
                        phone.tap.answer(query.id, &answers[0]);
                    }
                }
            }
        });
        let inside = &phone.handset.phone;
        let message = question(900, "both.test", A, None);
        assert_eq!(
            asking::udp(inside, TAP, &message),
            asking::udp(inside, FIRST, &message)
        );
        // More than the asker takes: the head, and the whole over TCP.
        let message = question(901, "t3000.test", TXT, Some(1_232));
        let answer = asking::udp(inside, TAP, &message);
        assert_eq!((answer.len(), answer[2] & 2), (message.len(), 2));
        let messages = [message];
        assert_eq!(
            asking::tcp(inside, TAP, &messages, 9_999),
            asking::tcp(inside, FIRST, &messages, 9_999)
        );
        let failed = asking::udp(inside, TAP, &question(902, "none.test", A, None));
        assert_eq!(failed[3] & 15, 2);
        done.store(true, Ordering::Relaxed);
    });
    let counts = phone
        .wait("all learnt", |state| state.counts.learnt == 2)
        .counts;
    assert_eq!((counts.truncated, counts.failed), (1, 1));
    let learnt = phone.learnt.lock().unwrap();
    let told: Vec<_> = learnt
        .iter()
        .map(|learnt| (learnt.name.as_str(), learnt.asker, learnt.addresses.len()))
        .collect();
    let root = Some(Uid::new(0));
    assert_eq!(told, [("both.test", root, 1), ("none.test", root, 0)]);
}

/// The UID of the socket at the asker's end, as `/proc/net/udp` and `tcp` have it.
fn owner(phone: &Phone, flow: &Flow) -> Option<Uid> {
    let IpAddr::V4(address) = flow.local.address() else {
        panic!("these ask over IPv4");
    };
    let wanted = format!(
        "{:08X}:{:04X}",
        u32::from_ne_bytes(address.octets()),
        flow.local.port()
    );
    let table = phone.handset.phone_file(flow.protocol.as_str());
    let line = table
        .lines()
        .find(|line| line.split_whitespace().nth(1) == Some(wanted.as_str()))?;
    let uid = line.split_whitespace().nth(7)?.parse().unwrap();
    Some(Uid::new(uid))
}
