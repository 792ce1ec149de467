//! What a watch may not do: talk.

use std::thread;
use std::time::Duration;

use nix::sys::signal::Signal;

use crate::files::{Folder, Packages};
use crate::namespace::Handset;
use crate::talker::Talker;
use crate::watch::{Setup, Watch};

/// Names and addresses that a curious program would look up.
const LISTS: [(&str, &str, &str); 2] = [
    ("own", "own.txt", "203.0.113.10\n198.51.100.0/24\n"),
    (
        "threat",
        "names.txt",
        "listed.example.test\nother.example.test\n",
    ),
];
/// How long nothing may leave.
const WHILE: Duration = Duration::from_secs(2);

/// On a phone where nobody talks, a watch with lists sends no packet: not at its start, not while
/// it looks, not when it has something to tell, not at its end.
pub(crate) fn nothing_leaves(source: &str) {
    let handset = Handset::silent();
    // A connection that is there, and goes nowhere any more: its peer's address is listed.
    let mut talker = Talker::start(&handset.phone, 10_012);
    talker.ask("udp-silent 198.51.100.1:4500");
    let folder = Folder::new();
    let mut arguments = folder.flags(Packages::Dumpsys, &LISTS);
    arguments.extend(["--source", source, "--interval", "50ms"].map(str::to_owned));
    let before = handset.packets_out();
    let mut watch = Watch::start(&Setup {
        namespace: &handset.phone,
        user: None,
        environment: Vec::new(),
        arguments,
    });
    let from = watch.wait_for_first_look();
    watch.wait(0, "an alert", |event| event.is("alert"));
    thread::sleep(WHILE);
    assert_eq!(super::sockets::foreign(watch.pid()), "");
    let ended = watch.stop(Signal::SIGTERM);
    assert_eq!(handset.packets_out(), before, "a packet left the phone");
    ended.assert_sound("live");
    assert!(ended.events.len() > from);

    // The counter counts.
    talker.ask("udp 198.51.100.1:4500");
    assert_eq!(handset.packets_out(), before + 1);
}
