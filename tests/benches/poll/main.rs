//! Measures polls and whole commands against what a user would pick instead, in one run.
//!
//! `cargo xtask bench` runs it, each time in a network namespace of its own. Candidates take turns,
//! so that a machine that is busy with something else disturbs all alike, and each turn begins with
//! another of them; what counts is the median. Each figure is printed on a line of its own, as a
//! name and a number, for `cargo xtask bench` to make tables of.
//!
//! Run by `cargo test`, with a handful of sockets and turns, it is a test: that every figure is
//! there, that the baselines see what Portlog sees, and that a poll in which nothing changed
//! allocates nothing. No time is asserted anywhere.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints its figures, and one that cannot measure must stop"
)]

mod bare;
mod commands;
mod namespace;
mod polls;
mod report;
mod sockets;
mod steady;
mod turns;

use std::path::PathBuf;
use std::time::Duration;

use portlog_tests::allocations::Counting;
use report::Report;
use sockets::Sockets;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |word: &str| arguments.iter().any(|argument| argument == word);
    if let [sockets::HOLD, number] = arguments
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .as_slice()
    {
        sockets::hold(number.parse().unwrap());
    } else if has("--bench") {
        measure(&Options::parse(&arguments));
    } else if !has("--list") {
        smoke();
    }
}

/// What to measure.
#[derive(Debug)]
struct Options {
    /// How many sockets there are.
    sockets: usize,
    /// How often each candidate has its turn.
    turns: usize,
    /// The namespace's own hash tables; `None` shares those of the machine.
    slots: Option<namespace::Slots>,
    /// The program, for what is measured of whole processes.
    portlog: Option<PathBuf>,
    /// How long a running watch is measured.
    steady: Option<Duration>,
}

impl Options {
    fn parse(arguments: &[String]) -> Self {
        let mut options = Self {
            sockets: 300,
            turns: 100,
            slots: None,
            portlog: None,
            steady: None,
        };
        let mut arguments = arguments.iter();
        while let Some(name) = arguments.next() {
            let mut value = || {
                arguments
                    .next()
                    .unwrap_or_else(|| panic!("{name} needs a value"))
            };
            match name.as_str() {
                "--sockets" => options.sockets = value().parse().unwrap(),
                "--turns" => options.turns = value().parse().unwrap(),
                "--slots" => options.slots = Some(namespace::Slots::parse(value())),
                "--portlog" => options.portlog = Some(value().into()),
                "--steady" => {
                    options.steady = Some(Duration::from_secs(value().parse().unwrap()));
                }
                // `cargo bench` says so.
                "--bench" => {}
                other => panic!("no option is called {other}"),
            }
        }
        options
    }
}

/// Prints every figure of one namespace.
fn measure(options: &Options) {
    namespace::enter(options.slots).expect("a namespace can be made only as root");
    all_figures(options).print();
}

fn all_figures(options: &Options) -> Report {
    let mut report = Report::default();
    namespace::describe(&mut report);
    let mut sockets = Sockets::open(options.sockets);
    polls::steady(options.turns, &mut report);
    polls::with_churn(&mut sockets, options.turns, &mut report);
    if let Some(portlog) = &options.portlog {
        commands::measure(portlog, options.turns.div_ceil(2), &mut report);
        if let Some(span) = options.steady {
            steady::measure(portlog, span, &mut report);
        }
    }
    report
}

/// The benchmark as a test.
fn smoke() {
    if let Err(error) = namespace::enter(None) {
        println!("skipped: the benchmark needs a network namespace of its own ({error})");
        return;
    }
    let portlog = built_program();
    if portlog.is_none() {
        println!("skipped: the figures of whole processes, portlog is not built");
    }
    let options = Options {
        sockets: 20,
        turns: 3,
        slots: None,
        steady: portlog.is_some().then_some(Duration::from_secs(1)),
        portlog,
    };
    let report = all_figures(&options);
    report.print();
    for name in ["poll.procfs", "poll.diag"] {
        let figure = |what: &str| report.get(&format!("{name}.{what}"));
        assert!(figure("unchanged") > 0.0, "{name}: no poll was steady");
        assert!(
            figure("allocations") == 0.0,
            "{name}: a poll in which nothing changed allocates"
        );
    }
    let mut expected: Vec<&str> = report::OF_POLLS.to_vec();
    if options.portlog.is_some() {
        expected.extend(report::OF_PROCESSES);
    }
    for name in expected {
        assert!(report.get(name).is_finite(), "{name} is not a number");
    }
}

/// The program of the same build, beside the folder of this one.
fn built_program() -> Option<PathBuf> {
    let here = std::env::current_exe().ok()?;
    let program = here.parent()?.parent()?.join("portlog");
    program.is_file().then_some(program)
}
