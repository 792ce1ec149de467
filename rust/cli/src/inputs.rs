//! From flags and settings to what the agent is asked for. Flags win over settings.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Error, bail};
use portlog_agent::adb::{Adb, AdbSource};
use portlog_agent::{Elsewhere, Import, PackageList, Settings, SourceChoice};

use crate::args::{SourceArg, SourceArgs};
use crate::exit::with_way_out;
use crate::output::notice;

/// The kernel's own tree.
const PROC: &str = "/proc";

/// The phones to read over adb, where that is the source: those named, or the only one. Each has
/// answered.
pub(crate) fn phones(args: &SourceArgs) -> Result<Vec<(Adb, AdbSource)>, Error> {
    if args.source != Some(SourceArg::Adb) {
        if !args.serial.is_empty() || args.adb.is_some() {
            bail!("--serial and --adb speak of phones: add --source adb");
        }
        return Ok(Vec::new());
    }
    if args.proc.is_some() {
        bail!("--source adb reads a phone and --proc names a tree: leave out one of the two");
    }
    let adb = adb(args.adb.as_deref());
    let mut wanted: Vec<Option<&str>> = Vec::new();
    for serial in &args.serial {
        if !wanted.contains(&Some(serial)) {
            wanted.push(Some(serial));
        }
    }
    if wanted.is_empty() {
        wanted.push(None);
    }
    wanted
        .into_iter()
        .map(|serial| {
            let source = AdbSource::connect(adb.clone(), serial)?;
            Ok((adb.clone(), source))
        })
        .collect()
}

/// The adb program that was named, or the one in the search path.
pub(crate) fn adb(named: Option<&Path>) -> Adb {
    named.map_or_else(Adb::default, |path| Adb::at(path.to_owned()))
}

/// The source and the proc tree.
pub(crate) fn source(args: &SourceArgs) -> Result<(SourceChoice, PathBuf), Error> {
    let choice = match args.source.unwrap_or(SourceArg::Auto) {
        // Of a phone nothing here is read.
        SourceArg::Auto | SourceArg::Adb => SourceChoice::Auto,
        // With a helper or a report nothing here is asked: see `helper` and `import`.
        SourceArg::Procfs | SourceArg::Helper | SourceArg::Import => SourceChoice::Procfs,
        SourceArg::Diag => SourceChoice::Diag,
    };
    let Some(folder) = &args.proc else {
        return Ok((choice, PathBuf::from(PROC)));
    };
    let metadata = fs::metadata(folder)
        .with_context(|| format!("cannot read {}", folder.display()))
        .map_err(|error| with_way_out(error, "--proc takes a folder like /proc"))?;
    if !metadata.is_dir() {
        bail!(
            "{} is a file, and --proc takes a folder like /proc, with net/tcp in it",
            folder.display()
        );
    }
    if choice == SourceChoice::Diag && folder != Path::new(PROC) {
        bail!(
            "--source diag asks this machine's kernel and --proc names another tree: leave out one \
             of the two"
        );
    }
    Ok((choice, folder.clone()))
}

/// The helper, where rows are to come from one.
pub(crate) fn helper(args: &SourceArgs) -> Result<Option<Elsewhere>, Error> {
    match (&args.helper, args.source) {
        (Some(_), Some(SourceArg::Helper)) if args.proc.is_some() => {
            bail!("--source helper takes what the helper hands over: leave out --proc")
        }
        (Some(socket), Some(SourceArg::Helper)) => Ok(Some(Elsewhere::helper(socket.clone()))),
        (None, Some(SourceArg::Helper)) => {
            bail!("--source helper needs --helper SOCKET, where the helper asks for its channel")
        }
        (Some(_), _) => bail!("--helper SOCKET goes with --source helper"),
        (None, _) => Ok(None),
    }
}

/// The report of another program, where one is named; says what is remarkable of it.
pub(crate) fn import(args: &SourceArgs) -> Result<Option<Import>, Error> {
    let file = match (&args.import, args.source) {
        (Some(file), None | Some(SourceArg::Auto | SourceArg::Import)) => file,
        (Some(_), Some(_)) => bail!("--import FILE goes with --source import"),
        (None, Some(SourceArg::Import)) => {
            bail!("--source import needs --import FILE: a bug report, or a folder of androidqf")
        }
        (None, _) => return Ok(None),
    };
    let import = Import::open(file)?;
    for remark in &import.remarks {
        notice(format!("{}: {remark}", file.display()));
    }
    Ok(Some(import))
}

/// The settings file that was named, else the user's own where there is one.
pub(crate) fn settings(named: Option<&Path>) -> Result<Settings, Error> {
    let settings = match named {
        Some(path) => Settings::read(path),
        None => match usual_settings_file() {
            Some(path) if path.exists() => Settings::read(&path),
            _ => return Ok(Settings::default()),
        },
    };
    settings.map_err(|error| with_way_out(error, "--config FILE names another settings file"))
}

/// Reads a package list, where one is named.
pub(crate) fn packages(file: Option<&Path>) -> Result<Option<PackageList>, Error> {
    file.map(portlog_agent::read_packages)
        .transpose()
        .map_err(|error| {
            with_way_out(
                error,
                "--packages takes packages.list, 'pm list packages -U -f' or 'dumpsys package' output",
            )
        })
}

/// `portlog/config.toml` in `$XDG_CONFIG_HOME`, else in `~/.config` (XDG Base Directory
/// Specification: a path that is not absolute is ignored).
fn usual_settings_file() -> Option<PathBuf> {
    let absolute = |name| {
        env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let folder = absolute("XDG_CONFIG_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".config")))?;
    Some(folder.join("portlog/config.toml"))
}
