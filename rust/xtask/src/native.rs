//! `cargo xtask native`: libportlog.so, the Rust half of the app, for each kind of Android device.
//!
//! Linked with clang and lld against what the oldest supported Android has, without Google's NDK;
//! docs/adr/0004-android-without-the-ndk.md says why and how.

mod abi;

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

pub(crate) use abi::Abi;

use crate::workspace;

/// What `cargo xtask native` was asked for.
#[derive(Debug)]
pub(crate) struct Options {
    abis: Vec<Abi>,
    out: PathBuf,
}

impl Options {
    /// The words after `cargo xtask native`.
    pub(crate) fn parse(mut arguments: lexopt::Parser) -> Result<Self> {
        let mut abis: Vec<Abi> = Vec::new();
        let mut out: Option<PathBuf> = None;
        while let Some(argument) = arguments.next()? {
            match argument {
                lexopt::Arg::Long("abi") => {
                    let abi = arguments.value()?.to_string_lossy().parse()?;
                    if !abis.contains(&abi) {
                        abis.push(abi);
                    }
                }
                lexopt::Arg::Long("out") => out = Some(arguments.value()?.into()),
                other => return Err(other.unexpected().into()),
            }
        }
        if abis.is_empty() {
            abis.extend(Abi::PHONES);
        }
        let out = out.unwrap_or_else(|| workspace::target_dir().join("android/lib"));
        Ok(Self { abis, out })
    }
}

/// Does what was asked for.
pub(crate) fn run(options: &Options) -> Result<()> {
    for library in build(workspace::root(), &options.abis, &options.out)? {
        println!(
            "{} {} ({} bytes)",
            library.abi.as_str(),
            library.path.display(),
            library.bytes
        );
    }
    Ok(())
}

/// One built and checked library.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Library {
    /// The devices that it is for.
    pub(crate) abi: Abi,
    /// Where it lies: `OUT/ABI/libportlog.so`.
    pub(crate) path: PathBuf,
    /// Its size.
    pub(crate) bytes: u64,
}

/// Builds the library of the sources in `workspace` for each of `abis` into `out`, one folder an
/// ABI, and checks each. An error says which check failed for which ABI.
pub(crate) fn build(workspace: &Path, abis: &[Abi], out: &Path) -> Result<Vec<Library>> {
    bail!(
        "not yet: {} {abis:?} {}",
        workspace.display(),
        out.display()
    )
}
