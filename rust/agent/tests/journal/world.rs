//! A watch by a script with a journal in a folder, and the journal read as a stranger would.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use portlog_agent::testimony::{Choice, Device, Preset, Reader, Recorder, Testimony};
use portlog_agent::{Agent, Directory, PackageList, Parts, Running};
use portlog_journal::entry::Kind;
use portlog_journal::verify::{self, Options, Report};
use portlog_model::{Endpoint, Event, Platform, SocketRow, SocketState, Table};
use portlog_watch::{History, Scope, Settings, Watch};

use crate::support::{self, ManualClock, Script, Step};

pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Settings with which nothing is committed but what must be.
pub(crate) fn testimony(folder: &Path) -> Testimony {
    Testimony {
        commit_every: Duration::from_hours(1),
        case: Some("case 7".to_owned()),
        operator: Some("somebody".to_owned()),
        ..Testimony::new(folder.to_owned(), device("example-keys"))
    }
}

pub(crate) fn device(tags: &str) -> Device {
    Device {
        model: Some("Example One".to_owned()),
        tags: Some(tags.to_owned()),
        ..Device::default()
    }
}

/// A phone with a firmware package, one that its owner installed, and nothing else.
pub(crate) const PACKAGES: &str = "package:/system/priv-app/Updater.apk=com.example.updater uid:10010\n\
     package:/data/app/com.example.game-1/base.apk=com.example.game uid:10087\n";

pub(crate) fn phone(script: Script, list: &str) -> Parts {
    let mut parts = support::parts_with_list(script, list);
    parts.directory = Directory::android(PackageList::parse(PACKAGES.as_bytes()));
    parts.watch = Watch::new(
        Settings::new(Platform::Android, Scope::Firmware),
        History::default(),
    );
    parts
}

/// An established connection of `uid` to `remote`.
pub(crate) fn row(remote: &str, inode: u64, uid: u32) -> SocketRow {
    let remote: std::net::SocketAddr = remote.parse().unwrap();
    let port = 40_000 + u16::try_from(inode % 20_000).unwrap();
    SocketRow::from_kernel(
        Table::Tcp,
        SocketState::Established,
        Endpoint::from((Ipv4Addr::new(198, 51, 100, 2), port)),
        Endpoint::new(remote.ip(), remote.port()),
        uid,
        inode,
    )
}

/// A watch with a journal, by a clock that is moved by hand.
pub(crate) struct Watched {
    pub(crate) agent: Agent,
    pub(crate) recorder: Recorder,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) script: Script,
}

impl Watched {
    pub(crate) fn phone(testimony: Testimony, list: &str) -> Self {
        Self::start(
            testimony,
            Arc::new(ManualClock::new()),
            running(),
            |script| phone(script, list),
        )
    }

    pub(crate) fn start(
        testimony: Testimony,
        clock: Arc<ManualClock>,
        running: Running,
        parts: impl FnOnce(Script) -> Parts,
    ) -> Self {
        let script = Script::new([Step::Rows(Vec::new())]);
        let recorder = Recorder::open(testimony, Arc::clone(&clock) as _).unwrap();
        let agent = Agent::start_recorded(
            parts(script.clone()),
            running,
            Arc::clone(&clock) as _,
            Some(recorder.clone()),
        )
        .unwrap();
        Self {
            agent,
            recorder,
            clock,
            script,
        }
    }

    /// Shows these rows from now on and waits until the front end has heard of `remote`.
    pub(crate) fn reach(&self, rows: &[SocketRow], remote: &str) -> Vec<Event> {
        self.script.go_on_with(Step::Rows(rows.to_vec()));
        self.clock
            .drive(&self.agent, |events| support::opened_to(events, remote))
    }

    /// Stops the watch and reads its log. What was handed over is written first: a test machine may
    /// need longer for thousands of rows than a stop waits.
    pub(crate) fn stop(self, folder: &Path) -> Told {
        drop(self.recorder.reader());
        assert!(self.agent.stop(), "{:?}", self.recorder.health());
        drop(self);
        Told::of(folder)
    }
}

pub(crate) fn running() -> Running {
    Running {
        queue_capacity: 1 << 16,
        ..support::running()
    }
}

/// A log as a stranger reads it: exported whole and verified.
pub(crate) struct Told {
    pub(crate) report: Report,
    pub(crate) entries: Vec<(Kind, BTreeMap<String, String>)>,
}

impl Told {
    pub(crate) fn of(folder: &Path) -> Self {
        Self::by(&Reader::open(folder).unwrap())
    }

    pub(crate) fn by(reader: &Reader) -> Self {
        let mut choice = Choice::new(Preset::Everything);
        choice.with_local = true;
        let mut bundle = Vec::new();
        let exported = reader.export(&choice, &mut bundle).unwrap();
        let told = Self::verified(&bundle);
        assert_eq!(exported.shown, told.report.shown);
        assert_eq!(exported.of, told.report.size());
        told
    }

    pub(crate) fn verified(bundle: &[u8]) -> Self {
        let report = verify::verify(bundle, &Options::at(4_000_000_000)).unwrap();
        let mut entries = Vec::new();
        verify::entries(bundle, &report, |entry| {
            let fields = entry.fields().filter_map(|(name, value)| {
                let value = value.filter(|value| *value != "-")?;
                Some((name.into_owned(), value.to_owned()))
            });
            entries.push((entry.kind(), fields.collect()));
        })
        .unwrap();
        Self { report, entries }
    }

    pub(crate) fn kinds(&self) -> Vec<Kind> {
        self.entries.iter().map(|(kind, _)| *kind).collect()
    }

    pub(crate) fn count(&self, kind: Kind) -> usize {
        self.all(kind).count()
    }

    pub(crate) fn all(&self, kind: Kind) -> impl Iterator<Item = &BTreeMap<String, String>> {
        self.entries
            .iter()
            .filter(move |(of, _)| *of == kind)
            .map(|(_, fields)| fields)
    }

    /// The fields of the only entry of a kind.
    pub(crate) fn only(&self, kind: Kind) -> &BTreeMap<String, String> {
        let all: Vec<_> = self.all(kind).collect();
        assert_eq!(all.len(), 1, "{all:#?}");
        all[0]
    }

    /// Alerts that are more than noted.
    pub(crate) fn alerts(&self) -> Vec<&BTreeMap<String, String>> {
        self.all(Kind::Alert)
            .filter(|fields| fields["level"] != "noted")
            .collect()
    }

    /// Where connections went, in order.
    pub(crate) fn opened(&self) -> Vec<&str> {
        self.all(Kind::Opened)
            .map(|fields| fields["remote"].as_str())
            .collect()
    }

    /// Who the owner of an entry is, as the log has it.
    pub(crate) fn owner(&self, fields: &BTreeMap<String, String>) -> &str {
        let at: usize = fields["owner"].parse().unwrap();
        let (kind, named) = &self.entries[at];
        assert_eq!(*kind, Kind::Packages);
        let uid = format!("{} ", fields["uid"]);
        named
            .iter()
            .find(|(name, value)| name.starts_with("owner.") && value.starts_with(&uid))
            .map(|(_, value)| value.as_str())
            .expect("the owner is not where the entry says")
    }
}

/// What is on the disk now, as another machine would find it: a copy of the folder, opened.
pub(crate) fn on_disk(folder: &Path) -> Told {
    let copy = tempfile::tempdir().unwrap();
    std::fs::copy(
        folder.join("journal.redb"),
        copy.path().join("journal.redb"),
    )
    .unwrap();
    Told::of(copy.path())
}
