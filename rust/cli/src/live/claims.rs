//! Alerts and noted events in the order in which they matter, bounded.

use std::sync::Arc;

use portlog_model::{Alert, Level, Moment, NotedReason};

/// An alert or a noted event.
#[derive(Clone, Debug)]
pub(crate) struct Claim {
    /// Its number in this watch.
    pub(crate) number: u64,
    /// When it was raised.
    pub(crate) at: Moment,
    /// The claim.
    pub(crate) alert: Arc<Alert>,
    /// Why, where it is only noted.
    pub(crate) noted: Option<NotedReason>,
}

/// The strongest first, of these the newest.
#[derive(Debug)]
pub(crate) struct Claims {
    kept: Vec<Claim>,
    added: u64,
    matches: u64,
    possible: u64,
}

impl Claim {
    /// How much is claimed.
    pub(crate) fn level(&self) -> Level {
        match self.noted {
            Some(_) => Level::Noted,
            None => self.alert.level,
        }
    }
}

impl Claims {
    /// Claims kept; of the weakest, the oldest go first.
    const MAX: usize = 1_000;

    /// None yet.
    pub(crate) const fn new() -> Self {
        Self {
            kept: Vec::new(),
            added: 0,
            matches: 0,
            possible: 0,
        }
    }

    /// Takes one in.
    pub(crate) fn add(&mut self, at: Moment, alert: &Arc<Alert>, noted: Option<NotedReason>) {
        let claim = Claim {
            number: self.added,
            at,
            alert: Arc::clone(alert),
            noted,
        };
        self.added += 1;
        match claim.level() {
            Level::Match => self.matches += 1,
            Level::Possible => self.possible += 1,
            Level::Noted => {}
        }
        let place = self
            .kept
            .partition_point(|other| other.level() > claim.level());
        self.kept.insert(place, claim);
        self.kept.truncate(Self::MAX);
    }

    /// Those that are kept, in order.
    pub(crate) fn list(&self) -> &[Claim] {
        &self.kept
    }

    /// How many were raised in all: match, possible.
    pub(crate) const fn raised(&self) -> (u64, u64) {
        (self.matches, self.possible)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{self, moment};

    #[test]
    fn the_strongest_claim_stands_first_and_of_these_the_newest() {
        let mut claims = Claims::new();
        let noted = Some(NotedReason::FirstSeenDestination);
        claims.add(moment(1), &Arc::new(fixtures::first_seen()), noted);
        claims.add(moment(1), &Arc::new(fixtures::alert()), None);
        claims.add(moment(1), &Arc::new(fixtures::first_seen()), noted);
        claims.add(moment(1), &Arc::new(fixtures::possible()), None);
        claims.add(moment(1), &Arc::new(fixtures::alert()), None);
        let numbers: Vec<u64> = claims.list().iter().map(|claim| claim.number).collect();
        assert_eq!(numbers, [4, 1, 3, 2, 0]);
        assert_eq!(claims.raised(), (2, 1));
    }

    #[test]
    fn memory_is_bounded_and_all_are_counted() {
        let mut claims = Claims::new();
        let alert = Arc::new(fixtures::alert());
        for _ in 0..Claims::MAX + 10 {
            claims.add(moment(1), &alert, None);
        }
        assert_eq!(claims.list().len(), Claims::MAX);
        assert_eq!(claims.raised(), (Claims::MAX as u64 + 10, 0));
    }
}
