//! What a witness keeps on its own machine: its key, and of each log the last state that it signed.
//!
//! ```text
//! DIR/key            portlog/witness-key@v1, its name, its secret (0600)
//! DIR/logs/HEX       a bundle without entries: the state, the keys, where the log's own words end
//! DIR/lock           held while one of these is read and written
//! ```
//!
//! A remembered state is a bundle so that it is checked by the same way through when it is read back, and
//! so that a proof of two histories has the keys of both.

use std::env;
use std::fs::{self, DirBuilder, File};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Error, anyhow, bail};
use portlog_journal::{Hash, KeyType, Origin, Random as _, Seed, SigningKey, SystemRandom};

use super::bundle_file::BundleFile;
use crate::exit::with_way_out;

const KEY_VERSION: &str = "portlog/witness-key@v1";
/// A key's file is three lines.
const MAX_KEY_FILE: u64 = 4096;
/// The beginning of every origin.
const ORIGIN: &str = "portlog/log/";

/// A witness's folder, which nobody else uses meanwhile.
#[derive(Debug)]
pub(super) struct Memory {
    folder: PathBuf,
    /// Held for as long as this is.
    _lock: File,
}

impl Memory {
    /// The folder that was named, else `portlog/witness` in the user's XDG state folder.
    pub(super) fn open(named: Option<&Path>) -> Result<Self, Error> {
        let folder = named
            .map(Path::to_owned)
            .or_else(usual_folder)
            .ok_or_else(|| {
                anyhow!(
                    "there is no home folder to keep the witness's key in; name one with --state"
                )
            })?;
        let make = |path: &Path| {
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(path)
                .with_context(|| format!("cannot make the folder {}", path.display()))
        };
        make(&folder.join("logs"))?;
        let path = folder.join("lock");
        let lock = File::options()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .and_then(|lock| lock.lock().map(|()| lock))
            .with_context(|| format!("cannot lock {}", path.display()))?;
        Ok(Self {
            folder,
            _lock: lock,
        })
    }

    /// The witness's key, made on first use; `name` is what a new one is called.
    pub(super) fn key(&self, name: Option<&str>) -> Result<SigningKey, Error> {
        let path = self.folder.join("key");
        let key = match read_key(&path) {
            Ok(Some(key)) => key,
            Ok(None) => return new_key(&path, name),
            Err(error) => {
                let error =
                    error.context(format!("cannot use the witness's key {}", path.display()));
                return Err(with_way_out(
                    error,
                    "bring it back from a copy, or name another --state to begin as another witness",
                ));
            }
        };
        match name {
            Some(name) if name != key.public().name() => bail!(
                "this witness is called {}, and people know its key by that name; leave out --name, or \
                 name another --state to begin as another witness",
                key.public().name()
            ),
            _ => Ok(key),
        }
    }

    /// What it remembers of a log, where it ever saw it.
    pub(super) fn log(&self, origin: &Origin) -> Result<Option<BundleFile>, Error> {
        let path = self.log_path(origin);
        match fs::symlink_metadata(&path) {
            Ok(_) => Ok(Some(BundleFile::new(&path))),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
        }
    }

    /// Remembers a state: a bundle without entries.
    pub(super) fn remember(&self, origin: &Origin, state: &str) -> Result<(), Error> {
        write(&self.log_path(origin), state)
    }

    fn log_path(&self, origin: &Origin) -> PathBuf {
        let origin = origin.as_str();
        let digits = origin.strip_prefix(ORIGIN).unwrap_or(origin);
        self.folder.join("logs").join(digits)
    }
}

/// The whole file or the one before, 0600.
fn write(path: &Path, text: &str) -> Result<(), Error> {
    let beside = path.with_extension("new");
    let written = File::options()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&beside)
        .and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()
        })
        .and_then(|()| fs::rename(&beside, path))
        .and_then(|()| match path.parent() {
            Some(folder) => File::open(folder)?.sync_all(),
            None => Ok(()),
        });
    written
        .with_context(|| format!("cannot write {}", path.display()))
        .map_err(|error| {
            with_way_out(
                error,
                "nothing was signed, as a witness must be able to remember it",
            )
        })
}

fn new_key(path: &Path, name: Option<&str>) -> Result<SigningKey, Error> {
    let mut secret = [0; 32];
    SystemRandom.fill(&mut secret)?;
    let seed = Seed::new(secret);
    // A name that tells nothing of its machine.
    let usual = format!(
        "portlog-witness/{}",
        hex(&Hash::of(&[b"name\n", &secret]), 8)
    );
    let name = name.unwrap_or(&usual);
    let key = SigningKey::new(name, KeyType::Cosignature, &seed)
        .with_context(|| format!("--name {name} cannot be a witness's name"))
        .map_err(|error| {
            with_way_out(
                error,
                "1 to 255 characters, no space and no '+', such as anna.example.test",
            )
        })?;
    let secret = Hash::new(*seed.as_bytes()).to_hex();
    write(
        path,
        &format!("{KEY_VERSION}\nname {name}\nseed {secret}\n"),
    )?;
    Ok(key)
}

fn read_key(path: &Path) -> Result<Option<SigningKey>, Error> {
    let mut text = String::new();
    match File::open(path) {
        Ok(file) => file.take(MAX_KEY_FILE).read_to_string(&mut text)?,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let mut lines = text.lines();
    match lines.next() {
        Some(KEY_VERSION) => {}
        Some(line) if line.starts_with("portlog/witness-key@v") => {
            bail!("it was written by a newer Portlog")
        }
        _ => bail!("it is damaged"),
    }
    let name = lines.next().and_then(|line| line.strip_prefix("name "));
    let seed = lines.next().and_then(|line| line.strip_prefix("seed "));
    let (Some(name), Some(seed), None) = (name, seed.and_then(Hash::from_hex), lines.next()) else {
        bail!("it is damaged");
    };
    let seed = Seed::new(*seed.as_bytes());
    Ok(Some(SigningKey::new(name, KeyType::Cosignature, &seed)?))
}

/// `$XDG_STATE_HOME/portlog/witness`, else below `~/.local/state` (XDG Base Directory
/// Specification: a path that is not absolute is ignored).
fn usual_folder() -> Option<PathBuf> {
    let absolute = |name| {
        env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let folder = absolute("XDG_STATE_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".local/state")))?;
    Some(folder.join("portlog/witness"))
}

fn hex(hash: &Hash, digits: usize) -> String {
    hash.to_hex().chars().take(digits).collect()
}
