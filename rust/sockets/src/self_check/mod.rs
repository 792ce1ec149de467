//! Sockets of our own, by which a table shows whether it can be trusted.

use portlog_model::{Endpoint, Inode, SocketRow, Table};

/// A socket that the agent opened to find it again in a table.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct OwnSocket {
    /// The table it must stand in.
    pub table: Table,
    /// Its local end.
    pub local: Endpoint,
    /// Its remote end, where it has one.
    pub remote: Endpoint,
    /// Its inode.
    pub inode: Inode,
}

impl OwnSocket {
    /// Whether `row` is this socket: by table, both ends and inode, never by who owns it.
    pub fn is(&self, row: &SocketRow) -> bool {
        row.inode == Some(self.inode)
            && row.table == self.table
            && row.local == self.local
            && row.remote == self.remote
    }
}
