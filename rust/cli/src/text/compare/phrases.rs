//! What is said of one thing in a comparison. Nothing here says who did something, or why.

use std::fmt::Write as _;

use portlog_journal::Report;
use portlog_journal::compare::{
    Fact, Forecast, Found, Half, Likeness, OwnerFacts, OwnerKey, OwnerRows, Relation, Row, Seen,
    Told, TooShort, Uncertain, Verdict,
};
use portlog_journal::verify::{Comparison, NOT_LIVE};

use crate::commands::log::compare::Sides;
use crate::text::paint::Tone;
use crate::time::hours;

/// Packages of an owner that are shown.
const PACKAGES: usize = 4;
/// Facts that change what can be seen, beside the time between two looks, which is reckoned with.
const TIER: [&str; 4] = [
    "started.provenance",
    "started.platform",
    "started.source",
    "started.packages_overridden",
];

/// How much was not observed live, where anything was not.
pub(super) fn not_live(report: &Report) -> Option<String> {
    let lines = report.first_lines();
    let line = lines.get(3)?;
    let told = line
        .strip_prefix(NOT_LIVE)
        .and_then(|rest| rest.strip_prefix(": "));
    Some(told.unwrap_or(line).to_owned())
}

/// Who says that both sides are of one phone.
pub(super) fn relation(sides: &Sides) -> String {
    if sides.mark.is_some() {
        return "the same log, parted at a mark".to_owned();
    }
    match (&sides.relation, &sides.states) {
        (Relation::SameLog, Some(Comparison::Same)) => {
            "the same log; both files are of one state of it".to_owned()
        }
        (Relation::SameLog, Some(Comparison::Continues { added })) => format!(
            "the same log; the later file continues the earlier one by {}",
            counted(*added, "entry", "entries")
        ),
        (Relation::SameLog, _) => "the same log; whether the later file continues the earlier one \
                                   cannot be told from these two"
            .to_owned(),
        (Relation::LaterNamesEarlier { is_its_state }, _) => {
            let state = match is_its_state {
                Some(true) => ", in the state of this file",
                Some(false) => {
                    ", in ANOTHER STATE of the same size: one of the two is not its history"
                }
                None => "; whether in a state of its history cannot be told from these two",
            };
            format!("the later log names the earlier one{state}")
        }
        (Relation::EarlierNamesLater, _) => {
            "the earlier log names the later one: the files seem to be given in the wrong order"
                .to_owned()
        }
        (Relation::Stated, _) => "stated by the operator".to_owned(),
    }
}

/// Whether a fact that differs changes what can be seen.
pub(super) fn tells_tier(fact: &Fact) -> bool {
    TIER.contains(&fact.name) && !fact.is_same()
}

/// What a file tells of a fact.
pub(super) fn values(told: &[Told]) -> String {
    if told.is_empty() {
        return "not in the file".to_owned();
    }
    let values: Vec<&str> = told.iter().map(value).collect();
    values.join(", then ")
}

/// A value as it is told.
pub(super) fn value(told: &Told) -> &str {
    match told {
        Told::Value(value) => value,
        Told::Nothing => "not known",
        Told::Withheld => "withheld",
    }
}

/// How much of a side is shown.
pub(super) fn shown(half: &Half) -> String {
    let mut text = format!(
        "{} shown, {} not shown; {}",
        counted(half.shown, "entry", "entries"),
        half.hidden,
        counted(half.openings, "opening", "openings")
    );
    if half.openings == 0 && half.hidden > 0 {
        text.push_str(": a file without them cannot show that something is gone");
    }
    text
}

/// An owner with its UIDs on both sides.
pub(super) fn owner(owner: &OwnerRows) -> String {
    let mut text = key(&owner.owner);
    if let Some(later) = &owner.later {
        text.push_str("; later ");
        text.push_str(&key(later));
    }
    if !matches!(
        *owner.owner,
        OwnerKey::Packages { .. } | OwnerKey::Named { .. }
    ) {
        return text;
    }
    let uids = |facts: &Option<OwnerFacts>| {
        let uids = facts.iter().flat_map(|facts| &facts.uids);
        let uids: Vec<String> = uids.map(u64::to_string).collect();
        (!uids.is_empty()).then(|| uids.join(", "))
    };
    match (uids(&owner.before), uids(&owner.after)) {
        (Some(before), Some(after)) if before != after => {
            // Writing to a string cannot fail.
            let _ = write!(text, " (UID {before}, later {after})");
        }
        (Some(uid), _) | (None, Some(uid)) => {
            let _ = write!(text, " (UID {uid})");
        }
        (None, None) => {}
    }
    let firmware = |facts: &Option<OwnerFacts>| -> Vec<String> {
        let words = facts.iter().flat_map(|facts| &facts.firmware);
        words.map(ToString::to_string).collect()
    };
    let (before, after) = (firmware(&owner.before), firmware(&owner.after));
    let told = match (before.is_empty(), after.is_empty()) {
        (true, true) => return text,
        (false, false) if before != after => {
            format!("{}, later {}", before.join("/"), after.join("/"))
        }
        (false, _) => before.join("/"),
        (true, false) => after.join("/"),
    };
    format!("{text}, firmware {told}")
}

/// Who an owner is.
pub(super) fn key(key: &OwnerKey) -> String {
    let of_user = |user: u64| match user {
        0 => String::new(),
        user => format!(", Android user {user}"),
    };
    match key {
        OwnerKey::Packages {
            user,
            sandbox,
            packages,
        } => {
            let names: Vec<&str> = packages.split(',').collect();
            let mut text = names.get(..PACKAGES).unwrap_or(&names).join(", ");
            if let Some(more) = names.len().checked_sub(PACKAGES).filter(|more| *more > 0) {
                let _ = write!(text, " and {more} more");
            }
            if *sandbox {
                text.push_str(", its sandbox for advertising");
            }
            text + &of_user(*user)
        }
        OwnerKey::Named { user, kind, name } => {
            format!("{name} ({kind}){}", of_user(user.unwrap_or(0)))
        }
        OwnerKey::Unnamed(uid) => format!("UID {uid}, not named in this file"),
        OwnerKey::NoUid => "Something on this phone; the kernel named no owner".to_owned(),
        OwnerKey::Withheld => "Owner withheld".to_owned(),
    }
}

/// The verdict in a column, and how it is toned.
pub(super) const fn verdict(verdict: &Verdict) -> (&'static str, Tone) {
    match verdict {
        Verdict::StillThere { .. } => ("still there", Tone::Plain),
        Verdict::New { .. } => ("new", Tone::Fresh),
        Verdict::Moved { .. } => ("moved", Tone::Fresh),
        Verdict::Changed { .. } => ("changed", Tone::Fresh),
        Verdict::NotSeenAgain => ("not seen again", Tone::Strong),
        Verdict::TooShort(_) => ("too short to tell", Tone::Faint),
        Verdict::NotComparable(_) => ("cannot be compared", Tone::Caution),
    }
}

/// What a verdict rests on, in lines.
pub(super) fn because(row: &Row, sides: &Sides) -> Vec<String> {
    let mut lines = Vec::new();
    match &row.verdict {
        Verdict::StillThere { at } if at.is_empty() => lines.push(both(row)),
        Verdict::StillThere { at } => {
            lines.push(one(row.before.as_ref(), "earlier"));
            lines.extend(
                at.iter()
                    .map(|found| format!("still seen at {}", place(found))),
            );
        }
        Verdict::Moved { to } | Verdict::Changed { to } => {
            lines.push(one(row.before.as_ref(), "earlier"));
            lines.extend(to.iter().map(|found| format!("now at {}", place(found))));
        }
        Verdict::New { like } => {
            lines.push(one(row.after.as_ref(), "later"));
            lines.extend(row.forecast.as_ref().map(backwards).into_iter().flatten());
            lines.extend(like.iter().map(|found| format!("like {}", place(found))));
        }
        Verdict::NotSeenAgain => {
            lines.extend(row.forecast.as_ref().map(forwards).into_iter().flatten());
        }
        Verdict::TooShort(reason) => {
            lines.push(one(row.before.as_ref(), "earlier"));
            lines.extend(too_short(*reason, row.forecast.as_ref()));
        }
        Verdict::NotComparable(reason) => {
            lines.push(both(row));
            lines.push(uncertain(*reason, row, sides));
        }
    }
    lines
}

fn both(row: &Row) -> String {
    match (&row.before, &row.after) {
        (Some(before), Some(after)) => format!(
            "{} earlier, {} later",
            counted(before.openings, "opening", "openings"),
            after.openings
        ),
        (Some(_), None) => one(row.before.as_ref(), "earlier"),
        _ => one(row.after.as_ref(), "later"),
    }
}

fn one(seen: Option<&Seen>, when: &str) -> String {
    let openings = seen.map_or(0, |seen| seen.openings);
    format!("{} {when}", counted(openings, "opening", "openings"))
}

fn place(found: &Found) -> String {
    let likeness = match &found.likeness {
        Likeness::Host => "same host".to_owned(),
        Likeness::Name(name) => format!("same name {name}"),
        Likeness::Network(network) => format!("same network {network}"),
    };
    let openings = counted(found.seen.openings, "opening", "openings");
    format!("{} ({likeness}; {openings} later)", found.destination)
}

/// `20 sightings in 5 h watched before`, and an hour.
fn rate(forecast: &Forecast, when: &str) -> String {
    let rate = forecast
        .per_hour_thousandths()
        .map_or_else(String::new, |rate| format!(", {} an hour", decimal(rate)));
    format!(
        "{} in {} watched {when}{rate}",
        counted(forecast.sightings, "sighting", "sightings"),
        hours(forecast.known)
    )
}

/// What was to be expected of the later side.
fn forwards(forecast: &Forecast) -> [String; 2] {
    let slower = forecast
        .slower()
        .map_or_else(String::new, |(before, after)| {
            format!(
                " (looked at every {} ms instead of every {} ms)",
                after.as_millis(),
                before.as_millis()
            )
        });
    [
        rate(forecast, "earlier"),
        format!(
            "{} expected in {} watched later{slower}, none seen",
            expected(forecast),
            hours(forecast.asked)
        ),
    ]
}

/// What would have been expected of the earlier side.
fn backwards(forecast: &Forecast) -> [String; 2] {
    let time = hours(forecast.asked);
    [
        rate(forecast, "later"),
        if forecast.is_enough() {
            format!(
                "{} expected in {time} watched earlier, none seen",
                expected(forecast)
            )
        } else {
            format!("{time} watched earlier are too short to say that it was not there")
        },
    ]
}

fn too_short(reason: TooShort, forecast: Option<&Forecast>) -> Vec<String> {
    let why = match reason {
        TooShort::FewExpected => {
            let [rate, expected] = match forecast {
                Some(forecast) => forwards(forecast),
                None => return Vec::new(),
            };
            return vec![rate, format!("{expected}: too few")];
        }
        TooShort::NothingBefore => {
            "no earlier time counts: it was not watched, or not all of it is shown"
        }
        TooShort::NothingAfter => {
            "no later time counts: it was not watched, or not all of it is shown"
        }
        TooShort::NoRate => {
            "it was not seen to open in the earlier time that counts, so there is no rate"
        }
        TooShort::IntervalWithheld => "how often one looked is withheld",
    };
    vec![why.to_owned()]
}

fn uncertain(reason: Uncertain, row: &Row, sides: &Sides) -> String {
    let other = if row.before.is_some() {
        "later"
    } else {
        "earlier"
    };
    match reason {
        Uncertain::OwnerNotKnown => {
            "the file does not say who the owner is, so that it cannot be known again".to_owned()
        }
        Uncertain::SeenByUnknown => {
            format!("the {other} file shows it too, by an owner that it does not name")
        }
        Uncertain::RemoteWithheld(entries) => format!(
            "in the {other} file {} the other end: it may be among them",
            counted(entries, "entry withholds", "entries withhold")
        ),
        Uncertain::NotRecorded => {
            let log = match sides.mark {
                Some(_) => "after the mark the log",
                None => "the later log",
            };
            format!("{log} does not say that it keeps what this owner opens")
        }
    }
}

fn expected(forecast: &Forecast) -> String {
    forecast
        .expected_thousandths()
        .map_or_else(|| "an unknown number".to_owned(), decimal)
}

/// One place, cut off: 4.999 is not 5.
fn decimal(thousandths: u64) -> String {
    format!("{}.{}", thousandths / 1000, thousandths % 1000 / 100)
}

/// `1 entry`, `2 entries`.
pub(super) fn counted(count: u64, one: &str, several: &str) -> String {
    let what = if count == 1 { one } else { several };
    format!("{count} {what}")
}
