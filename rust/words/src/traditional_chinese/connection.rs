//! What a connection did: worded by its state and direction, and by nothing else.

use portlog_model::{
    Connection, Direction, NameSource, Observed, Platform, Protocol, SeenName, SocketState,
};

use super::owner::{self, Mention};
use crate::data::quoted;
use crate::time::Zone;

/// Names of one peer that a line shows.
const MAX_NAMES: usize = 3;

/// `曾與 203.0.113.7:443 有過連線`.
pub(super) fn did(connection: &Connection) -> String {
    let (local, remote) = (connection.local, connection.remote);
    if connection.is_listener() {
        return match connection.protocol() {
            Protocol::Tcp => format!("在 {local} 上等候連線"),
            Protocol::Udp | Protocol::UdpLite => {
                format!("在 {local} 上有一個沒有對端的 UDP 通訊端；它與誰往來，表格沒有顯示")
            }
            Protocol::Raw => format!(
                "在 {} 上有一個原始通訊端（IP 協定 {}）",
                local.address(),
                local.port()
            ),
            Protocol::Icmp => format!("在 {} 上有一個 ping 通訊端", local.address()),
        };
    }
    match connection.protocol() {
        Protocol::Tcp if remote.is_unset() => {
            format!("在 {local} 上有一個沒有對端的 TCP 通訊端")
        }
        Protocol::Tcp => tcp(connection),
        Protocol::Udp | Protocol::UdpLite => {
            format!("開啟過一個指向 {remote} 的 UDP 通訊端；是否送出過任何內容，無從得知")
        }
        Protocol::Raw => format!(
            "開啟過一個原始通訊端（IP 協定 {}），指向 {}；是否送出過任何內容，無從得知",
            local.port(),
            remote.address()
        ),
        Protocol::Icmp => format!(
            "開啟過一個指向 {} 的 ping 通訊端；是否送出過任何內容，無從得知",
            remote.address()
        ),
    }
}

fn tcp(connection: &Connection) -> String {
    let remote = connection.remote;
    match connection.state {
        SocketState::SynSent => format!("曾嘗試連線到 {remote}"),
        SocketState::SynRecv | SocketState::NewSynRecv => contacted(connection),
        SocketState::Close | SocketState::BoundInactive | SocketState::Listen => {
            match connection.direction {
                Direction::In => contacted(connection),
                Direction::Out | Direction::Unknown => {
                    format!("開啟過一個指向 {remote} 的 TCP 通訊端；連線是否建立，無從得知")
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
            Direction::Out => format!("曾與 {remote} 有過連線"),
            Direction::In => contacted(connection),
            Direction::Unknown => format!("曾與 {remote} 有過連線；由哪一方開始，無從得知"),
        },
    }
}

fn contacted(connection: &Connection) -> String {
    format!("收到過來自 {} 的聯繫", connection.remote)
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

/// `（曾查詢 "host.test" 並得到這個位址）`, or nothing where no name is known.
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
        shown.push(format!("還有 {more} 個名稱"));
    }
    if observed.shared_address {
        shown.push("許多名稱都對應該位址".to_owned());
    }
    format!("（{}）", shown.join("；"))
}

fn told(name: &SeenName, observed: &Observed, zone: Zone) -> String {
    let host = quoted(&name.name);
    match (name.source, name.asker) {
        (NameSource::Pinned, _) => {
            format!("{} 曾看到 {host} 對應這個位址", zone.date(name.at.wall))
        }
        (NameSource::Tap, Some(asker)) if Some(asker) == observed.owner.uid => {
            format!("曾查詢 {host} 並得到這個位址")
        }
        (NameSource::Tap, Some(asker)) => {
            format!("UID {asker} 曾查詢 {host} 並得到這個位址")
        }
        (NameSource::Tap, None) => format!("這裡曾有程式查詢 {host} 並得到這個位址"),
    }
}

/// The platform, where the owner tells it: Android users exist on Android alone.
fn platform_of(observed: &Observed) -> Option<Platform> {
    observed.owner.user.map(|_| Platform::Android)
}
