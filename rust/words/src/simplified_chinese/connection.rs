//! What a connection did: worded by its state and direction, and by nothing else.

use portlog_model::{
    Connection, Direction, NameSource, Observed, Platform, Protocol, SeenName, SocketState,
};

use super::owner::{self, Mention};
use crate::data::quoted;
use crate::time::Zone;

/// Names of one peer that a line shows.
const MAX_NAMES: usize = 3;

/// `曾与 203.0.113.7:443 有过连接`.
pub(super) fn did(connection: &Connection) -> String {
    let (local, remote) = (connection.local, connection.remote);
    if connection.is_listener() {
        return match connection.protocol() {
            Protocol::Tcp => format!("在 {local} 上等待连接"),
            Protocol::Udp | Protocol::UdpLite => {
                format!("在 {local} 上有一个没有对端的 UDP 套接字；它与谁往来，表中没有显示")
            }
            Protocol::Raw => format!(
                "在 {} 上有一个原始套接字（IP 协议 {}）",
                local.address(),
                local.port()
            ),
            Protocol::Icmp => format!("在 {} 上有一个 ping 套接字", local.address()),
        };
    }
    match connection.protocol() {
        Protocol::Tcp if remote.is_unset() => {
            format!("在 {local} 上有一个没有对端的 TCP 套接字")
        }
        Protocol::Tcp => tcp(connection),
        Protocol::Udp | Protocol::UdpLite => {
            format!("打开过一个朝向 {remote} 的 UDP 套接字；是否发送过任何内容，不得而知")
        }
        Protocol::Raw => format!(
            "打开过一个原始套接字（IP 协议 {}），朝向 {}；是否发送过任何内容，不得而知",
            local.port(),
            remote.address()
        ),
        Protocol::Icmp => format!(
            "打开过一个朝向 {} 的 ping 套接字；是否发送过任何内容，不得而知",
            remote.address()
        ),
    }
}

fn tcp(connection: &Connection) -> String {
    let remote = connection.remote;
    match connection.state {
        SocketState::SynSent => format!("曾尝试连接 {remote}"),
        SocketState::SynRecv | SocketState::NewSynRecv => contacted(connection),
        SocketState::Close | SocketState::BoundInactive | SocketState::Listen => {
            match connection.direction {
                Direction::In => contacted(connection),
                Direction::Out | Direction::Unknown => {
                    format!("打开过一个朝向 {remote} 的 TCP 套接字；连接是否建立，不得而知")
                }
            }
        }
        SocketState::CloseWait
        | SocketState::Closing
        | SocketState::Established
        | SocketState::FinWait1
        | SocketState::FinWait2
        | SocketState::LastAck
        | SocketState::TimeWait => match connection.direction {
            Direction::Out => format!("曾与 {remote} 有过连接"),
            Direction::In => contacted(connection),
            Direction::Unknown => format!("曾与 {remote} 有过连接；由哪一方发起，不得而知"),
        },
    }
}

fn contacted(connection: &Connection) -> String {
    format!("收到过来自 {} 的联系", connection.remote)
}

/// A connection with its owner, peer and names, in one line.
pub(super) fn observed(observed: &Observed, zone: Zone) -> String {
    let mention = Mention {
        owner: &observed.owner,
        platform: platform_of(observed),
    };
    format!(
        "{}{}",
        owner::did(mention, &did(&observed.connection)),
        names(observed, zone)
    )
}

/// `（曾查询 "host.test" 并得到此地址）`, or nothing where no name is known.
///
/// A name is never said to be the peer: only who asked for it, or where the address was seen for it.
pub(super) fn names(observed: &Observed, zone: Zone) -> String {
    if observed.names.is_empty() {
        return String::new();
    }
    let mut shown: Vec<String> = observed
        .names
        .iter()
        .take(MAX_NAMES)
        .map(|name| told(name, observed, zone))
        .collect();
    let more = observed.names.len().saturating_sub(MAX_NAMES);
    if more > 0 {
        shown.push(format!("另有 {more} 个名称"));
    }
    if observed.shared_address {
        shown.push("许多名称都对应该地址".to_owned());
    }
    format!("（{}）", shown.join("；"))
}

fn told(name: &SeenName, observed: &Observed, zone: Zone) -> String {
    let host = quoted(&name.name);
    match (name.source, name.asker) {
        (NameSource::Pinned, _) => {
            format!("{} 曾见到 {host} 对应此地址", zone.date(name.at.wall))
        }
        (NameSource::Tap, Some(asker)) if Some(asker) == observed.owner.uid => {
            format!("曾查询 {host} 并得到此地址")
        }
        (NameSource::Tap, Some(asker)) => {
            format!("UID {asker} 曾查询 {host} 并得到此地址")
        }
        (NameSource::Tap, None) => format!("这里曾有程序查询 {host} 并得到此地址"),
    }
}

/// The platform, where the owner tells it: Android users exist on Android alone.
fn platform_of(observed: &Observed) -> Option<Platform> {
    observed.owner.user.map(|_| Platform::Android)
}
