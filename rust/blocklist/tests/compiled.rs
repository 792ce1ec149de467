//! The compiled form: that it answers as the parsed one, and what becomes of damage.

#![expect(clippy::unwrap_used, reason = "a test may end so")]

use std::io::{Seek as _, Write as _};
use std::net::IpAddr;

use portlog_blocklist::{CompiledError, CompiledList, Error, List, ListSet, Query};
use portlog_model::{Category, Endpoint, WallTime};

const EVERY_FORM: &str = "\
# Date: 2024-05-21
0.0.0.0 Ads.Example.test ads2.example.test
tracker.example.test
*.zip
||adblock.example.test^
||*.wild.example.test^
@@||good.tracker.example.test^
bücher.test
192.0.2.0/24
192.0.2.7
@@||192.0.2.9^
||198.51.100.1^
0.0.0.0/0
2001:db8::/32
2001:db8::1
64:ff9b::192.0.2.0/120
not a rule here
##.banner
";

fn parsed(text: &str) -> List {
    List::parse("every form.txt", None, None, text.as_bytes())
        .unwrap()
        .list
}

fn compiled(list: &List) -> List {
    let compiled = CompiledList::from_bytes(list.compile().unwrap()).unwrap();
    compiled.verify().unwrap();
    List::from_compiled(compiled, None)
}

#[test]
fn every_answer_is_that_of_the_parsed_list() {
    let list = parsed(EVERY_FORM);
    let same = compiled(&list);
    assert_eq!(list.info(), same.info());
    assert_eq!(list.summary(), same.summary());
    assert!(list.compiled().is_none());
    assert!(same.compiled().is_some());
    let (list, same) = (ListSet::new(vec![list]), ListSet::new(vec![same]));
    let mut found = 0;
    for asked in [
        "ads.example.test",
        "x.ads.example.test",
        "ads2.example.test",
        "tracker.example.test",
        "a.b.tracker.example.test",
        "good.tracker.example.test",
        "not.good.tracker.example.test",
        "a.zip",
        "zip",
        "wild.example.test",
        "xn--bcher-kva.test",
        "www.bücher.test",
        "example.test",
        "test",
        "192.0.2.7",
        "192.0.2.8",
        "192.0.2.9",
        "198.51.100.1",
        "203.0.113.1",
        "255.255.255.255",
        "2001:db8::1",
        "2001:db8::2",
        "64:ff9b::c000:207",
        "64:ff9b::c000:209",
        "fe80::1",
    ] {
        let query: Query = asked.parse().unwrap();
        let answer = list.explain(&query);
        assert_eq!(same.explain(&query), answer, "{asked}");
        found += answer.matches().count();
        if let Query::Address(address) = query {
            let peer = Endpoint::new(address, 443);
            let (mut hits, mut others) = (Vec::new(), Vec::new());
            list.endpoint(&peer, &mut hits);
            same.endpoint(&peer, &mut others);
            assert_eq!(hits, others, "{asked}");
        }
    }
    for unset in ["::", "0.0.0.0", "::ffff:0.0.0.0"] {
        assert_eq!(same.lists()[0].address(unset.parse().unwrap()), None);
    }
    assert!(found > 15, "{found}");
}

/// Networks that crowd in some places, so that the directory is divided there, with others far away.
#[test]
fn crowded_networks_and_far_ones_answer_as_the_parsed_list() {
    let mut state = 7_u64;
    let mut random = move || {
        // xorshift64*, Marsaglia and Vigna.
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        state.wrapping_mul(0x2545_F491_4F6C_DD1D)
    };
    let mut addresses: Vec<IpAddr> = Vec::new();
    let mut text = String::from("0.0.0.1\n255.255.255.255\n::1\nffff::/16\n@@||198.51.100.7^\n");
    for number in 0..4_000 {
        // A /16 with most of them, a /24 in it with many, and some anywhere.
        let wide = u32::try_from(random() >> 32).unwrap();
        let four = match number % 8 {
            0 => wide,
            1..4 => 0xC633_6400 | (wide & 0xFF),
            _ => 0xC633_0000 | (wide & 0xFFFF),
        };
        let six = (0x2001_0db8_u128 << 96) | (u128::from(random()) << (8 * (number % 4)));
        addresses.push(IpAddr::V4(four.into()));
        addresses.push(IpAddr::V6(six.into()));
        let (length4, length6) = (20 + random() % 13, 40 + random() % 89);
        let four = four & (u32::MAX << (32 - length4));
        let six = six & (u128::MAX << (128 - length6));
        let (four, six) = (IpAddr::V4(four.into()), IpAddr::V6(six.into()));
        text.push_str(&[four.to_string(), format!("/{length4}\n")].concat());
        text.push_str(&[six.to_string(), format!("/{length6}\n")].concat());
        addresses.extend([four, six]);
    }
    for edge in [
        "0.0.0.1",
        "0.0.0.2",
        "255.255.255.255",
        "198.51.100.7",
        "::1",
        "::2",
        "fffe::",
    ] {
        addresses.push(edge.parse().unwrap());
    }
    for _ in 0..4_000 {
        addresses.push(IpAddr::V4(u32::try_from(random() >> 32).unwrap().into()));
        let near = (0x2001_0db8_u128 << 96) | u128::from(random());
        addresses.push(IpAddr::V6(near.into()));
    }
    let list = parsed(&text);
    let same = compiled(&list);
    let mut found = 0;
    for address in addresses {
        let answer = list.address(address);
        assert_eq!(same.address(address), answer, "{address}");
        found += usize::from(answer.is_some());
    }
    assert!((8_000..20_000).contains(&found), "{found}");
}

#[test]
fn nothing_matches_by_its_hash_alone() {
    let names: Vec<String> = (0..20_000).map(|n| format!("a{n}.list.test")).collect();
    let names = names.join("\n");
    let same = compiled(&parsed(&names));
    for n in 0..20_000 {
        assert!(same.name(&format!("a{n}.list.test")).is_some());
        assert_eq!(same.name(&format!("b{n}.list.test")), None);
        assert_eq!(same.name(&format!("a{n}.list.tes")), None);
        assert_eq!(same.name(&format!("xa{n}.list.test")), None);
    }
}

#[test]
fn a_list_without_rules_is_one() {
    for text in ["", "# nothing\n", "a bad line here\n"] {
        let same = compiled(&parsed(text));
        assert_eq!(same.name("a.test"), None);
        assert_eq!(same.address("192.0.2.1".parse().unwrap()), None);
        assert_eq!(same.address("2001:db8::1".parse().unwrap()), None);
        assert!(ListSet::new(vec![same]).is_empty());
    }
}

#[test]
fn names_of_any_depth_and_odd_names_are_answered_alike() {
    let deepest = format!("{}a", "a.".repeat(126));
    let list = parsed(&format!("{deepest}\n*.a\n"));
    assert_eq!(list.summary().domains, 2);
    let same = compiled(&list);
    for asked in [
        deepest.as_str(),
        &deepest[2..],
        &"a.".repeat(126),
        &format!("{}a", ".".repeat(252)),
        &".".repeat(253),
        "..a",
        "a..a",
        ".",
        "",
        "\u{7f}.a",
        &"x".repeat(254),
    ] {
        assert_eq!(same.name(asked), list.name(asked), "{asked:?}");
    }
}

#[test]
fn a_category_given_when_it_is_opened_counts() {
    let bytes = parsed(EVERY_FORM).compile().unwrap();
    let open =
        |category| List::from_compiled(CompiledList::from_bytes(bytes.clone()).unwrap(), category);
    assert_eq!(open(None).info().category, Category::Own);
    assert!(!open(None).summary().category_given);
    let own = open(Some(Category::Threat));
    assert!(own.summary().category_given);
    assert_eq!(own.name("a.zip").unwrap().category, Category::Threat);
}

#[test]
fn the_same_list_gives_the_same_bytes_and_is_not_compiled_twice() {
    let list = parsed(EVERY_FORM);
    assert_eq!(
        list.compile().unwrap(),
        parsed(EVERY_FORM).compile().unwrap()
    );
    let again = compiled(&list).compile();
    assert!(matches!(again, Err(CompiledError::IsCompiled)), "{again:?}");
}

#[test]
fn a_compiled_list_is_not_parsed_as_lines() {
    let bytes = parsed(EVERY_FORM).compile().unwrap();
    assert!(CompiledList::is_one(&bytes));
    assert!(!CompiledList::is_one(EVERY_FORM.as_bytes()));
    let answer = List::parse("l", None, None, &bytes).map(|_| ());
    assert_eq!(answer, Err(Error::Compiled));
}

#[test]
#[cfg_attr(miri, ignore = "Miri maps no files")]
fn a_file_is_mapped_and_outlives_its_name() {
    let list = List::parse(
        "l",
        Some(Category::Own),
        Some(WallTime::from_millis(1_716_249_600_000)),
        b"a.test\n",
    );
    let list = list.unwrap().list;
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&list.compile().unwrap()).unwrap();
    file.rewind().unwrap();
    let open = CompiledList::open(&file).unwrap();
    drop(file);
    assert!(open.text_bytes() < open.bytes());
    let open = List::from_compiled(open, None);
    assert_eq!(open.info(), list.info());
    assert_eq!(open.name("www.a.test"), list.name("www.a.test"));
    let empty = CompiledList::open(&tempfile::tempfile().unwrap());
    assert!(
        matches!(
            empty,
            Err(CompiledError::Map(_) | CompiledError::NotCompiled)
        ),
        "{empty:?}"
    );
}

#[test]
fn every_byte_that_is_damaged_is_found() {
    let list = parsed(EVERY_FORM);
    let bytes = list.compile().unwrap();
    let reserved_and_padding = (0..bytes.len())
        .filter(|at| {
            let mut damaged = bytes.clone();
            damaged[*at] ^= 0x20;
            let opened = CompiledList::from_bytes(damaged);
            let Ok(opened) = opened else { return false };
            let found = opened.verify().is_err();
            // Unverified, it still answers without a panic.
            let opened = List::from_compiled(opened, None);
            for asked in ["ads.example.test", "a.b.tracker.example.test", "www.zip"] {
                let _ = opened.name(asked);
            }
            for asked in ["192.0.2.7", "192.0.2.9", "2001:db8::1"] {
                let _ = opened.address(asked.parse().unwrap());
            }
            !found
        })
        .count();
    assert_eq!(reserved_and_padding, 0);
    for length in 0..bytes.len() {
        assert!(
            CompiledList::from_bytes(bytes[..length].to_vec()).is_err(),
            "{length}"
        );
    }
}

#[test]
fn errors_say_what_is_wrong() {
    let bytes = parsed(EVERY_FORM).compile().unwrap();
    let error = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = bytes.clone();
        change(&mut bytes);
        CompiledList::from_bytes(bytes).unwrap_err().to_string()
    };
    let newer = error(&|bytes| bytes[8] = 3);
    assert!(
        newer.contains("version 3") && newer.contains("reads 2"),
        "{newer}"
    );
    let older = error(&|bytes| bytes[8] = 1);
    assert!(
        older.contains("version 1") && older.contains("build it again"),
        "{older}"
    );
    let short = error(&|bytes| bytes.truncate(200));
    assert!(short.contains("has 200 bytes"), "{short}");
    let index = error(&|bytes| bytes[700] ^= 1);
    assert!(index.contains("checksum"), "{index}");
    assert!(error(&|bytes| bytes.clear()).contains("no compiled list"));
    let mut texts = bytes.clone();
    *texts.last_mut().unwrap() ^= 1;
    let open = CompiledList::from_bytes(texts).unwrap();
    let found = open.verify().unwrap_err().to_string();
    assert!(found.contains("texts"), "{found}");
}

#[test]
fn entries_whose_text_is_damaged_stay_hits_by_address_and_none_by_name() {
    let mut bytes = parsed("192.0.2.1\na.test\n").compile().unwrap();
    let at = bytes.windows(6).position(|w| w == b"a.test").unwrap();
    bytes[at] = b'b';
    let at = bytes.windows(9).position(|w| w == b"192.0.2.1").unwrap();
    bytes[at] = 0xFF;
    let open = List::from_compiled(CompiledList::from_bytes(bytes).unwrap(), None);
    let address: IpAddr = "192.0.2.1".parse().unwrap();
    assert_eq!(&*open.address(address).unwrap().entry, "\u{FFFD}92.0.2.1");
    assert_eq!(open.name("a.test"), None);
    assert_eq!(open.name("b.test"), None);
}
