//! Which calls the app may make: those that Android 4.4 has, newer ones only in functions that say so
//! by `android.annotation.TargetApi`, and never a hidden one.
//!
//! The framework that the app is compiled against has every hidden class in it, and the levels of public
//! API that Maven Central has end at 33: what is newer stands in android/api-34-35.txt by name.

use std::path::{Path, PathBuf};

use anyhow::Result;

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
    let mut words: Vec<PathBuf> = Vec::new();
    for call in REPLACED {
        words.extend(["--replaced", call].map(PathBuf::from));
    }
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

fn run(jdk: &Jdk, place: &Place, name: &str, words: &[PathBuf]) -> Result<()> {
    let program = place.own("ApiCheck.java");
    let newer = place.workspace.join(NEWER);
    let library = maven::class_path(&place.workspace, &["animal-sniffer"])?;
    let signatures = maven::artifacts(
        &place.workspace,
        &[
            "android-api-floor@signature",
            "android-api-public@signature",
        ],
    )?;
    let mut inputs = Inputs::default();
    inputs.file("program", &program)?;
    inputs.artifacts(&signatures);
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
        let mut command = jdk.java(600);
        command
            .arg("-cp")
            .arg(class_path(&library)?)
            .arg(&program)
            .arg("--newer")
            .arg(&newer);
        for (option, file) in ["--floor", "--public"].into_iter().zip(&signatures) {
            command.arg(option).arg(file);
        }
        command.args(words);
        let advice = "each line above is a call to change, guard or list";
        print!("{name}: {}", told(&mut command, "api", advice)?);
        Ok(())
    })?;
    Ok(())
}
