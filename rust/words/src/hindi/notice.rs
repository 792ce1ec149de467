//! Notifications: a title and a text each.

use portlog_model::{Alert, Daily, Notice, Ongoing, Owner, Platform, WatchState};

use super::owner::{self, Mention};
use super::watched::state;
use super::{alert, counted, explanation};
use crate::advise::explanations;
use crate::data::is_practice;
use crate::time::Zone;

/// Owners that a daily summary names.
const MAX_OWNERS: usize = 5;

pub(super) fn title(notice: Notice<'_>) -> String {
    match notice {
        Notice::Alert(alert) => format!(
            "{}: {}",
            alert::heading(alert),
            owner::who(Mention {
                owner: &alert.owner,
                platform: Some(alert.platform),
            })
        ),
        Notice::Group { owner, .. } => who(owner),
        Notice::Ongoing(ongoing) => match ongoing.state {
            WatchState::Starting => "Portlog शुरू हो रहा है".to_owned(),
            WatchState::Running => format!(
                "{} की निगरानी",
                counted(ongoing.owners, "प्रोग्राम", "प्रोग्राम")
            ),
            WatchState::Denied | WatchState::Blind => {
                "Portlog दूसरे ऐप के सॉकेट नहीं देख सकता".to_owned()
            }
            WatchState::Stopped => "Portlog बंद है".to_owned(),
        },
        Notice::LockScreen { .. } => "Portlog".to_owned(),
        Notice::Daily(daily) => format!("आज {} दर्ज", daily.total()),
    }
}

pub(super) fn body(notice: Notice<'_>, zone: Zone) -> String {
    match notice {
        Notice::Alert(alert) => claim(alert, zone),
        Notice::Group {
            matches, possible, ..
        } => format!("{matches} मिलान, {possible} संभव"),
        Notice::Ongoing(ongoing) => self::ongoing(&ongoing, zone),
        Notice::LockScreen { practice: false } => "कुछ नया मिला".to_owned(),
        Notice::LockScreen { practice: true } => "कुछ नया मिला (अभ्यास)".to_owned(),
        Notice::Daily(daily) => self::daily(&daily),
    }
}

/// The alert's sentence, and what else could explain it.
fn claim(alert: &Alert, zone: Zone) -> String {
    let mut parts = Vec::new();
    if is_practice(alert) {
        parts.push("यह अभ्यास है: कनेक्शन Portlog ने खुद खोला, और इसे गिना नहीं जाता।".to_owned());
    }
    parts.push(alert::alert(alert, zone));
    let others: Vec<&str> = explanations(alert).into_iter().map(explanation).collect();
    if !others.is_empty() {
        parts.push(format!(
            "और किन बातों से यह समझाया जा सकता है: {}",
            others.join(" ")
        ));
    }
    parts.join(" ")
}

fn ongoing(ongoing: &Ongoing, zone: Zone) -> String {
    let since = zone.time(ongoing.since);
    let tables = match ongoing.tables.unseen() {
        0 if ongoing.tables.readable == 0 => "अभी कोई तालिका नहीं देखी गई".to_owned(),
        0 => "इस कर्नेल की हर तालिका देखी जा सकती है".to_owned(),
        unseen => format!(
            "{} में से {unseen} नहीं देखी जा सकती",
            counted(u64::from(ongoing.tables.present()), "तालिका", "तालिकाओं")
        ),
    };
    match ongoing.state {
        WatchState::Running => format!("{since} से; {tables}।"),
        WatchState::Starting | WatchState::Denied | WatchState::Blind | WatchState::Stopped => {
            state(ongoing.state).to_owned()
        }
    }
}

/// `आज 5 दर्ज: 3 सूची प्रविष्टियाँ, 2 नए गंतव्य। किनके: com.example.sync, ...`.
fn daily(daily: &Daily<'_>) -> String {
    let counts: Vec<String> = [
        (daily.entries, "सूची प्रविष्टि", "सूची प्रविष्टियाँ"),
        (daily.destinations, "नया गंतव्य", "नए गंतव्य"),
        (
            daily.listeners,
            "नया सॉकेट (कनेक्शन के इंतज़ार में)",
            "नए सॉकेट (कनेक्शन के इंतज़ार में)",
        ),
        (
            daily.bytes_alone,
            "बार बाइट का आना-जाना (कोई कनेक्शन नहीं दिखा)",
            "बार बाइट का आना-जाना (कोई कनेक्शन नहीं दिखा)",
        ),
    ]
    .into_iter()
    .filter(|(count, ..)| *count > 0)
    .map(|(count, one, many)| counted(count, one, many))
    .collect();
    let mut text = format!("आज {} दर्ज", daily.total());
    if !counts.is_empty() {
        text.push_str(": ");
        text.push_str(&counts.join(", "));
    }
    text.push('।');
    let mut owners: Vec<String> = daily
        .owners
        .iter()
        .take(MAX_OWNERS)
        .map(|owner| who(owner))
        .collect();
    let more = daily.owners.len().saturating_sub(MAX_OWNERS);
    if more > 0 {
        owners.push(format!("{more} अन्य"));
    }
    if !owners.is_empty() {
        text.push_str(" किनके: ");
        text.push_str(&owners.join(", "));
        text.push('।');
    }
    text
}

/// Notifications are Android's.
fn who(owner: &Owner) -> String {
    owner::who(Mention {
        owner,
        platform: Some(Platform::Android),
    })
}
