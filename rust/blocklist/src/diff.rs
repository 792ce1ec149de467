//! What became another from one state of a list to the next.
//!
//! Lists are compared by what they mean, not by their lines: each rule in the form in which it is looked
//! up, so that order, letter case, comments and the way of writing make no difference, and a hosts file
//! can be compared with a compiled list. Millions of rules are sorted once on each side and merged.

use std::borrow::Cow;
use std::fmt;

use crate::compiled::WalkedKind;
use crate::list::Rules;
use crate::network::parse_entry;
use crate::package::PackageKey;
use crate::{List, Network};

/// What rules there are about one host, network or package.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct RuleKinds(u8);

/// The kinds with their words, in the order of their bits.
const WORDS: [&str; 8] = [
    "exact",
    "domain",
    "address",
    "network",
    "exception",
    "package",
    "signer",
    "file",
];

impl RuleKinds {
    const EXACT: Self = Self(1);
    const DOMAIN: Self = Self(2);
    const ADDRESS: Self = Self(4);
    const NETWORK: Self = Self(8);
    const EXCEPTION: Self = Self(16);
    const PACKAGE: Self = Self(32);
    const SIGNER: Self = Self(64);
    const FILE: Self = Self(128);

    /// The words for them: `exact`, `domain`, `address`, `network`, `exception`, `package`, `signer`,
    /// `file`.
    pub fn words(self) -> impl Iterator<Item = &'static str> {
        WORDS
            .into_iter()
            .zip(0..)
            .filter(move |(_, bit)| self.0 & (1 << bit) != 0)
            .map(|(word, _)| word)
    }
}

impl fmt::Display for RuleKinds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, word) in self.words().enumerate() {
            if at > 0 {
                f.write_str(" and ")?;
            }
            f.write_str(word)?;
        }
        Ok(())
    }
}

/// What is said about one host, network or package in one state of a list.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct DiffSide {
    /// As what.
    pub kinds: RuleKinds,
    /// The first line that says so, from 1.
    pub line: u32,
}

/// A host, network or package of which the two states do not say the same.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Difference<'a> {
    /// The name in the form that is compared, the address or network, the package's name or the digest.
    pub subject: Cow<'a, str>,
    /// What was said; `None` where it was added.
    pub old: Option<DiffSide>,
    /// What is said; `None` where it was removed.
    pub new: Option<DiffSide>,
}

/// How many of each.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct DiffCounts {
    /// Only in the new state.
    pub added: u64,
    /// Only in the old state.
    pub removed: u64,
    /// In both, as something else: an exact name that now covers those below, a rule that is now taken
    /// back.
    pub changed: u64,
    /// The same in both.
    pub same: u64,
}

/// Gives every difference between `old` and `new` to `each`, in the order of their subjects, and says how
/// many there are. Each side may be several lists, which then count as one.
pub fn diff<'a>(
    old: &'a [List],
    new: &'a [List],
    mut each: impl FnMut(Difference<'a>),
) -> DiffCounts {
    let mut counts = DiffCounts::default();
    let mut old = subjects(old).into_iter().peekable();
    let mut new = subjects(new).into_iter().peekable();
    loop {
        let order = match (old.peek(), new.peek()) {
            (None, None) => return counts,
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (Some(old), Some(new)) => old.subject.cmp(&new.subject),
        };
        let before = if order.is_le() { old.next() } else { None };
        let after = if order.is_ge() { new.next() } else { None };
        let count = match (&before, &after) {
            (Some(before), Some(after)) if before.kinds == after.kinds => {
                counts.same += 1;
                continue;
            }
            (Some(_), Some(_)) => &mut counts.changed,
            (Some(_), None) => &mut counts.removed,
            (None, _) => &mut counts.added,
        };
        *count += 1;
        let side = |said: &Said<'_>| DiffSide {
            kinds: said.kinds,
            line: said.line,
        };
        let (old, new) = (before.as_ref().map(side), after.as_ref().map(side));
        if let Some(said) = before.or(after) {
            each(Difference {
                subject: said.subject,
                old,
                new,
            });
        }
    }
}

struct Said<'a> {
    subject: Cow<'a, str>,
    kinds: RuleKinds,
    line: u32,
}

/// What the lists speak of, each once, in order.
fn subjects(lists: &[List]) -> Vec<Said<'_>> {
    let mut said = Vec::new();
    for list in lists {
        list.rules_of(|subject, kinds, line| {
            said.push(Said {
                subject,
                kinds,
                line,
            });
        });
    }
    said.sort_unstable_by(|a, b| (&a.subject, a.line).cmp(&(&b.subject, b.line)));
    said.dedup_by(|later, earlier| {
        let same = later.subject == earlier.subject;
        if same {
            earlier.kinds.0 |= later.kinds.0;
        }
        same
    });
    said
}

impl List {
    /// Every rule: what it is about, as what, and its line.
    fn rules_of<'a>(&'a self, mut each: impl FnMut(Cow<'a, str>, RuleKinds, u32)) {
        match &self.rules {
            Rules::Parsed(rules) => {
                for (table, kinds) in [
                    (&rules.exact, RuleKinds::EXACT),
                    (&rules.domains, RuleKinds::DOMAIN),
                    (&rules.name_exceptions, RuleKinds::EXCEPTION),
                ] {
                    for (entry, start, length) in table.rules() {
                        let name = rules.text.slice(start, usize::from(length));
                        each(Cow::Borrowed(name), kinds, entry.line);
                    }
                }
                for table in [&rules.addresses, &rules.address_exceptions] {
                    for rule in table.rules() {
                        if let Some((network, kinds)) = network(rules.text.get(rule.entry)) {
                            each(network, kinds, rule.entry.line);
                        }
                    }
                }
            }
            Rules::Compiled(list) => {
                for walked in list.walk() {
                    match walked.name {
                        Some((name, kind)) => {
                            let kinds = match kind {
                                WalkedKind::Exact => RuleKinds::EXACT,
                                WalkedKind::Domain => RuleKinds::DOMAIN,
                                WalkedKind::Exception => RuleKinds::EXCEPTION,
                            };
                            each(Cow::Borrowed(name), kinds, walked.line);
                        }
                        None => {
                            if let Some((network, kinds)) = network(walked.entry) {
                                each(network, kinds, walked.line);
                            }
                        }
                    }
                }
            }
        }
        for rule in self.packages().iter() {
            let kinds = match rule.key {
                PackageKey::Name(_) => RuleKinds::PACKAGE,
                PackageKey::Signer(_) => RuleKinds::SIGNER,
                PackageKey::File(_) => RuleKinds::FILE,
            };
            each(Cow::Borrowed(rule.key.as_str()), kinds, rule.line);
        }
    }
}

/// What an entry about an address or a network is about, whatever form it is written in.
fn network(entry: &str) -> Option<(Cow<'_, str>, RuleKinds)> {
    let (exception, entry) = match entry.strip_prefix("@@") {
        Some(entry) => (true, entry),
        None => (false, entry),
    };
    let entry = entry.strip_prefix("||").unwrap_or(entry);
    // An indicator's entry says more behind a blank.
    let entry = entry.split(' ').next().unwrap_or(entry);
    let entry = entry.trim_end_matches(['|', '^']);
    let network: Network = parse_entry(entry)?.ok()?;
    let is_single = network.prefix() == if network.address().is_ipv4() { 32 } else { 128 };
    let (subject, kinds) = if is_single {
        (network.address().to_string(), RuleKinds::ADDRESS)
    } else {
        (network.to_string(), RuleKinds::NETWORK)
    };
    let kinds = if exception {
        RuleKinds::EXCEPTION
    } else {
        kinds
    };
    Some((Cow::Owned(subject), kinds))
}
