//! A log beside a capture.

use portlog_model::WallTime;

use super::{Array, Object};
use crate::commands::log::corroborate::{Beside, Sides};
use crate::corroborate::{Flow, Logged, Pair};
use crate::time::rfc3339;

/// Appends the answer of `log corroborate`, without a line's end.
pub(crate) fn write_beside(out: &mut Vec<u8>, beside: &Beside) {
    let mut object = Object::new(out);
    super::verify::write_file(&mut object.array("files"), &beside.file);
    object.string("capture", &beside.capture.display().to_string());
    match &beside.sides {
        Some(sides) => write_sides(&mut object.object("corroboration"), sides),
        None => object.null("corroboration"),
    }
}

fn write_sides(object: &mut Object<'_>, sides: &Sides) {
    let Sides {
        log,
        capture,
        settings,
        result,
        ..
    } = sides;
    {
        let mut hosts = object.array("hosts");
        for host in &sides.hosts {
            hosts.string(&host.to_string());
        }
    }
    object.bool("local_ends_compared", settings.with_local);
    object.signed("tolerance_ms", settings.tolerance);
    object.signed("shift_ms", settings.shift);
    signed_or_null(object, "clock_ahead_ms", result.clock_ahead);
    write_rate(&mut object.object("missed"), result.missed());
    write_rate(&mut object.object("wrong_time"), result.mistimed());
    {
        let mut log_object = object.object("log");
        log_object.string("recorded", log.scope.as_str());
        log_object.bool("whole", sides.is_whole);
        log_object.number_or_null("interval_ms", log.interval);
        log_object.number("connections", count(log.connections.len()));
        {
            let mut looked = log_object.array("looked");
            for &(from, to) in &log.looked {
                let mut span = looked.object();
                span.string("from", &time(from));
                span.string("to", &time(to));
            }
        }
        let counts = &log.counts;
        let mut left = log_object.object("not_compared");
        left.number("without_peer", counts.without_peer);
        left.number("loopback", counts.loopback);
        left.number("other_protocols", counts.other_protocols);
        left.number("withheld", counts.withheld);
        left.number("own", counts.own);
        left.number("left_out", counts.left_out);
        left.number("outside_capture", result.logged_outside);
        left.number("other_family", result.other_family);
    }
    {
        let mut seen = object.object("capture");
        let counts = &capture.counts;
        seen.string_or_null(
            "from",
            capture.period.map(|(from, _)| time(from)).as_deref(),
        );
        seen.string_or_null("to", capture.period.map(|(_, to)| time(to)).as_deref());
        seen.string_or_null("cut", capture.cut.as_deref());
        seen.number("records", counts.records);
        seen.number("flows", count(capture.flows.len()));
        let mut left = seen.object("not_compared");
        left.number("of_others", counts.of_others);
        left.number("other_protocols", counts.other_protocols);
        left.number("fragments", counts.fragments);
        left.number("unreadable", counts.unreadable);
        left.number("left_out", counts.flows_left_out);
        left.number("outside_log", result.captured_outside);
        left.number("unconnected_udp", result.unconnected);
    }
    {
        let mut counts = object.object("counts");
        counts.number("confirmed", count(result.confirmed.len()));
        counts.number("wrong_time", count(result.wrong_time.len()));
        counts.number("only_in_log", count(result.only_log.len()));
        counts.number("only_in_capture", count(result.only_capture.len()));
    }
    let logged = |at: usize| log.connections.get(at);
    let flow = |at: usize| capture.flows.get(at);
    for (name, pairs) in [
        ("confirmed", &result.confirmed),
        ("at_another_time", &result.wrong_time),
    ] {
        let mut array = object.array(name);
        for pair in pairs {
            if let (Some(logged), Some(flow)) = (logged(pair.logged), flow(pair.flow)) {
                write_pair(&mut array, pair, logged, flow);
            }
        }
    }
    {
        let mut array = object.array("only_in_log");
        for logged in result.only_log.iter().filter_map(|&at| logged(at)) {
            write_logged(&mut array.object(), logged);
        }
    }
    let mut array = object.array("only_in_capture");
    for flow in result.only_capture.iter().filter_map(|&at| flow(at)) {
        write_flow(&mut array.object(), flow);
    }
}

fn write_rate(object: &mut Object<'_>, (part, whole): (u64, u64)) {
    object.number("connections", part);
    object.number("of", whole);
}

fn write_pair(array: &mut Array<'_>, pair: &Pair, logged: &Logged, flow: &Flow) {
    let mut object = array.object();
    object.signed("off_ms", pair.off);
    write_logged(&mut object.object("log"), logged);
    write_flow(&mut object.object("capture"), flow);
}

fn write_logged(object: &mut Object<'_>, logged: &Logged) {
    object.number("entry", logged.entry);
    object.string("protocol", logged.transport.as_str());
    let local = logged.local.map(|local| local.to_string());
    object.string_or_null("local", local.as_deref());
    object.string("remote", &logged.remote.to_string());
    object.string_or_null("after", logged.after.map(time).as_deref());
    object.string("by", &time(logged.by));
    object.string_or_null("gone_by", logged.gone.map(time).as_deref());
    object.number_or_null("uid", logged.uid);
    object.string_or_null("owner", logged.owner.as_deref());
}

fn write_flow(object: &mut Object<'_>, flow: &Flow) {
    object.string("protocol", flow.transport.as_str());
    object.string("local", &flow.local.to_string());
    object.string("remote", &flow.remote.to_string());
    object.string("first", &time(flow.first));
    object.string("last", &time(flow.last));
    object.bool("beginning_captured", flow.began);
}

fn signed_or_null(object: &mut Object<'_>, key: &str, value: Option<i64>) {
    match value {
        Some(value) => object.signed(key, value),
        None => object.null(key),
    }
}

fn time(millis: i64) -> String {
    rfc3339(WallTime::from_millis(millis))
}

fn count(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
