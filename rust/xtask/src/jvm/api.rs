//! Which calls the app may make: those that Android 4.4 has, newer ones only in functions that say so
//! by `android.annotation.TargetApi`, and never a hidden one.
//!
//! The framework that the app is compiled against has every hidden class in it, and the levels of public
//! API that Maven Central has end at 33: what is newer stands in android/api-34-35.txt by name.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::kotlin::{self, Runs, Unit};
use super::{Classes, Jdk, Place, class_path, told};
use crate::maven;
use crate::stamp::{self, Inputs};

/// Public API that is newer than the list of public API.
const NEWER: &str = "android/api-34-35.txt";

/// Calls that Kotlin's compiler writes into every data class, and that Android has from 7 on: they are
/// replaced before the code is shipped (java/Backport.java), as the check of what is shipped shows.
const REPLACED: [&str; 4] = [
    "java/lang/Boolean.hashCode(Z)I",
    "java/lang/Double.hashCode(D)I",
    "java/lang/Integer.hashCode(I)I",
    "java/lang/Long.hashCode(J)I",
];

/// Checks our own classes as they were compiled.
pub(crate) fn check(jdk: &Jdk, place: &Place, classes: &Classes) -> Result<()> {
    let mut words = replaced();
    for folder in &classes.folders {
        words.extend([PathBuf::from("--classes"), folder.clone()]);
    }
    for jar in &classes.kotlin {
        words.extend([PathBuf::from("--known"), jar.clone()]);
    }
    run(jdk, place, "api", &words)
}

/// Checks what is shipped, Kotlin's library in it too: that it calls nothing that Android 4.4 has not,
/// and that the shrinker took nothing that something calls.
pub(crate) fn check_shipped(
    jdk: &Jdk,
    place: &Place,
    classes: &Classes,
    shipped: &Path,
) -> Result<()> {
    let mut words = vec![PathBuf::from("--classes"), shipped.to_path_buf()];
    for before in classes.folders.iter().chain(&classes.kotlin) {
        words.extend([PathBuf::from("--before"), before.clone()]);
    }
    run(jdk, place, "api-shipped", &words)
}

/// The stage `calls`: what the check says of calls that it must refuse, and that it refuses no others.
pub(crate) fn stage() -> Result<()> {
    let place = Place::here();
    let _held = place.hold()?;
    let jdk = Jdk::find()?;
    let android = maven::artifacts(&place.workspace, &["android-all"])?;
    let library = maven::class_path(&place.workspace, &["kotlin-stdlib"])?;
    let compiled = |name: &str| {
        let sources = place.workspace.join("tests/android/calls").join(name);
        kotlin::compile(
            &jdk,
            &place,
            &Unit {
                name,
                runs: Runs::OnPhones,
                sources: &[sources],
                against: &[library.as_slice(), &android].concat(),
                friends: &[],
                out: &place.out.join("calls").join(name),
            },
        )
    };
    let mut words = replaced();
    for (option, path) in [
        ("--before", compiled("before")?),
        ("--classes", compiled("after")?),
    ] {
        words.extend([PathBuf::from(option), path]);
    }
    for jar in &library {
        words.extend([PathBuf::from("--known"), jar.clone()]);
    }
    let newer = place.workspace.join("tests/android/calls/newer.txt");
    let output = Program::find(&place)?
        .command(&jdk, &newer, &words)?
        .output()
        .context("java could not be started")?;
    let said = String::from_utf8_lossy(&output.stdout);
    let path = place.workspace.join("tests/android/calls/faults.txt");
    let wanted = fs::read_to_string(&path)
        .with_context(|| format!("{} could not be read", path.display()))?;
    // The last line counts classes and references.
    let faults: Vec<&str> = said.lines().collect();
    let (_, faults) = faults.split_last().unwrap_or((&"", &[]));
    if output.status.success() || !faults.iter().copied().eq(wanted.lines()) {
        print!("{said}{}", String::from_utf8_lossy(&output.stderr));
        bail!(
            "the check of calls says the above, and {} is expected",
            path.display()
        );
    }
    println!("calls: {} faults, as they should be", faults.len());
    Ok(())
}

fn replaced() -> Vec<PathBuf> {
    REPLACED
        .into_iter()
        .flat_map(|call| ["--replaced", call].map(PathBuf::from))
        .collect()
}

fn run(jdk: &Jdk, place: &Place, name: &str, words: &[PathBuf]) -> Result<()> {
    let program = Program::find(place)?;
    let newer = place.workspace.join(NEWER);
    let mut inputs = Inputs::default();
    inputs.file("program", &program.source)?;
    inputs.artifacts(&program.signatures);
    if newer.is_file() {
        inputs.file("newer", &newer)?;
    }
    for word in words {
        inputs.text("word", &word.to_string_lossy());
        if word.is_dir() {
            inputs.tree("classes", word)?;
        } else if word.starts_with(&place.out) {
            inputs.file("classes", word)?;
        }
    }
    stamp::unless_done(&place.out.join(name), &inputs, |_| {
        let mut command = program.command(jdk, &newer, words)?;
        let advice = "each line above is a call to change, guard or list";
        print!("{name}: {}", told(&mut command, "api", advice)?);
        Ok(())
    })?;
    Ok(())
}

/// java/ApiCheck.java and what it reads.
#[derive(Debug)]
struct Program {
    source: PathBuf,
    library: Vec<PathBuf>,
    /// Android 4.4, and the newest public API.
    signatures: Vec<PathBuf>,
}

impl Program {
    fn find(place: &Place) -> Result<Self> {
        Ok(Self {
            source: place.own("ApiCheck.java"),
            library: maven::class_path(&place.workspace, &["animal-sniffer"])?,
            signatures: maven::artifacts(
                &place.workspace,
                &[
                    "android-api-floor@signature",
                    "android-api-public@signature",
                ],
            )?,
        })
    }

    fn command(&self, jdk: &Jdk, newer: &Path, words: &[PathBuf]) -> Result<Command> {
        let mut command = jdk.java(600);
        command
            .arg("-cp")
            .arg(class_path(&self.library)?)
            .arg(&self.source)
            .arg("--newer")
            .arg(newer);
        for (option, file) in ["--floor", "--public"].into_iter().zip(&self.signatures) {
            command.arg(option).arg(file);
        }
        command.args(words);
        Ok(command)
    }
}
