//! Captures as tcpdump and Wireshark write them: pcap and pcapng.

use std::io::Read;

use anyhow::{Error, anyhow};
use etherparse::{EtherType, LaxSlicedPacket, TransportSlice};
use pcap_parser::{Block, Linktype, PcapBlockOwned, PcapError, create_reader};
use portlog_model::Endpoint;

use super::flow::{Capture, Gatherer, Hosts, Seen, Transport};

/// Bytes of a capture that are held. No packet is as long: a snapshot has 262,144 bytes at most.
const BUFFER: usize = 2 * 1024 * 1024;

/// Interfaces of a pcapng section that are kept.
const MAX_INTERFACES: usize = 1_024;

/// Reads a capture and keeps what it shows of `hosts`.
///
/// A capture that ends in the middle of a packet (the capturing program was killed) counts up to there;
/// see [`Capture::cut`]. An error is a file that is no capture at all.
pub(crate) fn read(from: impl Read + Send, hosts: &Hosts) -> Result<Capture, Error> {
    let mut reader = create_reader(BUFFER, from).map_err(|error| match error {
        PcapError::HeaderNotRecognized | PcapError::Incomplete(_) | PcapError::Eof => {
            anyhow!("it is neither pcap nor pcapng")
        }
        error => anyhow!("it cannot be read as a capture: {error}"),
    })?;
    let mut interfaces = Interfaces::default();
    let mut gatherer = Gatherer::new(hosts);
    loop {
        let (held, exhausted) = (reader.data().len(), reader.reader_exhausted());
        match reader.next() {
            Ok((length, block)) => {
                take(&block, &mut interfaces, &mut gatherer);
                reader.consume(length);
            }
            Err(PcapError::Eof) => break,
            Err(PcapError::Incomplete(_)) if !exhausted => {
                if let Err(error) = reader.refill() {
                    gatherer.cut(format!("it cannot be read further: {error}"));
                    break;
                }
                if reader.data().len() == held && !reader.reader_exhausted() {
                    gatherer.cut(format!("a record is longer than {BUFFER} bytes"));
                    break;
                }
            }
            Err(PcapError::Incomplete(_) | PcapError::UnexpectedEof) => {
                gatherer.cut("its last record is not whole".to_owned());
                break;
            }
            Err(error) => {
                gatherer.cut(format!("a record cannot be read: {error}"));
                break;
            }
        }
    }
    Ok(gatherer.finish())
}

/// How packets are framed and when they were taken, as the blocks before them said.
#[derive(Debug, Default)]
struct Interfaces {
    legacy: Option<(Linktype, bool)>,
    section: Vec<Interface>,
}

#[derive(Clone, Copy, Debug)]
struct Interface {
    linktype: Linktype,
    /// Units of a second; `None` where it says something that is none.
    resolution: Option<u64>,
    offset: i64,
}

fn take(block: &PcapBlockOwned<'_>, interfaces: &mut Interfaces, gatherer: &mut Gatherer<'_>) {
    match block {
        PcapBlockOwned::LegacyHeader(header) => {
            interfaces.legacy = Some((header.network, header.is_nanosecond_precision()));
        }
        PcapBlockOwned::Legacy(packet) => {
            let Some((linktype, nanoseconds)) = interfaces.legacy else {
                return;
            };
            let divisor = if nanoseconds { 1_000_000 } else { 1_000 };
            let millis = i64::from(packet.ts_sec) * 1_000 + i64::from(packet.ts_usec / divisor);
            packet_at(linktype, millis, packet.data, gatherer);
        }
        PcapBlockOwned::NG(Block::SectionHeader(_)) => interfaces.section.clear(),
        PcapBlockOwned::NG(Block::InterfaceDescription(interface)) => {
            if interfaces.section.len() < MAX_INTERFACES {
                interfaces.section.push(Interface {
                    linktype: interface.linktype,
                    resolution: interface.ts_resolution(),
                    offset: interface.if_tsoffset,
                });
            }
        }
        PcapBlockOwned::NG(Block::EnhancedPacket(packet)) => {
            let interface = usize::try_from(packet.if_id)
                .ok()
                .and_then(|at| interfaces.section.get(at));
            let millis =
                interface.and_then(|interface| millis(packet.ts_high, packet.ts_low, *interface));
            match (interface, millis) {
                (Some(interface), Some(millis)) => {
                    let captured = usize::try_from(packet.caplen).unwrap_or(usize::MAX);
                    let data = packet.data.get(..captured).unwrap_or(packet.data);
                    packet_at(interface.linktype, millis, data, gatherer);
                }
                _ => unreadable(gatherer),
            }
        }
        // It has no time, so nothing can be said of it.
        PcapBlockOwned::NG(Block::SimplePacket(_)) => unreadable(gatherer),
        PcapBlockOwned::NG(_) => {}
    }
}

fn unreadable(gatherer: &mut Gatherer<'_>) {
    let counts = gatherer.counts();
    counts.records += 1;
    counts.unreadable += 1;
}

/// Milliseconds since 1970; `None` beyond the years that can be told.
fn millis(high: u32, low: u32, interface: Interface) -> Option<i64> {
    let units = (u128::from(high) << 32) | u128::from(low);
    let millis = units.checked_mul(1_000)? / u128::from(interface.resolution.filter(|&of| of > 0)?);
    i64::try_from(millis)
        .ok()?
        .checked_add(interface.offset.checked_mul(1_000)?)
}

fn packet_at(linktype: Linktype, millis: i64, data: &[u8], gatherer: &mut Gatherer<'_>) {
    gatherer.counts().records += 1;
    gatherer.looked(millis, millis);
    let Some(packet) = sliced(linktype, data) else {
        gatherer.counts().unreadable += 1;
        return;
    };
    let (source, destination, fragment) = match &packet.net {
        Some(etherparse::LaxNetSlice::Ipv4(slice)) => {
            let header = slice.header();
            (
                header.source_addr().into(),
                header.destination_addr().into(),
                header.fragments_offset().value() > 0,
            )
        }
        Some(etherparse::LaxNetSlice::Ipv6(slice)) => {
            let header = slice.header();
            (
                header.source_addr().into(),
                header.destination_addr().into(),
                slice.payload().fragmented && packet.transport.is_none(),
            )
        }
        _ => {
            gatherer.counts().other_protocols += 1;
            return;
        }
    };
    let (transport, from, to, asks, ends) = match &packet.transport {
        Some(TransportSlice::Tcp(tcp)) => (
            Transport::Tcp,
            tcp.source_port(),
            tcp.destination_port(),
            tcp.syn() && !tcp.ack(),
            tcp.fin() || tcp.rst(),
        ),
        Some(TransportSlice::Udp(udp)) => (
            Transport::Udp,
            udp.source_port(),
            udp.destination_port(),
            false,
            false,
        ),
        _ => {
            let counts = gatherer.counts();
            if fragment {
                counts.fragments += 1;
            } else {
                counts.other_protocols += 1;
            }
            return;
        }
    };
    gatherer.see(&Seen {
        transport,
        source: Endpoint::new(source, from),
        destination: Endpoint::new(destination, to),
        first: millis,
        last: millis,
        asks,
        ends,
    });
}

/// The packet behind its link's header (<https://www.tcpdump.org/linktypes.html>).
fn sliced(linktype: Linktype, data: &[u8]) -> Option<LaxSlicedPacket<'_>> {
    /// `LINKTYPE_LINUX_SLL2`, which the parser has no name for.
    const LINUX_SLL2: Linktype = Linktype(276);
    let of_type = |number: &[u8], payload: usize| {
        let &[high, low] = number else { return None };
        let kind = EtherType(u16::from_be_bytes([high, low]));
        Some(LaxSlicedPacket::from_ether_type(kind, data.get(payload..)?))
    };
    match linktype {
        Linktype::ETHERNET => LaxSlicedPacket::from_ethernet(data).ok(),
        Linktype::RAW | Linktype::IPV4 | Linktype::IPV6 => LaxSlicedPacket::from_ip(data).ok(),
        // A family in the byte order of whoever captured: only IP is of use, and says itself what it is.
        Linktype::NULL | Linktype::LOOP => LaxSlicedPacket::from_ip(data.get(4..)?).ok(),
        Linktype::LINUX_SLL => of_type(data.get(14..16)?, 16),
        LINUX_SLL2 => of_type(data.get(..2)?, 20),
        _ => None,
    }
}
