//! `cargo xtask apk`: the app, from the sources to a signed file that a phone installs.
//!
//! Each step is a program that everybody can have (docs/adr/0009-the-apk-without-the-sdk.md), is left
//! out when its inputs have not changed, and is followed by a check of what came out. The file before
//! signing is the same byte for byte wherever it is built.

mod archive;
mod copy;
mod dex;
mod shrink;
mod sign;
mod stage;
mod survivors;
mod zip_file;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::jvm::{self, Jdk, Linked, Place, Variant};
use crate::native::{self, Abi, Library};
use crate::{tools, workspace};

pub(crate) use stage::stage;

/// The most that the file for phones may have, in bytes.
const LARGEST_APK: u64 = 4 * 1024 * 1024;

/// Programs beyond the JDK, and Debian's packages of them.
const PROGRAMS: [(&str, &str); 3] = [
    ("zipalign", "zipalign"),
    ("apksigner", "apksigner"),
    ("dexdump", "dexdump"),
];

/// What `cargo xtask apk` was asked for.
#[derive(Debug)]
pub(crate) struct Options {
    variant: Variant,
    abis: Vec<Abi>,
}

impl Options {
    /// The words after `cargo xtask apk`. The ABIs of phones are always in the file; those asked for
    /// come on top.
    pub(crate) fn parse(mut arguments: lexopt::Parser) -> Result<Self> {
        let mut variant = Variant::Debug;
        let mut abis = Abi::PHONES.to_vec();
        while let Some(argument) = arguments.next()? {
            match argument {
                lexopt::Arg::Long("release") => variant = Variant::Release,
                lexopt::Arg::Long("abi") => {
                    let abi = arguments.value()?.to_string_lossy().parse()?;
                    if !abis.contains(&abi) {
                        abis.push(abi);
                    }
                }
                other => return Err(other.unexpected().into()),
            }
        }
        Ok(Self { variant, abis })
    }
}

/// Does what was asked for.
pub(crate) fn run(options: &Options) -> Result<()> {
    let place = Place::here();
    let _held = place.hold()?;
    // Asked for first: a build of minutes should not end for want of a password.
    let key = sign::Key::of(options.variant, |name| env::var_os(name))?;
    let unsigned = unsigned(&place, options.variant, &options.abis)?;
    finish(
        &place,
        &unsigned,
        &key,
        &workspace::target_dir().join("apk"),
    )?;
    Ok(())
}

/// The app as a phone installs it.
#[derive(Debug)]
struct Signed {
    apk: PathBuf,
    /// The SHA-256 digest of the key's certificate.
    certificate: String,
}

/// Signs `unsigned` into `folder` with `key`, checks what came out, and says what it is.
fn finish(place: &Place, unsigned: &Unsigned, key: &sign::Key, folder: &Path) -> Result<Signed> {
    fs::create_dir_all(folder)
        .with_context(|| format!("{} could not be made", folder.display()))?;
    let variant = unsigned.variant;
    let apk = folder.join(format!("portlog-{}.apk", variant.as_str()));
    let certificate = sign::sign(&unsigned.jdk, key, &unsigned.apk, &apk)?;
    let size = fs::metadata(&apk)
        .with_context(|| format!("{} could not be read", apk.display()))?
        .len();
    print!("\n{}", archive::listing(&apk)?);
    println!(
        "{}",
        jvm::badging(&unsigned.jdk, place, &apk, variant, &unsigned.abis)?
    );
    println!("key: {}", key.shown());
    println!("apk: {} ({size} bytes)", apk.display());
    let largest = largest(&unsigned.abis);
    if size > largest {
        bail!("the APK has {size} bytes and may have {largest}: the listing above shows what grew");
    }
    Ok(Signed { apk, certificate })
}

/// The most that a file with libraries for `abis` may have, in bytes.
fn largest(abis: &[Abi]) -> u64 {
    let beyond = abis.iter().filter(|abi| !Abi::PHONES.contains(abi));
    // About half of a library is left of it in the file.
    LARGEST_APK + beyond.map(|abi| abi.most_bytes() / 2).sum::<u64>()
}

/// The app before it is signed.
#[derive(Debug)]
struct Unsigned {
    jdk: Jdk,
    variant: Variant,
    /// Which libraries are in it.
    abis: Vec<Abi>,
    /// The file, aligned.
    apk: PathBuf,
}

/// Builds the app of `place` up to the point where it is signed.
fn unsigned(place: &Place, variant: Variant, abis: &[Abi]) -> Result<Unsigned> {
    let libraries = native::build(&place.workspace, abis, &place.out.join("lib"))?;
    for library in &libraries {
        let most = library.abi.most_bytes();
        if library.bytes > most {
            bail!(
                "libportlog.so for {} has {} bytes and may have {most}",
                library.abi.as_str(),
                library.bytes
            );
        }
    }
    let code = code(place, variant)?;
    survivors::check_libraries(&code.kept, &libraries)?;
    let folder = place.out.join("apk").join(variant.as_str());
    fs::create_dir_all(&folder)
        .with_context(|| format!("{} could not be made", folder.display()))?;
    let packed = folder.join("packed.apk");
    let apk = folder.join("unsigned.apk");
    archive::pack(&code.linked.apk, &code.dex, &libraries, &packed)?;
    sign::align(&packed, &apk)?;
    Ok(Unsigned {
        jdk: code.jdk,
        variant,
        abis: abis.to_vec(),
        apk,
    })
}

/// The Kotlin half of the app as it is shipped.
#[derive(Debug)]
pub(crate) struct Code {
    jdk: Jdk,
    linked: Linked,
    /// classes.dex.
    pub(crate) dex: PathBuf,
    kept: survivors::Kept,
}

/// Compiles, checks, shrinks and converts the Kotlin of `place`.
pub(crate) fn code(place: &Place, variant: Variant) -> Result<Code> {
    tools::programs("building the APK", &PROGRAMS)?;
    let jdk = Jdk::find()?;
    let classes = jvm::checked_app(&jdk, place)?;
    let linked = jvm::link(&jdk, place, variant)?;
    let shrunk = shrink::shrink(&jdk, place, variant, &classes, &linked)?;
    let shipped = dex::backport(&jdk, place, variant, &shrunk)?;
    jvm::check_shipped(&jdk, place, &classes, &shipped)?;
    let dex = dex::convert(&jdk, place, variant, &shipped)?;
    let kept = survivors::check(&jdk, place, &classes, &linked, &dex)?;
    Ok(Code {
        jdk,
        linked,
        dex,
        kept,
    })
}

fn library_entry(library: &Library) -> String {
    format!("lib/{}/libportlog.so", library.abi.as_str())
}

fn rules(place: &Place) -> PathBuf {
    place.workspace.join("android/proguard.pro")
}

fn read(file: &Path) -> Result<Vec<u8>> {
    fs::read(file).with_context(|| format!("{} could not be read", file.display()))
}
