//! Zeek's `conn.log`, as tab-separated values or as JSON lines
//! (<https://docs.zeek.org/en/master/logs/conn.html>).

use std::io::{BufRead, Read as _};
use std::net::IpAddr;

use anyhow::{Context as _, Error, bail};
use jiff::Timestamp;
use portlog_model::Endpoint;
use serde_json::Value as Json;

use super::flow::{Capture, Gatherer, Hosts, Seen, Transport};

/// A line longer than this is none of Zeek's.
const MAX_LINE: u64 = 64 * 1024;

/// Reads a `conn.log` and keeps what it shows of `hosts`.
///
/// A line that cannot be read is counted. An error is a file that cannot be read, or is no `conn.log`.
pub(crate) fn read(mut from: impl BufRead, hosts: &Hosts) -> Result<Capture, Error> {
    let mut gatherer = Gatherer::new(hosts);
    let mut columns: Option<Columns> = None;
    let mut line = Vec::new();
    let (mut any, mut lines) = (false, 0_u64);
    loop {
        line.clear();
        lines += 1;
        from.by_ref()
            .take(MAX_LINE)
            .read_until(b'\n', &mut line)
            .with_context(|| format!("line {lines} cannot be read"))?;
        if line.is_empty() {
            break;
        }
        let Ok(text) = std::str::from_utf8(&line) else {
            unreadable(&mut gatherer);
            continue;
        };
        let text = text.trim_end_matches(['\n', '\r']);
        if let Some(header) = text.strip_prefix('#') {
            if let Some(fields) = header.strip_prefix("fields\t") {
                columns = Some(Columns::named(fields).with_context(|| format!("line {lines}"))?);
            }
            continue;
        }
        if text.is_empty() {
            continue;
        }
        let row = match &columns {
            Some(columns) => columns.row(text),
            None if text.starts_with('{') => of_json(text),
            None => bail!(
                "line {lines} is no conn.log of Zeek: neither JSON, nor behind a line that begins with \
                 \"#fields\""
            ),
        };
        any = true;
        match row {
            Row::Flow(seen) => {
                gatherer.counts().records += 1;
                gatherer.looked(seen.first, seen.last);
                gatherer.see(&seen);
            }
            Row::Other => {
                let counts = gatherer.counts();
                counts.records += 1;
                counts.other_protocols += 1;
            }
            Row::Bad => unreadable(&mut gatherer),
        }
    }
    if !any && columns.is_none() {
        bail!("it is empty; name Zeek's conn.log");
    }
    Ok(gatherer.finish())
}

fn unreadable(gatherer: &mut Gatherer<'_>) {
    let counts = gatherer.counts();
    counts.records += 1;
    counts.unreadable += 1;
}

enum Row {
    Flow(Seen),
    /// Neither TCP nor UDP.
    Other,
    Bad,
}

/// Where the fields stand that are needed.
#[derive(Debug)]
struct Columns {
    at: [usize; FIELDS.len()],
}

const FIELDS: [&str; 8] = [
    "ts",
    "id.orig_h",
    "id.orig_p",
    "id.resp_h",
    "id.resp_p",
    "proto",
    "duration",
    "history",
];

impl Columns {
    fn named(fields: &str) -> Result<Self, Error> {
        let mut at = [usize::MAX; FIELDS.len()];
        for (place, wanted) in at.iter_mut().zip(FIELDS) {
            *place = fields
                .split('\t')
                .position(|name| name == wanted)
                .with_context(|| format!("there is no field {wanted}: this is no conn.log"))?;
        }
        Ok(Self { at })
    }

    fn row(&self, text: &str) -> Row {
        let values = self.at.map(|at| text.split('\t').nth(at));
        let [
            Some(ts),
            Some(orig_h),
            Some(orig_p),
            Some(resp_h),
            Some(resp_p),
            Some(proto),
            Some(duration),
            Some(history),
        ] = values
        else {
            return Row::Bad;
        };
        let duration = match duration {
            "-" => Some(0),
            text => seconds(text),
        };
        let end = |host: &str, port: &str| {
            Some(Endpoint::new(
                host.parse::<IpAddr>().ok()?,
                port.parse().ok()?,
            ))
        };
        row(
            seconds(ts),
            end(orig_h, orig_p),
            end(resp_h, resp_p),
            proto,
            duration,
            history,
        )
    }
}

fn of_json(text: &str) -> Row {
    let Ok(Json::Object(line)) = serde_json::from_str(text) else {
        return Row::Bad;
    };
    let word = |name: &str| line.get(name).and_then(Json::as_str);
    let end = |host: &str, port: &str| {
        let port = line.get(port).and_then(Json::as_u64)?;
        let host = word(host)?.parse::<IpAddr>().ok()?;
        Some(Endpoint::new(host, u16::try_from(port).ok()?))
    };
    let time = match line.get("ts") {
        Some(Json::Number(number)) => seconds(&number.to_string()),
        Some(Json::String(text)) => text
            .parse::<Timestamp>()
            .ok()
            .map(Timestamp::as_millisecond),
        _ => None,
    };
    let duration = match line.get("duration") {
        None => Some(0),
        Some(value) => seconds(&value.to_string()),
    };
    row(
        time,
        end("id.orig_h", "id.orig_p"),
        end("id.resp_h", "id.resp_p"),
        word("proto").unwrap_or_default(),
        duration,
        word("history").unwrap_or_default(),
    )
}

fn row(
    time: Option<i64>,
    source: Option<Endpoint>,
    destination: Option<Endpoint>,
    proto: &str,
    duration: Option<i64>,
    history: &str,
) -> Row {
    let (Some(first), Some(source), Some(destination), Some(duration)) =
        (time, source, destination, duration)
    else {
        return Row::Bad;
    };
    let Some(transport) = Transport::from_word(proto) else {
        return if proto.is_empty() {
            Row::Bad
        } else {
            Row::Other
        };
    };
    // One line is one connection: it asks for one where Zeek saw so ("S" is the originator's SYN), and
    // what comes later with the same ends is another.
    let is_tcp = transport == Transport::Tcp;
    Row::Flow(Seen {
        transport,
        source,
        destination,
        first,
        last: first.saturating_add(duration),
        asks: is_tcp && history.starts_with('S'),
        ends: is_tcp,
    })
}

/// Milliseconds of a number of seconds such as `1777902300.123456`, cut, not rounded.
fn seconds(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) {
        return scientific(text);
    }
    let millis: String = fraction.chars().chain("000".chars()).take(3).collect();
    let whole: i64 = whole.parse().ok()?;
    whole.checked_mul(1_000)?.checked_add(millis.parse().ok()?)
}

/// Small durations such as `9e-06`.
fn scientific(text: &str) -> Option<i64> {
    let seconds: f64 = text
        .parse()
        .ok()
        .filter(|of: &f64| (0.0..1e9).contains(of))?;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "bounded above, and cut on purpose"
    )]
    Some((seconds * 1_000.0) as i64)
}
