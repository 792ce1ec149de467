//! Colour, where it is wanted.

use std::env;
use std::fmt;
use std::io::IsTerminal;

use clap::builder::styling::{AnsiColor, Color, Style};

/// What colour means here. Colour only repeats what the words already say.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Tone {
    /// As it is.
    Plain,
    /// Headings.
    Strong,
    /// Less important: what is over, what is our own, reasons.
    Faint,
    /// A match; a table that could not be read.
    Alarm,
    /// A possible match; what is not observed live; what is not certain.
    Caution,
    /// Something new.
    Fresh,
    /// What comes with the phone.
    Firmware,
}

impl Tone {
    const fn style(self) -> Style {
        match self {
            Self::Plain => Style::new(),
            Self::Strong => Style::new().bold(),
            Self::Faint => Style::new().dimmed(),
            Self::Alarm => colour(AnsiColor::Red).bold(),
            Self::Caution => colour(AnsiColor::Yellow),
            Self::Fresh => colour(AnsiColor::Green),
            Self::Firmware => colour(AnsiColor::Cyan),
        }
    }
}

const fn colour(colour: AnsiColor) -> Style {
    Style::new().fg_color(Some(Color::Ansi(colour)))
}

/// Whether an output takes colour.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Paint {
    on: bool,
}

impl Paint {
    /// Never any colour.
    pub(crate) const OFF: Self = Self { on: false };

    /// Colour for `stream`, as the environment and the kind of stream have it.
    pub(crate) fn of(stream: &impl IsTerminal) -> Self {
        Self {
            on: wanted(stream.is_terminal(), |name| {
                env::var_os(name).map(|value| value.to_string_lossy().into_owned())
            }),
        }
    }

    /// Whether colour is used.
    pub(crate) const fn is_on(self) -> bool {
        self.on
    }

    /// `text` in the colour of `tone`, where colour is used.
    pub(crate) fn paint<T: fmt::Display>(self, tone: Tone, text: T) -> Painted<T> {
        let style = if self.on { tone.style() } else { Style::new() };
        Painted { style, text }
    }
}

/// A text that prints itself in its colour.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Painted<T> {
    style: Style,
    text: T,
}

impl<T: fmt::Display> fmt::Display for Painted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { style, text } = self;
        write!(f, "{style}{text}{style:#}")
    }
}

/// The conventions of no-color.org and of `CLICOLOR`: a non-empty `NO_COLOR` wins over everything,
/// `CLICOLOR_FORCE` over the kind of stream.
fn wanted(is_terminal: bool, var: impl Fn(&str) -> Option<String>) -> bool {
    if var("NO_COLOR").is_some_and(|value| !value.is_empty()) {
        return false;
    }
    if var("CLICOLOR_FORCE").is_some_and(|value| !value.is_empty() && value != "0") {
        return true;
    }
    is_terminal
        && var("CLICOLOR").is_none_or(|value| value != "0")
        && var("TERM").is_some_and(|value| value != "dumb")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(is_terminal: bool, vars: &[(&str, &str)]) -> bool {
        wanted(is_terminal, |name| {
            vars.iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_environment_decides() {
        let term = ("TERM", "xterm-256color");
        assert!(asked(true, &[term]));
        assert!(!asked(false, &[term]));
        assert!(!asked(true, &[("TERM", "dumb")]));
        assert!(!asked(true, &[]));
        assert!(!asked(true, &[term, ("NO_COLOR", "1")]));
        assert!(asked(true, &[term, ("NO_COLOR", "")]));
        assert!(!asked(true, &[term, ("CLICOLOR", "0")]));
        assert!(asked(false, &[("CLICOLOR_FORCE", "1")]));
        assert!(!asked(false, &[("CLICOLOR_FORCE", "0")]));
        assert!(!asked(
            true,
            &[term, ("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]
        ));
    }

    #[test]
    fn without_colour_a_text_is_as_it_was() {
        assert_eq!(Paint::OFF.paint(Tone::Alarm, "x").to_string(), "x");
        assert_eq!(
            Paint { on: true }.paint(Tone::Alarm, "x").to_string(),
            "\u{1b}[1m\u{1b}[31mx\u{1b}[0m"
        );
        assert_eq!(Paint { on: true }.paint(Tone::Plain, "x").to_string(), "x");
    }
}
