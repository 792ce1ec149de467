//! What the clock on the wall is set to.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use portlog_journal::UtcOffset;
use portlog_journal::entry::Value;
use portlog_model::{Moment, WallTime};

/// The zone in which times are written.
#[derive(Clone, Debug)]
pub(super) enum Zone {
    /// It was told.
    Told(UtcOffset),
    /// The system's.
    System(TimeZone),
    /// Nobody knows.
    Unknown,
}

impl Zone {
    /// The zone that was told, else the system's, as it is now.
    pub(super) fn new(told: Option<UtcOffset>) -> Self {
        told.map_or_else(
            || TimeZone::try_system().map_or(Self::Unknown, Self::System),
            Self::Told,
        )
    }

    /// Its offset at `time`.
    pub(super) fn offset(&self, time: WallTime) -> UtcOffset {
        let zone = match self {
            Self::Told(offset) => return *offset,
            Self::Unknown => return UtcOffset::UNKNOWN,
            Self::System(zone) => zone,
        };
        Timestamp::from_millisecond(time.as_millis())
            .ok()
            .and_then(|time| i16::try_from(zone.to_offset(time).seconds() / 60).ok())
            .and_then(UtcOffset::from_minutes)
            .unwrap_or(UtcOffset::UNKNOWN)
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
