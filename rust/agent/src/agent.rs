//! The running watch: a poll thread, a ticker, and the queue that front ends fetch from.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use portlog_blocklist::ListSet;
use portlog_model::{Event, EventKind, GapReason, Level, Moment, Started, Stopped};
use portlog_owners::Directory;
use portlog_sockets::counters::UidBytes;
use portlog_watch::MuteRule;

use crate::Error;
use crate::alarm::Alarm;
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::hours::Hours;
use crate::pace::Pace;
use crate::pipeline::{Parts, Pipeline, Poll};
use crate::queue::Queue;
use crate::state::{State, StateFile};

/// How a watch runs, whatever it watches.
#[derive(Clone, Debug)]
pub struct Running {
    /// The time from one poll to the next while something changes.
    pub interval: Duration,
    /// The same after a quiet while.
    pub idle_interval: Duration,
    /// The time from one heartbeat to the next.
    pub heartbeat: Duration,
    /// Where first-seen, counts, cool-downs and mutes are kept; `None` starts afresh each time.
    pub state_folder: Option<PathBuf>,
    /// Events kept for a front end that does not fetch them.
    pub queue_capacity: usize,
    /// Whether every owner is in scope.
    pub scope_all: bool,
    /// Whether the package list was given by hand.
    pub packages_overridden: bool,
    /// The kernel's boot id, on a live kernel.
    pub boot_id: Option<Arc<str>>,
}

/// A watch that runs. Dropping it stops it.
#[derive(Debug)]
pub struct Agent {
    queue: Arc<Queue>,
    inbox: SyncSender<Message>,
    ended: Arc<Ended>,
}

impl Agent {
    /// How long [`Agent::stop`] waits for the poll thread.
    const STOP_WITHIN: Duration = Duration::from_secs(1);

    /// Starts a watch of this machine, or of a captured tree, as `config` says.
    pub fn start(config: Config) -> Result<Self, Error> {
        let (parts, running) = config.assemble()?;
        Self::start_with(parts, running, Arc::new(SystemClock))
    }

    /// Starts a watch of given parts by a given clock. The engine is given the history of the
    /// state folder.
    pub fn start_with(
        mut parts: Parts,
        running: Running,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Error> {
        let state_file = running
            .state_folder
            .as_deref()
            .map(StateFile::in_folder)
            .transpose()?;
        let before = state_file
            .as_ref()
            .map(StateFile::load)
            .transpose()?
            .unwrap_or_default();
        parts.watch.remember(before.history.clone());
        let pipeline = Pipeline::new(parts)?;

        let queue = Arc::new(Queue::new(running.queue_capacity));
        let ended = Arc::new(Ended::default());
        let (inbox, messages) = sync_channel(64);
        let ringer = inbox.clone();
        let alarm = Alarm::start(Arc::clone(&clock), move || {
            ringer.send(Message::Tick).is_ok()
        })
        .map_err(Error::Thread)?;
        let watcher = Watcher {
            pace: Pace::new(running.interval, running.idle_interval),
            hours: Hours::new(running.heartbeat),
            pipeline,
            clock,
            alarm,
            messages,
            queue: Arc::clone(&queue),
            state_file,
            saved_at: None,
            running,
            raised: Raised::default(),
            events: Vec::new(),
        };
        let end = End {
            queue: Arc::clone(&queue),
            ended: Arc::clone(&ended),
            clock: Arc::clone(&watcher.clock),
        };
        thread::Builder::new()
            .name("portlog-poll".to_owned())
            .spawn(move || {
                let _end = end;
                watcher.run(&before);
            })
            .map_err(Error::Thread)?;
        Ok(Self {
            queue,
            inbox,
            ended,
        })
    }

    /// The events since the last call, in order; waits up to `timeout` for the first and is empty
    /// when none came. `None` when the watch has ended and everything was fetched.
    pub fn next_events(&self, timeout: Duration) -> Option<Vec<Event>> {
        self.queue.take(timeout)
    }

    /// Ends the watch; its last events can still be fetched. Waits at most a second: a poll thread
    /// that hangs in the kernel is left behind, and `false` says so.
    pub fn stop(&self) -> bool {
        // A full inbox means that the poll thread hangs; it finds the message when it does not.
        let _ = self.inbox.try_send(Message::Stop);
        self.ended.wait(Self::STOP_WITHIN)
    }

    /// Raises no more alerts that `rule` speaks of; kept across restarts.
    pub fn mute(&self, rule: MuteRule) -> Result<(), Error> {
        self.send(Message::Mute(rule))
    }

    /// Takes a mute back.
    pub fn unmute(&self, rule: MuteRule) -> Result<(), Error> {
        self.send(Message::Unmute(rule))
    }

    /// Puts other lists in force, for open connections too.
    pub fn set_lists(&self, lists: ListSet) -> Result<(), Error> {
        self.send(Message::Lists(Box::new(lists)))
    }

    /// Puts another package list in force, for open connections too.
    pub fn set_packages(&self, directory: Directory) -> Result<(), Error> {
        self.send(Message::Packages(Box::new(directory)))
    }

    /// Takes a reading of byte counters by UID that the front end made.
    pub fn set_counters(&self, rows: Vec<UidBytes>) -> Result<(), Error> {
        self.send(Message::Counters(rows))
    }

    /// Looks at another pace from now on.
    pub fn set_pace(&self, interval: Duration, idle_interval: Duration) -> Result<(), Error> {
        self.send(Message::Pace {
            interval,
            idle_interval,
        })
    }

    fn send(&self, message: Message) -> Result<(), Error> {
        self.inbox.send(message).map_err(|_| Error::Ended)
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        self.stop();
    }
}

/// What the poll thread is told.
enum Message {
    Tick,
    Stop,
    Mute(MuteRule),
    Unmute(MuteRule),
    Lists(Box<ListSet>),
    Packages(Box<Directory>),
    Counters(Vec<UidBytes>),
    Pace {
        interval: Duration,
        idle_interval: Duration,
    },
}

/// Whether the poll thread has ended.
#[derive(Debug, Default)]
struct Ended {
    flag: Mutex<bool>,
    changed: Condvar,
}

impl Ended {
    fn set(&self) {
        *self.flag.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_all();
    }

    fn wait(&self, timeout: Duration) -> bool {
        let flag = self.flag.lock().unwrap_or_else(PoisonError::into_inner);
        let (flag, _) = self
            .changed
            .wait_timeout_while(flag, timeout, |ended| !*ended)
            .unwrap_or_else(PoisonError::into_inner);
        *flag
    }
}

/// Tells everyone when the poll thread ends, however it ends.
struct End {
    queue: Arc<Queue>,
    ended: Arc<Ended>,
    clock: Arc<dyn Clock>,
}

impl Drop for End {
    fn drop(&mut self) {
        self.queue.end(self.clock.now().moment);
        self.ended.set();
    }
}

/// Alerts raised so far.
#[derive(Clone, Copy, Debug, Default)]
struct Raised {
    matches: u64,
    possible: u64,
}

/// The poll thread.
struct Watcher {
    pipeline: Pipeline,
    clock: Arc<dyn Clock>,
    alarm: Alarm,
    messages: Receiver<Message>,
    queue: Arc<Queue>,
    state_file: Option<StateFile>,
    saved_at: Option<Moment>,
    running: Running,
    pace: Pace,
    hours: Hours,
    raised: Raised,
    events: Vec<Event>,
}

/// What the poll thread does next.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Next {
    Poll,
    End,
}

impl Watcher {
    /// After so long, a changed count is written even where nothing was raised.
    const SAVE_EVERY: Duration = Duration::from_mins(1);
    /// A source that faults again and again is asked no more often than this.
    const FAULT_PAUSE: Duration = Duration::from_secs(5);

    fn run(mut self, before: &State) {
        self.introduce(before);
        let mut deadline = self.clock.now().moment.boot;
        loop {
            let reading = self.clock.now();
            let polled = self.poll_guarded(reading.moment);
            let mut wait = self.pace.interval();
            match polled {
                Ok(None) => break,
                Ok(Some(poll)) => {
                    if !poll.replayed {
                        self.hours
                            .polled(reading, wait, poll.readable, &mut self.events);
                    }
                    self.pace.polled(poll.changed);
                    wait = if poll.replayed {
                        Duration::ZERO
                    } else {
                        self.pace.interval()
                    };
                }
                Err(fault) => {
                    self.tell_of_fault(reading.moment, &fault);
                    wait = Self::FAULT_PAUSE;
                }
            }
            self.events.extend(
                self.hours
                    .heartbeat(reading.moment, self.pipeline.connections()),
            );
            self.hand_over(reading.moment);

            // On schedule where there is one; at once, and from now on, where it was overrun.
            deadline = deadline
                .saturating_add(wait)
                .max(self.clock.now().moment.boot);
            if !self.alarm.set(deadline) || self.wait_for_tick() == Next::End {
                break;
            }
        }
        self.say_goodbye();
    }

    fn introduce(&mut self, before: &State) {
        let at = self.clock.now().moment;
        let started = Started {
            version: Arc::from(env!("CARGO_PKG_VERSION")),
            provenance: self.pipeline.provenance(),
            platform: self.pipeline.platform(),
            boot_id: self.running.boot_id.clone(),
            source: self.pipeline.source_kind(),
            interval: self.pace.interval(),
            scope_all: self.running.scope_all,
            packages_overridden: self.running.packages_overridden,
        };
        self.events.push(Event {
            at,
            kind: EventKind::Started(started),
        });
        if before.alive.is_some() {
            let kind = EventKind::Gap {
                from: before.alive,
                reason: GapReason::NotRunning,
            };
            self.events.push(Event { at, kind });
        }
        self.pipeline.introduce(at, &mut self.events);
    }

    /// One poll; a panic in it is a fault like any other.
    fn poll_guarded(&mut self, now: Moment) -> Result<Option<Poll>, String> {
        let Self {
            pipeline, events, ..
        } = self;
        match catch_unwind(AssertUnwindSafe(|| pipeline.poll(now, events))) {
            Ok(Ok(poll)) => Ok(poll),
            Ok(Err(error)) => Err(chain(&error)),
            Err(payload) => Err(format!("panic: {}", panic_message(payload.as_ref()))),
        }
    }

    fn tell_of_fault(&mut self, at: Moment, fault: &str) {
        let from = self.hours.last_poll();
        let reason = GapReason::Fault(Arc::from(fault));
        self.events.push(Event {
            at,
            kind: EventKind::Gap { from, reason },
        });
        let Self { pipeline, .. } = self;
        // A restart that fails or faults is tried again at the next poll, which then fails too.
        let _ = catch_unwind(AssertUnwindSafe(|| pipeline.restart()));
    }

    /// Saves what must not be raised twice, then hands the events to the front end.
    fn hand_over(&mut self, now: Moment) {
        let mut raised = false;
        for event in &self.events {
            match &event.kind {
                EventKind::Alert(alert) => {
                    raised = true;
                    match alert.level {
                        Level::Match => self.raised.matches += 1,
                        Level::Possible => self.raised.possible += 1,
                        Level::Noted => {}
                    }
                }
                EventKind::Noted(..) => raised = true,
                _ => {}
            }
        }
        let due = self
            .saved_at
            .is_none_or(|at| now.since(at) >= Self::SAVE_EVERY);
        if raised || due {
            self.save(now);
        }
        self.queue.push(&mut self.events);
    }

    fn save(&mut self, now: Moment) {
        let Some(file) = &self.state_file else { return };
        let history = self.pipeline.watch().history();
        let kind = match file.save(history, self.running.boot_id.as_deref(), now) {
            Ok(()) => {
                self.saved_at = Some(now);
                return;
            }
            Err(error) => EventKind::Config {
                name: Arc::from("state"),
                value: Arc::from(format!("not saved: {}", chain(&error))),
            },
        };
        self.events.push(Event { at: now, kind });
    }

    /// Takes messages until the ticker rings or the watch is to end.
    fn wait_for_tick(&mut self) -> Next {
        loop {
            match self.messages.recv() {
                Ok(Message::Tick) => return Next::Poll,
                Ok(Message::Stop) | Err(_) => return Next::End,
                Ok(message) => {
                    let at = self.clock.now().moment;
                    self.obey(message, at);
                    self.hand_over(at);
                }
            }
        }
    }

    fn obey(&mut self, message: Message, at: Moment) {
        match message {
            Message::Mute(rule) => {
                self.pipeline.watch_mut().mute(rule);
                self.save(at);
            }
            Message::Unmute(rule) => {
                self.pipeline.watch_mut().unmute(&rule);
                self.save(at);
            }
            Message::Lists(lists) => {
                self.pipeline.set_lists(*lists);
                self.pipeline.introduce(at, &mut self.events);
                self.pipeline.judge_again(at, &mut self.events);
            }
            Message::Packages(directory) => {
                self.pipeline.set_directory(*directory);
                self.pipeline.introduce(at, &mut self.events);
                self.pipeline.judge_again(at, &mut self.events);
            }
            Message::Counters(rows) => self.pipeline.feed_counters(rows, at, &mut self.events),
            Message::Pace {
                interval,
                idle_interval,
            } => {
                self.pace = Pace::new(interval, idle_interval);
                let value = Arc::from(format!("{} ms", self.pace.interval().as_millis()));
                let kind = EventKind::Config {
                    name: Arc::from("interval"),
                    value,
                };
                self.events.push(Event { at, kind });
            }
            Message::Tick | Message::Stop => {}
        }
    }

    fn say_goodbye(&mut self) {
        let at = self.clock.now().moment;
        self.save(at);
        let stopped = Stopped {
            polls: self.hours.polls(),
            matches: self.raised.matches,
            possible: self.raised.possible,
            dropped: self.queue.lost_in_all(),
        };
        self.events.push(Event {
            at,
            kind: EventKind::Stopped(stopped),
        });
        self.queue.push(&mut self.events);
    }
}

/// An error with its causes, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

fn panic_message(payload: &(dyn Any + Send)) -> &str {
    payload
        .downcast_ref::<&'static str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}
