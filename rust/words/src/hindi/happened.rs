//! Events, one line each, as a history shows them.

use std::fmt::Write as _;
use std::time::Duration;

use portlog_model::{
    EventKind, GapReason, Heartbeat, ListInfo, Moment, PackagesInfo, Platform, Protocol,
    Provenance, SocketState, Started, Stopped, Word,
};

use super::word::word;
use super::{alert, connection, counted, coverage, span};
use crate::data::{clean, quoted};
use crate::time::Zone;

pub(super) fn happened(kind: &EventKind, platform: Platform, zone: Zone) -> String {
    match kind {
        EventKind::Started(started) => self::started(started),
        EventKind::Opened {
            observed, after, ..
        } => {
            let seen = connection::observed(observed, zone);
            match after {
                Some(_) => format!("नया: {seen}।"),
                None => format!("पहली बार देखने पर मौजूद: {seen}।"),
            }
        }
        EventKind::Changed { observed, was, .. } => changed(
            observed.connection.protocol(),
            *was,
            observed.connection.state,
            &connection::observed(observed, zone),
        ),
        EventKind::Closed { observed, .. } => {
            format!("अब नहीं: {}।", connection::observed(observed, zone))
        }
        EventKind::Alert(alert) => alert::alert(alert, zone),
        EventKind::Noted(alert, reason) => alert::noted(alert, *reason, zone),
        EventKind::Coverage(coverage) => format!("{}।", coverage::of(coverage, platform)),
        EventKind::List(list) => self::list(list, zone),
        EventKind::Packages(packages) => self::packages(packages, platform),
        EventKind::Clock {
            before,
            jump_millis,
        } => clock(*before, *jump_millis, zone),
        EventKind::Heartbeat(heartbeat) => self::heartbeat(heartbeat),
        EventKind::Config { name, value } => {
            format!("सेटिंग {} अब {} है।", clean(name), quoted(value))
        }
        EventKind::Drop { events } => format!(
            "{}: समय पर नहीं ली गईं।",
            counted(*events, "घटना खो गई", "घटनाएँ खो गईं")
        ),
        EventKind::Gap { from, reason } => gap(*from, reason, zone),
        EventKind::Stopped(stopped) => self::stopped(stopped),
    }
}

fn started(started: &Started) -> String {
    let scope = if started.scope_all {
        "दायरे में सभी प्रोग्राम"
    } else {
        "दायरे में केवल फ़र्मवेयर"
    };
    let mut text = format!(
        "निगरानी शुरू हुई: Portlog {}, स्रोत {}, हर {} पर एक बार देखना, {scope}।",
        clean(&started.version),
        started.source,
        span(started.interval)
    );
    if started.packages_overridden {
        text.push_str(" पैकेज सूची हाथ से दी गई।");
    }
    match started.provenance {
        Provenance::Live | Provenance::Helper | Provenance::Adb => {}
        Provenance::Import | Provenance::Replay | Provenance::Simulated => {
            let _ = write!(text, " लाइव नहीं देखा गया ({})।", started.provenance);
        }
    }
    text
}

fn changed(protocol: Protocol, was: SocketState, is: SocketState, seen: &str) -> String {
    let was = word(Word::SocketState(protocol, was));
    let is = word(Word::SocketState(protocol, is));
    if was == is {
        format!("बदलाव: {seen}।")
    } else {
        format!("बदलाव (पहले: {was}; अब: {is}): {seen}।")
    }
}

fn list(list: &ListInfo, zone: Zone) -> String {
    let date = list.date.map_or_else(
        || "बिना तारीख".to_owned(),
        |at| format!("तारीख {}", zone.date(at)),
    );
    let mut text = format!(
        "सूची {} ({}, {date}) लागू है: {}",
        quoted(&list.name),
        alert::category(list.category),
        counted(list.rules, "नियम", "नियम")
    );
    if list.bad_lines > 0 {
        let bad = counted(
            list.bad_lines,
            "पंक्ति काम में नहीं ली जा सकी",
            "पंक्तियाँ काम में नहीं ली जा सकीं",
        );
        let _ = write!(text, ", {bad}");
    }
    text.push('।');
    text
}

fn packages(packages: &PackagesInfo, platform: Platform) -> String {
    let coverage = coverage::of(&packages.coverage, platform);
    match platform {
        Platform::Android => format!(
            "{coverage}। {}, {} UID।",
            counted(packages.packages, "पैकेज", "पैकेज"),
            packages.uids
        ),
        Platform::Linux => format!("{coverage}। {} UID।", packages.uids),
    }
}

fn clock(before: Moment, jump_millis: i64, zone: Zone) -> String {
    let by = span(Duration::from_millis(jump_millis.unsigned_abs()));
    let way = if jump_millis < 0 {
        "पीछे"
    } else {
        "आगे"
    };
    format!(
        "घड़ी {by} {way} की गई; उससे पहले वह {} दिखा रही थी।",
        zone.time(before.wall)
    )
}

fn heartbeat(heartbeat: &Heartbeat) -> String {
    let mut text = format!(
        "निगरानी चल रही है। पिछली ख़बर के बाद से: निगरानी {}, जागा हुआ {}, सोया हुआ {}",
        span(heartbeat.watched),
        span(heartbeat.awake),
        span(heartbeat.suspended)
    );
    if !heartbeat.denied.is_zero() {
        let _ = write!(text, ", कोई तालिका पढ़ने योग्य नहीं {}", span(heartbeat.denied));
    }
    let _ = write!(
        text,
        ", {} बार देखा, अब {} ज्ञात।",
        heartbeat.polls,
        counted(heartbeat.connections, "कनेक्शन", "कनेक्शन")
    );
    text
}

fn gap(from: Option<Moment>, reason: &GapReason, zone: Zone) -> String {
    let why = coverage::gap(reason);
    match from {
        Some(from) => format!("{} से किसी ने नहीं देखा: {why}।", zone.time(from.wall)),
        None => format!("कुछ समय तक किसी ने नहीं देखा: {why}।"),
    }
}

fn stopped(stopped: &Stopped) -> String {
    let mut text = format!(
        "निगरानी समाप्त हुई: {} बार देखा, {} मिलान, {} संभव",
        stopped.polls, stopped.matches, stopped.possible
    );
    if stopped.dropped > 0 {
        let lost = counted(stopped.dropped, "घटना खो गई", "घटनाएँ खो गईं");
        let _ = write!(text, ", {lost}");
    }
    text.push('।');
    text
}
