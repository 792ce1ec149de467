//! Leaving out of the app what nothing in it reaches: most of Kotlin's library.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::rules;
use crate::jvm::{self, Classes, Jdk, Linked, Place, Variant};
use crate::maven;
use crate::stamp::{self, Inputs};

/// Shrinks `classes`, unless that was done, and answers the jar of what is left.
pub(super) fn shrink(
    jdk: &Jdk,
    place: &Place,
    variant: Variant,
    classes: &Classes,
    linked: &Linked,
) -> Result<PathBuf> {
    let program = maven::class_path(&place.workspace, &["proguard"])?;
    let java = jdk.base_module()?;
    let rules = rules(place);
    let mut inputs = Inputs::default();
    inputs.artifacts(&program);
    inputs.artifacts(&classes.kotlin);
    inputs.artifacts(&classes.android);
    inputs.artifacts(std::slice::from_ref(&java));
    inputs.file("rules", &rules)?;
    inputs.file("linked", &linked.rules)?;
    for folder in &classes.folders {
        inputs.tree("classes", folder)?;
    }
    let out = place.out.join("shrunk").join(variant.as_str());
    let jar = out.join("shrunk.jar");
    stamp::unless_done(&out, &inputs, |_| {
        println!("shrink: by android/proguard.pro and what the manifest names");
        let mut command = jdk.java(1400);
        command
            .arg("-cp")
            .arg(jvm::class_path(&program)?)
            .arg("proguard.ProGuard");
        for folder in &classes.folders {
            command.arg("-injars").arg(filtered(folder, "**.class"));
        }
        for library in &classes.kotlin {
            command
                .arg("-injars")
                .arg(filtered(library, "!META-INF/**,**.class"));
        }
        // The framework without the Java library, and that without its own description: a shrinker
        // that does not see java.util.Comparator takes its methods for unused ones.
        command
            .arg("-libraryjars")
            .arg(filtered(&java, "!**.jar;!module-info.class"));
        for library in &classes.android {
            command.arg("-libraryjars").arg(library);
        }
        command.arg("-outjars").arg(&jar);
        for rules in [&rules, &linked.rules] {
            command.arg("-include").arg(rules);
        }
        let said = jvm::told(
            &mut command,
            "shrink",
            "ProGuard names above what it does not find; a class that Android 4.4 to 15 has not is a \
             fault, and what is known to be absent is named in android/proguard.pro",
        )?;
        for line in said.lines().filter(|line| line.contains("Warning")) {
            println!("shrink: {line}");
        }
        Ok(())
    })?;
    Ok(jar)
}

/// A path with ProGuard's filter of what is read in it.
fn filtered(path: &Path, filter: &str) -> OsString {
    let mut word = path.as_os_str().to_owned();
    word.push(format!("({filter})"));
    word
}
