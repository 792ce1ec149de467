//! Several lists asked as one, and the explanation of an answer.

#![expect(clippy::unwrap_used, reason = "a test may end so")]

use std::net::IpAddr;

use portlog_blocklist::{List, ListSet, Query};
use portlog_model::{Category, Endpoint, HitKind, ListHit, WallTime};

fn list(name: &str, text: &str) -> List {
    List::parse(name, Some(Category::Own), None, text.as_bytes())
        .unwrap()
        .list
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

/// `list:line` of each hit.
fn places<'a>(hits: impl IntoIterator<Item = &'a ListHit>) -> Vec<String> {
    hits.into_iter()
        .map(|hit| format!("{}:{}", hit.list, hit.line))
        .collect()
}

fn address(set: &ListSet, address: &str) -> Vec<String> {
    let mut hits = Vec::new();
    set.address(ip(address), &mut hits);
    places(&hits)
}

fn name(set: &ListSet, name: &str) -> Vec<String> {
    let mut hits = Vec::new();
    set.name(name, &mut hits);
    places(&hits)
}

fn endpoint(set: &ListSet, address: &str) -> Vec<String> {
    let mut hits = Vec::new();
    set.endpoint(&Endpoint::new(ip(address), 443), &mut hits);
    places(&hits)
}

#[test]
fn a_hit_says_where_it_stands() {
    let date = WallTime::from_millis(7);
    let parsed = List::parse(
        "bench",
        Some(Category::Threat),
        Some(date),
        b"# x\n198.51.100.0/24\n",
    )
    .unwrap();
    let sha256 = parsed.list.info().sha256;
    let set = ListSet::new(vec![parsed.list]);
    let mut hits = Vec::new();
    set.address(ip("198.51.100.9"), &mut hits);
    assert_eq!(
        hits,
        [ListHit {
            list: "bench".into(),
            category: Category::Threat,
            entry: "198.51.100.0/24".into(),
            line: 2,
            list_date: Some(date),
            list_sha256: sha256,
            kind: HitKind::Network,
        }]
    );
}

#[test]
fn every_list_answers_in_the_order_given() {
    let set = ListSet::new(vec![
        list("wide", "192.0.0.0/16\na.test\n"),
        list("none", "203.0.113.1\n"),
        list(
            "narrow",
            "192.0.2.0/24\n192.0.2.1\n0.0.0.0 x.a.test\nx.a.test\n",
        ),
    ]);
    assert_eq!(address(&set, "192.0.2.1"), ["wide:1", "narrow:2"]);
    assert_eq!(address(&set, "192.0.2.2"), ["wide:1", "narrow:1"]);
    assert_eq!(address(&set, "198.51.100.1"), [] as [&str; 0]);
    assert_eq!(name(&set, "x.a.test"), ["wide:2", "narrow:3"]);
    assert_eq!(name(&set, "y.x.a.test"), ["wide:2", "narrow:4"]);
    assert_eq!(name(&set, ""), [] as [&str; 0]);
    assert_eq!(set.infos().len(), 3);
}

#[test]
fn an_exception_counts_within_its_list() {
    let set = ListSet::new(vec![
        list(
            "one",
            "||a.test^\n@@||b.a.test^\n192.0.2.0/24\n@@||192.0.2.7^\n0.0.0.0 c.b.a.test\n",
        ),
        list("two", "||b.a.test^\n192.0.2.7\n"),
    ]);
    assert_eq!(name(&set, "b.a.test"), ["two:1"]);
    assert_eq!(name(&set, "c.b.a.test"), ["two:1"], "exact entries too");
    assert_eq!(name(&set, "xb.a.test"), ["one:1"]);
    assert_eq!(address(&set, "192.0.2.7"), ["two:2"]);
    assert_eq!(address(&set, "192.0.2.8"), ["one:3"]);
}

#[test]
fn of_doubles_the_first_line_answers() {
    let set = ListSet::new(vec![list(
        "l",
        "A.test.\n*.a.test\n192.0.2.1/32\n192.0.2.1\n::ffff:192.0.2.1\n",
    )]);
    assert_eq!(set.lists()[0].summary().duplicates, 3);
    assert_eq!(name(&set, "a.test"), ["l:1"]);
    let mut hits = Vec::new();
    set.address(ip("192.0.2.1"), &mut hits);
    assert_eq!(places(&hits), ["l:3"]);
    assert_eq!(
        hits[0].kind,
        HitKind::Network,
        "it is written with a length"
    );
}

#[test]
fn a_nat64_peer_is_also_the_address_in_it() {
    let set = ListSet::new(vec![
        list("v4", "203.0.113.9\n203.0.113.0/24\n"),
        list("both", "203.0.113.0/24\n64:ff9b::203.0.113.9\n"),
        list("wide", "64:ff9b::/96\n203.0.113.0/24\n"),
    ]);
    assert_eq!(
        endpoint(&set, "64:ff9b::203.0.113.9"),
        ["v4:1", "both:2", "both:1", "wide:2", "wide:1"]
    );
    assert_eq!(
        address(&set, "64:ff9b::203.0.113.9"),
        ["both:2", "wide:1"],
        "the address alone"
    );
    assert_eq!(
        endpoint(&set, "::ffff:203.0.113.9"),
        ["v4:1", "both:1", "wide:2"]
    );
    assert_eq!(endpoint(&set, "64:ff9b:1::203.0.113.9"), [] as [&str; 0]);
}

#[test]
fn no_peer_is_in_no_list() {
    let set = ListSet::new(vec![list("all", "0.0.0.0/0\n::/0\n")]);
    assert_eq!(endpoint(&set, "0.0.0.0"), [] as [&str; 0]);
    assert_eq!(endpoint(&set, "::"), [] as [&str; 0]);
    assert_eq!(address(&set, "::ffff:0.0.0.0"), [] as [&str; 0]);
    assert_eq!(endpoint(&set, "0.0.0.1"), ["all:1"]);
    assert_eq!(endpoint(&set, "255.255.255.255"), ["all:1"]);
    assert_eq!(endpoint(&set, "::1"), ["all:2"]);
}

#[test]
fn lists_without_rules_are_empty() {
    assert!(ListSet::default().is_empty());
    assert!(ListSet::new(vec![list("l", "@@||a.test^\n")]).is_empty());
    assert!(!ListSet::new(vec![list("l", ""), list("m", "a.test\n")]).is_empty());
}

#[test]
fn an_explanation_names_what_was_taken_back_and_what_is_wider() {
    let set = ListSet::new(vec![
        list("first", "||a.test^\n||b.a.test^\n0.0.0.0 c.b.a.test\n"),
        list("second", "a.test\n@@||b.a.test^\n"),
        list("third", "other.test\n"),
        list("fourth", "@@||c.b.a.test^\n"),
    ]);
    let said = set.explain(&"C.b.a.test.".parse().unwrap());
    assert_eq!(said.query.to_string(), "c.b.a.test");
    assert_eq!(said.lists.len(), 3);
    let [first, second, fourth] = &said.lists[..] else {
        panic!()
    };
    assert_eq!(places(&first.matches), ["first:3"]);
    assert_eq!(places(&first.also), ["first:2", "first:1"]);
    assert_eq!(first.exceptions, []);
    assert!(!first.is_taken_back());
    assert_eq!(second.matches, []);
    assert_eq!(places(&second.also), ["second:1"]);
    assert_eq!(places(&second.exceptions), ["second:2"]);
    assert!(second.is_taken_back());
    assert_eq!(places(&fourth.exceptions), ["fourth:1"]);
    assert!(!fourth.is_taken_back(), "there was nothing to take back");
    assert_eq!(places(said.matches()), ["first:3"]);
}

#[test]
fn an_explanation_says_what_a_watch_would() {
    let set = ListSet::new(vec![
        list("v4", "203.0.113.9\n203.0.113.0/24\n@@||203.0.113.10^\n"),
        list("wide", "64:ff9b::/96\n203.0.113.0/24\n"),
    ]);
    for peer in [
        "64:ff9b::203.0.113.9",
        "203.0.113.9",
        "64:ff9b::203.0.113.10",
    ] {
        let said = set.explain(&peer.parse().unwrap());
        let mut hits = Vec::new();
        set.endpoint(&Endpoint::new(ip(peer), 0), &mut hits);
        assert_eq!(said.matches().cloned().collect::<Vec<_>>(), hits, "{peer}");
    }
    let said = set.explain(&"64:ff9b::203.0.113.10".parse().unwrap());
    assert!(said.lists[0].is_taken_back());
    assert_eq!(places(&said.lists[0].also), ["v4:2"]);
    assert_eq!(places(&said.lists[1].matches), ["wide:2", "wide:1"]);
    assert_eq!(set.explain(&"192.0.2.1".parse().unwrap()).lists, []);
}

#[test]
fn a_query_is_one_name_or_one_address() {
    for (text, query) in [
        ("192.0.2.1", "192.0.2.1"),
        (" 192.0.2.1\n", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:DB8::1", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("Host.Test.", "host.test"),
        ("bücher.test", "xn--bcher-kva.test"),
        ("localhost", "localhost"),
    ] {
        assert_eq!(text.parse::<Query>().unwrap().to_string(), query, "{text}");
    }
    for (text, reason) in [
        ("", "nothing was asked; give a host name or an address"),
        ("  ", "nothing was asked; give a host name or an address"),
        (
            "192.0.2.0/24",
            "a network was given; ask for one address, such as 192.0.2.0",
        ),
        (
            "192.0.2.9/24",
            "a network was given; ask for one address, such as 192.0.2.9",
        ),
        (
            "192.0.2.1:80",
            "a port is given; entries are for all ports, write 192.0.2.1",
        ),
        (
            "[2001:db8::1]:443",
            "a port is given; entries are for all ports, write 2001:db8::1",
        ),
        (
            "host.test:443",
            "a port is given; entries are for all ports, write host.test",
        ),
        (
            "https://host.test/x",
            "a URL; entries are hosts, write host.test (it covers every page of that host)",
        ),
        (
            "host.test/x",
            "a path is given; entries are hosts, write host.test (it covers every page of that host)",
        ),
        ("192.0.2.256", "192.0.2.256 is no IPv4 address"),
        (
            "192.0.2.01",
            "192.0.2.01 has an octet with a leading zero, which some programs read as octal",
        ),
        ("2001:db8::g", "2001:db8::g is no IPv6 address"),
        ("0.0.0.0", "0.0.0.0 is the address of no host"),
        (
            "fe80::1%wlan0",
            "fe80::1%wlan0 has a zone, which means nothing outside one machine; leave %… out",
        ),
        (
            "two words",
            "\"two words\" is no host name: ' ' is no character of a name",
        ),
        (
            "*.host.test",
            "\"*.host.test\" is no host name: '*' is no character of a name",
        ),
        ("a..test", "\"a..test\" is no host name: a label is empty"),
    ] {
        assert_eq!(
            text.parse::<Query>().unwrap_err().to_string(),
            reason,
            "{text}"
        );
    }
}
