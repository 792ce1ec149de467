//! The poll thread: looks, judges, saves what must not be raised twice, and hands events over.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use portlog_model::fault::{chain, panic_text};
use portlog_model::{BootTime, Event, EventKind, GapReason, Level, Moment, Started, Stopped};
use portlog_sockets::Handed;
use portlog_watch::Scope;

use crate::agent::{Message, Running};
use crate::alarm::Alarm;
use crate::clock::{Clock, Reading};
use crate::hours::Hours;
use crate::outlet::{Delivery, Look, Outlet, Wish};
use crate::pace::{MIN_INTERVAL, Pace};
use crate::pipeline::{Came, Pipeline, Poll};
use crate::state::{State, StateFile};

/// Alerts raised so far.
#[derive(Clone, Copy, Debug, Default)]
struct Raised {
    matches: u64,
    possible: u64,
}

/// All that the poll thread has.
pub(crate) struct Watcher {
    pipeline: Pipeline,
    clock: Arc<dyn Clock>,
    alarm: Alarm,
    messages: Receiver<Message>,
    outlet: Arc<dyn Outlet>,
    state_file: Option<StateFile>,
    saved_at: Option<Moment>,
    running: Running,
    pace: Pace,
    hours: Hours,
    raised: Raised,
    /// When the rows of the latest poll were true, where they are not of now.
    replayed_at: Option<Moment>,
    /// What the ticker sleeps until; it takes one deadline at a time.
    ringing_at: Option<BootTime>,
    /// A command asks for a look sooner than planned.
    hurries: bool,
    /// When the practice connection was opened.
    practising_since: Option<Moment>,
    events: Vec<Event>,
}

impl Watcher {
    /// After so long, a changed count is written even where nothing was raised.
    const SAVE_EVERY: Duration = Duration::from_mins(1);
    /// A source that faults again and again is asked no more often than this.
    const FAULT_PAUSE: Duration = Duration::from_secs(5);
    /// A practice connection is closed after so long, whatever became of it.
    const PRACTICE_AT_MOST: Duration = Duration::from_mins(1);

    pub(crate) fn new(
        pipeline: Pipeline,
        clock: Arc<dyn Clock>,
        alarm: Alarm,
        messages: Receiver<Message>,
        outlet: Arc<dyn Outlet>,
        state_file: Option<StateFile>,
        running: Running,
    ) -> Self {
        Self {
            pace: Pace::new(running.interval, running.idle_interval),
            hours: Hours::new(running.heartbeat),
            pipeline,
            clock,
            alarm,
            messages,
            outlet,
            state_file,
            saved_at: None,
            running,
            raised: Raised::default(),
            replayed_at: None,
            ringing_at: None,
            hurries: false,
            practising_since: None,
            events: Vec::new(),
        }
    }

    /// Watches until it is told to stop or there is nothing more to read.
    pub(crate) fn run(mut self, before: &State) {
        self.introduce(before);
        let mut deadline = self.clock.now().moment.boot;
        loop {
            let reading = self.clock.now();
            let polled = self.poll_guarded(reading.moment);
            let mut wait = self.pace.interval();
            let mut readable = None;
            match polled {
                Ok(None) => break,
                // Whoever reads does so at the same pace, and is just about to.
                Ok(Some(poll)) if poll.came == Came::Nothing => wait = (wait / 4).max(MIN_INTERVAL),
                Ok(Some(poll)) => {
                    let reading = match poll.came {
                        Came::Handed(handed) => Reading {
                            moment: handed.at,
                            awake: handed.awake,
                        },
                        _ => reading,
                    };
                    if poll.came == Came::Replayed {
                        self.hours.replayed();
                    } else {
                        self.hours
                            .polled(reading, wait, poll.readable, &mut self.events);
                    }
                    readable = Some(poll.readable);
                    self.replayed_at = (poll.came == Came::Replayed).then_some(poll.at);
                    self.pace.polled(poll.changed);
                    if self.pipeline.is_practising() {
                        self.pace.wake();
                    }
                    wait = match poll.came {
                        Came::Replayed | Came::Handed(Handed { more: true, .. }) => Duration::ZERO,
                        _ => self.pace.interval(),
                    };
                    self.pipeline.set_pace(self.pace.interval());
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
            self.hand_over(reading.moment, readable);
            self.end_overdue_practice(reading.moment);

            // On schedule where there is one; at once, and from now on, where it was overrun.
            deadline = deadline
                .saturating_add(wait)
                .max(self.clock.now().moment.boot);
            match self.wait_until(deadline) {
                Some(waited_until) => deadline = waited_until,
                None => break,
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
            Err(payload) => Err(format!("panic: {}", panic_text(payload.as_ref()))),
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
    /// `readable` is what the look that brought them could read; `None` where none did.
    fn hand_over(&mut self, now: Moment, readable: Option<bool>) {
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
        self.deliver(now, readable);
    }

    /// Hands the events over. A fault behind the outlet costs what it was given and no more.
    fn deliver(&mut self, now: Moment, readable: Option<bool>) {
        let Self {
            pipeline,
            hours,
            outlet,
            events,
            ..
        } = self;
        let device = pipeline.device.take();
        let delivery = Delivery {
            at: now,
            device: device.as_ref(),
            watch: pipeline.watch(),
            look: readable.map(|readable| Look {
                batch: pipeline.batch(),
                readable,
                polls: hours.polls(),
                account: hours.account(),
            }),
        };
        match catch_unwind(AssertUnwindSafe(|| outlet.deliver(&delivery, events))) {
            Ok(Wish::EndPractice) if self.pipeline.is_practising() => self.end_practice(),
            Ok(Wish::EndPractice | Wish::GoOn) => {}
            Err(payload) => {
                self.events.clear();
                let fault = format!("panic: {}", panic_text(payload.as_ref()));
                self.events.push(Event {
                    at: now,
                    kind: EventKind::Gap {
                        from: Some(now),
                        reason: GapReason::Fault(Arc::from(fault)),
                    },
                });
            }
        }
    }

    fn save(&mut self, now: Moment) {
        let Some(file) = &self.state_file else { return };
        let history = self.pipeline.watch().history();
        let kind = match file.save(history, self.running.boot_id.as_deref(), Some(now)) {
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

    /// Takes messages until `deadline`, which one of them may bring forward; the deadline that was
    /// waited for, or `None` when the watch is to end.
    ///
    /// The ticker cannot be woken. While it sleeps beyond the deadline, this thread waits itself.
    fn wait_until(&mut self, mut deadline: BootTime) -> Option<BootTime> {
        loop {
            if self.ringing_at.is_none() {
                if !self.alarm.set(deadline) {
                    return None;
                }
                self.ringing_at = Some(deadline);
            }
            let ticker_oversleeps = self.ringing_at.is_some_and(|ringing| ringing > deadline);
            let received = if ticker_oversleeps {
                let left = deadline.since(self.clock.now().moment.boot);
                self.messages.recv_timeout(left)
            } else {
                let disconnected = |_| RecvTimeoutError::Disconnected;
                self.messages.recv().map_err(disconnected)
            };
            match received {
                Ok(Message::Tick) => {
                    self.ringing_at = None;
                    if self.clock.now().moment.boot >= deadline {
                        return Some(deadline);
                    }
                }
                Err(RecvTimeoutError::Timeout) => return Some(deadline),
                Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => return None,
                Ok(message) => {
                    let at = self.clock.now().moment;
                    self.obey(message, at);
                    self.hand_over(at, None);
                    if std::mem::take(&mut self.hurries) {
                        deadline = deadline.min(at.boot.saturating_add(self.pace.interval()));
                    }
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
                self.hurries = true;
                let value = Arc::from(format!("{} ms", self.pace.interval().as_millis()));
                let kind = EventKind::Config {
                    name: Arc::from("interval"),
                    value,
                };
                self.events.push(Event { at, kind });
            }
            Message::Scope(scope) => self.set_scope(scope, at),
            Message::Config { name, value } => {
                let kind = EventKind::Config { name, value };
                self.events.push(Event { at, kind });
            }
            Message::Practice(lists) => {
                let opened = self.pipeline.begin_practice(*lists);
                self.practising_since = opened.is_ok().then_some(at);
                self.pace.wake();
                self.hurries = true;
                self.outlet
                    .practice_opened(at, opened.map_err(|error| error.to_string()));
            }
            Message::EndPractice => self.end_practice(),
            Message::Tick | Message::Stop => {}
        }
    }

    fn set_scope(&mut self, scope: Scope, at: Moment) {
        let watch = self.pipeline.watch_mut();
        if watch.settings().scope == scope {
            return;
        }
        let mut settings = watch.settings().clone();
        settings.scope = scope;
        watch.set_settings(settings);
        self.running.scope_all = scope == Scope::All;
        let value = match scope {
            Scope::All => "all",
            Scope::Firmware => "firmware",
        };
        let kind = EventKind::Config {
            name: Arc::from("scope"),
            value: Arc::from(value),
        };
        self.events.push(Event { at, kind });
        self.pipeline.judge_again(at, &mut self.events);
    }

    fn end_practice(&mut self) {
        self.practising_since = None;
        self.pipeline.end_practice();
    }

    fn end_overdue_practice(&mut self, now: Moment) {
        let is_overdue = |since: Moment| now.since(since) >= Self::PRACTICE_AT_MOST;
        if self.practising_since.is_some_and(is_overdue) {
            self.end_practice();
        }
    }

    fn say_goodbye(&mut self) {
        let now = self.clock.now().moment;
        self.save(now);
        let at = self.replayed_at.unwrap_or(now);
        let beat = self.hours.last_heartbeat(now, self.pipeline.connections());
        self.events.extend(beat);
        let stopped = Stopped {
            polls: self.hours.polls(),
            matches: self.raised.matches,
            possible: self.raised.possible,
            dropped: self.outlet.lost_in_all(),
        };
        self.events.push(Event {
            at,
            kind: EventKind::Stopped(stopped),
        });
        self.deliver(now, None);
    }
}
