//! Host names in the one form in which they are compared: lower case, A-labels, no dot at the end.

use std::borrow::Cow;

use idna::AsciiDenyList;

use crate::HostError;

/// The longest name in bytes, without the dot at its end (RFC 1035 §2.3.4).
pub(crate) const MAX_NAME: usize = 253;

const MAX_LABEL: usize = 63;

/// `name` in the form that is compared. Borrowed parts are the start of `name`.
///
/// ASCII names are taken as they are (A-labels too, valid or not: it is these bytes that are asked
/// for), others go through UTS #46 without transitional processing. Underscores and hyphens at the
/// ends of labels are no host names by RFC 1123, but stand in the DNS and in lists, so they pass.
pub(crate) fn canonical(name: &str) -> Result<Cow<'_, str>, HostError> {
    let name = name.strip_suffix('.').unwrap_or(name);
    if name.is_ascii() {
        check(name)?;
        return Ok(lower(name));
    }
    let ascii = idna::domain_to_ascii_cow(name.as_bytes(), AsciiDenyList::EMPTY)
        .map_err(|_| HostError::NoAsciiForm)?;
    let ascii = ascii.strip_suffix('.').unwrap_or(&ascii);
    check(ascii)?;
    Ok(Cow::Owned(lower(ascii).into_owned()))
}

/// `name` as it is looked up: what was asked for on the wire may have any characters in front of
/// a listed domain, so only what no entry can equal is refused.
pub(crate) fn for_lookup(name: &str) -> Option<Cow<'_, str>> {
    let name = name.strip_suffix('.').unwrap_or(name);
    if name.is_empty() || name.len() > MAX_NAME {
        return None;
    }
    if name.is_ascii() {
        return Some(lower(name));
    }
    canonical(name).ok()
}

fn lower(name: &str) -> Cow<'_, str> {
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(name.to_ascii_lowercase())
    } else {
        Cow::Borrowed(name)
    }
}

fn check(name: &str) -> Result<(), HostError> {
    if name.is_empty() {
        return Err(HostError::Empty);
    }
    let mut label = 0;
    let mut digits_only = true;
    for byte in name.bytes() {
        match byte {
            b'0'..=b'9' => label += 1,
            b'a'..=b'z' | b'A'..=b'Z' | b'-' | b'_' => {
                label += 1;
                digits_only = false;
            }
            b'.' => {
                check_label(label)?;
                label = 0;
                digits_only = true;
            }
            other => return Err(HostError::BadCharacter(char::from(other))),
        }
    }
    check_label(label)?;
    if name.len() > MAX_NAME {
        return Err(HostError::TooLong);
    }
    if digits_only {
        return Err(HostError::EndsInNumber);
    }
    Ok(())
}

const fn check_label(length: usize) -> Result<(), HostError> {
    match length {
        0 => Err(HostError::EmptyLabel),
        1..=MAX_LABEL => Ok(()),
        _ => Err(HostError::LabelTooLong),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_lower_case_without_a_dot_at_the_end() {
        assert_eq!(canonical("Ads.Example.TEST.").unwrap(), "ads.example.test");
        assert!(matches!(
            canonical("ads.example.test."),
            Ok(Cow::Borrowed("ads.example.test"))
        ));
    }

    #[test]
    fn international_names_become_a_labels() {
        assert_eq!(canonical("bücher.test").unwrap(), "xn--bcher-kva.test");
        assert_eq!(canonical("BÜCHER.test").unwrap(), "xn--bcher-kva.test");
        assert_eq!(
            canonical("XN--bcher-KVA.test").unwrap(),
            "xn--bcher-kva.test"
        );
        // Not transitional: ß is a letter of its own.
        assert_eq!(canonical("straße.test").unwrap(), "xn--strae-oqa.test");
        // The ideographic full stop is a dot.
        assert_eq!(canonical("例え。test。").unwrap(), "xn--r8jz45g.test");
    }

    #[test]
    fn what_is_no_name_says_why() {
        let label = "x".repeat(64);
        let long = format!("{0}.{0}.{0}.{0}", "x".repeat(63));
        for (name, reason) in [
            ("", HostError::Empty),
            (".", HostError::Empty),
            ("a..test", HostError::EmptyLabel),
            (".a.test", HostError::EmptyLabel),
            ("a.test..", HostError::EmptyLabel),
            (label.as_str(), HostError::LabelTooLong),
            (long.as_str(), HostError::TooLong),
            ("a b.test", HostError::BadCharacter(' ')),
            ("a,b.test", HostError::BadCharacter(',')),
            ("a\0.test", HostError::BadCharacter('\0')),
            ("192.0.2.256", HostError::EndsInNumber),
            ("１９２.０.２.１", HostError::EndsInNumber),
            ("a\u{202e}b.test", HostError::NoAsciiForm),
        ] {
            assert_eq!(canonical(name), Err(reason), "{name:?}");
        }
        let longest = format!("{}.{}", "x".repeat(63), long.get(..189).unwrap());
        assert_eq!(longest.len(), 253);
        assert_eq!(canonical(&longest).unwrap(), longest);
    }

    #[test]
    fn any_label_may_stand_in_front_when_asked_for() {
        assert_eq!(for_lookup("A b!.Ads.test.").unwrap(), "a b!.ads.test");
        assert_eq!(for_lookup(""), None);
        assert_eq!(for_lookup("."), None);
        assert_eq!(for_lookup(&"x".repeat(254)), None);
    }
}
