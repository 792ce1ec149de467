//! What a user can choose about a watch, and how the parts are put together from it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use portlog_blocklist::ListSet;
use portlog_model::{Platform, Provenance};
use portlog_owners::{Accounts, Directory, PackageList, Programs, Unlisted};
use portlog_sockets::{
    CaptureKind, CaptureSeries, DiagSource, ProcfsSource, Source, TableSettings,
};
use portlog_watch::{History, Scope, Settings, Watch};

use crate::agent::Running;
use crate::elsewhere::Elsewhere;
use crate::files::read_bounded;
use crate::names::NameBook;
use crate::pipeline::{OpenSource, Parts};
use crate::testimony::Testimony;
use crate::{Error, system};

/// Where rows come from.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum SourceChoice {
    /// procfs for a captured tree; on this machine sock_diag where it may be used, else procfs.
    #[default]
    Auto,
    /// The text tables.
    Procfs,
    /// sock_diag, and procfs for each table that it cannot give.
    Diag,
}

/// The rows to look at, and who their owners are.
#[derive(Debug)]
pub struct Subject {
    /// Where rows come from.
    pub source: SourceChoice,
    /// The proc tree, `/proc` for this machine.
    pub proc_root: PathBuf,
    /// A package list given by hand.
    pub packages: Option<PackageList>,
    /// Whether the program behind a socket is looked up.
    pub programs: bool,
    /// The lists in force.
    pub lists: ListSet,
    /// Names for addresses, and whoever teaches it.
    pub names: NameBook,
    /// Whose connections raise alerts.
    pub scope: Scope,
    /// Rows from elsewhere, in place of the proc tree's.
    pub elsewhere: Option<Elsewhere>,
}

/// A watch, as chosen.
#[derive(Debug)]
pub struct Config {
    /// What is watched.
    pub subject: Subject,
    /// The time from one poll to the next while something changes.
    pub interval: Duration,
    /// The same after a quiet while.
    pub idle_interval: Duration,
    /// The time from one heartbeat to the next.
    pub heartbeat: Duration,
    /// An alert that was raised is raised again when it recurs after this time.
    pub cool_down: Duration,
    /// Sounding alerts in 24 hours before they are bundled.
    pub sounding_per_day: u32,
    /// Where first-seen, counts, cool-downs and mutes are kept; `None` starts afresh each time.
    pub state_folder: Option<PathBuf>,
    /// The watch's journal, which keeps the state too where no folder is named for that; `None` keeps
    /// none.
    pub testimony: Option<Testimony>,
}

impl Config {
    /// The usual time between polls.
    pub const INTERVAL: Duration = Duration::from_secs(1);
    /// How much slower an idle watch is than a busy one.
    pub const IDLE_FACTOR: u32 = 3;
    /// The usual time between heartbeats.
    pub const HEARTBEAT: Duration = Duration::from_mins(15);
    /// The usual cool-down of an alert.
    pub const COOL_DOWN: Duration = Duration::from_hours(6);
    /// The usual number of sounding alerts a day.
    pub const SOUNDING_PER_DAY: u32 = 6;
    /// Events kept for a front end that does not fetch: a first look at a full table fits.
    const QUEUE_CAPACITY: usize = 1 << 16;

    /// A watch of `subject` with the usual times and no memory.
    pub const fn new(subject: Subject) -> Self {
        Self {
            subject,
            interval: Self::INTERVAL,
            idle_interval: Duration::from_secs(3),
            heartbeat: Self::HEARTBEAT,
            cool_down: Self::COOL_DOWN,
            sounding_per_day: Self::SOUNDING_PER_DAY,
            state_folder: None,
            testimony: None,
        }
    }

    pub(crate) fn assemble(self) -> (Parts, Running) {
        let packages_overridden = self.subject.packages.is_some();
        let scope_all = self.subject.scope == Scope::All;
        let boot_id_elsewhere = self
            .subject
            .elsewhere
            .as_ref()
            .and_then(|elsewhere| elsewhere.boot_id.clone());
        let proc_root = self.subject.proc_root.clone();
        let scope = self.subject.scope;
        let parts = self.subject.assemble(|platform| {
            let mut settings = Settings::new(platform, scope);
            settings.cool_down = self.cool_down;
            settings.sounding_per_day = self.sounding_per_day;
            settings
        });
        let local_boot_id = || {
            parts
                .self_check
                .then(|| system::boot_id(&proc_root))
                .flatten()
        };
        let running = Running {
            interval: self.interval,
            idle_interval: self.idle_interval,
            heartbeat: self.heartbeat,
            state_folder: self.state_folder,
            queue_capacity: Self::QUEUE_CAPACITY,
            scope_all,
            packages_overridden,
            boot_id: boot_id_elsewhere.or_else(local_boot_id),
        };
        (parts, running)
    }
}

impl Subject {
    /// This machine's sockets, without lists.
    pub fn this_machine() -> Self {
        Self {
            source: SourceChoice::Auto,
            proc_root: PathBuf::from("/proc"),
            packages: None,
            programs: true,
            lists: ListSet::new(Vec::new()),
            names: NameBook::default(),
            scope: Scope::Firmware,
            elsewhere: None,
        }
    }

    /// The parts of a pipeline; the engine's settings depend on the platform that is found.
    pub(crate) fn assemble(self, watch_settings: impl FnOnce(Platform) -> Settings) -> Parts {
        self.assemble_with(DiagSource::open, watch_settings)
    }

    /// The same for one look: destroyed sockets are not asked for.
    pub(crate) fn assemble_for_one_look(self) -> Parts {
        let scope = self.scope;
        self.assemble_with(DiagSource::open_without_events, |platform| {
            Settings::new(platform, scope)
        })
    }

    fn assemble_with(
        self,
        open_diag: OpenDiag,
        watch_settings: impl FnOnce(Platform) -> Settings,
    ) -> Parts {
        if let Some(elsewhere) = self.elsewhere {
            return elsewhere.assemble(self.packages, self.lists, self.names, watch_settings);
        }
        let packages_overridden = self.packages.is_some();
        let is_live = ProcfsSource::new(self.proc_root.clone()).provenance() == Provenance::Live;
        let open_source = opener(self.source, self.proc_root.clone(), open_diag);
        let directory = directory(self.packages, &self.proc_root, is_live);
        let platform = directory.platform();
        let programs = (self.programs && is_live).then(|| Programs::new(self.proc_root.clone()));
        let ephemeral_ports = system::ephemeral_ports(&self.proc_root);
        let table = TableSettings {
            ephemeral_ports: ephemeral_ports.clone(),
            ..TableSettings::default()
        };
        let mut settings = watch_settings(platform);
        settings.ephemeral_ports = ephemeral_ports;
        Parts {
            open_source,
            table,
            directory,
            programs,
            lists: self.lists,
            names: self.names,
            watch: Watch::new(settings, History::default()),
            counters_root: (platform == Platform::Android).then_some(self.proc_root),
            self_check: is_live,
            packages_overridden,
        }
    }
}

/// Opens sock_diag, with the source of what it cannot give.
type OpenDiag = fn(ProcfsSource) -> Result<DiagSource, portlog_sockets::Error>;

/// Opens the chosen source each time it is called.
fn opener(choice: SourceChoice, proc_root: PathBuf, open_diag: OpenDiag) -> OpenSource {
    Box::new(move || {
        let procfs = ProcfsSource::new(proc_root.clone());
        let is_live = procfs.provenance() == Provenance::Live;
        let wants_diag = match choice {
            SourceChoice::Procfs => false,
            SourceChoice::Diag => true,
            SourceChoice::Auto => is_live && diag_is_usual(),
        };
        Ok(
            if !is_live && CaptureKind::of(&proc_root)? == CaptureKind::Series {
                CaptureSeries::open(&proc_root)?.into()
            } else if wants_diag {
                open_diag(procfs)?.into()
            } else {
                procfs.into()
            },
        )
    })
}

/// Who UIDs are: by the list given, else by what the system, or the captured tree, has.
pub fn directory(given: Option<PackageList>, proc_root: &Path, is_live: bool) -> Directory {
    if let Some(list) = given {
        return Directory::android(list);
    }
    match system::platform(proc_root, is_live) {
        Platform::Android if is_live => Directory::android_unlisted(Unlisted::NotGiven),
        Platform::Android => match PackageList::read(&proc_root.join("packages.list")) {
            Ok(list) => Directory::android(list),
            Err(_) => Directory::android_unlisted(Unlisted::NotGiven),
        },
        Platform::Linux if is_live => Directory::linux(accounts(Path::new("/etc/passwd"))),
        // This machine's accounts say nothing about another's UIDs.
        Platform::Linux => Directory::linux(Accounts::not_given()),
    }
}

fn accounts(path: &Path) -> Accounts {
    match read_bounded(path, Accounts::MAX_BYTES as u64) {
        Ok(bytes) => Accounts::parse(&bytes),
        Err(Error::Read { source, .. }) => Accounts::unreadable(source.raw_os_error()),
        Err(_) => Accounts::unreadable(None),
    }
}

/// On Android only root may use sock_diag; on other Linux anyone may.
fn diag_is_usual() -> bool {
    system::platform(Path::new("/proc"), true) == Platform::Linux
        || nix::unistd::geteuid().is_root()
}
