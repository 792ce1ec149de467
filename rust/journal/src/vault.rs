//! Where secret keys rest.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;

use crate::error::Error;
use crate::key::Seed;

/// Keeps the seeds of epoch keys.
pub trait Vault {
    /// Keeps `seed`, durably.
    fn save(&mut self, epoch: u32, seed: &Seed) -> Result<(), Error>;

    /// The seed of `epoch`; `None` where there is none.
    fn load(&self, epoch: u32) -> Result<Option<Seed>, Error>;

    /// Forgets the seed of `epoch` as well as the storage can.
    fn erase(&mut self, epoch: u32) -> Result<(), Error>;
}

/// Seeds in files of a folder, readable by their owner alone.
///
/// Deleting a file does not make flash forget what was in it; whoever reads the chips of a phone may
/// find seeds of past epochs there.
#[derive(Clone, Debug)]
pub struct FolderVault {
    folder: PathBuf,
}

impl FolderVault {
    /// The vault in `folder`, which exists.
    pub const fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    fn path(&self, epoch: u32) -> PathBuf {
        self.folder.join(format!("epoch-{epoch}.seed"))
    }

    fn sync_folder(&self) -> io::Result<()> {
        fs::File::open(&self.folder)?.sync_all()
    }
}

impl Vault for FolderVault {
    fn save(&mut self, epoch: u32, seed: &Seed) -> Result<(), Error> {
        let write = || -> io::Result<()> {
            let path = self.path(epoch);
            // A seed that a rotation left behind which was never committed.
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            let mut file = OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(&path)?;
            file.write_all(seed.as_bytes())?;
            file.sync_all()?;
            self.sync_folder()
        };
        write().map_err(Error::Write)
    }

    fn load(&self, epoch: u32) -> Result<Option<Seed>, Error> {
        match fs::read(self.path(epoch)) {
            Ok(bytes) => Ok(bytes.try_into().ok().map(Seed::new)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::Read(error)),
        }
    }

    fn erase(&mut self, epoch: u32) -> Result<(), Error> {
        let erase = || -> io::Result<()> {
            let path = self.path(epoch);
            let mut file = OpenOptions::new().write(true).open(&path)?;
            file.write_all(&[0; 32])?;
            file.sync_all()?;
            fs::remove_file(&path)?;
            self.sync_folder()
        };
        match erase() {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::Write(error)),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn seeds_are_kept_for_their_owner_alone_and_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let mut vault = FolderVault::new(folder.path().to_owned());
        assert!(vault.load(3).unwrap().is_none());
        vault.save(3, &Seed::new([1; 32])).unwrap();
        vault.save(3, &Seed::new([7; 32])).unwrap();
        assert_eq!(vault.load(3).unwrap().unwrap().as_bytes(), &[7; 32]);
        let mode = fs::metadata(vault.path(3)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        vault.erase(3).unwrap();
        vault.erase(3).unwrap();
        assert!(vault.load(3).unwrap().is_none());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_seed_that_is_cut_off_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let vault = FolderVault::new(folder.path().to_owned());
        fs::write(vault.path(0), [1; 31]).unwrap();
        assert!(vault.load(0).unwrap().is_none());
    }
}
