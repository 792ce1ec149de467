//! Frames as bytes: those of the document, back and forth, and damaged in every way.

use std::fmt::Write as _;

use portlog_model::{Endpoint, Inode, SocketRow, SocketState, Table, Uid};
use portlog_reach::channel::{FrameError, FromHelper, MAX_FRAME, ToHelper};
use proptest::prelude::*;

use crate::samples::{from_helper, to_helper};

fn bytes_of(frame: &FromHelper) -> Vec<u8> {
    let mut bytes = Vec::new();
    frame.encode(&mut bytes);
    bytes
}

/// The bytes in docs/HELPER-CHANNEL.md, which is the specification: one line for each kind.
#[test]
fn the_bytes_are_those_of_the_document() {
    let mut golden = String::new();
    let mut add = |name: &str, bytes: &[u8]| {
        write!(golden, "{name:12} ").unwrap();
        for byte in bytes {
            write!(golden, "{byte:02x}").unwrap();
        }
        golden.push('\n');
    };
    for (name, frame) in from_helper() {
        add(name, &bytes_of(&frame));
    }
    for (name, frame) in to_helper() {
        let mut bytes = Vec::new();
        frame.encode(&mut bytes);
        add(name, &bytes);
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/HELPER-CHANNEL.md");
    let document = std::fs::read_to_string(path).unwrap();
    let (before, rest) = document.split_once("```golden\n").unwrap();
    let (shown, after) = rest.split_once("```").unwrap();
    if std::env::var_os("PORTLOG_BLESS").is_some() {
        std::fs::write(path, format!("{before}```golden\n{golden}```{after}")).unwrap();
        return;
    }
    assert_eq!(shown, golden);
}

#[test]
fn every_kind_comes_back_as_it_was() {
    for (name, frame) in from_helper() {
        let bytes = bytes_of(&frame);
        assert_eq!(FromHelper::decode(&bytes), Ok(frame), "{name}");
        assert!(matches!(ToHelper::decode(&bytes), Err(FrameError::Kind(_))));
    }
    for (name, frame) in to_helper() {
        let mut bytes = Vec::new();
        frame.encode(&mut bytes);
        assert_eq!(ToHelper::decode(&bytes), Ok(frame), "{name}");
        assert!(matches!(
            FromHelper::decode(&bytes),
            Err(FrameError::Kind(_))
        ));
    }
}

#[test]
fn no_shorter_and_no_longer_one_is_a_frame() {
    for (name, frame) in from_helper() {
        let mut bytes = bytes_of(&frame);
        for len in 0..bytes.len() {
            assert!(FromHelper::decode(&bytes[..len]).is_err(), "{name} {len}");
        }
        bytes.push(0);
        let trailing = Err(FrameError::Trailing(1));
        assert_eq!(FromHelper::decode(&bytes), trailing, "{name}");
    }
    for (name, frame) in to_helper() {
        let mut bytes = Vec::new();
        frame.encode(&mut bytes);
        for len in 0..bytes.len() {
            assert!(ToHelper::decode(&bytes[..len]).is_err(), "{name} {len}");
        }
        bytes.push(0);
        assert_eq!(ToHelper::decode(&bytes), Err(FrameError::Trailing(1)));
    }
}

/// A count that the frame cannot hold is refused before anything is made for it.
#[test]
fn counts_are_within_the_frame_and_their_bounds() {
    for kind in [3_u8, 4, 7] {
        assert!(matches!(
            FromHelper::decode(&[kind, 0xFF, 0xFF]),
            Err(FrameError::TooMany(_))
        ));
        assert!(matches!(
            FromHelper::decode(&[kind, 0x20, 0]),
            Err(FrameError::CutOff(_))
        ));
    }
    assert!(matches!(
        FromHelper::decode(&[8, 1, 0xFF, 0xFF]),
        Err(FrameError::TooMany(_))
    ));
}

#[test]
fn an_address_has_one_form() {
    let row = SocketRow::from_kernel(
        Table::Tcp6,
        SocketState::Established,
        Endpoint::new("2001:db8::2".parse().unwrap(), 1),
        Endpoint::new("2001:db8::7".parse().unwrap(), 2),
        10_087,
        7,
    );
    let mut bytes = bytes_of(&FromHelper::Rows(vec![row]));
    let remote = bytes.len() - (4 + 8) - 18;
    bytes[remote..remote + 16]
        .copy_from_slice(&[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 203, 0, 113, 7]);
    assert_eq!(
        FromHelper::decode(&bytes),
        Err(FrameError::Value("an address"))
    );
}

fn any_end() -> impl Strategy<Value = Endpoint> {
    let v4 = any::<[u8; 4]>().prop_map(std::net::IpAddr::from);
    let v6 = any::<[u8; 16]>().prop_map(std::net::IpAddr::from);
    (prop_oneof![v4, v6], any::<u16>()).prop_map(|(address, port)| Endpoint::new(address, port))
}

fn any_row() -> impl Strategy<Value = SocketRow> {
    let state = (1_u8..=13).prop_map(|state| SocketState::from_kernel(state).unwrap());
    (
        prop::sample::select(Table::ALL.to_vec()),
        state,
        any_end(),
        any_end(),
        any::<Option<u32>>(),
        any::<Option<u64>>(),
        any::<u64>(),
    )
        .prop_map(
            |(table, state, local, remote, uid, inode, cookie)| SocketRow {
                table,
                state,
                local,
                remote,
                uid: uid.map(Uid::new),
                inode: inode.and_then(Inode::new),
                cookie: portlog_model::Cookie::new(cookie),
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(128) })]

    #[test]
    fn any_rows_come_back_as_they_were(rows in prop::collection::vec(any_row(), 0..200)) {
        let bytes = bytes_of(&FromHelper::Rows(rows.clone()));
        prop_assert!(bytes.len() <= MAX_FRAME);
        prop_assert_eq!(FromHelper::decode(&bytes), Ok(FromHelper::Rows(rows)));
    }

    #[test]
    fn any_bytes_are_a_frame_or_none_and_a_frame_has_one_form(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        if let Ok(frame) = FromHelper::decode(&bytes) {
            prop_assert_eq!(bytes_of(&frame), bytes.clone());
        }
        if let Ok(frame) = ToHelper::decode(&bytes) {
            let mut again = Vec::new();
            frame.encode(&mut again);
            prop_assert_eq!(again, bytes);
        }
    }

    #[test]
    fn damage_in_a_frame_is_an_error_or_another_frame_of_one_form(
        which in 0..11_usize, at in any::<prop::sample::Index>(), with in 1_u8..,
    ) {
        let mut bytes = bytes_of(&from_helper()[which].1);
        let at = at.index(bytes.len());
        bytes[at] ^= with;
        if let Ok(frame) = FromHelper::decode(&bytes) {
            prop_assert_eq!(bytes_of(&frame), bytes);
        }
    }
}
