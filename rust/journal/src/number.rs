//! Numbers as signed text has them: one way to write each.

/// The largest number in signed text: 2^63 - 1, which every language's signed 64 bits hold.
pub(crate) const MAX: u64 = i64::MAX.unsigned_abs();

/// Reads a decimal number without sign or leading zero, at most [`MAX`].
pub(crate) fn parse(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.len() <= 19 && text.bytes().all(|b| b.is_ascii_digit());
    if !digits || (text.len() > 1 && text.starts_with('0')) {
        return None;
    }
    text.parse().ok().filter(|number| *number <= MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_one_way_to_write_a_number() {
        assert_eq!(parse("0"), Some(0));
        assert_eq!(parse("1000"), Some(1000));
        assert_eq!(parse("9223372036854775807"), Some(MAX));
        for bad in [
            "",
            "-1",
            "+1",
            "007",
            "00",
            " 1",
            "1 ",
            "0x10",
            "1_000",
            "9223372036854775808",
            "18446744073709551615",
            "18446744073709551616",
            "99999999999999999999",
            "١",
        ] {
            assert_eq!(parse(bad), None, "{bad:?}");
        }
    }
}
