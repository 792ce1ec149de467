//! The core's TCP, segment by segment.

use super::*;

/// The peer's TCP.
struct Peer {
    scene: Scene,
    port: Endpoint,
    next: u32,
    want: u32,
}

/// What came back, owned.
#[derive(Debug, Eq, PartialEq)]
struct Got {
    sequence: u32,
    acknowledgment: u32,
    flags: &'static str,
    payload: Vec<u8>,
}

impl Peer {
    fn new() -> Self {
        Self::on(Scene::new(false))
    }

    fn on(scene: Scene) -> Self {
        Self {
            scene,
            port: PEER,
            next: u32::MAX - 3,
            want: 0,
        }
    }

    fn send(&mut self, segment: &Segment<'_>) -> Vec<Action> {
        let mut packet = Vec::new();
        self.scene
            .peer
            .segment(self.port, OWN, segment, &mut |bytes| packet = bytes);
        self.scene.packet(&packet)
    }

    fn open(&mut self) {
        let syn = Segment {
            sequence: self.next,
            syn: true,
            window: 60_000,
            largest_payload: Some(1_460),
            ..Segment::default()
        };
        let got = segments(&self.send(&syn));
        // Before it, another may be reset to make room.
        let got = got.last().unwrap();
        assert_eq!(got.flags, "SA");
        assert_eq!(got.acknowledgment, self.next.wrapping_add(1));
        self.next = self.next.wrapping_add(1);
        self.want = got.sequence.wrapping_add(1);
        assert_eq!(self.data(0, &[]), []);
    }

    /// Sends data that stands `ahead` bytes after what was sent in order.
    fn data(&mut self, ahead: u32, payload: &[u8]) -> Vec<Action> {
        let segment = Segment {
            sequence: self.next.wrapping_add(ahead),
            acknowledgment: self.want,
            ack: true,
            window: 60_000,
            payload,
            ..Segment::default()
        };
        self.send(&segment)
    }

    fn fin(&mut self) -> Vec<Action> {
        let segment = Segment {
            sequence: self.next,
            acknowledgment: self.want,
            ack: true,
            fin: true,
            window: 60_000,
            ..Segment::default()
        };
        self.send(&segment)
    }
}

fn segments(actions: &[Action]) -> Vec<Got> {
    actions
        .iter()
        .filter_map(|action| match action {
            Action::Packet(bytes) => Some(bytes),
            _ => None,
        })
        .map(|bytes| {
            let packet = packet::parse(bytes).unwrap();
            let Carries::Segment(segment) = packet.carries else {
                panic!("a datagram");
            };
            let flags = match (segment.syn, segment.fin, segment.rst, segment.ack) {
                (true, _, _, true) => "SA",
                (_, true, _, true) => "FA",
                (_, _, true, _) => "R",
                (_, _, _, true) => "A",
                _ => "",
            };
            Got {
                sequence: segment.sequence,
                acknowledgment: segment.acknowledgment,
                flags,
                payload: segment.payload.to_vec(),
            }
        })
        .collect()
}

fn framed(message: &[u8]) -> Vec<u8> {
    let mut bytes = u16::try_from(message.len()).unwrap().to_be_bytes().to_vec();
    bytes.extend(message);
    bytes
}

fn queries(actions: &[Action]) -> Vec<QueryId> {
    actions
        .iter()
        .filter_map(|action| match action {
            Action::Query { id, .. } => Some(*id),
            _ => None,
        })
        .collect()
}

#[test]
fn segments_in_any_order_and_again_make_the_questions() {
    let mut peer = Peer::new();
    peer.open();
    let mut bytes = framed(&question(1, None));
    bytes.extend(framed(&question(2, None)));
    let parts: Vec<&[u8]> = bytes.chunks(13).collect();
    // The last first, and each of the others twice.
    for number in (1..parts.len()).rev() {
        let ahead = u32::try_from(number * 13).unwrap();
        for _ in 0..2 {
            let actions = peer.data(ahead, parts[number]);
            assert_eq!(queries(&actions), []);
            assert_eq!(segments(&actions)[0].acknowledgment, peer.next);
        }
    }
    // One that reaches over what is there already.
    let actions = peer.data(0, &bytes[..20]);
    assert_eq!(queries(&actions).len(), 2);
    let acknowledged = segments(&actions)[0].acknowledgment;
    assert_eq!(acknowledged.wrapping_sub(peer.next) as usize, bytes.len());
}

#[test]
fn what_is_not_acknowledged_is_sent_again_until_it_is() {
    let mut peer = Peer::new();
    peer.open();
    let message = question(1, None);
    let actions = peer.data(0, &framed(&message));
    let id = queries(&actions)[0];
    peer.next = peer
        .next
        .wrapping_add(u32::try_from(message.len()).unwrap() + 2);
    let mut answer = answer_to(&message, 200);
    let sent = segments(&peer.scene.answer(id, &answer));
    answer[..2].copy_from_slice(&message[..2]);
    let wanted = framed(&answer);
    let whole: Vec<u8> = sent.iter().flat_map(|got| got.payload.clone()).collect();
    assert_eq!(whole, wanted);
    assert!(sent.iter().all(|got| got.payload.len() <= 1_460));
    // Silence: the first again, later and later.
    let mut times = Vec::new();
    for now in (50..20_000).step_by(50) {
        for got in segments(&peer.scene.tick(now)) {
            assert_eq!((got.sequence, got.flags), (peer.want, "A"));
            times.push(now);
        }
    }
    assert_eq!(times, [300, 900, 2_100, 4_500, 9_300, 18_900]);
    // Acknowledged in part: the rest follows.
    peer.want = peer.want.wrapping_add(1_460);
    let rest = segments(&peer.data(0, &[]));
    let rest: Vec<u8> = rest.iter().flat_map(|got| got.payload.clone()).collect();
    assert_eq!(rest, wanted[1_460..]);
    peer.want = peer.want.wrapping_add(u32::try_from(rest.len()).unwrap());
    assert_eq!(peer.data(0, &[]), []);
    assert_eq!(segments(&peer.scene.tick(21_000)), []);
}

#[test]
fn a_peer_that_is_gone_is_given_up() {
    let mut peer = Peer::new();
    peer.open();
    let actions = peer.data(0, &framed(&question(1, None)));
    peer.scene
        .answer(queries(&actions)[0], &answer_to(&question(1, None), 1));
    let mut last = Vec::new();
    for now in (0..60_000).step_by(300) {
        let got = segments(&peer.scene.tick(now));
        if !got.is_empty() {
            last = got;
        }
    }
    assert_eq!(last[0].flags, "R");
    assert_eq!(peer.scene.tap.streams(), 0);
    assert_eq!(peer.scene.tap.deadline(), None);
}

#[test]
fn an_idle_connection_is_ended_in_order() {
    let mut peer = Peer::new();
    peer.open();
    assert_eq!(peer.scene.tap.deadline(), Some(at(30_000).boot));
    assert_eq!(peer.scene.tick(29_999), []);
    let got = segments(&peer.scene.tick(30_000));
    assert_eq!(got[0].flags, "FA");
    peer.want = peer.want.wrapping_add(1);
    assert_eq!(peer.data(0, &[]), []);
    let got = segments(&peer.fin());
    assert_eq!(got[0].flags, "A");
    assert_eq!(peer.scene.tap.streams(), 0);
}

#[test]
fn a_reset_counts_only_where_it_is_due() {
    let mut peer = Peer::new();
    peer.open();
    let reset = |sequence| Segment {
        sequence,
        rst: true,
        ..Segment::default()
    };
    let beside = peer.next.wrapping_add(5);
    // In the window: asked whether it is meant; outside: nothing.
    assert_eq!(segments(&peer.send(&reset(beside)))[0].flags, "A");
    let outside = peer.next.wrapping_sub(5);
    assert_eq!(peer.send(&reset(outside)), []);
    assert_eq!(peer.scene.tap.streams(), 1);
    let due = peer.next;
    assert_eq!(peer.send(&reset(due)), []);
    assert_eq!(peer.scene.tap.streams(), 0);
    // What comes after it belongs to nothing.
    assert_eq!(segments(&peer.data(0, b"late"))[0].flags, "R");
    assert_eq!(peer.scene.dropped(Drop::Stray), 1);
}

#[test]
fn an_answer_of_a_connection_never_reaches_the_next() {
    let mut peer = Peer::new();
    peer.open();
    let message = question(1, None);
    let id = queries(&peer.data(0, &framed(&message)))[0];
    let reset = Segment {
        sequence: peer.next.wrapping_add(26),
        rst: true,
        ..Segment::default()
    };
    peer.send(&reset);
    assert_eq!(peer.scene.tap.streams(), 0);
    peer.next = 77;
    peer.open();
    let actions = peer.scene.answer(id, &answer_to(&message, 1));
    assert_eq!(segments(&actions), []);
    assert_eq!(learnt(&actions), [(None, 1)]);
}

#[test]
fn a_peer_that_takes_nothing_is_asked_no_further() {
    let mut peer = Peer::new();
    peer.open();
    let mut asked = 0;
    for number in 0..100 {
        let bytes = framed(&question(number, None));
        let actions = peer.data(0, &bytes);
        let last = segments(&actions).last().unwrap().acknowledgment;
        peer.next = last;
        asked += queries(&actions).len();
    }
    assert_eq!(asked, 16, "the rest waits in the window");
}

#[test]
fn a_shut_window_is_probed_with_a_byte() {
    let mut peer = Peer::new();
    peer.open();
    let message = question(1, None);
    let bytes = framed(&message);
    let shut = Segment {
        sequence: peer.next,
        acknowledgment: peer.want,
        ack: true,
        window: 0,
        payload: &bytes,
        ..Segment::default()
    };
    let id = queries(&peer.send(&shut))[0];
    let sent = segments(&peer.scene.answer(id, &answer_to(&message, 1)));
    assert!(sent.iter().all(|got| got.payload.is_empty()), "{sent:?}");
    let probe = segments(&peer.scene.tick(300));
    assert_eq!(probe[0].payload.len(), 1);
}

#[test]
fn connections_are_bounded_and_the_idlest_makes_room() {
    let mut peer = Peer::new();
    for number in 0..70 {
        peer.scene.now = u64::from(number);
        peer.port = Endpoint::new(PEER.address(), 30_000 + number);
        peer.next = 1;
        peer.open();
    }
    assert_eq!(peer.scene.tap.streams(), 64);
    assert_eq!(peer.scene.tap.counts().streams, 70);
    assert_eq!(peer.scene.dropped(Drop::Full), 0);
}
