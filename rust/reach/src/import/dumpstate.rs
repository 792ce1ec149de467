//! The text that `dumpstate` writes: a head, and sections one after the other
//! (AOSP `frameworks/native/cmds/dumpstate`: `dumpstate.cpp`, `DumpstateUtil.cpp`).
//!
//! ```text
//! ========================================================
//! == dumpstate: 2026-05-04 13:45:00
//! ========================================================
//! Build: ...
//! Kernel: Linux version ...
//! Uptime: up 0 weeks, 1 day, 2 hours, 3 minutes
//!
//! ------ DETAILED SOCKET STATE (ss -eionptu) ------
//! ...
//! ------ 0.041s was the duration of 'DETAILED SOCKET STATE' ------
//! ```

use std::collections::HashSet;
use std::io::{self, BufRead, Read as _};
use std::sync::Arc;
use std::time::Duration;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use portlog_model::{
    BootTime, CoverageStatus, Endpoint, Moment, Protocol, SocketRow, SourceKind, Table, WallTime,
};
use portlog_owners::PackageList;
use portlog_sockets::{BadRow, Batch, RowError};

use super::{Import, listing};
use crate::DeviceFacts;
use crate::remote::word;

/// What of a line is looked at.
const MAX_LINE: u64 = 16 * 1024;
/// Rows beyond these are not kept: more than the kernel's tables hold on any phone.
const MAX_ROWS: usize = 200_000;
/// Bytes of properties that are kept.
const MAX_PROPERTIES: usize = 1 << 20;

/// What a report says, as it was read.
#[derive(Debug, Default)]
pub(super) struct Report {
    made: Option<DateTime>,
    uptime: Option<Duration>,
    kernel: Option<Arc<str>>,
    fingerprint: Option<Arc<str>>,
    properties: Vec<u8>,
    packages: Vec<u8>,
    sockets: Sockets,
}

/// Sockets of either program.
#[derive(Debug, Default)]
struct Sockets {
    rows: Vec<SocketRow>,
    known: HashSet<(Table, Endpoint, Endpoint, Option<u64>)>,
    bad: Vec<(u32, Table, RowError)>,
    bad_count: u32,
    left_out: u64,
    ss: Reading,
    netstat: Reading,
}

/// How a section could be read.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Reading {
    #[default]
    Absent,
    Refused,
    Read,
}

/// What the lines belong to that come now.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Section {
    Head,
    Ss,
    Netstat,
    Properties,
    Packages,
    Other,
}

/// Reads a report to its end. A text without dumpstate's head is read as well, and gives nothing.
pub(super) fn read(mut from: impl BufRead) -> io::Result<Report> {
    let mut report = Report::default();
    let mut section = Section::Head;
    let (mut bytes, mut number) = (Vec::new(), 0_u32);
    loop {
        bytes.clear();
        if from.by_ref().take(MAX_LINE).read_until(b'\n', &mut bytes)? == 0 {
            return Ok(report);
        }
        if bytes.last() != Some(&b'\n') {
            // A line that is longer than any of interest.
            from.skip_until(b'\n')?;
        }
        number = number.saturating_add(1);
        let line = String::from_utf8_lossy(&bytes);
        let line = line.trim_end_matches(['\n', '\r']);
        if let Some(next) = section_of(line, section) {
            section = next;
            match section {
                Section::Ss => report.sockets.ss.begun(),
                Section::Netstat => report.sockets.netstat.begun(),
                _ => {}
            }
            continue;
        }
        report.take(section, number, line);
    }
}

/// The package manager's part of a text that holds the dumps of services.
pub(super) fn read_packages(from: impl BufRead) -> io::Result<Vec<u8>> {
    read(from).map(|report| report.packages)
}

/// The section that `line` begins or ends, if so.
fn section_of(line: &str, now: Section) -> Option<Section> {
    if let Some(service) = line.strip_prefix("DUMP OF SERVICE ") {
        // Android 9 and later name a priority: `DUMP OF SERVICE HIGH meminfo:`.
        let name = service.trim_end_matches(':').rsplit(' ').next();
        return Some(if name == Some("package") {
            Section::Packages
        } else {
            Section::Other
        });
    }
    let is_rule = line.len() >= 60 && line.bytes().all(|byte| byte == b'-');
    if is_rule || line.starts_with("--------- ") {
        return Some(Section::Other);
    }
    let title = line.strip_prefix("------ ")?.strip_suffix(" ------")?;
    if title.contains("was the duration of") {
        return Some(Section::Other);
    }
    let command = title
        .split_once(" (")
        .map_or("", |(_, command)| command.trim_end_matches(')'));
    let program = command.split_whitespace().next().unwrap_or_default();
    Some(match program.rsplit('/').next().unwrap_or_default() {
        "ss" if command.contains("-e") => Section::Ss,
        "netstat" => Section::Netstat,
        "getprop" => Section::Properties,
        "dumpsys" if now == Section::Packages => Section::Other,
        _ if title.starts_with("SYSTEM PROPERTIES") => Section::Properties,
        _ => Section::Other,
    })
}

impl Reading {
    fn begun(&mut self) {
        *self = Self::Read;
    }
}

impl Report {
    /// What it comes to; `None` where it is no report.
    pub(super) fn into_import(self) -> Option<Import> {
        let made = self.made?;
        let properties = Properties::read(&self.properties);
        let mut remarks = Vec::new();
        let zone = properties.zone.as_deref().and_then(zone_of);
        if zone.is_none() {
            remarks.push(match &properties.zone {
                Some(name) => {
                    format!("the time zone {name} is not known here: times are taken as UTC")
                }
                None => "the report names no time zone: times are taken as UTC".to_owned(),
            });
        }
        let wall = made
            .to_zoned(zone.unwrap_or(TimeZone::UTC))
            .map_or(0, |zoned| zoned.timestamp().as_millisecond());
        let boot = self.uptime.unwrap_or_default();
        let at = Moment {
            wall: WallTime::from_millis(wall),
            boot: BootTime::from_nanos(u64::try_from(boot.as_nanos()).unwrap_or(u64::MAX)),
        };
        let packages = (!self.packages.is_empty()).then(|| PackageList::parse(&self.packages));
        for (what, reading) in [("ss", self.sockets.ss), ("netstat", self.sockets.netstat)] {
            match reading {
                Reading::Absent => remarks.push(format!("the report has no section of {what}")),
                Reading::Refused => remarks.push(format!("the phone refused {what}")),
                Reading::Read => {}
            }
        }
        if self.sockets.netstat != Reading::Read && self.sockets.ss == Reading::Read {
            remarks.push(
                "ss was asked for connections alone: listeners are not in the report".to_owned(),
            );
        }
        if self.sockets.left_out > 0 {
            remarks.push(format!("{} sockets were left out", self.sockets.left_out));
        }
        let mut device = properties.device;
        if let Some(kernel) = self.kernel {
            device.kernel = kernel;
        }
        if let (true, Some(fingerprint)) = (device.build.is_empty(), self.fingerprint) {
            device.build = fingerprint;
        }
        Some(Import {
            at,
            batch: self.sockets.into_batch(),
            packages,
            device,
            remarks,
        })
    }

    fn take(&mut self, section: Section, number: u32, line: &str) {
        match section {
            Section::Head => self.head(line),
            Section::Ss => self.sockets.take(Program::Ss, number, line),
            Section::Netstat => self.sockets.take(Program::Netstat, number, line),
            Section::Properties => keep(&mut self.properties, line, MAX_PROPERTIES),
            // One byte more than is read of a list: it is then said to be cut off.
            Section::Packages => keep(&mut self.packages, line, PackageList::MAX_BYTES + 1),
            Section::Other => {}
        }
    }

    fn head(&mut self, line: &str) {
        if let Some(time) = line.strip_prefix("== dumpstate: ") {
            self.made = self.made.or_else(|| time.trim().parse().ok());
        } else if let Some(text) = line.strip_prefix("Kernel: ") {
            let release = text
                .strip_prefix("Linux version ")
                .and_then(|rest| rest.split_whitespace().next())
                .unwrap_or(text);
            self.kernel = Some(word(release));
        } else if let Some(text) = line.strip_prefix("Build fingerprint: ") {
            self.fingerprint = Some(word(text.trim_matches('\'')));
        } else if let Some(text) = line.strip_prefix("Uptime: up ") {
            self.uptime = uptime(text);
        }
    }
}

fn keep(bytes: &mut Vec<u8>, line: &str, most: usize) {
    if bytes.len() < most {
        bytes.extend_from_slice(line.as_bytes());
        bytes.push(b'\n');
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Program {
    Ss,
    Netstat,
}

impl Sockets {
    fn take(&mut self, program: Program, number: u32, line: &str) {
        let found = match program {
            Program::Ss => listing::ss(line),
            Program::Netstat => listing::netstat(line),
        };
        match found {
            Some(Ok(row)) => self.add(row),
            Some(Err((table, reason))) => {
                self.bad_count = self.bad_count.saturating_add(1);
                if self.bad.len() < Batch::MAX_BAD_ROWS {
                    self.bad.push((number, table, reason));
                }
            }
            // `*** command 'ss -eionptu' failed: exit code 1`, `ss: Permission denied`.
            None if line.starts_with("***") || line.contains("ermission denied") => {
                let reading = match program {
                    Program::Ss => &mut self.ss,
                    Program::Netstat => &mut self.netstat,
                };
                if self.rows.is_empty() {
                    *reading = Reading::Refused;
                }
            }
            None => {}
        }
    }

    /// The same socket in both sections is one; what differs besides (its state) became so between them.
    fn add(&mut self, row: SocketRow) {
        let inode = row.inode.map(portlog_model::Inode::get);
        if self
            .known
            .contains(&(row.table, row.local, row.remote, inode))
        {
            return;
        }
        if self.rows.len() >= MAX_ROWS {
            self.left_out += 1;
            return;
        }
        self.known.insert((row.table, row.local, row.remote, inode));
        self.rows.push(row);
    }

    fn into_batch(self) -> Batch {
        let mut batch = Batch::default();
        for table in Table::ALL {
            let by_ss = matches!(table.protocol(), Protocol::Tcp | Protocol::Udp);
            let by_netstat = by_ss || table.protocol() == Protocol::Raw;
            let readings = [(by_ss, self.ss), (by_netstat, self.netstat)];
            let any = |wanted| {
                readings
                    .iter()
                    .any(|&(by, reading)| by && reading == wanted)
            };
            let report = batch.report_mut(table);
            report.source = SourceKind::Import;
            report.status = if any(Reading::Read) {
                CoverageStatus::Readable
            } else if any(Reading::Refused) {
                CoverageStatus::Denied
            } else {
                CoverageStatus::Absent
            };
        }
        for row in &self.rows {
            let report = batch.report_mut(row.table);
            report.rows = report.rows.saturating_add(1);
            if row.remote.is_unset() && row.table.protocol() != Protocol::Tcp {
                report.without_peer = report.without_peer.saturating_add(1);
            }
        }
        for &(line, table, reason) in &self.bad {
            let report = batch.report_mut(table);
            report.bad_rows = report.bad_rows.saturating_add(1);
            report.first_bad_line.get_or_insert(line);
            batch.bad_rows.push(BadRow {
                table,
                line,
                reason,
            });
        }
        // Bad rows beyond those that are kept are counted where the first one stands.
        if let Some(&(_, table, _)) = self.bad.first() {
            let more = self.bad_count - u32::try_from(self.bad.len()).unwrap_or(self.bad_count);
            let report = batch.report_mut(table);
            report.bad_rows = report.bad_rows.saturating_add(more);
        }
        batch.rows = self.rows;
        batch
    }
}

/// What is used of the system's properties.
#[derive(Debug, Default)]
pub(super) struct Properties {
    zone: Option<String>,
    pub(super) device: DeviceFacts,
}

impl Properties {
    /// Lines such as `[ro.product.model]: [Example One]`.
    pub(super) fn read(text: &[u8]) -> Self {
        let mut properties = Self::default();
        for line in String::from_utf8_lossy(text).lines() {
            let parts = line
                .trim()
                .strip_prefix('[')
                .and_then(|line| line.strip_suffix(']'))
                .and_then(|line| line.split_once("]: ["));
            let Some((name, value)) = parts else { continue };
            if name == "persist.sys.timezone" {
                properties.zone = Some(value.to_owned()).filter(|name| !name.is_empty());
            } else {
                properties.device.take_property(name, value);
            }
        }
        properties
    }
}

/// A zone by its name in the time zone database, or GMT with hours and minutes as Android has it where
/// somebody chose an offset.
fn zone_of(name: &str) -> Option<TimeZone> {
    let offset = name.strip_prefix("GMT").and_then(|rest| {
        let (sign, rest) = match rest.split_at_checked(1)? {
            ("+", rest) => (1, rest),
            ("-", rest) => (-1, rest),
            _ => return None,
        };
        let (hours, minutes) = rest.split_once(':')?;
        let seconds = hours.parse::<i32>().ok()? * 3_600 + minutes.parse::<i32>().ok()? * 60;
        jiff::tz::Offset::from_seconds(sign * seconds).ok()
    });
    match offset {
        Some(offset) => Some(TimeZone::fixed(offset)),
        None => TimeZone::get(name).ok(),
    }
}

/// `0 weeks, 1 day, 2 hours, 3 minutes, 4 seconds`.
fn uptime(text: &str) -> Option<Duration> {
    let mut seconds = 0_u64;
    for part in text.split(',') {
        let (count, unit) = part.trim().split_once(' ')?;
        let unit = match unit.trim_end_matches('s') {
            "week" => 7 * 24 * 3_600,
            "day" => 24 * 3_600,
            "hour" => 3_600,
            "minute" => 60,
            "second" => 1,
            _ => return None,
        };
        seconds = seconds.checked_add(count.parse::<u64>().ok()?.checked_mul(unit)?)?;
    }
    Some(Duration::from_secs(seconds))
}
