//! What Kotlin gives that is not yet a value of the agent: flat, as it crosses, and made into one.
//!
//! A field that says something impossible costs the record, with its name; what a phone's framework
//! may well say (an installer that is no package name, an empty label) is "not told".

use std::path::PathBuf;
use std::time::Duration;

use portlog_agent::session::{
    self, Installer, Language, ListPermission, PackageEntry, PackageFlags, SessionConfig,
    SessionSettings, Signer, UidBytes,
};
use portlog_model::{PackageName, Uid, WallTime};

/// A field that says something impossible. Caused by whoever wrote the record.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{field}: {found:?} is not {due}")]
pub struct Impossible {
    field: String,
    found: String,
    due: &'static str,
}

impl Impossible {
    /// What stands there is cut to so many characters.
    const SHOWN: usize = 64;

    fn new(field: impl Into<String>, found: &str, due: &'static str) -> Self {
        Self {
            field: field.into(),
            found: found.chars().take(Self::SHOWN).collect(),
            due,
        }
    }
}

/// `Config` of Records.kt.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AskedConfig {
    /// An absolute path.
    pub state_folder: String,
    /// An absolute path; `/proc` on a phone.
    pub proc_root: String,
    /// The API level of this Android; 0 elsewhere.
    pub sdk: u32,
    /// What can be set later, too.
    pub settings: AskedSettings,
}

impl TryFrom<AskedConfig> for SessionConfig {
    type Error = Impossible;

    fn try_from(asked: AskedConfig) -> Result<Self, Impossible> {
        Ok(Self {
            state_folder: folder("state_folder", &asked.state_folder)?,
            proc_root: folder("proc_root", &asked.proc_root)?,
            sdk: asked.sdk,
            settings: asked.settings.try_into()?,
        })
    }
}

/// `Settings` of Records.kt.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AskedSettings {
    /// A BCP 47 tag, such as `en` or `zh-Hans-CN`.
    pub language: String,
    /// Seconds ahead of UTC.
    pub utc_offset_seconds: i32,
    /// Whether all owners' connections raise alerts.
    pub scope_all: bool,
    /// Milliseconds from look to look.
    pub interval_millis: i64,
    /// The same while the screen is off.
    pub idle_interval_millis: i64,
}

impl TryFrom<AskedSettings> for SessionSettings {
    type Error = Impossible;

    fn try_from(asked: AskedSettings) -> Result<Self, Impossible> {
        Ok(Self {
            language: language(&asked.language),
            utc_offset_seconds: asked.utc_offset_seconds,
            scope_all: asked.scope_all,
            interval: span("interval_millis", asked.interval_millis)?,
            idle_interval: span("idle_interval_millis", asked.idle_interval_millis)?,
        })
    }
}

/// `PackageFeed` of Records.kt.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PackageFeed {
    /// Whether the app may see the list.
    pub permission: ListPermission,
    /// What it sees.
    pub packages: Vec<PackageFacts>,
}

impl TryFrom<PackageFeed> for session::PackageFeed {
    type Error = Impossible;

    fn try_from(asked: PackageFeed) -> Result<Self, Impossible> {
        let packages = asked.packages.into_iter().enumerate();
        Ok(Self {
            permission: asked.permission,
            packages: packages
                .map(|(index, facts)| facts.into_entry(index))
                .collect::<Result<_, _>>()?,
        })
    }
}

/// `PackageFacts` of Records.kt.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PackageFacts {
    /// Its name.
    pub name: String,
    /// Its UID.
    pub uid: u32,
    /// `FLAG_SYSTEM`.
    pub system: bool,
    /// `FLAG_UPDATED_SYSTEM_APP`.
    pub updated_system: bool,
    /// `ApplicationInfo.sourceDir`.
    pub source_path: Option<String>,
    /// Where the copy lies that came with the phone, for an updated one.
    pub factory_path: Option<String>,
    /// `PackageInfo.versionName`.
    pub version: Option<String>,
    /// What it calls itself.
    pub label: Option<String>,
    /// SHA-256 of the certificates that signed it, in hexadecimal.
    pub signers: Vec<String>,
    /// Whether the framework told who installed it, be it nobody.
    pub installer_known: bool,
    /// Who.
    pub installer: Option<String>,
    /// Whether it has an entry in the launcher.
    pub launcher_entry: Option<bool>,
    /// When it was installed first, in milliseconds since 1970.
    pub first_install: Option<i64>,
}

impl PackageFacts {
    fn into_entry(self, index: usize) -> Result<PackageEntry, Impossible> {
        let Ok(package) = PackageName::new(&self.name) else {
            let field = format!("packages[{index}].name");
            return Err(Impossible::new(field, &self.name, "a package name"));
        };
        let signer = |text: &String| {
            Signer::new(text).ok_or_else(|| {
                let field = format!("packages[{index}].signers");
                Impossible::new(field, text, "a digest in hexadecimal")
            })
        };
        Ok(PackageEntry {
            package,
            uid: Uid::new(self.uid),
            flags: Some(PackageFlags {
                system: self.system,
                updated_system: self.updated_system,
            }),
            source_path: told(self.source_path),
            factory_path: told(self.factory_path),
            version: told(self.version),
            label: told(self.label),
            signers: self.signers.iter().map(signer).collect::<Result<_, _>>()?,
            installer: match self.installer {
                _ if !self.installer_known => None,
                None => Some(Installer::None),
                // Whoever installs over adb may give any text.
                Some(name) => PackageName::new(&name).ok().map(Installer::Package),
            },
            launcher_entry: self.launcher_entry,
            first_install_time: self.first_install.map(WallTime::from_millis),
        })
    }
}

/// `UidBytes` of Records.kt.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CountedBytes {
    /// Whose.
    pub uid: u32,
    /// Bytes received.
    pub received: u64,
    /// Bytes sent.
    pub sent: u64,
}

impl From<CountedBytes> for UidBytes {
    fn from(counted: CountedBytes) -> Self {
        Self {
            uid: Uid::new(counted.uid),
            received: counted.received,
            sent: counted.sent,
        }
    }
}

/// English where the tag's language has no words of its own here.
fn language(tag: &str) -> Language {
    let _ = tag;
    Language::English
}

fn folder(field: &'static str, text: &str) -> Result<PathBuf, Impossible> {
    let path = PathBuf::from(text);
    if path.is_absolute() && !text.contains('\0') {
        Ok(path)
    } else {
        Err(Impossible::new(field, text, "an absolute path"))
    }
}

fn span(field: &'static str, millis: i64) -> Result<Duration, Impossible> {
    match u64::try_from(millis) {
        Ok(millis) if millis > 0 => Ok(Duration::from_millis(millis)),
        _ => Err(Impossible::new(
            field,
            &millis.to_string(),
            "a span of a millisecond or more",
        )),
    }
}

fn told(text: Option<String>) -> Option<std::sync::Arc<str>> {
    text.filter(|text| !text.is_empty()).map(Into::into)
}
