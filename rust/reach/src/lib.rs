//! Rows from elsewhere: from a process of the shell's UID on the same phone, from a phone over adb,
//! from reports that other programs made.

#![forbid(unsafe_code)]

pub mod adb;
pub mod channel;
mod clock;
pub mod helper;
pub mod import;
mod remote;

pub use remote::{DeviceFacts, News, Remote};
