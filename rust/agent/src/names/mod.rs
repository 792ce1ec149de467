//! Names for addresses: the book that the DNS tap writes and the poll thread reads, what of it
//! there is to say, and what goes past it.

mod book;
mod bypass;
mod coverage;
mod pins;

pub use book::{NameBook, Pinned, TapCoverage, TapState};
pub(crate) use bypass::Bypass;
pub(crate) use coverage::{NamesMemory, of_book};
pub use pins::{PinnedCounts, PinnedError, PinnedSource};
