//! The program on a pseudo-terminal.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::num::NonZeroU16;
use std::os::fd::OwnedFd;
use std::process::{Child, Command};
use std::sync::mpsc;
use std::time::Instant;

use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use nix::pty::{OpenptyResult, Winsize, openpty};

use crate::support::PATIENCE;

/// A pseudo-terminal with the program on it.
pub(crate) struct Terminal {
    pub(crate) child: Child,
    keys: File,
    output: mpsc::Receiver<Vec<u8>>,
    pub(crate) seen: String,
    screen: vt100::Parser,
}

impl Terminal {
    pub(crate) fn with(command: Command) -> Self {
        let pty = pseudo_terminal();
        let child = on_terminal(command, pty.slave);
        let keys = File::from(pty.master);
        let mut screen = keys.try_clone().unwrap();
        let (sender, output) = mpsc::channel();
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            // The read fails when the other side is closed.
            while let Ok(count) = screen.read(&mut bytes) {
                if sender.send(bytes[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self {
            child,
            keys,
            output,
            seen: String::new(),
            screen: vt100::Parser::new(ROWS, COLUMNS, 0),
        }
    }

    pub(crate) fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
    }

    /// Waits until `text` has come since the expectation before. For what is written once, in order; a
    /// view redraws only the cells that change.
    pub(crate) fn expect(&mut self, text: &str) {
        let begin = Instant::now();
        loop {
            if let Some(at) = self.seen.find(text) {
                self.seen.drain(..at + text.len());
                return;
            }
            self.receive(begin, text);
        }
    }

    /// Waits until `text` stands on the screen.
    pub(crate) fn expect_on_screen(&mut self, text: &str) {
        let begin = Instant::now();
        while !self.screen.screen().contents().contains(text) {
            self.receive(begin, text);
        }
    }

    fn receive(&mut self, begin: Instant, awaited: &str) {
        let left = PATIENCE.saturating_sub(begin.elapsed());
        match self.output.recv_timeout(left) {
            Ok(more) => {
                self.seen.push_str(&String::from_utf8_lossy(&more));
                self.screen.process(&more);
            }
            Err(why) => panic!(
                "no {awaited:?} ({why}) in {:?}, on a screen of\n{}",
                self.seen,
                self.screen.screen().contents()
            ),
        }
    }
}

const ROWS: NonZeroU16 = NonZeroU16::new(30).unwrap();
const COLUMNS: NonZeroU16 = NonZeroU16::new(110).unwrap();

const SIZE: Winsize = Winsize {
    ws_row: ROWS.get(),
    ws_col: COLUMNS.get(),
    ws_xpixel: 0,
    ws_ypixel: 0,
};

/// The program must not inherit the user's side, or it would keep its own terminal alive.
pub(crate) fn pseudo_terminal() -> OpenptyResult {
    let pty = openpty(Some(&SIZE), None).unwrap();
    fcntl(&pty.master, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC)).unwrap();
    pty
}

pub(crate) fn on_terminal(mut command: Command, terminal: OwnedFd) -> Child {
    command
        .env("TERM", "xterm-256color")
        .stdin(terminal.try_clone().unwrap())
        .stdout(terminal.try_clone().unwrap())
        .stderr(terminal)
        .spawn()
        .unwrap()
}
