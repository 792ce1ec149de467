//! Whether a tree is this kernel's own, a capture or an invention.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use portlog_model::Provenance;

/// What `root` is. Whatever cannot be shown to be live is a replay.
pub(crate) fn provenance_of(root: &Path) -> Provenance {
    if root == Path::new("/proc") && is_procfs(root) {
        Provenance::Live
    } else if says_simulated(root) {
        Provenance::Simulated
    } else {
        Provenance::Replay
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn is_procfs(root: &Path) -> bool {
    use nix::sys::statfs::{PROC_SUPER_MAGIC, statfs};

    statfs(root).is_ok_and(|answer| answer.filesystem_type() == PROC_SUPER_MAGIC)
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn is_procfs(_root: &Path) -> bool {
    false
}

/// Whether the tree's file `provenance` begins with the line `simulated`.
fn says_simulated(root: &Path) -> bool {
    let mut start = Vec::new();
    let path = root.join("provenance");
    // Only a plain file is opened: a pipe would wait for a writer.
    path.metadata().is_ok_and(|found| found.is_file())
        && File::open(path).is_ok_and(|file| file.take(64).read_to_end(&mut start).is_ok())
        && start
            .split(|&byte| byte == b'\n')
            .next()
            .is_some_and(|line| line.trim_ascii() == b"simulated")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg_attr(miri, ignore = "reads and writes files")]
    fn only_the_first_line_speaks_for_a_tree() {
        let tree = tempfile::tempdir().unwrap();
        let file = tree.path().join("provenance");
        assert_eq!(provenance_of(tree.path()), Provenance::Replay);
        for (text, provenance) in [
            ("simulated\n", Provenance::Simulated),
            ("simulated", Provenance::Simulated),
            (" simulated \r\nby hand\n", Provenance::Simulated),
            ("captured\nnot simulated\nsimulated\n", Provenance::Replay),
            ("live\n", Provenance::Replay),
            ("", Provenance::Replay),
        ] {
            std::fs::write(&file, text).unwrap();
            assert_eq!(provenance_of(tree.path()), provenance, "{text:?}");
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "reads and writes files")]
    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn the_proc_file_system_is_live_only_in_its_own_place() {
        assert_eq!(provenance_of(Path::new("/proc")), Provenance::Live);
        assert_eq!(provenance_of(Path::new("/proc/")), Provenance::Live);
        assert_eq!(provenance_of(Path::new("/proc/self")), Provenance::Replay);
        assert_eq!(provenance_of(Path::new("/")), Provenance::Replay);
    }
}
