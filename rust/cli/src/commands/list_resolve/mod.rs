//! `portlog list resolve`: what a list's names lead to, for phones, which never ask.
//!
//! The one command that opens connections to others: to the resolver that was chosen, and to nobody
//! else. Its questions tell that resolver what the list has; so it is made for a desktop, is slow on
//! purpose, and says in its help and in its output whom it asks.
//!
//! Every answer is written when it is there, with its date, to OUT.partial, which becomes OUT at the
//! end. A run that was stopped, by whatever, goes on by being started again.

mod asking;
mod names;
mod pace;
mod partial;

use std::fmt::Write as _;
use std::io::{self, IsTerminal as _, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Error, bail};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use self::asking::Asker;
use self::names::Names;
use self::pace::Pace;
use self::partial::{Partial, Tally};
use crate::args::ListResolveArgs;
use crate::exit::{Outcome, with_way_out};
use crate::output::{Output, notice};
use crate::text::clean::clean;

/// Names that are asked for at the same time, at most.
const MAX_AT_ONCE: usize = 64;
/// How often it is looked whether to stop.
const BREATH: Duration = Duration::from_millis(100);
/// How often it is told how far it has come: on a terminal, and elsewhere.
const TOLD_EVERY: [Duration; 2] = [Duration::from_millis(200), Duration::from_secs(10)];
/// So many names in a row without any answer: the resolver is taken to be down.
const SILENT_AFTER: u64 = 20;

/// Resolves the names of a list.
pub(crate) fn run(args: &ListResolveArgs) -> Result<Outcome, Error> {
    let names = Names::of(&args.file)?;
    let asker = Asker::new(args.resolver, args.patience)?;
    let mut partial = Partial::open(&args.output, &names, &asker.text(), args.vantage.as_deref())?;
    let stopped = Arc::new(AtomicBool::new(false));
    let stop = Arc::clone(&stopped);
    ctrlc::set_handler(move || stop.store(true, Ordering::Relaxed))
        .context("cannot take signals")?;

    let left: Vec<&str> = names
        .all
        .iter()
        .map(|name| &**name)
        .filter(|name| !partial.has(name))
        .collect();
    notice(format_args!(
        "asks {} for {} names ({} were asked for before), {} questions a second",
        asker.text(),
        left.len(),
        names.all.len() - left.len(),
        args.rate
    ));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot prepare to ask")?;
    let ended = runtime.block_on(ask_all(&left, asker, args.rate, &mut partial, &stopped))?;
    // Questions that are still out are given up with the runtime.
    runtime.shutdown_background();
    let partial_path = partial.path().display().to_string();
    match ended {
        Ended::Stopped => bail!(
            "stopped; what was answered is in {partial_path}, and the same command goes on from there"
        ),
        Ended::Silent => bail!(
            "the resolver did not answer {SILENT_AFTER} names in a row; what was answered is in \
             {partial_path}: look at --resolver and the network, and run the same command again"
        ),
        Ended::Done => {}
    }
    let tally = partial.finish(&args.output)?;
    let path = args.output.display().to_string();
    let said = summary(&path, &tally, names.left_out);
    Output::open()?.write(said.as_bytes())?;
    Ok(Outcome::Done)
}

/// How the asking ended.
enum Ended {
    Done,
    Stopped,
    Silent,
}

async fn ask_all(
    names: &[&str],
    asker: Asker,
    rate: u32,
    partial: &mut Partial,
    stopped: &AtomicBool,
) -> Result<Ended, Error> {
    let asker = Arc::new(asker);
    let mut pace = Pace::new(rate, Instant::now());
    let mut progress = Progress::new(names.len());
    let mut names = names.iter();
    let mut out = JoinSet::new();
    let (mut silent, mut waiting) = (0, true);
    while waiting || !out.is_empty() {
        if stopped.load(Ordering::Relaxed) {
            return Ok(Ended::Stopped);
        }
        let mut wait = BREATH;
        while waiting && out.len() < MAX_AT_ONCE {
            wait = pace.wait(Instant::now());
            if !wait.is_zero() {
                break;
            }
            let Some(name) = names.next() else {
                waiting = false;
                break;
            };
            pace.took(Instant::now());
            let (asker, name) = (Arc::clone(&asker), Box::<str>::from(*name));
            out.spawn(async move {
                let outcome = asker.ask(&name).await;
                (name, outcome)
            });
        }
        let wait = wait.min(BREATH);
        if out.is_empty() {
            sleep(wait).await;
            continue;
        }
        if let Ok(Some(answered)) = timeout(wait, out.join_next()).await {
            let (name, outcome) = answered.context("asking for a name failed")?;
            silent = if outcome.is_silence() { silent + 1 } else { 0 };
            partial.write(&name, outcome)?;
            if silent >= SILENT_AFTER {
                return Ok(Ended::Silent);
            }
            progress.one_more();
        }
    }
    Ok(Ended::Done)
}

fn summary(path: &str, tally: &Tally, left_out: u64) -> String {
    let path = clean(path);
    let mut said = format!(
        "{path}: {} names: ok {} ({} addresses), nodata {}, nxdomain {}, refused {}, servfail {}, \
         timeout {}\n",
        tally.names(),
        tally.ok,
        tally.addresses,
        tally.no_data,
        tally.nx_domain,
        tally.refused,
        tally.serv_fail,
        tally.timeout
    );
    if left_out > 0 {
        // Writing to a string cannot fail.
        let _ = writeln!(
            said,
            "{path}: {left_out} entries are names that the DNS cannot have"
        );
    }
    said
}

/// How far it has come, on standard error.
struct Progress {
    of: usize,
    done: usize,
    is_terminal: bool,
    told: Instant,
}

impl Progress {
    fn new(of: usize) -> Self {
        Self {
            of,
            done: 0,
            is_terminal: io::stderr().is_terminal(),
            told: Instant::now(),
        }
    }

    fn one_more(&mut self) {
        self.done += 1;
        let [on_terminal, elsewhere] = TOLD_EVERY;
        let every = if self.is_terminal {
            on_terminal
        } else {
            elsewhere
        };
        if self.told.elapsed() < every {
            return;
        }
        self.told = Instant::now();
        let (done, of) = (self.done, self.of);
        // Nothing is left to be done if standard error is closed.
        let _ = if self.is_terminal {
            write!(io::stderr(), "\rresolving: {done} of {of} names\u{1b}[K")
        } else {
            writeln!(io::stderr(), "portlog: resolved {done} of {of} names")
        };
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.is_terminal {
            let _ = write!(io::stderr(), "\r\u{1b}[K");
        }
    }
}

/// What to do where a list cannot be resolved.
fn way_out(error: impl Into<Error>) -> Error {
    with_way_out(
        error,
        "name the text file that the list is, not what was made of it",
    )
}
