//! Whether something that was built is still what its inputs give.
//!
//! By the digest of the inputs' contents and not by their times: a checkout, a copy or a switch of
//! branches changes times and nothing else.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

/// What a step is given: texts and files, in the order of addition.
#[derive(Clone, Debug, Default)]
pub(crate) struct Inputs {
    digest: Sha256,
}

impl Inputs {
    /// Adds `text`, known as `name`.
    pub(crate) fn text(&mut self, name: &str, text: &str) {
        self.bytes(name, text.as_bytes());
    }

    /// Adds the contents of `file`, known as `name`.
    pub(crate) fn file(&mut self, name: &str, file: &Path) -> Result<()> {
        let bytes =
            fs::read(file).with_context(|| format!("{} could not be read", file.display()))?;
        self.bytes(name, &bytes);
        Ok(())
    }

    /// Adds every file under `folder`, by its path in it. A folder that is not there is empty.
    pub(crate) fn tree(&mut self, name: &str, folder: &Path) -> Result<()> {
        self.text(name, "");
        for (path, file) in files(folder)? {
            self.file(&path, &file)?;
        }
        Ok(())
    }

    /// Adds large files that never change under their name, by that name.
    pub(crate) fn artifacts(&mut self, files: &[PathBuf]) {
        for file in files {
            self.text("artifact", &file.to_string_lossy());
        }
    }

    /// The digest of all that was added, in hexadecimal.
    pub(crate) fn digest(&self) -> String {
        hexadecimal(&self.digest.clone().finalize())
    }

    fn bytes(&mut self, name: &str, bytes: &[u8]) {
        for part in [name.as_bytes(), bytes] {
            self.digest.update((part.len() as u64).to_be_bytes());
            self.digest.update(part);
        }
    }
}

/// Runs `step`, which fills the folder `out`, unless that was done already with the same inputs;
/// `out` is empty when it begins. Answers whether it ran.
pub(crate) fn unless_done(
    out: &Path,
    inputs: &Inputs,
    step: impl FnOnce(&Path) -> Result<()>,
) -> Result<bool> {
    let stamp = out.join(".inputs");
    let digest = inputs.digest();
    if fs::read_to_string(&stamp).is_ok_and(|done| done == digest) {
        return Ok(false);
    }
    if out.exists() {
        fs::remove_dir_all(out)
            .with_context(|| format!("{} could not be emptied", out.display()))?;
    }
    fs::create_dir_all(out).with_context(|| format!("{} could not be made", out.display()))?;
    step(out)?;
    fs::write(&stamp, digest)
        .with_context(|| format!("{} could not be written", stamp.display()))?;
    Ok(true)
}

/// Every file under `folder`, by its path in it with `/` between its parts. None where there is no
/// such folder.
pub(crate) fn files(folder: &Path) -> Result<BTreeMap<String, PathBuf>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![(String::new(), folder.to_path_buf())];
    while let Some((prefix, folder)) = folders.pop() {
        if !folder.is_dir() {
            continue;
        }
        let entries = fs::read_dir(&folder)
            .with_context(|| format!("{} could not be listed", folder.display()))?;
        for entry in entries {
            let entry =
                entry.with_context(|| format!("{} could not be listed", folder.display()))?;
            let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.path().is_dir() {
                folders.push((format!("{path}/"), entry.path()));
            } else {
                found.insert(path, entry.path());
            }
        }
    }
    Ok(found)
}

/// `bytes` in hexadecimal.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").ok();
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_runs_again_only_when_its_inputs_changed() {
        let folder = tempfile::tempdir().unwrap();
        let (source, out) = (folder.path().join("source"), folder.path().join("out"));
        fs::create_dir_all(source.join("a/b")).unwrap();
        fs::write(source.join("a/b/c.txt"), "1").unwrap();
        let build = || {
            let mut inputs = Inputs::default();
            inputs.tree("source", &source).unwrap();
            unless_done(&out, &inputs, |out| {
                assert_eq!(files(out).unwrap().len(), 0, "not emptied");
                fs::write(out.join("built"), "x").map_err(Into::into)
            })
            .unwrap()
        };
        assert!(build());
        assert!(!build());
        fs::write(source.join("a/b/c.txt"), "2").unwrap();
        assert!(build());
        fs::rename(source.join("a/b/c.txt"), source.join("a/c.txt")).unwrap();
        assert!(build(), "a moved file is another input");
    }

    #[test]
    fn a_step_that_failed_is_not_done() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        let inputs = Inputs::default();
        assert!(unless_done(&out, &inputs, |_| anyhow::bail!("no")).is_err());
        assert!(unless_done(&out, &inputs, |_| Ok(())).unwrap());
    }

    #[test]
    fn names_and_contents_do_not_run_into_each_other() {
        let digest = |parts: &[(&str, &str)]| {
            let mut inputs = Inputs::default();
            for (name, text) in parts {
                inputs.text(name, text);
            }
            inputs.digest()
        };
        assert_ne!(digest(&[("a", "bc")]), digest(&[("ab", "c")]));
        assert_ne!(digest(&[("a", ""), ("b", "")]), digest(&[("a", "b")]));
    }
}
