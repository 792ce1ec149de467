//! What programs read, as docs/EVENTS.md specifies it.
//!
//! Written by hand instead of through serde: the model's types are the engine's, not the format's,
//! so a field that is renamed there must not rename one here; the order of fields is part of the
//! format; and ten thousand sockets are written in less time than the kernel needs to list them,
//! because what repeats (an owner) is rendered once and nothing is allocated for each socket.

pub(crate) mod compare;
pub(crate) mod corroborate;
#[cfg(test)]
mod document;
pub(crate) mod event;
pub(crate) mod journal;
pub(crate) mod list;
pub(crate) mod owner;
#[cfg(test)]
mod signed;
pub(crate) mod snapshot;
pub(crate) mod socket;
pub(crate) mod verify;
mod writer;

pub(crate) use writer::{Array, Object};
