//! That the app is the same wherever it is built.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::{Unsigned, unsigned};
use crate::jvm::Place;
use crate::{process, workspace};

/// Builds the app from a copy of the sources in another folder, of another depth and name, and
/// compares the file with `here`, both before they are signed.
pub(super) fn same_from_elsewhere(here: &Unsigned) -> Result<()> {
    let folder = std::env::temp_dir().join(format!(
        "portlog-copy-{}/in/another/folder",
        std::process::id()
    ));
    let there = Place {
        workspace: folder.clone(),
        out: folder.join("target/android"),
    };
    println!("copy: the sources to {}", folder.display());
    let result = copy_sources(&folder)
        .and_then(|()| unsigned(&there, here.variant, &here.abis))
        .and_then(|there| compare(&here.apk, &there.apk));
    let whole = folder.ancestors().nth(3).unwrap_or(&folder);
    fs::remove_dir_all(whole).ok();
    result
}

/// Copies what git knows or would add.
fn copy_sources(into: &Path) -> Result<()> {
    let list = process::output(&mut process::command(
        "git ls-files --cached --others --exclude-standard",
    ))
    .context("git could not list the sources: the copy is made of what it knows")?;
    for name in list.lines() {
        let from = workspace::root().join(name);
        // A file that was deleted and not yet committed so.
        if !from.is_file() {
            continue;
        }
        let to = into.join(name);
        let copied = to
            .parent()
            .map_or(Ok(()), fs::create_dir_all)
            .and_then(|()| fs::copy(&from, &to));
        copied.with_context(|| format!("{} could not be copied", from.display()))?;
    }
    Ok(())
}

fn compare(here: &Path, there: &Path) -> Result<()> {
    let (one, two) = (super::read(here)?, super::read(there)?);
    if one != two {
        let different = super::archive::different(here, there)?;
        bail!("two builds of the same sources differ in {different}");
    }
    println!("copy: {} bytes, the same in both", one.len());
    Ok(())
}
