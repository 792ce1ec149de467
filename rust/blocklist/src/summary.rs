//! What became of each line of a file.

use std::collections::BTreeMap;

use crate::Unsupported;

/// What is in a list, and what became of each line of its file.
///
/// Every line is in exactly one of `blank`, `comments`, `rule_lines`, `local_lines`, `bad_lines` and
/// `unsupported`; their sum is `lines`. In a STIX bundle the objects take the place of lines, and those
/// that are no indicators count as comments.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Summary {
    /// How the rules are written.
    pub format: Format,
    /// Whether the category was given, or follows from the format.
    pub category_given: bool,
    /// Where the list's date comes from, if it has one.
    pub date_from: Option<DateSource>,
    /// The file's size in bytes.
    pub bytes: u64,
    /// All lines.
    pub lines: u64,
    /// Empty lines.
    pub blank: u64,
    /// Comments and the header of an Adblock list.
    pub comments: u64,
    /// Lines that gave one or more rules, doubles included.
    pub rule_lines: u64,
    /// Hosts lines that name only the machine itself (`127.0.0.1 localhost`).
    pub local_lines: u64,
    /// Lines that could not be used, or (hosts lines of several names) not wholly.
    pub bad_lines: u64,
    /// Lines that are rules elsewhere and none here, by reason.
    pub unsupported: BTreeMap<Unsupported, u64>,
    /// Rules for one address, written without a length.
    pub addresses: u64,
    /// Rules for a network.
    pub networks: u64,
    /// Rules for one name exactly (hosts files, URLs of indicators).
    pub exact_names: u64,
    /// Rules for a name and all names below it.
    pub domains: u64,
    /// Rules about packages, which no address or name hits.
    pub package_rules: u64,
    /// Exceptions, doubles left out.
    pub exceptions: u64,
    /// Rules and exceptions left out because an earlier one in this list says the same.
    pub duplicates: u64,
}

impl Summary {
    /// Rules in force about hosts: entries that can hit an address or a name.
    pub const fn rules(&self) -> u64 {
        self.addresses
            .saturating_add(self.networks)
            .saturating_add(self.exact_names)
            .saturating_add(self.domains)
    }

    /// Lines that are rules elsewhere and none here.
    pub fn unsupported_lines(&self) -> u64 {
        self.unsupported
            .values()
            .fold(0, |sum, lines| sum.saturating_add(*lines))
    }
}

/// How the rules of a list are written.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Format {
    /// There is no rule.
    #[default]
    Empty,
    /// `0.0.0.0 host`.
    Hosts,
    /// `||host^`.
    Adblock,
    /// Addresses and networks.
    Addresses,
    /// Domains.
    Domains,
    /// Indicators of a STIX 2.1 bundle.
    Stix,
    /// Several of these.
    Mixed,
}

impl Format {
    /// Every one.
    pub(crate) const ALL: [Self; 7] = [
        Self::Empty,
        Self::Hosts,
        Self::Adblock,
        Self::Addresses,
        Self::Domains,
        Self::Stix,
        Self::Mixed,
    ];

    /// The word used in outputs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Hosts => "hosts",
            Self::Adblock => "adblock",
            Self::Addresses => "addresses",
            Self::Domains => "domains",
            Self::Stix => "stix",
            Self::Mixed => "mixed",
        }
    }
}

/// Where a list's date comes from.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum DateSource {
    /// A comment at its head, or the latest date of an object in a bundle.
    Header,
    /// The file's own date.
    File,
}

impl DateSource {
    /// Every one.
    pub(crate) const ALL: [Self; 2] = [Self::Header, Self::File];

    /// The word used in outputs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Header => "header",
            Self::File => "file",
        }
    }
}
