//! The `adb` program: found, started, and given no more time than it needs.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use super::devices::{Attached, State, parse_devices};
use super::error::Error;
use super::script::SCRIPT;

/// The `adb` program.
#[derive(Clone, Debug)]
pub struct Adb {
    program: PathBuf,
}

impl Default for Adb {
    /// The one in the search path.
    fn default() -> Self {
        Self::at(PathBuf::from("adb"))
    }
}

impl Adb {
    /// Starting its server takes adb some seconds.
    const PATIENCE: Duration = Duration::from_secs(15);
    /// More of what it says is not read.
    const MAX_OUTPUT: u64 = 1 << 20;

    /// The program at this path.
    pub const fn at(program: PathBuf) -> Self {
        Self { program }
    }

    /// The phones that it sees.
    pub fn devices(&self) -> Result<Vec<Attached>, Error> {
        let text = self.run(&["devices", "-l"])?;
        Ok(parse_devices(&text))
    }

    /// The phone called `serial`, or the only one; it can be talked to.
    pub fn choose(&self, serial: Option<&str>) -> Result<Attached, Error> {
        let mut phones = self.devices()?;
        let seen: Vec<String> = phones.iter().map(|phone| phone.serial.clone()).collect();
        let chosen = match serial {
            Some(serial) => phones
                .into_iter()
                .find(|phone| phone.serial == serial)
                .ok_or_else(|| Error::NotAttached {
                    serial: serial.to_owned(),
                    seen,
                })?,
            None => match (phones.pop(), phones.is_empty()) {
                (None, _) => return Err(Error::NoPhone),
                (Some(only), true) => only,
                (Some(_), false) => return Err(Error::SeveralPhones { serials: seen }),
            },
        };
        match chosen.state {
            State::Ready => Ok(chosen),
            State::Unauthorized => Err(Error::Unauthorized {
                serial: chosen.serial,
            }),
            State::Other(state) => Err(Error::NotReady {
                serial: chosen.serial,
                state,
            }),
        }
    }

    /// Asks adb's server to connect to a phone on the network again, where the serial names one.
    pub(super) fn connect_again(&self, serial: &str) {
        if serial.contains(':') {
            // Whether it is there is seen by who asks next.
            let _ = self.run(&["connect", serial]);
        }
    }

    /// Starts the loop in the phone's shell.
    pub(super) fn shell(&self, serial: &str) -> Result<Child, Error> {
        Command::new(&self.program)
            .args(["-s", serial, "shell", SCRIPT])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|source| self.cannot_start(source))
    }

    /// What it writes to standard output.
    fn run(&self, args: &[&str]) -> Result<String, Error> {
        let what = args.join(" ");
        // The server that it may start lives on and must not hold on to our pipes' other ends
        // longer than adb itself: so the wait is for the process, not for the pipes' end.
        let mut child = Command::new(&self.program)
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|source| self.cannot_start(source))?;
        let output = read_on_thread(child.stdout.take());
        let errors = read_on_thread(child.stderr.take());
        let deadline = Instant::now() + Self::PATIENCE;
        let status = loop {
            match child.try_wait() {
                Ok(Some(status)) => break status,
                Ok(None) if Instant::now() < deadline => {
                    thread::sleep(Duration::from_millis(10));
                }
                Ok(None) | Err(_) => {
                    // Whether it is gone or cannot be ended, nothing more can be done.
                    let _ = child.kill();
                    let _ = child.wait();
                    return Err(Error::Slow {
                        what,
                        after: Self::PATIENCE,
                    });
                }
            }
        };
        let output = output.text();
        if status.success() {
            return Ok(output);
        }
        let errors = errors.text();
        let said = errors
            .lines()
            .chain(output.lines())
            .rfind(|line| !line.trim().is_empty());
        Err(Error::Failed {
            what,
            said: said.unwrap_or("it says nothing").trim().to_owned(),
        })
    }

    fn cannot_start(&self, source: std::io::Error) -> Error {
        let program = self.program.clone();
        if source.kind() == std::io::ErrorKind::NotFound {
            Error::NoProgram { program }
        } else {
            Error::Start { program, source }
        }
    }

    /// Its path.
    pub fn program(&self) -> &Path {
        &self.program
    }
}

/// What is read by a thread of its own.
struct Reading {
    pieces: std::sync::mpsc::Receiver<Vec<u8>>,
}

impl Reading {
    /// What came, to the end or for a moment after the process ended.
    fn text(self) -> String {
        let mut bytes = Vec::new();
        while let Ok(piece) = self.pieces.recv_timeout(Duration::from_millis(300)) {
            bytes.extend(piece);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

fn read_on_thread(pipe: Option<impl std::io::Read + Send + 'static>) -> Reading {
    let (sender, pieces) = channel();
    if let Some(pipe) = pipe {
        thread::spawn(move || {
            let mut pipe = pipe.take(Adb::MAX_OUTPUT);
            let mut piece = [0; 4096];
            while let Ok(length @ 1..) = pipe.read(&mut piece) {
                let read = piece.get(..length).unwrap_or_default();
                if sender.send(read.to_vec()).is_err() {
                    break;
                }
            }
        });
    }
    Reading { pieces }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn adb_that_says(folder: &Path, script: &str) -> Adb {
        let path = folder.join("adb");
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        Adb::at(path)
    }

    #[test]
    fn every_reason_that_no_phone_can_be_had_says_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let missing = Adb::at(folder.path().join("none"));
        let error = missing.choose(None).unwrap_err().to_string();
        assert!(error.contains("there is no program"), "{error}");
        let list = |lines: &str| format!("printf 'List of devices attached\\n{lines}'");
        for (lines, serial, wanted) in [
            ("", None, "adb sees no phone"),
            ("a device\\nb device\\n", None, "(a, b)"),
            ("a device\\nb device\\n", Some("c"), "it sees a, b"),
            ("", Some("c"), "it sees no phone at all"),
            ("a unauthorized\\n", None, "accept the question"),
            ("a offline\\n", Some("a"), "adb reconnect"),
            ("a no permissions (x); see [y]\\n", None, "udev rules"),
            ("a recovery\\n", None, "start Android"),
        ] {
            let adb = adb_that_says(folder.path(), &list(lines));
            let error = adb.choose(serial).unwrap_err().to_string();
            assert!(error.contains(wanted), "{error}");
        }
        let adb = adb_that_says(folder.path(), &list("a device\\nb device\\n"));
        assert_eq!(adb.choose(Some("b")).unwrap().serial, "b");
        let adb = adb_that_says(folder.path(), "echo 'error: it hurts' >&2; exit 1");
        let error = adb.choose(None).unwrap_err().to_string();
        assert_eq!(error, "adb devices -l failed: error: it hurts");
    }
}
