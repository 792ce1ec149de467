//! Files and lines from outside: bounded before anything is allocated for them, and every line that
//! cannot be used is counted.

use std::borrow::Cow;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::{Error, LineError};

/// A line that could not be used.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BadLine {
    /// Its number, from 1.
    pub line: u32,
    /// What is wrong.
    pub reason: LineError,
}

/// Bad lines: all counted, the first few kept.
#[derive(Clone, Debug, Default)]
pub(crate) struct BadLines {
    pub(crate) count: u32,
    pub(crate) first: Vec<BadLine>,
}

impl BadLines {
    const KEPT: usize = 64;

    pub(crate) fn add(&mut self, line: u32, reason: LineError) {
        self.count = self.count.saturating_add(1);
        if self.first.len() < Self::KEPT {
            self.first.push(BadLine { line, reason });
        }
    }

    pub(crate) fn first_line(&self) -> Option<u32> {
        self.first.first().map(|bad| bad.line)
    }
}

/// Reads `path`, but not more than `limit` bytes and one: the one tells that it is longer.
pub(crate) fn read_bounded(path: &Path, limit: usize) -> Result<Vec<u8>, Error> {
    let fail = |source| Error::Read {
        path: path.to_owned(),
        source,
    };
    let file = File::open(path).map_err(fail)?;
    let limit = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    file.take(limit).read_to_end(&mut bytes).map_err(fail)?;
    Ok(bytes)
}

/// The bytes as they would stand in UTF-8 without a byte order mark. Windows' shells write UTF-16
/// where output is redirected, so a saved `adb shell pm list packages` comes that way, too.
pub(crate) fn as_utf8(bytes: &[u8]) -> Cow<'_, [u8]> {
    let (rest, little) = match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => return Cow::Borrowed(rest),
        [0xFF, 0xFE, rest @ ..] => (rest, true),
        [0xFE, 0xFF, rest @ ..] => (rest, false),
        _ => return Cow::Borrowed(bytes),
    };
    let units = rest.as_chunks().0.iter().map(|&pair| {
        if little {
            u16::from_le_bytes(pair)
        } else {
            u16::from_be_bytes(pair)
        }
    });
    let text: String = char::decode_utf16(units)
        .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect();
    Cow::Owned(text.into_bytes())
}

/// The lines of `bytes` with their numbers from 1, without line ends (LF, CRLF, and the CR CR LF
/// that a PTY makes of CRLF).
pub(crate) fn lines(
    bytes: &[u8],
    longest: usize,
) -> impl Iterator<Item = (u32, Result<&str, LineError>)> {
    let body = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let count = if bytes.is_empty() { 0 } else { usize::MAX };
    body.split(|&byte| byte == b'\n')
        .take(count)
        .zip(1u32..)
        .map(move |(line, number)| {
            let end = line.iter().rposition(|&byte| byte != b'\r');
            let line = end.and_then(|end| line.get(..=end)).unwrap_or_default();
            let text = if line.len() > longest {
                Err(LineError::TooLong(longest))
            } else {
                std::str::from_utf8(line).map_err(|_| LineError::NotText)
            };
            (number, text)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good(bytes: &[u8]) -> Vec<(u32, String)> {
        lines(bytes, 10)
            .map(|(number, text)| (number, text.unwrap().to_owned()))
            .collect()
    }

    #[test]
    fn line_ends_of_every_system_end_a_line() {
        let expected = vec![(1, "a".to_owned()), (2, String::new()), (3, "b".to_owned())];
        assert_eq!(good(b"a\n\nb\n"), expected);
        assert_eq!(good(b"a\r\n\r\nb\r\n"), expected);
        assert_eq!(good(b"a\r\r\n\r\r\nb"), expected);
    }

    #[test]
    fn nothing_has_no_lines() {
        assert!(good(b"").is_empty());
        assert_eq!(good(b"\n"), vec![(1, String::new())]);
    }

    #[test]
    fn a_bad_line_costs_only_itself() {
        let found: Vec<_> = lines(b"01234567890\n\xFF\nok", 10).collect();
        assert_eq!(found[0], (1, Err(LineError::TooLong(10))));
        assert_eq!(found[1], (2, Err(LineError::NotText)));
        assert_eq!(found[2], (3, Ok("ok")));
    }

    #[test]
    fn what_windows_shells_write_is_read() {
        let utf16: Vec<u8> = std::iter::once(0xFEFF)
            .chain("package:a\r\n".encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(as_utf8(&utf16).as_ref(), b"package:a\r\n");
        assert_eq!(as_utf8(b"\xEF\xBB\xBFx").as_ref(), b"x");
        assert_eq!(as_utf8(b"\xFE\xFF\0x\xD8").as_ref(), b"x");
    }
}
