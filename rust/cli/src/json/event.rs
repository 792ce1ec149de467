//! Events, one object each.

use portlog_model::{
    Alert, Coverage, Event, EventKind, GapReason, Heartbeat, ListInfo, Moment, NotedReason,
    Observed, Owner, PackagesInfo, Sentence, Started, Stopped,
};

use super::Object;
use super::owner::{Owners, write_owner};
use super::socket::{write_match, write_observed};
use crate::speech::{english, joined};
use crate::time::rfc3339;

/// Appends the object of `event`, without a line's end.
pub(crate) fn write_event(out: &mut Vec<u8>, event: &Event, owners: &mut Owners) {
    let mut object = Object::new(out);
    object.string("event", name(&event.kind));
    object.string("time", &rfc3339(event.at.wall));
    object.key("device").extend_from_slice(owners.device());
    match &event.kind {
        EventKind::Started(started) => write_started(&mut object, started),
        EventKind::Opened {
            observed,
            after,
            by,
        }
        | EventKind::Closed {
            observed,
            after,
            by,
        } => write_change(&mut object, observed, *after, *by, owners),
        EventKind::Changed {
            observed,
            was,
            after,
            by,
        } => {
            object.string("was", was.as_str());
            write_change(&mut object, observed, *after, *by, owners);
        }
        EventKind::Alert(alert) => write_alert(&mut object, alert, owners),
        EventKind::Noted(alert, reason) => write_noted(&mut object, alert, *reason, owners),
        EventKind::Coverage(coverage) => write_coverage(&mut object, coverage),
        EventKind::List(list) => write_list(&mut object, list),
        EventKind::Packages(packages) => write_packages(&mut object, packages),
        EventKind::Clock {
            before,
            jump_millis,
        } => {
            object.string("before", &rfc3339(before.wall));
            object.signed("jump_ms", *jump_millis);
        }
        EventKind::Heartbeat(heartbeat) => write_heartbeat(&mut object, *heartbeat),
        EventKind::Config { name, value } => {
            object.string("name", name);
            object.string("value", value);
        }
        EventKind::Drop { events } => object.number("events", *events),
        EventKind::Gap { from, reason } => {
            moment(&mut object, "from", *from);
            object.string("reason", gap_reason(reason));
            object.string("detail", &english(&Sentence::Gap(reason)));
        }
        EventKind::Stopped(stopped) => write_stopped(&mut object, stopped),
    }
}

/// The word under `"event"`.
pub(crate) const fn name(kind: &EventKind) -> &'static str {
    match kind {
        EventKind::Started(_) => "started",
        EventKind::Opened { .. } => "opened",
        EventKind::Changed { .. } => "changed",
        EventKind::Closed { .. } => "closed",
        EventKind::Alert(_) => "alert",
        EventKind::Noted(..) => "noted",
        EventKind::Coverage(_) => "coverage",
        EventKind::List(_) => "list",
        EventKind::Packages(_) => "packages",
        EventKind::Clock { .. } => "clock",
        EventKind::Heartbeat(_) => "heartbeat",
        EventKind::Config { .. } => "config",
        EventKind::Drop { .. } => "drop",
        EventKind::Gap { .. } => "gap",
        EventKind::Stopped(_) => "stopped",
    }
}

/// Appends the fields of one piece of coverage.
pub(crate) fn write_coverage(object: &mut Object<'_>, coverage: &Coverage) {
    object.string("table", coverage.item.as_str());
    object.string("source", coverage.source.as_str());
    object.string("status", coverage.status.as_str());
    object.number("rows", coverage.rows);
    object.number("bad_rows", coverage.bad_rows);
    let detail = joined(
        coverage
            .details
            .iter()
            .map(|detail| english(&Sentence::Coverage(*detail))),
    );
    object.string_or_null("detail", detail.as_deref());
}

/// Appends the fields that describe a list.
pub(crate) fn write_list(object: &mut Object<'_>, list: &ListInfo) {
    object.string("name", &list.name);
    object.string("category", list.category.as_str());
    object.string_or_null("date", list.date.map(rfc3339).as_deref());
    object.string("sha256", &list.sha256.to_string());
    object.number("rules", list.rules);
    object.number("bad_lines", list.bad_lines);
}

fn write_started(object: &mut Object<'_>, started: &Started) {
    object.string("version", &started.version);
    object.string("platform", started.platform.as_str());
    object.string("provenance", started.provenance.as_str());
    object.string_or_null("boot_id", started.boot_id.as_deref());
    object.string("source", started.source.as_str());
    object.number("interval_ms", millis(started.interval));
    object.string("scope", if started.scope_all { "all" } else { "firmware" });
    object.bool("packages_overridden", started.packages_overridden);
}

fn write_change(
    object: &mut Object<'_>,
    observed: &Observed,
    after: Option<Moment>,
    by: Moment,
    owners: &mut Owners,
) {
    moment(object, "after", after);
    moment(object, "by", Some(by));
    write_observed(object.key("connection"), observed, owners);
}

fn write_alert(object: &mut Object<'_>, alert: &Alert, owners: &mut Owners) {
    write_claim(object, alert, &Sentence::Alert(alert), owners);
    object.bool("sounds", alert.sounds);
    object.number("bundled", u64::from(alert.bundled));
    {
        let mut explanations = object.array("explanations");
        for explanation in portlog_words::explanations(alert) {
            explanations.string(&english(&Sentence::Explanation(explanation)));
        }
    }
    {
        let mut advice = object.array("advice");
        for step in portlog_words::advice(alert) {
            advice.string(&english(&Sentence::Advice(step)));
        }
    }
    write_named_owner(object, &alert.owner);
    let mut candidates = object.array("candidates");
    for owner in &alert.candidates {
        write_named_owner(&mut candidates.object(), owner);
    }
}

fn write_noted(object: &mut Object<'_>, alert: &Alert, reason: NotedReason, owners: &mut Owners) {
    write_claim(object, alert, &Sentence::Noted(alert, reason), owners);
    let (word, bytes) = noted_reason(reason);
    object.string("reason", word);
    object.number_or_null("bytes", bytes);
    write_named_owner(object, &alert.owner);
}

/// What alerts and noted events have in common.
fn write_claim(
    object: &mut Object<'_>,
    alert: &Alert,
    sentence: &Sentence<'_>,
    owners: &mut Owners,
) {
    match &alert.observed {
        Some(observed) => write_observed(object.key("connection"), observed, owners),
        None => object.null("connection"),
    }
    object.string_or_null("asked", alert.asked.as_deref());
    object.string("level", alert.level.as_str());
    match &alert.matched {
        Some(matched) => write_match(object.key("match"), matched),
        None => object.null("match"),
    }
    object.string("first_seen", &rfc3339(alert.first_seen));
    object.string("last_seen", &rfc3339(alert.last_seen));
    object.number("count", alert.count);
    object.string("text", &english(sentence));
}

/// Appends the fields of an owner with its UID.
pub(crate) fn write_named_owner(object: &mut Object<'_>, owner: &Owner) {
    object.number_or_null("uid", owner.uid.map(|uid| u64::from(uid.get())));
    object.number_or_null("user", owner.user.map(|user| u64::from(user.get())));
    write_owner(object.key("owner"), owner);
}

fn write_packages(object: &mut Object<'_>, packages: &PackagesInfo) {
    write_coverage(&mut object.object("coverage"), &packages.coverage);
    object.number("packages", packages.packages);
    object.number("uids", packages.uids);
    object.string_or_null(
        "sha256",
        packages.sha256.map(|digest| digest.to_string()).as_deref(),
    );
}

fn write_heartbeat(object: &mut Object<'_>, heartbeat: Heartbeat) {
    object.number("awake_ms", millis(heartbeat.awake));
    object.number("suspended_ms", millis(heartbeat.suspended));
    object.number("polls", heartbeat.polls);
    object.number("watched_ms", millis(heartbeat.watched));
    object.number("denied_ms", millis(heartbeat.denied));
    object.number("connections", heartbeat.connections);
}

fn write_stopped(object: &mut Object<'_>, stopped: &Stopped) {
    object.number("polls", stopped.polls);
    object.number("matches", stopped.matches);
    object.number("possible", stopped.possible);
    object.number("dropped", stopped.dropped);
}

const fn noted_reason(reason: NotedReason) -> (&'static str, Option<u64>) {
    match reason {
        NotedReason::ListEntry => ("list-entry", None),
        NotedReason::FirstSeenDestination => ("first-seen-destination", None),
        NotedReason::NewListener => ("new-listener", None),
        NotedReason::BytesWithoutConnection(bytes) => ("bytes-without-connection", Some(bytes)),
    }
}

const fn gap_reason(reason: &GapReason) -> &'static str {
    match reason {
        GapReason::Fault(_) => "fault",
        GapReason::Suspended => "suspended",
        GapReason::Late => "late",
        GapReason::Unreadable(_) => "unreadable",
        GapReason::NotRunning => "not-running",
        GapReason::Died(_) => "died",
        GapReason::Unreachable(_) => "unreachable",
    }
}

fn moment(object: &mut Object<'_>, key: &str, moment: Option<Moment>) {
    object.string_or_null(key, moment.map(|moment| rfc3339(moment.wall)).as_deref());
}

fn millis(span: std::time::Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
