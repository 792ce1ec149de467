//! Recall: which share of short connections a watch sees, and of how many it can say whose they
//! were.
//!
//! A watch looks at moments. A connection that begins and ends between two of them leaves `TIME_WAIT`
//! behind, or a destroy event, or nothing, and neither of the first two names an owner. How much
//! that is depends on how long a connection lives, how often one looks, and who ends it how. Here a
//! phone and a host, namespaces joined by a wire, make many connections of known length, one or
//! several `portlog watch` run on the phone meanwhile, and what they told is compared with what
//! happened.
//!
//! Run by `cargo xtask recall` with `--grid` it measures every combination; run by `cargo test` it
//! is a test of what must hold whatever the machine does. No harness: its processes are itself,
//! started again in another role.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test that cannot go on must stop and say why"
)]

mod host;
mod plan;
mod talker;
mod tally;
mod watcher;
mod wire;

use std::thread::sleep;
use std::time::Duration;

use plan::{Ending, Plan};
use tally::Tally;
use watcher::Watcher;
use wire::Wire;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        [host::ROLE] => host::serve(),
        [talker::ROLE] => talker::talk(),
        _ if words.contains(&"--list") => {}
        _ if words.contains(&"--grid") => {
            let connections = words
                .iter()
                .skip_while(|word| **word != "--each")
                .nth(1)
                .map_or(250, |number| number.parse().unwrap());
            grid(connections);
        }
        _ => test(),
    }
}

/// Every combination: prints a line for each.
fn grid(connections: usize) {
    const LIFETIMES: [u64; 9] = [10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000];
    const INTERVALS: [u64; 4] = [100, 500, 1_000, 5_000];
    let mut wire = Wire::lay().expect("network namespaces can be made only as root");
    let mut plan = Plan::new();
    for source in ["procfs", "diag"] {
        let window = Duration::from_mins(1);
        plan.clear();
        for ending in Ending::ALL {
            for lifetime in LIFETIMES {
                plan.add(ending, Duration::from_millis(lifetime), connections, window);
            }
        }
        let tallies = observe(
            &mut wire,
            &plan,
            INTERVALS.map(|interval| (source, interval)),
        );
        for (interval, tally) in INTERVALS.into_iter().zip(tallies) {
            for ending in Ending::ALL {
                for lifetime in LIFETIMES {
                    let cell = tally.cell(&plan, ending, Duration::from_millis(lifetime));
                    println!(
                        "cell\t{source}\t{interval}\t{}\t{lifetime}\t{}\t{}\t{}\t{}\t{}\t{}",
                        ending.as_str(),
                        cell.with_owner,
                        cell.tuple_only,
                        cell.unseen,
                        cell.forgotten,
                        cell.split,
                        cell.not_as_planned,
                    );
                }
            }
        }
    }
}

/// What must hold on any machine.
fn test() {
    let mut wire = match Wire::lay() {
        Ok(wire) => wire,
        Err(error) => return println!("skipped: recall needs network namespaces ({error})"),
    };
    // Whether a look falls into half a second, at ten a second, is the machine's business; three
    // times in a row it is not.
    let mut plan = Plan::new();
    for attempt in 1.. {
        plan.clear();
        let window = Duration::from_secs(2);
        let (long, short) = (Duration::from_millis(500), Duration::from_millis(10));
        for ending in Ending::ALL {
            plan.add(ending, long, 8, window);
            plan.add(ending, short, 8, window);
        }
        let tallies = observe(&mut wire, &plan, [("procfs", 100), ("diag", 100)]);
        for (source, tally) in ["procfs", "diag"].iter().zip(&tallies) {
            tally.assert_nothing_is_forgotten(source);
            // What remains of a connection that we ended first stays for a minute.
            let remains = tally.cell(&plan, Ending::ClientFirst, short);
            assert_eq!(remains.unseen, 0, "{source}: {remains:?}");
        }
        // The kernel tells of the end of a connection that ended in order, and of datagram sockets.
        for ending in [Ending::ServerFirst, Ending::Datagram] {
            let told = tallies[1].cell(&plan, ending, short);
            assert_eq!(told.unseen, 0, "destroy events, {ending:?}: {told:?}");
        }
        let missed: Vec<_> = tallies
            .iter()
            .flat_map(|tally| Ending::ALL.map(|ending| tally.cell(&plan, ending, long)))
            .filter(|cell| cell.tuple_only + cell.unseen > 0)
            .collect();
        if missed.is_empty() {
            break;
        }
        println!("attempt {attempt}: {missed:?}");
        assert!(attempt < 3, "connections of half a second without owner");
    }
    println!("recall: what must hold holds");
}

/// Lets the phone talk by `plan` while a watch for each source and interval (in milliseconds) looks
/// on, and answers what each of them saw.
fn observe<const N: usize>(wire: &mut Wire, plan: &Plan, watches: [(&str, u64); N]) -> [Tally; N] {
    let longest = watches.iter().map(|(_, interval)| *interval).max();
    let longest = Duration::from_millis(longest.unwrap_or(0));
    let running = watches.map(|(source, interval)| Watcher::start(source, interval));
    for watcher in &running {
        watcher.wait_for_first_look();
    }
    // So that every watch has looked before anything happens.
    sleep(longest);
    let happened = wire.talk(plan);
    // Two more looks: what a socket leaves behind stays for a minute.
    sleep(2 * longest + Duration::from_millis(500));
    running.map(|watcher| {
        let mut tally = Tally::new(&happened);
        for sight in watcher.end() {
            tally.add(&sight);
        }
        tally
    })
}
