//! Looks as they go across: whole, in order, and dropped whole where nobody reads.

use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use portlog_model::{
    BootTime, CoverageStatus, Moment, Provenance, SocketRow, SourceKind, Table, Uid, Unreachable,
    WallTime,
};
use portlog_reach::channel::{HelperLink, HelperSource, HelperState, LinkEnd, Role, Wire};
use portlog_reach::helper::{LookTime, Looker};
use portlog_reach::{News, Remote as _};
use portlog_sockets::{Batch, Error, Handed, Polled, Source};
use ring::rand::SystemRandom;

use crate::samples::row;

/// A source of invented rows, which change where the test says.
pub(crate) struct Invented {
    pub(crate) rows: u64,
    /// Added to the inode of the first row.
    pub(crate) turn: Arc<AtomicU64>,
}

impl Source for Invented {
    fn provenance(&self) -> Provenance {
        Provenance::Simulated
    }

    fn kind(&self) -> SourceKind {
        SourceKind::Procfs
    }

    fn poll(&mut self, batch: &mut Batch) -> Result<Polled, Error> {
        batch.clear();
        let turn = self.turn.load(Ordering::Relaxed);
        batch.rows.extend((0..self.rows).map(|n| {
            let first = if n == 0 { turn } else { 0 };
            let uid = 10_000 + u32::try_from(n % 500).unwrap();
            row("203.0.113.7", uid, 1 + n * 1_000_000 + first)
        }));
        for table in [Table::Tcp, Table::Tcp6, Table::Udp, Table::Udp6] {
            batch.report_mut(table).status = CoverageStatus::Readable;
        }
        batch.report_mut(Table::Tcp).rows = u32::try_from(self.rows).unwrap();
        Ok(Polled::Now)
    }
}

pub(crate) fn at(seconds: u64) -> LookTime {
    LookTime {
        moment: Moment {
            wall: WallTime::from_millis(
                1_777_777_777_000 + i64::try_from(seconds * 1_000).unwrap(),
            ),
            boot: BootTime::from_nanos(seconds * 1_000_000_000),
        },
        awake: Duration::from_secs(seconds),
    }
}

/// A helper's end, with an app's link at the other.
pub(crate) fn connected(link: &Arc<HelperLink>) -> Wire {
    let (ours, theirs) = UnixStream::pair().unwrap();
    link.attach(ours.into()).unwrap();
    let random = SystemRandom::new();
    let patience = Duration::from_secs(5);
    let mut wire = Wire::greet(theirs.into(), Role::Helper, None, &random, patience).unwrap();
    let hello = portlog_reach::channel::FromHelper::Hello(crate::samples::hello());
    wire.sender.queue(|out| hello.encode(out));
    wire.sender.flush_within(patience).unwrap();
    wire
}

/// Polls until a look came.
pub(crate) fn poll(source: &mut HelperSource, batch: &mut Batch) -> Handed {
    let give_up = Instant::now() + Duration::from_secs(20);
    loop {
        if let Polled::Handed(handed) = source.poll(batch).unwrap() {
            return handed;
        }
        assert!(Instant::now() < give_up, "no look came");
        thread::sleep(Duration::from_micros(50));
    }
}

fn rows_of(batch: &Batch) -> Vec<SocketRow> {
    batch.rows.clone()
}

#[test]
fn looks_come_as_they_were_and_say_who_read_them() {
    let link = HelperLink::new("1.2.3");
    let mut wire = connected(&link);
    let turn = Arc::new(AtomicU64::new(0));
    let mut looker = Looker::new(
        Box::new(Invented {
            rows: 3_000,
            turn: Arc::clone(&turn),
        }),
        None,
        None,
    );
    looker.begin(None);
    let mut source = HelperSource::new(Arc::clone(&link));
    assert_eq!(source.provenance(), Provenance::Helper);
    let mut batch = Batch::default();
    for second in 0..5 {
        // Every other look is like the one before.
        turn.store(second / 2, Ordering::Relaxed);
        looker.look(at(second), &mut wire.sender).unwrap();
        wire.sender.flush_within(Duration::from_secs(5)).unwrap();
        let handed = poll(&mut source, &mut batch);
        assert_eq!(handed.at, at(second).moment);
        assert_eq!(handed.awake, at(second).awake);
        assert_eq!(rows_of(&batch).len(), 3_000);
        assert_eq!(batch.rows[0].inode.unwrap().get(), 1 + second / 2);
        assert_eq!(batch.rows[2_999].uid, Some(Uid::new(10_000 + 2_999 % 500)));
        let report = batch.report(Table::Tcp);
        assert_eq!((report.source, report.rows), (SourceKind::Helper, 3_000));
        assert_eq!(batch.report(Table::Raw).status, CoverageStatus::Absent);
    }
    let HelperState::Connected { hello, .. } = link.state() else {
        panic!("{:?}", link.state());
    };
    assert_eq!(*hello, crate::samples::hello());
}

/// Nobody takes: the helper finds no room, drops whole looks and counts them; nothing grows.
#[test]
fn where_nobody_reads_whole_looks_are_dropped_and_counted() {
    let link = HelperLink::new("1.2.3");
    let mut wire = connected(&link);
    let turn = Arc::new(AtomicU64::new(0));
    let mut looker = Looker::new(
        Box::new(Invented {
            rows: 10_000,
            turn: Arc::clone(&turn),
        }),
        None,
        None,
    );
    looker.begin(None);
    let mut most = 0;
    for second in 0..60 {
        turn.store(second, Ordering::Relaxed);
        looker.look(at(second), &mut wire.sender).unwrap();
        wire.sender.flush().unwrap();
        most = most.max(wire.sender.waiting());
        thread::sleep(Duration::from_millis(2));
    }
    // No more than one look waits on this side: 10,000 rows of at most 59 bytes.
    assert!(most > 0 && most < 600_000, "{most}");

    let mut source = HelperSource::new(Arc::clone(&link));
    let mut batch = Batch::default();
    let mut seen = Vec::new();
    let give_up = Instant::now() + Duration::from_secs(20);
    // Somebody reads again: what was kept comes in order and whole, and then what is.
    turn.store(60, Ordering::Relaxed);
    let mut sent = false;
    while seen.last() != Some(&60) {
        if wire.sender.flush().unwrap() && !sent {
            sent = true;
            looker.look(at(60), &mut wire.sender).unwrap();
        }
        if let Polled::Handed(handed) = source.poll(&mut batch).unwrap() {
            assert_eq!(batch.rows.len(), 10_000);
            let second = handed.at.boot.as_nanos() / 1_000_000_000;
            assert_eq!(batch.rows[0].inode.unwrap().get(), 1 + second);
            seen.push(second);
        }
        assert!(Instant::now() < give_up, "{seen:?}");
    }
    assert!(seen.is_sorted() && seen.len() < 40, "{seen:?}");
    assert_eq!(seen[0], 0);
}

#[test]
fn a_helper_that_is_gone_is_a_gap_and_another_is_its_end() {
    let link = HelperLink::new("1.2.3");
    let mut source = HelperSource::new(Arc::clone(&link));
    let mut batch = Batch::default();
    let mut news = Vec::new();
    // Before the first one: denied, and no gap, for nothing was there before.
    assert_eq!(source.poll(&mut batch).unwrap(), Polled::Now);
    assert_eq!(batch.report(Table::Tcp).status, CoverageStatus::Denied);
    source.news(&mut news);
    assert!(news.is_empty(), "{news:?}");

    let turn = Arc::new(AtomicU64::new(0));
    for second in [10, 20] {
        let mut wire = connected(&link);
        let turn = Arc::clone(&turn);
        let mut looker = Looker::new(Box::new(Invented { rows: 5, turn }), None, None);
        looker.begin(None);
        looker.look(at(second), &mut wire.sender).unwrap();
        wire.sender.flush_within(Duration::from_secs(5)).unwrap();
        poll(&mut source, &mut batch);
        source.news(&mut news);
        let back = news.drain(..).filter(|news| matches!(news, News::Back));
        assert_eq!(back.count(), usize::from(second == 20));
        drop(wire);
        let give_up = Instant::now() + Duration::from_secs(10);
        while source.poll(&mut batch).unwrap() != Polled::Now {
            assert!(Instant::now() < give_up);
            thread::sleep(Duration::from_millis(1));
        }
        assert_eq!(batch.report(Table::Udp6).status, CoverageStatus::Denied);
        assert!(batch.rows.is_empty());
        source.poll(&mut batch).unwrap();
        source.news(&mut news);
        let [News::Gap { since, reason }] = news.as_slice() else {
            panic!("{news:?}");
        };
        assert_eq!(
            (*since, *reason),
            (Some(at(second).moment), Unreachable::HelperEnded)
        );
        news.clear();
        let why = Some(LinkEnd::Closed);
        assert_eq!(link.state(), HelperState::Away { why });
    }
}

/// What the app says of pace and end, and nothing else, reaches the helper; a second helper takes the
/// first one's place.
#[test]
fn pace_and_end_are_told_and_another_channel_takes_the_place() {
    use portlog_reach::channel::ToHelper;
    let link = HelperLink::new("1.2.3");
    let mut first = connected(&link);
    let patience = Duration::from_secs(5);
    let hear = |wire: &mut Wire| {
        let frame = wire.receiver.next(patience).unwrap().unwrap();
        ToHelper::decode(frame).unwrap()
    };
    assert_eq!(
        hear(&mut first),
        ToHelper::Hello {
            version: "1.2.3".into()
        }
    );
    assert_eq!(hear(&mut first), ToHelper::Pace(Duration::from_secs(1)));
    link.set_pace(Duration::from_secs(3));
    link.set_pace(Duration::from_secs(3));
    assert_eq!(hear(&mut first), ToHelper::Pace(Duration::from_secs(3)));
    let mut second = connected(&link);
    let ended = first.receiver.next(patience);
    assert!(
        matches!(ended, Err(portlog_reach::channel::Error::Closed)),
        "{ended:?}"
    );
    hear(&mut second);
    assert_eq!(hear(&mut second), ToHelper::Pace(Duration::from_secs(3)));
    link.stop_helper();
    assert_eq!(hear(&mut second), ToHelper::Stop);
}
