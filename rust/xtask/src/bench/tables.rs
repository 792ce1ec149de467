//! The figures as tables, in Markdown.

use std::fmt::Write as _;

use super::targets::TARGETS;
use super::{Figures, SETTINGS, get};
use crate::figures;

/// All that was measured.
pub(super) fn tables(measured: &[Figures]) -> String {
    let mut text = format!(
        "Measured {}. Command: `cargo xtask bench --write`.\n\n",
        figures::circumstances()
    );
    table(&mut text, "Targets", &["target", "limit", "measured", ""]);
    for target in &TARGETS {
        text.push_str(&target.row(measured));
    }
    settings(&mut text, measured);
    polls(&mut text, measured);
    churn(&mut text, measured);
    commands(&mut text, measured);
    steady(&mut text, measured);
    text
}

fn settings(text: &mut String, measured: &[Figures]) {
    table(text, "The settings", &columns(""));
    row(text, "rows in all tables", measured, |figures| {
        count(figures, "rows.all")
    });
    row(text, "of these TCP, UDP", measured, |figures| {
        format!(
            "{}, {}",
            count(figures, "rows.tcp"),
            count(figures, "rows.udp")
        )
    });
    row(text, "slots of the TCP hash", measured, |figures| {
        slots(figures, "hash.tcp")
    });
    row(text, "slots of the UDP hash", measured, |figures| {
        slots(figures, "hash.udp")
    });
    row(text, "turns of each candidate", measured, |figures| {
        count(figures, "turns")
    });
}

fn polls(text: &mut String, measured: &[Figures]) {
    table(
        text,
        "One poll in which nothing changed (ms on the processor, median; in brackets by the bare read or dump)",
        &columns("candidate"),
    );
    for (title, name, has_ratio) in [
        ("bare read of the ten files", "poll.bare-read", false),
        ("**Portlog, procfs**", "poll.procfs", true),
        ("procfs crate, four of the ten", "poll.procfs-crate", true),
        ("bare dump of the same tables", "poll.bare-dump", false),
        ("**Portlog, diag**", "poll.diag", true),
    ] {
        row(text, title, measured, |figures| {
            cost(figures, name, has_ratio)
        });
    }
    row(text, "allocations by procfs, diag", measured, |figures| {
        format!(
            "{}, {}",
            count(figures, "poll.procfs.allocations"),
            count(figures, "poll.diag.allocations")
        )
    });
}

fn churn(text: &mut String, measured: &[Figures]) {
    table(
        text,
        "One poll in which 20 connections had ended and 20 had begun (a list of 10,000 addresses is asked)",
        &columns("candidate"),
    );
    for (title, name, has_ratio) in [
        ("bare read of the ten files", "churn.bare-read", false),
        ("**Portlog, procfs**", "churn.procfs", true),
        ("bare dump of the same tables", "churn.bare-dump", false),
        ("**Portlog, diag**", "churn.diag", true),
        (
            "the same, looking up the program behind each (plain Linux only)",
            "churn.diag-programs",
            true,
        ),
    ] {
        row(text, title, measured, |figures| {
            cost(figures, name, has_ratio)
        });
    }
}

fn commands(text: &mut String, measured: &[Figures]) {
    table(
        text,
        "Whole commands, output thrown away (ms until they ended, median; in brackets by the tool's two above)",
        &columns("command"),
    );
    for (title, name, has_ratio) in [
        ("`ss -tane`", "command.ss", false),
        ("`ss -tuane`", "command.ss-udp-too", false),
        (
            "**`portlog snapshot --format json`, diag**",
            "command.snapshot-diag",
            true,
        ),
        ("`netstat -tane`", "command.netstat", false),
        ("`netstat -tuane`", "command.netstat-udp-too", false),
        (
            "**`portlog snapshot --format json`, procfs**",
            "command.snapshot-procfs",
            true,
        ),
    ] {
        row(text, title, measured, |figures| {
            let mut cell = number(get(figures, &format!("{name}.wall-us")) / 1_000.0);
            if has_ratio {
                let of = |what| get(figures, &format!("{name}.{what}"));
                // Writing to a string cannot fail.
                let _ = write!(cell, " ({:.2}, {:.2})", of("ratio"), of("ratio-udp-too"));
            }
            cell
        });
    }
}

fn steady(text: &mut String, measured: &[Figures]) {
    table(
        text,
        "`portlog watch --interval 1s` while nothing happens (percent of one core)",
        &columns(""),
    );
    for source in ["procfs", "diag"] {
        for (title, what) in [
            ("all of it", "percent"),
            ("the bare read or dump at the same pace", "bare-percent"),
            ("**Portlog's own**", "own-percent"),
        ] {
            row(text, &format!("{source}: {title}"), measured, |figures| {
                format!("{:.3} %", get(figures, &format!("steady.{source}.{what}")))
            });
        }
        row(
            text,
            &format!("{source}: resident memory"),
            measured,
            |figures| {
                let kib = get(figures, &format!("steady.{source}.resident-kib"));
                format!("{:.1} MiB", kib / 1_024.0)
            },
        );
    }
    row(text, "measured for", measured, |figures| {
        format!("{} s", count(figures, "steady.seconds"))
    });
}

/// The titles of columns, one for each setting behind the first.
fn columns(first: &'static str) -> Vec<&'static str> {
    let titles = SETTINGS.each_ref().map(|setting| setting.title);
    [&[first][..], &titles].concat()
}

fn table(text: &mut String, title: &str, columns: &[&str]) {
    // Writing to a string cannot fail.
    let _ = write!(
        text,
        "{}### {title}\n\n| {} |\n|{}\n",
        if text.ends_with("|\n") { "\n" } else { "" },
        columns.join(" | "),
        "---|".repeat(columns.len())
    );
}

fn row(text: &mut String, title: &str, measured: &[Figures], cell: impl Fn(&Figures) -> String) {
    let cells: Vec<String> = measured.iter().map(cell).collect();
    // Writing to a string cannot fail.
    let _ = writeln!(text, "| {title} | {} |", cells.join(" | "));
}

fn cost(figures: &Figures, name: &str, has_ratio: bool) -> String {
    let mut cell = number(get(figures, &format!("{name}.us")) / 1_000.0);
    if has_ratio {
        // Writing to a string cannot fail.
        let _ = write!(cell, " ({:.2})", get(figures, &format!("{name}.ratio")));
    }
    cell
}

fn slots(figures: &Figures, name: &str) -> String {
    let slots = get(figures, name);
    if slots < 0.0 {
        format!("{:.0}, the machine's", -slots)
    } else {
        format!("{slots:.0}")
    }
}

fn count(figures: &Figures, name: &str) -> String {
    format!("{:.0}", get(figures, name))
}

/// Three digits that count.
fn number(value: f64) -> String {
    match value {
        value if value >= 100.0 => format!("{value:.0}"),
        value if value >= 10.0 => format!("{value:.1}"),
        value if value >= 1.0 => format!("{value:.2}"),
        value => format!("{value:.3}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::parse;

    #[test]
    fn every_row_has_a_cell_for_each_setting() {
        let figures = parse("poll.procfs.ratio\t1.0300\n").unwrap();
        let text = tables(&vec![figures; SETTINGS.len()]);
        let mut columns = 0;
        for line in text.lines() {
            if !line.starts_with('|') {
                columns = 0;
            } else if columns == 0 {
                columns = line.matches('|').count();
            } else {
                assert_eq!(line.matches('|').count(), columns, "{line}");
            }
        }
        assert!(text.contains("(1.03)"), "{text}");
    }

    #[test]
    fn numbers_have_three_digits_that_count() {
        let shown = [0.0123, 0.79, 4.567, 17.22, 123.4].map(number);
        assert_eq!(shown, ["0.012", "0.790", "4.57", "17.2", "123"]);
    }
}
