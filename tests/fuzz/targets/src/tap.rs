//! The DNS tap: packets as a TUN device brings them, and messages in good packets.

use std::net::IpAddr;

use portlog_model::{BootTime, Moment, Uid, WallTime};
use portlog_tap::{Action, Actions, Drop, QueryId, Settings, Tap};

const MTU: u16 = 1_280;
const OWN: [u8; 4] = [192, 0, 2, 1];
const PEER: [u8; 4] = [192, 0, 2, 2];

/// Packets of a device: each behind its length (two bytes, big endian), whose top bit says that a
/// second goes by before it.
///
/// Holds: whatever is written is a whole packet no larger than the device takes, with lengths
/// and checksums that fit, and not from the one it goes to; every packet is a question, a part of a
/// connection, or counted; questions and connections stay within their bounds, and all of them
/// end by themselves.
pub fn tap_packet(data: &[u8]) {
    let mut tap = tap(false);
    let mut out = Actions::default();
    let mut now = 0;
    let mut rest = data;
    while let Some((length, after)) = rest.split_first_chunk() {
        let length = u16::from_be_bytes(*length);
        if length & 0x8000 != 0 {
            now += 1_000;
            tap.tick(at(now), &mut out);
        }
        let (packet, after) = after.split_at(usize::from(length & 0x7FFF).min(after.len()));
        rest = after;
        let before = tap.counts();
        tap.packet(packet, at(now), &mut out);
        let changed = tap.counts() != before;
        let is_tcp = matches!(packet, [4..=0x4F, _, _, _, _, _, _, _, _, 6, ..])
            || packet.first().is_some_and(|byte| byte >> 4 == 6);
        assert!(changed || is_tcp, "a packet that left no trace");
        assert!(tap.pending() <= 1_024 && tap.streams() <= 64);
        let queries = look_at(&mut out);
        for (number, (id, message)) in (0_u8..).zip(queries) {
            // Every other one is answered, by itself made an answer.
            let mut answer = message;
            answer[2] |= 0x80;
            if number.is_multiple_of(2) {
                tap.answer(id, &answer, at(now), &mut out);
            }
        }
        look_at(&mut out);
    }
    // After all deadlines there is nothing left.
    for _ in 0..10_000 {
        let Some(due) = tap.deadline() else {
            break;
        };
        now = now.max(due.as_nanos().div_ceil(1_000_000));
        tap.tick(at(now), &mut out);
        look_at(&mut out);
    }
    assert_eq!(tap.deadline(), None);
    assert_eq!((tap.pending(), tap.streams()), (0, 0));
    let counts = tap.counts();
    assert_eq!(counts.queries, counts.answers + counts.failed);
}

/// A question, behind its length, and what comes for an answer; both in good packets.
///
/// Holds: a question is passed on as it is or refused; an answer that is believed goes back as it is
/// under the asker's id, or as its head where it is too large; what is learnt are names of 1 to
/// 1,020 printable characters (253 bytes, each of which may take four) and at most 64 addresses.
pub fn tap_message(data: &[u8]) {
    let Some((length, rest)) = data.split_first_chunk() else {
        return;
    };
    let length = usize::from(u16::from_be_bytes(*length)).min(rest.len());
    let (question, answer) = rest.split_at(length);
    if question.len() > 1_200 {
        return;
    }
    let mut tap = tap(true);
    let mut out = Actions::default();
    tap.packet(&datagram(question), at(0), &mut out);
    let mut written = Vec::new();
    let mut asked = None;
    while let Some(action) = out.pop() {
        match action {
            Action::Query { id, message, asker } => {
                assert_eq!(message, question);
                assert_eq!(asker.local.port(), 40_000);
                asked = Some(id);
            }
            Action::Packet(packet) => written.push(packet),
            other => panic!("{other:?}"),
        }
    }
    let Some(id) = asked else {
        assert!(written.len() <= 1);
        return;
    };
    assert!(written.is_empty());
    tap.answer(id, answer, at(1), &mut out);
    let uid = Some(Uid::new(10_001));
    tap.asker(id, uid, &mut out);
    let counts = tap.counts();
    let mut told = Vec::new();
    while let Some(action) = out.pop() {
        match action {
            Action::Packet(packet) => {
                sound(&packet);
                let offset = (u16::from_be_bytes([packet[6], packet[7]]) & 0x1FFF) * 8;
                assert_eq!(usize::from(offset), told.len());
                told.extend_from_slice(&packet[20..]);
            }
            Action::Learn(learnt) => {
                assert_eq!(learnt.asker, uid);
                assert!(learnt.addresses.len() <= 64 && learnt.aliases.len() <= 16);
                let names = learnt
                    .aliases
                    .iter()
                    .flat_map(|(name, target, _)| [name, target])
                    .chain(learnt.addresses.iter().map(|(name, _, _)| name))
                    .chain([&learnt.name]);
                for name in names {
                    assert!(name.len() <= 1_020, "{name}");
                    let shown = |byte: u8| byte.is_ascii_graphic() || byte == b' ';
                    assert!(name.bytes().all(shown), "{name}");
                }
            }
            other => panic!("{other:?}"),
        }
    }
    if counts.answers == 0 {
        assert!(told.is_empty());
        assert_eq!(counts.dropped(Drop::WrongAnswer), 1);
        return;
    }
    let told = &told[8..];
    assert_eq!(told[..2], question[..2]);
    if counts.truncated == 0 {
        assert_eq!(told[2..], answer[2..]);
    } else {
        assert!(told.len() < answer.len() && told[2] & 2 != 0);
    }
}

fn tap(askers: bool) -> Tap {
    let settings = Settings {
        servers: vec![IpAddr::from(OWN), "2001:db8:53::1".parse().unwrap()],
        mtu: MTU,
        askers,
    };
    let mut chance = 7_u32;
    let next = move || {
        chance = chance.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        chance
    };
    Tap::new(&settings, Box::new(next)).unwrap()
}

fn at(millis: u64) -> Moment {
    Moment {
        wall: WallTime::from_millis(0),
        boot: BootTime::from_nanos(millis * 1_000_000),
    }
}

/// Does what is wanted as far as it can be looked at, and returns the questions.
fn look_at(out: &mut Actions) -> Vec<(QueryId, Vec<u8>)> {
    let mut queries = Vec::new();
    while let Some(action) = out.pop() {
        match action {
            Action::Packet(packet) => sound(&packet),
            Action::Query { id, message, .. } => {
                assert!((12..=2_048).contains(&message.len()));
                queries.push((id, message));
            }
            Action::Forget(_) | Action::Learn(_) => {}
        }
    }
    queries
}

/// A packet that any host would take.
fn sound(packet: &[u8]) {
    assert!(packet.len() <= usize::from(MTU), "{}", packet.len());
    let (protocol, pseudo, payload, whole) = match packet[0] >> 4 {
        4 => {
            assert_eq!(packet[0], 0x45);
            assert_eq!(sum(&packet[..20]), 0);
            assert_eq!(
                usize::from(u16::from_be_bytes([packet[2], packet[3]])),
                packet.len()
            );
            assert_ne!(packet[12..16], packet[16..20]);
            // Neither more fragments nor an offset.
            let whole = matches!([packet[6] & 0x3F, packet[7]], [0, 0]);
            (packet[9], &packet[12..20], &packet[20..], whole)
        }
        6 => {
            assert_eq!(
                usize::from(u16::from_be_bytes([packet[4], packet[5]])),
                packet.len() - 40
            );
            assert_ne!(packet[8..24], packet[24..40]);
            (packet[6], &packet[8..40], &packet[40..], packet[6] != 44)
        }
        _ => panic!("no IP"),
    };
    if !whole {
        return;
    }
    if protocol == 1 {
        assert_eq!(sum(payload), 0);
        return;
    }
    assert!([6, 17, 58].contains(&protocol), "{protocol}");
    let mut bytes = pseudo.to_vec();
    bytes.extend([0, protocol]);
    bytes.extend(u16::try_from(payload.len()).unwrap().to_be_bytes());
    bytes.extend(payload);
    assert_eq!(sum(&bytes), 0);
}

/// A datagram with `payload` from the peer to the tap, with its checksums.
fn datagram(payload: &[u8]) -> Vec<u8> {
    let length = |extra: usize| u16::try_from(payload.len() + extra).unwrap().to_be_bytes();
    let mut udp = vec![0x9C, 0x40, 0, 53];
    udp.extend(length(8));
    // Over IPv4 there need be none.
    udp.extend([0, 0]);
    udp.extend(payload);
    let mut packet = vec![0x45, 0];
    packet.extend(length(28));
    packet.extend([0, 0, 0, 0, 64, 17, 0, 0]);
    packet.extend(PEER);
    packet.extend(OWN);
    let checksum = sum(&packet).to_be_bytes();
    packet[10..12].copy_from_slice(&checksum);
    packet.extend(udp);
    packet
}

/// RFC 1071.
fn sum(bytes: &[u8]) -> u16 {
    let mut sum: u32 = bytes
        .chunks(2)
        .map(|pair| u32::from(pair[0]) << 8 | u32::from(pair.get(1).copied().unwrap_or(0)))
        .sum();
    while sum > 0xFFFF {
        sum = (sum & 0xFFFF) + (sum >> 16);
    }
    !u16::try_from(sum).unwrap()
}
