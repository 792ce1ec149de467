use std::net::IpAddr;
use std::time::Duration;

use portlog_model::{BootTime, NameSource, WallTime, Weakening};

use super::*;
use crate::pinned::Text;
use crate::{AddressRecord, Alias, GRACE, Named, PINNED_FOR, Standing, Trail};

const FIRMWARE: Option<Uid> = Some(Uid::new(1_000));
const BROWSER: Option<Uid> = Some(Uid::new(10_087));
const HOST: &str = "192.0.2.7";

fn at(seconds: u64) -> Moment {
    Moment {
        wall: WallTime::from_millis(1_750_000_000_000),
        boot: BootTime::from_nanos(seconds * 1_000_000_000),
    }
}

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

/// `chain` from the asked name to the one that has `host`, all records living `ttl` seconds.
fn learn(
    table: &mut NameTable,
    chain: &[&str],
    host: &str,
    asker: Option<Uid>,
    at: Moment,
    ttl: u32,
) {
    let aliases: Vec<Alias<'_>> = chain
        .windows(2)
        .map(|pair| Alias {
            name: pair[0],
            target: pair[1],
            ttl,
        })
        .collect();
    table.learn(&Answer {
        name: chain[0],
        asker,
        at,
        aliases: &aliases,
        addresses: &[AddressRecord {
            name: chain.last().unwrap(),
            address: address(host),
            ttl,
        }],
    });
}

fn pin(table: &mut NameTable, name: &str, host: &str, seen: WallTime) -> bool {
    let origin = Arc::new(Origin::new(
        Text::new("192.0.2.53:53").unwrap(),
        Text::new("Example City").unwrap(),
    ));
    let outcome = Outcome::Addresses {
        ttl: 60,
        addresses: vec![address(host)],
    };
    table.pin(&PinnedAnswer::new(name, seen, outcome).unwrap(), &origin)
}

fn standings(
    table: &NameTable,
    host: &str,
    uid: Option<Uid>,
    at: Moment,
) -> Vec<(String, Standing)> {
    table
        .lookup(address(host), uid, at)
        .names()
        .map(|named| (named.seen.name.to_string(), named.standing))
        .collect()
}

fn only(table: &NameTable, uid: Option<Uid>, at: Moment) -> Named<'_> {
    let mut names = table.lookup(address(HOST), uid, at).names();
    let only = names.next().unwrap();
    assert!(names.next().is_none());
    only
}

fn tight(bounds: Bounds) -> NameTable {
    NameTable::new(bounds)
}

#[test]
fn of_two_that_share_an_address_the_silent_one_asked_for_nothing() {
    let mut table = NameTable::default();
    learn(&mut table, &["ads.test"], HOST, BROWSER, at(10), 60);
    learn(
        &mut table,
        &["update.example.test"],
        HOST,
        FIRMWARE,
        at(11),
        60,
    );
    assert_eq!(
        standings(&table, HOST, FIRMWARE, at(12)),
        [
            ("update.example.test".into(), Standing::Asked),
            ("ads.test".into(), Standing::AskedByAnother),
        ]
    );
    // One that never asked, and one of the same app in another user.
    for silent in [Uid::new(10_001), Uid::new(1_010_087)] {
        let told = standings(&table, HOST, Some(silent), at(12));
        assert_eq!(told.len(), 2);
        assert!(
            told.iter()
                .all(|(_, standing)| *standing == Standing::AskedByAnother)
        );
    }
}

#[test]
fn a_name_counts_for_its_ttl_and_five_minutes_to_the_nanosecond() {
    let mut table = NameTable::default();
    learn(&mut table, &["ads.test"], HOST, FIRMWARE, at(100), 60);
    let standing = |boot| {
        let at = Moment { boot, ..at(0) };
        only(&table, FIRMWARE, at).standing
    };
    let first = at(100).boot;
    let last = first.saturating_add(Duration::from_mins(1) + GRACE);
    let before = BootTime::from_nanos(first.as_nanos() - 1);
    assert_eq!(standing(before), Standing::AskedTooLongAgo);
    assert_eq!(standing(first), Standing::Asked);
    assert_eq!(standing(last), Standing::Asked);
    assert_eq!(
        standing(last.saturating_add(Duration::from_nanos(1))),
        Standing::AskedTooLongAgo
    );
}

#[test]
fn a_life_of_nothing_leaves_the_five_minutes_and_an_absurd_one_a_week() {
    let mut table = NameTable::default();
    for (ttl, until) in [
        (0, 300),
        (u32::MAX, 300),
        (i32::MAX.unsigned_abs(), 7 * 86_400 + 300),
    ] {
        table = NameTable::new(table.bounds);
        learn(&mut table, &["ads.test"], HOST, FIRMWARE, at(0), ttl);
        assert_eq!(
            only(&table, FIRMWARE, at(until)).standing,
            Standing::Asked,
            "{ttl}"
        );
        let late = only(&table, FIRMWARE, at(until + 1)).standing;
        assert_eq!(late, Standing::AskedTooLongAgo, "{ttl}");
    }
}

#[test]
fn the_clock_on_the_wall_may_jump() {
    let mut table = NameTable::default();
    let early = Moment {
        wall: WallTime::from_millis(i64::MAX),
        ..at(0)
    };
    learn(&mut table, &["ads.test"], HOST, FIRMWARE, early, 60);
    let late = Moment {
        wall: WallTime::from_millis(i64::MIN),
        ..at(300)
    };
    assert_eq!(only(&table, FIRMWARE, late).standing, Standing::Asked);
    assert_eq!(only(&table, FIRMWARE, late).seen.at, early);
}

#[test]
fn asking_again_in_time_keeps_what_was_opened_in_between() {
    let mut table = NameTable::default();
    learn(&mut table, &["ads.test"], HOST, FIRMWARE, at(0), 60);
    learn(&mut table, &["ads.test"], HOST, FIRMWARE, at(360), 60);
    assert_eq!(only(&table, FIRMWARE, at(1)).standing, Standing::Asked);
    assert_eq!(only(&table, FIRMWARE, at(0)).seen.at, at(360));
    // After a gap only the new answer counts.
    learn(&mut table, &["ads.test"], HOST, FIRMWARE, at(721), 60);
    assert_eq!(
        only(&table, FIRMWARE, at(1)).standing,
        Standing::AskedTooLongAgo
    );
    assert_eq!(only(&table, FIRMWARE, at(721)).standing, Standing::Asked);
    // One that was overtaken reaches back, and no further than it did.
    learn(&mut table, &["ads.test"], HOST, FIRMWARE, at(700), 60);
    assert_eq!(only(&table, FIRMWARE, at(700)).standing, Standing::Asked);
    assert_eq!(
        only(&table, FIRMWARE, at(699)).standing,
        Standing::AskedTooLongAgo
    );
    assert_eq!(only(&table, FIRMWARE, at(700)).seen.at, at(721));
}

#[test]
fn each_standing_weakens_as_the_engine_has_it() {
    let mut table = NameTable::default();
    learn(&mut table, &["ads.test"], HOST, BROWSER, at(0), 60);
    let weak = |uid, when| only(&table, uid, when).weakenings().collect::<Vec<_>>();
    assert_eq!(weak(BROWSER, at(0)), []);
    assert_eq!(weak(BROWSER, at(361)), [Weakening::NotAskedJustBefore]);
    assert_eq!(weak(FIRMWARE, at(0)), [Weakening::AskedByAnother]);
    assert_eq!(
        weak(FIRMWARE, at(361)),
        [Weakening::AskedByAnother, Weakening::NotAskedJustBefore]
    );
    assert_eq!(weak(None, at(0)), [Weakening::OwnerUnknown]);
    let mut table = NameTable::default();
    learn(&mut table, &["ads.test"], HOST, None, at(0), 60);
    let weak = |uid| only(&table, uid, at(0)).weakenings().collect::<Vec<_>>();
    assert_eq!(weak(BROWSER), [Weakening::AskerUnknown]);
    assert_eq!(weak(None), [Weakening::AskerUnknown]);
    let mut table = NameTable::default();
    assert!(pin(&mut table, "ads.test", HOST, at(0).wall));
    let pinned = only(&table, BROWSER, at(0))
        .weakenings()
        .collect::<Vec<_>>();
    assert_eq!(pinned, [Weakening::PinnedAnswer]);
}

#[test]
fn every_name_of_a_chain_counts_and_says_where_it_stood() {
    let mut table = NameTable::default();
    let chain = ["WWW.ads.test.", "ads.cdn.test", "edge.test"];
    learn(&mut table, &chain, HOST, FIRMWARE, at(0), 60);
    let names: Vec<Named<'_>> = table
        .lookup(address(HOST), FIRMWARE, at(1))
        .names()
        .collect();
    assert_eq!(names.len(), 3);
    for (place, named) in names.iter().enumerate() {
        let Trail::Asked { chain, position } = named.trail else {
            panic!("it was asked for");
        };
        assert_eq!(position, place);
        assert_eq!(chain.len(), 3);
        assert_eq!(*chain[0], *"www.ads.test");
        assert_eq!(chain[position], named.seen.name);
        assert_eq!(named.standing, Standing::Asked);
    }
}

#[test]
fn records_that_the_asked_name_does_not_lead_to_are_not_believed() {
    let mut table = NameTable::default();
    table.learn(&Answer {
        name: "a.test",
        asker: FIRMWARE,
        at: at(0),
        aliases: &[Alias {
            name: "x.test",
            target: "y.test",
            ttl: 60,
        }],
        addresses: &[
            AddressRecord {
                name: "y.test",
                address: address(HOST),
                ttl: 60,
            },
            AddressRecord {
                name: "A.test.",
                address: address("192.0.2.8"),
                ttl: 60,
            },
            AddressRecord {
                name: "a.test",
                address: address("0.0.0.0"),
                ttl: 60,
            },
        ],
    });
    assert_eq!(standings(&table, HOST, FIRMWARE, at(0)), []);
    assert_eq!(table.len(), 1);
    let counts = table.counts();
    assert_eq!(
        (counts.answers, counts.unrelated, counts.no_host),
        (1, 1, 1)
    );
}

#[test]
fn what_cannot_be_used_is_counted() {
    let mut table = NameTable::default();
    learn(&mut table, &["bad name"], HOST, None, at(0), 60);
    learn(&mut table, &["a.test", "a.test"], HOST, None, at(0), 60);
    let addresses: Vec<AddressRecord<'_>> = (0..=MAX_ADDRESSES)
        .map(|n| AddressRecord {
            name: "many.test",
            address: IpAddr::from([198, 51, 100, u8::try_from(n).unwrap() + 1]),
            ttl: 1,
        })
        .collect();
    table.learn(&Answer {
        name: "many.test",
        asker: None,
        at: at(0),
        aliases: &[],
        addresses: &addresses,
    });
    let counts = table.counts();
    assert_eq!((counts.answers, counts.bad_names), (3, 1));
    assert_eq!((counts.cut_chains, counts.surplus), (1, 1));
    assert_eq!(table.len(), 1 + MAX_ADDRESSES);
}

#[test]
fn one_host_is_one_address_however_it_is_written() {
    let mut table = NameTable::default();
    learn(
        &mut table,
        &["ads.test"],
        "64:ff9b::192.0.2.7",
        FIRMWARE,
        at(0),
        60,
    );
    for same in [HOST, "::ffff:192.0.2.7", "64:ff9b::192.0.2.7"] {
        let told = standings(&table, same, FIRMWARE, at(0));
        assert_eq!(told, [("ads.test".into(), Standing::Asked)], "{same}");
        assert_eq!(table.names_of(address(same))[0].address, address(HOST));
    }
}

#[test]
fn a_pinned_answer_ends_after_fourteen_days_by_the_wall() {
    let mut table = NameTable::default();
    let seen = WallTime::from_millis(1_750_000_000_000);
    assert!(pin(&mut table, "ads.test", HOST, seen));
    let standing = |wall| {
        let at = Moment { wall, ..at(0) };
        table
            .lookup(address(HOST), FIRMWARE, at)
            .names()
            .next()
            .map(|named| named.standing)
    };
    let last = seen.saturating_add(PINNED_FOR);
    assert_eq!(standing(last), Some(Standing::Pinned));
    assert_eq!(
        standing(last.saturating_add(Duration::from_millis(1))),
        None
    );
    let [seen_name] = table.names_of(address(HOST)) else {
        panic!("one name");
    };
    assert_eq!(
        (seen_name.source, seen_name.asker),
        (NameSource::Pinned, None)
    );
    let Trail::Pinned(origin) = only(&table, FIRMWARE, at(0)).trail else {
        panic!("it was pinned");
    };
    assert_eq!(origin.vantage(), "Example City");
}

#[test]
fn of_two_pinned_answers_the_later_is_kept_and_what_was_asked_for_stands_beside() {
    let mut table = NameTable::default();
    let [early, late] = [1_000, 2_000].map(WallTime::from_millis);
    for seen in [early, late, early] {
        assert!(pin(&mut table, "ads.test", HOST, seen));
    }
    learn(&mut table, &["ads.test"], HOST, FIRMWARE, at(0), 60);
    let names = table.names_of(address(HOST));
    let sources: Vec<NameSource> = names.iter().map(|name| name.source).collect();
    assert_eq!(sources, [NameSource::Tap, NameSource::Pinned]);
    assert_eq!(names[1].at.wall, late);
    table.unpin_all();
    assert_eq!(table.names_of(address(HOST)).len(), 1);
    table.keep_within_bounds();
    assert_eq!(table.pinned.bytes, 0);
}

#[test]
fn an_address_of_many_registrations_is_marked_and_stays_so() {
    let mut table = tight(Bounds {
        names_per_address: 4,
        ..Bounds::default()
    });
    let shared = |table: &NameTable| table.lookup(address(HOST), None, at(0)).is_shared();
    // One owner with many hosts behind a content network.
    for host in [
        "a.shop.test",
        "b.shop.test",
        "c.shop.test",
        "shop.test",
        "d.shop.test",
    ] {
        learn(
            &mut table,
            &[host, "shop.cdn.test", "edge.cdn2.test"],
            HOST,
            BROWSER,
            at(0),
            60,
        );
    }
    assert!(!shared(&table));
    for (host, expected) in [
        ("w.test", false),
        ("x.test", false),
        ("y.test", true),
        ("y.test", true),
    ] {
        learn(&mut table, &[host], HOST, BROWSER, at(1), 60);
        assert_eq!(shared(&table), expected, "{host}");
    }
    for _ in 0..4 {
        learn(
            &mut table,
            &["y.test", "1.test", "2.test", "3.test"],
            HOST,
            BROWSER,
            at(2),
            60,
        );
    }
    assert!(shared(&table));
    assert!(!table.lookup(address("192.0.2.99"), None, at(0)).is_shared());
}

#[test]
fn the_address_told_longest_ago_goes_first() {
    let mut table = tight(Bounds {
        addresses: 2,
        ..Bounds::default()
    });
    learn(&mut table, &["a.test"], "192.0.2.1", BROWSER, at(0), 60);
    learn(&mut table, &["b.test"], "192.0.2.2", BROWSER, at(1), 60);
    learn(&mut table, &["a.test"], "192.0.2.1", BROWSER, at(2), 60);
    learn(&mut table, &["c.test"], "192.0.2.3", BROWSER, at(3), 60);
    assert_eq!(standings(&table, "192.0.2.2", BROWSER, at(3)), []);
    assert_eq!(standings(&table, "192.0.2.1", BROWSER, at(3)).len(), 1);
    assert_eq!((table.len(), table.counts().evicted_addresses), (2, 1));
}

#[test]
fn no_app_can_talk_anothers_names_away() {
    let mut table = tight(Bounds {
        names_per_address: 4,
        ..Bounds::default()
    });
    learn(
        &mut table,
        &["update.example.test"],
        HOST,
        FIRMWARE,
        at(0),
        60,
    );
    for n in 0..100 {
        learn(
            &mut table,
            &[&format!("{n}.test")],
            HOST,
            BROWSER,
            at(1),
            60,
        );
    }
    let told = standings(&table, HOST, FIRMWARE, at(2));
    assert_eq!(told.len(), 4);
    assert_eq!(told[3], ("update.example.test".into(), Standing::Asked));
    assert_eq!(table.counts().evicted_names, 97);
    // What no longer counts goes before what does.
    learn(&mut table, &["late.test"], HOST, BROWSER, at(1_000), 60);
    let told = standings(&table, HOST, FIRMWARE, at(1_000));
    assert_eq!(
        told.iter()
            .filter(|(name, _)| name == "update.example.test")
            .count(),
        0
    );
}

#[test]
fn bytes_are_bounded_and_given_back() {
    let bounds = Bounds {
        bytes: 20_000,
        pinned_bytes: 10_000,
        ..Bounds::default()
    };
    let mut table = tight(bounds);
    for n in 0..200_u8 {
        let host = format!("192.0.2.{n}");
        let name = format!("{0}.{0}.{n}.test", "x".repeat(1 + usize::from(n) % 60));
        learn(&mut table, &[&name, "edge.test"], &host, BROWSER, at(0), 60);
        pin(&mut table, &name, &host, at(0).wall);
        assert!(table.asked.bytes <= 20_000 && table.pinned.bytes <= 10_000);
        let sum = |of: fn(&Entry) -> usize| table.entries.values().map(of).sum::<usize>();
        assert_eq!(table.asked.bytes, sum(Entry::asked_bytes));
        assert_eq!(table.pinned.bytes, sum(Entry::pinned_bytes));
    }
    let counts = table.counts();
    assert!(counts.evicted_addresses > 0 && counts.pins_refused > 0);
    table.unpin_all();
    table.bounds.addresses = 0;
    table.keep_within_bounds();
    assert!(table.is_empty() && table.bytes() == 0);
    assert_eq!((table.latest, table.oldest), (None, None));
}
