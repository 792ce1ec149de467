//! How often to look: at the configured interval while something changes, slower when all is quiet.

use std::time::Duration;

/// The shortest interval accepted; below it a phone would do nothing else.
pub const MIN_INTERVAL: Duration = Duration::from_millis(10);
/// The longest interval accepted: beyond it a watch is none.
pub const MAX_INTERVAL: Duration = Duration::from_hours(1);

/// The interval of the moment.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Pace {
    interval: Duration,
    idle_interval: Duration,
    quiet_polls: u32,
}

impl Pace {
    /// So many polls without a change make the watch idle.
    const QUIET_POLLS: u32 = 60;

    /// Looks every `interval`, and when idle every `idle_interval` (never below `interval`).
    pub(crate) fn new(interval: Duration, idle_interval: Duration) -> Self {
        let interval = interval.clamp(MIN_INTERVAL, MAX_INTERVAL);
        let idle_interval = idle_interval.clamp(interval, MAX_INTERVAL);
        Self {
            interval,
            idle_interval,
            quiet_polls: 0,
        }
    }

    /// Looks at the busy interval again, as after a change.
    pub(crate) fn wake(&mut self) {
        self.quiet_polls = 0;
    }

    /// Tells what the latest poll brought.
    pub(crate) fn polled(&mut self, changed: bool) {
        self.quiet_polls = if changed {
            0
        } else {
            self.quiet_polls.saturating_add(1)
        };
    }

    /// The time from one poll to the next.
    pub(crate) fn interval(&self) -> Duration {
        if self.quiet_polls >= Self::QUIET_POLLS {
            self.idle_interval
        } else {
            self.interval
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quiet_minute_slows_the_watch_and_a_change_wakes_it() {
        let mut pace = Pace::new(Duration::from_secs(1), Duration::from_secs(5));
        for _ in 0..Pace::QUIET_POLLS {
            assert_eq!(pace.interval(), Duration::from_secs(1));
            pace.polled(false);
        }
        assert_eq!(pace.interval(), Duration::from_secs(5));
        pace.polled(true);
        assert_eq!(pace.interval(), Duration::from_secs(1));
    }

    #[test]
    fn intervals_stay_within_their_bounds_and_idle_is_never_the_faster() {
        let pace = Pace::new(Duration::ZERO, Duration::ZERO);
        assert_eq!(pace.interval(), MIN_INTERVAL);
        let mut pace = Pace::new(Duration::from_secs(9), Duration::from_secs(2));
        (0..Pace::QUIET_POLLS).for_each(|_| pace.polled(false));
        assert_eq!(pace.interval(), Duration::from_secs(9));
    }
}
