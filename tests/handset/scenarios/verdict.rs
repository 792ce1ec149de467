//! What must hold of everything that a watch said, by the claims table.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::IpAddr;

use portlog_model::{Direction, Level, Sentence, Weakening};
use portlog_words::{Language, say};
use serde_json::{Value, json};

use super::cast::{ASKER, Act, Claim, FIRMWARE, LAST, LISTS, PARTS, Part, RESOLVER, identity};
use super::claims::Case;
use crate::files::Packages;
use crate::watch::{Ended, Event, TABLES};

/// What is compared between two runs: all that does not depend on times, ports and numbers that the
/// kernel gives.
pub(crate) type Told = BTreeMap<Key, Value>;

/// Whose claim (`None`: nobody was named), the peer, the list and the entry.
pub(crate) type Key = (Option<u32>, IpAddr, String, String);

/// What everyone was told must be what the table says.
pub(super) fn check(case: Case, ended: &Ended, sockets: &str) -> Told {
    ended.assert_sound(case.provenance());
    let bad = i32::from(case.fail_on_alert.is_some());
    assert_eq!(ended.status, Some(bad), "{}", ended.complaints);
    assert_eq!(
        sockets, "",
        "the watch has sockets that are neither own nor netlink"
    );
    check_introduction(case, ended);

    let mut told: BTreeMap<Key, Vec<Level>> = BTreeMap::new();
    let mut last: Told = BTreeMap::new();
    for alert in ended.alerts() {
        let key = key(alert);
        told.entry(key.clone()).or_default().push(alert.level());
        last.insert(key, essence(alert));
        check_alert(case, alert);
    }
    let wanted = wanted(case);
    for levels in told.values_mut() {
        // A look may fall into a handshake, of which nothing more than that can be said yet.
        if *levels == [Level::Possible, Level::Match] {
            levels.remove(0);
        }
    }
    compare("alerts", &wanted, &told);
    compare("notes", &wanted_notes(case), &notes(ended));
    check_reasons(case, &last);
    check_sockets(case, ended);

    for part in PARTS.iter().filter(|part| !part.is_seen_with_owner()) {
        for event in &ended.events {
            if event.peer() == Some(part.host()) {
                assert_eq!(event.uid(), None, "nobody saw whose it was: {event:?}");
            }
        }
    }
    last
}

/// The coverage of every table, the packages and the lists.
fn check_introduction(case: Case, ended: &Ended) {
    let started = &ended.events[0];
    let scope = if case.scope_all { "all" } else { "firmware" };
    assert_eq!(started.text("scope"), scope);
    assert_eq!(started.text("source"), case.told_source());
    assert_eq!(*started.field("packages_overridden"), true);
    assert_ne!(started.text("boot_id"), "");
    for table in TABLES {
        let is_it = |event: &&Event| event.is("coverage") && event.text("table") == table;
        // A helper comes when the watch has begun.
        let coverage = match case.helper {
            Some(_) => ended.events.iter().rfind(is_it).unwrap(),
            None => ended.events.iter().find(is_it).unwrap(),
        };
        if matches!(table, "tcp" | "tcp6" | "udp" | "udp6") {
            assert_eq!(coverage.text("status"), "readable", "{coverage:?}");
            assert_eq!(coverage.text("source"), case.told_source(), "{coverage:?}");
            assert_eq!(*coverage.field("bad_rows"), 0, "{coverage:?}");
        } else {
            assert!(
                matches!(coverage.text("status"), "readable" | "absent"),
                "{coverage:?}"
            );
        }
    }
    let of = |kind| ended.events.iter().filter(move |event| event.is(kind));
    let packages: Vec<&Event> = of("packages").collect();
    assert_eq!(packages.len(), 1);
    assert_eq!(packages[0].field("coverage")["status"], "readable");
    let lists: Vec<&str> = of("list").map(|list| list.text("name")).collect();
    assert_eq!(lists, LISTS.map(|(_, name, _)| name));
}

/// What every alert must be, whatever it claims.
fn check_alert(case: Case, alert: &Event) {
    let text = alert.text("text");
    for word in [
        "spyware",
        "stolen",
        "infected",
        "sends your data",
        "secretly",
        "caught",
        "blocked",
    ] {
        assert!(!text.contains(word), "{text}");
    }
    assert!(
        alert.text("first_seen") <= alert.text("last_seen"),
        "{alert:?}"
    );
    assert!(alert.text("last_seen") <= alert.text("time"), "{alert:?}");
    assert!(!alert.field("explanations").as_array().unwrap().is_empty());
    assert!(!alert.field("advice").as_array().unwrap().is_empty());
    assert_eq!(
        *alert.field("candidates"),
        json!([]),
        "nothing counts bytes here"
    );
    let matched = alert.field("match");
    assert_eq!(matched["level"], alert.text("level"));
    match alert.uid() {
        Some(uid) => assert_owner(alert, uid, case.packages),
        None => assert_eq!(alert.field("owner")["kind"], "unknown", "{alert:?}"),
    }
    if alert.level() == Level::Match {
        assert_eq!(matched["detail"], Value::Null, "{alert:?}");
        assert_eq!(alert.direction(), Direction::Out);
        assert!(text.contains("had a connection with"), "{text}");
        assert!(text.starts_with("Match: "), "{text}");
    } else {
        assert_eq!(*alert.field("sounds"), false, "{alert:?}");
        assert!(text.starts_with("Possible: "), "{text}");
    }
    let peer = alert.peer().unwrap();
    let about: Vec<&Part> = PARTS
        .iter()
        .filter(|part| part.host() == peer)
        .filter(|part| alert.uid().is_none_or(|uid| uid == part.uid))
        .collect();
    if peer == LAST.parse::<IpAddr>().unwrap() {
        return;
    }
    assert!(!about.is_empty(), "nobody did this: {alert:?}");
    if about
        .iter()
        .any(|part| matches!(part.act, Act::Lasts | Act::AnsweredLate))
    {
        // Told in the middle of the handshake or after it.
        assert!(
            text.contains("had a connection with") || text.contains("tried to connect to"),
            "{text}"
        );
    } else {
        assert!(
            about.iter().any(|part| text.contains(part.wording())),
            "{:?}: {text}",
            about[0]
        );
    }
}

pub(super) fn assert_owner(event: &Event, uid: u32, packages: Packages) {
    let is = identity(uid, packages);
    let connection = event.connection();
    let owner = &connection["owner"];
    assert_eq!(connection["user"], is.user, "{event:?}");
    assert_eq!(owner["kind"], is.kind, "{event:?}");
    assert_eq!(owner["packages"], json!(is.packages), "{event:?}");
    assert_eq!(owner["firmware"], is.firmware, "{event:?}");
    assert_eq!(owner["roles"], json!(is.roles), "{event:?}");
}

/// What is only possible must say what weakens it.
fn check_reasons(case: Case, last: &Told) {
    for part in PARTS {
        let Claim::Possible(because) = part.claim(case.scope_all, case.packages) else {
            continue;
        };
        for key in keys_of(part) {
            let Some(alert) = last.get(&key) else {
                // The kernel told of it in another way only.
                assert!(part.leaves_no_row() && case.source == "procfs", "{part:?}");
                continue;
            };
            let detail = alert["match"]["detail"].as_str().unwrap();
            let because = match key.0 {
                None => Weakening::OwnerUnknown,
                Some(_) => because,
            };
            let because = say(&Sentence::Weakening(because), Language::English);
            assert!(detail.contains(&because), "{part:?}: {alert}");
        }
    }
}

/// A socket carries what its peer's entries claim, raised or not: of an owner who is out of scope
/// no more than a note, which is not told.
fn check_sockets(case: Case, ended: &Ended) {
    let hung_up = |event: &&Event| event.is("changed") && event.state() == "close_wait";
    for event in ended.events.iter().filter(hung_up) {
        let wanted = PARTS
            .iter()
            .filter(|part| event.uid() == Some(part.uid) && event.peer() == Some(part.host()))
            .filter(|part| part.listed.is_some())
            .map(|part| {
                let claim = part.claim(case.scope_all, case.packages);
                claim.levels().last().copied().unwrap_or(Level::Noted)
            })
            .max();
        let strongest = &event.connection()["matches"][0]["level"];
        assert_eq!(*strongest, json!(wanted), "{event:?}");
    }
}

/// The alerts that the table asks for, with their levels and what weakens them.
fn wanted(case: Case) -> BTreeMap<Key, Vec<Level>> {
    let mut wanted = BTreeMap::new();
    for part in PARTS {
        let claim = part.claim(case.scope_all, case.packages);
        let levels = claim.levels();
        if part.leaves_no_row() && case.source == "procfs" {
            continue;
        }
        // Of rising levels the last: see `check`.
        let Some(level) = levels.last() else {
            continue;
        };
        wanted.extend(keys_of(part).into_iter().map(|key| (key, vec![*level])));
    }
    let last = (
        Some(FIRMWARE),
        LAST.parse().unwrap(),
        "own.txt".to_owned(),
        "203.0.113.16/28".to_owned(),
    );
    wanted.insert(last, vec![Level::Match]);
    wanted
}

/// Whose claims a part may give rise to: of its owner, of nobody, or of nobody and then its owner.
fn keys_of(part: &Part) -> Vec<Key> {
    let Some((list, entry)) = part.listed else {
        return Vec::new();
    };
    let mut owners = Vec::new();
    if part.is_seen_with_owner() {
        owners.push(Some(one_of_isolated(part.uid)));
    }
    if !part.is_seen_with_owner() || matches!(part.act, Act::KeptWaiting(_)) {
        owners.push(None);
    }
    let key = |uid| (uid, part.host(), list.to_owned(), entry.to_owned());
    owners.into_iter().map(key).collect()
}

/// Why something is noted, of whom, and about what: a peer or a port.
type Note = (String, Option<u32>, String);

fn wanted_notes(case: Case) -> BTreeMap<Note, Vec<Level>> {
    let mut wanted = BTreeMap::new();
    let mut note = |reason: &str, uid, about: String| {
        wanted.insert((reason.to_owned(), Some(uid), about), vec![Level::Noted]);
    };
    for part in PARTS {
        let is = part.identity(case.packages);
        let of_interest =
            matches!(is.firmware, "yes" | "mixed" | "preloaded") && is.roles.is_empty();
        let is_destination = part.direction() != Direction::In && part.act != Act::IsThere;
        if of_interest && is_destination && part.is_seen_with_owner() {
            note("first-seen-destination", part.uid, part.host().to_string());
        }
        if let Act::Contacted(port) | Act::KeptWaiting(port) = part.act
            && of_interest
        {
            note("new-listener", part.uid, port.to_string());
        }
        if part.claim(case.scope_all, case.packages) == Claim::Noted {
            note("list-entry", part.uid, part.host().to_string());
        }
    }
    note("first-seen-destination", ASKER, RESOLVER.to_owned());
    note("first-seen-destination", FIRMWARE, LAST.to_owned());
    wanted
}

fn notes(ended: &Ended) -> BTreeMap<Note, Vec<Level>> {
    let mut notes: BTreeMap<Note, Vec<Level>> = BTreeMap::new();
    for event in ended.events.iter().filter(|event| event.is("noted")) {
        let about = event.peer().map_or_else(
            || event.local().rsplit_once(':').unwrap().1.to_owned(),
            |peer| peer.to_string(),
        );
        let key = (event.text("reason").to_owned(), event.uid(), about);
        notes.entry(key).or_default().push(event.level());
    }
    notes
}

/// Fails with what is missing and what is too much.
fn compare<K: Ord + std::fmt::Debug>(
    what: &str,
    wanted: &BTreeMap<K, Vec<Level>>,
    told: &BTreeMap<K, Vec<Level>>,
) {
    let mut faults = String::new();
    for (key, levels) in wanted {
        match told.get(key) {
            Some(told) if told == levels => {}
            Some(told) => writeln!(faults, "{key:?}: {told:?} and not {levels:?}").unwrap(),
            None => writeln!(faults, "{key:?}: missing ({levels:?})").unwrap(),
        }
    }
    for (key, levels) in told {
        if !wanted.contains_key(key) {
            writeln!(faults, "{key:?}: too much ({levels:?})").unwrap();
        }
    }
    assert!(faults.is_empty(), "{what}:\n{faults}");
}

fn key(alert: &Event) -> Key {
    let matched = alert.field("match");
    let text = |key: &str| matched[key].as_str().unwrap().to_owned();
    (
        alert.uid().map(one_of_isolated),
        alert.peer().unwrap(),
        text("list"),
        text("entry"),
    )
}

fn essence(alert: &Event) -> Value {
    let connection = alert.connection();
    let mut matched = alert.field("match").clone();
    matched["list_date"].take();
    let mut owner = connection["owner"].clone();
    // Each run's talkers are processes of their own, and some end before they are looked for.
    for of_the_process in ["program", "pid", "candidates"] {
        owner[of_the_process].take();
    }
    if owner["kind"] == "isolated" {
        owner["name"].take();
    }
    json!({
        "protocol": connection["protocol"],
        "direction": connection["direction"],
        "owner": owner,
        "match": matched,
    })
}

/// Isolated processes of a user are one owner; which of them is told of first is chance.
fn one_of_isolated(uid: u32) -> u32 {
    if identity(uid, Packages::Dumpsys).kind == "isolated" {
        uid / 100_000 * 100_000 + 99_000
    } else {
        uid
    }
}
