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

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const NAME: &str = "00112233445566778899aabbccddeeff";

    /// A folder with a program `content` that does what `script` says of its three words.
    fn phone(script: &str) -> (tempfile::TempDir, Provider) {
        let folder = tempfile::tempdir().unwrap();
        let content = folder.path().join("content");
        let text = format!(
            "#!/bin/sh\ncd {}\ncase \"$1 $3 $5\" in\n{script}\nesac\n",
            folder.path().display()
        );
        fs::write(&content, text).unwrap();
        fs::set_permissions(&content, PermissionsExt::from_mode(0o755)).unwrap();
        let provider = Provider::new(folder.path(), "org.example.helper", 10);
        (folder, provider)
    }

    fn refusal(script: &str) -> String {
        phone(script).1.open().unwrap_err().to_string()
    }

    #[test]
    fn both_directions_go_by_a_program_of_the_phone() {
        let (folder, mut provider) = phone(&format!(
            "'read content://org.example.helper/channel 10') echo {NAME} ;;\n\
             'write content://org.example.helper/channel/{NAME} 10') cat > up ;;\n\
             'read content://org.example.helper/channel/{NAME} 10') echo down; sleep 60 ;;"
        ));
        let Transport::Pair(end) = provider.open().unwrap() else {
            panic!("not the pair")
        };
        let mut end = UnixStream::from(end);
        let mut said = [0; 5];
        end.read_exact(&mut said).unwrap();
        assert_eq!(&said, b"down\n");
        end.write_all(b"up").unwrap();
        drop(end);
        let deadline = Instant::now() + Duration::from_secs(20);
        while fs::read(folder.path().join("up")).unwrap_or_default() != b"up" {
            assert!(Instant::now() < deadline);
            std::thread::sleep(Duration::from_millis(10));
        }
        // The other one would go on for a minute; it is ended and waited for here.
        let began = Instant::now();
        provider.close();
        assert!(began.elapsed() < Duration::from_secs(20));
    }

    #[test]
    fn what_gets_nothing_across_is_followed_by_the_loopback_and_that_by_the_pair() {
        let secret = "ab".repeat(32);
        let (_folder, mut provider) = phone(&format!(
            "*channel' '10) echo {NAME} ;;\n*loopback' '10) echo 40213 {secret} ;;"
        ));
        assert!(matches!(provider.open().unwrap(), Transport::Pair(_)));
        match provider.open().unwrap() {
            Transport::Loopback { address, secret } => {
                assert_eq!(address.to_string(), "127.0.0.1:40213");
                assert_eq!(secret.as_bytes(), &[0xab; 32]);
            }
            Transport::Pair(_) => panic!("again"),
        }
        assert!(matches!(provider.open().unwrap(), Transport::Pair(_)));
    }

    #[test]
    fn what_is_no_answer_is_said_as_such() {
        assert_eq!(
            refusal("*) echo 'Error while accessing provider:x' >&2; echo ' why' >&2 ;;"),
            "the app gave no channel: Error while accessing provider:x; why"
        );
        let no_name = "the app's answer is no name of a channel";
        assert_eq!(refusal("*) echo short ;;"), no_name);
        assert_eq!(refusal(&format!("*) echo {} ;;", "x".repeat(32))), no_name);
        let no_line = "the app's answer is no line";
        assert_eq!(refusal("*) printf '%s' abc ;;"), no_line);
        assert_eq!(refusal("*) echo a; echo b ;;"), no_line);
        assert_eq!(refusal("*) yes ;;"), no_line);
        let mut none = Provider::new(Path::new("/nonexistent"), "x", 0);
        assert_eq!(
            none.open().unwrap_err().to_string(),
            "/nonexistent/content cannot be run"
        );
    }

    #[test]
    fn a_secret_is_64_digits_or_none() {
        assert!(loopback(1, &"0f".repeat(32)).is_some());
        for secret in [
            "",
            "0f",
            &"0g".repeat(32),
            &"é".repeat(32),
            &"0f".repeat(33),
        ] {
            assert!(loopback(1, secret).is_none(), "{secret}");
        }
    }
}
