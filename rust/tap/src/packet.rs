//! IP packets of the TUN device: read, with every length and checksum looked at.

use std::net::IpAddr;

use etherparse::checksum::Sum16BitWords;
use etherparse::{IpNumber, Ipv4Slice, Ipv6Slice, TcpOptionElement, TcpSlice, UdpSlice, ip_number};
use portlog_model::Endpoint;

use crate::Drop;

/// A packet with what it carries.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Packet<'a> {
    /// Who sent it.
    pub(crate) from: Endpoint,
    /// To whom.
    pub(crate) to: Endpoint,
    /// What it carries.
    pub(crate) carries: Carries<'a>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Carries<'a> {
    /// A UDP datagram's payload.
    Datagram(&'a [u8]),
    Segment(Segment<'a>),
}

/// A TCP segment (RFC 9293 §3.1).
#[derive(Clone, Copy, Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the header's flags, each with a meaning of its own"
)]
pub(crate) struct Segment<'a> {
    pub(crate) sequence: u32,
    pub(crate) acknowledgment: u32,
    pub(crate) syn: bool,
    pub(crate) ack: bool,
    pub(crate) fin: bool,
    pub(crate) rst: bool,
    pub(crate) window: u16,
    /// The option of a SYN: the largest segment that its sender takes.
    pub(crate) largest_payload: Option<u16>,
    pub(crate) payload: &'a [u8],
}

/// Reads a packet.
pub(crate) fn parse(bytes: &[u8]) -> Result<Packet<'_>, Drop> {
    let (from, to, protocol, payload) = network(bytes)?;
    let pair = (from, to);
    match protocol {
        ip_number::UDP => {
            let udp = UdpSlice::from_slice(payload).map_err(|_| Drop::Malformed)?;
            // Fewer would hide bytes, and 0 stands for a jumbogram.
            if usize::from(udp.length()) != payload.len() {
                return Err(Drop::Malformed);
            }
            let unsummed = udp.checksum() == 0 && from.is_ipv4();
            if !unsummed && (udp.checksum() == 0 || !sums_up(pair, protocol, payload)) {
                return Err(Drop::Checksum);
            }
            Ok(Packet {
                from: Endpoint::new(from, udp.source_port()),
                to: Endpoint::new(to, udp.destination_port()),
                carries: Carries::Datagram(udp.payload()),
            })
        }
        ip_number::TCP => {
            let tcp = TcpSlice::from_slice(payload).map_err(|_| Drop::Malformed)?;
            if !sums_up(pair, protocol, payload) {
                return Err(Drop::Checksum);
            }
            let largest_payload = tcp.options_iterator().find_map(|option| match option {
                Ok(TcpOptionElement::MaximumSegmentSize(size)) => Some(size),
                _ => None,
            });
            Ok(Packet {
                from: Endpoint::new(from, tcp.source_port()),
                to: Endpoint::new(to, tcp.destination_port()),
                carries: Carries::Segment(Segment {
                    sequence: tcp.sequence_number(),
                    acknowledgment: tcp.acknowledgment_number(),
                    syn: tcp.syn(),
                    ack: tcp.ack(),
                    fin: tcp.fin(),
                    rst: tcp.rst(),
                    window: tcp.window_size(),
                    largest_payload: largest_payload.filter(|_| tcp.syn()),
                    payload: tcp.payload(),
                }),
            })
        }
        _ => Err(Drop::Protocol),
    }
}

type Network<'a> = (IpAddr, IpAddr, IpNumber, &'a [u8]);

fn network(bytes: &[u8]) -> Result<Network<'_>, Drop> {
    match bytes.first().map(|byte| byte >> 4) {
        Some(4) => {
            let packet = Ipv4Slice::from_slice(bytes).map_err(|_| Drop::Malformed)?;
            let header = packet.header();
            if sum(header.slice()) != 0 {
                return Err(Drop::Checksum);
            }
            if packet.is_payload_fragmented() {
                return Err(Drop::Fragment);
            }
            Ok((
                header.source_addr().into(),
                header.destination_addr().into(),
                packet.payload_ip_number(),
                packet.payload().payload,
            ))
        }
        Some(6) => {
            let packet = Ipv6Slice::from_slice(bytes).map_err(|_| Drop::Malformed)?;
            if packet.is_payload_fragmented() {
                return Err(Drop::Fragment);
            }
            let header = packet.header();
            let (from, to) = (header.source_addr(), header.destination_addr());
            // Such a one would be answered over IPv4.
            if from.to_ipv4_mapped().is_some() || to.to_ipv4_mapped().is_some() {
                return Err(Drop::Address);
            }
            let payload = packet.payload();
            Ok((from.into(), to.into(), payload.ip_number, payload.payload))
        }
        _ => Err(Drop::Malformed),
    }
}

/// Whether the checksum over the pseudo-header and what follows it comes out.
fn sums_up(pair: (IpAddr, IpAddr), protocol: IpNumber, payload: &[u8]) -> bool {
    pseudo_header(pair, protocol, payload.len())
        .add_slice(payload)
        .ones_complement()
        == 0
}

/// The Internet checksum (RFC 1071) of `bytes`, as two bytes in a packet make that number.
pub(crate) fn sum(bytes: &[u8]) -> u16 {
    Sum16BitWords::new()
        .add_slice(bytes)
        .ones_complement()
        .to_be()
}

/// The sum of the pseudo-header (RFC 768, RFC 8200 §8.1).
pub(crate) fn pseudo_header(
    (from, to): (IpAddr, IpAddr),
    protocol: IpNumber,
    length: usize,
) -> Sum16BitWords {
    let length = u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes();
    let mut sum = Sum16BitWords::new();
    for address in [from, to] {
        sum = match address {
            IpAddr::V4(address) => sum.add_slice(&address.octets()),
            IpAddr::V6(address) => sum.add_slice(&address.octets()),
        };
    }
    sum.add_slice(&length).add_2bytes([0, protocol.0])
}
