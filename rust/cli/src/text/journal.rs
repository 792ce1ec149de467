//! What a journal has, for people.

use std::fmt::Write as _;

use portlog_agent::testimony::{LoggedRow, Status};
use portlog_journal::entry::{Kind, read_moment};
use portlog_journal::verify::NOT_LIVE;

use super::clean::clean;
use super::paint::{Paint, Tone};
use super::verify::{Facts, counted, number};
use crate::commands::log::show::{Shown, ShownRow};
use crate::time::LocalTime;

/// Appends the state and a line for each entry.
pub(crate) fn write_shown(out: &mut String, shown: &Shown, local: &LocalTime, paint: Paint) {
    let not_live: Vec<String> = shown
        .not_live()
        .into_iter()
        .map(|(word, count)| format!("{} by {word}", counted(count, "session", "sessions")))
        .collect();
    if !not_live.is_empty() {
        let warning = format!("{NOT_LIVE}: {}.", not_live.join(", "));
        let _ = writeln!(out, "{}\n", paint.paint(Tone::Caution, clean(&warning)));
    }
    write_status(out, shown, local, paint);
    if !shown.entries.is_empty() {
        out.push('\n');
    }
    for entry in &shown.entries {
        write_entry(out, entry, local, paint);
    }
    if shown.more {
        let _ = writeln!(
            out,
            "{}",
            paint.paint(Tone::Faint, "there are older ones; --limit N shows more")
        );
    }
}

fn write_status(out: &mut String, shown: &Shown, local: &LocalTime, paint: Paint) {
    let Status {
        origin,
        first,
        checkpoint,
        epoch,
        epochs,
        bytes,
        begun,
        latest,
        pruned_below,
        kept,
        witnessed,
        exported,
    } = &shown.status;
    let mut facts = Facts::new(out, paint);
    facts.say("log", origin);
    facts.say("first vkey", first);
    facts.say(
        "state",
        format!(
            "{}, root {}; {}, now number {epoch}",
            counted(checkpoint.size, "entry", "entries"),
            checkpoint.root,
            counted(number(*epochs), "epoch", "epochs")
        ),
    );
    let time =
        |time: &Option<_>| time.map_or_else(|| "not known".to_owned(), |time| local.full(time));
    facts.say(
        "written",
        format!(
            "{} to {}, {} on disk",
            time(begun),
            time(latest),
            size(*bytes)
        ),
    );
    if *pruned_below > 0 {
        facts.say(
            "pruned",
            format!("below entry {pruned_below}, but what a log is not understood without"),
        );
    }
    match witnessed {
        Some(last) => facts.say(
            "witnessed",
            format!(
                "by {}, the state of {} entries, {}",
                last.name,
                last.size,
                time(&last.time)
            ),
        ),
        None => facts.say_in(
            Tone::Caution,
            "witnessed",
            "never: nobody else could show that its end was cut ('log checkpoint' says how)",
        ),
    }
    match exported {
        Some(last) => facts.say(
            "exported",
            format!("with {} entries, {}", last.size, local.full(last.time)),
        ),
        None => facts.say("exported", "never"),
    }
    facts.say(
        "kept",
        format!(
            "{} that left this machine",
            counted(number(kept.len()), "state", "states")
        ),
    );
    facts.say(
        "held by",
        if shown.watched {
            "a running watch"
        } else {
            "nobody: no watch runs on it"
        },
    );
}

fn write_entry(out: &mut String, entry: &ShownRow, local: &LocalTime, paint: Paint) {
    let row = &entry.row;
    let time = row
        .value("time")
        .and_then(read_moment)
        .map_or_else(String::new, |(time, _)| {
            format!("{} {}", local.date(time), local.clock(time))
        });
    let tone = match row.kind {
        Kind::Alert => match row.value("level") {
            Some("match") => Tone::Alarm,
            Some("possible") => Tone::Caution,
            _ => Tone::Plain,
        },
        Kind::Gap | Kind::Drop | Kind::Prune => Tone::Caution,
        Kind::Mark => Tone::Fresh,
        _ => Tone::Plain,
    };
    let _ = write!(
        out,
        "{} {time} {}",
        paint.paint(Tone::Faint, format_args!("{:>7}", row.index)),
        paint.paint(tone, format_args!("{:<11}", row.kind.as_str()))
    );
    let mut said = String::new();
    for (name, value) in told(row) {
        let _ = write!(said, "{name} {value}, ");
    }
    if let Some(owner) = &entry.owner {
        let _ = write!(said, "by {owner}, ");
    }
    let said = said.strip_suffix(", ").unwrap_or(&said);
    let _ = writeln!(out, " {}", clean(said));
}

/// What of an entry is worth a line: all that says something, but what only ties it to others.
fn told(row: &LoggedRow) -> impl Iterator<Item = (&str, &str)> {
    const TIES: [&str; 8] = [
        "time",
        "after",
        "by",
        "connection",
        "owner",
        "inode",
        "cosignature",
        "list_sha256",
    ];
    row.fields
        .iter()
        .map(|(name, value)| (&**name, value.as_str()))
        .filter(|(name, value)| {
            *value != "-" && !TIES.contains(name) && !name.starts_with("owner.")
        })
}

/// `1.2 MiB`.
fn size(bytes: u64) -> String {
    let (unit, name) = match bytes {
        0..1_024 => return format!("{bytes} bytes"),
        1_024..1_048_576 => (1_024, "KiB"),
        1_048_576..1_073_741_824 => (1_048_576, "MiB"),
        _ => (1_073_741_824, "GiB"),
    };
    let tenths = bytes.saturating_mul(10) / unit;
    format!("{}.{} {name}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_said_in_their_unit() {
        assert_eq!(size(1_023), "1023 bytes");
        assert_eq!(size(1_536), "1.5 KiB");
        assert_eq!(size(200 << 20), "200.0 MiB");
    }
}
