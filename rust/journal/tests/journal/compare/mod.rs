//! Two bundles side by side: what may be said of what went away, and what may not.

mod destinations;
mod logs;
mod owners;
mod time;

use std::time::Duration;

use portlog_journal::bundle::{export_sparse, find};
use portlog_journal::compare::{
    Half, Likeness, OwnerKey, OwnerRows, Relation, Row, Told, TooShort, Uncertain, Verdict,
    compare, read, relate,
};
use portlog_journal::entry::{Entry, FieldType, Kind, Value};
use portlog_journal::store::Store as _;
use portlog_journal::verify;

use crate::support::*;

const HOST: &str = "203.0.113.7:80";
const PLACE: &str = "tcp 203.0.113.7:80";
/// Half an hour.
const HALF: i64 = 1800;
const SYNC: &str = "10012 app yes - com.example.sync Sync";
const BROWSER: &str = "10087 app no user-facing org.example.browser A browser";

/// A watch that is written down as it goes.
struct Watch {
    log: TestLog,
    now: i64,
    packages: u64,
    connections: u64,
}

impl Watch {
    fn begin(seed: u64) -> Self {
        Self::begin_with(seed, "live", &[SYNC, BROWSER])
    }

    fn begin_with(seed: u64, provenance: &str, owners: &[&str]) -> Self {
        let mut watch = Self {
            log: new_log(seed),
            now: 1,
            packages: 0,
            connections: 0,
        };
        watch.add(&started(1, provenance));
        watch.owners(owners);
        watch
    }

    fn add(&mut self, entry: &Entry) -> u64 {
        self.log.append(entry).unwrap()
    }

    fn owners(&mut self, owners: &[&str]) {
        let entry = entry(Kind::Packages, self.now, &[("status", "readable")]);
        let entry = owners.iter().fold(entry, |entry, owner| {
            entry
                .with_owner(Value::of(owner, FieldType::Owner).unwrap())
                .unwrap()
        });
        self.packages = self.add(&entry);
    }

    /// An opening at the present time.
    fn opens(&mut self, uid: &str, remote: &str) -> &mut Self {
        self.opens_with(uid, remote, &[])
    }

    fn opens_with(&mut self, uid: &str, remote: &str, more: &[(&str, &str)]) -> &mut Self {
        self.connections += 1;
        let (connection, packages) = (self.connections.to_string(), self.packages.to_string());
        let mut values = vec![
            ("connection", connection.as_str()),
            ("protocol", "tcp"),
            ("local", "192.0.2.10:40213"),
            ("remote", remote),
            ("state", "established"),
            ("direction", "out"),
            ("uid", uid),
            ("owner", &packages),
            ("ours", "no"),
        ];
        values.extend(more);
        let mut entry = entry(Kind::Opened, self.now, &values);
        if !more.contains(&("after", "-")) {
            entry = entry.with("after", moment(self.now - 1)).unwrap();
        }
        self.add(&entry);
        self
    }

    /// Half an hour of watching goes by, all of it watched.
    fn half_hour(&mut self) -> &mut Self {
        self.beat(HALF * 1000)
    }

    /// Half an hour of watching, with so many looks.
    fn half_hour_of(&mut self, looks: &str) -> &mut Self {
        self.now += HALF;
        let watched = (HALF * 1000).to_string();
        let values = [("watched_ms", watched.as_str()), ("polls", looks)];
        let beat = entry(Kind::Heartbeat, self.now, &values);
        self.add(&beat);
        self
    }

    /// Half an hour goes by; so many milliseconds of it were watched.
    fn beat(&mut self, watched_ms: i64) -> &mut Self {
        self.now += HALF;
        let (watched, rest) = (watched_ms.to_string(), HALF * 1000 - watched_ms);
        let beat = entry(
            Kind::Heartbeat,
            self.now,
            &[
                ("watched_ms", &watched),
                ("suspended_ms", &rest.to_string()),
            ],
        );
        self.add(&beat);
        self
    }

    /// So many hours with two openings in each half.
    fn busy(&mut self, hours: usize, uid: &str, remote: &str) -> &mut Self {
        for _ in 0..2 * hours {
            self.opens(uid, remote).opens(uid, remote).half_hour();
        }
        self
    }

    fn quiet(&mut self, hours: usize) -> &mut Self {
        for _ in 0..2 * hours {
            self.half_hour();
        }
        self
    }

    fn bundle(&mut self) -> String {
        self.log.commit().unwrap();
        full(&self.log)
    }
}

/// All of a bundle, read.
fn half(bundle: &str) -> Half {
    let report = check(bundle).unwrap();
    read(bundle.as_bytes(), &report, 0..u64::MAX).unwrap()
}

fn laid(before: &str, after: &str) -> Vec<OwnerRows> {
    compare(&half(before), &half(after)).1
}

/// The only row with this destination.
fn row<'a>(owners: &'a [OwnerRows], destination: &str) -> &'a Row {
    let rows: Vec<&Row> = owners
        .iter()
        .flat_map(|owner| &owner.rows)
        .filter(|row| row.destination.to_string() == destination)
        .collect();
    assert_eq!(rows.len(), 1, "{destination} in {owners:#?}");
    rows[0]
}

/// A bundle in which entries and fields are withheld.
fn redacted(
    watch: &mut Watch,
    shown: impl Fn(u64, Kind) -> bool,
    disclosed: impl Fn(Kind, &str, &str) -> bool,
) -> String {
    watch.log.commit().unwrap();
    let snapshot = watch.log.store().snapshot().unwrap();
    let indices = find(&snapshot, |index, row| shown(index, row.kind)).unwrap();
    let mut out = Vec::new();
    export_sparse(&snapshot, &indices, &disclosed, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}
