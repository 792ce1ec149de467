//! Names of one kind (exact, domains, exceptions): a hash table over the list's text.

use std::hash::BuildHasher as _;

use hashbrown::hash_table::Entry as Slot;
use hashbrown::{DefaultHashBuilder, HashTable};

use crate::entry::{Entry, Text};

/// Names in canonical form, each with the entry that gave it.
///
/// The table holds 32-bit numbers of rules, and compares names in the list's own text. Its hash is
/// seeded anew in each process, so that no list can be written to collide; nothing depends on the
/// table's order. A walk over a name's suffixes skips those with a number of labels that no rule
/// has.
#[derive(Debug, Default)]
pub(crate) struct NameTable {
    rules: Vec<NameRule>,
    slots: HashTable<u32>,
    hasher: DefaultHashBuilder,
    /// Bit n: there is a rule with n labels.
    depths: u128,
}

#[derive(Clone, Copy, Debug)]
struct NameRule {
    entry: Entry,
    name: u32,
    name_length: u8,
}

impl NameRule {
    fn name<'a>(&self, text: &'a Text) -> &'a str {
        text.slice(self.name, usize::from(self.name_length))
    }
}

impl NameTable {
    /// Keeps a rule for the `length` bytes of `text` from `name` on; `false` where there is one
    /// already, which stays.
    pub(crate) fn insert(&mut self, text: &Text, entry: Entry, name: u32, length: u8) -> bool {
        let rule = NameRule {
            entry,
            name,
            name_length: length,
        };
        let Ok(number) = u32::try_from(self.rules.len()) else {
            return false;
        };
        let key = rule.name(text);
        let (rules, hasher) = (&self.rules, &self.hasher);
        let name_of = |number: &u32| named(rules, *number).map_or("", |rule| rule.name(text));
        match self.slots.entry(
            hasher.hash_one(key),
            |number| name_of(number) == key,
            |number| hasher.hash_one(name_of(number)),
        ) {
            Slot::Occupied(_) => false,
            Slot::Vacant(slot) => {
                slot.insert(number);
                self.depths |= depth_bit(depth(key));
                self.rules.push(rule);
                true
            }
        }
    }

    /// How many rules there are.
    pub(crate) fn len(&self) -> usize {
        self.rules.len()
    }

    /// The entry for `name` itself.
    pub(crate) fn exact(&self, text: &Text, name: &str) -> Option<Entry> {
        if self.rules.is_empty() {
            return None;
        }
        self.slots
            .find(self.hasher.hash_one(name), |number| {
                named(&self.rules, *number).is_some_and(|rule| rule.name(text) == name)
            })
            .and_then(|number| named(&self.rules, *number))
            .map(|rule| rule.entry)
    }

    /// The entries for `name` and for the domains above it, the longest first.
    pub(crate) fn covering(&self, text: &Text, name: &str) -> impl Iterator<Item = Entry> {
        let mut depth = if self.rules.is_empty() {
            0
        } else {
            depth(name)
        };
        let mut rest = Some(name);
        std::iter::from_fn(move || {
            while depth > 0 {
                let suffix = rest?;
                let found = if self.depths & depth_bit(depth) == 0 {
                    None
                } else {
                    self.exact(text, suffix)
                };
                rest = suffix.split_once('.').map(|(_, behind)| behind);
                depth -= 1;
                if found.is_some() {
                    return found;
                }
            }
            None
        })
    }

    /// Every rule, in the order of the file: its entry, where its name begins in the text, and how
    /// long that is.
    pub(crate) fn rules(&self) -> impl ExactSizeIterator<Item = (Entry, u32, u8)> {
        self.rules
            .iter()
            .map(|rule| (rule.entry, rule.name, rule.name_length))
    }

    /// Bit n: there is a rule with n labels.
    pub(crate) const fn depths(&self) -> u128 {
        self.depths
    }

    /// Gives back what was reserved and not used.
    pub(crate) fn shrink(&mut self) {
        self.rules.shrink_to_fit();
    }
}

fn named(rules: &[NameRule], number: u32) -> Option<&NameRule> {
    rules.get(usize::try_from(number).ok()?)
}

/// How many labels `name` has.
fn depth(name: &str) -> usize {
    memchr::memchr_iter(b'.', name.as_bytes()).count() + 1
}

/// A name of 253 bytes has at most 127 labels; anything deeper shares the last bit.
fn depth_bit(depth: usize) -> u128 {
    1 << depth.min(127)
}
