//! The build of portlog-jni by cargo for one ABI.
//!
//! Two builds of the same sources are the same bytes, wherever they lie: no path of the machine
//! goes into the library.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::abi::Abi;
use crate::{process, tools};

/// Where things of one build lie.
#[derive(Debug)]
pub(super) struct Places<'a> {
    /// The sources.
    pub(super) workspace: &'a Path,
    /// Where cargo builds to.
    pub(super) target: &'a Path,
    /// The stand-ins for the system libraries, and libunwind.a.
    pub(super) sysroot: &'a Path,
}

/// What is built of portlog-jni.
#[derive(Clone, Copy, Debug)]
pub(super) enum Product {
    /// libportlog.so, which ships.
    Library,
    /// The same with a native that panics on demand, which does not: rust/jni/examples.
    Panicking,
}

/// The standard library is built with the rest, from the source that comes with the compiler: for size like
/// the rest, with the small ways to sort, and without the part that reads debug information to name the
/// frames of a panic, of which a stripped library has none. A panic's message and place stay
/// (docs/adr/0011-what-the-library-weighs.md).
const STANDARD_LIBRARY: [&str; 2] = [
    "-Zbuild-std=std,panic_unwind",
    "-Zbuild-std-features=panic-unwind,optimize_for_size",
];

/// Of code that occurs again and again, LLVM makes a function of its own only where that saves more than
/// the function's entry in the unwind tables takes.
const OUTLINE_SELDOM: &str = "-Cllvm-args=-outliner-benefit-threshold=36";

/// Builds `product` and answers where it lies.
pub(super) fn build(abi: Abi, product: Product, places: &Places<'_>) -> Result<PathBuf> {
    let (chosen, file) = match product {
        // As a cdylib alone: cargo optimises nothing across crates where a library is an rlib too.
        Product::Library => ("--lib --crate-type cdylib", "libportlog.so"),
        Product::Panicking => (
            "--example portlog_panicking",
            "examples/libportlog_panicking.so",
        ),
    };
    let target = abi.rust_target();
    tools::target(target)?;
    // First of all, as what is remapped is the folders of the registry that there are.
    process::run(&mut cargo(
        places,
        &["fetch", "--locked", "--quiet", "--target", target],
    ))?;
    let remapped = remapped_paths(places)?;
    let arguments = format!(
        "rustc --locked --package portlog-jni {chosen} --profile android --target {target}"
    );
    let mut command = cargo(places, &arguments.split(' ').collect::<Vec<&str>>());
    // What `-Z` asks for is in every compiler, and locked in those of the stable channel. The compiler is
    // pinned, so nothing changes under this build unasked. Crates look at this too, and choose their
    // code by it: it is set nowhere else.
    command.args(STANDARD_LIBRARY).env("RUSTC_BOOTSTRAP", "1");
    let underscored = target.replace('-', "_");
    command
        .env(
            format!("CARGO_TARGET_{}_LINKER", underscored.to_uppercase()),
            "clang-19",
        )
        .env(
            "CARGO_ENCODED_RUSTFLAGS",
            rust_flags(abi, places, &remapped),
        )
        .env(format!("CC_{underscored}"), "clang-19")
        .env(format!("AR_{underscored}"), "llvm-ar-19")
        .env(format!("CFLAGS_{underscored}"), c_flags(abi, &remapped));
    process::run_as(&format!("cargo {arguments}"), &mut command)?;
    Ok(places.target.join(target).join("android").join(file))
}

fn cargo(places: &Places<'_>, arguments: &[&str]) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command
        .args(arguments)
        .current_dir(places.workspace)
        .env("CARGO_TARGET_DIR", places.target);
    command
}

/// What the linker is told beyond what rustc tells it: clang has no library of its own here, but
/// finds the system libraries' stand-ins and the unwinder.
pub(super) fn link_arguments(abi: Abi) -> Vec<String> {
    vec![
        format!("--target={}", abi.clang_target()),
        "-fuse-ld=lld".to_owned(),
        "-nostdlib".to_owned(),
        "-Wl,-soname,libportlog.so".to_owned(),
        format!("-Wl,-z,max-page-size={}", abi.page_size()),
        // Android 4.4 reads the hash table of System V, later ones prefer GNU's.
        "-Wl,--hash-style=both".to_owned(),
        // A name that the oldest Android lacks ends the build and not the app.
        "-Wl,-z,defs".to_owned(),
        "-Wl,-z,text".to_owned(),
        "-Wl,--build-id=none".to_owned(),
        "-Wl,--exclude-libs,ALL".to_owned(),
        format!("-Wl,--icf={}", folding(abi)),
    ]
}

/// Whether generic code that came out the same for several types is kept once.
///
/// Not on 32-bit ARM: there the linker compares the instructions alone and not the entries of `.ARM.exidx`,
/// which say where a panic goes on. It would keep one of two functions that differ in those.
fn folding(abi: Abi) -> &'static str {
    match abi {
        Abi::ArmeabiV7a => "none",
        Abi::Arm64V8a | Abi::X86_64 => "all",
    }
}

fn rust_flags(abi: Abi, places: &Places<'_>, remapped: &[(PathBuf, &str)]) -> OsString {
    let mut flags: Vec<OsString> = Vec::new();
    for argument in link_arguments(abi) {
        flags.extend(["-C".into(), format!("link-arg={argument}").into()]);
    }
    let mut folder = OsString::from("link-arg=-L");
    folder.push(places.sysroot);
    flags.extend(["-C".into(), folder]);
    flags.push(OUTLINE_SELDOM.into());
    for (path, name) in remapped {
        let mut flag = OsString::from("--remap-path-prefix=");
        flag.push(path);
        flag.push("=");
        flag.push(name);
        flags.push(flag);
    }
    flags.join(&OsString::from("\u{1f}"))
}

/// For C in dependencies (ring): freestanding, as there are no headers of Android's C library, and
/// `RING_CORE_NOSTDLIBINC` is how ring is told so.
fn c_flags(abi: Abi, remapped: &[(PathBuf, &str)]) -> OsString {
    let mut flags = OsString::from(format!(
        "--target={} -ffreestanding -DRING_CORE_NOSTDLIBINC=1",
        abi.clang_target()
    ));
    for (path, name) in remapped {
        flags.push(" -ffile-prefix-map=");
        flags.push(path);
        flags.push("=");
        flags.push(name);
    }
    flags
}

/// Folders of this machine, and what stands for each in the library. Where several fit a path, the
/// last counts.
fn remapped_paths(places: &Places<'_>) -> Result<Vec<(PathBuf, &'static str)>> {
    let mut remapped = vec![
        (places.workspace.to_path_buf(), "portlog"),
        (places.target.to_path_buf(), "target"),
        (tools::rust_source()?, "rust"),
    ];
    let registry = home()?.join("registry/src");
    let indexes = fs::read_dir(&registry)
        .with_context(|| format!("{} could not be listed", registry.display()))?;
    for index in indexes {
        remapped.push((index?.path(), "crates"));
    }
    Ok(remapped)
}

/// Where cargo keeps what it fetched.
pub(super) fn home() -> Result<PathBuf> {
    let home = match env::var_os("CARGO_HOME") {
        Some(home) => Some(PathBuf::from(home)),
        None => env::home_dir().map(|home| home.join(".cargo")),
    };
    home.context("no CARGO_HOME and no home folder")
}
