//! `/data/system/packages.list`: one line a package, fields between spaces.
//!
//! AOSP `frameworks/base/services/core/java/com/android/server/pm/Settings.java`,
//! `writePackageListLPr`; read by `system/core/libpackagelistparser`. The fields grew over time:
//! name, UID (of user 0), debuggable, data folder (4.0); seinfo, GIDs (4.3); profileable from the
//! shell (10); version code (11); profileable, installer or `@system`, `@product`, `@null` (12).
//! No version writes where the package lies.

use portlog_model::{PackageName, Uid};

use super::Collected;
use crate::input;
use crate::{Installer, LineError, PackageEntry, PackageFlags};

pub(super) fn parse(bytes: &[u8], out: &mut Collected) {
    for (line, text) in input::lines(bytes, super::MAX_LINE) {
        match text {
            Ok(text) if text.trim().is_empty() => {}
            Ok(text) => match entry(text) {
                Ok(entry) => out.add(line, entry),
                Err(reason) => out.bad(line, reason),
            },
            Err(reason) => out.bad(line, reason),
        }
    }
}

pub(super) fn is_entry(line: &str) -> bool {
    entry(line).is_ok()
}

fn entry(line: &str) -> Result<PackageEntry, LineError> {
    let mut fields = line.split_ascii_whitespace();
    let name = fields.next().ok_or(LineError::NotAnEntry)?;
    let uid = fields.next().ok_or(LineError::Missing("UID"))?;
    let debuggable = fields.next().ok_or(LineError::Missing("debug flag"))?;
    let folder = fields.next().ok_or(LineError::Missing("data folder"))?;
    let uid = uid.parse().map_err(|_| LineError::BadNumber("UID"))?;
    if !matches!(debuggable, "0" | "1") || !(folder.starts_with('/') || folder == "null") {
        return Err(LineError::NotAnEntry);
    }
    let seinfo = fields.next().unwrap_or_default();
    let version = fields.nth(2);
    let installer = fields.nth(1);
    let (flags, installer) = match installer {
        Some("@system" | "@product") => (Some(SYSTEM), None),
        Some("@null") => (Some(NOT_SYSTEM), Some(Installer::None)),
        Some(name) => (
            Some(NOT_SYSTEM),
            Some(Installer::Package(PackageName::new(name)?)),
        ),
        None if is_of_system(seinfo) => (Some(SYSTEM), None),
        None => (None, None),
    };
    Ok(PackageEntry {
        flags,
        installer,
        version: version.map(Into::into),
        ..PackageEntry::new(PackageName::new(name)?, Uid::new(uid))
    })
}

/// It does not say whether there is an update of it.
const SYSTEM: PackageFlags = PackageFlags {
    system: true,
    updated_system: false,
};
const NOT_SYSTEM: PackageFlags = PackageFlags {
    system: false,
    updated_system: false,
};

/// Since Android 8 seinfo has parts after colons (AOSP `SELinuxMMAC.java`): `privapp` for a
/// privileged app, which only a firmware partition can hold, later `partition=` with its name.
fn is_of_system(seinfo: &str) -> bool {
    seinfo.split(':').skip(1).any(|part| {
        part == "privapp"
            || part
                .strip_prefix("partition=")
                .is_some_and(|p| !p.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_versions_line_is_read() {
        for line in [
            "com.example.app 10087 0 /data/data/com.example.app",
            "com.example.app 10087 1 /data/data/com.example.app default 3003,1028",
            "com.example.app 10087 0 /data/user/0/com.example.app default:targetSdkVersion=28 none",
            "com.example.app 10087 0 /data/user/0/com.example.app default:targetSdkVersion=29 3003 0",
            "com.example.app 10087 0 null default:targetSdkVersion=30 3003 0 12",
        ] {
            let entry = entry(line).unwrap();
            assert_eq!(entry.package.as_str(), "com.example.app");
            assert_eq!(entry.uid, Uid::new(10_087));
            assert_eq!(entry.flags, None, "{line}");
            assert_eq!(entry.installer, None, "{line}");
        }
    }

    #[test]
    fn since_android_12_the_installer_tells_the_systems_packages() {
        let line = |installer| {
            entry(&format!(
                "com.example.app 10087 0 /data/user/0/com.example.app default:targetSdkVersion=31 \
                 3003 0 12 1 {installer}"
            ))
            .unwrap()
        };
        assert_eq!(line("@system").flags, Some(SYSTEM));
        assert_eq!(line("@product").flags, Some(SYSTEM));
        assert_eq!(line("@null").flags, Some(NOT_SYSTEM));
        assert_eq!(line("@null").installer, Some(Installer::None));
        let store = PackageName::new("com.example.store").unwrap();
        assert_eq!(
            line("com.example.store").installer,
            Some(Installer::Package(store))
        );
        assert_eq!(line("@null").version.as_deref(), Some("12"));
    }

    #[test]
    fn a_privileged_app_is_the_systems() {
        let line = |seinfo| {
            entry(&format!(
                "com.example.app 10012 0 /data/user/0/com.example.app {seinfo} none"
            ))
            .unwrap()
            .flags
        };
        assert_eq!(line("platform:privapp:targetSdkVersion=29"), Some(SYSTEM));
        assert_eq!(
            line("default:targetSdkVersion=33:partition=product"),
            Some(SYSTEM)
        );
        assert_eq!(line("platform:targetSdkVersion=29"), None);
        assert_eq!(line("privapp"), None);
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (line, reason) in [
            ("com.example.app", LineError::Missing("UID")),
            ("com.example.app 10087 0", LineError::Missing("data folder")),
            ("com.example.app x 0 /data", LineError::BadNumber("UID")),
            (
                "com.example.app 4294967296 0 /data",
                LineError::BadNumber("UID"),
            ),
            ("com.example.app 10087 2 /data", LineError::NotAnEntry),
            ("com.example.app 10087 0 data", LineError::NotAnEntry),
        ] {
            assert_eq!(entry(line).unwrap_err(), reason, "{line}");
        }
        assert!(matches!(
            entry("a/b 10087 0 /data"),
            Err(LineError::BadName(_))
        ));
    }
}
