//! What could not be looked at, and when nobody looked.

use portlog_model::{CoverageDetail, CoverageItem, GapReason};

use super::counted;
use crate::data::clean;

pub(super) fn detail(detail: CoverageDetail) -> String {
    match detail {
        CoverageDetail::Errno(number) => format!("the kernel refused: {}", errno(number)),
        CoverageDetail::FellBackToProcfs(number) => {
            format!("sock_diag could not give this table{}; procfs was read instead", because(number))
        }
        CoverageDetail::NotCheckable => {
            "not checkable: no socket of our own could be looked for in it".to_owned()
        }
        CoverageDetail::OwnSocketMissing => {
            "our own socket is missing from it, so other sockets may be missing too".to_owned()
        }
        CoverageDetail::OnlyOwnRows => {
            "it shows our own sockets alone, while bytes of others moved: the rest is hidden from us"
                .to_owned()
        }
        CoverageDetail::Truncated(bytes) => {
            format!("cut off after {}; the rest was not read", counted(bytes, "byte", "bytes"))
        }
        CoverageDetail::FirstBadLine(line) => format!("the first row that could not be read is line {line}"),
        CoverageDetail::NotTracked(rows) => format!(
            "{} not followed: more connections are open than are kept",
            counted(u64::from(rows), "row is", "rows are")
        ),
        CoverageDetail::WithoutPeer(sockets) => format!(
            "{} without a peer: whom they talk to is in no table",
            counted(u64::from(sockets), "datagram socket", "datagram sockets")
        ),
        CoverageDetail::EventsLost(times) => format!(
            "the kernel dropped events {}: short connections may be missing",
            counted(times, "time", "times")
        ),
        CoverageDetail::NoDestroyEvents(number) => format!(
            "the kernel does not tell of closed sockets{}: connections shorter than the interval may \
             be missing",
            because(number)
        ),
        CoverageDetail::BadEntries(entries) => format!(
            "{} could not be read",
            counted(u64::from(entries), "entry", "entries")
        ),
        CoverageDetail::ImplausiblyShort(entries) => format!(
            "{} only: too short to conclude anything from an absence",
            counted(u64::from(entries), "entry", "entries")
        ),
        CoverageDetail::NotGiven => "no list was given".to_owned(),
    }
}

pub(super) fn gap(reason: &GapReason) -> String {
    match reason {
        GapReason::Fault(fault) => {
            format!(
                "the watch had a fault and was started again: {}",
                clean(fault)
            )
        }
        GapReason::Suspended => "the device slept".to_owned(),
        GapReason::Late => "a look was late by more than the interval allows".to_owned(),
        GapReason::Unreadable(CoverageItem::Table(table)) => {
            format!(
                "the {} table could not be read for longer than connections are kept",
                table.as_str()
            )
        }
        GapReason::Unreadable(CoverageItem::Packages) => {
            "the package list could not be read".to_owned()
        }
        GapReason::Unreadable(CoverageItem::Names) => "names could not be learnt".to_owned(),
        GapReason::NotRunning => "the watch did not run".to_owned(),
    }
}

fn because(number: Option<i32>) -> String {
    number.map_or_else(String::new, |number| format!(" ({})", errno(number)))
}

/// The errors that the kernel gives here, by Linux's numbers; others by number.
fn errno(number: i32) -> String {
    let text = match number {
        1 => "operation not permitted",
        2 => "there is none",
        5 => "input/output error",
        12 => "out of memory",
        13 => "permission denied",
        20 => "not a folder",
        21 => "a folder, not a file",
        22 => "invalid argument",
        38 => "not implemented",
        93 => "protocol not supported",
        94 => "socket type not supported",
        95 => "not supported",
        97 => "address family not supported",
        105 => "no buffer space",
        _ => return format!("error {number}"),
    };
    format!("{text}, error {number}")
}
