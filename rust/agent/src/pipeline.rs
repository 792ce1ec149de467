//! One poll, from the kernel's tables to events, on one thread and with the time passed in.
//!
//! Everything that can be tested without threads and clocks is here; [`crate::Agent`] adds those.
//! A poll in which nothing changed allocates nothing.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use portlog_blocklist::ListSet;
use portlog_model::{
    Change, Connection, CoverageStatus, Event, EventKind, Moment, Owner, Platform, Program,
    Provenance, SourceKind, Table, Uid, Unreachable,
};
use portlog_owners::{Directory, Programs};
use portlog_reach::{News, Remote};
use portlog_sockets::counters::UidBytes;
use portlog_sockets::{
    Batch, Handed, OwnSocket, Polled, PracticeSockets, SelfCheck, SocketTable, Source,
    TableSettings,
};
use portlog_watch::{NoNames, Settings, Watch};

use crate::Error;
use crate::byte_counters::{ByteCounters, Feeder};
use crate::config::Subject;
use crate::coverage::CoverageMemory;
use crate::holders::Holders;
use crate::names::{Bypass, NameBook, NamesMemory};
use crate::testimony::Device;

/// Makes a source; called again after a fault.
pub type OpenSource = Box<dyn FnMut() -> Result<Opened, Error> + Send>;

/// A source that was opened.
pub enum Opened {
    /// Of this machine's tables, or of a captured tree's.
    Here(Box<dyn Source>),
    /// Of another's, with news beside the rows.
    Elsewhere(Box<dyn Remote>),
}

impl Opened {
    /// What every source can do.
    pub(crate) fn source(&self) -> &dyn Source {
        match self {
            Self::Here(source) => source.as_ref(),
            Self::Elsewhere(remote) => remote.as_ref(),
        }
    }

    /// The same, to poll it.
    pub(crate) fn source_mut(&mut self) -> &mut dyn Source {
        match self {
            Self::Here(source) => source.as_mut(),
            Self::Elsewhere(remote) => remote.as_mut(),
        }
    }
}

impl<S: Source + 'static> From<S> for Opened {
    fn from(source: S) -> Self {
        Self::Here(Box::new(source))
    }
}

/// What a pipeline is made of.
pub struct Parts {
    /// Makes the source of rows.
    pub open_source: OpenSource,
    /// How the table joins polls.
    pub table: TableSettings,
    /// Who a UID is.
    pub directory: Directory,
    /// Looks up the program behind an inode, where that is wanted and possible.
    pub programs: Option<Programs>,
    /// The lists in force.
    pub lists: ListSet,
    /// Names for addresses.
    pub names: NameBook,
    /// The engine.
    pub watch: Watch,
    /// The tree whose byte counters are read, where it has any.
    pub counters_root: Option<PathBuf>,
    /// Whether sockets of our own are opened to check what the kernel shows.
    pub self_check: bool,
    /// Whether the package list was given by hand: what a source from elsewhere brings is left.
    pub packages_overridden: bool,
}

/// Rows in, events out.
pub struct Pipeline {
    open_source: OpenSource,
    pub(crate) source: Opened,
    self_check: Option<SelfCheck>,
    wants_self_check: bool,
    table: SocketTable,
    directory: Directory,
    programs: Option<Programs>,
    lists: ListSet,
    names: NameBook,
    bypass: Bypass,
    names_told: NamesMemory,
    watch: Watch,
    batch: Batch,
    changes: Vec<Change>,
    coverage: CoverageMemory,
    counters: Option<ByteCounters>,
    rehearsal: Option<Rehearsal>,
    pub(crate) packages_overridden: bool,
    /// When a source from elsewhere fell silent.
    pub(crate) silent_since: Option<(Moment, Unreachable)>,
    /// The latest look that could read tables.
    pub(crate) rows_at: Option<Moment>,
    /// Kept for its memory alone.
    own: Vec<OwnSocket>,
    /// Kept for its memory alone.
    pub(crate) news: Vec<News>,
    /// What the phone says of itself, until it is handed over.
    pub(crate) device: Option<Device>,
    /// Kept for its memory alone.
    questions: Vec<(Uid, Arc<str>)>,
    /// What a source from elsewhere said of the processes of UIDs.
    pub(crate) processes: BTreeMap<Uid, Vec<Program>>,
}

/// A practice connection, and the list that speaks of it alone.
struct Rehearsal {
    sockets: PracticeSockets,
    lists: ListSet,
}

/// What a poll was like.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Poll {
    /// When its rows were true.
    pub at: Moment,
    /// Whether anything changed.
    pub changed: bool,
    /// Whether the tables that this system has could be read.
    pub readable: bool,
    /// Where its rows came from.
    pub came: Came,
}

/// Where the rows of a poll came from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Came {
    /// They were read at the caller's time.
    Now,
    /// They have a time of their own: the next poll need not wait.
    Replayed,
    /// Another process of this machine read them.
    Handed(Handed),
    /// Nothing new was there to look at: `at` is the caller's time, and nothing else counts.
    Nothing,
}

impl Pipeline {
    /// UIDs whose processes are kept.
    pub(crate) const MAX_PROCESSES: usize = 4_096;

    /// A pipeline for `subject` with the engine's usual settings and no memory.
    pub fn open(subject: Subject) -> Result<Self, Error> {
        let scope = subject.scope;
        Self::new(subject.assemble(|platform| Settings::new(platform, scope)))
    }

    /// Opens the source, and sockets of our own where that is wanted and the source is live.
    pub fn new(mut parts: Parts) -> Result<Self, Error> {
        let source = (parts.open_source)()?;
        let self_check = open_self_check(source.source(), parts.self_check);
        Ok(Self {
            open_source: parts.open_source,
            source,
            self_check,
            wants_self_check: parts.self_check,
            table: SocketTable::new(parts.table),
            directory: parts.directory,
            programs: parts.programs,
            lists: parts.lists,
            names: parts.names,
            bypass: Bypass::default(),
            names_told: NamesMemory::default(),
            watch: parts.watch,
            batch: Batch::default(),
            changes: Vec::new(),
            coverage: CoverageMemory::default(),
            counters: parts.counters_root.as_deref().and_then(ByteCounters::find),
            rehearsal: None,
            packages_overridden: parts.packages_overridden,
            silent_since: None,
            rows_at: None,
            own: Vec::new(),
            news: Vec::new(),
            device: None,
            questions: Vec::new(),
            processes: BTreeMap::new(),
        })
    }

    /// How rows are obtained.
    pub fn provenance(&self) -> Provenance {
        self.source.source().provenance()
    }

    /// The interface that is asked first.
    pub fn source_kind(&self) -> SourceKind {
        self.source.source().kind()
    }

    /// What a UID means here.
    pub fn platform(&self) -> Platform {
        self.directory.platform()
    }

    /// The lists in force and the package list, as events.
    pub fn introduce(&self, at: Moment, events: &mut Vec<Event>) {
        let mut tell = |kind| events.push(Event { at, kind });
        tell(EventKind::Packages(self.directory.info()));
        for info in self.lists.infos() {
            tell(EventKind::List(info));
        }
    }

    /// Looks once; `None` when there is nothing more to read. `now` is the caller's clock; a source
    /// with a time of its own overrides it.
    pub fn poll(&mut self, now: Moment, events: &mut Vec<Event>) -> Result<Option<Poll>, Error> {
        let (at, came) = match self.source.source_mut().poll(&mut self.batch)? {
            Polled::Now => (now, Came::Now),
            Polled::At(at) => (at, Came::Replayed),
            Polled::Handed(handed) => (handed.at, Came::Handed(handed)),
            Polled::Nothing => {
                self.take_news(now, events);
                self.take_questions(now, events);
                return Ok(Some(Poll {
                    at: now,
                    changed: false,
                    readable: false,
                    came: Came::Nothing,
                }));
            }
            Polled::Finished => return Ok(None),
        };
        self.take_news(at, events);
        if is_readable(&self.batch) {
            self.rows_at = Some(at);
        }
        let changed = self.digest(at, events);
        Ok(Some(Poll {
            at,
            changed,
            readable: is_readable(&self.batch),
            came,
        }))
    }

    /// Says how often it is polled from now on.
    pub fn set_pace(&mut self, interval: Duration) {
        self.source.source_mut().set_pace(interval);
    }

    /// What the batch says: coverage, changes, and what the engine makes of them.
    fn digest(&mut self, at: Moment, events: &mut Vec<Event>) -> bool {
        let checked = match &mut self.self_check {
            Some(check) => {
                let others_moved = self
                    .counters
                    .as_ref()
                    .is_some_and(ByteCounters::others_moved);
                check.judge(&mut self.batch, others_moved);
                check.own()
            }
            None => self.source.source().own(),
        };
        self.own.clear();
        self.own.extend_from_slice(checked);
        if let Some(rehearsal) = &self.rehearsal {
            self.own.extend_from_slice(rehearsal.sockets.own());
        }
        self.changes.clear();
        self.table
            .poll(&self.batch, &self.own, at, &mut self.changes);
        for table in Table::ALL {
            self.batch.report_mut(table).not_tracked = self.table.overflowed_in(table);
        }
        self.coverage.tell_changes(&self.batch, at, events);
        self.tell_of_names(at, events);
        self.read_counters(at, events);
        self.take_questions(at, events);
        let changed = !self.changes.is_empty();
        if changed {
            self.judge_changes(at, events);
        }
        changed
    }

    /// Judges every open connection again, after a list or the package list became another.
    pub fn judge_again(&mut self, at: Moment, events: &mut Vec<Event>) {
        self.changes.clear();
        self.changes
            .extend(self.table.connections().map(|connection| Change::Changed {
                connection: *connection,
                was: connection.state,
                after: Some(at),
                by: at,
            }));
        self.changes.sort_by_key(|change| change.connection().id);
        self.judge_changes(at, events);
    }

    /// Puts other lists in force.
    pub fn set_lists(&mut self, lists: ListSet) {
        self.lists = lists;
    }

    /// Puts another package list in force.
    pub fn set_directory(&mut self, directory: Directory) {
        self.directory = directory;
    }

    /// Takes a reading of byte counters that the front end made; an empty one where nothing can be
    /// told, or where the next cannot be compared with those before.
    pub fn feed_counters(&mut self, rows: Vec<UidBytes>, at: Moment, events: &mut Vec<Event>) {
        self.take_counters(Feeder::FrontEnd, rows, at, events);
    }

    /// Takes a reading of byte counters that `feeder` brings.
    pub(crate) fn take_counters(
        &mut self,
        feeder: Feeder,
        rows: Vec<UidBytes>,
        at: Moment,
        events: &mut Vec<Event>,
    ) {
        let counters = self
            .counters
            .get_or_insert_with(|| ByteCounters::fed(feeder));
        if counters.takes(feeder, &rows) {
            counters.feed(
                rows,
                &self.table,
                &mut self.directory,
                &mut self.watch,
                at,
                events,
            );
        }
    }

    /// Opens a practice connection, of which `lists` alone speak, and they of nothing else. The
    /// next poll may show it. Fails as the system says.
    pub fn begin_practice(&mut self, lists: ListSet) -> std::io::Result<()> {
        let sockets = PracticeSockets::open()?;
        self.table.set_practice(Some(sockets.practice()));
        self.rehearsal = Some(Rehearsal { sockets, lists });
        Ok(())
    }

    /// Closes the practice connection, if there is one.
    pub fn end_practice(&mut self) {
        self.table.set_practice(None);
        self.rehearsal = None;
    }

    /// Whether a practice connection is open.
    pub const fn is_practising(&self) -> bool {
        self.rehearsal.is_some()
    }

    /// After a fault: a new source and an empty table; what was alerted before is remembered.
    pub fn restart(&mut self) -> Result<(), Error> {
        self.source = (self.open_source)()?;
        self.self_check = open_self_check(self.source.source(), self.wants_self_check);
        self.forget_connections();
        self.batch = Batch::default();
        self.changes = Vec::new();
        self.coverage = CoverageMemory::default();
        self.names_told = NamesMemory::default();
        Ok(())
    }

    /// The phone began anew: its table is empty, and its byte counters count from 0.
    pub(crate) fn forget_boot(&mut self) {
        self.forget_connections();
        if let Some(counters) = &mut self.counters {
            counters.begin_anew();
        }
    }

    /// Begins with an empty table; what was alerted before is remembered.
    fn forget_connections(&mut self) {
        self.table.reset();
        self.watch.forget_connections();
    }

    /// The engine.
    pub fn watch(&self) -> &Watch {
        &self.watch
    }

    /// The engine, to mute and unmute.
    pub fn watch_mut(&mut self) -> &mut Watch {
        &mut self.watch
    }

    /// The latest rows and what could be read of each table.
    pub fn batch(&self) -> &Batch {
        &self.batch
    }

    /// Who a UID is.
    pub fn directory(&self) -> &Directory {
        &self.directory
    }

    /// Connections known now.
    pub fn connections(&self) -> usize {
        self.table.len()
    }

    /// Reads the byte counters when they are due, and when a connection of nobody calls for them.
    fn read_counters(&mut self, at: Moment, events: &mut Vec<Event>) {
        let Some(counters) = &mut self.counters else {
            return;
        };
        let mut of_nobody = false;
        for change in &self.changes {
            match change.connection().uid {
                Some(uid) => counters.saw(uid),
                None => of_nobody |= matches!(change, Change::Opened { .. }),
            }
        }
        if of_nobody || counters.is_due(at) {
            counters.read(
                &self.table,
                &mut self.directory,
                &mut self.watch,
                at,
                events,
            );
        }
    }

    /// What there is to say of names, and what went past the tap.
    fn tell_of_names(&mut self, at: Moment, events: &mut Vec<Event>) {
        if !self.changes.is_empty() {
            let tap = self.names.tap();
            for change in &self.changes {
                if let Change::Opened { connection, .. } = change
                    && !connection.own
                {
                    self.bypass.count(connection.remote, connection.uid, &tap);
                }
            }
        }
        self.names_told
            .tell_changes(&self.names, self.bypass, at, events);
    }

    /// What follows from the names that were asked for since the latest look, before their
    /// connections are judged.
    fn take_questions(&mut self, at: Moment, events: &mut Vec<Event>) {
        self.names.take_questions(&mut self.questions);
        for (uid, name) in self.questions.drain(..) {
            let owner = self.directory.owner(Some(uid));
            self.watch.asked(&owner, &name, at, &self.lists, events);
        }
    }

    fn judge_changes(&mut self, at: Moment, events: &mut Vec<Event>) {
        let appeared = self
            .changes
            .iter()
            .filter(|change| !matches!(change, Change::Closed { .. }))
            .filter_map(|change| change.connection().inode);
        let mut holders = Holders::find(self.programs.as_mut(), appeared).told(&self.processes);
        // Its own list must not speak of others' loopback connections, nor theirs of it.
        let practised = if self.rehearsal.is_some() {
            self.changes
                .sort_unstable_by_key(|change| change.connection().practice);
            self.changes
                .partition_point(|change| !change.connection().practice)
        } else {
            self.changes.len()
        };
        let (others, practice) = self
            .changes
            .split_at_checked(practised)
            .unwrap_or((&self.changes, &[]));
        let directory = &mut self.directory;
        let mut owner_of =
            |connection: &Connection| -> Arc<Owner> { holders.owner(directory, connection) };
        self.watch
            .observe(others, at, &mut owner_of, &self.lists, &self.names, events);
        if let Some(rehearsal) = &self.rehearsal
            && !practice.is_empty()
        {
            self.watch.observe(
                practice,
                at,
                &mut owner_of,
                &rehearsal.lists,
                &NoNames,
                events,
            );
        }
    }
}

fn open_self_check(source: &dyn Source, wanted: bool) -> Option<SelfCheck> {
    (wanted && source.provenance() == Provenance::Live).then(SelfCheck::open)
}

/// Whether the tables that every kernel has were read (or are absent as IPv6 may be).
fn is_readable(batch: &Batch) -> bool {
    let main = [Table::Tcp, Table::Tcp6, Table::Udp, Table::Udp6];
    main.iter().any(|table| batch.report(*table).is_read())
        && main
            .iter()
            .all(|table| !matches!(batch.report(*table).status, CoverageStatus::Denied))
}
