//! What is heard: so many alerts a day singly, then bundles.

use std::time::Duration;

use portlog_model::{Level, WallTime};
use serde::{Deserialize, Serialize};

use crate::Settings;

const DAY: Duration = Duration::from_hours(24);
/// A limit beyond this is none; it bounds what is remembered.
const MAX_SINGLY: u32 = 1_000;

/// How an alert is heard.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Hearing {
    /// By itself.
    Singly,
    /// For this many alerts, itself included.
    ForAll(u32),
    /// Not now.
    Silent,
}

/// What was heard in the last 24 hours, and what was kept silent since the last sound.
/// Times are the engine's.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
pub(crate) struct Sounded {
    /// When alerts sounded singly, in order.
    singly: Vec<WallTime>,
    /// When anything sounded last.
    last: Option<WallTime>,
    /// How many were kept silent since.
    waiting: u32,
}

impl Sounded {
    /// Whether an alert of `level` sounds at `now`, and for how many it sounds if for several.
    pub(crate) fn hear_level(
        &mut self,
        level: Level,
        settings: &Settings,
        now: WallTime,
    ) -> (bool, u32) {
        if level < settings.sounds_from {
            return (false, 0);
        }
        match self.hear(settings, now) {
            Hearing::Singly => (true, 0),
            Hearing::ForAll(alerts) => (true, alerts),
            Hearing::Silent => (false, 0),
        }
    }

    /// Whether an alert that would sound is heard at `now`.
    fn hear(&mut self, settings: &Settings, now: WallTime) -> Hearing {
        self.singly.retain(|at| now.since(*at) < DAY);
        let limit = settings.sounding_per_day.min(MAX_SINGLY);
        let room = u32::try_from(self.singly.len()).is_ok_and(|sounded| sounded < limit);
        let rested = self
            .last
            .is_none_or(|last| now.since(last) >= settings.bundle_after);
        if self.waiting > 0 && rested {
            self.last = Some(now);
            return Hearing::ForAll(std::mem::take(&mut self.waiting).saturating_add(1));
        }
        if room {
            self.singly.push(now);
            self.last = Some(now);
            return Hearing::Singly;
        }
        self.waiting = self.waiting.saturating_add(1);
        Hearing::Silent
    }
}

#[cfg(test)]
mod tests {
    use portlog_model::Platform;

    use super::*;
    use crate::Scope;

    const HOUR: i64 = 3_600_000;

    fn hear(sounded: &mut Sounded, millis: i64) -> Hearing {
        let settings = Settings::new(Platform::Android, Scope::Firmware);
        sounded.hear(&settings, WallTime::from_millis(millis))
    }

    #[test]
    fn six_sound_singly_then_one_sounds_for_all_that_waited() {
        let mut sounded = Sounded::default();
        for n in 0..6 {
            assert_eq!(hear(&mut sounded, n), Hearing::Singly);
        }
        assert_eq!(hear(&mut sounded, 10), Hearing::Silent);
        assert_eq!(hear(&mut sounded, 5 + 6 * HOUR - 1), Hearing::Silent);
        assert_eq!(hear(&mut sounded, 5 + 6 * HOUR), Hearing::ForAll(3));
        assert_eq!(hear(&mut sounded, 6 + 6 * HOUR), Hearing::Silent);
        assert_eq!(hear(&mut sounded, 5 + 12 * HOUR), Hearing::ForAll(2));
    }

    #[test]
    fn after_a_day_alerts_sound_singly_again() {
        let mut sounded = Sounded::default();
        for n in 0..6 {
            assert_eq!(hear(&mut sounded, n * HOUR), Hearing::Singly);
        }
        assert_eq!(hear(&mut sounded, 24 * HOUR - 1), Hearing::Silent);
        assert_eq!(hear(&mut sounded, 24 * HOUR), Hearing::ForAll(2));
        assert_eq!(hear(&mut sounded, 24 * HOUR + 1), Hearing::Singly);
    }

    #[test]
    fn a_limit_of_none_still_sounds_in_bundles() {
        let mut settings = Settings::new(Platform::Android, Scope::Firmware);
        settings.sounding_per_day = 0;
        let mut sounded = Sounded::default();
        let mut at = |millis| sounded.hear(&settings, WallTime::from_millis(millis));
        assert_eq!(at(0), Hearing::Silent);
        assert_eq!(at(1), Hearing::ForAll(2));
    }
}
