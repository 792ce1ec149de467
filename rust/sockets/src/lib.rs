//! Kernel socket tables: pure parsers, local sources that read them, and the table that turns
//! polls into opened, changed and closed.

#![forbid(unsafe_code)]

mod batch;
pub mod counters;
mod error;
mod self_check;
mod source;
pub mod text;

pub use batch::{BadRow, Batch, DestroyEvents, Destroyed, Fallback, SelfCheckVerdict, TableReport};
pub use error::{Error, RowError};
pub use self_check::OwnSocket;
pub use source::{Polled, Source};
