//! Indicators in STIX 2.1, as they are published for the Mobile Verification Toolkit: a bundle of
//! `indicator` objects with a pattern each, and `relationship` objects that say which malware they
//! indicate (OASIS STIX 2.1, sections 4.7, 5.1 and 9).
//!
//! A pattern that is a single comparison of a host is a rule here, one of an app's id, certificate or file
//! a rule about packages. Everything else means something that neither a socket table nor a package list
//! shows, and is counted with its reason. Objects are what lines are elsewhere:
//! each ends in exactly one of the counts of [`Summary`](crate::Summary), and is named by the line of
//! the file on which it begins.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Write as _;

use jiff::Timestamp;
use portlog_model::WallTime;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::error::Shown;
use crate::line::{self, MAX_ENTRY};
use crate::network::parse_entry;
use crate::{Error, LineError, Network, PackageKey, Unsupported};

/// Whether a file is JSON and no list of lines.
pub(crate) fn is_json(content: &[u8]) -> bool {
    content.trim_ascii_start().starts_with(b"{")
}

/// A bundle, opened.
pub(crate) struct Stix<'a> {
    content: &'a str,
    objects: Vec<&'a RawValue>,
    /// What an indicator's id indicates, by name.
    indicates: HashMap<&'a str, Cow<'a, str>>,
    /// The latest date of an object.
    pub(crate) date: Option<WallTime>,
}

/// What an object of a bundle says.
pub(crate) enum Found<'a> {
    /// A rule: its entry's text, and what it is about.
    Rule(String, Host<'a>),
    /// A rule about packages, likewise.
    Package(String, PackageKey),
    /// No indicator: what others refer to.
    Context,
    /// It means something that a socket table cannot show.
    Unsupported(Unsupported),
    /// It could not be used.
    Bad(LineError),
}

/// What a rule of a bundle is about.
pub(crate) enum Host<'a> {
    /// A name, and all names below it (`domain-name`).
    Domain(Cow<'a, str>),
    /// A name exactly: the host of a `url`.
    Exact(Cow<'a, str>),
    /// An address (written without a length) or a network.
    Network { network: Network, is_address: bool },
}

impl<'a> Stix<'a> {
    /// Opens a bundle. Fails where the file is no JSON or no bundle.
    pub(crate) fn open(content: &'a [u8]) -> Result<Self, Error> {
        let content = std::str::from_utf8(content).map_err(|_| Error::NotUtf8)?;
        let bundle: Bundle<'a> = serde_json::from_str(content).map_err(|error| {
            // A well-formed file in which the parts of a bundle are missing is another kind of file.
            if error.is_data() {
                Error::NotABundle
            } else {
                Error::NotJson {
                    line: error.line(),
                    column: error.column(),
                }
            }
        })?;
        if bundle.kind != "bundle" {
            return Err(Error::NotABundle);
        }
        let mut names: HashMap<&str, Cow<'_, str>> = HashMap::new();
        let mut links = Vec::new();
        let mut date = None;
        for raw in &bundle.objects {
            let Ok(object) = serde_json::from_str::<Related<'a>>(raw.get()) else {
                continue;
            };
            let dates = [&object.modified, &object.created];
            date = date.max(dates.into_iter().flatten().find_map(|text| moment(text)));
            match (object.id, object.name, object.source, object.target) {
                (_, _, Some(source), Some(target)) if object.link == Some("indicates") => {
                    links.push((source, target));
                }
                (Some(id), Some(name), ..) if object.kind != Some("indicator") => {
                    names.insert(id, name);
                }
                _ => {}
            }
        }
        let indicates = links
            .into_iter()
            .filter_map(|(source, target)| Some((source, names.get(target)?.clone())))
            .collect();
        Ok(Self {
            content,
            objects: bundle.objects,
            indicates,
            date,
        })
    }

    /// What each object says, with the line on which it begins.
    pub(crate) fn objects(&self) -> impl Iterator<Item = (u32, Found<'a>)> {
        let (mut line, mut counted_to) = (1_u32, 0);
        self.objects.iter().map(move |raw| {
            let at = raw.get().as_ptr() as usize - self.content.as_ptr() as usize;
            let between = self.content.as_bytes().get(counted_to..at);
            let feeds = memchr::memchr_iter(b'\n', between.unwrap_or_default()).count();
            line = line.saturating_add(u32::try_from(feeds).unwrap_or(u32::MAX));
            counted_to = at;
            (line, self.object(raw))
        })
    }

    fn object(&self, raw: &'a RawValue) -> Found<'a> {
        let Ok(Kind { kind, revoked }) = serde_json::from_str::<Kind<'a>>(raw.get()) else {
            return Found::Bad(LineError::NotAnObject);
        };
        if kind != "indicator" {
            return Found::Context;
        }
        if revoked {
            return Found::Unsupported(Unsupported::Revoked);
        }
        let Ok(indicator) = serde_json::from_str::<Indicator<'a>>(raw.get()) else {
            return Found::Bad(LineError::NotAnIndicator);
        };
        if indicator.pattern_type.is_some_and(|kind| kind != "stix") {
            return Found::Unsupported(Unsupported::PatternLanguage);
        }
        let Some((path, value)) = single_equality(&indicator.pattern) else {
            return Found::Unsupported(Unsupported::Expression);
        };
        match PackageKey::of_pattern(path, &value) {
            Some(Ok(key)) => return Found::Package(self.entry(key.as_str(), &indicator), key),
            Some(Err(reason)) => return Found::Bad(reason),
            None => {}
        }
        match host(path, value) {
            Ok(Some((shown, host))) => Found::Rule(self.entry(&shown, &indicator), host),
            Ok(None) => Found::Unsupported(unsupported(path)),
            Err(reason) => Found::Bad(reason),
        }
    }

    /// The host, what it indicates, since when, and the indicator's id: the whole of what an answer has
    /// to tell, in the one text that goes wherever entries go.
    fn entry(&self, host: &str, indicator: &Indicator<'_>) -> String {
        let mut entry = host.to_owned();
        let id = indicator.id.unwrap_or_default();
        let name = self
            .indicates
            .get(id)
            .or(indicator.name.as_ref())
            .map(|name| Shown::new(name));
        if let Some(name) = name.filter(|name| name.as_str() != host) {
            let _ = write!(entry, " ({name})");
        }
        for (word, date) in [
            ("from", &indicator.valid_from),
            ("until", &indicator.valid_until),
        ] {
            if let Some(day) = date.as_deref().and_then(day) {
                let _ = write!(entry, " {word} {day}");
            }
        }
        if !id.is_empty() {
            let _ = write!(entry, " {}", Shown::new(id));
        }
        entry
    }
}

#[derive(Deserialize)]
struct Bundle<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    objects: Vec<&'a RawValue>,
}

/// What objects refer to one another by. Ids have no escapes; one that has is nobody's.
#[derive(Deserialize)]
struct Related<'a> {
    #[serde(rename = "type")]
    kind: Option<&'a str>,
    id: Option<&'a str>,
    #[serde(borrow)]
    name: Option<Cow<'a, str>>,
    created: Option<&'a str>,
    modified: Option<&'a str>,
    #[serde(rename = "relationship_type")]
    link: Option<&'a str>,
    #[serde(rename = "source_ref")]
    source: Option<&'a str>,
    #[serde(rename = "target_ref")]
    target: Option<&'a str>,
}

#[derive(Deserialize)]
struct Kind<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(default)]
    revoked: bool,
}

#[derive(Deserialize)]
struct Indicator<'a> {
    id: Option<&'a str>,
    #[serde(borrow)]
    name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pattern: Cow<'a, str>,
    pattern_type: Option<&'a str>,
    #[serde(borrow)]
    valid_from: Option<Cow<'a, str>>,
    #[serde(borrow)]
    valid_until: Option<Cow<'a, str>>,
}

/// Object path and value of `[path = 'value']`; `None` for every other expression.
fn single_equality(pattern: &str) -> Option<(&str, String)> {
    let inner = pattern.trim().strip_prefix('[')?.strip_suffix(']')?.trim();
    let (path, rest) = inner.split_once('=')?;
    let path = path.trim_end();
    let is_path = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':' | '.' | '\'');
    if path.is_empty() || !path.chars().all(is_path) {
        return None;
    }
    let quoted = rest.trim_start().strip_prefix('\'')?;
    let mut value = String::with_capacity(quoted.len());
    let mut characters = quoted.chars();
    loop {
        match characters.next()? {
            '\\' => match characters.next()? {
                escaped @ ('\\' | '\'') => value.push(escaped),
                _ => return None,
            },
            '\'' => break,
            plain => value.push(plain),
        }
    }
    characters.as_str().is_empty().then_some((path, value))
}

/// The host that a comparison is about, and how an entry shows it; `None` where it is about
/// something else.
fn host<'a>(path: &str, value: String) -> Result<Option<(String, Host<'a>)>, LineError> {
    if value.len() > MAX_ENTRY {
        return Err(LineError::TooLong(MAX_ENTRY));
    }
    match path {
        "domain-name:value" => {
            // Bundles in the field have addresses here too; each means that address.
            if let Some(Ok(host)) = network(&value)
                && !value.contains('/')
            {
                return Ok(Some((value, host)));
            }
            let name = canonical(&value)?;
            if !name.contains('.') {
                return Err(LineError::SingleLabel(Shown::new(&name)));
            }
            Ok(Some((name.clone(), Host::Domain(Cow::Owned(name)))))
        }
        "ipv4-addr:value" | "ipv6-addr:value" => {
            let network =
                network(&value).ok_or_else(|| LineError::NotAnAddress(Shown::new(&value)))?;
            Ok(Some((value, network?)))
        }
        "url:value" => {
            let (_, behind) = value
                .split_once("://")
                .ok_or_else(|| LineError::NotAUrl(Shown::new(&value)))?;
            let host = line::host_of(behind).as_str().to_owned();
            if let Some(network) = network(&host) {
                return Ok(Some((host, network?)));
            }
            let name = canonical(&host)?;
            Ok(Some((name.clone(), Host::Exact(Cow::Owned(name)))))
        }
        _ => Ok(None),
    }
}

/// Why a comparison of this object path is no rule here.
fn unsupported(path: &str) -> Unsupported {
    match path.split([':', '.']).next() {
        Some("app") => Unsupported::App,
        Some("file") => Unsupported::File,
        _ => Unsupported::NoHost,
    }
}

fn canonical(name: &str) -> Result<String, LineError> {
    crate::host::canonical(name)
        .map(Cow::into_owned)
        .map_err(|reason| line::host_error(name, reason))
}

/// What a text that is an address or a network is about; `None` where it is neither.
fn network<'a>(text: &str) -> Option<Result<Host<'a>, LineError>> {
    let is_address = !text.contains('/');
    let host = |network| Host::Network {
        network,
        is_address,
    };
    Some(parse_entry(text)?.map(host))
}

fn moment(text: &str) -> Option<WallTime> {
    let stamp: Timestamp = text.parse().ok()?;
    Some(WallTime::from_millis(stamp.as_millisecond()))
}

/// The day of a timestamp (RFC 3339), where it is one.
fn day(text: &str) -> Option<&str> {
    text.parse::<Timestamp>().ok()?;
    text.get(..10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_comparison_is_read_and_every_other_expression_is_not() {
        let read = |pattern| single_equality(pattern);
        let domain = |value: &str| Some(("domain-name:value", value.to_owned()));
        assert_eq!(read("[domain-name:value='a.test']"), domain("a.test"));
        assert_eq!(read(" [ domain-name:value = 'a.test' ] "), domain("a.test"));
        assert_eq!(read(r"[domain-name:value='a\'b\\c']"), domain(r"a'b\c"));
        assert_eq!(
            read("[file:hashes.'SHA-256'='00ff']"),
            Some(("file:hashes.'SHA-256'", "00ff".to_owned()))
        );
        assert_eq!(
            read("[url:value='https://a.test/?q=1']"),
            Some(("url:value", "https://a.test/?q=1".to_owned()))
        );
        for other in [
            "",
            "[]",
            "domain-name:value='a.test'",
            "[domain-name:value!='a.test']",
            "[domain-name:value IN ('a.test')]",
            "[domain-name:value LIKE '%.test']",
            "[domain-name:value='a.test' OR domain-name:value='b.test']",
            "[domain-name:value='a.test'] AND [domain-name:value='b.test']",
            "[domain-name:value='a.test'] START t'2024-01-01T00:00:00Z' STOP t'2025-01-01T00:00:00Z'",
            "[NOT domain-name:value='a.test']",
            "[domain-name:value=a.test]",
            "[domain-name:value='a.test]",
            r"[domain-name:value='a\n']",
        ] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
