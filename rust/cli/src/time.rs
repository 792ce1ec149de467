//! Times as they are printed: RFC 3339 in UTC for programs, the clock on the wall for people.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use portlog_model::WallTime;

/// RFC 3339 in UTC with milliseconds, such as `2026-05-04T13:45:06.789Z`.
///
/// A time beyond the years -9999 to 9999, which no clock shows, becomes the nearest one in range.
pub(crate) fn rfc3339(time: WallTime) -> String {
    format!("{:.3}", timestamp(time))
}

/// Times in the user's time zone.
#[derive(Clone, Debug)]
pub(crate) struct LocalTime {
    zone: TimeZone,
}

impl LocalTime {
    /// The zone of `TZ` or of the system, else UTC.
    pub(crate) fn system() -> Self {
        Self {
            zone: TimeZone::system(),
        }
    }

    /// UTC.
    #[cfg(test)]
    pub(crate) const fn utc() -> Self {
        Self {
            zone: TimeZone::UTC,
        }
    }

    /// `13:45:06`.
    pub(crate) fn clock(&self, time: WallTime) -> String {
        let time = timestamp(time).to_zoned(self.zone.clone());
        format!(
            "{:02}:{:02}:{:02}",
            time.hour(),
            time.minute(),
            time.second()
        )
    }

    /// `2026-05-04`.
    pub(crate) fn date(&self, time: WallTime) -> String {
        timestamp(time)
            .to_zoned(self.zone.clone())
            .date()
            .to_string()
    }

    /// `2026-05-04 13:45`.
    pub(crate) fn minute(&self, time: WallTime) -> String {
        let clock = self.clock(time);
        format!("{} {}", self.date(time), clock.get(..5).unwrap_or(&clock))
    }

    /// How far the zone is ahead of UTC at `time`, in seconds.
    pub(crate) fn east_of_utc(&self, time: WallTime) -> i32 {
        self.zone.to_offset(timestamp(time)).seconds()
    }

    /// `2026-05-04 13:45:06 +02:00`.
    pub(crate) fn full(&self, time: WallTime) -> String {
        let zoned = timestamp(time).to_zoned(self.zone.clone());
        format!(
            "{} {} {}",
            self.date(time),
            self.clock(time),
            zoned.strftime("%:z")
        )
    }
}

/// `3 s`, `12 min`, `4 h`, `9 d`: a span in its largest unit, cut off.
pub(crate) fn span(span: std::time::Duration) -> String {
    let seconds = span.as_secs();
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min", seconds / 60),
        3_600..86_400 => format!("{} h", seconds / 3_600),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// `3 h 20 min`, `12 min`, `45 s`: a span in hours and minutes, cut off.
pub(crate) fn hours(span: std::time::Duration) -> String {
    let minutes = span.as_secs() / 60;
    match (minutes / 60, minutes % 60) {
        (0, 0) => format!("{} s", span.as_secs()),
        (0, minutes) => format!("{minutes} min"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

fn timestamp(time: WallTime) -> Timestamp {
    Timestamp::from_millisecond(time.as_millis()).unwrap_or(if time.as_millis() < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn rfc_3339_has_milliseconds_and_utc() {
        let time = WallTime::from_millis(1_777_902_306_789);
        assert_eq!(rfc3339(time), "2026-05-04T13:45:06.789Z");
        assert_eq!(
            rfc3339(WallTime::from_millis(0)),
            "1970-01-01T00:00:00.000Z"
        );
        assert_eq!(
            rfc3339(WallTime::from_millis(-1)),
            "1969-12-31T23:59:59.999Z"
        );
        assert!(rfc3339(WallTime::from_millis(i64::MAX)).starts_with("9999-"));
        assert!(rfc3339(WallTime::from_millis(i64::MIN)).starts_with("-009999-"));
    }

    #[test]
    fn people_read_the_clock_on_the_wall() {
        let local = LocalTime::utc();
        let time = WallTime::from_millis(1_777_902_306_789);
        assert_eq!(local.clock(time), "13:45:06");
        assert_eq!(local.full(time), "2026-05-04 13:45:06 +00:00");
    }

    #[test]
    fn hours_are_said_with_their_minutes() {
        assert_eq!(hours(Duration::from_secs(59)), "59 s");
        assert_eq!(hours(Duration::from_secs(3_599)), "59 min");
        assert_eq!(hours(Duration::from_mins(3_334)), "55 h 34 min");
    }

    #[test]
    fn a_span_is_said_in_its_largest_unit() {
        assert_eq!(span(Duration::from_millis(900)), "0 s");
        assert_eq!(span(Duration::from_secs(59)), "59 s");
        assert_eq!(span(Duration::from_secs(61)), "1 min");
        assert_eq!(span(Duration::from_secs(7_199)), "1 h");
        assert_eq!(span(Duration::from_secs(200_000)), "2 d");
    }
}
