//! Kernel socket tables: pure parsers, local sources that read them, and the table that turns
//! polls into opened, changed and closed.

#![forbid(unsafe_code)]

mod batch;
mod capture;
pub mod counters;
pub mod diag;
mod error;
mod practice;
mod procfs;
mod self_check;
mod source;
mod table;
pub mod text;

pub use batch::{BadRow, Batch, DestroyEvents, Destroyed, Fallback, SelfCheckVerdict, TableReport};
pub use capture::{CaptureKind, CaptureSeries, capture_time};
#[cfg(any(target_os = "linux", target_os = "android"))]
pub use diag::DiagSource;
pub use error::{Error, RowError};
pub use practice::PracticeSockets;
pub use procfs::{ProcfsSource, TextTables};
pub use self_check::{OwnSocket, SelfCheck};
pub use source::{Handed, Polled, Source};
pub use table::{SocketTable, TableSettings, first_look};
