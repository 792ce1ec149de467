//! What is recorded, of whom, and when it is durable.

use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use portlog_agent::testimony::{
    Device, Mark, MarkPreset, PracticeMark, PracticeOutcome, Reader, Recorded, Testimony, Writing,
};
use portlog_agent::{Agent, Config, Directory, Opened, PackageList, Subject};
use portlog_journal::entry::Kind;
use portlog_model::{ConnectionId, Endpoint, EventKind, Provenance, SourceKind};
use portlog_reach::{DeviceFacts, News, Remote};
use portlog_sockets::{Batch, Polled, Source};

use crate::support::{self, ManualClock, Script, opened_to};
use crate::world::{PATIENCE, Told, Watched, device, on_disk, phone, row, running, testimony};

const SYSTEM: u32 = 1_000;
const UPDATER: u32 = 10_010;
const GAME: u32 = 10_087;
/// The same game in the second space.
const SECOND: u32 = 1_010_087;
/// The same updater there.
const SECOND_UPDATER: u32 = 1_010_010;
const NOBODY_KNOWS: u32 = 10_555;

#[test]
fn a_watch_of_this_machine_is_a_log_that_a_stranger_verifies() {
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("journal");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let peer = listener.local_addr().unwrap();
    let mut config = Config::new(Subject::this_machine());
    config.interval = Duration::from_millis(50);
    config.idle_interval = Duration::from_millis(50);
    config.testimony = Some(Testimony {
        case: Some("case 7".to_owned()),
        ..Testimony::new(journal.clone(), device("example-keys"))
    });
    let agent = Agent::start(config).unwrap();
    let _stream = TcpStream::connect(peer).unwrap();
    let give_up = Instant::now() + PATIENCE;
    let mut all = Vec::new();
    while !opened_to(&all, &peer.to_string()) {
        assert!(Instant::now() < give_up);
        all.extend(agent.next_events(Duration::from_millis(50)).unwrap());
    }
    assert!(agent.stop());
    assert_eq!(agent.recorder().unwrap().health().writing, Writing::Closed);
    drop(agent);

    let told = Told::of(&journal);
    let started = told.only(Kind::Started);
    assert_eq!(started["provenance"], "live");
    assert_eq!(started["procfs"], "yes");
    assert_eq!(started["case"], "case 7");
    assert!(started["boot_id"].len() >= 32);
    assert_eq!(told.only(Kind::Device)["model"], "Example One");
    assert!(told.opened().contains(&peer.to_string().as_str()));
    let to_peer = told
        .all(Kind::Opened)
        .find(|fields| fields["remote"] == peer.to_string())
        .unwrap();
    assert!(told.owner(to_peer).starts_with("0 "), "{to_peer:?}");
    assert_eq!(*told.kinds().last().unwrap(), Kind::Stopped);
    assert_eq!(told.report.obtained.not_live(), 0);
    // The state lies beside it.
    assert!(journal.join("state/state.json").exists());
}

#[test]
fn private_by_default_and_the_switch_is_an_entry() {
    let folder = tempfile::tempdir().unwrap();
    let watched = Watched::phone(testimony(folder.path()), "192.0.2.99\n");
    let private = [
        row("192.0.2.1:443", 1, SYSTEM),
        row("192.0.2.2:443", 2, UPDATER),
        row("192.0.2.3:443", 3, GAME),
        row("192.0.2.4:443", 4, SECOND),
        row("192.0.2.5:443", 5, NOBODY_KNOWS),
        row("192.0.2.6:443", 6, SECOND_UPDATER),
    ];
    // The front end is told of everyone.
    let events = watched.reach(&private, "192.0.2.6:443");
    assert!(opened_to(&events, "192.0.2.3:443") && opened_to(&events, "192.0.2.4:443"));
    watched.recorder.set_recorded(Recorded::Everyone).unwrap();
    watched.recorder.set_recorded(Recorded::Everyone).unwrap();
    let mut public = private.to_vec();
    public.push(row("192.0.2.7:443", 7, GAME));
    public.push(row("192.0.2.8:443", 8, SECOND));
    watched.reach(&public, "192.0.2.8:443");
    let told = watched.stop(folder.path());
    let mut opened = told.opened();
    opened.sort_unstable();
    assert_eq!(
        opened,
        [
            "192.0.2.1:443",
            "192.0.2.2:443",
            "192.0.2.5:443",
            "192.0.2.7:443",
            "192.0.2.8:443"
        ]
    );
    let switches: Vec<&str> = told
        .all(Kind::Config)
        .filter(|fields| fields["name"] == "recorded")
        .map(|fields| fields["value"].as_str())
        .collect();
    assert_eq!(switches, ["firmware-and-unknown", "everyone"]);
    // The game is not even named before the switch.
    let switch = told
        .entries
        .iter()
        .position(|(_, fields)| fields.get("value").is_some_and(|value| value == "everyone"));
    let early = told.entries[..switch.unwrap()]
        .iter()
        .any(|(_, fields)| fields.values().any(|value| value.contains("example.game")));
    assert!(!early);
}

#[test]
fn an_alert_is_recorded_whoever_raised_it_and_durable_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let watched = Watched::phone(testimony(folder.path()), "192.0.2.99\n");
    watched.script.go_on_with(support::Step::Rows(vec![
        row("192.0.2.1:443", 1, SYSTEM),
        row("192.0.2.99:443", 2, UPDATER),
    ]));
    let events = watched
        .clock
        .drive(&watched.agent, |events| !support::alerts(events).is_empty());
    assert!(opened_to(&events, "192.0.2.1:443"));
    settled(&watched);
    // Without asking the recorder for anything, and with an hour to the next commit.
    let told = on_disk(folder.path());
    assert_eq!(told.alerts().len(), 1);
    let alert = told.alerts()[0];
    assert_eq!(alert["remote"], "192.0.2.99:443");
    assert!(told.owner(alert).contains("com.example.updater"));
    watched.stop(folder.path());
}

#[test]
fn what_is_no_alert_waits_for_its_time_and_no_longer() {
    let folder = tempfile::tempdir().unwrap();
    let mut testimony = testimony(folder.path());
    testimony.commit_every = Duration::from_millis(200);
    let watched = Watched::phone(testimony, "");
    watched.reach(&[row("192.0.2.1:443", 1, SYSTEM)], "192.0.2.1:443");
    settled(&watched);
    assert_eq!(on_disk(folder.path()).opened(), ["192.0.2.1:443"]);
    watched.stop(folder.path());
}

#[test]
fn every_uid_is_named_once_together_with_the_others_of_a_look() {
    let folder = tempfile::tempdir().unwrap();
    let watched = Watched::phone(testimony(folder.path()), "");
    let mut rows = vec![
        row("192.0.2.1:443", 1, SYSTEM),
        row("192.0.2.2:443", 2, UPDATER),
    ];
    watched.reach(&rows, "192.0.2.2:443");
    rows.push(row("192.0.2.3:443", 3, UPDATER));
    watched.reach(&rows, "192.0.2.3:443");
    // An update makes the updater somebody else.
    let packages = "package:/system/priv-app/Updater.apk=com.example.updater uid:10010\n\
                    package:/system/app/Helper.apk=com.example.helper uid:10010\n";
    let directory = Directory::android(PackageList::parse(packages.as_bytes()));
    watched.agent.set_packages(directory).unwrap();
    rows.push(row("192.0.2.4:443", 4, UPDATER));
    watched.reach(&rows, "192.0.2.4:443");
    let told = watched.stop(folder.path());

    let named = |part: &str| {
        told.all(Kind::Packages)
            .filter(|fields| fields.values().any(|value| value.contains(part)))
            .count()
    };
    assert_eq!(named(" com.example.updater "), 1);
    assert_eq!(named("com.example.helper"), 1);
    let first = told
        .all(Kind::Packages)
        .find(|fields| fields.contains_key("owner.1"))
        .unwrap();
    assert!(first.contains_key("owner.2"), "not together: {first:?}");
    for fields in told.all(Kind::Opened) {
        let owner = told.owner(fields);
        let after = fields["remote"] == "192.0.2.4:443";
        assert_eq!(owner.contains("com.example.helper"), after, "{owner}");
    }
}

#[test]
fn owners_that_the_log_named_are_not_named_again_by_the_next_watch() {
    let folder = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        let watched = Watched::phone(testimony(folder.path()), "");
        watched.reach(&[row("192.0.2.2:443", 2, UPDATER)], "192.0.2.2:443");
        watched.stop(folder.path());
    }
    let told = Told::of(folder.path());
    let named = told
        .all(Kind::Packages)
        .filter(|fields| fields.contains_key("owner.1"));
    assert_eq!(named.count(), 1);
    assert_eq!(told.count(Kind::Started), 2);
    let owners: Vec<&str> = told
        .all(Kind::Opened)
        .map(|fields| told.owner(fields))
        .collect();
    assert_eq!(owners.len(), 2);
    assert_eq!(owners[0], owners[1]);
}

#[test]
fn on_a_plain_linux_everyone_is_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::new());
    let watched = Watched::start(testimony(folder.path()), clock, running(), support::parts);
    watched.reach(&[row("192.0.2.3:443", 3, GAME)], "192.0.2.3:443");
    let told = watched.stop(folder.path());
    assert_eq!(told.opened(), ["192.0.2.3:443"]);
    assert_eq!(told.only(Kind::Started)["provenance"], "simulated");
    assert!(told.report.obtained.not_live() > 0);
}

#[test]
fn a_mark_is_durable_when_its_index_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let watched = Watched::phone(testimony(folder.path()), "");
    let words = Mark::Words("SIM in, \u{202e}left".to_owned());
    let first = watched.recorder.mark(&words).unwrap();
    let second = watched
        .recorder
        .mark(&Mark::Preset(MarkPreset::ContactSaved))
        .unwrap();
    let told = on_disk(folder.path());
    let at = |index: u64| &told.entries[usize::try_from(index).unwrap()];
    assert_eq!(at(first).1["text"], "SIM in, \\u{202e}left");
    assert_eq!(at(second).1["preset"], "contact-saved");
    watched.stop(folder.path());
}

#[test]
fn practice_and_another_device_are_entries() {
    let folder = tempfile::tempdir().unwrap();
    let watched = Watched::phone(testimony(folder.path()), "");
    let practice = PracticeMark {
        outcome: PracticeOutcome::Passed,
        connection: Some(ConnectionId::new(5)),
        remote: Some(Endpoint::new("2001:db8::1".parse().unwrap(), 80)),
        detail: None,
    };
    watched.recorder.practice(practice).unwrap();
    watched
        .recorder
        .device_changed(device("example-keys"))
        .unwrap();
    watched
        .recorder
        .device_changed(device("other-keys"))
        .unwrap();
    let told = watched.stop(folder.path());
    let practice = told.only(Kind::Practice);
    assert_eq!(practice["remote"], "[2001:db8::1]:80");
    assert_eq!(practice["outcome"], "passed");
    let tags: Vec<&str> = told
        .all(Kind::Device)
        .map(|fields| fields["tags"].as_str())
        .collect();
    assert_eq!(tags, ["example-keys", "other-keys"]);
}

/// Rows by a script, of a phone that says what it is once more whenever it is told to have come back.
struct Reconnecting {
    rows: Script,
    said: Arc<Mutex<Option<DeviceFacts>>>,
}

impl Source for Reconnecting {
    fn provenance(&self) -> Provenance {
        Provenance::Adb
    }

    fn kind(&self) -> SourceKind {
        SourceKind::Adb
    }

    fn poll(&mut self, batch: &mut Batch) -> Result<Polled, portlog_sockets::Error> {
        self.rows.poll(batch)
    }
}

impl Remote for Reconnecting {
    fn news(&mut self, news: &mut Vec<News>) {
        news.extend(self.said.lock().unwrap().take().map(News::Device));
    }
}

#[test]
fn a_phone_that_comes_back_as_another_build_is_an_entry() {
    let folder = tempfile::tempdir().unwrap();
    let facts = |patch: &str| DeviceFacts {
        model: Arc::from("Example One"),
        tags: Arc::from("example-keys"),
        patch: Arc::from(patch),
        ..DeviceFacts::default()
    };
    let said = Arc::new(Mutex::new(Some(facts("2014-08-01"))));
    let testimony = Testimony {
        device: Device {
            adb: Some(true),
            ..Device::from(&facts("2014-08-01"))
        },
        ..testimony(folder.path())
    };
    let clock = Arc::new(ManualClock::new());
    let watched = Watched::start(testimony, clock, running(), |script| {
        let mut parts = phone(script.clone(), "");
        let said = Arc::clone(&said);
        parts.open_source = Box::new(move || {
            Ok(Opened::Elsewhere(Box::new(Reconnecting {
                rows: script.clone(),
                said: Arc::clone(&said),
            })))
        });
        parts
    });
    let reach = |remote| watched.reach(&[row(remote, 1, UPDATER)], remote);
    reach("192.0.2.1:443");
    // As it was, and then updated.
    for (patch, remote) in [
        ("2014-08-01", "192.0.2.2:443"),
        ("2014-09-01", "192.0.2.3:443"),
    ] {
        *said.lock().unwrap() = Some(facts(patch));
        reach(remote);
    }
    let told = watched.stop(folder.path());
    let patches: Vec<(&str, &str)> = told
        .all(Kind::Device)
        .map(|fields| (fields["security_patch"].as_str(), fields["adb"].as_str()))
        .collect();
    assert_eq!(patches, [("2014-08-01", "yes"), ("2014-09-01", "yes")]);
}

#[test]
fn after_the_end_the_journal_is_closed_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let watched = Watched::phone(testimony(folder.path()), "");
    let recorder = watched.recorder.clone();
    watched.stop(folder.path());
    assert_eq!(recorder.health().writing, Writing::Closed);
    let error = recorder.mark(&Mark::Words("late".to_owned())).unwrap_err();
    assert_eq!(error.to_string(), "the journal is closed");
    recorder.close().unwrap();
    assert!(Reader::open(folder.path()).is_ok());
}

#[test]
fn the_end_of_a_watch_is_durable_before_stop_returns() {
    let folder = tempfile::tempdir().unwrap();
    let watched = Watched::phone(testimony(folder.path()), "");
    watched.reach(&[row("192.0.2.1:443", 1, SYSTEM)], "192.0.2.1:443");
    assert!(watched.agent.stop());
    let told = on_disk(folder.path());
    assert_eq!(*told.kinds().last().unwrap(), Kind::Stopped);
    let events = support::collect(&watched.agent);
    assert!(matches!(events.last().unwrap().kind, EventKind::Stopped(_)));
}

/// Waits until everything that was handed over is durable.
fn settled(watched: &Watched) {
    let give_up = Instant::now() + PATIENCE;
    // What is handed over is counted a moment later.
    std::thread::sleep(Duration::from_millis(50));
    while watched.recorder.health().pending > 0 {
        assert!(Instant::now() < give_up, "{:?}", watched.recorder.health());
        std::thread::sleep(Duration::from_millis(20));
    }
}
