//! What the commands on a journal have in common: how it is reached, and how times are meant.

use std::path::Path;

use anyhow::{Error, anyhow};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use portlog_agent::testimony::Access;
use portlog_model::WallTime;

use crate::args::Point;
use crate::exit::with_way_out;

/// The journal in `folder`, through the watch that holds it or alone.
pub(super) fn open(folder: &Path) -> Result<Access, Error> {
    Access::open(folder).map_err(|error| match error {
        portlog_agent::Error::NoJournal { .. } => with_way_out(
            error,
            "name the folder that 'portlog watch --journal DIR' was given",
        ),
        portlog_agent::Error::JournalInUse { .. } => anyhow!(
            "something holds the journal in {} and does not answer; try again, or end it first",
            folder.display()
        ),
        error => error.into(),
    })
}

/// From when to when, as far as was said.
pub(super) fn period(
    since: Option<Point>,
    until: Option<Point>,
) -> Result<(Option<WallTime>, Option<WallTime>), Error> {
    let (now, zone) = (Timestamp::now(), TimeZone::system());
    let beyond = || anyhow!("a time is beyond what calendars have; name a nearer one");
    let since = since
        .map(|point| point.begin(now, &zone).ok_or_else(beyond))
        .transpose()?;
    let until = until
        .map(|point| point.end(now, &zone).ok_or_else(beyond))
        .transpose()?;
    match (since, until) {
        (Some(since), Some(until)) if until < since => {
            Err(anyhow!("--until is before --since; nothing lies between"))
        }
        period => Ok(period),
    }
}
