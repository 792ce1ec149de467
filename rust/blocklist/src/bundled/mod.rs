//! The lists that come with Portlog. None is in force unless its user says so.
//!
//! Each entry says what was documented, where and when, what the maker replied, and how it stands; what
//! may never be an entry is in criteria.rs, and the build fails on it. A hit is only ever noted.

#[cfg(test)]
mod criteria;
mod source;
#[cfg(test)]
mod tests;

use std::str::FromStr as _;

use jiff::civil::{Date, Time};
use jiff::tz::Offset;
use portlog_model::{Category, WallTime};

pub use self::source::BundledEntry;
pub(crate) use self::source::Source;
use crate::{Error, Shown};

/// A list that comes with Portlog.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Bundled {
    id: &'static str,
    text: &'static str,
}

impl Bundled {
    /// All of them.
    pub const ALL: [Self; 2] = [
        Self {
            id: "reported",
            text: include_str!("../../bundled/reported.txt"),
        },
        Self {
            id: "documented",
            text: include_str!("../../bundled/documented.txt"),
        },
    ];

    /// The list of this id.
    pub fn with_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|list| list.id == id)
    }

    /// The word that stands for it.
    pub const fn id(self) -> &'static str {
        self.id
    }

    /// Its source, which [`crate::List::parse`] reads like any other list.
    pub const fn text(self) -> &'static str {
        self.text
    }

    /// Its name.
    pub fn title(self) -> &'static str {
        Source::read(self.text)
            .ok()
            .and_then(|source| source.title())
            .unwrap_or(self.id)
    }

    /// Its entries in full.
    pub fn entries(self) -> Vec<BundledEntry<'static>> {
        Source::read(self.text)
            .map(|source| source.entries().collect())
            .unwrap_or_default()
    }
}

impl BundledEntry<'_> {
    /// The entry as answers show it: the host, when it was documented, and how that stands.
    pub(crate) fn shown(&self) -> String {
        let year = self.source_date.get(..4).unwrap_or(self.source_date);
        let stands = if self.category == Category::Reported.as_str() {
            "may have changed hands"
        } else {
            self.status
        };
        format!("{} (documented in {year}, {stands})", self.host)
    }
}

/// Whether a file is such a list.
pub(crate) fn is_one(content: &[u8]) -> bool {
    content
        .strip_prefix(source::FIRST_LINE.as_bytes())
        .is_some_and(|rest| matches!(rest, [] | [b'\n' | b'\r', ..]))
}

/// Reads one.
pub(crate) fn open(content: &[u8]) -> Result<Source<'_>, Error> {
    let text = std::str::from_utf8(content).map_err(|_| Error::BundledNotUtf8)?;
    Source::read(text).map_err(|fault| Error::Bundled {
        line: fault.line,
        what: Shown::new(&fault.what),
    })
}

/// The category of the list, and the day of its last review.
pub(crate) fn head(source: &Source<'_>) -> (Option<Category>, Option<WallTime>) {
    let category = source.category().and_then(|word| word.parse().ok());
    let reviewed = source
        .reviewed()
        .and_then(|day| Date::from_str(day).ok())
        .and_then(|day| {
            Offset::UTC
                .to_timestamp(day.to_datetime(Time::midnight()))
                .ok()
        })
        .map(|stamp| WallTime::from_millis(stamp.as_millisecond()));
    (category, reviewed)
}
