//! What cannot be done without: to have the kernel give out its tables, and to look at nothing.

use std::fs::File;
use std::io::Read;
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::{Path, PathBuf};

use nix::sys::socket::{
    AddressFamily, MsgFlags, NetlinkAddr, SockFlag, SockProtocol, SockType, bind, recv, send,
    socket,
};
use portlog_model::{Protocol, Table};

/// As much as Portlog asks for at once, of files and of answers.
const BUFFER: usize = 64 << 10;

/// Reads the text tables to their end.
pub(crate) struct BareRead {
    files: Vec<PathBuf>,
    buffer: Vec<u8>,
}

impl BareRead {
    pub(crate) fn of(tables: impl IntoIterator<Item = Table>) -> Self {
        let path = |table: Table| Path::new("/proc/net").join(table.as_str());
        Self {
            files: tables.into_iter().map(path).collect(),
            buffer: vec![0; BUFFER],
        }
    }

    pub(crate) fn all(&mut self) {
        self.each(|_| {});
    }

    /// How many rows there are, by their line feeds.
    pub(crate) fn rows(&mut self) -> usize {
        let (mut lines, mut files) = (0, 0);
        self.each(|piece| {
            lines += piece.split(|byte| *byte == b'\n').count() - 1;
            files += usize::from(piece.is_empty());
        });
        lines - files
    }

    /// Gives every piece to `look`, an empty one at the end of each file.
    fn each(&mut self, mut look: impl FnMut(&[u8])) {
        for path in &self.files {
            let Ok(mut file) = File::open(path) else {
                continue;
            };
            loop {
                let bytes = file.read(&mut self.buffer).unwrap();
                look(&self.buffer[..bytes]);
                if bytes == 0 {
                    break;
                }
            }
        }
    }
}

/// Asks sock_diag for the dumps that Portlog asks for and receives them to their end; the tables
/// that it does not have are read from their files.
pub(crate) struct BareDump {
    socket: OwnedFd,
    asked: Vec<Table>,
    read: BareRead,
    buffer: Vec<u8>,
}

impl BareDump {
    const SOCK_DIAG_BY_FAMILY: u16 = 20;
    const NLM_F_REQUEST_DUMP: u16 = 0x301;
    const NLMSG_ERROR: u16 = 2;
    const NLMSG_DONE: u16 = 3;
    /// All states from established to `TCP_NEW_SYN_RECV`: one more makes the kernel walk another
    /// large table.
    const STATES: u32 = 0x1FFE;

    pub(crate) fn open() -> Self {
        let socket = socket(
            AddressFamily::Netlink,
            SockType::Raw,
            SockFlag::SOCK_CLOEXEC,
            SockProtocol::NetlinkSockDiag,
        )
        .unwrap();
        bind(socket.as_raw_fd(), &NetlinkAddr::new(0, 0)).unwrap();
        let mut dump = Self {
            socket,
            asked: Vec::new(),
            read: BareRead::of([]),
            buffer: vec![0; BUFFER],
        };
        let (asked, read): (Vec<Table>, Vec<Table>) = Table::ALL
            .into_iter()
            .partition(|table| dump.table(*table, |_| {}));
        dump.asked = asked;
        dump.read = BareRead::of(read);
        dump
    }

    pub(crate) fn all(&mut self) {
        for at in 0..self.asked.len() {
            self.table(self.asked[at], |_| {});
        }
        self.read.all();
    }

    /// How many sockets there are.
    pub(crate) fn rows(&mut self) -> usize {
        let mut rows = self.read.rows();
        for at in 0..self.asked.len() {
            self.table(self.asked[at], |mut messages| {
                while let Some(length) = messages.first_chunk() {
                    let length = u32::from_ne_bytes(*length) as usize;
                    rows += usize::from(kind(messages) == Self::SOCK_DIAG_BY_FAMILY);
                    messages = messages
                        .get(length.next_multiple_of(4)..)
                        .unwrap_or_default();
                }
            });
        }
        rows
    }

    /// Whether the kernel dumps this table. `inet_diag_req_v2` behind a netlink header: 72 bytes.
    fn table(&mut self, table: Table, mut look: impl FnMut(&[u8])) -> bool {
        let mut request = [0; 72];
        request[0..4].copy_from_slice(&72_u32.to_ne_bytes());
        request[4..6].copy_from_slice(&Self::SOCK_DIAG_BY_FAMILY.to_ne_bytes());
        request[6..8].copy_from_slice(&Self::NLM_F_REQUEST_DUMP.to_ne_bytes());
        request[16] = if table.is_v6() { 10 } else { 2 };
        request[17] = match (table.protocol(), table.is_v6()) {
            (Protocol::Tcp, _) => 6,
            (Protocol::Udp, _) => 17,
            (Protocol::UdpLite, _) => 136,
            (Protocol::Raw, _) => 255,
            (Protocol::Icmp, false) => 1,
            (Protocol::Icmp, true) => 58,
        };
        request[20..24].copy_from_slice(&Self::STATES.to_ne_bytes());
        send(self.socket.as_raw_fd(), &request, MsgFlags::empty()).unwrap();
        loop {
            let bytes = recv(self.socket.as_raw_fd(), &mut self.buffer, MsgFlags::empty()).unwrap();
            let received = &self.buffer[..bytes];
            look(received);
            // The end of a dump comes by itself or is the last message, of 20 bytes.
            let last = if bytes > 20 {
                &received[bytes - 20..]
            } else {
                received
            };
            match (kind(received), kind(last)) {
                (Self::NLMSG_ERROR, _) => return false,
                (_, Self::NLMSG_DONE) => return last[16..20] == [0; 4],
                _ => {}
            }
        }
    }
}

/// The type in a netlink header.
fn kind(message: &[u8]) -> u16 {
    u16::from_ne_bytes([message[4], message[5]])
}
