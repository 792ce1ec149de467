//! Fields as bytes: whole numbers little-endian, texts and lists behind their length.

use super::FrameError;

/// Reads fields from the body of one frame; never beyond it.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) const fn new(body: &'a [u8]) -> Self {
        Self { rest: body }
    }

    /// Whether everything was read.
    pub(super) fn end(&self) -> Result<(), FrameError> {
        match self.rest.len() {
            0 => Ok(()),
            left => Err(FrameError::Trailing(left)),
        }
    }

    pub(super) fn array<const N: usize>(
        &mut self,
        what: &'static str,
    ) -> Result<[u8; N], FrameError> {
        let (first, rest) = self
            .rest
            .split_first_chunk::<N>()
            .ok_or(FrameError::CutOff(what))?;
        self.rest = rest;
        Ok(*first)
    }

    pub(super) fn bytes(&mut self, len: usize, what: &'static str) -> Result<&'a [u8], FrameError> {
        let (first, rest) = self
            .rest
            .split_at_checked(len)
            .ok_or(FrameError::CutOff(what))?;
        self.rest = rest;
        Ok(first)
    }

    pub(super) fn u8(&mut self, what: &'static str) -> Result<u8, FrameError> {
        Ok(u8::from_le_bytes(self.array(what)?))
    }

    pub(super) fn u16(&mut self, what: &'static str) -> Result<u16, FrameError> {
        Ok(u16::from_le_bytes(self.array(what)?))
    }

    pub(super) fn u32(&mut self, what: &'static str) -> Result<u32, FrameError> {
        Ok(u32::from_le_bytes(self.array(what)?))
    }

    pub(super) fn u64(&mut self, what: &'static str) -> Result<u64, FrameError> {
        Ok(u64::from_le_bytes(self.array(what)?))
    }

    pub(super) fn i32(&mut self, what: &'static str) -> Result<i32, FrameError> {
        Ok(i32::from_le_bytes(self.array(what)?))
    }

    pub(super) fn i64(&mut self, what: &'static str) -> Result<i64, FrameError> {
        Ok(i64::from_le_bytes(self.array(what)?))
    }

    /// A byte that is 0 or 1.
    pub(super) fn flag(&mut self, what: &'static str) -> Result<bool, FrameError> {
        match self.u8(what)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(FrameError::Value(what)),
        }
    }

    /// A value behind a flag that says whether it is there.
    pub(super) fn option<T>(
        &mut self,
        what: &'static str,
        read: impl FnOnce(&mut Self) -> Result<T, FrameError>,
    ) -> Result<Option<T>, FrameError> {
        self.flag(what)?.then(|| read(self)).transpose()
    }

    /// How many items follow, each of at least `least` bytes: at most `limit`, and no more than the
    /// rest of the frame can hold, so that it may be allocated for.
    pub(super) fn count(
        &mut self,
        limit: usize,
        least: usize,
        what: &'static str,
    ) -> Result<usize, FrameError> {
        let count = usize::from(self.u16(what)?);
        if count > limit {
            return Err(FrameError::TooMany(what));
        }
        if count.saturating_mul(least) > self.rest.len() {
            return Err(FrameError::CutOff(what));
        }
        Ok(count)
    }

    /// A text of at most `limit` bytes.
    pub(super) fn text(&mut self, limit: usize, what: &'static str) -> Result<&'a str, FrameError> {
        let len = usize::from(self.u16(what)?);
        if len > limit {
            return Err(FrameError::TooMany(what));
        }
        std::str::from_utf8(self.bytes(len, what)?).map_err(|_| FrameError::Value(what))
    }
}

/// Appends an optional value behind its flag.
pub(super) fn put_option<T>(
    out: &mut Vec<u8>,
    value: Option<T>,
    put: impl FnOnce(&mut Vec<u8>, T),
) {
    out.push(u8::from(value.is_some()));
    if let Some(value) = value {
        put(out, value);
    }
}

/// Appends how many items follow. A list longer than its bound is cut by whoever made it.
pub(super) fn put_count(out: &mut Vec<u8>, count: usize) {
    out.extend(u16::try_from(count).unwrap_or(u16::MAX).to_le_bytes());
}

/// Appends a text, cut at `limit` bytes.
pub(super) fn put_text(out: &mut Vec<u8>, text: &str, limit: usize) {
    let text = cut(text, limit);
    put_count(out, text.len());
    out.extend(text.as_bytes());
}

/// The start of `text` that has at most `limit` bytes and no half character.
pub(super) fn cut(text: &str, limit: usize) -> &str {
    text.get(..text.floor_char_boundary(limit)).unwrap_or(text)
}
