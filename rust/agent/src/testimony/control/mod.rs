//! How others reach a journal that a running watch holds: a Unix socket in its folder.
//!
//! The store lets no second process in, so that no state is ever read half written; while a watch
//! runs, whoever wants something of its log asks the watch. [`Control`] answers beside the watch and
//! never in its way: on threads of its own, a few clients at once, with bounds on what they may send
//! and how long they may take. [`Access`] asks it where there is one, and reads the journal itself
//! where there is none.
//!
//! The socket is for the user who runs the watch, and for root: its mode is 0600, and what the kernel
//! says of the peer (SO_PEERCRED) is looked at on both sides, as a mode can be changed.

mod client;
mod server;
mod stream;
mod wire;

use std::fs::File;
use std::io::{self, Write};
use std::ops::Range;
use std::os::fd::AsRawFd as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use nix::sys::socket::{getsockopt, sockopt::PeerCredentials};
use nix::unistd::Uid;
use portlog_journal::bundle::Choice;
use portlog_journal::{Answer, Note};

pub use client::Client;
pub use server::Control;

use super::{Exported, Mark, Page, Reader, Status};
use crate::Error;

/// The socket's name in the journal's folder.
const SOCKET: &str = "control";
/// The most bytes that the address of a Unix socket has room for (unix(7)), its end left out.
const MAX_ADDRESS: usize = 107;

/// A journal, through the watch that holds it or alone.
#[derive(Debug)]
pub enum Access {
    /// A watch holds it.
    Running(Client),
    /// Nobody does.
    Alone(Box<Reader>),
}

impl Access {
    /// Reaches the journal in `folder`.
    ///
    /// [`Error::NoJournal`] where there is none, [`Error::JournalInUse`] where something holds it that
    /// does not answer here (an app, a watch that has just begun).
    pub fn open(folder: &Path) -> Result<Self, Error> {
        match Client::connect(folder)? {
            Some(client) => Ok(Self::Running(client)),
            None => Reader::open(folder).map(|reader| Self::Alone(Box::new(reader))),
        }
    }

    /// As [`Reader::status`].
    pub fn status(&self) -> Result<Status, Error> {
        match self {
            Self::Running(client) => client.status(),
            Self::Alone(reader) => reader.status(),
        }
    }

    /// As [`Reader::rows`].
    pub fn rows(&self, range: Range<u64>, most: usize) -> Result<Page, Error> {
        match self {
            Self::Running(client) => client.rows(range, most),
            Self::Alone(reader) => reader.rows(range, most),
        }
    }

    /// As [`Reader::owner`].
    pub fn owner(&self, index: u64, uid: u32) -> Result<Option<String>, Error> {
        match self {
            Self::Running(client) => client.owner(index, uid),
            Self::Alone(reader) => reader.owner(index, uid),
        }
    }

    /// As [`Reader::checkpoint`].
    pub fn checkpoint(&self) -> Result<Note, Error> {
        match self {
            Self::Running(client) => client.checkpoint(),
            Self::Alone(reader) => reader.checkpoint(),
        }
    }

    /// As [`Reader::state`].
    pub fn state(&self, out: impl Write) -> Result<u64, Error> {
        match self {
            Self::Running(client) => client.state(out),
            Self::Alone(reader) => reader.state(out),
        }
    }

    /// As [`Reader::preview`].
    pub fn preview(&self, choice: &Choice) -> Result<Exported, Error> {
        match self {
            Self::Running(client) => client.preview(choice),
            Self::Alone(reader) => reader.preview(choice),
        }
    }

    /// As [`Reader::export`].
    pub fn export(&self, choice: &Choice, out: impl Write) -> Result<Exported, Error> {
        match self {
            Self::Running(client) => client.export(choice, out),
            Self::Alone(reader) => reader.export(choice, out),
        }
    }
}

impl Client {
    /// Writes a mark; it is durable when this returns its index.
    pub fn mark(&self, mark: &Mark) -> Result<u64, Error> {
        self.ask(&wire::Request::Mark(wire::MarkForm::of(mark)))
    }

    /// Takes in a witness's answer. The entry's index.
    pub fn cosigned(&self, answer: &Answer) -> Result<u64, Error> {
        self.ask(&wire::Request::Answer(answer.to_string()))
    }
}

/// The socket of the journal in `folder`, under a name that is short enough; what has to be kept open
/// meanwhile comes with it.
fn address(folder: &Path, name: &str) -> io::Result<(PathBuf, Option<File>)> {
    let path = folder.join(name);
    if path.as_os_str().as_bytes().len() <= MAX_ADDRESS {
        return Ok((path, None));
    }
    let folder = File::open(folder)?;
    let path = PathBuf::from(format!("/proc/self/fd/{}", folder.as_raw_fd())).join(name);
    Ok((path, Some(folder)))
}

/// Who is at the other end, as the kernel knows it.
fn peer(stream: &UnixStream) -> io::Result<Uid> {
    Ok(Uid::from_raw(getsockopt(stream, PeerCredentials)?.uid()))
}
