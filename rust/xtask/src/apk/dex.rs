//! Class files to the code that Android runs.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::jvm::{self, Jdk, Place, Variant};
use crate::maven;
use crate::stamp::{self, Inputs};

/// Replaces in `shrunk`, unless that was done, the calls that Kotlin writes and Android 4.4 has not, and
/// answers the jar with the replacements.
pub(super) fn backport(
    jdk: &Jdk,
    place: &Place,
    variant: Variant,
    shrunk: &Path,
) -> Result<PathBuf> {
    let program = place.own("Backport.java");
    let library = maven::class_path(&place.workspace, &["animal-sniffer"])?;
    let mut inputs = Inputs::default();
    inputs.file("program", &program)?;
    inputs.artifacts(&library);
    inputs.file("shrunk", shrunk)?;
    let out = place.out.join("backported").join(variant.as_str());
    let jar = out.join("shipped.jar");
    stamp::unless_done(&out, &inputs, |_| {
        let mut command = jdk.java(600);
        command.arg("-cp").arg(jvm::class_path(&library)?).args([
            &program,
            &shrunk.to_path_buf(),
            &jar,
        ]);
        let advice = "its words stand above";
        let said = jvm::told(&mut command, "backport", advice)?;
        print!("backport: {said}");
        Ok(())
    })?;
    Ok(jar)
}

/// Converts the classes in the jar `shipped`, unless that was done, and answers classes.dex.
pub(super) fn convert(
    jdk: &Jdk,
    place: &Place,
    variant: Variant,
    shipped: &Path,
) -> Result<PathBuf> {
    let program = maven::class_path(&place.workspace, &["dx"])?;
    let mut inputs = Inputs::default();
    inputs.artifacts(&program);
    inputs.file("shipped", shipped)?;
    let out = place.out.join("dex").join(variant.as_str());
    let dex = out.join("classes.dex");
    stamp::unless_done(&out, &inputs, |_| {
        println!("dex: converting");
        let mut command = jdk.java(1000);
        command
            .arg("-cp")
            .arg(jvm::class_path(&program)?)
            .args(["com.android.dx.command.Main", "--dex"])
            // The shrinker leaves tables of local variables that dx stumbles over.
            .args(["--no-locals", "--min-sdk-version=19"])
            .arg(format!("--output={}", dex.display()))
            .arg(shipped);
        let advice = "dx names the class above";
        print!("{}", jvm::told(&mut command, "dx", advice)?);
        Ok(())
    })?;
    Ok(dex)
}
