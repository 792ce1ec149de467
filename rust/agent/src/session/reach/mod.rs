//! The session's side of the helper: where it is let in, and what the shell is told of it.
//!
//! While a helper is wanted the watch's rows come from it alone, and a run begins anew when that
//! changes: every log begins with how its rows are obtained.

mod views;

use std::fmt::Write as _;
use std::os::fd::{IntoRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use portlog_reach::channel::{HelperLink, HelperSource, HelperState, LinkEnd, Listening};

pub use views::*;

use super::{Session, assemble};
use crate::Error;
use crate::pipeline::{Opened, Parts};

/// What a session keeps of helpers.
pub(super) struct Reach {
    link: Arc<HelperLink>,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    /// Whether rows are the helper's: from the first that was let in until it is told to end.
    wanted: bool,
    stopped: bool,
    refused: u64,
}

impl Reach {
    pub(super) fn new() -> Self {
        Self {
            link: HelperLink::new(env!("CARGO_PKG_VERSION")),
            kept: Mutex::default(),
        }
    }

    /// Puts the helper in the place of this process's own reading, where it is wanted. `listed` is
    /// whether the shell brings the package list, which has more in it than the helper's.
    pub(super) fn take_part(&self, parts: &mut Parts, listed: bool) {
        if !self.kept().wanted {
            return;
        }
        let link = Arc::clone(&self.link);
        parts.open_source = Box::new(move || {
            let source = HelperSource::new(Arc::clone(&link));
            Ok(Opened::Elsewhere(Box::new(source)))
        });
        parts.programs = None;
        // The helper brings its own, and finds its own sockets.
        parts.counters_root = None;
        parts.self_check = false;
        parts.packages_overridden = listed;
    }

    /// Ends the helper's channel with the session; the helper waits for another.
    pub(super) fn close(&self) {
        self.link.detach();
    }

    fn state(&self) -> ReachState {
        let (wanted, stopped, refused) = {
            let kept = self.kept();
            (kept.wanted, kept.stopped, kept.refused)
        };
        let mut state = ReachState {
            phase: HelperPhase::Never,
            since: None,
            uid: None,
            refused,
            problem: String::new(),
        };
        if self.link.is_silent() {
            // It may be stopped and go on one day: then it asks for another channel.
            self.link.detach();
        }
        match self.link.state() {
            HelperState::Connected { hello, .. } => {
                state.phase = HelperPhase::Connected;
                state.since = Some(hello.started.wall.as_millis());
                state.uid = i32::try_from(hello.uid.get()).ok();
            }
            HelperState::Away { .. } | HelperState::Greeting if stopped => {
                state.phase = HelperPhase::Stopped;
            }
            HelperState::Greeting => {}
            HelperState::Away { why } => {
                if let Some(LinkEnd::Failed(why)) = &why {
                    state.problem = why.to_string();
                }
                if wanted && why.is_some() {
                    state.phase = HelperPhase::Lost;
                }
            }
        }
        state
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Session {
    /// Lets a helper in, or out, or says how it stands.
    ///
    /// A helper that is let in first makes the watch, if one runs, begin anew with its rows, and so
    /// does its end with what this process can read.
    ///
    /// # Errors
    /// Where no descriptor or port can be had, and for whoever is neither adb's shell nor root.
    pub fn reach(&self, request: &ReachRequest) -> Result<ReachAnswer, Error> {
        self.must_be_open()?;
        match *request {
            ReachRequest::State => self.fall_back()?,
            ReachRequest::Open { uid } => {
                must_be_helper(uid)?;
                let (ours, theirs) = UnixStream::pair().map_err(Error::NoChannel)?;
                let up = OwnedFd::from(theirs);
                let down = up.try_clone().map_err(Error::NoChannel)?;
                self.reach.link.attach(ours.into())?;
                self.want_helper(true)?;
                return Ok(ReachAnswer::Ends(HelperEnds {
                    up: up.into_raw_fd(),
                    down: down.into_raw_fd(),
                }));
            }
            ReachRequest::Listen { uid } => {
                must_be_helper(uid)?;
                let door = Listening::open_here()?;
                let answer = LoopbackDoor {
                    port: door.address().port().into(),
                    secret: hexadecimal(door.secret().as_bytes()),
                };
                self.reach.link.admit(door)?;
                self.want_helper(true)?;
                return Ok(ReachAnswer::Door(answer));
            }
            ReachRequest::Stop => {
                self.reach.link.stop_helper();
                self.want_helper(false)?;
            }
            ReachRequest::Refused { times, .. } => {
                let mut kept = self.reach.kept();
                kept.refused = kept.refused.saturating_add(times.into());
            }
        }
        Ok(ReachAnswer::State(self.reach.state()))
    }

    /// Up to Android 9 this process can read by itself what a helper that is gone brings no more.
    fn fall_back(&self) -> Result<(), Error> {
        let reads = self.config.sdk > 0 && !assemble::refuses_apps(self.config.sdk);
        if !reads || self.reach.state().phase != HelperPhase::Lost {
            return Ok(());
        }
        self.reach.kept().wanted = false;
        self.while_stopped(|| Ok(()))
    }

    /// Takes rows from the helper from now on, or no more.
    fn want_helper(&self, wanted: bool) -> Result<(), Error> {
        let was = {
            let mut kept = self.reach.kept();
            kept.stopped = !wanted;
            std::mem::replace(&mut kept.wanted, wanted)
        };
        self.shared.desk().connections.touch();
        if was == wanted {
            return Ok(());
        }
        self.while_stopped(|| Ok(()))
    }
}

/// The kernel attested it to the shell already; this is the second lock on the same door.
fn must_be_helper(uid: i32) -> Result<(), Error> {
    if matches!(uid, ROOT | SHELL) {
        Ok(())
    } else {
        Err(Error::NotTheHelper(uid))
    }
}

const ROOT: i32 = 0;
const SHELL: i32 = 2_000;

fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing into a text cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
