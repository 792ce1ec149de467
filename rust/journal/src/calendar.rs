//! Dates of signed text: written and read here, so that no other crate's next version can change
//! what was signed.

use portlog_model::WallTime;

/// The offset of a clock on the wall from UTC, in minutes east, or that it is not known.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct UtcOffset(Option<i16>);

impl UtcOffset {
    /// The offset is not known.
    pub const UNKNOWN: Self = Self(None);

    /// `minutes` east of UTC; `None` where that is a day or more.
    pub const fn from_minutes(minutes: i16) -> Option<Self> {
        if minutes > -MINUTES_OF_DAY && minutes < MINUTES_OF_DAY {
            Some(Self(Some(minutes)))
        } else {
            None
        }
    }
}

const MINUTES_OF_DAY: i16 = 24 * 60;
const MILLIS_OF_DAY: i64 = 86_400_000;
const MILLIS_OF_MINUTE: i64 = 60_000;

/// Writes `YYYY-MM-DDThh:mm:ss.mmm` with the offset; `None` outside the years 1970 to 9999.
pub(crate) fn write(time: WallTime, offset: UtcOffset) -> Option<String> {
    let minutes = offset.0.unwrap_or(0);
    let local = time
        .as_millis()
        .checked_add(i64::from(minutes) * MILLIS_OF_MINUTE)?;
    let (year, month, day) = date(local.div_euclid(MILLIS_OF_DAY));
    if !(1970..=9999).contains(&year) {
        return None;
    }
    let millis = local.rem_euclid(MILLIS_OF_DAY);
    let (hour, minute) = (millis / 3_600_000, millis / MILLIS_OF_MINUTE % 60);
    let (second, milli) = (millis / 1000 % 60, millis % 1000);
    let zone = match offset.0 {
        None => "Z".to_owned(),
        Some(minutes) => {
            let sign = if minutes < 0 { '-' } else { '+' };
            let minutes = minutes.unsigned_abs();
            format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
        }
    };
    Some(format!(
        "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}{zone}"
    ))
}

/// Reads what [`write()`] writes, and nothing else.
pub(crate) fn read(text: &str) -> Option<WallTime> {
    let bytes = text.as_bytes();
    let (stamp, zone) = bytes.split_at_checked(23)?;
    let offset = match zone {
        b"Z" => UtcOffset::UNKNOWN,
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let (hours, minutes) = (two(*h1, *h2)?, two(*m1, *m2)?);
            if hours > 23 || minutes > 59 || (*sign == b'-' && hours == 0 && minutes == 0) {
                return None;
            }
            let east = hours.checked_mul(60)?.checked_add(minutes)?;
            UtcOffset::from_minutes(if *sign == b'-' { -east } else { east })?
        }
        _ => return None,
    };
    let [
        y1,
        y2,
        y3,
        y4,
        b'-',
        mo1,
        mo2,
        b'-',
        d1,
        d2,
        b'T',
        h1,
        h2,
        b':',
        mi1,
        mi2,
        b':',
        s1,
        s2,
        b'.',
        f1,
        f2,
        f3,
    ] = stamp
    else {
        return None;
    };
    let year = i64::from(two(*y1, *y2)?) * 100 + i64::from(two(*y3, *y4)?);
    let (month, day) = (i64::from(two(*mo1, *mo2)?), i64::from(two(*d1, *d2)?));
    let (hour, minute) = (i64::from(two(*h1, *h2)?), i64::from(two(*mi1, *mi2)?));
    let second = i64::from(two(*s1, *s2)?);
    let milli = i64::from(two(*f1, *f2)?) * 10 + i64::from(two(b'0', *f3)?);
    if !(1970..=9999).contains(&year) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let days = days(year, month, day);
    if date(days) != (year, month, day) {
        return None;
    }
    let local = days * MILLIS_OF_DAY + ((hour * 60 + minute) * 60 + second) * 1000 + milli;
    let east = i64::from(offset.0.unwrap_or(0)) * MILLIS_OF_MINUTE;
    Some(WallTime::from_millis(local - east))
}

/// The Gregorian date of a day since 1970-01-01. Years are counted from March, so that the leap day
/// is a year's last; 400 years have 146,097 days.
const fn date(day: i64) -> (i64, i64, i64) {
    let shifted = day + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    let january = if month <= 2 { 1 } else { 0 };
    (year + era * 400 + january, month, day)
}

/// The day since 1970-01-01 of a Gregorian date; for what is no date, some day.
const fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let from_march = (month + 9) % 12;
    let of_year = (153 * from_march + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn two(tens: u8, ones: u8) -> Option<i16> {
    let digit = |byte: u8| byte.is_ascii_digit().then(|| i16::from(byte - b'0'));
    Some(digit(tens)? * 10 + digit(ones)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn east(minutes: i16) -> UtcOffset {
        UtcOffset::from_minutes(minutes).unwrap()
    }

    #[test]
    fn times_are_written_with_their_offset() {
        let time = WallTime::from_millis(1_407_672_512_137);
        for (offset, text) in [
            (UtcOffset::UNKNOWN, "2014-08-10T12:08:32.137Z"),
            (east(0), "2014-08-10T12:08:32.137+00:00"),
            (east(480), "2014-08-10T20:08:32.137+08:00"),
            (east(-210), "2014-08-10T08:38:32.137-03:30"),
            (east(-1439), "2014-08-09T12:09:32.137-23:59"),
        ] {
            assert_eq!(write(time, offset).as_deref(), Some(text));
            assert_eq!(read(text), Some(time), "{text}");
        }
        assert_eq!(UtcOffset::from_minutes(1440), None);
    }

    #[test]
    fn every_day_of_four_centuries_is_written_and_read() {
        for day in 0..146_097 {
            let time = WallTime::from_millis(day * MILLIS_OF_DAY + 86_399_999);
            let text = write(time, UtcOffset::UNKNOWN).unwrap();
            assert_eq!(read(&text), Some(time), "{text}");
        }
        let leap = read("2000-02-29T00:00:00.000Z").unwrap();
        assert_eq!(leap.as_millis(), 951_782_400_000);
    }

    #[test]
    fn years_without_four_digits_are_not_written() {
        for millis in [i64::MIN, -1, 253_402_300_800_000, i64::MAX] {
            assert_eq!(
                write(WallTime::from_millis(millis), east(0)),
                None,
                "{millis}"
            );
        }
    }

    #[test]
    fn only_the_one_form_of_a_real_date_is_read() {
        for bad in [
            "2014-08-10T12:08:32Z",
            "2014-08-10 12:08:32.137Z",
            "2014-08-10T12:08:32.137",
            "2014-08-10T12:08:32.137z",
            "2014-08-10T12:08:32.137-00:00",
            "2014-08-10T12:08:32.137+24:00",
            "2014-08-10T12:08:32.137+01:60",
            "2014-08-10T24:08:32.137Z",
            "2014-08-10T12:60:32.137Z",
            "2014-08-10T12:08:60.137Z",
            "2014-02-29T12:08:32.137Z",
            "2014-00-10T12:08:32.137Z",
            "2014-13-10T12:08:32.137Z",
            "2014-08-00T12:08:32.137Z",
            "2014-08-32T12:08:32.137Z",
            "1969-12-31T12:08:32.137Z",
            "２014-08-10T12:08:32.137Z",
            "",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
