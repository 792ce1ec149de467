//! `portlog list build`: from lists of lines to files that are mapped.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process;

use anyhow::{Context as _, Error, bail};

use crate::args::{ListBuildArgs, ListFile};
use crate::exit::{Outcome, with_way_out};
use crate::lists;
use crate::output::Output;
use crate::text::clean::clean;

/// Compiles each list into a file of its own.
pub(crate) fn run(args: &ListBuildArgs) -> Result<Outcome, Error> {
    let mut out = Output::open()?;
    for (file, path) in args.files.iter().zip(places(args)?) {
        let list = lists::one(&file.path, file.category)?;
        let bytes = write_whole(&path, |out| {
            list.compile_into(out)
                .with_context(|| format!("cannot compile {}", file.path.display()))
                .map_err(|error| with_way_out(error, "name the file that it was built from"))
        })?;
        let said = format!(
            "{}: {} rules of {} in {} bytes\n",
            clean(&path.display().to_string()),
            list.summary().rules(),
            clean(&list.info().name),
            bytes
        );
        out.write(said.as_bytes())?;
    }
    Ok(Outcome::Done)
}

/// Where each file's list goes: to OUT, or by its own name into the folder OUT, which is made where it is
/// missing.
fn places(args: &ListBuildArgs) -> Result<Vec<PathBuf>, Error> {
    let out = &args.output;
    if let ([_], false) = (&args.files[..], out.is_dir()) {
        return Ok(vec![out.clone()]);
    }
    if out.exists() && !out.is_dir() {
        bail!(
            "{} is a file, and each of several lists becomes a file of its own; name a folder, or build \
             them one by one",
            out.display()
        );
    }
    let mut places: Vec<PathBuf> = Vec::new();
    for ListFile { path, .. } in &args.files {
        let mut name = path
            .file_name()
            .with_context(|| format!("{} names no file", path.display()))?
            .to_owned();
        name.push(".plist");
        let place = out.join(name);
        if places.contains(&place) {
            bail!(
                "two lists would become {}; build them one by one, or rename one",
                place.display()
            );
        }
        places.push(place);
    }
    fs::create_dir_all(out)
        .with_context(|| format!("cannot make the folder {}", out.display()))
        .map_err(|error| with_way_out(error, "name a folder that you may write"))?;
    Ok(places)
}

/// Writes beside the place, and renames: who has the list there open keeps it, whole. Gives the size.
///
/// With the permissions of any new file, as the umask says: a list is no secret, and a watch that runs
/// as somebody else shall be able to read it.
fn write_whole(
    path: &Path,
    write: impl FnOnce(&mut File) -> Result<u64, Error>,
) -> Result<u64, Error> {
    let Some(name) = path.file_name() else {
        bail!("{} names no file", path.display());
    };
    let mut beside = name.to_owned();
    beside.push(format!(".{}.part", process::id()));
    let beside = path.with_file_name(beside);
    let failed = |error: io::Error| {
        let error = Error::new(error).context(format!("cannot write {}", path.display()));
        with_way_out(error, "name a file in a folder that you may write")
    };
    let written = File::options()
        .write(true)
        .create_new(true)
        .open(&beside)
        .map_err(failed)
        .and_then(|mut file| {
            let bytes = write(&mut file)?;
            file.sync_all().map_err(failed)?;
            fs::rename(&beside, path).map_err(failed)?;
            Ok(bytes)
        });
    if written.is_err() {
        // The error that is told is the one that led here.
        let _ = fs::remove_file(&beside);
    }
    written
}
