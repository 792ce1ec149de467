//! What could not be looked at, and when nobody looked.

use std::fmt::Write as _;

use portlog_model::{
    Coverage, CoverageCounts, CoverageDetail, CoverageItem, CoverageStatus, DeathReason, GapReason,
    Platform, Protocol, Table, Unreachable,
};

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
        CoverageDetail::TapOff => {
            "the DNS tap is off: which names are asked for is not seen".to_owned()
        }
        CoverageDetail::TapWithoutResolver => {
            "the DNS tap runs, and no resolver answers it".to_owned()
        }
        CoverageDetail::OtherVpn => "another VPN is active: the DNS tap cannot run".to_owned(),
        CoverageDetail::ClearText => {
            "the tap passes questions on in clear text: the network can read them".to_owned()
        }
        CoverageDetail::StrictPrivateDns => {
            "Private DNS is set to a provider: names asked for through it bypass the tap".to_owned()
        }
        CoverageDetail::AskersUnknown => "this system does not tell who asks for a name".to_owned(),
        CoverageDetail::KnownResolvers(sockets) => format!(
            "{} towards known resolvers (DNS over HTTPS, HTTPDNS): names asked for there bypass the tap",
            counted(u64::from(sockets), "socket", "sockets")
        ),
        CoverageDetail::ForeignResolvers(sockets) => format!(
            "{} towards DNS ports (53, 853) of others: names asked for there bypass the tap",
            counted(u64::from(sockets), "socket", "sockets")
        ),
        CoverageDetail::FakeAddresses(sockets) => format!(
            "{} towards addresses that another VPN makes up: whom they reach cannot be told",
            counted(u64::from(sockets), "socket", "sockets")
        ),
        CoverageDetail::Pinned { names, days } => format!(
            "{}, the oldest {} old",
            counted(u64::from(names), "pinned answer", "pinned answers"),
            counted(u64::from(days), "day", "days")
        ),
        CoverageDetail::PinnedExpired(names) => format!(
            "{} older than 14 days and not used",
            counted(u64::from(names), "pinned answer is", "pinned answers are")
        ),
        CoverageDetail::NamesLost(names) => format!(
            "{} no room and were forgotten",
            counted(names, "name found", "names found")
        ),
    }
}

/// `TCP connections (IPv4): readable, 12 rows`.
pub(super) fn of(coverage: &Coverage, platform: Platform) -> String {
    let is_table = matches!(coverage.item, CoverageItem::Table(_));
    let what = match coverage.item {
        CoverageItem::Table(table) => self::table(table),
        CoverageItem::Packages => match platform {
            Platform::Android => "List of apps".to_owned(),
            Platform::Linux => "List of accounts".to_owned(),
        },
        CoverageItem::Names => "Names of hosts".to_owned(),
    };
    let status = match (coverage.status, platform) {
        (CoverageStatus::Readable, _) => "readable",
        (CoverageStatus::Denied, Platform::Android) if is_table => {
            "may not be read: the system refuses (from Android 10 on it refuses every app)"
        }
        (CoverageStatus::Denied, _) => "may not be read: the system refuses",
        (CoverageStatus::Absent, _) if is_table => "this kernel does not have it",
        (CoverageStatus::Absent, _) => "there is none",
        (CoverageStatus::Untrusted, _) => "read, but not to be relied on",
    };
    let mut text = format!("{what}: {status}");
    if matches!(
        coverage.status,
        CoverageStatus::Readable | CoverageStatus::Untrusted
    ) {
        let rows = if is_table {
            counted(coverage.rows, "row", "rows")
        } else {
            counted(coverage.rows, "entry", "entries")
        };
        let _ = write!(text, ", {rows}");
    }
    if coverage.bad_rows > 0 {
        let _ = write!(text, ", {} that could not be read", coverage.bad_rows);
    }
    for detail in &coverage.details {
        let _ = write!(text, "; {}", self::detail(*detail));
    }
    text
}

/// `TCP connections (IPv4)`.
pub(super) fn table(table: Table) -> String {
    let what = match table.protocol() {
        Protocol::Tcp => "TCP connections",
        Protocol::Udp => "UDP sockets",
        Protocol::UdpLite => "UDP-Lite sockets",
        Protocol::Raw => "Raw sockets",
        Protocol::Icmp => "Ping sockets",
    };
    format!("{what} ({})", if table.is_v6() { "IPv6" } else { "IPv4" })
}

/// How many tables can be looked at.
pub(super) fn summary(counts: CoverageCounts) -> String {
    let present = counts.present();
    let mut parts = Vec::new();
    if present == 0 {
        parts.push("No socket table was found".to_owned());
    } else if counts.readable == present {
        parts.push(if present == 1 {
            "The only socket table can be read".to_owned()
        } else {
            format!("All {present} socket tables can be read")
        });
    } else {
        parts.push(format!(
            "{} of {} can be read",
            counts.readable,
            counted(u64::from(present), "socket table", "socket tables")
        ));
    }
    if counts.denied > 0 {
        parts.push(format!("{} may not be read", counts.denied));
    }
    if counts.untrusted > 0 {
        parts.push(format!(
            "{} {} read, but not to be relied on",
            counts.untrusted,
            if counts.untrusted == 1 { "is" } else { "are" }
        ));
    }
    if counts.absent > 0 {
        parts.push(format!(
            "{} {} not in this kernel",
            counts.absent,
            if counts.absent == 1 { "is" } else { "are" }
        ));
    }
    let mut text = parts.join("; ");
    text.push('.');
    if counts.unseen() > 0 {
        text.push_str(" What is in the tables that cannot be seen is not known.");
    }
    text
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
        GapReason::Died(reason) => death(*reason).to_owned(),
        GapReason::Unreachable(reason) => unreachable(*reason).to_owned(),
    }
}

const fn unreachable(reason: Unreachable) -> &'static str {
    match reason {
        Unreachable::Disconnected => "the connection to the phone had ended",
        Unreachable::Unauthorized => "the phone does not allow this computer to debug it",
        Unreachable::Silent => "the phone is connected and did not answer in time",
        Unreachable::HelperEnded => "the helper had ended",
    }
}

/// Why the system says that the app ended.
const fn death(reason: DeathReason) -> &'static str {
    match reason {
        DeathReason::UserRequested => {
            "Portlog was ended on request: force stop, or removed from the recent apps, by hand or by \
             another part of the system"
        }
        DeathReason::UserStopped => "the Android user that Portlog ran for was stopped",
        DeathReason::LowMemory => "the system ended Portlog to free memory",
        DeathReason::Crash => "Portlog had a fault and ended (crash)",
        DeathReason::NativeCrash => "Portlog had a fault in native code and ended (crash)",
        DeathReason::Anr => "the system ended Portlog because it did not respond in time",
        DeathReason::Signaled => "a signal ended Portlog; from whom is not told",
        DeathReason::ExitSelf => "Portlog ended itself",
        DeathReason::InitializationFailure => "Portlog did not get to start",
        DeathReason::PermissionChange => {
            "the system ended Portlog because one of its permissions was changed"
        }
        DeathReason::ExcessiveUse => {
            "the system ended Portlog, which it says used too much of the phone's resources"
        }
        DeathReason::DependencyDied => {
            "the system ended Portlog because a process that it relied on had ended"
        }
        DeathReason::Freezer => "the system had frozen Portlog, and ended it",
        DeathReason::PackageDisabled => {
            "the system ended Portlog because the app or a part of it was switched off"
        }
        DeathReason::PackageUpdated => "Portlog was updated",
        DeathReason::Reboot => "the phone was switched off or restarted",
        DeathReason::Other => "the system ended Portlog, for a reason that it does not name",
        DeathReason::Unknown => "Portlog ended, and the system does not say why",
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
