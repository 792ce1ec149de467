//! Figures, each with a name, on lines of their own.

use std::collections::BTreeMap;

/// What is measured inside this process.
pub(crate) const OF_POLLS: [&str; 30] = [
    "hash.tcp",
    "hash.udp",
    "rows.all",
    "rows.tcp",
    "rows.udp",
    "turns",
    "poll.bare-read.us",
    "poll.procfs.us",
    "poll.procfs.ratio",
    "poll.procfs.allocations",
    "poll.procfs.unchanged",
    "poll.procfs-crate.us",
    "poll.procfs-crate.ratio",
    "poll.bare-dump.us",
    "poll.diag.us",
    "poll.diag.ratio",
    "poll.diag.allocations",
    "poll.diag.unchanged",
    "churn.sockets",
    "churn.bare-read.us",
    "churn.procfs.us",
    "churn.procfs.ratio",
    "churn.procfs.events",
    "churn.bare-dump.us",
    "churn.diag.us",
    "churn.diag.ratio",
    "churn.diag.events",
    "churn.diag-programs.us",
    "churn.diag-programs.ratio",
    "churn.diag-programs.events",
];

/// What is measured of whole processes.
pub(crate) const OF_PROCESSES: [&str; 25] = [
    "command.ss.wall-us",
    "command.ss.cpu-us",
    "command.ss-udp-too.wall-us",
    "command.ss-udp-too.cpu-us",
    "command.snapshot-diag.wall-us",
    "command.snapshot-diag.cpu-us",
    "command.snapshot-diag.ratio",
    "command.snapshot-diag.ratio-udp-too",
    "command.netstat.wall-us",
    "command.netstat.cpu-us",
    "command.netstat-udp-too.wall-us",
    "command.netstat-udp-too.cpu-us",
    "command.snapshot-procfs.wall-us",
    "command.snapshot-procfs.cpu-us",
    "command.snapshot-procfs.ratio",
    "command.snapshot-procfs.ratio-udp-too",
    "steady.seconds",
    "steady.procfs.percent",
    "steady.procfs.own-percent",
    "steady.procfs.resident-kib",
    "steady.procfs.bare-percent",
    "steady.diag.percent",
    "steady.diag.own-percent",
    "steady.diag.resident-kib",
    "steady.diag.bare-percent",
];

/// Figures by name.
#[derive(Debug, Default)]
pub(crate) struct Report {
    figures: BTreeMap<String, f64>,
}

impl Report {
    pub(crate) fn add(&mut self, name: impl Into<String>, figure: f64) {
        self.figures.insert(name.into(), figure);
    }

    pub(crate) fn count(&mut self, name: impl Into<String>, count: u64) {
        #[expect(clippy::cast_precision_loss, reason = "counts of some thousands")]
        self.add(name, count as f64);
    }

    /// The figure; not a number where it is missing.
    pub(crate) fn get(&self, name: &str) -> f64 {
        self.figures.get(name).copied().unwrap_or(f64::NAN)
    }

    pub(crate) fn print(&self) {
        for (name, figure) in &self.figures {
            println!("{name}\t{figure:.4}");
        }
    }
}
