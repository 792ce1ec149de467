//! Files from Maven Central, brought by Maven itself and kept in its own folder (`~/.m2`) or beside
//! the build.
//!
//! Maven is in every distribution, knows proxies and mirrors, and resolves what a library depends on;
//! nothing here speaks HTTP.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::catalogue::Catalogue;
use crate::stamp::Inputs;
use crate::{tools, workspace};

/// Files that Robolectric asks for and no public repository but Google's has: tests/android/shell has
/// classes of our own in their place.
const NOT_ON_MAVEN_CENTRAL: [(&str, &str); 2] =
    [("androidx.test", "*"), ("androidx.test.espresso", "*")];

/// The artifacts that the catalogue of `workspace` has under `names` (`name`, or `name@type` for one
/// that is no jar) and all that they need, in the order of a class path.
///
/// The files stay where Maven keeps them. What was resolved once is not asked for again.
pub(crate) fn class_path(workspace: &Path, names: &[&str]) -> Result<Vec<PathBuf>> {
    resolve(workspace, names, true)
}

/// The artifacts that the catalogue of `workspace` has under `names`, without what they need, in the
/// same order.
pub(crate) fn artifacts(workspace: &Path, names: &[&str]) -> Result<Vec<PathBuf>> {
    // One by one: of several versions of one library, Maven would answer only the first.
    let mut files = Vec::new();
    for name in names {
        match resolve(workspace, &[name], false)?.as_slice() {
            [file] => files.push(file.clone()),
            several => bail!("Maven answered {} files for {name}", several.len()),
        }
    }
    Ok(files)
}

/// Brings the artifacts `coordinates` (`group:artifact:version[:type[:classifier]]`) into the
/// folder `into`, each without what it depends on, and answers their files in the same order.
/// What lies there already is not fetched again. `workspace` is where the catalogue is read.
pub(crate) fn fetch(workspace: &Path, coordinates: &[&str], into: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for &coordinate in coordinates {
        let name = file_name(coordinate)?;
        let file = into.join(&name);
        if !file.is_file() {
            // Brought beside it first, so that an interrupted download is never taken for a file.
            let partial = into.join(format!(".{name}.{}", std::process::id()));
            fs::create_dir_all(&partial)
                .with_context(|| format!("{} could not be made", partial.display()))?;
            let copied = copy(workspace, coordinate, &partial);
            let moved = copied.and_then(|()| {
                fs::rename(partial.join(&name), &file).with_context(|| {
                    format!("Maven brought {coordinate} under another name than {name}")
                })
            });
            fs::remove_dir_all(&partial).ok();
            moved?;
        }
        files.push(file);
    }
    Ok(files)
}

fn copy(workspace: &Path, coordinate: &str, into: &Path) -> Result<()> {
    let mut command = plugin(workspace, "copy")?;
    command
        .arg(format!("-Dartifact={coordinate}"))
        .arg(format!("-DoutputDirectory={}", into.display()));
    run(&mut command, coordinate)
}

/// Maven's answer for these artifacts, kept under the digest of what was asked.
fn resolve(workspace: &Path, names: &[&str], with_needs: bool) -> Result<Vec<PathBuf>> {
    let catalogue = Catalogue::read(workspace)?;
    let mut dependencies = String::new();
    for name in names {
        let (name, kind) = name.split_once('@').unwrap_or((name, "jar"));
        dependencies.push_str(&dependency(&catalogue.library(name)?, kind, with_needs)?);
    }
    let pom = pom(&dependencies);
    let mut inputs = Inputs::default();
    inputs.text("pom", &pom);
    let folder = workspace::target_dir()
        .join("tools/maven")
        .join(inputs.digest());
    let answer = folder.join("class-path.txt");
    if let Ok(text) = fs::read_to_string(&answer) {
        let files: Vec<PathBuf> = std::env::split_paths(text.trim()).collect();
        // Somebody may have emptied Maven's folder since.
        if files.iter().all(|file| file.is_file()) {
            return Ok(files);
        }
    }
    fs::create_dir_all(&folder)
        .with_context(|| format!("{} could not be made", folder.display()))?;
    let file = folder.join("pom.xml");
    fs::write(&file, pom).with_context(|| format!("{} could not be written", file.display()))?;
    let partial = folder.join(format!("class-path.{}", std::process::id()));
    let mut command = plugin(workspace, "build-classpath")?;
    command
        .arg("--file")
        .arg(&file)
        .arg(format!("-Dmdep.outputFile={}", partial.display()));
    run(&mut command, &names.join(", "))?;
    fs::rename(&partial, &answer)
        .with_context(|| format!("{} could not be written", answer.display()))?;
    let text = fs::read_to_string(&answer)
        .with_context(|| format!("{} could not be read", answer.display()))?;
    Ok(std::env::split_paths(text.trim()).collect())
}

/// A goal of the one plugin of Maven that is used here, pinned by the catalogue.
fn plugin(workspace: &Path, goal: &str) -> Result<Command> {
    tools::programs("Maven Central's files", &[tools::MAVEN])?;
    let plugin = Catalogue::read(workspace)?.library("maven-dependency-plugin")?;
    let mut command = Command::new("mvn");
    command
        .args(["--batch-mode", "-Dstyle.color=never", "-Djansi.mode=strip"])
        .arg(format!("{plugin}:{goal}"))
        .current_dir(workspace)
        .stdin(Stdio::null());
    Ok(command)
}

/// Runs Maven, showing what it downloads, and nothing else unless it fails.
fn run(command: &mut Command, what: &str) -> Result<()> {
    println!("maven: {what}");
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("mvn could not be started")?;
    let mut told = Vec::new();
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).lines() {
            let line = line.context("Maven's output could not be read")?;
            match downloaded(&line) {
                Some(file) => println!("maven: {file}"),
                None => told.push(line),
            }
        }
    }
    let ended = child
        .wait_with_output()
        .context("mvn could not be waited for")?;
    if ended.status.success() {
        return Ok(());
    }
    print!("{}", String::from_utf8_lossy(&ended.stderr));
    for line in told.iter().filter(|line| line.contains("ERROR")) {
        println!("{line}");
    }
    bail!(
        "Maven could not bring {what} (its words stand above): it needs a network that reaches Maven \
         Central once, and settings in ~/.m2/settings.xml where a proxy or mirror is in the way"
    )
}

/// The file and size of a line such as `Downloaded from central: https://.../a-1.jar (3 MB at 1 MB/s)`,
/// for files that take a while.
fn downloaded(line: &str) -> Option<&str> {
    let rest = line.split_once("Downloaded from ")?.1;
    let file = rest.rsplit_once('/').map_or(rest, |_| {
        let end = rest.find(" (").unwrap_or(rest.len());
        let start = rest.get(..end).and_then(|url| url.rfind('/'));
        start
            .and_then(|start| rest.get(start + 1..))
            .unwrap_or(rest)
    });
    file.contains(" MB at ").then_some(file)
}

fn pom(dependencies: &str) -> String {
    format!(
        "<project>\n<modelVersion>4.0.0</modelVersion>\n<groupId>org.portlog</groupId>\n\
         <artifactId>files</artifactId>\n<version>1</version>\n<packaging>pom</packaging>\n\
         <dependencies>\n{dependencies}</dependencies>\n</project>\n"
    )
}

fn dependency(library: &str, kind: &str, with_needs: bool) -> Result<String> {
    let parts: Vec<&str> = library.split(':').collect();
    let [group, artifact, version] = parts[..] else {
        bail!("{library:?} is not group:artifact:version");
    };
    let exclusions: String = if with_needs {
        NOT_ON_MAVEN_CENTRAL.map(exclusion).concat()
    } else {
        exclusion(("*", "*"))
    };
    Ok(format!(
        "<dependency><groupId>{group}</groupId><artifactId>{artifact}</artifactId>\
         <version>{version}</version><type>{kind}</type>\
         <exclusions>{exclusions}</exclusions></dependency>\n"
    ))
}

fn exclusion((group, artifact): (&str, &str)) -> String {
    format!("<exclusion><groupId>{group}</groupId><artifactId>{artifact}</artifactId></exclusion>")
}

/// The name that Maven gives the file of an artifact.
fn file_name(coordinate: &str) -> Result<String> {
    let parts: Vec<&str> = coordinate.split(':').collect();
    match parts[..] {
        [_, artifact, version] => Ok(format!("{artifact}-{version}.jar")),
        [_, artifact, version, kind] => Ok(format!("{artifact}-{version}.{kind}")),
        [_, artifact, version, kind, classifier] => {
            Ok(format!("{artifact}-{version}-{classifier}.{kind}"))
        }
        _ => bail!("{coordinate:?} is not group:artifact:version[:type[:classifier]]"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_have_the_names_that_maven_gives_them() {
        assert_eq!(file_name("org.example:a:1.0").unwrap(), "a-1.0.jar");
        assert_eq!(file_name("org.example:a:1.0:pom").unwrap(), "a-1.0.pom");
        assert_eq!(
            file_name("org.example:a:1.0:jar:linux").unwrap(),
            "a-1.0-linux.jar"
        );
        assert!(file_name("org.example:a").is_err());
    }

    #[test]
    fn what_is_there_is_not_fetched_again() {
        let folder = std::env::temp_dir().join(format!("portlog-maven-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("none-1.jar"), "here").unwrap();
        let files = fetch(&folder, &["org.example.nowhere:none:1"], &folder);
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(files.unwrap(), [folder.join("none-1.jar")]);
    }

    #[test]
    fn only_downloads_that_take_a_while_are_shown() {
        let line = |size| {
            format!("[INFO] Downloaded from central: https://repo.test/org/a/1/a-1.jar ({size})")
        };
        assert_eq!(
            downloaded(&line("185 MB at 9.9 MB/s")),
            Some("a-1.jar (185 MB at 9.9 MB/s)")
        );
        assert_eq!(downloaded(&line("94 kB at 827 kB/s")), None);
        assert_eq!(downloaded("[INFO] BUILD SUCCESS"), None);
    }

    #[test]
    fn a_dependency_leaves_out_what_nobody_has_or_all_that_it_needs() {
        let with = dependency("org.example:a:1", "jar", true).unwrap();
        assert!(with.contains("<groupId>androidx.test</groupId>"), "{with}");
        let without = dependency("org.example:a:1", "signature", false).unwrap();
        assert!(without.contains("<type>signature</type>"), "{without}");
        assert!(without.contains("<groupId>*</groupId>"), "{without}");
        assert!(dependency("org.example:a", "jar", true).is_err());
    }
}
