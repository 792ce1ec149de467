//! The compact form, byte for byte: samples of every record against tests/vectors/bridge, which the
//! Kotlin side is held to as well (tests/android/bridge).

#![expect(
    clippy::unwrap_used,
    reason = "a helper of a test that cannot go on fails the test"
)]

mod samples;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use portlog::compact::{Compact, Malformed, decode, encode};

/// A sample's name, its record, and how bytes read: refused, or whether they are the sample.
pub(crate) struct Sample {
    name: &'static str,
    record: Vec<u8>,
    read: Box<Read>,
}

type Read = dyn Fn(&[u8]) -> Result<bool, Malformed>;

pub(crate) fn sample<T>(name: &'static str, value: T) -> Sample
where
    T: Compact + PartialEq + 'static,
{
    Sample {
        name,
        record: encode(&value),
        read: Box::new(move |bytes| Ok(decode::<T>(bytes)? == value)),
    }
}

#[test]
fn answers_are_as_kotlin_reads_them() {
    hold("answers.txt", &samples::answers());
}

#[test]
fn questions_are_as_kotlin_writes_them() {
    hold("questions.txt", &samples::questions());
}

#[test]
fn a_record_is_whole_or_refused() {
    for sample in samples::answers().iter().chain(&samples::questions()) {
        let record = &sample.record;
        assert_eq!((sample.read)(record), Ok(true), "{}", sample.name);
        for length in 0..record.len() {
            let cut = (sample.read)(&record[..length]);
            assert!(cut.is_err(), "{} cut at {length}", sample.name);
        }
        let longer = [record.as_slice(), &[0]].concat();
        assert!((sample.read)(&longer).is_err(), "{}", sample.name);
    }
}

/// The file holds exactly these samples; with `PORTLOG_WRITE_VECTORS` set it is written first.
fn hold(file: &str, samples: &[Sample]) {
    let path = folder().join(file);
    if std::env::var_os("PORTLOG_WRITE_VECTORS").is_some() {
        let mut text = String::new();
        for sample in samples {
            writeln!(text, "{} {}", sample.name, hex(&sample.record)).unwrap();
        }
        fs::write(&path, text).unwrap();
    }
    let text = fs::read_to_string(&path).unwrap();
    let mut kept: BTreeMap<&str, Vec<u8>> = text
        .lines()
        .map(|line| line.split_once(' ').unwrap())
        .map(|(name, digits)| (name, bytes(digits)))
        .collect();
    for sample in samples {
        let kept = kept.remove(sample.name);
        assert!(kept.is_some(), "{file} lacks {}", sample.name);
        let kept = kept.unwrap();
        assert_eq!((sample.read)(&kept), Ok(true), "{}", sample.name);
        assert_eq!(hex(&sample.record), hex(&kept), "{}", sample.name);
    }
    assert!(kept.is_empty(), "{file} has more: {:?}", kept.keys());
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/bridge")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

fn bytes(digits: &str) -> Vec<u8> {
    digits
        .as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}
