//! A network namespace with hash tables of a chosen size.
//!
//! What a look costs the kernel depends on the size of its hash tables as much as on the sockets in
//! them: it walks every slot. A machine with much memory has a large table, a phone a small one, and
//! a new namespace can be given its own (Linux 6.1 for TCP, 6.2 for UDP).

use std::fs::{self, File};
use std::io::{self, Write};
use std::process::Command;

use nix::sched::{CloneFlags, unshare};
use nix::unistd::{getgid, getuid};

use crate::report::Report;

const OF_CHILDREN: [&str; 2] = [
    "/proc/sys/net/ipv4/tcp_child_ehash_entries",
    "/proc/sys/net/ipv4/udp_child_hash_entries",
];

/// Sizes of a namespace's own hash tables.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slots {
    tcp: u32,
    udp: u32,
}

impl Slots {
    /// `TCP,UDP`.
    pub(crate) fn parse(text: &str) -> Self {
        let (tcp, udp) = text.split_once(',').unwrap();
        Self {
            tcp: tcp.parse().unwrap(),
            udp: udp.parse().unwrap(),
        }
    }
}

/// Moves this process, which must have no other thread yet, to a new namespace with the loopback
/// interface up. `None` shares the hash tables of the machine.
pub(crate) fn enter(slots: Option<Slots>) -> io::Result<()> {
    let wanted = slots.map_or([0, 0], |slots| [slots.tcp, slots.udp]);
    // The settings belong to the namespace that the file was opened in, and are read when a child
    // is made: they are other than they were for no longer than that takes.
    let mut settings = Vec::new();
    for (path, wanted) in OF_CHILDREN.into_iter().zip(wanted) {
        let before = fs::read_to_string(path).unwrap_or_default();
        if before.trim() != wanted.to_string() && slots.is_some() {
            settings.push((File::options().write(true).open(path)?, before, wanted));
        }
    }
    let mut made = Ok(());
    for (file, _, wanted) in &mut settings {
        made = made.and_then(|()| file.write_all(wanted.to_string().as_bytes()));
    }
    let made = made.and_then(|()| match unshare(CloneFlags::CLONE_NEWNET) {
        Ok(()) => Ok(()),
        Err(_) => as_somebody(),
    });
    for (file, before, _) in &mut settings {
        file.write_all(before.as_bytes())?;
    }
    made?;
    let up = Command::new("ip")
        .args(["link", "set", "lo", "up"])
        .status()?;
    if !up.success() {
        return Err(io::Error::other("the loopback interface stays down"));
    }
    Ok(())
}

/// A namespace for those who are not root: in one of users, in which they are.
fn as_somebody() -> io::Result<()> {
    let (user, group) = (getuid(), getgid());
    unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNET)?;
    fs::write("/proc/self/setgroups", "deny")?;
    fs::write("/proc/self/uid_map", format!("0 {user} 1"))?;
    fs::write("/proc/self/gid_map", format!("0 {group} 1"))
}

/// The slots that there really are; negative where they are shared with the machine.
pub(crate) fn describe(report: &mut Report) {
    for (name, path) in [
        ("hash.tcp", "/proc/sys/net/ipv4/tcp_ehash_entries"),
        ("hash.udp", "/proc/sys/net/ipv4/udp_hash_entries"),
    ] {
        let slots = fs::read_to_string(path).unwrap_or_default();
        report.add(name, slots.trim().parse().unwrap_or(0.0));
    }
}
