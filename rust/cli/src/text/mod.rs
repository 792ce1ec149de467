//! What people read: tables and lines, aligned by the width that a terminal gives each character.

pub(crate) mod clean;
pub(crate) mod coverage;
pub(crate) mod detail;
pub(crate) mod event;
pub(crate) mod paint;
pub(crate) mod sockets;
pub(crate) mod table;
pub(crate) mod verify;
pub(crate) mod words;
