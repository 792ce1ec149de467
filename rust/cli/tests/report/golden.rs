//! What the page says about a log whose facts are known, read by a real parser.

use portlog_journal::entry::{Kind, Value};

use crate::dom::{Dom, attribute, attributes, fact, facts, name, rows, text, within};
use crate::logs::{
    Desk, OWNERS, about, alert, empty, full, heartbeat, packages, sparse, started, two_days, usual,
};

const LANGUAGES: [&str; 4] = ["en", "zh-Hans", "zh-Hant", "hi"];

fn report(more: &[&str]) -> (Desk, Dom, String) {
    let desk = Desk::new();
    let page = desk.page(&full(&two_days(), &usual), more);
    (desk, Dom::new(&page), page)
}

#[test]
fn the_first_lines_stand_first_and_the_file_is_named_by_its_digest() {
    let (desk, dom, _) = report(&[]);
    let size = dom.text_of("verdict");
    let fixed = within(&dom.by_id("verdict"), "p");
    let lines: Vec<String> = fixed.iter().take(3).map(text).collect();
    assert_eq!(lines[0], "Unchanged since it was signed. Signer: unknown.");
    assert_eq!(
        lines[1],
        "This does not prove that the phone reported the truth, what was sent, who is responsible, or \
         that nobody provoked it."
    );
    assert!(
        lines[2].ends_with(" entries shown, chosen by the sharer."),
        "{lines:?}"
    );
    assert!(!size.contains("NOT OBSERVED LIVE"));
    let verdict = dom.by_id("verdict");
    assert!(fact(&verdict, "Evidence level").starts_with("L0"));
    assert_eq!(
        fact(&verdict, "Period shown"),
        "from 2026-05-04 07:45:00 +02:00 to 2026-05-05 11:45:00 +02:00"
    );
    assert_eq!(
        fact(&verdict, "Case, as the operator states it"),
        "bench 7, phone 2"
    );
    let digest = fact(&verdict, "SHA-256 of the file");
    let sum = std::process::Command::new("sha256sum")
        .arg(desk.path("shared.portlog.txt"))
        .output()
        .unwrap();
    assert!(String::from_utf8(sum.stdout).unwrap().starts_with(&digest));
    let check = dom.text_of("check");
    assert!(
        check.contains(&format!("sha256sum shared.portlog.txt {digest}")),
        "{check}"
    );
    let origin = fact(&verdict, "The log's identity (origin)");
    assert!(check.contains(&format!(
        "portlog log verify shared.portlog.txt --key {origin}"
    )));
    assert!(check.contains("openssl pkeyutl -verify") && check.contains("docs/LOG-FORMAT.md"));
}

#[test]
fn a_reader_who_knows_the_log_is_told_so() {
    let (_, dom, _) = report(&[]);
    let origin = fact(&dom.by_id("verdict"), "The log's identity (origin)");
    let (_, dom, _) = report(&["--key", &origin]);
    let verdict = dom.by_id("verdict");
    assert!(text(&verdict).contains("Signer: known to you."));
    assert!(fact(&verdict, "Evidence level").starts_with("L1"));
}

#[test]
fn the_phone_is_shown_as_it_says_of_itself_and_what_changed() {
    let (_, dom, _) = report(&[]);
    let device = dom.by_id("device");
    assert_eq!(fact(&device, "Model"), "Example One");
    assert_eq!(fact(&device, "Security patch"), "2014-05-01");
    assert_eq!(fact(&device, "Baseband"), "not recorded");
    assert_eq!(fact(&device, "adb debugging"), "no");
    let tables = within(&device, "table");
    assert_eq!(
        rows(&tables[0]),
        [[
            "2026-05-05 03:45:01 +02:00",
            "Security patch",
            "2014-05-01",
            "2014-08-01"
        ]]
    );
    assert_eq!(rows(&tables[1]).len(), 2);
    assert!(rows(&tables[1])[0][1].starts_with("live: from the kernel that ran there"));
}

#[test]
fn an_alert_names_owner_list_level_times_and_what_else_could_explain_it() {
    let (_, dom, _) = report(&[]);
    // The match first, of two entries of one finding.
    let first = dom.by_id("alert-1");
    let claim = text(&within(&first, "p")[0]);
    assert_eq!(
        claim,
        "match \"Sync\" com.example.sync (UID 10012; firmware: system software of this phone) had a \
         connection with 203.0.113.80:443"
    );
    assert!(fact(&first, "Owner of the socket").contains("UID 10012"));
    assert!(fact(&first, "Owner of the socket").contains("com.example.sync"));
    assert_eq!(
        fact(&first, "Entry of the list"),
        "203.0.113.0/24 (Line: 12)"
    );
    assert_eq!(fact(&first, "Category"), "known threats");
    assert_eq!(fact(&first, "List dated"), "2026-04-04 07:45:00 +02:00");
    assert_eq!(fact(&first, "SHA-256 of the list").len(), 64);
    assert_eq!(
        fact(&first, "Last look before"),
        "2026-05-04 10:50:11 +02:00"
    );
    assert_eq!(
        fact(&first, "Look that showed it"),
        "2026-05-04 10:50:12 +02:00"
    );
    assert_eq!(fact(&first, "First seen"), "2026-05-04 10:50:12 +02:00");
    let at_alert = |what: &str| fact(&first, &format!("{what} when the alert was recorded"));
    assert_eq!(at_alert("Last seen"), "2026-05-05 09:45:00 +02:00");
    assert_eq!(at_alert("Connections"), "9");
    assert!(fact(&first, "Bytes moved meanwhile for").contains("com.example.browser"));
    let explained: Vec<String> = within(&first, "li").iter().map(text).collect();
    assert!(explained.contains(&"The list may be wrong or out of date.".to_owned()));
    assert!(
        explained
            .iter()
            .any(|it| it.starts_with("One address may serve many hosts"))
    );

    // A shared UID is its whole set, never one of them.
    let second = dom.by_id("alert-2");
    let owner = fact(&second, "Owner of the socket");
    for part in [
        "UID 1000",
        "one of 4 packages that share the UID",
        "android com.example.cloud com.example.contacts.sync com.example.settings \
         com.example.telephony",
        "fetches for other apps",
    ] {
        // The set in the log has five names; "one of" counts them.
        let part = part.replace("one of 4", "one of 5");
        assert!(owner.contains(&part), "{part}: {owner}");
    }
    assert_eq!(
        fact(&second, "Why it is no more than that"),
        "the owner fetches for others"
    );
    let third = dom.by_id("alert-3");
    assert!(text(&third).contains("whether anything was sent is not known"));
    // The practice alert is no finding.
    assert_eq!(dom.named("article").len(), 3);
    assert!(
        dom.text_of("seen")
            .contains("They say nothing about the phone.")
    );
    assert!(!dom.text_of("questions").contains("192.0.2.99"));
}

#[test]
fn what_is_withheld_is_said_to_be_so_and_nowhere_shown() {
    let (_, dom, page) = report(&[]);
    assert!(!page.contains("192.0.2.10"));
    assert!(!page.contains("org.example.game"));
    let owners = dom.text_of("seen");
    assert!(owners.contains("UID 10087: withheld"), "{owners}");

    let desk = Desk::new();
    let hides =
        |_: Kind, name: &str, _: &str| !matches!(name, "remote" | "names" | "entry" | "uid");
    let page = desk.page(&full(&two_days(), &hides), &[]);
    let dom = Dom::new(&page);
    let first = dom.by_id("alert-1");
    assert_eq!(fact(&first, "Peer"), "withheld");
    assert_eq!(fact(&first, "Entry of the list"), "withheld (Line: 12)");
    assert_eq!(fact(&first, "Owner of the socket"), "withheld");
    assert!(text(&first).contains("Fields are withheld: there may be further explanations."));
    assert!(!page.contains("203.0.113.80"));
    assert!(dom.text_of("limits").contains("withheld."));
}

#[test]
fn destinations_stand_by_owner_with_their_counts() {
    let (_, dom, _) = report(&[]);
    let seen = dom.by_id("seen");
    let captions = within(&seen, "caption");
    let captions: Vec<String> = captions.iter().map(text).collect();
    let of = |owner: &str| {
        let at = captions.iter().position(|it| it.contains(owner));
        rows(&within(&seen, "table")[at.unwrap_or_else(|| panic!("{captions:?}"))])
    };
    let browser = of("com.example.browser (UID 10031)");
    assert_eq!(browser[0][0], "198.51.100.20:443 TCP");
    assert_eq!(browser[0][1], "had a connection with 198.51.100.20:443");
    assert_eq!(browser[0][3], "2");
    let sync = of("com.example.sync (UID 10012)");
    let peers: Vec<&str> = sync.iter().map(|row| row[0].as_str()).collect();
    assert!(peers.contains(&"[2001:db8::7]:443 TCP") && peers.contains(&"203.0.113.80:443 TCP"));
}

#[test]
fn who_came_to_a_listener_is_one_row_whatever_its_ports_and_on_linux_every_owner_is_in_scope() {
    let mut log = empty(3);
    let linux = started(1, "live").with("platform", Value::word("linux"));
    log.append(&linux.unwrap()).unwrap();
    log.append(&packages(2, &OWNERS)).unwrap();
    for (number, port) in (1..=3).zip([40_001, 40_002, 50_003]) {
        for (remote, direction) in [("203.0.113.9", "in"), ("203.0.113.10", "out")] {
            let remote = format!("{remote}:{port}");
            let number = if direction == "in" {
                number
            } else {
                number + 10
            };
            let seconds = i64::try_from(number).unwrap() + 2;
            let of = (
                number,
                "tcp",
                &*remote,
                "established",
                direction,
                "10012",
                2,
            );
            log.append(&about(Kind::Opened, seconds, of)).unwrap();
        }
    }
    log.commit().unwrap();
    let dom = Dom::new(&Desk::new().page(&full(&log, &usual), &[]));
    let seen = dom.by_id("seen");
    let peers = rows(&within(&seen, "table")[0]);
    let of = |address: &str| -> Vec<_> {
        let rows = peers.iter().filter(|row| row[0].starts_with(address));
        rows.map(|row| (row[0].clone(), row[3].clone())).collect()
    };
    assert_eq!(
        of("203.0.113.9"),
        [("203.0.113.9 TCP".to_owned(), "3".to_owned())]
    );
    assert_eq!(of("203.0.113.10").len(), 3);
    let device = dom.by_id("device");
    let watches = rows(within(&device, "table").last().unwrap());
    assert_eq!(watches[0][3], "every owner");
}

#[test]
fn time_is_accounted_for_in_strips_and_in_numbers() {
    let (_, dom, _) = report(&[]);
    let timeline = dom.by_id("timeline");
    let labels: Vec<String> = within(&timeline, "svg")
        .iter()
        .map(|svg| attribute(svg, "aria-label").unwrap())
        .collect();
    let names: Vec<&str> = labels
        .iter()
        .filter_map(|it| it.split(':').next())
        .collect();
    assert_eq!(
        names,
        [
            "Watched",
            "Asleep",
            "Denied",
            "Stopped",
            "Not accounted for",
            "Alerts",
            "Marks"
        ]
    );
    assert_eq!(labels[3], "Stopped: 6 h");
    let tables = within(&timeline, "table");
    let hours = rows(&tables[0]);
    assert!((12..=26).contains(&hours.len()), "{}", hours.len());
    // At 10 o'clock: three quarters watched, alerts and marks in it.
    let ten = hours
        .iter()
        .find(|row| row[0] == "2026-05-04 10:00")
        .unwrap();
    assert_eq!((ten[6].as_str(), ten[7].as_str()), ("3", "3"), "{ten:?}");
    let happened = rows(&tables[1]);
    let said: Vec<&str> = happened.iter().map(|row| row[1].as_str()).collect();
    assert_eq!(
        said,
        [
            "mark: SIM card put in",
            "mark: contact saved",
            "mark: message sent",
            "the clock jumped by -3600000 ms",
            "the system ended Portlog to free memory",
            "mark: update installed",
            "mark, in the operator's words: opt-in to the cloud switched off in the settings",
        ]
    );
    assert_eq!(happened[4][2], "2026-05-04 21:45:00 +02:00");
}

#[test]
fn coverage_says_what_was_refused_and_for_how_long_somebody_looked() {
    let (_, dom, _) = report(&[]);
    let coverage = dom.by_id("coverage");
    let tables = within(&coverage, "table");
    let hours = rows(&tables[0]);
    assert_eq!(hours[2][0..2], ["Denied", "20 min"]);
    assert_eq!(hours[3][0..2], ["Stopped", "6 h"]);
    let read = rows(&tables[1]);
    assert_eq!(read[3][0], "udp6");
    assert!(
        read[3][1].starts_with("UDP sockets (IPv6): may not be read"),
        "{read:?}"
    );
    assert_eq!(read[3][2], "1 shown entry where it could not be read");
    assert!(read[2][1].contains("3 datagram sockets without a peer"));
    assert_eq!(
        rows(&tables[2])[0][0..2],
        ["reported-2014.txt", "known threats"]
    );
}

#[test]
fn questions_are_asked_of_what_comes_with_the_phone_and_claim_nothing() {
    let (_, dom, _) = report(&[]);
    let questions = dom.by_id("questions");
    let lists = within(&questions, "ul");
    let asked: Vec<String> = within(&lists[0], "li").iter().map(text).collect();
    assert_eq!(
        asked,
        [
            "About UID 1000 and 203.0.113.7:80:",
            "About com.example.downloads (UID 10050) and 203.0.113.9:123:",
            "About com.example.sync (UID 10012) and 203.0.113.80:443:",
        ]
    );
    let list = within(&questions, "ol");
    let said = within(&list[0], "li");
    assert_eq!(said.len(), 5);
    assert!(said.iter().all(|it| text(it).ends_with('?')));
}

#[test]
fn what_was_not_observed_live_is_marked_in_every_language() {
    let mut log = empty(2);
    log.append(&started(1, "simulated")).unwrap();
    log.append(&packages(2, &["10012 app yes - com.example.sync Sync"]))
        .unwrap();
    let connection = (1, "tcp", "203.0.113.7:80", "established", "out", "10012", 2);
    log.append(&alert(3, connection, "match", &[])).unwrap();
    log.append(&heartbeat(900, 890, 10, 0)).unwrap();
    log.commit().unwrap();
    let bundle = full(&log, &|_, _, _| true);
    for (language, words) in [
        ("en", "NOT OBSERVED LIVE: 2 by simulated."),
        ("zh-Hans", "非实时观察"),
        ("zh-Hant", "非即時觀察"),
        ("hi", "लाइव नहीं देखा गया"),
    ] {
        let dom = Dom::new(&Desk::new().page(&bundle, &["--language", language]));
        let verdict = dom.text_of("verdict");
        assert!(verdict.contains(words), "{verdict}");
        assert!(verdict.contains("NOT OBSERVED LIVE: 2 by simulated."));
    }
}

#[test]
fn a_log_that_shows_nothing_says_that_and_claims_nothing() {
    let log = two_days();
    let dom = Dom::new(&Desk::new().page(&sparse(&log, &[], &usual), &[]));
    let seen = dom.text_of("seen");
    assert!(
        seen.contains("That does not show that there was none."),
        "{seen}"
    );
    assert!(seen.contains("No connections are shown"));
    assert!(dom.text_of("timeline").contains("No times are shown"));
    assert!(
        dom.text_of("device")
            .contains("No entry about the phone is shown.")
    );
    assert!(
        dom.text_of("coverage")
            .contains("No entry shows which tables could be read.")
    );
    assert!(
        dom.text_of("questions")
            .contains("this file gives no question")
    );

    let dom = Dom::new(&Desk::new().page(&sparse(&log, &[Kind::Alert], &usual), &[]));
    let first = dom.by_id("alert-1");
    assert!(fact(&first, "Owner of the socket").contains("does not stand in this file"));
    assert_eq!(
        fact(&first, "Look that showed it"),
        "the entry that tells is not in this file"
    );
    assert!(dom.text_of("verdict").contains("NOT OBSERVED LIVE"));
}

#[test]
fn the_page_has_landmarks_headings_captions_and_one_language_in_each() {
    for language in LANGUAGES {
        let (_, dom, page) = report(&["--language", language]);
        assert_eq!(dom.faults(), Vec::<String>::new());
        assert!(page.starts_with("<!DOCTYPE html>\n"));
        let html = &dom.named("html")[0];
        assert_eq!(attribute(html, "lang").as_deref(), Some(language));
        for landmark in ["header", "main", "nav", "footer", "h1"] {
            assert_eq!(dom.named(landmark).len(), 1, "{landmark}");
        }
        let mut level = 0;
        for element in dom.elements() {
            let name = name(&element);
            if let Some(next) = name.strip_prefix('h').and_then(|it| it.parse::<u8>().ok()) {
                assert!(
                    next <= level + 1,
                    "{name} after h{level}: {}",
                    text(&element)
                );
                level = next;
            }
        }
        for section in dom.named("section").iter().chain(&dom.named("article")) {
            let label = attribute(section, "aria-labelledby").unwrap();
            assert!(!text(&dom.by_id(&label)).is_empty());
        }
        let tables = dom.named("table");
        assert!(tables.len() > 8);
        for table in &tables {
            assert_eq!(within(table, "caption").len(), 1);
            let heads = within(&within(table, "thead")[0], "th");
            assert!(
                heads
                    .iter()
                    .all(|it| attribute(it, "scope").as_deref() == Some("col"))
            );
            assert!(rows(table).iter().all(|row| row.len() == heads.len()));
        }
        for link in dom.named("a") {
            let target = attribute(&link, "href").unwrap();
            dom.by_id(target.strip_prefix('#').unwrap());
        }
    }
}

#[test]
fn the_page_may_load_and_run_nothing() {
    let (_, dom, page) = report(&[]);
    let policy = dom
        .named("meta")
        .into_iter()
        .find(|it| attribute(it, "http-equiv").as_deref() == Some("Content-Security-Policy"))
        .unwrap();
    let policy = attribute(&policy, "content").unwrap();
    assert!(
        policy.starts_with("default-src 'none'; style-src 'unsafe-inline'; img-src data:"),
        "{policy}"
    );
    for element in dom.elements() {
        let name = name(&element);
        assert!(
            !matches!(
                name.as_str(),
                "script" | "iframe" | "object" | "embed" | "form" | "link" | "img" | "base"
            ),
            "{name}"
        );
        for (attribute, value) in attributes(&element) {
            assert!(!attribute.starts_with("on"), "{attribute}");
            assert!(!matches!(
                attribute.as_str(),
                "src" | "action" | "srcset" | "ping"
            ));
            assert!(attribute != "href" || value.starts_with('#'), "{value}");
        }
    }
    for outside in ["http://", "https://", "url(", "@import", "javascript:"] {
        assert!(!page.contains(outside), "{outside}");
    }
}

#[test]
fn the_same_facts_stand_in_every_language() {
    let (_, english, _) = report(&[]);
    let values = |dom: &Dom| -> Vec<String> {
        let codes = dom.elements().into_iter();
        codes
            .filter(|it| {
                let class = attribute(it, "class");
                name(it) == "code" || matches!(class.as_deref(), Some("time"))
            })
            .map(|it| text(&it))
            .collect()
    };
    for language in &LANGUAGES[1..] {
        let (_, dom, _) = report(&["--language", language]);
        assert_eq!(values(&dom), values(&english), "{language}");
        assert_eq!(
            facts(&dom.by_id("alert-1")).len(),
            facts(&english.by_id("alert-1")).len()
        );
    }
}

#[test]
fn the_same_file_gives_the_same_page() {
    let bundle = full(&two_days(), &usual);
    assert_eq!(
        Desk::new().page(&bundle, &[]),
        Desk::new().page(&bundle, &[])
    );
}

#[test]
fn of_a_file_that_does_not_check_there_is_no_page() {
    let desk = Desk::new();
    let forged = full(&two_days(), &usual).replace("203.0.113.80:443", "203.0.113.81:443");
    desk.put("forged.portlog.txt", forged.as_bytes());
    let output = desk.run("forged.portlog.txt", &[]);
    assert_eq!(output.status.code(), Some(1));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(
        stderr.contains("does not check") && stderr.contains("no report was written"),
        "{stderr}"
    );
    assert!(!desk.path("report.html").exists());

    let output = desk.run("missing.portlog.txt", &[]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(String::from_utf8(output.stderr).unwrap().lines().count(), 1);
}

#[test]
fn the_page_never_replaces_the_log_and_leaves_no_half_behind() {
    let desk = Desk::new();
    let bundle = full(&two_days(), &usual);
    desk.put("shared.portlog.txt", bundle.as_bytes());
    let output = desk.run_to("shared.portlog.txt", &desk.path("shared.portlog.txt"), &[]);
    assert_eq!(output.status.code(), Some(2));
    let kept = std::fs::read_to_string(desk.path("shared.portlog.txt")).unwrap();
    assert_eq!(kept, bundle);
    let output = desk.run_to("shared.portlog.txt", &desk.path("none/report.html"), &[]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(std::fs::read_dir(desk.folder.path()).unwrap().count(), 1);
}
