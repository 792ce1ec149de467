//! The DNS tap on a real TUN device: a phone in a network namespace whose DNS server is the tap, a real
//! resolver (dnsmasq) outside, and `dig`, the C library and datagrams of our own as those who ask.
//! What the tap answers must be what the resolver answers when it is asked itself, byte for byte.
//!
//! Flags: `--long` asks 100,000 questions also at 1,000 a second, which takes its 100 seconds.
//! `--measure` prints what the tap adds to the time of an answer (docs/PERFORMANCE.md).

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::cast_possible_truncation,
    reason = "a test that cannot go on must stop and say why"
)]

mod asking;
mod chance;
mod load;
mod losses;
#[path = "../handset/namespace.rs"]
#[expect(dead_code, reason = "the handset's scenarios use the rest")]
mod namespace;
mod phone;
mod resolver;
#[path = "../handset/runner.rs"]
mod runner;
mod scenarios;
mod tun;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |flag| arguments.iter().any(|argument| argument == flag);
    if has("--measure") {
        load::measure();
        return ExitCode::SUCCESS;
    }
    if has("--long") {
        return runner::run(&arguments, scenarios::LONG);
    }
    runner::run(&arguments, scenarios::ALL)
}
