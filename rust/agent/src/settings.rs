//! The settings file: what a user would otherwise say with flags, in TOML, with a version.
//!
//! ```toml
//! version = 1
//! interval = "1s"
//! scope = "firmware"
//!
//! [[list]]
//! file = "lists/own.txt"
//! category = "own"
//! ```

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::SignedDuration;
use portlog_model::Category;
use serde::{Deserialize, Deserializer, de};

use crate::Error;
use crate::files::read_bounded;
use crate::pace::{MAX_INTERVAL, MIN_INTERVAL};
use crate::testimony::Retention;

/// The newest version of the file that this build knows.
const VERSION: u64 = 1;
/// A settings file is a page or two.
const MAX_BYTES: u64 = 1 << 20;

/// Settings from a file; what it does not name stays as usual. Flags win over it.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Settings {
    /// The form of the file; 1 where it is not given.
    #[serde(default, rename = "version")]
    _version: Option<u64>,
    /// The time from one poll to the next while something changes.
    #[serde(default, deserialize_with = "interval")]
    pub interval: Option<Duration>,
    /// The same after a quiet minute.
    #[serde(default, deserialize_with = "interval")]
    pub idle_interval: Option<Duration>,
    /// The time from one heartbeat to the next.
    #[serde(default, deserialize_with = "span")]
    pub heartbeat: Option<Duration>,
    /// An alert that was raised is raised again when it recurs after this time.
    #[serde(default, deserialize_with = "span")]
    pub cool_down: Option<Duration>,
    /// Sounding alerts in 24 hours before they are bundled.
    #[serde(default)]
    pub sounding_per_day: Option<u32>,
    /// Whose connections raise alerts.
    #[serde(default)]
    pub scope: Option<ScopeSetting>,
    /// How many days a journal keeps its rows.
    #[serde(default, deserialize_with = "days")]
    pub retention_days: Option<u64>,
    /// Above how many MiB the older half of a journal's rows goes.
    #[serde(default, deserialize_with = "mebibytes")]
    pub retention_mib: Option<u64>,
    /// The package list.
    #[serde(default)]
    pub packages: Option<PathBuf>,
    /// The lists; relative paths are relative to the settings file.
    #[serde(default, rename = "list")]
    pub lists: Vec<ListSetting>,
}

/// A scope in a settings file.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum ScopeSetting {
    /// What comes with the phone.
    Firmware,
    /// Everyone.
    All,
}

/// A list in a settings file.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct ListSetting {
    /// The list's file.
    pub file: PathBuf,
    /// Its category; the usual one of its format where it is not given.
    pub category: Option<Category>,
}

impl Settings {
    /// Reads a settings file.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let bytes = read_bounded(path, MAX_BYTES)?;
        let damaged = |detail| Error::Damaged {
            path: path.to_owned(),
            detail,
        };
        let text = std::str::from_utf8(&bytes)
            .map_err(|error| damaged(format!("not UTF-8 text: {error}")))?;
        let mut settings = Self::parse(text).map_err(|error| match error {
            ParseError::Newer(found) => Error::Newer {
                path: path.to_owned(),
                found,
                known: VERSION,
            },
            ParseError::Form(detail) => damaged(detail),
        })?;
        let folder = path.parent().unwrap_or(Path::new(""));
        settings.packages = settings.packages.map(|file| folder.join(file));
        for list in &mut settings.lists {
            list.file = folder.join(&list.file);
        }
        Ok(settings)
    }

    /// How long a journal keeps its rows.
    pub fn retention(&self) -> Retention {
        let usual = Retention::default();
        let days = self.retention_days.map(|days| days.saturating_mul(24));
        Retention {
            age: days.map_or(usual.age, Duration::from_hours),
            bytes: self
                .retention_mib
                .map_or(usual.bytes, |mib| mib.saturating_mul(1 << 20)),
        }
    }

    /// Parses the text of a settings file; paths stay as they stand in it.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let in_line = |error: &toml::de::Error| {
            let before = error.span().and_then(|span| text.get(..span.start));
            let line = before.map_or(1, |before| before.matches('\n').count() + 1);
            format!("line {line}: {}", error.message().replace('\n', ", "))
        };
        let VersionOnly { version } =
            toml::from_str(text).map_err(|error| ParseError::Form(in_line(&error)))?;
        match version {
            Some(found) if found > VERSION => Err(ParseError::Newer(found)),
            Some(0) => Err(ParseError::Form("there is no version 0".to_owned())),
            _ => toml::from_str(text).map_err(|error| ParseError::Form(in_line(&error))),
        }
    }
}

/// Why the text of a settings file cannot be used.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ParseError {
    /// It was written for a newer Portlog: its version.
    #[error("version {0} is newer than this Portlog")]
    Newer(u64),
    /// It is not of the form; the line and what is wrong there.
    #[error("{0}")]
    Form(String),
}

/// Only the version is looked at first, so that a newer file is called newer and not damaged.
#[derive(Deserialize)]
struct VersionOnly {
    version: Option<u64>,
}

/// A text that is no time span.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{0:?} is not a time span: write it as 500ms, 1s, 15m or 6h")]
pub struct InvalidSpan(String);

/// Parses a time span with its unit, such as `500ms`, `1s`, `15m`, `1h 30m`.
pub fn parse_span(text: &str) -> Result<Duration, InvalidSpan> {
    let span: Option<SignedDuration> = text.parse().ok();
    span.and_then(|span| Duration::try_from(span).ok())
        .ok_or_else(|| InvalidSpan(text.chars().take(64).collect()))
}

/// Why a time span cannot be the interval of a watch.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InvalidInterval {
    /// It is no time span.
    #[error(transparent)]
    Span(#[from] InvalidSpan),
    /// It is too short or too long.
    #[error("an interval is between {} ms and {} s", MIN_INTERVAL.as_millis(), MAX_INTERVAL.as_secs())]
    OutOfRange,
}

/// Parses the interval of a watch.
pub fn parse_interval(text: &str) -> Result<Duration, InvalidInterval> {
    let interval = parse_span(text)?;
    if (MIN_INTERVAL..=MAX_INTERVAL).contains(&interval) {
        Ok(interval)
    } else {
        Err(InvalidInterval::OutOfRange)
    }
}

fn span<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse_span(&text).map(Some).map_err(de::Error::custom)
}

fn interval<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse_interval(&text).map(Some).map_err(de::Error::custom)
}

fn days<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    /// A hundred years.
    const MOST: u64 = 36_500;
    within(deserializer, MOST, "days")
}

fn mebibytes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    /// A tebibyte.
    const MOST: u64 = 1 << 20;
    within(deserializer, MOST, "MiB")
}

fn within<'de, D: Deserializer<'de>>(
    deserializer: D,
    most: u64,
    unit: &str,
) -> Result<Option<u64>, D::Error> {
    let number = i64::deserialize(deserializer)?;
    u64::try_from(number)
        .ok()
        .filter(|number| (1..=most).contains(number))
        .map(Some)
        .ok_or_else(|| {
            de::Error::custom(format!("{number}: give a number from 1 to {most} ({unit})"))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_is_read() {
        let settings = Settings::parse(
            "version = 1\ninterval = '500ms'\nidle_interval = '5s'\nheartbeat = '15m'\n\
             cool_down = '6h'\nsounding_per_day = 3\nscope = 'all'\npackages = 'p.list'\n\
             retention_days = 7\nretention_mib = 50\n\
             [[list]]\nfile = 'own.txt'\ncategory = 'threat'\n[[list]]\nfile = 'hosts'\n",
        )
        .unwrap();
        assert_eq!(settings.interval, Some(Duration::from_millis(500)));
        assert_eq!(settings.cool_down, Some(Duration::from_hours(6)));
        assert_eq!(settings.scope, Some(ScopeSetting::All));
        assert_eq!(
            settings.retention(),
            Retention {
                age: Duration::from_hours(7 * 24),
                bytes: 50 << 20
            }
        );
        assert_eq!(settings.lists.len(), 2);
        assert_eq!(settings.lists[0].category, Some(Category::Threat));
    }

    #[test]
    fn an_empty_file_changes_nothing() {
        assert_eq!(Settings::parse("").unwrap(), Settings::default());
        assert_eq!(Settings::default().retention(), Retention::default());
    }

    #[test]
    fn an_error_names_the_line_and_what_is_wrong() {
        let error = Settings::parse("version = 1\n\nintervall = '1s'\n")
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("line 3") && error.contains("intervall"),
            "{error}"
        );
        let error = Settings::parse("interval = 'soon'\n")
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("line 1") && error.contains("500ms"),
            "{error}"
        );
        let error = Settings::parse("interval = '1ns'\n")
            .unwrap_err()
            .to_string();
        assert!(error.contains("between"), "{error}");
    }

    #[test]
    fn rows_cannot_be_kept_for_no_time_or_in_no_room() {
        for (name, most) in [("retention_days", 36_500), ("retention_mib", 1 << 20)] {
            let told = |value: &str| {
                let text = format!("version = 1\n{name} = {value}\n");
                Settings::parse(&text).map_err(|error| error.to_string())
            };
            assert!(told("1").is_ok() && told(&most.to_string()).is_ok());
            for value in ["0", "-7", &(most + 1).to_string(), "9223372036854775807"] {
                let error = told(value).unwrap_err();
                let wanted = [
                    "line 2: ".to_owned(),
                    value.to_owned(),
                    format!("from 1 to {most}"),
                ];
                for part in &wanted {
                    assert!(error.contains(part), "{error}");
                }
            }
            for value in ["'soon'", "1.5", "true", "99999999999999999999", "[7]"] {
                let error = told(value).unwrap_err();
                assert!(error.starts_with("line 2: "), "{error}");
            }
        }
    }

    #[test]
    fn a_newer_file_is_called_newer_even_where_its_form_is_unknown() {
        let error = Settings::parse("version = 2\nshape = 'unknown'\n").unwrap_err();
        assert_eq!(error, ParseError::Newer(2));
    }

    #[test]
    fn paths_are_relative_to_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        std::fs::write(&path, "[[list]]\nfile = 'own.txt'\n").unwrap();
        let settings = Settings::read(&path).unwrap();
        assert_eq!(settings.lists[0].file, folder.path().join("own.txt"));
    }

    #[test]
    fn spans_need_a_unit_and_are_not_negative() {
        assert_eq!(parse_span("1h 30m"), Ok(Duration::from_mins(90)));
        for text in ["", "1", "-1s", "1 fortnight", "999999999999999999999s"] {
            assert!(parse_span(text).is_err(), "{text:?}");
        }
    }
}
