//! The sockets of a process, as the kernel knows them.

use std::fmt::Write as _;

use crate::watch::TABLES;

/// Sockets of a process that lead to somewhere: neither netlink nor Unix sockets, nor on the loopback
/// interface; a line each.
pub(super) fn foreign(pid: u32) -> String {
    let proc = format!("/proc/{pid}");
    let table = |name: &str| std::fs::read_to_string(format!("{proc}/net/{name}")).unwrap();
    let netlink = table("netlink");
    let is_netlink = |inode: &str| {
        netlink
            .lines()
            .any(|line| line.split_whitespace().last() == Some(inode))
    };
    let unix = table("unix");
    let is_unix = |inode: &str| {
        unix.lines()
            .any(|line| line.split_whitespace().nth(6) == Some(inode))
    };
    // 127.0.0.1 and ::1, as the tables print them.
    let loopback = ["0100007F:", "00000000000000000000000001000000:"];
    let is_loopback = |inode: &str| {
        TABLES.iter().any(|name| {
            table(name).lines().skip(1).any(|line| {
                let columns: Vec<&str> = line.split_whitespace().collect();
                columns.get(9) == Some(&inode)
                    && loopback.iter().any(|end| columns[1].starts_with(end))
                    && loopback.iter().any(|end| columns[2].starts_with(end))
            })
        })
    };
    let mut others = String::new();
    for file in std::fs::read_dir(format!("{proc}/fd")).unwrap() {
        let Ok(link) = std::fs::read_link(file.unwrap().path()) else {
            continue;
        };
        let link = link.display().to_string();
        let Some(inode) = link
            .strip_prefix("socket:[")
            .and_then(|rest| rest.strip_suffix(']'))
        else {
            continue;
        };
        if !is_netlink(inode) && !is_unix(inode) && !is_loopback(inode) {
            writeln!(others, "{link}").unwrap();
        }
    }
    others
}
