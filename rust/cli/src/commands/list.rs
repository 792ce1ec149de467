//! Lists: what is wrong with them, and what they say.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, Error};
use portlog_blocklist::{Explanation, List, ListAnswer, ParsedList, Query};
use portlog_model::ListHit;

use crate::args::{ListCheckArgs, ListExplainArgs, TextFormat};
use crate::exit::{Outcome, with_way_out};
use crate::json;
use crate::output::Output;
use crate::text::clean::clean;
use crate::time::LocalTime;
use crate::{inputs, speech};

/// Reads lists and reports every line that cannot be used.
pub(crate) fn check(args: &ListCheckArgs) -> Result<Outcome, Error> {
    let lists = args
        .files
        .iter()
        .map(|path| Ok((path.as_path(), checked(path)?)))
        .collect::<Result<Vec<_>, Error>>()?;
    let mut out = Vec::new();
    match args.format {
        TextFormat::Json => {
            let lists = lists.iter().map(|(path, parsed)| (*path, parsed));
            json::list::write_checked(&mut out, lists);
            out.push(b'\n');
        }
        TextFormat::Text => {
            let local = LocalTime::system();
            let mut text = String::new();
            for (path, parsed) in &lists {
                write_checked(&mut text, path, parsed, &local);
            }
            out = text.into_bytes();
        }
    }
    Output::open()?.write(&out)?;
    let has_bad = lists.iter().any(|(_, parsed)| !parsed.bad_lines.is_empty());
    Ok(if has_bad { Outcome::Bad } else { Outcome::Done })
}

/// Says which entries speak of a host.
pub(crate) fn explain(args: &ListExplainArgs) -> Result<Outcome, Error> {
    let query: Query = args
        .query
        .parse()
        .with_context(|| format!("cannot ask the lists for {:?}", args.query))?;
    let lists = inputs::lists(&args.lists)?;
    let explanation = lists.explain(&query);
    let mut out = Vec::new();
    match args.format {
        TextFormat::Json => {
            json::list::write_explanation(&mut out, &explanation);
            out.push(b'\n');
        }
        TextFormat::Text => {
            let mut text = String::new();
            write_explanation(&mut text, &explanation, &LocalTime::system());
            out = text.into_bytes();
        }
    }
    Output::open()?.write(&out)?;
    Ok(Outcome::Done)
}

/// A list with what was found in its file. A compiled one is read whole and compared with its checksums;
/// which lines of its source were bad is not kept in it, only how many.
fn checked(path: &Path) -> Result<ParsedList, Error> {
    let Some(compiled) = inputs::compiled(path)? else {
        return portlog_agent::read_list(path, None)
            .map_err(|error| with_way_out(error, "name text files, one entry a line"));
    };
    compiled
        .verify()
        .with_context(|| format!("cannot use {}", path.display()))?;
    Ok(ParsedList {
        list: List::from_compiled(compiled, None),
        bad_lines: Vec::new(),
        unsupported: Vec::new(),
    })
}

fn write_checked(out: &mut String, path: &Path, parsed: &ParsedList, local: &LocalTime) {
    let summary = parsed.list.summary();
    let info = parsed.list.info();
    let path = path.display().to_string();
    let path = clean(&path);
    // Writing to a string cannot fail.
    if let Some(compiled) = parsed.list.compiled() {
        let _ = writeln!(
            out,
            "{path}: compiled from {}, whole ({} bytes)",
            clean(&info.name),
            compiled.bytes()
        );
    }
    for bad in &parsed.bad_lines {
        let reason = bad.reason.to_string();
        let _ = writeln!(out, "{path}:{}: {}", bad.line, clean(&reason));
    }
    let more = summary
        .bad_lines
        .saturating_sub(parsed.bad_lines.len() as u64);
    if more > 0 && parsed.list.compiled().is_none() {
        let _ = writeln!(out, "{path}: and {more} more lines");
    }
    let _ = writeln!(
        out,
        "{path}: lines {}, rules {} ({}), exceptions {}, doubles {}, bad lines {}, left out {}",
        summary.lines,
        summary.rules(),
        summary.format.as_str(),
        summary.exceptions,
        summary.duplicates,
        summary.bad_lines,
        summary.unsupported_lines()
    );
    let _ = writeln!(
        out,
        "{path}: category {}{}, {}, sha256 {}",
        info.category,
        if summary.category_given {
            ""
        } else {
            " (by its form; --list CATEGORY=FILE says otherwise)"
        },
        info.date.map_or_else(
            || "undated".to_owned(),
            |date| format!("dated {}", local.date(date))
        ),
        info.sha256
    );
    for (reason, lines) in &summary.unsupported {
        let _ = writeln!(out, "{path}: left out {lines}: {reason}");
    }
}

fn write_explanation(out: &mut String, explanation: &Explanation, local: &LocalTime) {
    // Writing to a string cannot fail.
    if explanation.lists.is_empty() {
        let _ = writeln!(
            out,
            "{}: no entry of the lists speaks of it",
            explanation.query
        );
        return;
    }
    let matches: Vec<&ListHit> = explanation.matches().collect();
    let _ = writeln!(
        out,
        "{}: {}",
        explanation.query,
        match matches.len() {
            0 => "no match".to_owned(),
            1 => "1 match".to_owned(),
            count => format!("{count} matches"),
        }
    );
    for list in &explanation.lists {
        write_answer(out, list, local);
    }
}

fn write_answer(out: &mut String, answer: &ListAnswer, local: &LocalTime) {
    for hit in &answer.matches {
        write_hit(out, "match", hit, local);
        let at_most = json::list::at_most(hit);
        for weakening in &at_most.weakened {
            let sentence = speech::english(&portlog_model::Sentence::Weakening(*weakening));
            // Writing to a string cannot fail.
            let _ = writeln!(out, "             {}", clean(&sentence));
        }
    }
    let taken_back = answer.is_taken_back();
    for hit in &answer.also {
        let verb = if taken_back { "taken back" } else { "also" };
        write_hit(out, verb, hit, local);
    }
    for hit in &answer.exceptions {
        write_hit(out, "exception", hit, local);
    }
}

fn write_hit(out: &mut String, verb: &str, hit: &ListHit, local: &LocalTime) {
    // Writing to a string cannot fail.
    let _ = writeln!(
        out,
        "  {verb:<10} {} ({}, {}), line {}, {}: {}",
        clean(&hit.list),
        hit.category,
        hit.list_date.map_or_else(
            || "undated".to_owned(),
            |date| format!("dated {}", local.date(date))
        ),
        hit.line,
        hit.kind,
        clean(&hit.entry)
    );
}
