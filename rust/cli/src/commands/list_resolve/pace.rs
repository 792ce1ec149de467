//! How fast questions are asked.

use std::time::{Duration, Instant};

/// Two questions for each name, A and AAAA.
const QUESTIONS: u32 = 2;

/// Lets names through at an even pace. Time that was not used is not made up for: whoever was
/// suspended does not ask in a burst afterwards.
#[derive(Debug)]
pub(super) struct Pace {
    step: Duration,
    next: Instant,
}

impl Pace {
    /// `rate` questions a second, at least one.
    pub(super) fn new(rate: u32, now: Instant) -> Self {
        Self {
            step: Duration::from_secs(1) * QUESTIONS / rate.max(1),
            next: now,
        }
    }

    /// How long the next name has to wait.
    pub(super) fn wait(&self, now: Instant) -> Duration {
        self.next.saturating_duration_since(now)
    }

    /// A name was let through.
    pub(super) fn took(&mut self, now: Instant) {
        self.next = self.next.max(now.checked_sub(self.step).unwrap_or(now)) + self.step;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_through_evenly_and_no_burst_follows_a_pause() {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let mut pace = Pace::new(20, start);
        assert_eq!(pace.wait(start), Duration::ZERO);
        pace.took(start);
        assert_eq!(pace.wait(start), Duration::from_millis(100));
        assert_eq!(pace.wait(at(100)), Duration::ZERO);
        pace.took(at(100));
        assert_eq!(pace.wait(at(150)), Duration::from_millis(50));
        // An hour later one goes through, and one more a step later at most.
        pace.took(at(3_600_000));
        pace.took(at(3_600_000));
        assert_eq!(pace.wait(at(3_600_000)), Duration::from_millis(100));
    }
}
