//! What people put into the log, and words that the log has for why.

use portlog_model::{ConnectionId, Endpoint};

/// A mark of the operator's.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Mark {
    /// In their words.
    Words(String),
    /// A step that has a name.
    Preset(MarkPreset),
}

/// Steps that have names: those of the laboratory's test, and what else explains a change.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum MarkPreset {
    /// A SIM card was put in.
    SimIn,
    /// A contact was saved.
    ContactSaved,
    /// A message was sent.
    MessageSent,
    /// A service of the maker's was switched off.
    ServiceOff,
    /// The system was updated.
    Update,
    /// Somebody signed in to an account.
    SignIn,
}

impl MarkPreset {
    /// Every preset, in the order in which they are shown.
    pub const ALL: [Self; 6] = [
        Self::SimIn,
        Self::ContactSaved,
        Self::MessageSent,
        Self::ServiceOff,
        Self::Update,
        Self::SignIn,
    ];

    /// The word in a `mark` entry.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SimIn => "sim-in",
            Self::ContactSaved => "contact-saved",
            Self::MessageSent => "message-sent",
            Self::ServiceOff => "service-off",
            Self::Update => "update",
            Self::SignIn => "sign-in",
        }
    }

    /// The preset that [`Self::as_str`] calls so.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|preset| preset.as_str() == word)
    }
}

/// How an earlier log is known.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum KnownBy {
    /// Its file lies here.
    File,
    /// Its checkpoint was scanned.
    Qr,
    /// Its checkpoint was kept elsewhere.
    Copy,
}

impl KnownBy {
    /// The word in a `predecessor` entry.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Qr => "qr",
            Self::Copy => "copy",
        }
    }

    /// What [`Self::as_str`] calls so.
    pub fn from_word(word: &str) -> Option<Self> {
        let all = [Self::File, Self::Qr, Self::Copy];
        all.into_iter().find(|one| one.as_str() == word)
    }
}

/// Why an earlier log is not continued.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PredecessorReason {
    /// Its file is damaged.
    Damaged,
    /// Its secret keys are gone.
    KeysLost,
    /// The phone was reset.
    Reset,
    /// It was brought back from a copy.
    Restored,
}

impl PredecessorReason {
    /// The word in a `predecessor` entry.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Damaged => "damaged",
            Self::KeysLost => "keys-lost",
            Self::Reset => "reset",
            Self::Restored => "restored",
        }
    }

    /// What [`Self::as_str`] calls so.
    pub fn from_word(word: &str) -> Option<Self> {
        let all = [Self::Damaged, Self::KeysLost, Self::Reset, Self::Restored];
        all.into_iter().find(|one| one.as_str() == word)
    }
}

/// What became of a practice alert.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PracticeOutcome {
    /// It began.
    Begun,
    /// Every link held.
    Passed,
    /// A link did not hold.
    Failed,
}

impl PracticeOutcome {
    /// The word in a `practice` entry.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Begun => "begun",
            Self::Passed => "passed",
            Self::Failed => "failed",
        }
    }
}

/// A practice alert, for the log.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PracticeMark {
    /// What became of it.
    pub outcome: PracticeOutcome,
    /// The practice connection, where it was seen.
    pub connection: Option<ConnectionId>,
    /// Its peer.
    pub remote: Option<Endpoint>,
    /// What else there is to say, such as the link that failed.
    pub detail: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presets_have_words_of_their_own_that_lead_back() {
        for preset in MarkPreset::ALL {
            assert_eq!(MarkPreset::from_word(preset.as_str()), Some(preset));
        }
        assert_eq!(MarkPreset::from_word("lunch"), None);
        assert_eq!(KnownBy::from_word("qr"), Some(KnownBy::Qr));
        let lost = PredecessorReason::KeysLost;
        assert_eq!(PredecessorReason::from_word(lost.as_str()), Some(lost));
    }
}
