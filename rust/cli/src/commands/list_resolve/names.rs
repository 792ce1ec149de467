//! The names of a list that is to be resolved.

use std::collections::HashSet;

use anyhow::{Error, anyhow};
use portlog_model::ListInfo;
use portlog_names::pinned::{Outcome, PinnedAnswer};

use super::way_out;
use crate::args::ListFile;
use crate::lists;

/// A list with the names that it speaks of, each once, in its order.
pub(super) struct Names {
    pub(super) info: ListInfo,
    pub(super) all: Vec<Box<str>>,
    /// Entries that are no names of the DNS.
    pub(super) left_out: u64,
}

impl Names {
    /// Reads a list of whatever form.
    pub(super) fn of(file: &ListFile) -> Result<Self, Error> {
        let list = lists::one(&file.path, file.category)?;
        let Some(listed) = list.names() else {
            let path = file.path.display();
            return Err(way_out(anyhow!(
                "{path} is compiled, and does not tell its names"
            )));
        };
        let (mut all, mut seen, mut left_out) = (Vec::new(), HashSet::new(), 0);
        for name in listed {
            let is_name = PinnedAnswer::new(
                name,
                portlog_model::WallTime::from_millis(0),
                Outcome::NoData,
            );
            if is_name.is_err() {
                left_out += 1;
            } else if seen.insert(name) {
                all.push(Box::from(name));
            }
        }
        if all.is_empty() {
            let path = file.path.display();
            return Err(way_out(anyhow!("{path} has no names to resolve")));
        }
        Ok(Self {
            info: list.info(),
            all,
            left_out,
        })
    }
}
