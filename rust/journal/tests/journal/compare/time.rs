//! What the time of a watch is worth: a rate rests on hours that were watched, and on nothing else.

use super::*;

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
