//! A bundle as one JSON object, an entry a line (docs/EVENTS.md).

use std::io::{BufRead, Write};

use anyhow::{Context as _, Error};
use portlog_journal::Report;
use portlog_journal::bundle::ShownEntry;
use portlog_journal::entry::{FieldType, OwnerText};

use super::each;
use super::meaning::{Meaning, Owner};
use crate::json::Object;
use crate::json::verify::{write_extent, write_first_lines};

/// What the output says of itself.
pub(super) const UNSIGNED: &str = "Made by Portlog from a signed bundle. This file is not signed: \
                                   whoever has it can change it. What it says is checked in the \
                                   bundle.";

/// Writes the bundle that `report` is about.
pub(super) fn write(
    bundle: impl BufRead,
    report: &Report,
    to: &mut dyn Write,
) -> Result<(), Error> {
    let mut put = |bytes: &[u8]| to.write_all(bytes).context("cannot write the file");
    let mut out = b"{\"bundle\":".to_vec();
    write_report(&mut Object::new(&mut out), report);
    out.extend_from_slice(b",\"entries\":[");
    let mut meaning = Meaning::default();
    let mut is_first = true;
    each(bundle, report, |entry| {
        meaning.read(entry);
        out.extend_from_slice(if is_first { b"\n" } else { b",\n" });
        is_first = false;
        write_entry(&mut Object::new(&mut out), entry, &meaning);
        put(&out)?;
        out.clear();
        Ok(())
    })?;
    out.extend_from_slice(b"\n]}\n");
    put(&out)
}

/// What is certain of the bundle.
pub(super) fn write_report(object: &mut Object<'_>, report: &Report) {
    object.string("about", UNSIGNED);
    write_first_lines(object, report.first_lines());
    object.string("level", report.level().as_str());
    object.bool_or_null("observed_live", report.obtained.observed().is_live());
    object.string("origin", report.origin().as_str());
    write_extent(object, report);
    object.string("sha256", &report.sha256.to_hex());
}

/// An entry: what it says as it was signed, and who it speaks of.
pub(super) fn write_entry(object: &mut Object<'_>, entry: &ShownEntry, meaning: &Meaning) {
    object.number("index", entry.index());
    object.string("kind", entry.kind().as_str());
    object.number_or_null("session", entry.session());
    object.string_or_null("observed", meaning.observed(entry).as_str());
    write_fields(&mut object.object("fields"), entry);
    {
        let mut withheld = object.array("withheld");
        for (name, _) in entry.fields().filter(|(_, value)| value.is_none()) {
            withheld.string(&name);
        }
    }
    match meaning.owner(entry) {
        Some(owner) => write_owner(&mut object.object("owner"), owner),
        None => object.null("owner"),
    }
}

fn write_fields(fields: &mut Object<'_>, entry: &ShownEntry) {
    for (position, (name, value)) in entry.fields().enumerate() {
        let Some(value) = value else { continue };
        match entry.kind().field_type(position) {
            _ if value == "-" => fields.null(&name),
            // Such values are JSON's numbers already: no sign but a minus, no zero in front.
            Some(FieldType::Number | FieldType::Index | FieldType::Signed) => {
                fields.key(&name).extend_from_slice(value.as_bytes());
            }
            _ => fields.string(&name, value),
        }
    }
}

fn write_owner(object: &mut Object<'_>, owner: Owner<'_>) {
    let OwnerText {
        uid,
        kind,
        firmware,
        name,
        ..
    } = owner.text;
    object.number("entry", owner.entry);
    object.number("uid", uid);
    object.string("kind", kind);
    object.string("firmware", firmware);
    {
        let mut roles = object.array("roles");
        owner.roles().for_each(|role| roles.string(role));
    }
    {
        let mut packages = object.array("packages");
        owner
            .packages()
            .for_each(|package| packages.string(package));
    }
    object.number("packages_left_out", owner.packages_left_out());
    object.string_or_null("name", name);
}
