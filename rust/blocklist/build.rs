//! Fails the build where a list that comes with Portlog has an entry that must not be in it, or lacks
//! what every entry has: docs/LISTS.md.

#[path = "src/bundled/criteria.rs"]
mod criteria;
#[path = "src/bundled/source.rs"]
#[expect(dead_code, unreachable_pub, reason = "what the library uses of it")]
mod source;

use std::fs;
use std::process::ExitCode;

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=bundled");
    println!("cargo::rerun-if-changed=src/bundled");
    let mut has_fault = false;
    for file in ["bundled/reported.txt", "bundled/documented.txt"] {
        let faults = match fs::read_to_string(file) {
            Ok(text) => match source::Source::read(&text) {
                Ok(source) => criteria::faults(&source),
                Err(fault) => vec![fault],
            },
            Err(error) => {
                println!("cargo::error=cannot read {file}: {error}");
                has_fault = true;
                continue;
            }
        };
        for fault in &faults {
            println!("cargo::error={file}: {fault}");
        }
        has_fault |= !faults.is_empty();
    }
    if has_fault {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}
