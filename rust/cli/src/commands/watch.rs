//! The watch: a live view, lines, or one JSON object for each event.

use std::env;
use std::io::{self, IsTerminal as _};
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, Error};
use portlog_agent::testimony::{Device, Recorded, Testimony};
use portlog_agent::{
    Config, Elsewhere, ListSet, MAX_INTERVAL, NameBook, PackageList, Scope, ScopeSetting, Settings,
    Subject,
};
use portlog_model::{Event, EventKind, Level};

use super::watched::{Watched, Watches, journal_folder, shown};
use crate::args::{ListFile, RecordArg, ScopeArg, WatchArgs, WatchFormat};
use crate::exit::Outcome;
use crate::json::event::write_event;
use crate::json::owner::Owners;
use crate::output::{Output, notice};
use crate::text::clean::clean;
use crate::text::event::Lines;
use crate::text::packages::write_listed;
use crate::text::paint::Paint;
use crate::time::LocalTime;
use crate::{inputs, lists, live};

/// Watches until the end that was asked for.
pub(crate) fn run(args: &WatchArgs) -> Result<Outcome, Error> {
    let settings = inputs::settings(args.config.as_deref())?;
    let mut watches = start(args, &settings)?;
    let mut output = Output::open()?;
    watches.end_on_signals()?;
    let deadline = args
        .duration
        .and_then(|duration| Instant::now().checked_add(duration));

    let mut raised = Raised::default();
    let told = tell_all(args, &mut watches, deadline, &mut output, &mut raised);
    // Whoever began the end, and whoever does not read on: the journals are closed before this
    // process is gone.
    watches.stop();
    watches.tell_what_is_left();
    told?;
    let fails = args
        .fail_on_alert
        .is_some_and(|least| raised.strongest.is_some_and(|level| level >= least.level()));
    Ok(if fails { Outcome::Bad } else { Outcome::Done })
}

/// Starts the watch of this machine, of a report, or one for each phone.
fn start(args: &WatchArgs, settings: &Settings) -> Result<Watches, Error> {
    if let Some(import) = inputs::import(&args.source)? {
        let device = Device::from(&import.device);
        let given = Given::read(args, settings)?;
        let mut config = config(args, settings, &given, Some(Elsewhere::import(import)))?;
        if let Some(testimony) = &mut config.testimony {
            testimony.device = device;
        }
        let watched = Watched::start(None, config, args.journal.as_deref())?;
        return Ok(Watches::new(vec![watched]));
    }
    let phones = inputs::phones(&args.source)?;
    let given = Given::read(args, settings)?;
    if phones.is_empty() {
        let config = config(args, settings, &given, inputs::helper(&args.source)?)?;
        let watched = Watched::start(None, config, args.journal.as_deref())?;
        return Ok(Watches::new(vec![watched]));
    }
    let are_several = phones.len() > 1;
    let mut all = Vec::with_capacity(phones.len());
    for (adb, source) in phones {
        let serial = Arc::clone(&source.phone().serial);
        let device = Device::from(source.phone());
        let folder = args
            .journal
            .as_deref()
            .map(|folder| journal_folder(folder, Some(&serial), are_several));
        let mut config = config(args, settings, &given, Some(Elsewhere::adb(adb, source)))?;
        if let Some(testimony) = &mut config.testimony {
            testimony.device = device;
            if let Some(folder) = &folder {
                testimony.folder.clone_from(folder);
            }
        }
        let watched = Watched::start(Some(Arc::clone(&serial)), config, folder.as_deref())
            .with_context(|| format!("phone {serial}"))?;
        all.push(watched);
    }
    Ok(Watches::new(all))
}

/// Shows or prints every event, to the end of the watch.
fn tell_all(
    args: &WatchArgs,
    watches: &mut Watches,
    deadline: Option<Instant>,
    output: &mut Output,
    raised: &mut Raised,
) -> Result<(), Error> {
    if args.format.is_none() && is_terminal() {
        return watch_live(watches, deadline, output, raised);
    }
    if args.format == Some(WatchFormat::Ndjson) {
        let devices = watches.devices();
        let mut owners: Vec<Owners> = devices
            .iter()
            .map(|device| Owners::of_device(device.as_deref()))
            .collect();
        let mut buffer = Vec::with_capacity(Output::CHUNK);
        watches.drain(deadline, |at, watch, events| {
            watch.tell_of_journal();
            let Some(owners) = owners.get_mut(at) else {
                return Ok(());
            };
            for event in events {
                raised.count(event);
                write_event(&mut buffer, event, owners);
                buffer.push(b'\n');
                output.write_chunk(&mut buffer)?;
            }
            output.write(&buffer)?;
            buffer.clear();
            Ok(())
        })
    } else {
        let mut lines = of_each(watches, Paint::of(&io::stdout()));
        let mut buffer = String::new();
        watches.drain(deadline, |at, watch, events| {
            watch.tell_of_journal();
            let Some(lines) = lines.get_mut(at) else {
                return Ok(());
            };
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

/// Lines for each watch, each marked with its phone where there are several.
fn of_each(watches: &Watches, paint: Paint) -> Vec<Marked> {
    let are_several = watches.are_several();
    let mark = |device: Option<Arc<str>>| device.filter(|_| are_several);
    watches
        .devices()
        .into_iter()
        .map(|device| Marked {
            lines: Lines::new(paint, LocalTime::system()),
            mark: mark(device),
            text: String::new(),
        })
        .collect()
}

/// Lines that begin with the phone that they are of.
#[derive(Debug)]
struct Marked {
    lines: Lines,
    mark: Option<Arc<str>>,
    /// Kept for its memory alone.
    text: String,
}

impl Marked {
    fn write(&mut self, out: &mut String, event: &Event) {
        self.lines.write(&mut self.text, event);
        self.hand_over(out);
    }

    fn end_of_batch(&mut self, out: &mut String) {
        self.lines.end_of_batch(&mut self.text);
        self.hand_over(out);
    }

    fn hand_over(&mut self, out: &mut String) {
        match &self.mark {
            None => out.push_str(&self.text),
            Some(mark) => {
                for line in self.text.lines() {
                    out.push_str(&clean(mark));
                    out.push_str("  ");
                    out.push_str(line);
                    out.push('\n');
                }
            }
        }
        self.text.clear();
    }
}

/// What every watch of this run rests on: read once, however many phones there are.
struct Given {
    lists: ListSet,
    names: NameBook,
    packages: Option<PackageList>,
}

impl Given {
    /// Flags win over settings.
    fn read(args: &WatchArgs, settings: &Settings) -> Result<Self, Error> {
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
        let packages = args.source.packages.as_ref().or(settings.packages.as_ref());
        let packages = inputs::packages(packages.map(AsRef::as_ref))?;
        // What is on the phone was not seen by this watch: it is said beside it.
        if let Some(packages) = &packages {
            let mut said = String::new();
            let listed = lists::listed_packages(packages, &lists);
            write_listed(&mut said, &listed, &LocalTime::system());
            said.lines().for_each(notice);
        }
        Ok(Self {
            lists,
            names,
            packages,
        })
    }
}

/// What was asked for, where flags win over settings.
fn config(
    args: &WatchArgs,
    settings: &Settings,
    given: &Given,
    elsewhere: Option<Elsewhere>,
) -> Result<Config, Error> {
    let (source, proc_root) = inputs::source(&args.source)?;
    let scope = match (args.scope, settings.scope) {
        (Some(ScopeArg::Firmware), _) | (None, Some(ScopeSetting::Firmware) | None) => {
            Scope::Firmware
        }
        (Some(ScopeArg::All), _) | (None, Some(ScopeSetting::All)) => Scope::All,
    };
    let mut config = Config::new(Subject {
        source,
        proc_root,
        packages: given.packages.clone(),
        programs: true,
        lists: given.lists.clone(),
        names: given.names.clone(),
        scope,
        elsewhere,
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
        let device = Device::behind(&config.subject.proc_root);
        let mut testimony = Testimony::new(folder.clone(), device);
        testimony.operator.clone_from(&args.operator);
        testimony.case.clone_from(&args.case);
        testimony.recorded = match args.record {
            Some(RecordArg::Everyone) => Recorded::Everyone,
            Some(RecordArg::Firmware) | None => Recorded::FirmwareAndUnknown,
        };
        testimony.retention = settings.retention();
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

fn watch_live(
    watches: &mut Watches,
    deadline: Option<Instant>,
    output: &mut Output,
    raised: &mut Raised,
) -> Result<(), Error> {
    let paint = Paint::of(&io::stdout());
    // What was on the screen is gone with it: the alerts of the session are printed below.
    let mut lines = of_each(watches, paint);
    let mut epilogue = Epilogue::default();
    let (agents, devices) = (watches.agents(), watches.devices());
    live::run(
        &shown(&agents, &devices),
        deadline,
        paint,
        |at, event| {
            raised.count(event);
            epilogue.keep(at, event);
        },
        // What is told on standard error would stand in the middle of the view.
        |at| watches.get_mut(at)?.journal_trouble(),
    )?;
    watches.stop();
    watches.drain(None, |at, _, events| {
        for event in events {
            raised.count(event);
            epilogue.keep(at, event);
        }
        Ok(())
    })?;
    let mut buffer = String::new();
    for (at, event) in &epilogue.events {
        if let Some(lines) = lines.get_mut(*at) {
            lines.write(&mut buffer, event);
        }
    }
    output.write(buffer.as_bytes())
}

/// What is printed after a live view was left.
#[derive(Debug, Default)]
struct Epilogue {
    events: Vec<(usize, Event)>,
}

impl Epilogue {
    /// The first alerts are kept; all are counted in the last line.
    const MAX: usize = 100;

    fn keep(&mut self, at: usize, event: &Event) {
        let is_wanted = match &event.kind {
            EventKind::Started(_) | EventKind::Stopped(_) => true,
            EventKind::Alert(_) => self.events.len() < Self::MAX,
            _ => false,
        };
        if is_wanted {
            self.events.push((at, event.clone()));
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
