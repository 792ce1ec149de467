//! Times as names of folders.

use portlog_model::WallTime;

/// The time that a folder's name gives, if it is one.
///
/// Either RFC 3339's instant in ISO 8601's basic form, `20260314T092530Z` or
/// `20260314T092530.250Z` with one to nine decimals (milliseconds count), always UTC, since colons
/// cannot stand in names everywhere; or milliseconds since the Unix epoch, 10 to 15 digits.
pub fn capture_time(name: &str) -> Option<WallTime> {
    if (10..=15).contains(&name.len()) {
        return number(name).map(WallTime::from_millis);
    }
    let (date, time) = name.strip_suffix('Z')?.split_once('T')?;
    let (clock, decimals) = match time.split_once('.') {
        Some((clock, decimals)) => (clock, Some(decimals)),
        None => (time, None),
    };
    let (year, date) = split(date, 4)?;
    let (month, day) = split(date, 2)?;
    let (hour, clock) = split(clock, 2)?;
    let (minute, second) = split(clock, 2)?;
    if day.len() != 2 || second.len() != 2 {
        return None;
    }
    let (day, second) = (number(day)?, number(second)?);
    let millis = decimals.map_or(Some(0), milliseconds)?;
    let length = match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    // Second 60 is a leap second, which Unix time counts as the next minute's first.
    if !(1..=length).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let seconds = (days_since_epoch(year, month, day) * 24 + hour) * 3600 + minute * 60 + second;
    Some(WallTime::from_millis(seconds * 1000 + millis))
}

/// The number in the first `length` digits, and the rest.
fn split(digits: &str, length: usize) -> Option<(i64, &str)> {
    let (first, rest) = digits.split_at_checked(length)?;
    Some((number(first)?, rest))
}

fn number(digits: &str) -> Option<i64> {
    // `parse` alone would take a sign.
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok()
}

/// The milliseconds in the decimals of a second; what is finer is dropped.
fn milliseconds(decimals: &str) -> Option<i64> {
    if !(1..=9).contains(&decimals.len()) {
        return None;
    }
    number(decimals)?;
    let nanos = number(&format!("{decimals:0<9}"))?;
    Some(nanos / 1_000_000)
}

const fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// Days from 1970-01-01 in the Gregorian calendar. Years are counted from March, so that the leap
/// day is a year's last.
const fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    // 719,468 days lie between 0000-03-01 and 1970-01-01.
    year * 365 + leap_days + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(name: &str) -> Option<i64> {
        capture_time(name).map(WallTime::as_millis)
    }

    #[test]
    fn instants_are_what_date_prints() {
        // `date -u -d '2026-03-14 09:25:30' +%s` and its kin.
        for (name, seconds) in [
            ("19700101T000000Z", 0),
            ("20000229T235959Z", 951_868_799),
            ("20000301T000000Z", 951_868_800),
            ("20260314T092530Z", 1_773_480_330),
            ("20241231T235959Z", 1_735_689_599),
            ("21000228T000000Z", 4_107_456_000),
            ("19691231T235959Z", -1),
        ] {
            assert_eq!(millis(name), Some(seconds * 1000), "{name}");
        }
    }

    #[test]
    fn decimals_count_to_the_millisecond() {
        assert_eq!(millis("19700101T000000.25Z"), Some(250));
        assert_eq!(millis("19700101T000000.250999999Z"), Some(250));
        assert_eq!(millis("19700101T000000.001Z"), Some(1));
        assert_eq!(millis("1773480330250"), Some(1_773_480_330_250));
        assert_eq!(millis("0000000000"), Some(0));
    }

    #[test]
    fn other_names_are_no_times() {
        for name in [
            "",
            "net",
            "20260314T092530",
            "20260314T092530.Z",
            "20260314T092530.0123456789Z",
            "2026-03-14T09:25:30Z",
            "20260229T000000Z",
            "21000229T000000Z",
            "20261301T000000Z",
            "20260014T000000Z",
            "20260100T000000Z",
            "20260132T000000Z",
            "20260101T240000Z",
            "20260101T006000Z",
            "20260101T000061Z",
            "+0260101T000000Z",
            "20260101T00000٣Z",
            "202601011T000000Z",
            "20260101T0000001Z",
            "-123456789012",
            "12345",
            "1234567890123456",
        ] {
            assert_eq!(capture_time(name), None, "{name}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_name_breaks_it(name in "[0-9TZ.+-]{0,24}|\\PC{0,24}") {
            let _ = capture_time(&name);
        }

        #[test]
        #[cfg_attr(miri, ignore = "walks long years")]
        fn days_follow_each_other(day in 0_i64..100_000) {
            // Walk the calendar by the length of its months.
            let (mut year, mut month, mut left) = (1970, 1, day);
            loop {
                let length = (28..=31)
                    .rev()
                    .find(|length| capture_time(&format!("{year:04}{month:02}{length:02}T000000Z")).is_some())
                    .unwrap();
                if left < length {
                    break;
                }
                left -= length;
                (year, month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
            }
            let name = format!("{year:04}{month:02}{:02}T000000Z", left + 1);
            proptest::prop_assert_eq!(millis(&name), Some(day * 86_400_000));
        }
    }
}
