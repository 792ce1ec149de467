//! Text that others chose (an app's label, a process's name) made fit to stand in a line.

use std::sync::Arc;

/// `text` on one line, without control characters and without characters that turn the direction
/// of writing, at most `longest` characters; `None` where nothing is left.
///
/// A label or a process name is chosen by the very software that is watched: it must not be able to
/// break a line, move a terminal's cursor, or show a name backwards.
pub(crate) fn printable(text: &str, longest: usize) -> Option<Arc<str>> {
    let shown: String = text
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|&c| !c.is_control() && !turns_direction(c))
        .take(longest)
        .collect();
    let shown = shown.trim();
    (!shown.is_empty()).then(|| shown.into())
}

/// Unicode's bidirectional and other invisible format characters (UAX #9, general category Cf).
const fn turns_direction(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
        | '\u{E0000}'..='\u{E007F}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_break_its_line_or_turn_it_round() {
        assert_eq!(&*printable(" a\n\x1b[2Jb\t", 64).unwrap(), "a [2Jb");
        assert_eq!(&*printable("moc.\u{202E}x\u{200B}y", 64).unwrap(), "moc.xy");
    }

    #[test]
    fn nothing_to_show_is_none() {
        assert_eq!(printable("", 64), None);
        assert_eq!(printable("\u{202E}\n \0", 64), None);
    }

    #[test]
    fn a_long_name_is_cut_at_a_character() {
        assert_eq!(&*printable(&"ä".repeat(100), 3).unwrap(), "äää");
    }
}
