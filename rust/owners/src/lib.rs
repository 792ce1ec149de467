//! UID -> [`Owner`](portlog_model::Owner): who has a socket, whether that comes with the phone, and
//! why this is said.
//!
//! A kernel row gives a number and nothing else. What the number means comes from three places that
//! are kept apart here, because they fail apart: Android's own table of ids ([`aid`], compiled in),
//! a list of packages or accounts that somebody read ([`PackageList`], [`Accounts`]), and the
//! processes that run ([`Programs`]). [`Directory`] puts the first two together and never guesses:
//! where the list was denied, short or damaged, an id that it does not have is unknown with that
//! reason, not "removed", and where a list says too little about a package, its firmware level is
//! unknown, not "no".
//!
//! Parsers are pure functions over bytes and never fail as a whole: a bad line is counted and costs
//! itself. The only code that reads files is [`Programs`] and two thin functions
//! ([`PackageList::read`], [`Accounts::read`]).

#![forbid(unsafe_code)]

mod accounts;
pub mod aid;
mod directory;
mod error;
mod input;
mod list;
mod origin;
mod package;
mod place;
mod printable;
#[cfg(any(target_os = "linux", target_os = "android"))]
mod programs;
mod role;

pub use accounts::Accounts;
pub use directory::{Directory, Unlisted};
pub use error::{Error, LineError};
pub use input::BadLine;
pub use list::{Doubt, Format, PackageList};
pub use package::{Installer, PackageEntry, PackageFlags, Signer};
#[cfg(any(target_os = "linux", target_os = "android"))]
pub use programs::Programs;
