//! The core, packet by packet.

mod streams;

use std::net::{IpAddr, Ipv4Addr};

use portlog_model::{Endpoint, WallTime};

use super::*;

const OWN: Endpoint = Endpoint::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), 53);
const PEER: Endpoint = Endpoint::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2)), 40_000);

fn at(millis: u64) -> Moment {
    Moment {
        wall: WallTime::from_millis(0),
        boot: BootTime::from_nanos(millis * 1_000_000),
    }
}

/// A tap, and a peer that asks it.
struct Scene {
    tap: Tap,
    out: Actions,
    peer: Emitter,
    now: u64,
}

impl Scene {
    fn new(askers: bool) -> Self {
        Self::with(askers, 1_500, u32::MAX - 20)
    }

    fn with(askers: bool, mtu: u16, chance: u32) -> Self {
        let settings = Settings {
            servers: vec![OWN.address(), "2001:db8:53::1".parse().unwrap()],
            mtu,
            askers,
        };
        Self {
            tap: Tap::new(&settings, Box::new(move || chance)).unwrap(),
            out: Actions::default(),
            peer: Emitter::new(u16::MAX, 1),
            now: 0,
        }
    }

    fn datagram(&mut self, from: Endpoint, to: Endpoint, payload: &[u8]) -> Vec<Action> {
        let mut packet = Vec::new();
        self.peer
            .datagram(from, to, payload, &mut |bytes| packet = bytes);
        self.packet(&packet)
    }

    fn packet(&mut self, packet: &[u8]) -> Vec<Action> {
        self.tap.packet(packet, at(self.now), &mut self.out);
        self.actions()
    }

    fn actions(&mut self) -> Vec<Action> {
        std::iter::from_fn(|| self.out.pop()).collect()
    }

    /// Asks over UDP; the id upstream.
    fn ask(&mut self, message: &[u8]) -> QueryId {
        match self.datagram(PEER, OWN, message).as_slice() {
            [
                Action::Query {
                    id,
                    message: passed,
                    asker,
                },
            ] => {
                assert_eq!(passed, message);
                assert_eq!((asker.local, asker.remote), (PEER, OWN));
                *id
            }
            other => panic!("{other:?}"),
        }
    }

    fn answer(&mut self, id: QueryId, message: &[u8]) -> Vec<Action> {
        self.tap.answer(id, message, at(self.now), &mut self.out);
        self.actions()
    }

    fn tick(&mut self, now: u64) -> Vec<Action> {
        self.now = now;
        self.tap.tick(at(now), &mut self.out);
        self.actions()
    }

    fn dropped(&self, why: Drop) -> u64 {
        self.tap.counts().dropped(why)
    }
}

fn question(id: u16, edns: Option<u16>) -> Vec<u8> {
    let mut message = id.to_be_bytes().to_vec();
    message.extend([1, 0, 0, 1, 0, 0, 0, 0, 0, u8::from(edns.is_some())]);
    message.extend(b"\x01a\x04test\0\0\x01\0\x01");
    if let Some(size) = edns {
        message.extend([0, 0, 41]);
        message.extend(size.to_be_bytes());
        message.extend([0; 6]);
    }
    message
}

/// An answer with `count` addresses, under another id.
fn answer_to(question: &[u8], count: u16) -> Vec<u8> {
    let mut message = question[..24].to_vec();
    message[..3].copy_from_slice(&[0xAB, 0xCD, 0x81]);
    message[6..8].copy_from_slice(&count.to_be_bytes());
    message[8..12].fill(0);
    for number in 0..count {
        message.extend([0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 198, 51]);
        message.extend(number.to_be_bytes());
    }
    message
}

/// The datagram in what was written, if it is one whole packet.
fn told(action: &Action) -> Vec<u8> {
    let Action::Packet(bytes) = action else {
        panic!("{action:?}");
    };
    let packet = packet::parse(bytes).unwrap();
    assert_eq!((packet.from, packet.to), (OWN, PEER));
    match packet.carries {
        Carries::Datagram(payload) => payload.to_vec(),
        Carries::Segment(_) => panic!("a segment"),
    }
}

fn learnt(actions: &[Action]) -> Vec<(Option<Uid>, usize)> {
    actions
        .iter()
        .filter_map(|action| match action {
            Action::Learn(learnt) => {
                assert_eq!(learnt.name, "a.test");
                Some((learnt.asker, learnt.addresses.len()))
            }
            _ => None,
        })
        .collect()
}

#[test]
fn an_answer_goes_back_as_it_came_under_the_id_that_was_asked_with() {
    let mut scene = Scene::new(false);
    let message = question(0x1234, None);
    let id = scene.ask(&message);
    let mut answer = answer_to(&message, 2);
    let actions = scene.answer(id, &answer);
    answer[..2].copy_from_slice(&[0x12, 0x34]);
    assert_eq!(told(&actions[0]), answer);
    assert_eq!(learnt(&actions), [(None, 2)]);
    assert_eq!(
        scene.tap.deadline(),
        None,
        "nothing is due while nobody asks"
    );
}

#[test]
fn learning_waits_for_the_asker_and_the_answer_does_not() {
    let uid = Some(Uid::new(10_001));
    let message = question(1, None);
    let answer = answer_to(&message, 1);
    // Told before the answer.
    let mut scene = Scene::new(true);
    let id = scene.ask(&message);
    scene.tap.asker(id, uid, &mut scene.out);
    assert_eq!(learnt(&scene.answer(id, &answer)), [(uid, 1)]);
    // Told after it.
    let id = scene.ask(&message);
    let actions = scene.answer(id, &answer);
    assert_eq!(actions.len(), 1);
    assert_eq!(told(&actions[0])[2..], answer[2..]);
    scene.tap.asker(id, uid, &mut scene.out);
    assert_eq!(learnt(&scene.actions()), [(uid, 1)]);
    // Never told.
    let id = scene.ask(&message);
    assert_eq!(scene.answer(id, &answer).len(), 1);
    assert_eq!(scene.tap.deadline(), Some(at(2_000).boot));
    assert_eq!(scene.tick(1_999), []);
    assert_eq!(learnt(&scene.tick(2_000)), [(None, 1)]);
    // Too late, and for something else.
    scene.tap.asker(id, uid, &mut scene.out);
    assert_eq!(scene.actions(), []);
    assert_eq!(scene.tap.deadline(), None);
}

#[test]
fn only_an_answer_to_the_question_is_believed() {
    let mut scene = Scene::new(false);
    let message = question(1, None);
    let id = scene.ask(&message);
    let good = answer_to(&message, 1);
    let mut other_name = good.clone();
    other_name[13] = b'b';
    let mut other_kind = good.clone();
    other_kind[21] = 28;
    let mut a_question = good.clone();
    a_question[2] &= 0x7F;
    let mut without = good[..12].to_vec();
    without[4..8].fill(0);
    let mut two = good.clone();
    two[5] = 2;
    let wrong: [&[u8]; 8] = [
        &other_name,
        &other_kind,
        &a_question,
        &without,
        &two,
        &good[..20],
        &good[..5],
        &[],
    ];
    for wrong in wrong {
        assert_eq!(scene.answer(id, wrong), [], "{wrong:?}");
    }
    assert_eq!(scene.answer(QueryId::new(99), &good), []);
    assert_eq!(scene.dropped(Drop::WrongAnswer), 9);
    // In another letter case it is the same.
    let mut shouted = good;
    shouted[13] = b'A';
    assert_eq!(scene.answer(id, &shouted).len(), 2);
    assert_eq!(scene.answer(id, &shouted), []);
}

#[test]
fn a_server_that_knows_no_edns_may_leave_the_question_out() {
    let mut scene = Scene::new(false);
    let id = scene.ask(&question(7, Some(1_232)));
    let refusal = [0, 0, 0x81, 0x81, 0, 0, 0, 0, 0, 0, 0, 0];
    let actions = scene.answer(id, &refusal);
    assert_eq!(told(&actions[0])[..4], [0, 7, 0x81, 0x81]);
}

#[test]
fn what_is_more_than_the_asker_takes_is_cut_and_says_so() {
    let mut scene = Scene::new(false);
    for (edns, count, whole) in [
        (None, 30, true),
        (None, 31, false),
        (Some(100), 31, false),
        (Some(1_232), 75, true),
        (Some(1_232), 76, false),
    ] {
        let message = question(9, edns);
        let id = scene.ask(&message);
        let mut answer = answer_to(&message, count);
        if !whole {
            // With an OPT record of its own.
            answer[11] = 1;
            answer.extend([0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0]);
        }
        let told = told(&scene.answer(id, &answer)[0]);
        if whole {
            assert_eq!(told[2..], answer[2..], "{edns:?} {count}");
        } else {
            let mut head = answer[..24].to_vec();
            head[..3].copy_from_slice(&[0, 9, 0x83]);
            head[6..8].fill(0);
            head.extend(&answer[answer.len() - 11..]);
            assert_eq!(told, head, "{edns:?} {count}");
        }
    }
    assert_eq!(scene.tap.counts().truncated, 3);
}

#[test]
fn what_is_more_than_a_packet_takes_goes_in_fragments() {
    let mut scene = Scene::with(false, 1_280, 7);
    let message = question(9, Some(4_096));
    let id = scene.ask(&message);
    let answer = answer_to(&message, 200);
    let actions = scene.answer(id, &answer);
    let mut datagram: Vec<u8> = Vec::new();
    let packets: Vec<&Vec<u8>> = actions
        .iter()
        .filter_map(|action| match action {
            Action::Packet(packet) => Some(packet),
            _ => None,
        })
        .collect();
    for (number, packet) in packets.iter().enumerate() {
        assert!(packet.len() <= 1_280);
        assert_eq!(packet::sum(&packet[..20]), 0);
        let flags = u16::from_be_bytes([packet[6], packet[7]]);
        assert_eq!(usize::from(flags & 0x1FFF) * 8, datagram.len());
        assert_eq!(flags & 0x2000 != 0, number + 1 < packets.len());
        datagram.extend(&packet[20..]);
    }
    assert_eq!(datagram[10..], answer[2..]);
    let uid = scene.dropped(Drop::Fragment);
    let first = packets[0].clone();
    scene.packet(&first);
    assert_eq!(scene.dropped(Drop::Fragment), uid + 1);
}

#[test]
fn a_question_that_nobody_answers_ends_with_servfail_and_was_asked_all_the_same() {
    let mut scene = Scene::new(false);
    let message = question(0x0102, Some(1_232));
    let id = scene.ask(&message);
    assert_eq!(scene.tap.deadline(), Some(at(12_000).boot));
    assert_eq!(scene.tick(11_999), []);
    let actions = scene.tick(12_000);
    assert_eq!(actions[0], Action::Forget(id));
    let mut servfail = question(0x0102, None);
    servfail[2..4].copy_from_slice(&[0x81, 0x82]);
    assert_eq!(told(&actions[1]), servfail);
    assert_eq!(learnt(&actions), [(None, 0)]);
    assert_eq!(scene.answer(id, &answer_to(&message, 1)), []);
    // The front end may say so earlier.
    let id = scene.ask(&message);
    scene.tap.failed(id, at(scene.now), &mut scene.out);
    assert_eq!(told(&scene.actions()[0]), servfail);
    assert_eq!(scene.tap.counts().failed, 2);
    assert_eq!(scene.tap.pending(), 0);
}

#[test]
fn the_same_again_is_no_other_question() {
    let mut scene = Scene::new(false);
    let message = question(5, None);
    let id = scene.ask(&message);
    assert_eq!(scene.datagram(PEER, OWN, &message), []);
    assert_eq!(scene.tap.counts().retries, 1);
    // From another port, with EDNS, or once it was answered it is one.
    let elsewhere = Endpoint::new(PEER.address(), 40_001);
    assert_eq!(scene.datagram(elsewhere, OWN, &message).len(), 1);
    scene.ask(&question(5, Some(1_232)));
    scene.answer(id, &answer_to(&message, 1));
    scene.ask(&message);
}

#[test]
#[cfg_attr(miri, ignore = "thousands of packets take minutes there")]
fn no_more_questions_are_held_than_the_bound() {
    let mut scene = Scene::new(true);
    for number in 0..1_024 {
        scene.ask(&question(number, None));
    }
    assert_eq!(scene.datagram(PEER, OWN, &question(2_000, None)), []);
    assert_eq!(scene.dropped(Drop::Full), 1);
    // Answered, and their askers never told: not more are remembered either.
    for number in 0..1_024 {
        let answer = answer_to(&question(number, None), 1);
        scene.answer(QueryId::new(u64::from(number) + 1), &answer);
    }
    assert_eq!(scene.tap.unlearnt.len(), 1_024);
    let id = scene.ask(&question(1, None));
    let actions = scene.answer(id, &answer_to(&question(1, None), 1));
    assert_eq!(learnt(&actions), [(None, 1)]);
    assert_eq!(scene.tap.unlearnt.len(), 1_024);
}

#[test]
fn nothing_goes_round_in_circles() {
    let mut scene = Scene::new(false);
    let message = question(1, None);
    let other = |address: &str, port| Endpoint::new(address.parse().unwrap(), port);
    for (from, to) in [
        (OWN, OWN),
        (other("192.0.2.1", 853), OWN),
        (other("0.0.0.0", 9), OWN),
        (other("255.255.255.255", 9), OWN),
        (other("224.0.0.1", 9), OWN),
        (other("127.0.0.1", 9), OWN),
        (other("192.0.2.2", 0), OWN),
        (PEER, other("192.0.2.3", 53)),
        (PEER, other("192.0.2.3", 853)),
    ] {
        assert_eq!(scene.datagram(from, to, &message), [], "{from:?} {to:?}");
    }
    assert_eq!(scene.dropped(Drop::Address), 9);
}

#[test]
fn another_port_is_unreachable_and_the_packet_is_quoted() {
    let mut scene = Scene::new(false);
    let own = Endpoint::new(OWN.address(), 853);
    let actions = scene.datagram(PEER, own, b"hello");
    let [Action::Packet(packet)] = actions.as_slice() else {
        panic!("{actions:?}");
    };
    assert_eq!(packet[9], 1);
    assert_eq!(packet[20..22], [3, 3]);
    assert_eq!(packet::sum(&packet[20..]), 0);
    assert_eq!(packet[28..].len(), 33);
    assert_eq!(scene.dropped(Drop::Encrypted), 1);
}

#[test]
fn damaged_packets_are_not_read() {
    let mut scene = Scene::new(false);
    let mut good = Vec::new();
    scene
        .peer
        .datagram(PEER, OWN, &question(1, None), &mut |bytes| good = bytes);
    for place in 0..good.len() {
        let mut bad = good.clone();
        bad[place] ^= 0x11;
        assert_eq!(scene.packet(&bad), [], "byte {place}");
        assert_eq!(scene.packet(&good[..place]), [], "{place} bytes");
    }
    // More than the header says is not part of it.
    good.push(0);
    assert_eq!(scene.packet(&good).len(), 1);
}
