//! A poll in which nothing changed allocates nothing.
//!
//! Alone in its file: the allocator counts for the whole program.

use std::net::Ipv4Addr;

use portlog_model::{
    BootTime, Cookie, CoverageStatus, Endpoint, Inode, Moment, SocketRow, SocketState, Table,
    WallTime,
};
use portlog_sockets::{Batch, OwnSocket, SocketTable};
use portlog_tests::allocations::{Counting, by_all_threads};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn an_unchanged_poll_allocates_nothing_and_a_changed_one_does() {
    let rows = rows(3_000);
    let own = [OwnSocket {
        table: rows[4].table,
        local: rows[4].local,
        remote: rows[4].remote,
        inode: rows[4].inode.unwrap(),
    }];
    let mut backwards = rows.clone();
    backwards.reverse();
    let (mut batch, mut turned) = (readable(rows), readable(backwards));
    let mut table = SocketTable::default();
    let mut changes = Vec::new();
    table.poll(&batch, &own, at(0), &mut changes);
    assert_eq!(changes.len(), 3_000);
    changes.clear();

    let before = by_all_threads();
    for second in 1..100 {
        // In whatever order the kernel hands them out.
        std::mem::swap(&mut batch, &mut turned);
        table.poll(&batch, &own, at(second), &mut changes);
    }
    assert_eq!(by_all_threads() - before, 0);
    assert_eq!(changes, []);

    // That the count can fail: one new row is one place more.
    batch.rows.push(row(3_001));
    table.poll(&batch, &own, at(100), &mut changes);
    assert_eq!(changes.len(), 1);
    assert_ne!(by_all_threads() - before, 0);
}

fn at(seconds: u64) -> Moment {
    Moment {
        wall: WallTime::from_millis(0),
        boot: BootTime::from_nanos(seconds * 1_000_000_000),
    }
}

fn readable(rows: Vec<SocketRow>) -> Batch {
    let mut batch = Batch::default();
    batch.rows = rows;
    for table in Table::ALL {
        batch.report_mut(table).status = CoverageStatus::Readable;
    }
    batch
}

/// Of all kinds: with and without inode, peer and cookie.
fn rows(count: u32) -> Vec<SocketRow> {
    (1..=count).map(row).collect()
}

fn row(number: u32) -> SocketRow {
    let [_, _, high, low] = number.to_be_bytes();
    let local = Endpoint::from((Ipv4Addr::new(10, 0, high, low), 40_000));
    let peer = Endpoint::from((Ipv4Addr::new(203, 0, 113, 7), 80));
    let none = Endpoint::from((Ipv4Addr::UNSPECIFIED, 0));
    let (table, state, remote) = match number % 4 {
        0 => (Table::Tcp, SocketState::TimeWait, peer),
        1 => (Table::Tcp, SocketState::Established, peer),
        2 => (Table::Tcp, SocketState::Listen, none),
        _ => (Table::Udp, SocketState::Close, none),
    };
    let inode = if state == SocketState::TimeWait {
        0
    } else {
        u64::from(number)
    };
    let row = SocketRow::from_kernel(table, state, local, remote, 10_087, inode);
    assert_eq!(row.inode, Inode::new(inode));
    SocketRow {
        cookie: number
            .is_multiple_of(3)
            .then(|| Cookie::new(u64::from(number)))
            .flatten(),
        ..row
    }
}
