//! Keys from the terminal, read on a thread of their own.
//!
//! A terminal that goes away (a closed window, a broken connection) can hold up whoever reads from
//! it for good. The view must end all the same, so it never reads itself.

use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use crossterm::event::{self, Event as Input};

/// What the user does, as it comes.
pub(crate) struct Keys {
    inputs: Receiver<io::Result<Input>>,
}

impl Keys {
    /// Begins to read. The thread ends with the first input that nobody takes, or with the program.
    pub(crate) fn start() -> io::Result<Self> {
        let (sender, inputs) = sync_channel(64);
        thread::Builder::new()
            .name("portlog-keys".to_owned())
            .spawn(move || {
                loop {
                    let input = event::read();
                    let failed = input.is_err();
                    if sender.send(input).is_err() || failed {
                        return;
                    }
                }
            })?;
        Ok(Self { inputs })
    }

    /// The next input, waiting for it at most `wait`; an error when the terminal cannot be read.
    pub(crate) fn next(&self, wait: Duration) -> Option<io::Result<Input>> {
        match self.inputs.recv_timeout(wait) {
            Ok(input) => Some(input),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => Some(Err(io::ErrorKind::UnexpectedEof.into())),
        }
    }
}
