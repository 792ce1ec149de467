//! The running watch: a poll thread, a ticker, and the queue that front ends fetch from.

use std::path::PathBuf;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use portlog_blocklist::ListSet;
use portlog_model::Event;
use portlog_owners::Directory;
use portlog_sockets::counters::UidBytes;
use portlog_watch::{MuteRule, Scope};

use crate::Error;
use crate::alarm::Alarm;
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::outlet::Outlet;
use crate::pipeline::{Parts, Pipeline};
use crate::poll_thread::Watcher;
use crate::queue::Queue;
use crate::state::StateFile;
use crate::testimony::{Recorder, Tee};

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
    queue: Arc<Queue<Event>>,
    watching: Watching,
    recorder: Option<Recorder>,
}

impl Agent {
    /// Starts a watch of this machine, or of a captured tree, as `config` says; with its journal, where
    /// it is to keep one.
    pub fn start(mut config: Config) -> Result<Self, Error> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let testimony = config.testimony.take();
        if let Some(testimony) = &testimony {
            let beside = testimony.state_folder();
            config.state_folder.get_or_insert(beside);
        }
        let recorder = testimony
            .map(|testimony| Recorder::open(testimony, Arc::clone(&clock)))
            .transpose()?;
        let (parts, running) = config.assemble();
        Self::start_recorded(parts, running, clock, recorder)
    }

    /// Starts a watch of given parts by a given clock. The engine is given the history of the
    /// state folder.
    pub fn start_with(
        parts: Parts,
        running: Running,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Error> {
        Self::start_recorded(parts, running, clock, None)
    }

    /// The same, told to a recorder too, which is closed with the watch.
    pub fn start_recorded(
        parts: Parts,
        running: Running,
        clock: Arc<dyn Clock>,
        recorder: Option<Recorder>,
    ) -> Result<Self, Error> {
        let queue = Arc::new(Queue::new(running.queue_capacity));
        let mut outlet = Arc::clone(&queue) as Arc<dyn Outlet>;
        if let Some(recorder) = &recorder {
            outlet = Arc::new(Tee::new(recorder.clone(), outlet));
        }
        let watching = Watching::start(parts, running, clock, outlet)?;
        Ok(Self {
            queue,
            watching,
            recorder,
        })
    }

    /// Its journal, where it keeps one.
    pub fn recorder(&self) -> Option<Recorder> {
        self.recorder.clone()
    }

    /// The events since the last call, in order; waits up to `timeout` for the first and is empty
    /// when none came. `None` when the watch has ended and everything was fetched.
    pub fn next_events(&self, timeout: Duration) -> Option<Vec<Event>> {
        self.queue.take(timeout)
    }

    /// Ends the watch and closes its journal; its last events can still be fetched. Waits at most a
    /// second for the watch and two for the journal: a poll thread that hangs in the kernel is left
    /// behind, so is a disk that refuses, and `false` says so.
    pub fn stop(&self) -> bool {
        let ended = self.watching.stop();
        let recorder = self.recorder.as_ref();
        let closed = recorder.is_none_or(|recorder| recorder.close().is_ok());
        ended && closed
    }

    /// Raises no more alerts that `rule` speaks of; kept across restarts.
    pub fn mute(&self, rule: MuteRule) -> Result<(), Error> {
        self.watching.send(Message::Mute(rule))
    }

    /// Takes a mute back.
    pub fn unmute(&self, rule: MuteRule) -> Result<(), Error> {
        self.watching.send(Message::Unmute(rule))
    }

    /// Puts other lists in force, for open connections too.
    pub fn set_lists(&self, lists: ListSet) -> Result<(), Error> {
        self.watching.send(Message::Lists(Box::new(lists)))
    }

    /// Puts another package list in force, for open connections too.
    pub fn set_packages(&self, directory: Directory) -> Result<(), Error> {
        self.watching.send(Message::Packages(Box::new(directory)))
    }

    /// Takes a reading of byte counters by UID that the front end made; an empty one where nothing
    /// can be told, or where the next cannot be compared with those before.
    pub fn set_counters(&self, rows: Vec<UidBytes>) -> Result<(), Error> {
        self.watching.send(Message::Counters(rows))
    }

    /// Looks at another pace from now on.
    pub fn set_pace(&self, interval: Duration, idle_interval: Duration) -> Result<(), Error> {
        self.watching.send(Message::Pace {
            interval,
            idle_interval,
        })
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A poll thread that runs, and hands over what it finds to an outlet.
#[derive(Debug)]
pub(crate) struct Watching {
    inbox: SyncSender<Message>,
    ended: Arc<Ended>,
}

impl Watching {
    /// How long [`Watching::stop`] waits for the poll thread.
    const STOP_WITHIN: Duration = Duration::from_secs(1);

    /// Starts it. The engine is given the history of the state folder.
    pub(crate) fn start(
        mut parts: Parts,
        running: Running,
        clock: Arc<dyn Clock>,
        outlet: Arc<dyn Outlet>,
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

        let ended = Arc::new(Ended::default());
        let (inbox, messages) = sync_channel(64);
        let ringer = inbox.clone();
        let alarm = Alarm::start(Arc::clone(&clock), move || {
            ringer.send(Message::Tick).is_ok()
        })
        .map_err(Error::Thread)?;
        let watcher = Watcher::new(
            pipeline,
            Arc::clone(&clock),
            alarm,
            messages,
            Arc::clone(&outlet),
            state_file,
            running,
        );
        let end = End {
            outlet,
            ended: Arc::clone(&ended),
            clock,
        };
        thread::Builder::new()
            .name("portlog-poll".to_owned())
            .spawn(move || {
                let _end = end;
                watcher.run(&before);
            })
            .map_err(Error::Thread)?;
        Ok(Self { inbox, ended })
    }

    /// Ends the watch. Waits at most a second: a poll thread that hangs in the kernel is left
    /// behind, and `false` says so.
    pub(crate) fn stop(&self) -> bool {
        // A full inbox means that the poll thread hangs; it finds the message when it does not.
        let _ = self.inbox.try_send(Message::Stop);
        self.ended.wait(Self::STOP_WITHIN)
    }

    /// Whether the poll thread has ended, by itself or because it was told to.
    pub(crate) fn has_ended(&self) -> bool {
        self.ended.wait(Duration::ZERO)
    }

    /// Tells the poll thread something.
    pub(crate) fn send(&self, message: Message) -> Result<(), Error> {
        self.inbox.send(message).map_err(|_| Error::Ended)
    }
}

/// What the poll thread is told.
pub(crate) enum Message {
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
    Scope(Scope),
    /// Something beside the watch was set, and is an event.
    Config {
        name: Arc<str>,
        value: Arc<str>,
    },
    /// Opens a practice connection, of which these lists speak.
    Practice(Box<ListSet>),
    EndPractice,
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
    outlet: Arc<dyn Outlet>,
    ended: Arc<Ended>,
    clock: Arc<dyn Clock>,
}

impl Drop for End {
    fn drop(&mut self) {
        self.outlet.end(self.clock.now().moment);
        self.ended.set();
    }
}
