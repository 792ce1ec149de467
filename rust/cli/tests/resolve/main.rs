//! `list resolve` against a DNS server on loopback that answers, cuts, refuses and is silent.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by a panic"
)]

mod pinned;
mod server;

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use portlog_model::WallTime;
use portlog_names::pinned::{Line, Outcome, PinnedAnswer, PinnedFile};

use server::{NAMES, Server};

fn resolve(folder: &Path, server: &Server, more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_portlog"));
    command
        .current_dir(folder)
        .args(["list", "resolve", "threat=list.txt", "-o", "list.pinned"])
        .args(["--resolver", &server.at.to_string(), "--timeout", "300ms"])
        .args(more)
        .stdin(Stdio::null());
    command
}

fn texts(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (text(&output.stdout), text(&output.stderr))
}

/// What became of each name: the outcome, and for `ok` TTL and addresses.
fn outcomes(path: &Path) -> BTreeMap<String, String> {
    let bytes = std::fs::read(path).unwrap();
    let file = PinnedFile::open(&bytes).unwrap();
    let answers = file.answers().map(Result::unwrap);
    answers
        .map(|pinned| {
            let told = match pinned.answer.outcome() {
                Outcome::Addresses { ttl, addresses } => {
                    let list: Vec<String> = addresses.iter().map(ToString::to_string).collect();
                    format!("ok {ttl} {}", list.join(" "))
                }
                other => other.as_str().to_owned(),
            };
            (pinned.answer.name().to_owned(), told)
        })
        .collect()
}

#[test]
fn every_kind_of_answer_is_written_down_as_it_was_had() {
    let folder = tempfile::tempdir().unwrap();
    let names: Vec<&str> = NAMES.iter().map(|(name, _)| *name).collect();
    let list = names.join("\n");
    let list = format!("{list}\n203.0.113.0/24\n@@||never.test^\n||never.test^\n");
    std::fs::write(folder.path().join("list.txt"), list).unwrap();
    let server = Server::start();
    let output = resolve(
        folder.path(),
        &server,
        &["--rate", "1000", "--vantage", "a bench, by loopback"],
    )
    .output()
    .unwrap();
    let (said, told) = texts(&output);
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert_eq!(
        said,
        "list.pinned: 8 names: ok 3 (36 addresses), nodata 1, nxdomain 1, refused 1, servfail 1, \
         timeout 1\n"
    );
    assert!(
        told.contains(&format!("asks {} by UDP", server.at)) && told.contains("for 8 names"),
        "{told}"
    );
    assert!(!folder.path().join("list.pinned.partial").exists());

    let path = folder.path().join("list.pinned");
    let outcomes = outcomes(&path);
    let told = |name: &str| outcomes[name].as_str();
    assert_eq!(told("one.test"), "ok 300 203.0.113.0 2001:db8::7");
    assert_eq!(
        told("www.alias.test"),
        "ok 30 203.0.113.0 2001:db8::7",
        "the alias holds shortest"
    );
    assert!(told("big.test").starts_with("ok 60 203.0.113.0 203.0.113.1 "));
    assert_eq!(told("big.test").split(' ').count(), 2 + 32, "the most");
    assert_eq!(told("none.test"), "nodata");
    assert_eq!(told("gone.test"), "nxdomain");
    assert_eq!(told("fails.test"), "servfail");
    assert_eq!(told("closed.test"), "refused");
    assert_eq!(told("quiet.test"), "timeout");
    let asked = server.asked();
    assert!(
        asked
            .iter()
            .any(|(name, kind, by_tcp, _)| name == "big.test" && *kind == 1 && *by_tcp)
    );
    // The server panics at names that were never listed, such as those with a search domain behind.
    assert!(asked.len() >= 16);

    let text = std::fs::read_to_string(&path).unwrap();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("portlog-pinned/1"));
    let list = lines.next().unwrap();
    assert!(
        list.starts_with("list ") && list.ends_with(" threat list.txt"),
        "{list}"
    );
    assert!(text.contains("\nvantage a bench, by loopback\n"));
    assert!(text.contains(&format!(
        "\nresolver {} by UDP, by TCP where an answer is cut, in clear text\n",
        server.at
    )));
}

fn many(folder: &Path, count: u32) {
    let names: Vec<String> = (0..count).map(|n| format!("{n}.many.test")).collect();
    std::fs::write(folder.join("list.txt"), names.join("\n")).unwrap();
}

#[test]
fn questions_keep_to_the_rate() {
    let folder = tempfile::tempdir().unwrap();
    many(folder.path(), 11);
    let server = Server::start();
    let output = resolve(folder.path(), &server, &["--rate", "40"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{:?}", texts(&output));
    let asked = server.asked();
    assert_eq!(asked.len(), 22);
    // Eleven names are ten steps of 50 ms apart; a loaded machine only takes longer.
    let first = asked.iter().map(|(.., at)| *at).min().unwrap();
    let last = asked.iter().map(|(.., at)| *at).max().unwrap();
    assert!(
        last - first >= Duration::from_millis(490),
        "{:?}",
        last - first
    );
}

#[test]
fn a_run_that_was_stopped_goes_on_and_asks_nobody_twice() {
    let folder = tempfile::tempdir().unwrap();
    many(folder.path(), 40);
    let server = Server::start();
    let mut child = resolve(folder.path(), &server, &["--rate", "40"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    while server.asked().len() < 12 {
        assert!(Instant::now() < deadline, "it does not ask");
        thread::sleep(Duration::from_millis(5));
    }
    let pid = nix::unistd::Pid::from_raw(i32::try_from(child.id()).unwrap());
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGINT).unwrap();
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(2));
    let mut told = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut told)
        .unwrap();
    assert!(
        told.contains("stopped; what was answered is in list.pinned.partial"),
        "{told}"
    );
    assert!(!folder.path().join("list.pinned").exists());
    let partial = folder.path().join("list.pinned.partial");
    let done = outcomes(&partial);
    assert!((1..40).contains(&done.len()), "{}", done.len());
    // As after a power cut: half a line.
    let mut file = std::fs::OpenOptions::new()
        .append(true)
        .open(&partial)
        .unwrap();
    file.write_all(b"answer 2026-01-31T23:59:59Z ok 60 39.man")
        .unwrap();
    drop(file);

    server.forget();
    let output = resolve(folder.path(), &server, &["--rate", "1000"])
        .output()
        .unwrap();
    let (said, told) = texts(&output);
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert!(
        said.starts_with("list.pinned: 40 names: ok 40 (80 addresses)"),
        "{said}"
    );
    assert!(
        told.contains(&format!("({} were asked for before)", done.len())),
        "{told}"
    );
    for (name, ..) in server.asked() {
        assert!(!done.contains_key(&name), "{name} was asked for twice");
    }
    assert_eq!(outcomes(&folder.path().join("list.pinned")).len(), 40);
}

#[test]
fn a_resolver_that_is_down_ends_it_and_costs_nothing() {
    let folder = tempfile::tempdir().unwrap();
    many(folder.path(), 60);
    let server = Server::start();
    server.be_silent(true);
    let begun = Instant::now();
    let output = resolve(folder.path(), &server, &["--rate", "1000"])
        .output()
        .unwrap();
    let (said, told) = texts(&output);
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert_eq!(said, "");
    assert!(told.contains("did not answer 20 names in a row"), "{told}");
    assert!(begun.elapsed() < Duration::from_secs(30));
    assert!(!folder.path().join("list.pinned").exists());

    // It is up again: who was not answered is asked again.
    server.be_silent(false);
    let output = resolve(folder.path(), &server, &["--rate", "1000"])
        .output()
        .unwrap();
    let (said, told) = texts(&output);
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert!(said.contains("60 names: ok 60 "), "{said}");
}

#[test]
fn what_cannot_be_resolved_is_refused_before_anybody_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start();
    let refused = |list: &str, more: &[&str]| {
        std::fs::write(folder.path().join("list.txt"), list).unwrap();
        let output = resolve(folder.path(), &server, more).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        texts(&output).1
    };
    assert!(refused("203.0.113.7\n", &[]).contains("has no names to resolve"));
    assert!(refused("one.test\n", &["--rate", "0"]).contains("0 is not in 1..=1000"));
    let text = "x".repeat(300);
    assert!(refused("one.test\n", &["--vantage", &text]).contains("--vantage"));
    // Answers for another list are left alone.
    std::fs::write(
        folder.path().join("list.pinned.partial"),
        format!("portlog-pinned/1\nlist {} own other.txt\n", "0".repeat(64)),
    )
    .unwrap();
    let told = refused("one.test\n", &[]);
    assert!(
        told.contains("answers for another list") && told.contains("remove list.pinned.partial"),
        "{told}"
    );
    assert_eq!(server.asked().len(), 0);
}
