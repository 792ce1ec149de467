//! `portlog list diff`: what became another from one state of a list to the next.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Error;
use portlog_blocklist::{DiffCounts, Difference, List, diff};
use portlog_model::ListInfo;

use crate::args::{ListDiffArgs, TextFormat};
use crate::exit::{Outcome, with_way_out};
use crate::json::Object;
use crate::json::event::write_list;
use crate::json::list::write_difference;
use crate::lists;
use crate::output::Output;
use crate::text::clean::clean;
use crate::time::LocalTime;

/// Prints every difference, and how many there are.
pub(crate) fn run(args: &ListDiffArgs) -> Result<Outcome, Error> {
    let old = side(&args.old)?;
    let new = side(&args.new)?;
    let mut output = Output::open()?;
    match args.format {
        TextFormat::Text => text(&old, &new, &mut output)?,
        TextFormat::Json => json(&old, &new, &mut output)?,
    }
    Ok(Outcome::Done)
}

fn side(path: &Path) -> Result<Vec<List>, Error> {
    let lists = lists::read(path, None)
        .map_err(|error| with_way_out(error, "name two lists, in any form that --list takes"))?;
    Ok(lists.into_iter().map(|read| read.parsed.list).collect())
}

fn text(old: &[List], new: &[List], output: &mut Output) -> Result<(), Error> {
    let mut out = Vec::with_capacity(Output::CHUNK + 4096);
    let mut written = Ok(());
    let counts = diff(old, new, |it| {
        // Whoever reads may have gone: the rest is then for nobody.
        if written.is_ok() {
            let mut line = String::new();
            write_line(&mut line, &it);
            out.extend_from_slice(line.as_bytes());
            written = output.write_chunk(&mut out);
        }
    });
    written?;
    let local = LocalTime::system();
    let mut end = String::new();
    for (word, lists) in [("old", old), ("new", new)] {
        for info in lists.iter().map(List::info) {
            write_info(&mut end, word, &info, &local);
        }
    }
    let DiffCounts {
        added,
        removed,
        changed,
        same,
    } = counts;
    // Writing to a string cannot fail.
    let _ = writeln!(
        end,
        "added {added}, removed {removed}, changed {changed}, the same {same}"
    );
    out.extend_from_slice(end.as_bytes());
    output.write(&out)
}

fn write_line(out: &mut String, it: &Difference<'_>) {
    let subject = clean(&it.subject);
    // Writing to a string cannot fail.
    let _ = match (it.old, it.new) {
        (None, Some(new)) => writeln!(out, "+ {subject}: {} (line {})", new.kinds, new.line),
        (Some(old), None) => writeln!(out, "- {subject}: {} (line {})", old.kinds, old.line),
        (Some(old), Some(new)) => writeln!(
            out,
            "~ {subject}: {} (line {}), was {} (line {})",
            new.kinds, new.line, old.kinds, old.line
        ),
        (None, None) => Ok(()),
    };
}

fn write_info(out: &mut String, word: &str, info: &ListInfo, local: &LocalTime) {
    // Writing to a string cannot fail.
    let _ = writeln!(
        out,
        "{word}: {} ({}, {}), rules {}, sha256 {}",
        clean(&info.name),
        info.category,
        info.date.map_or_else(
            || "undated".to_owned(),
            |date| format!("dated {}", local.date(date))
        ),
        info.rules,
        info.sha256
    );
}

fn json(old: &[List], new: &[List], output: &mut Output) -> Result<(), Error> {
    let mut out = Vec::with_capacity(Output::CHUNK + 4096);
    // Whoever reads may have gone: the rest is then for nobody.
    let mut written = Ok(());
    write_json(&mut out, old, new, |out| {
        if written.is_ok() {
            written = output.write_chunk(out);
        } else {
            out.clear();
        }
    });
    written?;
    out.push(b'\n');
    output.write(&out)
}

/// Appends the answer, without a line's end; `flush` may take what has come together.
pub(crate) fn write_json(
    out: &mut Vec<u8>,
    old: &[List],
    new: &[List],
    mut flush: impl FnMut(&mut Vec<u8>),
) {
    out.push(b'{');
    for (word, lists) in [("old", old), ("new", new)] {
        out.extend_from_slice(format!("\"{word}\":[").as_bytes());
        for (number, list) in lists.iter().enumerate() {
            if number > 0 {
                out.push(b',');
            }
            write_list(&mut Object::new(out), &list.info());
        }
        out.extend_from_slice(b"],");
    }
    out.extend_from_slice(b"\"differences\":[");
    let mut is_first = true;
    let counts = diff(old, new, |it| {
        out.extend_from_slice(if is_first { b"\n" } else { b",\n" });
        is_first = false;
        write_difference(&mut Object::new(out), &it);
        flush(out);
    });
    out.extend_from_slice(b"\n],\"counts\":");
    {
        let mut object = Object::new(out);
        object.number("added", counts.added);
        object.number("removed", counts.removed);
        object.number("changed", counts.changed);
        object.number("same", counts.same);
    }
    out.push(b'}');
}
