//! The host: does with each connection what its first bytes ask for.

use std::io::{Read as _, Write as _, stdin, stdout};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::thread;
use std::time::{Duration, Instant};

use nix::sched::{CloneFlags, unshare};
use socket2::SockRef;

use crate::plan::Ending;
use crate::wire::{HOST, PORT, ip};

/// The word that makes this program the host.
pub(crate) const ROLE: &str = "host";

/// Serves until the phone ends.
pub(crate) fn serve() {
    unshare(CloneFlags::CLONE_NEWNET).unwrap();
    say("apart");
    let mut orders = stdin().lines();
    assert_eq!(orders.next().unwrap().unwrap(), "wired");
    ip("link set lo up");
    ip(&format!("address add {HOST}/24 dev wire"));
    ip("link set wire up");
    let listener = TcpListener::bind((HOST, PORT)).unwrap();
    let datagrams = UdpSocket::bind((HOST, PORT)).unwrap();
    thread::spawn(move || {
        let mut buffer = [0; 64];
        while datagrams.recv(&mut buffer).is_ok() {}
    });
    thread::spawn(move || {
        for connection in listener.incoming() {
            let connection = connection.unwrap();
            thread::spawn(move || answer(connection));
        }
    });
    say("serving");
    // The phone says no more until it ends.
    assert!(orders.next().is_none());
}

/// What a client says first: how it is to end, and when.
pub(crate) fn request(ending: Ending, lifetime: Duration) -> [u8; 8] {
    let place = Ending::ALL.iter().position(|other| *other == ending);
    let mut request = u64::try_from(lifetime.as_millis()).unwrap().to_be_bytes();
    request[0] = u8::try_from(place.unwrap()).unwrap();
    request
}

fn answer(mut connection: TcpStream) {
    let accepted = Instant::now();
    let mut request = [0; 8];
    if connection.read_exact(&mut request).is_err() {
        return;
    }
    let ending = Ending::ALL[usize::from(request[0])];
    request[0] = 0;
    let lifetime = Duration::from_millis(u64::from_be_bytes(request));
    match ending {
        Ending::ServerFirst | Ending::ResetByServer => {
            thread::sleep(lifetime.saturating_sub(accepted.elapsed()));
            if ending == Ending::ResetByServer {
                SockRef::from(&connection)
                    .set_linger(Some(Duration::ZERO))
                    .unwrap();
            }
        }
        // The client ends it, one way or the other.
        Ending::ClientFirst | Ending::ResetByClient | Ending::Datagram => {
            let _ = connection.read(&mut request);
        }
    }
}

fn say(word: &str) {
    println!("{word}");
    stdout().flush().unwrap();
}
