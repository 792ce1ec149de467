//! A DNS server on loopback that answers, cuts, refuses and is silent.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// What the server says of a name, whichever of its addresses is asked for.
#[derive(Clone, Copy)]
pub(crate) enum Says {
    /// So many IPv4 addresses, one IPv6 address, and the TTL.
    Has(u8, u32),
    /// Another name for the first kind.
    Alias(&'static str),
    /// An error (RFC 1035 §4.1.1).
    Code(u8),
    /// There, without an address.
    Nothing,
    /// No answer.
    Silence,
}

pub(crate) const NAMES: [(&str, Says); 8] = [
    ("one.test", Says::Has(1, 300)),
    ("www.alias.test", Says::Alias("one.test")),
    // Does not fit into a datagram: it is cut there, and whole by TCP.
    ("big.test", Says::Has(32, 60)),
    ("none.test", Says::Nothing),
    ("gone.test", Says::Code(3)),
    ("fails.test", Says::Code(2)),
    ("closed.test", Says::Code(5)),
    ("quiet.test", Says::Silence),
];

/// A server on loopback, until it is dropped.
pub(crate) struct Server {
    pub(crate) at: SocketAddr,
    asked: Asked,
    silent: Arc<AtomicBool>,
    ended: Arc<AtomicBool>,
}

impl Server {
    pub(crate) fn start() -> Self {
        let (udp, tcp) = loop {
            let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
            // The same port may be taken by another for TCP.
            if let Ok(tcp) = TcpListener::bind(udp.local_addr().unwrap()) {
                break (udp, tcp);
            }
        };
        let server = Self {
            at: udp.local_addr().unwrap(),
            asked: Arc::default(),
            silent: Arc::default(),
            ended: Arc::default(),
        };
        let pause = Some(Duration::from_millis(50));
        udp.set_read_timeout(pause).unwrap();
        tcp.set_nonblocking(true).unwrap();
        let (asked, silent, ended) = server.shared();
        thread::spawn(move || {
            let mut packet = [0; 1_500];
            while !ended.load(Ordering::Relaxed) {
                let Ok((length, from)) = udp.recv_from(&mut packet) else {
                    continue;
                };
                let answer = answer(&packet[..length], false, &asked);
                if let Some(answer) = answer.filter(|_| !silent.load(Ordering::Relaxed)) {
                    udp.send_to(&answer, from).unwrap();
                }
            }
        });
        let (asked, _, ended) = server.shared();
        thread::spawn(move || {
            while !ended.load(Ordering::Relaxed) {
                match tcp.accept() {
                    Ok((stream, _)) => {
                        let asked = Arc::clone(&asked);
                        thread::spawn(move || serve(stream, &asked));
                    }
                    Err(_) => thread::sleep(Duration::from_millis(10)),
                }
            }
        });
        server
    }

    fn shared(&self) -> (Asked, Arc<AtomicBool>, Arc<AtomicBool>) {
        (
            Arc::clone(&self.asked),
            Arc::clone(&self.silent),
            Arc::clone(&self.ended),
        )
    }

    /// What was asked since the start, or since [`Server::forget`].
    pub(crate) fn asked(&self) -> Vec<Question> {
        self.asked.lock().unwrap().clone()
    }

    pub(crate) fn forget(&self) {
        self.asked.lock().unwrap().clear();
    }

    /// Whether it answers nobody by UDP, from now on.
    pub(crate) fn be_silent(&self, silent: bool) {
        self.silent.store(silent, Ordering::Relaxed);
    }
}

/// A question: name, type, whether by TCP, and when.
pub(crate) type Question = (String, u16, bool, Instant);

type Asked = Arc<Mutex<Vec<Question>>>;

impl Drop for Server {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
    }
}

fn serve(mut stream: TcpStream, asked: &Asked) {
    stream.set_nonblocking(false).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(5)))
        .unwrap();
    let mut length = [0; 2];
    while stream.read_exact(&mut length).is_ok() {
        let mut message = vec![0; usize::from(u16::from_be_bytes(length))];
        if stream.read_exact(&mut message).is_err() {
            return;
        }
        if let Some(answer) = answer(&message, true, asked) {
            let length = u16::try_from(answer.len()).unwrap().to_be_bytes();
            if stream.write_all(&[&length[..], &answer].concat()).is_err() {
                return;
            }
        }
    }
}

/// The answer to a query (RFC 1035 §4), without EDNS.
fn answer(query: &[u8], by_tcp: bool, asked: &Asked) -> Option<Vec<u8>> {
    let (name, end) = name_at(query);
    let kind = u16::from_be_bytes([query[end], query[end + 1]]);
    asked
        .lock()
        .unwrap()
        .push((name.clone(), kind, by_tcp, Instant::now()));
    let says = says(&name);
    let (code, records) = match says {
        Says::Silence => return None,
        Says::Code(code) => (code, Vec::new()),
        Says::Nothing => (0, Vec::new()),
        Says::Has(..) => (0, addresses(&[0xC0, 12], says, kind)),
        Says::Alias(target) => {
            let target = labels(target);
            let mut records = vec![record(&[0xC0, 12], 5, 30, &target)];
            records.extend(addresses(&target, self::says("one.test"), kind));
            (0, records)
        }
    };
    let body: Vec<u8> = records.concat();
    let cut = !by_tcp && 12 + end + body.len() > 512;
    let mut message = query[..2].to_vec();
    message.extend([0x81 | if cut { 2 } else { 0 }, 0x80 | code]);
    let count = if cut {
        0
    } else {
        u16::try_from(records.len()).unwrap()
    };
    for number in [1, count, 0, 0] {
        message.extend(number.to_be_bytes());
    }
    message.extend(&query[12..end + 4]);
    if !cut {
        message.extend(body);
    }
    Some(message)
}

fn says(name: &str) -> Says {
    if let Some(number) = name.strip_suffix(".many.test") {
        return Says::Has(1, 60 + number.parse::<u32>().unwrap());
    }
    NAMES
        .into_iter()
        .find(|(known, _)| *known == name)
        .unwrap_or_else(|| panic!("{name} was never listed"))
        .1
}

fn addresses(owner: &[u8], says: Says, kind: u16) -> Vec<Vec<u8>> {
    let Says::Has(count, ttl) = says else {
        panic!("an alias of an alias")
    };
    match kind {
        1 => (0..count)
            .map(|number| record(owner, 1, ttl, &[203, 0, 113, number]))
            .collect(),
        28 => {
            let mut address = [0; 16];
            address[..4].copy_from_slice(&[0x20, 0x01, 0x0d, 0xb8]);
            address[15] = 7;
            vec![record(owner, 28, ttl, &address)]
        }
        other => panic!("type {other} was asked for"),
    }
}

fn record(owner: &[u8], kind: u16, ttl: u32, data: &[u8]) -> Vec<u8> {
    let mut record = owner.to_vec();
    record.extend(kind.to_be_bytes());
    record.extend([0, 1]);
    record.extend(ttl.to_be_bytes());
    record.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
    record.extend(data);
    record
}

fn labels(name: &str) -> Vec<u8> {
    let mut labels = Vec::new();
    for label in name.split('.') {
        labels.push(u8::try_from(label.len()).unwrap());
        labels.extend(label.as_bytes());
    }
    labels.push(0);
    labels
}

/// The question's name, and where it ends.
fn name_at(query: &[u8]) -> (String, usize) {
    let (mut name, mut at) = (String::new(), 12);
    while query[at] != 0 {
        let end = at + 1 + usize::from(query[at]);
        if !name.is_empty() {
            name.push('.');
        }
        name.push_str(std::str::from_utf8(&query[at + 1..end]).unwrap());
        at = end;
    }
    (name.to_ascii_lowercase(), at + 1)
}
