//! A page for people, written from the top: lines, headings, facts with their names. What stands on it
//! is the matter of the module that writes it, which adds its own parts to [`Page`].

use std::fmt::{Display, Write as _};

use super::clean::clean;
use super::paint::{Paint, Tone};
use crate::time::LocalTime;

/// A page that grows downwards.
pub(super) struct Page<'a> {
    pub(super) out: &'a mut String,
    pub(super) local: &'a LocalTime,
    pub(super) paint: Paint,
    /// Columns that the name of a fact takes.
    pub(super) names: usize,
}

impl Page<'_> {
    pub(super) fn line(&mut self, tone: Tone, text: impl Display) {
        let text = text.to_string();
        // Writing to a string cannot fail.
        let _ = writeln!(self.out, "{}", self.paint.paint(tone, clean(&text)));
    }

    pub(super) fn heading(&mut self, text: &str) {
        self.out.push('\n');
        self.line(Tone::Strong, text);
    }

    pub(super) fn fact(&mut self, name: &str, text: impl Display) {
        let names = self.names;
        self.line(Tone::Plain, format!("  {name:<names$} {text}"));
    }
}
