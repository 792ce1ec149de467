//! Tells of coverage when it becomes another, and not because a count moved.

use portlog_model::{CoverageStatus, Event, EventKind, Moment, SourceKind, Table};
use portlog_sockets::{Batch, DestroyEvents, Fallback, SelfCheckVerdict, TableReport};

/// What was told of each table last.
#[derive(Clone, Debug, Default)]
pub(crate) struct CoverageMemory {
    told: [Option<Shape>; Table::ALL.len()],
}

impl CoverageMemory {
    /// Appends a coverage event for each table of which something else must be said now.
    pub(crate) fn tell_changes(&mut self, batch: &Batch, at: Moment, events: &mut Vec<Event>) {
        for (table, told) in Table::ALL.into_iter().zip(&mut self.told) {
            let report = batch.report(table);
            let shape = Shape::from(report);
            if told.replace(shape) != Some(shape) {
                events.push(Event {
                    at,
                    kind: EventKind::Coverage(report.coverage(table)),
                });
            }
        }
    }
}

/// A report without its counts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Shape {
    source: SourceKind,
    status: CoverageStatus,
    errno: Option<i32>,
    has_bad_rows: bool,
    is_truncated: bool,
    is_tracked_whole: bool,
    fallback: Option<Fallback>,
    self_check: SelfCheckVerdict,
    destroy_events: DestroyEvents,
}

impl From<&TableReport> for Shape {
    fn from(report: &TableReport) -> Self {
        Self {
            source: report.source,
            status: report.status,
            errno: report.errno,
            has_bad_rows: report.bad_rows > 0,
            is_truncated: report.truncated_at.is_some(),
            is_tracked_whole: report.not_tracked == 0,
            fallback: report.fallback,
            self_check: report.self_check,
            destroy_events: report.destroy_events,
        }
    }
}

#[cfg(test)]
mod tests {
    use portlog_model::{BootTime, WallTime};

    use super::*;

    const AT: Moment = Moment {
        wall: WallTime::from_millis(0),
        boot: BootTime::from_nanos(0),
    };

    #[test]
    fn a_table_is_told_of_once_until_something_else_must_be_said() {
        let mut memory = CoverageMemory::default();
        let mut batch = Batch::default();
        let mut events = Vec::new();
        memory.tell_changes(&batch, AT, &mut events);
        assert_eq!(events.len(), Table::ALL.len());
        events.clear();

        batch.report_mut(Table::Tcp).rows = 7;
        memory.tell_changes(&batch, AT, &mut events);
        assert_eq!(events, []);

        batch.report_mut(Table::Tcp).status = CoverageStatus::Denied;
        memory.tell_changes(&batch, AT, &mut events);
        let [
            Event {
                kind: EventKind::Coverage(coverage),
                ..
            },
        ] = events.as_slice()
        else {
            panic!("{events:?}");
        };
        assert_eq!(coverage.item.as_str(), "tcp");
        assert_eq!(coverage.status, CoverageStatus::Denied);
    }
}
