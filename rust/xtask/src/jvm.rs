//! The JVM side: Kotlin compiled, held to the oldest Android, and tested on this machine.
//!
//! The tools are run as they are, without Gradle: Google's plugin for it, and the SDK that it wants,
//! are on no repository that everybody reaches. docs/adr/0009-the-apk-without-the-sdk.md says why.

mod api;
mod facts;
mod jdk;
pub(crate) mod kotlin;
mod resources;
pub(crate) mod suite;

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

pub(crate) use api::{check_shipped, stage as calls_stage};
pub(crate) use facts::facts;
pub(crate) use jdk::{Jdk, class_path, told};
pub(crate) use kotlin::Classes;
pub(crate) use resources::{Linked, MIN_SDK, Variant, badging, link};

use crate::{apk, workspace};
use suite::Suite;

/// Kotlin of the app, and what is built from it, in one checkout.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// The checkout.
    pub(crate) workspace: PathBuf,
    /// Where everything is built to.
    pub(crate) out: PathBuf,
}

impl Place {
    /// This checkout.
    pub(crate) fn here() -> Self {
        Self {
            workspace: workspace::root().to_path_buf(),
            out: workspace::target_dir().join("android"),
        }
    }

    /// Waits until no other run builds to the same folder, and keeps others out as long as the answer
    /// lives.
    pub(crate) fn hold(&self) -> Result<File> {
        fs::create_dir_all(&self.out)
            .with_context(|| format!("{} could not be made", self.out.display()))?;
        let path = self.out.join(".lock");
        let lock =
            File::create(&path).with_context(|| format!("{} could not be made", path.display()))?;
        if lock.try_lock().is_err() {
            println!("waiting for another run in {}", self.out.display());
            lock.lock()
                .with_context(|| format!("{} could not be locked", path.display()))?;
        }
        Ok(lock)
    }

    /// `android/src/main` in it.
    pub(crate) fn main(&self) -> PathBuf {
        self.workspace.join("android/src/main")
    }

    /// A file or folder that xtask brings itself for the JVM.
    pub(crate) fn own(&self, name: &str) -> PathBuf {
        self.workspace.join("rust/xtask/src/jvm/java").join(name)
    }
}

/// What `cargo xtask kotlin` was asked for.
#[derive(Debug)]
pub(crate) struct Options {
    core: bool,
    shipped: bool,
    tests: bool,
    run: Vec<Suite>,
    filters: Vec<String>,
}

impl Options {
    /// The words after `cargo xtask kotlin`.
    pub(crate) fn parse(mut arguments: lexopt::Parser) -> Result<Self> {
        let mut options = Self {
            core: false,
            shipped: false,
            tests: false,
            run: Vec::new(),
            filters: Vec::new(),
        };
        while let Some(argument) = arguments.next()? {
            match argument {
                lexopt::Arg::Long("core") => options.core = true,
                lexopt::Arg::Long("shipped") => options.shipped = true,
                lexopt::Arg::Long("tests") => options.tests = true,
                lexopt::Arg::Long("test") => {
                    let name = arguments.value()?;
                    options.run.push(Suite::named(&name.to_string_lossy())?);
                }
                lexopt::Arg::Long("filter") => {
                    let text = arguments.value()?.to_string_lossy().into_owned();
                    options.filters.push(text);
                }
                other => return Err(other.unexpected().into()),
            }
        }
        if options.run.is_empty() && !options.filters.is_empty() {
            bail!("--filter chooses among the tests of --test SUITE, which is missing");
        }
        Ok(options)
    }
}

/// Does what was asked for.
pub(crate) fn run(options: &Options) -> Result<()> {
    if !options.run.is_empty() {
        let mut suites = options.run.iter();
        return suites.try_for_each(|&suite| suite::run(suite, &options.filters));
    }
    let place = Place::here();
    let _held = place.hold()?;
    let jdk = Jdk::find()?;
    kotlin::core(&jdk, &place)?;
    if options.core {
        return Ok(());
    }
    checked_app(&jdk, &place)?;
    if place.main().join("AndroidManifest.xml").is_file() {
        link(&jdk, &place, Variant::Release)?;
    } else {
        println!("resources: android/src/main/AndroidManifest.xml is missing");
    }
    if options.shipped {
        apk::code(&place, Variant::Debug)?;
    }
    if options.tests {
        for suite in [Suite::Bridge, Suite::Shell] {
            suite::compile(&jdk, &place, suite)?;
        }
    }
    Ok(())
}

/// The stage `bridge`.
pub(crate) fn bridge_stage() -> Result<()> {
    suite::run(Suite::Bridge, &[])
}

/// The stage `shell`.
pub(crate) fn shell_stage() -> Result<()> {
    suite::run(Suite::Shell, &[])
}

/// The stage `shell-shipped`.
pub(crate) fn shell_shipped_stage() -> Result<()> {
    suite::run(Suite::ShellShipped, &[])
}

/// Compiles the app's Kotlin and checks what it calls, as far as that was not done.
pub(crate) fn checked_app(jdk: &Jdk, place: &Place) -> Result<Classes> {
    let classes = kotlin::app(jdk, place)?;
    api::check(jdk, place, &classes)?;
    Ok(classes)
}

/// A path as it is shown: from the checkout where it lies in it.
pub(crate) fn shown<'a>(place: &Place, path: &'a Path) -> std::path::Display<'a> {
    path.strip_prefix(&place.workspace)
        .unwrap_or(path)
        .display()
}
