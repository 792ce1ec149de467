//! All that is known of an alert or a connection, in a few lines.

use portlog_model::{Alert, NameSource, Observed, Platform, SeenName, Sentence};

use super::words;
use crate::speech::english;
use crate::time::{LocalTime, rfc3339};

/// What stands below an alert's sentence, which names the entry and what weakens it: what else could
/// explain it, and what to do. Not yet made safe for a terminal.
pub(crate) fn of_alert(alert: &Alert) -> Vec<String> {
    let mut lines = Vec::new();
    let explanations = portlog_words::explanations(alert);
    if !explanations.is_empty() {
        lines.push("What else could explain it:".to_owned());
    }
    for explanation in explanations {
        lines.push(format!(
            "- {}",
            english(&Sentence::Explanation(explanation))
        ));
    }
    let advice = portlog_words::advice(alert);
    if !advice.is_empty() {
        lines.push("What to do now:".to_owned());
    }
    for step in advice {
        lines.push(format!("- {}", english(&Sentence::Advice(step))));
    }
    lines
}

/// A connection, its owner and why the owner is said to be it. Not yet made safe for a terminal.
pub(crate) fn of_connection(
    observed: &Observed,
    platform: Platform,
    local: &LocalTime,
) -> Vec<String> {
    let connection = &observed.connection;
    let owner = &observed.owner;
    let mut lines = vec![
        format!(
            "{} {} {} {}, {}",
            connection.protocol(),
            connection.local,
            words::arrow(connection.direction),
            words::peer(connection),
            words::state(connection)
        ),
        english(&Sentence::Observed(observed)),
        format!(
            "Direction {}, inode {}, first seen {}",
            connection.direction,
            connection
                .inode
                .map_or_else(|| "none".to_owned(), |inode| inode.to_string()),
            local.full(connection.first_seen.wall)
        ),
        String::new(),
        format!("Owner {} ({})", words::owner_label(owner), owner.kind),
        english(&Sentence::OwnerReason(&owner.why)),
    ];
    if platform == Platform::Android {
        lines.push(format!(
            "Comes with the phone: {}",
            words::firmware_label(owner, platform)
        ));
    }
    if !owner.packages.is_empty() {
        lines.push(format!("Packages of this UID: {}", owner.packages.len()));
        lines.extend(owner.packages.iter().map(|package| format!("- {package}")));
    }
    if !owner.candidates.is_empty() {
        lines.push("Processes of this UID, one of which holds the socket:".to_owned());
        lines.extend(
            owner
                .candidates
                .iter()
                .map(|program| format!("- {}[{}]", program.name, program.pid)),
        );
    }
    if !observed.names.is_empty() {
        lines.push(String::new());
        lines.push(format!(
            "Names of {}{}:",
            connection.remote.address(),
            if observed.shared_address {
                ", an address that many names have"
            } else {
                ""
            }
        ));
        lines.extend(observed.names.iter().map(|name| of_name(name, local)));
    }
    for matched in &observed.matches {
        let hit = &matched.hit;
        lines.push(String::new());
        lines.push(format!(
            "{}: list {} ({}, {}), line {}, entry {}",
            matched.level,
            hit.list,
            hit.category,
            hit.list_date.map_or_else(|| "undated".to_owned(), rfc3339),
            hit.line,
            hit.entry
        ));
        for weakening in &matched.weakened {
            lines.push(format!("- {}", english(&Sentence::Weakening(*weakening))));
        }
    }
    lines
}

/// A name, and where it is from.
fn of_name(name: &SeenName, local: &LocalTime) -> String {
    let at = local.full(name.at.wall);
    let host = &name.name;
    match (name.source, name.asker) {
        (NameSource::Pinned, _) => format!("- {host}: seen for it elsewhere, {at}"),
        (NameSource::Tap, Some(uid)) => format!("- {host}: asked for by UID {uid}, {at}"),
        (NameSource::Tap, None) => format!("- {host}: asked for by someone here, {at}"),
    }
}
