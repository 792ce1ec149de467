//! Two bundles side by side: what may be said of what went away, and what may not.

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

const HOST: &str = "203.0.113.7:80";
const PLACE: &str = "tcp 203.0.113.7:80";

#[test]
fn what_the_earlier_rate_predicts_and_does_not_come_is_not_seen_again() {
    let before = Watch::begin(1).busy(5, "10012", HOST).bundle();
    let after = Watch::begin(2).quiet(2).bundle();
    let owners = laid(&before, &after);
    let row = row(&owners, PLACE);
    assert_eq!(row.verdict, Verdict::NotSeenAgain);
    let forecast = row.forecast.unwrap();
    assert_eq!(forecast.sightings, 20);
    assert_eq!(forecast.known, Duration::from_hours(5));
    assert_eq!(forecast.asked, Duration::from_hours(2));
    assert_eq!(forecast.per_hour_thousandths(), Some(4000));
    assert_eq!(forecast.expected_thousandths(), Some(8000));
    assert_eq!(
        (row.before.as_ref().unwrap().openings, &row.after),
        (20, &None)
    );
}

#[test]
fn fewer_than_five_expected_sightings_are_too_short_to_tell() {
    // Four an hour: five are expected of an hour and a quarter, and not of a millisecond less.
    let before = Watch::begin(1).busy(5, "10012", HOST).bundle();
    for (watched, verdict) in [
        (900_000, Verdict::NotSeenAgain),
        (899_999, Verdict::TooShort(TooShort::FewExpected)),
    ] {
        let after = Watch::begin(2).quiet(1).beat(watched).bundle();
        let owners = laid(&before, &after);
        assert_eq!(row(&owners, PLACE).verdict, verdict, "{watched}");
    }
}

#[test]
fn only_watched_time_counts() {
    let before = Watch::begin(1).busy(5, "10012", HOST).bundle();
    // Ten hours, in which the phone slept.
    let mut watch = Watch::begin(2);
    for _ in 0..20 {
        watch.beat(0);
    }
    let after = watch.bundle();
    let asleep = half(&after).hours;
    assert_eq!(
        (asleep.watched, asleep.asleep),
        (Duration::ZERO, Duration::from_hours(10))
    );
    let nothing = Verdict::TooShort(TooShort::NothingAfter);
    assert_eq!(row(&laid(&before, &after), PLACE).verdict, nothing);
    // Ten hours that nobody wrote a heartbeat for.
    let mut watch = Watch::begin(2);
    watch.now += 36_000;
    let stopped = entry(Kind::Stopped, watch.now, &[]);
    watch.add(&stopped);
    assert_eq!(row(&laid(&before, &watch.bundle()), PLACE).verdict, nothing);
}

#[test]
fn a_rate_is_of_openings_that_were_watched() {
    let quiet = Watch::begin(2).quiet(10).bundle();
    // There at the first look.
    let mut watch = Watch::begin(1);
    for _ in 0..50 {
        watch.opens_with("10012", HOST, &[("after", "-")]);
    }
    let there = watch.quiet(1).bundle();
    let owners = laid(&there, &quiet);
    let row_there = row(&owners, PLACE);
    assert_eq!(row_there.verdict, Verdict::TooShort(TooShort::NoRate));
    assert_eq!(row_there.before.as_ref().unwrap().openings, 50);
    // After the last heartbeat.
    let mut watch = Watch::begin(1);
    watch.quiet(1);
    for _ in 0..50 {
        watch.opens("10012", HOST);
    }
    let owners = laid(&watch.bundle(), &quiet);
    assert_eq!(
        row(&owners, PLACE).verdict,
        Verdict::TooShort(TooShort::NoRate)
    );
    // Without any heartbeat.
    let mut watch = Watch::begin(1);
    let owners = laid(&watch.opens("10012", HOST).bundle(), &quiet);
    assert_eq!(
        row(&owners, PLACE).verdict,
        Verdict::TooShort(TooShort::NothingBefore)
    );
}

#[test]
fn what_is_seen_in_both_is_still_there_whatever_the_hours() {
    let before = Watch::begin(1).opens("10012", HOST).bundle();
    let after = Watch::begin(2).opens("10012", HOST).bundle();
    let owners = laid(&before, &after);
    let row = row(&owners, PLACE);
    assert_eq!(row.verdict, Verdict::StillThere { at: Vec::new() });
    assert_eq!(row.forecast, None);
}

#[test]
fn an_alert_alone_is_a_sighting_and_no_rate() {
    let before = Watch::begin(1).busy(5, "10012", HOST).bundle();
    let mut watch = Watch::begin(2);
    watch.quiet(5);
    let alert = alert(watch.now, 1, watch.packages);
    watch.add(&alert);
    let owners = laid(&before, &watch.bundle());
    assert!(matches!(
        row(&owners, PLACE).verdict,
        Verdict::StillThere { .. }
    ));
}

#[test]
fn own_sockets_and_listeners_are_no_destinations() {
    let mut watch = Watch::begin(1);
    watch
        .opens_with("10012", HOST, &[("ours", "practice")])
        .opens_with("10012", HOST, &[("ours", "self-check")])
        .opens_with("10012", "0.0.0.0:0", &[("state", "listen")])
        .half_hour();
    let bundle = watch.bundle();
    assert!(laid(&bundle, &bundle).is_empty());
    assert_eq!(half(&bundle).without_peer, 1);
}

#[test]
fn another_port_of_the_host_is_a_change_and_another_address_of_the_network_a_move() {
    let before = Watch::begin(1).busy(5, "10012", HOST).bundle();
    for (remote, word, likeness) in [
        ("203.0.113.7:443", "changed", "host"),
        ("203.0.113.99:80", "moved", "network"),
    ] {
        let after = Watch::begin(2).busy(5, "10012", remote).bundle();
        let owners = laid(&before, &after);
        assert_eq!(owners[0].rows.len(), 1, "{owners:#?}");
        let row = row(&owners, PLACE);
        assert_eq!(row.verdict.as_str(), word);
        let (Verdict::Changed { to } | Verdict::Moved { to }) = &row.verdict else {
            panic!("{row:?}");
        };
        assert_eq!(to[0].destination.to_string(), format!("tcp {remote}"));
        assert_eq!(to[0].likeness.as_str(), likeness);
        assert_eq!(to[0].seen.openings, 20);
    }
}

#[test]
fn an_address_of_the_same_name_is_a_move_or_the_same_service() {
    let named = [("names", "push.example.test tap 10012")];
    let mut watch = Watch::begin(1);
    for _ in 0..10 {
        watch
            .opens_with("10012", "203.0.113.7:443", &named)
            .opens_with("10012", "198.51.100.1:443", &named)
            .half_hour();
    }
    let before = watch.bundle();
    let mut watch = Watch::begin(2);
    for _ in 0..10 {
        watch
            .opens_with("10012", "[2001:db8::7]:443", &named)
            .half_hour();
    }
    let owners = laid(&before, &watch.bundle());
    for place in ["tcp 203.0.113.7:443", "tcp 198.51.100.1:443"] {
        let Verdict::Moved { to } = &row(&owners, place).verdict else {
            panic!("{owners:#?}");
        };
        assert_eq!(to[0].destination.to_string(), "tcp [2001:db8::7]:443");
        assert_eq!(to[0].likeness, Likeness::Name("push.example.test".into()));
    }
    assert_eq!(owners[0].rows.len(), 2);
    // The name is still seen, at one of the addresses that were known.
    let mut watch = Watch::begin(3);
    for _ in 0..10 {
        watch
            .opens_with("10012", "198.51.100.1:443", &named)
            .half_hour();
    }
    let owners = laid(&before, &watch.bundle());
    let Verdict::StillThere { at } = &row(&owners, "tcp 203.0.113.7:443").verdict else {
        panic!("{owners:#?}");
    };
    assert_eq!(at[0].destination.to_string(), "tcp 198.51.100.1:443");
}

#[test]
fn a_neighbour_that_was_known_before_is_no_move() {
    let mut watch = Watch::begin(1);
    watch.busy(5, "10012", "203.0.113.99:80");
    let before = watch.busy(5, "10012", HOST).bundle();
    let after = Watch::begin(2).busy(5, "10012", "203.0.113.99:80").bundle();
    let owners = laid(&before, &after);
    assert_eq!(row(&owners, PLACE).verdict, Verdict::NotSeenAgain);
    // What is new beside what is still there says so.
    let owners = laid(&after, &before);
    let Verdict::New { like } = &row(&owners, PLACE).verdict else {
        panic!("{owners:#?}");
    };
    assert_eq!(like[0].likeness.as_str(), "network");
}

#[test]
fn what_is_new_says_what_the_earlier_time_would_have_shown() {
    let before = Watch::begin(1).quiet(3).bundle();
    let after = Watch::begin(2).busy(2, "10012", HOST).bundle();
    let owners = laid(&before, &after);
    let row = row(&owners, PLACE);
    assert_eq!(row.verdict, Verdict::New { like: Vec::new() });
    let forecast = row.forecast.unwrap();
    assert_eq!(forecast.expected_thousandths(), Some(12_000));
}

#[test]
fn an_incoming_connection_is_known_by_its_address_alone() {
    let inwards = [("direction", "in")];
    let before = Watch::begin(1)
        .opens_with("10012", "198.51.100.9:50001", &inwards)
        .bundle();
    let after = Watch::begin(2)
        .opens_with("10012", "198.51.100.9:61002", &inwards)
        .bundle();
    let owners = laid(&before, &after);
    let row = row(&owners, "tcp from 198.51.100.9");
    assert!(matches!(row.verdict, Verdict::StillThere { .. }));
}

#[test]
fn owners_are_known_again_by_their_packages_and_not_by_their_uid() {
    let before = Watch::begin(1).busy(5, "10012", HOST).bundle();
    let moved = "10099 app yes - com.example.sync Sync";
    let taken = "10012 app no - org.example.game Game";
    let mut watch = Watch::begin_with(2, "live", &[moved, taken]);
    watch.busy(5, "10099", HOST);
    let after = watch.bundle();
    let owners = laid(&before, &after);
    assert_eq!(owners.len(), 1);
    assert!(matches!(
        owners[0].rows[0].verdict,
        Verdict::StillThere { .. }
    ));
    let uids = |facts: &Option<portlog_journal::compare::OwnerFacts>| {
        facts
            .as_ref()
            .unwrap()
            .uids
            .iter()
            .copied()
            .collect::<Vec<u64>>()
    };
    assert_eq!(uids(&owners[0].before), [10_012]);
    assert_eq!(uids(&owners[0].after), [10_099]);
    // The UID is another's now.
    let mut watch = Watch::begin_with(3, "live", &[moved, taken]);
    let after = watch.busy(5, "10012", HOST).bundle();
    let owners = laid(&before, &after);
    let gone = owners
        .iter()
        .flat_map(|owner| &owner.rows)
        .find(|row| row.verdict == Verdict::NotSeenAgain)
        .unwrap();
    assert_eq!(gone.also_by.len(), 1);
}

#[test]
fn an_update_that_adds_a_package_does_not_make_another_owner() {
    let before = Watch::begin(1).busy(5, "10012", HOST).bundle();
    let grown = "10012 shared yes - com.example.sync,com.example.sync.push Sync";
    let after = Watch::begin_with(2, "live", &[grown])
        .busy(5, "10012", HOST)
        .bundle();
    let owners = laid(&before, &after);
    assert_eq!(owners.len(), 1);
    assert!(matches!(
        owners[0].rows[0].verdict,
        Verdict::StillThere { .. }
    ));
    let Some(OwnerKey::Packages { packages, .. }) = owners[0].later.as_deref() else {
        panic!("{owners:#?}");
    };
    assert_eq!(&**packages, "com.example.sync,com.example.sync.push");
}

#[test]
fn an_owner_that_a_file_does_not_name_cannot_be_compared_across_logs() {
    let before = Watch::begin_with(1, "live", &[])
        .busy(5, "10012", HOST)
        .bundle();
    let after = Watch::begin_with(2, "live", &[]).quiet(5).bundle();
    let owners = laid(&before, &after);
    assert_eq!(*owners[0].owner, OwnerKey::Unnamed(10_012));
    assert_eq!(
        row(&owners, PLACE).verdict,
        Verdict::NotComparable(Uncertain::OwnerNotKnown)
    );
}

#[test]
fn in_one_log_a_uid_that_is_named_anywhere_is_that_owner() {
    let mut watch = Watch::begin_with(1, "live", &[]);
    watch.busy(5, "10012", HOST);
    let at = watch.add(&mark(watch.now, "update"));
    watch.owners(&[SYNC]);
    watch.busy(1, "10012", HOST);
    let bundle = watch.bundle();
    let report = check(&bundle).unwrap();
    let part = |range| read(bundle.as_bytes(), &report, range).unwrap();
    let (_, owners) = compare(&part(0..at + 1), &part(at + 1..u64::MAX));
    assert_eq!(owners.len(), 1, "{owners:#?}");
    assert!(matches!(*owners[0].owner, OwnerKey::Packages { .. }));
    assert!(matches!(
        owners[0].rows[0].verdict,
        Verdict::StillThere { .. }
    ));
}

#[test]
fn a_destination_seen_by_nobody_known_is_not_gone() {
    let before = Watch::begin(1).busy(5, "10012", HOST).bundle();
    // A socket that the kernel gave no owner.
    let after = Watch::begin(2).quiet(5).opens("-", HOST).bundle();
    let owners = laid(&before, &after);
    let verdicts: Vec<&Verdict> = owners
        .iter()
        .flat_map(|owner| &owner.rows)
        .map(|row| &row.verdict)
        .collect();
    assert_eq!(
        verdicts,
        [
            &Verdict::NotComparable(Uncertain::SeenByUnknown),
            &Verdict::NotComparable(Uncertain::OwnerNotKnown),
        ]
    );
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

#[test]
fn a_withheld_remote_is_counted_and_never_absent() {
    let before = Watch::begin(1).busy(5, "10012", HOST).bundle();
    let mut watch = Watch::begin(2);
    watch.busy(5, "10012", "198.51.100.1:443");
    let after = redacted(&mut watch, |_, _| true, |_, name, _| name != "remote");
    let side = half(&after);
    assert_eq!(side.remote_withheld(), 20);
    let owners = laid(&before, &after);
    assert_eq!(
        row(&owners, PLACE).verdict,
        Verdict::NotComparable(Uncertain::RemoteWithheld(20))
    );
    assert_eq!(owners[0].after.as_ref().unwrap().remote_withheld, 20);
    // The other way round nothing is new either: it may have been among the withheld ones.
    assert_eq!(
        row(&laid(&after, &before), PLACE).verdict,
        Verdict::NotComparable(Uncertain::RemoteWithheld(20))
    );
    // What another owner withholds is not this one's.
    let mut watch = Watch::begin(3);
    watch.busy(5, "10087", "198.51.100.1:443");
    let after = redacted(&mut watch, |_, _| true, |_, name, _| name != "remote");
    assert_eq!(
        row(&laid(&before, &after), PLACE).verdict,
        Verdict::NotSeenAgain
    );
    // Where the owner is withheld too, it may be anybody's.
    let hidden = |_, name: &str, _: &str| !matches!(name, "remote" | "uid");
    let after = redacted(&mut watch, |_, _| true, hidden);
    assert_eq!(
        row(&laid(&before, &after), PLACE).verdict,
        Verdict::NotComparable(Uncertain::RemoteWithheld(20))
    );
}

#[test]
fn hours_of_which_entries_are_withheld_do_not_count() {
    let before = Watch::begin(1).busy(5, "10012", HOST).bundle();
    let mut watch = Watch::begin(2);
    watch.busy(5, "10012", HOST);
    let chosen = redacted(&mut watch, |_, kind| kind != Kind::Opened, everything);
    let side = half(&chosen);
    assert_eq!(side.hours.whole, Duration::ZERO);
    assert_eq!(side.hours.withheld, Duration::from_hours(5));
    assert_eq!((side.hidden, side.openings), (20, 0));
    assert_eq!(
        row(&laid(&before, &chosen), PLACE).verdict,
        Verdict::TooShort(TooShort::NothingAfter)
    );
    // One withheld entry takes its own half hour only.
    let one = redacted(&mut watch, |index, _| index != 3, everything);
    let side = half(&one);
    assert_eq!(side.hours.withheld, Duration::from_mins(30));
    assert_eq!(side.hours.whole, Duration::from_mins(270));
}

#[test]
fn hours_with_lost_events_or_a_table_that_lies_do_not_count() {
    let before = Watch::begin(1).busy(5, "10012", HOST).bundle();
    let mut watch = Watch::begin(2);
    for _ in 0..10 {
        let drop = entry(Kind::Drop, watch.now, &[("events", "7")]);
        watch.add(&drop);
        watch.half_hour();
    }
    let lossy = watch.bundle();
    let hours = half(&lossy).hours;
    assert_eq!((hours.lossy, hours.dropped), (Duration::from_hours(5), 70));
    assert_eq!(
        row(&laid(&before, &lossy), PLACE).verdict,
        Verdict::TooShort(TooShort::NothingAfter)
    );
    for (table, status, verdict) in [
        (
            "tcp6",
            "untrusted",
            Verdict::TooShort(TooShort::NothingAfter),
        ),
        ("udp", "untrusted", Verdict::NotSeenAgain),
        // What was denied is none of what the heartbeats call watched.
        ("tcp6", "denied", Verdict::NotSeenAgain),
        ("tcp6", "absent", Verdict::NotSeenAgain),
    ] {
        let mut watch = Watch::begin(2);
        let untrusted = entry(
            Kind::Coverage,
            watch.now,
            &[("table", table), ("status", status)],
        );
        watch.add(&untrusted);
        let bundle = watch.quiet(5).bundle();
        assert_eq!(row(&laid(&before, &bundle), PLACE).verdict, verdict);
        assert_eq!(
            half(&bundle).hours.comparable("udplite"),
            Duration::from_hours(5)
        );
    }
}

#[test]
fn a_log_that_may_not_keep_the_owner_shows_nothing_of_it() {
    let before = Watch::begin(1).busy(5, "10087", HOST).bundle();
    let after = Watch::begin(2).quiet(5).bundle();
    assert_eq!(
        row(&laid(&before, &after), PLACE).verdict,
        Verdict::NotComparable(Uncertain::NotRecorded)
    );
    for (recorded, verdict) in [
        (
            "firmware-and-unknown",
            Verdict::NotComparable(Uncertain::NotRecorded),
        ),
        ("everyone", Verdict::NotSeenAgain),
    ] {
        let mut watch = Watch::begin(2);
        let config = entry(
            Kind::Config,
            watch.now,
            &[("name", "recorded"), ("value", recorded)],
        );
        watch.add(&config);
        let after = watch.quiet(5).bundle();
        assert_eq!(row(&laid(&before, &after), PLACE).verdict, verdict);
    }
    let mut watch = Watch::begin(2);
    watch.opens("10087", "198.51.100.1:443");
    assert_eq!(
        row(&laid(&before, &watch.quiet(5).bundle()), PLACE).verdict,
        Verdict::NotSeenAgain
    );
}

#[test]
fn looking_less_often_expects_less() {
    let before = Watch::begin(1).busy(5, "10012", HOST).bundle();
    let mut watch = Watch::begin(2);
    let slow = entry(
        Kind::Config,
        watch.now,
        &[("name", "interval"), ("value", "30000 ms")],
    );
    watch.add(&slow);
    let after = watch.quiet(5).bundle();
    let owners = laid(&before, &after);
    let row = row(&owners, PLACE);
    assert_eq!(row.verdict, Verdict::TooShort(TooShort::FewExpected));
    // 4 an hour in 5 hours, a thirtieth of them.
    assert_eq!(row.forecast.unwrap().expected_thousandths(), Some(666));
}

#[test]
fn how_often_one_looked_is_known_by_the_looks() {
    // The app looks less often while the screen is off: what it says of its interval is of a moment.
    let side = |seed, looks: &str, opens: bool| {
        let mut watch = Watch::begin(seed);
        for interval in ["1000 ms", "30000 ms"] {
            let pace = entry(
                Kind::Config,
                watch.now,
                &[("name", "interval"), ("value", interval)],
            );
            watch.add(&pace);
        }
        for _ in 0..10 {
            if opens {
                watch.opens("10012", HOST);
            }
            watch.half_hour_of(looks);
        }
        watch.bundle()
    };
    let before = side(1, "300", true);
    for (looks, expected, verdict) in [
        ("300", 10_000, Verdict::NotSeenAgain),
        ("900", 10_000, Verdict::NotSeenAgain),
        ("150", 5_000, Verdict::NotSeenAgain),
        ("149", 4_966, Verdict::TooShort(TooShort::FewExpected)),
    ] {
        let owners = laid(&before, &side(2, looks, false));
        let row = row(&owners, PLACE);
        let forecast = row.forecast.unwrap();
        assert_eq!(forecast.expected_thousandths(), Some(expected), "{looks}");
        assert_eq!(row.verdict, verdict, "{looks}");
        assert_eq!(forecast.slower().is_some(), expected < 10_000);
    }
}

#[test]
fn one_log_is_split_at_a_mark_and_time_is_shared_out_carefully() {
    let mut watch = Watch::begin(1);
    watch.busy(5, "10012", HOST);
    watch.opens("10012", HOST);
    watch.now += 600;
    let at = watch.add(&entry(Kind::Mark, watch.now, &[("preset", "service-off")]));
    watch.now -= 600;
    watch.half_hour().quiet(2);
    let bundle = watch.bundle();
    let report = check(&bundle).unwrap();
    let part = |range| read(bundle.as_bytes(), &report, range).unwrap();
    let (before, after) = (part(0..at + 1), part(at + 1..u64::MAX));
    assert_eq!(relate(&before, &after), Relation::SameLog);
    assert_eq!(before.hours.whole, Duration::from_mins(310));
    assert_eq!(after.hours.whole, Duration::from_mins(140));
    assert_eq!((before.marks.len(), after.marks.len()), (1, 0));
    assert_eq!((before.hidden, after.hidden), (0, 0));
    let (facts, owners) = compare(&before, &after);
    // How things stood at the mark is how they stand after it.
    assert!(
        facts.iter().all(portlog_journal::compare::Fact::is_same),
        "{facts:?}"
    );
    let row = row(&owners, PLACE);
    assert_eq!(row.before.as_ref().unwrap().sightings, 21);
    assert_eq!(row.verdict, Verdict::NotSeenAgain);
    let whole = half(&bundle);
    assert_eq!(whole.hours.whole, before.hours.whole + after.hours.whole);
}

#[test]
fn a_log_that_names_the_other_says_so_and_the_operator_says_the_rest() {
    let mut old = Watch::begin(1);
    let before = old.quiet(1).bundle();
    let state = latest(&old.log).checkpoint().clone();
    let named = |size: &str, root: &str, seed| {
        let mut watch = Watch::begin(seed);
        let predecessor = entry(
            Kind::Predecessor,
            watch.now,
            &[
                ("origin", state.origin.as_str()),
                ("size", size),
                ("root", root),
                ("known_by", "qr"),
                ("reason", "reset"),
            ],
        );
        watch.add(&predecessor);
        half(&watch.quiet(1).bundle())
    };
    let (size, root) = (state.size.to_string(), state.root.to_base64());
    let before = half(&before);
    let says = |is_its_state| Relation::LaterNamesEarlier { is_its_state };
    assert_eq!(relate(&before, &named(&size, &root, 2)), says(Some(true)));
    let other = portlog_journal::Hash::of(&[b"another"]).to_base64();
    assert_eq!(relate(&before, &named(&size, &other, 3)), says(Some(false)));
    assert_eq!(relate(&before, &named("2", &root, 4)), says(None));
    assert_eq!(
        relate(&named(&size, &root, 5), &before),
        Relation::EarlierNamesLater
    );
    let stranger = half(&Watch::begin(6).bundle());
    assert_eq!(relate(&before, &stranger), Relation::Stated);
}

#[test]
fn differences_of_the_phone_the_lists_and_the_tier_are_facts() {
    let side = |seed, provenance, build: &str, sha: &[u8]| {
        let mut watch = Watch::begin_with(seed, provenance, &[SYNC]);
        let device = entry(
            Kind::Device,
            watch.now,
            &[("model", "Phone X"), ("fingerprint", build)],
        );
        watch.add(&device);
        let list = entry(Kind::List, watch.now, &[("name", "mine.txt")]);
        let list = list
            .with("sha256", Value::hex(portlog_journal::Hash::of(&[sha])))
            .unwrap();
        watch.add(&list);
        watch.quiet(1);
        redacted(&mut watch, |_, _| true, |_, name, _| name != "model")
    };
    let before = half(&side(1, "live", "build 1", b"one"));
    let after = half(&side(2, "simulated", "build 2", b"two"));
    let (facts, _) = compare(&before, &after);
    let fact = |name| facts.iter().find(|fact| fact.name == name).unwrap();
    let build = fact("device.fingerprint");
    assert!(!build.is_same() && !build.is_uncertain());
    assert_eq!(build.before, [Told::Value("build 1".into())]);
    let model = fact("device.model");
    assert!(model.is_uncertain());
    assert_eq!(model.after, [Told::Withheld]);
    assert!(!fact("started.provenance").is_same());
    assert!(fact("started.interval_ms").is_same());
    assert_ne!(before.lists(), after.lists());
    assert_eq!(before.lists().len(), 1);
}

#[test]
fn a_file_that_is_another_than_the_verified_one_gives_nothing() {
    let (one, other) = (Watch::begin(1).bundle(), Watch::begin(2).bundle());
    let report = verify(one.as_bytes(), &options()).unwrap();
    assert!(read(other.as_bytes(), &report, 0..u64::MAX).is_err());
}
