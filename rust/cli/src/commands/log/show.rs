//! What a journal has, newest first.

use std::collections::{BTreeMap, BTreeSet};
use std::io::stdout;

use anyhow::Error;
use portlog_agent::testimony::{Access, LoggedRow, Reader, Status};
use portlog_journal::entry::{Kind, OwnerText, read_moment};
use portlog_journal::verify::Observed;

use super::journal;
use crate::args::{ShowArgs, TextFormat};
use crate::exit::Outcome;
use crate::json;
use crate::output::Output;
use crate::text;
use crate::text::paint::Paint;
use crate::time::LocalTime;

/// What is shown of a journal.
#[derive(Debug)]
pub(crate) struct Shown {
    /// What it is like.
    pub(crate) status: Status,
    /// Whether a watch holds it.
    pub(crate) watched: bool,
    /// The entries, newest first.
    pub(crate) entries: Vec<ShownRow>,
    /// Whether there are older ones that would be shown too.
    pub(crate) more: bool,
    /// The provenance of each session that wrote a shown entry, and of the newest, by its index.
    pub(crate) sessions: BTreeMap<u64, Option<String>>,
}

impl Shown {
    /// Sessions that did not look at a running kernel, by the word of their provenance.
    pub(crate) fn not_live(&self) -> BTreeMap<&str, u64> {
        let mut counts = BTreeMap::new();
        for word in self.sessions.values().map(Option::as_deref) {
            if Observed::of(Kind::Started, word) == Observed::NotLive {
                *counts.entry(word.unwrap_or("-")).or_default() += 1;
            }
        }
        counts
    }

    /// How what `entry` says was obtained.
    pub(crate) fn observed(&self, entry: &ShownRow) -> Observed {
        let session = entry
            .row
            .session
            .and_then(|index| self.sessions.get(&index));
        Observed::of(entry.row.kind, session.and_then(Option::as_deref))
    }

    /// How all of it was obtained. A journal whose newest session does not look at a running kernel is
    /// marked, whatever is shown of it.
    pub(crate) fn all_observed(&self) -> Observed {
        if !self.not_live().is_empty() {
            return Observed::NotLive;
        }
        self.entries
            .iter()
            .map(|entry| self.observed(entry))
            .filter(|observed| *observed != Observed::Nothing)
            .reduce(Observed::and)
            .unwrap_or(Observed::Nothing)
    }
}

/// An entry and who it is about.
#[derive(Debug)]
pub(crate) struct ShownRow {
    /// The entry.
    pub(crate) row: LoggedRow,
    /// A name for the owner that it refers to, where the log knows it.
    pub(crate) owner: Option<String>,
}

/// Prints the state and the entries that were asked for.
pub(crate) fn run(args: &ShowArgs) -> Result<Outcome, Error> {
    let shown = look(args)?;
    let out = match args.format {
        TextFormat::Json => {
            let mut out = Vec::new();
            json::journal::write_shown(&mut out, &shown);
            out.push(b'\n');
            out
        }
        TextFormat::Text => {
            let mut out = String::new();
            let local = LocalTime::system();
            text::journal::write_shown(&mut out, &shown, &local, Paint::of(&stdout()));
            out.into_bytes()
        }
    };
    Output::open()?.write(&out)?;
    Ok(Outcome::Done)
}

fn look(args: &ShowArgs) -> Result<Shown, Error> {
    let access = journal::open(&args.folder)?;
    let (since, until) = journal::period(args.since, args.until)?;
    let status = access.status()?;
    let wanted = |row: &LoggedRow| {
        let time = row
            .value("time")
            .and_then(read_moment)
            .map(|(time, _)| time);
        (args.kinds.is_empty() || args.kinds.contains(&row.kind))
            && time.is_none_or(|time| {
                since.is_none_or(|since| since <= time) && until.is_none_or(|until| time <= until)
            })
    };
    let mut owners = Owners::default();
    let mut entries = Vec::new();
    let mut more = false;
    let mut next = (args.limit > 0).then_some(status.checkpoint.size);
    'pages: while let Some(end) = next {
        let page = access.rows(0..end, Reader::MAX_PAGE)?;
        for row in page.rows.into_iter().filter(wanted) {
            if entries.len() >= args.limit {
                more = true;
                break 'pages;
            }
            entries.push(ShownRow {
                owner: owners.of(&access, &row)?,
                row,
            });
        }
        next = page.next;
    }
    let newest = access.rows(0..status.checkpoint.size, 1)?.rows;
    let wrote = entries.iter().map(|entry| &entry.row).chain(&newest);
    let sessions: BTreeSet<u64> = wrote.filter_map(|row| row.session).collect();
    let sessions = sessions
        .into_iter()
        .map(|index| Ok((index, provenance(&access, index)?)))
        .collect::<Result<_, Error>>()?;
    Ok(Shown {
        status,
        sessions,
        watched: matches!(access, Access::Running(_)),
        entries,
        more,
    })
}

/// What the `started` entry at `index` says of how its session looks.
fn provenance(access: &Access, index: u64) -> Result<Option<String>, Error> {
    let begun = access.rows(index..index.saturating_add(1), 1)?.rows;
    let word = begun.first().and_then(|row| row.value("provenance"));
    Ok(word.map(str::to_owned))
}

/// Owners that were asked for.
#[derive(Debug, Default)]
struct Owners(BTreeMap<(u64, u32), Option<String>>);

impl Owners {
    fn of(&mut self, access: &Access, row: &LoggedRow) -> Result<Option<String>, Error> {
        let number = |name| row.value(name).and_then(|text| text.parse::<u64>().ok());
        let (Some(index), Some(uid)) = (number("owner"), number("uid")) else {
            return Ok(None);
        };
        let Ok(uid) = u32::try_from(uid) else {
            return Ok(None);
        };
        if let Some(known) = self.0.get(&(index, uid)) {
            return Ok(known.clone());
        }
        let owner = access.owner(index, uid)?;
        let name = owner.as_deref().and_then(OwnerText::parse).map(|owner| {
            let name = owner.name.or(owner.packages).unwrap_or(owner.kind);
            name.to_owned()
        });
        self.0.insert((index, uid), name.clone());
        Ok(name)
    }
}
