//! What an alert claims: level, owner, deed, peer, entry, list, since when, how often, how sure.

use portlog_model::{
    Alert, Category, HitKind, Level, ListHit, Match, NotedReason, Owner, Weakening,
};

use super::connection::{did, names};
use super::counted;
use super::owner::{self, Mention};
use super::reason::weakening;
use crate::data::{is_practice, quoted};
use crate::time::Zone;

/// `Match: com.example.sync (...) had a connection with 203.0.113.7:443. Entry ... of list ...`.
pub(super) fn alert(alert: &Alert, zone: Zone) -> String {
    let mut parts = vec![format!("{}: {}.", heading(alert), deed(alert, zone))];
    if let Some(matched) = &alert.matched {
        parts.push(entry(matched, zone));
    }
    parts.push(history(alert, zone));
    if let Some(matched) = &alert.matched {
        parts.extend(doubts(matched));
    }
    parts.extend(meanwhile(alert));
    parts.extend(bundled(alert));
    parts.join(" ")
}

/// Who else it may have been.
pub(super) fn meanwhile(alert: &Alert) -> Option<String> {
    let candidates: Vec<String> = alert
        .candidates
        .iter()
        .map(|owner| named(alert, owner))
        .collect();
    (!candidates.is_empty())
        .then(|| format!("Bytes moved meanwhile for: {}.", candidates.join(", ")))
}

pub(super) fn bundled(alert: &Alert) -> Option<String> {
    (alert.bundled > 0).then(|| {
        format!(
            "It sounds for {} alerts since the last sound.",
            alert.bundled
        )
    })
}

/// What is noted, and why.
pub(super) fn noted(alert: &Alert, reason: NotedReason, zone: Zone) -> String {
    let deed = deed(alert, zone);
    match reason {
        NotedReason::ListEntry => self::alert(alert, zone),
        NotedReason::FirstSeenDestination => {
            format!("Noted: {deed}. It was not seen with this destination before.")
        }
        NotedReason::NewListener => {
            format!("Noted: {deed}. It was not seen to listen there before.")
        }
        NotedReason::BytesWithoutConnection(bytes) => format!(
            "Noted: {} moved {} while no connection of it was seen.",
            named(alert, &alert.owner),
            counted(bytes, "byte", "bytes")
        ),
    }
}

pub(super) fn heading(alert: &Alert) -> String {
    let level = match (alert.level, is_practice(alert)) {
        (Level::Match, false) => "Match",
        (Level::Possible, false) => "Possible",
        (Level::Noted, false) => "Noted",
        (Level::Match, true) => "Practice, match",
        (Level::Possible, true) => "Practice, possible",
        (Level::Noted, true) => "Practice, noted",
    };
    level.to_owned()
}

/// Who did what. Without a connection there was a name alone.
pub(super) fn deed(alert: &Alert, zone: Zone) -> String {
    match &alert.observed {
        Some(observed) => {
            let mention = Mention {
                owner: &alert.owner,
                platform: Some(alert.platform),
            };
            let deed = owner::did(mention, &did(&observed.connection));
            format!("{deed}{}", names(observed, zone))
        }
        None => match &alert.asked {
            Some(name) => format!(
                "{} asked for the name {}",
                named(alert, &alert.owner),
                quoted(name)
            ),
            None => format!("{} asked for a name", named(alert, &alert.owner)),
        },
    }
}

pub(super) fn named(alert: &Alert, owner: &Owner) -> String {
    owner::named(Mention {
        owner,
        platform: Some(alert.platform),
    })
}

/// `Entry "203.0.113.7" (the address itself; line 3) stands in list "mine.txt" (your own list,
/// dated 2026-04-01).`
pub(super) fn entry(matched: &Match, zone: Zone) -> String {
    let ListHit {
        list,
        category,
        entry,
        line,
        list_date,
        list_sha256: _,
        kind,
    } = &matched.hit;
    let speaks = hit_kind(*kind);
    let date = list_date.map_or_else(
        || "undated".to_owned(),
        |at| format!("dated {}", zone.date(at)),
    );
    format!(
        "Entry {} ({speaks}; line {line}) stands in list {} ({}, {date}).",
        quoted(entry),
        quoted(list),
        self::category(*category)
    )
}

pub(super) const fn hit_kind(kind: HitKind) -> &'static str {
    match kind {
        HitKind::Address => "the address itself",
        HitKind::Network => "a network that holds the address",
        HitKind::Domain => "a name that was asked for and answered with the address",
        HitKind::Pinned => "a name for which the address was seen elsewhere",
        HitKind::Package => "the package's name",
        HitKind::Signer => "a certificate that signed the package",
        HitKind::File => "a digest of the package's file",
        HitKind::Asked => "a name that was asked for",
    }
}

pub(super) const fn category(category: Category) -> &'static str {
    match category {
        Category::Own => "your own list",
        Category::Threat => "known threats",
        Category::Tracker => "trackers and advertising",
        Category::VendorService => "services of makers and platforms",
        Category::Reported => "documented in the past, may have changed hands",
    }
}

pub(super) fn history(alert: &Alert, zone: Zone) -> String {
    let connections = match alert.asked {
        Some(_) => format!("asked for {}", counted(alert.count, "time", "times")),
        None => counted(alert.count, "connection", "connections"),
    };
    if alert.first_seen == alert.last_seen {
        format!("Seen {}, {connections}.", zone.time(alert.first_seen))
    } else {
        format!(
            "First seen {}, last {}, {connections}.",
            zone.time(alert.first_seen),
            zone.time(alert.last_seen)
        )
    }
}

/// Why it is not more than it is.
pub(super) fn doubts(matched: &Match) -> Option<String> {
    let only = match matched.level {
        Level::Match => return None,
        Level::Possible => "Possible, no more",
        Level::Noted => "Noted, no more",
    };
    let doubts: Vec<&str> = matched
        .weakened
        .iter()
        .map(|w: &Weakening| weakening(*w))
        .collect();
    (!doubts.is_empty()).then(|| format!("{only}: {}.", doubts.join("; ")))
}
