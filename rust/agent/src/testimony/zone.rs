//! What the clock on the wall is set to.

#[cfg(not(target_os = "android"))]
use jiff::{Timestamp, tz::TimeZone};
use portlog_journal::UtcOffset;
use portlog_journal::entry::Value;
use portlog_model::{Moment, WallTime};

/// The zone in which times are written.
#[derive(Clone, Debug)]
pub(super) enum Zone {
    /// It was told.
    Told(UtcOffset),
    /// The system's. On Android the framework tells it, and reading its database of zones would be
    /// a large part of a small library.
    #[cfg(not(target_os = "android"))]
    System(TimeZone),
    /// Nobody knows.
    Unknown,
}

impl Zone {
    /// The zone that was told, else the system's, as it is now.
    pub(super) fn new(told: Option<UtcOffset>) -> Self {
        told.map_or_else(Self::of_the_system, Self::Told)
    }

    #[cfg(not(target_os = "android"))]
    fn of_the_system() -> Self {
        TimeZone::try_system().map_or(Self::Unknown, Self::System)
    }

    #[cfg(target_os = "android")]
    const fn of_the_system() -> Self {
        Self::Unknown
    }

    /// Its offset at `time`.
    #[cfg_attr(
        target_os = "android",
        expect(unused_variables, reason = "no zone is named")
    )]
    pub(super) fn offset(&self, time: WallTime) -> UtcOffset {
        match self {
            Self::Told(offset) => *offset,
            Self::Unknown => UtcOffset::UNKNOWN,
            #[cfg(not(target_os = "android"))]
            Self::System(zone) => Timestamp::from_millisecond(time.as_millis())
                .ok()
                .and_then(|time| i16::try_from(zone.to_offset(time).seconds() / 60).ok())
                .and_then(UtcOffset::from_minutes)
                .unwrap_or(UtcOffset::UNKNOWN),
        }
    }

    /// `moment` as signed text.
    pub(super) fn moment(&self, moment: Moment) -> Value {
        Value::moment(moment, self.offset(moment.wall))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_that_was_told_is_used_and_summer_is_known_to_a_named_one() {
        let time = WallTime::from_millis(1_780_000_000_000);
        let east = UtcOffset::from_minutes(480).unwrap();
        assert_eq!(Zone::new(Some(east)).offset(time), east);
        let berlin = Zone::System(TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap());
        assert_eq!(berlin.offset(time), UtcOffset::from_minutes(120).unwrap());
        assert_eq!(Zone::Unknown.offset(time), UtcOffset::UNKNOWN);
    }
}
