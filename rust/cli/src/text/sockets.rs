//! A snapshot as a table: what was hit first, then connections by owner, then listeners.

use std::fmt::Write as _;

use portlog_agent::Snapshot;
use portlog_model::{Firmware, Level, Observed, Platform, Sentence};

use super::clean::clean;
use super::coverage::{not_live, write_coverage};
use super::paint::{Paint, Tone};
use super::table::{Cell, Table};
use super::words;
use crate::speech::english;
use crate::time::LocalTime;

/// Appends `snapshot`, its coverage below it.
pub(crate) fn write_snapshot(
    out: &mut String,
    snapshot: &Snapshot,
    paint: Paint,
    local: &LocalTime,
) {
    let warning = not_live(snapshot.provenance);
    if let Some(warning) = &warning {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{}", paint.paint(Tone::Caution, clean(warning)));
    }
    let mut shown: Vec<&Observed> = snapshot
        .sockets
        .iter()
        .filter(|observed| !observed.connection.own)
        .collect();
    shown.sort_by_cached_key(|observed| {
        (
            std::cmp::Reverse(level(observed)),
            observed.connection.is_listener(),
            firmware_rank(observed.owner.firmware),
            words::owner_label(&observed.owner),
            observed.connection.tuple(),
        )
    });
    let mut table = Table::new([
        "PROTO", "LOCAL", "", "REMOTE", "STATE", "OWNER", "FIRMWARE", "LIST",
    ]);
    for observed in &shown {
        table.push(row(observed, snapshot.platform));
    }
    table.write(out, paint);

    let own = snapshot.sockets.len() - shown.len();
    let _ = writeln!(
        out,
        "\n{} sockets at {} on {}{}",
        shown.len(),
        local.full(snapshot.at.wall),
        snapshot.platform,
        match own {
            0 => String::new(),
            own => format!(", and {own} of Portlog's own self-check, not shown"),
        }
    );
    write_coverage(out, &snapshot.coverage, paint);
    if snapshot.platform == Platform::Linux
        && shown.iter().any(|observed| level(observed).is_some())
    {
        let _ = writeln!(out, "{}", clean(&english(&Sentence::NoFirmwareHere)));
    }
}

fn row(observed: &Observed, platform: Platform) -> [Cell; 8] {
    let connection = &observed.connection;
    let owner = &observed.owner;
    let matched = words::strongest(&observed.matches);
    let arrow = if connection.is_listener() {
        ""
    } else {
        words::arrow(connection.direction)
    };
    [
        Cell::new(connection.protocol().as_str()),
        Cell::new(&connection.local.to_string()),
        Cell::new(arrow),
        Cell::new(&words::peer(connection)),
        Cell::new(words::state(connection)),
        Cell::toned(&words::owner_label(owner), owner_tone(observed)),
        Cell::new(&words::firmware_label(owner, platform)),
        matched.map_or_else(
            || Cell::new(""),
            |matched| {
                let hit = &matched.hit;
                let text = format!(
                    "{}: {} line {}, {}",
                    matched.level, hit.list, hit.line, hit.entry
                );
                Cell::toned(&text, words::level_tone(matched.level))
            },
        ),
    ]
}

fn level(observed: &Observed) -> Option<Level> {
    words::strongest(&observed.matches).map(|matched| matched.level)
}

fn owner_tone(observed: &Observed) -> Tone {
    match observed.owner.firmware {
        Firmware::Yes | Firmware::Preloaded | Firmware::Mixed => Tone::Firmware,
        Firmware::No => Tone::Plain,
        Firmware::Unknown => {
            if observed.owner.uid.is_none() {
                Tone::Faint
            } else {
                Tone::Plain
            }
        }
    }
}

/// What comes with the phone stands first.
pub(crate) const fn firmware_rank(firmware: Firmware) -> u8 {
    match firmware {
        Firmware::Yes => 0,
        Firmware::Preloaded => 1,
        Firmware::Mixed => 2,
        Firmware::Unknown => 3,
        Firmware::No => 4,
    }
}
