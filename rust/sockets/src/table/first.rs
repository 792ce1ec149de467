//! What a first look alone tells, for a snapshot.
//!
//! A watch keeps what it knows in indices that only pay at the next poll. Whoever looks once needs
//! none of them: sockets that share their tuple with no other row are connections as they stand,
//! and nearly all do. Only rows that share one (and those without a peer, which may be listeners
//! and so say who began) go through a [`SocketTable`], so that there is one set of rules.

use std::net::IpAddr;

use portlog_model::{
    Change, Connection, ConnectionId, Direction, Endpoint, Moment, SocketRow, SocketState, Tuple,
};

use super::store::FIRST_GENERATION;
use super::{Round, SocketTable, TableSet, TableSettings};
use crate::{Batch, OwnSocket};

/// Gives to `each` the connections that a new [`SocketTable`] would tell to be open after its first
/// poll, in order of table and tuple and with ids of their own, at a fraction of the cost; and
/// without [`TableSettings::max_connections`], since nothing is kept.
///
/// `batch`, `own` and `now` are those of [`SocketTable::poll`]; destroy events are ignored, as what
/// is gone is not to be seen.
pub fn first_look(
    settings: TableSettings,
    batch: &Batch,
    own: &[OwnSocket],
    now: Moment,
    mut each: impl FnMut(Connection),
) {
    let (mut alone, apart) = split(batch);
    let mut table = SocketTable::new(TableSettings {
        max_connections: usize::MAX,
        ..settings
    });
    let mut changes = Vec::new();
    table.poll(&apart, own, now, &mut changes);
    let mut opened: Vec<Connection> = changes
        .iter()
        .filter(|change| matches!(change, Change::Opened { .. }))
        .map(|change| *change.connection())
        .collect();

    // Both stand in the order of their tuples.
    alone.sort_by_key(|row| row.table);
    opened.sort_by_key(|connection| connection.table);
    let mut opened = opened.into_iter().peekable();
    let mut ids = (1..).map(ConnectionId::new);
    let mut tell = |mut connection: Connection| {
        if let Some(id) = ids.next() {
            connection.id = id;
            each(connection);
        }
    };
    for row in alone {
        let place = (row.table, Tuple::from(row));
        while let Some(connection) =
            opened.next_if(|connection| (connection.table, connection.tuple()) < place)
        {
            tell(connection);
        }
        tell(connection_of(row, own, now, &table));
    }
    opened.for_each(tell);
}

/// The connection that a row which shares its tuple with no other is.
fn connection_of(
    row: &SocketRow,
    own: &[OwnSocket],
    now: Moment,
    others: &SocketTable,
) -> Connection {
    let direction = match row.state {
        SocketState::SynSent => Direction::Out,
        SocketState::SynRecv | SocketState::NewSynRecv => Direction::In,
        _ => {
            let round = Round {
                now,
                last: FIRST_GENERATION,
                this: FIRST_GENERATION,
                read: TableSet::default(),
                proven: TableSet::default(),
                listeners_hidden: TableSet::default(),
            };
            others.direction_at_opening(&round, &Tuple::from(row), row.inode, false)
        }
    };
    Connection {
        id: ConnectionId::new(0),
        table: row.table,
        state: row.state,
        direction,
        own: own.iter().any(|socket| socket.is(row)),
        practice: false,
        local: row.local,
        remote: row.remote,
        uid: row.uid,
        inode: row.inode,
        cookie: row.cookie,
        first_seen: now,
    }
}

/// The rows with a peer that share their tuple with no other, in the order of their tuples, and a
/// batch of all others that count.
fn split(batch: &Batch) -> (Vec<&SocketRow>, Batch) {
    let mut rows: Vec<(Key, &SocketRow)> = batch
        .rows
        .iter()
        .filter(|row| batch.report(row.table).is_read())
        .map(|row| (Key::of(row), row))
        .collect();
    rows.sort_unstable_by(|(one_key, one), (other_key, other)| {
        one_key
            .cmp(other_key)
            .then_with(|| Tuple::from(*one).cmp(&Tuple::from(*other)))
    });
    let mut alone = Vec::with_capacity(rows.len());
    let mut apart = batch.without_rows();
    let shared = |(one_key, one): &(Key, &SocketRow), (other_key, other): &(Key, &SocketRow)| {
        one_key == other_key && Tuple::from(*one) == Tuple::from(*other)
    };
    for rows in rows.chunk_by(shared) {
        match rows {
            [(_, row)] if !row.remote.is_unset() => alone.push(*row),
            _ => apart.rows.extend(rows.iter().map(|(_, row)| **row)),
        }
    }
    (alone, apart)
}

/// The beginning of a tuple in a form that is compared at once: all of an IPv4 tuple. Rows with
/// different keys stand in the order of their tuples; equal keys leave that open.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Key(u128);

impl Key {
    fn of(row: &SocketRow) -> Self {
        let rest = match row.local.address() {
            IpAddr::V4(_) => u128::from(beginning(&row.remote)),
            // What `beginning` left out.
            IpAddr::V6(address) => address.to_bits() << 48 >> 64,
        };
        let protocol = (row.table.protocol() as u64) << 56;
        Self(u128::from(protocol | beginning(&row.local)) << 64 | rest)
    }
}

/// The first 49 bits of an end, in its order: IPv4 before IPv6, address before port.
fn beginning(end: &Endpoint) -> u64 {
    match end.address() {
        IpAddr::V4(address) => u64::from(address.to_bits()) << 16 | u64::from(end.port()),
        IpAddr::V6(address) => {
            let [a, b, c, ..] = address.segments().map(u64::from);
            1 << 48 | a << 32 | b << 16 | c
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use portlog_model::Table;

    #[test]
    fn keys_stand_in_the_order_of_their_tuples() {
        let ends = [
            "0.0.0.0:0",
            "0.0.0.0:1",
            "192.0.2.1:80",
            "192.0.2.1:65535",
            "192.0.2.2:0",
            "255.255.255.255:65535",
            "[::]:0",
            "[2001:db8::1]:1",
            "[2001:db8::2]:0",
            "[2001:db8:1::]:0",
            "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535",
        ]
        .map(|text| {
            let end: std::net::SocketAddr = text.parse().unwrap();
            Endpoint::new(end.ip(), end.port())
        });
        let mut rows = Vec::new();
        for table in Table::ALL {
            for local in ends {
                for remote in ends {
                    rows.push(SocketRow::from_kernel(
                        table,
                        SocketState::Established,
                        local,
                        remote,
                        0,
                        1,
                    ));
                }
            }
        }
        for one in &rows {
            for other in &rows {
                let keys = Key::of(one).cmp(&Key::of(other));
                assert!(
                    keys.is_eq() || keys == Tuple::from(one).cmp(&Tuple::from(other)),
                    "{one:?} {other:?}"
                );
            }
        }
    }
}
