//! The program behind a socket's inode: what `ss -p` shows.
//!
//! The kernel keeps no way back from a socket to the processes that hold it, so one walks through
//! `/proc/PID/fd` and compares. That is worth a few tens of milliseconds for a new connection, not
//! for each of thousands in each poll: a walk asks only for the inodes wanted, looks first where
//! they were last time and at processes that had sockets before, then at the youngest processes,
//! and stops when all are found.
//!
//! Only root sees other users' links, and Android's shell sees none; a refusal is not an error but
//! simply finds nothing. What is left then is [`Programs::candidates`]: processes that have the
//! socket's UID, of which one must be it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use portlog_model::{Inode, Program, Uid};
use procfs::process::{FDInfo, FDTarget, Process};

use crate::printable::printable;

/// Looks programs up below one proc root, and remembers where they were.
#[derive(Debug)]
pub struct Programs {
    root: PathBuf,
    last_seen: BTreeMap<Inode, (u32, i32)>,
    holders: BTreeSet<u32>,
}

impl Programs {
    /// At most this many candidates are named.
    pub const MAX_CANDIDATES: usize = 16;

    /// Looks below `proc_root`, usually `/proc`.
    pub const fn new(proc_root: PathBuf) -> Self {
        Self {
            root: proc_root,
            last_seen: BTreeMap::new(),
            holders: BTreeSet::new(),
        }
    }

    /// The program that holds each of `wanted`, as far as one is found. Where several processes
    /// hold one socket (a server and the children it forked), it is one of them.
    pub fn find(&mut self, wanted: &BTreeSet<Inode>) -> BTreeMap<Inode, Program> {
        let mut found = BTreeMap::new();
        if wanted.is_empty() {
            return found;
        }
        for &inode in wanted {
            if let Some(&(pid, fd)) = self.last_seen.get(&inode) {
                let there = FDInfo::from_raw_fd_with_root(&self.root, signed(pid), fd);
                let name = match there {
                    Ok(there) if socket(&there) == Some(inode) => self.name_of(pid),
                    Ok(_) | Err(_) => None,
                };
                match name {
                    Some(name) => drop(found.insert(inode, Program { name, pid })),
                    None => drop(self.last_seen.remove(&inode)),
                }
            }
        }
        let mut links_left = MAX_LINKS;
        for pid in self.in_order() {
            if found.len() == wanted.len() || links_left == 0 {
                break;
            }
            self.look_into(pid, wanted, &mut found, &mut links_left);
        }
        found
    }

    /// Processes with the UID, one for each name (the one with the lowest id), in order of name and
    /// at most [`Programs::MAX_CANDIDATES`]. Kernel threads hold no such sockets and are left out.
    pub fn candidates(&mut self, uid: Uid) -> Vec<Program> {
        let mut by_name: BTreeMap<Arc<str>, u32> = BTreeMap::new();
        for pid in pids(&self.root) {
            let status = read_start(&self.process(pid).join("status"), MAX_STATUS);
            let Some(status) = status.as_deref().and_then(Status::parse) else {
                continue;
            };
            if status.has_memory
                && status.uids.contains(&uid)
                && let Some(name) = self.name_of(pid)
            {
                by_name.entry(name).or_insert(pid);
            }
        }
        by_name
            .into_iter()
            .map(|(name, pid)| Program { name, pid })
            .take(Self::MAX_CANDIDATES)
            .collect()
    }

    /// All processes: those that had sockets before, then the rest, the youngest first.
    fn in_order(&mut self) -> Vec<u32> {
        let all = pids(&self.root);
        self.holders = self.holders.intersection(&all).copied().collect();
        let (known, others): (Vec<u32>, Vec<u32>) = all
            .into_iter()
            .rev()
            .partition(|pid| self.holders.contains(pid));
        known.into_iter().chain(others).collect()
    }

    fn look_into(
        &mut self,
        pid: u32,
        wanted: &BTreeSet<Inode>,
        found: &mut BTreeMap<Inode, Program>,
        links_left: &mut usize,
    ) {
        let Ok(links) = Process::new_with_root(self.process(pid)).and_then(|process| process.fd())
        else {
            return;
        };
        let mut name = None;
        for link in links {
            *links_left = links_left.saturating_sub(1);
            if *links_left == 0 {
                return;
            }
            let Ok(link) = link else { continue };
            let Some(inode) = socket(&link) else { continue };
            self.holders.insert(pid);
            if !wanted.contains(&inode) || found.contains_key(&inode) {
                continue;
            }
            if name.is_none() {
                name = self.name_of(pid);
            }
            let Some(name) = &name else { return };
            let name = Arc::clone(name);
            found.insert(inode, Program { name, pid });
            if self.last_seen.len() >= MAX_REMEMBERED {
                self.last_seen.clear();
            }
            self.last_seen.insert(inode, (pid, link.fd));
            if found.len() == wanted.len() {
                return;
            }
        }
    }

    fn name_of(&self, pid: u32) -> Option<Arc<str>> {
        let folder = self.process(pid);
        let comm = read_start(&folder.join("comm"), MAX_COMM)?;
        let arguments = read_start(&folder.join("cmdline"), MAX_ARGUMENT).unwrap_or_default();
        program_name(&comm, &arguments)
    }

    fn process(&self, pid: u32) -> PathBuf {
        self.root.join(pid.to_string())
    }
}

/// Links read in one walk; a machine with more open files has programs that are not found.
const MAX_LINKS: usize = 1 << 20;
const MAX_REMEMBERED: usize = 65_536;
/// Linux's `PID_MAX_LIMIT`.
const MAX_PROCESSES: usize = 1 << 22;
const MAX_STATUS: usize = 8192;
const MAX_COMM: usize = 64;
const MAX_ARGUMENT: usize = 4096;
const MAX_NAME: usize = 64;
/// `TASK_COMM_LEN` without its NUL: the kernel keeps no more of a name.
const COMM_LEN: usize = 15;

fn socket(link: &FDInfo) -> Option<Inode> {
    match link.target {
        FDTarget::Socket(inode) => Inode::new(inode),
        _ => None,
    }
}

fn pids(root: &Path) -> BTreeSet<u32> {
    let Ok(folder) = fs::read_dir(root) else {
        return BTreeSet::new();
    };
    folder
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|&pid| i32::try_from(pid).is_ok())
        .take(MAX_PROCESSES)
        .collect()
}

/// Ids of processes are positive `int`s in the kernel; [`pids`] lets no other through.
fn signed(pid: u32) -> i32 {
    i32::try_from(pid).unwrap_or(i32::MAX)
}

fn read_start(path: &Path, limit: usize) -> Option<Vec<u8>> {
    let limit = u64::try_from(limit).ok()?;
    let mut bytes = Vec::new();
    File::open(path)
        .ok()?
        .take(limit)
        .read_to_end(&mut bytes)
        .ok()?;
    Some(bytes)
}

/// The kernel's short name of a process, completed where it was cut off and the program's first
/// argument tells the rest. On Linux the short name is the start of the program's file name; Android
/// keeps the end of the process's name, which is the package's.
fn program_name(comm: &[u8], arguments: &[u8]) -> Option<Arc<str>> {
    let comm = comm.strip_suffix(b"\n").unwrap_or(comm);
    let argument = arguments
        .split(|&byte| byte == 0)
        .next()
        .unwrap_or_default();
    let base = argument
        .rsplit(|&byte| byte == b'/')
        .next()
        .unwrap_or_default();
    let cut_off = comm.len() == COMM_LEN;
    let name = if cut_off && (base.starts_with(comm) || base.ends_with(comm)) {
        base
    } else {
        comm
    };
    printable(&String::from_utf8_lossy(name), MAX_NAME)
}

/// What is used of `/proc/PID/status` (proc_pid_status(5)). Read here and not through the procfs
/// crate, which parses every line: one that a vendor's kernel writes otherwise would cost the process.
#[derive(Debug, Eq, PartialEq)]
struct Status {
    /// Real, effective, saved and file system UID. A socket gets the last one's.
    uids: [Uid; 4],
    /// Kernel threads have none, and neither has what is dead but not yet waited for.
    has_memory: bool,
}

impl Status {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let mut uids = None;
        let mut has_memory = false;
        for line in bytes.split(|&byte| byte == b'\n') {
            if let Some(rest) = line.strip_prefix(b"Uid:") {
                uids = uids.or_else(|| four_uids(rest));
            }
            has_memory |= line.starts_with(b"VmSize:");
        }
        Some(Self {
            uids: uids?,
            has_memory,
        })
    }
}

fn four_uids(text: &[u8]) -> Option<[Uid; 4]> {
    let mut numbers = std::str::from_utf8(text)
        .ok()?
        .split_ascii_whitespace()
        .map(|number| number.parse().ok().map(Uid::new));
    Some([
        numbers.next()??,
        numbers.next()??,
        numbers.next()??,
        numbers.next()??,
    ])
}

// They need a kernel: Miri has none.
#[cfg(test)]
#[cfg(not(miri))]
mod tests;
