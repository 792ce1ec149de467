//! The live view's colours; without colour, weight and reverse video say the same.

use ratatui::style::{Color, Modifier, Style};

use crate::text::paint::Tone;

/// Styles of the view.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Theme {
    colour: bool,
}

impl Theme {
    /// With or without colour.
    pub(crate) const fn new(colour: bool) -> Self {
        Self { colour }
    }

    /// The style of what means `tone`.
    pub(crate) fn tone(self, tone: Tone) -> Style {
        let plain = Style::new();
        match tone {
            Tone::Plain => plain,
            Tone::Strong => plain.add_modifier(Modifier::BOLD),
            Tone::Faint => plain.add_modifier(Modifier::DIM),
            Tone::Alarm => self.in_colour(Color::Red).add_modifier(Modifier::BOLD),
            Tone::Caution => self.in_colour(Color::Yellow),
            Tone::Fresh => self.in_colour(Color::Green),
            Tone::Firmware => self.in_colour(Color::Cyan),
        }
    }

    /// The line that the cursor is on.
    pub(crate) fn cursor() -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// The border of a pane.
    pub(crate) fn border(self, has_focus: bool) -> Style {
        if has_focus {
            self.in_colour(Color::Blue).add_modifier(Modifier::BOLD)
        } else {
            self.tone(Tone::Faint)
        }
    }

    fn in_colour(self, colour: Color) -> Style {
        if self.colour {
            Style::new().fg(colour)
        } else {
            Style::new()
        }
    }
}
