//! From flags and settings to what the agent is asked for. Flags win over settings.

use std::env;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Error, bail};
use portlog_agent::{Elsewhere, PackageList, Settings, SourceChoice};
use portlog_blocklist::{BadLine, CompiledList, List, ListSet};
use portlog_model::Category;

use crate::args::{ListFile, SourceArg, SourceArgs};
use crate::exit::with_way_out;
use crate::output::notice;

/// The kernel's own tree.
const PROC: &str = "/proc";
/// Line numbers named of a list that has bad lines.
const BAD_LINES_NAMED: usize = 5;

/// The source and the proc tree.
pub(crate) fn source(args: &SourceArgs) -> Result<(SourceChoice, PathBuf), Error> {
    let choice = match args.source.unwrap_or(SourceArg::Auto) {
        SourceArg::Auto => SourceChoice::Auto,
        SourceArg::Procfs => SourceChoice::Procfs,
        SourceArg::Diag => SourceChoice::Diag,
        // Nothing here is asked then: see `helper`.
        SourceArg::Helper => SourceChoice::Procfs,
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

/// Reads lists, and says which of them have lines that cannot be used.
pub(crate) fn lists(files: &[ListFile]) -> Result<ListSet, Error> {
    let lists = files
        .iter()
        .map(|file| list(&file.path, file.category))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(ListSet::new(lists))
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

/// Opens a list where it is a compiled one, which its first bytes tell.
pub(crate) fn compiled(path: &Path) -> Result<Option<CompiledList>, Error> {
    let mut first = [0; 8];
    let Some(file) = File::open(path)
        .ok()
        .filter(|mut file| file.read_exact(&mut first).is_ok())
        .filter(|_| CompiledList::is_one(&first))
    else {
        // Whoever reads it as text says what is wrong with it.
        return Ok(None);
    };
    CompiledList::open(&file)
        .with_context(|| format!("cannot use {}", path.display()))
        .map(Some)
}

/// Reads a list, compiled or not, and says where it has lines that cannot be used.
pub(crate) fn list(path: &Path, category: Option<Category>) -> Result<List, Error> {
    if let Some(compiled) = compiled(path)? {
        return Ok(List::from_compiled(compiled, category));
    }
    let parsed = portlog_agent::read_list(path, category)
        .map_err(|error| with_way_out(error, "--list takes [CATEGORY=]FILE, a text file"))?;
    if let Some(summary) =
        bad_lines_summary(path, &parsed.bad_lines, parsed.list.summary().bad_lines)
    {
        notice(summary);
    }
    Ok(parsed.list)
}

/// How many lines cannot be used, and which of the reported ones come first.
fn bad_lines_summary(path: &Path, reported: &[BadLine], count: u64) -> Option<String> {
    if count == 0 {
        return None;
    }
    let numbers: Vec<String> = reported
        .iter()
        .take(BAD_LINES_NAMED)
        .map(|bad| bad.line.to_string())
        .collect();
    let path = path.display();
    let (are, lines) = match count {
        1 => ("line is", "line"),
        _ => ("lines are", "lines"),
    };
    let more = match usize::try_from(count) {
        Ok(count) if count <= BAD_LINES_NAMED => "",
        _ => ", ...",
    };
    Some(format!(
        "{path}: {count} {are} not used ({lines} {}{more}); see 'portlog list check {path}'",
        numbers.join(", ")
    ))
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
