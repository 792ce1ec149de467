//! What lists say of packages, for people.

use std::fmt::Write as _;

use portlog_model::{Sentence, WallTime};

use crate::lists::ListedPackage;
use crate::speech::english;
use crate::text::clean::clean;
use crate::time::LocalTime;

/// A line for each package, and one for each entry that speaks of it.
pub(crate) fn write_listed(out: &mut String, listed: &[ListedPackage], local: &LocalTime) {
    for it in listed {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "package {} (uid {}) is on a list:", it.package, it.uid);
        for matched in &it.matches {
            let hit = &matched.hit;
            let date = |date: WallTime| format!("dated {}", local.date(date));
            let _ = writeln!(
                out,
                "    {:<8} {} ({}, {}), line {}, {}: {}",
                matched.level.as_str(),
                clean(&hit.list),
                hit.category,
                hit.list_date.map_or_else(|| "undated".to_owned(), date),
                hit.line,
                hit.kind,
                clean(&hit.entry)
            );
            for weakening in &matched.weakened {
                let why = english(&Sentence::Weakening(*weakening));
                let _ = writeln!(out, "             {}", clean(&why));
            }
        }
    }
}
