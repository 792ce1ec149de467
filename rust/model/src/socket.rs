//! One line of a kernel socket table, whichever interface it came through.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::num::NonZeroU64;

use serde::{Deserialize, Serialize};

use crate::Uid;

/// What a socket speaks.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// UDP-Lite (RFC 3828).
    UdpLite,
    /// Raw IP; the local "port" is the IP protocol number.
    Raw,
    /// ICMP echo ("ping") datagram sockets; the local "port" is the identifier.
    Icmp,
}

impl Protocol {
    /// The word used in outputs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::UdpLite => "udplite",
            Self::Raw => "raw",
            Self::Icmp => "icmp",
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A kernel socket table, called as its file in `/proc/net` is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Table {
    /// `/proc/net/tcp`.
    Tcp,
    /// `/proc/net/tcp6`.
    Tcp6,
    /// `/proc/net/udp`.
    Udp,
    /// `/proc/net/udp6`.
    Udp6,
    /// `/proc/net/udplite`.
    UdpLite,
    /// `/proc/net/udplite6`.
    UdpLite6,
    /// `/proc/net/raw`.
    Raw,
    /// `/proc/net/raw6`.
    Raw6,
    /// `/proc/net/icmp`.
    Icmp,
    /// `/proc/net/icmp6`.
    Icmp6,
}

impl Table {
    /// Every table, in the order in which they are read and shown.
    pub const ALL: [Self; 10] = [
        Self::Tcp,
        Self::Tcp6,
        Self::Udp,
        Self::Udp6,
        Self::UdpLite,
        Self::UdpLite6,
        Self::Raw,
        Self::Raw6,
        Self::Icmp,
        Self::Icmp6,
    ];

    /// The position in [`Table::ALL`].
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The file's name below `/proc/net`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Tcp6 => "tcp6",
            Self::Udp => "udp",
            Self::Udp6 => "udp6",
            Self::UdpLite => "udplite",
            Self::UdpLite6 => "udplite6",
            Self::Raw => "raw",
            Self::Raw6 => "raw6",
            Self::Icmp => "icmp",
            Self::Icmp6 => "icmp6",
        }
    }

    /// What the sockets of this table speak.
    pub const fn protocol(self) -> Protocol {
        match self {
            Self::Tcp | Self::Tcp6 => Protocol::Tcp,
            Self::Udp | Self::Udp6 => Protocol::Udp,
            Self::UdpLite | Self::UdpLite6 => Protocol::UdpLite,
            Self::Raw | Self::Raw6 => Protocol::Raw,
            Self::Icmp | Self::Icmp6 => Protocol::Icmp,
        }
    }

    /// Whether the sockets of this table are `AF_INET6` (which may carry IPv4 as v4-mapped).
    pub const fn is_v6(self) -> bool {
        matches!(
            self,
            Self::Tcp6 | Self::Udp6 | Self::UdpLite6 | Self::Raw6 | Self::Icmp6
        )
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// One end of a socket: an address and a port, both in host order.
///
/// A v4-mapped IPv6 address is kept as the IPv4 address it stands for.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Endpoint {
    address: IpAddr,
    port: u16,
}

impl Endpoint {
    /// An end; a v4-mapped address (`::ffff:a.b.c.d`) becomes its IPv4 address.
    pub const fn new(address: IpAddr, port: u16) -> Self {
        Self {
            address: address.to_canonical(),
            port,
        }
    }

    /// The address, never v4-mapped.
    pub const fn address(&self) -> IpAddr {
        self.address
    }

    /// The port (raw: IP protocol number, icmp: identifier).
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Whether no peer (or no particular address) is set: the unspecified address.
    pub const fn is_unset(&self) -> bool {
        self.address.is_unspecified()
    }

    /// The IPv4 address that NAT64's well-known prefix `64:ff9b::/96` embeds (RFC 6052), if so.
    pub const fn nat64(&self) -> Option<Ipv4Addr> {
        let IpAddr::V6(address) = self.address else {
            return None;
        };
        let [0x0064, 0xff9b, 0, 0, 0, 0, high, low] = address.segments() else {
            return None;
        };
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        Some(Ipv4Addr::new(a, b, c, d))
    }
}

/// `192.0.2.1:80`, `[2001:db8::1]:80`.
impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.address {
            IpAddr::V4(address) => write!(f, "{address}:{}", self.port),
            IpAddr::V6(address) => write!(f, "[{address}]:{}", self.port),
        }
    }
}

impl From<(Ipv4Addr, u16)> for Endpoint {
    fn from((address, port): (Ipv4Addr, u16)) -> Self {
        Self::new(IpAddr::V4(address), port)
    }
}

impl From<(Ipv6Addr, u16)> for Endpoint {
    fn from((address, port): (Ipv6Addr, u16)) -> Self {
        Self::new(IpAddr::V6(address), port)
    }
}

/// A socket's state, numbered as in the kernel's `include/net/tcp_states.h`.
///
/// The datagram tables use 1 for connected and 7 for not connected.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SocketState {
    /// 1: the handshake is done; a datagram socket with a peer.
    Established,
    /// 2: a connection was asked for, no answer yet.
    SynSent,
    /// 3: a peer asked, our answer is on its way.
    SynRecv,
    /// 4: closed here, the peer has not confirmed.
    FinWait1,
    /// 5: closed here and confirmed, the peer still may send.
    FinWait2,
    /// 6: closed on both ends, the tuple is kept for late segments. Has neither owner nor inode.
    TimeWait,
    /// 7: not connected; a datagram socket without a peer.
    Close,
    /// 8: the peer has closed, we have not.
    CloseWait,
    /// 9: the peer closed first, then we did; the last confirmation is awaited.
    LastAck,
    /// 10: waits for connections.
    Listen,
    /// 11: both ends closed at once.
    Closing,
    /// 12: a request socket (Linux 4.4 and later).
    NewSynRecv,
    /// 13: bound, not connected (Linux 6.8 and later, only by sock_diag).
    BoundInactive,
}

/// A state number that no kernel documents.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("socket state {0:#04x} is not one that the kernel documents")]
pub struct UnknownState(pub u8);

impl SocketState {
    /// The state behind the kernel's number, without the flag bit that some vendor kernels set
    /// (`0x8A` on Qualcomm kernels is a listener: the value is masked with `0x7F`).
    pub const fn from_kernel(raw: u8) -> Result<Self, UnknownState> {
        Ok(match raw & 0x7F {
            1 => Self::Established,
            2 => Self::SynSent,
            3 => Self::SynRecv,
            4 => Self::FinWait1,
            5 => Self::FinWait2,
            6 => Self::TimeWait,
            7 => Self::Close,
            8 => Self::CloseWait,
            9 => Self::LastAck,
            10 => Self::Listen,
            11 => Self::Closing,
            12 => Self::NewSynRecv,
            13 => Self::BoundInactive,
            _ => return Err(UnknownState(raw)),
        })
    }

    /// The word used in outputs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Established => "established",
            Self::SynSent => "syn_sent",
            Self::SynRecv => "syn_recv",
            Self::FinWait1 => "fin_wait1",
            Self::FinWait2 => "fin_wait2",
            Self::TimeWait => "time_wait",
            Self::Close => "close",
            Self::CloseWait => "close_wait",
            Self::LastAck => "last_ack",
            Self::Listen => "listen",
            Self::Closing => "closing",
            Self::NewSynRecv => "new_syn_recv",
            Self::BoundInactive => "bound_inactive",
        }
    }

    /// Whether a TCP handshake was completed at some time ("established or later").
    pub const fn was_established(self) -> bool {
        matches!(
            self,
            Self::Established
                | Self::FinWait1
                | Self::FinWait2
                | Self::TimeWait
                | Self::CloseWait
                | Self::LastAck
                | Self::Closing
        )
    }
}

impl fmt::Display for SocketState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A socket's inode; never 0, which the kernel prints where there is none.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Inode(NonZeroU64);

impl Inode {
    /// The inode, or `None` for 0.
    pub const fn new(raw: u64) -> Option<Self> {
        match NonZeroU64::new(raw) {
            Some(raw) => Some(Self(raw)),
            None => None,
        }
    }

    /// The kernel's number.
    pub const fn get(self) -> u64 {
        self.0.get()
    }
}

impl fmt::Display for Inode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A socket's cookie of sock_diag, unique on a running kernel; never 0 or all ones.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Cookie(NonZeroU64);

impl Cookie {
    /// The cookie, or `None` for 0 and for `INET_DIAG_NOCOOKIE` (all ones).
    pub const fn new(raw: u64) -> Option<Self> {
        if raw == u64::MAX {
            return None;
        }
        match NonZeroU64::new(raw) {
            Some(raw) => Some(Self(raw)),
            None => None,
        }
    }

    /// The kernel's number.
    pub const fn get(self) -> u64 {
        self.0.get()
    }
}

/// One line of a kernel table.
///
/// `uid` is `None` wherever the row has no inode: the kernel then prints 0 (`TIME_WAIT`, orphans,
/// request sockets, destroy events), and 0 would name root, which is not what it means.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct SocketRow {
    /// The table the row stands in.
    pub table: Table,
    /// The state.
    pub state: SocketState,
    /// This machine's end.
    pub local: Endpoint,
    /// The peer's end, unset where there is none.
    pub remote: Endpoint,
    /// The owner, where the kernel told one.
    pub uid: Option<Uid>,
    /// The inode, where there is one.
    pub inode: Option<Inode>,
    /// The cookie, by sock_diag only.
    pub cookie: Option<Cookie>,
}

impl SocketRow {
    /// A row as the kernel printed it: `uid` counts only where `inode` is not 0, and where it is
    /// not all ones, which is the kernel's "no user" (`INVALID_UID`).
    pub const fn from_kernel(
        table: Table,
        state: SocketState,
        local: Endpoint,
        remote: Endpoint,
        uid: u32,
        inode: u64,
    ) -> Self {
        let inode = Inode::new(inode);
        let uid = if inode.is_some() && uid != u32::MAX {
            Some(Uid::new(uid))
        } else {
            None
        };
        Self {
            table,
            state,
            local,
            remote,
            uid,
            inode,
            cookie: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_v4_mapped_end_is_its_ipv4_address() {
        let mapped: Ipv6Addr = "::ffff:192.0.2.7".parse().unwrap();
        let end = Endpoint::from((mapped, 80));
        assert_eq!(end.to_string(), "192.0.2.7:80");
        assert_eq!(end, Endpoint::from((Ipv4Addr::new(192, 0, 2, 7), 80)));
    }

    #[test]
    fn an_ipv6_end_is_bracketed_and_canonical() {
        let end = Endpoint::from((Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1), 443));
        assert_eq!(end.to_string(), "[2001:db8::1]:443");
        assert_eq!(
            Endpoint::from((Ipv6Addr::UNSPECIFIED, 0)).to_string(),
            "[::]:0"
        );
        assert_eq!(
            Endpoint::from((Ipv4Addr::UNSPECIFIED, 0)).to_string(),
            "0.0.0.0:0"
        );
    }

    #[test]
    fn nat64_keeps_the_embedded_address() {
        let end = Endpoint::from(("64:ff9b::203.0.113.9".parse::<Ipv6Addr>().unwrap(), 443));
        assert_eq!(end.nat64(), Some(Ipv4Addr::new(203, 0, 113, 9)));
        let other = Endpoint::from(("64:ff9b:1::203.0.113.9".parse::<Ipv6Addr>().unwrap(), 443));
        assert_eq!(other.nat64(), None);
        assert_eq!(
            Endpoint::from((Ipv4Addr::new(203, 0, 113, 9), 1)).nat64(),
            None
        );
    }

    #[test]
    fn a_vendor_flag_in_the_state_is_masked() {
        assert_eq!(SocketState::from_kernel(0x8A), Ok(SocketState::Listen));
        assert_eq!(SocketState::from_kernel(0x0A), Ok(SocketState::Listen));
        assert_eq!(SocketState::from_kernel(0), Err(UnknownState(0)));
        assert_eq!(SocketState::from_kernel(0xFF), Err(UnknownState(0xFF)));
    }

    #[test]
    fn a_row_without_inode_names_no_owner() {
        let end = Endpoint::from((Ipv4Addr::LOCALHOST, 1));
        let row = SocketRow::from_kernel(Table::Tcp, SocketState::TimeWait, end, end, 0, 0);
        assert_eq!(row.uid, None);
        let row = SocketRow::from_kernel(Table::Tcp, SocketState::Established, end, end, 0, 5);
        assert_eq!(row.uid, Some(Uid::ROOT));
        let nobody = u32::MAX;
        let row = SocketRow::from_kernel(Table::Tcp, SocketState::Established, end, end, nobody, 5);
        assert_eq!(row.uid, None);
    }

    #[test]
    fn tables_stand_in_the_order_of_their_index() {
        for (index, table) in Table::ALL.into_iter().enumerate() {
            assert_eq!(table.index(), index);
        }
    }
}
