//! Answers about lists, and about owners asked for by number.

use portlog_blocklist::{CompiledList, DateSource, Difference, Explanation};
use portlog_model::{Level, ListHit, Match, WallTime, Weakening};

use super::event::write_list;
use super::socket::write_match;
use super::{Array, Object};
use crate::lists::{ListedPackage, Pins, Read};
use crate::time::rfc3339;

/// Appends what was found in the files of lists, without a line's end.
pub(crate) fn write_checked(out: &mut Vec<u8>, lists: &[Read], now: WallTime) {
    let mut object = Object::new(out);
    let mut array = object.array("lists");
    for read in lists {
        write_parsed(&mut array, read, now);
    }
}

/// Appends the answer of `list explain`, without a line's end.
pub(crate) fn write_explanation(
    out: &mut Vec<u8>,
    asked: &str,
    explanation: Option<&Explanation>,
    packages: &[Match],
) {
    let mut object = Object::new(out);
    object.string("query", asked);
    let mut matches = object.array("matches");
    for hit in explanation.iter().flat_map(|it| it.matches()) {
        write_match(matches.item(), &at_most(hit));
    }
    for it in packages {
        write_match(matches.item(), it);
    }
}

/// Appends the packages that lists speak of.
pub(crate) fn write_listed_packages(array: &mut Array<'_>, listed: &[ListedPackage]) {
    for it in listed {
        let mut object = array.object();
        object.string("package", it.package.as_str());
        object.number("uid", u64::from(it.uid.get()));
        let mut matches = object.array("matches");
        for it in &it.matches {
            write_match(matches.item(), it);
        }
    }
}

/// Appends a difference between two states of a list.
pub(crate) fn write_difference(object: &mut Object<'_>, it: &Difference<'_>) {
    object.string("subject", &it.subject);
    let change = match (it.old, it.new) {
        (None, _) => "added",
        (Some(_), None) => "removed",
        (Some(_), Some(_)) => "changed",
    };
    object.string("change", change);
    for (key, side) in [("old", it.old), ("new", it.new)] {
        let Some(side) = side else {
            object.null(key);
            continue;
        };
        let mut object = object.object(key);
        {
            let mut kinds = object.array("kinds");
            side.kinds.words().for_each(|word| kinds.string(word));
        }
        object.number("line", u64::from(side.line));
    }
}

/// The strongest claim that a connection to the host could become by this entry alone.
pub(crate) fn at_most(hit: &ListHit) -> Match {
    let may_alert = hit.category.may_alert();
    Match {
        hit: hit.clone(),
        level: if may_alert {
            Level::Match
        } else {
            Level::Noted
        },
        weakened: if may_alert {
            Vec::new()
        } else {
            vec![Weakening::Category(hit.category)]
        },
    }
}

/// Appends what a file of pinned answers has.
fn write_pins(object: &mut Object<'_>, pins: &Pins) {
    let counts = &pins.counts;
    object.number("names", counts.ok);
    object.number("addresses", counts.addresses);
    object.number("nodata", counts.no_data);
    object.number("nxdomain", counts.nx_domain);
    object.number("unanswered", counts.unanswered);
    object.number("bad_lines", counts.bad_lines);
    object.string_or_null("oldest", counts.oldest.map(rfc3339).as_deref());
    object.string_or_null("newest", counts.newest.map(rfc3339).as_deref());
    let mut bad = object.array("bad");
    for line in &pins.bad {
        let mut object = bad.object();
        object.number("line", u64::from(line.line));
        object.string("reason", &line.error.to_string());
    }
}

fn write_parsed(array: &mut Array<'_>, read: &Read, now: WallTime) {
    let Read {
        place,
        parsed,
        pinned,
    } = read;
    let summary = parsed.list.summary();
    let mut object = array.object();
    object.string("file", place);
    write_list(&mut object, &parsed.list.info());
    let format = summary.format.as_str();
    object.string("format", if pinned.is_some() { "pinned" } else { format });
    match pinned {
        Some(pins) => write_pins(&mut object.object("pinned"), pins),
        None => object.null("pinned"),
    }
    object.string_or_null("date_from", summary.date_from.map(DateSource::as_str));
    object.number("bytes", summary.bytes);
    object.number_or_null(
        "compiled_bytes",
        parsed.list.compiled().map(CompiledList::bytes),
    );
    object.number("lines", summary.lines);
    object.number("exceptions", summary.exceptions);
    object.number("duplicates", summary.duplicates);
    object.number("unsupported_lines", summary.unsupported_lines());
    {
        let mut bad = object.array("bad");
        for line in &parsed.bad_lines {
            let mut object = bad.object();
            object.number("line", u64::from(line.line));
            object.string("reason", &line.reason.to_string());
        }
    }
    {
        let mut unsupported = object.array("unsupported");
        for line in &parsed.unsupported {
            let mut object = unsupported.object();
            object.number("line", u64::from(line.line));
            object.string("kind", line.reason.as_str());
            object.string("reason", &line.reason.to_string());
        }
    }
    object.number("package_rules", summary.package_rules);
    object.bool("old", parsed.list.is_old(now));
}
