//! The table that turns polls into opened, changed and closed.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use portlog_model::{
    BootTime, Change, Connection, ConnectionId, Cookie, CoverageStatus, Direction, Endpoint,
    Moment, SocketRow, SocketState, Table, WallTime,
};
use portlog_sockets::{Batch, Destroyed, SocketTable, TableSettings};

/// A history of polls, five bytes a step: a row, a destroy event, or the end of a poll.
///
/// Holds: an id is new when it is opened, known when it is changed, and gone when it is closed;
/// what is open by the changes is what the table shows; times are in order; and the same history
/// with the rows of every poll in reverse gives the same changes.
pub fn polls(data: &[u8]) {
    let history = History::read(data);
    let (changes, table) = run(&history, |_| {});
    let (reversed, _) = run(&history, |batch| {
        batch.rows.reverse();
        batch.destroyed.reverse();
    });
    assert_eq!(changes, reversed, "the order of rows matters");
    drop(table);
}

/// Polls of a history, each with the time at which it was made.
struct History(Vec<(Moment, Batch)>);

impl History {
    fn read(data: &[u8]) -> Self {
        let mut polls = Vec::new();
        let mut boot = 1_000_000_000;
        let mut batch = Batch::default();
        for step in data.as_chunks::<5>().0.iter().take(MOST_STEPS) {
            match step[0] >> 6 {
                0 | 1 => batch.rows.push(row(*step)),
                2 => {
                    let row = row(*step);
                    batch.destroyed.push(Destroyed {
                        tuple: (&row).into(),
                        table: row.table,
                        cookie: row.cookie,
                        at: BootTime::from_nanos(boot + u64::from(step[4]) * 1_000_000),
                    });
                }
                _ => {
                    boot += 1_000_000_000 * (1 + u64::from(step[1]));
                    let at = Moment {
                        wall: WallTime::from_millis(i64::from(step[2]) * 1000),
                        boot: BootTime::from_nanos(boot),
                    };
                    let mut done = std::mem::take(&mut batch);
                    report(&mut done, step[3]);
                    polls.push((at, done));
                }
            }
        }
        Self(polls)
    }
}

/// Runs the history through a new table, checking after every poll.
fn run(history: &History, alter: impl Fn(&mut Batch)) -> (Vec<Change>, SocketTable) {
    let mut table = SocketTable::new(TableSettings {
        max_connections: MOST_CONNECTIONS,
        ..TableSettings::default()
    });
    let mut open: BTreeMap<ConnectionId, Connection> = BTreeMap::new();
    let mut last_id = None;
    let mut all = Vec::new();
    for (now, batch) in &history.0 {
        let mut batch = batch.clone();
        alter(&mut batch);
        let mut changes = Vec::new();
        table.poll(&batch, &[], *now, &mut changes);
        for change in &changes {
            let (Change::Opened { after, by, .. }
            | Change::Changed { after, by, .. }
            | Change::Closed { after, by, .. }) = *change;
            assert!(
                after.is_none_or(|after| after.boot <= by.boot),
                "{change:?}"
            );
            assert!(by.boot <= now.boot, "{change:?}");
            let connection = *change.connection();
            match change {
                Change::Opened { .. } => {
                    assert!(last_id < Some(connection.id), "an id that is not new");
                    last_id = Some(connection.id);
                    open.insert(connection.id, connection);
                }
                Change::Changed { .. } => {
                    let before = open.insert(connection.id, connection);
                    assert!(before.is_some(), "changed, and never opened");
                }
                Change::Closed { .. } => {
                    assert!(
                        open.remove(&connection.id).is_some(),
                        "closed, and never opened"
                    );
                }
            }
        }
        // A cookie that becomes known is kept and not told; nor is a direction that only a second
        // row of the same look gave.
        let told_of = |connection: &Connection| {
            let mut connection = *connection;
            connection.cookie = None;
            connection.direction = Direction::Unknown;
            (connection.id, connection)
        };
        let shown: BTreeMap<_, _> = table.connections().map(told_of).collect();
        let told: BTreeMap<_, _> = open.values().map(told_of).collect();
        assert_eq!(
            shown, told,
            "the table shows other connections than it told of"
        );
        assert_eq!(
            (table.len(), table.is_empty()),
            (open.len(), open.is_empty())
        );
        assert!(table.len() <= MOST_CONNECTIONS);
        all.extend(changes);
    }
    (all, table)
}

/// Bounds of a history: enough for what matters, few enough for a fuzzer.
const MOST_STEPS: usize = 400;
const MOST_CONNECTIONS: usize = 24;

/// One of a few tuples, so that they meet again.
fn row([tag, state, ends, owner, identity]: [u8; 5]) -> SocketRow {
    let table = [Table::Tcp, Table::Udp][usize::from(tag & 1)];
    let state = match table {
        // The kernel gives datagram sockets two states.
        Table::Udp if state % 2 == 1 => SocketState::Close,
        Table::Udp => SocketState::Established,
        _ => SocketState::from_kernel(state % 14).unwrap_or(SocketState::Established),
    };
    let remote = match ends & 0xC0 {
        0 => (Ipv4Addr::UNSPECIFIED, 0),
        _ => (
            Ipv4Addr::new(203, 0, 113, ends >> 6),
            80 + u16::from(ends >> 4 & 3),
        ),
    };
    let port = [80, 40_000, 40_001, 50_000][usize::from(ends & 3)] + u16::from(ends >> 2 & 3);
    let mut row = SocketRow::from_kernel(
        table,
        state,
        Endpoint::from((Ipv4Addr::new(192, 0, 2, 1), port)),
        Endpoint::from(remote),
        u32::from(owner),
        u64::from(identity & 7),
    );
    row.cookie = Cookie::new(u64::from(identity >> 4));
    row
}

/// How each table was read: two bits a table, the rows of unread ones taken out.
fn report(batch: &mut Batch, choice: u8) {
    for (table, bits) in [(Table::Tcp, choice), (Table::Udp, choice >> 2)] {
        let status = match bits & 3 {
            0 | 1 => CoverageStatus::Readable,
            2 => CoverageStatus::Denied,
            _ => CoverageStatus::Untrusted,
        };
        if status == CoverageStatus::Denied {
            batch.rows.retain(|row| row.table != table);
        }
        let rows = batch.rows.iter().filter(|row| row.table == table).count();
        let report = batch.report_mut(table);
        report.status = status;
        report.rows = u32::try_from(rows).expect("a few");
        report.truncated_at = (bits & 0x10 != 0).then_some(4096);
    }
}
