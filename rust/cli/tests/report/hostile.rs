//! Files that were made to harm the page: they stay harmless, and the page bounded.

use portlog_journal::UtcOffset;
use portlog_journal::entry::Kind;
use portlog_journal::entry::Value;
use portlog_model::{BootTime, Moment, WallTime};

use crate::dom::{Dom, attributes, name, within};
use crate::logs::{
    Desk, TestLog, about, alert, device, empty, entry, full, heartbeat, packages, started,
};

const LURES: [&str; 6] = [
    "<script>document.title='run'</script>",
    "\"><img src=x onerror=\"document.title='run'\">",
    "</style><svg onload=document.title='run'>",
    "javascript:document.title='run'",
    "&lt;b&gt; &#x3c;b&#x3e; ]]> --> <!--",
    "\u{5d0}\u{5d1}\u{5d2} 443:7.113.0.203 \u{627}\u{644}",
];

/// A log with lures in every field that takes text.
pub(crate) fn lures() -> TestLog {
    let mut log = empty(7);
    let all = LURES.join(" ");
    log.append(&entry(
        Kind::Started,
        1,
        &[
            ("version", &all),
            ("provenance", "live"),
            ("platform", "android"),
            ("case", &all),
            ("operator", LURES[1]),
            ("scope", "firmware"),
            ("interval_ms", "1000"),
            ("packages_overridden", "yes"),
        ],
    ))
    .unwrap();
    log.append(&device(1, LURES[0])).unwrap();
    log.append(&device(2, LURES[1])).unwrap();
    let owner = format!("10012 app yes - com.example.sync {}", LURES[0]);
    let owners = log.append(&packages(3, &[&owner])).unwrap();
    for (number, lure) in (1..).zip(LURES) {
        let connection = (
            number,
            "tcp",
            "203.0.113.7:80",
            "established",
            "out",
            "10012",
            owners,
        );
        log.append(&alert(
            4,
            connection,
            "match",
            &[
                ("list", lure),
                ("entry", lure),
                ("names", lure),
                ("program", lure),
            ],
        ))
        .unwrap();
        log.append(&entry(Kind::Mark, 5, &[("text", lure)]))
            .unwrap();
        log.append(&entry(
            Kind::Gap,
            6,
            &[("reason", "fault"), ("detail", lure), ("from", "@5")],
        ))
        .unwrap();
        log.append(&entry(
            Kind::Coverage,
            6,
            &[("table", "tcp"), ("status", "denied"), ("detail", lure)],
        ))
        .unwrap();
        log.append(&entry(
            Kind::List,
            6,
            &[("name", lure), ("category", "own")],
        ))
        .unwrap();
    }
    log.append(&heartbeat(900, 890, 10, 0)).unwrap();
    log.commit().unwrap();
    log
}

#[test]
fn markup_in_values_is_text() {
    let desk = Desk::new();
    let page = desk.page(&full(&lures(), &|_, _, _| true), &[]);
    let dom = Dom::new(&page);
    assert_eq!(dom.faults(), Vec::<String>::new());
    for element in dom.elements() {
        let name = name(&element);
        assert!(!matches!(name.as_str(), "script" | "img" | "b"), "{name}");
        for (attribute, _) in attributes(&element) {
            assert!(!attribute.starts_with("on"), "{attribute}");
        }
    }
    let body = crate::dom::text(&dom.named("body")[0]);
    for lure in LURES {
        assert!(body.contains(lure), "{lure}");
    }
    assert!(
        dom.text_of("limits")
            .contains("the list of packages was given by hand")
    );
}

#[test]
fn a_files_name_is_text_too_and_one_word_of_a_shell() {
    let desk = Desk::new();
    let name_of_file = "<b>'\u{202e}$(x)`.portlog.txt";
    desk.put(name_of_file, full(&lures(), &|_, _, _| true).as_bytes());
    let output = desk.run(name_of_file, &[]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let page = std::fs::read_to_string(desk.path("report.html")).unwrap();
    assert!(!page.contains('\u{202e}') && !page.contains("<b>"));
    let dom = Dom::new(&page);
    assert!(
        dom.text_of("check")
            .contains("sha256sum '<b>'\\''\u{fffd}$(x)`.portlog.txt'")
    );
}

#[test]
fn huge_values_are_cut_and_it_is_said_how_much_is_missing() {
    let mut log = empty(8);
    log.append(&started(1, "live")).unwrap();
    let huge = "x".repeat(8_000);
    log.append(&device(1, &huge)).unwrap();
    let many: Vec<String> = (0..300).map(|it| format!("com.example.p{it}")).collect();
    let shared = format!("1000 shared yes - {} -", many.join(","));
    let owners = log.append(&packages(2, &[&shared])).unwrap();
    let connection = (
        1,
        "tcp",
        "203.0.113.7:80",
        "established",
        "out",
        "1000",
        owners,
    );
    log.append(&alert(3, connection, "match", &[("names", &huge)]))
        .unwrap();
    let piled = format!("Z{}", "\u{30d}".repeat(2_000));
    log.append(&entry(Kind::Mark, 4, &[("text", &piled)]))
        .unwrap();
    log.commit().unwrap();
    let page = Desk::new().page(&full(&log, &|_, _, _| true), &[]);
    assert!(page.contains("7600 more characters; the file has them"));
    assert!(page.contains("one of 300 packages") && page.contains("and 240 more packages"));
    assert!(!page.contains(&"\u{30d}".repeat(5)));
    assert!(page.len() < 200_000, "{}", page.len());
}

#[test]
fn a_hundred_thousand_entries_make_a_page_of_bounded_size_that_counts_the_rest() {
    let mut log = empty(9);
    log.append(&started(1, "live")).unwrap();
    let owners = log
        .append(&packages(2, &["10012 app yes - com.example.sync Sync"]))
        .unwrap();
    for number in 0..100_000_u64 {
        let at = i64::try_from(number).unwrap() / 10 + 3;
        let [_, high, middle, low] = u32::try_from(number).unwrap().to_be_bytes();
        let remote = format!(
            "198.51.{}.{}:{}",
            high.wrapping_add(middle),
            low,
            1 + number % 60_000
        );
        let connection = (
            number,
            "tcp",
            remote.as_str(),
            "established",
            "out",
            "10012",
            owners,
        );
        let entry = match number % 20 {
            0 => alert(at, connection, "match", &[("entry", &remote)]),
            1 => alert(at, connection, "noted", &[("entry", &remote)]),
            2 => about(Kind::Opened, at, connection),
            _ => entry(Kind::Mark, at, &[("text", &remote)]),
        };
        log.append(&entry).unwrap();
    }
    log.commit().unwrap();
    let desk = Desk::new();
    let begun = std::time::Instant::now();
    let page = desk.page(&full(&log, &|_, _, _| true), &[]);
    assert!(page.len() < 1_500_000, "{}", page.len());
    assert!(begun.elapsed().as_secs() < 120, "{:?}", begun.elapsed());
    let dom = Dom::new(&page);
    assert_eq!(dom.named("article").len(), 40);
    assert!(dom.elements().len() < 20_000);
    // 5,000 matches and as many that are noted, all of different entries; and marks.
    assert!(page.contains("4960 more rows are not on this page; the file has them."));
    assert!(page.contains("4900 more rows are not on this page; the file has them."));
    assert!(page.contains("84900 more rows are not on this page; the file has them."));
    assert!(within(&dom.by_id("timeline"), "line").len() < 600);
}

#[test]
fn clocks_gone_mad_do_no_harm() {
    let mut log = empty(10);
    log.append(&started(1, "live")).unwrap();
    let zone = UtcOffset::from_minutes(-1_439).unwrap();
    for wall in [0, 253_402_214_400_000] {
        let moment = Moment {
            wall: WallTime::from_millis(wall + 86_400_000),
            boot: BootTime::from_nanos(u64::MAX),
        };
        let entry = heartbeat(900, 890, 10, 0)
            .with("time", Value::moment(moment, zone))
            .unwrap()
            .with("watched_ms", Value::number(u64::MAX))
            .unwrap()
            .with("suspended_ms", Value::number(u64::MAX))
            .unwrap();
        log.append(&entry).unwrap();
        let mark = entry_mark(moment, zone);
        log.append(&mark).unwrap();
    }
    log.append(&entry(
        Kind::Clock,
        5,
        &[("jump_ms", "-9223372036854775807")],
    ))
    .unwrap();
    log.append(&entry(Kind::Drop, 5, &[("events", "9223372036854775807")]))
        .unwrap();
    log.commit().unwrap();
    let page = Desk::new().page(&full(&log, &|_, _, _| true), &[]);
    let dom = Dom::new(&page);
    assert!(within(&dom.by_id("timeline"), "tr").len() < 60);
    assert!(page.len() < 100_000);
}

fn entry_mark(moment: Moment, zone: UtcOffset) -> portlog_journal::entry::Entry {
    entry(Kind::Mark, 0, &[("text", "a mark")])
        .with("time", Value::moment(moment, zone))
        .unwrap()
}
