//! The committed corpus through every target, and small damage done to each of its files: what
//! fuzzing found once stays found, on stable and without a fuzzer.

use std::collections::BTreeSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};

use portlog_fuzz_targets::{TARGETS, Target};

#[test]
fn every_file_of_the_corpus_holds() {
    for target in TARGETS {
        let files = corpus(target.0);
        for (name, bytes) in &files {
            run(target, name, bytes);
        }
        println!("{}: {} files", target.0, files.len());
    }
}

#[test]
fn every_file_of_the_corpus_holds_when_damaged() {
    for target in TARGETS {
        let files = corpus(target.0);
        let mut random = Random(0x9E37_79B9_7F4A_7C15);
        for (name, bytes) in files.iter().filter(|(_, bytes)| bytes.len() <= 4096) {
            for _ in 0..DAMAGES {
                let other = &files[random.below(files.len())].1;
                run(target, name, &damaged(bytes, other, &mut random));
            }
        }
    }
}

#[test]
fn targets_programs_and_folders_of_the_corpus_are_the_same() {
    let targets: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(targets.len(), TARGETS.len(), "a name is used twice");
    assert_eq!(names_in("corpus", ""), targets);
    assert_eq!(names_in("bins", ".rs"), targets);
    let manifest = fs::read_to_string(fuzz().join("Cargo.toml")).unwrap();
    for name in &targets {
        assert!(
            manifest.contains(&format!("path = \"bins/{name}.rs\"")),
            "{name} is not in Cargo.toml"
        );
        let program = fs::read_to_string(fuzz().join("bins").join(format!("{name}.rs"))).unwrap();
        assert!(
            program.contains(&format!("portlog_fuzz_targets::{name}(data)")),
            "bins/{name}.rs runs another target"
        );
    }
}

#[test]
fn the_corpus_stays_small() {
    let mut whole = 0;
    for (name, _) in TARGETS {
        let files = corpus(name);
        assert!(files.len() >= 3, "{name} has too few seeds");
        whole += files.iter().map(|(_, bytes)| bytes.len()).sum::<usize>();
    }
    assert!(whole < 2 * 1024 * 1024, "the corpus has {whole} bytes");
}

/// How often each file is damaged.
const DAMAGES: usize = 200;

/// Runs the target, and says which file it was if it fails.
fn run((name, target): &Target, file: &Path, bytes: &[u8]) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| target(bytes))) {
        eprintln!(
            "target {name} failed on {} (or on damage done to it): {:?}",
            file.display(),
            bytes.escape_ascii().to_string()
        );
        resume_unwind(panic);
    }
}

fn corpus(name: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files: Vec<(PathBuf, Vec<u8>)> = fs::read_dir(fuzz().join("corpus").join(name))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.clone(), fs::read(path).unwrap()))
        .collect();
    files.sort();
    files
}

fn names_in(folder: &str, suffix: &str) -> BTreeSet<String> {
    fs::read_dir(fuzz().join(folder))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .map(|name| name.strip_suffix(suffix).unwrap().to_owned())
        .collect()
}

fn fuzz() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// One to three small damages, the same in every run.
fn damaged(bytes: &[u8], other: &[u8], random: &mut Random) -> Vec<u8> {
    const TELLING: &[u8] = b"\0\n\r\t :.,/-+#|^*[]{}()<>=%\"'09AFaf\x7F\x80\xC3\xFF";
    let mut bytes = bytes.to_vec();
    for _ in 0..=random.below(3) {
        let at = random.below(bytes.len() + 1);
        let to = at + random.below(bytes.len() + 1 - at);
        match random.below(7) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..to)),
            2 => bytes.insert(at, TELLING[random.below(TELLING.len())]),
            3 => bytes[at..to.min(at + 1)].fill(TELLING[random.below(TELLING.len())]),
            4 => bytes[at..to.min(at + 1)]
                .iter_mut()
                .for_each(|byte| *byte ^= 1 << random.below(8)),
            5 => bytes = [&bytes[..to], &bytes[at..]].concat(),
            _ => bytes = [&bytes[..at], &other[random.below(other.len() + 1)..]].concat(),
        }
    }
    bytes.truncate(16 * 1024);
    bytes
}

/// xorshift64*: enough to choose where to damage a file.
struct Random(u64);

impl Random {
    /// A number below `end`, which must not be 0.
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let drawn = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32;
        usize::try_from(drawn).unwrap() % end
    }
}
