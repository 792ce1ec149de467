//! The session's DNS tap: the TUN device that a front end set up, and what is to be done with it.
//!
//! A front end starts it with a descriptor and, from then on, only asks: nothing calls back. Names go
//! into the session's book, from which the watch takes them; whether the watch runs makes no
//! difference here. That it was turned on or off, and why, is an event (`dns-tap`), so that the history
//! and the signed log have it.
//!
//! The device is set up once for all networks. Where the tap asks by itself and there is no network
//! yet, the device waits here: packets wait in it, or are lost as on any network that is down.

mod network;
mod turning;
pub(super) mod views;

use std::os::fd::OwnedFd;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use portlog_model::fault::chain;
use portlog_model::{Protocol, Uid, WallTime};
use portlog_tap::{Query, QueryId, Settings, TapRunner, TapState, UpstreamState};

use crate::names::{NameBook, TapCoverage, TapState as Seen};
use network::{Below, address};
use views::{
    PrivateDns, TapAnswer, TapBegin, TapEnd, TapNetwork, TapQuestion, TapQuestions, TapRequest,
    TapStanding, TapStart, TapView,
};

/// The longest that [`TapRequest::Next`] waits; there is nothing to do in between.
const LONGEST_WAIT: Duration = Duration::from_hours(1);

/// The tap of a session, running or not.
pub(crate) struct TapDesk {
    names: NameBook,
    inner: Mutex<Inner>,
    /// A tap began or ended.
    turned: Condvar,
}

/// That the tap was turned on or off, for the history and the log.
#[derive(Debug)]
pub(crate) struct Turned(pub(crate) String);

struct Inner {
    /// The device, while it waits for a network.
    waiting: Option<OwnedFd>,
    runner: Option<Arc<TapRunner>>,
    settings: Settings,
    pulled: bool,
    below: Below,
    since: Option<WallTime>,
    standing: TapStanding,
    /// Answers and failures at the latest look.
    counted: (u64, u64),
    other_vpn: bool,
    trouble: String,
}

impl TapDesk {
    pub(crate) fn new(names: NameBook) -> Self {
        Self {
            names,
            inner: Mutex::new(Inner {
                waiting: None,
                runner: None,
                settings: Settings {
                    servers: Vec::new(),
                    mtu: 0,
                    askers: false,
                },
                pulled: false,
                below: Below::default(),
                since: None,
                standing: TapStanding::Off,
                counted: (0, 0),
                other_vpn: false,
                trouble: String::new(),
            }),
            turned: Condvar::new(),
        }
    }

    /// Starts it on a TUN device; one that ran before ends. Where it fails the device is closed.
    pub(crate) fn start(&self, device: OwnedFd, start: &TapStart, now: WallTime) -> Turned {
        let mut inner = self.inner();
        inner.end();
        inner.settings = Settings {
            servers: start
                .servers
                .iter()
                .filter_map(|bytes| address(bytes))
                .collect(),
            mtu: u16::try_from(start.mtu).unwrap_or(u16::MAX),
            askers: start.askers,
        };
        inner.pulled = start.pulled;
        inner.below = Below::of(&start.network);
        inner.since = Some(now);
        inner.standing = TapStanding::Idle;
        inner.counted = (0, 0);
        inner.other_vpn = false;
        inner.trouble.clear();
        inner.waiting = Some(device);
        inner.run(&self.names);
        let turned = match inner.trouble.as_str() {
            "" => Turned(format!("on: {}", begin_word(start.by))),
            trouble => Turned(format!("off: {trouble}")),
        };
        self.tell(&inner);
        self.turned.notify_all();
        turned
    }

    /// Does what is asked of it, and whether that turned it off.
    pub(crate) fn ask(&self, request: &TapRequest) -> (TapAnswer, Option<Turned>) {
        match request {
            TapRequest::Next(millis) => return self.next(Duration::from_millis(*millis)),
            TapRequest::Answer { id, message } => {
                self.with_runner(|runner| runner.answer(QueryId::new(*id), message));
                return (TapAnswer::Done, None);
            }
            TapRequest::Failed(id) => {
                self.with_runner(|runner| runner.fail(QueryId::new(*id)));
                return (TapAnswer::Done, None);
            }
            TapRequest::Asker { id, uid } => {
                let uid = uid.map(Uid::new);
                self.with_runner(|runner| runner.asker(QueryId::new(*id), uid));
                return (TapAnswer::Done, None);
            }
            TapRequest::Look => {}
            TapRequest::Network(network) => self.swap(network),
            TapRequest::OtherVpn(active) => self.inner().other_vpn = *active,
            TapRequest::Stop(end) => {
                let turned = self.stop(*end);
                return (TapAnswer::State(self.view()), turned);
            }
        }
        let turned = self.refresh();
        (TapAnswer::State(self.view()), turned)
    }

    /// Ends it, `None` where it did not run.
    pub(crate) fn stop(&self, end: TapEnd) -> Option<Turned> {
        let mut inner = self.inner();
        inner.since?;
        inner.end();
        self.tell(&inner);
        self.turned.notify_all();
        Some(Turned(format!("off: {}", end_word(end))))
    }

    /// Brings up to date how it stands; whether it broke since.
    pub(crate) fn refresh(&self) -> Option<Turned> {
        let mut inner = self.inner();
        let broke = inner.look();
        self.tell(&inner);
        if broke {
            self.turned.notify_all();
        }
        broke.then(|| Turned(format!("off: {}", inner.trouble)))
    }

    fn swap(&self, network: &TapNetwork) {
        let mut inner = self.inner();
        let below = Below::of(network);
        // What is upstream is asked again after a swap: only where there is reason to.
        if std::mem::replace(&mut inner.below, below.clone()) == below {
            return;
        }
        if inner.waiting.is_some() {
            inner.run(&self.names);
            self.turned.notify_all();
        } else if let Some(runner) = inner.runner.clone()
            && let Some(upstream) = inner.below.upstream(inner.pulled)
        {
            // It refuses none that `upstream` makes.
            let _ = runner.swap_upstream(upstream);
        }
    }

    /// Waits for questions without holding anything.
    fn next(&self, timeout: Duration) -> (TapAnswer, Option<Turned>) {
        let timeout = timeout.min(LONGEST_WAIT);
        let end = Instant::now() + timeout;
        let mut inner = self.inner();
        let runner = loop {
            if let Some(runner) = &inner.runner {
                break Arc::clone(runner);
            }
            let left = end.saturating_duration_since(Instant::now());
            if inner.waiting.is_none() || left.is_zero() {
                let ended = inner.waiting.is_none();
                return (questions(ended, Vec::new()), None);
            }
            (inner, _) = self
                .turned
                .wait_timeout(inner, left)
                .unwrap_or_else(PoisonError::into_inner);
        };
        drop(inner);
        let left = end.saturating_duration_since(Instant::now());
        if let Some(queries) = runner.next_queries(left) {
            return (questions(false, queries), None);
        }
        drop(runner);
        (questions(true, Vec::new()), self.refresh())
    }

    fn with_runner(&self, act: impl FnOnce(&TapRunner)) {
        let runner = self.inner().runner.clone();
        if let Some(runner) = runner {
            act(&runner);
        }
    }

    fn view(&self) -> TapView {
        let inner = self.inner();
        let counts = inner.runner.as_ref().map(|runner| runner.state().counts);
        TapView {
            standing: inner.standing,
            since: inner.since.map(WallTime::as_millis),
            clear_text: inner.since.is_some() && inner.below.clear_text(inner.pulled) == Some(true),
            private_dns: inner.below.private_dns,
            questions: counts.map_or(0, |counts| counts.queries),
            answered: counts.map_or(0, |counts| counts.answers),
            failed: counts.map_or(0, |counts| counts.failed),
            trouble: inner.trouble.clone(),
        }
    }

    /// Says in the book what the tap sees, for the coverage of names.
    fn tell(&self, inner: &Inner) {
        let runs = inner.since.is_some();
        let state = match inner.standing {
            TapStanding::Off if inner.other_vpn => Seen::OtherVpn,
            TapStanding::Off => Seen::Off,
            TapStanding::Failing => Seen::WithoutResolver,
            TapStanding::Idle | TapStanding::Answering => Seen::On,
        };
        self.names.set_tap(TapCoverage {
            state,
            clear_text: runs && inner.below.clear_text(inner.pulled) == Some(true),
            strict_private_dns: runs && inner.below.private_dns == PrivateDns::Strict,
            tells_askers: runs && inner.settings.askers,
            servers: if runs {
                inner.settings.servers.clone()
            } else {
                Vec::new()
            },
            forwarder: (runs && !inner.pulled).then(|| Uid::new(nix::unistd::geteuid().as_raw())),
        });
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Hands the device to a runner, where there is somebody to ask.
    fn run(&mut self, names: &NameBook) {
        let Some(upstream) = self.below.upstream(self.pulled) else {
            return;
        };
        let Some(device) = self.waiting.take() else {
            return;
        };
        let names = names.clone();
        let started = TapRunner::start(device, upstream, &self.settings, move |answer| {
            names.learn(answer);
        });
        match started {
            Ok(runner) => self.runner = Some(Arc::new(runner)),
            Err(error) => {
                self.end();
                self.trouble = chain(&error);
            }
        }
    }

    /// Looks how the runner does; whether it ended by itself.
    fn look(&mut self) -> bool {
        let Some(state) = self.runner.as_ref().map(|runner| runner.state()) else {
            return false;
        };
        if let Some(why) = state.ended {
            self.end();
            self.trouble = why;
            return true;
        }
        let counted = (state.counts.answers, state.counts.failed);
        if all_down(&state) {
            self.standing = TapStanding::Failing;
        } else if counted.0 > self.counted.0 {
            self.standing = TapStanding::Answering;
        } else if counted.1 > self.counted.1 {
            self.standing = TapStanding::Failing;
        }
        self.counted = counted;
        false
    }

    fn end(&mut self) {
        self.waiting = None;
        self.since = None;
        self.standing = TapStanding::Off;
        if let Some(runner) = self.runner.take() {
            // Whoever waits for questions has it too, and hears of its end.
            runner.end();
        }
    }
}

fn all_down(state: &TapState) -> bool {
    match &state.upstream {
        UpstreamState::Sockets { servers, .. } => {
            !servers.is_empty() && servers.iter().all(|server| server.down)
        }
        UpstreamState::Pulled { .. } => false,
    }
}

fn questions(ended: bool, queries: Vec<Query>) -> TapAnswer {
    let questions = queries.into_iter().filter_map(question).collect();
    TapAnswer::Questions(TapQuestions { ended, questions })
}

/// A question as it crosses. One that the tap asks by itself is no business of the front end.
fn question(query: Query) -> Option<TapQuestion> {
    let flow = query.flow;
    Some(TapQuestion {
        id: query.id.get(),
        message: query.message?,
        protocol: match flow.protocol {
            Protocol::Tcp => Protocol::Tcp,
            _ => Protocol::Udp,
        },
        local: network::bytes(flow.local.address()),
        local_port: u32::from(flow.local.port()),
        remote: network::bytes(flow.remote.address()),
        remote_port: u32::from(flow.remote.port()),
    })
}

/// How events call it.
const fn begin_word(by: TapBegin) -> &'static str {
    match by {
        TapBegin::User => "the user",
        TapBegin::AlwaysOn => "always-on VPN",
        TapBegin::Again => "came back",
    }
}

const fn end_word(end: TapEnd) -> &'static str {
    match end {
        TapEnd::User => "the user",
        TapEnd::Revoked => "another VPN, or the system's settings",
        TapEnd::System => "the system",
    }
}
