//! A clock that is moved by hand and a source that follows a script.

use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use portlog_agent::{Agent, Clock, Error, OpenSource, Opened, Parts, Reading, Running};
use portlog_blocklist::{List, ListSet};
use portlog_model::{
    BootTime, Category, CoverageStatus, Endpoint, Event, EventKind, Level, Moment, Platform,
    Provenance, SocketRow, SocketState, SourceKind, Table, WallTime,
};
use portlog_owners::{Accounts, Directory};
use portlog_sockets::{Batch, Polled, Source, TableSettings};
use portlog_watch::{History, Scope, Settings, Watch};

/// What the source does at one poll; the last step is repeated.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Rows(Vec<SocketRow>),
    Panic(&'static str),
    Fail,
    Hang(Duration),
}

/// Steps shared by the sources that are opened one after the other.
#[derive(Clone)]
pub(crate) struct Script(Arc<Mutex<Vec<Step>>>);

impl Script {
    pub(crate) fn new(steps: impl IntoIterator<Item = Step>) -> Self {
        let mut steps: Vec<Step> = steps.into_iter().collect();
        steps.reverse();
        Self(Arc::new(Mutex::new(steps)))
    }

    /// From the next poll on the source does this.
    pub(crate) fn go_on_with(&self, step: Step) {
        *self.0.lock().unwrap() = vec![step];
    }

    fn next(&self) -> Step {
        let mut steps = self.0.lock().unwrap();
        if steps.len() > 1 {
            steps.pop().unwrap()
        } else {
            steps[0].clone()
        }
    }
}

impl Source for Script {
    fn provenance(&self) -> Provenance {
        Provenance::Simulated
    }

    fn kind(&self) -> SourceKind {
        SourceKind::Procfs
    }

    fn poll(&mut self, batch: &mut Batch) -> Result<Polled, portlog_sockets::Error> {
        batch.clear();
        match self.next() {
            Step::Rows(rows) => batch.rows = rows,
            Step::Panic(message) => panic!("{message}"),
            Step::Fail => {
                return Err(portlog_sockets::Error::Read {
                    path: "/proc".into(),
                    source: std::io::ErrorKind::PermissionDenied.into(),
                });
            }
            Step::Hang(time) => std::thread::sleep(time),
        }
        for table in [Table::Tcp, Table::Tcp6, Table::Udp, Table::Udp6] {
            batch.report_mut(table).status = CoverageStatus::Readable;
        }
        Ok(Polled::Now)
    }
}

pub(crate) fn parts(script: Script) -> Parts {
    parts_with_list(script, "")
}

/// A list of the user's own.
pub(crate) fn own_list(text: &str) -> ListSet {
    let list = List::parse("test", Some(Category::Own), None, text.as_bytes()).unwrap();
    ListSet::new(vec![list.list])
}

pub(crate) fn parts_with_list(script: Script, list: &str) -> Parts {
    let open_source: OpenSource =
        Box::new(move || -> Result<Opened, Error> { Ok(script.clone().into()) });
    Parts {
        open_source,
        table: TableSettings::default(),
        directory: Directory::linux(Accounts::parse(b"")),
        programs: None,
        lists: own_list(list),
        names: portlog_agent::NameBook::default(),
        watch: Watch::new(
            Settings::new(Platform::Linux, Scope::All),
            History::default(),
        ),
        counters_root: None,
        self_check: false,
        packages_overridden: false,
    }
}

pub(crate) fn running() -> Running {
    Running {
        interval: Duration::from_secs(1),
        idle_interval: Duration::from_secs(1),
        heartbeat: Duration::from_mins(15),
        state_folder: None,
        queue_capacity: 1_000,
        scope_all: true,
        packages_overridden: false,
        boot_id: None,
    }
}

/// An established connection from this (documentation) machine.
pub(crate) fn established(remote: &str, inode: u64) -> SocketRow {
    let remote: std::net::SocketAddr = remote.parse().unwrap();
    SocketRow::from_kernel(
        Table::Tcp,
        SocketState::Established,
        Endpoint::from((Ipv4Addr::new(198, 51, 100, 2), 40_000)),
        Endpoint::new(remote.ip(), remote.port()),
        1_000,
        inode,
    )
}

pub(crate) fn opened_to(events: &[Event], remote: &str) -> bool {
    events.iter().any(|event| {
        matches!(&event.kind, EventKind::Opened { observed, .. }
            if observed.connection.remote.to_string() == remote)
    })
}

pub(crate) fn alerts(events: &[Event]) -> Vec<Level> {
    events
        .iter()
        .filter_map(|event| match &event.kind {
            EventKind::Alert(alert) => Some(alert.level),
            _ => None,
        })
        .collect()
}

/// Everything that is left after the end.
pub(crate) fn collect(agent: &Agent) -> Vec<Event> {
    let mut all = Vec::new();
    while let Some(events) = agent.next_events(Duration::from_secs(5)) {
        all.extend(events);
    }
    all
}

/// A clock that stands still until it is moved.
pub(crate) struct ManualClock {
    time: Mutex<(Duration, Duration)>,
    /// Milliseconds by which the clock on the wall was set ahead.
    wall_set: AtomicI64,
    moved: Condvar,
}

impl ManualClock {
    /// Some noon; boot was an hour ago.
    const WALL: i64 = 1_780_000_000_000;

    pub(crate) fn new() -> Self {
        let hour = Duration::from_hours(1);
        Self {
            time: Mutex::new((hour, hour)),
            wall_set: AtomicI64::new(0),
            moved: Condvar::new(),
        }
    }

    /// Time goes on, awake.
    pub(crate) fn advance(&self, by: Duration) {
        let mut time = self.time.lock().unwrap();
        *time = (time.0 + by, time.1 + by);
        self.moved.notify_all();
    }

    /// The clock on the wall is set to so many milliseconds ahead of the time that it would show.
    pub(crate) fn set_wall_ahead(&self, millis: i64) {
        self.wall_set.store(millis, Ordering::Relaxed);
    }

    /// Time goes on, asleep.
    pub(crate) fn suspend(&self, by: Duration) {
        let mut time = self.time.lock().unwrap();
        time.0 += by;
        self.moved.notify_all();
    }

    /// Moves the clock second by second until the events so far satisfy `done`.
    pub(crate) fn drive(&self, agent: &Agent, done: impl Fn(&[Event]) -> bool) -> Vec<Event> {
        let give_up = Instant::now() + Duration::from_secs(20);
        let mut all = Vec::new();
        while !done(&all) {
            assert!(Instant::now() < give_up, "not within 20 s: {all:#?}");
            all.extend(
                agent
                    .next_events(Duration::from_millis(20))
                    .expect("the watch ended"),
            );
            if !done(&all) {
                self.advance(Duration::from_secs(1));
            }
        }
        all
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Reading {
        let (boot, awake) = *self.time.lock().unwrap();
        let set = self.wall_set.load(Ordering::Relaxed);
        let wall = Self::WALL + set + i64::try_from(boot.as_millis()).unwrap();
        Reading {
            moment: Moment {
                wall: WallTime::from_millis(wall),
                boot: BootTime::from_nanos(u64::try_from(boot.as_nanos()).unwrap()),
            },
            awake,
        }
    }

    fn sleep_until(&self, deadline: BootTime) {
        let deadline = Duration::from_nanos(deadline.as_nanos());
        let time = self.time.lock().unwrap();
        let _time = self
            .moved
            .wait_while(time, |time| time.0 < deadline)
            .unwrap();
    }
}
