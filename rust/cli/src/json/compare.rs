//! Two logs side by side.

use std::time::Duration;

use portlog_journal::compare::{
    Fact, Forecast, Found, Half, Hours, Likeness, ListFact, MarkFact, OwnerFacts, OwnerKey,
    OwnerRows, Relation, Row, Seen, Told, Uncertain, Verdict, Way,
};
use portlog_journal::verify::Observed;

use super::{Array, Object};
use crate::commands::log::compare::{Laid, Refused, Sides};
use crate::time::rfc3339;

/// Appends the answer of `log compare`, without a line's end.
pub(crate) fn write_laid(out: &mut Vec<u8>, laid: &Laid) {
    let mut object = Object::new(out);
    {
        let mut files = object.array("files");
        for file in &laid.files {
            super::verify::write_file(&mut files, file);
        }
    }
    let observed = laid
        .reports()
        .map(|report| report.obtained.observed())
        .reduce(Observed::and);
    object.bool_or_null("observed_live", observed.and_then(Observed::is_live));
    match &laid.result {
        Ok(sides) => {
            object.null("refused");
            write_sides(&mut object.object("comparison"), sides);
        }
        Err(refused) => {
            object.string("refused", word(*refused));
            object.null("comparison");
        }
    }
}

const fn word(refused: Refused) -> &'static str {
    match refused {
        Refused::Rejected => "rejected",
        Refused::Fork => "fork",
    }
}

fn write_sides(object: &mut Object<'_>, sides: &Sides) {
    let (relation, is_its_state) = match sides.relation {
        Relation::SameLog => ("same-log", None),
        Relation::LaterNamesEarlier { is_its_state } => ("later-names-earlier", is_its_state),
        Relation::EarlierNamesLater => ("earlier-names-later", None),
        Relation::Stated => ("stated", None),
    };
    object.string("relation", relation);
    object.bool_or_null("is_its_state", is_its_state);
    object.number_or_null("mark", sides.mark);
    write_facts(&mut object.array("facts"), &sides.facts);
    write_lists(&mut object.array("lists"), sides);
    write_half(&mut object.object("before"), &sides.before);
    write_half(&mut object.object("after"), &sides.after);
    {
        let mut counts = object.object("counts");
        for word in Verdict::WORDS {
            let rows = sides.owners.iter().flat_map(|owner| &owner.rows);
            counts.number(word, count(rows.filter(|row| row.verdict.as_str() == word)));
        }
    }
    let mut owners = object.array("owners");
    for owner in &sides.owners {
        write_owner(&mut owners.object(), owner);
    }
}

/// Facts of which neither log says anything are left out.
fn write_facts(facts: &mut Array<'_>, all: &[Fact]) {
    let says = |told: &Told| *told != Told::Nothing;
    for fact in all {
        if !fact.before.iter().chain(&fact.after).any(says) {
            continue;
        }
        let mut object = facts.object();
        object.string("name", fact.name);
        object.bool("same", fact.is_same());
        object.bool("uncertain", fact.is_uncertain());
        for (key, values) in [("before", &fact.before), ("after", &fact.after)] {
            let mut array = object.array(key);
            for told in values {
                write_told(&mut array.object(), told);
            }
        }
    }
}

fn write_told(object: &mut Object<'_>, told: &Told) {
    let (word, value) = match told {
        Told::Value(value) => ("value", Some(&**value)),
        Told::Nothing => ("nothing", None),
        Told::Withheld => ("withheld", None),
    };
    object.string("told", word);
    object.string_or_null("value", value);
}

fn write_lists(lists: &mut Array<'_>, sides: &Sides) {
    let (before, after) = (sides.before.lists(), sides.after.lists());
    for list in before.union(after) {
        let ListFact {
            name,
            category,
            sha256,
        } = list;
        let mut object = lists.object();
        write_told(&mut object.object("name"), name);
        write_told(&mut object.object("category"), category);
        write_told(&mut object.object("sha256"), sha256);
        object.bool("before", before.contains(list));
        object.bool("after", after.contains(list));
    }
}

fn write_half(object: &mut Object<'_>, half: &Half) {
    object.string("origin", half.state.origin.as_str());
    object.number("first_entry", half.range.start);
    object.number("end_entry", half.range.end);
    object.number("shown", half.shown);
    object.number("hidden", half.hidden);
    let (from, to) = half.period.map_or((None, None), |(from, to)| {
        (Some(rfc3339(from)), Some(rfc3339(to)))
    });
    object.string_or_null("from", from.as_deref());
    object.string_or_null("to", to.as_deref());
    write_hours(&mut object.object("hours"), &half.hours);
    object.number("openings", half.openings);
    object.number("without_peer", half.without_peer);
    object.number("remote_withheld", half.remote_withheld());
    {
        let mut marks = object.array("marks");
        for mark in &half.marks {
            write_mark(&mut marks.object(), mark);
        }
    }
    object.number("more_marks", half.more_marks);
}

fn write_hours(object: &mut Object<'_>, hours: &Hours) {
    object.number("watched_ms", millis(hours.watched));
    object.number("asleep_ms", millis(hours.asleep));
    object.number("denied_ms", millis(hours.denied));
    object.number("stopped_ms", millis(hours.stopped));
    object.number("counted_ms", millis(hours.whole));
    object.number("withheld_ms", millis(hours.withheld));
    object.number("lossy_ms", millis(hours.lossy));
    {
        let mut tables = object.array("untrusted");
        for (table, time) in &hours.untrusted {
            let mut object = tables.object();
            object.string("table", table);
            object.number("time_ms", millis(*time));
        }
    }
    object.number_or_null("looks", hours.looks);
    object.number("heartbeats", hours.heartbeats);
    object.number("dropped", hours.dropped);
}

fn write_mark(object: &mut Object<'_>, mark: &MarkFact) {
    object.number("entry", mark.index);
    object.string_or_null("time", mark.time.map(rfc3339).as_deref());
    write_told(&mut object.object("preset"), &mark.preset);
    write_told(&mut object.object("text"), &mark.text);
}

fn write_owner(object: &mut Object<'_>, owner: &OwnerRows) {
    write_key(&mut object.object("owner"), &owner.owner);
    match &owner.later {
        Some(later) => write_key(&mut object.object("later"), later),
        None => object.null("later"),
    }
    for (key, facts) in [("before", &owner.before), ("after", &owner.after)] {
        match facts {
            Some(facts) => write_owner_facts(&mut object.object(key), facts),
            None => object.null(key),
        }
    }
    let mut rows = object.array("destinations");
    for row in &owner.rows {
        write_row(&mut rows.object(), row);
    }
}

fn write_key(object: &mut Object<'_>, key: &OwnerKey) {
    let (mut user_of, mut packages_of, mut name_of, mut kind_of, mut uid_of) =
        (None, "", None, None, None);
    let word = match key {
        OwnerKey::Packages {
            user,
            sandbox,
            packages,
        } => {
            (user_of, packages_of) = (Some(*user), &**packages);
            if *sandbox { "sandbox" } else { "packages" }
        }
        OwnerKey::Named { user, kind, name } => {
            (user_of, kind_of, name_of) = (*user, Some(&**kind), Some(&**name));
            "named"
        }
        OwnerKey::Unnamed(uid) => {
            uid_of = Some(*uid);
            "not-named"
        }
        OwnerKey::NoUid => "no-uid",
        OwnerKey::Withheld => "withheld",
    };
    object.string("by", word);
    object.number_or_null("user", user_of);
    object.string_or_null("kind", kind_of);
    object.string_or_null("name", name_of);
    object.number_or_null("uid", uid_of);
    let mut names = object.array("packages");
    for name in packages_of.split(',').filter(|name| !name.is_empty()) {
        names.string(name);
    }
}

fn write_owner_facts(object: &mut Object<'_>, facts: &OwnerFacts) {
    {
        let mut uids = object.array("uids");
        for uid in &facts.uids {
            super::writer::number(uids.item(), *uid);
        }
    }
    {
        let mut words = object.array("firmware");
        for word in &facts.firmware {
            words.string(word);
        }
    }
    object.string_or_null("name", facts.name.as_deref());
    object.number("remote_withheld", facts.remote_withheld);
}

fn write_row(object: &mut Object<'_>, row: &Row) {
    let destination = &row.destination;
    object.string("protocol", &destination.protocol);
    object.string("address", &destination.address.to_string());
    let port = (destination.way == Way::To).then_some(u64::from(destination.port));
    object.number_or_null("port", port);
    object.string("verdict", row.verdict.as_str());
    let (reason, withheld) = match &row.verdict {
        Verdict::TooShort(reason) => (Some(reason.as_str()), None),
        Verdict::NotComparable(reason) => (
            Some(reason.as_str()),
            match reason {
                Uncertain::RemoteWithheld(entries) => Some(*entries),
                _ => None,
            },
        ),
        _ => (None, None),
    };
    object.string_or_null("reason", reason);
    object.number_or_null("withheld", withheld);
    for (key, seen) in [("before", &row.before), ("after", &row.after)] {
        match seen {
            Some(seen) => write_seen(&mut object.object(key), seen),
            None => object.null(key),
        }
    }
    match &row.forecast {
        Some(forecast) => {
            let of = if row.before.is_some() {
                "after"
            } else {
                "before"
            };
            write_forecast(&mut object.object("forecast"), forecast, of);
        }
        None => object.null("forecast"),
    }
    {
        let mut elsewhere = object.array("elsewhere");
        let found = match &row.verdict {
            Verdict::StillThere { at } => at.as_slice(),
            Verdict::New { like } => like,
            Verdict::Moved { to } | Verdict::Changed { to } => to,
            _ => &[],
        };
        for found in found {
            write_found(&mut elsewhere.object(), found);
        }
    }
    let mut owners = object.array("also_by");
    for owner in &row.also_by {
        write_key(&mut owners.object(), owner);
    }
}

fn write_seen(object: &mut Object<'_>, seen: &Seen) {
    object.number("openings", seen.openings);
    object.number("sightings", seen.sightings);
    object.string_or_null("first", seen.first.map(rfc3339).as_deref());
    object.string_or_null("last", seen.last.map(rfc3339).as_deref());
    let mut names = object.array("names");
    for name in &seen.names {
        names.string(name);
    }
}

fn write_forecast(object: &mut Object<'_>, forecast: &Forecast, of: &str) {
    object.string("of", of);
    object.number("sightings", forecast.sightings);
    object.number("in_ms", millis(forecast.known));
    object.number("for_ms", millis(forecast.asked));
    write_thousandths(object, "per_hour", forecast.per_hour_thousandths());
    write_thousandths(object, "expected", forecast.expected_thousandths());
    let (known, asked) = forecast.intervals.unzip();
    object.number_or_null("interval_in_ms", known.map(millis));
    object.number_or_null("interval_for_ms", asked.map(millis));
}

fn write_found(object: &mut Object<'_>, found: &Found) {
    let destination = &found.destination;
    object.string("protocol", &destination.protocol);
    object.string("address", &destination.address.to_string());
    object.number("port", destination.port.into());
    object.string("same", found.likeness.as_str());
    let what = match &found.likeness {
        Likeness::Host => destination.address.to_string(),
        Likeness::Name(name) => name.to_string(),
        Likeness::Network(network) => network.to_string(),
    };
    object.string("what", &what);
    write_seen(&mut object.object("after"), &found.seen);
}

/// A number with three places, or null.
fn write_thousandths(object: &mut Object<'_>, key: &str, value: Option<u64>) {
    match value {
        Some(value) => {
            let text = format!("{}.{:03}", value / 1000, value % 1000);
            object.key(key).extend_from_slice(text.as_bytes());
        }
        None => object.null(key),
    }
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

fn count<T>(of: impl Iterator<Item = T>) -> u64 {
    u64::try_from(of.count()).unwrap_or(u64::MAX)
}
