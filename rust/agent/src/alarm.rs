//! The ticker: a thread that does nothing but sleep until a deadline and then ring.
//!
//! The poll thread must not sleep itself: it also takes commands, and the one wait that goes on
//! correctly through a suspend (`clock_nanosleep` on `CLOCK_BOOTTIME`) cannot be interrupted by a
//! command. At the end the ticker is left to expire; it holds nothing.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;

use portlog_model::BootTime;

use crate::clock::Clock;

/// Rings once for each deadline that it was given.
#[derive(Debug)]
pub(crate) struct Alarm {
    deadlines: SyncSender<BootTime>,
}

impl Alarm {
    /// Starts the ticker; `ring` is called on its thread and says whether anyone still listens.
    pub(crate) fn start(
        clock: Arc<dyn Clock>,
        mut ring: impl FnMut() -> bool + Send + 'static,
    ) -> std::io::Result<Self> {
        let (deadlines, next): (SyncSender<BootTime>, Receiver<BootTime>) = sync_channel(1);
        thread::Builder::new()
            .name("portlog-ticker".to_owned())
            .spawn(move || {
                while let Ok(deadline) = next.recv() {
                    clock.sleep_until(deadline);
                    if !ring() {
                        return;
                    }
                }
            })?;
        Ok(Self { deadlines })
    }

    /// Rings at `deadline`. One deadline at a time: the poll thread sets the next one after a ring.
    pub(crate) fn set(&self, deadline: BootTime) -> bool {
        !matches!(
            self.deadlines.try_send(deadline),
            Err(TrySendError::Disconnected(_))
        )
    }
}
