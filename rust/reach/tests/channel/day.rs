//! A day of simulated time: the helper's looks on a clock that the test moves, through real frames.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use portlog_model::{Table, WallTime};
use portlog_reach::channel::{HelperLink, HelperSource};
use portlog_reach::helper::Looker;
use portlog_sockets::Batch;

use crate::flow::{Invented, at, connected, poll};

/// A look every ten seconds by day, one after each hour of a night's sleep, a clock that is set
/// back: nothing is lost, doubled or late, and times are the helper's.
#[test]
fn a_day_goes_by_without_a_look_lost() {
    const DAY: u64 = 86_400;
    const NIGHT: u64 = 8 * 3_600;
    const PACE: u64 = 10;
    let link = HelperLink::new("1.2.3");
    let mut wire = connected(&link);
    let turn = Arc::new(AtomicU64::new(0));
    let mut looker = Looker::new(
        Box::new(Invented {
            rows: 20,
            turn: Arc::clone(&turn),
        }),
        None,
        None,
    );
    looker.begin(None);
    looker.set_pace(Duration::from_secs(PACE), at(0).moment.boot);
    let mut source = HelperSource::new(Arc::clone(&link));
    let mut batch = Batch::default();
    let (mut now, mut asleep, mut looks) = (0, 0, 0);
    let mut times = Vec::new();
    while now < DAY {
        // By night the phone sleeps from look to look; when it wakes the look is overdue.
        if now < NIGHT {
            now += 3_600;
            asleep += 3_600 - PACE;
        }
        assert!(
            looker.due() <= at(now).moment.boot,
            "a look too early at {now}"
        );
        turn.store(now / 60, Ordering::Relaxed);
        let mut time = at(now);
        time.awake -= Duration::from_secs(asleep);
        if now > DAY / 2 {
            // The clock on the wall was set back by an hour.
            time.moment.wall = WallTime::from_millis(time.moment.wall.as_millis() - 3_600_000);
        }
        looker.look(time, &mut wire.sender).unwrap();
        wire.sender.flush_within(Duration::from_secs(5)).unwrap();
        let handed = poll(&mut source, &mut batch);
        assert_eq!((handed.at, handed.awake), (time.moment, time.awake));
        assert_eq!(batch.rows[0].inode.unwrap().get(), 1 + now / 60);
        assert!(batch.report(Table::Tcp).is_read());
        looks += 1;
        times.push(handed.at.boot);
        // The next one is due an interval later, or at once where that is past.
        let due = looker.due().as_nanos() / 1_000_000_000;
        assert!(due == now + PACE || due == now, "{due} after {now}");
        now = due.max(now + PACE);
    }
    // Eight in the night, each as late as the sleep was long.
    assert_eq!(looks, 8 + (DAY - NIGHT - 8 * PACE) / PACE);
    assert!(times.is_sorted());
}
