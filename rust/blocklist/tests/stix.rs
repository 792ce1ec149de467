//! Indicators in STIX 2.1: each object accounted for, and answers that name what they indicate.

#![expect(clippy::unwrap_used, reason = "a test may end so")]

use std::net::IpAddr;

use portlog_blocklist::{
    CompiledList, DateSource, Digest, Error, Format, List, ListSet, PackageFacts, PackageKey,
    ParsedList,
};
use portlog_model::{Category, HitKind, Level, PackageName, WallTime, Weakening};
use proptest::prelude::*;

const BUNDLE: &[u8] = include_bytes!("../../../tests/captures/lists/indicators.stix2");

fn parse(bytes: &[u8]) -> ParsedList {
    let parsed = List::parse("indicators", None, None, bytes).unwrap();
    let summary = parsed.list.summary();
    assert_eq!(
        summary.lines,
        summary.comments + summary.rule_lines + summary.bad_lines + summary.unsupported_lines(),
        "{summary:?}"
    );
    parsed
}

fn bundle(indicators: &[&str]) -> String {
    format!(
        r#"{{"type":"bundle","id":"bundle--1","objects":[{}]}}"#,
        indicators.join(",\n")
    )
}

fn indicator(pattern: &str) -> String {
    serde_json::json!({"type": "indicator", "id": "indicator--1", "pattern": pattern}).to_string()
}

#[test]
fn every_object_is_a_rule_context_bad_or_out_of_scope_with_its_reason() {
    let parsed = parse(BUNDLE);
    let summary = parsed.list.summary();
    assert_eq!(summary.format, Format::Stix);
    assert_eq!(summary.lines, 19);
    assert_eq!(summary.comments, 3);
    assert_eq!(summary.rule_lines, 7);
    assert_eq!(summary.package_rules, 1);
    assert_eq!(
        (
            summary.domains,
            summary.exact_names,
            summary.addresses,
            summary.networks,
            summary.duplicates
        ),
        (1, 1, 2, 1, 1)
    );
    let unsupported: Vec<String> = parsed
        .unsupported
        .iter()
        .map(|line| format!("{}: {}", line.line, line.reason.as_str()))
        .collect();
    assert_eq!(
        unsupported,
        [
            "13: no-host",
            "14: expression",
            "15: pattern-language",
            "16: revoked"
        ]
    );
    let bad: Vec<String> = parsed
        .bad_lines
        .iter()
        .map(|bad| format!("{}: {}", bad.line, bad.reason))
        .collect();
    assert_eq!(
        bad,
        [
            "12: 00 is no digest of this kind",
            "17: \"not a host\" is no host name: ' ' is no character of a name",
            "18: a single label covers all of a top-level domain; write *.zip if that is meant",
            "19: the indicator has no \"pattern\" that is text",
            "23: the object has no \"type\"",
        ]
    );
}

#[test]
fn an_answer_names_what_is_indicated_since_when_and_the_indicator() {
    let list = parse(BUNDLE).list;
    assert_eq!(list.info().category, Category::Threat);
    assert_eq!(list.summary().date_from, Some(DateSource::Header));
    assert_eq!(
        list.info().date,
        Some(WallTime::from_millis(1_716_249_600_000))
    );
    let hit = list.name("www.api.example.test").unwrap();
    assert_eq!(hit.kind, HitKind::Domain);
    assert_eq!(hit.line, 6);
    assert_eq!(
        &*hit.entry,
        "api.example.test (DemoFirmware) from 2024-01-02 \
         indicator--00000000-0000-4000-8000-000000000010"
    );
    let hit = list.address("203.0.113.7".parse().unwrap()).unwrap();
    assert_eq!(
        &*hit.entry,
        "203.0.113.7 (DemoFirmware) from 2024-01-02 until 2024-06-30 \
         indicator--00000000-0000-4000-8000-000000000011"
    );
    let hit = list.address("2001:db8:1:2::3".parse().unwrap()).unwrap();
    assert_eq!(hit.kind, HitKind::Network);
    // A URL names one host, and nothing below it.
    assert!(list.name("cdn.example.test").is_some());
    assert!(list.name("x.cdn.example.test").is_none());
    let address: IpAddr = "198.51.100.9".parse().unwrap();
    assert!(list.address(address).is_some());
    for name in ["gone.example.test", "a.example.test", "example.test"] {
        assert!(list.name(name).is_none(), "{name}");
    }
}

#[test]
fn an_address_that_stands_for_a_domain_is_that_address() {
    let text = bundle(&[
        &indicator("[domain-name:value='203.0.113.7']"),
        &indicator("[domain-name:value='2001:db8::1']"),
        &indicator("[domain-name:value='203.0.113.0/24']"),
        &indicator("[domain-name:value='203.0.113.256']"),
    ]);
    let parsed = parse(text.as_bytes());
    assert_eq!(parsed.list.summary().addresses, 2);
    assert_eq!(parsed.list.summary().bad_lines, 2);
    let hit = parsed.list.address("203.0.113.7".parse().unwrap()).unwrap();
    assert_eq!(hit.kind, HitKind::Address);
}

#[test]
fn a_file_that_is_no_bundle_is_refused_with_the_reason() {
    let refused = |bytes: &[u8]| List::parse("x", None, None, bytes).unwrap_err();
    assert_eq!(refused(b"{}"), Error::NotABundle);
    assert_eq!(
        refused(br#"{"type":"report","objects":[]}"#),
        Error::NotABundle
    );
    assert_eq!(refused(br#"{"type":"bundle"}"#), Error::NotABundle);
    assert_eq!(refused(b"{\"type\":\"bundle\xff\"}"), Error::NotUtf8);
    assert_eq!(
        refused(b" {\n\"type\": \"bundle\", \"obj"),
        Error::NotJson {
            line: 2,
            column: 22
        }
    );
    let (cut, _) = BUNDLE.split_at(BUNDLE.len() / 2);
    assert!(matches!(refused(cut), Error::NotJson { .. }));
}

#[test]
fn names_that_steer_a_terminal_are_shown_escaped() {
    let text = bundle(&[
        r#"{"type":"malware","id":"m","name":"a\u001b[2J\u202eb"}"#,
        &indicator("[domain-name:value='a.example.test']"),
        r#"{"type":"relationship","relationship_type":"indicates","source_ref":"indicator--1","target_ref":"m"}"#,
    ]);
    let hit = parse(text.as_bytes()).list.name("a.example.test").unwrap();
    assert_eq!(
        &*hit.entry,
        "a.example.test (a\\u{1b}[2J\\u{202e}b) indicator--1"
    );
}

#[test]
fn a_packages_name_is_noted_and_its_certificate_or_file_is_a_match() {
    let (sha256, sha1) = ("ab".repeat(32), "cd".repeat(20));
    let patterns = [
        "[app:id='com.example.Sync']".to_owned(),
        format!("[app:cert.sha256='{}']", sha256.to_uppercase()),
        format!("[app:cert.sha1='{sha1}']"),
        format!("[file:hashes.'SHA-256'='{sha256}']"),
        format!("[app:cert.SHA-256='{sha256}']"),
        "[app:name='Sync']".to_owned(),
        "[file:path='/data/local/tmp/x']".to_owned(),
    ];
    let indicators: Vec<String> = patterns.iter().map(|pattern| indicator(pattern)).collect();
    let indicators: Vec<&str> = indicators.iter().map(String::as_str).collect();
    let text = bundle(&indicators);
    let parsed = parse(text.as_bytes());
    let summary = parsed.list.summary();
    assert_eq!((summary.rules(), summary.package_rules), (0, 4));
    assert_eq!((summary.duplicates, summary.unsupported_lines()), (1, 2));
    assert_eq!(parsed.list.info().rules, 4);
    // Compiled it says the same.
    let compiled = CompiledList::from_bytes(parsed.list.compile().unwrap()).unwrap();
    compiled.verify().unwrap();
    let compiled = List::from_compiled(compiled, None);
    assert_eq!(compiled.summary(), summary);
    for list in [parsed.list, compiled] {
        let lists = ListSet::new(vec![list]);
        let said = |package: &str, signers: &[&str], files: &[&str]| -> Vec<(HitKind, Level)> {
            let digests = |of: &[&str]| -> Vec<Digest> {
                of.iter().map(|text| Digest::new(text).unwrap()).collect()
            };
            let facts = PackageFacts {
                package: &PackageName::new(package).unwrap(),
                signers: &digests(signers),
                files: &digests(files),
            };
            let matches = lists.package(facts);
            matches.iter().map(|it| (it.hit.kind, it.level)).collect()
        };
        assert_eq!(said("org.example.other", &[], &[]), []);
        assert_eq!(
            said("com.example.Sync", &[], &[]),
            [(HitKind::Package, Level::Noted)]
        );
        // Names of packages are told apart by case.
        assert_eq!(said("com.example.sync", &[], &[]), []);
        assert_eq!(
            said("org.example.renamed", &[&sha256], &[]),
            [(HitKind::Signer, Level::Match)]
        );
        assert_eq!(
            said("com.example.Sync", &[&sha1], &[&sha256]),
            [
                (HitKind::File, Level::Match),
                (HitKind::Signer, Level::Match),
                (HitKind::Package, Level::Noted)
            ]
        );
        // A certificate's digest is no file's, even where both are listed.
        assert_eq!(said("org.example.other", &[], &[&sha1]), []);
        let name = PackageKey::Name(PackageName::new("com.example.Sync").unwrap());
        let [it] = &lists.package_key(&name)[..] else {
            panic!("one entry");
        };
        assert_eq!(it.weakened, [Weakening::PackageNameAlone]);
        assert_eq!(&*it.hit.entry, "com.example.Sync indicator--1");
        // And no address or name is hit by such a rule.
        assert_eq!(lists.lists()[0].name("com.example.sync"), None);
    }
    let tracker = List::parse("x", Some(Category::Tracker), None, text.as_bytes()).unwrap();
    let signer = PackageKey::Signer(Digest::new(&sha256).unwrap());
    assert_eq!(
        tracker.list.package_key(&signer).unwrap().level,
        Level::Noted
    );
}

proptest! {
    #[test]
    fn no_pattern_panics_and_each_is_counted(pattern in "\\PC{0,60}") {
        let parsed = parse(bundle(&[&indicator(&pattern)]).as_bytes());
        prop_assert_eq!(parsed.list.summary().lines, 1);
    }

    #[test]
    fn a_name_in_a_pattern_is_found(name in "[a-z]{1,10}\\.[a-z]{2,5}\\.test") {
        let text = bundle(&[&indicator(&format!("[domain-name:value='{name}']"))]);
        let parsed = parse(text.as_bytes());
        prop_assert!(parsed.list.name(&name).is_some());
        let below = format!("x.{name}");
        prop_assert!(parsed.list.name(&below).is_some());
    }
}
