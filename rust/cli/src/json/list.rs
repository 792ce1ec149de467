//! Answers about lists, and about owners asked for by number.

use std::path::Path;

use portlog_blocklist::{CompiledList, DateSource, Explanation, ParsedList};
use portlog_model::{Level, ListHit, Match, Weakening};

use super::event::write_list;
use super::socket::write_match;
use super::{Array, Object};

/// Appends what was found in the files of lists, without a line's end.
pub(crate) fn write_checked<'a>(
    out: &mut Vec<u8>,
    lists: impl Iterator<Item = (&'a Path, &'a ParsedList)>,
) {
    let mut object = Object::new(out);
    let mut array = object.array("lists");
    for (path, parsed) in lists {
        write_parsed(&mut array, path, parsed);
    }
}

/// Appends the answer of `list explain`, without a line's end.
pub(crate) fn write_explanation(out: &mut Vec<u8>, explanation: &Explanation) {
    let mut object = Object::new(out);
    object.string("query", &explanation.query.to_string());
    let mut matches = object.array("matches");
    for hit in explanation.matches() {
        write_match(matches.item(), &at_most(hit));
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

fn write_parsed(array: &mut Array<'_>, path: &Path, parsed: &ParsedList) {
    let summary = parsed.list.summary();
    let mut object = array.object();
    object.string("file", &path.to_string_lossy());
    write_list(&mut object, &parsed.list.info());
    object.string("format", summary.format.as_str());
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
    let mut unsupported = object.array("unsupported");
    for line in &parsed.unsupported {
        let mut object = unsupported.object();
        object.number("line", u64::from(line.line));
        object.string("kind", line.reason.as_str());
        object.string("reason", &line.reason.to_string());
    }
}
