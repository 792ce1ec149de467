//! A phone watched from a desktop, through the `adb` program.
//!
//! One shell stays open for as long as the phone is watched. In it runs a loop of a few lines
//! (`script`) that waits for requests: a line that names what to read and a number that nobody
//! else knows. What was read comes back between marks that begin with this number (`frames`), so
//! that no content can pass for a mark. Nothing is installed and nothing is written on the phone,
//! and the loop ends with the session: it reads nothing that it was not asked for.
//!
//! The pace is the desktop's. A poll waits for a fraction of a second; what a slow phone has not
//! said by then is taken up by the next poll ([`Polled::Nothing`](portlog_sockets::Polled)), so that
//! a watch can be ended at once, whatever the phone does.
//!
//! The `adb` program is asked, never the socket of its server: which server that is, how it is
//! started and which phones it trusts is between the user and it.

mod devices;
mod error;
mod facts;
mod frames;
mod link;
mod packages;
mod program;
mod script;
mod session;
mod source;
mod tables;

pub use devices::{Attached, State, parse_devices};
pub use error::Error;
pub use facts::{PhoneFacts, parse_clock};
pub use frames::{Answer, Progress, Section};
pub use program::Adb;
pub use source::{AdbSource, Phone};
