//! Asking by ourselves: questions over UDP and TCP to the servers, and their answers.
//!
//! A question gets a random id, and over UDP a socket of its own, connected, whose port the kernel
//! draws: an answer has to come from the server's address and port, to that port, with that id and with
//! that question. Only when very many are open do questions to a server share sockets, drawn by lot.
//!
//! A server that is silent is not given up: its socket stays open while others are asked, and
//! whichever answers first is believed.

mod line;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::os::fd::AsRawFd as _;
use std::time::Duration;

use nix::poll::PollFd;
use portlog_model::{BootTime, Moment, Protocol};

use self::line::{Heard, Line};
use crate::dns::{self, Asked};
use crate::servers::Servers;
use crate::state::Failure;
use crate::{Chance, QueryId};

/// The most UDP sockets to one server.
const MAX_UDP: usize = 32;
/// The most TCP connections in all; further questions wait.
const MAX_TCP: usize = 16;
/// How long a server may take before another, or the same one again, is asked as well.
const UDP_PATIENCE: Duration = Duration::from_secs(2);
const TCP_PATIENCE: Duration = Duration::from_secs(5);
/// How long a question is asked at all; a little less than the core waits.
const PATIENCE: Duration = Duration::from_secs(10);

/// What became of a question.
#[derive(Debug)]
pub(super) enum Event {
    Answer(QueryId, Vec<u8>),
    Failed(QueryId),
    /// Something came that is no answer to what was asked.
    Wrong,
}

pub(super) struct Forward {
    servers: Servers,
    chance: Chance,
    asks: BTreeMap<QueryId, Ask>,
    dues: BTreeSet<(BootTime, QueryId)>,
    lines: BTreeMap<i32, Line>,
    ready: Vec<i32>,
    /// Questions for TCP beyond [`MAX_TCP`].
    queue: VecDeque<QueryId>,
}

struct Ask {
    message: Vec<u8>,
    asked: Asked,
    protocol: Protocol,
    end: BootTime,
    due: BootTime,
    /// Who was asked in this round.
    tried: Vec<usize>,
    /// Who cannot be asked at all.
    unreachable: Vec<usize>,
    /// What the last one said that declined.
    declined: Option<Vec<u8>>,
}

impl Forward {
    pub(super) fn new(chance: impl FnMut() -> u32 + Send + 'static) -> Self {
        Self {
            servers: Servers::new(&[]),
            chance: Box::new(chance),
            asks: BTreeMap::new(),
            dues: BTreeSet::new(),
            lines: BTreeMap::new(),
            ready: Vec::new(),
            queue: VecDeque::new(),
        }
    }

    /// Forgets everything and asks these from now on.
    pub(super) fn use_servers(&mut self, servers: &[SocketAddr]) {
        self.servers = Servers::new(servers);
        self.asks.clear();
        self.dues.clear();
        self.lines.clear();
        self.ready.clear();
        self.queue.clear();
    }

    pub(super) fn servers(&self) -> &Servers {
        &self.servers
    }

    pub(super) fn deadline(&self) -> Option<BootTime> {
        self.dues.first().map(|(due, _)| *due)
    }

    pub(super) fn add_to<'a>(&'a self, waiting: &mut Vec<PollFd<'a>>) {
        waiting.extend(self.lines.values().map(Line::waits_for));
    }

    /// Which sockets have something, as of the last wait.
    pub(super) fn set_ready(&mut self, ready: Vec<i32>) {
        self.ready = ready;
    }

    /// Asks a question.
    pub(super) fn ask(
        &mut self,
        id: QueryId,
        message: &[u8],
        protocol: Protocol,
        now: Moment,
        events: &mut Vec<Event>,
    ) {
        let Ok(asked) = dns::asked(message) else {
            return events.push(Event::Failed(id));
        };
        let ask = Ask {
            message: message.to_vec(),
            asked,
            protocol,
            end: now.boot.saturating_add(PATIENCE),
            due: now.boot,
            tried: Vec::new(),
            unreachable: Vec::new(),
            declined: None,
        };
        self.dues.insert((ask.due, id));
        self.asks.insert(id, ask);
        self.go_on(id, now, events);
    }

    /// Nobody waits for it any more.
    pub(super) fn forget(&mut self, id: QueryId) {
        if let Some(ask) = self.asks.remove(&id) {
            self.dues.remove(&(ask.due, id));
            self.hang_up(id);
        }
    }

    /// Reads what came.
    pub(super) fn read(&mut self, buffer: &mut [u8], now: Moment, events: &mut Vec<Event>) {
        for fd in std::mem::take(&mut self.ready) {
            while let Some(line) = self.lines.get_mut(&fd) {
                let server = line.server();
                match line.read(buffer) {
                    Heard::Nothing => break,
                    Heard::Stray => events.push(Event::Wrong),
                    Heard::Broken => {
                        let Some(line) = self.lines.remove(&fd) else {
                            break;
                        };
                        let how = if line.is_tcp() {
                            Failure::NoTcp
                        } else {
                            Failure::Unreachable
                        };
                        self.servers.failed(server, how, now);
                        for id in line.asks() {
                            if let Some(ask) = self.asks.get_mut(&id) {
                                ask.unreachable.push(server);
                                self.go_on(id, now, events);
                            }
                        }
                        break;
                    }
                    Heard::Message(id, message) => {
                        self.heard(id, server, message, now, events);
                    }
                }
            }
        }
    }

    /// Asks further where it was silent for too long.
    pub(super) fn tick(&mut self, now: Moment, events: &mut Vec<Event>) {
        while let Some(&(due, id)) = self.dues.first()
            && due <= now.boot
        {
            if let Some(ask) = self.asks.get(&id)
                && let Some(last) = ask.tried.last()
            {
                let how = match ask.protocol {
                    Protocol::Tcp => Failure::NoTcp,
                    _ => Failure::Silent,
                };
                self.servers.failed(*last, how, now);
            }
            self.go_on(id, now, events);
        }
        while !self.queue.is_empty() && self.tcp_lines() < MAX_TCP {
            if let Some(id) = self.queue.pop_front() {
                self.go_on(id, now, events);
            }
        }
    }

    fn heard(
        &mut self,
        id: QueryId,
        server: usize,
        message: Vec<u8>,
        now: Moment,
        events: &mut Vec<Event>,
    ) {
        let Some(ask) = self.asks.get_mut(&id) else {
            return events.push(Event::Wrong);
        };
        if !dns::belongs(&message, &ask.message, &ask.asked) {
            return events.push(Event::Wrong);
        }
        let declines = dns::declines(&message);
        if declines {
            self.servers.failed(server, Failure::Declined, now);
            ask.tried.push(server);
            if self.servers.pick(&ask.tried, now.boot).is_some() {
                ask.declined = Some(message);
                return self.go_on(id, now, events);
            }
        } else {
            self.servers.answered(server, now);
        }
        self.forget(id);
        events.push(Event::Answer(id, message));
    }

    /// Asks the next server, or all once more, or gives up.
    fn go_on(&mut self, id: QueryId, now: Moment, events: &mut Vec<Event>) {
        loop {
            let tcp_lines = self.tcp_lines();
            let Some(ask) = self.asks.get_mut(&id) else {
                return;
            };
            self.dues.remove(&(ask.due, id));
            if ask.unreachable.len() >= self.servers.len() || ask.end <= now.boot {
                break;
            }
            if ask.protocol == Protocol::Tcp && tcp_lines >= MAX_TCP {
                ask.due = ask.end;
                self.dues.insert((ask.due, id));
                self.queue.push_back(id);
                return;
            }
            let mut not_again = ask.tried.clone();
            not_again.extend_from_slice(&ask.unreachable);
            let Some(server) = self.servers.pick(&not_again, now.boot) else {
                if ask.declined.is_some() {
                    // All have had their say.
                    break;
                }
                ask.tried.clear();
                continue;
            };
            let patience = match ask.protocol {
                Protocol::Tcp => TCP_PATIENCE,
                _ => UDP_PATIENCE,
            };
            ask.due = now.boot.saturating_add(patience).min(ask.end);
            self.dues.insert((ask.due, id));
            ask.tried.push(server);
            if self.send(id, server).is_ok() {
                return;
            }
            // Not even begun: there is no way to it.
            self.servers.failed(server, Failure::Unreachable, now);
            if let Some(ask) = self.asks.get_mut(&id) {
                ask.unreachable.push(server);
            }
        }
        let declined = self.asks.get_mut(&id).and_then(|ask| ask.declined.take());
        self.forget(id);
        events.push(match declined {
            Some(message) => Event::Answer(id, message),
            None => Event::Failed(id),
        });
    }

    /// Sends a question to a server, over a line that it has there or a new one.
    fn send(&mut self, id: QueryId, server: usize) -> Result<(), ()> {
        let Some(address) = self.servers.address(server) else {
            return Err(());
        };
        let Some(ask) = self.asks.get(&id) else {
            return Err(());
        };
        let is_tcp = ask.protocol == Protocol::Tcp;
        let there = self
            .lines
            .values_mut()
            .find(|line| line.server() == server && line.is_tcp() == is_tcp && line.carries(id));
        if let Some(line) = there {
            // Over TCP it is on its way.
            return line.send_again(id, &ask.message);
        }
        let alike = |line: &&mut Line| !line.is_tcp() && line.server() == server;
        let open = self.lines.values_mut().filter(alike).count();
        if !is_tcp && open >= MAX_UDP {
            let drawn = (self.chance)() as usize % open;
            let line = self.lines.values_mut().filter(alike).nth(drawn);
            return line.map_or(Err(()), |line| {
                line.send(id, &ask.message, &mut self.chance)
            });
        }
        let mut line = Line::open(address, server, is_tcp).map_err(|_| ())?;
        line.send(id, &ask.message, &mut self.chance)?;
        self.lines.insert(line.fd().as_raw_fd(), line);
        Ok(())
    }

    fn tcp_lines(&self) -> usize {
        self.lines.values().filter(|line| line.is_tcp()).count()
    }

    /// Closes the lines that carry nothing but this.
    fn hang_up(&mut self, id: QueryId) {
        self.lines.retain(|_, line| {
            line.drop_ask(id);
            line.is_used()
        });
    }
}
