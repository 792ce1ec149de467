//! Times on the processor, of candidates that take turns.

use std::time::Duration;

use nix::time::{ClockId, clock_gettime};

const TURNS: usize = 7;

/// A candidate and one run over all questions.
pub(crate) type Candidate<'a> = (&'a str, &'a mut dyn FnMut());

/// What a candidate took.
#[derive(Debug)]
pub(crate) struct Timed {
    pub(crate) name: String,
    /// Nanoseconds a question: the median of the turns.
    pub(crate) ns: f64,
    /// How many times this the first candidate took: the median of the turns' ratios.
    pub(crate) first_by_it: f64,
}

/// Lets the candidates take turns, beginning with another each time.
pub(crate) fn compare(questions: usize, candidates: &mut [Candidate<'_>]) -> Vec<Timed> {
    let mut times = vec![Vec::new(); candidates.len()];
    for turn in 0..TURNS {
        for place in 0..candidates.len() {
            let number = (turn + place) % candidates.len();
            times[number].push(time(&mut candidates[number].1));
        }
    }
    let timed = candidates.iter().zip(&times).map(|((name, _), of_it)| {
        let mut ratios: Vec<f64> = of_it
            .iter()
            .zip(&times[0])
            .map(|(own, first)| first.as_secs_f64() / own.as_secs_f64())
            .collect();
        ratios.sort_by(f64::total_cmp);
        let mut of_it = of_it.clone();
        of_it.sort_unstable();
        Timed {
            name: (*name).to_owned(),
            ns: of_it[TURNS / 2].as_secs_f64() * 1e9 / questions as f64,
            first_by_it: ratios[TURNS / 2],
        }
    });
    timed.collect()
}

/// The median of five runs.
pub(crate) fn median(mut run: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..5).map(|_| time(&mut run)).collect();
    times.sort_unstable();
    times[2]
}

fn time(run: &mut dyn FnMut()) -> Duration {
    let now = || Duration::from(clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID).unwrap());
    let begin = now();
    run();
    now() - begin
}
