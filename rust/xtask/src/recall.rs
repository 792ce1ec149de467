//! `cargo xtask recall`: which share of short connections a watch sees, and with their owner.
//!
//! The measuring is done by tests/recall; here its cells become tables and a plot.

mod plot;

use std::fmt::Write as _;
use std::fs;
use std::process::Stdio;

use anyhow::{Context, Result, bail};

use crate::{figures, process, tools, workspace};

/// What `cargo xtask recall` was asked for.
#[derive(Debug)]
pub(crate) struct Options {
    /// Put tables and plot into docs/.
    write: bool,
    /// Connections of each kind.
    each: u32,
}

impl Options {
    /// The words after `cargo xtask recall`.
    pub(crate) fn parse(mut arguments: lexopt::Parser) -> Result<Self> {
        let mut options = Self {
            write: false,
            each: 250,
        };
        while let Some(argument) = arguments.next()? {
            match argument {
                lexopt::Arg::Long("write") => options.write = true,
                lexopt::Arg::Long("each") => {
                    options.each = arguments.value()?.to_string_lossy().parse()?;
                }
                other => return Err(other.unexpected().into()),
            }
        }
        Ok(options)
    }
}

/// Measures, and prints the tables.
pub(crate) fn run(options: &Options) -> Result<()> {
    if !tools::is_root() {
        bail!("recall is measured in network namespaces: run it as root");
    }
    tools::system_programs()?;
    process::run(&mut process::command(
        "cargo test --release --locked --package portlog --test recall --no-run",
    ))?;
    println!("measuring: some three minutes ...");
    // Ahead of whatever else the machine does, as far as that is possible.
    let output = process::command(
        "nice -n -20 cargo test --quiet --release --locked --offline --package portlog \
         --test recall -- --grid --each",
    )
    .arg(options.each.to_string())
    .stderr(Stdio::inherit())
    .output()
    .context("the measurement could not be started")?;
    if !output.status.success() {
        bail!("the measurement failed ({})", output.status);
    }
    let cells = parse(&String::from_utf8_lossy(&output.stdout))?;
    let text = tables(&cells);
    println!("\n{text}");
    if options.write {
        figures::write("recall", &text)?;
        let folder = workspace::root().join("docs/images");
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("recall.svg"), plot::svg(&cells))
            .context("cannot write docs/images/recall.svg")?;
    }
    Ok(())
}

const SOURCES: [&str; 2] = ["procfs", "diag"];

/// How connections end, and what that is called in tables.
const ENDINGS: [(&str, &str); 5] = [
    ("client-first", "we close first"),
    ("server-first", "the peer closes first"),
    ("reset-by-client", "we reset"),
    ("reset-by-server", "the peer resets"),
    ("datagram", "UDP socket closed"),
];

/// Connections of one kind, and what one watch saw of them.
#[derive(Clone, Debug, Default, PartialEq)]
struct Cell {
    source: String,
    /// Milliseconds from one look to the next.
    interval: u32,
    ending: String,
    /// Milliseconds that the connections lived.
    lifetime: u32,
    with_owner: u32,
    tuple_only: u32,
    unseen: u32,
    /// Seen with their owner, and later told without.
    forgotten: u32,
    /// Told to have opened more than once.
    split: u32,
    /// Failed, or lived much longer than planned; in none of the others.
    left_out: u32,
}

impl Cell {
    /// What was measured of one kind.
    fn find<'a>(
        cells: &'a [Self],
        source: &str,
        ending: &str,
        interval: u32,
        lifetime: u32,
    ) -> Option<&'a Self> {
        cells.iter().find(|cell| {
            cell.source == source
                && cell.ending == ending
                && cell.interval == interval
                && cell.lifetime == lifetime
        })
    }

    fn connections(&self) -> u32 {
        self.with_owner + self.tuple_only + self.unseen
    }

    /// The share of `count`, from 0 to 1; none where nothing was measured.
    fn share(&self, count: u32) -> Option<f64> {
        let all = self.connections();
        (all > 0).then(|| f64::from(count) / f64::from(all))
    }
}

fn parse(text: &str) -> Result<Vec<Cell>> {
    let mut cells = Vec::new();
    for line in text.lines() {
        let words: Vec<&str> = line.split('\t').collect();
        let ["cell", source, interval, ending, lifetime, counts @ ..] = words.as_slice() else {
            continue;
        };
        let counts: Vec<u32> = counts
            .iter()
            .map(|count| count.parse())
            .collect::<Result<_, _>>()?;
        let [with_owner, tuple_only, unseen, forgotten, split, left_out] = counts[..] else {
            bail!("{line:?} is no cell");
        };
        cells.push(Cell {
            source: (*source).to_owned(),
            interval: interval.parse()?,
            ending: (*ending).to_owned(),
            lifetime: lifetime.parse()?,
            with_owner,
            tuple_only,
            unseen,
            forgotten,
            split,
            left_out,
        });
    }
    if cells.is_empty() {
        bail!("nothing was measured");
    }
    Ok(cells)
}

/// The values that `of` has among the cells, in order.
fn axis(cells: &[Cell], of: impl Fn(&Cell) -> u32) -> Vec<u32> {
    let mut values: Vec<u32> = cells.iter().map(of).collect();
    values.sort_unstable();
    values.dedup();
    values
}

/// All that was measured, in Markdown.
fn tables(cells: &[Cell]) -> String {
    let total = |of: fn(&Cell) -> u32| cells.iter().map(of).sum::<u32>();
    let mut text = format!(
        "Measured {}. Command: `cargo xtask recall --write`.\n\n\
         {} sights of connections in {} cells; left out because they lived longer than planned: {}. \
         Owner told and later forgotten: {}. Told to have opened twice: {}.\n",
        figures::circumstances(),
        total(Cell::connections),
        cells.len(),
        total(|cell| cell.left_out),
        total(|cell| cell.forgotten),
        total(|cell| cell.split),
    );
    let lifetimes = axis(cells, |cell| cell.lifetime);
    let columns: Vec<String> = lifetimes.iter().map(|millis| span(*millis)).collect();
    for source in SOURCES {
        for (ending, title) in ENDINGS {
            // Writing to a string cannot fail.
            let _ = write!(
                text,
                "\n### By {source}: {title}\n\n| a look every | {} |\n|---|{}\n",
                columns.join(" | "),
                "---|".repeat(columns.len())
            );
            for interval in axis(cells, |cell| cell.interval) {
                let row: Vec<String> = lifetimes
                    .iter()
                    .map(|lifetime| {
                        Cell::find(cells, source, ending, interval, *lifetime)
                            .map_or_else(|| "-".to_owned(), shares)
                    })
                    .collect();
                let _ = writeln!(text, "| {} | {} |", span(interval), row.join(" | "));
            }
        }
    }
    text
}

/// Percent seen with owner, as a tuple only, and not at all.
fn shares(cell: &Cell) -> String {
    let percent = |count| {
        cell.share(count)
            .map_or_else(|| "-".to_owned(), |share| format!("{:.0}", share * 100.0))
    };
    format!(
        "{} / {} / {}",
        percent(cell.with_owner),
        percent(cell.tuple_only),
        percent(cell.unseen)
    )
}

fn span(millis: u32) -> String {
    if millis.is_multiple_of(1_000) {
        format!("{} s", millis / 1_000)
    } else {
        format!("{millis} ms")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: &str = "some line\n\
        cell\tprocfs\t100\tclient-first\t10\t9\t89\t0\t0\t0\t2\n\
        cell\tprocfs\t1000\tclient-first\t5000\t100\t0\t0\t0\t0\t0\n";

    #[test]
    fn cells_become_shares_of_what_was_not_left_out() {
        let cells = parse(LINES).unwrap();
        assert_eq!(cells.len(), 2);
        assert_eq!(cells[0].connections(), 98);
        assert_eq!(shares(&cells[0]), "9 / 91 / 0");
        assert_eq!(shares(&Cell::default()), "- / - / -");
        assert!(parse("").is_err());
        assert!(parse("cell\tprocfs\t100\tclient-first\t10\t9\n").is_err());
    }

    #[test]
    fn every_row_has_a_cell_for_each_lifetime() {
        let text = tables(&parse(LINES).unwrap());
        assert!(text.contains("| a look every | 10 ms | 5 s |\n"), "{text}");
        assert!(text.contains("| 100 ms | 9 / 91 / 0 | - |\n"), "{text}");
        assert!(text.contains("| 1 s | - | 100 / 0 / 0 |\n"), "{text}");
        assert_eq!(
            text.matches("### By").count(),
            SOURCES.len() * ENDINGS.len()
        );
    }

    #[test]
    fn options_are_understood() {
        let parsed = |words: &[&str]| Options::parse(lexopt::Parser::from_args(words));
        assert!(parsed(&["--write"]).unwrap().write);
        assert_eq!(parsed(&["--each=10"]).unwrap().each, 10);
        assert!(parsed(&["--all"]).is_err());
    }
}
