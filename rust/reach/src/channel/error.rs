//! What can go wrong between the helper and the app.

/// Why bytes are no frame. Caused by a peer of another version, or by a hostile one.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FrameError {
    /// The frame says that it is longer than any may be, or empty.
    #[error("a frame of {0} bytes is not one")]
    Length(usize),
    /// Its kind is none that this side takes.
    #[error("kind {0} is none that this side takes")]
    Kind(u8),
    /// It ends before its last field.
    #[error("the frame ends within {0}")]
    CutOff(&'static str),
    /// It goes on after its last field.
    #[error("{0} bytes follow the frame's last field")]
    Trailing(usize),
    /// A field has a value that none can have.
    #[error("{0} has a value that it cannot have")]
    Value(&'static str),
    /// More of something than there may be.
    #[error("more {0} than there may be")]
    TooMany(&'static str),
    /// It does not belong where it came in the stream.
    #[error("{0} came where it does not belong")]
    Order(&'static str),
    /// Its counter is not the next one: it was replayed, left out or came from elsewhere.
    #[error("the frame's counter is {got}, and {expected} was due")]
    Counter {
        /// What was due.
        expected: u64,
        /// What came.
        got: u64,
    },
    /// Its authentication code is not one that the peer could have made.
    #[error("the frame is not authentic")]
    Forged,
}

/// Why a channel cannot be set up, or has ended.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The peer sent what is no frame.
    #[error("the other side sent what is no frame")]
    Frame(#[from] FrameError),
    /// What connected is no Portlog, or has another role.
    #[error("the other side is not the {wanted} of a Portlog")]
    Stranger {
        /// Whom one waited for.
        wanted: &'static str,
    },
    /// The other side speaks an older version of this protocol.
    #[error(
        "the {peer} is older than this {own} (protocol {theirs}, here {ours}): update the {peer}"
    )]
    PeerOlder {
        /// The other side.
        peer: &'static str,
        /// This side.
        own: &'static str,
        /// Its version of the protocol.
        theirs: u16,
        /// Ours.
        ours: u16,
    },
    /// The other side speaks a newer version of this protocol.
    #[error(
        "this {own} is older than the {peer} (protocol {ours}, there {theirs}): update the {own}"
    )]
    PeerNewer {
        /// The other side.
        peer: &'static str,
        /// This side.
        own: &'static str,
        /// Its version of the protocol.
        theirs: u16,
        /// Ours.
        ours: u16,
    },
    /// The peer does not know the secret.
    #[error("the other side does not know the secret of this connection")]
    WrongSecret,
    /// The peer did not say in time what was due.
    #[error("the other side did not finish {what} in time")]
    TooSlow {
        /// What was due.
        what: &'static str,
    },
    /// The channel was closed on the other side.
    #[error("the other side closed the channel")]
    Closed,
    /// No randomness could be had. Caused by the system.
    #[error("the system gave no random bytes")]
    Random,
    /// A system call failed.
    #[error("cannot {what}")]
    Io {
        /// What was to be done.
        what: &'static str,
        /// The system's answer.
        #[source]
        source: std::io::Error,
    },
    /// Another helper runs that this one does not replace.
    #[error("another helper runs already (version {version}, process {pid})")]
    AnotherRuns {
        /// Its version, as it says.
        version: String,
        /// Its process.
        pid: u32,
    },
}

impl Error {
    /// Turns a system call's error into one of these.
    pub(crate) fn io(what: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Io { what, source }
    }
}
