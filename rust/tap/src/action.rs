//! What the core wants done.

use std::collections::VecDeque;
use std::net::IpAddr;

use portlog_model::{Endpoint, Moment, Protocol, Uid};
use portlog_names::{AddressRecord, Alias, Answer};

/// A question on its way, from the packet that brought it to the answer. Never given twice.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct QueryId(u64);

impl QueryId {
    /// The id with this number, as [`Self::get`] gave it to a front end.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// Its number.
    pub const fn get(self) -> u64 {
        self.0
    }
}

/// Between whom a question travels, as Android's `getConnectionOwnerUid` wants to be told.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Flow {
    /// TCP or UDP.
    pub protocol: Protocol,
    /// The asker's end.
    pub local: Endpoint,
    /// The end at the tap's own address.
    pub remote: Endpoint,
}

/// Something to do, in the order in which it came up.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Action {
    /// A packet to write to the TUN device.
    Packet(Vec<u8>),
    /// A question to ask upstream, and whose asker to look up.
    Query {
        /// What the answer, the failure or the asker is given for.
        id: QueryId,
        /// The message as the asker wrote it, id included, without TCP's length.
        message: Vec<u8>,
        /// Whose socket to look up. Its protocol says also how to ask upstream: an asker that came
        /// by TCP wants the whole answer.
        asker: Flow,
    },
    /// Nobody waits for this question any more; an answer would be of no use.
    Forget(QueryId),
    /// A question for a host's address was answered, or found no answer.
    Learn(Learnt),
}

/// A queue of actions, kept from call to call.
#[derive(Clone, Debug, Default)]
pub struct Actions {
    queue: VecDeque<Action>,
}

impl Actions {
    /// Takes the oldest.
    pub fn pop(&mut self) -> Option<Action> {
        self.queue.pop_front()
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.queue.len()
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    pub(crate) fn push(&mut self, action: Action) {
        self.queue.push_back(action);
    }
}

/// What an answer told: [`Answer`], owned.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Learnt {
    /// The name that was asked for, without the dot at its end.
    pub name: String,
    /// Who asked, where that was told in time.
    pub asker: Option<Uid>,
    /// When the answer was passed on.
    pub at: Moment,
    /// The CNAME records: name, target, seconds to live.
    pub aliases: Vec<(String, String, u32)>,
    /// The A and AAAA records: name, address, seconds to live.
    pub addresses: Vec<(String, IpAddr, u32)>,
}

impl Learnt {
    /// Lends it in the form in which it is learnt.
    pub fn lend<T>(&self, to: impl FnOnce(&Answer<'_>) -> T) -> T {
        let aliases: Vec<Alias<'_>> = self
            .aliases
            .iter()
            .map(|(name, target, ttl)| Alias {
                name,
                target,
                ttl: *ttl,
            })
            .collect();
        let addresses: Vec<AddressRecord<'_>> = self
            .addresses
            .iter()
            .map(|(name, address, ttl)| AddressRecord {
                name,
                address: *address,
                ttl: *ttl,
            })
            .collect();
        to(&Answer {
            name: &self.name,
            asker: self.asker,
            at: self.at,
            aliases: &aliases,
            addresses: &addresses,
        })
    }
}
