//! The folder for MVT: what is a connection in it, and whose.

use portlog_journal::bundle::{Choice, Preset};
use portlog_journal::entry::Kind;
use serde_json::json;

use super::logs::*;
use super::*;

/// Connections of every sort, each with a peer of its own; 203.0.113.N becomes a `connect_event`, and
/// 198.51.100.N does not.
pub(super) fn sorts() -> TestLog {
    let udp = [("protocol", "udp"), ("remote", "198.51.100.1:53")];
    let attempt = [("state", "syn_sent"), ("remote", "198.51.100.2:80")];
    let incoming = [("direction", "in"), ("remote", "198.51.100.3:5555")];
    let unclear = [("direction", "unknown"), ("remote", "198.51.100.4:80")];
    let own = [("ours", "self-check"), ("remote", "198.51.100.5:80")];
    let practice = [("ours", "practice"), ("remote", "198.51.100.6:80")];
    let nothing = [("remote", "-")];
    let late = [("state", "time_wait"), ("remote", "203.0.113.3:443")];
    let v6 = [("remote", "[2001:db8::7]:443")];
    let mapped = [("remote", "[::ffff:203.0.113.4]:443")];
    let system = [("uid", "1000"), ("remote", "203.0.113.5:443")];
    let nobody = [("uid", "-"), ("owner", "-"), ("remote", "203.0.113.6:443")];
    let alert = [("level", "match"), ("remote", "203.0.113.8:80")];
    log([
        started(1, "live"),
        packages(2, &OWNERS),
        device(3, "2014-08-01"),
        connection(Kind::Opened, 10, 1, &udp),
        connection(Kind::Opened, 11, 2, &attempt),
        connection(Kind::Opened, 12, 3, &incoming),
        connection(Kind::Opened, 13, 4, &unclear),
        connection(Kind::Opened, 14, 5, &own),
        connection(Kind::Opened, 15, 6, &practice),
        connection(Kind::Opened, 16, 7, &nothing),
        // Asked for, then answered, then told twice more: one connection.
        connection(Kind::Opened, 20, 8, &[("state", "syn_sent")]),
        connection(Kind::Changed, 21, 8, &[("state", "established")]),
        connection(Kind::Alert, 22, 8, &[("level", "possible")]),
        connection(Kind::Closed, 23, 8, &[]),
        connection(Kind::Closed, 30, 9, &late),
        connection(Kind::Opened, 31, 10, &v6),
        connection(Kind::Opened, 32, 11, &mapped),
        connection(Kind::Opened, 33, 12, &system),
        connection(Kind::Opened, 34, 13, &nobody),
        connection(Kind::Alert, 35, 14, &alert),
        // Another session counts its connections anew.
        started(40, "live"),
        packages(41, &["10087 app no - org.example.browser -"]),
        with(
            connection(Kind::Opened, 42, 8, &[("uid", "10087")]),
            &[("owner", "22"), ("remote", "203.0.113.9:443")],
        ),
    ])
}

#[test]
fn established_outgoing_tcp_is_a_connection_and_nothing_else_is() {
    let events = events(&whole(&sorts()));
    let peers: Vec<&Json> = events
        .iter()
        .filter(|(of, _)| of == "connect_event")
        .map(|(_, event)| &event["ip_address"])
        .collect();
    assert_eq!(
        peers,
        [
            "/203.0.113.7",
            "/203.0.113.3",
            "/2001:db8::7",
            "/203.0.113.4",
            "/203.0.113.5",
            "/203.0.113.6",
            "/203.0.113.8",
            "/203.0.113.9"
        ]
    );
    // Every entry is there once, behind the line that says what this is.
    assert_eq!(events[0].0, "agent_event");
    let made_by = events[0].1["made_by"].as_str().unwrap();
    assert!(
        made_by.contains("not Android's own intrusion log"),
        "{made_by}"
    );
    for (at, (of, event)) in events[1..].iter().enumerate() {
        assert_eq!(event["portlog"]["index"], at);
        assert_eq!(of == "connect_event", !event["ip_address"].is_null());
    }
    assert_eq!(events.len(), 1 + 24);
}

#[test]
fn a_connection_is_its_first_established_entry_and_has_the_owner_as_android_names_it() {
    let events = events(&whole(&sorts()));
    let of = |peer: &str| {
        let mut found = events
            .iter()
            .filter(|(_, event)| event["ip_address"] == peer);
        let (_, event) = found.next().unwrap();
        assert!(found.next().is_none());
        event
    };
    let first = of("/203.0.113.7");
    assert_eq!(first["event_time"], BEGIN + 21_000);
    assert_eq!(
        (&first["port"], &first["portlog"]["kind"]),
        (&json!(80), &json!("changed"))
    );
    assert_eq!(first["package_name"], "com.example.sync");
    assert_eq!(
        (&first["observed"], &first["packages"]),
        (&json!("live"), &json!(["com.example.sync"]))
    );
    let shared = of("/203.0.113.5");
    assert_eq!(shared["package_name"], "android.uid.system:1000");
    assert_eq!(
        shared["packages"],
        json!(["android", "com.example.settings"])
    );
    assert_eq!(of("/203.0.113.6")["package_name"], "unknown");
    assert_eq!(of("/203.0.113.9")["package_name"], "org.example.browser");
}

#[test]
fn names_that_the_owner_asked_for_are_questions_beside_its_connection() {
    let names = "a.example.test tap 10012, b.example.test tap 1000, c.example.test pinned -";
    let asked = [
        ("hit", "asked"),
        ("level", "possible"),
        ("names", "d.example.test tap 10012"),
        ("protocol", "-"),
        ("local", "-"),
        ("remote", "-"),
        ("state", "-"),
        ("direction", "-"),
        ("connection", "-"),
    ];
    let log = log([
        started(1, "live"),
        packages(2, &OWNERS),
        connection(Kind::Opened, 10, 1, &[("names", names)]),
        connection(Kind::Alert, 11, 2, &asked),
    ]);
    let events = events(&whole(&log));
    let questions: Vec<&Json> = events
        .iter()
        .filter(|(of, _)| of == "dns_event")
        .map(|(_, event)| event)
        .collect();
    let [beside, alone] = &questions[..] else {
        panic!("{questions:#?}")
    };
    assert_eq!(beside["hostname"], "a.example.test");
    assert_eq!(beside["ip_addresses"], json!(["/203.0.113.7"]));
    assert_eq!(beside["package_name"], "com.example.sync");
    assert_eq!(beside["portlog_index"], 3);
    assert_eq!(alone["hostname"], "d.example.test");
    assert_eq!(alone["ip_addresses"], json!([]));
    assert_eq!(
        (&alone["event_time"], &alone["time_is_of"]),
        (&json!(BEGIN + 11_000), &json!("the question"))
    );
    assert_eq!(alone["portlog"]["kind"], "alert");
}

#[test]
fn what_is_withheld_cannot_make_an_entry_a_connection() {
    for field in ["protocol", "state", "direction", "remote"] {
        let mut choice = Choice::new(Preset::Everything);
        choice.redact = [field.to_owned()].into();
        let events = events(&shared(&sorts(), &choice));
        assert!(events.iter().all(|(of, _)| of == "agent_event"), "{field}");
        assert_eq!(events.len(), 1 + 24);
    }
    // Without the number that ties entries together, the last word on a connection is not counted.
    let mut choice = Choice::new(Preset::Everything);
    choice.redact = ["connection".to_owned()].into();
    let events = events(&shared(&sorts(), &choice));
    let count = events
        .iter()
        .filter(|(of, _)| of == "connect_event")
        .count();
    assert_eq!(count, 8);
}

#[test]
fn every_file_says_first_that_portlog_made_it() {
    let files = files(&whole(&sorts()), Form::Mvt);
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "out/README.md",
            "out/getprop.txt",
            "out/intrusion_logs/portlog.txt",
            "out/packages.json"
        ]
    );
    for (name, bytes) in files {
        let text = String::from_utf8(bytes).unwrap();
        let first = text.lines().next().unwrap();
        assert!(
            first.contains("Portlog") && first.contains("not Android's own"),
            "{name}: {first}"
        );
    }
}

#[test]
fn the_phone_and_its_packages_are_those_that_the_log_names() {
    let mut files = files(&whole(&sorts()), Form::Mvt);
    let properties = String::from_utf8(files.remove("out/getprop.txt").unwrap()).unwrap();
    let (_, properties) = properties.split_once('\n').unwrap();
    assert_eq!(
        properties,
        "[ro.product.model]: [Example _One_]\n\
         [ro.build.fingerprint]: [example/one/one:4.4.4/KTU84P/7:user/release-keys]\n\
         [ro.build.tags]: [release-keys]\n\
         [ro.build.version.security_patch]: [2014-08-01]\n"
    );
    let packages: Json = serde_json::from_slice(&files["out/packages.json"]).unwrap();
    let named: Vec<(&str, u64, bool)> = packages
        .as_array()
        .unwrap()
        .iter()
        .map(|package| {
            (
                package["name"].as_str().unwrap(),
                package["uid"].as_u64().unwrap(),
                package["system"].as_bool().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        named,
        [
            ("android", 1000, true),
            ("com.example.one", 10030, false),
            ("com.example.settings", 1000, true),
            ("com.example.sync", 10012, true),
            ("org.example.browser", 10087, false),
            ("org.example.two", 10030, false),
        ]
    );
}
