//! One row, by columns.

use std::net::{Ipv4Addr, Ipv6Addr};

use portlog_model::{Endpoint, SocketRow, SocketState, Table};

use super::Endian;
use super::number::{decimal, hex, is_hex, word};
use crate::RowError;

/// How many columns are read; every kernel prints more.
pub(super) const COLUMNS: usize = 10;

/// Parses one line of a socket table, without its line feed.
///
/// The columns, as `get_tcp4_sock`, `get_tcp6_sock`, `udp4_format_sock`, `ip6_dgram_sock_seq_show`
/// and `raw_sock_seq_show` print them (`net/ipv4/tcp_ipv4.c`, `net/ipv6/tcp_ipv6.c`,
/// `net/ipv4/udp.c`, `net/ipv6/datagram.c`, `net/ipv4/raw.c`):
///
/// | column | form | used for |
/// |---|---|---|
/// | `sl` | decimal, then `:` | - |
/// | `local_address` | word or four words `:` port | the local end |
/// | `rem_address` | the same | the remote end |
/// | `st` | two digits | the state, without vendor flags |
/// | `tx_queue:rx_queue`, `tr:tm->when`, `retrnsmt` | hexadecimal | - |
/// | `uid` | `%5d` or `%5u` | the owner |
/// | `timeout` | `%8d` | - |
/// | `inode` | `%lu` | the inode |
///
/// Columns that are not used must still have their form: a row that was damaged in the middle must
/// not pass with another row's owner. Raw tables carry the IP protocol number as local port, icmp
/// tables the echo identifier.
pub fn parse_row(table: Table, endian: Endian, line: &[u8]) -> Result<SocketRow, RowError> {
    let mut columns = line
        .split(u8::is_ascii_whitespace)
        .filter(|column| !column.is_empty());
    let mut next = |name| columns.next().ok_or(RowError::MissingColumn(name));

    let slot = next("sl")?;
    if !slot
        .strip_suffix(b":")
        .is_some_and(|slot| !slot.is_empty() && slot.iter().all(u8::is_ascii_digit))
    {
        return Err(RowError::BadNumber("sl"));
    }
    let local = endpoint(table, endian, next("local_address")?, "local_address")?;
    let remote = endpoint(table, endian, next("rem_address")?, "rem_address")?;
    let state = hex::<2>(next("st")?, "st")?;
    pair(next("tx_queue:rx_queue")?, "tx_queue:rx_queue")?;
    pair(next("tr:tm->when")?, "tr:tm->when")?;
    if !is_hex(next("retrnsmt")?) {
        return Err(RowError::BadNumber("retrnsmt"));
    }
    let uid = word(next("uid")?, "uid")?;
    word(next("timeout")?, "timeout")?;
    let inode = decimal(next("inode")?, "inode")?;

    if columns.any(|column| column.contains(&b':')) {
        return Err(RowError::Joined);
    }
    // `hex::<2>` gives at most 255.
    let state = SocketState::from_kernel(u8::try_from(state).unwrap_or(u8::MAX))?;
    Ok(SocketRow::from_kernel(
        table, state, local, remote, uid, inode,
    ))
}

/// Whether this is the line of column names that stands above the rows.
pub(super) fn is_header(line: &[u8]) -> bool {
    let mut columns = line
        .split(u8::is_ascii_whitespace)
        .filter(|column| !column.is_empty());
    columns.next() == Some(b"sl") && columns.next() == Some(b"local_address")
}

fn endpoint(
    table: Table,
    endian: Endian,
    column: &[u8],
    name: &'static str,
) -> Result<Endpoint, RowError> {
    let (address, port) = split_at_colon(column).ok_or(RowError::BadNumber(name))?;
    let port = u16::try_from(hex::<4>(port, name)?).map_err(|_| RowError::OutOfRange(name))?;
    if !table.is_v6() {
        let octets = octets(endian, hex::<8>(address, name)?);
        return Ok(Endpoint::from((Ipv4Addr::from(octets), port)));
    }
    let mut bytes = [0_u8; 16];
    let mut words = address.chunks(8);
    for four in bytes.chunks_exact_mut(4) {
        let word = words.next().ok_or(RowError::BadNumber(name))?;
        four.copy_from_slice(&octets(endian, hex::<8>(word, name)?));
    }
    if words.next().is_some() {
        return Err(RowError::BadNumber(name));
    }
    Ok(Endpoint::from((Ipv6Addr::from(bytes), port)))
}

/// The address bytes, in network order, of a word that the kernel printed as a number.
pub(super) const fn octets(endian: Endian, word: u32) -> [u8; 4] {
    match endian {
        Endian::Little => word.to_le_bytes(),
        Endian::Big => word.to_be_bytes(),
    }
}

fn pair(column: &[u8], name: &'static str) -> Result<(), RowError> {
    match split_at_colon(column) {
        Some((first, second)) if is_hex(first) && is_hex(second) => Ok(()),
        _ => Err(RowError::BadNumber(name)),
    }
}

fn split_at_colon(column: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = memchr::memchr(b':', column)?;
    let (first, second) = column.split_at_checked(at)?;
    Some((first, second.get(1..)?))
}
