//! A repeated answer allocates nothing, and neither does a lookup.
//!
//! Alone in its file: the allocator counts for the whole program.

use std::net::IpAddr;

use portlog_model::{BootTime, Moment, Uid, WallTime};
use portlog_names::{AddressRecord, Alias, Answer, NameTable, Standing};
use portlog_tests::allocations::{Counting, by_all_threads};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn repeated_answers_and_lookups_allocate_nothing() {
    // 500 names behind one alias that 250 addresses have in turn: chains that differ and share.
    let hosts: Vec<String> = (0..500)
        .map(|n| format!("Host-{n}.example.test."))
        .collect();
    let mut table = NameTable::default();
    let round = |table: &mut NameTable, second: u64| {
        for (number, host) in hosts.iter().enumerate() {
            let low = u8::try_from(number % 250).unwrap();
            let record = |third| AddressRecord {
                name: "edge.test",
                address: IpAddr::from([198, 51, third, low]),
                ttl: 60,
            };
            table.learn(&Answer {
                name: host,
                asker: Some(Uid::new(10_000 + u32::from(low % 7))),
                at: at(second),
                aliases: &[Alias {
                    name: host,
                    target: "EDGE.test",
                    ttl: 30,
                }],
                addresses: &[record(100), record(101)],
            });
        }
    };
    round(&mut table, 0);
    assert_eq!(table.len(), 500);

    let before = by_all_threads();
    for second in 1..20 {
        round(&mut table, second);
    }
    assert_eq!(by_all_threads() - before, 0);

    let mut asked = 0;
    for low in 0..250 {
        let lookup = table.lookup(
            IpAddr::from([198, 51, 100, low]),
            Some(Uid::new(10_000)),
            at(20),
        );
        let names = lookup.names();
        asked += names
            .filter(|name| name.standing == Standing::Asked)
            .count();
    }
    assert_eq!(by_all_threads() - before, 0);
    assert_eq!(asked, 36 * 3);

    // That the count can fail: a new name is new memory.
    table.learn(&Answer {
        name: "new.test",
        asker: None,
        at: at(21),
        aliases: &[],
        addresses: &[AddressRecord {
            name: "new.test",
            address: IpAddr::from([198, 51, 100, 1]),
            ttl: 60,
        }],
    });
    assert_ne!(by_all_threads() - before, 0);
}

fn at(seconds: u64) -> Moment {
    Moment {
        wall: WallTime::from_millis(0),
        boot: BootTime::from_nanos(seconds * 1_000_000_000),
    }
}
