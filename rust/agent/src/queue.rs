//! The bounded queue between the poll thread and a front end that may be slow.
//!
//! A full queue loses openings, changes and closings first, counts them and says so in the stream
//! where they are missing; alerts, coverage and gaps have room in reserve.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use portlog_model::{Event, EventKind, Moment};

/// What can wait in a queue.
pub(crate) trait Item {
    /// When it happened.
    fn at(&self) -> Moment;

    /// Whether it tells of the ordinary coming and going.
    fn is_expendable(&self) -> bool;

    /// Tells that `events` were lost here.
    fn lost(at: Moment, events: u64) -> Self;
}

/// Events on their way to a front end.
#[derive(Debug)]
pub(crate) struct Queue<T> {
    state: Mutex<State<T>>,
    filled: Condvar,
    capacity: usize,
}

#[derive(Debug)]
struct State<T> {
    events: VecDeque<T>,
    /// Lost since the last `drop` event.
    lost: u64,
    lost_in_all: u64,
    ended: bool,
}

/// Room kept for what must not be lost to a burst of openings.
const RESERVE: usize = 4_096;

impl<T: Item> Queue<T> {
    /// Memory of a burst is given back when the queue was emptied.
    const KEEP: usize = 1_024;

    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            state: Mutex::new(State {
                events: VecDeque::new(),
                lost: 0,
                lost_in_all: 0,
                ended: false,
            }),
            filled: Condvar::new(),
            capacity: capacity.max(1),
        }
    }

    /// Appends `events`; what has no room is counted.
    pub(crate) fn push(&self, events: impl IntoIterator<Item = T>) {
        let mut events = events.into_iter().peekable();
        if events.peek().is_none() {
            return;
        }
        let mut state = self.lock();
        for event in events {
            state.push(event, self.capacity);
        }
        drop(state);
        self.filled.notify_all();
    }

    /// No more events will come.
    pub(crate) fn end(&self, at: Moment) {
        let mut state = self.lock();
        state.tell_of_losses(at);
        state.ended = true;
        drop(state);
        self.filled.notify_all();
    }

    /// All events that are there, waiting up to `timeout` for the first; empty when none came,
    /// `None` when all were fetched and no more will come.
    pub(crate) fn take(&self, timeout: Duration) -> Option<Vec<T>> {
        let state = self.lock();
        let (mut state, _) = self
            .filled
            .wait_timeout_while(state, timeout, |state| {
                state.events.is_empty() && !state.ended
            })
            .unwrap_or_else(PoisonError::into_inner);
        if state.events.is_empty() && state.ended {
            return None;
        }
        let taken: Vec<T> = state.events.drain(..).collect();
        state.events.shrink_to(Self::KEEP);
        Some(taken)
    }

    /// How many events were lost in all.
    pub(crate) fn lost_in_all(&self) -> u64 {
        self.lock().lost_in_all
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Item> State<T> {
    fn push(&mut self, event: T, capacity: usize) {
        let room = if event.is_expendable() {
            capacity
        } else {
            capacity + RESERVE
        };
        if self.events.len() >= room {
            self.lost += 1;
            self.lost_in_all += 1;
            return;
        }
        self.tell_of_losses(event.at());
        self.events.push_back(event);
    }

    fn tell_of_losses(&mut self, at: Moment) {
        if self.lost > 0 {
            let events = std::mem::take(&mut self.lost);
            self.events.push_back(T::lost(at, events));
        }
    }
}

impl Item for Event {
    fn at(&self) -> Moment {
        self.at
    }

    fn is_expendable(&self) -> bool {
        matches!(
            self.kind,
            EventKind::Opened { .. } | EventKind::Changed { .. } | EventKind::Closed { .. }
        )
    }

    fn lost(at: Moment, events: u64) -> Self {
        Self {
            at,
            kind: EventKind::Drop { events },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::sync::Arc;

    use portlog_model::{
        BootTime, Connection, ConnectionId, Direction, Endpoint, GapReason, Observed, Owner,
        SocketState, Table, WallTime,
    };

    use super::*;

    const AT: Moment = Moment {
        wall: WallTime::from_millis(1),
        boot: BootTime::from_nanos(1),
    };

    fn opened() -> Event {
        let end = Endpoint::from((Ipv4Addr::new(192, 0, 2, 1), 1));
        let connection = Connection {
            id: ConnectionId::new(1),
            table: Table::Tcp,
            state: SocketState::Established,
            direction: Direction::Out,
            own: false,
            practice: false,
            local: end,
            remote: end,
            uid: None,
            inode: None,
            cookie: None,
            first_seen: AT,
        };
        let observed = Arc::new(Observed {
            connection,
            owner: Arc::new(Owner::unnamed()),
            names: Vec::new(),
            shared_address: false,
            matches: Vec::new(),
        });
        Event {
            at: AT,
            kind: EventKind::Opened {
                observed,
                after: None,
                by: AT,
            },
        }
    }

    fn gap() -> Event {
        Event {
            at: AT,
            kind: EventKind::Gap {
                from: None,
                reason: GapReason::Late,
            },
        }
    }

    #[test]
    fn a_full_queue_counts_what_it_loses_and_says_so_where_it_is_missing() {
        let queue = Queue::new(2);
        queue.push(vec![opened(), opened(), opened(), opened()]);
        let first = queue.take(Duration::ZERO).unwrap();
        assert_eq!(first.len(), 2);
        queue.push(vec![opened()]);
        let second = queue.take(Duration::ZERO).unwrap();
        assert_eq!(second[0].kind, EventKind::Drop { events: 2 });
        assert_eq!(second.len(), 2);
        assert_eq!(queue.lost_in_all(), 2);
    }

    #[test]
    fn a_gap_finds_room_where_openings_do_not() {
        let queue = Queue::new(1);
        queue.push(vec![opened(), opened(), gap()]);
        let kinds: Vec<_> = queue.take(Duration::ZERO).unwrap();
        assert!(matches!(kinds[1].kind, EventKind::Drop { events: 1 }));
        assert!(matches!(kinds[2].kind, EventKind::Gap { .. }));
    }

    #[test]
    fn losses_at_the_end_are_told_and_then_nothing_more_comes() {
        let queue = Queue::new(1);
        queue.push(vec![opened(), opened()]);
        queue.end(AT);
        assert_eq!(
            queue.take(Duration::ZERO).map(|events| events.len()),
            Some(2)
        );
        assert_eq!(queue.take(Duration::ZERO), None);
    }

    #[test]
    fn a_reader_that_waits_is_woken() {
        let queue = Arc::new(Queue::new(8));
        let writer = Arc::clone(&queue);
        let thread = std::thread::spawn(move || writer.push(vec![gap()]));
        let events = queue.take(Duration::from_secs(30)).unwrap();
        assert_eq!(events.len(), 1);
        thread.join().unwrap();
    }
}
