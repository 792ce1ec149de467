//! Measures the journal: `cargo run --release -p portlog-journal --example measure [ENTRIES]`.
//!
//! Appends so many entries (a million by default) in batches of 256, a hundred of them alerts, kills a
//! process that appends and opens the log after it, exports its alerts as `portlog log export` does,
//! and all of it, and verifies both. Beside the time
//! on the clock stands the time on the processor, and the time in which the process was ready to run and
//! others were running, since machines are shared; and beside Portlog, in the
//! same run on the same files, what one would use instead: `openssl` and `sha256sum` over the whole
//! bundle, `sqlite3` for durable rows (as far as they are installed).

#![expect(
    clippy::print_stdout,
    reason = "a program that prints what it measured"
)]

mod entries;
mod others;
mod stopwatch;

use std::env;
use std::error::Error;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use portlog_journal::bundle::{Choice, Preset, export_full, export_sparse};
use portlog_journal::entry::Kind;
use portlog_journal::store::{RedbStore, Store as _};
use portlog_journal::verify::Options;
use portlog_journal::{FolderVault, Log, SystemRandom, verify};

use entries::{alert, moment, opened};
use stopwatch::Stopwatch;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Rows of a batch.
const BATCH: usize = 256;

/// How often a process that appends is killed.
const KILLS: usize = 5;

/// How many entries are alerts.
const ALERTS: u64 = 100;

/// The most rows that are given to a database to compare with: a rate needs no million.
const ROWS_ELSEWHERE: u64 = 200_000;

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.as_slice() {
        [word, file] if word == "verify" => return verify_alone(Path::new(file)),
        [word, folder] if word == "append" => return append_without_end(Path::new(folder)),
        _ => {}
    }
    let count = arguments
        .first()
        .map_or(Ok(1_000_000), |text| text.parse())?;
    let folder = env::temp_dir().join(format!("portlog-measure-{}", std::process::id()));
    fs::create_dir(&folder)?;
    let measured = measure(&folder, count);
    fs::remove_dir_all(&folder)?;
    measured
}

fn measure(folder: &Path, count: u64) -> Result<()> {
    println!("| what | on the clock | on the processor | waiting for it | |");
    println!("|---|---|---|---|---|");
    let path = folder.join("log.redb");
    let vault = FolderVault::new(folder.to_owned());
    let mut log = Log::create(RedbStore::open(&path)?, vault, SystemRandom, moment(0))?;
    let watch = Stopwatch::start();
    let apart = (count / ALERTS).max(1);
    for number in 0..count {
        let entry = match number % apart {
            0 => alert(number)?,
            _ => opened(number)?,
        };
        log.append(&entry)?;
        if log.pending() >= BATCH {
            log.commit()?;
        }
    }
    log.commit()?;
    let took = watch.stop();
    let size = log.size();
    took.print(
        &format!("append {size} entries, signed and durable, {BATCH} at a time"),
        &took.rate(size),
    );
    drop(log);
    others::flush(folder)?;
    others::sqlite(folder, count.min(ROWS_ELSEWHERE))?;
    let bytes = fs::metadata(&path)?.len();
    println!("| on disk | {} bytes a row | | | |", bytes / size);

    let size = opened_after_kills(folder, &path)?;
    export_alerts(&path, size)?;

    let store = RedbStore::open(&path)?;
    let snapshot = store.snapshot()?;
    let everything = |_: Kind, _: &str, _: &str| true;
    let whole = folder.join("whole.portlog.txt");
    let out = BufWriter::new(File::create(&whole)?);
    let watch = Stopwatch::start();
    export_full(&snapshot, |_, _| true, &everything, out)?;
    let took = watch.stop();
    let length = fs::metadata(&whole)?.len();
    took.print("export all of them", &format!("{length} bytes"));
    drop((snapshot, store));
    let status = Command::new(env::current_exe()?)
        .arg("verify")
        .arg(&whole)
        .status()?;
    if !status.success() {
        return Err("the whole log does not verify".into());
    }
    others::digest("openssl", &["dgst", "-sha256"], &whole);
    others::digest("sha256sum", &[], &whole);
    Ok(())
}

/// All that an export of the alerts takes: opening the log, choosing from its rows, and writing.
fn export_alerts(path: &Path, size: u64) -> Result<()> {
    let mut out = Vec::new();
    let whole = Stopwatch::start();
    let store = RedbStore::open(path)?;
    let snapshot = store.snapshot()?;
    let opened = whole.so_far();
    let chosen = Choice::new(Preset::Alerts).of(&snapshot)?;
    let selected = whole.so_far();
    export_sparse(&snapshot, &chosen.indices, &chosen, &mut out)?;
    let took = whole.stop();
    let parts = [
        opened,
        selected.saturating_sub(opened),
        took.clock.saturating_sub(selected),
    ];
    let [open, choose, write] = parts.map(|part| part.as_secs_f64());
    took.print(
        &format!(
            "export the alerts of {size}: {} entries",
            chosen.indices.len()
        ),
        &format!(
            "opening {open:.3}, choosing {choose:.3}, writing {write:.3} s; {} bytes",
            out.len()
        ),
    );
    let watch = Stopwatch::start();
    verify(out.as_slice(), &Options::at(u64::MAX / 2))?;
    watch.stop().print("verify that", "");
    Ok(())
}

/// Kills a process in the midst of appending, several times, and opens the log after it. Gives the size
/// that it has in the end.
fn opened_after_kills(folder: &Path, path: &Path) -> Result<u64> {
    let mut size = 0;
    for number in 0..KILLS {
        let mut child = Command::new(env::current_exe()?)
            .arg("append")
            .arg(folder)
            .stdout(Stdio::piped())
            .spawn()?;
        let out = child.stdout.take().ok_or("no output")?;
        let mut acknowledged = 0;
        for line in BufReader::new(out).lines().take(20 + number * 7) {
            acknowledged = line?.parse()?;
        }
        child.kill()?;
        child.wait()?;
        let watch = Stopwatch::start();
        let vault = FolderVault::new(folder.to_owned());
        let log = Log::open(RedbStore::open(path)?, vault, SystemRandom)?.ok_or("it is empty")?;
        watch.stop().print("open after a kill", "");
        size = log.size();
        if size < acknowledged {
            return Err(format!("{size} entries, and {acknowledged} were acknowledged").into());
        }
    }
    Ok(size)
}

fn append_without_end(folder: &Path) -> Result<()> {
    let vault = FolderVault::new(folder.to_owned());
    let store = RedbStore::open(&folder.join("log.redb"))?;
    let mut log = Log::open(store, vault, SystemRandom)?.ok_or("it is empty")?;
    let mut out = std::io::stdout();
    loop {
        let number = log.size();
        log.append(&opened(number)?)?;
        if log.pending() >= BATCH {
            log.commit()?;
            writeln!(out, "{}", log.size())?;
            out.flush()?;
        }
    }
}

fn verify_alone(file: &Path) -> Result<()> {
    let watch = Stopwatch::start();
    let reader = BufReader::with_capacity(1 << 16, File::open(file)?);
    let report = verify(reader, &Options::at(u64::MAX / 2))?;
    let took = watch.stop();
    took.print("verify all of them", &took.rate(report.size()));
    let status = fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    println!(
        "| memory of that, at most | {} | | | |",
        peak.unwrap_or("not known").trim()
    );
    Ok(())
}
