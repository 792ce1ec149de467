//! The messages of sock_diag.

use std::net::IpAddr;

use portlog_model::{Cookie, Endpoint, Inode, SocketRow, SocketState, Table, Uid};
use portlog_sockets::diag::message::{
    ANSWER, Body, HEADER, Messages, destroyed_socket, socket_row,
};

/// The bytes of one receive. The first byte chooses the table that was asked for.
///
/// Holds: every message lies within the bytes and behind the one before, a message that cannot be
/// split ends them, and a good row written as the kernel writes it reads the same again.
pub fn diag(data: &[u8]) {
    let [choice, received @ ..] = data else {
        return;
    };
    let table = Table::ALL[usize::from(*choice) % Table::ALL.len()];
    let mut left = received.len();
    let mut ended = false;
    for message in Messages::new(received) {
        assert!(!ended, "a message behind one that could not be split");
        let Ok(message) = message else {
            ended = true;
            continue;
        };
        let Body::Socket(payload) = message.body else {
            left = left
                .checked_sub(HEADER + 4 * usize::from(has_errno(message.body)))
                .expect("messages take more bytes than were received");
            continue;
        };
        left = left
            .checked_sub(HEADER + payload.len())
            .expect("messages take more bytes than were received");
        if let Ok(row) = socket_row(table, payload) {
            assert!(payload.len() >= ANSWER);
            assert_eq!(row.table, table);
            assert!(row.uid.is_none() || row.inode.is_some());
            assert_eq!(socket_row(table, &written(&row)), Ok(row));
        }
        if let Ok((table, tuple, _)) = destroyed_socket(payload) {
            assert_eq!(tuple.protocol, table.protocol());
            if !table.is_v6() {
                assert!(tuple.local.address().is_ipv4() && tuple.remote.address().is_ipv4());
            }
        }
    }
}

fn has_errno(body: Body<'_>) -> bool {
    matches!(body, Body::Done { .. } | Body::Error { .. })
}

/// The row as `struct inet_diag_msg`.
fn written(row: &SocketRow) -> Vec<u8> {
    let state = (1..=0x7F)
        .find(|raw| SocketState::from_kernel(*raw) == Ok(row.state))
        .expect("every state has a number");
    let (local, remote) = (
        address(row.table, row.local),
        address(row.table, row.remote),
    );
    let cookie = row.cookie.map_or(0, Cookie::get);
    let [low, high] = [cookie & 0xFFFF_FFFF, cookie >> 32]
        .map(|half| u32::try_from(half).expect("half of a cookie").to_ne_bytes());
    let uid = match (row.uid, row.inode) {
        (Some(uid), _) => uid.get(),
        (None, Some(_)) => u32::MAX,
        (None, None) => 0,
    };
    let inode = u32::try_from(row.inode.map_or(0, Inode::get)).expect("sock_diag has 32 bits");
    [
        &[if row.table.is_v6() { 10 } else { 2 }, state, 0, 0][..],
        &row.local.port().to_be_bytes(),
        &row.remote.port().to_be_bytes(),
        &local,
        &remote,
        &[0; 4],
        &low,
        &high,
        &[0; 12],
        &Uid::new(uid).get().to_ne_bytes(),
        &inode.to_ne_bytes(),
    ]
    .concat()
}

fn address(table: Table, end: Endpoint) -> [u8; 16] {
    match end.address() {
        IpAddr::V4(address) if table.is_v6() => address.to_ipv6_mapped().octets(),
        IpAddr::V4(address) => {
            let [a, b, c, d] = address.octets();
            [a, b, c, d, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        }
        IpAddr::V6(address) => address.octets(),
    }
}
