//! The program on a pseudo-terminal.

use std::fs::File;
use std::io::{Read as _, Write as _};
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
    output: mpsc::Receiver<String>,
    pub(crate) seen: String,
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
                let text = String::from_utf8_lossy(&bytes[..count]).into_owned();
                if sender.send(text).is_err() {
                    break;
                }
            }
        });
        Self {
            child,
            keys,
            output,
            seen: String::new(),
        }
    }

    pub(crate) fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
    }

    /// Waits until `text` has come since the expectation before.
    pub(crate) fn expect(&mut self, text: &str) {
        let begin = Instant::now();
        loop {
            if let Some(at) = self.seen.find(text) {
                self.seen.drain(..at + text.len());
                return;
            }
            let left = PATIENCE.saturating_sub(begin.elapsed());
            match self.output.recv_timeout(left) {
                Ok(more) => self.seen.push_str(&more),
                Err(why) => panic!("no {text:?} in {:?}: {why}", self.seen),
            }
        }
    }
}

const SIZE: Winsize = Winsize {
    ws_row: 30,
    ws_col: 110,
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
