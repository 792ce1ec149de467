//! Bundles of logs in memory, converted and read again.

mod forms;
mod logs;
mod mvt;
mod real_mvt;
mod refused;
#[path = "../../../tests/reproducible/mod.rs"]
mod reproducible;
mod withheld;

use std::collections::BTreeMap;
use std::fs;
use std::io::Cursor;
use std::path::Path;

use portlog_journal::bundle::ShownEntry;
use portlog_journal::verify::{Options, entries};
use portlog_journal::{Rejection, Report, verify};
use serde_json::Value as Json;
use tempfile::TempDir;

use super::{Form, convert};

const FORMS: [Form; 3] = [Form::Json, Form::Csv, Form::Mvt];

/// The reader's clock: a day after the logs.
const NOW: u64 = 1_777_988_700;

fn options() -> Options {
    Options::at(NOW)
}

/// The bundle of this name among the vectors of the format.
fn vector(name: &str) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/log");
    fs::read_to_string(Path::new(folder).join(format!("{name}.portlog.txt"))).unwrap()
}

/// The example of docs/EVENTS.md.
pub(crate) fn example() -> String {
    one_file(&vector("short-sparse"), Form::Json)
}

fn converted(bundle: &str, form: Form, out: &Path) -> Result<Report, Rejection> {
    convert(Cursor::new(bundle), &options(), form, out).unwrap()
}

/// Every file that comes of a bundle, by its path in the folder that all is written to.
fn files(bundle: &str, form: Form) -> BTreeMap<String, Vec<u8>> {
    let place = TempDir::new().unwrap();
    converted(bundle, form, &place.path().join("out")).unwrap();
    let mut found = BTreeMap::new();
    gather(place.path(), place.path(), &mut found);
    found
}

fn gather(root: &Path, folder: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(root, &path, found);
        } else {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap();
            found.insert(name.to_owned(), fs::read(&path).unwrap());
        }
    }
}

fn one_file(bundle: &str, form: Form) -> String {
    let mut files = files(bundle, form);
    let file = files.remove("out").unwrap();
    assert!(files.is_empty(), "{:?}", files.keys());
    String::from_utf8(file).unwrap()
}

fn as_json(bundle: &str) -> Json {
    serde_json::from_str(&one_file(bundle, Form::Json)).unwrap()
}

/// The entries that the bundle shows, as the journal reads them.
fn shown(bundle: &str) -> Vec<ShownEntry> {
    let report = verify(bundle.as_bytes(), &options()).unwrap();
    let mut shown = Vec::new();
    entries(bundle.as_bytes(), &report, |entry| {
        shown.push(entry.clone());
    })
    .unwrap();
    shown
}

/// The lines of the intrusion log in a folder for MVT, each with its type of event.
fn events(bundle: &str) -> Vec<(String, Json)> {
    let files = files(bundle, Form::Mvt);
    let log = String::from_utf8(files["out/intrusion_logs/portlog.txt"].clone()).unwrap();
    log.lines()
        .map(|line| {
            let Json::Object(object) = serde_json::from_str(line).unwrap() else {
                panic!("{line}");
            };
            assert_eq!(object.len(), 1, "{line}");
            object.into_iter().next().unwrap()
        })
        .collect()
}
