//! How much memory a list of many names takes while it is imported, and how little afterwards.
//!
//! Alone in its file: the allocator counts for the whole program.

use std::alloc::{GlobalAlloc, Layout, System};
use std::fmt::Write as _;
use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};

use portlog_agent::session::{Language, ListChange, Session, SessionConfig, SessionSettings};

/// The system's allocator, with the most that was in use at once.
struct Counting;

static IN_USE: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

fn add(bytes: usize) {
    let now = IN_USE.fetch_add(bytes, Ordering::Relaxed) + bytes;
    MOST.fetch_max(now, Ordering::Relaxed);
}

#[expect(unsafe_code, reason = "an allocator cannot be written without")]
// SAFETY: every call is passed on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        add(layout.size());
        // SAFETY: the caller's promises are those that `System` asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        IN_USE.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promises are those that `System` asks for.
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        add(size);
        IN_USE.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promises are those that `System` asks for.
        unsafe { System.realloc(memory, layout, size) }
    }
}

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

    let before = IN_USE.load(Ordering::Relaxed);
    MOST.store(before, Ordering::Relaxed);
    let lines = session
        .set_lists(&ListChange::Import {
            name: "many".to_owned(),
            category: None,
            path: path.to_str().unwrap().to_owned(),
        })
        .unwrap();
    assert_eq!(lines[0].rules, NAMES as u64);
    let most = (MOST.load(Ordering::Relaxed) - before) / NAMES;
    assert!(
        (10..110).contains(&most),
        "{most} bytes a name while importing"
    );
    let kept = IN_USE.load(Ordering::Relaxed) - before;
    assert!(kept < 64 << 10, "{kept} bytes stay");
    drop(session);

    MOST.store(IN_USE.load(Ordering::Relaxed), Ordering::Relaxed);
    let before = IN_USE.load(Ordering::Relaxed);
    let session = open();
    let lines = session.set_lists(&ListChange::Look).unwrap();
    assert_eq!(
        (lines[0].rules, lines[0].problem.as_str()),
        (NAMES as u64, "")
    );
    let most = MOST.load(Ordering::Relaxed) - before;
    assert!(
        most < 256 << 10,
        "{most} bytes to open the session and its list"
    );
}
