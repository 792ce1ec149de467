//! The thread: what comes in is given to the core, and what the core wants is done.

use std::io;
use std::os::fd::{AsFd as _, AsRawFd as _, OwnedFd};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::unistd::{read, write};
use portlog_model::fault::panic_text;
use portlog_model::{BootTime, Moment};
use portlog_names::Answer;

use super::clock::now;
use super::forward::{Event, Forward};
use super::inbox::{Inbox, Order};
use super::outlet::Outlet;
use super::{Query, Upstream, chance};
use crate::{Action, Actions, Drop, Error, QueryId, Settings, Tap, TapState, UpstreamState};

/// The most packets read before anything else gets its turn.
const BURST: usize = 64;

/// The largest packet of a device.
const MAX_PACKET: usize = 65_536;

pub(super) fn start(
    device: OwnedFd,
    upstream: Upstream,
    settings: &Settings,
    inbox: Arc<Inbox>,
    outlet: Arc<Outlet>,
    learn: impl Fn(&Answer<'_>) + Send + 'static,
) -> Result<JoinHandle<()>, Error> {
    let system = |what| move |source: io::Error| Error::System { what, source };
    let chance = chance::source().map_err(system("open the source of chance"))?;
    let forward = Forward::new(chance::source().map_err(system("open the source of chance"))?);
    let flags = fcntl(&device, FcntlArg::F_GETFL)
        .map_err(|errno| system("ask for the device's flags")(errno.into()))?;
    let flags = OFlag::from_bits_retain(flags) | OFlag::O_NONBLOCK;
    fcntl(&device, FcntlArg::F_SETFL(flags))
        .map_err(|errno| system("set the device's flags")(errno.into()))?;
    let mut work = Work {
        tap: Tap::new(settings, Box::new(chance))?,
        askers: settings.askers,
        device,
        inbox,
        outlet,
        learn,
        forward,
        pulled: false,
        clear_text: None,
        actions: Actions::default(),
        events: Vec::new(),
        ended: None,
    };
    work.use_upstream(upstream, now());
    work.tell_state(now());
    thread::Builder::new()
        .name("portlog-tap".to_owned())
        .spawn(move || {
            let outcome = catch_unwind(AssertUnwindSafe(|| work.run()));
            let ended = match outcome {
                Ok(why) => why,
                Err(panic) => format!("a fault: {}", panic_text(panic.as_ref())),
            };
            work.ended = Some(ended);
            work.tell_state(now());
        })
        .map_err(system("start a thread"))
}

struct Work<L> {
    tap: Tap,
    askers: bool,
    device: OwnedFd,
    inbox: Arc<Inbox>,
    outlet: Arc<Outlet>,
    learn: L,
    /// Asks by itself; without servers while the front end does.
    forward: Forward,
    /// Whether the front end asks.
    pulled: bool,
    clear_text: Option<bool>,
    actions: Actions,
    events: Vec<Event>,
    ended: Option<String>,
}

impl<L: Fn(&Answer<'_>)> Work<L> {
    /// Works until it is told to stop or the device is gone; why it ended.
    fn run(&mut self) -> String {
        let mut buffer = vec![0; MAX_PACKET];
        loop {
            let gone = match self.wait() {
                Ok(gone) => gone,
                Err(errno) => return format!("cannot wait: {errno}"),
            };
            let now = now();
            for order in self.inbox.take() {
                match order {
                    Order::Answer(id, message) => {
                        self.tap.answer(id, &message, now, &mut self.actions);
                    }
                    Order::Asker(id, uid) => self.tap.asker(id, uid, &mut self.actions),
                    Order::Fail(id) => self.tap.failed(id, now, &mut self.actions),
                    Order::Stop => return "stopped".to_owned(),
                    Order::Swap(upstream) => self.use_upstream(upstream, now),
                }
            }
            if let Err(errno) = self.read_device(&mut buffer, now) {
                return format!("the device is gone: {errno}");
            }
            if gone {
                return "the device is gone".to_owned();
            }
            self.forward.read(&mut buffer, now, &mut self.events);
            self.forward.tick(now, &mut self.events);
            self.tap.tick(now, &mut self.actions);
            self.settle(now);
            self.tell_state(now);
        }
    }

    /// Sleeps until something comes or is due. Returns whether the device is gone.
    fn wait(&mut self) -> Result<bool, Errno> {
        let deadline = [self.tap.deadline(), self.forward.deadline()]
            .into_iter()
            .flatten()
            .min();
        let timeout = deadline.map_or(PollTimeout::NONE, until);
        let mut waiting = vec![
            PollFd::new(self.device.as_fd(), PollFlags::POLLIN),
            PollFd::new(self.inbox.bell(), PollFlags::POLLIN),
        ];
        self.forward.add_to(&mut waiting);
        match poll(&mut waiting, timeout) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(errno) => return Err(errno),
        }
        let gone = PollFlags::POLLERR | PollFlags::POLLHUP | PollFlags::POLLNVAL;
        let is_gone = waiting
            .first()
            .and_then(PollFd::revents)
            .is_some_and(|events| events.intersects(gone));
        let ready: Vec<i32> = waiting
            .iter()
            .skip(2)
            .filter(|waiting| waiting.any().unwrap_or(true))
            .map(|waiting| waiting.as_fd().as_raw_fd())
            .collect();
        self.forward.set_ready(ready);
        Ok(is_gone)
    }

    fn read_device(&mut self, buffer: &mut [u8], now: Moment) -> Result<(), Errno> {
        for _ in 0..BURST {
            match read(&self.device, buffer) {
                Ok(0) => return Err(Errno::EIO),
                Ok(length) => {
                    let packet = buffer.get(..length).unwrap_or_default();
                    self.tap.packet(packet, now, &mut self.actions);
                    self.settle(now);
                }
                Err(Errno::EAGAIN) => return Ok(()),
                Err(Errno::EINTR) => {}
                Err(errno) => return Err(errno),
            }
        }
        Ok(())
    }

    /// Does what the core wants, until it wants nothing.
    fn settle(&mut self, now: Moment) {
        loop {
            while let Some(action) = self.actions.pop() {
                self.act(action, now);
            }
            let events = std::mem::take(&mut self.events);
            if events.is_empty() {
                return;
            }
            for event in events {
                match event {
                    Event::Answer(id, message) => {
                        self.tap.answer(id, &message, now, &mut self.actions);
                    }
                    Event::Failed(id) => self.tap.failed(id, now, &mut self.actions),
                    Event::Wrong => self.tap.count(Drop::WrongAnswer),
                }
            }
        }
    }

    fn act(&mut self, action: Action, now: Moment) {
        match action {
            // A device that takes no more loses a packet, as a network does.
            Action::Packet(packet) => drop(write(&self.device, &packet)),
            Action::Query { id, message, asker } => {
                if self.pulled || self.askers {
                    let query = Query {
                        id,
                        flow: asker,
                        message: self.pulled.then(|| message.clone()),
                    };
                    self.offer(query, now);
                }
                if !self.pulled {
                    self.forward
                        .ask(id, &message, asker.protocol, now, &mut self.events);
                }
            }
            Action::Forget(id) => self.forget(id),
            Action::Learn(learnt) => learnt.lend(&self.learn),
        }
    }

    fn offer(&mut self, query: Query, now: Moment) {
        let Err(query) = self.outlet.offer(query) else {
            return;
        };
        if query.message.is_some() {
            self.tap.failed(query.id, now, &mut self.actions);
        } else {
            self.tap.asker(query.id, None, &mut self.actions);
        }
    }

    fn forget(&mut self, id: QueryId) {
        self.outlet.withdraw(id);
        self.forward.forget(id);
    }

    /// Asks there from now on, what is under way included.
    fn use_upstream(&mut self, upstream: Upstream, now: Moment) {
        let open: Vec<_> = self
            .tap
            .queries()
            .map(|(id, message, flow)| (id, message.to_vec(), flow))
            .collect();
        match upstream {
            Upstream::Sockets { servers } => {
                (self.pulled, self.clear_text) = (false, Some(true));
                self.forward.use_servers(&servers);
            }
            Upstream::Pulled { clear_text } => {
                (self.pulled, self.clear_text) = (true, clear_text);
                self.forward.use_servers(&[]);
            }
        }
        for (id, message, asker) in open {
            self.outlet.withdraw(id);
            self.act(Action::Query { id, message, asker }, now);
        }
    }

    fn tell_state(&self, now: Moment) {
        let upstream = match (self.pulled, self.forward.servers().in_use(now.boot)) {
            (false, Some(in_use)) => UpstreamState::Sockets {
                servers: self.forward.servers().states(now.boot),
                in_use,
            },
            _ => UpstreamState::Pulled { waiting: 0 },
        };
        self.outlet.set_state(TapState {
            ended: self.ended.clone(),
            upstream,
            clear_text: self.clear_text,
            counts: self.tap.counts(),
            pending: self.tap.pending(),
            streams: self.tap.streams(),
        });
    }
}

fn until(deadline: BootTime) -> PollTimeout {
    let left = deadline.since(now().boot);
    // Rounded up: woken too early, there would be nothing to do.
    let millis = left.as_nanos().div_ceil(1_000_000);
    PollTimeout::try_from(i32::try_from(millis).unwrap_or(i32::MAX)).unwrap_or(PollTimeout::MAX)
}
