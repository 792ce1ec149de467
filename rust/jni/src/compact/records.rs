//! The order of fields and variants, for this side of the bridge.
//!
//! A record lists every field of its struct, a choice every variant of its enum: what is missing
//! here does not compile.

use portlog_agent::session::{
    AlertView, BadLineView, Board, BoardQuery, ConnectionDetails, ConnectionLine, CoverageLine,
    Destination, HistoryPage, HistoryQuery, LinkState, ListChange, ListLine, ListPermission,
    ListenerChoice, MatchLine, MuteLine, MuteView, Note, NoteKind, OwnerChoice, OwnerDetails,
    OwnerLine, PackageLine, PracticeLinkLine, PracticeReport, PracticeStep, SessionState, Sort,
    Stats, TimelineHour, Told, ToldKind,
};
use portlog_model::{
    Category, CoverageStatus, Direction, Firmware, Level, OwnerKind, Protocol, SocketState,
};

use super::{Compact, Fault, Malformed, Reader, Writer};
use crate::asked::{AskedConfig, AskedSettings, CountedBytes, PackageFacts, PackageFeed};

/// Gives structs the form of a record.
macro_rules! record {
    ($($type:ident { $($field:ident),+ $(,)? })+) => {$(
        impl Compact for $type {
            fn write(&self, out: &mut Writer) {
                $(self.$field.write(out);)+
            }

            fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
                Ok(Self { $($field: from.field(stringify!($field))?),+ })
            }
        }
    )+};
}

/// Gives enums without fields the form of a choice.
macro_rules! choice {
    ($($type:ident { $($variant:ident),+ $(,)? })+) => {$(
        impl Compact for $type {
            fn write(&self, out: &mut Writer) {
                enum Place { $($variant),+ }
                let place = match self {
                    $(Self::$variant => Place::$variant),+
                };
                (place as u8).write(out);
            }

            fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
                const ALL: &[$type] = &[$($type::$variant),+];
                let at = from.at();
                let found = u8::read(from)?;
                ALL.get(usize::from(found))
                    .copied()
                    .ok_or_else(|| no_variant(at, stringify!($type), ALL.len(), found))
            }
        }
    )+};
}

choice! {
    Level { Noted, Possible, Match }
    Category { Own, Threat, Tracker, VendorService, Reported }
    Protocol { Tcp, Udp, UdpLite, Raw, Icmp }
    SocketState {
        Established, SynSent, SynRecv, FinWait1, FinWait2, TimeWait, Close, CloseWait, LastAck,
        Listen, Closing, NewSynRecv, BoundInactive,
    }
    Direction { Out, In, Unknown }
    OwnerKind {
        Kernel, System, Shell, App, Shared, Isolated, Sandbox, Removed, User, Service, Unknown,
    }
    Firmware { Yes, No, Mixed, Preloaded, Unknown }
    CoverageStatus { Readable, Denied, Absent, Untrusted }
    SessionState { Stopped, Starting, Watching, Denied, Failed }
    OwnerChoice { All, Firmware, Apps }
    ListenerChoice { Shown, Hidden, Only }
    Sort { FirmwareFirst, Newest, Owner, Remote }
    ToldKind {
        Started, Opened, Changed, Closed, Alert, Noted, NotedSummary, Coverage, List, Packages,
        Clock, Heartbeat, Config, Drop, Gap, Practice, System, Stopped,
    }
    LinkState { Waiting, Passed, Failed }
    ListPermission { NotNeeded, Granted, Denied }
}

record! {
    Board {
        generation, state, state_text, watched_text, not_live_text, coverage, connections,
        matching, total,
    }
    CoverageLine { item, status, text }
    ConnectionLine {
        id, protocol, local, remote, state, direction, listener, practice, owner, level, names,
        first_seen, closed_at, text,
    }
    OwnerLine { key, uid, user, name, kind, firmware, kind_text, packages }
    BoardQuery { text, owners, alerts_only, protocol, listeners, owner_key, sort, limit }
    AlertView {
        key, level, sounds, practice, muted, title, text, body, public_text, owner, remote, list,
        entry, category, weakened, explanations, advice, candidates, first_seen, last_seen, count,
        bundled, connection,
    }
    Told { sequence, at, kind, text, owner_key, connection, alert }
    HistoryQuery { kinds, text, owner_key, before, limit }
    HistoryPage { records, matching, kept, since }
    OwnerDetails {
        owner, sentences, packages, destinations, connections, bytes, timeline, timeline_text,
        muted,
    }
    PackageLine { name, label, version, place, signer, installer, first_install }
    Destination { remote, protocol, first_seen, last_seen, count, level }
    TimelineHour { start, opened, alerts, watched_percent }
    ConnectionDetails { line, sentences, matches, history }
    MatchLine { level, list, category, entry, line, list_date, list_sha256, weakened }
    ListLine {
        id, name, category, enabled, rules, bad_lines, bad, date, imported, sha256, age_text,
        problem,
    }
    BadLineView { line, reason }
    Stats {
        generation, state, state_text, since, last_look, polls, watched, asleep, denied, stopped,
        connections, alerts, dropped, ongoing_title, ongoing_text, mutes, version,
    }
    MuteLine { rule, text }
    PracticeReport { running, links, last_passed }
    PracticeLinkLine { state, text }
    Note { at, kind, detail }
    AskedConfig { state_folder, proc_root, sdk, settings }
    AskedSettings { language, utc_offset_seconds, scope_all, interval_millis, idle_interval_millis }
    PackageFeed { permission, packages }
    PackageFacts {
        name, uid, system, updated_system, source_path, factory_path, version, label, signers,
        installer_known, installer, launcher_entry, first_install,
    }
    CountedBytes { uid, received, sent }
}

impl Compact for ListChange {
    fn write(&self, out: &mut Writer) {
        match self {
            Self::Look => 0_u8.write(out),
            Self::Import {
                name,
                category,
                path,
            } => {
                1_u8.write(out);
                name.write(out);
                category.write(out);
                path.write(out);
            }
            Self::Replace { id, path } => {
                2_u8.write(out);
                id.write(out);
                path.write(out);
            }
            Self::Enable { id, enabled } => {
                3_u8.write(out);
                id.write(out);
                enabled.write(out);
            }
            Self::Categorise { id, category } => {
                4_u8.write(out);
                id.write(out);
                category.write(out);
            }
            Self::Remove { id } => {
                5_u8.write(out);
                id.write(out);
            }
        }
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        let at = from.at();
        match u8::read(from)? {
            0 => Ok(Self::Look),
            1 => Ok(Self::Import {
                name: from.field("name")?,
                category: from.field("category")?,
                path: from.field("path")?,
            }),
            2 => Ok(Self::Replace {
                id: from.field("id")?,
                path: from.field("path")?,
            }),
            3 => Ok(Self::Enable {
                id: from.field("id")?,
                enabled: from.field("enabled")?,
            }),
            4 => Ok(Self::Categorise {
                id: from.field("id")?,
                category: from.field("category")?,
            }),
            5 => Ok(Self::Remove {
                id: from.field("id")?,
            }),
            other => Err(no_variant(at, "ListChange", 6, other)),
        }
    }
}

impl Compact for MuteView {
    fn write(&self, out: &mut Writer) {
        let (tag, text) = match self {
            Self::Owner(key) => (0_u8, key),
            Self::Entry(text) => (1, text),
            Self::Remote(address) => (2, address),
        };
        tag.write(out);
        text.write(out);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        let at = from.at();
        match u8::read(from)? {
            0 => from.field("key").map(Self::Owner),
            1 => from.field("text").map(Self::Entry),
            2 => from.field("address").map(Self::Remote),
            other => Err(no_variant(at, "MuteRule", 3, other)),
        }
    }
}

impl Compact for PracticeStep {
    fn write(&self, out: &mut Writer) {
        match self {
            Self::Look => 0_u8.write(out),
            Self::Begin => 1_u8.write(out),
            Self::Notified(shown) => {
                2_u8.write(out);
                shown.write(out);
            }
            Self::Confirmed(noticed) => {
                3_u8.write(out);
                noticed.write(out);
            }
        }
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        let at = from.at();
        match u8::read(from)? {
            0 => Ok(Self::Look),
            1 => Ok(Self::Begin),
            2 => from.field("shown").map(Self::Notified),
            3 => from.field("noticed").map(Self::Confirmed),
            other => Err(no_variant(at, "PracticeStep", 4, other)),
        }
    }
}

impl Compact for NoteKind {
    fn write(&self, out: &mut Writer) {
        match self {
            Self::Death(reason) => {
                0_u8.write(out);
                reason.write(out);
            }
            Self::StartMissed => 1_u8.write(out),
            Self::StartedBy => 2_u8.write(out),
        }
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        let at = from.at();
        match u8::read(from)? {
            0 => from.field("reason").map(Self::Death),
            1 => Ok(Self::StartMissed),
            2 => Ok(Self::StartedBy),
            other => Err(no_variant(at, "NoteKind", 3, other)),
        }
    }
}

fn no_variant(at: usize, of: &'static str, variants: usize, found: u8) -> Malformed {
    Malformed::new(
        at,
        Fault::Choice {
            of,
            variants,
            found,
        },
    )
}
