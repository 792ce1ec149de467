//! Bytes by UID beside the socket tables: who moved bytes lately, and who did so unseen.
//!
//! Kernels of Android 4.4 to 9 have such counters below `/proc`, though not each shows an app more
//! than its own; the app feeds what Android's own statistics tell, and a source from elsewhere what
//! it found there. They count differently, so readings of one are never compared with another's.
//! Where there are none nothing is concluded.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use portlog_model::{BootTime, Event, Moment, Owner, Uid};
use portlog_owners::Directory;
use portlog_sockets::SocketTable;
use portlog_sockets::counters::{
    CounterWidth, Totals, Tripped, Tripwire, UidBytes, parse_qtaguid, parse_uid_stat,
};
use portlog_watch::Watch;

use crate::files::read_bounded;

/// Counters, and what they said last.
pub(crate) struct ByteCounters {
    source: Source,
    totals: Totals,
    tripwire: Tripwire,
    tripped: Vec<Tripped>,
    /// UIDs with a connection since the reading before, in order.
    seen: Vec<Uid>,
    next: Option<BootTime>,
    own: Uid,
}

enum Source {
    /// `net/xt_qtaguid/stats`.
    Qtaguid(PathBuf),
    /// `uid_stat`.
    UidStat(PathBuf),
    /// Readings are brought.
    Fed(Feeder),
}

/// Who brings readings.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Feeder {
    /// The front end, by what Android's own statistics tell an app.
    FrontEnd,
    /// The source of the rows, which is not in this process.
    Elsewhere,
}

impl ByteCounters {
    /// The time from one reading to the next, where nothing asks for one sooner.
    const EVERY: Duration = Duration::from_secs(10);
    /// Fewer unseen bytes are not worth a word: a handshake that fell between two polls has some
    /// thousands.
    const WORTH_NOTING: u64 = 64 << 10;
    /// A table of counters larger than this is none.
    const MAX_BYTES: u64 = 16 << 20;

    /// The counters that the tree below `proc_root` has.
    pub(crate) fn find(proc_root: &Path) -> Option<Self> {
        let qtaguid = proc_root.join("net/xt_qtaguid/stats");
        let uid_stat = proc_root.join("uid_stat");
        if qtaguid.exists() {
            Some(Self::new(Source::Qtaguid(qtaguid), CounterWidth::Bits64))
        } else if uid_stat.is_dir() {
            Some(Self::new(Source::UidStat(uid_stat), CounterWidth::Bits32))
        } else {
            None
        }
    }

    /// Counters that are fed.
    pub(crate) fn fed(feeder: Feeder) -> Self {
        Self::new(Source::Fed(feeder), CounterWidth::Sum)
    }

    fn new(source: Source, width: CounterWidth) -> Self {
        Self {
            source,
            totals: Totals::new(width),
            tripwire: Tripwire::new(Self::WORTH_NOTING),
            tripped: Vec::new(),
            seen: Vec::new(),
            next: None,
            own: Uid::new(nix::unistd::getuid().as_raw()),
        }
    }

    /// Whether the counters of any other UID moved lately.
    pub(crate) fn others_moved(&self) -> bool {
        self.tripwire.others_moved(self.own)
    }

    /// Remembers that a connection of `uid` was seen, be it a short one.
    pub(crate) fn saw(&mut self, uid: Uid) {
        if let Err(place) = self.seen.binary_search(&uid) {
            self.seen.insert(place, uid);
        }
    }

    /// Whether a reading is due at `now`.
    pub(crate) fn is_due(&self, now: Moment) -> bool {
        !matches!(self.source, Source::Fed(_)) && self.next.is_none_or(|next| now.boot >= next)
    }

    /// Reads the counters and tells the engine who moved bytes, and who did so unseen.
    pub(crate) fn read(
        &mut self,
        table: &SocketTable,
        directory: &mut Directory,
        watch: &mut Watch,
        now: Moment,
        events: &mut Vec<Event>,
    ) {
        self.next = Some(now.boot.saturating_add(Self::EVERY));
        if self.fill() {
            self.conclude(table, directory, watch, now, events);
        }
    }

    /// Whether this reading of `feeder` counts, and those after it. It does not beside a kernel that
    /// shows others' counters (it is asked more often), nor does the front end's beside that of a
    /// source from elsewhere. Who takes another's place begins anew.
    pub(crate) fn takes(&mut self, feeder: Feeder, rows: &[UidBytes]) -> bool {
        let gives_way = match self.source {
            Source::Fed(taken) if taken == feeder => return true,
            _ if rows.is_empty() => false,
            Source::Fed(taken) => taken == Feeder::FrontEnd,
            Source::Qtaguid(_) | Source::UidStat(_) => {
                if self.next.is_none() {
                    self.fill();
                }
                !self.shows_others()
            }
        };
        if gives_way {
            *self = Self::fed(feeder);
        }
        gives_way
    }

    /// Takes a reading that counts. An empty one says that nothing can be told: the next is compared
    /// with none before it.
    pub(crate) fn feed(
        &mut self,
        rows: Vec<UidBytes>,
        table: &SocketTable,
        directory: &mut Directory,
        watch: &mut Watch,
        now: Moment,
        events: &mut Vec<Event>,
    ) {
        let nothing = rows.is_empty();
        self.totals = Totals::from_feed(rows);
        self.conclude(table, directory, watch, now, events);
        if nothing {
            self.begin_anew();
        }
    }

    /// The next reading only says where the counters stand.
    pub(crate) fn begin_anew(&mut self) {
        self.tripwire = Tripwire::new(Self::WORTH_NOTING);
        self.seen.clear();
    }

    fn conclude(
        &mut self,
        table: &SocketTable,
        directory: &mut Directory,
        watch: &mut Watch,
        now: Moment,
        events: &mut Vec<Event>,
    ) {
        for uid in table.connections().filter_map(|connection| connection.uid) {
            self.saw(uid);
        }
        self.tripped.clear();
        let seen = &self.seen;
        self.tripwire.observe(
            &self.totals,
            |uid| seen.binary_search(&uid).is_ok(),
            now,
            &mut self.tripped,
        );
        self.seen.clear();
        let moved = self.tripwire.moved();
        let owners: Vec<Arc<Owner>> = moved
            .iter()
            .map(|moved| directory.owner(Some(moved.uid)))
            .collect();
        watch.set_candidates(owners);
        for tripped in &self.tripped {
            let owner = directory.owner(Some(tripped.moved.uid));
            watch.bytes_without_connection(&owner, tripped.moved.bytes(), now, events);
        }
    }

    /// Fills the totals; `false` where nothing could be read, which concludes nothing.
    fn fill(&mut self) -> bool {
        let filled = match &self.source {
            Source::Qtaguid(path) => read_bounded(path, Self::MAX_BYTES)
                .is_ok_and(|text| parse_qtaguid(&text, &mut self.totals, &mut |_| {}).is_ok()),
            Source::UidStat(folder) => fill_from_uid_stat(folder, &mut self.totals),
            Source::Fed(_) => false,
        };
        // Then who is not in it may have moved anything.
        if !self.shows_others() {
            self.totals.mark_incomplete();
        }
        filled
    }

    /// Whether the latest reading has counters of any other UID.
    fn shows_others(&self) -> bool {
        self.totals.rows().iter().any(|row| row.uid != self.own)
    }
}

fn fill_from_uid_stat(folder: &Path, totals: &mut Totals) -> bool {
    let Ok(entries) = fs::read_dir(folder) else {
        return false;
    };
    totals.clear();
    for entry in entries.take(Totals::MAX_UIDS) {
        let row = entry.ok().and_then(|entry| {
            let read = |name: &str| read_bounded(&entry.path().join(name), 64).ok();
            let name = entry.file_name();
            parse_uid_stat(
                name.as_encoded_bytes(),
                &read("tcp_rcv")?,
                &read("tcp_snd")?,
            )
            .ok()
        });
        match row {
            Some(row) => totals.push(row),
            None => totals.mark_incomplete(),
        }
    }
    totals.order();
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_counters_of_an_old_kernel_are_read_from_their_folder() {
        let tree = tempfile::tempdir().unwrap();
        let uid = tree.path().join("uid_stat/10087");
        fs::create_dir_all(&uid).unwrap();
        fs::write(uid.join("tcp_rcv"), "1200\n").unwrap();
        fs::write(uid.join("tcp_snd"), "34\n").unwrap();
        fs::create_dir_all(tree.path().join("uid_stat/nonsense")).unwrap();
        let mut counters = ByteCounters::find(tree.path()).unwrap();
        assert!(counters.fill());
        let row = UidBytes {
            uid: Uid::new(10_087),
            received: 1_200,
            sent: 34,
        };
        assert_eq!(counters.totals.rows(), [row]);
        assert!(!counters.totals.is_complete());
    }

    #[test]
    fn a_tree_without_counters_concludes_nothing() {
        let tree = tempfile::tempdir().unwrap();
        assert!(ByteCounters::find(tree.path()).is_none());
    }
}
