//! How a run of a session is put together.

use portlog_blocklist::ListSet;
use portlog_model::Platform;
use portlog_owners::{Directory, PackageEntry, PackageList, Unlisted};
use portlog_watch::Scope;

use super::{SessionConfig, SessionSettings};
use crate::agent::Running;
use crate::config::{Config, SourceChoice, Subject};
use crate::names::NameBook;
use crate::pipeline::Parts;

/// What a UID means on a system with this API level.
pub(crate) const fn platform(sdk: u32) -> Platform {
    if sdk > 0 {
        Platform::Android
    } else {
        Platform::Linux
    }
}

/// Whether a system with this API level, Android 10 and later, lets no app read the socket tables.
pub(crate) const fn refuses_apps(sdk: u32) -> bool {
    sdk >= 29
}

/// Whose connections raise alerts.
pub(crate) const fn scope(settings: &SessionSettings) -> Scope {
    if settings.scope_all {
        Scope::All
    } else {
        Scope::Firmware
    }
}

/// Who UIDs are on a phone, by what its framework told: before it told anything, the platform's own
/// ids alone.
pub(crate) fn directory(packages: Option<&[PackageEntry]>, withheld: bool) -> Directory {
    let Some(packages) = packages else {
        return Directory::android_unlisted(Unlisted::NotGiven);
    };
    let list = PackageList::from_entries(packages.to_vec());
    Directory::android(if withheld { list.withheld() } else { list })
}

/// The parts of a run. The API level decides what UIDs mean, whatever the machine is.
pub(crate) fn assemble(
    config: &SessionConfig,
    settings: &SessionSettings,
    lists: ListSet,
    names: NameBook,
    directory: Option<Directory>,
) -> (Parts, Running) {
    let platform = platform(config.sdk);
    let on_phone = platform == Platform::Android;
    // Android lets no app ask sock_diag; root may.
    let source = if on_phone && !nix::unistd::geteuid().is_root() {
        SourceChoice::Procfs
    } else {
        SourceChoice::Auto
    };
    let mut chosen = Config::new(Subject {
        source,
        proc_root: config.proc_root.clone(),
        packages: None,
        // A phone's UIDs name packages, and it hides others' processes.
        programs: !on_phone,
        lists,
        names,
        scope: scope(settings),
        elsewhere: None,
    });
    chosen.interval = settings.interval;
    chosen.idle_interval = settings.idle_interval;
    chosen.state_folder = Some(config.state_folder.clone());
    let (mut parts, mut running) = chosen.assemble();
    let mut watch_settings = parts.watch.settings().clone();
    watch_settings.platform = platform;
    parts.watch.set_settings(watch_settings);
    parts.counters_root = on_phone.then(|| config.proc_root.clone());
    if let Some(directory) = directory {
        parts.directory = directory;
    }
    running.packages_overridden = false;
    (parts, running)
}
