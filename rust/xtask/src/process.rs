//! Other programs, run in the repository's folder.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::workspace;

/// A command whose program and arguments are the words of `line`, to be run in the repository.
pub(crate) fn command(line: &str) -> Command {
    let mut words = line.split_whitespace();
    let mut command = Command::new(words.next().unwrap_or_default());
    command
        .args(words)
        .current_dir(workspace::root())
        .stdin(Stdio::null());
    command
}

/// Shows the command, runs it, and fails if it does.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let shown = shown(command);
    run_as(&shown, command)
}

/// As [`run`], for a command whose arguments and settings fill a screen: shown as `shown`.
pub(crate) fn run_as(shown: &str, command: &mut Command) -> Result<()> {
    println!("$ {shown}");
    let status = command
        .status()
        .with_context(|| format!("`{shown}` could not be started"))?;
    if !status.success() {
        bail!("`{shown}` failed ({status})");
    }
    Ok(())
}

/// Runs the command without a word, and shows it with all that it printed if it fails.
pub(crate) fn run_quietly(command: &mut Command) -> Result<()> {
    read(command).map(drop)
}

/// What the command prints. Where it fails, what it printed is in the error.
pub(crate) fn read(command: &mut Command) -> Result<String> {
    let shown = shown(command);
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("`{shown}` could not be started"))?;
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        bail!(
            "`{shown}` failed ({}):\n{printed}{complaint}",
            output.status
        );
    }
    Ok(printed)
}

/// What the command prints, or `None` where it fails or is not there.
pub(crate) fn output(command: &mut Command) -> Option<String> {
    let output = command.stderr(Stdio::null()).output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The command as one would type it, with the variables set for it.
fn shown(command: &Command) -> String {
    let mut words: Vec<String> = command
        .get_envs()
        .filter_map(|(name, value)| Some((name, value?)))
        .map(|(name, value)| format!("{}={}", name.display(), quoted(&value.to_string_lossy())))
        .collect();
    words.push(command.get_program().to_string_lossy().into_owned());
    words.extend(
        command
            .get_args()
            .map(|word| quoted(&word.to_string_lossy())),
    );
    words.join(" ")
}

fn quoted(word: &str) -> String {
    if word.is_empty() || word.contains(char::is_whitespace) {
        format!("'{word}'")
    } else {
        word.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_it_would_be_typed() {
        let mut command = command("cargo doc --locked");
        command.env("RUSTDOCFLAGS", "-D warnings");
        assert_eq!(
            shown(&command),
            "RUSTDOCFLAGS='-D warnings' cargo doc --locked"
        );
    }

    #[test]
    fn what_fails_or_is_not_there_is_an_error_that_names_it() {
        let failed = run(&mut command("false")).unwrap_err();
        assert!(failed.to_string().starts_with("`false` failed"), "{failed}");
        let absent = run(&mut command("portlog-no-such-program x")).unwrap_err();
        assert_eq!(
            absent.to_string(),
            "`portlog-no-such-program x` could not be started"
        );
        assert_eq!(read(&mut command("echo a b")).unwrap(), "a b\n");
        let failed = read(&mut command("ls /portlog-no-such-folder")).unwrap_err();
        assert!(failed.to_string().contains("cannot access"), "{failed}");
        assert_eq!(output(&mut command("false")), None);
        assert_eq!(output(&mut command("echo a b")).as_deref(), Some("a b\n"));
    }
}
