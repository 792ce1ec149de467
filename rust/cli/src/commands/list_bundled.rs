//! `portlog list bundled`: the lists that come with Portlog, with all that is known of their entries.

use std::fmt::Write as _;

use anyhow::{Context as _, Error};
use portlog_blocklist::{Bundled, BundledEntry, List, ParsedList};
use portlog_model::ListInfo;

use crate::args::{ListBundledArgs, TextFormat};
use crate::exit::Outcome;
use crate::json::Object;
use crate::json::event::write_list;
use crate::lists;
use crate::output::Output;
use crate::time::{LocalTime, rfc3339};

/// Prints every list and entry.
pub(crate) fn run(args: &ListBundledArgs) -> Result<Outcome, Error> {
    let today = rfc3339(lists::now());
    let today = today.get(..10).unwrap_or(&today);
    let mut out = match args.format {
        TextFormat::Text => String::new().into_bytes(),
        TextFormat::Json => b"{\"lists\":[".to_vec(),
    };
    for (number, bundled) in Bundled::ALL.into_iter().enumerate() {
        let ParsedList { list, .. } =
            List::parse(bundled.title(), None, None, bundled.text().as_bytes())
                .with_context(|| format!("cannot read bundled:{}", bundled.id()))?;
        match args.format {
            TextFormat::Text => {
                let mut text = String::new();
                write_text(&mut text, bundled, &list, today);
                out.extend_from_slice(text.as_bytes());
            }
            TextFormat::Json => {
                if number > 0 {
                    out.push(b',');
                }
                write_json(
                    &mut out,
                    bundled.id(),
                    &list.info(),
                    &bundled.entries(),
                    today,
                );
            }
        }
    }
    if args.format == TextFormat::Json {
        out.extend_from_slice(b"]}\n");
    }
    Output::open()?.write(&out)?;
    Ok(Outcome::Done)
}

fn write_text(out: &mut String, bundled: Bundled, list: &List, today: &str) {
    let info = list.info();
    let reviewed = info.date.map_or_else(
        || "undated".to_owned(),
        |date| LocalTime::system().date(date),
    );
    // Writing to a string cannot fail.
    let _ = writeln!(
        out,
        "bundled:{}  {} ({}, hosts {}, reviewed {reviewed}); off unless it is named: --list bundled:{}",
        bundled.id(),
        info.name,
        info.category,
        info.rules,
        bundled.id()
    );
    for entry in bundled.entries() {
        let _ = writeln!(
            out,
            "\n  {} ({}, seen {})",
            entry.host, entry.status, entry.seen
        );
        let overdue = if entry.review_by < today {
            ", which is past"
        } else {
            ""
        };
        for (word, said) in [
            ("claim", entry.claim),
            ("source", entry.source),
            ("dated", entry.source_date),
            ("reply", entry.reply),
            ("reply in", entry.reply_source),
            ("also for", entry.serves.unwrap_or_default()),
        ] {
            if !said.is_empty() {
                let _ = writeln!(out, "    {word:<10} {said}");
            }
        }
        let _ = writeln!(out, "    {:<10} {}{overdue}", "review by", entry.review_by);
    }
    out.push('\n');
}

/// Appends a list with its entries; `today` is the day in UTC.
pub(crate) fn write_json(
    out: &mut Vec<u8>,
    id: &str,
    info: &ListInfo,
    entries: &[BundledEntry<'_>],
    today: &str,
) {
    let mut object = Object::new(out);
    object.string("id", id);
    write_list(&mut object, info);
    let mut array = object.array("entries");
    for entry in entries {
        let mut object = array.object();
        object.string("host", entry.host);
        object.number("line", u64::from(entry.line));
        object.string("claim", entry.claim);
        object.string("source", entry.source);
        object.string("source_date", entry.source_date);
        object.string("reply", entry.reply);
        object.string_or_null(
            "reply_source",
            Some(entry.reply_source).filter(|url| *url != "none"),
        );
        object.string("status", entry.status);
        object.string("seen", entry.seen);
        object.string("category", entry.category);
        object.string("review_by", entry.review_by);
        object.bool("review_overdue", entry.review_by < today);
        object.string_or_null("serves", entry.serves);
    }
}
