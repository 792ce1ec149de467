//! What gives nothing: bundles that do not check, places that are taken, disks that fail.

use std::io::{self, BufRead, Read, Seek, SeekFrom};
use std::os::unix::fs::PermissionsExt as _;

use super::logs::*;
use super::*;

/// Nothing is left where something was to be written.
fn is_empty(place: &TempDir) -> bool {
    fs::read_dir(place.path()).unwrap().next().is_none()
}

#[test]
fn a_bundle_that_does_not_check_gives_nothing() {
    let good = whole(&watch());
    let mut bad = vec![
        good.replacen("203.0.113.7", "203.0.113.8", 1),
        good.replacen("kind opened", "kind closed", 1),
        good[..good.len() - 1].to_owned(),
        format!("{good}\n"),
        String::new(),
    ];
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/log");
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if name.starts_with("forged-") {
            let text = fs::read(&path).unwrap();
            if let Ok(text) = String::from_utf8(text)
                && verify(text.as_bytes(), &options()).is_err()
            {
                bad.push(text);
            }
        }
    }
    assert!(bad.len() > 50, "{}", bad.len());
    let place = TempDir::new().unwrap();
    for text in bad {
        for form in FORMS {
            let rejected = converted(&text, form, &place.path().join("out"));
            assert!(rejected.is_err(), "{form:?} of\n{text}");
            assert!(is_empty(&place));
        }
    }
}

/// A file that is another when it is read again.
struct Swapped {
    now: Cursor<Vec<u8>>,
    then: Vec<u8>,
}

impl Read for Swapped {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.now.read(buffer)
    }
}

impl BufRead for Swapped {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.now.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.now.consume(amount);
    }
}

impl Seek for Swapped {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.now = Cursor::new(self.then.clone());
        self.now.seek(to)
    }
}

#[test]
fn a_bundle_that_changes_between_the_two_readings_gives_nothing() {
    let good = whole(&watch());
    let other = whole(&log([started(1, "live")]));
    let cut = good[..good.len() / 2].to_owned();
    let place = TempDir::new().unwrap();
    for then in [other, cut] {
        for form in FORMS {
            let bundle = Swapped {
                now: Cursor::new(good.clone().into_bytes()),
                then: then.clone().into_bytes(),
            };
            let found = convert(bundle, &options(), form, &place.path().join("out")).unwrap();
            assert!(found.is_err(), "{form:?}");
            assert!(is_empty(&place));
        }
    }
}

#[test]
fn nothing_is_written_over() {
    let bundle = whole(&watch());
    for form in FORMS {
        let place = TempDir::new().unwrap();
        let (file, folder) = (place.path().join("file"), place.path().join("folder"));
        fs::write(&file, "mine").unwrap();
        fs::create_dir(&folder).unwrap();
        for out in [&file, &folder] {
            let error = convert(Cursor::new(&bundle), &options(), form, out).unwrap_err();
            assert!(error.to_string().contains("is there already"), "{error}");
        }
        assert_eq!(fs::read(&file).unwrap(), b"mine");
        assert!(fs::read_dir(&folder).unwrap().next().is_none());
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 2);
    }
}

#[test]
fn a_place_that_is_not_there_is_named() {
    let bundle = whole(&watch());
    let place = TempDir::new().unwrap();
    for form in FORMS {
        let out = place.path().join("no/such/out");
        let error = convert(Cursor::new(&bundle), &options(), form, &out).unwrap_err();
        assert!(error.to_string().contains("no/such/out"), "{error}");
        assert!(is_empty(&place));
    }
}

#[test]
fn what_is_written_is_its_owners_alone() {
    let bundle = whole(&watch());
    for form in FORMS {
        let place = TempDir::new().unwrap();
        let out = place.path().join("out");
        converted(&bundle, form, &out).unwrap();
        let mut left = vec![out];
        while let Some(path) = left.pop() {
            let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode, if path.is_dir() { 0o700 } else { 0o600 }, "{path:?}");
            if path.is_dir() {
                left.extend(
                    fs::read_dir(path)
                        .unwrap()
                        .map(|entry| entry.unwrap().path()),
                );
            }
        }
    }
}
