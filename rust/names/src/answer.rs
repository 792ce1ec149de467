//! An answer of the DNS as it is learnt, and the way through its aliases.

use std::net::IpAddr;
use std::time::Duration;

use portlog_model::{Moment, Uid};

/// The most names on the way from the name that was asked for to the one that has the address, both
/// included. Resolvers themselves follow 8 to 17 aliases; published chains are shorter than five.
pub const MAX_CHAIN: usize = 8;

/// The longest time for which an answer is taken to hold, whatever it says of itself.
pub const MAX_TTL: Duration = Duration::from_hours(7 * 24);

/// The most bytes of a name, without the dot at its end (RFC 1035 §2.3.4).
const MAX_NAME: usize = 253;

/// An answer that went by: who asked for which name, and the records that came back.
///
/// Names may be in any letter case and with or without the dot at their end. Records may be in any
/// order; those that the asked name does not lead to are not believed.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// The name that was asked for.
    pub name: &'a str,
    /// Who asked, where known.
    pub asker: Option<Uid>,
    /// When the answer was passed on to the asker.
    pub at: Moment,
    /// The CNAME records.
    pub aliases: &'a [Alias<'a>],
    /// The A and AAAA records.
    pub addresses: &'a [AddressRecord<'a>],
}

/// A CNAME record: `name` is another name for `target`.
#[derive(Clone, Copy, Debug)]
pub struct Alias<'a> {
    /// The record's owner.
    pub name: &'a str,
    /// What it leads to.
    pub target: &'a str,
    /// The record's time to live in seconds, as in the message.
    pub ttl: u32,
}

/// An A or AAAA record.
#[derive(Clone, Copy, Debug)]
pub struct AddressRecord<'a> {
    /// The record's owner.
    pub name: &'a str,
    /// The address.
    pub address: IpAddr,
    /// The record's time to live in seconds, as in the message.
    pub ttl: u32,
}

/// The names from the asked one on, each an alias of the next.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Path<'a> {
    steps: [Step<'a>; MAX_CHAIN],
    length: usize,
    /// Whether more aliases followed, which were not: a loop, too many, or no name.
    pub(crate) cut: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Step<'a> {
    name: &'a str,
    /// Of the alias that leads on from this name.
    ttl: u32,
}

impl<'a> Path<'a> {
    /// Follows the aliases of `answer`; `None` where the asked name is none.
    pub(crate) fn follow(answer: &Answer<'a>) -> Option<Self> {
        let mut path = Self {
            steps: [Step::default(); MAX_CHAIN],
            length: 0,
            cut: false,
        };
        let mut name = usable(answer.name)?;
        loop {
            let alias = answer
                .aliases
                .iter()
                .find(|alias| without_dot(alias.name).eq_ignore_ascii_case(name));
            let ttl = alias.map_or(0, |alias| alias.ttl);
            let Some(step) = path.steps.get_mut(path.length) else {
                path.cut = true;
                return Some(path);
            };
            *step = Step { name, ttl };
            path.length += 1;
            let Some(alias) = alias else {
                return Some(path);
            };
            match usable(alias.target) {
                Some(target) if path.position(target).is_none() => name = target,
                _ => {
                    path.cut = true;
                    return Some(path);
                }
            }
        }
    }

    /// Where `name` stands on the way.
    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        let name = without_dot(name);
        self.names()
            .position(|step| step.eq_ignore_ascii_case(name))
    }

    /// The names on the way, the asked one first.
    pub(crate) fn names(&self) -> impl DoubleEndedIterator<Item = &'a str> + ExactSizeIterator {
        self.steps
            .get(..self.length)
            .unwrap_or_default()
            .iter()
            .map(|step| step.name)
    }

    /// How long it holds that the name at `from` leads to a record of the name at `to` that lives
    /// `ttl` seconds: as long as the first of the records on the way.
    pub(crate) fn holds(&self, from: usize, to: usize, ttl: u32) -> Duration {
        self.steps
            .get(from..to)
            .unwrap_or_default()
            .iter()
            .map(|step| time_to_live(step.ttl))
            .fold(time_to_live(ttl), Duration::min)
    }
}

/// A time to live as in a message: with the top bit set it is 0 (RFC 2181 §8), and none is longer
/// than [`MAX_TTL`].
pub(crate) fn time_to_live(seconds: u32) -> Duration {
    if seconds > i32::MAX.unsigned_abs() {
        return Duration::ZERO;
    }
    Duration::from_secs(u64::from(seconds)).min(MAX_TTL)
}

/// `name` without its dot, if it can be kept and shown: printable ASCII of at most 253 bytes.
fn usable(name: &str) -> Option<&str> {
    let name = without_dot(name);
    let fits = (1..=MAX_NAME).contains(&name.len());
    (fits && name.bytes().all(|byte| byte.is_ascii_graphic())).then_some(name)
}

fn without_dot(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use portlog_model::{BootTime, WallTime};

    use super::*;

    const AT: Moment = Moment {
        wall: WallTime::from_millis(0),
        boot: BootTime::from_nanos(0),
    };

    fn path(name: &str, aliases: &[(&str, &str)]) -> Option<(Vec<String>, bool)> {
        let aliases: Vec<Alias<'_>> = aliases
            .iter()
            .map(|&(name, target)| Alias {
                name,
                target,
                ttl: 60,
            })
            .collect();
        let path = Path::follow(&Answer {
            name,
            asker: None,
            at: AT,
            aliases: &aliases,
            addresses: &[],
        })?;
        Some((path.names().map(str::to_owned).collect(), path.cut))
    }

    fn way(names: &[&str], cut: bool) -> (Vec<String>, bool) {
        (names.iter().map(|name| (*name).to_owned()).collect(), cut)
    }

    #[test]
    fn aliases_are_followed_in_whatever_order_case_and_dots() {
        let aliases = [
            ("B.test.", "c.test"),
            ("other.test", "d.test"),
            ("a.test", "b.TEST"),
        ];
        assert_eq!(
            path("A.test.", &aliases),
            Some(way(&["A.test", "b.TEST", "c.test"], false))
        );
    }

    #[test]
    fn a_loop_is_cut_where_it_closes() {
        assert_eq!(
            path("a.test", &[("a.test", "A.test.")]),
            Some(way(&["a.test"], true))
        );
        assert_eq!(
            path("a.test", &[("a.test", "b.test"), ("b.test", "a.test")]),
            Some(way(&["a.test", "b.test"], true))
        );
    }

    #[test]
    fn a_chain_is_cut_at_its_bound() {
        let names: Vec<String> = (0..=MAX_CHAIN).map(|n| format!("{n}.test")).collect();
        let aliases: Vec<(&str, &str)> = names
            .windows(2)
            .map(|pair| (pair[0].as_str(), pair[1].as_str()))
            .collect();
        let (way, cut) = path("0.test", &aliases).unwrap();
        assert_eq!((way.len(), cut), (MAX_CHAIN, true));
        let (way, cut) = path("1.test", &aliases).unwrap();
        assert_eq!((way.len(), cut), (MAX_CHAIN, false));
    }

    #[test]
    fn what_is_no_name_is_not_followed() {
        assert_eq!(path("", &[]), None);
        assert_eq!(path(".", &[]), None);
        assert_eq!(path("a b.test", &[]), None);
        assert_eq!(path(&"x".repeat(254), &[]), None);
        assert!(path(&"x".repeat(253), &[]).is_some());
        assert_eq!(
            path("a.test", &[("a.test", "\n.test")]),
            Some(way(&["a.test"], true))
        );
    }

    #[test]
    fn the_shortest_life_on_the_way_counts() {
        let aliases = [
            Alias {
                name: "a.test",
                target: "b.test",
                ttl: 20,
            },
            Alias {
                name: "b.test",
                target: "c.test",
                ttl: 300,
            },
        ];
        let path = Path::follow(&Answer {
            name: "a.test",
            asker: None,
            at: AT,
            aliases: &aliases,
            addresses: &[],
        })
        .unwrap();
        let holds = |from| path.holds(from, 2, 60).as_secs();
        assert_eq!((holds(0), holds(1), holds(2)), (20, 60, 60));
    }

    #[test]
    fn absurd_lives_are_bounded() {
        assert_eq!(time_to_live(0), Duration::ZERO);
        assert_eq!(time_to_live(604_800), MAX_TTL);
        assert_eq!(time_to_live(604_801), MAX_TTL);
        assert_eq!(time_to_live(0x7FFF_FFFF), MAX_TTL);
        assert_eq!(time_to_live(0x8000_0000), Duration::ZERO);
        assert_eq!(time_to_live(u32::MAX), Duration::ZERO);
    }
}
