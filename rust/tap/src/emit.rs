//! IP packets for the TUN device: written, with every checksum, and in fragments where one is too
//! small for what it carries.

use std::net::IpAddr;

use etherparse::{
    IpFragOffset, IpNumber, Ipv4Header, Ipv6FragmentHeader, Ipv6Header, TcpHeader, UdpHeader,
    ip_number,
};
use portlog_model::Endpoint;

use crate::packet::{Segment, pseudo_header, sum};

const HOPS: u8 = 64;
const IPV4_HEADER: usize = 20;
const IPV6_HEADER: usize = 40;
const IPV6_FRAGMENT_HEADER: usize = 8;
const UDP_HEADER: usize = 8;

/// The largest payload of a UDP datagram over IPv4, which is the tighter.
pub(crate) const MAX_DATAGRAM: usize = 65_507;

/// The bytes of headers in front of a TCP segment's payload, without options.
pub(crate) const fn tcp_headers(address: IpAddr) -> u16 {
    match address {
        IpAddr::V4(_) => 40,
        IpAddr::V6(_) => 60,
    }
}

/// Writes packets of at most `mtu` bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Emitter {
    mtu: usize,
    /// Of the next packet that has to be cut.
    identification: u32,
}

impl Emitter {
    pub(crate) fn new(mtu: u16, identification: u32) -> Self {
        Self {
            mtu: usize::from(mtu),
            identification,
        }
    }

    /// A datagram with at most [`MAX_DATAGRAM`] bytes.
    pub(crate) fn datagram(
        &mut self,
        from: Endpoint,
        to: Endpoint,
        payload: &[u8],
        packet: &mut dyn FnMut(Vec<u8>),
    ) {
        let Ok(length) = u16::try_from(UDP_HEADER + payload.len()) else {
            return;
        };
        let pair = (from.address(), to.address());
        let mut header = UdpHeader {
            source_port: from.port(),
            destination_port: to.port(),
            length,
            checksum: 0,
        };
        header.checksum = pseudo_header(pair, ip_number::UDP, usize::from(length))
            .add_slice(&header.to_bytes())
            .add_slice(payload)
            .to_ones_complement_with_no_zero()
            .to_be();
        let mut bytes = Vec::with_capacity(UDP_HEADER + payload.len());
        bytes.extend_from_slice(&header.to_bytes());
        bytes.extend_from_slice(payload);
        self.network(pair, ip_number::UDP, &bytes, packet);
    }

    /// A segment.
    pub(crate) fn segment(
        &mut self,
        from: Endpoint,
        to: Endpoint,
        segment: &Segment<'_>,
        packet: &mut dyn FnMut(Vec<u8>),
    ) {
        let pair = (from.address(), to.address());
        let mut header = TcpHeader::new(from.port(), to.port(), segment.sequence, segment.window);
        header.acknowledgment_number = segment.acknowledgment;
        header.syn = segment.syn;
        header.ack = segment.ack;
        header.fin = segment.fin;
        header.rst = segment.rst;
        header.psh = !segment.payload.is_empty();
        if let Some(size) = segment.largest_payload {
            let [high, low] = size.to_be_bytes();
            // Four bytes always fit.
            let _ = header.set_options_raw(&[2, 4, high, low]);
        }
        let length = header.header_len() + segment.payload.len();
        header.checksum = pseudo_header(pair, ip_number::TCP, length)
            .add_slice(&header.to_bytes())
            .add_slice(segment.payload)
            .ones_complement()
            .to_be();
        let mut bytes = Vec::with_capacity(length);
        bytes.extend_from_slice(&header.to_bytes());
        bytes.extend_from_slice(segment.payload);
        self.network(pair, ip_number::TCP, &bytes, packet);
    }

    /// "Port unreachable" for the packet `about`, which came from `to` (RFC 792; RFC 4443 §3.1).
    pub(crate) fn unreachable(
        &mut self,
        from: IpAddr,
        to: IpAddr,
        about: &[u8],
        packet: &mut dyn FnMut(Vec<u8>),
    ) {
        // As much of it as says which socket is meant: over IPv4 its header and eight bytes.
        let (protocol, kind, most) = match from {
            IpAddr::V4(_) => (ip_number::ICMP, [3, 3], 60 + 8),
            IpAddr::V6(_) => (ip_number::IPV6_ICMP, [1, 4], 1_280 - IPV6_HEADER - 8),
        };
        let quoted = about.get(..most).unwrap_or(about);
        let mut bytes = Vec::with_capacity(8 + quoted.len());
        bytes.extend_from_slice(&kind);
        bytes.extend_from_slice(&[0; 6]);
        bytes.extend_from_slice(quoted);
        let checksum = match from {
            IpAddr::V4(_) => sum(&bytes),
            IpAddr::V6(_) => pseudo_header((from, to), protocol, bytes.len())
                .add_slice(&bytes)
                .ones_complement()
                .to_be(),
        };
        if let Some(place) = bytes.get_mut(2..4) {
            place.copy_from_slice(&checksum.to_be_bytes());
        }
        self.network((from, to), protocol, &bytes, packet);
    }

    fn network(
        &mut self,
        (from, to): (IpAddr, IpAddr),
        protocol: IpNumber,
        payload: &[u8],
        packet: &mut dyn FnMut(Vec<u8>),
    ) {
        let (whole, headers) = match from {
            IpAddr::V4(_) => (IPV4_HEADER, IPV4_HEADER),
            IpAddr::V6(_) => (IPV6_HEADER, IPV6_HEADER + IPV6_FRAGMENT_HEADER),
        };
        let cut = whole + payload.len() > self.mtu;
        // A fragment but the last carries a multiple of eight bytes.
        let piece = if cut {
            (self.mtu.saturating_sub(headers) & !7).max(8)
        } else {
            payload.len().max(1)
        };
        let count = payload.len().div_ceil(piece).max(1);
        for number in 0..count {
            let start = number * piece;
            let end = payload.len().min(start + piece);
            let part = Part {
                cut,
                more: number + 1 < count,
                offset: start,
                identification: self.identification,
                payload: payload.get(start..end).unwrap_or_default(),
            };
            let bytes = match (from, to) {
                (IpAddr::V4(from), IpAddr::V4(to)) => {
                    part.ipv4(from.octets(), to.octets(), protocol)
                }
                (IpAddr::V6(from), IpAddr::V6(to)) => {
                    part.ipv6(from.octets(), to.octets(), protocol)
                }
                // No packet is from one family to the other.
                _ => None,
            };
            if let Some(bytes) = bytes {
                packet(bytes);
            }
        }
        if cut {
            self.identification = self.identification.wrapping_add(1);
        }
    }
}

/// A packet's payload or a part of it.
struct Part<'a> {
    cut: bool,
    more: bool,
    /// Bytes before it, a multiple of eight.
    offset: usize,
    identification: u32,
    payload: &'a [u8],
}

impl Part<'_> {
    fn ipv4(&self, from: [u8; 4], to: [u8; 4], protocol: IpNumber) -> Option<Vec<u8>> {
        let length = u16::try_from(self.payload.len()).ok()?;
        let mut header = Ipv4Header::new(length, HOPS, protocol, from, to).ok()?;
        header.dont_fragment = !self.cut;
        header.more_fragments = self.more;
        header.fragment_offset = self.offset()?;
        if self.cut {
            let [_, _, high, low] = self.identification.to_be_bytes();
            header.identification = u16::from_be_bytes([high, low]);
        }
        header.header_checksum = header.calc_header_checksum();
        let mut bytes = Vec::with_capacity(IPV4_HEADER + self.payload.len());
        bytes.extend_from_slice(&header.to_bytes());
        bytes.extend_from_slice(self.payload);
        Some(bytes)
    }

    fn ipv6(&self, from: [u8; 16], to: [u8; 16], protocol: IpNumber) -> Option<Vec<u8>> {
        let extra = if self.cut { IPV6_FRAGMENT_HEADER } else { 0 };
        let header = Ipv6Header {
            payload_length: u16::try_from(extra + self.payload.len()).ok()?,
            next_header: if self.cut {
                ip_number::IPV6_FRAGMENTATION_HEADER
            } else {
                protocol
            },
            hop_limit: HOPS,
            source: from,
            destination: to,
            ..Ipv6Header::default()
        };
        let mut bytes = Vec::with_capacity(IPV6_HEADER + extra + self.payload.len());
        bytes.extend_from_slice(&header.to_bytes());
        if self.cut {
            let fragment =
                Ipv6FragmentHeader::new(protocol, self.offset()?, self.more, self.identification);
            bytes.extend_from_slice(&fragment.to_bytes());
        }
        bytes.extend_from_slice(self.payload);
        Some(bytes)
    }

    fn offset(&self) -> Option<IpFragOffset> {
        IpFragOffset::try_new(u16::try_from(self.offset / 8).ok()?).ok()
    }
}
