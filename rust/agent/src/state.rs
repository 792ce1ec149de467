//! What the agent remembers between runs: first-seen, counts, cool-downs and mutes, and when it
//! last lived.
//!
//! One versioned JSON file, written whole before anything it speaks of is told, so that a kill
//! and a restart raise nothing twice.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use portlog_model::Moment;
use portlog_watch::History;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::files::{read_bounded, write_atomic};

/// The newest version of the file that this build reads and the one that it writes.
const VERSION: u64 = 1;
/// No history that the engine keeps within its bounds comes near this.
const MAX_BYTES: u64 = 64 << 20;

/// The state file of one watch.
#[derive(Debug)]
pub(crate) struct StateFile {
    path: PathBuf,
}

/// What it holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct State {
    /// The engine's memory.
    pub(crate) history: History,
    /// The kernel's boot id when it was written.
    pub(crate) boot_id: Option<Arc<str>>,
    /// When it was written: the watch was alive then.
    pub(crate) alive: Option<Moment>,
}

#[derive(Deserialize, Serialize)]
struct Envelope<H> {
    version: u64,
    boot_id: Option<String>,
    alive: Option<Moment>,
    history: H,
}

#[derive(Deserialize)]
struct VersionOnly {
    version: u64,
}

impl StateFile {
    /// The state file in `folder`, which is made (0700) where it is missing.
    pub(crate) fn in_folder(folder: &Path) -> Result<Self, Error> {
        use std::os::unix::fs::DirBuilderExt;
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(|source| Error::Write {
                path: folder.to_owned(),
                source,
            })?;
        Ok(Self {
            path: folder.join("state.json"),
        })
    }

    /// Reads it; a file that does not exist is an empty state.
    pub(crate) fn load(&self) -> Result<State, Error> {
        if !self.path.exists() {
            return Ok(State::default());
        }
        let bytes = read_bounded(&self.path, MAX_BYTES)?;
        let damaged = |error: serde_json::Error| Error::Damaged {
            path: self.path.clone(),
            detail: error.to_string(),
        };
        let VersionOnly { version } = serde_json::from_slice(&bytes).map_err(damaged)?;
        if version > VERSION {
            return Err(Error::Newer {
                path: self.path.clone(),
                found: version,
                known: VERSION,
            });
        }
        let envelope: Envelope<History> = serde_json::from_slice(&bytes).map_err(damaged)?;
        Ok(State {
            history: envelope.history,
            boot_id: envelope.boot_id.map(Arc::from),
            alive: envelope.alive,
        })
    }

    /// Writes it, whole or not at all.
    pub(crate) fn save(
        &self,
        history: &History,
        boot_id: Option<&str>,
        alive: Option<Moment>,
    ) -> Result<(), Error> {
        let envelope = Envelope {
            version: VERSION,
            boot_id: boot_id.map(str::to_owned),
            alive,
            history,
        };
        let bytes = serde_json::to_vec(&envelope).map_err(|error| Error::Write {
            path: self.path.clone(),
            source: error.into(),
        })?;
        write_atomic(&self.path, &bytes)
    }
}

#[cfg(test)]
mod tests {
    use portlog_model::{BootTime, WallTime};

    use super::*;

    const AT: Moment = Moment {
        wall: WallTime::from_millis(5),
        boot: BootTime::from_nanos(7),
    };

    #[test]
    fn what_was_saved_is_loaded() {
        let folder = tempfile::tempdir().unwrap();
        let file = StateFile::in_folder(&folder.path().join("new/state")).unwrap();
        assert_eq!(file.load().unwrap(), State::default());
        file.save(&History::default(), Some("abc"), Some(AT))
            .unwrap();
        let state = file.load().unwrap();
        assert_eq!(
            (state.boot_id.as_deref(), state.alive),
            (Some("abc"), Some(AT))
        );
    }

    #[test]
    fn a_newer_file_is_refused_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let file = StateFile::in_folder(folder.path()).unwrap();
        fs::write(&file.path, r#"{"version": 2, "shape": "unknown"}"#).unwrap();
        let error = file.load().unwrap_err();
        assert!(
            matches!(
                error,
                Error::Newer {
                    found: 2,
                    known: 1,
                    ..
                }
            ),
            "{error}"
        );
        assert!(file.path.exists());
    }

    #[test]
    fn a_damaged_file_is_named_with_the_place_of_the_damage() {
        let folder = tempfile::tempdir().unwrap();
        let file = StateFile::in_folder(folder.path()).unwrap();
        fs::write(&file.path, "{\"version\": 1,\n oops").unwrap();
        let error = file.load().unwrap_err().to_string();
        assert!(
            error.contains("state.json") && error.contains("line 2"),
            "{error}"
        );
    }
}
