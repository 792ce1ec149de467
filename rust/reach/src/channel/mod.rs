//! Frames between the helper and the app: what they are, and how they get across.
//!
//! The helper reads the kernel's tables with the rights of the shell's UID and hands every look over
//! in *frames*: a length, a kind and a body of fields of fixed form (docs/HELPER-CHANNEL.md, where
//! golden bytes are). The codec is written by hand, since a frame comes from another process and
//! every count in it must be within its bound before anything is allocated for it.
//!
//! The app says two things, how often to look and when to stop; it names nothing that the helper would
//! open or run. There are two ways across ([`Transport`]): a socketpair, of which Android's kernel
//! attests the ends when they are handed over, and loopback TCP, on which anybody can knock, so
//! that both sides prove that they know a secret and every frame is counted and authenticated.
//!
//! What is pure is apart from what waits: [`FromHelper`] and [`ToHelper`] are bytes and values,
//! `seal` and `greeting` are state machines, and `wire` alone touches descriptors.

mod assemble;
mod codec;
mod error;
mod frame;
mod frame_bytes;
mod greeting;
mod link;
mod listen;
mod provider;
mod rows;
mod seal;
mod source;
mod wire;

use std::net::SocketAddr;
use std::os::fd::OwnedFd;

pub use assemble::{Assembler, Brought, Look};
pub use error::{Error, FrameError};
pub use frame::{
    Bye, Chunk, FromHelper, Hello, Listing, LookHead, ToHelper, Trouble, TroubleWith, UidProcesses,
};
// The parts of a look from slices, for the one who has them: nothing is copied for a frame.
pub(crate) use frame_bytes::{encode_destroyed, encode_head, encode_rows};
pub use greeting::{Role, VERSION};
pub use link::{HelperLink, HelperState, LinkEnd};
pub use listen::Listening;
pub use provider::Provider;
pub use seal::Secret;
pub use source::HelperSource;
pub use wire::{Receiver, Sender, Wire};

/// The most bytes of a frame's kind and body. A longer one ends the channel.
pub const MAX_FRAME: usize = 64 << 10;

/// A way from the helper to the app.
#[derive(Debug)]
pub enum Transport {
    /// One end of a connected stream socket (`socketpair`, or a Unix socket that was connected to).
    /// Whoever has it was given it; nothing more is asked.
    Pair(OwnedFd),
    /// The app's address on the loopback interface, and what only the two of them know.
    Loopback {
        /// Where the app listens.
        address: SocketAddr,
        /// The secret of this one connection.
        secret: Secret,
    },
}
