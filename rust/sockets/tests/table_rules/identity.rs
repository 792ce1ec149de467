//! Which connection a row is.

use portlog_model::SocketState::{
    Close, Established, FinWait1, FinWait2, Listen, SynRecv, SynSent, TimeWait,
};
use portlog_model::{Change, Inode, SocketState, Table, Uid};
use portlog_sockets::{OwnSocket, SocketTable, TableSettings};

use crate::support::{
    Poll, Watched, at, brief, briefs, end, listener, one, row, tcp, udp, with_cookie,
};

const APP: u32 = 10_087;

#[test]
fn the_first_look_opens_what_is_there_with_no_time_before() {
    let mut watched = Watched::default();
    let change = one(&watched.rows(7, &[tcp(Established, 40_000, APP, 5)]));
    assert_eq!(brief(&change), ("opened", 1, None, 7));
    assert_eq!(change.connection().uid, Some(Uid::new(APP)));
    assert_eq!(change.connection().first_seen, at(7));
    assert_eq!(watched.rows(8, &[tcp(Established, 40_000, APP, 5)]), []);
    assert_eq!(watched.table.len(), 1);
    assert!(!watched.table.is_empty());
}

#[test]
fn a_closed_connection_stays_the_same_and_keeps_its_owner() {
    let mut watched = Watched::started();
    watched.rows(1, &[tcp(Established, 40_000, APP, 5)]);
    for (second, state) in [(2, FinWait1), (3, FinWait2), (4, TimeWait)] {
        let change = one(&watched.rows(second, &[tcp(state, 40_000, 0, 0)]));
        assert_eq!(brief(&change), ("changed", 1, Some(second - 1), second));
        let connection = change.connection();
        assert_eq!(connection.state, state);
        assert_eq!(connection.uid, Some(Uid::new(APP)));
        assert_eq!(connection.inode, Inode::new(5));
    }
    assert_eq!(watched.rows(5, &[tcp(TimeWait, 40_000, 0, 0)]), []);
}

#[test]
fn a_changed_connection_tells_the_state_before() {
    let mut watched = Watched::started();
    watched.rows(1, &[tcp(SynSent, 40_000, APP, 5)]);
    let change = one(&watched.rows(2, &[tcp(Established, 40_000, APP, 5)]));
    let Change::Changed {
        was, connection, ..
    } = change
    else {
        panic!("{change:?}");
    };
    assert_eq!((was, connection.state), (SynSent, Established));
}

#[test]
fn a_connection_that_is_accepted_gains_inode_and_owner() {
    let mut watched = Watched::started();
    let web = listener(80, 3);
    let peer = |state, uid, inode| {
        row(
            Table::Tcp,
            state,
            "192.0.2.1:80",
            "203.0.113.7:50000",
            uid,
            inode,
        )
    };
    watched.rows(1, &[web, peer(SynRecv, 0, 0)]);
    assert_eq!(
        briefs(&watched.rows(2, &[web, peer(Established, 0, 0)])),
        [("changed", 2, Some(1), 2)]
    );
    let change = one(&watched.rows(3, &[web, peer(Established, APP, 9)]));
    assert_eq!(brief(&change), ("changed", 2, Some(2), 3));
    assert_eq!(change.connection().uid, Some(Uid::new(APP)));
    assert_eq!(change.connection().inode, Inode::new(9));
}

#[test]
fn another_inode_on_the_tuple_is_another_connection() {
    let mut watched = Watched::started();
    watched.rows(1, &[tcp(Established, 40_000, APP, 5)]);
    let changes = watched.rows(2, &[tcp(Established, 40_000, APP + 1, 6)]);
    assert_eq!(
        briefs(&changes),
        [("closed", 1, Some(1), 2), ("opened", 2, Some(1), 2)]
    );
    assert_eq!(watched.only().uid, Some(Uid::new(APP + 1)));
}

#[test]
fn a_connection_that_waits_after_its_end_does_not_come_back() {
    let mut watched = Watched::default();
    watched.rows(1, &[tcp(TimeWait, 40_000, 0, 0)]);
    let changes = watched.rows(2, &[tcp(SynSent, 40_000, APP, 6)]);
    assert_eq!(
        briefs(&changes),
        [("closed", 1, Some(1), 2), ("opened", 2, Some(1), 2)]
    );
}

#[test]
fn another_owner_of_the_same_inode_is_a_change() {
    let mut watched = Watched::started();
    watched.rows(1, &[tcp(Established, 40_000, APP, 5)]);
    let change = one(&watched.rows(2, &[tcp(Established, 40_000, APP + 1, 5)]));
    assert_eq!(brief(&change), ("changed", 1, Some(1), 2));
    assert_eq!(change.connection().uid, Some(Uid::new(APP + 1)));
}

#[test]
fn sockets_that_share_a_tuple_live_side_by_side() {
    let mut watched = Watched::started();
    let all = [
        listener(80, 3),
        listener(80, 4),
        udp(5_353, 7),
        udp(5_353, 8),
        udp(5_353, 9),
    ];
    assert_eq!(watched.rows(1, &all).len(), 5);
    assert_eq!(watched.rows(2, &all), []);
    assert_eq!(watched.table.listeners().count(), 5);

    // One missed, another new: neither a reason to close the missed one at once.
    let without = [all[0], all[2], all[3], all[4], listener(80, 10)];
    assert_eq!(
        briefs(&watched.rows(3, &without)),
        [("opened", 6, Some(2), 3)]
    );
    assert_eq!(
        briefs(&watched.rows(4, &without)),
        [("closed", 2, Some(2), 3)]
    );
}

#[test]
fn doubles_and_rows_read_twice_are_one_connection() {
    let mut watched = Watched::started();
    let open = tcp(Established, 40_000, APP, 5);
    let closed = tcp(TimeWait, 40_000, 0, 0);
    for rows in [
        vec![open, open],
        vec![open, open, open],
        vec![open, closed],
        vec![closed, closed, open],
    ] {
        let changes = watched.rows(1, &rows);
        assert!(
            changes
                .iter()
                .all(|change| change.connection().id.get() == 1),
            "{rows:?}: {changes:?}"
        );
        assert_eq!(watched.table.len(), 1, "{rows:?}");
    }
    // Of a row read twice the later state holds.
    assert_eq!(watched.only().state, TimeWait);
    assert_eq!(watched.only().inode, Inode::new(5));
}

#[test]
fn what_is_left_of_one_and_its_successor_are_told_apart_in_one_look() {
    let mut watched = Watched::started();
    watched.rows(1, &[tcp(Established, 40_000, APP, 5)]);
    let rows = [
        tcp(TimeWait, 40_000, 0, 0),
        tcp(Established, 40_000, APP + 1, 6),
    ];
    for (second, rows) in [(2, rows), (3, [rows[1], rows[0]])] {
        watched.rows(second, &rows);
        let mut states: Vec<(Option<Uid>, SocketState)> = watched
            .table
            .connections()
            .map(|connection| (connection.uid, connection.state))
            .collect();
        states.sort();
        assert_eq!(
            states,
            [
                (Some(Uid::new(APP)), TimeWait),
                (Some(Uid::new(APP + 1)), Established)
            ]
        );
    }
}

#[test]
fn a_v4_mapped_row_is_the_tuple_it_stands_for() {
    let mut watched = Watched::started();
    let six = row(
        Table::Tcp6,
        Established,
        "[::ffff:192.0.2.1]:40000",
        "[::ffff:203.0.113.7]:80",
        APP,
        5,
    );
    watched.rows(1, &[six]);
    let four = tcp(TimeWait, 40_000, 0, 0);
    assert_eq!(
        briefs(&watched.rows(2, &[four])),
        [("changed", 1, Some(1), 2)]
    );
    assert_eq!(watched.only().table, Table::Tcp);
    // The table it stands in now is the one whose looks count.
    watched.rows(3, &[]);
    assert_eq!(briefs(&watched.rows(4, &[])), [("closed", 1, Some(2), 3)]);
}

#[test]
fn what_is_left_of_a_closed_socket_has_a_cookie_of_its_own() {
    let mut watched = Watched::started();
    watched.rows(1, &[with_cookie(tcp(Established, 40_000, APP, 5), 100)]);
    let left = with_cookie(tcp(TimeWait, 40_000, 0, 0), 200);
    assert_eq!(
        briefs(&watched.rows(2, &[left])),
        [("changed", 1, Some(1), 2)]
    );
    assert_eq!(watched.rows(3, &[left]), []);
    // Another remnant is that of another connection, whose owner is not this one's for certain, but
    // of the same tuple.
    let other = with_cookie(tcp(TimeWait, 40_000, 0, 0), 201);
    assert_eq!(
        briefs(&watched.rows(4, &[other])),
        [("closed", 1, Some(3), 4), ("opened", 2, Some(3), 4)]
    );
}

#[test]
fn another_cookie_with_the_same_inode_is_another_connection() {
    let mut watched = Watched::started();
    watched.rows(1, &[with_cookie(udp(5_353, 5), 100)]);
    let changes = watched.rows(2, &[with_cookie(udp(5_353, 5), 101)]);
    assert_eq!(
        briefs(&changes),
        [("closed", 1, Some(1), 2), ("opened", 2, Some(1), 2)]
    );
}

#[test]
fn a_cookie_that_one_source_tells_and_another_does_not_splits_nothing() {
    let mut watched = Watched::started();
    let plain = tcp(Established, 40_000, APP, 5);
    watched.rows(1, &[plain]);
    assert_eq!(watched.rows(2, &[with_cookie(plain, 100)]), []);
    assert_eq!(watched.rows(3, &[plain]), []);
    assert_eq!(
        watched.only().cookie.map(portlog_model::Cookie::get),
        Some(100)
    );
}

#[test]
fn an_owner_is_remembered_for_what_the_kernel_still_shows_of_a_closed_connection() {
    let mut watched = Watched::started();
    watched.rows(1, &[tcp(Established, 40_000, APP, 5)]);
    watched.rows(2, &[]);
    watched.rows(3, &[]);
    let change = one(&watched.rows(4, &[tcp(TimeWait, 40_000, 0, 0)]));
    assert_eq!(brief(&change), ("opened", 2, Some(3), 4));
    assert_eq!(change.connection().uid, Some(Uid::new(APP)));

    // A minute later the port may be another's.
    watched.rows(5, &[]);
    watched.rows(6, &[]);
    let change = one(&watched.rows(70, &[tcp(TimeWait, 40_000, 0, 0)]));
    assert_eq!(change.connection().uid, None);
}

#[test]
fn a_request_is_not_given_the_owner_of_an_earlier_connection() {
    let mut watched = Watched::started();
    watched.rows(1, &[tcp(Established, 80, APP, 5)]);
    watched.rows(2, &[]);
    watched.rows(3, &[]);
    let change = one(&watched.rows(4, &[tcp(SynRecv, 80, 0, 0)]));
    assert_eq!(change.connection().uid, None);
}

#[test]
fn own_sockets_are_known_by_tuple_and_inode() {
    let mut watched = Watched::started();
    let mine = udp(40_000, 5);
    let own = OwnSocket {
        table: mine.table,
        local: mine.local,
        remote: mine.remote,
        inode: Inode::new(5).unwrap(),
    };
    let rows = [mine, udp(40_000, 6), udp(40_001, 5)];
    let changes = watched.poll(1, &Poll::of(&rows).own(&[own]));
    let owns: Vec<bool> = changes
        .iter()
        .map(|change| change.connection().own)
        .collect();
    assert_eq!(owns, [true, false, false]);

    // One that is told later is marked, and stays so when it is no longer told.
    let later = OwnSocket {
        inode: Inode::new(6).unwrap(),
        ..own
    };
    watched.poll(2, &Poll::of(&rows).own(&[own, later]));
    watched.poll(3, &Poll::of(&rows));
    let owns: Vec<bool> = watched
        .table
        .connections()
        .map(|connection| connection.own)
        .collect();
    assert_eq!(owns, [true, true, false]);
}

#[test]
fn listeners_are_a_view_of_their_own() {
    let mut watched = Watched::started();
    let peer = row(
        Table::Udp,
        Established,
        "192.0.2.1:40000",
        "203.0.113.7:53",
        APP,
        9,
    );
    watched.rows(
        1,
        &[
            listener(80, 3),
            tcp(Established, 40_000, APP, 5),
            udp(5_353, 7),
            peer,
        ],
    );
    let mut ports: Vec<u16> = watched
        .table
        .listeners()
        .map(|connection| connection.local.port())
        .collect();
    ports.sort_unstable();
    assert_eq!(ports, [80, 5_353]);
}

#[test]
fn more_than_are_allowed_are_counted_and_not_tracked() {
    let mut watched = Watched::with(TableSettings {
        max_connections: 100,
        ..TableSettings::default()
    });
    let rows: Vec<_> = (0..1_000)
        .map(|number| tcp(Established, 1_000 + number, APP, 1 + u64::from(number)))
        .collect();
    for second in 0..3 {
        let changes = watched.rows(second, &rows);
        assert_eq!(changes.len(), if second == 0 { 100 } else { 0 });
        assert_eq!(watched.table.len(), 100);
        assert_eq!(watched.table.overflowed(), 900);
    }
    // Places that become free are taken.
    watched.rows(3, &rows[50..]);
    watched.rows(4, &rows[50..]);
    assert_eq!(watched.rows(5, &rows[50..]).len(), 50);
    assert_eq!(watched.table.overflowed(), 850);
    watched.rows(6, &rows[..10]);
    assert_eq!(watched.table.overflowed(), 10);
}

#[test]
fn a_table_that_tracks_nothing_is_no_fault() {
    let mut watched = Watched::with(TableSettings {
        max_connections: 0,
        ..TableSettings::default()
    });
    assert_eq!(watched.rows(0, &[listener(80, 3)]), []);
    assert_eq!(watched.table.overflowed(), 1);
}

#[test]
fn ids_are_not_used_again_after_a_reset() {
    let mut watched = Watched::started();
    watched.rows(1, &[listener(80, 3)]);
    watched.table.reset();
    assert!(watched.table.is_empty());
    let change = one(&watched.rows(2, &[listener(80, 3)]));
    assert_eq!(brief(&change), ("opened", 2, None, 2));
}

#[test]
fn rows_of_a_table_that_was_not_read_do_not_count() {
    let mut watched = Watched::default();
    let poll = Poll::of(&[udp(53, 1)]).status(Table::Udp, portlog_model::CoverageStatus::Denied);
    assert_eq!(watched.poll(1, &poll), []);
    assert_eq!(watched.table.len(), 0);
}

#[test]
fn ten_thousand_sockets_on_one_tuple_are_no_trouble() {
    // Would be fifty million comparisons a poll if each searched among the others.
    let mut table = SocketTable::default();
    let rows: Vec<_> = (1..=10_000).map(|inode| udp(5_353, inode)).collect();
    let mut changes = Vec::new();
    table.poll(&Poll::of(&rows).batch, &[], at(0), &mut changes);
    assert_eq!(changes.len(), 10_000);
    for second in 1..=2 {
        table.poll(&Poll::of(&[]).batch, &[], at(second), &mut changes);
    }
    assert_eq!(changes.len(), 20_000);
    assert!(table.is_empty());
}

#[test]
fn endpoints_without_a_state_of_tcp_have_no_order_of_states() {
    let mut watched = Watched::started();
    let raw = |state| row(Table::Raw, state, "192.0.2.1:1", "203.0.113.7:0", 0, 0);
    watched.rows(1, &[raw(Close)]);
    assert_eq!(
        briefs(&watched.rows(2, &[raw(Established)])),
        [("changed", 1, Some(1), 2)]
    );
    assert_eq!(watched.only().local, end("192.0.2.1:1"));
    assert_ne!(watched.only().state, Listen);
}
