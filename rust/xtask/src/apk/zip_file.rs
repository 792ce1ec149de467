//! Writing an archive whose entries are deflated as tightly as deflating allows.
//!
//! Written here and not by the crate `zip`, which reads what was written: that takes no entry deflated
//! before, and its own way to Zopfli ends at 15 blocks an entry, where a library of some megabytes has
//! better ones. The format: PKWARE's APPNOTE 4.3.7 (local headers), 4.3.12 (directory), 4.3.16 (its end).

use std::collections::BTreeMap;
use std::num::NonZeroU64;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use anyhow::{Context, Result, bail};

/// How often Zopfli looks again for shorter ways to say the same, and the most blocks with codes of their
/// own. More of either costs seconds and gives less than a thousandth.
const LOOKS: NonZeroU64 = NonZeroU64::new(5).unwrap();
const BLOCKS: u16 = 60;

/// 1980-01-01, the format's first day, for every entry: the same contents give the same bytes.
const DATE: u16 = 0x21;
const STORED: u16 = 0;
const DEFLATED: u16 = 8;
/// 2.0, the version that knows deflated entries; made by a Unix, whose permissions follow.
const VERSION: u16 = 20;
const MADE_BY: u16 = 3 << 8 | VERSION;
/// A file that its owner may write and all may read.
const PERMISSIONS: u32 = 0o100_644 << 16;

/// The archive of `entries`, in the order of their names. Stored are those that `stored` names, and
/// those that deflating makes no smaller; which processor works on which entry changes nothing.
pub(super) fn written(
    entries: &BTreeMap<String, Vec<u8>>,
    stored: impl Fn(&str) -> bool + Sync,
) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    let mut directory = Vec::new();
    for ((name, bytes), deflated) in entries.iter().zip(all_deflated(entries, stored)?) {
        let (method, packed) = match &deflated {
            Some(deflated) => (DEFLATED, deflated),
            None => (STORED, bytes),
        };
        let mut crc = flate2::Crc::new();
        crc.update(bytes);
        let offset = narrow(out.len())?;
        // What a local header and a line of the directory have in common.
        let mut header = Vec::new();
        for half in [VERSION, 0, method, 0, DATE] {
            header.extend(half.to_le_bytes());
        }
        for word in [crc.sum(), narrow(packed.len())?, narrow(bytes.len())?] {
            header.extend(word.to_le_bytes());
        }
        let length = u16::try_from(name.len()).context("a name is too long")?;
        header.extend(length.to_le_bytes());
        // No extra field.
        header.extend([0; 2]);

        out.extend(b"PK\x03\x04");
        out.extend(&header);
        out.extend(name.as_bytes());
        out.extend(packed);

        directory.extend(b"PK\x01\x02");
        directory.extend(MADE_BY.to_le_bytes());
        directory.extend(&header);
        // No comment, disk 0, no internal attribute.
        directory.extend([0; 6]);
        directory.extend(PERMISSIONS.to_le_bytes());
        directory.extend(offset.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let count = u16::try_from(entries.len()).context("too many entries for an archive")?;
    let begin = narrow(out.len())?;
    out.extend(&directory);
    out.extend(b"PK\x05\x06");
    out.extend([0; 4]);
    out.extend(count.to_le_bytes());
    out.extend(count.to_le_bytes());
    out.extend(narrow(directory.len())?.to_le_bytes());
    out.extend(begin.to_le_bytes());
    out.extend([0; 2]);
    Ok(out)
}

/// Each entry deflated, in order; `None` for what is to be stored.
fn all_deflated(
    entries: &BTreeMap<String, Vec<u8>>,
    stored: impl Fn(&str) -> bool + Sync,
) -> Result<Vec<Option<Vec<u8>>>> {
    let mut order: Vec<(usize, &String, &Vec<u8>)> = entries
        .iter()
        .enumerate()
        .map(|(number, (name, bytes))| (number, name, bytes))
        .filter(|(_, name, _)| !stored(name))
        .collect();
    // The largest first, so that no processor begins it when the others are done.
    order.sort_by_key(|(_, _, bytes)| std::cmp::Reverse(bytes.len()));
    let next = AtomicUsize::new(0);
    let done = Mutex::new(vec![None; entries.len()]);
    let work = || -> Result<()> {
        while let Some((number, name, bytes)) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
            let deflated = deflate(bytes).with_context(|| format!("{name} was not deflated"))?;
            let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(place) = done.get_mut(*number) {
                *place = (deflated.len() < bytes.len()).then_some(deflated);
            }
        }
        Ok(())
    };
    thread::scope(|scope| {
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        for worker in workers {
            match worker.join() {
                Ok(result) => result?,
                Err(_) => bail!("an entry could not be deflated"),
            }
        }
        Ok(())
    })?;
    Ok(done.into_inner().unwrap_or_else(PoisonError::into_inner))
}

fn deflate(bytes: &[u8]) -> Result<Vec<u8>> {
    let options = zopfli::Options {
        iteration_count: LOOKS,
        maximum_block_splits: BLOCKS,
        ..zopfli::Options::default()
    };
    let mut out = Vec::new();
    zopfli::compress(options, zopfli::Format::Deflate, bytes, &mut out)?;
    Ok(out)
}

fn narrow(length: usize) -> Result<u32> {
    u32::try_from(length).context("the archive is larger than 4 GiB")
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read as _};

    use super::*;

    #[test]
    fn what_is_written_is_read_again_and_stored_where_that_is_smaller() {
        let mut noise = 1_u32;
        let noise = std::iter::repeat_with(|| {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            noise.to_be_bytes()[0]
        });
        let entries: BTreeMap<String, Vec<u8>> = [
            ("empty", Vec::new()),
            ("noise.png", noise.take(5_000).collect()),
            ("text.xml", b"a sentence, and again ".repeat(400)),
            ("kept.arsc", b"kept as it is ".repeat(400)),
        ]
        .map(|(name, bytes)| (name.to_owned(), bytes))
        .into();
        let archive = written(&entries, |name| name == "kept.arsc").unwrap();
        assert_eq!(
            archive,
            written(&entries, |name| name == "kept.arsc").unwrap()
        );
        let mut archive = zip::ZipArchive::new(Cursor::new(archive)).unwrap();
        assert_eq!(archive.len(), entries.len());
        for (name, bytes) in &entries {
            let mut entry = archive.by_name(name).unwrap();
            let mut read = Vec::new();
            entry.read_to_end(&mut read).unwrap();
            assert!(read == *bytes, "{name}");
            assert_eq!(entry.unix_mode(), Some(0o100_644), "{name}");
            let deflated = entry.compression() == zip::CompressionMethod::Deflated;
            assert_eq!(deflated, name == "text.xml", "{name}");
        }
    }
}
