//! The stage `apk`: the app as everybody builds it, as a copy of the sources gives it, and as it is
//! signed.

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::sign::Key;
use super::{Signed, Unsigned, copy, finish, unsigned};
use crate::jvm::{Place, Variant};
use crate::native::Abi;
use crate::stamp;

/// Builds both variants, one of them also from elsewhere, and signs them with keys made for it.
pub(crate) fn stage() -> Result<()> {
    let place = Place::here();
    let _held = place.hold()?;
    let debug = unsigned(&place, Variant::Debug, &Abi::PHONES)?;
    copy::same_from_elsewhere(&debug)?;
    // The same libraries and classes; the application's id, its name and so the rest are its own.
    let release = unsigned(&place, Variant::Release, &Abi::PHONES)?;
    let folder = place.out.join("apk/signed");
    if folder.exists() {
        fs::remove_dir_all(&folder)
            .with_context(|| format!("{} could not be emptied", folder.display()))?;
    }
    let result = sign_both(&place, [&debug, &release], &folder);
    // Keys among it, and nobody is to sign with them.
    fs::remove_dir_all(&folder).ok();
    result
}

/// Signs each in `folder`, with a key of its own.
fn sign_both(place: &Place, [debug, release]: [&Unsigned; 2], folder: &Path) -> Result<()> {
    let data = |name: &str| folder.join(name).into_os_string();
    let apks = folder.join("apks");
    let key = Key::of(Variant::Debug, |name| {
        (name == "XDG_DATA_HOME").then(|| data("debug"))
    })?;
    let with_debug = finish(place, debug, &key, &apks)?;
    // Any key store will do for a release.
    Key::of(Variant::Debug, |name| {
        (name == "XDG_DATA_HOME").then(|| data("release"))
    })?;
    let keystore = folder.join("release/portlog/debug.keystore");
    let release_key = |password: &str, alias: &str| {
        Key::of(Variant::Release, |name| match name {
            "PORTLOG_KEYSTORE" => Some(keystore.clone().into_os_string()),
            "PORTLOG_KEYSTORE_PASSWORD" => Some(OsString::from(password)),
            "PORTLOG_KEY_ALIAS" => Some(OsString::from(alias)),
            _ => None,
        })
    };
    for (password, alias) in [("wrong password", "debug"), ("android", "another")] {
        let Err(error) = release_key(password, alias) else {
            bail!("a release would be signed with the password {password:?} and key {alias:?}");
        };
        let error = format!("{error:#}");
        if error.lines().count() != 1 || !error.contains("does not fit the key store") {
            bail!("a key that does not fit is refused with {error:?}");
        }
    }
    let with_release = finish(place, release, &release_key("android", "debug")?, &apks)?;
    if with_debug.certificate == with_release.certificate {
        bail!("the release is signed with the debug key");
    }
    check_names(&apks, [&with_debug, &with_release])
}

/// That the two files are called as they are asked for by people and programs, and lie there alone.
fn check_names(folder: &Path, signed: [&Signed; 2]) -> Result<()> {
    let expected = ["portlog-debug.apk", "portlog-release.apk"];
    let found: Vec<String> = stamp::files(folder)?.into_keys().collect();
    let told = signed.map(|signed| signed.apk.clone());
    if found != expected || told != expected.map(|name| folder.join(name)) {
        bail!(
            "signing made {}, and not {}",
            found.join(", "),
            expected.join(", ")
        );
    }
    Ok(())
}
