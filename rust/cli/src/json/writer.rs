//! Objects and arrays, appended to a buffer.

/// A JSON object under construction; it is closed when it is dropped.
#[derive(Debug)]
pub(crate) struct Object<'a> {
    out: &'a mut Vec<u8>,
    first: bool,
}

impl<'a> Object<'a> {
    /// Opens an object at the end of `out`.
    pub(crate) fn new(out: &'a mut Vec<u8>) -> Self {
        out.push(b'{');
        Self { out, first: true }
    }

    /// A string.
    pub(crate) fn string(&mut self, key: &str, value: &str) {
        string(self.key(key), value);
    }

    /// A string, or null.
    pub(crate) fn string_or_null(&mut self, key: &str, value: Option<&str>) {
        let out = self.key(key);
        match value {
            Some(value) => string(out, value),
            None => out.extend_from_slice(b"null"),
        }
    }

    /// A number.
    pub(crate) fn number(&mut self, key: &str, value: u64) {
        number(self.key(key), value);
    }

    /// A number that may be negative.
    pub(crate) fn signed(&mut self, key: &str, value: i64) {
        let out = self.key(key);
        if value < 0 {
            out.push(b'-');
        }
        number(out, value.unsigned_abs());
    }

    /// A number, or null.
    pub(crate) fn number_or_null(&mut self, key: &str, value: Option<u64>) {
        let out = self.key(key);
        match value {
            Some(value) => number(out, value),
            None => out.extend_from_slice(b"null"),
        }
    }

    /// True or false.
    pub(crate) fn bool(&mut self, key: &str, value: bool) {
        self.key(key)
            .extend_from_slice(if value { b"true" } else { b"false" });
    }

    /// True, false, or null.
    pub(crate) fn bool_or_null(&mut self, key: &str, value: Option<bool>) {
        match value {
            Some(value) => self.bool(key, value),
            None => self.null(key),
        }
    }

    /// Null.
    pub(crate) fn null(&mut self, key: &str) {
        self.key(key).extend_from_slice(b"null");
    }

    /// An object.
    pub(crate) fn object(&mut self, key: &str) -> Object<'_> {
        Object::new(self.key(key))
    }

    /// An array.
    pub(crate) fn array(&mut self, key: &str) -> Array<'_> {
        Array::new(self.key(key))
    }

    /// A value that the caller appends to the returned buffer.
    pub(crate) fn key(&mut self, key: &str) -> &mut Vec<u8> {
        if !self.first {
            self.out.push(b',');
        }
        self.first = false;
        self.out.push(b'"');
        self.out.extend_from_slice(key.as_bytes());
        self.out.extend_from_slice(b"\":");
        self.out
    }
}

impl Drop for Object<'_> {
    fn drop(&mut self) {
        self.out.push(b'}');
    }
}

/// A JSON array under construction; it is closed when it is dropped.
#[derive(Debug)]
pub(crate) struct Array<'a> {
    out: &'a mut Vec<u8>,
    first: bool,
}

impl<'a> Array<'a> {
    /// Opens an array at the end of `out`.
    pub(crate) fn new(out: &'a mut Vec<u8>) -> Self {
        out.push(b'[');
        Self { out, first: true }
    }

    /// A string.
    pub(crate) fn string(&mut self, value: &str) {
        string(self.item(), value);
    }

    /// An object.
    pub(crate) fn object(&mut self) -> Object<'_> {
        Object::new(self.item())
    }

    /// A value that the caller appends to the returned buffer.
    pub(crate) fn item(&mut self) -> &mut Vec<u8> {
        if !self.first {
            self.out.push(b',');
        }
        self.first = false;
        self.out
    }
}

impl Drop for Array<'_> {
    fn drop(&mut self) {
        self.out.push(b']');
    }
}

/// Appends `value` in quotes, escaped as RFC 8259 requires; DEL and the controls of Latin-1 are
/// escaped too, so that a line shown on a terminal cannot drive it.
pub(crate) fn string(out: &mut Vec<u8>, value: &str) {
    out.push(b'"');
    if value
        .bytes()
        .all(|b| (0x20..0x7f).contains(&b) && b != b'"' && b != b'\\')
    {
        out.extend_from_slice(value.as_bytes());
    } else {
        for c in value.chars() {
            character(out, c);
        }
    }
    out.push(b'"');
}

fn character(out: &mut Vec<u8>, c: char) {
    match c {
        '"' => out.extend_from_slice(b"\\\""),
        '\\' => out.extend_from_slice(b"\\\\"),
        '\n' => out.extend_from_slice(b"\\n"),
        '\r' => out.extend_from_slice(b"\\r"),
        '\t' => out.extend_from_slice(b"\\t"),
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' => {
            let code = u32::from(c);
            out.extend_from_slice(b"\\u00");
            out.push(hex_digit(code >> 4));
            out.push(hex_digit(code & 0xF));
        }
        c => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
    }
}

const fn hex_digit(value: u32) -> u8 {
    #[expect(clippy::cast_possible_truncation, reason = "callers pass four bits")]
    let value = value as u8;
    if value < 10 {
        b'0' + value
    } else {
        b'a' + value - 10
    }
}

/// Appends `value` in decimal.
pub(crate) fn number(out: &mut Vec<u8>, mut value: u64) {
    // As many as `u64::MAX` has; the last one is found first.
    let mut digits = [0; 20];
    let mut start = digits.len();
    for place in digits.iter_mut().rev() {
        *place = b'0' + digit(value % 10);
        start -= 1;
        value /= 10;
        if value == 0 {
            break;
        }
    }
    out.extend_from_slice(digits.get(start..).unwrap_or_default());
}

const fn digit(value: u64) -> u8 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "callers pass a number below 10"
    )]
    let digit = value as u8;
    digit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_string_reads_back_as_it_was() {
        for code in (0..0x3000).chain(0xfff0..0x1_0010) {
            let Some(c) = char::from_u32(code) else {
                continue;
            };
            let text = format!("a{c}b");
            let mut out = Vec::new();
            string(&mut out, &text);
            assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), text);
            assert!(
                String::from_utf8(out)
                    .unwrap()
                    .chars()
                    .all(|c| !c.is_control()),
                "{code:x}"
            );
        }
    }

    #[test]
    fn numbers_are_written_as_the_standard_library_does() {
        for value in [0, 7, 10, 99, 100, 65_535, 1_000_000_007, u64::MAX] {
            let mut out = b"x".to_vec();
            number(&mut out, value);
            assert_eq!(String::from_utf8(out).unwrap(), format!("x{value}"));
        }
    }

    #[test]
    fn objects_and_arrays_nest() {
        let mut out = Vec::new();
        {
            let mut object = Object::new(&mut out);
            object.string("a", "x\"y");
            object.null("b");
            {
                let mut array = object.array("c");
                array.string("1");
                array.object().number("d", 2);
                let _empty = array.object();
            }
            object.signed("e", i64::MIN);
            object.bool("f", true);
            object.number_or_null("g", None);
            object.string_or_null("h", Some(""));
            let _empty = object.array("i");
        }
        assert_eq!(
            String::from_utf8(out).unwrap(),
            r#"{"a":"x\"y","b":null,"c":["1",{"d":2},{}],"e":-9223372036854775808,"f":true,"g":null,"h":"","i":[]}"#
        );
    }
}
