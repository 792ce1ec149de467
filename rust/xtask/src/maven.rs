//! Files from Maven Central, brought by Maven itself and kept beside the build.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::catalogue::Catalogue;
use crate::process;

/// Brings the artifacts `coordinates` (`group:artifact:version[:type[:classifier]]`) into the
/// folder `into`, each without what it depends on, and answers their files in the same order.
/// What lies there already is not fetched again. `workspace` is where the
/// catalogue lies and Maven is started.
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
    let mut command = Command::new("mvn");
    let plugin = Catalogue::read(workspace)?.library("maven-dependency-plugin")?;
    command
        .args(["--quiet", "--batch-mode", &format!("{plugin}:copy")])
        .arg(format!("-Dartifact={coordinate}"))
        .arg(format!("-DoutputDirectory={}", into.display()))
        .current_dir(workspace);
    process::run(&mut command).with_context(|| {
        format!(
            "Maven could not bring {coordinate}: it needs a network once, a JDK of 17 or later \
             and Maven (Debian: `apt-get install --yes maven openjdk-17-jdk-headless`)"
        )
    })
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
}
