//! Completions and the man page, read by the programs that they are for where these are installed.

use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::support::Place;

#[test]
fn completions_know_commands_and_flags() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ran = place.run(&["completions", shell]);
        assert_eq!((ran.status, ran.stderr.as_str()), (Some(0), ""), "{shell}");
        for word in ["snapshot", "owners", "explain", "fail-on-alert"] {
            assert!(ran.stdout.contains(word), "{word} for {shell}");
        }
        accepted_by(shell, &["-n"], &ran.stdout);
    }
}

#[test]
fn bash_completes_a_flag_and_a_value() {
    let place = Place::new();
    let script = place.run(&["completions", "bash"]).stdout;
    let asked = "\nCOMP_WORDS=(portlog watch --form); COMP_CWORD=2; _portlog portlog --form watch\n\
                 echo \"${COMPREPLY[@]}\"\n\
                 COMP_WORDS=(portlog watch --format nd); COMP_CWORD=3; _portlog portlog nd --format\n\
                 echo \"${COMPREPLY[@]}\"\n";
    if let Some(said) = accepted_by("bash", &[], &format!("{script}{asked}")) {
        assert_eq!(said, "--format\nndjson\n");
    }
}

#[test]
fn the_man_page_renders_without_a_warning() {
    let page = Place::new().run(&["man"]).stdout;
    for part in [
        ".TH portlog 1",
        "portlog watch",
        "portlog list explain",
        "EXIT STATUS",
        "NO_COLOR",
    ] {
        assert!(page.contains(part), "{part}");
    }
    if let Some(text) = accepted_by("groff", &["-man", "-Tascii", "-ww", "-z"], &page) {
        assert_eq!(text, "");
    }
}

/// Hands `text` to a program, which must take it without a complaint; says what it printed, or
/// nothing where it is not installed.
fn accepted_by(program: &str, args: &[&str], text: &str) -> Option<String> {
    let spawned = Command::new(program)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut child) = spawned else {
        eprintln!("{program} is not installed: what is made for it was not tried");
        return None;
    };
    child
        .stdin
        .take()
        .unwrap()
        .write_all(text.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && complaint.is_empty(),
        "{program}: {complaint}"
    );
    Some(String::from_utf8(output.stdout).unwrap())
}
