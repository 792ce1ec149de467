//! Captures made byte by byte, as their formats are specified, and a log that is laid beside them.

use std::collections::BTreeSet;
use std::io::Read;
use std::net::{IpAddr, SocketAddr};

use etherparse::{EtherType, PacketBuilder};
use portlog_model::Endpoint;
use proptest::prelude::*;

use super::flow::{Hosts, Transport};
use super::{
    Capture, Corroboration, Flow, Logged, Settings, Testified, pair, read_pcap, read_zeek,
};

/// 2026-05-04T13:45:00Z.
const T0: i64 = 1_777_902_300_000;
const PHONE: &str = "192.0.2.23";

fn hosts() -> Hosts {
    BTreeSet::from([PHONE.parse().unwrap(), "2001:db8::23".parse().unwrap()])
}

fn end(text: &str) -> Endpoint {
    let end: SocketAddr = text.parse().unwrap();
    Endpoint::new(end.ip(), end.port())
}

#[derive(Clone, Copy)]
enum What {
    Syn,
    SynAck,
    Ack,
    Fin,
    Udp,
}

/// An IP packet.
fn packet(from: &str, to: &str, what: What) -> Vec<u8> {
    let (from, to): (SocketAddr, SocketAddr) = (from.parse().unwrap(), to.parse().unwrap());
    let ip = match (from.ip(), to.ip()) {
        (IpAddr::V4(from), IpAddr::V4(to)) => PacketBuilder::ipv4(from.octets(), to.octets(), 64),
        (IpAddr::V6(from), IpAddr::V6(to)) => PacketBuilder::ipv6(from.octets(), to.octets(), 64),
        _ => panic!("two families"),
    };
    let mut bytes = Vec::new();
    if let What::Udp = what {
        let udp = ip.udp(from.port(), to.port());
        udp.write(&mut bytes, b"hello").unwrap();
        return bytes;
    }
    let tcp = ip.tcp(from.port(), to.port(), 1, 1_000);
    let tcp = match what {
        What::Syn => tcp.syn(),
        What::SynAck => tcp.syn().ack(1),
        What::Fin => tcp.fin().ack(1),
        What::Ack | What::Udp => tcp.ack(1),
    };
    tcp.write(&mut bytes, b"").unwrap();
    bytes
}

/// A pcap file (<https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap-05.html>).
fn pcap(linktype: u32, packets: &[(i64, Vec<u8>)]) -> Vec<u8> {
    let mut file = Vec::new();
    file.extend(0xa1b2_c3d4_u32.to_le_bytes());
    file.extend([2, 0, 4, 0]);
    file.extend([0; 8]);
    file.extend(262_144_u32.to_le_bytes());
    file.extend(linktype.to_le_bytes());
    for (millis, data) in packets {
        let length = u32::try_from(data.len()).unwrap();
        file.extend(u32::try_from(millis / 1_000).unwrap().to_le_bytes());
        let micros = u32::try_from(millis % 1_000 * 1_000).unwrap();
        file.extend(micros.to_le_bytes());
        file.extend(length.to_le_bytes());
        file.extend(length.to_le_bytes());
        file.extend(data);
    }
    file
}

/// A pcapng file with one interface that counts nanoseconds
/// (<https://www.ietf.org/archive/id/draft-ietf-opsawg-pcapng-03.html>).
fn pcapng(linktype: u16, packets: &[(i64, Vec<u8>)]) -> Vec<u8> {
    fn block(file: &mut Vec<u8>, kind: u32, body: &[u8]) {
        let padding = body.len().next_multiple_of(4) - body.len();
        let length = u32::try_from(12 + body.len() + padding).unwrap();
        file.extend(kind.to_le_bytes());
        file.extend(length.to_le_bytes());
        file.extend(body);
        file.extend(vec![0; padding]);
        file.extend(length.to_le_bytes());
    }
    let mut file = Vec::new();
    let mut section = 0x1a2b_3c4d_u32.to_le_bytes().to_vec();
    section.extend([1, 0, 0, 0]);
    section.extend(u64::MAX.to_le_bytes());
    block(&mut file, 0x0a0d_0d0a, &section);
    let mut interface = linktype.to_le_bytes().to_vec();
    interface.extend([0, 0, 0, 0, 4, 0]);
    // if_tsresol: 10^-9.
    interface.extend([9, 0, 1, 0, 9, 0, 0, 0]);
    interface.extend([0; 4]);
    block(&mut file, 1, &interface);
    for (millis, data) in packets {
        let nanos = u64::try_from(*millis).unwrap() * 1_000_000;
        let length = u32::try_from(data.len()).unwrap();
        let mut body = 0_u32.to_le_bytes().to_vec();
        body.extend(u32::try_from(nanos >> 32).unwrap().to_le_bytes());
        body.extend(u32::try_from(nanos & 0xffff_ffff).unwrap().to_le_bytes());
        body.extend(length.to_le_bytes());
        body.extend(length.to_le_bytes());
        body.extend(data);
        block(&mut file, 6, &body);
    }
    file
}

fn conversation() -> Vec<(i64, Vec<u8>)> {
    let (phone, host) = ("192.0.2.23:40000", "203.0.113.5:443");
    vec![
        (T0, packet(phone, host, What::Syn)),
        (T0 + 20, packet(host, phone, What::SynAck)),
        (T0 + 21, packet(phone, host, What::Ack)),
        (T0 + 5_000, packet(phone, host, What::Fin)),
        (
            T0 + 6_000,
            packet("192.0.2.99:1", "203.0.113.5:443", What::Syn),
        ),
        (
            T0 + 7_000,
            packet("[2001:db8::23]:5", "[2001:db8:1::9]:53", What::Udp),
        ),
        // The same ends again, after they were done with each other.
        (T0 + 9_000, packet(phone, host, What::Syn)),
    ]
}

fn flow(transport: Transport, ends: [&str; 2], first: i64, last: i64, began: bool) -> Flow {
    Flow {
        transport,
        local: end(ends[0]),
        remote: end(ends[1]),
        first,
        last,
        began,
    }
}

fn expected() -> Vec<Flow> {
    let tcp = ["192.0.2.23:40000", "203.0.113.5:443"];
    let udp = ["[2001:db8::23]:5", "[2001:db8:1::9]:53"];
    vec![
        flow(Transport::Tcp, tcp, T0, T0 + 5_000, true),
        flow(Transport::Udp, udp, T0 + 7_000, T0 + 7_000, false),
        flow(Transport::Tcp, tcp, T0 + 9_000, T0 + 9_000, true),
    ]
}

/// The packet behind the header of its link.
fn framed(linktype: u32, data: &[u8]) -> Vec<u8> {
    let is_v6 = data[0] >> 4 == 6;
    let ether_type = if is_v6 {
        EtherType::IPV6
    } else {
        EtherType::IPV4
    };
    let number = ether_type.0.to_be_bytes();
    let mut frame = match linktype {
        1 => [&[2; 12][..], &number].concat(),
        0 => vec![if is_v6 { 30 } else { 2 }, 0, 0, 0],
        113 => [&[0; 14][..], &number].concat(),
        276 => [&number[..], &[0; 18]].concat(),
        101 => Vec::new(),
        other => panic!("link type {other}"),
    };
    frame.extend(data);
    frame
}

#[test]
fn flows_are_the_same_behind_every_link_and_in_both_formats() {
    for linktype in [0, 1, 101, 113, 276] {
        let packets: Vec<_> = conversation()
            .iter()
            .map(|(at, data)| (*at, framed(linktype, data)))
            .collect();
        let short = u16::try_from(linktype).unwrap();
        for file in [pcap(linktype, &packets), pcapng(short, &packets)] {
            let capture = read_pcap(&file[..], &hosts()).unwrap();
            assert_eq!(capture.flows, expected(), "link type {linktype}");
            assert_eq!(capture.period, Some((T0, T0 + 9_000)));
            assert_eq!(capture.counts.records, 7);
            assert_eq!(capture.counts.of_others, 1);
            assert_eq!(capture.counts.unreadable, 0);
            assert_eq!(capture.cut, None);
        }
    }
}

struct Trickle<'a>(&'a [u8]);

impl Read for Trickle<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let some = into.len().min(61);
        self.0.read(&mut into[..some])
    }
}

#[test]
fn a_capture_that_ends_within_a_packet_counts_up_to_there() {
    let whole = pcap(101, &conversation());
    // As from a pipe, which gives little at a time.
    let pipe = Trickle(&whole[..whole.len() - 3]);
    let capture = read_pcap(pipe, &hosts()).unwrap();
    assert_eq!(capture.flows, expected()[..2]);
    assert!(capture.cut.unwrap().contains("not whole"));
    assert!(read_pcap(&b"GIF89a and so on, not a capture"[..], &hosts()).is_err());
    assert!(read_pcap(&b""[..], &hosts()).is_err());
}

#[test]
fn a_vlan_tag_and_a_short_snapshot_hide_nothing_of_the_ends() {
    let mut tagged = vec![2; 12];
    tagged.extend([0x81, 0, 0, 7, 8, 0]);
    tagged.extend(packet("192.0.2.23:40000", "203.0.113.5:443", What::Syn));
    let mut short = framed(1, &packet("192.0.2.23:6", "203.0.113.5:9", What::Udp));
    short.truncate(14 + 28);
    let file = pcap(1, &[(T0, tagged), (T0 + 1, short)]);
    let capture = read_pcap(&file[..], &hosts()).unwrap();
    let remotes: Vec<String> = capture
        .flows
        .iter()
        .map(|flow| flow.remote.to_string())
        .collect();
    assert_eq!(remotes, ["203.0.113.5:443", "203.0.113.5:9"]);
}

#[test]
fn what_names_no_ends_is_counted_and_said() {
    let mut fragment = packet("192.0.2.23:6", "203.0.113.5:9", What::Udp);
    // Fragment offset 8 bytes, and the header's checksum is not looked at.
    fragment[7] = 1;
    let mut icmp = Vec::new();
    PacketBuilder::ipv4([192, 0, 2, 23], [203, 0, 113, 5], 64)
        .icmpv4_echo_request(1, 1)
        .write(&mut icmp, b"")
        .unwrap();
    let file = pcap(101, &[(T0, fragment), (T0, icmp), (T0, vec![0x45])]);
    let capture = read_pcap(&file[..], &hosts()).unwrap();
    assert_eq!(capture.flows, []);
    let counts = &capture.counts;
    assert_eq!((counts.records, counts.fragments), (3, 1));
    assert_eq!((counts.other_protocols, counts.unreadable), (1, 1));
}

const ZEEK: &str = "\
#separator \\x09
#path\tconn
#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice\tduration\torig_bytes\tresp_bytes\tconn_state\thistory
#types\ttime\tstring\taddr\tport\taddr\tport\tenum\tstring\tinterval\tcount\tcount\tstring\tstring
1777902300.000000\tC1\t192.0.2.23\t40000\t203.0.113.5\t443\ttcp\tssl\t5.000123\t1\t1\tSF\tShADadFf
1777902306.000000\tC2\t192.0.2.99\t1\t203.0.113.5\t443\ttcp\t-\t-\t-\t-\tS0\tS
1777902307.000900\tC3\t2001:db8::23\t5\t2001:db8:1::9\t53\tudp\tdns\t-\t5\t0\tS0\tD
1777902308.0\tC4\t192.0.2.23\t8\t203.0.113.5\t0\ticmp\t-\t-\t-\t-\tOTH\t-
1777902309.000000\tC5\t192.0.2.23\t40000\t203.0.113.5\t443\ttcp\t-\t9e-06\t1\t1\tS1\tSh
nonsense
#close\t2026-05-04-14-00-00
";

#[test]
fn zeek_says_the_same_as_the_packets() {
    let capture = read_zeek(ZEEK.as_bytes(), &hosts()).unwrap();
    assert_eq!(capture.flows, expected());
    let counts = &capture.counts;
    assert_eq!((counts.records, counts.of_others), (6, 1));
    assert_eq!((counts.other_protocols, counts.unreadable), (1, 1));

    let json = r#"{"ts":1777902300.000000,"uid":"C1","id.orig_h":"192.0.2.23","id.orig_p":40000,"id.resp_h":"203.0.113.5","id.resp_p":443,"proto":"tcp","duration":5.000123,"conn_state":"SF","history":"ShADadFf"}
{"ts":"2026-05-04T13:45:07.000900Z","id.orig_h":"2001:db8::23","id.orig_p":5,"id.resp_h":"2001:db8:1::9","id.resp_p":53,"proto":"udp","history":"D"}
{"ts":1777902309.0,"id.orig_h":"192.0.2.23","id.orig_p":40000,"id.resp_h":"203.0.113.5","id.resp_p":443,"proto":"tcp","duration":9e-06,"history":"Sh"}
{"ts":"soon","id.orig_h":"192.0.2.23"}
"#;
    let capture = read_zeek(json.as_bytes(), &hosts()).unwrap();
    assert_eq!(capture.flows, expected());
    assert_eq!(capture.counts.unreadable, 1);
}

#[test]
fn what_is_no_conn_log_is_refused_with_its_line() {
    for (text, said) in [
        ("", "empty"),
        ("hello\n", "line 1"),
        ("#fields\tts\tuid\n", "id.orig_h"),
    ] {
        let error = format!("{:#}", read_zeek(text.as_bytes(), &hosts()).unwrap_err());
        assert!(error.contains(said), "{error}");
    }
}

fn logged(entry: u64, ends: [&str; 2], after: Option<i64>, by: i64, gone: Option<i64>) -> Logged {
    Logged {
        entry,
        transport: Transport::Tcp,
        local: Some(end(ends[0])),
        remote: end(ends[1]),
        after: after.map(|after| T0 + after),
        by: T0 + by,
        gone: gone.map(|gone| T0 + gone),
        owner: None,
        uid: None,
    }
}

fn log(connections: Vec<Logged>) -> Testified {
    Testified {
        connections,
        looked: vec![(T0 - 60_000, T0 + 60_000)],
        ..Testified::default()
    }
}

fn capture(flows: Vec<Flow>) -> Capture {
    Capture {
        flows,
        period: Some((T0 - 60_000, T0 + 60_000)),
        ..Capture::default()
    }
}

fn tcp(ends: [&str; 2], first: i64, last: i64) -> Flow {
    flow(Transport::Tcp, ends, T0 + first, T0 + last, true)
}

const SETTINGS: Settings = Settings {
    tolerance: 500,
    shift: 0,
    with_local: true,
    v4: true,
    v6: true,
};

fn places(result: &Corroboration) -> [usize; 4] {
    [
        result.confirmed.len(),
        result.wrong_time.len(),
        result.only_log.len(),
        result.only_capture.len(),
    ]
}

const A: [&str; 2] = ["192.0.2.23:1000", "203.0.113.5:443"];
const B: [&str; 2] = ["192.0.2.23:1001", "203.0.113.5:443"];
const C: [&str; 2] = ["192.0.2.23:1002", "203.0.113.6:443"];

#[test]
fn each_is_confirmed_missed_or_alone() {
    let log = log(vec![
        logged(1, A, Some(0), 1_000, Some(9_000)),
        logged(2, B, Some(4_000), 5_000, None),
    ]);
    let capture = capture(vec![tcp(A, 700, 8_500), tcp(C, 2_000, 2_100)]);
    let result = pair(&log, &capture, &SETTINGS);
    assert_eq!(places(&result), [1, 0, 1, 1]);
    assert_eq!(result.only_log, [1]);
    assert_eq!(result.missed(), (1, 2));
    assert_eq!(result.mistimed(), (0, 1));
    assert_eq!(result.clock_ahead, Some(200));
}

#[test]
fn a_beginning_outside_the_looks_between_which_it_fell_is_a_wrong_time() {
    let one = logged(1, A, Some(0), 1_000, Some(9_000));
    for (first, off) in [(700, 0), (1_500, 0), (1_501, 501), (-500, 0), (-501, -501)] {
        let capture = capture(vec![tcp(A, first, 8_500)]);
        let result = pair(&log(vec![one.clone()]), &capture, &SETTINGS);
        let pairs = result.confirmed.iter().chain(&result.wrong_time);
        let found: Vec<i64> = pairs.map(|pair| pair.off).collect();
        assert_eq!(found, [off], "{first}");
        assert_eq!(result.wrong_time.len(), usize::from(off != 0));
    }
    // Where the beginning was not captured, or was before the first look, nothing is wrong.
    let mut joined = tcp(A, 5_000, 8_500);
    joined.began = false;
    let result = pair(&log(vec![one]), &capture(vec![joined]), &SETTINGS);
    assert_eq!(places(&result), [1, 0, 0, 0]);
    let before = logged(1, A, None, 1_000, None);
    let result = pair(
        &log(vec![before]),
        &capture(vec![tcp(A, -50_000, 100)]),
        &SETTINGS,
    );
    assert_eq!(places(&result), [1, 0, 0, 0]);
}

#[test]
fn a_clock_that_is_an_hour_off_is_seen_and_can_be_put_right() {
    let hour = 3_600_000;
    let log = log(vec![
        logged(1, A, Some(0), 1_000, Some(9_000)),
        logged(2, C, Some(4_000), 5_000, Some(6_000)),
    ]);
    let mut seen = capture(vec![
        tcp(A, 500 + hour, 8_500 + hour),
        tcp(C, 4_500 + hour, 5_900 + hour),
    ]);
    seen.period = Some((T0 + hour - 60_000, T0 + hour + 60_000));
    let result = pair(&log, &seen, &SETTINGS);
    assert_eq!(places(&result), [0, 2, 0, 0]);
    assert_eq!(result.mistimed(), (2, 2));
    let shifted = Settings {
        shift: -hour,
        ..SETTINGS
    };
    assert_eq!(places(&pair(&log, &seen, &shifted)), [2, 0, 0, 0]);
}

#[test]
fn without_the_phones_ends_times_decide_which_is_which() {
    let mut first = logged(1, A, Some(0), 1_000, Some(2_000));
    let mut second = logged(2, B, Some(10_000), 11_000, Some(12_000));
    (first.local, second.local) = (None, None);
    let nat = |port: &'static str, first| tcp([port, "203.0.113.5:443"], first, first + 500);
    let seen = capture(vec![
        nat("198.51.100.1:7001", 10_600),
        nat("198.51.100.1:7000", 600),
        nat("198.51.100.1:7002", 30_000),
    ]);
    for with_local in [true, false] {
        let settings = Settings {
            with_local,
            ..SETTINGS
        };
        let result = pair(&log(vec![first.clone(), second.clone()]), &seen, &settings);
        let pairs: Vec<_> = result
            .confirmed
            .iter()
            .map(|pair| (pair.logged, pair.flow))
            .collect();
        assert_eq!(pairs, [(0, 1), (1, 0)]);
        assert_eq!(places(&result), [2, 0, 0, 1]);
    }
}

#[test]
fn what_only_one_of_them_could_see_is_counted_and_not_judged() {
    let mut testified = log(vec![
        logged(1, A, Some(100_000), 101_000, None),
        logged(
            2,
            ["[2001:db8::23]:9", "[2001:db8:1::9]:443"],
            Some(0),
            1,
            None,
        ),
    ]);
    testified.unconnected = vec![(5_353, T0, Some(T0 + 1_000))];
    let mdns = |first| {
        let ends = ["192.0.2.23:5353", "203.0.113.251:5353"];
        flow(Transport::Udp, ends, T0 + first, T0 + first, false)
    };
    let seen = capture(vec![tcp(C, -70_000, -65_000), mdns(500), mdns(5_000)]);
    let settings = Settings {
        v6: false,
        ..SETTINGS
    };
    let result = pair(&testified, &seen, &settings);
    assert_eq!(places(&result), [0, 0, 0, 1]);
    assert_eq!((result.logged_outside, result.other_family), (1, 1));
    assert_eq!((result.captured_outside, result.unconnected), (1, 1));
}

proptest! {
    // Each reader brings a buffer of its own.
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn nothing_panics_and_everything_is_counted(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let mut file = pcap(101, &[]);
        file.extend(&bytes);
        for file in [&bytes, &file] {
            if let Ok(capture) = read_pcap(&file[..], &hosts()) {
                let counts = capture.counts;
                let sorted = counts.of_others + counts.other_protocols + counts.fragments
                    + counts.unreadable;
                prop_assert!(sorted <= counts.records);
            }
        }
        let _ = read_zeek(&bytes[..], &hosts());
    }

}

proptest! {
    #[test]
    fn each_connection_and_each_flow_is_told_once(
        logs in prop::collection::vec((0_u8..3, 0_i64..20_000, 0_i64..3_000, prop::option::of(0_i64..9_000)), 0..20),
        flows in prop::collection::vec((0_u8..3, 0_i64..20_000, 0_i64..9_000), 0..20),
        with_local: bool,
    ) {
        let ends = |which| [A, B, C][usize::from(which)];
        let log = log(logs.iter().map(|&(which, after, span, gone)| {
            logged(0, ends(which), Some(after), after + span, gone.map(|gone| after + span + gone))
        }).collect());
        let capture = capture(flows.iter().map(|&(which, first, span)| tcp(ends(which), first, first + span)).collect());
        let result = pair(&log, &capture, &Settings { with_local, ..SETTINGS });
        let both = result.confirmed.len() + result.wrong_time.len();
        let outside = usize::try_from(result.logged_outside + result.other_family).unwrap();
        prop_assert_eq!(both + result.only_log.len() + outside, logs.len());
        let outside = usize::try_from(result.captured_outside + result.unconnected).unwrap();
        prop_assert_eq!(both + result.only_capture.len() + outside, flows.len());
    }
}
