//! When a connection counts as closed.

use std::time::Duration;

use portlog_model::CoverageStatus::{Absent, Denied, Readable, Untrusted};
use portlog_model::Direction;
use portlog_model::SocketState::Established;
use portlog_model::{SocketRow, Table};
use portlog_sockets::TableSettings;

use crate::support::{Poll, Watched, brief, briefs, one, tcp, udp};

fn connection() -> SocketRow {
    tcp(Established, 40_000, 10_087, 5)
}

#[test]
fn one_absence_is_nothing_and_two_close_as_of_the_first() {
    let mut watched = Watched::started();
    watched.rows(1, &[connection()]);
    assert_eq!(watched.rows(2, &[connection()]), []);
    assert_eq!(watched.rows(3, &[]), []);
    assert_eq!(watched.table.len(), 1);
    let change = one(&watched.rows(4, &[]));
    assert_eq!(brief(&change), ("closed", 1, Some(2), 3));
    assert_eq!(watched.table.len(), 0);
}

#[test]
fn a_missed_row_that_comes_back_starts_again() {
    let mut watched = Watched::started();
    watched.rows(1, &[connection()]);
    for second in 0..10 {
        assert_eq!(watched.rows(2 + 2 * second, &[]), []);
        assert_eq!(watched.rows(3 + 2 * second, &[connection()]), []);
    }
}

#[test]
fn a_change_after_a_missed_look_is_since_the_last_one_that_showed_it() {
    let mut watched = Watched::started();
    watched.rows(1, &[connection()]);
    watched.rows(2, &[]);
    let closed = tcp(portlog_model::SocketState::TimeWait, 40_000, 0, 0);
    assert_eq!(
        briefs(&watched.rows(3, &[closed])),
        [("changed", 1, Some(1), 3)]
    );
}

#[test]
fn the_number_of_absences_is_a_setting() {
    for (setting, expected) in [(0, 1), (1, 1), (3, 3)] {
        let mut watched = Watched::with(TableSettings {
            absences_to_close: setting,
            ..TableSettings::default()
        });
        watched.rows(1, &[connection()]);
        let mut polls = 0;
        let closed = loop {
            polls += 1;
            let changes = watched.rows(1 + polls, &[]);
            if !changes.is_empty() {
                break changes;
            }
        };
        assert_eq!(polls, expected);
        assert_eq!(briefs(&closed), [("closed", 1, Some(1), 2)]);
    }
}

#[test]
fn where_looks_are_known_to_miss_rows_it_takes_more_of_them() {
    let closes_after = |watched: &mut Watched, from: u64| {
        (0..9).find(|poll| !watched.rows(from + poll, &[]).is_empty())
    };
    // A row that came back.
    let mut watched = Watched::started();
    watched.rows(1, &[connection()]);
    watched.rows(2, &[]);
    watched.rows(3, &[connection()]);
    assert_eq!(closes_after(&mut watched, 4), Some(2));
    // Forgotten after a while.
    for second in 10..80 {
        watched.rows(second, &[connection()]);
    }
    assert_eq!(closes_after(&mut watched, 80), Some(1));

    // Rows that came twice, and the limit.
    for (doubles, most, polls) in [(0, 6, 1), (8, 6, 2), (64, 6, 3), (999, 6, 5), (999, 3, 2)] {
        let mut watched = Watched::with(TableSettings {
            most_absences: most,
            ..TableSettings::default()
        });
        let mut poll = Poll::of(&[connection(), udp(53, 7)]);
        poll.batch.report_mut(Table::Tcp).doubles = doubles;
        watched.poll(1, &poll);
        poll = Poll::of(&[]);
        let mut told = Vec::new();
        for second in 2..10 {
            told.extend(watched.poll(second, &poll));
            if second == 3 {
                assert!(
                    told.iter()
                        .any(|change| change.connection().table == Table::Udp)
                );
            }
            if second == 2 + polls {
                assert_eq!(told.len(), 2, "{doubles} {most}");
            }
        }
        // Later told, but as of the same look.
        assert!(
            briefs(&told)
                .iter()
                .all(|(_, _, after, by)| (*after, *by) == (Some(1), 2))
        );
    }
}

#[test]
fn a_table_that_vanishes_closes_nothing_within_the_grace() {
    let mut watched = Watched::started();
    let rows = [connection(), udp(53, 7)];
    watched.rows(1, &rows);
    for (second, status) in [(2, Denied), (20, Absent), (31, Denied)] {
        let poll = Poll::of(&[udp(53, 7)]).status(Table::Tcp, status);
        assert_eq!(watched.poll(second, &poll), []);
        assert_eq!(watched.table.len(), 2);
    }
    assert_eq!(watched.rows(32, &rows), []);
    // What came meanwhile was seen to open, if not when.
    let more = [rows[0], rows[1], tcp(Established, 40_001, 10_087, 6)];
    let poll = Poll::of(&[udp(53, 7)]).status(Table::Tcp, Denied);
    watched.poll(33, &poll);
    assert_eq!(
        briefs(&watched.rows(34, &more)),
        [("opened", 3, Some(32), 34)]
    );
}

#[test]
fn a_table_that_stays_away_closes_its_own_and_the_next_look_is_a_first_one() {
    let mut watched = Watched::started();
    let rows = [connection(), udp(53, 7)];
    watched.rows(1, &rows);
    let gone = Poll::of(&[udp(53, 7)]).status(Table::Tcp, Denied);
    watched.poll(2, &gone);
    assert_eq!(watched.poll(31, &gone), []);
    assert_eq!(
        briefs(&watched.poll(32, &gone)),
        [("closed", 1, Some(1), 32)]
    );
    assert_eq!(watched.poll(33, &gone), []);
    assert_eq!(watched.table.len(), 1);

    let change = one(&watched.rows(34, &rows));
    assert_eq!(brief(&change), ("opened", 3, None, 34));
    assert_eq!(change.connection().direction, Direction::Unknown);
}

#[test]
fn unreadable_looks_between_absences_do_not_count() {
    let mut watched = Watched::started();
    watched.rows(1, &[connection()]);
    watched.rows(2, &[]);
    for second in 3..10 {
        let poll = Poll::of(&[]).status(Table::Tcp, Denied);
        assert_eq!(watched.poll(second, &poll), []);
    }
    assert_eq!(briefs(&watched.rows(10, &[])), [("closed", 1, Some(1), 2)]);
}

#[test]
fn a_table_that_is_not_trusted_or_cut_off_proves_no_absence() {
    let untrusted = Poll::of(&[]).status(Table::Tcp, Untrusted);
    let mut cut = Poll::of(&[]).status(Table::Tcp, Readable);
    cut.batch.report_mut(Table::Tcp).truncated_at = Some(1 << 20);
    for poll in [untrusted, cut] {
        let mut watched = Watched::started();
        watched.rows(1, &[connection()]);
        for second in 2..=31 {
            assert_eq!(watched.poll(second, &poll), []);
        }
        // Not for ever, though.
        assert_eq!(
            briefs(&watched.poll(32, &poll)),
            [("closed", 1, Some(1), 32)]
        );
        // Its rows are real, but not known to be new.
        let mut back = poll.clone();
        back.batch.rows.push(connection());
        assert_eq!(briefs(&watched.poll(33, &back)), [("opened", 2, None, 33)]);
        assert_eq!(watched.rows(34, &[connection()]), []);
    }
}

#[test]
fn the_grace_is_measured_by_the_clock_that_counts_sleep() {
    let mut watched = Watched::with(TableSettings {
        grace: Duration::from_secs(5),
        ..TableSettings::default()
    });
    watched.rows(1, &[connection()]);
    let gone = Poll::of(&[]).status(Table::Tcp, Denied);
    // Asleep for an hour between two good looks: no look failed.
    assert_eq!(watched.rows(3_600, &[connection()]), []);
    assert_eq!(watched.poll(3_601, &gone), []);
    assert_eq!(
        briefs(&watched.poll(7_200, &gone)),
        [("closed", 1, Some(3_600), 7_200)]
    );
}
