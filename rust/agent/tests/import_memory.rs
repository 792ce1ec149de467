//! How much memory a list of many names takes while it is imported, and how little afterwards.
//!
//! Alone in its file: the allocator counts for the whole program.

use std::fmt::Write as _;
use std::fs;

use portlog_agent::session::{Language, ListChange, Session, SessionConfig, SessionSettings};
use portlog_tests::allocations::{Counting, forget_most, in_use, most_in_use};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Just past a power of two, where the tables have doubled.
const NAMES: usize = 140_000;

#[test]
fn an_import_takes_little_memory_and_a_list_that_is_mapped_none() {
    let (tree, state) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fs::create_dir(tree.path().join("net")).unwrap();
    let open = || {
        Session::open(SessionConfig {
            state_folder: state.path().to_owned(),
            proc_root: tree.path().to_owned(),
            sdk: 28,
            settings: SessionSettings {
                language: Language::English,
                utc_offset_seconds: 0,
                scope_all: true,
                interval: std::time::Duration::from_secs(1),
                idle_interval: std::time::Duration::from_secs(1),
            },
            log: None,
        })
        .unwrap()
    };
    let session = open();
    let path = tree.path().join("hosts");
    let mut text = String::new();
    for number in 0..NAMES {
        writeln!(text, "0.0.0.0 {:x}.host{number}.test", number * 7_919).unwrap();
    }
    fs::write(&path, &text).unwrap();
    drop(text);

    let before = in_use();
    forget_most();
    let lines = session
        .set_lists(&ListChange::Import {
            name: "many".to_owned(),
            category: None,
            path: path.to_str().unwrap().to_owned(),
        })
        .unwrap();
    assert_eq!(lines[0].rules, NAMES as u64);
    let most = (most_in_use() - before) / NAMES;
    assert!(
        (10..110).contains(&most),
        "{most} bytes a name while importing"
    );
    let kept = in_use() - before;
    assert!(kept < 64 << 10, "{kept} bytes stay");
    drop(session);

    let before = in_use();
    forget_most();
    let session = open();
    let lines = session.set_lists(&ListChange::Look).unwrap();
    assert_eq!(
        (lines[0].rules, lines[0].problem.as_str()),
        (NAMES as u64, "")
    );
    let most = most_in_use() - before;
    assert!(
        most < 256 << 10,
        "{most} bytes to open the session and its list"
    );
}
