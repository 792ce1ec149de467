//! The phone as a source: what is asked when, and what becomes of the answers.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::thread;
use std::time::{Duration, Instant};

use nix::time::{ClockId, clock_gettime};
use portlog_model::{
    BootTime, CoverageStatus, Moment, Provenance, SourceKind, Table, Unreachable, WallTime,
};
use portlog_sockets::counters::{CounterWidth, Totals, parse_qtaguid};
use portlog_sockets::{Batch, Handed, Polled, Source, TextTables};

use super::error::Error;
use super::facts::{PhoneFacts, parse_clock};
use super::frames::Section;
use super::packages::{Packages, users};
use super::program::Adb;
use super::script::{HELLO, word};
use super::session::{Heard, Session};
use crate::{News, Remote};

/// A phone that answered.
#[derive(Clone, Debug)]
pub struct Phone {
    /// What adb calls it by.
    pub serial: Arc<str>,
    /// What it says of itself.
    pub facts: PhoneFacts,
}

/// The socket tables of a phone, read over adb.
#[derive(Debug)]
pub struct AdbSource {
    adb: Adb,
    phone: Phone,
    link: Link,
    tables: TextTables,
    packages: Packages,
    totals: Totals,
    news: Vec<News>,
    absent: [bool; Table::ALL.len()],
    polls: u64,
    schedule: Schedule,
    /// The clock's offset that was told last.
    offset: Option<i64>,
    dialect: Option<Arc<str>>,
}

/// The way to the phone.
#[derive(Debug)]
enum Link {
    Open(Box<Open>),
    Lost(Lost),
}

/// A shell that answers.
#[derive(Debug)]
struct Open {
    session: Session,
    stage: Stage,
    by_terminal: bool,
}

/// What is asked.
#[derive(Debug)]
enum Stage {
    Packages(&'static [&'static str]),
    Tables,
    /// Once more for tables that changed, beside what they held first.
    Again(Vec<Section>),
}

/// While nothing comes.
#[derive(Debug)]
struct Lost {
    reason: Unreachable,
    attempt: Option<Receiver<Result<Opened, Error>>>,
    next: Instant,
    pause: Duration,
}

/// What is asked now and then.
#[derive(Debug)]
struct Schedule {
    counters: Option<Instant>,
    clock: Instant,
    packages: Instant,
}

/// A shell that answered.
struct Opened {
    session: Session,
    facts: PhoneFacts,
    offset: Option<i64>,
    by_terminal: bool,
}

impl AdbSource {
    /// A poll waits for so long; what has not come by then is taken up by the next.
    const WAIT: Duration = Duration::from_millis(700);
    /// A phone that has not sent its tables by then does not answer.
    const PATIENCE: Duration = Duration::from_secs(15);
    /// The same for its packages: `dumpsys package` of an old phone takes long.
    const LONG_PATIENCE: Duration = Duration::from_secs(90);
    /// The same for the first answer of a shell.
    const HELLO_PATIENCE: Duration = Duration::from_secs(20);
    /// The longest time between two looks for a phone that is gone.
    const LONGEST_PAUSE: Duration = Duration::from_secs(15);
    /// The time from one reading of the byte counters to the next.
    const COUNTERS_EVERY: Duration = Duration::from_secs(10);
    /// The time from one look at the phone's clock to the next.
    const CLOCK_EVERY: Duration = Duration::from_mins(1);
    /// Packages are asked for again no more often, on a phone where that is quick and on another.
    const PACKAGES_EVERY: [Duration; 2] = [Duration::from_secs(30), Duration::from_mins(5)];
    /// A table that was absent is asked for again after so many polls.
    const ABSENT_POLLS: u64 = 60;
    /// Clocks that differ by less from what was told are the same.
    const OFFSET_MILLIS: u64 = 2_000;

    /// Connects to the phone called `serial`, or to the only one. Waits until it answers, at most
    /// for twenty seconds.
    pub fn connect(adb: Adb, serial: Option<&str>) -> Result<Self, Error> {
        let serial = adb.choose(serial)?.serial;
        let opened = open(&adb, &serial)?;
        let phone = Phone {
            serial: Arc::from(serial),
            facts: opened.facts.clone(),
        };
        let lost = Link::Lost(Lost::new(Unreachable::Disconnected));
        let mut source = Self::new(adb, phone, lost);
        source.begin(opened);
        Ok(source)
    }

    /// The same phone again, which need not be there: the source looks for it.
    pub fn connect_later(adb: Adb, phone: Phone) -> Self {
        let lost = Link::Lost(Lost::new(Unreachable::Disconnected));
        Self::new(adb, phone, lost)
    }

    /// The phone, as it last said.
    pub const fn phone(&self) -> &Phone {
        &self.phone
    }

    fn new(adb: Adb, phone: Phone, link: Link) -> Self {
        Self {
            adb,
            phone,
            link,
            tables: TextTables::new(SourceKind::Adb),
            packages: Packages::default(),
            totals: Totals::new(CounterWidth::Bits64),
            news: Vec::new(),
            absent: [false; Table::ALL.len()],
            polls: 0,
            schedule: Schedule {
                counters: Some(Instant::now()),
                clock: Instant::now() + Self::CLOCK_EVERY,
                packages: Instant::now(),
            },
            offset: None,
            dialect: None,
        }
    }

    /// Takes up a shell that answered.
    fn begin(&mut self, opened: Opened) {
        self.news.push(News::Device(opened.facts.device.clone()));
        if let Some(offset) = opened.offset {
            self.tell_offset(offset);
        }
        self.phone.facts = opened.facts;
        self.link = Link::Open(Box::new(Open {
            session: opened.session,
            stage: Stage::Packages(&Packages::FIRST),
            by_terminal: opened.by_terminal,
        }));
    }

    /// Takes the phone up again, if it is back.
    fn try_back(&mut self) -> bool {
        let Link::Lost(lost) = &mut self.link else {
            return true;
        };
        match lost.attempt.as_ref().map(Receiver::try_recv) {
            None if Instant::now() >= lost.next => {
                let (sender, attempt) = channel();
                let (adb, serial) = (self.adb.clone(), Arc::clone(&self.phone.serial));
                thread::spawn(move || {
                    let found = adb.choose(Some(&serial)).or_else(|_| {
                        adb.connect_again(&serial);
                        adb.choose(Some(&serial))
                    });
                    // Whoever waited for it may have gone.
                    let _ = sender.send(found.and_then(|_| open(&adb, &serial)));
                });
                lost.attempt = Some(attempt);
                false
            }
            None | Some(Err(TryRecvError::Empty)) => false,
            Some(Ok(Ok(opened))) => {
                self.come_back(opened);
                true
            }
            Some(Ok(Err(error))) => {
                let reason = error.unreachable();
                let is_news = reason != lost.reason;
                lost.fail(reason);
                if is_news {
                    self.news.push(News::Gap {
                        since: None,
                        reason,
                    });
                }
                false
            }
            Some(Err(TryRecvError::Disconnected)) => {
                lost.fail(lost.reason);
                false
            }
        }
    }

    fn come_back(&mut self, opened: Opened) {
        let (before, now) = (&self.phone.facts, &opened.facts);
        let rebooted = match (&before.device.boot_id, &now.device.boot_id) {
            (Some(before), Some(now)) => before != now,
            _ => now.uptime < before.uptime,
        };
        let same_device = before.device == now.device;
        self.news.push(News::Back);
        if rebooted {
            self.news.push(News::Rebooted);
        }
        let told = self.news.len();
        self.begin(opened);
        if same_device {
            self.news.remove(told);
        }
    }

    fn lose(&mut self, reason: Unreachable) {
        self.news.push(News::Gap {
            since: None,
            reason,
        });
        self.link = Link::Lost(Lost::new(reason));
    }

    /// Says of every table that nothing came.
    fn refuse_all(&self, batch: &mut Batch) {
        batch.clear();
        for table in Table::ALL {
            self.tables
                .refuse(table, CoverageStatus::Denied, None, batch);
        }
    }

    /// What is asked for with the tables.
    fn words(&mut self) -> Vec<&'static str> {
        let again = self.polls.is_multiple_of(Self::ABSENT_POLLS);
        let mut words: Vec<&'static str> = Table::ALL
            .into_iter()
            .zip(&self.absent)
            .filter(|(_, absent)| again || !**absent)
            .map(|(table, _)| word(table))
            .collect();
        let now = Instant::now();
        if self.schedule.counters.is_some_and(|due| now >= due) {
            self.schedule.counters = Some(now + Self::COUNTERS_EVERY);
            words.push("bytes");
        }
        if now >= self.schedule.clock {
            self.schedule.clock = now + Self::CLOCK_EVERY;
            words.extend(["clock", "up"]);
        }
        words
    }

    /// What to ask next, where nothing is on its way.
    fn ask(&mut self) {
        let words = match &self.link {
            Link::Open(open) if !open.session.is_asked() => match &open.stage {
                Stage::Packages(words) => words.to_vec(),
                Stage::Tables => self.words(),
                Stage::Again(first) => {
                    let is_datagram = |section: &&Section| {
                        section.word.starts_with("net/") && !section.word.starts_with("net/tcp")
                    };
                    let wanted: Vec<&str> = first
                        .iter()
                        .filter(is_datagram)
                        .map(|section| section.word.as_str())
                        .collect();
                    let words = Table::ALL.map(word);
                    words
                        .into_iter()
                        .filter(|word| wanted.contains(word))
                        .collect()
                }
            },
            Link::Open(_) | Link::Lost(_) => return,
        };
        if let Link::Open(open) = &mut self.link {
            let patience = match open.stage {
                Stage::Packages(_) => Self::LONG_PATIENCE,
                Stage::Tables | Stage::Again(_) => Self::PATIENCE,
            };
            // Without randomness nothing is asked, and nothing heard: the phone counts as silent.
            let _ = open.session.ask(&words, patience);
        }
    }

    /// Takes a whole answer; the tables, where it completes them.
    fn take(&mut self, sections: Vec<Section>) -> Option<Answered> {
        let Link::Open(open) = &mut self.link else {
            return None;
        };
        match std::mem::replace(&mut open.stage, Stage::Tables) {
            Stage::Packages(_) => {
                self.take_packages(&sections);
                None
            }
            Stage::Tables => {
                self.take_sundries(&sections);
                let mut changed = false;
                for table in Table::ALL {
                    if let Some(text) = text_of(&sections, table) {
                        changed |= self.tables.may_have_missed(table, text);
                    }
                }
                if changed && let Link::Open(open) = &mut self.link {
                    open.stage = Stage::Again(sections);
                    return None;
                }
                Some(Answered {
                    first: sections,
                    again: Vec::new(),
                })
            }
            Stage::Again(first) => Some(Answered {
                first,
                again: sections,
            }),
        }
    }

    fn take_packages(&mut self, sections: &[Section]) {
        let list = self.packages.read(sections);
        self.news.push(News::Packages(list));
        let slow = usize::from(self.packages.is_slow());
        let every = Self::PACKAGES_EVERY.get(slow).copied().unwrap_or_default();
        self.schedule.packages = Instant::now() + every;
        if let Some(text) = sections
            .iter()
            .find(|section| section.word == "users")
            .and_then(Section::done)
        {
            let users = users(text);
            if !users.is_empty() {
                self.news.push(News::Users(users));
            }
        }
        self.tell_dialect();
    }

    fn tell_dialect(&mut self) {
        let by_terminal = matches!(&self.link, Link::Open(open) if open.by_terminal);
        let words = match (by_terminal, self.packages.is_slow()) {
            (false, false) => return,
            (true, false) => "an old adb on the phone: its shell is a terminal",
            (false, true) => "packages by dumpsys alone: new ones are noticed within minutes",
            (true, true) => {
                "an old adb on the phone: its shell is a terminal; packages by dumpsys alone: new ones \
                 are noticed within minutes"
            }
        };
        if self.dialect.as_deref() != Some(words) {
            let words: Arc<str> = Arc::from(words);
            self.dialect = Some(Arc::clone(&words));
            self.news.push(News::Dialect(words));
        }
    }

    /// Counters and clock, where they were asked for.
    fn take_sundries(&mut self, sections: &[Section]) {
        for section in sections {
            match (section.word.as_str(), section.done()) {
                ("bytes", text) => self.take_counters(text),
                ("clock", Some(text)) => {
                    let wall = parse_clock(&String::from_utf8_lossy(text));
                    if let Some(offset) = wall.and_then(offset_of) {
                        self.tell_offset(offset);
                    }
                }
                _ => {}
            }
        }
    }

    fn take_counters(&mut self, text: Option<&[u8]>) {
        let Some(text) = text else {
            // This kernel has none.
            self.schedule.counters = None;
            return;
        };
        if parse_qtaguid(text, &mut self.totals, &mut |_| {}).is_ok() {
            self.news.push(News::Counters(self.totals.rows().to_vec()));
        }
    }

    fn tell_offset(&mut self, millis: i64) {
        let is_news = self
            .offset
            .is_none_or(|told| told.abs_diff(millis) > Self::OFFSET_MILLIS);
        if is_news {
            self.offset = Some(millis);
            self.news.push(News::ClockOffset { millis });
        }
    }

    /// Puts the tables into `batch`.
    fn fill(&mut self, answered: &Answered, batch: &mut Batch) {
        batch.clear();
        for (table, absent) in Table::ALL.into_iter().zip(&mut self.absent) {
            let wanted = word(table);
            let find = |sections: &'_ [Section]| {
                sections.iter().position(|section| section.word == wanted)
            };
            let Some(section) = find(&answered.first).and_then(|at| answered.first.get(at)) else {
                self.tables
                    .refuse(table, CoverageStatus::Absent, None, batch);
                continue;
            };
            if let Some((status, errno)) = refusal(section) {
                *absent = status == CoverageStatus::Absent;
                self.tables.refuse(table, status, errno, batch);
                continue;
            }
            *absent = false;
            let again = text_of(&answered.again, table);
            let broke_off = section.truncated || section.status != Some(0);
            let truncated_at = broke_off.then_some(section.text.len() as u64);
            self.tables
                .add(table, &section.text, again, truncated_at, batch);
        }
        self.polls = self.polls.saturating_add(1);
        let lacks =
            |row: &portlog_model::SocketRow| row.uid.is_some_and(|uid| self.packages.lacks(uid));
        if Instant::now() >= self.schedule.packages
            && batch.rows.iter().any(lacks)
            && let Link::Open(open) = &mut self.link
        {
            open.stage = Stage::Packages(self.packages.words_again());
        }
    }
}

impl Source for AdbSource {
    fn provenance(&self) -> Provenance {
        Provenance::Adb
    }

    fn kind(&self) -> SourceKind {
        SourceKind::Adb
    }

    fn poll(&mut self, batch: &mut Batch) -> Result<Polled, portlog_sockets::Error> {
        batch.clear();
        if !self.try_back() {
            self.refuse_all(batch);
            return Ok(Polled::Now);
        }
        let until = Instant::now() + Self::WAIT;
        loop {
            self.ask();
            let Link::Open(open) = &mut self.link else {
                self.refuse_all(batch);
                return Ok(Polled::Now);
            };
            match open
                .session
                .hear(until.saturating_duration_since(Instant::now()))
            {
                Heard::Waiting => return Ok(Polled::Nothing),
                Heard::Silent => self.lose(Unreachable::Silent),
                Heard::Ended => self.lose(Unreachable::Disconnected),
                Heard::Whole { sections, .. } => {
                    if let Some(answered) = self.take(sections) {
                        self.fill(&answered, batch);
                        return Ok(Polled::Handed(now()));
                    }
                }
            }
        }
    }
}

impl Remote for AdbSource {
    fn news(&mut self, news: &mut Vec<News>) {
        news.append(&mut self.news);
    }
}

impl Lost {
    fn new(reason: Unreachable) -> Self {
        Self {
            reason,
            attempt: None,
            next: Instant::now(),
            pause: Duration::from_secs(1),
        }
    }

    fn fail(&mut self, reason: Unreachable) {
        self.reason = reason;
        self.attempt = None;
        self.next = Instant::now() + self.pause;
        self.pause = (self.pause * 2).min(AdbSource::LONGEST_PAUSE);
    }
}

/// The tables, read once, and those that changed a second time.
struct Answered {
    first: Vec<Section>,
    again: Vec<Section>,
}

/// Opens a shell and asks the first questions.
fn open(adb: &Adb, serial: &str) -> Result<Opened, Error> {
    let mut session = Session::open(adb, serial)?;
    session.ask(&HELLO, AdbSource::HELLO_PATIENCE)?;
    loop {
        match session.hear(AdbSource::HELLO_PATIENCE) {
            Heard::Waiting => {}
            Heard::Whole {
                sections,
                by_terminal,
            } => {
                let facts = PhoneFacts::read(&sections);
                return Ok(Opened {
                    session,
                    offset: facts.wall_millis.and_then(offset_of),
                    facts,
                    by_terminal,
                });
            }
            Heard::Silent | Heard::Ended => {
                return Err(Error::Shell {
                    serial: serial.to_owned(),
                    said: session.said(),
                });
            }
        }
    }
}

/// The text of a table that was read.
fn text_of(sections: &[Section], table: Table) -> Option<&[u8]> {
    sections
        .iter()
        .find(|section| section.word == word(table))
        .filter(|section| refusal(section).is_none())
        .map(|section| section.text.as_slice())
}

/// Why a table has no rows, by what `cat` said in its place: the dialects of toolbox, toybox, busybox
/// and the shells' own `cat` all end in the C library's words.
fn refusal(section: &Section) -> Option<(CoverageStatus, Option<i32>)> {
    const SHORT: usize = 512;
    let text = &section.text;
    if section.status == Some(0) && text.len() > SHORT {
        return None;
    }
    let start = text.get(..SHORT).unwrap_or(text);
    let said = String::from_utf8_lossy(start);
    if said.contains("local_address") {
        return None;
    }
    let known = [
        ("Permission denied", CoverageStatus::Denied, Some(13)),
        ("Operation not permitted", CoverageStatus::Denied, Some(1)),
        ("No such file or directory", CoverageStatus::Absent, None),
    ];
    let known = known.into_iter().find(|(words, ..)| said.contains(words));
    match known {
        Some((_, status, errno)) => Some((status, errno)),
        None => (section.status != Some(0)).then_some((CoverageStatus::Denied, None)),
    }
}

/// How far a wall clock is ahead of this machine's.
fn offset_of(wall_millis: i64) -> Option<i64> {
    wall_millis.checked_sub(now().at.wall.as_millis())
}

/// Now, on the clocks that the watch lives by.
fn now() -> Handed {
    let read = |id| clock_gettime(id).map_or(Duration::ZERO, Duration::from);
    let wall = read(ClockId::CLOCK_REALTIME).as_millis();
    let boot = read(ClockId::CLOCK_BOOTTIME).as_nanos();
    Handed {
        at: Moment {
            wall: WallTime::from_millis(i64::try_from(wall).unwrap_or(i64::MAX)),
            boot: BootTime::from_nanos(u64::try_from(boot).unwrap_or(u64::MAX)),
        },
        awake: read(ClockId::CLOCK_MONOTONIC),
        more: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(text: &str, status: i32) -> Section {
        Section {
            word: "net/tcp".to_owned(),
            text: text.as_bytes().to_vec(),
            status: Some(status),
            truncated: false,
        }
    }

    #[test]
    fn a_denial_is_known_in_every_dialect() {
        let denied = Some((CoverageStatus::Denied, Some(13)));
        for said in [
            "/proc/net/tcp: Permission denied",
            "cat: /proc/net/tcp: Permission denied\n",
            "cat: can't open '/proc/net/tcp': Permission denied\n",
            "/system/bin/sh: cat: /proc/net/tcp: Permission denied\n",
        ] {
            assert_eq!(refusal(&section(said, 1)), denied, "{said}");
            assert_eq!(refusal(&section(said, 0)), denied, "{said}");
        }
        let gone = section("cat: /proc/net/tcp: No such file or directory\n", 1);
        assert_eq!(refusal(&gone), Some((CoverageStatus::Absent, None)));
        let broken = section("cat: not found", 127);
        assert_eq!(refusal(&broken), Some((CoverageStatus::Denied, None)));
        let table = section("  sl  local_address rem_address\n", 0);
        assert_eq!(refusal(&table), None);
        let broke_off = section("  sl  local_address rem_address\nPermission denied\n", 1);
        assert_eq!(refusal(&broke_off), None);
    }
}
