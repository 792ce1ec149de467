//! One pinned answer.

use std::net::IpAddr;

use portlog_model::WallTime;

use super::{LineError, MAX_ADDRESSES};

/// What became of one name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PinnedAnswer<'a> {
    name: &'a str,
    seen: WallTime,
    outcome: Outcome,
}

/// What a resolver said of a name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// `ok`: the name has these addresses.
    Addresses {
        /// The answer's time to live in seconds, at most 2,147,483,647; of several records and of the
        /// aliases on the way, the shortest.
        ttl: u32,
        /// One to [`MAX_ADDRESSES`], ascending, each once, none v4-mapped.
        addresses: Vec<IpAddr>,
    },
    /// `nodata`: the name is there, without an address.
    NoData,
    /// `nxdomain`: there is no such name.
    NxDomain,
    /// `refused`: the resolver would not say.
    Refused,
    /// `servfail`: the resolver could not say.
    ServFail,
    /// `timeout`: the resolver did not say.
    Timeout,
}

impl Outcome {
    /// The word used in files.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Addresses { .. } => "ok",
            Self::NoData => "nodata",
            Self::NxDomain => "nxdomain",
            Self::Refused => "refused",
            Self::ServFail => "servfail",
            Self::Timeout => "timeout",
        }
    }
}

impl<'a> PinnedAnswer<'a> {
    /// An answer for `name` that was seen at `seen`, to the second. The addresses are put in order;
    /// v4-mapped ones become IPv4, doubles are dropped.
    ///
    /// Fails where `name` is not in the form in which names are compared, `seen` is before 1970 or
    /// after 2999, the time to live is absurd, or there is no address or too many of them.
    pub fn new(name: &'a str, seen: WallTime, outcome: Outcome) -> Result<Self, LineError> {
        if !is_name(name) {
            return Err(LineError::BadName);
        }
        let second = seen.as_millis().div_euclid(1_000);
        if !(0..=LAST_SECOND).contains(&second) {
            return Err(LineError::BadDate);
        }
        Ok(Self {
            name,
            seen: WallTime::from_millis(second * 1_000),
            outcome: canonical(outcome)?,
        })
    }

    /// The name, in lower case and A-labels.
    pub const fn name(&self) -> &'a str {
        self.name
    }

    /// When the answer was had.
    pub const fn seen(&self) -> WallTime {
        self.seen
    }

    /// What was answered.
    pub const fn outcome(&self) -> &Outcome {
        &self.outcome
    }
}

/// 2999-12-31T23:59:59Z: four digits a year, and far from the ends of every type.
const LAST_SECOND: i64 = 32_503_679_999;

fn canonical(outcome: Outcome) -> Result<Outcome, LineError> {
    let Outcome::Addresses { ttl, mut addresses } = outcome else {
        return Ok(outcome);
    };
    if ttl > i32::MAX.unsigned_abs() {
        return Err(LineError::BadTtl);
    }
    for address in &mut addresses {
        *address = address.to_canonical();
    }
    addresses.sort_unstable();
    addresses.dedup();
    match addresses.len() {
        0 => Err(LineError::NoAddress),
        1..=MAX_ADDRESSES => Ok(Outcome::Addresses { ttl, addresses }),
        _ => Err(LineError::TooManyAddresses),
    }
}

/// Whether `name` is a host name as lists have them after reading: lower case, A-labels, labels of 1
/// to 63 bytes, no dot at the end, 253 bytes at most, and not an address.
fn is_name(name: &str) -> bool {
    let is_byte = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_');
    let is_label = |label: &str| (1..=63).contains(&label.len()) && label.bytes().all(is_byte);
    let is_number = |label: &str| label.bytes().all(|byte| byte.is_ascii_digit());
    name.len() <= 253
        && name.split('.').all(is_label)
        && !name.rsplit('.').next().is_none_or(is_number)
}
