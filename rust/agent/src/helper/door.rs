//! The way to the app: its provider, opened by `content`, a program that adb's shell has.
//!
//! A descriptor comes out of a provider only by the framework's Binder, of which a process without
//! an app has no public part. `content` has: what it opens it copies from or to its own standard
//! streams. So the helper's half of a socketpair is given to two of these programs, one for each
//! direction, and the kernel has attested to the app whose they are. They are two idle processes;
//! where they do not get through, the provider tells a loopback port and a secret instead
//! (docs/adr/0014).

use std::fmt;
use std::io::Read;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use portlog_reach::channel::{Secret, Transport};

/// How long `content`, which starts a virtual machine, may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// The longest answer: a port and a secret in hexadecimal.
const LONGEST: usize = 128;
/// A channel that ended sooner got nothing across: the other way is tried next.
const TOO_SOON: Duration = Duration::from_secs(15);

/// Why there is no way to the app right now.
#[derive(Debug, thiserror::Error)]
pub enum DoorError {
    /// `content` could not be run.
    #[error("{path} cannot be run")]
    NotRun {
        /// Where it should be.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// It gave no answer.
    #[error("the app gave no channel: {0}")]
    Refused(String),
    /// It gave an answer that is none.
    #[error("the app's answer is no {0}")]
    NoAnswer(&'static str),
}

/// The provider of an app.
pub(super) struct Provider {
    content: PathBuf,
    authority: String,
    user: i32,
    opened: Option<Opened>,
    next: Over,
}

/// The way that was last opened.
struct Opened {
    at: Instant,
    over: Over,
    /// The programs that carry it; ended with it.
    relays: Vec<Child>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Over {
    Pair,
    Loopback,
}

impl Provider {
    pub(super) fn new(programs: &Path, authority: &str, user: i32) -> Self {
        Self {
            content: programs.join("content"),
            authority: authority.to_owned(),
            user,
            opened: None,
            next: Over::Pair,
        }
    }

    /// A new way to the app; the one before is closed.
    pub(super) fn open(&mut self) -> Result<Transport, DoorError> {
        self.close();
        let over = self.next;
        let (transport, relays) = match over {
            Over::Pair => self.open_pair()?,
            Over::Loopback => (self.open_loopback()?, Vec::new()),
        };
        let at = Instant::now();
        self.opened = Some(Opened { at, over, relays });
        Ok(transport)
    }

    /// Ends what carries the way that was last opened, and remembers whether it was of any use.
    pub(super) fn close(&mut self) {
        let Some(opened) = self.opened.take() else {
            return;
        };
        self.next = match opened.over {
            Over::Pair if opened.at.elapsed() < TOO_SOON => Over::Loopback,
            _ => Over::Pair,
        };
        for mut relay in opened.relays {
            // It has ended already, or it ends now; both are well.
            let _ = relay.kill();
            let _ = relay.wait();
        }
    }

    fn open_pair(&self) -> Result<(Transport, Vec<Child>), DoorError> {
        let name = self.line("channel")?;
        if name.len() != 32 || !name.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(DoorError::NoAnswer("name of a channel"));
        }
        let path = format!("channel/{name}");
        let (ours, theirs) = UnixStream::pair().map_err(|source| self.not_run(source))?;
        let also_theirs = theirs.try_clone().map_err(|source| self.not_run(source))?;
        let mut up = self.command("write", &path);
        up.stdin(OwnedFd::from(theirs)).stdout(Stdio::null());
        let mut down = self.command("read", &path);
        down.stdin(Stdio::null()).stdout(OwnedFd::from(also_theirs));
        let mut relays = Vec::with_capacity(2);
        for mut command in [up, down] {
            match command.stderr(Stdio::null()).spawn() {
                Ok(relay) => relays.push(relay),
                Err(source) => {
                    for mut relay in relays {
                        let _ = relay.kill();
                        let _ = relay.wait();
                    }
                    return Err(self.not_run(source));
                }
            }
        }
        Ok((Transport::Pair(OwnedFd::from(ours)), relays))
    }

    fn open_loopback(&self) -> Result<Transport, DoorError> {
        let line = self.line("loopback")?;
        let (port, secret) = line
            .split_once(' ')
            .ok_or(DoorError::NoAnswer("port and secret"))?;
        let port: u16 = port.parse().map_err(|_| DoorError::NoAnswer("port"))?;
        loopback(port, secret).ok_or(DoorError::NoAnswer("secret"))
    }

    /// The one line that the provider gives for `path`.
    fn line(&self, path: &str) -> Result<String, DoorError> {
        let mut child = self
            .command("read", path)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|source| self.not_run(source))?;
        let deadline = Instant::now() + PATIENCE;
        let said = child.stdout.take().map(|out| read_until(out, deadline));
        let complaint = child.stderr.take().map(|out| read_until(out, deadline));
        let _ = child.kill();
        let _ = child.wait();
        let line = said.unwrap_or_default();
        match line.strip_suffix('\n') {
            Some(line) if !line.contains('\n') => Ok(line.to_owned()),
            _ if line.is_empty() => Err(DoorError::Refused(first_words(
                &complaint.unwrap_or_default(),
            ))),
            _ => Err(DoorError::NoAnswer("line")),
        }
    }

    fn command(&self, what: &str, path: &str) -> Command {
        let mut command = Command::new(&self.content);
        command
            .arg(what)
            .arg("--uri")
            .arg(format!("content://{}/{path}", self.authority))
            .arg("--user")
            .arg(self.user.to_string())
            // It is a program of the framework's own, which must not start with our code.
            .env_remove("CLASSPATH");
        command
    }

    fn not_run(&self, source: std::io::Error) -> DoorError {
        DoorError::NotRun {
            path: self.content.clone(),
            source,
        }
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.close();
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider")
            .field("authority", &self.authority)
            .finish_non_exhaustive()
    }
}

/// A loopback port and its secret in hexadecimal, as a way; `None` where that is no secret.
pub(super) fn loopback(port: u16, secret: &str) -> Option<Transport> {
    let mut bytes = [0; Secret::LEN];
    if secret.len() != 2 * bytes.len() || !secret.is_ascii() {
        return None;
    }
    for (byte, digits) in bytes.iter_mut().zip(secret.as_bytes().chunks_exact(2)) {
        let digits = std::str::from_utf8(digits).ok()?;
        *byte = u8::from_str_radix(digits, 16).ok()?;
    }
    Some(Transport::Loopback {
        address: SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
        secret: Secret::new(bytes),
    })
}

/// What comes until the end, the deadline or the longest line.
fn read_until(mut from: impl Read + AsFd, deadline: Instant) -> String {
    let mut bytes = Vec::new();
    let mut piece = [0; LONGEST];
    while bytes.len() < 4 * LONGEST {
        let left = deadline.saturating_duration_since(Instant::now());
        let Ok(timeout) = PollTimeout::try_from(left) else {
            break;
        };
        match poll(&mut [PollFd::new(from.as_fd(), PollFlags::POLLIN)], timeout) {
            Err(Errno::EINTR) => continue,
            Ok(0) | Err(_) => break,
            Ok(_) => {}
        }
        match from.read(&mut piece) {
            Ok(0) | Err(_) => break,
            Ok(read) => bytes.extend(piece.iter().take(read)),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The beginning of a program's complaint, on one line.
fn first_words(complaint: &str) -> String {
    let words: Vec<&str> = complaint.lines().take(2).map(str::trim).collect();
    let words = words.join("; ");
    if words.is_empty() {
        return "no answer in time".to_owned();
    }
    words.chars().take(200).collect()
}
