//! The text tables below `/proc/net`: bytes in, rows out.
//!
//! Pure, so that the same code reads a live kernel, a captured tree and what a fuzzer invents. The
//! tables of all kernels from 3.4 on share their first ten columns; what follows them (pointer,
//! drops, congestion window) differs between kernels, states and word sizes and is not used. A row
//! is therefore read from the left, by columns, and the rest is skipped.
//!
//! A row in the layout that every kernel prints is read by fixed positions (`fast`), anything else
//! by splitting on white space (`row`); the second decides what a row means, the first must agree.
//! Polling is paid by the row, once a second, for as long as the phone is on: hence the two.

mod fast;
pub(crate) mod number;
mod row;
mod table;

pub use row::parse_row;
pub use table::{Endian, TableParser, TableSummary, parse_table};
