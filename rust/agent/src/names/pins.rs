//! Files of pinned answers where a list is named.
//!
//! Such a file is names for addresses, and it stands for the list that it was resolved from: its names
//! are the entries. So the text of a hosts file is made of it, a line for each of its lines, and parsed
//! as any list: exact names, no domains below them, and the number of a line is that of the file.

use std::fmt::Write as _;
use std::net::IpAddr;
use std::sync::Arc;

use portlog_blocklist::{List, ParsedList};
use portlog_model::{BootTime, Category, Moment, NameSource, Sha256, WallTime};
use portlog_names::pinned::{BadLine, Line, Outcome, PinnedFile};
use portlog_watch::Names as _;

use super::NameBook;

/// Why a file of pinned answers cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PinnedError {
    /// It is of another version, or too large.
    #[error("these are pinned answers that cannot be read")]
    File(#[source] portlog_names::pinned::Error),
    /// It names no list, and no category was given.
    #[error("the file does not say of which list its names are, and no category is given")]
    NoCategory,
    /// Its names make no list.
    #[error("its names make no list")]
    List(#[source] portlog_blocklist::Error),
}

/// A file of pinned answers, read.
#[derive(Debug)]
pub struct PinnedSource {
    /// Its names as a list.
    pub list: List,
    /// The lists that its names are of, by digest.
    pub of: Vec<Sha256>,
    /// What is in it.
    pub counts: PinnedCounts,
    /// Lines that cannot be used, the first of them.
    pub bad: Vec<BadLine>,
}

/// What is in a file of pinned answers.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct PinnedCounts {
    /// Names with addresses.
    pub ok: u64,
    /// Their addresses.
    pub addresses: u64,
    /// Names without an address.
    pub no_data: u64,
    /// Names that are not there.
    pub nx_domain: u64,
    /// Names of which the resolver did not say anything.
    pub unanswered: u64,
    /// Lines that cannot be used.
    pub bad_lines: u64,
    /// When the first answer was had.
    pub oldest: Option<WallTime>,
    /// When the last one was.
    pub newest: Option<WallTime>,
}

impl PinnedSource {
    /// Whether a file's bytes are of this form, of whatever version.
    pub fn is_one(bytes: &[u8]) -> bool {
        PinnedFile::is_one(bytes)
    }

    /// Reads a file that is called `name`. A `category` takes the place of the one that it names.
    pub fn read(name: &str, category: Option<Category>, bytes: &[u8]) -> Result<Self, PinnedError> {
        let file = PinnedFile::open(bytes).map_err(PinnedError::File)?;
        let mut counts = PinnedCounts::default();
        let (mut of, mut bad, mut named) = (Vec::new(), Vec::new(), None);
        // The first line is the file's own.
        let mut text = String::from("\n");
        for read in file.lines() {
            match read {
                Ok((_, Line::Answer(answer))) => {
                    counts.add(answer.outcome(), answer.seen());
                    // Writing to a string cannot fail.
                    let _ = write!(text, "0.0.0.0 {}", answer.name());
                }
                Ok((_, Line::List(list))) => {
                    named = named.or(Some(list.category));
                    of.push(list.sha256);
                }
                Ok(_) => {}
                Err(line) => {
                    counts.bad_lines += 1;
                    if bad.len() < List::MAX_REPORTED_LINES {
                        bad.push(line);
                    }
                }
            }
            text.push('\n');
        }
        let category = category.or(named).ok_or(PinnedError::NoCategory)?;
        let parsed = List::parse(name, Some(category), counts.newest, text.as_bytes());
        let ParsedList { list, .. } = parsed.map_err(PinnedError::List)?;
        Ok(Self {
            list: list.of_file(bytes, counts.bad_lines),
            of,
            counts,
            bad,
        })
    }
}

impl PinnedCounts {
    fn add(&mut self, outcome: &Outcome, seen: WallTime) {
        let count = match outcome {
            Outcome::Addresses { addresses, .. } => {
                let addresses = u64::try_from(addresses.len()).unwrap_or(u64::MAX);
                self.addresses = self.addresses.saturating_add(addresses);
                &mut self.ok
            }
            Outcome::NoData => &mut self.no_data,
            Outcome::NxDomain => &mut self.nx_domain,
            Outcome::Refused | Outcome::ServFail | Outcome::Timeout => &mut self.unanswered,
        };
        *count = count.saturating_add(1);
        self.oldest = Some(self.oldest.map_or(seen, |oldest| oldest.min(seen)));
        self.newest = self.newest.max(Some(seen));
    }
}

impl NameBook {
    /// Learns the pinned answers of a file's `bytes`, if it is one.
    pub fn pin_bytes(&self, bytes: &[u8]) -> Option<super::Pinned> {
        let file = PinnedFile::open(bytes).ok()?;
        Some(self.pin(&file))
    }

    /// The names for which `address` was pinned and that are in force at `now`, by name.
    pub fn pinned_names(&self, address: IpAddr, now: WallTime) -> Vec<Arc<str>> {
        let at = Moment {
            wall: now,
            boot: BootTime::from_nanos(0),
        };
        let mut names = Vec::new();
        self.look_up(address, None, at, &mut names);
        names.retain(|name| name.seen.source == NameSource::Pinned);
        names.into_iter().map(|name| name.seen.name).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "portlog-pinned/1\n\
        list 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff tracker hosts.txt\n\
        resolver 192.0.2.53:53 udp\n\
        vantage a bench\n\
        answer 2026-01-31T23:59:59Z ok 300 ads.example.test 192.0.2.7 2001:db8::7\n\
        answer 2026-02-01T00:00:01Z nxdomain - gone.example.test\n\
        answer 2026-02-01T00:00:02Z timeout - quiet.example.test\n\
        nonsense\n";

    #[test]
    fn its_names_are_entries_at_their_lines_and_nothing_below_them() {
        let read = PinnedSource::read("hosts.pinned", None, FILE.as_bytes()).unwrap();
        let hit = read.list.name("ads.example.test").unwrap();
        assert_eq!((hit.line, hit.category), (5, Category::Tracker));
        assert_eq!(&*hit.list, "hosts.pinned");
        assert!(read.list.name("gone.example.test").is_some());
        assert!(read.list.name("www.ads.example.test").is_none());
        assert!(read.list.address("192.0.2.7".parse().unwrap()).is_none());
        let counts = read.counts;
        assert_eq!(
            (
                counts.ok,
                counts.addresses,
                counts.nx_domain,
                counts.unanswered
            ),
            (1, 2, 1, 1)
        );
        assert_eq!((counts.bad_lines, read.bad[0].line), (1, 8));
        assert_eq!(counts.newest, read.list.info().date);
        assert_eq!(read.of[0].as_bytes()[1], 0x11);
    }

    #[test]
    fn a_category_is_given_or_in_the_file() {
        let read = PinnedSource::read("x", Some(Category::Own), FILE.as_bytes()).unwrap();
        assert_eq!(read.list.info().category, Category::Own);
        let without = FILE.split_inclusive('\n');
        let without: String = without.filter(|line| !line.starts_with("list")).collect();
        assert!(matches!(
            PinnedSource::read("x", None, without.as_bytes()),
            Err(PinnedError::NoCategory)
        ));
        assert!(PinnedSource::read("x", Some(Category::Own), without.as_bytes()).is_ok());
        assert!(PinnedSource::is_one(b"portlog-pinned/9\n"));
        assert!(matches!(
            PinnedSource::read("x", None, b"portlog-pinned/9\n"),
            Err(PinnedError::File(_))
        ));
    }

    #[test]
    fn the_digest_is_that_of_the_file_itself() {
        let read = PinnedSource::read("x", None, FILE.as_bytes()).unwrap();
        let direct = List::parse("y", None, None, FILE.as_bytes()).unwrap();
        assert_eq!(read.list.info().sha256, direct.list.info().sha256);
    }
}
