//! The layout that every kernel prints, read by fixed positions.
//!
//! Eight hexadecimal digits are looked at as one 64-bit word, and whether a row has the layout is
//! asked once, after everything was read. What does not have it is left to [`super::row`].

use std::net::{Ipv4Addr, Ipv6Addr};

use portlog_model::{Endpoint, SocketRow, SocketState, Table};

use super::Endian;
use super::row::octets;

/// `AAAAAAAA:PPPP AAAAAAAA:PPPP ` and what follows up to the uid column.
const V4: usize = 2 * (8 + END) + MIDDLE;
/// The same with four words an address.
const V6: usize = 2 * (32 + END) + MIDDLE;
/// `:PPPP `.
const END: usize = 6;
/// `SS TTTTTTTT:RRRRRRRR tr:WWWWWWWW RRRRRRRR `.
const MIDDLE: usize = 42;

/// Reads the row that `text` begins with, and gives what follows its inode (white space first).
///
/// `None` says nothing about the row: only that it is not in the usual layout, or not whole.
#[inline]
pub(super) fn row(table: Table, endian: Endian, text: &[u8]) -> Option<(SocketRow, &[u8])> {
    let text = skip_slot(text)?;
    let (local, remote, middle, text) = if table.is_v6() {
        let (fixed, text) = text.split_first_chunk::<V6>()?;
        let (local, remote) = v6(endian, fixed)?;
        (local, remote, fixed.last_chunk::<MIDDLE>()?, text)
    } else {
        let (fixed, text) = text.split_first_chunk::<V4>()?;
        let (local, remote) = v4(endian, fixed)?;
        (local, remote, fixed.last_chunk::<MIDDLE>()?, text)
    };
    let state = SocketState::from_kernel(state(middle)?).ok()?;
    let (uid, text) = number::<9>(text)?;
    let (_timeout, text) = number::<9>(text)?;
    let (inode, text) = number::<18>(text)?;
    let uid = u32::try_from(uid).ok()?;
    let row = SocketRow::from_kernel(table, state, local, remote, uid, inode);
    Some((row, text))
}

/// `%4d: `.
#[inline]
fn skip_slot(text: &[u8]) -> Option<&[u8]> {
    let (_slot, text) = number::<18>(text)?;
    text.strip_prefix(b": ")
}

#[inline]
fn v4(endian: Endian, fixed: &[u8; V4]) -> Option<(Endpoint, Endpoint)> {
    let (local, local_bad) = hex8(part(fixed, 0)?);
    let (remote, remote_bad) = hex8(part(fixed, 14)?);
    let (local_port, remote_port, ports_bad) = ports(part(fixed, 9)?, part(fixed, 23)?);
    let marks_bad = marks(fixed, [(8, b':'), (13, b' '), (22, b':'), (27, b' ')])?;
    if local_bad | remote_bad | ports_bad | marks_bad != 0 {
        return None;
    }
    Some((
        Endpoint::from((Ipv4Addr::from(octets(endian, local)), local_port)),
        Endpoint::from((Ipv4Addr::from(octets(endian, remote)), remote_port)),
    ))
}

#[inline]
fn v6(endian: Endian, fixed: &[u8; V6]) -> Option<(Endpoint, Endpoint)> {
    let (local, local_bad) = address6(endian, part(fixed, 0)?);
    let (remote, remote_bad) = address6(endian, part(fixed, 38)?);
    let (local_port, remote_port, ports_bad) = ports(part(fixed, 33)?, part(fixed, 71)?);
    let marks_bad = marks(fixed, [(32, b':'), (37, b' '), (70, b':'), (75, b' ')])?;
    if local_bad | remote_bad | ports_bad | marks_bad != 0 {
        return None;
    }
    Some((
        Endpoint::from((local, local_port)),
        Endpoint::from((remote, remote_port)),
    ))
}

#[inline]
fn address6(endian: Endian, digits: [u8; 32]) -> (Ipv6Addr, u64) {
    let mut bytes = [0_u8; 16];
    let mut bad = 0;
    let (words, _) = digits.as_chunks::<8>();
    let (fours, _) = bytes.as_chunks_mut::<4>();
    for (four, &digits) in fours.iter_mut().zip(words) {
        let (word, word_bad) = hex8(digits);
        *four = octets(endian, word);
        bad |= word_bad;
    }
    (Ipv6Addr::from(bytes), bad)
}

/// Two ports, and whether they are none (not 0).
#[inline]
fn ports(local: [u8; 4], remote: [u8; 4]) -> (u16, u16, u64) {
    let digits = u64::from(u32::from_le_bytes(local)) | u64::from(u32::from_le_bytes(remote)) << 32;
    let (both, bad) = hex8(digits.to_le_bytes());
    let [local_high, local_low, remote_high, remote_low] = both.to_be_bytes();
    (
        u16::from_be_bytes([local_high, local_low]),
        u16::from_be_bytes([remote_high, remote_low]),
        bad,
    )
}

/// The state, where all columns up to the uid have their form.
#[inline]
fn state(middle: &[u8; MIDDLE]) -> Option<u8> {
    let [s0, s1] = part(middle, 0)?;
    let [t0, t1] = part(middle, 21)?;
    let (digits, digits_bad) = hex8([b'0', b'0', b'0', b'0', t0, t1, s0, s1]);
    let colons_bad = marks(middle, [(11, b':'), (23, b':')])?;
    let spaces_bad = marks(middle, [(2, b' '), (20, b' '), (32, b' '), (41, b' ')])?;
    let bad = digits_bad
        | colons_bad
        | spaces_bad
        | not_hex(u64::from_le_bytes(part(middle, 3)?))
        | not_hex(u64::from_le_bytes(part(middle, 12)?))
        | not_hex(u64::from_le_bytes(part(middle, 24)?))
        | not_hex(u64::from_le_bytes(part(middle, 33)?));
    let [.., state] = digits.to_be_bytes();
    (bad == 0).then_some(state)
}

/// Whether bytes stand elsewhere than at their places (not 0).
#[inline]
fn marks<const M: usize, const N: usize>(
    fixed: &[u8; M],
    expected: [(usize, u8); N],
) -> Option<u64> {
    expected.iter().try_fold(0, |bad, &(at, mark)| {
        Some(bad | u64::from(fixed.get(at)? ^ mark))
    })
}

/// `N` bytes at a place that is known when this is compiled.
#[inline]
fn part<const M: usize, const N: usize>(fixed: &[u8; M], at: usize) -> Option<[u8; N]> {
    fixed.get(at..at + N)?.try_into().ok()
}

/// The value of eight upper-case hexadecimal digits, and whether they are not that (not 0).
#[inline]
fn hex8(digits: [u8; 8]) -> (u32, u64) {
    let text = u64::from_le_bytes(digits);
    // A digit's value is its low four bits, plus nine for a letter (which has bit 6).
    let nibbles = (text & (0x0F * ONES)) + 9 * (text >> 6 & ONES);
    // Neighbours are joined: 4 to 8, 8 to 16, 16 to 32 bits; the first digit weighs most.
    let bytes = (nibbles << 4 | nibbles >> 8) & 0x00FF_00FF_00FF_00FF;
    let shorts = (bytes << 8 | bytes >> 16) & 0x0000_FFFF_0000_FFFF;
    let words = shorts << 16 | shorts >> 32;
    #[expect(clippy::cast_possible_truncation, reason = "the value is the low word")]
    let value = words as u32;
    (value, not_hex(text))
}

/// Not 0 where one of eight bytes is no digit and no upper-case letter from A to F.
#[inline]
fn not_hex(text: u64) -> u64 {
    // Seven bits a byte from here on, so that no sum carries into the next byte.
    let low = text & (0x7F * ONES);
    // 0 to 9 for a digit, more for all else: the sum's high bit is set from ten on.
    let no_digit = (low ^ (0x30 * ONES)) + (0x76 * ONES);
    // 1 to 6 for a letter: the high bits are set from one on, and from seven on.
    let letter = low ^ (0x40 * ONES);
    let no_letter = !(letter + 0x7F * ONES) | (letter + 0x79 * ONES);
    (text | (no_digit & no_letter)) & (0x80 * ONES)
}

/// A one in each byte.
const ONES: u64 = 0x0101_0101_0101_0101;

/// Spaces, then one to `N` decimal digits, at most 18, then what is no digit.
#[inline]
fn number<const N: usize>(text: &[u8]) -> Option<(u64, &[u8])> {
    const { assert!(N <= 18, "the value must fit") };
    let mut text = text;
    while let [b' ', rest @ ..] = text {
        text = rest;
    }
    let mut value = 0_u64;
    let mut digits = 0_usize;
    while let [digit @ b'0'..=b'9', rest @ ..] = text {
        digits += 1;
        if digits > N {
            return None;
        }
        value = value * 10 + u64::from(digit - b'0');
        text = rest;
    }
    (digits > 0).then_some((value, text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::parse_row;

    #[test]
    fn rows_of_all_kernels_take_this_path() {
        let v4 = "1100A8C0:9D15 077100CB:0050";
        let v6 = "B80D0120000000000000000002000000:9D15 0000000000000000FFFF0000077100CB:0050";
        for (table, ends) in [(Table::Tcp, v4), (Table::Udp6, v6)] {
            for slot in ["   0", "  123", "262143"] {
                for rest in [
                    // Established, listening with a vendor's flag, TIME_WAIT, a datagram socket.
                    "01 00000000:0000002A 02:0000176A 00000000 10087        0 85882 2 d3a4c000 20 4 30 10 -1",
                    "8A 00000000:00000000 00:00000000 00000000     0        0 7 1 0000000000000000 100 0 0 10 0",
                    "06 00000000:00000000 03:00001765 00000000     0        0 0 3 ffff8c7a12d31aa0          ",
                    "07 00000000:00000000 00:00000000 00000000 1010087        0 4294977299 2 00000000b35a5185 0",
                ] {
                    let line = format!("{slot}: {ends} {rest}\n");
                    let (found, after) = row(table, Endian::Little, line.as_bytes()).unwrap();
                    assert_eq!(parse_row(table, Endian::Little, line.as_bytes()), Ok(found));
                    assert_eq!(after.first(), Some(&b' '), "{line}");
                }
            }
        }
    }

    #[test]
    fn every_byte_is_judged_alike_at_every_place() {
        for place in 0..8 {
            for byte in 0..=u8::MAX {
                let mut digits = *b"0123CDEF";
                digits[place] = byte;
                let (value, bad) = hex8(digits);
                let expected = std::str::from_utf8(&digits)
                    .ok()
                    .filter(|digits| !digits.contains(|c: char| c.is_ascii_lowercase() || c == '+'))
                    .and_then(|digits| u32::from_str_radix(digits, 16).ok());
                assert_eq!((bad == 0).then_some(value), expected, "{digits:?}");
            }
        }
    }
}
