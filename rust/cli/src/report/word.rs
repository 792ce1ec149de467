//! Words of signed text, back to what they stand for.
//!
//! The log has every value as the word that outputs use (docs/LOG-FORMAT.md, docs/EVENTS.md). A word
//! that is not known here, of a later version say, is no value: it is then shown as it stands.

use std::sync::Arc;

use portlog_model::{
    Category, Coverage, CoverageDetail, CoverageItem, CoverageStatus, DeathReason, Direction,
    Firmware, GapReason, HitKind, Level, OwnerKind, Platform, Protocol, Role, SocketState,
    SourceKind, Table, Unreachable, Weakening,
};

/// A vocabulary: a type whose values have a word each.
macro_rules! from_word {
    ($name:ident, $of:ident, [$($variant:ident),* $(,)?]) => {
        /// The value with this word.
        pub(crate) fn $name(word: &str) -> Option<$of> {
            [$($of::$variant,)*].into_iter().find(|value| value.as_str() == word)
        }
    };
}

from_word!(level, Level, [Match, Possible, Noted]);
from_word!(platform, Platform, [Android, Linux]);
from_word!(direction, Direction, [Out, In, Unknown]);
from_word!(protocol, Protocol, [Tcp, Udp, UdpLite, Raw, Icmp]);
from_word!(
    hit_kind,
    HitKind,
    [
        Address, Network, Domain, Pinned, Package, Signer, File, Asked
    ]
);
from_word!(firmware, Firmware, [Yes, No, Mixed, Preloaded, Unknown]);
from_word!(role, Role, [GoBetween, UserFacing]);
from_word!(
    status,
    CoverageStatus,
    [Readable, Denied, Absent, Untrusted]
);
from_word!(
    source,
    SourceKind,
    [Procfs, Diag, Helper, Adb, Import, Packages, Tap]
);
from_word!(
    owner_kind,
    OwnerKind,
    [
        Kernel, System, Shell, App, Shared, Isolated, Sandbox, Removed, User, Service, Unknown
    ]
);
from_word!(
    state,
    SocketState,
    [
        Established,
        SynSent,
        SynRecv,
        FinWait1,
        FinWait2,
        TimeWait,
        Close,
        CloseWait,
        LastAck,
        Listen,
        Closing,
        NewSynRecv,
        BoundInactive
    ]
);

/// The category with this word.
pub(crate) fn category(word: &str) -> Option<Category> {
    word.parse().ok()
}

/// A table, or the list of packages, or names.
fn item(word: &str) -> Option<CoverageItem> {
    match word {
        "packages" => Some(CoverageItem::Packages),
        "names" => Some(CoverageItem::Names),
        word => Table::ALL
            .into_iter()
            .find(|table| table.as_str() == word)
            .map(CoverageItem::Table),
    }
}

/// What makes a claim weaker.
pub(crate) fn weakening(word: &str) -> Option<Weakening> {
    if let Some(word) = word.strip_prefix("category-") {
        return category(word).map(Weakening::Category);
    }
    if let Some(word) = word.strip_prefix("role-") {
        return role(word).map(Weakening::Role);
    }
    if let Some(word) = word.strip_prefix("firmware-") {
        return firmware(word).map(Weakening::FirmwareUncertain);
    }
    Some(match word {
        "owner-unknown" => Weakening::OwnerUnknown,
        "datagram" => Weakening::Datagram,
        "not-established" => Weakening::NotEstablished,
        "inbound" => Weakening::Inbound,
        "direction-unknown" => Weakening::DirectionUnknown,
        "pinned-answer" => Weakening::PinnedAnswer,
        "asked-by-another" => Weakening::AskedByAnother,
        "asker-unknown" => Weakening::AskerUnknown,
        "not-asked-just-before" => Weakening::NotAskedJustBefore,
        "name-alone" => Weakening::NameAlone,
        "out-of-scope" => Weakening::OutOfScope,
        "content-network" => Weakening::ContentNetwork,
        "package-name-alone" => Weakening::PackageNameAlone,
        _ => return None,
    })
}

/// Why nobody looked, from the words of a `gap` entry.
pub(crate) fn gap(reason: &str, cause: Option<&str>, detail: Option<&str>) -> Option<GapReason> {
    Some(match reason {
        "fault" => GapReason::Fault(Arc::from(detail.unwrap_or("-"))),
        "suspended" => GapReason::Suspended,
        "late" => GapReason::Late,
        "unreadable" => GapReason::Unreadable(item(cause?)?),
        "not-running" => GapReason::NotRunning,
        "died" => GapReason::Died(DeathReason::from_word(cause?)?),
        "unreachable" => GapReason::Unreachable(Unreachable::from_word(cause?)?),
        _ => return None,
    })
}

/// What a `coverage` entry says: table, source, status, counts and details.
pub(crate) fn coverage(
    [table, source_word, status_word]: [&str; 3],
    [rows, bad_rows]: [u64; 2],
    details: Option<&str>,
) -> Option<Coverage> {
    let details = match details {
        None => Some(Vec::new()),
        Some(details) => details.split(", ").map(detail).collect(),
    };
    Some(Coverage {
        item: item(table)?,
        source: source(source_word)?,
        status: status(status_word)?,
        rows,
        bad_rows,
        details: details?,
    })
}

/// A word and perhaps a number, or two.
fn detail(text: &str) -> Option<CoverageDetail> {
    if let Some(numbers) = text.strip_prefix("pinned ") {
        let (names, days) = numbers.split_once(' ')?;
        return Some(CoverageDetail::Pinned {
            names: names.parse().ok()?,
            days: days.parse().ok()?,
        });
    }
    let (word, number) = match text.split_once(' ') {
        Some((word, number)) => (word, Some(number.parse::<i64>().ok()?)),
        None => (text, None),
    };
    let count = || u32::try_from(number?).ok();
    let long = || u64::try_from(number?).ok();
    let errno = match number {
        None => None,
        Some(number) => i32::try_from(number).ok(),
    };
    Some(match word {
        "errno" => CoverageDetail::Errno(errno?),
        "fell-back-to-procfs" => CoverageDetail::FellBackToProcfs(errno),
        "not-checkable" => CoverageDetail::NotCheckable,
        "own-socket-missing" => CoverageDetail::OwnSocketMissing,
        "only-own-rows" => CoverageDetail::OnlyOwnRows,
        "truncated" => CoverageDetail::Truncated(long()?),
        "first-bad-line" => CoverageDetail::FirstBadLine(count()?),
        "not-tracked" => CoverageDetail::NotTracked(count()?),
        "without-peer" => CoverageDetail::WithoutPeer(count()?),
        "events-lost" => CoverageDetail::EventsLost(long()?),
        "no-destroy-events" => CoverageDetail::NoDestroyEvents(errno),
        "bad-entries" => CoverageDetail::BadEntries(count()?),
        "implausibly-short" => CoverageDetail::ImplausiblyShort(count()?),
        "not-given" => CoverageDetail::NotGiven,
        "tap-off" => CoverageDetail::TapOff,
        "tap-without-resolver" => CoverageDetail::TapWithoutResolver,
        "other-vpn" => CoverageDetail::OtherVpn,
        "clear-text" => CoverageDetail::ClearText,
        "strict-private-dns" => CoverageDetail::StrictPrivateDns,
        "askers-unknown" => CoverageDetail::AskersUnknown,
        "known-resolvers" => CoverageDetail::KnownResolvers(count()?),
        "foreign-resolvers" => CoverageDetail::ForeignResolvers(count()?),
        "fake-addresses" => CoverageDetail::FakeAddresses(count()?),
        "pinned-expired" => CoverageDetail::PinnedExpired(count()?),
        "names-lost" => CoverageDetail::NamesLost(long()?),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_lead_back_to_what_they_stand_for() {
        assert_eq!(state("new_syn_recv"), Some(SocketState::NewSynRecv));
        assert_eq!(state("melted"), None);
        assert_eq!(
            weakening("role-go-between"),
            Some(Weakening::Role(Role::GoBetween))
        );
        assert_eq!(
            weakening("category-vendor-service"),
            Some(Weakening::Category(Category::VendorService))
        );
        assert_eq!(weakening("firmware-molten"), None);
        assert_eq!(
            gap("died", Some("low-memory"), None),
            Some(GapReason::Died(DeathReason::LowMemory))
        );
        assert_eq!(gap("unreadable", None, None), None);
    }

    #[test]
    fn coverage_leads_back_with_its_details() {
        let read = coverage(
            ["tcp6", "procfs", "denied"],
            [0, 0],
            Some("errno 13, not-checkable"),
        )
        .unwrap();
        assert_eq!(read.item, CoverageItem::Table(Table::Tcp6));
        assert_eq!(
            read.details,
            [CoverageDetail::Errno(13), CoverageDetail::NotCheckable]
        );
        let names = coverage(
            ["names", "tap", "readable"],
            [12, 0],
            Some("tap-off, known-resolvers 3, pinned 12 5, names-lost 7"),
        )
        .unwrap();
        assert_eq!(
            (names.item, names.source),
            (CoverageItem::Names, SourceKind::Tap)
        );
        assert_eq!(
            names.details,
            [
                CoverageDetail::TapOff,
                CoverageDetail::KnownResolvers(3),
                CoverageDetail::Pinned { names: 12, days: 5 },
                CoverageDetail::NamesLost(7),
            ]
        );
        assert!(coverage(["tcp", "procfs", "denied"], [0, 0], Some("errno x")).is_none());
        assert!(coverage(["tcp9", "procfs", "denied"], [0, 0], None).is_none());
    }
}
