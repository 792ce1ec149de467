use std::net::IpAddr;

use portlog_model::{Category, WallTime};
use proptest::prelude::*;

use super::*;

const GOOD: &str = "portlog-pinned/1\n\
    list 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff tracker ads and more.txt\n\
    # a first attempt\n\
    resolver 192.0.2.53:853 tls\n\
    vantage Example City, a line at home\n\
    answer 2026-01-31T23:59:59Z ok 300 ads.example.test 192.0.2.7 203.0.113.9 2001:db8::7\n\
    answer 2026-02-01T00:00:00Z nxdomain - gone.example.test\n\
    vantage Other Town\n\
    answer 1970-01-01T00:00:00Z ok 0 _a-.test 198.51.100.1\n";

#[test]
fn a_file_is_read_with_the_origin_of_each_answer() {
    let file = PinnedFile::open(GOOD.as_bytes()).unwrap();
    let answers: Vec<Pinned<'_>> = file.answers().map(Result::unwrap).collect();
    let told: Vec<(u32, &str, &str, &str)> = answers
        .iter()
        .map(|pinned| {
            let outcome = pinned.answer.outcome().as_str();
            (
                pinned.line,
                pinned.answer.name(),
                outcome,
                pinned.origin.vantage(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (6, "ads.example.test", "ok", "Example City, a line at home"),
            (
                7,
                "gone.example.test",
                "nxdomain",
                "Example City, a line at home"
            ),
            (9, "_a-.test", "ok", "Other Town"),
        ]
    );
    assert!(Arc::ptr_eq(&answers[0].origin, &answers[1].origin));
    assert_eq!(answers[2].origin.resolver(), "192.0.2.53:853 tls");
    assert_eq!(
        answers[0].answer.seen(),
        WallTime::from_millis(1_769_903_999_000)
    );
    let addresses: Vec<IpAddr> = ["192.0.2.7", "203.0.113.9", "2001:db8::7"]
        .map(|address| address.parse().unwrap())
        .to_vec();
    assert_eq!(
        answers[0].answer.outcome(),
        &Outcome::Addresses {
            ttl: 300,
            addresses
        }
    );
}

#[test]
fn a_file_says_whose_names_it_has() {
    let file = PinnedFile::open(GOOD.as_bytes()).unwrap();
    let lists: Vec<PinnedList<'_>> = file.lists().collect();
    assert_eq!(lists.len(), 1);
    assert_eq!(
        (lists[0].category, lists[0].name.as_str()),
        (Category::Tracker, "ads and more.txt")
    );
    assert_eq!(lists[0].sha256.as_bytes()[..2], [0, 0x11]);
}

#[test]
fn what_is_printed_is_what_was_read() {
    let file = PinnedFile::open(GOOD.as_bytes()).unwrap();
    let mut printed = vec![HEADER.to_owned()];
    printed.extend(file.lines().map(|line| line.unwrap().1.to_string()));
    printed.push(String::new());
    assert_eq!(printed.join("\n"), GOOD);
}

#[test]
fn the_first_line_says_what_it_is() {
    let open = |bytes: &'static [u8]| PinnedFile::open(bytes).map(|_| ());
    assert_eq!(open(b"portlog-pinned/1\n"), Ok(()));
    assert_eq!(open(b"portlog-pinned/2\n"), Err(Error::OtherVersion));
    assert_eq!(open(b"portlog-pinned/10\n"), Err(Error::OtherVersion));
    assert_eq!(open(b"portlog-pinned/1"), Err(Error::OtherVersion));
    assert_eq!(open(b"portlog-pinned/1\r\n"), Err(Error::OtherVersion));
    assert_eq!(open(b""), Err(Error::NotPinned));
    assert_eq!(open(b"0.0.0.0 a.test\n"), Err(Error::NotPinned));
    assert!(PinnedFile::is_one(b"portlog-pinned/7\n"));
    assert!(!PinnedFile::is_one(b"portlog"));
}

#[test]
fn a_file_past_its_bound_is_not_read() {
    let mut bytes = b"portlog-pinned/1\n".to_vec();
    bytes.resize(MAX_BYTES + 1, b'\n');
    assert!(matches!(
        PinnedFile::open(&bytes),
        Err(Error::TooLarge { .. })
    ));
}

#[test]
fn every_line_has_one_way_to_be_written() {
    use LineError as E;
    let text = "x".repeat(201);
    let long = format!("# {}", "x".repeat(MAX_LINE));
    refused(&[
        (String::new(), E::UnknownKind),
        ("#".into(), E::UnknownKind),
        ("Resolver a".into(), E::UnknownKind),
        (" resolver a".into(), E::UnknownKind),
        (long, E::TooLong),
        ("resolver ".into(), E::BadText),
        ("resolver  a".into(), E::BadText),
        ("resolver a\r".into(), E::BadText),
        ("vantage a\tb".into(), E::BadText),
        ("vantage a\u{202e}b".into(), E::BadText),
        (format!("vantage {text}"), E::BadText),
        (format!("list {} own a", "A".repeat(64)), E::BadDigest),
        (format!("list {} own a", "a".repeat(63)), E::BadDigest),
        (format!("list {} own a", "é".repeat(32)), E::BadDigest),
        (format!("list {}", "a".repeat(64)), E::BadList),
        (format!("list {} own", "a".repeat(64)), E::BadList),
        (format!("list {} mine a", "a".repeat(64)), E::BadCategory),
        (format!("list {} own  a", "a".repeat(64)), E::BadText),
    ]);
    assert_eq!(Line::read(b"# a\xff\n"), Err(E::NotUtf8));
    assert_eq!(Line::read(b"# a"), Err(E::Torn));
    assert_eq!(Line::read(b""), Err(E::Torn));
}

#[test]
fn every_answer_has_one_way_to_be_written() {
    use LineError as E;
    let many = (0..=MAX_ADDRESSES).fold(String::new(), |all, n| format!("{all} 192.0.2.{n}"));
    let date = "2026-01-31T23:59:59Z";
    refused(&[
        (format!("answer {date} ok 1"), E::BadShape),
        (
            format!("answer {date} nodata - a.test 192.0.2.1"),
            E::BadShape,
        ),
        (format!("answer {date} nodata - a.test "), E::BadShape),
        (
            "answer 2026-01-31T23:59:59+00:00 nodata - a.test".into(),
            E::BadDate,
        ),
        (
            "answer 2026-01-31T23:59:59.5Z nodata - a.test".into(),
            E::BadDate,
        ),
        (
            "answer 2026-01-31t23:59:59z nodata - a.test".into(),
            E::BadDate,
        ),
        (
            "answer 2026-02-30T00:00:00Z nodata - a.test".into(),
            E::BadDate,
        ),
        (
            "answer 1969-12-31T23:59:59Z nodata - a.test".into(),
            E::BadDate,
        ),
        (
            format!("answer {date} OK 1 a.test 192.0.2.1"),
            E::BadOutcome,
        ),
        (format!("answer {date} ok 01 a.test 192.0.2.1"), E::BadTtl),
        (format!("answer {date} ok +1 a.test 192.0.2.1"), E::BadTtl),
        (format!("answer {date} ok - a.test 192.0.2.1"), E::BadTtl),
        (
            format!("answer {date} ok 2147483648 a.test 192.0.2.1"),
            E::BadTtl,
        ),
        (format!("answer {date} timeout 0 a.test"), E::BadTtl),
        (format!("answer {date} nodata - A.test"), E::BadName),
        (format!("answer {date} nodata - a.test."), E::BadName),
        (format!("answer {date} nodata - a..test"), E::BadName),
        (format!("answer {date} nodata - 192.0.2.1"), E::BadName),
        (format!("answer {date} nodata - bücher.test"), E::BadName),
        (
            format!("answer {date} nodata - {}.test", "x".repeat(64)),
            E::BadName,
        ),
        (format!("answer {date} ok 1 a.test"), E::NoAddress),
        (format!("answer {date} ok 1 a.test "), E::BadAddress),
        (
            format!("answer {date} ok 1 a.test 192.0.2.256"),
            E::BadAddress,
        ),
        (
            format!("answer {date} ok 1 a.test 2001:DB8::1"),
            E::BadAddress,
        ),
        (
            format!("answer {date} ok 1 a.test 2001:db8:0::1"),
            E::BadAddress,
        ),
        (
            format!("answer {date} ok 1 a.test ::ffff:192.0.2.1"),
            E::BadAddress,
        ),
        (
            format!("answer {date} ok 1 a.test 192.0.2.2 192.0.2.1"),
            E::AddressOrder,
        ),
        (
            format!("answer {date} ok 1 a.test 192.0.2.1 192.0.2.1"),
            E::AddressOrder,
        ),
        (
            format!("answer {date} ok 1 a.test{many}"),
            E::TooManyAddresses,
        ),
    ]);
}

fn refused(lines: &[(String, LineError)]) {
    for (line, error) in lines {
        let bytes = format!("{line}\n");
        assert_eq!(Line::read(bytes.as_bytes()), Err(*error), "{line:?}");
    }
}

#[test]
fn a_bad_line_costs_that_line_and_is_named() {
    let file = "portlog-pinned/1\n\
        answer 2026-01-31T23:59:59Z nodata - a.test\n\
        resolver r\n\
        vantage v\n\
        nonsense\n\
        answer 2026-01-31T23:59:59Z nodata - b.test\n\
        answer 2026-01-31T23:59:59Z no";
    let file = PinnedFile::open(file.as_bytes()).unwrap();
    let told: Vec<Result<&str, (u32, LineError)>> = file
        .answers()
        .map(|read| {
            read.map(|pinned| pinned.answer.name())
                .map_err(|bad| (bad.line, bad.error))
        })
        .collect();
    assert_eq!(
        told,
        [
            Err((2, LineError::NoOrigin)),
            Err((5, LineError::UnknownKind)),
            Ok("b.test"),
            Err((7, LineError::Torn)),
        ]
    );
}

#[test]
fn the_longest_answer_fits_its_line() {
    let name = format!("{0}.{0}.{0}.{1}", "x".repeat(63), "x".repeat(61));
    let addresses = (0..32u16)
        .map(|n| {
            IpAddr::from([
                0x2001,
                0xdb8,
                0xffff,
                0xffff,
                0xffff,
                0xffff,
                0xffff,
                0xff00 + n,
            ])
        })
        .collect();
    let outcome = Outcome::Addresses {
        ttl: i32::MAX.unsigned_abs(),
        addresses,
    };
    let answer = PinnedAnswer::new(&name, WallTime::from_millis(0), outcome).unwrap();
    let line = format!("{}\n", Line::Answer(answer.clone()));
    assert_eq!(name.len(), 253);
    assert_eq!(Line::read(line.as_bytes()), Ok(Line::Answer(answer)));
}

#[test]
fn what_cannot_be_written_cannot_be_made() {
    let new = |millis, outcome| PinnedAnswer::new("a.test", WallTime::from_millis(millis), outcome);
    assert_eq!(new(-1, Outcome::Timeout), Err(LineError::BadDate));
    assert_eq!(new(i64::MAX, Outcome::Timeout), Err(LineError::BadDate));
    let last = new(32_503_679_999_999, Outcome::Timeout).unwrap();
    assert_eq!(last.to_string(), "2999-12-31T23:59:59Z timeout - a.test");
    assert_eq!(
        new(32_503_680_000_000, Outcome::Timeout),
        Err(LineError::BadDate)
    );
    let answer = |ttl, addresses: &[&str]| {
        let addresses = addresses.iter().map(|a| a.parse().unwrap()).collect();
        new(0, Outcome::Addresses { ttl, addresses })
    };
    assert_eq!(answer(1, &[]), Err(LineError::NoAddress));
    assert_eq!(answer(1 << 31, &["192.0.2.1"]), Err(LineError::BadTtl));
    let mixed = answer(1, &["2001:db8::1", "192.0.2.1", "::ffff:192.0.2.1"]).unwrap();
    assert_eq!(
        mixed.to_string(),
        "1970-01-01T00:00:00Z ok 1 a.test 192.0.2.1 2001:db8::1"
    );
}

proptest! {
    #[test]
    fn an_answer_that_is_written_is_read(
        name in "[a-z0-9_-]{1,20}(\\.[a-z]{1,8}){1,3}",
        millis in 0_i64..32_503_680_000_000,
        ttl in 0_u32..=0x7FFF_FFFF,
        addresses in prop::collection::vec(any::<IpAddr>(), 1..=MAX_ADDRESSES),
    ) {
        let outcome = Outcome::Addresses { ttl, addresses };
        let answer = PinnedAnswer::new(&name, WallTime::from_millis(millis), outcome).unwrap();
        let line = format!("{}\n", Line::Answer(answer.clone()));
        prop_assert_eq!(Line::read(line.as_bytes()), Ok(Line::Answer(answer)));
    }

    #[test]
    fn a_line_that_is_read_is_printed_the_same(
        line in "(answer|list|resolver|vantage|#) (2026-0[1-3]-[0-3][0-9]T00:00:00Z (ok|nodata) [0-9-]{1,3} [a-b.]{1,6} 192.0.2.[0-9]{1,3}|.{0,20})",
    ) {
        let bytes = format!("{line}\n");
        if let Ok(read) = Line::read(bytes.as_bytes()) {
            prop_assert_eq!(read.to_string(), line);
        }
    }
}
