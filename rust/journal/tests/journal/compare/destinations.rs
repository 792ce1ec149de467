//! What may be said of a destination: still there, new, moved, changed, or not seen again.

use super::*;

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
