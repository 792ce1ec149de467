//! A writer of HTML in which text cannot become markup.
//!
//! Names of elements and attributes are parts of this program (`&'static str`); whatever comes from
//! elsewhere goes through [`escape`], the one function that puts text into the page. A template
//! engine would bring a language, a macro and a dozen crates for one page; the types here do.

/// A page on its way.
#[derive(Debug)]
pub(crate) struct Html {
    out: String,
}

/// An attribute: its name and its value, which is escaped.
pub(crate) type Attribute<'a> = (&'static str, &'a str);

impl Html {
    /// An HTML document with nothing in it yet.
    pub(crate) fn document() -> Self {
        Self {
            out: "<!DOCTYPE html>\n".to_owned(),
        }
    }

    /// An element, and what `content` writes in it.
    pub(crate) fn element(
        &mut self,
        name: &'static str,
        attributes: &[Attribute<'_>],
        content: impl FnOnce(&mut Self),
    ) {
        self.open(name, attributes);
        content(self);
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push('>');
        if is_block(name) {
            self.out.push('\n');
        }
    }

    /// An element with text in it.
    pub(crate) fn leaf(
        &mut self,
        name: &'static str,
        attributes: &[Attribute<'_>],
        text: impl AsRef<str>,
    ) {
        self.element(name, attributes, |html| html.text(text.as_ref()));
    }

    /// An element that has no content and no end.
    pub(crate) fn void(&mut self, name: &'static str, attributes: &[Attribute<'_>]) {
        self.open(name, attributes);
        self.out.push('\n');
    }

    /// Text.
    pub(crate) fn text(&mut self, text: &str) {
        escape(&mut self.out, text);
    }

    /// The page's style sheet, which is a part of this program.
    pub(crate) fn style(&mut self, css: &'static str) {
        self.out.push_str("<style>\n");
        self.out.push_str(css);
        self.out.push_str("</style>\n");
    }

    /// The page.
    pub(crate) fn finish(self) -> String {
        self.out
    }

    fn open(&mut self, name: &'static str, attributes: &[Attribute<'_>]) {
        self.out.push('<');
        self.out.push_str(name);
        for (name, value) in attributes {
            self.out.push(' ');
            self.out.push_str(name);
            self.out.push_str("=\"");
            escape(&mut self.out, value);
            self.out.push('"');
        }
        self.out.push('>');
    }
}

/// The most marks in a row that sit on one letter: scripts need a few, and a pile of them covers the
/// lines around it.
const MAX_MARKS: usize = 4;

/// Appends `text` as text: nothing in it is markup, ends an attribute, turns the reading direction,
/// hides, or covers other lines.
fn escape(out: &mut String, text: &str) {
    let mut marks = 0;
    for character in text.chars() {
        marks = if is_mark(character) { marks + 1 } else { 0 };
        if marks > MAX_MARKS {
            continue;
        }
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' => out.push('\n'),
            unsafe_one if is_unsafe(unsafe_one) => out.push(char::REPLACEMENT_CHARACTER),
            other => out.push(other),
        }
    }
}

/// What controls, hides or reorders text. Verified bundles have none of it (docs/LOG-FORMAT.md,
/// section 2.1); file names may.
const fn is_unsafe(character: char) -> bool {
    matches!(
        character,
        '\0'..='\u{1F}'
            | '\u{7F}'..='\u{9F}'
            | '\u{AD}'
            | '\u{61C}'
            | '\u{180E}'
            | '\u{200B}'
            | '\u{200E}'..='\u{200F}'
            | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{FEFF}'
            | '\u{FFF0}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E0FFF}'
    )
}

/// Marks that combine with the letter before them.
const fn is_mark(character: char) -> bool {
    matches!(
        character,
        '\u{300}'..='\u{36F}'
            | '\u{483}'..='\u{489}'
            | '\u{E31}' | '\u{E34}'..='\u{E3A}' | '\u{E47}'..='\u{E4E}'
            | '\u{1AB0}'..='\u{1AFF}'
            | '\u{1DC0}'..='\u{1DFF}'
            | '\u{20D0}'..='\u{20FF}'
            | '\u{FE00}'..='\u{FE0F}'
            | '\u{FE20}'..='\u{FE2F}'
    )
}

/// Elements after which a new line begins, so that the source can be read.
fn is_block(name: &str) -> bool {
    !matches!(
        name,
        "a" | "b" | "bdi" | "code" | "span" | "strong" | "td" | "th" | "rect" | "line"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> String {
        let mut out = String::new();
        escape(&mut out, text);
        out
    }

    #[test]
    fn no_text_is_markup_or_ends_an_attribute() {
        assert_eq!(
            written("<script>alert('x')</script> & \"y\""),
            "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;y&quot;"
        );
        let mut html = Html::document();
        html.leaf("a", &[("href", "\"><img src=x onerror=y>")], "</a>");
        assert_eq!(
            html.finish(),
            "<!DOCTYPE html>\n<a href=\"&quot;&gt;&lt;img src=x onerror=y&gt;\">&lt;/a&gt;</a>"
        );
    }

    #[test]
    fn nothing_turns_hides_or_covers_other_text() {
        assert_eq!(
            written("a\u{202e}b\u{0}c\u{feff}"),
            "a\u{fffd}b\u{fffd}c\u{fffd}"
        );
        let piled = format!("a{}b", "\u{301}".repeat(500));
        assert_eq!(
            written(&piled),
            format!("a{}b", "\u{301}".repeat(MAX_MARKS))
        );
    }

    #[test]
    fn ordinary_scripts_stay_as_they_are() {
        for text in ["天气", "मौसम क्ष्म", "الطقس", "é e\u{301}", "नम\u{200d}"]
        {
            assert_eq!(written(text), text);
        }
    }
}
