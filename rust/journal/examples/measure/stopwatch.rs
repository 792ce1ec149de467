//! Time on the clock and on the processor.

use std::fs;
use std::time::{Duration, Instant};

/// What something took.
#[derive(Clone, Copy)]
pub(crate) struct Took {
    pub(crate) clock: Duration,
    pub(crate) processor: Duration,
    /// Ready to run, and others were running; where it is known.
    pub(crate) waited: Option<Duration>,
}

impl Took {
    pub(crate) fn print(self, what: &str, more: &str) {
        let waited = self.waited.map_or("-".to_owned(), seconds);
        println!(
            "| {what} | {} | {} | {waited} | {more} |",
            seconds(self.clock),
            seconds(self.processor)
        );
    }

    /// How many a second by the clock, and had nobody else been running.
    pub(crate) fn rate(self, count: u64) -> String {
        let each = |time: Duration| {
            let nanos = time.as_nanos().max(1);
            u128::from(count) * 1_000_000_000 / nanos
        };
        let by_clock = format!("{} a second", each(self.clock));
        match self.waited {
            Some(waited) => {
                let alone = each(self.clock.saturating_sub(waited));
                format!("{by_clock}; {alone} without that wait")
            }
            None => by_clock,
        }
    }
}

/// Runs until it is stopped.
pub(crate) struct Stopwatch {
    begin: Instant,
    before: (Duration, Duration),
}

impl Stopwatch {
    pub(crate) fn start() -> Self {
        Self {
            begin: Instant::now(),
            before: of_this_process(),
        }
    }

    /// On the clock, and it runs on.
    pub(crate) fn so_far(&self) -> Duration {
        self.begin.elapsed()
    }

    pub(crate) fn stop(self) -> Took {
        let (processor, waited) = of_this_process();
        Took {
            clock: self.begin.elapsed(),
            processor: processor.saturating_sub(self.before.0),
            waited: Some(waited.saturating_sub(self.before.1)),
        }
    }
}

/// Of all threads, to the nanosecond: time on the processor, and time spent ready to run while others
/// ran (`schedstat` of each, proc(5)).
fn of_this_process() -> (Duration, Duration) {
    let Ok(tasks) = fs::read_dir("/proc/self/task") else {
        return (Duration::ZERO, Duration::ZERO);
    };
    tasks
        .filter_map(|task| fs::read_to_string(task.ok()?.path().join("schedstat")).ok())
        .filter_map(|text| {
            let mut numbers = text.split_whitespace().map(str::parse::<u64>);
            Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
        })
        .fold((Duration::ZERO, Duration::ZERO), |sum, (ran, waited)| {
            (
                sum.0 + Duration::from_nanos(ran),
                sum.1 + Duration::from_nanos(waited),
            )
        })
}

fn seconds(time: Duration) -> String {
    format!("{:.3} s", time.as_secs_f64())
}

/// User and system time of the children that have ended, to a hundredth of a second.
pub(crate) fn of_children() -> Duration {
    let ticks = fs::read_to_string("/proc/self/stat").ok().and_then(|text| {
        // Behind the name, which may have spaces: fields 16 and 17 of proc(5) are cutime and cstime.
        let rest = text.rsplit_once(") ")?.1.to_owned();
        let field = |at: usize| rest.split(' ').nth(at)?.parse::<u64>().ok();
        Some(field(13)? + field(14)?)
    });
    Duration::from_millis(ticks.unwrap_or(0) * 10)
}
