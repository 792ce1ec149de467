//! Single values, for screens.

use portlog_model::{Direction, Firmware, OwnerKind, Protocol, Role, SocketState, Word};

use super::alert;

pub(super) const fn word(word: Word) -> &'static str {
    match word {
        Word::Level(level) => alert::level(level),
        Word::Category(category) => alert::category(category),
        Word::Direction(direction) => self::direction(direction),
        Word::OwnerKind(kind) => owner_kind(kind),
        Word::Firmware(firmware) => self::firmware(firmware),
        Word::Role(role) => self::role(role),
        Word::HitKind(kind) => alert::hit_kind(kind),
        Word::Protocol(protocol) => self::protocol(protocol),
        Word::SocketState(protocol, state) => socket_state(protocol, state),
    }
}

const fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::Out => "傳出：由這支手機開始",
        Direction::In => "傳入：由對方開始",
        Direction::Unknown => "由哪一方開始，無從得知",
    }
}

const fn owner_kind(kind: OwnerKind) -> &'static str {
    match kind {
        OwnerKind::Kernel => "核心",
        OwnerKind::System => "系統元件",
        OwnerKind::Shell => "adb shell",
        OwnerKind::App => "應用程式",
        OwnerKind::Shared => "共用一個 UID 的多個應用程式",
        OwnerKind::Isolated => "隔離處理程序",
        OwnerKind::Sandbox => "SDK 沙箱",
        OwnerKind::Removed => "不在套件清單中的應用程式",
        OwnerKind::User => "個人帳號",
        OwnerKind::Service => "服務帳號",
        OwnerKind::Unknown => "未知",
    }
}

const fn firmware(firmware: Firmware) -> &'static str {
    match firmware {
        Firmware::Yes => "隨手機附帶",
        Firmware::No => "不是隨手機附帶的",
        Firmware::Mixed => "部分隨手機附帶",
        Firmware::Preloaded => "預載：如同隨手機附帶",
        Firmware::Unknown => "是否隨手機附帶，無法說明",
    }
}

const fn role(role: Role) -> &'static str {
    match role {
        Role::GoBetween => "代其他應用程式取得內容",
        Role::UserFacing => "隨使用者前往各處",
    }
}

const fn protocol(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Tcp => "TCP",
        Protocol::Udp => "UDP",
        Protocol::UdpLite => "UDP-Lite",
        Protocol::Raw => "原始 IP",
        Protocol::Icmp => "ping（ICMP）",
    }
}

const fn socket_state(protocol: Protocol, state: SocketState) -> &'static str {
    match (protocol, state) {
        (Protocol::Tcp, SocketState::SynSent) => "已要求，尚無回應",
        (Protocol::Tcp, SocketState::SynRecv | SocketState::NewSynRecv) => "正在接受",
        (Protocol::Tcp, SocketState::Established) => "已建立",
        (
            Protocol::Tcp,
            SocketState::FinWait1
            | SocketState::FinWait2
            | SocketState::CloseWait
            | SocketState::LastAck
            | SocketState::Closing,
        ) => "正在關閉",
        (Protocol::Tcp, SocketState::TimeWait) => "剛剛關閉",
        (Protocol::Tcp, SocketState::Listen) => "等候連線",
        (Protocol::Tcp, SocketState::Close | SocketState::BoundInactive) => "未連線",
        (
            Protocol::Udp | Protocol::UdpLite | Protocol::Raw | Protocol::Icmp,
            SocketState::Established,
        ) => "有對端；是否送出過任何內容，無從得知",
        (Protocol::Udp | Protocol::UdpLite | Protocol::Raw | Protocol::Icmp, _) => "沒有對端",
    }
}
