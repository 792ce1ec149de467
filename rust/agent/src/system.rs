//! Facts of the running system, or of a captured tree, that decide how rows are read.

use std::fs;
use std::ops::RangeInclusive;
use std::path::Path;
use std::sync::Arc;

use portlog_model::Platform;

/// The kernel's id of this boot, on a live `/proc`.
pub(crate) fn boot_id(proc_root: &Path) -> Option<Arc<str>> {
    let text = fs::read_to_string(proc_root.join("sys/kernel/random/boot_id")).ok()?;
    let id = text.trim();
    let plausible = id.len() <= 64 && id.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    (plausible && !id.is_empty()).then(|| Arc::from(id))
}

/// The range from which the kernel takes local ports for outgoing connections
/// (`net.ipv4.ip_local_port_range`); the kernel's default where it cannot be read.
pub(crate) fn ephemeral_ports(proc_root: &Path) -> RangeInclusive<u16> {
    const KERNEL_DEFAULT: RangeInclusive<u16> = 32_768..=60_999;
    let Ok(text) = fs::read_to_string(proc_root.join("sys/net/ipv4/ip_local_port_range")) else {
        return KERNEL_DEFAULT;
    };
    let mut ports = text.split_ascii_whitespace().map(str::parse::<u16>);
    match (ports.next(), ports.next()) {
        (Some(Ok(low)), Some(Ok(high))) if low <= high => low..=high,
        _ => KERNEL_DEFAULT,
    }
}

/// What a UID means in the tree below `proc_root`: Android where the program runs on it, or where
/// the tree holds what only Android kernels and our own captures of phones have.
pub(crate) fn platform(proc_root: &Path, is_live: bool) -> Platform {
    const ANDROID_ONLY: [&str; 3] = ["net/xt_qtaguid/stats", "uid_stat", "packages.list"];
    let android = if is_live {
        cfg!(target_os = "android") || Path::new("/system/build.prop").exists()
    } else {
        ANDROID_ONLY
            .iter()
            .any(|name| proc_root.join(name).exists())
    };
    if android {
        Platform::Android
    } else {
        Platform::Linux
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_range_of_a_tree_is_used_and_a_damaged_one_is_not() {
        let tree = tempfile::tempdir().unwrap();
        assert_eq!(ephemeral_ports(tree.path()), 32_768..=60_999);
        let folder = tree.path().join("sys/net/ipv4");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("ip_local_port_range"), "1024\t65535\n").unwrap();
        assert_eq!(ephemeral_ports(tree.path()), 1_024..=65_535);
        fs::write(folder.join("ip_local_port_range"), "9 3\n").unwrap();
        assert_eq!(ephemeral_ports(tree.path()), 32_768..=60_999);
    }

    #[test]
    fn a_captured_tree_of_a_phone_is_known_by_its_files() {
        let tree = tempfile::tempdir().unwrap();
        assert_eq!(platform(tree.path(), false), Platform::Linux);
        fs::create_dir(tree.path().join("uid_stat")).unwrap();
        assert_eq!(platform(tree.path(), false), Platform::Android);
    }

    #[test]
    fn a_live_kernel_has_a_boot_id() {
        assert!(boot_id(Path::new("/proc")).is_some());
        let tree = tempfile::tempdir().unwrap();
        assert_eq!(boot_id(tree.path()), None);
    }
}
