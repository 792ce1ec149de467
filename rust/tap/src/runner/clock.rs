//! The machine's clocks.

use std::time::Duration;

use nix::time::{ClockId, clock_gettime};
use portlog_model::{BootTime, Moment, WallTime};

pub(super) fn now() -> Moment {
    let read = |id| clock_gettime(id).map_or(Duration::ZERO, Duration::from);
    let wall = read(ClockId::CLOCK_REALTIME).as_millis();
    let boot = read(ClockId::CLOCK_BOOTTIME).as_nanos();
    Moment {
        wall: WallTime::from_millis(i64::try_from(wall).unwrap_or(i64::MAX)),
        boot: BootTime::from_nanos(u64::try_from(boot).unwrap_or(u64::MAX)),
    }
}
