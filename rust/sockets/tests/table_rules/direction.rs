//! Who began.

use portlog_model::CoverageStatus::{Absent, Denied};
use portlog_model::Direction::{self, In, Out, Unknown};
use portlog_model::SocketState::{Close, Established, Listen, SynRecv, SynSent, TimeWait};
use portlog_model::{Change, SocketRow, SocketState, Table};
use portlog_sockets::TableSettings;

use crate::support::{Poll, Watched, listener, one, row, tcp, udp};

fn direction(changes: &[Change]) -> Direction {
    one(changes).connection().direction
}

fn listen(table: Table, local: &str, remote: &str) -> SocketRow {
    row(table, Listen, local, remote, 0, 3)
}

fn accepted(table: Table, local: &str, remote: &str) -> SocketRow {
    row(table, Established, local, remote, 0, 9)
}

#[test]
fn syn_sent_is_out_even_at_the_first_look_and_later() {
    let mut watched = Watched::default();
    assert_eq!(direction(&watched.rows(1, &[tcp(SynSent, 80, 0, 5)])), Out);
    assert_eq!(
        direction(&watched.rows(2, &[tcp(Established, 80, 0, 5)])),
        Out
    );
    // Both began at once.
    let mut watched = Watched::default();
    watched.rows(1, &[tcp(SynSent, 80, 0, 5)]);
    assert_eq!(direction(&watched.rows(2, &[tcp(SynRecv, 80, 0, 5)])), Out);
}

#[test]
fn syn_sent_outweighs_a_listener_on_the_port() {
    let mut watched = Watched::started();
    watched.rows(1, &[listener(40_000, 3)]);
    assert_eq!(
        direction(&watched.rows(2, &[listener(40_000, 3), tcp(SynSent, 40_000, 0, 5)])),
        Out
    );
}

#[test]
fn a_request_is_in_and_stays_so() {
    let mut watched = Watched::started();
    assert_eq!(
        direction(&watched.rows(1, &[tcp(SynRecv, 40_000, 0, 0)])),
        In
    );
    assert_eq!(
        direction(&watched.rows(2, &[tcp(Established, 40_000, 0, 5)])),
        In
    );
    // Read twice within one look.
    let mut watched = Watched::started();
    let rows = [tcp(SynRecv, 40_000, 0, 0), tcp(Established, 40_000, 0, 5)];
    assert_eq!(direction(&watched.rows(1, &rows)), In);
}

#[test]
fn what_is_seen_to_open_from_an_ephemeral_port_is_out() {
    let mut watched = Watched::started();
    assert_eq!(
        direction(&watched.rows(1, &[tcp(Established, 40_000, 0, 5)])),
        Out
    );
    assert_eq!(
        direction(&watched.rows(
            2,
            &[
                tcp(Established, 40_000, 0, 5),
                tcp(Established, 2_000, 0, 6)
            ]
        )),
        Unknown
    );
}

#[test]
fn what_was_there_at_the_first_look_is_unknown_and_stays_so() {
    let mut watched = Watched::default();
    assert_eq!(
        direction(&watched.rows(1, &[tcp(Established, 40_000, 0, 5)])),
        Unknown
    );
    assert_eq!(
        direction(&watched.rows(2, &[tcp(TimeWait, 40_000, 0, 0)])),
        Unknown
    );
}

#[test]
fn the_range_of_ephemeral_ports_is_a_setting() {
    let mut watched = Watched::with(TableSettings {
        ephemeral_ports: 1_024..=4_999,
        ..TableSettings::default()
    });
    watched.rows(0, &[]);
    assert_eq!(
        direction(&watched.rows(1, &[tcp(Established, 2_000, 0, 5)])),
        Out
    );
    assert_eq!(
        direction(&watched.rows(
            2,
            &[
                tcp(Established, 2_000, 0, 5),
                tcp(Established, 40_000, 0, 6)
            ]
        )),
        Unknown
    );
}

#[test]
fn a_listener_of_the_same_poll_counts_wherever_its_row_stands() {
    let web = listener(80, 3);
    let peer = accepted(Table::Tcp, "192.0.2.1:80", "203.0.113.7:50000");
    for rows in [[web, peer], [peer, web]] {
        let mut watched = Watched::default();
        let changes = watched.rows(1, &rows);
        let peers = changes
            .iter()
            .find(|change| change.connection().state == Established);
        assert_eq!(peers.unwrap().connection().direction, In);
    }
}

#[test]
fn which_listeners_take_which_connections() {
    let four = accepted(Table::Tcp, "192.0.2.1:40000", "203.0.113.7:50000");
    let mapped = accepted(
        Table::Tcp6,
        "[::ffff:192.0.2.1]:40000",
        "[::ffff:203.0.113.7]:50000",
    );
    let six = accepted(Table::Tcp6, "[2001:db8::1]:40000", "[2001:db8::2]:50000");
    let any_four = listen(Table::Tcp, "0.0.0.0:40000", "0.0.0.0:0");
    let any_six = listen(Table::Tcp6, "[::]:40000", "[::]:0");
    let bound_four = listen(Table::Tcp, "192.0.2.1:40000", "0.0.0.0:0");
    let bound_mapped = listen(Table::Tcp6, "[::ffff:192.0.2.1]:40000", "[::]:0");
    let bound_six = listen(Table::Tcp6, "[2001:db8::1]:40000", "[::]:0");
    let other_address = listen(Table::Tcp, "192.0.2.2:40000", "0.0.0.0:0");
    let other_port = listen(Table::Tcp, "0.0.0.0:40001", "0.0.0.0:0");
    let udp_port = udp(40_000, 3);
    for (listener, connection, expected) in [
        (any_four, four, In),
        (any_four, mapped, In),
        (any_four, six, Unknown),
        (any_six, four, In),
        (any_six, mapped, In),
        (any_six, six, In),
        (bound_four, four, In),
        (bound_mapped, four, In),
        (bound_mapped, mapped, In),
        (bound_six, six, In),
        (bound_six, four, Unknown),
        // A listener on the port at another address did not take it, but the port is not a client's.
        (other_address, four, Unknown),
        (other_port, four, Out),
        (udp_port, four, Out),
    ] {
        let mut watched = Watched::started();
        watched.rows(1, &[listener]);
        assert_eq!(
            direction(&watched.rows(2, &[listener, connection])),
            expected,
            "{listener:?} {connection:?}"
        );
    }
}

#[test]
fn a_listener_that_is_gone() {
    let gone = |port: u16, polls: u64| {
        let mut watched = Watched::started();
        watched.rows(1, &[listener(port, 3)]);
        for poll in 0..polls {
            watched.rows(2 + poll, &[]);
        }
        direction(&watched.rows(9, &[tcp(Established, port, 0, 5)]))
    };
    // It was there at the look before: it may have taken the connection and gone.
    assert_eq!(gone(40_000, 0), In);
    // The kernel may have given the port to a client since.
    assert_eq!(gone(40_000, 5), Unknown);
    // Nobody is given such a port without asking.
    assert_eq!(gone(8_080, 5), In);
}

#[test]
fn a_listener_that_comes_later_says_nothing() {
    let mut watched = Watched::started();
    let old = tcp(Established, 40_000, 0, 5);
    watched.rows(1, &[old]);
    watched.rows(2, &[old, listener(40_000, 3)]);
    let connection = watched
        .table
        .connections()
        .find(|connection| connection.state == Established)
        .copied();
    assert_eq!(connection.unwrap().direction, Out);
}

#[test]
fn a_socket_that_becomes_a_listener_counts() {
    let mut watched = Watched::started();
    let bound = |state: SocketState| row(Table::Tcp, state, "0.0.0.0:8080", "0.0.0.0:0", 0, 3);
    watched.rows(1, &[bound(SocketState::BoundInactive)]);
    watched.rows(2, &[bound(Listen)]);
    watched.rows(3, &[]);
    watched.rows(4, &[]);
    assert_eq!(
        direction(&watched.rows(5, &[tcp(Established, 8_080, 0, 5)])),
        In
    );
}

#[test]
fn datagram_sockets_with_a_peer_have_a_direction_too() {
    let peer = |local: &str| row(Table::Udp, Established, local, "203.0.113.7:53", 10_087, 9);
    let mut watched = Watched::started();
    assert_eq!(direction(&watched.rows(1, &[peer("192.0.2.1:40000")])), Out);
    let mut watched = Watched::started();
    watched.rows(1, &[udp(40_000, 3)]);
    assert_eq!(
        direction(&watched.rows(2, &[udp(40_000, 3), peer("192.0.2.1:40000")])),
        In
    );
    // The same socket, bound first and connected then, was contacted by nobody.
    let mut watched = Watched::started();
    watched.rows(1, &[udp(40_000, 9)]);
    assert_eq!(
        direction(&watched.rows(2, &[peer("192.0.2.1:40000")])),
        Unknown
    );
}

#[test]
fn what_has_no_peer_or_no_port_has_no_direction() {
    let mut watched = Watched::started();
    assert_eq!(direction(&watched.rows(1, &[udp(40_000, 3)])), Unknown);
    for table in [Table::Raw, Table::Icmp] {
        let mut watched = Watched::started();
        let all = row(table, Close, "0.0.0.0:40000", "0.0.0.0:0", 0, 3);
        let peer = row(table, Established, "192.0.2.1:40000", "203.0.113.7:0", 0, 5);
        watched.rows(1, &[all]);
        assert_eq!(direction(&watched.rows(2, &[all, peer])), Unknown);
    }
}

#[test]
fn a_table_that_is_hidden_may_hide_a_listener() {
    let connection = tcp(Established, 40_000, 0, 5);
    let six = accepted(Table::Tcp6, "[2001:db8::1]:40000", "[2001:db8::2]:50000");
    for (table, status, row, expected) in [
        (Table::Tcp6, Denied, connection, Unknown),
        // This kernel has no IPv6.
        (Table::Tcp6, Absent, connection, Out),
        (Table::Udp6, Denied, connection, Out),
        // No IPv4 socket listens for IPv6.
        (Table::Tcp, Denied, six, Out),
    ] {
        let mut watched = Watched::started();
        watched.poll(1, &Poll::of(&[]).status(table, status));
        let poll = Poll::of(&[row]).status(table, status);
        assert_eq!(
            direction(&watched.poll(2, &poll)),
            expected,
            "{table:?} {status:?}"
        );
    }
}
