//! The samples: every record, every variant, every optional with and without a value. Samples.kt has
//! the same values under the same names.

mod answers;
mod log;
mod questions;
mod reach;
mod tap;

use portlog_agent::session::ToldKind;
use portlog_model::{Category, Protocol};

pub(crate) use answers::answers;
pub(crate) use questions::questions;

pub(super) fn all_categories() -> Vec<Category> {
    vec![
        Category::Own,
        Category::Threat,
        Category::Tracker,
        Category::VendorService,
        Category::Reported,
    ]
}

pub(super) fn all_protocols() -> Vec<Protocol> {
    vec![
        Protocol::Tcp,
        Protocol::Udp,
        Protocol::UdpLite,
        Protocol::Raw,
        Protocol::Icmp,
    ]
}

pub(super) fn all_told_kinds() -> Vec<ToldKind> {
    vec![
        ToldKind::Started,
        ToldKind::Opened,
        ToldKind::Changed,
        ToldKind::Closed,
        ToldKind::Alert,
        ToldKind::Noted,
        ToldKind::NotedSummary,
        ToldKind::Coverage,
        ToldKind::List,
        ToldKind::Packages,
        ToldKind::Clock,
        ToldKind::Heartbeat,
        ToldKind::Config,
        ToldKind::Drop,
        ToldKind::Gap,
        ToldKind::Practice,
        ToldKind::System,
        ToldKind::Stopped,
    ]
}
