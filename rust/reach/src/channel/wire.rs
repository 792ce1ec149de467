//! Frames over a stream socket: whole ones in, whole ones out, and nobody waited for longer than was
//! said.
//!
//! A channel is greeted by one thread and then split: who reads need not be who writes. Reads and
//! writes never wait by themselves (`MSG_DONTWAIT`); `poll(2)` does, up to a deadline for the whole
//! of what is due, so that a peer who sends a byte now and then gains nothing.

use std::fs::File;
use std::io;
use std::net::TcpStream;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{MsgFlags, recv, send, setsockopt, sockopt};
use portlog_model::{Endpoint, Inode, Table};
use portlog_sockets::OwnSocket;
use ring::rand::{SecureRandom, SystemRandom};

use super::greeting::{self, GREETING, Role};
use super::seal::{NONCE, OVERHEAD, Opener, Sealer, Secret, TAG, Transcript};
use super::{Error, FrameError, MAX_FRAME};

/// The length before each frame.
const PREFIX: usize = 4;
/// How much is read at once.
const READ: usize = 64 << 10;

/// A channel that was greeted: both sides have the same version, and know each other.
#[derive(Debug)]
pub struct Wire {
    /// What comes.
    pub receiver: Receiver,
    /// What goes.
    pub sender: Sender,
}

impl Wire {
    /// Greets over `fd` as `role`; with a secret both sides prove that they know it. The whole of it
    /// takes at most `patience`.
    pub fn greet(
        fd: OwnedFd,
        role: Role,
        secret: Option<&Secret>,
        random: &dyn SecureRandom,
        patience: Duration,
    ) -> Result<Self, Error> {
        let deadline = Instant::now() + patience;
        let sealed = secret.is_some();
        let own = greeting::greeting(role, sealed, greeting::VERSION);
        let Some(secret) = secret else {
            write_all(fd.as_fd(), &own, deadline)?;
            greeting::check(read_array(fd.as_fd(), deadline)?, role, sealed)?;
            return Self::new(fd, None);
        };
        leave_nothing_behind(&fd);
        let mut said = [0; GREETING + NONCE];
        let (first, nonce) = said.split_at_mut(GREETING);
        first.copy_from_slice(&own);
        random.fill(nonce).map_err(|_| Error::Random)?;
        let keys = match role {
            Role::Helper => Self::prove_first(fd.as_fd(), said, secret, deadline)?,
            Role::App => Self::prove_last(fd.as_fd(), said, secret, deadline)?,
        };
        Self::new(fd, Some((keys, secret, role)))
    }

    /// The same over a socketpair, whose ends know each other.
    pub fn greet_pair(end: OwnedFd, role: Role, patience: Duration) -> Result<Self, Error> {
        Self::greet(end, role, None, &SystemRandom::new(), patience)
    }

    /// The channel whose other side has proved itself (see [`super::listen`]).
    pub(super) fn authenticated(
        fd: OwnedFd,
        transcript: Transcript,
        secret: &Secret,
    ) -> Result<Self, Error> {
        Self::new(fd, Some((transcript, secret, Role::App)))
    }

    /// The side that connects: it says who it is, hears the app's proof, and gives its own.
    fn prove_first(
        fd: BorrowedFd<'_>,
        helper: [u8; GREETING + NONCE],
        secret: &Secret,
        deadline: Instant,
    ) -> Result<Transcript, Error> {
        write_all(fd, &helper, deadline)?;
        let first: [u8; GREETING] = read_array(fd, deadline)?;
        greeting::check(first, Role::Helper, true)?;
        let nonce: [u8; NONCE] = read_array(fd, deadline)?;
        let proof: [u8; TAG] = read_array(fd, deadline)?;
        let mut app = [0; GREETING + NONCE];
        let (to_first, to_nonce) = app.split_at_mut(GREETING);
        to_first.copy_from_slice(&first);
        to_nonce.copy_from_slice(&nonce);
        let transcript = Transcript { helper, app };
        transcript.verify(secret, Role::App, &proof)?;
        write_all(fd, &transcript.proof(secret, Role::Helper), deadline)?;
        Ok(transcript)
    }

    /// The side that was connected to.
    fn prove_last(
        fd: BorrowedFd<'_>,
        app: [u8; GREETING + NONCE],
        secret: &Secret,
        deadline: Instant,
    ) -> Result<Transcript, Error> {
        let first: [u8; GREETING] = read_array(fd, deadline)?;
        if let Err(error) = greeting::check(first, Role::App, true) {
            // So that it can tell its user which of the two is the older.
            let _ = write_all(fd, app.get(..GREETING).unwrap_or_default(), deadline);
            return Err(error);
        }
        let nonce: [u8; NONCE] = read_array(fd, deadline)?;
        let mut helper = [0; GREETING + NONCE];
        let (to_first, to_nonce) = helper.split_at_mut(GREETING);
        to_first.copy_from_slice(&first);
        to_nonce.copy_from_slice(&nonce);
        let transcript = Transcript { helper, app };
        write_all(fd, &app, deadline)?;
        write_all(fd, &transcript.proof(secret, Role::App), deadline)?;
        let proof: [u8; TAG] = read_array(fd, deadline)?;
        transcript.verify(secret, Role::Helper, &proof)?;
        Ok(transcript)
    }

    fn new(fd: OwnedFd, keys: Option<(Transcript, &Secret, Role)>) -> Result<Self, Error> {
        let other = fd.try_clone().map_err(Error::io("share the channel"))?;
        let (opener, sealer) = keys
            .map(|(transcript, secret, role)| {
                (
                    transcript.opener(secret, role.other()),
                    transcript.sealer(secret, role),
                )
            })
            .unzip();
        Ok(Self {
            receiver: Receiver {
                fd,
                bytes: Vec::new(),
                taken: 0,
                opener,
            },
            sender: Sender {
                fd: other,
                bytes: Vec::new(),
                sent: 0,
                sealer,
                frame: Vec::new(),
            },
        })
    }
}

/// What comes over a channel.
#[derive(Debug)]
pub struct Receiver {
    fd: OwnedFd,
    bytes: Vec<u8>,
    /// How many of them were given out.
    taken: usize,
    opener: Option<Opener>,
}

impl Receiver {
    /// This end of the channel as it stands in the kernel's table, where it does: loopback TCP. It is
    /// Portlog's own, and must raise nothing.
    pub fn own(&self) -> Option<OwnSocket> {
        let stream = TcpStream::from(self.fd.try_clone().ok()?);
        let (local, remote) = (stream.local_addr().ok()?, stream.peer_addr().ok()?);
        let table = if local.is_ipv4() {
            Table::Tcp
        } else {
            Table::Tcp6
        };
        let file = File::from(OwnedFd::from(stream));
        Some(OwnSocket {
            table,
            local: Endpoint::new(local.ip(), local.port()),
            remote: Endpoint::new(remote.ip(), remote.port()),
            inode: Inode::new(file.metadata().ok()?.ino())?,
        })
    }

    /// A frame that was begun must be whole after so long.
    pub const WHOLE_WITHIN: Duration = Duration::from_secs(5);

    /// The next frame's kind and body; waits up to `timeout` for its first byte, and is `None` where
    /// none came. A frame that was begun must end within [`Self::WHOLE_WITHIN`].
    pub fn next(&mut self, timeout: Duration) -> Result<Option<&[u8]>, Error> {
        let mut deadline = Instant::now() + timeout;
        let mut begun = self.bytes.len() > self.taken;
        if begun {
            deadline = Instant::now() + Self::WHOLE_WITHIN;
        }
        loop {
            if let Some(len) = self.whole()? {
                return self.take(len).map(Some);
            }
            if !wait(self.fd.as_fd(), PollFlags::POLLIN, deadline)? {
                return if begun {
                    Err(Error::TooSlow { what: "a frame" })
                } else {
                    Ok(None)
                };
            }
            if self.fill()? && !begun {
                begun = true;
                deadline = Instant::now() + Self::WHOLE_WITHIN;
            }
        }
    }

    /// The next frame, if it is there already.
    pub fn try_next(&mut self) -> Result<Option<&[u8]>, Error> {
        loop {
            if let Some(len) = self.whole()? {
                return self.take(len).map(Some);
            }
            if !self.fill()? {
                return Ok(None);
            }
        }
    }

    /// The length of the frame that is there, if it is whole.
    fn whole(&self) -> Result<Option<usize>, Error> {
        let waiting = self.bytes.get(self.taken..).unwrap_or_default();
        let Some((prefix, rest)) = waiting.split_first_chunk::<PREFIX>() else {
            return Ok(None);
        };
        let len = usize::try_from(u32::from_le_bytes(*prefix)).unwrap_or(usize::MAX);
        let overhead = if self.opener.is_some() { OVERHEAD } else { 0 };
        if len <= overhead || len > MAX_FRAME + overhead {
            return Err(FrameError::Length(len).into());
        }
        Ok((rest.len() >= len).then_some(len))
    }

    fn take(&mut self, len: usize) -> Result<&[u8], Error> {
        let start = self.taken + PREFIX;
        self.taken = start + len;
        let frame = self.bytes.get(start..start + len).unwrap_or_default();
        match &mut self.opener {
            Some(opener) => Ok(opener.open(frame)?),
            None => Ok(frame),
        }
    }

    /// Reads what is there, up to a bound; whether anything was.
    fn fill(&mut self) -> Result<bool, Error> {
        self.bytes.drain(..self.taken);
        self.taken = 0;
        // At most one frame that is not whole, and one read.
        let had = self.bytes.len();
        self.bytes.resize(had + READ, 0);
        let read = loop {
            let room = self.bytes.get_mut(had..).unwrap_or_default();
            match recv(self.fd.as_raw_fd(), room, MsgFlags::MSG_DONTWAIT) {
                Err(Errno::EINTR) => {}
                Err(Errno::EAGAIN) => break None,
                Ok(0) | Err(Errno::ECONNRESET | Errno::EPIPE) => {
                    self.bytes.truncate(had);
                    return Err(Error::Closed);
                }
                Ok(read) => break Some(read),
                Err(errno) => {
                    self.bytes.truncate(had);
                    return Err(Error::io("read from the channel")(errno.into()));
                }
            }
        };
        self.bytes.truncate(had + read.unwrap_or(0));
        Ok(read.is_some())
    }
}

impl AsFd for Receiver {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

/// What goes over a channel.
#[derive(Debug)]
pub struct Sender {
    fd: OwnedFd,
    bytes: Vec<u8>,
    /// How many of them are gone.
    sent: usize,
    sealer: Option<Sealer>,
    /// Kept for its memory alone.
    frame: Vec<u8>,
}

impl Sender {
    /// Takes a frame to send, whose kind and body `encode` appends.
    pub fn queue(&mut self, encode: impl FnOnce(&mut Vec<u8>)) {
        self.frame.clear();
        encode(&mut self.frame);
        let overhead = if self.sealer.is_some() { OVERHEAD } else { 0 };
        let len = u32::try_from(self.frame.len() + overhead).unwrap_or(u32::MAX);
        self.bytes.extend(len.to_le_bytes());
        match &mut self.sealer {
            Some(sealer) => sealer.seal(&self.frame, &mut self.bytes),
            None => self.bytes.extend(&self.frame),
        }
    }

    /// Bytes that are not gone yet.
    pub fn waiting(&self) -> usize {
        self.bytes.len().saturating_sub(self.sent)
    }

    /// Sends what the peer has room for; whether all of it is gone.
    pub fn flush(&mut self) -> Result<bool, Error> {
        while let Some(rest) = self.bytes.get(self.sent..)
            && !rest.is_empty()
        {
            let flags = MsgFlags::MSG_DONTWAIT | MsgFlags::MSG_NOSIGNAL;
            match send(self.fd.as_raw_fd(), rest, flags) {
                Ok(sent) => self.sent += sent,
                Err(Errno::EINTR) => {}
                Err(Errno::EAGAIN) => return Ok(false),
                Err(Errno::EPIPE | Errno::ECONNRESET) => return Err(Error::Closed),
                Err(errno) => return Err(Error::io("write to the channel")(errno.into())),
            }
        }
        self.bytes.clear();
        self.sent = 0;
        Ok(true)
    }

    /// Sends all of it, or gives up after `patience`.
    pub fn flush_within(&mut self, patience: Duration) -> Result<(), Error> {
        let deadline = Instant::now() + patience;
        while !self.flush()? {
            if !wait(self.fd.as_fd(), PollFlags::POLLOUT, deadline)? {
                return Err(Error::TooSlow { what: "reading" });
            }
        }
        Ok(())
    }

    /// Ends the channel for both sides, whoever still reads.
    pub fn shut_down(&self) {
        use nix::sys::socket::{Shutdown, shutdown};
        // It may be closed already.
        let _ = shutdown(self.fd.as_raw_fd(), Shutdown::Both);
    }
}

impl AsFd for Sender {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

/// Has a TCP connection vanish when it is closed, whoever closes it, instead of waiting as `TIME_WAIT`
/// without an owner: nobody could then say that it was Portlog's own. What was sent is read all the same.
pub(super) fn leave_nothing_behind(fd: &impl AsFd) {
    let linger = nix::libc::linger {
        l_onoff: 1,
        l_linger: 0,
    };
    // Where it is refused, a row is left behind for a minute.
    let _ = setsockopt(fd, sockopt::Linger, &linger);
}

/// Waits until `fd` is ready; `false` at the deadline.
fn wait(fd: BorrowedFd<'_>, for_what: PollFlags, deadline: Instant) -> Result<bool, Error> {
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        // Rounded up: a wait of nothing would turn round and round.
        let left = left + Duration::from_micros(999);
        let timeout = PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX);
        match poll(&mut [PollFd::new(fd, for_what)], timeout) {
            Ok(0) if Instant::now() >= deadline => return Ok(false),
            Ok(0) | Err(Errno::EINTR) => {}
            Ok(_) => return Ok(true),
            Err(errno) => return Err(Error::io("wait for the channel")(errno.into())),
        }
    }
}

fn read_array<const N: usize>(fd: BorrowedFd<'_>, deadline: Instant) -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    let mut room: &mut [u8] = &mut bytes;
    while !room.is_empty() {
        match recv(fd.as_raw_fd(), room, MsgFlags::MSG_DONTWAIT) {
            Ok(0) | Err(Errno::ECONNRESET) => return Err(Error::Closed),
            Ok(read) => room = room.get_mut(read..).unwrap_or_default(),
            Err(Errno::EINTR) => {}
            Err(Errno::EAGAIN) => {
                if !wait(fd, PollFlags::POLLIN, deadline)? {
                    return Err(Error::TooSlow {
                        what: "its greeting",
                    });
                }
            }
            Err(errno) => return Err(Error::io("read from the channel")(errno.into())),
        }
    }
    Ok(bytes)
}

fn write_all(fd: BorrowedFd<'_>, mut bytes: &[u8], deadline: Instant) -> Result<(), Error> {
    while !bytes.is_empty() {
        let flags = MsgFlags::MSG_DONTWAIT | MsgFlags::MSG_NOSIGNAL;
        match send(fd.as_raw_fd(), bytes, flags) {
            Ok(sent) => bytes = bytes.get(sent..).unwrap_or_default(),
            Err(Errno::EINTR) => {}
            Err(Errno::EAGAIN) => {
                if !wait(fd, PollFlags::POLLOUT, deadline)? {
                    return Err(Error::TooSlow { what: "reading" });
                }
            }
            Err(Errno::EPIPE | Errno::ECONNRESET) => return Err(Error::Closed),
            Err(errno) => return Err(Error::io("write to the channel")(io::Error::from(errno))),
        }
    }
    Ok(())
}
