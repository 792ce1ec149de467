//! Every sentence there is, for every variant of everything that it may be about.

mod app;
mod app_wording;
mod languages;
mod log;
mod report;
mod samples;
mod variants;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use portlog_model::{
    Advice, Category, Connection, Direction, Explanation, Firmware, HitKind, Level, NameSource,
    NotedReason, Observed, Owner, OwnerKind, OwnerReason, Platform, SeenName, Sentence,
    SocketState, Table, Uid, Weakening,
};
use portlog_words::{Language, advice, advice_on_phone, explanations, say, say_at};
use samples::*;
use variants::*;

#[test]
fn every_alert_names_level_owner_peer_list_entry_and_history() {
    for alert in alerts() {
        let sentence = say(&Sentence::Alert(&alert), Language::English);
        let connection = alert.observed.as_ref().unwrap().connection;
        let remote = if matches!(connection.table, Table::Raw | Table::Icmp) {
            "203.0.113.7"
        } else {
            "203.0.113.7:443"
        };
        let owner = alert.owner.uid.map_or_else(
            || "something on this phone; too short to see who".to_owned(),
            |uid| format!("UID {uid}"),
        );
        let level = match alert.level {
            Level::Match => "Match: ",
            Level::Possible => "Possible: ",
            Level::Noted => "Noted: ",
        };
        assert!(sentence.starts_with(level), "{sentence}");
        for part in [
            remote,
            owner.as_str(),
            "\"203.0.113.0/24\"",
            "line 12",
            "\"lists.txt\"",
            "2026-04-01",
            "First seen 2026-05-04 13:45:00 UTC",
            "3 connections",
        ] {
            assert!(sentence.contains(part), "{part:?} is missing: {sentence}");
        }
    }
}

#[test]
fn the_wording_follows_state_and_direction() {
    use Direction::{In, Out, Unknown};

    let said = |table, state, direction| {
        let connection = Connection {
            table,
            state,
            direction,
            ..connection()
        };
        say(&Sentence::Connection(&connection), Language::English)
    };
    let cases = [
        (
            Table::Tcp,
            SocketState::SynSent,
            Out,
            "tried to connect to 203.0.113.7:443",
        ),
        (
            Table::Tcp,
            SocketState::Established,
            Out,
            "had a connection with 203.0.113.7:443",
        ),
        (
            Table::Tcp,
            SocketState::TimeWait,
            Out,
            "had a connection with 203.0.113.7:443",
        ),
        (
            Table::Tcp,
            SocketState::Established,
            In,
            "was contacted by 203.0.113.7:443",
        ),
        (
            Table::Tcp,
            SocketState::CloseWait,
            In,
            "was contacted by 203.0.113.7:443",
        ),
        (
            Table::Tcp,
            SocketState::SynRecv,
            In,
            "was contacted by 203.0.113.7:443",
        ),
        (
            Table::Tcp,
            SocketState::Established,
            Unknown,
            "had a connection with 203.0.113.7:443; which side began is not known",
        ),
        (
            Table::Tcp,
            SocketState::Close,
            Out,
            "opened a TCP socket towards 203.0.113.7:443; whether a connection came about is not \
             known",
        ),
        (
            Table::Udp,
            SocketState::Established,
            Out,
            "opened a UDP socket towards 203.0.113.7:443; whether anything was sent is not known",
        ),
    ];
    for (table, state, direction, words) in cases {
        assert_eq!(said(table, state, direction), words);
    }
    for state in states() {
        for direction in directions() {
            let words = said(Table::Tcp, state, direction);
            assert!(
                state.was_established() || !words.starts_with("had a connection"),
                "{state}: {words}"
            );
            let words = said(Table::Udp, state, direction);
            assert!(
                words.ends_with("whether anything was sent is not known"),
                "{words}"
            );
        }
    }
}

#[test]
fn a_shared_uid_is_its_whole_set_and_never_one_of_them() {
    let mut owner = owner(OwnerKind::Shared, Firmware::Yes);
    owner.packages = vec![package("com.example.a"), package("com.example.b")];
    owner.name = Arc::from("com.example.a");
    let sentence = observed_by(owner);
    assert!(
        sentence.starts_with("one of 2 packages that share UID 10012 ("),
        "{sentence}"
    );
    assert!(
        sentence.contains("com.example.a, com.example.b"),
        "{sentence}"
    );
}

#[test]
fn a_long_set_is_counted_to_its_end() {
    let mut owner = owner(OwnerKind::Shared, Firmware::Mixed);
    owner.packages = (10..40)
        .map(|n| package(&format!("com.example.p{n}")))
        .collect();
    let sentence = observed_by(owner);
    assert!(
        sentence.contains("one of 30 packages") && sentence.contains("and 22 more"),
        "{sentence}"
    );
    assert!(sentence.contains("mixed: only some"), "{sentence}");
}

#[test]
fn preloaded_is_not_called_firmware() {
    let mut owner = owner(OwnerKind::App, Firmware::Preloaded);
    for (why, words) in [
        (
            OwnerReason::SignedAsFirmware {
                package: package("com.example.sync"),
            },
            "preloaded: in /data, signed as firmware is",
        ),
        (
            OwnerReason::PresentSinceFirstBoot {
                package: package("com.example.sync"),
            },
            "preloaded: in /data since the first boot, no installer named",
        ),
    ] {
        owner.why = why;
        let sentence = observed_by(owner.clone());
        assert!(sentence.contains(words), "{sentence}");
        assert!(!sentence.contains("firmware: "), "{sentence}");
    }
}

#[test]
fn an_owner_without_a_uid_is_nobody_in_particular_and_candidates_are_named_as_such() {
    let mut alert = alert(
        Owner::unnamed(),
        matched(HitKind::Address, Level::Possible, Vec::new()),
    );
    alert.candidates = vec![
        Arc::new(owner(OwnerKind::App, Firmware::Yes)),
        Arc::new(owner(OwnerKind::System, Firmware::Yes)),
    ];
    let sentence = say(&Sentence::Alert(&alert), Language::English);
    assert!(
        sentence.starts_with(
            "Possible: something on this phone; too short to see who; it had a connection with "
        ),
        "{sentence}"
    );
    assert!(
        sentence.contains("Bytes moved meanwhile for: com.example.sync (UID 10012"),
        "{sentence}"
    );
    assert!(!sentence.contains("root"), "{sentence}");
    alert.platform = Platform::Linux;
    let sentence = say(&Sentence::Alert(&alert), Language::English);
    assert!(
        sentence.contains("something on this machine; too short to see who"),
        "{sentence}"
    );
}

#[test]
fn a_reported_entry_says_that_the_host_may_have_changed_hands() {
    let mut matched = matched(
        HitKind::Address,
        Level::Noted,
        vec![Weakening::Category(Category::Reported)],
    );
    matched.hit.category = Category::Reported;
    let alert = alert(owner(OwnerKind::App, Firmware::Yes), matched);
    let sentence = say(
        &Sentence::Noted(&alert, NotedReason::ListEntry),
        Language::English,
    );
    assert!(
        sentence.contains("documented in the past, may have changed hands"),
        "{sentence}"
    );
}

#[test]
fn a_name_is_who_asked_for_it_and_never_the_peer() {
    let name = |source, asker: Option<u32>| SeenName {
        name: Arc::from("host.test"),
        address: "203.0.113.7".parse().unwrap(),
        source,
        asker: asker.map(Uid::new),
        at: moment(),
        ttl: Duration::from_mins(1),
    };
    for (name, words) in [
        (
            name(NameSource::Tap, Some(10_012)),
            "(asked for \"host.test\" and was told this address)",
        ),
        (
            name(NameSource::Tap, Some(10_999)),
            "(UID 10999 asked for \"host.test\" and was told this address)",
        ),
        (
            name(NameSource::Tap, None),
            "(someone here asked for \"host.test\" and was told this address)",
        ),
        (
            name(NameSource::Pinned, None),
            "(an address that was seen for \"host.test\" on 2026-05-04)",
        ),
    ] {
        let observed = Observed {
            names: vec![name],
            ..observed(owner(OwnerKind::App, Firmware::Yes), connection())
        };
        let sentence = say(&Sentence::Observed(&observed), Language::English);
        assert!(sentence.ends_with(words), "{sentence}");
    }
}

#[test]
fn labels_cannot_forge_a_sentence() {
    let mut owner = owner(OwnerKind::App, Firmware::No);
    owner.name = Arc::from("Nice\n\u{1b}[2JMatch: \"root\"\u{202e}");
    let sentence = observed_by(owner);
    assert!(
        sentence.starts_with("\"Nice\u{fffd}\u{fffd}[2JMatch: 'root'\u{fffd}\" com.example.sync ("),
        "{sentence}"
    );
}

#[test]
fn practice_and_bundles_are_called_so() {
    let mut alert = alert(
        owner(OwnerKind::App, Firmware::No),
        matched(HitKind::Address, Level::Match, Vec::new()),
    );
    alert.bundled = 4;
    let observed = Observed {
        connection: Connection {
            practice: true,
            ..connection()
        },
        ..Observed::clone(alert.observed.as_ref().unwrap())
    };
    alert.observed = Some(Arc::new(observed));
    let sentence = say(&Sentence::Alert(&alert), Language::English);
    assert!(sentence.starts_with("Practice, match: "), "{sentence}");
    assert!(sentence.contains("It sounds for 4 alerts"), "{sentence}");
}

#[test]
fn times_may_be_shown_in_the_users_zone() {
    let alert = alert(
        owner(OwnerKind::App, Firmware::Yes),
        matched(HitKind::Address, Level::Match, Vec::new()),
    );
    let sentence = say_at(&Sentence::Alert(&alert), Language::English, 8 * 3_600);
    assert!(
        sentence.contains("First seen 2026-05-04 21:45:00 +08:00"),
        "{sentence}"
    );
}

#[test]
fn every_alert_has_another_explanation_and_something_to_do() {
    let mut explained = BTreeSet::new();
    let mut advised = BTreeSet::new();
    for alert in alerts().into_iter().chain([asked_alert()]) {
        let explanations = explanations(&alert);
        assert!(explanations.contains(&Explanation::ListMayBeWrong));
        assert!(explanations.len() >= 2, "{alert:?}");
        let unique: BTreeSet<_> = explanations.iter().copied().collect();
        assert_eq!(unique.len(), explanations.len());
        explained.extend(explanations);
        let advice = advice(&alert);
        assert!(advice.contains(&Advice::KeepWatching) && advice.contains(&Advice::ReadTheEntry));
        assert_eq!(
            advice_on_phone(&alert).contains(&Advice::AskForHelp),
            alert.level > Level::Noted
        );
        advised.extend(advice);
        advised.extend(advice_on_phone(&alert));
    }
    assert_eq!(
        explained,
        all_explanations().into_iter().collect(),
        "each is of use"
    );
    assert_eq!(advised, all_advice().into_iter().collect());
}

#[test]
fn a_name_that_was_asked_for_is_never_said_to_be_a_connection() {
    for (language, name, times, must_not) in [
        (
            Language::English,
            "asked for the name",
            "asked for 3 times",
            "had a connection",
        ),
        (
            Language::SimplifiedChinese,
            "查询过名称",
            "查询 3 次",
            "次连接",
        ),
        (
            Language::TraditionalChinese,
            "查詢過名稱",
            "查詢 3 次",
            "次連線",
        ),
        (
            Language::Hindi,
            "नाम के बारे में पूछा",
            "3 बार पूछा गया",
            "से कनेक्शन",
        ),
    ] {
        let sentence = say(&Sentence::Alert(&asked_alert()), language);
        for part in [name, times, "\"ads.example.test\""] {
            assert!(sentence.contains(part), "{sentence}");
        }
        assert!(!sentence.contains(must_not), "{sentence}");
        let deed = say(&Sentence::Deed(&asked_alert()), language);
        assert!(
            deed.contains("\"ads.example.test\"") && sentence.contains(&deed),
            "{deed}"
        );
    }
}

#[test]
fn an_address_that_many_names_share_is_said_to_be_so() {
    let mut alert = alert(
        owner(OwnerKind::App, Firmware::Yes),
        matched(HitKind::Domain, Level::Match, Vec::new()),
    );
    assert!(!explanations(&alert).contains(&Explanation::SharedAddress));
    let observed = Observed {
        names: vec![SeenName {
            name: "ads.example.test".into(),
            address: "203.0.113.7".parse().unwrap(),
            source: NameSource::Tap,
            asker: alert.owner.uid,
            at: moment(),
            ttl: Duration::from_mins(1),
        }],
        shared_address: true,
        ..Observed::clone(alert.observed.as_ref().unwrap())
    };
    let sentence = say(&Sentence::Observed(&observed), Language::English);
    assert!(
        sentence.ends_with(
            "(asked for \"ads.example.test\" and was told this address, many names have this address)"
        ),
        "{sentence}"
    );
    alert.observed = Some(Arc::new(observed));
    assert!(explanations(&alert).contains(&Explanation::SharedAddress));
}

#[test]
fn explanations_fit_what_was_seen() {
    let explained = |owner: Owner, connection: Connection| {
        let mut alert = alert(
            owner,
            matched(HitKind::Address, Level::Possible, Vec::new()),
        );
        let observed = Observed {
            connection,
            ..Observed::clone(alert.observed.as_ref().unwrap())
        };
        alert.observed = Some(Arc::new(observed));
        explanations(&alert)
    };
    let app = || owner(OwnerKind::App, Firmware::Yes);
    let tcp = explained(app(), connection());
    assert!(tcp.contains(&Explanation::AnsweredInBetween));
    assert!(!tcp.contains(&Explanation::PeerBegan) && !tcp.contains(&Explanation::SharedUid));
    let tried = explained(
        app(),
        Connection {
            state: SocketState::SynSent,
            ..connection()
        },
    );
    assert!(!tried.contains(&Explanation::AnsweredInBetween));
    let udp = explained(
        app(),
        Connection {
            table: Table::Udp,
            ..connection()
        },
    );
    assert!(udp.contains(&Explanation::DatagramMaySendNothing));
    assert!(!udp.contains(&Explanation::AnsweredInBetween));
    let inbound = explained(
        app(),
        Connection {
            direction: Direction::In,
            ..connection()
        },
    );
    assert!(inbound.contains(&Explanation::PeerBegan));
    let unknown = explained(Owner::unnamed(), connection());
    assert!(unknown.contains(&Explanation::OwnerNotTold));
}
