//! Memory of its own, in a process for each candidate.

use std::collections::HashSet;
use std::fs::{self, File};
use std::net::Ipv4Addr;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use portlog_blocklist::{CompiledList, List, ListSet, MappedFile};
use prefix_trie::PrefixMap;

use crate::material::{misses, names, v4, v6};
use crate::{engine_of, fst_of};

/// What a candidate of this name has, in MiB, asked of a process of its own: after it was built and asked,
/// of `build` the most at once while a list is parsed and compiled.
pub(crate) fn of(candidate: &str, size: &str, folder: &str) -> f64 {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["memory", candidate, folder, size])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout)
        .unwrap()
        .trim()
        .parse()
        .unwrap()
}

/// Prints the most memory of its own at once while a list is parsed, from a mapped file, and compiled.
pub(crate) fn while_building(folder: &str) {
    let source = File::open(format!("{folder}/text")).unwrap();
    let mut out = File::create(format!("{folder}/again")).unwrap();
    let before = own_memory();
    let (most, is_done) = (AtomicU64::new(0), AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| {
            while !is_done.load(Ordering::Relaxed) {
                most.fetch_max(own_memory(), Ordering::Relaxed);
                thread::sleep(Duration::from_millis(1));
            }
        });
        let list = List::parse("bench", None, None, &MappedFile::map(&source).unwrap())
            .unwrap()
            .list;
        list.compile_into(&mut out).unwrap();
        is_done.store(true, Ordering::Relaxed);
    });
    println!(
        "{:.2}",
        most.load(Ordering::Relaxed).saturating_sub(before) as f64 / 1024.0
    );
}

/// Prints how much memory of its own a candidate has after it was built and asked.
pub(crate) fn of_this_process(candidate: &str, folder: &str) {
    let path = format!("{folder}/list");
    let misses = misses();
    let v4 = v4();
    let list = || {
        List::parse(
            "bench",
            None,
            None,
            &fs::read(format!("{folder}/text")).unwrap(),
        )
        .unwrap()
        .list
    };
    // What the allocator keeps for the process stays out of what is measured.
    let before = own_memory();
    let kept: Box<dyn std::any::Any> = match candidate {
        "compiled" => Box::new(ListSet::new(vec![List::from_compiled(
            CompiledList::open(&File::open(path).unwrap()).unwrap(),
            None,
        )])),
        "parsed" => Box::new(ListSet::new(vec![list()])),
        "hashset" => Box::new(names().into_iter().collect::<HashSet<String>>()),
        "fst" => Box::new(fst_of(&names())),
        "adblock" => Box::new(engine_of(&names())),
        "prefix-trie" => {
            let mut trie = PrefixMap::<(u32, u8), u32>::new();
            v4.iter().zip(0..).for_each(|(prefix, number)| {
                trie.insert(*prefix, number);
            });
            let mut trie6 = PrefixMap::<(u128, u8), u32>::new();
            v6().iter().zip(0..).for_each(|(prefix, number)| {
                trie6.insert(*prefix, number);
            });
            Box::new((trie, trie6))
        }
        other => panic!("{other}"),
    };
    if let Some(set) = kept.downcast_ref::<ListSet>() {
        let mut hits = Vec::new();
        for name in &misses {
            set.name(name, &mut hits);
        }
        for (bits, _) in v4.iter().take(1_000) {
            set.address(Ipv4Addr::from_bits(*bits).into(), &mut hits);
            hits.clear();
        }
    }
    println!("{:.2}", own_memory().saturating_sub(before) as f64 / 1024.0);
    drop(kept);
}

/// `RssAnon` of `/proc/self/status`, in KiB.
fn own_memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("RssAnon:"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
