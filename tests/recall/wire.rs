//! The phone and the host, two network namespaces joined by a wire.
//!
//! This process is the phone; the host is a child in a namespace of its own. Nothing has a name in
//! the file system, so that nothing is left behind when the processes end.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::Ipv4Addr;
use std::process::{Child, Command, Stdio};

use nix::sched::{CloneFlags, unshare};

use crate::plan::Plan;
use crate::{host, talker};

/// The phone's address.
pub(crate) const PHONE: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 2);
/// The host's.
pub(crate) const HOST: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 7);
/// The host's port, for TCP and UDP.
pub(crate) const PORT: u16 = 443;

/// The wire, as long as the host is there.
pub(crate) struct Wire {
    host: Child,
}

impl Wire {
    /// Makes both namespaces and joins them. This process, which must have no other thread yet, is
    /// in the phone's from then on.
    pub(crate) fn lay() -> io::Result<Self> {
        unshare(CloneFlags::CLONE_NEWNET)?;
        let host = Command::new(std::env::current_exe()?)
            .arg(host::ROLE)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut wire = Self { host };
        let mut answers = BufReader::new(wire.host.stdout.take().unwrap()).lines();
        let mut expect = |wanted: &str| {
            let answer = answers.next().unwrap().unwrap();
            assert_eq!(answer, wanted, "the host did not come up");
        };
        expect("apart");
        ip("link set lo up");
        ip(&format!(
            "link add wire type veth peer name wire netns {}",
            wire.host.id()
        ));
        ip(&format!("address add {PHONE}/24 dev wire"));
        ip("link set wire up");
        // Left open: the host ends when this process does.
        writeln!(wire.host.stdin.as_mut().unwrap(), "wired")?;
        expect("serving");
        Ok(wire)
    }

    /// Lets a talker do what is planned, and answers what it did.
    pub(crate) fn talk(&mut self, plan: &Plan) -> Vec<talker::Happened> {
        let happened = talker::run(plan);
        assert!(
            self.host.try_wait().unwrap().is_none(),
            "the host has ended"
        );
        happened
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        let _ = self.host.kill();
        let _ = self.host.wait();
    }
}

/// Runs `ip` with these words.
pub(crate) fn ip(words: &str) {
    let status = Command::new("ip").args(words.split(' ')).status().unwrap();
    assert!(status.success(), "ip {words}");
}
