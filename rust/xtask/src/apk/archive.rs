//! The file itself: entries in order, with the same time for all, so that the same inputs give the same
//! bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;

use anyhow::{Context, Result, bail};
use zip::ZipArchive;

use super::{library_entry, read, zip_file};
use crate::native::Library;

/// What Android maps into memory straight from the file (and, from 11 on, refuses compressed).
const STORED: [&str; 1] = ["resources.arsc"];

/// Packs the linked resources, the code and the libraries into `into`.
pub(super) fn pack(resources: &Path, dex: &Path, libraries: &[Library], into: &Path) -> Result<()> {
    let mut entries = contents(resources)?;
    entries.insert("classes.dex".to_owned(), read(dex)?);
    for library in libraries {
        // Compressed: Android unpacks them once, as `extractNativeLibs` in the manifest says, and a
        // download is half as large.
        entries.insert(library_entry(library), read(&library.path)?);
    }
    let packed = zip_file::written(&entries, |name| STORED.contains(&name))
        .context("the APK could not be packed")?;
    fs::write(into, packed).with_context(|| format!("{} could not be written", into.display()))
}

/// What is in the file, one line an entry: its size, its size in the file, its name.
pub(super) fn listing(apk: &Path) -> Result<String> {
    let mut archive = open(apk)?;
    let mut text = String::from("      size    in file  entry\n");
    let (mut small, mut whole, mut packed) = (0, 0, 0);
    for index in 0..archive.len() {
        let entry = archive.by_index(index)?;
        let name = entry.name()?;
        if name.starts_with("res/") {
            small += 1;
            whole += entry.size();
            packed += entry.compressed_size();
        } else {
            line(&mut text, entry.size(), entry.compressed_size(), &name);
        }
    }
    if small > 0 {
        line(&mut text, whole, packed, &format!("res/ ({small} files)"));
    }
    Ok(text)
}

/// The entries in which two files differ, by name.
pub(super) fn different(one: &Path, two: &Path) -> Result<String> {
    let (one, two) = (contents(one)?, contents(two)?);
    let names: BTreeSet<&String> = one.keys().chain(two.keys()).collect();
    let differ: Vec<&str> = names
        .into_iter()
        .filter(|name| one.get(*name) != two.get(*name))
        .map(String::as_str)
        .collect();
    Ok(match differ.as_slice() {
        [] => "how they are packed".to_owned(),
        names => names.join(", "),
    })
}

fn line(text: &mut String, size: u64, packed: u64, name: &str) {
    writeln!(text, "{size:>10} {packed:>10}  {name}").ok();
}

fn open(file: &Path) -> Result<ZipArchive<File>> {
    let opened =
        File::open(file).with_context(|| format!("{} could not be read", file.display()))?;
    ZipArchive::new(opened).with_context(|| format!("{} is no archive", file.display()))
}

fn contents(file: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut archive = open(file)?;
    let mut entries = BTreeMap::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index)?;
        let name = entry.name()?.into_owned();
        let mut bytes = Vec::new();
        entry
            .read_to_end(&mut bytes)
            .with_context(|| format!("{name} in {} could not be read", file.display()))?;
        if entries.insert(name.clone(), bytes).is_some() {
            bail!("{} has {name} twice", file.display());
        }
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write as _};

    use zip::write::SimpleFileOptions;
    use zip::{CompressionMethod, ZipWriter};

    use super::*;
    use crate::native::Abi;

    #[test]
    fn the_same_contents_give_the_same_bytes_whatever_the_order_and_time() {
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str| folder.path().join(name);
        let resources = |order: [&str; 2], year| {
            let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
            for name in order {
                let time = zip::DateTime::from_date_and_time(year, 1, 2, 3, 4, 6).unwrap();
                let options = SimpleFileOptions::default()
                    .compression_method(CompressionMethod::Stored)
                    .last_modified_time(time);
                writer.start_file(name, options).unwrap();
                writer.write_all(name.repeat(100).as_bytes()).unwrap();
            }
            writer.finish().unwrap().into_inner()
        };
        fs::write(place("dex"), b"dex").unwrap();
        fs::write(place("so"), [7; 5000]).unwrap();
        let library = Library {
            abi: Abi::Arm64V8a,
            path: place("so"),
            bytes: 5000,
        };
        let pack_as = |name: &str, bytes: Vec<u8>| {
            fs::write(place("resources"), bytes).unwrap();
            let libraries = [library.clone()];
            pack(&place("resources"), &place("dex"), &libraries, &place(name)).unwrap();
            fs::read(place(name)).unwrap()
        };
        let one = pack_as(
            "1",
            resources(["resources.arsc", "AndroidManifest.xml"], 2001),
        );
        let two = pack_as(
            "2",
            resources(["AndroidManifest.xml", "resources.arsc"], 2020),
        );
        assert!(one == two, "two packings differ");

        let mut archive = open(&place("1")).unwrap();
        let names: Vec<String> = archive
            .file_names()
            .map(|name| name.unwrap().into_owned())
            .collect();
        assert_eq!(
            names,
            [
                "AndroidManifest.xml",
                "classes.dex",
                "lib/arm64-v8a/libportlog.so",
                "resources.arsc"
            ]
        );
        let method =
            |archive: &mut ZipArchive<File>, name| archive.by_name(name).unwrap().compression();
        let stored = method(&mut archive, "resources.arsc");
        assert_eq!(stored, CompressionMethod::Stored);
        let library = method(&mut archive, "lib/arm64-v8a/libportlog.so");
        assert_eq!(library, CompressionMethod::Deflated);
        assert!(listing(&place("1")).unwrap().contains("5000"));
    }

    #[test]
    fn a_cut_archive_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("cut.apk");
        fs::write(&file, b"PK\x03\x04").unwrap();
        let error = listing(&file).unwrap_err().to_string();
        assert!(error.ends_with("cut.apk is no archive"), "{error}");
    }
}
