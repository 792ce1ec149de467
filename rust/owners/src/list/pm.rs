//! `pm list packages` and `cmd package list packages`: one line a package.
//!
//! AOSP `PackageManagerShellCommand.java`, `runListPackages`; before Android 7 `Pm.java`. The parts
//! stand in this order, each by an option of its own, and the UIDs of several users by commas since
//! Android 12:
//!
//! ```text
//! package:[PATH=]NAME[ versionCode:N][ stopped=BOOL][  installer=NAME|null][ uid:N[,N]...]
//! ```
//!
//! Neither path nor name is quoted, and paths hold `=` since Android 11 (random folder names end in
//! `==`), so a line is read from its end: known parts first, and the name after the last `=`.

use portlog_model::{PackageName, Uid};

use super::Collected;
use crate::input;
use crate::{Installer, LineError, PackageEntry};

pub(super) fn parse(bytes: &[u8], out: &mut Collected) {
    for (line, text) in input::lines(bytes, super::MAX_LINE) {
        match text {
            Ok(text) if text.trim().is_empty() => {}
            Ok(text) => match entry(text) {
                Ok((entry, uids)) if uids.is_empty() => out.add_without_uid(line, entry.package),
                Ok((entry, uids)) => {
                    for uid in uids {
                        out.add(
                            line,
                            PackageEntry {
                                uid,
                                ..entry.clone()
                            },
                        );
                    }
                }
                Err(reason) => out.bad(line, reason),
            },
            Err(reason) => out.bad(line, reason),
        }
    }
}

pub(super) fn is_entry(line: &str) -> bool {
    line.starts_with(PREFIX)
}

const PREFIX: &str = "package:";

/// The entry without its UID, and its UIDs.
fn entry(line: &str) -> Result<(PackageEntry, Vec<Uid>), LineError> {
    let mut rest = line
        .strip_prefix(PREFIX)
        .ok_or(LineError::NotAnEntry)?
        .trim_end();
    let mut uids = Vec::new();
    let mut version = None;
    let mut installer = None;
    while let Some((before, part)) = rest.rsplit_once(' ') {
        if let Some(list) = part.strip_prefix("uid:") {
            uids = list
                .split(',')
                .map(|uid| uid.parse().map(Uid::new))
                .collect::<Result<_, _>>()
                .map_err(|_| LineError::BadNumber("UID"))?;
        } else if let Some(code) = part.strip_prefix("versionCode:") {
            let code: u64 = code.parse().map_err(|_| LineError::BadNumber("version"))?;
            version = Some(code.to_string().into());
        } else if let Some(name) = part.strip_prefix("installer=") {
            installer = Some(match name {
                "null" => Installer::None,
                name => Installer::Package(PackageName::new(name)?),
            });
        } else if !part.starts_with("stopped=") {
            break;
        }
        rest = before.trim_end();
    }
    let (path, name) = match rest.rsplit_once('=') {
        Some((path, name)) => (Some(path), name),
        None => (None, rest),
    };
    let entry = PackageEntry {
        source_path: path.map(Into::into),
        version,
        installer,
        ..PackageEntry::new(PackageName::new(name)?, Uid::ROOT)
    };
    Ok((entry, uids))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(line: &str) -> (Option<String>, String, Vec<u32>) {
        let (entry, uids) = entry(line).unwrap();
        (
            entry.source_path.map(|path| path.to_string()),
            entry.package.to_string(),
            uids.into_iter().map(Uid::get).collect(),
        )
    }

    #[test]
    fn every_dialect_is_read() {
        let name = || "com.example.app".to_owned();
        assert_eq!(read("package:com.example.app"), (None, name(), vec![]));
        assert_eq!(
            read("package:com.example.app uid:10087"),
            (None, name(), vec![10_087])
        );
        assert_eq!(
            read("package:/data/app/com.example.app-1.apk=com.example.app"),
            (
                Some("/data/app/com.example.app-1.apk".to_owned()),
                name(),
                vec![]
            )
        );
        assert_eq!(
            read(
                "package:/data/app/~~ab==/com.example.app-cd==/base.apk=com.example.app \
                 versionCode:12 stopped=true  installer=null uid:10087,1010087"
            ),
            (
                Some("/data/app/~~ab==/com.example.app-cd==/base.apk".to_owned()),
                name(),
                vec![10_087, 1_010_087]
            )
        );
        assert_eq!(
            read("package:/system/app/An Example/Example.apk=com.example.app uid:10012"),
            (
                Some("/system/app/An Example/Example.apk".to_owned()),
                name(),
                vec![10_012]
            )
        );
    }

    #[test]
    fn the_installer_is_a_name_or_none() {
        let installer = |text| entry(text).unwrap().0.installer;
        assert_eq!(installer("package:com.example.app uid:1"), None);
        assert_eq!(
            installer("package:com.example.app  installer=null uid:1"),
            Some(Installer::None)
        );
        assert_eq!(
            installer("package:com.example.app  installer=com.example.store"),
            Some(Installer::Package(
                PackageName::new("com.example.store").unwrap()
            ))
        );
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (line, reason) in [
            (
                "WARNING: linker: libexample.so has text relocations",
                LineError::NotAnEntry,
            ),
            ("package:com.example.app uid:", LineError::BadNumber("UID")),
            (
                "package:com.example.app uid:1,,2",
                LineError::BadNumber("UID"),
            ),
            (
                "package:com.example.app uid:-1",
                LineError::BadNumber("UID"),
            ),
            (
                "package:com.example.app versionCode:x uid:1",
                LineError::BadNumber("version"),
            ),
        ] {
            assert_eq!(entry(line).unwrap_err(), reason, "{line}");
        }
        for line in ["package:", "package:a b", "package:/data/app/x/base.apk"] {
            assert!(matches!(entry(line), Err(LineError::BadName(_))), "{line}");
        }
    }

    proptest! {
        #[test]
        fn what_the_command_prints_is_read_back(
            path in proptest::option::of("/[a-z=~/. -]{1,40}[a-z]"),
            name in "[a-z]{1,8}(\\.[a-z_]{1,8}){1,3}",
            version in proptest::option::of(any::<u64>()),
            stopped in proptest::option::of(any::<bool>()),
            installer in proptest::option::of("null|com\\.example\\.store"),
            uids in proptest::collection::vec(any::<u32>(), 0..4),
        ) {
            use std::fmt::Write as _;
            let mut line = "package:".to_owned();
            if let Some(path) = &path {
                write!(line, "{path}=").unwrap();
            }
            line += &name;
            if let Some(version) = version {
                write!(line, " versionCode:{version}").unwrap();
            }
            if let Some(stopped) = stopped {
                write!(line, " stopped={stopped}").unwrap();
            }
            if let Some(installer) = installer {
                write!(line, "  installer={installer}").unwrap();
            }
            if !uids.is_empty() {
                let uids: Vec<String> = uids.iter().map(u32::to_string).collect();
                write!(line, " uid:{}", uids.join(",")).unwrap();
            }
            prop_assert_eq!(read(&line), (path, name, uids));
        }
    }
}
