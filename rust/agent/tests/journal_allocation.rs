//! A watch with a journal in which nothing happens allocates nothing: not where it looks, not where it
//! writes. Alone in its file: the allocator counts for the whole program.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use portlog_agent::testimony::{Device, Reader, Testimony};
use portlog_agent::{Agent, Config, SourceChoice, Subject};
use portlog_journal::entry::Kind;
use portlog_model::EventKind;
use portlog_tests::allocations::{Counting, by_all_threads};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn a_steady_watch_with_a_journal_allocates_nothing_and_a_change_is_written() {
    let (tree, journal) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let net = tree.path().join("net");
    fs::create_dir(&net).unwrap();
    write_table(&net, 300);
    let mut config = Config::new(Subject {
        source: SourceChoice::Procfs,
        proc_root: tree.path().to_owned(),
        ..Subject::this_machine()
    });
    config.interval = Duration::from_millis(100);
    config.idle_interval = Duration::from_millis(100);
    config.testimony = Some(Testimony {
        commit_every: Duration::from_millis(100),
        ..Testimony::new(journal.path().to_owned(), Device::default())
    });
    let agent = Agent::start(config).unwrap();
    assert_eq!(opened(&agent, 300), 300);
    let recorder = agent.recorder().unwrap();
    let give_up = Instant::now() + Duration::from_secs(30);
    while recorder.reader().unwrap().size().unwrap() < 301 || recorder.health().pending > 0 {
        assert!(Instant::now() < give_up);
        thread::sleep(Duration::from_millis(20));
    }

    // What is written once a minute may fall into one of these, never into all.
    let steady = (0..4)
        .map(|_| {
            let before = by_all_threads();
            thread::sleep(Duration::from_millis(700));
            by_all_threads() - before
        })
        .min();
    assert_eq!(steady, Some(0));

    let before = by_all_threads();
    write_table(&net, 301);
    assert_eq!(opened(&agent, 1), 1, "it does not look");
    assert!(agent.stop());
    assert!(by_all_threads() > before + 100);
    drop((agent, recorder));
    let reader = Reader::open(journal.path()).unwrap();
    let page = reader.rows(0..u64::MAX, 1_000).unwrap();
    let rows = page.rows.iter().filter(|row| row.kind == Kind::Opened);
    assert_eq!(rows.count(), 301);
}

/// Takes events until so many connections were opened.
fn opened(agent: &Agent, wanted: usize) -> usize {
    let give_up = Instant::now() + Duration::from_secs(30);
    let mut opened = 0;
    while opened < wanted {
        assert!(Instant::now() < give_up);
        let events = agent.next_events(Duration::from_secs(1)).unwrap();
        opened += events
            .iter()
            .filter(|event| matches!(event.kind, EventKind::Opened { .. }))
            .count();
    }
    opened
}

/// Established TCP connections.
fn write_table(net: &Path, rows: u32) {
    let mut tcp = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   \
                   uid  timeout inode\n"
        .to_owned();
    for number in 0..rows {
        let port = 40_000 + number;
        writeln!(
            tcp,
            "{number:4}: 026433C6:{port:04X} 077100CB:01BB 01 00000000:00000000 00:00000000 \
             00000000 10087        0 {} 1 0000000000000000 20 4 30 10 -1",
            number + 1
        )
        .unwrap();
    }
    // As a whole: a look may come in between.
    fs::write(net.join("new"), tcp).unwrap();
    fs::rename(net.join("new"), net.join("tcp")).unwrap();
}
