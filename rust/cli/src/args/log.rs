//! `portlog log`.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgGroup, Args, Subcommand, ValueEnum};
use portlog_agent::parse_span;
use portlog_journal::verify::EvidenceLevel;
use portlog_words::Language;

use super::journal::{CheckpointArgs, ExportArgs, MarkArgs, ShowArgs, WitnessArgs};
use super::{ConvertArgs, TextFormat};

/// Read, share and check signed logs
///
/// A watch with --journal DIR keeps one. What is shared of it is one text file that anyone checks
/// without the phone (docs/LOG-FORMAT.md).
#[derive(Debug, Subcommand)]
pub(crate) enum LogCommand {
    Show(ShowArgs),
    Mark(MarkArgs),
    Export(ExportArgs),
    Verify(VerifyArgs),
    Checkpoint(CheckpointArgs),
    Witness(WitnessArgs),
    Compare(CompareArgs),
    Corroborate(CorroborateArgs),
    Convert(ConvertArgs),
    Report(ReportArgs),
}

/// Check whether shared logs are what was signed
///
/// Ends with status 0 if every file checks, at any level of evidence unless --require names one, and
/// if it is no other history than --against; else with status 1. Of a file that is rejected nothing
/// may be taken as part of a log.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  portlog log verify shared.portlog.txt
  portlog log verify shared.portlog.txt --key portlog/log/3f... --require L1
  portlog log verify shared.portlog.txt --witness anna.vkey --require L3
  portlog log verify after.portlog.txt --against before.portlog.txt
  portlog log verify bench/ --format json
")]
pub(crate) struct VerifyArgs {
    /// Bundles (NAME.portlog.txt), proofs of a fork, or folders of such
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// The log that it must be: its origin, its first vkey, or a file that holds one
    ///
    /// 'log show' and 'log checkpoint' print both on the machine that has the log.
    #[arg(long, value_name = "K")]
    pub(crate) key: Option<String>,
    /// A copy that you kept, to compare with: a bundle, or a checkpoint by itself
    #[arg(long, value_name = "FILE")]
    pub(crate) against: Option<PathBuf>,
    /// Where the proof of two histories is written (default: beside FILE, under a new name)
    #[arg(long, value_name = "FILE", requires = "against")]
    pub(crate) fork_proof: Option<PathBuf>,
    /// End with status 1 below this level: the log is known to you, or a witness saw it
    #[arg(long, value_name = "LEVEL", value_enum)]
    pub(crate) require: Option<RequiredLevel>,
    /// The vkey of a witness that you know, or a file with some; may be given several times
    #[arg(long = "witness", value_name = "VKEY|FILE")]
    pub(crate) witnesses: Vec<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: TextFormat,
}

/// Make one page for people from a shared log
///
/// The file is checked first; of one that is rejected no page is written, and the status is 1. The page
/// needs nothing else: it loads nothing and runs nothing, and prints on A4 and Letter.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  portlog log report shared.portlog.txt -o report.html
  portlog log report shared.portlog.txt -o report.html --language zh-Hans
  portlog log report shared.portlog.txt -o report.html --key portlog/log/3f...
")]
pub(crate) struct ReportArgs {
    /// A bundle (NAME.portlog.txt)
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// The page that is written; an earlier one is replaced
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
    /// The language of the page
    #[arg(long, value_name = "LANGUAGE", value_enum, default_value_t)]
    pub(crate) language: LanguageArg,
    /// The log that it must be: its origin, its first vkey, or a file that holds one
    #[arg(long, value_name = "K")]
    pub(crate) key: Option<String>,
    /// The vkey of a witness that you know, or a file with some; may be given several times
    #[arg(long = "witness", value_name = "VKEY|FILE")]
    pub(crate) witnesses: Vec<String>,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(crate) enum LanguageArg {
    /// English
    #[default]
    #[value(name = "en")]
    English,
    /// Chinese in simplified characters
    #[value(name = "zh-Hans")]
    SimplifiedChinese,
    /// Chinese in traditional characters
    #[value(name = "zh-Hant")]
    TraditionalChinese,
    /// Hindi
    #[value(name = "hi")]
    Hindi,
}

impl LanguageArg {
    /// The language of sentences.
    pub(crate) const fn language(self) -> Language {
        match self {
            Self::English => Language::English,
            Self::SimplifiedChinese => Language::SimplifiedChinese,
            Self::TraditionalChinese => Language::TraditionalChinese,
            Self::Hindi => Language::Hindi,
        }
    }
}

/// Lay two shared logs side by side: what is still there, new, moved, or not seen again
///
/// For an opt-out, an update, a reset: did a connection go away? What differs in phone, lists and way
/// of watching comes first. A destination is called "not seen again" only if the earlier rate lets at
/// least five sightings be expected in the later time that was watched and is shown whole; what is
/// withheld is never called absent. Both files are checked first; ends with status 1 if one does not
/// check.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  portlog log compare before.portlog.txt after.portlog.txt
  portlog log compare whole.portlog.txt --at 812
  portlog log compare before.portlog.txt after.portlog.txt --format json
")]
pub(crate) struct CompareArgs {
    /// The earlier file and the later one, in this order; or one file, with --at
    #[arg(value_name = "FILE", required = true, num_args = 1..=2)]
    pub(crate) files: Vec<PathBuf>,
    /// Part one file at this mark: the index of its entry
    #[arg(long, value_name = "ENTRY")]
    pub(crate) at: Option<u64>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: TextFormat,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum RequiredLevel {
    /// You knew the log before: its key, or a copy
    #[value(name = "L1", alias = "l1")]
    L1,
    /// A witness that you know saw this state or an earlier one
    #[value(name = "L3", alias = "l3")]
    L3,
}

impl RequiredLevel {
    /// The lowest level that is enough.
    pub(crate) const fn level(self) -> EvidenceLevel {
        match self {
            Self::L1 => EvidenceLevel::Pinned,
            Self::L3 => EvidenceLevel::Witnessed,
        }
    }
}

/// Lay a shared log beside a capture that a router made of the same phone
///
/// For each connection: confirmed by the capture, in the capture at another time, only in the log, or
/// only in the capture; with the rates of what was missed and of wrong times. The log is checked first;
/// ends with status 1 if it does not check. What cannot be compared (sockets without another end, hours
/// in which only one of them looked) is counted and not judged.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  portlog log corroborate shared.portlog.txt --pcap router.pcap
  portlog log corroborate shared.portlog.txt --zeek conn.log --host 192.0.2.23
  portlog log corroborate shared.portlog.txt --pcap router.pcapng --shift=-1.5 --format json
")]
#[command(group = ArgGroup::new("captured").required(true))]
pub(crate) struct CorroborateArgs {
    /// A bundle (NAME.portlog.txt); exported with --with-local, the phone's own ends are compared too
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// What tcpdump -w or Wireshark captured (pcap or pcapng)
    #[arg(long, value_name = "FILE", group = "captured")]
    pub(crate) pcap: Option<PathBuf>,
    /// Zeek's conn.log, as tab-separated values or JSON lines
    #[arg(long, value_name = "FILE", group = "captured")]
    pub(crate) zeek: Option<PathBuf>,
    /// The phone's address in the capture; may be given several times (default: those of the log)
    #[arg(long = "host", value_name = "ADDRESS")]
    pub(crate) hosts: Vec<IpAddr>,
    /// How far apart times may be before they are called wrong
    #[arg(long, value_name = "SPAN", value_parser = parse_span, default_value = "2s")]
    pub(crate) tolerance: Duration,
    /// Seconds to add to the capture's times, where its clock is wrong; negative ones as --shift=-1.5
    #[arg(long, value_name = "SECONDS", value_parser = parse_shift, default_value = "0", allow_hyphen_values = true)]
    pub(crate) shift: i64,
    /// The log that it must be: its origin, its first vkey, or a file that holds one
    #[arg(long, value_name = "K")]
    pub(crate) key: Option<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: TextFormat,
}

/// Milliseconds of seconds such as `-1.5`.
fn parse_shift(text: &str) -> Result<i64, String> {
    let wrong =
        || "a shift is seconds with at most three digits behind the point, such as -1.5".to_owned();
    let (negative, size) = match text.strip_prefix('-') {
        Some(size) => (true, size),
        None => (false, text),
    };
    let (whole, fraction) = size.split_once('.').unwrap_or((size, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || fraction.len() > 3 {
        return Err(wrong());
    }
    let millis: i64 = format!("{whole}{fraction:0<3}")
        .parse()
        .map_err(|_| wrong())?;
    Ok(if negative { -millis } else { millis })
}
