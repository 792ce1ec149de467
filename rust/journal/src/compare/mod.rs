//! Two logs, or two parts of one, side by side: what is still there, what is new, and what was not
//! seen again.
//!
//! The question is that of 2014: did a connection go away when a service was switched off, when an
//! update came, when the phone was reset? A list of what one file has and the other has not answers
//! it wrongly, since a file is short, its hours are not all watched, and its sharer chose what it
//! shows. So a [`Half`] keeps, beside what was seen, the time in which it could have been seen, and
//! [`compare`] says "not seen again" only where the earlier rate predicts at least
//! [`ENOUGH_SIGHTINGS`] in the later time. What is withheld is never absent.
//!
//! Only verified files are read: [`read`] wants their [`Report`]. Nothing here knows a clock.

mod destination;
mod facts;
mod forecast;
mod half;
mod hours;
mod judge;
mod kin;
mod owners;
mod relation;
mod verdict;

use std::io::BufRead;
use std::ops::Range;

pub use destination::{Destination, Network, Way};
pub use facts::{Fact, ListFact, Told};
pub use forecast::{ENOUGH_SIGHTINGS, Forecast};
pub use half::{Half, MarkFact, Seen};
pub use hours::Hours;
pub use judge::{OwnerRows, Row, compare};
pub use owners::{OwnerFacts, OwnerKey};
pub use relation::{Names, Relation, relate};
pub use verdict::{Found, Likeness, TooShort, Uncertain, Verdict};

use crate::error::Error;
use crate::verify::{Report, entries};

/// The most owner and destination pairs of one side.
pub const MAX_PAIRS: usize = 200_000;
/// The most bytes of names and packages that one side keeps.
const MAX_TEXT: usize = 64 << 20;
/// The most marks of one side that are kept; the rest is counted.
const MAX_MARKS: usize = 1000;

/// Reads the entries of `range` of the verified file that `report` is about.
///
/// Entries before the range only say how things stood when it began (device, lists, owners). What
/// this gives counts only when it has returned well.
///
/// # Errors
///
/// [`Error::TooMuchToCompare`] beyond [`MAX_PAIRS`]; a file that is not the one that was verified.
pub fn read(reader: impl BufRead, report: &Report, range: Range<u64>) -> Result<Half, Error> {
    let mut reading = half::Reading::new(report.checkpoint.checkpoint().clone(), range);
    let mut full = None;
    entries(reader, report, |entry| {
        if full.is_none() {
            full = reading.entry(entry).err();
        }
    })?;
    full.map_or_else(|| Ok(reading.finish()), Err)
}
