//! Notifications: a title and a text each.

use portlog_model::{Alert, Daily, Explanation, Notice, Ongoing, Owner, Platform, WatchState};

use super::owner::{self, Mention};
use super::watched::state;
use super::{alert, counted, explanation};
use crate::advise::explanations;
use crate::data::is_practice;
use crate::time::Zone;

/// Owners that a daily summary names.
const MAX_OWNERS: usize = 5;

pub(super) fn title(notice: Notice<'_>) -> String {
    match notice {
        Notice::Alert(alert) => format!(
            "{}: {}",
            alert::heading(alert),
            owner::who(Mention {
                owner: &alert.owner,
                platform: Some(alert.platform),
            })
        ),
        Notice::Group { owner, .. } => who(owner),
        Notice::Ongoing(ongoing) => match ongoing.state {
            WatchState::Starting => "Portlog is starting".to_owned(),
            WatchState::Running => format!(
                "Watching {}",
                counted(ongoing.owners, "program", "programs")
            ),
            WatchState::Denied | WatchState::Blind => {
                "Portlog cannot see other apps' sockets".to_owned()
            }
            WatchState::Stopped => "Portlog is stopped".to_owned(),
        },
        Notice::LockScreen { .. } => "Portlog".to_owned(),
        Notice::Daily(daily) => format!("{} noted today", daily.total()),
    }
}

pub(super) fn body(notice: Notice<'_>, zone: Zone) -> String {
    match notice {
        Notice::Alert(alert) => claim(alert, zone),
        Notice::Group {
            matches, possible, ..
        } => group(matches, possible),
        Notice::Ongoing(ongoing) => self::ongoing(&ongoing, zone),
        Notice::LockScreen { practice: false } => "New finding".to_owned(),
        Notice::LockScreen { practice: true } => "New finding (practice)".to_owned(),
        Notice::Daily(daily) => self::daily(&daily),
    }
}

/// The alert's sentence, and what else could explain it.
fn claim(alert: &Alert, zone: Zone) -> String {
    let mut parts = Vec::new();
    if is_practice(alert) {
        parts.push(
            "This is practice: Portlog opened the connection itself, and it is not counted."
                .to_owned(),
        );
    }
    parts.push(alert::alert(alert, zone));
    let others: Vec<&str> = explanations(alert)
        .into_iter()
        .map(|it: Explanation| explanation(it))
        .collect();
    if !others.is_empty() {
        parts.push(format!("What else could explain it: {}", others.join(" ")));
    }
    parts.join(" ")
}

fn group(matches: u64, possible: u64) -> String {
    format!(
        "{}, {possible} possible",
        counted(matches, "match", "matches")
    )
}

fn ongoing(ongoing: &Ongoing, zone: Zone) -> String {
    let since = zone.time(ongoing.since);
    let unseen = ongoing.tables.unseen();
    let tables = match unseen {
        0 if ongoing.tables.readable == 0 => "no table was looked at yet".to_owned(),
        0 => "every table of this kernel can be seen".to_owned(),
        _ => format!(
            "{} of {} cannot be seen",
            unseen,
            counted(u64::from(ongoing.tables.present()), "table", "tables")
        ),
    };
    match ongoing.state {
        WatchState::Running => format!("Since {since}; {tables}."),
        WatchState::Starting | WatchState::Denied | WatchState::Blind | WatchState::Stopped => {
            state(ongoing.state).to_owned()
        }
    }
}

/// `5 noted today: 3 list entries, 2 new destinations. com.example.sync, ...`.
fn daily(daily: &Daily<'_>) -> String {
    let counts: Vec<String> = [
        (daily.entries, "list entry", "list entries"),
        (daily.destinations, "new destination", "new destinations"),
        (daily.listeners, "new listener", "new listeners"),
        (
            daily.bytes_alone,
            "time that bytes moved without a connection being seen",
            "times that bytes moved without a connection being seen",
        ),
    ]
    .into_iter()
    .filter(|(count, ..)| *count > 0)
    .map(|(count, one, many)| counted(count, one, many))
    .collect();
    let mut text = format!("{} noted today", daily.total());
    if !counts.is_empty() {
        text.push_str(": ");
        text.push_str(&counts.join(", "));
    }
    text.push('.');
    let mut owners: Vec<String> = daily
        .owners
        .iter()
        .take(MAX_OWNERS)
        .map(|owner| who(owner))
        .collect();
    let more = daily.owners.len().saturating_sub(MAX_OWNERS);
    if more > 0 {
        owners.push(format!("{more} more"));
    }
    if !owners.is_empty() {
        text.push_str(" By: ");
        text.push_str(&owners.join(", "));
        text.push('.');
    }
    text
}

/// Notifications are Android's.
fn who(owner: &Owner) -> String {
    owner::who(Mention {
        owner,
        platform: Some(Platform::Android),
    })
}
