//! The codec of sock_diag: recorded dumps against what the kernel's text tables said at the same
//! time, and messages that no kernel sends. tests/captures/diag/README.md says where the bytes come
//! from.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeSet;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};

use portlog_model::{Cookie, Endpoint, SocketRow, SocketState, Table, UnknownState};
use portlog_sockets::RowError;
use portlog_sockets::diag::message::{
    ANSWER, Body, HEADER, Message, Messages, REQUEST, STATES, destroyed_socket, dump_request,
    socket_row,
};
use portlog_sockets::text::{Endian, parse_table};
use proptest::collection::vec;
use proptest::prelude::*;

fn recorded(name: &str) -> Vec<u8> {
    fs::read(folder().join(name)).unwrap()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/captures/diag/linux-6.18")
}

fn messages(bytes: &[u8]) -> Vec<Message<'_>> {
    Messages::new(bytes).map(Result::unwrap).collect()
}

/// The rows of a recorded dump, and how it ended.
fn rows(table: Table, bytes: &[u8]) -> (Vec<SocketRow>, i32) {
    let mut rows = Vec::new();
    for message in messages(bytes) {
        assert_eq!(message.sequence, 1);
        assert_ne!(message.port_id, 0);
        assert!(!message.interrupted);
        match message.body {
            Body::Socket(payload) => rows.push(socket_row(table, payload).unwrap()),
            Body::Done { errno } => return (rows, errno),
            Body::Error { .. } | Body::Other => panic!("{message:?}"),
        }
    }
    panic!("the dump has no end");
}

fn sorted(mut rows: Vec<SocketRow>) -> Vec<SocketRow> {
    rows.sort_by_key(|row| (row.local, row.remote, row.inode, row.state));
    rows
}

#[test]
fn a_recorded_dump_says_what_the_text_table_said() {
    let mut answered = Vec::new();
    for table in Table::ALL {
        let (diag, errno) = rows(table, &recorded(&format!("{table}.dump")));
        if errno != 0 {
            // This kernel has no handler for raw and ping sockets, and says so at the end.
            assert_eq!((errno, diag), (2, vec![]), "{table}");
            continue;
        }
        answered.push(table);
        let cookies: BTreeSet<_> = diag.iter().map(|row| row.cookie.unwrap().get()).collect();
        assert_eq!(cookies.len(), diag.len(), "{table}");

        let mut text = Vec::new();
        parse_table(
            table,
            Endian::Little,
            &recorded(&format!("net/{table}")),
            &mut |row| text.push(row.unwrap()),
        );
        let diag = diag.into_iter().map(|row| SocketRow {
            cookie: None,
            ..row
        });
        assert_eq!(sorted(diag.collect()), sorted(text), "{table}");
    }
    assert_eq!(answered, Table::ALL[..6]);
}

#[test]
fn a_dump_without_handler_ends_in_an_errno_and_not_in_nothing() {
    for table in ["raw", "raw6", "icmp", "icmp6"] {
        let bytes = recorded(&format!("{table}.dump"));
        let bodies: Vec<_> = messages(&bytes)
            .iter()
            .map(|message| message.body)
            .collect();
        assert_eq!(bodies, [Body::Done { errno: 2 }], "{table}");
    }
}

#[test]
fn attributes_behind_the_fixed_part_change_nothing() {
    let plain = rows(Table::Tcp6, &recorded("tcp6.dump"));
    let with = recorded("tcp6-with-extensions.dump");
    assert!(with.len() > recorded("tcp6.dump").len() * 3);
    assert_eq!(rows(Table::Tcp6, &with), plain);
}

#[test]
fn a_v4_mapped_socket_of_tcp6_is_ipv4() {
    let (rows, _) = rows(Table::Tcp6, &recorded("tcp6.dump"));
    let mapped: Vec<_> = rows
        .iter()
        .filter(|row| row.local.address().is_ipv4())
        .map(|row| format!("{} {}", row.local, row.remote))
        .collect();
    assert_eq!(mapped.len(), 2);
    for ends in [
        "198.51.100.7:40216 192.0.2.1:8080",
        "192.0.2.1:8081 198.51.100.7:40215",
    ] {
        assert!(mapped.iter().any(|found| found == ends), "{ends}");
    }
}

#[test]
fn recorded_events_name_the_sockets_that_were_dumped() {
    let known: BTreeSet<_> = [Table::Tcp, Table::Tcp6, Table::Udp, Table::Udp6]
        .into_iter()
        .flat_map(|table| rows(table, &recorded(&format!("{table}.dump"))).0)
        .map(|row| (row.table, row.local, row.cookie.unwrap().get()))
        .collect();
    let bytes = recorded("destroyed.events");
    let (mut of_dumped, mut of_others) = (BTreeSet::new(), Vec::new());
    for message in messages(&bytes) {
        assert_eq!((message.sequence, message.port_id), (0, 0));
        let Body::Socket(payload) = message.body else {
            panic!("{message:?}");
        };
        let (table, tuple, cookie) = destroyed_socket(payload).unwrap();
        let key = (table, tuple.local, cookie.unwrap().get());
        if known.contains(&key) {
            of_dumped.insert(key);
        } else {
            of_others.push(format!("{table} {} {}", tuple.local, tuple.remote));
        }
    }
    // The kernel does not speak of TIME_WAIT, and one end was still waiting in FIN_WAIT2.
    let unheard = known.difference(&of_dumped);
    let unheard: Vec<_> = unheard.map(|(_, local, _)| local.to_string()).collect();
    assert_eq!(
        unheard,
        [
            "198.51.100.7:40217",
            "198.51.100.7:40219",
            "[2001:db8::1]:40218"
        ]
    );
    // What was opened after the dump: a UDP socket without a peer, and a TCP connection that was
    // refused, which lost its local address and the peer's port on the way.
    let [udp, refused] = &of_others[..] else {
        panic!("{of_others:?}");
    };
    assert_eq!(udp, "udp6 [2001:db8::1]:40260 [::]:0");
    assert!(refused.starts_with("tcp 0.0.0.0:"), "{refused}");
    assert!(refused.ends_with(" 192.0.2.1:0"), "{refused}");
}

#[test]
fn a_request_asks_for_one_family_and_protocol() {
    for (table, family, protocol) in [
        (Table::Tcp, 2, 6),
        (Table::Tcp6, 10, 6),
        (Table::Udp, 2, 17),
        (Table::Udp6, 10, 17),
        (Table::UdpLite, 2, 136),
        (Table::UdpLite6, 10, 136),
        (Table::Raw, 2, 255),
        (Table::Raw6, 10, 255),
        (Table::Icmp, 2, 1),
        (Table::Icmp6, 10, 58),
    ] {
        let request = dump_request(table, 0x0102_0304);
        let mut expected = Vec::new();
        expected.extend(72_u32.to_ne_bytes());
        expected.extend(20_u16.to_ne_bytes());
        expected.extend(0x301_u16.to_ne_bytes());
        expected.extend(0x0102_0304_u32.to_ne_bytes());
        expected.extend(0_u32.to_ne_bytes());
        expected.extend([family, protocol, 0, 0]);
        expected.extend(STATES.to_ne_bytes());
        expected.extend([0; 48]);
        assert_eq!(expected.len(), REQUEST);
        assert_eq!(request[..], expected[..], "{table}");
    }
    for state in 1..=12 {
        assert_ne!(STATES & 1 << state, 0);
    }
}

/// A message with this payload, its length as given or as it is.
fn message(kind: u16, payload: &[u8], length: Option<u32>) -> Vec<u8> {
    let real = u32::try_from(HEADER + payload.len()).unwrap();
    let mut bytes = Vec::new();
    bytes.extend(length.unwrap_or(real).to_ne_bytes());
    bytes.extend(kind.to_ne_bytes());
    bytes.extend(2_u16.to_ne_bytes());
    bytes.extend(1_u32.to_ne_bytes());
    bytes.extend(7_u32.to_ne_bytes());
    bytes.extend(payload);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

/// `struct inet_diag_msg` with these fields, written in the order of its declaration.
fn inet_diag_msg(v6: bool, state: u8, row: &SocketRow, uid: u32, inode: u32) -> Vec<u8> {
    let mut bytes = vec![if v6 { 10 } else { 2 }, state, 0, 0];
    bytes.extend(row.local.port().to_be_bytes());
    bytes.extend(row.remote.port().to_be_bytes());
    for end in [row.local, row.remote] {
        let mut address = match end.address() {
            IpAddr::V4(address) if v6 => address.to_ipv6_mapped().octets().to_vec(),
            IpAddr::V4(address) => address.octets().to_vec(),
            IpAddr::V6(address) => address.octets().to_vec(),
        };
        address.resize(16, 0);
        bytes.extend(address);
    }
    bytes.extend(3_u32.to_ne_bytes());
    let cookie = row.cookie.map_or(0, Cookie::get);
    let low = u32::try_from(cookie & 0xFFFF_FFFF).unwrap();
    let high = u32::try_from(cookie >> 32).unwrap();
    bytes.extend(low.to_ne_bytes());
    bytes.extend(high.to_ne_bytes());
    bytes.extend([0; 12]);
    bytes.extend(uid.to_ne_bytes());
    bytes.extend(inode.to_ne_bytes());
    assert_eq!(bytes.len(), ANSWER);
    bytes
}

#[test]
fn lengths_that_lie_end_the_reading() {
    let socket = recorded("tcp.dump");
    let good = messages(&socket).len();
    for (length, error) in [
        (0, RowError::MessageLength),
        (1, RowError::MessageLength),
        (15, RowError::MessageLength),
        (4096, RowError::MessageLength),
        (u32::MAX, RowError::MessageLength),
        (u32::MAX - 2, RowError::MessageLength),
    ] {
        let mut bytes = socket.clone();
        bytes.extend(message(20, &[0; ANSWER], Some(length)));
        bytes.extend(&socket);
        let read: Vec<_> = Messages::new(&bytes).collect();
        assert_eq!(read.len(), good + 1, "{length}");
        assert_eq!(read[good], Err(error), "{length}");
    }
    // Less than a header.
    let bytes = [&socket[..], &[20, 0, 0]].concat();
    let read: Vec<_> = Messages::new(&bytes).collect();
    assert_eq!(read.last(), Some(&Err(RowError::ShortMessage)));
    assert_eq!(read.len(), good + 1);
}

#[test]
fn endings_and_refusals_are_told_apart() {
    let body = |kind, payload: &[u8]| {
        let bytes = message(kind, payload, None);
        let mut messages = Messages::new(&bytes);
        messages.next().unwrap().map(|message| match message.body {
            Body::Socket(_) => "socket".to_owned(),
            Body::Done { errno } => format!("done {errno}"),
            Body::Error { errno } => format!("error {errno}"),
            Body::Other => "other".to_owned(),
        })
    };
    assert_eq!(body(3, &0_i32.to_ne_bytes()), Ok("done 0".into()));
    assert_eq!(body(3, &(-2_i32).to_ne_bytes()), Ok("done 2".into()));
    assert_eq!(body(2, &(-1_i32).to_ne_bytes()), Ok("error 1".into()));
    assert_eq!(
        body(2, &i32::MIN.to_ne_bytes()),
        Ok(format!("error {}", i32::MAX))
    );
    assert_eq!(body(1, &[]), Ok("other".into()));
    assert_eq!(body(4, &[]), Ok("other".into()));
    // An end that does not say how it went is no end.
    assert_eq!(body(3, &[]), Err(RowError::ShortMessage));
    assert_eq!(body(2, &[0; 3]), Err(RowError::ShortMessage));
}

#[test]
fn an_answer_of_another_family_or_state_costs_itself() {
    let row = SocketRow::from_kernel(
        Table::Tcp,
        SocketState::Established,
        Endpoint::from((Ipv4Addr::new(192, 0, 2, 1), 1)),
        Endpoint::from((Ipv4Addr::new(203, 0, 113, 1), 2)),
        0,
        1,
    );
    let good = inet_diag_msg(false, 1, &row, 0, 1);
    assert_eq!(socket_row(Table::Tcp, &good), Ok(row));
    assert_eq!(socket_row(Table::Tcp6, &good), Err(RowError::Family(2)));
    assert_eq!(
        socket_row(Table::Tcp, &good[..ANSWER - 1]),
        Err(RowError::ShortMessage)
    );
    let mut other = good.clone();
    other[0] = 1;
    assert_eq!(socket_row(Table::Tcp, &other), Err(RowError::Family(1)));
    other = good.clone();
    other[1] = 0;
    assert_eq!(
        socket_row(Table::Tcp, &other),
        Err(RowError::State(UnknownState(0)))
    );
    // Raw sockets have no remote port, whatever connect() was given.
    let raw = socket_row(Table::Raw, &good).unwrap();
    assert_eq!(raw.remote.port(), 0);
    assert_eq!(raw.local.port(), 1);
}

#[test]
fn attributes_of_an_event_may_lie() {
    let row = SocketRow::from_kernel(
        Table::Tcp,
        SocketState::Close,
        Endpoint::from((Ipv4Addr::new(192, 0, 2, 1), 1)),
        Endpoint::from((Ipv4Addr::new(203, 0, 113, 1), 2)),
        0,
        0,
    );
    let fixed = inet_diag_msg(false, 7, &row, 0, 0);
    let event = |attributes: &[u8]| destroyed_socket(&[&fixed[..], attributes].concat());
    let attribute = |length: u16, kind: u16, value: &[u8]| {
        let mut bytes = length.to_ne_bytes().to_vec();
        bytes.extend(kind.to_ne_bytes());
        bytes.extend(value);
        bytes
    };
    let tcp = attribute(5, 10, &[6, 0, 0, 0]);
    assert_eq!(event(&tcp).unwrap().0, Table::Tcp);
    let udp = attribute(5, 10, &[17, 0, 0, 0]);
    assert_eq!(event(&udp).unwrap().0, Table::Udp);
    // Behind another one, nested or not, and with a flag in its type.
    for kind in [2, 0x8002, 0x3FFF] {
        let before = attribute(8, kind, &tcp[..4]);
        assert_eq!(
            event(&[before, udp.clone()].concat()).unwrap().0,
            Table::Udp
        );
    }
    let flagged = attribute(5, 0x400A, &[6, 0, 0, 0]);
    assert_eq!(event(&flagged).unwrap().0, Table::Tcp);
    for bad in [
        vec![],
        vec![5, 0],
        attribute(4, 10, &[]),
        attribute(0, 2, &tcp),
        attribute(3, 2, &tcp),
        attribute(u16::MAX, 2, &tcp),
        attribute(12, 10, &[6]),
        attribute(5, 10, &[33, 0, 0, 0]),
        attribute(5, 10, &[136, 0, 0, 0]),
    ] {
        assert_eq!(event(&bad), Err(RowError::Protocol), "{bad:?}");
    }
    assert_eq!(destroyed_socket(&fixed[..71]), Err(RowError::ShortMessage));
}

/// Reads bytes as both a dump and events, and checks that it stays within them.
fn read_all(bytes: &[u8]) {
    let mut count = 0;
    for message in Messages::new(bytes) {
        count += 1;
        let Ok(Message {
            body: Body::Socket(payload),
            ..
        }) = message
        else {
            continue;
        };
        assert!(bytes.as_ptr_range().contains(&payload.as_ptr()) || payload.is_empty());
        for table in Table::ALL {
            if let Ok(row) = socket_row(table, payload) {
                assert_eq!(row.table, table);
                assert!(row.uid.is_none() || row.inode.is_some());
            }
        }
        let _ = destroyed_socket(payload);
    }
    assert!(count <= bytes.len() / HEADER + 1);
}

#[test]
fn every_cut_and_every_changed_byte_of_a_recording_is_survived() {
    for name in ["tcp6.dump", "udp.dump", "raw.dump", "destroyed.events"] {
        let mut bytes = recorded(name);
        for end in 0..bytes.len() {
            read_all(&bytes[..end]);
        }
        for at in 0..bytes.len().min(500) {
            let before = bytes[at];
            for value in [0, 1, 3, 4, 15, 0x7F, 0x80, 0xFF] {
                bytes[at] = value;
                read_all(&bytes);
            }
            bytes[at] = before;
        }
    }
}

fn an_end(v6: bool) -> BoxedStrategy<Endpoint> {
    if v6 {
        (any::<u128>(), any::<u16>())
            .prop_map(|(address, port)| Endpoint::from((Ipv6Addr::from(address), port)))
            .boxed()
    } else {
        (any::<u32>(), any::<u16>())
            .prop_map(|(address, port)| Endpoint::from((Ipv4Addr::from(address), port)))
            .boxed()
    }
}

fn a_row() -> impl Strategy<Value = (SocketRow, u8, u32, u32)> {
    let table = prop::sample::select(Table::ALL.to_vec());
    (table, any::<bool>())
        .prop_flat_map(|(table, mapped)| {
            // Sockets of the v6 tables may have IPv4 ends, on both sides or none.
            let v6_ends = table.is_v6() && !mapped;
            (
                Just(table),
                1_u8..=13,
                an_end(v6_ends),
                an_end(v6_ends),
                any::<u32>(),
                any::<u32>(),
                any::<u64>(),
            )
        })
        .prop_map(|(table, state, local, remote, uid, inode, cookie)| {
            let remote = match table {
                Table::Raw | Table::Raw6 => Endpoint::new(remote.address(), 0),
                _ => remote,
            };
            let known = SocketState::from_kernel(state).unwrap();
            let mut row =
                SocketRow::from_kernel(table, known, local, remote, uid, u64::from(inode));
            row.cookie = Cookie::new(cookie);
            (row, state, uid, inode)
        })
}

proptest! {
    #[test]
    fn a_written_row_is_read_back(rows in vec(a_row(), 0..20), attributes in vec(any::<u8>(), 0..40)) {
        let mut bytes = Vec::new();
        for (row, state, uid, inode) in &rows {
            let mut payload = inet_diag_msg(row.table.is_v6(), *state, row, *uid, *inode);
            payload.extend(&attributes);
            bytes.extend(message(20, &payload, None));
        }
        bytes.extend(message(3, &0_i32.to_ne_bytes(), None));
        let mut read = Messages::new(&bytes);
        for (row, ..) in &rows {
            let Body::Socket(payload) = read.next().unwrap().unwrap().body else {
                panic!("not a socket");
            };
            prop_assert_eq!(socket_row(row.table, payload), Ok(*row));
        }
        prop_assert_eq!(read.next().unwrap().unwrap().body, Body::Done { errno: 0 });
        prop_assert_eq!(read.next(), None);
    }

    #[test]
    fn any_bytes_are_survived(bytes in vec(any::<u8>(), 0..400)) {
        read_all(&bytes);
    }

    #[test]
    fn a_damaged_recording_is_survived(
        damage in vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in any::<prop::sample::Index>(),
    ) {
        for name in ["tcp.dump", "tcp6-with-extensions.dump", "destroyed.events"] {
            let mut bytes = recorded(name);
            for (at, value) in &damage {
                let at = at.index(bytes.len());
                bytes[at] = *value;
            }
            bytes.truncate(cut.index(bytes.len()) + 1);
            read_all(&bytes);
        }
    }
}
