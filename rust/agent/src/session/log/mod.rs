//! The signed log of a session: opened with the watch, kept beside it, asked by the front end.
//!
//! [`LogBook`] has the recorder (which owns the log on a thread of its own) and answers the requests of
//! [`views`]. It is asked on the front end's threads; the poll thread only hands events to the recorder
//! and never waits for it. That a log cannot be opened is no reason not to watch: the status says so.

mod answers;
mod bundle;
mod entry;
mod kept;
mod pages;
mod sharing;
pub(crate) mod views;
mod witness;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use portlog_journal::{DataKey, UtcOffset};
use portlog_model::fault::chain;
use portlog_model::{DeathReason, Event, EventKind, GapReason, Moment, WallTime};
use portlog_words::log::LogSentence;

use self::kept::Kept;
use self::views::{DeviceFeed, LogAnswer, LogRequest};
use self::witness::WitnessDesk;
use super::config::LogConfig;
use super::render::Voice;
use crate::Error;
use crate::clock::Clock;
use crate::testimony::{
    self, Device, Keys, PracticeMark, PracticeOutcome, Reader, Recorded, Recorder, SelinuxMode,
    Testimony,
};

/// The signed log of a session.
pub(crate) struct LogBook {
    state_folder: PathBuf,
    /// Where the log lies.
    folder: PathBuf,
    clock: Arc<dyn Clock>,
    /// Held by whoever opens the store where no recorder has it: it can be opened once at a time.
    alone: Mutex<()>,
    inner: Mutex<Inner>,
}

struct Inner {
    recorder: Option<Recorder>,
    /// What seals the secrets; `None` where they lie in files.
    key: Option<DataKey>,
    /// What the framework said last of the phone.
    device: DeviceFeed,
    /// Since when it could not be opened, and why.
    failed: Option<(WallTime, String)>,
    offset: Option<UtcOffset>,
    kept: Kept,
}

/// What a request is answered with besides the log.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Circumstances {
    pub(crate) voice: Voice,
    pub(crate) now: Moment,
    /// When a match was last raised, as far as the history tells.
    pub(crate) last_match: Option<WallTime>,
}

impl LogBook {
    /// The book in the state folder. A log that is there is opened at once; one that is not begins with
    /// the watch.
    pub(crate) fn open(
        config: LogConfig,
        state_folder: &Path,
        utc_offset_seconds: i32,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let folder = state_folder.join("log");
        let book = Self {
            state_folder: state_folder.to_owned(),
            clock,
            alone: Mutex::new(()),
            inner: Mutex::new(Inner {
                recorder: None,
                key: config.key,
                device: config.device,
                failed: None,
                offset: offset(utc_offset_seconds),
                kept: Kept::load(state_folder),
            }),
            folder,
        };
        if book.exists() {
            book.recorder_for_run();
        }
        book
    }

    /// The recorder of a run that begins now; `None` where no log is to be kept, or none can be.
    pub(crate) fn recorder_for_run(&self) -> Option<Recorder> {
        let _alone = self.alone();
        let mut inner = self.inner();
        if !inner.kept.on {
            return None;
        }
        if inner.recorder.is_none() {
            let whose = recorded(inner.kept.everyone);
            match self.record(whose, &inner) {
                Ok(recorder) => {
                    inner.failed = None;
                    inner.recorder = Some(recorder);
                }
                Err(error) => {
                    let since = match inner.failed.take() {
                        Some((since, _)) => since,
                        None => self.clock.now().moment.wall,
                    };
                    inner.failed = Some((since, chain(&error)));
                }
            }
        }
        inner.recorder.clone()
    }

    /// What the watch records into, where it does.
    pub(crate) fn recorder(&self) -> Option<Recorder> {
        self.inner().recorder.clone()
    }

    /// Another zone.
    pub(crate) fn set_offset(&self, utc_offset_seconds: i32) {
        let offset = offset(utc_offset_seconds);
        let mut inner = self.inner();
        let changed = inner.offset != offset;
        inner.offset = offset;
        let recorder = inner.recorder.clone();
        drop(inner);
        if changed && let Some(recorder) = recorder {
            // Times stay right without it: only how they are written is another.
            let _ = recorder.set_utc_offset(offset);
        }
    }

    /// Writes what became of a practice alert, where a log is written.
    pub(crate) fn practised(&self, failed: Option<&str>) {
        if let Some(recorder) = self.recorder() {
            let outcome = match failed {
                None => PracticeOutcome::Passed,
                Some(_) => PracticeOutcome::Failed,
            };
            // That it cannot be written is in the recorder's health.
            let _ = recorder.practice(PracticeMark {
                outcome,
                connection: None,
                remote: None,
                detail: failed.map(str::to_owned),
            });
        }
    }

    /// Writes that the system told of a death of this process: a gap, noticed now.
    pub(crate) fn died(&self, at: Moment, reason: DeathReason) {
        if let Some(recorder) = self.recorder() {
            let kind = EventKind::Gap {
                from: None,
                reason: GapReason::Died(reason),
            };
            recorder.record(&[Event { at, kind }]);
        }
    }

    /// Writes a setting's new value, where no watch is on to tell it.
    pub(crate) fn configured(&self, at: Moment, name: Arc<str>, value: Arc<str>) {
        if let Some(recorder) = self.recorder() {
            let kind = EventKind::Config { name, value };
            recorder.record(&[Event { at, kind }]);
        }
    }

    /// Whether a log is to be written.
    pub(crate) fn is_on(&self) -> bool {
        self.inner().kept.on
    }

    /// Whether everyone's connections are recorded, and not those of firmware alone.
    pub(crate) fn keeps_everyone(&self) -> bool {
        self.inner().kept.everyone
    }

    /// Why nothing can be added to it, where nobody writes it.
    fn why_not_written(&self) -> LogSentence<'static> {
        if self.is_on() {
            LogSentence::None
        } else {
            LogSentence::Off
        }
    }

    /// Switches it on or off. The watch must be stopped.
    pub(crate) fn switch(&self, on: bool) -> Result<(), Error> {
        let mut kept = self.inner().kept.clone();
        kept.on = on;
        self.keep(kept)?;
        if on {
            if self.exists() {
                self.recorder_for_run();
            }
            Ok(())
        } else {
            let _alone = self.alone();
            self.close()
        }
    }

    /// "Erase everything": the log, its keys, and what this phone knows as a witness; what comes next is
    /// sealed by `key`. The watch must be stopped.
    pub(crate) fn erase(&self, key: Option<DataKey>) -> Result<(), Error> {
        let _alone = self.alone();
        self.close()?;
        match testimony::erase(&self.folder) {
            Ok(()) | Err(Error::NoJournal { .. }) => {}
            Err(error) => return Err(error),
        }
        self.witness_desk().erase()?;
        let mut inner = self.inner();
        inner.failed = None;
        inner.key = key;
        let (on, everyone) = (inner.kept.on, inner.kept.everyone);
        inner.kept = Kept {
            on,
            everyone,
            ..Kept::default()
        };
        if inner.kept == Kept::default() {
            Kept::remove(&self.state_folder);
            Ok(())
        } else {
            inner.kept.save(&self.state_folder)
        }
    }

    /// Commits what waits and ends the log's thread.
    pub(crate) fn close(&self) -> Result<(), Error> {
        let recorder = self.inner().recorder.take();
        recorder.map_or(Ok(()), |recorder| recorder.close())
    }

    /// Answers; `Keep` and `Erase` as if they had been done.
    pub(crate) fn answer(
        &self,
        request: &LogRequest,
        about: &Circumstances,
    ) -> Result<LogAnswer, Error> {
        let _alone = self.recorder().is_none().then(|| self.alone());
        Ok(match request {
            LogRequest::Status | LogRequest::Keep(_) | LogRequest::Erase { .. } => {
                LogAnswer::Status(self.status(about)?)
            }
            LogRequest::Page(query) => LogAnswer::Page(self.page(query, about)?),
            LogRequest::Mark(mark) => LogAnswer::Outcome(self.mark(mark, about)?),
            LogRequest::Preview(choice) => LogAnswer::Preview(self.preview(choice, about)?),
            LogRequest::Export { choice, path } => {
                LogAnswer::Exported(self.export(choice, Path::new(path), about)?)
            }
            LogRequest::Saved => {
                self.saved(about)?;
                LogAnswer::BeforeReset(self.before_reset(about)?)
            }
            LogRequest::Checkpoint => LogAnswer::Checkpoint(self.checkpoint(about)?),
            LogRequest::Answer(text) => LogAnswer::Outcome(self.take_answer(text, about)?),
            LogRequest::Witness { path, name } => {
                LogAnswer::Witnessing(self.witness(Path::new(path), name, about)?)
            }
            LogRequest::Verify(path) => LogAnswer::Verdict(self.verify(Path::new(path), about)?),
            LogRequest::Predecessor(text) => LogAnswer::Outcome(self.predecessor(text, about)?),
            LogRequest::Record { everyone } => {
                self.record_everyone(*everyone)?;
                LogAnswer::Status(self.status(about)?)
            }
            LogRequest::Device(feed) => {
                self.device_is(feed)?;
                LogAnswer::Status(self.status(about)?)
            }
            LogRequest::BeforeReset => LogAnswer::BeforeReset(self.before_reset(about)?),
            LogRequest::PasswordsKnown(known) => {
                self.say(|kept| kept.passwords = *known)?;
                LogAnswer::BeforeReset(self.before_reset(about)?)
            }
            LogRequest::HeldByTwo(held) => {
                self.held_by_two(*held)?;
                LogAnswer::BeforeReset(self.before_reset(about)?)
            }
        })
    }

    fn record_everyone(&self, everyone: bool) -> Result<(), Error> {
        if let Some(recorder) = self.recorder() {
            recorder.set_recorded(recorded(everyone))?;
        }
        let mut kept = self.inner().kept.clone();
        kept.everyone = everyone;
        self.keep(kept)
    }

    /// What the phone is from now on: for the entries to come, and at once where a log is written.
    fn device_is(&self, feed: &DeviceFeed) -> Result<(), Error> {
        let recorder = {
            let mut inner = self.inner();
            inner.device = feed.clone();
            inner.recorder.clone()
        };
        recorder.map_or(Ok(()), |recorder| recorder.device_changed(device(feed)))
    }

    /// The state of the log, where there is one; what waits is committed first.
    fn reader(&self) -> Result<Option<Reader>, Error> {
        self.read(Recorder::reader)
    }

    /// The state of the log that was committed last, where there is one.
    fn committed(&self) -> Result<Option<Reader>, Error> {
        self.read(Recorder::committed)
    }

    fn read(
        &self,
        running: impl FnOnce(&Recorder) -> Result<Reader, Error>,
    ) -> Result<Option<Reader>, Error> {
        if let Some(recorder) = self.recorder() {
            return running(&recorder).map(Some);
        }
        match Reader::open(&self.folder) {
            Ok(reader) => Ok(Some(reader)),
            Err(Error::NoJournal { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Takes note of what the user said, about the log that there is.
    fn say(&self, change: impl FnOnce(&mut Kept)) -> Result<(), Error> {
        let origin = match self.reader()? {
            Some(reader) => reader.status()?.origin.as_str().to_owned(),
            None => String::new(),
        };
        let mut kept = self.inner().kept.clone();
        kept.about(&origin);
        change(&mut kept);
        self.keep(kept)
    }

    /// What is kept about the log called `origin`.
    fn kept(&self, origin: &str) -> Kept {
        let mut kept = self.inner().kept.clone();
        kept.about(origin);
        kept
    }

    fn keep(&self, kept: Kept) -> Result<(), Error> {
        kept.save(&self.state_folder)?;
        self.inner().kept = kept;
        Ok(())
    }

    fn exists(&self) -> bool {
        self.folder.join("journal.redb").exists()
    }

    /// What this phone needs to be a witness.
    fn witness_desk(&self) -> WitnessDesk {
        WitnessDesk::new(&self.state_folder, self.inner().key.clone())
    }

    fn record(&self, recorded: Recorded, inner: &Inner) -> Result<Recorder, Error> {
        let keys = match &inner.key {
            Some(key) => Keys::Sealed(key.clone()),
            None => Keys::Folder,
        };
        let testimony = Testimony {
            keys,
            recorded,
            utc_offset: inner.offset,
            ..Testimony::new(self.folder.clone(), device(&inner.device))
        };
        Recorder::open(testimony, Arc::clone(&self.clock))
    }

    fn alone(&self) -> MutexGuard<'_, ()> {
        self.alone.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const fn recorded(everyone: bool) -> Recorded {
    if everyone {
        Recorded::Everyone
    } else {
        Recorded::FirmwareAndUnknown
    }
}

fn offset(utc_offset_seconds: i32) -> Option<UtcOffset> {
    i16::try_from(utc_offset_seconds.div_euclid(60))
        .ok()
        .and_then(UtcOffset::from_minutes)
}

/// What the framework tells of the phone, and what the kernel does.
fn device(feed: &DeviceFeed) -> Device {
    let told = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    let machine = Device::of_this_machine();
    let kernel = nix::sys::utsname::uname()
        .ok()
        .and_then(|uname| uname.release().to_str().map(str::to_owned));
    let selinux = match feed.selinux.as_deref() {
        Some("enforcing") => Some(SelinuxMode::Enforcing),
        Some("permissive") => Some(SelinuxMode::Permissive),
        Some("absent") => Some(SelinuxMode::Absent),
        _ => machine.selinux,
    };
    Device {
        model: told(&feed.model).or(machine.model),
        fingerprint: told(&feed.fingerprint).or(machine.fingerprint),
        tags: told(&feed.tags),
        security_patch: told(&feed.security_patch),
        kernel: machine.kernel.or(kernel),
        baseband: told(&feed.baseband),
        verified_boot: told(&feed.verified_boot),
        bootloader: told(&feed.bootloader),
        selinux,
        adb: feed.adb,
        apk_signer: feed.apk_signer.as_deref().and_then(digest),
    }
}

/// 32 bytes in hexadecimal.
fn digest(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (at, byte) in bytes.iter_mut().enumerate() {
        let digits = text.get(at.checked_mul(2)?..)?.get(..2)?;
        *byte = u8::from_str_radix(digits, 16).ok()?;
    }
    Some(bytes)
}
