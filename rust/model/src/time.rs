//! Times: what the clock on the wall says, and what has really gone by since boot.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Milliseconds since the Unix epoch, UTC, as the system's clock said. It may jump.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct WallTime(i64);

impl WallTime {
    /// Milliseconds since the Unix epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the Unix epoch.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// How much later this is than `earlier`; zero where it is not.
    pub const fn since(self, earlier: Self) -> Duration {
        let millis = self.0.saturating_sub(earlier.0);
        if millis > 0 {
            Duration::from_millis(millis.unsigned_abs())
        } else {
            Duration::ZERO
        }
    }

    /// This time moved by `by`, kept within the range of the type.
    pub fn saturating_add(self, by: Duration) -> Self {
        Self(
            self.0
                .saturating_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX)),
        )
    }
}

/// Nanoseconds since boot, time asleep included (`CLOCK_BOOTTIME`). It never jumps.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct BootTime(u64);

impl BootTime {
    /// Nanoseconds since boot.
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds since boot.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// How much later this is than `earlier`; zero where it is not.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }

    /// This time moved by `by`, kept within the range of the type.
    pub fn saturating_add(self, by: Duration) -> Self {
        Self(
            self.0
                .saturating_add(u64::try_from(by.as_nanos()).unwrap_or(u64::MAX)),
        )
    }
}

/// One instant on both clocks: spans are measured by `boot`, dates are shown by `wall`.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Moment {
    /// The clock on the wall.
    pub wall: WallTime,
    /// Time since boot.
    pub boot: BootTime,
}

impl Moment {
    /// How much later this is than `earlier`, by the clock that does not jump.
    pub const fn since(self, earlier: Self) -> Duration {
        self.boot.since(earlier.boot)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_was_set_back_gives_no_negative_span() {
        let earlier = WallTime::from_millis(2_000);
        let later = WallTime::from_millis(1_000);
        assert_eq!(later.since(earlier), Duration::ZERO);
        assert_eq!(earlier.since(later), Duration::from_secs(1));
    }

    #[test]
    fn sums_stay_in_range() {
        let end = WallTime::from_millis(i64::MAX);
        assert_eq!(end.saturating_add(Duration::MAX), end);
        let end = BootTime::from_nanos(u64::MAX);
        assert_eq!(end.saturating_add(Duration::MAX), end);
    }
}
