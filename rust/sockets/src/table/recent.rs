//! Whose a connection was that is closed: the kernel may go on to speak of it without saying.

use std::hash::Hash;
use std::time::Duration;

use hashbrown::HashMap;
use portlog_model::{BootTime, Connection, Cookie, Tuple, Uid};

/// For how long a tuple is taken to be the same connection: as long as the kernel keeps a closed one
/// (`TCP_TIMEWAIT_LEN` in `include/net/tcp.h`). Later, another process may have been given the port.
const KEPT: Duration = Duration::from_mins(1);

/// How many are remembered, at most twice over.
const MANY: usize = 2_048;

/// A bounded memory of closed connections.
#[derive(Debug, Default)]
pub(super) struct Recent {
    tuples: Aging<Tuple, Gone>,
    cookies: Aging<Cookie, ()>,
}

#[derive(Clone, Copy, Debug)]
struct Gone {
    uid: Option<Uid>,
    cookie: Option<Cookie>,
    at: BootTime,
}

impl Recent {
    /// Keeps what is needed of a connection that was closed at `at`.
    pub(super) fn remember(&mut self, connection: &Connection, at: BootTime) {
        let Connection { uid, cookie, .. } = *connection;
        if let Some(cookie) = cookie {
            self.remember_cookie(cookie);
        }
        if !connection.remote.is_unset() {
            let gone = Gone { uid, cookie, at };
            self.tuples.insert(connection.tuple(), gone);
        }
    }

    /// Keeps that the socket with this cookie is gone.
    pub(super) fn remember_cookie(&mut self, cookie: Cookie) {
        self.cookies.insert(cookie, ());
    }

    /// Whether a connection with this cookie was closed.
    pub(super) fn has(&self, cookie: Cookie) -> bool {
        self.cookies.get(&cookie).is_some()
    }

    /// Whose the connection with this tuple was. `cookie` splits, where both have one.
    pub(super) fn owner(
        &self,
        tuple: &Tuple,
        cookie: Option<Cookie>,
        now: BootTime,
    ) -> Option<Uid> {
        let gone = self.tuples.get(tuple)?;
        let another = cookie.is_some() && gone.cookie.is_some() && cookie != gone.cookie;
        gone.uid.filter(|_| !another && now.since(gone.at) <= KEPT)
    }
}

/// A map that forgets its older half when it is full.
#[derive(Debug)]
struct Aging<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
}

impl<K, V> Default for Aging<K, V> {
    fn default() -> Self {
        Self {
            young: HashMap::new(),
            old: HashMap::new(),
        }
    }
}

impl<K: Eq + Hash, V> Aging<K, V> {
    fn insert(&mut self, key: K, value: V) {
        if self.young.len() >= MANY {
            std::mem::swap(&mut self.young, &mut self.old);
            self.young.clear();
        }
        self.young.insert(key, value);
    }

    fn get(&self, key: &K) -> Option<&V> {
        self.young.get(key).or_else(|| self.old.get(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_memory_is_bounded_and_keeps_the_latest() {
        let mut memory = Aging::default();
        for key in 0..10 * MANY {
            memory.insert(key, key);
            assert!(memory.young.len() + memory.old.len() <= 2 * MANY);
        }
        let last = 10 * MANY - 1;
        assert_eq!(memory.get(&last), Some(&last));
        assert_eq!(memory.get(&(last + 1 - MANY)), Some(&(last + 1 - MANY)));
        assert_eq!(memory.get(&0), None);
    }
}
