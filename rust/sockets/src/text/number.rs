//! Numbers as the kernel prints them.

use crate::RowError;

/// A hexadecimal number of exactly `N` digits, at most eight, in either case.
pub(super) fn hex<const N: usize>(digits: &[u8], column: &'static str) -> Result<u32, RowError> {
    const { assert!(N <= 8) };
    if digits.len() != N {
        return Err(RowError::BadNumber(column));
    }
    digits.iter().try_fold(0_u32, |value, &digit| {
        let digit = nibble(digit).ok_or(RowError::BadNumber(column))?;
        Ok(value << 4 | u32::from(digit))
    })
}

/// Whether these are one or more hexadecimal digits.
pub(super) fn is_hex(digits: &[u8]) -> bool {
    !digits.is_empty() && digits.iter().all(u8::is_ascii_hexdigit)
}

/// An unsigned decimal number (`%lu`).
pub(crate) fn decimal(digits: &[u8], column: &'static str) -> Result<u64, RowError> {
    if digits.is_empty() {
        return Err(RowError::BadNumber(column));
    }
    // All digits are looked at first: what is no number is not out of range either.
    if !digits.iter().all(u8::is_ascii_digit) {
        return Err(RowError::BadNumber(column));
    }
    digits
        .iter()
        .try_fold(0_u64, |value, &digit| {
            value
                .checked_mul(10)?
                .checked_add(u64::from(digit.wrapping_sub(b'0')))
        })
        .ok_or(RowError::OutOfRange(column))
}

/// A 32-bit number that some kernels print as `%u` and some as `%d`: -2 and 4294967294 are the
/// same bits and give the same value.
pub(crate) fn word(digits: &[u8], column: &'static str) -> Result<u32, RowError> {
    match digits.strip_prefix(b"-") {
        None => u32::try_from(decimal(digits, column)?).map_err(|_| RowError::OutOfRange(column)),
        Some(magnitude) => {
            let magnitude = decimal(magnitude, column)?;
            let value = i64::try_from(magnitude)
                .ok()
                .and_then(|magnitude| i32::try_from(-magnitude).ok())
                .ok_or(RowError::OutOfRange(column))?;
            Ok(value.cast_unsigned())
        }
    }
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overflow_ids_are_the_same_in_both_forms() {
        assert_eq!(word(b"4294967294", "uid"), Ok(4_294_967_294));
        assert_eq!(word(b"-2", "uid"), Ok(4_294_967_294));
        assert_eq!(word(b"-2147483648", "uid"), Ok(2_147_483_648));
        assert_eq!(
            word(b"-2147483649", "uid"),
            Err(RowError::OutOfRange("uid"))
        );
        assert_eq!(word(b"4294967296", "uid"), Err(RowError::OutOfRange("uid")));
        for no_number in [&b""[..], b"-", b"--2", b"+2", b"1x", b"0x10", b"1 ", b"\0"] {
            assert_eq!(word(no_number, "uid"), Err(RowError::BadNumber("uid")));
        }
    }

    #[test]
    fn a_decimal_ends_at_64_bits() {
        assert_eq!(decimal(b"18446744073709551615", "inode"), Ok(u64::MAX));
        assert_eq!(
            decimal(b"18446744073709551616", "inode"),
            Err(RowError::OutOfRange("inode"))
        );
        assert_eq!(
            decimal(&[b'9'; 4000], "inode"),
            Err(RowError::OutOfRange("inode"))
        );
        assert_eq!(decimal(&[b'0'; 4000], "inode"), Ok(0));
    }

    #[test]
    fn a_hexadecimal_has_its_width() {
        assert_eq!(hex::<4>(b"01bB", "port"), Ok(443));
        assert_eq!(hex::<8>(b"FFFFFFFF", "word"), Ok(u32::MAX));
        for no_number in [&b"1BB"[..], b"001BB", b"01BG", b"-1BB", b" 1BB"] {
            assert_eq!(
                hex::<4>(no_number, "port"),
                Err(RowError::BadNumber("port"))
            );
        }
    }
}
