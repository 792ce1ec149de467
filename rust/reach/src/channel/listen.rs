//! The app's end of a loopback channel: a port on which anybody may knock, and one is let in.
//!
//! Nobody waits for a knocker. Each has two seconds for the whole of its greeting, at most eight are
//! heard at a time, and a ninth takes the place of the one that came first; so neither silence nor a
//! crowd keeps the helper out for long. The first that knows the secret closes the door.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use ring::rand::{SecureRandom, SystemRandom};

use super::greeting::{self, GREETING, Role};
use super::seal::{NONCE, Secret, TAG, Transcript};
use super::wire::leave_nothing_behind;
use super::{Error, FrameError, Wire};

/// A door on the loopback interface, for one helper.
#[derive(Debug)]
pub struct Listening {
    listener: TcpListener,
    address: SocketAddr,
    secret: Secret,
}

impl Listening {
    /// How long a knocker may take.
    const GREETING: Duration = Duration::from_secs(2);
    /// How many are heard at a time.
    const KNOCKERS: usize = 8;
    /// How often it is looked whether anybody still waits.
    const LOOK_UP: Duration = Duration::from_millis(200);

    /// Opens a port of the system's choice, with a secret of its own.
    pub fn open(random: &dyn SecureRandom) -> Result<Self, Error> {
        let secret = Secret::random(random)?;
        let listener =
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(Error::io("open a port"))?;
        listener
            .set_nonblocking(true)
            .map_err(Error::io("set up a port"))?;
        let address = listener.local_addr().map_err(Error::io("name a port"))?;
        Ok(Self {
            listener,
            address,
            secret,
        })
    }

    /// The same with the system's randomness.
    pub fn open_here() -> Result<Self, Error> {
        Self::open(&SystemRandom::new())
    }

    /// Where the helper connects to.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it has to know.
    pub const fn secret(&self) -> &Secret {
        &self.secret
    }

    /// Waits for the helper, at most `patience` and as long as `goes_on`; then the port is closed.
    pub fn accept(
        self,
        random: &dyn SecureRandom,
        patience: Duration,
        goes_on: impl Fn() -> bool,
    ) -> Result<Wire, Error> {
        let give_up = Instant::now() + patience;
        let mut knockers: Vec<Knocker> = Vec::with_capacity(Self::KNOCKERS);
        while goes_on() && Instant::now() < give_up {
            self.wait(&knockers)?;
            self.let_knock(&mut knockers, random)?;
            let now = Instant::now();
            for mut knocker in std::mem::take(&mut knockers) {
                match knocker.go_on(&self.secret) {
                    Ok(Some(transcript)) => {
                        let fd = OwnedFd::from(knocker.stream);
                        return Wire::authenticated(fd, transcript, &self.secret);
                    }
                    Ok(None) if now < knocker.until => knockers.push(knocker),
                    // Whoever it was is sent away without a word.
                    Ok(None) | Err(_) => {}
                }
            }
        }
        Err(Error::TooSlow {
            what: "its connection",
        })
    }

    fn wait(&self, knockers: &[Knocker]) -> Result<(), Error> {
        let mut fds = vec![PollFd::new(self.listener.as_fd(), PollFlags::POLLIN)];
        let streams = knockers.iter().map(|knocker| knocker.stream.as_fd());
        fds.extend(streams.map(|fd| PollFd::new(fd, PollFlags::POLLIN)));
        let timeout = PollTimeout::try_from(Self::LOOK_UP).unwrap_or(PollTimeout::MAX);
        match poll(&mut fds, timeout) {
            Ok(_) | Err(Errno::EINTR) => Ok(()),
            Err(errno) => Err(Error::io("wait for the helper")(errno.into())),
        }
    }

    fn let_knock(
        &self,
        knockers: &mut Vec<Knocker>,
        random: &dyn SecureRandom,
    ) -> Result<(), Error> {
        // As many as there may be at once, so that a crowd does not keep this from the rest.
        for _ in 0..Self::KNOCKERS {
            let stream = match self.listener.accept() {
                Ok((stream, _)) => stream,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                // One that is gone again, or no descriptor left: the next may do.
                Err(_) => continue,
            };
            if knockers.len() >= Self::KNOCKERS {
                knockers.remove(0);
            }
            leave_nothing_behind(&stream);
            if stream.set_nonblocking(true).is_ok() {
                knockers.push(Knocker::new(stream, random)?);
            }
        }
        Ok(())
    }
}

/// Somebody who connected.
#[derive(Debug)]
struct Knocker {
    stream: TcpStream,
    until: Instant,
    app: [u8; GREETING + NONCE],
    /// What it said so far.
    said: [u8; GREETING + NONCE + TAG],
    len: usize,
    transcript: Option<Transcript>,
}

impl Knocker {
    fn new(stream: TcpStream, random: &dyn SecureRandom) -> Result<Self, Error> {
        let mut app = [0; GREETING + NONCE];
        let (first, nonce) = app.split_at_mut(GREETING);
        first.copy_from_slice(&greeting::greeting(Role::App, true, greeting::VERSION));
        random.fill(nonce).map_err(|_| Error::Random)?;
        Ok(Self {
            stream,
            until: Instant::now() + Listening::GREETING,
            app,
            said: [0; GREETING + NONCE + TAG],
            len: 0,
            transcript: None,
        })
    }

    /// Reads what is there; the transcript once it has proved that it knows the secret.
    fn go_on(&mut self, secret: &Secret) -> Result<Option<Transcript>, Error> {
        loop {
            let due = match self.transcript {
                None => GREETING + NONCE,
                Some(_) => self.said.len(),
            };
            if self.len < due {
                let room = self.said.get_mut(self.len..due).unwrap_or_default();
                match self.stream.read(room) {
                    Ok(0) => return Err(Error::Closed),
                    Ok(read) => self.len += read,
                    Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    Err(error) => return Err(Error::io("read a greeting")(error)),
                }
                continue;
            }
            let Some(transcript) = self.transcript else {
                self.answer(secret)?;
                continue;
            };
            let proof = self.said.get(GREETING + NONCE..).unwrap_or_default();
            transcript.verify(secret, Role::Helper, proof)?;
            return Ok(Some(transcript));
        }
    }

    /// Says who this is, and that it knows the secret.
    fn answer(&mut self, secret: &Secret) -> Result<(), Error> {
        let cut_off = FrameError::CutOff("a greeting");
        let helper = *self.said.first_chunk().ok_or(cut_off)?;
        let first = *self.said.first_chunk().ok_or(cut_off)?;
        // The answer fits into any empty socket; one that has no room for it is no helper's.
        let mut say = |bytes: &[u8]| {
            let said = self.stream.write(bytes);
            match said {
                Ok(len) if len == bytes.len() => Ok(()),
                _ => Err(Error::Closed),
            }
        };
        if let Err(error) = greeting::check(first, Role::App, true) {
            // So that it can tell its user which of the two is the older.
            let _ = say(self.app.get(..GREETING).unwrap_or_default());
            return Err(error);
        }
        let transcript = Transcript {
            helper,
            app: self.app,
        };
        say(&[&self.app[..], &transcript.proof(secret, Role::App)].concat())?;
        self.transcript = Some(transcript);
        Ok(())
    }
}
