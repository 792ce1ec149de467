//! Where a helper asks for a channel on a plain Linux: a Unix socket in the place of the app's
//! exported provider.
//!
//! As there, the kernel says who asks (`SO_PEERCRED` here, `Binder.getCallingUid()` there), and
//! nobody but root and the shell is given anything. A byte says what is wanted; the answer is one end
//! of a socketpair, or a port and a secret in one line.

use std::fmt::Write as _;
use std::io::{ErrorKind, IoSlice, Read, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use nix::sys::socket::sockopt::PeerCredentials;
use nix::sys::socket::{
    AddressFamily, ControlMessage, MsgFlags, SockFlag, SockType, getsockopt, sendmsg, socketpair,
};
use ring::rand::SystemRandom;

use super::{Error, HelperLink, Listening};

/// Android's `AID_SHELL`.
const SHELL: u32 = 2_000;

/// A Unix socket at which helpers ask. It is gone when this is dropped.
#[derive(Debug)]
pub struct Provider {
    path: PathBuf,
}

impl Provider {
    /// Asks for one end of a socketpair.
    pub const PAIR: u8 = b'p';
    /// Asks for a port and a secret.
    pub const LOOPBACK: u8 = b'l';
    /// What goes with a descriptor, since one cannot go alone.
    pub const GRANTED: u8 = b'+';
    /// How long an asker may take to say what it wants.
    const PATIENCE: Duration = Duration::from_secs(2);

    /// Opens the socket and attaches whoever may ask to `link`.
    pub fn open(path: &Path, link: Arc<HelperLink>) -> Result<Self, Error> {
        // One that was left behind; what is no socket stays, and is in the way.
        if path
            .symlink_metadata()
            .is_ok_and(|found| found.file_type().is_socket())
        {
            std::fs::remove_file(path).map_err(Error::io("remove an old socket"))?;
        }
        let listener = UnixListener::bind(path).map_err(Error::io("open a socket for helpers"))?;
        // Who may ask is decided by who asks.
        std::fs::set_permissions(path, PermissionsExt::from_mode(0o666))
            .map_err(Error::io("open a socket to everyone"))?;
        thread::Builder::new()
            .name("portlog-provider".to_owned())
            .spawn(move || {
                for asker in listener.incoming() {
                    let Ok(asker) = asker else { continue };
                    // One that is refused, or gone, is no reason to end.
                    let _ = answer(asker, &link);
                }
            })
            .map_err(Error::io("start a thread"))?;
        Ok(Self {
            path: path.to_owned(),
        })
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        // Somebody may have removed it.
        let _ = std::fs::remove_file(&self.path);
    }
}

fn answer(mut asker: UnixStream, link: &Arc<HelperLink>) -> Result<(), Error> {
    let who = getsockopt(&asker, PeerCredentials)
        .map_err(|errno| Error::io("ask who it is")(errno.into()))?;
    if !matches!(who.uid(), 0 | SHELL) {
        return Err(Error::Stranger { wanted: "helper" });
    }
    asker
        .set_read_timeout(Some(Provider::PATIENCE))
        .map_err(Error::io("set up a socket"))?;
    let mut wanted = [0];
    asker
        .read_exact(&mut wanted)
        .map_err(Error::io("hear what is wanted"))?;
    match wanted {
        [Provider::PAIR] => {
            let (ours, theirs) = pair()?;
            link.attach(ours)?;
            let descriptors = [theirs.as_fd().as_raw_fd()];
            sendmsg::<()>(
                asker.as_raw_fd(),
                &[IoSlice::new(&[Provider::GRANTED])],
                &[ControlMessage::ScmRights(&descriptors)],
                MsgFlags::MSG_NOSIGNAL,
                None,
            )
            .map_err(|errno| Error::io("hand over a channel")(errno.into()))?;
        }
        [Provider::LOOPBACK] => {
            let door = Listening::open(&SystemRandom::new())?;
            let mut told = format!("{} ", door.address().port());
            for byte in door.secret().as_bytes() {
                // Writing into a text cannot fail.
                let _ = write!(told, "{byte:02x}");
            }
            told.push('\n');
            link.admit(door)?;
            asker
                .write_all(told.as_bytes())
                .map_err(Error::io("hand over a channel"))?;
        }
        _ => {
            let unknown = std::io::Error::from(ErrorKind::InvalidInput);
            return Err(Error::io("understand what is wanted")(unknown));
        }
    }
    Ok(())
}

fn pair() -> Result<(OwnedFd, OwnedFd), Error> {
    socketpair(
        AddressFamily::Unix,
        SockType::Stream,
        None,
        SockFlag::SOCK_CLOEXEC,
    )
    .map_err(|errno| Error::io("make a channel")(errno.into()))
}
