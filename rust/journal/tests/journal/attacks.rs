//! That the table in `ATTACKS.md` names what exists.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::vectors::folder;

/// Every test of this crate as `file.rs::name`.
fn tests() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders: Vec<PathBuf> = vec![root.join("src"), root.join("tests")];
    let mut found = BTreeSet::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let file = path.file_name().unwrap().to_str().unwrap().to_owned();
            if path.extension().is_none_or(|end| end != "rs") {
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            for part in text.split("#[test]").skip(1) {
                let name = part.split_once("fn ").unwrap().1;
                let name = name.split('(').next().unwrap();
                found.insert(format!("{file}::{name}"));
            }
        }
    }
    found
}

#[test]
fn every_attack_is_held_by_tests_that_exist_or_says_why_not() {
    let table = include_str!("../ATTACKS.md");
    let expected = fs::read_to_string(folder().join("expected.txt")).unwrap();
    let vectors: BTreeSet<&str> = expected
        .lines()
        .map(|line| line.split(".portlog.txt ").next().unwrap())
        .collect();
    let tests = tests();
    let mut number = 0;
    for line in table.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<&str> = line.split(" | ").collect();
        let Ok(stated) = cells[0].trim_start_matches("| ").parse::<u32>() else {
            continue;
        };
        number += 1;
        assert_eq!(stated, number);
        let held = cells[2..].join(" | ");
        let mut names = 0;
        for name in held.split('`').skip(1).step_by(2) {
            if name.starts_with("cargo ") {
                continue;
            }
            names += 1;
            assert!(
                vectors.contains(name) || tests.contains(name),
                "{number}: {name}"
            );
        }
        assert!(names > 0 || held.starts_with("out of scope"), "{number}");
    }
    assert_eq!(number, 50);
}
