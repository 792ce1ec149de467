//! Polls inside this process: Portlog's against the bare read of the same kernel data.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::hint::black_box;
use std::io::Write as _;

use portlog_agent::{Clock, ListSet, Pipeline, SourceChoice, Subject, SystemClock, read_list};
use portlog_model::{Event, Protocol, Table};
use portlog_tests::allocations::by_this_thread;

use crate::bare::{BareDump, BareRead};
use crate::report::Report;
use crate::sockets::Sockets;
use crate::turns::{Candidate, Times, median_us, ratio, take_turns, thread_cpu};

/// Connections that end, and as many that begin, between two polls.
const CHURN: usize = 20;
/// Entries of the list that peers are compared with.
const ENTRIES: u16 = 10_000;

/// Nothing happens.
pub(crate) fn steady(turns: usize, report: &mut Report) {
    let procfs = RefCell::new(Looker::new(SourceChoice::Procfs, false));
    let diag = RefCell::new(Looker::new(SourceChoice::Diag, false));
    for looker in [&procfs, &diag] {
        looker.borrow_mut().settle();
    }
    let (mut read, mut dump) = (BareRead::of(Table::ALL), BareDump::open());
    count_rows(&procfs.borrow(), report);
    assert_eq!(read.rows(), procfs.borrow().rows(), "bare read and procfs");
    assert_eq!(dump.rows(), diag.borrow().rows(), "bare dump and diag");

    let [bare_read, by_procfs, by_crate, bare_dump, by_diag] = take_turns(
        turns,
        [
            Candidate::new(|| read.all()),
            Candidate::new(|| procfs.borrow_mut().look()),
            Candidate::new(peer),
            Candidate::new(|| dump.all()),
            Candidate::new(|| diag.borrow_mut().look()),
        ],
        thread_cpu,
        || {},
    );
    report.count("turns", u64::try_from(turns).unwrap());
    let mut add = |name: &str, times: &Times, by: Option<&Times>| {
        report.add(format!("poll.{name}.us"), median_us(&times.cpu));
        if let Some(by) = by {
            report.add(format!("poll.{name}.ratio"), ratio(&times.cpu, &by.cpu));
        }
    };
    add("bare-read", &bare_read, None);
    add("procfs", &by_procfs, Some(&bare_read));
    add("procfs-crate", &by_crate, Some(&bare_read));
    add("bare-dump", &bare_dump, None);
    add("diag", &by_diag, Some(&bare_dump));
    for (name, looker) in [("procfs", procfs), ("diag", diag)] {
        let looker = looker.into_inner();
        report.count(format!("poll.{name}.allocations"), looker.allocations);
        report.count(format!("poll.{name}.unchanged"), looker.unchanged);
    }
}

/// Connections come and go before every poll.
pub(crate) fn with_churn(sockets: &mut Sockets, turns: usize, report: &mut Report) {
    let procfs = RefCell::new(Looker::new(SourceChoice::Procfs, false));
    let diag = RefCell::new(Looker::new(SourceChoice::Diag, false));
    let programs = RefCell::new(Looker::new(SourceChoice::Diag, true));
    for looker in [&procfs, &diag, &programs] {
        looker.borrow_mut().settle();
    }
    let (mut read, mut dump) = (BareRead::of(Table::ALL), BareDump::open());
    let [bare_read, by_procfs, bare_dump, by_diag, by_programs] = take_turns(
        turns,
        [
            Candidate::new(|| read.all()),
            Candidate::new(|| procfs.borrow_mut().look()),
            Candidate::new(|| dump.all()),
            Candidate::new(|| diag.borrow_mut().look()),
            Candidate::new(|| programs.borrow_mut().look()),
        ],
        thread_cpu,
        || sockets.replace(CHURN),
    );
    report.count("churn.sockets", u64::try_from(2 * CHURN).unwrap());
    for (name, times) in [("bare-read", &bare_read), ("bare-dump", &bare_dump)] {
        report.add(format!("churn.{name}.us"), median_us(&times.cpu));
    }
    for (name, looker, times, bare) in [
        ("procfs", &procfs, &by_procfs, &bare_read),
        ("diag", &diag, &by_diag, &bare_dump),
        ("diag-programs", &programs, &by_programs, &bare_dump),
    ] {
        report.add(format!("churn.{name}.us"), median_us(&times.cpu));
        report.add(format!("churn.{name}.ratio"), ratio(&times.cpu, &bare.cpu));
        let a_turn = looker.borrow().events / u64::try_from(turns + 1).unwrap();
        report.count(format!("churn.{name}.events"), a_turn);
    }
}

/// A pipeline, and what its polls brought.
struct Looker {
    pipeline: Pipeline,
    told: Vec<Event>,
    /// Polls in which nothing changed, and how often these asked for memory.
    unchanged: u64,
    allocations: u64,
    events: u64,
}

impl Looker {
    fn new(source: SourceChoice, programs: bool) -> Self {
        let subject = Subject {
            source,
            programs,
            lists: list(),
            ..Subject::this_machine()
        };
        Self {
            pipeline: Pipeline::open(subject).unwrap(),
            told: Vec::new(),
            unchanged: 0,
            allocations: 0,
            events: 0,
        }
    }

    /// The first looks find everything new and make room for it.
    fn settle(&mut self) {
        let before = by_this_thread();
        self.look();
        assert!(by_this_thread() > before, "the counter does not count");
        for _ in 0..2 {
            self.look();
        }
        (self.unchanged, self.allocations, self.events) = (0, 0, 0);
    }

    fn look(&mut self) {
        self.told.clear();
        let before = by_this_thread();
        let poll = self
            .pipeline
            .poll(SystemClock.now().moment, &mut self.told)
            .unwrap()
            .unwrap();
        if !poll.changed {
            self.unchanged += 1;
            self.allocations += by_this_thread() - before;
        }
        self.events += u64::try_from(self.told.len()).unwrap();
    }

    fn rows(&self) -> usize {
        self.pipeline.batch().rows.len()
    }
}

/// What reading the tables by the best-known crate costs; it has four of the ten.
fn peer() {
    black_box((
        procfs::net::tcp().unwrap(),
        procfs::net::tcp6().unwrap(),
        procfs::net::udp().unwrap(),
        procfs::net::udp6().unwrap(),
    ));
}

/// Addresses that nobody here talks to, in the form of a list.
fn list() -> ListSet {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    for number in 0..ENTRIES {
        let [high, low] = number.to_be_bytes();
        writeln!(file, "2001:db8::{high:x}:{low:x}").unwrap();
    }
    file.flush().unwrap();
    ListSet::new(vec![read_list(file.path(), None).unwrap().list])
}

fn count_rows(looker: &Looker, report: &mut Report) {
    let mut by_protocol: BTreeMap<Protocol, u64> = BTreeMap::new();
    for row in &looker.pipeline.batch().rows {
        *by_protocol.entry(row.table.protocol()).or_default() += 1;
    }
    let of = |protocol| by_protocol.get(&protocol).copied().unwrap_or(0);
    report.count("rows.all", by_protocol.values().sum());
    report.count("rows.tcp", of(Protocol::Tcp));
    report.count("rows.udp", of(Protocol::Udp));
}
