//! The name of a log, which certifies its first key.

use std::fmt;

use crate::digest::Hash;
use crate::key::PublicKey;

/// The name of a log: `portlog/log/` and 64 hexadecimal digits, a digest of its first key.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Origin(Box<str>);

const PREFIX: &str = "portlog/log/";

impl Origin {
    /// The origin of the log whose epoch 0 signs with this Ed25519 key.
    pub(crate) fn of_key(key: &[u8; 32]) -> Self {
        let digest = Hash::of(&[b"portlog/log/v1\n\x01", key]);
        Self(format!("{PREFIX}{}", digest.to_hex()).into())
    }

    /// Reads an origin; `None` where `text` is none.
    pub fn parse(text: &str) -> Option<Self> {
        Hash::from_hex(text.strip_prefix(PREFIX)?).map(|_| Self(text.into()))
    }

    /// Whether `key` is the first key of this log.
    pub fn certifies(&self, key: &PublicKey) -> bool {
        Self::of_key(key.as_bytes()) == *self
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}
