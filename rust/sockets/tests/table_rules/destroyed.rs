//! What destroy events add.

use portlog_model::CoverageStatus::Denied;
use portlog_model::SocketState::{
    Close, Established, FinWait2, LastAck, Listen, SynSent, TimeWait,
};
use portlog_model::{BootTime, Change, Direction, SocketRow, Table, Uid};

use crate::support::{
    Poll, Watched, at, brief, briefs, destroyed, listener, one, row, tcp, udp, with_cookie,
};

const APP: u32 = 10_087;

/// Half a second after `seconds`.
fn half_past(seconds: u64) -> BootTime {
    BootTime::from_nanos(seconds * 1_000_000_000 + 500_000_000)
}

fn open(cookie: u64) -> SocketRow {
    with_cookie(tcp(Established, 40_000, APP, 5), cookie)
}

#[test]
fn an_event_closes_at_once_and_at_its_time() {
    let mut watched = Watched::started();
    watched.rows(1, &[open(100)]);
    let event = destroyed(open(100), 100, half_past(1));
    let change = one(&watched.poll(2, &Poll::of(&[]).events(&[event])));
    let Change::Closed {
        connection,
        after,
        by,
    } = change
    else {
        panic!("{change:?}");
    };
    assert_eq!(after, Some(at(1)));
    assert_eq!(by.boot, half_past(1));
    assert_eq!(by.wall.as_millis(), at(1).wall.as_millis() + 500);
    assert_eq!(connection.uid, Some(Uid::new(APP)));
    assert_eq!(watched.rows(3, &[]), []);
}

#[test]
fn an_event_without_a_remote_port_closes_by_its_cookie_and_nothing_else() {
    let mut watched = Watched::started();
    watched.rows(1, &[open(100)]);
    let reset = row(Table::Tcp, Close, "0.0.0.0:40000", "203.0.113.7:0", 0, 0);
    let mine = destroyed(reset, 100, half_past(1));
    let unknown = destroyed(reset, 101, half_past(1));
    let nameless = destroyed(reset, 0, half_past(1));
    let poll = Poll::of(&[]).events(&[unknown, nameless, mine]);
    assert_eq!(briefs(&watched.poll(2, &poll)), [("closed", 1, Some(1), 1)]);
}

#[test]
fn what_is_left_of_the_socket_goes_on_as_the_same_connection() {
    let mut watched = Watched::started();
    watched.rows(1, &[open(100)]);
    let event = destroyed(open(100), 100, half_past(1));
    for left in [
        with_cookie(tcp(TimeWait, 40_000, 0, 0), 200),
        tcp(FinWait2, 40_000, 0, 0),
    ] {
        let mut watched = Watched::started();
        watched.rows(1, &[open(100)]);
        assert_eq!(
            briefs(&watched.poll(2, &Poll::of(&[left]).events(&[event]))),
            [("changed", 1, Some(1), 2)]
        );
        assert_eq!(watched.rows(3, &[left]), []);
        assert_eq!(watched.rows(4, &[]), []);
        assert_eq!(briefs(&watched.rows(5, &[])), [("closed", 1, Some(3), 4)]);
    }
}

#[test]
fn an_event_younger_than_the_rows_is_settled_by_the_next_look() {
    let event = destroyed(open(100), 100, half_past(1));
    let left = with_cookie(tcp(TimeWait, 40_000, 0, 0), 200);
    for (rows, expected) in [
        (vec![], ("closed", 1, Some(2), 2)),
        (vec![left], ("changed", 1, Some(2), 3)),
    ] {
        let mut watched = Watched::started();
        watched.rows(1, &[open(100)]);
        assert_eq!(
            watched.poll(2, &Poll::of(&[open(100)]).events(&[event])),
            []
        );
        let change = one(&watched.rows(3, &rows));
        assert_eq!(brief(&change), expected);
        if let Change::Closed { after, by, .. } = change {
            assert!(by.boot > after.unwrap().boot);
        }
        // Whether what is left ends is its own matter.
        if !rows.is_empty() {
            assert_eq!(watched.rows(4, &[]), []);
            assert_eq!(briefs(&watched.rows(5, &[])), [("closed", 1, Some(3), 4)]);
        }
    }
}

#[test]
fn an_orphan_that_is_destroyed_ends() {
    let mut watched = Watched::started();
    watched.rows(1, &[open(100)]);
    let orphan = with_cookie(tcp(LastAck, 40_000, 0, 0), 100);
    watched.rows(2, &[orphan]);
    let event = destroyed(orphan, 100, half_past(2));
    assert_eq!(
        briefs(&watched.poll(3, &Poll::of(&[]).events(&[event]))),
        [("closed", 1, Some(2), 2)]
    );
}

#[test]
fn a_connection_that_no_look_showed_opens_and_closes() {
    let mut watched = Watched::started();
    let event = destroyed(open(100), 100, half_past(0));
    let changes = watched.poll(1, &Poll::of(&[]).events(&[event, event]));
    assert_eq!(
        briefs(&changes),
        [("opened", 1, Some(0), 0), ("closed", 1, Some(0), 0)]
    );
    let connection = changes[0].connection();
    assert_eq!(connection.state, Close);
    assert_eq!(connection.uid, None);
    assert_eq!(connection.direction, Direction::Out);
    assert_eq!(connection.first_seen.boot, half_past(0));
    assert_eq!(changes[1].connection(), connection);
    assert_eq!(watched.table.len(), 0);
    // Nor is it told of again.
    assert_eq!(watched.poll(2, &Poll::of(&[]).events(&[event])), []);
}

#[test]
fn what_a_short_connection_leaves_behind_is_that_connection() {
    let mut watched = Watched::started();
    let left = with_cookie(tcp(TimeWait, 40_000, 0, 0), 200);
    let event = destroyed(open(100), 100, half_past(0));
    assert_eq!(
        briefs(&watched.poll(1, &Poll::of(&[left]).events(&[event]))),
        [("opened", 1, Some(0), 1)]
    );
    assert_eq!(watched.rows(2, &[left]), []);
    // The event of its socket may also come later, if the rows were read first.
    let mut watched = Watched::started();
    watched.rows(1, &[left]);
    assert_eq!(watched.poll(2, &Poll::of(&[left]).events(&[event])), []);
    assert_eq!(watched.table.len(), 1);
}

#[test]
fn of_two_short_connections_on_a_tuple_the_last_left_the_remnant() {
    let mut watched = Watched::started();
    let left = with_cookie(tcp(TimeWait, 40_000, 0, 0), 200);
    let first = destroyed(open(100), 100, BootTime::from_nanos(100));
    let second = destroyed(open(101), 101, BootTime::from_nanos(200));
    for events in [[first, second], [second, first]] {
        let mut watched = Watched::started();
        let changes = watched.poll(1, &Poll::of(&[left]).events(&events));
        assert_eq!(
            briefs(&changes),
            [
                ("opened", 1, Some(0), 1),
                ("opened", 2, Some(0), 0),
                ("closed", 2, Some(0), 0)
            ]
        );
        let cookie = |change: &Change| change.connection().cookie.unwrap().get();
        assert_eq!(cookie(&changes[2]), 100);
        assert_eq!(watched.only().cookie.unwrap().get(), 101);
    }
    watched.rows(1, &[]);
}

#[test]
fn another_cookie_on_the_tuple_is_another_connection() {
    let mut watched = Watched::started();
    watched.rows(1, &[open(100)]);
    let event = destroyed(open(101), 101, half_past(1));
    let changes = watched.poll(2, &Poll::of(&[open(100)]).events(&[event]));
    assert_eq!(
        briefs(&changes),
        [("opened", 2, Some(1), 1), ("closed", 2, Some(1), 1)]
    );
    assert_eq!(changes[0].connection().uid, None);
    assert_eq!(watched.table.len(), 1);
}

#[test]
fn where_a_cookie_is_missing_the_tuple_tells() {
    let mut watched = Watched::started();
    let plain = tcp(Established, 40_000, APP, 5);
    watched.rows(1, &[plain]);
    let event = destroyed(plain, 100, half_past(1));
    assert_eq!(
        briefs(&watched.poll(2, &Poll::of(&[]).events(&[event]))),
        [("closed", 1, Some(1), 1)]
    );
}

#[test]
fn an_owner_is_remembered_where_the_tuple_is_all_there_is() {
    let mut watched = Watched::started();
    let plain = tcp(Established, 40_000, APP, 5);
    watched.rows(1, &[plain]);
    watched.rows(2, &[]);
    watched.rows(3, &[]);
    let event = destroyed(plain, 100, half_past(3));
    let changes = watched.poll(4, &Poll::of(&[]).events(&[event]));
    assert_eq!(changes[0].connection().uid, Some(Uid::new(APP)));
    // The memory ends, as the port may be another's by then.
    let event = destroyed(plain, 101, half_past(99));
    let changes = watched.poll(100, &Poll::of(&[]).events(&[event]));
    assert_eq!(changes[0].connection().uid, None);
}

#[test]
fn sockets_without_a_peer_are_skipped_unless_they_are_known() {
    let mut watched = Watched::started();
    let events = [
        destroyed(listener(80, 3), 100, half_past(0)),
        destroyed(udp(53, 4), 101, half_past(0)),
        destroyed(udp(53, 4), 0, half_past(0)),
    ];
    assert_eq!(watched.poll(1, &Poll::of(&[]).events(&events)), []);

    let known = [
        with_cookie(listener(80, 3), 200),
        with_cookie(listener(80, 4), 201),
    ];
    watched.rows(2, &known);
    // Which of several without a cookie is not guessed.
    let nameless = destroyed(known[0], 0, half_past(2));
    assert_eq!(watched.poll(3, &Poll::of(&known).events(&[nameless])), []);
    let event = destroyed(known[0], 200, half_past(3));
    assert_eq!(
        briefs(&watched.poll(4, &Poll::of(&known[1..]).events(&[event]))),
        [("closed", 1, Some(3), 3)]
    );
}

#[test]
fn an_event_while_the_table_is_unreadable_waits_for_the_next_look() {
    let event = destroyed(open(100), 100, half_past(1));
    let left = with_cookie(tcp(TimeWait, 40_000, 0, 0), 200);
    for (rows, expected) in [
        (vec![], ("closed", 1, Some(1), 1)),
        (vec![left], ("changed", 1, Some(1), 3)),
    ] {
        let mut watched = Watched::started();
        watched.rows(1, &[open(100)]);
        let hidden = Poll::of(&[]).status(Table::Tcp, Denied).events(&[event]);
        assert_eq!(watched.poll(2, &hidden), []);
        assert_eq!(briefs(&watched.rows(3, &rows)), [expected]);
    }
}

#[test]
fn a_listener_makes_a_short_connection_in() {
    let mut watched = Watched::started();
    let web = with_cookie(listener(80, 3), 50);
    watched.rows(1, &[web]);
    let peer = row(Table::Tcp, Close, "192.0.2.1:80", "203.0.113.7:50000", 0, 0);
    let event = destroyed(peer, 100, half_past(1));
    let changes = watched.poll(2, &Poll::of(&[web]).events(&[event]));
    assert_eq!(changes[0].connection().direction, Direction::In);
}

#[test]
fn the_successor_of_a_destroyed_socket_is_another_connection() {
    let mut watched = Watched::started();
    watched.rows(1, &[open(100)]);
    let next = with_cookie(tcp(SynSent, 40_000, APP, 6), 101);
    let event = destroyed(open(100), 100, half_past(1));
    assert_eq!(
        briefs(&watched.poll(2, &Poll::of(&[next]).events(&[event]))),
        [("closed", 1, Some(1), 1), ("opened", 2, Some(1), 2)]
    );
    assert_ne!(watched.only().state, Listen);
}

#[test]
fn a_time_from_before_the_last_look_is_put_behind_it() {
    let mut watched = Watched::started();
    watched.rows(1, &[open(100)]);
    for (second, when) in [(2, 0), (3, u64::MAX)] {
        let event = destroyed(open(100), 100, BootTime::from_nanos(when));
        let changes = watched.poll(second, &Poll::of(&[]).events(&[event]));
        if second == 2 {
            let Change::Closed { after, by, .. } = one(&changes) else {
                panic!("{changes:?}");
            };
            assert!(by.boot > after.unwrap().boot);
        } else {
            assert_eq!(changes, []);
        }
    }
    // From the future, it is now.
    let event = destroyed(open(300), 300, BootTime::from_nanos(u64::MAX));
    let changes = watched.poll(4, &Poll::of(&[]).events(&[event]));
    assert_eq!(brief(&changes[0]), ("opened", 2, Some(3), 4));
}
