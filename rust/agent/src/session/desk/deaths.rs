//! Why nobody looked: what the system says of deaths belongs to the gaps in which they lie.

use std::time::Duration;

use portlog_model::{DeathReason, GapReason, Moment, WallTime};

use super::{Desk, Parcel};
use crate::session::history::{DeathNote, What};

/// Deaths that wait for the gap that they explain.
const MOST_DEATHS: usize = 16;
/// How exactly the last sign of life is known.
const SLACK: Duration = Duration::from_mins(2);
/// A boot this soon after the last sign of life explains the gap.
const REBOOT_WITHIN: Duration = Duration::from_mins(10);

impl Desk {
    /// What the system said of a death: it belongs to the gap in which it lies. Whether it was not known
    /// yet.
    pub(crate) fn take_death(
        &mut self,
        reason: DeathReason,
        note: DeathNote,
        now: Moment,
        parcels: &mut Vec<Parcel>,
    ) -> bool {
        let mut place = None;
        for record in self.history.records().rev() {
            let What::Gap {
                from,
                reason: told,
                note: noted,
            } = &record.what
            else {
                continue;
            };
            if let Some(noted) = noted {
                if noted.at == note.at {
                    return false;
                }
                continue;
            }
            let unexplained = matches!(
                told,
                GapReason::NotRunning | GapReason::Died(DeathReason::Reboot)
            );
            if unexplained && lies_within(&note, *from, record.at) {
                place = Some((record.sequence, *from));
                break;
            }
        }
        if let Some((sequence, from)) = place {
            let gap = What::Gap {
                from,
                reason: GapReason::Died(reason),
                note: Some(note),
            };
            self.history.replace(sequence, gap);
            self.tell_record(sequence, now, parcels);
        } else if self.phase.is_on() {
            self.record_death(reason, note, now, parcels);
        } else if !self.deaths.iter().any(|(_, known)| known.at == note.at) {
            if self.deaths.len() >= MOST_DEATHS {
                self.deaths.remove(0);
            }
            self.deaths.push((reason, note));
        } else {
            return false;
        }
        true
    }

    fn record_death(
        &mut self,
        reason: DeathReason,
        note: DeathNote,
        now: Moment,
        parcels: &mut Vec<Parcel>,
    ) {
        let at = note.at;
        let gap = What::Gap {
            from: None,
            reason: GapReason::Died(reason),
            note: Some(note),
        };
        self.record(gap, now, at, parcels);
    }

    /// Why nobody looked until now, as far as it can be said.
    pub(super) fn tell_not_running(
        &mut self,
        from: Option<Moment>,
        at: Moment,
        parcels: &mut Vec<Parcel>,
    ) {
        let mut deaths = std::mem::take(&mut self.deaths);
        deaths.sort_by_key(|(_, note)| note.at);
        let explains = deaths
            .iter()
            .rposition(|(_, note)| lies_within(note, from, at.wall));
        let (reason, note) = match explains.map(|index| deaths.remove(index)) {
            Some((reason, note)) => (GapReason::Died(reason), Some(note)),
            None if self.rebooted && booted_soon_after(from, at) => {
                (GapReason::Died(DeathReason::Reboot), None)
            }
            None => (GapReason::NotRunning, None),
        };
        self.record(What::Gap { from, reason, note }, at, at.wall, parcels);
        for (reason, note) in deaths {
            self.take_death(reason, note, at, parcels);
        }
    }
}

/// Whether a death lies in the time in which nobody looked.
fn lies_within(note: &DeathNote, from: Option<Moment>, to: WallTime) -> bool {
    from.is_some_and(|from| note.at.saturating_add(SLACK) >= from.wall)
        && note.at <= to.saturating_add(SLACK)
}

/// Whether this boot began so soon after the last sign of life that it explains the gap.
fn booted_soon_after(from: Option<Moment>, at: Moment) -> bool {
    let up = Duration::from_nanos(at.boot.as_nanos());
    let booted = at
        .wall
        .as_millis()
        .saturating_sub(i64::try_from(up.as_millis()).unwrap_or(i64::MAX));
    from.is_some_and(|from| WallTime::from_millis(booted).since(from.wall) <= REBOOT_WITHIN)
}
