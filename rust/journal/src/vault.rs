//! Where secret keys rest.
//!
//! A vault is asked for one seed at a time and knows nothing of logs. [`FolderVault`] leans on the
//! system's file permissions alone; [`SealedVault`] adds a key that lies elsewhere
//! (docs/adr/0010-keys-of-the-log-in-an-envelope.md says why, and what that does not give).

use std::fmt;
use std::fs::{self, OpenOptions};
use std::hint;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom as _, SystemRandom};

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
}

impl Vault for FolderVault {
    fn save(&mut self, epoch: u32, seed: &Seed) -> Result<(), Error> {
        write_private(&self.path(epoch), seed.as_bytes()).map_err(Error::Write)
    }

    fn load(&self, epoch: u32) -> Result<Option<Seed>, Error> {
        let bytes = read_whole(&self.path(epoch))?;
        Ok(bytes.and_then(|bytes| bytes.try_into().ok()).map(Seed::new))
    }

    fn erase(&mut self, epoch: u32) -> Result<(), Error> {
        overwrite_and_remove(&self.path(epoch))
    }
}

/// The key that seals the seeds of a [`SealedVault`]: 32 random bytes, kept by somebody else. It is
/// printed by nothing, and overwritten when it is dropped.
#[derive(Clone, Eq, PartialEq)]
pub struct DataKey([u8; 32]);

impl DataKey {
    /// Bytes of a key.
    pub const SIZE: usize = 32;

    /// The key with these bytes, which must be random.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey(..)")
    }
}

impl Drop for DataKey {
    fn drop(&mut self) {
        self.0.fill(0);
        // Without a reader the compiler may leave the writes out.
        hint::black_box(&self.0);
    }
}

/// Seeds in files of a folder, each sealed with AES-256-GCM by a key that lies elsewhere.
///
/// A file is 5 bytes of header (`PLSV` and the version), 12 of nonce (random), 32 of sealed seed and 16 of
/// tag; the epoch is sealed with it, so that files cannot change places. Whoever copies the folder
/// alone has no seed. A seed that is not of this key is [`Error::NoKey`]: the log cannot be continued.
#[derive(Clone, Debug)]
pub struct SealedVault {
    folder: PathBuf,
    key: DataKey,
}

impl SealedVault {
    /// What a file begins with: four letters and a version.
    const HEADER: [u8; 5] = *b"PLSV\x01";

    /// The vault in `folder`, which exists, sealed by `key`.
    pub const fn new(folder: PathBuf, key: DataKey) -> Self {
        Self { folder, key }
    }

    fn path(&self, epoch: u32) -> PathBuf {
        self.folder.join(format!("epoch-{epoch}.sealed"))
    }

    fn cipher(&self) -> Result<LessSafeKey, Error> {
        UnboundKey::new(&AES_256_GCM, &self.key.0)
            .map(LessSafeKey::new)
            .map_err(|_| Error::NoRandomness)
    }

    fn bound_to(epoch: u32) -> Aad<String> {
        Aad::from(format!("portlog/sealed-seed/v1\nepoch {epoch}\n"))
    }
}

impl Vault for SealedVault {
    fn save(&mut self, epoch: u32, seed: &Seed) -> Result<(), Error> {
        let mut nonce = [0; NONCE_LEN];
        let random = SystemRandom::new();
        random.fill(&mut nonce).map_err(|_| Error::NoRandomness)?;
        let mut sealed = seed.as_bytes().to_vec();
        self.cipher()?
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Self::bound_to(epoch),
                &mut sealed,
            )
            .map_err(|_| Error::NoKey(epoch))?;
        let file = [Self::HEADER.as_slice(), &nonce, &sealed].concat();
        write_private(&self.path(epoch), &file).map_err(Error::Write)
    }

    fn load(&self, epoch: u32) -> Result<Option<Seed>, Error> {
        let Some(file) = read_whole(&self.path(epoch))? else {
            return Ok(None);
        };
        let parts = file
            .strip_prefix(Self::HEADER.as_slice())
            .and_then(|rest| rest.split_first_chunk::<NONCE_LEN>());
        let Some((nonce, sealed)) = parts else {
            return Err(Error::NoKey(epoch));
        };
        let mut sealed = sealed.to_vec();
        let opened = self.cipher()?.open_in_place(
            Nonce::assume_unique_for_key(*nonce),
            Self::bound_to(epoch),
            &mut sealed,
        );
        let seed = opened
            .ok()
            .and_then(|bytes| <[u8; 32]>::try_from(&*bytes).ok());
        sealed.fill(0);
        hint::black_box(&sealed);
        seed.map(|bytes| Some(Seed::new(bytes)))
            .ok_or(Error::NoKey(epoch))
    }

    fn erase(&mut self, epoch: u32) -> Result<(), Error> {
        overwrite_and_remove(&self.path(epoch))
    }
}

/// The bytes of a file that is a seed's; `None` where it is not there.
fn read_whole(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::Read(error)),
    }
}

/// Writes a file for its owner alone, durably, in the place of one that is there: a seed that a
/// rotation left behind which was never committed.
fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    sync_parent(path)
}

/// Writes zeros over a file and removes it.
fn overwrite_and_remove(path: &Path) -> Result<(), Error> {
    let erase = || -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).open(path)?;
        let length = usize::try_from(file.metadata()?.len().min(4096)).unwrap_or(4096);
        file.write_all(&vec![0; length])?;
        file.sync_all()?;
        fs::remove_file(path)?;
        sync_parent(path)
    };
    match erase() {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::Write(error)),
        _ => Ok(()),
    }
}

fn sync_parent(path: &Path) -> io::Result<()> {
    let parent = path.parent().unwrap_or_else(|| Path::new("."));
    fs::File::open(parent)?.sync_all()
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

    #[test]
    fn a_sealed_seed_comes_back_by_its_key_alone() {
        let folder = tempfile::tempdir().unwrap();
        let mut vault = SealedVault::new(folder.path().to_owned(), DataKey::new([9; 32]));
        assert!(vault.load(3).unwrap().is_none());
        vault.save(3, &Seed::new([1; 32])).unwrap();
        vault.save(3, &Seed::new([7; 32])).unwrap();
        assert_eq!(vault.load(3).unwrap().unwrap().as_bytes(), &[7; 32]);
        let path = vault.path(3);
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        let file = fs::read(&path).unwrap();
        assert_eq!(file.len(), 5 + 12 + 32 + 16);
        assert!(!file.windows(8).any(|bytes| bytes == [7; 8]));

        let stranger = SealedVault::new(folder.path().to_owned(), DataKey::new([8; 32]));
        assert!(matches!(stranger.load(3), Err(Error::NoKey(3))));
        assert!(format!("{vault:?}").contains("DataKey(..)"));
        vault.erase(3).unwrap();
        vault.erase(3).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn no_byte_of_a_sealed_seed_can_change_and_no_file_take_anothers_place() {
        let folder = tempfile::tempdir().unwrap();
        let mut vault = SealedVault::new(folder.path().to_owned(), DataKey::new([9; 32]));
        vault.save(0, &Seed::new([1; 32])).unwrap();
        let file = fs::read(vault.path(0)).unwrap();
        for at in 0..file.len() {
            let mut other = file.clone();
            other[at] ^= 1;
            fs::write(vault.path(0), &other).unwrap();
            assert!(matches!(vault.load(0), Err(Error::NoKey(0))), "byte {at}");
            fs::write(vault.path(0), &file[..at]).unwrap();
            assert!(matches!(vault.load(0), Err(Error::NoKey(0))), "cut at {at}");
        }
        fs::write(vault.path(0), &file).unwrap();
        assert_eq!(vault.load(0).unwrap().unwrap().as_bytes(), &[1; 32]);
        fs::write(vault.path(1), &file).unwrap();
        assert!(matches!(vault.load(1), Err(Error::NoKey(1))));
    }

    #[test]
    fn the_same_seed_is_never_sealed_to_the_same_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let mut vault = SealedVault::new(folder.path().to_owned(), DataKey::new([9; 32]));
        let mut seal = || {
            vault.save(0, &Seed::new([1; 32])).unwrap();
            fs::read(vault.path(0)).unwrap()
        };
        assert_ne!(seal(), seal());
    }
}
