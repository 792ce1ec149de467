//! From the lines of a file to a list.

use std::collections::BTreeMap;
use std::sync::Arc;

use portlog_model::{Category, Sha256, WallTime};
use sha2::Digest as _;

use crate::addresses::AddressTableBuilder;
use crate::bundled::{self, Source};
use crate::date::header_date;
use crate::entry::{Entry, Text};
use crate::line::{self, Form, Line, MAX_ENTRY, Rule, Target};
use crate::list::Rules;
use crate::names::NameTable;
use crate::package::{PackageKey, PackageRule, PackageRules};
use crate::rules::ParsedRules;
use crate::stix::{self, Found, Host, Stix};
use crate::{
    BadLine, CompiledList, DateSource, Error, Format, HostError, LineError, List, ParsedList,
    Shown, Summary, Unsupported, UnsupportedLine, host,
};

/// A list's date stands in its first lines.
const HEADER_LINES: u32 = 200;

/// The digest of a file's bytes.
pub(crate) fn digest(bytes: &[u8]) -> Sha256 {
    Sha256::new(sha2::Sha256::digest(bytes).into())
}

/// Reads a whole file; see [`List::parse`].
pub(crate) fn parse(
    name: &str,
    category: Option<Category>,
    file_date: Option<WallTime>,
    bytes: &[u8],
) -> Result<ParsedList, Error> {
    let content = check_file(bytes)?;
    let digest = digest(bytes);
    let mut builder = Builder::default();
    if stix::is_json(content) {
        builder.stix(&Stix::open(content)?);
        return Ok(builder.finish(name, category, file_date, bytes.len(), digest));
    }
    if bundled::is_one(content) {
        let source = bundled::open(content)?;
        let (own, reviewed) = bundled::head(&source);
        builder.header_date = reviewed;
        builder.bundled(&source);
        let mut parsed = builder.finish(name, category.or(own), file_date, bytes.len(), digest);
        parsed.list.summary.category_given = category.is_some();
        return Ok(parsed);
    }
    let mut rest = content;
    while !rest.is_empty() {
        let (line, behind) = match memchr::memchr(b'\n', rest) {
            Some(end) => {
                let (line, behind) = rest.split_at(end);
                (line, behind.get(1..).unwrap_or_default())
            }
            None => (rest, &[][..]),
        };
        builder.line(line);
        rest = behind;
    }
    Ok(builder.finish(name, category, file_date, bytes.len(), digest))
}

/// The text behind the byte order mark, if the file can be a list at all.
fn check_file(bytes: &[u8]) -> Result<&[u8], Error> {
    if bytes.len() > List::MAX_BYTES {
        let wide = |size: usize| u64::try_from(size).unwrap_or(u64::MAX);
        return Err(Error::TooLarge {
            bytes: wide(bytes.len()),
            most: wide(List::MAX_BYTES),
        });
    }
    match bytes {
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] | [0, 0, 0xFE, 0xFF, ..] => Err(Error::Utf16),
        // gzip, zip, xz, bzip2, zstd.
        [0x1F, 0x8B, ..]
        | [b'P', b'K', 3 | 5, 4 | 6, ..]
        | [0xFD, b'7', b'z', b'X', b'Z', 0, ..]
        | [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, 0x26, ..]
        | [0x28, 0xB5, 0x2F, 0xFD, ..] => Err(Error::Compressed),
        _ if CompiledList::is_one(bytes) => Err(Error::Compiled),
        _ => Ok(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)),
    }
}

#[derive(Default)]
struct Builder {
    /// The line of the file that is being read.
    number: u32,
    /// Lines so far, or the objects of a bundle.
    lines: u64,
    is_adblock: bool,
    header_date: Option<WallTime>,
    text: Text,
    addresses: AddressTableBuilder,
    address_exceptions: AddressTableBuilder,
    exact: NameTable,
    domains: NameTable,
    name_exceptions: NameTable,
    packages: Vec<PackageRule>,
    forms: BTreeMap<Form, u64>,
    summary: Summary,
    bad_lines: Vec<BadLine>,
    unsupported: Vec<UnsupportedLine>,
}

impl Builder {
    fn line(&mut self, line: &[u8]) {
        // A file within its bound has fewer lines than this type counts.
        self.number = self.number.saturating_add(1);
        self.lines += 1;
        match line::read(line, self.is_adblock) {
            Line::Blank => self.summary.blank += 1,
            Line::Comment(comment) => {
                self.summary.comments += 1;
                if self.header_date.is_none() && self.number <= HEADER_LINES {
                    self.header_date = header_date(comment);
                }
            }
            Line::AdblockHeader => {
                self.is_adblock = true;
                self.summary.comments += 1;
            }
            Line::Hosts(names) => self.hosts(names),
            Line::Local => self.summary.local_lines += 1,
            Line::Rule(rule) => self.rule(&rule),
            Line::Unsupported(reason) => self.unsupported(reason),
            Line::Bad(reason) => self.bad(reason),
        }
    }

    /// The entries of a list that comes with Portlog; every other line says something about them.
    fn bundled(&mut self, source: &Source<'_>) {
        self.lines = u64::from(source.lines());
        for entry in source.entries() {
            self.number = entry.line;
            match host::canonical(entry.host) {
                Ok(name) => {
                    self.summary.rule_lines += 1;
                    self.name(&entry.shown(), Form::Hosts, &name, |builder| {
                        (&mut builder.exact, &builder.text)
                    });
                }
                Err(reason) => self.bad(line::host_error(entry.host, reason)),
            }
        }
        let of_hosts = self
            .summary
            .rule_lines
            .saturating_add(self.summary.bad_lines);
        self.summary.comments = self.lines.saturating_sub(of_hosts);
    }

    /// The objects of a bundle of indicators.
    fn stix(&mut self, bundle: &Stix<'_>) {
        self.header_date = bundle.date;
        for (line, found) in bundle.objects() {
            self.number = line;
            self.lines += 1;
            match found {
                Found::Rule(text, host) => {
                    self.summary.rule_lines += 1;
                    self.indicator(&text, &host);
                }
                Found::Package(text, key) => {
                    self.summary.rule_lines += 1;
                    self.package(&text, key);
                }
                Found::Context => self.summary.comments += 1,
                Found::Unsupported(reason) => self.unsupported(reason),
                Found::Bad(reason) => self.bad(reason),
            }
        }
    }

    fn indicator(&mut self, text: &str, host: &Host<'_>) {
        match host {
            Host::Domain(name) => self.name(text, Form::Stix, name, |builder| {
                (&mut builder.domains, &builder.text)
            }),
            Host::Exact(name) => self.name(text, Form::Stix, name, |builder| {
                (&mut builder.exact, &builder.text)
            }),
            Host::Network {
                network,
                is_address,
            } => {
                if let Some(entry) = self.entry(text) {
                    *self.forms.entry(Form::Stix).or_default() += 1;
                    self.addresses.push(*network, entry, *is_address);
                }
            }
        }
    }

    fn package(&mut self, text: &str, key: PackageKey) {
        *self.forms.entry(Form::Stix).or_default() += 1;
        self.packages.push(PackageRule {
            key,
            entry: Arc::from(text),
            line: self.number,
        });
    }

    /// The names of a hosts line; a bad one costs only itself, but the line counts as bad.
    fn hosts(&mut self, names: &str) {
        let mut error = None;
        let mut is_local = true;
        for name in names.split_ascii_whitespace() {
            if line::is_local_name(name) {
                continue;
            }
            is_local = false;
            if let Err(reason) = self.hosts_name(name) {
                error.get_or_insert(reason);
            }
        }
        match error {
            Some(reason) => self.bad(reason),
            None if is_local => self.summary.local_lines += 1,
            None => self.summary.rule_lines += 1,
        }
    }

    fn hosts_name(&mut self, name: &str) -> Result<(), LineError> {
        if name.len() > MAX_ENTRY {
            return Err(LineError::TooLong(MAX_ENTRY));
        }
        let canonical = host::canonical(name).map_err(|reason| match reason {
            HostError::EndsInNumber | HostError::BadCharacter(':') => {
                LineError::AddressAsName(Shown::new(name))
            }
            reason => line::host_error(name, reason),
        })?;
        self.name(name, Form::Hosts, &canonical, |builder| {
            (&mut builder.exact, &builder.text)
        });
        Ok(())
    }

    fn rule(&mut self, rule: &Rule<'_>) {
        self.is_adblock |= rule.form == Form::Adblock;
        self.summary.rule_lines += 1;
        match &rule.target {
            Target::Domain(name) if rule.exception => {
                self.name(rule.text, rule.form, name, |builder| {
                    (&mut builder.name_exceptions, &builder.text)
                });
            }
            Target::Domain(name) => self.name(rule.text, rule.form, name, |builder| {
                (&mut builder.domains, &builder.text)
            }),
            Target::Network {
                network,
                is_address,
            } => {
                if let Some(entry) = self.entry(rule.text) {
                    *self.forms.entry(rule.form).or_default() += 1;
                    let table = if rule.exception {
                        &mut self.address_exceptions
                    } else {
                        &mut self.addresses
                    };
                    table.push(*network, entry, *is_address);
                }
            }
        }
    }

    /// Keeps a rule about `name` (canonical), written as `text`, in the table that `place` picks.
    fn name(
        &mut self,
        text: &str,
        form: Form,
        name: &str,
        place: impl FnOnce(&mut Self) -> (&mut NameTable, &Text),
    ) {
        let Some(entry) = self.entry(text) else {
            return;
        };
        let Some((offset, length)) = self.keep_name(entry, text, name) else {
            self.text.truncate(entry);
            return;
        };
        *self.forms.entry(form).or_default() += 1;
        let (table, kept) = place(self);
        if !table.insert(kept, entry, offset, length) {
            self.summary.duplicates += 1;
            self.text.truncate(entry);
        }
    }

    /// Keeps the text of an entry. A file within its bound never fills the buffer.
    fn entry(&mut self, text: &str) -> Option<Entry> {
        self.text.push(text, self.number)
    }

    /// Where `name` stands in the kept text: within its entry (behind nothing, `.`, `*.`, `||`,
    /// `@@||`, `||*.` or `@@||*.`), or behind it where it is written in another way.
    fn keep_name(&mut self, entry: Entry, text: &str, name: &str) -> Option<(u32, u8)> {
        let length = u8::try_from(name.len()).ok()?;
        let within = [0_u8, 1, 2, 4, 6].into_iter().find(|at| {
            let at = usize::from(*at);
            text.get(at..at.saturating_add(name.len())) == Some(name)
        });
        let offset = match within {
            Some(at) => entry.offset().checked_add(u32::from(at))?,
            None => self.text.push(name, entry.line)?.offset(),
        };
        Some((offset, length))
    }

    fn bad(&mut self, reason: LineError) {
        self.summary.bad_lines += 1;
        if self.bad_lines.len() < List::MAX_REPORTED_LINES {
            self.bad_lines.push(BadLine {
                line: self.number,
                reason,
            });
        }
    }

    fn unsupported(&mut self, reason: Unsupported) {
        // The other reasons are also found in other files.
        self.is_adblock |= matches!(
            reason,
            Unsupported::Cosmetic
                | Unsupported::Options
                | Unsupported::Path
                | Unsupported::Port
                | Unsupported::Open
                | Unsupported::Directive
        );
        *self.summary.unsupported.entry(reason).or_default() += 1;
        if self.unsupported.len() < List::MAX_REPORTED_LINES {
            self.unsupported.push(UnsupportedLine {
                line: self.number,
                reason,
            });
        }
    }

    fn finish(
        mut self,
        name: &str,
        category: Option<Category>,
        file_date: Option<WallTime>,
        bytes: usize,
        sha256: Sha256,
    ) -> ParsedList {
        let (addresses, doubles) = self.addresses.finish();
        let (address_exceptions, exception_doubles) = self.address_exceptions.finish();
        self.text.shrink();
        self.exact.shrink();
        self.domains.shrink();
        self.name_exceptions.shrink();

        let count = |size: usize| u64::try_from(size).unwrap_or(u64::MAX);
        let is_adblock = self.is_adblock;
        let default_category = default_category(&self.forms, is_adblock);
        let mut summary = self.summary;
        summary.format = format(&self.forms);
        summary.category_given = category.is_some();
        summary.date_from = match (self.header_date, file_date) {
            (Some(_), _) => Some(DateSource::Header),
            (None, Some(_)) => Some(DateSource::File),
            (None, None) => None,
        };
        summary.bytes = count(bytes);
        summary.lines = self.lines;
        for rule in addresses.rules() {
            if rule.is_address {
                summary.addresses += 1;
            } else {
                summary.networks += 1;
            }
        }
        summary.exact_names = count(self.exact.len());
        summary.domains = count(self.domains.len());
        summary.exceptions =
            count(self.name_exceptions.len()) + count(address_exceptions.rules().count());
        let (packages, package_doubles) = PackageRules::new(self.packages);
        summary.package_rules = count(packages.iter().len());
        summary.duplicates += doubles + exception_doubles + count(package_doubles);

        ParsedList {
            list: List {
                name: Arc::from(name),
                category: category.unwrap_or(default_category),
                date: self.header_date.or(file_date),
                sha256,
                summary,
                rules: Rules::Parsed(Box::new(ParsedRules {
                    text: self.text,
                    addresses,
                    address_exceptions,
                    exact: self.exact,
                    domains: self.domains,
                    name_exceptions: self.name_exceptions,
                    packages,
                })),
            },
            bad_lines: self.bad_lines,
            unsupported: self.unsupported,
        }
    }
}

fn format(forms: &BTreeMap<Form, u64>) -> Format {
    let mut forms = forms.keys();
    match (forms.next(), forms.next()) {
        (None, _) => Format::Empty,
        (Some(_), Some(_)) => Format::Mixed,
        (Some(Form::Hosts), None) => Format::Hosts,
        (Some(Form::Adblock), None) => Format::Adblock,
        (Some(Form::Address), None) => Format::Addresses,
        (Some(Form::Domain), None) => Format::Domains,
        (Some(Form::Stix), None) => Format::Stix,
    }
}

/// Tracker for hosts and Adblock files, own for plain lists, threat for indicators. A mixed file is what most of its rules
/// are; at a tie it is tracker, the category that claims less.
fn default_category(forms: &BTreeMap<Form, u64>, is_adblock: bool) -> Category {
    if forms.contains_key(&Form::Stix) {
        return Category::Threat;
    }
    let sum = |wanted: [Form; 2]| -> u64 {
        wanted
            .iter()
            .filter_map(|form| forms.get(form))
            .fold(0, |sum, rules| sum.saturating_add(*rules))
    };
    let blocker = sum([Form::Hosts, Form::Adblock]);
    let plain = sum([Form::Address, Form::Domain]);
    let is_tracker = if plain == 0 && blocker == 0 {
        is_adblock
    } else {
        blocker >= plain
    };
    if is_tracker {
        Category::Tracker
    } else {
        Category::Own
    }
}
