//! What a connection did: worded by its state and direction, and by nothing else.

use portlog_model::{
    Connection, Direction, NameSource, Observed, Platform, Protocol, SeenName, SocketState,
};

use super::owner::{self, Mention};
use crate::data::quoted;
use crate::time::Zone;

/// Names of one peer that a line shows.
const MAX_NAMES: usize = 3;

/// What was done: the postposition that its doer takes, and the rest.
pub(super) struct Deed {
    postposition: &'static str,
    predicate: String,
}

impl Deed {
    pub(super) const fn new(postposition: &'static str, predicate: String) -> Self {
        Self {
            postposition,
            predicate,
        }
    }

    /// Without its doer.
    pub(super) fn alone(self) -> String {
        self.predicate
    }

    /// `doer ने 203.0.113.7:443 से कनेक्ट होने की कोशिश की`.
    pub(super) fn by(&self, doer: &str) -> String {
        format!("{doer} {} {}", self.postposition, self.predicate)
    }
}

/// `का`, `203.0.113.7:443 के साथ कनेक्शन था`.
pub(super) fn did(connection: &Connection) -> Deed {
    let (local, remote) = (connection.local, connection.remote);
    if connection.is_listener() {
        return has(match connection.protocol() {
            Protocol::Tcp => format!("{local} पर कनेक्शन का इंतज़ार करने वाला सॉकेट है"),
            Protocol::Udp | Protocol::UdpLite => {
                format!("{local} पर बिना दूसरे पक्ष का UDP सॉकेट है; वह किससे बात करता है, यह नहीं दिखता")
            }
            Protocol::Raw => format!(
                "{} पर रॉ सॉकेट है (IP प्रोटोकॉल {})",
                local.address(),
                local.port()
            ),
            Protocol::Icmp => format!("{} पर पिंग सॉकेट है", local.address()),
        });
    }
    match connection.protocol() {
        Protocol::Tcp if remote.is_unset() => has(format!("{local} पर बिना दूसरे पक्ष का TCP सॉकेट है")),
        Protocol::Tcp => tcp(connection),
        Protocol::Udp | Protocol::UdpLite => opened(format!(
            "{remote} की ओर UDP सॉकेट खोला; कुछ भेजा गया या नहीं, यह ज्ञात नहीं"
        )),
        Protocol::Raw => opened(format!(
            "रॉ सॉकेट (IP प्रोटोकॉल {}) {} की ओर खोला; कुछ भेजा गया या नहीं, यह ज्ञात नहीं",
            local.port(),
            remote.address()
        )),
        Protocol::Icmp => opened(format!(
            "{} की ओर पिंग सॉकेट खोला; कुछ भेजा गया या नहीं, यह ज्ञात नहीं",
            remote.address()
        )),
    }
}

fn tcp(connection: &Connection) -> Deed {
    let remote = connection.remote;
    match connection.state {
        SocketState::SynSent => opened(format!("{remote} से कनेक्ट होने की कोशिश की")),
        SocketState::SynRecv | SocketState::NewSynRecv => contacted(connection),
        SocketState::Close | SocketState::BoundInactive | SocketState::Listen => {
            match connection.direction {
                Direction::In => contacted(connection),
                Direction::Out | Direction::Unknown => opened(format!(
                    "{remote} की ओर TCP सॉकेट खोला; कनेक्शन बना या नहीं, यह ज्ञात नहीं"
                )),
            }
        }
        SocketState::CloseWait
        | SocketState::Closing
        | SocketState::Established
        | SocketState::FinWait1
        | SocketState::FinWait2
        | SocketState::LastAck
        | SocketState::TimeWait => match connection.direction {
            Direction::Out => Deed::new("का", format!("{remote} के साथ कनेक्शन था")),
            Direction::In => contacted(connection),
            Direction::Unknown => Deed::new(
                "का",
                format!("{remote} के साथ कनेक्शन था; शुरुआत किस पक्ष ने की, यह ज्ञात नहीं"),
            ),
        },
    }
}

fn has(what: String) -> Deed {
    Deed::new("के पास", what)
}

fn opened(what: String) -> Deed {
    Deed::new("ने", what)
}

fn contacted(connection: &Connection) -> Deed {
    Deed::new("से", format!("{} ने संपर्क किया", connection.remote))
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

/// ` ("host.test" के बारे में पूछा और यह पता मिला)`, or nothing where no name is known.
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
        shown.push(format!("और {more} नाम"));
    }
    if observed.shared_address {
        shown.push("कई नामों का यही पता है".to_owned());
    }
    format!(" ({})", shown.join("; "))
}

fn told(name: &SeenName, observed: &Observed, zone: Zone) -> String {
    let host = quoted(&name.name);
    match (name.source, name.asker) {
        (NameSource::Pinned, _) => format!(
            "वह पता जो {} को {host} के लिए देखा गया था",
            zone.date(name.at.wall)
        ),
        (NameSource::Tap, Some(asker)) if Some(asker) == observed.owner.uid => {
            format!("{host} के बारे में पूछा और यह पता मिला")
        }
        (NameSource::Tap, Some(asker)) => {
            format!("UID {asker} ने {host} के बारे में पूछा और यह पता मिला")
        }
        (NameSource::Tap, None) => {
            format!("यहाँ किसी ने {host} के बारे में पूछा और यह पता मिला")
        }
    }
}

/// The platform, where the owner tells it: Android users exist on Android alone.
fn platform_of(observed: &Observed) -> Option<Platform> {
    observed.owner.user.map(|_| Platform::Android)
}
