//! Several lists, asked as one.

use std::net::IpAddr;
use std::sync::Arc;

use portlog_model::{Endpoint, ListHit, ListInfo};

use crate::{ContentNetworks, List, host};

/// The lists in use, in the order in which they were given.
///
/// Every list answers for itself with at most one entry an address or name (see [`List`]), and
/// answers stand in the order of the lists: an exception in one list takes nothing back in another.
/// A lookup that finds nothing allocates nothing. A clone shares the lists.
#[derive(Clone, Debug, Default)]
pub struct ListSet {
    lists: Arc<[List]>,
    content: Arc<ContentNetworks>,
}

impl ListSet {
    /// The lists in this order.
    pub fn new(lists: Vec<List>) -> Self {
        Self {
            lists: Arc::from(lists),
            content: Arc::default(),
        }
    }

    /// The same lists beside the ranges of content networks and clouds, where one address serves many.
    #[must_use]
    pub fn beside(self, content: ContentNetworks) -> Self {
        Self {
            content: Arc::new(content),
            ..self
        }
    }

    /// The ranges of content networks and clouds.
    pub fn content_networks(&self) -> &ContentNetworks {
        &self.content
    }

    /// The lists.
    pub fn lists(&self) -> &[List] {
        &self.lists
    }

    /// Each list's name, category, date, digest and counts.
    pub fn infos(&self) -> Vec<ListInfo> {
        self.lists.iter().map(List::info).collect()
    }

    /// Whether no list has a rule, so that no lookup can find anything.
    pub fn is_empty(&self) -> bool {
        self.lists.iter().all(|list| list.summary().rules() == 0)
    }

    /// Appends what the lists say about `address` alone; for a peer use [`ListSet::endpoint`].
    pub fn address(&self, address: IpAddr, hits: &mut Vec<ListHit>) {
        hits.extend(self.lists.iter().filter_map(|list| list.address(address)));
    }

    /// Appends what the lists say about a peer: about its address, and where that is a NAT64
    /// address (`64:ff9b::/96`) also about the IPv4 address in it. A list that has entries for both
    /// answers with both, the narrower first. The port does not matter.
    pub fn endpoint(&self, peer: &Endpoint, hits: &mut Vec<ListHit>) {
        for list in &*self.lists {
            list.endpoint(peer, hits);
        }
    }

    /// Appends what the lists say about a host name.
    pub fn name(&self, name: &str, hits: &mut Vec<ListHit>) {
        if let Some(name) = host::for_lookup(name) {
            hits.extend(
                self.lists
                    .iter()
                    .filter_map(|list| list.canonical_name(&name)),
            );
        }
    }
}
