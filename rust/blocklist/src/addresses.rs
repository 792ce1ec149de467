//! Addresses and networks of one family: nested networks laid flat into ranges.

use std::net::IpAddr;

use crate::Network;
use crate::entry::Entry;

/// The address rules of a list, both families.
#[derive(Debug, Default)]
pub(crate) struct AddressTable {
    pub(crate) v4: Ranges<u32>,
    pub(crate) v6: Ranges<u128>,
}

/// One address or network rule.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AddressRule {
    /// The entry.
    pub(crate) entry: Entry,
    /// How many bits of an address it leaves open: 0 for a single address.
    pub(crate) open_bits: u8,
    /// Whether it is written as an address, without a length.
    pub(crate) is_address: bool,
    /// The next wider rule that holds this one.
    pub(crate) wider: u32,
}

/// Collects rules; the order does not matter.
#[derive(Debug, Default)]
pub(crate) struct AddressTableBuilder {
    v4: Vec<(u32, AddressRule)>,
    v6: Vec<(u128, AddressRule)>,
}

impl AddressTableBuilder {
    /// Keeps a rule for `network`.
    pub(crate) fn push(&mut self, network: Network, entry: Entry, is_address: bool) {
        let rule = |width: u8| AddressRule {
            entry,
            open_bits: width.saturating_sub(network.prefix()),
            is_address,
            wider: NONE,
        };
        match network.address() {
            IpAddr::V4(address) => self.v4.push((address.to_bits(), rule(32))),
            IpAddr::V6(address) => self.v6.push((address.to_bits(), rule(128))),
        }
    }

    /// The table, and how many rules were left out because an earlier line says the same.
    pub(crate) fn finish(self) -> (AddressTable, u64) {
        let (v4, doubles4) = Ranges::new(self.v4);
        let (v6, doubles6) = Ranges::new(self.v6);
        (AddressTable { v4, v6 }, doubles4.saturating_add(doubles6))
    }
}

impl AddressTable {
    /// Every rule that holds `address`, the narrowest first.
    pub(crate) fn covering(&self, address: IpAddr) -> impl Iterator<Item = &AddressRule> {
        let (rules, first) = match address.to_canonical() {
            IpAddr::V4(address) => (&self.v4.rules, self.v4.find(address.to_bits())),
            IpAddr::V6(address) => (&self.v6.rules, self.v6.find(address.to_bits())),
        };
        std::iter::successors(numbered(rules, first), move |rule| {
            numbered(rules, rule.wider)
        })
    }

    /// Every rule, in no order that means anything.
    pub(crate) fn rules(&self) -> impl Iterator<Item = &AddressRule> {
        self.v4.rules.iter().chain(&self.v6.rules)
    }
}

/// Where each range begins, and the narrowest rule that holds it, or [`NONE`].
///
/// One binary search answers, however many lengths of networks are in use: what matters is a fast
/// miss, since nearly every address that is looked up is in no list.
#[derive(Debug)]
pub(crate) struct Ranges<T> {
    pub(crate) starts: Vec<T>,
    pub(crate) narrowest: Vec<u32>,
    pub(crate) rules: Vec<AddressRule>,
}

/// No rule.
pub(crate) const NONE: u32 = u32::MAX;

impl<T> Default for Ranges<T> {
    fn default() -> Self {
        Self {
            starts: Vec::new(),
            narrowest: Vec::new(),
            rules: Vec::new(),
        }
    }
}

impl<T: Bits> Ranges<T> {
    fn new(mut given: Vec<(T, AddressRule)>) -> (Self, u64) {
        // A wider network before the narrower ones in it; of equal ones the first line.
        given.sort_unstable_by_key(|(start, rule)| {
            (*start, u8::MAX - rule.open_bits, rule.entry.line)
        });
        let before = given.len();
        given.dedup_by_key(|(start, rule)| (*start, rule.open_bits));
        let doubles = before.saturating_sub(given.len());

        let mut ranges = Self::default();
        ranges.rules.reserve_exact(given.len());
        // The networks that hold the current start, the narrowest last.
        let mut open: Vec<(T, u32)> = Vec::new();
        for (start, mut rule) in given {
            while let Some(&(last, _)) = open.last()
                && last < start
            {
                ranges.close(&mut open);
            }
            let Some(number) = u32::try_from(ranges.rules.len())
                .ok()
                .filter(|n| *n != NONE)
            else {
                break;
            };
            rule.wider = open.last().map_or(NONE, |(_, number)| *number);
            ranges.rules.push(rule);
            ranges.begin(start, number);
            open.push((start.last(rule.open_bits), number));
        }
        while !open.is_empty() {
            ranges.close(&mut open);
        }
        ranges.starts.shrink_to_fit();
        ranges.narrowest.shrink_to_fit();
        (ranges, u64::try_from(doubles).unwrap_or(u64::MAX))
    }

    /// Ends the narrowest open network; behind it the next wider one goes on, if any.
    fn close(&mut self, open: &mut Vec<(T, u32)>) {
        if let Some((last, _)) = open.pop()
            && let Some(next) = last.next()
        {
            self.begin(next, open.last().map_or(NONE, |(_, number)| *number));
        }
    }

    fn begin(&mut self, start: T, number: u32) {
        if self.starts.last() == Some(&start) {
            if let Some(narrowest) = self.narrowest.last_mut() {
                *narrowest = number;
            }
        } else {
            self.starts.push(start);
            self.narrowest.push(number);
        }
    }

    fn find(&self, address: T) -> u32 {
        self.starts
            .partition_point(|start| *start <= address)
            .checked_sub(1)
            .and_then(|range| self.narrowest.get(range))
            .map_or(NONE, |number| *number)
    }
}

fn numbered(rules: &[AddressRule], number: u32) -> Option<&AddressRule> {
    if number == NONE {
        return None;
    }
    rules.get(usize::try_from(number).ok()?)
}

/// An address as a number.
pub(crate) trait Bits: Copy + Ord {
    /// The last address of the network that begins here and leaves `open_bits` open.
    fn last(self, open_bits: u8) -> Self;
    /// The next address, or `None` behind the last.
    fn next(self) -> Option<Self>;
}

impl Bits for u32 {
    fn last(self, open_bits: u8) -> Self {
        self | !Self::MAX.checked_shl(u32::from(open_bits)).unwrap_or(0)
    }

    fn next(self) -> Option<Self> {
        self.checked_add(1)
    }
}

impl Bits for u128 {
    fn last(self, open_bits: u8) -> Self {
        self | !Self::MAX.checked_shl(u32::from(open_bits)).unwrap_or(0)
    }

    fn next(self) -> Option<Self> {
        self.checked_add(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(networks: &[(&str, u8)]) -> (AddressTable, u64) {
        let mut builder = AddressTableBuilder::default();
        let mut text = crate::entry::Text::default();
        for ((address, prefix), line) in networks.iter().zip(1..) {
            let network = Network::new(address.parse().unwrap(), *prefix).unwrap();
            let entry = text.push(address, line).unwrap();
            builder.push(network, entry, false);
        }
        builder.finish()
    }

    fn lines(table: &AddressTable, address: &str) -> Vec<u32> {
        table
            .covering(address.parse().unwrap())
            .map(|rule| rule.entry.line)
            .collect()
    }

    #[test]
    fn nested_networks_answer_from_the_narrowest() {
        let (table, doubles) = table(&[
            ("0.0.0.0", 0),
            ("192.0.2.0", 24),
            ("192.0.2.0", 32),
            ("192.0.2.128", 25),
            ("192.0.2.255", 32),
            ("192.0.2.0", 24),
            ("255.255.255.255", 32),
        ]);
        assert_eq!(doubles, 1);
        assert_eq!(lines(&table, "192.0.2.0"), [3, 2, 1]);
        assert_eq!(lines(&table, "192.0.2.1"), [2, 1]);
        assert_eq!(lines(&table, "192.0.2.127"), [2, 1]);
        assert_eq!(lines(&table, "192.0.2.128"), [4, 2, 1]);
        assert_eq!(lines(&table, "192.0.2.255"), [5, 4, 2, 1]);
        assert_eq!(lines(&table, "192.0.3.0"), [1]);
        assert_eq!(lines(&table, "0.0.0.0"), [1]);
        assert_eq!(lines(&table, "255.255.255.255"), [7, 1]);
        assert_eq!(lines(&table, "2001:db8::1"), [] as [u32; 0]);
    }

    #[test]
    fn the_ends_of_the_address_space_are_in_reach() {
        let (table, _) = table(&[
            ("::", 1),
            ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 128),
            ("2001:db8::", 32),
        ]);
        assert_eq!(lines(&table, "2001:db8:ffff::1"), [3, 1]);
        assert_eq!(lines(&table, "8000::"), [] as [u32; 0]);
        assert_eq!(
            lines(&table, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
            [2]
        );
        assert_eq!(
            lines(&table, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe"),
            [] as [u32; 0]
        );
    }

    #[test]
    fn no_rule_covers_nothing() {
        let (table, doubles) = table(&[]);
        assert_eq!(doubles, 0);
        assert_eq!(lines(&table, "192.0.2.1"), [] as [u32; 0]);
        assert_eq!(table.rules().count(), 0);
    }
}
