//! Invented rules and questions, from a fixed sequence of numbers, so that runs are comparable.

use std::fmt::Write as _;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::OnceLock;

/// How many questions of each kind.
pub(crate) const QUESTIONS: u64 = 200_000;

/// How large the list is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    pub(crate) domains: u64,
    pub(crate) networks: u64,
}

/// What the targets are set for.
pub(crate) const USUAL: Size = Size {
    domains: 1_000_000,
    networks: 100_000,
};

/// The most that is promised.
pub(crate) const LARGE: Size = Size {
    domains: 5_000_000,
    networks: 500_000,
};

static SIZE: OnceLock<Size> = OnceLock::new();

/// The size of this process's list.
pub(crate) fn size() -> Size {
    *SIZE.get().expect("it is set first of all")
}

/// Sets the size of this process's list, once.
pub(crate) fn set_size(size: Size) {
    SIZE.set(size).expect("it is set once");
}

const TOP: [&str; 8] = [
    "test",
    "example",
    "invalid",
    "com.test",
    "net.test",
    "org.test",
    "io.test",
    "co.example",
];

/// Half of them two labels below a suffix, some three, some one, as in published lists.
pub(crate) fn names() -> Vec<String> {
    (0..size().domains)
        .map(|number| {
            let mut random = Random(number.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
            let top = TOP[random.below(8) as usize];
            match random.below(10) {
                0..3 => format!("host{number}.{top}"),
                3..9 => format!("{:x}.host{number}.{top}", random.low() >> 12),
                _ => format!("{:x}.cdn.host{number}.{top}", random.low() >> 12),
            }
        })
        .collect()
}

pub(crate) fn misses() -> Vec<String> {
    (0..QUESTIONS)
        .map(|number| {
            format!(
                "www{}.site{number}.{}.test",
                number % 7,
                ["com", "net", "org"][number as usize % 3]
            )
        })
        .collect()
}

pub(crate) fn hits(names: &[String]) -> Vec<String> {
    (0..QUESTIONS)
        .map(|number| format!("www.{}", names[(number * 7_919 % size().domains) as usize]))
        .collect()
}

/// Four of five networks, of 16 to 32 bits.
pub(crate) fn v4() -> Vec<(u32, u8)> {
    let mut random = Random(1);
    (0..size().networks * 4 / 5)
        .map(|_| {
            let prefix = 16 + random.below(17);
            (random.low() & (u32::MAX << (32 - prefix)), prefix as u8)
        })
        .collect()
}

/// One of five, of 32 to 128 bits, in the blocks that registries give out.
pub(crate) fn v6() -> Vec<(u128, u8)> {
    let mut random = Random(3);
    (0..size().networks / 5)
        .map(|_| {
            let prefix = 32 + random.below(97);
            (random.wide() & (u128::MAX << (128 - prefix)), prefix as u8)
        })
        .collect()
}

pub(crate) fn written(names: &[String], v4: &[(u32, u8)], v6: &[(u128, u8)]) -> String {
    let mut text = names.join("\n") + "\n";
    for (bits, prefix) in v4 {
        writeln!(text, "{}/{prefix}", Ipv4Addr::from_bits(*bits)).unwrap();
    }
    for (bits, prefix) in v6 {
        writeln!(text, "{}/{prefix}", Ipv6Addr::from_bits(*bits)).unwrap();
    }
    text
}

/// xorshift64*, Marsaglia and Vigna.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    pub(crate) fn low(&mut self) -> u32 {
        (self.next() >> 32) as u32
    }

    pub(crate) fn wide(&mut self) -> u128 {
        let block = [0x2001, 0x2400, 0x2600, 0x2800, 0x2a00, 0x2c00][self.below(6) as usize];
        let block = block
            + if block == 0x2001 {
                0
            } else {
                self.below(16) as u128
            };
        (block << 112) | (u128::from(self.next()) << 48) | u128::from(self.next() >> 16)
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
}
