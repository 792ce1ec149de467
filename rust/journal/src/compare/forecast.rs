//! What the rate of one time predicts for another.

use std::time::Duration;

/// So many sightings must have been expected before their absence is worth a word. If they come
/// independently of each other, none of five comes by chance in 7 cases of 1,000.
pub const ENOUGH_SIGHTINGS: u64 = 5;

/// The longest time that is reckoned with, in milliseconds: 139 years. A signer may write more.
const LONGEST: u128 = 1 << 42;
/// The most sightings that are reckoned with.
const MOST: u128 = 1 << 40;
const MILLIS_OF_HOUR: u128 = 3_600_000;

/// The sightings of one time, and what they let one expect of another.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Forecast {
    /// How often it opened in the time that is known.
    pub sightings: u64,
    /// Watched time of those sightings.
    pub known: Duration,
    /// Watched time for which it is reckoned.
    pub asked: Duration,
    /// The mean time between two looks, in the known time and in the other. Where the files do not
    /// tell how often one looked: the shortest interval that the one names, and the longest that the
    /// other does. `None` where that is withheld too.
    pub intervals: Option<(Duration, Duration)>,
}

impl Forecast {
    /// Sightings an hour, in thousandths, cut off; `None` where nothing was watched.
    pub fn per_hour_thousandths(&self) -> Option<u64> {
        let known = millis(self.known);
        let rate = self.count().checked_mul(1000 * MILLIS_OF_HOUR)?;
        u64::try_from(rate.checked_div(known)?).ok()
    }

    /// Sightings to be expected, in thousandths, cut off; `None` where nothing was watched, or it is
    /// not known how often one looked.
    ///
    /// Where the other time was looked at less often, a connection is reckoned to be missed as often
    /// as it can be: only the same share of them is expected.
    pub fn expected_thousandths(&self) -> Option<u64> {
        let (shared, whole) = self.product()?;
        u64::try_from(shared.checked_mul(1000)?.checked_div(whole)?).ok()
    }

    /// Whether at least [`ENOUGH_SIGHTINGS`] are to be expected.
    pub fn is_enough(&self) -> bool {
        self.product().is_some_and(|(shared, whole)| {
            whole > 0 && shared >= u128::from(ENOUGH_SIGHTINGS).saturating_mul(whole)
        })
    }

    /// The two intervals, where looking less often lowers what is expected by a twentieth or more.
    pub fn slower(&self) -> Option<(Duration, Duration)> {
        self.intervals
            .filter(|(known, asked)| interval(*asked) * 20 >= interval(*known) * 21)
    }

    /// What is expected, as a fraction.
    fn product(&self) -> Option<(u128, u128)> {
        let (known_interval, asked_interval) = self.intervals?;
        let asked_interval = asked_interval.max(known_interval);
        let (fast, slow) = (interval(known_interval), interval(asked_interval));
        Some((
            self.count() * millis(self.asked) * fast,
            millis(self.known) * slow,
        ))
    }

    fn count(&self) -> u128 {
        u128::from(self.sightings).min(MOST)
    }
}

fn millis(span: Duration) -> u128 {
    span.as_millis().min(LONGEST)
}

/// In microseconds: at least one, at most 19 hours.
fn interval(span: Duration) -> u128 {
    span.as_micros().clamp(1, 1 << 36)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const HOUR: Duration = Duration::from_hours(1);

    fn forecast(sightings: u64, known: Duration, asked: Duration) -> Forecast {
        Forecast {
            sightings,
            known,
            asked,
            intervals: Some((SECOND, SECOND)),
        }
    }

    #[test]
    fn five_sightings_are_enough_and_a_thousandth_less_is_not() {
        let edge = forecast(5, HOUR, HOUR);
        assert!(edge.is_enough());
        assert_eq!(edge.expected_thousandths(), Some(5000));
        let below = forecast(5, HOUR, Duration::from_millis(3_599_999));
        assert!(!below.is_enough());
        assert_eq!(below.expected_thousandths(), Some(4999));
        assert!(!forecast(4, HOUR, HOUR).is_enough());
        assert!(forecast(1, HOUR, 5 * HOUR).is_enough());
        assert!(!forecast(1, HOUR + Duration::from_millis(1), 5 * HOUR).is_enough());
    }

    #[test]
    fn nothing_watched_or_nothing_seen_predicts_nothing() {
        let unwatched = forecast(9, Duration::ZERO, HOUR);
        assert!(!unwatched.is_enough());
        assert_eq!(unwatched.per_hour_thousandths(), None);
        assert_eq!(unwatched.expected_thousandths(), None);
        assert!(!forecast(9, HOUR, Duration::ZERO).is_enough());
        assert!(!forecast(0, HOUR, 1_000_000 * HOUR).is_enough());
        assert!(!forecast(0, Duration::ZERO, Duration::ZERO).is_enough());
        assert_eq!(forecast(0, HOUR, HOUR).per_hour_thousandths(), Some(0));
    }

    #[test]
    fn who_looks_less_often_must_expect_less() {
        let mut slow = forecast(10, HOUR, HOUR);
        slow.intervals = Some((SECOND, 2 * SECOND));
        assert_eq!(slow.expected_thousandths(), Some(5000));
        assert!(slow.is_enough());
        slow.intervals = Some((SECOND, 2 * SECOND + Duration::from_millis(1)));
        assert!(!slow.is_enough());
        assert!(slow.slower().is_some());
        slow.intervals = Some((SECOND, Duration::from_millis(1049)));
        assert_eq!(slow.slower(), None);
        slow.intervals = Some((SECOND, SECOND / 2));
        assert_eq!(slow.expected_thousandths(), Some(10_000));
        assert_eq!(slow.slower(), None);
        slow.intervals = None;
        assert!(!slow.is_enough());
    }

    proptest! {
        #[test]
        fn more_hours_or_sightings_never_make_it_less(
            sightings in any::<u64>(), known in any::<u64>(), asked in any::<u64>(),
            fast in any::<u64>(), slow in any::<u64>(), more in 0..1_000_000_u64,
        ) {
            let millis = Duration::from_millis;
            let one = Forecast {
                sightings,
                known: millis(known),
                asked: millis(asked),
                intervals: Some((millis(fast), millis(slow))),
            };
            let longer = Forecast { asked: millis(asked.saturating_add(more)), ..one };
            let oftener = Forecast { sightings: sightings.saturating_add(more), ..one };
            let rarer = Forecast { known: millis(known.saturating_add(more)), ..one };
            if one.is_enough() {
                prop_assert!(longer.is_enough() && oftener.is_enough());
            } else if known > 0 {
                prop_assert!(!rarer.is_enough());
            }
            if let Some(expected) = one.expected_thousandths() {
                prop_assert_eq!(expected >= 5000, one.is_enough());
            }
        }
    }
}
