//! What a bundle withholds is in no form of it, whatever is looked for.

use std::fmt::Write as _;

use portlog_journal::Hash;
use portlog_journal::bundle::{Choice, Preset};
use portlog_journal::entry::Kind;

use super::logs::*;
use super::*;

/// Values that stand nowhere else, each in a field of its own.
const SECRETS: [(&str, &str); 9] = [
    ("remote", "198.51.100.77:4433"),
    ("names", "hidden-name.example.test"),
    ("program", "hiddenprogram"),
    ("list", "hidden-list.txt"),
    ("entry", "198.51.100.64/27"),
    ("operator", "Hidden Operator"),
    ("case", "hidden case 77"),
    ("model", "Hidden Model"),
    ("text", "hidden words"),
];

fn secretive() -> TestLog {
    let of = |kind: Kind| -> Vec<(&str, &str)> {
        SECRETS
            .into_iter()
            .filter(|(field, _)| kind.position(field).is_some())
            .collect()
    };
    log([
        with(started(1, "live"), &of(Kind::Started)),
        packages(2, &["10012 app yes - com.hidden.example Hiddenlabel"]),
        with(device(3, "2014-08-01"), &of(Kind::Device)),
        connection(Kind::Opened, 4, 1, &of(Kind::Opened)),
        connection(Kind::Alert, 5, 1, &of(Kind::Alert)),
        entry(Kind::Mark, 6, &of(Kind::Mark)),
    ])
}

/// `secret` as somebody could look for it: as it is, in other letters, without its port, in hexadecimal
/// and base64, and by its digest.
fn disguises(secret: &str) -> Vec<String> {
    let hex = secret.bytes().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    });
    let digest = Hash::of(&[secret.as_bytes()]);
    let mut all = vec![
        secret.to_owned(),
        secret.to_lowercase(),
        secret.replace(' ', "%20"),
        hex,
        digest.to_hex(),
        digest.to_base64(),
    ];
    all.extend(
        secret
            .rsplit_once(':')
            .map(|(address, _)| address.to_owned()),
    );
    all
}

fn everything_in(bundle: &str, form: Form) -> String {
    let files = files(bundle, form);
    let mut all = String::new();
    for (name, bytes) in files {
        all.push_str(&name);
        all.push_str(&String::from_utf8(bytes).unwrap());
    }
    all.to_lowercase()
}

#[test]
fn each_field_is_there_unless_it_is_withheld() {
    let log = secretive();
    for form in FORMS {
        let open = everything_in(&whole(&log), form);
        for (field, secret) in SECRETS {
            assert!(open.contains(&secret.to_lowercase()), "{form:?} {field}");
            let mut choice = Choice::new(Preset::Everything);
            choice.redact = [field.to_owned()].into();
            let bundle = shared(&log, &choice);
            let closed = everything_in(&bundle, form);
            for disguise in disguises(secret) {
                let disguise = disguise.to_lowercase();
                assert!(!closed.contains(&disguise), "{form:?} {field} {disguise}");
            }
            // Nor its commitment, by which a guess could be tried on who knows the salt.
            let marker = format!("{field} # ");
            for line in bundle.lines().filter(|line| line.starts_with(&marker)) {
                let commitment = line[marker.len()..].to_lowercase();
                assert!(!closed.contains(&commitment), "{form:?} {line}");
            }
        }
    }
}

#[test]
fn a_withheld_owner_leaves_its_uid_alone() {
    let log = secretive();
    let mut choice = Choice::new(Preset::Everything);
    choice.redact = ["owner".to_owned()].into();
    let bundle = shared(&log, &choice);
    for form in FORMS {
        let closed = everything_in(&bundle, form);
        assert!(!closed.contains("com.hidden") && !closed.contains("hiddenlabel"));
    }
    let events = events(&bundle);
    let connect = events.iter().find(|(of, _)| of == "connect_event").unwrap();
    assert_eq!(connect.1["package_name"], "uid:10012");

    choice.redact.insert("uid".to_owned());
    let events = super::events(&shared(&log, &choice));
    let connect = events.iter().find(|(of, _)| of == "connect_event").unwrap();
    assert_eq!(connect.1["package_name"], "unknown");
    assert!(!connect.1.to_string().contains("10012"));
}

#[test]
fn presets_and_times_hold_as_the_bundle_has_them() {
    let log = watch();
    let indices = |choice: &Choice| -> Vec<u64> {
        as_json(&shared(&log, choice))["entries"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|entry| entry["kind"] != "started" && entry["observed"] != Json::Null)
            .map(|entry| entry["index"].as_u64().unwrap())
            .collect()
    };
    assert_eq!(indices(&Choice::new(Preset::Alerts)), [0_u64; 0]);
    assert_eq!(indices(&Choice::new(Preset::Firmware)), [4, 5, 8, 10]);
    let mut choice = Choice::new(Preset::Everything);
    choice.since = Some(portlog_model::WallTime::from_millis(BEGIN + 5_000));
    choice.until = Some(portlog_model::WallTime::from_millis(BEGIN + 9_000));
    assert_eq!(indices(&choice), [5, 8]);
    let alone = everything_in(&shared(&log, &Choice::new(Preset::Alerts)), Form::Mvt);
    assert!(
        !alone.contains("203.0.113.7") && !alone.contains("com.example"),
        "{alone}"
    );
}
