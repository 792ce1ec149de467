//! The phone as a source: what is asked when, and what becomes of the answers.

use std::sync::Arc;
use std::time::{Duration, Instant};

use portlog_model::{CoverageStatus, Provenance, SourceKind, Table, Unreachable};
use portlog_sockets::counters::{CounterWidth, Totals, parse_qtaguid};
use portlog_sockets::{Batch, Handed, Polled, Source, TextTables};

use super::error::Error;
use super::facts::{PhoneFacts, parse_clock};
use super::frames::Section;
use super::link::{Link, Lost, Open, Opened, Stage, offset_of, open};
use super::packages::{Packages, users};
use super::program::Adb;
use super::script::word;
use super::session::Heard;
use super::tables::{refusal, text_of};
use crate::{News, Remote, clock};

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

/// What is asked now and then.
#[derive(Debug)]
struct Schedule {
    counters: Option<Instant>,
    clock: Instant,
    packages: Instant,
}

impl AdbSource {
    /// A poll waits for so long; what has not come by then is taken up by the next.
    const WAIT: Duration = Duration::from_millis(700);
    /// A phone that has not sent its tables by then does not answer.
    const PATIENCE: Duration = Duration::from_secs(15);
    /// The same for its packages: `dumpsys package` of an old phone takes long.
    const LONG_PATIENCE: Duration = Duration::from_secs(90);
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
        match lost.look(&self.adb, &self.phone.serial) {
            None => false,
            Some(Ok(opened)) => {
                self.come_back(opened);
                true
            }
            Some(Err(error)) => {
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
                        return Ok(Polled::Handed(Handed {
                            at: clock::moment(),
                            awake: clock::awake(),
                            more: false,
                        }));
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

/// The tables, read once, and those that changed a second time.
struct Answered {
    first: Vec<Section>,
    again: Vec<Section>,
}
