//! Rows as bytes: the one place that knows bincode.
//!
//! The bytes are private to a store and never signed; what is signed is the leaf text that follows from
//! a row. bincode 1.3.3 with fixed-width integers, a limit and no trailing bytes: without the limit a
//! length of 2^40 would be believed, and variable-width integers have several forms.

use bincode::Options as _;
use serde::{Deserialize, Serialize};

use crate::entry::{Entry, Kind, MAX_VALUES, Value};
use crate::leaf::Salt;

/// The version of rows that this build writes.
const SCHEMA: u16 = 1;

/// The most bytes of a row.
const MAX_ROW: u64 = 2 << 20;

/// What no session is in a row.
const NO_SESSION: u64 = u64::MAX;

/// An entry as it is stored: what its leaf follows from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Row {
    /// What it is about.
    pub kind: Kind,
    /// The index of the `started` entry under which it was written.
    pub session: Option<u64>,
    /// What the salts of its fields are made from. It never leaves the phone.
    pub(crate) salt: Salt,
    /// Its values in the order of its fields, each with a line's end between it and the next.
    values: String,
}

/// Why bytes are no row.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RowError {
    /// Written by a newer version.
    #[error("the row is of version {0}, which is newer than this program")]
    Newer(u16),
    /// Damaged.
    #[error("the row is damaged")]
    Damaged,
}

#[derive(Deserialize, Serialize)]
struct Version1<S> {
    schema: u16,
    kind: u8,
    session: u64,
    salt: [u8; 16],
    values: S,
}

impl Row {
    /// The row of an entry.
    pub(crate) fn new(entry: &Entry, session: Option<u64>, salt: Salt) -> Self {
        let values: Vec<&str> = entry.values().iter().map(Value::as_str).collect();
        Self {
            kind: entry.kind(),
            session,
            salt,
            values: values.join("\n"),
        }
    }

    /// Its values, in the order of its fields.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        self.values.split('\n')
    }

    /// The value of the field called `name`, if it says something.
    pub fn value(&self, name: &str) -> Option<&str> {
        let at = self.kind.position(name)?;
        self.values().nth(at).filter(|value| *value != "-")
    }

    /// The row as bytes.
    pub fn encode(&self) -> Vec<u8> {
        let row = Version1 {
            schema: SCHEMA,
            kind: self.kind.number(),
            session: self.session.unwrap_or(NO_SESSION),
            salt: self.salt,
            values: self.values.as_str(),
        };
        // Integers, an array and a string of bounded length into memory: there is nothing to fail.
        options().serialize(&row).unwrap_or_default()
    }

    /// Reads a row of this or an earlier version.
    pub fn decode(bytes: &[u8]) -> Result<Self, RowError> {
        match schema(bytes)? {
            1 => Self::decode_version_1(bytes),
            0 => Err(RowError::Damaged),
            newer => Err(RowError::Newer(newer)),
        }
    }

    /// The kind of the row that `bytes` are, and no word on the rest of them: for rows that are passed
    /// over.
    pub fn kind_of(bytes: &[u8]) -> Result<Kind, RowError> {
        match (schema(bytes)?, bytes.get(2)) {
            (1, Some(kind)) => Kind::from_number(*kind).ok_or(RowError::Damaged),
            (0 | 1, _) => Err(RowError::Damaged),
            (newer, _) => Err(RowError::Newer(newer)),
        }
    }

    fn decode_version_1(bytes: &[u8]) -> Result<Self, RowError> {
        let row: Version1<String> = options()
            .deserialize(bytes)
            .map_err(|_| RowError::Damaged)?;
        let kind = Kind::from_number(row.kind).ok_or(RowError::Damaged)?;
        let count = row.values.split('\n').count();
        if !kind.may_have(count) || row.values.len() > MAX_VALUES + count {
            return Err(RowError::Damaged);
        }
        Ok(Self {
            kind,
            session: (row.session != NO_SESSION).then_some(row.session),
            salt: row.salt,
            values: row.values,
        })
    }
}

fn schema(bytes: &[u8]) -> Result<u16, RowError> {
    bytes
        .first_chunk()
        .map(|schema| u16::from_le_bytes(*schema))
        .ok_or(RowError::Damaged)
}

fn options() -> impl bincode::Options {
    bincode::DefaultOptions::new()
        .with_fixint_encoding()
        .with_limit(MAX_ROW)
        .reject_trailing_bytes()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::digest::hex;

    fn row() -> Row {
        let entry = Entry::new(Kind::Mark)
            .with("text", Value::text("SIM in"))
            .unwrap();
        Row::new(&entry, Some(3), [0xAB; 16])
    }

    #[test]
    fn rows_have_the_bytes_that_they_always_had() {
        // Version 1. A build that fails here cannot open the journals of those before it.
        let golden = "0100\
            0f\
            0300000000000000\
            abababababababababababababababab\
            0a00000000000000\
            2d0a2d0a53494d20696e";
        assert_eq!(hex(&row().encode()), golden);
        assert_eq!(Row::decode(&row().encode()), Ok(row()));
        assert_eq!(row().value("text"), Some("SIM in"));
        assert_eq!(row().value("preset"), None);
    }

    #[test]
    fn the_kind_alone_is_read_of_rows_that_are_passed_over() {
        let good = row().encode();
        assert_eq!(Row::kind_of(&good), Ok(Kind::Mark));
        assert_eq!(Row::kind_of(&good[..3]), Ok(Kind::Mark));
        for bad in [&[][..], &[1], &[1, 0], &[0, 0, 15], &[1, 0, 22]] {
            assert_eq!(Row::kind_of(bad), Err(RowError::Damaged), "{bad:?}");
        }
        assert_eq!(Row::kind_of(&[2, 0]), Err(RowError::Newer(2)));
    }

    #[test]
    fn no_session_is_kept_apart_from_session_0() {
        for session in [None, Some(0), Some(1)] {
            let row = Row { session, ..row() };
            assert_eq!(Row::decode(&row.encode()), Ok(row));
        }
    }

    #[test]
    fn lengths_that_lie_and_bytes_behind_the_end_are_refused() {
        let good = row().encode();
        let mut long = good.clone();
        long[27..35].copy_from_slice(&(1_u64 << 40).to_le_bytes());
        let mut trailing = good.clone();
        trailing.push(0);
        let mut kind = good.clone();
        kind[2] = 22;
        let mut fields = good.clone();
        fields[36] = b'x';
        let mut text = good.clone();
        text[35] = 0xFF;
        for bad in [
            long,
            trailing,
            kind,
            fields,
            text,
            vec![],
            vec![1],
            good[..34].to_vec(),
        ] {
            assert_eq!(Row::decode(&bad), Err(RowError::Damaged), "{bad:?}");
        }
        let mut newer = good;
        newer[0] = 2;
        assert_eq!(Row::decode(&newer), Err(RowError::Newer(2)));
    }

    proptest! {
        #[test]
        fn what_decodes_encodes_to_the_same_bytes(mut bytes in prop::collection::vec(any::<u8>(), 0..80), take in any::<bool>()) {
            if take {
                let good = row().encode();
                for (to, from) in bytes.iter_mut().zip(good) {
                    if *to < 240 { *to = from; }
                }
            }
            if let Ok(row) = Row::decode(&bytes) {
                prop_assert_eq!(row.encode(), bytes);
            }
        }
    }
}
