//! Dates and times in sentences.

use std::fmt::Write as _;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::Offset;
use portlog_model::WallTime;

/// A unit of a span, with which languages have words of their own.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Unit {
    Day,
    Hour,
    Minute,
    Second,
    Millisecond,
}

/// `span` in its largest unit and the next smaller one, where that is not 0, each number followed by
/// the unit's word for it and the two parted by a space. What is smaller still is left out.
pub(crate) fn spelled(span: Duration, word: impl Fn(u64, Unit) -> &'static str) -> String {
    let seconds = span.as_secs();
    let minutes = seconds / 60;
    let hours = minutes / 60;
    let (large, small) = if hours >= 24 {
        ((hours / 24, Unit::Day), (hours % 24, Unit::Hour))
    } else if hours > 0 {
        ((hours, Unit::Hour), (minutes % 60, Unit::Minute))
    } else if minutes > 0 {
        ((minutes, Unit::Minute), (seconds % 60, Unit::Second))
    } else if seconds > 0 || span.is_zero() {
        (
            (seconds, Unit::Second),
            (u64::from(span.subsec_millis()), Unit::Millisecond),
        )
    } else {
        (
            (u64::from(span.subsec_millis()), Unit::Millisecond),
            (0, Unit::Millisecond),
        )
    };
    let mut text = format!("{}{}", large.0, word(large.0, large.1));
    if small.0 > 0 {
        let _ = write!(text, " {}{}", small.0, word(small.0, small.1));
    }
    text
}

/// The zone in which times are shown.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Zone(Offset);

impl Zone {
    /// The zone `east_of_utc` seconds ahead of UTC, or UTC where there is none.
    pub(crate) fn new(east_of_utc: i32) -> Self {
        Self(Offset::from_seconds(east_of_utc).unwrap_or(Offset::UTC))
    }

    /// `2026-05-04 13:45:00 UTC`, `2026-05-04 15:45:00 +02:00`.
    pub(crate) fn time(self, at: WallTime) -> String {
        let format = if self.0.is_zero() {
            "%Y-%m-%d %H:%M:%S UTC"
        } else {
            "%Y-%m-%d %H:%M:%S %:z"
        };
        self.format(at, format)
    }

    /// `2026-05-04`.
    pub(crate) fn date(self, at: WallTime) -> String {
        self.format(at, "%Y-%m-%d")
    }

    /// A clock may say anything; what is no date is shown as the number that it is.
    fn format(self, at: WallTime, format: &str) -> String {
        Timestamp::from_millisecond(at.as_millis()).map_or_else(
            |_| format!("1970-01-01 UTC {:+} ms", at.as_millis()),
            |timestamp| {
                timestamp
                    .to_zoned(self.0.to_time_zone())
                    .strftime(format)
                    .to_string()
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_told_in_two_units_at_most() {
        let said = |span| {
            spelled(span, |_, unit| match unit {
                Unit::Day => "d",
                Unit::Hour => "h",
                Unit::Minute => "m",
                Unit::Second => "s",
                Unit::Millisecond => "ms",
            })
        };
        for (millis, words) in [
            (0, "0s"),
            (250, "250ms"),
            (1_000, "1s"),
            (1_500, "1s 500ms"),
            (59_999, "59s 999ms"),
            (61_999, "1m 1s"),
            (3_600_000, "1h"),
            (3_659_000, "1h"),
            (90_061_000, "1d 1h"),
            (273_600_000, "3d 4h"),
        ] {
            assert_eq!(said(Duration::from_millis(millis)), words);
        }
        assert!(said(Duration::MAX).ends_with('h'));
    }

    const AT: WallTime = WallTime::from_millis(1_777_902_300_250);

    #[test]
    fn times_are_utc_unless_an_offset_is_given() {
        assert_eq!(Zone::new(0).time(AT), "2026-05-04 13:45:00 UTC");
        assert_eq!(Zone::new(7_200).time(AT), "2026-05-04 15:45:00 +02:00");
        assert_eq!(Zone::new(-12_600).time(AT), "2026-05-04 10:15:00 -03:30");
        assert_eq!(Zone::new(43_200).date(AT), "2026-05-05");
    }

    #[test]
    fn a_clock_or_a_zone_gone_mad_does_no_harm() {
        for millis in [i64::MIN, i64::MAX, -1] {
            assert!(!Zone::new(0).time(WallTime::from_millis(millis)).is_empty());
            assert!(
                !Zone::new(93_599)
                    .time(WallTime::from_millis(millis))
                    .is_empty()
            );
        }
        assert_eq!(Zone::new(i32::MAX), Zone::new(0));
        assert_eq!(Zone::new(i32::MIN), Zone::new(0));
    }
}
