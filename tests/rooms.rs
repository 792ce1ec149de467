//! Which crate may use which: the rooms of docs/ARCHITECTURE.md, held by a test.
//!
//! The tables here are the rule; what is compared with them is what cargo itself says of the
//! workspace (`cargo metadata`), so that a renamed, optional or platform-only dependency counts
//! like any other. Rooms that are not built yet stand in the tables already.

#![expect(
    clippy::unwrap_used,
    reason = "a helper of a test that cannot go on fails the test"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use cargo_metadata::{DependencyKind, Edition, Metadata, MetadataCommand, Package, TargetKind};

/// A crate of this workspace.
struct Room {
    name: &'static str,
    /// The crates of this workspace that it may use.
    may_use: &'static [&'static str],
    /// Why its library does not forbid `unsafe`, where it does not.
    holds_unsafe: Option<&'static str>,
}

const fn room(name: &'static str, may_use: &'static [&'static str]) -> Room {
    Room {
        name,
        may_use,
        holds_unsafe: None,
    }
}

const ROOMS: [Room; 15] = [
    room("portlog-model", &[]),
    room("portlog-words", &["portlog-model"]),
    room("portlog-sockets", &["portlog-model"]),
    room("portlog-owners", &["portlog-model"]),
    Room {
        name: "portlog-blocklist",
        may_use: &["portlog-model"],
        holds_unsafe: Some("the one module that maps a compiled list"),
    },
    room("portlog-names", &["portlog-model"]),
    room("portlog-tap", &["portlog-model", "portlog-names"]),
    room(
        "portlog-reach",
        &["portlog-model", "portlog-sockets", "portlog-owners"],
    ),
    room(
        "portlog-watch",
        &[
            "portlog-model",
            "portlog-blocklist",
            "portlog-names",
            "portlog-owners",
        ],
    ),
    room("portlog-journal", &["portlog-model"]),
    room(
        "portlog-agent",
        &[
            "portlog-model",
            "portlog-words",
            "portlog-sockets",
            "portlog-owners",
            "portlog-blocklist",
            "portlog-names",
            "portlog-tap",
            "portlog-reach",
            "portlog-watch",
            "portlog-journal",
        ],
    ),
    Room {
        name: "portlog-jni",
        may_use: &["portlog-model", "portlog-agent"],
        holds_unsafe: Some("the boundary to the Java virtual machine"),
    },
    room(
        "portlog",
        &[
            "portlog-model",
            "portlog-agent",
            "portlog-blocklist",
            "portlog-names",
            "portlog-journal",
            "portlog-words",
        ],
    ),
    room("xtask", &[]),
    Room {
        name: "portlog-tests",
        may_use: &["portlog-agent", "portlog"],
        holds_unsafe: Some("the allocator that counts"),
    },
];

/// Crates from outside that only some rooms may use. A name that ends in `*` stands for every
/// crate whose name begins so.
const OUTSIDE: [(&str, &[&str]); 21] = [
    // What lists are measured beside, in a workspace of its own (tests/benches/lists).
    ("adblock", &[]),
    ("android_logger", &["portlog-jni"]),
    ("anyhow", &["portlog", "xtask"]),
    ("bincode*", &["portlog-journal"]),
    ("clap*", &["portlog"]),
    ("domain", &["portlog-tap"]),
    ("etherparse", &["portlog", "portlog-tap"]),
    ("fst", &[]),
    ("hickory-*", &["portlog"]),
    ("jni*", &["portlog-jni"]),
    ("log", &["portlog-jni"]),
    ("memmap2", &["portlog-blocklist"]),
    (
        "netlink*",
        &["portlog-sockets", "portlog-owners", "portlog-reach"],
    ),
    ("pcap-parser", &["portlog"]),
    ("prefix-trie", &[]),
    (
        "procfs*",
        &["portlog-sockets", "portlog-owners", "portlog-reach"],
    ),
    ("qrcodegen", &["portlog-agent"]),
    ("ratatui*", &["portlog"]),
    ("redb", &["portlog-journal"]),
    (
        "ring",
        &["portlog-journal", "portlog-reach", "portlog-blocklist"],
    ),
    ("tokio*", &["portlog"]),
];

/// Dependencies of tests alone that the tables above would refuse: crate, dependency, why.
const ONLY_IN_TESTS: [(&str, &str, &str); 8] = [
    (
        "portlog-tests",
        "portlog-model",
        "the vocabulary of what the agent is given and tells",
    ),
    (
        "portlog-tests",
        "portlog-tap",
        "a tap beside an agent, without the app that joins them",
    ),
    (
        "portlog-tests",
        "portlog-words",
        "the words that the app's own have to agree with",
    ),
    ("portlog-tests", "procfs", "a peer in the benchmark"),
    (
        "portlog-sockets",
        "portlog-tests",
        "the allocator that counts",
    ),
    (
        "portlog-names",
        "portlog-tests",
        "the allocator that counts",
    ),
    (
        "portlog-agent",
        "portlog-tests",
        "the allocator that counts",
    ),
    (
        "portlog",
        "portlog-reach",
        "the helper, as a process of its own in the handset",
    ),
];

#[test]
fn the_workspace_keeps_to_its_rooms() {
    let metadata = metadata_of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml"));
    let faults = faults(&metadata);
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn no_exception_outlives_its_use() {
    let metadata = metadata_of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml"));
    for (name, dependency, why) in ONLY_IN_TESTS {
        let used = metadata.packages.iter().any(|package| {
            package.name.as_str() == name
                && package
                    .dependencies
                    .iter()
                    .any(|dep| dep.name == dependency && dep.kind == DependencyKind::Development)
        });
        assert!(used, "{name} no longer needs {dependency} ({why})");
    }
}

#[test]
fn every_arrow_leads_to_a_room_and_none_leads_back() {
    let mut built: BTreeSet<&str> = BTreeSet::new();
    let mut left: Vec<&Room> = ROOMS.iter().collect();
    while !left.is_empty() {
        let (ready, waiting): (Vec<&Room>, Vec<&Room>) = left
            .iter()
            .partition(|room| room.may_use.iter().all(|name| built.contains(name)));
        assert!(!ready.is_empty(), "a circle, or a name that is no room");
        built.extend(ready.iter().map(|room| room.name));
        left = waiting;
    }
    for (_, rooms) in OUTSIDE {
        assert!(rooms.iter().all(|name| built.contains(name)), "{rooms:?}");
    }
}

#[test]
fn one_module_of_the_lists_maps_files_and_no_other_is_unsafe() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../rust/blocklist/src");
    let library = fs::read_to_string(folder.join("lib.rs")).unwrap();
    assert!(library.contains("\n#![deny(unsafe_code)]\n"));
    let mut with_unsafe = Vec::new();
    for folder in [folder.clone(), folder.join("compiled")] {
        for file in fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            if path.is_file() && fs::read_to_string(&path).unwrap().contains("unsafe {") {
                with_unsafe.push(path.file_name().unwrap().to_owned());
            }
        }
    }
    assert_eq!(with_unsafe, ["map.rs"]);
}

/// What a release may write to the phone's log, which others read: no host, address or package. That
/// no other crate of the workspace has the crate `log` is in the table [`OUTSIDE`].
const LOGGED: [&str; 3] = [
    "error!(\"the natives cannot be registered: {error}\"",
    "error!(\"panic in {place}\"",
    "error!(\"panic\"",
];

#[test]
fn above_debug_level_only_the_sentences_of_a_list_are_logged() {
    // A built library is searched for the marker of the others, which no release may hold.
    let below = [
        "debug!(\"portlog-debug: ",
        "trace!(\"portlog-debug: ",
        "LevelFilter",
    ];
    let begins = |used: &str, with: &[&str]| with.iter().any(|start| used.starts_with(start));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../rust/jni/src");
    let mut logged = Vec::new();
    for (file, text) in sources(&folder, "rs") {
        for used in uses_of_the_log(&text) {
            if begins(&used, &LOGGED) {
                logged.push(used);
            } else {
                assert!(begins(&used, &below), "{file}: log::{used}");
            }
        }
    }
    for sentence in LOGGED {
        let still = logged.iter().any(|used| used.starts_with(sentence));
        assert!(still, "logged no more: {sentence}");
    }
}

#[test]
fn the_app_s_kotlin_logs_nothing() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../android/src/main/kotlin");
    let files = sources(&folder, "kt");
    assert!(files.len() > 50, "{}", files.len());
    for (file, text) in files {
        // The helper is a program of adb's shell, which has a terminal.
        let helper = file.ends_with("/HelperMain.kt");
        for call in [
            "android.util.Log",
            "android.util.*",
            "printStackTrace",
            "java.util.logging",
            "System.out",
            "System.err",
            "println(",
        ] {
            let allowed = helper && ["System.err", "println("].contains(&call);
            assert!(allowed || !text.contains(call), "{file}: {call}");
        }
    }
}

#[test]
fn a_use_of_the_log_is_found_however_it_is_written() {
    let text = "use log::info as say;\nlog::warn!(\n    target: \"a\",\n    \"to {host}\"\n);\n\
                // log::info!(\"a comment\");\n    ::log :: log!(level, \"x\"); my_log::error!();\n\
                catalog::info(); extern crate log as other; use log::{warn}; the_log.info();";
    assert_eq!(
        uses_of_the_log(text),
        [
            "info as say",
            "warn!(target: \"a\", \"to {host}\" )",
            "log!(level, \"x\")",
            "as other",
            "{warn}",
        ]
    );
}

/// What stands behind each `log::` or `log as` in a source, up to the statement's end and in one line.
fn uses_of_the_log(text: &str) -> Vec<String> {
    let code = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let code: Vec<&str> = code.flat_map(str::split_whitespace).collect();
    let code = code.join(" ").replace("( ", "(").replace(" ::", "::");
    let of_a_name = |before: &str| before.ends_with(|it: char| it.is_alphanumeric() || it == '_');
    code.match_indices("log")
        .filter(|(at, _)| !of_a_name(&code[..*at]))
        .filter_map(|(at, word)| {
            let rest = &code[at + word.len()..];
            let used = rest.strip_prefix("::").or_else(|| {
                let rest = rest.strip_prefix(' ')?;
                rest.starts_with("as ").then_some(rest)
            })?;
            used.split(';').next().map(|used| used.trim().to_owned())
        })
        .collect()
}

/// Every file under `folder` with this extension: its path and text.
fn sources(folder: &Path, extension: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path, extension));
        } else if path.extension().is_some_and(|it| it == extension) {
            let text = fs::read_to_string(&path).unwrap();
            found.push((path.display().to_string(), text));
        }
    }
    found
}

/// What in the workspace is not as the tables say, one line each, in order.
fn faults(metadata: &Metadata) -> Vec<String> {
    let members: BTreeSet<&str> = metadata
        .workspace_packages()
        .iter()
        .map(|package| package.name.as_str())
        .collect();
    let mut faults: Vec<String> = metadata
        .workspace_packages()
        .into_iter()
        .flat_map(|package| faults_of(package, &members))
        .collect();
    faults.sort();
    faults
}

fn faults_of(package: &Package, members: &BTreeSet<&str>) -> Vec<String> {
    let name = package.name.as_str();
    let Some(room) = ROOMS.iter().find(|room| room.name == name) else {
        return vec![format!("{name} is no room: add it to tests/rooms.rs")];
    };
    let mut faults: Vec<String> = package
        .dependencies
        .iter()
        .filter(|dependency| {
            !(dependency.kind == DependencyKind::Development
                && ONLY_IN_TESTS
                    .iter()
                    .any(|(by, used, _)| *by == name && *used == dependency.name))
        })
        .filter(|dependency| !may_use(room, &dependency.name, members))
        .map(|dependency| {
            let kind = match dependency.kind {
                DependencyKind::Development => ", not even in tests unless it is listed",
                _ => "",
            };
            format!("{name} may not use {}{kind}", dependency.name)
        })
        .collect();
    if package.edition != Edition::E2024 {
        faults.push(format!("{name} is of edition {}", package.edition));
    }
    if !inherits_lints(package.manifest_path.as_std_path()) {
        faults.push(format!("{name} lacks `[lints] workspace = true`"));
    }
    let libraries = package.targets.iter().filter(|target| {
        let kinds = [TargetKind::Lib, TargetKind::CDyLib, TargetKind::RLib];
        kinds.iter().any(|kind| target.kind.contains(kind))
    });
    for library in libraries {
        let forbids = forbids_unsafe(library.src_path.as_std_path());
        if !forbids && room.holds_unsafe.is_none() {
            faults.push(format!("{name} lacks `#![forbid(unsafe_code)]`"));
        }
    }
    faults
}

fn may_use(room: &Room, dependency: &str, members: &BTreeSet<&str>) -> bool {
    let is_room = members.contains(dependency) || ROOMS.iter().any(|room| room.name == dependency);
    if is_room {
        return room.may_use.contains(&dependency);
    }
    OUTSIDE
        .iter()
        .filter(|(pattern, _)| match pattern.strip_suffix('*') {
            Some(start) => dependency.starts_with(start),
            None => dependency == *pattern,
        })
        .all(|(_, rooms)| rooms.contains(&room.name))
}

fn inherits_lints(manifest: &Path) -> bool {
    let text = fs::read_to_string(manifest).unwrap();
    let manifest: toml::Table = text.parse().unwrap();
    manifest
        .get("lints")
        .and_then(|lints| lints.get("workspace"))
        .and_then(toml::Value::as_bool)
        == Some(true)
}

fn forbids_unsafe(source: &Path) -> bool {
    fs::read_to_string(source)
        .unwrap()
        .lines()
        .any(|line| line.trim() == "#![forbid(unsafe_code)]")
}

fn metadata_of(manifest: &Path) -> Metadata {
    MetadataCommand::new()
        .manifest_path(manifest)
        .no_deps()
        .other_options(vec!["--offline".to_owned()])
        .exec()
        .unwrap()
}

/// The same checker on workspaces made up for it, read by the same `cargo metadata`.
mod made_up {
    use super::*;

    const GOOD_LIB: &str = "#![forbid(unsafe_code)]\n";

    #[test]
    fn a_workspace_as_designed_has_no_fault() {
        let made = MadeUp::new();
        made.add("portlog-model", "thiserror = '2'", GOOD_LIB);
        made.add(
            "portlog-sockets",
            "portlog-model = { path = '../portlog-model' }\nprocfs = '0.18'",
            GOOD_LIB,
        );
        assert_eq!(made.faults(), Vec::<String>::new());
    }

    #[test]
    fn an_arrow_that_is_not_drawn_is_a_fault() {
        let made = MadeUp::new();
        made.add("portlog-agent", "", GOOD_LIB);
        made.add(
            "portlog-sockets",
            "portlog-agent = { path = '../portlog-agent' }",
            GOOD_LIB,
        );
        assert_eq!(made.faults(), ["portlog-sockets may not use portlog-agent"]);
    }

    #[test]
    fn neither_renaming_nor_a_platform_hides_a_dependency() {
        let made = MadeUp::new();
        made.add(
            "portlog-watch",
            "store = { package = 'redb', version = '3', optional = true }\n\
             [target.'cfg(windows)'.dependencies]\nclap_complete = '4'\n\
             [build-dependencies]\nnetlink-sys = '0.8'",
            GOOD_LIB,
        );
        assert_eq!(
            made.faults(),
            [
                "portlog-watch may not use clap_complete",
                "portlog-watch may not use netlink-sys",
                "portlog-watch may not use redb",
            ]
        );
    }

    #[test]
    fn what_tests_use_must_be_listed() {
        let made = MadeUp::new();
        made.add(
            "portlog-model",
            "[dev-dependencies]\nanyhow = '1'\nproptest = '1'",
            GOOD_LIB,
        );
        assert_eq!(
            made.faults(),
            ["portlog-model may not use anyhow, not even in tests unless it is listed"]
        );
    }

    #[test]
    fn a_crate_that_is_no_room_is_a_fault() {
        let made = MadeUp::new();
        made.add("portlog-helpers", "", GOOD_LIB);
        assert_eq!(
            made.faults(),
            ["portlog-helpers is no room: add it to tests/rooms.rs"]
        );
    }

    #[test]
    fn unsafe_must_be_forbidden_and_a_comment_does_not_forbid_it() {
        let made = MadeUp::new();
        made.add("portlog-words", "", "// #![forbid(unsafe_code)]\n");
        made.add("portlog-jni", "", "");
        assert_eq!(
            made.faults(),
            ["portlog-words lacks `#![forbid(unsafe_code)]`"]
        );
    }

    #[test]
    fn an_old_edition_and_missing_lints_are_faults() {
        let made = MadeUp::new();
        made.add_manifest(
            "portlog-model",
            "[package]\nname = 'portlog-model'\nedition = '2021'\n[lints.rust]\nunused = 'allow'",
            GOOD_LIB,
        );
        assert_eq!(
            made.faults(),
            [
                "portlog-model is of edition 2021",
                "portlog-model lacks `[lints] workspace = true`",
            ]
        );
    }

    struct MadeUp {
        folder: tempfile::TempDir,
    }

    impl MadeUp {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            fs::write(
                folder.path().join("Cargo.toml"),
                "[workspace]\nresolver = '3'\nmembers = ['*']\n[workspace.lints.rust]\nunused = 'warn'\n",
            )
            .unwrap();
            Self { folder }
        }

        /// A crate with these lines below `[dependencies]` and this source of its library.
        fn add(&self, name: &str, dependencies: &str, source: &str) {
            let manifest = format!(
                "[package]\nname = '{name}'\nedition = '2024'\n[lints]\nworkspace = true\n\
                 [dependencies]\n{dependencies}\n"
            );
            self.add_manifest(name, &manifest, source);
        }

        fn add_manifest(&self, name: &str, manifest: &str, source: &str) {
            let folder = self.folder.path().join(name);
            fs::create_dir_all(folder.join("src")).unwrap();
            fs::write(folder.join("Cargo.toml"), manifest).unwrap();
            fs::write(folder.join("src/lib.rs"), source).unwrap();
        }

        fn faults(&self) -> Vec<String> {
            faults(&metadata_of(&self.folder.path().join("Cargo.toml")))
        }
    }
}
