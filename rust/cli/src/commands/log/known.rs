//! What the reader knows: the key of a log, the keys of witnesses.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, Error, anyhow, bail};
use portlog_journal::{KeyType, Origin, PublicKey};

/// A file with keys is a few lines.
const MAX_KEYS_FILE: u64 = 256 * 1024;

/// The log that `key` names: an origin, its first vkey, or a file with one of them.
pub(super) fn log_key(key: &str) -> Result<Origin, Error> {
    if let Some(origin) = origin(key.trim()) {
        return origin.with_context(|| format!("cannot use --key {key}"));
    }
    let text = keys_file(Path::new(key)).with_context(|| {
        format!("--key {key} is no origin, no vkey, and no file that can be read")
    })?;
    let mut origins = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(|line| {
            origin(line).unwrap_or_else(|| {
                Err(anyhow!(
                    "a line is neither the origin of a log (portlog/log/...) nor a vkey"
                ))
            })
        });
    let first = origins
        .next()
        .ok_or_else(|| anyhow!("{key} is empty"))?
        .with_context(|| format!("cannot use {key}"))?;
    for other in origins {
        if other.with_context(|| format!("cannot use {key}"))? != first {
            bail!("{key} names two different logs; --key takes one");
        }
    }
    Ok(first)
}

/// The witnesses that the reader knows, by vkey or by file.
pub(super) fn witnesses(named: &[String]) -> Result<Vec<PublicKey>, Error> {
    let mut keys: Vec<PublicKey> = Vec::new();
    for name in named {
        let before = keys.len();
        if looks_like_vkey(name.trim()) {
            keys.push(
                witness(name.trim()).with_context(|| format!("cannot use --witness {name}"))?,
            );
            continue;
        }
        let text = keys_file(Path::new(name)).with_context(|| {
            format!("--witness {name} is no vkey, and no file that can be read")
        })?;
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            // What 'log witness' printed may be kept as it is: the other lines of it are no keys.
            if let Some(vkey) = line.split_whitespace().find(|word| looks_like_vkey(word)) {
                keys.push(witness(vkey).with_context(|| format!("cannot use {name}"))?);
            }
        }
        if keys.len() == before {
            bail!("{name} has no vkey of a witness in it; 'portlog log witness' prints one");
        }
    }
    keys.sort_by(|a, b| (a.name(), a.id().as_bytes()).cmp(&(b.name(), b.id().as_bytes())));
    keys.dedup();
    Ok(keys)
}

/// The origin that a text is or certifies; `None` where it is neither an origin nor a vkey.
fn origin(text: &str) -> Option<Result<Origin, Error>> {
    if let Some(origin) = Origin::parse(text) {
        return Some(Ok(origin));
    }
    if !looks_like_vkey(text) {
        return None;
    }
    let key = match PublicKey::parse(text) {
        Ok(key) => key,
        Err(error) => return Some(Err(error.into())),
    };
    let origin = Origin::parse(key.name())
        .filter(|origin| key.key_type() == KeyType::Note && origin.certifies(&key));
    Some(origin.ok_or_else(|| {
        anyhow!("it is not the first key of a log: name the origin, or the vkey of epoch 0")
    }))
}

fn witness(text: &str) -> Result<PublicKey, Error> {
    let key = PublicKey::parse(text)?;
    if key.key_type() != KeyType::Cosignature {
        bail!("it is not the key of a witness, but of a log or of something else");
    }
    Ok(key)
}

/// NAME+8 hexadecimal digits+base64, as no path is likely to be.
fn looks_like_vkey(text: &str) -> bool {
    let mut parts = text.splitn(3, '+');
    let (name, id, data) = (parts.next(), parts.next(), parts.next());
    name.is_some_and(|name| !name.is_empty())
        && id.is_some_and(|id| id.len() == 8 && id.bytes().all(|b| b.is_ascii_hexdigit()))
        && data.is_some_and(|data| !data.is_empty())
}

fn keys_file(path: &Path) -> Result<String, Error> {
    let mut text = String::new();
    File::open(path)?
        .take(MAX_KEYS_FILE + 1)
        .read_to_string(&mut text)?;
    if text.len() as u64 > MAX_KEYS_FILE {
        bail!("it is longer than a file of keys");
    }
    Ok(text)
}
