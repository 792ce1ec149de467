//! The source of a list that comes with Portlog.
//!
//! The build script reads this file too, so it uses the standard library alone.

use std::fmt;

/// The first line of such a list.
pub(crate) const FIRST_LINE: &str = "# portlog bundled list 1";

/// A list's source.
#[derive(Debug)]
pub(crate) struct Source<'a> {
    /// Its fields, in front of the entries: `title`, `category`, `reviewed`.
    pub(super) head: Fields<'a>,
    pub(super) entries: Vec<Fields<'a>>,
    lines: u32,
}

/// What is wrong with a source, and on which line.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Fault {
    /// The line, from 1.
    pub(crate) line: u32,
    /// What is wrong.
    pub(crate) what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

/// An entry's fields, all there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct BundledEntry<'a> {
    /// Its line in the source, from 1.
    pub line: u32,
    /// The host.
    pub host: &'a str,
    /// What was documented, and by whom.
    pub claim: &'a str,
    /// Where, as a URL.
    pub source: &'a str,
    /// When: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    pub source_date: &'a str,
    /// What the maker or operator said to it.
    pub reply: &'a str,
    /// Where, as a URL; `none` where no reply is known.
    pub reply_source: &'a str,
    /// `active`, `disputed` or `resolved`.
    pub status: &'a str,
    /// When the host was seen so: a date, or `DATE to DATE`.
    pub seen: &'a str,
    /// The category.
    pub category: &'a str,
    /// The day by which this is to be looked at again.
    pub review_by: &'a str,
    /// What else the host is for, of the kinds that no other list may have.
    pub serves: Option<&'a str>,
}

/// `key: value` lines that stand together.
#[derive(Debug, Default)]
pub(super) struct Fields<'a> {
    pub(super) line: u32,
    pub(super) fields: Vec<(u32, &'a str, &'a str)>,
}

impl<'a> Source<'a> {
    /// Reads a source; fails on a line that is none of it.
    pub(crate) fn read(text: &'a str) -> Result<Self, Fault> {
        let mut source = Self {
            head: Fields::default(),
            entries: Vec::new(),
            lines: 0,
        };
        for (text, line) in text.lines().zip(1_u32..) {
            source.lines = line;
            let text = text.trim();
            if line == 1 && text != FIRST_LINE {
                return Err(Fault::at(
                    line,
                    format!("the first line is not {FIRST_LINE:?}"),
                ));
            }
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            let Some((key, value)) = text.split_once(": ") else {
                return Err(Fault::at(line, "a line is KEY: VALUE".to_owned()));
            };
            let value = value.trim();
            if key == "host" {
                source.entries.push(Fields {
                    line,
                    fields: Vec::new(),
                });
            }
            let fields = source.entries.last_mut().unwrap_or(&mut source.head);
            if fields.fields.iter().any(|(_, known, _)| *known == key) {
                return Err(Fault::at(line, format!("{key} is given twice")));
            }
            fields.fields.push((line, key, value));
        }
        Ok(source)
    }

    /// The list's name.
    pub(crate) fn title(&self) -> Option<&'a str> {
        self.head.get("title")
    }

    /// The category of every entry.
    pub(crate) fn category(&self) -> Option<&'a str> {
        self.head.get("category")
    }

    /// The day on which its entries were last looked at.
    pub(crate) fn reviewed(&self) -> Option<&'a str> {
        self.head
            .get("reviewed")
            .filter(|day| day.len() == 10 && is_date(day))
    }

    /// Its lines.
    pub(crate) const fn lines(&self) -> u32 {
        self.lines
    }

    /// The entries that have every field.
    pub(crate) fn entries(&self) -> impl Iterator<Item = BundledEntry<'a>> {
        self.entries.iter().filter_map(Fields::entry)
    }
}

impl<'a> Fields<'a> {
    pub(super) fn get(&self, key: &str) -> Option<&'a str> {
        self.fields
            .iter()
            .find(|(_, known, _)| *known == key)
            .map(|(_, _, value)| *value)
    }

    pub(super) fn entry(&self) -> Option<BundledEntry<'a>> {
        Some(BundledEntry {
            line: self.line,
            host: self.get("host")?,
            claim: self.get("claim")?,
            source: self.get("source")?,
            source_date: self.get("source-date")?,
            reply: self.get("reply")?,
            reply_source: self.get("reply-source")?,
            status: self.get("status")?,
            seen: self.get("seen")?,
            category: self.get("category")?,
            review_by: self.get("review-by")?,
            serves: self.get("serves"),
        })
    }
}

impl Fault {
    pub(super) const fn at(line: u32, what: String) -> Self {
        Self { line, what }
    }
}

/// `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
pub(super) fn is_date(text: &str) -> bool {
    let mut parts = text.split('-');
    let mut number = |length: usize, from: u32, to: u32| match parts.next() {
        None => true,
        Some(part) => {
            part.len() == length
                && part.bytes().all(|byte| byte.is_ascii_digit())
                && part
                    .parse::<u32>()
                    .is_ok_and(|number| (from..=to).contains(&number))
        }
    };
    !text.is_empty()
        && number(4, 1990, 2200)
        && number(2, 1, 12)
        && number(2, 1, 31)
        && parts.next().is_none()
}
