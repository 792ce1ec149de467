//! This machine's JDK and the programs in it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::tools;

/// The oldest JDK that runs everything here: Robolectric runs Android 15 from 17 on.
const OLDEST: u32 = 17;

/// A JDK.
#[derive(Clone, Debug)]
pub(crate) struct Jdk {
    home: PathBuf,
}

impl Jdk {
    /// The one that `JAVA_HOME` names, else the one of `java` in the path.
    pub(crate) fn find() -> Result<Self> {
        let named = std::env::var_os("JAVA_HOME").filter(|home| !home.is_empty());
        let java = if let Some(home) = &named {
            Path::new(home).join("bin/java").into_os_string()
        } else {
            tools::programs("the Kotlin side of the app", &tools::JDK)?;
            OsString::from("java")
        };
        let output = Command::new(&java)
            .args(["-XshowSettings:properties", "-version"])
            .output()
            .with_context(|| format!("{} could not be started", java.display()))?;
        let told = String::from_utf8_lossy(&output.stderr);
        let (home, version) = properties(&told)
            .with_context(|| format!("{} does not say what it is:\n{told}", java.display()))?;
        if version < OLDEST {
            bail!(
                "{} is Java {version}, and {OLDEST} or later is needed; set JAVA_HOME to one \
                 (Debian: openjdk-17-jdk-headless)",
                java.display()
            );
        }
        Ok(Self { home })
    }

    /// Its folder.
    pub(crate) fn home(&self) -> &Path {
        &self.home
    }

    /// One of the JDK's programs.
    pub(crate) fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.home.join("bin").join(name));
        command.stdin(Stdio::null());
        command
    }

    /// `java` with at most so many megabytes of heap.
    pub(crate) fn java(&self, megabytes: u32) -> Command {
        let mut command = self.program("java");
        command.args([
            format!("-Xmx{megabytes}m"),
            // One stage after the other on machines of few cores: a start counts more than a peak.
            "-XX:+UseSerialGC".to_owned(),
            "-XX:TieredStopAtLevel=1".to_owned(),
            // Five frameworks fill the 48 MB that come with it, and then nothing more is compiled.
            "-XX:ReservedCodeCacheSize=192m".to_owned(),
        ]);
        command
    }

    /// The classes of the Java library itself.
    pub(crate) fn base_module(&self) -> Result<PathBuf> {
        let module = self.home.join("jmods/java.base.jmod");
        if !module.is_file() {
            bail!(
                "{} has no jmods/java.base.jmod: it is a runtime and no whole JDK; install one \
                 (Debian: openjdk-17-jdk-headless) or set JAVA_HOME to one",
                self.home.display()
            );
        }
        Ok(module)
    }
}

/// `java.home` and the major version, of what `-XshowSettings:properties` prints.
fn properties(told: &str) -> Option<(PathBuf, u32)> {
    let value = |name: &str| {
        told.lines()
            .filter_map(|line| line.split_once(" = "))
            .find(|(key, _)| key.trim() == name)
            .map(|(_, value)| value.trim())
    };
    let version = value("java.specification.version")?;
    let version = version.strip_prefix("1.").unwrap_or(version).parse().ok()?;
    Some((PathBuf::from(value("java.home")?), version))
}

/// Runs a program whose words are only worth showing when it fails, and answers them. `what` names
/// the program and what it was to do, `advice` what to do when it fails.
pub(crate) fn told(command: &mut Command, what: &str, advice: &str) -> Result<String> {
    let program = command.get_program().to_owned();
    let output = command
        .output()
        .with_context(|| format!("{what}: {} could not be started", program.display()))?;
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    if !output.status.success() {
        print!("{text}");
        bail!("{what}: failed ({}); {advice}", output.status);
    }
    Ok(text)
}

/// Files as one word of a command line.
pub(crate) fn class_path(files: &[PathBuf]) -> Result<OsString> {
    std::env::join_paths(files).context("a path has a colon in it, which no class path can hold")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jdk_says_where_it_lies_and_how_old_it_is() {
        let told =
            "Property settings:\n    java.home = /opt/a b\n    java.specification.version = 17\n";
        assert_eq!(properties(told), Some((PathBuf::from("/opt/a b"), 17)));
        let old = "    java.home = /opt/8\n    java.specification.version = 1.8\n";
        assert_eq!(properties(old), Some((PathBuf::from("/opt/8"), 8)));
        assert_eq!(properties("nothing"), None);
    }

    #[test]
    fn a_failure_names_the_step_and_what_to_do() {
        let error = told(&mut Command::new("false"), "shrinking", "look above").unwrap_err();
        let error = error.to_string();
        assert!(error.starts_with("shrinking: failed"), "{error}");
        assert!(error.ends_with("look above"), "{error}");
    }
}
