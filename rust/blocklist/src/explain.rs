//! Why an address or a name is hit, or is not.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use std::sync::Arc;

use portlog_model::{Endpoint, ListHit};

use crate::network::parse_entry;
use crate::rules::Side;
use crate::{HostError, LineError, ListSet, QueryError, Shown, host};

/// What is asked of the lists: one address or one name.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Query {
    /// An address, never v4-mapped.
    Address(IpAddr),
    /// A name in lower case, A-labels, without a dot at its end.
    Name(Arc<str>),
}

/// `192.0.2.1`, `2001:db8::1`, `host.test`.
impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::Name(name) => f.pad(name),
        }
    }
}

impl FromStr for Query {
    type Err = QueryError;

    /// An address (IPv6 with or without brackets) or a name; anything else is refused with what to
    /// ask instead.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if text.is_empty() {
            return Err(QueryError::Empty);
        }
        if let Some((_, behind)) = text.split_once("://") {
            return Err(LineError::Url(crate::line::host_of(behind)).into());
        }
        match parse_entry(text) {
            Some(Ok(network)) if text.contains('/') => {
                let first = Shown::new(&network.address().to_string());
                return Err(QueryError::Network(first));
            }
            Some(Err(LineError::HostBits(_))) => {
                let address = text.split('/').next().unwrap_or(text);
                return Err(QueryError::Network(Shown::new(address)));
            }
            Some(address) => return Ok(Self::Address(address?.address())),
            None => {}
        }
        if text.contains('/') {
            return Err(LineError::Path(crate::line::host_of(text)).into());
        }
        let name = host::canonical(text).map_err(|reason: HostError| LineError::Host {
            name: Shown::new(text),
            reason,
        })?;
        Ok(Self::Name(Arc::from(name.as_ref())))
    }
}

/// What each list says about a query.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Explanation {
    /// What was asked.
    pub query: Query,
    /// The lists that have an entry or an exception for it, in their order.
    pub lists: Vec<ListAnswer>,
}

/// What one list says about a query.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ListAnswer {
    /// What a watch would report: one entry; two where a NAT64 address and the IPv4 address in it
    /// are both listed; none where an exception wins.
    pub matches: Vec<ListHit>,
    /// The other entries that cover it: wider ones, and those that exceptions take back, the
    /// narrowest first.
    pub also: Vec<ListHit>,
    /// The exceptions that cover it. They count within their list only.
    pub exceptions: Vec<ListHit>,
}

impl ListAnswer {
    /// Whether there are entries that would hit, and exceptions take them back.
    pub fn is_taken_back(&self) -> bool {
        self.matches.is_empty() && !self.also.is_empty() && !self.exceptions.is_empty()
    }
}

impl Explanation {
    /// What a watch would report, in the order in which it would.
    pub fn matches(&self) -> impl Iterator<Item = &ListHit> {
        self.lists.iter().flat_map(|list| &list.matches)
    }
}

impl ListSet {
    /// Why `query` is hit, or is not. A NAT64 address is also asked for as the IPv4 address in it.
    pub fn explain(&self, query: &Query) -> Explanation {
        let mut lists = Vec::new();
        for list in self.lists() {
            let mut answer = ListAnswer {
                matches: Vec::new(),
                also: Vec::new(),
                exceptions: Vec::new(),
            };
            match query {
                Query::Address(address) => {
                    let peer = Endpoint::new(*address, 0);
                    list.endpoint(&peer, &mut answer.matches);
                    for address in [Some(peer.address()), peer.nat64().map(IpAddr::V4)]
                        .into_iter()
                        .flatten()
                    {
                        answer.also.extend(list.address_hits(address, Side::Rules));
                        answer
                            .exceptions
                            .extend(list.address_hits(address, Side::Exceptions));
                    }
                }
                Query::Name(name) => {
                    answer.matches.extend(list.canonical_name(name));
                    answer.also.extend(list.name_hits(name, Side::Rules));
                    answer
                        .exceptions
                        .extend(list.name_hits(name, Side::Exceptions));
                }
            }
            answer.also.retain(|hit| !answer.matches.contains(hit));
            if !(answer.matches.is_empty()
                && answer.also.is_empty()
                && answer.exceptions.is_empty())
            {
                lists.push(answer);
            }
        }
        Explanation {
            query: query.clone(),
            lists,
        }
    }
}
