//! The way to a phone: a shell that answers or, while there is none, the search for the phone.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::thread;
use std::time::{Duration, Instant};

use portlog_model::Unreachable;

use super::error::Error;
use super::facts::PhoneFacts;
use super::frames::Section;
use super::program::Adb;
use super::script::HELLO;
use super::session::{Heard, Session};
use crate::clock;

/// The first answer of a shell must have come by then.
const HELLO_PATIENCE: Duration = Duration::from_secs(20);
/// The longest time between two looks for a phone that is gone.
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// The way to the phone.
#[derive(Debug)]
pub(super) enum Link {
    Open(Box<Open>),
    Lost(Lost),
}

/// A shell that answers.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) session: Session,
    pub(super) stage: Stage,
    pub(super) by_terminal: bool,
}

/// What is asked.
#[derive(Debug)]
pub(super) enum Stage {
    Packages(&'static [&'static str]),
    Tables,
    /// Once more for tables that changed, beside what they held first.
    Again(Vec<Section>),
}

/// While nothing comes.
#[derive(Debug)]
pub(super) struct Lost {
    pub(super) reason: Unreachable,
    attempt: Option<Receiver<Result<Opened, Error>>>,
    next: Instant,
    pause: Duration,
}

/// A shell that answered.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) session: Session,
    pub(super) facts: PhoneFacts,
    pub(super) offset: Option<i64>,
    pub(super) by_terminal: bool,
}

impl Lost {
    /// As of now, for this reason.
    pub(super) fn new(reason: Unreachable) -> Self {
        Self {
            reason,
            attempt: None,
            next: Instant::now(),
            pause: Duration::from_secs(1),
        }
    }

    /// What became of looking for the phone; looks, on a thread of its own, where it is time to.
    /// `None` while that goes on, or while it is too early.
    pub(super) fn look(&mut self, adb: &Adb, serial: &Arc<str>) -> Option<Result<Opened, Error>> {
        let Some(attempt) = &self.attempt else {
            if Instant::now() >= self.next {
                self.attempt = Some(begin_to_look(adb.clone(), Arc::clone(serial)));
            }
            return None;
        };
        match attempt.try_recv() {
            Ok(found) => Some(found),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => {
                self.fail(self.reason);
                None
            }
        }
    }

    /// Nothing was found, for this reason: the next look comes later.
    pub(super) fn fail(&mut self, reason: Unreachable) {
        self.reason = reason;
        self.attempt = None;
        self.next = Instant::now() + self.pause;
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
    }
}

/// Opens a shell and asks the first questions.
pub(super) fn open(adb: &Adb, serial: &str) -> Result<Opened, Error> {
    let mut session = Session::open(adb, serial)?;
    session.ask(&HELLO, HELLO_PATIENCE)?;
    loop {
        match session.hear(HELLO_PATIENCE) {
            Heard::Waiting => {}
            Heard::Whole {
                sections,
                by_terminal,
            } => {
                let facts = PhoneFacts::read(&sections);
                return Ok(Opened {
                    session,
                    offset: facts.wall_millis.and_then(offset_of),
                    facts,
                    by_terminal,
                });
            }
            Heard::Silent | Heard::Ended => {
                return Err(Error::Shell {
                    serial: serial.to_owned(),
                    said: session.said(),
                });
            }
        }
    }
}

fn begin_to_look(adb: Adb, serial: Arc<str>) -> Receiver<Result<Opened, Error>> {
    let (sender, attempt) = channel();
    thread::spawn(move || {
        let found = adb.choose(Some(&serial)).or_else(|_| {
            adb.connect_again(&serial);
            adb.choose(Some(&serial))
        });
        // Whoever waited for it may have gone.
        let _ = sender.send(found.and_then(|_| open(&adb, &serial)));
    });
    attempt
}

/// How far a wall clock is ahead of this machine's.
pub(super) fn offset_of(wall_millis: i64) -> Option<i64> {
    wall_millis.checked_sub(clock::moment().wall.as_millis())
}
