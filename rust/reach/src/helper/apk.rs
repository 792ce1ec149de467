//! Whether the app is still the one that the helper was started from.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::program::{Bounds, output};
use super::{App, Ended};

/// Watches the APK. Android never writes to an APK in place: an update is a folder of its own, and
/// the old one goes away with everything in it.
#[derive(Debug)]
pub(crate) struct ApkWatch {
    /// What the file was at the start.
    was: Option<Identity>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Identity {
    device: u64,
    inode: u64,
    bytes: u64,
    modified: i64,
}

impl ApkWatch {
    pub(crate) fn new(apk: &Path) -> Self {
        Self { was: identity(apk) }
    }

    /// What became of `app`, where it is another; the phone's package manager is asked where it is
    /// now.
    pub(crate) fn look(&mut self, app: &App, programs: Option<&Path>) -> Option<Ended> {
        let is = identity(&app.apk);
        if is == self.was {
            return None;
        }
        match programs.map(|folder| place(folder, &app.package)) {
            Some(Ok(Some(apk))) => Some(Ended::Updated { apk }),
            // It cannot be asked: later, perhaps.
            Some(Err(_)) => None,
            None if is.is_some() => Some(Ended::Updated {
                apk: app.apk.clone(),
            }),
            Some(Ok(None)) | None => Some(Ended::Removed),
        }
    }
}

fn identity(apk: &Path) -> Option<Identity> {
    let file = apk.metadata().ok()?;
    Some(Identity {
        device: file.dev(),
        inode: file.ino(),
        bytes: file.len(),
        modified: file.mtime(),
    })
}

/// The first APK of a package, by `cmd package path`; `None` where it is not installed, which
/// the program says by printing nothing and failing.
fn place(folder: &Path, package: &str) -> Result<Option<PathBuf>, String> {
    const PATHS: Bounds = Bounds {
        bytes: 64 << 10,
        time: Duration::from_secs(20),
    };
    // A package's name, and nothing that a program could take for a flag.
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_');
    if !package.bytes().all(plain) {
        return Err("no package's name".to_owned());
    }
    let cmd = folder.join("cmd");
    let text = match output(&cmd, &["package", "path", package], PATHS) {
        Ok(text) => text,
        Err(why) if why.ends_with("failed: ") => return Ok(None),
        Err(why) => return Err(why),
    };
    let text = String::from_utf8(text).map_err(|_| "no text".to_owned())?;
    let path = text.lines().find_map(|line| line.strip_prefix("package:"));
    Ok(path.map(|path| PathBuf::from(path.trim())))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// A phone with an APK and a package manager.
    struct Phone(tempfile::TempDir);

    impl Phone {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join("base.apk"), "one").unwrap();
            Self(folder)
        }

        fn app(&self) -> App {
            App {
                package: "com.example.watch".to_owned(),
                apk: self.0.path().join("base.apk"),
            }
        }

        fn answers(&self, script: &str) {
            let cmd = self.0.path().join("cmd");
            std::fs::write(&cmd, format!("#!/bin/sh\n{script}\n")).unwrap();
            std::fs::set_permissions(&cmd, PermissionsExt::from_mode(0o755)).unwrap();
        }
    }

    #[test]
    fn an_update_is_told_with_its_place() {
        let phone = Phone::new();
        let app = phone.app();
        let mut watch = ApkWatch::new(&app.apk);
        phone.answers("echo package:/data/app/~~x==/com.example.watch-y==/base.apk");
        assert_eq!(watch.look(&app, Some(phone.0.path())), None);
        std::fs::remove_file(&app.apk).unwrap();
        let apk = "/data/app/~~x==/com.example.watch-y==/base.apk".into();
        let ended = Some(Ended::Updated { apk });
        assert_eq!(watch.look(&app, Some(phone.0.path())), ended);
    }

    #[test]
    fn an_app_that_is_gone_is_removed_and_one_that_cannot_be_asked_for_is_not() {
        let phone = Phone::new();
        let app = phone.app();
        let mut watch = ApkWatch::new(&app.apk);
        std::fs::remove_file(&app.apk).unwrap();
        phone.answers("exit 1");
        assert_eq!(watch.look(&app, Some(phone.0.path())), Some(Ended::Removed));
        phone.answers("echo 'cmd: Failure calling service package: Broken pipe'; exit 20");
        assert_eq!(watch.look(&app, Some(phone.0.path())), None);
    }

    #[test]
    fn only_a_packages_name_is_given_to_a_program() {
        let phone = Phone::new();
        phone.answers("echo package:/data/app/base.apk");
        for name in ["--user", "a b", "a;b", "a/b"] {
            assert!(place(phone.0.path(), name).is_err(), "{name}");
        }
    }
}
