//! A bundle as a table (RFC 4180), for spreadsheets: a row for each shown entry (docs/EVENTS.md).
//!
//! A spreadsheet takes a cell that begins with `=`, `+`, `-` or `@` for a formula, and a phone's model
//! or a list's name is text that somebody else wrote. So an apostrophe is put before such a character
//! wherever a cell could begin: at the beginning of a value and, as some spreadsheets part cells at `;`,
//! behind a `;` or `"` too. An apostrophe in such a place is doubled, so that the value can be had back.

use std::borrow::Cow;
use std::io::{BufRead, Write};

use anyhow::{Context as _, Error};
use portlog_journal::Report;
use portlog_journal::bundle::ShownEntry;
use portlog_journal::entry::FieldType;

use super::each;
use super::meaning::{Meaning, instant};

/// The columns, in order: what most readers look for, then all other fields by kind of entry.
pub(super) const COLUMNS: [&str; 104] = [
    "index",
    "kind",
    "time_utc",
    "observed",
    "uid",
    "owner_packages",
    "owner_name",
    "owner_firmware",
    "owner_kind",
    "owner_roles",
    "protocol",
    "direction",
    "state",
    "remote",
    "names",
    "level",
    "reason",
    "list",
    "category",
    "entry",
    "hit",
    "weakened",
    "first_seen",
    "last_seen",
    "count",
    "text",
    "detail",
    "withheld",
    "session",
    "time",
    // Connections and alerts.
    "after",
    "by",
    "connection",
    "local",
    "was",
    "owner",
    "inode",
    "program",
    "ours",
    "line",
    "list_date",
    "list_sha256",
    "bytes",
    "candidates",
    // Started, device, stopped.
    "version",
    "provenance",
    "platform",
    "boot_id",
    "procfs",
    "source",
    "interval_ms",
    "scope",
    "packages_overridden",
    "case",
    "operator",
    "model",
    "fingerprint",
    "tags",
    "security_patch",
    "kernel",
    "baseband",
    "verified_boot",
    "bootloader",
    "selinux",
    "adb",
    "apk_signer",
    "polls",
    "matches",
    "possible",
    "dropped",
    // Coverage, clock, heartbeat, gap, drop.
    "table",
    "status",
    "rows",
    "bad_rows",
    "before",
    "jump_ms",
    "awake_ms",
    "suspended_ms",
    "watched_ms",
    "denied_ms",
    "connections",
    "from",
    "cause",
    "events",
    // Lists, packages, marks, practice, settings.
    "name",
    "date",
    "sha256",
    "rules",
    "bad_lines",
    "packages",
    "uids",
    "preset",
    "outcome",
    "value",
    // Keys, witnesses, predecessors, pruning.
    "epoch",
    "vkey",
    "size",
    "root",
    "cosignature",
    "nonce",
    "origin",
    "signature",
    "known_by",
    "below",
];

/// Writes the bundle that `report` is about.
pub(super) fn write(
    bundle: impl BufRead,
    report: &Report,
    to: &mut dyn Write,
) -> Result<(), Error> {
    let mut put = |row: &str| {
        to.write_all(row.as_bytes())
            .context("cannot write the file")
    };
    put(&COLUMNS.join(","))?;
    put("\r\n")?;
    let mut meaning = Meaning::default();
    let mut row = String::new();
    each(bundle, report, |entry| {
        meaning.read(entry);
        row.clear();
        write_row(&mut row, entry, &meaning);
        put(&row)
    })
}

fn write_row(row: &mut String, entry: &ShownEntry, meaning: &Meaning) {
    for (at, column) in COLUMNS.iter().enumerate() {
        if at > 0 {
            row.push(',');
        }
        if let Some(value) = value(entry, meaning, column) {
            push_quoted(row, &value);
        }
    }
    row.push_str("\r\n");
}

/// What stands in a column, made harmless; `None` where there is nothing to say.
fn value<'a>(entry: &'a ShownEntry, meaning: &'a Meaning, column: &str) -> Option<Cow<'a, str>> {
    let owner = || meaning.owner(entry);
    let value: Cow<'a, str> = match column {
        "index" => entry.index().to_string().into(),
        "kind" => entry.kind().as_str().into(),
        "session" => entry.session()?.to_string().into(),
        "observed" => meaning.observed(entry).as_str()?.into(),
        "time_utc" => format!("{:.3}", instant(entry.value("time")?)?).into(),
        "withheld" => {
            let fields = entry.fields().filter(|(_, value)| value.is_none());
            joined(fields.map(|(name, _)| name))?.into()
        }
        "owner_packages" => {
            let owner = owner()?;
            let more = match owner.packages_left_out() {
                0 => None,
                count => Some(format!("(and {count} more)").into()),
            };
            joined(owner.packages().map(Cow::Borrowed).chain(more))?.into()
        }
        "owner_name" => owner()?.text.name?.into(),
        "owner_firmware" => owner()?.text.firmware.into(),
        "owner_kind" => owner()?.text.kind.into(),
        "owner_roles" => joined(owner()?.roles().map(Cow::Borrowed))?.into(),
        field => {
            let value = entry.value(field)?;
            let at = entry.kind().position(field)?;
            // A number cannot be a formula, and one with an apostrophe is no number.
            if entry.kind().field_type(at) == Some(FieldType::Signed) {
                return Some(value.into());
            }
            value.into()
        }
    };
    Some(harmless(value))
}

fn joined<'a>(words: impl Iterator<Item = Cow<'a, str>>) -> Option<String> {
    let words: Vec<_> = words.collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// `text` with an apostrophe before each character that would begin a formula.
fn harmless(text: Cow<'_, str>) -> Cow<'_, str> {
    if !text.contains(begins_formula) {
        return text;
    }
    let mut out = String::with_capacity(text.len() + 1);
    let mut may_begin = true;
    for character in text.chars() {
        if may_begin && begins_formula(character) {
            out.push('\'');
        }
        out.push(character);
        may_begin = matches!(character, ';' | '"') || (may_begin && character.is_whitespace());
    }
    out.into()
}

/// The full-width forms count in spreadsheets that are set to a language that has them.
fn begins_formula(character: char) -> bool {
    matches!(
        character,
        '=' | '+' | '-' | '@' | '\'' | '\u{ff1d}' | '\u{ff0b}' | '\u{ff0d}' | '\u{ff20}'
    )
}

fn push_quoted(row: &mut String, value: &str) {
    if value.contains([',', ';', '"', '\r', '\n']) {
        row.push('"');
        row.push_str(&value.replace('"', "\"\""));
        row.push('"');
    } else {
        row.push_str(value);
    }
}
