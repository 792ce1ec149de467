//! One helper at a time, by the lock of a file in a folder that no app may write to.
//!
//! A name in the abstract namespace would be anyone's to take; a file of `/data/local/tmp` is the
//! shell's. The lock goes with the process, however it ends. In the file stands who holds it, so that
//! a newer helper, or root's, can end an older one and take its place.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, geteuid, getpid};

use crate::channel::Error;

/// The lock, as long as it is held.
#[derive(Debug)]
pub(crate) struct Instance {
    _lock: Flock<File>,
}

/// Who holds the lock, as the file says.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
struct Holder {
    pid: u32,
    uid: u32,
    version: String,
}

impl Instance {
    /// How long an older helper is waited for, before it is killed and afterwards.
    const PATIENCE: Duration = Duration::from_secs(2);

    /// Takes the place of one helper; ends one that is older, or that is not root's where this is.
    pub(crate) fn claim(path: &Path, version: &str) -> Result<Self, Error> {
        let mut file = open(path)?;
        let mut signals = [Signal::SIGTERM, Signal::SIGKILL].into_iter();
        loop {
            file = match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
                Ok(lock) => return Self::holding(lock, version),
                Err((file, Errno::EAGAIN)) => file,
                Err((_, errno)) => return Err(Error::io("lock the helper's file")(errno.into())),
            };
            let holder = Holder::read(&mut file);
            let root = geteuid().is_root();
            if !holder.gives_way(version, root) {
                return Err(holder.runs());
            }
            let pid = i32::try_from(holder.pid).ok().filter(|pid| *pid > 1);
            let (Some(pid), Some(signal)) = (pid, signals.next()) else {
                return Err(holder.runs());
            };
            if kill(Pid::from_raw(pid), signal) == Err(Errno::EPERM) {
                return Err(holder.runs());
            }
            let deadline = Instant::now() + Self::PATIENCE;
            while Instant::now() < deadline {
                file = match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
                    Ok(lock) => return Self::holding(lock, version),
                    Err((file, _)) => file,
                };
                thread::sleep(Duration::from_millis(20));
            }
        }
    }

    fn holding(mut lock: Flock<File>, version: &str) -> Result<Self, Error> {
        let said = format!("{} {} {version}\n", getpid(), geteuid());
        let written = lock
            .set_len(0)
            .and_then(|()| lock.seek(SeekFrom::Start(0)))
            .and_then(|_| lock.write_all(said.as_bytes()));
        written.map_err(Error::io("write the helper's file"))?;
        Ok(Self { _lock: lock })
    }
}

impl Holder {
    fn read(file: &mut File) -> Self {
        let mut text = String::new();
        // What cannot be read is nobody that could be ended.
        let _ = file.seek(SeekFrom::Start(0));
        let _ = file.take(256).read_to_string(&mut text);
        let mut words = text.split_ascii_whitespace();
        let mut number = || words.next()?.parse().ok();
        let (pid, uid) = (number(), number());
        Self {
            pid: pid.unwrap_or(0),
            uid: uid.unwrap_or(0),
            version: words.next().unwrap_or_default().to_owned(),
        }
    }

    /// Whether it is to be ended for one of `version`, which is root's or not.
    fn gives_way(&self, version: &str, root: bool) -> bool {
        (root && self.uid != 0) || numbers(&self.version) < numbers(version)
    }

    fn runs(self) -> Error {
        Error::AnotherRuns {
            version: self.version,
            pid: self.pid,
        }
    }
}

/// Opens the file, whoever made it: root's may not be written by the shell, and is locked as well.
fn open(path: &Path) -> Result<File, Error> {
    let options = |write: bool| {
        let mut options = OpenOptions::new();
        options.read(true).write(write).create(write).mode(0o644);
        options.custom_flags(nix::libc::O_NOFOLLOW | nix::libc::O_CLOEXEC);
        options
    };
    options(true)
        .open(path)
        .or_else(|_| options(false).open(path))
        .map_err(Error::io("open the helper's file"))
}

/// The numbers of a version, in order of weight.
fn numbers(version: &str) -> Vec<u64> {
    version
        .split(|c: char| !c.is_ascii_digit())
        .filter_map(|number| number.parse().ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    /// A process that holds the file's lock as another helper would.
    fn other(path: &Path, said: &str) -> std::process::Child {
        std::fs::write(path, "").unwrap();
        let mut child = Command::new("flock")
            .arg(path)
            .args(["sh", "-c", "echo held; exec sleep 60"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = [0; 5];
        child
            .stdout
            .as_mut()
            .unwrap()
            .read_exact(&mut line)
            .unwrap();
        // `flock` waits for its child, which has the lock as well: the lock's holder is the child.
        let pid = child.id();
        let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
        let pid = children.trim();
        std::fs::write(path, said.replace("PID", pid)).unwrap();
        child
    }

    fn in_folder(test: impl FnOnce(&Path)) {
        let folder = tempfile::tempdir().unwrap();
        test(&folder.path().join("lock"));
    }

    #[test]
    fn the_second_of_the_same_version_is_refused_until_the_first_ends() {
        in_folder(|path| {
            let first = Instance::claim(path, "1.2.3").unwrap();
            let refused = Instance::claim(path, "1.2.3").unwrap_err();
            let Error::AnotherRuns { version, pid } = refused else {
                panic!("{refused}");
            };
            assert_eq!((version.as_str(), pid), ("1.2.3", std::process::id()));
            drop(first);
            Instance::claim(path, "1.2.3").unwrap();
        });
    }

    #[test]
    fn a_newer_one_takes_the_place_of_an_older() {
        in_folder(|path| {
            let uid = geteuid();
            let mut older = other(path, &format!("PID {uid} 0.9.12\n"));
            Instance::claim(path, "0.10.0").unwrap();
            assert!(!older.wait().unwrap().success());
        });
    }

    #[test]
    fn an_older_one_leaves_a_newer_alone() {
        in_folder(|path| {
            let uid = geteuid();
            let mut newer = other(path, &format!("PID {uid} 1.0.0\n"));
            let refused = Instance::claim(path, "0.10.0").unwrap_err();
            assert!(matches!(refused, Error::AnotherRuns { .. }));
            assert!(newer.try_wait().unwrap().is_none());
            newer.kill().unwrap();
            newer.wait().unwrap();
        });
    }

    #[test]
    fn root_takes_the_place_of_the_shell_and_not_the_other_way() {
        let holder = |uid| Holder {
            pid: 7,
            uid,
            version: "1.0".to_owned(),
        };
        assert!(holder(2_000).gives_way("1.0", true));
        assert!(!holder(2_000).gives_way("1.0", false));
        assert!(!holder(0).gives_way("1.0", true));
        assert!(!holder(0).gives_way("1.0", false));
    }

    #[test]
    fn a_link_in_the_files_place_is_not_followed() {
        in_folder(|path| {
            let target = path.with_extension("target");
            std::fs::write(&target, "kept").unwrap();
            std::os::unix::fs::symlink(&target, path).unwrap();
            assert!(Instance::claim(path, "1.0").is_err());
            assert_eq!(std::fs::read_to_string(&target).unwrap(), "kept");
        });
    }
}
