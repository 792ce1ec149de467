//! The servers of a tap that asks by itself: which is asked next, and which is passed over.
//!
//! The first of the list that is not down is asked. A server is down for half a minute when nothing
//! listens there, or when it was silent twice with no answer between; then it is tried again
//! by the next question, so that the preferred one comes back by itself. One that declines is not
//! down: the question may be the reason.

use std::net::SocketAddr;
use std::time::Duration;

use portlog_model::{BootTime, Moment};

use crate::state::{Failure, ServerState};

/// The most servers of a list that are used.
pub(crate) const MAX_SERVERS: usize = 8;

/// How long a server that failed is passed over.
const DOWN: Duration = Duration::from_secs(30);

/// How often a server may be silent in a row before it is down.
const SILENCES: u32 = 2;

#[derive(Clone, Debug)]
pub(crate) struct Servers {
    list: Vec<Server>,
}

#[derive(Clone, Debug)]
struct Server {
    state: ServerState,
    down_until: Option<BootTime>,
    silences: u32,
}

impl Servers {
    pub(crate) fn new(addresses: &[SocketAddr]) -> Self {
        let server = |address: &SocketAddr| Server {
            state: ServerState {
                address: *address,
                answered: None,
                failed: None,
                down: false,
                answers: 0,
                failures: 0,
            },
            down_until: None,
            silences: 0,
        };
        Self {
            list: addresses.iter().take(MAX_SERVERS).map(server).collect(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    pub(crate) fn address(&self, server: usize) -> Option<SocketAddr> {
        self.list.get(server).map(|server| server.state.address)
    }

    /// Whom to ask after those in `tried`: who is up before who is down, each in the order of the
    /// list. `None` when all were tried.
    pub(crate) fn pick(&self, tried: &[usize], now: BootTime) -> Option<usize> {
        let untried = || (0..self.list.len()).filter(|server| !tried.contains(server));
        untried()
            .find(|server| !self.is_down(*server, now))
            .or_else(|| untried().next())
    }

    /// Whom the next question goes to.
    pub(crate) fn in_use(&self, now: BootTime) -> Option<SocketAddr> {
        self.address(self.pick(&[], now)?)
    }

    pub(crate) fn answered(&mut self, server: usize, now: Moment) {
        if let Some(server) = self.list.get_mut(server) {
            server.state.answered = Some(now);
            server.state.answers += 1;
            server.down_until = None;
            server.silences = 0;
        }
    }

    pub(crate) fn failed(&mut self, server: usize, how: Failure, now: Moment) {
        let Some(server) = self.list.get_mut(server) else {
            return;
        };
        server.state.failed = Some((now, how));
        server.state.failures += 1;
        let is_down = match how {
            Failure::Unreachable => true,
            Failure::Silent => {
                server.silences += 1;
                server.silences >= SILENCES
            }
            Failure::NoTcp => false,
            Failure::Declined => {
                server.silences = 0;
                false
            }
        };
        if is_down {
            server.down_until = Some(now.boot.saturating_add(DOWN));
        }
    }

    pub(crate) fn states(&self, now: BootTime) -> Vec<ServerState> {
        (0..self.list.len())
            .filter_map(|number| {
                let mut state = self.list.get(number)?.state;
                state.down = self.is_down(number, now);
                Some(state)
            })
            .collect()
    }

    fn is_down(&self, server: usize, now: BootTime) -> bool {
        self.list
            .get(server)
            .and_then(|server| server.down_until)
            .is_some_and(|until| now < until)
    }
}

#[cfg(test)]
mod tests {
    use portlog_model::WallTime;

    use super::*;

    fn at(seconds: u64) -> Moment {
        Moment {
            wall: WallTime::from_millis(0),
            boot: BootTime::from_nanos(seconds * 1_000_000_000),
        }
    }

    fn three() -> Servers {
        let addresses = ["192.0.2.1:53", "192.0.2.2:53", "[2001:db8::3]:53"];
        Servers::new(&addresses.map(|address| address.parse().unwrap()))
    }

    #[test]
    fn the_first_that_is_up_is_asked_and_the_down_ones_last() {
        let mut servers = three();
        assert_eq!(servers.pick(&[], at(0).boot), Some(0));
        servers.failed(0, Failure::Unreachable, at(0));
        let pick = |tried: &[usize]| servers.pick(tried, at(1).boot);
        assert_eq!(
            [pick(&[]), pick(&[1]), pick(&[1, 2]), pick(&[1, 2, 0])],
            [Some(1), Some(2), Some(0), None]
        );
    }

    #[test]
    fn one_silence_is_forgiven_and_an_answer_forgives_all() {
        let mut servers = three();
        servers.failed(0, Failure::Silent, at(0));
        assert_eq!(servers.pick(&[], at(0).boot), Some(0));
        servers.answered(0, at(1));
        servers.failed(0, Failure::Silent, at(2));
        assert_eq!(servers.pick(&[], at(2).boot), Some(0));
        servers.failed(0, Failure::Silent, at(3));
        assert_eq!(servers.pick(&[], at(3).boot), Some(1));
        servers.answered(0, at(4));
        assert_eq!(servers.pick(&[], at(4).boot), Some(0));
    }

    #[test]
    fn who_was_down_is_tried_again_after_a_while() {
        let mut servers = three();
        servers.failed(0, Failure::Unreachable, at(0));
        assert!(servers.states(at(29).boot)[0].down);
        assert_eq!(servers.in_use(at(29).boot), servers.address(1));
        assert_eq!(servers.in_use(at(30).boot), servers.address(0));
    }

    #[test]
    fn who_declines_is_not_down() {
        let mut servers = three();
        for second in 0..9 {
            servers.failed(0, Failure::Declined, at(second));
        }
        assert_eq!(servers.pick(&[], at(9).boot), Some(0));
        assert_eq!(servers.states(at(9).boot)[0].failures, 9);
    }
}
