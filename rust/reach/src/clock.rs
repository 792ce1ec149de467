//! The clocks that the watch lives by, as this machine has them.

use std::time::Duration;

use nix::time::{ClockId, clock_gettime};
use portlog_model::{BootTime, Moment, WallTime};

/// Now, by wall and boot time.
pub(crate) fn moment() -> Moment {
    let wall = read(ClockId::CLOCK_REALTIME).as_millis();
    let boot = read(ClockId::CLOCK_BOOTTIME).as_nanos();
    Moment {
        wall: WallTime::from_millis(i64::try_from(wall).unwrap_or(i64::MAX)),
        boot: BootTime::from_nanos(u64::try_from(boot).unwrap_or(u64::MAX)),
    }
}

/// Time awake since boot.
pub(crate) fn awake() -> Duration {
    read(ClockId::CLOCK_MONOTONIC)
}

fn read(clock: ClockId) -> Duration {
    clock_gettime(clock).map_or(Duration::ZERO, Duration::from)
}
