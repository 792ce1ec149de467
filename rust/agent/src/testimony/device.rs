//! What a phone or machine says of itself.

use std::fs;
use std::path::Path;

use portlog_model::Provenance;
use portlog_sockets::{ProcfsSource, Source as _};

use crate::files::read_bounded;

/// What a phone or machine says of itself; `None` where it says nothing.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Device {
    /// The model.
    pub model: Option<String>,
    /// The build's fingerprint (`ro.build.fingerprint`); on Linux the distribution.
    pub fingerprint: Option<String>,
    /// The build's tags, such as `release-keys`.
    pub tags: Option<String>,
    /// The date of the security patch.
    pub security_patch: Option<String>,
    /// The kernel's release.
    pub kernel: Option<String>,
    /// The baseband's version.
    pub baseband: Option<String>,
    /// The state of verified boot, such as `green`.
    pub verified_boot: Option<String>,
    /// Whether the bootloader is locked, in the system's words.
    pub bootloader: Option<String>,
    /// What SELinux does.
    pub selinux: Option<SelinuxMode>,
    /// Whether adb debugging is on.
    pub adb: Option<bool>,
    /// The SHA-256 of the certificate that signed the app.
    pub apk_signer: Option<[u8; 32]>,
}

/// What SELinux does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SelinuxMode {
    /// It refuses what its policy does not allow.
    Enforcing,
    /// It reports that and lets it pass.
    Permissive,
    /// There is none.
    Absent,
}

impl SelinuxMode {
    /// The word in a `device` entry.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Enforcing => "enforcing",
            Self::Permissive => "permissive",
            Self::Absent => "absent",
        }
    }
}

impl Device {
    /// What this machine says of itself in files that anyone may read.
    pub fn of_this_machine() -> Self {
        Self::of_tree(Path::new("/"))
    }

    /// What the machine says of itself whose tables `proc_root` has: this one, or, of a copy of tables,
    /// what stands in the copy. A copy is never given this machine's facts.
    pub fn behind(proc_root: &Path) -> Self {
        if ProcfsSource::new(proc_root.to_owned()).provenance() == Provenance::Live {
            return Self::of_this_machine();
        }
        Self {
            kernel: line_of(&proc_root.join("sys/kernel/osrelease")),
            ..Self::default()
        }
    }

    fn of_tree(root: &Path) -> Self {
        let read = |path: &str| line_of(&root.join(path));
        Self {
            model: read("sys/class/dmi/id/product_name")
                .or_else(|| read("proc/device-tree/model"))
                .or_else(|| read("sys/firmware/devicetree/base/model")),
            fingerprint: os_name(&root.join("etc/os-release")),
            kernel: read("proc/sys/kernel/osrelease"),
            selinux: selinux(root),
            ..Self::default()
        }
    }
}

/// The only line of a small file of the kernel's; `None` where it says nothing.
fn line_of(path: &Path) -> Option<String> {
    const MOST: u64 = 4_096;
    let bytes = read_bounded(path, MOST).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    // Strings of the device tree end with a NUL.
    let line = text.trim_end_matches('\0').trim();
    (!line.is_empty()).then(|| line.to_owned())
}

/// `PRETTY_NAME` of os-release(5).
fn os_name(path: &Path) -> Option<String> {
    const MOST: u64 = 64 << 10;
    let bytes = read_bounded(path, MOST).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let value = text
        .lines()
        .find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
    let value = value.trim().trim_matches(['"', '\'']);
    (!value.is_empty()).then(|| value.to_owned())
}

fn selinux(root: &Path) -> Option<SelinuxMode> {
    let folder = root.join("sys/fs/selinux");
    if !folder.exists() {
        // Without /sys nothing can be said.
        return root.join("sys/fs").exists().then_some(SelinuxMode::Absent);
    }
    match fs::read_to_string(folder.join("enforce")) {
        Ok(text) if text.trim() == "1" => Some(SelinuxMode::Enforcing),
        Ok(text) if text.trim() == "0" => Some(SelinuxMode::Permissive),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Some(SelinuxMode::Absent),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_names_its_kernel() {
        let device = Device::of_this_machine();
        let uname = nix::sys::utsname::uname().unwrap();
        assert_eq!(device.kernel.as_deref(), uname.release().to_str());
        assert!(device.selinux.is_some());
    }

    #[test]
    fn a_copy_of_tables_is_not_this_machine() {
        assert_eq!(
            Device::behind(Path::new("/proc")),
            Device::of_this_machine()
        );
        let copy = tempfile::tempdir().unwrap();
        assert_eq!(Device::behind(copy.path()), Device::default());
        fs::create_dir_all(copy.path().join("sys/kernel")).unwrap();
        fs::write(copy.path().join("sys/kernel/osrelease"), "3.4.0-example\n").unwrap();
        let device = Device::behind(copy.path());
        assert_eq!(device.kernel.as_deref(), Some("3.4.0-example"));
        assert_eq!(device.model.or(device.fingerprint), None);
    }

    #[test]
    fn what_a_tree_has_is_told_and_nothing_else() {
        let tree = tempfile::tempdir().unwrap();
        assert_eq!(Device::of_tree(tree.path()), Device::default());
        let write = |path: &str, text: &str| {
            let path = tree.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("proc/device-tree/model", "Example Board\0");
        write("etc/os-release", "ID=example\nPRETTY_NAME=\"Example 1\"\n");
        write("sys/fs/selinux/enforce", "0");
        let device = Device::of_tree(tree.path());
        assert_eq!(device.model.as_deref(), Some("Example Board"));
        assert_eq!(device.fingerprint.as_deref(), Some("Example 1"));
        assert_eq!(device.selinux, Some(SelinuxMode::Permissive));
        assert_eq!(device.kernel, None);
    }
}
