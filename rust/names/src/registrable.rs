//! What of a name someone registered, by its looks.

/// The part of `name` that looks like what someone registered: its last two labels, or three where
/// the last has two letters and the one before at most three (`a.co.uk`, `a.com.cn`).
///
/// By its looks only: the list of public suffixes is large, and dated the day it is built in. The
/// answer is used to say that an address has many names, where one label too many or too few moves
/// the moment of saying so and nothing else.
pub(crate) fn registrable(name: &str) -> &str {
    let mut labels = name.rsplit('.');
    let last = labels.next().unwrap_or_default().len();
    let before = labels.next().unwrap_or_default().len();
    let keep = if last == 2 && before <= 3 { 3 } else { 2 };
    match name.rmatch_indices('.').nth(keep - 1) {
        Some((dot, _)) => name.get(dot + 1..).unwrap_or(name),
        None => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_below_one_registration_look_alike() {
        for (name, part) in [
            ("test", "test"),
            ("a.test", "a.test"),
            ("www.a.test", "a.test"),
            ("1.2.3.a.test", "a.test"),
            ("www.a.co.uk", "a.co.uk"),
            ("a.co.uk", "a.co.uk"),
            ("co.uk", "co.uk"),
            ("x.www.a.com.cn", "a.com.cn"),
            ("www.example.de", "example.de"),
            ("", ""),
        ] {
            assert_eq!(registrable(name), part, "{name}");
        }
    }
}
