//! The first bytes of either side, whose form no version changes, so that any two versions can tell
//! each other which of them is the older.

use super::Error;

/// The version of the protocol. Both sides must have the same: they come in one APK.
pub const VERSION: u16 = 1;

/// What begins every channel.
const MAGIC: [u8; 8] = *b"PORTLOG\n";

/// Which side one is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Role {
    /// The process that reads the tables.
    Helper,
    /// The app.
    App,
}

impl Role {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Helper => "helper",
            Self::App => "app",
        }
    }

    pub(super) const fn other(self) -> Self {
        match self {
            Self::Helper => Self::App,
            Self::App => Self::Helper,
        }
    }

    const fn number(self) -> u8 {
        match self {
            Self::Helper => 1,
            Self::App => 2,
        }
    }
}

/// The bytes that a side begins with.
pub(super) const GREETING: usize = 16;

/// Magic, role, whether frames are sealed, version, four bytes of zero.
pub(super) fn greeting(role: Role, sealed: bool, version: u16) -> [u8; GREETING] {
    let [m0, m1, m2, m3, m4, m5, m6, m7] = MAGIC;
    let [low, high] = version.to_le_bytes();
    let (role, sealed) = (role.number(), u8::from(sealed));
    [
        m0, m1, m2, m3, m4, m5, m6, m7, role, sealed, low, high, 0, 0, 0, 0,
    ]
}

/// Checks what the other side began with, as `own`.
pub(super) fn check(bytes: [u8; GREETING], own: Role, sealed: bool) -> Result<(), Error> {
    let [magic @ .., role, is_sealed, low, high, _, _, _, _] = bytes;
    let peer = own.other();
    if magic != MAGIC || role != peer.number() {
        return Err(Error::Stranger {
            wanted: peer.name(),
        });
    }
    let theirs = u16::from_le_bytes([low, high]);
    let (peer, own) = (peer.name(), own.name());
    if theirs < VERSION {
        Err(Error::PeerOlder {
            peer,
            own,
            theirs,
            ours: VERSION,
        })
    } else if theirs > VERSION {
        Err(Error::PeerNewer {
            peer,
            own,
            theirs,
            ours: VERSION,
        })
    } else if is_sealed != u8::from(sealed) {
        Err(Error::Stranger { wanted: peer })
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_older_is_named() {
        let other = |version| check(greeting(Role::Helper, false, version), Role::App, false);
        assert!(other(VERSION).is_ok());
        let older = other(VERSION - 1).unwrap_err().to_string();
        assert!(older.ends_with("update the helper"), "{older}");
        let newer = other(VERSION + 1).unwrap_err().to_string();
        assert!(newer.ends_with("update the app"), "{newer}");
    }

    #[test]
    fn what_is_not_the_other_side_is_a_stranger() {
        let is_stranger = |bytes| {
            let checked = check(bytes, Role::App, false);
            matches!(checked, Err(Error::Stranger { wanted: "helper" }))
        };
        assert!(is_stranger(*b"GET / HTTP/1.1\r\n"));
        assert!(is_stranger(greeting(Role::App, false, VERSION)));
        assert!(is_stranger(greeting(Role::Helper, true, VERSION)));
    }

    #[test]
    fn the_bytes_are_those_of_the_document() {
        let golden = *b"PORTLOG\n\x01\x01\x01\0\0\0\0\0";
        assert_eq!(greeting(Role::Helper, true, VERSION), golden);
    }
}
