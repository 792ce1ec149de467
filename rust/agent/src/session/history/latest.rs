//! What was kept last of each kind, with which the next of the kind is compared.

use std::collections::BTreeMap;
use std::mem::{Discriminant, discriminant};
use std::sync::Arc;
use std::time::Duration;

use portlog_model::{
    Coverage, CoverageDetail, CoverageItem, CoverageStatus, GapReason, ListInfo, PackagesInfo,
    WallTime,
};

use super::record::{Record, What};

/// A fault or setting that is told again within this is not kept again.
const REPEATED: Duration = Duration::from_hours(1);
/// Lists that are kept in mind.
const LISTS: usize = 256;

/// What was kept last.
#[derive(Debug)]
pub(super) struct Latest {
    coverage: BTreeMap<CoverageItem, Shape>,
    lists: BTreeMap<Arc<str>, ListInfo>,
    packages: Option<(Shape, u64)>,
    gap: Option<(GapReason, WallTime)>,
    config: Option<(Arc<str>, Arc<str>, WallTime)>,
}

impl Latest {
    /// Nothing yet.
    pub(super) const fn new() -> Self {
        Self {
            coverage: BTreeMap::new(),
            lists: BTreeMap::new(),
            packages: None,
            gap: None,
            config: None,
        }
    }

    /// Whether `what` says no more than what was kept last.
    pub(super) fn repeats(&self, what: &What, at: WallTime) -> bool {
        let lately = |then: WallTime| at.since(then) < REPEATED && at >= then;
        match what {
            What::Coverage(coverage) => {
                self.coverage.get(&coverage.item) == Some(&Shape::of(coverage))
            }
            What::List(list) => self.lists.get(&list.name) == Some(list),
            What::Packages(packages) => self.packages.as_ref() == Some(&shape_of(packages)),
            What::Gap { reason, .. } => {
                matches!(reason, GapReason::Fault(_))
                    && self
                        .gap
                        .as_ref()
                        .is_some_and(|(latest, then)| latest == reason && lately(*then))
            }
            What::Config { name, value } => {
                self.config
                    .as_ref()
                    .is_some_and(|(latest_name, latest_value, then)| {
                        (latest_name, latest_value) == (name, value) && lately(*then)
                    })
            }
            _ => false,
        }
    }

    /// Keeps in mind what the next record is compared with.
    pub(super) fn remember(&mut self, record: &Record) {
        match &record.what {
            What::Coverage(coverage) => {
                self.coverage.insert(coverage.item, Shape::of(coverage));
            }
            What::List(list) => {
                if self.lists.len() >= LISTS {
                    self.lists.clear();
                }
                self.lists.insert(Arc::clone(&list.name), list.clone());
            }
            What::Packages(packages) => self.packages = Some(shape_of(packages)),
            What::Gap { reason, .. } => self.gap = Some((reason.clone(), record.at)),
            What::Config { name, value } => {
                self.config = Some((Arc::clone(name), Arc::clone(value), record.at));
            }
            _ => {}
        }
    }
}

/// A piece of coverage without its counts.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Shape {
    status: CoverageStatus,
    has_bad_rows: bool,
    details: Vec<Discriminant<CoverageDetail>>,
}

impl Shape {
    fn of(coverage: &Coverage) -> Self {
        Self {
            status: coverage.status,
            has_bad_rows: coverage.bad_rows > 0,
            details: coverage.details.iter().map(discriminant).collect(),
        }
    }
}

fn shape_of(packages: &PackagesInfo) -> (Shape, u64) {
    (Shape::of(&packages.coverage), packages.packages)
}
