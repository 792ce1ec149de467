//! Times as a log has them: an instant, and the clock on the wall that showed it.

use jiff::civil::{Date, DateTime};

/// A time, and how far its clock was ahead of UTC.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Stamp {
    /// Milliseconds since 1970, UTC.
    pub(crate) millis: i64,
    /// Minutes east of UTC; `None` where the log does not know.
    pub(crate) east: Option<i16>,
}

impl Stamp {
    /// Reads a `time` or a `moment` of docs/LOG-FORMAT.md, section 2.1.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let time = text.split(' ').next()?;
        let (local, zone) = time.split_at_checked(23)?;
        let east = match zone.split_at_checked(1)? {
            ("Z", "") => None,
            (sign, hours_and_minutes) => {
                let (hours, minutes) = hours_and_minutes.split_once(':')?;
                let minutes =
                    hours.parse::<i16>().ok()?.checked_mul(60)? + minutes.parse::<i16>().ok()?;
                Some(if sign == "-" { -minutes } else { minutes })
            }
        };
        let local: DateTime = local.parse().ok()?;
        let millis = local.duration_since(EPOCH).as_millis();
        let millis = i64::try_from(millis).ok()?;
        Some(Self {
            millis: millis - i64::from(east.unwrap_or(0)) * MINUTE,
            east,
        })
    }

    /// The instant on the clock of `self`.
    pub(crate) const fn with_millis(self, millis: i64) -> Self {
        Self { millis, ..self }
    }

    /// Milliseconds since 1970 on the clock of `self`.
    pub(crate) fn local_millis(self) -> i64 {
        self.millis
            .saturating_add(i64::from(self.east.unwrap_or(0)) * MINUTE)
    }

    /// `2026-05-04 15:45:03 +02:00`; `UTC` where the offset is not known.
    pub(crate) fn full(self) -> String {
        let zone = match self.east {
            None => "UTC".to_owned(),
            Some(east) => {
                let sign = if east < 0 { '-' } else { '+' };
                let east = east.unsigned_abs();
                format!("{sign}{:02}:{:02}", east / 60, east % 60)
            }
        };
        format!("{} {zone}", self.written("%Y-%m-%d %H:%M:%S"))
    }

    /// `2026-05-04 15:45`.
    pub(crate) fn to_the_minute(self) -> String {
        self.written("%Y-%m-%d %H:%M")
    }

    fn written(self, format: &str) -> String {
        let local = jiff::SignedDuration::from_millis(self.local_millis());
        EPOCH
            .checked_add(local)
            .map_or_else(|_| "?".to_owned(), |time| time.strftime(format).to_string())
    }
}

const MINUTE: i64 = 60_000;
const EPOCH: DateTime = Date::constant(1970, 1, 1).at(0, 0, 0, 0);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_shown_by_the_clock_that_the_log_names() {
        for (text, millis, shown) in [
            (
                "2026-05-04T15:45:03.250+02:00 7200000",
                1_777_902_303_250,
                "2026-05-04 15:45:03 +02:00",
            ),
            (
                "2026-05-04T13:45:03.250Z -",
                1_777_902_303_250,
                "2026-05-04 13:45:03 UTC",
            ),
            (
                "2026-05-04T10:15:03.000-03:30",
                1_777_902_303_000,
                "2026-05-04 10:15:03 -03:30",
            ),
            (
                "1970-01-01T00:00:00.000+23:59",
                -86_340_000,
                "1970-01-01 00:00:00 +23:59",
            ),
            (
                "9999-12-31T23:59:59.999-23:59",
                253_402_387_139_999,
                "9999-12-31 23:59:59 -23:59",
            ),
        ] {
            let stamp = Stamp::read(text).unwrap();
            assert_eq!((stamp.millis, stamp.full().as_str()), (millis, shown));
        }
    }

    #[test]
    fn what_is_no_time_is_none_and_what_no_clock_shows_does_no_harm() {
        for text in [
            "",
            "-",
            "noon",
            "2026-05-04T15:45:03.250",
            "2026-02-30T00:00:00.000Z",
        ] {
            assert_eq!(Stamp::read(text), None, "{text}");
        }
        for millis in [i64::MIN, i64::MAX] {
            let stamp = Stamp {
                millis,
                east: Some(120),
            };
            assert!(stamp.full().starts_with('?'));
        }
    }
}
