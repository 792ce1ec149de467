//! A table whose columns are as wide as what stands in them.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr as _;

use super::clean::clean;
use super::paint::{Paint, Tone};

/// A cell: a text and what it means.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    text: String,
    tone: Tone,
}

impl Cell {
    /// A cell; what could drive a terminal is escaped.
    pub(crate) fn new(text: &str) -> Self {
        Self::toned(text, Tone::Plain)
    }

    /// A cell with a meaning.
    pub(crate) fn toned(text: &str, tone: Tone) -> Self {
        Self {
            text: clean(text).into_owned(),
            tone,
        }
    }
}

/// Rows of `N` cells below a heading.
#[derive(Clone, Debug)]
pub(crate) struct Table<const N: usize> {
    heading: [&'static str; N],
    rows: Vec<[Cell; N]>,
}

impl<const N: usize> Table<N> {
    /// A table without rows.
    pub(crate) const fn new(heading: [&'static str; N]) -> Self {
        Self {
            heading,
            rows: Vec::new(),
        }
    }

    /// Adds a row.
    pub(crate) fn push(&mut self, row: [Cell; N]) {
        self.rows.push(row);
    }

    /// Appends the table. A column in which nothing stands is left out.
    pub(crate) fn write(&self, out: &mut String, paint: Paint) {
        let mut widths = [0; N];
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = cell.text.width().max(*width);
            }
        }
        let last = widths.iter().rposition(|width| *width > 0).unwrap_or(0);
        for (width, heading) in widths.iter_mut().zip(self.heading) {
            if *width > 0 {
                *width = heading.width().max(*width);
            }
        }
        let heading = self
            .heading
            .map(|heading| Cell::toned(heading, Tone::Strong));
        for row in std::iter::once(&heading).chain(&self.rows) {
            for (column, (cell, width)) in row.iter().zip(widths).enumerate() {
                if width == 0 {
                    continue;
                }
                // Writing to a string cannot fail.
                let _ = write!(out, "{}", paint.paint(cell.tone, &cell.text));
                if column < last {
                    let gap = width.saturating_sub(cell.text.width()) + 2;
                    out.extend(std::iter::repeat_n(' ', gap));
                }
            }
            while out.ends_with(' ') {
                out.pop();
            }
            out.push('\n');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_by_width_and_empty_ones_left_out() {
        let mut table = Table::new(["NAME", "EMPTY", "STATE", "END"]);
        for (name, state) in [("相机", "a"), ("long name", "bb"), ("e\u{301}", "")] {
            table.push([
                Cell::new(name),
                Cell::new(""),
                Cell::new(state),
                Cell::new("."),
            ]);
        }
        let mut out = String::new();
        table.write(&mut out, Paint::OFF);
        assert_eq!(
            out,
            "NAME       STATE  END\n\
             相机       a      .\n\
             long name  bb     .\n\
             e\u{301}                 .\n"
        );
    }

    #[test]
    fn a_cell_cannot_drive_the_terminal() {
        let mut table = Table::new(["NAME"]);
        table.push([Cell::new("a\u{1b}[2J\nb")]);
        let mut out = String::new();
        table.write(&mut out, Paint::OFF);
        assert_eq!(out, "NAME\na\\u{1b}[2J\\u{a}b\n");
    }
}
