//! The few facts of a session that are kept beside the engine's state: a small versioned file.

use std::path::PathBuf;

use portlog_model::WallTime;
use serde::{Deserialize, Serialize};

use super::history::set_aside;
use crate::Error;
use crate::files::{read_bounded, write_atomic};

const VERSION: u64 = 1;
const MAX_BYTES: u64 = 64 << 10;

/// Where it is.
#[derive(Debug)]
pub(crate) struct KeptFile {
    path: PathBuf,
}

/// What is kept.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Kept {
    /// When a practice alert last passed as a whole.
    pub(crate) practice_passed: Option<WallTime>,
    /// The local day of the latest summary of what was noted, in days since 1970.
    pub(crate) summary_day: Option<i64>,
}

#[derive(Deserialize, Serialize)]
struct Envelope {
    version: u64,
    #[serde(flatten)]
    kept: Kept,
}

#[derive(Deserialize)]
struct VersionOnly {
    version: u64,
}

impl KeptFile {
    /// The file in `folder`.
    pub(crate) fn in_folder(folder: &std::path::Path) -> Self {
        Self {
            path: folder.join("session.json"),
        }
    }

    /// Reads it. A damaged one is put aside and `true` says so.
    pub(crate) fn load(&self, now: WallTime) -> Result<(Kept, bool), Error> {
        if !self.path.exists() {
            return Ok((Kept::default(), false));
        }
        let bytes = read_bounded(&self.path, MAX_BYTES).or_else(|error| match error {
            Error::TooLarge { .. } => Ok(Vec::new()),
            error => Err(error),
        })?;
        if let Ok(VersionOnly { version }) = serde_json::from_slice(&bytes)
            && version > VERSION
        {
            return Err(Error::Newer {
                path: self.path.clone(),
                found: version,
                known: VERSION,
            });
        }
        if let Ok(envelope) = serde_json::from_slice::<Envelope>(&bytes) {
            return Ok((envelope.kept, false));
        }
        set_aside(&self.path, now)?;
        Ok((Kept::default(), true))
    }

    /// Writes it, whole or not at all.
    pub(crate) fn save(&self, kept: Kept) -> Result<(), Error> {
        let envelope = Envelope {
            version: VERSION,
            kept,
        };
        let bytes = serde_json::to_vec(&envelope).map_err(|error| Error::Write {
            path: self.path.clone(),
            source: error.into(),
        })?;
        write_atomic(&self.path, &bytes)
    }
}
