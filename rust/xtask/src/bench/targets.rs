//! What must be reached, and whether it was.

use super::{Figures, SETTINGS, Setting, get};

/// What must be reached.
pub(super) struct Target {
    what: &'static str,
    limit: f64,
    unit: Unit,
    /// The figures of which the worst counts.
    figures: &'static [&'static str],
    /// Settings that count, by their number of sockets and whether the hash is small.
    counts: fn(&Setting) -> bool,
}

#[derive(Clone, Copy)]
enum Unit {
    Times,
    Count,
    Percent,
    Mebibytes,
}

pub(super) const TARGETS: [Target; 7] = [
    Target {
        what: "procfs poll, by the bare read of the same files",
        limit: 1.25,
        unit: Unit::Times,
        figures: &["poll.procfs.ratio"],
        counts: |_| true,
    },
    Target {
        what: "diag poll, by its bare dump",
        limit: 1.6,
        unit: Unit::Times,
        figures: &["poll.diag.ratio"],
        counts: |_| true,
    },
    Target {
        what: "allocations in polls in which nothing changed",
        limit: 0.0,
        unit: Unit::Count,
        figures: &["poll.procfs.allocations", "poll.diag.allocations"],
        counts: |_| true,
    },
    Target {
        what: "snapshot as JSON by diag at 10,000 sockets, by `ss -tane`",
        limit: 0.6,
        unit: Unit::Times,
        figures: &["command.snapshot-diag.ratio"],
        counts: |setting| setting.sockets == 10_000,
    },
    Target {
        what: "snapshot as JSON by procfs at 10,000 sockets, by `netstat -tane`",
        limit: 0.8,
        unit: Unit::Times,
        figures: &["command.snapshot-procfs.ratio"],
        counts: |setting| setting.sockets == 10_000,
    },
    Target {
        what: "own user time at 300 sockets, 1 s interval, small hash",
        limit: 0.05,
        unit: Unit::Percent,
        figures: &["steady.procfs.own-percent", "steady.diag.own-percent"],
        counts: |setting| setting.sockets == 300 && setting.slots.is_some(),
    },
    Target {
        what: "resident memory at 300 sockets",
        limit: 12.0,
        unit: Unit::Mebibytes,
        figures: &["steady.procfs.resident-kib", "steady.diag.resident-kib"],
        counts: |setting| setting.sockets == 300,
    },
];

impl Target {
    /// A row of the table: what, limit, the worst that was measured, verdict.
    pub(super) fn row(&self, measured: &[Figures]) -> String {
        let worst = SETTINGS
            .iter()
            .zip(measured)
            .filter(|(setting, _)| (self.counts)(setting))
            .flat_map(|(_, figures)| self.figures.iter().map(|name| get(figures, name)))
            .fold(f64::NEG_INFINITY, |worst, figure| {
                // What was not measured is not met.
                if figure.is_nan() {
                    f64::INFINITY
                } else {
                    worst.max(figure)
                }
            });
        let worst = match self.unit {
            Unit::Mebibytes => worst / 1_024.0,
            Unit::Times | Unit::Count | Unit::Percent => worst,
        };
        let say = |figure: f64| match self.unit {
            Unit::Times => format!("{figure:.2}"),
            Unit::Count => format!("{figure:.0}"),
            Unit::Percent => format!("{figure:.3} %"),
            Unit::Mebibytes => format!("{figure:.1} MiB"),
        };
        let verdict = if worst <= self.limit {
            "pass"
        } else {
            "**miss**"
        };
        format!(
            "| {} | {} | {} | {verdict} |\n",
            self.what,
            say(self.limit),
            say(worst)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::parse;

    #[test]
    fn a_target_is_met_missed_or_not_measured() {
        let figures = parse(
            "poll.procfs.ratio\t1.0300\npoll.diag.ratio\t1.7000\nsomething else\n\
             steady.procfs.resident-kib\t6144\nsteady.diag.resident-kib\t5120\n",
        )
        .unwrap();
        let measured = vec![figures; SETTINGS.len()];
        let rows = TARGETS.each_ref().map(|target| target.row(&measured));
        assert!(rows[0].ends_with("| 1.25 | 1.03 | pass |\n"), "{}", rows[0]);
        assert!(
            rows[1].ends_with("| 1.60 | 1.70 | **miss** |\n"),
            "{}",
            rows[1]
        );
        assert!(rows[2].ends_with("| inf | **miss** |\n"), "{}", rows[2]);
        assert!(
            rows[6].ends_with("| 12.0 MiB | 6.0 MiB | pass |\n"),
            "{}",
            rows[6]
        );
    }
}
