//! Events, one line each, as a history shows them.

use std::time::Duration;

use portlog_model::{
    EventKind, GapReason, Heartbeat, ListInfo, Moment, PackagesInfo, Platform, Protocol,
    Provenance, SocketState, Started, Stopped, Word,
};

use super::coverage;
use super::word::word;
use super::{alert, connection, counted, span};
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
                Some(_) => format!("New: {seen}."),
                None => format!("There at the first look: {seen}."),
            }
        }
        EventKind::Changed { observed, was, .. } => changed(
            observed.connection.protocol(),
            *was,
            observed.connection.state,
            &connection::observed(observed, zone),
        ),
        EventKind::Closed { observed, .. } => {
            format!("Gone: {}.", connection::observed(observed, zone))
        }
        EventKind::Alert(alert) => alert::alert(alert, zone),
        EventKind::Noted(alert, reason) => alert::noted(alert, *reason, zone),
        EventKind::Coverage(coverage) => format!("{}.", coverage::of(coverage, platform)),
        EventKind::List(list) => self::list(list, zone),
        EventKind::Packages(packages) => self::packages(packages, platform),
        EventKind::Clock {
            before,
            jump_millis,
        } => clock(*before, *jump_millis, zone),
        EventKind::Heartbeat(heartbeat) => self::heartbeat(heartbeat),
        EventKind::Config { name, value } => {
            format!("Setting {} is now {}.", clean(name), quoted(value))
        }
        EventKind::Drop { events } => format!(
            "{} lost: they were not fetched in time.",
            counted(*events, "event was", "events were")
        ),
        EventKind::Gap { from, reason } => gap(*from, reason, zone),
        EventKind::Stopped(stopped) => self::stopped(stopped),
    }
}

fn started(started: &Started) -> String {
    let scope = if started.scope_all {
        "all programs in scope"
    } else {
        "only firmware in scope"
    };
    let mut text = format!(
        "The watch began: Portlog {}, source {}, a look every {}, {scope}.",
        clean(&started.version),
        started.source,
        span(started.interval)
    );
    if started.packages_overridden {
        text.push_str(" The package list was given by hand.");
    }
    match started.provenance {
        Provenance::Live | Provenance::Helper | Provenance::Adb => {}
        Provenance::Import | Provenance::Replay | Provenance::Simulated => {
            text.push_str(" NOT OBSERVED LIVE (");
            text.push_str(started.provenance.as_str());
            text.push_str(").");
        }
    }
    text
}

fn changed(protocol: Protocol, was: SocketState, is: SocketState, seen: &str) -> String {
    let was = word(Word::SocketState(protocol, was));
    let is = word(Word::SocketState(protocol, is));
    if was == is {
        format!("Changed: {seen}.")
    } else {
        format!("Changed (before: {was}; now: {is}): {seen}.")
    }
}

fn list(list: &ListInfo, zone: Zone) -> String {
    let date = list.date.map_or_else(
        || "undated".to_owned(),
        |at| format!("dated {}", zone.date(at)),
    );
    let mut text = format!(
        "List {} ({}, {date}) is in force: {}",
        quoted(&list.name),
        alert::category(list.category),
        counted(list.rules, "rule", "rules")
    );
    if list.bad_lines > 0 {
        text.push_str(", ");
        text.push_str(&counted(list.bad_lines, "line", "lines"));
        text.push_str(" could not be used");
    }
    text.push('.');
    text
}

fn packages(packages: &PackagesInfo, platform: Platform) -> String {
    let coverage = coverage::of(&packages.coverage, platform);
    match platform {
        Platform::Android => format!(
            "{coverage}. {}, {}.",
            counted(packages.packages, "package", "packages"),
            counted(packages.uids, "UID", "UIDs")
        ),
        Platform::Linux => {
            format!("{coverage}. {}.", counted(packages.uids, "UID", "UIDs"))
        }
    }
}

fn clock(before: Moment, jump_millis: i64, zone: Zone) -> String {
    let by = span(Duration::from_millis(jump_millis.unsigned_abs()));
    let way = if jump_millis < 0 { "back" } else { "forward" };
    format!(
        "The clock was set {way} by {by}; before, it said {}.",
        zone.time(before.wall)
    )
}

fn heartbeat(heartbeat: &Heartbeat) -> String {
    let mut text = format!(
        "The watch runs. Since it last said so: watched for {}, awake {}, asleep {}",
        span(heartbeat.watched),
        span(heartbeat.awake),
        span(heartbeat.suspended)
    );
    if !heartbeat.denied.is_zero() {
        text.push_str(", no table readable for ");
        text.push_str(&span(heartbeat.denied));
    }
    text.push_str(", ");
    text.push_str(&counted(heartbeat.polls, "look", "looks"));
    text.push_str(", ");
    text.push_str(&counted(
        heartbeat.connections,
        "connection known now.",
        "connections known now.",
    ));
    text
}

fn gap(from: Option<Moment>, reason: &GapReason, zone: Zone) -> String {
    let why = coverage::gap(reason);
    match from {
        Some(from) => format!("Nobody looked since {}: {why}.", zone.time(from.wall)),
        None => format!("Nobody looked for a while: {why}."),
    }
}

fn stopped(stopped: &Stopped) -> String {
    let mut text = format!(
        "The watch ended: {}, {}, {} possible",
        counted(stopped.polls, "look", "looks"),
        counted(stopped.matches, "match", "matches"),
        stopped.possible
    );
    if stopped.dropped > 0 {
        text.push_str(", ");
        text.push_str(&counted(
            stopped.dropped,
            "event was lost",
            "events were lost",
        ));
    }
    text.push('.');
    text
}
