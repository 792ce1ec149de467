//! Lists: what is wrong with them, and what they say.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, Error};
use portlog_agent::NameBook;
use portlog_blocklist::{Digest, Explanation, List, ListAnswer, ListSet, PackageKey, Query};
use portlog_model::{HitKind, Level, ListHit, Match, PackageName, Sentence, WallTime, Weakening};
use portlog_names::PINNED_FOR;

use crate::args::{ListCheckArgs, ListExplainArgs, TextFormat};
use crate::exit::{Outcome, with_way_out};
use crate::json;
use crate::lists::{self, Pins, Read};
use crate::output::Output;
use crate::speech;
use crate::text::clean::clean;
use crate::time::LocalTime;

/// Reads lists and reports every line that cannot be used.
pub(crate) fn check(args: &ListCheckArgs) -> Result<Outcome, Error> {
    let mut lists = Vec::new();
    for path in &args.files {
        lists.extend(checked(path)?);
    }
    let now = lists::now();
    let mut out = Vec::new();
    match args.format {
        TextFormat::Json => {
            json::list::write_checked(&mut out, &lists, now);
            out.push(b'\n');
        }
        TextFormat::Text => {
            let local = LocalTime::system();
            let mut text = String::new();
            for read in &lists {
                write_checked(&mut text, read, now, &local);
            }
            out = text.into_bytes();
        }
    }
    Output::open()?.write(&out)?;
    let has_bad = lists.iter().any(|read| {
        let pinned = read.pinned.as_ref();
        !read.parsed.bad_lines.is_empty() || pinned.is_some_and(|pins| pins.counts.bad_lines > 0)
    });
    Ok(if has_bad { Outcome::Bad } else { Outcome::Done })
}

/// Says which entries speak of a host.
pub(crate) fn explain(args: &ListExplainArgs) -> Result<Outcome, Error> {
    let asked = Asked::new(&args.query)?;
    let (lists, names) = lists::with_names(&args.lists)?;
    let explanation = asked.query.as_ref().map(|query| lists.explain(query));
    let packages = asked.packages.iter().flat_map(|key| lists.package_key(key));
    let pinned = pinned_matches(asked.query.as_ref(), &lists, &names);
    let packages: Vec<Match> = packages.chain(pinned).collect();
    let mut out = Vec::new();
    match args.format {
        TextFormat::Json => {
            json::list::write_explanation(
                &mut out,
                &asked.shown(),
                explanation.as_ref(),
                &packages,
            );
            out.push(b'\n');
        }
        TextFormat::Text => {
            let mut text = String::new();
            let local = LocalTime::system();
            write_explanation(
                &mut text,
                &asked.shown(),
                explanation.as_ref(),
                &packages,
                &local,
            );
            out = text.into_bytes();
        }
    }
    Output::open()?.write(&out)?;
    Ok(Outcome::Done)
}

/// What entries say of an address by its pinned names: the strongest claim that a connection could
/// become.
fn pinned_matches(query: Option<&Query>, lists: &ListSet, names: &NameBook) -> Vec<Match> {
    let Some(Query::Address(address)) = query else {
        return Vec::new();
    };
    let (mut hits, mut matches) = (Vec::new(), Vec::new());
    for name in names.pinned_names(*address, lists::now()) {
        lists.name(&name, &mut hits);
        matches.extend(hits.drain(..).map(|hit| {
            let mut claim = json::list::at_most(&hit);
            claim.hit.kind = HitKind::Pinned;
            claim.level = claim.level.min(Level::Possible);
            claim.weakened.push(Weakening::PinnedAnswer);
            claim
        }));
    }
    matches
}

/// A file's lists with what was found in them. A compiled one is read whole and compared with its
/// checksums; which lines of its source were bad is not kept in it, only how many.
fn checked(path: &Path) -> Result<Vec<Read>, Error> {
    let lists = lists::read(path, None)
        .map_err(|error| with_way_out(error, "name text files, one entry a line"))?;
    for read in &lists {
        if let Some(compiled) = read.parsed.list.compiled() {
            compiled
                .verify()
                .with_context(|| format!("cannot use {}", path.display()))?;
        }
    }
    Ok(lists)
}

fn write_checked(out: &mut String, read: &Read, now: WallTime, local: &LocalTime) {
    let Read {
        place,
        parsed,
        pinned,
    } = read;
    let summary = parsed.list.summary();
    let info = parsed.list.info();
    let path = clean(place);
    // Writing to a string cannot fail.
    if let Some(compiled) = parsed.list.compiled() {
        let _ = writeln!(
            out,
            "{path}: compiled from {}, whole ({} bytes)",
            clean(&info.name),
            compiled.bytes()
        );
    }
    if let Some(pins) = pinned {
        write_pins(out, &path, pins, now, local);
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
        "{path}: lines {}, rules {} ({}){}, exceptions {}, doubles {}, bad lines {}, left out {}",
        summary.lines,
        summary.rules(),
        summary.format.as_str(),
        match summary.package_rules {
            0 => String::new(),
            rules => format!(", package rules {rules}"),
        },
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
    if parsed.list.is_old(now) {
        let _ = writeln!(
            out,
            "{path}: older than {} days; hosts change hands: look for a newer list",
            List::OLD.as_secs() / 86_400
        );
    }
    for (reason, lines) in &summary.unsupported {
        let _ = writeln!(out, "{path}: left out {lines}: {reason}");
    }
}

/// What is asked of the lists: a host, a package, or both where a text can be either.
struct Asked {
    query: Option<Query>,
    packages: Vec<PackageKey>,
    text: String,
}

impl Asked {
    fn new(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        if let Some(digest) = Digest::new(text) {
            return Ok(Self {
                query: None,
                packages: vec![PackageKey::Signer(digest.clone()), PackageKey::File(digest)],
                text: text.to_owned(),
            });
        }
        let query = text.parse();
        let package = PackageName::new(text).ok().map(PackageKey::Name);
        Ok(Self {
            query: match (query, &package) {
                (Ok(query), _) => Some(query),
                (Err(_), Some(_)) => None,
                (Err(error), None) => {
                    return Err(
                        Error::new(error).context(format!("cannot ask the lists for {text:?}"))
                    );
                }
            },
            packages: package.into_iter().collect(),
            text: text.to_owned(),
        })
    }

    /// In the form in which it is compared, where it is a host.
    fn shown(&self) -> String {
        self.query
            .as_ref()
            .map_or_else(|| self.text.clone(), ToString::to_string)
    }
}

/// What a file of pinned answers has, and how old it is.
fn write_pins(out: &mut String, path: &str, pins: &Pins, now: WallTime, local: &LocalTime) {
    for bad in &pins.bad {
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "{path}:{}: {}",
            bad.line,
            clean(&bad.error.to_string())
        );
    }
    let counts = &pins.counts;
    let _ = writeln!(
        out,
        "{path}: pinned answers: {} names with {} addresses, nodata {}, nxdomain {}, unanswered {}, bad \
         lines {}",
        counts.ok,
        counts.addresses,
        counts.no_data,
        counts.nx_domain,
        counts.unanswered,
        counts.bad_lines
    );
    if let (Some(oldest), Some(newest)) = (counts.oldest, counts.newest) {
        let over = if now.since(newest) > PINNED_FOR {
            "; all are older than 14 days, and none is used"
        } else if now.since(oldest) > PINNED_FOR {
            "; those older than 14 days are not used"
        } else {
            ""
        };
        let _ = writeln!(
            out,
            "{path}: answered {} to {}{over}",
            local.date(oldest),
            local.date(newest)
        );
    }
}

fn write_explanation(
    out: &mut String,
    asked: &str,
    explanation: Option<&Explanation>,
    packages: &[Match],
    local: &LocalTime,
) {
    let asked = clean(asked);
    let answers = explanation.map_or(&[][..], |it| &it.lists);
    // Writing to a string cannot fail.
    if answers.is_empty() && packages.is_empty() {
        let _ = writeln!(out, "{asked}: no entry of the lists speaks of it");
        return;
    }
    let hits = explanation.map_or(0, |it| it.matches().count());
    let _ = writeln!(
        out,
        "{asked}: {}",
        match hits.saturating_add(packages.len()) {
            0 => "no match".to_owned(),
            1 => "1 match".to_owned(),
            count => format!("{count} matches"),
        }
    );
    for list in answers {
        write_answer(out, list, local);
    }
    for it in packages {
        write_match(out, it, local);
    }
}

fn write_answer(out: &mut String, answer: &ListAnswer, local: &LocalTime) {
    for hit in &answer.matches {
        write_match(out, &json::list::at_most(hit), local);
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

/// An entry that hits, and what keeps it from being a match.
fn write_match(out: &mut String, it: &Match, local: &LocalTime) {
    write_hit(out, "match", &it.hit, local);
    for weakening in &it.weakened {
        let sentence = speech::english(&Sentence::Weakening(*weakening));
        // Writing to a string cannot fail.
        let _ = writeln!(out, "             {}", clean(&sentence));
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
