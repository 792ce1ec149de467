//! The recorder: a thread that owns the log, and the queue that leads to it.

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use portlog_journal::store::RedbSnapshot;
use portlog_journal::{Note, PublicKey, UtcOffset};
use portlog_model::fault::panic_text;
use portlog_model::{Event, Moment};

use super::health::{Health, Shared, Writing};
use super::store::Slot;
use super::writer::Writer;
use super::{Device, KnownBy, Mark, PracticeMark, PredecessorReason, Reader, Recorded, Testimony};
use crate::queue::{Item, Queue};
use crate::{Clock, Error};

/// Writes what a watch tells into its log, on a thread of its own (`portlog-journal`). Clones share
/// it; it is closed with the last one.
#[derive(Clone)]
pub struct Recorder(Arc<Inner>);

struct Inner {
    queue: Arc<Queue<Task>>,
    shared: Arc<Shared>,
    ended: Arc<Ended>,
    clock: Arc<dyn Clock>,
    folder: PathBuf,
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder")
            .field("folder", &self.0.folder)
            .field("health", &self.health())
            .finish_non_exhaustive()
    }
}

impl Recorder {
    /// Events that wait for the thread.
    const QUEUE: usize = 16_384;
    /// How long an answer may take: a log is pruned, or a disk is slow.
    const PATIENCE: Duration = Duration::from_secs(30);
    /// How long [`Self::close`] waits.
    const CLOSE_WITHIN: Duration = Duration::from_secs(2);

    /// Opens or begins the log and starts the thread.
    ///
    /// A damaged log, and one whose keys are gone, is set aside whole; the new one names it. What is
    /// wrong with the folder, a watch that holds it, and a newer Portlog's journal are errors.
    pub fn open(testimony: Testimony, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        let folder = testimony.folder.clone();
        let shared = Arc::new(Shared::new());
        let writer = Writer::open(testimony, Arc::clone(&clock), Arc::clone(&shared))?;
        let queue = Arc::new(Queue::new(Self::QUEUE));
        let ended = Arc::new(Ended::default());
        let thread = Thread {
            queue: Arc::clone(&queue),
            shared: Arc::clone(&shared),
            ended: Arc::clone(&ended),
        };
        thread::Builder::new()
            .name("portlog-journal".to_owned())
            .spawn(move || thread.run(writer))
            .map_err(Error::Thread)?;
        Ok(Self(Arc::new(Inner {
            queue,
            shared,
            ended,
            clock,
            folder,
        })))
    }

    /// Writes a mark; it is durable when this returns its index.
    pub fn mark(&self, mark: &Mark) -> Result<u64, Error> {
        let mark = mark.clone();
        self.ask(|reply| Command::Mark(mark, reply))
    }

    /// One committed state; what waits is committed first. Where the disk refuses, it is the state that
    /// was committed last.
    pub fn reader(&self) -> Result<Reader, Error> {
        let (snapshot, slot) = self.ask(Command::Snapshot)?;
        Ok(Reader::of_recorder(self.clone(), snapshot, slot))
    }

    /// The state that was committed last, for whoever looks often: nothing is written for it.
    /// [`Health::pending`] says how much is not in it.
    pub fn committed(&self) -> Result<Reader, Error> {
        let (snapshot, slot) = self.ask(Command::Committed)?;
        Ok(Reader::of_recorder(self.clone(), snapshot, slot))
    }

    /// Takes in a witness's answer: a checkpoint of this log with the witness's line. The entry's index.
    ///
    /// [`Error::NotOurCheckpoint`] where this log never had and signed that state, or where the line is
    /// missing.
    pub fn cosigned(
        &self,
        note: &Note,
        witness: &PublicKey,
        nonce: Option<&str>,
    ) -> Result<u64, Error> {
        let (note, witness) = (note.clone(), witness.clone());
        let nonce = nonce.map(str::to_owned);
        self.ask(|reply| Command::Cosigned(Box::new((note, witness, nonce)), reply))
    }

    /// Names an earlier log that this one continues. The entry's index.
    pub fn predecessor(
        &self,
        last: &Note,
        known_by: KnownBy,
        reason: PredecessorReason,
    ) -> Result<u64, Error> {
        let last = Box::new(last.clone());
        self.ask(|reply| Command::Predecessor(last, known_by, reason, reply))
    }

    /// Records what became of a practice alert. The entry's index.
    pub fn practice(&self, mark: PracticeMark) -> Result<u64, Error> {
        self.ask(|reply| Command::Practice(mark, reply))
    }

    /// Records what the phone says of itself, where that became another.
    pub fn device_changed(&self, device: Device) -> Result<(), Error> {
        self.ask(|reply| Command::Device(Box::new(device), reply))
    }

    /// Records whose connections from now on; the switch is an entry.
    pub fn set_recorded(&self, recorded: Recorded) -> Result<(), Error> {
        self.ask(|reply| Command::Recorded(recorded, reply))
    }

    /// The clock on the wall is set to another zone; `None`: as the system says.
    pub fn set_utc_offset(&self, offset: Option<UtcOffset>) -> Result<(), Error> {
        self.ask(|reply| Command::Offset(offset, reply))
    }

    /// How the log fares.
    pub fn health(&self) -> Health {
        self.0.shared.health()
    }

    /// The journal's folder.
    pub fn folder(&self) -> &Path {
        &self.0.folder
    }

    /// Commits what waits and ends the thread, within two seconds; then another may open the journal,
    /// once no reader of this one is left. [`Error::JournalNotWritten`] where something had to be left
    /// behind.
    pub fn close(&self) -> Result<(), Error> {
        self.0.close()
    }

    /// Hands over what a poll brought, without waiting for anything.
    pub(crate) fn record(&self, events: &[Event]) {
        if self.0.ended.is_set() {
            return;
        }
        self.0.queue.push(events.iter().cloned().map(Task::Event));
    }

    /// The same as [`Self::device_changed`], without waiting: that it cannot be written is in the health.
    pub(crate) fn tell_device(&self, device: Device) {
        if self.0.ended.is_set() {
            return;
        }
        let (reply, _) = sync_channel(1);
        let at = self.0.clock.now().moment;
        let command = Command::Device(Box::new(device), reply);
        self.0.queue.push([Task::Command(at, command)]);
    }

    /// A number that grows when writing fails, and when it goes on.
    pub(super) fn news(&self) -> u64 {
        self.0.shared.news()
    }

    pub(super) fn clock(&self) -> &dyn Clock {
        self.0.clock.as_ref()
    }

    /// Keeps a checkpoint that leaves the phone.
    pub(super) fn keep(&self, note: &Note) -> Result<(), Error> {
        let note = Box::new(note.clone());
        self.ask(|reply| Command::Keep(note, reply))
    }

    fn ask<T>(&self, command: impl FnOnce(Reply<T>) -> Command) -> Result<T, Error> {
        self.0.ask(Self::PATIENCE, command)
    }
}

impl Inner {
    /// How often it is looked whether the thread is still there to answer.
    const LOOK: Duration = Duration::from_millis(100);

    fn ask<T>(
        &self,
        patience: Duration,
        command: impl FnOnce(Reply<T>) -> Command,
    ) -> Result<T, Error> {
        if self.ended.is_set() {
            return Err(Error::JournalClosed);
        }
        let (reply, answer) = sync_channel(1);
        let at = self.clock.now().moment;
        self.queue.push([Task::Command(at, command(reply))]);
        let mut left = patience;
        loop {
            let wait = left.min(Self::LOOK);
            match answer.recv_timeout(wait) {
                Ok(answer) => return answer,
                Err(RecvTimeoutError::Disconnected) => return Err(Error::JournalClosed),
                Err(RecvTimeoutError::Timeout) => left = left.saturating_sub(wait),
            }
            // It may have come after the thread looked for the last time.
            if self.ended.is_set() {
                return answer.try_recv().unwrap_or(Err(Error::JournalClosed));
            }
            if left.is_zero() {
                return Err(Error::JournalNotWritten {
                    folder: self.folder.clone(),
                    why: "the disk does not answer".to_owned(),
                });
            }
        }
    }

    fn close(&self) -> Result<(), Error> {
        match self.ask(Recorder::CLOSE_WITHIN, Command::Close) {
            // The thread has ended already.
            Err(Error::JournalClosed) => match self.shared.health().writing {
                Writing::NotSince { why, .. } => Err(Error::JournalNotWritten {
                    folder: self.folder.clone(),
                    why,
                }),
                Writing::Yes | Writing::Closed => Ok(()),
            },
            closed => closed,
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        let _ = self.close();
        self.queue.end(self.clock.now().moment);
    }
}

/// Where an answer goes. Nobody may be waiting any more.
type Reply<T> = SyncSender<Result<T, Error>>;

/// What the thread is told.
enum Task {
    Event(Event),
    Command(Moment, Command),
}

enum Command {
    Mark(Mark, Reply<u64>),
    Snapshot(Reply<(RedbSnapshot, Slot)>),
    Committed(Reply<(RedbSnapshot, Slot)>),
    Cosigned(Box<(Note, PublicKey, Option<String>)>, Reply<u64>),
    Predecessor(Box<Note>, KnownBy, PredecessorReason, Reply<u64>),
    Practice(PracticeMark, Reply<u64>),
    Device(Box<Device>, Reply<()>),
    Recorded(Recorded, Reply<()>),
    Offset(Option<UtcOffset>, Reply<()>),
    Keep(Box<Note>, Reply<()>),
    Close(Reply<()>),
}

impl Item for Task {
    fn at(&self) -> Moment {
        match self {
            Self::Event(event) => event.at,
            Self::Command(at, _) => *at,
        }
    }

    fn is_expendable(&self) -> bool {
        match self {
            Self::Event(event) => event.is_expendable(),
            Self::Command(..) => false,
        }
    }

    fn lost(at: Moment, events: u64) -> Self {
        Self::Event(Event::lost(at, events))
    }
}

/// The thread, apart from what it writes with.
struct Thread {
    queue: Arc<Queue<Task>>,
    shared: Arc<Shared>,
    ended: Arc<Ended>,
}

impl Thread {
    fn run(self, mut writer: Writer) {
        let _end = End {
            shared: Arc::clone(&self.shared),
            ended: Arc::clone(&self.ended),
        };
        let mut closing = Vec::new();
        guarded(&mut writer, Writer::work);
        while closing.is_empty() {
            let Some(tasks) = self.queue.take(writer.patience()) else {
                break;
            };
            guarded(&mut writer, |writer| obey(writer, tasks, &mut closing));
        }
        let mut flushed = Err(Error::JournalClosed);
        guarded(&mut writer, |writer| flushed = writer.flush());
        // The journal is free before anyone hears that it is closed.
        drop(writer);
        self.shared.closes();
        self.ended.set();
        // Several may close at once. Nobody's answer comes, or is given up, before everything is
        // written: a process may end as soon as it has one.
        let late = self.queue.take(Duration::ZERO);
        if let Some(reply) = closing.first() {
            let _ = reply.send(flushed);
        }
        drop((closing, late));
    }
}

/// Does what was handed over, in order, up to a wish to close; whom to tell when everything is closed
/// goes to `closing`.
fn obey(writer: &mut Writer, tasks: Vec<Task>, closing: &mut Vec<Reply<()>>) {
    for task in tasks {
        match task {
            Task::Command(_, Command::Close(reply)) => closing.push(reply),
            _ if !closing.is_empty() => {}
            Task::Event(event) => writer.take([event]),
            Task::Command(_, command) => {
                writer.work();
                answer(writer, command);
            }
        }
    }
    writer.work();
}

fn answer(writer: &mut Writer, command: Command) {
    // Whoever asked may have given up.
    let _ = match command {
        Command::Mark(mark, reply) => reply.send(writer.mark(&mark)).is_ok(),
        Command::Snapshot(reply) => reply.send(writer.snapshot()).is_ok(),
        Command::Committed(reply) => reply.send(writer.committed_state()).is_ok(),
        Command::Cosigned(told, reply) => {
            let (note, witness, nonce) = *told;
            let answer = writer.cosigned(&note, &witness, nonce.as_deref());
            reply.send(answer).is_ok()
        }
        Command::Predecessor(note, known_by, reason, reply) => {
            let answer = writer.predecessor(&note, known_by, reason);
            reply.send(answer).is_ok()
        }
        Command::Practice(mark, reply) => reply.send(writer.practice(&mark)).is_ok(),
        Command::Device(device, reply) => reply.send(writer.device_changed(*device)).is_ok(),
        Command::Recorded(recorded, reply) => reply.send(writer.set_recorded(recorded)).is_ok(),
        Command::Offset(offset, reply) => {
            writer.set_utc_offset(offset);
            reply.send(Ok(())).is_ok()
        }
        Command::Keep(note, reply) => reply.send(writer.keep(&note)).is_ok(),
        Command::Close(reply) => reply.send(Err(Error::JournalClosed)).is_ok(),
    };
}

/// A panic costs what was at hand; the log goes on from what is on the disk.
fn guarded(writer: &mut Writer, what: impl FnOnce(&mut Writer)) {
    let caught = catch_unwind(AssertUnwindSafe(|| what(&mut *writer)));
    if let Err(payload) = caught {
        let payload: &(dyn Any + Send) = payload.as_ref();
        writer.panicked(panic_text(payload));
    }
}

/// Whether the thread has ended.
#[derive(Debug, Default)]
struct Ended {
    flag: AtomicBool,
}

impl Ended {
    fn set(&self) {
        self.flag.store(true, Ordering::Release);
    }

    fn is_set(&self) -> bool {
        self.flag.load(Ordering::Acquire)
    }
}

/// Says that the thread has ended, however it ends.
struct End {
    shared: Arc<Shared>,
    ended: Arc<Ended>,
}

impl Drop for End {
    fn drop(&mut self) {
        self.shared.closes();
        self.ended.set();
    }
}
