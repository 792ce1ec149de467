//! What a journal has.

use portlog_agent::testimony::Status;
use portlog_model::WallTime;

use super::Object;
use crate::commands::log::show::Shown;
use crate::time::rfc3339;

/// Appends the answer of `log show`, without a line's end.
pub(crate) fn write_shown(out: &mut Vec<u8>, shown: &Shown) {
    let mut object = Object::new(out);
    write_status(&mut object, &shown.status);
    object.bool("watched", shown.watched);
    object.bool_or_null("observed_live", shown.all_observed().is_live());
    {
        let mut entries = object.array("entries");
        for entry in &shown.entries {
            let mut object = entries.object();
            object.number("index", entry.row.index);
            object.string("kind", entry.row.kind.as_str());
            object.number_or_null("session", entry.row.session);
            object.string_or_null("observed", shown.observed(entry).as_str());
            object.string_or_null("owner", entry.owner.as_deref());
            let mut fields = object.object("fields");
            for (name, value) in &entry.row.fields {
                fields.string(name, value);
            }
        }
    }
    object.bool("more", shown.more);
}

fn write_status(object: &mut Object<'_>, status: &Status) {
    object.string("origin", status.origin.as_str());
    object.string("first_vkey", &status.first.to_string());
    object.number("size", status.checkpoint.size);
    object.string("root", &status.checkpoint.root.to_base64());
    object.number("epoch", u64::from(status.epoch));
    object.number("epochs", u64::try_from(status.epochs).unwrap_or(u64::MAX));
    object.number("bytes", status.bytes);
    time_or_null(object, "begun", status.begun);
    time_or_null(object, "latest", status.latest);
    object.number("pruned_below", status.pruned_below);
    {
        let mut kept = object.array("kept");
        for size in &status.kept {
            super::writer::number(kept.item(), *size);
        }
    }
    match &status.witnessed {
        Some(last) => {
            let mut object = object.object("witnessed");
            object.string("name", &last.name);
            object.number("size", last.size);
            time_or_null(&mut object, "time", last.time);
        }
        None => object.null("witnessed"),
    }
    match &status.exported {
        Some(last) => {
            let mut object = object.object("exported");
            object.number("size", last.size);
            object.string("time", &rfc3339(last.time));
        }
        None => object.null("exported"),
    }
}

fn time_or_null(object: &mut Object<'_>, key: &str, time: Option<WallTime>) {
    object.string_or_null(key, time.map(rfc3339).as_deref());
}
