//! Writing the compact form.

use super::Compact;

/// A record that is being written.
#[derive(Debug, Default)]
pub struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// What was written.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Appends `bytes` as they are.
    pub fn put(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Appends a text.
    pub fn text(&mut self, text: &str) {
        self.length(text.len());
        self.put(text.as_bytes());
    }

    /// Appends a list.
    pub fn list<T: Compact>(&mut self, items: &[T]) {
        self.length(items.len());
        for item in items {
            item.write(self);
        }
    }

    /// A length or count. One that no `u32` holds is written as the largest: such a record is
    /// longer than a Java array can be and is refused as a whole before it leaves.
    fn length(&mut self, length: usize) {
        u32::try_from(length).unwrap_or(u32::MAX).write(self);
    }
}
