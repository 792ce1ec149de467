//! Addresses of content networks and clouds: one address there serves many sites, so that a hit on it is
//! worth less.
//!
//! Who runs such a network publishes its ranges, each in a form of its own. They change weekly and none
//! that we know may be passed on with a program, so no table comes with Portlog; what a user fetched is
//! read here. Every published form is recognised by its content.
//!
//! | form | where it is used |
//! |---|---|
//! | `{"prefixes": [{"ip_prefix": …}], "ipv6_prefixes": [{"ipv6_prefix": …}], "createDate": …}` | Amazon |
//! | `{"prefixes": [{"ipv4Prefix": …}, {"ipv6Prefix": …}], "creationTime": …}` | Google, and others after it |
//! | `{"addresses": […], "ipv6_addresses": […]}` | Fastly |
//! | `{"values": [{"properties": {"addressPrefixes": […]}}]}` | Microsoft |
//! | `{"result": {"ipv4_cidrs": […], "ipv6_cidrs": […]}}` | Cloudflare, by its API |
//! | a network at the start of each line, alone or in front of a comma | Cloudflare, DigitalOcean |

use std::borrow::Cow;
use std::net::IpAddr;

use jiff::civil;
use jiff::tz::Offset;
use jiff::{Timestamp, fmt::strtime};
use portlog_model::{Endpoint, Sha256, WallTime};
use serde::Deserialize;
use sha2::Digest as _;

use crate::Network;
use crate::network::parse_entry;

/// Ranges of content networks and clouds.
#[derive(Debug, Default)]
pub struct ContentNetworks {
    /// First and last addresses, in order, apart from each other.
    v4: Vec<(u32, u32)>,
    v6: Vec<(u128, u128)>,
    sources: Vec<ContentSource>,
}

/// A file of ranges that was read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ContentSource {
    /// Its name.
    pub name: String,
    /// The date in it, or else the file's.
    pub date: Option<WallTime>,
    /// Over its bytes.
    pub sha256: Sha256,
    /// Networks in it.
    pub networks: u64,
    /// Entries and lines that are no network.
    pub bad: u64,
}

/// Why a file of ranges cannot be used.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ContentError {
    /// The file is larger than such files are. Caused by a wrong file.
    #[error("the file has {bytes} bytes, more than the {most} that a file of ranges may have")]
    TooLarge {
        /// Its size in bytes.
        bytes: u64,
        /// The bound in bytes.
        most: u64,
    },
    /// The file is no text.
    #[error("the file is not UTF-8 text")]
    NotUtf8,
    /// The file begins as JSON does and is none that is known.
    #[error(
        "the file is JSON, but in none of the forms in which content networks publish their ranges"
    )]
    UnknownForm,
    /// There is no network in it.
    #[error("the file holds no network")]
    Empty,
}

impl ContentNetworks {
    /// The largest file, in bytes; Microsoft's has some 5 MB.
    pub const MAX_BYTES: usize = 64 << 20;

    /// Reads another file; `file_date` counts where it has no date in it. Nothing is added where it fails.
    pub fn add(
        &mut self,
        name: &str,
        file_date: Option<WallTime>,
        bytes: &[u8],
    ) -> Result<&ContentSource, ContentError> {
        let wide = |size: usize| u64::try_from(size).unwrap_or(u64::MAX);
        if bytes.len() > Self::MAX_BYTES {
            return Err(ContentError::TooLarge {
                bytes: wide(bytes.len()),
                most: wide(Self::MAX_BYTES),
            });
        }
        let text = std::str::from_utf8(bytes).map_err(|_| ContentError::NotUtf8)?;
        let text = text.trim_start_matches('\u{feff}').trim_start();
        let found = if text.starts_with('{') {
            of_json(text)?
        } else {
            of_lines(text)
        };
        if found.networks.is_empty() {
            return Err(ContentError::Empty);
        }
        for network in &found.networks {
            match network.address() {
                IpAddr::V4(first) => {
                    let first = first.to_bits();
                    let open = u32::MAX
                        .checked_shr(u32::from(network.prefix()))
                        .unwrap_or(0);
                    self.v4.push((first, first | open));
                }
                IpAddr::V6(first) => {
                    let first = first.to_bits();
                    let open = u128::MAX
                        .checked_shr(u32::from(network.prefix()))
                        .unwrap_or(0);
                    self.v6.push((first, first | open));
                }
            }
        }
        join(&mut self.v4);
        join(&mut self.v6);
        self.sources.push(ContentSource {
            name: name.to_owned(),
            date: found.date.or(file_date),
            sha256: Sha256::new(sha2::Sha256::digest(bytes).into()),
            networks: wide(found.networks.len()),
            bad: found.bad,
        });
        self.sources.last().ok_or(ContentError::Empty)
    }

    /// The files that were read, in order.
    pub fn sources(&self) -> &[ContentSource] {
        &self.sources
    }

    /// Whether `address` lies in one of the ranges.
    pub fn contains(&self, address: IpAddr) -> bool {
        match address.to_canonical() {
            IpAddr::V4(address) => holds(&self.v4, address.to_bits()),
            IpAddr::V6(address) => holds(&self.v6, address.to_bits()),
        }
    }

    /// Whether the address of `peer` does, or the IPv4 address in a NAT64 one.
    pub fn contains_peer(&self, peer: &Endpoint) -> bool {
        self.contains(peer.address())
            || peer
                .nat64()
                .is_some_and(|embedded| self.contains(IpAddr::V4(embedded)))
    }
}

fn holds<T: Copy + Ord>(ranges: &[(T, T)], address: T) -> bool {
    ranges
        .partition_point(|(first, _)| *first <= address)
        .checked_sub(1)
        .and_then(|at| ranges.get(at))
        .is_some_and(|(_, last)| address <= *last)
}

/// Puts ranges in order and joins those that overlap.
fn join<T: Copy + Ord>(ranges: &mut Vec<(T, T)>) {
    ranges.sort_unstable();
    ranges.dedup_by(|later, earlier| {
        let overlaps = later.0 <= earlier.1;
        if overlaps {
            earlier.1 = earlier.1.max(later.1);
        }
        overlaps
    });
}

#[derive(Default)]
struct Found {
    networks: Vec<Network>,
    bad: u64,
    date: Option<WallTime>,
}

impl Found {
    fn take(&mut self, text: &str) {
        match parse_entry(text.trim()) {
            Some(Ok(network)) => self.networks.push(network),
            Some(Err(_)) | None => self.bad = self.bad.saturating_add(1),
        }
    }
}

/// A network at the start of each line.
fn of_lines(text: &str) -> Found {
    let mut found = Found::default();
    for line in text.lines().map(str::trim) {
        if !(line.is_empty() || line.starts_with(['#', ';', '!'])) {
            found.take(line.split([',', ' ', '\t']).next().unwrap_or(line));
        }
    }
    found
}

fn of_json(text: &str) -> Result<Found, ContentError> {
    let file: File<'_> = serde_json::from_str(text).map_err(|_| ContentError::UnknownForm)?;
    let mut found = Found {
        date: file
            .create_date
            .as_deref()
            .and_then(amazon_date)
            .or_else(|| file.creation_time.as_deref().and_then(google_date)),
        ..Found::default()
    };
    let prefixes = file.prefixes.iter().chain(&file.ipv6_prefixes);
    for prefix in prefixes {
        let any = [
            &prefix.amazon,
            &prefix.amazon_v6,
            &prefix.google,
            &prefix.google_v6,
        ];
        let mut any = any.into_iter().flatten().peekable();
        if any.peek().is_none() {
            found.bad = found.bad.saturating_add(1);
        }
        any.for_each(|text| found.take(text));
    }
    let values = file
        .values
        .iter()
        .flat_map(|value| &value.properties.prefixes);
    let result = file.result.iter().flat_map(|it| it.v4.iter().chain(&it.v6));
    file.addresses
        .iter()
        .chain(&file.ipv6_addresses)
        .chain(values)
        .chain(result)
        .for_each(|text| found.take(text));
    if found.networks.is_empty() && found.bad == 0 {
        return Err(ContentError::UnknownForm);
    }
    Ok(found)
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct File<'a> {
    #[serde(rename = "createDate", borrow)]
    create_date: Option<Cow<'a, str>>,
    #[serde(rename = "creationTime", borrow)]
    creation_time: Option<Cow<'a, str>>,
    #[serde(borrow)]
    prefixes: Vec<Prefix<'a>>,
    #[serde(borrow)]
    ipv6_prefixes: Vec<Prefix<'a>>,
    #[serde(borrow)]
    addresses: Vec<Cow<'a, str>>,
    #[serde(borrow)]
    ipv6_addresses: Vec<Cow<'a, str>>,
    #[serde(borrow)]
    values: Vec<Value<'a>>,
    #[serde(borrow)]
    result: Option<Cidrs<'a>>,
}

#[derive(Deserialize)]
struct Prefix<'a> {
    #[serde(rename = "ip_prefix", borrow)]
    amazon: Option<Cow<'a, str>>,
    #[serde(rename = "ipv6_prefix", borrow)]
    amazon_v6: Option<Cow<'a, str>>,
    #[serde(rename = "ipv4Prefix", borrow)]
    google: Option<Cow<'a, str>>,
    #[serde(rename = "ipv6Prefix", borrow)]
    google_v6: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Value<'a> {
    #[serde(borrow)]
    properties: Properties<'a>,
}

#[derive(Deserialize)]
struct Properties<'a> {
    #[serde(rename = "addressPrefixes", borrow)]
    prefixes: Vec<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Cidrs<'a> {
    #[serde(rename = "ipv4_cidrs", borrow)]
    v4: Vec<Cow<'a, str>>,
    #[serde(rename = "ipv6_cidrs", default, borrow)]
    v6: Vec<Cow<'a, str>>,
}

/// `2024-05-21-12-20-30`, in UTC.
fn amazon_date(text: &str) -> Option<WallTime> {
    let at = strtime::parse("%Y-%m-%d-%H-%M-%S", text).ok()?;
    of_civil(at.to_datetime().ok()?)
}

/// `2024-05-21T12:20:30.12345`, in UTC with or without saying so.
fn google_date(text: &str) -> Option<WallTime> {
    text.parse::<Timestamp>().map_or_else(
        |_| of_civil(text.parse().ok()?),
        |stamp| Some(WallTime::from_millis(stamp.as_millisecond())),
    )
}

fn of_civil(at: civil::DateTime) -> Option<WallTime> {
    let stamp = Offset::UTC.to_timestamp(at).ok()?;
    Some(WallTime::from_millis(stamp.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: WallTime = WallTime::from_millis(1_716_249_600_000);

    fn read(text: &str) -> ContentNetworks {
        let mut networks = ContentNetworks::default();
        networks.add("ranges", None, text.as_bytes()).unwrap();
        networks
    }

    fn holds(networks: &ContentNetworks, address: &str) -> bool {
        networks.contains(address.parse().unwrap())
    }

    #[test]
    fn every_published_form_is_read() {
        for (text, date) in [
            (
                r#"{"syncToken": "1", "createDate": "2024-05-21-00-00-00", "prefixes": [{"ip_prefix": "192.0.2.0/24",
                   "region": "x", "service": "S3"}], "ipv6_prefixes": [{"ipv6_prefix": "2001:db8::/32", "region": "x"}]}"#,
                Some(AT),
            ),
            (
                r#"{"syncToken": "1", "creationTime": "2024-05-21T00:00:00.000000", "prefixes":
                   [{"ipv4Prefix": "192.0.2.0/24"}, {"ipv6Prefix": "2001:db8::/32", "scope": "x"}]}"#,
                Some(AT),
            ),
            (
                r#"{"addresses": ["192.0.2.0/24"], "ipv6_addresses": ["2001:db8::/32"]}"#,
                None,
            ),
            (
                r#"{"changeNumber": 1, "cloud": "Public", "values": [{"name": "x", "properties": {"region": "",
                   "addressPrefixes": ["192.0.2.0/24", "2001:db8::/32"]}}]}"#,
                None,
            ),
            (
                r#"{"result": {"ipv4_cidrs": ["192.0.2.0/24"], "ipv6_cidrs": ["2001:db8::/32"], "etag": "x"},
                   "success": true, "errors": []}"#,
                None,
            ),
            ("# ranges\n192.0.2.0/24\n2001:db8::/32\n", None),
            (
                "192.0.2.0/24,NL,NL-NH,Amsterdam,1\r\n2001:db8::/32,NL,,,\r\n",
                None,
            ),
        ] {
            let networks = read(text);
            let [source] = networks.sources() else {
                panic!("one file");
            };
            assert_eq!(
                (source.networks, source.bad, source.date),
                (2, 0, date),
                "{text}"
            );
            for inside in [
                "192.0.2.0",
                "192.0.2.255",
                "::ffff:192.0.2.7",
                "2001:db8::1",
            ] {
                assert!(holds(&networks, inside), "{inside} in {text}");
            }
            for outside in [
                "192.0.1.255",
                "192.0.3.0",
                "2001:db7:ffff::",
                "2001:db9::",
                "::",
            ] {
                assert!(!holds(&networks, outside), "{outside} in {text}");
            }
        }
    }

    #[test]
    fn ranges_overlap_join_and_reach_the_ends() {
        let mut networks =
            read("0.0.0.0/8\n255.0.0.0/8\n192.0.2.0/24\n192.0.2.128/25\n::/1\nffff::/16\n");
        for address in [
            "0.0.0.0",
            "0.255.255.255",
            "255.255.255.255",
            "192.0.2.200",
            "7fff::",
            "ffff::1",
        ] {
            assert!(holds(&networks, address), "{address}");
        }
        assert!(!holds(&networks, "8000::"));
        assert!(!holds(&networks, "1.0.0.0"));
        networks.add("more", Some(AT), b"1.0.0.0\n").unwrap();
        assert!(holds(&networks, "1.0.0.0"));
        assert!(!holds(&networks, "1.0.0.1"));
        assert_eq!(networks.sources()[1].date, Some(AT));
        let nat64 = Endpoint::new("64:ff9b::192.0.2.7".parse().unwrap(), 443);
        assert!(networks.contains_peer(&nat64));
    }

    #[test]
    fn what_is_no_file_of_ranges_is_refused_and_bad_entries_are_counted() {
        let mut networks = ContentNetworks::default();
        for (text, error) in [
            ("", ContentError::Empty),
            ("# nothing\n", ContentError::Empty),
            ("a.example.test\n", ContentError::Empty),
            ("{}", ContentError::UnknownForm),
            ("{\"prefixes\": 1}", ContentError::UnknownForm),
            (
                "{\"type\": \"bundle\", \"objects\": []}",
                ContentError::UnknownForm,
            ),
            ("{\"prefixes\": [", ContentError::UnknownForm),
            ("{\"prefixes\": [{\"x\": 1}]}", ContentError::Empty),
        ] {
            assert_eq!(
                networks.add("x", None, text.as_bytes()),
                Err(error),
                "{text}"
            );
        }
        assert_eq!(networks.add("x", None, b"\xff"), Err(ContentError::NotUtf8));
        assert!(networks.sources().is_empty());
        let source = networks
            .add("x", None, b"192.0.2.1/24\n192.0.2.0/24\nname\n")
            .unwrap();
        assert_eq!((source.networks, source.bad), (1, 2));
    }
}
