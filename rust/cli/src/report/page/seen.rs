//! What was seen, and by whom: alerts first, then destinations by owner.

use portlog_model::{Firmware, Level, Sentence, Word};
use portlog_words::report::{Line, Phrase};

use super::Page;
use super::parts::{
    self, Caption, Voice, category, direction, fact, facts, left_out, meaning, not_said, number,
    protocol, stamp, state, table, time, told, value, withheld,
};
use crate::report::destination::{Destination, Peers};
use crate::report::finding::{Finding, connection};
use crate::report::html::Html;
use crate::report::owner::{Facts as OwnerFacts, Known, Who};
use crate::report::told::Told;
use crate::report::word;

/// The most alerts shown in full, rows of what is noted, and practice alerts.
const MAX_ALERTS: usize = 40;
const MAX_NOTED: usize = 100;
const MAX_PRACTICE: usize = 10;
/// The most owners with destinations, destinations of one, and packages of a UID.
const MAX_OWNERS: usize = 40;
const MAX_PEERS: usize = 25;
const MAX_PACKAGES: usize = 60;

/// The alerts that the page shows in full.
pub(super) fn shown_alerts<'a>(page: &Page<'a>) -> impl Iterator<Item = (u64, &'a Finding)> {
    (1..).zip(page.facts.findings.alerts.iter().take(MAX_ALERTS))
}

/// All that was seen.
pub(super) fn seen(html: &mut Html, page: &Page<'_>, voice: Voice) {
    let findings = &page.facts.findings;
    html.leaf("h3", &[], voice.phrase(Phrase::Alerts));
    if findings.alerts.is_empty() {
        html.leaf("p", &[], voice.phrase(Phrase::NoAlerts));
    }
    for (at, finding) in shown_alerts(page) {
        let anchor = format!("alert-{at}");
        let heading = format!("alert-{at}-heading");
        let level = match finding.level {
            Level::Match => "alert match",
            Level::Possible => "alert possible",
            Level::Noted => "alert noted",
        };
        html.element(
            "article",
            &[
                ("id", &anchor),
                ("class", level),
                ("aria-labelledby", &heading),
            ],
            |html| {
                let title = Line::AlertNumber(at);
                html.leaf("h4", &[("id", &heading)], voice.line(&title));
                alert(html, page, finding, voice);
            },
        );
    }
    let hidden = number(findings.alerts.len().saturating_sub(MAX_ALERTS));
    left_out(html, hidden.saturating_add(findings.alerts_left_out), voice);
    noted(html, page, voice);
    practice(html, page, voice);
    destinations(html, page, voice);
}

fn alert(html: &mut Html, page: &Page<'_>, finding: &Finding, voice: Voice) {
    html.element("p", &[("class", "claim")], |html| {
        html.element("span", &[("class", "level")], |html| {
            level(html, finding, voice);
        });
        html.text(" ");
        match finding.observed().filter(|_| finding.who.is_told()) {
            Some(observed) => parts::deed(html, &voice.say(&Sentence::Observed(&observed))),
            None if finding.asked().is_some() && finding.who.is_told() => {
                parts::deed(html, &voice.say(&Sentence::Deed(&finding.alert())));
            }
            None => deed(html, finding, voice),
        }
    });
    facts(html, |html| {
        fact(html, voice.phrase(Phrase::Owner), |html| {
            owner(html, &finding.who, voice);
        });
        if *finding.told("program") != Told::Nothing {
            fact(html, voice.phrase(Phrase::Program), |html| {
                told(html, finding.told("program"), voice);
            });
        }
        fact(html, voice.phrase(Phrase::Peer), |html| {
            peer(html, finding.told("remote"), voice);
        });
        if *finding.told("names") != Told::Nothing {
            fact(html, voice.phrase(Phrase::PeerNames), |html| {
                told(html, finding.told("names"), voice);
            });
        }
        if finding.told("reason").whole() != Some("list-entry") {
            fact(html, voice.phrase(Phrase::Reason), |html| {
                reason(html, finding, voice);
            });
        }
        entry(html, finding, voice);
        why_no_more(html, finding, voice);
        times(html, finding, voice);
        if !finding.candidates.is_empty() {
            fact(html, voice.phrase(Phrase::Candidates), |html| {
                for uid in &finding.candidates {
                    owner(html, &page.facts.owners.now(uid), voice);
                }
            });
        }
    });
    html.leaf("h5", &[], voice.phrase(Phrase::Explains));
    html.element("ul", &[], |html| {
        for explanation in finding.explanations() {
            html.leaf("li", &[], voice.say(&Sentence::Explanation(explanation)));
        }
        if finding.has_withheld() {
            html.leaf("li", &[], voice.phrase(Phrase::ExplainsMore));
        }
    });
}

fn level(html: &mut Html, finding: &Finding, voice: Voice) {
    match finding.told("level") {
        Told::Withheld => withheld(html, voice),
        _ => html.text(&voice.word(Word::Level(finding.level))),
    }
}

/// What was done, worded by state and direction as everywhere; where the file does not tell enough,
/// what it tells of these.
fn deed(html: &mut Html, finding: &Finding, voice: Voice) {
    if let Some(connection) = finding.connection() {
        parts::deed(html, &voice.say(&Sentence::Connection(&connection)));
        return;
    }
    protocol(html, finding.told("protocol"), voice);
    html.text(", ");
    state(html, finding.told("state"), finding.told("protocol"), voice);
    html.text(", ");
    direction(html, finding.told("direction"), voice);
}

/// A UID is its whole set of packages, never one of them.
fn owner(html: &mut Html, who: &Who, voice: Voice) {
    match who {
        Who::Nobody => html.leaf("p", &[], voice.phrase(Phrase::NotKnown)),
        Who::Withheld => html.element("p", &[], |html| withheld(html, voice)),
        Who::Uid(uid, known) => {
            html.element("p", &[], |html| {
                html.leaf("strong", &[], format!("UID {uid}"));
                match known {
                    Known::As(facts) if facts.count() > 1 => {
                        html.text(": ");
                        html.text(&voice.line(&Line::SharedPackages(facts.count())));
                    }
                    Known::As(_) => {}
                    Known::Withheld => {
                        html.text(": ");
                        withheld(html, voice);
                    }
                    Known::NotShown => {
                        html.text(": ");
                        html.text(voice.phrase(Phrase::OwnerNotShown));
                    }
                }
            });
            if let Known::As(facts) = known {
                packages(html, facts, voice);
                notes(html, facts, voice);
            }
        }
    }
}

fn packages(html: &mut Html, facts: &OwnerFacts, voice: Voice) {
    if facts.packages.is_empty() {
        return;
    }
    html.element("ul", &[("class", "packages")], |html| {
        for package in facts.packages.iter().take(MAX_PACKAGES) {
            html.element("li", &[], |html| html.leaf("code", &[], package));
        }
        let more = number(facts.packages.len().saturating_sub(MAX_PACKAGES));
        let more = more.saturating_add(facts.more);
        if more > 0 {
            let line = voice.line(&Line::PackagesLeftOut(more));
            html.leaf("li", &[("class", "left-out")], line);
        }
    });
}

/// Kind, name, whether it comes with the phone, and what weakens a claim.
fn notes(html: &mut Html, facts: &OwnerFacts, voice: Voice) {
    html.element("p", &[("class", "notes")], |html| {
        let kind = Told::of(&facts.kind);
        meaning(html, &kind, voice, |it| {
            Some(voice.word(Word::OwnerKind(word::owner_kind(it)?)))
        });
        if let Told::Value(..) = facts.name {
            html.text(", ");
            told(html, &facts.name, voice);
        }
        html.text("; ");
        let firmware = Told::of(&facts.firmware);
        meaning(html, &firmware, voice, |it| {
            Some(voice.word(Word::Firmware(word::firmware(it)?)))
        });
        for role in &facts.roles {
            html.text("; ");
            meaning(html, &Told::of(role), voice, |it| {
                Some(voice.word(Word::Role(word::role(it)?)))
            });
        }
    });
}

fn peer(html: &mut Html, remote: &Told, voice: Voice) {
    match remote.whole() {
        Some(end) if end.starts_with("0.0.0.0:") || end.starts_with("[::]:") => {
            html.text(voice.phrase(Phrase::NoPeer));
        }
        Some(end) => html.leaf("code", &[], end),
        None => told(html, remote, voice),
    }
}

fn reason(html: &mut Html, finding: &Finding, voice: Voice) {
    meaning(html, finding.told("reason"), voice, |it| {
        let phrase = match it {
            "first-seen-destination" => Phrase::ReasonFirstSeen,
            "new-listener" => Phrase::ReasonListener,
            "bytes-without-connection" => Phrase::ReasonBytes,
            "list-entry" => Phrase::ReasonEntry,
            _ => return None,
        };
        Some(voice.phrase(phrase).to_owned())
    });
    if let Some(bytes) = finding.told("bytes").whole() {
        html.text(&format!(" ({}: {bytes})", voice.phrase(Phrase::Bytes)));
    }
}

/// The list's entry, and what is known of the list.
fn entry(html: &mut Html, finding: &Finding, voice: Voice) {
    if *finding.told("list") == Told::Nothing && *finding.told("entry") == Told::Nothing {
        return;
    }
    fact(html, voice.phrase(Phrase::ListEntry), |html| {
        told(html, finding.told("entry"), voice);
        if let Some(line) = finding.told("line").whole() {
            html.text(&format!(" ({}: {line})", voice.phrase(Phrase::ListLine)));
        }
    });
    fact(html, voice.phrase(Phrase::HowHit), |html| {
        meaning(html, finding.told("hit"), voice, |it| {
            Some(voice.word(Word::HitKind(word::hit_kind(it)?)))
        });
    });
    fact(html, voice.phrase(Phrase::ListName), |html| {
        told(html, finding.told("list"), voice);
    });
    fact(html, voice.phrase(Phrase::Category), |html| {
        category(html, finding.told("category"), voice);
    });
    fact(html, voice.phrase(Phrase::ListDated), |html| {
        list_date(html, finding.told("list_date"), voice);
    });
    fact(html, voice.phrase(Phrase::ListDigest), |html| {
        digest(html, finding.told("list_sha256"), voice);
    });
}

/// A list's date, or that it has none.
pub(super) fn list_date(html: &mut Html, date: &Told, voice: Voice) {
    match date {
        Told::Nothing => html.text(voice.phrase(Phrase::Undated)),
        date => time(html, date, voice),
    }
}

/// A digest in hexadecimal.
pub(super) fn digest(html: &mut Html, digest: &Told, voice: Voice) {
    match digest.whole() {
        Some(hex) => html.leaf("code", &[("class", "digest")], hex),
        None => told(html, digest, voice),
    }
}

fn why_no_more(html: &mut Html, finding: &Finding, voice: Voice) {
    let weakened = finding.told("weakened");
    if *weakened == Told::Nothing {
        return;
    }
    fact(html, voice.phrase(Phrase::WhyNoMore), |html| {
        let known = finding.weakened();
        if known.is_empty() {
            told(html, weakened, voice);
        }
        for it in known {
            html.leaf("p", &[], voice.say(&Sentence::Weakening(it)));
        }
    });
}

fn times(html: &mut Html, finding: &Finding, voice: Voice) {
    let opened = finding.opened;
    match opened {
        Some(between) if !between.withheld => {
            fact(
                html,
                voice.phrase(Phrase::OpenedAfter),
                |html| match between.after {
                    Some(after) => stamp(html, Some(after), voice),
                    None => html.text(voice.phrase(Phrase::AtFirstLook)),
                },
            );
            fact(html, voice.phrase(Phrase::OpenedBy), |html| {
                stamp(html, between.by, voice);
            });
        }
        Some(_) => fact(html, voice.phrase(Phrase::OpenedBy), |html| {
            withheld(html, voice);
        }),
        None => fact(html, voice.phrase(Phrase::OpenedBy), |html| {
            html.leaf(
                "span",
                &[("class", "none")],
                voice.phrase(Phrase::BetweenNotShown),
            );
        }),
    }
    for (label, name, at) in [
        (Phrase::FirstSeen, "first_seen", finding.first_seen),
        (Phrase::LastSeenAtAlert, "last_seen", finding.last_seen),
    ] {
        fact(html, voice.phrase(label), |html| {
            match (at, finding.told(name)) {
                (None, told @ Told::Withheld) => self::told(html, told, voice),
                (at, _) => stamp(html, at, voice),
            }
        });
    }
    fact(
        html,
        voice.phrase(Phrase::ConnectionsAtAlert),
        |html| match (finding.count, finding.told("count")) {
            (Some(count), _) => html.text(&count.to_string()),
            (None, told) => self::told(html, told, voice),
        },
    );
    fact(html, voice.phrase(Phrase::EntriesInFile), |html| {
        let entries: Vec<String> = finding
            .entries
            .iter()
            .map(|(index, _)| index.to_string())
            .collect();
        html.text(&entries.join(", "));
        if finding.alerts > number(finding.entries.len()) {
            html.text(", …");
        }
    });
}

/// What is noted, a row each.
fn noted(html: &mut Html, page: &Page<'_>, voice: Voice) {
    let findings = &page.facts.findings;
    if findings.noted.is_empty() {
        return;
    }
    html.leaf("h3", &[], voice.phrase(Phrase::Noted));
    let heads = [
        Phrase::Owner,
        Phrase::Peer,
        Phrase::WhatWasSeen,
        Phrase::Reason,
        Phrase::FirstSeen,
        Phrase::ConnectionsAtAlert,
    ];
    let heads = heads.map(|head| voice.phrase(head));
    let rows = findings.noted.iter().take(MAX_NOTED);
    table(
        html,
        Caption::Heard(voice.phrase(Phrase::Noted)),
        &heads,
        rows,
        |html, at, finding| match at {
            0 => short_owner(html, &finding.who, voice),
            1 => peer(html, finding.told("remote"), voice),
            2 => deed(html, finding, voice),
            3 => {
                reason(html, finding, voice);
                if let Told::Value(entry, _) = finding.told("entry") {
                    html.text(": ");
                    value(html, entry);
                }
            }
            4 => stamp(html, finding.first_seen, voice),
            _ => match finding.count {
                Some(count) => html.text(&count.to_string()),
                None => told(html, finding.told("count"), voice),
            },
        },
    );
    let hidden = number(findings.noted.len().saturating_sub(MAX_NOTED));
    left_out(html, hidden.saturating_add(findings.noted_left_out), voice);
}

fn practice(html: &mut Html, page: &Page<'_>, voice: Voice) {
    let practice = &page.facts.findings.practice;
    if practice.is_empty() {
        return;
    }
    html.leaf("h3", &[], voice.phrase(Phrase::Practice));
    html.leaf(
        "p",
        &[("class", "note")],
        voice.phrase(Phrase::PracticeNote),
    );
    let heads = [Phrase::FirstSeen, Phrase::Owner, Phrase::WhatWasSeen];
    let heads = heads.map(|head| voice.phrase(head));
    let rows = practice.iter().take(MAX_PRACTICE);
    table(
        html,
        Caption::Heard(voice.phrase(Phrase::Practice)),
        &heads,
        rows,
        |html, at, finding| match at {
            0 => stamp(html, finding.first_seen, voice),
            1 => short_owner(html, &finding.who, voice),
            _ => deed(html, finding, voice),
        },
    );
    left_out(
        html,
        number(practice.len().saturating_sub(MAX_PRACTICE)),
        voice,
    );
}

/// An owner in a cell: the name of one package, or how many share the UID.
fn short_owner(html: &mut Html, who: &Who, voice: Voice) {
    match who {
        Who::Nobody => html.text(voice.phrase(Phrase::NotKnown)),
        Who::Withheld => withheld(html, voice),
        Who::Uid(uid, Known::As(facts)) if facts.count() > 1 => {
            html.text(&format!("UID {uid}: "));
            html.text(&voice.line(&Line::SharedPackages(facts.count())));
        }
        who @ Who::Uid(..) => match who.short() {
            Some(short) => value(html, &short),
            None => not_said(html, voice),
        },
    }
}

/// Every owner whose connections are shown, those that come with the phone first.
fn destinations(html: &mut Html, page: &Page<'_>, voice: Voice) {
    html.leaf("h3", &[], voice.phrase(Phrase::Destinations));
    let gathered = &page.facts.destinations;
    if gathered.owners.is_empty() {
        html.leaf("p", &[], voice.phrase(Phrase::NoConnections));
    } else {
        html.leaf(
            "p",
            &[("class", "note")],
            voice.phrase(Phrase::DestinationsNote),
        );
    }
    let mut owners: Vec<(&Who, &Peers)> = gathered.owners.iter().collect();
    owners.sort_by_key(|(who, peers)| (rank(who), std::cmp::Reverse(connections(peers))));
    for (who, peers) in owners.iter().take(MAX_OWNERS) {
        html.element("div", &[("class", "owner")], |html| {
            owner(html, who, voice);
            peers_of(html, who, peers, voice);
        });
    }
    let hidden = owners
        .iter()
        .skip(MAX_OWNERS)
        .map(|(_, peers)| number(peers.len()));
    let hidden = hidden.fold(gathered.left_out, u64::saturating_add);
    left_out(html, hidden, voice);
    if gathered.own > 0 {
        let line = voice.line(&Line::OwnLeftOut(gathered.own));
        html.leaf("p", &[("class", "note")], line);
    }
}

fn peers_of(html: &mut Html, who: &Who, peers: &Peers, voice: Voice) {
    let heads = [
        Phrase::Peer,
        Phrase::WhatWasSeen,
        Phrase::Direction,
        Phrase::Connections,
        Phrase::FirstSeen,
        Phrase::LastSeen,
    ];
    let heads = heads.map(|head| voice.phrase(head));
    let caption = match who.short() {
        Some(short) => format!("{}: {short}", voice.phrase(Phrase::Destinations)),
        None => voice.phrase(Phrase::Destinations).to_owned(),
    };
    let mut rows: Vec<&Destination> = peers.values().collect();
    rows.sort_by_key(|it| std::cmp::Reverse(it.connections));
    rows.truncate(MAX_PEERS);
    table(
        html,
        Caption::Heard(&caption),
        &heads,
        rows,
        |html, at, it| match at {
            0 => {
                peer(html, &it.remote, voice);
                html.text(" ");
                protocol(html, &it.protocol, voice);
            }
            1 => seen_of(html, it, voice),
            2 => direction(html, &it.direction, voice),
            3 => html.text(&it.connections.to_string()),
            4 => stamp(html, it.first, voice),
            _ => stamp(html, it.last, voice),
        },
    );
    left_out(html, number(peers.len().saturating_sub(MAX_PEERS)), voice);
}

fn seen_of(html: &mut Html, it: &Destination, voice: Voice) {
    let whole = || {
        connection(
            it.protocol.whole()?,
            None,
            it.remote.whole()?,
            it.state.whole()?,
            it.direction.whole()?,
        )
    };
    match whole() {
        Some(connection) => parts::deed(html, &voice.say(&Sentence::Connection(&connection))),
        None => state(html, &it.state, &it.protocol, voice),
    }
}

fn connections(peers: &Peers) -> u64 {
    peers
        .values()
        .fold(0, |sum, it| sum.saturating_add(it.connections))
}

/// What comes with the phone first, then what may, then the rest.
fn rank(who: &Who) -> u8 {
    match who {
        Who::Uid(_, Known::As(facts)) => match word::firmware(&facts.firmware) {
            Some(Firmware::Yes | Firmware::Preloaded) => 0,
            Some(Firmware::Mixed) => 1,
            Some(Firmware::No) => 3,
            Some(Firmware::Unknown) | None => 2,
        },
        _ => 2,
    }
}
