//! A poll in which nothing changed allocates nothing, from the files to the engine.
//!
//! Here over a tree of files, so that it holds wherever tests run; the live tables by procfs and by
//! sock_diag are asserted by the benchmark's test (tests/benches/poll), in a namespace of its own.
//! Alone in its file: the allocator counts for the whole program.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use portlog_agent::{Clock, ListSet, Pipeline, SourceChoice, Subject, SystemClock, read_list};
use portlog_model::Event;
use portlog_tests::allocations::{Counting, by_this_thread};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn a_steady_pipeline_allocates_nothing_and_a_change_does() {
    let tree = tempfile::tempdir().unwrap();
    let net = tree.path().join("net");
    fs::create_dir(&net).unwrap();
    write_tables(&net, 500);
    let list = tree.path().join("list.txt");
    fs::write(&list, "203.0.113.0/24\n").unwrap();
    let subject = Subject {
        source: SourceChoice::Procfs,
        proc_root: tree.path().to_owned(),
        lists: ListSet::new(vec![read_list(&list, None).unwrap().list]),
        ..Subject::this_machine()
    };
    let mut pipeline = Pipeline::open(subject).unwrap();
    let mut events: Vec<Event> = Vec::new();
    let mut poll = || {
        events.clear();
        let before = by_this_thread();
        let poll = pipeline
            .poll(SystemClock.now().moment, &mut events)
            .unwrap()
            .unwrap();
        (poll.changed, by_this_thread() - before)
    };
    let (changed, asked) = poll();
    assert!(
        changed && asked > 1_000,
        "the counter does not count: {asked}"
    );
    poll();
    for _ in 0..20 {
        assert_eq!(poll(), (false, 0));
    }
    write_tables(&net, 501);
    let (changed, asked) = poll();
    assert!(changed && asked > 0);
}

/// Established TCP connections with a listed network, and as many datagram sockets.
fn write_tables(net: &Path, rows: u32) {
    let header = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   \
                  uid  timeout inode\n";
    let (mut tcp, mut udp) = (header.to_owned(), header.to_owned());
    for number in 0..rows {
        let port = 40_000 + number;
        let row = format!(
            "{number:4}: 026433C6:{port:04X} 077100CB:01BB 01 00000000:00000000 00:00000000 \
             00000000 10087        0 {} 1 0000000000000000 20 4 30 10 -1\n",
            number + 1
        );
        tcp.push_str(&row);
        writeln!(
            udp,
            "{number:5}: 026433C6:{port:04X} 00000000:0000 07 00000000:00000000 00:00000000 \
             00000000 10087        0 {} 2 0000000000000000 0",
            number + 100_000
        )
        .unwrap();
    }
    fs::write(net.join("tcp"), tcp).unwrap();
    fs::write(net.join("udp"), udp).unwrap();
}
