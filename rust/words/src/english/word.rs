//! Single values, for screens.

use portlog_model::{Direction, Firmware, Level, OwnerKind, Protocol, Role, SocketState, Word};

use super::alert;

pub(super) fn word(word: Word) -> String {
    match word {
        Word::Level(level) => self::level(level),
        Word::Category(category) => alert::category(category),
        Word::Direction(direction) => self::direction(direction),
        Word::OwnerKind(kind) => owner_kind(kind),
        Word::Firmware(firmware) => self::firmware(firmware),
        Word::Role(role) => self::role(role),
        Word::HitKind(kind) => alert::hit_kind(kind),
        Word::Protocol(protocol) => self::protocol(protocol),
        Word::SocketState(protocol, state) => socket_state(protocol, state),
    }
    .to_owned()
}

const fn level(level: Level) -> &'static str {
    match level {
        Level::Match => "match",
        Level::Possible => "possible",
        Level::Noted => "noted",
    }
}

const fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::Out => "outgoing: this phone began",
        Direction::In => "incoming: the other side began",
        Direction::Unknown => "which side began is not known",
    }
}

const fn owner_kind(kind: OwnerKind) -> &'static str {
    match kind {
        OwnerKind::Kernel => "the kernel",
        OwnerKind::System => "system component",
        OwnerKind::Shell => "adb shell",
        OwnerKind::App => "app",
        OwnerKind::Shared => "several apps with one UID",
        OwnerKind::Isolated => "isolated process",
        OwnerKind::Sandbox => "SDK sandbox",
        OwnerKind::Removed => "app that is not in the package list",
        OwnerKind::User => "person's account",
        OwnerKind::Service => "service's account",
        OwnerKind::Unknown => "not known",
    }
}

const fn firmware(firmware: Firmware) -> &'static str {
    match firmware {
        Firmware::Yes => "comes with the phone",
        Firmware::No => "does not come with the phone",
        Firmware::Mixed => "partly comes with the phone",
        Firmware::Preloaded => "preloaded: as if it came with the phone",
        Firmware::Unknown => "whether it comes with the phone cannot be said",
    }
}

const fn role(role: Role) -> &'static str {
    match role {
        Role::GoBetween => "fetches for other apps",
        Role::UserFacing => "goes where its user goes",
    }
}

const fn protocol(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Tcp => "TCP",
        Protocol::Udp => "UDP",
        Protocol::UdpLite => "UDP-Lite",
        Protocol::Raw => "raw IP",
        Protocol::Icmp => "ping (ICMP)",
    }
}

const fn socket_state(protocol: Protocol, state: SocketState) -> &'static str {
    match (protocol, state) {
        (Protocol::Tcp, SocketState::SynSent) => "asked for, no answer yet",
        (Protocol::Tcp, SocketState::SynRecv | SocketState::NewSynRecv) => "being accepted",
        (Protocol::Tcp, SocketState::Established) => "established",
        (
            Protocol::Tcp,
            SocketState::FinWait1
            | SocketState::FinWait2
            | SocketState::CloseWait
            | SocketState::LastAck
            | SocketState::Closing,
        ) => "being closed",
        (Protocol::Tcp, SocketState::TimeWait) => "closed just now",
        (Protocol::Tcp, SocketState::Listen) => "waits for connections",
        (Protocol::Tcp, SocketState::Close | SocketState::BoundInactive) => "not connected",
        (
            Protocol::Udp | Protocol::UdpLite | Protocol::Raw | Protocol::Icmp,
            SocketState::Established,
        ) => "has a peer; whether anything was sent is not known",
        (Protocol::Udp | Protocol::UdpLite | Protocol::Raw | Protocol::Icmp, _) => "has no peer",
    }
}
