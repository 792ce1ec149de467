//! Values in sentences that others chose: an app's label, an entry of a list, a host's name.

use portlog_model::Alert;

/// The most characters of a value that a sentence shows.
const MAX_CHARS: usize = 120;

/// `text` made safe to stand in a line: control characters, line separators and characters that
/// turn the reading direction or cannot be seen become U+FFFD, `"` becomes `'` (sentences quote
/// with `"`), and what goes beyond 120 characters becomes an ellipsis.
pub fn clean(text: &str) -> String {
    let mut chars = text.chars().map(harmless);
    let mut cleaned: String = chars.by_ref().take(MAX_CHARS).collect();
    if chars.next().is_some() {
        cleaned.push('\u{2026}');
    }
    cleaned
}

/// `text`, cleaned, in quotation marks.
pub(crate) fn quoted(text: &str) -> String {
    format!("\"{}\"", clean(text))
}

/// Whether `alert` is the practice that the user asked for.
pub(crate) fn is_practice(alert: &Alert) -> bool {
    alert
        .observed
        .as_ref()
        .is_some_and(|observed| observed.connection.practice)
}

const fn harmless(c: char) -> char {
    match c {
        '"' => '\'',
        '\0'..='\u{1F}' | '\u{7F}'..='\u{9F}' // controls (C0, DEL, C1)
        | '\u{AD}' | '\u{180E}' | '\u{200B}' | '\u{FEFF}' // cannot be seen
        | '\u{61C}' | '\u{200E}' | '\u{200F}' // direction marks
        | '\u{2028}'..='\u{202E}' // separators of lines and paragraphs, embeddings, overrides
        | '\u{2060}'..='\u{206F}' // word joiner, isolates, deprecated controls
        | '\u{E0000}'..='\u{E007F}' // tags, with which text is hidden
        => char::REPLACEMENT_CHARACTER,
        // The joiners U+200C and U+200D stay: scripts need them.
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_forge_a_line_or_its_direction_is_replaced() {
        assert_eq!(clean("a\nb\u{1b}[2Jc"), "a\u{fffd}b\u{fffd}[2Jc");
        assert_eq!(clean("\u{202e}gpj.exe\u{2066}"), "\u{fffd}gpj.exe\u{fffd}");
        assert_eq!(clean("say \"no\""), "say 'no'");
    }

    #[test]
    fn ordinary_scripts_stay() {
        for text in ["Wetter-App", "天气", "मौसम", "الطقس", "نمی\u{200c}خواهم"]
        {
            assert_eq!(clean(text), text);
        }
    }

    #[test]
    fn a_long_value_is_cut_between_characters() {
        assert_eq!(clean(&"ä".repeat(120)), "ä".repeat(120));
        assert_eq!(
            clean(&"ä".repeat(121)),
            format!("{}\u{2026}", "ä".repeat(120))
        );
    }
}
