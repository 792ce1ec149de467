//! Where an entry's text stands in its list's text, and on which line of the file.

/// The texts of a list's entries behind one another, and their names in canonical form.
///
/// One buffer and 32-bit offsets instead of a string for each entry: a list of a million names
/// then costs little more than its file.
#[derive(Debug, Default)]
pub(crate) struct Text(String);

/// A piece of [`Text`].
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Entry {
    offset: u32,
    /// The line in the file, from 1.
    pub(crate) line: u32,
    length: u16,
}

impl Text {
    /// Keeps `text`; `None` where the buffer is full or `text` longer than an entry may be.
    pub(crate) fn push(&mut self, text: &str, line: u32) -> Option<Entry> {
        let entry = Entry {
            offset: u32::try_from(self.0.len()).ok()?,
            line,
            length: u16::try_from(text.len()).ok()?,
        };
        u32::try_from(self.0.len().checked_add(text.len())?).ok()?;
        self.0.push_str(text);
        Some(entry)
    }

    /// Forgets what was kept from `entry` on.
    pub(crate) fn truncate(&mut self, entry: Entry) {
        self.0.truncate(to_usize(entry.offset));
    }

    /// The text of `entry`.
    pub(crate) fn get(&self, entry: Entry) -> &str {
        self.slice(entry.offset, usize::from(entry.length))
    }

    /// `length` bytes from `offset` on; empty where there are none.
    pub(crate) fn slice(&self, offset: u32, length: usize) -> &str {
        let start = to_usize(offset);
        self.0
            .get(start..start.saturating_add(length))
            .unwrap_or("")
    }

    /// Gives back what was reserved and not used.
    pub(crate) fn shrink(&mut self) {
        self.0.shrink_to_fit();
    }
}

impl Entry {
    /// Where it begins.
    pub(crate) const fn offset(self) -> u32 {
        self.offset
    }
}

/// 32-bit offsets fit everywhere that this runs: pointers have 32 or 64 bits.
const fn to_usize(offset: u32) -> usize {
    offset as usize
}
