//! Where things lie in the repository, and the sets of crates that stages speak of.

use std::env;
use std::path::{Path, PathBuf};

/// Crates whose parts without system calls must also be right on 32 bits and under Miri: phones of
/// 2014 are 32-bit, and these crates do all the arithmetic on what a stranger wrote.
pub(crate) const PURE_CRATES: [&str; 7] = [
    "portlog-model",
    "portlog-words",
    "portlog-sockets",
    "portlog-owners",
    "portlog-blocklist",
    "portlog-names",
    "portlog-watch",
];

/// The repository's folder.
pub(crate) fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here)
}

/// Where cargo builds to, as far as the environment says.
pub(crate) fn target_dir() -> PathBuf {
    match env::var_os("CARGO_TARGET_DIR") {
        Some(dir) => root().join(dir),
        None => root().join("target"),
    }
}

/// Where cargo builds to for the sources in `workspace`: a copy of the repository has a target
/// folder of its own, whatever the environment says of the one here.
pub(crate) fn target_dir_of(workspace: &Path) -> PathBuf {
    if workspace == root() {
        target_dir()
    } else {
        workspace.join("target")
    }
}
