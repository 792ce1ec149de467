//! `cargo xtask` as it is started: what it can do is said wherever one asks.

#![expect(
    clippy::unwrap_used,
    reason = "a helper of a test that cannot go on fails the test"
)]

use std::collections::BTreeSet;
use std::process::{Command, Output};

fn xtask(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(words)
        .output()
        .unwrap()
}

#[test]
fn help_is_given_beside_every_command() {
    let whole = xtask(&["--help"]);
    assert!(whole.status.success(), "{whole:?}");
    let text = String::from_utf8(whole.stdout).unwrap();
    let commands: BTreeSet<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("cargo xtask ")?.split(' ').next())
        .filter(|word| !word.starts_with('['))
        .collect();
    assert!(commands.contains("apk") && commands.len() == 6, "{text}");
    for command in commands {
        for word in ["--help", "-h"] {
            let help = xtask(&[command, word]);
            assert_eq!(help.status.code(), Some(0), "{command} {word}: {help:?}");
            assert_eq!(help.stdout, text.as_bytes(), "{command} {word}");
        }
    }
}

#[test]
fn an_option_that_no_command_has_is_refused() {
    let refused = xtask(&["apk", "--helpful"]);
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    let said = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains("--helpful"), "{said}");
}
