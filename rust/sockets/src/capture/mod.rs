//! A folder of captured trees, one for each time, replayed with the times in their names.
//!
//! ```text
//! series/
//!   provenance                   optional: `simulated` marks trees that a program invented
//!   20260314T092530.250Z/        a tree like /proc, as it was at this time (UTC)
//!     net/tcp
//!     net/tcp6 ...
//!   20260314T092531.250Z/
//!     net/tcp ...
//! ```
//!
//! A tree's time is the name of its folder and nothing else: times of files are lost in copies. See
//! [`capture_time`] for the forms. Time since boot is counted from the first tree, so that spans between
//! trees are what the names say; the clock of the machine that replays them plays no part.

mod stamp;

use std::path::{Path, PathBuf};
use std::vec;

use portlog_model::{BootTime, Moment, Provenance, SourceKind, Table, WallTime};

use crate::procfs::{TableReader, provenance_of};
use crate::text::Endian;
use crate::{Batch, Error, Polled, Source};

pub use stamp::capture_time;

/// What a folder of captured tables is.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum CaptureKind {
    /// One tree like `/proc`: it has `net/`. For [`ProcfsSource`](crate::ProcfsSource).
    Tree,
    /// Trees named by time. For [`CaptureSeries`].
    Series,
}

impl CaptureKind {
    /// What `directory` is; an error that says what is missing if it is neither.
    pub fn of(directory: &Path) -> Result<Self, Error> {
        if is_tree(directory) {
            return Ok(Self::Tree);
        }
        for entry in entries(directory)? {
            let path = entry.map_err(unreadable(directory))?.path();
            if time_of_folder(&path).is_some() && is_tree(&path) {
                return Ok(Self::Series);
            }
        }
        Err(Error::NoCapture {
            path: directory.to_owned(),
        })
    }
}

/// Captured trees, polled one after the other.
#[derive(Debug)]
pub struct CaptureSeries {
    trees: vec::IntoIter<(WallTime, PathBuf)>,
    first: WallTime,
    skipped: Vec<PathBuf>,
    provenance: Provenance,
    reader: TableReader,
}

impl CaptureSeries {
    /// How many trees one series may have.
    pub const MAX_TREES: usize = 1 << 20;

    /// The series in `directory`, in the order of their times; of equal times by name.
    ///
    /// Folders whose name is no time, or that have no `net/`, are left out; see
    /// [`CaptureSeries::skipped`]. A folder without any tree is [`Error::NoCapture`], one that is a
    /// tree itself [`Error::SingleTree`].
    pub fn open(directory: &Path) -> Result<Self, Error> {
        if is_tree(directory) {
            return Err(Error::SingleTree {
                path: directory.to_owned(),
            });
        }
        let (mut trees, mut skipped) = (Vec::new(), Vec::new());
        for entry in entries(directory)? {
            let path = entry.map_err(unreadable(directory))?.path();
            if trees.len() + skipped.len() >= Self::MAX_TREES {
                return Err(Error::TooManyTrees {
                    path: directory.to_owned(),
                    limit: Self::MAX_TREES,
                });
            }
            match time_of_folder(&path) {
                Some(time) if is_tree(&path) => trees.push((time, path)),
                _ if path.is_dir() => skipped.push(path),
                _ => {}
            }
        }
        trees.sort_unstable();
        skipped.sort_unstable();
        let Some(&(first, _)) = trees.first() else {
            return Err(Error::NoCapture {
                path: directory.to_owned(),
            });
        };
        Ok(Self {
            trees: trees.into_iter(),
            first,
            skipped,
            provenance: provenance_of(directory),
            reader: TableReader::captured(Endian::Little),
        })
    }

    /// The same series, captured on a machine with this byte order; little-endian else.
    pub fn with_endian(mut self, endian: Endian) -> Self {
        self.reader.set_endian(endian);
        self
    }

    /// Folders that are no part of the series, in the order of their names.
    pub fn skipped(&self) -> &[PathBuf] {
        &self.skipped
    }

    /// How many trees are still to come.
    pub fn remaining(&self) -> usize {
        self.trees.len()
    }
}

impl Source for CaptureSeries {
    fn provenance(&self) -> Provenance {
        self.provenance
    }

    fn kind(&self) -> SourceKind {
        SourceKind::Procfs
    }

    fn poll(&mut self, batch: &mut Batch) -> Result<Polled, Error> {
        batch.clear();
        let Some((wall, tree)) = self.trees.next() else {
            return Ok(Polled::Finished);
        };
        let net = tree.join("net");
        for table in Table::ALL {
            self.reader.read(&net.join(table.as_str()), table, batch);
        }
        let since_first = wall.since(self.first);
        Ok(Polled::At(Moment {
            wall,
            boot: BootTime::from_nanos(0).saturating_add(since_first),
        }))
    }
}

fn is_tree(directory: &Path) -> bool {
    directory.join("net").is_dir()
}

fn time_of_folder(path: &Path) -> Option<WallTime> {
    capture_time(path.file_name()?.to_str()?)
}

fn entries(directory: &Path) -> Result<std::fs::ReadDir, Error> {
    std::fs::read_dir(directory).map_err(unreadable(directory))
}

fn unreadable(path: &Path) -> impl FnOnce(std::io::Error) -> Error {
    let path = path.to_owned();
    |source| Error::Read { path, source }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const HEADER: &str = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";

    fn tree(at: &Path, port: u16) {
        fs::create_dir_all(at.join("net")).unwrap();
        let row = format!(
            "   0: 010200C0:{port:04X} 017100CB:01BB 01 00000000:00000000 00:00000000 00000000 10087        0 77 1\n"
        );
        fs::write(at.join("net/tcp"), format!("{HEADER}{row}")).unwrap();
    }

    #[test]
    #[cfg_attr(miri, ignore = "reads and writes files")]
    fn trees_are_polled_in_the_order_of_their_times_with_their_own_clock() {
        let series = tempfile::tempdir().unwrap();
        // In the order of names the epoch form comes first.
        tree(&series.path().join("20260314T092530.250Z"), 2);
        tree(&series.path().join("1773480331250"), 3);
        tree(&series.path().join("20260314T092529Z"), 1);
        tree(&series.path().join("copy of 20260314T092529Z"), 9);
        fs::create_dir(series.path().join("20260314T092528Z")).unwrap();
        fs::write(series.path().join("README"), "notes").unwrap();

        assert_eq!(CaptureKind::of(series.path()).unwrap(), CaptureKind::Series);
        let mut source = CaptureSeries::open(series.path()).unwrap();
        assert_eq!(source.provenance(), Provenance::Replay);
        assert_eq!(
            source.skipped(),
            [
                series.path().join("20260314T092528Z"),
                series.path().join("copy of 20260314T092529Z")
            ]
        );
        let mut batch = Batch::default();
        for (port, boot, wall) in [
            (1, 0, 1_773_480_329_000),
            (2, 1_250_000_000, 1_773_480_330_250),
            (3, 2_250_000_000, 1_773_480_331_250),
        ] {
            assert_eq!(
                source.poll(&mut batch).unwrap(),
                Polled::At(Moment {
                    wall: WallTime::from_millis(wall),
                    boot: BootTime::from_nanos(boot),
                })
            );
            let ports: Vec<_> = batch.rows.iter().map(|row| row.local.port()).collect();
            assert_eq!(ports, [port]);
        }
        assert_eq!(source.poll(&mut batch).unwrap(), Polled::Finished);
        assert!(batch.rows.is_empty());
        assert_eq!(source.poll(&mut batch).unwrap(), Polled::Finished);
    }

    #[test]
    #[cfg_attr(miri, ignore = "reads and writes files")]
    fn what_is_no_series_is_said_with_a_way_out() {
        let folder = tempfile::tempdir().unwrap();
        let neither = CaptureSeries::open(folder.path()).unwrap_err();
        assert!(matches!(neither, Error::NoCapture { .. }));
        let text = neither.to_string();
        assert!(text.contains(folder.path().to_str().unwrap()), "{text}");
        assert!(text.contains("20260314T092530.250Z"), "{text}");
        assert!(matches!(
            CaptureKind::of(folder.path()),
            Err(Error::NoCapture { .. })
        ));

        tree(folder.path(), 1);
        assert_eq!(CaptureKind::of(folder.path()).unwrap(), CaptureKind::Tree);
        assert!(matches!(
            CaptureSeries::open(folder.path()),
            Err(Error::SingleTree { .. })
        ));

        let missing = folder.path().join("missing");
        assert!(matches!(
            CaptureKind::of(&missing),
            Err(Error::Read { path, .. }) if path == missing
        ));
    }

    #[test]
    #[cfg_attr(miri, ignore = "reads and writes files")]
    fn the_root_says_that_all_trees_are_invented() {
        let series = tempfile::tempdir().unwrap();
        tree(&series.path().join("20260314T092529Z"), 1);
        fs::write(series.path().join("provenance"), "simulated\n").unwrap();
        let source = CaptureSeries::open(series.path()).unwrap();
        assert_eq!(source.provenance(), Provenance::Simulated);
        assert_eq!(source.remaining(), 1);
    }
}
