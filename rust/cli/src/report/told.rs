//! What an entry tells of a field: a value, nothing, or that it is withheld.

use portlog_journal::bundle::ShownEntry;
use portlog_journal::entry::Kind;

/// The most characters of a value that the page shows.
pub(crate) const MAX_CHARS: usize = 400;

/// What is known of a value.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Told {
    /// The value, as the file has it; so many characters are left out at its end.
    Value(Box<str>, u64),
    /// The field says nothing.
    Nothing,
    /// The sharer withheld it.
    Withheld,
}

impl Told {
    /// The value as far as the page shows it.
    pub(crate) fn of(text: &str) -> Self {
        let cut = text.char_indices().nth(MAX_CHARS).map(|(at, _)| at);
        let (shown, rest) = text.split_at(cut.unwrap_or(text.len()));
        let left = u64::try_from(rest.chars().count()).unwrap_or(u64::MAX);
        Self::Value(shown.into(), left)
    }

    /// The value, where it is told and whole.
    pub(crate) fn whole(&self) -> Option<&str> {
        match self {
            Self::Value(text, 0) => Some(text),
            _ => None,
        }
    }
}

/// An entry whose fields are found by name at once.
#[derive(Debug)]
pub(crate) struct Row<'a> {
    pub(crate) index: u64,
    pub(crate) kind: Kind,
    pub(crate) session: Option<u64>,
    /// In order: `None` is withheld.
    values: Vec<Option<&'a str>>,
}

impl<'a> Row<'a> {
    pub(crate) fn new(entry: &'a ShownEntry) -> Self {
        Self {
            index: entry.index(),
            kind: entry.kind(),
            session: entry.session(),
            values: entry.fields().map(|(_, value)| value).collect(),
        }
    }

    /// The value of a field that is disclosed and says something.
    pub(crate) fn value(&self, name: &str) -> Option<&'a str> {
        let at = self.kind.position(name)?;
        let value = self.values.get(at).copied().flatten();
        value.filter(|value| *value != "-")
    }

    /// A number.
    pub(crate) fn number(&self, name: &str) -> Option<u64> {
        self.value(name)?.parse().ok()
    }

    /// What the field tells.
    pub(crate) fn told(&self, name: &str) -> Told {
        if self.is_withheld(name) {
            return Told::Withheld;
        }
        self.value(name).map_or(Told::Nothing, Told::of)
    }

    /// Whether the field is withheld.
    pub(crate) fn is_withheld(&self, name: &str) -> bool {
        let at = self.kind.position(name);
        at.and_then(|at| self.values.get(at))
            .is_some_and(Option::is_none)
    }

    /// The values behind the fixed fields: the owners of a packages entry.
    pub(crate) fn owners(&self) -> impl Iterator<Item = Option<&'a str>> {
        self.values.iter().skip(self.kind.fields().len()).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_value_is_cut_between_characters_and_says_how_much_is_left() {
        let long = "ä".repeat(MAX_CHARS + 7);
        let Told::Value(shown, left) = Told::of(&long) else {
            panic!("a value")
        };
        assert_eq!((shown.chars().count(), left), (MAX_CHARS, 7));
        assert_eq!(Told::of("ab").whole(), Some("ab"));
        assert_eq!(Told::of(&long).whole(), None);
    }
}
