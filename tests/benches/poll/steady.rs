//! What a watch costs while nothing happens: time on the processor and memory of the real program.
//!
//! The kernel's own split of that time into user and system (`utime`, `stime`) is made by what it
//! finds at its ticks. Polls a second apart come at one and the same moment between two ticks, so
//! that either all or none of them are found; the split says nothing here. What is exact is the sum
//! (`/proc/PID/schedstat`, in nanoseconds). So the bare read and the bare dump are made here at the
//! same pace, with caches as cold as a second makes them, and what Portlog takes beyond that is its
//! own: an upper bound of its user time, since waking up is in it too.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use portlog_model::Table;

use crate::bare::{BareDump, BareRead};
use crate::report::Report;
use crate::turns::thread_cpu;

const PACE: Duration = Duration::from_secs(1);

/// Runs a watch by each source side by side for `span`.
pub(crate) fn measure(portlog: &Path, span: Duration, report: &mut Report) {
    let folder = tempfile::tempdir().unwrap();
    let settings = folder.path().join("config.toml");
    // The pace of a watch that has something to see.
    fs::write(&settings, "idle_interval = \"1s\"\n").unwrap();
    let watches =
        ["procfs", "diag"].map(|source| (source, Watch::start(portlog, source, &settings)));
    let (mut read, mut dump) = (BareRead::of(Table::ALL), BareDump::open());
    sleep(Duration::from_secs(3));

    let before = watches.each_ref().map(|(_, watch)| watch.on_cpu());
    let began = Instant::now();
    let (mut bare_read, mut bare_dump) = (Vec::new(), Vec::new());
    while began.elapsed() < span {
        sleep(PACE / 2);
        bare_read.push(timed(|| read.all()));
        sleep(PACE / 2);
        bare_dump.push(timed(|| dump.all()));
    }
    let took = began.elapsed().as_secs_f64();
    report.add("steady.seconds", took);
    for (((source, watch), before), bare) in watches.iter().zip(before).zip([bare_read, bare_dump])
    {
        let percent = watch.on_cpu().saturating_sub(before).as_secs_f64() / took * 100.0;
        let bare_percent = mean(&bare) / PACE.as_secs_f64() * 100.0;
        report.add(format!("steady.{source}.percent"), percent);
        report.add(format!("steady.{source}.bare-percent"), bare_percent);
        report.add(
            format!("steady.{source}.own-percent"),
            percent - bare_percent,
        );
        report.count(
            format!("steady.{source}.resident-kib"),
            watch.resident_kib(),
        );
    }
}

/// Not the median: the watch's figure is a sum, too.
fn mean(values: &[f64]) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "some hundred values")]
    let count = values.len() as f64;
    values.iter().sum::<f64>() / count
}

fn timed(run: impl FnOnce()) -> f64 {
    let before = thread_cpu();
    run();
    thread_cpu().saturating_sub(before).as_secs_f64()
}

/// A running `portlog watch`, ended when dropped.
struct Watch(Child);

impl Watch {
    fn start(portlog: &Path, source: &str, settings: &Path) -> Self {
        let child = Command::new(portlog)
            .args(["watch", "--format", "ndjson", "--interval", "1s"])
            .args(["--source", source, "--config"])
            .arg(settings)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        Self(child)
    }

    /// What its threads had of the processor so far.
    fn on_cpu(&self) -> Duration {
        let threads = fs::read_dir(format!("/proc/{}/task", self.0.id())).unwrap();
        threads
            .map(|thread| {
                let path = thread.unwrap().path().join("schedstat");
                let text = fs::read_to_string(path).unwrap();
                let nanos = text.split_whitespace().next().unwrap();
                Duration::from_nanos(nanos.parse().unwrap())
            })
            .sum()
    }

    fn resident_kib(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0.id())).unwrap();
        let resident = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .unwrap();
        resident.split_whitespace().next().unwrap().parse().unwrap()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
