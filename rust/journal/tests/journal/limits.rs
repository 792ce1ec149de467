//! Files that are made to be too much: each ends soon, and in little memory.

use std::io::{self, BufReader, Read};

use portlog_journal::bundle::{Parser, Part};
use portlog_journal::entry::Kind;
use portlog_journal::{Fault, verify};

use crate::support::*;
use crate::vectors::witnessed;

/// The reason for which a file that never ends is rejected, and how much of it was read until then.
fn endless(begin: &str, again: impl Fn(u64) -> String) -> (Fault, u64) {
    let mut stream = Stream {
        next: begin.as_bytes().to_vec(),
        again,
        number: 0,
        read: 0,
    };
    let found = verify(BufReader::new(&mut stream), &options());
    (found.unwrap_err().fault().unwrap(), stream.read)
}

struct Stream<F> {
    next: Vec<u8>,
    again: F,
    number: u64,
    read: u64,
}

impl<F: Fn(u64) -> String> Read for &mut Stream<F> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.next.is_empty() {
            self.next = (self.again)(self.number).into_bytes();
            self.number += 1;
        }
        let count = out.len().min(self.next.len());
        out[..count].copy_from_slice(&self.next[..count]);
        self.next.drain(..count);
        self.read += u64::try_from(count).unwrap();
        Ok(count)
    }
}

/// What a stream that never ends goes on with, by number.
type Again<'a> = &'a dyn Fn(u64) -> String;

/// A bundle's text up to the end of the first line that begins so.
fn until<'a>(bundle: &'a str, line: &str) -> &'a str {
    let at = bundle.find(&format!("\n{line}")).unwrap() + 1;
    let end = bundle[at..].find('\n').unwrap();
    &bundle[..=at + end]
}

#[test]
fn what_never_ends_is_left_soon() {
    let bundle = sparse(&short(1), &[Kind::Packages]);
    let zero = format!("{}=\n", "A".repeat(43));
    let owner = |number: u64| format!("owner.{} # {zero}", number + 1);
    let packages = until(&bundle, "sha256 = ");
    let signed = until(&bundle, "checkpoint\n");
    let note: String = bundle[signed.len()..]
        .split_inclusive('\n')
        .take(4)
        .collect();
    let signature = |number: u64| format!("\u{2014} w{number} AAAAAAA=\n");
    let one_line = |_: u64| "x".repeat(4096);
    let empty_lines = |_: u64| "\n".repeat(4096);
    let hash = |_: u64| zero.clone();
    let proof = until(&bundle, "proof ").replace("proof 4", "proof 63");
    let cases: [(String, Again<'_>, Fault); 5] = [
        (String::new(), &one_line, Fault::LineTooLong),
        (String::new(), &empty_lines, Fault::Version),
        (packages.to_owned(), &owner, Fault::Fields),
        (format!("{signed}{note}"), &signature, Fault::TooMany),
        (proof, &hash, Fault::ProofLength),
    ];
    for (begin, again, fault) in cases {
        let (found, read) = endless(&begin, again);
        assert_eq!(found, fault, "{}", begin.len());
        assert!(read < 512 * 1024, "{fault}: {read} bytes were read");
    }
}

#[test]
fn a_part_is_bounded_whatever_its_fields_hold() {
    let bundle = sparse(&short(1), &[Kind::Packages]);
    let salt = "AAAAAAAAAAAAAAAAAAAAAA==";
    let owner = |number: u64| {
        let name = "x".repeat(8000);
        format!(
            "owner.{} = {salt} {number} app yes - - {name}\n",
            number + 1
        )
    };
    let (found, read) = endless(until(&bundle, "sha256 = "), owner);
    assert_eq!(found, Fault::TooMany);
    assert!(read < 3 << 20, "{read} bytes were read");
}

#[test]
fn epochs_and_earlier_checkpoints_are_counted() {
    // The parser alone: whoever verifies stops at the first epoch that nobody signed.
    let bundle = full(&epochs(2));
    let begin = bundle.find("\nepoch 1\n").unwrap();
    let end = bundle.find("\nepoch 2\n").unwrap();
    let block = bundle[begin..end].to_owned();
    let again =
        |number: u64| block.replace("epoch 1\nvkey", &format!("epoch {}\nvkey", number + 1));
    let (found, parts) = parsed(&bundle[..begin], again);
    assert_eq!((found, parts), (Fault::TooMany, 65_535));
    let (found, _) = endless(&bundle[..begin], again);
    assert_eq!(found, Fault::EpochEntry, "its entry is of epoch 1");

    let bundle = full(&witnessed());
    let begin = bundle.find("\nearlier\n").unwrap();
    let block = bundle[begin..bundle.rfind("\nend ").unwrap()].to_owned();
    let (found, parts) = parsed(&bundle[..begin], |_| block.clone());
    assert_eq!((found, parts), (Fault::TooMany, 64));
}

/// The reason for which a parser leaves a file that never ends, and how many parts it read behind
/// `begin`.
fn parsed(begin: &str, again: impl Fn(u64) -> String) -> (Fault, usize) {
    let mut stream = Stream {
        next: begin.as_bytes().to_vec(),
        again,
        number: 0,
        read: 0,
    };
    let mut parser = Parser::new(BufReader::new(&mut stream)).unwrap();
    let mut parts = 0;
    loop {
        match parser.next_part() {
            Ok(Some(Part::Epoch(_) | Part::Earlier(_))) => parts += 1,
            Ok(Some(_)) => {}
            Ok(None) => panic!("it ended"),
            Err(error) => return (error.fault().unwrap(), parts),
        }
    }
}

#[test]
fn compressed_files_are_none() {
    for bytes in [
        &b"\x1f\x8b\x08\0\0\0\0\0"[..],
        b"PK\x03\x04",
        b"\xfd7zXZ\0",
        b"\x28\xb5\x2f\xfd",
    ] {
        let mut file = bytes.to_vec();
        file.extend_from_slice(b"more\nand more\n");
        let found = verify(file.as_slice(), &options()).unwrap_err().fault();
        assert_eq!(found, Some(Fault::NotText), "{bytes:?}");
    }
}
