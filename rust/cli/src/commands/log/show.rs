//! What a journal has, newest first.

use std::collections::BTreeMap;
use std::io::stdout;

use anyhow::Error;
use portlog_agent::testimony::{Access, LoggedRow, Reader, Status};
use portlog_journal::entry::{OwnerText, read_moment};

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
    Ok(Shown {
        status,
        watched: matches!(access, Access::Running(_)),
        entries,
        more,
    })
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
