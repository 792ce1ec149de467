//! Each format, from files: every line accounted for, with its reason where it is no rule.

#![expect(clippy::unwrap_used, reason = "a test may end so")]

use portlog_blocklist::{DateSource, Error, Format, List, ParsedList, Unsupported};
use portlog_model::{Category, WallTime};

const HOSTS: &[u8] = include_bytes!("../../../tests/captures/lists/hosts.txt");
const DOMAINS: &[u8] = include_bytes!("../../../tests/captures/lists/domains.txt");
const ADBLOCK: &[u8] = include_bytes!("../../../tests/captures/lists/adblock.txt");
const NETWORKS: &[u8] = include_bytes!("../../../tests/captures/lists/networks.txt");
const MIXED: &[u8] = include_bytes!("../../../tests/captures/lists/mixed-crlf-bom.txt");
const UTF16: &[u8] = include_bytes!("../../../tests/captures/lists/utf16.txt");
const HOSTILE: &[u8] = include_bytes!("../../../tests/captures/lists/hostile.txt");

const MIDNIGHT: WallTime = WallTime::from_millis(1_716_249_600_000); // 2024-05-21T00:00:00Z
const NOON: WallTime = WallTime::from_millis(1_716_294_000_000); // 2024-05-21T12:20:00Z

fn parse(bytes: &[u8]) -> ParsedList {
    let parsed = List::parse("list", None, None, bytes).unwrap();
    let summary = parsed.list.summary();
    assert_eq!(
        summary.lines,
        summary.blank
            + summary.comments
            + summary.rule_lines
            + summary.local_lines
            + summary.bad_lines
            + summary.unsupported_lines(),
        "{summary:?}"
    );
    parsed
}

/// `12: reason` for each bad line.
fn bad(parsed: &ParsedList) -> Vec<String> {
    parsed
        .bad_lines
        .iter()
        .map(|bad| format!("{}: {}", bad.line, bad.reason))
        .collect()
}

/// `12: word` for each unsupported line.
fn unsupported(parsed: &ParsedList) -> Vec<String> {
    parsed
        .unsupported
        .iter()
        .map(|line| format!("{}: {}", line.line, line.reason.as_str()))
        .collect()
}

/// `line entry` of the answer for a name, or nothing.
fn name(parsed: &ParsedList, name: &str) -> Option<String> {
    parsed
        .list
        .name(name)
        .map(|hit| format!("{} {}", hit.line, hit.entry))
}

/// `line entry kind` of the answer for an address, or nothing.
fn address(parsed: &ParsedList, address: &str) -> Option<String> {
    parsed
        .list
        .address(address.parse().unwrap())
        .map(|hit| format!("{} {} {}", hit.line, hit.entry, hit.kind))
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "it stands beside answers that may be none"
)]
fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn a_hosts_file_lists_names_exactly() {
    let parsed = parse(HOSTS);
    let summary = parsed.list.summary();
    assert_eq!(summary.format, Format::Hosts);
    assert_eq!(parsed.list.info().category, Category::Tracker);
    assert!(!summary.category_given);
    assert_eq!(parsed.list.info().date, Some(NOON));
    assert_eq!(summary.date_from, Some(DateSource::Header));
    assert_eq!(summary.local_lines, 8);
    // ads, metrics, beacon, tracker, six, short, and the good one of a bad line.
    assert_eq!(summary.exact_names, 7);
    assert_eq!(summary.rules(), 7);
    assert_eq!(summary.duplicates, 1);
    assert_eq!(summary.rule_lines, 6);
    assert_eq!(unsupported(&parsed), ["20: redirect"]);
    assert_eq!(
        bad(&parsed),
        [
            "21: \"bad..example.test\" is no host name: a label is empty",
            "22: 203.0.113.9 stands where a name should; write an address on a line of its own",
            "23: \"*.wild.example.test\" is no host name: '*' is no character of a name",
            "24: 0.0.0.0.0 is no IPv4 address",
        ]
    );

    assert_eq!(
        name(&parsed, "ads.example.test"),
        some("14 ads.example.test")
    );
    assert_eq!(name(&parsed, "x.ads.example.test"), None);
    assert_eq!(name(&parsed, "example.test"), None);
    assert_eq!(
        name(&parsed, "beacon.example.test"),
        some("15 beacon.example.test")
    );
    assert_eq!(
        name(&parsed, "TRACKER.example.test."),
        some("16 Tracker.Example.TEST.")
    );
    assert_eq!(
        name(&parsed, "six.example.test"),
        some("17 six.example.test")
    );
    assert_eq!(
        name(&parsed, "good.example.test"),
        some("21 good.example.test")
    );
    assert_eq!(name(&parsed, "mirror.example.test"), None);
    assert_eq!(name(&parsed, "localhost"), None);
    assert_eq!(address(&parsed, "127.0.0.1"), None);
    assert_eq!(address(&parsed, "203.0.113.9"), None);
}

#[test]
fn a_column_of_domains_lists_names_and_what_is_below() {
    let parsed = parse(DOMAINS);
    let summary = parsed.list.summary();
    assert_eq!(summary.format, Format::Domains);
    assert_eq!(parsed.list.info().category, Category::Own);
    assert_eq!(parsed.list.info().date, Some(MIDNIGHT));
    assert_eq!(summary.domains, 7);
    assert_eq!(summary.duplicates, 1);
    assert_eq!(unsupported(&parsed), ["17: wildcard"]);
    assert_eq!(
        bad(&parsed),
        [
            "9: a single label covers all of a top-level domain; write *.zip if that is meant",
            "12: several words, and the first is no address; write one entry a line",
            "13: a URL; entries are hosts, write page.test (it covers every page of that host)",
            "14: a path is given; entries are hosts, write path.test (it covers every page of that host)",
            "15: a port is given; entries are for all ports, write port.test",
            "16: \"ends.in.256\" is no host name: it ends in a number, as addresses do, and is none",
        ]
    );

    assert_eq!(name(&parsed, "collector.test"), some("3 collector.test"));
    assert_eq!(
        name(&parsed, "a.b.collector.test"),
        some("3 collector.test")
    );
    assert_eq!(name(&parsed, "notcollector.test"), None);
    assert_eq!(
        name(&parsed, "a.sub.collector.test"),
        some("4 Sub.Collector.test.")
    );
    assert_eq!(name(&parsed, "wild.test"), some("5 *.wild.test"));
    assert_eq!(name(&parsed, "a.wild.test"), some("5 *.wild.test"));
    assert_eq!(name(&parsed, "a.dotted.test"), some("6 .dotted.test"));
    assert_eq!(name(&parsed, "xn--bcher-kva.test"), some("7 bücher.test"));
    assert_eq!(name(&parsed, "www.BÜCHER.test"), some("7 bücher.test"));
    assert_eq!(name(&parsed, "any.zip"), some("10 *.zip"));
    assert_eq!(
        name(&parsed, "a.under_score.test"),
        some("11 under_score.test")
    );
    assert_eq!(name(&parsed, "test"), None);
}

#[test]
fn an_adblock_list_gives_its_hosts_and_exceptions() {
    let parsed = parse(ADBLOCK);
    let summary = parsed.list.summary();
    assert_eq!(summary.format, Format::Mixed, "one bare domain");
    assert_eq!(parsed.list.info().category, Category::Tracker);
    assert_eq!(parsed.list.info().date, Some(NOON));
    assert_eq!((summary.domains, summary.addresses), (5, 2));
    assert_eq!(summary.exceptions, 2);
    assert_eq!(
        unsupported(&parsed),
        [
            "13: options",
            "14: options",
            "15: path",
            "16: open",
            "17: wildcard",
            "18: port",
            "19: pattern",
            "20: pattern",
            "21: pattern",
            "22: cosmetic",
            "23: cosmetic",
            "24: cosmetic",
            "25: cosmetic",
            "26: cosmetic",
            "27: cosmetic",
            "28: directive",
        ]
    );
    assert_eq!(summary.unsupported.get(&Unsupported::Cosmetic), Some(&6));
    assert_eq!(
        bad(&parsed),
        ["30: \"bad..test\" is no host name: a label is empty"]
    );

    assert_eq!(name(&parsed, "x.ads.test"), some("5 ||ads.test^"));
    assert_eq!(name(&parsed, "good.ads.test"), None);
    assert_eq!(name(&parsed, "very.good.ads.test"), None);
    assert_eq!(name(&parsed, "wide.test"), some("6 ||*.wide.test^"));
    assert_eq!(name(&parsed, "closed.test"), some("7 ||closed.test^|"));
    assert_eq!(name(&parsed, "any.zip"), some("12 ||zip^"));
    assert_eq!(name(&parsed, "bare.test"), some("29 bare.test"));
    for unlisted in [
        "option.test",
        "path.test",
        "open.test",
        "page.test",
        "port.test",
    ] {
        assert_eq!(name(&parsed, unlisted), None, "{unlisted}");
    }
    assert_eq!(
        address(&parsed, "192.0.2.1"),
        some("9 ||192.0.2.1^ address")
    );
    assert_eq!(
        address(&parsed, "2001:db8::1"),
        some("10 ||[2001:db8::1]^ address")
    );
}

#[test]
fn networks_answer_with_the_longest_prefix() {
    let parsed = parse(NETWORKS);
    let summary = parsed.list.summary();
    assert_eq!(summary.format, Format::Addresses);
    assert_eq!(parsed.list.info().category, Category::Own);
    assert_eq!((summary.addresses, summary.networks), (4, 5));
    assert_eq!(summary.duplicates, 1);
    assert_eq!(
        bad(&parsed),
        [
            "13: bits are set behind the network's length; the network is 192.0.2.0/24",
            "14: a netmask instead of a length; write 192.0.2.0/24",
            "15: 192.0.2.01 has an octet with a leading zero, which some programs read as octal",
            "16: 192.0.2.256 is no IPv4 address",
            "17: a range of addresses; write it as networks (ADDRESS/LENGTH)",
            "18: a port is given; entries are for all ports, write 192.0.2.1",
            "19: bits are set behind the network's length; the network is 2001:db8::/32",
            "20: fe80::1%wlan0 has a zone, which means nothing outside one machine; leave %… out",
            "21: /33 is no length of a network; 0 to 32 is",
            "22: 0.0.0.0 is the address of no host",
            "23: 2001:db8:::1 is no IPv6 address",
        ]
    );

    assert_eq!(address(&parsed, "192.0.2.1"), some("3 192.0.2.1 address"));
    assert_eq!(
        address(&parsed, "192.0.2.2"),
        some("4 192.0.2.0/24 network")
    );
    assert_eq!(
        address(&parsed, "192.0.3.1"),
        some("5 192.0.0.0/16 network")
    );
    assert_eq!(address(&parsed, "192.1.0.0"), None);
    assert_eq!(address(&parsed, "198.51.100.128"), None);
    assert_eq!(
        address(&parsed, "::ffff:192.0.2.1"),
        some("3 192.0.2.1 address")
    );
    assert_eq!(
        address(&parsed, "203.0.113.5"),
        some("10 ::ffff:203.0.113.5 address")
    );
    assert_eq!(
        address(&parsed, "203.0.113.255"),
        some("11 ::ffff:203.0.113.128/121 network")
    );
    assert_eq!(
        address(&parsed, "2001:db8::2"),
        some("8 [2001:db8::2] address")
    );
    assert_eq!(
        address(&parsed, "2001:db8:1::"),
        some("9 2001:db8::/32 network")
    );
    assert_eq!(address(&parsed, "2001:db9::"), None);
}

#[test]
fn a_mixed_file_is_read_line_by_line() {
    let parsed = parse(MIXED);
    let info = parsed.list.info();
    assert_eq!(parsed.list.summary().format, Format::Mixed);
    assert_eq!((info.rules, info.bad_lines), (5, 0));
    assert_eq!(info.date, Some(MIDNIGHT), "behind the byte order mark");
    // Three plain rules, two and an exception of blockers: at a tie the category that claims less.
    assert_eq!(info.category, Category::Tracker);
    assert_eq!(name(&parsed, "exact.test"), some("2 exact.test"));
    assert_eq!(name(&parsed, "a.exact.test"), None);
    assert_eq!(name(&parsed, "a.domain.test"), some("3 domain.test"));
    assert_eq!(name(&parsed, "free.domain.test"), None);
    assert_eq!(name(&parsed, "a.adblock.test"), some("4 ||adblock.test^"));
    assert_eq!(
        address(&parsed, "203.0.113.7"),
        some("6 203.0.113.7 address")
    );
    assert_eq!(
        address(&parsed, "203.0.113.8"),
        some("7 203.0.113.0/24 network")
    );
}

#[test]
fn a_hostile_file_costs_its_lines() {
    let parsed = parse(HOSTILE);
    assert_eq!(
        bad(&parsed),
        [
            "1: \"a.test\\u{0}b.test\" is no host name: '\\0' is no character of a name",
            "2: the line is not UTF-8 text",
            "3: the line is longer than 65536 bytes",
            "4: the line is longer than 2048 bytes",
            "6: \"\\u{1b}[2Jclear.test\" is no host name: '\\u{1b}' is no character of a name",
            "7: \"a\\u{202e}b.test\" is no host name: it has no ASCII form (IDNA)",
            &format!(
                "8: \"{}…\" is no host name: a label is empty",
                ".".repeat(80)
            ),
            "9: /99999999999999999999 is no length of a network; 0 to 32 is",
            "10: \"\\u{1}\" is no host name: '\\u{1}' is no character of a name",
            "11: \"\\u{0}\" is no host name: '\\0' is no character of a name",
            "14: \"\" is no host name: it is empty",
            "15: [ is no IPv6 address",
            "16: \"]\" is no host name: ']' is no character of a name",
            "18: \"\" is no host name: it is empty",
            "19: \"\" is no host name: it is empty",
            "21: \"%\" is no host name: '%' is no character of a name",
            "22: bits are set behind the network's length; the network is ::fffe:0:0/95",
            "23: several words, and the first is no address; write one entry a line",
        ]
    );
    assert_eq!(
        parsed.list.summary().comments,
        1,
        "bytes in a comment do not matter"
    );
    assert_eq!(parsed.list.summary().lines, 23);
}

#[test]
fn a_file_that_is_no_list_says_so() {
    for (bytes, error) in [
        (UTF16, Error::Utf16),
        (b"\xfe\xff\0a", Error::Utf16),
        (b"\xff\xfe\0\0a\0\0\0", Error::Utf16),
        (b"\0\0\xfe\xff\0\0\0a", Error::Utf16),
        (b"\x1f\x8b\x08\0", Error::Compressed),
        (b"PK\x03\x04", Error::Compressed),
        (b"\xfd7zXZ\0", Error::Compressed),
        (b"BZh91AY&SY", Error::Compressed),
        (b"\x28\xb5\x2f\xfd", Error::Compressed),
    ] {
        assert_eq!(List::parse("l", None, None, bytes).unwrap_err(), error);
    }
    assert_eq!(
        Error::Utf16.to_string(),
        "the file is UTF-16 or UTF-32 text; save it as UTF-8"
    );
}

#[test]
fn an_empty_file_is_a_list_without_rules() {
    for bytes in [
        &b""[..],
        b"\n",
        b"\r\n\r\n",
        b"# nothing\n",
        b"\xef\xbb\xbf",
    ] {
        let parsed = parse(bytes);
        assert_eq!(parsed.list.info().rules, 0);
        assert_eq!(parsed.list.info().bad_lines, 0);
        assert_eq!(parsed.list.info().category, Category::Own);
        assert_eq!(parsed.list.summary().format, Format::Empty);
    }
}

#[test]
fn the_digest_is_over_the_bytes_as_read() {
    // RFC 6234, TEST1: "abc".
    let parsed = List::parse("l", None, None, b"abc").unwrap();
    assert_eq!(
        parsed.list.info().sha256.to_string(),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
    let plain = parse(b"a.test\n").list.info().sha256;
    assert_ne!(plain, parse(b"a.test\r\n").list.info().sha256);
    assert_ne!(plain, parse(b"\xef\xbb\xbfa.test\n").list.info().sha256);
}

#[test]
fn a_given_category_and_the_files_date_hold_where_the_list_says_nothing() {
    let date = Some(WallTime::from_millis(5));
    let parsed = List::parse("l", Some(Category::Threat), date, b"0.0.0.0 a.test\n").unwrap();
    assert_eq!(parsed.list.info().category, Category::Threat);
    assert!(parsed.list.summary().category_given);
    assert_eq!(parsed.list.info().date, date);
    assert_eq!(parsed.list.summary().date_from, Some(DateSource::File));

    let parsed = List::parse("l", None, date, b"# Date: 2024-05-21\na.test\n").unwrap();
    assert_eq!(parsed.list.info().date, Some(MIDNIGHT));
    assert_eq!(parsed.list.summary().date_from, Some(DateSource::Header));

    let late = format!("{}# Date: 2024-05-21\n", "a.test\n".repeat(200));
    let parsed = List::parse("l", None, date, late.as_bytes()).unwrap();
    assert_eq!(
        parsed.list.info().date,
        date,
        "a comment far below is no header"
    );
}

#[test]
fn the_category_follows_from_most_of_the_rules() {
    for (bytes, category) in [
        (&b"a.test\nb.test\n||c.test^\n"[..], Category::Own),
        (b"a.test\n||b.test^\n||c.test^\n", Category::Tracker),
        (b"192.0.2.1\n0.0.0.0 a.test\n", Category::Tracker),
        (b"192.0.2.0/24\n", Category::Own),
        (b"[Adblock Plus 2.0]\n##.advert\n", Category::Tracker),
        (b"0.0.0.0 a.test b.test\nc.test\n", Category::Tracker),
    ] {
        let list = parse(bytes).list;
        assert_eq!(list.info().category, category, "{list:?}");
    }
}

#[test]
fn reports_are_bounded_and_counts_are_not() {
    let bytes = "bad..test\nads*.test\n".repeat(3_000);
    let parsed = parse(bytes.as_bytes());
    assert_eq!(parsed.bad_lines.len(), List::MAX_REPORTED_LINES);
    assert_eq!(parsed.unsupported.len(), List::MAX_REPORTED_LINES);
    assert_eq!(parsed.list.info().bad_lines, 3_000);
    assert_eq!(parsed.list.summary().unsupported_lines(), 3_000);
}

#[test]
fn a_comment_of_a_plain_list_is_no_cosmetic_rule() {
    let parsed = parse(b"##Section\n#@#x\na.test#comment\nb.test ## comment\nc.test ! comment\n");
    assert_eq!(parsed.list.summary().comments, 2);
    assert_eq!(parsed.list.summary().domains, 3);
    assert_eq!(parsed.list.summary().unsupported_lines(), 0);
}

#[test]
fn comments_stand_behind_every_kind_of_entry() {
    let parsed = parse(
        b"0.0.0.0 a.test#x\n0.0.0.0 b.test # x\n192.0.2.0/24;SBL\n192.0.2.1 ; x\n||c.test^ # x\n||d.test^ ! x\n",
    );
    assert_eq!(parsed.bad_lines, []);
    assert_eq!(parsed.unsupported, []);
    let info = parsed.list.info();
    assert_eq!(info.rules, 6);
    assert_eq!(name(&parsed, "a.test"), some("1 a.test"));
    assert_eq!(name(&parsed, "c.test"), some("5 ||c.test^"));
    assert_eq!(
        address(&parsed, "192.0.2.2"),
        some("3 192.0.2.0/24 network")
    );
}
