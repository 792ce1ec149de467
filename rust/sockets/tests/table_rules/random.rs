//! Random polls, hostile ones included: the same as the plain implementation tells, and what must
//! hold whatever the rows are.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use portlog_model::{
    BootTime, Change, Connection, ConnectionId, Cookie, CoverageStatus, Endpoint, Moment,
    SocketRow, SocketState, Table, Tuple,
};
use portlog_sockets::{Batch, Destroyed, OwnSocket, SocketTable, TableSettings, first_look};
use proptest::prelude::*;
use proptest::sample::select;

use crate::plain::Plain;
use crate::support::{at, end};

/// A poll: seconds since the one before, rows, the tables' state, destroy events.
type History = Vec<(u64, Vec<SocketRow>, Vec<CoverageStatus>, Vec<Event>)>;

/// A destroy event: of which row's tuple, with which cookie, how long before the poll.
type Event = (SocketRow, u64, u64);

const STATES: [SocketState; 13] = [
    SocketState::Established,
    SocketState::SynSent,
    SocketState::SynRecv,
    SocketState::FinWait1,
    SocketState::FinWait2,
    SocketState::TimeWait,
    SocketState::Close,
    SocketState::CloseWait,
    SocketState::LastAck,
    SocketState::Listen,
    SocketState::Closing,
    SocketState::NewSynRecv,
    SocketState::BoundInactive,
];

/// Few ends, few numbers: so that rows collide in every way.
fn any_row() -> impl Strategy<Value = SocketRow> {
    let ends: Vec<(Endpoint, Endpoint)> = [
        ("192.0.2.1:40000", "203.0.113.7:80"),
        ("192.0.2.1:80", "203.0.113.7:50000"),
        ("192.0.2.1:40000", "0.0.0.0:0"),
        ("0.0.0.0:40000", "0.0.0.0:0"),
        ("0.0.0.0:80", "0.0.0.0:0"),
        ("[::]:80", "[::]:0"),
        ("[2001:db8::1]:40000", "[2001:db8::2]:80"),
    ]
    .map(|(local, remote)| (end(local), end(remote)))
    .into();
    (
        select(vec![
            Table::Tcp,
            Table::Tcp,
            Table::Tcp6,
            Table::Udp,
            Table::Raw,
        ]),
        select(STATES.to_vec()),
        select(ends),
        0..2_u32,
        0..4_u64,
        0..4_u64,
    )
        .prop_map(|(table, state, (local, remote), uid, inode, cookie)| {
            let row = SocketRow::from_kernel(table, state, local, remote, uid, inode);
            SocketRow {
                cookie: Cookie::new(cookie),
                ..row
            }
        })
}

fn any_status() -> impl Strategy<Value = CoverageStatus> {
    prop_oneof![
        12 => Just(CoverageStatus::Readable),
        2 => Just(CoverageStatus::Denied),
        1 => Just(CoverageStatus::Absent),
        1 => Just(CoverageStatus::Untrusted),
    ]
}

/// Polls that repeat most of the rows of the poll before, as polls do.
fn any_history(most_events: usize) -> impl Strategy<Value = History> {
    let event = (any_row(), 0..4_u64, 0..3_000_000_000_u64);
    let poll = (
        1..12_u64,
        prop::collection::vec(any_row(), 0..5),
        prop::collection::vec(any::<prop::sample::Index>(), 0..3),
        any::<prop::sample::Index>(),
        prop::collection::vec(any_status(), Table::ALL.len()),
        prop::collection::vec(event, 0..=most_events),
    );
    prop::collection::vec(poll, 1..12).prop_map(|polls| {
        let mut rows: Vec<SocketRow> = Vec::new();
        polls
            .into_iter()
            .map(|(seconds, new, gone, turn, statuses, events)| {
                for index in gone {
                    if !rows.is_empty() {
                        let index = index.index(rows.len());
                        rows.remove(index);
                    }
                }
                for row in new {
                    let index = turn.index(rows.len() + 1);
                    rows.insert(index, row);
                }
                (seconds, rows.clone(), statuses, events)
            })
            .collect()
    })
}

fn batches(history: &History) -> Vec<(Moment, Batch)> {
    let mut seconds = 0;
    history
        .iter()
        .map(|(passed, rows, statuses, events)| {
            seconds += passed;
            let now = at(seconds);
            let mut batch = Batch::default();
            for (table, status) in Table::ALL.into_iter().zip(statuses) {
                batch.report_mut(table).status = *status;
            }
            batch.rows.extend_from_slice(rows);
            batch.report_mut(Table::Tcp).doubles = u32::try_from(seconds % 5 / 4).unwrap();
            batch.report_mut(Table::Udp).doubles = u32::try_from(seconds % 9).unwrap();
            batch
                .destroyed
                .extend(events.iter().map(|(row, cookie, ago)| Destroyed {
                    tuple: Tuple::from(row),
                    table: row.table,
                    cookie: Cookie::new(*cookie),
                    at: BootTime::from_nanos(now.boot.as_nanos().saturating_sub(*ago)),
                }));
            (now, batch)
        })
        .collect()
}

fn settings(max_connections: usize) -> TableSettings {
    TableSettings {
        max_connections,
        grace: Duration::from_secs(20),
        ..TableSettings::default()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 4 } else { 500 }))]

    #[test]
    fn the_table_tells_what_the_plain_implementation_tells(
        history in any_history(0),
        most in select(vec![4, 65_536]),
    ) {
        let mut table = SocketTable::new(settings(most));
        let mut plain = Plain::new(settings(most));
        for (now, batch) in batches(&history) {
            let mut changes = Vec::new();
            table.poll(&batch, &[], now, &mut changes);
            prop_assert_eq!(&changes, &plain.poll(&batch, now), "at {:?}", now);
            prop_assert_eq!(table.overflowed(), plain.overflowed);
            let mut tracked: Vec<_> = table.connections().copied().collect();
            tracked.sort_by_key(|connection| connection.id);
            let expected: Vec<_> = plain.connections().copied().collect();
            prop_assert_eq!(tracked, expected);
            prop_assert_eq!(table.len(), table.connections().count());
        }
    }

    #[test]
    fn a_first_look_alone_shows_what_the_table_opens(
        rows in prop::collection::vec(any_row(), 0..12),
        statuses in prop::collection::vec(any_status(), Table::ALL.len()),
        own in any::<prop::sample::Index>(),
    ) {
        let history = vec![(1, rows, statuses, Vec::new())];
        let (now, batch) = batches(&history).remove(0);
        let own: Vec<OwnSocket> = batch
            .rows
            .get(own.index(batch.rows.len().max(1)))
            .filter(|row| batch.report(row.table).is_read())
            .and_then(|row| {
                Some(OwnSocket {
                    table: row.table,
                    local: row.local,
                    remote: row.remote,
                    inode: row.inode?,
                })
            })
            .into_iter()
            .collect();
        let mut changes = Vec::new();
        SocketTable::new(settings(usize::MAX)).poll(&batch, &own, now, &mut changes);
        let mut opened: Vec<Connection> = changes
            .iter()
            .filter(|change| matches!(change, Change::Opened { .. }))
            .map(|change| *change.connection())
            .collect();
        opened.sort_by_key(|connection| (connection.table, connection.tuple(), connection.id));
        for (connection, id) in opened.iter_mut().zip(1..) {
            connection.id = ConnectionId::new(id);
        }
        let mut seen = Vec::new();
        first_look(settings(1), &batch, &own, now, |connection| seen.push(connection));
        prop_assert_eq!(seen, opened);
    }

    #[test]
    fn the_order_of_rows_and_events_says_nothing(
        history in any_history(3),
        seed in any::<u64>(),
    ) {
        let mut table = SocketTable::new(settings(6));
        let mut shuffled = SocketTable::new(settings(6));
        let mut random = seed;
        for (now, batch) in batches(&history) {
            let mut other = batch.clone();
            shuffle(&mut other.rows, &mut random);
            shuffle(&mut other.destroyed, &mut random);
            let (mut changes, mut others) = (Vec::new(), Vec::new());
            table.poll(&batch, &[], now, &mut changes);
            shuffled.poll(&other, &[], now, &mut others);
            prop_assert_eq!(changes, others);
            prop_assert!(table.connections().eq(shuffled.connections()));
        }
    }

    #[test]
    fn a_row_given_twice_is_a_row_given_once(
        history in any_history(2),
        seed in any::<u64>(),
    ) {
        let mut table = SocketTable::new(settings(65_536));
        let mut doubled = SocketTable::new(settings(65_536));
        let mut random = seed;
        for (now, batch) in batches(&history) {
            let mut other = batch.clone();
            other.rows.extend_from_within(..batch.rows.len() / 2);
            shuffle(&mut other.rows, &mut random);
            let (mut changes, mut others) = (Vec::new(), Vec::new());
            table.poll(&batch, &[], now, &mut changes);
            doubled.poll(&other, &[], now, &mut others);
            prop_assert_eq!(changes, others);
        }
    }

    #[test]
    fn every_life_is_told_in_order(history in any_history(3)) {
        let mut table = SocketTable::new(settings(6));
        let mut live: BTreeMap<ConnectionId, Tuple> = BTreeMap::new();
        let mut ids: BTreeSet<ConnectionId> = BTreeSet::new();
        for (now, batch) in batches(&history) {
            let mut changes = Vec::new();
            table.poll(&batch, &[], now, &mut changes);
            for change in &changes {
                let connection = change.connection();
                let (id, tuple) = (connection.id, connection.tuple());
                let (after, by) = match change {
                    Change::Opened { after, by, .. } => {
                        prop_assert!(ids.insert(id), "{id:?} is used twice");
                        live.insert(id, tuple);
                        (after, by)
                    }
                    Change::Changed { after, by, .. } => {
                        prop_assert_eq!(live.get(&id), Some(&tuple));
                        prop_assert!(after.is_some());
                        (after, by)
                    }
                    Change::Closed { after, by, .. } => {
                        prop_assert_eq!(live.remove(&id), Some(tuple));
                        (after, by)
                    }
                };
                prop_assert!(after.is_none_or(|after| after.boot < by.boot), "{change:?}");
                prop_assert!(by.boot <= now.boot, "{change:?}");
                prop_assert!(connection.inode.is_some() || connection.state != SocketState::Listen
                    || connection.uid.is_none());
            }
            let tracked: BTreeMap<_, _> = table
                .connections()
                .map(|connection| (connection.id, connection.tuple()))
                .collect();
            prop_assert_eq!(&tracked, &live);
            prop_assert!(table.len() <= 6);
        }
    }
}

/// A shuffle by Fisher and Yates, with the generator `splitmix64`.
pub(crate) fn shuffle<T>(items: &mut [T], random: &mut u64) {
    for index in (1..items.len()).rev() {
        items.swap(index, below(random, index + 1));
    }
}

/// A number below `limit`.
pub(crate) fn below(random: &mut u64, limit: usize) -> usize {
    *random = random.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *random;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    usize::try_from((mixed ^ (mixed >> 31)) % u64::try_from(limit).unwrap()).unwrap()
}
