//! What callers have for the tap's thread, and the pipe that wakes it.

use std::collections::VecDeque;
use std::io;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::sync::{Mutex, PoisonError};

use nix::fcntl::OFlag;
use nix::unistd::{pipe2, read, write};
use portlog_model::Uid;

use super::Upstream;
use crate::{Error, QueryId};

/// The most orders that wait. Each answers a question that is open, and those are bounded; more is
/// somebody who gives answers to nothing.
const MOST: usize = 4_096;

/// Something a caller wants.
#[derive(Debug)]
pub(super) enum Order {
    Answer(QueryId, Vec<u8>),
    Asker(QueryId, Option<Uid>),
    Fail(QueryId),
    Stop,
    Swap(Upstream),
}

#[derive(Debug)]
pub(super) struct Inbox {
    orders: Mutex<VecDeque<Order>>,
    bell: OwnedFd,
    button: OwnedFd,
}

impl Inbox {
    pub(super) fn new() -> Result<Self, Error> {
        let (bell, button) =
            pipe2(OFlag::O_CLOEXEC | OFlag::O_NONBLOCK).map_err(|errno| Error::System {
                what: "make a pipe",
                source: io::Error::from(errno),
            })?;
        Ok(Self {
            orders: Mutex::default(),
            bell,
            button,
        })
    }

    /// Readable while something waits.
    pub(super) fn bell(&self) -> BorrowedFd<'_> {
        self.bell.as_fd()
    }

    pub(super) fn give(&self, order: Order) {
        let mut orders = self.orders.lock().unwrap_or_else(PoisonError::into_inner);
        // The end and a new network are never turned away.
        if orders.len() >= MOST && !matches!(order, Order::Stop | Order::Swap(_)) {
            return;
        }
        if orders.is_empty() {
            // A pipe that is full rings already.
            let _ = write(&self.button, &[0]);
        }
        orders.push_back(order);
    }

    /// Takes all.
    pub(super) fn take(&self) -> VecDeque<Order> {
        let mut orders = self.orders.lock().unwrap_or_else(PoisonError::into_inner);
        let mut bytes = [0; 64];
        while matches!(read(&self.bell, &mut bytes), Ok(count) if count == bytes.len()) {}
        std::mem::take(&mut orders)
    }
}
