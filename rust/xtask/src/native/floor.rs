//! That the linker really holds the floor: a name that the oldest Android lacks ends the build.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::abi::Abi;
use super::cargo::{self, Places};

/// A function that came with a later Android than the floor of every ABI, by bionic's libc.map.txt
/// (28), and one that was always there.
const TOO_NEW: &str = "getentropy";
const OLD: &str = "getpid";

/// Links one call of each, as the library is linked; only the old one may do.
pub(super) fn check(abi: Abi, places: &Places<'_>) -> Result<()> {
    let folder = places.target.join("android/floor");
    fs::create_dir_all(&folder)
        .with_context(|| format!("{} could not be made", folder.display()))?;
    let link = |name: &str| -> Result<String> {
        let source = folder.join(format!("{name}.c"));
        fs::write(
            &source,
            format!("int {name}(); int f() {{ return {name}(); }}"),
        )
        .with_context(|| format!("{} could not be written", source.display()))?;
        let output = Command::new("clang-19")
            .args(cargo::link_arguments(abi))
            .args(["-std=c99", "-w", "-shared", "-fPIC", "-o"])
            .arg(folder.join(format!("{name}.so")))
            .arg(&source)
            .arg("-L")
            .arg(places.sysroot)
            .arg("-lc")
            .output()
            .context("clang-19 could not be started")?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        Ok(if output.status.success() {
            String::new()
        } else {
            said
        })
    };
    let old = link(OLD)?;
    let too_new = link(TOO_NEW)?;
    let shown = abi.as_str();
    if !old.is_empty() {
        bail!("{shown}: {OLD}, which every Android has, cannot be linked: {old}");
    }
    if !too_new.contains(&format!("undefined symbol: {TOO_NEW}")) {
        bail!("{shown}: {TOO_NEW}, which old phones lack, is not refused by the linker: {too_new}");
    }
    Ok(())
}
