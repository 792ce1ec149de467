//! The lists and package lists that a watch is given, in a folder that every user can read.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// Package lists of one invented phone; see tests/captures/packages.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Packages {
    /// `dumpsys package`, which tells of flags and certificates.
    Dumpsys,
    /// `pm list packages -U -f`, which tells of paths alone.
    Pm,
}

impl Packages {
    const fn file(self) -> &'static str {
        match self {
            Self::Dumpsys => "handset-14.dumpsys.txt",
            Self::Pm => "handset.pm.txt",
        }
    }
}

/// A folder for one watch.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        let folder = tempfile::Builder::new()
            .prefix("portlog-handset-")
            .tempdir()
            .unwrap();
        open_to_all(folder.path(), 0o755);
        Self(folder)
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// A folder in it that belongs to `uid`, where others can go through.
    pub(crate) fn of(&self, name: &str, uid: u32) -> PathBuf {
        let path = self.path().join(name);
        fs::create_dir(&path).unwrap();
        open_to_all(&path, 0o755);
        std::os::unix::fs::chown(&path, Some(uid), Some(uid)).unwrap();
        path
    }

    /// Writes a file that everyone can read.
    pub(crate) fn write(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.path().join(name);
        fs::write(&path, content).unwrap();
        open_to_all(&path, 0o644);
        path
    }

    /// The flags for a watch with these packages and lists (category, file name, content).
    pub(crate) fn flags(&self, packages: Packages, lists: &[(&str, &str, &str)]) -> Vec<String> {
        let captures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/captures/packages");
        let content = fs::read(captures.join(packages.file())).unwrap();
        let packages = self.write("packages.txt", &content);
        let mut flags = vec!["--packages".to_owned(), packages.display().to_string()];
        for (category, name, content) in lists {
            let list = self.write(name, content.as_bytes());
            flags.extend([
                "--list".to_owned(),
                format!("{category}={}", list.display()),
            ]);
        }
        flags
    }
}

pub(crate) fn open_to_all(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}
