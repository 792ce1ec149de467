//! A list that was read, and its answers.

use std::fmt;
use std::io::{Cursor, Seek, Write};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use portlog_model::{Category, Endpoint, ListHit, ListInfo, Sha256, WallTime};

use crate::compiled::write;
use crate::package::PackageRules;
use crate::rules::{ParsedRules, Said, Side};
use crate::{CompiledError, CompiledList, Error, LineError, Summary, Unsupported, builder, host};

/// The rules of one file.
///
/// Within a list an exception wins over every rule, whatever stands where, and of several rules
/// that hold an address or a name the narrowest answers: the longest prefix, the name itself before
/// the domains above it, and for one name the exact entry before the domain.
pub struct List {
    pub(crate) name: Arc<str>,
    pub(crate) category: Category,
    pub(crate) date: Option<WallTime>,
    pub(crate) sha256: Sha256,
    pub(crate) summary: Summary,
    pub(crate) rules: Rules,
}

/// How the rules are kept.
pub(crate) enum Rules {
    /// In memory, as they were parsed.
    Parsed(Box<ParsedRules>),
    /// In a compiled file.
    Compiled(Box<CompiledList>),
}

/// What came of reading a file.
#[derive(Debug)]
pub struct ParsedList {
    /// The rules.
    pub list: List,
    /// The first lines that could not be used, at most [`List::MAX_REPORTED_LINES`], in order.
    pub bad_lines: Vec<BadLine>,
    /// The first lines that are rules elsewhere and none here, likewise.
    pub unsupported: Vec<UnsupportedLine>,
}

/// A line that could not be used, or (a hosts line of several names) not wholly.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BadLine {
    /// The line, from 1.
    pub line: u32,
    /// What is wrong; of several things the first.
    pub reason: LineError,
}

/// A line that is a rule elsewhere and none here.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct UnsupportedLine {
    /// The line, from 1.
    pub line: u32,
    /// What it would need.
    pub reason: Unsupported,
}

impl List {
    /// The largest file that is read, in bytes: 512 MiB, some twenty million hosts lines.
    pub const MAX_BYTES: usize = 512 << 20;

    /// A list older than this should be looked for anew: hosts change hands.
    pub const OLD: Duration = Duration::from_hours(180 * 24);

    /// How many bad and how many unsupported lines are kept with their reason; all are counted.
    pub const MAX_REPORTED_LINES: usize = 1_000;

    /// Reads the `bytes` of a file that is called `name` in answers.
    ///
    /// Without a `category` it follows from the format: tracker for hosts and Adblock files, own
    /// for plain lists. The list's date is the one in a comment at its head, else `file_date`.
    /// Fails only where the file can be no list at all.
    pub fn parse(
        name: &str,
        category: Option<Category>,
        file_date: Option<WallTime>,
        bytes: &[u8],
    ) -> Result<ParsedList, Error> {
        builder::parse(name, category, file_date, bytes)
    }

    /// A list whose rules stay in a compiled file. A `category` takes the place of the one it was
    /// compiled with.
    pub fn from_compiled(compiled: CompiledList, category: Option<Category>) -> Self {
        let about = compiled.about();
        let mut summary = about.summary.clone();
        summary.category_given |= category.is_some();
        Self {
            name: Arc::clone(&about.name),
            category: category.unwrap_or(about.category),
            date: about.date,
            sha256: about.sha256,
            summary,
            rules: Rules::Compiled(Box::new(compiled)),
        }
    }

    /// The compiled form of a parsed list: the bytes of a file that [`CompiledList`] opens, the same
    /// for the same list (docs/LIST-FORMAT.md). Fails where the list is too large for the form, or
    /// is one that was opened from it.
    pub fn compile(&self) -> Result<Vec<u8>, CompiledError> {
        let mut bytes = Cursor::new(Vec::new());
        self.compile_into(&mut bytes)?;
        Ok(bytes.into_inner())
    }

    /// As [`List::compile`], into a file, of which next to nothing is held in memory meanwhile. Gives the
    /// number of bytes; after an error what was written is no list.
    pub fn compile_into(&self, out: &mut (impl Write + Seek)) -> Result<u64, CompiledError> {
        match &self.rules {
            Rules::Parsed(rules) => write::compile(self, rules, out),
            Rules::Compiled(_) => Err(CompiledError::IsCompiled),
        }
    }

    /// Its compiled file, where it has one.
    pub const fn compiled(&self) -> Option<&CompiledList> {
        match &self.rules {
            Rules::Parsed(_) => None,
            Rules::Compiled(compiled) => Some(compiled),
        }
    }

    /// Name, category, date, digest and counts, as events carry them.
    pub fn info(&self) -> ListInfo {
        ListInfo {
            name: Arc::clone(&self.name),
            category: self.category,
            date: self.date,
            sha256: self.sha256,
            rules: self
                .summary
                .rules()
                .saturating_add(self.summary.package_rules),
            bad_lines: self.summary.bad_lines,
        }
    }

    /// Whether it is older than [`List::OLD`] at `now`, as far as its date tells.
    pub fn is_old(&self, now: WallTime) -> bool {
        self.date.is_some_and(|date| now.since(date) > Self::OLD)
    }

    /// Every name that a rule speaks of and no exception takes back, as it is compared: lower case,
    /// A-labels. One that is listed both by itself and as a domain comes twice. `None` for a compiled
    /// list, which finds names and cannot tell them.
    pub fn names(&self) -> Option<impl Iterator<Item = &str>> {
        match &self.rules {
            Rules::Parsed(rules) => Some(rules.each_name()),
            Rules::Compiled(_) => None,
        }
    }

    /// The same list, said to be of a file with these `bytes`, of which so many lines could not be
    /// used: for who made the text that was parsed from another file.
    #[must_use]
    pub fn of_file(mut self, bytes: &[u8], bad_lines: u64) -> Self {
        self.sha256 = builder::digest(bytes);
        self.summary.bytes = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.summary.bad_lines = bad_lines;
        self
    }

    /// What is in it, and what became of each line of its file.
    pub const fn summary(&self) -> &Summary {
        &self.summary
    }

    /// The entry that speaks of `address`, if one does and no exception takes it back.
    ///
    /// The unspecified address is no host's and in no list.
    pub fn address(&self, address: IpAddr) -> Option<ListHit> {
        self.narrowest(address).map(|said| self.hit(said))
    }

    /// The entry that speaks of `name`, if one does and no exception takes it back.
    ///
    /// Letter case, a dot at the end and the script of international names do not matter.
    pub fn name(&self, name: &str) -> Option<ListHit> {
        self.canonical_name(&host::for_lookup(name)?)
    }

    /// As [`List::name`], for a name in canonical form.
    pub(crate) fn canonical_name(&self, name: &str) -> Option<ListHit> {
        let said = match &self.rules {
            Rules::Parsed(rules) => rules.name(name),
            Rules::Compiled(rules) => rules.name(name),
        };
        said.map(|said| self.hit(said))
    }

    /// The entries that speak of a peer: of its address, and of the IPv4 address in a NAT64 one;
    /// the narrower first.
    pub(crate) fn endpoint(&self, peer: &Endpoint, hits: &mut Vec<ListHit>) {
        let whole = self.narrowest(peer.address());
        let embedded = peer
            .nat64()
            .and_then(|embedded| self.narrowest(IpAddr::V4(embedded)));
        let (first, second) = match (whole, embedded) {
            (Some(whole), Some(embedded)) if embedded.open_bits < whole.open_bits => {
                (Some(embedded), Some(whole))
            }
            both => both,
        };
        hits.extend(first.into_iter().chain(second).map(|said| self.hit(said)));
    }

    /// Every entry of this side that holds `address`, the narrowest first.
    pub(crate) fn address_hits(&self, address: IpAddr, side: Side) -> Vec<ListHit> {
        if is_of_no_host(address) {
            return Vec::new();
        }
        let said = match &self.rules {
            Rules::Parsed(rules) => rules.addresses(address, side),
            Rules::Compiled(rules) => rules.addresses(address, side),
        };
        said.into_iter().map(|said| self.hit(said)).collect()
    }

    /// Every entry of this side that covers `name` (canonical), the narrowest first.
    pub(crate) fn name_hits(&self, name: &str, side: Side) -> Vec<ListHit> {
        let said = match &self.rules {
            Rules::Parsed(rules) => rules.names(name, side),
            Rules::Compiled(rules) => rules.names(name, side),
        };
        said.into_iter().map(|said| self.hit(said)).collect()
    }

    /// Its rules about packages.
    pub(crate) const fn packages(&self) -> &PackageRules {
        match &self.rules {
            Rules::Parsed(rules) => &rules.packages,
            Rules::Compiled(rules) => &rules.about().packages,
        }
    }

    fn narrowest(&self, address: IpAddr) -> Option<Said<'_>> {
        if is_of_no_host(address) {
            return None;
        }
        match &self.rules {
            Rules::Parsed(rules) => rules.address(address),
            Rules::Compiled(rules) => rules.address(address),
        }
    }

    fn hit(&self, said: Said<'_>) -> ListHit {
        ListHit {
            list: Arc::clone(&self.name),
            category: self.category,
            entry: Arc::from(said.text),
            line: said.line,
            list_date: self.date,
            list_sha256: self.sha256,
            kind: said.kind,
        }
    }
}

/// Without the rules, of which there may be millions.
impl fmt::Debug for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("List")
            .field("info", &self.info())
            .field("summary", &self.summary)
            .finish_non_exhaustive()
    }
}

fn is_of_no_host(address: IpAddr) -> bool {
    address.to_canonical().is_unspecified()
}
