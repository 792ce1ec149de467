//! Runs scenarios, two at a time, and says of each how it ended.

use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

/// Something to try.
pub(crate) struct Scenario {
    /// What holds if it passes.
    pub(crate) name: &'static str,
    /// What this machine or user lacks for it, in words.
    pub(crate) missing: fn() -> Option<String>,
    /// Panics if it does not hold.
    pub(crate) run: fn(),
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Outcome {
    Passed,
    Failed,
    Skipped,
}

/// Scenarios at a time: each waits most of its time.
const AT_ONCE: usize = 2;

/// Runs every scenario whose name contains one of the words in `arguments` (all, without any).
pub(crate) fn run(arguments: &[String], scenarios: &[Scenario]) -> ExitCode {
    let words: Vec<&String> = arguments
        .iter()
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    let chosen: Vec<&Scenario> = scenarios
        .iter()
        .filter(|scenario| {
            words.is_empty()
                || words
                    .iter()
                    .any(|word| scenario.name.contains(word.as_str()))
        })
        .collect();
    if arguments.iter().any(|argument| argument == "--list") {
        for scenario in chosen {
            println!("{}: test", scenario.name);
        }
        return ExitCode::SUCCESS;
    }
    println!("\nrunning {} scenarios", chosen.len());
    let next = AtomicUsize::new(0);
    let outcomes: Vec<Outcome> = thread::scope(|scope| {
        let work = || {
            let mut outcomes = Vec::new();
            while let Some(scenario) = chosen.get(next.fetch_add(1, Ordering::Relaxed)) {
                outcomes.push(try_one(scenario));
            }
            outcomes
        };
        let workers: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().unwrap())
            .collect()
    });
    let count = |which| outcomes.iter().filter(|outcome| **outcome == which).count();
    let failed = count(Outcome::Failed);
    println!(
        "\n{} passed, {failed} failed, {} skipped\n",
        count(Outcome::Passed),
        count(Outcome::Skipped),
    );
    if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn try_one(scenario: &Scenario) -> Outcome {
    let name = scenario.name;
    if let Some(missing) = (scenario.missing)() {
        println!("scenario {name} ... skipped: {missing}");
        return Outcome::Skipped;
    }
    let start = Instant::now();
    // A panic says on standard error in which thread it was.
    let thread = thread::Builder::new()
        .name(name.to_owned())
        .spawn(scenario.run);
    let passed = thread.unwrap().join().is_ok();
    let seconds = start.elapsed().as_secs_f64();
    let word = if passed { "ok" } else { "FAILED" };
    println!("scenario {name} ... {word} ({seconds:.1} s)");
    if passed {
        Outcome::Passed
    } else {
        Outcome::Failed
    }
}
