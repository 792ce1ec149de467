//! The handset in a namespace: the real program against real sockets of many users.
//!
//! Network namespaces joined by a wire make a phone and the hosts that it talks to, on addresses
//! kept for documentation. Processes become the UIDs of a phone's apps and daemons before they open
//! their sockets; `portlog watch` runs among them as it would on the phone, and what it says must
//! be what the claims table allows, no more and no less.
//!
//! This is a program of its own (no test harness): its processes are itself, started again in
//! another role, and what it skips it says on standard output, where a harness would swallow it.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test that cannot go on must stop and say why"
)]

mod dns;
mod files;
mod helper;
mod namespace;
mod runner;
mod scenarios;
mod server;
mod talker;
mod watch;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        [talker::ROLE, uid] => {
            talker::talk(uid.parse().unwrap());
            ExitCode::SUCCESS
        }
        [helper::ROLE, uid, way, socket] => {
            helper::help(uid.parse().unwrap(), way, socket.as_ref());
            ExitCode::SUCCESS
        }
        [helper::ASK, uid, way, socket] => {
            helper::ask_once(uid.parse().unwrap(), way, socket.as_ref());
            ExitCode::SUCCESS
        }
        [talker::BECOME, uid, program, ..] => {
            talker::become_program(uid.parse().unwrap(), program, &arguments[3..])
        }
        _ => runner::run(&arguments, scenarios::ALL),
    }
}
