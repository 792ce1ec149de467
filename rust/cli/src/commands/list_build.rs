//! `portlog list build`: from lists of lines to files that are mapped.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process;

use anyhow::{Context as _, Error, bail};
use portlog_blocklist::List;

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
        let bytes = compile(&list, &file.path)?;
        write_whole(&path, &bytes)?;
        let said = format!(
            "{}: {} rules of {} in {} bytes\n",
            clean(&path.display().to_string()),
            list.summary().rules(),
            clean(&list.info().name),
            bytes.len()
        );
        out.write(said.as_bytes())?;
    }
    Ok(Outcome::Done)
}

/// Where each file's list goes: to OUT, or by its own name into the folder OUT.
fn places(args: &ListBuildArgs) -> Result<Vec<PathBuf>, Error> {
    let out = &args.output;
    if let ([_], false) = (&args.files[..], out.is_dir()) {
        return Ok(vec![out.clone()]);
    }
    if !out.is_dir() {
        bail!(
            "{} is no folder, and each of several lists becomes a file of its own; create it, or build \
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
    Ok(places)
}

fn compile(list: &List, path: &Path) -> Result<Vec<u8>, Error> {
    list.compile()
        .with_context(|| format!("cannot compile {}", path.display()))
        .map_err(|error| with_way_out(error, "name the file that it was built from"))
}

/// Writes beside the place, and renames: who has the list there open keeps it, whole.
fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let Some(name) = path.file_name() else {
        bail!("{} names no file", path.display());
    };
    let mut beside = name.to_owned();
    beside.push(format!(".{}.part", process::id()));
    let beside = path.with_file_name(beside);
    let written = File::options()
        .write(true)
        .create_new(true)
        .open(&beside)
        .and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_all()
        })
        .and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        // The error that is told is the one that led here.
        let _ = fs::remove_file(&beside);
    }
    written
        .with_context(|| format!("cannot write {}", path.display()))
        .map_err(|error| with_way_out(error, "name a file in a folder that you may write"))
}
