//! gradle/libs.versions.toml, the one place for versions of the JVM side.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use toml::Table;

/// The catalogue, read.
#[derive(Debug)]
pub(crate) struct Catalogue(Table);

impl Catalogue {
    /// Reads the catalogue of the sources in `workspace`.
    pub(crate) fn read(workspace: &Path) -> Result<Self> {
        let path = workspace.join("gradle/libs.versions.toml");
        let text = fs::read_to_string(&path)
            .with_context(|| format!("{} could not be read", path.display()))?;
        Self::parse(&text).with_context(|| format!("{} is no catalogue", path.display()))
    }

    fn parse(text: &str) -> Result<Self> {
        Ok(Self(text.parse()?))
    }

    /// The Maven coordinates `group:artifact:version` of the library called `name` there.
    pub(crate) fn library(&self, name: &str) -> Result<String> {
        let coordinates = || {
            let library = self.0.get("libraries")?.get(name)?;
            let module = library.get("module")?.as_str()?;
            let version = library.get("version")?.get("ref")?.as_str()?;
            let version = self.0.get("versions")?.get(version)?.as_str()?;
            Some(format!("{module}:{version}"))
        };
        coordinates().with_context(|| {
            format!("gradle/libs.versions.toml has no library {name} with a module and a version")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace;

    #[test]
    fn a_library_is_its_module_and_the_version_that_it_refers_to() {
        let catalogue = Catalogue::parse(
            "[versions]\nx = \"1.2\"\n[libraries]\n\
             a = { module = \"org.example:a\", version.ref = \"x\" }\n\
             b = { module = \"org.example:b\", version.ref = \"y\" }\n",
        )
        .unwrap();
        assert_eq!(catalogue.library("a").unwrap(), "org.example:a:1.2");
        for unknown in ["b", "c"] {
            let error = catalogue.library(unknown).unwrap_err().to_string();
            assert!(error.contains(unknown), "{error}");
        }
        assert!(Catalogue::parse("[versions").is_err());
    }

    #[test]
    fn the_catalogue_of_this_repository_is_read() {
        let catalogue = Catalogue::read(workspace::root()).unwrap();
        let unidbg = catalogue.library("unidbg-android").unwrap();
        assert!(
            unidbg.starts_with("com.github.zhkl0228:unidbg-android:"),
            "{unidbg}"
        );
    }
}
