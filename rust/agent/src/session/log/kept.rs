//! What a session keeps about its log beside the log: what the user said, and who witnessed.
//!
//! A few `name value` lines under a first line with the version. It is about one log: with another
//! origin everything that was said of the old one is forgotten, and only the two switches stay. A file
//! that cannot be read counts as none: the log itself loses nothing by it.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::num::NonZeroUsize;
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
pub(crate) struct Kept {
    /// Whether a log is written.
    pub(crate) on: bool,
    /// Whether everyone's connections are recorded.
    pub(crate) everyone: bool,
    /// The log that the rest is about; empty for none.
    pub(crate) origin: String,
    /// When the user said that an export is saved off the phone, and how long the log was in it.
    pub(crate) saved: Option<(WallTime, u64)>,
    /// How long the log was when the user said that two others keep the checkpoint; `None` where that
    /// was not said.
    pub(crate) held_by_two: Option<u64>,
    /// Whether the user says that the passwords are known.
    pub(crate) passwords: bool,
    /// The log that this one continues, as the user named it; empty for none.
    pub(crate) predecessor: String,
    /// Keys of witnesses whose answers are in the log, and how much of it each has signed.
    pub(crate) witnesses: BTreeMap<String, u64>,
}

impl Default for Kept {
    fn default() -> Self {
        Self {
            on: true,
            everyone: false,
            origin: String::new(),
            saved: None,
            held_by_two: None,
            passwords: false,
            predecessor: String::new(),
            witnesses: BTreeMap::new(),
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

    /// Takes note of a witness's key and of the entries that it signed.
    pub(crate) fn witness(&mut self, key: String, size: u64) {
        if let Some(signed) = self.witnesses.get_mut(&key) {
            *signed = size.max(*signed);
        } else if self.witnesses.len() < MAX_WITNESSES {
            self.witnesses.insert(key, size);
        }
    }

    /// How many entries at least `witnesses` of them have signed; `None` where there are not so many.
    pub(crate) fn signed_by(&self, witnesses: NonZeroUsize) -> Option<u64> {
        let mut sizes: Vec<u64> = self.witnesses.values().copied().collect();
        sizes.sort_unstable_by_key(|size| Reverse(*size));
        sizes.get(witnesses.get() - 1).copied()
    }

    fn to_text(&self) -> String {
        let flag = |flag| if flag { "yes" } else { "no" };
        let mut out = format!(
            "{VERSION}\non {}\neveryone {}\npasswords {}\n",
            flag(self.on),
            flag(self.everyone),
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
        if let Some(size) = self.held_by_two {
            let _ = writeln!(out, "held-by-two {size}");
        }
        for (key, size) in &self.witnesses {
            let _ = writeln!(out, "witness {key} {size}");
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
                "held-by-two" => kept.held_by_two = value.parse().ok(),
                "passwords" => kept.passwords = value == "yes",
                "origin" => value.clone_into(&mut kept.origin),
                "predecessor" => value.clone_into(&mut kept.predecessor),
                "saved" => {
                    let (at, size) = value.split_once(' ')?;
                    let at = WallTime::from_millis(at.parse().ok()?);
                    kept.saved = Some((at, size.parse().ok()?));
                }
                "witness" => {
                    let (key, size) = value.split_once(' ').unwrap_or((value, ""));
                    // What a witness signed that nobody noted covers nothing.
                    kept.witness(key.to_owned(), size.parse().unwrap_or(0));
                }
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
            held_by_two: Some(9),
            passwords: true,
            predecessor: "portlog/log/11".to_owned(),
            witnesses: BTreeMap::from([("anna+00112233+AAAA".to_owned(), 8)]),
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
    fn the_states_that_two_have_signed_are_those_of_the_second() {
        let mut kept = Kept::default();
        let two = NonZeroUsize::new(2).unwrap();
        kept.witness("anna".to_owned(), 9);
        assert_eq!(kept.signed_by(two), None);
        kept.witness("bert".to_owned(), 4);
        assert_eq!(kept.signed_by(two), Some(4));
        kept.witness("bert".to_owned(), 7);
        kept.witness("anna".to_owned(), 3);
        assert_eq!(kept.signed_by(two), Some(7));
        kept.witness("carl".to_owned(), 8);
        assert_eq!(kept.signed_by(two), Some(8));
    }

    #[test]
    fn a_witness_of_whom_no_state_was_noted_covers_nothing() {
        let text = format!("{VERSION}\nheld-by-two yes\nwitness anna\nwitness bert 5\n");
        let kept = Kept::parse(&text).unwrap();
        assert_eq!(kept.held_by_two, None);
        assert_eq!(kept.signed_by(NonZeroUsize::new(2).unwrap()), Some(0));
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
