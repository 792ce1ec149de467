//! A look in which nothing changed allocates nothing in a session either, with its board, its
//! history and its file attached: no thread of the program asks for memory while time goes by.
//!
//! Alone in its file: the allocator counts for the whole program.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use portlog_agent::session::{
    BoardQuery, Language, ListChange, Session, SessionConfig, SessionSettings,
};
use portlog_tests::allocations::{Counting, by_all_threads};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn a_steady_session_allocates_nothing_and_a_change_does() {
    let (tree, state) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let net = tree.path().join("net");
    fs::create_dir(&net).unwrap();
    write_table(&net, 300);
    let session = Session::open(SessionConfig {
        state_folder: state.path().to_owned(),
        proc_root: tree.path().to_owned(),
        sdk: 28,
        settings: SessionSettings {
            language: Language::English,
            utc_offset_seconds: 0,
            scope_all: true,
            interval: Duration::from_millis(10),
            idle_interval: Duration::from_millis(10),
        },
        log: None,
    })
    .unwrap();
    let list = tree.path().join("list.txt");
    fs::write(&list, "203.0.113.0/24\n").unwrap();
    let import = ListChange::Import {
        name: "mine".to_owned(),
        category: None,
        path: list.to_str().unwrap().to_owned(),
    };
    session.set_lists(&import).unwrap();
    session.start().unwrap();
    wait_for(&session, 30);
    assert_eq!(session.board(&BoardQuery::default()).total, 300);
    session.next_events(Duration::ZERO).unwrap();

    // A new minute, and what waited for the file, may fall into one of these, never into all.
    let steady = (0..4)
        .map(|_| {
            let (looks, before) = (session.stats().polls, by_all_threads());
            thread::sleep(Duration::from_millis(500));
            let asked = by_all_threads() - before;
            assert!(session.stats().polls >= looks + 5, "it does not look");
            asked
        })
        .min();
    assert_eq!(steady, Some(0));

    let before = by_all_threads();
    write_table(&net, 301);
    let looks = session.stats().polls;
    wait_for(&session, looks + 5);
    assert!(by_all_threads() > before + 100);
    assert_eq!(session.board(&BoardQuery::default()).total, 301);
}

fn wait_for(session: &Session, polls: u64) {
    let give_up = Instant::now() + Duration::from_secs(30);
    while session.stats().polls < polls {
        assert!(Instant::now() < give_up);
        thread::sleep(Duration::from_millis(5));
    }
}

/// Established TCP connections with a listed network.
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
