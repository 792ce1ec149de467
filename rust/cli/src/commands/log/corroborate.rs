//! A shared log beside a capture that somebody else made.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufReader, stdout};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Error, anyhow, bail};
use portlog_journal::verify::{Options, entries};
use portlog_journal::{Error as JournalError, Report};

use super::bundle_file::{BundleFile, reader};
use super::known;
use super::progress::Progress;
use super::verify::{Checked, Found, Verified};
use crate::args::{CorroborateArgs, TextFormat};
use crate::corroborate::{
    Capture, Corroboration, Hearing, Settings, Testified, pair, read_pcap, read_zeek,
};
use crate::exit::{Outcome, with_way_out};
use crate::output::Output;
use crate::text::paint::Paint;
use crate::time::LocalTime;
use crate::{json, text};

/// What came of it.
#[derive(Debug)]
pub(crate) struct Beside {
    /// The log.
    pub(crate) file: Checked,
    /// The capture's file.
    pub(crate) capture: PathBuf,
    /// What they say of each other; `None` where the log does not check.
    pub(crate) sides: Option<Box<Sides>>,
}

/// A log that checks, and a capture.
#[derive(Debug)]
pub(crate) struct Sides {
    /// What the log says.
    pub(crate) log: Testified,
    /// Whether it shows all of its entries.
    pub(crate) is_whole: bool,
    /// What the capture shows of the phone.
    pub(crate) capture: Capture,
    /// The phone's addresses in it.
    pub(crate) hosts: Vec<IpAddr>,
    /// How they were compared.
    pub(crate) settings: Settings,
    /// What came of it.
    pub(crate) result: Corroboration,
}

/// Checks the log, reads both, and prints what they say of each other.
pub(crate) fn run(args: &CorroborateArgs) -> Result<Outcome, Error> {
    let options = Options {
        pinned: args.key.as_deref().map(known::log_key).transpose()?,
        ..reader()?
    };
    let beside = lay(args, &options)?;
    let out = match args.format {
        TextFormat::Json => {
            let mut out = Vec::new();
            json::corroborate::write_beside(&mut out, &beside);
            out.push(b'\n');
            out
        }
        TextFormat::Text => {
            let mut out = String::new();
            let paint = Paint::of(&stdout());
            text::corroborate::write_beside(&mut out, &beside, &LocalTime::system(), paint);
            out.into_bytes()
        }
    };
    Output::open()?.write(&out)?;
    Ok(match beside.sides {
        Some(_) => Outcome::Done,
        None => Outcome::Bad,
    })
}

fn lay(args: &CorroborateArgs, options: &Options) -> Result<Beside, Error> {
    let source = Source::of(args)?;
    let bundle = BundleFile::new(&args.file);
    let found = bundle.verify(options)?;
    let file = |found| Checked {
        path: bundle.path().to_owned(),
        found,
    };
    let report = match found {
        Ok(report) => report,
        Err(rejection) => {
            return Ok(Beside {
                file: file(Found::Rejected(rejection)),
                capture: source.path().to_owned(),
                sides: None,
            });
        }
    };
    let log = testified(&bundle, &report)?;
    let known = log.hosts();
    let mut hosts: BTreeSet<IpAddr> = args.hosts.iter().copied().collect();
    // Behind a router that rewrites addresses, the one that was named is none of the log's.
    let with_local = hosts.is_empty() || hosts.iter().any(|host| known.contains(host));
    if with_local {
        hosts.extend(&known);
    }
    if hosts.is_empty() {
        return Err(no_host(&source));
    }
    let settings = Settings {
        tolerance: millis(args.tolerance),
        shift: args.shift,
        with_local,
        v4: hosts.iter().any(IpAddr::is_ipv4),
        v6: hosts.iter().any(IpAddr::is_ipv6),
    };
    let capture = source.read(&hosts)?;
    let result = pair(&log, &capture, &settings);
    let is_whole = report.shown == report.size() && report.withheld_fields == 0;
    let sides = Sides {
        log,
        is_whole,
        capture,
        hosts: hosts.into_iter().collect(),
        settings,
        result,
    };
    Ok(Beside {
        file: file(Found::Verified(Box::new(Verified {
            report,
            against: None,
            is_enough: true,
        }))),
        capture: source.path().to_owned(),
        sides: Some(Box::new(sides)),
    })
}

/// The capture's file, in its format.
enum Source<'a> {
    Pcap(&'a Path),
    Zeek(&'a Path),
}

impl<'a> Source<'a> {
    fn of(args: &'a CorroborateArgs) -> Result<Self, Error> {
        match (&args.pcap, &args.zeek) {
            (Some(path), None) => Ok(Self::Pcap(path)),
            (None, Some(path)) => Ok(Self::Zeek(path)),
            _ => bail!("name one capture: --pcap FILE, or --zeek conn.log"),
        }
    }

    const fn path(&self) -> &Path {
        match self {
            Self::Pcap(path) | Self::Zeek(path) => path,
        }
    }

    fn read(&self, hosts: &BTreeSet<IpAddr>) -> Result<Capture, Error> {
        let path = self.path();
        let cannot = || format!("cannot read {}", path.display());
        let way_out = match self {
            Self::Pcap(_) => "name what tcpdump -w or Wireshark wrote, not packed",
            Self::Zeek(_) => "name Zeek's conn.log, not packed",
        };
        let file = File::open(path)
            .with_context(cannot)
            .map_err(|error| with_way_out(error, way_out))?;
        let file = Progress::new(file, "reading");
        let read = match self {
            Self::Pcap(_) => read_pcap(file, hosts),
            Self::Zeek(_) => read_zeek(BufReader::with_capacity(128 * 1024, file), hosts),
        };
        read.with_context(cannot)
            .map_err(|error| with_way_out(error, way_out))
    }
}

/// The log withholds the phone's ends, and nobody named its address.
fn no_host(source: &Source<'_>) -> Error {
    let what = anyhow!("the log withholds the phone's own addresses, so its flows cannot be told");
    let capture = match source.read(&BTreeSet::new()) {
        Ok(capture) => capture,
        Err(error) => return error,
    };
    let busiest = capture.counts.busiest.iter();
    let busiest: Vec<String> = busiest
        .map(|(address, records)| format!("{address} ({records})"))
        .collect();
    with_way_out(
        what,
        &format!(
            "name its address in the capture with --host; the busiest ones there: {}",
            match busiest.as_slice() {
                [] => "none".to_owned(),
                some => some.join(", "),
            }
        ),
    )
}

fn testified(bundle: &BundleFile, report: &Report) -> Result<Testified, Error> {
    let mut hearing = Hearing::default();
    match entries(bundle.open()?, report, |entry| hearing.see(entry)) {
        Ok(()) => Ok(hearing.finish()),
        Err(JournalError::Rejected(_)) => bail!(
            "{} changed while it was read; try again",
            bundle.path().display()
        ),
        Err(error) => {
            Err(error).with_context(|| format!("cannot read {}", bundle.path().display()))
        }
    }
}

fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}
