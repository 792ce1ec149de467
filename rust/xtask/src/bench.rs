//! `cargo xtask bench`: what a poll and a snapshot cost, next to what one would use instead.
//!
//! The measuring is done by tests/benches/poll; here it is run in each setting, and its figures
//! become tables, with each target and whether it was met. `--lists` measures compiled lists.

mod lists;
mod tables;
mod targets;

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::{figures, process, tools, workspace};

/// What `cargo xtask bench` was asked for.
#[derive(Debug)]
pub(crate) struct Options {
    /// Put the figures into docs/PERFORMANCE.md.
    write: bool,
    /// Measure compiled lists instead.
    lists: bool,
    /// How long a running watch is measured, in seconds.
    steady: u32,
}

impl Options {
    /// The words after `cargo xtask bench`.
    pub(crate) fn parse(mut arguments: lexopt::Parser) -> Result<Self> {
        let mut options = Self {
            write: false,
            lists: false,
            steady: 180,
        };
        while let Some(argument) = arguments.next()? {
            match argument {
                lexopt::Arg::Long("write") => options.write = true,
                lexopt::Arg::Long("lists") => options.lists = true,
                lexopt::Arg::Long("steady") => {
                    options.steady = arguments.value()?.to_string_lossy().parse()?;
                }
                other => return Err(other.unexpected().into()),
            }
        }
        Ok(options)
    }
}

/// Measures in every setting and prints the tables.
pub(crate) fn run(options: &Options) -> Result<()> {
    if options.lists {
        return lists::run(options.write);
    }
    if !tools::is_root() {
        bail!(
            "the benchmark makes network namespaces with hash tables of their own: run it as root"
        );
    }
    tools::system_programs()?;
    process::run(&mut process::command(
        "cargo build --release --locked --package portlog",
    ))?;
    process::run(&mut process::command(
        "cargo bench --locked --package portlog-tests --bench poll --no-run",
    ))?;
    let mut measured = Vec::new();
    for setting in &SETTINGS {
        println!("measuring {} ...", setting.title);
        measured.push(measure(setting, options.steady)?);
    }
    let text = tables::tables(&measured);
    println!("\n{text}");
    if options.write {
        figures::write("bench", &text)?;
    }
    Ok(())
}

/// How many sockets there are, and in which hash tables.
struct Setting {
    title: &'static str,
    sockets: u32,
    turns: u32,
    /// Slots for TCP and UDP of the namespace's own; none shares those of the machine.
    slots: Option<&'static str>,
    /// Whether a running watch is measured for as long as was asked for; else briefly.
    long: bool,
}

const SETTINGS: [Setting; 4] = [
    Setting {
        title: "300 sockets, small hash",
        sockets: 300,
        turns: 300,
        slots: Some("8192,2048"),
        long: true,
    },
    Setting {
        title: "10,000 sockets, small hash",
        sockets: 10_000,
        turns: 100,
        slots: Some("8192,2048"),
        long: false,
    },
    Setting {
        title: "300 sockets, this machine's hash",
        sockets: 300,
        turns: 150,
        slots: None,
        long: true,
    },
    Setting {
        title: "10,000 sockets, this machine's hash",
        sockets: 10_000,
        turns: 100,
        slots: None,
        long: false,
    },
];

/// Figures by name.
type Figures = BTreeMap<String, f64>;

fn measure(setting: &Setting, steady: u32) -> Result<Figures> {
    // Ahead of whatever else the machine does, as far as that is possible.
    let mut command = process::command(
        "nice -n -20 cargo bench --quiet --locked --offline --package portlog-tests --bench poll --",
    );
    let steady = if setting.long { steady } else { steady.min(20) };
    command
        .args(["--sockets", &setting.sockets.to_string()])
        .args(["--turns", &setting.turns.to_string()])
        .args(["--steady", &steady.to_string()])
        .arg("--portlog")
        .arg(workspace::target_dir().join("release/portlog"));
    if let Some(slots) = setting.slots {
        command.args(["--slots", slots]);
    }
    let figures = figures_of(&mut command)?;
    println!("  {} figures", figures.len());
    Ok(figures)
}

fn figures_of(command: &mut Command) -> Result<Figures> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .context("the benchmark could not be started")?;
    if !output.status.success() {
        bail!("the benchmark failed ({})", output.status);
    }
    parse(&String::from_utf8_lossy(&output.stdout))
}

fn parse(text: &str) -> Result<Figures> {
    text.lines()
        .filter_map(|line| line.split_once('\t'))
        .map(|(name, figure)| Ok((name.to_owned(), figure.parse()?)))
        .collect()
}

/// The figure; not a number where it is missing.
fn get(figures: &Figures, name: &str) -> f64 {
    figures.get(name).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_understood() {
        let parsed = |words: &[&str]| Options::parse(lexopt::Parser::from_args(words));
        assert!(parsed(&["--write"]).unwrap().write);
        assert_eq!(parsed(&["--steady=5"]).unwrap().steady, 5);
        assert!(parsed(&["--fast"]).is_err());
    }

    #[test]
    fn only_lines_with_a_name_and_a_number_are_figures() {
        let figures = parse("some words\na.b\t1.5\n").unwrap();
        assert_eq!(figures.len(), 1);
        assert_eq!(get(&figures, "a.b").to_bits(), 1.5_f64.to_bits());
        assert!(get(&figures, "c").is_nan());
        assert!(parse("a\tb\n").is_err());
    }
}
