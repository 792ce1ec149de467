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
        Direction::Out => "आउटगोइंग: शुरुआत इस फ़ोन ने की",
        Direction::In => "इनकमिंग: शुरुआत दूसरे पक्ष ने की",
        Direction::Unknown => "शुरुआत किस पक्ष ने की, यह ज्ञात नहीं",
    }
}

const fn owner_kind(kind: OwnerKind) -> &'static str {
    match kind {
        OwnerKind::Kernel => "कर्नेल",
        OwnerKind::System => "सिस्टम घटक",
        OwnerKind::Shell => "adb शेल",
        OwnerKind::App => "ऐप",
        OwnerKind::Shared => "एक ही UID वाले कई ऐप",
        OwnerKind::Isolated => "अलग रखी गई प्रोसेस",
        OwnerKind::Sandbox => "SDK सैंडबॉक्स",
        OwnerKind::Removed => "पैकेज सूची में अनुपस्थित ऐप",
        OwnerKind::User => "किसी व्यक्ति का खाता",
        OwnerKind::Service => "किसी सेवा का खाता",
        OwnerKind::Unknown => "ज्ञात नहीं",
    }
}

const fn firmware(firmware: Firmware) -> &'static str {
    match firmware {
        Firmware::Yes => "फ़ोन के साथ आया",
        Firmware::No => "फ़ोन के साथ नहीं आया",
        Firmware::Mixed => "आंशिक रूप से फ़ोन के साथ आया",
        Firmware::Preloaded => "पहले से लोड: मानो फ़ोन के साथ आया हो",
        Firmware::Unknown => "फ़ोन के साथ आया या नहीं, यह नहीं कहा जा सकता",
    }
}

const fn role(role: Role) -> &'static str {
    match role {
        Role::GoBetween => "दूसरे ऐप के लिए सामग्री लाता है",
        Role::UserFacing => "वहाँ जाता है जहाँ इसका उपयोगकर्ता जाता है",
    }
}

const fn protocol(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Tcp => "TCP",
        Protocol::Udp => "UDP",
        Protocol::UdpLite => "UDP-Lite",
        Protocol::Raw => "रॉ IP",
        Protocol::Icmp => "पिंग (ICMP)",
    }
}

const fn socket_state(protocol: Protocol, state: SocketState) -> &'static str {
    match (protocol, state) {
        (Protocol::Tcp, SocketState::SynSent) => "माँगा गया, अभी कोई जवाब नहीं",
        (Protocol::Tcp, SocketState::SynRecv | SocketState::NewSynRecv) => "स्वीकार किया जा रहा है",
        (Protocol::Tcp, SocketState::Established) => "बना हुआ",
        (
            Protocol::Tcp,
            SocketState::FinWait1
            | SocketState::FinWait2
            | SocketState::CloseWait
            | SocketState::LastAck
            | SocketState::Closing,
        ) => "बंद हो रहा है",
        (Protocol::Tcp, SocketState::TimeWait) => "अभी-अभी बंद हुआ",
        (Protocol::Tcp, SocketState::Listen) => "कनेक्शन का इंतज़ार",
        (Protocol::Tcp, SocketState::Close | SocketState::BoundInactive) => "कनेक्ट नहीं",
        (
            Protocol::Udp | Protocol::UdpLite | Protocol::Raw | Protocol::Icmp,
            SocketState::Established,
        ) => "दूसरा पक्ष है; कुछ भेजा गया या नहीं, यह ज्ञात नहीं",
        (Protocol::Udp | Protocol::UdpLite | Protocol::Raw | Protocol::Icmp, _) => {
            "कोई दूसरा पक्ष नहीं"
        }
    }
}
