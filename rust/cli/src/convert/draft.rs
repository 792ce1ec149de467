//! A file or folder that is there whole or not at all, and never in the place of another.
//!
//! A table that was cut in the middle looks like a whole one. So what is written grows under another
//! name beside its place, which is taken by an empty file or folder from the start, and is renamed over
//! that when it is done.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::process;

use anyhow::{Context as _, Error, anyhow};

use crate::exit::with_way_out;

/// What is written until it is kept. Dropped before, it leaves nothing.
#[derive(Debug)]
pub(super) struct Draft {
    path: PathBuf,
    out: PathBuf,
    is_folder: bool,
    is_kept: bool,
}

impl Draft {
    /// A new file, still without its path's file.
    pub(super) fn file(out: &Path) -> Result<Self, Error> {
        new_file(out).map_err(|error| cannot_write(error, out))?;
        Self::reserved(out, false)
    }

    /// A new and empty folder.
    pub(super) fn folder(out: &Path) -> Result<Self, Error> {
        new_folder(out).map_err(|error| cannot_write(error, out))?;
        let draft = Self::reserved(out, true)?;
        new_folder(&draft.path).map_err(|error| cannot_write(error, &draft.path))?;
        Ok(draft)
    }

    /// Where it is written.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Gives it its name.
    pub(super) fn keep(mut self) -> Result<(), Error> {
        fs::rename(&self.path, &self.out)
            .with_context(|| format!("cannot write {}", self.out.display()))?;
        self.is_kept = true;
        Ok(())
    }

    fn reserved(out: &Path, is_folder: bool) -> Result<Self, Error> {
        let draft = |name: &str| out.with_file_name(format!(".{name}.{}.partial", process::id()));
        let path = out.file_name().map(|name| draft(&name.to_string_lossy()));
        let path = path.ok_or_else(|| anyhow!("{} names no file; name one", out.display()))?;
        Ok(Self {
            path,
            out: out.to_owned(),
            is_folder,
            is_kept: false,
        })
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if self.is_kept {
            return;
        }
        // The error that is told is the one that led here. The place itself is removed as what it is:
        // an empty file, or an empty folder.
        if self.is_folder {
            let _ = fs::remove_dir_all(&self.path);
            let _ = fs::remove_dir(&self.out);
        } else {
            let _ = fs::remove_file(&self.path);
            let _ = fs::remove_file(&self.out);
        }
    }
}

/// A file that is new and readable by its owner alone.
pub(super) fn writer(path: &Path) -> Result<BufWriter<File>, Error> {
    let file = new_file(path).map_err(|error| cannot_write(error, path))?;
    Ok(BufWriter::new(file))
}

/// Writes what is left of it, down to the disk.
pub(super) fn finish(writer: BufWriter<File>, path: &Path) -> Result<(), Error> {
    writer
        .into_inner()
        .map_err(io::IntoInnerError::into_error)
        .and_then(|file| file.sync_all())
        .map_err(|error| cannot_write(error, path))
}

/// Writes a whole file, with the same rights.
pub(super) fn write_file(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let mut writer = writer(path)?;
    writer
        .write_all(bytes)
        .map_err(|error| cannot_write(error, path))?;
    finish(writer, path)
}

/// A new folder that its owner alone may enter.
pub(super) fn new_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(path)
}

fn new_file(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
}

pub(super) fn cannot_write(error: io::Error, path: &Path) -> Error {
    let way_out = match error.kind() {
        ErrorKind::AlreadyExists => {
            return anyhow!(
                "{} is there already and is not overwritten; name another place",
                path.display()
            );
        }
        ErrorKind::NotFound => "name a place in a folder that is there",
        ErrorKind::StorageFull => "make room, or name a place on another disk",
        _ => "name a place that you may write to",
    };
    let error = Error::new(error).context(format!("cannot write {}", path.display()));
    with_way_out(error, way_out)
}
