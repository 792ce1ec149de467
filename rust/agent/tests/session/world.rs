//! A session in a folder of its own, and ways to wait for what it tells.

use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use portlog_agent::session::{
    BoardQuery, DataKey, DeviceFeed, Language, ListChange, ListPermission, LogConfig, PackageEntry,
    PackageFeed, PackageFlags, Session, SessionConfig, SessionSettings, Told, ToldKind,
};
use portlog_agent::{Error, OpenSource, Opened};
use portlog_model::{Category, Endpoint, PackageName, SocketRow, SocketState, Table, Uid};

use crate::support::{ManualClock, Script, Step};

pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) fn settings() -> SessionSettings {
    SessionSettings {
        language: Language::English,
        utc_offset_seconds: 0,
        scope_all: false,
        interval: Duration::from_millis(50),
        idle_interval: Duration::from_millis(50),
    }
}

/// A phone of Android 9 whose rows are this machine's.
pub(crate) fn live(folder: &Path) -> SessionConfig {
    SessionConfig {
        state_folder: folder.to_owned(),
        proc_root: PathBuf::from("/proc"),
        sdk: 28,
        settings: settings(),
        log: None,
    }
}

/// What the framework of a phone says of it.
pub(crate) fn phone() -> DeviceFeed {
    DeviceFeed {
        model: Some("Example One".to_owned()),
        selinux: Some("permissive".to_owned()),
        adb: Some(true),
        apk_signer: Some("ab".repeat(32)),
        ..DeviceFeed::default()
    }
}

/// A session whose rows follow a script, by a clock that is moved by hand.
pub(crate) struct Scripted {
    pub(crate) session: Session,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) script: Script,
}

impl Scripted {
    pub(crate) fn open(folder: &Path, steps: impl IntoIterator<Item = Step>) -> Self {
        Self::open_with(folder, Arc::new(ManualClock::new()), steps, &settings())
    }

    pub(crate) fn open_with(
        folder: &Path,
        clock: Arc<ManualClock>,
        steps: impl IntoIterator<Item = Step>,
        settings: &SessionSettings,
    ) -> Self {
        let config = SessionConfig {
            settings: settings.clone(),
            ..live(folder)
        };
        Self::open_as(config, clock, steps)
    }

    fn open_as(
        mut config: SessionConfig,
        clock: Arc<ManualClock>,
        steps: impl IntoIterator<Item = Step>,
    ) -> Self {
        let script = Script::new(steps);
        let source = script.clone();
        let open_source: OpenSource =
            Box::new(move || -> Result<Opened, Error> { Ok(source.clone().into()) });
        config.settings.interval = Duration::from_secs(1);
        config.settings.idle_interval = Duration::from_secs(1);
        let session =
            Session::open_with(config, Arc::clone(&clock) as _, Some(open_source)).unwrap();
        Self {
            session,
            clock,
            script,
        }
    }

    /// One that keeps a signed log, sealed by a key of these bytes where there are such.
    pub(crate) fn open_logged(
        folder: &Path,
        clock: Arc<ManualClock>,
        steps: impl IntoIterator<Item = Step>,
        key: Option<u8>,
    ) -> Self {
        let log = LogConfig {
            key: key.map(|byte| DataKey::new([byte; 32])),
            device: phone(),
        };
        let config = SessionConfig {
            log: Some(log),
            ..live(folder)
        };
        Self::open_as(config, clock, steps)
    }

    /// Moves the clock second by second until what was told satisfies `done`.
    pub(crate) fn drive(&self, done: impl Fn(&[Told]) -> bool) -> Vec<Told> {
        let give_up = Instant::now() + PATIENCE;
        let mut all = Vec::new();
        while !done(&all) {
            assert!(Instant::now() < give_up, "not within 20 s: {all:#?}");
            let told = self.session.next_events(Duration::from_millis(20));
            all.extend(told.expect("the session ended"));
            if !done(&all) {
                self.clock.advance(Duration::from_secs(1));
            }
        }
        all
    }

    /// Lets `looks` looks go by.
    pub(crate) fn look(&self, looks: u64) {
        let until = self.session.stats().polls + looks;
        let give_up = Instant::now() + PATIENCE;
        while self.session.stats().polls < until {
            assert!(Instant::now() < give_up, "no look within 20 s");
            self.clock.advance(Duration::from_secs(1));
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

/// A row of `uid` from a local port that the kernel hands out.
pub(crate) fn row(uid: u32, port: u16, remote: &str, inode: u64) -> SocketRow {
    let remote: std::net::SocketAddr = remote.parse().unwrap();
    SocketRow::from_kernel(
        Table::Tcp,
        SocketState::Established,
        Endpoint::from((Ipv4Addr::new(198, 51, 100, 2), port)),
        Endpoint::new(remote.ip(), remote.port()),
        uid,
        inode,
    )
}

pub(crate) fn package(name: &str, uid: u32, system: bool) -> PackageEntry {
    let mut entry = PackageEntry::new(PackageName::new(name).unwrap(), Uid::new(uid));
    entry.flags = Some(PackageFlags {
        system,
        updated_system: false,
    });
    let place = if system { "/system/app" } else { "/data/app" };
    entry.source_path = Some(format!("{place}/{name}/base.apk").into());
    entry.launcher_entry = Some(false);
    entry
}

/// Enough packages for a phone; `extra` among them.
pub(crate) fn feed(extra: Vec<PackageEntry>) -> PackageFeed {
    let mut packages = vec![package("android", 1_000, true)];
    packages.extend((0..40).map(|number| {
        package(
            &format!("com.example.part{number}"),
            11_000 + number,
            number % 2 == 0,
        )
    }));
    packages.extend(extra);
    PackageFeed {
        permission: ListPermission::NotNeeded,
        packages,
    }
}

/// Puts a list with this text on the shelf.
pub(crate) fn import(session: &Session, folder: &Path, name: &str, text: &str) {
    let path = folder.join(format!("{name}.txt"));
    fs::write(&path, text).unwrap();
    session
        .set_lists(&ListChange::Import {
            name: name.to_owned(),
            category: Some(Category::Own),
            path: path.to_str().unwrap().to_owned(),
        })
        .unwrap();
    fs::remove_file(&path).unwrap();
}

/// Fetches until what was told satisfies `done`.
pub(crate) fn fetch(session: &Session, done: impl Fn(&[Told]) -> bool) -> Vec<Told> {
    let give_up = Instant::now() + PATIENCE;
    let mut all = Vec::new();
    while !done(&all) {
        assert!(Instant::now() < give_up, "not within 20 s: {all:#?}");
        all.extend(
            session
                .next_events(Duration::from_millis(100))
                .expect("the session ended"),
        );
    }
    all
}

/// Waits until the session has looked so often since its start.
pub(crate) fn wait_for_polls(session: &Session, polls: u64) {
    let give_up = Instant::now() + PATIENCE;
    while session.stats().polls < polls {
        assert!(Instant::now() < give_up, "{:#?}", session.stats());
        std::thread::sleep(Duration::from_millis(10));
    }
}

pub(crate) fn has(told: &[Told], kind: ToldKind) -> bool {
    told.iter().any(|told| told.kind == kind)
}

/// A server on an address of the loopback network that no other test uses, and a connection to it.
pub(crate) fn connect_to(address: Ipv4Addr) -> (TcpListener, TcpStream, String) {
    let listener = TcpListener::bind((address, 0)).unwrap();
    let remote = listener.local_addr().unwrap();
    let stream = TcpStream::connect(remote).unwrap();
    (listener, stream, remote.to_string())
}

pub(crate) fn everything() -> BoardQuery {
    BoardQuery::default()
}
