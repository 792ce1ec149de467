//! What is to happen: connections of known length and ending at random moments.

use std::fmt::Write as _;
use std::time::Duration;

/// How a connection ends.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Ending {
    /// The phone closes first: `TIME_WAIT` is left on it.
    ClientFirst,
    /// The host closes first and the phone at once after it: nothing is left on the phone.
    ServerFirst,
    /// The phone resets it.
    ResetByClient,
    /// The host resets it and the phone closes at once.
    ResetByServer,
    /// Not a connection: a UDP socket with a peer, closed.
    Datagram,
}

impl Ending {
    pub(crate) const ALL: [Self; 5] = [
        Self::ClientFirst,
        Self::ServerFirst,
        Self::ResetByClient,
        Self::ResetByServer,
        Self::Datagram,
    ];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::ClientFirst => "client-first",
            Self::ServerFirst => "server-first",
            Self::ResetByClient => "reset-by-client",
            Self::ResetByServer => "reset-by-server",
            Self::Datagram => "datagram",
        }
    }

    pub(crate) fn parse(word: &str) -> Self {
        Self::ALL
            .into_iter()
            .find(|ending| ending.as_str() == word)
            .unwrap_or_else(|| panic!("no ending is called {word}"))
    }
}

/// One connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Planned {
    /// When it begins, from the first moment on.
    pub(crate) at: Duration,
    pub(crate) ending: Ending,
    pub(crate) lifetime: Duration,
    /// The phone's port, of no other connection of this run.
    pub(crate) port: u16,
}

/// Many, in the order of their beginnings.
#[derive(Debug)]
pub(crate) struct Plan {
    planned: Vec<Planned>,
    random: u64,
    next_port: u16,
}

impl Plan {
    /// An empty plan. Moments are random, but the same in every run.
    pub(crate) fn new() -> Self {
        Self {
            planned: Vec::new(),
            random: 0x9E37_79B9_7F4A_7C15,
            // The first of those that the kernel gives to clients.
            next_port: 32_768,
        }
    }

    /// Forgets what was planned; ports are not used again.
    pub(crate) fn clear(&mut self) {
        self.planned.clear();
    }

    /// Adds `connections` at random moments within `window`.
    pub(crate) fn add(
        &mut self,
        ending: Ending,
        lifetime: Duration,
        connections: usize,
        window: Duration,
    ) {
        for _ in 0..connections {
            self.random ^= self.random << 13;
            self.random ^= self.random >> 7;
            self.random ^= self.random << 17;
            let window = u64::try_from(window.as_micros()).unwrap();
            self.planned.push(Planned {
                at: Duration::from_micros(self.random % window),
                ending,
                lifetime,
                port: self.next_port,
            });
            self.next_port += 1;
            assert!(self.next_port < 61_000, "more connections than ports");
        }
        self.planned.sort_by_key(|planned| planned.at);
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Planned> {
        self.planned.iter()
    }

    /// A line for each.
    pub(crate) fn to_text(&self) -> String {
        let mut text = String::new();
        for planned in self.iter() {
            writeln!(
                text,
                "{} {} {} {}",
                planned.at.as_micros(),
                planned.ending.as_str(),
                planned.lifetime.as_millis(),
                planned.port
            )
            .unwrap();
        }
        text
    }
}

impl Planned {
    /// From a line of [`Plan::to_text`].
    pub(crate) fn parse(line: &str) -> Self {
        let words: Vec<&str> = line.split(' ').collect();
        let [at, ending, lifetime, port] = words.as_slice() else {
            panic!("{line:?} is no planned connection");
        };
        Self {
            at: Duration::from_micros(at.parse().unwrap()),
            ending: Ending::parse(ending),
            lifetime: Duration::from_millis(lifetime.parse().unwrap()),
            port: port.parse().unwrap(),
        }
    }
}
