//! The tests in tests/android that run on this machine's JVM, over the host's build of the very Rust that
//! phones get.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::kotlin::{self, Runs, Unit};
use super::resources;
use super::{Jdk, Place, Variant, class_path, told};
use crate::stamp::{self, Inputs};
use crate::{apk, maven, process, tools, workspace};

/// The frameworks that Robolectric runs the app on.
const FRAMEWORKS: [&str; 5] = [
    "android-instrumented-23",
    "android-instrumented-28",
    "android-instrumented-29",
    "android-instrumented-34",
    "android-instrumented-35",
];

/// Turns Android's code back into class files.
const ENJARIFY: [(&str, &str); 1] = [("enjarify", "enjarify")];

/// A set of tests.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Suite {
    /// The bridge on a plain JVM that checks every call through it.
    Bridge,
    /// The app on Robolectric.
    Shell,
    /// The same tests over the code that is shipped.
    ShellShipped,
}

impl Suite {
    pub(crate) const ALL: [Self; 3] = [Self::Bridge, Self::Shell, Self::ShellShipped];

    /// What it is called on the command line.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Bridge => "bridge",
            Self::Shell => "shell",
            Self::ShellShipped => "shell-shipped",
        }
    }

    /// The suite called `name`.
    pub(crate) fn named(name: &str) -> Result<Self> {
        match Self::ALL.into_iter().find(|suite| suite.as_str() == name) {
            Some(suite) => Ok(suite),
            None => bail!(
                "no tests of the app are called {name:?}; there are {}",
                Self::ALL.map(Self::as_str).join(", ")
            ),
        }
    }

    /// Its folder in tests/android, and in what is built.
    fn folder(self) -> &'static str {
        match self {
            Self::Bridge => "bridge",
            Self::Shell | Self::ShellShipped => "shell",
        }
    }
}

/// Compiles the tests of `suite` and answers all that it takes to run them.
pub(crate) fn compile(jdk: &Jdk, place: &Place, suite: Suite) -> Result<Ready> {
    let junit = maven::class_path(&place.workspace, &["kotlin-stdlib", "junit"])?;
    let (tested, libraries, framework) = match suite {
        Suite::Bridge => (vec![kotlin::core(jdk, place)?], junit, Vec::new()),
        Suite::Shell | Suite::ShellShipped => {
            let classes = super::checked_app(jdk, place)?;
            let libraries =
                maven::class_path(&place.workspace, &["kotlin-stdlib", "junit", "robolectric"])?;
            (classes.folders, libraries, classes.android)
        }
    };
    let folder = place.workspace.join("tests/android").join(suite.folder());
    let tests = kotlin::compile(
        jdk,
        place,
        &Unit {
            name: suite.folder(),
            runs: Runs::Here,
            sources: &[
                folder.clone(),
                place.workspace.join("tests/android/packets"),
            ],
            against: &[tested.as_slice(), &libraries, &framework].concat(),
            friends: &tested,
            out: &place.out.join("tests").join(suite.folder()),
        },
    )?;
    Ok(Ready {
        tests,
        tested,
        // The framework too: Robolectric's own is for the app alone, and the annotations of tests name
        // its classes.
        libraries: [libraries, framework].concat(),
        folder,
    })
}

/// Compiled tests.
#[derive(Debug)]
pub(crate) struct Ready {
    tests: PathBuf,
    tested: Vec<PathBuf>,
    libraries: Vec<PathBuf>,
    folder: PathBuf,
}

/// Runs the tests of `suite` whose name has one of `filters` in it; all where there is none.
pub(crate) fn run(suite: Suite, filters: &[String]) -> Result<()> {
    let place = Place::here();
    let _held = place.hold()?;
    let jdk = Jdk::find()?;
    let ready = compile(&jdk, &place, suite)?;
    let library = host_library()?;
    let scratch = place
        .out
        .join("tests")
        .join(format!("{}-files", suite.as_str()));
    if scratch.exists() {
        fs::remove_dir_all(&scratch)
            .with_context(|| format!("{} could not be emptied", scratch.display()))?;
    }
    fs::create_dir_all(scratch.join("tmp"))
        .with_context(|| format!("{} could not be made", scratch.display()))?;

    let mut command;
    let mut classes = vec![ready.tests.clone()];
    match suite {
        Suite::Bridge => {
            command = jdk.java(700);
            // A test gives descriptors their numbers, as Android's own class for them does.
            command.args(["-Xcheck:jni", "--add-opens=java.base/java.io=ALL-UNNAMED"]);
            classes.extend(ready.tested.iter().cloned());
        }
        Suite::Shell => {
            command = jdk.java(2200);
            classes.extend(ready.tested.iter().cloned());
            robolectric(&jdk, &place, &ready, &scratch, &mut command, &mut classes)?;
        }
        Suite::ShellShipped => {
            command = jdk.java(2200);
            classes.push(shipped(&jdk, &place)?);
            // For tests that are run over the app's own code alone.
            command.arg("-Dportlog.shipped=true");
            robolectric(&jdk, &place, &ready, &scratch, &mut command, &mut classes)?;
        }
    }
    classes.extend(ready.libraries.iter().cloned());
    command
        .arg(property("java.io.tmpdir", &scratch.join("tmp")))
        .arg(property("portlog.files", &scratch))
        .arg(property("java.library.path", &library))
        .arg("-cp")
        .arg(class_path(&classes)?)
        .arg(place.own("RunTests.java"))
        .args([
            "--in-place-of",
            "org.robolectric.RobolectricTestRunner=org.portlog.harness.SharedCoreRunner",
        ])
        .arg("--folder")
        .arg(&ready.tests);
    for filter in filters {
        command.args(["--filter", filter]);
    }
    command.current_dir(&place.workspace);
    let log = scratch.join("log.txt");
    println!(
        "{}: running; what the tests log is in {}",
        suite.as_str(),
        log.display()
    );
    let file =
        fs::File::create(&log).with_context(|| format!("{} could not be made", log.display()))?;
    live(command.stderr(file), suite.as_str(), &log)
}

/// What Robolectric needs beside the tests: the frameworks, and where the app's resources are.
fn robolectric(
    jdk: &Jdk,
    place: &Place,
    ready: &Ready,
    scratch: &Path,
    command: &mut Command,
    classes: &mut Vec<PathBuf>,
) -> Result<()> {
    let frameworks = maven::artifacts(&place.workspace, &FRAMEWORKS)?;
    let folder = workspace::target_dir().join("tools/robolectric");
    let mut inputs = Inputs::default();
    inputs.artifacts(&frameworks);
    stamp::unless_done(&folder, &inputs, |folder| {
        for file in &frameworks {
            let name = file.file_name().unwrap_or_default();
            symlink(file, folder.join(name))
                .with_context(|| format!("{} could not be linked", file.display()))?;
        }
        Ok(())
    })?;
    let linked = resources::link(jdk, place, Variant::Release)?;
    let main = place.main();
    let config = scratch.join("config/com/android/tools");
    fs::create_dir_all(&config)
        .with_context(|| format!("{} could not be made", config.display()))?;
    let mut properties = String::new();
    for (name, path) in [
        ("android_merged_manifest", &linked.manifest),
        ("android_resource_apk", &linked.apk),
        ("android_merged_resources", &main.join("res")),
        ("android_merged_assets", &main.join("assets")),
    ] {
        writeln!(properties, "{name}={}", path.display()).ok();
    }
    properties.push_str("android_custom_package=org.portlog\n");
    fs::write(config.join("test_config.properties"), properties)
        .with_context(|| format!("{} could not be written", config.display()))?;
    classes.extend([scratch.join("config"), ready.folder.join("resources")]);
    command
        .args(OPENED.map(|package| format!("--add-opens=java.base/{package}=ALL-UNNAMED")))
        .args([
            "-Drobolectric.offline=true",
            "-Drobolectric.graphicsMode=NATIVE",
            "-Djava.awt.headless=true",
        ])
        .arg(property("robolectric.dependency.dir", &folder));
    Ok(())
}

/// Packages of the Java library into which Robolectric reaches.
const OPENED: [&str; 7] = [
    "java.lang",
    "java.lang.reflect",
    "java.util",
    "java.io",
    "java.net",
    "java.nio",
    "jdk.internal.access",
];

/// The code that is shipped, turned back into class files; Kotlin's library is left out of it, as the
/// tests bring the whole of it.
fn shipped(jdk: &Jdk, place: &Place) -> Result<PathBuf> {
    tools::programs("the tests of the shipped code", &ENJARIFY)?;
    let code = apk::code(place, Variant::Debug)?;
    let mut inputs = Inputs::default();
    inputs.file("dex", &code.dex)?;
    let out = place.out.join("tests/shipped");
    let jar = out.join("whole.jar");
    stamp::unless_done(&out, &inputs, |out| {
        println!("enjarify: classes.dex back to class files");
        let mut command = Command::new("/usr/bin/python3");
        command
            // Debian's program is a script around this, without -O some seconds slower.
            .env("PYTHONPATH", "/usr/lib/python3/dist-packages")
            .args(["-O", "-m", "enjarify.main", "-f", "-o"])
            .arg(&jar)
            .arg(&code.dex);
        let advice = "enjarify could not read what dx wrote";
        told(&mut command, "enjarify", advice)?;
        let mut command = jdk.program("jar");
        command.arg("xf").arg(&jar).arg("org").current_dir(out);
        told(&mut command, "jar", "enjarify's answer is no archive").map(|_| ())
    })?;
    Ok(out)
}

/// The folder of the host's builds of the library, which hold, as a phone's do, no debug information:
/// tests pack them into APKs, and what is unpacked from one has a limit.
pub(crate) fn host_library() -> Result<PathBuf> {
    process::run(&mut process::command(
        "cargo build --locked --package portlog-jni --lib --examples",
    ))?;
    let target = workspace::target_dir();
    let out = target.join("host-library");
    fs::create_dir_all(&out).with_context(|| format!("{} could not be made", out.display()))?;
    for built in ["libportlog.so", "examples/libportlog_panicking.so"] {
        let built = target.join("debug").join(built);
        let stripped = out.join(built.file_name().unwrap_or_default());
        let beside = stripped.with_extension("new");
        process::run_quietly(
            Command::new("strip")
                .args(["--strip-debug", "-o"])
                .args([&beside, &built]),
        )?;
        fs::rename(&beside, &stripped)
            .with_context(|| format!("{} could not be made", stripped.display()))?;
    }
    Ok(out)
}

/// Runs tests, showing each line as it comes, and fails on a fault of the bridge that the JVM tells of.
fn live(command: &mut Command, what: &str, log: &Path) -> Result<()> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .context("java could not be started")?;
    let mut faults = 0;
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).lines() {
            let line = line.context("the tests' output could not be read")?;
            println!("{line}");
            faults += usize::from(is_bridge_fault(&line));
        }
    }
    let status = child.wait().context("java could not be waited for")?;
    if !status.success() {
        bail!(
            "tests of {what} failed ({status}); what they logged is in {}; \
             `cargo xtask kotlin --test {what} --filter TEXT` runs some of them",
            log.display()
        );
    }
    if faults > 0 {
        bail!("the JVM complains {faults} times about calls through the bridge, see above");
    }
    Ok(())
}

/// What `-Xcheck:jni` prints.
fn is_bridge_fault(line: &str) -> bool {
    [
        "WARNING in native method",
        "WARNING: JNI",
        "FATAL ERROR in native",
    ]
    .iter()
    .any(|start| line.starts_with(start))
}

/// A property of the JVM that is a path.
pub(crate) fn property(name: &str, path: &Path) -> String {
    format!("-D{name}={}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suites_are_known_by_name() {
        for suite in Suite::ALL {
            assert_eq!(Suite::named(suite.as_str()).unwrap(), suite);
        }
        let error = Suite::named("brigde").unwrap_err().to_string();
        assert!(error.contains("bridge, shell, shell-shipped"), "{error}");
    }

    #[test]
    fn complaints_of_the_jvm_are_recognised() {
        assert!(is_bridge_fault("WARNING in native method: JNI call made"));
        assert!(is_bridge_fault("WARNING: JNI local refs: 33, exceeds"));
        assert!(is_bridge_fault("FATAL ERROR in native method: x"));
        assert!(!is_bridge_fault("ok   a.B.warns  0.10 s"));
    }
}
