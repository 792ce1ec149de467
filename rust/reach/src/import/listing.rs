//! Sockets as `ss -eionptu` and `netstat -npWae` print them, row by row.
//!
//! `ss` is iproute2's (`misc/ss.c`: `inet_stats_print`, `inet_show_netlink`), `netstat` is toybox's
//! (`toys/net/netstat.c`); dumpstate runs the first as root, the second as the shell.

use std::net::{IpAddr, Ipv6Addr};

use portlog_model::{Endpoint, Protocol, SocketRow, SocketState, Table};
use portlog_sockets::RowError;

/// A row of `ss`; `None` for what is none: the header, and the lines of details below a row.
pub(super) fn ss(line: &str) -> Option<Result<SocketRow, (Table, RowError)>> {
    if line.starts_with([' ', '\t']) || line.trim().is_empty() {
        return None;
    }
    let mut columns = line.split_whitespace();
    let protocol = match columns.next()? {
        "tcp" => Protocol::Tcp,
        "udp" => Protocol::Udp,
        // The header, and what is neither TCP nor UDP.
        _ => return None,
    };
    let table = if protocol == Protocol::Tcp {
        Table::Tcp
    } else {
        Table::Udp
    };
    let Some((state, [local, remote])) = columns
        .next()
        .zip(columns.by_ref().skip(2).next_chunk_of_two())
    else {
        return Some(Err((table, RowError::MissingColumn("remote"))));
    };
    let (mut uid, mut inode) = (0, 0);
    for word in columns {
        let place = match word.split_once(':') {
            Some(("uid", value)) => value.parse().map(|value| uid = value).is_ok(),
            Some(("ino", value)) => value.parse().map(|value| inode = value).is_ok(),
            _ => true,
        };
        if !place {
            let column = if word.starts_with("uid") {
                "uid"
            } else {
                "inode"
            };
            return Some(Err((table, RowError::BadNumber(column))));
        }
    }
    Some(row(
        protocol,
        ss_state(state),
        local,
        remote,
        uid,
        inode,
        table,
    ))
}

/// A row of `netstat`; `None` for what is none.
pub(super) fn netstat(line: &str) -> Option<Result<SocketRow, (Table, RowError)>> {
    let mut columns = line.split_whitespace().peekable();
    let (protocol, table) = match columns.next()? {
        "tcp" => (Protocol::Tcp, Table::Tcp),
        "tcp6" => (Protocol::Tcp, Table::Tcp6),
        "udp" => (Protocol::Udp, Table::Udp),
        "udp6" => (Protocol::Udp, Table::Udp6),
        "raw" => (Protocol::Raw, Table::Raw),
        "raw6" => (Protocol::Raw, Table::Raw6),
        _ => return None,
    };
    let Some([local, remote]) = columns.by_ref().skip(2).next_chunk_of_two() else {
        return Some(Err((table, RowError::MissingColumn("remote"))));
    };
    // Sockets without a peer have no word for their state.
    let state = match columns.peek().copied().map(netstat_state) {
        Some(Some(state)) => {
            columns.next();
            state
        }
        _ => SocketState::Close,
    };
    let mut number = |column| match columns.next().map(str::parse::<u64>) {
        Some(Ok(number)) => Ok(number),
        Some(Err(_)) => Err(RowError::BadNumber(column)),
        None => Err(RowError::MissingColumn(column)),
    };
    let owner = number("uid").and_then(|uid| {
        let uid = u32::try_from(uid).map_err(|_| RowError::OutOfRange("uid"))?;
        Ok((uid, number("inode")?))
    });
    Some(match owner {
        Ok((uid, inode)) => row(protocol, Some(state), local, remote, uid, inode, table),
        Err(reason) => Err((table, reason)),
    })
}

fn row(
    protocol: Protocol,
    state: Option<SocketState>,
    local: &str,
    remote: &str,
    uid: u32,
    inode: u64,
    table: Table,
) -> Result<SocketRow, (Table, RowError)> {
    let fail = |reason| (table, reason);
    let state = state.ok_or(fail(RowError::BadNumber("state")))?;
    let (local, local_v6) = end(local).ok_or(fail(RowError::BadNumber("local")))?;
    let (remote, remote_v6) = end(remote).ok_or(fail(RowError::BadNumber("remote")))?;
    let is_v6 = table.is_v6() || local_v6 || remote_v6;
    let table = match (protocol, is_v6) {
        (Protocol::Tcp, false) => Table::Tcp,
        (Protocol::Tcp, true) => Table::Tcp6,
        (Protocol::Udp, false) => Table::Udp,
        (Protocol::Udp, true) => Table::Udp6,
        _ => table,
    };
    // `*` alone says no family: the wildcard is of the table's.
    let whole = |end: Endpoint| {
        if is_v6 && end.address().is_ipv4() && end.is_unset() {
            Endpoint::new(IpAddr::V6(Ipv6Addr::UNSPECIFIED), end.port())
        } else {
            end
        }
    };
    Ok(SocketRow::from_kernel(
        table,
        state,
        whole(local),
        whole(remote),
        uid,
        inode,
    ))
}

/// `192.0.2.1:80`, `[2001:db8::1]:80`, `2001:db8::1:80`, `fe80::1%wlan0:546`, `*:80`, `:::80`, `0.0.0.0:*`;
/// and whether it is of IPv6 by its look.
fn end(text: &str) -> Option<(Endpoint, bool)> {
    let (host, port) = text.rsplit_once(':')?;
    let port = if port == "*" { 0 } else { port.parse().ok()? };
    let host = host
        .strip_prefix('[')
        .and_then(|host| host.split_once(']'))
        .map_or(host, |(host, _)| host);
    let host = host.split_once('%').map_or(host, |(host, _)| host);
    if host == "*" {
        return Some((Endpoint::new(IpAddr::V4([0; 4].into()), port), false));
    }
    let address: IpAddr = host.parse().ok()?;
    Some((Endpoint::new(address, port), address.is_ipv6()))
}

fn ss_state(word: &str) -> Option<SocketState> {
    Some(match word {
        "ESTAB" => SocketState::Established,
        "SYN-SENT" => SocketState::SynSent,
        "SYN-RECV" => SocketState::SynRecv,
        "NEW-SYN-RECV" => SocketState::NewSynRecv,
        "FIN-WAIT-1" => SocketState::FinWait1,
        "FIN-WAIT-2" => SocketState::FinWait2,
        "TIME-WAIT" => SocketState::TimeWait,
        "UNCONN" | "CLOSED" => SocketState::Close,
        "CLOSE-WAIT" => SocketState::CloseWait,
        "LAST-ACK" => SocketState::LastAck,
        "LISTEN" => SocketState::Listen,
        "CLOSING" => SocketState::Closing,
        _ => return None,
    })
}

fn netstat_state(word: &str) -> Option<SocketState> {
    Some(match word {
        "ESTABLISHED" => SocketState::Established,
        "SYN_SENT" => SocketState::SynSent,
        "SYN_RECV" => SocketState::SynRecv,
        "FIN_WAIT1" => SocketState::FinWait1,
        "FIN_WAIT2" => SocketState::FinWait2,
        "TIME_WAIT" => SocketState::TimeWait,
        "CLOSE" | "UNCONN" => SocketState::Close,
        "CLOSE_WAIT" => SocketState::CloseWait,
        "LAST_ACK" => SocketState::LastAck,
        "LISTEN" => SocketState::Listen,
        "CLOSING" => SocketState::Closing,
        _ => return None,
    })
}

/// Two columns at once.
trait Two<'a>: Iterator<Item = &'a str> {
    fn next_chunk_of_two(&mut self) -> Option<[&'a str; 2]> {
        Some([self.next()?, self.next()?])
    }
}

impl<'a, I: Iterator<Item = &'a str>> Two<'a> for I {}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(row: Option<Result<SocketRow, (Table, RowError)>>) -> String {
        match row {
            None => "none".to_owned(),
            Some(Err((table, reason))) => format!("{table}: {reason}"),
            Some(Ok(row)) => format!(
                "{} {} {} {} {} {}",
                row.table,
                row.state,
                row.local,
                row.remote,
                row.uid
                    .map_or_else(|| "-".to_owned(), |uid| uid.to_string()),
                row.inode
                    .map_or_else(|| "-".to_owned(), |inode| inode.to_string()),
            ),
        }
    }

    #[test]
    fn rows_of_ss_are_those_of_the_kernel() {
        for (line, row) in [
            (
                "tcp    SYN-SENT   0      1      192.0.2.183:55191      203.0.113.253:443   timer:(on,1.4ms,7) uid:1010351 ino:1136844 sk:9087 <->",
                "tcp syn_sent 192.0.2.183:55191 203.0.113.253:443 1010351 1136844",
            ),
            (
                "tcp ESTAB 0 0 [::ffff:192.0.2.183]:40000 [::ffff:203.0.113.5]:443 users:((\"a b\",pid=1,fd=2)) uid:10087 ino:5 sk:1 <->",
                "tcp6 established 192.0.2.183:40000 203.0.113.5:443 10087 5",
            ),
            // Older versions print no brackets; root has no uid.
            (
                "udp UNCONN 0 0 :::5353 :::* ino:77 sk:2 <->",
                "udp6 close [::]:5353 [::]:0 0 77",
            ),
            (
                "udp UNCONN 0 0 *:68 *:* uid:1073 ino:78",
                "udp close 0.0.0.0:68 0.0.0.0:0 1073 78",
            ),
            (
                "tcp LISTEN 0 128 *%wlan0:80 *:* ino:9",
                "tcp listen 0.0.0.0:80 0.0.0.0:0 0 9",
            ),
            (
                "udp ESTAB 0 0 fe80::1%wlan0:546 [2001:db8::9]:547 uid:1 ino:3",
                "udp6 established [fe80::1]:546 [2001:db8::9]:547 1 3",
            ),
            // TIME_WAIT belongs to nobody.
            (
                "tcp TIME-WAIT 0 0 192.0.2.1:1 203.0.113.5:2 timer:(timewait,59sec,0) ino:0 sk:8",
                "tcp time_wait 192.0.2.1:1 203.0.113.5:2 - -",
            ),
            ("\t cubic rto:8000 backoff:7 mss:524", "none"),
            (
                "Netid  State      Recv-Q Send-Q Local Address:Port  Peer Address:Port",
                "none",
            ),
            ("nl UNCONN 0 0 rtnl:kernel *", "none"),
            ("", "none"),
        ] {
            assert_eq!(said(ss(line)), row, "{line}");
        }
        for line in [
            "tcp ESTAB 0 0",
            "tcp MELTED 0 0 192.0.2.1:1 203.0.113.5:2 ino:1",
            "tcp ESTAB 0 0 192.0.2.1:99999 203.0.113.5:2 ino:1",
            "tcp ESTAB 0 0 192.0.2.1:1 example.test:2 ino:1",
            "tcp ESTAB 0 0 192.0.2.1:1 203.0.113.5:2 uid:-1 ino:1",
        ] {
            assert!(matches!(ss(line), Some(Err(_))), "{line}");
        }
    }

    #[test]
    fn rows_of_netstat_are_those_of_the_kernel() {
        for (line, row) in [
            (
                "tcp        0      1 192.0.2.183:55191      203.0.113.253:443     SYN_SENT    1010351    1136844     -",
                "tcp syn_sent 192.0.2.183:55191 203.0.113.253:443 1010351 1136844",
            ),
            (
                "tcp6 0 0 ::ffff:192.0.2.183:1 ::ffff:203.0.113.5:443 ESTABLISHED 10087 5 123/org.example",
                "tcp6 established 192.0.2.183:1 203.0.113.5:443 10087 5",
            ),
            (
                "tcp6 0 0 [::]:5555 [::]:* LISTEN 2000 6 99/adbd",
                "tcp6 listen [::]:5555 [::]:0 2000 6",
            ),
            (
                "udp 0 0 0.0.0.0:68 0.0.0.0:* 1073 7 -",
                "udp close 0.0.0.0:68 0.0.0.0:0 1073 7",
            ),
            (
                "raw6 0 0 :::58 :::* 1000 8 -",
                "raw6 close [::]:58 [::]:0 1000 8",
            ),
            (
                "Proto Recv-Q Send-Q Local Address Foreign Address State User Inode PID/Program Name",
                "none",
            ),
            ("unix  2 [ ] DGRAM 11111 /dev/socket/logdw", "none"),
        ] {
            assert_eq!(said(netstat(line)), row, "{line}");
        }
        for line in [
            "tcp 0 0 192.0.2.1:1",
            "tcp 0 0 192.0.2.1:1 203.0.113.5:2 ESTABLISHED u0_a87 5",
            "tcp 0 0 192.0.2.1:1 203.0.113.5:2 ESTABLISHED 4294967296 5",
            "tcp 0 0 192.0.2.1:1 203.0.113.5:2 ESTABLISHED 1000",
        ] {
            assert!(matches!(netstat(line), Some(Err(_))), "{line}");
        }
    }
}
