//! That what only native code, the manifest or a shell command names is in the code that is shipped: a
//! shrinker sees none of these, and what it takes away is missed on a phone only.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use super::{read, rules};
use crate::jvm::{self, Classes, Jdk, Linked, Place};
use crate::native::Library;

/// What classes.dex has in it.
#[derive(Debug, Default, Eq, PartialEq)]
pub(super) struct Kept {
    /// Classes as `org.portlog.core.Native`.
    classes: BTreeSet<String>,
    /// Native methods as `org.portlog.core.Native.open([B)J`.
    natives: BTreeSet<String>,
    /// Enums of ours.
    enums: BTreeSet<String>,
    /// Those of them that still can list their constants.
    enums_with_values: BTreeSet<String>,
}

/// Checks the code against what the compiled classes, the manifest and the rules name.
pub(super) fn check(
    jdk: &Jdk,
    place: &Place,
    classes: &Classes,
    linked: &Linked,
    dex: &Path,
) -> Result<Kept> {
    let mut command = Command::new("dexdump");
    command.args(["-l", "plain"]).arg(dex);
    let kept = Kept::of(&jvm::told(&mut command, "dexdump", "the code is damaged")?);
    let facts = jvm::facts(jdk, place, classes)?;
    let mut wanted = facts.throwables;
    for file in [&linked.rules, &rules(place)] {
        wanted.extend(named(&String::from_utf8_lossy(&read(file)?)));
    }
    kept.must_have(
        "a class that the manifest, a rule or an error names",
        &wanted,
    )?;
    let missing: Vec<_> = facts.natives.difference(&kept.natives).collect();
    if !missing.is_empty() {
        bail!("the shrinker took native methods: {missing:?}; android/proguard.pro must keep them");
    }
    let unlisted: Vec<_> = kept.enums.difference(&kept.enums_with_values).collect();
    if !unlisted.is_empty() {
        bail!(
            "the shrinker took values() of {unlisted:?}, without which Enum.valueOf fails; \
             android/proguard.pro must keep it"
        );
    }
    println!(
        "code: {} classes; {} native methods, {} named classes and the constants of {} enums are \
         in it",
        kept.classes.len(),
        kept.natives.len(),
        wanted.len(),
        kept.enums.len()
    );
    Ok(kept)
}

/// Checks that every class of ours that a library names is in the code.
pub(super) fn check_libraries(kept: &Kept, libraries: &[Library]) -> Result<()> {
    for library in libraries {
        let wanted = classes_in(&read(&library.path)?);
        kept.must_have("a class that libportlog.so names", &wanted)?;
    }
    Ok(())
}

impl Kept {
    /// What dexdump's plain text says.
    fn of(text: &str) -> Self {
        let mut kept = Self::default();
        let (mut class, mut name, mut descriptor) = (String::new(), "", "");
        for line in text.lines() {
            let Some((key, value)) = line.split_once(':') else {
                continue;
            };
            let value = value.trim();
            let quoted = value.trim_matches('\'');
            match key.trim() {
                "Class descriptor" => {
                    class = dotted(quoted.trim_start_matches('L').trim_end_matches(';'));
                    kept.classes.insert(class.clone());
                }
                "Superclass"
                    if quoted == "Ljava/lang/Enum;" && class.starts_with("org.portlog.") =>
                {
                    kept.enums.insert(class.clone());
                }
                "name" => name = quoted,
                "type" => {
                    descriptor = quoted;
                    if name == "values" && lists_constants(&class, descriptor) {
                        kept.enums_with_values.insert(class.clone());
                    }
                }
                "access" if value.contains(" NATIVE") || value.contains("(NATIVE") => {
                    kept.natives.insert(format!("{class}.{name}{descriptor}"));
                }
                _ => {}
            }
        }
        kept
    }

    fn must_have(&self, what: &str, wanted: &BTreeSet<String>) -> Result<()> {
        let missing: Vec<_> = wanted.difference(&self.classes).collect();
        if missing.is_empty() {
            return Ok(());
        }
        bail!(
            "{what} is not in the code that is shipped: {missing:?}; it is misspelt there, or \
             android/proguard.pro must keep it"
        )
    }
}

/// The classes that ProGuard's rules keep by their whole name.
fn named(rules: &str) -> BTreeSet<String> {
    let without_comments = rules
        .lines()
        .map(|line| line.split('#').next().unwrap_or_default());
    let words: Vec<&str> = without_comments.flat_map(str::split_whitespace).collect();
    words
        .windows(2)
        .filter_map(|pair| match pair {
            ["class" | "interface", name] => Some(name.trim_end_matches(['{', ';'])),
            _ => None,
        })
        .filter(|name| name.starts_with("org.portlog.") && !name.contains(['*', '?']))
        .map(ToOwned::to_owned)
        .collect()
}

/// The names of our own classes that stand in a library's data, as `org/portlog/core/Native`.
fn classes_in(library: &[u8]) -> BTreeSet<String> {
    const OURS: &[u8] = b"org/portlog/";
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_' | b'$');
    let mut found = BTreeSet::new();
    for (at, window) in library.windows(OURS.len()).enumerate() {
        if window != OURS {
            continue;
        }
        let name: Vec<u8> = library
            .iter()
            .skip(at)
            .take_while(|byte| is_name(byte))
            .copied()
            .collect();
        found.insert(dotted(&String::from_utf8_lossy(&name)));
    }
    found
}

/// Whether a method of `class` with this descriptor takes nothing and gives an array of the class.
fn lists_constants(class: &str, descriptor: &str) -> bool {
    let element = descriptor
        .strip_prefix("()[L")
        .and_then(|rest| rest.strip_suffix(';'));
    element.is_some_and(|element| dotted(element) == class)
}

fn dotted(name: &str) -> String {
    name.replace('/', ".")
}

#[cfg(test)]
mod tests {
    use super::*;

    const DUMP: &str = "
Class #1            -
  Class descriptor  : 'Lorg/portlog/core/Native;'
  Direct methods    -
    #0              : (in Lorg/portlog/core/Native;)
      name          : 'open'
      type          : '([B)J'
      access        : 0x0109 (PUBLIC STATIC NATIVE)
    #1              : (in Lorg/portlog/core/Native;)
      name          : 'help'
      type          : '()V'
      access        : 0x0009 (PUBLIC STATIC)
Class #2            -
  Class descriptor  : 'Lorg/portlog/core/PortlogException;'
  Superclass        : 'Ljava/lang/RuntimeException;'
Class #3            -
  Class descriptor  : 'Lorg/portlog/core/Level;'
  Superclass        : 'Ljava/lang/Enum;'
  Direct methods    -
    #0              : (in Lorg/portlog/core/Level;)
      name          : 'values'
      type          : '()[Lorg/portlog/core/Level;'
      access        : 0x0009 (PUBLIC STATIC)
Class #4            -
  Class descriptor  : 'Lorg/portlog/core/Bare;'
  Superclass        : 'Ljava/lang/Enum;'
";

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn classes_and_natives_are_read_from_dexdump() {
        let kept = Kept::of(DUMP);
        assert_eq!(
            kept.classes,
            set(&[
                "org.portlog.core.Bare",
                "org.portlog.core.Level",
                "org.portlog.core.Native",
                "org.portlog.core.PortlogException"
            ])
        );
        assert_eq!(kept.natives, set(&["org.portlog.core.Native.open([B)J"]));
    }

    #[test]
    fn an_enum_without_its_list_of_constants_is_seen() {
        let kept = Kept::of(DUMP);
        let enums = set(&["org.portlog.core.Bare", "org.portlog.core.Level"]);
        assert_eq!(kept.enums, enums);
        assert_eq!(kept.enums_with_values, set(&["org.portlog.core.Level"]));
    }

    #[test]
    fn what_is_missing_is_named() {
        let kept = Kept::of(DUMP);
        assert!(
            kept.must_have("x", &set(&["org.portlog.core.Native"]))
                .is_ok()
        );
        let error = kept
            .must_have("x", &set(&["org.portlog.Gone"]))
            .unwrap_err();
        assert!(error.to_string().contains("org.portlog.Gone"), "{error}");
    }

    #[test]
    fn rules_name_classes_by_their_whole_name_only() {
        let rules = "-keep class org.portlog.screens.Main { <init>(); }\n\
                     # -keep class org.portlog.Old\n\
                     -keep,allowobfuscation class org.portlog.core.** { *; }\n\
                     -keep class org.portlog.reach.Helper{\n";
        assert_eq!(
            named(rules),
            set(&["org.portlog.reach.Helper", "org.portlog.screens.Main"])
        );
    }

    #[test]
    fn a_library_names_classes_in_its_data() {
        let data = b"\0Lorg/portlog/core/A$B;\0org/portlog/core/C\0com/example/D\0";
        assert_eq!(
            classes_in(data),
            set(&["org.portlog.core.A$B", "org.portlog.core.C"])
        );
    }
}
