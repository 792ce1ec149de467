//! The order of fields and variants, for this side of the bridge.
//!
//! A record lists every field of its struct, a choice and a sum every variant of its enum: what is
//! missing here does not compile.

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

use super::shapes::no_variant;
use super::{Compact, Malformed, Reader, Writer};
use crate::asked::{AskedConfig, AskedSettings, CountedBytes, PackageFacts, PackageFeed};

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
        owner, sentences, packages, destinations, connections, first_seen, last_seen, bytes,
        timeline, timeline_text, muted,
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
    AskedConfig { state_folder, proc_root, sdk, settings, log }
    AskedSettings { language, utc_offset_seconds, scope_all, interval_millis, idle_interval_millis }
    PackageFeed { permission, packages }
    PackageFacts {
        name, uid, system, updated_system, source_path, factory_path, version, label, signers,
        installer_known, installer, launcher_entry, first_install,
    }
    CountedBytes { uid, received, sent }
}

sum! {
    ListChange "ListChange" {
        0 Look,
        1 Import { name, category, path },
        2 Replace { id, path },
        3 Enable { id, enabled },
        4 Categorise { id, category },
        5 Remove { id },
    }
    MuteView "MuteRule" {
        0 Owner(key),
        1 Entry(text),
        2 Remote(address),
    }
    PracticeStep "PracticeStep" {
        0 Look,
        1 Begin,
        2 Notified(shown),
        3 Confirmed(noticed),
    }
    NoteKind "NoteKind" {
        0 Death(reason),
        1 StartMissed,
        2 StartedBy,
    }
}
