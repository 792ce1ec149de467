//! The time by which cool-downs and the day's limit are measured.
//!
//! The wall's clock alone would not do (set back by a year, it would silence a claim for a year),
//! and neither would the time since boot (it ends with the boot). See the crate's documentation.

use portlog_model::{BootTime, Moment, WallTime};

/// A time that never goes back and does not jump within a run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SteadyClock {
    base: WallTime,
    base_boot: BootTime,
    last_boot: BootTime,
}

impl SteadyClock {
    /// A clock that goes on from `before` (the latest time of the runs before), or from the wall's.
    pub(crate) fn start(before: Option<WallTime>, now: Moment) -> Self {
        Self {
            base: before.map_or(now.wall, |before| before.max(now.wall)),
            base_boot: now.boot,
            last_boot: now.boot,
        }
    }

    /// The time at `now`. A time since boot that went back means another boot (captures hold
    /// several): the clock goes on from where it stood, or from the wall's time if that is later.
    pub(crate) fn at(&mut self, now: Moment) -> WallTime {
        if now.boot < self.last_boot {
            let stood = self.reading(self.last_boot);
            *self = Self::start(Some(stood), now);
        }
        self.last_boot = now.boot;
        self.reading(now.boot)
    }

    fn reading(&self, boot: BootTime) -> WallTime {
        self.base.saturating_add(boot.since(self.base_boot))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(wall: i64, boot_seconds: u64) -> Moment {
        Moment {
            wall: WallTime::from_millis(wall),
            boot: BootTime::from_nanos(boot_seconds * 1_000_000_000),
        }
    }

    #[test]
    fn a_wall_clock_that_jumps_within_a_run_is_not_followed() {
        let mut clock = SteadyClock::start(None, moment(1_000_000, 10));
        assert_eq!(
            clock.at(moment(-5_000_000, 11)),
            WallTime::from_millis(1_001_000)
        );
        assert_eq!(
            clock.at(moment(i64::MAX, 12)),
            WallTime::from_millis(1_002_000)
        );
    }

    #[test]
    fn a_run_with_an_earlier_wall_clock_goes_on_from_the_run_before() {
        let before = Some(WallTime::from_millis(9_000_000));
        let mut clock = SteadyClock::start(before, moment(0, 1));
        assert_eq!(clock.at(moment(0, 3)), WallTime::from_millis(9_002_000));
    }

    #[test]
    fn another_boot_goes_on_without_a_step_back() {
        let mut clock = SteadyClock::start(None, moment(1_000_000, 100));
        assert_eq!(
            clock.at(moment(1_010_000, 110)),
            WallTime::from_millis(1_010_000)
        );
        assert_eq!(
            clock.at(moment(900_000, 5)),
            WallTime::from_millis(1_010_000)
        );
        assert_eq!(
            clock.at(moment(900_000, 6)),
            WallTime::from_millis(1_011_000)
        );
        assert_eq!(
            clock.at(moment(2_000_000, 1)),
            WallTime::from_millis(2_000_000)
        );
    }
}
