//! Standard output without the standard library's line buffer, and notices on standard error.
//!
//! The callers gather what belongs together and write it at once: ten thousand sockets are a few
//! large writes, and a watch's events leave with their batch.

use std::fmt;
use std::fs::File;
use std::io::{self, Write as _};
use std::os::fd::AsFd as _;

use anyhow::{Context as _, Error};

use crate::text::clean::clean;

/// Standard output.
#[derive(Debug)]
pub(crate) struct Output {
    file: File,
}

impl Output {
    /// Bytes that are gathered before they are written.
    pub(crate) const CHUNK: usize = 64 * 1024;

    /// Standard output, as it was given to this process.
    pub(crate) fn open() -> Result<Self, Error> {
        let descriptor = io::stdout()
            .as_fd()
            .try_clone_to_owned()
            .context("cannot use standard output: it is closed; redirect it somewhere")?;
        Ok(Self {
            file: File::from(descriptor),
        })
    }

    /// Writes `bytes` whole.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.file
            .write_all(bytes)
            .context("cannot write to standard output")
    }

    /// Writes `bytes` whole, for what is itself written to.
    pub(crate) fn write_io(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)
    }

    /// Writes `buffer` and empties it, if a chunk has come together.
    pub(crate) fn write_chunk(&mut self, buffer: &mut Vec<u8>) -> Result<(), Error> {
        if buffer.len() >= Self::CHUNK {
            self.write(buffer)?;
            buffer.clear();
        }
        Ok(())
    }
}

/// Tells people something that is no result and no failure, on standard error.
pub(crate) fn notice(text: impl fmt::Display) {
    // Nothing is left to be done if standard error is closed.
    let _ = writeln!(io::stderr(), "portlog: {}", clean(&text.to_string()));
}
