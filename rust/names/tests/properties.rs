//! The table against a plain reference: every answer ever passed in, kept in a list and searched
//! anew for each question.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper of a test that cannot go on fails the test"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::time::Duration;

use portlog_model::{BootTime, Moment, Uid, WallTime};
use portlog_names::{
    AddressRecord, Alias, Answer, Bounds, GRACE, MAX_CHAIN, NameTable, Standing, Trail,
};
use proptest::collection::vec;
use proptest::prelude::*;

/// An answer, of few names, addresses and askers, so that they meet.
#[derive(Clone, Debug)]
struct Told {
    name: u8,
    asker: Option<u32>,
    /// Seconds since the answer before.
    later: u64,
    aliases: Vec<(u8, u8, u32)>,
    addresses: Vec<(u8, u8, u32)>,
}

fn told() -> impl Strategy<Value = Told> {
    let ttl = || prop_oneof![Just(0), 1_u32..400, Just(u32::MAX), Just(700_000)];
    (
        0_u8..6,
        prop::option::of(0_u32..3),
        prop_oneof![0_u64..5, 250_u64..700],
        vec((0_u8..6, 0_u8..6, ttl()), 0..4),
        vec((0_u8..6, 0_u8..4, ttl()), 0..4),
    )
        .prop_map(|(name, asker, later, aliases, addresses)| Told {
            name,
            asker,
            later,
            aliases,
            addresses,
        })
}

fn host(number: u8) -> String {
    format!("h{number}.r{number}.test")
}

fn address(number: u8) -> IpAddr {
    IpAddr::from([192, 0, 2, number])
}

fn at(seconds: u64) -> Moment {
    Moment {
        wall: WallTime::from_millis(0),
        boot: BootTime::from_nanos(seconds * 1_000_000_000),
    }
}

/// Puts `history` into `table`; the time of each answer, in seconds.
fn learn(table: &mut NameTable, history: &[Told], upper: bool) -> Vec<u64> {
    let spelt = |number| {
        if upper {
            format!("{}.", host(number).to_ascii_uppercase())
        } else {
            host(number)
        }
    };
    let mut now = 0;
    let mut times = Vec::new();
    for told in history {
        now += told.later;
        times.push(now);
        let names: Vec<String> = (0..6).map(spelt).collect();
        let name = |number: u8| names[usize::from(number)].as_str();
        let aliases: Vec<Alias<'_>> = told
            .aliases
            .iter()
            .map(|&(from, to, ttl)| Alias {
                name: name(from),
                target: name(to),
                ttl,
            })
            .collect();
        let addresses: Vec<AddressRecord<'_>> = told
            .addresses
            .iter()
            .map(|&(owner, number, ttl)| AddressRecord {
                name: name(owner),
                address: address(number),
                ttl,
            })
            .collect();
        table.learn(&Answer {
            name: name(told.name),
            asker: told.asker.map(Uid::new),
            at: at(now),
            aliases: &aliases,
            addresses: &addresses,
        });
    }
    times
}

/// What the reference knows of one name for one address by one asker: each time it was told, and
/// how long it then held.
type Claims = BTreeMap<(u8, u8, Option<u32>), Vec<(u64, u64)>>;

fn reference(history: &[Told], times: &[u64]) -> Claims {
    let mut claims = Claims::new();
    for (told, now) in history.iter().zip(times) {
        let mut chain = vec![(told.name, u64::MAX)];
        while let Some(&(_, to, ttl)) = told
            .aliases
            .iter()
            .find(|(from, _, _)| *from == chain.last().unwrap().0)
        {
            if chain.iter().any(|(name, _)| *name == to) || chain.len() == MAX_CHAIN {
                break;
            }
            chain.last_mut().unwrap().1 = life(ttl);
            chain.push((to, u64::MAX));
        }
        for &(owner, number, ttl) in &told.addresses {
            let Some(end) = chain.iter().position(|(name, _)| *name == owner) else {
                continue;
            };
            for start in 0..=end {
                let ttl = chain[start..end]
                    .iter()
                    .map(|(_, ttl)| *ttl)
                    .fold(life(ttl), u64::min);
                let key = (number, chain[start].0, told.asker);
                claims.entry(key).or_default().push((*now, ttl));
            }
        }
    }
    claims
}

fn life(ttl: u32) -> u64 {
    match ttl {
        0x8000_0000.. => 0,
        ttl => u64::from(ttl).min(7 * 86_400),
    }
}

/// Whether a connection of `at` has the name in time. Where the last answer no longer counts, none
/// does; an earlier moment counts while each answer up to the last came before the one before it
/// had ceased to count.
fn in_time(asked: &[(u64, u64)], at: u64) -> bool {
    let grace = GRACE.as_secs();
    let (last, ttl) = *asked.last().unwrap();
    let mut since = asked[0].0;
    for pair in asked.windows(2) {
        if pair[1].0 > pair[0].0 + pair[0].1 + grace {
            since = pair[1].0;
        }
    }
    (since..=last + ttl + grace).contains(&at)
}

type Answers = BTreeSet<(String, Option<u32>, Standing, bool)>;

fn expected(claims: &Claims, number: u8, uid: Option<u32>, at: u64) -> Answers {
    claims
        .iter()
        .filter(|((to, _, _), _)| *to == number)
        .map(|((_, name, asker), asked)| {
            let in_time = in_time(asked, at);
            let standing = match (asker, uid) {
                (None, _) => Standing::AskerUnknown,
                (Some(_), None) => Standing::OwnerUnknown,
                (Some(asker), Some(uid)) if *asker != uid => Standing::AskedByAnother,
                _ if in_time => Standing::Asked,
                _ => Standing::AskedTooLongAgo,
            };
            (host(*name), *asker, standing, in_time)
        })
        .collect()
}

fn answered(table: &NameTable, number: u8, uid: Option<u32>, when: u64) -> Answers {
    let lookup = table.lookup(address(number), uid.map(Uid::new), at(when));
    let answers: Vec<_> = lookup
        .names()
        .map(|named| {
            let Trail::Asked { chain, position } = named.trail else {
                panic!("nothing was pinned");
            };
            assert_eq!(chain[position], named.seen.name);
            assert_eq!(named.seen.address, address(number));
            let asker = named.seen.asker.map(Uid::get);
            (
                named.seen.name.to_string(),
                asker,
                named.standing,
                named.in_time,
            )
        })
        .collect();
    let seen = table.names_of(address(number));
    assert_eq!(seen.len(), answers.len());
    assert!(seen.is_sorted_by(|a, b| a.at.boot >= b.at.boot));
    let set: Answers = answers.iter().cloned().collect();
    assert_eq!(set.len(), answers.len(), "a name is there twice");
    set
}

/// Every address and asker, at and around every moment that matters.
fn questions(times: &[u64], claims: &Claims) -> Vec<(u8, Option<u32>, u64)> {
    let ends = claims
        .values()
        .flatten()
        .map(|(at, ttl)| at + ttl + GRACE.as_secs());
    let moments: BTreeSet<u64> = times
        .iter()
        .copied()
        .chain(ends)
        .flat_map(|moment| [moment.saturating_sub(1), moment, moment + 1])
        .collect();
    let mut questions = Vec::new();
    for moment in moments {
        for number in 0..4 {
            for uid in [None, Some(0), Some(1), Some(2), Some(3)] {
                questions.push((number, uid, moment));
            }
        }
    }
    questions
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn with_room_for_all_it_answers_as_the_reference(history in vec(told(), 0..16), upper: bool) {
        let mut table = NameTable::new(Bounds { names_per_address: 64, ..Bounds::default() });
        let times = learn(&mut table, &history, upper);
        let claims = reference(&history, &times);
        for (number, uid, moment) in questions(&times, &claims) {
            prop_assert_eq!(
                answered(&table, number, uid, moment),
                expected(&claims, number, uid, moment)
            );
        }
        let counts = table.counts();
        prop_assert_eq!((counts.evicted_addresses, counts.evicted_names), (0, 0));
    }

    #[test]
    fn what_is_pushed_out_is_missed_and_nothing_is_invented(
        history in vec(told(), 0..24),
        addresses in 0_usize..4,
        names_per_address in 0_usize..4,
        bytes in prop_oneof![0_usize..4_000, Just(1 << 20)],
    ) {
        let bounds = Bounds { addresses, names_per_address, bytes, ..Bounds::default() };
        let mut table = NameTable::new(bounds);
        let times = learn(&mut table, &history, false);
        let claims = reference(&history, &times);
        prop_assert!(table.len() <= addresses && table.bytes() <= bytes);
        let mut missed = false;
        for (number, uid, moment) in questions(&times, &claims) {
            let answers = answered(&table, number, uid, moment);
            let all = expected(&claims, number, uid, moment);
            prop_assert!(answers.len() <= names_per_address.max(1));
            missed |= answers != all;
            for (name, asker, standing, in_time) in &answers {
                let known = all.iter().find(|known| (&known.0, &known.1) == (name, asker));
                let known = known.expect("a name that nobody told");
                // Having been pushed out, it may count for less than it should, never for more.
                prop_assert!(!in_time || known.3);
                prop_assert!(*standing != Standing::Asked || known.2 == Standing::Asked);
            }
        }
        let counts = table.counts();
        prop_assert!(!missed || counts.evicted_addresses + counts.evicted_names > 0);
    }

    #[test]
    fn who_never_asked_never_has_a_name_of_its_own(history in vec(told(), 0..24), when in 0_u64..20_000) {
        let mut table = NameTable::default();
        learn(&mut table, &history, false);
        for number in 0..4 {
            let lookup = table.lookup(address(number), Some(Uid::new(3)), at(when));
            prop_assert!(lookup.names().all(|named| named.standing != Standing::Asked));
            prop_assert!(lookup.names().all(|named| named.weakenings().next().is_some()));
        }
    }
}

#[test]
fn the_bounds_of_time_are_what_is_promised() {
    assert_eq!(GRACE, Duration::from_mins(5));
    assert_eq!(portlog_names::MAX_TTL, Duration::from_hours(168));
    assert_eq!(portlog_names::PINNED_FOR, Duration::from_hours(336));
}
