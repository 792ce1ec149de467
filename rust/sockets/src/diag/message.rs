//! The messages of sock_diag: bytes in, rows out, and back.
//!
//! Pure, so that the same code reads a live kernel, recorded dumps and what a fuzzer invents. The
//! layouts are those of `include/uapi/linux/netlink.h` and `inet_diag.h`, which the kernel keeps for
//! ever: headers and numbers in the byte order of the machine, addresses and ports in that of the
//! network. They are read by offset, since a fixed layout needs no more, and a dump of ten thousand
//! sockets is paid by the row. Attributes behind the fixed part are only looked at in destroy
//! events, which name the protocol nowhere else.

use std::net::{Ipv4Addr, Ipv6Addr};

use portlog_model::{Cookie, Endpoint, Protocol, SocketRow, SocketState, Table, Tuple};

use crate::RowError;

/// Bytes of `struct nlmsghdr`.
pub const HEADER: usize = 16;
/// Bytes of a dump request: header and `struct inet_diag_req_v2`.
pub const REQUEST: usize = 72;
/// Bytes of `struct inet_diag_msg`, the fixed part of every answer.
pub const ANSWER: usize = 72;

/// The states that are asked for, as a bit mask: all from `TCP_ESTABLISHED` (1) to
/// `TCP_NEW_SYN_RECV` (12).
///
/// `TCP_BOUND_INACTIVE` (13) is left out: such a socket neither waits for a peer nor has one, no
/// text table shows it, and to find it the kernel walks another large table.
pub const STATES: u32 = 0x1FFE;

const SOCK_DIAG_BY_FAMILY: u16 = 20;
const NLMSG_ERROR: u16 = 2;
const NLMSG_DONE: u16 = 3;
const NLM_F_REQUEST: u16 = 0x1;
const NLM_F_DUMP: u16 = 0x300;
const NLM_F_DUMP_INTR: u16 = 0x10;

const AF_INET: u8 = 2;
const AF_INET6: u8 = 10;

const INET_DIAG_PROTOCOL: u16 = 10;
/// Without the flags for nested and network byte order.
const NLA_TYPE_MASK: u16 = 0x3FFF;

const IPPROTO_ICMP: u8 = 1;
const IPPROTO_TCP: u8 = 6;
const IPPROTO_UDP: u8 = 17;
const IPPROTO_ICMPV6: u8 = 58;
const IPPROTO_UDPLITE: u8 = 136;
const IPPROTO_RAW: u8 = 255;

/// The request for every socket of one table, without extensions: UID, inode and cookie are in the
/// fixed part.
pub fn dump_request(table: Table, sequence: u32) -> [u8; REQUEST] {
    let family = if table.is_v6() { AF_INET6 } else { AF_INET };
    let mut request = [0; REQUEST];
    put(&mut request, 0, 72_u32.to_ne_bytes());
    put(&mut request, 4, SOCK_DIAG_BY_FAMILY.to_ne_bytes());
    put(&mut request, 6, (NLM_F_REQUEST | NLM_F_DUMP).to_ne_bytes());
    put(&mut request, 8, sequence.to_ne_bytes());
    put(&mut request, HEADER, [family, protocol_number(table)]);
    put(&mut request, HEADER + 4, STATES.to_ne_bytes());
    request
}

/// What one message says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Body<'a> {
    /// A socket: `struct inet_diag_msg` and attributes.
    Socket(&'a [u8]),
    /// The end of a dump. An error number other than 0 means that there was none: kernels without
    /// a handler for the protocol say so here.
    Done {
        /// The error number, 0 where the dump is complete.
        errno: i32,
    },
    /// A refusal, or with 0 an acknowledgement.
    Error {
        /// The error number.
        errno: i32,
    },
    /// Something that is not about sockets.
    Other,
}

/// One netlink message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Message<'a> {
    /// The number of the request that it answers; 0 in events.
    pub sequence: u32,
    /// The port that it is addressed to; 0 in events.
    pub port_id: u32,
    /// The kernel says that the table changed so much that the dump is not whole.
    pub interrupted: bool,
    /// What it says.
    pub body: Body<'a>,
}

/// The messages in the bytes of one receive.
///
/// Whatever the lengths in them say, nothing beyond those bytes is read, and every step takes at
/// least a header. A message with an impossible length is reported and ends the iteration, since
/// where the next one begins cannot be known.
#[derive(Clone, Debug)]
pub struct Messages<'a> {
    rest: &'a [u8],
}

impl<'a> Messages<'a> {
    /// The messages in `received`.
    pub const fn new(received: &'a [u8]) -> Self {
        Self { rest: received }
    }
}

impl<'a> Iterator for Messages<'a> {
    type Item = Result<Message<'a>, RowError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let message = split_message(self.rest);
        match message {
            Ok((message, rest)) => {
                self.rest = rest;
                Some(Ok(message))
            }
            Err(error) => {
                self.rest = &[];
                Some(Err(error))
            }
        }
    }
}

/// The row in the payload of a [`Body::Socket`] that answers a request for `table`.
///
/// A socket without an inode (`TIME_WAIT`, orphans, request sockets) has no owner either; see
/// [`SocketRow`].
#[inline]
pub fn socket_row(table: Table, payload: &[u8]) -> Result<SocketRow, RowError> {
    let fixed: &[u8; ANSWER] = payload.first_chunk().ok_or(RowError::ShortMessage)?;
    let (v6, state) = family_and_state(fixed)?;
    if v6 != table.is_v6() {
        return Err(RowError::Family(byte(fixed, 0)));
    }
    let remote = match table.protocol() {
        // Raw sockets have no ports. What was given to connect() is kept and means nothing; the
        // text tables print 0.
        Protocol::Raw => Endpoint::new(endpoint(fixed, v6, 24, 6).address(), 0),
        _ => endpoint(fixed, v6, 24, 6),
    };
    let mut row = SocketRow::from_kernel(
        table,
        state,
        endpoint(fixed, v6, 8, 4),
        remote,
        u32::from_ne_bytes(at(fixed, 64)),
        u64::from(u32::from_ne_bytes(at(fixed, 68))),
    );
    row.cookie = cookie(fixed);
    Ok(row)
}

/// What an event of a destroy group says: the socket's table, ends and cookie. It carries neither
/// owner nor inode, and where this end reset the connection not the peer's port either.
pub fn destroyed_socket(payload: &[u8]) -> Result<(Table, Tuple, Option<Cookie>), RowError> {
    let (fixed, attributes): (&[u8; ANSWER], _) =
        payload.split_first_chunk().ok_or(RowError::ShortMessage)?;
    let (v6, _) = family_and_state(fixed)?;
    let protocol = attribute(attributes, INET_DIAG_PROTOCOL)
        .and_then(<[u8]>::first)
        .ok_or(RowError::Protocol)?;
    let table = match (*protocol, v6) {
        (IPPROTO_TCP, false) => Table::Tcp,
        (IPPROTO_TCP, true) => Table::Tcp6,
        (IPPROTO_UDP, false) => Table::Udp,
        (IPPROTO_UDP, true) => Table::Udp6,
        _ => return Err(RowError::Protocol),
    };
    let tuple = Tuple {
        protocol: table.protocol(),
        local: endpoint(fixed, v6, 8, 4),
        remote: endpoint(fixed, v6, 24, 6),
    };
    Ok((table, tuple, cookie(fixed)))
}

/// Splits off the first message: its length covers header and payload, and it is followed by
/// padding to four bytes.
#[inline]
fn split_message(bytes: &[u8]) -> Result<(Message<'_>, &[u8]), RowError> {
    let header: &[u8; HEADER] = bytes.first_chunk().ok_or(RowError::ShortMessage)?;
    let length = u32::from_ne_bytes(at(header, 0)) as usize;
    let payload = bytes.get(HEADER..length).ok_or(RowError::MessageLength)?;
    let body = match u16::from_ne_bytes(at(header, 4)) {
        SOCK_DIAG_BY_FAMILY => Body::Socket(payload),
        NLMSG_DONE => Body::Done {
            errno: errno(payload).ok_or(RowError::ShortMessage)?,
        },
        NLMSG_ERROR => Body::Error {
            errno: errno(payload).ok_or(RowError::ShortMessage)?,
        },
        _ => Body::Other,
    };
    let message = Message {
        sequence: u32::from_ne_bytes(at(header, 8)),
        port_id: u32::from_ne_bytes(at(header, 12)),
        interrupted: u16::from_ne_bytes(at(header, 6)) & NLM_F_DUMP_INTR != 0,
        body,
    };
    let rest = bytes.get(length.next_multiple_of(4)..).unwrap_or_default();
    Ok((message, rest))
}

/// The error number, positive, that a payload begins with.
fn errno(payload: &[u8]) -> Option<i32> {
    let negative = i32::from_ne_bytes(*payload.first_chunk()?);
    Some(negative.saturating_neg())
}

#[inline]
fn family_and_state(fixed: &[u8; ANSWER]) -> Result<(bool, SocketState), RowError> {
    let v6 = match byte(fixed, 0) {
        AF_INET => false,
        AF_INET6 => true,
        other => return Err(RowError::Family(other)),
    };
    Ok((v6, SocketState::from_kernel(byte(fixed, 1))?))
}

/// One end: of four words of address the first (`AF_INET`) or all.
#[inline]
fn endpoint(fixed: &[u8; ANSWER], v6: bool, address: usize, port: usize) -> Endpoint {
    let port = u16::from_be_bytes(at(fixed, port));
    if v6 {
        Endpoint::from((Ipv6Addr::from(at::<16, ANSWER>(fixed, address)), port))
    } else {
        Endpoint::from((Ipv4Addr::from(at::<4, ANSWER>(fixed, address)), port))
    }
}

/// Two words, the low one first, each in the machine's byte order.
#[inline]
fn cookie(fixed: &[u8; ANSWER]) -> Option<Cookie> {
    let low = u32::from_ne_bytes(at(fixed, 44));
    let high = u32::from_ne_bytes(at(fixed, 48));
    Cookie::new(u64::from(high) << 32 | u64::from(low))
}

/// The first attribute of this type; `None` where lengths lie before it is found.
fn attribute(mut attributes: &[u8], wanted: u16) -> Option<&[u8]> {
    loop {
        let header: &[u8; 4] = attributes.first_chunk()?;
        let length = usize::from(u16::from_ne_bytes(at(header, 0)));
        let value = attributes.get(4..length)?;
        if u16::from_ne_bytes(at(header, 2)) & NLA_TYPE_MASK == wanted {
            return Some(value);
        }
        attributes = attributes.get(length.next_multiple_of(4)..)?;
    }
}

const fn protocol_number(table: Table) -> u8 {
    match table.protocol() {
        Protocol::Tcp => IPPROTO_TCP,
        Protocol::Udp => IPPROTO_UDP,
        Protocol::UdpLite => IPPROTO_UDPLITE,
        Protocol::Raw => IPPROTO_RAW,
        Protocol::Icmp if table.is_v6() => IPPROTO_ICMPV6,
        Protocol::Icmp => IPPROTO_ICMP,
    }
}

#[inline]
fn byte<const LEN: usize>(bytes: &[u8; LEN], offset: usize) -> u8 {
    let [byte] = at(bytes, offset);
    byte
}

/// `N` bytes at a fixed offset of a fixed layout; zeros if the layout had not that many, which the
/// tests of every caller would show.
#[inline]
fn at<const N: usize, const LEN: usize>(bytes: &[u8; LEN], offset: usize) -> [u8; N] {
    bytes
        .get(offset..)
        .and_then(<[u8]>::first_chunk)
        .copied()
        .unwrap_or([0; N])
}

fn put<const N: usize>(request: &mut [u8; REQUEST], offset: usize, bytes: [u8; N]) {
    if let Some(place) = request.get_mut(offset..).and_then(<[u8]>::first_chunk_mut) {
        *place = bytes;
    }
}
