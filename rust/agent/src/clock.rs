//! The clocks that the watch lives by, behind one trait: a test hands in its own and simulates a
//! phone that sleeps.
//!
//! Spans are measured on `CLOCK_BOOTTIME`, which goes on while the machine is suspended;
//! `CLOCK_MONOTONIC` stands still then, and the difference is the time asleep.

use std::thread;
use std::time::Duration;

use nix::sys::time::TimeSpec;
use nix::time::{ClockId, ClockNanosleepFlags, clock_gettime, clock_nanosleep};
use portlog_model::{BootTime, Moment, WallTime};

/// One look at the clocks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Reading {
    /// Wall and boot time.
    pub moment: Moment,
    /// Time awake since boot (`CLOCK_MONOTONIC`).
    pub awake: Duration,
}

/// Tells the time, and sleeps.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Reading;

    /// Returns when boot time has reached `deadline`; at once where it has already.
    fn sleep_until(&self, deadline: BootTime);
}

/// The machine's own clocks.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Reading {
        let read = |id| clock_gettime(id).map_or(Duration::ZERO, Duration::from);
        // As a span, whose arithmetic is the same on 32 bits, where the kernel's seconds are i32.
        let wall = read(ClockId::CLOCK_REALTIME).as_millis();
        let boot = read(ClockId::CLOCK_BOOTTIME);
        Reading {
            moment: Moment {
                wall: WallTime::from_millis(i64::try_from(wall).unwrap_or(i64::MAX)),
                boot: BootTime::from_nanos(u64::try_from(boot.as_nanos()).unwrap_or(u64::MAX)),
            },
            awake: read(ClockId::CLOCK_MONOTONIC),
        }
    }

    /// Absolute `clock_nanosleep` on `CLOCK_BOOTTIME`, which Linux 3.4 has: a deadline that passed
    /// during a suspend ends the sleep as soon as the machine wakes.
    fn sleep_until(&self, deadline: BootTime) {
        let request = TimeSpec::from(Duration::from_nanos(deadline.as_nanos()));
        loop {
            match clock_nanosleep(
                ClockId::CLOCK_BOOTTIME,
                ClockNanosleepFlags::TIMER_ABSTIME,
                &request,
            ) {
                Ok(_) => return,
                Err(nix::errno::Errno::EINTR) => {}
                Err(_) => {
                    // Not offered here (some sandboxes): a plain sleep, late after a suspend.
                    let left = deadline.since(self.now().moment.boot);
                    return thread::sleep(left);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_clock_sleeps_until_the_deadline_and_not_before() {
        let clock = SystemClock;
        let deadline = clock
            .now()
            .moment
            .boot
            .saturating_add(Duration::from_millis(20));
        clock.sleep_until(deadline);
        assert!(clock.now().moment.boot >= deadline);
        clock.sleep_until(BootTime::from_nanos(0));
    }
}
