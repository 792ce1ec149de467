//! The compact form: how a record crosses the bridge as a `byte[]`.
//!
//! Both sides write the same few shapes by hand, field by field, so that nothing is parsed twice,
//! no code is generated, and no format of a third party stands between the halves of one app. It is
//! never stored: library and classes come out of one APK, so there is one version and no way from
//! an older one.
//!
//! A record is one byte [`VERSION`], then the value. Numbers are big-endian.
//!
//! | shape | form |
//! |---|---|
//! | `bool` | one byte, 0 or 1 |
//! | `u8` | one byte; Kotlin holds it in an `Int` |
//! | `u32`, `i32` | four bytes; Kotlin holds both in an `Int`, bit for bit |
//! | `u64`, `i64` | eight bytes; Kotlin holds both in a `Long`, bit for bit |
//! | text | the length in bytes as `u32`, then UTF-8 (not Java's modified form) |
//! | choice (an enum without fields) | one byte, its place in the declared order from 0 |
//! | sum (an enum with fields) | one byte as for a choice, then its fields in order |
//! | optional | one byte, 0, or 1 and the value |
//! | list | the count as `u32`, then the items |
//! | record, tuple | the fields in order, nothing between them |
//!
//! The records are those of `portlog_agent::session` and of [`crate::asked`], which
//! `org.portlog.core` mirrors in `Records.kt`, `LogRecords.kt`, `TapRecords.kt` and `Reach.kt`. The
//! order of fields and variants is written once for this side (`compact/*records.rs`), once for Kotlin
//! (`RecordReader.kt`, `RecordWriter.kt`, `LogForm.kt`, `TapForm.kt`, `Reach.kt`), and held together by
//! tests/vectors/bridge.
//!
//! Whoever reads trusts no length: every one is compared with what is left before anything is
//! allocated, and what is left over at the end is a fault like any other. There is one way to write
//! a value, so what was read and is written again is the same bytes.

#[macro_use]
mod shapes;

mod log_records;
mod reach_records;
mod read;
mod records;
mod tap_records;
mod write;

pub use read::{Fault, Malformed, Reader};
pub use write::Writer;

/// The version of the form, and the first byte of every record.
pub const VERSION: u8 = 1;

/// The most bytes that a record from Kotlin may have. The largest, a package list, has some 300 for
/// each package.
pub const MAX_BYTES: usize = 16 << 20;

/// What has a compact form.
pub trait Compact: Sized {
    /// Appends it.
    fn write(&self, out: &mut Writer);

    /// Takes it from the front of what is left.
    ///
    /// # Errors
    /// When it does not stand there.
    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed>;
}

/// The record of `value`.
pub fn encode<T: Compact>(value: &T) -> Vec<u8> {
    let mut out = Writer::new();
    VERSION.write(&mut out);
    value.write(&mut out);
    out.into_bytes()
}

/// The value of a record.
///
/// # Errors
/// When `bytes` is not exactly one record of this type, in this version.
pub fn decode<T: Compact>(bytes: &[u8]) -> Result<T, Malformed> {
    let mut from = Reader::new(bytes)?;
    let version = u8::read(&mut from)?;
    if version != VERSION {
        return Err(Malformed::new(0, Fault::Version(version)));
    }
    let value = T::read(&mut from)?;
    from.end()?;
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `decode` says of `bytes`.
    fn refusal<T: Compact + std::fmt::Debug>(bytes: &[u8]) -> String {
        decode::<T>(bytes).unwrap_err().to_string()
    }

    #[test]
    fn numbers_are_big_endian_and_texts_utf8() {
        assert_eq!(encode(&0x0102_0304_u32), [1, 1, 2, 3, 4]);
        assert_eq!(encode(&-2_i64), [1, 255, 255, 255, 255, 255, 255, 255, 254]);
        assert_eq!(encode(&"é\0".to_owned()), [1, 0, 0, 0, 3, 0xc3, 0xa9, 0]);
        assert_eq!(encode(&Some(true)), [1, 1, 1]);
        assert_eq!(encode(&None::<bool>), [1, 0]);
        assert_eq!(encode(&vec![7_u8, 8]), [1, 0, 0, 0, 2, 7, 8]);
        assert_eq!(encode(&(1_u8, false)), [1, 1, 0]);
    }

    #[test]
    fn what_is_no_record_is_refused_with_its_place() {
        assert_eq!(refusal::<u8>(&[]), "byte 0: it ends where 1 more is due");
        assert_eq!(
            refusal::<u8>(&[2, 0]),
            "byte 0: it is of version 2, and 1 is known here"
        );
        assert_eq!(
            refusal::<u32>(&[1, 0, 0]),
            "byte 1: it ends 2 short of the 4 that are due"
        );
        assert_eq!(refusal::<u8>(&[1, 0, 0]), "byte 2: 1 more than the record");
        assert_eq!(refusal::<bool>(&[1, 2]), "byte 1: 2 is neither 0 nor 1");
        assert_eq!(
            refusal::<Option<u8>>(&[1, 9]),
            "byte 1: 9 is neither 0 nor 1"
        );
        assert_eq!(
            refusal::<String>(&[1, 0, 0, 0, 1, 0xff]),
            "byte 5: it is not UTF-8"
        );
        assert_eq!(
            refusal::<portlog_model::Level>(&[1, 3]),
            "byte 1: 3 is none of the 3 of Level"
        );
    }

    #[test]
    fn a_length_beyond_the_end_allocates_nothing() {
        assert_eq!(
            refusal::<String>(&[1, 0xff, 0xff, 0xff, 0xff, b'a']),
            "byte 5: it ends 4294967294 short of the 4294967295 that are due"
        );
        assert_eq!(
            refusal::<Vec<u64>>(&[1, 0xff, 0xff, 0xff, 0xff, 0]),
            "byte 1: a list of 4294967295 in 1 byte"
        );
    }

    #[test]
    fn the_place_of_a_fault_has_the_names_of_the_fields() {
        let query = portlog_agent::session::HistoryQuery {
            kinds: vec![portlog_agent::session::ToldKind::Alert; 3],
            ..Default::default()
        };
        let mut bytes = encode(&query);
        bytes[7] = 99;
        assert_eq!(
            refusal::<portlog_agent::session::HistoryQuery>(&bytes),
            "kinds[2], byte 7: 99 is none of the 18 of ToldKind"
        );
    }

    #[test]
    fn a_record_beyond_all_measure_is_not_looked_at() {
        let bytes = vec![1; MAX_BYTES + 1];
        assert_eq!(
            refusal::<u8>(&bytes),
            "byte 0: 16777217 bytes, and at most 16777216 are taken"
        );
    }
}
