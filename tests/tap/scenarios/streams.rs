//! Questions over TCP, by Linux's own TCP.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::thread;
use std::time::Duration;

use crate::asking::{self, A, TXT, question};
use crate::phone::{FIRST, Phone, TAP, TAP6};

pub(crate) fn all() {
    let phone = Phone::new(&[FIRST]);
    let _resolver = phone.resolver(FIRST);
    several(&phone);
    at_once(&phone);
    half_closed(&phone);
    too_long(&phone);
    too_many(&phone);
}

/// The same where packets are lost, doubled and reordered.
pub(crate) fn with_losses() {
    let phone = Phone::with_losses(&[FIRST]);
    let _resolver = phone.resolver(FIRST);
    several(&phone);
    at_once(&phone);
    half_closed(&phone);
}

/// Questions over one connection, the next before the answer, in pieces that end anywhere.
fn several(phone: &Phone) {
    let inside = &phone.handset.phone;
    let messages: Vec<Vec<u8>> = (0..30)
        .map(|number| match number % 3 {
            0 => question(number, "plain.test", A, None),
            1 => question(number, "t5000.test", TXT, Some(1_232)),
            _ => question(number, "many.test", A, None),
        })
        .collect();
    let wanted: Vec<Vec<u8>> = messages
        .iter()
        .flat_map(|message| asking::tcp(inside, FIRST, std::slice::from_ref(message), 9_999))
        .collect();
    for (tap, piece) in [(TAP, 1), (TAP6, 17), (TAP, 9_999)] {
        let mut told = asking::tcp(inside, tap, &messages, piece);
        // Answers may overtake each other (RFC 7766 §6.2.1.1).
        told.sort_by_key(|answer| [answer[0], answer[1]]);
        assert!(told == wanted, "by {tap} in pieces of {piece}");
    }
}

fn at_once(phone: &Phone) {
    let inside = &phone.handset.phone;
    let message = question(1, "t5000.test", TXT, None);
    let wanted = asking::tcp(inside, FIRST, std::slice::from_ref(&message), 9_999);
    thread::scope(|scope| {
        for _ in 0..24 {
            scope.spawn(|| {
                let told = asking::tcp(inside, TAP, std::slice::from_ref(&message), 5);
                assert_eq!(told, wanted);
            });
        }
    });
    // All went in order.
    phone.wait("all connections closed", |state| state.streams == 0);
}

/// A client that is through with asking still gets its answer, and then the end.
fn half_closed(phone: &Phone) {
    let message = question(2, "t3000.test", TXT, None);
    let inside = &phone.handset.phone;
    let wanted = asking::tcp(inside, FIRST, std::slice::from_ref(&message), 9_999);
    inside.enter(|| {
        let mut stream = TcpStream::connect((TAP, 53)).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        let mut bytes = vec![0, message.len() as u8];
        bytes.extend(&message);
        stream.write_all(&bytes).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let mut told = Vec::new();
        stream.read_to_end(&mut told).unwrap();
        assert_eq!(told[2..], wanted[0]);
    });
    phone.wait("the connection closed", |state| state.streams == 0);
}

/// A length that no question has ends the connection.
fn too_long(phone: &Phone) {
    phone.handset.phone.enter(|| {
        let mut stream = TcpStream::connect((TAP, 53)).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        stream.write_all(&[0xFF, 0xFF, 0]).unwrap();
        assert!(stream.read(&mut [0; 9]).is_err());
    });
    phone.wait("the connection reset", |state| state.streams == 0);
}

/// More connections than the tap holds: those that nobody uses make room.
fn too_many(phone: &Phone) {
    let inside = &phone.handset.phone;
    let idle: Vec<TcpStream> = inside.enter(|| {
        (0..100)
            .map(|_| TcpStream::connect((TAP, 53)).unwrap())
            .collect()
    });
    phone.wait("as many as it holds", |state| state.streams == 64);
    let message = question(3, "plain.test", A, None);
    let told = asking::tcp(inside, TAP, std::slice::from_ref(&message), 9_999);
    assert_eq!(told.len(), 1);
    drop(idle);
    phone.wait("all connections closed", |state| state.streams == 0);
}
