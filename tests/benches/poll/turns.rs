//! Candidates that take turns.

use std::time::{Duration, Instant};

use nix::time::{ClockId, clock_gettime};

/// One of those that are compared.
pub(crate) struct Candidate<'a> {
    run: Box<dyn FnMut() + 'a>,
    wall: Vec<u64>,
    cpu: Vec<u64>,
}

/// What a candidate's turns took, in nanoseconds, one for each turn.
pub(crate) struct Times {
    pub(crate) wall: Vec<u64>,
    pub(crate) cpu: Vec<u64>,
}

impl<'a> Candidate<'a> {
    pub(crate) fn new(run: impl FnMut() + 'a) -> Self {
        Self {
            run: Box::new(run),
            wall: Vec::new(),
            cpu: Vec::new(),
        }
    }
}

/// Runs every candidate once untimed and then `turns` times, `between` before each turn. The turn
/// of the first candidate goes round. `cpu` tells the time on the processor so far.
pub(crate) fn take_turns<const N: usize>(
    turns: usize,
    mut candidates: [Candidate<'_>; N],
    cpu: impl Fn() -> Duration,
    mut between: impl FnMut(),
) -> [Times; N] {
    for candidate in &mut candidates {
        (candidate.run)();
    }
    for turn in 0..turns {
        between();
        for place in 0..N {
            let candidate = &mut candidates[(turn + place) % N];
            let (wall_before, cpu_before) = (Instant::now(), cpu());
            (candidate.run)();
            candidate.cpu.push(nanos(cpu().saturating_sub(cpu_before)));
            candidate.wall.push(nanos(wall_before.elapsed()));
        }
    }
    candidates.map(|candidate| Times {
        wall: candidate.wall,
        cpu: candidate.cpu,
    })
}

/// What this thread has had of the processor.
pub(crate) fn thread_cpu() -> Duration {
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID)
        .unwrap()
        .into()
}

/// The median in microseconds.
pub(crate) fn median_us(nanos: &[u64]) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "at most some seconds")]
    let nanos: Vec<f64> = nanos.iter().map(|nanos| *nanos as f64 / 1_000.0).collect();
    median(nanos)
}

/// The median, over the turns, of one candidate's time by that of another in the same turn.
pub(crate) fn ratio(nanos: &[u64], by: &[u64]) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "at most some seconds")]
    let ratios = nanos
        .iter()
        .zip(by)
        .map(|(one, other)| *one as f64 / (*other).max(1) as f64);
    median(ratios.collect())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap()
}
