//! Whole commands, as one would type them, their output thrown away.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

use crate::report::Report;
use crate::turns::{Candidate, median_us, ratio, take_turns};

/// Compares `portlog snapshot` with the tools that list sockets: with the TCP sockets that they are
/// asked for here, and with the UDP sockets too, as Portlog always shows those.
pub(crate) fn measure(portlog: &Path, turns: usize, report: &mut Report) {
    let portlog = portlog.to_str().unwrap();
    let snapshot = |source| [portlog, "snapshot", "--source", source, "--format", "json"];
    let commands: [(&str, Vec<&str>); 6] = [
        ("ss", vec!["ss", "-tane"]),
        ("ss-udp-too", vec!["ss", "-tuane"]),
        ("snapshot-diag", snapshot("diag").to_vec()),
        ("netstat", vec!["netstat", "-tane"]),
        ("netstat-udp-too", vec!["netstat", "-tuane"]),
        ("snapshot-procfs", snapshot("procfs").to_vec()),
    ];
    let candidates = commands
        .each_ref()
        .map(|(_, words)| Candidate::new(|| run(words)));
    let times = take_turns(turns, candidates, children_cpu, || {});
    for ((name, _), times) in commands.iter().zip(&times) {
        report.add(format!("command.{name}.wall-us"), median_us(&times.wall));
        report.add(format!("command.{name}.cpu-us"), median_us(&times.cpu));
    }
    let [ss, ss_too, diag, netstat, netstat_too, procfs] = &times;
    for (name, times, by, by_too) in [
        ("diag", diag, ss, ss_too),
        ("procfs", procfs, netstat, netstat_too),
    ] {
        let name = format!("command.snapshot-{name}.ratio");
        report.add(format!("{name}-udp-too"), ratio(&times.wall, &by_too.wall));
        report.add(name, ratio(&times.wall, &by.wall));
    }
}

fn run(words: &[&str]) {
    let status = Command::new(words[0])
        .args(&words[1..])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    match status {
        Ok(status) if status.success() => {}
        Ok(status) => panic!("{words:?} ended with {status}"),
        Err(error) => panic!("{words:?} could not be started: {error}"),
    }
}

/// What the children that have ended had of the processor.
fn children_cpu() -> Duration {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap();
    let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Duration::from_micros(u64::try_from(micros).unwrap())
}
