//! What compiled classes have that nobody may take away.

use std::collections::BTreeSet;

use anyhow::Result;

use super::{Classes, Jdk, Place, class_path, told};
use crate::maven;

/// What native code counts on.
#[derive(Debug, Default, Eq, PartialEq)]
pub(crate) struct Facts {
    /// Native methods, as `org.portlog.core.Native.open([B)J`.
    pub(crate) natives: BTreeSet<String>,
    /// Our own errors, as `org.portlog.core.PortlogException`.
    pub(crate) throwables: BTreeSet<String>,
}

/// Reads them from the compiled classes.
pub(crate) fn facts(jdk: &Jdk, place: &Place, classes: &Classes) -> Result<Facts> {
    let library = maven::class_path(&place.workspace, &["animal-sniffer"])?;
    let mut command = jdk.java(400);
    command
        .arg("-cp")
        .arg(class_path(&library)?)
        .arg(place.own("ClassFacts.java"))
        .args(&classes.folders);
    let said = told(
        &mut command,
        "class facts",
        "the compiled classes are damaged",
    )?;
    Ok(parse(&said))
}

fn parse(said: &str) -> Facts {
    let mut facts = Facts::default();
    for line in said.lines() {
        match line.split_once(' ') {
            Some(("native", method)) => facts.natives.insert(method.to_owned()),
            Some(("throwable", class)) => facts.throwables.insert(class.to_owned()),
            _ => false,
        };
    }
    facts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_natives_and_throwables() {
        let facts = parse("native a.B.c()V\nthrowable a.D\nother\n");
        assert!(facts.natives.contains("a.B.c()V"));
        assert!(facts.throwables.contains("a.D"));
        assert_eq!(facts.natives.len() + facts.throwables.len(), 2);
    }
}
