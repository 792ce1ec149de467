//! What people read: tables and lines, aligned by the width that a terminal gives each character.

pub(crate) mod clean;
pub(crate) mod compare;
pub(crate) mod corroborate;
pub(crate) mod coverage;
pub(crate) mod detail;
pub(crate) mod event;
pub(crate) mod journal;
pub(crate) mod packages;
mod page;
pub(crate) mod paint;
pub(crate) mod qr;
pub(crate) mod sockets;
pub(crate) mod table;
pub(crate) mod verify;
pub(crate) mod words;
