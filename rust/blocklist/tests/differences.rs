//! What became another from one state of a list to the next.

#![expect(clippy::unwrap_used, reason = "a test may end so")]

use portlog_blocklist::{CompiledList, DiffCounts, List, diff};

const OLD: &str = "\
# Date: 2024-05-21
0.0.0.0 same.example.test wider.example.test
gone.example.test
||excepted.example.test^
@@||kept.example.test^
192.0.2.7
192.0.2.0/24
2001:db8::1
@@||198.51.100.1^
203.0.113.9
";

const NEW: &str = "\
||wider.example.test^
@@||excepted.example.test^
||excepted.example.test^
@@||KEPT.example.test.^
new.example.test
bücher.test
0.0.0.0   Same.Example.TEST
192.0.2.0/25
::ffff:192.0.2.7
2001:db8:0::1
||198.51.100.1^
||203.0.113.9^
";

fn list(text: &str) -> List {
    List::parse("x", None, None, text.as_bytes()).unwrap().list
}

fn compiled(text: &str) -> List {
    let bytes = list(text).compile().unwrap();
    List::from_compiled(CompiledList::from_bytes(bytes).unwrap(), None)
}

fn told(old: &List, new: &List) -> (Vec<String>, DiffCounts) {
    let mut lines = Vec::new();
    let (old, new) = (std::slice::from_ref(old), std::slice::from_ref(new));
    let counts = diff(old, new, |it| {
        let side = |side: Option<portlog_blocklist::DiffSide>| {
            side.map_or("-".to_owned(), |it| format!("{}:{}", it.line, it.kinds))
        };
        lines.push(format!("{} {} {}", it.subject, side(it.old), side(it.new)));
    });
    (lines, counts)
}

#[test]
fn rules_are_compared_by_what_they_mean() {
    let (lines, counts) = told(&list(OLD), &list(NEW));
    assert_eq!(
        lines,
        [
            "192.0.2.0/24 7:network -",
            "192.0.2.0/25 - 8:network",
            "198.51.100.1 9:exception 11:address",
            "excepted.example.test 4:domain 2:domain and exception",
            "gone.example.test 3:domain -",
            "new.example.test - 5:domain",
            "wider.example.test 2:exact 1:domain",
            "xn--bcher-kva.test - 6:domain",
        ]
    );
    assert_eq!(
        counts,
        DiffCounts {
            added: 3,
            removed: 2,
            changed: 3,
            same: 5
        }
    );
}

#[test]
fn a_compiled_list_is_the_same_as_what_it_was_built_from() {
    for text in [OLD, NEW] {
        let (lines, counts) = told(&list(text), &compiled(text));
        assert_eq!(lines, [] as [&str; 0]);
        assert!(counts.same >= 9);
    }
    let parsed = told(&list(OLD), &list(NEW));
    assert_eq!(told(&compiled(OLD), &list(NEW)), parsed);
    assert_eq!(told(&compiled(OLD), &compiled(NEW)), parsed);
}

#[test]
fn indicators_are_compared_whatever_stands_beside_them() {
    let bundle = |name: &str, patterns: &[&str]| {
        let mut text = r#"{"type":"bundle","objects":["#.to_owned();
        for pattern in patterns {
            let indicator = serde_json::json!({
                "type": "indicator",
                "id": format!("indicator--{name}"),
                "name": name,
                "pattern": format!("[{pattern}]"),
            });
            text.push_str(&indicator.to_string());
            text.push(',');
        }
        text.push_str(r#"{"type":"malware"}]}"#);
        list(&text)
    };
    let old = bundle(
        "a",
        &[
            "domain-name:value='a.test.test'",
            "ipv4-addr:value='192.0.2.1'",
            "app:id='com.example.a'",
        ],
    );
    let new = bundle(
        "b",
        &[
            "ipv4-addr:value='192.0.2.1'",
            "app:id='com.example.b'",
            "url:value='https://a.test.test/x'",
        ],
    );
    let (lines, counts) = told(&old, &new);
    assert_eq!(
        lines,
        [
            "a.test.test 1:domain 1:exact",
            "com.example.a 1:package -",
            "com.example.b - 1:package",
        ]
    );
    assert_eq!(counts.same, 1);
}
