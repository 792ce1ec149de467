//! Rows, destroyed sockets and reports as bytes.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use portlog_model::{
    BootTime, Cookie, CoverageStatus, Endpoint, Inode, SocketRow, SocketState, SourceKind, Table,
    Uid,
};
use portlog_sockets::{
    DestroyEvents, Destroyed, Fallback, OwnSocket, SelfCheckVerdict, TableReport,
};

use super::FrameError;
use super::codec::{Reader, put_option};

/// The local end is an IPv6 address.
const LOCAL_V6: u8 = 1;
/// The remote end is one.
const REMOTE_V6: u8 = 1 << 1;
/// A UID follows.
const HAS_UID: u8 = 1 << 2;
/// An inode follows.
const HAS_INODE: u8 = 1 << 3;
/// A cookie follows.
const HAS_COOKIE: u8 = 1 << 4;

/// The fewest bytes of a row: table, state, flags, two IPv4 ends.
pub(super) const LEAST_ROW: usize = 15;
/// The most: two IPv6 ends, UID, inode and cookie.
pub(super) const MOST_ROW: usize = 3 + 2 * 18 + 4 + 8 + 8;
/// The fewest bytes of a destroyed socket.
pub(super) const LEAST_DESTROYED: usize = 22;
/// The most.
pub(super) const MOST_DESTROYED: usize = 2 + 2 * 18 + 8 + 8;
/// The fewest bytes of a socket of the self-check.
pub(super) const LEAST_OWN: usize = 22;

pub(super) fn put_row(out: &mut Vec<u8>, row: &SocketRow) {
    let flag = |is: bool, flag: u8| if is { flag } else { 0 };
    let flags = ends_flags(&row.local, &row.remote)
        | flag(row.uid.is_some(), HAS_UID)
        | flag(row.inode.is_some(), HAS_INODE)
        | flag(row.cookie.is_some(), HAS_COOKIE);
    out.extend([table_number(row.table), state_number(row.state), flags]);
    put_end(out, &row.local);
    put_end(out, &row.remote);
    out.extend(row.uid.iter().flat_map(|uid| uid.get().to_le_bytes()));
    out.extend(row.inode.iter().flat_map(|inode| inode.get().to_le_bytes()));
    out.extend(row.cookie.iter().flat_map(|it| it.get().to_le_bytes()));
}

pub(super) fn row(reader: &mut Reader<'_>) -> Result<SocketRow, FrameError> {
    let [table, state, flags] = reader.array("a row")?;
    if flags >= HAS_COOKIE << 1 {
        return Err(FrameError::Value("a row's flags"));
    }
    Ok(SocketRow {
        table: table_of(table)?,
        state: state_of(state)?,
        local: end(reader, flags & LOCAL_V6 != 0)?,
        remote: end(reader, flags & REMOTE_V6 != 0)?,
        uid: (flags & HAS_UID != 0)
            .then(|| reader.u32("a UID").map(Uid::new))
            .transpose()?,
        inode: (flags & HAS_INODE != 0)
            .then(|| inode(reader))
            .transpose()?,
        cookie: (flags & HAS_COOKIE != 0)
            .then(|| cookie(reader))
            .transpose()?,
    })
}

pub(super) fn put_destroyed(out: &mut Vec<u8>, destroyed: &Destroyed) {
    let tuple = &destroyed.tuple;
    let mut flags = ends_flags(&tuple.local, &tuple.remote);
    if destroyed.cookie.is_some() {
        flags |= HAS_COOKIE;
    }
    out.extend([table_number(destroyed.table), flags]);
    put_end(out, &tuple.local);
    put_end(out, &tuple.remote);
    out.extend(
        destroyed
            .cookie
            .iter()
            .flat_map(|it| it.get().to_le_bytes()),
    );
    out.extend(destroyed.at.as_nanos().to_le_bytes());
}

pub(super) fn destroyed(reader: &mut Reader<'_>) -> Result<Destroyed, FrameError> {
    let [table, flags] = reader.array("a destroyed socket")?;
    if flags & !(LOCAL_V6 | REMOTE_V6 | HAS_COOKIE) != 0 {
        return Err(FrameError::Value("a destroyed socket's flags"));
    }
    let table = table_of(table)?;
    let local = end(reader, flags & LOCAL_V6 != 0)?;
    let remote = end(reader, flags & REMOTE_V6 != 0)?;
    let cookie = (flags & HAS_COOKIE != 0)
        .then(|| cookie(reader))
        .transpose()?;
    let at = BootTime::from_nanos(reader.u64("a time")?);
    Ok(Destroyed {
        tuple: portlog_model::Tuple {
            protocol: table.protocol(),
            local,
            remote,
        },
        table,
        cookie,
        at,
    })
}

pub(super) fn put_own(out: &mut Vec<u8>, own: &OwnSocket) {
    out.extend([table_number(own.table), ends_flags(&own.local, &own.remote)]);
    put_end(out, &own.local);
    put_end(out, &own.remote);
    out.extend(own.inode.get().to_le_bytes());
}

pub(super) fn own(reader: &mut Reader<'_>) -> Result<OwnSocket, FrameError> {
    let [table, flags] = reader.array("an own socket")?;
    if flags & !(LOCAL_V6 | REMOTE_V6) != 0 {
        return Err(FrameError::Value("an own socket's flags"));
    }
    Ok(OwnSocket {
        table: table_of(table)?,
        local: end(reader, flags & LOCAL_V6 != 0)?,
        remote: end(reader, flags & REMOTE_V6 != 0)?,
        inode: inode(reader)?,
    })
}

pub(super) fn put_report(out: &mut Vec<u8>, report: &TableReport) {
    let errno = |out: &mut Vec<u8>, errno: Option<i32>| {
        put_option(out, errno, |out, errno| out.extend(errno.to_le_bytes()));
    };
    let source = match report.source {
        SourceKind::Diag => 1,
        _ => 0,
    };
    let status = match report.status {
        CoverageStatus::Readable => 0,
        CoverageStatus::Denied => 1,
        CoverageStatus::Absent => 2,
        CoverageStatus::Untrusted => 3,
    };
    let self_check = match report.self_check {
        SelfCheckVerdict::NotAsked => 0,
        SelfCheckVerdict::NotCheckable => 1,
        SelfCheckVerdict::Passed => 2,
        SelfCheckVerdict::OwnSocketMissing => 3,
        SelfCheckVerdict::OnlyOwnRows => 4,
    };
    out.extend([source, status, self_check]);
    errno(out, report.errno);
    for count in [report.rows, report.doubles, report.bad_rows] {
        out.extend(count.to_le_bytes());
    }
    put_option(out, report.first_bad_line, |out, line| {
        out.extend(line.to_le_bytes());
    });
    put_option(out, report.truncated_at, |out, at| {
        out.extend(at.to_le_bytes());
    });
    out.extend(report.without_peer.to_le_bytes());
    put_option(out, report.fallback, |out, fallback| {
        errno(out, fallback.errno);
    });
    match report.destroy_events {
        DestroyEvents::NotAsked => out.push(0),
        DestroyEvents::Refused { errno: refusal } => {
            out.push(1);
            errno(out, refusal);
        }
        DestroyEvents::Received { overflows } => {
            out.push(2);
            out.extend(overflows.to_le_bytes());
        }
    }
}

pub(super) fn report(reader: &mut Reader<'_>) -> Result<TableReport, FrameError> {
    let errno = |reader: &mut Reader<'_>| {
        reader.option("an error number", |reader| reader.i32("an error number"))
    };
    let [source, status, self_check] = reader.array("a report")?;
    let source = match source {
        0 => SourceKind::Procfs,
        1 => SourceKind::Diag,
        _ => return Err(FrameError::Value("a table's source")),
    };
    let status = match status {
        0 => CoverageStatus::Readable,
        1 => CoverageStatus::Denied,
        2 => CoverageStatus::Absent,
        3 => CoverageStatus::Untrusted,
        _ => return Err(FrameError::Value("a table's status")),
    };
    let self_check = match self_check {
        0 => SelfCheckVerdict::NotAsked,
        1 => SelfCheckVerdict::NotCheckable,
        2 => SelfCheckVerdict::Passed,
        3 => SelfCheckVerdict::OwnSocketMissing,
        4 => SelfCheckVerdict::OnlyOwnRows,
        _ => return Err(FrameError::Value("a self-check's verdict")),
    };
    Ok(TableReport {
        source,
        status,
        self_check,
        errno: errno(reader)?,
        rows: reader.u32("a count of rows")?,
        doubles: reader.u32("a count of doubles")?,
        bad_rows: reader.u32("a count of bad rows")?,
        first_bad_line: reader.option("a bad line", |reader| reader.u32("a bad line"))?,
        truncated_at: reader.option("a table's end", |reader| reader.u64("a table's end"))?,
        without_peer: reader.u32("a count of sockets")?,
        not_tracked: 0,
        fallback: reader.option("a fallback", |reader| {
            Ok(Fallback {
                errno: errno(reader)?,
            })
        })?,
        destroy_events: match reader.u8("destroy events")? {
            0 => DestroyEvents::NotAsked,
            1 => DestroyEvents::Refused {
                errno: errno(reader)?,
            },
            2 => DestroyEvents::Received {
                overflows: reader.u64("a count of overflows")?,
            },
            _ => return Err(FrameError::Value("destroy events")),
        },
    })
}

fn ends_flags(local: &Endpoint, remote: &Endpoint) -> u8 {
    let mut flags = 0;
    if local.address().is_ipv6() {
        flags |= LOCAL_V6;
    }
    if remote.address().is_ipv6() {
        flags |= REMOTE_V6;
    }
    flags
}

fn put_end(out: &mut Vec<u8>, end: &Endpoint) {
    match end.address() {
        IpAddr::V4(address) => out.extend(address.octets()),
        IpAddr::V6(address) => out.extend(address.octets()),
    }
    out.extend(end.port().to_le_bytes());
}

fn end(reader: &mut Reader<'_>, is_v6: bool) -> Result<Endpoint, FrameError> {
    let address = if is_v6 {
        IpAddr::V6(Ipv6Addr::from(reader.array::<16>("an address")?))
    } else {
        IpAddr::V4(Ipv4Addr::from(reader.array::<4>("an address")?))
    };
    if address.to_canonical() != address {
        // It has a shorter form, which is the only one.
        return Err(FrameError::Value("an address"));
    }
    Ok(Endpoint::new(address, reader.u16("a port")?))
}

fn inode(reader: &mut Reader<'_>) -> Result<Inode, FrameError> {
    Inode::new(reader.u64("an inode")?).ok_or(FrameError::Value("an inode"))
}

fn cookie(reader: &mut Reader<'_>) -> Result<Cookie, FrameError> {
    Cookie::new(reader.u64("a cookie")?).ok_or(FrameError::Value("a cookie"))
}

fn table_number(table: Table) -> u8 {
    u8::try_from(table.index()).unwrap_or(u8::MAX)
}

fn table_of(number: u8) -> Result<Table, FrameError> {
    Table::ALL
        .get(usize::from(number))
        .copied()
        .ok_or(FrameError::Value("a table"))
}

/// The kernel's number (`include/net/tcp_states.h`).
const fn state_number(state: SocketState) -> u8 {
    match state {
        SocketState::Established => 1,
        SocketState::SynSent => 2,
        SocketState::SynRecv => 3,
        SocketState::FinWait1 => 4,
        SocketState::FinWait2 => 5,
        SocketState::TimeWait => 6,
        SocketState::Close => 7,
        SocketState::CloseWait => 8,
        SocketState::LastAck => 9,
        SocketState::Listen => 10,
        SocketState::Closing => 11,
        SocketState::NewSynRecv => 12,
        SocketState::BoundInactive => 13,
    }
}

fn state_of(number: u8) -> Result<SocketState, FrameError> {
    match SocketState::from_kernel(number) {
        // The vendors' flag is off by now.
        Ok(state) if state_number(state) == number => Ok(state),
        _ => Err(FrameError::Value("a state")),
    }
}
