//! Random histories: the order of rows, restarts and nonsense change nothing that is told.

#![expect(clippy::indexing_slicing, reason = "indices are drawn within bounds")]

mod common;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use common::*;
use portlog_model::{
    BootTime, Change, Connection, ConnectionId, Direction, Event, EventKind, Inode, Level, Moment,
    Observed, Platform, SocketState, Table, Uid, WallTime,
};
use portlog_watch::{ClaimKey, History, OwnerKey, Scope, Settings};
use proptest::prelude::*;
use proptest::sample::Index;

/// What happens to a slot, which holds at most one connection, in one poll.
#[derive(Clone, Copy, Debug)]
enum Step {
    Stay,
    /// A new connection; the one that was there closes first.
    Open {
        uid: usize,
        remote: usize,
        syn_sent: bool,
        udp: bool,
        outwards: bool,
    },
    /// The next state of its life.
    Advance,
    Close,
    /// Came and went between two looks.
    Flash {
        uid: usize,
        remote: usize,
    },
}

#[derive(Clone, Debug)]
struct Poll {
    steps: Vec<Step>,
    /// Seconds since the poll before.
    after: u64,
    /// By how much the clock on the wall jumps.
    jump_hours: i64,
    /// Whether the process is killed and started again before it.
    restarts: bool,
    /// How the rows are shuffled in the second run.
    shuffle: Vec<Index>,
}

const UIDS: [u32; 5] = [FIRMWARE, SYSTEM, GO_BETWEEN, USER_APP, MIXED];
const REMOTES: [&str; 5] = [
    LISTED,
    OTHER,
    "192.0.2.1:80",
    "192.0.2.1:81",
    "[2001:db8::7]:443",
];
const SLOTS: usize = 6;

fn step() -> impl Strategy<Value = Step> {
    let open = (
        0..UIDS.len(),
        0..REMOTES.len(),
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
    );
    prop_oneof![
        3 => Just(Step::Stay),
        3 => open.prop_map(|(uid, remote, syn_sent, udp, outwards)| {
            Step::Open { uid, remote, syn_sent, udp, outwards }
        }),
        3 => Just(Step::Advance),
        1 => Just(Step::Close),
        1 => (0..UIDS.len(), 0..REMOTES.len()).prop_map(|(uid, remote)| Step::Flash { uid, remote }),
    ]
}

fn poll() -> impl Strategy<Value = Poll> {
    (
        prop::collection::vec(step(), SLOTS),
        prop_oneof![4 => 1_u64..5, 1 => 3_600_u64..30_000],
        prop_oneof![9 => Just(0_i64), 1 => -50_i64..50],
        prop::bool::weighted(0.15),
        prop::collection::vec(any::<Index>(), 4 * SLOTS),
    )
        .prop_map(|(steps, after, jump_hours, restarts, shuffle)| Poll {
            steps,
            after,
            jump_hours,
            restarts,
            shuffle,
        })
}

/// How a run differs from the plain one.
#[derive(Clone, Copy, Default)]
struct Run {
    shuffled: bool,
    restarts: bool,
}

struct Told {
    events: Vec<Event>,
    history: History,
}

/// Plays `polls` to a new engine.
fn play(polls: &[Poll], run: Run) -> Told {
    let mut world = World::new();
    let mut slots: Vec<Option<Connection>> = vec![None; SLOTS];
    let mut told = Vec::new();
    for (index, poll) in polls.iter().enumerate() {
        let before = world.now;
        world.wait(Duration::from_secs(poll.after));
        let wall = world.now.wall.as_millis() + poll.jump_hours * 3_600_000;
        world.now.wall = WallTime::from_millis(wall);
        if poll.restarts && run.restarts {
            told.extend(restart(&mut world, &mut slots));
        }
        let after = (index > 0).then_some(before);
        let mut changes: Vec<Change> = poll
            .steps
            .iter()
            .zip(&mut slots)
            .flat_map(|(step, slot)| take_step(&mut world, *step, slot, after))
            .collect();
        if run.shuffled {
            for (index, with) in (0..changes.len()).zip(&poll.shuffle) {
                let with = with.index(changes.len());
                changes.swap(index, with);
            }
        }
        told.extend(world.observe(&changes));
    }
    Told {
        events: told,
        history: world.watch.history().clone(),
    }
}

fn take_step(
    world: &mut World,
    step: Step,
    slot: &mut Option<Connection>,
    after: Option<Moment>,
) -> Vec<Change> {
    let by = world.now;
    let closed = |connection| Change::Closed {
        connection,
        after,
        by,
    };
    match step {
        Step::Stay => Vec::new(),
        Step::Close => slot.take().map(closed).into_iter().collect(),
        Step::Open {
            uid,
            remote,
            syn_sent,
            udp,
            outwards,
        } => {
            let mut connection = world.connection(UIDS[uid], REMOTES[remote]);
            if syn_sent {
                connection.state = SocketState::SynSent;
            }
            if udp {
                connection.table = Table::Udp;
                connection.state = SocketState::Established;
            }
            if !outwards {
                connection.direction = Direction::Unknown;
            }
            let old = slot.replace(connection).map(closed);
            old.into_iter()
                .chain([Change::Opened {
                    connection,
                    after,
                    by,
                }])
                .collect()
        }
        Step::Flash { uid, remote } => {
            let connection = world.connection(UIDS[uid], REMOTES[remote]);
            vec![
                Change::Opened {
                    connection,
                    after,
                    by,
                },
                closed(connection),
            ]
        }
        Step::Advance => {
            let Some(connection) = slot else {
                return Vec::new();
            };
            let was = connection.state;
            connection.state = match was {
                SocketState::SynSent => SocketState::Established,
                SocketState::Established => SocketState::FinWait2,
                _ => SocketState::TimeWait,
            };
            let connection = *connection;
            if connection.state == was || connection.table == Table::Udp {
                return Vec::new();
            }
            vec![Change::Changed {
                connection,
                was,
                after,
                by,
            }]
        }
    }
}

/// Kill and restart: numbers are given anew, everything is found again, and the kernel tells no
/// owner of what is in TIME_WAIT. (A user's app keeps it here: nothing was ever claimed about it,
/// so that a listed peer of nobody known is news.)
fn restart(world: &mut World, slots: &mut [Option<Connection>]) -> Vec<Event> {
    world.restart();
    let mut found = Vec::new();
    for slot in slots.iter_mut().flatten() {
        slot.id = world.connection(FIRMWARE, OTHER).id;
        if slot.state == SocketState::TimeWait && slot.uid != Some(Uid::new(USER_APP)) {
            (slot.uid, slot.inode) = (None, None);
        }
        found.push(Change::Opened {
            connection: *slot,
            after: None,
            by: world.now,
        });
    }
    world.observe(&found)
}

/// What is told beyond the connections themselves: alerts and notes, without what names a run.
fn raised(events: &[Event]) -> Vec<String> {
    events
        .iter()
        .filter_map(|event| match &event.kind {
            EventKind::Alert(alert) | EventKind::Noted(alert, _) => Some(format!(
                "{:?} {:?} {:?} {} {} {} {:?}",
                event.at.boot,
                alert.owner.uid,
                alert.level,
                alert.count,
                alert.sounds,
                alert.bundled,
                alert.matched.as_ref().map(|matched| &matched.hit.entry),
            )),
            _ => None,
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if cfg!(miri) { 2 } else { 200 },
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_order_of_rows_within_a_poll_does_not_matter(
        polls in prop::collection::vec(poll(), 1..25)
    ) {
        let plain = play(&polls, Run::default());
        let shuffled = play(&polls, Run { shuffled: true, ..Run::default() });
        prop_assert_eq!(plain.events, shuffled.events);
        prop_assert_eq!(plain.history, shuffled.history);
    }

    #[test]
    fn kill_and_restart_change_nothing_that_is_raised(
        polls in prop::collection::vec(poll(), 1..25)
    ) {
        // A clock that jumps while nobody looks cannot be told from time that went by.
        let polls: Vec<Poll> =
            polls.into_iter().map(|poll| Poll { jump_hours: 0, ..poll }).collect();
        let plain = play(&polls, Run::default());
        let restarted = play(&polls, Run { restarts: true, ..Run::default() });
        prop_assert_eq!(raised(&plain.events), raised(&restarted.events));
        let counts = |history: &History| -> Vec<(ClaimKey, u64)> {
            history.claims().map(|(key, claim)| (key.clone(), claim.count)).collect()
        };
        prop_assert_eq!(counts(&plain.history), counts(&restarted.history));
    }

    #[test]
    fn alerts_keep_the_cool_down_and_the_days_limit(
        polls in prop::collection::vec(poll(), 1..60)
    ) {
        let told = play(&polls, Run::default());
        let mut last: BTreeMap<(OwnerKey, Arc<str>, std::net::IpAddr), (Level, BootTime)> =
            BTreeMap::new();
        let mut heard: Vec<BootTime> = Vec::new();
        let mut bundles: Vec<BootTime> = Vec::new();
        for event in &told.events {
            let EventKind::Alert(alert) = &event.kind else { continue };
            prop_assert_ne!(alert.level, Level::Noted);
            prop_assert_ne!(alert.owner.uid, Some(Uid::new(USER_APP)));
            let at = event.at.boot;
            let matched = alert.matched.as_ref().unwrap();
            let observed = alert.observed.as_ref().unwrap();
            let remote = observed.connection.remote.address();
            let key = (OwnerKey::of(&alert.owner), matched.hit.entry.clone(), remote);
            if let Some((level, before)) = last.insert(key, (alert.level, at)) {
                let cooled = at.since(before) >= Duration::from_hours(6);
                prop_assert!(cooled || alert.level > level);
            }
            prop_assert!(!alert.sounds || alert.level == Level::Match);
            prop_assert!(alert.last_seen >= alert.first_seen && alert.count >= 1);
            match (alert.sounds, alert.bundled) {
                (true, 0) => heard.push(at),
                (true, _) => bundles.push(at),
                (false, bundled) => prop_assert_eq!(bundled, 0),
            }
        }
        for (index, at) in heard.iter().enumerate() {
            let day = heard[index..]
                .iter()
                .take_while(|later| later.since(*at) < Duration::from_hours(24));
            prop_assert!(day.count() <= 6);
        }
        for pair in bundles.windows(2) {
            prop_assert!(pair[1].since(pair[0]) >= Duration::from_hours(6));
        }
    }

    #[test]
    fn nonsense_is_survived_and_its_memory_is_stored(
        changes in prop::collection::vec(nonsense(), 0..60),
        times in prop::collection::vec((any::<i64>(), any::<u64>()), 60),
        linux in any::<bool>(),
    ) {
        let platform = if linux { Platform::Linux } else { Platform::Android };
        let mut world = World::with(Settings::new(platform, Scope::Firmware), History::default());
        for (chunk, (wall, boot)) in changes.chunks(3).zip(times) {
            world.now = Moment {
                wall: WallTime::from_millis(wall),
                boot: BootTime::from_nanos(boot),
            };
            for event in world.observe(chunk) {
                if let EventKind::Opened { observed, .. } = event.kind {
                    prop_assert!(!observed.connection.own || observed.matches.is_empty());
                }
            }
        }
        world.restart();
    }
}

fn nonsense() -> impl Strategy<Value = Change> {
    let ends = (0..REMOTES.len(), any::<u8>());
    let bits = (0_u8..14, 0_u8..3, any::<bool>(), any::<bool>());
    (
        0_u64..6,
        0_usize..10,
        ends,
        bits,
        any::<Option<u32>>(),
        any::<Option<u64>>(),
        0_u8..3,
    )
        .prop_map(
            |(id, table, (remote, host), (state, direction, own, practice), uid, inode, kind)| {
                let mut world = World::new();
                let remote = if host < 128 {
                    REMOTES[remote].to_owned()
                } else {
                    "0.0.0.0:0".to_owned()
                };
                let connection = Connection {
                    id: ConnectionId::new(id),
                    table: Table::ALL[table],
                    state: SocketState::from_kernel(state).unwrap_or(SocketState::Listen),
                    direction: [Direction::In, Direction::Out, Direction::Unknown]
                        [usize::from(direction)],
                    own,
                    practice,
                    uid: uid.map(Uid::new),
                    inode: inode.and_then(Inode::new),
                    ..world.connection(FIRMWARE, &remote)
                };
                let (after, by) = (None, moment(u64::from(host)));
                match kind {
                    0 => Change::Opened {
                        connection,
                        after,
                        by,
                    },
                    1 => Change::Changed {
                        connection,
                        was: SocketState::Close,
                        after,
                        by,
                    },
                    _ => Change::Closed {
                        connection,
                        after,
                        by,
                    },
                }
            },
        )
}

#[test]
fn numbers_of_connections_follow_the_rows_and_decide_nothing() {
    let play = |reversed: bool| {
        let mut world = World::new();
        let mut connections: Vec<Connection> = (1..=12)
            .map(|host| world.connection(FIRMWARE, &format!("192.0.2.{host}:80")))
            .collect();
        if reversed {
            let ids: Vec<ConnectionId> = connections
                .iter()
                .rev()
                .map(|connection| connection.id)
                .collect();
            for (connection, id) in connections.iter_mut().zip(ids) {
                connection.id = id;
            }
            connections.reverse();
        }
        let changes: Vec<Change> = connections
            .into_iter()
            .map(|connection| Change::Opened {
                connection,
                after: None,
                by: world.now,
            })
            .collect();
        let events = world.observe(&changes);
        let observed: Vec<Observed> = events
            .iter()
            .filter_map(|event| match &event.kind {
                EventKind::Opened { observed, .. } => Some(Observed::clone(observed)),
                _ => None,
            })
            .map(|mut observed| {
                observed.connection.id = ConnectionId::new(0);
                observed
            })
            .collect();
        (observed, raised(&events))
    };
    assert_eq!(play(false), play(true));
}
