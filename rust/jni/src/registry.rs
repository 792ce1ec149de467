//! Handles: the numbers by which Java names open sessions.
//!
//! A number is given once and never again, so that one that was kept too long finds nothing, and
//! never somebody else's session; and it is no address, so that a forged one finds nothing either.
//! A session lives until its handle is closed and the last call that is under way in it has
//! returned.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::error::BridgeError;

/// Values of type `T` by handle.
#[derive(Debug)]
pub struct Registry<T> {
    inner: Mutex<Inner<T>>,
}

#[derive(Debug)]
struct Inner<T> {
    open: BTreeMap<i64, Arc<T>>,
    /// The latest handle given; the first is 1.
    latest: i64,
}

impl<T> Registry<T> {
    /// An empty one.
    pub const fn new() -> Self {
        let inner = Inner {
            open: BTreeMap::new(),
            latest: 0,
        };
        Self {
            inner: Mutex::new(inner),
        }
    }

    /// Keeps `value`; its handle.
    pub fn open(&self, value: T) -> i64 {
        let mut inner = self.lock();
        // At a million a second this takes 292,000 years.
        inner.latest = inner.latest.saturating_add(1);
        let handle = inner.latest;
        inner.open.insert(handle, Arc::new(value));
        handle
    }

    /// The value of an open handle.
    ///
    /// # Errors
    /// When it was closed, or never given.
    pub fn find(&self, handle: i64) -> Result<Arc<T>, BridgeError> {
        let inner = self.lock();
        match inner.open.get(&handle) {
            Some(value) => Ok(Arc::clone(value)),
            None if inner.was_given(handle) => Err(BridgeError::Closed(handle)),
            None => Err(BridgeError::Unknown(handle)),
        }
    }

    /// Forgets a handle; its value, unless it was closed before.
    ///
    /// # Errors
    /// When it was never given.
    pub fn close(&self, handle: i64) -> Result<Option<Arc<T>>, BridgeError> {
        let mut inner = self.lock();
        match inner.open.remove(&handle) {
            Some(value) => Ok(Some(value)),
            None if inner.was_given(handle) => Ok(None),
            None => Err(BridgeError::Unknown(handle)),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner<T>> {
        // Nothing under the lock can leave it half changed, whoever panicked elsewhere.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Default for Registry<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Inner<T> {
    fn was_given(&self, handle: i64) -> bool {
        (1..=self.latest).contains(&handle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_is_never_given_twice() {
        let registry = Registry::new();
        let first = registry.open('a');
        assert_eq!(registry.close(first).unwrap().as_deref(), Some(&'a'));
        let second = registry.open('b');
        assert_ne!(first, second);
        assert!(matches!(registry.find(first), Err(BridgeError::Closed(h)) if h == first));
        assert_eq!(*registry.find(second).unwrap(), 'b');
    }

    #[test]
    fn closing_twice_is_nothing_and_closing_what_was_never_given_a_fault() {
        let registry = Registry::new();
        let handle = registry.open(());
        assert!(registry.close(handle).unwrap().is_some());
        assert!(registry.close(handle).unwrap().is_none());
        for forged in [0, -1, 1 << 62, i64::MIN, handle + 1] {
            assert!(matches!(registry.close(forged), Err(BridgeError::Unknown(h)) if h == forged));
            assert!(matches!(registry.find(forged), Err(BridgeError::Unknown(h)) if h == forged));
        }
    }

    #[test]
    fn a_value_lives_as_long_as_a_call_in_it() {
        let registry = Registry::new();
        let handle = registry.open("value".to_owned());
        let call = registry.find(handle).unwrap();
        drop(registry.close(handle));
        assert_eq!(*call, "value");
        assert_eq!(Arc::strong_count(&call), 1);
    }

    #[test]
    fn a_panic_elsewhere_costs_no_handle() {
        let registry = Arc::new(Registry::new());
        let handle = registry.open(7);
        let poisoner = Arc::clone(&registry);
        let panicked = std::thread::spawn(move || {
            let _guard = poisoner.inner.lock().unwrap();
            panic!("while the lock is held");
        })
        .join();
        assert!(panicked.is_err() && registry.inner.is_poisoned());
        assert_eq!(*registry.find(handle).unwrap(), 7);
    }
}
