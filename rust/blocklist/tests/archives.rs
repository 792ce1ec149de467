//! Packed lists: what is in them comes out, and what is made to exhaust us does not.

#![cfg(feature = "archives")]
#![expect(clippy::unwrap_used, reason = "a test may end so")]

use std::io::{Cursor, Write as _};

use flate2::Compression;
use flate2::write::GzEncoder;
use portlog_blocklist::{ArchiveError, List, MAX_RATIO, unpack};
use portlog_model::WallTime;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

const TEXT: &[u8] = b"# Date: 2024-05-21\n0.0.0.0 ads.example.test\nnot a rule here\n";

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::from_date_and_time(2024, 5, 21, 12, 20, 0).unwrap());
    for (name, bytes) in members {
        if name.ends_with('/') {
            writer.add_directory(*name, options).unwrap();
        } else {
            writer.start_file(*name, options).unwrap();
            writer.write_all(bytes).unwrap();
        }
    }
    writer.finish().unwrap().into_inner()
}

#[test]
fn a_gzip_file_is_the_list_in_it() {
    let [member] = &unpack(&gzip(TEXT)).unwrap().unwrap()[..] else {
        panic!("one list");
    };
    assert_eq!((&member.name, member.modified), (&None, None));
    assert_eq!(member.bytes, TEXT);
    // Written in parts, as some tools do: all of them are read.
    let mut parts = gzip(b"a.example.test\n");
    parts.extend(gzip(b"b.example.test\n"));
    let whole = unpack(&parts).unwrap().unwrap();
    assert_eq!(whole[0].bytes, b"a.example.test\nb.example.test\n");
    // Its digest and lines are those of the list, however it was packed.
    let parse = |bytes: &[u8]| List::parse("x", None, None, bytes).unwrap();
    assert_eq!(
        parse(&member.bytes).list.info().sha256,
        parse(TEXT).list.info().sha256
    );
}

#[test]
fn every_file_of_a_zip_is_a_list_of_its_own_and_leftovers_are_none() {
    let members = unpack(&zip(&[
        ("lists/", b""),
        ("lists/hosts.txt", TEXT),
        ("__MACOSX/lists/._hosts.txt", b"\0\x05\x16\x07"),
        ("lists/.DS_Store", b"\0\0\0\x01Bud1"),
        ("indicators.stix2", br#"{"type":"bundle","objects":[]}"#),
    ]))
    .unwrap()
    .unwrap();
    let names: Vec<&str> = members
        .iter()
        .map(|member| member.name.as_ref().unwrap().as_str())
        .collect();
    assert_eq!(names, ["lists/hosts.txt", "indicators.stix2"]);
    assert_eq!(members[0].bytes, TEXT);
    assert_eq!(
        members[0].modified,
        Some(WallTime::from_millis(1_716_294_000_000))
    );
}

#[test]
fn names_in_a_zip_cannot_steer_a_terminal() {
    let members = unpack(&zip(&[("a\u{1b}[2J\u{202e}b", TEXT)]))
        .unwrap()
        .unwrap();
    assert_eq!(
        members[0].name.as_ref().unwrap().as_str(),
        "a\\u{1b}[2J\\u{202e}b"
    );
}

#[test]
fn what_grows_beyond_what_lists_do_is_refused_before_it_is_there() {
    let zeros = vec![0; 8 << 20];
    let packed = gzip(&zeros);
    assert!(packed.len() < 100_000);
    assert!(matches!(
        unpack(&packed),
        Err(ArchiveError::Bomb { most: MAX_RATIO })
    ));
    assert!(matches!(
        unpack(&zip(&[("a", &zeros)])),
        Err(ArchiveError::Bomb { .. })
    ));
    // Many that are each within the bound are not so together.
    let part = vec![0; 512 << 10];
    let names: Vec<String> = (0..16).map(|n| format!("{n}.txt")).collect();
    let members: Vec<(&str, &[u8])> = names.iter().map(|name| (&**name, &part[..])).collect();
    assert!(matches!(
        unpack(&zip(&members)),
        Err(ArchiveError::Bomb { .. })
    ));
    // A small file may grow as it likes.
    let small = unpack(&gzip(&vec![b'\n'; 1 << 20])).unwrap().unwrap();
    assert_eq!(small[0].bytes.len(), 1 << 20);
}

#[test]
fn what_cannot_be_used_is_refused_with_the_reason() {
    assert!(unpack(TEXT).unwrap().is_none());
    assert!(unpack(b"").unwrap().is_none());
    let packed = gzip(TEXT);
    let (cut, _) = packed.split_at(packed.len() - 5);
    assert!(matches!(unpack(cut), Err(ArchiveError::Damaged(_))));
    let mut behind = packed.clone();
    behind.extend(b"junk");
    assert!(matches!(unpack(&behind), Err(ArchiveError::Damaged(_))));
    let archive = zip(&[("a.txt", TEXT)]);
    let (cut, _) = archive.split_at(archive.len() - 30);
    assert!(matches!(unpack(cut), Err(ArchiveError::Damaged(_))));
    assert!(matches!(
        unpack(&gzip(&packed)),
        Err(ArchiveError::Method { .. })
    ));
    let nested = unpack(&zip(&[("in/side.zip", &archive)])).unwrap_err();
    assert!(
        nested.to_string().starts_with("in/side.zip in it"),
        "{nested}"
    );
    assert!(matches!(
        unpack(&zip(&[("empty/", b"")])),
        Err(ArchiveError::NoMember)
    ));
    let names: Vec<String> = (0..65).map(|n| format!("{n}.txt")).collect();
    let members: Vec<(&str, &[u8])> = names.iter().map(|name| (&**name, TEXT)).collect();
    assert!(matches!(
        unpack(&zip(&members)),
        Err(ArchiveError::TooManyMembers { most: 64 })
    ));
    // A bit that says that a password is needed, in the file's own header and the directory's.
    let mut locked = archive.clone();
    locked[6] |= 1;
    let directory = locked
        .windows(4)
        .position(|four| four == b"PK\x01\x02")
        .unwrap();
    locked[directory + 8] |= 1;
    let error = unpack(&locked).unwrap_err();
    assert!(matches!(error, ArchiveError::Encrypted { .. }), "{error}");
}
