//! Measures parsing and lookups at 1,000,000 domains and 100,000 networks:
//! `cargo run --release -p portlog-blocklist --example measure`.
//!
//! The lists are invented from a fixed sequence of numbers, so that runs are comparable. Times are
//! the best of five runs, lookups per call over 1,000,000 different questions.

#![expect(clippy::print_stdout, reason = "a measurement is read on a terminal")]

use std::collections::HashSet;
use std::fmt::Write as _;
use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::{Duration, Instant};

use portlog_blocklist::{List, ListSet};
use portlog_model::ListHit;

const DOMAINS: u64 = 1_000_000;
const NETWORKS: u64 = 100_000;
const QUESTIONS: u64 = 1_000_000;

fn main() -> Result<(), portlog_blocklist::Error> {
    let mut text = String::new();
    for number in 0..DOMAINS {
        let _ = writeln!(text, "{}", domain(number));
    }
    let mut random = Random(1);
    for _ in 0..NETWORKS * 4 / 5 {
        let prefix = 16 + random.below(17);
        let bits = u32::MAX << (32 - prefix);
        let _ = writeln!(
            text,
            "{}/{prefix}",
            Ipv4Addr::from_bits(random.low() & bits)
        );
    }
    for _ in 0..NETWORKS / 5 {
        let prefix = 32 + random.below(97);
        let bits = u128::MAX << (128 - prefix);
        let _ = writeln!(
            text,
            "{}/{prefix}",
            Ipv6Addr::from_bits(random.wide() & bits)
        );
    }

    let parsed = best(|| List::parse("measure", None, None, text.as_bytes()));
    let list = List::parse("measure", None, None, text.as_bytes())?.list;
    let info = list.info();
    let lines = list.summary().lines;
    println!(
        "parse: {parsed:?} for {} bytes, {lines} lines, {} rules, {} bad",
        text.len(),
        info.rules,
        info.bad_lines
    );
    let set = ListSet::new(vec![list]);

    let mut random = Random(2);
    let v4: Vec<IpAddr> = (0..QUESTIONS)
        .map(|_| IpAddr::V4(Ipv4Addr::from_bits(random.low())))
        .collect();
    let v6: Vec<IpAddr> = (0..QUESTIONS)
        .map(|_| IpAddr::V6(Ipv6Addr::from_bits(random.wide())))
        .collect();
    let unlisted = v4
        .iter()
        .filter(|address| {
            let mut hits = Vec::new();
            set.address(**address, &mut hits);
            hits.is_empty()
        })
        .copied()
        .cycle()
        .take(v4.len())
        .collect();
    for (what, questions) in [("IPv4", &v4), ("IPv4 miss", &unlisted), ("IPv6", &v6)] {
        let mut hits = Vec::new();
        let time = best(|| {
            hits.clear();
            for address in questions {
                set.address(black_box(*address), &mut hits);
            }
        });
        say(what, time, &hits);
    }

    let misses: Vec<String> = (0..QUESTIONS)
        .map(|number| format!("a{number}.b.c{}.invalid", number % 977))
        .collect();
    let found: Vec<String> = (0..QUESTIONS)
        .map(|number| format!("www.{}", domain(number * 7_919 % DOMAINS)))
        .collect();
    for (what, questions) in [("four-label miss", &misses), ("name hit", &found)] {
        let mut hits = Vec::new();
        let time = best(|| {
            hits.clear();
            for name in questions {
                set.name(black_box(name), &mut hits);
            }
        });
        say(what, time, &hits);
    }

    let reference: HashSet<String> = (0..DOMAINS).map(domain).collect();
    for (what, questions) in [("four-label miss", &misses), ("name hit", &found)] {
        let mut count = 0_u64;
        let time = best(|| {
            for name in questions {
                let mut rest = Some(black_box(name.as_str()));
                while let Some(suffix) = rest {
                    if reference.contains(suffix) {
                        count += 1;
                        break;
                    }
                    rest = suffix.split_once('.').map(|(_, behind)| behind);
                }
            }
        });
        black_box(count);
        println!("HashSet<String> suffix walk, {what}: {} ns", each(time));
    }
    Ok(())
}

fn say(what: &str, time: Duration, hits: &[ListHit]) {
    println!("{what}: {} ns, {} hits", each(time), hits.len());
}

fn each(time: Duration) -> u128 {
    time.as_nanos() / u128::from(QUESTIONS)
}

fn best<T>(mut run: impl FnMut() -> T) -> Duration {
    (0..5)
        .map(|_| {
            let begin = Instant::now();
            black_box(run());
            begin.elapsed()
        })
        .min()
        .unwrap_or_default()
}

fn domain(number: u64) -> String {
    let mut random = Random(number.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    format!("{:x}.host{number}.test", random.low())
}

/// xorshift64*, Marsaglia and Vigna.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn low(&mut self) -> u32 {
        (self.next() >> 32) as u32
    }

    fn wide(&mut self) -> u128 {
        (0x2000 << 112) | (u128::from(self.next()) << 48) | u128::from(self.next() >> 16)
    }

    fn below(&mut self, end: u64) -> u32 {
        u32::try_from(self.next() % end).unwrap_or(0)
    }
}
