//! The app's end of the channel, as long as the app lives: helpers come and go, this stays.
//!
//! A thread of its own greets a helper, puts its frames together and lays what they came to in a
//! short queue, from which [`super::HelperSource`] takes on the poll thread. Where nobody takes, the
//! thread stops reading; the helper then finds no room and drops whole looks, which it counts. So
//! nothing grows on either side.

use std::collections::VecDeque;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use portlog_model::fault::chain;
use portlog_sockets::OwnSocket;
use ring::rand::SystemRandom;

use super::assemble::{Assembler, Brought};
use super::frame::{Bye, Hello, ToHelper, Trouble};
use super::greeting::Role;
use super::wire::{Receiver, Sender};
use super::{Error, Listening, Wire};

/// Where a helper is attached, and asked of.
#[derive(Debug)]
pub struct HelperLink {
    shared: Mutex<Shared>,
    /// Something was taken, or the connection is another.
    taken: Condvar,
    /// This app's version, as shown to people.
    version: Arc<str>,
}

#[derive(Debug)]
struct Shared {
    /// The connection's number; a thread of an earlier one has nothing more to say.
    connection: u64,
    state: HelperState,
    brought: VecDeque<Brought>,
    looks: usize,
    sender: Option<Sender>,
    pace: Duration,
    troubles: Vec<Trouble>,
    /// When something came last, or room was made; time awake.
    heard: Instant,
    own: Option<OwnSocket>,
}

/// How it stands with the helper.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum HelperState {
    /// None is connected.
    Away {
        /// Why the last one is gone; `None` where there was none yet.
        why: Option<LinkEnd>,
    },
    /// One is about to be.
    Greeting,
    /// It is there.
    Connected {
        /// Who it is.
        hello: Arc<Hello>,
        /// What it could not get, beside the tables.
        troubles: Vec<Trouble>,
    },
}

/// Why a helper is gone.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum LinkEnd {
    /// It said so.
    Bye(Bye),
    /// The channel was closed without a word: the process ended, or was ended.
    Closed,
    /// Something was wrong, in words: another version, what is no frame, a secret that is not known.
    Failed(Arc<str>),
}

impl HelperLink {
    /// How long a greeting may take.
    const GREETING: Duration = Duration::from_secs(5);
    /// How long a helper may take to come to a loopback port.
    pub const INVITATION: Duration = Duration::from_secs(30);
    /// Looks that wait to be taken.
    pub const LOOKS: usize = 4;
    /// Anything that waits to be taken.
    const WAITING: usize = 64;
    /// How often a reading thread looks whether its connection is still the one.
    const LOOK_UP: Duration = Duration::from_millis(500);
    /// What silence may last beyond two intervals.
    pub(super) const SILENCE: Duration = Duration::from_secs(5);
    /// How long the end of a channel waits for its last word to be read.
    const FAREWELL: Duration = Duration::from_millis(500);

    /// A link without a helper.
    pub fn new(version: &str) -> Arc<Self> {
        Arc::new(Self {
            shared: Mutex::new(Shared {
                connection: 0,
                state: HelperState::Away { why: None },
                brought: VecDeque::new(),
                looks: 0,
                sender: None,
                pace: Duration::from_secs(1),
                troubles: Vec::new(),
                heard: Instant::now(),
                own: None,
            }),
            taken: Condvar::new(),
            version: Arc::from(version),
        })
    }

    /// Takes the app's end of a socketpair, in the place of any channel before. Returns at once; what
    /// comes of it is [`Self::state`].
    pub fn attach(self: &Arc<Self>, end: OwnedFd) -> Result<(), Error> {
        self.begin(move |_| Wire::greet(end, Role::App, None, &SystemRandom::new(), Self::GREETING))
    }

    /// Waits on `door` for a helper, in the place of any channel before. Returns at once; nobody who
    /// comes within [`Self::INVITATION`] is [`LinkEnd::Failed`].
    pub fn admit(self: &Arc<Self>, door: Listening) -> Result<(), Error> {
        self.begin(move |goes_on| door.accept(&SystemRandom::new(), Self::INVITATION, goes_on))
    }

    /// Ends the helper, if one is there.
    pub fn stop_helper(&self) {
        let sender = {
            let mut shared = self.shared();
            shared.connection += 1;
            if matches!(shared.state, HelperState::Away { .. }) {
                return;
            }
            shared.state = HelperState::Away {
                why: Some(LinkEnd::Bye(Bye::Stopped)),
            };
            shared.sender.take()
        };
        if let Some(mut sender) = sender {
            sender.queue(|out| ToHelper::Stop.encode(out));
            // One that does not read learns of it by the end of the channel.
            let _ = sender.flush_within(Self::FAREWELL);
        }
        self.taken.notify_all();
    }

    /// Ends the channel, if there is one; its helper looks for another.
    pub fn detach(&self) {
        let sender = {
            let mut shared = self.shared();
            shared.connection += 1;
            shared.state = HelperState::Away {
                why: Some(LinkEnd::Closed),
            };
            shared.sender.take()
        };
        if let Some(sender) = sender {
            sender.shut_down();
        }
        self.taken.notify_all();
    }

    /// Whether the helper that is there has said nothing for longer than it may, though there was room
    /// for it. Where somebody stands between the two, as Android's `content` does, its death need not
    /// close the channel.
    pub fn is_silent(&self) -> bool {
        let shared = self.shared();
        matches!(shared.state, HelperState::Connected { .. })
            && shared.looks < Self::LOOKS
            && shared.heard.elapsed() > shared.pace * 2 + Self::SILENCE
    }

    /// How it stands.
    pub fn state(&self) -> HelperState {
        let shared = self.shared();
        match &shared.state {
            HelperState::Connected { hello, .. } => HelperState::Connected {
                hello: Arc::clone(hello),
                troubles: shared.troubles.clone(),
            },
            state => state.clone(),
        }
    }

    /// Says how often to look; nothing where that is known already.
    pub fn set_pace(&self, interval: Duration) {
        let mut shared = self.shared();
        if std::mem::replace(&mut shared.pace, interval) == interval {
            return;
        }
        if let Some(sender) = &mut shared.sender
            && sender.waiting() == 0
        {
            sender.queue(|out| ToHelper::Pace(interval).encode(out));
            // The reading thread finds it out where this fails.
            let _ = sender.flush();
        }
    }

    /// What was asked for last.
    pub fn pace(&self) -> Duration {
        self.shared().pace
    }

    /// The first of what waits, and whether a look is still behind it.
    pub(super) fn take(&self) -> Option<(Brought, bool)> {
        let mut shared = self.shared();
        let first = shared.brought.pop_front()?;
        if matches!(first, Brought::Look(_)) {
            shared.looks = shared.looks.saturating_sub(1);
        }
        let more = shared.looks > 0;
        drop(shared);
        self.taken.notify_all();
        Some((first, more))
    }

    /// This end of the channel, where it stands in a table.
    pub(super) fn own(&self) -> Option<OwnSocket> {
        self.shared().own
    }

    /// Whether no helper is there, and none is about to be; where so, since which connection.
    pub(super) fn is_away(&self) -> bool {
        matches!(self.shared().state, HelperState::Away { .. })
    }

    /// The number of the connection, another for each.
    pub(super) fn connection(&self) -> u64 {
        self.shared().connection
    }

    fn begin(
        self: &Arc<Self>,
        greet: impl FnOnce(&dyn Fn() -> bool) -> Result<Wire, Error> + Send + 'static,
    ) -> Result<(), Error> {
        let number = {
            let mut shared = self.shared();
            shared.connection += 1;
            shared.state = HelperState::Greeting;
            if let Some(before) = shared.sender.take() {
                before.shut_down();
            }
            shared.connection
        };
        self.taken.notify_all();
        let link = Arc::clone(self);
        let spawned = thread::Builder::new()
            .name("portlog-helper".to_owned())
            .spawn(move || {
                let end = match link.serve(number, greet) {
                    Ok(bye) => LinkEnd::Bye(bye),
                    Err(Error::Closed) => LinkEnd::Closed,
                    Err(error) => LinkEnd::Failed(Arc::from(chain(&error))),
                };
                link.end(number, end);
            });
        spawned.map(drop).map_err(|error| {
            let failed = LinkEnd::Failed(Arc::from(error.to_string()));
            self.end(number, failed);
            Error::io("start a thread")(error)
        })
    }

    /// Reads one connection to its end.
    fn serve(
        &self,
        number: u64,
        greet: impl FnOnce(&dyn Fn() -> bool) -> Result<Wire, Error>,
    ) -> Result<Bye, Error> {
        let Wire {
            mut receiver,
            mut sender,
        } = greet(&|| self.is_current(number))?;
        {
            let mut shared = self.shared();
            if shared.connection != number {
                return Err(Error::Closed);
            }
            sender.queue(|out| {
                let version = Arc::clone(&self.version);
                ToHelper::Hello { version }.encode(out);
            });
            let pace = shared.pace;
            sender.queue(|out| ToHelper::Pace(pace).encode(out));
            sender.flush_within(Self::FAREWELL)?;
            shared.sender = Some(sender);
            shared.own = receiver.own();
            shared.troubles.clear();
        }
        let mut assembler = Assembler::default();
        loop {
            let Some(brought) = self.next(number, &mut receiver, &mut assembler)? else {
                if self.is_current(number) {
                    continue;
                }
                return Err(Error::Closed);
            };
            if let Brought::Bye(bye) = brought {
                return Ok(bye);
            }
            if !self.put(number, brought) {
                return Err(Error::Closed);
            }
        }
    }

    fn next(
        &self,
        number: u64,
        receiver: &mut Receiver,
        assembler: &mut Assembler,
    ) -> Result<Option<Brought>, Error> {
        while self.is_current(number) {
            let Some(frame) = receiver.next(Self::LOOK_UP)? else {
                return Ok(None);
            };
            if let Some(brought) = assembler.take(frame)? {
                return Ok(Some(brought));
            }
        }
        Ok(None)
    }

    /// Lays something in the queue, when there is room; `false` where the connection is another.
    fn put(&self, number: u64, brought: Brought) -> bool {
        let mut shared = self.shared();
        let is_full = |shared: &mut Shared| {
            shared.connection == number
                && (shared.looks >= Self::LOOKS || shared.brought.len() >= Self::WAITING)
        };
        shared = self
            .taken
            .wait_while(shared, is_full)
            .unwrap_or_else(PoisonError::into_inner);
        if shared.connection != number {
            return false;
        }
        shared.heard = Instant::now();
        match &brought {
            Brought::Hello(hello) => {
                shared.state = HelperState::Connected {
                    hello: Arc::new(hello.clone()),
                    troubles: Vec::new(),
                };
            }
            Brought::Look(_) => shared.looks += 1,
            Brought::Trouble(trouble) => {
                shared.troubles.retain(|known| known.with != trouble.with);
                shared.troubles.push(trouble.clone());
                return true;
            }
            _ => {}
        }
        shared.brought.push_back(brought);
        true
    }

    fn end(&self, number: u64, why: LinkEnd) {
        let mut shared = self.shared();
        if shared.connection == number {
            shared.state = HelperState::Away { why: Some(why) };
            if let Some(sender) = shared.sender.take() {
                sender.shut_down();
            }
        }
    }

    fn is_current(&self, number: u64) -> bool {
        self.shared().connection == number
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
