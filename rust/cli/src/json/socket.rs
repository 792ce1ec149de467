//! A socket, the object that every other output is about.

use std::io::Write as _;
use std::net::IpAddr;
use std::sync::Arc;

use portlog_model::{
    Connection, Direction, Endpoint, Inode, Match, NameSource, Observed, Owner, SeenName, Sentence,
};

use super::owner::Owners;
use super::writer::{Array, Object, number};
use crate::speech::{english, joined};
use crate::time::rfc3339;

/// Appends the object of `observed`.
pub(crate) fn write_observed(out: &mut Vec<u8>, observed: &Observed, owners: &mut Owners) {
    let Observed {
        connection,
        owner,
        names,
        shared_address,
        matches,
    } = observed;
    write_socket(out, connection, owner, owners);
    if names.is_empty() && !shared_address {
        out.extend_from_slice(b",\"names\":[],\"shared_address\":false,\"matches\":");
    } else {
        out.extend_from_slice(b",\"names\":");
        write_names(out, names);
        out.extend_from_slice(b",\"shared_address\":");
        out.extend_from_slice(if *shared_address { b"true" } else { b"false" });
        out.extend_from_slice(b",\"matches\":");
    }
    write_matches(out, matches);
    out.extend_from_slice(b",\"device\":");
    out.extend_from_slice(owners.device());
    out.push(b'}');
}

/// Appends the beginning of a socket's object: the socket with its owner.
///
/// This is the one place where speed decides: what is constant between two values is one slice, and
/// nothing is allocated.
fn write_socket(
    out: &mut Vec<u8>,
    connection: &Connection,
    owner: &Arc<Owner>,
    owners: &mut Owners,
) {
    out.extend_from_slice(b"{\"protocol\":\"");
    out.extend_from_slice(connection.protocol().as_str().as_bytes());
    out.extend_from_slice(b"\",\"local\":\"");
    endpoint(out, connection.local);
    out.extend_from_slice(b"\",\"remote\":\"");
    endpoint(out, connection.remote);
    out.extend_from_slice(b"\",\"state\":\"");
    out.extend_from_slice(connection.state.as_str().as_bytes());
    out.extend_from_slice(match connection.direction {
        Direction::Out => b"\",\"direction\":\"out\",\"uid\":".as_slice(),
        Direction::In => b"\",\"direction\":\"in\",\"uid\":",
        Direction::Unknown => b"\",\"direction\":\"unknown\",\"uid\":",
    });
    match connection.uid {
        Some(uid) => number(out, u64::from(uid.get())),
        None => out.extend_from_slice(b"null"),
    }
    out.extend_from_slice(b",\"user\":");
    match owner.user {
        Some(user) => number(out, u64::from(user.get())),
        None => out.extend_from_slice(b"null"),
    }
    out.extend_from_slice(b",\"inode\":");
    number(out, connection.inode.map_or(0, Inode::get));
    out.extend_from_slice(if connection.own {
        b",\"own\":true,\"owner\":".as_slice()
    } else {
        b",\"own\":false,\"owner\":"
    });
    out.extend_from_slice(owners.render(owner));
}

/// Appends the array of names for the peer.
fn write_names(out: &mut Vec<u8>, names: &[SeenName]) {
    let mut array = Array::new(out);
    for name in names {
        let mut object = array.object();
        object.string("name", &name.name);
        object.string(
            "source",
            match name.source {
                NameSource::Tap => "tap",
                NameSource::Pinned => "pinned",
            },
        );
        object.number_or_null("asker", name.asker.map(|uid| u64::from(uid.get())));
        object.string("time", &rfc3339(name.at.wall));
        object.number("ttl", name.ttl.as_secs());
    }
}

/// Appends the array of matches.
pub(crate) fn write_matches(out: &mut Vec<u8>, matches: &[Match]) {
    let mut array = Array::new(out);
    for matched in matches {
        write_match(array.item(), matched);
    }
}

/// Appends the object of one match.
pub(crate) fn write_match(out: &mut Vec<u8>, matched: &Match) {
    let hit = &matched.hit;
    let mut object = Object::new(out);
    object.string("list", &hit.list);
    object.string("category", hit.category.as_str());
    object.string("entry", &hit.entry);
    object.number("line", u64::from(hit.line));
    object.string_or_null("list_date", hit.list_date.map(rfc3339).as_deref());
    object.string("list_sha256", &hit.list_sha256.to_string());
    object.string("kind", hit.kind.as_str());
    object.string("level", matched.level.as_str());
    let detail = joined(
        matched
            .weakened
            .iter()
            .map(|weakening| english(&Sentence::Weakening(*weakening))),
    );
    object.string_or_null("detail", detail.as_deref());
}

/// Appends `192.0.2.1:80` or `[2001:db8::1]:80`.
fn endpoint(out: &mut Vec<u8>, end: Endpoint) {
    match end.address() {
        IpAddr::V4(address) => {
            let mut text = [0; 16];
            let mut length = 0;
            for octet in address.octets() {
                #[expect(clippy::indexing_slicing, reason = "the table has every octet")]
                let (digits, digits_length) = &OCTETS[usize::from(octet)];
                if let Some(room) = text.get_mut(length..length + digits.len()) {
                    room.copy_from_slice(digits);
                }
                length += digits_length;
            }
            // A dot follows each octet; after the last one comes the colon instead.
            out.extend_from_slice(text.get(..length - 1).unwrap_or_default());
        }
        IpAddr::V6(address) => {
            // Writing to a vector cannot fail.
            let _ = write!(out, "[{address}]");
        }
    }
    out.push(b':');
    number(out, u64::from(end.port()));
}

/// Every octet in decimal with a dot behind it, and the length of both.
#[expect(clippy::indexing_slicing, reason = "out of bounds would not compile")]
static OCTETS: [([u8; 4], usize); 256] = {
    let digits = *b"0123456789";
    let mut octets = [([b'.'; 4], 0); 256];
    let mut octet = 0;
    while octet < octets.len() {
        let [hundreds, tens, ones] = [
            digits[octet / 100],
            digits[octet / 10 % 10],
            digits[octet % 10],
        ];
        octets[octet] = match octet {
            0..10 => ([ones, b'.', 0, 0], 2),
            10..100 => ([tens, ones, b'.', 0], 3),
            _ => ([hundreds, tens, ones, b'.'], 4),
        };
        octet += 1;
    }
    octets
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;

    #[test]
    fn ends_are_written_as_the_model_says_them() {
        for text in [
            "0.0.0.0:0",
            "10.0.0.2:40213",
            "9.10.99.100:9",
            "255.255.255.255:65535",
            "[::]:0",
            "[2001:db8::1]:443",
            "[64:ff9b::cb00:7109]:443",
        ] {
            let end: std::net::SocketAddr = text.parse().unwrap();
            let end = Endpoint::new(end.ip(), end.port());
            let mut out = Vec::new();
            endpoint(&mut out, end);
            assert_eq!(String::from_utf8(out).unwrap(), end.to_string());
        }
    }

    #[test]
    fn a_socket_without_owner_has_neither_uid_nor_inode() {
        let mut out = Vec::new();
        let mut connection = fixtures::connection();
        connection.uid = None;
        connection.inode = None;
        let observed = Observed {
            connection,
            owner: Arc::new(Owner::unnamed()),
            names: Vec::new(),
            shared_address: false,
            matches: Vec::new(),
        };
        write_observed(&mut out, &observed, &mut Owners::default());
        let socket: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(socket["uid"], serde_json::Value::Null);
        assert_eq!(socket["user"], serde_json::Value::Null);
        assert_eq!(socket["inode"], 0);
        assert_eq!(socket["owner"]["kind"], "unknown");
        assert_eq!(socket["owner"]["firmware"], "unknown");
    }

    #[test]
    fn names_say_where_they_are_from_and_who_asked() {
        let mut out = Vec::new();
        let observed = Observed {
            names: vec![
                fixtures::name(NameSource::Tap, Some(10_012)),
                fixtures::name(NameSource::Pinned, None),
            ],
            shared_address: true,
            ..fixtures::observed()
        };
        write_observed(&mut out, &observed, &mut Owners::default());
        let socket: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(
            socket["names"],
            serde_json::json!([
                {
                    "name": "sync.example.test",
                    "source": "tap",
                    "asker": 10_012,
                    "time": "2026-05-04T13:45:01.250Z",
                    "ttl": 300
                },
                {
                    "name": "sync.example.test",
                    "source": "pinned",
                    "asker": null,
                    "time": "2026-05-04T13:45:01.250Z",
                    "ttl": 300
                }
            ])
        );
        assert_eq!(socket["shared_address"], true);
        assert_eq!(socket["matches"][0]["entry"], "203.0.113.7");
    }
}
