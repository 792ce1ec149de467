//! A list's own date, from a comment at its head.

use jiff::civil::{Date, Time};
use jiff::tz::Offset;
use portlog_model::WallTime;

/// What lists call their date, in lower case, without spaces and hyphens.
const KEYS: [&str; 8] = [
    "lastmodified",
    "lastupdated",
    "lastupdate",
    "modified",
    "updated",
    "generated",
    "date",
    "timestamp",
];

/// The date that a comment such as `Last modified: 21 May 2024 12:20 UTC` gives, if it is one.
///
/// A date without a time zone is taken as UTC; one with a zone that is known by its letters only,
/// or whose day and month could be either way round, is not taken.
pub(crate) fn header_date(comment: &[u8]) -> Option<WallTime> {
    let comment = std::str::from_utf8(comment).ok()?;
    let (key, value) = comment
        .trim_start_matches(['#', '!', ';', ' ', '\t'])
        .split_once(':')?;
    let key: String = key
        .chars()
        .filter(|c| !c.is_ascii_whitespace() && *c != '-')
        .map(|c| c.to_ascii_lowercase())
        .take(16)
        .collect();
    if !KEYS.contains(&key.as_str()) {
        return None;
    }
    parse(value)
}

fn parse(value: &str) -> Option<WallTime> {
    let mut found = Found::default();
    for word in value
        .split(|c: char| c.is_ascii_whitespace() || matches!(c, ',' | '(' | ')'))
        .filter(|word| !word.is_empty())
    {
        found.word(word)?;
    }
    let date = Date::new(found.year?, found.month?, found.day?).ok()?;
    let time = found.time.unwrap_or(Time::midnight());
    let offset = found.offset.unwrap_or(Offset::UTC);
    let stamp = offset.to_timestamp(date.to_datetime(time)).ok()?;
    Some(WallTime::from_millis(stamp.as_millisecond()))
}

#[derive(Default)]
struct Found {
    year: Option<i16>,
    month: Option<i8>,
    day: Option<i8>,
    time: Option<Time>,
    offset: Option<Offset>,
}

impl Found {
    /// Takes a word in; `None` where it has no place in a date.
    fn word(&mut self, word: &str) -> Option<()> {
        if is_weekday(word) || word.eq_ignore_ascii_case("at") {
            return Some(());
        }
        if ["utc", "gmt", "z"]
            .iter()
            .any(|zone| word.eq_ignore_ascii_case(zone))
        {
            return set(&mut self.offset, Offset::UTC);
        }
        if let Some(month) = month(word) {
            return set(&mut self.month, month);
        }
        if word.starts_with(['+', '-']) {
            return set(&mut self.offset, offset(word)?);
        }
        if let Some((date, time)) = word.split_once(['T', 't'])
            && date.len() == 10
        {
            self.date(date)?;
            return self.time(time);
        }
        if word.contains(':') {
            return self.time(word);
        }
        if word.contains(['-', '/', '.']) {
            return self.date(word);
        }
        self.number(word)
    }

    /// `2024-05-21`, `2024/05/21`, `2024.05.21`, `21-May-2024`.
    fn date(&mut self, word: &str) -> Option<()> {
        let mut parts = word.split(['-', '/', '.']);
        let (first, middle, last) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() {
            return None;
        }
        if first.len() == 4 {
            set(&mut self.year, digits(first)?)?;
            set(&mut self.month, digits(middle)?)?;
            set(&mut self.day, digits(last)?)
        } else if last.len() == 4 {
            // Without a name, which of two numbers is the month cannot be told.
            set(&mut self.day, digits(first)?)?;
            set(&mut self.month, month(middle)?)?;
            set(&mut self.year, digits(last)?)
        } else {
            None
        }
    }

    /// `12:20`, `12:20:00`, `12:20:00.5Z`, `12:20+02:00`.
    fn time(&mut self, word: &str) -> Option<()> {
        let (clock, zone) = match word.find(['Z', 'z', '+', '-']) {
            Some(at) => word.split_at_checked(at)?,
            None => (word, ""),
        };
        match zone {
            "" => {}
            "Z" | "z" => set(&mut self.offset, Offset::UTC)?,
            zone => set(&mut self.offset, offset(zone)?)?,
        }
        let clock = match clock.split_once('.') {
            Some((clock, fraction)) if fraction.bytes().all(|b| b.is_ascii_digit()) => clock,
            Some(_) => return None,
            None => clock,
        };
        let mut parts = clock.split(':');
        let hour = digits(parts.next()?)?;
        let minute = digits(parts.next()?)?;
        let second = parts.next().map_or(Some(0), digits)?;
        if parts.next().is_some() {
            return None;
        }
        set(&mut self.time, Time::new(hour, minute, second, 0).ok()?)
    }

    /// A year or a day: `2024`, `21`, `21st`.
    fn number(&mut self, word: &str) -> Option<()> {
        if word.len() == 4 && word.bytes().all(|b| b.is_ascii_digit()) {
            return set(&mut self.year, digits(word)?);
        }
        let day = ["st", "nd", "rd", "th"]
            .iter()
            .find_map(|ending| word.strip_suffix(ending))
            .unwrap_or(word);
        if day.len() > 2 {
            return None;
        }
        set(&mut self.day, digits(day)?)
    }
}

/// Sets what is not set yet; a second one means that this is no date.
fn set<T>(place: &mut Option<T>, value: T) -> Option<()> {
    place.is_none().then(|| *place = Some(value))
}

fn digits<T: std::str::FromStr>(text: &str) -> Option<T> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}

/// `+02:00`, `+0200`, `-05`.
fn offset(text: &str) -> Option<Offset> {
    let (sign, rest) = if let Some(rest) = text.strip_prefix('+') {
        (1, rest)
    } else {
        (-1, text.strip_prefix('-')?)
    };
    let rest: String = rest.chars().filter(|c| *c != ':').take(5).collect();
    let (hours, minutes) = match rest.len() {
        2 => (rest.as_str(), "00"),
        4 => rest.split_at_checked(2)?,
        _ => return None,
    };
    let (hours, minutes) = (digits::<i32>(hours)?, digits::<i32>(minutes)?);
    if hours > 14 || minutes > 59 {
        return None;
    }
    Offset::from_seconds(sign * (hours * 3_600 + minutes * 60)).ok()
}

fn month(word: &str) -> Option<i8> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    MONTHS
        .iter()
        .zip(1..)
        .find_map(|(name, number)| is_name(word, name).then_some(number))
}

fn is_weekday(word: &str) -> bool {
    [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ]
    .iter()
    .any(|name| is_name(word, name))
}

/// Whether `word` is `name` or its first three letters.
fn is_name(word: &str, name: &str) -> bool {
    let word = word.strip_suffix('.').unwrap_or(word);
    word.eq_ignore_ascii_case(name) || name.get(..3).is_some_and(|n| word.eq_ignore_ascii_case(n))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: i64 = 1_716_294_000_000; // 2024-05-21T12:20:00Z
    const DAY: i64 = 1_716_249_600_000; // 2024-05-21T00:00:00Z

    fn date(comment: &str) -> Option<i64> {
        header_date(comment.as_bytes()).map(WallTime::as_millis)
    }

    #[test]
    fn dates_as_lists_write_them() {
        for (comment, millis) in [
            ("# Last modified: 2024-05-21T12:20:00Z", NOON),
            ("! Last modified: 2024-05-21T12:20:00.000Z", NOON),
            ("! Last modified: 21 May 2024 12:20 UTC", NOON),
            ("# Date: 21 May 2024 12:20:00 (UTC)", NOON),
            ("# Date: May 21, 2024", DAY),
            ("# Date: May 21st 2024 at 12:20", NOON),
            ("; Last-Modified: Tue, 21 May 2024 12:20:00 GMT", NOON),
            ("; Last-Modified: Tue, 21 May 2024 14:20:00 +0200", NOON),
            ("# Last updated: Tue May 21 12:20:00 UTC 2024", NOON),
            ("#Updated: 2024-05-21 12:20", NOON),
            ("#  LAST UPDATE : 2024/05/21", DAY),
            ("# Generated: 2024-05-21T07:20-05:00", NOON),
            ("# Timestamp: 21-May-2024 12:20:00Z", NOON),
            ("# Date: 2024.05.21", DAY),
        ] {
            assert_eq!(date(comment), Some(millis), "{comment}");
        }
    }

    #[test]
    fn what_is_no_date_for_certain_is_none() {
        for comment in [
            "# Title: 2024-05-21",
            "# Version: 202405211220",
            "# Date:",
            "# Date: today",
            "# Date: 05/06/2024",
            "# Date: 2024-13-21",
            "# Date: 2024-02-30",
            "# Date: 21 May 2024 12:20 CEST",
            "# Date: 21 May 2024 25:00",
            "# Date: 21 May 2024 12:20 +99:99",
            "# Date: 21 May 2024 22 June 2024",
            "# Date: 2024-05-21T12:20:00ZZ",
            "# Date: 99999999999999999999",
            "# Date: -",
            "# Date: +",
            "# Date: :",
            "# Date: ::::",
            "# Date: T",
            "# Date: 2024-05-21Tü",
            "# no colon",
        ] {
            assert_eq!(date(comment), None, "{comment}");
        }
        assert_eq!(header_date(b"# Date: \xff"), None);
    }
}
