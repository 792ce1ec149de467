//! What is asked and told of the helper, in the values that cross to the shell.

use std::fmt;

/// What is asked about the helper.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ReachRequest {
    /// How it stands.
    State,
    /// A new channel for a helper; the one before it ends.
    Open {
        /// Whose helper it is, as the kernel attested: 2000 or 0.
        uid: i32,
    },
    /// The same over the loopback interface.
    Listen {
        /// As above.
        uid: i32,
    },
    /// The helper shall end.
    Stop,
    /// Somebody else asked for a channel.
    Refused {
        /// Who; -1 for many.
        uid: i32,
        /// How often.
        times: u32,
    },
}

/// What answers it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ReachAnswer {
    /// To everything but the two below.
    State(ReachState),
    /// To [`ReachRequest::Open`].
    Ends(HelperEnds),
    /// To [`ReachRequest::Listen`].
    Door(LoopbackDoor),
}

/// Where the helper stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum HelperPhase {
    /// None came since the session was opened.
    Never,
    /// It brings rows.
    Connected,
    /// It did, and is gone.
    Lost,
    /// It was told to end.
    Stopped,
}

/// How the helper stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ReachState {
    /// In a word.
    pub phase: HelperPhase,
    /// Since when, in milliseconds since 1970.
    pub since: Option<i64>,
    /// Whose it is: 2000 is adb's shell, 0 is root.
    pub uid: Option<i32>,
    /// How often somebody else asked for its place.
    pub refused: u64,
    /// Why it is gone, in words; empty where that is not known.
    pub problem: String,
}

/// The helper's end of a socketpair, twice: open descriptors, the caller's to close.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct HelperEnds {
    /// For what it says.
    pub up: i32,
    /// For what it is told.
    pub down: i32,
}

/// Where the helper may connect to, once.
#[derive(Clone, Eq, PartialEq)]
pub struct LoopbackDoor {
    /// The port on 127.0.0.1.
    pub port: i32,
    /// 256 bits in hexadecimal.
    pub secret: String,
}

/// Without the secret, which no log may have.
impl fmt::Debug for LoopbackDoor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoopbackDoor")
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}
