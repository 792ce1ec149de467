//! The terminal in raw mode, given back whatever happens.

use std::io::{self, Stdout, stdout};
use std::panic;
use std::thread;

use crossterm::cursor::Show;
use crossterm::execute;
use crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;

/// A terminal that is given back when this is dropped.
pub(crate) struct Screen {
    /// What is drawn on.
    pub(crate) terminal: Terminal<CrosstermBackend<Stdout>>,
}

impl Screen {
    /// Takes the terminal.
    ///
    /// A panic of this thread gives it back before its message is printed. One of another thread
    /// does not touch it and is not printed: the watch goes on there, and tells of it as a gap.
    pub(crate) fn take() -> io::Result<Self> {
        let ours = thread::current().id();
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if thread::current().id() == ours {
                give_back();
                before(info);
            }
        }));
        enable_raw_mode()?;
        let screen = execute!(stdout(), EnterAlternateScreen)
            .and_then(|()| Terminal::new(CrosstermBackend::new(stdout())));
        match screen {
            Ok(terminal) => Ok(Self { terminal }),
            Err(error) => {
                give_back();
                Err(error)
            }
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
        // Other threads' panics are printed again.
        if !thread::panicking() {
            drop(panic::take_hook());
        }
    }
}

fn give_back() {
    // Nothing is left to be done where the terminal is gone.
    let _ = disable_raw_mode();
    let _ = execute!(stdout(), LeaveAlternateScreen, Show);
}
