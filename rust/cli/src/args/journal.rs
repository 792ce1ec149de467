//! The parts of `portlog log` that need a journal: show, mark, export, checkpoint; and the witness's.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use portlog_agent::testimony::{MarkPreset, Preset};

use super::point::Point;
use super::{ExportForm, TextFormat};

/// Show what a journal has, newest first
///
/// Also while a watch holds it: then that watch is asked. Nothing is checked against a copy; that is
/// 'log verify' with an export.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  portlog log show journal/
  portlog log show journal/ --kind alert --kind mark --since 2026-05-04
  portlog log show journal/ --since 2h --limit 500 --format json
")]
pub(crate) struct ShowArgs {
    /// The journal's folder, as watch --journal has it
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// The most entries to show; 0 shows the log's state alone
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub(crate) limit: usize,
    /// Only entries of this kind, such as alert, mark or gap; may be given several times
    #[arg(long = "kind", value_name = "KIND", value_parser = super::point::parse_kind)]
    pub(crate) kinds: Vec<portlog_journal::entry::Kind>,
    /// Not before: 2026-05-04, "2026-05-04 13:45", RFC 3339, or a span back from now such as 2h
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<Point>,
    /// Not after; a day counts to its end
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<Point>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: TextFormat,
}

/// Write words of yours into the log of a running watch
///
/// What you did and when is what a connection is compared with later. The mark is signed and on the disk
/// when this ends.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  portlog log mark journal/ \"put the SIM card in\"
  portlog log mark journal/ --preset message-sent
")]
pub(crate) struct MarkArgs {
    /// The journal's folder, as watch --journal has it
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// Your words
    #[arg(value_name = "TEXT", required_unless_present = "preset")]
    pub(crate) text: Option<String>,
    /// A step that has a name
    #[arg(long, value_enum, conflicts_with = "text")]
    pub(crate) preset: Option<MarkArg>,
}

/// Write a file that others can check: the whole log, or what you choose of it
///
/// Entries that are left out, and fields that are withheld, are shown to be so; a reader sees how many.
/// No export has a secret key in it. Without --with-local, this side's addresses are withheld.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  portlog log export journal/ -o alerts.portlog.txt
  portlog log export journal/ -o may.portlog.txt --preset firmware --since 2026-05-01
  portlog log export journal/ -o - --redact case --redact operator > shared.portlog.txt
  portlog log export journal/ -o all.portlog.txt --preset everything --yes
  portlog log export journal/ -o may.csv --as csv --since 2026-05-01
")]
pub(crate) struct ExportArgs {
    /// The journal's folder, as watch --journal has it
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// The file to write, best with a name that ends in .portlog.txt; - is standard output
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
    /// How much of the log is shown
    #[arg(long, value_enum, default_value_t)]
    pub(crate) preset: PresetArg,
    /// Disclose everything without being asked, or on Linux what preset firmware shows
    #[arg(long)]
    pub(crate) yes: bool,
    /// Not before: 2026-05-04, "2026-05-04 13:45", RFC 3339, or a span back from now such as 2h
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<Point>,
    /// Not after; a day counts to its end
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<Point>,
    /// Withhold this field in every entry, such as remote, names or operator; may be given several times
    #[arg(long, value_name = "FIELD")]
    pub(crate) redact: Vec<String>,
    /// Disclose this side's addresses and ports as well
    #[arg(long)]
    pub(crate) with_local: bool,
    /// What is written: the file that others can check, or what it discloses in another form
    ///
    /// Other forms than bundle are not signed, and are not written over what is there
    /// (docs/EVENTS.md). 'log convert' makes them of a bundle.
    #[arg(long = "as", value_name = "FORM", value_enum, default_value_t)]
    pub(crate) form: ExportForm,
}

/// Print the signed state of a log, for somebody else to keep
///
/// A few lines, and on a terminal the same as a QR code: whoever has them can show later that the log was
/// cut or changed. With -o it is a file that 'log witness' checks; its answer comes back with --answer.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  portlog log checkpoint journal/
  portlog log checkpoint journal/ -o state.portlog.txt     then elsewhere: portlog log witness
  portlog log checkpoint journal/ --answer answer.txt
")]
pub(crate) struct CheckpointArgs {
    /// The journal's folder, as watch --journal has it
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// Write a small bundle without entries, which a witness can check
    #[arg(short, long, value_name = "FILE", conflicts_with = "answer")]
    pub(crate) output: Option<PathBuf>,
    /// Print no QR code
    #[arg(long)]
    pub(crate) no_qr: bool,
    /// Take in what 'log witness' printed, into the log
    #[arg(long, value_name = "FILE")]
    pub(crate) answer: Option<PathBuf>,
}

/// Check and sign the state of somebody else's log, and remember it
///
/// For another machine than the one that has the log. It signs nothing that does not continue what it
/// signed before; so a log that was cut or rewritten shows. What it prints goes back to the log.
///
/// Its key is made on first use. Ends with status 1 if it does not sign, and says why.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  portlog log witness state.portlog.txt --name anna.example.test > answer.txt
  portlog log witness state.portlog.txt --qr
")]
pub(crate) struct WitnessArgs {
    /// A bundle: what 'log checkpoint -o' or 'log export' wrote
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// What this witness is called, when its key is made (default: a name that tells nothing)
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Where key and memory are kept (default: portlog/witness in the user's XDG state folder)
    #[arg(long, value_name = "DIR")]
    pub(crate) state: Option<PathBuf>,
    /// Where the proof of two histories is written (default: beside FILE, under a new name)
    #[arg(long, value_name = "FILE")]
    pub(crate) fork_proof: Option<PathBuf>,
    /// Print the answer as a QR code too, on a terminal
    #[arg(long)]
    pub(crate) qr: bool,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(crate) enum PresetArg {
    /// Alerts, and what is needed to understand them
    #[default]
    Alerts,
    /// And every connection of what comes with the phone, or may
    Firmware,
    /// Every entry
    Everything,
}

impl PresetArg {
    pub(crate) const fn preset(self) -> Preset {
        match self {
            Self::Alerts => Preset::Alerts,
            Self::Firmware => Preset::Firmware,
            Self::Everything => Preset::Everything,
        }
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum MarkArg {
    /// A SIM card was put in
    SimIn,
    /// A contact was saved
    ContactSaved,
    /// A message was sent
    MessageSent,
    /// A service was switched off
    ServiceOff,
    /// The system was updated
    Update,
    /// Somebody signed in to an account
    SignIn,
}

impl MarkArg {
    pub(crate) const fn preset(self) -> MarkPreset {
        match self {
            Self::SimIn => MarkPreset::SimIn,
            Self::ContactSaved => MarkPreset::ContactSaved,
            Self::MessageSent => MarkPreset::MessageSent,
            Self::ServiceOff => MarkPreset::ServiceOff,
            Self::Update => MarkPreset::Update,
            Self::SignIn => MarkPreset::SignIn,
        }
    }
}
