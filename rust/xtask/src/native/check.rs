//! What must be true of a built library. Each check has one sentence for when it is not.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::abi::Abi;
use super::bionic;
use crate::process;

/// The one name that Java's virtual machine looks up; natives are registered from there.
const EXPORTS: [&str; 1] = ["JNI_OnLoad"];

/// Begins every log statement that names a host, an address or a package. They are of level debug,
/// which a release does not contain, so the marker must not be in it either.
const DEBUG_LOG: &str = "portlog-debug:";

/// Checks the library at `path`, whose size is answered; `private` are folders of this machine of
/// which nothing may be in it.
pub(super) fn check(abi: Abi, path: &Path, private: &[&Path]) -> Result<u64> {
    let bytes = fs::read(path).with_context(|| format!("{} could not be read", path.display()))?;
    let shape = process::read(
        Command::new("llvm-readelf-19")
            .args(["--wide", "--file-header", "--program-headers", "--dynamic"])
            .arg(path),
    )?;
    let exports = process::read(
        Command::new("llvm-nm-19")
            .args(["--dynamic", "--defined-only", "--format=just-symbols"])
            .arg(path),
    )?;
    let faults: Vec<String> = shape_faults(abi, &shape)
        .into_iter()
        .chain(export_fault(&exports))
        .chain(size_fault(abi, bytes.len()))
        .chain(content_faults(&bytes, private))
        .collect();
    if !faults.is_empty() {
        bail!("libportlog.so for {}: {}", abi.as_str(), faults.join("; "));
    }
    Ok(bytes.len() as u64)
}

/// What is wrong by the headers, as `llvm-readelf` shows them.
fn shape_faults(abi: Abi, shape: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let machine = shape
        .lines()
        .find_map(|line| line.trim().strip_prefix("Machine:"))
        .map(str::trim);
    if machine != Some(abi.elf_machine()) {
        faults.push(format!(
            "it is for the processor {}",
            machine.unwrap_or("(none)")
        ));
    }
    let alignments: Vec<Option<u64>> = shape
        .lines()
        .filter_map(|line| line.trim().strip_prefix("LOAD "))
        .map(|segment| hexadecimal(segment.split_whitespace().last()?))
        .collect();
    let aligned = |alignment: &Option<u64>| alignment.is_some_and(|it| it >= abi.page_size());
    if alignments.is_empty() || !alignments.iter().all(aligned) {
        faults.push(format!(
            "not every segment is aligned to {:#x} bytes, a page of some phones",
            abi.page_size()
        ));
    }
    let entries: Vec<(&str, &str)> = shape.lines().filter_map(dynamic_entry).collect();
    for (kind, who) in [
        ("HASH", "Android 4.4"),
        ("GNU_HASH", "later versions of Android"),
    ] {
        if !entries.iter().any(|(name, _)| *name == kind) {
            faults.push(format!("it has no {kind} table, by which {who} find names"));
        }
    }
    let text_relocations = |(name, value): &(&str, &str)| {
        *name == "TEXTREL" || (*name == "FLAGS" && value.contains("TEXTREL"))
    };
    if entries.iter().any(text_relocations) {
        faults.push("its code would be changed on loading (TEXTREL)".to_owned());
    }
    for (_, value) in entries.iter().filter(|(name, _)| *name == "NEEDED") {
        let library = value.trim_start_matches("Shared library: [");
        let library = library.trim_end_matches(']');
        if !bionic::LIBRARIES.contains(&library) {
            faults.push(format!("it needs {library}, which is not for apps"));
        }
    }
    faults
}

/// A line `0x0000000000000001 (NEEDED) Shared library: [libc.so]` of the dynamic section.
fn dynamic_entry(line: &str) -> Option<(&str, &str)> {
    let (tag, rest) = line.trim().split_once(' ')?;
    hexadecimal(tag)?;
    let (name, value) = rest.trim_start().strip_prefix('(')?.split_once(')')?;
    Some((name, value.trim()))
}

fn hexadecimal(number: &str) -> Option<u64> {
    u64::from_str_radix(number.strip_prefix("0x")?, 16).ok()
}

fn export_fault(exports: &str) -> Option<String> {
    let exports: Vec<&str> = exports.split_whitespace().collect();
    (exports != EXPORTS).then(|| {
        format!(
            "it exports {}, and should export {} alone",
            if exports.is_empty() {
                "nothing".to_owned()
            } else {
                exports.join(", ")
            },
            EXPORTS.join(", ")
        )
    })
}

fn size_fault(abi: Abi, bytes: usize) -> Option<String> {
    let most = abi.most_bytes();
    (bytes as u64 > most).then(|| format!("it has {bytes} bytes, more than {most}"))
}

fn content_faults(bytes: &[u8], private: &[&Path]) -> Vec<String> {
    let mut faults = Vec::new();
    if contains(bytes, DEBUG_LOG) {
        faults.push(format!(
            "it holds log statements of level debug ({DEBUG_LOG}), which may name hosts"
        ));
    }
    for folder in private {
        let folder = folder.to_string_lossy();
        if contains(bytes, &folder) {
            faults.push(format!("it holds the path {folder} of this machine"));
        }
    }
    faults
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|window| window == text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `llvm-readelf-19 --wide --file-header --program-headers --dynamic` shows a library.
    const GOOD: &str = "\
ELF Header:
  Class:                             ELF64
  Machine:                           AArch64
Program Headers:
  Type           Offset   VirtAddr           PhysAddr           FileSiz  MemSiz   Flg Align
  PHDR           0x000040 0x0000000000000040 0x0000000000000040 0x000230 0x000230 R   0x8
  LOAD           0x000000 0x0000000000000000 0x0000000000000000 0x06d9f4 0x06d9f4 R   0x4000
  LOAD           0x06d9f8 0x00000000000719f8 0x00000000000719f8 0x0c8e78 0x0c8e78 R E 0x4000
Dynamic section at offset 0x13e5c8 contains 28 entries:
  Tag                Type           Name/Value
  0x0000000000000001 (NEEDED)       Shared library: [liblog.so]
  0x0000000000000001 (NEEDED)       Shared library: [libc.so]
  0x000000000000001e (FLAGS)        BIND_NOW
  0x0000000000000004 (HASH)         0x1b58
  0x000000006ffffef5 (GNU_HASH)     0x1b28
";

    #[track_caller]
    fn assert_fault(from: &str, to: &str, expected: &str) {
        let shape = GOOD.replace(from, to);
        assert_ne!(shape, GOOD, "nothing was changed");
        let faults = shape_faults(Abi::Arm64V8a, &shape);
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert!(faults[0].contains(expected), "{faults:?}");
    }

    #[test]
    fn each_fault_of_the_headers_is_found_by_itself() {
        assert_eq!(shape_faults(Abi::Arm64V8a, GOOD), Vec::<String>::new());
        assert_fault("AArch64", "ARM", "the processor ARM");
        assert_fault("R E 0x4000", "R E 0x1000", "aligned to 0x4000");
        assert_fault("(HASH) ", "(DEBUG)", "no HASH table");
        assert_fault("(GNU_HASH)", "(DEBUG)   ", "no GNU_HASH table");
        assert_fault("BIND_NOW", "TEXTREL BIND_NOW", "TEXTREL");
        assert_fault("(FLAGS)  ", "(TEXTREL)", "TEXTREL");
        assert_fault("[liblog.so]", "[libssl.so]", "it needs libssl.so");
    }

    #[test]
    fn small_pages_do_for_32_bits() {
        let shape = GOOD.replace("AArch64", "ARM").replace("0x4000", "0x1000");
        assert_eq!(shape_faults(Abi::ArmeabiV7a, &shape), Vec::<String>::new());
    }

    #[test]
    fn anything_but_the_entry_is_not_to_be_exported() {
        assert_eq!(export_fault("JNI_OnLoad\n"), None);
        let more = export_fault("JNI_OnLoad\nring_core_0_17_14_x\n").unwrap();
        assert!(more.starts_with("it exports JNI_OnLoad, ring"), "{more}");
        assert!(export_fault("").unwrap().starts_with("it exports nothing"));
    }

    #[test]
    fn weight_debug_logs_and_paths_of_the_machine_are_found() {
        assert_eq!(size_fault(Abi::ArmeabiV7a, 2_750_000), None);
        assert!(size_fault(Abi::ArmeabiV7a, 2_750_001).is_some());
        let private: [&Path; 2] = [Path::new("/home/a/portlog"), Path::new("/home/a/.cargo")];
        assert!(content_faults(b"\0crates/jni-0.22.4/src/lib.rs\0", &private).is_empty());
        let faults = content_faults(b"\0portlog-debug: {}\0/home/a/.cargo/registry/", &private);
        assert_eq!(faults.len(), 2, "{faults:?}");
        assert!(faults[1].contains("/home/a/.cargo"), "{faults:?}");
    }
}
