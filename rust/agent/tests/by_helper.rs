//! Rows by way of a helper give the events that they give when they are read here: a day of simulated
//! time, twice over, once through real frames.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by a panic"
)]

use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use portlog_agent::{
    Came, Directory, ListSet, NameBook, Opened, PackageList, Parts, Pipeline, Scope,
};
use portlog_blocklist::List;
use portlog_model::{
    BootTime, Category, CoverageStatus, Endpoint, Event, EventKind, Moment, Platform, Provenance,
    SocketRow, SocketState, SourceKind, Table, WallTime,
};
use portlog_reach::channel::{FromHelper, Hello, HelperLink, HelperSource, Role, Wire};
use portlog_reach::helper::{LookTime, Looker};
use portlog_sockets::{Batch, Error, Polled, Source, TableSettings};
use portlog_watch::{History, Settings, Watch};

const PATIENCE: Duration = Duration::from_secs(10);

/// A phone's connections over a day, the same for everyone who looks at the same time.
struct Phone {
    looks: u64,
}

impl Source for Phone {
    fn provenance(&self) -> Provenance {
        Provenance::Simulated
    }

    fn kind(&self) -> SourceKind {
        SourceKind::Procfs
    }

    fn poll(&mut self, batch: &mut Batch) -> Result<Polled, Error> {
        batch.clear();
        let look = self.looks;
        self.looks += 1;
        for n in 0..40_u64 {
            // Each is there for some looks and away for others, by turns of its own, and then another.
            let turn = (look + n * 7) / (5 + n);
            if (turn + n).is_multiple_of(3) {
                continue;
            }
            let state = match (look + n) % 11 {
                0 => SocketState::SynSent,
                1 => SocketState::CloseWait,
                _ => SocketState::Established,
            };
            let end = |address: [u8; 4], port| Endpoint::new(address.into(), port);
            let host = u8::try_from(n).unwrap();
            let port = 40_000 + u16::try_from((turn * 13 + n) % 20_000).unwrap();
            let inode = if state == SocketState::CloseWait && n % 5 == 0 {
                0
            } else {
                1_000 * (turn + 1) + n
            };
            batch.rows.push(SocketRow::from_kernel(
                Table::Tcp,
                state,
                end([198, 51, 100, 2], port),
                end([203, 0, 113, host], 443),
                [1_000, 10_012, 10_087, 2_000][usize::try_from(n % 4).unwrap()],
                inode,
            ));
        }
        for table in [Table::Tcp, Table::Tcp6, Table::Udp, Table::Udp6] {
            batch.report_mut(table).status = CoverageStatus::Readable;
        }
        Ok(Polled::Now)
    }
}

fn pipeline(source: impl FnMut() -> Opened + Send + 'static) -> Pipeline {
    let mut source = source;
    let packages = "package:/system/framework/framework-res.apk=android uid:1000\n\
        package:/system/app/A.apk=com.example.firmware uid:10012\n\
        package:/data/app/B.apk=com.example.app uid:10087\n";
    let list = List::parse("test", Some(Category::Own), None, b"203.0.113.0/28\n").unwrap();
    let settings = Settings::new(Platform::Android, Scope::All);
    Pipeline::new(Parts {
        open_source: Box::new(move || Ok(source())),
        table: TableSettings::default(),
        directory: Directory::android(PackageList::parse(packages.as_bytes())),
        programs: None,
        lists: ListSet::new(vec![list.list]),
        names: NameBook::default(),
        watch: Watch::new(settings, History::default()),
        counters_root: None,
        self_check: false,
        packages_overridden: true,
    })
    .unwrap()
}

/// Two minutes from look to look by day, an hour by night; at noon the clock is set back.
fn day() -> impl Iterator<Item = LookTime> {
    let (mut now, mut asleep) = (0_u64, 0_u64);
    std::iter::from_fn(move || {
        let step = if now < 8 * 3_600 { 3_600 } else { 120 };
        now += step;
        asleep += step - 120;
        let set_back = if now > 43_200 { 3_600_000 } else { 0 };
        let wall = 1_777_777_777_000 + i64::try_from(now).unwrap() * 1_000 - set_back;
        (now < 86_400).then(|| LookTime {
            moment: Moment {
                wall: WallTime::from_millis(wall),
                boot: BootTime::from_nanos(now * 1_000_000_000),
            },
            awake: Duration::from_secs(now - asleep),
        })
    })
}

/// What happened, without what says who read it.
fn told(events: Vec<Event>) -> Vec<Event> {
    let about_rows = |event: &Event| !matches!(event.kind, EventKind::Coverage(_));
    events.into_iter().filter(about_rows).collect()
}

#[test]
fn a_day_by_helper_is_the_day_that_it_would_have_been() {
    let mut here = pipeline(|| Phone { looks: 0 }.into());
    let mut by_itself = Vec::new();
    for time in day() {
        here.poll(time.moment, &mut by_itself).unwrap();
    }
    let by_itself = told(by_itself);

    let link = HelperLink::new("1.2.3");
    let (ours, theirs) = UnixStream::pair().unwrap();
    link.attach(ours.into()).unwrap();
    let mut wire = Wire::greet_pair(theirs.into(), Role::Helper, PATIENCE).unwrap();
    let first = day().next().unwrap();
    let hello = FromHelper::Hello(Hello {
        boot_id: "".into(),
        uid: portlog_model::Uid::new(2_000),
        pid: 1,
        abi: "".into(),
        version: "1.2.3".into(),
        diag: false,
        started: first.moment,
    });
    wire.sender.queue(|out| hello.encode(out));
    wire.sender.flush_within(PATIENCE).unwrap();
    let mut looker = Looker::new(Box::new(Phone { looks: 0 }), None, None);
    looker.begin(None);
    let shared = Arc::clone(&link);
    let mut there = pipeline(move || {
        let source = HelperSource::new(Arc::clone(&shared));
        Opened::Elsewhere(Box::new(source))
    });
    let mut by_helper = Vec::new();
    for time in day() {
        looker.look(time, &mut wire.sender).unwrap();
        wire.sender.flush_within(PATIENCE).unwrap();
        let give_up = Instant::now() + PATIENCE;
        loop {
            // The caller's clock is somewhere else: the helper's counts.
            let poll = there.poll(first.moment, &mut by_helper).unwrap().unwrap();
            match poll.came {
                Came::Handed(handed) => {
                    assert_eq!((handed.at, handed.awake), (time.moment, time.awake));
                    break;
                }
                Came::Nothing => assert!(Instant::now() < give_up, "no look came"),
                other => panic!("{other:?} at {time:?}: {:?}", link.state()),
            }
        }
    }
    let by_helper = told(by_helper);

    let alerts = by_itself
        .iter()
        .filter(|event| matches!(event.kind, EventKind::Alert(_)));
    assert!(alerts.count() > 20 && by_itself.len() > 500);
    assert_eq!(by_helper.len(), by_itself.len());
    for (by_helper, by_itself) in by_helper.iter().zip(&by_itself) {
        assert_eq!(by_helper, by_itself);
    }
}
