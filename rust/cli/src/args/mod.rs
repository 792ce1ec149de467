//! The flags and arguments, exactly as typed: nothing here opens a file.
//!
//! What clap can refuse (an unknown word, a missing value, a span without a unit) is refused here,
//! so that every later step works on values that can be right.

mod convert;
mod journal;
mod list;
mod log;
mod point;

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, Parser, Subcommand, ValueEnum};
use portlog_agent::{parse_interval, parse_span};
use portlog_model::Level;

pub(crate) use self::convert::{ConvertArgs, ExportForm};
pub(crate) use self::journal::{
    CheckpointArgs, ExportArgs, MarkArgs, PresetArg, ShowArgs, WitnessArgs,
};
pub(crate) use self::list::{
    ListBuildArgs, ListBundledArgs, ListCdnArgs, ListCheckArgs, ListCommand, ListDiffArgs,
    ListExplainArgs, ListFile, ListResolveArgs,
};
pub(crate) use self::log::{
    CompareArgs, CorroborateArgs, LogCommand, ReportArgs, RequiredLevel, VerifyArgs,
};
pub(crate) use self::point::Point;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// Watches every socket of every process, names who opened it, and says when one reaches a listed
/// host.
#[derive(Debug, Parser)]
#[command(
    name = "portlog",
    bin_name = "portlog",
    version,
    styles = STYLES,
    max_term_width = 100,
    propagate_version = true,
    disable_help_subcommand = true,
    after_help = AFTER_HELP
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const AFTER_HELP: &str = "\
Examples:
  portlog watch                                   watch this machine's sockets, live
  portlog watch --list own=hosts-of-mine.txt      and say when one of these is reached
  portlog snapshot --format json                  every socket once, for programs
  portlog list explain 203.0.113.7 --list FILE    what a list says about an address
  portlog log verify FILE                         whether a shared log is what was signed

Exit status: 0 done; 1 done, and the answer is bad (an alert with --fail-on-alert, bad lines in
'list check', a log that does not check); 2 could not be done, with one line on standard error.
";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Watch(WatchArgs),
    Snapshot(SnapshotArgs),
    Owners(OwnersArgs),
    Devices(DevicesArgs),
    #[command(subcommand)]
    List(ListCommand),
    #[command(subcommand)]
    Log(LogCommand),
    Completions(CompletionsArgs),
    /// Print the manual page (roff, for man -l)
    Man,
}

/// Watch the socket tables and say what opens, closes, and reaches a listed host
///
/// On a terminal this is a live view ('?' shows its keys), elsewhere one line for each event.
/// Without a list it still shows every connection with its owner.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  portlog watch
  portlog watch --list threat=indicators.txt --list own=mine.txt
  portlog watch --for 30s --format ndjson > events.ndjson
  portlog watch --journal journal/ --case 2026-07 --operator anna
  portlog watch --proc capture/ --packages packages.list --list own=mine.txt --fail-on-alert
  portlog watch --source adb --list threat=indicators.txt --journal journal/
")]
pub(crate) struct WatchArgs {
    #[command(flatten)]
    pub(crate) lists: ListArgs,
    /// Whose connections raise alerts: of what comes with the phone, or of every owner
    ///
    /// Default: firmware. On plain Linux "firmware" has no meaning and every owner is in scope.
    #[arg(long, value_name = "SCOPE", value_enum)]
    pub(crate) scope: Option<ScopeArg>,
    /// The time between two looks while something changes, such as 500ms or 1s (default: 1s)
    #[arg(long, value_name = "SPAN", value_parser = parse_interval)]
    pub(crate) interval: Option<Duration>,
    /// Stop after this long, such as 30s or 5m (default: at Ctrl-C)
    #[arg(long = "for", value_name = "SPAN", value_parser = parse_span)]
    pub(crate) duration: Option<Duration>,
    /// Keep a signed log in this folder, and what a next watch should know; it is made if it is missing
    ///
    /// 'portlog log' shows, marks and shares it, also while the watch runs. Its secret keys are in it:
    /// share exports, not the folder.
    #[arg(long, value_name = "DIR")]
    pub(crate) journal: Option<PathBuf>,
    /// Who watches, as it shall stand in the log
    #[arg(long, value_name = "TEXT", requires = "journal")]
    pub(crate) operator: Option<String>,
    /// What it is about, as it shall stand in the log
    #[arg(long, value_name = "TEXT", requires = "journal")]
    pub(crate) case: Option<String>,
    /// Whose connections the log keeps: those of firmware and of unknown owners, or everyone's
    ///
    /// Default: firmware. With everyone the log tells which apps, also those of other Android users,
    /// reached which addresses, and when; so does what is shared of it with '--preset everything'.
    /// Alerts are kept either way. On plain Linux everyone's are kept. The log says which it was.
    #[arg(long, value_name = "WHOSE", value_enum, requires = "journal")]
    pub(crate) record: Option<RecordArg>,
    /// Print lines for people, or one JSON object for each event (docs/EVENTS.md)
    ///
    /// Without this flag: a live view on a terminal, lines elsewhere.
    #[arg(long, value_enum)]
    pub(crate) format: Option<WatchFormat>,
    /// End with status 1 if an alert of this level or a stronger one was raised
    #[arg(
        long,
        value_name = "LEVEL",
        value_enum,
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "match"
    )]
    pub(crate) fail_on_alert: Option<AlertLevel>,
    /// Read settings from this file (default: portlog/config.toml in the user's XDG folder)
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
}

/// Show every socket once, with its owner
///
/// A table that could not be read is said so below the sockets; it is never shown as empty.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  portlog snapshot
  portlog snapshot --programs --list own=mine.txt
  portlog snapshot --proc capture/ --packages packages.list --format csv
")]
pub(crate) struct SnapshotArgs {
    #[command(flatten)]
    pub(crate) lists: ListArgs,
    /// Look up which program holds each socket (other users' programs need root)
    #[arg(long)]
    pub(crate) programs: bool,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: SnapshotFormat,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
}

/// Say who a UID is, and why
///
/// With a package list the UIDs are a phone's; without one they are this machine's accounts.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  portlog owners 0 1000
  portlog owners 10087 1010087 --packages packages.list
")]
pub(crate) struct OwnersArgs {
    /// User ids, as in the uid column of a socket table
    #[arg(value_name = "UID", required = true, value_parser = parse_uid)]
    pub(crate) uids: Vec<u32>,
    /// A phone's packages: packages.list, 'pm list packages -U -f' or 'dumpsys package' output
    #[arg(long, value_name = "FILE")]
    pub(crate) packages: Option<PathBuf>,
    /// A list with indicators of apps, to compare the packages with; may be given several times
    #[arg(long = "list", value_name = "[CATEGORY=]FILE", requires = "packages")]
    pub(crate) lists: Vec<ListFile>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: TextFormat,
}

/// Show the phones that adb sees, and what could be seen of each
///
/// Each phone that agreed to be debugged by this computer is asked what it is and whether its socket
/// tables can be read. Nothing is installed or changed on it.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  portlog devices
  portlog watch --source adb --serial 0123abcd
")]
pub(crate) struct DevicesArgs {
    /// The adb program (default: the one in the search path)
    #[arg(long, value_name = "PATH")]
    pub(crate) adb: Option<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: TextFormat,
}

/// Print a script that completes portlog's flags in a shell
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  portlog completions bash > ~/.local/share/bash-completion/completions/portlog
  portlog completions fish > ~/.config/fish/completions/portlog.fish
")]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}

/// Where rows come from.
#[derive(Args, Debug)]
#[command(next_help_heading = "Source")]
pub(crate) struct SourceArgs {
    /// The kernel interface to ask
    ///
    /// auto (the default): procfs if --proc is another tree, else sock_diag on Linux or as root,
    /// and procfs for each table that sock_diag cannot give. adb: a phone that is attached to this
    /// machine, with USB debugging on; nothing is installed on it.
    #[arg(long, value_enum)]
    pub(crate) source: Option<SourceArg>,
    /// A tree like /proc, or a folder of timestamped ones
    ///
    /// DIR/net/tcp and so on are read; another tree than /proc is a replay and is marked so.
    #[arg(long, value_name = "DIR")]
    pub(crate) proc: Option<PathBuf>,
    /// The Unix socket at which a helper asks for its channel (with --source helper)
    ///
    /// It is made when the watch starts. Only root and UID 2000 are let in.
    #[arg(long, value_name = "SOCKET")]
    pub(crate) helper: Option<PathBuf>,
    /// The phone to read over adb, as 'portlog devices' names it; may be given several times
    ///
    /// Without it the only one that is attached. A watch of several keeps its logs apart: --journal
    /// DIR has one in DIR/SERIAL for each.
    #[arg(long, value_name = "S")]
    pub(crate) serial: Vec<String>,
    /// The adb program (default: the one in the search path)
    #[arg(long, value_name = "PATH")]
    pub(crate) adb: Option<PathBuf>,
    /// A report that another program made of a phone: bugreport-*.zip, its text, or a folder of androidqf
    ///
    /// One look at a phone without Portlog ('adb bugreport' makes one). Implies --source import.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["proc", "helper", "serial", "adb"])]
    pub(crate) import: Option<PathBuf>,
    /// A phone's packages: packages.list, 'pm list packages -U -f' or 'dumpsys package' output
    ///
    /// The kind is recognised by its content. With it the UIDs are read as a phone's.
    #[arg(long, value_name = "FILE")]
    pub(crate) packages: Option<PathBuf>,
}

/// The lists to compare peers with.
#[derive(Args, Debug)]
pub(crate) struct ListArgs {
    /// A list of hosts, addresses or networks; may be given several times
    ///
    /// CATEGORY is own, threat, tracker, vendor-service or reported. Without it: tracker for hosts
    /// files and Adblock rules, own for plain lists, threat for STIX 2.1 bundles. Gzip and zip are
    /// unpacked. 'bundled:reported' is a list that comes with Portlog ('portlog list bundled').
    #[arg(long = "list", value_name = "[CATEGORY=]FILE")]
    pub(crate) lists: Vec<ListFile>,
    /// Ranges of a content network or cloud, as it publishes them; may be given several times
    ///
    /// One address there serves many sites, so that a hit on it is at most possible. No such table comes
    /// with Portlog: without it nothing is known of these addresses.
    #[arg(long = "cdn", value_name = "FILE")]
    pub(crate) content_networks: Vec<PathBuf>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum SourceArg {
    /// procfs for another tree, else sock_diag with procfs behind it
    Auto,
    /// Text tables below /proc/net
    Procfs,
    /// Netlink sock_diag
    Diag,
    /// A process of another user that reads the tables and hands them over
    Helper,
    /// A phone's text tables, read through adb
    Adb,
    /// The report named by --import
    Import,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum ScopeArg {
    /// What comes with the phone
    Firmware,
    /// Every owner
    All,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum RecordArg {
    /// Owners that come with the phone, may, or are not known
    Firmware,
    /// Other apps and other Android users as well
    Everyone,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum WatchFormat {
    /// Lines for people
    Text,
    /// One JSON object for each event
    Ndjson,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(crate) enum SnapshotFormat {
    /// A table for people
    #[default]
    Table,
    /// One JSON object
    Json,
    /// Comma-separated values (RFC 4180)
    Csv,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(crate) enum TextFormat {
    /// Text for people
    #[default]
    Text,
    /// One JSON object
    Json,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum AlertLevel {
    /// Only what is a match
    Match,
    /// A possible match as well
    Possible,
}

impl AlertLevel {
    /// The weakest level that counts.
    pub(crate) const fn level(self) -> Level {
        match self {
            Self::Match => Level::Match,
            Self::Possible => Level::Possible,
        }
    }
}

fn parse_uid(text: &str) -> Result<u32, String> {
    text.parse()
        .map_err(|_unclear| format!("a UID is a number from 0 to {}", u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }
}
