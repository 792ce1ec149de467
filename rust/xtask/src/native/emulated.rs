//! The built library run for real: the tests in tests/android/emulated, on unidbg's ARM processors
//! with the C libraries of Android 4.4 and 6.0.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::{Abi, Product, build, cargo, copy, each};
use crate::jvm::{self, Jdk, Place, kotlin, suite};
use crate::{maven, workspace};

/// The classes with the tests.
const TESTS: [&str; 2] = [
    "org.portlog.emulated.AllowedCallsTest",
    "org.portlog.emulated.RealLibraryTest",
];
/// A checkout of AOSP's bionic, whose lists of calls the tests are to be held against.
const BIONIC: &str = "PORTLOG_BIONIC";
/// What the test prints that held them against it.
const COMPARED: &str = "the published lists of ";

/// Builds the libraries and the tests, and runs them.
pub(crate) fn stage() -> Result<()> {
    let place = Place::here();
    let libraries = place.out.join("lib");
    build(workspace::root(), &Abi::PHONES, &libraries)?;
    each(workspace::root(), &Abi::PHONES, |abi, places| {
        let panicking = cargo::build(abi, Product::Panicking, places)?;
        copy(
            &panicking,
            &libraries.join(abi.as_str()).join("libportlog_panicking.so"),
        )
    })?;
    let jdk = Jdk::find()?;
    let core = kotlin::core(&jdk, &place)?;
    let mut class_path = vec![core.clone()];
    class_path.extend(maven::class_path(
        &place.workspace,
        &[
            "kotlin-stdlib",
            "junit",
            "unidbg-android",
            "unidbg-unicorn2",
        ],
    )?);
    let tests = kotlin::compile(
        &jdk,
        &place,
        &kotlin::Unit {
            name: "emulated",
            runs: kotlin::Runs::Here,
            sources: &[
                place.workspace.join("tests/android/emulated/kotlin"),
                place.workspace.join("tests/android/packets"),
            ],
            against: &class_path,
            friends: &[core],
            out: &place.out.join("emulated"),
        },
    )?;
    class_path.push(tests);
    run(&jdk, &place, &class_path, &libraries)
}

fn run(jdk: &Jdk, place: &Place, class_path: &[PathBuf], libraries: &Path) -> Result<()> {
    println!("emulated: {}", TESTS.join(", "));
    // The app's side of what the emulated one speaks to.
    let library = suite::host_library()?;
    let mut command = jdk.java(700);
    command
        .arg("-cp")
        .arg(jvm::class_path(class_path)?)
        .arg(suite::property("portlog.libraries", libraries))
        .arg(suite::property("java.library.path", &library));
    if let Some(bionic) = std::env::var_os(BIONIC) {
        command.arg(suite::property("portlog.bionic", Path::new(&bionic)));
    }
    command
        .arg("org.junit.runner.JUnitCore")
        .args(TESTS)
        .current_dir(&place.workspace);
    let said = jvm::told(
        &mut command,
        "emulated",
        "JUnit names each test and its fault above",
    )?;
    for line in said.lines() {
        if let Some(at) = line.find("system calls on ") {
            println!("emulated: {}", line.get(at..).unwrap_or_default());
        }
    }
    match said
        .lines()
        .find_map(|line| line.find(COMPARED).and_then(|at| line.get(at..)))
    {
        Some(compared) => println!("emulated: {compared}"),
        None => println!(
            "emulated: the table of allowed calls was not compared with the published lists: \
             {BIONIC} names no checkout of bionic (tests/android/emulated/README.md)"
        ),
    }
    let summary = said.lines().find(|line| line.starts_with("OK ("));
    println!(
        "emulated: {}",
        summary.context("JUnit did not say that all tests passed")?
    );
    Ok(())
}
