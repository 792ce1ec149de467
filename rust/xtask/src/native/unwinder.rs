//! LLVM's libunwind, built from the source that comes with Rust's own.
//!
//! Rust's standard library for Android expects a library of that name, which is Google's NDK's.
//! Panics must unwind: a panic in the poll thread becomes a gap and a restart, not a dead app.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::abi::Abi;
use crate::process;

/// This file: a change of it builds the library anew.
pub(super) const RECIPE: &str = include_str!("unwinder.rs");

/// The files that make up the library, as its CMakeLists.txt has them for ELF platforms.
const SOURCES: [&str; 6] = [
    "libunwind.cpp",
    "Unwind-EHABI.cpp",
    "UnwindLevel1.c",
    "UnwindLevel1-gcc-ext.c",
    "UnwindRegistersRestore.S",
    "UnwindRegistersSave.S",
];

/// For every file. Hidden, so that the app never shares an unwinder with another library.
const FLAGS: &[&str] = &[
    "-nostdlibinc",
    "-fPIC",
    "-O2",
    "-funwind-tables",
    "-fvisibility=hidden",
    "-D_LIBUNWIND_HIDE_SYMBOLS",
    "-D_LIBUNWIND_IS_NATIVE_ONLY",
    "-D_LIBUNWIND_HAS_NO_THREADS",
    "-DNDEBUG",
    // The headers are glibc's, the library to run with is bionic.
    "-D__errno_location=__errno",
];

const CXX_FLAGS: &[&str] = &["-fno-exceptions", "-fno-rtti", "-nostdinc++", "-std=c++17"];

/// Compiles `libunwind.a`, with what else 32-bit ARM needs beside it, into the folder `into`, from the
/// source at `libunwind` and the shims at `shims`.
pub(super) fn build(abi: Abi, libunwind: &Path, shims: &Path, into: &Path) -> Result<()> {
    let objects = into.join("objects");
    fs::create_dir_all(&objects)?;
    let mut sources: Vec<PathBuf> = SOURCES
        .map(|name| libunwind.join("src").join(name))
        .to_vec();
    if abi == Abi::ArmeabiV7a {
        sources.extend(["exidx.c", "android19.c"].map(|name| shims.join(name)));
    }
    let mut archive = Command::new("llvm-ar-19");
    archive.arg("rcsD").arg(into.join("libunwind.a"));
    for source in sources {
        let name = source.file_name().context("a source without a name")?;
        let mut object = objects.join(name).into_os_string();
        object.push(".o");
        process::run_quietly(
            compiler(abi, libunwind, shims)
                .args(cxx_flags(&source))
                .arg("-c")
                .arg(&source)
                .arg("-o")
                .arg(&object),
        )?;
        archive.arg(object);
    }
    process::run_quietly(&mut archive)?;
    fs::remove_dir_all(objects)?;
    Ok(())
}

fn compiler(abi: Abi, libunwind: &Path, shims: &Path) -> Command {
    let mut command = Command::new("clang-19");
    command
        .arg(format!("--target={}", abi.clang_target()))
        .args(FLAGS);
    if abi == Abi::ArmeabiV7a {
        // Without dl_iterate_phdr: this is how libunwind is told to ask dl_unwind_find_exidx, for which
        // exidx.c has a function of its own.
        command
            .arg("-D__BIONIC__")
            .arg("-Ddl_unwind_find_exidx=portlog_find_exidx")
            .arg("-isystem")
            .arg(shims.join("include-arm"));
    }
    command.arg("-isystem").arg(shims.join("include"));
    command.arg("-I").arg(libunwind.join("include"));
    for folder in abi.headers() {
        command.arg("-isystem").arg(folder);
    }
    command
}

fn cxx_flags(source: &Path) -> &'static [&'static str] {
    if source.extension().is_some_and(|kind| kind == "cpp") {
        CXX_FLAGS
    } else {
        &[]
    }
}
