//! What one would use instead, or what the machine can do at best.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use portlog_journal::entry::Value;

use crate::entries::opened;
use crate::stopwatch::{Stopwatch, Took, of_children};
use crate::{BATCH, Result};

/// A digest over the whole file, by another program.
pub(crate) fn digest(program: &str, arguments: &[&str], file: &Path) {
    let (begin, before) = (Instant::now(), of_children());
    let done = Command::new(program)
        .args(arguments)
        .arg(file)
        .stdout(Stdio::null())
        .status();
    let took = Took {
        clock: begin.elapsed(),
        processor: of_children().saturating_sub(before),
        waited: None,
    };
    match done {
        Ok(status) if status.success() => {
            took.print(&format!("`{program}`: one SHA-256 over that file"), "");
        }
        _ => println!("| `{program}` | not installed | | | |"),
    }
}

/// What the disk gives at best: as many bytes as a batch becomes, in two writes that are each made
/// durable, as a commit in two phases does.
pub(crate) fn flush(folder: &Path) -> Result<()> {
    const BATCHES: u64 = 200;
    const BYTES: usize = 96 << 10;
    let mut file = File::create(folder.join("flush"))?;
    let bytes = vec![0x5A; BYTES];
    let watch = Stopwatch::start();
    for _ in 0..BATCHES {
        for _ in 0..2 {
            file.write_all(&bytes)?;
            file.sync_data()?;
        }
    }
    let took = watch.stop();
    let rows = BATCHES * u64::try_from(BATCH)?;
    took.print(
        &format!("the disk alone: {BATCHES} batches of two writes of 96 KiB, each made durable"),
        &format!("the same as {}", took.rate(rows)),
    );
    Ok(())
}

/// The same texts as rows of a table, in transactions as large: durable, and neither signed nor a tree.
pub(crate) fn sqlite(folder: &Path, count: u64) -> Result<()> {
    let script = folder.join("rows.sql");
    let mut out = BufWriter::new(File::create(&script)?);
    writeln!(out, "pragma journal_mode = wal; pragma synchronous = full;")?;
    writeln!(
        out,
        "create table rows (at integer primary key, salt blob, row text);"
    )?;
    for number in 0..count {
        if number % u64::try_from(BATCH)? == 0 {
            writeln!(out, "{}begin;", if number == 0 { "" } else { "commit; " })?;
        }
        let entry = opened(number)?;
        let values: Vec<&str> = entry.values().iter().map(Value::as_str).collect();
        writeln!(
            out,
            "insert into rows values ({number}, randomblob(16), '{}');",
            values.join(" ")
        )?;
    }
    writeln!(out, "commit;")?;
    drop(out);
    let (begin, before) = (Instant::now(), of_children());
    let done = Command::new("sqlite3")
        .arg(folder.join("rows.sqlite"))
        .stdin(File::open(&script)?)
        .stdout(Stdio::null())
        .status();
    let took = Took {
        clock: begin.elapsed(),
        processor: of_children().saturating_sub(before),
        waited: None,
    };
    match done {
        Ok(status) if status.success() => took.print(
            &format!("`sqlite3`: {count} such rows, durable, {BATCH} at a time, neither signed nor a tree"),
            &took.rate(count),
        ),
        _ => println!("| `sqlite3` | not installed | | | |"),
    }
    Ok(())
}
