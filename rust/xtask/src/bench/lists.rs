//! `cargo xtask bench --lists`: compiled lists beside what else one could use.
//!
//! The measuring is done by tests/benches/lists, a workspace of its own, since what it measures beside is no
//! part of Portlog. It prints its tables as docs/PERFORMANCE.md has them.

use anyhow::Result;

use crate::{figures, process, workspace};

/// Measures, prints, and with `write` puts the figures into docs/PERFORMANCE.md.
pub(super) fn run(write: bool) -> Result<()> {
    let target = workspace::target_dir().join("bench-lists");
    let manifest = "--manifest-path tests/benches/lists/Cargo.toml --release --locked";
    process::run(
        process::command(&format!("cargo build {manifest}")).env("CARGO_TARGET_DIR", &target),
    )?;
    println!("measuring; the larger of the two lists takes some minutes and 3 GiB ...");
    let tables = process::read(
        process::command(&format!("cargo run --quiet {manifest}")).env("CARGO_TARGET_DIR", &target),
    )?;
    let text = format!(
        "Measured {}.\n\n{}",
        figures::circumstances(),
        tables.trim()
    );
    println!("\n{text}");
    if write {
        figures::write("lists", &text)?;
    }
    Ok(())
}
