//! What the helper does at each look, without waiting and without a clock of its own: read, check,
//! and say what was found in frames.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use portlog_model::{BootTime, Moment, SocketRow, Table, Uid};
use portlog_owners::Programs;
use portlog_sockets::{Batch, OwnSocket, SelfCheck, Source};

use crate::channel::{
    FromHelper, Look, LookHead, Sender, UidProcesses, encode_destroyed, encode_head, encode_rows,
};

/// When a look is made.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct LookTime {
    /// Wall and boot time.
    pub moment: Moment,
    /// Time awake since boot (`CLOCK_MONOTONIC`).
    pub awake: Duration,
}

/// Looks, and tells what it saw over one channel after another.
pub struct Looker {
    source: Box<dyn Source>,
    check: Option<SelfCheck>,
    programs: Option<Programs>,
    channel: Option<OwnSocket>,
    batch: Batch,
    pace: Duration,
    next: Option<BootTime>,
    number: u64,
    dropped: u64,
    /// The rows that the app has, where it has any of this channel.
    told: Option<Vec<SocketRow>>,
    asked: BTreeSet<Uid>,
    unasked: VecDeque<Uid>,
    latest_uid: Option<Uid>,
    strangers: bool,
    /// Apps of the package list, where there is one.
    known: Option<BTreeSet<Uid>>,
}

impl Looker {
    /// The shortest time from one look to the next, whatever the app says.
    pub const MIN_PACE: Duration = Duration::from_millis(10);
    /// The longest.
    pub const MAX_PACE: Duration = Duration::from_hours(1);
    /// The pace until the app says another.
    const PACE: Duration = Duration::from_secs(1);
    /// UIDs whose processes are looked for, before it begins anew.
    const MAX_ASKED: usize = 4_096;
    /// UIDs whose processes are looked for at one look: each is a walk through all processes.
    const ASK_AT_ONCE: usize = 2;

    /// Looks at `source`, with sockets of its own in `check`, and names processes below the root of
    /// `programs`.
    pub fn new(
        source: Box<dyn Source>,
        check: Option<SelfCheck>,
        programs: Option<Programs>,
    ) -> Self {
        Self {
            source,
            check,
            programs,
            channel: None,
            batch: Batch::default(),
            pace: Self::PACE,
            next: None,
            number: 0,
            dropped: 0,
            told: None,
            asked: BTreeSet::new(),
            unasked: VecDeque::new(),
            latest_uid: None,
            strangers: false,
            known: None,
        }
    }

    /// Begins on another channel, whose app has seen nothing yet; `channel` is this end of it, where it
    /// stands in a table.
    pub fn begin(&mut self, channel: Option<OwnSocket>) {
        self.channel = channel;
        self.number = 0;
        self.dropped = 0;
        self.told = None;
        self.next = None;
        self.asked.clear();
        self.unasked.clear();
    }

    /// Looks at another pace from now on.
    pub fn set_pace(&mut self, pace: Duration, now: BootTime) {
        self.pace = pace.clamp(Self::MIN_PACE, Self::MAX_PACE);
        // A slower pace lets the look that is due come as it was; a faster one brings it forward.
        let soonest = now.saturating_add(self.pace);
        self.next = self.next.map(|next| next.min(soonest));
    }

    /// When the next look is due: at once where there was none.
    pub fn due(&self) -> BootTime {
        self.next.unwrap_or(BootTime::from_nanos(0))
    }

    /// The packages' UIDs, so that a new one can be noticed.
    pub(super) fn set_known(&mut self, known: BTreeSet<Uid>) {
        self.known = Some(known);
        self.strangers = false;
    }

    /// Whether a UID of an app was seen that the package list does not have.
    pub(super) const fn saw_strangers(&self) -> bool {
        self.strangers
    }

    /// Looks, and queues what it saw; where the look before is not gone yet, the whole look is dropped
    /// and counted. Fails where nothing can be read any more.
    pub fn look(
        &mut self,
        now: LookTime,
        sender: &mut Sender,
    ) -> Result<(), portlog_sockets::Error> {
        // On schedule where there is one; at once, and from now on, where it was overrun.
        let due = self.next.unwrap_or(now.moment.boot);
        self.next = Some(due.saturating_add(self.pace).max(now.moment.boot));
        self.number = self.number.saturating_add(1);
        if sender.waiting() > 0 {
            self.dropped = self.dropped.saturating_add(1);
            return Ok(());
        }
        self.source.poll(&mut self.batch)?;
        self.bound();
        if let Some(check) = &mut self.check {
            check.judge(&mut self.batch, false);
        }
        self.tell(now, sender);
        self.name_processes(sender);
        Ok(())
    }

    /// Keeps to the most rows that a look may have.
    fn bound(&mut self) {
        self.batch.destroyed.truncate(Look::MAX_DESTROYED);
        if self.batch.rows.len() <= Look::MAX_ROWS {
            return;
        }
        let cut: BTreeSet<usize> = self
            .batch
            .rows
            .drain(Look::MAX_ROWS..)
            .map(|row| row.table.index())
            .collect();
        for table in Table::ALL {
            if cut.contains(&table.index()) {
                let left = self.batch.rows.iter().filter(|row| row.table == table);
                let left = u64::try_from(left.count()).unwrap_or(u64::MAX);
                self.batch
                    .report_mut(table)
                    .truncated_at
                    .get_or_insert(left);
            }
        }
    }

    fn tell(&mut self, now: LookTime, sender: &mut Sender) {
        let rows = &self.batch.rows;
        let unchanged = self.told.as_ref() == Some(rows);
        let head = LookHead {
            number: self.number,
            at: now.moment,
            awake: now.awake,
            dropped: self.dropped,
            unchanged,
            own: self
                .check
                .iter()
                .flat_map(SelfCheck::own)
                .chain(&self.channel)
                .copied()
                .collect(),
            reports: Table::ALL.map(|table| *self.batch.report(table)),
        };
        sender.queue(|out| encode_head(out, &head));
        if !unchanged {
            for rows in rows.chunks(FromHelper::ROWS) {
                sender.queue(|out| encode_rows(out, rows));
            }
        }
        for destroyed in self.batch.destroyed.chunks(FromHelper::DESTROYED) {
            sender.queue(|out| encode_destroyed(out, destroyed));
        }
        let count = |len: usize| u32::try_from(len).unwrap_or(u32::MAX);
        let ends = FromHelper::LookEnds {
            rows: count(rows.len()),
            destroyed: count(self.batch.destroyed.len()),
        };
        sender.queue(|out| ends.encode(out));
        if !unchanged {
            self.note_uids();
            self.told
                .get_or_insert_default()
                .clone_from(&self.batch.rows);
        }
    }

    /// Remembers UIDs that were not seen before.
    fn note_uids(&mut self) {
        for row in &self.batch.rows {
            let Some(uid) = row.uid else { continue };
            if self.latest_uid.replace(uid) == Some(uid) || self.asked.contains(&uid) {
                continue;
            }
            if self.asked.len() >= Self::MAX_ASKED {
                self.asked.clear();
                self.unasked.clear();
            }
            self.asked.insert(uid);
            self.unasked.push_back(uid);
            self.strangers |= uid.app_id().get() >= FIRST_APP
                && uid.app_id().get() < FIRST_ISOLATED
                && self
                    .known
                    .as_ref()
                    .is_some_and(|known| !known.contains(&uid));
        }
    }

    /// Names the processes of a few UIDs that stand for more than one program.
    fn name_processes(&mut self, sender: &mut Sender) {
        let Some(programs) = &mut self.programs else {
            return self.unasked.clear();
        };
        let mut named = Vec::new();
        while named.len() < Self::ASK_AT_ONCE
            && let Some(uid) = self.unasked.pop_front()
        {
            // An app's UID names its packages already.
            if uid.app_id().get() >= FIRST_APP {
                continue;
            }
            let mut processes = programs.candidates(uid);
            processes.truncate(UidProcesses::MAX);
            named.push(UidProcesses { uid, processes });
        }
        if !named.is_empty() {
            sender.queue(|out| FromHelper::Candidates(named).encode(out));
        }
    }
}

/// Android's `AID_APP_START`.
const FIRST_APP: u32 = 10_000;
/// Above the apps' ids are those of cache, shared and isolated processes, which no list has
/// (`AID_CACHE_GID_START`).
const FIRST_ISOLATED: u32 = 20_000;
