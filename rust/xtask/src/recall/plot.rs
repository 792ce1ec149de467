//! The plot of recall: a small panel for each ending and interval.
//!
//! Written by hand, since no plotting crate is worth its dependencies for four lines in a box. The
//! colours follow the reader's light or dark scheme.

use std::fmt::Write as _;

use super::{Cell, ENDINGS, SOURCES, axis, span};

/// A panel's size and what is around it, in the plot's units.
const PANEL: (f64, f64) = (210.0, 108.0);
const GAP: (f64, f64) = (26.0, 34.0);
const LEFT: f64 = 176.0;
const TOP: f64 = 104.0;
const RIGHT: f64 = 24.0;
const BOTTOM: f64 = 52.0;

const STYLE: &str = "
.paper { fill: #ffffff }
.panel { fill: none; stroke: #d0d7de }
.grid { stroke: #eaeef2 }
text { fill: #1f2328; font: 12px sans-serif }
.title { font-size: 16px; font-weight: bold }
.small { font-size: 10px; fill: #59636e }
.procfs { stroke: #0b6bcb; fill: none; stroke-width: 2 }
.diag { stroke: #c2410c; fill: none; stroke-width: 2 }
.dot.procfs { fill: #0b6bcb; stroke: none }
.dot.diag { fill: #c2410c; stroke: none }
.seen { stroke-dasharray: 5 5; stroke-width: 1.5 }
.diag.seen { stroke-dashoffset: 5 }
.chance { stroke: #8c959f; fill: none; stroke-dasharray: 1 3 }
@media (prefers-color-scheme: dark) {
.paper { fill: #0d1117 }
.panel { stroke: #3d444d }
.grid { stroke: #21262d }
text { fill: #e6edf3 }
.small { fill: #9198a1 }
.procfs { stroke: #6cb6ff }
.diag { stroke: #ffa657 }
.dot.procfs { fill: #6cb6ff }
.dot.diag { fill: #ffa657 }
.chance { stroke: #767e88 }
}
";

/// The plot of all cells.
pub(super) fn svg(cells: &[Cell]) -> String {
    let intervals = axis(cells, |cell| cell.interval);
    let lifetimes = Lifetimes(axis(cells, |cell| cell.lifetime));
    let (columns, rows) = (count(intervals.len()), count(ENDINGS.len()));
    let width = LEFT + columns * PANEL.0 + (columns - 1.0) * GAP.0 + RIGHT;
    let height = TOP + rows * PANEL.1 + (rows - 1.0) * GAP.1 + BOTTOM;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\">\n\
         <title>Share of short connections that a watch sees, by lifetime, interval and ending</title>\n\
         <style>{STYLE}</style>\n\
         <rect class=\"paper\" width=\"{width}\" height=\"{height}\"/>\n"
    );
    text(
        &mut out,
        "title",
        "start",
        (24.0, 32.0),
        "Short connections: what a watch sees of them",
    );
    legend(&mut out);
    for (column, interval) in intervals.iter().enumerate() {
        let x = LEFT + count(column) * (PANEL.0 + GAP.0);
        let heading = format!("a look every {}", span(*interval));
        text(
            &mut out,
            "",
            "middle",
            (x + PANEL.0 / 2.0, TOP - 12.0),
            &heading,
        );
        for (row, (ending, title)) in ENDINGS.iter().enumerate() {
            let y = TOP + count(row) * (PANEL.1 + GAP.1);
            if column == 0 {
                text(&mut out, "", "end", (LEFT - 44.0, y + PANEL.1 / 2.0), title);
            }
            let panel = Panel {
                corner: (x, y),
                cells,
                lifetimes: &lifetimes,
                ending,
                interval: *interval,
            };
            panel.draw(&mut out, column == 0, row + 1 == ENDINGS.len());
        }
    }
    let middle = LEFT + (width - LEFT - RIGHT) / 2.0;
    text(
        &mut out,
        "",
        "middle",
        (middle, height - 12.0),
        "how long the connection lived",
    );
    out.push_str("</svg>\n");
    out
}

fn legend(out: &mut String) {
    let entries = [
        ("procfs", "procfs: with owner", true),
        ("procfs seen", "procfs: seen at all", false),
        ("diag", "sock_diag: with owner", true),
        (
            "diag seen",
            "sock_diag and destroy events: seen at all",
            false,
        ),
        ("chance", "chance that a look falls into it", false),
    ];
    let mut x = 24.0;
    for (class, title, dot) in entries {
        line(out, class, (x, 54.0), (x + 28.0, 54.0));
        if dot {
            circle(out, class, (x + 14.0, 54.0));
        }
        text(out, "", "start", (x + 34.0, 58.0), title);
        x += 62.0 + 6.1 * count(title.len());
    }
}

/// One ending at one interval.
struct Panel<'a> {
    corner: (f64, f64),
    cells: &'a [Cell],
    lifetimes: &'a Lifetimes,
    ending: &'a str,
    interval: u32,
}

impl Panel<'_> {
    fn draw(&self, out: &mut String, labels_left: bool, labels_below: bool) {
        let (x, y) = self.corner;
        for share in [0.0, 0.5, 1.0] {
            let level = self.place(0.0, share).1;
            line(out, "grid", (x, level), (x + PANEL.0, level));
            if labels_left {
                let label = format!("{:.0} %", share * 100.0);
                text(out, "small", "end", (x - 6.0, level + 3.5), &label);
            }
        }
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "<rect class=\"panel\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{}\" height=\"{}\"/>",
            PANEL.0, PANEL.1
        );
        if labels_below {
            for lifetime in [10, 100, 1_000, 5_000] {
                let at = self.place(self.lifetimes.place(lifetime), 0.0);
                text(out, "small", "middle", (at.0, at.1 + 18.0), &span(lifetime));
            }
        }
        let chance =
            self.points(|lifetime| Some((f64::from(lifetime) / f64::from(self.interval)).min(1.0)));
        polyline(out, "chance", &chance);
        let share = |source: &str, lifetime: u32, of: fn(&Cell) -> u32| {
            let cell = Cell::find(self.cells, source, self.ending, self.interval, lifetime)?;
            cell.share(of(cell))
        };
        for source in SOURCES {
            let seen = self.points(|lifetime| {
                share(source, lifetime, |cell| cell.with_owner + cell.tuple_only)
            });
            polyline(out, &format!("{source} seen"), &seen);
        }
        for source in SOURCES {
            let owned = self.points(|lifetime| share(source, lifetime, |cell| cell.with_owner));
            polyline(out, source, &owned);
            for point in owned {
                circle(out, source, point);
            }
        }
    }

    /// A point for each lifetime of which there is a share.
    fn points(&self, share: impl Fn(u32) -> Option<f64>) -> Vec<(f64, f64)> {
        self.lifetimes
            .0
            .iter()
            .filter_map(|lifetime| {
                Some(self.place(self.lifetimes.place(*lifetime), share(*lifetime)?))
            })
            .collect()
    }

    /// From shares of the panel's width and height, the latter from below.
    fn place(&self, along: f64, share: f64) -> (f64, f64) {
        // So that lines at either end do not lie on the frame.
        let margin = 6.0;
        let (width, height) = (PANEL.0 - 2.0 * margin, PANEL.1 - 2.0 * margin);
        (
            self.corner.0 + margin + along * width,
            self.corner.1 + margin + (1.0 - share) * height,
        )
    }
}

/// The lifetimes, in order; their axis is logarithmic.
struct Lifetimes(Vec<u32>);

impl Lifetimes {
    /// From 0, the shortest, to 1, the longest.
    fn place(&self, lifetime: u32) -> f64 {
        let log = |millis: &u32| f64::from((*millis).max(1)).ln();
        match (self.0.first(), self.0.last()) {
            (Some(first), Some(last)) if first < last => {
                (log(&lifetime) - log(first)) / (log(last) - log(first))
            }
            _ => 0.5,
        }
    }
}

fn text(out: &mut String, class: &str, anchor: &str, (x, y): (f64, f64), words: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(
        out,
        "<text class=\"{class}\" text-anchor=\"{anchor}\" x=\"{x:.1}\" y=\"{y:.1}\">{words}</text>"
    );
}

fn line(out: &mut String, class: &str, from: (f64, f64), to: (f64, f64)) {
    let _ = writeln!(
        out,
        "<line class=\"{class}\" x1=\"{:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\"/>",
        from.0, from.1, to.0, to.1
    );
}

fn polyline(out: &mut String, class: &str, points: &[(f64, f64)]) {
    let points: Vec<String> = points
        .iter()
        .map(|(x, y)| format!("{x:.1},{y:.1}"))
        .collect();
    let _ = writeln!(
        out,
        "<polyline class=\"{class}\" points=\"{}\"/>",
        points.join(" ")
    );
}

fn circle(out: &mut String, class: &str, (x, y): (f64, f64)) {
    let _ = writeln!(
        out,
        "<circle class=\"dot {class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"2.6\"/>"
    );
}

fn count(number: usize) -> f64 {
    u32::try_from(number).map_or(f64::MAX, f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells() -> Vec<Cell> {
        let mut cells = Vec::new();
        for source in SOURCES {
            for (ending, _) in ENDINGS {
                for interval in [100, 500, 1_000, 5_000] {
                    for lifetime in [10, 100, 5_000] {
                        cells.push(Cell {
                            source: source.to_owned(),
                            interval,
                            ending: ending.to_owned(),
                            lifetime,
                            with_owner: lifetime.min(interval),
                            unseen: interval - lifetime.min(interval),
                            ..Cell::default()
                        });
                    }
                }
            }
        }
        cells
    }

    #[test]
    fn a_panel_is_drawn_for_each_ending_and_interval() {
        let plot = svg(&cells());
        let panels = ENDINGS.len() * 4;
        assert_eq!(plot.matches("class=\"panel\"").count(), panels);
        // Chance, and for each source seen and with owner.
        assert_eq!(plot.matches("<polyline").count(), panels * 5);
        assert!(plot.starts_with("<svg ") && plot.ends_with("</svg>\n"));
        assert!(!plot.contains("NaN") && !plot.contains("inf"));
    }

    #[test]
    fn every_point_lies_within_the_plot() {
        let plot = svg(&cells());
        let size: Vec<f64> = plot
            .split_once("viewBox=\"0 0 ")
            .and_then(|(_, rest)| rest.split_once('"'))
            .unwrap()
            .0
            .split(' ')
            .map(|number| number.parse().unwrap())
            .collect();
        for (name, limit) in [(" cx=\"", size[0]), (" cy=\"", size[1]), (" x=\"", size[0])] {
            for rest in plot.split(name).skip(1) {
                let number: f64 = rest.split_once('"').unwrap().0.parse().unwrap();
                assert!((0.0..=limit).contains(&number), "{name}{number}");
            }
        }
    }

    #[test]
    fn what_was_not_measured_leaves_a_gap() {
        let one = &cells()[..1];
        assert!(!svg(one).contains("NaN"));
    }
}
