//! Random lists against a reference that reads rules one by one, and random bytes.

#![expect(clippy::unwrap_used, reason = "a test may end so")]

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use portlog_blocklist::{CompiledList, List, ListSet, Query};
use portlog_model::{Endpoint, HitKind};
use proptest::collection::vec;
use proptest::prelude::*;

/// What one line says, before it is written down.
#[derive(Clone, Debug)]
enum Say {
    Network(Ipv4Addr, u8),
    Network6(Ipv6Addr, u8),
    Address(IpAddr),
    Exact(String),
    Domain(String),
    Adblock(String),
    Exception(String),
    AddressException(Ipv4Addr),
    Comment,
}

impl Say {
    fn line(&self) -> String {
        match self {
            Self::Network(address, prefix) => format!("{address}/{prefix}"),
            Self::Network6(address, prefix) => format!("{address}/{prefix}"),
            Self::Address(address) => address.to_string(),
            Self::Exact(name) => format!("0.0.0.0 {name}"),
            Self::Domain(name) => name.clone(),
            Self::Adblock(name) => format!("||{name}^"),
            Self::Exception(name) => format!("@@||{name}^"),
            Self::AddressException(address) => format!("@@||{address}^"),
            Self::Comment => "# comment".to_owned(),
        }
    }

    /// How narrowly this rule holds `address`, if it does: its prefix in bits.
    fn holds(&self, address: IpAddr) -> Option<u8> {
        match (self, address) {
            (Self::Network(network, prefix), IpAddr::V4(address)) => {
                let open = 32 - u32::from(*prefix);
                let same =
                    u64::from(network.to_bits()) >> open == u64::from(address.to_bits()) >> open;
                same.then_some(*prefix)
            }
            (Self::Network6(network, prefix), IpAddr::V6(address)) => {
                let bits = network.to_bits() ^ address.to_bits();
                (bits.leading_zeros() >= u32::from(*prefix)).then_some(*prefix)
            }
            (Self::Address(listed), address) => {
                (*listed == address).then_some(if address.is_ipv4() { 32 } else { 128 })
            }
            _ => None,
        }
    }

    /// How narrowly this rule covers `name`, if it does.
    fn covers(&self, name: &str) -> Option<(usize, bool)> {
        match self {
            Self::Exact(listed) => (listed == name).then_some((listed.len(), true)),
            Self::Domain(listed) | Self::Adblock(listed) => {
                is_below(name, listed).then_some((listed.len(), false))
            }
            _ => None,
        }
    }
}

fn is_below(name: &str, domain: &str) -> bool {
    name == domain || name.ends_with(&format!(".{domain}"))
}

/// The line that answers for `address`, by reading the rules one by one.
fn answer_for_address(rules: &[Say], address: IpAddr) -> Option<u32> {
    let excepted = rules.iter().any(
        |rule| matches!(rule, Say::AddressException(listed) if IpAddr::V4(*listed) == address),
    );
    if excepted {
        return None;
    }
    let mut best: Option<(u8, u32)> = None;
    for (rule, line) in rules.iter().zip(1..) {
        if let Some(prefix) = rule.holds(address)
            && best.is_none_or(|(narrowest, _)| prefix > narrowest)
        {
            best = Some((prefix, line));
        }
    }
    best.map(|(_, line)| line)
}

/// The line that answers for `name`, likewise.
fn answer_for_name(rules: &[Say], name: &str) -> Option<u32> {
    let excepted = rules
        .iter()
        .any(|rule| matches!(rule, Say::Exception(listed) if is_below(name, listed)));
    if excepted {
        return None;
    }
    let mut best: Option<((usize, bool), u32)> = None;
    for (rule, line) in rules.iter().zip(1..) {
        if let Some(narrow) = rule.covers(name)
            && best.is_none_or(|(narrowest, _)| narrow > narrowest)
        {
            best = Some((narrow, line));
        }
    }
    best.map(|(_, line)| line)
}

/// Few addresses close together, and the ends of the space, so that rules nest and meet.
fn v4() -> impl Strategy<Value = Ipv4Addr> {
    prop_oneof![
        4 => (0_u32..64).prop_map(|low| Ipv4Addr::from_bits(0xC000_0200 | low)),
        1 => any::<u32>().prop_map(Ipv4Addr::from_bits),
        1 => prop_oneof![Just(1), Just(u32::MAX), Just(u32::MAX - 1)].prop_map(Ipv4Addr::from_bits),
    ]
}

fn v6() -> impl Strategy<Value = Ipv6Addr> {
    prop_oneof![
        4 => (0_u128..64).prop_map(|low| Ipv6Addr::from_bits((0x2001_0DB8 << 96) | low)),
        1 => any::<u128>().prop_map(Ipv6Addr::from_bits),
        1 => Just(Ipv6Addr::from_bits(u128::MAX)),
        1 => (0_u128..64).prop_map(|low| Ipv6Addr::from_bits((0x0064_FF9B << 96) | 0xC000_0200 | low)),
    ]
    .prop_filter("neither v4-mapped nor unset", |address| {
        address.to_ipv4_mapped().is_none() && !address.is_unspecified()
    })
}

fn name() -> impl Strategy<Value = String> {
    vec(
        prop_oneof![Just("a"), Just("b"), Just("c-c"), Just("ab")],
        1..5,
    )
    .prop_map(|labels| format!("{}.test", labels.join(".")))
}

fn say() -> impl Strategy<Value = Say> {
    prop_oneof![
        4 => (v4(), 0..=32_u8).prop_map(|(address, prefix)| {
            let mask = u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
            Say::Network(Ipv4Addr::from_bits(address.to_bits() & mask), prefix)
        }).prop_filter("not the unset address alone", |say| {
            !matches!(say, Say::Network(address, 32) if address.is_unspecified())
        }),
        4 => (v6(), 0..=128_u8).prop_map(|(address, prefix)| {
            let mask = u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0);
            Say::Network6(Ipv6Addr::from_bits(address.to_bits() & mask), prefix)
        }),
        2 => v4().prop_map(|address| Say::Address(address.into())),
        2 => v6().prop_map(|address| Say::Address(address.into())),
        4 => name().prop_map(Say::Exact),
        4 => name().prop_map(Say::Domain),
        2 => name().prop_map(Say::Adblock),
        1 => name().prop_map(Say::Exception),
        1 => v4().prop_map(Say::AddressException),
        1 => Just(Say::Comment),
    ]
}

fn written(rules: &[Say], end: &str) -> String {
    rules.iter().map(|rule| rule.line() + end).collect()
}

fn parse(text: &str) -> List {
    List::parse("list", None, None, text.as_bytes())
        .unwrap()
        .list
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn addresses_answer_as_the_reference_does(
        rules in vec(say(), 0..40),
        asked4 in vec(v4(), 20),
        asked6 in vec(v6(), 20),
    ) {
        let list = parse(&written(&rules, "\n"));
        prop_assert_eq!(list.info().bad_lines, 0);
        let asked = asked4.into_iter().map(IpAddr::V4).chain(asked6.into_iter().map(IpAddr::V6));
        for address in asked {
            let hit = list.address(address);
            prop_assert_eq!(hit.as_ref().map(|hit| hit.line), answer_for_address(&rules, address));
            if let Some(hit) = hit {
                let rule = &rules[hit.line as usize - 1];
                prop_assert_eq!(&*hit.entry, rule.line());
                let is_address = matches!(rule, Say::Address(_));
                prop_assert_eq!(hit.kind == HitKind::Address, is_address);
            }
        }
    }

    #[test]
    fn names_answer_as_the_reference_does(
        rules in vec(say(), 0..40),
        asked in vec(name(), 20),
    ) {
        let list = parse(&written(&rules, "\n"));
        for name in asked {
            let hit = list.name(&name);
            prop_assert_eq!(hit.as_ref().map(|hit| hit.line), answer_for_name(&rules, &name));
            let loud = list.name(&format!("{}.", name.to_uppercase()));
            prop_assert_eq!(hit, loud);
        }
    }

    #[test]
    fn parsed_and_compiled_answer_the_same(
        rules in vec(say(), 0..60),
        asked4 in vec(v4(), 20),
        asked6 in vec(v6(), 20),
        asked_names in vec(name(), 20),
    ) {
        let parsed = parse(&written(&rules, "\n"));
        let compiled = CompiledList::from_bytes(parsed.compile().unwrap()).unwrap();
        compiled.verify().unwrap();
        let compiled = List::from_compiled(compiled, None);
        prop_assert_eq!(parsed.info(), compiled.info());
        prop_assert_eq!(parsed.summary(), compiled.summary());
        let (parsed, compiled) = (ListSet::new(vec![parsed]), ListSet::new(vec![compiled]));
        let asked = asked4.into_iter().map(IpAddr::V4).chain(asked6.into_iter().map(IpAddr::V6));
        for address in asked {
            let (mut hits, mut others) = (Vec::new(), Vec::new());
            parsed.endpoint(&Endpoint::new(address, 1), &mut hits);
            compiled.endpoint(&Endpoint::new(address, 1), &mut others);
            prop_assert_eq!(hits, others);
            let query = address.to_string().parse::<Query>().unwrap();
            prop_assert_eq!(parsed.explain(&query), compiled.explain(&query));
        }
        for name in asked_names {
            let (mut hits, mut others) = (Vec::new(), Vec::new());
            parsed.name(&name, &mut hits);
            compiled.name(&name, &mut others);
            prop_assert_eq!(hits, others);
            let query = name.parse::<Query>().unwrap();
            prop_assert_eq!(parsed.explain(&query), compiled.explain(&query));
        }
    }

    #[test]
    fn a_watch_and_an_explanation_agree(
        lists in vec(vec(say(), 0..20), 0..4),
        address in prop_oneof![v4().prop_map(IpAddr::V4), v6().prop_map(IpAddr::V6)],
        name in name(),
    ) {
        let set = ListSet::new(lists.iter().map(|rules| parse(&written(rules, "\n"))).collect());
        let mut hits = Vec::new();
        set.endpoint(&Endpoint::new(address, 1), &mut hits);
        let said = set.explain(&address.to_string().parse::<Query>().unwrap());
        prop_assert_eq!(said.matches().cloned().collect::<Vec<_>>(), hits);

        let mut hits = Vec::new();
        set.name(&name, &mut hits);
        let said = set.explain(&name.parse::<Query>().unwrap());
        prop_assert_eq!(said.matches().cloned().collect::<Vec<_>>(), hits);
        for answer in &said.lists {
            prop_assert_eq!(answer.matches.is_empty(), !answer.exceptions.is_empty());
        }
    }

    #[test]
    fn line_ends_and_a_byte_order_mark_change_nothing_but_the_digest(rules in vec(say(), 0..40)) {
        let unix = List::parse("l", None, None, written(&rules, "\n").as_bytes()).unwrap();
        let dos = format!("\u{FEFF}{}", written(&rules, "\r\n"));
        let dos = List::parse("l", None, None, dos.as_bytes()).unwrap();
        let mut summary = dos.list.summary().clone();
        summary.bytes = unix.list.summary().bytes;
        prop_assert_eq!(&summary, unix.list.summary());
        prop_assert_eq!(unix.bad_lines, dos.bad_lines);
        prop_assert_eq!(unix.unsupported, dos.unsupported);
        for rule in &rules {
            if let Say::Exact(name) | Say::Domain(name) = rule {
                let place = |list: &List| list.name(name).map(|hit| (hit.line, hit.entry));
                prop_assert_eq!(place(&unix.list), place(&dos.list));
            }
        }
    }

    #[test]
    fn no_bytes_cause_a_panic_and_every_line_is_accounted_for(bytes in vec(any::<u8>(), 0..400)) {
        accounted(&bytes);
    }

    #[test]
    fn nothing_that_resembles_a_list_causes_a_panic(
        pieces in vec(
            prop_oneof![
                "[-.:*|@^$#!;/%\\[\\]0-9a-fxn ~\t\r\n]{0,12}",
                "\\PC{0,4}",
                Just("||".to_owned()), Just("@@".to_owned()), Just("\n".to_owned()),
                Just("0.0.0.0 ".to_owned()), Just("::ffff:".to_owned()), Just("xn--".to_owned()),
                Just("/24".to_owned()), Just("://".to_owned()), Just("# Date: ".to_owned()),
                Just("2024-05-21T".to_owned()), Just("##".to_owned()), Just("\u{FEFF}".to_owned()),
            ],
            0..60,
        ),
    ) {
        accounted(pieces.concat().as_bytes());
    }

    #[test]
    fn no_question_causes_a_panic(text in "\\PC{0,40}", short in "[-.:*/%\\[\\]0-9a-f]{0,20}") {
        for text in [text, short] {
            if let Ok(query) = text.parse::<Query>() {
                prop_assert_eq!(query.to_string().parse::<Query>(), Ok(query));
            }
        }
    }
}

/// Parses, checks the counts and asks for each entry.
fn accounted(bytes: &[u8]) {
    let Ok(parsed) = List::parse("list", None, None, bytes) else {
        return;
    };
    let summary = parsed.list.summary();
    let sum = summary.blank
        + summary.comments
        + summary.rule_lines
        + summary.local_lines
        + summary.bad_lines
        + summary.unsupported_lines();
    assert_eq!(sum, summary.lines);
    assert_eq!(parsed.bad_lines.len() as u64, summary.bad_lines);
    for bad in &parsed.bad_lines {
        assert!(bad.reason.to_string().chars().all(|c| !c.is_control()));
    }
    let set = ListSet::new(vec![parsed.list]);
    let mut hits = Vec::new();
    for word in String::from_utf8_lossy(bytes).split_whitespace() {
        set.name(word, &mut hits);
        if let Ok(query) = word.parse::<Query>() {
            let _ = set.explain(&query);
        }
    }
}
