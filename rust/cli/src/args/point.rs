//! Points in time, and kinds of entries, as people type them.

use std::str::FromStr;
use std::time::Duration;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use portlog_agent::parse_span;
use portlog_journal::entry::Kind;
use portlog_model::WallTime;

/// A point in time, as far as it was said.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Point {
    /// Exactly, with its offset.
    At(Timestamp),
    /// By the clock on the wall here.
    Here(DateTime),
    /// A day here.
    Day(Date),
    /// So long ago.
    Ago(Duration),
}

impl Point {
    /// The point from which something is "since" it.
    pub(crate) fn begin(self, now: Timestamp, zone: &TimeZone) -> Option<WallTime> {
        let here = |time: DateTime| {
            time.to_zoned(zone.clone())
                .ok()
                .map(|time| time.timestamp())
        };
        let time = match self {
            Self::At(time) => Some(time),
            Self::Here(time) => here(time),
            Self::Day(day) => here(day.to_datetime(Time::midnight())),
            Self::Ago(span) => i64::try_from(span.as_millis())
                .ok()
                .and_then(|millis| now.checked_sub(millis.milliseconds()).ok()),
        };
        time.map(|time| WallTime::from_millis(time.as_millisecond()))
    }

    /// The point up to which something is "until" it: of a day, its last millisecond.
    pub(crate) fn end(self, now: Timestamp, zone: &TimeZone) -> Option<WallTime> {
        let Self::Day(day) = self else {
            return self.begin(now, zone);
        };
        let next = Self::Day(day.tomorrow().ok()?).begin(now, zone)?;
        Some(WallTime::from_millis(next.as_millis() - 1))
    }
}

impl FromStr for Point {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(time) = text.parse() {
            return Ok(Self::At(time));
        }
        // A date alone is also a time to the parser of those: midnight.
        let is_day = text.len() == 10;
        if let (true, Ok(day)) = (is_day, text.parse()) {
            return Ok(Self::Day(day));
        }
        if let (false, Ok(time)) = (is_day, text.parse()) {
            return Ok(Self::Here(time));
        }
        parse_span(text).map(Self::Ago).map_err(|_| {
            "a time is 2026-05-04, \"2026-05-04 13:45\", 2026-05-04T13:45:00Z, or a span back from now \
             such as 2h"
                .to_owned()
        })
    }
}

/// A kind of entry, by its word.
pub(crate) fn parse_kind(text: &str) -> Result<Kind, String> {
    Kind::from_word(text).ok_or_else(|| {
        let words: Vec<&str> = Kind::ALL.into_iter().map(Kind::as_str).collect();
        format!("the kinds are {}", words.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_type_times_in_several_ways() {
        let now: Timestamp = "2026-05-04T12:00:00Z".parse().unwrap();
        let zone = TimeZone::fixed(jiff::tz::offset(2));
        let millis = |text: &str| {
            let point: Point = text.parse().unwrap();
            let begin = point.begin(now, &zone).unwrap().as_millis();
            (begin, point.end(now, &zone).unwrap().as_millis() - begin)
        };
        let noon = now.as_millisecond();
        assert_eq!(millis("2026-05-04T12:00:00Z"), (noon, 0));
        assert_eq!(millis("2026-05-04T14:00:00+02:00"), (noon, 0));
        assert_eq!(millis("2026-05-04 14:00"), (noon, 0));
        assert_eq!(millis("2026-05-04T14:00:00"), (noon, 0));
        let day = 86_400_000;
        assert_eq!(millis("2026-05-04"), (noon - 14 * 3_600_000, day - 1));
        assert_eq!(millis("2h"), (noon - 7_200_000, 0));
        for bad in ["", "yesterday", "2026-13-01", "-2h", "2026-05-04 25:00"] {
            assert!(bad.parse::<Point>().is_err(), "{bad}");
        }
    }

    #[test]
    fn kinds_are_named() {
        assert_eq!(parse_kind("mark"), Ok(Kind::Mark));
        assert!(parse_kind("lunch").unwrap_err().contains("heartbeat"));
    }
}
