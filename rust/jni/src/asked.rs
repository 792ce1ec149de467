//! What Kotlin gives that is not yet a value of the agent: flat, as it crosses, and made into one.
//!
//! A field that says something impossible costs the record, with its name; what a phone's framework
//! may well say (an installer that is no package name, an empty label) is "not told".

use std::fmt;
use std::hint;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use portlog_agent::session::{
    self, DataKey, DeviceFeed, Installer, Language, ListPermission, LogConfig, PackageEntry,
    PackageFlags, SessionConfig, SessionSettings, Signer, TapRequest, TapStart, UidBytes,
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

    pub(crate) fn new(field: impl Into<String>, found: &str, due: &'static str) -> Self {
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
    /// What the signed log needs; `None` where none is kept.
    pub log: Option<AskedLog>,
}

impl TryFrom<AskedConfig> for SessionConfig {
    type Error = Impossible;

    fn try_from(asked: AskedConfig) -> Result<Self, Impossible> {
        Ok(Self {
            state_folder: folder("state_folder", &asked.state_folder)?,
            proc_root: folder("proc_root", &asked.proc_root)?,
            sdk: asked.sdk,
            settings: asked.settings.try_into()?,
            log: asked.log.map(LogConfig::try_from).transpose()?,
        })
    }
}

/// `TapRequest` of TapRecords.kt.
#[derive(Clone, Debug, PartialEq)]
pub enum AskedTap {
    /// Begins, on a TUN device.
    Start {
        /// Its descriptor, detached from whatever Java had it in: from here on nobody else's.
        descriptor: i32,
        /// How.
        start: TapStart,
    },
    /// Anything else.
    Ask(TapRequest),
}

/// `LogConfig` of LogRecords.kt.
#[derive(Clone, Eq, PartialEq)]
pub struct AskedLog {
    /// The key that seals the log's secrets: 32 bytes. It is printed by nothing.
    pub data_key: Option<Vec<u8>>,
    /// What the phone is.
    pub device: DeviceFeed,
}

impl fmt::Debug for AskedLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AskedLog")
            .field("data_key", &self.data_key.as_ref().map(|_| "(..)"))
            .field("device", &self.device)
            .finish()
    }
}

impl Drop for AskedLog {
    fn drop(&mut self) {
        if let Some(bytes) = &mut self.data_key {
            bytes.fill(0);
            hint::black_box(bytes);
        }
    }
}

impl TryFrom<AskedLog> for LogConfig {
    type Error = Impossible;

    fn try_from(asked: AskedLog) -> Result<Self, Impossible> {
        let key = match asked.data_key.as_deref() {
            None => None,
            Some(bytes) => {
                let found = format!("{} bytes", bytes.len());
                let bytes = <[u8; 32]>::try_from(bytes)
                    .map_err(|_| Impossible::new("log.data_key", &found, "a key of 32 bytes"))?;
                Some(DataKey::new(bytes))
            }
        };
        Ok(Self {
            key,
            device: asked.device.clone(),
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
            language: Language::from_tag(&asked.language),
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

fn told(text: Option<String>) -> Option<Arc<str>> {
    text.filter(|text| !text.is_empty()).map(Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> PackageFacts {
        PackageFacts {
            name: "com.example.sync".to_owned(),
            uid: 10_087,
            system: true,
            updated_system: false,
            source_path: Some("/system/app/Sync".to_owned()),
            factory_path: Some(String::new()),
            version: None,
            label: Some("Sync".to_owned()),
            signers: vec!["AB:01".to_owned()],
            installer_known: true,
            installer: None,
            launcher_entry: Some(true),
            first_install: Some(5),
        }
    }

    fn settings() -> AskedSettings {
        AskedSettings {
            language: "zh-TW".to_owned(),
            utc_offset_seconds: 28_800,
            scope_all: true,
            interval_millis: 1_000,
            idle_interval_millis: 5_000,
        }
    }

    #[test]
    fn facts_become_an_entry_and_what_is_empty_is_not_told() {
        let entry = facts().into_entry(0).unwrap();
        let wanted = PackageEntry {
            flags: Some(PackageFlags {
                system: true,
                updated_system: false,
            }),
            source_path: Some("/system/app/Sync".into()),
            label: Some("Sync".into()),
            signers: vec![Signer::new("ab01").unwrap()],
            installer: Some(Installer::None),
            launcher_entry: Some(true),
            first_install_time: Some(WallTime::from_millis(5)),
            ..PackageEntry::new(
                PackageName::new("com.example.sync").unwrap(),
                Uid::new(10_087),
            )
        };
        assert_eq!(entry, wanted);
    }

    #[test]
    fn an_installer_is_told_told_to_be_nobody_or_not_told() {
        let installer = |known, name: Option<&str>| {
            let facts = PackageFacts {
                installer_known: known,
                installer: name.map(str::to_owned),
                ..facts()
            };
            facts.into_entry(0).unwrap().installer
        };
        let store = PackageName::new("com.example.store").unwrap();
        let named = Some(Installer::Package(store));
        assert_eq!(installer(true, Some("com.example.store")), named);
        assert_eq!(installer(true, None), Some(Installer::None));
        assert_eq!(installer(true, Some("by hand, over adb")), None);
        assert_eq!(installer(false, Some("com.example.store")), None);
    }

    #[test]
    fn what_cannot_be_is_refused_by_name() {
        let feed = |facts| {
            let feed = PackageFeed {
                permission: ListPermission::Granted,
                packages: vec![self::facts(), facts],
            };
            session::PackageFeed::try_from(feed)
                .unwrap_err()
                .to_string()
        };
        let unnamed = PackageFacts {
            name: "not a name".to_owned(),
            ..facts()
        };
        assert_eq!(
            feed(unnamed),
            "packages[1].name: \"not a name\" is not a package name"
        );
        let unsigned = PackageFacts {
            signers: vec!["xyz".to_owned()],
            ..facts()
        };
        assert_eq!(
            feed(unsigned),
            "packages[1].signers: \"xyz\" is not a digest in hexadecimal"
        );
        let asked = AskedConfig {
            state_folder: "state".to_owned(),
            proc_root: "/proc".to_owned(),
            sdk: 0,
            settings: settings(),
            log: None,
        };
        assert_eq!(
            SessionConfig::try_from(asked).unwrap_err().to_string(),
            "state_folder: \"state\" is not an absolute path"
        );
        for millis in [0, -1, i64::MIN] {
            let asked = AskedSettings {
                idle_interval_millis: millis,
                ..settings()
            };
            assert!(SessionSettings::try_from(asked).is_err(), "{millis}");
        }
    }

    #[test]
    fn settings_keep_what_was_asked() {
        let wanted = SessionSettings {
            language: Language::TraditionalChinese,
            utc_offset_seconds: 28_800,
            scope_all: true,
            interval: Duration::from_secs(1),
            idle_interval: Duration::from_secs(5),
        };
        assert_eq!(SessionSettings::try_from(settings()), Ok(wanted));
    }

    #[test]
    fn a_key_has_32_bytes_and_no_text_shows_it() {
        let asked = |length| AskedLog {
            data_key: Some(vec![77; length]),
            device: DeviceFeed::default(),
        };
        assert_eq!(
            LogConfig::try_from(asked(31)).unwrap_err().to_string(),
            "log.data_key: \"31 bytes\" is not a key of 32 bytes"
        );
        let config = LogConfig::try_from(asked(32)).unwrap();
        for text in [format!("{:?}", asked(32)), format!("{config:?}")] {
            assert!(!text.contains("77") && text.contains("(..)"), "{text}");
        }
    }
}
