//! Samples of what only an app says.

#![expect(
    clippy::unwrap_used,
    reason = "samples are built outside of test functions"
)]

use std::sync::Arc;
use std::time::Duration;

use portlog_model::{
    Alert, Connection, Coverage, CoverageCounts, CoverageItem, Daily, EventKind, Firmware,
    GapReason, HitKind, Level, Notice, Observed, Ongoing, Owner, OwnerKind, Sentence, SocketState,
    SourceKind, Table, Watched, Word,
};

use crate::samples::{alert, alerts, matched, moment, observed, owner, owners};
use crate::variants::*;

/// Adds everything that only an app says, put into words by `said`.
pub(crate) fn add(said: &dyn Fn(Sentence<'_>) -> String, sentences: &mut Vec<String>) {
    for state in watch_states() {
        sentences.push(said(Sentence::State(state)));
    }
    for watched in watched() {
        sentences.push(said(Sentence::Watched(&watched)));
    }
    for platform in platforms() {
        for coverage in coverages() {
            sentences.push(said(Sentence::CoverageOf(&coverage, platform)));
        }
        for event in all_events() {
            sentences.push(said(Sentence::Happened(&event, platform)));
        }
    }
    for counts in counts() {
        sentences.push(said(Sentence::CoverageSummary(counts)));
    }
    for reason in deaths() {
        sentences.push(said(Sentence::Gap(&GapReason::Died(reason))));
    }
    for link in practice_links() {
        for state in link_states() {
            sentences.push(said(Sentence::Practice(link, state)));
        }
    }
    for word in all_words() {
        sentences.push(said(Sentence::Word(word)));
    }
    let mut notice = |notice: Notice<'_>| {
        sentences.push(said(Sentence::NoticeTitle(notice)));
        sentences.push(said(Sentence::NoticeBody(notice)));
    };
    for alert in alerts() {
        notice(Notice::Alert(&alert));
    }
    notice(Notice::Alert(&practice_alert()));
    for owner in owners() {
        for (matches, possible) in [(0, 1), (1, 0), (2, 3)] {
            notice(Notice::Group {
                owner: &owner,
                matches,
                possible,
            });
        }
    }
    for practice in [false, true] {
        notice(Notice::LockScreen { practice });
    }
    for ongoing in ongoings() {
        notice(Notice::Ongoing(ongoing));
    }
    for owners in [Vec::new(), some_owners(1), some_owners(7)] {
        for counts in [[0, 0, 0, 0], [1, 0, 0, 0], [1, 1, 1, 1], [3, 2, 4, 5]] {
            notice(Notice::Daily(daily(counts, &owners)));
        }
    }
}

/// What was looked at, in every state, with and without lists and findings.
pub(crate) fn watched() -> Vec<Watched> {
    let mut all = Vec::new();
    for state in watch_states() {
        for watched in [Duration::ZERO, Duration::from_hours(76)] {
            for lists in [0, 1, 2] {
                for (matches, possible) in [(0, 0), (1, 0), (0, 1), (3, 5)] {
                    for (owners, destinations) in [(0, 0), (1, 1), (41, 212)] {
                        all.push(Watched {
                            state,
                            watched,
                            owners,
                            destinations,
                            lists,
                            matches,
                            possible,
                        });
                    }
                }
            }
        }
    }
    all
}

/// Coverage of every item, in every status, with and without bad rows and details.
pub(crate) fn coverages() -> Vec<Coverage> {
    let items = Table::ALL
        .into_iter()
        .map(CoverageItem::Table)
        .chain([CoverageItem::Packages, CoverageItem::Names]);
    let mut all = Vec::new();
    for item in items {
        for status in statuses() {
            for rows in [0, 1, 12] {
                all.push(Coverage {
                    status,
                    rows,
                    bad_rows: rows / 2,
                    details: if rows > 1 {
                        coverage_details()
                    } else {
                        Vec::new()
                    },
                    ..Coverage::readable(item, SourceKind::Procfs, rows)
                });
            }
        }
    }
    all
}

fn counts() -> Vec<CoverageCounts> {
    let mut all = Vec::new();
    for readable in [0, 1, 10] {
        for denied in [0, 1, 4] {
            for (absent, untrusted) in [(0, 0), (1, 0), (0, 1), (2, 3)] {
                all.push(CoverageCounts {
                    readable,
                    denied,
                    absent,
                    untrusted,
                });
            }
        }
    }
    all
}

fn all_events() -> Vec<EventKind> {
    let mut all = events();
    all.extend(
        provenances()
            .into_iter()
            .map(|it| EventKind::Started(started(it))),
    );
    for bad_lines in [0, 1, 2] {
        all.push(EventKind::List(list(bad_lines, None)));
    }
    for reason in gaps() {
        all.push(EventKind::Gap { from: None, reason });
    }
    for events in [1, 2] {
        all.push(EventKind::Drop { events });
    }
    for jump_millis in [i64::MIN, -1, 86_400_000] {
        all.push(EventKind::Clock {
            before: moment(),
            jump_millis,
        });
    }
    for state in states() {
        let observed = observed(
            owner(OwnerKind::System, Firmware::Yes),
            connection_in(state),
        );
        all.push(EventKind::Changed {
            observed: Arc::new(observed.clone()),
            was: state,
            after: None,
            by: moment(),
        });
        all.push(EventKind::Opened {
            observed: Arc::new(observed),
            after: None,
            by: moment(),
        });
    }
    all
}

fn connection_in(state: SocketState) -> Connection {
    Connection {
        state,
        ..crate::samples::connection()
    }
}

fn all_words() -> Vec<Word> {
    let mut all = words();
    all.extend(levels().into_iter().map(Word::Level));
    all.extend(categories().into_iter().map(Word::Category));
    all.extend(directions().into_iter().map(Word::Direction));
    all.extend(kinds().into_iter().map(Word::OwnerKind));
    all.extend(firmwares().into_iter().map(Word::Firmware));
    all.extend(roles().into_iter().map(Word::Role));
    all.extend(hit_kinds().into_iter().map(Word::HitKind));
    all.extend(protocols().into_iter().map(Word::Protocol));
    for protocol in protocols() {
        all.extend(
            states()
                .into_iter()
                .map(|state| Word::SocketState(protocol, state)),
        );
    }
    all
}

/// An alert of the practice that the user asked for.
pub(crate) fn practice_alert() -> Alert {
    let alert = alert(
        owner(OwnerKind::App, Firmware::No),
        matched(HitKind::Address, Level::Match, Vec::new()),
    );
    let observed = Observed {
        connection: Connection {
            practice: true,
            ..crate::samples::connection()
        },
        ..Observed::clone(alert.observed.as_ref().unwrap())
    };
    Alert {
        observed: Some(Arc::new(observed)),
        ..alert
    }
}

fn ongoings() -> Vec<Ongoing> {
    let mut all = Vec::new();
    for state in watch_states() {
        for owners in [0, 1, 41] {
            for tables in counts() {
                all.push(Ongoing {
                    state,
                    owners,
                    since: moment().wall,
                    tables,
                });
            }
        }
    }
    all
}

/// A day in which so many entries, destinations, listeners and bytes without a connection were noted.
pub(crate) fn daily(counts: [u64; 4], owners: &[Arc<Owner>]) -> Daily<'_> {
    let [entries, destinations, listeners, bytes_alone] = counts;
    Daily {
        entries,
        destinations,
        listeners,
        bytes_alone,
        owners,
    }
}

/// So many owners.
pub(crate) fn some_owners(count: usize) -> Vec<Arc<Owner>> {
    (0..count)
        .map(|_| Arc::new(owner(OwnerKind::App, Firmware::Yes)))
        .collect()
}
