//! The main job as the README has it, on the sockets of the machine that runs the test.

use std::process::{Command, Stdio};

use crate::watch::PORTLOG;

/// `portlog watch`, its output piped, for two seconds: no list, no device, no root needed.
pub(crate) fn main_job() {
    // Something to see, whatever else is there.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let output = Command::new(PORTLOG)
        .args(["watch", "--for", "2s"])
        .env("XDG_CONFIG_HOME", "/nonexistent")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let (out, err) = (
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    );
    assert_eq!(output.status.code(), Some(0), "{err}");
    assert_eq!(err, "");
    assert!(out.contains(&format!("127.0.0.1:{port}")), "{out}");
    assert!(!out.contains('\u{1b}'), "colours in a pipe: {out}");
    assert!(!out.contains("NOT OBSERVED LIVE"), "{out}");
}
