//! What a session keeps about its log beside the log: what the user said, and who witnessed.
//!
//! A few `name value` lines under a first line with the version. It is about one log: with another
//! origin everything that was said of the old one is forgotten, and only the two switches stay. A file
//! that cannot be read counts as none: the log itself loses nothing by it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use portlog_model::WallTime;

use crate::Error;
use crate::files::{read_bounded, write_atomic};

const VERSION: &str = "portlog/log-state@v1";
const MAX_BYTES: u64 = 64 << 10;
/// Witnesses that are told apart; two are enough for a reset.
const MAX_WITNESSES: usize = 64;

/// What is kept.
#[derive(Clone, Debug, Eq, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "switches and answers that have nothing to do with each other"
)]
pub(crate) struct Kept {
    /// Whether a log is written.
    pub(crate) on: bool,
    /// Whether everyone's connections are recorded.
    pub(crate) everyone: bool,
    /// The log that the rest is about; empty for none.
    pub(crate) origin: String,
    /// When the user said that an export is saved off the phone, and how long the log was in it.
    pub(crate) saved: Option<(WallTime, u64)>,
    /// Whether the user says that two others keep the checkpoint.
    pub(crate) held_by_two: bool,
    /// Whether the user says that the passwords are known.
    pub(crate) passwords: bool,
    /// The log that this one continues, as the user named it; empty for none.
    pub(crate) predecessor: String,
    /// Keys of witnesses whose answers are in the log.
    pub(crate) witnesses: BTreeSet<String>,
}

impl Default for Kept {
    fn default() -> Self {
        Self {
            on: true,
            everyone: false,
            origin: String::new(),
            saved: None,
            held_by_two: false,
            passwords: false,
            predecessor: String::new(),
            witnesses: BTreeSet::new(),
        }
    }
}

impl Kept {
    fn path(folder: &Path) -> PathBuf {
        folder.join("log-state")
    }

    /// What is kept in `folder`.
    pub(crate) fn load(folder: &Path) -> Self {
        read_bounded(&Self::path(folder), MAX_BYTES)
            .ok()
            .and_then(|bytes| Self::parse(std::str::from_utf8(&bytes).ok()?))
            .unwrap_or_default()
    }

    /// Keeps it, whole or not at all.
    pub(crate) fn save(&self, folder: &Path) -> Result<(), Error> {
        write_atomic(&Self::path(folder), self.to_text().as_bytes())
    }

    /// Forgets it.
    pub(crate) fn remove(folder: &Path) {
        let _ = fs::remove_file(Self::path(folder));
    }

    /// Makes it about this log.
    pub(crate) fn about(&mut self, origin: &str) {
        if self.origin != origin {
            *self = Self {
                on: self.on,
                everyone: self.everyone,
                origin: origin.to_owned(),
                ..Self::default()
            };
        }
    }

    /// Takes note of a witness's key.
    pub(crate) fn witness(&mut self, key: String) {
        if self.witnesses.len() < MAX_WITNESSES {
            self.witnesses.insert(key);
        }
    }

    fn to_text(&self) -> String {
        let flag = |flag| if flag { "yes" } else { "no" };
        let mut out = format!(
            "{VERSION}\non {}\neveryone {}\nheld-by-two {}\npasswords {}\n",
            flag(self.on),
            flag(self.everyone),
            flag(self.held_by_two),
            flag(self.passwords)
        );
        for (name, value) in [("origin", &self.origin), ("predecessor", &self.predecessor)] {
            if !value.is_empty() {
                let _ = writeln!(out, "{name} {value}");
            }
        }
        if let Some((at, size)) = self.saved {
            let _ = writeln!(out, "saved {} {size}", at.as_millis());
        }
        for key in &self.witnesses {
            let _ = writeln!(out, "witness {key}");
        }
        out
    }

    /// Lines that are not known are passed over: a newer version's are no reason to forget the rest.
    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        if lines.next()? != VERSION {
            return None;
        }
        let mut kept = Self::default();
        for (name, value) in lines.filter_map(|line| line.split_once(' ')) {
            match name {
                "on" => kept.on = value == "yes",
                "everyone" => kept.everyone = value == "yes",
                "held-by-two" => kept.held_by_two = value == "yes",
                "passwords" => kept.passwords = value == "yes",
                "origin" => value.clone_into(&mut kept.origin),
                "predecessor" => value.clone_into(&mut kept.predecessor),
                "saved" => {
                    let (at, size) = value.split_once(' ')?;
                    let at = WallTime::from_millis(at.parse().ok()?);
                    kept.saved = Some((at, size.parse().ok()?));
                }
                "witness" => kept.witness(value.to_owned()),
                _ => {}
            }
        }
        Some(kept)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full() -> Kept {
        Kept {
            on: false,
            everyone: true,
            origin: "portlog/log/00ff".to_owned(),
            saved: Some((WallTime::from_millis(5), 7)),
            held_by_two: true,
            passwords: true,
            predecessor: "portlog/log/11".to_owned(),
            witnesses: BTreeSet::from(["anna+00112233+AAAA".to_owned()]),
        }
    }

    #[test]
    fn what_is_kept_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Kept::load(folder.path()), Kept::default());
        for kept in [full(), Kept::default()] {
            kept.save(folder.path()).unwrap();
            assert_eq!(Kept::load(folder.path()), kept);
        }
        Kept::remove(folder.path());
        assert_eq!(Kept::load(folder.path()), Kept::default());
    }

    #[test]
    fn what_cannot_be_read_counts_as_nothing() {
        let folder = tempfile::tempdir().unwrap();
        for bytes in [&b""[..], b"\xff", b"portlog/log-state@v9\non no\n", b"x\n"] {
            fs::write(Kept::path(folder.path()), bytes).unwrap();
            assert_eq!(Kept::load(folder.path()), Kept::default());
        }
    }

    #[test]
    fn another_log_keeps_the_switches_alone() {
        let mut kept = full();
        kept.about("portlog/log/00ff");
        assert_eq!(kept, full());
        kept.about("portlog/log/22");
        let wanted = Kept {
            on: false,
            everyone: true,
            origin: "portlog/log/22".to_owned(),
            ..Kept::default()
        };
        assert_eq!(kept, wanted);
    }
}
