//! The tap at work: a thread that owns the TUN descriptor and, where it asks by itself, the sockets
//! to the servers.
//!
//! The thread waits in `poll(2)` on the device, on a pipe by which callers wake it and on its open
//! sockets. It wakes by itself only while something is due (a question upstream, a TCP connection,
//! an answer that waits for its asker); a tap that nobody asks has no timer and costs nothing.
//!
//! Nothing calls back to ask for help: whoever forwards questions or looks up askers fetches
//! them with [`TapRunner::next_queries`] and gives back what was found. `learn` is called on the tap's
//! thread and ought to be quick.

mod chance;
mod clock;
mod forward;
mod inbox;
mod outlet;
mod work;

use std::net::{IpAddr, SocketAddr};
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use portlog_model::Uid;
use portlog_names::Answer;

use self::inbox::{Inbox, Order};
use self::outlet::Outlet;
use crate::{Error, Flow, QueryId, Settings, TapState};

/// Who asks upstream.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Upstream {
    /// The tap itself, over UDP and TCP in clear text, from sockets of this process, which must not
    /// be routed back into the tap.
    Sockets {
        /// Port 53 of the network's own resolvers, the preferred one first.
        servers: Vec<SocketAddr>,
    },
    /// The front end: it fetches questions and gives answers back.
    Pulled {
        /// Whether what it forwards travels in clear text, where it knows; only for the state.
        clear_text: Option<bool>,
    },
}

/// A question for the front end.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Query {
    /// What to give the answer, the failure or the asker for.
    pub id: QueryId,
    /// Between whom it travels, to look up the asker.
    pub flow: Flow,
    /// The message to ask upstream and to [`TapRunner::answer`] or [`TapRunner::fail`]. `None` where
    /// the tap asks by itself, and only [`TapRunner::asker`] is wanted.
    pub message: Option<Vec<u8>>,
}

/// A running tap. Dropping it stops it.
#[derive(Debug)]
pub struct TapRunner {
    inbox: Arc<Inbox>,
    outlet: Arc<Outlet>,
    thread: Option<JoinHandle<()>>,
    /// The tap's own addresses.
    own: Vec<IpAddr>,
}

impl TapRunner {
    /// Starts a tap on a TUN device whose packets come without a header of their own (`IFF_NO_PI`,
    /// as Android's are). The descriptor is made non-blocking, and closed when the tap ends.
    ///
    /// `learn` is told of every question for a host's address (A, AAAA, HTTPS) that was asked, with what
    /// was told: also where that is nothing, as it was asked for all the same.
    pub fn start(
        device: OwnedFd,
        upstream: Upstream,
        settings: &Settings,
        learn: impl Fn(&Answer<'_>) + Send + 'static,
    ) -> Result<Self, Error> {
        let upstream = upstream.beside(&settings.servers)?;
        let (inbox, outlet) = (Arc::new(Inbox::new()?), Arc::new(Outlet::new()));
        let thread = work::start(
            device,
            upstream,
            settings,
            Arc::clone(&inbox),
            Arc::clone(&outlet),
            learn,
        )?;
        Ok(Self {
            inbox,
            outlet,
            thread: Some(thread),
            own: settings.servers.clone(),
        })
    }

    /// Waits up to `timeout` for questions and takes all that are there; empty when none came, `None`
    /// once the tap has ended. Questions nobody fetches are answered `SERVFAIL` in time.
    pub fn next_queries(&self, timeout: Duration) -> Option<Vec<Query>> {
        self.outlet.take(timeout)
    }

    /// The answer to a question that was fetched: a whole DNS message, with whatever id.
    pub fn answer(&self, id: QueryId, message: &[u8]) {
        self.inbox.give(Order::Answer(id, message.to_vec()));
    }

    /// A question that was fetched got no answer.
    pub fn fail(&self, id: QueryId) {
        self.inbox.give(Order::Fail(id));
    }

    /// Who asked; `None` where that cannot be told. May be given before or after the answer.
    pub fn asker(&self, id: QueryId, uid: Option<Uid>) {
        self.inbox.give(Order::Asker(id, uid));
    }

    /// From now on asks elsewhere; the device and its connections stay. Questions that are upstream
    /// are asked again there.
    pub fn swap_upstream(&self, upstream: Upstream) -> Result<(), Error> {
        let upstream = upstream.beside(&self.own)?;
        self.inbox.give(Order::Swap(upstream));
        Ok(())
    }

    /// How it stands.
    pub fn state(&self) -> TapState {
        self.outlet.state()
    }

    /// Tells it to end and does not wait; whoever waits for questions hears of it.
    pub fn end(&self) {
        self.inbox.give(Order::Stop);
    }

    /// Ends it and waits until the device is closed.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for TapRunner {
    fn drop(&mut self) {
        self.inbox.give(Order::Stop);
        if let Some(thread) = self.thread.take() {
            // A panic there has been told as the state's `ended`.
            let _ = thread.join();
        }
    }
}

impl Upstream {
    /// Without servers that are the tap itself, which would ask itself for ever.
    fn beside(mut self, own: &[IpAddr]) -> Result<Self, Error> {
        if let Self::Sockets { servers } = &mut self {
            servers.retain(|server| !own.contains(&server.ip()));
            if servers.is_empty() {
                return Err(Error::NoServer);
            }
        }
        Ok(self)
    }
}
