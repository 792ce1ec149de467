//! Stand-ins for Android's system libraries, to link against.
//!
//! A stand-in defines the names that the real library of an old Android defines, and nothing else.
//! Linking with `-z defs` then fails on every name that such a phone would not find at run time:
//! the floor is held by the linker. The names are read from the real libraries of Android 4.4
//! (32-bit ARM) and 6.0 (64-bit ARM), which unidbg brings for its emulator.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::abi::Abi;
use crate::catalogue::Catalogue;
use crate::{maven, process};

/// This file: a change of it makes the stand-ins anew.
pub(super) const RECIPE: &str = include_str!("bionic.rs");

/// The system libraries that libportlog.so may need.
pub(super) const LIBRARIES: [&str; 4] = ["libc.so", "libdl.so", "libm.so", "liblog.so"];

/// Names that the 64-bit libraries had from their first release (API 21) and that the 32-bit ones of
/// API 19 lack, as bionic's libc.map.txt and libdl.map.txt tell. Only what our library needs.
const NEW_IN_21: [&str; 6] = [
    "dl_iterate_phdr",
    "fstatat64",
    "openat64",
    "readdir64",
    "readlinkat",
    "statfs64",
];

/// The jar that carries the real libraries, kept in `downloads`.
pub(super) fn jar(workspace: &Path, downloads: &Path) -> Result<PathBuf> {
    let unidbg = Catalogue::read(workspace)?.library("unidbg-android")?;
    let mut files = maven::fetch(workspace, &[&unidbg], downloads)?;
    files.pop().context("Maven brought nothing")
}

/// Writes a stand-in for each of [`LIBRARIES`] into the folder `into`, from the libraries in `jar`.
pub(super) fn write_stubs(abi: Abi, jar: &Path, into: &Path) -> Result<()> {
    let unpacked = into.join("real");
    fs::create_dir_all(&unpacked)?;
    process::run_quietly(
        Command::new("jar")
            .arg("-xf")
            .arg(jar)
            .args(["android/sdk19/lib", "android/sdk23/lib64"])
            .current_dir(&unpacked),
    )
    .context("the real system libraries could not be unpacked; a JDK has the program `jar`")?;
    for (library, symbols) in floor(abi, &unpacked.join("android"))? {
        if symbols.is_empty() {
            bail!("{} has no {library} of Android to link with", jar.display());
        }
        link_stub(abi, library, &symbols, into)?;
    }
    fs::remove_dir_all(&unpacked)?;
    Ok(())
}

/// What each library of the oldest supported Android defines.
///
/// The 64-bit libraries that there are come from API 23, two levels above the floor. So of their
/// names only those count that API 19 had already, or that are known to have come with 21. No x86
/// library of Android is on Maven Central: emulators get the list of 64-bit ARM.
fn floor(abi: Abi, android: &Path) -> Result<BTreeMap<&'static str, BTreeSet<Symbol>>> {
    let old = defined(&android.join("sdk19/lib"))?;
    if abi == Abi::ArmeabiV7a {
        return Ok(old);
    }
    let known: BTreeSet<&str> = old
        .values()
        .flatten()
        .map(|symbol| symbol.name.as_str())
        .chain(NEW_IN_21)
        .collect();
    let mut new = defined(&android.join("sdk23/lib64"))?;
    for symbols in new.values_mut() {
        symbols.retain(|symbol| known.contains(symbol.name.as_str()));
    }
    Ok(new)
}

/// A name that a library defines.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Symbol {
    name: String,
    function: bool,
}

fn defined(folder: &Path) -> Result<BTreeMap<&'static str, BTreeSet<Symbol>>> {
    let mut libraries = BTreeMap::new();
    for library in LIBRARIES {
        let listing = process::read(
            Command::new("llvm-nm-19")
                .args(["--dynamic", "--defined-only", "--format=posix"])
                .arg(folder.join(library)),
        )?;
        libraries.insert(library, symbols(&listing));
    }
    Ok(libraries)
}

/// Reads a listing of `llvm-nm --format=posix`: name, kind, address and size. A version stands
/// behind an `@`; kind `A` is the version itself.
fn symbols(listing: &str) -> BTreeSet<Symbol> {
    listing
        .lines()
        .filter_map(|line| {
            let mut words = line.split_ascii_whitespace();
            let name = words.next()?.split('@').next()?.to_owned();
            let kind = words.next()?;
            (!kind.eq_ignore_ascii_case("a")).then_some(Symbol {
                name,
                function: matches!(kind, "T" | "t" | "W" | "w" | "i"),
            })
        })
        .collect()
}

fn link_stub(abi: Abi, library: &str, symbols: &BTreeSet<Symbol>, into: &Path) -> Result<()> {
    let source = into.join(library).with_extension("s");
    fs::write(&source, assembly(symbols))?;
    let object = source.with_extension("o");
    process::run_quietly(
        Command::new("clang-19")
            .arg(format!("--target={}", abi.clang_target()))
            .arg("-c")
            .arg(&source)
            .arg("-o")
            .arg(&object),
    )?;
    process::run_quietly(
        Command::new("ld.lld-19")
            .args(["-shared", "-soname", library, "-o"])
            .arg(into.join(library))
            .arg(&object),
    )?;
    fs::remove_file(source)?;
    fs::remove_file(object)?;
    Ok(())
}

/// One label a name. All share an address: nothing of this is ever loaded.
fn assembly(symbols: &BTreeSet<Symbol>) -> String {
    let labels = symbols.iter().map(|Symbol { name, function }| {
        let kind = if *function { "function" } else { "object" };
        format!(".globl \"{name}\"\n.type \"{name}\", %{kind}\n\"{name}\":\n")
    });
    [".text\n".to_owned()].into_iter().chain(labels).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_without_their_versions() {
        let listing = "LIBC@@LIBC A 0 0\ndlopen@@LIBC T 750 8\nenviron@@LIBC B 80 8\nbad\n";
        let read = symbols(listing);
        let symbol = |name: &str, function| Symbol {
            name: name.to_owned(),
            function,
        };
        assert_eq!(
            read,
            BTreeSet::from([symbol("dlopen", true), symbol("environ", false)])
        );
        let text = assembly(&read);
        assert!(text.contains("\"dlopen\", %function\n"), "{text}");
        assert!(text.contains("\"environ\", %object\n"), "{text}");
    }
}
