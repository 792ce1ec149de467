//! Measures the journal: `cargo run --release -p portlog-journal --example measure [ENTRIES]`.
//!
//! Appends so many entries (a million by default) in batches of 256, opens the log after that as after
//! a kill, exports it whole and 100 entries of it, and verifies both. The peak of memory is that of the
//! verification of the whole log alone, in a process of its own.

#![expect(
    clippy::print_stdout,
    reason = "a program that prints what it measured"
)]

use std::env;
use std::error::Error;
use std::fs::{self, File};
use std::io::{BufReader, BufWriter};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use portlog_journal::bundle::{export_full, export_sparse};
use portlog_journal::entry::{Entry, FieldType, Kind, Value};
use portlog_journal::store::{RedbStore, Store as _};
use portlog_journal::verify::Options;
use portlog_journal::{FolderVault, Log, SystemRandom, UtcOffset, verify};
use portlog_model::{BootTime, Moment, WallTime};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let [word, file] = arguments.as_slice()
        && word == "verify"
    {
        return verify_alone(Path::new(file));
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
    let path = folder.join("log.redb");
    let vault = FolderVault::new(folder.to_owned());
    let mut log = Log::create(RedbStore::open(&path)?, vault, SystemRandom, moment(0))?;
    let begin = Instant::now();
    for number in 0..count {
        log.append(&opened(number)?)?;
        if log.pending() >= 256 {
            log.commit()?;
        }
    }
    log.commit()?;
    let took = begin.elapsed();
    let size = log.size();
    per_second("append, signed and durable, batches of 256", size, took);
    drop(log);
    let bytes = fs::metadata(&path)?.len();
    println!("on disk: {} bytes a row", bytes / size);

    let begin = Instant::now();
    let store = RedbStore::open(&path)?;
    println!("open: {:?}", begin.elapsed());
    let snapshot = store.snapshot()?;

    let everything = |_: Kind, _: &str, _: &str| true;
    let indices: Vec<u64> = (1..=100).map(|nth| nth * (size / 101)).collect();
    let mut some = Vec::new();
    let begin = Instant::now();
    export_sparse(&snapshot, &indices, &everything, &mut some)?;
    println!("export of 100: {:?}, {} bytes", begin.elapsed(), some.len());
    let begin = Instant::now();
    verify(some.as_slice(), &Options::at(u64::MAX / 2))?;
    println!("verify of 100: {:?}", begin.elapsed());

    let whole = folder.join("whole.portlog.txt");
    let begin = Instant::now();
    let out = BufWriter::new(File::create(&whole)?);
    export_full(&snapshot, |_, _| true, &everything, out)?;
    let length = fs::metadata(&whole)?.len();
    println!("export of all: {:?}, {length} bytes", begin.elapsed());
    drop((snapshot, store));
    let status = Command::new(env::current_exe()?)
        .arg("verify")
        .arg(&whole)
        .status()?;
    if !status.success() {
        return Err("the whole log does not verify".into());
    }
    Ok(())
}

fn verify_alone(file: &Path) -> Result<()> {
    let begin = Instant::now();
    let reader = BufReader::with_capacity(1 << 16, File::open(file)?);
    let report = verify(reader, &Options::at(u64::MAX / 2))?;
    per_second("verify all", report.size(), begin.elapsed());
    let status = fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find(|line| line.starts_with("VmHWM"));
    println!("peak of memory: {}", peak.unwrap_or("not known"));
    Ok(())
}

fn per_second(what: &str, count: u64, took: Duration) {
    let each = took.as_nanos() / u128::from(count.max(1));
    println!("{what}: {took:?}, {} a second", 1_000_000_000 / each.max(1));
}

fn moment(millis: u64) -> Value {
    let wall = i64::try_from(millis).unwrap_or(i64::MAX) + 1_777_902_300_000;
    let moment = Moment {
        wall: WallTime::from_millis(wall),
        boot: BootTime::from_nanos(millis * 1_000_000),
    };
    Value::moment(moment, UtcOffset::UNKNOWN)
}

fn opened(number: u64) -> Result<Entry> {
    let text = |text: &str, of| Value::of(text, of).ok_or("not of its type");
    let port = 32_768 + number % 28_232;
    Ok(Entry::new(Kind::Opened)
        .with("time", moment(number * 50))?
        .with("after", moment(number * 50))?
        .with("by", moment(number * 50))?
        .with("connection", Value::number(number))?
        .with("protocol", Value::word("tcp"))?
        .with(
            "local",
            text(&format!("192.0.2.10:{port}"), FieldType::Endpoint)?,
        )?
        .with("remote", text("203.0.113.7:443", FieldType::Endpoint)?)?
        .with("state", Value::word("established"))?
        .with("direction", Value::word("out"))?
        .with("uid", Value::number(10_012))?
        .with("owner", Value::number(2))?
        .with("inode", Value::number(number))?
        .with("ours", Value::word("no"))?)
}
