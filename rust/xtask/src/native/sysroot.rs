//! What is linked with beside our own code: made once, and again only when an input changes.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::abi::Abi;
use super::{bionic, unwinder};
use crate::stamp::{self, Inputs};
use crate::{process, tools};

/// The folder with the stand-ins of the system libraries and libunwind.a for `abi`, kept in
/// `caches`; the C files and the catalogue are those of `workspace`.
pub(super) fn prepare(abi: Abi, workspace: &Path, caches: &Path) -> Result<PathBuf> {
    let jar = bionic::jar(workspace, &caches.join("downloads"))?;
    let libunwind = tools::rust_source()?.join("src/llvm-project/libunwind");
    let shims = workspace.join("rust/xtask/native");
    let mut inputs = Inputs::default();
    inputs.text("abi", abi.as_str());
    inputs.text("recipe", bionic::RECIPE);
    inputs.text("recipe", unwinder::RECIPE);
    inputs.text(
        "clang",
        &process::read(Command::new("clang-19").arg("--version"))?,
    );
    inputs.file("jar", &jar)?;
    inputs.tree("libunwind", &libunwind)?;
    inputs.tree("shims", &shims)?;
    let sysroot = caches.join("sysroot").join(abi.as_str());
    stamp::unless_done(&sysroot, &inputs, |into| {
        println!("making what is linked with for {}", abi.as_str());
        bionic::write_stubs(abi, &jar, into)
            .context("the stand-ins for Android's libraries could not be made")?;
        unwinder::build(abi, &libunwind, &shims, into).context("libunwind could not be built")
    })?;
    Ok(sysroot)
}
