//! Kotlin to class files, against the real framework of Android 15.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::resources::identifiers;
use super::{Jdk, Place, class_path, shown, told};
use crate::maven;
use crate::stamp::{self, Inputs};

/// How all Kotlin is compiled.
const FLAGS: [&str; 4] = [
    "-no-stdlib",
    "-no-reflect",
    "-Werror",
    // An app for Android 4.4 lives on what Android 15 calls deprecated.
    "-Xwarning-level=DEPRECATION:disabled",
];

/// How Kotlin is compiled for the oldest Android: dx takes Java 8's class files, without what needs
/// `invokedynamic` or methods in interfaces.
const FOR_PHONES: [&str; 7] = [
    "-jvm-target",
    "1.8",
    // What Java 8 had; of that, the check of the API knows what Android 4.4 has.
    "-Xjdk-release=8",
    "-Xlambdas=class",
    "-Xsam-conversions=class",
    "-Xstring-concat=inline",
    "-jvm-default=disable",
];

/// How Kotlin is compiled for this machine.
const FOR_HERE: [&str; 2] = ["-jvm-target", "17"];

/// What runs what is compiled.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Runs {
    /// Android.
    OnPhones,
    /// This machine's JVM.
    Here,
}

impl Runs {
    fn flags(self) -> Vec<&'static str> {
        let flags = match self {
            Self::OnPhones => FOR_PHONES.as_slice(),
            Self::Here => FOR_HERE.as_slice(),
        };
        [FLAGS.as_slice(), flags].concat()
    }
}

/// Compiled classes and what they were compiled against.
#[derive(Clone, Debug)]
pub(crate) struct Classes {
    /// Our own, one folder for each compiler.
    pub(crate) folders: Vec<PathBuf>,
    /// Kotlin's library.
    pub(crate) kotlin: Vec<PathBuf>,
    /// Android 15, with its hidden classes.
    pub(crate) android: Vec<PathBuf>,
}

/// Compiles android/src/main, unless that was done.
pub(crate) fn app(jdk: &Jdk, place: &Place) -> Result<Classes> {
    let sources = place.main().join("kotlin");
    let android = maven::artifacts(&place.workspace, &["android-all"])?;
    let kotlin = maven::class_path(&place.workspace, &["kotlin-stdlib"])?;
    let r = java(jdk, &identifiers(jdk, place)?, &place.out.join("r"))?;
    let ours = compile(
        jdk,
        place,
        &Unit {
            name: "portlog",
            runs: Runs::OnPhones,
            sources: &[sources],
            against: &[std::slice::from_ref(&r), &kotlin, &android].concat(),
            friends: &[],
            out: &place.out.join("classes"),
        },
    )?;
    Ok(Classes {
        folders: vec![ours, r],
        kotlin,
        android,
    })
}

/// Compiles `org.portlog.core` and the helper's entry by themselves, unless that was done: without
/// Android, as they must run on any JVM. Answers the folder of their classes.
pub(crate) fn core(jdk: &Jdk, place: &Place) -> Result<PathBuf> {
    let sources = ["core", "helper"].map(|room| place.main().join("kotlin/org/portlog").join(room));
    let kotlin = maven::class_path(&place.workspace, &["kotlin-stdlib"])?;
    let unit = Unit {
        name: "portlog",
        runs: Runs::OnPhones,
        sources: &sources,
        against: &kotlin,
        friends: &[],
        out: &place.out.join("core"),
    };
    compile(jdk, place, &unit)
}

/// What is compiled in one go.
#[derive(Debug)]
pub(crate) struct Unit<'a> {
    /// Its name for Kotlin's `internal`.
    pub(crate) name: &'a str,
    /// What runs it.
    pub(crate) runs: Runs,
    /// Folders of Kotlin.
    pub(crate) sources: &'a [PathBuf],
    /// Its class path.
    pub(crate) against: &'a [PathBuf],
    /// Folders of classes whose `internal` it may use.
    pub(crate) friends: &'a [PathBuf],
    /// Where the classes go.
    pub(crate) out: &'a Path,
}

/// Compiles Kotlin, unless that was done, and answers the folder of its classes.
pub(crate) fn compile(jdk: &Jdk, place: &Place, unit: &Unit<'_>) -> Result<PathBuf> {
    let compiler = maven::class_path(&place.workspace, &["kotlin-compiler"])?;
    let mut inputs = Inputs::default();
    inputs.text("name", unit.name);
    inputs.text("flags", &unit.runs.flags().join(" "));
    inputs.artifacts(&compiler);
    for folder in unit.sources {
        if stamp::files(folder)?.is_empty() {
            bail!(
                "{} is missing: there is no Kotlin to compile",
                shown(place, folder)
            );
        }
        inputs.tree("sources", folder)?;
    }
    for path in unit.against {
        if path.is_dir() {
            inputs.tree("against", path)?;
        } else {
            inputs.artifacts(std::slice::from_ref(path));
        }
    }
    let classes = unit.out.to_path_buf();
    stamp::unless_done(unit.out, &inputs, |out| {
        let mut files: Vec<String> = Vec::new();
        for folder in unit.sources {
            let found = stamp::files(folder)?;
            let kotlin = found.values().filter(|file| is(file, "kt"));
            // By a path from the checkout, which is how the compiler then names it.
            files.extend(kotlin.map(|file| shown(place, file).to_string()));
        }
        println!("kotlin: {}: compiling {} files", unit.name, files.len());
        let list = out.join("arguments");
        let words = files.iter().map(|file| format!("\"{file}\"\n"));
        fs::write(&list, words.collect::<String>())
            .with_context(|| format!("{} could not be written", list.display()))?;
        let mut command = jdk.java(1400);
        command
            .arg("-cp")
            .arg(class_path(&compiler)?)
            .arg("org.jetbrains.kotlin.cli.jvm.K2JVMCompiler")
            .args(unit.runs.flags())
            .args(["-module-name", unit.name])
            .arg("-classpath")
            .arg(class_path(unit.against)?);
        if !unit.friends.is_empty() {
            let friends: Vec<_> = unit
                .friends
                .iter()
                .map(|path| path.to_string_lossy())
                .collect();
            command.arg(format!("-Xfriend-paths={}", friends.join(",")));
        }
        command
            .arg("-d")
            .arg(out)
            .arg(format!("@{}", list.display()))
            .current_dir(&place.workspace);
        let said = told(
            &mut command,
            &format!("kotlin: {}", unit.name),
            "the compiler names each file and line above",
        )?;
        print!("{said}");
        fs::remove_file(&list).ok();
        Ok(())
    })?;
    Ok(classes)
}

/// Compiles the Java under `sources` by itself, unless that was done.
fn java(jdk: &Jdk, sources: &Path, out: &Path) -> Result<PathBuf> {
    let mut inputs = Inputs::default();
    inputs.tree("java", sources)?;
    stamp::unless_done(out, &inputs, |out| {
        let found = stamp::files(sources)?;
        let mut command = jdk.program("javac");
        command.args(["--release", "8", "-Xlint:-options", "-g:none", "-d"]);
        command.arg(out).args(found.values());
        told(&mut command, "javac", "it compiles what aapt2 wrote").map(|_| ())
    })?;
    Ok(out.to_path_buf())
}

fn is(file: &Path, extension: &str) -> bool {
    file.extension().is_some_and(|found| found == extension)
}
