//! An entry in one line: its kind in words, and its signed fields as they are.

use portlog_journal::bundle::ShownEntry;
use portlog_journal::entry::{Kind, OwnerText, read_moment};
use portlog_words::clean;
use portlog_words::log::{EntryKind, LogSentence};

use super::views::LogRow;
use crate::session::render::Voice;
use crate::testimony::{LoggedRow, Reader};

/// What stands between the fields of a line.
const BETWEEN: &str = " · ";
/// Characters of a line.
const MOST: usize = 500;

/// The fields of `kind` that a line has, in order; `owner` stands for whose it is.
const fn shown_fields(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Started => &[
            "provenance",
            "source",
            "platform",
            "version",
            "case",
            "operator",
        ],
        Kind::Device => &["model", "fingerprint", "security_patch", "adb"],
        Kind::Stopped => &["polls", "matches", "possible"],
        Kind::Opened | Kind::Changed | Kind::Closed => {
            &["owner", "protocol", "direction", "remote", "state", "names"]
        }
        Kind::Alert => &[
            "level", "owner", "protocol", "remote", "state", "names", "list", "entry",
        ],
        Kind::Coverage => &["table", "source", "status", "detail"],
        Kind::Clock => &["jump_ms"],
        Kind::Heartbeat => &["polls", "watched_ms", "connections"],
        Kind::Gap => &["reason", "cause", "detail", "from"],
        Kind::Drop => &["events"],
        Kind::List => &["name", "category", "rules"],
        Kind::Packages => &["status", "source", "packages", "uids"],
        Kind::Mark => &["preset", "text"],
        Kind::Practice => &["outcome", "remote", "detail"],
        Kind::Config => &["name", "value"],
        Kind::Epoch => &["epoch", "reason", "vkey"],
        Kind::Witness => &["name", "size"],
        Kind::Predecessor => &["origin", "size", "reason", "known_by"],
        Kind::Prune => &["below", "rows", "reason"],
    }
}

/// A row of this phone's log.
pub(super) fn of_row(row: &LoggedRow, reader: &Reader, voice: Voice) -> LogRow {
    let owner = || {
        let index = row.value("owner")?.parse().ok()?;
        let uid = row.value("uid")?.parse().ok()?;
        Some(owner_name(&reader.owner(index, uid).ok()??))
    };
    line(row.index, row.kind, voice, |name| row.value(name), owner)
}

/// A shown entry of somebody's bundle; `owner` says who the UIDs are that are disclosed before it.
pub(super) fn of_shown(entry: &ShownEntry, owner: Option<String>, voice: Voice) -> LogRow {
    line(
        entry.index(),
        entry.kind(),
        voice,
        |name| entry.value(name),
        || owner,
    )
}

/// What an owner is called: its label, its packages, or its UID.
pub(super) fn owner_name(text: &str) -> String {
    let Some(owner) = OwnerText::parse(text) else {
        return String::new();
    };
    match (owner.name, owner.packages) {
        (Some(name), Some(packages)) => format!("{name} ({packages})"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => format!("UID {}", owner.uid),
    }
}

/// What a kind is called.
pub(super) fn kind_text(kind: Kind, voice: Voice) -> String {
    let kind = match kind {
        Kind::Started => EntryKind::Started,
        Kind::Device => EntryKind::Device,
        Kind::Stopped => EntryKind::Stopped,
        Kind::Opened => EntryKind::Opened,
        Kind::Changed => EntryKind::Changed,
        Kind::Closed => EntryKind::Closed,
        Kind::Alert => EntryKind::Alert,
        Kind::Coverage => EntryKind::Coverage,
        Kind::Clock => EntryKind::Clock,
        Kind::Heartbeat => EntryKind::Heartbeat,
        Kind::Gap => EntryKind::Gap,
        Kind::Drop => EntryKind::Drop,
        Kind::List => EntryKind::List,
        Kind::Packages => EntryKind::Packages,
        Kind::Mark => EntryKind::Mark,
        Kind::Practice => EntryKind::Practice,
        Kind::Config => EntryKind::Config,
        Kind::Epoch => EntryKind::Epoch,
        Kind::Witness => EntryKind::Witness,
        Kind::Predecessor => EntryKind::Predecessor,
        Kind::Prune => EntryKind::Prune,
    };
    voice.of_log(&LogSentence::Kind(kind))
}

fn line<'a>(
    index: u64,
    kind: Kind,
    voice: Voice,
    value: impl Fn(&str) -> Option<&'a str>,
    owner: impl FnOnce() -> Option<String>,
) -> LogRow {
    let mut owner = Some(owner);
    let mut parts: Vec<String> = Vec::new();
    for name in shown_fields(kind) {
        let part = match *name {
            "owner" => {
                let uid = value("uid").map(|uid| format!("UID {uid}"));
                owner.take().and_then(|owner| owner()).or(uid)
            }
            // Alone it would say nothing.
            "adb" => value(name).map(|is_on| format!("adb {is_on}")),
            _ => value(name).map(str::to_owned),
        };
        parts.extend(
            part.filter(|part| !part.is_empty())
                .map(|part| clean(&part)),
        );
    }
    let mut text = parts.join(BETWEEN);
    if let Some((cut, _)) = text.char_indices().nth(MOST) {
        text.truncate(cut);
        text.push('…');
    }
    LogRow {
        index,
        at: value("time")
            .and_then(read_moment)
            .map(|(time, _)| time.as_millis()),
        kind,
        kind_text: kind_text(kind, voice),
        text,
    }
}
