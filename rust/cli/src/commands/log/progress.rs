//! How far a long file has been read, on a terminal.

use std::fs::File;
use std::io::{self, IsTerminal as _, Read, Write as _};
use std::time::{Duration, Instant};

/// Shorter files are read before anybody could look.
const LONG: u64 = 16 << 20;
/// How often it is said.
const PACE: Duration = Duration::from_millis(200);

/// A file that tells on standard error how far it was read, where that is a terminal.
#[derive(Debug)]
pub(super) struct Progress {
    file: File,
    doing: &'static str,
    /// Bytes of the file, where its reading is told.
    told: Option<u64>,
    read: u64,
    last: Instant,
    has_written: bool,
}

impl Progress {
    /// `doing` is a verb in its -ing form.
    pub(super) fn new(file: File, doing: &'static str) -> Self {
        let length = file.metadata().map_or(0, |metadata| metadata.len());
        let told = length >= LONG && io::stderr().is_terminal();
        Self {
            file,
            doing,
            told: told.then_some(length),
            read: 0,
            last: Instant::now(),
            has_written: false,
        }
    }

    fn tell(&mut self) {
        let Some(length) = self.told else { return };
        if self.last.elapsed() < PACE {
            return;
        }
        self.last = Instant::now();
        self.has_written = true;
        let hundredths = self.read.saturating_mul(100) / length.max(1);
        // Nothing is left to be done if standard error is closed.
        let _ = write!(
            io::stderr(),
            "\r{}: {} %\u{1b}[K",
            self.doing,
            hundredths.min(100)
        );
    }
}

impl Read for Progress {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        self.read = self
            .read
            .saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
        self.tell();
        Ok(count)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.has_written {
            let _ = write!(io::stderr(), "\r\u{1b}[K");
        }
    }
}
