//! The helper, as a process of its own: what the app's entry for `app_process` does on a phone, with
//! a Unix socket in the place of the app's provider.
//!
//! It is this test program started again. It becomes its user for good, starts the one helper that
//! there may be, asks the watch for a channel, serves it, and asks again when it is lost.

use std::io::{BufRead as _, BufReader, IoSliceMut, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use nix::sys::socket::{ControlMessageOwned, MsgFlags, recvmsg};
use portlog_reach::channel::{Provider, Secret, Transport};
use portlog_reach::helper::{Ended, Helper, Options};

use crate::namespace::Namespace;
use crate::talker::become_user;

/// The word that starts this program as a helper.
pub(crate) const ROLE: &str = "helper";
/// The word that starts it to ask for a channel once, and to say how that went.
pub(crate) const ASK: &str = "ask";
/// The shell's UID.
pub(crate) const SHELL: u32 = 2_000;

/// How the helper and the watch are connected.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Way {
    /// One end of a socketpair, handed over.
    Pair,
    /// Loopback TCP with a secret.
    Loopback,
}

/// A helper's process, seen from the test.
pub(crate) struct HelperProcess {
    child: Child,
    said: BufReader<ChildStdout>,
}

impl HelperProcess {
    /// Starts one as `uid`, which asks at `socket`; its lock is beside that.
    pub(crate) fn start(namespace: &Namespace, uid: u32, way: Way, socket: &Path) -> Self {
        let way = match way {
            Way::Pair => "pair",
            Way::Loopback => "loopback",
        };
        let mut child = namespace.enter(|| {
            Command::new(std::env::current_exe().unwrap())
                .args([ROLE, &uid.to_string(), way])
                .arg(socket)
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap()
        });
        let said = BufReader::new(child.stdout.take().unwrap());
        Self { child, said }
    }

    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Ends it as adb's end does: without a word.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// What it said last, after it has ended by itself.
    pub(crate) fn last_word(mut self) -> String {
        let mut text = String::new();
        self.said.read_to_string(&mut text).unwrap();
        self.child.wait().unwrap();
        text.lines().last().unwrap_or_default().to_owned()
    }
}

impl Drop for HelperProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The helper itself.
pub(crate) fn help(uid: u32, way: &str, socket: &Path) {
    become_user(uid);
    let lock = socket.with_file_name("helpers").join("lock");
    let started = Helper::start(Options {
        proc_root: PathBuf::from("/proc"),
        lock,
        version: env!("CARGO_PKG_VERSION").into(),
        app: None,
        programs: None,
    });
    let mut helper = match started {
        Ok(helper) => helper,
        Err(error) => return println!("refused: {error}"),
    };
    loop {
        let ended = match ask(socket, way) {
            Ok(transport) => helper.serve(transport).unwrap_or_else(|error| {
                println!("failed: {error}");
                Ended::Lost
            }),
            Err(error) => {
                println!("nobody there: {error}");
                helper.rest()
            }
        };
        if ended != Ended::Lost {
            return println!("{ended:?}");
        }
    }
}

/// Asks once, as anybody.
pub(crate) fn ask_once(uid: u32, way: &str, socket: &Path) {
    become_user(uid);
    println!(
        "{}",
        if ask(socket, way).is_ok() {
            "let in"
        } else {
            "refused"
        }
    );
}

/// Asks the watch for a channel.
pub(crate) fn ask(socket: &Path, way: &str) -> std::io::Result<Transport> {
    let mut provider = UnixStream::connect(socket)?;
    if way == "loopback" {
        provider.write_all(&[Provider::LOOPBACK])?;
        let mut line = String::new();
        BufReader::new(provider).read_line(&mut line)?;
        let refused = || std::io::Error::from(std::io::ErrorKind::PermissionDenied);
        let (port, secret) = line.trim().split_once(' ').ok_or_else(refused)?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port.parse().unwrap()));
        let byte = |at: usize| u8::from_str_radix(&secret[at * 2..at * 2 + 2], 16).unwrap();
        let secret = Secret::new(std::array::from_fn(byte));
        return Ok(Transport::Loopback { address, secret });
    }
    provider.write_all(&[Provider::PAIR])?;
    let mut byte = [0];
    let mut room = nix::cmsg_space!(std::os::fd::RawFd);
    let mut parts = [IoSliceMut::new(&mut byte)];
    let message = recvmsg::<()>(
        provider.as_raw_fd(),
        &mut parts,
        Some(&mut room),
        MsgFlags::MSG_CMSG_CLOEXEC,
    )?;
    let end = message.cmsgs()?.find_map(|message| match message {
        ControlMessageOwned::ScmRights(ends) => ends.first().copied(),
        _ => None,
    });
    let end = end.ok_or(std::io::Error::from(std::io::ErrorKind::PermissionDenied))?;
    #[expect(
        unsafe_code,
        reason = "a descriptor that came in a message has no owner yet"
    )]
    // SAFETY: the kernel has just made this descriptor for this process, and nobody else knows it.
    let end = unsafe { OwnedFd::from_raw_fd(end) };
    Ok(Transport::Pair(end))
}
