//! The watch: a live view, lines, or one JSON object for each event.

use std::env;
use std::io::{self, IsTerminal as _};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Error};
use portlog_agent::testimony::{Device, Testimony};
use portlog_agent::{Agent, Config, MAX_INTERVAL, Scope, ScopeSetting, Settings, Subject};
use portlog_model::{Event, EventKind, Level};

use super::watch_journal::Journal;
use crate::args::{ListFile, ScopeArg, WatchArgs, WatchFormat};
use crate::exit::Outcome;
use crate::json::event::write_event;
use crate::json::owner::Owners;
use crate::output::{Output, notice};
use crate::text::event::Lines;
use crate::text::paint::Paint;
use crate::time::LocalTime;
use crate::{inputs, lists, live};

/// How long events are waited for before the deadline is looked at again.
const FETCH: Duration = Duration::from_secs(1);

/// Watches until the end that was asked for.
pub(crate) fn run(args: &WatchArgs) -> Result<Outcome, Error> {
    let settings = inputs::settings(args.config.as_deref())?;
    let config = config(args, &settings)?;
    let mut output = Output::open()?;
    let agent = Arc::new(Agent::start(config).context("cannot start the watch")?);
    let mut journal = match &args.journal {
        Some(folder) => Some(Journal::begin(folder, &agent)?),
        None => None,
    };
    end_on_signals(&agent)?;
    let deadline = args
        .duration
        .and_then(|duration| Instant::now().checked_add(duration));

    let mut raised = Raised::default();
    let told = tell_all(
        args,
        &agent,
        deadline,
        &mut output,
        &mut raised,
        journal.as_mut(),
    );
    // Whoever began the end, and whoever does not read on: the journal is closed before this process
    // is gone.
    agent.stop();
    if let Some(left_behind) = journal.as_ref().and_then(Journal::left_behind) {
        notice(left_behind);
    }
    told?;
    let fails = args
        .fail_on_alert
        .is_some_and(|least| raised.strongest.is_some_and(|level| level >= least.level()));
    Ok(if fails { Outcome::Bad } else { Outcome::Done })
}

/// Shows or prints every event, to the end of the watch.
fn tell_all(
    args: &WatchArgs,
    agent: &Agent,
    deadline: Option<Instant>,
    output: &mut Output,
    raised: &mut Raised,
    mut journal: Option<&mut Journal>,
) -> Result<(), Error> {
    if args.format.is_none() && is_terminal() {
        return watch_live(agent, deadline, output, raised, journal);
    }
    if args.format == Some(WatchFormat::Ndjson) {
        let mut owners = Owners::default();
        let mut buffer = Vec::with_capacity(Output::CHUNK);
        drain(agent, deadline, |events| {
            tell(journal.as_deref_mut());
            for event in events {
                raised.count(event);
                write_event(&mut buffer, event, &mut owners);
                buffer.push(b'\n');
                output.write_chunk(&mut buffer)?;
            }
            output.write(&buffer)?;
            buffer.clear();
            Ok(())
        })
    } else {
        let mut lines = Lines::new(Paint::of(&io::stdout()), LocalTime::system());
        let mut buffer = String::new();
        drain(agent, deadline, |events| {
            tell(journal.as_deref_mut());
            for event in events {
                raised.count(event);
                lines.write(&mut buffer, event);
                if buffer.len() >= Output::CHUNK {
                    output.write(buffer.as_bytes())?;
                    buffer.clear();
                }
            }
            lines.end_of_batch(&mut buffer);
            output.write(buffer.as_bytes())?;
            buffer.clear();
            Ok(())
        })
    }
}

/// What was asked for, where flags win over settings.
fn config(args: &WatchArgs, settings: &Settings) -> Result<Config, Error> {
    let (source, proc_root) = inputs::source(&args.source)?;
    let packages = args.source.packages.as_ref().or(settings.packages.as_ref());
    let scope = match (args.scope, settings.scope) {
        (Some(ScopeArg::Firmware), _) | (None, Some(ScopeSetting::Firmware) | None) => {
            Scope::Firmware
        }
        (Some(ScopeArg::All), _) | (None, Some(ScopeSetting::All)) => Scope::All,
    };
    let files = if args.lists.lists.is_empty() {
        settings
            .lists
            .iter()
            .map(|list| ListFile {
                category: list.category,
                path: list.file.clone(),
            })
            .collect()
    } else {
        args.lists.lists.clone()
    };
    let (lists, names) = lists::in_force(&files, &args.lists.content_networks)?;
    let mut config = Config::new(Subject {
        source,
        proc_root,
        packages: inputs::packages(packages.map(AsRef::as_ref))?,
        programs: true,
        lists,
        names,
        scope,
        elsewhere: inputs::helper(&args.source)?,
    });
    if let Some(interval) = args.interval.or(settings.interval) {
        config.interval = interval;
        config.idle_interval = interval
            .saturating_mul(Config::IDLE_FACTOR)
            .min(MAX_INTERVAL);
    }
    if let Some(interval) = settings.idle_interval {
        config.idle_interval = interval.max(config.interval);
    }
    config.heartbeat = settings.heartbeat.unwrap_or(config.heartbeat);
    config.cool_down = settings.cool_down.unwrap_or(config.cool_down);
    config.testimony = args.journal.as_ref().map(|folder| {
        let mut testimony = Testimony::new(folder.clone(), Device::of_this_machine());
        testimony.operator.clone_from(&args.operator);
        testimony.case.clone_from(&args.case);
        testimony
    });
    config.sounding_per_day = settings.sounding_per_day.unwrap_or(config.sounding_per_day);
    Ok(config)
}

/// A live view needs a terminal on both sides that can place a cursor.
fn is_terminal() -> bool {
    io::stdout().is_terminal()
        && io::stdin().is_terminal()
        && env::var_os("TERM").is_some_and(|term| term != "dumb")
}

/// SIGINT, SIGTERM and SIGHUP end the watch; its last events are still printed.
fn end_on_signals(agent: &Arc<Agent>) -> Result<(), Error> {
    let agent = Arc::clone(agent);
    ctrlc::set_handler(move || {
        agent.stop();
    })
    .context("cannot take signals")
}

/// Says on standard error how the journal fares, where that is another than before.
fn tell(journal: Option<&mut Journal>) {
    if let Some(news) = journal.and_then(Journal::news) {
        notice(news);
    }
}

/// Hands every batch of events to `each`, to the end of the watch.
fn drain(
    agent: &Agent,
    deadline: Option<Instant>,
    mut each: impl FnMut(&[Event]) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut deadline = deadline;
    loop {
        let wait = deadline.map_or(FETCH, |deadline| {
            deadline
                .saturating_duration_since(Instant::now())
                .min(FETCH)
        });
        let Some(events) = agent.next_events(wait) else {
            return Ok(());
        };
        each(&events)?;
        if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            agent.stop();
            deadline = None;
        }
    }
}

fn watch_live(
    agent: &Agent,
    deadline: Option<Instant>,
    output: &mut Output,
    raised: &mut Raised,
    mut journal: Option<&mut Journal>,
) -> Result<(), Error> {
    let paint = Paint::of(&io::stdout());
    // What was on the screen is gone with it: the alerts of the session are printed below.
    let mut lines = Lines::new(paint, LocalTime::system());
    let mut epilogue = Epilogue::default();
    live::run(
        agent,
        deadline,
        paint,
        |event| {
            raised.count(event);
            epilogue.keep(event);
        },
        || {
            let journal = journal.as_mut()?;
            // What is told on standard error would stand in the middle of the view.
            journal.news();
            journal.trouble().map(str::to_owned)
        },
    )?;
    agent.stop();
    drain(agent, None, |events| {
        for event in events {
            raised.count(event);
            epilogue.keep(event);
        }
        Ok(())
    })?;
    let mut buffer = String::new();
    for event in &epilogue.events {
        lines.write(&mut buffer, event);
    }
    output.write(buffer.as_bytes())
}

/// What is printed after a live view was left.
#[derive(Debug, Default)]
struct Epilogue {
    events: Vec<Event>,
}

impl Epilogue {
    /// The first alerts are kept; all are counted in the last line.
    const MAX: usize = 100;

    fn keep(&mut self, event: &Event) {
        let is_wanted = match &event.kind {
            EventKind::Started(_) | EventKind::Stopped(_) => true,
            EventKind::Alert(_) => self.events.len() < Self::MAX,
            _ => false,
        };
        if is_wanted {
            self.events.push(event.clone());
        }
    }
}

/// The strongest alert so far.
#[derive(Debug, Default)]
struct Raised {
    strongest: Option<Level>,
}

impl Raised {
    fn count(&mut self, event: &Event) {
        if let EventKind::Alert(alert) = &event.kind {
            self.strongest = self.strongest.max(Some(alert.level));
        }
    }
}
