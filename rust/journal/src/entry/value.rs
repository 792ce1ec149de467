//! Values: text that is made once and never again.

use std::fmt::{self, Write as _};

use portlog_model::{Moment, WallTime};

use crate::calendar::{self, UtcOffset};
use crate::digest::{Hash, decode_base64};
use crate::key::PublicKey;
use crate::number;
use crate::origin::Origin;

/// The most bytes that a value may have.
pub const MAX_VALUE: usize = 8192;

/// The value of a field that has nothing to say.
const NONE: &str = "-";

/// The text of one field as it is committed to, stored and shown.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Value(Box<str>);

impl Value {
    /// Nothing to say.
    pub fn none() -> Self {
        Self(NONE.into())
    }

    /// Any text: what may not stand in a value is escaped, and what is too long is cut and says so.
    pub fn text(text: &str) -> Self {
        Self(escape(text, MAX_VALUE).into())
    }

    /// Any text, or nothing.
    pub fn text_or_none(text: Option<&str>) -> Self {
        text.map_or_else(Self::none, Self::text)
    }

    /// A number; those beyond 2^63 - 1 become that.
    pub fn number(number: u64) -> Self {
        Self(number.min(number::MAX).to_string().into())
    }

    /// A number, or nothing.
    pub fn number_or_none(number: Option<u64>) -> Self {
        number.map_or_else(Self::none, Self::number)
    }

    /// A number with a sign.
    pub fn signed(number: i64) -> Self {
        Self(number.max(-i64::MAX).to_string().into())
    }

    /// Numbers in the order given, as many as there is room for; nothing if there are none.
    pub fn numbers(numbers: impl IntoIterator<Item = u64>) -> Self {
        let mut text = String::new();
        for number in numbers {
            let number = number.min(number::MAX).to_string();
            if text.len() + number.len() >= MAX_VALUE {
                break;
            }
            if !text.is_empty() {
                text.push(',');
            }
            text.push_str(&number);
        }
        if text.is_empty() {
            Self::none()
        } else {
            Self(text.into())
        }
    }

    /// Yes or no.
    pub fn flag(flag: bool) -> Self {
        Self(if flag { "yes" } else { "no" }.into())
    }

    /// A word of a fixed vocabulary; what is no word becomes nothing.
    pub fn word(word: &str) -> Self {
        if is_word(word) {
            Self(word.into())
        } else {
            Self::none()
        }
    }

    /// Words of a fixed vocabulary; nothing if there are none, or one is no word.
    pub fn words<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        let text = words.into_iter().collect::<Vec<_>>().join(",");
        if text.len() <= MAX_VALUE && text.split(',').all(is_word) {
            Self(text.into())
        } else {
            Self::none()
        }
    }

    /// A time; nothing where its year has not four digits.
    pub fn time(time: WallTime, offset: UtcOffset) -> Self {
        calendar::write(time, offset).map_or_else(Self::none, |text| Self(text.into()))
    }

    /// A time with the time since boot, in whole milliseconds.
    pub fn moment(moment: Moment, offset: UtcOffset) -> Self {
        Self::moment_or_time(
            moment.wall,
            Some(moment.boot.as_nanos() / 1_000_000),
            offset,
        )
    }

    /// A time of which the time since boot is not known.
    pub fn moment_without_boot(time: WallTime, offset: UtcOffset) -> Self {
        Self::moment_or_time(time, None, offset)
    }

    fn moment_or_time(time: WallTime, boot_millis: Option<u64>, offset: UtcOffset) -> Self {
        let Some(mut text) = calendar::write(time, offset) else {
            return Self::none();
        };
        text.push(' ');
        match boot_millis {
            Some(millis) => text.push_str(&millis.to_string()),
            None => text.push_str(NONE),
        }
        Self(text.into())
    }

    /// A digest in hexadecimal.
    pub fn hex(hash: Hash) -> Self {
        Self(hash.to_hex().into())
    }

    /// A value that is already the text of its type; `None` where it is not.
    pub fn of(text: &str, of: FieldType) -> Option<Self> {
        of.accepts(text).then(|| Self(text.into()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// What a field's values look like.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum FieldType {
    /// Any text, escaped.
    Text,
    /// A word of a fixed vocabulary.
    Word,
    /// Words, separated by commas.
    Words,
    /// A number without sign.
    Number,
    /// Such numbers, separated by commas.
    Numbers,
    /// A number with sign.
    Signed,
    /// `yes` or `no`.
    Flag,
    /// A time on the wall.
    Time,
    /// Such a time, and the milliseconds since boot.
    Moment,
    /// Address and port.
    Endpoint,
    /// A digest in hexadecimal.
    Hex,
    /// The origin of a log.
    Origin,
    /// A digest in base64.
    Hash,
    /// A public key with its name.
    Vkey,
    /// A witness's signature.
    Cosignature,
    /// The index of an entry.
    Index,
    /// A UID and who it is.
    Owner,
}

impl FieldType {
    /// The word of docs/LOG-FORMAT.md.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Word => "word",
            Self::Words => "words",
            Self::Number => "number",
            Self::Numbers => "numbers",
            Self::Signed => "signed",
            Self::Flag => "flag",
            Self::Time => "time",
            Self::Moment => "moment",
            Self::Endpoint => "endpoint",
            Self::Hex => "hex64",
            Self::Origin => "origin",
            Self::Hash => "hash",
            Self::Vkey => "vkey",
            Self::Cosignature => "cosig",
            Self::Index => "index",
            Self::Owner => "owner",
        }
    }

    /// Whether `text` is a value of this type.
    pub fn accepts(self, text: &str) -> bool {
        if text == NONE {
            return true;
        }
        if text.is_empty() || text.len() > MAX_VALUE || !is_clean(text) {
            return false;
        }
        match self {
            Self::Text => is_escaped(text),
            Self::Word => is_word(text),
            Self::Words => text.split(',').all(is_word),
            Self::Number | Self::Index => number::parse(text).is_some(),
            Self::Numbers => text
                .split(',')
                .all(|number| number::parse(number).is_some()),
            Self::Signed => is_signed(text),
            Self::Flag => matches!(text, "yes" | "no"),
            Self::Time => calendar::read(text).is_some(),
            Self::Moment => read_moment(text).is_some(),
            Self::Endpoint => is_endpoint(text),
            Self::Hex => Hash::from_hex(text).is_some(),
            Self::Origin => Origin::parse(text).is_some(),
            Self::Hash => Hash::from_base64(text).is_some(),
            Self::Vkey => PublicKey::parse(text).is_ok(),
            Self::Cosignature => decode_base64::<76>(text).is_some(),
            Self::Owner => OwnerText::parse(text).is_some(),
        }
    }
}

/// Whether no character of `text` is one that hides, reorders or controls.
pub(crate) fn is_clean(text: &str) -> bool {
    // By chunks without a way out, which is some registers' width at a time.
    let printable = text.as_bytes().chunks(64).all(|chunk| {
        let bytes = chunk.iter();
        bytes.fold(true, |all, byte| all & matches!(*byte, 0x20..=0x7E))
    });
    printable || !text.chars().any(is_forbidden)
}

/// Whether `character` may stand nowhere in a bundle: controls, and what hides or reorders text.
pub(crate) const fn is_forbidden(character: char) -> bool {
    matches!(
        character,
        '\0'..='\u{1F}'
            | '\u{7F}'..='\u{9F}'
            | '\u{AD}'
            | '\u{61C}'
            | '\u{180E}'
            | '\u{200B}'..='\u{200F}'
            | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{FEFF}'
            | '\u{FFF0}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E0FFF}'
    )
}

/// Reads a moment: the time on the wall, and milliseconds since boot where known.
pub fn read_moment(text: &str) -> Option<(WallTime, Option<u64>)> {
    let (time, boot) = text.split_once(' ')?;
    let boot = match boot {
        NONE => None,
        boot => Some(number::parse(boot)?),
    };
    Some((calendar::read(time)?, boot))
}

/// `text` with backslashes and forbidden characters escaped, at most `most` bytes of it.
fn escape(text: &str, most: usize) -> String {
    match text {
        "" => return "\\0".to_owned(),
        NONE => return "\\-".to_owned(),
        _ => {}
    }
    // Room for the longest mark of a cut: a backslash, a plus sign and 20 digits.
    let room = most.saturating_sub(22);
    let mut out = String::with_capacity(text.len().min(most));
    // How long the part is that is kept where it must be cut, and how much of `text` that is.
    let (mut kept, mut kept_of_text) = (0, 0);
    for (at, character) in text.char_indices() {
        if out.len() <= room {
            (kept, kept_of_text) = (out.len(), at);
        }
        match character {
            '\\' => out.push_str("\\\\"),
            forbidden if is_forbidden(forbidden) => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(forbidden));
            }
            other => out.push(other),
        }
        if out.len() > most {
            out.truncate(kept);
            let _ = write!(out, "\\+{}", text.len() - kept_of_text);
            return out;
        }
    }
    out
}

/// Whether every backslash in `text` begins one of the escapes.
fn is_escaped(text: &str) -> bool {
    if matches!(text, "\\-" | "\\0") {
        return true;
    }
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let Some(escape) = rest.get(at + 1..) else {
            return false;
        };
        rest = if let Some(after) = escape.strip_prefix('\\') {
            after
        } else if let Some(code) = escape.strip_prefix("u{") {
            let Some((code, after)) = code.split_once('}') else {
                return false;
            };
            if !is_code(code) {
                return false;
            }
            after
        } else if let Some(left) = escape.strip_prefix('+') {
            return number::parse(left).is_some();
        } else {
            return false;
        };
    }
    true
}

/// Whether `code` is the canonical hexadecimal of a forbidden character.
fn is_code(code: &str) -> bool {
    let digits = code.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if !digits || code.is_empty() || code.len() > 5 || (code.len() > 1 && code.starts_with('0')) {
        return false;
    }
    u32::from_str_radix(code, 16)
        .ok()
        .and_then(char::from_u32)
        .is_some_and(is_forbidden)
}

fn is_word(text: &str) -> bool {
    let first = text.bytes().next();
    text.len() <= 64
        && first.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        && text
            .bytes()
            .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'.'))
}

fn is_signed(text: &str) -> bool {
    match text.strip_prefix('-') {
        Some(size) => number::parse(size).is_some_and(|size| size > 0),
        None => number::parse(text).is_some(),
    }
}

fn is_endpoint(text: &str) -> bool {
    text.len() <= 64
        && text
            .bytes()
            .all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f' | b'.' | b':' | b'[' | b']'))
}

/// The parts of a value that says who a UID is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct OwnerText<'a> {
    /// The UID.
    pub uid: u64,
    /// The owner's kind, as events call it.
    pub kind: &'a str,
    /// Whether it comes with the phone.
    pub firmware: &'a str,
    /// What weakens a claim about it, separated by commas.
    pub roles: Option<&'a str>,
    /// Its packages, separated by commas; `+n` at the end where n more are left out.
    pub packages: Option<&'a str>,
    /// A label or account name.
    pub name: Option<&'a str>,
}

impl<'a> OwnerText<'a> {
    /// Takes such a value apart; `None` where it is none.
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(6, ' ');
        let mut next = || parts.next();
        let optional = |part: &'a str| (part != NONE).then_some(part);
        let owner = Self {
            uid: number::parse(next()?)?,
            kind: next()?,
            firmware: next()?,
            roles: optional(next()?),
            packages: optional(next()?),
            name: optional(next()?),
        };
        let good = is_word(owner.kind)
            && is_word(owner.firmware)
            && owner
                .roles
                .is_none_or(|roles| roles.split(',').all(is_word))
            && owner.packages.is_none_or(are_packages)
            && owner
                .name
                .is_none_or(|name| !name.is_empty() && is_escaped(name));
        good.then_some(owner)
    }
}

/// Whether these are names of packages, the last perhaps `+n`.
fn are_packages(text: &str) -> bool {
    let (names, more) = match text.rsplit_once(",+") {
        Some((names, more)) => (names, Some(more)),
        None => (text, None),
    };
    more.is_none_or(|more| number::parse(more).is_some_and(|more| more > 0))
        && names.split(',').all(|name| {
            (1..=255).contains(&name.len())
                && name
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
        })
}

#[cfg(test)]
mod tests {
    use portlog_model::BootTime;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_text_becomes_a_value_of_its_type(text in any::<String>()) {
            let value = Value::text(&text);
            prop_assert!(FieldType::Text.accepts(value.as_str()), "{value:?}");
            prop_assert_ne!(value.as_str(), "-");
        }

        #[test]
        fn no_text_that_means_another_is_the_same_value(a in "[-\\\\0u{}+\u{1b}x]{0,4}", b in "[-\\\\0u{}+\u{1b}x]{0,4}") {
            prop_assert_eq!(a == b, Value::text(&a) == Value::text(&b));
        }
    }

    #[test]
    fn what_controls_a_terminal_or_turns_text_around_is_escaped() {
        for (text, value) in [
            ("a\u{1b}[31mb", "a\\u{1b}[31mb"),
            ("\u{202e}gpj.exe", "\\u{202e}gpj.exe"),
            ("line\r\nline", "line\\u{d}\\u{a}line"),
            ("C:\\x", "C:\\\\x"),
            ("\u{feff}x\0", "\\u{feff}x\\u{0}"),
            ("-", "\\-"),
            ("", "\\0"),
            ("日本 – ok", "日本 – ok"),
        ] {
            assert_eq!(Value::text(text).as_str(), value);
        }
    }

    #[test]
    fn what_is_too_long_is_cut_and_says_by_how_much() {
        for unit in ["x", "é", "\u{1b}", "\\"] {
            let text = unit.repeat(9000);
            let value = Value::text(&text);
            assert!(value.as_str().len() <= MAX_VALUE);
            assert!(FieldType::Text.accepts(value.as_str()));
            let (kept, left) = value.as_str().rsplit_once("\\+").unwrap();
            let left: usize = left.parse().unwrap();
            let one = Value::text(unit).as_str().len();
            assert_eq!(kept.len() / one * unit.len() + left, text.len(), "{unit:?}");
        }
        let fits = "x".repeat(MAX_VALUE);
        assert_eq!(Value::text(&fits).as_str(), fits);
        assert!(!FieldType::Text.accepts(&"x".repeat(MAX_VALUE + 1)));
    }

    #[test]
    fn each_type_takes_its_own_form_only() {
        use FieldType as T;
        let key = "portlog/log/00+00000000+AAAA";
        for (of, good, bad) in [
            (
                T::Text,
                vec!["a b", "\\\\", "\\u{1b}", "\\+3", "\\0", "--"],
                vec![
                    "",
                    "a\nb",
                    "\\x",
                    "\\u{41}",
                    "\\u{01b}",
                    "\\u{1B}",
                    "a\\",
                    "\\+3x",
                    "x\u{200b}",
                    "a\\0",
                ],
            ),
            (
                T::Word,
                vec!["live", "sock_diag", "4.4"],
                vec!["Live", "a b", "_x", "a,b"],
            ),
            (T::Words, vec!["a", "a,b"], vec!["a,", ",a", "a, b"]),
            (T::Number, vec!["0", "10"], vec!["01", "-1", "1 "]),
            (T::Numbers, vec!["0", "10,11"], vec!["10,", "10,,11"]),
            (T::Signed, vec!["0", "-5", "5"], vec!["-0", "+5", "--5"]),
            (T::Flag, vec!["yes", "no"], vec!["true", "Yes"]),
            (
                T::Time,
                vec!["2014-08-10T12:08:32.137Z"],
                vec!["2014-08-10"],
            ),
            (
                T::Moment,
                vec!["2014-08-10T12:08:32.137Z 5", "2014-08-10T12:08:32.137Z -"],
                vec![
                    "2014-08-10T12:08:32.137Z",
                    "2014-08-10T12:08:32.137Z  5",
                    "2014-08-10T12:08:32.137Z -5",
                ],
            ),
            (
                T::Endpoint,
                vec!["203.0.113.7:80", "[2001:db8::1]:80"],
                vec!["host.test:80", "203.0.113.7:80 "],
            ),
            (
                T::Owner,
                vec![
                    "10012 app yes - com.example.sync -",
                    "1000 shared yes go-between,user-facing a.b,c.d,+7 the name",
                ],
                vec![
                    "10012 app yes",
                    "10012  app yes - - -",
                    "x app yes - - -",
                    "10012 app yes - a..b,+0 -",
                    "10012 app yes - - ",
                ],
            ),
            (T::Vkey, vec![], vec![key, "portlog"]),
            (T::Index, vec!["7"], vec!["x"]),
        ] {
            for text in good {
                assert!(of.accepts(text), "{of:?} {text:?}");
            }
            for text in bad {
                assert!(!of.accepts(text), "{of:?} {text:?}");
            }
            assert!(of.accepts("-"));
        }
    }

    #[test]
    fn moments_carry_both_clocks() {
        let moment = Moment {
            wall: WallTime::from_millis(0),
            boot: BootTime::from_nanos(4_123_456_789),
        };
        let offset = UtcOffset::from_minutes(60).unwrap();
        let value = Value::moment(moment, offset);
        assert_eq!(value.as_str(), "1970-01-01T01:00:00.000+01:00 4123");
        assert_eq!(read_moment(value.as_str()), Some((moment.wall, Some(4123))));
        assert_eq!(Value::signed(i64::MIN).as_str(), "-9223372036854775807");
        assert_eq!(Value::number(u64::MAX).as_str(), "9223372036854775807");
    }
}
