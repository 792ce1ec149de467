//! This phone as a witness of other people's logs: its key, and what it remembers of each.
//!
//! In `witness/` of the state folder: the seed of the key, in a vault like those of the log, and for each
//! log that was signed its last checkpoint, `HEX.note`. With a new key, should the old one be lost, what
//! is remembered stays.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use portlog_journal::{
    DataKey, Error as JournalError, FolderVault, KeyType, Note, Origin, Random as _, SealedVault,
    Seed, SigningKey, SystemRandom, Vault,
};

use crate::Error;
use crate::files::{read_bounded, write_atomic};

/// Bytes of a remembered checkpoint.
const MAX_NOTE: u64 = 64 << 10;
/// Characters of a witness's name.
const MAX_NAME: usize = 64;

/// What a phone needs to be a witness.
#[derive(Debug)]
pub(super) struct WitnessDesk {
    folder: PathBuf,
    key: Option<DataKey>,
}

impl WitnessDesk {
    pub(super) fn new(state_folder: &Path, key: Option<DataKey>) -> Self {
        Self {
            folder: state_folder.join("witness"),
            key,
        }
    }

    /// The key by which this phone signs, called `name`; made where there is none.
    pub(super) fn key(&self, name: &str) -> Result<SigningKey, Error> {
        self.make()?;
        let mut vault = self.vault();
        let found = match vault.load(0) {
            Ok(seed) => seed,
            // Sealed by a key that is gone.
            Err(JournalError::NoKey(_)) => None,
            Err(error) => return Err(self.fault(error)),
        };
        let seed = if let Some(seed) = found {
            seed
        } else {
            let mut bytes = [0; 32];
            SystemRandom
                .fill(&mut bytes)
                .map_err(|error| self.fault(error))?;
            let seed = Seed::new(bytes);
            vault.save(0, &seed).map_err(|error| self.fault(error))?;
            seed
        };
        SigningKey::new(name, KeyType::Cosignature, &seed)
            .map_err(|rejection| self.fault(rejection.into()))
    }

    /// The last state of a log that this phone signed; `None` where it signed none. One that cannot be
    /// read is an error: taken for none, a rewritten log would be signed as if it were new.
    pub(super) fn remembered(&self, origin: &Origin) -> Result<Option<Note>, Error> {
        let path = self.path(origin);
        let bytes = match read_bounded(&path, MAX_NOTE) {
            Ok(bytes) => bytes,
            Err(Error::Read { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        let note = std::str::from_utf8(&bytes)
            .map_err(|error| error.to_string())
            .and_then(|text| Note::parse(text).map_err(|rejection| rejection.to_string()));
        match note {
            Ok(note) if note.checkpoint().origin == *origin => Ok(Some(note)),
            Ok(_) => Err("it is of another log".to_owned()),
            Err(detail) => Err(detail),
        }
        .map_err(|detail| Error::Damaged { path, detail })
    }

    /// Remembers a state.
    pub(super) fn remember(&self, note: &Note) -> Result<(), Error> {
        let path = self.path(&note.checkpoint().origin);
        write_atomic(&path, note.to_string().as_bytes())
    }

    /// Removes the key and what is remembered.
    pub(super) fn erase(&self) -> Result<(), Error> {
        self.vault().erase(0).map_err(|error| self.fault(error))?;
        match fs::remove_dir_all(&self.folder) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => Err(Error::Write {
                path: self.folder.clone(),
                source,
            }),
            _ => Ok(()),
        }
    }

    fn make(&self) -> Result<(), Error> {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.folder)
            .map_err(|source| Error::Write {
                path: self.folder.clone(),
                source,
            })
    }

    fn vault(&self) -> Box<dyn Vault> {
        match &self.key {
            Some(key) => Box::new(SealedVault::new(self.folder.clone(), key.clone())),
            None => Box::new(FolderVault::new(self.folder.clone())),
        }
    }

    fn path(&self, origin: &Origin) -> PathBuf {
        let hex = origin.as_str().rsplit('/').next().unwrap_or_default();
        self.folder.join(format!("{hex}.note"))
    }

    fn fault(&self, source: JournalError) -> Error {
        Error::Journal {
            folder: self.folder.clone(),
            source,
        }
    }
}

/// The name of a key for what somebody wants to be called: no spaces, no plus sign, ASCII alone; what
/// else there is stands percent-encoded. `None` where nothing is left.
pub(super) fn key_name(wanted: &str) -> Option<String> {
    let mut name = String::new();
    for character in wanted.trim().chars().take(MAX_NAME) {
        match character {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '_' | '.' | '@' | '/' => name.push(character),
            _ if character.is_whitespace() => name.push('-'),
            _ => {
                let mut bytes = [0; 4];
                for byte in character.encode_utf8(&mut bytes).bytes() {
                    // Writing to a string cannot fail.
                    let _ = write!(name, "%{byte:02X}");
                }
            }
        }
    }
    name.truncate(255);
    // A name that a log could have would make an answer look like the log's own.
    (!name.is_empty() && !name.starts_with("portlog/log/")).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_becomes_that_of_a_key() {
        assert_eq!(key_name(" Anna B. ").as_deref(), Some("Anna-B."));
        assert_eq!(key_name("a+b").as_deref(), Some("a%2Bb"));
        assert_eq!(key_name("安").as_deref(), Some("%E5%AE%89"));
        for none in ["", "  ", "portlog/log/00"] {
            assert_eq!(key_name(none), None, "{none}");
        }
        let long = key_name(&"安".repeat(300)).unwrap();
        assert!(long.len() <= 255);
    }

    #[test]
    fn the_key_stays_and_a_lost_one_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let desk = |byte| WitnessDesk::new(folder.path(), Some(DataKey::new([byte; 32])));
        let first = desk(1).key("anna").unwrap();
        let again = desk(1).key("anna").unwrap();
        assert_eq!(first.public(), again.public());
        let other = desk(2).key("anna").unwrap();
        assert_ne!(first.public(), other.public());
        desk(2).erase().unwrap();
        desk(2).erase().unwrap();
        assert!(!folder.path().join("witness").exists());
    }
}
