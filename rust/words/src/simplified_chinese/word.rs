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
        Direction::Out => "传出：由这部手机发起",
        Direction::In => "传入：由对方发起",
        Direction::Unknown => "由哪一方发起，不得而知",
    }
}

const fn owner_kind(kind: OwnerKind) -> &'static str {
    match kind {
        OwnerKind::Kernel => "内核",
        OwnerKind::System => "系统组件",
        OwnerKind::Shell => "adb shell",
        OwnerKind::App => "应用",
        OwnerKind::Shared => "共用一个 UID 的多个应用",
        OwnerKind::Isolated => "隔离进程",
        OwnerKind::Sandbox => "SDK 沙盒",
        OwnerKind::Removed => "不在软件包列表中的应用",
        OwnerKind::User => "个人账户",
        OwnerKind::Service => "服务账户",
        OwnerKind::Unknown => "未知",
    }
}

const fn firmware(firmware: Firmware) -> &'static str {
    match firmware {
        Firmware::Yes => "随手机附带",
        Firmware::No => "不是随手机附带的",
        Firmware::Mixed => "部分随手机附带",
        Firmware::Preloaded => "预装：如同随手机附带",
        Firmware::Unknown => "是否随手机附带，无法说明",
    }
}

const fn role(role: Role) -> &'static str {
    match role {
        Role::GoBetween => "替其他应用获取内容",
        Role::UserFacing => "随使用者去往各处",
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
        (Protocol::Tcp, SocketState::SynSent) => "已请求，尚无应答",
        (Protocol::Tcp, SocketState::SynRecv | SocketState::NewSynRecv) => "正在接受",
        (Protocol::Tcp, SocketState::Established) => "已建立",
        (
            Protocol::Tcp,
            SocketState::FinWait1
            | SocketState::FinWait2
            | SocketState::CloseWait
            | SocketState::LastAck
            | SocketState::Closing,
        ) => "正在关闭",
        (Protocol::Tcp, SocketState::TimeWait) => "刚刚关闭",
        (Protocol::Tcp, SocketState::Listen) => "等待连接",
        (Protocol::Tcp, SocketState::Close | SocketState::BoundInactive) => "未连接",
        (
            Protocol::Udp | Protocol::UdpLite | Protocol::Raw | Protocol::Icmp,
            SocketState::Established,
        ) => "有对端；是否发送过任何内容，不得而知",
        (Protocol::Udp | Protocol::UdpLite | Protocol::Raw | Protocol::Icmp, _) => "没有对端",
    }
}
