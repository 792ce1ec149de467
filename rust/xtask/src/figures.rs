//! Measured figures: where they were measured, and their place in docs/PERFORMANCE.md.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::{process, workspace};

/// The machine, its kernel and the day, in a sentence.
pub(crate) fn circumstances() -> String {
    let words = |line: &str| {
        process::output(&mut process::command(line))
            .map_or_else(|| "unknown".to_owned(), |text| text.trim().to_owned())
    };
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let field = |text: &str, name: &str| {
        text.lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(key, _)| key.trim() == name)
            .map_or_else(
                || "unknown".to_owned(),
                |(_, value)| value.trim().to_owned(),
            )
    };
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let gib = field(&memory, "MemTotal")
        .split_whitespace()
        .next()
        .and_then(|kib| kib.parse::<u64>().ok())
        .map_or(0, |kib| kib.div_ceil(1 << 20));
    let hypervisor = if field(&cpu, "flags")
        .split(' ')
        .any(|flag| flag == "hypervisor")
    {
        ", a virtual machine"
    } else {
        ""
    };
    format!(
        "{}: {}, {} cores, {gib} GiB{hypervisor}; Linux {}; {}",
        words("date -u +%F"),
        field(&cpu, "model name"),
        words("nproc"),
        words("uname -r"),
        words("rustc --version"),
    )
}

/// Replaces what stands between the markers called `name` in docs/PERFORMANCE.md.
pub(crate) fn write(name: &str, text: &str) -> Result<()> {
    let path = path();
    let document =
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let document = replaced(&document, name, text)?;
    fs::write(&path, document).with_context(|| format!("cannot write {}", path.display()))?;
    println!("written to {}", path.display());
    Ok(())
}

fn path() -> PathBuf {
    workspace::root().join("docs/PERFORMANCE.md")
}

fn replaced(document: &str, name: &str, text: &str) -> Result<String> {
    let (begin, end) = (
        format!("<!-- {name}: begin, written by cargo xtask -->\n"),
        format!("<!-- {name}: end -->\n"),
    );
    let Some((before, rest)) = document.split_once(&begin) else {
        bail!("docs/PERFORMANCE.md has no line {begin:?}");
    };
    let Some((_, after)) = rest.split_once(&end) else {
        bail!("docs/PERFORMANCE.md has no line {end:?}");
    };
    Ok(format!("{before}{begin}\n{}\n\n{end}{after}", text.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stands_between_the_markers_is_replaced() {
        let document = "a\n<!-- x: begin, written by cargo xtask -->\nold\n<!-- x: end -->\nb\n";
        let once = replaced(document, "x", "new\n").unwrap();
        assert_eq!(
            once,
            "a\n<!-- x: begin, written by cargo xtask -->\n\nnew\n\n<!-- x: end -->\nb\n"
        );
        assert_eq!(replaced(&once, "x", "new").unwrap(), once);
        assert!(replaced(document, "y", "new").is_err());
    }

    #[test]
    fn the_document_has_a_place_for_every_figure() {
        let document = fs::read_to_string(path()).unwrap();
        for name in ["bench", "lists", "recall"] {
            assert!(replaced(&document, name, "").is_ok(), "{name}");
        }
    }
}
