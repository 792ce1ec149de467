use super::criteria;
use super::source::{FIRST_LINE, Source};
use super::*;
use crate::{List, ListSet};

const ENTRY: &str = "\
host: stats.vendor.test
claim: A laboratory saw it.
source: https://report.example.test/1
source-date: 2020-05
reply: None known.
reply-source: none
status: disputed
seen: 2020 to 2021-03
category: vendor-service
review-by: 2027-01-01
";

fn list(category: &str, entries: &str) -> String {
    format!("{FIRST_LINE}\ntitle: T\ncategory: {category}\nreviewed: 2026-01-01\n\n{entries}")
}

fn faults(text: &str) -> Vec<String> {
    match Source::read(text) {
        Ok(source) => criteria::faults(&source)
            .iter()
            .map(ToString::to_string)
            .collect(),
        Err(fault) => vec![fault.to_string()],
    }
}

#[test]
fn the_lists_that_come_with_portlog_are_good_and_only_noted() {
    for bundled in Bundled::ALL {
        assert_eq!(faults(bundled.text()), [] as [&str; 0], "{}", bundled.id());
        let parsed = List::parse(bundled.title(), None, None, bundled.text().as_bytes()).unwrap();
        assert_eq!(parsed.bad_lines, []);
        let entries = bundled.entries();
        assert_eq!(parsed.list.summary().exact_names, entries.len() as u64);
        assert!(!entries.is_empty());
        assert!(!parsed.list.info().category.may_alert());
        assert!(parsed.list.info().date.is_some());
        let lines: Vec<&str> = bundled.text().lines().collect();
        for entry in entries {
            let hit = parsed.list.name(entry.host).unwrap();
            let line = lines[usize::try_from(hit.line).unwrap() - 1];
            assert_eq!(line, format!("host: {}", entry.host));
            // One host, and none below or above it.
            assert_eq!(parsed.list.name(&format!("x.{}", entry.host)), None);
            let (_, above) = entry.host.split_once('.').unwrap();
            assert_eq!(parsed.list.name(above), None);
        }
    }
    let past = Bundled::with_id("reported").unwrap();
    assert_eq!(past.title(), "Named in past reports");
    let parsed = List::parse(past.title(), None, None, past.text().as_bytes()).unwrap();
    assert_eq!(parsed.list.info().category, Category::Reported);
    let entry = past.entries()[0];
    let hit = parsed.list.name(entry.host).unwrap();
    assert_eq!(
        &*hit.entry,
        format!(
            "{} (documented in 2014, may have changed hands)",
            entry.host
        )
    );
    // Compiled it says the same.
    let compiled = crate::CompiledList::from_bytes(parsed.list.compile().unwrap()).unwrap();
    compiled.verify().unwrap();
    assert_eq!(
        List::from_compiled(compiled, None).name(entry.host),
        Some(hit)
    );
    assert_eq!(ListSet::new(vec![parsed.list]).infos()[0].rules, 1);
}

#[test]
fn an_entry_that_lacks_something_stops_the_build() {
    assert_eq!(faults(&list("vendor-service", ENTRY)), [] as [&str; 0]);
    for line in ENTRY.lines().skip(1) {
        let (key, _) = line.split_once(':').unwrap();
        let without = ENTRY.replace(&format!("{line}\n"), "");
        let found = faults(&list("vendor-service", &without));
        assert_eq!(found, [format!("line 6: the entry lacks {key}")]);
        let empty = ENTRY.replace(line, &format!("{key}:"));
        assert_eq!(faults(&list("vendor-service", &empty)).len(), 1, "{key}");
    }
}

#[test]
fn hosts_that_phones_need_are_wide_or_serve_many_stop_the_build() {
    for (host, why) in [
        (
            "accounts.vendor.test",
            "is a host for account, which no list has",
        ),
        (
            "api.account.vendor.test",
            "is a host for account, which no list has",
        ),
        (
            "mpush-3.vendor.test",
            "is a host for push, which no list has",
        ),
        (
            "ota2.vendor.test",
            "is a host for update, which no list has",
        ),
        (
            "app-store.vendor.test",
            "is a host for store, which no list has",
        ),
        ("ntp1.vendor.test", "is a host for time, which no list has"),
        (
            "connectivitycheck.vendor.test",
            "is a host for captive-portal, which no list has",
        ),
        (
            "ocsp.vendor.test",
            "is a host for certificate-status, which no list has",
        ),
        (
            "a1.cdn.akamaiedge.net",
            "is of a content network or a cloud, which serves many",
        ),
        (
            "bucket.s3.amazonaws.com",
            "is of a content network or a cloud, which serves many",
        ),
        (
            "vendor.test",
            "is an owner's whole domain; list one host of it",
        ),
        (
            "www.vendor.test",
            "is an owner's whole domain; list one host of it",
        ),
        (
            "vendor.com.cn",
            "is an owner's whole domain; list one host of it",
        ),
        (
            "*.stats.vendor.test",
            "is not one host's name in lower case",
        ),
        (".stats.vendor.test", "is not one host's name in lower case"),
        (
            "||stats.vendor.test^",
            "is not one host's name in lower case",
        ),
        ("203.0.113.0/24", "is not one host's name in lower case"),
        ("2001:db8::1", "is not one host's name in lower case"),
        ("Stats.vendor.test", "is not one host's name in lower case"),
        (
            "203.0.113.7",
            "is an address, which changes hands; list the name",
        ),
    ] {
        let entry = ENTRY.replace("stats.vendor.test", host);
        assert_eq!(
            faults(&list("vendor-service", &entry)),
            [format!("line 6: {host} {why}")]
        );
    }
}

#[test]
fn past_reports_may_name_such_a_host_where_the_entry_says_what_it_is_for() {
    let entry = ENTRY
        .replace("stats.vendor.test", "api.account.vendor.test")
        .replace("category: vendor-service", "category: reported");
    assert_eq!(
        faults(&list("reported", &entry)),
        [
            "line 6: api.account.vendor.test is a host for account; its entry must say so (serves: account)"
        ]
    );
    assert_eq!(
        faults(&list("reported", &format!("{entry}serves: account\n"))),
        [] as [&str; 0]
    );
    for wrong in ["push", "nothing"] {
        assert_eq!(
            faults(&list("reported", &format!("{entry}serves: {wrong}\n"))).len(),
            1
        );
    }
    let other = format!("{ENTRY}serves: account\n").replace("vendor-service", "reported");
    assert_eq!(faults(&list("reported", &other)).len(), 1);
}

#[test]
fn what_is_not_well_said_stops_the_build() {
    for (from, to) in [
        ("status: disputed", "status: open"),
        (
            "source: https://report.example.test/1",
            "source: a newspaper",
        ),
        (
            "source: https://report.example.test/1",
            "source: www.report.example.test",
        ),
        ("reply-source: none", "reply-source: said so"),
        ("source-date: 2020-05", "source-date: 20-05-04"),
        ("source-date: 2020-05", "source-date: 2020-13"),
        ("seen: 2020 to 2021-03", "seen: often"),
        ("review-by: 2027-01-01", "review-by: 2027"),
        ("review-by: 2027-01-01", "review-by: 2019-01-01"),
        ("category: vendor-service", "category: tracker"),
        ("status: disputed", "status: disputed\nnote: more"),
    ] {
        let found = faults(&list("vendor-service", &ENTRY.replace(from, to)));
        assert_eq!(found.len(), 1, "{to}: {found:?}");
    }
    assert_eq!(
        faults(&list("vendor-service", &format!("{ENTRY}\n{ENTRY}"))).len(),
        1
    );
    assert_eq!(
        faults(&list("own", &ENTRY.replace("vendor-service", "own"))).len(),
        1
    );
    assert_eq!(faults("title: T\n").len(), 1);
    assert_eq!(faults(&format!("{FIRST_LINE}\nsomething\n")).len(), 1);
    assert_eq!(faults(&format!("{FIRST_LINE}\n")).len(), 4);
    assert_eq!(faults(&list("reported", "status: x\nstatus: x\n")).len(), 1);
}

#[test]
fn a_damaged_list_of_this_form_is_refused_with_the_line() {
    let error = List::parse(
        "x",
        None,
        None,
        format!("{FIRST_LINE}\nno field\n").as_bytes(),
    );
    assert_eq!(
        error.unwrap_err().to_string(),
        "line 2 of this list of Portlog's own: a line is KEY: VALUE"
    );
    let error = List::parse(
        "x",
        None,
        None,
        format!("{FIRST_LINE}\n\u{e9}")
            .as_bytes()
            .split_last()
            .unwrap()
            .1,
    );
    assert_eq!(error.unwrap_err(), Error::BundledNotUtf8);
}
