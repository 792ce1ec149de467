//! `cargo xtask native`: libportlog.so, the Rust half of the app, for each kind of Android device.
//!
//! Linked with clang and lld against what the oldest supported Android has, without Google's NDK;
//! docs/adr/0004-android-without-the-ndk.md says why and how.

mod abi;
mod bionic;
mod cargo;
mod check;
mod emulated;
mod floor;
mod sysroot;
mod unwinder;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

pub(crate) use abi::Abi;
pub(crate) use emulated::stage as emulated_stage;

use cargo::Product;

use crate::{tools, workspace};

/// The compiler, linker and inspectors of LLVM, and the Debian package that has each.
const LLVM: [(&str, &str); 5] = [
    ("clang-19", "clang-19"),
    ("ld.lld-19", "lld-19"),
    ("llvm-ar-19", "llvm-19"),
    ("llvm-nm-19", "llvm-19"),
    ("llvm-readelf-19", "llvm-19"),
];

/// What `cargo xtask native` was asked for.
#[derive(Debug)]
pub(crate) struct Options {
    workspace: PathBuf,
    abis: Vec<Abi>,
    out: PathBuf,
}

impl Options {
    /// The words after `cargo xtask native`.
    pub(crate) fn parse(mut arguments: lexopt::Parser) -> Result<Self> {
        let mut abis: Vec<Abi> = Vec::new();
        let mut out: Option<PathBuf> = None;
        let mut workspace = workspace::root().to_path_buf();
        while let Some(argument) = arguments.next()? {
            match argument {
                lexopt::Arg::Long("abi") => {
                    let abi = arguments.value()?.to_string_lossy().parse()?;
                    if !abis.contains(&abi) {
                        abis.push(abi);
                    }
                }
                lexopt::Arg::Long("sources") => workspace = arguments.value()?.into(),
                lexopt::Arg::Long("out") => out = Some(arguments.value()?.into()),
                other => return Err(other.unexpected().into()),
            }
        }
        if abis.is_empty() {
            abis.extend(Abi::PHONES);
        }
        let out = out.unwrap_or_else(|| workspace::target_dir().join("android/lib"));
        Ok(Self {
            workspace,
            abis,
            out,
        })
    }
}

/// Does what was asked for.
pub(crate) fn run(options: &Options) -> Result<()> {
    for library in build(&options.workspace, &options.abis, &options.out)? {
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
///
/// Everything that is made on the way lies in the target folder of `workspace`.
pub(crate) fn build(workspace: &Path, abis: &[Abi], out: &Path) -> Result<Vec<Library>> {
    let mut libraries = Vec::new();
    each(workspace, abis, |abi, places| {
        let built = cargo::build(abi, Product::Library, places)?;
        let home = cargo::home()?;
        let rust = tools::rust_source()?;
        let private = [places.workspace, places.target, &home, &rust];
        let bytes = check::check(abi, &built, &private)?;
        let path = out.join(abi.as_str()).join("libportlog.so");
        copy(&built, &path)?;
        libraries.push(Library { abi, path, bytes });
        Ok(())
    })?;
    Ok(libraries)
}

/// Builds the library for every ABI and checks it, and that the linker holds the floor: the stage
/// `native`.
pub(crate) fn stage() -> Result<()> {
    build(
        workspace::root(),
        &Abi::ALL,
        &workspace::target_dir().join("android/lib"),
    )?;
    each(workspace::root(), &Abi::ALL, floor::check)
}

/// Does something for each of `abis`, once what it needs is there.
fn each(
    workspace: &Path,
    abis: &[Abi],
    mut what: impl FnMut(Abi, &cargo::Places<'_>) -> Result<()>,
) -> Result<()> {
    let workspace = &fs::canonicalize(workspace)
        .with_context(|| format!("{} is not there", workspace.display()))?;
    let target = workspace::target_dir_of(workspace);
    fs::create_dir_all(&target)
        .with_context(|| format!("{} could not be made", target.display()))?;
    let target = &fs::canonicalize(target)?;
    for &abi in abis {
        install_tools(abi)?;
        let sysroot = &sysroot::prepare(abi, workspace, &target.join("android"))?;
        what(
            abi,
            &cargo::Places {
                workspace,
                target,
                sysroot,
            },
        )?;
    }
    Ok(())
}

fn install_tools(abi: Abi) -> Result<()> {
    let mut wanted = LLVM.to_vec();
    wanted.extend([tools::MAVEN, abi.header_package()]);
    wanted.extend(tools::JDK);
    tools::programs("building for Android", &wanted)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)
            .with_context(|| format!("{} could not be made", folder.display()))?;
    }
    fs::copy(from, to).with_context(|| format!("{} could not be written", to.display()))?;
    Ok(())
}
