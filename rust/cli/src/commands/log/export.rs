//! The file that a stranger checks: the whole log, or what was chosen of it.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufRead as _, BufWriter, IsTerminal as _, Write, stderr, stdin};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process;

use anyhow::{Context as _, Error, bail};
use portlog_agent::testimony::{Access, Choice, Exported};
use portlog_journal::bundle::Preset;
use portlog_journal::entry::Kind;
use portlog_model::Platform;

use super::bundle_file::{EXTENSION, reader};
use super::{convert, journal};
use crate::args::{ExportArgs, PresetArg};
use crate::convert::Form;
use crate::exit::{Outcome, with_way_out};
use crate::output::{Output, notice};

/// Writes the export, and says what a reader will see of the log.
pub(crate) fn run(args: &ExportArgs) -> Result<Outcome, Error> {
    let choice = choice(args)?;
    if args.form.form().is_some() {
        check_place(&args.output)?;
    }
    let access = journal::open(&args.folder)?;
    if !args.yes {
        match args.preset {
            PresetArg::Everything => agree(&access, &choice, "everything")?,
            PresetArg::Firmware if looked_at_linux(&access)? => agree(
                &access,
                &choice,
                "this log is of a Linux machine, where nothing comes with a phone and preset firmware \
                 holds no owner back",
            )?,
            PresetArg::Firmware | PresetArg::Alerts => {}
        }
    }
    if let Some(form) = args.form.form() {
        return converted(&access, &choice, form, &args.output);
    }
    let exported = if args.output == Path::new("-") {
        let mut out = BufWriter::with_capacity(Output::CHUNK, Stdout(Output::open()?));
        access
            .export(&choice, &mut out)
            .map_err(Error::from)
            .and_then(|exported| {
                out.flush().context("cannot write to standard output")?;
                Ok(exported)
            })?
    } else {
        written_whole(&args.output, |out| Ok(access.export(&choice, out)?))?
    };
    say(&exported, &args.output);
    Ok(Outcome::Done)
}

/// Writes another form than a bundle: of a bundle that is made beside it, and removed again. So it has
/// what the bundle would disclose, and was verified.
fn converted(access: &Access, choice: &Choice, form: Form, out: &Path) -> Result<Outcome, Error> {
    let mut name = OsString::from(".");
    name.push(out.file_name().unwrap_or_default());
    name.push(format!(".{}{EXTENSION}", process::id()));
    let bundle = Part(out.with_file_name(name));
    let exported = written_whole(&bundle.0, |out| Ok(access.export(choice, out)?))?;
    let outcome = convert::converted(&bundle.0, &reader()?, form, out)?;
    notice("this form is not signed; what others can check is a bundle (--as bundle)");
    say_kept(&exported);
    Ok(outcome)
}

/// What can be said before the journal is asked: the place has to be new.
fn check_place(out: &Path) -> Result<(), Error> {
    if out == Path::new("-") {
        bail!("only a bundle goes to standard output; name a file, or a folder for MVT, with -o");
    }
    if out.symlink_metadata().is_ok() {
        bail!(
            "{} is there already and is not overwritten; name another place",
            out.display()
        );
    }
    Ok(())
}

/// What was asked for, if it can be meant.
pub(super) fn choice(args: &ExportArgs) -> Result<Choice, Error> {
    let known = field_names();
    for field in &args.redact {
        if !known.contains(field.as_str()) {
            let names: Vec<&str> = known.iter().map(String::as_str).collect();
            bail!(
                "no entry has a field called {field}, so nothing would be withheld by that; the names \
                 are {}",
                names.join(", ")
            );
        }
    }
    let (since, until) = journal::period(args.since, args.until)?;
    Ok(Choice {
        since,
        until,
        redact: args.redact.iter().cloned().collect(),
        with_local: args.with_local,
        ..Choice::new(args.preset.preset())
    })
}

/// A file that is there whole or not at all: written beside its place, and renamed.
pub(super) fn written_whole<T>(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> Result<T, Error>,
) -> Result<T, Error> {
    let context = || format!("cannot write {}", path.display());
    let Some(name) = path.file_name() else {
        bail!("{} names no file", path.display());
    };
    if path.is_dir() {
        bail!("{} is a folder; name a file in it", path.display());
    }
    let mut beside = name.to_owned();
    beside.push(format!(".{}.part", process::id()));
    let part = Part(path.with_file_name(beside));
    let file = File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&part.0)
        .with_context(context)
        .map_err(|error| with_way_out(error, "name a file in a folder that you may write"))?;
    let mut out = BufWriter::with_capacity(Output::CHUNK, file);
    let done = write(&mut out)?;
    out.into_inner()
        .map_err(io::IntoInnerError::into_error)
        .and_then(|file| file.sync_all())
        .and_then(|()| fs::rename(&part.0, path))
        .with_context(context)?;
    Ok(done)
}

/// A file that is not whole yet; removed unless it was renamed.
struct Part(PathBuf);

impl Drop for Part {
    fn drop(&mut self) {
        // After the rename there is nothing under this name.
        let _ = fs::remove_file(&self.0);
    }
}

/// Whether a session of the log looked at a Linux machine, the newest first.
fn looked_at_linux(access: &Access) -> Result<bool, Error> {
    let mut end = access.status()?.checkpoint.size;
    loop {
        let newest = access.rows(0..end, 1)?.rows;
        let Some(session) = newest.first().and_then(|row| row.session) else {
            return Ok(false);
        };
        let begun = access.rows(session..session.saturating_add(1), 1)?.rows;
        let platform = begun.first().and_then(|row| row.value("platform"));
        if platform == Some(Platform::Linux.as_str()) {
            return Ok(true);
        }
        // Indices of sessions only fall, so this comes to an end.
        end = session;
    }
}

/// Names what the preset discloses, and asks on a terminal. `what` it is begins the sentence.
fn agree(access: &Access, choice: &Choice, what: &str) -> Result<(), Error> {
    let Exported { shown, of, .. } = access.preview(choice)?;
    notice(format!(
        "{what}: {shown} of {of} entries would be shown. They name every package and user id that \
         the log knows, every address, port and host name that was seen, when this machine was awake, \
         your marks, case and operator, and what the machine says of itself (model, build, kernel){}{}",
        if choice.with_local {
            ", and this side's addresses and ports"
        } else {
            ""
        },
        if choice.redact.is_empty() {
            String::new()
        } else {
            let fields: Vec<&str> = choice.redact.iter().map(String::as_str).collect();
            format!("; withheld: {}", fields.join(", "))
        }
    ));
    if !(stdin().is_terminal() && stderr().is_terminal()) {
        bail!(
            "nothing was written: --preset {} needs --yes where nobody can be asked",
            choice.preset.as_str()
        );
    }
    let mut errors = stderr();
    let _ = write!(errors, "portlog: write it? Type yes: ").and_then(|()| errors.flush());
    let mut answer = String::new();
    stdin()
        .lock()
        .read_line(&mut answer)
        .context("cannot read your answer")?;
    if answer.trim() != "yes" {
        bail!(
            "nothing was written, as the answer was not yes; --preset {} shows less",
            match choice.preset {
                Preset::Everything => Preset::Firmware,
                Preset::Firmware | Preset::Alerts => Preset::Alerts,
            }
            .as_str()
        );
    }
    Ok(())
}

fn say(exported: &Exported, output: &Path) {
    let Exported {
        mode, shown, of, ..
    } = exported;
    notice(format!(
        "{shown} of {of} entries shown, chosen by the sharer ({})",
        mode.as_str()
    ));
    notice(if output == Path::new("-") {
        "whoever gets it checks it with: portlog log verify FILE".to_owned()
    } else {
        let name = output.display();
        format!(
            "whoever gets it checks it with: portlog log verify {name} (or without Portlog: \
             docs/LOG-FORMAT.md)"
        )
    });
    say_kept(exported);
}

fn say_kept(exported: &Exported) {
    if !exported.kept {
        notice(
            "the journal could not be written, so later exports will not lead back to this one by \
             themselves",
        );
    }
}

/// The names of all fields that an entry can have.
fn field_names() -> BTreeSet<String> {
    Kind::ALL
        .into_iter()
        .flat_map(|kind| kind.fields().iter())
        .map(|(name, _)| (*name).to_owned())
        .collect()
}

/// Standard output as what an export is written to.
struct Stdout(Output);

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write_io(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
