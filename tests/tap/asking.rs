//! Questions and answers as bytes, and programs that ask.

use std::io::{Read as _, Write as _};
use std::net::{IpAddr, SocketAddr, TcpStream, UdpSocket};
use std::process::Command;
use std::time::Duration;

use crate::namespace::Namespace;

pub(crate) const A: u16 = 1;
pub(crate) const TXT: u16 = 16;
pub(crate) const AAAA: u16 = 28;

/// What has not come after so long is not going to.
const PATIENCE: Duration = Duration::from_secs(20);

/// A question; with EDNS, where `edns` says how many bytes the answer may have.
pub(crate) fn question(id: u16, name: &str, kind: u16, edns: Option<u16>) -> Vec<u8> {
    let mut message = Vec::new();
    message.extend(id.to_be_bytes());
    message.extend([1, 0, 0, 1, 0, 0, 0, 0, 0, u8::from(edns.is_some())]);
    for label in name.split('.') {
        message.push(u8::try_from(label.len()).unwrap());
        message.extend(label.as_bytes());
    }
    message.push(0);
    message.extend(kind.to_be_bytes());
    message.extend([0, 1]);
    if let Some(size) = edns {
        message.extend([0, 0, 41]);
        message.extend(size.to_be_bytes());
        message.extend([0, 0, 0, 0, 0, 0]);
    }
    message
}

/// Asks over UDP.
pub(crate) fn udp(namespace: &Namespace, server: IpAddr, message: &[u8]) -> Vec<u8> {
    try_udp(namespace, server, message, PATIENCE).expect("an answer")
}

/// The same where none may come.
pub(crate) fn try_udp(
    namespace: &Namespace,
    server: IpAddr,
    message: &[u8],
    patience: Duration,
) -> std::io::Result<Vec<u8>> {
    namespace.enter(|| {
        let socket = socket_to(SocketAddr::new(server, 53));
        socket.set_read_timeout(Some(patience)).unwrap();
        socket.send(message)?;
        let mut buffer = vec![0; 65_535];
        let length = socket.recv(&mut buffer)?;
        buffer.truncate(length);
        Ok(buffer)
    })
}

/// Asks over TCP, all messages over one connection, written in pieces of `piece` bytes; the answers in
/// the order in which they came.
pub(crate) fn tcp(
    namespace: &Namespace,
    server: IpAddr,
    messages: &[Vec<u8>],
    piece: usize,
) -> Vec<Vec<u8>> {
    namespace.enter(|| {
        let mut stream = TcpStream::connect((server, 53)).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut bytes = Vec::new();
        for message in messages {
            bytes.extend(u16::try_from(message.len()).unwrap().to_be_bytes());
            bytes.extend(message);
        }
        for piece in bytes.chunks(piece) {
            stream.write_all(piece).unwrap();
        }
        messages
            .iter()
            .map(|_| {
                let mut length = [0; 2];
                stream.read_exact(&mut length).unwrap();
                let mut message = vec![0; usize::from(u16::from_be_bytes(length))];
                stream.read_exact(&mut message).unwrap();
                message
            })
            .collect()
    })
}

pub(crate) fn socket_to(server: SocketAddr) -> UdpSocket {
    let any = if server.is_ipv6() {
        "[::]:0"
    } else {
        "0.0.0.0:0"
    };
    let socket = UdpSocket::bind(any).unwrap();
    socket.connect(server).unwrap();
    socket
}

/// What a program prints in there; it has to succeed.
pub(crate) fn run(namespace: &Namespace, program: &str, arguments: &[&str]) -> String {
    let output = namespace.enter(|| Command::new(program).args(arguments).output().unwrap());
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success(),
        "{program} {arguments:?}: {text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    text
}
