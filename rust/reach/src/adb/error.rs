//! Why a phone cannot be watched over adb.

use std::path::PathBuf;
use std::time::Duration;

use portlog_model::Unreachable;

/// Why nothing can be had over adb.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no such program.
    #[error(
        "there is no program {}; install Android's platform tools (Debian: apt install adb), or name \
         it with --adb",
        program.display()
    )]
    NoProgram {
        /// What was to be started.
        program: PathBuf,
    },
    /// The program could not be started.
    #[error("cannot start {}", program.display())]
    Start {
        /// What was to be started.
        program: PathBuf,
        /// The system's answer.
        #[source]
        source: std::io::Error,
    },
    /// The program did not end in time. Caused by a server that hangs.
    #[error(
        "adb {what} did not end within {} s; try 'adb kill-server'",
        after.as_secs()
    )]
    Slow {
        /// Its arguments.
        what: String,
        /// How long was waited.
        after: Duration,
    },
    /// The program failed.
    #[error("adb {what} failed: {said}")]
    Failed {
        /// Its arguments.
        what: String,
        /// What it said.
        said: String,
    },
    /// No phone is attached.
    #[error(
        "adb sees no phone; plug one in with USB debugging on, and look at its screen for a question"
    )]
    NoPhone,
    /// Several phones are attached and none is named.
    #[error("adb sees several phones ({}); name one or more with --serial", serials.join(", "))]
    SeveralPhones {
        /// Their serials.
        serials: Vec<String>,
    },
    /// The phone that was named is not attached.
    #[error("adb does not see {serial}{}", seen_instead(.seen))]
    NotAttached {
        /// The serial that was named.
        serial: String,
        /// Those that are attached.
        seen: Vec<String>,
    },
    /// The phone has not agreed to be debugged by this computer.
    #[error(
        "{serial} does not trust this computer; unlock it and accept the question for USB debugging, \
         or unplug it and plug it in again to be asked"
    )]
    Unauthorized {
        /// Its serial.
        serial: String,
    },
    /// The phone is attached and adb cannot talk to it.
    #[error("adb says that {serial} is {state}; {}", way_out(.state))]
    NotReady {
        /// Its serial.
        serial: String,
        /// The state in adb's words.
        state: String,
    },
    /// The phone's shell did not do what it should.
    #[error("the shell of {serial} does not answer{}", said_so(.said))]
    Shell {
        /// Its serial.
        serial: String,
        /// What was said instead, if anything.
        said: String,
    },
    /// No randomness can be had from the system.
    #[error("the system gives no random numbers")]
    Random,
}

impl Error {
    /// What it means for a watch that runs already.
    pub const fn unreachable(&self) -> Unreachable {
        match self {
            Self::Unauthorized { .. } => Unreachable::Unauthorized,
            Self::Shell { .. } | Self::Slow { .. } => Unreachable::Silent,
            _ => Unreachable::Disconnected,
        }
    }
}

fn seen_instead(seen: &[String]) -> String {
    if seen.is_empty() {
        "; it sees no phone at all: is it plugged in, with USB debugging on?".to_owned()
    } else {
        format!("; it sees {}", seen.join(", "))
    }
}

fn way_out(state: &str) -> &'static str {
    match state {
        "offline" => "unplug it and plug it in again, or try 'adb reconnect'",
        "no permissions" => {
            "this user may not open the USB device: see adb's udev rules (Debian: apt install \
             android-sdk-platform-tools-common), then 'adb kill-server'"
        }
        "recovery" | "sideload" | "bootloader" | "rescue" => "start Android on it",
        _ => "wait a moment and try again",
    }
}

fn said_so(said: &str) -> String {
    if said.is_empty() {
        String::new()
    } else {
        format!(": {said}")
    }
}
