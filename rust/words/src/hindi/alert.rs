//! What an alert claims: level, owner, deed, peer, entry, list, since when, how often, how sure.

use portlog_model::{
    Alert, Category, HitKind, Level, ListHit, Match, NotedReason, Owner, Weakening,
};

use super::connection::{Deed, did, names};
use super::counted;
use super::owner::{self, Mention};
use super::reason::weakening;
use crate::data::{is_practice, quoted};
use crate::time::Zone;

/// `मिलान: com.example.sync (...) का 203.0.113.7:443 के साथ कनेक्शन था। सूची ... में प्रविष्टि ... है।`
pub(super) fn alert(alert: &Alert, zone: Zone) -> String {
    let mut parts = vec![format!("{}: {}।", heading(alert), deed(alert, zone))];
    if let Some(matched) = &alert.matched {
        parts.push(entry(matched, zone));
    }
    parts.push(history(alert, zone));
    if let Some(matched) = &alert.matched {
        parts.extend(doubts(matched));
    }
    if !alert.candidates.is_empty() {
        let candidates: Vec<String> = alert
            .candidates
            .iter()
            .map(|owner| named(alert, owner))
            .collect();
        parts.push(format!(
            "इस बीच इनके बाइट का आना-जाना हुआ: {}।",
            candidates.join(", ")
        ));
    }
    if alert.bundled > 0 {
        parts.push(format!(
            "यह ध्वनि पिछली ध्वनि के बाद के {} अलर्ट के लिए है।",
            alert.bundled
        ));
    }
    parts.join(" ")
}

/// What is noted, and why.
pub(super) fn noted(alert: &Alert, reason: NotedReason, zone: Zone) -> String {
    let deed = deed(alert, zone);
    match reason {
        NotedReason::ListEntry => self::alert(alert, zone),
        NotedReason::FirstSeenDestination => {
            format!("दर्ज: {deed}। इस गंतव्य के साथ इसे पहले नहीं देखा गया था।")
        }
        NotedReason::NewListener => {
            format!("दर्ज: {deed}। इसे वहाँ कनेक्शन का इंतज़ार करते पहले नहीं देखा गया था।")
        }
        NotedReason::BytesWithoutConnection(bytes) => format!(
            "दर्ज: {} के {} का आना-जाना हुआ, जबकि इसका कोई कनेक्शन नहीं दिखा।",
            named(alert, &alert.owner),
            counted(bytes, "बाइट", "बाइट")
        ),
    }
}

pub(super) const fn level(level: Level) -> &'static str {
    match level {
        Level::Match => "मिलान",
        Level::Possible => "संभव",
        Level::Noted => "दर्ज",
    }
}

pub(super) fn heading(alert: &Alert) -> String {
    let level = level(alert.level);
    if is_practice(alert) {
        format!("अभ्यास, {level}")
    } else {
        level.to_owned()
    }
}

/// Who did what. Without a connection there was a name alone.
pub(super) fn deed(alert: &Alert, zone: Zone) -> String {
    let mention = Mention {
        owner: &alert.owner,
        platform: Some(alert.platform),
    };
    if let Some(observed) = &alert.observed {
        let deed = owner::did(mention, &did(&observed.connection));
        return format!("{deed}{}", names(observed, zone));
    }
    let asked = match &alert.asked {
        Some(name) => format!("{} नाम के बारे में पूछा", quoted(name)),
        None => "एक नाम के बारे में पूछा".to_owned(),
    };
    owner::did(mention, &Deed::new("ने", asked))
}

fn named(alert: &Alert, owner: &Owner) -> String {
    owner::named(Mention {
        owner,
        platform: Some(alert.platform),
    })
}

/// `सूची "mine.txt" (आपकी अपनी सूची, तारीख 2026-04-01) में प्रविष्टि "203.0.113.7" है (यही पता; पंक्ति 3)।`
fn entry(matched: &Match, zone: Zone) -> String {
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
        || "बिना तारीख".to_owned(),
        |at| format!("तारीख {}", zone.date(at)),
    );
    format!(
        "सूची {} ({}, {date}) में प्रविष्टि {} है ({speaks}; पंक्ति {line})।",
        quoted(list),
        self::category(*category),
        quoted(entry)
    )
}

pub(super) const fn hit_kind(kind: HitKind) -> &'static str {
    match kind {
        HitKind::Address => "यही पता",
        HitKind::Network => "वह नेटवर्क जिसमें यह पता है",
        HitKind::Domain => "वह नाम जो पूछा गया और जिसके जवाब में यह पता मिला",
        HitKind::Pinned => "वह नाम जिसके लिए यह पता कहीं और देखा गया था",
        HitKind::Package => "पैकेज का नाम",
        HitKind::Signer => "वह प्रमाणपत्र जिससे पैकेज पर हस्ताक्षर हुए",
        HitKind::File => "पैकेज की फ़ाइल का डाइजेस्ट",
        HitKind::Asked => "वह नाम जो पूछा गया",
    }
}

pub(super) const fn category(category: Category) -> &'static str {
    match category {
        Category::Own => "आपकी अपनी सूची",
        Category::Threat => "ज्ञात खतरे",
        Category::Tracker => "ट्रैकर और विज्ञापन",
        Category::VendorService => "निर्माताओं और प्लैटफ़ॉर्म की सेवाएँ",
        Category::Reported => "पहले कभी दर्ज हुआ था, अब किसी और के पास हो सकता है",
    }
}

fn history(alert: &Alert, zone: Zone) -> String {
    let connections = match alert.asked {
        Some(_) => format!("{} बार पूछा गया", alert.count),
        None => counted(alert.count, "कनेक्शन", "कनेक्शन"),
    };
    if alert.first_seen == alert.last_seen {
        format!("{} को देखा गया, {connections}।", zone.time(alert.first_seen))
    } else {
        format!(
            "पहली बार {} को देखा गया, पिछली बार {} को, {connections}।",
            zone.time(alert.first_seen),
            zone.time(alert.last_seen)
        )
    }
}

/// Why it is not more than it is.
fn doubts(matched: &Match) -> Option<String> {
    let only = match matched.level {
        Level::Match => return None,
        Level::Possible => "केवल संभव, क्योंकि",
        Level::Noted => "केवल दर्ज, क्योंकि",
    };
    let doubts: Vec<&str> = matched
        .weakened
        .iter()
        .map(|w: &Weakening| weakening(*w))
        .collect();
    (!doubts.is_empty()).then(|| format!("{only}: {}।", doubts.join("; ")))
}
