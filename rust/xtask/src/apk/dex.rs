//! Class files to the code that Android runs.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::jvm::{self, Jdk, Place, Variant};
use crate::maven;
use crate::stamp::{self, Inputs};

/// Converts `shrunk`, unless that was done, and answers classes.dex.
pub(super) fn convert(
    jdk: &Jdk,
    place: &Place,
    variant: Variant,
    shrunk: &Path,
) -> Result<PathBuf> {
    let program = maven::class_path(&place.workspace, &["dx"])?;
    let mut inputs = Inputs::default();
    inputs.artifacts(&program);
    inputs.file("shrunk", shrunk)?;
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
            .arg(shrunk);
        let advice = "dx names the class above";
        print!("{}", jvm::told(&mut command, "dx", advice)?);
        Ok(())
    })?;
    Ok(dex)
}
