//! The control socket beside a watch, as it is abused.

use std::fs::{self, Permissions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::process::Command;
use std::time::{Duration, Instant};

use nix::unistd::Uid;

use crate::journals::{Watch, good, wait_for};
use crate::support::{PATIENCE, Place, Ran};

const STATUS: &str = "{\"version\":1,\"request\":\"status\"}\n";

fn asked(place: &Place) -> UnixStream {
    let stream = UnixStream::connect(place.path("j/control")).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// What comes of these bytes, to the end of the connection.
fn answer(place: &Place, bytes: &[u8]) -> String {
    let mut stream = asked(place);
    // It may have said no before everything was sent.
    let _ = stream.write_all(bytes);
    everything(&mut stream)
}

/// What comes to the end of the connection, which is an error where not all of the request was read.
fn everything(stream: &mut UnixStream) -> String {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    String::from_utf8(bytes).unwrap()
}

#[test]
fn only_a_request_is_answered() {
    let place = Place::new();
    let watch = Watch::begin(&place, &[]);
    let status = answer(&place, STATUS.as_bytes());
    assert!(
        status.starts_with("{\"ok\":{\"origin\":\"portlog/log/"),
        "{status}"
    );
    assert_eq!(status.lines().count(), 1);
    for (request, says) in [
        ("\n", "not of a form"),
        ("GET / HTTP/1.1\r\n\r\n", "not of a form"),
        (
            "{\"version\":2,\"request\":\"status\"}\n",
            "another version",
        ),
        ("{\"version\":1,\"request\":\"erase\"}\n", "not of a form"),
        ("{\"version\":1,\"request\":{\"answer\":\"x\"}}\n", "R04"),
        (
            "{\"version\":1,\"request\":{\"mark\":{\"preset\":\"lunch\"}}}\n",
            "mark",
        ),
    ] {
        let answer = answer(&place, request.as_bytes());
        assert!(answer.starts_with("{\"error\":"), "{request:?}: {answer}");
        assert!(answer.contains(says), "{request:?}: {answer}");
    }
    let mut stream = asked(&place);
    stream.write_all(b"{\"version\":1").unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let text = everything(&mut stream);
    assert!(text.contains("has no end"), "{text}");
    assert_eq!(watch.end(), Some(0));
}

#[test]
fn a_request_without_bound_is_cut_off() {
    let place = Place::new();
    let watch = Watch::begin(&place, &[]);
    let answer = answer(&place, &vec![b'x'; 10 << 20]);
    assert!(answer.is_empty() || answer.contains("too long"), "{answer}");
    good(&place, &["log", "mark", "j", "still here"]);
    assert_eq!(watch.end(), Some(0));
}

#[test]
fn a_slow_client_is_cut_off_and_others_are_answered_meanwhile() {
    let place = Place::new();
    let watch = Watch::begin(&place, &[]);
    let begin = Instant::now();
    let mut slow = asked(&place);
    let mut dripping = slow.try_clone().unwrap();
    let drip = std::thread::spawn(move || {
        while begin.elapsed() < PATIENCE && dripping.write_all(b" ").is_ok() {
            std::thread::sleep(Duration::from_millis(200));
        }
    });
    good(&place, &["log", "mark", "j", "meanwhile"]);
    assert!(begin.elapsed() < PATIENCE, "it had to wait");
    let said = everything(&mut slow);
    assert!(said.contains("took too long"), "{said}");
    let took = begin.elapsed();
    assert!(
        took >= Duration::from_secs(4) && took < Duration::from_secs(30),
        "{took:?}"
    );
    drip.join().unwrap();
    assert_eq!(watch.end(), Some(0));
}

#[test]
fn a_few_clients_at_once_and_no_more() {
    let place = Place::new();
    let watch = Watch::begin(&place, &[]);
    // They may have been cut off for being slow before the fifth comes, on a machine that is.
    let crowded = |ask: &dyn Fn() -> String| {
        wait_for(|| {
            let idle: Vec<UnixStream> = (0..4).map(|_| asked(&place)).collect();
            let said = ask();
            drop(idle);
            said.contains("too many ask at once")
        });
    };
    crowded(&|| answer(&place, STATUS.as_bytes()));
    crowded(&|| {
        let ran = place.run(&["log", "mark", "j", "no room"]);
        assert!(matches!(ran.status, Some(0 | 2)), "{ran:?}");
        ran.stderr
    });
    wait_for(|| answer(&place, STATUS.as_bytes()).contains("\"ok\""));
    // A client that hangs does not hold up the end.
    let idle = asked(&place);
    let begin = Instant::now();
    assert_eq!(watch.end(), Some(0));
    assert!(
        begin.elapsed() < Duration::from_secs(20),
        "{:?}",
        begin.elapsed()
    );
    drop(idle);
}

#[test]
fn another_user_is_refused_even_where_the_mode_lets_them_in() {
    if !Uid::effective().is_root() {
        eprintln!("not run: another user's program needs root to start it");
        return;
    }
    let place = Place::new();
    let watch = Watch::begin(&place, &[]);
    let program = place.path("program");
    fs::copy(env!("CARGO_BIN_EXE_portlog"), &program).unwrap();
    let mode = |name: &str, mode| {
        fs::set_permissions(place.path(name), Permissions::from_mode(mode)).unwrap();
    };
    mode(".", 0o755);
    mode("program", 0o755);
    let as_nobody = |args: &[&str]| {
        let output = Command::new(&program)
            .args(args)
            .current_dir(place.path("."))
            .env_clear()
            .uid(65_534)
            .gid(65_534)
            .output()
            .unwrap();
        Ran::from(output)
    };
    as_nobody(&["log", "show", "j"]).assert_refused(&["j"]);
    mode("j", 0o755);
    as_nobody(&["log", "show", "j"]).assert_refused(&["ermission denied"]);
    mode("j/control", 0o666);
    for args in [
        &["log", "show", "j"][..],
        &["log", "mark", "j", "mine"],
        &["log", "export", "j", "-o", "-"],
        &["log", "checkpoint", "j"],
    ] {
        as_nobody(args).assert_refused(&["belongs to another user"]);
    }
    let marks = place.json(&["log", "show", "j", "--kind", "mark", "--format", "json"]);
    assert_eq!(marks["entries"].as_array().unwrap().len(), 0);
    assert_eq!(watch.end(), Some(0));
}
