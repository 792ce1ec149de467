//! The entries that are appended.

use portlog_journal::UtcOffset;
use portlog_journal::entry::{Entry, FieldType, Kind, Value};
use portlog_model::{BootTime, Moment, WallTime};

use crate::Result;

pub(crate) fn moment(millis: u64) -> Value {
    let wall = i64::try_from(millis).unwrap_or(i64::MAX) + 1_777_902_300_000;
    let moment = Moment {
        wall: WallTime::from_millis(wall),
        boot: BootTime::from_nanos(millis * 1_000_000),
    };
    Value::moment(moment, UtcOffset::UNKNOWN)
}

pub(crate) fn opened(number: u64) -> Result<Entry> {
    let text = |text: &str, of| Value::of(text, of).ok_or("not of its type");
    let port = 32_768 + number % 28_232;
    Ok(Entry::new(Kind::Opened)
        .with("time", moment(number * 50))?
        .with("after", moment(number * 50))?
        .with("by", moment(number * 50))?
        .with("connection", Value::number(number))?
        .with("protocol", Value::word("tcp"))?
        .with(
            "local",
            text(&format!("192.0.2.10:{port}"), FieldType::Endpoint)?,
        )?
        .with("remote", text("203.0.113.7:443", FieldType::Endpoint)?)?
        .with("state", Value::word("established"))?
        .with("direction", Value::word("out"))?
        .with("uid", Value::number(10_012))?
        .with("owner", Value::number(2))?
        .with("inode", Value::number(number))?
        .with("ours", Value::word("no"))?)
}

pub(crate) fn alert(number: u64) -> Result<Entry> {
    let text = |text: &str, of| Value::of(text, of).ok_or("not of its type");
    Ok(Entry::new(Kind::Alert)
        .with("time", moment(number * 50))?
        .with("level", Value::word("match"))?
        .with("reason", Value::word("list-entry"))?
        .with("connection", Value::number(number))?
        .with("protocol", Value::word("tcp"))?
        .with("remote", text("203.0.113.7:443", FieldType::Endpoint)?)?
        .with("uid", Value::number(10_012))?
        .with("owner", Value::number(2))?
        .with("list", Value::text("mine.txt"))?
        .with("category", Value::word("own"))?
        .with("entry", Value::text("203.0.113.7"))?
        .with("hit", Value::word("address"))?
        .with("count", Value::number(1))?)
}
