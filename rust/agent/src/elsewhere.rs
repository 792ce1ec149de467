//! A watch of what this process does not read itself: a phone over adb, a helper beside it, a report that
//! another program made.

use std::fmt;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use portlog_blocklist::ListSet;
use portlog_model::Platform;
use portlog_owners::{Directory, PackageList, Unlisted};
use portlog_reach::adb::{Adb, AdbSource, Phone};
use portlog_reach::channel::{HelperLink, HelperSource, Provider};
use portlog_reach::import::{Import, ImportSource};
use portlog_reach::{DeviceFacts, Remote};
use portlog_sockets::TableSettings;
use portlog_watch::{History, Settings, Watch};

use crate::names::NameBook;
use crate::pipeline::{Opened, Parts};
use crate::testimony::{Device, SelinuxMode};
use crate::{Error, system};

/// Opens a source from elsewhere; called again after a fault.
pub type OpenRemote = Box<dyn FnMut() -> Result<Box<dyn Remote>, Error> + Send>;

/// Rows from elsewhere, and what must be known of it before the first one.
pub struct Elsewhere {
    /// Opens the source.
    pub open: OpenRemote,
    /// From where the kernel there takes local ports for outgoing connections.
    pub ephemeral_ports: Option<RangeInclusive<u16>>,
    /// That kernel's id of this boot.
    pub boot_id: Option<Arc<str>>,
}

impl Elsewhere {
    /// A phone over adb that answered.
    pub fn adb(adb: Adb, source: AdbSource) -> Self {
        let mut phone = source.phone().clone();
        let mut first = Some(source);
        Self {
            ephemeral_ports: phone.facts.ports.clone(),
            boot_id: phone.facts.device.boot_id.clone(),
            open: Box::new(move || {
                let source = match first.take() {
                    Some(source) => source,
                    None => AdbSource::connect_later(adb.clone(), phone.clone()),
                };
                phone = source.phone().clone();
                Ok(Box::new(source))
            }),
        }
    }

    /// A helper on this machine, which asks for its channel at this Unix socket. The socket is there from
    /// the first opening on, as long as the watch is.
    pub fn helper(socket: PathBuf) -> Self {
        let link = HelperLink::new(env!("CARGO_PKG_VERSION"));
        let mut provider = None;
        let proc_root = Path::new("/proc");
        Self {
            // Its kernel is the one that runs here.
            ephemeral_ports: Some(system::ephemeral_ports(proc_root)),
            boot_id: system::boot_id(proc_root),
            open: Box::new(move || {
                if provider.is_none() {
                    provider = Some(Provider::open(&socket, Arc::clone(&link))?);
                }
                Ok(Box::new(HelperSource::new(Arc::clone(&link))))
            }),
        }
    }

    /// A report that another program made.
    pub fn import(import: Import) -> Self {
        Self {
            ephemeral_ports: None,
            boot_id: None,
            open: Box::new(move || Ok(Box::new(ImportSource::new(import.clone())))),
        }
    }

    /// The parts of a pipeline. What it brings of packages is used where none were given by hand.
    pub(crate) fn assemble(
        self,
        packages: Option<PackageList>,
        lists: ListSet,
        names: NameBook,
        watch_settings: impl FnOnce(Platform) -> Settings,
    ) -> Parts {
        let Self {
            mut open,
            ephemeral_ports,
            ..
        } = self;
        let mut table = TableSettings::default();
        let mut settings = watch_settings(Platform::Android);
        if let Some(ports) = ephemeral_ports {
            table.ephemeral_ports = ports.clone();
            settings.ephemeral_ports = ports;
        }
        Parts {
            open_source: Box::new(move || open().map(Opened::Elsewhere)),
            table,
            packages_overridden: packages.is_some(),
            directory: packages.map_or_else(
                || Directory::android_unlisted(Unlisted::NotGiven),
                Directory::android,
            ),
            programs: None,
            lists,
            names,
            watch: Watch::new(settings, History::default()),
            counters_root: None,
            self_check: false,
        }
    }
}

impl fmt::Debug for Elsewhere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Elsewhere")
            .field("ephemeral_ports", &self.ephemeral_ports)
            .field("boot_id", &self.boot_id)
            .finish_non_exhaustive()
    }
}

/// What a phone over adb said of itself, as a journal has it. That adb debugging is on is certain.
impl From<&Phone> for Device {
    fn from(phone: &Phone) -> Self {
        Self {
            adb: Some(true),
            ..Self::from(&phone.facts.device)
        }
    }
}

/// What a phone said of itself, as a journal has it.
impl From<&DeviceFacts> for Device {
    fn from(device: &DeviceFacts) -> Self {
        let told = |word: &str| (!word.is_empty()).then(|| word.to_owned());
        let model = [&*device.manufacturer, &*device.model].join(" ");
        Self {
            model: told(model.trim()),
            fingerprint: told(&device.build),
            tags: told(&device.tags),
            security_patch: told(&device.patch),
            kernel: told(&device.kernel),
            baseband: told(&device.baseband),
            verified_boot: told(&device.verified_boot),
            bootloader: told(&device.bootloader),
            selinux: match &*device.selinux {
                "Enforcing" => Some(SelinuxMode::Enforcing),
                "Permissive" => Some(SelinuxMode::Permissive),
                "Disabled" => Some(SelinuxMode::Absent),
                _ => None,
            },
            adb: None,
            apk_signer: None,
        }
    }
}
