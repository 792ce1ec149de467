//! `cargo xtask test`: every check, one stage after the other, stopping at the first that fails.

mod stages;

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use stages::{STAGES, Stage};

/// What `cargo xtask test` was asked for.
#[derive(Debug)]
pub(crate) enum Options {
    /// Name the stages.
    List,
    /// Run these.
    Run(Vec<&'static Stage>),
}

impl Options {
    /// The words after `cargo xtask test`. Stages run in their own order, whichever way they are
    /// asked for; without any, all that are not a part of another.
    pub(crate) fn parse(mut arguments: lexopt::Parser) -> Result<Self> {
        let mut only: Vec<String> = Vec::new();
        while let Some(argument) = arguments.next()? {
            match argument {
                lexopt::Arg::Long("list") => return Ok(Self::List),
                lexopt::Arg::Long("only") => {
                    only.push(arguments.value()?.to_string_lossy().into_owned());
                }
                other => return Err(other.unexpected().into()),
            }
        }
        if let Some(unknown) = only
            .iter()
            .find(|name| STAGES.iter().all(|stage| stage.name != name.as_str()))
        {
            bail!(
                "no stage is called {unknown:?}; the stages are {}",
                STAGES.each_ref().map(|stage| stage.name).join(", ")
            );
        }
        let asked_for = |stage: &&Stage| {
            if only.is_empty() {
                stage.part_of.is_none()
            } else {
                only.iter().any(|name| stage.name == name)
            }
        };
        Ok(Self::Run(STAGES.iter().filter(asked_for).collect()))
    }
}

/// Does what was asked for.
pub(crate) fn run(options: Options) -> Result<()> {
    match options {
        Options::List => {
            for stage in &STAGES {
                println!("{:<12} {}", stage.name, stage.what);
            }
            Ok(())
        }
        Options::Run(stages) => run_stages(&stages),
    }
}

/// How a stage ended.
#[derive(Clone, Copy, Debug)]
enum Outcome {
    Passed(Duration),
    Failed(Duration),
    NotRun,
}

fn run_stages(stages: &[&Stage]) -> Result<()> {
    let mut outcomes: Vec<(&str, Outcome)> = Vec::new();
    let mut failure: Option<(&str, anyhow::Error)> = None;
    for stage in stages {
        if failure.is_some() {
            outcomes.push((stage.name, Outcome::NotRun));
            continue;
        }
        println!("\n=== {}: {}", stage.name, stage.what);
        let start = Instant::now();
        let result = (stage.run)();
        let took = start.elapsed();
        println!("=== {}: {}", stage.name, seconds(took));
        outcomes.push((
            stage.name,
            match result {
                Ok(()) => Outcome::Passed(took),
                Err(_) => Outcome::Failed(took),
            },
        ));
        failure = result.err().map(|error| (stage.name, error));
    }
    print!("\n{}", summary(&outcomes));
    match failure {
        None => Ok(()),
        Some((name, error)) => bail!(
            "stage {name} failed: {error:#}; what is wrong stands above; once it is mended, \
             `cargo xtask test --only {name}` runs this stage alone"
        ),
    }
}

fn summary(outcomes: &[(&str, Outcome)]) -> String {
    let mut total = Duration::ZERO;
    let mut lines: Vec<String> = Vec::new();
    for (name, outcome) in outcomes {
        let (word, took) = match outcome {
            Outcome::Passed(took) => ("passed", Some(*took)),
            Outcome::Failed(took) => ("FAILED", Some(*took)),
            Outcome::NotRun => ("not run", None),
        };
        total += took.unwrap_or_default();
        let took = took.map(seconds).unwrap_or_default();
        lines.push(format!("{name:<12} {word:<8} {took:>10}\n"));
    }
    lines.push(format!("{:<12} {:<8} {:>10}\n", "all", "", seconds(total)));
    lines.concat()
}

fn seconds(span: Duration) -> String {
    format!("{:.1} s", span.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(words: &[&str]) -> Result<Vec<&'static str>> {
        match Options::parse(lexopt::Parser::from_args(words))? {
            Options::List => bail!("a list"),
            Options::Run(stages) => Ok(stages.iter().map(|stage| stage.name).collect()),
        }
    }

    #[test]
    fn without_a_choice_every_stage_runs_but_parts_of_another() {
        let all = names(&[]).unwrap();
        assert!(all.contains(&"test") && all.contains(&"miri"), "{all:?}");
        assert!(!all.contains(&"rooms"), "{all:?}");
        for stage in STAGES.iter().filter(|stage| stage.part_of.is_some()) {
            assert!(
                STAGES.iter().any(|other| Some(other.name) == stage.part_of),
                "{} is a part of no stage",
                stage.name
            );
        }
    }

    #[test]
    fn chosen_stages_run_in_their_own_order() {
        let chosen = names(&["--only", "test", "--only=fmt", "--only", "rooms"]).unwrap();
        assert_eq!(chosen, ["fmt", "test", "rooms"]);
    }

    #[test]
    fn an_unknown_stage_is_refused_with_the_known_ones() {
        let error = names(&["--only", "tset"]).unwrap_err().to_string();
        assert!(
            error.contains("\"tset\"") && error.contains("clippy"),
            "{error}"
        );
        assert!(names(&["--everything"]).is_err());
    }

    #[test]
    fn the_first_failure_ends_the_run_and_the_rest_is_shown_as_not_run() {
        static GOOD: Stage = Stage {
            name: "good",
            what: "passes",
            part_of: None,
            run: || Ok(()),
        };
        static BAD: Stage = Stage {
            name: "bad",
            what: "fails",
            part_of: None,
            run: || bail!("the reason"),
        };
        static NEVER: Stage = Stage {
            name: "never",
            what: "must not run",
            part_of: None,
            run: || panic!("a stage ran after a failed one"),
        };
        let error = run_stages(&[&GOOD, &BAD, &NEVER]).unwrap_err().to_string();
        assert!(error.starts_with("stage bad failed: the reason"), "{error}");
        assert!(error.contains("cargo xtask test --only bad"), "{error}");
        assert!(run_stages(&[&GOOD]).is_ok());
    }

    #[test]
    fn the_summary_is_a_table_with_the_whole_time() {
        let text = summary(&[
            ("fmt", Outcome::Passed(Duration::from_millis(1_250))),
            ("clippy", Outcome::Failed(Duration::from_secs(61))),
            ("test", Outcome::NotRun),
        ]);
        let words: Vec<Vec<&str>> = text
            .lines()
            .map(|line| line.split_whitespace().collect())
            .collect();
        assert_eq!(words[0], ["fmt", "passed", "1.2", "s"]);
        assert_eq!(words[1], ["clippy", "FAILED", "61.0", "s"]);
        assert_eq!(words[2], ["test", "not", "run"]);
        assert_eq!(words[3], ["all", "62.2", "s"]);
    }
}
