//! What is no question, and what is no DNS.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use portlog_tap::{Counts, Drop as Dropped};

use crate::asking::{self, A, question};
use crate::chance::Chance;
use crate::phone::{FIRST, Phone, TAP, TAP6};
use crate::tun;

/// Packets at once.
const BATCH: usize = 100;
const PACKETS: usize = 20_000;

/// Packets of chance, and good ones with damages: counted, one for one, and everybody is answered as
/// before.
pub(crate) fn garbage() {
    let phone = Phone::new(&[FIRST]);
    let _resolver = phone.resolver(FIRST);
    let inside = &phone.handset.phone;
    let mut chance = Chance(0x9E37_79B9_7F4A_7C15);
    let good = packet(&question(5, "plain.test", A, Some(1_232)));
    let mut sent = 0;
    while sent < PACKETS {
        let packets: Vec<Vec<u8>> = (0..BATCH)
            .map(|number| match number % 4 {
                0 => {
                    let length = 1 + chance.below(1_400);
                    (0..length).map(|_| chance.below(256) as u8).collect()
                }
                1 => {
                    let mut packet = good.clone();
                    for _ in 0..=chance.below(4) {
                        let place = chance.below(packet.len());
                        packet[place] = chance.below(256) as u8;
                    }
                    packet
                }
                2 => good[..=chance.below(good.len() - 1)].to_vec(),
                // Good headers around garbage.
                _ => {
                    let length = chance.below(200);
                    let payload: Vec<u8> = (0..length).map(|_| chance.below(256) as u8).collect();
                    packet(&payload)
                }
            })
            .collect();
        tun::inject(inside, packets);
        sent += BATCH;
        thread::sleep(Duration::from_millis(3));
    }
    let message = question(6, "both.test", A, None);
    assert_eq!(
        asking::udp(inside, TAP, &message),
        asking::udp(inside, FIRST, &message)
    );
    let seen = |counts: &Counts| {
        let dropped: u64 = Dropped::ALL.iter().map(|why| counts.dropped(*why)).sum();
        dropped + counts.queries + counts.retries
    };
    let all = PACKETS as u64 + 1;
    let state = phone.wait("all seen and answered", |state| {
        seen(&state.counts) >= all && state.pending == 0
    });
    let counts = state.counts;
    // The kernel sends a few of its own.
    assert!(seen(&counts) < all + 20, "{counts:?}");
    for why in [
        Dropped::Malformed,
        Dropped::Checksum,
        Dropped::NoQuestion,
        Dropped::Refused,
    ] {
        assert!(counts.dropped(why) > 100, "{why:?}: {counts:?}");
    }
    assert_eq!(state.ended, None);
}

pub(crate) fn refusals() {
    let phone = Phone::new(&[FIRST]);
    let _resolver = phone.resolver(FIRST);
    phone.handset.phone.enter(|| {
        for tap in [TAP, TAP6] {
            for port in [853, 443] {
                let server = SocketAddr::new(tap, port);
                let start = Instant::now();
                let refused = TcpStream::connect_timeout(&server, Duration::from_secs(9));
                assert_eq!(refused.unwrap_err().kind(), ErrorKind::ConnectionRefused);
                let socket = asking::socket_to(server);
                socket
                    .set_read_timeout(Some(Duration::from_secs(9)))
                    .unwrap();
                socket.send(b"hello").unwrap();
                let refused = socket.recv(&mut [0; 9]).unwrap_err();
                assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
                assert!(start.elapsed() < Duration::from_secs(1));
            }
        }
    });
    // What it says of itself is brought up to date after the answer.
    let counts = phone
        .wait("all refused", |state| {
            state.counts.dropped(Dropped::Port) == 4
        })
        .counts;
    assert_eq!(counts.dropped(Dropped::Encrypted), 4);
    // What nobody relays is answered, and so nobody waits.
    let inside = &phone.handset.phone;
    let transfer = asking::udp(inside, TAP, &question(8, "plain.test", 252, None));
    assert_eq!(transfer[3] & 15, 4);
    let mut two = question(9, "plain.test", A, None);
    two[5] = 2;
    assert_eq!(asking::udp(inside, TAP, &two)[3] & 15, 1);
    // An answer is no question, whoever sends it.
    let mut answer = question(10, "plain.test", A, None);
    answer[2] |= 0x80;
    let patience = Duration::from_millis(300);
    assert!(asking::try_udp(inside, TAP, &answer, patience).is_err());
    // Larger than any question.
    let mut large = question(11, "plain.test", A, None);
    large.resize(3_000, 0);
    assert!(asking::try_udp(inside, TAP, &large, patience).is_err());
    // 3,000 bytes come in fragments.
    let counts = phone
        .wait("three fragments", |state| {
            state.counts.dropped(Dropped::Fragment) == 3
        })
        .counts;
    assert_eq!(counts.queries, 0);
    assert_eq!(counts.dropped(Dropped::Refused), 2);
    assert_eq!(counts.dropped(Dropped::NoQuestion), 1);
}

/// A UDP datagram from the phone to the tap, with its checksums.
fn packet(payload: &[u8]) -> Vec<u8> {
    let length = |extra: usize| ((payload.len() + extra) as u16).to_be_bytes();
    let mut udp = vec![0x9C, 0x40, 0, 53];
    udp.extend(length(8));
    udp.extend([0, 0]);
    udp.extend(payload);
    let addresses = [192, 0, 2, 2, 192, 0, 2, 1];
    let mut pseudo = addresses.to_vec();
    pseudo.extend([0, 17]);
    pseudo.extend(length(8));
    pseudo.extend(&udp);
    udp[6..8].copy_from_slice(&sum(&pseudo));
    let mut packet = vec![0x45, 0];
    packet.extend(length(28));
    packet.extend([0, 0, 0, 0, 64, 17, 0, 0]);
    packet.extend(addresses);
    let checksum = sum(&packet);
    packet[10..12].copy_from_slice(&checksum);
    packet.extend(udp);
    packet
}

/// RFC 1071.
fn sum(bytes: &[u8]) -> [u8; 2] {
    let mut sum: u32 = bytes
        .chunks(2)
        .map(|pair| u32::from(pair[0]) << 8 | u32::from(pair.get(1).copied().unwrap_or(0)))
        .sum();
    while sum > 0xFFFF {
        sum = (sum & 0xFFFF) + (sum >> 16);
    }
    (!(sum as u16)).to_be_bytes()
}
