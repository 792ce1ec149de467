//! Peers that are not what they should be, on real sockets.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use portlog_reach::channel::{
    Error, FrameError, FromHelper, HelperLink, HelperState, LinkEnd, Listening, Role, Secret,
    ToHelper, VERSION, Wire,
};
use ring::rand::SystemRandom;

use crate::samples::{head, hello};

const PATIENCE: Duration = Duration::from_secs(5);

fn greet(end: impl Into<OwnedFd>, role: Role, secret: Option<&Secret>) -> Result<Wire, Error> {
    Wire::greet(end.into(), role, secret, &SystemRandom::new(), PATIENCE)
}

/// A door, the address and a copy of the secret.
fn door() -> (Listening, SocketAddr, Secret) {
    let door = Listening::open(&SystemRandom::new()).unwrap();
    let (address, secret) = (door.address(), Secret::new(*door.secret().as_bytes()));
    (door, address, secret)
}

fn accept(door: Listening, patience: Duration) -> thread::JoinHandle<Result<Wire, Error>> {
    thread::spawn(move || door.accept(&SystemRandom::new(), patience, || true))
}

/// What an app's end makes of bytes over a socketpair.
fn link_told(bytes: &[u8]) -> LinkEnd {
    let link = HelperLink::new("1.2.3");
    let (ours, mut theirs) = UnixStream::pair().unwrap();
    link.attach(ours.into()).unwrap();
    theirs.write_all(bytes).unwrap();
    end_of(&link)
}

fn end_of(link: &Arc<HelperLink>) -> LinkEnd {
    let give_up = Instant::now() + Duration::from_secs(20);
    loop {
        if let HelperState::Away { why: Some(why) } = link.state() {
            return why;
        }
        assert!(Instant::now() < give_up, "{:?}", link.state());
        thread::sleep(Duration::from_millis(5));
    }
}

fn greeting(role: u8, sealed: u8, version: u16) -> Vec<u8> {
    let mut bytes = b"PORTLOG\n".to_vec();
    bytes.extend([role, sealed]);
    bytes.extend(version.to_le_bytes());
    bytes.extend([0; 4]);
    bytes
}

fn framed(frames: &[FromHelper]) -> Vec<u8> {
    let mut bytes = greeting(1, 0, VERSION);
    for frame in frames {
        let mut body = Vec::new();
        frame.encode(&mut body);
        bytes.extend(u32::try_from(body.len()).unwrap().to_le_bytes());
        bytes.extend(body);
    }
    bytes
}

fn failed(why: &LinkEnd) -> &str {
    match why {
        LinkEnd::Failed(why) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn both_ends_prove_that_they_know_the_secret_and_then_talk() {
    let (door, address, secret) = door();
    let accepted = accept(door, PATIENCE);
    let mut helper = greet(
        TcpStream::connect(address).unwrap(),
        Role::Helper,
        Some(&secret),
    )
    .unwrap();
    let mut app = accepted.join().unwrap().unwrap();
    helper
        .sender
        .queue(|out| FromHelper::Hello(hello()).encode(out));
    assert!(helper.sender.flush().unwrap());
    let frame = app.receiver.next(PATIENCE).unwrap().unwrap();
    assert_eq!(FromHelper::decode(frame), Ok(FromHelper::Hello(hello())));
    app.sender.queue(|out| ToHelper::Stop.encode(out));
    assert!(app.sender.flush().unwrap());
    let frame = helper.receiver.next(PATIENCE).unwrap().unwrap();
    assert_eq!(ToHelper::decode(frame), Ok(ToHelper::Stop));
    // Its end stands in the kernel's table, and is known for what it is.
    let own = helper.receiver.own().unwrap();
    assert_eq!(own.remote.port(), address.port());
}

#[test]
fn a_wrong_secret_is_let_in_on_neither_side() {
    let (door, address, _) = door();
    let accepted = accept(door, Duration::from_secs(1));
    let wrong = Secret::new([9; Secret::LEN]);
    let helper = greet(
        TcpStream::connect(address).unwrap(),
        Role::Helper,
        Some(&wrong),
    );
    assert!(matches!(helper, Err(Error::WrongSecret)), "{helper:?}");
    assert!(matches!(
        accepted.join().unwrap(),
        Err(Error::TooSlow { .. })
    ));
}

/// Whoever took the app's port cannot prove that it is the app, whatever it sends back.
#[test]
fn an_impostor_of_the_app_learns_nothing_and_is_left() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let impostor = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut said = [0; 48];
        stream.read_exact(&mut said).unwrap();
        // The helper's own bytes, sent back as the app's, with a proof made of nothing.
        said[8] = 2;
        stream.write_all(&said).unwrap();
        stream.write_all(&[0; 32]).unwrap();
        let mut more = Vec::new();
        let _ = stream.read_to_end(&mut more);
        more
    });
    let secret = Secret::new([7; Secret::LEN]);
    let helper = greet(
        TcpStream::connect(address).unwrap(),
        Role::Helper,
        Some(&secret),
    );
    assert!(matches!(helper, Err(Error::WrongSecret)), "{helper:?}");
    drop(helper);
    assert_eq!(impostor.join().unwrap(), b"", "a proof for a stranger");
}

/// What was said on one connection is of no use on another.
#[test]
fn a_recorded_connection_cannot_be_played_again() {
    let (door_a, address, secret) = door();
    let middle = TcpListener::bind("127.0.0.1:0").unwrap();
    let relayed = middle.local_addr().unwrap();
    let accepted = accept(door_a, PATIENCE);
    let recorder = thread::spawn(move || {
        let (mut helper, _) = middle.accept().unwrap();
        let mut app = TcpStream::connect(address).unwrap();
        let (mut first, mut answer, mut proof) = ([0; 48], [0; 80], [0; 32]);
        helper.read_exact(&mut first).unwrap();
        app.write_all(&first).unwrap();
        app.read_exact(&mut answer).unwrap();
        helper.write_all(&answer).unwrap();
        helper.read_exact(&mut proof).unwrap();
        app.write_all(&proof).unwrap();
        let mut frame = [0; 4];
        helper.read_exact(&mut frame).unwrap();
        let mut rest = vec![0; usize::try_from(u32::from_le_bytes(frame)).unwrap()];
        helper.read_exact(&mut rest).unwrap();
        // The first frame once is what was sent, twice is not.
        for _ in 0..2 {
            app.write_all(&frame).unwrap();
            app.write_all(&rest).unwrap();
        }
        (first, proof, app)
    });
    let mut helper = greet(
        TcpStream::connect(relayed).unwrap(),
        Role::Helper,
        Some(&secret),
    )
    .unwrap();
    let mut app = accepted.join().unwrap().unwrap();
    helper
        .sender
        .queue(|out| FromHelper::Hello(hello()).encode(out));
    helper.sender.flush().unwrap();
    assert!(app.receiver.next(PATIENCE).unwrap().is_some());
    let again = app.receiver.next(PATIENCE);
    assert!(
        matches!(
            again,
            Err(Error::Frame(FrameError::Counter {
                expected: 1,
                got: 0
            }))
        ),
        "{again:?}"
    );
    let (first, proof, _app) = recorder.join().unwrap();

    // The same greeting and proof at another door of the same secret.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let app = thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        greet(stream, Role::App, Some(&secret))
    });
    let mut replay = TcpStream::connect(address).unwrap();
    replay.write_all(&first).unwrap();
    replay.write_all(&proof).unwrap();
    let refused = app.join().unwrap();
    assert!(matches!(refused, Err(Error::WrongSecret)), "{refused:?}");
}

/// Knockers that say nothing, a byte now and then, or something else do not keep the helper out.
#[test]
fn neither_silence_nor_a_crowd_keeps_the_helper_out() {
    let (door, address, secret) = door();
    let accepted = accept(door, Duration::from_secs(20));
    let crowd: Vec<TcpStream> = (0..40)
        .map(|n| {
            let mut stream = TcpStream::connect(address).unwrap();
            match n % 4 {
                0 => {}
                1 => stream.write_all(b"P").unwrap(),
                2 => stream
                    .write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n and more")
                    .unwrap(),
                _ => stream.write_all(&greeting(1, 1, VERSION)).unwrap(),
            }
            stream
        })
        .collect();
    let begun = Instant::now();
    let give_up = begun + Duration::from_secs(15);
    let helper = loop {
        let stream = TcpStream::connect(address).unwrap();
        match greet(stream, Role::Helper, Some(&secret)) {
            Ok(wire) => break wire,
            Err(_) if Instant::now() < give_up => {}
            Err(error) => panic!("{error}"),
        }
    };
    assert!(accepted.join().unwrap().is_ok());
    assert!(begun.elapsed() < Duration::from_secs(10));
    drop((helper, crowd));
    // The door is closed behind it.
    assert!(TcpStream::connect(address).is_err());
}

/// A peer that goes on saying one byte at a time has so long for a whole frame, and no longer.
#[test]
fn a_frame_that_never_ends_ends_the_channel() {
    let (ours, mut theirs) = UnixStream::pair().unwrap();
    let app = thread::spawn(move || {
        let mut wire = greet(ours, Role::App, None).unwrap();
        let begun = Instant::now();
        let end = loop {
            match wire.receiver.next(Duration::from_secs(1)) {
                Ok(_) => {}
                Err(error) => break error,
            }
        };
        (end, begun.elapsed())
    });
    theirs.write_all(&greeting(1, 0, VERSION)).unwrap();
    theirs.write_all(&60_000_u32.to_le_bytes()).unwrap();
    let give_up = Instant::now() + Duration::from_secs(12);
    while theirs.write_all(&[1]).is_ok() && Instant::now() < give_up {
        thread::sleep(Duration::from_millis(50));
    }
    let (end, took) = app.join().unwrap();
    assert!(matches!(end, Error::TooSlow { what: "a frame" }), "{end:?}");
    assert!(took < Duration::from_secs(8), "{took:?}");
}

#[test]
fn a_frame_that_says_it_is_too_long_is_not_waited_for() {
    for len in [0_u32, 65_537, u32::MAX] {
        let mut bytes = greeting(1, 0, VERSION);
        bytes.extend(len.to_le_bytes());
        let why = link_told(&bytes);
        assert!(
            failed(&why).contains(&format!("a frame of {len} bytes")),
            "{why:?}"
        );
    }
}

#[test]
fn another_version_is_told_with_who_is_to_be_updated() {
    let why = link_told(&greeting(1, 0, VERSION - 1));
    assert!(failed(&why).ends_with("update the helper"), "{why:?}");
    let why = link_told(&greeting(1, 0, VERSION + 1));
    assert!(failed(&why).ends_with("update the app"), "{why:?}");
    // And the helper learns it of the app, over either way.
    for sealed in [false, true] {
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        theirs
            .write_all(&greeting(2, u8::from(sealed), VERSION + 1))
            .unwrap();
        let secret = Secret::new([7; Secret::LEN]);
        let told = greet(ours, Role::Helper, sealed.then_some(&secret)).unwrap_err();
        assert!(told.to_string().ends_with("update the helper"), "{told}");
    }
    // A helper of another version at the loopback door is told the app's version before it is sent away.
    let (door, address, _) = door();
    let accepted = accept(door, Duration::from_secs(1));
    let mut older = TcpStream::connect(address).unwrap();
    older
        .write_all(&[&greeting(1, 1, 0)[..], &[0; 32]].concat())
        .unwrap();
    let mut told = [0; 16];
    older.read_exact(&mut told).unwrap();
    assert_eq!(told[..], greeting(2, 1, VERSION)[..]);
    assert!(accepted.join().unwrap().is_err());
}

#[test]
fn garbage_ends_the_channel_and_says_so() {
    let why = link_told(b"\x16\x03\x01 some other protocol");
    assert!(
        failed(&why).contains("not the helper of a Portlog"),
        "{why:?}"
    );
    let mut bytes = greeting(1, 0, VERSION);
    bytes.extend([2, 0, 0, 0, 200, 1]);
    let why = link_told(&bytes);
    assert!(failed(&why).contains("kind 200"), "{why:?}");
}

#[test]
fn frames_out_of_order_end_the_channel() {
    let hello = FromHelper::Hello(hello());
    let begins = |number| FromHelper::LookBegins(Box::new(head(number)));
    let unchanged = FromHelper::LookBegins(Box::new(portlog_reach::channel::LookHead {
        unchanged: true,
        ..head(1)
    }));
    let ends = |rows| FromHelper::LookEnds { rows, destroyed: 0 };
    let rows = FromHelper::Rows(vec![crate::samples::row("203.0.113.7", 10_087, 42)]);
    let users = FromHelper::Users(Vec::new());
    let bye = FromHelper::Bye(portlog_reach::channel::Bye::Failed);
    let cases: [(&str, Vec<FromHelper>); 9] = [
        ("no greeting", vec![begins(1)]),
        ("two greetings", vec![hello.clone(), hello.clone()]),
        ("rows of no look", vec![hello.clone(), rows.clone()]),
        ("an end without a beginning", vec![hello.clone(), ends(0)]),
        (
            "a look within a look",
            vec![hello.clone(), begins(1), begins(2)],
        ),
        (
            "something within a look",
            vec![hello.clone(), begins(1), users],
        ),
        (
            "a look that was before",
            vec![hello.clone(), begins(2), ends(0), begins(2)],
        ),
        ("rows like none", vec![hello.clone(), unchanged]),
        (
            "a count that is wrong",
            vec![hello.clone(), begins(1), rows, ends(2)],
        ),
    ];
    for (what, frames) in cases {
        let why = link_told(&framed(&frames));
        assert!(failed(&why).contains("no frame"), "{what}: {why:?}");
    }
    assert_eq!(
        link_told(&framed(&[hello, bye])),
        LinkEnd::Bye(portlog_reach::channel::Bye::Failed)
    );
}
